/* SPDX-License-Identifier: Apache-2.0 */
/* Predicates: what holds, what does not, and what cannot be compared. Values are written as JSON,
 * with `m:` for money, `d:` for a duration in microseconds, `l:` for a list, `-` for nothing. */
#include "answer/json.h"
#include "answer/pattern.h"
#include "answer/predicate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct value value_from(const char *text)
{
    AUTO_BUF reason = BUF_INIT(1024);
    if (!strcmp(text, "-")) return VALUE_NOTHING;
    if (!strncmp(text, "d:", 2)) return value_duration(atoll(text + 2));
    if (!strncmp(text, "m:", 2)) {
        struct money money;
        struct money_options options = {0};
        assert_int_equal(money_read(view_of(text + 2), &options, &money, &reason), MONEY_READ);
        return value_money(money);
    }
    bool list = !strncmp(text, "l:", 2);
    cJSON *node = json_parse(view_of(list ? text + 2 : text), &reason);
    if (!node) fail_msg("%s: %s", text, buf_text(&reason));
    struct value value = value_from_json(node);
    cJSON_Delete(node);
    if (!list) return value;
    struct value result = {.kind = VALUE_LIST};
    result.list.count = value_count(&value);
    result.list.items = xcalloc(result.list.count + 1, sizeof(struct value));
    for (size_t i = 0; i < result.list.count; i++) result.list.items[i] = value_element(&value, i);
    value_release(&value);
    return result;
}

struct sample {
    enum predicate_kind kind;
    const char *actual, *expected;
    bool holds;
};

static void check_sample(const struct sample *sample)
{
    AUTO_BUF expected_text = BUF_INIT(4096), actual_text = BUF_INIT(4096);
    struct value actual = value_from(sample->actual), expected = value_from(sample->expected);
    bool holds =
        predicate_holds(sample->kind, &actual, &expected, NULL, &expected_text, &actual_text);
    value_release(&actual);
    value_release(&expected);
    if (holds != sample->holds) {
        fail_msg("%s %s %s is %s (expected %s, actual %s)", sample->actual,
                 predicate_key(sample->kind), sample->expected, holds ? "true" : "false",
                 buf_text(&expected_text), buf_text(&actual_text));
    }
    assert_int_equal(holds, !expected_text.length);
    assert_int_equal(holds, !actual_text.length);
}

#define CHECK_ALL(samples)                                                                         \
    for (size_t i_ = 0; i_ < COUNT_OF(samples); i_++) check_sample(&(samples)[i_])
#define EQ PREDICATE_EQUALS
#define NE PREDICATE_NOT
#define GT PREDICATE_MORE_THAN
#define GE PREDICATE_AT_LEAST
#define LT PREDICATE_LESS_THAN
#define LE PREDICATE_AT_MOST
#define HAS PREDICATE_CONTAINS

static void equality_compares_by_kind(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {EQ, "1", "1.0", true},
        {EQ, "1", "2", false},
        {EQ, "\"1\"", "1", true},
        {EQ, "1", "\"1\"", true},
        {EQ, "\"1\"", "\"1.0\"", false},
        {EQ, "\"a\"", "\"a\"", true},
        {EQ, "\"a\"", "\"A\"", false},
        {EQ, "true", "true", true},
        {EQ, "true", "false", false},
        {EQ, "\"true\"", "true", true},
        {EQ, "null", "null", true},
        {EQ, "null", "\"\"", false},
        {EQ, "\"x\"", "null", false},
        {EQ, "{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true},
        {EQ, "{\"a\":1}", "{\"a\":2}", false},
        {EQ, "[1,2]", "[1,2]", true},
        {EQ, "[1,2]", "[2,1]", false},
        {EQ, "l:[1,2]", "[1,2]", true},
        {EQ, "m:12.50 EUR", "m:12.5 EUR", true},
        {EQ, "m:12.50 EUR", "12.5", true},
        {EQ, "m:12.50 EUR", "\"12.50 EUR\"", true},
        {EQ, "m:12.50 EUR", "\"12,50 €\"", true},
        {EQ, "\"12,50 €\"", "m:12.50 EUR", true},
        {EQ, "m:12.50 EUR", "m:12.50 USD", false},
        {EQ, "m:12.50 EUR", "\"12.50 USD\"", false},
        {EQ, "m:12.50", "m:12.50 USD", true},
        {EQ, "m:$12.50", "m:12.50 USD", true},
        {EQ, "m:$12.50", "m:12.50 EUR", false},
        {EQ, "m:12.50 EUR", "m:$12.50", false},
        {EQ, "m:$12.50", "m:12,50 kr", false},
        {EQ, "m:₨ 12.50", "m:12.50 Rs", true},
        {EQ, "d:1500000", "\"1.5s\"", true},
        {EQ, "d:1500000", "1.5", false},
        {EQ, "2000000", "\"2MB\"", true},
    };
    CHECK_ALL(samples);
}

