/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See yaml.h. libyaml's events are composed into a tree of our own by recursive descent. An alias
 * copies its anchor's tree; depth, nodes and bytes are bounded as if all copies had been written.
 */
#include "text/yaml.h"

#include "base/decimal.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct yaml_document {
    struct source *source; /* held */
    struct yaml_node *root;
};

struct composer {
    yaml_parser_t parser;
    struct source *source;
    struct diags *diags;
    struct map anchors; /* name -> struct yaml_node *, borrowed from the tree or from below */
    VEC(struct yaml_node *) dropped; /* what left the tree; an anchor may still name it */
    size_t nodes, copied_bytes;
    bool failed; /* nothing more can be understood */
};

/* --- Nodes */

static void node_free(struct yaml_node *node)
{
    if (!node) return;
    for (size_t i = 0; node->items && i < node->count; i++) node_free(node->items[i]);
    for (size_t i = 0; node->pairs && i < node->count; i++) {
        node_free(node->pairs[i].key);
        node_free(node->pairs[i].value);
    }
    free(node->items);
    free(node->pairs);
    free(node->text);
    free(node);
}

/* NULL: something was said before. */
static struct diag *give_up(struct composer *composer, enum diag_code code, struct place place,
                            const char *what)
{
    bool first = !composer->failed;
    composer->failed = true;
    return first ? diag_error(composer->diags, code, place, "%s", what) : NULL;
}

static struct yaml_node *node_new(struct composer *composer, enum yaml_kind kind,
                                  struct place place)
{
    if (++composer->nodes > YAML_MAX_NODES) {
        give_up(composer, DIAG_LIMIT, place, "the document has too many values, aliases counted");
        return NULL;
    }
    struct yaml_node *node = NEW(struct yaml_node);
    node->kind = kind;
    node->place = place;
    return node;
}

static bool may_copy(struct composer *composer, const struct yaml_node *node, int depth)
{
    composer->copied_bytes += node->length;
    if (depth > YAML_MAX_DEPTH)
        give_up(composer, DIAG_LIMIT, node->place, "the document is nested too deep");
    else if (composer->copied_bytes > YAML_MAX_COPIED_BYTES)
        give_up(composer, DIAG_LIMIT, node->place, "aliases copy too much text");
    return !composer->failed;
}

/* To stand at this depth. Copies keep the place of what they copy: that is where its author must
 * look. */
static struct yaml_node *node_copy(struct composer *composer, const struct yaml_node *node,
                                   int depth)
{
    if (!may_copy(composer, node, depth)) return NULL;
    struct yaml_node *copy = node_new(composer, node->kind, node->place);
    if (!copy) return NULL;
    copy->text = node->text ? xstrndup(node->text, node->length) : NULL;
    copy->length = node->length;
    copy->plain = node->plain;
    copy->block = node->block;
    if (node->items) copy->items = xcalloc(node->count, sizeof(*copy->items));
    if (node->pairs) copy->pairs = xcalloc(node->count, sizeof(*copy->pairs));
    for (size_t i = 0; i < node->count && !composer->failed; i++, copy->count++) {
        if (node->items) copy->items[i] = node_copy(composer, node->items[i], depth + 1);
        if (!node->pairs) continue;
        copy->pairs[i].key = node_copy(composer, node->pairs[i].key, depth + 1);
        copy->pairs[i].value = node_copy(composer, node->pairs[i].value, depth + 1);
    }
    if (!composer->failed) return copy;
    node_free(copy);
    return NULL;
}

/* --- Events */

static struct place place_of(const struct composer *composer, const yaml_mark_t *start,
                             const yaml_mark_t *end)
{
    struct place place = {
        .source = composer->source,
        .line = (uint32_t)start->line + 1,
        .column = (uint32_t)start->column + 1,
        .length = 1,
    };
    if (end->line == start->line && end->column > start->column) {
        place.length = (uint32_t)(end->column - start->column);
    }
    return place;
}

static struct place place_of_byte(const struct composer *composer, size_t offset)
{
    struct view before = view_slice(source_bytes(composer->source), 0, offset);
    struct place place = {.source = composer->source, .line = 1, .length = 1};
    for (size_t end = view_find_char(before, '\n'); end != SIZE_MAX;
         end = view_find_char(before, '\n')) {
        before = view_from(before, end + 1);
        place.line++;
    }
    place.column = (uint32_t)utf8_count(before) + 1;
    return place;
}

