/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of monitoring plugins. */
#include "report/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct alert_case {
    const char *range;
    double value;
    bool alerts;
};

static void range_of_a_table_alerts_as_the_guidelines_say(void **state)
{
    (void)state;
    static const struct alert_case cases[] = {
        {"10", -0.001, true},    {"10", 0, false},      {"10", 10, false},
        {"10", 10.001, true},    {"10:", 9.999, true},  {"10:", 10, false},
        {"10:", 1e9, false},     {"~:10", -1e9, false}, {"~:10", 10, false},
        {"~:10", 10.5, true},    {"10:20", 9, true},    {"10:20", 10, false},
        {"10:20", 20, false},    {"10:20", 20.1, true}, {"@10:20", 9.9, false},
        {"@10:20", 10, true},    {"@10:20", 20, true},  {"@10:20", 20.1, false},
        {"@10", 5, true},        {"@10", 11, false},    {"@~:0", -3, true},
        {"-5:-1", -3, false},    {"-5:-1", 0, true},    {"0.5", 0.6, true},
        {":7", 7, false},        {":7", 7.5, true},     {"~:", 1e12, false},
        {".5", 0.6, true},       {"5.", 5.1, true},     {"+5", 5.1, true},
        {"1e3", 999, false},     {"1e3", 1001, true},   {"00010", 10, false},
        {"1.5:1.5", 1.5, false}, {"0", 0, false},       {"0", 0.1, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct range range;
        AUTO_ERROR error = ERROR_NONE;
        if (!range_parse(view_of(cases[i].range), &range, &error))
            fail_msg("%s: %s", cases[i].range, error_text(&error));
        if (range_alerts(&range, cases[i].value) != cases[i].alerts)
            fail_msg("%s at %g", cases[i].range, cases[i].value);
    }
}

static void range_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",      "@",     ":",     "@:",   "~", "a",  "1:b", "10:~", "20:10", " 10",   "10 ",
        "1:2:3", "@@1:2", "10,20", "0x10", ".", "e3", "nan", "inf:", "~~:10", "1e400", "--1"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct range range;
        AUTO_ERROR error = ERROR_NONE;
        if (range_parse(view_of(wrong[i]), &range, &error)) fail_msg("taken: '%s'", wrong[i]);
        assert_non_null(strstr(error_text(&error), wrong[i]));
    }
}

static void range_is_shown_as_the_guidelines_have_it(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"10", "10"},
        {"1.50:2.0", "1.50:2.0"},
        {"~:", "~:"},
        {".5", "0.5"},
        {"5.", "5"},
        {"+5:", "5:"},
        {"1e3", "1000"},
        {"@~:1e-3", "@~:0.001"},
        {"00010:20", "10:20"},
        {"0:+7", "7"},
        {"-.5:1e2", "-0.5:100"},
        {":2.", "2"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct range range;
        AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
        AUTO_ERROR error = ERROR_NONE;
        assert_true(range_parse(view_of(cases[i][0]), &range, &error));
        range_print(&range, &text);
        assert_string_equal(buf_text(&text), cases[i][1]);
    }
}

static void range_not_given_never_alerts(void **state)
{
    (void)state;
    const struct range range = {0};
    assert_false(range_alerts(&range, -1));
    assert_false(range_alerts(&range, 1e9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range_of_a_table_alerts_as_the_guidelines_say),
        cmocka_unit_test(range_that_is_none_is_refused),
        cmocka_unit_test(range_is_shown_as_the_guidelines_have_it),
        cmocka_unit_test(range_not_given_never_alerts),
    };
    return cmocka_run_group_tests_name("report range", tests, NULL, NULL);
}
