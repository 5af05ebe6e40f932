/* SPDX-License-Identifier: Apache-2.0 */
/* The story of one run, from the report that was kept of it: the waterfall of its steps, what was
 * seen where it failed, and how it differs from the last good run. */
#include "serve/page.h"

#include <stdio.h>
#include <string.h>

/* A run of a document of shopper's, or the run itself. NULL: no such report. */
static const cJSON *steps_of(const cJSON *report)
{
    const cJSON *runs = api_member(report, "runs");
    const cJSON *run = cJSON_IsArray(runs) ? cJSON_GetArrayItem(runs, 0) : report;
    const cJSON *steps = api_member(run, "steps");
    return cJSON_IsArray(steps) && cJSON_GetArraySize(steps) ? steps : NULL;
}

static int64_t us_of(const cJSON *object, const char *name)
{
    double ms = api_number(object, name);
    return ms > 0 && ms < 1e12 ? (int64_t)(ms * 1000) : 0;
}

static enum condition condition_named(const char *verdict)
{
    for (unsigned i = 0; i <= VERDICT_SKIPPED; i++) {
        if (strcmp(verdict_word((enum verdict)i), verdict) == 0)
            return condition_of((enum verdict)i);
    }
    return CONDITION_NOT_KNOWN;
}

/* How a verdict is called where a step has it. */
static const char *step_words(enum condition condition)
{
    static const char *const words[CONDITION_COUNT] = {[CONDITION_CAN] = "passed",
                                                       [CONDITION_SLOWLY] = "with trouble",
                                                       [CONDITION_CANNOT] = "failed",
                                                       [CONDITION_NOT_REACHED] = "skipped"};
    return words[condition] ? words[condition] : condition_says(condition);
}

/* --- The waterfall */

/* Where no whole answer came, the rest of the time belongs to the phase that was still open. */
static size_t open_phase(const struct chart_bar *bar)
{
    enum { DNS, CONNECT, TLS, WAIT, TRANSFER };
    if (bar->phases_us[WAIT]) return TRANSFER;
    return bar->phases_us[CONNECT] || !bar->phases_us[DNS] ? WAIT : CONNECT;
}

static void write_bar(struct page *page, const cJSON *step, int64_t whole_us, const char *state)
{
    static const char *const phases[] = {"dns", "connect", "tls", "first_byte", "transfer"};
    const cJSON *timings = api_member(step, "timings_ms");
    struct chart_bar bar = {.start_us = us_of(step, "started_ms"),
                            .length_us = us_of(step, "duration_ms"),
                            .whole_us = whole_us,
                            .state = state};
    int64_t open_us = us_of(timings, "total");
    for (size_t i = 0; i < COUNT_OF(phases); i++) {
        bar.phases_us[i] = us_of(timings, phases[i]);
        open_us -= bar.phases_us[i];
    }
    if (open_us > 0) bar.phases_us[open_phase(&bar)] += open_us;
    chart_waterfall_bar(page->out, &bar);
}

static void write_row(struct page *page, const cJSON *step, int64_t whole_us)
{
    struct buf *out = page->out;
    enum condition condition = condition_named(api_text(step, "verdict"));
    const char *section = api_text(step, "section");
    const cJSON *request = api_member(step, "request");
    bool walked = condition != CONDITION_NOT_REACHED;
    html_put(out, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><bdi>%t%t%t</bdi>",
             strcmp(section, "steps") ? section : "", strcmp(section, "steps") ? ": " : "",
             api_text(step, "name"));
    if (*api_text(request, "url"))
        html_put(out, "<span class=\"url\"><bdi>%t %t</bdi></span>", api_text(request, "method"),
                 api_text(request, "url"));
    buf_add_text(out, "</th><td role=\"cell\">");
    page_condition(page, condition, step_words(condition));
    buf_add_text(out, "</td><td role=\"cell\" class=\"n\">");
    if (api_number(step, "status") > 0) html_put(out, "%d", (int)api_number(step, "status"));
    buf_add_text(out, "</td><td role=\"cell\" class=\"n\">");
    if (walked) html_duration(out, us_of(step, "duration_ms"));
    buf_add_text(out, "</td><td role=\"cell\" class=\"bar\">");
    if (walked) write_bar(page, step, whole_us, page_mood_of(condition));
    buf_add_text(out, "</td></tr>");
}

