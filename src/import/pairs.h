/* SPDX-License-Identifier: Apache-2.0 */
/* Names and values, in order: of a query, of a form. */
#ifndef SHOPPER_IMPORT_PAIRS_H
#define SHOPPER_IMPORT_PAIRS_H

#include "base/buf.h"
#include "base/view.h"

struct pair {
    char *name, *value;
    char *file; /* multipart: the file's name; the value is not known then */
};

struct pairs {
    struct pair *items;
    size_t count, capacity; /* a VEC */
};

void pairs_add(struct pairs *pairs, struct view name, struct view value); /* copies */
void pairs_release(struct pairs *pairs);
const char *pairs_get(const struct pairs *pairs, const char *name); /* NULL: not there */
/* "a=1&b=2", percent-decoded (URL Standard, section 5.1). */
void pairs_add_query(struct pairs *pairs, struct view text);

#endif
