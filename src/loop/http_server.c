/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See http_server.h. evhttp owns its connections and tells nobody when they end, so each one's
 * bufferevent is held by a reference of ours: once evhttp has let go of it, it has no callbacks any
 * more, and the sweep drops it. The same sweep ends connections whose request does not come.
 */
#include "loop/http_server.h"

#include "base/codec.h"
#include "base/vec.h"
#include "loop/http_gate.h"
#include "loop/internal.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#define SWEEP_MOST_US (1 * US_PER_SECOND)
#define STREAM_BACKLOG_BYTES ((size_t)256 << 10)

struct connection {
    struct bufferevent *bufferevent; /* a reference */
    struct http_gate *gate;          /* before it */
    int64_t since_us;                /* of the last answer, or of the beginning */
    bool busy;                       /* a call is under way */
    bool ending;                     /* it was told to */
};

struct pending { /* a call and what evhttp knows of it */
    struct http_call call;
    struct http_server *server;
    struct evhttp_request *request;
    struct bufferevent *bufferevent; /* of its connection, which holds it; NULL: it is gone */
    bool watched, client_left;
    void (*gone)(void *context);
    void *gone_context;
    struct deferred gone_call;
};

struct http_server {
    struct http_server_settings settings;
    struct loop *loop;
    struct evhttp *evhttp;
    struct evconnlistener *listener;
    bool accepting;
    int port;
    VEC(struct connection) connections;
    VEC(struct pending *) pending;
    struct timer sweep;
    int64_t sweep_us; /* between two of them */
};

/* --- Connections */

static bool let_go(struct bufferevent *bufferevent)
{
    bufferevent_data_cb read = NULL, write = NULL;
    bufferevent_event_cb event = NULL;
    bufferevent_getcb(bufferevent, &read, &write, &event, NULL);
    return !read && !write && !event;
}

/* The one that has said nothing for longest; NULL: all are busy. */
static struct connection *longest_idle(struct http_server *server)
{
    struct connection *found = NULL;
    vec_each(connection, &server->connections) {
        if (connection->busy || connection->ending || let_go(connection->bufferevent)) continue;
        if (!found || connection->since_us < found->since_us) found = connection;
    }
    return found;
}

static size_t count_staying(const struct http_server *server)
{
    size_t count = 0;
    vec_each(connection, &server->connections) count += !connection->ending;
    return count;
}

/* On a later turn, evhttp closes it as it does any that was silent for too long. */
static void connection_end(struct connection *connection)
{
    connection->ending = true;
    bufferevent_trigger_event(connection->bufferevent, BEV_EVENT_TIMEOUT | BEV_EVENT_READING,
                              BEV_OPT_DEFER_CALLBACKS);
}

/* Whoever comes takes the place of who says nothing. */
static void accept_as_room_is(struct http_server *server)
{
    bool room = count_staying(server) < server->settings.connections || longest_idle(server);
    if (room == server->accepting) return;
    server->accepting = room;
    if (room)
        evconnlistener_enable(server->listener);
    else
        evconnlistener_disable(server->listener);
}

static void connection_release(struct connection *connection)
{
    http_gate_free(connection->gate);
    bufferevent_decref(connection->bufferevent);
}

static void drop_ended(struct http_server *server)
{
    size_t kept = 0;
    for (size_t i = 0; i < server->connections.count; i++) {
        struct connection *connection = &server->connections.items[i];
        if (let_go(connection->bufferevent))
            connection_release(connection);
        else
            server->connections.items[kept++] = *connection;
    }
    server->connections.count = kept;
    accept_as_room_is(server);
}

static struct bufferevent *connection_begin(struct event_base *base, void *context)
{
    struct http_server *server = context;
    const struct http_gate_limits limits = {.header_bytes = server->settings.header_bytes,
                                            .body_bytes = server->settings.body_bytes,
                                            .headers = server->settings.headers};
    drop_ended(server);
    struct connection *idle =
        count_staying(server) < server->settings.connections ? NULL : longest_idle(server);
    if (idle) connection_end(idle);
    struct bufferevent *bufferevent = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!bufferevent) return NULL;
    bufferevent_incref(bufferevent);
    vec_push(&server->connections, ((struct connection){.bufferevent = bufferevent,
                                                        .gate = http_gate_new(bufferevent, &limits),
                                                        .since_us = loop_now_us(server->loop)}));
    accept_as_room_is(server);
    return bufferevent;
}

static struct connection *connection_of(struct http_server *server,
                                        const struct bufferevent *bufferevent)
{
    vec_each(connection, &server->connections) {
        if (connection->bufferevent == bufferevent) return connection;
    }
    return NULL;
}

