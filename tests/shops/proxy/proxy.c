/* SPDX-License-Identifier: Apache-2.0 */
/* The listening end, and what is left of clients and exchanges when it closes. */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

static void accept_client(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *address, int address_bytes, void *context)
{
    int at_once = 1;
    (void)listener, (void)address, (void)address_bytes;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
    client_new(context, fd);
}

struct proxy *proxy_new(struct event_base *base, const char *upstream_host, uint16_t upstream_port,
                        uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct proxy *proxy = must_alloc(sizeof(*proxy));
    proxy->base = base;
    proxy->upstream_host = must_copy(upstream_host, strlen(upstream_host));
    proxy->upstream_port = upstream_port;
    proxy->listener = evconnlistener_new_bind(base, accept_client, proxy,
                                              LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
                                              (struct sockaddr *)&address, sizeof(address));
    if (proxy->listener) return proxy;
    int error = errno;
    proxy_free(proxy);
    errno = error;
    return NULL;
}

uint16_t proxy_port(const struct proxy *proxy)
{
    struct sockaddr_in address = {0};
    socklen_t bytes = sizeof(address);
    getsockname(evconnlistener_get_fd(proxy->listener), (struct sockaddr *)&address, &bytes);
    return ntohs(address.sin_port);
}

void proxy_free(struct proxy *proxy)
{
    if (!proxy) return;
    if (proxy->listener) evconnlistener_free(proxy->listener);
    while (proxy->clients) client_free(proxy->clients);
    while (proxy->exchanges) exchange_free(proxy->exchanges);
    fault_list_clear(&proxy->faults);
    free(proxy->upstream_host);
    free(proxy);
}
