/* SPDX-License-Identifier: Apache-2.0 */
/* See utf8.h. */
#include "base/utf8.h"

#define REPLACEMENT 0xfffdu

/* Bytes that follow a lead byte, and the smallest code point that may be written so. */
static int follow_count(unsigned char lead, uint32_t *ret_bits, uint32_t *ret_least)
{
    if (lead < 0xc2 || lead > 0xf4) return -1;
    if (lead < 0xe0) {
        *ret_bits = lead & 0x1fu;
        *ret_least = 0x80;
        return 1;
    }
    if (lead < 0xf0) {
        *ret_bits = lead & 0x0fu;
        *ret_least = 0x800;
        return 2;
    }
    *ret_bits = lead & 0x07u;
    *ret_least = 0x10000;
    return 3;
}

uint32_t utf8_next(struct view text, size_t *offset)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    unsigned char lead = bytes[(*offset)++];
    if (lead < 0x80) return lead;
    uint32_t code_point = 0, least = 0;
    int count = follow_count(lead, &code_point, &least);
    if (count < 0 || text.length - *offset < (size_t)count) return UTF8_INVALID;
    for (int i = 0; i < count; i++) {
        unsigned char byte = bytes[*offset + (size_t)i];
        if ((byte & 0xc0) != 0x80) return UTF8_INVALID;
        code_point = code_point << 6 | (byte & 0x3fu);
    }
    bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < least || surrogate || code_point > 0x10ffff) return UTF8_INVALID;
    *offset += (size_t)count;
    return code_point;
}

bool utf8_valid(struct view text)
{
    for (size_t offset = 0; offset < text.length;) {
        if (utf8_next(text, &offset) == UTF8_INVALID) return false;
    }
    return true;
}

size_t utf8_count(struct view text)
{
    size_t count = 0;
    for (size_t offset = 0; offset < text.length; count++) (void)utf8_next(text, &offset);
    return count;
}

bool utf8_add(struct buf *out, uint32_t code_point)
{
    char bytes[4];
    size_t length = 0;
    if (code_point < 0x80) {
        bytes[length++] = (char)code_point;
    } else if (code_point < 0x800) {
        bytes[length++] = (char)(0xc0 | code_point >> 6);
        bytes[length++] = (char)(0x80 | (code_point & 0x3f));
    } else if (code_point < 0x10000) {
        bytes[length++] = (char)(0xe0 | code_point >> 12);
        bytes[length++] = (char)(0x80 | (code_point >> 6 & 0x3f));
        bytes[length++] = (char)(0x80 | (code_point & 0x3f));
    } else {
        bytes[length++] = (char)(0xf0 | code_point >> 18);
        bytes[length++] = (char)(0x80 | (code_point >> 12 & 0x3f));
        bytes[length++] = (char)(0x80 | (code_point >> 6 & 0x3f));
        bytes[length++] = (char)(0x80 | (code_point & 0x3f));
    }
    return buf_add(out, bytes, length);
}

bool utf8_add_repaired(struct buf *out, struct view text)
{
    size_t from = 0, offset = 0;
    while (offset < text.length) {
        size_t before = offset;
        if (utf8_next(text, &offset) != UTF8_INVALID) continue;
        if (!buf_add(out, text.data + from, before - from) || !utf8_add(out, REPLACEMENT))
            return false;
        from = offset;
    }
    return buf_add(out, text.data ? text.data + from : NULL, text.length - from);
}

struct view utf8_clip(struct view text, size_t limit)
{
    if (text.length <= limit) return text;
    size_t end = limit;
    while (end > 0 && limit - end < 4 && ((unsigned char)text.data[end] & 0xc0) == 0x80) end--;
    return view_slice(text, 0, end);
}

unsigned utf8_columns(uint32_t code_point)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {{0x1100, 0x115f}, /* Hangul */
                {0x2300, 0x2bff}, /* signs, some of them wide */
                {0x2e80, 0xa4cf}, /* Chinese, Japanese, Yi */
                {0xa960, 0xa97f},   {0xac00, 0xd7ff},   {0xf900, 0xfaff},
                {0xfe10, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
                {0x16fe0, 0x1b2ff}, {0x1f000, 0x1faff}, {0x20000, 0x3ffff}};
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
        if (code_point >= wide[i].first && code_point <= wide[i].last) return 2;
    }
    return 1;
}
