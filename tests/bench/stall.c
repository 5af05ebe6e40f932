/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shop that freezes: answers every request with a head and half a body, then says nothing. It
 * prints its address and, once COUNT shoppers wait at the same time, a line that says so. It reads
 * no request: whatever arrives on a new connection is taken for one.
 *
 *   bench-stall COUNT [CERTIFICATE KEY]
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static const char half[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
                           "4096\r\n\r\n<!doctype html><title>half</title>";

struct shop {
    struct event_base *base;
    SSL_CTX *tls; /* NULL: http */
    long waiting, wanted;
};

static void on_written(struct bufferevent *connection, void *context)
{
    struct shop *shop = context;
    (void)connection;
    if (++shop->waiting != shop->wanted) return;
    printf("%ld wait\n", shop->waiting);
    fflush(stdout);
}

static void on_event(struct bufferevent *connection, short what, void *context)
{
    (void)context;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) bufferevent_free(connection);
}

static void on_read(struct bufferevent *connection, void *context)
{
    struct evbuffer *input = bufferevent_get_input(connection);
    evbuffer_drain(input, evbuffer_get_length(input));
    bufferevent_disable(connection, EV_READ); /* one answer each */
    bufferevent_setcb(connection, NULL, on_written, on_event, context);
    bufferevent_write(connection, half, sizeof(half) - 1);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t socket,
                      struct sockaddr *address, int length, void *context)
{
    struct shop *shop = context;
    (void)listener;
    (void)address;
    (void)length;
    struct bufferevent *connection =
        shop->tls ? bufferevent_openssl_socket_new(shop->base, socket, SSL_new(shop->tls),
                                                   BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
                  : bufferevent_socket_new(shop->base, socket, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(connection, on_read, NULL, on_event, shop);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
}

/* Each shopper needs a descriptor. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    struct shop shop = {.base = event_base_new(), .wanted = argc > 1 ? atol(argv[1]) : 0};
    if (shop.wanted < 1 || argc == 3) {
        fputs("usage: bench-stall COUNT [CERTIFICATE KEY]\n", stderr);
        return 2;
    }
    if (argc > 3) {
        shop.tls = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_chain_file(shop.tls, argv[2]) != 1) return 2;
        if (SSL_CTX_use_PrivateKey_file(shop.tls, argv[3], SSL_FILETYPE_PEM) != 1) return 2;
    }
    raise_descriptor_limit();
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct evconnlistener *listener =
        evconnlistener_new_bind(shop.base, on_accept, &shop, LEV_OPT_CLOSE_ON_FREE, 4096,
                                (struct sockaddr *)&here, sizeof(here));
    if (!listener) return 1;
    socklen_t size = sizeof(here);
    getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&here, &size);
    printf("%s://127.0.0.1:%d\n", shop.tls ? "https" : "http", ntohs(here.sin_port));
    fflush(stdout);
    event_base_dispatch(shop.base);
    return 0;
}
