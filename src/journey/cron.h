/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cron expressions: five fields with names, ranges, steps and lists, and @hourly and its kin, as
 * Vixie cron reads them; and when they fire.
 *
 * When clocks change, it goes as in Vixie cron and its heirs. An expression whose minutes and hours
 * are both fixed means a time of day: one that clocks jump over fires once, at the moment of the
 * jump, and one that they show twice fires the first time only. An expression whose minutes or
 * hours begin with `*` (steps too) means a beat: it fires whenever clocks show a matching time, so
 * not at all in the hour that is left out, and twice in the one that is repeated.
 */
#ifndef SHOPPER_JOURNEY_CRON_H
#define SHOPPER_JOURNEY_CRON_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/view.h"
#include "base/zone.h"

#include <stdbool.h>
#include <stdint.h>

struct cron {
    uint64_t minutes;                                     /* bit n: minute n */
    uint32_t hours, days_of_month, months, days_of_week;  /* Sunday is bit 0 */
    bool day_of_month_restricted, day_of_week_restricted; /* both: either may match */
    bool beat;                                            /* minutes or hours begin with `*` */
};

/* False: malformed, or it never fires (30 February); `message` says why, *ret_offset (bytes) and
 * *ret_length where. */
bool cron_parse(struct view text, struct cron *ret_cron, size_t *ret_offset, size_t *ret_length,
                struct buf *message) MUST_CHECK;

/* The first time after this one, exclusive. False: none before the calendar repeats, which cannot
 * be for what cron_parse() took. */
bool cron_next(const struct cron *cron, const struct zone *zone, int64_t after_us,
               int64_t *ret_us) MUST_CHECK;

#endif
