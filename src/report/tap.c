/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test Anything Protocol: one point per step of every run, what went wrong as a YAML block. An
 * optional step that fails is a TODO, which does not fail the whole, as in the run. What is written
 * means the same in versions 13 and 14; `prove` reads no more than 13.
 */
#include "base/codec.h"
#include "base/vec.h"
#include "report/formats.h"
#include "report/parts.h"
#include "text/quantity.h"

/* In a description `#` starts a directive and `\` escapes. */
static void add_description(const struct pen *pen, const char *text)
{
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    add_foreign(pen, text, &visible);
    for (size_t i = 0; i < visible.length; i++) {
        char c = visible.data[i];
        if (c == '#' || c == '\\') buf_add_char(pen->out, '\\');
        buf_add_char(pen->out, c);
    }
}

/* A double-quoted YAML scalar; JSON's strings are some, once odd characters are visible. */
static void add_scalar(const struct pen *pen, const char *key, const char *text)
{
    if (!text) return;
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    add_foreign(pen, text, &visible);
    buf_addf(pen->out, "  %s: \"", key);
    codec_add_json(pen->out, buf_view(&visible));
    buf_add_text(pen->out, "\"\n");
}

/* One of our own words: a secret that is spelt alike does not change it. */
static void add_word(const struct pen *pen, const char *key, const char *word)
{
    add_scalar(&(struct pen){.out = pen->out}, key, word);
}

static void write_diagnostics(const struct run_report *report, const struct step_report *step,
                              const struct pen *pen)
{
    const struct failure *failure = &step->failure;
    if (failure->kind == OUTCOME_PASS) return;
    char place[PLACE_TEXT_SIZE];
    place_print(failure->place, place);
    buf_add_text(pen->out, "  ---\n");
    add_scalar(pen, "message", failure->message);
    add_word(pen, "severity", verdict_word(step->verdict));
    add_word(pen, "kind", outcome_word(failure->kind));
    add_scalar(pen, "detail", failure->detail);
    add_scalar(pen, "expected", failure->expected);
    add_scalar(pen, "actual", failure->actual);
    add_scalar(pen, "at", *place ? place : NULL);
    add_word(pen, "method", step->method);
    add_scalar(pen, "url", step->url);
    if (step->status) buf_addf(pen->out, "  status: %ld\n", step->status);
    buf_add_text(pen->out, "  duration_ms: ");
    quantity_print_ms(step->duration_us, pen->out);
    buf_add_char(pen->out, '\n');
    add_word(pen, "trace_id", report->trace_id);
    add_scalar(pen, "excerpt", failure->excerpt);
    buf_add_text(pen->out, "  ...\n");
}

static void write_point(const struct run_report *report, const char *what, bool ok, size_t number,
                        const struct pen *pen)
{
    AUTO_BUF run = BUF_INIT(BUF_OWN_CAP);
    add_run_name(&run, report);
    buf_addf(pen->out, "%s %zu - ", ok ? "ok" : "not ok", number);
    add_description(pen, buf_text(&run));
    buf_add_text(pen->out, ": ");
    add_description(pen, what);
}

static void write_step(const struct run_report *report, const struct step_report *step,
                       size_t number, const struct pen *pen)
{
    bool ok = step->verdict != VERDICT_FAIL && step->verdict != VERDICT_UNKNOWN;
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    add_step_name(&name, step);
    write_point(report, buf_text(&name), ok, number, pen);
    if (step->verdict == VERDICT_SKIPPED) {
        buf_add_text(pen->out, " # SKIP ");
        add_description(pen, step->skipped ? step->skipped : "");
    } else if (step->verdict == VERDICT_FAIL && step->optional) {
        buf_add_text(pen->out, " # TODO optional");
    }
    buf_add_char(pen->out, '\n');
    write_diagnostics(report, step, pen);
}

/* The run as a point of its own, where no step tells how it ended. */
static void write_untold(const struct run_report *report, size_t number, const struct pen *pen)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    add_run_reason(&reason, report);
    write_point(report, "the run itself", false, number, pen);
    buf_add_text(pen->out, "\n  ---\n");
    add_scalar(pen, "message", buf_text(&reason));
    add_word(pen, "severity", verdict_word(report->verdict));
    add_word(pen, "trace_id", report->trace_id);
    buf_add_text(pen->out, "  ...\n");
}

static void write_residue(const struct run_report *report, const struct pen *pen)
{
    vec_each(residue, &report->residue) {
        buf_add_text(pen->out, "# left behind in the shop: ");
        add_foreign(pen, residue->step, pen->out);
        buf_add_text(pen->out, ": ");
        add_foreign(pen, residue->what, pen->out);
        buf_add_char(pen->out, '\n');
    }
}

void tap_write(const struct report_set *reports, const struct writer_options *options,
               struct buf *out)
{
    const struct pen pen = {.out = out, .redactor = options->redactor};
    size_t points = 0, number = 0;
    for (size_t i = 0; i < reports->count; i++) {
        points += reports->items[i]->steps.count + run_ended_untold(reports->items[i]);
    }
    buf_add_text(out, "TAP version 13\n");
    if (!reports->count) {
        /* `1..0` would read as skipped, and that as good. */
        buf_add_text(out, "Bail out! no run: nothing was tried, so nothing is known\n");
        return;
    }
    buf_addf(out, "1..%zu\n", points);
    for (size_t i = 0; i < reports->count; i++) {
        const struct run_report *report = reports->items[i];
        vec_each(step, &report->steps) write_step(report, step, ++number, &pen);
        if (run_ended_untold(report)) write_untold(report, ++number, &pen);
        write_residue(report, &pen);
    }
}
