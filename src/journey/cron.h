/* SPDX-License-Identifier: Apache-2.0 */
/* Cron expressions: five fields with names, ranges, steps and lists, and @hourly and its kin, as
 * Vixie cron reads them. */
#ifndef SHOPPER_JOURNEY_CRON_H
#define SHOPPER_JOURNEY_CRON_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct cron {
    uint64_t minutes;                                     /* bit n: minute n */
    uint32_t hours, days_of_month, months, days_of_week;  /* Sunday is bit 0 */
    bool day_of_month_restricted, day_of_week_restricted; /* both: either may match */
};

/* False: malformed, or it never fires (30 February); `message` says why, *ret_offset (bytes) and
 * *ret_length where. */
bool cron_parse(struct view text, struct cron *ret_cron, size_t *ret_offset, size_t *ret_length,
                struct buf *message) MUST_CHECK;

#endif
