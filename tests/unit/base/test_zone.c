/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar, RFC 3339, and time zones out of the system's database and out of bytes. */
#include "base/buf.h"
#include "base/calendar.h"
#include "base/zone.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t at_s(const char *text)
{
    int64_t us = 0;
    if (!calendar_parse_rfc3339(view_of(text), &us)) print_error("not a time: %s\n", text);
    return us / US_PER_SECOND;
}

/* What clocks show, written as if it were UTC. */
static int64_t shown_s(const char *text)
{
    AUTO_FREE char *utc = xasprintf("%sZ", text);
    return at_s(utc);
}

/* --- calendar */

static void days_go_to_dates_and_back(void **state)
{
    (void)state;
    for (int64_t days = -800000; days < 800000; days += 17) {
        struct date date = date_of_days(days);
        assert_in_range(date.month, 1, 12);
        assert_in_range(date.day, 1, date_month_days(date.year, date.month));
        assert_int_equal(date_to_days(date), days);
    }
    assert_int_equal(date_to_days((struct date){1970, 1, 1}), 0);
    assert_int_equal(date_to_days((struct date){2000, 3, 1}), 11017);
    assert_int_equal(date_to_days((struct date){1600, 2, 29}), -135081);
    assert_int_equal(date_weekday(0), 4);
    assert_int_equal(date_weekday(-5), 6);
    assert_true(date_is_leap_year(2000));
    assert_false(date_is_leap_year(2100));
}

static void rfc3339_times_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-23T06:43:42.123Z", INT64_C(1795416222123000)},
        {"2026-11-23t06:43:42z", INT64_C(1795416222000000)},
        {"2026-11-23 07:43:42+01:00", INT64_C(1795416222000000)},
        {"2026-11-22T23:13:42-07:30", INT64_C(1795416222000000)},
        {"1969-12-31T23:59:59Z", -1000000},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800000000)},
        {"2024-02-29T00:00:00.1234567Z", INT64_C(1709164800123456)},
    };
    static const char *const wrong[] = {
        "",
        "2026-11-23",
        "2026-11-23T06:43Z",
        "2026-11-23T06:43:42",
        "2026-11-23T06:43:42+0100",
        "2026-11-23T24:00:00Z",
        "2026-11-23T06:60:00Z",
        "2026-02-29T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-13-10T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-11-23T06:43:42.Z",
        "2026-11-23T06:43:42Z ",
        " 2026-11-23T06:43:42Z",
        "26-11-23T06:43:42Z",
        "now",
    };
    int64_t us = 0;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(calendar_parse_rfc3339(view_of(good[i].text), &us));
        assert_int_equal(us, good[i].us);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (calendar_parse_rfc3339(view_of(wrong[i]), &us)) fail_msg("taken: %s", wrong[i]);
    }
}

/* --- zones of the system */

static void zone_offsets_are_those_of_the_database(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *utc, *shown;
    } cases[] = {
        {"", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"},
        {"UTC", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"},
        {"Europe/Berlin", "2026-01-15T12:00:00Z", "2026-01-15T13:00:00+01:00"},
        {"Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"},
        {"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"},
        {"Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59+02:00"},
        {"Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00+01:00"},
        {"Europe/Berlin", "1947-06-01T00:00:00Z", "1947-06-01T03:00:00+03:00"},
        /* past the table of any file: the footer's rule */
        {"Europe/Berlin", "2099-07-01T12:00:00Z", "2099-07-01T14:00:00+02:00"},
        {"Europe/Berlin", "2099-12-31T23:30:00Z", "2100-01-01T00:30:00+01:00"},
        {"America/New_York", "2026-07-01T12:00:00Z", "2026-07-01T08:00:00-04:00"},
        {"America/New_York", "2070-03-09T07:00:00Z", "2070-03-09T03:00:00-04:00"},
        {"Australia/Lord_Howe", "2026-01-01T00:00:00Z", "2026-01-01T11:00:00+11:00"},
        {"Australia/Lord_Howe", "2026-07-01T00:00:00Z", "2026-07-01T10:30:00+10:30"},
        {"Australia/Lord_Howe", "2080-01-01T00:00:00Z", "2080-01-01T11:00:00+11:00"},
        {"Asia/Kathmandu", "2026-07-01T00:00:00Z", "2026-07-01T05:45:00+05:45"},
        {"Africa/Casablanca", "2026-07-01T00:00:00Z", "2026-07-01T01:00:00+01:00"},
        {"Africa/Casablanca", "2026-02-20T00:00:00Z", "2026-02-20T00:00:00+00:00"}, /* Ramadan */
        {"Europe/Dublin", "2026-07-01T00:00:00Z", "2026-07-01T01:00:00+01:00"},
        {"Europe/Dublin", "2090-01-01T00:00:00Z", "2090-01-01T00:00:00+00:00"},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59-10:00"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00+14:00"},
        {"America/St_Johns", "2026-01-01T00:00:00Z", "2025-12-31T20:30:00-03:30"},
    };
    char text[CLOCK_RFC3339_SIZE];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(zone) zone = zone_new(cases[i].zone, NULL);
        if (!zone) fail_msg("no %s", cases[i].zone);
        zone_format_rfc3339(zone, at_s(cases[i].utc) * US_PER_SECOND, text);
        assert_string_equal(text, cases[i].shown);
    }
}

