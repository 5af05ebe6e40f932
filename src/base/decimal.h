/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact decimal numbers: units times ten to the minus scale. Never floating point: what does not
 * fit is refused, not rounded; only division rounds, half to even, to DECIMAL_DIVISION_SCALE
 * places.
 */
#ifndef SHOPPER_BASE_DECIMAL_H
#define SHOPPER_BASE_DECIMAL_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct decimal {
    int64_t units;
    int scale; /* 0 to DECIMAL_MAX_SCALE digits behind the point */
};

#define DECIMAL_MAX_SCALE 18
#define DECIMAL_DIVISION_SCALE 10

struct decimal decimal_of(int64_t whole);
/* A number as JSON writes it (RFC 8259, section 6), a leading '+' allowed; false when it is none or
 * does not fit. "1e3" is 1000. The result is not normalised: "1.50" keeps scale 2. */
bool decimal_parse(struct view text, struct decimal *ret_number) MUST_CHECK;
void decimal_print(struct decimal number, struct buf *out); /* all its places: "1.50" */
struct decimal decimal_normal(struct decimal number);       /* without trailing zeros */
int decimal_compare(struct decimal a, struct decimal b);    /* exact, cannot fail */
int decimal_sign(struct decimal number);
/* False: the exact result does not fit, or the divisor is zero. */
bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret_sum) MUST_CHECK;
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *ret_rest) MUST_CHECK;
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *ret_product) MUST_CHECK;
bool decimal_divide(struct decimal a, struct decimal b, struct decimal *ret_quotient) MUST_CHECK;
double decimal_to_double(struct decimal number); /* for figures and metrics only */

#endif
