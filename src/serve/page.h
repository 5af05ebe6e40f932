/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages share: the frame around them, states as shape and word, facts, the story of a run.
 */
#ifndef SHOPPER_SERVE_PAGE_H
#define SHOPPER_SERVE_PAGE_H

#include "serve/answer.h"
#include "serve/api.h"
#include "serve/chart.h"
#include "serve/html.h"
#include "serve/state.h"

struct page {
    const struct request *request;
    struct server *server;
    struct buf *out;
    int64_t now_us;
};

#define PAGE_CAP ((size_t)16 << 20)

/* Up to <main>. `mood` is a class: "good", "rough", "bad", "unknown", "plain". `title` is of the
 * page. */
void page_begin(struct page *page, const struct request *request, struct buf *out,
                const char *title, const char *mood);
void page_foot(struct page *page);
void page_answer(const struct request *request, int status, const struct buf *out);
void page_end(struct page *page, int status); /* both */
/* A whole page that says only this. */
void page_say(const struct request *request, int status, const char *title, const char *text);

/* Shape and word of a state. */
void page_condition(struct page *page, enum condition condition, const char *words);
const char *page_run_words(enum verdict verdict); /* "could shop" */
const char *page_mood_of(enum condition condition);
void page_severity(struct page *page, int severity);
/* Its first line, without the severity and the times that stand beside it. `json` is all of it. */
const char *page_line(const struct store_incident *incident, const cJSON *json);
/* Why a list is empty: what `words` say where it is known, else that it could not be read. */
void page_nothing(struct page *page, bool known, const char *words);
/* <li>: its line, since when, whose it is; leads to its page. */
void page_incident_row(struct page *page, const struct store_incident *incident);
void page_ago(struct page *page, int64_t wall_us); /* "12 s ago" */
/* <dt> and <dd>; nothing for "". */
void page_fact(struct page *page, const char *name, const char *value);

/* Runs as a table, the latest first, and the way to older ones when there may be more than these.
 */
void page_runs(struct page *page, const struct store_run_filter *filter);
/* What happened in one span of a journey: its incidents, its runs. */
void page_span(const struct request *request, const struct state_journey *state,
               const struct store_run_filter *filter);

/* The strips of 24 hours, 7 and 30 days. `persona` NULL: all. */
void page_strips(struct page *page, const char *journey, const char *persona);
/* What the journey promises and what is left of it; nothing when it promises nothing. */
void page_promise(struct page *page, const struct journey *journey);
/* Its stages over the window of its objective. */
void page_stages(struct page *page, const struct state_journey *state);
/* One line per step: name, latency over a day. False: none was measured, and nothing is written. */
bool page_steps(struct page *page, const struct journey *journey);
/* What an answer said then and says now, word by word. */
void page_diff(struct page *page, const char *then, const char *now);
/* Waterfall, what was seen, how it differs from the last good run; says so when nothing is kept. */
void page_run_story(struct page *page, const struct store_run *run);

#endif
