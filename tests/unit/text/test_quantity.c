/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "text/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void durations_are_read_with_their_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum quantity_fault fault;
        int64_t us;
    } cases[] = {
        {"500ms", QUANTITY_OK, 500 * US_PER_MS},
        {"1.5s", QUANTITY_OK, 1500 * US_PER_MS},
        {"1h30m", QUANTITY_OK, 5400 * US_PER_SECOND},
        {"0s", QUANTITY_OK, 0},
        {"30d", QUANTITY_OK, 2592000 * US_PER_SECOND},
        {"7us", QUANTITY_OK, 7},
        {"3", QUANTITY_NO_UNIT, 0},
        {"1h30", QUANTITY_NO_UNIT, 0},
        {"3 s", QUANTITY_BAD_UNIT, 0},
        {"3parsec", QUANTITY_BAD_UNIT, 0},
        {"30m1h", QUANTITY_BAD_UNIT, 0},
        {"1s1s", QUANTITY_BAD_UNIT, 0},
        {"", QUANTITY_BAD_NUMBER, 0},
        {"-3s", QUANTITY_BAD_NUMBER, 0},
        {"0.1us", QUANTITY_BAD_NUMBER, 0},
        {"99999999w", QUANTITY_TOO_LARGE, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t us = 0;
        enum quantity_fault fault = quantity_duration(view_of(cases[i].text), &us);
        if (fault != cases[i].fault) fail_msg("'%s': %d", cases[i].text, (int)fault);
        if (fault == QUANTITY_OK) assert_int_equal(us, cases[i].us);
    }
}

static void sizes_percentages_and_rates_are_read(void **state)
{
    (void)state;
    uint64_t bytes = 0;
    struct decimal percent = {0};
    uint32_t count = 0;
    int64_t per_us = 0;
    assert_int_equal(quantity_size(view_of("2MB"), &bytes), QUANTITY_OK);
    assert_int_equal(bytes, 2000000);
    assert_int_equal(quantity_size(view_of("1KiB"), &bytes), QUANTITY_OK);
    assert_int_equal(bytes, 1024);
    assert_int_equal(quantity_size(view_of("2"), &bytes), QUANTITY_NO_UNIT);
    assert_int_equal(quantity_size(view_of("1.5B"), &bytes), QUANTITY_BAD_NUMBER);
    assert_int_equal(quantity_percentage(view_of("99.9%"), &percent), QUANTITY_OK);
    assert_int_equal(percent.units, 999);
    assert_int_equal(quantity_percentage(view_of("101%"), &percent), QUANTITY_TOO_LARGE);
    assert_int_equal(quantity_rate(view_of("200/day"), &count, &per_us), QUANTITY_OK);
    assert_int_equal(count, 200);
    assert_int_equal(per_us, 86400 * US_PER_SECOND);
    assert_int_equal(quantity_rate(view_of("200/year"), &count, &per_us), QUANTITY_BAD_UNIT);
}

static void durations_are_printed_for_people(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {{0, "0 us"},           {999, "999 us"},       {1500, "1.5 ms"},
                 {340000, "340 ms"},    {1234567, "1.23 s"},   {59990000, "60 s"},
                 {125000000, "2m 05s"}, {7384000000, "2h 03m"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf out = BUF_INIT(64);
        quantity_print_duration(cases[i].us, &out);
        assert_string_equal(buf_text(&out), cases[i].text);
        buf_release(&out);
    }
}

static void times_for_programs_are_plain_numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *ms, *seconds;
    } cases[] = {
        {0, "0", "0.000000"},
        {1, "0.001", "0.000001"},
        {1500, "1.5", "0.001500"},
        {2030, "2.03", "0.002030"},
        {90 * US_PER_SECOND, "90000", "90.000000"},
        {-5, "0", "0.000000"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF ms = BUF_INIT(64);
        AUTO_BUF seconds = BUF_INIT(64);
        quantity_print_ms(cases[i].us, &ms);
        quantity_print_seconds(cases[i].us, &seconds);
        assert_string_equal(buf_text(&ms), cases[i].ms);
        assert_string_equal(buf_text(&seconds), cases[i].seconds);
    }
}

static void written_duration_reads_back_exactly(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, 1500, 5400 * US_PER_SECOND,
                                     90061 * US_PER_SECOND + 1001};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct buf out = BUF_INIT(64);
        int64_t back_us = -1;
        quantity_write_duration(values[i], &out);
        assert_int_equal(quantity_duration(buf_view(&out), &back_us), QUANTITY_OK);
        assert_int_equal(back_us, values[i]);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_with_their_units),
        cmocka_unit_test(sizes_percentages_and_rates_are_read),
        cmocka_unit_test(durations_are_printed_for_people),
        cmocka_unit_test(times_for_programs_are_plain_numbers),
        cmocka_unit_test(written_duration_reads_back_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
