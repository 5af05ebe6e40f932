/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /metrics: what was counted since the start, what the host says of now, and the little that the
 * store has to be asked: open incidents, silences, the outbox.
 *
 * A thousand journeys make some megabytes of text, and tens of milliseconds of work. Shoppers must
 * not wait for that: it is planned first, as a list of pieces, and written a few at a time, with a
 * turn of the loop between.
 */
#include "serve/metrics.h"

#include "judge/event.h"
#include "serve/answer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

const struct metric_row metric_rows[METRIC_COUNT] = {
#define X(name, word, type, labels, help) [METRIC_##name] = {{word, FAMILY_##type, help}, labels},
    METRICS(X)
#undef X
};

#define SLICE_BYTES ((size_t)32 << 10) /* of text in one turn: less than half a millisecond */

/* Samples of one family about one thing, or, without a writer, where the family begins. */
struct piece {
    enum metric metric;
    void (*write)(struct exposition *exposition, const char *name, const void *figures);
    const char *name;
    const void *figures; /* they stay while a scrape is under way */
};

struct scrape {
    struct server *server;
    struct http_call *call;
    struct deferred turn;
    struct buf text;
    struct exposition exposition;
    struct {
        struct piece *items;
        size_t count, capacity;
    } pieces; /* a VEC */
    size_t at;
};

void metrics_begin(struct exposition *exposition, enum metric metric)
{
    exposition_family(exposition, &metric_rows[metric].family);
}

void metrics_single(struct exposition *exposition, enum metric metric, double value)
{
    metrics_begin(exposition, metric);
    exposition_sample(exposition, NULL, value);
}

static double seconds(int64_t us)
{
    return (double)us / 1e6;
}

/* --- Phases, by blackbox_exporter's names */

const char *probe_phase_word(size_t phase)
{
    static const char *const words[] = {"resolve", "connect", "tls", "processing", "transfer"};
    return phase < COUNT_OF(words) ? words[phase] : NULL;
}

double probe_phase_seconds(const struct timings *timings, size_t phase)
{
    const int64_t us[] = {timings->dns_us, timings->connect_us, timings->tls_us,
                          timings->first_byte_us, timings->transfer_us};
    return phase < COUNT_OF(us) ? seconds(us[phase]) : 0;
}

/* --- What was counted. The journey and the persona are the labels of all of it. */

static void write_runs(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    for (unsigned i = 0; i < RUN_CLASSES; i++)
        exposition_count(exposition,
                         (labels){"journey", subject->journey, "persona", subject->persona,
                                  "verdict", run_class_word((enum run_class)i), NULL},
                         subject->runs[i]);
}

static void write_run_seconds(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    exposition_spread(exposition,
                      (labels){"journey", subject->journey, "persona", subject->persona, NULL},
                      &subject->durations);
}

static void write_missed(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    exposition_count(exposition,
                     (labels){"journey", subject->journey, "persona", subject->persona, NULL},
                     subject->missed);
}

static void write_gauge(struct exposition *exposition, const struct subject_figures *subject,
                        double value)
{
    exposition_sample(exposition,
                      (labels){"journey", subject->journey, "persona", subject->persona, NULL},
                      value);
}

static void write_last_run(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    if (subject->ran) write_gauge(exposition, subject, seconds(subject->last.ended_us));
}

static void write_success(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    if (!subject->ran || subject->rests || subject->rests_now) return;
    if (subject->last.verdict == VERDICT_UNKNOWN) return;
    write_gauge(exposition, subject, subject->last.verdict == VERDICT_FAIL ? 0 : 1);
}

static void write_duration(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    if (subject->ran) write_gauge(exposition, subject, seconds(subject->last.duration_us));
}

static void write_dns(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    if (subject->ran) write_gauge(exposition, subject, seconds(subject->last.phases.dns_us));
}

static void write_phases(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    for (size_t i = 0; subject->ran && probe_phase_word(i); i++)
        exposition_sample(exposition,
                          (labels){"journey", subject->journey, "persona", subject->persona,
                                   "phase", probe_phase_word(i), NULL},
                          probe_phase_seconds(&subject->last.phases, i));
}

