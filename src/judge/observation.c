/* SPDX-License-Identifier: Apache-2.0 */
/* See observation.h. */
#include "judge/observation.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/vec.h"
#include "http/url.h"

#include <limits.h>
#include <string.h>

#define DAY_S 86400

static const char *clean(struct observation *observation, const struct redactor *redactor,
                         const char *text)
{
    AUTO_BUF out = BUF_INIT(4096);
    if (!text || !*text) return "";
    if (!redactor) return arena_text(&observation->texts, text);
    (void)!redact_add(redactor, &out, view_of(text));
    return arena_copy(&observation->texts, buf_view(&out));
}

static struct stage_seen *stage_of(struct observation *observation, const char *name)
{
    vec_each(stage, &observation->stages) {
        if (!strcmp(stage->name, name)) return stage;
    }
    struct stage_seen *stage = vec_add(&observation->stages);
    stage->name = name;
    stage->verdict = VERDICT_SKIPPED;
    return stage;
}

static void worsen(enum verdict *verdict, enum verdict other)
{
    static const int weight[] = {[VERDICT_SKIPPED] = 0,
                                 [VERDICT_PASS] = 1,
                                 [VERDICT_DEGRADED] = 2,
                                 [VERDICT_UNKNOWN] = 3,
                                 [VERDICT_FAIL] = 4};
    if (weight[other] > weight[*verdict]) *verdict = other;
}

void observation_add_stage(struct observation *observation, const char *stage, enum verdict verdict)
{
    worsen(&stage_of(observation, stage)->verdict, verdict);
}

void observation_add_answer(struct observation *observation, const char *host)
{
    if (observation_answered(observation, host)) return;
    vec_push(&observation->answered, arena_text(&observation->texts, host));
}

/* An optional step that fails only degrades its stage. */
static void see_stages(struct observation *observation, const struct run_report *report)
{
    vec_each(step, &report->steps) {
        if (step->section != SECTION_STEPS || !*step->stage) continue;
        enum verdict verdict = step->verdict;
        if (step->optional && verdict == VERDICT_FAIL) verdict = VERDICT_DEGRADED;
        observation_add_stage(observation, step->stage, verdict);
    }
}

static struct certificate_seen *certificate_of(struct observation *observation, const char *host)
{
    vec_each(certificate, &observation->certificates) {
        if (!strcmp(certificate->host, host)) return certificate;
    }
    struct certificate_seen *certificate = vec_add(&observation->certificates);
    *certificate = (struct certificate_seen){arena_text(&observation->texts, host), INT_MAX};
    return certificate;
}

/* The next step that was sent to another place than the one before it; most are sent to one. */
static bool is_elsewhere(const char **before, const char *url)
{
    if (*before && url_begins_alike(*before, url)) return false;
    *before = url;
    return true;
}

static void see_certificates(struct observation *observation, const struct run_report *report)
{
    int64_t now_s = observation->ended_us / US_PER_SECOND;
    vec_each(step, &report->steps) {
        if (!step->certificate_ends_s) continue;
        AUTO_FREE char *host = url_authority(step->url ? step->url : report->base);
        int64_t days = (step->certificate_ends_s - now_s) / DAY_S;
        struct certificate_seen *certificate = certificate_of(observation, host);
        if (days < certificate->days_left) certificate->days_left = (int)days;
    }
}

static void see_answers(struct observation *observation, const struct run_report *report)
{
    const char *before = NULL;
    vec_each(step, &report->steps) {
        const char *url = step->url ? step->url : report->base;
        if (!step->status || !is_elsewhere(&before, url)) continue;
        AUTO_FREE char *host = url_authority(url);
        observation_add_answer(observation, host);
    }
}

static void see_residue(struct observation *observation, const struct run_report *report,
                        const struct redactor *redactor)
{
    AUTO_BUF text = BUF_INIT(4096);
    vec_each(residue, &report->residue) {
        buf_addf(&text, "%s%s: %s", text.length ? "; " : "", residue->step, residue->what);
        if (residue->in_ledger) observation->owes = true;
    }
    observation->residue = clean(observation, redactor, buf_text(&text));
}

