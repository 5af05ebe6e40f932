/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: where a value comes from. An extractor is compiled once, immutable, and shared by runs.
 */
#ifndef SHOPPER_ANSWER_EXTRACT_H
#define SHOPPER_ANSWER_EXTRACT_H

#include "answer/html.h"
#include "answer/jsonpath.h"
#include "answer/message.h"
#include "answer/pattern.h"
#include "answer/value.h"

#include <stdbool.h>

/* What stands behind a source's key in the journey file. */
enum source_argument {
    ARGUMENT_NONE,
    ARGUMENT_NAME,
    ARGUMENT_JSONPATH,
    ARGUMENT_CSS,
    ARGUMENT_XPATH,
    ARGUMENT_REGEX,
    ARGUMENT_WORD
};

/* enum name, key, argument, help */
#define SOURCES(X)                                                                                 \
    X(STATUS, "status", NONE, "the status of the answer")                                          \
    X(HEADER, "header", NAME, "a header of the answer; `all: true` gives every one of that name")  \
    X(COOKIE, "cookie", NAME, "a cookie in the shopper's jar after the answer")                    \
    X(JSON, "json", JSONPATH,                                                                      \
      "RFC 9535 JSONPath on a JSON body, or on the text of another source")                        \
    X(CSS, "css", CSS, "elements by CSS selector; their text, or with `attr` an attribute")        \
    X(XPATH, "xpath", XPATH, "an XPath 1.0 expression on the page")                                \
    X(REGEX, "regex", REGEX,                                                                       \
      "a PCRE2 regular expression on the body, or on the text of another source; `group` picks a " \
      "group")                                                                                     \
    X(FORM, "form", CSS,                                                                           \
      "a form by CSS selector; `field` names the field whose value is taken, hidden ones too")     \
    X(BODY, "body", NONE, "the body as text")                                                      \
    X(URL, "url", NONE, "the final URL, after redirects")                                          \
    X(REDIRECTS, "redirects", NONE, "how many redirects were followed")                            \
    X(DURATION, "duration", NONE, "from the start of the request to its last byte")                \
    X(TIME_TO_FIRST_BYTE, "time_to_first_byte", NONE,                                              \
      "from the start of the request to the first byte of the answer")                             \
    X(SIZE, "size", NONE, "the size of the body in bytes, decompressed")                           \
    X(CERTIFICATE, "certificate", WORD,                                                            \
      "`days_left`: whole days until the first certificate of the chain ends")                     \
    X(VAR, "var", NAME, "a variable: a captured value or one of `vars`")

enum source_kind {
#define X(name, key, argument, help) SOURCE_##name,
    SOURCES(X)
#undef X
        SOURCE_KIND_COUNT
};

const char *source_key(enum source_kind kind);
const char *source_help(enum source_kind kind);
enum source_argument source_argument(enum source_kind kind);

struct extractor {
    enum source_kind kind;
    char *argument; /* the expression or name, as text; for messages */
    struct jsonpath *jsonpath;
    struct html_query *query;
    struct pattern *pattern;
    char *attr;
    char *field;
    int group; /* of `pattern`: 1 when it has one and none was asked for, else 0 */
    bool all;
    bool url_encoded;        /* what it finds is decoded, before `inner` sees it */
    struct extractor *inner; /* applied to this one's text: `json` or `regex` within; NULL: none */
};

/* Compiles the expression that `kind` needs from `argument`. NULL: malformed; message and
 * *ret_offset say what and where. `group` NULL takes the default; an unknown group is an error. */
struct extractor *extractor_new(enum source_kind kind, struct view argument, const char *group,
                                size_t *ret_offset, struct buf *message) MUST_CHECK;
void extractor_free(struct extractor *extractor);

/* A variable's value (borrowed), or NULL. */
typedef const struct value *extract_variable(void *context, const char *name);

struct extract_input {
    struct message *message; /* NULL: only `var` can be asked */
    int64_t now_wall_us;     /* for certificate: days_left */
    bool prices;             /* what is found is to be read as money */
    extract_variable *variable;
    void *context;
};

/*
 * All matches, in order: *ret_values is a VALUE_LIST (possibly empty). False: it could not even be
 * looked for (the body is no JSON, a limit was met); `reason` says why. An empty list gets a reason
 * too ("no element for [itemprop=price]").
 */
bool extract(const struct extractor *extractor, const struct extract_input *input,
             struct value *ret_values, struct buf *reason) MUST_CHECK;
/* "css .price" , "json $.total", "status": for messages. */
void extractor_describe(const struct extractor *extractor, struct buf *out);

#endif
