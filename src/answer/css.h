/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSS selectors: parsed once to a tree (css.c), then held against elements of a page from right to
 * left (css_match.c, css_pseudo.c). Private to html_query.c and these.
 *
 * Sources: Selectors Level 4 (https://www.w3.org/TR/selectors-4/), of it what html.h names; CSS
 * Syntax Level 3 for names, strings and escapes; HTML 4.16 for what each pseudo-class means.
 */
#ifndef SHOPPER_ANSWER_CSS_H
#define SHOPPER_ANSWER_CSS_H

#include "answer/html_tree.h"

#define CSS_MAX_NESTING 16 /* of parentheses */

enum css_combinator { CSS_DESCENDANT, CSS_CHILD, CSS_NEXT_SIBLING, CSS_LATER_SIBLING };

enum css_simple_kind { CSS_UNIVERSAL, CSS_TYPE, CSS_ID, CSS_CLASS, CSS_ATTRIBUTE, CSS_PSEUDO };

enum css_operator {
    CSS_EXISTS,
    CSS_EQUALS,
    CSS_WORD,   /* ~= */
    CSS_DASH,   /* |= */
    CSS_PREFIX, /* ^= */
    CSS_SUFFIX, /* $= */
    CSS_PART    /* *= */
};

/* What follows the name of a pseudo-class. */
enum css_argument {
    CSS_NO_ARGUMENT,
    CSS_SELECTORS,
    CSS_RELATIVE_SELECTORS,
    CSS_NTH,
    CSS_LANGUAGES
};

/* enum name, as written, argument */
#define CSS_PSEUDO_CLASSES(X)                                                                      \
    X(ANY_LINK, "any-link", NO_ARGUMENT)                                                           \
    X(CHECKED, "checked", NO_ARGUMENT)                                                             \
    X(DISABLED, "disabled", NO_ARGUMENT)                                                           \
    X(EMPTY, "empty", NO_ARGUMENT)                                                                 \
    X(ENABLED, "enabled", NO_ARGUMENT)                                                             \
    X(FIRST_CHILD, "first-child", NO_ARGUMENT)                                                     \
    X(FIRST_OF_TYPE, "first-of-type", NO_ARGUMENT)                                                 \
    X(HAS, "has", RELATIVE_SELECTORS)                                                              \
    X(IS, "is", SELECTORS)                                                                         \
    X(LANG, "lang", LANGUAGES)                                                                     \
    X(LAST_CHILD, "last-child", NO_ARGUMENT)                                                       \
    X(LAST_OF_TYPE, "last-of-type", NO_ARGUMENT)                                                   \
    X(LINK, "link", NO_ARGUMENT)                                                                   \
    X(NOT, "not", SELECTORS)                                                                       \
    X(NTH_CHILD, "nth-child", NTH)                                                                 \
    X(NTH_LAST_CHILD, "nth-last-child", NTH)                                                       \
    X(NTH_LAST_OF_TYPE, "nth-last-of-type", NTH)                                                   \
    X(NTH_OF_TYPE, "nth-of-type", NTH)                                                             \
    X(ONLY_CHILD, "only-child", NO_ARGUMENT)                                                       \
    X(ONLY_OF_TYPE, "only-of-type", NO_ARGUMENT)                                                   \
    X(OPTIONAL, "optional", NO_ARGUMENT)                                                           \
    X(REQUIRED, "required", NO_ARGUMENT)                                                           \
    X(ROOT, "root", NO_ARGUMENT)                                                                   \
    X(SCOPE, "scope", NO_ARGUMENT)                                                                 \
    X(WHERE, "where", SELECTORS)

enum css_pseudo {
#define X(name, text, argument) CSS_##name,
    CSS_PSEUDO_CLASSES(X)
#undef X
        CSS_PSEUDO_COUNT
};

struct css_simple {
    enum css_simple_kind kind;
    enum css_pseudo pseudo;
    enum css_operator operator;
    bool ignore_case;           /* of the value: the flag i, or HTML's list of attributes */
    bool html_only_ignore_case; /* ... for HTML elements alone: the list */
    bool any_namespace;         /* [*|name] */
    unsigned number;            /* of its place in the whole selector: a key for caches */
    char *name;                 /* of type, id, class or attribute, as written */
    char *lower_name;           /* the same for HTML elements: type and attribute */
    char *value;
    size_t value_length;
    int step, offset;           /* An+B */
    struct css_list *selectors; /* the argument, or what follows `of`; or NULL */
};

/* Simple selectors that hold for one element. */
struct css_compound {
    enum css_combinator combinator; /* to the compound on its left; no meaning for the first */
    bool is_anchor;                 /* the element that :has() is asked of */
    struct {
        struct css_simple *items;
        size_t count, capacity;
    } simples;
};

struct css_complex {
    struct css_compound *items; /* from left to right */
    size_t count, capacity;
};

struct css_list {
    struct css_complex *items;
    size_t count, capacity;
};

/* NULL: malformed; message and *ret_offset say what and where. */
struct css_list *css_parse(struct view selector, size_t *ret_offset,
                           struct buf *message) MUST_CHECK;
void css_list_free(struct css_list *list);

/* Indexes among siblings that were counted last, one per :nth-...() */
#define CSS_CACHED_INDEXES 8
struct css_matcher {
    const struct html *html;
    const xmlNode *anchor; /* of the innermost :has() */
    size_t steps_left;     /* 0: gave up, and what it says then means nothing */
    struct css_cached_index {
        const struct css_simple *simple;
        const xmlNode *node;
        int index;
    } cached[CSS_CACHED_INDEXES];
};

bool css_matches(struct css_matcher *matcher, const struct css_list *list, const xmlNode *element);
bool css_pseudo_matches(struct css_matcher *matcher, const struct css_simple *simple,
                        const xmlNode *element);
/* Counts a step of work; false when there were too many. */
bool css_step(struct css_matcher *matcher);
const xmlNode *css_next_sibling(const xmlNode *node);
const xmlNode *css_previous_sibling(const xmlNode *node);

#endif
