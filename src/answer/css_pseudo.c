/* SPDX-License-Identifier: Apache-2.0 */
/* See css.h: the pseudo-classes. */
#include "answer/css.h"

#include <string.h>
#include <strings.h>

/* --- places among siblings --- */

static bool is_same_type(const xmlNode *a, const xmlNode *b)
{
    return html_is_foreign(a) == html_is_foreign(b) && !strcmp(html_name(a), html_name(b));
}

typedef const xmlNode *next_sibling(const xmlNode *node);

static bool is_first_of_type(struct css_matcher *matcher, const xmlNode *element,
                             next_sibling *outward)
{
    for (const xmlNode *other = outward(element); other; other = outward(other)) {
        if (is_same_type(other, element)) return false;
        if (!css_step(matcher)) return false;
    }
    return true;
}

static bool counts(struct css_matcher *matcher, const struct css_simple *simple,
                   const xmlNode *sibling, const xmlNode *element)
{
    bool of_type = simple->pseudo == CSS_NTH_OF_TYPE || simple->pseudo == CSS_NTH_LAST_OF_TYPE;
    if (of_type) return is_same_type(sibling, element);
    return !simple->selectors || css_matches(matcher, simple->selectors, sibling);
}

/* A page is walked in document order, so the index of a sibling shortly before is mostly known. */
static int index_from_start(struct css_matcher *matcher, const struct css_simple *simple,
                            const struct css_cached_index *known, const xmlNode *element)
{
    int index = 1;
    for (const xmlNode *other = css_previous_sibling(element); other;
         other = css_previous_sibling(other)) {
        if (!css_step(matcher)) return 0;
        if (known->simple == simple && known->node == other &&
            counts(matcher, simple, other, element))
            return known->index + index;
        if (counts(matcher, simple, other, element)) index++;
    }
    return index;
}

static int index_from_end(struct css_matcher *matcher, const struct css_simple *simple,
                          const struct css_cached_index *known, const xmlNode *element)
{
    if (known->simple == simple && known->node && known->node == css_previous_sibling(element) &&
        counts(matcher, simple, known->node, element))
        return known->index - 1;
    int index = 1;
    for (const xmlNode *other = css_next_sibling(element); other; other = css_next_sibling(other)) {
        if (!css_step(matcher)) return 0;
        if (counts(matcher, simple, other, element)) index++;
    }
    return index;
}

static bool is_nth(struct css_matcher *matcher, const struct css_simple *simple,
                   const xmlNode *element)
{
    if (!counts(matcher, simple, element, element)) return false;
    struct css_cached_index *known = &matcher->cached[simple->number % CSS_CACHED_INDEXES];
    bool from_end = simple->pseudo == CSS_NTH_LAST_CHILD || simple->pseudo == CSS_NTH_LAST_OF_TYPE;
    int index = from_end ? index_from_end(matcher, simple, known, element)
                         : index_from_start(matcher, simple, known, element);
    *known = (struct css_cached_index){simple, element, index};
    int beyond = index - simple->offset;
    if (!simple->step) return !beyond;
    return beyond % simple->step == 0 && beyond / simple->step >= 0;
}

/* --- :has() --- */

/* Whether an element below `top` is the last of the relative selector. */
static bool fits_below(struct css_matcher *matcher, const struct css_list *one, const xmlNode *top,
                       bool children_only)
{
    bool skip = html_is(top, "template");
    for (const xmlNode *node = html_next(top, top, skip); node; node = html_next(node, top, skip)) {
        skip = children_only;
        if (!html_is_element(node)) continue;
        skip = skip || html_is(node, "template");
        if (css_matches(matcher, one, node)) return true;
        if (!matcher->steps_left) return false;
    }
    return false;
}

static bool fits_beside(struct css_matcher *matcher, const struct css_list *one,
                        const xmlNode *element, bool next_only, bool deeper)
{
    for (const xmlNode *other = css_next_sibling(element); other; other = css_next_sibling(other)) {
        if (css_matches(matcher, one, other)) return true;
        if (deeper && fits_below(matcher, one, other, false)) return true;
        if (next_only || !matcher->steps_left) return false;
    }
    return false;
}

