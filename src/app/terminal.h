/* SPDX-License-Identifier: Apache-2.0 */
/* Small things that commands share: colours or none, faults inside a value. */
#ifndef SHOPPER_APP_TERMINAL_H
#define SHOPPER_APP_TERMINAL_H

#include "text/diag.h"
#include "text/options.h"

#include <stdbool.h>
#include <stdio.h>

bool terminal_is(FILE *stream);
/* A terminal, not a dumb one, and nobody objects: --no-color, or NO_COLOR set to anything
 * (no-color.org). */
bool terminal_has_color(FILE *stream, bool no_color);
unsigned terminal_columns(FILE *stream); /* 80 where it cannot be told */
unsigned terminal_rows(FILE *stream);    /* 24 */
/* How wide text should be at most: $COLUMNS, else the terminal's; 0: it goes to no terminal. */
unsigned terminal_width(FILE *stream);

/* A line that shops, files or people wrote a part of, so that nothing in it commands the terminal.
 */
void terminal_say(FILE *stream, const struct buf *line);
/* The same of why something could not be done: "shopper: ..." on standard error. */
void terminal_complain(const char *why);
/* False: standard output did not take all. Who reads it may leave early (`| head`). */
bool terminal_output_was_taken(struct error *error);

/* Adds an error that shows where in an option's value it is: `at` is a part of `value`. */
void option_fault(struct diags *diags, enum diag_code code, const char *option, const char *value,
                  struct view at, const char *message);

#endif
