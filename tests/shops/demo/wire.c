/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See wire.h. Life of an answer: sent at once, or held by a timer; then either handed to evhttp, or
 * its connection is taken over until the client leaves. While a request waits, evhttp does not read
 * from its connection, so request and connection are sure to live until the timer fires.
 */
#include "wire.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

struct wire {
    struct wires *wires;
    struct evhttp_connection *connection;
    struct bufferevent *stream;
    struct evbuffer *rest; /* what still drips */
    struct event *drip;
    bool close_when_written;
    TAILQ_ENTRY(wire) taken;
};

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {302, "Found"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {415, "Unsupported Type"},
    {422, "Unprocessable"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) return reasons[i].reason;
    }
    return "Unknown";
}

static struct timeval timeval_of_us(int64_t us)
{
    return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

void wires_init(struct wires *wires, struct event_base *base)
{
    wires->base = base;
    TAILQ_INIT(&wires->held);
    TAILQ_INIT(&wires->taken);
    wires->held_count = wires->taken_count = 0;
}

static void wire_free(struct wire *wire)
{
    TAILQ_REMOVE(&wire->wires->taken, wire, taken);
    wire->wires->taken_count--;
    if (wire->drip) event_free(wire->drip);
    if (wire->rest) evbuffer_free(wire->rest);
    free(wire);
}

static void wire_close(struct wire *wire)
{
    struct evhttp_connection *connection = wire->connection;
    wire_free(wire);
    evhttp_connection_free(connection);
}

static void exchange_unhold(struct wires *wires, struct exchange *exchange)
{
    if (!exchange->timer) return;
    TAILQ_REMOVE(&wires->held, exchange, held);
    wires->held_count--;
    event_free(exchange->timer);
    exchange->timer = NULL;
}

void wires_release(struct wires *wires)
{
    for (struct exchange *exchange; (exchange = TAILQ_FIRST(&wires->held));) {
        exchange_unhold(wires, exchange);
        exchange_free(exchange);
    }
    for (struct wire *wire; (wire = TAILQ_FIRST(&wires->taken));) {
        bufferevent_setcb(wire->stream, NULL, NULL, NULL, NULL);
        wire_free(wire);
    }
}

/* A taken-over connection reads only to notice that the client has gone. */
static void on_wire_read(struct bufferevent *stream, void *arg)
{
    (void)arg;
    struct evbuffer *input = bufferevent_get_input(stream);
    evbuffer_drain(input, evbuffer_get_length(input));
}

static void on_wire_written(struct bufferevent *stream, void *arg)
{
    (void)stream;
    struct wire *wire = arg;
    if (wire->close_when_written) wire_close(wire);
}

static void on_wire_event(struct bufferevent *stream, short what, void *arg)
{
    (void)stream;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) wire_close(arg);
}

static struct wire *wire_take(struct wires *wires, struct exchange *exchange)
{
    struct wire *wire = zalloc(1, sizeof *wire);
    wire->wires = wires;
    wire->connection = evhttp_request_get_connection(exchange->request);
    wire->stream = evhttp_connection_get_bufferevent(wire->connection);
    TAILQ_INSERT_TAIL(&wires->taken, wire, taken);
    wires->taken_count++;
    bufferevent_set_timeouts(wire->stream, NULL, NULL);
    bufferevent_setcb(wire->stream, on_wire_read, on_wire_written, on_wire_event, wire);
    bufferevent_enable(wire->stream, EV_READ | EV_WRITE);
    return wire;
}

/* The head as evhttp would write it, with the length of the whole body. */
static void wire_put_head(struct wire *wire, struct exchange *exchange)
{
    struct evbuffer *out = bufferevent_get_output(wire->stream);
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", exchange->status, reason_of(exchange->status));
    struct evkeyval *header;
    TAILQ_FOREACH(header, evhttp_request_get_output_headers(exchange->request), next)
    {
        evbuffer_add_printf(out, "%s: %s\r\n", header->key, header->value);
    }
    evbuffer_add_printf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                        evbuffer_get_length(exchange->body));
}

