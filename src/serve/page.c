/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the pages, and what they share. See page.h. No page needs its script: it only brings
 * what a reload would. */
#include "serve/page.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "serve/embedded.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- The frame */

/* One symbol per condition: the shapes differ, not the colours alone. */
static const char sprite[] =
    "<svg class=\"sprite\" aria-hidden=\"true\" width=\"0\" height=\"0\">"
    "<symbol id=\"i-pass\" viewBox=\"0 0 20 20\"><circle cx=\"10\" cy=\"10\" r=\"9\"/>"
    "<path d=\"M5.8 10.4l2.9 2.9 5.6-6.2\"/></symbol>"
    "<symbol id=\"i-degraded\" viewBox=\"0 0 20 20\"><path class=\"b\" d=\"M10 1.6l9 16.4H1z\"/>"
    "<path d=\"M10 7.6v5m0 2.3v.4\"/></symbol>"
    "<symbol id=\"i-fail\" viewBox=\"0 0 20 20\"><rect x=\"1.2\" y=\"1.2\" width=\"17.6\" "
    "height=\"17.6\" rx=\"3\"/><path d=\"M6.2 6.2l7.6 7.6m0-7.6l-7.6 7.6\"/></symbol>"
    "<symbol id=\"i-not-reached\" viewBox=\"0 0 20 20\"><circle class=\"o\" cx=\"10\" cy=\"10\" "
    "r=\"8\" stroke-dasharray=\"3 3\"/></symbol>"
    "<symbol id=\"i-unknown\" viewBox=\"0 0 20 20\"><path class=\"b\" d=\"M10 .8l9.2 9.2-9.2 "
    "9.2L.8 10z\"/><path d=\"M7.6 8c0-3 4.8-3 4.8 0 0 1.8-2.4 1.8-2.4 3.6m0 2.4v.3\"/></symbol>"
    "<symbol id=\"i-stale\" viewBox=\"0 0 20 20\"><circle class=\"o\" cx=\"10\" cy=\"10\" "
    "r=\"8.4\"/><path class=\"l\" d=\"M10 5.4V10l3 2\"/></symbol>"
    "<symbol id=\"i-none\" viewBox=\"0 0 20 20\"><circle class=\"o\" cx=\"10\" cy=\"10\" "
    "r=\"4\"/></symbol>"
    "<symbol id=\"i-no-part\" viewBox=\"0 0 20 20\"><path class=\"l\" d=\"M6 10h8\"/></symbol>"
    "</svg>";

static const char mark[] =
    "<svg class=\"mark\" viewBox=\"0 0 32 32\" aria-hidden=\"true\"><path class=\"bag\" d=\"M6 "
    "11h20l1.6 17a2 2 0 0 1-2 2.2H6.4a2 2 0 0 1-2-2.2z\"/><path class=\"handle\" d=\"M11 14V8a5 5 "
    "0 0 1 10 0v6\"/><path class=\"what\" d=\"M13 19.2c0-3.9 6-3.9 6 0 0 2.3-3 2.3-3 4.4m0 "
    "2.6v.2\"/></svg>";

/* Changes with the file, so that a browser may keep it. */
static uint64_t version_of(struct view bytes)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < bytes.length; i++)
        hash = (hash ^ (unsigned char)bytes.data[i]) * UINT64_C(1099511628211);
    return hash;
}

static void write_head(struct page *page, const char *title, const char *mood)
{
    struct buf *out = page->out;
    buf_addf(out,
             "<!doctype html>\n<html lang=\"en\" class=\"m-%s\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
             "<meta name=\"color-scheme\" content=\"light dark\">"
             "<link rel=\"stylesheet\" href=\"/page/style.css?v=%" PRIx64 "\">"
             "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/page/icon.svg\">"
             "<script src=\"/page/live.js?v=%" PRIx64 "\" defer></script>"
             "<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>",
             mood, version_of(embedded_style), version_of(embedded_script));
    html_put(out, "<title>%t</title></head><body>", title);
}

