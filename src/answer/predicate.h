/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a value is held against. Numbers compare as numbers, money as money (same currency or it
 * fails), text as text; a comparison that cannot be made is a failure that says why, never a pass.
 */
#ifndef SHOPPER_ANSWER_PREDICATE_H
#define SHOPPER_ANSWER_PREDICATE_H

#include "answer/value.h"

#include <stdbool.h>

/* What kind of operand a predicate takes in the journey file. */
enum operand_kind {
    OPERAND_VALUE,
    OPERAND_TEXT,
    OPERAND_PATTERN,
    OPERAND_BOOL,
    OPERAND_COUNT,
    OPERAND_TYPE
};

/* enum name, key in the journey file, operand, help */
#define PREDICATES(X)                                                                              \
    X(EQUALS, "equals", VALUE, "is the same; a list: is one of them")                              \
    X(NOT, "not", VALUE, "is not the same; a list: is none of them")                               \
    X(CONTAINS, "contains", VALUE,                                                                 \
      "text holds the text, a list or array holds the element; a list: all of them")               \
    X(MATCHES, "matches", PATTERN, "the regular expression (PCRE2) matches somewhere")             \
    X(STARTS_WITH, "starts_with", TEXT, "text begins so")                                          \
    X(ENDS_WITH, "ends_with", TEXT, "text ends so")                                                \
    X(MORE_THAN, "more_than", VALUE, "is greater")                                                 \
    X(AT_LEAST, "at_least", VALUE, "is greater or equal")                                          \
    X(LESS_THAN, "less_than", VALUE, "is less")                                                    \
    X(AT_MOST, "at_most", VALUE, "is less or equal")                                               \
    X(EXISTS, "exists", BOOL, "is there (true) or is not (false)")                                 \
    X(EMPTY, "empty", BOOL, "is empty text, list, array or object (true), or is not (false)")      \
    X(COUNT, "count", COUNT, "has so many elements; a mapping holds the count against predicates") \
    X(TYPE, "type", TYPE, "is a string, number, integer, boolean, null, array, object or money")

enum predicate_kind {
#define X(name, key, operand, help) PREDICATE_##name,
    PREDICATES(X)
#undef X
        PREDICATE_KIND_COUNT
};

const char *predicate_key(enum predicate_kind kind);
const char *predicate_help(enum predicate_kind kind);
enum operand_kind predicate_operand(enum predicate_kind kind);

struct pattern;

/*
 * Whether `actual` meets it. `expected` for MATCHES is ignored in favour of `pattern`; for TYPE it
 * is text. COUNT compares value_count() with `expected` (nested predicates on a count are the
 * caller's: it passes a number value and the inner predicate). When it does not hold,
 * `expected_text` and `actual_text` get one line each for people: "more than 0" / "0.00 EUR"; or,
 * where no comparison could be made, why.
 */
bool predicate_holds(enum predicate_kind kind, const struct value *actual,
                     const struct value *expected, const struct pattern *pattern,
                     struct buf *expected_text, struct buf *actual_text) MUST_CHECK;
/* Whether the comparison can be made, holds or not. Nothing can be held against anything. */
bool predicate_applies(enum predicate_kind kind, const struct value *actual,
                       const struct value *expected, const struct pattern *pattern) MUST_CHECK;

#endif