static void zone_moments_of_a_jump_and_of_a_repeated_hour_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *shown;
        enum zone_moment moment;
        const char *first, *last;
    } cases[] = {
        {"UTC", "2026-03-29T02:30:00", ZONE_ONCE, "2026-03-29T02:30:00Z", "2026-03-29T02:30:00Z"},
        {"Europe/Berlin", "2026-03-29T01:59:59", ZONE_ONCE, "2026-03-29T00:59:59Z",
         "2026-03-29T00:59:59Z"},
        {"Europe/Berlin", "2026-03-29T02:00:00", ZONE_NEVER, "2026-03-29T01:00:00Z",
         "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", "2026-03-29T02:59:59", ZONE_NEVER, "2026-03-29T01:00:00Z",
         "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", "2026-03-29T03:00:00", ZONE_ONCE, "2026-03-29T01:00:00Z",
         "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", "2026-10-25T01:59:59", ZONE_ONCE, "2026-10-24T23:59:59Z",
         "2026-10-24T23:59:59Z"},
        {"Europe/Berlin", "2026-10-25T02:00:00", ZONE_TWICE, "2026-10-25T00:00:00Z",
         "2026-10-25T01:00:00Z"},
        {"Europe/Berlin", "2026-10-25T03:00:00", ZONE_ONCE, "2026-10-25T02:00:00Z",
         "2026-10-25T02:00:00Z"},
        {"America/New_York", "2026-03-08T02:30:00", ZONE_NEVER, "2026-03-08T07:00:00Z",
         "2026-03-08T07:00:00Z"},
        {"America/New_York", "2026-11-01T01:30:00", ZONE_TWICE, "2026-11-01T05:30:00Z",
         "2026-11-01T06:30:00Z"},
        {"Australia/Lord_Howe", "2026-10-04T02:15:00", ZONE_NEVER, "2026-10-03T15:30:00Z",
         "2026-10-03T15:30:00Z"},
        {"Australia/Lord_Howe", "2026-04-05T01:45:00", ZONE_TWICE, "2026-04-04T14:45:00Z",
         "2026-04-04T15:15:00Z"},
        {"Australia/Lord_Howe", "2026-04-05T01:15:00", ZONE_ONCE, "2026-04-04T14:15:00Z",
         "2026-04-04T14:15:00Z"},
        {"Pacific/Apia", "2011-12-30T12:00:00", ZONE_NEVER, "2011-12-30T10:00:00Z",
         "2011-12-30T10:00:00Z"},
        {"Europe/Berlin", "2090-03-26T02:30:00", ZONE_NEVER, "2090-03-26T01:00:00Z",
         "2090-03-26T01:00:00Z"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(zone) zone = zone_new(cases[i].zone, NULL);
        int64_t first = 0, last = 0;
        assert_non_null(zone);
        enum zone_moment moment = zone_moments(zone, shown_s(cases[i].shown), &first, &last);
        if (moment != cases[i].moment || first != at_s(cases[i].first) ||
            last != at_s(cases[i].last))
            fail_msg("%s %s: %d", cases[i].zone, cases[i].shown, (int)moment);
    }
}

