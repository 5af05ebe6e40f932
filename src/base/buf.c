/* SPDX-License-Identifier: Apache-2.0 */
/* See buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t cap_bytes)
{
    *buf = BUF_INIT(cap_bytes);
}

void buf_release(struct buf *buf)
{
    if (!buf) return;
    free(buf->data);
    *buf = BUF_INIT(buf->cap);
}

void buf_clear(struct buf *buf)
{
    buf_truncate(buf, 0);
    buf->overflowed = false;
}

static bool buf_reserve(struct buf *buf, size_t more)
{
    if (more > buf->cap - buf->length) {
        buf->overflowed = true;
        return false;
    }
    size_t needed = buf->length + more + 1;
    if (needed <= buf->capacity) return true;
    size_t capacity = buf->capacity * 2 > 64 ? buf->capacity * 2 : 64;
    if (capacity < needed) capacity = needed;
    buf->data = xrealloc(buf->data, capacity);
    buf->capacity = capacity;
    return true;
}

void buf_expect(struct buf *buf, size_t more)
{
    if (more <= buf->cap - buf->length) (void)buf_reserve(buf, more);
}

bool buf_add(struct buf *buf, const void *bytes, size_t length)
{
    if (!buf_reserve(buf, length)) return false;
    if (length) memcpy(buf->data + buf->length, bytes, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
    return true;
}

bool buf_add_view(struct buf *buf, struct view view)
{
    return buf_add(buf, view.data, view.length);
}

bool buf_add_text(struct buf *buf, const char *text)
{
    return buf_add_view(buf, view_of(text));
}

bool buf_add_char(struct buf *buf, char c)
{
    return buf_add(buf, &c, 1);
}

bool buf_addf(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    ASSERT(length >= 0);
    if (!buf_reserve(buf, (size_t)length)) return false;
    va_start(arguments, format);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buf->length += (size_t)length;
    return true;
}

void buf_truncate(struct buf *buf, size_t length)
{
    if (length >= buf->length) return;
    buf->length = length;
    buf->data[length] = '\0';
}

struct view buf_view(const struct buf *buf)
{
    return (struct view){buf_text(buf), buf->length};
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
    char *data = buf->data ? buf->data : xcalloc(1, 1);
    *buf = BUF_INIT(buf->cap);
    return data;
}
