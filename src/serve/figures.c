/* SPDX-License-Identifier: Apache-2.0 */
/* See figures.h. */
#include "serve/figures.h"

#include "base/utf8.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

static void subject_free(void *value)
{
    struct subject_figures *subject = value;
    free(subject->journey);
    free(subject->persona);
    free(subject);
}

static void step_free(void *value)
{
    struct step_figures *step = value;
    free(step->journey);
    free(step->stage);
    free(step->step);
    free(step);
}

static void host_free(void *value)
{
    struct host_figures *host = value;
    free(host->journey);
    free(host->persona);
    free(host);
}

static void failure_free(void *value)
{
    struct failure_figures *failure = value;
    free(failure->journey);
    free(failure->stage);
    free(failure->step);
    free(failure);
}

void figures_init(struct figures *figures)
{
    *figures = (struct figures){.subjects = MAP_INIT(subject_free),
                                .steps = MAP_INIT(step_free),
                                .failures = MAP_INIT(failure_free),
                                .hosts = MAP_INIT(host_free)};
}

void figures_release(struct figures *figures)
{
    map_release(&figures->subjects);
    map_release(&figures->steps);
    map_release(&figures->failures);
    map_release(&figures->hosts);
}

/* --- Finding */

/* Parts with a NUL behind each, so that no two lists of names make the same key. */
static void add_key(struct buf *key, const char *part)
{
    struct view clipped = utf8_clip(view_of(part), FIGURES_MAX_LABEL_BYTES);
    buf_add_view(key, clipped);
    buf_add_char(key, '\0');
}

static char *label_copy(const char *text)
{
    struct view clipped = utf8_clip(view_of(text), FIGURES_MAX_LABEL_BYTES);
    return xstrndup(clipped.data ? clipped.data : "", clipped.length);
}

/* NULL: there is none, and no room for it. *ret_new: it was just made, of `size` zeroed bytes. */
static void *find_or_add(struct figures *figures, struct map *map, const struct buf *key,
                         size_t size, size_t limit, enum overflow overflow, bool *ret_new)
{
    void *found = map_get(map, buf_view(key));
    *ret_new = false;
    if (found) return found;
    if (map_size(map) >= limit) {
        figures->overflow[overflow]++;
        return NULL;
    }
    *ret_new = true;
    found = xcalloc(1, size);
    map_set(map, buf_view(key), found);
    return found;
}

static struct subject_figures *subject_of(struct figures *figures, const char *journey,
                                          const char *persona)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    bool new;
    add_key(&key, journey);
    add_key(&key, persona);
    struct subject_figures *subject =
        find_or_add(figures, &figures->subjects, &key, sizeof *subject, FIGURES_MAX_SUBJECTS,
                    OVERFLOW_SUBJECTS, &new);
    if (!new) return subject;
    subject->journey = label_copy(journey);
    subject->persona = label_copy(persona);
    return subject;
}

const struct subject_figures *figures_subject(const struct figures *figures, const char *journey,
                                              const char *persona)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    add_key(&key, journey);
    add_key(&key, persona);
    return map_get(&figures->subjects, buf_view(&key));
}

/* --- Counting */

static void add_timings(struct timings *sum, const struct timings *one)
{
    sum->dns_us += one->dns_us;
    sum->connect_us += one->connect_us;
    sum->tls_us += one->tls_us;
    sum->first_byte_us += one->first_byte_us;
    sum->transfer_us += one->transfer_us;
    sum->total_us += one->total_us;
}

struct probe_figures probe_figures_of(const struct run_report *report)
{
    struct probe_figures figures = {.verdict = report->verdict,
                                    .ended_us = report->started_wall_us + report->duration_us,
                                    .duration_us = report->duration_us};
    vec_each(step, &report->steps) {
        if (!step->method) continue;
        add_timings(&figures.phases, &step->timings);
        figures.status = step->status;
        figures.tls = step->url && strncmp(step->url, "https:", 6) == 0;
        int64_t ends_s = step->certificate_ends_s;
        if (ends_s && (!figures.certificate_ends_s || ends_s < figures.certificate_ends_s))
            figures.certificate_ends_s = ends_s;
    }
    return figures;
}

