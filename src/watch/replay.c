/* SPDX-License-Identifier: Apache-2.0 */
/* See replay.h. */
#include "watch/replay.h"

#include "base/vec.h"
#include "watch/recall.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 5000
#define STEP_US (60 * US_PER_SECOND) /* severities age between runs, too */

struct replay {
    struct judge *judge;
    struct recall *recall;
    struct episode_list *list;
    int64_t now_us;
};

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
    struct observation seen = recall_run(replay->recall, run);
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

bool replay(struct store *store, const struct replay_settings *settings, int64_t from_us,
            int64_t until_us, struct episode_list *list, struct error *error)
{
    const struct judge_settings judging = {0};
    struct replay replay = {.judge = judge_new(settings->policy, &judging),
                            .recall = recall_new(settings->journeys),
                            .list = list};
    bool good = recall_read(replay.recall, store, from_us, until_us, error) &&
                walk_runs(&replay, store, from_us, until_us, error);
    judge_free(replay.judge);
    recall_free(replay.recall);
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
