/* SPDX-License-Identifier: Apache-2.0 */
/* See alloc.h. */
#include "base/alloc.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHED_BYTES = 1000, KEPT_BYTES = 32 << 20 };

static void out_of_memory(void) __attribute__((noreturn));
static void out_of_memory(void)
{
    fputs("shopper: out of memory\n", stderr);
    abort();
}

/* Not inlined: the compiler would put malloc and memset together again. */
static __attribute__((noinline)) void *allocate(size_t size)
{
    return malloc(size);
}

static void *xmalloc(size_t size)
{
    void *memory = allocate(size);
    if (!memory) out_of_memory();
    return memory;
}

void *alloc_zeroed(size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) return NULL;
    if (total - 1 >= CACHED_BYTES) return calloc(total ? total : 1, 1);
    void *memory = allocate(total);
    return memory ? memset(memory, 0, total) : NULL;
}

void *xcalloc(size_t count, size_t size)
{
    void *memory = alloc_zeroed(count, size);
    if (!memory) out_of_memory();
    return memory;
}

void *xrealloc(void *memory, size_t size)
{
    void *moved = realloc(memory, size ? size : 1);
    if (!moved) out_of_memory();
    return moved;
}

char *xstrdup(const char *text)
{
    return text ? xstrndup(text, strlen(text)) : NULL;
}

char *xstrndup(const char *text, size_t length)
{
    char *copy = xmalloc(length + 1);
    if (length) memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) out_of_memory();
    va_end(arguments);
    return text;
}

char *xjoin(const char *text, ...)
{
    size_t length = 0;
    va_list texts, again;
    va_start(texts, text);
    va_copy(again, texts);
    for (const char *one = text; one; one = va_arg(texts, const char *)) length += strlen(one);
    va_end(texts);
    char *joined = xmalloc(length + 1), *end = joined;
    *end = '\0';
    for (const char *one = text; one; one = va_arg(again, const char *)) end = stpcpy(end, one);
    va_end(again);
    return joined;
}

void alloc_keep_freed(void)
{
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_MXFAST, 0);
}

void auto_free_cleanup(void *pointer_to_pointer)
{
    void *pointer = NULL;
    memcpy(&pointer, pointer_to_pointer, sizeof(pointer));
    free(pointer);
}

void bug(const char *file, int line, const char *what)
{
    fprintf(stderr, "shopper: bug at %s:%d: %s does not hold\n", file, line, what);
    abort();
}
