/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the shop and back, one connection for each request. The answer is gathered whole. */
#include "client.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#define FOR_EVER_S 86400 /* patience is the client's business */

void exchange_free(struct exchange *exchange)
{
    struct exchange **link = &exchange->proxy->exchanges;
    while (*link != exchange) link = &(*link)->next;
    *link = exchange->next;
    if (exchange->client) exchange->client->exchange = NULL;
    evhttp_connection_free(exchange->connection);
    free(exchange);
}

static void take_answer(struct evhttp_request *from, struct answer *ret_answer)
{
    const char *reason = evhttp_request_get_response_code_line(from);
    struct evbuffer *body = evhttp_request_get_input_buffer(from);
    *ret_answer = (struct answer){
        .status = evhttp_request_get_response_code(from),
        .reason = must_copy(reason ? reason : "", reason ? strlen(reason) : 0),
        .body_bytes = evbuffer_get_length(body),
    };
    ret_answer->body = must_alloc(ret_answer->body_bytes + 1);
    evbuffer_remove(body, ret_answer->body, ret_answer->body_bytes);
    const struct evkeyval *header;
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(from), next)
    {
        headers_add(&ret_answer->headers, header->key, header->value);
    }
}

static void exchange_end(evutil_socket_t fd, short what, void *exchange)
{
    (void)fd, (void)what;
    exchange_free(exchange);
}

static void upstream_done(struct evhttp_request *request, void *context)
{
    struct exchange *exchange = context;
    struct client *client = exchange->client;
    struct answer answer = {0};
    bool answered = request && evhttp_request_get_response_code(request);
    if (answered) take_answer(request, &answer);
    exchange->client = NULL;
    if (client) client->exchange = NULL;
    /* The connection must not be freed from inside its own callback. */
    event_base_once(exchange->proxy->base, -1, EV_TIMEOUT, exchange_end, exchange, NULL);
    if (client && answered)
        client_answered(client, &answer);
    else if (client)
        client_answer_plainly(client, 502, "text/plain", "the shop does not answer\n");
    answer_release(&answer);
}

static bool method_of(const char *word, enum evhttp_cmd_type *ret_method)
{
    static const struct {
        const char *word;
        enum evhttp_cmd_type method;
    } methods[] = {
        {"GET", EVHTTP_REQ_GET},     {"POST", EVHTTP_REQ_POST},     {"HEAD", EVHTTP_REQ_HEAD},
        {"PUT", EVHTTP_REQ_PUT},     {"DELETE", EVHTTP_REQ_DELETE}, {"OPTIONS", EVHTTP_REQ_OPTIONS},
        {"PATCH", EVHTTP_REQ_PATCH},
    };
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (strcmp(methods[i].word, word)) continue;
        *ret_method = methods[i].method;
        return true;
    }
    return false;
}

static struct exchange *exchange_new(struct client *client)
{
    struct proxy *proxy = client->proxy;
    struct exchange *exchange = must_alloc(sizeof(*exchange));
    exchange->proxy = proxy;
    exchange->client = client;
    client->exchange = exchange;
    exchange->next = proxy->exchanges;
    proxy->exchanges = exchange;
    exchange->connection = evhttp_connection_base_bufferevent_new(
        proxy->base, NULL, NULL, proxy->upstream_host, proxy->upstream_port);
    if (!exchange->connection) abort();
    evhttp_connection_set_timeout(exchange->connection, FOR_EVER_S);
    evhttp_connection_set_max_headers_size(exchange->connection, WIRE_MAX_HEAD_BYTES);
    evhttp_connection_set_max_body_size(exchange->connection, WIRE_MAX_BODY_BYTES);
    return exchange;
}

void upstream_forward(struct client *client)
{
    const struct request *request = &client->request;
    enum evhttp_cmd_type method;
    if (!method_of(request->method, &method)) {
        client_answer_plainly(client, 405, "text/plain", "the proxy does not know this method\n");
        return;
    }
    struct exchange *exchange = exchange_new(client);
    struct evhttp_request *forwarded = evhttp_request_new(upstream_done, exchange);
    if (!forwarded) abort();
    struct evkeyvalq *headers = evhttp_request_get_output_headers(forwarded);
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct header *header = &request->headers.items[i];
        if (header_is_hop_by_hop(header->name) || !strcasecmp(header->name, "Expect")) continue;
        evhttp_add_header(headers, header->name, header->value);
    }
    evhttp_add_header(headers, "Connection", "close");
    evbuffer_add(evhttp_request_get_output_buffer(forwarded), request->body, request->body_bytes);
    /* A refused connection is told from the loop, never from in here. */
    evhttp_make_request(exchange->connection, forwarded, method, request->target);
}
