/* SPDX-License-Identifier: Apache-2.0 */
/* Strict JSON: what is refused, with its reason and byte, and what survives to the digit. */
#include "answer/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static cJSON *parse_view(struct view text)
{
    AUTO_BUF reason = BUF_INIT(4096);
    cJSON *root = json_parse(text, &reason);
    if (!root) fail_msg("%.*s: %s", VIEW_PRINTF(text), buf_text(&reason));
    return root;
}

static cJSON *parse(const char *text)
{
    return parse_view(view_of(text));
}

static void expect_refused_view(struct view text, const char *wanted)
{
    AUTO_BUF reason = BUF_INIT(4096);
    cJSON *root = json_parse(text, &reason);
    cJSON_Delete(root);
    if (root) fail_msg("%.*s: read, where '%s' was wanted", VIEW_PRINTF(text), wanted);
    assert_string_equal(buf_text(&reason), wanted);
}

static void expect_printed(const char *text, const char *wanted)
{
    AUTO_BUF printed = BUF_INIT((size_t)1 << 20);
    cJSON *root = parse(text);
    json_print(root, &printed);
    cJSON_Delete(root);
    assert_string_equal(buf_text(&printed), wanted);
}

struct refusal {
    const char *text, *reason;
};

static void expect_all_refused(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_refused_view(view_of(refusals[i].text), refusals[i].reason);
}

/* --- Refused */

static void text_without_a_value_is_refused(void **state)
{
    (void)state;
    expect_refused_view(VIEW_NONE, "not JSON: the text is empty");
    expect_refused_view(view_of(""), "not JSON: the text is empty");
    expect_refused_view(view_of(" \r\n\t"), "not JSON: the text is empty");
    expect_refused_view(view_of("\xef\xbb\xbf "), "not JSON: the text is empty");
}

static void text_that_breaks_off_says_inside_of_what(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"\"ab", "not JSON: the text ends inside a string (byte 3)"},
        {"[\"a\\", "not JSON: the text ends inside a string (byte 4)"},
        {"[", "not JSON: the text ends inside an array (byte 1)"},
        {"[1", "not JSON: the text ends inside an array (byte 2)"},
        {"[1, ", "not JSON: the text ends inside an array (byte 4)"},
        {"{", "not JSON: the text ends inside an object (byte 1)"},
        {"{\"a\"", "not JSON: the text ends inside an object (byte 4)"},
        {"{\"a\": ", "not JSON: the text ends inside an object (byte 6)"},
        {"{\"a\":1", "not JSON: the text ends inside an object (byte 6)"},
        {"{\"a\":1,", "not JSON: the text ends inside an object (byte 7)"},
        {"[{\"a\":[1,2]", "not JSON: the text ends inside an object (byte 11)"},
    };
    expect_all_refused(refusals, COUNT_OF(refusals));
}

static void text_with_something_out_of_place_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"1 2", "not JSON: something follows the value (byte 2)"},
        {"{}]", "not JSON: something follows the value (byte 2)"},
        {"nullx", "not JSON: something follows the value (byte 4)"},
        {"[1,]", "not JSON: a value is expected (byte 3)"},
        {"[,1]", "not JSON: a value is expected (byte 1)"},
        {"[1 2]", "not JSON: ',' or ']' is expected (byte 3)"},
        {"{\"a\":1 \"b\"}", "not JSON: ',' or '}' is expected (byte 7)"},
        {"{\"a\":1,}", "not JSON: a key in quotes is expected (byte 7)"},
        {"{a:1}", "not JSON: a key in quotes is expected (byte 1)"},
        {"{\"a\" 1}", "not JSON: ':' is expected (byte 5)"},
        {"{\"a\":}", "not JSON: a value is expected (byte 5)"},
        {"'a'", "not JSON: a value is expected (byte 0)"},
        {"<!DOCTYPE html>", "not JSON: a value is expected (byte 0)"},
        {"tru", "not JSON: a word that JSON does not know (byte 0)"},
        {"[nUll]", "not JSON: a word that JSON does not know (byte 1)"},
        {"NaN", "not JSON: a value is expected (byte 0)"},
        {"[1]\f", "not JSON: something follows the value (byte 3)"},
        {"// no\n1", "not JSON: a value is expected (byte 0)"},
    };
    expect_all_refused(refusals, COUNT_OF(refusals));
    expect_refused_view(VIEW_LITERAL("[1\0]"), "not JSON: ',' or ']' is expected (byte 2)");
    expect_refused_view(VIEW_LITERAL("1\0"), "not JSON: something follows the value (byte 1)");
}

