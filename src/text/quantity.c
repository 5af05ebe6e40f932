/* SPDX-License-Identifier: Apache-2.0 */
/* See quantity.h. */
#include "text/quantity.h"

#include "base/clock.h"

struct unit {
    const char *name;
    int64_t worth;
};

/* Larger before smaller: that is also the order in which they may stand. */
static const struct unit time_units[] = {
    {"w", 7 * 24 * 3600 * US_PER_SECOND},
    {"d", 24 * 3600 * US_PER_SECOND},
    {"h", 3600 * US_PER_SECOND},
    {"m", 60 * US_PER_SECOND},
    {"s", US_PER_SECOND},
    {"ms", US_PER_MS},
    {"us", 1},
};

static const struct unit size_units[] = {
    {"GiB", INT64_C(1) << 30}, {"GB", 1000000000}, {"MiB", 1 << 20}, {"MB", 1000000},
    {"KiB", 1 << 10},          {"KB", 1000},       {"kB", 1000},     {"B", 1},
};

static const struct unit rate_units[] = {
    {"second", US_PER_SECOND},
    {"minute", 60 * US_PER_SECOND},
    {"hour", 3600 * US_PER_SECOND},
    {"day", 24 * 3600 * US_PER_SECOND},
};

/* Cuts "1.5" off the front of "1.5s". */
static bool take_number(struct view *rest, struct decimal *ret_number)
{
    size_t length = 0;
    while (length < rest->length &&
           (view_is_digit(rest->data[length]) || rest->data[length] == '.'))
        length++;
    if (!length || !decimal_parse(view_slice(*rest, 0, length), ret_number)) return false;
    *rest = view_from(*rest, length);
    return true;
}

static struct view take_word(struct view *rest)
{
    size_t length = 0;
    while (length < rest->length && !view_is_digit(rest->data[length])) length++;
    struct view word = view_slice(*rest, 0, length);
    *rest = view_from(*rest, length);
    return word;
}

static const struct unit *unit_of(struct view word, const struct unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (view_is(word, units[i].name)) return &units[i];
    }
    return NULL;
}

/* number x worth as a whole number; more places than that are a bad number. */
static enum quantity_fault worth_of(struct decimal number, int64_t worth, int64_t *ret_whole)
{
    struct decimal product;
    if (!decimal_multiply(number, decimal_of(worth), &product)) return QUANTITY_TOO_LARGE;
    product = decimal_normal(product);
    if (product.scale) return QUANTITY_BAD_NUMBER;
    *ret_whole = product.units;
    return QUANTITY_OK;
}

enum quantity_fault quantity_duration(struct view text, int64_t *ret_us)
{
    int64_t total_us = 0;
    const struct unit *before = NULL;
    if (!text.length) return QUANTITY_BAD_NUMBER;
    while (text.length) {
        struct decimal number;
        int64_t part_us = 0;
        if (!take_number(&text, &number)) return QUANTITY_BAD_NUMBER;
        struct view word = take_word(&text);
        if (!word.length) return QUANTITY_NO_UNIT;
        const struct unit *unit = unit_of(word, time_units, COUNT_OF(time_units));
        if (!unit || (before && unit <= before)) return QUANTITY_BAD_UNIT;
        enum quantity_fault fault = worth_of(number, unit->worth, &part_us);
        if (fault != QUANTITY_OK) return fault;
        if (__builtin_add_overflow(total_us, part_us, &total_us)) return QUANTITY_TOO_LARGE;
        before = unit;
    }
    /* A century is more than anything here waits for, and leaves room to add. */
    if (total_us > INT64_C(100) * 366 * 24 * 3600 * US_PER_SECOND) return QUANTITY_TOO_LARGE;
    *ret_us = total_us;
    return QUANTITY_OK;
}

enum quantity_fault quantity_size(struct view text, uint64_t *ret_bytes)
{
    struct decimal number;
    int64_t bytes = 0;
    if (!take_number(&text, &number)) return QUANTITY_BAD_NUMBER;
    if (!text.length) return QUANTITY_NO_UNIT;
    const struct unit *unit = unit_of(text, size_units, COUNT_OF(size_units));
    if (!unit) return QUANTITY_BAD_UNIT;
    enum quantity_fault fault = worth_of(number, unit->worth, &bytes);
    if (fault == QUANTITY_OK) *ret_bytes = (uint64_t)bytes;
    return fault;
}

