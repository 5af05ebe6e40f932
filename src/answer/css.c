/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See css.h: selector text to a tree. Stricter than a browser where that helps who wrote it: what
 * is never closed is an error, and so is a list in :is() of which a part is malformed.
 */
#include "answer/css_lex.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    enum css_argument argument;
} pseudo_classes[] = {
#define X(name, text, argument) {text, CSS_##argument},
    CSS_PSEUDO_CLASSES(X)
#undef X
};

/* Attributes of HTML whose values match in any case
 * (https://html.spec.whatwg.org/#case-sensitivity-of-selectors). */
static const char insensitive_attributes[] =
    " accept accept-charset align alink axis bgcolor charset checked clear codetype color compact "
    "declare defer dir direction disabled enctype face frame hreflang http-equiv lang language "
    "link media method multiple nohref noresize noshade nowrap readonly rel rev rules scope "
    "scrolling selected shape target text type valign valuetype vlink ";

/* Known to CSS, but they depend on somebody who looks, points or clicks. */
static const char dynamic_pseudo_classes[] =
    " active autofill blank buffering current defined fullscreen focus focus-visible focus-within "
    "future hover in-range indeterminate invalid local-link modal muted out-of-range past paused "
    "picture-in-picture placeholder-shown playing popover-open read-only read-write seeking "
    "stalled target target-within user-invalid user-valid valid visited volume-locked ";

static bool is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length) {
        if (at > list && at[-1] == ' ' && at[length] == ' ') return true;
    }
    return false;
}

static void lower(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z') *text = (char)(*text | 0x20);
    }
}

/* --- An+B --- */

/* What may follow "An": "+ B", "- B" or nothing. */
static bool read_nth_offset(struct css_parser *parser, struct css_simple *simple)
{
    size_t before = parser->at;
    css_skip_space(parser);
    int sign = css_peek(parser);
    if (sign != '+' && sign != '-') {
        parser->at = before;
        return true;
    }
    parser->at++;
    css_skip_space(parser);
    if (!css_read_integer(parser, &simple->offset))
        return css_fail(parser, parser->at, "expected a number, as in 2n + 1");
    if (sign == '-') simple->offset = -simple->offset;
    return true;
}

static bool read_nth_word(struct css_parser *parser, struct css_simple *simple, const char *word,
                          int step, int offset)
{
    if (!view_starts_with_nocase(view_from(parser->text, parser->at), view_of(word))) return false;
    if (css_is_name_char(css_peek_at(parser, strlen(word)))) return false;
    parser->at += strlen(word);
    simple->step = step;
    simple->offset = offset;
    return true;
}

static bool parse_nth(struct css_parser *parser, struct css_simple *simple)
{
    if (read_nth_word(parser, simple, "odd", 2, 1)) return true;
    if (read_nth_word(parser, simple, "even", 2, 0)) return true;
    size_t start = parser->at;
    int sign = css_peek(parser) == '-' ? -1 : 1;
    if (css_peek(parser) == '+' || css_peek(parser) == '-') parser->at++;
    int number = 1;
    bool has_number = css_read_integer(parser, &number);
    if (css_peek(parser) == 'n' || css_peek(parser) == 'N') {
        parser->at++;
        simple->step = sign * number;
        return read_nth_offset(parser, simple);
    }
    if (!has_number) return css_fail(parser, start, "expected odd, even, a number or An+B");
    simple->offset = sign * number;
    return true;
}

/* --- selectors --- */

static bool parse_list(struct css_parser *parser, bool is_relative, struct css_list *list);

static struct css_list *parse_nested(struct css_parser *parser, bool is_relative)
{
    struct css_list *list = NEW(struct css_list);
    if (parse_list(parser, is_relative, list)) return list;
    css_list_free(list);
    return NULL;
}

static bool parse_of(struct css_parser *parser, struct css_simple *simple)
{
    size_t before = parser->at;
    bool spaced = css_skip_space(parser);
    struct view rest = view_from(parser->text, parser->at);
    bool may_be = simple->pseudo == CSS_NTH_CHILD || simple->pseudo == CSS_NTH_LAST_CHILD;
    if (!may_be || !spaced || !view_starts_with_nocase(rest, VIEW_LITERAL("of")) ||
        css_is_name_char(css_peek_at(parser, 2))) {
        parser->at = before;
        return true;
    }
    parser->at += 2;
    simple->selectors = parse_nested(parser, false);
    return simple->selectors != NULL;
}

