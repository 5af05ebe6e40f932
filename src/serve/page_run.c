/* SPDX-License-Identifier: Apache-2.0 */
/* /runs/ID: one shopper's walk. */
#include "serve/page.h"

#include <stdio.h>

static void write_facts(struct page *page, const struct store_run *run)
{
    struct buf *out = page->out;
    buf_add_text(out, "<dl class=\"facts\"><div><dt>Began</dt><dd>");
    html_time(out, run->started_us, page->now_us);
    buf_add_text(out, ", ");
    page_ago(page, run->started_us);
    buf_add_text(out, "</dd></div><div><dt>Took</dt><dd>");
    html_duration(out, run->duration_us);
    buf_add_text(out, "</dd></div>");
    page_fact(page, "Kind", run->kind);
    page_fact(page, "Stage", run->stage);
    page_fact(page, "Step", run->step);
    page_fact(page, "From", run->location);
    if (run->flags & STORE_RUN_MAINTENANCE) page_fact(page, "Counted", "as maintenance");
    if (run->flags & STORE_RUN_REPROBE) page_fact(page, "Why", "to confirm a failure");
    if (run->flags & STORE_RUN_BLIP) page_fact(page, "Ended", "a blip, too short for an incident");
    if (run->flags & STORE_RUN_ASKED)
        page_fact(page, "Judged", "no: somebody asked for it");
    else if (run->flags & STORE_RUN_UNJUDGED)
        page_fact(page, "Judged", "no: the trouble was ours");
    page_fact(page, "Trace", run->trace_id);
    page_fact(page, "Run", run->id);
    buf_add_text(out, "</dl>");
}

static void write_run(const struct request *request, const struct store_run *run)
{
    AUTO_BUF out = BUF_INIT(PAGE_CAP), title = BUF_INIT(BUF_OWN_CAP);
    struct page page;
    enum condition condition = condition_of(run->verdict);
    buf_addf(&title, "%s as %s %s", run->journey, run->persona, page_run_words(run->verdict));
    page_begin(&page, request, &out, buf_text(&title), page_mood_of(condition));
    html_put(
        &out,
        "<nav class=\"crumbs\" aria-label=\"Where you are\"><a href=\"/\">Overview</a> <a "
        "href=\"/journeys/%u\"><bdi>%t</bdi></a></nav><section class=\"hero\"><h1><bdi>%t</bdi>"
        " as <bdi>%t</bdi> ",
        run->journey, run->journey, run->journey, run->persona);
    page_condition(&page, condition, page_run_words(run->verdict));
    buf_add_text(&out, "</h1>");
    if (*run->line) html_put(&out, "<p class=\"said\"><bdi>%t</bdi></p>", run->line);
    buf_add_text(&out, "</section><section class=\"card\">");
    write_facts(&page, run);
    page_run_story(&page, run);
    buf_add_text(&out, "</section>");
    page_end(&page, 200);
}

void page_run(const struct request *request)
{
    AUTO_ERROR error = ERROR_NONE;
    struct store_run_list runs = {0};
    if (!store_run_by_id(request->server->store, request->id, &runs, &error))
        page_say(request, 503, "The history cannot be read now", error_text(&error));
    else if (!runs.count)
        page_say(request, 404, "No such run",
                 "It is not kept any more, or it never was. Runs are kept for two weeks unless "
                 "the configuration says otherwise.");
    else
        write_run(request, &runs.items[0]);
    store_run_list_release(&runs);
}
