/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See html.h. gumbo's tree becomes a libxml2 tree in one iterative walk.
 *
 * gumbo itself knows no limits: it may take quadratic time, it frees its tree by recursion and does
 * not look whether memory was to be had. So it works in a pool that is thrown away whole, and
 * what passes the pool's limits leaves the parser by longjmp. That is safe: gumbo holds nothing
 * but that memory.
 */
#include "answer/html.h"
#include "answer/html_tree.h"
#include "base/utf8.h"

#include <gumbo.h>
#include <libxml/HTMLtree.h>
#include <libxml/dict.h>
#include <libxml/parser.h>
#include <libxml/xpathInternals.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define POOL_BLOCK_BYTES ((size_t)32 << 10)
#define POOL_BASE_BYTES ((size_t)64 << 20)
#define POOL_BYTES_PER_BYTE 64
#define POOL_CLASSES 32
#define PARSE_MAX_US ((int64_t)1000 * 1000) /* of the processor, not of the wall clock */
#define CLOCK_EVERY 256                     /* allocations */

/* --- memory for one parse --- */

struct pool_block {
    struct pool_block *next;
};

/* In front of each piece; the room behind it is 16 << size_class bytes. */
struct pool_piece {
    union {
        size_t size_class;
        struct pool_piece *next_free;
    };
};

struct pool {
    struct pool_block *blocks;
    char *at, *end;
    struct pool_piece *free_pieces[POOL_CLASSES];
    size_t used_bytes, cap_bytes;
    unsigned calls;
    int64_t deadline_us;
    const char *failure;
    jmp_buf gave_up;
};

static int64_t processor_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void pool_give_up(struct pool *pool, const char *failure) __attribute__((noreturn));
static void pool_give_up(struct pool *pool, const char *failure)
{
    pool->failure = failure;
    longjmp(pool->gave_up, 1);
}

static void *pool_cut(struct pool *pool, size_t bytes)
{
    if ((size_t)(pool->end - pool->at) < bytes) {
        size_t room = bytes + sizeof(struct pool_block);
        if (room < POOL_BLOCK_BYTES) room = POOL_BLOCK_BYTES;
        pool->used_bytes += room;
        if (pool->used_bytes > pool->cap_bytes)
            pool_give_up(pool, "the page needs too much memory to parse");
        struct pool_block *block = malloc(room);
        if (!block) pool_give_up(pool, "there is no memory to parse the page");
        block->next = pool->blocks;
        pool->blocks = block;
        pool->at = (char *)(block + 1);
        pool->end = (char *)block + room;
    }
    void *cut = pool->at;
    pool->at += bytes;
    return cut;
}

static void *pool_get(void *context, size_t bytes)
{
    struct pool *pool = context;
    if (++pool->calls % CLOCK_EVERY == 0 && processor_us() > pool->deadline_us)
        pool_give_up(pool, "the page takes too long to parse");
    size_t size_class = bytes <= 16 ? 0 : 60 - (size_t)__builtin_clzll(bytes - 1);
    if (size_class >= POOL_CLASSES) pool_give_up(pool, "the page is too large to parse");
    struct pool_piece *piece = pool->free_pieces[size_class];
    if (piece) {
        pool->free_pieces[size_class] = piece->next_free;
    } else {
        piece = pool_cut(pool, sizeof(*piece) + ((size_t)16 << size_class));
    }
    piece->size_class = size_class;
    return piece + 1;
}

static void pool_put(void *context, void *memory)
{
    struct pool *pool = context;
    if (!memory) return;
    struct pool_piece *piece = (struct pool_piece *)memory - 1;
    size_t size_class = piece->size_class;
    piece->next_free = pool->free_pieces[size_class];
    pool->free_pieces[size_class] = piece;
}

