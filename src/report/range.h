/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thresholds as monitoring plugins take them (monitoring-plugins.org, developer guidelines,
 * "Threshold and ranges"): "[@]start:end", both ends inside. What is outside alerts; with '@', what
 * is inside. "10" is "0:10", "10:" has no end, "~:10" no beginning.
 */
#ifndef SHOPPER_REPORT_RANGE_H
#define SHOPPER_REPORT_RANGE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/view.h"

#include <stdbool.h>

struct range {
    bool given;       /* false, as in zeroed memory: never alerts */
    bool inside;      /* alerts inside instead of outside */
    double from, to;  /* may be infinite */
    struct view text; /* as it was written; borrowed */
    bool plain;       /* it was written as the guidelines have it */
};

/* Numbers are those that plugins take that read them with strtod: "10", ".5", "+5", "1e3". `text`
 * must outlive the range. Surrounding blanks are not accepted. */
bool range_parse(struct view text, struct range *ret_range, struct error *error) MUST_CHECK;
/* For people and performance data: digits, a sign and a point, whatever it was written with. */
void range_print(const struct range *range, struct buf *out);
bool range_alerts(const struct range *range, double value);

#endif