/* Every moment is among those that its own reading gives, in all zones, over many years. */
static void zone_moments_and_periods_agree(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Europe/Berlin",     "America/New_York", "Asia/Kathmandu",    "Australia/Lord_Howe",
        "Africa/Casablanca", "Pacific/Apia",     "America/Sao_Paulo", "Europe/Dublin"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(zone) zone = zone_new(names[i], NULL);
        assert_non_null(zone);
        for (int64_t at = INT64_C(-2000000000); at < INT64_C(5000000000); at += 86400 * 3 + 1789) {
            struct zone_period period = zone_period_at(zone, at);
            int64_t first = 0, last = 0;
            assert_true(period.from_s <= at && at < period.until_s);
            assert_int_not_equal(zone_moments(zone, at + period.offset_s, &first, &last),
                                 ZONE_NEVER);
            assert_true(first == at || last == at);
        }
    }
}

static void zone_names_that_lead_elsewhere_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Europe/Atlantis",
        "/etc/passwd",
        "../../../etc/passwd",
        "Europe/../Europe/Berlin",
        "Europe",
        "Europe/",
        "Europe//Berlin",
        "/usr/share/zoneinfo/UTC",
        "zone.tab",
        "tzdata.zi",
        "Europe/Berlin\n",
        ".",
        "%s",
        "leapseconds",
        "europe berlin",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO_ERROR error = ERROR_NONE;
        AUTO(zone) zone = zone_new(names[i], &error);
        if (zone) fail_msg("taken: %s", names[i]);
        assert_non_null(strstr(error_text(&error), "there is no time zone"));
        golden_note(error_text(&error));
    }
}

/* --- zones out of bytes */

static void add_u32(struct buf *out, uint32_t number)
{
    const unsigned char bytes[] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                                   (unsigned char)(number >> 8), (unsigned char)number};
    buf_add(out, bytes, sizeof(bytes));
}

static void add_header(struct buf *out, char version, uint32_t leaps, uint32_t times,
                       uint32_t types)
{
    static const char nothing[15] = {0};
    buf_add_text(out, "TZif");
    buf_add_char(out, version);
    buf_add(out, nothing, sizeof(nothing));
    add_u32(out, 0);
    add_u32(out, 0);
    add_u32(out, leaps);
    add_u32(out, times);
    add_u32(out, types);
    add_u32(out, 4);
}

static void add_type(struct buf *out, int32_t offset)
{
    add_u32(out, (uint32_t)offset);
    buf_add(out, "\0\0", 2);
}

/* One type, no table: only the footer speaks. */
static void add_ruled(struct buf *out, const char *footer)
{
    for (int i = 0; i < 2; i++) {
        add_header(out, '3', 0, 0, 1);
        add_type(out, 0);
        buf_add(out, "ABC\0", 4);
    }
    buf_addf(out, "\n%s\n", footer);
}

static void zone_footer_forms_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *footer, *utc;
        int32_t offset_s;
    } cases[] = {
        {"EST5EDT,M3.2.0,M11.1.0", "2050-07-01T00:00:00Z", -4 * 3600},
        {"EST5EDT,M3.2.0,M11.1.0", "2050-01-01T00:00:00Z", -5 * 3600},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-01-01T00:00:00Z", 11 * 3600},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-07-01T00:00:00Z", 10 * 3600 + 1800},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2050-01-01T00:00:00Z", 0},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T00:59:59Z", -2 * 3600},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T01:00:00Z", -1 * 3600},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2050-03-26T00:00:00Z", 3 * 3600},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2050-03-25T23:59:59Z", 2 * 3600},
        {"XXX3EDT4,0/0,J365/23", "2050-07-01T00:00:00Z", -4 * 3600}, /* summer all the year */
        {"XXX3EDT4,0/0,J365/23", "2051-01-01T04:00:00Z", -4 * 3600},
        {"AAA-1BBB,J60/0,J61/0", "2052-02-29T12:00:00Z", 3600},
        {"AAA-1BBB,J60/0,J61/0", "2052-03-01T12:00:00Z", 7200},
        {"AAA-1BBB,59/0,60/0", "2052-02-29T12:00:00Z", 7200},
        {"<+0545>-5:45", "2050-01-01T00:00:00Z", 20700},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF bytes = BUF_INIT(BUF_OWN_CAP);
        add_ruled(&bytes, cases[i].footer);
        AUTO(zone) zone = zone_read(buf_view(&bytes), NULL);
        if (!zone) fail_msg("refused: %s", cases[i].footer);
        int32_t offset = zone_period_at(zone, at_s(cases[i].utc)).offset_s;
        if (offset != cases[i].offset_s)
            fail_msg("%s at %s: %d", cases[i].footer, cases[i].utc, (int)offset);
    }
}

