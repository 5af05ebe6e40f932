/* SPDX-License-Identifier: Apache-2.0 */
/* See range.h. */
#include "report/range.h"

#include "base/decimal.h"

#include <math.h>

/* The guidelines know digits, a sign and a point; performance data repeats the range as it was
 * written, and who reads that knows no more. */
static bool read_number(struct view text, double *ret_number)
{
    struct decimal number;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (!(c >= '0' && c <= '9') && c != '.' && c != '-') return false;
    }
    if (!decimal_parse(text, &number)) return false;
    *ret_number = decimal_to_double(number);
    return true;
}

static bool read_ends(struct view text, struct range *range)
{
    size_t colon = view_find_char(text, ':');
    range->from = 0;
    range->to = HUGE_VAL;
    if (colon == SIZE_MAX) return read_number(text, &range->to);
    struct view from = view_slice(text, 0, colon), to = view_from(text, colon + 1);
    if (view_is(from, "~"))
        range->from = -HUGE_VAL;
    else if (from.length && !read_number(from, &range->from))
        return false;
    return !to.length || read_number(to, &range->to);
}

bool range_parse(struct view text, struct range *ret_range, struct error *error)
{
    struct range range = {.given = true, .text = text};
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

bool range_alerts(const struct range *range, double value)
{
    if (!range->given) return false;
    bool inside = value >= range->from && value <= range->to;
    return inside == range->inside;
}