static void number_out_of_the_grammar_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"[01]", "not JSON: a number with a leading zero (byte 1)"},
        {"-00", "not JSON: a number with a leading zero (byte 0)"},
        {"-", "not JSON: a number without digits (byte 0)"},
        {"-x", "not JSON: a number without digits (byte 0)"},
        {"1.", "not JSON: a number that ends in its point (byte 0)"},
        {"1.e5", "not JSON: a number that ends in its point (byte 0)"},
        {"1e", "not JSON: a number without its exponent (byte 0)"},
        {"1e+", "not JSON: a number without its exponent (byte 0)"},
        {"+1", "not JSON: a value is expected (byte 0)"},
        {".5", "not JSON: a value is expected (byte 0)"},
        {"0x10", "not JSON: something follows the value (byte 1)"},
        {"1,5", "not JSON: something follows the value (byte 1)"},
    };
    expect_all_refused(refusals, COUNT_OF(refusals));
}

static void string_out_of_the_grammar_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"\"\\x41\"", "not JSON: an escape that JSON does not know (byte 1)"},
        {"\"\\'\"", "not JSON: an escape that JSON does not know (byte 1)"},
        {"\"\\u12g4\"", "not JSON: a \\u without four hexadecimal digits (byte 1)"},
        {"\"\\u12", "not JSON: a \\u without four hexadecimal digits (byte 1)"},
        {"\"\\ud83d\\u12g4\"", "not JSON: a \\u without four hexadecimal digits (byte 7)"},
        {"\"a\tb\"", "not JSON: a control character inside a string (byte 2)"},
        {"\"a\nb\"", "not JSON: a control character inside a string (byte 2)"},
        {"\"a\xff\"", "not JSON: broken UTF-8 (byte 2)"},
        {"\"\xc0\xaf\"", "not JSON: broken UTF-8 (byte 1)"},
        {"\"\xed\xa0\x80\"", "not JSON: broken UTF-8 (byte 1)"},
        {"\"\xf4\x90\x80\x80\"", "not JSON: broken UTF-8 (byte 1)"},
        {"\"caf\xe9\"", "not JSON: broken UTF-8 (byte 4)"},
    };
    expect_all_refused(refusals, COUNT_OF(refusals));
    expect_refused_view(VIEW_LITERAL("\"a\0b\""),
                        "not JSON: a control character inside a string (byte 2)");
}

static void offset_behind_a_byte_order_mark_counts_from_the_first_byte(void **state)
{
    (void)state;
    expect_refused_view(view_of("\xef\xbb\xbf[x]"), "not JSON: a value is expected (byte 4)");
    expect_refused_view(view_of("\xef\xbb\xbf\xef\xbb\xbf[]"),
                        "not JSON: a value is expected (byte 3)");
}

static void doubled_key_is_refused_by_name(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{\"a\":1,\"a\":1}", "not JSON: the key 'a' stands twice in one object (byte 7)"},
        {"[{\"p\":{\"x\":1,\"y\":2,\"x\":3}}]",
         "not JSON: the key 'x' stands twice in one object (byte 19)"},
        {"{\"\":1,\"\":2}", "not JSON: the key '' stands twice in one object (byte 6)"},
        {"{\"a\":1,\"\\u0061\":2}",
         "not JSON: the key '\\u0061' stands twice in one object (byte 7)"},
        {"{\"\\u0061\":1,\"a\":2}", "not JSON: the key 'a' stands twice in one object (byte 12)"},
        {"{\"\xc3\xa9\":1,\"\\u00E9\":2}",
         "not JSON: the key '\\u00E9' stands twice in one object (byte 8)"},
    };
    expect_all_refused(refusals, COUNT_OF(refusals));
    cJSON_Delete(parse("{\"a\":{\"a\":1},\"A\":[{\"a\":1},{\"a\":2}]}"));
}

