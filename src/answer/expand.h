/* SPDX-License-Identifier: Apache-2.0 */
/* Expands templates: names to values, calculations with exact numbers and money. */
#ifndef SHOPPER_ANSWER_EXPAND_H
#define SHOPPER_ANSWER_EXPAND_H

#include "answer/value.h"
#include "text/template.h"

/* The value of a name: borrowed, alive until the expansion is over. NULL: nothing set it; `reason`
 * may say why. */
typedef const struct value *expand_lookup(void *context, const char *name, struct buf *reason);

struct expander {
    expand_lookup *lookup;
    void *context;
    size_t cap_bytes; /* of the expanded text */
};

/*
 * A template that is nothing but one ${...} keeps the value's type; any other becomes text.
 * Number with number gives a number; money + - money of one currency gives money, money * / number
 * gives money, money / money of one currency gives a number; text that reads as a number counts as
 * one. False: `reason` says why it cannot be calculated.
 */
bool expand(const struct template *template, const struct expander *expander,
            struct value *ret_value, struct buf *reason) MUST_CHECK;
/* Always text. */
bool expand_text(const struct template *template, const struct expander *expander, struct buf *out,
                 struct buf *reason) MUST_CHECK;

#endif