static void a_list_is_one_of_them_or_none_of_them(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {EQ, "201", "l:[200,201]", true},     {EQ, "404", "l:[200,201]", false},
        {EQ, "\"b\"", "[\"a\",\"b\"]", true}, {NE, "404", "l:[200,201]", true},
        {NE, "200", "l:[200,201]", false},    {EQ, "1", "l:[]", false},
    };
    CHECK_ALL(samples);
}

static void not_fails_where_nothing_can_be_compared(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {NE, "1", "2", true},
        {NE, "1", "1.00", false},
        {NE, "\"a\"", "\"b\"", true},
        {NE, "\"a\"", "null", true},
        {NE, "0", "null", true},
        {NE, "null", "null", false},
        {NE, "-", "\"a\"", false},
        {NE, "-", "null", false},
        {NE, "\"sold out\"", "0", false},
        {NE, "m:1 EUR", "m:2 USD", false},
        {NE, "m:1 EUR", "m:2 EUR", true},
        {NE, "m:1 EUR", "\"on request\"", false},
        {NE, "d:5", "\"soon\"", false},
        {NE, "true", "\"maybe\"", false},
        {NE, "{}", "1", false},
    };
    CHECK_ALL(samples);
}

static void order_needs_a_common_measure(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {GT, "2", "1", true},
        {GT, "1", "1", false},
        {GE, "1", "1", true},
        {GE, "0.99", "1", false},
        {LT, "1", "2", true},
        {LT, "2", "2", false},
        {LE, "2", "2", true},
        {LE, "2.01", "2", false},
        {GT, "\"10\"", "9", true},
        {GT, "\"10\"", "\"9\"", true},
        {GT, "10", "\"9\"", true},
        {GT, "\"12,50\"", "9", false},
        {LT, "\"12,50\"", "99", false},
        {GT, "\"\"", "0", false},
        {GE, "\"\"", "0", false},
        {LE, "\"\"", "0", false},
        {GT, "\"abc\"", "0", false},
        {LT, "\"abc\"", "\"9\"", false},
        {GT, "\"9\"", "\"abc\"", false},
        {GT, "\"2026-02-01\"", "\"2026-01-31\"", true},
        {GT, "null", "0", false},
        {LE, "null", "0", false},
        {LT, "true", "5", false},
        {GT, "[5]", "1", false},
        {GT, "l:[5]", "1", false},
        {GT, "{}", "1", false},
        {GT, "-", "0", false},
        {LE, "-", "0", false},
        {GT, "1", "-", false},
        {GT, "m:0.00 EUR", "0", false},
        {GT, "m:0.01 EUR", "0", true},
        {LE, "m:500 EUR", "500", true},
        {LE, "m:500 EUR", "m:500 USD", false},
        {GE, "m:500 EUR", "m:500 USD", false},
        {LE, "m:500 EUR", "\"500.00 EUR\"", true},
        {LE, "m:500 EUR", "\"much\"", false},
        {LE, "d:1400000", "\"1.5s\"", true},
        {LE, "d:1600000", "\"1.5s\"", false},
        {LE, "d:1", "\"1.5\"", false},
        {LE, "d:1", "5", false},
        {LT, "d:1", "d:2", true},
        {LE, "1500000", "\"2MB\"", true},
        {LE, "2500000", "\"2MB\"", false},
    };
    CHECK_ALL(samples);
}

