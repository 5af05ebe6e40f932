/* SPDX-License-Identifier: Apache-2.0 */
/* JSONPath's grammar and well-typedness (RFC 9535, 2.1 to 2.4), by recursive descent, bounded in
 * depth. */
#include "answer/jsonpath_tree.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define INTEGER_LIMIT INT64_C(9007199254740991) /* I-JSON: 2^53 - 1 */

struct parser {
    struct view text;
    size_t at;
    int depth;
    size_t *ret_offset;
    struct buf *message;
    bool failed;
};

static bool refuse_at(struct parser *parser, size_t at, const char *what)
{
    if (!parser->failed) {
        *parser->ret_offset = at;
        buf_addf(parser->message, "malformed JSONPath: %s", what);
    }
    parser->failed = true;
    return false;
}

static bool refuse(struct parser *parser, const char *what)
{
    return refuse_at(parser, parser->at, what);
}

/* --- Characters */

static char peek(const struct parser *parser)
{
    return parser->at < parser->text.length ? parser->text.data[parser->at] : '\0';
}

static bool accept(struct parser *parser, const char *token)
{
    if (!view_starts_with(view_from(parser->text, parser->at), view_of(token))) return false;
    parser->at += strlen(token);
    return true;
}

static void skip_blanks(struct parser *parser)
{
    for (char c = peek(parser); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(parser))
        parser->at++;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_first(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

/* --- Strings */

static int hex_unit(struct parser *parser)
{
    int unit = 0;
    for (int i = 0; i < 4; i++, parser->at++) {
        char c = peek(parser);
        int digit = is_digit(c)            ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static bool unicode_escape(struct parser *parser, struct buf *out)
{
    size_t from = parser->at - 2;
    int unit = hex_unit(parser);
    if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return refuse_at(parser, from, "a bad \\u escape");
    uint32_t code_point = (uint32_t)unit;
    if (unit >= 0xd800 && unit <= 0xdbff) {
        int low = accept(parser, "\\u") ? hex_unit(parser) : -1;
        if (low < 0xdc00 || low > 0xdfff) return refuse_at(parser, from, "half a surrogate pair");
        code_point = 0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
    }
    return utf8_add(out, code_point);
}

static bool escape(struct parser *parser, char quote, struct buf *out)
{
    static const char *const escapes = "b\bf\fn\nr\rt\t//\\\\";
    char c = peek(parser);
    parser->at++;
    if (c == 'u') return unicode_escape(parser, out);
    if (c == quote) return buf_add_char(out, c);
    for (const char *pair = escapes; *pair; pair += 2) {
        if (*pair == c) return buf_add_char(out, pair[1]);
    }
    return refuse_at(parser, parser->at - 2, "an escape that JSONPath does not know");
}

static bool string(struct parser *parser, struct buf *out)
{
    char quote = peek(parser);
    size_t from = parser->at++;
    while (parser->at < parser->text.length) {
        size_t at = parser->at;
        uint32_t c = utf8_next(parser->text, &parser->at);
        if (c == (uint32_t)quote) return true;
        if (c < 0x20) return refuse_at(parser, at, "a control character in a string");
        if (c == UTF8_INVALID) return refuse_at(parser, at, "broken UTF-8");
        if (c == '\\') {
            if (!escape(parser, quote, out)) return false;
        } else {
            buf_add(out, parser->text.data + at, parser->at - at);
        }
    }
    return refuse_at(parser, from, "a string that is never closed");
}

/* --- Numbers */

static bool integer(struct parser *parser, int64_t *ret_number)
{
    size_t from = parser->at;
    bool negative = accept(parser, "-");
    int64_t number = 0;
    size_t digits = 0;
    bool zero = peek(parser) == '0';
    for (; is_digit(peek(parser)); parser->at++, digits++) {
        number = number * 10 + (peek(parser) - '0');
        if (number > INTEGER_LIMIT) return refuse_at(parser, from, "a number beyond 2^53 - 1");
    }
    if (!digits) return refuse_at(parser, from, "a number is expected");
    if (zero && (digits > 1 || negative))
        return refuse_at(parser, from, "a number with a leading zero");
    *ret_number = negative ? -number : number;
    return true;
}

static size_t digits(struct parser *parser)
{
    size_t from = parser->at;
    while (is_digit(peek(parser))) parser->at++;
    return parser->at - from;
}

static bool number_literal(struct parser *parser, cJSON **ret_literal)
{
    size_t from = parser->at;
    (void)accept(parser, "-");
    bool zero = peek(parser) == '0';
    size_t count = digits(parser);
    if (!count || (zero && count > 1)) return refuse_at(parser, from, "a malformed number");
    if (accept(parser, ".") && !digits(parser))
        return refuse_at(parser, from, "a malformed number");
    if (peek(parser) == 'e' || peek(parser) == 'E') {
        parser->at++;
        if (peek(parser) == '+' || peek(parser) == '-') parser->at++;
        if (!digits(parser)) return refuse_at(parser, from, "a malformed number");
    }
    AUTO_BUF ignored = BUF_INIT(256);
    *ret_literal = json_parse(view_slice(parser->text, from, parser->at - from), &ignored);
    return *ret_literal || refuse_at(parser, from, "a malformed number");
}

/* --- Selectors */

static struct logical *logical_or(struct parser *parser);
static bool segments(struct parser *parser, struct query *query);

static bool name_selector(struct parser *parser, struct selector *selector)
{
    AUTO_BUF name = BUF_INIT(JSONPATH_MAX_BYTES * 4);
    selector->kind = SELECTOR_NAME;
    if (!string(parser, &name)) return false;
    selector->unnameable = view_find_char(buf_view(&name), '\0') != SIZE_MAX;
    selector->name = buf_take(&name);
    return true;
}

static bool starts_integer(const struct parser *parser)
{
    return is_digit(peek(parser)) || peek(parser) == '-';
}

/* "1", "1:2", ":2", "::2" */
static bool index_or_slice(struct parser *parser, struct selector *selector)
{
    selector->kind = SELECTOR_INDEX;
    selector->step = 1;
    if (starts_integer(parser)) {
        if (!integer(parser, &selector->start)) return false;
        selector->has_start = true;
        selector->index = selector->start;
        size_t end = parser->at;
        skip_blanks(parser);
        if (peek(parser) != ':') {
            parser->at = end;
            return true;
        }
    }
    selector->kind = SELECTOR_SLICE;
    if (!accept(parser, ":")) return refuse(parser, "a selector is expected");
    skip_blanks(parser);
    if (starts_integer(parser)) {
        if (!integer(parser, &selector->end)) return false;
        selector->has_end = true;
        skip_blanks(parser);
    }
    if (!accept(parser, ":")) return true;
    skip_blanks(parser);
    return !starts_integer(parser) || integer(parser, &selector->step);
}

static bool selector_parse(struct parser *parser, struct selector *selector)
{
    char c = peek(parser);
    if (c == '"' || c == '\'') return name_selector(parser, selector);
    if (accept(parser, "*")) {
        selector->kind = SELECTOR_WILDCARD;
        return true;
    }
    if (!accept(parser, "?")) return index_or_slice(parser, selector);
    selector->kind = SELECTOR_FILTER;
    skip_blanks(parser);
    selector->filter = logical_or(parser);
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

static bool bracketed(struct parser *parser, struct segment *segment)
{
    size_t from = parser->at - 1;
    do {
        skip_blanks(parser);
        if (!selector_parse(parser, segment_add(segment))) return false;
        skip_blanks(parser);
    } while (accept(parser, ","));
    return accept(parser, "]") ||
           (peek(parser) ? refuse(parser, "',' or ']' is expected")
                         : refuse_at(parser, from, "this '[' is never closed"));
}

static bool shorthand(struct parser *parser, struct segment *segment)
{
    struct selector *selector = segment_add(segment);
    if (accept(parser, "*")) {
        selector->kind = SELECTOR_WILDCARD;
        return true;
    }
    size_t from = parser->at;
    if (!is_name_first(peek(parser))) return refuse(parser, "a name is expected");
    while (is_name_first(peek(parser)) || is_digit(peek(parser))) parser->at++;
    struct view name = view_slice(parser->text, from, parser->at - from);
    if (!utf8_valid(name)) return refuse_at(parser, from, "broken UTF-8");
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

static bool segments(struct parser *parser, struct query *query)
{
    for (;;) {
        size_t before = parser->at;
        skip_blanks(parser);
        bool good = true;
        if (accept(parser, "..")) {
            struct segment *segment = query_add(query);
            segment->descendant = true;
            good = accept(parser, "[") ? bracketed(parser, segment) : shorthand(parser, segment);
        } else if (accept(parser, ".")) {
            good = shorthand(parser, query_add(query));
        } else if (accept(parser, "[")) {
            good = bracketed(parser, query_add(query));
        } else {
            parser->at = before;
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

static bool operand(struct parser *parser, struct comparable *ret_operand);

static bool argument_is_typed(struct parser *parser, size_t from, const struct comparable *call,
                              const struct comparable *argument)
{
    if (functions[call->function].takes_nodes) {
        return argument->type == OPERAND_QUERY ||
               refuse_at(parser, from, "this function takes a query");
    }
    return is_value(argument) ||
           refuse_at(parser, from, "this function takes a value, and this may be several or none");
}

static void compile_pattern(struct comparable *call)
{
    bool whole = call->function == FUNCTION_MATCH;
    if (!functions[call->function].is_logical || call->arguments[1].type != OPERAND_LITERAL) return;
    const cJSON *literal = call->arguments[1].literal;
    if (cJSON_IsString(literal))
        call->pattern = pattern_compile_iregexp(view_of(literal->valuestring), whole);
    call->bad_pattern = !call->pattern;
}

static bool arguments(struct parser *parser, struct comparable *call)
{
    const size_t wanted = functions[call->function].arguments;
    call->arguments = xcalloc(wanted, sizeof(*call->arguments));
    skip_blanks(parser);
    for (size_t i = 0; i < wanted; i++) {
        if (i && !accept(parser, ",")) return refuse(parser, "this function takes two arguments");
        skip_blanks(parser);
        size_t from = parser->at;
        call->argument_count++;
        if (!operand(parser, &call->arguments[i])) return false;
        if (!argument_is_typed(parser, from, call, &call->arguments[i])) return false;
        skip_blanks(parser);
    }
    if (!accept(parser, ")"))
        return refuse(parser, "')' is expected after the function's arguments");
    compile_pattern(call);
    return true;
}

static bool call_or_word(struct parser *parser, struct comparable *ret_operand)
{
    size_t from = parser->at, end = from;
    const char *data = parser->text.data;
    while (end < parser->text.length &&
           ((data[end] >= 'a' && data[end] <= 'z') || is_digit(data[end]) || data[end] == '_'))
        end++;
    struct view word = view_slice(parser->text, from, end - from);
    parser->at = end;
    if (peek(parser) != '(') {
        ret_operand->type = OPERAND_LITERAL;
        if (view_is(word, "true")) ret_operand->literal = cJSON_CreateTrue();
        if (view_is(word, "false")) ret_operand->literal = cJSON_CreateFalse();
        if (view_is(word, "null")) ret_operand->literal = cJSON_CreateNull();
        return ret_operand->literal ||
               refuse_at(parser, from, "a comparison, a query or a function is expected");
    }
    parser->at++;
    ret_operand->type = OPERAND_FUNCTION;
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        if (!view_is(word, functions[i].name)) continue;
        ret_operand->function = (enum function_kind)i;
        return arguments(parser, ret_operand);
    }
    return refuse_at(parser, from,
                     "there is no such function: length, count, match, search, value");
}

static bool string_literal(struct parser *parser, struct comparable *ret_operand)
{
    AUTO_BUF text = BUF_INIT(JSONPATH_MAX_BYTES * 4);
    ret_operand->type = OPERAND_LITERAL;
    if (!string(parser, &text)) return false;
    ret_operand->literal = cJSON_CreateString(buf_text(&text));
    return true;
}

static bool operand(struct parser *parser, struct comparable *ret_operand)
{
    char c = peek(parser);
    if (++parser->depth > JSONPATH_MAX_DEPTH) return refuse(parser, "nested too deep");
    bool good = false;
    if (c == '@' || c == '$') {
        parser->at++;
        ret_operand->type = OPERAND_QUERY;
        ret_operand->query.relative = c == '@';
        good = segments(parser, &ret_operand->query);
    } else if (c == '"' || c == '\'') {
        good = string_literal(parser, ret_operand);
    } else if (is_digit(c) || c == '-') {
        ret_operand->type = OPERAND_LITERAL;
        good = number_literal(parser, &ret_operand->literal);
    } else {
        good = call_or_word(parser, ret_operand);
    }
    parser->depth--;
    return good;
}

static bool comparison_operator(struct parser *parser, enum comparison *ret_comparison)
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
        if (accept(parser, operators[i].token)) return true;
    }
    return false;
}

/* A comparison, or a test that something exists or holds. */
static bool comparison_or_test(struct parser *parser, struct logical *logical)
{
    size_t from = parser->at;
    if (!operand(parser, &logical->a)) return false;
    size_t end = parser->at;
    skip_blanks(parser);
    if (!comparison_operator(parser, &logical->comparison)) {
        parser->at = end;
        logical->kind = LOGICAL_TEST;
        bool is_test =
            logical->a.type == OPERAND_QUERY ||
            (logical->a.type == OPERAND_FUNCTION && functions[logical->a.function].is_logical);
        return is_test || refuse_at(parser, from, "this must be compared with something");
    }
    logical->kind = LOGICAL_COMPARE;
    if (!is_value(&logical->a))
        return refuse_at(parser, from,
                         "this may be several values or none, and cannot be compared");
    skip_blanks(parser);
    from = parser->at;
    if (!operand(parser, &logical->b)) return false;
    return is_value(&logical->b) ||
           refuse_at(parser, from, "this may be several values or none, and cannot be compared");
}

static struct logical *basic(struct parser *parser);

static struct logical *parenthesised(struct parser *parser)
{
    size_t from = parser->at - 1;
    skip_blanks(parser);
    struct logical *inner = logical_or(parser);
    if (!inner) return NULL;
    skip_blanks(parser);
    if (accept(parser, ")")) return inner;
    logical_free(inner);
    refuse_at(parser, from, "this '(' is never closed");
    return NULL;
}

static struct logical *negated(struct parser *parser)
{
    skip_blanks(parser);
    struct logical *not = NEW(struct logical);
    size_t from = parser->at;
    not ->kind = LOGICAL_NOT;
    if (peek(parser) != '!') not ->left = basic(parser);
    if (not ->left && not ->left->kind != LOGICAL_COMPARE) return not ;
    /* "!(a == b)" is a comparison in parentheses, "!a == b" is none. */
    if (not ->left && parser->text.data[from] == '(') return not ;
    logical_free(not );
    refuse_at(parser, from, "'!' stands before a test or a '('");
    return NULL;
}

static struct logical *basic(struct parser *parser)
{
    if (accept(parser, "!")) return negated(parser);
    if (accept(parser, "(")) return parenthesised(parser);
    struct logical *logical = NEW(struct logical);
    if (comparison_or_test(parser, logical)) return logical;
    logical_free(logical);
    return NULL;
}

/* Operands of && (or ||), left-associative. */
static struct logical *chain(struct parser *parser, const char *token, enum logical_kind kind,
                             struct logical *(*link)(struct parser *))
{
    struct logical *left = link(parser);
    for (int links = 0; left; links++) {
        size_t end = parser->at;
        skip_blanks(parser);
        if (!accept(parser, token)) {
            parser->at = end;
            return left;
        }
        skip_blanks(parser);
        struct logical *both = NEW(struct logical);
        both->kind = kind;
        both->left = left;
        both->right = links < JSONPATH_MAX_DEPTH * 4 ? link(parser) : NULL;
        if (!both->right) {
            refuse(parser, "too many conditions");
            logical_free(both);
            return NULL;
        }
        left = both;
    }
    return NULL;
}

static struct logical *logical_and(struct parser *parser)
{
    return chain(parser, "&&", LOGICAL_AND, basic);
}

static struct logical *logical_or(struct parser *parser)
{
    if (++parser->depth > JSONPATH_MAX_DEPTH) {
        refuse(parser, "nested too deep");
        return NULL;
    }
    struct logical *logical = chain(parser, "||", LOGICAL_OR, logical_and);
    parser->depth--;
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
    struct parser parser = {.text = text, .ret_offset = ret_offset, .message = message};
    if (!accept(&parser, "$")) return refuse(&parser, "it begins with '$'");
    if (!segments(&parser, ret_query)) return false;
    return parser.at == text.length || refuse(&parser, "'.', '..' or '[' is expected");
}
