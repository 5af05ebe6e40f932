/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of an element: as the DOM has it, or with white space as a browser shows it. Style
 * sheets are not asked: what is a block is known by its name, and hidden text counts.
 */
#include "answer/html_tree.h"

#include <string.h>

/* Elements that start and end a line. `br` is one of them here. */
static const char *const blocks[] = {
    "address",    "article", "aside",  "blockquote", "body",    "br",       "caption", "center",
    "dd",         "details", "dialog", "dir",        "div",     "dl",       "dt",      "fieldset",
    "figcaption", "figure",  "footer", "form",       "h1",      "h2",       "h3",      "h4",
    "h5",         "h6",      "header", "hgroup",     "hr",      "html",     "legend",  "li",
    "listing",    "main",    "menu",   "nav",        "ol",      "optgroup", "option",  "p",
    "plaintext",  "pre",     "search", "section",    "summary", "table",    "tbody",   "td",
    "tfoot",      "th",      "thead",  "tr",         "ul",      "xmp",
};

static bool is_block(const xmlNode *element)
{
    if (html_is_foreign(element)) return false;
    size_t low = 0, high = COUNT_OF(blocks);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(html_name(element), blocks[middle]);
        if (!order) return true;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

static bool is_preformatted(const xmlNode *element)
{
    return html_is(element, "pre") || html_is(element, "textarea") || html_is(element, "listing");
}

/* Never rendered as text, unless it is itself what was asked for. */
static bool is_unseen(const xmlNode *element)
{
    return html_is(element, "script") || html_is(element, "style") || html_is(element, "template");
}

struct collapsed {
    struct buf *out;
    bool space_owed, started;
    bool raised; /* digits that come are, up to anything else */
};

/* As they are written behind a number, with or without the point: 12 and a small 50, or .50 */
static bool ends_in_number(const struct collapsed *text)
{
    const struct buf *out = text->out;
    if (text->space_owed || !out->length) return false;
    size_t at = out->length - 1;
    if (at && (out->data[at] == '.' || out->data[at] == ',')) at--;
    return out->data[at] >= '0' && out->data[at] <= '9';
}

static bool add_piece(struct collapsed *text, struct view piece)
{
    static const char *const digits[] = {"\u2070", "\u00B9", "\u00B2", "\u00B3", "\u2074",
                                         "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    for (; text->raised && piece.length; piece = view_from(piece, 1)) {
        char c = piece.data[0];
        bool digit = c >= '0' && c <= '9';
        text->raised = digit || c == '.' || c == ',';
        if (!text->raised) break;
        if (digit ? !buf_add_text(text->out, digits[c - '0']) : !buf_add_char(text->out, c))
            return false;
    }
    return buf_add_view(text->out, piece);
}

static bool add_collapsed(struct collapsed *text, const char *content)
{
    while (*content) {
        size_t spaces = strspn(content, " \t\n\f\r");
        if (spaces) text->space_owed = true;
        if (spaces) text->raised = false;
        content += spaces;
        size_t length = strcspn(content, " \t\n\f\r");
        if (!length) break;
        if (text->space_owed && text->started && !buf_add_char(text->out, ' ')) return false;
        if (!add_piece(text, (struct view){content, length})) return false;
        text->space_owed = false;
        text->started = true;
        content += length;
    }
    return true;
}

static bool add_kept(struct collapsed *text, const xmlNode *element)
{
    if (text->started && !buf_add_char(text->out, ' ')) return false;
    if (!html_add_raw_text(element, false, text->out)) return false;
    text->started = true;
    text->space_owed = true;
    return true;
}

/* Every line ends where a block does, on the way down and on the way up. */
static const xmlNode *next_with_breaks(struct collapsed *text, const xmlNode *node,
                                       const xmlNode *top, bool skip_children)
{
    if (!skip_children && node->children) return node->children;
    while (node != top && !node->next) {
        node = node->parent;
        if (!node) return NULL;
        if (html_is_element(node) && is_block(node)) text->space_owed = true;
    }
    return node == top ? NULL : node->next;
}

static bool is_inside(const xmlNode *node, const xmlNode *ancestor)
{
    while (node && node != ancestor) node = node->parent;
    return node != NULL;
}

static bool add_rendered(const xmlNode *top, bool raised, struct buf *out)
{
    struct collapsed text = {.out = out};
    const xmlNode *sup = NULL; /* that begins behind a number */
    bool skip = false;
    for (const xmlNode *node = top; node; node = next_with_breaks(&text, node, top, skip)) {
        skip = false;
        if (sup && !is_inside(node, sup)) sup = NULL;
        if (!sup) text.raised = false;
        if (raised && !sup && node != top && html_is(node, "sup") && ends_in_number(&text)) {
            sup = node;
            text.raised = true;
        }
        if (node->type == XML_TEXT_NODE && node->content) {
            if (!add_collapsed(&text, (const char *)node->content)) return false;
        } else if (html_is_element(node) && node != top) {
            if (is_block(node)) text.space_owed = true;
            skip = is_unseen(node) || is_preformatted(node);
            if (is_preformatted(node) && !add_kept(&text, node)) return false;
        }
    }
    return true;
}

static bool keeps_white_space(const xmlNode *node)
{
    for (; node && html_is_element(node); node = node->parent) {
        if (is_preformatted(node)) return true;
    }
    return false;
}

bool html_add_raw_text(const xmlNode *node, bool no_scripts, struct buf *out)
{
    bool skip = false;
    for (const xmlNode *at = node; at; at = html_next(at, node, skip)) {
        skip = no_scripts && html_is(at, "script");
        if (at->type != XML_TEXT_NODE || !at->content) continue;
        if (!buf_add_text(out, (const char *)at->content)) return false;
    }
    return true;
}

bool html_add_text(const xmlNode *node, bool raised, struct buf *out)
{
    if (node->type == XML_COMMENT_NODE)
        return buf_add_text(out, node->content ? (const char *)node->content : "");
    if (node->type == XML_ATTRIBUTE_NODE)
        return buf_add_text(out, html_value_of((const xmlAttr *)(const void *)node));
    const xmlNode *element = html_is_element(node) ? node : html_parent_element(node);
    bool keeps = element && (html_is(element, "script") || html_is(element, "style") ||
                             keeps_white_space(element));
    return keeps ? html_add_raw_text(node, false, out) : add_rendered(node, raised, out);
}
