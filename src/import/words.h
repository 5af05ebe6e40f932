/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line cut into words as a POSIX shell does (POSIX, 2.2; and bash's $'...'), without ever
 * running anything: what would need a shell, such as $VARIABLE, $(...), pipes and redirections, is
 * an error with its place.
 */
#ifndef SHOPPER_IMPORT_WORDS_H
#define SHOPPER_IMPORT_WORDS_H

#include "base/vec.h"
#include "base/view.h"
#include "text/diag.h"

#define WORDS_MAX 2000

struct word {
    char *text;      /* without its quotes; has no NUL inside */
    size_t from, to; /* bytes of the command */
};

struct words {
    struct word *items;
    size_t count, capacity; /* a VEC */
};

/* False: malformed; `diags` says where. */
bool words_split(struct source *command, struct words *ret_words, struct diags *diags) MUST_CHECK;
void words_release(struct words *words);
/* Of bytes of the command. */
struct place words_place(const struct source *command, size_t from, size_t to);

#endif
