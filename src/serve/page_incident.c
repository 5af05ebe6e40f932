/* SPDX-License-Identifier: Apache-2.0 */
/* /incidents/ID: what shoppers cannot do, whom it meets, why it is as severe as it is, what
 * happened when, who was told, and what the failing run saw. */
#include "serve/page.h"

#include <stdlib.h>
#include <string.h>

static void write_when(struct page *page, const struct store_incident *incident)
{
    struct buf *out = page->out;
    int64_t end_us = incident->resolved_us ? incident->resolved_us : page->now_us;
    buf_add_text(out, "<div><dt>Since</dt><dd>");
    html_time(out, incident->opened_us, page->now_us);
    buf_add_text(out, "</dd></div><div><dt>Lasted</dt><dd>");
    html_duration(out, end_us - incident->opened_us);
    buf_add_text(out, incident->resolved_us ? "</dd></div>" : " so far</dd></div>");
    if (!incident->resolved_us) return;
    buf_add_text(out, "<div><dt>Ended</dt><dd>");
    html_time(out, incident->resolved_us, page->now_us);
    buf_add_text(out, "</dd></div>");
}

static void write_facts(struct page *page, const struct store_incident *incident, const cJSON *face)
{
    static const struct {
        const char *name, *member;
    } facts[] = {{"Stage", "stage"},     {"Step", "step"},
                 {"Host", "host"},       {"Expected", "expected"},
                 {"Found", "actual"},    {"Owner", "owner"},
                 {"Runbook", "runbook"}, {"Ended because", "resolution"},
                 {"Trace", "trace_id"}};
    buf_add_text(page->out, "<dl class=\"facts\">");
    write_when(page, incident);
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        page_fact(page, facts[i].name, api_text(face, facts[i].member));
    page_fact(page, "Told apart by", incident->signature);
    buf_add_text(page->out, "</dl>");
}

static void write_rule(struct page *page, const struct store_incident *incident, const cJSON *json)
{
    const char *rule = api_text(api_member(json, "face"), "rule");
    if (!*rule) return;
    html_put(page->out, "<h2>Why sev%d</h2><p>The rule <q>%t</q> matched", incident->severity,
             rule);
    if (*api_text(json, "values")) html_put(page->out, ": %t", api_text(json, "values"));
    buf_add_text(page->out, ".</p>");
}

static void write_affected(struct page *page, const cJSON *face, bool over)
{
    struct buf *out = page->out;
    const cJSON *item;
    int exercising = (int)api_number(face, "exercising");
    buf_add_text(out, "<h2>Who is affected</h2>");
    if (exercising > 0)
        html_put(out, "<p>%d of %d %t this way%t.</p>", (int)api_number(face, "failing"),
                 exercising, exercising == 1 ? "shopper that comes" : "shoppers that come",
                 over ? ", at worst" : "");
    buf_add_text(out, "<ul class=\"who\">");
    cJSON_ArrayForEach(item, api_member(face, "affected"))
    {
        const char *text = cJSON_GetStringValue(item);
        if (text) html_put(out, "<li><bdi>%t</bdi></li>", text);
    }
    buf_add_text(out, "</ul>");
}

/* --- Who was told */

static const char *event_type_of(const struct store_event_list *events, const char *id)
{
    vec_each(event, events) {
        if (strcmp(event->id, id) == 0) return event->type;
    }
    return "";
}

/* "told that it ..." */
static const char *event_words(const char *type)
{
    static const struct {
        const char *type, *words;
    } table[] = {{"opened", "opened"},
                 {"raised", "is worse"},
                 {"lowered", "is better"},
                 {"reminder", "is still open"},
                 {"resolved", "is over"}};
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (strcmp(table[i].type, type) == 0) return table[i].words;
    return "changed";
}

