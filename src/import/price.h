/* SPDX-License-Identifier: Apache-2.0 */
/* Where an answer shows a price, machine-readable before visible. */
#ifndef SHOPPER_IMPORT_PRICE_H
#define SHOPPER_IMPORT_PRICE_H

#include "answer/money.h"
#include "import/visit.h"

/* False: no source gives one believable price. `total`: of a cart or an order. *ret_minor_units: as
 * the `price` check says it; 0 where the amount is whole. */
bool price_find(const struct visit_step *step, bool total, struct origin *ret_origin,
                struct money *ret_price, int *ret_minor_units) MUST_CHECK;

#endif
