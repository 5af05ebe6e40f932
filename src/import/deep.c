/* SPDX-License-Identifier: Apache-2.0 */
/* See deep.h. */
#include "import/deep.h"

#include "base/codec.h"

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

/* --- Any text: `name=value`, `name: "value"`, `<name>value</name>` */

static bool is_name_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("_-.", c)) || (c & 0x80);
}

static size_t skip(struct view text, size_t at, const char *these)
{
    while (at < text.length && text.data[at] && strchr(these, text.data[at])) at++;
    return at;
}

static size_t find_end(struct view text, size_t at, const char *these)
{
    while (at < text.length && !(text.data[at] && strchr(these, text.data[at]))) at++;
    return at;
}

/* Up to the same quote; what is escaped stays as it is, and is known without its escapes, too. */
static void meet_quoted(struct diver *diver, struct view name, struct view text, size_t at)
{
    char quote = text.data[at++];
    AUTO_BUF plain = BUF_INIT(BUF_OWN_CAP);
    size_t end = at;
    text = view_slice(text, 0, at + RECORDING_MAX_VALUE_BYTES);
    for (; end < text.length && text.data[end] != quote; end++) {
        if (text.data[end] == '\\' && end + 1 < text.length) end++;
        buf_add_char(&plain, text.data[end]);
    }
    struct view raw = view_slice(text, at, end - at);
    /* \"value\" of JSON in JSON ends with a backslash that is not its own */
    if (view_ends_with(raw, VIEW_LITERAL("\\"))) raw.length--;
    meet(diver, name, raw);
    if (!view_equals(raw, buf_view(&plain))) meet(diver, name, buf_view(&plain));
}

/* `password: $p`: what is called p is a password. */
static void meet_variable(struct diver *diver, struct view name, struct view variable)
{
    AUTO_FREE char *key = xstrndup(variable.data, variable.length);
    AUTO_FREE char *argument = xstrndup(name.data, name.length);
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(diver->variables, key);
    if (cJSON_IsString(node)) meet(diver, name, view_of(node->valuestring));
    if (cJSON_IsObject(node) || cJSON_IsArray(node)) look_at_node(diver, argument, node, true);
}

/* Behind `name`, `"name"`, `\"name\"`. */
static void look_behind(struct diver *diver, struct view text, struct view name, size_t at,
                        bool declared)
{
    at = skip(text, at, "\\\"' \t");
    if (at >= text.length || !strchr("=:", text.data[at])) return;
    at = skip(text, at + 1, " \t\\");
    if (at >= text.length || declared) return;
    if (text.data[at] == '$') {
        size_t end = at + 1;
        while (end < text.length && is_name_char(text.data[end])) end++;
        meet_variable(diver, name, view_slice(text, at + 1, end - at - 1));
    } else if (strchr("\"'", text.data[at])) {
        meet_quoted(diver, name, text, at);
    } else {
        text = view_slice(text, 0, at + RECORDING_MAX_VALUE_BYTES);
        size_t end = find_end(text, at, " \t\r\n&;,|<>(){}[]\"'");
        meet(diver, name, view_slice(text, at, end - at));
    }
}

/* <soap:password type="a">value</...>, also <![CDATA[value]]> */
static void look_into_element(struct diver *diver, struct view text, struct view name, size_t at)
{
    text = view_slice(text, 0, at + RECORDING_MAX_VALUE_BYTES);
    size_t end = find_end(text, at, ">");
    struct view rest = view_trim(view_from(text, end + 1));
    bool raw = view_starts_with(rest, VIEW_LITERAL("<![CDATA["));
    if (end >= text.length) return;
    if (raw) rest = view_from(rest, strlen("<![CDATA["));
    size_t stop = raw ? view_find(rest, VIEW_LITERAL("]]>")) : view_find_char(rest, '<');
    if (stop != SIZE_MAX) meet(diver, name, view_trim(view_slice(rest, 0, stop)));
}

static void look_at_text(struct diver *diver, struct view text)
{
    for (size_t at = 0; at < text.length; at++) {
        size_t from = at;
        if (!is_name_char(text.data[at])) continue;
        while (at < text.length && is_name_char(text.data[at])) at++;
        struct view name = view_slice(text, from, at - from);
        char before = from ? text.data[from - 1] : '\0';
        bool prefixed = at < text.length && text.data[at] == ':' && before == '<';
        if (prefixed) {
            from = ++at;
            while (at < text.length && is_name_char(text.data[at])) at++;
            name = view_slice(text, from, at - from);
        }
        if (name.length > WORD_SIZE) continue;
        if (before == '<')
            look_into_element(diver, text, name, at);
        else
            look_behind(diver, text, name, at, before == '$');
    }
}

static void look_into(struct diver *diver, struct view text)
{
    if (diver->depth >= MAX_DEPTH || text.length > RECORDING_MAX_BODY_BYTES) return;
    diver->depth++;
    if (!look_at_json(diver, text)) look_at_text(diver, text);
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