/* evhttp reads nothing while a call is under way, so that it does not notice. */
static bool has_hung_up(struct bufferevent *bufferevent)
{
    struct pollfd look = {.fd = bufferevent_getfd(bufferevent), .events = POLLRDHUP};
    return look.fd >= 0 && poll(&look, 1, 0) == 1 && (look.revents & ~POLLNVAL);
}

static void look_for_gone(struct http_server *server)
{
    vec_each(one, &server->pending) {
        struct pending *pending = *one;
        if (pending->watched && pending->bufferevent && has_hung_up(pending->bufferevent))
            deferred_queue(&pending->gone_call);
    }
}

static void sweep(void *context)
{
    struct http_server *server = context;
    int64_t now_us = loop_now_us(server->loop);
    look_for_gone(server);
    vec_each(connection, &server->connections) {
        if (connection->busy || now_us - connection->since_us < server->settings.idle_us) continue;
        if (let_go(connection->bufferevent)) continue;
        connection_end(connection);
        connection->since_us = now_us;
    }
    drop_ended(server);
    timer_set(&server->sweep, now_us + server->sweep_us);
}

/* --- Calls */

static struct pending *pending_of(const struct http_call *call)
{
    /* The call is its first member. */
    return __extension__({
        union {
            const struct http_call *call;
            struct pending *pending;
        } same = {call};
        same.pending;
    });
}

static void pending_free(struct pending *pending)
{
    struct http_server *server = pending->server;
    for (size_t i = 0; i < server->pending.count; i++) {
        if (server->pending.items[i] != pending) continue;
        server->pending.items[i] = *vec_last(&server->pending);
        (void)vec_pop(&server->pending);
        break;
    }
    deferred_cancel(&pending->gone_call);
    free(pending);
}

static enum http_method method_of(enum evhttp_cmd_type command)
{
    static const struct {
        enum evhttp_cmd_type command;
        enum http_method method;
    } methods[] = {{EVHTTP_REQ_GET, HTTP_GET},
                   {EVHTTP_REQ_HEAD, HTTP_HEAD},
                   {EVHTTP_REQ_POST, HTTP_POST},
                   {EVHTTP_REQ_DELETE, HTTP_DELETE},
                   {EVHTTP_REQ_OPTIONS, HTTP_OPTIONS}};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (methods[i].command == command) return methods[i].method;
    }
    return HTTP_OTHER;
}

static bool is_port(struct view text)
{
    if (!text.length) return true;
    if (text.data[0] != ':' || text.length > 6) return false;
    for (size_t i = 1; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    }
    return true;
}

/* The name in a Host header: without the port, and without the brackets of IPv6. */
static bool host_name(const char *host, char *name, size_t size)
{
    struct view rest = view_trim(view_of(host)), found;
    if (view_starts_with(rest, VIEW_LITERAL("["))) {
        size_t end = view_find_char(rest, ']');
        if (end == SIZE_MAX) return false;
        found = view_slice(rest, 1, end - 1);
        rest = view_from(rest, end + 1);
    } else {
        found = view_slice(rest, 0, view_find_char(rest, ':'));
        rest = view_from(rest, found.length);
    }
    if (!found.length || found.length >= size || !is_port(rest)) return false;
    memcpy(name, found.data, found.length);
    name[found.length] = '\0';
    return true;
}

static bool host_is_allowed(const struct http_server *server, const char *host)
{
    char name[256];
    unsigned char address[16];
    if (!host_name(host, name, sizeof name)) return false;
    if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
        return true;
    if (view_is_nocase(view_of(name), "localhost")) return true;
    for (const char *const *one = server->settings.hosts; one && *one; one++) {
        if (view_is_nocase(view_of(name), *one)) return true;
    }
    return false;
}

static void refuse(struct http_call *call, int status, const char *why)
{
    if (call->refused) return;
    call->refused = status;
    call->refused_why = why;
}

static void look_at_host(struct pending *pending)
{
    const char *host = http_call_header(&pending->call, "Host");
    if (host && !host_is_allowed(pending->server, host))
        refuse(&pending->call, 421,
               "the Host header bears a name that this server does not answer to");
}

static void look_at_request(struct pending *pending)
{
    struct http_call *call = &pending->call;
    const char *uri = evhttp_request_get_uri(pending->request);
    struct view target = view_of(uri ? uri : "");
    const struct http_refusal *refusal = http_gate_refusal(target);
    if (refusal) {
        refuse(call, refusal->status, refusal->why);
        return;
    }
    size_t mark = view_find_char(target, '?');
    call->path = view_slice(target, 0, mark);
    call->query = mark == SIZE_MAX ? VIEW_NONE : view_from(target, mark + 1);
    call->method = method_of(evhttp_request_get_command(pending->request));
    struct evbuffer *body = evhttp_request_get_input_buffer(pending->request);
    size_t length = evbuffer_get_length(body);
    if (length) call->body = (struct view){(const char *)evbuffer_pullup(body, -1), length};
    look_at_host(pending);
}

