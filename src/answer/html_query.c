/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled queries on a page. XPath is libxml2's, with a limit on its work and nothing that would
 * read a file or print; a page is never written to, so that threads may share one.
 */
#include "answer/css.h"
#include "answer/html_tree.h"
#include "base/utf8.h"

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <pthread.h>
#include <string.h>

#define CSS_MAX_STEPS ((size_t)20 * 1000 * 1000)
#define XPATH_MAX_OPERATIONS 5000000ul
#define TEXT_CAP_BYTES ((size_t)64 << 20) /* of all matches of one query */

struct html_query {
    struct css_list *selectors; /* NULL: it is XPath */
    xmlXPathCompExpr *expression;
    pthread_mutex_t *lock; /* libxml2 notes inside an expression which functions it found */
};

static struct html_query *html_query_new(struct css_list *selectors, xmlXPathCompExpr *expression)
{
    struct html_query *query = NEW(struct html_query);
    query->selectors = selectors;
    query->expression = expression;
    query->lock = NEW(pthread_mutex_t);
    pthread_mutex_init(query->lock, NULL);
    return query;
}

void html_query_free(struct html_query *query)
{
    if (!query) return;
    css_list_free(query->selectors);
    if (query->expression) xmlXPathFreeCompExpr(query->expression);
    pthread_mutex_destroy(query->lock);
    free(query->lock);
    free(query);
}

struct html_query *html_compile_css(struct view selector, size_t *ret_offset, struct buf *message)
{
    struct css_list *list = css_parse(selector, ret_offset, message);
    return list ? html_query_new(list, NULL) : NULL;
}

/* --- XPath --- */

struct xpath_failure {
    const char *words;
    size_t offset;
    bool happened;
};

/* libxml2 gives a number and no words to whoever listens. */
static const char *failure_words(int code)
{
    static const struct {
        int code;
        const char *words;
    } failures[] = {
        {XML_XPATH_UNFINISHED_LITERAL_ERROR, "text in quotes that is never closed"},
        {XML_XPATH_START_LITERAL_ERROR, "text in quotes is expected"},
        {XML_XPATH_INVALID_PREDICATE_ERROR, "']' is expected"},
        {XML_XPATH_EXPR_ERROR, "a step, a value or the end is expected"},
        {XML_XPATH_UNCLOSED_ERROR, "')' is expected"},
        {XML_XPATH_INVALID_TYPE, "a function or an operator gets what it cannot take"},
        {XML_XPATH_INVALID_ARITY, "a function gets too few or too many arguments"},
    };
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        if (failures[i].code == code) return failures[i].words;
    }
    return "it cannot be read";
}

#if LIBXML_VERSION >= 21200
static void note_failure(void *context, const xmlError *error)
#else
static void note_failure(void *context, xmlError *error)
#endif
{
    struct xpath_failure *failure = context;
    if (failure->happened) return;
    failure->happened = true;
    failure->offset = error->int1 > 0 ? (size_t)error->int1 : 0;
    failure->words = failure_words(error->code);
}

