/* SPDX-License-Identifier: Apache-2.0 */
/* See message.h. Keeps what came and parses it on first use; it judges nothing. */
#include "answer/message.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    BLOCK_BYTES = 488, /* with its head a whole number of malloc's steps */
    USUAL_COUNT = 16
};

struct header_block {
    struct header_block *next;
    size_t used, size;
    char text[];
};

static char *block_take(struct headers *headers, size_t length)
{
    struct header_block *block = headers->blocks;
    if (!block || block->size - block->used < length) {
        size_t size = length > BLOCK_BYTES ? length : BLOCK_BYTES;
        block = xrealloc(NULL, sizeof(*block) + size);
        *block = (struct header_block){.next = headers->blocks, .size = size};
        headers->blocks = block;
    }
    block->used += length;
    return block->text + block->used - length;
}

static void text_put(char *text, struct view view)
{
    if (view.length) memcpy(text, view.data, view.length);
    text[view.length] = '\0';
}

void headers_add(struct headers *headers, struct view name, struct view value)
{
    struct view trimmed = view_trim(value);
    if (!headers->items) vec_reserve(headers, USUAL_COUNT);
    struct header *header = vec_add(headers);
    char *text = block_take(headers, name.length + trimmed.length + 2);
    header->name = text;
    header->value = text + name.length + 1;
    text_put(text, name);
    text_put(text + name.length + 1, trimmed);
}

void headers_release(struct headers *headers)
{
    if (!headers) return;
    for (struct header_block *block = headers->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    vec_release(headers);
}

const char *headers_get(const struct headers *headers, const char *name)
{
    vec_each(header, headers) {
        if (!strcasecmp(header->name, name)) return header->value;
    }
    return NULL;
}

void hop_release(struct hop *hop)
{
    if (!hop) return;
    free(hop->method);
    free(hop->url);
    free(hop->request_copy);
    headers_release(&hop->request_headers);
    headers_release(&hop->sent_headers);
    headers_release(&hop->response_headers);
    *hop = (struct hop){0};
}

struct message *message_new(size_t body_cap_bytes)
{
    struct message *message = NEW(struct message);
    buf_init(&message->body, body_cap_bytes);
    return message;
}

static void cookies_release(struct message *message)
{
    vec_each(cookie, &message->cookies) {
        free(cookie->name);
        free(cookie->value);
        free(cookie->domain);
        free(cookie->path);
    }
    vec_release(&message->cookies);
}

void message_free(struct message *message)
{
    if (!message) return;
    bool of_hop = message->hops.count &&
                  message->headers.items == vec_last(&message->hops)->response_headers.items;
    if (!of_hop) headers_release(&message->headers);
    buf_release(&message->body);
    free(message->url);
    vec_each(hop, &message->hops) hop_release(hop);
    vec_release(&message->hops);
    cookies_release(message);
    reading_free(message->reading);
    free(message);
}

static struct view charset_of(const struct message *message)
{
    return html_charset_of(view_of(headers_get(&message->headers, "Content-Type")));
}

static struct reading *reading_of(struct message *message)
{
    if (!message->reading)
        message->reading =
            readings_take(message->readings, buf_view(&message->body), charset_of(message));
    return message->reading;
}

const cJSON *message_json(struct message *message, const char **ret_reason)
{
    return reading_json(reading_of(message), ret_reason);
}

const struct html *message_html(struct message *message, const char **ret_reason)
{
    return reading_html(reading_of(message), ret_reason);
}

bool message_is_too_large(const struct message *message)
{
    return reading_is_too_large(message->reading);
}

void message_media_type(const struct message *message, char *type, size_t size)
{
    struct view rest = view_of(headers_get(&message->headers, "Content-Type"));
    struct view piece = VIEW_NONE;
    (void)view_split(&rest, ';', &piece);
    piece = view_trim(piece);
    if (!size) return;
    if (piece.length >= size) piece.length = size - 1;
    for (size_t i = 0; i < piece.length; i++) {
        type[i] = (char)tolower((unsigned char)piece.data[i]);
    }
    type[piece.length] = '\0';
}

/* A byte order mark outranks the header, as the Encoding Standard has it. */
static struct view without_utf8_mark(struct view body, bool *ret_marked)
{
    *ret_marked = view_starts_with(body, VIEW_LITERAL("\xEF\xBB\xBF"));
    return *ret_marked ? view_from(body, 3) : body;
}

struct view message_text(const struct message *message, struct buf *scratch)
{
    bool marked;
    struct view body = without_utf8_mark(buf_view(&message->body), &marked);
    struct view charset = charset_of(message);
    bool plain = marked || !charset.length || view_is_nocase(charset, "utf-8");
    if (plain && utf8_valid(body)) return body;
    buf_clear(scratch);
    if (!charset.length) charset = VIEW_LITERAL("windows-1252"); /* as browsers do */
    if (!marked && html_decode(body, charset, scratch)) return buf_view(scratch);
    buf_clear(scratch);
    utf8_add_repaired(scratch, body);
    return buf_view(scratch);
}
