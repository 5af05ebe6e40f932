/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between curl's multi socket interface and the loop: curl says which descriptors and which timer
 * it wants watched, and is told what happened to them.
 *
 * Nothing of a caller's runs inside curl: exchanges that ended are taken off the multi handle
 * after curl_multi_socket_action has returned, and their `done` waits for another turn.
 */
#include "http/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void drain(struct curl_client *client)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(client->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code = message->data.result; /* the message dies with the handle's removal */
        struct http_session *session = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&session);
        ASSERT(session && session->exchange);
        hop_ended(session->exchange, code);
    }
}

static void act(struct curl_client *client, curl_socket_t descriptor, int what)
{
    int running;
    curl_multi_socket_action(client->multi, descriptor, what, &running);
    drain(client);
}

static void time_is_up(void *context)
{
    struct curl_client *client = context;
    timer_cancel(&client->timer);
    deferred_cancel(&client->kick);
    if (arrival_look_first(client)) {
        deferred_queue(&client->kick);
        return;
    }
    client->event_us = client->first_event_us = loop_now_us(client->loop);
    act(client, CURL_SOCKET_TIMEOUT, 0);
}

static int timer_wanted(CURLM *multi, long timeout_ms, void *context)
{
    struct curl_client *client = context;
    (void)multi;
    timer_cancel(&client->timer);
    deferred_cancel(&client->kick);
    if (timeout_ms == 0)
        deferred_queue(&client->kick);
    else if (timeout_ms > 0)
        timer_set(&client->timer, loop_now_us(client->loop) + timeout_ms * US_PER_MS);
    return 0;
}

/* When curl sends the last of a request whose HTTP/2 answer came before, the stream is closed
 * within the sending; curl 7.88 sees that with the next reading, and waits for bytes that never
 * come. */
static bool may_have_missed_the_end(const struct http_session *session)
{
    const struct http_exchange *exchange = session->exchange;
    return exchange && exchange->on_multi && exchange->has_body && exchange->headers_over &&
           hop_current(exchange)->http_version == 20;
}

static void socket_ready(void *context, int descriptor, int what)
{
    struct curl_client *client = context;
    struct socket_slot *slot = &client->sockets.items[descriptor];
    struct http_session *session = slot->session;
    if (!session) { /* between two requests; most likely the shop hangs up */
        watch_set(slot->watch, 0);
        return;
    }
    arrival_note(client, session->exchange, descriptor);
    if (session->exchange) exchange_moved(session->exchange, descriptor, what);
    int mask =
        (what & WATCH_READ ? CURL_CSELECT_IN : 0) | (what & WATCH_WRITE ? CURL_CSELECT_OUT : 0);
    act(client, descriptor, mask);
    if (may_have_missed_the_end(session)) act(client, descriptor, CURL_CSELECT_IN);
    /* No caller has run since: the session is still there. */
    if (session->exchange) exchange_check_bounds(session->exchange);
}

static struct socket_slot *slot_of(struct curl_client *client, curl_socket_t descriptor)
{
    while (client->sockets.count <= (size_t)descriptor) (void)vec_add(&client->sockets);
    return &client->sockets.items[descriptor];
}

static int watch_mask(int what)
{
    switch (what) {
    case CURL_POLL_IN: return WATCH_READ;
    case CURL_POLL_OUT: return WATCH_WRITE;
    case CURL_POLL_INOUT: return WATCH_READ | WATCH_WRITE;
    }
    return 0;
}

/* Whether a socket that curl needs no more for now stays watched: the next request on it wants the
 * same, and each change is a system call and a walk through libevent. Ten of fourteen such calls
 * per journey are saved. Not so a pipe of curl's own, nor a socket whose connection does not stand:
 * curl closes these without a word, and others get their numbers. */
static bool is_kept(const struct socket_slot *socket)
{
    const struct http_exchange *exchange = socket->session ? socket->session->exchange : NULL;
    return socket->ours && socket->wanted == WATCH_READ && exchange && exchange->sent_us;
}

static int socket_wanted(CURL *easy, curl_socket_t descriptor, int what, void *context, void *slot)
{
    struct curl_client *client = context;
    struct socket_slot *socket = slot_of(client, descriptor);
    (void)slot;
    if (what == CURL_POLL_REMOVE) {
        bool stays = is_kept(socket);
        socket->session = NULL;
        if (!stays) watch_free(take(socket->watch));
        return 0;
    }
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&socket->session);
    if (!socket->watch) socket->watch = watch_new(client->loop, descriptor, socket_ready, client);
    socket->wanted = watch_mask(what);
    watch_set(socket->watch, socket->wanted);
    return 0;
}

int curl_loop_descriptor(const struct http_session *session)
{
    const struct curl_client *client = session->client;
    for (size_t i = 0; i < client->sockets.count; i++)
        if (client->sockets.items[i].session == session) return (int)i;
    return -1;
}

static void note_proxy(const struct http_session *session, const struct sockaddr *address)
{
    /* The port stands at the same place for both families. */
    int port = ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
    if (session->exchange) session->exchange->by_proxy = proxy_is_peer(session, port);
}

static curl_socket_t socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_session *session = context;
    (void)purpose;
    int descriptor = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (descriptor < 0) {
        bool no_family = errno == EAFNOSUPPORT;
        if (session->exchange && !no_family)
            exchange_found(session->exchange, OUTCOME_PROBER,
                           xasprintf("no socket to connect with: %s", strerror(errno)));
        return CURL_SOCKET_BAD;
    }
    if (session->exchange) session->exchange->connecting = true;
    note_proxy(session, &address->addr);
    arrival_watch(descriptor);
    struct socket_slot *slot = slot_of(session->client, descriptor);
    watch_free(slot->watch); /* of one that was closed without a word after all */
    *slot = (struct socket_slot){.ours = true};
    return descriptor;
}

static int socket_close(void *context, curl_socket_t descriptor)
{
    struct curl_client *client = context;
    struct socket_slot *socket = slot_of(client, descriptor);
    watch_free(socket->watch);
    *socket = (struct socket_slot){0};
    return close(descriptor);
}

void curl_loop_setup(struct http_session *session)
{
    CURL *easy = session->easy;
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, session);
    /* A connection may outlive its request, and is closed when its share goes: client, not session.
     */
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, socket_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, session->client);
}

bool curl_loop_init(struct curl_client *client, struct error *error)
{
    timer_init(&client->timer, client->loop, time_is_up, client);
    deferred_init(&client->kick, client->loop, time_is_up, client);
    client->multi = curl_multi_init();
    if (!client->multi) return error_set(error, "cannot set up the HTTP client");
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    return true;
}

void curl_loop_release(struct curl_client *client)
{
    if (client->multi) curl_multi_cleanup(client->multi); /* may still call back */
    timer_cancel(&client->timer);
    deferred_cancel(&client->kick);
    vec_each(socket, &client->sockets) watch_free(socket->watch);
    vec_release(&client->sockets);
}
