/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test Anything Protocol, version 14: one point per step of every run, what went wrong as a YAML
 * block. An optional step that fails is a TODO, which does not fail the whole, as in the run.
 */
#include "base/codec.h"
#include "base/vec.h"
#include "report/formats.h"
#include "report/parts.h"

/* In a description `#` starts a directive and `\` escapes. */
static void add_description(struct buf *out, const char *text)
{
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, view_of(text));
    for (size_t i = 0; i < visible.length; i++) {
        char c = visible.data[i];
        if (c == '#' || c == '\\') buf_add_char(out, '\\');
        buf_add_char(out, c);
    }
}

/* A double-quoted YAML scalar; JSON's strings are some, once odd characters are visible. */
static void add_scalar(struct buf *out, const char *key, const char *text)
{
    if (!text) return;
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, view_of(text));
    buf_addf(out, "  %s: \"", key);
    codec_add_json(out, buf_view(&visible));
    buf_add_text(out, "\"\n");
}

static void write_diagnostics(const struct run_report *report, const struct step_report *step,
                              struct buf *out)
{
    const struct failure *failure = &step->failure;
    if (failure->kind == OUTCOME_PASS) return;
    char place[PLACE_TEXT_SIZE];
    place_print(failure->place, place);
    buf_add_text(out, "  ---\n");
    add_scalar(out, "message", failure->message);
    add_scalar(out, "severity", verdict_word(step->verdict));
    add_scalar(out, "kind", outcome_word(failure->kind));
    add_scalar(out, "because", failure->detail);
    add_scalar(out, "expected", failure->expected);
    add_scalar(out, "actual", failure->actual);
    add_scalar(out, "at", *place ? place : NULL);
    add_scalar(out, "method", step->method);
    add_scalar(out, "url", step->url);
    if (step->status) buf_addf(out, "  status: %ld\n", step->status);
    buf_add_text(out, "  duration_ms: ");
    add_ms(out, step->duration_us);
    buf_add_char(out, '\n');
    add_scalar(out, "trace_id", report->trace_id);
    add_scalar(out, "excerpt", failure->excerpt);
    buf_add_text(out, "  ...\n");
}

static void write_point(const struct run_report *report, const char *what, bool ok, size_t number,
                        struct buf *out)
{
    AUTO_BUF run = BUF_INIT(BUF_OWN_CAP);
    add_run_name(&run, report);
    buf_addf(out, "%s %zu - ", ok ? "ok" : "not ok", number);
    add_description(out, buf_text(&run));
    buf_add_text(out, ": ");
    add_description(out, what);
}

static void write_step(const struct run_report *report, const struct step_report *step,
                       size_t number, struct buf *out)
{
    bool ok = step->verdict != VERDICT_FAIL && step->verdict != VERDICT_UNKNOWN;
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    add_step_name(&name, step);
    write_point(report, buf_text(&name), ok, number, out);
    if (step->verdict == VERDICT_SKIPPED) {
        buf_add_text(out, " # SKIP ");
        add_description(out, step->skipped ? step->skipped : "");
    } else if (step->verdict == VERDICT_FAIL && step->optional) {
        buf_add_text(out, " # TODO optional");
    }
    buf_add_char(out, '\n');
    write_diagnostics(report, step, out);
}

/* The run as a point of its own, where no step tells how it ended. */
static void write_untold(const struct run_report *report, size_t number, struct buf *out)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    add_run_reason(&reason, report);
    write_point(report, "the run itself", false, number, out);
    buf_add_text(out, "\n  ---\n");
    add_scalar(out, "message", buf_text(&reason));
    add_scalar(out, "severity", verdict_word(report->verdict));
    add_scalar(out, "trace_id", report->trace_id);
    buf_add_text(out, "  ...\n");
}

static void write_residue(const struct run_report *report, struct buf *out)
{
    vec_each(residue, &report->residue) {
        buf_add_text(out, "# left behind in the shop: ");
        add_visible(out, residue->step);
        buf_add_text(out, ": ");
        add_visible(out, residue->what);
        buf_add_char(out, '\n');
    }
}

void tap_write(const struct report_set *reports, const struct writer_options *options,
               struct buf *out)
{
    (void)options;
    size_t points = 0, number = 0;
    for (size_t i = 0; i < reports->count; i++) {
        points += reports->items[i]->steps.count + run_ended_untold(reports->items[i]);
    }
    buf_add_text(out, "TAP version 14\n");
    if (!reports->count) {
        /* `1..0` would read as skipped, and that as good. */
        buf_add_text(out, "Bail out! no run: nothing was tried, so nothing is known\n");
        return;
    }
    buf_addf(out, "1..%zu\n", points);
    for (size_t i = 0; i < reports->count; i++) {
        const struct run_report *report = reports->items[i];
        vec_each(step, &report->steps) write_step(report, step, ++number, out);
        if (run_ended_untold(report)) write_untold(report, ++number, out);
        write_residue(report, out);
    }
}
