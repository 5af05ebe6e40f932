/* SPDX-License-Identifier: Apache-2.0 */
/* See variables.h. */
#include "run/variables.h"

#include <stdlib.h>

#define EXPANDED_MAX_BYTES ((size_t)4 << 20)

static void value_free(void *value)
{
    value_release(value);
    free(value);
}

void variables_init(struct variables *variables)
{
    variables->values = MAP_INIT(value_free);
}

void variables_release(struct variables *variables)
{
    map_release(&variables->values);
}

void variables_set(struct variables *variables, const char *name, struct value value)
{
    struct value *kept = NEW(struct value);
    *kept = value;
    map_set(&variables->values, view_of(name), kept);
}

void variables_set_text(struct variables *variables, const char *name, const char *text)
{
    variables_set(variables, name, value_text(view_of(text)));
}

void variables_unset(struct variables *variables, const char *name)
{
    (void)map_remove(&variables->values, view_of(name));
}

const struct value *variables_get(const struct variables *variables, const char *name)
{
    return map_get(&variables->values, view_of(name));
}

static const struct value *lookup(void *context, const char *name, struct buf *reason)
{
    const struct variables *variables = context;
    const struct value *value = variables_get(variables, name);
    if (!value) buf_addf(reason, "%s is not set", name);
    return value;
}

struct expander variables_expander(struct variables *variables)
{
    return (struct expander){
        .lookup = lookup,
        .context = variables,
        .cap_bytes = EXPANDED_MAX_BYTES,
    };
}
