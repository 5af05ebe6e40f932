/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small map from text to a pointer that keeps the order of insertion; keys are copied.
 * Look-up is by a seeded hash, so hostile keys cannot line up in one chain.
 */
#ifndef SHOPPER_BASE_MAP_H
#define SHOPPER_BASE_MAP_H

#include "base/alloc.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    char *key; /* NULL: removed */
    size_t key_length;
    uint64_t hash;
    void *value;
};

struct map {
    struct map_entry *entries; /* in order of insertion */
    size_t count, capacity;    /* count includes removed ones */
    uint32_t *slots;           /* entry index + 1; 0 is free */
    size_t slot_count;
    void (*value_free)(void *value); /* NULL: values are borrowed */
};

#define MAP_INIT(free_function) ((struct map){.value_free = (free_function)})

void map_release(struct map *map);
/* Sets or replaces; a replaced value is freed. */
void map_set(struct map *map, struct view key, void *value);
void *map_get(const struct map *map, struct view key); /* NULL when it is not there */
bool map_remove(struct map *map, struct view key);
size_t map_size(const struct map *map);

#define map_each(entry, map)                                                                       \
    for (struct map_entry *entry = (map)->entries; entry && entry < (map)->entries + (map)->count; \
         entry++)                                                                                  \
        if (entry->key)

#endif
