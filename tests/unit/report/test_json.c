/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON format; docs/report.schema.json describes the same. */
#include "fixture.h"
#include "report/printer.h"
#include "support/golden.h"

#include <cjson/cJSON.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void json_of_all_runs_is_as_pinned(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_JSON, &out);
    golden_check("report/all.json", buf_view(&out));
}

static void json_of_all_runs_parses_and_counts_them(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_JSON, &out);
    cJSON *root = cJSON_Parse(buf_text(&out));
    assert_non_null(root);
    const cJSON *summary = cJSON_GetObjectItemCaseSensitive(root, "summary");
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(summary, "verdict")->valuestring, "fail");
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(summary, "runs")->valueint,
                     FIXTURE_RUN_COUNT);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(root, "runs")),
                     FIXTURE_RUN_COUNT);
    cJSON_Delete(root);
}

static void json_of_nothing_is_unknown(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_none(REPORT_JSON, &out);
    golden_check("report/none.json", buf_view(&out));
}

/* Secrets that are spelt like pieces of the formats. */
static void write_with_words_as_secrets(const struct fixture *fixture, enum report_format format,
                                        struct buf *out)
{
    static const char *const words[] = {"null", "true",    "false",     "pass", "fail",
                                        "name", "steps",   "status",    "text", "\": \"",
                                        "0000", "unknown", "price-view"};
    struct redactor *redactor = redactor_new();
    for (size_t i = 0; i < COUNT_OF(words); i++)
        assert_true(redactor_add(redactor, "pw", view_of(words[i])));
    struct writer_options options = fixture_options;
    options.redactor = redactor;
    const struct run_report *items[FIXTURE_RUN_COUNT];
    for (size_t i = 0; i < FIXTURE_RUN_COUNT; i++) items[i] = fixture->runs[i];
    report_write(format, &(struct report_set){items, FIXTURE_RUN_COUNT}, &options, out);
    redactor_free(redactor);
}

static const char *text_at(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static void secrets_hide_in_texts_and_break_no_json(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    write_with_words_as_secrets(*state, REPORT_JSON, &out);
    cJSON *root = cJSON_Parse(buf_text(&out));
    assert_non_null(root);
    const cJSON *summary = cJSON_GetObjectItemCaseSensitive(root, "summary");
    assert_string_equal(text_at(summary, "verdict"), "fail");
    const cJSON *run = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(root, "runs"), 0);
    const cJSON *step = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(run, "steps"), 0);
    assert_string_equal(text_at(step, "verdict"), "pass");
    assert_string_equal(text_at(step, "section"), "steps");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(step, "failure")));
    assert_non_null(strstr(buf_text(&out), "\"stage\": \"[redacted:pw]\""));
    cJSON_Delete(root);
}

static void secrets_break_no_har(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    write_with_words_as_secrets(*state, REPORT_HAR, &out);
    cJSON *root = cJSON_Parse(buf_text(&out));
    assert_non_null(root);
    const cJSON *log = cJSON_GetObjectItemCaseSensitive(root, "log");
    const cJSON *entry = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(log, "entries"), 0);
    assert_string_equal(text_at(entry, "_verdict"), "pass");
    cJSON_Delete(root);
}

static void printer_milliseconds_keep_up_to_three_decimals(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct printer printer = PRINTER_INIT(&out);
    printer_array(&printer, NULL);
    const int64_t lengths_us[] = {0, 1, 10, 1500, 1000, 1234567, -5};
    for (size_t i = 0; i < COUNT_OF(lengths_us); i++) printer_ms(&printer, NULL, lengths_us[i]);
    printer_array_end(&printer);
    assert_string_equal(buf_text(&out),
                        "[\n  0,\n  0.001,\n  0.01,\n  1.5,\n  1,\n  1234.567,\n  0\n]\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(json_of_all_runs_is_as_pinned), TEST(json_of_all_runs_parses_and_counts_them),
        TEST(json_of_nothing_is_unknown),    TEST(secrets_hide_in_texts_and_break_no_json),
        TEST(secrets_break_no_har),          TEST(printer_milliseconds_keep_up_to_three_decimals),
    };
    return cmocka_run_group_tests_name("report json", tests, NULL, NULL);
}
