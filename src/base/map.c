/* SPDX-License-Identifier: Apache-2.0 */
/* See map.h. Open addressing over an array of entries. */
#include "base/map.h"

#include "base/random.h"

#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 32);
}

/* From a per-process secret start, eight bytes at a time: keys may be as long as a statement. */
static uint64_t hash_of(struct view key)
{
    uint64_t hash = mix(random_process_seed(), key.length), word = 0;
    size_t at = 0;
    for (; at + sizeof(word) <= key.length; at += sizeof(word)) {
        memcpy(&word, key.data + at, sizeof(word));
        hash = mix(hash, word);
    }
    word = 0;
    if (at < key.length) memcpy(&word, key.data + at, key.length - at);
    return mix(hash, word);
}

static uint32_t *slot_of(const struct map *map, struct view key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t index = map->slots[i];
        if (!index) return &map->slots[i];
        const struct map_entry *entry = &map->entries[index - 1];
        if (entry->key && entry->hash == hash &&
            view_equals((struct view){entry->key, entry->key_length}, key)) {
            return &map->slots[i];
        }
    }
}

static void map_grow(struct map *map)
{
    if (map->slot_count && map->count < map->slot_count / 2) return;
    size_t live = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (map->entries[i].key) map->entries[live++] = map->entries[i];
    }
    map->count = live;
    map->slot_count = map->slot_count ? map->slot_count * 2 : 8;
    free(map->slots);
    map->slots = xcalloc(map->slot_count, sizeof(*map->slots));
    map->capacity = map->slot_count;
    map->entries = xrealloc(map->entries, map->capacity * sizeof(*map->entries));
    for (size_t i = 0; i < live; i++) {
        struct map_entry *entry = &map->entries[i];
        *slot_of(map, (struct view){entry->key, entry->key_length}, entry->hash) = (uint32_t)i + 1;
    }
}

static void entry_clear(struct map *map, struct map_entry *entry)
{
    if (map->value_free) map->value_free(entry->value);
    free(entry->key);
    entry->key = NULL;
    entry->value = NULL;
}

void map_release(struct map *map)
{
    if (!map) return;
    map_each(entry, map) entry_clear(map, entry);
    free(map->entries);
    free(map->slots);
    *map = MAP_INIT(map->value_free);
}

void map_set(struct map *map, struct view key, void *value)
{
    map_grow(map);
    uint64_t hash = hash_of(key);
    uint32_t *slot = slot_of(map, key, hash);
    if (*slot) {
        struct map_entry *entry = &map->entries[*slot - 1];
        if (map->value_free && entry->value != value) map->value_free(entry->value);
        entry->value = value;
        return;
    }
    map->entries[map->count] = (struct map_entry){
        .key = xstrndup(key.data, key.length),
        .key_length = key.length,
        .hash = hash,
        .value = value,
    };
    *slot = (uint32_t)++map->count;
}

static struct map_entry *map_find(const struct map *map, struct view key)
{
    if (!map->slot_count) return NULL;
    uint32_t index = *slot_of(map, key, hash_of(key));
    return index ? &map->entries[index - 1] : NULL;
}

void *map_get(const struct map *map, struct view key)
{
    const struct map_entry *entry = map_find(map, key);
    return entry ? entry->value : NULL;
}

bool map_remove(struct map *map, struct view key)
{
    struct map_entry *entry = map_find(map, key);
    if (!entry) return false;
    entry_clear(map, entry); /* its slot stays taken, so that longer probes still pass it */
    return true;
}

size_t map_size(const struct map *map)
{
    size_t size = 0;
    map_each(entry, map) size++;
    return size;
}
