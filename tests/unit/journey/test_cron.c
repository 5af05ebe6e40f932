/* SPDX-License-Identifier: Apache-2.0 */
/* Cron expressions: what is refused and where, and when they fire, changes of the clocks too. */
#include "base/calendar.h"
#include "journey/cron.h"
#include "journey/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t at_us(const char *text)
{
    int64_t us = 0;
    if (!calendar_parse_rfc3339(view_of(text), &us)) fail_msg("not a time: %s", text);
    return us;
}

static struct cron cron_of(const char *text)
{
    struct cron cron = {0};
    size_t offset = 0, length = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    if (!cron_parse(view_of(text), &cron, &offset, &length, &message))
        fail_msg("'%s' at %zu: %s", text, offset, buf_text(&message));
    return cron;
}

/* The next times after `from`, as many as `wanted` holds, as clocks in the zone show them. */
static void expect_next(const char *expression, const char *name, const char *from,
                        const char *wanted)
{
    struct cron cron = cron_of(expression);
    AUTO(zone) zone = zone_new(name, NULL);
    AUTO_BUF got = BUF_INIT(BUF_OWN_CAP);
    assert_non_null(zone);
    int64_t at = at_us(from);
    char text[CLOCK_RFC3339_SIZE];
    while (got.length < strlen(wanted)) {
        if (!cron_next(&cron, zone, at, &at)) {
            buf_add_text(&got, "never");
            break;
        }
        zone_format_rfc3339(zone, at, text);
        buf_addf(&got, "%s%s", got.length ? " " : "", text);
    }
    if (strcmp(buf_text(&got), wanted) != 0)
        fail_msg("'%s' in %s from %s:\n  got    %s\n  wanted %s", expression, name, from,
                 buf_text(&got), wanted);
}