static void pool_release(struct pool *pool)
{
    for (struct pool_block *block = pool->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    pool->blocks = NULL;
}

/* The document, living in the pool; NULL: pool->failure says why. */
static const GumboNode *pool_parse(struct pool *pool, struct view text)
{
    const GumboOptions options = {.allocator = pool_get,
                                  .deallocator = pool_put,
                                  .userdata = pool,
                                  .tab_stop = 8,
                                  .fragment_context = GUMBO_TAG_LAST};
    pool->cap_bytes = POOL_BASE_BYTES + POOL_BYTES_PER_BYTE * text.length;
    pool->deadline_us = processor_us() + PARSE_MAX_US;
    if (setjmp(pool->gave_up)) return NULL;
    return gumbo_parse_with_options(&options, text.data, text.length)->document;
}

/* --- gumbo's tree to libxml2's --- */

struct builder {
    struct html *html;
    struct view text;
    size_t node_count;
    size_t form_end_bytes; /* the last </form> found, and from where it was sought */
    size_t form_end_from;
    struct buf *reason;
    size_t depth;
    struct builder_level {
        const GumboNode *from;
        unsigned next_child;
        xmlNode *to;
    } levels[HTML_MAX_DEPTH + 1];
};

static void link_last(xmlNode *parent, xmlNode *child)
{
    child->parent = parent;
    child->prev = parent->last;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->children = child;
    }
    parent->last = child;
}

/* Where the next </form> after `from` ends the form. Callers ask with growing offsets, so that the
 * text is gone through once. */
static size_t form_end_after(struct builder *builder, size_t from)
{
    if (from >= builder->form_end_from && from <= builder->form_end_bytes)
        return builder->form_end_bytes;
    size_t at = from;
    for (; at < builder->text.length; at++) {
        size_t step = view_find_char(view_from(builder->text, at), '<');
        if (step == SIZE_MAX) break;
        at += step;
        if (view_starts_with_nocase(view_from(builder->text, at), VIEW_LITERAL("</form"))) {
            builder->form_end_from = from;
            return builder->form_end_bytes = at;
        }
    }
    builder->form_end_from = from;
    return builder->form_end_bytes = SIZE_MAX;
}

static void note_form(struct builder *builder, const xmlNode *form)
{
    size_t start = html_source_offset(form);
    struct html_form_span *last =
        builder->html->forms.count ? vec_last(&builder->html->forms) : NULL;
    if (last && start < last->start_bytes) return; /* moved before it by a broken table */
    vec_push(&builder->html->forms,
             ((struct html_form_span){form, start, form_end_after(builder, start)}));
}

static bool is_name_byte(unsigned char c)
{
    return c > ' ' && c != '/' && c != '>';
}

/* A tag that gumbo has no number for: its name stands in the source only. */
static const xmlChar *name_from_source(xmlDict *dict, struct view tag)
{
    AUTO_BUF name = BUF_INIT(1024);
    size_t end = tag.length && tag.data[0] == '<' ? 1 : 0;
    if (end < tag.length && tag.data[end] == '/') end++;
    for (; end < tag.length && is_name_byte((unsigned char)tag.data[end]); end++) {
        char c = tag.data[end];
        if (!buf_add_char(&name, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c)) break;
    }
    AUTO_BUF whole = BUF_INIT(4096);
    utf8_add_repaired(&whole, buf_view(&name));
    return xmlDictLookup(dict, (const xmlChar *)(whole.length ? whole.data : "unknown"), -1);
}

static const xmlChar *element_name(xmlDict *dict, const GumboElement *element)
{
    GumboStringPiece tag = element->original_tag;
    if (element->tag_namespace == GUMBO_NAMESPACE_SVG && tag.data) {
        gumbo_tag_from_original_text(&tag);
        const char *mixed = gumbo_normalize_svg_tagname(&tag);
        if (mixed) return xmlDictLookup(dict, (const xmlChar *)mixed, -1);
        tag = element->original_tag;
    }
    if (element->tag != GUMBO_TAG_UNKNOWN)
        return xmlDictLookup(dict, (const xmlChar *)gumbo_normalized_tagname(element->tag), -1);
    return name_from_source(dict, (struct view){tag.data, tag.length});
}

