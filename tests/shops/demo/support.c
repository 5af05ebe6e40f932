/* SPDX-License-Identifier: Apache-2.0 */
/* See support.h. The map is chained and doubles its buckets; it never shrinks. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *zalloc(size_t count, size_t bytes)
{
    void *memory = calloc(count, bytes);
    if (!memory) abort();
    return memory;
}

char *text_copy(const char *text)
{
    if (!text) return NULL;
    size_t bytes = strlen(text) + 1;
    return memcpy(zalloc(1, bytes), text, bytes);
}

uint64_t generator_next(struct generator *generator)
{
    uint64_t z = generator->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void generator_token(struct generator *generator, char token[static TOKEN_SIZE])
{
    unsigned long long high = generator_next(generator);
    unsigned long long low = generator_next(generator);
    snprintf(token, TOKEN_SIZE, "%016llx%016llx", high, low);
}

struct entry {
    struct entry *next;
    uint64_t hash;
    char *key;
    void *value;
};

struct map {
    struct entry **buckets;
    size_t bucket_count; /* a power of two */
    size_t entry_count;
};

static uint64_t text_hash(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

struct map *map_new(void)
{
    struct map *map = zalloc(1, sizeof *map);
    map->bucket_count = 64;
    map->buckets = zalloc(map->bucket_count, sizeof(struct entry *));
    return map;
}

void map_free(struct map *map)
{
    if (!map) return;
    for (size_t i = 0; i < map->bucket_count; i++) {
        for (struct entry *entry = map->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            free(entry->key);
            free(entry);
        }
    }
    free(map->buckets);
    free(map);
}

/* The link that holds the key, or the one at its chain's end. */
static struct entry **map_link(const struct map *map, const char *key, uint64_t hash)
{
    struct entry **link = &map->buckets[hash & (map->bucket_count - 1)];
    while (*link && ((*link)->hash != hash || strcmp((*link)->key, key) != 0)) {
        link = &(*link)->next;
    }
    return link;
}

static void map_grow(struct map *map)
{
    size_t count = map->bucket_count * 2;
    struct entry **buckets = zalloc(count, sizeof(struct entry *));
    for (size_t i = 0; i < map->bucket_count; i++) {
        for (struct entry *entry = map->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            entry->next = buckets[entry->hash & (count - 1)];
            buckets[entry->hash & (count - 1)] = entry;
        }
    }
    free(map->buckets);
    map->buckets = buckets;
    map->bucket_count = count;
}

void map_put(struct map *map, const char *key, void *value)
{
    uint64_t hash = text_hash(key);
    struct entry **link = map_link(map, key, hash);
    if (*link) {
        (*link)->value = value;
        return;
    }
    struct entry *entry = zalloc(1, sizeof *entry);
    entry->hash = hash;
    entry->key = text_copy(key);
    entry->value = value;
    *link = entry;
    if (++map->entry_count > map->bucket_count) map_grow(map);
}

void *map_get(const struct map *map, const char *key)
{
    struct entry *entry = *map_link(map, key, text_hash(key));
    return entry ? entry->value : NULL;
}

void map_remove(struct map *map, const char *key)
{
    struct entry **link = map_link(map, key, text_hash(key));
    struct entry *entry = *link;
    if (!entry) return;
    *link = entry->next;
    map->entry_count--;
    free(entry->key);
    free(entry);
}
