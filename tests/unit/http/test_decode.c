/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies in the encodings of the web: whole, cut anywhere, with too much behind, one in the other,
 * and far larger than they look. */
#include "http_test.h"

#include <stdio.h>
#include <zlib.h>

static const char text[] =
    "<p itemprop=\"price\" content=\"12.50\">EUR 12.50</p> and so on, and so on\n";

/* clang-format off */
static const char gzip_bytes[] =
    "\037\213\010\000\000\000\000\000\002\003\263\051\120\310\054\111\315\055\050\312"
    "\057\260\125\052\050\312\114\116\125\122\110\316\317\053\111\315\053\261\125\062"
    "\064\322\063\065\120\262\163\015\015\122\000\063\155\364\013\354\024\022\363\122"
    "\024\212\363\025\362\363\164\020\114\056\000\146\347\014\271\107\000\000\000";
static const char deflate_bytes[] =
    "\170\234\263\051\120\310\054\111\315\055\050\312\057\260\125\052\050\312\114\116"
    "\125\122\110\316\317\053\111\315\053\261\125\062\064\322\063\065\120\262\163\015"
    "\015\122\000\063\155\364\013\354\024\022\363\122\024\212\363\025\362\363\164\020"
    "\114\056\000\052\270\025\226";
static const char bare_bytes[] =
    "\263\051\120\310\054\111\315\055\050\312\057\260\125\052\050\312\114\116\125\122"
    "\110\316\317\053\111\315\053\261\125\062\064\322\063\065\120\262\163\015\015\122"
    "\000\063\155\364\013\354\024\022\363\122\024\212\363\025\362\363\164\020\114\056"
    "\000";
static const char br_bytes[] =
    "\037\106\000\300\254\016\154\347\211\365\160\073\164\066\221\065\024\102\344\153"
    "\020\021\027\036\365\066\327\061\076\105\160\272\106\252\312\115\301\310\224\002"
    "\013\070\344\000\365\300\145\315\103\116\275\016\170\130\062\375\061\213\366\215"
    "\202\307\240\045\050\104\205\360\000";
static const char zstd_bytes[] =
    "\050\265\057\375\004\130\015\002\000\204\003\074\160\040\151\164\145\155\160\162"
    "\157\160\075\042\160\162\151\143\145\042\040\143\157\156\164\145\156\164\075\042"
    "\061\062\056\065\060\042\076\105\125\122\040\074\057\160\076\040\141\156\144\040"
    "\163\157\040\157\156\054\012\002\000\140\053\334\026\075\177\154\342\302";
static const char double_bytes[] =
    "\037\213\010\000\000\000\000\000\002\003\001\105\000\272\377\037\106\000\300\254"
    "\016\154\347\211\365\160\073\164\066\221\065\024\102\344\153\020\021\027\036\365"
    "\066\327\061\076\105\160\272\106\252\312\115\301\310\224\002\013\070\344\000\365"
    "\300\145\315\103\116\275\016\170\130\062\375\061\213\366\215\202\307\240\045\050"
    "\104\205\360\000\344\322\066\122\105\000\000\000";
/* clang-format on */

static const struct encoded {
    const char *coding, *bytes;
    size_t length;
} encoded[] = {
    {"gzip", gzip_bytes, sizeof gzip_bytes - 1},
    {"x-gzip", gzip_bytes, sizeof gzip_bytes - 1},
    {"deflate", deflate_bytes, sizeof deflate_bytes - 1},
    {"deflate", bare_bytes, sizeof bare_bytes - 1},
    {"br", br_bytes, sizeof br_bytes - 1},
    {"zstd", zstd_bytes, sizeof zstd_bytes - 1},
    {"br, gzip", double_bytes, sizeof double_bytes - 1},
    {"BR , identity,gzip", double_bytes, sizeof double_bytes - 1},
};

/* What a shop sends that says `coding` and means these bytes, cut into two pieces. */
static void ask(struct http_probe *probe, const char *coding, const char *bytes, size_t length,
                size_t first)
{
    static char head[200]; /* the server reads both until the probe is released */
    static struct script script[1];
    snprintf(head, sizeof head,
             "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n\r\n", coding,
             length);
    *script = (struct script){{
        READ_REQUEST,
        SEND_TEXT(head),
        {.verb = SCRIPT_SEND, .bytes = bytes, .length = first},
        WAIT(5),
        {.verb = length > first ? SCRIPT_SEND : SCRIPT_END,
         .bytes = bytes + first,
         .length = length - first},
    }};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
}

#define EACH_PROBE(probe)                                                                          \
    for (struct http_probe probe, *again = (probe_init(&probe, NULL), &probe); again;              \
         assert_true(probe_release(&probe)), again = NULL)

static void whole_bodies_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(encoded); i++) EACH_PROBE(probe)
        {
            print_message("  %s\n", encoded[i].coding);
            ask(&probe, encoded[i].coding, encoded[i].bytes, encoded[i].length, 1);
            assert_passed(&probe, 200);
            assert_string_equal(buf_text(&probe.result.message->body), text);
            assert_int_equal(probe.result.message->wire_bytes, encoded[i].length);
        }
}

