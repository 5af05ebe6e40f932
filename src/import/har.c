/* SPDX-License-Identifier: Apache-2.0 */
/* See har.h. */
#include "import/har.h"

#include "base/calendar.h"
#include "base/codec.h"

#include <string.h>

struct reader {
    struct error *error;
    size_t at; /* entry */
    bool failed;
};

/* An exchange and when it was sent; INT64_MIN: not known. */
struct timed {
    struct exchange exchange;
    int64_t started_us;
    size_t at;
};

/* --- Places */

/* json_parse says "(byte 120)"; people count lines. */
static bool refuse_text(struct view text, const struct buf *reason, struct error *error)
{
    const char *mark = strstr(buf_text(reason), " (byte ");
    if (!mark) return error_set(error, "%s", buf_text(reason));
    size_t offset = strtoul(mark + strlen(" (byte "), NULL, 10);
    size_t line = 1, start = 0;
    for (size_t i = 0; i < offset && i < text.length; i++) {
        if (text.data[i] != '\n') continue;
        line++;
        start = i + 1;
    }
    return error_set(error, "line %zu, column %zu: %.*s", line, offset - start + 1,
                     (int)(mark - buf_text(reason)), buf_text(reason));
}

static void refuse(struct reader *reader, const char *where, const char *what)
{
    if (!reader->failed)
        (void)error_set(reader->error, "log.entries[%zu].%s %s", reader->at, where, what);
    reader->failed = true;
}

/* --- Members. NULL: not there, or null. */

static const cJSON *member(const cJSON *object, const char *key)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNull(node) ? NULL : node;
}

static const char *text_member(struct reader *reader, const cJSON *object, const char *key,
                               const char *where)
{
    const cJSON *node = member(object, key);
    if (!node) return NULL;
    if (cJSON_IsString(node)) return node->valuestring;
    refuse(reader, where, "is no text");
    return NULL;
}

/* --- Parts */

static void add_header(struct headers *headers, const char *name, const char *value)
{
    struct view rest = view_of(value), line = VIEW_NONE;
    while (view_split(&rest, '\n', &line)) headers_add(headers, view_of(name), line);
}

static void read_headers(struct reader *reader, const cJSON *message, const char *where,
                         struct headers *headers)
{
    const cJSON *list = member(message, "headers"), *item = NULL;
    if (list && !cJSON_IsArray(list)) refuse(reader, where, "is no list");
    if (reader->failed || !list) return;
    if (cJSON_GetArraySize(list) > HAR_MAX_HEADERS) refuse(reader, where, "has too many elements");
    cJSON_ArrayForEach(item, list)
    {
        const char *name = text_member(reader, item, "name", where);
        const char *value = text_member(reader, item, "value", where);
        if (reader->failed) return;
        if (name && *name) add_header(headers, name, value ? value : "");
    }
}

/* Text, or what its base64 means. */
static void read_text(const char *text, const char *encoding, struct buf *out)
{
    if (encoding && !strcmp(encoding, "base64") && codec_add_base64_decoded(out, view_of(text)))
        return;
    buf_clear(out);
    buf_add_text(out, text);
}

static void read_params(struct reader *reader, const cJSON *params, struct payload *payload)
{
    const cJSON *item = NULL;
    bool multipart = payload->media_type && strstr(payload->media_type, "multipart");
    cJSON_ArrayForEach(item, params)
    {
        const char *name = text_member(reader, item, "name", "request.postData.params");
        const char *value = text_member(reader, item, "value", "request.postData.params");
        const char *file = text_member(reader, item, "fileName", "request.postData.params");
        if (reader->failed) return;
        if (!name) continue;
        pairs_add(&payload->fields, view_of(name), view_of(value));
        if (file) vec_last(&payload->fields)->file = xstrdup(file);
    }
    if (payload->fields.count) payload->kind = multipart ? PAYLOAD_MULTIPART : PAYLOAD_FORM;
}

