/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See unescape.h. Each pass undoes one layer in place, since nothing decoded is longer than its
 * escape; passes go on until none finds anything.
 */
#include "base/unescape.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define PASSES_MAX 8

/* What stands at the head of a text: `taken` bytes that mean `length` others. */
struct escape {
    size_t taken; /* 0: no escape */
    unsigned char bytes[4];
    size_t length;
};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Exactly `count` hexadecimal digits; UINT32_MAX where they are not. */
static uint32_t hex_at(struct view text, size_t at, size_t count)
{
    uint32_t value = 0;
    if (at + count > text.length) return UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        int digit = hex_value(text.data[at + i]);
        if (digit < 0) return UINT32_MAX;
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

static struct escape of_byte(size_t taken, uint32_t byte)
{
    return (struct escape){.taken = taken, .bytes = {(unsigned char)byte}, .length = 1};
}

/* A lone surrogate is written like any other code point: nothing is lost by it. */
static struct escape of_code_point(size_t taken, uint32_t c)
{
    if (c < 0x80) return of_byte(taken, c);
    struct escape escape = {.taken = taken};
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    escape.bytes[escape.length++] = (unsigned char)(leads[more] | c >> (6 * more));
    while (more--) escape.bytes[escape.length++] = (unsigned char)(0x80 | (c >> (6 * more) & 0x3f));
    return escape;
}

static size_t backslashes_at(struct view text, size_t at)
{
    size_t count = 0;
    while (at + count < text.length && text.data[at + count] == '\\') count++;
    return count;
}

/* "uXXXX" after `slashes` backslashes, with the second half of a pair. */
static struct escape utf16_at(struct view text, size_t slashes)
{
    size_t end = slashes + 5;
    uint32_t c = hex_at(text, slashes + 1, 4);
    if (c == UINT32_MAX) return (struct escape){0};
    size_t more = backslashes_at(text, end);
    if (c >= 0xd800 && c < 0xdc00 && more && end + more < text.length &&
        text.data[end + more] == 'u') {
        uint32_t low = hex_at(text, end + more + 1, 4);
        if (low >= 0xdc00 && low < 0xe000) {
            return of_code_point(end + more + 5, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
        }
    }
    return of_code_point(end, c);
}

static struct escape backslash_at(struct view text)
{
    size_t slashes = backslashes_at(text, 0);
    if (slashes == text.length) return (struct escape){.taken = slashes};
    char c = text.data[slashes];
    struct escape escape = {0};
    if (c == 'u') escape = utf16_at(text, slashes);
    uint32_t byte = c == 'x' ? hex_at(text, slashes + 1, 2) : UINT32_MAX;
    if (byte != UINT32_MAX) escape = of_byte(slashes + 3, byte);
    return escape.taken ? escape : of_byte(slashes + 1, (unsigned char)c);
}

static struct escape percent_at(struct view text)
{
    uint32_t byte = hex_at(text, 1, 2);
    if (byte != UINT32_MAX) return of_byte(3, byte);
    if (text.length < 2 || (text.data[1] | 32) != 'u') return (struct escape){0};
    uint32_t c = hex_at(text, 2, 4);
    return c == UINT32_MAX ? (struct escape){0} : of_code_point(6, c);
}

/* "&#39;" and "&#x27;" */
static struct escape number_at(struct view text)
{
    size_t at = 2;
    uint32_t base = 10, c = 0;
    if (at < text.length && (text.data[at] | 32) == 'x') base = 16, at++;
    size_t first = at;
    for (; at < text.length && text.data[at] != ';'; at++) {
        int digit = hex_value(text.data[at]);
        if (digit < 0 || (uint32_t)digit >= base) return (struct escape){0};
        c = c * base + (uint32_t)digit;
        if (c > 0x10ffff) return (struct escape){0};
    }
    return at == first || at == text.length ? (struct escape){0} : of_code_point(at + 1, c);
}

static struct escape reference_at(struct view text)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    if (text.length > 1 && text.data[1] == '#') return number_at(text);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct view name = view_of(names[i].name);
        if (view_starts_with(text, name)) return of_byte(name.length, (unsigned char)names[i].c);
    }
    return (struct escape){0};
}

static struct escape escape_at(struct view text)
{
    switch (*text.data) {
    case '\\': return backslash_at(text);
    case '%': return percent_at(text);
    case '&': return reference_at(text);
    default: return (struct escape){0};
    }
}

static bool undo_layer(struct unescaped *unescaped)
{
    size_t length = 0, all = unescaped->length;
    for (size_t at = 0; at < all;) {
        struct escape escape = escape_at((struct view){unescaped->bytes + at, all - at});
        if (!escape.taken) {
            unescaped->bytes[length] = unescaped->bytes[at];
            unescaped->spans[length++] = unescaped->spans[at++];
            continue;
        }
        struct unescaped_span span = {unescaped->spans[at].from,
                                      unescaped->spans[at + escape.taken - 1].to};
        for (size_t i = 0; i < escape.length; i++) {
            unescaped->bytes[length] = (char)escape.bytes[i];
            unescaped->spans[length++] = span;
        }
        at += escape.taken;
    }
    unescaped->length = length;
    return length < all;
}

bool unescape_needed(struct view text)
{
    for (size_t at = 0; at < text.length; at++) {
        if (escape_at(view_from(text, at)).taken) return true;
    }
    return false;
}

struct unescaped unescape(struct view text)
{
    static const char controls[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    ASSERT(text.length < UINT32_MAX);
    struct unescaped unescaped = {
        .bytes = xstrndup(text.data, text.length),
        .spans = xcalloc(text.length + 1, sizeof(*unescaped.spans)),
        .length = text.length,
    };
    for (size_t i = 0; i < text.length; i++)
        unescaped.spans[i] = (struct unescaped_span){(uint32_t)i, (uint32_t)i + 1};
    for (int pass = 0; pass < PASSES_MAX && undo_layer(&unescaped); pass++) continue;
    for (size_t i = 0; i < unescaped.length; i++) {
        unsigned char c = (unsigned char)unescaped.bytes[i];
        if (c < COUNT_OF(controls) && controls[c]) unescaped.bytes[i] = controls[c];
    }
    return unescaped;
}

void unescaped_release(struct unescaped *unescaped)
{
    free(unescaped->bytes);
    free(unescaped->spans);
    *unescaped = (struct unescaped){0};
}
