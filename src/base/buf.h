/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer with a mandatory cap, in the manner of curl's dynbuf. What would pass the
 * cap is not added, and the buffer remembers that it overflowed: builders append without checking
 * and ask once at the end.
 *
 * The bytes are always followed by a NUL that does not count. Memory itself aborts on exhaustion.
 */
#ifndef SHOPPER_BASE_BUF_H
#define SHOPPER_BASE_BUF_H

#include "base/alloc.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* NULL while nothing was ever added */
    size_t length, capacity, cap;
    bool overflowed;
};

/* For text of our own making: a generous cap that only a bug would reach. */
#define BUF_OWN_CAP ((size_t)64 << 20)
#define BUF_INIT(cap_bytes) ((struct buf){.cap = (cap_bytes)})
#define AUTO_BUF __attribute__((cleanup(buf_release))) struct buf

void buf_init(struct buf *buf, size_t cap_bytes);
void buf_release(struct buf *buf); /* back to empty, the cap stays */
void buf_clear(struct buf *buf);   /* empty, memory kept */
/* Each returns false, adds nothing and marks the overflow when the cap would be passed. */
bool buf_add(struct buf *buf, const void *bytes, size_t length);
bool buf_add_view(struct buf *buf, struct view view);
bool buf_add_text(struct buf *buf, const char *text);
bool buf_add_char(struct buf *buf, char c);
bool buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* A number in decimal, with zeros in front up to `digits`. */
bool buf_add_number(struct buf *buf, uint64_t number, unsigned digits);
void buf_truncate(struct buf *buf, size_t length);
struct view buf_view(const struct buf *buf);
const char *buf_text(const struct buf *buf); /* "" when empty; never NULL */
/* The bytes, NUL-terminated, now the caller's to free(); the buffer is empty again. Never NULL. */
char *buf_take(struct buf *buf) MUST_CHECK;

#endif