static void zone_files_of_version_1_have_only_their_table(void **state)
{
    (void)state;
    AUTO_BUF bytes = BUF_INIT(BUF_OWN_CAP);
    add_header(&bytes, '\0', 0, 2, 2);
    add_u32(&bytes, (uint32_t)-1000);
    add_u32(&bytes, 1000);
    buf_add(&bytes, "\1\0", 2);
    add_type(&bytes, 3600);
    add_type(&bytes, 7200);
    buf_add(&bytes, "ABC\0", 4);
    AUTO(zone) zone = zone_read(buf_view(&bytes), NULL);
    assert_non_null(zone);
    assert_int_equal(zone_period_at(zone, -1001).offset_s, 3600);
    assert_int_equal(zone_period_at(zone, -1000).offset_s, 7200);
    assert_int_equal(zone_period_at(zone, 999).offset_s, 7200);
    assert_int_equal(zone_period_at(zone, INT64_C(9000000000)).offset_s, 3600);
}

static void zone_files_that_are_damaged_are_refused(void **state)
{
    (void)state;
    static const char *const footers[] = {"",
                                          "A1",
                                          "EST",
                                          "EST5EDT",
                                          "EST5EDT,M3.2.0",
                                          "EST5EDT,M13.2.0,M11.1.0",
                                          "EST5EDT,M3.2.7,M11.1.0",
                                          "EST5x",
                                          "EST5EDT,M3.2.0/168,M11.1.0",
                                          "<EST5",
                                          "EST25"};
    for (size_t i = 1; i < COUNT_OF(footers); i++) { /* an empty one only knows less */
        AUTO_BUF bytes = BUF_INIT(BUF_OWN_CAP);
        add_ruled(&bytes, footers[i]);
        AUTO(zone) zone = zone_read(buf_view(&bytes), NULL);
        if (zone) fail_msg("taken: %s", footers[i]);
    }
    AUTO_BUF whole = BUF_INIT(BUF_OWN_CAP);
    add_ruled(&whole, "EST5EDT,M3.2.0,M11.1.0");
    for (size_t length = 0; length < whole.length;
         length++) { /* each prefix, in memory of its size */
        AUTO_FREE char *prefix = xcalloc(1, length + 1);
        if (length) memcpy(prefix, whole.data, length);
        AUTO(zone) zone = zone_read((struct view){prefix, length}, NULL);
        assert_null(zone);
    }
    AUTO_BUF huge = BUF_INIT(BUF_OWN_CAP), leaps = BUF_INIT(BUF_OWN_CAP),
             back = BUF_INIT(BUF_OWN_CAP);
    add_header(&huge, '2', UINT32_MAX, UINT32_MAX, UINT32_MAX);
    AUTO_ERROR error = ERROR_NONE;
    AUTO(zone) none = zone_read(buf_view(&huge), &error);
    assert_null(none);
    golden_note(error_text(&error));
    add_header(&leaps, '\0', 1, 0, 1);
    add_type(&leaps, 0);
    buf_add(&leaps, "ABC\0", 4);
    add_u32(&leaps, 78796800);
    add_u32(&leaps, 1);
    AUTO(zone) leaping = zone_read(buf_view(&leaps), &error);
    assert_null(leaping);
    assert_string_equal(error_text(&error), "the time zone counts leap seconds");
    golden_note(error_text(&error));
    add_header(&back, '\0', 0, 2, 1);
    add_u32(&back, 1000);
    add_u32(&back, 1000);
    buf_add(&back, "\0\0", 2);
    add_type(&back, 0);
    buf_add(&back, "ABC\0", 4);
    AUTO(zone) unsorted = zone_read(buf_view(&back), NULL);
    assert_null(unsorted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_go_to_dates_and_back),
        cmocka_unit_test(rfc3339_times_are_read),
        cmocka_unit_test(zone_offsets_are_those_of_the_database),
        cmocka_unit_test(zone_moments_of_a_jump_and_of_a_repeated_hour_are_told),
        cmocka_unit_test(zone_moments_and_periods_agree),
        cmocka_unit_test(zone_names_that_lead_elsewhere_are_refused),
        cmocka_unit_test(zone_footer_forms_are_read),
        cmocka_unit_test(zone_files_of_version_1_have_only_their_table),
        cmocka_unit_test(zone_files_that_are_damaged_are_refused),
        PIN_MESSAGES("base/zone.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
