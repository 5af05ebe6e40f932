/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values in any text that have their name before them: `name=value`, `name: "value"` as JSON and
 * GraphQL write it, `<name>value</name>`. It is no parser: what it cannot tell, it takes for one.
 */
#ifndef SHOPPER_TEXT_NAMED_VALUE_H
#define SHOPPER_TEXT_NAMED_VALUE_H

#include "base/view.h"

#define NAMED_VALUE_MAX_BYTES 4096

struct named_value {
    enum named_kind { NAMED_BARE, NAMED_QUOTED, NAMED_ELEMENT, NAMED_VARIABLE } kind;
    struct view name, value; /* of a variable `$p`: "p" */
};

typedef void visit_named_value(void *context, const struct named_value *found);

/* A quoted value that has escapes comes twice, with and without them. */
void named_values_each(struct view text, visit_named_value *visit, void *context);

#endif
