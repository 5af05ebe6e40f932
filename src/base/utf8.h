/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 by the book (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef SHOPPER_BASE_UTF8_H
#define SHOPPER_BASE_UTF8_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_INVALID UINT32_MAX

/* The code point at *offset, which moves past it; UTF8_INVALID (one byte passed) where it is
 * broken. *offset must be below the view's length. */
uint32_t utf8_next(struct view text, size_t *offset);
bool utf8_valid(struct view text);
size_t utf8_count(struct view text); /* code points, a broken byte counts as one */
/* Columns of a terminal that a code point takes at most: 2 for what is wide or may be. */
unsigned utf8_columns(uint32_t code_point);
bool utf8_add(struct buf *out, uint32_t code_point);
/* Copies, with U+FFFD for what is broken. */
bool utf8_add_repaired(struct buf *out, struct view text);
/* At most `limit` bytes, never ending inside a code point. */
struct view utf8_clip(struct view text, size_t limit);

#endif
