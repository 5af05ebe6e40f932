/* SPDX-License-Identifier: Apache-2.0 */
/* See template.h. A recursive descent over one ${...} at a time, bounded in depth. */
#include "text/template.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

/* --- Places: a template knows where its text stands, whether it came from a scalar or not. */

struct parser {
    struct view text;
    size_t at, end;                 /* of the expression under way */
    const struct yaml_node *scalar; /* NULL: `place` is all that is known */
    struct place place;
    struct diags *diags;
    int depth;
    bool failed;
};

static struct place place_at(const struct parser *parser, size_t offset, size_t length)
{
    if (parser->scalar) return yaml_place_in(parser->scalar, offset, length);
    return parser->place;
}

static struct expression *refuse(struct parser *parser, size_t offset, size_t length,
                                 const char *what)
{
    if (!parser->failed)
        diag_error(parser->diags, DIAG_TEMPLATE, place_at(parser, offset, length), "%s", what);
    parser->failed = true;
    return NULL;
}

/* --- Expressions */

static void expression_free(struct expression *expression)
{
    if (!expression) return;
    expression_free(expression->left);
    expression_free(expression->right);
    free(expression->name);
    free(expression);
}

static struct expression *expression_new(const struct parser *parser, enum expression_kind kind,
                                         size_t from, size_t to)
{
    struct expression *expression = NEW(struct expression);
    expression->kind = kind;
    expression->place = place_at(parser, from, to - from);
    return expression;
}

static char peek(struct parser *parser)
{
    while (parser->at < parser->end && strchr(" \t\n", parser->text.data[parser->at])) parser->at++;
    return parser->at < parser->end ? parser->text.data[parser->at] : '\0';
}

