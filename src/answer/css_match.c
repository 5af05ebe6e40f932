/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See css.h: does an element match? A compound is held against the element from its right end; a
 * failure says how far up or back it is worth trying again, so that hostile pages do not make it
 * exponential. What is still too much runs out of steps. Nothing is allocated.
 */
#include "answer/css.h"

#include <string.h>
#include <strings.h>

/* How much of the tree a mismatch rules out. */
enum fit {
    FIT,
    FIT_NOT_HERE,   /* another ancestor or sibling may do */
    FIT_NOT_BESIDE, /* no sibling will do, an ancestor may */
    FIT_NOT_ANYWHERE
};

bool css_step(struct css_matcher *matcher)
{
    if (!matcher->steps_left) return false;
    return --matcher->steps_left > 0;
}

const xmlNode *css_next_sibling(const xmlNode *node)
{
    do {
        node = node->next;
    } while (node && !html_is_element(node));
    return node;
}

const xmlNode *css_previous_sibling(const xmlNode *node)
{
    do {
        node = node->prev;
    } while (node && !html_is_element(node));
    return node;
}

static bool has_type(const struct css_simple *simple, const xmlNode *element)
{
    const char *name = html_is_foreign(element) ? simple->name : simple->lower_name;
    return !strcmp(html_name(element), name);
}

static bool has_id(const struct css_matcher *matcher, const struct css_simple *simple,
                   const xmlNode *element)
{
    const char *id = html_attribute(element, "id");
    if (!id) return false;
    return matcher->html->quirks ? !strcasecmp(id, simple->name) : !strcmp(id, simple->name);
}

static bool is_same(const char *a, const char *b, size_t length, bool ignore_case)
{
    return ignore_case ? !strncasecmp(a, b, length) : !memcmp(a, b, length);
}

/* Whether `word` is one of the words of `text`, apart by white space. */
static bool has_word(const char *text, const char *word, size_t word_length, bool ignore_case)
{
    for (;;) {
        text += strspn(text, " \t\n\f\r");
        size_t length = strcspn(text, " \t\n\f\r");
        if (!length) return false;
        if (length == word_length && is_same(text, word, length, ignore_case)) return true;
        text += length;
    }
}

static bool has_class(const struct css_matcher *matcher, const struct css_simple *simple,
                      const xmlNode *element)
{
    const char *classes = html_attribute(element, "class");
    return classes && has_word(classes, simple->name, strlen(simple->name), matcher->html->quirks);
}

static bool has_part(const char *value, size_t length, const struct css_simple *simple,
                     bool ignore_case)
{
    for (size_t i = 0; i + simple->value_length <= length; i++) {
        if (is_same(value + i, simple->value, simple->value_length, ignore_case)) return true;
    }
    return false;
}

static bool value_fits(const struct css_simple *simple, const char *value, bool ignore_case)
{
    size_t wanted = simple->value_length, length = strlen(value);
    switch (simple->operator) {
    case CSS_EXISTS: return true;
    case CSS_EQUALS: return length == wanted && is_same(value, simple->value, wanted, ignore_case);
    case CSS_WORD: return has_word(value, simple->value, wanted, ignore_case);
    case CSS_DASH:
        return length >= wanted && is_same(value, simple->value, wanted, ignore_case) &&
               (length == wanted || value[wanted] == '-');
    case CSS_PREFIX:
        return wanted && length >= wanted && is_same(value, simple->value, wanted, ignore_case);
    case CSS_SUFFIX:
        return wanted && length >= wanted &&
               is_same(value + length - wanted, simple->value, wanted, ignore_case);
    case CSS_PART: return wanted && has_part(value, length, simple, ignore_case);
    }
    return false;
}

static bool is_named(const xmlAttr *attribute, const char *name, bool any_namespace)
{
    const char *actual = (const char *)attribute->name;
    if (!strcmp(actual, name)) return true;
    const char *colon = any_namespace ? strchr(actual, ':') : NULL;
    return colon && !strcmp(colon + 1, name);
}

