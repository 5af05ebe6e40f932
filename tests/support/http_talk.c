/* SPDX-License-Identifier: Apache-2.0 */
/* See http_talk.h. */
#include "support/http_talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GUARD_US (20 * US_PER_SECOND)

static bool is_over(const struct talk *talk)
{
    return talk->ended || talk->late ||
           (talk->wanted && strstr(buf_text(&talk->heard), talk->wanted));
}

static void hear(void *context, int descriptor, int what)
{
    struct talk *talk = context;
    char bytes[16384];
    (void)what;
    ssize_t length = read(descriptor, bytes, sizeof bytes);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length > 0) buf_add(&talk->heard, bytes, (size_t)length);
    if (length <= 0) {
        talk->ended = true;
        watch_set(talk->watch, 0);
    }
    if (is_over(talk)) loop_stop(talk->loop);
}

static void too_late(void *context)
{
    struct talk *talk = context;
    talk->late = true;
    loop_stop(talk->loop);
}

void talk_open(struct talk *talk, struct loop *loop, int port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *talk = (struct talk){.loop = loop, .heard = BUF_INIT((size_t)16 << 20)};
    talk->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT(connect(talk->socket, (struct sockaddr *)&name, sizeof name) == 0);
    ASSERT(fcntl(talk->socket, F_SETFL, O_NONBLOCK) == 0);
    talk->watch = watch_new(loop, talk->socket, hear, talk);
    timer_init(&talk->guard, loop, too_late, talk);
}

void talk_say(struct talk *talk, const char *text)
{
    /* Less than what a socket takes at once; a server that has closed already is none of our care.
     */
    ssize_t sent = send(talk->socket, text, strlen(text), MSG_NOSIGNAL);
    (void)sent;
}

const char *talk_until(struct talk *talk, const char *text)
{
    talk->wanted = text;
    watch_set(talk->watch, WATCH_READ);
    timer_set(&talk->guard, loop_now_us(talk->loop) + GUARD_US);
    while (!is_over(talk))
        loop_run(talk->loop); /* the server may stop the loop for its own reasons */
    timer_cancel(&talk->guard);
    watch_set(talk->watch, 0);
    return talk->late ? "(nothing came)" : buf_text(&talk->heard);
}

void talk_close(struct talk *talk)
{
    watch_free(talk->watch);
    close(talk->socket);
    buf_release(&talk->heard);
}

char *talk_once(struct loop *loop, int port, const char *request)
{
    struct talk talk;
    talk_open(&talk, loop, port);
    talk_say(&talk, request);
    char *heard = xstrdup(talk_until(&talk, NULL));
    talk_close(&talk);
    return heard;
}

char *talk_ask(struct loop *loop, int port, const char *method, const char *target,
               const char *headers, const char *body)
{
    AUTO_FREE char *request = xasprintf(
        "%s %s HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n%s"
        "Content-Length: %zu\r\n\r\n%s",
        method, target, port, headers ? headers : "", body ? strlen(body) : 0, body ? body : "");
    return talk_once(loop, port, request);
}
