/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I-Regexp (RFC 9485): its grammar checked to the letter, and translated into PCRE2's syntax on the
 * way. What differs: '.' is anything but a line break, and the only escapes are of single
 * characters, of \n \r \t, and of Unicode categories.
 */
#include "answer/pattern_translated.h"
#include "base/utf8.h"

#include <string.h>

#define MAX_DEPTH 50

struct translator {
    struct view text;
    size_t at;
    struct buf *out;
    int depth;
};

static uint32_t peek(const struct translator *translator)
{
    size_t at = translator->at;
    return at < translator->text.length ? utf8_next(translator->text, &at) : 0;
}

static uint32_t next(struct translator *translator)
{
    return translator->at < translator->text.length ? utf8_next(translator->text, &translator->at)
                                                    : 0;
}

static bool at_end(const struct translator *translator)
{
    return translator->at >= translator->text.length;
}

static bool is_one_of(uint32_t c, const char *set)
{
    return c && c < 0x80 && strchr(set, (int)c);
}

/* A character that means itself, escaped where PCRE2 would think otherwise. */
static bool add_literal(struct translator *translator, uint32_t c)
{
    if (is_one_of(c, "\\^$.[]|()?*+{}-#/&~!\"',:;<>=@`% ")) buf_add_char(translator->out, '\\');
    return utf8_add(translator->out, c);
}

/* \p{L}, \P{Nd}: IsCategory of RFC 9485. */
static bool category(struct translator *translator, uint32_t letter)
{
    static const char *const categories[] = {"L",  "Ll", "Lm", "Lo", "Lt", "Lu", "M",  "Mc", "Me",
                                             "Mn", "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Pe",
                                             "Pf", "Pi", "Po", "Ps", "Z",  "Zl", "Zp", "Zs", "S",
                                             "Sc", "Sk", "Sm", "So", "C",  "Cc", "Cf", "Cn", "Co"};
    if (next(translator) != '{') return false;
    struct view rest = view_from(translator->text, translator->at);
    size_t length = view_find_char(rest, '}');
    if (length == SIZE_MAX) return false;
    struct view name = view_slice(rest, 0, length);
    for (size_t i = 0; i < COUNT_OF(categories); i++) {
        if (!view_is(name, categories[i])) continue;
        translator->at += length + 1;
        return buf_addf(translator->out, "\\%c{%s}", (char)letter, categories[i]);
    }
    return false;
}

/* After a backslash. *ret_single is the character, or UTF8_INVALID for a category. */
static bool escape(struct translator *translator, uint32_t *ret_single)
{
    uint32_t c = next(translator);
    *ret_single = UTF8_INVALID;
    if (c == 'p' || c == 'P') return category(translator, c);
    if (c == 'n')
        *ret_single = '\n';
    else if (c == 'r')
        *ret_single = '\r';
    else if (c == 't')
        *ret_single = '\t';
    else if (is_one_of(c, "()*+-.?[\\]^{|}"))
        *ret_single = c; /* %x28-2B / "-" / "." / "?" / %x5B-5E / %x7B-7D */
    else
        return false;
    return true;
}

static bool is_class_char(uint32_t c)
{
    return c != UTF8_INVALID && c != '-' && c != '[' && c != ']' && c != '\\';
}

/* One character of a class, or the start of a range. */
static bool class_item(struct translator *translator)
{
    uint32_t first = next(translator);
    bool escaped = first == '\\';
    if (escaped && !escape(translator, &first)) return false;
    if (escaped && first == UTF8_INVALID) return true; /* a category, written out already */
    if (!escaped && !is_class_char(first)) return false;
    add_literal(translator, first);
    if (peek(translator) != '-') return true;
    size_t dash = translator->at;
    next(translator);
    if (peek(translator) == ']') { /* a '-' at the end means itself */
        translator->at = dash;
        return true;
    }
    uint32_t last = next(translator);
    bool last_escaped = last == '\\';
    if (last_escaped && (!escape(translator, &last) || last == UTF8_INVALID)) return false;
    if (!last_escaped && !is_class_char(last)) return false;
    if (last < first) return false;
    buf_add_char(translator->out, '-');
    return add_literal(translator, last);
}

static bool class_expression(struct translator *translator)
{
    buf_add_char(translator->out, '[');
    if (peek(translator) == '^') {
        next(translator);
        buf_add_char(translator->out, '^');
    }
    bool any = false;
    if (peek(translator) == '-') {
        next(translator);
        add_literal(translator, '-');
        any = true;
    }
    while (!at_end(translator) && peek(translator) != ']') {
        if (peek(translator) == '-') { /* only as the last one */
            next(translator);
            if (peek(translator) != ']') return false;
            add_literal(translator, '-');
        } else if (!class_item(translator)) {
            return false;
        }
        any = true;
    }
    return any && next(translator) == ']' && buf_add_char(translator->out, ']');
}

static bool number(struct translator *translator)
{
    size_t from = translator->at;
    while (is_one_of(peek(translator), "0123456789")) next(translator);
    size_t length = translator->at - from;
    return length > 0 && length < 5 &&
           buf_add_view(translator->out, view_slice(translator->text, from, length));
}

static bool quantifier(struct translator *translator)
{
    uint32_t c = peek(translator);
    if (is_one_of(c, "*+?")) {
        next(translator);
        return buf_add_char(translator->out, (char)c);
    }
    if (c != '{') return true;
    next(translator);
    buf_add_char(translator->out, '{');
    if (!number(translator)) return false;
    if (peek(translator) == ',') {
        next(translator);
        buf_add_char(translator->out, ',');
        if (peek(translator) != '}' && !number(translator)) return false;
    }
    return next(translator) == '}' && buf_add_char(translator->out, '}');
}

static bool branches(struct translator *translator);

static bool atom(struct translator *translator)
{
    uint32_t c = next(translator), single = 0;
    switch (c) {
    case '.': return buf_add_text(translator->out, "[^\\n\\r]");
    case '[': return class_expression(translator);
    case '\\':
        if (!escape(translator, &single)) return false;
        return single == UTF8_INVALID || add_literal(translator, single);
    case '(':
        if (++translator->depth > MAX_DEPTH) return false;
        buf_add_text(translator->out, "(?:");
        if (!branches(translator) || next(translator) != ')') return false;
        translator->depth--;
        return buf_add_char(translator->out, ')');
    case '^':
    case '$':
        return buf_add_char(translator->out, (char)c); /* the RFC's mapping lets them be anchors */
    default: return !is_one_of(c, ")*+?]{|}") && c != UTF8_INVALID && add_literal(translator, c);
    }
}

static bool branches(struct translator *translator)
{
    while (!at_end(translator) && peek(translator) != ')') {
        if (peek(translator) == '|') {
            next(translator);
            buf_add_char(translator->out, '|');
        } else if (!atom(translator) || !quantifier(translator)) {
            return false;
        }
    }
    return true;
}

struct pattern *pattern_compile_iregexp(struct view text, bool whole)
{
    AUTO_BUF out = BUF_INIT((size_t)64 << 10);
    struct translator translator = {.text = text, .out = &out};
    if (text.length > PATTERN_MAX_BYTES) return NULL;
    buf_add_text(&out, whole ? "\\A(?:" : "(?:");
    if (!branches(&translator) || !at_end(&translator)) return NULL;
    buf_add_text(&out, whole ? ")\\z" : ")");
    return out.overflowed ? NULL : pattern_compile_translated(buf_view(&out));
}