static void contains_looks_into_texts_lists_and_objects(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {HAS, "\"Mug MUG-42\"", "\"MUG-42\"", true},
        {HAS, "\"Mug\"", "\"mug\"", false},
        {HAS, "\"Mug\"", "\"\"", false},
        {HAS, "\"no 42\"", "42", true},
        {HAS, "[\"a\",\"b\"]", "\"b\"", true},
        {HAS, "[\"ab\"]", "\"b\"", false},
        {HAS, "l:[\"a\",\"b\"]", "\"b\"", true},
        {HAS, "l:[1,2]", "\"2\"", true},
        {HAS, "l:[]", "\"b\"", false},
        {HAS, "l:[\"a\",\"b\",\"c\"]", "l:[\"a\",\"c\"]", true},
        {HAS, "l:[\"a\",\"b\"]", "l:[\"a\",\"c\"]", false},
        {HAS, "\"a b\"", "l:[\"a\",\"b\"]", true},
        {HAS, "\"a b\"", "l:[]", false},
        {HAS, "{\"a\":1}", "\"a\"", true},
        {HAS, "{\"a\":1}", "\"A\"", false},
        {HAS, "null", "\"null\"", false},
        {HAS, "-", "\"a\"", false},
        {HAS, "[{\"a\":1}]", "{\"a\":1}", true},
    };
    CHECK_ALL(samples);
}

static void texts_begin_and_end(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {PREDICATE_STARTS_WITH, "\"/order/1\"", "\"/order/\"", true},
        {PREDICATE_STARTS_WITH, "\"/x\"", "\"/order/\"", false},
        {PREDICATE_STARTS_WITH, "\"/x\"", "\"\"", false},
        {PREDICATE_ENDS_WITH, "\"a.html\"", "\".html\"", true},
        {PREDICATE_ENDS_WITH, "\"a.htm\"", "\".html\"", false},
        {PREDICATE_ENDS_WITH, "[\"a\"]", "\"]\"", false},
        {PREDICATE_STARTS_WITH, "-", "\"a\"", false},
    };
    CHECK_ALL(samples);
}

static void presence_emptiness_and_counts(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {PREDICATE_EXISTS, "\"\"", "true", true},  {PREDICATE_EXISTS, "-", "true", false},
        {PREDICATE_EXISTS, "-", "false", true},    {PREDICATE_EXISTS, "1", "false", false},
        {PREDICATE_EXISTS, "l:[]", "true", false}, {PREDICATE_EXISTS, "1", "\"true\"", true},
        {PREDICATE_EXISTS, "1", "\"yes\"", false}, {PREDICATE_EXISTS, "-", "\"yes\"", false},
        {PREDICATE_EMPTY, "\"\"", "true", true},   {PREDICATE_EMPTY, "\" \"", "true", false},
        {PREDICATE_EMPTY, "[]", "true", true},     {PREDICATE_EMPTY, "{}", "true", true},
        {PREDICATE_EMPTY, "l:[]", "true", true},   {PREDICATE_EMPTY, "[0]", "false", true},
        {PREDICATE_EMPTY, "null", "false", false}, {PREDICATE_EMPTY, "0", "true", false},
        {PREDICATE_EMPTY, "-", "true", false},     {PREDICATE_EMPTY, "-", "false", false},
        {PREDICATE_COUNT, "[1,2,3]", "3", true},   {PREDICATE_COUNT, "[1,2,3]", "2", false},
        {PREDICATE_COUNT, "l:[]", "0", true},      {PREDICATE_COUNT, "\"abc\"", "1", true},
        {PREDICATE_COUNT, "-", "0", false},        {PREDICATE_COUNT, "[1]", "\"one\"", false},
    };
    CHECK_ALL(samples);
}