static bool step_failed(const struct step_report *step)
{
    return step->failure.kind != OUTCOME_PASS && step->verdict != VERDICT_SKIPPED;
}

static void count_failure(struct figures *figures, const char *journey,
                          const struct step_report *step)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    bool new;
    add_key(&key, journey);
    add_key(&key, step->stage ? step->stage : "");
    add_key(&key, step->name);
    add_key(&key, outcome_word(step->failure.kind));
    struct failure_figures *failure =
        find_or_add(figures, &figures->failures, &key, sizeof *failure, FIGURES_MAX_FAILURES,
                    OVERFLOW_FAILURES, &new);
    if (!failure) return;
    failure->count++;
    if (!new) return;
    failure->journey = label_copy(journey);
    failure->stage = label_copy(step->stage);
    failure->step = label_copy(step->name);
    failure->kind = step->failure.kind;
}

static void count_step(struct figures *figures, const struct run_report *report,
                       const struct step_report *step)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    bool new;
    add_key(&key, report->journey->name);
    add_key(&key, step->stage ? step->stage : "");
    add_key(&key, step->name);
    struct step_figures *counted = find_or_add(figures, &figures->steps, &key, sizeof *counted,
                                               FIGURES_MAX_STEPS, OVERFLOW_STEPS, &new);
    if (!counted) return;
    spread_add(&counted->durations, step->duration_us, report->trace_id,
               report->started_wall_us + step->started_us + step->duration_us);
    if (!new) return;
    counted->journey = label_copy(report->journey->name);
    counted->stage = label_copy(step->stage);
    counted->step = label_copy(step->name);
}

/* "shop.example:8443" of a URL; false: it has none. */
static bool add_host(struct buf *out, const char *url)
{
    struct view rest = view_of(url);
    size_t slashes = view_find(rest, VIEW_LITERAL("://"));
    if (slashes == SIZE_MAX) return false;
    rest = view_from(rest, slashes + 3);
    size_t end = 0;
    while (end < rest.length && !strchr("/?#", rest.data[end])) end++;
    rest = view_slice(rest, 0, end);
    size_t at = view_find_char(rest, '@');
    if (at != SIZE_MAX) rest = view_from(rest, at + 1);
    return rest.length && buf_add_view(out, utf8_clip(rest, FIGURES_MAX_LABEL_BYTES));
}

static void note_certificate(struct figures *figures, const struct run_report *report,
                             const struct step_report *step)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    bool new;
    if (!step->certificate_ends_s || !step->url || !add_host(&key, step->url)) return;
    struct host_figures *host = find_or_add(figures, &figures->hosts, &key, sizeof *host,
                                            FIGURES_MAX_HOSTS, OVERFLOW_HOSTS, &new);
    if (!host) return;
    host->certificate_ends_s = step->certificate_ends_s;
    host->met_us = report->started_wall_us + report->duration_us;
    free(host->journey);
    free(host->persona);
    host->journey = label_copy(report->journey->name);
    host->persona = label_copy(report->persona);
}

static bool went_well(enum verdict verdict)
{
    return verdict == VERDICT_PASS || verdict == VERDICT_DEGRADED;
}

const char *run_class_word(enum run_class class)
{
    static const char *const words[RUN_CLASSES] = {"pass",        "degraded", "fail", "unknown",
                                                   "maintenance", "reprobe",  "asked"};
    return words[class];
}

static enum run_class class_of(enum verdict verdict, unsigned flags)
{
    if (flags & STORE_RUN_ASKED) return RUN_ASKED;
    if (flags & STORE_RUN_MAINTENANCE) return RUN_MAINTENANCE;
    if (flags & STORE_RUN_UNJUDGED) return RUN_UNKNOWN;
    if (flags & STORE_RUN_REPROBE) return RUN_REPROBE;
    switch (verdict) {
    case VERDICT_PASS: return RUN_PASS;
    case VERDICT_DEGRADED: return RUN_DEGRADED;
    case VERDICT_FAIL: return RUN_FAIL;
    case VERDICT_UNKNOWN:
    case VERDICT_SKIPPED: return RUN_UNKNOWN;
    }
    return RUN_UNKNOWN;
}

