/* SPDX-License-Identifier: Apache-2.0 */
/* The letters of a JSONPath (RFC 9535): blanks, strings, numbers. Private to jsonpath_parse.c,
 * which knows what they mean. */
#ifndef SHOPPER_ANSWER_JSONPATH_LEX_H
#define SHOPPER_ANSWER_JSONPATH_LEX_H

#include "answer/json.h"

#include <stdint.h>

struct jsonpath_lexer {
    struct view text;
    size_t at;
    int depth; /* of what the parser is inside of */
    size_t *ret_offset;
    struct buf *message;
    bool failed;
};

/* Notes the first failure; always false. */
bool lexer_refuse_at(struct jsonpath_lexer *lexer, size_t at, const char *what);
bool lexer_refuse(struct jsonpath_lexer *lexer, const char *what);

char lexer_peek(const struct jsonpath_lexer *lexer); /* '\0' at the end */
bool lexer_accept(struct jsonpath_lexer *lexer, const char *token);
void lexer_skip_blanks(struct jsonpath_lexer *lexer);
bool lexer_is_digit(char c);
bool lexer_is_name_first(char c);

/* The opening quote is next; what the string means is added to out, U+0000 too. */
bool lexer_string(struct jsonpath_lexer *lexer, struct buf *out) MUST_CHECK;
/* RFC 9535's int, within the range of I-JSON. */
bool lexer_integer(struct jsonpath_lexer *lexer, int64_t *ret_number) MUST_CHECK;
/* A number to compare with; the caller ends it with cJSON_Delete. */
bool lexer_number(struct jsonpath_lexer *lexer, cJSON **ret_literal) MUST_CHECK;

#endif