enum quantity_fault quantity_percentage(struct view text, struct decimal *ret_percent)
{
    struct decimal number;
    if (!take_number(&text, &number)) return QUANTITY_BAD_NUMBER;
    if (!text.length) return QUANTITY_NO_UNIT;
    if (!view_is(text, "%")) return QUANTITY_BAD_UNIT;
    if (decimal_compare(number, decimal_of(100)) > 0) return QUANTITY_TOO_LARGE;
    *ret_percent = number;
    return QUANTITY_OK;
}

enum quantity_fault quantity_rate(struct view text, uint32_t *ret_count, int64_t *ret_per_us)
{
    struct decimal number;
    if (!take_number(&text, &number) || number.scale) return QUANTITY_BAD_NUMBER;
    if (number.units > UINT32_MAX) return QUANTITY_TOO_LARGE;
    if (!text.length) return QUANTITY_NO_UNIT;
    if (text.data[0] != '/') return QUANTITY_BAD_UNIT;
    const struct unit *unit = unit_of(view_from(text, 1), rate_units, COUNT_OF(rate_units));
    if (!unit) return QUANTITY_BAD_UNIT;
    *ret_count = (uint32_t)number.units;
    *ret_per_us = unit->worth;
    return QUANTITY_OK;
}

/* Three digits at the most, without trailing zeros: 1.5, 340, 0.25. */
static void add_three_digits(double value, const char *unit, struct buf *out)
{
    int places = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    AUTO_BUF text = BUF_INIT(64);
    buf_addf(&text, "%.*f", places, value);
    while (places && text.data[text.length - 1] == '0') buf_truncate(&text, text.length - 1);
    if (text.data[text.length - 1] == '.') buf_truncate(&text, text.length - 1);
    buf_addf(out, "%s %s", buf_text(&text), unit);
}

void quantity_print_duration(int64_t us, struct buf *out)
{
    if (us < 0) us = 0;
    if (us < US_PER_MS) {
        buf_addf(out, "%d us", (int)us);
    } else if (us < US_PER_SECOND) {
        add_three_digits((double)us / US_PER_MS, "ms", out);
    } else if (us < 60 * US_PER_SECOND) {
        add_three_digits((double)us / US_PER_SECOND, "s", out);
    } else {
        int64_t seconds = (us + US_PER_SECOND / 2) / US_PER_SECOND;
        if (seconds < 3600)
            buf_addf(out, "%dm %02ds", (int)(seconds / 60), (int)(seconds % 60));
        else
            buf_addf(out, "%lldh %02dm", (long long)(seconds / 3600), (int)(seconds / 60 % 60));
    }
}

/* A clock that says otherwise is not worth a broken number. */
static uint64_t not_negative(int64_t us)
{
    return us > 0 ? (uint64_t)us : 0;
}

void quantity_print_ms(int64_t us, struct buf *out)
{
    uint64_t rest = not_negative(us) % US_PER_MS;
    buf_add_number(out, not_negative(us) / US_PER_MS, 1);
    if (!rest) return;
    unsigned digits = 3;
    for (; rest % 10 == 0; rest /= 10) digits--;
    buf_add_char(out, '.');
    buf_add_number(out, rest, digits);
}

void quantity_print_seconds(int64_t us, struct buf *out)
{
    buf_add_number(out, not_negative(us) / US_PER_SECOND, 1);
    buf_add_char(out, '.');
    buf_add_number(out, not_negative(us) % US_PER_SECOND, 6);
}

void quantity_write_duration(int64_t us, struct buf *out)
{
    if (us == 0) buf_add_text(out, "0s");
    for (size_t i = 1; us > 0 && i < COUNT_OF(time_units);
         i++) { /* weeks read no better than days */
        if (us < time_units[i].worth) continue;
        buf_addf(out, "%lld%s", (long long)(us / time_units[i].worth), time_units[i].name);
        us %= time_units[i].worth;
    }
}
