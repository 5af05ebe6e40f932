/* SPDX-License-Identifier: Apache-2.0 */
/* See zone.h. */
#include "base/zone.h"

#include "base/calendar.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 44
#define TYPE_BYTES 6
#define OFFSET_MAX_S (26 * 3600)     /* RFC 9636, section 3.2 */
#define RULE_TIME_MAX_S (168 * 3600) /* section 3.3.2 */
#define NAME_MAX_BYTES 100
#define MOMENTS_MAX_PERIODS 64

/* The day on which a rule changes clocks, and the time that they show just before. */
struct change_rule {
    enum { RULE_JULIAN, RULE_DAY_OF_YEAR, RULE_WEEKDAY } kind;
    int month, week, day;
    int32_t time_s;
};

struct footer {
    bool present, has_summer;
    int32_t standard_s, summer_s; /* east of UTC */
    struct change_rule start, end;
};

struct zone {
    bool utc;
    int64_t *times; /* when each period of the table begins */
    int32_t *offsets;
    size_t count;
    int32_t first_offset; /* before the table */
    struct footer footer;
};

/* --- The footer */

struct footer_reader {
    const char *at; /* NUL-terminated */
    bool good;
};

static bool skip_char(struct footer_reader *reader, char c)
{
    if (*reader->at != c) return false;
    reader->at++;
    return true;
}

static void expect_char(struct footer_reader *reader, char c)
{
    if (!skip_char(reader, c)) reader->good = false;
}

static int read_number(struct footer_reader *reader, int least, int most)
{
    int number = 0;
    const char *from = reader->at;
    for (; *reader->at >= '0' && *reader->at <= '9' && number <= most; reader->at++) {
        number = number * 10 + (*reader->at - '0');
    }
    if (reader->at == from || number < least || number > most) reader->good = false;
    return reader->good ? number : least;
}

static void skip_name(struct footer_reader *reader)
{
    const char *from = reader->at;
    if (skip_char(reader, '<')) {
        while (*reader->at && *reader->at != '>') reader->at++;
        expect_char(reader, '>');
        return;
    }
    while ((*reader->at | 32) >= 'a' && (*reader->at | 32) <= 'z') reader->at++;
    if (reader->at - from < 3) reader->good = false;
}

/* [+-]hh[:mm[:ss]] */
static int32_t read_time(struct footer_reader *reader, int most_hours)
{
    bool negative = skip_char(reader, '-');
    if (!negative) (void)skip_char(reader, '+');
    int32_t seconds = read_number(reader, 0, most_hours) * 3600;
    if (skip_char(reader, ':')) seconds += read_number(reader, 0, 59) * 60;
    if (skip_char(reader, ':')) seconds += read_number(reader, 0, 59);
    return negative ? -seconds : seconds;
}

static struct change_rule read_rule(struct footer_reader *reader)
{
    struct change_rule rule = {.time_s = 2 * 3600};
    if (skip_char(reader, 'M')) {
        rule.kind = RULE_WEEKDAY;
        rule.month = read_number(reader, 1, 12);
        expect_char(reader, '.');
        rule.week = read_number(reader, 1, 5);
        expect_char(reader, '.');
        rule.day = read_number(reader, 0, 6);
    } else if (skip_char(reader, 'J')) {
        rule.kind = RULE_JULIAN;
        rule.day = read_number(reader, 1, 365);
    } else {
        rule.kind = RULE_DAY_OF_YEAR;
        rule.day = read_number(reader, 0, 365);
    }
    if (skip_char(reader, '/')) rule.time_s = read_time(reader, RULE_TIME_MAX_S / 3600 - 1);
    return rule;
}

static bool footer_read(const char *text, struct footer *ret_footer)
{
    struct footer_reader reader = {text, true};
    struct footer footer = {.present = true};
    skip_name(&reader);
    footer.standard_s = -read_time(&reader, 24);
    footer.summer_s = footer.standard_s + 3600;
    if (*reader.at && reader.good) {
        footer.has_summer = true;
        skip_name(&reader);
        if (*reader.at != ',') footer.summer_s = -read_time(&reader, 24);
        expect_char(&reader, ',');
        footer.start = read_rule(&reader);
        expect_char(&reader, ',');
        footer.end = read_rule(&reader);
    }
    *ret_footer = footer;
    return reader.good && !*reader.at;
}