static void body_cut_short_is_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(encoded); i++)
        for (size_t lost = 1; lost < encoded[i].length; lost += encoded[i].length / 3)
            EACH_PROBE(probe)
            {
                print_message("  %s without its last %zu\n", encoded[i].coding, lost);
                size_t length = encoded[i].length - lost;
                ask(&probe, encoded[i].coding, encoded[i].bytes, length, length);
                assert_outcome(&probe, OUTCOME_PROTOCOL, "the body was cut short: its ");
                assert_int_equal(probe.result.message->status, 200);
            }
}

static void bytes_behind_the_end_are_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(encoded); i++)
        for (size_t first = encoded[i].length; first <= encoded[i].length + 3; first += 3)
            EACH_PROBE(probe)
            {
                static char bytes[400]; /* the server reads it, too */
                memcpy(bytes, encoded[i].bytes, encoded[i].length);
                memcpy(bytes + encoded[i].length, "and more", 8);
                ask(&probe, encoded[i].coding, bytes, encoded[i].length + 8, first);
                assert_outcome(&probe, OUTCOME_PROTOCOL, "the answer is broken: its ");
            }
}

static void members_and_frames_may_follow_each_other(void **state)
{
    (void)state;
    static const struct encoded repeated[] = {{"gzip", gzip_bytes, sizeof gzip_bytes - 1},
                                              {"zstd", zstd_bytes, sizeof zstd_bytes - 1}};
    for (size_t i = 0; i < COUNT_OF(repeated); i++) EACH_PROBE(probe)
        {
            static char bytes[400]; /* the server reads it, too */
            size_t length = repeated[i].length;
            memcpy(bytes, repeated[i].bytes, length);
            memcpy(bytes + length, repeated[i].bytes, length);
            ask(&probe, repeated[i].coding, bytes, 2 * length, length + 2);
            assert_passed(&probe, 200);
            assert_int_equal(probe.result.message->body.length, 2 * (sizeof text - 1));
        }
}

#define ZSTD_NOTHING(window) "\050\265\057\375\000" window "\001\000\000"
#define ZSTD_SKIPPED "\120\052\115\030\003\000\000\000any"
#define GZIP_NOTHING                                                                               \
    "\037\213\010\000\000\000\000\000\000\003\003\000\000\000\000\000\000\000\000\000"

static void odd_streams_are_read_as_their_standards_have_it(void **state)
{
    (void)state;
#define STREAM(coding, bytes, detail)                                                              \
    {                                                                                              \
        coding, bytes, sizeof(bytes) - 1, detail                                                   \
    }
    static const struct {
        const char *coding, *bytes;
        size_t length;
        const char *detail; /* NULL: it is whole, and holds nothing */
    } streams[] = {
        STREAM("gzip", "", NULL),
        STREAM("deflate", "", NULL),
        STREAM("br", "", NULL),
        STREAM("zstd", "", NULL),
        STREAM("gzip", GZIP_NOTHING, NULL),
        STREAM("gzip", GZIP_NOTHING GZIP_NOTHING, NULL),
        STREAM("gzip", GZIP_NOTHING "\037", "its gzip data has no end"),
        STREAM("gzip", GZIP_NOTHING "\037\000", "its gzip data: incorrect header check"),
        STREAM("gzip", GZIP_NOTHING "\000", "more bytes follow its end"),
        STREAM("deflate", "\003\000", NULL),
        STREAM("deflate", "\170\234\003\000\000\000\000\001", NULL),
        STREAM("deflate", "\170\234\003\000\000\000\000\002", "its deflate data: incorrect data"),
        STREAM("deflate", "\170\273\000\000\000\001", "its deflate data"), /* a dictionary */
        STREAM("br", "\006", NULL),
        STREAM("br", "\021\036", "its br data"),    /* a window past what the web allows */
        STREAM("zstd", ZSTD_NOTHING("\150"), NULL), /* 8 MB of window */
        STREAM("zstd", ZSTD_NOTHING("\160"), "its zstd data"), /* 16 MB */
        STREAM("zstd", ZSTD_SKIPPED, NULL),
        STREAM("zstd", ZSTD_SKIPPED ZSTD_NOTHING("\000") ZSTD_SKIPPED, NULL),
        STREAM("zstd", ZSTD_NOTHING("\000") "\050\265", "its zstd data has no end"),
    };
    for (size_t i = 0; i < COUNT_OF(streams); i++)
        for (int cut = 0; cut < 2; cut++) EACH_PROBE(probe)
            {
                size_t first = cut && streams[i].length ? 1 : streams[i].length;
                print_message("  %zu: %s, %zu\n", i, streams[i].coding, first);
                ask(&probe, streams[i].coding, streams[i].bytes, streams[i].length, first);
                if (streams[i].detail) {
                    assert_outcome(&probe, OUTCOME_PROTOCOL, streams[i].detail);
                    continue;
                }
                assert_passed(&probe, 200);
                assert_int_equal(probe.result.message->body.length, 0);
            }
}