/* :lang(de, "fr-CH"): kept as the words with a comma behind each. */
static bool parse_languages(struct css_parser *parser, struct css_simple *simple)
{
    AUTO_BUF words = BUF_INIT(HTML_QUERY_MAX_BYTES * 4);
    do {
        css_skip_space(parser);
        bool is_string = css_peek(parser) == '"' || css_peek(parser) == '\'';
        AUTO_FREE char *word = is_string ? css_read_string(parser)
                                         : css_read_identifier(parser, "expected a language");
        if (!word) return false;
        buf_add_text(&words, word);
        buf_add_char(&words, ',');
        css_skip_space(parser);
    } while (css_accept(parser, ','));
    simple->value = buf_take(&words);
    return true;
}

static bool parse_argument(struct css_parser *parser, struct css_simple *simple)
{
    switch (pseudo_classes[simple->pseudo].argument) {
    case CSS_NO_ARGUMENT: return true;
    case CSS_LANGUAGES: return parse_languages(parser, simple);
    case CSS_NTH: return parse_nth(parser, simple) && parse_of(parser, simple);
    case CSS_SELECTORS: simple->selectors = parse_nested(parser, false); break;
    case CSS_RELATIVE_SELECTORS:
        parser->in_has = true;
        simple->selectors = parse_nested(parser, true);
        parser->in_has = false;
        break;
    }
    return simple->selectors != NULL;
}

/* From behind the "(" to behind the ")". */
static bool parse_parentheses(struct css_parser *parser, struct css_simple *simple, size_t opened)
{
    if (++parser->nesting > CSS_MAX_NESTING)
        return css_fail(parser, opened, "too many parentheses inside each other");
    css_skip_space(parser);
    if (!parse_argument(parser, simple)) return false;
    css_skip_space(parser);
    parser->nesting--;
    if (css_peek(parser) < 0) return css_fail(parser, opened, "this '(' is never closed");
    return css_accept(parser, ')') || css_fail(parser, parser->at, "expected ')'");
}

static bool find_pseudo(struct css_parser *parser, const char *name, size_t start,
                        enum css_pseudo *ret_pseudo)
{
    for (size_t i = 0; i < CSS_PSEUDO_COUNT; i++) {
        if (strcmp(name, pseudo_classes[i].text) != 0) continue;
        *ret_pseudo = (enum css_pseudo)i;
        return true;
    }
    static const char elements[] = " before after first-line first-letter ";
    if (is_listed(elements, name))
        return css_fail_name(parser, start, "::", name,
                             " is a pseudo-element: no element is found by it");
    if (is_listed(dynamic_pseudo_classes, name))
        return css_fail_name(parser, start, ":", name,
                             " depends on what somebody does in a browser; nobody does here");
    return css_fail_name(parser, start, "there is no pseudo-class :", name, "");
}

static bool parse_pseudo(struct css_parser *parser, struct css_simple *simple)
{
    size_t start = parser->at++;
    if (css_peek(parser) == ':')
        return css_fail(parser, start, "a pseudo-element finds no element");
    AUTO_FREE char *name =
        css_read_identifier(parser, "expected the name of a pseudo-class after ':'");
    if (!name) return false;
    lower(name);
    simple->kind = CSS_PSEUDO;
    if (!find_pseudo(parser, name, start, &simple->pseudo)) return false;
    size_t opened = parser->at;
    bool has_argument = css_accept(parser, '(');
    bool wants_argument = pseudo_classes[simple->pseudo].argument != CSS_NO_ARGUMENT;
    if (has_argument && !wants_argument)
        return css_fail_name(parser, opened, ":", name, " takes nothing in parentheses");
    if (!has_argument && wants_argument)
        return css_fail_name(parser, opened, "expected '(' after :", name, "");
    if (simple->pseudo == CSS_HAS && parser->in_has)
        return css_fail(parser, start, ":has() may not stand inside :has()");
    return !has_argument || parse_parentheses(parser, simple, opened);
}

