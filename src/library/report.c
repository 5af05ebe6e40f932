/* SPDX-License-Identifier: Apache-2.0 */
/* Reports for other programs. See shopper/report.h. */
#include "base/vec.h"
#include "library/library.h"
#include "report/writer.h"

#include <stdlib.h>

#define TEXT_CAP ((size_t)256 << 20)

struct shopper_report {
    struct run_report *report;
    struct shopper_step *steps;       /* views of report->steps */
    struct shopper_failure *failures; /* one for each step */
    VEC(char *) residue;
    char *json, *text; /* written when first asked for */
};

/* --- Taking secrets out */

static void redact(const struct redactor *redactor, char **text)
{
    if (!*text) return;
    AUTO_BUF clean = BUF_INIT(TEXT_CAP);
    redact_add(redactor, &clean, view_of(*text));
    free(*text);
    *text = buf_take(&clean);
}

static void redact_name(struct run_report *report, const struct redactor *redactor,
                        const char **name)
{
    AUTO_BUF clean = BUF_INIT(TEXT_CAP);
    redact_add(redactor, &clean, view_of(*name));
    *name = arena_copy(&report->texts, buf_view(&clean));
}

static void redact_report(struct run_report *report, const struct redactor *redactor)
{
    redact(redactor, &report->base);
    redact(redactor, &report->stopped);
    vec_each(step, &report->steps) {
        redact_name(report, redactor, &step->name);
        redact_name(report, redactor, &step->stage);
        char **const texts[] = {&step->skipped,          &step->url,
                                &step->failure.message,  &step->failure.detail,
                                &step->failure.expected, &step->failure.actual,
                                &step->failure.excerpt};
        for (size_t i = 0; i < COUNT_OF(texts); i++) redact(redactor, texts[i]);
    }
    vec_each(residue, &report->residue) {
        redact(redactor, &residue->step);
        redact(redactor, &residue->what);
    }
}

/* --- Views of what the engine says */

static enum shopper_verdict verdict_of(enum verdict verdict)
{
    static const enum shopper_verdict verdicts[] = {
        [VERDICT_PASS] = SHOPPER_PASS,       [VERDICT_DEGRADED] = SHOPPER_DEGRADED,
        [VERDICT_FAIL] = SHOPPER_FAIL,       [VERDICT_UNKNOWN] = SHOPPER_UNKNOWN,
        [VERDICT_SKIPPED] = SHOPPER_SKIPPED,
    };
    return verdicts[verdict];
}

const char *shopper_verdict_word(enum shopper_verdict verdict)
{
    static const enum verdict verdicts[] = {
        [SHOPPER_PASS] = VERDICT_PASS,       [SHOPPER_DEGRADED] = VERDICT_DEGRADED,
        [SHOPPER_FAIL] = VERDICT_FAIL,       [SHOPPER_UNKNOWN] = VERDICT_UNKNOWN,
        [SHOPPER_SKIPPED] = VERDICT_SKIPPED,
    };
    return verdict_word(verdicts[verdict]);
}

static enum shopper_section section_of(enum report_section section)
{
    switch (section) {
    case SECTION_STEPS: return SHOPPER_STEPS;
    case SECTION_UNDO: return SHOPPER_UNDO;
    case SECTION_FINALLY: return SHOPPER_FINALLY;
    }
    return SHOPPER_STEPS;
}

static struct shopper_failure failure_of(const struct failure *failure)
{
    return (struct shopper_failure){
        .kind = outcome_word(failure->kind),
        .fault = outcome_fault_word(outcome_fault(failure->kind)),
        .message = failure->message,
        .detail = failure->detail,
        .expected = failure->expected,
        .actual = failure->actual,
        .excerpt = failure->excerpt,
        .file = failure->place.source ? source_name(failure->place.source) : NULL,
        .line = failure->place.line,
        .column = failure->place.column,
    };
}

