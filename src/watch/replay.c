/* SPDX-License-Identifier: Apache-2.0 */
/* See replay.h. */
#include "watch/replay.h"

#include "answer/json.h"
#include "base/map.h"
#include "base/vec.h"
#include "http/url.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 5000
#define STEP_US (60 * US_PER_SECOND) /* severities age between runs, too */

struct stages {
    char **items;
    size_t count, capacity;
};

struct replay {
    struct judge *judge;
    struct map stages; /* journey and persona -> struct stages * */
    struct episode_list *list;
    int64_t now_us;
};

static void stages_free(void *value)
{
    struct stages *stages = value;
    vec_each(stage, stages) free(*stage);
    vec_release(stages);
    free(stages);
}

static char *subject_name(const char *journey, const char *persona)
{
    return xasprintf("%s\n%s", journey, persona);
}

static bool load_stages(struct replay *replay, struct store *store, int64_t from_us,
                        int64_t until_us, struct error *error)
{
    struct store_row_list rows;
    if (!store_table(store, STORE_STAGES, NULL, from_us, until_us, &rows, error)) return false;
    vec_each(row, &rows) {
        AUTO_FREE char *name = subject_name(row->journey, row->persona);
        struct stages *stages = map_get(&replay->stages, view_of(name));
        if (!stages) map_set(&replay->stages, view_of(name), stages = NEW(struct stages));
        vec_push(stages, xstrdup(row->stage));
    }
    store_row_list_release(&rows);
    return true;
}

/* --- From a record back to what it showed */

static char *host_of(const char *report)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *json = *report ? json_parse(view_of(report), &reason) : NULL;
    const cJSON *run = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "runs"), 0);
    const char *base = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(run, "base"));
    char *host = url_host(base);
    cJSON_Delete(json);
    return host;
}

static enum verdict stage_verdict(const struct store_run *run, const char *stage)
{
    if (run->verdict == VERDICT_PASS) return VERDICT_PASS;
    if (!strcmp(run->stage, stage)) return run->verdict;
    return run->verdict == VERDICT_DEGRADED ? VERDICT_PASS : VERDICT_SKIPPED;
}

static void see_stages(const struct replay *replay, const struct store_run *run,
                       struct observation *seen)
{
    AUTO_FREE char *name = subject_name(run->journey, run->persona);
    const struct stages *stages = map_get(&replay->stages, view_of(name));
    for (size_t i = 0; stages && i < stages->count; i++) {
        vec_push(&seen->stages,
                 ((struct stage_seen){.name = xstrdup(stages->items[i]),
                                      .verdict = stage_verdict(run, stages->items[i])}));
    }
}

static struct observation observation_of_record(const struct replay *replay,
                                                const struct store_run *run)
{
    struct observation seen = {
        .journey = xstrdup(run->journey),
        .persona = xstrdup(run->persona),
        .location = xstrdup(run->location),
        .owner = xstrdup(""),
        .runbook = xstrdup(""),
        .verdict = run->verdict,
        .kind = OUTCOME_PASS,
        .step = xstrdup(run->step),
        .stage = xstrdup(run->stage),
        .host = host_of(run->report),
        .shop = host_of(run->report),
        .message = xstrdup(run->line),
        .expected = xstrdup(""),
        .actual = xstrdup(""),
        .residue = xstrdup(!strcmp(run->kind, outcome_word(OUTCOME_RESIDUE)) ? run->line : ""),
        .started_us = run->started_us,
        .ended_us = run->started_us + run->duration_us,
        .confirm_failures = 2,
    };
    if (*run->kind) (void)!outcome_find(run->kind, &seen.kind);
    see_stages(replay, run, &seen);
    return seen;
}

/* --- Walking through it */

static struct episode *find_open(struct episode_list *list, const char *signature)
{
    vec_each(episode, list) {
        if (!episode->resolved_us && !strcmp(episode->signature, signature)) return episode;
    }
    return NULL;
}

static void take_event(struct replay *replay, const struct event *event)
{
    struct episode *episode = find_open(replay->list, event->signature);
    if (event->type == EVENT_OPENED) {
        vec_push(replay->list, ((struct episode){.signature = xstrdup(event->signature),
                                                 .line = xstrdup(event->line),
                                                 .rule = xstrdup(event->rule),
                                                 .opened_us = event->opened_us,
                                                 .first_severity = event->severity,
                                                 .worst_severity = event->severity}));
    } else if (episode && event->type == EVENT_RESOLVED) {
        episode->resolved_us = event->resolved_us;
    } else if (episode && event->severity < episode->worst_severity) {
        episode->worst_severity = event->severity;
    }
}

static void take_decisions(struct replay *replay)
{
    struct decision decision;
    while (judge_take(replay->judge, &decision)) {
        if (decision.kind == DECISION_EVENT) take_event(replay, &decision.event);
        decision_release(&decision);
    }
}

static void pass_time(struct replay *replay, int64_t until_us)
{
    if (!replay->now_us) replay->now_us = until_us;
    while (replay->now_us + STEP_US < until_us) {
        replay->now_us += STEP_US;
        judge_tick(replay->judge, replay->now_us);
        take_decisions(replay);
    }
    if (until_us > replay->now_us) replay->now_us = until_us;
}

static void walk_run(struct replay *replay, const struct store_run *run)
{
    if (run->flags & STORE_RUN_UNJUDGED) return;
    struct observation seen = observation_of_record(replay, run);
    pass_time(replay, seen.ended_us);
    judge_observe(replay->judge, &seen, replay->now_us);
    take_decisions(replay);
    observation_release(&seen);
}

/* Page after page; a page begins with the microsecond in which the one before ended. */
static bool walk_runs(struct replay *replay, struct store *store, int64_t from_us, int64_t until_us,
                      struct error *error)
{
    size_t had = 0; /* of the first microsecond */
    for (;;) {
        const struct store_run_filter filter = {.from_us = from_us,
                                                .until_us = until_us,
                                                .oldest_first = true,
                                                .with_report = true,
                                                .limit = PAGE + had};
        struct store_run_list runs;
        if (!store_runs(store, &filter, &runs, error)) return false;
        size_t count = runs.count;
        for (size_t i = had; i < count; i++) walk_run(replay, &runs.items[i]);
        int64_t last_us = count ? runs.items[count - 1].started_us : from_us;
        size_t in_last = 0;
        vec_each(run, &runs) in_last += run->started_us == last_us;
        store_run_list_release(&runs);
        if (count < filter.limit) return true;
        from_us = last_us;
        had = in_last;
    }
}

bool replay(struct store *store, const struct policy *policy, int64_t from_us, int64_t until_us,
            struct episode_list *list, struct error *error)
{
    const struct judge_settings settings = {0};
    struct replay replay = {
        .judge = judge_new(policy, &settings), .stages = MAP_INIT(stages_free), .list = list};
    bool good = load_stages(&replay, store, from_us, until_us, error) &&
                walk_runs(&replay, store, from_us, until_us, error);
    judge_free(replay.judge);
    map_release(&replay.stages);
    return good;
}

void episode_list_release(struct episode_list *list)
{
    vec_each(episode, list) {
        free(episode->signature);
        free(episode->line);
        free(episode->rule);
    }
    vec_release(list);
}