static void write_status(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    if (subject->ran) write_gauge(exposition, subject, (double)subject->last.status);
}

static void write_ssl(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    if (subject->ran) write_gauge(exposition, subject, subject->last.tls);
}

static void write_certificate(struct exposition *exposition, const char *name, const void *figures)
{
    const struct subject_figures *subject = figures;
    (void)name;
    if (subject->last.certificate_ends_s)
        write_gauge(exposition, subject, (double)subject->last.certificate_ends_s);
}

static void write_step(struct exposition *exposition, const char *name, const void *figures)
{
    const struct step_figures *step = figures;
    (void)name;
    exposition_spread(
        exposition,
        (labels){"journey", step->journey, "stage", step->stage, "step", step->step, NULL},
        &step->durations);
}

static void write_failure(struct exposition *exposition, const char *name, const void *figures)
{
    const struct failure_figures *failure = figures;
    (void)name;
    exposition_count(exposition,
                     (labels){"journey", failure->journey, "stage", failure->stage, "step",
                              failure->step, "kind", outcome_word(failure->kind), NULL},
                     failure->count);
}

static void write_host(struct exposition *exposition, const char *name, const void *figures)
{
    const struct host_figures *host = figures;
    exposition_sample(exposition, (labels){"host", name, NULL}, (double)host->certificate_ends_s);
}

static void plan(struct scrape *scrape, const struct figures *figures)
{
    const struct {
        enum metric metric;
        const struct map *things;
        void (*write)(struct exposition *exposition, const char *name, const void *figures);
    } table[] = {{METRIC_RUNS, &figures->subjects, write_runs},
                 {METRIC_RUN_SECONDS, &figures->subjects, write_run_seconds},
                 {METRIC_MISSED, &figures->subjects, write_missed},
                 {METRIC_LAST_RUN, &figures->subjects, write_last_run},
                 {METRIC_PROBE_SUCCESS, &figures->subjects, write_success},
                 {METRIC_PROBE_SECONDS, &figures->subjects, write_duration},
                 {METRIC_PROBE_DNS, &figures->subjects, write_dns},
                 {METRIC_PROBE_PHASES, &figures->subjects, write_phases},
                 {METRIC_PROBE_STATUS, &figures->subjects, write_status},
                 {METRIC_PROBE_SSL, &figures->subjects, write_ssl},
                 {METRIC_PROBE_CERTIFICATE, &figures->subjects, write_certificate},
                 {METRIC_STEP_SECONDS, &figures->steps, write_step},
                 {METRIC_FAILURES, &figures->failures, write_failure},
                 {METRIC_CERTIFICATE, &figures->hosts, write_host}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        vec_push(&scrape->pieces, ((struct piece){.metric = table[i].metric}));
        map_each(entry, table[i].things)
            vec_push(&scrape->pieces,
                     ((struct piece){table[i].metric, table[i].write, entry->key, entry->value}));
    }
}

static void write_ourselves(struct exposition *exposition, const struct figures *figures)
{
    static const char *const what[OVERFLOW_COUNT] = {"subjects", "steps", "failures", "hosts"};
    static const char *const classes[] = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};
    metrics_begin(exposition, METRIC_LATENESS);
    exposition_spread(exposition, NULL, &figures->lateness);
    metrics_begin(exposition, METRIC_OVERFLOW);
    for (size_t i = 0; i < OVERFLOW_COUNT; i++)
        exposition_count(exposition, (labels){"what", what[i], NULL}, figures->overflow[i]);
    metrics_begin(exposition, METRIC_ANSWERS);
    for (size_t i = 2; i < COUNT_OF(classes); i++)
        exposition_count(exposition, (labels){"class", classes[i], NULL}, figures->answers[i]);
}

/* --- What the host says of now */

