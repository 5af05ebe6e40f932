/* SPDX-License-Identifier: Apache-2.0 */
/* See variables.h. */
#include "run/variables.h"

#include <stdlib.h>
#include <string.h>

#define EXPANDED_MAX_BYTES ((size_t)4 << 20)

enum { USUAL_COUNT = 16 };

static struct variable *find(const struct variables *variables, const char *name)
{
    vec_each(variable, &variables->items) {
        if (!strcmp(variable->name, name)) return variable;
    }
    return NULL;
}

void variables_init(struct variables *variables)
{
    *variables = (struct variables){0};
    vec_reserve(&variables->items, USUAL_COUNT);
}

void variables_release(struct variables *variables)
{
    vec_each(variable, &variables->items) {
        free(variable->name);
        value_release(&variable->value);
    }
    vec_release(&variables->items);
}

void variables_set(struct variables *variables, const char *name, struct value value)
{
    struct variable *variable = find(variables, name);
    if (variable)
        value_release(&variable->value);
    else
        (variable = vec_add(&variables->items))->name = xstrdup(name);
    variable->value = value;
}

void variables_set_text(struct variables *variables, const char *name, const char *text)
{
    variables_set(variables, name, value_text(view_of(text)));
}

void variables_unset(struct variables *variables, const char *name)
{
    struct variable *variable = find(variables, name);
    if (!variable) return;
    free(variable->name);
    value_release(&variable->value);
    *variable = vec_pop(&variables->items);
}

const struct value *variables_get(const struct variables *variables, const char *name)
{
    const struct variable *variable = find(variables, name);
    return variable ? &variable->value : NULL;
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
