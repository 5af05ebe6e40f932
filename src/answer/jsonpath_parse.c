/* SPDX-License-Identifier: Apache-2.0 */
/* JSONPath's grammar and well-typedness (RFC 9535, 2.1 to 2.4), by recursive descent, bounded in
 * depth. */
#include "answer/jsonpath_lex.h"
#include "answer/jsonpath_tree.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* --- Selectors */

static struct logical *logical_or(struct jsonpath_lexer *lexer);
static bool segments(struct jsonpath_lexer *lexer, struct query *query);

static bool name_selector(struct jsonpath_lexer *lexer, struct selector *selector)
{
    AUTO_BUF name = BUF_INIT(JSONPATH_MAX_BYTES * 4);
    selector->kind = SELECTOR_NAME;
    if (!lexer_string(lexer, &name)) return false;
    selector->unnameable = view_find_char(buf_view(&name), '\0') != SIZE_MAX;
    selector->name = buf_take(&name);
    return true;
}

static bool starts_integer(const struct jsonpath_lexer *lexer)
{
    return lexer_is_digit(lexer_peek(lexer)) || lexer_peek(lexer) == '-';
}

/* "1", "1:2", ":2", "::2" */
static bool index_or_slice(struct jsonpath_lexer *lexer, struct selector *selector)
{
    selector->kind = SELECTOR_INDEX;
    selector->step = 1;
    if (starts_integer(lexer)) {
        if (!lexer_integer(lexer, &selector->start)) return false;
        selector->has_start = true;
        selector->index = selector->start;
        size_t end = lexer->at;
        lexer_skip_blanks(lexer);
        if (lexer_peek(lexer) != ':') {
            lexer->at = end;
            return true;
        }
    }
    selector->kind = SELECTOR_SLICE;
    if (!lexer_accept(lexer, ":"))
        return lexer_refuse(lexer, "a name in quotes, a number, '*' or '?' is expected");
    lexer_skip_blanks(lexer);
    if (starts_integer(lexer)) {
        if (!lexer_integer(lexer, &selector->end)) return false;
        selector->has_end = true;
        lexer_skip_blanks(lexer);
    }
    if (!lexer_accept(lexer, ":")) return true;
    lexer_skip_blanks(lexer);
    return !starts_integer(lexer) || lexer_integer(lexer, &selector->step);
}

static bool selector_parse(struct jsonpath_lexer *lexer, struct selector *selector)
{
    char c = lexer_peek(lexer);
    if (c == '"' || c == '\'') return name_selector(lexer, selector);
    if (lexer_accept(lexer, "*")) {
        selector->kind = SELECTOR_WILDCARD;
        return true;
    }
    if (!lexer_accept(lexer, "?")) return index_or_slice(lexer, selector);
    selector->kind = SELECTOR_FILTER;
    lexer_skip_blanks(lexer);
    selector->filter = logical_or(lexer);
    return selector->filter != NULL;
}

static struct selector *segment_add(struct segment *segment)
{
    segment->selectors =
        xrealloc(segment->selectors, (segment->count + 1) * sizeof(*segment->selectors));
    struct selector *selector = &segment->selectors[segment->count++];
    memset(selector, 0, sizeof(*selector));
    return selector;
}

static bool bracketed(struct jsonpath_lexer *lexer, struct segment *segment)
{
    size_t from = lexer->at - 1;
    do {
        lexer_skip_blanks(lexer);
        if (!selector_parse(lexer, segment_add(segment))) return false;
        lexer_skip_blanks(lexer);
    } while (lexer_accept(lexer, ","));
    return lexer_accept(lexer, "]") ||
           (lexer_peek(lexer) ? lexer_refuse(lexer, "',' or ']' is expected")
                              : lexer_refuse_at(lexer, from, "this '[' is never closed"));
}

static bool shorthand(struct jsonpath_lexer *lexer, struct segment *segment)
{
    struct selector *selector = segment_add(segment);
    if (lexer_accept(lexer, "*")) {
        selector->kind = SELECTOR_WILDCARD;
        return true;
    }
    size_t from = lexer->at;
    if (!lexer_is_name_first(lexer_peek(lexer))) return lexer_refuse(lexer, "a name is expected");
    while (lexer_is_name_first(lexer_peek(lexer)) || lexer_is_digit(lexer_peek(lexer))) lexer->at++;
    struct view name = view_slice(lexer->text, from, lexer->at - from);
    if (!utf8_valid(name)) return lexer_refuse_at(lexer, from, "broken UTF-8");
    selector->kind = SELECTOR_NAME;
    selector->name = xstrndup(name.data, name.length);
    return true;
}

