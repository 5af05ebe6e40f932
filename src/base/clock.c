/* SPDX-License-Identifier: Apache-2.0 */
/* See clock.h. */
#include "base/clock.h"

#include <string.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

static int64_t real_monotonic_us(const struct clock *clock)
{
    (void)clock;
    return read_us(CLOCK_MONOTONIC);
}

static int64_t real_wall_us(const struct clock *clock)
{
    (void)clock;
    return read_us(CLOCK_REALTIME);
}

const struct clock clock_real = {real_monotonic_us, real_wall_us};

static int64_t fake_monotonic_us(const struct clock *clock)
{
    return ((const struct clock_fake *)clock)->monotonic_us;
}

static int64_t fake_wall_us(const struct clock *clock)
{
    return ((const struct clock_fake *)clock)->wall_us;
}

void clock_fake_init(struct clock_fake *fake, int64_t wall_us)
{
    *fake = (struct clock_fake){
        .clock = {fake_monotonic_us, fake_wall_us},
        .monotonic_us = US_PER_SECOND,
        .wall_us = wall_us,
    };
}

void clock_fake_advance(struct clock_fake *fake, int64_t by_us)
{
    fake->monotonic_us += by_us;
    fake->wall_us += by_us;
}

int64_t clock_monotonic_us(const struct clock *clock)
{
    return clock->monotonic_us(clock);
}

int64_t clock_wall_us(const struct clock *clock)
{
    return clock->wall_us(clock);
}

static char *put(char *end, int number, size_t digits)
{
    for (size_t i = digits; i-- > 0; number /= 10) end[i] = (char)('0' + number % 10);
    return end + digits;
}

/* By hand: strftime and printf cost ten times as much, with each run. RFC 3339 has four digits for
 * a year; what is before 1970 was never ours. */
static void format(int64_t wall_us, char *end, int unit_us, size_t digits)
{
    if (wall_us < 0) wall_us = 0;
    time_t seconds = (time_t)(wall_us / US_PER_SECOND);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    end = stpcpy(put(end, parts.tm_year + 1900, 4), "-");
    end = stpcpy(put(end, parts.tm_mon + 1, 2), "-");
    end = stpcpy(put(end, parts.tm_mday, 2), "T");
    end = stpcpy(put(end, parts.tm_hour, 2), ":");
    end = stpcpy(put(end, parts.tm_min, 2), ":");
    end = stpcpy(put(end, parts.tm_sec, 2), ".");
    (void)stpcpy(put(end, (int)(wall_us % US_PER_SECOND) / unit_us, digits), "Z");
}

void clock_format_rfc3339(int64_t wall_us, char text[static CLOCK_RFC3339_SIZE])
{
    format(wall_us, text, US_PER_MS, 3);
}

void clock_format_rfc3339_us(int64_t wall_us, char text[static CLOCK_RFC3339_SIZE])
{
    format(wall_us, text, 1, 6);
}