static void write_sinks(struct exposition *exposition, const struct serve_live *live)
{
    metrics_begin(exposition, METRIC_SINK_UP);
    for (size_t i = 0; i < live->sink_count; i++)
        exposition_sample(exposition,
                          (labels){"sink", live->sinks[i].name, "kind", live->sinks[i].kind, NULL},
                          live->sinks[i].trouble ? 0 : 1);
    metrics_begin(exposition, METRIC_SINK_SENT);
    for (size_t i = 0; i < live->sink_count; i++) {
        const struct serve_sink *sink = &live->sinks[i];
        exposition_count(
            exposition,
            (labels){"sink", sink->name, "kind", sink->kind, "result", "delivered", NULL},
            sink->delivered);
        exposition_count(exposition,
                         (labels){"sink", sink->name, "kind", sink->kind, "result", "failed", NULL},
                         sink->failed);
    }
}

static void write_live(struct exposition *exposition, struct server *server,
                       const struct serve_live *live)
{
    AUTO_BUF why = BUF_INIT(BUF_OWN_CAP);
    metrics_begin(exposition, METRIC_BUILD_INFO);
    exposition_sample(exposition, (labels){"version", SHOPPER_VERSION, NULL}, 1);
    metrics_single(exposition, METRIC_START_TIME, seconds(live->started_us));
    metrics_single(exposition, METRIC_READY, server->operations->ready(server->host, &why));
    metrics_single(exposition, METRIC_TRUSTED, live->trusted);
    metrics_single(exposition, METRIC_RELOADED,
                   seconds(live->reloaded_us ? live->reloaded_us : live->started_us));
    metrics_single(exposition, METRIC_RELOAD_GOOD, !live->reload_failed);
    metrics_single(exposition, METRIC_OVERDUE, seconds(live->overdue_us));
    metrics_single(exposition, METRIC_SUBJECTS, (double)live->subjects);
    metrics_single(exposition, METRIC_UNDER_WAY, (double)live->under_way);
    metrics_single(exposition, METRIC_WAITING, (double)live->waiting);
    metrics_single(exposition, METRIC_STALL, seconds(live->stall_us));
    metrics_single(exposition, METRIC_STORE_WAITING, (double)live->store_waiting);
    write_sinks(exposition, live);
}

/* --- What the store knows */

static bool write_incidents(struct exposition *exposition, struct server *server)
{
    struct store_incident_list incidents = {0};
    bool good = store_incidents(server->store, &(struct store_incident_filter){.open_only = true},
                                &incidents, NULL);
    unsigned open[5] = {0};
    vec_each(incident, &incidents) {
        if (incident_is_planned(incident->json)) continue;
        if (incident->severity >= 1 && incident->severity <= 4) open[incident->severity]++;
    }
    store_incident_list_release(&incidents);
    metrics_begin(exposition, METRIC_INCIDENTS);
    for (int severity = 1; good && severity <= 4; severity++) {
        char word[16];
        snprintf(word, sizeof word, "sev%d", severity);
        exposition_count(exposition, (labels){"severity", word, NULL}, open[severity]);
    }
    return good;
}

static bool write_silences(struct exposition *exposition, struct server *server)
{
    struct store_silence_list silences = {0};
    int64_t now_us = server_now_us(server);
    bool good = store_silences(server->store, now_us, &silences, NULL);
    uint64_t active = 0;
    vec_each(silence, &silences) active += silence->from_us <= now_us;
    store_silence_list_release(&silences);
    metrics_begin(exposition, METRIC_SILENCES);
    if (good) exposition_count(exposition, NULL, active);
    return good;
}

static bool write_outbox(struct exposition *exposition, struct server *server)
{
    struct store_outbox_figures outbox = {0};
    if (!store_outbox(server->store, NULL, &outbox, NULL)) return false;
    int64_t age_us = outbox.oldest_us ? server_now_us(server) - outbox.oldest_us : 0;
    metrics_single(exposition, METRIC_OUTBOX, (double)outbox.waiting);
    metrics_single(exposition, METRIC_OUTBOX_AGE, seconds(age_us > 0 ? age_us : 0));
    metrics_single(exposition, METRIC_OUTBOX_LOST, (double)outbox.given_up);
    return true;
}

static void write_store(struct exposition *exposition, struct server *server,
                        const struct serve_live *live)
{
    bool incidents = write_incidents(exposition, server);
    bool silences = write_silences(exposition, server);
    bool outbox = write_outbox(exposition, server);
    metrics_single(exposition, METRIC_STORE_UP,
                   incidents && silences && outbox && !live->store_trouble);
}