static void several_lines_name_the_encodings_in_order(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST,
          SEND("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\ncontent-encoding: gzip\r\n\r\n"),
          {.verb = SCRIPT_SEND, .bytes = double_bytes, .length = sizeof double_bytes - 1}}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_string_equal(buf_text(&probe->result.message->body), text);
}

static void answer_that_has_no_body_needs_none(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        struct script script;
        long status;
    } answers[] = {
#define ENCODED(status)                                                                            \
    "HTTP/1.1 " status " X\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n"
        {"HEAD", {{READ_REQUEST, SEND(ENCODED("200")), LOOP}}, 200},
        {"GET", {{READ_REQUEST, SEND(ENCODED("304")), LOOP}}, 304},
        {"GET",
         {{READ_REQUEST, SEND("HTTP/1.1 204 X\r\nContent-Encoding: gzip\r\n\r\n"), LOOP}},
         204},
    };
    for (size_t i = 0; i < COUNT_OF(answers); i++) EACH_PROBE(probe)
        {
            probe_serve(&probe, &answers[i].script, 1);
            for (int k = 0; k < 2; k++) { /* the connection is good for another one */
                struct http_request request = probe_request(probe_url(&probe, "/"));
                request.method = answers[i].method;
                probe_send(&probe, &request);
                assert_passed(&probe, answers[i].status);
            }
            assert_int_equal(script_server_connections(probe.server), 1);
        }
}

static void encoding_of_a_redirect_is_not_the_page_s(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST,
          SEND("HTTP/1.1 302 F\r\nLocation: /b\r\nContent-Encoding: gzip\r\nContent-Length: "),
          SEND_TEXT("79\r\n\r\n"),
          {.verb = SCRIPT_SEND, .bytes = gzip_bytes, .length = sizeof gzip_bytes - 1},
          READ_REQUEST,
          SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_string_equal(buf_text(&probe->result.message->body), "ok");
}

/* Zeros in gzip in gzip: what is large only between the two is too large as well. */
static size_t compress_once(const char *in, size_t length, char *out, size_t size)
{
    z_stream zlib = {0};
    assert_int_equal(deflateInit2(&zlib, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY),
                     Z_OK);
    zlib.next_in = (unsigned char *)(uintptr_t)in;
    zlib.avail_in = (unsigned)length;
    zlib.next_out = (unsigned char *)out;
    zlib.avail_out = (unsigned)size;
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    deflateEnd(&zlib);
    return size - zlib.avail_out;
}

static void bombs_are_too_large(void **state)
{
    (void)state;
    enum { SIZE = 40 << 20 };
    char *zeros = xcalloc(1, SIZE), *once = xcalloc(1, SIZE), *twice = xcalloc(1, SIZE);
    size_t once_length = compress_once(zeros, SIZE, once, SIZE);
    size_t twice_length = compress_once(once, once_length, twice, SIZE);
    EACH_PROBE(probe)
    {
        ask(&probe, "gzip", once, once_length, once_length);
        assert_outcome(&probe, OUTCOME_TOO_LARGE, "the body is larger than");
        assert_true(probe.result.message->body.length <= probe_request("").max_body_bytes);
    }
    EACH_PROBE(probe)
    {
        ask(&probe, "gzip, gzip", twice, twice_length, twice_length);
        assert_outcome(&probe, OUTCOME_TOO_LARGE, "the body is larger than");
    }
    EACH_PROBE(probe)
    {
        ask(&probe, "br, gzip", once, once_length, once_length);
        assert_outcome(&probe, OUTCOME_PROTOCOL, "its br data");
    }
    free(zeros);
    free(once);
    free(twice);
}

static void encodings_that_nobody_knows_are_protocol(void **state)
{
    (void)state;
    EACH_PROBE(probe)
    {
        ask(&probe, "rot13", "nop", 3, 3);
        assert_outcome(&probe, OUTCOME_PROTOCOL, "its encoding 'rot13' is not known");
    }
    EACH_PROBE(probe)
    {
        ask(&probe, "gzip, gzip, gzip, gzip, gzip, gzip", "nop", 3, 3);
        assert_outcome(&probe, OUTCOME_PROTOCOL, "more than 5 content encodings");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_bodies_are_read),
        cmocka_unit_test(body_cut_short_is_protocol),
        cmocka_unit_test(bytes_behind_the_end_are_protocol),
        cmocka_unit_test(members_and_frames_may_follow_each_other),
        cmocka_unit_test(odd_streams_are_read_as_their_standards_have_it),
        PROBE_TEST(several_lines_name_the_encodings_in_order),
        cmocka_unit_test(answer_that_has_no_body_needs_none),
        PROBE_TEST(encoding_of_a_redirect_is_not_the_page_s),
        cmocka_unit_test(bombs_are_too_large),
        cmocka_unit_test(encodings_that_nobody_knows_are_protocol),
        PIN_MESSAGES("http/decode.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