static void write_waterfall(struct page *page, const cJSON *steps)
{
    const cJSON *step;
    int64_t whole_us = 1;
    cJSON_ArrayForEach(step, steps)
    {
        int64_t end_us = us_of(step, "started_ms") + us_of(step, "duration_ms");
        if (end_us > whole_us) whole_us = end_us;
    }
    buf_add_text(page->out,
                 "<h2>Step by step</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                 "aria-label=\"Steps\"><table role=\"table\" class=\"waterfall\"><thead "
                 "role=\"rowgroup\"><tr role=\"row\">"
                 "<th role=\"columnheader\" scope=\"col\">Step</th><th role=\"columnheader\" "
                 "scope=\"col\">Outcome</th><th role=\"columnheader\" scope=\"col\" "
                 "class=\"n\">Status</th><th role=\"columnheader\" scope=\"col\" "
                 "class=\"n\">Took</th><th role=\"columnheader\" scope=\"col\" "
                 "class=\"bar\">When</th></tr></thead><tbody role=\"rowgroup\">");
    cJSON_ArrayForEach(step, steps) write_row(page, step, whole_us);
    buf_add_text(page->out,
                 "</tbody></table></div><ul class=\"legend\" aria-label=\"Colours inside the "
                 "bars\"><li class=\"p-dns\">name</li><li class=\"p-connect\">connect</li><li "
                 "class=\"p-tls\">TLS</li><li class=\"p-wait\">wait</li><li "
                 "class=\"p-transfer\">transfer</li></ul>");
}

/* --- What was seen */

static const cJSON *failing_step(const cJSON *steps)
{
    const cJSON *step;
    cJSON_ArrayForEach(step, steps)
    {
        if (cJSON_IsObject(api_member(step, "failure")) &&
            strcmp(api_text(step, "section"), "steps") == 0)
            return step;
    }
    return NULL;
}

static void write_seen(struct page *page, const cJSON *steps)
{
    struct buf *out = page->out;
    const cJSON *step = failing_step(steps);
    const cJSON *failure = api_member(step, "failure");
    if (!step) return;
    html_put(out, "<h2>What the shopper saw</h2><p class=\"said\"><bdi>%t</bdi></p>",
             api_text(failure, "message"));
    buf_add_text(out, "<dl class=\"facts\">");
    page_fact(page, "More", api_text(failure, "detail"));
    page_fact(page, "Expected", api_text(failure, "expected"));
    page_fact(page, "Found", api_text(failure, "actual"));
    if (*api_text(failure, "file"))
        html_put(out, "<div><dt>Written in</dt><dd>%t, line %d</dd></div>",
                 api_text(failure, "file"), (int)api_number(failure, "line"));
    buf_add_text(out, "</dl>");
    if (!*api_text(failure, "excerpt")) return;
    buf_add_text(out, "<h3>From the answer (secrets are blacked out)</h3><pre tabindex=\"0\" "
                      "aria-label=\"Excerpt of the answer\">");
    html_pre(out, api_text(failure, "excerpt"));
    buf_add_text(out, "</pre>");
}

/* --- The last good run */

static const cJSON *same_step(const cJSON *steps, const cJSON *as)
{
    const cJSON *step;
    cJSON_ArrayForEach(step, steps)
    {
        if (strcmp(api_text(step, "name"), api_text(as, "name")) == 0 &&
            strcmp(api_text(step, "section"), api_text(as, "section")) == 0)
            return step;
    }
    return NULL;
}

/* Two figures beside each other; told apart when the shoppers would. */
static void write_pair(struct page *page, const char *now, const char *then, bool differs)
{
    html_put(page->out, "<td class=\"n%t\">", differs ? " differs" : "");
    html_put(page->out,
             differs ? "<b>%t</b></td><td class=\"n\">%t</td>" : "%t</td><td class=\"n\">%t</td>",
             now, then);
}

static void number_words(const cJSON *step, const char *name, char *text, size_t size)
{
    const cJSON *number = api_member(step, name);
    if (cJSON_IsNumber(number))
        snprintf(text, size, "%.0f", number->valuedouble);
    else
        snprintf(text, size, "–");
}

