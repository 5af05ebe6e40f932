/* SPDX-License-Identifier: Apache-2.0 */
/* Values: copies, JSON in and out, and how they print. */
#include "answer/json.h"
#include "answer/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct value from_json(const char *text)
{
    AUTO_BUF reason = BUF_INIT(1024);
    cJSON *node = json_parse(view_of(text), &reason);
    if (!node) fail_msg("%s: %s", text, buf_text(&reason));
    struct value value = value_from_json(node);
    cJSON_Delete(node);
    return value;
}

static void assert_prints(struct value value, const char *expected)
{
    AUTO_BUF out = BUF_INIT(4096);
    value_print(&value, &out);
    value_release(&value);
    assert_string_equal(buf_text(&out), expected);
}

static struct value list_of(struct value first, struct value second)
{
    struct value list = {.kind = VALUE_LIST};
    list.list.items = xcalloc(2, sizeof(struct value));
    list.list.items[0] = first;
    list.list.items[1] = second;
    list.list.count = 2;
    return list;
}

static struct value money_of(int64_t units, int scale, const char *currency)
{
    struct money money = {.amount = {units, scale}};
    memcpy(money.currency, currency, strlen(currency) + 1);
    return value_money(money);
}

static void json_scalars_become_their_own_kind(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum value_kind kind;
        const char *printed, *name;
    } samples[] = {
        {"null", VALUE_NULL, "null", "null"},
        {"true", VALUE_BOOL, "true", "a boolean"},
        {"false", VALUE_BOOL, "false", "a boolean"},
        {"12", VALUE_NUMBER, "12", "a number"},
        {"12.50", VALUE_NUMBER, NULL, "a number"},
        {"0.1", VALUE_NUMBER, "0.1", "a number"},
        {"9007199254740993", VALUE_NUMBER, "9007199254740993", "a number"},
        {"\"a \\\"b\\\"\"", VALUE_TEXT, "a \"b\"", "text"},
        {"[1,2]", VALUE_JSON, "[1,2]", "an array"},
        {"{\"a\":{\"b\":1}}", VALUE_JSON, "{\"a\":{\"b\":1}}", "an object"},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct value value = from_json(samples[i].json);
        assert_int_equal(value.kind, samples[i].kind);
        assert_string_equal(value_kind_name(&value), samples[i].name);
        if (samples[i].printed)
            assert_prints(value, samples[i].printed);
        else
            value_release(&value);
    }
}

static void a_number_too_large_for_a_decimal_stays_digits(void **state)
{
    (void)state;
    struct value value = from_json("123456789012345678901234567890");
    assert_int_equal(value.kind, VALUE_TEXT);
    assert_prints(value, "123456789012345678901234567890");
}

static void values_print_as_they_stand_in_text(void **state)
{
    (void)state;
    assert_prints(VALUE_NOTHING, "");
    assert_prints(value_number(-5), "-5");
    assert_prints(value_bool(true), "true");
    assert_prints(money_of(125, 1, "EUR"), "12.50");
    assert_prints(money_of(125, 1, ""), "12.5");
    assert_prints(value_duration(1500000), "1s500ms");
    assert_prints(value_text(VIEW_LITERAL("a\nb")), "a\nb");
    assert_prints(list_of(value_text(VIEW_LITERAL("a")), value_number(2)), "[\"a\",2]");
}

static void assert_described(struct value value, size_t limit, const char *expected)
{
    AUTO_BUF out = BUF_INIT(4096);
    value_describe(&value, limit, &out);
    value_release(&value);
    assert_string_equal(buf_text(&out), expected);
}

static void descriptions_are_for_people_and_clipped(void **state)
{
    (void)state;
    assert_described(VALUE_NOTHING, 100, "nothing");
    assert_described(money_of(1250, 2, "EUR"), 100, "12.50 EUR");
    assert_described(value_text(VIEW_LITERAL("a\nb")), 100, "\"a\\nb\"");
    assert_described(value_text(VIEW_LITERAL("")), 100, "\"\"");
    assert_described(value_text(VIEW_LITERAL("abcdefghij")), 12, "\"abcdefghij\"");
    assert_described(value_text(VIEW_LITERAL("abcdefghijk")), 12, "\"abcdefg...\"");
    assert_described(value_text(VIEW_LITERAL("äöüäöüäöü")), 12, "\"äöü...\"");
    assert_described(from_json("[1,2,3,4,5,6,7,8,9]"), 10, "[1,2,3,...");
    assert_described(value_number(123456), 2, "");
}

