/* SPDX-License-Identifier: Apache-2.0 */
#include "base/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct decimal number(const char *text)
{
    struct decimal parsed = {0};
    assert_true(decimal_parse(view_of(text), &parsed));
    return parsed;
}

static void assert_prints(struct decimal value, const char *wanted)
{
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    decimal_print(value, &out);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
}

static void numbers_are_read_exactly_and_printed_as_written(void **state)
{
    (void)state;
    static const char *const same[] = {"0",
                                       "1.50",
                                       "-0.05",
                                       "9223372036854775807",
                                       "-9223372036854775808",
                                       "0.000000000000000001"};
    for (size_t i = 0; i < COUNT_OF(same); i++) assert_prints(number(same[i]), same[i]);
    assert_prints(number("1e3"), "1000");
    assert_prints(number("12.5E-2"), "0.125");
    assert_prints(number("+7"), "7");
    assert_prints(number("1.50e1"), "15.0");
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "-",
                                        "01",
                                        "1.",
                                        ".5",
                                        "1e",
                                        "1e+",
                                        "0x1",
                                        "NaN",
                                        " 1",
                                        "1 ",
                                        "1,5",
                                        "--1",
                                        "1e9999",
                                        "9223372036854775808",
                                        "1e-19",
                                        "123456789012345678901234567890"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct decimal ignored;
        if (decimal_parse(view_of(wrong[i]), &ignored)) fail_msg("'%s' was read", wrong[i]);
    }
}

static void sums_and_products_are_exact(void **state)
{
    (void)state;
    struct decimal result;
    assert_true(decimal_add(number("0.1"), number("0.2"), &result));
    assert_int_equal(decimal_compare(result, number("0.3")), 0);
    assert_true(decimal_subtract(number("1"), number("1.01"), &result));
    assert_prints(result, "-0.01");
    assert_true(decimal_multiply(number("19.99"), number("3"), &result));
    assert_prints(result, "59.97");
    assert_false(decimal_add(number("9223372036854775807"), number("1"), &result));
    assert_false(decimal_multiply(number("9223372036854775807"), number("2"), &result));
}

static void quotients_round_half_to_even(void **state)
{
    (void)state;
    struct decimal result;
    assert_true(decimal_divide(number("1"), number("3"), &result));
    assert_prints(result, "0.3333333333");
    assert_true(decimal_divide(number("2"), number("3"), &result));
    assert_prints(result, "0.6666666667");
    assert_true(decimal_divide(number("-10"), number("4"), &result));
    assert_prints(result, "-2.5");
    assert_true(decimal_divide(number("0.00000000005"), number("1"), &result));
    assert_prints(result, "0");
    assert_true(decimal_divide(number("0.00000000015"), number("1"), &result));
    assert_prints(result, "0.0000000002");
    assert_false(decimal_divide(number("1"), number("0.00"), &result));
}

static void comparison_ignores_trailing_zeros(void **state)
{
    (void)state;
    assert_int_equal(decimal_compare(number("1.50"), number("1.5")), 0);
    assert_true(decimal_compare(number("-2"), number("1.5")) < 0);
    assert_true(decimal_compare(number("9223372036854775807"), number("0.000000000000000001")) > 0);
    assert_int_equal(decimal_sign(number("-0.00")), 0);
    assert_prints(decimal_normal(number("1.500")), "1.5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly_and_printed_as_written),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(sums_and_products_are_exact),
        cmocka_unit_test(quotients_round_half_to_even),
        cmocka_unit_test(comparison_ignores_trailing_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