static bool parse_operator(struct css_parser *parser, struct css_simple *simple)
{
    static const struct {
        char first;
        enum css_operator operator;
    } operators[] = {{'~', CSS_WORD},   {'|', CSS_DASH}, {'^', CSS_PREFIX},
                     {'$', CSS_SUFFIX}, {'*', CSS_PART}, {'=', CSS_EQUALS}};
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        if (css_peek(parser) != operators[i].first) continue;
        size_t length = operators[i].operator== CSS_EQUALS ? 1 : 2;
        if (length == 2 && css_peek_at(parser, 1) != '=') break;
        parser->at += length;
        simple->operator= operators[i].operator;
        return true;
    }
    return css_fail(parser, parser->at, "expected ']' or one of = ~= |= ^= $= *=");
}

static bool parse_flag(struct css_parser *parser, struct css_simple *simple)
{
    css_skip_space(parser);
    simple->html_only_ignore_case = is_listed(insensitive_attributes, simple->lower_name);
    int c = css_peek(parser);
    if (c < 0 || c == ']') return true;
    if ((c != 'i' && c != 'I' && c != 's' && c != 'S') || css_is_name_char(css_peek_at(parser, 1)))
        return css_fail(parser, parser->at, "expected ']', or the flag i or s");
    parser->at++;
    simple->ignore_case = c == 'i' || c == 'I';
    simple->html_only_ignore_case = false;
    css_skip_space(parser);
    return true;
}

/* A namespace in front of an attribute's name: none has a prefix here. */
static bool parse_attribute_namespace(struct css_parser *parser, struct css_simple *simple)
{
    if (css_peek(parser) == '*' && css_peek_at(parser, 1) == '|') {
        simple->any_namespace = true;
        parser->at += 2;
    } else if (css_peek(parser) == '|' && css_peek_at(parser, 1) != '=') {
        parser->at++;
    }
    return true;
}

static bool parse_attribute_value(struct css_parser *parser, struct css_simple *simple)
{
    css_skip_space(parser);
    bool is_string = css_peek(parser) == '"' || css_peek(parser) == '\'';
    simple->value =
        is_string ? css_read_string(parser)
                  : css_read_identifier(parser, "expected a value: a name, or text in quotes");
    if (!simple->value) return false;
    simple->value_length = strlen(simple->value);
    return parse_flag(parser, simple);
}

static bool parse_attribute(struct css_parser *parser, struct css_simple *simple)
{
    size_t opened = parser->at++;
    simple->kind = CSS_ATTRIBUTE;
    css_skip_space(parser);
    parse_attribute_namespace(parser, simple);
    simple->name = css_read_identifier(parser, "expected the name of an attribute");
    if (!simple->name) return false;
    simple->lower_name = xstrdup(simple->name);
    lower(simple->lower_name);
    if (css_peek(parser) == '|' && css_peek_at(parser, 1) != '=')
        return css_fail_name(parser, opened + 1, "there is no namespace prefix ", simple->name, "");
    css_skip_space(parser);
    if (css_peek(parser) != ']' && css_peek(parser) >= 0) {
        if (!parse_operator(parser, simple) || !parse_attribute_value(parser, simple)) return false;
    }
    if (css_peek(parser) < 0) return css_fail(parser, opened, "this '[' is never closed");
    return css_accept(parser, ']') || css_fail(parser, parser->at, "expected ']'");
}

/* A type or "*", with "*|" in front or without. */
static bool parse_type(struct css_parser *parser, struct css_simple *simple)
{
    size_t start = parser->at;
    if (css_peek(parser) == '*' && css_peek_at(parser, 1) == '|') parser->at += 2;
    if (css_peek(parser) == '|')
        return css_fail(parser, start,
                        "'|' asks for elements without a namespace, and pages have none");
    simple->kind = CSS_UNIVERSAL;
    if (css_accept(parser, '*')) return true;
    simple->kind = CSS_TYPE;
    simple->name = css_read_identifier(parser, "expected a type or '*' after '|'");
    if (!simple->name) return false;
    if (css_peek(parser) == '|')
        return css_fail_name(parser, start, "there is no namespace prefix ", simple->name, "");
    simple->lower_name = xstrdup(simple->name);
    lower(simple->lower_name);
    return true;
}