static void read_payload(struct reader *reader, const cJSON *request, struct exchange *exchange)
{
    const cJSON *post = member(request, "postData");
    if (!post) return;
    if (!cJSON_IsObject(post)) {
        refuse(reader, "request.postData", "is no object");
        return;
    }
    const char *type = text_member(reader, post, "mimeType", "request.postData.mimeType");
    const char *text = text_member(reader, post, "text", "request.postData.text");
    const char *encoding = text_member(reader, post, "encoding", "request.postData.encoding");
    if (!encoding) encoding = text_member(reader, post, "_encoding", "request.postData._encoding");
    if (reader->failed) return;
    if (!type || !*type) type = headers_get(&exchange->headers, "Content-Type");
    if (text && *text) {
        AUTO_BUF body = BUF_INIT(RECORDING_MAX_BODY_BYTES);
        read_text(text, encoding, &body);
        payload_read(view_of(type), buf_view(&body), &exchange->payload);
    } else {
        exchange->payload.media_type = xstrdup(type);
        read_params(reader, member(post, "params"), &exchange->payload);
    }
}

static void read_request(struct reader *reader, const cJSON *entry, struct exchange *exchange)
{
    const cJSON *request = member(entry, "request");
    if (!cJSON_IsObject(request)) {
        refuse(reader, "request", request ? "is no object" : "is missing");
        return;
    }
    const char *url = text_member(reader, request, "url", "request.url");
    const char *method = text_member(reader, request, "method", "request.method");
    if (!url) refuse(reader, "request.url", "is missing");
    if (reader->failed) return;
    exchange->method = xstrdup(method ? method : "GET");
    for (char *c = exchange->method; *c; c++) {
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 32);
    }
    /* data:, blob:, wss:, an extension's own: kept without an address, and dropped later */
    (void)!address_parse(view_of(url), &exchange->address);
    read_headers(reader, request, "request.headers", &exchange->headers);
    address_add_user(view_of(url), &exchange->headers);
    if (!reader->failed) read_payload(reader, request, exchange);
}

static bool is_text_type(const char *type)
{
    static const char *const parts[] = {"html", "json", "xml", "text/plain", NULL};
    return !*type || word_has(type, parts);
}

static void read_content(struct reader *reader, const cJSON *response, struct message *answer)
{
    const cJSON *content = member(response, "content");
    const char *type = text_member(reader, content, "mimeType", "response.content.mimeType");
    const char *text = text_member(reader, content, "text", "response.content.text");
    const char *encoding = text_member(reader, content, "encoding", "response.content.encoding");
    if (reader->failed) return;
    if (type && *type && !headers_get(&answer->headers, "Content-Type"))
        headers_add(&answer->headers, VIEW_LITERAL("Content-Type"), view_of(type));
    type = headers_get(&answer->headers, "Content-Type");
    if (!text || !type || !is_text_type(type)) return;
    read_text(text, encoding, &answer->body);
    /* An archive's text is UTF-8 whatever the header said of the bytes on the wire. */
    vec_each(header, &answer->headers) {
        char *charset = strcmp(header->value, type) ? NULL : strstr(header->value, "charset=");
        bool decoded = !encoding || strcmp(encoding, "base64") != 0;
        if (charset && decoded && view_find(view_of(charset), VIEW_LITERAL("utf")) == SIZE_MAX)
            charset[-(charset > header->value)] = '\0';
    }
}

