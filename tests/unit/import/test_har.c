/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP archives as browsers and proxies write them, and damaged ones. */
#include "import/har.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct {
    const char *text, *error; /* a part of it */
} damaged[] = {
    {"", "the text is empty"},
    {"{\n  \"log\": {\n    \"entries\": [}", "line 3, column 17"},
    {"{\"log\":{\"entries\":[", "line 1"},
    {"[]", "no object `log`"},
    {"{\"log\":[]}", "no object `log`"},
    {"{\"log\":{}}", "log.entries is no list"},
    {"{\"log\":{\"entries\":{}}}", "log.entries is no list"},
    {"{\"log\":{\"entries\":[1]}}", "log.entries[0] is no object"},
    {"{\"log\":{\"entries\":[{}]}}", "log.entries[0].request is missing"},
    {"{\"log\":{\"entries\":[{\"request\":{}}]}}", "log.entries[0].request.url is missing"},
    {"{\"log\":{\"entries\":[{\"request\":{\"url\":1}}]}}", "request.url is no text"},
    {"{\"log\":{\"entries\":[{\"request\":{\"url\":\"http://a/\",\"headers\":1}}]}}",
     "request.headers is no list"},
    {"{\"log\":{\"entries\":[{\"request\":{\"url\":\"http://a/\",\"postData\":1}}]}}",
     "request.postData is no object"},
    {"{\"log\":{\"entries\":[{\"request\":{\"url\":\"http://a/\"},\"response\":[]}]}}",
     "response is no object"},
    {"{\"log\":{\"entries\":[{\"request\":1}]}}", "log.entries[0].request is no object"},
    {"\xff\xfe{\0", "line 1"},
    {0},
};

static void damaged_archive_is_an_error_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; damaged[i].text; i++) {
        struct recording recording = {0};
        AUTO_ERROR error = ERROR_NONE;
        bool read = har_read(view_of(damaged[i].text), &recording, &error);
        golden_note(error_text(&error));
        if (read || !strstr(error_text(&error), damaged[i].error))
            fail_msg("%s: '%s'", damaged[i].text, error_text(&error));
        assert_int_equal(recording.count, 0);
    }
}

static void archive_that_is_too_deep_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct recording recording = {0};
    AUTO_ERROR error = ERROR_NONE;
    for (int i = 0; i < 100000; i++) buf_add_text(&text, "{\"log\":");
    assert_false(har_read(buf_view(&text), &recording, &error));
    golden_note(error_text(&error));
    assert_non_null(strstr(error_text(&error), "line 1, column "));
}

static void request_with_too_many_headers_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct recording recording = {0};
    AUTO_ERROR error = ERROR_NONE;
    buf_add_text(&text,
                 "{\"log\":{\"entries\":[{\"request\":{\"url\":\"http://a/\",\"headers\":[{}");
    for (int i = 0; i < HAR_MAX_HEADERS; i++) buf_add_text(&text, ",{}");
    buf_add_text(&text, "]}}]}}");
    assert_false(har_read(buf_view(&text), &recording, &error));
    golden_note(error_text(&error));
    assert_non_null(strstr(error_text(&error), "request.headers has too many elements"));
}

static void archive_with_too_many_entries_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct recording recording = {0};
    AUTO_ERROR error = ERROR_NONE;
    buf_add_text(&text, "{\"log\":{\"entries\":[1");
    for (int i = 0; i < HAR_MAX_ENTRIES; i++) buf_add_text(&text, ",1");
    buf_add_text(&text, "]}}");
    assert_false(har_read(buf_view(&text), &recording, &error));
    golden_note(error_text(&error));
    assert_string_equal(error_text(&error), "log.entries has more than 20000 elements");
}

static void read_one(const char *entry, struct recording *ret_recording)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    buf_addf(&text, "\xef\xbb\xbf{\"log\":{\"entries\":[%s]}}", entry);
    if (!har_read(buf_view(&text), ret_recording, &error)) fail_msg("%s", error_text(&error));
}

static void entry_with_a_base64_body_is_decoded(void **state)
{
    (void)state;
    struct recording recording = {0};
    read_one(
        "{\"request\":{\"url\":\"https://User:pw@Shop.Example:8443/a?b=%20c&d#e\"},\"response\":"
        "{\"status\":200,\"content\":{\"mimeType\":\"text/html\",\"encoding\":\"base64\","
        "\"text\":\"PGI+aGk8L2I+\"}}}",
        &recording);
    assert_int_equal(recording.count, 1);
    const struct exchange *exchange = recording.items;
    assert_string_equal(exchange->method, "GET");
    assert_string_equal(exchange->address.origin, "https://shop.example:8443");
    assert_string_equal(exchange->address.host, "shop.example");
    assert_string_equal(exchange->address.path, "/a");
    assert_string_equal(pairs_get(&exchange->address.query, "b"), " c");
    assert_string_equal(pairs_get(&exchange->address.query, "d"), "");
    assert_string_equal(headers_get(&exchange->headers, "Authorization"), "Basic VXNlcjpwdw==");
    assert_string_equal(buf_text(&exchange->answer->body), "<b>hi</b>");
    assert_true(exchange_has_page(exchange));
    recording_release(&recording);
}

