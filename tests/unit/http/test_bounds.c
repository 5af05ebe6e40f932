/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a shop sends without end, there is an end. */
#include "http_test.h"

#define HEAD "HTTP/1.1 200 OK\r\n"
#define LINE_100                                                                                   \
    "X-Filler: "                                                                                   \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
#define TEN(text) text text text text text text text text text text
#define KILOBYTE TEN(TEN("0123456789"))

static void get(struct http_probe *probe, size_t max_body_bytes, size_t max_wire_bytes)
{
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.max_body_bytes = max_body_bytes;
    request.max_wire_bytes = max_wire_bytes;
    probe_send(probe, &request);
}

static void endless_answers_end_as_too_large(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct script script;
    } cases[] = {
        {"headers", {{READ_REQUEST, SEND(HEAD), REPEAT(LINE_100, 1000000)}}},
        {"small headers", {{READ_REQUEST, SEND(HEAD), REPEAT("A: b\r\n", 1000000)}}},
        {"one header line", {{READ_REQUEST, SEND(HEAD "X: "), REPEAT(KILOBYTE, 100000)}}},
        {"hints", {{READ_REQUEST, REPEAT("HTTP/1.1 103 E\r\nLink: <a>\r\n\r\n", 1000000)}}},
        {"a body", {{READ_REQUEST, SEND(HEAD "\r\n"), REPEAT(KILOBYTE, 100000)}}},
        {"a chunked body",
         {{READ_REQUEST, SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n"),
           REPEAT("3e8\r\n" KILOBYTE "\r\n", 100000)}}},
        {"trailers",
         {{READ_REQUEST, SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n"),
           REPEAT(LINE_100, 1000000)}}},
        {"one trailer line",
         {{READ_REQUEST, SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\nX: "),
           REPEAT(KILOBYTE, 100000)}}},
        {"an announced length",
         {{READ_REQUEST, SEND(HEAD "Content-Length: 99999999\r\n\r\nab"), WAIT(60000)}}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].what);
        struct http_probe probe;
        probe_init(&probe, NULL);
        probe_serve(&probe, &cases[i].script, 1);
        get(&probe, 100000, 200000);
        assert_outcome(&probe, OUTCOME_TOO_LARGE, "");
        assert_true(probe.result.message->body.length <= 100000);
        assert_true(probe_release(&probe));
    }
}

static void body_at_its_bound_passes_and_one_byte_more_fails(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(HEAD "Content-Length: 5\r\n\r\nhello"), LOOP}}};
    PROBE_SERVE(probe, script);
    get(probe, 5, 5);
    assert_passed(probe, 200);
    get(probe, 4, 5);
    assert_outcome(probe, OUTCOME_TOO_LARGE, "the body is larger than 4 bytes");
    get(probe, 5, 4);
    assert_outcome(probe, OUTCOME_TOO_LARGE, "announced with more than 4 bytes");
}

static void bytes_that_decode_to_nothing_are_counted_on_the_wire(void **state)
{
    struct http_probe *probe = *state;
    /* Empty stored blocks of deflate: five bytes each, and never a byte of output. */
    static char blocks[5001];
    for (size_t i = 0; i < 5000; i += 5) memcpy(blocks + i, "\x00\x00\x00\xff\xff", 5);
    static struct script script[1] = {
        {{READ_REQUEST,
          SEND(HEAD "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"),
          {.verb = SCRIPT_SEND, .bytes = blocks, .length = 5000},
          {.verb = SCRIPT_SEND, .bytes = blocks, .length = 5000},
          WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    get(probe, 100000, 8000);
    assert_outcome(probe, OUTCOME_TOO_LARGE, "more than 8000 bytes came over the wire");
}

static void compressed_bomb_is_stopped_at_the_decoded_size(void **state)
{
    struct http_probe *probe = *state;
    /* 100,000 zero bytes in a zlib stream. */
    static const char bomb[] =
        "\x78\xda\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xf5\x4f\x6d\x0d\x0f\xa0\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x57\x03\x86\xaf\x00\x01";
    static struct script script[1] = {
        {{READ_REQUEST,
          SEND(HEAD "Content-Encoding: deflate\r\n\r\n"),
          {.verb = SCRIPT_SEND, .bytes = bomb, .length = sizeof bomb - 1}}}};
    PROBE_SERVE(probe, script);
    get(probe, 50000, 8000);
    assert_outcome(probe, OUTCOME_TOO_LARGE, "the body is larger than 50000 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endless_answers_end_as_too_large),
        PROBE_TEST(body_at_its_bound_passes_and_one_byte_more_fails),
        PROBE_TEST(bytes_that_decode_to_nothing_are_counted_on_the_wire),
        PROBE_TEST(compressed_bomb_is_stopped_at_the_decoded_size),
        PIN_MESSAGES("http/bounds.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
