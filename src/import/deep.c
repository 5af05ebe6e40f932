/* SPDX-License-Identifier: Apache-2.0 */
/* See deep.h. */
#include "import/deep.h"

#include "base/codec.h"
#include "text/named_value.h"

#include <string.h>

#define MAX_DEPTH 5

struct diver {
    visit_value *visit;
    void *context;
    const cJSON *variables; /* of GraphQL; NULL: none */
    int depth;
};

static void look_into(struct diver *diver, struct view text);

static void meet(struct diver *diver, struct view name, struct view value)
{
    AUTO_FREE char *copy = xstrndup(name.data, name.length);
    AUTO_BUF decoded = BUF_INIT(BUF_OWN_CAP);
    if (!value.length || value.length > RECORDING_MAX_VALUE_BYTES) return;
    diver->visit(diver->context, &(struct site_value){SITE_INSIDE, copy, value});
    if (!codec_add_percent_decoded(&decoded, value, true) || view_equals(buf_view(&decoded), value))
        return;
    diver->visit(diver->context, &(struct site_value){SITE_INSIDE, copy, buf_view(&decoded)});
    look_into(diver, buf_view(&decoded));
}

/* --- JSON */

/* {"name": "password", "value": "..."} */
static void look_at_pair(struct diver *diver, const cJSON *object)
{
    static const char *const keys[] = {"name", "key", "field", "id", "label", NULL};
    static const char *const values[] = {"value", "val", "content", "text", NULL};
    const char *key = NULL, *value = NULL;
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, object)
    {
        if (!cJSON_IsString(child) || !child->string) continue;
        if (word_is(child->string, keys)) key = child->valuestring;
        if (word_is(child->string, values)) value = child->valuestring;
    }
    if (key && value) meet(diver, view_of(key), view_of(value));
}

/* `outer`: what stands in lists has the name of the list. The tree's depth is bounded by
 * json_parse. */
static void look_at_node(struct diver *diver, const char *outer, const cJSON *node, bool inside)
{
    const char *name = node->string ? node->string : outer;
    const cJSON *child = NULL;
    if (cJSON_IsObject(node)) look_at_pair(diver, node);
    if (cJSON_IsString(node)) {
        if (inside) meet(diver, view_of(name), view_of(node->valuestring));
        look_into(diver, view_of(node->valuestring));
    }
    if (inside && cJSON_IsNumber(node)) {
        AUTO_BUF digits = BUF_INIT(BUF_OWN_CAP);
        json_add_number(node, &digits);
        meet(diver, view_of(name), buf_view(&digits));
    }
    cJSON_ArrayForEach(child, node) look_at_node(diver, name, child, inside);
}

static bool look_at_json(struct diver *diver, struct view text)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    text = view_trim(text);
    if (text.length < 2 || !strchr("{[\"", *text.data)) return false;
    cJSON *root = json_parse(text, &reason);
    if (!root) return false;
    look_at_node(diver, "", root, true);
    cJSON_Delete(root);
    return true;
}

/* --- Any text */

/* `password: $p`: what is called p is a password. */
static void meet_variable(struct diver *diver, struct view name, struct view variable)
{
    AUTO_FREE char *key = xstrndup(variable.data, variable.length);
    AUTO_FREE char *argument = xstrndup(name.data, name.length);
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(diver->variables, key);
    if (cJSON_IsString(node)) meet(diver, name, view_of(node->valuestring));
    if (cJSON_IsObject(node) || cJSON_IsArray(node)) look_at_node(diver, argument, node, true);
}

static void meet_named(void *context, const struct named_value *found)
{
    if (found->kind == NAMED_VARIABLE)
        meet_variable(context, found->name, found->value);
    else
        meet(context, found->name, found->value);
}

static void look_into(struct diver *diver, struct view text)
{
    if (diver->depth >= MAX_DEPTH || text.length > RECORDING_MAX_BODY_BYTES) return;
    diver->depth++;
    if (!look_at_json(diver, text)) named_values_each(text, meet_named, diver);
    diver->depth--;
}

/* --- The whole */

static void pass_on(void *context, const struct site_value *value)
{
    struct diver *diver = context;
    diver->visit(diver->context, value);
    bool json = value->site == SITE_JSON || value->site == SITE_NUMBER; /* has a walk of its own */
    if (value->site != SITE_PATH && !json) look_into(diver, value->value);
}

/* fields[0][name]=password&fields[0][value]=... */
static void look_at_fields(struct diver *diver, const struct pairs *fields)
{
    for (size_t i = 1; i < fields->count; i++) {
        const struct pair *name = &fields->items[i - 1], *value = &fields->items[i];
        if (view_ends_with(view_of(name->name), VIEW_LITERAL("[name]")) &&
            view_ends_with(view_of(value->name), VIEW_LITERAL("[value]")) && !value->file)
            meet(diver, view_of(name->value), view_of(value->value));
    }
}

void exchange_each_deep_value(const struct exchange *exchange, visit_value *visit, void *context)
{
    const struct payload *payload = &exchange->payload;
    struct diver diver = {.visit = visit, .context = context};
    exchange_each_value(exchange, pass_on, &diver);
    look_at_fields(&diver, &payload->fields);
    if (payload->json) look_at_node(&diver, "", payload->json, false);
    if (payload->kind == PAYLOAD_GRAPHQL) diver.variables = payload->json;
    if (payload->text) look_into(&diver, view_of(payload->text));
}
