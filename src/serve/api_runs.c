/* SPDX-License-Identifier: Apache-2.0 */
/* Runs and journeys, as JSON. */
#include "serve/api.h"
#include "serve/state.h"

#include <stdio.h>

#define RUNS_DEFAULT 100
#define RUNS_MOST 1000

cJSON *api_run_object(const struct store_run *run)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", run->id);
    cJSON_AddStringToObject(object, "journey", run->journey);
    cJSON_AddStringToObject(object, "persona", run->persona);
    api_add_text(object, "location", run->location);
    api_add_text(object, "trace_id", run->trace_id);
    api_add_time(object, "started", run->started_us);
    api_add_ms(object, "duration_ms", run->duration_us);
    api_add_ms(object, "lost_ms", run->lost_us);
    cJSON_AddStringToObject(object, "verdict", verdict_word(run->verdict));
    cJSON_AddBoolToObject(object, "maintenance", (run->flags & STORE_RUN_MAINTENANCE) != 0);
    cJSON_AddBoolToObject(object, "reprobe", (run->flags & STORE_RUN_REPROBE) != 0);
    cJSON_AddBoolToObject(object, "blip", (run->flags & STORE_RUN_BLIP) != 0);
    cJSON_AddBoolToObject(object, "unjudged", (run->flags & STORE_RUN_UNJUDGED) != 0);
    cJSON_AddBoolToObject(object, "asked", (run->flags & STORE_RUN_ASKED) != 0);
    api_add_text(object, "kind", run->kind);
    api_add_text(object, "stage", run->stage);
    api_add_text(object, "step", run->step);
    api_add_text(object, "line", run->line);
    return object;
}

/* The oldest of a full list is where the next one goes on: `until` excludes it. */
static void add_next(cJSON *document, const struct store_run_list *runs, int64_t limit)
{
    if ((int64_t)runs->count < limit) {
        cJSON_AddNullToObject(document, "next_until");
        return;
    }
    api_add_time(document, "next_until", runs->items[runs->count - 1].started_us);
}

void api_runs(const struct request *request)
{
    AUTO_BUF journey = BUF_INIT(4096), persona = BUF_INIT(4096);
    AUTO_ERROR error = ERROR_NONE;
    struct store_run_filter filter = {.with_asked = true};
    struct store_run_list runs = {0};
    int64_t limit = RUNS_DEFAULT;
    bool with_journey, with_persona;
    if (!api_take_time(request, "from", &filter.from_us) ||
        !api_take_time(request, "until", &filter.until_us) ||
        !api_take_flag(request, "failed", &filter.failed_only) ||
        !api_take_number(request, "limit", 1, RUNS_MOST, &limit) ||
        !request_take(request, "journey", &journey, &with_journey) ||
        !request_take(request, "persona", &persona, &with_persona))
        return;
    if (with_journey) filter.journey = buf_text(&journey);
    if (with_persona) filter.persona = buf_text(&persona);
    filter.limit = (size_t)limit;
    if (!store_runs(request->server->store, &filter, &runs, &error)) {
        api_store_failed(request, &error);
        return;
    }
    cJSON *document = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(document, "runs");
    vec_each(run, &runs) cJSON_AddItemToArray(list, api_run_object(run));
    add_next(document, &runs, limit);
    store_run_list_release(&runs);
    answer_json(request, 200, document);
}

static void add_last_good(cJSON *object, struct store *store, const struct store_run *run)
{
    struct store_run_list good = {0};
    if (store_last_good(store, run->journey, run->persona, run->started_us, &good, NULL) &&
        good.count)
        cJSON_AddItemToObject(object, "last_good", api_run_object(&good.items[0]));
    else
        cJSON_AddNullToObject(object, "last_good");
    store_run_list_release(&good);
}

