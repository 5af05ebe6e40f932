/* SPDX-License-Identifier: Apache-2.0 */
/* See script_server.h. */
#include "support/script_server.h"

#include "base/buf.h"
#include "base/vec.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    struct script_server *server;
    pthread_t thread;
    int descriptor;
    SSL *ssl;
    const struct script *script;
};

struct script_server {
    struct script_server_options options;
    int listener, port;
    int stop[2]; /* a pipe that becomes readable when the server goes */
    SSL_CTX *tls;
    pthread_t thread;
    pthread_mutex_t lock; /* over what follows */
    VEC(struct peer *) peers;
    VEC(char *) requests;
    size_t resumptions;
};

/* False: the time passed; true: the peer has something to say, or the server goes. */
static bool wait_for(struct peer *peer, int timeout_ms, short events)
{
    struct pollfd polled[] = {{peer->descriptor, events, 0}, {peer->server->stop[0], POLLIN, 0}};
    return poll(polled, 2, timeout_ms) > 0;
}

static bool stopping(struct peer *peer)
{
    struct pollfd polled = {peer->server->stop[0], POLLIN, 0};
    return poll(&polled, 1, 0) > 0;
}

static int peer_read(struct peer *peer, char *bytes, int size)
{
    if (peer->ssl && SSL_has_pending(peer->ssl)) return SSL_read(peer->ssl, bytes, size);
    wait_for(peer, -1, POLLIN);
    if (stopping(peer)) return 0;
    if (peer->ssl) return SSL_read(peer->ssl, bytes, size);
    return (int)recv(peer->descriptor, bytes, (size_t)size, 0);
}

