/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 as the client speaks it. See wire.h. */
#include "wire.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void *must_alloc(size_t bytes)
{
    void *block = calloc(1, bytes ? bytes : 1);
    if (!block) abort();
    return block;
}

char *must_copy(const char *bytes, size_t count)
{
    char *copy = must_alloc(count + 1);
    if (count) memcpy(copy, bytes, count);
    return copy;
}

/* --- Headers */

void headers_add(struct headers *headers, const char *name, const char *value)
{
    size_t size = (headers->count + 1) * sizeof(*headers->items);
    struct header *items = realloc(headers->items, size);
    if (!items) abort();
    headers->items = items;
    items[headers->count++] = (struct header){
        .name = must_copy(name, strlen(name)),
        .value = must_copy(value, strlen(value)),
    };
}

const char *headers_get(const struct headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (!strcasecmp(headers->items[i].name, name)) return headers->items[i].value;
    }
    return NULL;
}

void headers_release(struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        free(headers->items[i].name);
        free(headers->items[i].value);
    }
    free(headers->items);
    *headers = (struct headers){0};
}

bool header_is_hop_by_hop(const char *name)
{
    static const char *const own[] = {"Connection",        "Keep-Alive", "Proxy-Connection",
                                      "Transfer-Encoding", "TE",         "Upgrade"};
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        if (!strcasecmp(name, own[i])) return true;
    }
    return false;
}

/* --- Requests */

static bool read_request_line(char *line, struct request *request, bool *ret_http_1_0)
{
    char *rest = NULL;
    const char *method = strtok_r(line, " ", &rest);
    const char *target = strtok_r(NULL, " ", &rest);
    const char *version = strtok_r(NULL, " ", &rest);
    if (!method || !target || !version || *target != '/') return false;
    *ret_http_1_0 = !strcmp(version, "HTTP/1.0");
    if (!*ret_http_1_0 && strcmp(version, "HTTP/1.1")) return false;
    request->method = must_copy(method, strlen(method));
    request->target = must_copy(target, strlen(target));
    request->path = must_copy(target, strcspn(target, "?"));
    return true;
}

static bool read_header_line(char *line, struct headers *headers)
{
    char *colon = strchr(line, ':');
    if (!colon || colon == line || isspace((unsigned char)colon[-1])) return false;
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t length = strlen(value);
    while (length && strchr(" \t\r", value[length - 1])) value[--length] = '\0';
    headers_add(headers, line, value);
    return true;
}

static bool read_head(char *head, struct request *request)
{
    char *rest = NULL;
    bool http_1_0 = false;
    char *line = strtok_r(head, "\r\n", &rest);
    if (!line || !read_request_line(line, request, &http_1_0)) return false;
    while ((line = strtok_r(NULL, "\r\n", &rest))) {
        if (!read_header_line(line, &request->headers)) return false;
    }
    const char *connection = headers_get(&request->headers, "Connection");
    request->keep_alive = !http_1_0 && !(connection && strcasestr(connection, "close"));
    return true;
}

static bool read_length(const char *text, size_t *ret_bytes)
{
    char *end = NULL;
    errno = 0;
    unsigned long long bytes = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || bytes > WIRE_MAX_BODY_BYTES) return false;
    *ret_bytes = (size_t)bytes;
    return true;
}

enum wire_result request_read(struct evbuffer *input, struct request *ret_request)
{
    *ret_request = (struct request){0};
    struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    if (end.pos < 0) return evbuffer_get_length(input) > WIRE_MAX_HEAD_BYTES ? WIRE_BAD : WIRE_MORE;
    size_t head_bytes = (size_t)end.pos + 4;
    if (head_bytes > WIRE_MAX_HEAD_BYTES) return WIRE_BAD;

    char *head = must_alloc(head_bytes + 1);
    evbuffer_copyout(input, head, head_bytes);
    bool good = !memchr(head, '\0', head_bytes) && read_head(head, ret_request);
    free(head);
    if (!good) return WIRE_BAD;
    if (headers_get(&ret_request->headers, "Transfer-Encoding")) return WIRE_LENGTH;

    const char *length = headers_get(&ret_request->headers, "Content-Length");
    if (length && !read_length(length, &ret_request->body_bytes)) return WIRE_BAD;
    if (evbuffer_get_length(input) - head_bytes < ret_request->body_bytes)
        return headers_get(&ret_request->headers, "Expect") ? WIRE_EXPECTS : WIRE_MORE;
    evbuffer_drain(input, head_bytes);
    ret_request->body = must_alloc(ret_request->body_bytes + 1);
    evbuffer_remove(input, ret_request->body, ret_request->body_bytes);
    return WIRE_WHOLE;
}

void request_release(struct request *request)
{
    free(request->method);
    free(request->target);
    free(request->path);
    free(request->body);
    headers_release(&request->headers);
    *request = (struct request){0};
}

/* --- Answers */

bool answer_has_body(const struct answer *answer, const char *method)
{
    return strcmp(method, "HEAD") != 0 && answer->status != 204 && answer->status != 304;
}

void answer_write_head(const struct answer *answer, const struct request *request,
                       struct evbuffer *out)
{
    bool has_body = answer_has_body(answer, request->method);
    bool has_length = false;
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", answer->status,
                        answer->reason ? answer->reason : "");
    for (size_t i = 0; i < answer->headers.count; i++) {
        const struct header *header = &answer->headers.items[i];
        if (header_is_hop_by_hop(header->name)) continue;
        if (has_body && !strcasecmp(header->name, "Content-Length")) {
            if (!has_length)
                evbuffer_add_printf(out, "%s: %zu\r\n", header->name, answer->body_bytes);
            has_length = true;
            continue;
        }
        evbuffer_add_printf(out, "%s: %s\r\n", header->name, header->value);
    }
    if (has_body && !has_length)
        evbuffer_add_printf(out, "Content-Length: %zu\r\n", answer->body_bytes);
    evbuffer_add_printf(out, "Connection: %s\r\n\r\n",
                        request->keep_alive ? "keep-alive" : "close");
}

void answer_release(struct answer *answer)
{
    free(answer->reason);
    free(answer->body);
    headers_release(&answer->headers);
    *answer = (struct answer){0};
}