static struct segment *query_add(struct query *query)
{
    query->segments = xrealloc(query->segments, (query->count + 1) * sizeof(*query->segments));
    struct segment *segment = &query->segments[query->count++];
    memset(segment, 0, sizeof(*segment));
    return segment;
}

static bool segments(struct jsonpath_lexer *lexer, struct query *query)
{
    for (;;) {
        size_t before = lexer->at;
        lexer_skip_blanks(lexer);
        bool good = true;
        if (lexer_accept(lexer, "..")) {
            struct segment *segment = query_add(query);
            segment->descendant = true;
            good = lexer_accept(lexer, "[") ? bracketed(lexer, segment) : shorthand(lexer, segment);
        } else if (lexer_accept(lexer, ".")) {
            good = shorthand(lexer, query_add(query));
        } else if (lexer_accept(lexer, "[")) {
            good = bracketed(lexer, query_add(query));
        } else {
            lexer->at = before;
            return true;
        }
        if (!good) return false;
    }
}

/* --- Filters */

static const struct {
    const char *name;
    size_t arguments;
    bool takes_nodes; /* NodesType; else ValueType */
    bool is_logical;  /* LogicalType; else ValueType */
} functions[] = {
    [FUNCTION_LENGTH] = {"length", 1, false, false}, [FUNCTION_COUNT] = {"count", 1, true, false},
    [FUNCTION_MATCH] = {"match", 2, false, true},    [FUNCTION_SEARCH] = {"search", 2, false, true},
    [FUNCTION_VALUE] = {"value", 1, true, false},
};

static void comparable_release(struct comparable *comparable)
{
    cJSON_Delete(comparable->literal);
    free(comparable->text);
    query_release(&comparable->query);
    for (size_t i = 0; i < comparable->argument_count; i++)
        comparable_release(&comparable->arguments[i]);
    free(comparable->arguments);
    pattern_free(comparable->pattern);
    *comparable = (struct comparable){0};
}

static void logical_free(struct logical *logical)
{
    if (!logical) return;
    logical_free(logical->left);
    logical_free(logical->right);
    comparable_release(&logical->a);
    comparable_release(&logical->b);
    free(logical);
}

static bool is_value(const struct comparable *comparable)
{
    if (comparable->type == OPERAND_QUERY) return query_is_singular(&comparable->query);
    return comparable->type == OPERAND_LITERAL || !functions[comparable->function].is_logical;
}

static bool operand(struct jsonpath_lexer *lexer, struct comparable *ret_operand);

static bool argument_is_typed(struct jsonpath_lexer *lexer, size_t from,
                              const struct comparable *call, const struct comparable *argument)
{
    if (functions[call->function].takes_nodes) {
        return argument->type == OPERAND_QUERY ||
               lexer_refuse_at(lexer, from, "this function takes a query");
    }
    return is_value(argument) ||
           lexer_refuse_at(lexer, from,
                           "this function takes a value, and this may be several or none");
}

static void compile_pattern(struct comparable *call)
{
    bool whole = call->function == FUNCTION_MATCH;
    if (!functions[call->function].is_logical || call->arguments[1].type != OPERAND_LITERAL) return;
    const struct comparable *argument = &call->arguments[1];
    if (argument->text) {
        struct view text = {argument->text, argument->text_bytes};
        call->pattern = pattern_compile_iregexp(text, whole);
    }
    call->bad_pattern = !call->pattern;
}

static bool arguments(struct jsonpath_lexer *lexer, struct comparable *call)
{
    const size_t wanted = functions[call->function].arguments;
    call->arguments = xcalloc(wanted, sizeof(*call->arguments));
    lexer_skip_blanks(lexer);
    for (size_t i = 0; i < wanted; i++) {
        if (i && !lexer_accept(lexer, ","))
            return lexer_refuse(lexer, "this function takes two arguments");
        lexer_skip_blanks(lexer);
        size_t from = lexer->at;
        call->argument_count++;
        if (!operand(lexer, &call->arguments[i])) return false;
        if (!argument_is_typed(lexer, from, call, &call->arguments[i])) return false;
        lexer_skip_blanks(lexer);
    }
    if (!lexer_accept(lexer, ")"))
        return lexer_refuse(lexer, "')' is expected after the function's arguments");
    compile_pattern(call);
    return true;
}

