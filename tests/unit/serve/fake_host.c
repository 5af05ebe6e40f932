/* SPDX-License-Identifier: Apache-2.0 */
/* See fake_host.h: the operations, and reports that nobody walked. The past is past.c's. */
#include "fake_host.h"

#include "past.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake_probe {
    struct fake_host *host;
    struct journey *journey;
    char *persona;
    serve_probe_done *done;
    void *context;
    struct deferred walk;
};

/* --- Reports */

static void fill_failure(struct step_report *step, enum outcome_kind kind)
{
    step->failure = (struct failure){
        .kind = kind,
        .message = xstrdup("no element for [itemprop=price]"),
        .expected = xstrdup("an element for [itemprop=price]"),
        .actual = xstrdup("none"),
        .excerpt = xstrdup("<h1>Blue mug</h1>\n<p class=\"price\"></p>\n" HOSTILE)};
}

static void add_step(struct run_report *report, const struct step *source, bool skipped,
                     bool failing, enum outcome_kind kind)
{
    struct step_report *step = vec_add(&report->steps);
    int64_t length_us = 40000 + (int64_t)(report->steps.count * 17000);
    step->name = source->name;
    step->stage = source->stage ? source->stage : "";
    step->place = source->place;
    step->failure.kind = OUTCOME_PASS;
    step->verdict = skipped ? VERDICT_SKIPPED : failing ? outcome_verdict(kind) : VERDICT_PASS;
    if (skipped) {
        step->skipped = xstrdup("a step before it failed");
        return;
    }
    step->started_us = report->duration_us;
    step->duration_us = length_us;
    report->duration_us += length_us + 1500;
    step->method = "GET";
    step->url = xasprintf("https://shop.example/page/%zu?q=<b>", report->steps.count);
    step->status = 200;
    step->attempts = 1;
    step->body_bytes = failing ? 1800 : 5120;
    step->certificate_ends_s = report->started_wall_us / US_PER_SECOND + 60 * 86400;
    step->timings = (struct timings){2000, 3000, 9000, length_us - 20000, 6000, length_us};
    step->seen = xstrdup(failing ? "Menu Blue mug A mug that is blue. " HOSTILE " Add to cart"
                                 : "Menu Blue mug A mug that is blue. €12.50 Add to cart");
    if (failing) fill_failure(step, kind);
}

struct run_report *fake_report(struct journey *journey, const char *persona, int failing,
                               enum outcome_kind kind, int64_t started_us)
{
    struct run_report *report = NEW(struct run_report);
    report->journey = journey_hold(journey);
    report->persona = xstrdup(persona);
    report->base = xstrdup("https://shop.example");
    report->started_wall_us = started_us;
    id_uuid_v7(started_us, report->run_id);
    id_trace(report->trace_id);
    for (size_t i = 0; i < journey->step_count; i++)
        add_step(report, &journey->steps[i], failing >= 0 && (int)i > failing, (int)i == failing,
                 kind);
    report->verdict = failing < 0 ? VERDICT_PASS : outcome_verdict(kind);
    return report;
}

/* --- Operations */

static void each_journey(void *context, serve_journey_visit *visit, void *visitor)
{
    struct fake_host *host = context;
    vec_each(journey, &host->journeys) {
        int64_t now_us = clock_wall_us(&clock_real);
        visit(visitor, &(struct serve_journey){.journey = *journey,
                                               .next_us = now_us + 20 * US_PER_SECOND,
                                               .paused = host->paused});
    }
}

static void live(void *context, struct serve_live *ret_live)
{
    struct fake_host *host = context;
    host->sinks[0] = (struct serve_sink){"ops", "webhook", 12, 1, NULL};
    host->sinks[1] = (struct serve_sink){"pager \"7\"", "pagerduty", 3, 9, "connection refused"};
    *ret_live = (struct serve_live){.started_us = clock_wall_us(&clock_real) - 3600 * US_PER_SECOND,
                                    .subjects = 2 * host->journeys.count,
                                    .under_way = 1,
                                    .missed = 4,
                                    .stall_us = 1200,
                                    .trusted = !host->distrusts,
                                    .distrust = "every control URL fails",
                                    .reload_failed = host->reload_failed,
                                    .store_trouble = host->store_trouble,
                                    .sinks = host->sinks,
                                    .sink_count = 2};
}

static bool ready(void *context, struct buf *why)
{
    struct fake_host *host = context;
    if (host->not_ready) buf_add_text(why, "the store cannot be written");
    return !host->not_ready;
}

static void probe_free(struct fake_probe *probe)
{
    struct fake_host *host = probe->host;
    for (size_t i = 0; i < host->probes.count; i++) {
        if (host->probes.items[i] != probe) continue;
        host->probes.items[i] = *vec_last(&host->probes);
        (void)vec_pop(&host->probes);
        break;
    }
    deferred_cancel(&probe->walk);
    free(probe->persona);
    free(probe);
}

static void walk(void *context)
{
    struct fake_probe *probe = context;
    serve_probe_done *done = probe->done;
    void *done_context = probe->context;
    struct run_report *report =
        fake_report(probe->journey, probe->persona, -1, OUTCOME_PASS, clock_wall_us(&clock_real));
    probe_free(probe);
    done(done_context, report);
    run_report_free(report);
}