static xmlXPathContext *xpath_context(xmlDoc *doc, struct xpath_failure *failure)
{
    xmlXPathContext *context = xmlXPathNewContext(doc);
    ASSERT(context);
    context->error = note_failure;
    context->userData = failure;
    context->opLimit = XPATH_MAX_OPERATIONS;
    context->node = (xmlNode *)doc;
    return context;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static bool is_known_call(xmlXPathContext *context, struct view name)
{
    static const char *const others[] = {"text", "node", "comment", "processing-instruction",
                                         "and",  "or",   "div",     "mod"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (view_is(name, others[i])) return true;
    }
    char text[64];
    if (name.length >= sizeof(text)) return false;
    memcpy(text, name.data, name.length);
    text[name.length] = '\0';
    return xmlXPathFunctionLookup(context, (const xmlChar *)text) != NULL;
}

static bool is_prefix(struct view expression, size_t end)
{
    char after = end + 1 < expression.length ? expression.data[end + 1] : '\0';
    return expression.data[end] == ':' && after != ':' &&
           (end == 0 || expression.data[end - 1] != ':');
}

/* libxml2 looks up functions, variables and prefixes only when it comes to them; whoever wrote the
 * expression shall hear of it before. */
static bool names_are_known(xmlXPathContext *context, struct view expression, size_t *ret_offset,
                            struct buf *message)
{
    for (size_t at = 0; at < expression.length;) {
        char c = expression.data[at];
        *ret_offset = at;
        if (c == '"' || c == '\'') {
            size_t length = view_find_char(view_from(expression, at + 1), c);
            if (length == SIZE_MAX) return true; /* the compiler has said so */
            at += length + 2;
            continue;
        }
        if (c == '$') return buf_add_text(message, "there are no variables here"), false;
        size_t end = at;
        while (end < expression.length && is_name_char(expression.data[end])) end++;
        if (end == at) {
            at++;
            continue;
        }
        if (end < expression.length && is_prefix(expression, end))
            return buf_add_text(message, "there are no namespace prefixes here"), false;
        struct view name = view_slice(expression, at, end - at);
        at = end;
        while (end < expression.length && html_is_space(expression.data[end])) end++;
        if (end >= expression.length || expression.data[end] != '(') continue;
        if (!is_known_call(context, name) && !(c >= '0' && c <= '9'))
            return buf_addf(message, "there is no function %.*s()",
                            VIEW_PRINTF(view_slice(name, 0, 60))),
                   false;
    }
    return true;
}

/* What fails on any page, as count('x') does, fails on an empty one. */
static bool can_be_evaluated(xmlXPathContext *context, xmlXPathCompExpr *compiled,
                             struct xpath_failure *failure)
{
    xmlXPathObject *result = xmlXPathCompiledEval(compiled, context);
    xmlXPathFreeObject(result);
    return result && !failure->happened;
}

static xmlXPathCompExpr *xpath_compile(xmlXPathContext *context, struct view expression,
                                       struct xpath_failure *failure, size_t *ret_offset,
                                       struct buf *message)
{
    AUTO_FREE char *text = xstrndup(expression.data, expression.length);
    xmlXPathCompExpr *compiled = xmlXPathCtxtCompile(context, (const xmlChar *)text);
    if (compiled && !names_are_known(context, expression, ret_offset, message)) {
        xmlXPathFreeCompExpr(compiled);
        return NULL;
    }
    if (compiled && can_be_evaluated(context, compiled, failure)) return compiled;
    *ret_offset = failure->offset < expression.length ? failure->offset : expression.length;
    buf_addf(message, "malformed XPath: %s", failure->words ? failure->words : failure_words(0));
    if (compiled) xmlXPathFreeCompExpr(compiled);
    return NULL;
}

struct html_query *html_compile_xpath(struct view expression, size_t *ret_offset,
                                      struct buf *message)
{
    *ret_offset = 0;
    if (expression.length > HTML_QUERY_MAX_BYTES) {
        *ret_offset = HTML_QUERY_MAX_BYTES;
        buf_add_text(message, "the expression is too long");
        return NULL;
    }
    size_t zero = view_find_char(expression, '\0');
    if (zero != SIZE_MAX || !utf8_valid(expression)) {
        if (zero != SIZE_MAX) *ret_offset = zero;
        buf_add_text(message, "the expression is not UTF-8 text");
        return NULL;
    }
    AUTO_BUF reason = BUF_INIT(1024);
    struct html *empty = html_parse(VIEW_NONE, VIEW_NONE, &reason);
    ASSERT(empty);
    struct xpath_failure failure = {.happened = false};
    xmlXPathContext *context = xpath_context(empty->doc, &failure);
    xmlXPathCompExpr *compiled = xpath_compile(context, expression, &failure, ret_offset, message);
    xmlXPathFreeContext(context);
    html_free(empty);
    return compiled ? html_query_new(NULL, compiled) : NULL;
}

/* NULL: a limit was met. The caller frees. */
static xmlXPathObject *xpath_evaluate(const struct html *html, const struct html_query *query)
{
    struct xpath_failure failure = {.happened = false};
    xmlXPathContext *context = xpath_context(html->doc, &failure);
    pthread_mutex_lock(query->lock);
    xmlXPathObject *result = xmlXPathCompiledEval(query->expression, context);
    pthread_mutex_unlock(query->lock);
    xmlXPathFreeContext(context);
    if (result && result->type == XPATH_NODESET) xmlXPathNodeSetSort(result->nodesetval);
    return result;
}

/* --- matches --- */

struct finder {
    const char *attr;
    bool raised;
    struct html_matches *matches;
    size_t text_bytes;
    bool overflowed;
};

void html_matches_release(struct html_matches *matches)
{
    vec_each(match, matches) free(match->text);
    vec_release(matches);
}

static bool add_match(struct finder *finder, enum html_match_kind kind, char *text, size_t length)
{
    finder->text_bytes += length;
    vec_push(finder->matches, ((struct html_match){text, length, kind}));
    return true;
}

static bool add_text_match(struct finder *finder, const char *text)
{
    size_t length = strlen(text);
    finder->overflowed = finder->overflowed || length > TEXT_CAP_BYTES - finder->text_bytes;
    return !finder->overflowed &&
           add_match(finder, HTML_MATCH_TEXT, xstrndup(text, length), length);
}

static bool find_element(void *context, const xmlNode *element)
{
    struct finder *finder = context;
    if (finder->attr) {
        const char *value = html_attribute(element, finder->attr);
        return !value || add_text_match(finder, value);
    }
    AUTO_BUF text = BUF_INIT(TEXT_CAP_BYTES - finder->text_bytes);
    html_add_text(element, finder->raised, &text);
    finder->overflowed = text.overflowed;
    size_t length = text.length;
    return !finder->overflowed && add_match(finder, HTML_MATCH_TEXT, buf_take(&text), length);
}

/* The content of a template is no part of the page for CSS; XPath sees the tree as it is. */
static bool css_each(const struct html *html, const struct css_list *list, html_each_element *each,
                     void *context)
{
    struct css_matcher matcher = {.html = html, .steps_left = CSS_MAX_STEPS};
    const xmlNode *root = xmlDocGetRootElement(html->doc);
    bool skip = false;
    for (const xmlNode *node = root; node; node = html_next(node, root, skip)) {
        skip = false;
        if (!html_is_element(node)) continue;
        skip = html_is(node, "template");
        bool fits = css_matches(&matcher, list, node);
        if (!matcher.steps_left) return false;
        if (fits && !each(context, node)) return true;
    }
    return true;
}

static bool xpath_each(const xmlNodeSet *nodes, html_each_element *each, void *context)
{
    for (int i = 0; nodes && i < nodes->nodeNr; i++) {
        const xmlNode *node = nodes->nodeTab[i];
        if (html_is_element(node) && !each(context, node)) return true;
    }
    return true;
}

bool html_query_elements(const struct html *html, const struct html_query *query,
                         html_each_element *each, void *context)
{
    if (query->selectors) return css_each(html, query->selectors, each, context);
    xmlXPathObject *result = xpath_evaluate(html, query);
    bool found =
        result && result->type == XPATH_NODESET && xpath_each(result->nodesetval, each, context);
    xmlXPathFreeObject(result);
    return found;
}

static bool find_nodes(struct finder *finder, const xmlNodeSet *nodes)
{
    for (int i = 0; nodes && i < nodes->nodeNr; i++) {
        const xmlNode *node = nodes->nodeTab[i];
        if (node->type == XML_NAMESPACE_DECL) continue; /* not even a node */
        if (finder->attr && !html_is_element(node)) continue;
        if (!find_element(finder, node)) return false;
    }
    return true;
}

static bool find_value(struct finder *finder, xmlXPathObject *result)
{
    enum html_match_kind kind = result->type == XPATH_NUMBER    ? HTML_MATCH_NUMBER
                                : result->type == XPATH_BOOLEAN ? HTML_MATCH_BOOL
                                                                : HTML_MATCH_TEXT;
    xmlChar *text = xmlXPathCastToString(result);
    ASSERT(text);
    bool added = add_text_match(finder, (const char *)text);
    xmlFree(text);
    if (added) vec_last(finder->matches)->kind = kind;
    return added;
}

static bool find(const struct html *html, const struct html_query *query, struct finder finder,
                 struct html_matches *ret_matches)
{
    struct html_matches matches = {NULL, 0, 0};
    bool done;
    finder.matches = &matches;
    if (query->selectors) {
        done = css_each(html, query->selectors, find_element, &finder) && !finder.overflowed;
    } else {
        xmlXPathObject *result = xpath_evaluate(html, query);
        done = result && (result->type == XPATH_NODESET ? find_nodes(&finder, result->nodesetval)
                                                        : find_value(&finder, result));
        xmlXPathFreeObject(result);
    }
    if (!done) {
        html_matches_release(&matches);
        return false;
    }
    *ret_matches = matches;
    return true;
}

bool html_find(const struct html *html, const struct html_query *query, const char *attr,
               struct html_matches *ret_matches)
{
    return find(html, query, (struct finder){.attr = attr}, ret_matches);
}

bool html_find_prices(const struct html *html, const struct html_query *query, const char *attr,
                      struct html_matches *ret_matches)
{
    return find(html, query, (struct finder){.attr = attr, .raised = true}, ret_matches);
}