static bool has_relative(struct css_matcher *matcher, struct css_complex *complex,
                         const xmlNode *element)
{
    struct css_list one = {complex, 1, 1};
    bool is_one = complex->count == 2; /* the anchor, and one compound that is sought */
    switch (complex->items[1].combinator) {
    case CSS_DESCENDANT: return fits_below(matcher, &one, element, false);
    case CSS_CHILD: return fits_below(matcher, &one, element, is_one);
    case CSS_NEXT_SIBLING: return fits_beside(matcher, &one, element, is_one, !is_one);
    case CSS_LATER_SIBLING: return fits_beside(matcher, &one, element, false, !is_one);
    }
    return false;
}

static bool has(struct css_matcher *matcher, const struct css_list *list, const xmlNode *element)
{
    const xmlNode *outer = matcher->anchor;
    matcher->anchor = element;
    bool found = false;
    vec_each(complex, list) {
        found = has_relative(matcher, complex, element);
        if (found) break;
    }
    matcher->anchor = outer;
    return found;
}

/* --- what HTML says about an element --- */

static bool is_link(const xmlNode *element)
{
    return (html_is(element, "a") || html_is(element, "area")) && html_attribute(element, "href");
}

static bool is_empty(const xmlNode *element)
{
    if (html_is(element, "template")) return true;
    for (const xmlNode *child = element->children; child; child = child->next) {
        if (html_is_element(child)) return false;
        if (child->type == XML_TEXT_NODE && child->content && *child->content) return false;
    }
    return true;
}

static bool can_be_required(const xmlNode *element)
{
    return html_is(element, "input") || html_is(element, "select") || html_is(element, "textarea");
}

static const char *language_of(const xmlNode *element)
{
    for (; element; element = html_parent_element(element)) {
        const char *language = html_attribute(element, "lang");
        if (!language) language = html_attribute(element, "xml:lang");
        if (language) return language;
    }
    return "";
}

/* `ranges` has a comma behind each. */
static bool has_language(const char *ranges, const xmlNode *element)
{
    const char *language = language_of(element);
    size_t language_length = strlen(language);
    for (const char *comma; (comma = strchr(ranges, ',')); ranges = comma + 1) {
        size_t length = (size_t)(comma - ranges);
        if (!length || length > language_length) continue;
        char after = language[length];
        if (!strncasecmp(ranges, language, length) && (!after || after == '-')) return true;
    }
    return false;
}

static bool is_root(const xmlNode *element)
{
    return !html_parent_element(element);
}

bool css_pseudo_matches(struct css_matcher *matcher, const struct css_simple *simple,
                        const xmlNode *element)
{
    switch (simple->pseudo) {
    case CSS_ANY_LINK:
    case CSS_LINK: return is_link(element);
    case CSS_CHECKED: return html_is_checked(element) || html_option_is_selected(element);
    case CSS_DISABLED: return html_is_disabled(element);
    case CSS_ENABLED: return html_can_be_disabled(element) && !html_is_disabled(element);
    case CSS_REQUIRED: return can_be_required(element) && html_attribute(element, "required");
    case CSS_OPTIONAL: return can_be_required(element) && !html_attribute(element, "required");
    case CSS_EMPTY: return is_empty(element);
    case CSS_FIRST_CHILD: return !css_previous_sibling(element);
    case CSS_LAST_CHILD: return !css_next_sibling(element);
    case CSS_ONLY_CHILD: return !css_previous_sibling(element) && !css_next_sibling(element);
    case CSS_FIRST_OF_TYPE: return is_first_of_type(matcher, element, css_previous_sibling);
    case CSS_LAST_OF_TYPE: return is_first_of_type(matcher, element, css_next_sibling);
    case CSS_ONLY_OF_TYPE:
        return is_first_of_type(matcher, element, css_previous_sibling) &&
               is_first_of_type(matcher, element, css_next_sibling);
    case CSS_NTH_CHILD:
    case CSS_NTH_LAST_CHILD:
    case CSS_NTH_OF_TYPE:
    case CSS_NTH_LAST_OF_TYPE: return is_nth(matcher, simple, element);
    case CSS_ROOT:
    case CSS_SCOPE: return is_root(element);
    case CSS_LANG: return has_language(simple->value, element);
    case CSS_IS:
    case CSS_WHERE: return css_matches(matcher, simple->selectors, element);
    case CSS_NOT: return !css_matches(matcher, simple->selectors, element);
    case CSS_HAS: return has(matcher, simple->selectors, element);
    case CSS_PSEUDO_COUNT: break;
    }
    return false;
}
