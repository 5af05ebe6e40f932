/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text format: what passed in a line, what did not like a compiler's message, with everything
 * that a person needs to see where the fault lies without running it again. Whatever came from the
 * shop is made visible, so that it cannot move the cursor or forge a line. It is never shortened
 * here: half a secret would slip past the redactor.
 */
#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "report/formats.h"
#include "report/parts.h"
#include "report/waterfall.h"
#include "text/quantity.h"

#include <inttypes.h>

#define QUOTE_BYTES ((size_t)200)

enum {
    NOTE_INDENT = sizeof "      = expected: " - 1,
    NOTE_LEAST = 20 /* columns; where there is less room, rows would only make it worse */
};

static void add_inked(struct buf *out, bool color, enum ink ink, const char *text)
{
    add_ink(out, color, ink);
    buf_add_text(out, text);
    add_ink(out, color, INK_NONE);
}

/* --- One failure, as a compiler would print it */

/* What a step that did not pass means for its run: neither an optional step nor a good-bye fails
 * it. */
static enum verdict weight_of(const struct step_report *step)
{
    bool light = step->optional || step->section != SECTION_STEPS;
    return light && step->verdict == VERDICT_FAIL ? VERDICT_DEGRADED : step->verdict;
}

static void write_headline(const struct run_report *report, const struct step_report *step,
                           bool color, struct buf *out)
{
    const struct failure *failure = &step->failure;
    enum verdict verdict = weight_of(step);
    char place[PLACE_TEXT_SIZE];
    place_print(failure->place, place);
    add_ink(out, color, INK_BOLD);
    add_visible(out, *place ? place : run_file(report));
    add_ink(out, color, INK_NONE);
    buf_add_text(out, ": ");
    add_inked(out, color, verdict_ink(verdict), verdict_word(verdict));
    buf_add_text(out, ": ");
    add_visible(out, failure->message ? failure->message : outcome_help(failure->kind));
    buf_addf(out, " [%s]\n", outcome_word(failure->kind));
}

/* Bytes of a line's first `count` code points. */
static size_t prefix_bytes(struct view line, size_t count)
{
    size_t offset = 0;
    while (count-- && offset < line.length) (void)utf8_next(line, &offset);
    return offset;
}

static size_t visible_columns(struct view text)
{
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, text);
    return utf8_count(buf_view(&visible));
}

static void write_quote(const struct place *place, bool color, struct buf *out)
{
    if (!place->source || !place->line) return;
    struct view line = source_line(place->source, place->line);
    struct view shown = utf8_clip(line, QUOTE_BYTES);
    buf_addf(out, "%5" PRIu32 " | ", place->line);
    codec_add_visible(out, shown);
    buf_add_text(out, shown.length < line.length ? "…\n" : "\n");
    size_t from = prefix_bytes(line, place->column ? place->column - 1 : 0);
    if (from > shown.length) return;
    struct view rest = view_from(shown, from);
    size_t under = visible_columns(view_slice(rest, 0, prefix_bytes(rest, place->length)));
    buf_add_text(out, "      | ");
    for (size_t i = visible_columns(view_slice(shown, 0, from)); i; i--) buf_add_char(out, ' ');
    add_ink(out, color, INK_GREEN);
    buf_add_char(out, '^');
    for (; under > 1; under--) buf_add_char(out, '~');
    add_ink(out, color, INK_NONE);
    buf_add_char(out, '\n');
}

/* Of what fits into the room: up to a space in its second half, if there is one. */
static size_t row_bytes(struct view text, size_t room)
{
    size_t end = prefix_bytes(text, room);
    if (end == text.length) return end;
    for (size_t at = end; at > end / 2; at--)
        if (text.data[at] == ' ') return at;
    return end;
}

/* In rows as wide as the terminal. It is redacted first: half a secret would slip past later. */
static void write_rows(const char *text, const struct writer_options *options, struct buf *out)
{
    AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP);
    const struct pen pen = {&shown, options->redactor};
    add_foreign(&pen, text, &shown);
    struct view rest = buf_view(&shown);
    size_t room = options->columns - NOTE_INDENT;
    for (;;) {
        size_t bytes = row_bytes(rest, room);
        buf_add_view(out, view_slice(rest, 0, bytes));
        rest = view_trim(view_from(rest, bytes));
        if (!rest.length) return;
        buf_addf(out, "\n%*s", NOTE_INDENT, "");
    }
}

static void write_note(const char *label, const char *text, const struct writer_options *options,
                       struct buf *out)
{
    if (!text) return;
    buf_addf(out, "      = %8s: ", label);
    if (options->columns >= NOTE_INDENT + NOTE_LEAST)
        write_rows(text, options, out);
    else
        add_visible(out, text);
    buf_add_char(out, '\n');
}

