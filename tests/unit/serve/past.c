/* SPDX-License-Identifier: Apache-2.0 */
/* See past.h. The same every time, but for its times, which end now. */
#include "past.h"

#include "report/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_US (60 * US_PER_SECOND)
#define FLUSH_US (60 * US_PER_SECOND)

static const char *const journeys[] = {
    "journey: checkout\ndescription: A regular customer buys a mug.\nowner: team-checkout\n"
    "runbook: https://wiki.example/runbooks/checkout\n"
    "base: https://shop.example\nschedule: {every: 1m}\npersonas: [desktop, mobile]\n"
    "objective: {availability: 99%, latency: {p95: 1s, p50: 100ms}}\nsteps:\n"
    "  - {name: log in, stage: login, get: /login}\n"
    "  - {name: see the price, stage: price-view, get: /product/MUG-42}\n"
    "  - {name: put it into the cart, stage: add-to-cart, get: /cart}\n"
    "  - {name: check out, stage: checkout, get: /checkout}\n",
    "journey: browse\nowner: team-catalogue\nbase: https://shop.example\n"
    "schedule: {every: 5m}\npersonas: [desktop, mobile]\nsteps:\n"
    "  - {name: open the front page, stage: front, get: /}\n"
    "  - {name: search for mugs, stage: search, get: /search}\n"
    "  - {name: see the price of a mug, stage: price-view, get: /product/MUG-42}\n",
    "journey: guest-cart\nbase: https://shop.example\nschedule: {every: 2m}\nsteps:\n"
    "  - {name: see the price, stage: price-view, get: /product/MUG-42}\n"
    "  - {name: put it into the cart, stage: add-to-cart, get: /cart}\n"
    "  - {name: the cart survives, stage: add-to-cart, get: /cart/again}\n"};

static const char hostile_journey[] =
    "journey: \"<script>alert(1)</script>\\\"'&\"\nowner: \"<img src=x onerror=alert(1)>\"\n"
    "runbook: \"javascript:alert(1)\"\nbase: https://shop.example\nschedule: {every: 1m}\nsteps:\n"
    "  - {name: \"\\\"><svg onload=alert(1)>\\n{x=\\\"1\\\"} 1\", stage: login, get: /}\n"
    "  - {name: \"back\\\\slash\", stage: \"</title><b>\", get: /}\n";

static bool load(struct fake_host *host, const char *text, struct error *error)
{
    struct diags diags = {0};
    struct journey *journey =
        journey_load_text("made-up.yaml", view_of(text), &(struct load_options){0}, &diags);
    AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
    if (journey)
        vec_push(&host->journeys, journey);
    else
        diags_print(&diags, &said, false);
    diags_release(&diags);
    return journey || error_set(error, "%s", buf_text(&said));
}

/* --- Runs */

/* Cheap randomness that is the same every time. */
static uint32_t noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

struct made {
    int failing; /* step; -1: none */
    enum outcome_kind kind;
};

/* How a run so long ago ended: an hour's outage eleven days ago, slowness yesterday, few blips. */
static struct made past_of(int64_t ago_us, enum fake_past past, size_t journey, uint32_t random)
{
    if (past == PAST_BROKEN && ago_us < 9 * MINUTE_US && journey != 1)
        return (struct made){journey == 0 ? 1 : 0, OUTCOME_PRICE};
    if (ago_us > 11 * STORE_DAY_US && ago_us < 11 * STORE_DAY_US + 3 * STORE_HOUR_US &&
        journey == 0)
        return (struct made){3, OUTCOME_TIMEOUT};
    if (ago_us > 19 * STORE_HOUR_US && ago_us < 21 * STORE_HOUR_US && random % 3 == 0)
        return (struct made){1, OUTCOME_SLOW};
    if (random % 900 == 0) return (struct made){0, OUTCOME_HTTP};
    return (struct made){-1, OUTCOME_PASS};
}

static char *report_text(const struct run_report *report)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    report_write(REPORT_JSON, &(struct report_set){(const struct run_report *const[]){report}, 1},
                 &(struct writer_options){.version = "0.1.0"}, &text);
    return buf_take(&text);
}

static void add_run(struct store_batch *batch, const struct run_report *report, bool whole,
                    uint32_t random)
{
    VEC(struct store_step) steps = {0};
    const struct step_report *culprit = run_report_culprit(report);
    AUTO_FREE char *text = whole ? report_text(report) : NULL;
    vec_each(step, &report->steps)
        vec_push(&steps, ((struct store_step){step->name, step->stage, step->verdict,
                                              step->duration_us + (int64_t)(random % 60000)}));
    AUTO_FREE char *line =
        culprit ? xasprintf("%s: %s", culprit->name, culprit->failure.message) : NULL;
    batch_add_run(batch,
                  &(struct store_run){.id = report->run_id,
                                      .journey = report->journey->name,
                                      .persona = report->persona,
                                      .location = "frankfurt",
                                      .trace_id = report->trace_id,
                                      .started_us = report->started_wall_us,
                                      .duration_us = report->duration_us,
                                      .verdict = report->verdict,
                                      .kind = culprit ? outcome_word(culprit->failure.kind) : NULL,
                                      .stage = culprit ? culprit->stage : NULL,
                                      .step = culprit ? culprit->name : NULL,
                                      .line = line,
                                      .report = text,
                                      .steps = steps.items,
                                      .step_count = steps.count});
    vec_release(&steps);
}