static void see_confirmation(struct observation *observation, const struct journey *journey)
{
    observation->confirm_failures = journey->confirm.failures ? journey->confirm.failures : 2;
    observation->reprobe_count = journey->confirm.reprobe_count;
    if (observation->reprobe_count > COUNT_OF(observation->reprobe_after_us))
        observation->reprobe_count = COUNT_OF(observation->reprobe_after_us);
    for (size_t i = 0; i < observation->reprobe_count; i++)
        observation->reprobe_after_us[i] = journey->confirm.reprobe_after_us[i];
}

char *observation_host(const char *url, enum outcome_kind kind)
{
    return kind == OUTCOME_DNS ? url_host(url) : url_authority(url);
}

struct observation observation_of(const struct run_report *report, const char *location,
                                  const struct redactor *redactor)
{
    const struct journey *journey = report->journey;
    const struct step_report *culprit = run_report_culprit(report);
    const struct failure none = {0}, *failure = culprit ? &culprit->failure : &none;
    AUTO_FREE char *host =
        observation_host(culprit && culprit->url ? culprit->url : report->base, failure->kind);
    AUTO_FREE char *shop = url_authority(report->base);
    struct observation observation = {
        .journey = journey->name,
        .persona = report->persona,
        .location = location ? location : "",
        .owner = journey->owner ? journey->owner : "",
        .runbook = journey->runbook ? journey->runbook : "",
        .verdict = report->verdict,
        .kind = failure->kind,
        .stage = culprit ? culprit->stage : "",
        .severity = culprit ? culprit->severity : 0,
        .started_us = report->started_wall_us,
        .ended_us = report->started_wall_us + report->duration_us,
    };
    observation.host = arena_text(&observation.texts, host);
    observation.shop = arena_text(&observation.texts, shop);
    observation.step = clean(&observation, redactor, culprit ? culprit->name : NULL);
    observation.message = clean(&observation, redactor, failure->message);
    observation.expected = clean(&observation, redactor, failure->expected);
    observation.actual = clean(&observation, redactor, failure->actual);
    view_copy(view_of(report->run_id), observation.run_id, sizeof observation.run_id);
    view_copy(view_of(report->trace_id), observation.trace_id, sizeof observation.trace_id);
    see_stages(&observation, report);
    see_certificates(&observation, report);
    see_answers(&observation, report);
    see_residue(&observation, report, redactor);
    see_confirmation(&observation, journey);
    return observation;
}

void observation_release(struct observation *observation)
{
    vec_release(&observation->stages);
    vec_release(&observation->certificates);
    vec_release(&observation->answered);
    arena_release(&observation->texts);
    *observation = (struct observation){0};
}

enum cause observation_cause(const struct observation *observation)
{
    static const struct {
        enum outcome_kind kind;
        enum cause cause;
    } causes[] = {
        {OUTCOME_DNS, CAUSE_HOST},        {OUTCOME_CONNECT, CAUSE_HOST},
        {OUTCOME_TLS, CAUSE_HOST},        {OUTCOME_RESET, CAUSE_HOST},
        {OUTCOME_BLOCKED, CAUSE_BLOCKED}, {OUTCOME_RESIDUE, CAUSE_RESIDUE},
    };
    if (observation->verdict == VERDICT_UNKNOWN) return CAUSE_BLIND;
    if (observation->verdict == VERDICT_DEGRADED && observation->kind != OUTCOME_RESIDUE)
        return CAUSE_SLOW;
    for (size_t i = 0; i < COUNT_OF(causes); i++)
        if (causes[i].kind == observation->kind) return causes[i].cause;
    return CAUSE_FAILS; /* everything else happens to a stage */
}

bool observation_answered(const struct observation *observation, const char *host)
{
    vec_each(answered, &observation->answered) {
        if (!strcmp(*answered, host)) return true;
    }
    return false;
}

enum verdict observation_stage(const struct observation *observation, const char *stage)
{
    vec_each(seen, &observation->stages) {
        if (!strcmp(seen->name, stage)) return seen->verdict;
    }
    return VERDICT_SKIPPED;
}