static void *start_probe(void *context, const struct serve_probe *asked, serve_probe_done *done,
                         void *done_context, struct error *error)
{
    struct fake_host *host = context;
    host->probe_timeout_us = asked->timeout_us;
    if (host->busy) {
        error_set(error, "all places are taken");
        return NULL;
    }
    struct fake_probe *probe = NEW(struct fake_probe);
    *probe = (struct fake_probe){
        .host = host, .persona = xstrdup(asked->persona), .done = done, .context = done_context};
    vec_each(journey, &host->journeys) {
        if (strcmp((*journey)->name, asked->journey) == 0) probe->journey = *journey;
    }
    deferred_init(&probe->walk, host->loop, walk, probe);
    if (!host->slow) deferred_queue(&probe->walk);
    vec_push(&host->probes, probe);
    return probe;
}

static void forget_probe(void *context, void *ticket)
{
    (void)context;
    probe_free(ticket);
}

static void stop_probe(void *context, void *ticket)
{
    struct fake_host *host = context;
    host->stopped++;
    probe_free(ticket);
}

static enum serve_answer answer(struct fake_host *host, struct error *error)
{
    if (host->answer != SERVE_DONE) error_set(error, "no matcher: say journey=NAME");
    return host->answer;
}

static enum serve_answer acknowledge(void *context, const char *incident_id, bool acknowledged,
                                     const char *author, struct error *error)
{
    struct fake_host *host = context;
    snprintf(host->asked, sizeof host->asked, "%s %s by %s", acknowledged ? "ack" : "unack",
             incident_id, author);
    return answer(host, error);
}

static void forget_silence(struct fake_host *host)
{
    free((char *)(uintptr_t)host->silenced.id);
    free((char *)(uintptr_t)host->silenced.matcher);
    free((char *)(uintptr_t)host->silenced.author);
    host->silenced = (struct store_silence){0};
}

static enum serve_answer silence(void *context, const struct store_silence *wanted,
                                 struct error *error)
{
    struct fake_host *host = context;
    snprintf(host->asked, sizeof host->asked, "silence %s by %s: %s", wanted->matcher,
             wanted->author, wanted->comment ? wanted->comment : "");
    struct store_batch *batch = store_begin(host->store);
    batch_put_silence(batch, wanted);
    store_commit(batch, NULL, NULL);
    forget_silence(host);
    host->silenced = (struct store_silence){.id = xstrdup(wanted->id),
                                            .matcher = xstrdup(wanted->matcher),
                                            .author = xstrdup(wanted->author),
                                            .from_us = wanted->from_us,
                                            .until_us = wanted->until_us};
    return answer(host, error);
}

static enum serve_answer unsilence(void *context, const char *silence_id, const char *author,
                                   struct error *error)
{
    struct fake_host *host = context;
    snprintf(host->asked, sizeof host->asked, "unsilence %s by %s", silence_id, author);
    if (host->silenced.id && !strcmp(host->silenced.id, silence_id)) forget_silence(host);
    return answer(host, error);
}

static void each_silence(void *context, serve_silence_visit *visit, void *visitor)
{
    struct fake_host *host = context;
    vec_each(silence, &host->silences) visit(visitor, silence);
    if (host->silenced.id) visit(visitor, &host->silenced);
}

const struct serve_host_operations fake_operations = {.each_journey = each_journey,
                                                      .live = live,
                                                      .ready = ready,
                                                      .probe = start_probe,
                                                      .probe_forget = forget_probe,
                                                      .probe_stop = stop_probe,
                                                      .acknowledge = acknowledge,
                                                      .silence = silence,
                                                      .unsilence = unsilence,
                                                      .each_silence = each_silence};

/* --- Life */

bool fake_host_init(struct fake_host *host, enum fake_past past, struct error *error)
{
    *host = (struct fake_host){.directory = "/tmp/shopper-serve-XXXXXX"};
    if (!mkdtemp(host->directory)) return error_set(error, "no directory");
    AUTO_FREE char *path = xasprintf("%s/shopper.db", host->directory);
    host->store = store_open(path, NULL, error);
    host->loop = loop_new(NULL, error);
    return host->store && host->loop && past_make(host, past, error) &&
           store_silences(host->store, 0, &host->silences, error);
}

bool fake_host_serve(struct fake_host *host, const struct serve_settings *settings,
                     struct error *error)
{
    host->server = serve_start(settings, host->loop, host->store, &fake_operations, host, error);
    if (!host->server) return false;
    past_observe(host);
    return true;
}

void fake_host_release(struct fake_host *host)
{
    serve_stop(host->server);
    while (host->probes.count) probe_free(*vec_last(&host->probes));
    vec_each(journey, &host->journeys) journey_free(*journey);
    vec_release(&host->journeys);
    vec_release(&host->probes);
    forget_silence(host);
    store_silence_list_release(&host->silences);
    store_close(host->store);
    loop_free(host->loop);
    DIR *directory = opendir(host->directory);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        AUTO_FREE char *path = xasprintf("%s/%s", host->directory, entry->d_name);
        if (entry->d_name[0] != '.') unlink(path);
    }
    if (directory) closedir(directory);
    rmdir(host->directory);
}