static bool parse_named(struct css_parser *parser, struct css_simple *simple)
{
    bool is_id = parser->text.data[parser->at++] == '#';
    simple->kind = is_id ? CSS_ID : CSS_CLASS;
    simple->name = css_read_identifier(parser, is_id ? "expected a name after '#'"
                                                     : "expected the name of a class after '.'");
    return simple->name != NULL;
}

static bool starts_simple(const struct css_parser *parser, bool is_first)
{
    int c = css_peek(parser);
    if (c == '#' || c == '.' || c == '[' || c == ':') return true;
    return is_first && (c == '*' || c == '|' || css_starts_identifier(parser));
}

static bool parse_simple(struct css_parser *parser, struct css_compound *compound)
{
    struct css_simple *simple = vec_add(&compound->simples);
    simple->number = parser->simple_count++;
    switch (css_peek(parser)) {
    case '#':
    case '.': return parse_named(parser, simple);
    case '[': return parse_attribute(parser, simple);
    case ':': return parse_pseudo(parser, simple);
    default: return parse_type(parser, simple);
    }
}

static bool parse_compound(struct css_parser *parser, struct css_complex *complex,
                           enum css_combinator combinator)
{
    struct css_compound *compound = vec_add(complex);
    compound->combinator = combinator;
    if (!starts_simple(parser, true)) {
        bool at_end = css_peek(parser) < 0;
        return css_fail(parser, parser->at,
                        at_end ? "expected a selector, but here it ends" : "expected a selector");
    }
    do {
        if (!parse_simple(parser, compound)) return false;
    } while (starts_simple(parser, false));
    return true;
}

static bool accept_combinator(struct css_parser *parser, enum css_combinator *ret_combinator)
{
    static const char signs[] = {
        [CSS_CHILD] = '>', [CSS_NEXT_SIBLING] = '+', [CSS_LATER_SIBLING] = '~'};
    for (size_t i = CSS_CHILD; i < COUNT_OF(signs); i++) {
        if (!css_accept(parser, signs[i])) continue;
        *ret_combinator = (enum css_combinator)i;
        return true;
    }
    return false;
}

static bool parse_complex(struct css_parser *parser, bool is_relative, struct css_complex *complex)
{
    enum css_combinator combinator = CSS_DESCENDANT;
    css_skip_space(parser);
    if (is_relative) {
        struct css_compound *anchor = vec_add(complex);
        anchor->is_anchor = true;
        if (accept_combinator(parser, &combinator)) css_skip_space(parser);
    }
    for (;;) {
        if (!parse_compound(parser, complex, combinator)) return false;
        bool spaced = css_skip_space(parser);
        combinator = CSS_DESCENDANT;
        if (accept_combinator(parser, &combinator)) {
            css_skip_space(parser);
        } else if (!spaced || !starts_simple(parser, true)) {
            return !parser->failed;
        }
    }
}

static bool parse_list(struct css_parser *parser, bool is_relative, struct css_list *list)
{
    do {
        if (!parse_complex(parser, is_relative, vec_add(list))) return false;
    } while (css_accept(parser, ','));
    return true;
}

struct css_list *css_parse(struct view selector, size_t *ret_offset, struct buf *message)
{
    struct css_parser parser = {.text = selector, .ret_offset = ret_offset, .message = message};
    if (selector.length > HTML_QUERY_MAX_BYTES) {
        css_fail(&parser, HTML_QUERY_MAX_BYTES, "the selector is too long");
        return NULL;
    }
    if (view_find_char(selector, '\0') != SIZE_MAX) {
        css_fail(&parser, view_find_char(selector, '\0'), "a zero byte has no place in a selector");
        return NULL;
    }
    struct css_list *list = parse_nested(&parser, false);
    if (list && parser.at < selector.length) {
        css_fail(&parser, parser.at,
                 css_peek(&parser) == ')' ? "this ')' was never opened"
                                          : "expected a combinator, ',' or the end");
        css_list_free(list);
        return NULL;
    }
    return list;
}

void css_list_free(struct css_list *list)
{
    if (!list) return;
    vec_each(complex, list) {
        vec_each(compound, complex) {
            vec_each(simple, &compound->simples) {
                free(simple->name);
                free(simple->lower_name);
                free(simple->value);
                css_list_free(simple->selectors);
            }
            vec_release(&compound->simples);
        }
        vec_release(complex);
    }
    vec_release(list);
    free(list);
}
