/* SPDX-License-Identifier: Apache-2.0 */
/* See random.h. */
#include "base/random.h"

#include "base/alloc.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>

void random_init(struct random *random, uint64_t seed)
{
    random->state = seed;
}

uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t drawn = 0;
    do drawn = random_next(random);
    while (drawn >= limit);
    return drawn % bound;
}

/* The system is asked for many at a time: each run draws two ids, and a call costs as much as the
 * rest of them. What was handed out is wiped. */
void random_system(void *bytes, size_t length)
{
    static _Thread_local struct {
        unsigned char bytes[256]; /* the most that getentropy gives */
        size_t left;
    } pool;
    ASSERT(length <= sizeof pool.bytes);
    if (pool.left < length) {
        ASSERT(getentropy(pool.bytes, sizeof pool.bytes) == 0);
        pool.left = sizeof pool.bytes;
    }
    pool.left -= length;
    memcpy(bytes, pool.bytes + pool.left, length);
    explicit_bzero(pool.bytes + pool.left, length);
}

static uint64_t process_seed;

static void draw_process_seed(void)
{
    random_system(&process_seed, sizeof(process_seed));
}

uint64_t random_process_seed(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, draw_process_seed);
    return process_seed;
}