static void write_delivery(struct page *page, const struct store_delivery *delivery,
                           const char *type)
{
    static const enum condition conditions[] = {[DELIVERY_WAITING] = CONDITION_STALE,
                                                [DELIVERY_DONE] = CONDITION_CAN,
                                                [DELIVERY_GIVEN_UP] = CONDITION_CANNOT};
    static const char *const words[] = {
        [DELIVERY_WAITING] = "waiting", [DELIVERY_DONE] = "told", [DELIVERY_GIVEN_UP] = "given up"};
    struct buf *out = page->out;
    html_put(out, "<tr><th scope=\"row\"><bdi>%t</bdi></th><td>%t</td><td>", delivery->sink, type);
    page_condition(page, conditions[delivery->state], words[delivery->state]);
    buf_add_text(out, "</td><td>");
    html_time(out, delivery->ended_us ? delivery->ended_us : delivery->due_us, page->now_us);
    html_put(out, "</td><td class=\"n\">%d</td><td class=\"what\"><bdi>%t</bdi></td></tr>",
             delivery->attempts, delivery->last_error);
}

struct told {
    bool known; /* all of it */
    struct store_delivery_list deliveries;
    struct store_event_list events;
    VEC(struct told_end {
        int64_t time_us;
        char *text;
    })
    ends; /* of deliveries, in the order of their times */
};

static void add_end(struct told *told, const struct store_delivery *delivery)
{
    const char *type = event_type_of(&told->events, delivery->event_id);
    if (!delivery->ended_us) return;
    struct told_end end = {delivery->ended_us, xasprintf(delivery->state == DELIVERY_DONE
                                                             ? "%s was told that it %s"
                                                             : "%s could not be told that it %s",
                                                         delivery->sink, event_words(type))};
    vec_push(&told->ends, end);
    size_t at = told->ends.count - 1;
    for (; at > 0 && told->ends.items[at - 1].time_us > end.time_us; at--)
        told->ends.items[at] = told->ends.items[at - 1];
    told->ends.items[at] = end;
}

static void told_read(struct told *told, struct store *store, const char *id)
{
    *told = (struct told){0};
    told->known = store_deliveries(store, id, &told->deliveries, NULL) &&
                  store_events(store, id, &told->events, NULL);
    if (!told->known) return;
    vec_each(delivery, &told->deliveries) add_end(told, delivery);
}

static void told_release(struct told *told)
{
    vec_each(end, &told->ends) free(end->text);
    vec_release(&told->ends);
    store_event_list_release(&told->events);
    store_delivery_list_release(&told->deliveries);
}

static void write_told(struct page *page, const struct told *told)
{
    buf_add_text(page->out, "<h2>Who was told</h2>");
    if (!told->deliveries.count) {
        page_nothing(page, told->known, "Nobody yet.");
        return;
    }
    buf_add_text(page->out,
                 "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Who was "
                 "told\"><table><thead><tr><th scope=\"col\">Sink</th><th "
                 "scope=\"col\">Of</th><th scope=\"col\">State</th><th scope=\"col\">When</th>"
                 "<th scope=\"col\" class=\"n\">Attempts</th><th scope=\"col\">Trouble</th>"
                 "</tr></thead><tbody>");
    vec_each(delivery, &told->deliveries)
        write_delivery(page, delivery, event_type_of(&told->events, delivery->event_id));
    buf_add_text(page->out, "</tbody></table></div>");
}

/* --- What happened */

static void write_moment(struct page *page, int64_t time_us, const char *text)
{
    buf_add_text(page->out, "<li>");
    html_time(page->out, time_us, page->now_us);
    html_put(page->out, " <span><bdi>%t</bdi></span></li>", text);
}

/* Both lists are in the order of their times. */
static void write_timeline(struct page *page, const cJSON *json, const struct told *told)
{
    const cJSON *moment;
    size_t next = 0;
    buf_add_text(page->out, "<h2>What happened</h2><ol class=\"timeline\">");
    cJSON_ArrayForEach(moment, api_member(json, "timeline"))
    {
        int64_t time_us = (int64_t)api_number(moment, "time");
        for (; next < told->ends.count && told->ends.items[next].time_us < time_us; next++)
            write_moment(page, told->ends.items[next].time_us, told->ends.items[next].text);
        write_moment(page, time_us, api_text(moment, "text"));
    }
    for (; next < told->ends.count; next++)
        write_moment(page, told->ends.items[next].time_us, told->ends.items[next].text);
    buf_add_text(page->out, "</ol>");
}