static void make_runs(struct fake_host *host, enum fake_past past, size_t index, int64_t now_us)
{
    struct journey *journey = host->journeys.items[index];
    uint32_t state = (uint32_t)index + 7;
    int64_t span_us =
        past == PAST_MANY || past == PAST_HOSTILE ? 2 * STORE_HOUR_US : 30 * STORE_DAY_US;
    for (int64_t ago_us = span_us; ago_us > 0;) {
        struct store_batch *batch = store_begin(host->store);
        for (size_t i = 0; i < journey->persona_count; i++) {
            uint32_t random = noise(&state);
            struct made made = past_of(ago_us, past, index, random);
            if (past == PAST_HOSTILE) made = (struct made){1, OUTCOME_CONTENT};
            struct run_report *report = fake_report(journey, journey->personas[i], made.failing,
                                                    made.kind, now_us - ago_us);
            add_run(batch, report, made.failing >= 0 || ago_us < STORE_HOUR_US, random);
            run_report_free(report);
        }
        store_commit(batch, NULL, NULL);
        ago_us -= ago_us > STORE_DAY_US ? STORE_HOUR_US / 2 : 2 * MINUTE_US;
    }
}

void past_observe(struct fake_host *host)
{
    int64_t now_us = clock_wall_us(&clock_real);
    vec_each(journey, &host->journeys) {
        for (size_t i = 0; i < (*journey)->persona_count; i++) {
            struct run_report *good = fake_report(*journey, (*journey)->personas[i], -1,
                                                  OUTCOME_PASS, now_us - MINUTE_US);
            struct run_report *bad = fake_report(*journey, (*journey)->personas[i], 1,
                                                 OUTCOME_PRICE, now_us - US_PER_SECOND);
            serve_observe(host->server, good, &(struct serve_observed){.late_us = 3000});
            serve_observe(host->server, bad, &(struct serve_observed){.late_us = -1});
            run_report_free(good);
            run_report_free(bad);
        }
    }
    serve_missed(host->server, host->journeys.items[0]->name, "desktop");
}

/* --- Incidents */

static char *latest_failing_run(struct fake_host *host)
{
    struct store_run_list runs = {0};
    char *id = NULL;
    if (store_runs(host->store, &(struct store_run_filter){.failed_only = true, .limit = 1}, &runs,
                   NULL) &&
        runs.count)
        id = xstrdup(runs.items[0].id);
    store_run_list_release(&runs);
    return id ? id : xstrdup("");
}

struct made_incident {
    const char *id, *line, *stage, *kind, *owner, *runbook, *rule, *values;
    int severity;
    int64_t ago_us, lasted_us; /* lasted 0: it is open */
    const char *flags;
};

static void add_incident(struct store_batch *batch, const struct made_incident *made,
                         const char *run_id, int64_t now_us)
{
    int64_t opened_us = now_us - made->ago_us;
    AUTO_FREE char *json = xasprintf(
        "{\"face\":{\"kind\":\"%s\",\"stage\":\"%s\",\"host\":\"shop.example\",\"step\":\"see the "
        "price\",\"message\":\"no element for [itemprop=price]\",\"expected\":\"an element for "
        "[itemprop=price]\",\"actual\":\"none\",\"rule\":\"%s\",\"owner\":\"%s\",\"runbook\":\"%s\""
        ",\"run_id\":\"%s\",\"trace_id\":\"5e0bbe55000000000000000000000001\",\"resolution\":\"%s\""
        ",\"affected\":[\"checkout as desktop from frankfurt\",\"checkout as mobile from "
        "frankfurt\",\"guest-cart as desktop from frankfurt\"],\"failing\":3,\"exercising\":5,%s},"
        "\"values\":\"%s\",\"timeline\":[{\"time\":%lld,\"text\":\"checkout as desktop "
        "failed\"},{\"time\":%lld,\"text\":\"opened as SEV2 by the rule \\\"core path hurt\\\"\"},"
        "{\"time\":%lld,\"text\":\"guest-cart as desktop meets it, too\"}]}",
        made->kind, made->stage, made->rule, made->owner, made->runbook, run_id,
        made->lasted_us ? "recovered" : "", made->flags, made->values, (long long)opened_us,
        (long long)(opened_us + 21 * US_PER_SECOND), (long long)(opened_us + 63 * US_PER_SECOND));
    batch_put_incident(batch, &(struct store_incident){
                                  .id = made->id,
                                  .signature = "stage:price-view/price",
                                  .severity = made->severity,
                                  .state = made->lasted_us ? "resolved" : "open",
                                  .opened_us = opened_us,
                                  .resolved_us = made->lasted_us ? opened_us + made->lasted_us : 0,
                                  .line = made->line,
                                  .json = json});
    AUTO_FREE char *event = xasprintf("e-%s", made->id);
    batch_add_event(batch, &(struct store_event){event, made->id, opened_us, "opened", "{}"});
    batch_add_outbox(batch, &(struct store_delivery){.event_id = event,
                                                     .sink = "ops",
                                                     .incident_id = made->id,
                                                     .payload = "{}",
                                                     .created_us = opened_us,
                                                     .due_us = opened_us});
}