static void read_response(struct reader *reader, const cJSON *entry, struct exchange *exchange)
{
    const cJSON *response = member(entry, "response");
    if (!response) return;
    if (!cJSON_IsObject(response)) {
        refuse(reader, "response", "is no object");
        return;
    }
    const cJSON *status = member(response, "status");
    exchange->answer = message_new(RECORDING_MAX_BODY_BYTES);
    double number = cJSON_IsNumber(status) ? status->valuedouble : 0;
    exchange->answer->status = number >= 100 && number <= 999 ? (long)number : 0;
    read_headers(reader, response, "response.headers", &exchange->answer->headers);
    if (!reader->failed) read_content(reader, response, exchange->answer);
    if (reader->failed || exchange->answer->status < 300 || exchange->answer->status > 399) return;
    const char *to = headers_get(&exchange->answer->headers, "Location");
    if (!to) to = text_member(reader, response, "redirectURL", "response.redirectURL");
    exchange->redirect_to = view_of(to);
    if (to && !headers_get(&exchange->answer->headers, "Location")) {
        headers_add(&exchange->answer->headers, VIEW_LITERAL("Location"), view_of(to));
        exchange->redirect_to = view_of(headers_get(&exchange->answer->headers, "Location"));
    }
}

static enum resource resource_of(const char *type)
{
    static const char *const data[] = {"xhr", "fetch", "other", NULL};
    if (!type) return RESOURCE_UNKNOWN;
    if (!strcmp(type, "document")) return RESOURCE_DOCUMENT;
    return word_is(type, data) ? RESOURCE_DATA : RESOURCE_ASSET;
}

/* --- Entries */

static void read_entry(struct reader *reader, const cJSON *entry, struct timed *ret_timed)
{
    if (!cJSON_IsObject(entry)) {
        if (!reader->failed)
            (void)error_set(reader->error, "log.entries[%zu] is no object", reader->at);
        reader->failed = true;
        return;
    }
    const char *started = text_member(reader, entry, "startedDateTime", "startedDateTime");
    const char *type = text_member(reader, entry, "_resourceType", "_resourceType");
    ret_timed->at = reader->at;
    if (!started || !calendar_parse_rfc3339(view_of(started), &ret_timed->started_us))
        ret_timed->started_us = INT64_MIN;
    ret_timed->exchange.resource = resource_of(type);
    if (!reader->failed) read_request(reader, entry, &ret_timed->exchange);
    if (!reader->failed) read_response(reader, entry, &ret_timed->exchange);
}

static int compare_timed(const void *left, const void *right)
{
    const struct timed *a = left, *b = right;
    if (a->started_us != b->started_us) return a->started_us < b->started_us ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static bool read_entries(const cJSON *entries, struct recording *recording, struct error *error)
{
    struct reader reader = {.error = error};
    VEC(struct timed) list = {0};
    bool all_timed = true;
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, entries)
    {
        struct timed *timed = vec_add(&list);
        read_entry(&reader, entry, timed);
        all_timed = all_timed && timed->started_us != INT64_MIN;
        reader.at++;
        if (reader.failed) break;
    }
    /* Browsers write what was sent first first; some proxies what was answered first. */
    if (all_timed && list.count) qsort(list.items, list.count, sizeof(*list.items), compare_timed);
    vec_each(timed, &list) {
        if (reader.failed || !timed->exchange.address.origin)
            exchange_release(&timed->exchange);
        else
            vec_push(recording, timed->exchange);
    }
    vec_release(&list);
    return !reader.failed;
}

bool har_read(struct view text, struct recording *ret_recording, struct error *error)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *root = json_parse(text, &reason);
    if (!root) return refuse_text(text, &reason, error);
    const cJSON *log = member(root, "log"), *entries = member(log, "entries");
    bool read = false;
    if (!cJSON_IsObject(log))
        (void)error_set(error, "this is no HTTP archive: it has no object `log`");
    else if (!cJSON_IsArray(entries))
        (void)error_set(error, "this is no HTTP archive: log.entries is no list");
    else if (cJSON_GetArraySize(entries) > HAR_MAX_ENTRIES)
        (void)error_set(error, "log.entries has more than %d elements", HAR_MAX_ENTRIES);
    else
        read = read_entries(entries, ret_recording, error);
    cJSON_Delete(root);
    if (!read) recording_release(ret_recording);
    return read;
}
