/* SPDX-License-Identifier: Apache-2.0 */
/* /metrics: what was counted since the start, what the host says of now, and the little that the
 * store has to be asked: open incidents, silences, the outbox. */
#include "serve/metrics.h"

#include "base/utf8.h"
#include "serve/answer.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

const struct metric_row metric_rows[METRIC_COUNT] = {
#define X(name, word, type, labels, help) [METRIC_##name] = {{word, FAMILY_##type, help}, labels},
    METRICS(X)
#undef X
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

typedef void subject_writer(struct exposition *exposition, const struct subject_figures *subject);

static void write_runs(struct exposition *exposition, const struct subject_figures *subject)
{
    for (unsigned i = 0; i < RUN_CLASSES; i++)
        exposition_count(exposition,
                         (labels){"journey", subject->journey, "persona", subject->persona,
                                  "verdict", run_class_word((enum run_class)i), NULL},
                         subject->runs[i]);
}

static void write_run_seconds(struct exposition *exposition, const struct subject_figures *subject)
{
    exposition_spread(exposition,
                      (labels){"journey", subject->journey, "persona", subject->persona, NULL},
                      &subject->durations);
}

static void write_missed(struct exposition *exposition, const struct subject_figures *subject)
{
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

static void write_last_run(struct exposition *exposition, const struct subject_figures *subject)
{
    if (subject->ran) write_gauge(exposition, subject, seconds(subject->last.ended_us));
}

static void write_success(struct exposition *exposition, const struct subject_figures *subject)
{
    if (!subject->ran || subject->rests || subject->last.verdict == VERDICT_UNKNOWN) return;
    write_gauge(exposition, subject, subject->last.verdict == VERDICT_FAIL ? 0 : 1);
}

static void write_duration(struct exposition *exposition, const struct subject_figures *subject)
{
    if (subject->ran) write_gauge(exposition, subject, seconds(subject->last.duration_us));
}

static void write_dns(struct exposition *exposition, const struct subject_figures *subject)
{
    if (subject->ran) write_gauge(exposition, subject, seconds(subject->last.phases.dns_us));
}

static void write_phases(struct exposition *exposition, const struct subject_figures *subject)
{
    for (size_t i = 0; subject->ran && probe_phase_word(i); i++)
        exposition_sample(exposition,
                          (labels){"journey", subject->journey, "persona", subject->persona,
                                   "phase", probe_phase_word(i), NULL},
                          probe_phase_seconds(&subject->last.phases, i));
}

static void write_status(struct exposition *exposition, const struct subject_figures *subject)
{
    if (subject->ran) write_gauge(exposition, subject, (double)subject->last.status);
}

static void write_ssl(struct exposition *exposition, const struct subject_figures *subject)
{
    if (subject->ran) write_gauge(exposition, subject, subject->last.tls);
}

static void write_certificate(struct exposition *exposition, const struct subject_figures *subject)
{
    if (subject->last.certificate_ends_s)
        write_gauge(exposition, subject, (double)subject->last.certificate_ends_s);
}

static void write_subjects(struct exposition *exposition, const struct figures *figures)
{
    static const struct {
        enum metric metric;
        subject_writer *write;
    } table[] = {{METRIC_RUNS, write_runs},
                 {METRIC_RUN_SECONDS, write_run_seconds},
                 {METRIC_MISSED, write_missed},
                 {METRIC_LAST_RUN, write_last_run},
                 {METRIC_PROBE_SUCCESS, write_success},
                 {METRIC_PROBE_SECONDS, write_duration},
                 {METRIC_PROBE_DNS, write_dns},
                 {METRIC_PROBE_PHASES, write_phases},
                 {METRIC_PROBE_STATUS, write_status},
                 {METRIC_PROBE_SSL, write_ssl},
                 {METRIC_PROBE_CERTIFICATE, write_certificate}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        metrics_begin(exposition, table[i].metric);
        map_each(entry, &figures->subjects) table[i].write(exposition, entry->value);
    }
}

static void write_steps(struct exposition *exposition, const struct figures *figures)
{
    metrics_begin(exposition, METRIC_STEP_SECONDS);
    map_each(entry, &figures->steps) {
        const struct step_figures *step = entry->value;
        exposition_spread(
            exposition,
            (labels){"journey", step->journey, "stage", step->stage, "step", step->step, NULL},
            &step->durations);
    }
    metrics_begin(exposition, METRIC_FAILURES);
    map_each(entry, &figures->failures) {
        const struct failure_figures *failure = entry->value;
        exposition_count(exposition,
                         (labels){"journey", failure->journey, "stage", failure->stage, "step",
                                  failure->step, "kind", outcome_word(failure->kind), NULL},
                         failure->count);
    }
    metrics_begin(exposition, METRIC_CERTIFICATE);
    map_each(entry, &figures->hosts) {
        const struct host_figures *host = entry->value;
        exposition_sample(exposition, (labels){"host", entry->key, NULL},
                          (double)host->certificate_ends_s);
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
    struct map *keep = visitor;
    struct view name = utf8_clip(view_of(journey->journey->name), FIGURES_MAX_LABEL_BYTES);
    map_set(keep, name, keep);
}

void metrics_answer(const struct request *request)
{
    struct server *server = request->server;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    bool open_metrics = exposition_wants_open_metrics(http_call_header(request->call, "Accept"));
    struct exposition exposition = {.out = &text, .open_metrics = open_metrics};
    struct map keep = MAP_INIT(NULL);
    struct serve_live live = {0};
    server->operations->each_journey(server->host, keep_journey, &keep);
    figures_prune(&server->figures, &keep);
    map_release(&keep);
    server->operations->live(server->host, &live);
    write_live(&exposition, server, &live);
    write_subjects(&exposition, &server->figures);
    write_steps(&exposition, &server->figures);
    write_ourselves(&exposition, &server->figures);
    write_store(&exposition, server, &live);
    write_process(&exposition);
    exposition_end(&exposition);
    answer_with(request, 200, exposition_media_type(open_metrics),
                (const struct http_reply_header[]){{"Vary", "Accept"}, {0}}, buf_view(&text));
}
