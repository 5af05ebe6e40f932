/* SPDX-License-Identifier: Apache-2.0 */
/* See json_scan.h. */
#include "answer/json_scan.h"

#include "answer/json.h"
#include "base/codec.h"
#include "base/map.h"
#include "base/utf8.h"

#include <string.h>

#define LONG_DIGITS 15 /* a double holds so many decimal digits, whatever they are */
#define FEW_KEYS 8     /* compared one by one; more go to a map */

struct scanner {
    struct view text;
    size_t at;
    int depth;
    struct json_oddities oddities;
    struct buf *reason;
};

static bool refuse(struct scanner *scanner, size_t at, const char *what)
{
    buf_addf(scanner->reason, "not JSON: %s (byte %zu)", what, at);
    return false;
}

static bool at_end(const struct scanner *scanner)
{
    return scanner->at >= scanner->text.length;
}

/* What stands here is not what should; or nothing stands here any more. */
static bool refuse_here(struct scanner *scanner, const char *expected, const char *ended)
{
    return refuse(scanner, scanner->at, at_end(scanner) ? ended : expected);
}

static char peek(const struct scanner *scanner)
{
    return !at_end(scanner) ? scanner->text.data[scanner->at] : '\0';
}

static void skip_space(struct scanner *scanner)
{
    for (char c = peek(scanner); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(scanner))
        scanner->at++;
}

static size_t scan_digits(struct scanner *scanner)
{
    size_t from = scanner->at;
    while (view_is_digit(peek(scanner))) scanner->at++;
    return scanner->at - from;
}

