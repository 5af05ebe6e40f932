/* SPDX-License-Identifier: Apache-2.0 */
/* See parts.h. */
#include "report/parts.h"

#include "base/codec.h"
#include "base/vec.h"

const char *section_word(enum report_section section)
{
    switch (section) {
    case SECTION_STEPS: return "steps";
    case SECTION_UNDO: return "undo";
    case SECTION_FINALLY: return "finally";
    }
    return "";
}

void add_step_name(struct buf *out, const struct step_report *step)
{
    /* An undo without a name of its own, and its find, say already what they are. */
    bool told = step->section == SECTION_UNDO &&
                (view_starts_with(view_of(step->name), VIEW_LITERAL("undo: ")) ||
                 view_starts_with(view_of(step->name), VIEW_LITERAL("find: ")));
    if (step->section != SECTION_STEPS && !told) buf_addf(out, "%s: ", section_word(step->section));
    buf_add_text(out, step->name);
    if (step->each_index) buf_addf(out, " #%d", step->each_index);
}

void add_run_name(struct buf *out, const struct run_report *report)
{
    buf_addf(out, "%s [%s]", report->journey->name, report->persona);
}

size_t run_steps_walked(const struct run_report *report)
{
    size_t walked = 0;
    vec_each(step, &report->steps) walked += step->verdict != VERDICT_SKIPPED;
    return walked;
}

const char *run_file(const struct run_report *report)
{
    return report->journey->path ? report->journey->path : report->journey->name;
}

bool run_ended_untold(const struct run_report *report)
{
    if (report->verdict != VERDICT_FAIL && report->verdict != VERDICT_UNKNOWN) return false;
    vec_each(step, &report->steps) {
        if (step->optional || step->section != SECTION_STEPS) continue;
        if (step->verdict == VERDICT_FAIL || step->verdict == VERDICT_UNKNOWN) return false;
    }
    return true;
}

void add_run_reason(struct buf *out, const struct run_report *report)
{
    const struct step_report *culprit = run_report_culprit(report);
    if (report->stopped)
        buf_addf(out, "the steps ended early: %s", report->stopped);
    else if (!run_steps_walked(report))
        buf_add_text(out, "no step was walked");
    else if (report->residue.count)
        buf_add_text(out, "something may be left in the shop");
    else /* an optional one may have taken the time of those that are not */
        buf_add_text(out, culprit ? culprit->failure.message : "no step says why");
}

struct tally report_tally(const struct report_set *reports)
{
    struct tally tally = {.runs = reports->count};
    int64_t ended_us = 0;
    for (size_t i = 0; i < reports->count; i++) {
        const struct run_report *report = reports->items[i];
        int64_t run_ended_us = report->started_wall_us + report->duration_us;
        tally.by_verdict[report->verdict]++;
        if (!i || report->started_wall_us < tally.started_wall_us) {
            tally.started_wall_us = report->started_wall_us;
        }
        if (!i || run_ended_us > ended_us) ended_us = run_ended_us;
    }
    tally.duration_us = ended_us - tally.started_wall_us;
    return tally;
}

enum verdict tally_verdict(const struct tally *tally)
{
    static const enum verdict worst_first[] = {VERDICT_FAIL, VERDICT_UNKNOWN, VERDICT_DEGRADED,
                                               VERDICT_PASS};
    for (size_t i = 0; i < COUNT_OF(worst_first); i++) {
        if (tally->by_verdict[worst_first[i]]) return worst_first[i];
    }
    return VERDICT_UNKNOWN;
}

const struct headers *hop_headers(const struct hop *hop)
{
    return hop->sent_headers.count ? &hop->sent_headers : &hop->request_headers;
}

bool header_is_private(const char *name)
{
    static const char *const names[] = {"Cookie", "Set-Cookie", "Authorization",
                                        "Proxy-Authorization"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (view_is_nocase(view_of(name), names[i])) return true;
    }
    return false;
}

const char *verdict_mark(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS: return "✓";
    case VERDICT_DEGRADED: return "~";
    case VERDICT_FAIL: return "✗";
    case VERDICT_UNKNOWN: return "?";
    case VERDICT_SKIPPED: return "-";
    }
    return "?";
}

enum ink verdict_ink(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS: return INK_GREEN;
    case VERDICT_DEGRADED: return INK_YELLOW;
    case VERDICT_FAIL: return INK_RED;
    case VERDICT_UNKNOWN: return INK_MAGENTA;
    case VERDICT_SKIPPED: return INK_DIM;
    }
    return INK_NONE;
}

void add_ink(struct buf *out, bool color, enum ink ink)
{
    static const int codes[] = {
        [INK_NONE] = 0, [INK_BOLD] = 1,     [INK_DIM] = 2,   [INK_GREEN] = 32, [INK_YELLOW] = 33,
        [INK_RED] = 31, [INK_MAGENTA] = 35, [INK_CYAN] = 36, [INK_BLUE] = 34,
    };
    if (color) buf_addf(out, "\x1b[%dm", codes[ink]);
}

const char *http_version_word(int http_version)
{
    static const struct {
        int version;
        const char *word;
    } words[] = {{10, "HTTP/1.0"}, {11, "HTTP/1.1"}, {20, "HTTP/2"}, {30, "HTTP/3"}};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (words[i].version == http_version) return words[i].word;
    }
    return "";
}

void add_foreign(const struct pen *pen, const char *text, struct buf *out)
{
    AUTO_BUF clean = BUF_INIT(BUF_OWN_CAP);
    redact_add(pen->redactor, &clean, view_of(text));
    codec_add_visible(out, buf_view(&clean));
}

void add_visible(struct buf *out, const char *text)
{
    codec_add_visible(out, view_of(text));
}
