/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What curl hands over while a hop is under way, and the bounds on it. Runs inside curl: it only
 * takes notes, and breaks the transfer off by refusing bytes.
 */
#include "http/internal.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>

enum {
    REFUSED = 0,
    LARGE_BODY = 64 << 10 /* more than leaves at once */
};

/* "HTTP/1.1 200 OK", "HTTP/2 200": a new block of headers, and what stood before was a 1xx. */
static void take_status(struct http_exchange *exchange, struct hop *hop, struct view line)
{
    headers_release(&hop->response_headers);
    hop->status = 0;
    hop->http_version = 0;
    exchange->encoded = false;
    size_t at = sizeof("HTTP/") - 1;
    if (at < line.length && isdigit((unsigned char)line.data[at]))
        hop->http_version = (line.data[at++] - '0') * 10;
    if (at + 1 < line.length && line.data[at] == '.' && isdigit((unsigned char)line.data[at + 1]))
        hop->http_version += line.data[at + 1] - '0';
    at = view_find_char(line, ' ');
    if (at == SIZE_MAX) return;
    for (at++; at < line.length && isdigit((unsigned char)line.data[at]) && hop->status < 1000;
         at++)
        hop->status = hop->status * 10 + (line.data[at] - '0');
}

/* A continued line (RFC 9112, section 5.2): one space stands for the fold. */
static void take_fold(struct headers *headers, struct view more)
{
    if (!headers->count) return;
    struct header last = vec_pop(headers);
    more = view_trim(more);
    AUTO_FREE char *joined = xasprintf("%s %.*s", last.value, VIEW_PRINTF(more));
    headers_add(headers, view_of(last.name), view_of(joined));
}

static void take_line(struct http_exchange *exchange, struct hop *hop, struct view line)
{
    if (line.data[0] == ' ' || line.data[0] == '\t') {
        take_fold(&hop->response_headers, line);
        return;
    }
    size_t colon = view_find_char(line, ':');
    if (colon == SIZE_MAX) return;
    if (colon == sizeof "Content-Encoding" - 1 && !exchange->headers_over &&
        view_starts_with_nocase(line, VIEW_LITERAL("Content-Encoding")))
        exchange->encoded = true;
    headers_add(&hop->response_headers, view_slice(line, 0, colon), view_from(line, colon + 1));
}

/* As browsers, we know but one. */
static char *transfer_fault(const char *codings)
{
    struct view rest = view_of(codings), name;
    while (view_split(&rest, ',', &name)) {
        name = view_trim(name);
        if (name.length && !view_is_nocase(name, "chunked") && !view_is_nocase(name, "identity"))
            return xasprintf("the answer is broken: its transfer encoding '%s' is not known",
                             codings);
    }
    return NULL;
}

/* curl reads a length of "12abc" as 12; a browser refuses. NULL: nothing is wrong. Every answer
 * comes by here, and few of its headers have such names. */
static char *framing_fault(const struct headers *headers)
{
    const char *length = NULL, *other = NULL;
    vec_each(header, headers) {
        char first = (char)(header->name[0] | 0x20);
        if (first == 't' && !strcasecmp(header->name, "Transfer-Encoding"))
            return transfer_fault(header->value);
        if (first != 'c' || strcasecmp(header->name, "Content-Length") != 0) continue;
        if (!length)
            length = header->value;
        else if (strcmp(length, header->value) != 0)
            other = header->value;
    }
    if (other)
        return xasprintf("there are two lengths: Content-Length '%s' and '%s'", length, other);
    if (length && (!*length || length[strspn(length, "0123456789")]))
        return xasprintf("the Content-Length is no number: '%s'", length);
    return NULL;
}

static void note_progress(struct http_exchange *exchange)
{
    int64_t at_us = exchange->session->client->event_us; /* it may be of before */
    if (exchange->progressed_us < at_us) exchange->progressed_us = at_us;
}

static bool take_end_of_headers(struct http_exchange *exchange, const struct hop *hop)
{
    if (hop->status < 200 || exchange->headers_over) return true;
    exchange->headers_over = true;
    note_progress(exchange);
    if (exchange->url.scheme[4] == 's') tls_read_certificate(exchange->session);
    char *fault = framing_fault(&hop->response_headers);
    if (fault) exchange_found(exchange, OUTCOME_PROTOCOL, fault);
    return !fault;
}

/* curl may find the answer in the same call that sent the request, before any event tells of it. */
static void note_first_byte(struct http_exchange *exchange)
{
    const struct curl_client *client = exchange->session->client;
    int64_t at_us = client->first_event_us;
    if (at_us < exchange->sent_us) at_us = loop_now_us(client->loop);
    exchange->first_byte_us = at_us;
    if (exchange->moved_us < at_us) exchange->moved_us = at_us;
}

