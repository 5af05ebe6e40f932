/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones out of the system's database: TZif files (RFC 9636) under /usr/share/zoneinfo, read
 * here and not by the C library, so that many zones can be asked at once and from any thread.
 * Versions 1 to 4; the footer's rule (POSIX TZ, with the extensions of RFC 9636, section 3.3) says
 * how it goes on after the table.
 *
 * All times are whole seconds. "Shown" is what clocks in the zone show, counted since 1970-01-01
 * 00:00 on those clocks.
 */
#ifndef SHOPPER_BASE_ZONE_H
#define SHOPPER_BASE_ZONE_H

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define ZONE_DIRECTORY "/usr/share/zoneinfo"
#define ZONE_MAX_BYTES ((size_t)256 << 10)

struct zone; /* immutable */

/* By its name ("Europe/Berlin"); NULL, "" and "UTC" need no file. NULL: no such zone, or its file
 * is damaged. */
struct zone *zone_new(const char *name, struct error *error) MUST_CHECK;
/* From the bytes of a TZif file. */
struct zone *zone_read(struct view bytes, struct error *error) MUST_CHECK;
void zone_free(struct zone *zone);
DEFINE_AUTO(zone);

/* A time during which clocks keep their distance from UTC. */
struct zone_period {
    int64_t from_s, until_s; /* UTC; `until_s` belongs to the next one */
    int32_t offset_s;        /* east of UTC */
};
struct zone_period zone_period_at(const struct zone *zone, int64_t utc_s);

enum zone_moment {
    ZONE_ONCE,
    ZONE_TWICE, /* clocks were turned back over it: the first and the last moment */
    ZONE_NEVER  /* clocks were turned forward over it: both are the moment when that was done */
};
/* When clocks show this. */
enum zone_moment zone_moments(const struct zone *zone, int64_t shown_s, int64_t *ret_first_s,
                              int64_t *ret_last_s);
/* RFC 3339 with the zone's offset at that moment; "Z" for UTC. */
void zone_format_rfc3339(const struct zone *zone, int64_t wall_us,
                         char text[static CLOCK_RFC3339_SIZE]);

#endif