static bool scan_number(struct scanner *scanner)
{
    size_t from = scanner->at;
    if (peek(scanner) == '-') scanner->at++;
    bool zero = peek(scanner) == '0';
    size_t digits = scan_digits(scanner), exponent = 0;
    if (!digits) return refuse(scanner, from, "a number without digits");
    if (zero && digits > 1) return refuse(scanner, from, "a number with a leading zero");
    if (peek(scanner) == '.') {
        scanner->at++;
        size_t places = scan_digits(scanner);
        if (!places) return refuse(scanner, from, "a number that ends in its point");
        digits += places;
    }
    if (peek(scanner) == 'e' || peek(scanner) == 'E') {
        scanner->at++;
        if (peek(scanner) == '+' || peek(scanner) == '-') scanner->at++;
        exponent = scan_digits(scanner);
        if (!exponent) return refuse(scanner, from, "a number without its exponent");
    }
    if (digits > LONG_DIGITS || exponent > 2) scanner->oddities.long_numbers = true;
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four digits after \u, or -1. */
static int scan_hex(struct scanner *scanner)
{
    int unit = 0;
    for (int i = 0; i < 4; i++, scanner->at++) {
        int digit = hex_value(peek(scanner));
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* --- Escapes that RFC 8259 allows and that mean no character: a shop's answer may hold them. */

#define ESCAPE_BYTES (sizeof("\\u0000") - 1)
#define PAIR_BYTES (2 * ESCAPE_BYTES)

/* The code unit of the \uXXXX at `at`; -1: none stands there. */
static int unit_at(struct view text, size_t at)
{
    struct scanner scanner = {.text = text, .at = at + 2};
    if (!view_starts_with(view_from(text, at), VIEW_LITERAL("\\u"))) return -1;
    return scan_hex(&scanner);
}

static bool is_pair(struct view text, size_t at)
{
    int high = unit_at(text, at);
    if (high < 0xd800 || high > 0xdbff) return false;
    int low = unit_at(text, at + ESCAPE_BYTES);
    return low >= 0xdc00 && low <= 0xdfff;
}

static bool means_nothing(int unit)
{
    return unit == 0 || (unit >= 0xd800 && unit <= 0xdfff);
}

void json_add_mended(struct view text, struct buf *out)
{
    for (size_t at = 0, length = 1; at < text.length; at += length) {
        int unit = unit_at(text, at);
        length = 1;
        if (text.data[at] == '\\') length = 2;
        if (unit >= 0) length = is_pair(text, at) ? PAIR_BYTES : ESCAPE_BYTES;
        if (length == ESCAPE_BYTES && means_nothing(unit))
            buf_add_text(out, "\\ufffd");
        else
            buf_add_view(out, view_slice(text, at, length));
    }
}

static bool scan_escape(struct scanner *scanner)
{
    size_t from = scanner->at++;
    if (at_end(scanner)) return true; /* the string notices that it never ends */
    char c = peek(scanner);
    scanner->at++;
    if (c && strchr("\"\\/bfnrt", c)) return true;
    if (c != 'u') return refuse(scanner, from, "an escape that JSON does not know");
    int unit = scan_hex(scanner);
    if (unit < 0) return refuse(scanner, from, "a \\u without four hexadecimal digits");
    if (is_pair(scanner->text, from))
        scanner->at = from + PAIR_BYTES;
    else if (means_nothing(unit))
        scanner->oddities.escapes = true;
    return true;
}

/* *ret_inside is what stands between the quotes, still escaped. */
static bool scan_string(struct scanner *scanner, struct view *ret_inside)
{
    size_t from = scanner->at++;
    while (!at_end(scanner)) {
        unsigned char c = (unsigned char)scanner->text.data[scanner->at];
        if (c == '"') {
            *ret_inside = view_slice(scanner->text, from + 1, scanner->at - from - 1);
            scanner->at++;
            return true;
        }
        if (c < 0x20) return refuse(scanner, scanner->at, "a control character inside a string");
        if (c == '\\') {
            if (!scan_escape(scanner)) return false;
        } else if (c < 0x80) {
            scanner->at++;
        } else {
            size_t at = scanner->at;
            if (utf8_next(scanner->text, &scanner->at) == UTF8_INVALID)
                return refuse(scanner, at, "broken UTF-8");
        }
    }
    return refuse(scanner, scanner->text.length, "the text ends inside a string");
}

static bool scan_word(struct scanner *scanner, const char *word)
{
    struct view rest = view_from(scanner->text, scanner->at);
    if (!view_starts_with(rest, view_of(word)))
        return refuse(scanner, scanner->at, "a word that JSON does not know");
    scanner->at += strlen(word);
    return true;
}

static bool scan_value(struct scanner *scanner);

static const char in_array[] = "the text ends inside an array";
static const char in_object[] = "the text ends inside an object";

static bool scan_array(struct scanner *scanner)
{
    scanner->at++;
    skip_space(scanner);
    if (peek(scanner) == ']') {
        scanner->at++;
        return true;
    }
    for (;;) {
        skip_space(scanner);
        if (at_end(scanner)) return refuse(scanner, scanner->at, in_array);
        if (!scan_value(scanner)) return false;
        skip_space(scanner);
        char c = peek(scanner);
        if (c != ',' && c != ']') return refuse_here(scanner, "',' or ']' is expected", in_array);
        scanner->at++;
        if (c == ']') return true;
    }
}

/* --- Doubled keys: which of the two counts differs from reader to reader; such a text is none. */

struct keys {
    struct view few[FEW_KEYS];
    size_t count;
    struct map many;
};

/* The same key may be written with and without escapes: those are compared as what they mean. */
static struct view meaning_of(struct view inside, struct buf *scratch)
{
    if (view_find_char(inside, '\\') == SIZE_MAX) return inside;
    AUTO_BUF quoted = BUF_INIT(BUF_OWN_CAP);
    buf_add_char(&quoted, '"');
    json_add_mended(inside, &quoted);
    buf_add_char(&quoted, '"');
    cJSON *string = cJSON_ParseWithLength(buf_text(&quoted), quoted.length);
    if (string && string->valuestring) buf_add_text(scratch, string->valuestring);
    cJSON_Delete(string);
    return buf_view(scratch);
}

static bool keys_add(struct keys *keys, struct view key)
{
    AUTO_BUF scratch = BUF_INIT(BUF_OWN_CAP);
    bool escaped = view_find_char(key, '\\') != SIZE_MAX;
    if (!escaped && keys->count < FEW_KEYS && !keys->many.count) {
        for (size_t i = 0; i < keys->count; i++) {
            if (view_equals(keys->few[i], key)) return false;
        }
        keys->few[keys->count++] = key;
        return true;
    }
    if (!keys->many.count) {
        for (size_t i = 0; i < keys->count; i++) map_set(&keys->many, keys->few[i], keys);
    }
    struct view meaning = meaning_of(key, &scratch);
    if (map_get(&keys->many, meaning)) return false;
    map_set(&keys->many, meaning, keys);
    return true;
}

static bool scan_member(struct scanner *scanner, struct keys *keys)
{
    struct view key = VIEW_NONE;
    size_t from = scanner->at;
    if (peek(scanner) != '"') return refuse_here(scanner, "a key in quotes is expected", in_object);
    if (!scan_string(scanner, &key)) return false;
    if (!keys_add(keys, key)) {
        AUTO_BUF what = BUF_INIT(1024);
        buf_add_text(&what, "the key '");
        codec_add_visible(&what, utf8_clip(key, 100));
        buf_add_text(&what, "' stands twice in one object");
        return refuse(scanner, from, buf_text(&what));
    }
    skip_space(scanner);
    if (peek(scanner) != ':') return refuse_here(scanner, "':' is expected", in_object);
    scanner->at++;
    skip_space(scanner);
    if (at_end(scanner)) return refuse(scanner, scanner->at, in_object);
    return scan_value(scanner);
}

static bool scan_members(struct scanner *scanner, struct keys *keys)
{
    for (;;) {
        skip_space(scanner);
        if (!scan_member(scanner, keys)) return false;
        skip_space(scanner);
        char c = peek(scanner);
        if (c != ',' && c != '}') return refuse_here(scanner, "',' or '}' is expected", in_object);
        scanner->at++;
        if (c == '}') return true;
    }
}

static bool scan_object(struct scanner *scanner)
{
    scanner->at++;
    skip_space(scanner);
    if (peek(scanner) == '}') {
        scanner->at++;
        return true;
    }
    struct keys keys = {.count = 0};
    bool good = scan_members(scanner, &keys);
    map_release(&keys.many);
    return good;
}

static bool scan_value(struct scanner *scanner)
{
    struct view ignored = VIEW_NONE;
    char c = peek(scanner);
    bool good = false;
    switch (c) {
    case '{':
    case '[':
        if (scanner->depth == JSON_MAX_DEPTH)
            return refuse(scanner, scanner->at, "nested too deep");
        scanner->depth++;
        good = c == '{' ? scan_object(scanner) : scan_array(scanner);
        scanner->depth--;
        return good;
    case '"': return scan_string(scanner, &ignored);
    case 't': return scan_word(scanner, "true");
    case 'f': return scan_word(scanner, "false");
    case 'n': return scan_word(scanner, "null");
    default: break;
    }
    if (c == '-' || view_is_digit(c)) return scan_number(scanner);
    return refuse(scanner, scanner->at, "a value is expected");
}

bool json_scan(struct view text, struct json_oddities *ret_oddities, struct buf *reason)
{
    struct scanner scanner = {.text = text, .reason = reason};
    if (view_starts_with(text, VIEW_LITERAL(JSON_BYTE_ORDER_MARK)))
        scanner.at = sizeof(JSON_BYTE_ORDER_MARK) - 1;
    skip_space(&scanner);
    if (at_end(&scanner)) {
        buf_add_text(reason, "not JSON: the text is empty");
        return false;
    }
    if (!scan_value(&scanner)) return false;
    skip_space(&scanner);
    if (!at_end(&scanner)) return refuse(&scanner, scanner.at, "something follows the value");
    *ret_oddities = scanner.oddities;
    return true;
}

bool json_scan_number(struct view text, size_t *offset, struct view *ret_number)
{
    AUTO_BUF ignored = BUF_INIT(256);
    struct scanner scanner = {.text = text, .at = *offset, .reason = &ignored};
    while (!at_end(&scanner)) {
        char c = peek(&scanner);
        struct view inside = VIEW_NONE;
        size_t from = scanner.at;
        if (c == '"') {
            if (!scan_string(&scanner, &inside)) return false;
        } else if (c == '-' || view_is_digit(c)) {
            if (!scan_number(&scanner)) return false;
            *ret_number = view_slice(text, from, scanner.at - from);
            *offset = scanner.at;
            return true;
        } else {
            scanner.at++;
        }
    }
    return false;
}
