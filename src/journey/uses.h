/* SPDX-License-Identifier: Apache-2.0 */
/* The names that journeys read: in every ${...}, and by `var`. */
#ifndef SHOPPER_JOURNEY_USES_H
#define SHOPPER_JOURNEY_USES_H

#include "base/error.h"
#include "base/map.h"
#include "journey/journey.h"

#include <stdbool.h>

struct uses {
    struct map names;
    bool any; /* `var: ${...}`: which one is known at run time only */
};

void uses_add(struct uses *uses, const struct journey *journey); /* and all that it uses */
void uses_release(struct uses *uses);
bool uses_name(const struct uses *uses, const char *name); /* or may */
/* Whether one of the journeys reads each of the names (ended by NULL) or has a default for it.
 * False: the error says which it is that none of them does. */
bool uses_of_all(const char *const *names, struct journey *const *journeys, size_t count,
                 struct error *error) MUST_CHECK;
/* The variable that is read and may be meant, or NULL. Borrowed. */
const char *uses_nearest(const struct uses *uses, const char *name);

#endif
