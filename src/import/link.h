/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that a request took from earlier answers become captures; what must stay secret becomes a
 * reference; what the visitor chose and repeats becomes a variable. The result is a table of known
 * values that everything recorded passes through before it is written.
 */
#ifndef SHOPPER_IMPORT_LINK_H
#define SHOPPER_IMPORT_LINK_H

#include "import/secret.h"
#include "import/visit.h"

struct known {
    char *value, *expression; /* "secret.password", "csrf", "sku" */
    size_t from_step;         /* the first step that may use it */
    bool whole;               /* only where it is all of a text or of a piece of a path */
};

struct knowns {
    struct known *items;
    size_t count, capacity; /* a VEC; longest value first */
};

struct choice { /* what the visitor chose; one that is repeated becomes a variable */
    char *value, *name;
    size_t last_step, steps; /* that send it */
    bool priced;             /* one of them shows a price */
    bool number;             /* sent as a number of JSON */
    bool is_variable;
};

struct linked {
    struct secrets secrets;
    bool starts[256]; /* some known value starts with this byte */
    bool gave_up;     /* there was too much to look through */
    struct knowns knowns;
    struct {
        struct choice *items;
        size_t count, capacity; /* a VEC */
    } choices;
};

void link_values(const struct recording *recording, struct visit *visit, struct linked *ret_linked);
void linked_release(struct linked *linked);
/* Recorded text as a template: known values by name, `${` doubled, the rest redacted. */
void linked_write(const struct linked *linked, size_t step, struct view text, struct buf *out);
char *linked_text(const struct linked *linked, size_t step, const char *text) MUST_CHECK;

#endif