/* What is no text at all has no mark, but an offset. */
static bool is_no_text(const yaml_parser_t *parser)
{
    return parser->error == YAML_READER_ERROR && parser->problem;
}

static size_t first_broken_byte(struct view bytes)
{
    for (size_t offset = 0, next = 0; offset < bytes.length; offset = next)
        if (utf8_next(bytes, &next) == UTF8_INVALID) return offset;
    return bytes.length;
}

static void say_no_text(struct composer *composer)
{
    const yaml_parser_t *parser = &composer->parser;
    struct view bytes = source_bytes(composer->source);
    size_t offset = first_broken_byte(bytes);
    AUTO_BUF text = BUF_INIT(1024);
    if (offset <= parser->problem_offset && offset < bytes.length) {
        buf_addf(&text, "not well-formed: the byte 0x%02X here is no UTF-8",
                 (unsigned char)bytes.data[offset]);
    } else {
        offset = parser->problem_offset;
        buf_addf(&text, "not well-formed: the character U+%04X cannot stand in YAML",
                 (unsigned)parser->problem_value);
    }
    give_up(composer, DIAG_SYNTAX, place_of_byte(composer, offset), buf_text(&text));
}

struct view yaml_rest_of_line(struct place place)
{
    struct view line = source_line(place.source, place.line);
    size_t offset = 0;
    for (uint32_t column = 1; column < place.column && offset < line.length; column++)
        (void)utf8_next(line, &offset);
    return view_from(line, offset);
}

/* What is mostly meant by what libyaml says. */
static const char *hint_of(const yaml_parser_t *parser)
{
    static const struct {
        const char *problem, *context, *hint;
    } hints[] = {
        {"did not find expected ',' or", "flow",
         "within {...} and [...], text that holds [ ] { } or a comma is written in quotes, and "
         "what is opened is closed"},
        {"mapping values are not allowed", "",
         "text that holds ': ' is written in quotes, and keys of one mapping begin in one column"},
        {"cannot start any token", "", "text that begins with this is written in quotes"},
        {"did not find expected", "block",
         "the keys of one mapping, and the '-' of one list, begin in one column"},
        {"unexpected end of stream", "quoted", "a quote is opened there and never closed"},
        {"unknown escape character", "", "a '\\' stands within '...', or twice within \"...\""},
    };
    const char *context = parser->context ? parser->context : "";
    for (size_t i = 0; parser->problem && i < COUNT_OF(hints); i++)
        if (strstr(parser->problem, hints[i].problem) && strstr(context, hints[i].context))
            return hints[i].hint;
    return NULL;
}

static bool next_event(struct composer *composer, yaml_event_t *event)
{
    if (composer->failed) return false;
    if (yaml_parser_parse(&composer->parser, event)) return true;
    const yaml_parser_t *parser = &composer->parser;
    if (is_no_text(parser)) {
        say_no_text(composer);
        return false;
    }
    struct place place = place_of(composer, &parser->problem_mark, &parser->problem_mark);
    const char *problem = parser->problem ? parser->problem : "it cannot be read";
    AUTO_BUF text = BUF_INIT(1024);
    buf_addf(&text, "not well-formed: %s", problem);
    if (view_starts_with(yaml_rest_of_line(place), VIEW_LITERAL("\t"))) {
        give_up(composer, DIAG_SYNTAX, place,
                "not well-formed: a tab cannot stand here: YAML indents by spaces");
        return false;
    }
    if (parser->context)
        buf_addf(&text, " %s that begins in line %zu", parser->context,
                 parser->context_mark.line + 1);
    struct diag *diag = give_up(composer, DIAG_SYNTAX, place, buf_text(&text));
    const char *hint = hint_of(parser);
    if (diag && hint) diag_hint(diag, "%s", hint);
    return false;
}

static struct yaml_node *compose_node(struct composer *composer, yaml_event_t *event, int depth);

static void set_anchor(struct composer *composer, const yaml_char_t *anchor, struct yaml_node *node)
{
    if (anchor && node) map_set(&composer->anchors, view_of((const char *)anchor), node);
}

