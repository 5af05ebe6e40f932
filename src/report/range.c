/* SPDX-License-Identifier: Apache-2.0 */
/* See range.h. */
#include "report/range.h"

#include "base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The guidelines know digits, a sign and a point, and who reads performance data knows no more. */
static bool is_plain(struct view text)
{
    struct decimal number;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (!(c >= '0' && c <= '9') && c != '.' && c != '-') return false;
    }
    return decimal_parse(text, &number);
}

static bool read_number(struct view text, struct range *range, double *ret_number)
{
    char copy[64], *end = NULL;
    if (!text.length || text.length >= sizeof copy) return false;
    for (size_t i = 0; i < text.length; i++) {
        if (!text.data[i] || !strchr("0123456789.+-eE", text.data[i])) return false;
    }
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    *ret_number = strtod(copy, &end);
    if (end == copy || *end || !isfinite(*ret_number)) return false;
    if (!is_plain(text)) range->plain = false;
    return true;
}

static bool read_ends(struct view text, struct range *range)
{
    size_t colon = view_find_char(text, ':');
    range->from = 0;
    range->to = HUGE_VAL;
    if (colon == SIZE_MAX) return read_number(text, range, &range->to);
    struct view from = view_slice(text, 0, colon), to = view_from(text, colon + 1);
    if (view_is(from, "~"))
        range->from = -HUGE_VAL;
    else if (from.length && !read_number(from, range, &range->from))
        return false;
    return !to.length || read_number(to, range, &range->to);
}

bool range_parse(struct view text, struct range *ret_range, struct error *error)
{
    struct range range = {.given = true, .text = text, .plain = true};
    range.inside = text.length && text.data[0] == '@';
    struct view ends = view_from(text, range.inside ? 1 : 0);
    if (!ends.length || view_is(ends, ":") || !read_ends(ends, &range)) {
        return error_set(error, "'%.*s' is no range such as 10, 10:, ~:10, 10:20 or @10:20",
                         VIEW_PRINTF(text));
    }
    if (range.from > range.to) {
        return error_set(error, "the range '%.*s' ends before it begins", VIEW_PRINTF(text));
    }
    *ret_range = range;
    return true;
}

static void print_number(double number, struct buf *out)
{
    char text[400]; /* as long as a double gets without an exponent */
    snprintf(text, sizeof text, "%.9f", number);
    size_t length = strlen(text);
    while (text[length - 1] == '0') length--;
    if (text[length - 1] == '.') length--;
    buf_add(out, text, length);
}

void range_print(const struct range *range, struct buf *out)
{
    if (!range->given || range->plain) {
        buf_add_view(out, range->text);
        return;
    }
    if (range->inside) buf_add_char(out, '@');
    if (isinf(range->from)) {
        buf_add_text(out, "~:");
    } else if (range->from < 0 || range->from > 0 || isinf(range->to)) {
        print_number(range->from, out);
        buf_add_char(out, ':');
    }
    if (!isinf(range->to)) print_number(range->to, out);
}

bool range_alerts(const struct range *range, double value)
{
    if (!range->given) return false;
    bool inside = value >= range->from && value <= range->to;
    return inside == range->inside;
}
