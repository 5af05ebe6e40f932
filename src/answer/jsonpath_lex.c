/* SPDX-License-Identifier: Apache-2.0 */
/* See jsonpath_lex.h. */
#include "answer/jsonpath_lex.h"

#include "base/utf8.h"

#include <string.h>

#define INTEGER_LIMIT INT64_C(9007199254740991) /* I-JSON: 2^53 - 1 */

bool lexer_refuse_at(struct jsonpath_lexer *lexer, size_t at, const char *what)
{
    if (!lexer->failed) {
        *lexer->ret_offset = at;
        buf_addf(lexer->message, "malformed JSONPath: %s", what);
    }
    lexer->failed = true;
    return false;
}

bool lexer_refuse(struct jsonpath_lexer *lexer, const char *what)
{
    return lexer_refuse_at(lexer, lexer->at, what);
}

/* --- Characters */

char lexer_peek(const struct jsonpath_lexer *lexer)
{
    return lexer->at < lexer->text.length ? lexer->text.data[lexer->at] : '\0';
}

bool lexer_accept(struct jsonpath_lexer *lexer, const char *token)
{
    if (!view_starts_with(view_from(lexer->text, lexer->at), view_of(token))) return false;
    lexer->at += strlen(token);
    return true;
}

void lexer_skip_blanks(struct jsonpath_lexer *lexer)
{
    for (char c = lexer_peek(lexer); c == ' ' || c == '\t' || c == '\n' || c == '\r';
         c = lexer_peek(lexer))
        lexer->at++;
}

bool lexer_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool lexer_is_name_first(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

/* --- Strings */

static int hex_unit(struct jsonpath_lexer *lexer)
{
    int unit = 0;
    for (int i = 0; i < 4; i++, lexer->at++) {
        char c = lexer_peek(lexer);
        int digit = lexer_is_digit(c)      ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static bool unicode_escape(struct jsonpath_lexer *lexer, struct buf *out)
{
    size_t from = lexer->at - 2;
    int unit = hex_unit(lexer);
    if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return lexer_refuse_at(lexer, from, "a bad \\u escape");
    uint32_t code_point = (uint32_t)unit;
    if (unit >= 0xd800 && unit <= 0xdbff) {
        int low = lexer_accept(lexer, "\\u") ? hex_unit(lexer) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return lexer_refuse_at(lexer, from, "half a surrogate pair");
        code_point = 0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
    }
    return utf8_add(out, code_point);
}

static bool escape(struct jsonpath_lexer *lexer, char quote, struct buf *out)
{
    static const char *const escapes = "b\bf\fn\nr\rt\t//\\\\";
    char c = lexer_peek(lexer);
    lexer->at++;
    if (c == 'u') return unicode_escape(lexer, out);
    if (c == quote) return buf_add_char(out, c);
    for (const char *pair = escapes; *pair; pair += 2) {
        if (*pair == c) return buf_add_char(out, pair[1]);
    }
    return lexer_refuse_at(lexer, lexer->at - 2, "an escape that JSONPath does not know");
}

bool lexer_string(struct jsonpath_lexer *lexer, struct buf *out)
{
    char quote = lexer_peek(lexer);
    size_t from = lexer->at++;
    while (lexer->at < lexer->text.length) {
        size_t at = lexer->at;
        uint32_t c = utf8_next(lexer->text, &lexer->at);
        if (c == (uint32_t)quote) return true;
        if (c < 0x20) return lexer_refuse_at(lexer, at, "a control character in a string");
        if (c == UTF8_INVALID) return lexer_refuse_at(lexer, at, "broken UTF-8");
        if (c == '\\') {
            if (!escape(lexer, quote, out)) return false;
        } else {
            buf_add(out, lexer->text.data + at, lexer->at - at);
        }
    }
    return lexer_refuse_at(lexer, from, "a string that is never closed");
}

/* --- Numbers */

bool lexer_integer(struct jsonpath_lexer *lexer, int64_t *ret_number)
{
    size_t from = lexer->at;
    bool negative = lexer_accept(lexer, "-");
    int64_t number = 0;
    size_t digits = 0;
    bool zero = lexer_peek(lexer) == '0';
    for (; lexer_is_digit(lexer_peek(lexer)); lexer->at++, digits++) {
        number = number * 10 + (lexer_peek(lexer) - '0');
        if (number > INTEGER_LIMIT) return lexer_refuse_at(lexer, from, "a number beyond 2^53 - 1");
    }
    if (!digits) return lexer_refuse_at(lexer, from, "a number is expected");
    if (zero && digits > 1) return lexer_refuse_at(lexer, from, "a number with a leading zero");
    if (zero && negative) return lexer_refuse_at(lexer, from, "0 with a minus sign");
    *ret_number = negative ? -number : number;
    return true;
}

static size_t digits(struct jsonpath_lexer *lexer)
{
    size_t from = lexer->at;
    while (lexer_is_digit(lexer_peek(lexer))) lexer->at++;
    return lexer->at - from;
}

bool lexer_number(struct jsonpath_lexer *lexer, cJSON **ret_literal)
{
    size_t from = lexer->at;
    (void)lexer_accept(lexer, "-");
    bool zero = lexer_peek(lexer) == '0';
    size_t count = digits(lexer);
    if (!count || (zero && count > 1)) return lexer_refuse_at(lexer, from, "a malformed number");
    if (lexer_accept(lexer, ".") && !digits(lexer))
        return lexer_refuse_at(lexer, from, "a malformed number");
    if (lexer_peek(lexer) == 'e' || lexer_peek(lexer) == 'E') {
        lexer->at++;
        if (lexer_peek(lexer) == '+' || lexer_peek(lexer) == '-') lexer->at++;
        if (!digits(lexer)) return lexer_refuse_at(lexer, from, "a malformed number");
    }
    AUTO_BUF ignored = BUF_INIT(256);
    *ret_literal = json_parse(view_slice(lexer->text, from, lexer->at - from), &ignored);
    return *ret_literal || lexer_refuse_at(lexer, from, "a malformed number");
}
