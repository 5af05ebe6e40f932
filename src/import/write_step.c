/* SPDX-License-Identifier: Apache-2.0 */
/* See write_step.h. */
#include "import/write_step.h"

#include "import/propose.h"
#include "import/scribe.h"

#include "base/codec.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

#define MAX_KEY_BYTES 150 /* YAML ends a key at 1024 characters, escapes counted */

static void add_text(cJSON *mapping, const char *key, const char *text)
{
    cJSON_AddItemToObject(mapping, key, cJSON_CreateString(text));
}

/* What was recorded, and may stand as a key. */
static char *clean(const struct linked *linked, const char *text)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP), repaired = BUF_INIT(BUF_OWN_CAP);
    utf8_add_repaired(&repaired, view_of(text));
    redact_add(linked->secrets.redactor, &out, buf_view(&repaired));
    buf_truncate(&out, utf8_clip(buf_view(&out), MAX_KEY_BYTES).length);
    return buf_take(&out);
}

/* "12" may stand without quotes: a form's number is the same text. */
static cJSON *scalar(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    bool number = digits && !text[digits] && digits < 16 && (*text != '0' || digits == 1);
    return number ? cJSON_CreateRaw(text) : cJSON_CreateString(text);
}

/* --- The address */

/* "me%40shop.example" is the login name in another dress; one whose characters need no dress can
 * stand there by its name. */
static bool add_decoded(const struct step_writer *writer, size_t at, struct view piece,
                        struct buf *out)
{
    static const char good[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~@:!$'()*+,;=/?#";
    AUTO_BUF decoded = BUF_INIT(BUF_OWN_CAP);
    if (!codec_add_percent_decoded(&decoded, piece, false) || decoded.length == piece.length)
        return false;
    if (strspn(buf_text(&decoded), good) != decoded.length) return false;
    AUTO_FREE char *text = linked_text(writer->linked, at, buf_text(&decoded));
    bool whole = strchr(text, '}') == text + strlen(text) - 1; /* else '/' would part the path */
    if (!whole && strpbrk(buf_text(&decoded), "/?#")) return false;
    return view_starts_with(view_of(text), VIEW_LITERAL("${")) && buf_add_text(out, text);
}

static char *path_text(const struct step_writer *writer, size_t at, const char *path)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct view rest = view_of(path), piece = VIEW_NONE;
    while (view_split(&rest, '/', &piece)) {
        if (piece.data != path) buf_add_char(&out, '/');
        if (!add_decoded(writer, at, piece, &out)) linked_write(writer->linked, at, piece, &out);
    }
    if (view_ends_with(view_of(path), VIEW_LITERAL("/")) && strlen(path) > 1)
        buf_add_char(&out, '/');
    if (!out.length) buf_add_char(&out, '/');
    return buf_take(&out);
}

static char *url_text(const struct step_writer *writer, size_t at, const struct address *address)
{
    AUTO_FREE char *path = path_text(writer, at, address->path);
    if (!strcmp(address->origin, writer->visit->home->address.origin))
        return path[1] == '/' ? xasprintf("/.%s", path) : take(path); /* "//x" is a host */
    return xasprintf("%s%s", address->origin, path);
}

/* Names once each; what is repeated becomes a list. */
static cJSON *pairs_tree(const struct step_writer *writer, size_t at, const struct pairs *pairs)
{
    cJSON *tree = cJSON_CreateObject();
    vec_each(pair, pairs) {
        AUTO_FREE char *name = clean(writer->linked, *pair->name ? pair->name : "_");
        AUTO_FREE char *text = linked_text(writer->linked, at, pair->value);
        cJSON *known = cJSON_GetObjectItemCaseSensitive(tree, name);
        if (!known) {
            cJSON_AddItemToObject(tree, name, scalar(text));
        } else if (cJSON_IsArray(known)) {
            cJSON_AddItemToArray(known, scalar(text));
        } else {
            cJSON *list = cJSON_CreateArray();
            cJSON_AddItemToArray(list, cJSON_Duplicate(known, true));
            cJSON_AddItemToArray(list, scalar(text));
            cJSON_ReplaceItemInObjectCaseSensitive(tree, name, list);
        }
    }
    return tree;
}

/* --- Headers */

