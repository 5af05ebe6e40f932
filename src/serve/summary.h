/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All shoppers together, in one sentence: what they can and cannot do now. It promises no more than
 * what is known: where nobody got to a stage, or the news of it are old, it says so. Journeys that
 * rest say nothing of the shop.
 */
#ifndef SHOPPER_SERVE_SUMMARY_H
#define SHOPPER_SERVE_SUMMARY_H

#include "serve/state.h"

#define CORE_STAGE_COUNT 4
extern const char *const core_stages[CORE_STAGE_COUNT]; /* in the order of a shopper's way */

struct summary_stage {
    size_t can, cannot, unknown; /* shoppers; "can": slowly, too */
};

struct summary {
    size_t subjects, through, resting; /* shoppers; those that rest are not among `subjects` */
    size_t by_condition[CONDITION_COUNT];
    struct summary_stage stages[CORE_STAGE_COUNT];
    const char *side;   /* a stage off the core path that somebody failed at; the run's; NULL */
    bool fails_nowhere; /* somebody failed in no stage */
    int64_t latest_us;  /* when the latest of all set out; 0: nobody did */
};

struct summary summary_of(const struct state *state);
/* The worst that is certain; "can" only where each core stage that is watched is known. */
enum condition summary_condition(const struct summary *summary);
/* "3 of 5 shoppers came through; 1 has not walked yet" */
void summary_write_counts(const struct summary *summary, struct buf *out);
void summary_write(const struct summary *summary, struct buf *out);

#endif