/* --- The page */

static void write_failing_run(struct page *page, const char *run_id)
{
    struct store_run_list runs = {0};
    if (!*run_id || !store_run_by_id(page->server->store, run_id, &runs, NULL) || !runs.count) {
        store_run_list_release(&runs);
        return;
    }
    html_put(page->out,
             "<section class=\"card\"><p class=\"kicker\">The latest failing run: <a "
             "href=\"/runs/%u\"><bdi>%t</bdi> as <bdi>%t</bdi>, ",
             run_id, runs.items[0].journey, runs.items[0].persona);
    page_ago(page, runs.items[0].started_us);
    buf_add_text(page->out, "</a></p>");
    page_run_story(page, &runs.items[0]);
    buf_add_text(page->out, "</section>");
    store_run_list_release(&runs);
}

static void write_head(struct page *page, const struct store_incident *incident, const cJSON *json)
{
    const cJSON *face = api_member(json, "face");
    struct buf *out = page->out;
    buf_add_text(out, "<nav class=\"crumbs\" aria-label=\"Where you are\"><a "
                      "href=\"/\">Overview</a></nav><section class=\"hero\"><p class=\"tags\">");
    page_severity(page, incident->severity);
    page_condition(page, incident->resolved_us ? CONDITION_CAN : CONDITION_CANNOT,
                   incident->resolved_us ? "resolved" : "open");
    if (cJSON_IsTrue(api_member(face, "acknowledged")))
        buf_add_text(out, "<span class=\"tag\">acknowledged</span>");
    if (cJSON_IsTrue(api_member(face, "flapping")))
        buf_add_text(out, "<span class=\"tag\">comes and goes</span>");
    if (cJSON_IsTrue(api_member(face, "maintenance")))
        buf_add_text(out, "<span class=\"tag\">in maintenance</span>");
    if (cJSON_IsTrue(api_member(face, "for_prober_owners")))
        buf_add_text(out, "<span class=\"tag\">for those who run this program</span>");
    html_put(out, "</p><h1 class=\"line\"><bdi>%t</bdi></h1></section>", page_line(incident, json));
}

static void write_incident(const struct request *request, const struct store_incident *incident)
{
    AUTO_BUF out = BUF_INIT(PAGE_CAP);
    struct page page;
    cJSON *json = api_parse(incident->json);
    const cJSON *face = api_member(json, "face");
    struct told told;
    told_read(&told, request->server->store, incident->id);
    page_begin(&page, request, &out, incident->line, incident->resolved_us ? "good" : "bad");
    write_head(&page, incident, json);
    buf_add_text(&out, "<section class=\"card\">");
    write_facts(&page, incident, face);
    buf_add_text(&out, "<div class=\"two\"><div>");
    write_affected(&page, face, incident->resolved_us != 0);
    write_rule(&page, incident, json);
    buf_add_text(&out, "</div><div>");
    write_timeline(&page, json, &told);
    buf_add_text(&out, "</div></div>");
    write_told(&page, &told);
    buf_add_text(&out, "</section>");
    write_failing_run(&page, api_text(face, "run_id"));
    told_release(&told);
    cJSON_Delete(json);
    page_end(&page, 200);
}

void page_incident(const struct request *request)
{
    AUTO_ERROR error = ERROR_NONE;
    struct store_incident_list incidents = {0};
    if (!store_incident(request->server->store, request->id, &incidents, &error))
        page_say(request, 503, "The history cannot be read now", error_text(&error));
    else if (incidents.count != 1)
        page_say(request, incidents.count ? 409 : 404, "No such incident",
                 incidents.count ? "Several incidents begin with this."
                                 : "It is not kept any more, or it never was.");
    else
        write_incident(request, &incidents.items[0]);
    store_incident_list_release(&incidents);
}