static struct shopper_step step_of(const struct step_report *step,
                                   const struct shopper_failure *failure)
{
    return (struct shopper_step){
        .name = step->name,
        .stage = step->stage ? step->stage : "",
        .section = section_of(step->section),
        .verdict = verdict_of(step->verdict),
        .optional = step->optional,
        .skipped = step->skipped,
        .method = step->method,
        .url = step->url,
        .attempts = step->attempts,
        .status = (int)step->status,
        .started_us = step->started_us,
        .duration_us = step->duration_us,
        .body_bytes = step->body_bytes,
        .timings = {.dns_us = step->timings.dns_us,
                    .connect_us = step->timings.connect_us,
                    .tls_us = step->timings.tls_us,
                    .first_byte_us = step->timings.first_byte_us,
                    .transfer_us = step->timings.transfer_us,
                    .total_us = step->timings.total_us},
        .failure = step->failure.kind == OUTCOME_PASS ? NULL : failure,
    };
}

struct shopper_report *report_wrap(struct run_report *ended, const struct redactor *redactor)
{
    struct shopper_report *report = NEW(struct shopper_report);
    size_t count = ended->steps.count;
    redact_report(ended, redactor);
    report->report = ended;
    report->steps = xcalloc(count, sizeof(*report->steps));
    report->failures = xcalloc(count, sizeof(*report->failures));
    for (size_t i = 0; i < count; i++) {
        report->failures[i] = failure_of(&ended->steps.items[i].failure);
        report->steps[i] = step_of(&ended->steps.items[i], &report->failures[i]);
    }
    vec_each(residue, &ended->residue) {
        vec_push(&report->residue, xasprintf("%s: %s", residue->step, residue->what));
    }
    return report;
}

void shopper_report_free(struct shopper_report *report)
{
    if (!report) return;
    run_report_free(report->report);
    vec_each(residue, &report->residue) free(*residue);
    vec_release(&report->residue);
    free(report->steps);
    free(report->failures);
    free(report->json);
    free(report->text);
    free(report);
}

/* --- Reading */

enum shopper_verdict shopper_report_verdict(const struct shopper_report *report)
{
    return verdict_of(report->report->verdict);
}

const char *shopper_report_journey(const struct shopper_report *report)
{
    return report->report->journey->name;
}

const char *shopper_report_persona(const struct shopper_report *report)
{
    return report->report->persona;
}

const char *shopper_report_base(const struct shopper_report *report)
{
    return report->report->base;
}

const char *shopper_report_run_id(const struct shopper_report *report)
{
    return report->report->run_id;
}

const char *shopper_report_trace_id(const struct shopper_report *report)
{
    return report->report->trace_id;
}

int64_t shopper_report_started_us(const struct shopper_report *report)
{
    return report->report->started_wall_us;
}

int64_t shopper_report_duration_us(const struct shopper_report *report)
{
    return report->report->duration_us;
}

const char *shopper_report_stopped(const struct shopper_report *report)
{
    return report->report->stopped;
}

size_t shopper_report_step_count(const struct shopper_report *report)
{
    return report->report->steps.count;
}

const struct shopper_step *shopper_report_step(const struct shopper_report *report, size_t index)
{
    return index < report->report->steps.count ? &report->steps[index] : NULL;
}

const struct shopper_step *shopper_report_culprit(const struct shopper_report *report)
{
    const struct step_report *culprit = run_report_culprit(report->report);
    return culprit ? &report->steps[culprit - report->report->steps.items] : NULL;
}

const char *shopper_report_residue(const struct shopper_report *report, size_t index)
{
    return index < report->residue.count ? report->residue.items[index] : NULL;
}

static char *write_as(const struct shopper_report *report, enum report_format format)
{
    const struct run_report *one = report->report;
    const struct report_set set = {&one, 1};
    const struct writer_options options = {.verbosity = 1, .version = SHOPPER_VERSION};
    AUTO_BUF text = BUF_INIT(TEXT_CAP);
    report_write(format, &set, &options, &text);
    return buf_take(&text);
}

const char *shopper_report_json(struct shopper_report *report)
{
    if (!report->json) report->json = write_as(report, REPORT_JSON);
    return report->json;
}

const char *shopper_report_text(struct shopper_report *report)
{
    if (!report->text) report->text = write_as(report, REPORT_TEXT);
    return report->text;
}
