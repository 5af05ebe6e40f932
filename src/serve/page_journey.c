/* SPDX-License-Identifier: Apache-2.0 */
/* /journeys/NAME: one journey, its shoppers, its steps, its latest runs. */
#include "serve/page.h"

#define LATEST_SHOWN 20

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
    page_promise(&page, state->journey);
    buf_add_text(&out, "<h2>Shoppers</h2>");
    write_shoppers(&page, state);
    page_stages(&page, state);
    buf_add_text(&out, "<h2>Steps, over a day</h2>");
    if (!page_steps(&page, state->journey)) page_nothing(&page, true, "No step was passed.");
    buf_add_text(&out, "<h2>Latest runs</h2>");
    page_runs(&page,
              &(struct store_run_filter){.journey = state->journey->name, .limit = LATEST_SHOWN});
    buf_add_text(&out, "</section>");
    page_end(&page, 200);
}

void page_journey(const struct request *request)
{
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF persona = BUF_INIT(BUF_OWN_CAP);
    struct state state = {0};
    struct store_run_filter filter = {.journey = request->id};
    if (!api_take_time(request, "from", &filter.from_us) ||
        !api_take_time(request, "until", &filter.until_us))
        return;
    if (http_call_parameter(request->call, "persona", &persona))
        filter.persona = buf_text(&persona);
    if (!state_read(&state, request->server, request->id, &error))
        page_say(request, 503, "The history cannot be read now", error_text(&error));
    else if (!state.journeys.count)
        page_say(request, 404, "No such journey", "It is not watched.");
    else if (filter.from_us || filter.until_us || filter.persona)
        page_span(request, &state.journeys.items[0], &filter);
    else
        write_journey(request, &state.journeys.items[0]);
    state_release(&state);
}
