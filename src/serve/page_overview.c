/* SPDX-License-Identifier: Apache-2.0 */
/* /: what shoppers can and cannot do now, at a glance; what is open; how it was for a month. */
#include "serve/page.h"

#include "judge/event.h"
#include "serve/summary.h"
#include "text/quantity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those that are worse than others; the rest is folded away. */
#define ROWS_SHOWN 40
#define OPEN_SHOWN 100
#define RECENT_SHOWN 6
#define RECENT_SPAN_US (7 * STORE_DAY_US)
#define SILENCES_SHOWN 5
#define KEPT_US US_PER_SECOND
/* With more journeys, the steps stand on the journeys' own pages alone. */
#define JOURNEYS_WITH_STEPS 12
#define JOURNEYS_WITH_STRIPS 40

/* --- The headline */

/* Those that are counted nowhere: in a maintenance window, or for another reason. */
static void write_resting(struct page *page, const struct state *state)
{
    bool any = false;
    vec_each(journey, &state->journeys) {
        if (!journey->paused) continue;
        html_put(page->out, any ? ", " : "<p class=\"note\">In maintenance, and not counted: ");
        html_put(page->out, "<bdi>%t</bdi> (%t)", journey->journey->name, journey->paused);
        any = true;
    }
    if (any) buf_add_text(page->out, ".</p>");
}

/* "Nobody is told of journey=checkout until 15:00:00 UTC (ann: new cart)." */
static void write_silences(struct page *page)
{
    struct store_silence_list list = {0};
    size_t now = 0;
    if (store_silences(page->server->store, page->now_us, &list, NULL)) {
        vec_each(silence, &list) {
            if (silence->from_us > page->now_us || ++now > SILENCES_SHOWN) continue;
            buf_add_text(page->out, now == 1 ? "<p class=\"note\">Nobody is told of " : ", of ");
            html_put(page->out, "<bdi>%t</bdi> until ", silence->matcher);
            html_time(page->out, silence->until_us, page->now_us);
            html_put(page->out, " UTC (<bdi>%t%t%t</bdi>)", silence->author,
                     silence->comment && *silence->comment ? ": " : "", silence->comment);
        }
    }
    if (now > SILENCES_SHOWN) html_put(page->out, ", and %d more", (int)(now - SILENCES_SHOWN));
    if (now) buf_add_text(page->out, ".</p>");
    store_silence_list_release(&list);
}

static void write_hero(struct page *page, const struct summary *summary, const char *sentence,
                       const struct state *state, const struct error *unread)
{
    struct buf *out = page->out;
    struct serve_live live = {.trusted = true};
    page->server->operations->live(page->server->host, &live);
    html_put(out,
             "<section class=\"hero\"><h1 id=\"sentence\"><svg class=\"i\" aria-hidden=\"true\">"
             "<use href=\"#i-%t\"/></svg><span>%t</span></h1><p>",
             condition_word(summary_condition(summary)), sentence);
    summary_write_counts(summary, out);
    if (summary->latest_us) {
        buf_add_text(out, "; the latest set out ");
        page_ago(page, summary->latest_us);
    }
    buf_add_text(out, ".");
    if (live.under_way) html_put(out, " %d on the way now.", (int)live.under_way);
    buf_add_text(out, "</p>");
    write_resting(page, state);
    write_silences(page);
    if (!live.trusted)
        html_put(out, "<p class=\"note\">We do not believe our own eyes now: %t.</p>",
                 live.distrust);
    if (unread)
        html_put(out, "<p class=\"note\">The history cannot be read now: %t.</p>",
                 error_text(unread));
    else if (live.store_trouble)
        html_put(out, "<p class=\"note\">The history is in trouble: %t.</p>", live.store_trouble);
    if (live.reload_failed)
        buf_add_text(out, "<p class=\"note\">The latest configuration was refused; an older one is "
                          "in use.</p>");
    buf_add_text(out, "</section>");
}

/* --- Incidents */

static bool worse_first(const struct store_incident *one, const struct store_incident *other)
{
    bool planned = incident_is_planned(one->json);
    if (planned != incident_is_planned(other->json)) return !planned;
    if (one->severity != other->severity) return one->severity < other->severity;
    return one->opened_us > other->opened_us;
}

