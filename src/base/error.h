/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors of this program's surroundings (files, sockets, libraries): an explicit out-parameter with
 * a message chain. A journey author's errors are diagnostics (text/diag.h), a shop's are outcomes.
 *
 * Functions that can fail return bool and take `struct error *error`, which may be NULL.
 */
#ifndef SHOPPER_BASE_ERROR_H
#define SHOPPER_BASE_ERROR_H

#include "base/alloc.h"

#include <stdbool.h>

struct error {
    char *message; /* NULL: no error */
};

#define ERROR_NONE ((struct error){NULL})
#define AUTO_ERROR __attribute__((cleanup(error_release))) struct error

void error_release(struct error *error);
/* Sets the message and returns false, so that callers write `return error_set(...)`. */
bool error_set(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);
/* Puts context in front: "context: what it was". Returns false. */
bool error_wrap(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);
const char *error_text(const struct error *error); /* never NULL */

#endif
