/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run's variables: journey `vars`, captures, and the built-in ones with a dot in their names
 * (secret.NAME, account.FIELD, env.NAME, run.id ...). Names were checked at load time; what is not
 * set at run time is what a skipped or failed step would have set.
 */
#ifndef SHOPPER_RUN_VARIABLES_H
#define SHOPPER_RUN_VARIABLES_H

#include "answer/expand.h"
#include "base/vec.h"

struct variable {
    char *name;
    struct value value;
};

/* In the order in which they were set. A run has a dozen, and a hash of so few is slower than a
 * look at each. */
struct variables {
    VEC(struct variable) items; /* owned */
};

void variables_init(struct variables *variables);
void variables_release(struct variables *variables);
void variables_set(struct variables *variables, const char *name,
                   struct value value); /* takes the value */
void variables_set_text(struct variables *variables, const char *name, const char *text);
void variables_unset(struct variables *variables, const char *name);
const struct value *variables_get(const struct variables *variables,
                                  const char *name); /* NULL: not set */
struct expander variables_expander(struct variables *variables);

#endif
