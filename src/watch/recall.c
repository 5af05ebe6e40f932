/* SPDX-License-Identifier: Apache-2.0 */
/* See recall.h. */
#include "watch/recall.h"

#include "answer/json.h"
#include "base/map.h"
#include "base/vec.h"
#include "http/url.h"

#include <stdlib.h>
#include <string.h>

/* One journey as one persona. */
struct shopper {
    VEC(char *) stages;
    char *shop;          /* its host, of the latest report; "" */
    int64_t interval_us; /* of the latest run that says it; 0: none did */
};

struct recall {
    const struct journey_list *journeys;
    struct map shoppers; /* journey and persona -> struct shopper * */
};

static void shopper_free(void *value)
{
    struct shopper *shopper = value;
    vec_each(stage, &shopper->stages) free(*stage);
    vec_release(&shopper->stages);
    free(shopper->shop);
    free(shopper);
}

static struct shopper *shopper_of(struct recall *recall, const char *journey, const char *persona)
{
    AUTO_FREE char *name = xjoin(journey, "\n", persona, NULL);
    struct shopper *shopper = map_get(&recall->shoppers, view_of(name));
    if (shopper) return shopper;
    shopper = NEW(struct shopper);
    shopper->shop = xstrdup("");
    map_set(&recall->shoppers, view_of(name), shopper);
    return shopper;
}

struct recall *recall_new(const struct journey_list *journeys)
{
    struct recall *recall = NEW(struct recall);
    recall->journeys = journeys;
    recall->shoppers = MAP_INIT(shopper_free);
    return recall;
}

void recall_free(struct recall *recall)
{
    if (!recall) return;
    map_release(&recall->shoppers);
    free(recall);
}

bool recall_read(struct recall *recall, struct store *store, int64_t from_us, int64_t until_us,
                 struct error *error)
{
    struct store_row_list rows;
    if (!store_table(store, STORE_STAGES, NULL, from_us, until_us, &rows, error)) return false;
    vec_each(row, &rows)
        vec_push(&shopper_of(recall, row->journey, row->persona)->stages, xstrdup(row->stage));
    store_row_list_release(&rows);
    return true;
}

/* --- Out of a report */

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static bool is_text(const cJSON *object, const char *name, const char *wanted)
{
    return !strcmp(text_of(object, name), wanted);
}

static char *host_of_step(const cJSON *step, const char *shop)
{
    const char *url = text_of(cJSON_GetObjectItemCaseSensitive(step, "request"), "url");
    return *url ? url_authority(url) : xstrdup(shop);
}

static char *host_that_failed(const cJSON *step, const cJSON *run, enum outcome_kind kind)
{
    const char *url = text_of(cJSON_GetObjectItemCaseSensitive(step, "request"), "url");
    return observation_host(*url ? url : text_of(run, "base"), kind);
}

static enum verdict verdict_of(const cJSON *step)
{
    enum verdict verdict = VERDICT_SKIPPED;
    for (int i = 0; i <= VERDICT_SKIPPED; i++)
        if (is_text(step, "verdict", verdict_word((enum verdict)i))) verdict = (enum verdict)i;
    bool forgiven = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(step, "optional"));
    return verdict == VERDICT_FAIL && forgiven ? VERDICT_DEGRADED : verdict;
}

static void see_step(struct observation *seen, const cJSON *run, const cJSON *step)
{
    const char *stage = text_of(step, "stage");
    AUTO_FREE char *host = host_of_step(step, seen->shop);
    bool answered = cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(step, "status"));
    if (answered) observation_add_answer(seen, host);
    if (!is_text(step, "section", "steps")) return;
    if (*stage) observation_add_stage(seen, arena_text(&seen->texts, stage), verdict_of(step));
    bool culprit = is_text(step, "name", seen->step) && is_text(step, "stage", seen->stage) &&
                   is_text(cJSON_GetObjectItemCaseSensitive(step, "failure"), "kind",
                           outcome_word(seen->kind));
    if (!culprit) return;
    const cJSON *severity = cJSON_GetObjectItemCaseSensitive(step, "severity");
    seen->severity = cJSON_IsNumber(severity) ? severity->valueint : 0;
    AUTO_FREE char *failed = host_that_failed(step, run, seen->kind);
    seen->host = arena_text(&seen->texts, failed);
}

static void see_residue(struct observation *seen, const cJSON *run)
{
    AUTO_BUF text = BUF_INIT(4096);
    const cJSON *residue;
    cJSON_ArrayForEach(residue, cJSON_GetObjectItemCaseSensitive(run, "residue"))
        buf_addf(&text, "%s%s: %s", text.length ? "; " : "", text_of(residue, "step"),
                 text_of(residue, "what"));
    seen->residue = arena_copy(&seen->texts, buf_view(&text));
}

static void see_report(struct observation *seen, const cJSON *run)
{
    const cJSON *step;
    AUTO_FREE char *shop = url_authority(text_of(run, "base"));
    AUTO_FREE char *host = observation_host(text_of(run, "base"), seen->kind);
    seen->shop = arena_text(&seen->texts, shop);
    seen->host = arena_text(&seen->texts, host);
    cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(run, "steps"))
        see_step(seen, run, step);
    see_residue(seen, run);
}

/* --- Without one */

static enum verdict stage_verdict(const struct store_run *run, const char *stage)
{
    if (run->verdict == VERDICT_PASS) return VERDICT_PASS;
    if (!strcmp(run->stage, stage)) return run->verdict;
    return run->verdict == VERDICT_DEGRADED ? VERDICT_PASS : VERDICT_SKIPPED;
}

static void see_what_is_usual(struct observation *seen, const struct shopper *shopper,
                              const struct store_run *run)
{
    vec_each(stage, &shopper->stages)
        observation_add_stage(seen, *stage, stage_verdict(run, *stage));
    if (run->verdict == VERDICT_PASS) observation_add_answer(seen, shopper->shop);
}

/* --- One run */

static unsigned failures_to_confirm(const struct recall *recall, const char *name)
{
    for (size_t i = 0; recall->journeys && i < recall->journeys->count; i++) {
        const struct journey *journey = recall->journeys->items[i];
        if (!strcmp(journey->name, name) && journey->confirm.failures)
            return journey->confirm.failures;
    }
    return 2;
}

struct observation recall_run(struct recall *recall, const struct store_run *run)
{
    struct shopper *shopper = shopper_of(recall, run->journey, run->persona);
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *json = *run->report ? json_parse(view_of(run->report), &reason) : NULL;
    const cJSON *report = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "runs"), 0);
    if (run->lost_us) shopper->interval_us = run->lost_us;
    struct observation seen = {
        .journey = run->journey,
        .persona = run->persona,
        .location = run->location,
        .owner = "",
        .runbook = "",
        .verdict = run->verdict,
        .kind = OUTCOME_PASS,
        .step = run->step,
        .stage = run->stage,
        .host = shopper->shop,
        .shop = shopper->shop,
        .message = run->line,
        .expected = "",
        .actual = "",
        .residue = !strcmp(run->kind, outcome_word(OUTCOME_RESIDUE)) ? run->line : "",
        .started_us = run->started_us,
        .ended_us = run->started_us + run->duration_us,
        .interval_us = shopper->interval_us,
        .confirm_failures = failures_to_confirm(recall, run->journey),
    };
    if (*run->kind) (void)!outcome_find(run->kind, &seen.kind);
    if (report) {
        see_report(&seen, report);
        free(shopper->shop);
        shopper->shop = xstrdup(seen.shop);
    } else {
        see_what_is_usual(&seen, shopper, run);
    }
    cJSON_Delete(json);
    return seen;
}
