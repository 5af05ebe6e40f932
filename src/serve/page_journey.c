/* SPDX-License-Identifier: Apache-2.0 */
/* /journeys/NAME: one journey, its shoppers, its steps, its latest runs. */
#include "serve/page.h"

#include <stdio.h>

#define RUNS_SHOWN 30

static void write_facts(struct page *page, const struct state_journey *state)
{
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
    const struct journey *journey = state->journey;
    buf_add_text(page->out, "<dl class=\"facts\">");
    page_fact(page, "Walks", api_schedule_words(journey, &words));
    page_fact(page, "Rests", state->paused);
    if (state->next_us) {
        buf_add_text(page->out, "<div><dt>Next</dt><dd>");
        html_time(page->out, state->next_us, page->now_us);
        buf_add_text(page->out, "</dd></div>");
    }
    page_fact(page, "Owner", journey->owner);
    page_fact(page, "Runbook", journey->runbook);
    buf_add_text(page->out, "</dl>");
}

static void write_shoppers(struct page *page, const struct state_journey *state)
{
    vec_each(subject, &state->subjects) {
        html_put(page->out, "<h3>as <bdi>%t</bdi> ", subject->persona);
        page_condition(page, subject->condition, NULL);
        buf_add_text(page->out, "</h3>");
        page_strips(page, state->journey->name, subject->persona);
    }
}

static void write_run_row(struct page *page, const struct store_run *run)
{
    struct buf *out = page->out;
    html_put(out, "<tr><th scope=\"row\"><a href=\"/runs/%u\">", run->id);
    html_time(out, run->started_us, page->now_us);
    html_put(out, "</a></th><td><bdi>%t</bdi></td><td>", run->persona);
    enum condition condition = page_condition_of(run->verdict);
    page_condition(page, condition, verdict_word(run->verdict));
    buf_add_text(out, "</td><td class=\"n\">");
    html_duration(out, run->duration_us);
    html_put(out, "</td><td class=\"what\"><bdi>%t</bdi></td></tr>", run->line);
}

static void write_runs(struct page *page, const char *journey)
{
    struct store_run_list runs = {0};
    struct store_run_filter filter = {.journey = journey, .limit = RUNS_SHOWN};
    if (!store_runs(page->server->store, &filter, &runs, NULL) || !runs.count) {
        buf_add_text(page->out, "<p class=\"quiet\">Nobody has walked it yet.</p>");
        store_run_list_release(&runs);
        return;
    }
    buf_add_text(page->out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                            "aria-label=\"Latest runs\"><table class=\"runs\"><thead><tr><th "
                            "scope=\"col\">Began</th><th scope=\"col\">As</th><th "
                            "scope=\"col\">Outcome</th><th scope=\"col\" class=\"n\">Took</th><th "
                            "scope=\"col\">What was wrong</th></tr></thead><tbody>");
    vec_each(run, &runs) write_run_row(page, run);
    buf_add_text(page->out, "</tbody></table></div>");
    store_run_list_release(&runs);
}

static void write_journey(const struct request *request, const struct state_journey *state)
{
    AUTO_BUF out = BUF_INIT(PAGE_CAP);
    struct page page;
    enum condition worst = CONDITION_CAN;
    vec_each(subject, &state->subjects) {
        if (subject->condition == CONDITION_CANNOT || worst == CONDITION_CAN)
            worst = subject->condition;
    }
    page_begin(&page, request, &out, state->journey->name, page_mood_of(worst));
    html_put(&out,
             "<nav class=\"crumbs\" aria-label=\"Where you are\"><a href=\"/\">Overview</a></nav>"
             "<section class=\"hero\"><h1><bdi>%t</bdi></h1>",
             state->journey->name);
    if (state->journey->description)
        html_put(&out, "<p class=\"said\">%t</p>", state->journey->description);
    buf_add_text(&out, "</section><section class=\"card\">");
    write_facts(&page, state);
    buf_add_text(&out, "<h2>Shoppers</h2>");
    write_shoppers(&page, state);
    buf_add_text(&out, "<h2>Steps, over a day</h2>");
    page_steps(&page, state->journey);
    buf_add_text(&out, "<h2>Latest runs</h2>");
    write_runs(&page, state->journey->name);
    buf_add_text(&out, "</section>");
    page_end(&page, 200);
}

void page_journey(const struct request *request)
{
    AUTO_ERROR error = ERROR_NONE;
    struct state state;
    if (!state_read(&state, request->server, request->id, &error))
        page_say(request, 503, "The history cannot be read now", error_text(&error));
    else if (!state.journeys.count)
        page_say(request, 404, "No such journey", "It is not watched.");
    else
        write_journey(request, &state.journeys.items[0]);
    state_release(&state);
}