static void doubled_key_among_many_is_refused(void **state)
{
    (void)state;
    for (int count = 2; count < 40; count++) {
        AUTO_BUF text = BUF_INIT(8192), good = BUF_INIT(8192), wanted = BUF_INIT(256);
        for (int i = 0; i < count; i++) buf_addf(&text, "%c\"k%d\":%d", i ? ',' : '{', i, i);
        buf_addf(&good, "%s}", buf_text(&text));
        cJSON_Delete(parse(buf_text(&good)));
        buf_addf(&wanted, "not JSON: the key 'k%d' stands twice in one object (byte %zu)",
                 count / 2, text.length + 1);
        buf_addf(&text, ",\"k%d\":0}", count / 2);
        expect_refused_view(buf_view(&text), buf_text(&wanted));
    }
}

static void add_nested(struct buf *text, size_t depth)
{
    for (size_t i = 0; i < depth; i++) buf_add_text(text, i % 2 ? "{\"a\":" : "[");
    buf_add_char(text, '1');
    for (size_t i = depth; i-- > 0;) buf_add_char(text, i % 2 ? '}' : ']');
}

static void nesting_ends_at_its_limit(void **state)
{
    (void)state;
    AUTO_BUF good = BUF_INIT(4096), deep = BUF_INIT(4096), hostile = BUF_INIT(2 << 20);
    add_nested(&good, JSON_MAX_DEPTH);
    cJSON_Delete(parse(buf_text(&good)));
    add_nested(&deep, JSON_MAX_DEPTH + 1);
    expect_refused_view(buf_view(&deep), "not JSON: nested too deep (byte 600)");
    for (int i = 0; i < 1000000; i++) buf_add_char(&hostile, '[');
    expect_refused_view(buf_view(&hostile), "not JSON: nested too deep (byte 200)");
}

/* --- Read */

static void text_without_its_terminating_nul_is_read(void **state)
{
    (void)state;
    const char bytes[] = {'[', '1', '2', ']', '3'};
    cJSON *root = parse_view((struct view){bytes, 4});
    assert_int_equal(cJSON_GetArraySize(root), 1);
    cJSON_Delete(root);
    root = parse_view((struct view){bytes + 1, 2});
    assert_true(cJSON_IsNumber(root) && root->valueint == 12);
    cJSON_Delete(root);
}

static void byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    expect_printed("\xef\xbb\xbf{\"a\":9007199254740993}", "{\"a\":9007199254740993}");
}

static void every_escape_means_its_character(void **state)
{
    (void)state;
    cJSON *root = parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude00\\u0001\"");
    assert_string_equal(root->valuestring,
                        "\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x01");
    cJSON_Delete(root);
}

static void escape_without_a_character_is_read_as_one_that_is_unknown(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"\\ud83d\"", "\"\xef\xbf\xbd\""},
        {"\"\\ud83dx\"", "\"\xef\xbf\xbdx\""},
        {"\"\\ud83d\\n\"", "\"\xef\xbf\xbd\\n\""},
        {"\"\\ud83d\\u0041\"", "\"\xef\xbf\xbd"
                               "A\""},
        {"\"\\uD83D\\uD83D\\uDE00\"", "\"\xef\xbf\xbd\xf0\x9f\x98\x80\""},
        {"\"a\\ude00\"", "\"a\xef\xbf\xbd\""},
        {"\"a\\u0000b\"", "\"a\xef\xbf\xbd"
                          "b\""},
        {"\"\\\\u0000\"", "\"\\\\u0000\""},
        {"{\"\\u0000\":1,\"b\":12345678901234567890}",
         "{\"\xef\xbf\xbd\":1,\"b\":12345678901234567890}"},
        {"\xef\xbb\xbf[\"\\u0000\"]", "[\"\xef\xbf\xbd\"]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) expect_printed(cases[i][0], cases[i][1]);
    expect_refused_view(view_of("{\"\\u0000\":1,\"\\udead\":2}"),
                        "not JSON: the key '\\udead' stands twice in one object (byte 12)");
}

