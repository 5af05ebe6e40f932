/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event stream (server-sent events, HTML Standard, section 9.2): says that something changed,
 * not what; whoever looks asks for the page again. Told at most once a second. A beat keeps them
 * alive, and tells whoever listens that we are. As many streams as half of the connections.
 */
#include "serve/answer.h"

#include <stdlib.h>

#define ANNOUNCE_EVERY_US US_PER_SECOND
#define BEAT_EVERY_US (15 * US_PER_SECOND)

struct stream {
    struct server *server;
    struct http_call *call;
};

static void stream_end(struct stream *stream)
{
    struct server *server = stream->server;
    for (size_t i = 0; i < server->streams.count; i++) {
        if (server->streams.items[i] != stream) continue;
        server->streams.items[i] = *vec_last(&server->streams);
        (void)vec_pop(&server->streams);
        break;
    }
    http_stream_end(stream->call);
    free(stream);
    if (!server->streams.count) timer_cancel(&server->beat);
}

static void stream_gone(void *context)
{
    stream_end(context);
}

/* Whoever does not take it is let go. */
static void send_all(struct server *server, struct view bytes)
{
    for (size_t i = server->streams.count; i-- > 0;) {
        struct stream *stream = server->streams.items[i];
        if (!http_stream_send(stream->call, bytes)) stream_end(stream);
    }
}

void streams_tell(struct server *server)
{
    server->announced_us = loop_now_us(server->loop);
    overview_outdate(server);
    send_all(server, VIEW_LITERAL("event: changed\ndata: {}\n\n"));
}

void streams_beat(struct server *server)
{
    send_all(server, VIEW_LITERAL("event: beat\ndata: {}\n\n"));
    if (server->streams.count) timer_set(&server->beat, loop_now_us(server->loop) + BEAT_EVERY_US);
}

void streams_close(struct server *server)
{
    while (server->streams.count) stream_end(*vec_last(&server->streams));
}

void serve_changed(struct server *server)
{
    if (!server || !server->streams.count || timer_is_set(&server->announce)) return;
    int64_t soonest_us = server->announced_us + ANNOUNCE_EVERY_US;
    int64_t now_us = loop_now_us(server->loop);
    timer_set(&server->announce, soonest_us > now_us ? soonest_us : now_us);
}

void stream_answer(const struct request *request)
{
    struct server *server = request->server;
    if (server->streams.count >= server->settings.connections / 2) {
        answer_problem(request, PROBLEM_BUSY, "too many watch already");
        return;
    }
    if (request->call->method == HTTP_HEAD) {
        answer_with(request, 200, "text/event-stream", NULL, VIEW_NONE);
        return;
    }
    struct stream *stream = NEW(struct stream);
    *stream = (struct stream){server, request->call};
    answer_stream(request, stream_gone, stream);
    vec_push(&server->streams, stream);
    if (!http_stream_send(stream->call, VIEW_LITERAL("retry: 3000\n\n"))) {
        stream_end(stream);
        return;
    }
    if (!timer_is_set(&server->beat))
        timer_set(&server->beat, loop_now_us(server->loop) + BEAT_EVERY_US);
}
