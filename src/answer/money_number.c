/* SPDX-License-Identifier: Apache-2.0 */
/* See money_number.h. Signs and currencies are money_read.c's. */
#include "answer/money_number.h"

#include "answer/money_text.h"
#include "base/alloc.h"

#include <string.h>

#define MAX_PIECES 12
#define MAX_NUMBER_BYTES 64

static char char_at(struct view text, size_t at)
{
    return at < text.length ? text.data[at] : '\0';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_separator(char c)
{
    return c == '.' || c == ',' || c == '\'' || c == MONEY_POINT || c == MONEY_GROUP;
}

static size_t digits_end(struct view text, size_t at)
{
    while (view_is_digit(char_at(text, at))) at++;
    return at;
}

bool money_number_begins(struct view plain, size_t at)
{
    char c = char_at(plain, at);
    if (view_is_digit(c)) return true;
    if (c != '.' && c != ',' && c != MONEY_POINT) return false;
    if (!view_is_digit(char_at(plain, at + 1))) return false;
    /* The point of an abbreviation ("Rs.500", "S/.20") is none of the number's. */
    uint32_t before = money_text_before(plain, at);
    return !money_text_is_letter(before) && before != '/' && before != '.';
}

/* A space is of the number when the digits on both sides are grouped by threes. */
static bool is_group_space(struct view plain, size_t at, size_t piece_start, bool first,
                           bool only_spaces)
{
    size_t length = at - piece_start;
    if (char_at(plain, at) != ' ' || !only_spaces) return false;
    if (first ? length < 1 || length > 3 : length != 3) return false;
    return digits_end(plain, at + 1) == at + 4;
}

/* "e5", "E-2" of a machine's number, with no letter behind. */
static size_t exponent_end(struct view plain, size_t at)
{
    size_t next = at;
    if (char_at(plain, next) != 'e' && char_at(plain, next) != 'E') return at;
    next++;
    if (char_at(plain, next) == '+' || char_at(plain, next) == '-') next++;
    size_t end = digits_end(plain, next);
    return end == next || is_letter(char_at(plain, end)) ? at : end;
}

size_t money_number_end(struct view plain, size_t at)
{
    bool first = true, only_spaces = true;
    size_t piece_start = at;
    if (!view_is_digit(char_at(plain, at))) {
        at++; /* the point in front */
        only_spaces = false;
    }
    for (;;) {
        at = digits_end(plain, at);
        bool space = is_group_space(plain, at, piece_start, first, only_spaces);
        if (!space && !(is_separator(char_at(plain, at)) && view_is_digit(char_at(plain, at + 1))))
            break;
        first = false;
        only_spaces = space;
        at++;
        piece_start = at;
    }
    return exponent_end(plain, at);
}

struct pieces {
    struct view items[MAX_PIECES];
    char separators[MAX_PIECES]; /* in front of the piece */
    size_t count;
};

static bool split(struct view number, struct pieces *ret_pieces)
{
    struct pieces pieces = {.count = 0};
    size_t at = 0;
    do {
        if (pieces.count == MAX_PIECES) return false;
        size_t start = pieces.count ? at + 1 : at;
        at = digits_end(number, start);
        pieces.separators[pieces.count] = pieces.count ? number.data[start - 1] : '\0';
        pieces.items[pieces.count++] = view_slice(number, start, at - start);
    } while (at < number.length);
    *ret_pieces = pieces;
    return true;
}

/* Threes ("1.234.567"), or twos in front of a three as in India ("12,34,567"). */
static bool is_grouped(const struct pieces *pieces, size_t count)
{
    struct view first = pieces->items[0];
    if (count < 2) return true;
    if (!first.length || first.length > 3 || first.data[0] == '0') return false;
    size_t middle = count > 2 ? pieces->items[1].length : 3;
    if (middle != 2 && middle != 3) return false;
    if (middle == 2 && first.length > 2) return false;
    for (size_t i = 1; i < count; i++) {
        bool last = i + 1 == count;
        if (pieces->items[i].length != (last ? 3 : middle)) return false;
        if (pieces->separators[i] != pieces->separators[1]) return false;
    }
    return true;
}

/* A single separator. Three digits behind a point or comma are decided by the currency. */
static bool single_is_point(const struct pieces *pieces, int minor_units)
{
    struct view whole = pieces->items[0];
    char separator = pieces->separators[1];
    if (separator == MONEY_POINT) return true;
    if (separator == MONEY_GROUP || separator == ' ') return false;
    if (separator == '\'')
        return pieces->items[1].length == 2; /* 12'50, as it is written in Spain */
    if (pieces->items[1].length != 3) return true;
    bool no_group = !whole.length || whole.length > 3 || whole.data[0] == '0';
    return no_group || minor_units == 3;
}

/* Whether the last piece stands behind a decimal point. */
static bool last_is_fraction(const struct pieces *pieces, int minor_units)
{
    if (pieces->count < 2) return false;
    if (pieces->count == 2) return single_is_point(pieces, minor_units);
    char last = pieces->separators[pieces->count - 1];
    if (last == '\'' && pieces->items[pieces->count - 1].length != 2) return false;
    return last != pieces->separators[1] && last != ' ' && last != MONEY_GROUP;
}

static bool join(const struct pieces *pieces, size_t whole_count, struct buf *out)
{
    AUTO_BUF digits = BUF_INIT(MAX_NUMBER_BYTES);
    for (size_t i = 0; i < whole_count; i++) buf_add_view(&digits, pieces->items[i]);
    struct view whole = buf_view(&digits);
    while (whole.length > 1 && whole.data[0] == '0') whole = view_from(whole, 1);
    buf_add_view(out, whole.length ? whole : VIEW_LITERAL("0"));
    if (whole_count < pieces->count) {
        buf_add_char(out, '.');
        buf_add_view(out, pieces->items[whole_count]);
    }
    return !digits.overflowed && !out->overflowed;
}

static bool has_exponent(struct view number)
{
    return view_find_char(number, 'e') != SIZE_MAX || view_find_char(number, 'E') != SIZE_MAX;
}

/* Whether it is JSON's syntax, so that what cannot be held is too large and not malformed. */
static enum money_reading read_exponent(struct view number, struct decimal *ret_amount)
{
    if (decimal_parse(number, ret_amount)) return MONEY_READ;
    for (size_t i = 0; i < number.length; i++) {
        if (number.data[i] == ',' || number.data[i] == '\'' || number.data[i] == ' ')
            return MONEY_MALFORMED;
    }
    return MONEY_TOO_LARGE;
}

enum money_reading money_number_read(struct view number, int minor_units,
                                     struct decimal *ret_amount)
{
    struct pieces pieces;
    if (has_exponent(number)) return read_exponent(number, ret_amount);
    if (!split(number, &pieces)) return MONEY_MALFORMED;
    bool fraction = last_is_fraction(&pieces, minor_units);
    size_t whole_count = pieces.count - fraction;
    if (!is_grouped(&pieces, whole_count)) return MONEY_MALFORMED;
    for (size_t i = 1; i < whole_count; i++) {
        if (pieces.separators[i] == MONEY_POINT) return MONEY_MALFORMED;
    }
    AUTO_BUF text = BUF_INIT(MAX_NUMBER_BYTES);
    if (!join(&pieces, whole_count, &text)) return MONEY_TOO_LARGE;
    return decimal_parse(buf_view(&text), ret_amount) ? MONEY_READ : MONEY_TOO_LARGE;
}
