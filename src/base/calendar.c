/* SPDX-License-Identifier: Apache-2.0 */
/* See calendar.h. */
#include "base/calendar.h"

#include <stdio.h>
#include <stdlib.h>

#define DAYS_PER_ERA INT64_C(146097)     /* 400 years */
#define EPOCH_FROM_MARCH INT64_C(719468) /* days from 0000-03-01 to 1970-01-01 */

int64_t floor_divide(int64_t number, int64_t by)
{
    int64_t quotient = number / by;
    return number % by < 0 ? quotient - 1 : quotient;
}

bool date_is_leap_year(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int date_month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && date_is_leap_year(year) ? 29 : days[month - 1];
}

/* Years begin in March here, so that the leap day is the last one of its year. */
int64_t date_to_days(struct date date)
{
    int64_t year = date.month > 2 ? date.year : date.year - 1;
    int64_t era = floor_divide(year, 400), year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_FROM_MARCH;
}

struct date date_of_days(int64_t days)
{
    int64_t shifted = days + EPOCH_FROM_MARCH, era = floor_divide(shifted, DAYS_PER_ERA);
    int64_t day = shifted - era * DAYS_PER_ERA;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March */
    return (struct date){
        .year = era * 400 + year + (month >= 10),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

int date_weekday(int64_t days)
{
    int64_t from_sunday = days + 4; /* 1970-01-01 was a Thursday */
    return (int)(from_sunday - floor_divide(from_sunday, 7) * 7);
}

/* --- RFC 3339 */

struct time_reader {
    struct view text;
    size_t at;
    bool good;
};

static int read_digits(struct time_reader *reader, size_t count, int most)
{
    int number = 0;
    for (size_t i = 0; i < count; i++, reader->at++) {
        char c = reader->at < reader->text.length ? reader->text.data[reader->at] : '\0';
        if (c < '0' || c > '9') reader->good = false;
        if (!reader->good) return 0;
        number = number * 10 + (c - '0');
    }
    if (number > most) reader->good = false;
    return number;
}

/* One of the given characters; which one is returned. */
static char read_mark(struct time_reader *reader, const char *allowed)
{
    char c = reader->at < reader->text.length ? reader->text.data[reader->at] : '\0';
    for (; *allowed; allowed++) {
        if (c != *allowed) continue;
        reader->at++;
        return c;
    }
    reader->good = false;
    return '\0';
}

static int64_t read_fraction_us(struct time_reader *reader)
{
    int64_t us = 0, unit = US_PER_SECOND;
    size_t from = reader->at;
    for (; reader->at < reader->text.length; reader->at++) {
        char c = reader->text.data[reader->at];
        if (c < '0' || c > '9') break;
        unit /= 10;
        us += unit * (c - '0');
    }
    if (reader->at == from) reader->good = false;
    return us;
}

static int64_t read_offset_s(struct time_reader *reader)
{
    char sign = read_mark(reader, "Zz+-");
    if (!reader->good || sign == 'Z' || sign == 'z') return 0;
    int hours = read_digits(reader, 2, 23);
    read_mark(reader, ":");
    int minutes = read_digits(reader, 2, 59);
    int64_t offset = hours * 3600 + minutes * 60;
    return sign == '-' ? -offset : offset;
}

bool calendar_parse_rfc3339(struct view text, int64_t *ret_wall_us)
{
    struct time_reader reader = {.text = text, .good = true};
    struct date date = {0};
    int64_t fraction_us = 0;
    date.year = read_digits(&reader, 4, 9999);
    read_mark(&reader, "-");
    date.month = read_digits(&reader, 2, 12);
    read_mark(&reader, "-");
    date.day = read_digits(&reader, 2, 31);
    read_mark(&reader, "Tt ");
    int64_t hours = read_digits(&reader, 2, 23);
    read_mark(&reader, ":");
    int64_t minutes = read_digits(&reader, 2, 59);
    read_mark(&reader, ":");
    int64_t seconds = read_digits(&reader, 2, 60);
    if (reader.good && reader.at < text.length && text.data[reader.at] == '.') {
        reader.at++;
        fraction_us = read_fraction_us(&reader);
    }
    int64_t offset_s = read_offset_s(&reader);
    if (!reader.good || reader.at != text.length || date.month < 1 || date.day < 1) return false;
    if (date.day > date_month_days(date.year, date.month)) return false;
    int64_t of_day_s = hours * 3600 + minutes * 60 + seconds - offset_s;
    *ret_wall_us = (date_to_days(date) * SECONDS_PER_DAY + of_day_s) * US_PER_SECOND + fraction_us;
    return true;
}

void calendar_format_rfc3339(int64_t wall_us, int32_t offset_s, bool utc,
                             char text[static CLOCK_RFC3339_SIZE])
{
    int64_t shown_s = floor_divide(wall_us, US_PER_SECOND) + offset_s;
    int64_t days = floor_divide(shown_s, SECONDS_PER_DAY);
    int of_day = (int)(shown_s - days * SECONDS_PER_DAY);
    struct date date = date_of_days(days);
    int length = snprintf(text, CLOCK_RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d",
                          (int)(date.year % 10000), date.month % 100, date.day % 100,
                          of_day / 3600 % 24, of_day / 60 % 60, of_day % 60);
    if (length < 0 || length >= CLOCK_RFC3339_SIZE) return;
    size_t left = CLOCK_RFC3339_SIZE - (size_t)length;
    if (utc)
        snprintf(text + length, left, "Z");
    else
        snprintf(text + length, left, "%c%02d:%02d", offset_s < 0 ? '-' : '+',
                 abs(offset_s) / 3600 % 100, abs(offset_s) / 60 % 60);
}