static void write_answer(const struct step_report *step, struct buf *out)
{
    if (!step->method) return;
    const char *version = step->message ? http_version_word(step->message->http_version) : "";
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    if (step->status) {
        buf_addf(&text, "%s%sstatus %ld with %" PRIu64 " bytes", version, *version ? " " : "",
                 step->status, step->body_bytes);
    } else {
        buf_add_text(&text, "none");
    }
    buf_addf(&text, " to %s ", step->method);
    buf_add_text(&text, step->url);
    if (step->attempts > 1) buf_addf(&text, ", the last of %u", step->attempts);
    static const struct writer_options unbroken = {.columns = 0}; /* people copy the URL */
    write_note("answer", buf_text(&text), &unbroken, out);
}

static void write_failure(const struct run_report *report, const struct step_report *step,
                          const struct writer_options *options, struct buf *out)
{
    const struct failure *failure = &step->failure;
    write_headline(report, step, options->color, out);
    write_quote(&failure->place, options->color, out);
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    add_step_name(&name, step);
    if (step->stage && *step->stage) buf_addf(&name, " (%s)", step->stage);
    if (step->optional) buf_add_text(&name, ", optional");
    write_note("step", buf_text(&name), options, out);
    write_note("detail", failure->detail, options, out);
    write_note("expected", failure->expected, options, out);
    write_note("actual", failure->actual, options, out);
    write_answer(step, out);
    write_note("excerpt", failure->excerpt, options, out);
    if (step->timings.total_us <= 0) return;
    AUTO_BUF timings = BUF_INIT(BUF_OWN_CAP);
    phases_write(&step->timings, &timings);
    write_note("phases", buf_text(&timings), options, out);
}

/* --- One run */

/* "✓ checkout (desktop)" */
static void write_run_name(const struct run_report *report, bool color, struct buf *out)
{
    add_inked(out, color, verdict_ink(report->verdict), verdict_mark(report->verdict));
    buf_add_char(out, ' ');
    add_visible(out, report->journey->name);
    buf_add_text(out, " (");
    add_visible(out, report->persona);
    buf_add_char(out, ')');
}

static void write_run_line(const struct run_report *report, bool color, struct buf *out)
{
    size_t walked = run_steps_walked(report), all = report->steps.count;
    write_run_name(report, color, out);
    buf_addf(out, " %zu ", walked);
    if (walked < all) buf_addf(out, "of %zu ", all);
    buf_addf(out, "step%s in ", PLURAL(all));
    quantity_print_duration(report->duration_us, out);
    buf_add_char(out, '\n');
}

static void write_headers(char direction, const struct headers *headers, struct buf *out)
{
    vec_each(header, headers) {
        buf_addf(out, "      %c ", direction);
        add_visible(out, header->name);
        buf_add_text(out, ": ");
        add_visible(out, header_is_private(header->name) ? PARTS_HIDDEN : header->value);
        buf_add_char(out, '\n');
    }
}

static void write_exchanges(const struct step_report *step, struct buf *out)
{
    if (!step->message || !step->message->hops.count) return;
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    add_step_name(&name, step);
    buf_add_text(out, "    ");
    add_visible(out, buf_text(&name));
    buf_add_text(out, ":\n");
    vec_each(hop, &step->message->hops) {
        buf_add_text(out, "      > ");
        add_visible(out, hop->method);
        buf_add_char(out, ' ');
        add_visible(out, hop->url);
        buf_add_char(out, '\n');
        write_headers('>', hop_headers(hop), out);
        const char *version = http_version_word(hop->http_version);
        buf_addf(out, "      < %s%s", version, *version ? " " : "");
        if (hop->status)
            buf_addf(out, "%ld\n", hop->status);
        else
            buf_add_text(out, "no answer\n");
        write_headers('<', &hop->response_headers, out);
    }
}

static void write_residue(const struct run_report *report, bool color, struct buf *out)
{
    if (!report->residue.count) return;
    buf_add_text(out, "  ");
    add_inked(out, color, INK_RED, "LEFT BEHIND IN THE SHOP");
    buf_add_text(out, ", to be cleaned up by hand:\n");
    vec_each(residue, &report->residue) {
        buf_add_text(out, "    ! ");
        add_visible(out, residue->step);
        buf_add_text(out, ": ");
        add_visible(out, residue->what);
        buf_add_char(out, '\n');
    }
}

static void add_shell_option(struct buf *out, const char *option, const char *word)
{
    if (!word || !*word) return;
    buf_addf(out, " %s ", option);
    codec_add_shell(out, view_of(word));
}