static bool add_authorization(const struct step_writer *writer, size_t at, const char *value,
                              cJSON *tree)
{
    cJSON *auth = cJSON_CreateObject();
    if (view_starts_with_nocase(view_of(value), VIEW_LITERAL("Bearer "))) {
        AUTO_FREE char *token = linked_text(writer->linked, at, value + strlen("Bearer "));
        add_text(auth, "bearer", token);
    } else if (view_starts_with_nocase(view_of(value), VIEW_LITERAL("Basic "))) {
        AUTO_BUF decoded = BUF_INIT(BUF_OWN_CAP);
        struct view password = VIEW_NONE, user = VIEW_NONE;
        if (codec_add_base64_decoded(&decoded, view_trim(view_of(value + strlen("Basic "))))) {
            password = buf_view(&decoded);
            (void)view_split(&password, ':', &user);
        }
        AUTO_BUF name = BUF_INIT(BUF_OWN_CAP), word = BUF_INIT(BUF_OWN_CAP);
        linked_write(writer->linked, at, user, &name);
        linked_write(writer->linked, at, password, &word);
        cJSON *basic = cJSON_AddObjectToObject(auth, "basic");
        add_text(basic, "user", buf_text(&name));
        add_text(basic, "password", buf_text(&word));
    } else {
        cJSON_Delete(auth);
        return false;
    }
    cJSON_AddItemToObject(tree, "auth", auth);
    return true;
}

static bool wants_json(const struct exchange *exchange)
{
    const char *accept = headers_get(&exchange->headers, "Accept");
    return accept && view_starts_with_nocase(view_of(accept), VIEW_LITERAL("application/"));
}

/* Where the body would be called something else. NULL: it is called what it is. */
static const char *content_type(const struct exchange *exchange)
{
    switch (exchange->payload.kind) {
    case PAYLOAD_FORM:
    case PAYLOAD_MULTIPART: return NULL;
    case PAYLOAD_JSON:
    case PAYLOAD_GRAPHQL:
    case PAYLOAD_TEXT: return exchange->payload.media_type;
    case PAYLOAD_NONE: break;
    }
    return exchange_is_safe(exchange) ? NULL : headers_get(&exchange->headers, "Content-Type");
}

static void add_headers(const struct step_writer *writer, size_t at,
                        const struct exchange *exchange, cJSON *tree)
{
    cJSON *headers = cJSON_CreateObject();
    if (wants_json(exchange)) {
        AUTO_FREE char *accept =
            linked_text(writer->linked, at, headers_get(&exchange->headers, "Accept"));
        add_text(headers, "Accept", accept);
    }
    if (content_type(exchange)) {
        AUTO_FREE char *type = linked_text(writer->linked, at, content_type(exchange));
        add_text(headers, "Content-Type", type);
    }
    vec_each(header, &exchange->headers) {
        if (header_is_noise(header->name)) continue;
        if (!strcasecmp(header->name, "Authorization") &&
            (cJSON_GetObjectItem(tree, "auth") ||
             add_authorization(writer, at, header->value, tree)))
            continue;
        AUTO_FREE char *name = clean(writer->linked, header->name);
        AUTO_FREE char *text = linked_text(writer->linked, at, header->value);
        bool key = !strcasecmp(name, "Idempotency-Key");
        if (header_name_is_good(name) && !cJSON_GetObjectItem(headers, name))
            add_text(headers, name, key ? "${run.id}" : text);
    }
    if (headers->child)
        cJSON_AddItemToObject(tree, "headers", headers);
    else
        cJSON_Delete(headers);
}

/* --- Bodies */

/* The tree's depth was bounded when it was read. */
static cJSON *json_tree(const struct step_writer *writer, size_t at, const cJSON *node)
{
    const cJSON *child = NULL;
    if (cJSON_IsString(node)) {
        AUTO_FREE char *text = linked_text(writer->linked, at, node->valuestring);
        return cJSON_CreateString(text);
    }
    if (cJSON_IsNumber(node)) {
        AUTO_BUF digits = BUF_INIT(BUF_OWN_CAP);
        json_add_number(node, &digits);
        AUTO_FREE char *text = linked_text(writer->linked, at, buf_text(&digits));
        return strchr(text, '$') ? cJSON_CreateString(text) : cJSON_CreateRaw(text);
    }
    if (!cJSON_IsObject(node) && !cJSON_IsArray(node)) return cJSON_Duplicate(node, false);
    cJSON *tree = cJSON_IsObject(node) ? cJSON_CreateObject() : cJSON_CreateArray();
    cJSON_ArrayForEach(child, node)
    {
        cJSON *value = json_tree(writer, at, child);
        if (cJSON_IsArray(node)) {
            cJSON_AddItemToArray(tree, value);
            continue;
        }
        AUTO_FREE char *name = clean(writer->linked, child->string);
        if (cJSON_GetObjectItemCaseSensitive(tree, name))
            cJSON_ReplaceItemInObjectCaseSensitive(tree, name, value);
        else
            cJSON_AddItemToObject(tree, name, value);
    }
    return tree;
}

