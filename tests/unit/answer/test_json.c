/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_refused(struct view text, const char *reason)
{
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    assert_null(json_parse(text, &out));
    assert_string_equal(buf_text(&out), reason);
    buf_release(&out);
}

static void assert_prints(const char *text, const char *wanted)
{
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    cJSON *root = json_parse(view_of(text), &out);
    if (!root) fail_msg("%s: %s", text, buf_text(&out));
    json_print(root, &out);
    assert_string_equal(buf_text(&out), wanted);
    cJSON_Delete(root);
    buf_release(&out);
}

static void half_a_text_is_no_json(void **state)
{
    (void)state;
    assert_refused(VIEW_LITERAL(""), "not JSON: the text is empty");
    assert_refused(VIEW_LITERAL(" \n"), "not JSON: the text is empty");
    assert_refused(VIEW_LITERAL("{\"a\": \"b"), "not JSON: the text ends inside a string (byte 8)");
    assert_refused(VIEW_LITERAL("[1, 2"), "not JSON: the text ends inside an array (byte 5)");
    assert_refused(VIEW_LITERAL("{\"a\": 1"), "not JSON: the text ends inside an object (byte 7)");
    assert_refused(VIEW_LITERAL("{\"a\":"), "not JSON: the text ends inside an object (byte 5)");
    assert_refused(VIEW_LITERAL("{} {}"), "not JSON: something follows the value (byte 3)");
    assert_refused(VIEW_LITERAL("<html>"), "not JSON: a value is expected (byte 0)");
}

static void doubled_key_is_refused_however_it_is_spelt(void **state)
{
    (void)state;
    assert_refused(VIEW_LITERAL("{\"a\":1,\"b\":{\"a\":1},\"a\":2}"),
                   "not JSON: the key 'a' stands twice in one object (byte 19)");
    assert_refused(VIEW_LITERAL("{\"a\":1,\"\\u0061\":2}"),
                   "not JSON: the key '\\u0061' stands twice in one object (byte 7)");
    assert_refused(VIEW_LITERAL("{\"\\u0061\":1,\"a\":2}"),
                   "not JSON: the key 'a' stands twice in one object (byte 12)");
}

static void what_the_grammar_forbids_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"01",          "1.",          ".5",
                                        "+1",          "-",           "1e",
                                        "tru",         "nul",         "NaN",
                                        "'a'",         "[1,]",        "{a:1}",
                                        "{\"a\":1,}",  "\"\\x\"",     "\"\\u12\"",
                                        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
                                        "\"\t\"",      "\"\\u0000\"", "\"\xff\"",
                                        "// c\n1"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct buf reason = BUF_INIT(BUF_OWN_CAP);
        if (json_parse(view_of(wrong[i]), &reason)) fail_msg("%s was read", wrong[i]);
        assert_int_equal(strncmp(buf_text(&reason), "not JSON: ", 10), 0);
        buf_release(&reason);
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(BUF_OWN_CAP);
    for (int i = 0; i < JSON_MAX_DEPTH + 1; i++) buf_add_char(&text, '[');
    assert_refused(buf_view(&text), "not JSON: nested too deep (byte 200)");
    buf_release(&text);
}

static void numbers_keep_the_digits_that_a_double_would_lose(void **state)
{
    (void)state;
    assert_prints("[9007199254740993, 0.1, 0.10000000000000001, 1e2, -0, 12.50]",
                  "[9007199254740993,0.1,0.10000000000000001,100,0,12.5]");
    assert_prints("[1e400, 123456789012345678901234567890]",
                  "[1e400,123456789012345678901234567890]");
    struct buf reason = BUF_INIT(BUF_OWN_CAP);
    struct decimal exact;
    cJSON *root = json_parse(VIEW_LITERAL("[\"12\", 9007199254740993]"), &reason);
    assert_true(json_decimal(cJSON_GetArrayItem(root, 1), &exact));
    assert_int_equal(exact.units, 9007199254740993);
    assert_false(json_decimal(cJSON_GetArrayItem(root, 0), &exact));
    cJSON_Delete(root);
    buf_release(&reason);
}

static void texts_survive_printing(void **state)
{
    (void)state;
    assert_prints("\xef\xbb\xbf{\"a\\n\": \"\\ud83d\\ude00 \\\"\\u20ac\\\"\"}",
                  "{\"a\\n\":\"\xf0\x9f\x98\x80 \\\"\xe2\x82\xac\\\"\"}");
}

static void equality_is_by_value_whatever_the_order(void **state)
{
    (void)state;
    struct buf reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *a = json_parse(VIEW_LITERAL("{\"x\": [1.0, {\"y\": null}], \"z\": 1e2}"), &reason);
    cJSON *b = json_parse(VIEW_LITERAL("{\"z\": 100, \"x\": [1, {\"y\": null}]}"), &reason);
    cJSON *c = json_parse(VIEW_LITERAL("{\"z\": 100, \"x\": [1, {\"y\": false}]}"), &reason);
    assert_true(json_equal(a, b));
    assert_false(json_equal(a, c));
    cJSON_Delete(a);
    cJSON_Delete(b);
    cJSON_Delete(c);
    buf_release(&reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_a_text_is_no_json),
        cmocka_unit_test(doubled_key_is_refused_however_it_is_spelt),
        cmocka_unit_test(what_the_grammar_forbids_is_refused),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(numbers_keep_the_digits_that_a_double_would_lose),
        cmocka_unit_test(texts_survive_printing),
        cmocka_unit_test(equality_is_by_value_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
