/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded history walked through a policy once more: what would have been told if it had been the
 * one in use. Only runs are: not certificates, error budgets, sinks, or that we could not see; and
 * no silence mutes anything.
 */
#ifndef SHOPPER_WATCH_REPLAY_H
#define SHOPPER_WATCH_REPLAY_H

#include "journey/files.h"
#include "judge/judge.h"
#include "store/read.h"

/* One incident as it would have been. */
struct episode {
    char *signature, *line, *rule;
    int64_t opened_us, resolved_us; /* 0: open at the end */
    int first_severity, worst_severity;
};

struct episode_list {
    struct episode *items; /* by their opening */
    size_t count, capacity;
};

struct replay_settings {
    const struct policy *policy;
    const struct journey_list *journeys; /* as recall_new takes them */
};
bool replay(struct store *store, const struct replay_settings *settings, int64_t from_us,
            int64_t until_us, struct episode_list *list, struct error *error) MUST_CHECK;
void episode_list_release(struct episode_list *list);

#endif
