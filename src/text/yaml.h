/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML 1.1 document (libyaml's events) as a tree whose every node knows its place. JSON loads
 * too. Aliases and merge keys (<<) are expanded within bounds; duplicate keys are errors; tags
 * other than the standard ones, several documents and binary data are refused.
 *
 * It deliberately knows no types: a scalar is text with a style; its reader decides what it means.
 */
#ifndef SHOPPER_TEXT_YAML_H
#define SHOPPER_TEXT_YAML_H

#include "text/diag.h"
#include "text/source.h"

#include <stdbool.h>

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_pair {
    struct yaml_node *key; /* always a scalar */
    struct yaml_node *value;
};

struct yaml_node {
    enum yaml_kind kind;
    struct place place; /* of a scalar: the whole token with its quotes */
    /* YAML_SCALAR */
    char *text; /* NUL-terminated; has no NUL inside */
    size_t length;
    bool plain; /* unquoted: may mean a number, a boolean or null */
    bool block; /* | or >: places inside it are of the whole */
    /* YAML_SEQUENCE */
    struct yaml_node **items;
    /* YAML_MAPPING: in the order written, merge keys resolved */
    struct yaml_pair *pairs;
    size_t count; /* items or pairs */
};

#define YAML_MAX_DEPTH 32
#define YAML_MAX_NODES 50000
#define YAML_MAX_COPIED_BYTES (4 * SOURCE_MAX_BYTES) /* by aliases and merges */

struct yaml_document;

/* NULL when the text cannot be understood at all; what is wrong is in `diags` either way. */
struct yaml_document *yaml_load(struct source *source, struct diags *diags) MUST_CHECK;
void yaml_document_free(struct yaml_document *document);
const struct yaml_node *yaml_root(const struct yaml_document *document);

const struct yaml_node *yaml_get(const struct yaml_node *mapping,
                                 const char *key); /* NULL: not there */
bool yaml_is_null(const struct yaml_node *node);   /* plain ~, null, or nothing */
/* Plain true/false only: yes, no, on and off are text, as in YAML 1.2. */
bool yaml_is_bool(const struct yaml_node *node, bool *ret_value);
bool yaml_is_number(const struct yaml_node *node); /* plain, in JSON's number syntax */
const char *yaml_kind_name(
    const struct yaml_node *node); /* "text", "number", "true/false", "a list", "a mapping" ... */
/* The place of text[offset] (bytes) inside a scalar, as near as quoting lets one say, `length`
 * bytes long. */
struct place yaml_place_in(const struct yaml_node *scalar, size_t offset, size_t length);
struct view yaml_rest_of_line(struct place place); /* from it on */

#endif
