/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of requests: form, json, graphql, text, multipart. See loader.h. */
#include "base/file.h"
#include "base/vec.h"
#include "journey/loader.h"

#include <stdlib.h>
#include <string.h>

#define PART_FILE_MAX ((size_t)8 << 20)

/* The step's body, to be filled; NULL when it has one already, which find_verb says. */
static struct body_spec *new_body(void *object, enum body_kind kind)
{
    struct body_spec *body = &((struct step *)object)->body;
    if (body->kind != BODY_NONE) return NULL;
    body->kind = kind;
    return body;
}

void load_form(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct body_spec *body = new_body(object, BODY_FORM);
    if (!body) return;
    load_name_templates(loader, node, "form", &body->fields, &body->field_count);
}

/* The document's depth is bounded by yaml_load. */
static void load_node(struct loader *loader, const struct yaml_node *node,
                      struct body_node *ret_node)
{
    if (node->kind == YAML_SCALAR) {
        ret_node->kind = BODY_LEAF;
        load_operand(loader, node, OPERAND_PLAIN, &ret_node->leaf);
        return;
    }
    bool is_mapping = node->kind == YAML_MAPPING;
    ret_node->kind = is_mapping ? BODY_OBJECT : BODY_ARRAY;
    ret_node->count = node->count;
    ret_node->children = xcalloc(node->count, sizeof(*ret_node->children));
    if (is_mapping) ret_node->keys = xcalloc(node->count, sizeof(*ret_node->keys));
    for (size_t i = 0; i < node->count; i++) {
        if (is_mapping) ret_node->keys[i] = xstrdup(node->pairs[i].key->text);
        load_node(loader, is_mapping ? node->pairs[i].value : node->items[i],
                  &ret_node->children[i]);
    }
}

static struct body_node *new_node(struct loader *loader, const struct yaml_node *node)
{
    struct body_node *body = NEW(struct body_node);
    load_node(loader, node, body);
    return body;
}

void load_json_body(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct body_spec *body = new_body(object, BODY_JSON);
    if (!body) return;
    body->json = new_node(loader, node);
}

/* --- graphql */

static bool is_name_char(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Past comments, strings and anything in brackets: what is left stands at the top of the document.
 */
static const char *skip_nested(const char *at)
{
    int depth = 0;
    for (; *at; at++) {
        if (*at == '#')
            at += strcspn(at, "\n");
        else if (*at == '"')
            at += strcspn(at + 1, "\"") + 1;
        else if (strchr("{([", *at))
            depth++;
        else if (strchr("})]", *at))
            depth--;
        if (!*at) return at;
        if (depth <= 0) return at + 1;
    }
    return at;
}

/* The name of the only named operation in a GraphQL document (GraphQL, 2.3), or NULL. */
static char *operation_of(const char *query)
{
    static const char *const keywords[] = {"query", "mutation", "subscription"};
    char *name = NULL;
    for (const char *at = query; *at;) {
        if (!is_name_char(*at)) {
            at = strchr("{([#\"", *at) ? skip_nested(at) : at + 1;
            continue;
        }
        size_t length = 0;
        while (is_name_char(at[length])) length++;
        bool keyword = false;
        for (size_t i = 0; i < COUNT_OF(keywords); i++) {
            if (view_is((struct view){at, length}, keywords[i])) keyword = true;
        }
        at += length;
        if (!keyword) continue;
        at += strspn(at, " \t\r\n,");
        for (length = 0; is_name_char(at[length]);) length++;
        if (!length) continue;
        if (name) { /* a second one: the author must say which */
            free(name);
            return NULL;
        }
        name = xstrndup(at, length);
        at += length;
    }
    return name;
}

static void load_graphql_query(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct body_spec *body = object;
    body->text = load_template(loader, node, "the GraphQL query");
    if (body->text && !body->operation_name) body->operation_name = operation_of(node->text);
}

static void load_graphql_variables(struct loader *loader, const struct yaml_node *node,
                                   void *object)
{
    struct body_spec *body = object;
    if (node->kind != YAML_MAPPING)
        load_wrong_type(loader, node, "variables", "a mapping");
    else
        body->json = new_node(loader, node);
}

static void load_graphql_operation(struct loader *loader, const struct yaml_node *node,
                                   void *object)
{
    load_text(loader, node, "operation", &((struct body_spec *)object)->operation_name);
}

static const struct shape variables_shape = {.kind = SHAPE_NAMES, .of = &tree_shape};
static const struct key_rule graphql_rules[] = {
    {"operation", load_graphql_operation, false, &text_shape,
     "which operation of the query; found there when it has only one"},
    {"query", load_graphql_query, true, &template_shape, "the GraphQL document"},
    {"variables", load_graphql_variables, false, &variables_shape, "names and values"},
    {0},
};
const struct shape graphql_shape = {
    .kind = SHAPE_MAPPING, .name = "graphql", .rules = graphql_rules};

void load_graphql(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct body_spec *body = new_body(object, BODY_GRAPHQL);
    if (!body) return;
    load_mapping(loader, node, "graphql", graphql_rules, body);
}

void load_text_body(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct body_spec *body = new_body(object, BODY_TEXT);
    if (!body) return;
    body->text = load_template(loader, node, "the text");
}

/* --- multipart */

static void load_part_file(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct body_part *part = object;
    AUTO_FREE char *name = NULL;
    if (!load_text(loader, node, "file", &name)) return;
    AUTO_FREE char *directory = path_directory(loader->journey->path);
    AUTO_FREE char *path = path_join(directory, name);
    AUTO_BUF bytes = BUF_INIT(PART_FILE_MAX);
    AUTO_ERROR error = ERROR_NONE;
    if (!file_read(path, &bytes, &error)) {
        diag_error(loader->diags, DIAG_UNREADABLE, node->place, "%s", error_text(&error));
        return;
    }
    const char *slash = strrchr(name, '/');
    part->filename = xstrdup(slash ? slash + 1 : name);
    part->byte_count = bytes.length;
    part->bytes = buf_take(&bytes);
}

static void load_part_name(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_text(loader, node, "filename", &((struct body_part *)object)->filename);
}

static void load_part_type(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_text(loader, node, "type", &((struct body_part *)object)->content_type);
}

static const struct key_rule part_rules[] = {
    {"file", load_part_file, true, &text_shape, "what is sent, relative to the journey's file"},
    {"filename", load_part_name, false, &text_shape, "what it is called; as `file` when not said"},
    {"type", load_part_type, false, &text_shape, "its media type"},
    {0},
};
static const struct shape part_file_shape = {
    .kind = SHAPE_MAPPING, .name = "part", .rules = part_rules};
static const struct shape part_shape = {
    .kind = SHAPE_EITHER, .of = &value_shape, .or_of = &part_file_shape};
const struct shape multipart_shape = {.kind = SHAPE_NAMES, .of = &part_shape};

void load_multipart(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct body_spec *body = new_body(object, BODY_MULTIPART);
    if (!body) return;
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(loader, node, "multipart", "a mapping of names to values or files");
        return;
    }
    body->parts = xcalloc(node->count, sizeof(*body->parts));
    body->part_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        struct body_part *part = &body->parts[i];
        const struct yaml_node *value = node->pairs[i].value;
        part->name = xstrdup(node->pairs[i].key->text);
        if (value->kind == YAML_MAPPING)
            load_mapping(loader, value, "a part", part_rules, part);
        else
            load_operand(loader, value, OPERAND_PLAIN, &part->value);
    }
}