static bool is_standard_tag(const yaml_char_t *tag)
{
    static const char *const tags[] = {YAML_STR_TAG,  YAML_INT_TAG, YAML_FLOAT_TAG, YAML_BOOL_TAG,
                                       YAML_NULL_TAG, YAML_SEQ_TAG, YAML_MAP_TAG,   "!"};
    for (size_t i = 0; tag && i < COUNT_OF(tags); i++) {
        if (!strcmp((const char *)tag, tags[i])) return true;
    }
    return !tag;
}

static struct yaml_node *compose_scalar(struct composer *composer, const yaml_event_t *event,
                                        struct place place)
{
    struct view text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    if (view_find_char(text, '\0') != SIZE_MAX) {
        give_up(composer, DIAG_SYNTAX, place, "a text holds a NUL character");
        return NULL;
    }
    struct yaml_node *node = node_new(composer, YAML_SCALAR, place);
    if (!node) return NULL;
    node->text = xstrndup(text.data, text.length);
    node->length = text.length;
    yaml_scalar_style_t style = event->data.scalar.style;
    const yaml_char_t *tag = event->data.scalar.tag;
    node->plain =
        style == YAML_PLAIN_SCALAR_STYLE && !(tag && !strcmp((const char *)tag, YAML_STR_TAG));
    node->block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    set_anchor(composer, event->data.scalar.anchor, node);
    return node;
}

static struct yaml_node *compose_sequence(struct composer *composer, struct yaml_node *node,
                                          int depth)
{
    VEC(struct yaml_node *) items = {0};
    yaml_event_t event;
    while (node && next_event(composer, &event)) {
        bool ends = event.type == YAML_SEQUENCE_END_EVENT;
        struct yaml_node *item = ends ? NULL : compose_node(composer, &event, depth + 1);
        yaml_event_delete(&event);
        if (ends) break;
        if (item) vec_push(&items, item);
    }
    if (!node) return NULL;
    node->items = items.items;
    node->count = items.count;
    return node;
}

/* A mapping while it is composed. */
struct mapping {
    VEC(struct yaml_pair) pairs;
    struct map keys; /* text -> the key's struct yaml_node *, borrowed from the pairs */
    int depth;
};

static struct view text_of(const struct yaml_node *scalar)
{
    return (struct view){scalar->text, scalar->length};
}

static void add_pair(struct mapping *mapping, struct yaml_node *key, struct yaml_node *value)
{
    map_set(&mapping->keys, text_of(key), key);
    vec_push(&mapping->pairs, ((struct yaml_pair){key, value}));
}

/* Merges one mapping into another: what is there already wins. */
static void merge(struct composer *composer, struct mapping *mapping, const struct yaml_node *from)
{
    if (from->kind != YAML_MAPPING) {
        give_up(composer, DIAG_SYNTAX, from->place, "<< needs a mapping, or a list of mappings");
        return;
    }
    for (size_t i = 0; i < from->count && !composer->failed; i++) {
        const struct yaml_pair *pair = &from->pairs[i];
        if (map_get(&mapping->keys, text_of(pair->key))) continue;
        int depth = mapping->depth + 1;
        struct yaml_node *key = node_copy(composer, pair->key, depth);
        struct yaml_node *value = key ? node_copy(composer, pair->value, depth) : NULL;
        if (value)
            add_pair(mapping, key, value);
        else
            node_free(key);
    }
}

static void merge_all(struct composer *composer, struct mapping *mapping,
                      const struct yaml_node *from)
{
    if (!from) return;
    if (from->kind != YAML_SEQUENCE) {
        merge(composer, mapping, from);
        return;
    }
    for (size_t i = 0; i < from->count; i++) merge(composer, mapping, from->items[i]);
}

static void add_written_pair(struct composer *composer, struct mapping *mapping,
                             struct yaml_node *key, struct yaml_node *value)
{
    const struct yaml_node *first = map_get(&mapping->keys, text_of(key));
    if (!first) {
        add_pair(mapping, key, value);
        return;
    }
    diag_hint(diag_error(composer->diags, DIAG_DUPLICATE_KEY, key->place,
                         "the key '%s' stands here twice", key->text),
              "the first one is in line %u", first->place.line);
    vec_push(&composer->dropped, key);
    vec_push(&composer->dropped, value);
}

