/* SPDX-License-Identifier: Apache-2.0 */
/* See host.h. */
#include "app/host.h"

#include "answer/json.h"
#include "base/vec.h"
#include "http/url.h"
#include "loop/loop.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

#define READY_PATIENCE_US (300 * US_PER_SECOND) /* when all shoppers are overdue */

struct host {
    struct daemon *daemon;
    struct loop *loop;
    struct server *server;
    VEC(struct serve_sink) sinks; /* of the last answer */
};

/* A probe that somebody waits for; the face knows it as its ticket. */
struct waiting {
    struct daemon_ticket *ticket;
    serve_probe_done *done;
    void *context;
};

/* --- What is told */

struct journey_visit {
    const struct host *host;
    serve_journey_visit *visit;
    void *visitor;
    const struct journey *last;
};

static void on_subject(void *context, const struct subject *subject)
{
    struct journey_visit *visit = context;
    const struct journey *journey = round_journey(subject->round);
    if (journey == visit->last) return; /* its next persona */
    visit->last = journey;
    const struct serve_journey told = {
        .journey = journey,
        .next_us = round_next_us(subject->round),
        .paused = daemon_pause(visit->host->daemon, journey),
    };
    visit->visit(visit->visitor, &told);
}

static void each_journey(void *context, serve_journey_visit *visit, void *visitor)
{
    const struct host *host = context;
    struct journey_visit state = {host, visit, visitor, NULL};
    rounds_each(daemon_rounds(host->daemon), on_subject, &state);
}

static void list_sinks(struct host *host)
{
    const struct delivery *delivery = daemon_delivery(host->daemon);
    host->sinks.count = 0;
    vec_each(sink, &daemon_plan(host->daemon)->sinks) {
        struct delivery_standing standing = delivery_standing(delivery, sink->name);
        vec_push(&host->sinks, ((struct serve_sink){.name = sink->name,
                                                    .kind = sink_kind_name(sink),
                                                    .delivered = standing.delivered,
                                                    .failed = standing.failed,
                                                    .trouble = standing.trouble}));
    }
}

static void live(void *context, struct serve_live *ret_live)
{
    struct host *host = context;
    const struct daemon_state state = daemon_state(host->daemon);
    const struct rounds_state rounds = rounds_state(daemon_rounds(host->daemon));
    list_sinks(host);
    *ret_live = (struct serve_live){
        .started_us = state.started_us,
        .reloaded_us = state.reloaded_us,
        .reload_failed = state.reload_failed,
        .subjects = rounds.subjects,
        .under_way = rounds.under_way + daemon_asked(host->daemon),
        .waiting = rounds.waiting,
        .missed = rounds.missed,
        .stall_us = daemon_stall_us(host->daemon),
        .overdue_us = rounds.overdue_us,
        .trusted = state.trusted,
        .distrust = state.distrust,
        .store_trouble = state.store_trouble,
        .store_waiting = store_waiting(daemon_store(host->daemon)),
        .sinks = host->sinks.items,
        .sink_count = host->sinks.count,
    };
}

static void add_reason(struct buf *why, const char *reason)
{
    buf_addf(why, "%s%s", why->length ? "; " : "", reason);
}

/* Its work is to send shoppers out, to believe what they say, and to remember it. */
static bool ready(void *context, struct buf *why)
{
    const struct host *host = context;
    const struct daemon_state state = daemon_state(host->daemon);
    int64_t overdue_us = rounds_state(daemon_rounds(host->daemon)).all_overdue_us;
    size_t before = why->length;
    if (state.ending) add_reason(why, "the daemon is ending");
    if (!state.trusted) add_reason(why, state.distrust);
    if (state.store_trouble) add_reason(why, state.store_trouble);
    if (overdue_us > READY_PATIENCE_US) {
        add_reason(why, "all shoppers are overdue, the last of them for ");
        quantity_print_duration(overdue_us, why);
    }
    return why->length == before;
}

/* --- What is asked for */

static void on_probed(void *context, const struct run_report *report)
{
    struct waiting *waiting = context;
    waiting->done(waiting->context, report);
    free(waiting);
}

