/* SPDX-License-Identifier: Apache-2.0 */
/* See money_text.h. */
#include "answer/money_text.h"

#include "base/alloc.h"
#include "base/utf8.h"

#include <string.h>

/* Zeros of the decimal digits in use (Unicode, general category Nd). */
static const uint32_t zeros[] = {
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6,  0x0A66,  0x0AE6,  0x0B66,  0x0BE6,
    0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,  0x0ED0,  0x0F20,  0x1040,  0x17E0,
    0x1810, 0x1946, 0xA9D0, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
};

/* In order. "" drops the character. */
static const struct {
    uint32_t first, last;
    const char *plain;
} marks[] = {
    {0x0000, 0x0009, " "},      {0x000A, 0x000D, "\n"},     {0x000E, 0x001F, " "},
    {0x0060, 0x0060, "'"},      {0x007F, 0x0084, " "},      {0x0085, 0x0085, "\n"},
    {0x0086, 0x00A0, " "},      {0x00AD, 0x00AD, ""},       {0x00B4, 0x00B4, "'"},
    {0x00B7, 0x00B7, "."},      {0x02B9, 0x02B9, "'"},      {0x02BC, 0x02BC, "'"},
    {0x060C, 0x060C, ","},      {0x061C, 0x061C, ""},       {0x066A, 0x066A, "%"},
    {0x066B, 0x066B, "\x01"},   {0x066C, 0x066C, "\x02"},   {0x1680, 0x1680, " "},
    {0x2000, 0x200A, " "},      {0x200B, 0x200F, ""},       {0x2010, 0x2012, "-"},
    {0x2013, 0x2015, "\x03"},   {0x2018, 0x201B, "'"},      {0x2028, 0x2029, "\n"},
    {0x202A, 0x202E, ""},       {0x202F, 0x202F, " "},      {0x2032, 0x2032, "'"},
    {0x205F, 0x205F, " "},      {0x2060, 0x2069, ""},       {0x2212, 0x2212, "-"},
    {0x3000, 0x3000, " "},      {0xFE0E, 0xFE0F, ""},       {0xFE58, 0xFE58, "\x03"},
    {0xFE63, 0xFE63, "-"},      {0xFE69, 0xFE69, "$"},      {0xFEFF, 0xFEFF, ""},
    {0xFFE0, 0xFFE0, "\u00A2"}, {0xFFE1, 0xFFE1, "\u00A3"}, {0xFFE5, 0xFFE5, "\u00A5"},
    {0xFFE6, 0xFFE6, "\u20A9"},
};

static int digit_of(uint32_t c)
{
    if (c >= '0' && c <= '9') return (int)(c - '0');
    if (c < zeros[0]) return -1;
    for (size_t i = 0; i < COUNT_OF(zeros); i++) {
        if (c >= zeros[i] && c <= zeros[i] + 9) return (int)(c - zeros[i]);
    }
    return -1;
}

static int superscript_of(uint32_t c)
{
    if (c == 0x00B9) return 1;
    if (c == 0x00B2 || c == 0x00B3) return (int)(c - 0x00B0);
    if (c == 0x2070 || (c >= 0x2074 && c <= 0x2079)) return (int)(c - 0x2070);
    return -1;
}

static int next_superscript(struct view text, size_t *offset)
{
    return *offset < text.length ? superscript_of(utf8_next(text, offset)) : -1;
}

/* Whether a number has its cents already: "12,50". */
static bool has_cents(struct view number)
{
    if (number.length < 3) return false;
    const char *tail = number.data + number.length - 3;
    return (*tail == ',' || *tail == '.') && view_is_digit(tail[1]) && view_is_digit(tail[2]);
}

struct raised_digits {
    char first[2];
    size_t count;
};

/* The run of raised digits at *offset, which moves past it. */
static struct raised_digits next_raised(struct view text, size_t *offset)
{
    struct raised_digits digits = {.count = 0};
    size_t next = *offset;
    for (int digit; (digit = next_superscript(text, &next)) >= 0; *offset = next) {
        if (digits.count < sizeof(digits.first)) digits.first[digits.count] = (char)('0' + digit);
        digits.count++;
    }
    return digits;
}

/* Raised cents behind a number are two digits ("12" and a small "99"); any other raised digit is a
 * footnote's. Two that stand apart from their number may be either: they stay what they are. */
static void add_raised(struct view text, struct buf *out, size_t *offset)
{
    struct raised_digits digits = next_raised(text, offset);
    struct view before = view_trim(buf_view(out));
    bool apart = before.length < out->length;
    char last = before.length ? before.data[before.length - 1] : ' ';
    bool behind_number = view_is_digit(last) || last == ',' || last == '.';
    if (digits.count != sizeof(digits.first) || !behind_number || has_cents(before)) {
        if (view_is_digit(last) && !apart) buf_add_char(out, ' '); /* nothing is joined to it */
        return;
    }
    if (!apart && view_is_digit(last)) buf_add_char(out, MONEY_POINT);
    buf_add(out, digits.first, sizeof(digits.first));
}

static const char *mark_of(uint32_t c)
{
    for (size_t i = 0; i < COUNT_OF(marks) && marks[i].first <= c; i++) {
        if (c <= marks[i].last) return marks[i].plain;
    }
    return NULL;
}

static void add_plain(uint32_t c, struct buf *out)
{
    int digit = digit_of(c);
    const char *mark = mark_of(c);
    if (digit >= 0)
        buf_add_char(out, (char)('0' + digit));
    else if (mark)
        buf_add_text(out, mark);
    else if (c >= 0xFF01 && c <= 0xFF5E)
        buf_add_char(out, (char)(c - 0xFF01 + '!'));
    else if (c == UTF8_INVALID)
        buf_add_char(out, '?');
    else
        utf8_add(out, c);
}

void money_text_plain(struct view text, struct buf *out)
{
    for (size_t at = 0; at < text.length;) {
        size_t next = at;
        uint32_t c = utf8_next(text, &next);
        if (superscript_of(c) >= 0) {
            add_raised(text, out, &at);
            continue;
        }
        add_plain(c, out);
        at = next;
    }
}

bool money_text_is_letter(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } letters[] = {
        {'A', 'Z'},       {'a', 'z'},       {0x00C0, 0x024F}, {0x0370, 0x06FF},
        {0x0900, 0x0E3E}, {0x0E40, 0x10FF}, {0x1E00, 0x1FFF},
    };
    for (size_t i = 0; i < COUNT_OF(letters); i++) {
        if (c >= letters[i].first && c <= letters[i].last) return true;
    }
    return false;
}

uint32_t money_text_before(struct view plain, size_t at)
{
    size_t start = at;
    while (start && at - start < 4) {
        start--;
        if (((unsigned char)plain.data[start] & 0xC0) != 0x80) break;
    }
    return start < at ? utf8_next(plain, &start) : ' ';
}

uint32_t money_text_at(struct view plain, size_t at)
{
    return at < plain.length ? utf8_next(plain, &at) : ' ';
}
