/* SPDX-License-Identifier: Apache-2.0 */
/* A shop that freezes: answers every request with a head and half a body, then says nothing.
 * bench-stall prints its address. */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <sys/resource.h>

static const char half[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
                           "4096\r\n\r\n<!doctype html><title>half</title>";

static void on_read(struct bufferevent *connection, void *context)
{
    (void)context;
    evbuffer_drain(bufferevent_get_input(connection), (size_t)-1);
    bufferevent_write(connection, half, sizeof(half) - 1);
}

static void on_event(struct bufferevent *connection, short what, void *context)
{
    (void)context;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) bufferevent_free(connection);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t socket,
                      struct sockaddr *address, int length, void *base)
{
    (void)listener;
    (void)address;
    (void)length;
    struct bufferevent *connection = bufferevent_socket_new(base, socket, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(connection, on_read, NULL, on_event, NULL);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
}

int main(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct event_base *base = event_base_new();
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct evconnlistener *listener = evconnlistener_new_bind(
        base, on_accept, base, LEV_OPT_CLOSE_ON_FREE, 4096, (struct sockaddr *)&here, sizeof(here));
    if (!listener) return 1;
    socklen_t size = sizeof(here);
    getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&here, &size);
    printf("http://127.0.0.1:%d\n", ntohs(here.sin_port));
    fflush(stdout);
    event_base_dispatch(base);
    return 0;
}