static void sort_incidents(struct store_incident_list *incidents)
{
    for (size_t i = 1; i < incidents->count; i++) {
        struct store_incident moved = incidents->items[i];
        size_t to = i;
        for (; to > 0 && worse_first(&moved, &incidents->items[to - 1]); to--)
            incidents->items[to] = incidents->items[to - 1];
        incidents->items[to] = moved;
    }
}

static void write_open(struct page *page)
{
    struct store_incident_list open = {0};
    struct store_incident_filter filter = {.open_only = true, .limit = OPEN_SHOWN + 1};
    bool known = store_incidents(page->server->store, &filter, &open, NULL);
    if (!known)
        buf_add_text(page->out,
                     "<p class=\"note\">What incidents are open cannot be read now.</p>");
    if (!known || !open.count) {
        store_incident_list_release(&open);
        return;
    }
    sort_incidents(&open);
    html_put(
        page->out,
        "<section class=\"card open%d\" aria-labelledby=\"h-open\"><h2 id=\"h-open\">%t%d open "
        "incident%t</h2><ul class=\"incidents\">",
        incident_is_planned(open.items[0].json) ? 4 : open.items[0].severity,
        open.count > OPEN_SHOWN ? "More than " : "",
        (int)(open.count > OPEN_SHOWN ? OPEN_SHOWN : open.count), PLURAL(open.count));
    for (size_t i = 0; i < open.count && i < OPEN_SHOWN; i++)
        page_incident_row(page, &open.items[i]);
    buf_add_text(page->out, "</ul></section>");
    store_incident_list_release(&open);
}

static void write_recent(struct page *page)
{
    struct store_incident_list recent = {0};
    struct store_incident_filter filter = {.from_us = page->now_us - RECENT_SPAN_US, .limit = 50};
    size_t shown = 0;
    buf_add_text(page->out, "<section class=\"card\" aria-labelledby=\"h-recent\"><h2 "
                            "id=\"h-recent\">Over and done, this week</h2>");
    bool known = store_incidents(page->server->store, &filter, &recent, NULL);
    vec_each(incident, &recent) {
        if (!incident->resolved_us || shown == RECENT_SHOWN) continue;
        if (!shown++) buf_add_text(page->out, "<ul class=\"incidents\">");
        page_incident_row(page, incident);
    }
    if (shown)
        buf_add_text(page->out, "</ul>");
    else
        page_nothing(page, known, "No incident ended this week.");
    buf_add_text(page->out, "</section>");
    store_incident_list_release(&recent);
}

/* --- What shoppers can do */

static void write_stage_cell(struct page *page, const struct state_journey *journey,
                             const struct state_subject *subject, const char *stage)
{
    enum condition condition = state_stage(journey, subject, stage);
    html_put(page->out, "<td role=\"cell\" class=\"t-%t\" data-label=\"%t\">",
             condition_word(condition), html_stage(stage));
    bool linked = subject->run && condition != CONDITION_NO_PART && condition != CONDITION_NO_RUN;
    if (linked) html_put(page->out, "<a href=\"/runs/%u\">", subject->run->id);
    if (condition == CONDITION_NO_PART)
        buf_add_text(page->out, "<span class=\"state s-no-part\"><svg class=\"i\" "
                                "aria-hidden=\"true\"><use href=\"#i-no-part\"/></svg><span "
                                "class=\"unseen\">not part of it</span></span>");
    else
        page_condition(page, condition, NULL);
    html_put(page->out, linked ? "</a></td>" : "</td>");
}

static void write_subject(struct page *page, const struct state_journey *journey,
                          const struct state_subject *subject)
{
    html_put(page->out,
             "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><a href=\"/journeys/%u\"><bdi>"
             "%t</bdi></a> <span class=\"as\">as <bdi>%t</bdi>%t</span></th>",
             journey->journey->name, journey->journey->name, subject->persona,
             journey->paused ? ", in maintenance" : "");
    for (size_t i = 0; i < CORE_STAGE_COUNT; i++)
        write_stage_cell(page, journey, subject, core_stages[i]);
    html_put(page->out, "<td role=\"cell\" class=\"t-%t whole\" data-label=\"all the way\">",
             condition_word(subject->condition));
    if (subject->run) html_put(page->out, "<a href=\"/runs/%u\">", subject->run->id);
    page_condition(page, subject->condition,
                   subject->condition == CONDITION_CAN ? "came through" : NULL);
    if (subject->run) buf_add_text(page->out, "</a>");
    buf_add_text(page->out, "</td></tr>");
}

