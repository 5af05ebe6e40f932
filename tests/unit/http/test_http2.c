/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 as a server may speak it, frame by frame: whole answers, early ones, broken ones. */
#include "http_test.h"

#define FRAME(length, kind, flags, stream) "\0" length kind flags "\0\0\0" stream
#define SETTINGS FRAME("\0\0", "\4", "\0", "\0") FRAME("\0\0", "\4", "\1", "\0")
#define HEADERS FRAME("\0\1", "\1", "\4", "\1") "\x88" /* :status 200 */
#define HEADERS_OF_9                                                                               \
    FRAME("\0\5", "\1", "\4", "\1")                                                                \
    "\x88\x0f\x0d\1"                                                                               \
    "9" /* content-length */
#define PAGE "<p>ok</p>"
#define DATA FRAME("\0\11", "\0", "\0", "\1") PAGE
#define DATA_LAST FRAME("\0\11", "\0", "\1", "\1") PAGE
#define END FRAME("\0\0", "\0", "\1", "\1")
#define RST(code) FRAME("\0\4", "\3", "\0", "\1") "\0\0\0" code
#define NO_ERROR "\0"
#define PROTOCOL_ERROR "\1"
#define CANCEL "\10"

struct shop {
    struct http_probe probe;
    struct test_ca *ca;
    struct test_certificate certificate;
};

static void ask(struct shop *shop, const struct script *script, size_t body_bytes)
{
    *shop = (struct shop){.ca = test_ca_new()};
    shop->certificate = (struct test_certificate){.name = "127.0.0.1", .issuer = shop->ca};
    test_certificate_make(&shop->certificate);
    const struct curl_client_options client = {.ca_file = shop->ca->ca_file};
    const struct script_server_options server = {
        .scripts = script, .script_count = 1, .certificate = &shop->certificate, .http2 = true};
    probe_init(&shop->probe, &client);
    shop->probe.server = script_server_new(&server);
    AUTO_FREE char *url =
        xasprintf("https://127.0.0.1:%d/", script_server_port(shop->probe.server));
    AUTO_FREE char *body = xcalloc(body_bytes + 1, 1);
    struct http_request request = probe_request(url);
    if (body_bytes) {
        request.method = "POST";
        request.has_body = true;
        request.body = (struct view){body, body_bytes};
    }
    probe_send(&shop->probe, &request);
}

static void leave(struct shop *shop)
{
    assert_true(probe_release(&shop->probe));
    test_certificate_release(&shop->certificate);
    test_ca_free(shop->ca);
}

struct answer_case {
    const char *what;
    struct script script;
    enum outcome_kind kind;
    const char *detail;
};

/* In its turn, which comes after the headers of the request and before its body. */
static const struct answer_case cases[] = {
    {"whole", {{READ_FRAMES, SEND(SETTINGS HEADERS DATA_LAST), WAIT(60000)}}, OUTCOME_PASS, ""},
    {"an end of its own",
     {{READ_FRAMES, SEND(SETTINGS HEADERS DATA END), WAIT(60000)}},
     OUTCOME_PASS,
     ""},
    {"whole, then reset a little later",
     {{READ_FRAMES, SEND(SETTINGS HEADERS DATA_LAST), WAIT(50), SEND(RST(NO_ERROR)), WAIT(60000)}},
     OUTCOME_PASS,
     ""},
    {"reset after the headers",
     {{READ_FRAMES, SEND(SETTINGS HEADERS RST(CANCEL)), WAIT(60000)}},
     OUTCOME_RESET,
     "CANCEL"},
    {"reset at once",
     {{READ_FRAMES, SEND(SETTINGS RST(NO_ERROR)), WAIT(60000)}},
     OUTCOME_RESET,
     "before getting"},
    {"a broken stream",
     {{READ_FRAMES, SEND(SETTINGS HEADERS RST(PROTOCOL_ERROR)), WAIT(60000)}},
     OUTCOME_PROTOCOL,
     "the HTTP/2 stream is broken"},
};

static void answers_are_told_apart(void **state)
{
    static const size_t bodies[] = {0, 20};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t k = 0; k < COUNT_OF(bodies); k++) {
            struct shop shop;
            print_message("  %s, to %zu bytes\n", cases[i].what, bodies[k]);
            ask(&shop, &cases[i].script, bodies[k]);
            assert_outcome(&shop.probe, cases[i].kind, cases[i].detail);
            if (cases[i].kind == OUTCOME_PASS) {
                assert_int_equal(shop.probe.result.message->http_version, 20);
                assert_string_equal(buf_text(&shop.probe.result.message->body), PAGE);
            }
            leave(&shop);
        }
}

/* The shop has no use for the rest, and says so once its answer is whole. */
static void whole_answer_counts_though_the_request_was_not_sent_whole(void **state)
{
    (void)state;
    static const struct script scripts[] = {
        {{READ_FRAMES, SEND(SETTINGS HEADERS DATA_LAST), WAIT(50), SEND(RST(NO_ERROR)),
          WAIT(60000)}},
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        struct shop shop;
        ask(&shop, &scripts[i], 2000000);
        assert_passed(&shop.probe, 200);
        assert_string_equal(buf_text(&shop.probe.result.message->body), PAGE);
        leave(&shop);
    }
}

static void half_an_answer_does_not_count(void **state)
{
    (void)state;
    static const struct script scripts[] = {
        {{READ_FRAMES, SEND(SETTINGS HEADERS_OF_9 FRAME("\0\1", "\0", "\0", "\1") "x"), WAIT(50),
          SEND(RST(NO_ERROR)), WAIT(60000)}},
        {{READ_FRAMES, SEND(SETTINGS HEADERS_OF_9 FRAME("\0\1", "\0", "\0", "\1") "x"), WAIT(50)}},
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        struct shop shop;
        ask(&shop, &scripts[i], 2000000);
        assert_true(shop.probe.result.kind == OUTCOME_RESET ||
                    shop.probe.result.kind == OUTCOME_PROTOCOL);
        leave(&shop);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_told_apart),
        cmocka_unit_test(whole_answer_counts_though_the_request_was_not_sent_whole),
        cmocka_unit_test(half_an_answer_does_not_count),
        PIN_MESSAGES("http/http2.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