/* What clocks show when the rule changes them, in a year. */
static int64_t rule_shown_s(const struct change_rule *rule, int64_t year)
{
    int64_t days = date_to_days((struct date){year, 1, 1});
    switch (rule->kind) {
    case RULE_JULIAN: /* 29 February is not counted */
        days += rule->day - 1 + (date_is_leap_year(year) && rule->day >= 60);
        break;
    case RULE_DAY_OF_YEAR: days += rule->day; break;
    case RULE_WEEKDAY:
        days = date_to_days((struct date){year, rule->month, 1});
        days += (rule->day - date_weekday(days) + 7) % 7 + (rule->week - 1) * 7;
        if (date_of_days(days).month != rule->month) days -= 7; /* the fifth is the last */
        break;
    }
    return days * SECONDS_PER_DAY + rule->time_s;
}

static struct zone_period footer_period_at(const struct footer *footer, int64_t utc_s)
{
    struct zone_period period = {INT64_MIN, INT64_MAX, footer->standard_s};
    if (!footer->has_summer) return period;
    int64_t year = date_of_days(floor_divide(utc_s, SECONDS_PER_DAY)).year;
    struct change {
        int64_t at_s;
        int32_t offset_s;
    } changes[6];
    size_t count = 0;
    for (int64_t y = year - 1; y <= year + 1; y++) {
        struct change pair[2] = {
            {rule_shown_s(&footer->start, y) - footer->standard_s, footer->summer_s},
            {rule_shown_s(&footer->end, y) - footer->summer_s, footer->standard_s},
        };
        bool southern = pair[1].at_s < pair[0].at_s;
        changes[count++] = pair[southern];
        changes[count++] = pair[!southern];
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].at_s > utc_s) {
            period.until_s = changes[i].at_s;
            break;
        }
        period.from_s = changes[i].at_s;
        period.offset_s = changes[i].offset_s;
    }
    return period;
}

/* --- The file */

struct block { /* one of the two data blocks of a file */
    size_t times, indices, types, end;
    size_t time_count, type_count, leap_count;
    size_t time_bytes; /* 4 or 8 */
};

static uint32_t read_u32(struct view bytes, size_t at)
{
    const unsigned char *b = (const unsigned char *)bytes.data + at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int64_t read_time_of(struct view bytes, size_t at, size_t size)
{
    if (size == 4) return (int32_t)read_u32(bytes, at);
    return (int64_t)((uint64_t)read_u32(bytes, at) << 32 | read_u32(bytes, at + 4));
}

/* Lays out the block whose header stands at `at`; false when the file is too short for it. */
static bool block_find(struct view bytes, size_t at, size_t time_bytes, struct block *ret_block)
{
    if (bytes.length < at + HEADER_BYTES || memcmp(bytes.data + at, "TZif", 4) != 0) return false;
    uint64_t counts[6]; /* isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt */
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        counts[i] = read_u32(bytes, at + 20 + 4 * i);
        if (counts[i] > ZONE_MAX_BYTES) return false;
    }
    struct block block = {
        .times = at + HEADER_BYTES,
        .time_count = counts[3],
        .type_count = counts[4],
        .leap_count = counts[2],
        .time_bytes = time_bytes,
    };
    block.indices = block.times + block.time_count * time_bytes;
    block.types = block.indices + block.time_count;
    block.end = block.types + block.type_count * TYPE_BYTES + counts[5] +
                block.leap_count * (time_bytes + 4) + counts[1] + counts[0];
    *ret_block = block;
    return block.end <= bytes.length && block.type_count > 0;
}

static bool type_offset(struct view bytes, const struct block *block, size_t type, int32_t *ret_s)
{
    if (type >= block->type_count) return false;
    *ret_s = (int32_t)read_u32(bytes, block->types + type * TYPE_BYTES);
    return *ret_s > -OFFSET_MAX_S && *ret_s < OFFSET_MAX_S;
}

static bool zone_fill(struct zone *zone, struct view bytes, const struct block *block)
{
    zone->times = xcalloc(block->time_count + 1, sizeof(*zone->times));
    zone->offsets = xcalloc(block->time_count + 1, sizeof(*zone->offsets));
    if (!type_offset(bytes, block, 0, &zone->first_offset)) return false;
    for (size_t i = 0; i < block->time_count; i++) {
        int64_t time = read_time_of(bytes, block->times + i * block->time_bytes, block->time_bytes);
        size_t type = (unsigned char)bytes.data[block->indices + i];
        if (i > 0 && time <= zone->times[i - 1]) return false;
        if (!type_offset(bytes, block, type, &zone->offsets[i])) return false;
        zone->times[i] = time;
        zone->count++;
    }
    return true;
}

