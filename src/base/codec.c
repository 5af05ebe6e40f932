/* SPDX-License-Identifier: Apache-2.0 */
/* See codec.h. */
#include "base/codec.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

static const char hex_digits[] = "0123456789ABCDEF";

bool codec_add_base64(struct buf *out, struct view bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bool added = true;
    for (size_t i = 0; i < bytes.length; i += 3) {
        size_t left = bytes.length - i;
        uint32_t group = (uint32_t)(unsigned char)bytes.data[i] << 16;
        if (left > 1) group |= (uint32_t)(unsigned char)bytes.data[i + 1] << 8;
        if (left > 2) group |= (unsigned char)bytes.data[i + 2];
        const char quad[4] = {
            alphabet[group >> 18],
            alphabet[group >> 12 & 63],
            left > 1 ? alphabet[group >> 6 & 63] : '=',
            left > 2 ? alphabet[group & 63] : '=',
        };
        added = buf_add(out, quad, sizeof(quad));
    }
    return added;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

bool codec_add_base64_decoded(struct buf *out, struct view text)
{
    while (text.length && text.data[text.length - 1] == '=') text.length--;
    if (text.length % 4 == 1) return false;
    uint32_t group = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text.length; i++) {
        int value = base64_value(text.data[i]);
        if (value < 0) return false;
        group = group << 6 | (uint32_t)value;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        if (!buf_add_char(out, (char)(group >> bits & 0xff))) return false;
    }
    return (group & ((1u << bits) - 1)) == 0;
}

static bool is_alphanumeric(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Keeps letters, digits and `kept`; the rest as %XX; with `plus`, a space as '+'. */
static bool add_escaped(struct buf *out, struct view bytes, const char *kept, bool plus)
{
    bool added = true;
    for (size_t i = 0; i < bytes.length; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        const char escape[3] = {'%', hex_digits[c >> 4], hex_digits[c & 15]};
        if (plus && c == ' ')
            added = buf_add_char(out, '+');
        else if (is_alphanumeric(c) || (c && strchr(kept, c)))
            added = buf_add_char(out, (char)c);
        else
            added = buf_add(out, escape, sizeof(escape));
    }
    return added;
}

bool codec_add_percent(struct buf *out, struct view bytes)
{
    return add_escaped(out, bytes, "-._~", false);
}

bool codec_add_form(struct buf *out, struct view bytes)
{
    return add_escaped(out, bytes, "*-._", true);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool codec_add_percent_decoded(struct buf *out, struct view text, bool plus_is_space)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '+' && plus_is_space) c = ' ';
        if (c == '%') {
            if (text.length - i < 3) return false;
            int high = hex_value(text.data[i + 1]), low = hex_value(text.data[i + 2]);
            if (high < 0 || low < 0) return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (!buf_add_char(out, c)) return false;
    }
    return true;
}

bool codec_add_json(struct buf *out, struct view text)
{
    static const char *const short_escapes[0x20] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r",
    };
    bool added = true;
    for (size_t offset = 0; offset < text.length;) {
        size_t before = offset;
        uint32_t c = utf8_next(text, &offset);
        if (c == UTF8_INVALID)
            added = utf8_add(out, 0xfffd);
        else if (c == '"' || c == '\\')
            added = buf_add_char(out, '\\') && buf_add_char(out, (char)c);
        else if (c < 0x20 && short_escapes[c])
            added = buf_add_text(out, short_escapes[c]);
        else if (c < 0x20 || c == 0x7f)
            added = buf_addf(out, "\\u%04x", (unsigned)c);
        else
            added = buf_add(out, text.data + before, offset - before);
    }
    return added;
}

/* XML 1.0 has no way at all to write most control characters. */
static bool xml_allows(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' ||
           (c >= 0x20 && c != 0xfffe && c != 0xffff && c != UTF8_INVALID);
}

bool codec_add_xml(struct buf *out, struct view text)
{
    bool added = true;
    for (size_t offset = 0; offset < text.length;) {
        size_t before = offset;
        uint32_t c = utf8_next(text, &offset);
        if (!xml_allows(c))
            added = utf8_add(out, 0xfffd);
        else if (c == '&')
            added = buf_add_text(out, "&amp;");
        else if (c == '<')
            added = buf_add_text(out, "&lt;");
        else if (c == '>')
            added = buf_add_text(out, "&gt;");
        else if (c == '"')
            added = buf_add_text(out, "&quot;");
        else if (c == '\'')
            added = buf_add_text(out, "&#39;");
        else
            added = buf_add(out, text.data + before, offset - before);
    }
    return added;
}

bool codec_add_shell(struct buf *out, struct view text)
{
    bool safe = text.length > 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (!is_alphanumeric(c) && (!c || !strchr("-_./:=,@%+", c))) safe = false;
    }
    if (safe) return buf_add_view(out, text);
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\'')
            buf_add_text(out, "'\\''");
        else
            buf_add_char(out, text.data[i]);
    }
    return buf_add_char(out, '\'');
}

/* C1 controls, zero-width and bidirectional marks, line separators, byte order mark: they change
 * what a reader sees. */
static bool is_deceptive(uint32_t c)
{
    return (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x2069) || c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f);
}

bool codec_add_visible(struct buf *out, struct view text)
{
    bool added = true;
    for (size_t offset = 0; offset < text.length;) {
        size_t before = offset;
        uint32_t c = utf8_next(text, &offset);
        if (c == UTF8_INVALID)
            added = buf_addf(out, "\\x%02x", (unsigned char)text.data[before]);
        else if (c == '\n')
            added = buf_add_text(out, "\\n");
        else if (c == '\r')
            added = buf_add_text(out, "\\r");
        else if (c == '\t')
            added = buf_add_text(out, "\\t");
        else if (c < 0x20 || c == 0x7f)
            added = buf_addf(out, "\\x%02x", (unsigned)c);
        else if (is_deceptive(c))
            added = buf_addf(out, "\\u%04x", (unsigned)c);
        else
            added = buf_add(out, text.data + before, offset - before);
    }
    return added;
}

bool codec_add_collapsed(struct buf *out, struct view text)
{
    size_t before = out->length;
    bool space = false;
    for (size_t i = 0; i < text.length && !out->overflowed; i++) {
        char c = text.data[i];
        bool white = view_is_space(c);
        if (!white && space && out->length > before) buf_add_char(out, ' ');
        if (!white) buf_add_char(out, c);
        space = white;
    }
    return !out->overflowed;
}