void api_run(const struct request *request)
{
    AUTO_ERROR error = ERROR_NONE;
    struct store_run_list runs = {0};
    if (!store_run_by_id(request->server->store, request->id, &runs, &error)) {
        api_store_failed(request, &error);
        return;
    }
    if (!runs.count) {
        answer_problem(request, PROBLEM_NOT_FOUND, "no run \"%s\" is kept", request->id);
        return;
    }
    cJSON *object = api_run_object(&runs.items[0]);
    api_add_document(object, "report", runs.items[0].report);
    add_last_good(object, request->server->store, &runs.items[0]);
    store_run_list_release(&runs);
    answer_json(request, 200, object);
}

/* --- Journeys */

const char *api_schedule_words(const struct journey *journey, struct buf *out)
{
    const struct schedule_spec *schedule = &journey->schedule;
    if (schedule->every_us) {
        int64_t seconds = schedule->every_us / US_PER_SECOND;
        if (seconds && seconds % 3600 == 0)
            buf_addf(out, "every %lld h", (long long)(seconds / 3600));
        else if (seconds && seconds % 60 == 0)
            buf_addf(out, "every %lld min", (long long)(seconds / 60));
        else
            buf_addf(out, "every %g s", (double)schedule->every_us / 1e6);
    } else if (schedule->cron) {
        buf_addf(out, "at %s (%s)", schedule->cron,
                 schedule->timezone ? schedule->timezone : "UTC");
    }
    return buf_text(out);
}

static void add_availability(cJSON *object, struct store *store, const char *journey,
                             int64_t now_us)
{
    static const struct {
        const char *name;
        int64_t days;
    } spans[] = {{"24h", 1}, {"7d", 7}, {"30d", 30}};
    cJSON *part = cJSON_AddObjectToObject(object, "availability");
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        struct store_figures figures = {0};
        struct store_scope scope = {.journey = journey};
        double share = -1;
        if (store_availability(store, &scope, now_us - spans[i].days * STORE_DAY_US, now_us,
                               &figures, NULL))
            share = store_figures_availability(&figures);
        if (share < 0)
            cJSON_AddNullToObject(part, spans[i].name);
        else
            cJSON_AddNumberToObject(part, spans[i].name, share);
    }
}

static cJSON *subject_object(const struct state_subject *subject,
                             const struct state_journey *journey)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "persona", subject->persona);
    cJSON_AddStringToObject(object, "state", condition_word(subject->condition));
    api_add_text(object, "run_id", subject->run ? subject->run->id : NULL);
    api_add_time(object, "started", subject->run ? subject->run->started_us : 0);
    api_add_text(object, "line", subject->run ? subject->run->line : NULL);
    cJSON *stages = cJSON_AddArrayToObject(object, "stages");
    for (size_t i = 0; i < journey->stages.count; i++) {
        cJSON *stage = cJSON_CreateObject();
        cJSON_AddStringToObject(stage, "stage", journey->stages.items[i]);
        cJSON_AddStringToObject(
            stage, "state",
            condition_word(state_stage(journey, subject, journey->stages.items[i])));
        cJSON_AddItemToArray(stages, stage);
    }
    return object;
}

static cJSON *journey_object(const struct state_journey *state, struct server *server)
{
    const struct journey *journey = state->journey;
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", journey->name);
    api_add_text(object, "description", journey->description);
    api_add_text(object, "owner", journey->owner);
    api_add_text(object, "runbook", journey->runbook);
    api_add_text(object, "schedule", api_schedule_words(journey, &words));
    api_add_time(object, "next", state->next_us);
    api_add_text(object, "paused", state->paused);
    add_availability(object, server->store, journey->name, server_now_us(server));
    cJSON *subjects = cJSON_AddArrayToObject(object, "subjects");
    vec_each(subject, &state->subjects)
        cJSON_AddItemToArray(subjects, subject_object(subject, state));
    return object;
}

void api_journeys(const struct request *request)
{
    AUTO_ERROR error = ERROR_NONE;
    struct state state;
    if (!state_read(&state, request->server, NULL, &error)) {
        state_release(&state);
        api_store_failed(request, &error);
        return;
    }
    cJSON *document = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(document, "journeys");
    vec_each(journey, &state.journeys)
        cJSON_AddItemToArray(list, journey_object(journey, request->server));
    state_release(&state);
    answer_json(request, 200, document);
}