/* --- This process */

static size_t count_descriptors(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    if (!directory) return 0;
    while (readdir(directory)) count++;
    closedir(directory);
    return count > 3 ? count - 3 : 0; /* ".", "..", and the directory itself */
}

static double resident_bytes(void)
{
    unsigned long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    if (fscanf(file, "%lu %lu", &total, &resident) != 2) resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static void write_process(struct exposition *exposition)
{
    struct rusage usage = {0};
    struct rlimit limit = {0};
    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &limit);
    metrics_single(exposition, METRIC_CPU,
                   (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    metrics_single(exposition, METRIC_MEMORY, resident_bytes());
    metrics_single(exposition, METRIC_FDS, (double)count_descriptors());
    metrics_single(exposition, METRIC_MAX_FDS, (double)limit.rlim_cur);
}

/* --- All of it */

static void keep_journey(void *visitor, const struct serve_journey *journey)
{
    const struct journey *shown = journey->journey;
    for (size_t i = 0; i < shown->persona_count; i++)
        figures_keep(visitor, shown->name, shown->personas[i], journey->paused != NULL);
}

static void scrape_free(struct scrape *scrape)
{
    struct server *server = scrape->server;
    for (size_t i = 0; i < server->scrapes.count; i++) {
        if (server->scrapes.items[i] != scrape) continue;
        server->scrapes.items[i] = *vec_last(&server->scrapes);
        (void)vec_pop(&server->scrapes);
        break;
    }
    deferred_cancel(&scrape->turn);
    vec_release(&scrape->pieces);
    buf_release(&scrape->text);
    free(scrape);
}

void scrapes_forget(struct server *server)
{
    while (server->scrapes.count) scrape_free(*vec_last(&server->scrapes));
}

/* What changes with every turn is read in one. */
static void scrape_finish(struct scrape *scrape)
{
    struct server *server = scrape->server;
    struct exposition *exposition = &scrape->exposition;
    struct serve_live live = {0};
    server->operations->live(server->host, &live);
    write_live(exposition, server, &live);
    write_ourselves(exposition, &server->figures);
    write_store(exposition, server, &live);
    write_process(exposition);
    exposition_end(exposition);
    const struct request request = {.server = server, .call = scrape->call};
    answer_with(&request, 200, exposition_media_type(exposition->open_metrics),
                (const struct http_reply_header[]){{"Vary", "Accept"}, {0}},
                buf_view(&scrape->text));
    scrape_free(scrape);
}

static void scrape_go_on(void *context)
{
    struct scrape *scrape = context;
    size_t until = scrape->text.length + SLICE_BYTES;
    while (scrape->at < scrape->pieces.count && scrape->text.length < until) {
        const struct piece *piece = &scrape->pieces.items[scrape->at++];
        if (piece->write)
            piece->write(&scrape->exposition, piece->name, piece->figures);
        else
            metrics_begin(&scrape->exposition, piece->metric);
    }
    if (scrape->at < scrape->pieces.count)
        deferred_queue(&scrape->turn);
    else
        scrape_finish(scrape);
}

/* Of what is watched no more. */
static void forget_figures(struct server *server)
{
    struct map keep = MAP_INIT(NULL);
    struct serve_live live = {0};
    server->operations->live(server->host, &live);
    server->operations->each_journey(server->host, keep_journey, &keep);
    figures_prune(&server->figures, &keep, live.reloaded_us);
    map_release(&keep);
}

void metrics_answer(const struct request *request)
{
    struct server *server = request->server;
    struct scrape *scrape = NEW(struct scrape);
    if (!server->scrapes.count) forget_figures(server);
    scrape->server = server;
    scrape->call = request->call;
    scrape->text = BUF_INIT(BUF_OWN_CAP);
    scrape->exposition = (struct exposition){
        .out = &scrape->text,
        .open_metrics = exposition_wants_open_metrics(http_call_header(request->call, "Accept"))};
    deferred_init(&scrape->turn, server->loop, scrape_go_on, scrape);
    vec_push(&server->scrapes, scrape);
    plan(scrape, &server->figures);
    scrape_go_on(scrape);
}
