/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that live and end together: a few blocks for many of them, freed at once. Zeroed, it is
 * empty and owns nothing.
 */
#ifndef SHOPPER_BASE_ARENA_H
#define SHOPPER_BASE_ARENA_H

#include "base/alloc.h"
#include "base/view.h"

struct arena {
    struct arena_block *blocks; /* the one that is being filled first */
    char *next;
    size_t left;
};

/* A copy, with a NUL after it; it stays where it is until the arena is released. */
char *arena_copy(struct arena *arena, struct view text) MUST_CHECK;
/* The same of a C string; NULL gives "". */
char *arena_text(struct arena *arena, const char *text) MUST_CHECK;
void arena_release(struct arena *arena);

#endif
