/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every value of a request, also those inside of others: JSON in a text or a form field, pairs of
 * `name` and `value`, arguments and literals of GraphQL, XML, and whatever writes a name before a
 * value. It is for what must not be written; links look only at what stands by itself.
 */
#ifndef SHOPPER_IMPORT_DEEP_H
#define SHOPPER_IMPORT_DEEP_H

#include "import/recording.h"

/* Those of exchange_each_value first, then each that is inside of one, as SITE_INSIDE. */
void exchange_each_deep_value(const struct exchange *exchange, visit_value *visit, void *context);

#endif
