/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTML as browsers read it: bytes to UTF-8 by the Encoding Standard (byte order mark, then the
 * header's charset, then <meta>, then windows-1252 unless it is valid UTF-8), parsed by gumbo into
 * a libxml2 tree, which XPath and CSS selectors then walk. The only user of gumbo and libxml2.
 */
#ifndef SHOPPER_ANSWER_HTML_H
#define SHOPPER_ANSWER_HTML_H

#include "base/buf.h"
#include "base/vec.h"
#include "base/view.h"

#include <stdbool.h>

struct html;
struct html_query; /* a compiled CSS selector or XPath expression; immutable, shared by runs */

#define HTML_MAX_DEPTH 400
#define HTML_MAX_NODES 500000
#define HTML_QUERY_MAX_BYTES 4096

/* NULL: deeper or larger than allowed, or the encoding is not known; `reason` says which. `charset`
 * is the header's, "" for none. */
struct html *html_parse(struct view body, struct view charset, struct buf *reason) MUST_CHECK;
/* As well; *ret_too_large: it was a bound of ours that ended it. */
struct html *html_parse_bounded(struct view body, struct view charset, bool *ret_too_large,
                                struct buf *reason) MUST_CHECK;
void html_free(struct html *html);

/* Selectors Level 3, with :is(), :where(), :not(list), :has(), attribute flags i and s, :scope,
 * :root and the structural ones; no pseudo-elements, no :visited and its kin. Case rules are
 * HTML's. NULL: malformed; message and *ret_offset (bytes) say what and where. */
struct html_query *html_compile_css(struct view selector, size_t *ret_offset,
                                    struct buf *message) MUST_CHECK;
/* XPath 1.0; elements of HTML match by plain lower-case names. */
struct html_query *html_compile_xpath(struct view expression, size_t *ret_offset,
                                      struct buf *message) MUST_CHECK;
void html_query_free(struct html_query *query);

struct html_match {
    char
        *text; /* text content, or the attribute's value, or the string of an XPath result; owned */
    size_t length;
    enum html_match_kind {
        HTML_MATCH_TEXT,
        HTML_MATCH_NUMBER,
        HTML_MATCH_BOOL
    } kind; /* XPath may calculate */
};
struct html_matches {
    struct html_match *items; /* in document order */
    size_t count, capacity;   /* a VEC */
};
void html_matches_release(struct html_matches *matches);

/* All matches. With `attr`, elements without that attribute are passed over. Without, the text
 * content is taken with white space collapsed and trimmed as a browser renders it (script, style,
 * pre and textarea keep theirs). False: a limit was met. */
bool html_find(const struct html *html, const struct html_query *query, const char *attr,
               struct html_matches *ret_matches) MUST_CHECK;
/* The same for prices: digits of a <sup> right behind a number become raised ones, as they are
 * shown. "12<sup>50</sup>" is 12.50 and no 1250. */
bool html_find_prices(const struct html *html, const struct html_query *query, const char *attr,
                      struct html_matches *ret_matches) MUST_CHECK;

/* What stopped a form's field from being found. */
enum html_form_result { HTML_FORM_FOUND, HTML_FORM_NONE /* no such form */, HTML_FORM_NO_FIELD };
/* The value that the form's field would be submitted with (HTML, 4.10.21.4): hidden, text, checked
 * boxes, selected options, textarea, button; `form=` association counts. */
enum html_form_result html_form_field(const struct html *html, const struct html_query *form,
                                      const char *field, struct buf *ret_value) MUST_CHECK;
/* The same of every form that the query finds or that stands inside of what it finds, in order; all
 * values of the name in each. */
enum html_form_result html_form_fields(const struct html *html, const struct html_query *form,
                                       const char *field,
                                       struct html_matches *ret_values) MUST_CHECK;

/* The charset parameter of a Content-Type, borrowed; empty for none. */
struct view html_charset_of(struct view content_type);
/* Bytes in a named encoding (Encoding Standard labels) to UTF-8, with U+FFFD for what is broken;
 * false: not a known encoding. */
bool html_decode(struct view bytes, struct view charset, struct buf *out) MUST_CHECK;

#endif
