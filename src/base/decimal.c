/* SPDX-License-Identifier: Apache-2.0 */
/* See decimal.h. Intermediates are 128 bits wide, so that only a result can be too large. */
#include "base/decimal.h"

__extension__ typedef __int128 wide;

static const int64_t powers_of_ten[DECIMAL_MAX_SCALE + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

struct decimal decimal_of(int64_t whole)
{
    return (struct decimal){whole, 0};
}

/* Drops trailing zeros until the units fit and the scale is allowed. */
static bool narrow(wide units, int scale, struct decimal *ret_number)
{
    while ((scale > DECIMAL_MAX_SCALE || units > INT64_MAX || units < INT64_MIN) && scale > 0 &&
           units % 10 == 0) {
        units /= 10;
        scale--;
    }
    if (scale > DECIMAL_MAX_SCALE || units > INT64_MAX || units < INT64_MIN) return false;
    *ret_number = (struct decimal){(int64_t)units, scale};
    return true;
}

/* --- Reading */

struct reader {
    struct view text;
    size_t at;
};

static char reader_peek(const struct reader *reader)
{
    return reader->at < reader->text.length ? reader->text.data[reader->at] : '\0';
}

/* Digits into *units; false when there is none or they are too many. */
static bool read_digits(struct reader *reader, wide *units, int *ret_count)
{
    const wide limit = (wide)INT64_MAX * 1000000;
    int count = 0;
    for (; view_is_digit(reader_peek(reader)); reader->at++, count++) {
        if (*units > limit) return false;
        *units = *units * 10 + (reader_peek(reader) - '0');
    }
    *ret_count = count;
    return count > 0;
}

static bool read_exponent(struct reader *reader, int *ret_exponent)
{
    *ret_exponent = 0;
    if (reader_peek(reader) != 'e' && reader_peek(reader) != 'E') return true;
    reader->at++;
    bool negative = reader_peek(reader) == '-';
    if (negative || reader_peek(reader) == '+') reader->at++;
    wide exponent = 0;
    int count = 0;
    if (!read_digits(reader, &exponent, &count) || exponent > 1000) return false;
    *ret_exponent = negative ? -(int)exponent : (int)exponent;
    return true;
}

static bool apply_exponent(wide units, int scale, int exponent, struct decimal *ret_number)
{
    scale -= exponent;
    for (; scale < 0; scale++) {
        if (units > (wide)INT64_MAX || units < (wide)INT64_MIN) return false;
        units *= 10;
    }
    if (units == 0 && scale > DECIMAL_MAX_SCALE) scale = 0;
    return narrow(units, scale, ret_number);
}

bool decimal_parse(struct view text, struct decimal *ret_number)
{
    struct reader reader = {text, 0};
    bool negative = reader_peek(&reader) == '-';
    if (negative || reader_peek(&reader) == '+') reader.at++;
    wide units = 0;
    int whole = 0, places = 0, exponent = 0;
    bool leading_zero = reader_peek(&reader) == '0';
    if (!read_digits(&reader, &units, &whole) || (leading_zero && whole > 1)) return false;
    if (reader_peek(&reader) == '.') {
        reader.at++;
        if (!read_digits(&reader, &units, &places)) return false;
    }
    if (!read_exponent(&reader, &exponent) || reader.at != text.length) return false;
    return apply_exponent(negative ? -units : units, places, exponent, ret_number);
}

/* --- Writing */

void decimal_print(struct decimal number, struct buf *out)
{
    uint64_t units = number.units < 0 ? 0 - (uint64_t)number.units : (uint64_t)number.units;
    uint64_t power = (uint64_t)powers_of_ten[number.scale];
    if (number.units < 0) buf_add_char(out, '-');
    buf_add_number(out, units / power, 1);
    if (!number.scale) return;
    buf_add_char(out, '.');
    buf_add_number(out, units % power, (unsigned)number.scale);
}

struct decimal decimal_normal(struct decimal number)
{
    while (number.scale > 0 && number.units % 10 == 0) {
        number.units /= 10;
        number.scale--;
    }
    return number;
}

double decimal_to_double(struct decimal number)
{
    return (double)number.units / (double)powers_of_ten[number.scale];
}

/* --- Calculating */

/* Both units at the larger of the two scales; at most 2^63 * 10^18, which 128 bits hold. */
static int align(struct decimal a, struct decimal b, wide *ret_a, wide *ret_b)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;
    *ret_a = (wide)a.units * powers_of_ten[scale - a.scale];
    *ret_b = (wide)b.units * powers_of_ten[scale - b.scale];
    return scale;
}

int decimal_compare(struct decimal a, struct decimal b)
{
    wide left, right;
    align(a, b, &left, &right);
    return (left > right) - (left < right);
}

int decimal_sign(struct decimal number)
{
    return (number.units > 0) - (number.units < 0);
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret_sum)
{
    wide left, right;
    int scale = align(a, b, &left, &right);
    return narrow(left + right, scale, ret_sum);
}

bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *ret_rest)
{
    wide left, right;
    int scale = align(a, b, &left, &right);
    return narrow(left - right, scale, ret_rest);
}

bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *ret_product)
{
    a = decimal_normal(a);
    b = decimal_normal(b);
    return narrow((wide)a.units * b.units, a.scale + b.scale, ret_product);
}

bool decimal_divide(struct decimal a, struct decimal b, struct decimal *ret_quotient)
{
    if (!b.units) return false;
    wide left, right;
    align(a, b, &left, &right);
    while (left % 10 == 0 && right % 10 == 0 && left) {
        left /= 10;
        right /= 10;
    }
    const wide limit = (wide)INT64_MAX * powers_of_ten[DECIMAL_DIVISION_SCALE];
    if (left > limit || left < -limit) return false;
    left *= powers_of_ten[DECIMAL_DIVISION_SCALE];
    wide quotient = left / right, rest = left % right;
    wide twice = rest < 0 ? -2 * rest : 2 * rest, size = right < 0 ? -right : right;
    bool up = twice > size || (twice == size && quotient % 2 != 0);
    if (up) quotient += (left < 0) == (right < 0) ? 1 : -1;
    struct decimal result;
    if (!narrow(quotient, DECIMAL_DIVISION_SCALE, &result)) return false;
    *ret_quotient = decimal_normal(result);
    return true;
}