static void *probe(void *context, const struct serve_probe *probe, serve_probe_done *done,
                   void *visitor, struct error *error)
{
    const struct host *host = context;
    struct waiting *waiting = NEW(struct waiting);
    *waiting = (struct waiting){.done = done, .context = visitor};
    waiting->ticket = daemon_run_now(host->daemon, probe->journey, probe->persona,
                                     probe->timeout_us, on_probed, waiting, error);
    if (waiting->ticket) return waiting;
    free(waiting);
    return NULL;
}

static void probe_forget(void *context, void *ticket)
{
    struct waiting *waiting = ticket;
    (void)context;
    daemon_ticket_forget(waiting->ticket);
    free(waiting);
}

static void probe_stop(void *context, void *ticket)
{
    struct waiting *waiting = ticket;
    (void)context;
    daemon_ticket_stop(waiting->ticket);
    free(waiting);
}

static enum serve_answer command(const struct host *host, const char *verb, const char *argument,
                                 const char *author, struct error *error)
{
    return daemon_command(host->daemon, verb, argument, author, error) ? SERVE_DONE : SERVE_NO_SUCH;
}

static enum serve_answer acknowledge(void *context, const char *incident_id, bool acknowledged,
                                     const char *author, struct error *error)
{
    return command(context, acknowledged ? "ack" : "unack", incident_id, author, error);
}

static enum serve_answer silence(void *context, const struct store_silence *silence,
                                 struct error *error)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", silence->id);
    cJSON_AddStringToObject(object, "matcher", silence->matcher);
    cJSON_AddStringToObject(object, "comment", silence->comment ? silence->comment : "");
    cJSON_AddNumberToObject(object, "from_us", (double)silence->from_us);
    cJSON_AddNumberToObject(object, "until_us", (double)silence->until_us);
    json_print(object, &text);
    cJSON_Delete(object);
    enum serve_answer answer =
        command(context, "add-silence", buf_text(&text), silence->author, error);
    return answer == SERVE_NO_SUCH ? SERVE_REFUSED : answer;
}

static enum serve_answer unsilence(void *context, const char *silence_id, const char *author,
                                   struct error *error)
{
    return command(context, "remove-silence", silence_id, author, error);
}

static void each_silence(void *context, serve_silence_visit *visit, void *visitor)
{
    const struct host *host = context;
    daemon_each_silence(host->daemon, visit, visitor);
}

/* --- Life */

static const struct serve_host_operations operations = {
    each_journey, live,        ready,   probe,     probe_forget,
    probe_stop,   acknowledge, silence, unsilence, each_silence};

struct host *host_new(struct daemon *daemon, struct loop *loop, const char *listen,
                      struct error *error)
{
    const struct config *config = &daemon_plan(daemon)->config;
    AUTO_FREE char *address = NULL;
    VEC(const char *) hosts = {0}, origins = {0};
    int port = 0;
    if (!listen) listen = config->http.listen;
    if (!listen || !listen_split(listen, &address, &port, error)) return NULL;
    struct host *host = NEW(struct host);
    host->daemon = daemon;
    host->loop = loop;
    AUTO_FREE char *public_host = url_host(config->http.public_url);
    vec_each(name, &config->http.hosts) vec_push(&hosts, *name);
    if (*public_host) vec_push(&hosts, public_host);
    vec_each(origin, &config->http.origins) vec_push(&origins, *origin);
    vec_push(&hosts, NULL);
    vec_push(&origins, NULL);
    const struct serve_settings settings = {
        .address = address,
        .port = port,
        .hosts = hosts.items,
        .origins = origins.items,
        .token = daemon_token(daemon),
        .title = config->http.title,
        .location = config->location,
    };
    host->server = serve_start(&settings, loop, daemon_store(daemon), &operations, host, error);
    vec_release(&hosts);
    vec_release(&origins);
    if (host->server) return host;
    host_free(host);
    return NULL;
}

void host_free(struct host *host)
{
    if (!host) return;
    serve_stop(host->server);
    vec_release(&host->sinks);
    free(host);
}

struct server *host_server(struct host *host)
{
    return host ? host->server : NULL;
}

const char *host_url(const struct host *host)
{
    return serve_url(host->server);
}
