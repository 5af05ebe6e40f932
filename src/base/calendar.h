/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proleptic Gregorian calendar as plain arithmetic, and times as RFC 3339 writes them. It knows
 * no time zones (zone.h does) and no leap seconds: a day has 86,400 seconds.
 */
#ifndef SHOPPER_BASE_CALENDAR_H
#define SHOPPER_BASE_CALENDAR_H

#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define SECONDS_PER_DAY INT64_C(86400)

struct date {
    int64_t year;
    int month, day; /* both from 1 */
};

/* Days since 1970-01-01, and back. */
int64_t date_to_days(struct date date);
struct date date_of_days(int64_t days);
int date_weekday(int64_t days); /* Sunday is 0 */
int date_month_days(int64_t year, int month);
bool date_is_leap_year(int64_t year);
/* Rounds towards the past, as a calendar does. */
int64_t floor_divide(int64_t number, int64_t by);

/* "2026-03-29T03:00:00+02:00", "2026-03-29T01:00:00.5Z" (RFC 3339, section 5.6). False: it is none.
 * A leap second counts as the second after it. */
bool calendar_parse_rfc3339(struct view text, int64_t *ret_wall_us) MUST_CHECK;
/* Whole seconds, as a clock `offset_s` east of UTC shows them. `utc` writes "Z" for the offset. */
void calendar_format_rfc3339(int64_t wall_us, int32_t offset_s, bool utc,
                             char text[static CLOCK_RFC3339_SIZE]);

#endif
