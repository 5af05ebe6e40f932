/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled JSONPath, for jsonpath*.c only. Names are RFC 9535's. */
#ifndef SHOPPER_ANSWER_JSONPATH_TREE_H
#define SHOPPER_ANSWER_JSONPATH_TREE_H

#include "answer/jsonpath.h"
#include "answer/pattern.h"

#include <stdint.h>

enum selector_kind {
    SELECTOR_NAME,
    SELECTOR_WILDCARD,
    SELECTOR_INDEX,
    SELECTOR_SLICE,
    SELECTOR_FILTER
};

struct selector {
    enum selector_kind kind;
    char *name; /* SELECTOR_NAME; one with U+0000 in it names nothing that can be read here */
    bool unnameable;
    int64_t index;            /* SELECTOR_INDEX */
    int64_t start, end, step; /* SELECTOR_SLICE */
    bool has_start, has_end;
    struct logical *filter; /* SELECTOR_FILTER */
};

struct segment {
    bool descendant;
    struct selector *selectors;
    size_t count;
};

struct query {
    bool relative; /* '@', not '$' */
    struct segment *segments;
    size_t count;
};

enum function_kind {
    FUNCTION_LENGTH,
    FUNCTION_COUNT,
    FUNCTION_MATCH,
    FUNCTION_SEARCH,
    FUNCTION_VALUE
};

enum operand_type { OPERAND_LITERAL, OPERAND_QUERY, OPERAND_FUNCTION };

/* What may stand in a comparison or as a function's argument. */
struct comparable {
    enum operand_type type;
    cJSON *literal; /* an empty one for a string, whose bytes are `text` */
    char *text;     /* may hold U+0000, which ends cJSON's strings */
    size_t text_bytes;
    struct query query;
    enum function_kind function;
    struct comparable *arguments; /* two at the most */
    size_t argument_count;
    struct pattern *pattern; /* match, search with a literal I-Regexp, compiled once */
    bool bad_pattern;        /* which is none: it matches nothing */
};

enum logical_kind { LOGICAL_OR, LOGICAL_AND, LOGICAL_NOT, LOGICAL_COMPARE, LOGICAL_TEST };
enum comparison {
    COMPARE_EQUAL,
    COMPARE_NOT_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL
};

struct logical {
    enum logical_kind kind;
    struct logical *left, *right; /* OR, AND; NOT has only left */
    enum comparison comparison;
    struct comparable a, b; /* COMPARE; TEST has only a */
};

struct jsonpath {
    struct query query;
};

/* jsonpath_parse.c */
bool query_parse(struct view text, struct query *ret_query, size_t *ret_offset,
                 struct buf *message) MUST_CHECK;
void query_release(struct query *query);
bool query_is_singular(const struct query *query);

#endif