static void number_that_no_decimal_holds_is_none_that_one_does(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {NE, "12345678901234567890123", "0", true},
        {EQ, "12345678901234567890123", "0", false},
        {EQ, "12345678901234567890123", "12345678901234567890123", true},
        {EQ, "12345678901234567890123", "\"12345678901234567890123\"", true},
        {NE, "12345678901234567890123", "12345678901234567890124", true},
        {GT, "12345678901234567890123", "0", false},
        {GT, "0", "12345678901234567890123", false},
    };
    CHECK_ALL(samples);
}

static void types_are_named(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {PREDICATE_TYPE, "\"a\"", "\"string\"", true},
        {PREDICATE_TYPE, "1", "\"string\"", false},
        {PREDICATE_TYPE, "1.5", "\"number\"", true},
        {PREDICATE_TYPE, "1", "\"integer\"", true},
        {PREDICATE_TYPE, "1.5", "\"integer\"", false},
        {PREDICATE_TYPE, "true", "\"boolean\"", true},
        {PREDICATE_TYPE, "null", "\"null\"", true},
        {PREDICATE_TYPE, "[]", "\"array\"", true},
        {PREDICATE_TYPE, "{}", "\"object\"", true},
        {PREDICATE_TYPE, "{}", "\"array\"", false},
        {PREDICATE_TYPE, "m:1 EUR", "\"money\"", true},
        {PREDICATE_TYPE, "1", "\"numbr\"", false},
        {PREDICATE_TYPE, "l:[1]", "\"array\"", true},
        {PREDICATE_TYPE, "-", "\"null\"", false},
        {PREDICATE_TYPE, "12345678901234567890123", "\"integer\"", true},
        {PREDICATE_TYPE, "12345678901234567890123", "\"number\"", true},
        {PREDICATE_TYPE, "100000000000000000000", "\"integer\"", true},
        {PREDICATE_TYPE, "12345678901234567890.25", "\"number\"", true},
        {PREDICATE_TYPE, "12345678901234567890.25", "\"integer\"", false},
        {PREDICATE_TYPE, "12345678901234567890123", "\"string\"", false},
    };
    CHECK_ALL(samples);
}

static void patterns_match_somewhere(void **state)
{
    (void)state;
    AUTO_BUF message = BUF_INIT(1024), expected_text = BUF_INIT(1024), actual_text = BUF_INIT(1024);
    size_t offset;
    struct pattern *pattern = pattern_compile(VIEW_LITERAL("[0-9]+ left"), &offset, &message);
    assert_non_null(pattern);
    struct value expected = value_text(VIEW_LITERAL("[0-9]+ left"));
    struct value good = value_text(VIEW_LITERAL("only 3 left!")),
                 bad = value_text(VIEW_LITERAL("sold out"));
    struct value list = value_from("l:[\"3 left\"]");
    assert_true(predicate_holds(PREDICATE_MATCHES, &good, &expected, pattern, &expected_text,
                                &actual_text));
    assert_false(
        predicate_holds(PREDICATE_MATCHES, &bad, &expected, pattern, &expected_text, &actual_text));
    assert_string_equal(buf_text(&expected_text), "to match /[0-9]+ left/");
    assert_string_equal(buf_text(&actual_text), "\"sold out\"");
    assert_false(predicate_holds(PREDICATE_MATCHES, &list, &expected, pattern, &expected_text,
                                 &actual_text));
    assert_false(
        predicate_holds(PREDICATE_MATCHES, &good, &expected, NULL, &expected_text, &actual_text));
    pattern_free(pattern);
    value_release(&expected);
    value_release(&good);
    value_release(&bad);
    value_release(&list);
}