static void copies_are_independent(void **state)
{
    (void)state;
    struct value list = list_of(value_text(VIEW_LITERAL("a")), from_json("{\"b\":[1]}"));
    struct value copy = value_copy(&list);
    value_release(&list);
    assert_int_equal(list.kind, VALUE_ABSENT);
    assert_prints(copy, "[\"a\",{\"b\":[1]}]");
}

static void texts_may_hold_nul(void **state)
{
    (void)state;
    struct value value = value_text((struct view){"a\0b", 3});
    struct value copy = value_copy(&value);
    assert_int_equal(copy.text.length, 3);
    assert_memory_equal(copy.text.data, "a\0b", 4);
    cJSON *json = value_to_json(&copy);
    assert_string_equal(json->valuestring, "a\xEF\xBF\xBD"
                                           "b");
    cJSON_Delete(json);
    value_release(&value);
    value_release(&copy);
}

static void counts_and_elements(void **state)
{
    (void)state;
    struct value array = from_json("[1,\"two\",{}]"), object = from_json("{\"a\":1,\"b\":2}");
    struct value list = list_of(value_number(1), value_text(VIEW_LITERAL("x")));
    struct value text = value_text(VIEW_LITERAL("abc")), nothing = VALUE_NOTHING;
    assert_int_equal(value_count(&array), 3);
    assert_int_equal(value_count(&object), 2);
    assert_int_equal(value_count(&list), 2);
    assert_int_equal(value_count(&text), 1);
    assert_int_equal(value_count(&nothing), 0);
    assert_prints(value_element(&array, 1), "two");
    assert_prints(value_element(&list, 1), "x");
    assert_int_equal(value_element(&array, 3).kind, VALUE_ABSENT);
    assert_int_equal(value_element(&list, 2).kind, VALUE_ABSENT);
    assert_int_equal(value_element(&text, 0).kind, VALUE_ABSENT);
    value_release(&array);
    value_release(&object);
    value_release(&list);
    value_release(&text);
}

static void assert_json(struct value value, const char *expected)
{
    AUTO_BUF out = BUF_INIT(4096);
    cJSON *json = value_to_json(&value);
    json_print(json, &out);
    cJSON_Delete(json);
    value_release(&value);
    assert_string_equal(buf_text(&out), expected);
}

static void values_become_json(void **state)
{
    (void)state;
    assert_json(VALUE_NOTHING, "null");
    assert_json(value_bool(false), "false");
    assert_json(value_number(42), "42");
    assert_json(money_of(1299, 2, "EUR"), "12.99");
    assert_json(value_duration(2000000), "\"2s\"");
    assert_json(value_text(VIEW_LITERAL("a\xFF")), "\"a\xEF\xBF\xBD\"");
}

static void number_that_no_decimal_holds_is_a_number_again(void **state)
{
    (void)state;
    static const char *const numbers[] = {"12345678901234567890", "1e400"};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        AUTO_BUF out = BUF_INIT(64);
        struct value value = from_json(numbers[i]), copy = value_copy(&value);
        cJSON *node = value_to_json(&copy);
        json_print(node, &out);
        assert_string_equal(buf_text(&out), numbers[i]);
        cJSON_Delete(node);
        value_release(&copy);
        value_release(&value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_scalars_become_their_own_kind),
        cmocka_unit_test(a_number_too_large_for_a_decimal_stays_digits),
        cmocka_unit_test(values_print_as_they_stand_in_text),
        cmocka_unit_test(descriptions_are_for_people_and_clipped),
        cmocka_unit_test(copies_are_independent),
        cmocka_unit_test(texts_may_hold_nul),
        cmocka_unit_test(counts_and_elements),
        cmocka_unit_test(values_become_json),
        cmocka_unit_test(number_that_no_decimal_holds_is_a_number_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