/* What needs a look comes first, and what rests last. */
enum { RESTING = 4, TROUBLES };
static int trouble_of(const struct state_journey *journey, const struct state_subject *subject)
{
    if (journey->paused) return RESTING;
    switch (subject->condition) {
    case CONDITION_CANNOT: return 0;
    case CONDITION_NOT_REACHED:
    case CONDITION_NOT_KNOWN:
    case CONDITION_STALE:
    case CONDITION_NO_RUN: return 1;
    case CONDITION_SLOWLY: return 2;
    case CONDITION_CAN:
    case CONDITION_NO_PART: return 3;
    }
    return 3;
}

/* Rows from one number to another, in the order of their trouble. */
static void write_rows(struct page *page, const struct state *state, size_t from, size_t until)
{
    size_t row = 0;
    buf_add_text(page->out, "<table class=\"matrix\" role=\"table\"><thead role=\"rowgroup\"><tr "
                            "role=\"row\"><th role=\"columnheader\" scope=\"col\">Journey</th>");
    for (size_t i = 0; i < CORE_STAGE_COUNT; i++)
        html_put(page->out, "<th role=\"columnheader\" scope=\"col\">%t</th>",
                 html_stage(core_stages[i]));
    buf_add_text(page->out, "<th role=\"columnheader\" scope=\"col\">all the way</th></tr></thead>"
                            "<tbody role=\"rowgroup\">");
    for (int trouble = 0; trouble < TROUBLES; trouble++) {
        vec_each(journey, &state->journeys) {
            vec_each(subject, &journey->subjects) {
                if (trouble_of(journey, subject) != trouble) continue;
                if (row >= from && row < until) write_subject(page, journey, subject);
                row++;
            }
        }
    }
    buf_add_text(page->out, "</tbody></table>");
}

static void write_matrix(struct page *page, const struct state *state)
{
    size_t rows = 0;
    vec_each(journey, &state->journeys) rows += journey->subjects.count;
    buf_add_text(page->out,
                 "<section class=\"card\" aria-labelledby=\"h-now\"><h2 id=\"h-now\">What "
                 "shoppers can do now</h2>");
    write_rows(page, state, 0, ROWS_SHOWN);
    if (rows > ROWS_SHOWN) {
        html_put(page->out, "<details><summary>And %d more, who are no worse</summary>",
                 (int)(rows - ROWS_SHOWN));
        write_rows(page, state, ROWS_SHOWN, rows);
        buf_add_text(page->out, "</details>");
    }
    if (!rows) buf_add_text(page->out, "<p class=\"quiet\">No journey is watched.</p>");
    buf_add_text(page->out, "</section>");
}

/* --- How it was */

static void write_journey(struct page *page, const struct state_journey *state, bool with_steps)
{
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
    const struct journey *journey = state->journey;
    html_put(page->out,
             "<article class=\"journey\"><h3><a href=\"/journeys/%u\"><bdi>%t</bdi></a> <span "
             "class=\"as\">%t",
             journey->name, journey->name, api_schedule_words(journey, &words));
    if (state->paused) html_put(page->out, ", rests: %t", state->paused);
    buf_add_text(page->out, "</span></h3>");
    page_strips(page, journey->name, NULL);
    page_promise(page, journey);
    if (with_steps) (void)page_steps(page, journey);
    buf_add_text(page->out, "</article>");
}

static bool is_well(const struct state_journey *journey)
{
    vec_each(subject, &journey->subjects) {
        if (subject->condition != CONDITION_CAN) return false;
    }
    return true;
}

static void write_history_begin(struct page *page)
{
    buf_add_text(page->out,
                 "<section class=\"card\" aria-labelledby=\"h-was\"><h2 id=\"h-was\">How "
                 "it was</h2>");
    chart_strip_key(page->out);
}

static void write_history_end(struct page *page, size_t unseen)
{
    if (unseen)
        html_put(page->out,
                 "<p class=\"quiet\">And %d more: how they were stands on their own pages.</p>",
                 (int)unseen);
    buf_add_text(page->out, "</section>");
}

/* --- Drawing it. The history asks the store for much, and there are shoppers to start meanwhile:
 * so each turn of the loop brings one journey's. All who ask until it is done, and in the second
 * after it, get the same. */