static void tree_prints_compact_and_in_its_order(void **state)
{
    (void)state;
    expect_printed(" { \"b\" : [ ] , \"a\" : { } , \"c\" : [ true , false , null , \"x\" ] } ",
                   "{\"b\":[],\"a\":{},\"c\":[true,false,null,\"x\"]}");
    expect_printed("\"a\\\"\\\\\\n\\u0001\\/\xc3\xa9\\u00e9\"",
                   "\"a\\\"\\\\\\n\\u0001/\xc3\xa9\xc3\xa9\"");
}

/* --- Numbers */

static void number_prints_as_exactly_what_it_was(void **state)
{
    (void)state;
    static const char *const same[] = {
        "0",
        "-1",
        "12.5",
        "0.1",
        "9007199254740991",
        "9007199254740993",
        "-9007199254740993",
        "9223372036854775807",
        "18446744073709551615",
        "123456789012345678901234567890",
        "0.10000000000000001",
        "1.000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
        "1e400",
        "-1e-400",
        "1234567890123456789e99",
    };
    for (size_t i = 0; i < COUNT_OF(same); i++) expect_printed(same[i], same[i]);
    expect_printed("1.50", "1.5");
    expect_printed("-0", "0");
    expect_printed("1e2", "100");
    expect_printed("1E+02", "100");
    expect_printed("1e15", "1000000000000000");
}

static void long_numbers_find_their_own_nodes(void **state)
{
    (void)state;
    const char text[] = "{\"12345678901234567890\":\"1 \\\"2\",\"a\":[1,9007199254740993,-2],"
                        "\"b\":{\"c\":0.12345678901234567890},\"d\":3}";
    expect_printed(text, text);
}

static void decimal_of_a_number_is_exact(void **state)
{
    (void)state;
    struct decimal number;
    cJSON *root = parse("[9007199254740993,0.10000000000000001,19.90,1e400,1e-19,\"1\",1e3]");
    assert_true(json_decimal(cJSON_GetArrayItem(root, 0), &number));
    assert_true(number.units == INT64_C(9007199254740993) && number.scale == 0);
    assert_true(json_decimal(cJSON_GetArrayItem(root, 1), &number));
    assert_true(number.units == INT64_C(10000000000000001) && number.scale == 17);
    assert_true(json_decimal(cJSON_GetArrayItem(root, 2), &number));
    assert_int_equal(decimal_compare(number, (struct decimal){1990, 2}), 0);
    assert_false(json_decimal(cJSON_GetArrayItem(root, 3), &number));
    assert_false(json_decimal(cJSON_GetArrayItem(root, 4), &number));
    assert_false(json_decimal(cJSON_GetArrayItem(root, 5), &number));
    assert_true(json_decimal(cJSON_GetArrayItem(root, 6), &number));
    assert_int_equal(decimal_compare(number, decimal_of(1000)), 0);
    cJSON_Delete(root);
}

static void numbers_stand_in_their_order_whatever_their_size(void **state)
{
    (void)state;
    cJSON *root = parse("[-1e401,-1e400,-12345678901234567891,-12345678901234567890,-1,-1e-400,0,"
                        "1e-401,1e-400,0.1,0.10000000000000001,0.5,9007199254740992,"
                        "9007199254740993,9007199254740994,1e30,1000000000000000000000000000001,"
                        "1e399,1e400,1.0000000000000000001e400]");
    for (const cJSON *a = root->child; a; a = a->next) {
        assert_int_equal(json_compare_numbers(a, a), 0);
        for (const cJSON *b = a->next; b; b = b->next) {
            assert_int_equal(json_compare_numbers(a, b), -1);
            assert_int_equal(json_compare_numbers(b, a), 1);
        }
    }
    cJSON_Delete(root);
}

/* --- Equality */

static void expect_equal(const char *left, const char *right, bool wanted)
{
    cJSON *a = parse(left), *b = parse(right);
    bool equal = json_equal(a, b), reverse = json_equal(b, a);
    cJSON_Delete(a);
    cJSON_Delete(b);
    if (equal != wanted || reverse != wanted) fail_msg("%s and %s", left, right);
}

