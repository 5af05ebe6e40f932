/* SPDX-License-Identifier: Apache-2.0 */
/* See cron.h. Reads expressions; cron_next.c knows when they fire. */
#include "journey/cron.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

static const struct field {
    const char *what;
    int least, most;
    const char *const *names; /* the first one is `least` */
} fields[] = {
    {"minute", 0, 59, NULL},          {"hour", 0, 23, NULL},
    {"day of month", 1, 31, NULL},    {"month", 1, 12, month_names},
    {"day of week", 0, 7, day_names},
};

static const struct {
    const char *word, *expression;
} nicknames[] = {
    {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},   {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
};

/* Where reading stopped, and why. */
struct cron_reader {
    struct view text;
    size_t at;
    size_t *ret_offset, *ret_length;
    struct buf *message;
};

static bool refuse(struct cron_reader *reader, size_t from, size_t length, const char *format,
                   const char *what, int least, int most)
{
    *reader->ret_offset = from;
    *reader->ret_length = length ? length : 1;
    AUTO_FREE char *word = xstrndup(reader->text.data + from, length);
    buf_addf(reader->message, "%s: ", what);
    if (!strcmp(format, "range"))
        buf_addf(reader->message, "'%s' is not from %d to %d", word, least, most);
    else if (!strcmp(format, "order"))
        buf_addf(reader->message, "the range '%s' ends before it begins", word);
    else if (!strcmp(format, "step"))
        buf_addf(reader->message, "the step '%s' must be 1 to %d", word, most);
    else
        buf_addf(reader->message, "'%s' is no number%s", word, least < 0 ? " or name" : "");
    return false;
}

static bool is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct view word_at(const struct cron_reader *reader)
{
    size_t end = reader->at;
    while (end < reader->text.length && is_word_char(reader->text.data[end])) end++;
    return view_slice(reader->text, reader->at, end - reader->at);
}

static char peek(const struct cron_reader *reader)
{
    return reader->at < reader->text.length ? reader->text.data[reader->at] : '\0';
}

/* The number that a word of digits or a name stands for, or -1. */
static int number_of(struct view word, const struct field *field)
{
    int number = 0;
    for (size_t i = 0; field->names && field->names[i]; i++) {
        if (view_is_nocase(word, field->names[i])) return (int)i + field->least;
    }
    if (!word.length || word.length > 3) return -1;
    for (size_t i = 0; i < word.length; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') return -1;
        number = number * 10 + (word.data[i] - '0');
    }
    return number;
}

static bool read_number(struct cron_reader *reader, const struct field *field, int *ret_number)
{
    struct view word = word_at(reader);
    int number = number_of(word, field);
    size_t length = word.length ? word.length : (reader->at < reader->text.length ? 1 : 0);
    if (number < 0)
        return refuse(reader, reader->at, length, "number", field->what, field->names ? -1 : 0, 0);
    if (number < field->least || number > field->most) {
        return refuse(reader, reader->at, length, "range", field->what, field->least, field->most);
    }
    reader->at += word.length;
    *ret_number = number;
    return true;
}

static bool read_step(struct cron_reader *reader, const struct field *field, int *ret_step)
{
    *ret_step = 1;
    if (peek(reader) != '/') return true;
    reader->at++;
    const struct field any = {field->what, 1, field->most, NULL};
    struct view word = word_at(reader);
    int step = number_of(word, &any);
    if (step < 1 || step > field->most)
        return refuse(reader, reader->at, word.length, "step", field->what, 1, field->most);
    reader->at += word.length;
    *ret_step = step;
    return true;
}

/* One of `*`, `n`, `n-m`, each with an optional `/step`. */
static bool read_range(struct cron_reader *reader, const struct field *field, uint64_t *bits)
{
    size_t start = reader->at;
    int first = field->least, last = field->most, step = 1;
    if (peek(reader) == '*' || peek(reader) == '?') {
        reader->at++;
    } else {
        if (!read_number(reader, field, &first)) return false;
        last = first;
        if (peek(reader) == '-') {
            reader->at++;
            if (!read_number(reader, field, &last)) return false;
            /* sat-sun: Sunday ends a week as well as it begins one */
            if (last == 0 && first > 0 && field->most == 7) last = 7;
        } else if (peek(reader) == '/') {
            last = field->most;
        }
        if (last < first)
            return refuse(reader, start, reader->at - start, "order", field->what, 0, 0);
    }
    if (!read_step(reader, field, &step)) return false;
    for (int n = first; n <= last; n += step) *bits |= UINT64_C(1) << n;
    return true;
}

static bool read_field(struct cron_reader *reader, const struct field *field, uint64_t *ret_bits,
                       bool *ret_restricted)
{
    *ret_bits = 0;
    *ret_restricted = peek(reader) != '*' && peek(reader) != '?';
    for (;;) {
        if (!read_range(reader, field, ret_bits)) return false;
        if (peek(reader) != ',') break;
        reader->at++;
    }
    if (reader->at == reader->text.length || peek(reader) == ' ' || peek(reader) == '\t')
        return true;
    return refuse(reader, reader->at, 1, "number", field->what, field->names ? -1 : 0, 0);
}

static void skip_blanks(struct cron_reader *reader)
{
    while (peek(reader) == ' ' || peek(reader) == '\t') reader->at++;
}

/* Days that no allowed month has: "30 2" never comes. */
static bool never_fires(const struct cron *cron)
{
    static const int days[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!cron->day_of_month_restricted || cron->day_of_week_restricted) return false;
    for (int month = 1; month <= 12; month++) {
        if (!(cron->months >> month & 1)) continue;
        if (cron->days_of_month & ((UINT64_C(1) << (days[month] + 1)) - 1)) return false;
    }
    return true;
}

static bool read_fields(struct cron_reader *reader, struct cron *ret_cron)
{
    uint64_t bits[COUNT_OF(fields)] = {0};
    bool restricted[COUNT_OF(fields)] = {false};
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        skip_blanks(reader);
        if (reader->at == reader->text.length) {
            *reader->ret_offset = reader->at;
            *reader->ret_length = 1;
            buf_addf(reader->message, "a cron expression has 5 fields; the %s is missing",
                     fields[i].what);
            return false;
        }
        if (!read_field(reader, &fields[i], &bits[i], &restricted[i])) return false;
    }
    skip_blanks(reader);
    if (reader->at < reader->text.length) {
        *reader->ret_offset = reader->at;
        *reader->ret_length = reader->text.length - reader->at;
        buf_add_text(reader->message, "a cron expression has 5 fields; this is one too many");
        return false;
    }
    *ret_cron = (struct cron){
        .minutes = bits[0],
        .hours = (uint32_t)bits[1],
        .days_of_month = (uint32_t)bits[2],
        .months = (uint32_t)bits[3],
        .days_of_week = (uint32_t)((bits[4] | bits[4] >> 7) & 0x7f), /* 7 is Sunday, too */
        .day_of_month_restricted = restricted[2],
        .day_of_week_restricted = restricted[4],
        .beat = !restricted[0] || !restricted[1],
    };
    return true;
}

bool cron_parse(struct view text, struct cron *ret_cron, size_t *ret_offset, size_t *ret_length,
                struct buf *message)
{
    struct cron_reader reader = {text, 0, ret_offset, ret_length, message};
    if (text.length && text.data[0] == '@') {
        for (size_t i = 0; i < COUNT_OF(nicknames); i++) {
            if (!view_is_nocase(text, nicknames[i].word)) continue;
            reader.text = view_of(nicknames[i].expression);
            return read_fields(&reader, ret_cron);
        }
        *ret_offset = 0;
        *ret_length = text.length;
        buf_addf(message, "'%.*s' is no nickname: @hourly, @daily, @weekly, @monthly, @yearly",
                 VIEW_PRINTF(text));
        return false;
    }
    if (!read_fields(&reader, ret_cron)) return false;
    if (!never_fires(ret_cron)) return true;
    *ret_offset = 0;
    *ret_length = text.length;
    buf_add_text(message, "this never fires: no such day is in these months");
    return false;
}