static bool call_or_word(struct jsonpath_lexer *lexer, struct comparable *ret_operand)
{
    size_t from = lexer->at, end = from;
    const char *data = lexer->text.data;
    while (end < lexer->text.length && ((data[end] >= 'a' && data[end] <= 'z') ||
                                        lexer_is_digit(data[end]) || data[end] == '_'))
        end++;
    struct view word = view_slice(lexer->text, from, end - from);
    lexer->at = end;
    if (lexer_peek(lexer) != '(') {
        ret_operand->type = OPERAND_LITERAL;
        if (view_is(word, "true")) ret_operand->literal = cJSON_CreateTrue();
        if (view_is(word, "false")) ret_operand->literal = cJSON_CreateFalse();
        if (view_is(word, "null")) ret_operand->literal = cJSON_CreateNull();
        return ret_operand->literal ||
               lexer_refuse_at(lexer, from,
                               "a value, a query (from '@' or '$') or a function is expected");
    }
    lexer->at++;
    ret_operand->type = OPERAND_FUNCTION;
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        if (!view_is(word, functions[i].name)) continue;
        ret_operand->function = (enum function_kind)i;
        return arguments(lexer, ret_operand);
    }
    return lexer_refuse_at(
        lexer, from, "there is no such function; there are length, count, match, search and value");
}

static bool string_literal(struct jsonpath_lexer *lexer, struct comparable *ret_operand)
{
    AUTO_BUF text = BUF_INIT(JSONPATH_MAX_BYTES * 4);
    ret_operand->type = OPERAND_LITERAL;
    if (!lexer_string(lexer, &text)) return false;
    ret_operand->literal = cJSON_CreateString("");
    ret_operand->text_bytes = text.length;
    ret_operand->text = buf_take(&text);
    return true;
}

static bool operand(struct jsonpath_lexer *lexer, struct comparable *ret_operand)
{
    char c = lexer_peek(lexer);
    if (++lexer->depth > JSONPATH_MAX_DEPTH) return lexer_refuse(lexer, "nested too deep");
    bool good = false;
    if (c == '@' || c == '$') {
        lexer->at++;
        ret_operand->type = OPERAND_QUERY;
        ret_operand->query.relative = c == '@';
        good = segments(lexer, &ret_operand->query);
    } else if (c == '"' || c == '\'') {
        good = string_literal(lexer, ret_operand);
    } else if (lexer_is_digit(c) || c == '-') {
        ret_operand->type = OPERAND_LITERAL;
        good = lexer_number(lexer, &ret_operand->literal);
    } else {
        good = call_or_word(lexer, ret_operand);
    }
    lexer->depth--;
    return good;
}

static bool comparison_operator(struct jsonpath_lexer *lexer, enum comparison *ret_comparison)
{
    static const struct {
        const char *token;
        enum comparison comparison;
    } operators[] = {
        {"==", COMPARE_EQUAL},         {"!=", COMPARE_NOT_EQUAL}, {"<=", COMPARE_LESS_EQUAL},
        {">=", COMPARE_GREATER_EQUAL}, {"<", COMPARE_LESS},       {">", COMPARE_GREATER},
    };
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        *ret_comparison = operators[i].comparison;
        if (lexer_accept(lexer, operators[i].token)) return true;
    }
    return false;
}

/* A comparison, or a test that something exists or holds. */
static bool comparison_or_test(struct jsonpath_lexer *lexer, struct logical *logical)
{
    size_t from = lexer->at;
    if (!operand(lexer, &logical->a)) return false;
    size_t end = lexer->at;
    lexer_skip_blanks(lexer);
    if (!comparison_operator(lexer, &logical->comparison)) {
        lexer->at = end;
        logical->kind = LOGICAL_TEST;
        bool is_test =
            logical->a.type == OPERAND_QUERY ||
            (logical->a.type == OPERAND_FUNCTION && functions[logical->a.function].is_logical);
        return is_test || lexer_refuse_at(lexer, from, "this must be compared with something");
    }
    logical->kind = LOGICAL_COMPARE;
    if (!is_value(&logical->a))
        return lexer_refuse_at(lexer, from,
                               "this may be several values or none, and cannot be compared");
    lexer_skip_blanks(lexer);
    from = lexer->at;
    if (!operand(lexer, &logical->b)) return false;
    return is_value(&logical->b) ||
           lexer_refuse_at(lexer, from,
                           "this may be several values or none, and cannot be compared");
}