static bool fill_footer(struct zone *zone, struct view rest)
{
    if (!rest.length || rest.data[0] != '\n') return false;
    size_t end = view_find_char(view_from(rest, 1), '\n');
    if (end == SIZE_MAX) return false;
    if (!end) return true; /* nothing is known of what comes after the table */
    AUTO_FREE char *text = xstrndup(rest.data + 1, end);
    return strlen(text) == end && footer_read(text, &zone->footer);
}

struct zone *zone_read(struct view bytes, struct error *error)
{
    struct block block;
    AUTO(zone) zone = NEW(struct zone);
    bool good = block_find(bytes, 0, 4, &block);
    bool has_footer = good && bytes.data[4] >= '2';
    if (has_footer) good = block_find(bytes, block.end, 8, &block);
    if (good && block.leap_count) {
        (void)error_set(error, "the time zone counts leap seconds");
        return NULL;
    }
    good = good && zone_fill(zone, bytes, &block);
    if (good && has_footer) good = fill_footer(zone, view_from(bytes, block.end));
    if (good) return take(zone);
    (void)error_set(error, "the time zone's file is damaged");
    return NULL;
}

/* Names lead nowhere else: letters, digits, '_', '+', '-', and '/' between parts. */
static bool name_is_valid(const char *name)
{
    size_t length = strlen(name), part = 0;
    if (length > NAME_MAX_BYTES) return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool word = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
                    c == '+' || c == '-';
        if (!word && (c != '/' || !part)) return false;
        part = word ? part + 1 : 0;
    }
    return part > 0;
}

struct zone *zone_new(const char *name, struct error *error)
{
    if (!name || !*name || !strcmp(name, "UTC")) {
        struct zone *utc = NEW(struct zone);
        utc->utc = true;
        return utc;
    }
    AUTO_BUF bytes = BUF_INIT(ZONE_MAX_BYTES);
    AUTO_FREE char *path = xasprintf("%s/%s", ZONE_DIRECTORY, name);
    struct zone *zone = NULL;
    if (name_is_valid(name) && file_read(path, &bytes, NULL) && bytes.length >= 4 &&
        !memcmp(bytes.data, "TZif", 4)) {
        zone = zone_read(buf_view(&bytes), error);
        if (!zone) (void)error_wrap(error, "'%s'", name);
        return zone;
    }
    (void)error_set(error, "there is no time zone '%s'", name);
    return NULL;
}

void zone_free(struct zone *zone)
{
    if (!zone) return;
    free(zone->times);
    free(zone->offsets);
    free(zone);
}

/* --- Asking */

/* How many periods of the table have begun. */
static size_t begun_count(const struct zone *zone, int64_t utc_s)
{
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->times[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct zone_period zone_period_at(const struct zone *zone, int64_t utc_s)
{
    size_t begun = begun_count(zone, utc_s);
    struct zone_period period = {
        .from_s = begun ? zone->times[begun - 1] : INT64_MIN,
        .until_s = begun < zone->count ? zone->times[begun] : INT64_MAX,
        .offset_s = begun ? zone->offsets[begun - 1] : zone->first_offset,
    };
    if (begun < zone->count || !zone->footer.present) return period;
    struct zone_period ruled = footer_period_at(&zone->footer, utc_s);
    if (ruled.from_s < period.from_s) ruled.from_s = period.from_s;
    return ruled;
}

enum zone_moment zone_moments(const struct zone *zone, int64_t shown_s, int64_t *ret_first_s,
                              int64_t *ret_last_s)
{
    size_t found = 0;
    struct zone_period period = zone_period_at(zone, shown_s - OFFSET_MAX_S);
    *ret_first_s = *ret_last_s = shown_s - period.offset_s;
    for (int i = 0; i < MOMENTS_MAX_PERIODS; i++) {
        int64_t utc_s = shown_s - period.offset_s;
        if (utc_s < period.from_s && !found) { /* the clocks jumped over it */
            *ret_first_s = *ret_last_s = period.from_s;
            return ZONE_NEVER;
        }
        if (utc_s >= period.from_s && utc_s < period.until_s) {
            if (!found++) *ret_first_s = utc_s;
            *ret_last_s = utc_s;
        }
        if (period.until_s > shown_s + OFFSET_MAX_S) break;
        period = zone_period_at(zone, period.until_s);
    }
    return found > 1 ? ZONE_TWICE : ZONE_ONCE;
}

void zone_format_rfc3339(const struct zone *zone, int64_t wall_us,
                         char text[static CLOCK_RFC3339_SIZE])
{
    int64_t utc_s = floor_divide(wall_us, US_PER_SECOND);
    calendar_format_rfc3339(wall_us, zone_period_at(zone, utc_s).offset_s, zone->utc, text);
}