struct drawing {
    struct server *server;
    struct deferred turn;
    VEC(struct http_call *) calls;
    struct state state;
    VEC(const struct state_journey *) shown;
    size_t at; /* of them */
    struct page page;
    struct buf out;
};

static void drawing_free(struct drawing *drawing)
{
    struct server *server = drawing->server;
    for (size_t i = 0; i < server->drawings.count; i++) {
        if (server->drawings.items[i] != drawing) continue;
        server->drawings.items[i] = *vec_last(&server->drawings);
        (void)vec_pop(&server->drawings);
        break;
    }
    if (server->drawing == drawing) server->drawing = NULL;
    deferred_cancel(&drawing->turn);
    vec_release(&drawing->calls);
    vec_release(&drawing->shown);
    state_release(&drawing->state);
    buf_release(&drawing->out);
    free(drawing);
}

void drawings_forget(struct server *server)
{
    while (server->drawings.count) drawing_free(*vec_last(&server->drawings));
}

void overview_outdate(struct server *server)
{
    server->overview_us = 0;
    server->drawing = NULL;
}

static void keep(struct server *server, const struct buf *out)
{
    buf_clear(&server->overview);
    buf_add_view(&server->overview, buf_view(out));
    server->overview_us = out->overflowed ? 0 : loop_now_us(server->loop);
}

static void drawing_finish(struct drawing *drawing)
{
    struct page *page = &drawing->page;
    write_history_end(page, drawing->state.journeys.count - drawing->shown.count);
    write_recent(page);
    page_foot(page);
    if (drawing->server->drawing == drawing) keep(drawing->server, &drawing->out);
    vec_each(call, &drawing->calls) {
        const struct request request = {.server = drawing->server, .call = *call};
        page_answer(&request, 200, &drawing->out);
    }
    drawing_free(drawing);
}

static void drawing_go_on(void *context)
{
    struct drawing *drawing = context;
    if (drawing->at == drawing->shown.count) {
        drawing_finish(drawing);
        return;
    }
    write_journey(&drawing->page, drawing->shown.items[drawing->at++],
                  drawing->state.journeys.count <= JOURNEYS_WITH_STEPS);
    deferred_queue(&drawing->turn);
}

/* Of very many journeys only so many, and those in trouble first: a page that nobody can read costs
 * as much as one that people do. */
static void choose_shown(struct drawing *drawing)
{
    const struct state *state = &drawing->state;
    bool all = state->journeys.count <= JOURNEYS_WITH_STRIPS;
    for (int well = 0; well <= (all ? 0 : 1); well++) {
        vec_each(journey, &state->journeys) {
            if (drawing->shown.count == JOURNEYS_WITH_STRIPS) return;
            if (all || is_well(journey) == (well == 1)) vec_push(&drawing->shown, journey);
        }
    }
}

/* What is true now is told in one turn. */
static void drawing_begin(struct drawing *drawing, const struct request *request)
{
    AUTO_BUF title = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    struct page *page = &drawing->page;
    bool good = state_read(&drawing->state, request->server, NULL, &error);
    struct summary summary = summary_of(&drawing->state);
    summary_write(&summary, &title);
    page_begin(page, request, &drawing->out, buf_text(&title),
               page_mood_of(summary_condition(&summary)));
    page->request = NULL; /* there may be several by the time it is answered */
    write_hero(page, &summary, buf_text(&title), &drawing->state, good ? NULL : &error);
    write_open(page);
    write_matrix(page, &drawing->state);
    write_history_begin(page);
    choose_shown(drawing);
}

void page_overview(const struct request *request)
{
    struct server *server = request->server;
    if (server->overview_us && loop_now_us(server->loop) - server->overview_us < KEPT_US) {
        answer_html(request, 200, buf_view(&server->overview));
        return;
    }
    struct drawing *drawing = server->drawing;
    if (!drawing) {
        drawing = server->drawing = NEW(struct drawing);
        vec_push(&server->drawings, drawing);
        drawing->server = server;
        drawing->out = BUF_INIT(PAGE_CAP);
        deferred_init(&drawing->turn, server->loop, drawing_go_on, drawing);
        drawing_begin(drawing, request);
        deferred_queue(&drawing->turn);
    }
    vec_push(&drawing->calls, request->call);
}
