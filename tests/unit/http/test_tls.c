/* SPDX-License-Identifier: Apache-2.0 */
/* TLS: what is trusted, and what a shopper is told when it is not. */
#include "http_test.h"

#include <openssl/ssl.h>
#include <unistd.h>

static const struct script answer_script[] = {{{READ_REQUEST, SEND(ANSWER_OK), LOOP}}};

struct tls_case {
    struct http_probe probe;
    struct test_ca *ca;
    struct test_certificate certificate;
    struct script_server_options server;
    struct curl_client_options client;
};

static int setup(void **state)
{
    struct tls_case *tls = NEW(struct tls_case);
    tls->ca = test_ca_new();
    tls->certificate = (struct test_certificate){.name = "127.0.0.1", .issuer = tls->ca};
    tls->server = (struct script_server_options){
        .scripts = answer_script, .script_count = 1, .certificate = &tls->certificate};
    tls->client.ca_file = tls->ca->ca_file;
    *state = tls;
    return 0;
}

static int teardown(void **state)
{
    struct tls_case *tls = *state;
    bool empty = probe_release(&tls->probe);
    test_certificate_release(&tls->certificate);
    test_ca_free(tls->ca);
    free(tls);
    return empty ? 0 : -1;
}

/* Makes what the test described, and asks once. */
static void visit(struct tls_case *tls)
{
    test_certificate_make(&tls->certificate);
    probe_init(&tls->probe, &tls->client);
    tls->probe.server = script_server_new(&tls->server);
    AUTO_FREE char *url = xasprintf("https://127.0.0.1:%d/", script_server_port(tls->probe.server));
    struct http_request request = probe_request(url);
    probe_send(&tls->probe, &request);
}

static void good_certificate_passes_and_is_told(void **state)
{
    struct tls_case *tls = *state;
    visit(tls);
    assert_passed(&tls->probe, 200);
    const struct message *message = tls->probe.result.message;
    assert_true(message->certificate.present);
    assert_string_equal(message->certificate.subject, "CN = 127.0.0.1");
    assert_string_equal(message->certificate.issuer, "CN = Test Root");
    assert_string_equal(message->certificate.protocol, "TLSv1.3");
    int64_t day_s = 86400;
    assert_int_equal((message->certificate.not_after_s - message->certificate.not_before_s) / day_s,
                     31);
    assert_int_equal(message->certificate.earliest_not_after_s, message->certificate.not_after_s);
    assert_true(message->timings.tls_us > 0);
}

static void certificate_is_told_on_a_kept_connection_too(void **state)
{
    struct tls_case *tls = *state;
    visit(tls);
    assert_passed(&tls->probe, 200);
    AUTO_FREE char *url =
        xasprintf("https://127.0.0.1:%d/2", script_server_port(tls->probe.server));
    struct http_request request = probe_request(url);
    probe_send(&tls->probe, &request);
    assert_passed(&tls->probe, 200);
    assert_int_equal(script_server_connections(tls->probe.server), 1);
    assert_string_equal(tls->probe.result.message->certificate.subject, "CN = 127.0.0.1");
    assert_int_equal(tls->probe.result.message->timings.tls_us, 0);
}

static void expired_certificate_is_named_with_its_day(void **state)
{
    struct tls_case *tls = *state;
    tls->certificate.from_days = -30;
    tls->certificate.until_days = -3;
    visit(tls);
    time_t ended = time(NULL) - 3 * 86400;
    char expected[64];
    strftime(expected, sizeof expected, "'127.0.0.1' expired on %Y-%m-%d", gmtime(&ended));
    assert_outcome(&tls->probe, OUTCOME_TLS, expected);
    assert_true(tls->probe.result.message->certificate.present);
    assert_false(tls->probe.result.request_sent);
}

static void certificate_of_tomorrow_is_not_yet_valid(void **state)
{
    struct tls_case *tls = *state;
    tls->certificate.from_days = 2;
    tls->certificate.until_days = 30;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "is not valid before 20");
}

static void certificate_of_another_host_names_both(void **state)
{
    struct tls_case *tls = *state;
    tls->certificate.name = "other.example";
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "is for other.example, not for 127.0.0.1");
}

static void certificate_for_an_ipv6_address_names_it(void **state)
{
    struct tls_case *tls = *state;
    tls->certificate.name = "2001:db8::2";
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "is for 2001:db8::2, not for 127.0.0.1");
}

