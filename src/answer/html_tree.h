/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of html.h: the tree as its readers (selectors, forms, text) see it. Only the html_*, css*
 * and form files include this.
 *
 * Every element lives without a libxml2 namespace, so that XPath finds SVG by plain local names;
 * `_private` of an element keeps where its tag starts and whether it is foreign (SVG or MathML).
 * An attribute has one text child or none. The content of a <template> stands below it in the tree.
 */
#ifndef SHOPPER_ANSWER_HTML_TREE_H
#define SHOPPER_ANSWER_HTML_TREE_H

#include "answer/html.h"

#include <libxml/tree.h>
#include <stdint.h>

/* A parser that meets <form> holds on to it until </form>, wherever the tree puts the fields. */
struct html_form_span {
    const xmlNode *form;
    size_t start_bytes,
        end_bytes; /* in the decoded page; the end is SIZE_MAX when it never closes */
};

struct html {
    xmlDoc *doc;
    bool quirks; /* class and id names match in any case */
    struct {
        struct html_form_span *items; /* by start, none inside another */
        size_t count, capacity;       /* a VEC */
    } forms;
};

static inline bool html_is_element(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE;
}

static inline bool html_is_foreign(const xmlNode *element)
{
    return (uintptr_t)element->_private & 1;
}

static inline size_t html_source_offset(const xmlNode *element)
{
    return (uintptr_t)element->_private >> 1;
}

static inline const char *html_name(const xmlNode *element)
{
    return (const char *)element->name;
}

static inline const char *html_value_of(const xmlAttr *attribute)
{
    const xmlNode *text = attribute->children;
    return text && text->content ? (const char *)text->content : "";
}

static inline const xmlNode *html_parent_element(const xmlNode *node)
{
    const xmlNode *parent = node->parent;
    return parent && html_is_element(parent) ? parent : NULL;
}

/* An HTML element (not SVG, not MathML) of that lower-case name. */
bool html_is(const xmlNode *node, const char *name);
/* The attribute's value, borrowed; NULL when it is not there. */
const char *html_attribute(const xmlNode *element, const char *name);
bool html_attribute_is(const xmlNode *element, const char *name, const char *lower_case_value);
/* The next node in document order that is not outside `top`; `skip_children` passes over what is
 * below `node`. NULL at the end. */
const xmlNode *html_next(const xmlNode *node, const xmlNode *top, bool skip_children);
/* White space of HTML: space, tab, line feed, form feed, carriage return. */
static inline bool html_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Bytes of a page to UTF-8 for the parser. *ret_text borrows from `body` or `scratch`. False: no
 * decoder; `reason` says so. */
bool html_read(struct view body, struct view charset, struct buf *scratch, struct view *ret_text,
               struct buf *reason) MUST_CHECK;

/* Text of a node as html_find gives it, or, with raised digits, html_find_prices; false when `out`
 * is full. */
bool html_add_text(const xmlNode *node, bool raised, struct buf *out);
/* Text content as the DOM has it, without what stands in a nested <script> if `no_scripts`. */
bool html_add_raw_text(const xmlNode *node, bool no_scripts, struct buf *out);

/* Form controls (form.c). */
bool html_is_disabled(const xmlNode *element);
bool html_can_be_disabled(const xmlNode *element);
bool html_option_is_selected(const xmlNode *option);
bool html_is_checked(const xmlNode *input);

/* Hands over every element the query finds, in document order, until `each` says false. False: a
 * limit was met, or the expression gave no nodes. */
typedef bool html_each_element(void *context, const xmlNode *element);
bool html_query_elements(const struct html *html, const struct html_query *query,
                         html_each_element *each, void *context) MUST_CHECK;

#endif