void page_begin(struct page *page, const struct request *request, struct buf *out,
                const char *title, const char *mood)
{
    const struct serve_settings *settings = &request->server->settings;
    *page = (struct page){request, request->server, out, server_now_us(request->server)};
    write_head(page, title, mood);
    buf_add_text(out, sprite);
    buf_add_text(out, "<a class=\"skip\" href=\"#main\">To the content</a><header><div "
                      "class=\"wrap\"><a class=\"brand\" href=\"/\">");
    buf_add_text(out, mark);
    html_put(out, "<span>%t</span></a>", settings->title);
    if (*settings->location)
        html_put(out, "<span class=\"place\">from %t</span>", settings->location);
    char day[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(page->now_us, day);
    buf_addf(out, "<span class=\"live\" id=\"live\">as of <span class=\"day\">%.10s </span>", day);
    html_time(out, page->now_us, page->now_us);
    buf_add_text(out, " UTC</span></div></header><main id=\"main\" class=\"wrap\">");
}

void page_foot(struct page *page)
{
    buf_add_text(page->out,
                 "</main><footer><div class=\"wrap\"><nav aria-label=\"More\">"
                 "<a href=\"/\">Overview</a> <a href=\"/api/v1/incidents\">API</a> "
                 "<a href=\"/api/v1/openapi.json\">OpenAPI</a> <a href=\"/metrics\">Metrics</a>"
                 "</nav><p>Mystery Shopper " SHOPPER_VERSION ". All times are UTC.</p></div>"
                 "</footer><p class=\"unseen\" id=\"said\" role=\"status\"></p></body></html>\n");
}

void page_answer(const struct request *request, int status, const struct buf *out)
{
    if (out->overflowed)
        answer_problem(request, PROBLEM_BUSY, "the page would be too large");
    else
        answer_html(request, status, buf_view(out));
}

void page_end(struct page *page, int status)
{
    page_foot(page);
    page_answer(page->request, status, page->out);
}

void page_say(const struct request *request, int status, const char *title, const char *text)
{
    AUTO_BUF out = BUF_INIT(PAGE_CAP);
    struct page page;
    page_begin(&page, request, &out, title, "plain");
    html_put(&out,
             "<section class=\"hero\"><h1>%t</h1><p>%t</p><p><a href=\"/\">To the overview</a>",
             title, text);
    buf_add_text(&out, "</p></section>");
    page_end(&page, status);
}

/* --- The files of the page */

static void answer_file(const struct request *request, const char *media_type, struct view bytes)
{
    bool versioned = request->call->query.length > 0;
    const struct http_reply_header headers[] = {
        {"Cache-Control", versioned ? "public, max-age=31536000, immutable" : "max-age=300"}, {0}};
    answer_with(request, 200, media_type, headers, bytes);
}

void page_style(const struct request *request)
{
    answer_file(request, "text/css; charset=utf-8", embedded_style);
}

void page_script(const struct request *request)
{
    answer_file(request, "text/javascript; charset=utf-8", embedded_script);
}

void page_icon(const struct request *request)
{
    answer_file(request, "image/svg+xml", embedded_icon);
}

/* --- Small parts */

void page_condition(struct page *page, enum condition condition, const char *words)
{
    const char *word = condition_word(condition);
    html_put(page->out,
             "<span class=\"state s-%t\"><svg class=\"i\" aria-hidden=\"true\"><use "
             "href=\"#i-%t\"/></svg>%t</span>",
             word, word, words ? words : condition_says(condition));
}

const char *page_run_words(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS: return "could shop";
    case VERDICT_DEGRADED: return "could shop, with trouble";
    case VERDICT_FAIL: return "could not shop";
    case VERDICT_UNKNOWN: return "could not be judged";
    case VERDICT_SKIPPED: return "did not walk";
    }
    return "";
}

const char *page_mood_of(enum condition condition)
{
    switch (condition) {
    case CONDITION_CAN: return "good";
    case CONDITION_SLOWLY: return "rough";
    case CONDITION_CANNOT: return "bad";
    case CONDITION_NOT_REACHED:
    case CONDITION_NOT_KNOWN:
    case CONDITION_STALE: return "unknown";
    case CONDITION_NO_RUN:
    case CONDITION_NO_PART: return "plain";
    }
    return "plain";
}

void page_severity(struct page *page, int severity)
{
    html_put(page->out, "<span class=\"sev sev%d\">sev%d</span>", severity, severity);
}

const char *page_line(const struct store_incident *incident, const cJSON *json)
{
    const char *brief = api_text(json, "brief");
    if (*brief) return brief;
    char prefix[16];
    snprintf(prefix, sizeof prefix, "SEV%d ", incident->severity);
    bool said = strncmp(incident->line, prefix, strlen(prefix)) == 0;
    return incident->line + (said ? strlen(prefix) : 0);
}

void page_ago(struct page *page, int64_t wall_us)
{
    if (page->now_us - wall_us < 2 * US_PER_SECOND) {
        buf_add_text(page->out, "just now");
        return;
    }
    html_duration(page->out, page->now_us - wall_us);
    buf_add_text(page->out, " ago");
}

void page_nothing(struct page *page, bool known, const char *words)
{
    html_put(page->out, "<p class=\"quiet\">%t</p>",
             known ? words : "The history cannot be read now.");
}

void page_fact(struct page *page, const char *name, const char *value)
{
    if (!value || !*value) return;
    html_put(page->out, "<div><dt>%t</dt><dd>", name);
    html_link(page->out, value);
    buf_add_text(page->out, "</dd></div>");
}