/* gumbo's own text, which is broken UTF-8 where a numeric character reference ran over its int;
 * libxml2 would complain on stderr. Borrowed from `text` or `scratch`. */
static const xmlChar *sound_text(const char *text, struct buf *scratch)
{
    if (utf8_valid(view_of(text))) return (const xmlChar *)text;
    utf8_add_repaired(scratch, view_of(text));
    return (const xmlChar *)buf_text(scratch);
}

static void add_attribute(xmlNode *element, const GumboAttribute *attribute)
{
    static const char *const prefixes[] = {
        [GUMBO_ATTR_NAMESPACE_XLINK] = "xlink",
        [GUMBO_ATTR_NAMESPACE_XML] = "xml",
        [GUMBO_ATTR_NAMESPACE_XMLNS] = "xmlns",
    };
    bool is_plain =
        attribute->attr_namespace == GUMBO_ATTR_NAMESPACE_NONE || !strcmp(attribute->name, "xmlns");
    AUTO_FREE char *prefixed =
        is_plain ? NULL : xasprintf("%s:%s", prefixes[attribute->attr_namespace], attribute->name);
    const char *name = prefixed ? prefixed : attribute->name;
    AUTO_BUF name_scratch = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF value_scratch = BUF_INIT(BUF_OWN_CAP);
    const xmlChar *kept = xmlDictLookup(element->doc->dict, sound_text(name, &name_scratch), -1);
    xmlNewNsPropEatName(element, NULL, (xmlChar *)(uintptr_t)kept,
                        sound_text(attribute->value, &value_scratch));
}

static xmlNode *add_element(struct builder *builder, xmlNode *parent, const GumboElement *element)
{
    xmlDoc *doc = builder->html->doc;
    const xmlChar *name = element_name(doc->dict, element);
    xmlNode *node = xmlNewDocNodeEatName(doc, NULL, (xmlChar *)(uintptr_t)name, NULL);
    ASSERT(node);
    uintptr_t is_foreign = element->tag_namespace != GUMBO_NAMESPACE_HTML;
    node->_private = (void *)((uintptr_t)element->start_pos.offset << 1 | is_foreign);
    for (unsigned i = 0; i < element->attributes.length; i++) {
        add_attribute(node, element->attributes.data[i]);
    }
    link_last(parent, node);
    if (element->tag == GUMBO_TAG_FORM && !is_foreign) note_form(builder, node);
    return node;
}

static void add_text(xmlDoc *doc, xmlNode *parent, const char *text)
{
    AUTO_BUF scratch = BUF_INIT(BUF_OWN_CAP);
    if (!html_is_element(parent)) return;
    const xmlChar *sound = sound_text(text, &scratch);
    if (parent->last && parent->last->type == XML_TEXT_NODE) {
        xmlTextConcat(parent->last, sound, xmlStrlen(sound));
        return;
    }
    link_last(parent, xmlNewDocTextLen(doc, sound, xmlStrlen(sound)));
}

static void add_comment(xmlDoc *doc, xmlNode *parent, const char *text)
{
    AUTO_BUF scratch = BUF_INIT(BUF_OWN_CAP);
    link_last(parent, xmlNewDocComment(doc, sound_text(text, &scratch)));
}

static bool enter(struct builder *builder, const GumboNode *from, xmlNode *to)
{
    if (builder->depth > HTML_MAX_DEPTH) {
        buf_addf(builder->reason, "the page nests deeper than %d elements", HTML_MAX_DEPTH);
        return false;
    }
    builder->levels[builder->depth++] = (struct builder_level){from, 0, to};
    return true;
}

static bool add_node(struct builder *builder, const GumboNode *from, xmlNode *parent)
{
    xmlDoc *doc = builder->html->doc;
    if (++builder->node_count > HTML_MAX_NODES) {
        buf_addf(builder->reason, "the page has more than %d nodes", HTML_MAX_NODES);
        return false;
    }
    switch (from->type) {
    case GUMBO_NODE_ELEMENT:
    case GUMBO_NODE_TEMPLATE:
        return enter(builder, from, add_element(builder, parent, &from->v.element));
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_CDATA:
    case GUMBO_NODE_WHITESPACE: add_text(doc, parent, from->v.text.text); return true;
    case GUMBO_NODE_COMMENT: add_comment(doc, parent, from->v.text.text); return true;
    case GUMBO_NODE_DOCUMENT: return true;
    }
    return true;
}

