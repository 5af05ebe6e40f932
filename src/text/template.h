/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text with ${...} in it, parsed once at load time and expanded late (answer/expand.h). Inside the
 * braces stands a name ([A-Za-z_][A-Za-z0-9_]*, several joined by dots) or a calculation with
 * numbers,
 * + - * / and parentheses. "$${" is a literal "${".
 */
#ifndef SHOPPER_TEXT_TEMPLATE_H
#define SHOPPER_TEXT_TEMPLATE_H

#include "base/decimal.h"
#include "text/diag.h"
#include "text/yaml.h"

#include <stdbool.h>

enum expression_kind {
    EXPRESSION_NAME,
    EXPRESSION_NUMBER,
    EXPRESSION_NEGATE,
    EXPRESSION_ADD,
    EXPRESSION_SUBTRACT,
    EXPRESSION_MULTIPLY,
    EXPRESSION_DIVIDE
};

struct expression {
    enum expression_kind kind;
    struct place place;
    char *name;                      /* EXPRESSION_NAME: "secret.email" */
    struct decimal number;           /* EXPRESSION_NUMBER */
    struct expression *left, *right; /* operands; NEGATE has only left */
};

#define EXPRESSION_MAX_DEPTH 32

struct template_part {
    char *text; /* literal, or NULL for an expression */
    size_t length;
    struct expression *expression;
};

struct template
{
    struct place place;
    struct template_part *parts;
    size_t count;
};

/* Never NULL: what is malformed is reported and left out. */
struct template *template_parse(const struct yaml_node *scalar, struct diags *diags) MUST_CHECK;
/* The same for text that stands in no file. */
struct template *template_parse_text(struct view text, struct place place,
                                     struct diags *diags) MUST_CHECK;
void template_free(struct template *template);
/* The text when there is no expression in it ("" for none), else NULL. Borrowed. */
const char *template_literal(const struct template *template);
/* The expression when the template is nothing but one ${...}, else NULL. */
const struct expression *template_single(const struct template *template);
/* Calls `visit` for every name, in order. */
void template_names(const struct template *template,
                    void (*visit)(void *context, const struct expression *name), void *context);

#endif
