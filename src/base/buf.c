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
    if (buf->length + 1 >= buf->capacity || buf->length >= buf->cap) return buf_add(buf, &c, 1);
    buf->data[buf->length++] = c;
    buf->data[buf->length] = '\0';
    return true;
}

bool buf_addf(struct buf *buf, const char *format, ...)
{
    size_t free_bytes = buf->capacity - buf->length; /* mostly enough: then it is formatted once */
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length =
        vsnprintf(buf->data ? buf->data + buf->length : NULL, free_bytes, format, arguments);
    va_end(arguments);
    ASSERT(length >= 0);
    bool fits = buf_reserve(buf, (size_t)length);
    if (fits && (size_t)length >= free_bytes)
        vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
    va_end(again);
    if (fits) buf->length += (size_t)length;
    if (!fits && buf->data) buf->data[buf->length] = '\0';
    return fits;
}

bool buf_add_number(struct buf *buf, uint64_t number, unsigned digits)
{
    char text[sizeof "18446744073709551615"];
    size_t at = sizeof text;
    ASSERT(digits <= sizeof text);
    for (; number || sizeof text - at < digits || at == sizeof text; number /= 10)
        text[--at] = (char)('0' + number % 10);
    return buf_add(buf, text + at, sizeof text - at);
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