static bool is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

static size_t header_came(char *data, size_t size, size_t count, void *context)
{
    struct http_session *session = context;
    struct http_exchange *exchange = session->exchange;
    struct hop *hop = hop_current(exchange);
    size_t length = size * count;
    if (!exchange->first_byte_us) note_first_byte(exchange);
    exchange->header_bytes += length;
    if (exchange->header_bytes > HTTP_MAX_HEADER_BYTES ||
        ++exchange->header_count > HTTP_MAX_HEADERS) {
        exchange_found(exchange, OUTCOME_TOO_LARGE,
                       xasprintf("the answer's headers pass %zu bytes or %d lines",
                                 HTTP_MAX_HEADER_BYTES, HTTP_MAX_HEADERS));
        return REFUSED;
    }
    struct view line = {data, length};
    while (line.length && is_line_end(line.data[line.length - 1])) line.length--;
    if (!line.length) return take_end_of_headers(exchange, hop) ? length : REFUSED;
    if (!exchange->headers_over && view_starts_with_nocase(line, VIEW_LITERAL("HTTP/")))
        take_status(exchange, hop, line);
    else
        take_line(exchange, hop, line);
    return length;
}

static void found_too_large(struct http_exchange *exchange)
{
    size_t limit = exchange->request.max_body_bytes;
    exchange_compare(exchange, xasprintf("at most %zu bytes", limit), xstrdup("more"));
    exchange_found(exchange, OUTCOME_TOO_LARGE,
                   xasprintf("the body is larger than %zu bytes", limit));
}

static bool decode(struct http_exchange *exchange, struct view bytes)
{
    if (!exchange->decoder)
        exchange->decoder = decoder_new(&hop_current(exchange)->response_headers,
                                        &exchange->message->body, exchange->request.max_body_bytes);
    switch (decoder_push(exchange->decoder, bytes)) {
    case DECODED: return true;
    case DECODED_TOO_MUCH: found_too_large(exchange); break;
    case DECODED_BROKEN:
        exchange_found(exchange, OUTCOME_PROTOCOL, xstrdup(decoder_fault(exchange->decoder)));
        break;
    }
    return false;
}

static size_t body_came(char *data, size_t size, size_t count, void *context)
{
    struct http_exchange *exchange = ((struct http_session *)context)->exchange;
    size_t length = size * count;
    note_progress(exchange);
    if (exchange->encoded) return decode(exchange, (struct view){data, length}) ? length : REFUSED;
    if (buf_add(&exchange->message->body, data, length)) return length;
    found_too_large(exchange);
    return REFUSED;
}

static bool is_idempotent(const char *method) /* RFC 9110, section 9.2.2 */
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if (!strcmp(method, methods[i])) return true;
    return false;
}

/* A connection that was kept was made for another request. */
static void note_peer(struct http_exchange *exchange)
{
    long port = 0;
    if (!exchange->session->knows_proxy) return;
    curl_easy_getinfo(exchange->session->easy, CURLINFO_PRIMARY_PORT, &port);
    exchange->by_proxy = proxy_is_peer(exchange->session, (int)port);
}

/* The connection stands and the request is about to leave. curl comes here again when a kept
 * connection turned out to be dead and it wants to send anew: never an order twice. */
static int request_leaves(void *context, char *remote_address, char *local_address, int remote_port,
                          int local_port)
{
    struct http_session *session = context;
    struct http_exchange *exchange = session->exchange;
    struct hop *hop = hop_current(exchange);
    (void)local_address;
    (void)remote_port;
    (void)local_port;
    if (exchange->attempts++ && !is_idempotent(hop->method)) {
        exchange_compare(exchange, xstrdup("a whole answer"), xstrdup("nothing"));
        exchange_found(exchange, OUTCOME_RESET,
                       xasprintf("the kept connection was closed without an answer, and a %s is "
                                 "not sent twice",
                                 hop->method));
        return CURL_PREREQFUNC_ABORT;
    }
    note_peer(exchange);
    view_copy(view_of(remote_address), hop->remote_address, sizeof hop->remote_address);
    exchange->request_sent = true;
    exchange->sent_us = exchange->moved_us = exchange->progressed_us =
        loop_now_us(session->client->loop);
    exchange->first_byte_us = 0;
    exchange->unsent = exchange->has_body && hop->request_body.length > LARGE_BODY ? INT_MAX : 0;
    return CURL_PREREQFUNC_OK;
}

void receive_setup(struct http_session *session)
{
    CURL *easy = session->easy;
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_came);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, session);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_came);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, session);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, request_leaves);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, session);
}