/* Reads one key and its value; false at the mapping's end. */
static bool compose_pair(struct composer *composer, int depth, struct yaml_node **ret_key,
                         struct yaml_node **ret_value)
{
    yaml_event_t event;
    if (!next_event(composer, &event)) return false;
    bool ends = event.type == YAML_MAPPING_END_EVENT;
    struct yaml_node *key = ends ? NULL : compose_node(composer, &event, depth + 1);
    yaml_event_delete(&event);
    if (key && key->kind != YAML_SCALAR) {
        give_up(composer, DIAG_SYNTAX, key->place, "a key must be text");
    }
    struct yaml_node *value = NULL;
    if (key && next_event(composer, &event)) {
        value = compose_node(composer, &event, depth + 1);
        yaml_event_delete(&event);
    }
    if (!value) {
        node_free(key);
        return false;
    }
    *ret_key = key;
    *ret_value = value;
    return true;
}

static struct yaml_node *compose_mapping(struct composer *composer, struct yaml_node *node,
                                         int depth)
{
    struct mapping mapping = {.keys = MAP_INIT(NULL), .depth = depth};
    VEC(struct yaml_node *) merges = {0};
    struct yaml_node *key = NULL, *value = NULL;
    while (node && compose_pair(composer, depth, &key, &value)) {
        if (!strcmp(key->text, "<<") && key->plain) {
            vec_push(&composer->dropped, key);
            vec_push(&merges, value);
        } else {
            add_written_pair(composer, &mapping, key, value);
        }
    }
    vec_each(from, &merges) {
        merge_all(composer, &mapping, *from);
        vec_push(&composer->dropped, *from);
    }
    vec_release(&merges);
    map_release(&mapping.keys);
    if (!node) return NULL;
    node->pairs = mapping.pairs.items;
    node->count = mapping.pairs.count;
    return node;
}

static struct yaml_node *compose_alias(struct composer *composer, const yaml_event_t *event,
                                       struct place place, int depth)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct yaml_node *anchor = map_get(&composer->anchors, view_of(name));
    if (anchor) return node_copy(composer, anchor, depth);
    AUTO_BUF text = BUF_INIT(1024);
    buf_addf(&text, "there is no anchor '%.200s' before this, or it is not finished", name);
    give_up(composer, DIAG_SYNTAX, place, buf_text(&text));
    return NULL;
}

static struct yaml_node *compose_collection(struct composer *composer, const yaml_event_t *event,
                                            struct place place, int depth)
{
    bool mapping = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *anchor =
        mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    struct yaml_node *node = node_new(composer, mapping ? YAML_MAPPING : YAML_SEQUENCE, place);
    node =
        mapping ? compose_mapping(composer, node, depth) : compose_sequence(composer, node, depth);
    set_anchor(composer, anchor, node); /* only now: an alias inside its own anchor finds nothing */
    return node;
}

static struct yaml_node *compose_node(struct composer *composer, yaml_event_t *event, int depth)
{
    struct place place = place_of(composer, &event->start_mark, &event->end_mark);
    const yaml_char_t *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) tag = event->data.scalar.tag;
    if (event->type == YAML_SEQUENCE_START_EVENT) tag = event->data.sequence_start.tag;
    if (event->type == YAML_MAPPING_START_EVENT) tag = event->data.mapping_start.tag;
    if (!is_standard_tag(tag))
        diag_error(composer->diags, DIAG_SYNTAX, place, "the tag '%.100s' is not allowed",
                   (const char *)tag);
    if (depth > YAML_MAX_DEPTH) {
        give_up(composer, DIAG_LIMIT, place, "the document is nested too deep");
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT) return compose_scalar(composer, event, place);
    if (event->type == YAML_ALIAS_EVENT) return compose_alias(composer, event, place, depth);
    return compose_collection(composer, event, place, depth);
}

/* --- Documents */

static struct yaml_node *compose_document(struct composer *composer)
{
    struct yaml_node *root = NULL;
    yaml_event_t event;
    for (bool more = true; more && next_event(composer, &event);) {
        struct place place = place_of(composer, &event.start_mark, &event.end_mark);
        if (event.type == YAML_DOCUMENT_START_EVENT && root) {
            diag_error(composer->diags, DIAG_SYNTAX, place, "a second document in one file");
            more = false;
        } else if (event.type == YAML_STREAM_END_EVENT) {
            more = false;
        } else if (event.type == YAML_SCALAR_EVENT || event.type == YAML_ALIAS_EVENT ||
                   event.type == YAML_SEQUENCE_START_EVENT ||
                   event.type == YAML_MAPPING_START_EVENT) {
            root = compose_node(composer, &event, 1);
        }
        yaml_event_delete(&event);
    }
    return root;
}

