/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time, real or fake, behind one small interface. The unit everywhere is the microsecond.
 *
 * Monotonic time measures durations and deadlines; wall time only labels. Nothing below loop/ or
 * run/ reads a clock by itself: it is handed one, so that tests can move it.
 */
#ifndef SHOPPER_BASE_CLOCK_H
#define SHOPPER_BASE_CLOCK_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stdint.h>

#define US_PER_MS INT64_C(1000)
#define US_PER_SECOND INT64_C(1000000)

struct clock {
    int64_t (*monotonic_us)(const struct clock *clock);
    int64_t (*wall_us)(const struct clock *clock); /* since 1970-01-01 UTC */
};

extern const struct clock clock_real;

struct clock_fake {
    struct clock clock; /* first: a fake is used through this */
    int64_t monotonic_us, wall_us;
};

void clock_fake_init(struct clock_fake *fake, int64_t wall_us);
void clock_fake_advance(struct clock_fake *fake, int64_t by_us);

int64_t clock_monotonic_us(const struct clock *clock);
int64_t clock_wall_us(const struct clock *clock);

/* RFC 3339 in UTC with milliseconds, "2026-11-23T06:43:42.123Z": 24 characters and a NUL. */
#define CLOCK_RFC3339_SIZE 32
void clock_format_rfc3339(int64_t wall_us, char text[static CLOCK_RFC3339_SIZE]);
/* The same with microseconds. */
void clock_format_rfc3339_us(int64_t wall_us, char text[static CLOCK_RFC3339_SIZE]);

#endif