static void refused_handshake_is_timed_as_a_handshake(void **state)
{
    struct tls_case *tls = *state;
    tls->certificate.name = "other.example";
    visit(tls);
    const struct timings *timings = &tls->probe.result.message->hops.items[0].timings;
    assert_true(timings->connect_us > 0);
    assert_true(timings->tls_us > 0);
    assert_true(timings->dns_us + timings->connect_us + timings->tls_us <= timings->total_us);
}

static void self_signed_certificate_is_told(void **state)
{
    struct tls_case *tls = *state;
    tls->certificate.self_signed = 1;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "is self-signed");
}

static void unknown_issuer_is_named(void **state)
{
    struct tls_case *tls = *state;
    tls->client.ca_file = NULL; /* the system's, which does not know ours */
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "is issued by 'Test Root', which is not trusted");
}

static void revoked_certificate_is_told(void **state)
{
    struct tls_case *tls = *state;
    tls->client.crl_file = tls->ca->crl_file;
    struct test_certificate revoked = {.name = "127.0.0.1", .issuer = tls->ca};
    tls->ca->next_serial = 50;
    test_certificate_make(&revoked);
    test_ca_revoke(tls->ca, revoked.certificate);
    test_certificate_release(&revoked);
    tls->ca->next_serial = 50; /* the one that visit() makes */
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "'127.0.0.1' was revoked by 'Test Root'");
}

static void certificate_outside_the_list_passes(void **state)
{
    struct tls_case *tls = *state;
    tls->client.crl_file = tls->ca->crl_file;
    visit(tls);
    assert_passed(&tls->probe, 200);
}

static void missing_revocation_list_is_ours(void **state)
{
    struct tls_case *tls = *state;
    struct test_ca *other = test_ca_new();
    tls->client.crl_file = other->crl_file;
    X509_NAME_add_entry_by_txt(X509_get_subject_name(other->certificate), "O", MBSTRING_ASC,
                               (const unsigned char *)"Another", -1, -1, 0);
    test_ca_revoke(other, NULL);
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_PROBER, "no revocation list of 'Test Root'");
    test_ca_free(other);
}

static void weak_key_is_told(void **state)
{
    struct tls_case *tls = *state;
    tls->certificate.weak_bits = 1024;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "too weak");
}

static void old_protocol_is_told(void **state)
{
    struct tls_case *tls = *state;
    tls->server.max_tls_version = TLS1_1_VERSION;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "TLS version");
}

static void plain_server_does_not_speak_tls(void **state)
{
    struct tls_case *tls = *state;
    static const struct script script[] = {{{SEND("HTTP/1.1 400 Bad\r\n\r\n"), WAIT(60000)}}};
    tls->server.scripts = script;
    tls->server.certificate = NULL;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "does not speak TLS");
}

static void connection_closed_in_the_handshake_is_tls(void **state)
{
    struct tls_case *tls = *state;
    static const struct script script[] = {{{WAIT(30)}}};
    tls->server.scripts = script;
    tls->server.certificate = NULL;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "handshake failed");
}

static void insecure_client_accepts_and_still_tells(void **state)
{
    struct tls_case *tls = *state;
    tls->certificate.self_signed = 1;
    tls->certificate.name = "other.example";
    tls->client.insecure = true;
    visit(tls);
    assert_passed(&tls->probe, 200);
    assert_string_equal(tls->probe.result.message->certificate.subject, "CN = other.example");
}

static void client_certificate_is_shown(void **state)
{
    struct tls_case *tls = *state;
    struct test_certificate mine = {.name = "shopper", .issuer = tls->ca};
    test_certificate_make(&mine);
    AUTO_FREE char *certificate = NULL;
    AUTO_FREE char *key = NULL;
    test_certificate_write(&mine, tls->ca->directory, &certificate, &key);
    test_certificate_release(&mine);
    tls->server.client_ca = tls->ca;
    tls->client.certificate = certificate;
    tls->client.private_key = key;
    visit(tls);
    unlink(certificate);
    unlink(key);
    assert_passed(&tls->probe, 200);
}

static void missing_client_certificate_is_tls(void **state)
{
    struct tls_case *tls = *state;
    tls->server.client_ca = tls->ca;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_TLS, "wants a client certificate");
}

