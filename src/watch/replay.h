/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded history walked through a policy once more: what would have been told if it had been the
 * one in use. The store keeps less than the judge saw (of a failed run not which other stages it
 * passed), so what comes out is close, not exact.
 */
#ifndef SHOPPER_WATCH_REPLAY_H
#define SHOPPER_WATCH_REPLAY_H

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

bool replay(struct store *store, const struct policy *policy, int64_t from_us, int64_t until_us,
            struct episode_list *list, struct error *error) MUST_CHECK;
void episode_list_release(struct episode_list *list);

#endif
