/* SPDX-License-Identifier: Apache-2.0 */
/* One connected client: its requests, and how their answers reach it or do not. See proxy.h for the
 * life of an exchange. */
#include "client.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* --- Life */

static void client_drop_exchange(struct client *client)
{
    event_del(client->timer);
    fault_plan_release(&client->plan);
    request_release(&client->request);
    answer_release(&client->answer);
    client->sent_bytes = 0;
    client->continued = false;
    client->busy = false;
}

void client_free(struct client *client)
{
    struct client **link = &client->proxy->clients;
    while (*link != client) link = &(*link)->next;
    *link = client->next;
    if (client->exchange) client->exchange->client = NULL;
    client_drop_exchange(client);
    event_free(client->timer);
    bufferevent_free(client->connection);
    free(client);
}

/* Closing with a zero linger time sends RST instead of FIN. */
static void client_reset(struct client *client)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(bufferevent_getfd(client->connection), SOL_SOCKET, SO_LINGER, &at_once,
               sizeof(at_once));
    client_free(client);
}

static void client_finish(struct client *client)
{
    bool keep = client->request.keep_alive;
    client_drop_exchange(client);
    if (!keep) {
        client->closing = true;
        if (!evbuffer_get_length(bufferevent_get_output(client->connection))) client_free(client);
        return;
    }
    /* The next request may be here already; its turn comes from the loop, not from in here. */
    bufferevent_trigger(client->connection, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

/* --- Answers */

static void client_wait(struct client *client, int64_t delay_us)
{
    struct timeval delay = {.tv_sec = delay_us / 1000000, .tv_usec = delay_us % 1000000};
    event_add(client->timer, &delay);
}

static void client_send_head(struct client *client)
{
    answer_write_head(&client->answer, &client->request,
                      bufferevent_get_output(client->connection));
    if (!answer_has_body(&client->answer, client->request.method)) client->answer.body_bytes = 0;
}

static void client_send_bytes(struct client *client, size_t most)
{
    size_t left = client->answer.body_bytes - client->sent_bytes;
    size_t bytes = left < most ? left : most;
    bufferevent_write(client->connection, client->answer.body + client->sent_bytes, bytes);
    client->sent_bytes += bytes;
}

static void client_drip(struct client *client, const struct fault *drip)
{
    client_send_bytes(client, fault_piece_bytes(drip));
    if (client->sent_bytes < client->answer.body_bytes)
        client_wait(client, fault_delay_us(drip));
    else
        client_finish(client);
}

static void client_send(struct client *client)
{
    client_send_head(client);
    const struct fault *drip = fault_plan_find(&client->plan, FAULT_DRIP);
    if (fault_plan_find(&client->plan, FAULT_FREEZE_BODY)) {
        client_send_bytes(client, client->answer.body_bytes / 2);
        return; /* and never more: the client ends it */
    }
    if (drip) {
        client_drip(client, drip);
        return;
    }
    client_send_bytes(client, client->answer.body_bytes);
    client_finish(client);
}

static void client_timer(int fd, short what, void *context)
{
    struct client *client = context;
    (void)fd, (void)what;
    const struct fault *drip = fault_plan_find(&client->plan, FAULT_DRIP);
    if (drip && client->sent_bytes)
        client_drip(client, drip);
    else
        client_send(client);
}

void client_answered(struct client *client, struct answer *answer)
{
    client->answer = *answer;
    *answer = (struct answer){0};
    if (fault_plan_find(&client->plan, FAULT_FREEZE)) return;
    if (fault_plan_find(&client->plan, FAULT_LOST_REPLY)) {
        client_free(client);
        return;
    }
    fault_replace(&client->plan, &client->answer);
    const struct fault *delay = fault_plan_find(&client->plan, FAULT_DELAY);
    if (delay)
        client_wait(client, fault_delay_us(delay));
    else
        client_send(client);
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {411, "Length Required"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
        if (reasons[i].status == status) return reasons[i].reason;
    }
    return "As Ordered";
}

void client_answer_plainly(struct client *client, int status, const char *type, const char *text)
{
    const char *reason = reason_of(status);
    answer_release(&client->answer);
    client->answer.status = status;
    client->answer.reason = must_copy(reason, strlen(reason));
    client->answer.body = must_copy(text, strlen(text));
    client->answer.body_bytes = strlen(text);
    if (type) headers_add(&client->answer.headers, "Content-Type", type);
    client_send(client);
}

/* --- Requests */

static void client_serve(struct client *client)
{
    client->busy = true;
    if (!strcmp(client->request.path, CONTROL_PATH)) {
        control_serve(client);
        return;
    }
    fault_plan_make(&client->plan, &client->proxy->faults, &client->request);
    const struct fault *status = fault_plan_find(&client->plan, FAULT_STATUS);
    if (fault_plan_find(&client->plan, FAULT_RESET)) {
        client_reset(client);
    } else if (status) {
        client_answer_plainly(client, fault_status(status), "text/plain", fault_text(status));
    } else {
        fault_strip_headers(&client->plan, &client->request);
        upstream_forward(client);
    }
}

/* What came is no request that can be served; there is no telling where the next one begins. */
static void client_refuse(struct client *client, int status)
{
    if (!client->request.method) client->request.method = must_copy("GET", 3);
    client->request.keep_alive = false;
    client->busy = true;
    client_answer_plainly(client, status, "text/plain", "");
}

static void client_read(struct bufferevent *connection, void *context)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct client *client = context;
    if (client->busy || client->closing) return;
    switch (request_read(bufferevent_get_input(connection), &client->request)) {
    case WIRE_WHOLE: client_serve(client); return;
    case WIRE_BAD: client_refuse(client, 400); return;
    case WIRE_LENGTH: client_refuse(client, 411); return;
    case WIRE_EXPECTS:
        if (!client->continued) bufferevent_write(connection, go_on, sizeof(go_on) - 1);
        client->continued = true;
        break;
    case WIRE_MORE: break;
    }
    request_release(&client->request);
}

static void client_written(struct bufferevent *connection, void *context)
{
    struct client *client = context;
    (void)connection;
    if (client->closing) client_free(client);
}

static void client_event(struct bufferevent *connection, short what, void *context)
{
    (void)connection;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) client_free(context);
}

void client_new(struct proxy *proxy, int fd)
{
    struct client *client = must_alloc(sizeof(*client));
    client->proxy = proxy;
    client->next = proxy->clients;
    proxy->clients = client;
    client->timer = evtimer_new(proxy->base, client_timer, client);
    client->connection = bufferevent_socket_new(proxy->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!client->timer || !client->connection) abort();
    bufferevent_setcb(client->connection, client_read, client_written, client_event, client);
    bufferevent_enable(client->connection, EV_READ | EV_WRITE);
}