static void failures_say_what_was_expected_and_what_was_there(void **state)
{
    (void)state;
    static const struct {
        enum predicate_kind kind;
        const char *actual, *expected, *expected_text, *actual_text;
    } samples[] = {
        {GT, "m:0.00 EUR", "0", "more than 0", "0.00 EUR"},
        {LE, "m:501 EUR", "500", "at most 500", "501.00 EUR"},
        {EQ, "\"a\"", "\"b\"", "\"b\"", "\"a\""},
        {EQ, "404", "l:[200,201]", "one of [200,201]", "404"},
        {NE, "\"a\"", "\"a\"", "not \"a\"", "\"a\""},
        {NE, "-", "\"a\"", "not \"a\"", "nothing"},
        {EQ, "m:$5", "m:5 EUR", "5.00 EUR", "5 ($ cannot be compared with EUR)"},
        {EQ, "m:5 EUR", "m:5 USD", "5.00 USD", "5.00 EUR (EUR cannot be compared with USD)"},
        {GT, "\"on request\"", "0", "more than 0",
         "\"on request\" (text cannot be compared with a number)"},
        {GT, "null", "0", "more than 0", "null (null cannot be compared with a number)"},
        {LE, "d:1700000", "\"1.5s\"", "at most 1.5s", "1.7 s"},
        {HAS, "l:[\"a\"]", "\"b\"", "to contain \"b\"", "[\"a\"]"},
        {PREDICATE_EXISTS, "-", "true", "something", "nothing"},
        {PREDICATE_EXISTS, "\"x\"", "false", "nothing", "\"x\""},
        {PREDICATE_EMPTY, "[1]", "true", "an empty value", "[1]"},
        {PREDICATE_EMPTY, "-", "true", "an empty value", "nothing"},
        {PREDICATE_EMPTY, "[]", "false", "one that is not empty", "[]"},
        {PREDICATE_TYPE, "12345678901234567890123", "\"string\"", "the type string",
         "a number \"12345678901234567890123\""},
        {GT, "99999999999999999999", "100000000000000000001", "more than \"100000000000000000001\"",
         "\"99999999999999999999\" (\"99999999999999999999\" is too long a number to be more or "
         "less "
         "than another)"},
        {PREDICATE_COUNT, "[1,2]", "3", "a count of 3", "2"},
        {PREDICATE_TYPE, "\"5\"", "\"number\"", "the type number", "text \"5\""},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        AUTO_BUF expected_text = BUF_INIT(4096), actual_text = BUF_INIT(4096);
        struct value actual = value_from(samples[i].actual);
        struct value expected = value_from(samples[i].expected);
        assert_false(predicate_holds(samples[i].kind, &actual, &expected, NULL, &expected_text,
                                     &actual_text));
        value_release(&actual);
        value_release(&expected);
        assert_string_equal(buf_text(&expected_text), samples[i].expected_text);
        assert_string_equal(buf_text(&actual_text), samples[i].actual_text);
    }
}

static void words_are_clipped(void **state)
{
    (void)state;
    static char text[9000];
    memset(text, 'x', sizeof(text));
    AUTO_BUF expected_text = BUF_INIT(16384), actual_text = BUF_INIT(16384);
    struct value actual = value_text((struct view){text, sizeof(text)}), expected = value_number(1);
    assert_false(predicate_holds(EQ, &actual, &expected, NULL, &expected_text, &actual_text));
    value_release(&actual);
    assert_true(actual_text.length > 4000 && actual_text.length < 4200);
}

static void the_table_names_every_predicate(void **state)
{
    (void)state;
    assert_string_equal(predicate_key(PREDICATE_AT_LEAST), "at_least");
    assert_int_equal(predicate_operand(PREDICATE_MATCHES), OPERAND_PATTERN);
    for (int i = 0; i < PREDICATE_KIND_COUNT; i++) {
        assert_true(*predicate_help((enum predicate_kind)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_compares_by_kind),
        cmocka_unit_test(a_list_is_one_of_them_or_none_of_them),
        cmocka_unit_test(not_fails_where_nothing_can_be_compared),
        cmocka_unit_test(order_needs_a_common_measure),
        cmocka_unit_test(contains_looks_into_texts_lists_and_objects),
        cmocka_unit_test(texts_begin_and_end),
        cmocka_unit_test(presence_emptiness_and_counts),
        cmocka_unit_test(number_that_no_decimal_holds_is_none_that_one_does),
        cmocka_unit_test(types_are_named),
        cmocka_unit_test(patterns_match_somewhere),
        cmocka_unit_test(failures_say_what_was_expected_and_what_was_there),
        cmocka_unit_test(words_are_clipped),
        cmocka_unit_test(the_table_names_every_predicate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
