/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers. `struct random` is seedable, so that spreading, jitter and tests repeat; ids and
 * anything a stranger must not guess come from the system.
 */
#ifndef SHOPPER_BASE_RANDOM_H
#define SHOPPER_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state; /* SplitMix64 (Steele, Lea, Flood 2014) */
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random, uint64_t bound); /* 0 <= x < bound; bound > 0 */

void random_system(void *bytes, size_t length); /* getrandom(2) */
uint64_t random_process_seed(void);             /* one secret number per process */

#endif