static bool has_attribute(const struct css_simple *simple, const xmlNode *element)
{
    bool is_foreign = html_is_foreign(element);
    const char *name = is_foreign ? simple->name : simple->lower_name;
    bool ignore_case = simple->ignore_case || (simple->html_only_ignore_case && !is_foreign);
    for (const xmlAttr *attribute = element->properties; attribute; attribute = attribute->next) {
        if (!is_named(attribute, name, simple->any_namespace && is_foreign)) continue;
        if (value_fits(simple, html_value_of(attribute), ignore_case)) return true;
    }
    return false;
}

static bool simple_fits(struct css_matcher *matcher, const struct css_simple *simple,
                        const xmlNode *element)
{
    switch (simple->kind) {
    case CSS_UNIVERSAL: return true;
    case CSS_TYPE: return has_type(simple, element);
    case CSS_ID: return has_id(matcher, simple, element);
    case CSS_CLASS: return has_class(matcher, simple, element);
    case CSS_ATTRIBUTE: return has_attribute(simple, element);
    case CSS_PSEUDO: return css_pseudo_matches(matcher, simple, element);
    }
    return false;
}

static bool compound_fits(struct css_matcher *matcher, const struct css_compound *compound,
                          const xmlNode *element)
{
    if (!css_step(matcher)) return false;
    if (compound->is_anchor) return element == matcher->anchor;
    vec_each(simple, &compound->simples) {
        if (!simple_fits(matcher, simple, element)) return false;
    }
    return true;
}

static enum fit complex_fits(struct css_matcher *matcher, const struct css_complex *complex,
                             size_t last, const xmlNode *element);

static enum fit fits_some_ancestor(struct css_matcher *matcher, const struct css_complex *complex,
                                   size_t last, const xmlNode *element)
{
    while ((element = html_parent_element(element))) {
        enum fit fit = complex_fits(matcher, complex, last, element);
        if (fit == FIT || fit == FIT_NOT_ANYWHERE) return fit;
    }
    return FIT_NOT_ANYWHERE;
}

static enum fit fits_some_sibling(struct css_matcher *matcher, const struct css_complex *complex,
                                  size_t last, const xmlNode *element)
{
    while ((element = css_previous_sibling(element))) {
        enum fit fit = complex_fits(matcher, complex, last, element);
        if (fit != FIT_NOT_HERE) return fit;
    }
    return FIT_NOT_BESIDE;
}

/* Whether compounds 0 to `last` hold with `element` as the last. Recurses once per compound, of
 * which a selector's length allows few thousand. */
static enum fit complex_fits(struct css_matcher *matcher, const struct css_complex *complex,
                             size_t last, const xmlNode *element)
{
    if (!compound_fits(matcher, &complex->items[last], element)) return FIT_NOT_HERE;
    if (!last) return FIT;
    const xmlNode *other;
    switch (complex->items[last].combinator) {
    case CSS_DESCENDANT: return fits_some_ancestor(matcher, complex, last - 1, element);
    case CSS_LATER_SIBLING: return fits_some_sibling(matcher, complex, last - 1, element);
    case CSS_CHILD:
        other = html_parent_element(element);
        return other ? complex_fits(matcher, complex, last - 1, other) : FIT_NOT_ANYWHERE;
    case CSS_NEXT_SIBLING:
        other = css_previous_sibling(element);
        return other ? complex_fits(matcher, complex, last - 1, other) : FIT_NOT_BESIDE;
    }
    return FIT_NOT_HERE;
}

bool css_matches(struct css_matcher *matcher, const struct css_list *list, const xmlNode *element)
{
    vec_each(complex, list) {
        if (complex_fits(matcher, complex, complex->count - 1, element) == FIT) return true;
    }
    return false;
}