struct yaml_document *yaml_load(struct source *source, struct diags *diags)
{
    struct composer composer = {.source = source, .diags = diags, .anchors = MAP_INIT(NULL)};
    struct view bytes = source_bytes(source);
    const struct place start = {.source = source, .line = 1, .column = 1, .length = 1};
    if (view_starts_with(bytes, VIEW_LITERAL("\xff\xfe")) ||
        view_starts_with(bytes, VIEW_LITERAL("\xfe\xff"))) {
        diag_error(diags, DIAG_SYNTAX, start, "the file is written in UTF-16; only UTF-8 is read");
        return NULL;
    }
    ASSERT(yaml_parser_initialize(&composer.parser));
    yaml_parser_set_input_string(&composer.parser, (const unsigned char *)bytes.data, bytes.length);
    yaml_parser_set_encoding(&composer.parser, YAML_UTF8_ENCODING);
    struct yaml_node *root = compose_document(&composer);
    if (!root && !composer.failed) diag_error(diags, DIAG_EMPTY, start, "the file is empty");
    yaml_parser_delete(&composer.parser);
    map_release(&composer.anchors);
    vec_each(node, &composer.dropped) node_free(*node);
    vec_release(&composer.dropped);
    if (!root || composer.failed) {
        node_free(root);
        return NULL;
    }
    struct yaml_document *document = NEW(struct yaml_document);
    document->source = source_hold(source);
    document->root = root;
    return document;
}

void yaml_document_free(struct yaml_document *document)
{
    if (!document) return;
    node_free(document->root);
    source_free(document->source);
    free(document);
}

const struct yaml_node *yaml_root(const struct yaml_document *document)
{
    return document->root;
}

/* --- Asking */

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
    if (mapping->kind != YAML_MAPPING) return NULL;
    for (size_t i = 0; i < mapping->count; i++)
        if (!strcmp(mapping->pairs[i].key->text, key)) return mapping->pairs[i].value;
    return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
    if (node->kind != YAML_SCALAR || !node->plain) return false;
    return !node->length || !strcmp(node->text, "~") || !strcmp(node->text, "null");
}

bool yaml_is_bool(const struct yaml_node *node, bool *ret_value)
{
    if (node->kind != YAML_SCALAR || !node->plain) return false;
    *ret_value = !strcmp(node->text, "true");
    return *ret_value || !strcmp(node->text, "false");
}

bool yaml_is_number(const struct yaml_node *node)
{
    struct decimal ignored;
    if (node->kind != YAML_SCALAR || !node->plain || node->text[0] == '+') return false;
    return decimal_parse((struct view){node->text, node->length}, &ignored);
}

const char *yaml_kind_name(const struct yaml_node *node)
{
    bool ignored = false;
    if (node->kind == YAML_MAPPING) return "a mapping";
    if (node->kind == YAML_SEQUENCE) return "a list";
    if (yaml_is_null(node)) return "nothing";
    if (yaml_is_bool(node, &ignored)) return "true or false";
    return yaml_is_number(node) ? "a number" : "text";
}

/*
 * Exact where the text stands in the file as it reads: plain and quoted in one line, without
 * escapes before the place. Elsewhere the whole scalar is as near as one can say.
 */
struct place yaml_place_in(const struct yaml_node *scalar, size_t offset, size_t length)
{
    struct place place = scalar->place;
    struct view text = {scalar->text, scalar->length};
    if (scalar->block || !place.source) return place;
    struct view written = yaml_rest_of_line(place);
    if (written.length && (written.data[0] == '"' || written.data[0] == '\'')) {
        written = view_from(written, 1);
        place.column++;
    }
    struct view before = view_slice(text, 0, offset + length);
    if (!view_starts_with(written, before)) return scalar->place;
    place.column += (uint32_t)utf8_count(view_slice(text, 0, offset));
    place.length = (uint32_t)utf8_count(view_slice(text, offset, length));
    if (!place.length) place.length = 1;
    return place;
}
