/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shop that knows how long it took: GET /delay/MS?run=ID is answered after MS milliseconds,
 * /page/new at once with a page of 100 KB, no two of them alike, any other path with the same page
 * for everybody. It prints its address, then, when
 * it is told to end (SIGTERM), one line for each delayed answer: "ID MS TOOK_US". TOOK_US goes from
 * the request's arrival as the kernel stamped it to just before the first byte left, so that what
 * makes this program late itself counts as the shop's slowness, as it does for who waits.
 *
 *   bench-delay
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_BYTES = 100 * 1024, REQUEST_BYTES = 8192, RUN_BYTES = 80 };

static const char short_answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
                                   "4\r\n\r\nlate";

struct took {
    char run[RUN_BYTES];
    int wanted_ms;
    int64_t took_us;
};

struct shop {
    struct event_base *base;
    struct evbuffer *rows; /* the part of a page that repeats */
    unsigned long pages;
    struct took *took;
    size_t count, capacity;
};

struct visitor {
    struct shop *shop;
    struct event *readable, *writable, *timer;
    struct evbuffer *out;
    char request[REQUEST_BYTES];
    size_t length;
    struct took took;
    int64_t arrived_us; /* CLOCK_MONOTONIC */
};

static int64_t now_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void visitor_free(struct visitor *visitor)
{
    int descriptor = event_get_fd(visitor->readable);
    event_free(visitor->readable);
    event_free(visitor->writable);
    event_free(visitor->timer);
    evbuffer_free(visitor->out);
    close(descriptor);
    free(visitor);
}

static void note(struct shop *shop, const struct took *took)
{
    if (shop->count == shop->capacity) {
        shop->capacity = shop->capacity ? 2 * shop->capacity : 1024;
        shop->took = realloc(shop->took, shop->capacity * sizeof(*took));
        if (!shop->took) abort();
    }
    shop->took[shop->count++] = *took;
}

static void on_time(evutil_socket_t none, short what, void *context)
{
    struct visitor *visitor = context;
    (void)none;
    (void)what;
    visitor->took.took_us = now_us(CLOCK_MONOTONIC) - visitor->arrived_us;
    int descriptor = event_get_fd(visitor->readable);
    if (send(descriptor, short_answer, sizeof(short_answer) - 1, MSG_NOSIGNAL) > 0)
        note(visitor->shop, &visitor->took);
}

static void on_writable(evutil_socket_t descriptor, short what, void *context)
{
    struct visitor *visitor = context;
    (void)what;
    if (evbuffer_write(visitor->out, descriptor) < 0 && errno != EAGAIN)
        visitor_free(visitor);
    else if (evbuffer_get_length(visitor->out))
        event_add(visitor->writable, NULL);
}

static void send_page(struct visitor *visitor)
{
    struct shop *shop = visitor->shop;
    char title[64];
    int length = snprintf(title, sizeof(title), "<!doctype html><title>Page %lu</title>",
                          strncmp(visitor->request, "GET /page/new", 13) ? 0 : ++shop->pages);
    evbuffer_add_printf(visitor->out,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        (size_t)length + evbuffer_get_length(shop->rows), title);
    evbuffer_add_buffer_reference(visitor->out, shop->rows);
    on_writable(event_get_fd(visitor->readable), EV_WRITE, visitor);
}

static void answer(struct visitor *visitor)
{
    struct took *took = &visitor->took;
    if (sscanf(visitor->request, "GET /delay/%d?run=%79[^ ]", &took->wanted_ms, took->run) != 2) {
        send_page(visitor);
        return;
    }
    const struct timeval after = {took->wanted_ms / 1000, took->wanted_ms % 1000 * 1000};
    event_add(visitor->timer, &after);
}

/* When the kernel got what was read, by the clock that is never set. */
static int64_t arrival_us(struct msghdr *message)
{
    int64_t here_us = now_us(CLOCK_MONOTONIC), wall_us = now_us(CLOCK_REALTIME);
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        struct timespec stamp;
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
        memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
        return here_us - (wall_us - ((int64_t)stamp.tv_sec * 1000000 + stamp.tv_nsec / 1000));
    }
    return here_us;
}

static void on_readable(evutil_socket_t descriptor, short what, void *context)
{
    struct visitor *visitor = context;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    (void)what;
    struct iovec vector = {visitor->request + visitor->length,
                           sizeof(visitor->request) - 1 - visitor->length};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    ssize_t got = recvmsg(descriptor, &message, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        visitor_free(visitor);
        return;
    }
    visitor->arrived_us = arrival_us(&message);
    visitor->length += (size_t)got;
    visitor->request[visitor->length] = '\0';
    if (!strstr(visitor->request, "\r\n\r\n")) return;
    answer(visitor);
    visitor->length = 0;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t descriptor,
                      struct sockaddr *address, int length, void *context)
{
    struct shop *shop = context;
    struct visitor *visitor = calloc(1, sizeof(*visitor));
    int on = 1;
    (void)listener;
    (void)address;
    (void)length;
    if (!visitor) abort();
    setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    visitor->shop = shop;
    visitor->out = evbuffer_new();
    visitor->readable =
        event_new(shop->base, descriptor, EV_READ | EV_PERSIST, on_readable, visitor);
    visitor->writable = event_new(shop->base, descriptor, EV_WRITE, on_writable, visitor);
    visitor->timer = evtimer_new(shop->base, on_time, visitor);
    event_add(visitor->readable, NULL);
}

static void on_end(evutil_socket_t number, short what, void *context)
{
    (void)number;
    (void)what;
    event_base_loopbreak(context);
}

static struct evbuffer *rows_new(void)
{
    struct evbuffer *rows = evbuffer_new();
    evbuffer_add_printf(rows, "<h1>Mugs</h1><p class=\"price\">12.50 EUR</p><ul>");
    for (int i = 0; evbuffer_get_length(rows) < PAGE_BYTES; i++)
        evbuffer_add_printf(rows,
                            "<li class=\"product\" data-sku=\"MUG-%d\"><a href=\"/product/%d\">Mug "
                            "number <b>%d</b> &amp; saucer</a><span>%d.50 EUR</span></li>\n",
                            i, i, i, 10 + i % 90);
    evbuffer_add_printf(rows, "</ul>");
    return rows;
}

static bool listen_here(struct shop *shop)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct evconnlistener *listener =
        evconnlistener_new_bind(shop->base, on_accept, shop, LEV_OPT_CLOSE_ON_FREE, 4096,
                                (struct sockaddr *)&here, sizeof(here));
    socklen_t size = sizeof(here);
    if (!listener) return false;
    getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&here, &size);
    printf("http://127.0.0.1:%d\n", ntohs(here.sin_port));
    fflush(stdout);
    return true;
}

int main(void)
{
    struct event_config *config = event_config_new();
    struct rlimit limit;
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    struct shop shop = {.base = event_base_new_with_config(config), .rows = rows_new()};
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (!shop.base || !listen_here(&shop)) return 1;
    event_add(evsignal_new(shop.base, SIGTERM, on_end, shop.base), NULL);
    event_base_dispatch(shop.base);
    for (size_t i = 0; i < shop.count; i++)
        printf("%s %d %" PRId64 "\n", shop.took[i].run, shop.took[i].wanted_ms,
               shop.took[i].took_us);
    /* What is left belongs to the process, which ends here. */
    return 0;
}
