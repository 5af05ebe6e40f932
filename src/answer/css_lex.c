/* SPDX-License-Identifier: Apache-2.0 */
/* See css_lex.h. */
#include "answer/css_lex.h"
#include "base/utf8.h"

#include <string.h>

bool css_fail(struct css_parser *parser, size_t offset, const char *what)
{
    if (!parser->failed) {
        *parser->ret_offset = offset;
        buf_add_text(parser->message, what);
    }
    parser->failed = true;
    return false;
}

bool css_fail_name(struct css_parser *parser, size_t offset, const char *before, const char *name,
                   const char *after)
{
    AUTO_BUF what = BUF_INIT(1024);
    struct view clipped = utf8_clip(view_of(name), 60);
    buf_addf(&what, "%s%.*s%s", before, VIEW_PRINTF(clipped), after);
    return css_fail(parser, offset, buf_text(&what));
}

int css_peek_at(const struct css_parser *parser, size_t ahead)
{
    size_t at = parser->at + ahead;
    return at < parser->text.length ? (unsigned char)parser->text.data[at] : -1;
}

int css_peek(const struct css_parser *parser)
{
    return css_peek_at(parser, 0);
}

bool css_accept(struct css_parser *parser, char c)
{
    if (css_peek(parser) != c) return false;
    parser->at++;
    return true;
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

bool css_is_name_char(int c)
{
    return is_name_start(c) || is_digit(c) || c == '-';
}

static bool is_escape(const struct css_parser *parser, size_t ahead)
{
    int next = css_peek_at(parser, ahead + 1);
    return css_peek_at(parser, ahead) == '\\' && next >= 0 && next != '\n' && next != '\r' &&
           next != '\f';
}

static int hex_of(int c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool css_skip_space(struct css_parser *parser)
{
    bool spaced = false;
    for (;;) {
        if (is_space(css_peek(parser))) {
            spaced = true;
            parser->at++;
        } else if (css_peek(parser) == '/' && css_peek_at(parser, 1) == '*') {
            size_t end = view_find(view_from(parser->text, parser->at + 2), VIEW_LITERAL("*/"));
            if (end == SIZE_MAX) {
                css_fail(parser, parser->at, "this comment is never closed");
                parser->at = parser->text.length;
                return spaced;
            }
            parser->at += 2 + end + 2;
        } else {
            return spaced;
        }
    }
}

/* What follows the backslash. */
static void read_escape(struct css_parser *parser, struct buf *out)
{
    parser->at++;
    if (hex_of(css_peek(parser)) < 0) {
        buf_add_char(out, parser->text.data[parser->at++]);
        return;
    }
    uint32_t code_point = 0;
    for (int i = 0; i < 6 && hex_of(css_peek(parser)) >= 0; i++) {
        code_point = code_point << 4 | (uint32_t)hex_of(css_peek(parser));
        parser->at++;
    }
    if (css_peek(parser) == '\r' && css_peek_at(parser, 1) == '\n') parser->at++;
    if (is_space(css_peek(parser))) parser->at++;
    bool is_bad =
        !code_point || code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff);
    utf8_add(out, is_bad ? 0xfffd : code_point);
}

bool css_starts_identifier(const struct css_parser *parser)
{
    size_t ahead = css_peek(parser) == '-' ? 1 : 0;
    int c = css_peek_at(parser, ahead);
    return is_name_start(c) || is_escape(parser, ahead) || (ahead && c == '-');
}

static char *read_name(struct css_parser *parser)
{
    AUTO_BUF name = BUF_INIT(HTML_QUERY_MAX_BYTES * 4);
    for (;;) {
        if (css_is_name_char(css_peek(parser))) {
            buf_add_char(&name, parser->text.data[parser->at++]);
        } else if (is_escape(parser, 0)) {
            read_escape(parser, &name);
        } else {
            return buf_take(&name);
        }
    }
}

char *css_read_identifier(struct css_parser *parser, const char *expected)
{
    if (css_starts_identifier(parser)) return read_name(parser);
    css_fail(parser, parser->at, expected);
    return NULL;
}

char *css_read_string(struct css_parser *parser)
{
    size_t start = parser->at;
    int quote = css_peek(parser);
    AUTO_BUF string = BUF_INIT(HTML_QUERY_MAX_BYTES * 4);
    for (parser->at++; css_peek(parser) != quote;) {
        int c = css_peek(parser);
        if (c < 0 || c == '\n' || c == '\r' || c == '\f') {
            css_fail(parser, start, "this string is never closed");
            return NULL;
        }
        if (is_escape(parser, 0)) {
            read_escape(parser, &string);
        } else if (c == '\\') { /* a line goes on */
            parser->at++;
            if (css_peek(parser) == '\r' && css_peek_at(parser, 1) == '\n') parser->at++;
            if (css_peek(parser) >= 0) parser->at++;
        } else {
            buf_add_char(&string, parser->text.data[parser->at++]);
        }
    }
    parser->at++;
    return buf_take(&string);
}

bool css_read_integer(struct css_parser *parser, int *ret_value)
{
    if (!is_digit(css_peek(parser))) return false;
    int value = 0;
    for (; is_digit(css_peek(parser)); parser->at++) {
        if (value < 100000000) value = value * 10 + (css_peek(parser) - '0');
    }
    *ret_value = value;
    return true;
}
