/* SPDX-License-Identifier: Apache-2.0 */
/* Small things that commands share: colours or none, the names of --var, faults inside a value. */
#ifndef SHOPPER_APP_TERMINAL_H
#define SHOPPER_APP_TERMINAL_H

#include "app/options.h"
#include "text/diag.h"

#include <stdbool.h>
#include <stdio.h>

bool terminal_is(FILE *stream);
/* A terminal, not a dumb one, and nobody objects: --no-color, or NO_COLOR set to anything
 * (no-color.org). */
bool terminal_has_color(FILE *stream, bool no_color);
unsigned terminal_columns(FILE *stream); /* 80 where it cannot be told */

/* Whether each is "NAME=VALUE". */
bool set_values_are_good(const struct text_list *set, struct error *error) MUST_CHECK;
/* The NAMEs of "NAME=VALUE", NULL-terminated; owned. */
struct set_names {
    const char *const *names;
};
struct set_names set_names_of(const struct text_list *set);
void set_names_release(struct set_names *names);

/* Adds an error that shows where in an option's value it is: `at` is a part of `value`. */
void option_fault(struct diags *diags, enum diag_code code, const char *option, const char *value,
                  struct view at, const char *message);

#endif
