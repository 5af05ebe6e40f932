/* SPDX-License-Identifier: Apache-2.0 */
/* When a cron expression fires next; the choices over changes of the clocks stand in cron.h. */
#include "base/calendar.h"
#include "journey/cron.h"

#define MINUTES_PER_DAY 1440
/* 29 February falls on a given day of the week once in at most 40 years. */
#define SEARCHED_DAYS (41 * 366)
/* Only years of four digits can be written (RFC 3339). */
#define LAST_US (INT64_C(253402300799) * US_PER_SECOND)

static bool day_matches(const struct cron *cron, int64_t days)
{
    struct date date = date_of_days(days);
    if (!(cron->months >> date.month & 1)) return false;
    bool of_month = cron->days_of_month >> date.day & 1;
    bool of_week = cron->days_of_week >> date_weekday(days) & 1;
    if (cron->day_of_month_restricted && cron->day_of_week_restricted) return of_month || of_week;
    return of_month && of_week;
}

/* The lowest bit that is set at or above `from`, or -1. */
static int next_bit(uint64_t bits, int from)
{
    bits = from < 64 ? bits >> from << from : 0;
    return bits ? __builtin_ctzll(bits) : -1;
}

/* The first matching minute of a day at or after `from`, or -1. */
static int next_of_day(const struct cron *cron, int from)
{
    int hour = from / 60, minute = next_bit(cron->minutes, from % 60);
    if ((cron->hours >> hour & 1) && minute >= 0) return hour * 60 + minute;
    hour = next_bit(cron->hours, hour + 1);
    return hour < 0 ? -1 : hour * 60 + next_bit(cron->minutes, 0);
}

/* The first matching time that clocks could show, at or after this one. */
static bool next_shown(const struct cron *cron, int64_t shown_s, int64_t *ret_shown_s)
{
    int64_t minutes = -floor_divide(-shown_s, 60); /* rounded up */
    int64_t days = floor_divide(minutes, MINUTES_PER_DAY);
    int from = (int)(minutes - days * MINUTES_PER_DAY);
    for (int i = 0; i < SEARCHED_DAYS; i++, days++, from = 0) {
        int found = day_matches(cron, days) ? next_of_day(cron, from) : -1;
        if (found < 0) continue;
        *ret_shown_s = (days * MINUTES_PER_DAY + found) * 60;
        return true;
    }
    return false;
}

/* From period to period of one offset, in each of which clocks run on without a jump. */
static bool next_beat(const struct cron *cron, const struct zone *zone, int64_t after_s,
                      int64_t *ret_s)
{
    int64_t from_s = after_s + 1, shown_s = 0;
    while (from_s <= LAST_US / US_PER_SECOND) {
        struct zone_period period = zone_period_at(zone, from_s);
        if (!next_shown(cron, from_s + period.offset_s, &shown_s)) return false;
        *ret_s = shown_s - period.offset_s;
        if (*ret_s < period.until_s) return true;
        from_s = period.until_s;
    }
    return false;
}

static bool next_time_of_day(const struct cron *cron, const struct zone *zone, int64_t after_s,
                             int64_t *ret_s)
{
    int64_t shown_s = after_s + zone_period_at(zone, after_s).offset_s, last_s = 0;
    while (next_shown(cron, shown_s, &shown_s)) {
        (void)zone_moments(zone, shown_s, ret_s, &last_s);
        if (*ret_s > after_s) return true; /* else it is the second time that clocks show it */
        shown_s += 60;
    }
    return false;
}

bool cron_next(const struct cron *cron, const struct zone *zone, int64_t after_us, int64_t *ret_us)
{
    int64_t after_s = floor_divide(after_us, US_PER_SECOND), next_s = 0;
    bool found = cron->beat ? next_beat(cron, zone, after_s, &next_s)
                            : next_time_of_day(cron, zone, after_s, &next_s);
    if (!found || next_s > LAST_US / US_PER_SECOND) return false;
    *ret_us = next_s * US_PER_SECOND;
    return true;
}