static bool peer_write(struct peer *peer, const char *bytes, size_t length)
{
    while (length) {
        wait_for(peer, -1, POLLOUT);
        if (stopping(peer)) return false;
        int written = peer->ssl
                          ? SSL_write(peer->ssl, bytes, (int)length)
                          : (int)send(peer->descriptor, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written <= 0) return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static size_t body_length(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length:");
    return at ? strtoul(at + strlen("\r\ncontent-length:"), NULL, 10) : 0;
}

static bool read_request(struct peer *peer)
{
    AUTO_BUF request = BUF_INIT((size_t)4 << 20);
    size_t wanted = SIZE_MAX;
    while (request.length < wanted) {
        char bytes[4096];
        int got = peer_read(peer, bytes, sizeof bytes);
        if (got <= 0 || !buf_add(&request, bytes, (size_t)got)) return false;
        const char *end = strstr(buf_text(&request), "\r\n\r\n");
        if (!end || wanted != SIZE_MAX) continue;
        wanted = (size_t)(end - request.data) + 4 + body_length(request.data);
    }
    pthread_mutex_lock(&peer->server->lock);
    vec_push(&peer->server->requests, buf_take(&request));
    pthread_mutex_unlock(&peer->server->lock);
    return true;
}

static bool drip(struct peer *peer, const struct script_action *action)
{
    for (const char *byte = action->bytes; *byte; byte++) {
        if (!peer_write(peer, byte, 1)) return false;
        if (wait_for(peer, action->number, 0)) return false;
    }
    return true;
}

static bool repeat(struct peer *peer, const struct script_action *action)
{
    for (int i = 0; i < action->number; i++)
        if (!peer_write(peer, action->bytes, strlen(action->bytes))) return false;
    return true;
}

static bool take_some(struct peer *peer)
{
    char bytes[4096];
    return peer_read(peer, bytes, sizeof bytes) > 0;
}

static bool skip(struct peer *peer, size_t length)
{
    char bytes[4096];
    while (length) {
        int got = peer_read(peer, bytes, (int)(length < sizeof bytes ? length : sizeof bytes));
        if (got <= 0) return false;
        length -= (size_t)got;
    }
    return true;
}

static bool read_frames(struct peer *peer)
{
    enum { HEAD = 9, TYPE = 3, HEADERS = 1 };
    if (!skip(peer, strlen("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))) return false;
    for (;;) {
        unsigned char head[HEAD];
        for (int i = 0; i < HEAD; i++)
            if (peer_read(peer, (char *)&head[i], 1) <= 0) return false;
        if (!skip(peer, (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2])) return false;
        if (head[TYPE] == HEADERS) return true;
    }
}

/* False: the connection is over. */
static bool perform(struct peer *peer, const struct script_action *action)
{
    switch (action->verb) {
    case SCRIPT_READ: return read_request(peer);
    case SCRIPT_FRAMES: return read_frames(peer);
    case SCRIPT_SKIP: return skip(peer, (size_t)action->number);
    case SCRIPT_TAKE: return take_some(peer);
    case SCRIPT_SEND:
        return peer_write(peer, action->bytes,
                          action->length ? action->length : strlen(action->bytes));
    case SCRIPT_REPEAT: return repeat(peer, action);
    case SCRIPT_DRIP: return drip(peer, action);
    case SCRIPT_WAIT: return !wait_for(peer, action->number, 0);
    case SCRIPT_RESET: {
        struct linger none = {1, 0};
        setsockopt(peer->descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        return false;
    }
    case SCRIPT_END:
    case SCRIPT_LOOP: return false;
    }
    return false;
}

static void follow_script(struct peer *peer)
{
    const struct script_action *action = peer->script->actions;
    for (;; action++) {
        if (action->verb == SCRIPT_LOOP) action = peer->script->actions;
        if (!perform(peer, action)) return;
    }
}

static void note_resumption(struct peer *peer)
{
    if (!peer->ssl || !SSL_session_reused(peer->ssl)) return;
    pthread_mutex_lock(&peer->server->lock);
    peer->server->resumptions++;
    pthread_mutex_unlock(&peer->server->lock);
}

/* Lets the peer read our alert: closing on bytes that nobody read would reset the connection. */
static void part_after_alert(struct peer *peer)
{
    char bytes[4096];
    shutdown(peer->descriptor, SHUT_WR);
    while (wait_for(peer, 500, POLLIN) && !stopping(peer))
        if (recv(peer->descriptor, bytes, sizeof bytes, 0) <= 0) return;
}

static void *serve_peer(void *context)
{
    struct peer *peer = context;
    if (peer->ssl && SSL_accept(peer->ssl) != 1) {
        part_after_alert(peer);
    } else {
        note_resumption(peer);
        follow_script(peer);
        if (peer->ssl) SSL_shutdown(peer->ssl);
    }
    /* Closed here and now, since scripts end with it; the number is spent with it. */
    int descriptor = peer->descriptor;
    pthread_mutex_lock(&peer->server->lock);
    peer->descriptor = -1;
    pthread_mutex_unlock(&peer->server->lock);
    close(descriptor);
    return NULL;
}

static void peer_add(struct script_server *server, int descriptor)
{
    struct peer *peer = NEW(struct peer);
    peer->server = server;
    peer->descriptor = descriptor;
    if (server->tls) {
        peer->ssl = SSL_new(server->tls);
        SSL_set_fd(peer->ssl, descriptor);
    }
    pthread_mutex_lock(&server->lock);
    size_t index = server->peers.count, last = server->options.script_count - 1;
    peer->script = &server->options.scripts[index < last ? index : last];
    vec_push(&server->peers, peer);
    pthread_mutex_unlock(&server->lock);
    ASSERT(pthread_create(&peer->thread, NULL, serve_peer, peer) == 0);
}

static void *accept_peers(void *context)
{
    struct script_server *server = context;
    for (;;) {
        struct pollfd polled[] = {{server->listener, POLLIN, 0}, {server->stop[0], POLLIN, 0}};
        if (poll(polled, 2, -1) < 0 || polled[1].revents) return NULL;
        int descriptor = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (descriptor >= 0) peer_add(server, descriptor);
    }
}

static int choose_http2(SSL *ssl, const unsigned char **out, unsigned char *length,
                        const unsigned char *offered, unsigned offered_length, void *context)
{
    static const unsigned char own[] = "\2h2";
    unsigned char *chosen = NULL;
    (void)ssl;
    (void)context;
    int found =
        SSL_select_next_proto(&chosen, length, own, sizeof own - 1, offered, offered_length);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static void tls_start(struct script_server *server)
{
    const struct test_certificate *certificate = server->options.certificate;
    if (!certificate) return;
    server->tls = SSL_CTX_new(TLS_server_method());
    ASSERT(server->tls);
    /* Weak keys and old versions are what some tests are about. */
    SSL_CTX_set_security_level(server->tls, 0);
    SSL_CTX_set_session_id_context(server->tls, (const unsigned char *)"test", 4);
    ASSERT(SSL_CTX_use_certificate(server->tls, certificate->certificate) == 1);
    ASSERT(SSL_CTX_use_PrivateKey(server->tls, certificate->key) == 1);
    if (server->options.max_tls_version)
        SSL_CTX_set_max_proto_version(server->tls, server->options.max_tls_version);
    if (server->options.http2) SSL_CTX_set_alpn_select_cb(server->tls, choose_http2, NULL);
    if (!server->options.client_ca) return;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(server->tls),
                        server->options.client_ca->certificate);
    SSL_CTX_set_verify(server->tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

struct script_server *script_server_new(const struct script_server_options *options)
{
    struct script_server *server = NEW(struct script_server);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    signal(SIGPIPE, SIG_IGN); /* of OpenSSL's writes */
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->options = *options;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT(bind(server->listener, (struct sockaddr *)&address, size) == 0);
    ASSERT(listen(server->listener, 64) == 0);
    ASSERT(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
    server->port = ntohs(address.sin_port);
    ASSERT(pipe(server->stop) == 0);
    pthread_mutex_init(&server->lock, NULL);
    tls_start(server);
    ASSERT(pthread_create(&server->thread, NULL, accept_peers, server) == 0);
    return server;
}

void script_server_free(struct script_server *server)
{
    if (!server) return;
    ASSERT(write(server->stop[1], "x", 1) == 1);
    pthread_join(server->thread, NULL);
    vec_each(peer, &server->peers) {
        pthread_mutex_lock(&server->lock);
        if ((*peer)->descriptor >= 0) shutdown((*peer)->descriptor, SHUT_RDWR);
        pthread_mutex_unlock(&server->lock);
        pthread_join((*peer)->thread, NULL);
        SSL_free((*peer)->ssl);
        free(*peer);
    }
    vec_each(request, &server->requests) free(*request);
    vec_release(&server->peers);
    vec_release(&server->requests);
    SSL_CTX_free(server->tls);
    close(server->listener);
    close(server->stop[0]);
    close(server->stop[1]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

int script_server_port(const struct script_server *server)
{
    return server->port;
}

size_t script_server_connections(struct script_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->peers.count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

size_t script_server_resumptions(struct script_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->resumptions;
    pthread_mutex_unlock(&server->lock);
    return count;
}

const char *script_server_request(struct script_server *server, size_t index)
{
    pthread_mutex_lock(&server->lock);
    const char *request = index < server->requests.count ? server->requests.items[index] : NULL;
    pthread_mutex_unlock(&server->lock);
    return request;
}
