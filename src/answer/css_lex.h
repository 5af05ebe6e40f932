/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The letters of a selector (CSS Syntax Level 3): names, strings, escapes, comments. Private to
 * css.c, which knows what they mean.
 */
#ifndef SHOPPER_ANSWER_CSS_LEX_H
#define SHOPPER_ANSWER_CSS_LEX_H

#include "answer/css.h"

struct css_parser {
    struct view text;
    size_t at;
    unsigned nesting, simple_count;
    bool in_has;
    bool failed;
    size_t *ret_offset;
    struct buf *message;
};

/* Notes the first failure; always false. */
bool css_fail(struct css_parser *parser, size_t offset, const char *what);
/* The same with a name, cut to a sane length, between two pieces of text. */
bool css_fail_name(struct css_parser *parser, size_t offset, const char *before, const char *name,
                   const char *after);

/* The next byte, or the one `ahead` of it; -1 at the end. */
int css_peek(const struct css_parser *parser);
int css_peek_at(const struct css_parser *parser, size_t ahead);
bool css_accept(struct css_parser *parser, char c);
/* White space and comments; true if there was white space. */
bool css_skip_space(struct css_parser *parser);
bool css_is_name_char(int c);
bool css_starts_identifier(const struct css_parser *parser);

/* Owned by the caller. NULL: there is none; `expected` becomes the message. */
char *css_read_identifier(struct css_parser *parser, const char *expected) MUST_CHECK;
/* The opening quote is next. NULL: it is never closed. */
char *css_read_string(struct css_parser *parser) MUST_CHECK;
/* Digits only; what no page could reach is clamped. */
bool css_read_integer(struct css_parser *parser, int *ret_value) MUST_CHECK;

#endif