static void write_again(const struct run_report *report, const char *again, struct buf *out)
{
    if (!again) return;
    const struct step_report *culprit = run_report_culprit(report);
    AUTO_BUF command = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&command, "%s ", again);
    const char *file = run_file(report);
    if (*file == '-') buf_add_text(&command, "./"); /* it is no option */
    codec_add_shell(&command, view_of(file));
    add_shell_option(&command, "--persona", report->persona);
    if (culprit && culprit->section == SECTION_STEPS) {
        add_shell_option(&command, "--stage", culprit->stage);
    }
    buf_add_text(out, "  run it again: ");
    codec_add_visible(out, buf_view(&command));
    buf_add_char(out, '\n');
}

static void write_untold(const struct run_report *report, bool color, struct buf *out)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    add_run_reason(&reason, report);
    add_ink(out, color, INK_BOLD);
    add_visible(out, run_file(report));
    add_ink(out, color, INK_NONE);
    buf_add_text(out, ": ");
    add_inked(out, color, verdict_ink(report->verdict), verdict_word(report->verdict));
    buf_add_text(out, ": ");
    add_visible(out, buf_text(&reason));
    buf_add_char(out, '\n');
}

void text_write_run(const struct run_report *report, const struct writer_options *options,
                    struct buf *out)
{
    bool passed = report->verdict == VERDICT_PASS;
    bool color = options->color;
    if (passed && options->quiet) return;
    vec_each(step, &report->steps) {
        if (step->failure.kind != OUTCOME_PASS) write_failure(report, step, options, out);
    }
    if (run_ended_untold(report) || report->stopped) write_untold(report, color, out);
    write_run_line(report, color, out);
    if (!passed || options->verbosity >= 1) waterfall_write(report, options, out);
    if (options->verbosity >= 3) {
        vec_each(step, &report->steps) write_exchanges(step, out);
    }
    write_residue(report, color, out);
    if (passed) return;
    buf_addf(out, "  trace id: %s\n", report->trace_id);
    write_again(report, options->again, out);
}

/* --- All runs */

static void write_counts(const struct tally *tally, struct buf *out)
{
    static const struct {
        enum verdict verdict;
        const char *word;
    } counted[] = {{VERDICT_PASS, "passed"},
                   {VERDICT_DEGRADED, "degraded"},
                   {VERDICT_FAIL, "failed"},
                   {VERDICT_UNKNOWN, "unknown"},
                   {VERDICT_SKIPPED, "skipped"}};
    buf_addf(out, "%zu run%s:", tally->runs, PLURAL(tally->runs));
    const char *separator = " ";
    for (size_t i = 0; i < COUNT_OF(counted); i++) {
        size_t count = tally->by_verdict[counted[i].verdict];
        if (!count) continue;
        buf_addf(out, "%s%zu %s", separator, count, counted[i].word);
        separator = ", ";
    }
    buf_add_text(out, " in ");
    quantity_print_duration(tally->duration_us, out);
    buf_add_char(out, '\n');
}

static void write_culprit_line(const struct run_report *report, bool color, struct buf *out)
{
    AUTO_BUF why = BUF_INIT(BUF_OWN_CAP);
    const struct step_report *culprit = run_report_culprit(report);
    if (culprit) {
        add_step_name(&why, culprit);
        buf_addf(&why, ": %s [%s]", culprit->failure.message ? culprit->failure.message : "",
                 outcome_word(culprit->failure.kind));
    } else {
        add_run_reason(&why, report);
    }
    buf_add_text(out, "  ");
    write_run_name(report, color, out);
    buf_add_text(out, ": ");
    add_visible(out, buf_text(&why));
    buf_add_char(out, '\n');
}

void text_write_summary(const struct report_set *reports, const struct writer_options *options,
                        struct buf *out)
{
    struct tally tally = report_tally(reports);
    if (!tally.runs) {
        buf_add_text(out, "no run: nothing was tried, so nothing is known\n");
        return;
    }
    if (options->quiet && tally_verdict(&tally) == VERDICT_PASS) return;
    write_counts(&tally, out);
    for (size_t i = 0; i < reports->count; i++) {
        if (reports->items[i]->verdict == VERDICT_PASS) continue;
        write_culprit_line(reports->items[i], options->color, out);
    }
}

void text_write(const struct report_set *reports, const struct writer_options *options,
                struct buf *out)
{
    AUTO_BUF text = BUF_INIT(out->cap); /* for people: nothing in it can break */
    for (size_t i = 0; i < reports->count; i++) text_write_run(reports->items[i], options, &text);
    text_write_summary(reports, options, &text);
    redact_add(options->redactor, out, buf_view(&text));
    if (text.overflowed) out->overflowed = true;
}