static void body_cut_short_over_tls_is_protocol(void **state)
{
    struct tls_case *tls = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")}}};
    tls->server.scripts = script;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_PROTOCOL, "cut short after 2 bytes");
}

static void reset_over_tls_is_reset(void **state)
{
    struct tls_case *tls = *state;
    static const struct script script[] = {{{READ_REQUEST, RESET}}};
    tls->server.scripts = script;
    visit(tls);
    assert_outcome(&tls->probe, OUTCOME_RESET, "without an answer");
}

static void missing_files_are_told_at_the_start(void **state)
{
    (void)state;
    const struct curl_client_options bad[] = {{.ca_file = "/nonexistent/ca.pem"},
                                              {.crl_file = "/nonexistent/crl.pem"},
                                              {.certificate = "/nonexistent/me.pem"}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO_ERROR error = ERROR_NONE;
        struct loop *loop = loop_new(NULL, NULL);
        assert_null(curl_client_new(loop, &bad[i], &error));
        if (!strstr(error_text(&error), "/nonexistent/") ||
            !strstr(error_text(&error), "No such file"))
            fail_msg("%s", error_text(&error));
        loop_free(loop);
    }
}

static void assert_refused_at_the_start(const struct curl_client_options *options, const char *why)
{
    AUTO_ERROR error = ERROR_NONE;
    struct loop *loop = loop_new(NULL, NULL);
    assert_null(curl_client_new(loop, options, &error));
    if (!strstr(error_text(&error), why)) fail_msg("%s", error_text(&error));
    loop_free(loop);
}

static void key_that_cannot_be_used_is_told_at_the_start(void **state)
{
    (void)state;
    struct test_ca *ca = test_ca_new();
    struct test_certificate mine = {.name = "shopper", .issuer = ca};
    test_certificate_make(&mine);
    AUTO_FREE char *certificate = NULL;
    AUTO_FREE char *key = NULL;
    test_certificate_write(&mine, ca->directory, &certificate, &key);
    struct curl_client_options options = {.private_key = key};
    assert_refused_at_the_start(&options, "is of no certificate");
    options = (struct curl_client_options){.certificate = certificate};
    assert_refused_at_the_start(&options, "cannot read the private key");
    options.private_key = key;
    FILE *file = fopen(key, "w");
    PEM_write_PrivateKey(file, ca->key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    assert_refused_at_the_start(&options, "is not the client certificate's");
    file = fopen(key, "w");
    PEM_write_PrivateKey(file, mine.key, EVP_aes_128_cbc(), NULL, 0, NULL, (void *)(uintptr_t) "x");
    fclose(file);
    assert_refused_at_the_start(&options, "without a passphrase");
    test_certificate_release(&mine);
    unlink(certificate);
    unlink(key);
    test_ca_free(ca);
}

#define TLS_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TLS_TEST(good_certificate_passes_and_is_told),
        TLS_TEST(certificate_is_told_on_a_kept_connection_too),
        TLS_TEST(expired_certificate_is_named_with_its_day),
        TLS_TEST(certificate_of_tomorrow_is_not_yet_valid),
        TLS_TEST(certificate_of_another_host_names_both),
        TLS_TEST(certificate_for_an_ipv6_address_names_it),
        TLS_TEST(refused_handshake_is_timed_as_a_handshake),
        TLS_TEST(self_signed_certificate_is_told),
        TLS_TEST(unknown_issuer_is_named),
        TLS_TEST(revoked_certificate_is_told),
        TLS_TEST(certificate_outside_the_list_passes),
        TLS_TEST(missing_revocation_list_is_ours),
        TLS_TEST(weak_key_is_told),
        TLS_TEST(old_protocol_is_told),
        TLS_TEST(plain_server_does_not_speak_tls),
        TLS_TEST(connection_closed_in_the_handshake_is_tls),
        TLS_TEST(insecure_client_accepts_and_still_tells),
        TLS_TEST(client_certificate_is_shown),
        TLS_TEST(missing_client_certificate_is_tls),
        TLS_TEST(body_cut_short_over_tls_is_protocol),
        TLS_TEST(reset_over_tls_is_reset),
        cmocka_unit_test(key_that_cannot_be_used_is_told_at_the_start),
        cmocka_unit_test(missing_files_are_told_at_the_start),
        PIN_MESSAGES("http/tls.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