static bool is_name_start(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct expression *parse_sum(struct parser *parser);

static struct expression *parse_name(struct parser *parser)
{
    size_t from = parser->at;
    const char *data = parser->text.data;
    for (;;) {
        if (parser->at >= parser->end || !is_name_start(data[parser->at])) {
            return refuse(parser, parser->at, 1, "a name is expected after '.'");
        }
        while (parser->at < parser->end &&
               (is_name_start(data[parser->at]) || view_is_digit(data[parser->at])))
            parser->at++;
        if (parser->at >= parser->end || data[parser->at] != '.') break;
        parser->at++;
    }
    struct expression *name = expression_new(parser, EXPRESSION_NAME, from, parser->at);
    name->name = xstrndup(data + from, parser->at - from);
    return name;
}

static struct expression *parse_number(struct parser *parser)
{
    size_t from = parser->at;
    const char *data = parser->text.data;
    while (parser->at < parser->end && (view_is_digit(data[parser->at]) || data[parser->at] == '.'))
        parser->at++;
    struct expression *number = expression_new(parser, EXPRESSION_NUMBER, from, parser->at);
    if (decimal_parse(view_slice(parser->text, from, parser->at - from), &number->number))
        return number;
    expression_free(number);
    return refuse(parser, from, parser->at - from, "this is no number");
}

static struct expression *parse_factor(struct parser *parser)
{
    char c = peek(parser);
    size_t from = parser->at;
    if (parser->depth >= EXPRESSION_MAX_DEPTH)
        return refuse(parser, from, 1, "this calculation is nested too deep");
    if (is_name_start(c)) return parse_name(parser);
    if (view_is_digit(c)) return parse_number(parser);
    if (c != '-' && c != '(') {
        return refuse(parser, from, 1,
                      c ? "a name, a number or '(' is expected here"
                        : "something is missing before '}'");
    }
    parser->at++;
    parser->depth++;
    struct expression *inner = c == '-' ? parse_factor(parser) : parse_sum(parser);
    parser->depth--;
    if (!inner) return NULL;
    if (c == '-') {
        struct expression *negate = expression_new(parser, EXPRESSION_NEGATE, from, parser->at);
        negate->left = inner;
        return negate;
    }
    if (peek(parser) == ')') {
        parser->at++;
        return inner;
    }
    expression_free(inner);
    return refuse(parser, from, 1, "this '(' is never closed");
}

/* One level of left-associative operators: `symbols` and their kinds, over operands of the next
 * level. */
static struct expression *parse_chain(struct parser *parser, const char symbols[static 2],
                                      const enum expression_kind kinds[static 2],
                                      struct expression *(*operand)(struct parser *))
{
    size_t from = parser->at;
    int links = 0;
    struct expression *left = operand(parser);
    while (left) {
        char c = peek(parser);
        if (!c || (c != symbols[0] && c != symbols[1])) return left;
        parser->at++;
        if (++links > EXPRESSION_MAX_DEPTH) {
            expression_free(left);
            return refuse(parser, from, 1, "this calculation is too long");
        }
        struct expression *right = operand(parser);
        if (!right) {
            expression_free(left);
            return NULL;
        }
        struct expression *both = expression_new(parser, kinds[c == symbols[1]], from, parser->at);
        both->left = left;
        both->right = right;
        left = both;
    }
    return NULL;
}

static struct expression *parse_product(struct parser *parser)
{
    static const enum expression_kind kinds[] = {EXPRESSION_MULTIPLY, EXPRESSION_DIVIDE};
    return parse_chain(parser, "*/", kinds, parse_factor);
}

static struct expression *parse_sum(struct parser *parser)
{
    static const enum expression_kind kinds[] = {EXPRESSION_ADD, EXPRESSION_SUBTRACT};
    return parse_chain(parser, "+-", kinds, parse_product);
}

/* --- Text with ${...} in it */

static void add_text(struct template *template, struct buf *text)
{
    if (!text->length) return;
    template->parts = xrealloc(template->parts, (template->count + 1) * sizeof(*template->parts));
    size_t length = text->length;
    template->parts[template->count++] =
        (struct template_part){.text = buf_take(text), .length = length};
}

static void add_expression(struct template *template, struct expression *expression)
{
    template->parts = xrealloc(template->parts, (template->count + 1) * sizeof(*template->parts));
    template->parts[template->count++] = (struct template_part){.expression = expression};
}

/* Parses the ${...} at `open`, and gives where the text goes on. */
static size_t parse_braces(struct parser *parser, struct template *template, size_t open)
{
    size_t close = open + 2 + view_find_char(view_from(parser->text, open + 2), '}');
    if (close < open + 2 || close >= parser->text.length) {
        refuse(parser, open, 2, "this ${ is never closed; a literal one is written $${");
        parser->failed = false;
        return parser->text.length;
    }
    parser->at = open + 2;
    parser->end = close;
    parser->failed = false;
    parser->depth = 0;
    if (!peek(parser)) {
        refuse(parser, open, close + 1 - open, "there is nothing in this ${}");
        return close + 1;
    }
    struct expression *expression = parse_sum(parser);
    if (expression && peek(parser)) {
        refuse(parser, parser->at, 1, "an operator or '}' is expected here");
        expression_free(expression);
    } else if (expression) {
        add_expression(template, expression);
    }
    return close + 1;
}

static struct template *parse(struct parser *parser)
{
    struct template *template = NEW(struct template);
    template->place = parser->place;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    for (size_t i = 0; i < parser->text.length;) {
        struct view rest = view_from(parser->text, i);
        if (view_starts_with(rest, VIEW_LITERAL("$${"))) {
            buf_add_text(&text, "${");
            i += 3;
        } else if (view_starts_with(rest, VIEW_LITERAL("${"))) {
            add_text(template, &text);
            i = parse_braces(parser, template, i);
        } else {
            buf_add_char(&text, rest.data[0]);
            i++;
        }
    }
    add_text(template, &text);
    return template;
}

struct template *template_parse(const struct yaml_node *scalar, struct diags *diags)
{
    struct parser parser = {
        .text = {scalar->text, scalar->length},
        .scalar = scalar,
        .place = scalar->place,
        .diags = diags,
    };
    return parse(&parser);
}

struct template *template_parse_text(struct view text, struct place place, struct diags *diags)
{
    struct parser parser = {.text = text, .place = place, .diags = diags};
    return parse(&parser);
}

void template_free(struct template *template)
{
    if (!template) return;
    for (size_t i = 0; i < template->count; i++) {
        free(template->parts[i].text);
        expression_free(template->parts[i].expression);
    }
    free(template->parts);
    free(template);
}

const char *template_literal(const struct template *template)
{
    if (!template->count) return "";
    return template->count == 1 && template->parts[0].text ? template->parts[0].text : NULL;
}

const struct expression *template_single(const struct template *template)
{
    return template->count == 1 ? template->parts[0].expression : NULL;
}

static void visit_names(const struct expression *expression,
                        void (*visit)(void *context, const struct expression *name), void *context)
{
    if (!expression) return;
    if (expression->kind == EXPRESSION_NAME) visit(context, expression);
    visit_names(expression->left, visit, context);
    visit_names(expression->right, visit, context);
}

void template_names(const struct template *template,
                    void (*visit)(void *context, const struct expression *name), void *context)
{
    for (size_t i = 0; i < template->count; i++)
        visit_names(template->parts[i].expression, visit, context);
}