static void wire_put_half(struct wire *wire, struct exchange *exchange, bool close)
{
    wire_put_head(wire, exchange);
    size_t half = evbuffer_get_length(exchange->body) / 2;
    evbuffer_remove_buffer(exchange->body, bufferevent_get_output(wire->stream), half);
    wire->close_when_written = close;
}

static void wire_put_garbage(struct wire *wire)
{
    static const char garbage[] = "SSH-2.0-shop\r\nthis is no HTTP at all\r\n";
    bufferevent_write(wire->stream, garbage, sizeof garbage - 1);
    wire->close_when_written = true;
}

static void on_drip(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct wire *wire = arg;
    evbuffer_remove_buffer(wire->rest, bufferevent_get_output(wire->stream), 1);
    if (evbuffer_get_length(wire->rest) > 0) return;
    event_del(wire->drip);
    wire->close_when_written = true;
}

static void wire_put_drip(struct wire *wire, struct exchange *exchange)
{
    wire_put_head(wire, exchange);
    wire->rest = exchange->body;
    exchange->body = evbuffer_new();
    if (!exchange->body) abort();
    struct timeval every = timeval_of_us((int64_t)(1e6 / exchange->bytes_per_second));
    wire->drip = event_new(wire->wires->base, -1, EV_PERSIST, on_drip, wire);
    if (!wire->drip || event_add(wire->drip, &every) != 0) abort();
}

static void connection_reset(struct evhttp_connection *connection)
{
    evutil_socket_t fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    /* evhttp shuts its side down before it closes, which would send a FIN first. Dissolving the
     * association sends the RST now. */
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    if (connect(fd, &nobody, sizeof nobody) != 0) perror("shopper-demo-shop: reset");
    evhttp_connection_free(connection);
}

static void reply(struct exchange *exchange)
{
    struct evhttp_request *request = exchange->request;
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        char length[24];
        size_t bytes = evbuffer_get_length(exchange->body);
        snprintf(length, sizeof length, "%zu", bytes);
        exchange_set_header(exchange, "Content-Length", length);
        evbuffer_drain(exchange->body, bytes);
    }
    evhttp_send_reply(request, exchange->status, reason_of(exchange->status), exchange->body);
}

static void deliver(struct wires *wires, struct exchange *exchange)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(exchange->request);
    switch (exchange->ending) {
    case ENDING_REPLY: reply(exchange); break;
    case ENDING_SILENCE: wire_take(wires, exchange); break;
    case ENDING_RESET: connection_reset(connection); break;
    case ENDING_CLOSE: evhttp_connection_free(connection); break;
    case ENDING_HALF_THEN_SILENCE:
        wire_put_half(wire_take(wires, exchange), exchange, false);
        break;
    case ENDING_HALF_THEN_CLOSE: wire_put_half(wire_take(wires, exchange), exchange, true); break;
    case ENDING_DRIP: wire_put_drip(wire_take(wires, exchange), exchange); break;
    case ENDING_GARBAGE: wire_put_garbage(wire_take(wires, exchange)); break;
    }
    exchange_free(exchange);
}

static void on_hold_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct exchange *exchange = arg;
    struct wires *wires = exchange->wires;
    exchange_unhold(wires, exchange);
    deliver(wires, exchange);
}

void wires_send(struct wires *wires, struct exchange *exchange)
{
    if (exchange->hold_ms == 0 && exchange->ending == ENDING_REPLY) {
        deliver(wires, exchange);
        return;
    }
    /* The broken endings wait for the next turn too: evhttp is still on the stack here and must not
     * lose its connection. */
    exchange->wires = wires;
    exchange->timer = event_new(wires->base, -1, 0, on_hold_over, exchange);
    struct timeval hold = timeval_of_us(exchange->hold_ms * 1000);
    if (!exchange->timer || event_add(exchange->timer, &hold) != 0) abort();
    TAILQ_INSERT_TAIL(&wires->held, exchange, held);
    wires->held_count++;
}
