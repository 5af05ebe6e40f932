/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few things the demo shop needs that neither libevent nor cJSON brings: allocation that
 * aborts, a seedable generator, and a map from text to pointers. Stand-alone on purpose: nothing of
 * src/.
 */
#ifndef DEMO_SUPPORT_H
#define DEMO_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

#define TOKEN_SIZE 33 /* 32 hexadecimal digits and the NUL */

/* Zeroed memory; aborts when there is none. */
void *zalloc(size_t count, size_t bytes);
/* A copy of `text`, owned by the caller; NULL stays NULL. */
char *text_copy(const char *text);

/* splitmix64: repeatable, and not fit for real secrets. */
struct generator {
    uint64_t state;
};
uint64_t generator_next(struct generator *generator);
void generator_token(struct generator *generator, char token[static TOKEN_SIZE]);

/* Text to pointer. The map owns its keys, never its values. */
struct map;
struct map *map_new(void);
void map_free(struct map *map);
/* Sets or replaces. */
void map_put(struct map *map, const char *key, void *value);
/* NULL when absent. */
void *map_get(const struct map *map, const char *key);
void map_remove(struct map *map, const char *key);

#endif
