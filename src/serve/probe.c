/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /probe: walks a journey now and answers in blackbox_exporter's terms, so that its scrape
 * configurations and alert rules work. The verdict is in the metrics: the status is 200 whatever
 * the shopper met.
 *
 * A call waits for its run; a server that stops forgets its runs. As many as PROBES_MAX at once.
 */
#include "serve/answer.h"
#include "serve/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBES_MAX 20
/* Left for the answer to arrive before the scraper gives up, as blackbox_exporter has it. */
#define PROBE_MARGIN_US (500 * US_PER_MS)
#define PROBE_LONGEST_US (600 * US_PER_SECOND)
#define PROBE_SHORTEST_US US_PER_MS

struct probe_call {
    struct server *server;
    struct http_call *call;
    void *ticket;
    int64_t timeout_us;
    bool open_metrics;
};

static void probe_call_free(struct probe_call *probe)
{
    struct server *server = probe->server;
    for (size_t i = 0; i < server->probes.count; i++) {
        if (server->probes.items[i] != probe) continue;
        server->probes.items[i] = *vec_last(&server->probes);
        (void)vec_pop(&server->probes);
        break;
    }
    free(probe);
}

void probes_forget(struct server *server)
{
    while (server->probes.count) {
        struct probe_call *probe = *vec_last(&server->probes);
        server->operations->probe_forget(server->host, probe->ticket);
        probe_call_free(probe);
    }
}

/* Its shopper ends what he does for nobody, and gives up the place. */
static void probe_gone(void *context)
{
    struct probe_call *probe = context;
    const struct request request = {.server = probe->server, .call = probe->call};
    probe->server->operations->probe_stop(probe->server->host, probe->ticket);
    probe_call_free(probe);
    answer_problem(&request, PROBLEM_TOO_LATE, "who asked has left");
}

/* --- The answer */

static void probe_done(void *context, const struct run_report *report)
{
    struct probe_call *probe = context;
    struct request request = {.server = probe->server, .call = probe->call};
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct exposition exposition = {.out = &text, .open_metrics = probe->open_metrics};
    probe_print(&exposition, report, probe->timeout_us);
    const char *media_type = exposition_media_type(probe->open_metrics);
    probe_call_free(probe);
    answer_with(&request, 200, media_type,
                (const struct http_reply_header[]){{"Vary", "Accept"}, {0}}, buf_view(&text));
}

/* --- The question */

struct wanted {
    const char *journey, *persona;
    char *found_persona; /* the journey's first one when none was asked for */
    bool journey_found, persona_found;
    int64_t deadline_us;
};

static void look_for(void *visitor, const struct serve_journey *journey)
{
    struct wanted *wanted = visitor;
    if (strcmp(journey->journey->name, wanted->journey) != 0) return;
    wanted->journey_found = true;
    wanted->deadline_us = journey->journey->deadline_us;
    for (size_t i = 0; i < journey->journey->persona_count; i++) {
        const char *persona = journey->journey->personas[i];
        if (wanted->persona && strcmp(wanted->persona, persona) != 0) continue;
        wanted->persona_found = true;
        if (!wanted->found_persona) wanted->found_persona = xstrdup(persona);
    }
}

/* What the scraper allows, less a margin; the journey's own deadline without its word. */
static bool read_timeout(const struct request *request, int64_t *timeout_us)
{
    const char *text = http_call_header(request->call, "X-Prometheus-Scrape-Timeout-Seconds");
    char *end = NULL;
    if (!text) return true;
    double allowed_s = strtod(text, &end);
    if (end == text || *end || !(allowed_s > 0)) return false;
    if (allowed_s > (double)(PROBE_LONGEST_US / US_PER_SECOND)) return true;
    int64_t allowed_us = (int64_t)(allowed_s * 1e6);
    allowed_us -= allowed_us > 2 * PROBE_MARGIN_US ? PROBE_MARGIN_US : allowed_us / 4;
    if (allowed_us < PROBE_SHORTEST_US) allowed_us = PROBE_SHORTEST_US;
    if (allowed_us < *timeout_us) *timeout_us = allowed_us;
    return true;
}

static void probe_begin(const struct request *request, const struct wanted *wanted,
                        int64_t timeout_us)
{
    struct server *server = request->server;
    AUTO_ERROR error = ERROR_NONE;
    struct probe_call *probe = NEW(struct probe_call);
    *probe = (struct probe_call){
        .server = server,
        .call = request->call,
        .timeout_us = timeout_us,
        .open_metrics = exposition_wants_open_metrics(http_call_header(request->call, "Accept"))};
    probe->ticket = server->operations->probe(
        server->host,
        &(struct serve_probe){
            .journey = wanted->journey, .persona = wanted->found_persona, .timeout_us = timeout_us},
        probe_done, probe, &error);
    if (probe->ticket) {
        vec_push(&server->probes, probe);
        http_call_watch(request->call, probe_gone, probe);
        return;
    }
    free(probe);
    answer_problem(request, PROBLEM_BUSY, "%s", error_text(&error));
}

void probe_answer(const struct request *request)
{
    AUTO_BUF journey = BUF_INIT(4096), persona = BUF_INIT(4096);
    bool named, with_persona;
    if (!request_take(request, "journey", &journey, &named) ||
        (!named && !request_take(request, "target", &journey, &named)) ||
        !request_take(request, "persona", &persona, &with_persona))
        return;
    if (!journey.length) {
        answer_problem(request, PROBLEM_BAD_REQUEST, "say which: /probe?journey=NAME");
        return;
    }
    struct wanted wanted = {.journey = buf_text(&journey),
                            .persona = with_persona ? buf_text(&persona) : NULL};
    request->server->operations->each_journey(request->server->host, look_for, &wanted);
    int64_t timeout_us = wanted.deadline_us;
    if (!wanted.journey_found)
        answer_problem(request, PROBLEM_NOT_FOUND, "no journey is called \"%s\"", wanted.journey);
    else if (!wanted.persona_found)
        answer_problem(request, PROBLEM_NOT_FOUND, "the journey \"%s\" has no persona \"%s\"",
                       wanted.journey, wanted.persona ? wanted.persona : "");
    else if (!read_timeout(request, &timeout_us))
        answer_problem(request, PROBLEM_BAD_REQUEST,
                       "X-Prometheus-Scrape-Timeout-Seconds is no number of seconds");
    else if (request->server->probes.count >= PROBES_MAX)
        answer_problem(request, PROBLEM_BUSY, "%d probes are under way", PROBES_MAX);
    else
        probe_begin(request, &wanted, timeout_us);
    free(wanted.found_persona);
}
