/* SPDX-License-Identifier: Apache-2.0 */
/* /journeys/NAME?from=...&until=...: what stands behind a cell of a strip, and older runs, page by
 * page. */
#include "serve/page.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define RUNS_SHOWN 50

/* --- Runs */

static void write_run_row(struct page *page, const struct store_run *run)
{
    struct buf *out = page->out;
    html_put(out, "<tr><th scope=\"row\"><a href=\"/runs/%u\">", run->id);
    html_time(out, run->started_us, page->now_us);
    html_put(out, "</a></th><td><bdi>%t</bdi></td><td>", run->persona);
    page_condition(page, condition_of(run->verdict), page_run_words(run->verdict));
    if (run->flags & STORE_RUN_MAINTENANCE)
        buf_add_text(out, " <span class=\"tag\">in maintenance</span>");
    buf_add_text(out, "</td><td class=\"n\">");
    html_duration(out, run->duration_us);
    html_put(out, "</td><td class=\"what\"><bdi>%t</bdi></td></tr>", run->line);
}

/* Older ones: those before the last that is shown. */
static void write_older(struct page *page, const struct store_run_filter *filter, int64_t until_us)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339_us(until_us, time);
    html_put(page->out, "<p class=\"pager\"><a href=\"/journeys/%u?until=%t", filter->journey,
             time);
    if (filter->from_us) {
        clock_format_rfc3339_us(filter->from_us, time);
        html_put(page->out, "&amp;from=%t", time);
    }
    if (filter->persona) html_put(page->out, "&amp;persona=%u", filter->persona);
    buf_add_text(page->out, "\">Older runs</a></p>");
}

void page_runs(struct page *page, const struct store_run_filter *filter)
{
    struct store_run_list runs = {0};
    struct store_run_filter asked = *filter;
    size_t most = filter->limit ? filter->limit : RUNS_SHOWN;
    asked.limit = most + 1;
    bool known = store_runs(page->server->store, &asked, &runs, NULL);
    if (!known || !runs.count) {
        page_nothing(page, known,
                     filter->until_us ? "No run is kept of it." : "Nobody has walked it yet.");
        store_run_list_release(&runs);
        return;
    }
    buf_add_text(page->out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                            "aria-label=\"Runs\"><table class=\"runs\"><thead><tr><th "
                            "scope=\"col\">Began</th><th scope=\"col\">As</th><th "
                            "scope=\"col\">Outcome</th><th scope=\"col\" class=\"n\">Took</th><th "
                            "scope=\"col\">What was wrong</th></tr></thead><tbody>");
    size_t shown = runs.count < most ? runs.count : most;
    for (size_t i = 0; i < shown; i++) write_run_row(page, &runs.items[i]);
    buf_add_text(page->out, "</tbody></table></div>");
    if (runs.count > shown) write_older(page, filter, runs.items[shown - 1].started_us);
    store_run_list_release(&runs);
}

/* --- Incidents */

static bool is_met_by(const struct store_incident *incident, const char *journey)
{
    cJSON *json = api_parse(incident->json);
    const cJSON *item;
    bool met = false;
    size_t length = strlen(journey);
    cJSON_ArrayForEach(item, api_member(api_member(json, "face"), "affected"))
    {
        const char *text = cJSON_GetStringValue(item);
        met = met || (text && strncmp(text, journey, length) == 0 &&
                      strncmp(text + length, " as ", 4) == 0);
    }
    cJSON_Delete(json);
    return met;
}

static void write_incidents(struct page *page, const struct store_run_filter *span)
{
    struct store_incident_list incidents = {0};
    const struct store_incident_filter filter = {
        .from_us = span->from_us, .until_us = span->until_us, .limit = 200};
    bool any = false;
    buf_add_text(page->out, "<h2>Incidents</h2>");
    bool known = store_incidents(page->server->store, &filter, &incidents, NULL);
    vec_each(incident, &incidents) {
        if (!is_met_by(incident, span->journey)) continue;
        if (!any) buf_add_text(page->out, "<ul class=\"incidents\">");
        any = true;
        page_incident_row(page, incident);
    }
    if (any)
        buf_add_text(page->out, "</ul>");
    else
        page_nothing(page, known, "None met this journey then.");
    store_incident_list_release(&incidents);
}

/* --- The page */

static void write_when(struct page *page, const struct store_run_filter *span)
{
    struct buf *out = page->out;
    int64_t far_us = 0; /* every time with its date */
    if (span->from_us) {
        buf_add_text(out, "from ");
        html_time(out, span->from_us, far_us);
    }
    if (span->until_us) {
        buf_add_text(out, span->from_us ? " to " : "before ");
        html_time(out, span->until_us, far_us);
    }
    buf_add_text(out, span->from_us || span->until_us ? " UTC" : "");
    if (span->persona) html_put(out, " as <bdi>%t</bdi>", span->persona);
}

void page_span(const struct request *request, const struct state_journey *state,
               const struct store_run_filter *filter)
{
    AUTO_BUF out = BUF_INIT(PAGE_CAP);
    struct page page;
    const char *journey = state->journey->name;
    page_begin(&page, request, &out, journey, "plain");
    html_put(&out,
             "<nav class=\"crumbs\" aria-label=\"Where you are\"><a href=\"/\">Overview</a> <a "
             "href=\"/journeys/%u\"><bdi>%t</bdi></a></nav><section class=\"hero\"><h1><bdi>%t"
             "</bdi></h1><p class=\"said\">What happened ",
             journey, journey, journey);
    write_when(&page, filter);
    buf_add_text(&out, "</p></section><section class=\"card\">");
    write_incidents(&page, filter);
    buf_add_text(&out, "<h2>Runs</h2>");
    page_runs(&page, filter);
    buf_add_text(&out, "</section>");
    page_end(&page, 200);
}