static void numbers_are_equal_by_value(void **state)
{
    (void)state;
    expect_equal("1", "1.0", true);
    expect_equal("1e2", "100", true);
    expect_equal("0", "-0.0e5", true);
    expect_equal("1e30", "1000000000000000000000000000000", true);
    expect_equal("1e400", "10e399", true);
    expect_equal("0.1e401", "1E+400", true);
    expect_equal("9007199254740993", "9007199254740992", false);
    expect_equal("9007199254740993", "9007199254740993.000", true);
    expect_equal("0.1", "0.10000000000000001", false);
    expect_equal("1e400", "1e401", false);
    expect_equal("1e400", "-1e400", false);
}

static void values_of_other_types_are_never_equal(void **state)
{
    (void)state;
    static const char *const values[] = {"0",    "\"\"",         "false", "true", "null",
                                         "[]",   "{}",           "\"0\"", "[0]",  "[null]",
                                         "[[]]", "{\"a\":null}", "\"a\""};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        for (size_t k = 0; k < COUNT_OF(values); k++) expect_equal(values[i], values[k], i == k);
    }
}

static void objects_are_equal_in_any_order_and_arrays_in_one(void **state)
{
    (void)state;
    expect_equal("{\"a\":1,\"b\":[1,{\"c\":2}]}", "{\"b\":[1.0,{\"c\":2}],\"a\":1}", true);
    expect_equal("{\"a\":1,\"b\":2}", "{\"a\":1}", false);
    expect_equal("{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false);
    expect_equal("{\"a\":1}", "{\"A\":1}", false);
    expect_equal("[1,2]", "[2,1]", false);
    expect_equal("[1,2]", "[1,2,2]", false);
}

static void large_objects_are_equal_in_any_order(void **state)
{
    (void)state;
    AUTO_BUF forth = BUF_INIT(65536), back = BUF_INIT(65536), other = BUF_INIT(65536);
    for (int i = 0; i < 1000; i++) {
        buf_addf(&forth, "%c\"k%d\":%d", i ? ',' : '{', i, i);
        buf_addf(&back, "%c\"k%d\":%d", i ? ',' : '{', 999 - i, 999 - i);
        buf_addf(&other, "%c\"k%d\":%d", i ? ',' : '{', i, i == 500 ? 0 : i);
    }
    buf_add_char(&forth, '}');
    buf_add_char(&back, '}');
    buf_add_char(&other, '}');
    expect_equal(buf_text(&forth), buf_text(&back), true);
    expect_equal(buf_text(&forth), buf_text(&other), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_without_a_value_is_refused),
        cmocka_unit_test(text_that_breaks_off_says_inside_of_what),
        cmocka_unit_test(text_with_something_out_of_place_is_refused),
        cmocka_unit_test(number_out_of_the_grammar_is_refused),
        cmocka_unit_test(string_out_of_the_grammar_is_refused),
        cmocka_unit_test(offset_behind_a_byte_order_mark_counts_from_the_first_byte),
        cmocka_unit_test(doubled_key_is_refused_by_name),
        cmocka_unit_test(doubled_key_among_many_is_refused),
        cmocka_unit_test(nesting_ends_at_its_limit),
        cmocka_unit_test(text_without_its_terminating_nul_is_read),
        cmocka_unit_test(byte_order_mark_is_passed_over),
        cmocka_unit_test(every_escape_means_its_character),
        cmocka_unit_test(escape_without_a_character_is_read_as_one_that_is_unknown),
        cmocka_unit_test(tree_prints_compact_and_in_its_order),
        cmocka_unit_test(number_prints_as_exactly_what_it_was),
        cmocka_unit_test(long_numbers_find_their_own_nodes),
        cmocka_unit_test(decimal_of_a_number_is_exact),
        cmocka_unit_test(numbers_stand_in_their_order_whatever_their_size),
        cmocka_unit_test(numbers_are_equal_by_value),
        cmocka_unit_test(values_of_other_types_are_never_equal),
        cmocka_unit_test(objects_are_equal_in_any_order_and_arrays_in_one),
        cmocka_unit_test(large_objects_are_equal_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