static void write_difference(struct page *page, const cJSON *step, const cJSON *good)
{
    char now[32], then[32];
    AUTO_BUF now_took = BUF_INIT(BUF_OWN_CAP), then_took = BUF_INIT(BUF_OWN_CAP);
    int64_t now_us = us_of(step, "duration_ms"), then_us = us_of(good, "duration_ms");
    html_put(page->out, "<tr><th scope=\"row\"><bdi>%t</bdi></th>", api_text(step, "name"));
    number_words(step, "status", now, sizeof now);
    number_words(good, "status", then, sizeof then);
    write_pair(page, now, then, strcmp(now, then) != 0);
    number_words(step, "body_bytes", now, sizeof now);
    number_words(good, "body_bytes", then, sizeof then);
    double less = api_number(step, "body_bytes"), more = api_number(good, "body_bytes");
    write_pair(page, now, then, less * 10 < more * 9 || more * 10 < less * 9);
    html_duration(&now_took, now_us);
    html_duration(&then_took, then_us);
    write_pair(page, buf_text(&now_took), buf_text(&then_took),
               now_us > 2 * then_us && now_us - then_us > 50 * US_PER_MS);
    buf_add_text(page->out, "</tr>");
}

static void write_differences(struct page *page, const cJSON *steps, const cJSON *good)
{
    const cJSON *step;
    buf_add_text(
        page->out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Differences\"><table "
        "class=\"compare\"><thead><tr><th scope=\"col\">Step"
        "</th><th scope=\"col\" class=\"n\">Status now</th><th scope=\"col\" "
        "class=\"n\">then</th><th scope=\"col\" class=\"n\">Bytes now</th><th "
        "scope=\"col\" class=\"n\">then</th><th scope=\"col\" class=\"n\">Took now</th>"
        "<th scope=\"col\" class=\"n\">then</th></tr></thead><tbody>");
    cJSON_ArrayForEach(step, steps)
    {
        const cJSON *other = same_step(good, step);
        if (other && strcmp(api_text(step, "verdict"), "skipped") != 0)
            write_difference(page, step, other);
    }
    buf_add_text(page->out, "</tbody></table></div>");
}

/* What the answer at which it failed said, when it was well. */
static void write_said(struct page *page, const cJSON *steps, const cJSON *good)
{
    const cJSON *step = failing_step(steps);
    const char *now = api_text(step, "seen"), *then = api_text(same_step(good, step), "seen");
    if (!*now || !*then) return;
    html_put(page->out, "<h3>What <q>%t</q> said</h3>", api_text(step, "name"));
    page_diff(page, then, now);
}

static void write_last_good(struct page *page, const struct store_run *run, const cJSON *steps)
{
    struct store_run_list good = {0};
    struct buf *out = page->out;
    if (run->verdict == VERDICT_PASS) return;
    buf_add_text(out, "<h2>Compared with the last good run</h2>");
    bool known = store_last_good(page->server->store, run->journey, run->persona, run->started_us,
                                 &good, NULL);
    if (!known || !good.count) {
        page_nothing(page, known,
                     "This shopper never came through before, as far back as we remember.");
        store_run_list_release(&good);
        return;
    }
    const struct store_run *last = &good.items[0];
    cJSON *report = api_parse(last->report);
    const cJSON *good_steps = steps_of(report);
    html_put(out, "<p>The last one that passed began at <a href=\"/runs/%u\">", last->id);
    html_time(out, last->started_us, page->now_us);
    buf_add_text(out, "</a> and took ");
    html_duration(out, last->duration_us);
    buf_add_text(out, "; this one took ");
    html_duration(out, run->duration_us);
    buf_add_text(out, ".</p>");
    if (steps && good_steps) {
        write_said(page, steps, good_steps);
        write_differences(page, steps, good_steps);
    }
    cJSON_Delete(report);
    store_run_list_release(&good);
}

void page_run_story(struct page *page, const struct store_run *run)
{
    cJSON *report = api_parse(run->report);
    const cJSON *steps = steps_of(report);
    if (steps) {
        write_seen(page, steps);
        write_waterfall(page, steps);
    } else {
        buf_add_text(page->out, "<p class=\"quiet\">Of this run only the figures were kept.</p>");
    }
    write_last_good(page, run, steps);
    cJSON_Delete(report);
}
