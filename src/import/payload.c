/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of requests told apart: forms, JSON, GraphQL over HTTP, multipart/form-data (RFC 7578).
 * What is damaged stays text.
 */
#include "import/recording.h"

#include <string.h>

#define MAX_PARTS 500
#define MAX_JSON_DEPTH                                                                             \
    20 /* deeper bodies are written as text: the journey's file has a limit, too */

static struct view type_of(struct view media_type)
{
    struct view type = VIEW_NONE;
    (void)view_split(&media_type, ';', &type);
    return view_trim(type);
}

static int depth_of(const cJSON *node)
{
    int deepest = 0;
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, node)
    {
        int depth = depth_of(child);
        if (depth > deepest) deepest = depth;
    }
    return deepest + 1;
}

/* {"query": "...", "variables": {...}, "operationName": "..."} and nothing that is needed else. */
static bool read_graphql(cJSON *root, struct payload *payload)
{
    const cJSON *query = cJSON_GetObjectItemCaseSensitive(root, "query");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(root, "operationName");
    const cJSON *variables = cJSON_GetObjectItemCaseSensitive(root, "variables");
    const char *text = cJSON_IsString(query) ? query->valuestring : "";
    if (!strchr(text, '{')) return false;
    if (variables && !cJSON_IsObject(variables) && !cJSON_IsNull(variables)) return false;
    payload->kind = PAYLOAD_GRAPHQL;
    payload->text = xstrdup(text);
    if (cJSON_IsString(name) && *name->valuestring) payload->operation = xstrdup(name->valuestring);
    if (cJSON_IsObject(variables) && variables->child)
        payload->json = cJSON_DetachItemFromObjectCaseSensitive(root, "variables");
    return true;
}

static bool read_json(struct view text, struct payload *payload)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *root = json_parse(text, &reason);
    if (!root) return false;
    bool read = depth_of(root) <= MAX_JSON_DEPTH;
    if (read && cJSON_IsObject(root) && read_graphql(root, payload)) {
        cJSON_Delete(root);
        return true;
    }
    read = read && (cJSON_IsObject(root) || cJSON_IsArray(root));
    if (!read) {
        cJSON_Delete(root);
        return false;
    }
    payload->kind = PAYLOAD_JSON;
    payload->json = root;
    return true;
}

/* --- multipart */

/* `name="value"` in a header of a part. */
static bool parameter(struct view headers, const char *key, struct view *ret_value)
{
    AUTO_FREE char *needle = xasprintf("%s=\"", key);
    for (size_t at; (at = view_find(headers, view_of(needle))) != SIZE_MAX;) {
        bool whole = at == 0 || strchr(" ;\t", headers.data[at - 1]);
        headers = view_from(headers, at + strlen(needle));
        size_t end = view_find_char(headers, '"');
        if (end == SIZE_MAX) return false;
        *ret_value = view_slice(headers, 0, end);
        if (whole) return true;
    }
    return false;
}

static void read_part(struct view part, struct payload *payload)
{
    struct view name = VIEW_NONE, file = VIEW_NONE;
    size_t end = view_find(part, VIEW_LITERAL("\r\n\r\n")), gap = 4;
    if (end == SIZE_MAX) {
        end = view_find(part, VIEW_LITERAL("\n\n"));
        gap = 2;
    }
    if (end == SIZE_MAX) return;
    struct view headers = view_slice(part, 0, end), body = view_from(part, end + gap);
    if (!parameter(headers, "name", &name)) return;
    if (view_ends_with(body, VIEW_LITERAL("\n"))) body.length--;
    if (view_ends_with(body, VIEW_LITERAL("\r"))) body.length--;
    bool is_file = parameter(headers, "filename", &file);
    pairs_add(&payload->fields, name, is_file ? VIEW_NONE : body);
    if (is_file) vec_last(&payload->fields)->file = xstrndup(file.data, file.length);
}

static bool read_multipart(struct view media_type, struct view text, struct payload *payload)
{
    size_t at = view_find(media_type, VIEW_LITERAL("boundary="));
    if (at == SIZE_MAX) return false;
    struct view rest = view_from(media_type, at + strlen("boundary=")), boundary = VIEW_NONE;
    (void)view_split(&rest, ';', &boundary);
    boundary = view_trim(boundary);
    if (boundary.length > 1 && *boundary.data == '"')
        boundary = view_slice(boundary, 1, boundary.length - 2);
    if (!boundary.length) return false;
    AUTO_FREE char *line = xasprintf("--%.*s", VIEW_PRINTF(boundary));
    struct view mark = view_of(line);
    at = view_find(text, mark);
    for (size_t parts = 0; at != SIZE_MAX && parts < MAX_PARTS; parts++) {
        text = view_from(text, at + mark.length);
        at = view_find(text, mark);
        if (at != SIZE_MAX) read_part(view_slice(text, 0, at), payload);
    }
    if (!payload->fields.count) return false;
    payload->kind = PAYLOAD_MULTIPART;
    return true;
}

/* --- All of it */

static bool read_form(struct view text, struct payload *payload)
{
    pairs_add_query(&payload->fields, text);
    if (!payload->fields.count) return false;
    payload->kind = PAYLOAD_FORM;
    return true;
}

void payload_read(struct view media_type, struct view text, struct payload *ret_payload)
{
    struct view type = type_of(media_type);
    memset(ret_payload, 0, sizeof(*ret_payload));
    if (!text.length) return;
    struct view trimmed = view_trim(text);
    bool looks_like_json = trimmed.length && strchr("{[", *trimmed.data);
    if (view_is_nocase(type, "application/x-www-form-urlencoded") && !looks_like_json &&
        read_form(text, ret_payload))
        return;
    if (view_is_nocase(type, "multipart/form-data") &&
        read_multipart(media_type, text, ret_payload))
        return;
    if (looks_like_json && read_json(text, ret_payload)) {
        if (type.length && !view_is_nocase(type, "application/json"))
            ret_payload->media_type = xstrndup(media_type.data, media_type.length);
        return;
    }
    ret_payload->kind = PAYLOAD_TEXT;
    ret_payload->text = xstrndup(text.data, text.length);
    if (type.length) ret_payload->media_type = xstrndup(media_type.data, media_type.length);
}

void payload_release(struct payload *payload)
{
    pairs_release(&payload->fields);
    cJSON_Delete(payload->json);
    free(payload->text);
    free(payload->operation);
    free(payload->media_type);
    memset(payload, 0, sizeof(*payload));
}