static bool build(struct builder *builder, const GumboNode *document)
{
    if (!enter(builder, document, (xmlNode *)builder->html->doc)) return false;
    while (builder->depth) {
        struct builder_level *level = &builder->levels[builder->depth - 1];
        const GumboNode *from = level->from;
        const GumboVector *children = from->type == GUMBO_NODE_DOCUMENT ? &from->v.document.children
                                                                        : &from->v.element.children;
        if (level->next_child == children->length) {
            builder->depth--;
            continue;
        }
        if (!add_node(builder, children->data[level->next_child++], level->to)) return false;
    }
    return true;
}

static void libxml_start(void)
{
    xmlInitParser();
}

static struct html *html_new(void)
{
    static pthread_once_t started = PTHREAD_ONCE_INIT;
    pthread_once(&started, libxml_start);
    struct html *html = NEW(struct html);
    html->doc = htmlNewDocNoDtD(NULL, NULL);
    ASSERT(html->doc);
    html->doc->dict = xmlDictCreate();
    ASSERT(html->doc->dict);
    return html;
}

struct html *html_parse(struct view body, struct view charset, struct buf *reason)
{
    bool too_large;
    return html_parse_bounded(body, charset, &too_large, reason);
}

struct html *html_parse_bounded(struct view body, struct view charset, bool *ret_too_large,
                                struct buf *reason)
{
    *ret_too_large = false;
    AUTO_BUF scratch = BUF_INIT(SIZE_MAX / 4);
    struct view text;
    if (!html_read(body, charset, &scratch, &text, reason)) return NULL;
    if (!text.data) text = VIEW_LITERAL("");
    AUTO_FREE struct pool *pool = NEW(struct pool);
    const GumboNode *document = pool_parse(pool, text);
    if (!document) {
        buf_add_text(reason, pool->failure);
        pool_release(pool);
        *ret_too_large = true;
        return NULL;
    }
    struct html *html = html_new();
    html->quirks = document->v.document.doc_type_quirks_mode == GUMBO_DOCTYPE_QUIRKS;
    AUTO_FREE struct builder *builder = NEW(struct builder);
    builder->html = html;
    builder->text = text;
    builder->reason = reason;
    builder->form_end_from = SIZE_MAX;
    bool built = build(builder, document);
    pool_release(pool);
    if (!built) {
        html_free(html);
        *ret_too_large = true;
        return NULL;
    }
    (void)xmlXPathOrderDocElems(html->doc); /* here, so that reading never writes */
    return html;
}

void html_free(struct html *html)
{
    if (!html) return;
    xmlFreeDoc(html->doc);
    vec_release(&html->forms);
    free(html);
}

/* --- small readers of the tree --- */

bool html_is(const xmlNode *node, const char *name)
{
    return html_is_element(node) && !html_is_foreign(node) && !strcmp(html_name(node), name);
}

const char *html_attribute(const xmlNode *element, const char *name)
{
    for (const xmlAttr *attribute = element->properties; attribute; attribute = attribute->next) {
        if (!strcmp((const char *)attribute->name, name)) return html_value_of(attribute);
    }
    return NULL;
}

bool html_attribute_is(const xmlNode *element, const char *name, const char *lower_case_value)
{
    const char *value = html_attribute(element, name);
    return value && !strcasecmp(value, lower_case_value);
}

const xmlNode *html_next(const xmlNode *node, const xmlNode *top, bool skip_children)
{
    if (!skip_children && node->children) return node->children;
    while (node != top && !node->next) {
        node = node->parent;
        if (!node) return NULL;
    }
    return node == top ? NULL : node->next;
}
