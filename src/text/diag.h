/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: what is wrong with a text that a person wrote. They are collected and shown
 * together, each with a place, a stable code, and where it helps a hint. Only the renderer adds
 * file:line:col.
 */
#ifndef SHOPPER_TEXT_DIAG_H
#define SHOPPER_TEXT_DIAG_H

#include "base/buf.h"
#include "text/source.h"

#include <stdbool.h>
#include <stddef.h>

/* Every code that this program can print: name, stable code, the level that it has unless the place
 * makes it worse or better, what it means. Codes are never reused. */
#define DIAG_CODES(X)                                                                              \
    X(SYNTAX, "J001", ERROR, "the file is not well-formed YAML or JSON")                           \
    X(LIMIT, "J002", ERROR, "the file is larger, deeper or more entangled than allowed")           \
    X(UNREADABLE, "J003", ERROR, "a file cannot be read")                                          \
    X(UNKNOWN_KEY, "J010", ERROR, "a key that does not belong here")                               \
    X(MISSING_KEY, "J011", ERROR, "a key that must be there is not")                               \
    X(DUPLICATE_KEY, "J012", ERROR, "a key stands twice in one mapping")                           \
    X(CONFLICT, "J013", ERROR, "keys that exclude each other stand together")                      \
    X(WRONG_TYPE, "J014", ERROR, "a value of another kind is needed here")                         \
    X(BAD_VALUE, "J015", ERROR, "a value that is not one of those allowed")                        \
    X(MISSING_UNIT, "J016", ERROR, "a bare number where a unit is needed")                         \
    X(EMPTY, "J017", ERROR, "something needed is empty")                                           \
    X(TEMPLATE, "J020", ERROR, "a ${...} is malformed")                                            \
    X(UNSET_NAME, "J021", ERROR, "a name is used before anything sets it")                         \
    X(PLAIN_SECRET, "J022", WARNING, "a secret stands as text in the journey")                     \
    X(DUPLICATE_NAME, "J023", ERROR, "two things have the same name")                              \
    X(UNREAD_NAME, "J024", ERROR, "a variable is given, and nothing reads it")                     \
    X(BAD_JSONPATH, "J030", ERROR, "a JSONPath is malformed")                                      \
    X(BAD_SELECTOR, "J031", ERROR, "a CSS selector is malformed")                                  \
    X(BAD_XPATH, "J032", ERROR, "an XPath is malformed")                                           \
    X(BAD_REGEX, "J033", ERROR, "a regular expression is malformed")                               \
    X(BAD_CRON, "J034", ERROR, "a cron expression is malformed or never fires")                    \
    X(BAD_URL, "J035", ERROR, "a URL is malformed or not http(s)")                                 \
    X(HOST_NOT_ALLOWED, "J036", ERROR, "a URL leads to a host that is not allowed")                \
    X(RECURSION, "J040", ERROR, "files use each other in a circle, or too deep")                   \
    X(MANY_STEPS, "J041", ERROR, "more steps than allowed")                                        \
    X(NO_UNDO, "J050", WARNING, "a step creates something that nothing undoes")                    \
    X(NO_CAP, "J051", WARNING, "a step with consequences has no cap")                              \
    X(UNUSED_NAME, "J052", WARNING, "a captured name is never used")                               \
    X(SCHEDULE_TIGHT, "J053", WARNING, "a schedule is faster than the deadline of a run")          \
    X(CHECK_ALWAYS, "J054", WARNING, "a check that can never fail")                                \
    X(UNKNOWN_NAME, "J055", WARNING, "a name in a configuration that nothing watched has")

enum diag_code {
#define X(name, code, level, help) DIAG_##name,
    DIAG_CODES(X)
#undef X
        DIAG_CODE_COUNT
};

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diag {
    enum diag_level level;
    enum diag_code code;
    struct place place;
    char *message;         /* one line, no place, no full stop */
    char *hint;            /* "did you mean ..."; NULL: none */
    struct source *source; /* held for place */
};

struct diags {
    struct diag *items;
    size_t count, capacity; /* a VEC */
    size_t errors, warnings;
    size_t dropped; /* past DIAG_MAX */
};

#define DIAG_MAX 100
#define DIAGS_INIT ((struct diags){0})

void diags_release(struct diags *diags);
/* Adds an error and returns it for a hint; never NULL (a scratch one when `diags` is full). */
struct diag *diag_error(struct diags *diags, enum diag_code code, struct place place,
                        const char *format, ...) PRINTF_LIKE(4, 5);
struct diag *diag_warning(struct diags *diags, enum diag_code code, struct place place,
                          const char *format, ...) PRINTF_LIKE(4, 5);
void diag_hint(struct diag *diag, const char *format, ...) PRINTF_LIKE(2, 3);
/* "did you mean 'x'?", when a candidate is near; candidates end with NULL. */
void diag_suggest(struct diag *diag, struct view word, const char *const *candidates);
/* The nearest candidate by edit distance (at most a third of the word's length), or NULL. */
const char *suggest_nearest(struct view word, const char *const *candidates);

const char *diag_code_text(enum diag_code code); /* "J010" */
const char *diag_code_help(enum diag_code code);
enum diag_level diag_code_level(enum diag_code code); /* its usual one */

/* By file, then line, then column. */
void diags_sort(struct diags *diags);
/* Of sorted ones, drops what says the same of the same place again: a file that several journeys
 * use is read for each. */
void diags_drop_repeated(struct diags *diags);
/*
 * As a compiler prints it:
 *   checkout.yaml:12:5: error: unknown key 'stge' in a step [J010]
 *      12 |     stge: login
 *         |     ^~~~
 *         = did you mean 'stage'?
 * Quoted text is made visible; a line with a PLAIN_SECRET in it is not quoted by any message.
 * `color` adds ANSI colours.
 */
void diag_print(const struct diag *diag, struct buf *out, bool color);
void diags_print(const struct diags *diags, struct buf *out,
                 bool color); /* sorted order is the caller's */

#endif
