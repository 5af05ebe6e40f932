/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several formats say alike: names of steps and runs, the tally of an invocation, which header
 * values are nobody's business. Nothing here knows a format.
 */
#ifndef SHOPPER_REPORT_PARTS_H
#define SHOPPER_REPORT_PARTS_H

#include "report/writer.h"

#define PARTS_HIDDEN "[redacted]"

const char *section_word(enum report_section section); /* "steps", "undo", "finally" */
/* "see the price", "undo: check out", "add a line #2": raw text, not made visible. */
void add_step_name(struct buf *out, const struct step_report *step);
void add_run_name(struct buf *out, const struct run_report *report); /* "checkout [desktop]" */

size_t run_steps_walked(const struct run_report *report); /* all but the skipped ones */
/* The name of the journey's file. */
const char *run_file(const struct run_report *report);
/* No step tells that the run failed or could not be judged; the run itself has to. */
bool run_ended_untold(const struct run_report *report);
/* Why a run ended as it did when no step says so: "the steps ended early: interrupted". */
void add_run_reason(struct buf *out, const struct run_report *report);

struct tally {
    size_t runs, by_verdict[VERDICT_SKIPPED + 1];
    int64_t started_wall_us; /* of the first to start; 0 without runs */
    int64_t duration_us;     /* from there until the last had ended */
};
struct tally report_tally(const struct report_set *reports);
enum verdict tally_verdict(const struct tally *tally); /* the worst; nothing ran: unknown */

/* What stands in front of a line for people: "✓" "~" "✗" "?" "-". */
const char *verdict_mark(enum verdict verdict);
/* "HTTP/1.1"; "" when the version is not known. */
const char *http_version_word(int http_version);
void add_visible(struct buf *out, const char *text); /* codec_add_visible; NULL: nothing */

/* Where a format writes, and the secrets that no text in it may hold. */
struct pen {
    struct buf *out;
    const struct redactor *redactor; /* NULL: none */
};
/* Text that came from elsewhere, redacted and visible. */
void add_foreign(const struct pen *pen, const char *text, struct buf *out);

/* ANSI colours; nothing when `color` is false. */
enum ink {
    INK_NONE,
    INK_BOLD,
    INK_DIM,
    INK_GREEN,
    INK_YELLOW,
    INK_RED,
    INK_MAGENTA,
    INK_CYAN,
    INK_BLUE
};
void add_ink(struct buf *out, bool color, enum ink ink);
enum ink verdict_ink(enum verdict verdict);

/* A request's, as they left where that is known; else as they were wanted. */
const struct headers *hop_headers(const struct hop *hop);
/* Headers whose values prove who the shopper is. */
bool header_is_private(const char *name);

#endif