static void text_that_no_text_can_hold_is_repaired(void **state)
{
    (void)state;
    struct recording recording = {0};
    read_one("{\"request\":{\"url\":\"http://a/\",\"method\":\"POST\",\"postData\":{\"mimeType\":"
             "\"text/plain\",\"text\":\"a\\u0000b\\ud800c\\uDC00\\ud83d\\ude00\\\\u0000\"}}}",
             &recording);
    assert_string_equal(recording.items[0].payload.text, "a\xef\xbf\xbd"
                                                         "b\xef\xbf\xbd"
                                                         "c\xef\xbf\xbd\xf0\x9f\x98\x80\\u0000");
    recording_release(&recording);
}

static void entry_with_parameters_instead_of_a_body_is_a_form(void **state)
{
    (void)state;
    struct recording recording = {0};
    read_one("{\"request\":{\"url\":\"http://a/\",\"method\":\"post\",\"postData\":{\"mimeType\":"
             "\"application/x-www-form-urlencoded\",\"params\":[{\"name\":\"a\",\"value\":\"1\"},"
             "{\"name\":\"b\"}]}}}",
             &recording);
    assert_string_equal(recording.items->method, "POST");
    assert_int_equal(recording.items->payload.kind, PAYLOAD_FORM);
    assert_string_equal(pairs_get(&recording.items->payload.fields, "a"), "1");
    assert_string_equal(pairs_get(&recording.items->payload.fields, "b"), "");
    recording_release(&recording);
}

static void body_without_a_type_has_that_of_the_header(void **state)
{
    (void)state;
    struct recording recording = {0};
    read_one("{\"request\":{\"url\":\"http://a/\",\"method\":\"POST\",\"headers\":[{\"name\":"
             "\"content-type\",\"value\":\"application/x-www-form-urlencoded\"}],\"postData\":{"
             "\"mimeType\":\"\",\"text\":\"a=1&b=%20\"}}}",
             &recording);
    assert_int_equal(recording.items->payload.kind, PAYLOAD_FORM);
    assert_string_equal(pairs_get(&recording.items->payload.fields, "b"), " ");
    recording_release(&recording);
}

static const struct {
    const char *type, *text;
    enum payload_kind kind;
} bodies[] = {
    {"application/x-www-form-urlencoded; charset=UTF-8", "a=1&b=2", PAYLOAD_FORM},
    {"application/json", "{\"a\":1}", PAYLOAD_JSON},
    {"text/plain;charset=UTF-8", "{\"a\":1}", PAYLOAD_JSON},
    {"application/json", "{\"a\":1", PAYLOAD_TEXT},
    {"application/json", "{\"query\":\"{ me { id } }\"}", PAYLOAD_GRAPHQL},
    {"application/json", "{\"query\":\"mug\"}", PAYLOAD_JSON},
    {"multipart/form-data; boundary=X",
     "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--", PAYLOAD_MULTIPART},
    {"multipart/form-data", "--X", PAYLOAD_TEXT},
    {"text/xml", "<a/>", PAYLOAD_TEXT},
    {"", "", PAYLOAD_NONE},
    {0},
};

static void payload_is_told_by_type_and_looks(void **state)
{
    (void)state;
    for (size_t i = 0; bodies[i].type; i++) {
        struct payload payload;
        payload_read(view_of(bodies[i].type), view_of(bodies[i].text), &payload);
        if (payload.kind != bodies[i].kind)
            fail_msg("%s: %d instead of %d", bodies[i].text, (int)payload.kind,
                     (int)bodies[i].kind);
        payload_release(&payload);
    }
}

static void entries_are_read_in_the_order_in_which_they_were_sent(void **state)
{
    (void)state;
    struct recording recording = {0};
    read_one(
        "{\"startedDateTime\":\"2026-01-01T00:00:02Z\",\"request\":{\"url\":\"http://a/2\"}},"
        "{\"startedDateTime\":\"2026-01-01T01:00:01+01:00\",\"request\":{\"url\":\"http://a/1\"}}",
        &recording);
    assert_string_equal(recording.items[0].address.path, "/1");
    assert_string_equal(recording.items[1].address.path, "/2");
    recording_release(&recording);
}

static void entry_of_another_scheme_is_passed_over(void **state)
{
    (void)state;
    struct recording recording = {0};
    read_one("{\"request\":{\"url\":\"data:text/plain,a\"}},{\"request\":{\"url\":\"wss://a/\"}},"
             "{\"request\":{\"url\":\"http://a b/\"}},{\"request\":{\"url\":\"http://a\"}}",
             &recording);
    assert_int_equal(recording.count, 1);
    assert_string_equal(recording.items->address.path, "/");
    recording_release(&recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_archive_is_an_error_with_its_place),
        cmocka_unit_test(archive_that_is_too_deep_is_an_error),
        cmocka_unit_test(archive_with_too_many_entries_is_an_error),
        cmocka_unit_test(entry_with_a_base64_body_is_decoded),
        cmocka_unit_test(text_that_no_text_can_hold_is_repaired),
        cmocka_unit_test(entry_with_parameters_instead_of_a_body_is_a_form),
        cmocka_unit_test(body_without_a_type_has_that_of_the_header),
        cmocka_unit_test(payload_is_told_by_type_and_looks),
        cmocka_unit_test(entries_are_read_in_the_order_in_which_they_were_sent),
        cmocka_unit_test(entry_of_another_scheme_is_passed_over),
        cmocka_unit_test(request_with_too_many_headers_is_an_error),
        PIN_MESSAGES("import/har.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
