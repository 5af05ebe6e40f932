/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journey language as tables: which keys a mapping may have, what stands behind each, and one
 * line about it. The loader reads by these tables, and the JSON Schema, the manual and the
 * reference pages are written from them, so that they cannot drift apart.
 */
#ifndef SHOPPER_JOURNEY_LANGUAGE_H
#define SHOPPER_JOURNEY_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

struct loader;
struct yaml_node;

/* What stands behind a key. enum name, what people call it */
#define SHAPE_KINDS(X)                                                                             \
    X(TEXT, "text")                                                                                \
    X(TEMPLATE, "text, `${...}` allowed")                                                          \
    X(BOOL, "`true` or `false`")                                                                   \
    X(COUNT, "a whole number")                                                                     \
    X(DURATION, "a duration: `500ms`, `3s`, `1h30m`")                                              \
    X(PERCENTAGE, "a percentage: `99.9%`")                                                         \
    X(RATE, "a rate: `200/day`")                                                                   \
    X(WORD, "a word")                                                                              \
    X(VALUE, "a value or a list of values, `${...}` allowed")                                      \
    X(TREE, "any JSON, `${...}` allowed in its texts")                                             \
    X(MAPPING, "a mapping")                                                                        \
    X(NAMES, "a mapping of names")                                                                 \
    X(LIST, "a list")                                                                              \
    X(EITHER, "either")                                                                            \
    X(CHECK, "a check")                                                                            \
    X(CAPTURE, "a source")                                                                         \
    X(FIND, "a request and a source")

enum shape_kind {
#define X(name, words) SHAPE_##name,
    SHAPE_KINDS(X)
#undef X
};

struct shape {
    enum shape_kind kind;
    const char *name;             /* where it is described once and referred to; NULL */
    const char *const *words;     /* WORD: the allowed ones; FIND: the keys it takes from `rules` */
    unsigned least, most;         /* COUNT */
    const struct key_rule *rules; /* MAPPING, FIND */
    const char *const *one_of;    /* MAPPING: exactly one of these stands there; NULL */
    const char *const *most_one_of;
    const char *const *without; /* MAPPING: not these of the rules */
    const char *needs;          /* MAPPING: a key that is needed here, if not everywhere */
    const struct shape *of;     /* NAMES, LIST: what is in it; EITHER: this or */
    const struct shape *or_of;  /* that */
    const struct shape *keys;   /* NAMES: a WORD that its keys are; NULL: any */
    bool filled;                /* NAMES, LIST: not empty */
};

const char *shape_kind_words(enum shape_kind kind);

/* One key of a mapping. `load` is the loader's own affair. */
struct key_rule {
    const char *key;
    void (*load)(struct loader *loader, const struct yaml_node *value, void *object);
    bool required;
    const struct shape *shape;
    const char *help; /* one line, no full stop; `code` in it */
};

extern const struct shape journey_shape; /* a whole file */
extern const struct shape check_shape;

/* Keys beside a source: how its value is taken, and how a price is read. */
#define MODIFIERS(X)                                                                               \
    X("attr", "with `css`: this attribute instead of the text")                                    \
    X("field", "with `form`: the field whose value is taken")                                      \
    X("group", "with `regex`: this group, by number or name")                                      \
    X("all", "`true`: the list of all matches instead of the first one")                           \
    X("decode", "`url`: the text is URL-encoded, as in many cookies, and is taken decoded")
#define PRICE_KEYS(X)                                                                              \
    X("currency", "the ISO 4217 code that it must have: `EUR`")                                    \
    X("minor_units", "a bare number counts these: 2 means cents")
#define CHECK_WORDS(X)                                                                             \
    X("price", "a source that is read as money; a failure is of the kind `price`")                 \
    X("cart", "a source that must hold what was put in; a failure is of the kind `cart`")          \
    X("session", "a source that shows that the shopper is signed in; a failure is of the kind "    \
                 "`session`")                                                                      \
    X("message", "what is said when the check fails")

/* The words of `type` and of `decode`, ended by NULL. */
extern const char *const type_words[];
extern const char *const decode_words[];

#endif