static void told_gone(void *context)
{
    struct pending *pending = context;
    pending->watched = false;
    if (pending->gone) pending->gone(pending->gone_context);
}

static void connection_closed(struct evhttp_connection *evcon, void *context)
{
    struct http_server *server = context;
    const struct bufferevent *bufferevent = evhttp_connection_get_bufferevent(evcon);
    vec_each(one, &server->pending) {
        struct pending *pending = *one;
        if (pending->bufferevent != bufferevent) continue;
        pending->client_left = true;
        pending->bufferevent = NULL;
        if (pending->watched) deferred_queue(&pending->gone_call);
    }
}

static void request_arrived(struct evhttp_request *request, void *context)
{
    struct http_server *server = context;
    struct evhttp_connection *evcon = evhttp_request_get_connection(request);
    struct pending *pending = NEW(struct pending);
    pending->server = server;
    pending->request = request;
    pending->bufferevent = evhttp_connection_get_bufferevent(evcon);
    deferred_init(&pending->gone_call, server->loop, told_gone, pending);
    vec_push(&server->pending, pending);
    evhttp_connection_set_closecb(evcon, connection_closed, server);
    struct connection *connection = connection_of(server, pending->bufferevent);
    if (connection) {
        connection->busy = true;
        connection->ending = false;
    }
    look_at_request(pending);
    loop_enter(server->loop);
    server->settings.called(server->settings.context, &pending->call);
    loop_leave(server->loop);
}

const char *http_call_header(const struct http_call *call, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(pending_of(call)->request), name);
}

enum http_parameter http_call_parameter(const struct http_call *call, const char *name,
                                        struct buf *value)
{
    struct view rest = call->query, piece;
    size_t from = value->length;
    while (view_split(&rest, '&', &piece)) {
        size_t equals = view_find_char(piece, '=');
        AUTO_BUF key = BUF_INIT(256);
        if (!codec_add_percent_decoded(&key, view_slice(piece, 0, equals), true)) continue;
        if (!view_is(buf_view(&key), name)) continue;
        struct view raw = equals == SIZE_MAX ? VIEW_NONE : view_from(piece, equals + 1);
        bool good = codec_add_percent_decoded(value, raw, true) &&
                    view_find_char(view_from(buf_view(value), from), '\0') == SIZE_MAX;
        return good ? HTTP_PARAMETER_GIVEN : HTTP_PARAMETER_BROKEN;
    }
    return HTTP_PARAMETER_ABSENT;
}

/* --- Answers */

static void add_headers(struct pending *pending, const struct http_reply_header *headers)
{
    struct evkeyvalq *output = evhttp_request_get_output_headers(pending->request);
    for (; headers && headers->name; headers++)
        (void)evhttp_add_header(output, headers->name, headers->value); /* refuses line ends */
}

/* The connection waits for its next request from now on. */
static void answered(struct pending *pending)
{
    struct connection *connection =
        pending->bufferevent ? connection_of(pending->server, pending->bufferevent) : NULL;
    if (!connection) return;
    connection->busy = false;
    connection->since_us = loop_now_us(pending->server->loop);
}

void http_reply(struct http_call *call, int status, const struct http_reply_header *headers,
                struct view body)
{
    struct pending *pending = pending_of(call);
    char length[24];
    snprintf(length, sizeof length, "%zu", body.length);
    add_headers(pending, headers);
    if (status != 204 && status != 304)
        add_headers(pending, (const struct http_reply_header[]){{"Content-Length", length}, {0}});
    struct evbuffer *buffer = evbuffer_new();
    ASSERT(buffer);
    if (call->method != HTTP_HEAD && body.length) evbuffer_add(buffer, body.data, body.length);
    answered(pending);
    struct evhttp_request *request = pending->request;
    pending_free(pending);
    evhttp_send_reply(request, status, http_status_words(status), buffer);
    evbuffer_free(buffer);
}

void http_call_watch(struct http_call *call, void (*gone)(void *context), void *context)
{
    struct pending *pending = pending_of(call);
    pending->watched = true;
    pending->gone = gone;
    pending->gone_context = context;
    if (pending->client_left) deferred_queue(&pending->gone_call);
}

void http_stream_begin(struct http_call *call, const struct http_reply_header *headers,
                       void (*gone)(void *context), void *context)
{
    struct pending *pending = pending_of(call);
    http_call_watch(call, gone, context);
    add_headers(pending, headers);
    evhttp_send_reply_start(pending->request, 200, http_status_words(200));
}

