/* SPDX-License-Identifier: Apache-2.0 */
/* See clock.h. */
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
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

/* Reads exactly `digits` digits and what stands behind them. */
static bool take_number(struct view *rest, size_t digits, const char *behind, int *ret_number)
{
    int number = 0;
    if (rest->length < digits + (*behind != '\0')) return false;
    for (size_t i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)rest->data[i])) return false;
        number = number * 10 + (rest->data[i] - '0');
    }
    if (*behind && !strchr(behind, rest->data[digits])) return false;
    *rest = view_from(*rest, digits + (*behind != '\0'));
    *ret_number = number;
    return true;
}

static bool take_fraction(struct view *rest, int64_t *ret_us)
{
    int64_t us = 0, unit = US_PER_SECOND / 10;
    size_t at = 1;
    if (!rest->length || rest->data[0] != '.') return true;
    for (; at < rest->length && isdigit((unsigned char)rest->data[at]); at++, unit /= 10)
        us += (rest->data[at] - '0') * unit;
    *rest = view_from(*rest, at);
    *ret_us = us;
    return at > 1;
}

static bool take_offset(struct view rest, int *ret_minutes)
{
    int hours, minutes;
    if (rest.length == 1) {
        *ret_minutes = 0;
        return *rest.data == 'Z' || *rest.data == 'z';
    }
    if (rest.length != 6 || !strchr("+-", *rest.data)) return false;
    bool west = *rest.data == '-';
    rest = view_from(rest, 1);
    if (!take_number(&rest, 2, ":", &hours) || !take_number(&rest, 2, "", &minutes)) return false;
    *ret_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return hours < 24 && minutes < 60;
}

bool clock_parse_rfc3339(struct view text, int64_t *ret_wall_us)
{
    struct tm parts = {0};
    int offset_minutes;
    int64_t fraction_us = 0;
    if (!take_number(&text, 4, "-", &parts.tm_year) || !take_number(&text, 2, "-", &parts.tm_mon) ||
        !take_number(&text, 2, "Tt ", &parts.tm_mday) ||
        !take_number(&text, 2, ":", &parts.tm_hour) || !take_number(&text, 2, ":", &parts.tm_min) ||
        !take_number(&text, 2, "", &parts.tm_sec) || !take_fraction(&text, &fraction_us) ||
        !take_offset(text, &offset_minutes))
        return false;
    if (parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60) return false;
    const struct tm said = parts;
    parts.tm_year -= 1900;
    parts.tm_mon--;
    int leap = parts.tm_sec == 60;
    parts.tm_sec -= leap;
    time_t seconds = timegm(&parts);
    if (parts.tm_mday != said.tm_mday || parts.tm_mon + 1 != said.tm_mon) return false;
    *ret_wall_us =
        ((int64_t)seconds + leap - (int64_t)offset_minutes * 60) * US_PER_SECOND + fraction_us;
    return true;
}
