/* SPDX-License-Identifier: Apache-2.0 */
/* See arena.h. */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* What a run says of itself fits into one, and that comes from the thread's cache. */
enum { BLOCK_BYTES = 1000 };

struct arena_block {
    struct arena_block *next;
    char bytes[];
};

static char *block_new(struct arena *arena, size_t bytes)
{
    struct arena_block *block = xrealloc(NULL, sizeof *block + bytes);
    block->next = arena->blocks;
    arena->blocks = block;
    return block->bytes;
}

/* A text that fills a block by itself gets one, and the rest of the one before it stays in use. */
static char *room(struct arena *arena, size_t bytes)
{
    if (bytes > arena->left) {
        size_t whole = BLOCK_BYTES - sizeof(struct arena_block);
        if (bytes > whole / 2) return block_new(arena, bytes);
        arena->next = block_new(arena, whole);
        arena->left = whole;
    }
    char *place = arena->next;
    arena->next += bytes;
    arena->left -= bytes;
    return place;
}

char *arena_copy(struct arena *arena, struct view text)
{
    char *copy = room(arena, text.length + 1);
    if (text.length) memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return arena_copy(arena, view_of(text));
}

void arena_release(struct arena *arena)
{
    struct arena_block *next;
    for (struct arena_block *block = arena->blocks; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){0};
}