static void cron_fields_fire_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *from, *wanted;
    } cases[] = {
        {"* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z 2026-01-01T00:02:00Z"},
        {"* * * * *", "2026-01-01T00:00:59.5Z", "2026-01-01T00:01:00Z"},
        {"0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"}, /* after, never at */
        {"0 0 1 1 *", "2025-12-31T23:59:59.999999Z", "2026-01-01T00:00:00Z"},
        {"*/20 * * * *", "2026-01-01T00:00:00Z",
         "2026-01-01T00:20:00Z 2026-01-01T00:40:00Z 2026-01-01T01:00:00Z"},
        {"5/25 * * * *", "2026-01-01T00:00:00Z",
         "2026-01-01T00:05:00Z 2026-01-01T00:30:00Z 2026-01-01T00:55:00Z 2026-01-01T01:05:00Z"},
        {"10-20/5,59 7 * * *", "2026-01-01T00:00:00Z",
         "2026-01-01T07:10:00Z 2026-01-01T07:15:00Z 2026-01-01T07:20:00Z 2026-01-01T07:59:00Z"},
        {"0 12 * * Mon-Fri", "2026-11-20T13:00:00Z", "2026-11-23T12:00:00Z 2026-11-24T12:00:00Z"},
        {"0 12 * feb,APR Sat", "2026-01-01T00:00:00Z", "2026-02-07T12:00:00Z"},
        {"0 12 * * 7", "2026-11-20T13:00:00Z", "2026-11-22T12:00:00Z 2026-11-29T12:00:00Z"},
        {"0 12 * * 0", "2026-11-20T13:00:00Z", "2026-11-22T12:00:00Z 2026-11-29T12:00:00Z"},
        {"0 12 * * sat-sun", "2026-11-20T13:00:00Z",
         "2026-11-21T12:00:00Z 2026-11-22T12:00:00Z 2026-11-28T12:00:00Z"},
        {"0 12 * * 5-7", "2026-11-20T13:00:00Z",
         "2026-11-21T12:00:00Z 2026-11-22T12:00:00Z 2026-11-27T12:00:00Z"},
        /* both days restricted: either will do */
        {"0 0 13 * Fri", "2026-11-01T00:00:00Z",
         "2026-11-06T00:00:00Z 2026-11-13T00:00:00Z 2026-11-20T00:00:00Z 2026-11-27T00:00:00Z "
         "2026-12-04T00:00:00Z 2026-12-11T00:00:00Z 2026-12-13T00:00:00Z"},
        /* a star with a step is no restriction in that sense: both must match */
        {"0 0 */10 * Mon", "2026-11-01T00:00:00Z", "2026-12-21T00:00:00Z 2027-01-11T00:00:00Z"},
        {"0 0 ? * Mon", "2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z"},
        {"0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z 2026-05-31T00:00:00Z"},
        {"30 23 31 12 *", "2026-12-31T23:30:00Z", "2027-12-31T23:30:00Z"},
        {"@hourly", "2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z"},
        {"@daily", "2026-01-01T00:30:00Z", "2026-01-02T00:00:00Z"},
        {"@midnight", "2026-01-01T00:30:00Z", "2026-01-02T00:00:00Z"},
        {"@weekly", "2026-01-01T00:30:00Z", "2026-01-04T00:00:00Z"},
        {"@monthly", "2026-01-01T00:30:00Z", "2026-02-01T00:00:00Z"},
        {"@Yearly", "2026-01-01T00:30:00Z", "2027-01-01T00:00:00Z"},
        {"@annually", "2026-01-01T00:30:00Z", "2027-01-01T00:00:00Z"},
        {"\t0  12 \t* * * ", "2026-01-01T00:00:00Z", "2026-01-01T12:00:00Z"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_next(cases[i].expression, "UTC", cases[i].from, cases[i].wanted);
}

static void cron_on_29_february_waits_for_leap_years(void **state)
{
    (void)state;
    expect_next("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z",
                "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z");
    expect_next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z");
    expect_next("0 0 29 2 */7", "UTC", "2032-03-01T00:00:00Z",
                "2060-02-29T00:00:00Z"); /* Sundays */
    expect_next("0 0 29 2 */7", "UTC", "2088-03-01T00:00:00Z", "2128-02-29T00:00:00Z");
    expect_next("0 0 29 2 Mon", "UTC", "2027-12-31T00:00:00Z", "2028-02-07T00:00:00Z");
    expect_next("0 0 1 1 *", "UTC", "9999-06-01T00:00:00Z", "never"); /* cannot be written */
}

/* A fixed time of day: in the gap once, when it ends; of two the first. */
static void cron_time_of_day_fires_once_over_changes(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *zone, *from, *wanted;
    } cases[] = {
        {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
         "2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00"},
        {"0,15,30,45 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
         "2026-03-29T03:00:00+02:00 2026-03-30T02:00:00+02:00"},
        {"0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
         "2026-03-29T03:00:00+02:00 2026-03-30T02:00:00+02:00"},
        {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
         "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00"},
        {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", /* asked in the second pass */
         "2026-10-26T02:30:00+01:00"},
        {"0,30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
         "2026-10-25T02:00:00+02:00 2026-10-25T02:30:00+02:00 2026-10-26T02:00:00+01:00"},
        {"30 2 29 3 *", "Europe/Berlin", "2026-01-01T00:00:00Z",
         "2026-03-29T03:00:00+02:00 2027-03-29T02:30:00+02:00"},
        {"30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
         "2026-03-08T03:00:00-04:00 2026-03-09T02:30:00-04:00"},
        {"30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z",
         "2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00"},
        {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
         "2026-10-04T02:30:00+11:00 2026-10-05T02:15:00+11:00"},
        {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z",
         "2026-04-05T01:45:00+11:00 2026-04-06T01:45:00+10:30"},
        {"0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", /* a whole day was left out */
         "2011-12-31T00:00:00+14:00 2012-12-30T12:00:00+14:00"},
        {"0 0 * * *", "Asia/Kathmandu", "2026-01-01T00:00:00Z",
         "2026-01-02T00:00:00+05:45 2026-01-03T00:00:00+05:45"},
        {"30 2 * * *", "Africa/Casablanca", "2026-02-14T12:00:00Z", /* back before Ramadan */
         "2026-02-15T02:30:00+01:00 2026-02-16T02:30:00+00:00"},
        {"30 2 * * *", "Africa/Casablanca", "2026-03-21T12:00:00Z", /* forth after it */
         "2026-03-22T03:00:00+01:00 2026-03-23T02:30:00+01:00"},
        {"30 2 * * *", "Europe/Berlin", "2090-03-25T12:00:00Z",
         "2090-03-26T03:00:00+02:00 2090-03-27T02:30:00+02:00"},
        {"30 2 * * *", "UTC", "2026-03-28T12:00:00Z", "2026-03-29T02:30:00Z"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_next(cases[i].expression, cases[i].zone, cases[i].from, cases[i].wanted);
}

/* A beat fires whenever clocks show it. */
static void cron_beat_follows_the_clocks_over_changes(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *zone, *from, *wanted;
    } cases[] = {
        {"0 * * * *", "Europe/Berlin", "2026-03-28T23:30:00Z",
         "2026-03-29T01:00:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00"},
        {"*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z",
         "2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00"},
        {"30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z",
         "2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00 2026-10-25T03:30:00+01:00"},
        {"*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
         "2026-10-25T02:00:00+02:00 2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 "
         "2026-10-25T02:30:00+01:00 2026-10-26T02:00:00+01:00"},
        {"*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T02:00:00+02:00"},
        {"0 */2 * * *", "America/New_York", "2026-03-08T04:00:00Z",
         "2026-03-08T00:00:00-05:00 2026-03-08T04:00:00-04:00"},
        {"*/10 * * * *", "Australia/Lord_Howe", "2026-04-04T14:45:00Z",
         "2026-04-05T01:50:00+11:00 2026-04-05T01:30:00+10:30 2026-04-05T01:40:00+10:30"},
        {"*/20 * * * *", "Australia/Lord_Howe", "2026-10-03T15:15:00Z",
         "2026-10-04T02:40:00+11:00 2026-10-04T03:00:00+11:00"},
        {"*/15 * * * *", "Asia/Kathmandu", "2026-01-01T00:00:00Z",
         "2026-01-01T06:00:00+05:45 2026-01-01T06:15:00+05:45"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_next(cases[i].expression, cases[i].zone, cases[i].from, cases[i].wanted);
}

/* A year of fixed times fires on every day once, whatever the clocks do. */
static void cron_time_of_day_fires_on_each_day_once(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                        "Africa/Casablanca", "America/St_Johns"};
    static const char *const expressions[] = {"0 0 * * *", "30 1 * * *", "15 2 * * *", "59 2 * * *",
                                              "0 3 * * *"};
    for (size_t i = 0; i < COUNT_OF(zones) * COUNT_OF(expressions); i++) {
        struct cron cron = cron_of(expressions[i % COUNT_OF(expressions)]);
        AUTO(zone) zone = zone_new(zones[i / COUNT_OF(expressions)], NULL);
        assert_non_null(zone);
        int64_t at = at_us("2025-12-31T20:00:00Z"), last_day = -1;
        for (int n = 0; n < 370; n++) {
            assert_true(cron_next(&cron, zone, at, &at));
            int64_t shown = at / US_PER_SECOND + zone_period_at(zone, at / US_PER_SECOND).offset_s;
            int64_t day = floor_divide(shown, SECONDS_PER_DAY);
            if (last_day >= 0) assert_int_equal(day, last_day + 1);
            last_day = day;
        }
    }
}

static void cron_faults_are_located(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset, length;
        const char *message;
    } cases[] = {
        {"", 0, 1, "the minute is missing"},
        {"* * * *", 7, 1, "the day of week is missing"},
        {"* * * * * *", 10, 1, "one too many"},
        {"60 * * * *", 0, 2, "minute: '60' is not from 0 to 59"},
        {"0 24 * * *", 2, 2, "hour: '24' is not from 0 to 23"},
        {"0 0 0 * *", 4, 1, "day of month: '0' is not from 1 to 31"},
        {"0 0 1 13 *", 6, 2, "month: '13' is not from 1 to 12"},
        {"0 0 * * 8", 8, 1, "day of week: '8' is not from 0 to 7"},
        {"0 0 * Foo *", 6, 3, "month: 'Foo' is no number or name"},
        {"0 0 * * Mo", 8, 2, "day of week: 'Mo' is no number or name"},
        {"*/0 * * * *", 2, 1, "the step '0' must be 1 to 59"},
        {"*/ * * * *", 2, 1, "the step"},
        {"*/60 * * * *", 2, 2, "the step '60'"},
        {"5- * * * *", 2, 1, "minute"},
        {"20-10 * * * *", 0, 5, "ends before it begins"},
        {"1,,2 * * * *", 2, 1, "minute: ',' is no number"},
        {"-1 * * * *", 0, 1, "minute: '-' is no number"},
        {"1.5 * * * *", 1, 1, "minute: '.' is no number"},
        {"0 99999999999 * * *", 2, 11, "hour"},
        {"@noon", 0, 5, "'@noon' is no nickname"},
        {"@", 0, 1, "no nickname"},
        {"0 0 30 2 *", 0, 10, "never fires"},
        {"0 0 31 feb,apr *", 0, 16, "never fires"},
        {"0 0 30-31 2 *", 0, 13, "never fires"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cron cron = {0};
        size_t offset = 99, length = 99;
        AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
        if (cron_parse(view_of(cases[i].text), &cron, &offset, &length, &message))
            fail_msg("taken: '%s'", cases[i].text);
        if (offset != cases[i].offset || length != cases[i].length ||
            !strstr(buf_text(&message), cases[i].message))
            fail_msg("'%s' at %zu+%zu: %s", cases[i].text, offset, length, buf_text(&message));
    }
}

static void schedule_of_a_journey_is_asked(void **state)
{
    (void)state;
    struct schedule_spec spec = {0};
    AUTO_ERROR error = ERROR_NONE;
    int64_t at = 0;
    assert_false(schedule_is_said(&spec));
    AUTO(schedule) none = schedule_new(&spec, &error);
    assert_null(none);
    spec.every_us = 90 * US_PER_SECOND;
    AUTO(schedule) every = schedule_new(&spec, NULL);
    assert_true(schedule_next(every, at_us("2026-01-01T00:00:00Z"), &at));
    assert_int_equal(at, at_us("2026-01-01T00:01:30Z"));
    assert_false(schedule_next(every, INT64_MAX, &at));
    char expression[] = "30 2 * * *", berlin[] = "Europe/Berlin", nowhere[] = "Mars/Base";
    spec = (struct schedule_spec){.cron = expression, .timezone = berlin};
    AUTO(schedule) cron = schedule_new(&spec, NULL);
    assert_true(schedule_next(cron, at_us("2026-03-29T00:00:00Z"), &at));
    assert_int_equal(at, at_us("2026-03-29T03:00:00+02:00"));
    spec.timezone = nowhere;
    AUTO(schedule) lost = schedule_new(&spec, &error);
    assert_null(lost);
    assert_non_null(strstr(error_text(&error), "Mars/Base"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cron_fields_fire_as_written),
        cmocka_unit_test(cron_on_29_february_waits_for_leap_years),
        cmocka_unit_test(cron_time_of_day_fires_once_over_changes),
        cmocka_unit_test(cron_beat_follows_the_clocks_over_changes),
        cmocka_unit_test(cron_time_of_day_fires_on_each_day_once),
        cmocka_unit_test(cron_faults_are_located),
        cmocka_unit_test(schedule_of_a_journey_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