static cJSON *graphql_tree(const struct step_writer *writer, size_t at,
                           const struct payload *payload)
{
    cJSON *tree = cJSON_CreateObject();
    AUTO_FREE char *query = linked_text(writer->linked, at, payload->text);
    if (payload->operation) {
        AUTO_FREE char *name = clean(writer->linked, payload->operation);
        add_text(tree, "operation", name);
    }
    add_text(tree, "query", query);
    if (payload->json)
        cJSON_AddItemToObject(tree, "variables", json_tree(writer, at, payload->json));
    return tree;
}

/* A file is not part of the recording, and a journey that names one which is not there does not
 * load. */
static void say_files(const struct step_writer *writer, const struct payload *payload, cJSON *tree)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    vec_each(pair, &payload->fields) {
        if (!pair->file) continue;
        AUTO_FREE char *name = clean(writer->linked, pair->name);
        AUTO_FREE char *file = clean(writer->linked, pair->file);
        buf_addf(&text, "%s%s was a file; put it beside this one and write {file: %s}",
                 text.length ? "\n" : "", name, file);
    }
    if (text.length) scribe_add_comment(tree, buf_text(&text));
}

static void add_body(const struct step_writer *writer, size_t at, const struct payload *payload,
                     cJSON *tree)
{
    switch (payload->kind) {
    case PAYLOAD_NONE: break;
    case PAYLOAD_FORM:
        cJSON_AddItemToObject(tree, "form", pairs_tree(writer, at, &payload->fields));
        break;
    case PAYLOAD_MULTIPART:
        cJSON_AddItemToObject(tree, "multipart", pairs_tree(writer, at, &payload->fields));
        say_files(writer, payload, tree);
        break;
    case PAYLOAD_JSON:
        cJSON_AddItemToObject(tree, "json", json_tree(writer, at, payload->json));
        break;
    case PAYLOAD_GRAPHQL:
        cJSON_AddItemToObject(tree, "graphql", graphql_tree(writer, at, payload));
        break;
    case PAYLOAD_TEXT: {
        AUTO_FREE char *text = linked_text(writer->linked, at, payload->text);
        add_text(tree, "text", text);
        break;
    }
    }
}

/* --- A step */

static void add_request(const struct step_writer *writer, size_t at,
                        const struct exchange *exchange, cJSON *tree)
{
    char verb[16];
    view_copy(view_of(exchange->method), verb, sizeof verb);
    for (char *c = verb; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + 32);
    }
    AUTO_FREE char *url = url_text(writer, at, &exchange->address);
    add_text(tree, verb, url);
    if (exchange->address.query.count)
        cJSON_AddItemToObject(tree, "query", pairs_tree(writer, at, &exchange->address.query));
    add_headers(writer, at, exchange, tree);
    add_body(writer, at, &exchange->payload, tree);
}

static void add_captures(const struct step_writer *writer, size_t at, bool creates, cJSON *tree)
{
    const struct visit_step *step = &writer->visit->steps.items[at];
    cJSON *captures = cJSON_CreateObject();
    vec_each(capture, &step->captures) {
        if (capture->creates != creates) continue;
        cJSON *source = capture->origin.kind == SOURCE_URL && !capture->origin.regex
                            ? cJSON_CreateString("url")
                            : propose_source(&capture->origin, writer->linked, at);
        cJSON_AddItemToObject(captures, capture->name, source);
    }
    if (captures->child)
        cJSON_AddItemToObject(tree, creates ? "creates" : "capture", captures);
    else
        cJSON_Delete(captures);
}