void page_incident_row(struct page *page, const struct store_incident *incident)
{
    struct buf *out = page->out;
    cJSON *json = api_parse(incident->json);
    const cJSON *face = api_member(json, "face");
    html_put(out, "<li class=\"incident%t\"><a href=\"/incidents/%u\">",
             incident->resolved_us ? " over" : "", incident->id);
    page_severity(page, incident->severity);
    html_put(out, "<span class=\"line\"><bdi>%t</bdi></span></a><p>", page_line(incident, json));
    buf_add_text(out, "since ");
    html_time(out, incident->opened_us, page->now_us);
    buf_add_text(out, incident->resolved_us ? ", lasted " : ", for ");
    html_duration(out, (incident->resolved_us ? incident->resolved_us : page->now_us) -
                           incident->opened_us);
    if (*api_text(face, "rule")) html_put(out, " · <q>%t</q>", api_text(face, "rule"));
    if (*api_text(face, "owner")) html_put(out, " · %t", api_text(face, "owner"));
    if (cJSON_IsTrue(api_member(face, "acknowledged"))) buf_add_text(out, " · acknowledged");
    if (cJSON_IsTrue(api_member(face, "maintenance"))) buf_add_text(out, " · in maintenance");
    if (cJSON_IsTrue(api_member(face, "flapping"))) buf_add_text(out, " · comes and goes");
    buf_add_text(out, "</p></li>");
    cJSON_Delete(json);
}

/* --- Strips and steps */

/* As far as availability asks for them. */
static void add_verdicts(struct store_figures *sum, const struct store_figures *figures)
{
    for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++) sum->verdicts[i] += figures->verdicts[i];
}

void page_strips(struct page *page, const char *journey, const char *persona)
{
    static const struct {
        const char *words, *name;
        int64_t span_us, cell_us;
    } spans[] = {{"24 hours", "The last 24 hours", STORE_DAY_US, STORE_HOUR_US},
                 {"7 days", "The last 7 days", 7 * STORE_DAY_US, 6 * STORE_HOUR_US},
                 {"30 days", "The last 30 days", 30 * STORE_DAY_US, STORE_DAY_US}};
    struct store_scope scope = {.journey = journey, .persona = persona};
    buf_add_text(page->out, "<div class=\"strips\">");
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        struct store_cell_list cells = {0};
        struct store_figures sum = {0};
        /* The cell that time is in now is the last one. */
        int64_t cell_us = spans[i].cell_us;
        int64_t until_us = page->now_us - page->now_us % cell_us + cell_us;
        int64_t from_us = until_us - spans[i].span_us;
        if (!store_availability_cells(page->server->store, &scope, from_us, until_us, cell_us,
                                      &cells, NULL)) {
            store_cell_list_release(&cells);
            continue;
        }
        vec_each(cell, &cells) add_verdicts(&sum, &cell->figures);
        html_put(page->out, "<div class=\"span\"><p><span>%t</span> <b>", spans[i].words);
        html_percent(page->out, store_figures_availability(&sum));
        buf_add_text(page->out, "</b></p>");
        const struct chart_strip strip = {spans[i].name, journey, persona, cell_us};
        chart_strip(page->out, &strip, &cells);
        buf_add_text(page->out, "</div>");
        store_cell_list_release(&cells);
    }
    buf_add_text(page->out, "</div>");
}

static void write_step(struct page *page, const struct journey *journey, const struct step *step)
{
    struct store_scope scope = {.journey = journey->name, .step = step->name};
    struct store_cell_list cells = {0};
    struct histogram histogram = {0};
    int64_t until_us = page->now_us - page->now_us % STORE_HOUR_US + STORE_HOUR_US;
    int64_t from_us = until_us - STORE_DAY_US;
    struct store *store = page->server->store;
    if (store_cells(store, &scope, from_us, until_us, STORE_HOUR_US, &cells, NULL) &&
        store_histogram(store, &scope, from_us, until_us, &histogram, NULL) &&
        histogram_total(&histogram)) {
        html_put(page->out, "<li><span class=\"step\"><bdi>%t</bdi></span>", step->name);
        chart_sparkline(page->out, step->name, &cells);
        buf_add_text(page->out, "<span class=\"took\"><b>");
        html_duration(page->out, histogram_quantile_us(&histogram, 0.5));
        buf_add_text(page->out, "</b> <span class=\"slow\">at most ");
        html_duration(page->out, histogram_quantile_us(&histogram, 0.95));
        buf_add_text(page->out, " for 95 %</span></span></li>");
    }
    store_cell_list_release(&cells);
    histogram_release(&histogram);
}

static void write_steps(struct page *page, const struct journey *whole, const struct journey *part)
{
    for (size_t i = 0; i < part->step_count; i++) {
        const struct step *step = &part->steps[i];
        if (step->used)
            write_steps(page, whole, step->used);
        else if (step->kind == STEP_REQUEST)
            write_step(page, whole, step);
    }
}

bool page_steps(struct page *page, const struct journey *journey)
{
    size_t before = page->out->length;
    buf_add_text(page->out, "<ul class=\"steps\">");
    size_t empty = page->out->length;
    write_steps(page, journey, journey);
    bool any = page->out->length > empty;
    if (any)
        buf_add_text(page->out, "</ul>");
    else
        buf_truncate(page->out, before);
    return any;
}
