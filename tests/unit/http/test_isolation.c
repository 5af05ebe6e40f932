/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing travels from shopper to shopper: no cookie, no connection, no TLS session, no name. */
#include "http_test.h"

#include <dlfcn.h>
#include <netdb.h>

#include <stdatomic.h>

/* In front of the C library's: counts look-ups, and knows one name. */
static atomic_int look_ups;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (name && !strcmp(name, "shop.test")) {
        look_ups++;
        name = "127.0.0.1";
    }
    return real(name, service, hints, result);
}

static const struct script cookie_shop[] = {
    {{READ_REQUEST, SEND("HTTP/1.1 200 OK\r\nSet-Cookie: id=7\r\nContent-Length: 0\r\n\r\n"),
      LOOP}}};

static void next_shopper(struct http_probe *probe)
{
    probe->client->operations->session_close(probe->session);
    probe->session = probe->client->operations->session_open(probe->client);
}

static void get_by_name(struct http_probe *probe, const char *scheme)
{
    AUTO_FREE char *url =
        xasprintf("%s://shop.test:%d/", scheme, script_server_port(probe->server));
    struct http_request request = probe_request(url);
    probe_send(probe, &request);
    assert_passed(probe, 200);
}

static void next_shopper_starts_afresh(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, cookie_shop);
    look_ups = 0;
    get_by_name(probe, "http");
    get_by_name(probe, "http");
    assert_non_null(strstr(script_server_request(probe->server, 1), "Cookie: id=7"));
    assert_int_equal(script_server_connections(probe->server), 1);
    assert_int_equal(look_ups, 1);
    next_shopper(probe);
    get_by_name(probe, "http");
    assert_null(strstr(script_server_request(probe->server, 2), "Cookie"));
    assert_int_equal(script_server_connections(probe->server), 2);
    assert_int_equal(look_ups, 2);
    assert_true(probe->result.message->timings.connect_us > 0);
}

static void shoppers_at_the_same_time_do_not_share(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, cookie_shop);
    probe_get(probe, "/");
    struct http_session *first = probe->session;
    probe->session = probe->client->operations->session_open(probe->client);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_null(strstr(script_server_request(probe->server, 1), "Cookie"));
    assert_int_equal(script_server_connections(probe->server), 2);
    probe->client->operations->session_close(first);
}

static void forgotten_connections_leave_the_cookies(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, cookie_shop);
    look_ups = 0;
    get_by_name(probe, "http");
    probe->client->operations->session_forget_connections(probe->session);
    get_by_name(probe, "http");
    assert_non_null(strstr(script_server_request(probe->server, 1), "Cookie: id=7"));
    assert_int_equal(script_server_connections(probe->server), 2);
    assert_int_equal(look_ups, 2);
}

static void given_addresses_outlive_the_emptying(void **state)
{
    (void)state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK), LOOP}}};
    struct script_server_options options = {.scripts = script, .script_count = 1};
    struct script_server *server = script_server_new(&options);
    AUTO_FREE char *entry = xasprintf("given.test:%d:127.0.0.1", script_server_port(server));
    AUTO_FREE char *url = xasprintf("http://given.test:%d/", script_server_port(server));
    const char *const resolve[] = {entry, NULL};
    struct curl_client_options client = {.resolve = resolve};
    struct http_probe probe;
    probe_init(&probe, &client);
    struct http_request request = probe_request(url);
    for (int i = 0; i < 3; i++) {
        probe_send(&probe, &request);
        assert_passed(&probe, 200);
        next_shopper(&probe);
    }
    assert_true(probe_release(&probe));
    script_server_free(server);
}

static void tls_sessions_are_not_resumed_by_the_next_shopper(void **state)
{
    (void)state;
    struct test_ca *ca = test_ca_new();
    struct test_certificate certificate = {.name = "shop.test", .issuer = ca};
    test_certificate_make(&certificate);
    /* Closes after each answer, so that every request shakes hands. */
    static const struct script script[] = {
        {{READ_REQUEST,
          SEND("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")}}};
    struct script_server_options options = {
        .scripts = script, .script_count = 1, .certificate = &certificate};
    struct curl_client_options client = {.ca_file = ca->ca_file};
    struct http_probe probe;
    probe_init(&probe, &client);
    probe.server = script_server_new(&options);
    get_by_name(&probe, "https");
    get_by_name(&probe, "https");
    assert_int_equal(script_server_resumptions(probe.server), 1);
    assert_true(probe.result.message->certificate.present);
    next_shopper(&probe);
    get_by_name(&probe, "https");
    probe.client->operations->session_forget_connections(probe.session);
    get_by_name(&probe, "https");
    assert_int_equal(script_server_resumptions(probe.server), 1);
    assert_int_equal(script_server_connections(probe.server), 4);
    assert_true(probe_release(&probe));
    test_certificate_release(&certificate);
    test_ca_free(ca);
}

static void slot_past_the_pool_is_given_up(void **state)
{
    (void)state;
    struct curl_client_options options = {.max_sessions_kept = 1};
    struct http_probe probe;
    probe_init(&probe, &options);
    struct http_session *sessions[3];
    for (size_t i = 0; i < 3; i++)
        sessions[i] = probe.client->operations->session_open(probe.client);
    for (size_t i = 0; i < 3; i++) probe.client->operations->session_close(sessions[i]);
    assert_true(probe_release(&probe));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_TEST(next_shopper_starts_afresh),
        PROBE_TEST(shoppers_at_the_same_time_do_not_share),
        PROBE_TEST(forgotten_connections_leave_the_cookies),
        cmocka_unit_test(given_addresses_outlive_the_emptying),
        cmocka_unit_test(tls_sessions_are_not_resumed_by_the_next_shopper),
        cmocka_unit_test(slot_past_the_pool_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