static void make_incidents(struct fake_host *host, enum fake_past past, int64_t now_us)
{
    AUTO_FREE char *run_id = latest_failing_run(host);
    const char *calm = "\"acknowledged\":false,\"flapping\":false,\"for_prober_owners\":false";
    struct made_incident over = {
        "01990000-0000-7000-8000-000000000001",
        "SEV3 price-view: slower than promised for 2 of 5 shoppers (step \"see the price\": took "
        "2.4 s, wanted at most 1 s)",
        "price-view",
        "slow",
        "team-catalogue",
        "",
        "slow for some, or a side path",
        "stage price-view degraded for 2 of 5",
        3,
        21 * STORE_HOUR_US,
        2 * STORE_HOUR_US,
        calm};
    struct made_incident open = {
        "01990000-0000-7000-8000-000000000002",
        "SEV1 price-view: prices vanished for 3 of 5 shoppers (step \"see the price\": no element "
        "for [itemprop=price])",
        "price-view",
        "price",
        "team-checkout",
        "https://wiki.example/runbooks/price",
        "core path down",
        "core stage price-view fails for 3 of 5",
        1,
        9 * MINUTE_US,
        0,
        "\"acknowledged\":true,\"flapping\":false,\"for_prober_owners\":false"};
    struct made_incident minor = {"01990000-0000-7000-8000-000000000003",
                                  "SEV4 the certificate of shop.example ends in 19 days",
                                  "",
                                  "tls",
                                  "",
                                  "",
                                  "warning",
                                  "19 days left",
                                  4,
                                  3 * STORE_DAY_US,
                                  0,
                                  calm};
    struct made_incident hostile = {"01990000-0000-7000-8000-000000000004",
                                    HOSTILE,
                                    "<b>x</b>",
                                    "<i>",
                                    "<img src=x>",
                                    "javascript:alert(1)",
                                    "<script>alert(2)</script>",
                                    "</q><script>",
                                    2,
                                    MINUTE_US,
                                    0,
                                    calm};
    struct store_batch *batch = store_begin(host->store);
    if (past == PAST_WELL || past == PAST_BROKEN) add_incident(batch, &over, run_id, now_us);
    if (past == PAST_BROKEN) add_incident(batch, &open, run_id, now_us);
    if (past == PAST_BROKEN) add_incident(batch, &minor, "", now_us);
    if (past == PAST_HOSTILE) add_incident(batch, &hostile, run_id, now_us);
    batch_put_silence(batch, &(struct store_silence){"01990000-0000-7000-8000-00000000000a",
                                                     "journey=browse", "ann", "moving house",
                                                     now_us - MINUTE_US, now_us + STORE_DAY_US});
    store_commit(batch, NULL, NULL);
}

static bool make_many(struct fake_host *host, struct error *error)
{
    bool good = true;
    for (int i = 0; i < 100 && good; i++) {
        AUTO_FREE char *text =
            xasprintf("journey: journey-%03d\nbase: https://shop.example\nschedule: {every: 1m}\n"
                      "personas: [desktop, mobile]\nsteps:\n"
                      "  - {name: see, stage: price-view, get: /}\n"
                      "  - {name: buy, stage: checkout, get: /}\n",
                      i);
        good = load(host, text, error);
    }
    return good;
}

bool past_make(struct fake_host *host, enum fake_past past, struct error *error)
{
    bool good = true;
    int64_t now_us = clock_wall_us(&clock_real);
    if (past == PAST_HOSTILE) good = load(host, hostile_journey, error);
    if (past == PAST_MANY) good = make_many(host, error);
    for (size_t i = 0; good && past != PAST_HOSTILE && past != PAST_MANY && i < COUNT_OF(journeys);
         i++)
        good = load(host, journeys[i], error);
    if (!good || past == PAST_NONE) return good;
    for (size_t i = 0; i < host->journeys.count; i++) make_runs(host, past, i, now_us);
    if (!store_flush(host->store, FLUSH_US)) return error_set(error, "the store is too slow");
    make_incidents(host, past, now_us);
    return store_flush(host->store, FLUSH_US) || error_set(error, "the store is too slow");
}