static struct logical *basic(struct jsonpath_lexer *lexer);

static struct logical *parenthesised(struct jsonpath_lexer *lexer)
{
    size_t from = lexer->at - 1;
    lexer_skip_blanks(lexer);
    struct logical *inner = logical_or(lexer);
    if (!inner) return NULL;
    lexer_skip_blanks(lexer);
    if (lexer_accept(lexer, ")")) return inner;
    logical_free(inner);
    lexer_refuse_at(lexer, from, "this '(' is never closed");
    return NULL;
}

static struct logical *negated(struct jsonpath_lexer *lexer)
{
    lexer_skip_blanks(lexer);
    struct logical *negation = NEW(struct logical);
    size_t from = lexer->at;
    negation->kind = LOGICAL_NOT;
    if (lexer_peek(lexer) != '!') negation->left = basic(lexer);
    if (negation->left && negation->left->kind != LOGICAL_COMPARE) return negation;
    /* "!(a == b)" is a comparison in parentheses, "!a == b" is none. */
    if (negation->left && lexer->text.data[from] == '(') return negation;
    logical_free(negation);
    lexer_refuse_at(lexer, from,
                    "'!' goes before a test, or a comparison in parentheses: !(@.a == 1)");
    return NULL;
}

static struct logical *basic(struct jsonpath_lexer *lexer)
{
    if (lexer_accept(lexer, "!")) return negated(lexer);
    if (lexer_accept(lexer, "(")) return parenthesised(lexer);
    struct logical *logical = NEW(struct logical);
    if (comparison_or_test(lexer, logical)) return logical;
    logical_free(logical);
    return NULL;
}

/* Operands of && (or ||), left-associative. */
static struct logical *chain(struct jsonpath_lexer *lexer, const char *token,
                             enum logical_kind kind,
                             struct logical *(*link)(struct jsonpath_lexer *))
{
    struct logical *left = link(lexer);
    for (int links = 0; left; links++) {
        size_t end = lexer->at;
        lexer_skip_blanks(lexer);
        if (!lexer_accept(lexer, token)) {
            lexer->at = end;
            return left;
        }
        lexer_skip_blanks(lexer);
        struct logical *both = NEW(struct logical);
        both->kind = kind;
        both->left = left;
        both->right = links < JSONPATH_MAX_DEPTH * 4 ? link(lexer) : NULL;
        if (!both->right) {
            lexer_refuse(lexer, "too many conditions");
            logical_free(both);
            return NULL;
        }
        left = both;
    }
    return NULL;
}

static struct logical *logical_and(struct jsonpath_lexer *lexer)
{
    return chain(lexer, "&&", LOGICAL_AND, basic);
}

static struct logical *logical_or(struct jsonpath_lexer *lexer)
{
    if (++lexer->depth > JSONPATH_MAX_DEPTH) {
        lexer_refuse(lexer, "nested too deep");
        return NULL;
    }
    struct logical *logical = chain(lexer, "||", LOGICAL_OR, logical_and);
    lexer->depth--;
    return logical;
}

/* --- Queries */

void query_release(struct query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        for (size_t k = 0; k < query->segments[i].count; k++) {
            free(query->segments[i].selectors[k].name);
            logical_free(query->segments[i].selectors[k].filter);
        }
        free(query->segments[i].selectors);
    }
    free(query->segments);
    *query = (struct query){0};
}

bool query_is_singular(const struct query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        const struct segment *segment = &query->segments[i];
        if (segment->descendant || segment->count != 1) return false;
        enum selector_kind kind = segment->selectors[0].kind;
        if (kind != SELECTOR_NAME && kind != SELECTOR_INDEX) return false;
    }
    return true;
}

bool query_parse(struct view text, struct query *ret_query, size_t *ret_offset, struct buf *message)
{
    struct jsonpath_lexer lexer = {.text = text, .ret_offset = ret_offset, .message = message};
    if (!lexer_accept(&lexer, "$")) return lexer_refuse(&lexer, "it must begin with '$'");
    if (!segments(&lexer, ret_query)) return false;
    return lexer.at == text.length || lexer_refuse(&lexer, "'.', '..' or '[' is expected");
}
