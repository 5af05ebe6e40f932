/* SPDX-License-Identifier: Apache-2.0 */
/* What /probe says of a run, by blackbox_exporter's names and a few of ours. */
#include "serve/metrics.h"

#include "base/vec.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* --- Steps: one series for all that bear one name in one stage, such as the elements of an `each`
 * or a file that is used twice. */

struct merged {
    const char *step, *stage;
    bool good;           /* all of them were */
    int64_t duration_us; /* of the slowest */
};

struct merged_list { /* a VEC */
    struct merged *items;
    size_t count, capacity;
};

static struct merged *merged_of(struct merged_list *list, const struct step_report *step)
{
    const char *stage = step->stage ? step->stage : "";
    vec_each(one, list) {
        if (!strcmp(one->step, step->name) && !strcmp(one->stage, stage)) return one;
    }
    vec_push(list, ((struct merged){.step = step->name, .stage = stage, .good = true}));
    return vec_last(list);
}

static struct merged_list merge_steps(const struct run_report *report)
{
    struct merged_list list = {0};
    vec_each(step, &report->steps) {
        if (step->section != SECTION_STEPS || step->verdict == VERDICT_SKIPPED) continue;
        struct merged *merged = merged_of(&list, step);
        if (step->verdict != VERDICT_PASS && step->verdict != VERDICT_DEGRADED)
            merged->good = false;
        if (step->duration_us > merged->duration_us) merged->duration_us = step->duration_us;
    }
    return list;
}

static void write_steps(struct exposition *exposition, const struct run_report *report)
{
    struct merged_list list = merge_steps(report);
    metrics_begin(exposition, METRIC_PROBE_STEP);
    vec_each(one, &list)
        exposition_sample(exposition, (labels){"step", one->step, "stage", one->stage, NULL},
                          one->good);
    metrics_begin(exposition, METRIC_PROBE_STEP_SECONDS);
    vec_each(one, &list)
        exposition_sample(exposition, (labels){"step", one->step, "stage", one->stage, NULL},
                          (double)one->duration_us / 1e6);
    vec_release(&list);
}

/* --- The last answer */

static const struct step_report *last_answer(const struct run_report *report)
{
    const struct step_report *last = NULL;
    vec_each(step, &report->steps) {
        if (step->status) last = step;
    }
    return last;
}

/* FNV-1a of the address' bytes, as blackbox_exporter has it; *ret_protocol 0: it is none. */
static uint32_t hash_of_address(const char *address, int *ret_protocol)
{
    unsigned char bytes[16];
    size_t length = inet_pton(AF_INET, address, bytes) == 1    ? 4
                    : inet_pton(AF_INET6, address, bytes) == 1 ? 16
                                                               : 0;
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * UINT32_C(16777619);
    *ret_protocol = length == 4 ? 4 : length ? 6 : 0;
    return length ? hash : 0;
}

static void write_tls(struct exposition *exposition, const struct step_report *last)
{
    char version[24];
    if (last->certificate_ends_s)
        metrics_single(exposition, METRIC_PROBE_CHAIN, (double)last->certificate_ends_s);
    if (!*last->tls_version) return;
    bool usual = !strncmp(last->tls_version, "TLSv", 4); /* "TLS 1.3", as Go writes it */
    snprintf(version, sizeof version, "%s%s", usual ? "TLS " : "",
             last->tls_version + (usual ? 4 : 0));
    metrics_begin(exposition, METRIC_PROBE_TLS);
    exposition_sample(exposition, (labels){"version", version, NULL}, 1);
}

static void write_last(struct exposition *exposition, const struct run_report *report)
{
    static const struct step_report none = {0};
    const struct step_report *found = last_answer(report), *last = found ? found : &none;
    int protocol;
    unsigned redirects = 0;
    uint32_t hash = hash_of_address(last->remote_address, &protocol);
    vec_each(step, &report->steps) redirects += step->redirects;
    metrics_single(exposition, METRIC_PROBE_IP, protocol);
    metrics_single(exposition, METRIC_PROBE_IP_HASH, hash);
    metrics_single(exposition, METRIC_PROBE_VERSION, (double)last->http_version / 10);
    metrics_single(exposition, METRIC_PROBE_REDIRECTS, redirects);
    metrics_single(exposition, METRIC_PROBE_LENGTH, (double)last->wire_bytes);
    metrics_single(exposition, METRIC_PROBE_BODY, (double)last->body_bytes);
    write_tls(exposition, last);
}

/* --- The run */

static bool is_of_content(enum outcome_kind kind)
{
    return kind == OUTCOME_CONTENT || kind == OUTCOME_PRICE || kind == OUTCOME_CART;
}

static void write_verdict(struct exposition *exposition, const struct run_report *report)
{
    const struct step_report *culprit = run_report_culprit(report);
    bool failed = report->verdict == VERDICT_FAIL && culprit;
    metrics_single(exposition, METRIC_PROBE_CONTENT,
                   failed && is_of_content(culprit->failure.kind));
    metrics_begin(exposition, METRIC_PROBE_VERDICT);
    for (unsigned i = 0; i < VERDICT_SKIPPED; i++)
        exposition_sample(exposition, (labels){"verdict", verdict_word((enum verdict)i), NULL},
                          report->verdict == (enum verdict)i);
    if (!culprit) return;
    metrics_begin(exposition, METRIC_PROBE_FAILURE);
    exposition_sample(exposition,
                      (labels){"step", culprit->name, "stage", culprit->stage ? culprit->stage : "",
                               "kind", outcome_word(culprit->failure.kind), NULL},
                      1);
}

/* Never left out here: there is no other run to wait for. */
static void write_success(struct exposition *exposition, enum verdict verdict)
{
    struct family family = metric_rows[METRIC_PROBE_SUCCESS].family;
    family.help = "Whether the run passed or was degraded.";
    exposition_family(exposition, &family);
    exposition_sample(exposition, NULL, verdict == VERDICT_PASS || verdict == VERDICT_DEGRADED);
}

void probe_print(struct exposition *exposition, const struct run_report *report, int64_t timeout_us)
{
    struct probe_figures figures = probe_figures_of(report);
    write_success(exposition, figures.verdict);
    metrics_single(exposition, METRIC_PROBE_SECONDS, (double)figures.duration_us / 1e6);
    metrics_single(exposition, METRIC_PROBE_TIMEOUT, (double)timeout_us / 1e6);
    metrics_single(exposition, METRIC_PROBE_DNS, (double)figures.phases.dns_us / 1e6);
    metrics_begin(exposition, METRIC_PROBE_PHASES);
    for (size_t i = 0; probe_phase_word(i); i++)
        exposition_sample(exposition, (labels){"phase", probe_phase_word(i), NULL},
                          probe_phase_seconds(&figures.phases, i));
    metrics_single(exposition, METRIC_PROBE_STATUS, (double)figures.status);
    metrics_single(exposition, METRIC_PROBE_SSL, figures.tls);
    if (figures.certificate_ends_s)
        metrics_single(exposition, METRIC_PROBE_CERTIFICATE, (double)figures.certificate_ends_s);
    write_last(exposition, report);
    write_verdict(exposition, report);
    write_steps(exposition, report);
    exposition_end(exposition);
}
