/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this floor know of each other; nobody else includes it.
 *
 *   serve.c       life, routes, who may what
 *   answer.c      replies: JSON, problem documents, the headers that all of them bear
 *   exposition.c  the two text formats of metrics
 *   figures.c     what was counted since the start
 *   metrics.c     /metrics          probe.c      /probe
 *   api*.c        /api/v1/          stream.c     the event stream
 *   html.c        escaping          page*.c      the pages        chart.c  their small pictures
 */
#ifndef SHOPPER_SERVE_INTERNAL_H
#define SHOPPER_SERVE_INTERNAL_H

#include "base/vec.h"
#include "loop/http_server.h"
#include "loop/loop.h"
#include "serve/figures.h"
#include "serve/serve.h"

struct drawing;
struct probe_call;
struct scrape;
struct stream;

struct server {
    struct serve_settings settings; /* texts are those below */
    char *address, *token, *title, *location, **hosts, **origins;
    struct loop *loop;
    struct store *store;
    const struct serve_host_operations *operations;
    void *host;
    struct http_server *http;
    char *url;
    struct figures figures;
    VEC(struct probe_call *) probes; /* under way */
    VEC(struct scrape *) scrapes;    /* under way */
    VEC(struct stream *) streams;
    VEC(struct drawing *) drawings; /* of the overview, under way */
    struct drawing *drawing;        /* the one that is not out of date; NULL: none */
    struct buf overview;            /* as it was told last, for others who ask in the same moment */
    int64_t overview_us;   /* monotonic: when; 0: never, or something was announced since */
    struct timer announce; /* tells the streams of a change */
    struct timer beat;     /* keeps the streams alive */
    int64_t announced_us;  /* monotonic */
};

int64_t server_now_us(const struct server *server); /* wall time */

/* What a route was asked. `id` is the part of the path that stands for a name, decoded. */
struct request {
    struct server *server;
    struct http_call *call;
    const char *id;
};
/* A parameter of the query, appended; *ret_given may be NULL. False: it is broken, and the call was
 * answered. */
bool request_take(const struct request *request, const char *name, struct buf *value,
                  bool *ret_given) MUST_CHECK;
typedef void handler(const struct request *request);

handler metrics_answer, probe_answer, stream_answer;
handler api_runs, api_run, api_journeys, api_incidents, api_incident, api_silences, api_health,
    api_ready, api_acknowledge, api_unacknowledge, api_silence, api_unsilence, api_document;
handler page_overview, page_incident, page_run, page_journey, page_style, page_script, page_icon;

void probes_forget(struct server *server);
void scrapes_forget(struct server *server);
void overview_outdate(struct server *server); /* who asks from now on is told anew */
void drawings_forget(struct server *server);
void streams_close(struct server *server);
void streams_tell(struct server *server);
void streams_beat(struct server *server);

#endif