static void add_to_subject(struct subject_figures *subject, const struct run_report *report,
                           unsigned flags)
{
    subject->runs[class_of(report->verdict, flags)]++;
    if (flags & STORE_RUN_ASKED) return;
    subject->ran = true;
    subject->rests = (flags & STORE_RUN_MAINTENANCE) != 0;
    subject->last = probe_figures_of(report);
    if (flags & STORE_RUN_UNJUDGED) subject->last.verdict = VERDICT_UNKNOWN;
    if (!went_well(report->verdict)) return;
    subject->good_us = subject->last.ended_us;
    spread_add(&subject->durations, report->duration_us, report->trace_id, subject->last.ended_us);
}

void figures_add_run(struct figures *figures, const struct run_report *report, unsigned flags,
                     int64_t late_us)
{
    struct subject_figures *subject = subject_of(figures, report->journey->name, report->persona);
    if (late_us >= 0) spread_add(&figures->lateness, late_us, NULL, 0);
    if (subject) add_to_subject(subject, report, flags);
    if (flags & STORE_RUN_ASKED) return;
    vec_each(step, &report->steps) {
        if (step_failed(step)) count_failure(figures, report->journey->name, step);
        if (step->section == SECTION_STEPS && went_well(step->verdict))
            count_step(figures, report, step);
        note_certificate(figures, report, step);
    }
}

void figures_add_missed(struct figures *figures, const char *journey, const char *persona)
{
    struct subject_figures *subject = subject_of(figures, journey, persona);
    if (subject) subject->missed++;
}

void figures_count_answer(struct figures *figures, int status)
{
    if (status >= 100 && status < 600) figures->answers[status / 100]++;
}

/* --- Forgetting */

/* In what is kept stand "JOURNEY", and "JOURNEY\0PERSONA\0" as subjects have it; whoever rests
 * under this mark. */
static char walks, stays;

void figures_keep(struct map *keep, const char *journey, const char *persona, bool rests)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    add_key(&key, journey);
    map_set(keep, view_of(buf_text(&key)), &walks);
    add_key(&key, persona);
    map_set(keep, buf_view(&key), rests ? &stays : &walks);
}

struct pruning {
    const struct figures *figures;
    const struct map *keep;
    int64_t changed_us;
};

/* Keys begin with the journey's name and a NUL. */
static bool journey_is_gone(const struct pruning *pruning, const struct map_entry *entry)
{
    return !map_get(pruning->keep, view_of(entry->key));
}

static bool subject_is_gone(const struct pruning *pruning, const struct map_entry *entry)
{
    struct subject_figures *subject = entry->value;
    const char *mark = map_get(pruning->keep, (struct view){entry->key, entry->key_length});
    subject->rests_now = mark == &stays;
    return !mark;
}

static bool host_is_gone(const struct pruning *pruning, const struct map_entry *entry)
{
    const struct host_figures *host = entry->value;
    const struct subject_figures *met =
        figures_subject(pruning->figures, host->journey, host->persona);
    return !met || (host->met_us < pruning->changed_us && met->good_us >= pruning->changed_us);
}

static void prune(struct map *map, const struct pruning *pruning,
                  bool (*is_gone)(const struct pruning *pruning, const struct map_entry *entry))
{
    VEC(char *) gone = {0};
    VEC(size_t) lengths = {0};
    map_each(entry, map) {
        if (!is_gone(pruning, entry)) continue;
        char *key = xcalloc(entry->key_length + 1, 1);
        memcpy(key, entry->key, entry->key_length);
        vec_push(&gone, key);
        vec_push(&lengths, entry->key_length);
    }
    for (size_t i = 0; i < gone.count; i++) {
        (void)map_remove(map, (struct view){gone.items[i], lengths.items[i]});
        free(gone.items[i]);
    }
    vec_release(&gone);
    vec_release(&lengths);
}

void figures_prune(struct figures *figures, const struct map *keep, int64_t changed_us)
{
    const struct pruning pruning = {figures, keep, changed_us};
    prune(&figures->subjects, &pruning, subject_is_gone);
    prune(&figures->steps, &pruning, journey_is_gone);
    prune(&figures->failures, &pruning, journey_is_gone);
    prune(&figures->hosts, &pruning, host_is_gone);
}
