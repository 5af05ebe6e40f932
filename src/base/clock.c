/* SPDX-License-Identifier: Apache-2.0 */
/* See clock.h. */
#include "base/clock.h"

#include <stdio.h>
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

static size_t format_seconds(int64_t wall_us, char text[static CLOCK_RFC3339_SIZE])
{
    time_t seconds = (time_t)(wall_us / US_PER_SECOND);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    return strftime(text, CLOCK_RFC3339_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
}

void clock_format_rfc3339(int64_t wall_us, char text[static CLOCK_RFC3339_SIZE])
{
    size_t length = format_seconds(wall_us, text);
    snprintf(text + length, CLOCK_RFC3339_SIZE - length, ".%03dZ",
             (int)(wall_us % US_PER_SECOND / US_PER_MS));
}

void clock_format_rfc3339_us(int64_t wall_us, char text[static CLOCK_RFC3339_SIZE])
{
    size_t length = format_seconds(wall_us, text);
    snprintf(text + length, CLOCK_RFC3339_SIZE - length, ".%06dZ", (int)(wall_us % US_PER_SECOND));
}