/* An id that stands as it was recorded takes back somebody else's. */
static void warn_of_literal(const struct step_writer *writer, size_t at, const char *url)
{
    struct view rest = view_of(url), piece = VIEW_NONE;
    while (view_split(&rest, '/', &piece)) {
        bool digit = false;
        for (size_t i = 0; i < piece.length; i++)
            digit = digit || (piece.data[i] >= '0' && piece.data[i] <= '9');
        if (!digit || piece.length < 3 || view_find(piece, VIEW_LITERAL("${")) != SIZE_MAX)
            continue;
        buf_addf(writer->notes,
                 "the undo of '%s' holds '%.*s' as it was recorded: capture it, or it takes back "
                 "something else\n",
                 writer->visit->steps.items[at].name, VIEW_PRINTF(piece));
    }
}

static bool add_undo(const struct step_writer *writer, size_t at, cJSON *tree)
{
    const struct visit *visit = writer->visit;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = visit->steps.count; i-- > 0;) {
        const struct visit_step *step = &visit->steps.items[i];
        if (step->undo_of != &visit->steps.items[at]) continue;
        cJSON *one = cJSON_CreateObject();
        add_request(writer, at + 1, step->exchange, one);
        warn_of_literal(writer, at, one->child->valuestring);
        cJSON_AddItemToArray(list, one);
    }
    int count = cJSON_GetArraySize(list);
    if (count == 1)
        cJSON_AddItemToObject(tree, "undo", cJSON_DetachItemFromArray(list, 0));
    else if (count)
        cJSON_AddItemToObject(tree, "undo", cJSON_Duplicate(list, true));
    cJSON_Delete(list);
    return count > 0;
}

static bool makes_something(const struct visit_step *step)
{
    const struct payload *payload = &step->exchange->payload;
    if (strcmp(step->exchange->method, "POST") != 0 && strcmp(step->exchange->method, "PUT") != 0)
        return false;
    if (payload->kind == PAYLOAD_GRAPHQL && !strstr(payload->text, "mutation")) return false;
    return step->stage == STAGE_CART || step->stage == STAGE_CHECKOUT;
}

/* The recording does not show how it is taken back; a guess would be worse than a question. */
static void add_undo_question(const struct visit_step *step, cJSON *tree)
{
    bool order = step->stage == STAGE_CHECKOUT;
    scribe_add_comment(
        tree, order ? "If this leaves an order behind, name it and take it back, for example:\n"
                      "  creates: {order: {json: $.id}}\n"
                      "  undo: {delete: \"/api/orders/${order}\"}"
                    : "If this leaves a line in a cart that stays, name it and take it back, for "
                      "example:\n"
                      "  creates: {line: {json: $.line_id}}\n"
                      "  undo: {delete: \"/api/cart/${line}\"}");
}

/* Without an answer nothing can be proposed. */
static void add_check_question(const struct visit_step *step, cJSON *tree)
{
    scribe_add_comment(
        tree, step->stage == STAGE_PRICE
                  ? "Say what must hold, for example:\n"
                    "  check: [price: {css: \"[itemprop=price]\", attr: content, more_than: 0}]"
                  : "Say what must hold, for example:\n"
                    "  check: [status: 200]");
}

cJSON *step_tree(struct step_writer *writer, size_t at)
{
    const struct visit_step *step = &writer->visit->steps.items[at];
    cJSON *tree = cJSON_CreateObject();
    AUTO_FREE char *name = clean(writer->linked, step->name);
    add_text(tree, "name", name);
    if (step->stage != STAGE_NONE) add_text(tree, "stage", stage_word(step->stage));
    add_request(writer, at, step->exchange, tree);
    if (step->stage == STAGE_CHECKOUT && makes_something(step) && !writer->has_cap) {
        writer->has_cap = true;
        cJSON *only = cJSON_AddObjectToObject(tree, "only");
        add_text(only, "at_most", "200/day");
    }
    if (step->no_follow) cJSON_AddItemToObject(tree, "follow", cJSON_CreateRaw("0"));
    cJSON *checks = propose_checks(writer->visit, at, writer->linked);
    if (checks->child)
        cJSON_AddItemToObject(tree, "check", checks);
    else
        cJSON_Delete(checks);
    if (!step->answer) add_check_question(step, tree);
    add_captures(writer, at, false, tree);
    add_captures(writer, at, true, tree);
    if (!add_undo(writer, at, tree) && makes_something(step)) add_undo_question(step, tree);
    return tree;
}
