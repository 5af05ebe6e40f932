/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A typed growing array: `VEC(struct step *) steps;`. Zeroed memory is an empty one.
 * It owns its slots, never what they point to.
 */
#ifndef SHOPPER_BASE_VEC_H
#define SHOPPER_BASE_VEC_H

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count, capacity;                                                                    \
    }

/* Adds a zeroed slot and gives its address, good until the next push. */
#define vec_add(vec)                                                                               \
    ((vec)->items =                                                                                \
         vec_grown((vec)->items, (vec)->count, &(vec)->capacity, sizeof(*(vec)->items)),           \
     memset(&(vec)->items[(vec)->count], 0, sizeof(*(vec)->items)), &(vec)->items[(vec)->count++])
#define vec_push(vec, value) (void)(*vec_add(vec) = (value))
/* Room for `wanted` in all, at once, where their number is known or guessed. */
#define vec_reserve(vec, wanted)                                                                   \
    ((vec)->capacity < (wanted)                                                                    \
         ? (void)((vec)->items = xrealloc((vec)->items, (wanted) * sizeof(*(vec)->items)),         \
                  (vec)->capacity = (wanted))                                                      \
         : (void)0)
#define vec_pop(vec) ((vec)->items[--(vec)->count])
#define vec_last(vec) (&(vec)->items[(vec)->count - 1])
#define vec_release(vec) (free((vec)->items), memset((vec), 0, sizeof(*(vec))), (void)0)
#define vec_each(item, vec)                                                                        \
    for (__typeof__((vec)->items + 0) item = (vec)->items;                                         \
         item && item < (vec)->items + (vec)->count; item++)

static inline void *vec_grown(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) return items;
    /* Of large items there is mostly one: three empty slots beside it would be a waste. */
    *capacity = *capacity ? *capacity * 2 : size < 128 ? 4 : 1;
    return xrealloc(items, *capacity * size);
}

#endif
