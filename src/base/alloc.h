/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bookkeeping memory: allocation that aborts when there is none, and cleanup attributes for locals.
 *
 * Only sizes that this program chose come here. What the outside world sizes goes through a capped
 * `struct buf`, whose overflow is an outcome and not an abort.
 */
#ifndef SHOPPER_BASE_ALLOC_H
#define SHOPPER_BASE_ALLOC_H

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

/* Zeroed memory for one object or `count` of them; never NULL. The caller frees with free(). */
void *xcalloc(size_t count, size_t size) MUST_CHECK;
void *xrealloc(void *memory, size_t size) MUST_CHECK;
char *xstrdup(const char *text) MUST_CHECK;                 /* NULL stays NULL */
char *xstrndup(const char *text, size_t length) MUST_CHECK; /* always NUL-terminated */
char *xasprintf(const char *format, ...) PRINTF_LIKE(1, 2) MUST_CHECK;
/* Texts one after the other, up to a NULL: a tenth of what printf takes. */
char *xjoin(const char *text, ...) __attribute__((sentinel)) MUST_CHECK;

/* calloc, for small blocks from the thread's cache, which glibc's own passes by: a third of its
 * cost. NULL without memory: for libraries that ask whom to ask. */
void *alloc_zeroed(size_t count, size_t size);

/* For a program that lives by waves: what one gave back stays for the next, up to 32 MB. Handing it
 * to the system and asking anew costs a shopper 7 % of its CPU. Small blocks that were freed are
 * joined at once: else each larger one that is asked for sweeps them all together, 14 times per
 * journey, which is 1 %. */
void alloc_keep_freed(void);

#define NEW(type) ((type *)xcalloc(1, sizeof(type)))

void auto_free_cleanup(void *pointer_to_pointer);
#define AUTO_FREE __attribute__((cleanup(auto_free_cleanup)))

/* A cleanup attribute for `struct NOUN *` locals that end with NOUN_free(). */
#define DEFINE_AUTO(noun)                                                                          \
    static inline __attribute__((unused)) void noun##_auto_free(struct noun **object)              \
    {                                                                                              \
        noun##_free(*object);                                                                      \
    }                                                                                              \
    struct noun
#define AUTO(noun) __attribute__((cleanup(noun##_auto_free))) struct noun *

/* Hands a pointer over: gives its value and leaves NULL behind. */
#define take(pointer)                                                                              \
    (__extension__({                                                                               \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    }))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* An assertion that stays on in release builds: for our own bugs, never for input or the network.
 */
void bug(const char *file, int line, const char *what) __attribute__((noreturn));
#define ASSERT(condition) ((condition) ? (void)0 : bug(__FILE__, __LINE__, #condition))

#endif
