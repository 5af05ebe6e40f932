/* SPDX-License-Identifier: Apache-2.0 */
/* Children: a program that gets a text on its standard input and says by its exit code how it went.
 * No shell, a process group of its own, nothing inherited but what is said; its output goes
 * nowhere. */
#ifndef SHOPPER_LOOP_CHILD_H
#define SHOPPER_LOOP_CHILD_H

#include "base/alloc.h"
#include "base/error.h"
#include "base/view.h"

#include <stdint.h>

struct child;
struct loop;

struct child_options {
    char *const *arguments;   /* the program's path first, NULL-terminated */
    char *const *environment; /* NULL-terminated */
    struct view input;
    int64_t timeout_us; /* then its whole group is killed */
};

enum child_end { CHILD_EXITED, CHILD_KILLED /* by a signal */, CHILD_TOO_SLOW };

/* NULL: error says why. `done` comes on a later turn, once: `number` is the exit code or the
 * signal. */
struct child *child_start(struct loop *loop, const struct child_options *options,
                          void (*done)(void *context, enum child_end end, int number),
                          void *context, struct error *error) MUST_CHECK;
void child_kill(struct child *child); /* its whole group; `done` is never called */

#endif