bool http_stream_send(struct http_call *call, struct view bytes)
{
    struct pending *pending = pending_of(call);
    struct evhttp_connection *evcon =
        pending->client_left ? NULL : evhttp_request_get_connection(pending->request);
    if (!evcon) return false;
    struct bufferevent *bufferevent = evhttp_connection_get_bufferevent(evcon);
    if (evbuffer_get_length(bufferevent_get_output(bufferevent)) > STREAM_BACKLOG_BYTES)
        return false;
    struct evbuffer *buffer = evbuffer_new();
    ASSERT(buffer);
    evbuffer_add(buffer, bytes.data, bytes.length);
    evhttp_send_reply_chunk(pending->request, buffer);
    evbuffer_free(buffer);
    return true;
}

void http_stream_end(struct http_call *call)
{
    struct pending *pending = pending_of(call);
    struct evhttp_request *request = pending->request;
    answered(pending);
    pending_free(pending);
    evhttp_send_reply_end(request);
}

const char *http_status_words(int status)
{
    static const struct {
        int status;
        const char *words;
    } table[] = {{200, "OK"},
                 {201, "Created"},
                 {204, "No Content"},
                 {304, "Not Modified"},
                 {400, "Bad Request"},
                 {401, "Unauthorized"},
                 {403, "Forbidden"},
                 {404, "Not Found"},
                 {405, "Method Not Allowed"},
                 {406, "Not Acceptable"},
                 {409, "Conflict"},
                 {411, "Length Required"},
                 {413, "Content Too Large"},
                 {415, "Unsupported Media Type"},
                 {417, "Expectation Failed"},
                 {421, "Misdirected Request"},
                 {422, "Unprocessable Content"},
                 {429, "Too Many Requests"},
                 {431, "Request Header Fields Too Large"},
                 {500, "Internal Server Error"},
                 {501, "Not Implemented"},
                 {503, "Service Unavailable"},
                 {504, "Gateway Timeout"},
                 {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].status == status) return table[i].words;
    }
    return "";
}

/* --- Life */

static bool listen_on(struct http_server *server, struct error *error)
{
    const struct http_server_settings *settings = &server->settings;
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(
        server->evhttp, settings->address, (ev_uint16_t)settings->port);
    if (!bound)
        return error_set(error, "cannot listen on %s, port %d: %s", settings->address,
                         settings->port, strerror(errno));
    server->listener = evhttp_bound_socket_get_listener(bound);
    server->accepting = true;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } name = {.v6 = {0}};
    socklen_t length = sizeof name;
    if (getsockname(evhttp_bound_socket_get_fd(bound), &name.any, &length) != 0)
        return error_set(error, "cannot listen: %s", strerror(errno));
    server->port = ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port : name.v4.sin_port);
    return true;
}

struct http_server *http_server_new(struct loop *loop, const struct http_server_settings *settings,
                                    struct error *error)
{
    struct http_server *server = NEW(struct http_server);
    server->settings = *settings;
    server->loop = loop;
    server->sweep_us =
        settings->idle_us / 4 < SWEEP_MOST_US ? settings->idle_us / 4 : SWEEP_MOST_US;
    server->evhttp = evhttp_new(loop->base);
    ASSERT(server->evhttp);
    timer_init(&server->sweep, loop, sweep, server);
    evhttp_set_bevcb(server->evhttp, connection_begin, server);
    evhttp_set_gencb(server->evhttp, request_arrived, server);
    evhttp_set_default_content_type(server->evhttp, NULL);
    evhttp_set_max_headers_size(server->evhttp, (ev_ssize_t)settings->header_bytes);
    evhttp_set_max_body_size(server->evhttp, (ev_ssize_t)settings->body_bytes);
    evhttp_set_allowed_methods(server->evhttp, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                                   EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
                                                   EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH |
                                                   EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT);
    /* Who does not read what is sent; the rest of the limits on time is the sweep's. */
    evhttp_set_timeout_tv(server->evhttp, &(struct timeval){settings->idle_us / US_PER_SECOND,
                                                            settings->idle_us % US_PER_SECOND});
    /* evhttp writes to clients that have gone, and the answer to that must not be death. */
    signal(SIGPIPE, SIG_IGN);
    loop->watches_set++; /* the listener keeps the loop running */
    if (!listen_on(server, error)) {
        http_server_free(server);
        return NULL;
    }
    timer_set(&server->sweep, loop_now_us(loop) + server->sweep_us);
    return server;
}

void http_server_free(struct http_server *server)
{
    if (!server) return;
    timer_cancel(&server->sweep);
    while (server->pending.count) {
        struct pending *pending = *vec_last(&server->pending);
        struct evhttp_request *request = pending->client_left ? pending->request : NULL;
        pending_free(pending);
        /* Without a connection it is ours alone; ending its answer frees it. */
        if (request) evhttp_send_reply_end(request);
    }
    evhttp_free(server->evhttp);
    vec_each(connection, &server->connections) connection_release(connection);
    vec_release(&server->connections);
    vec_release(&server->pending);
    server->loop->watches_set--;
    free(server);
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}
