/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a journey spends its error budget. A rate of 1 spends exactly all of it over the
 * objective's window. The windows and factors are those of Google's SRE workbook (chapter 5,
 * "Multiwindow, Multi-Burn-Rate Alerts"): the long window says that it matters, the short one that
 * it still goes on.
 *
 * Probes are few where requests are many: at one run per minute, one failure in an hour is 17 times
 * what 99.9 % allows. So a rate alone is never enough: there must be BURN_LONG_MOMENTS failures in
 * the long window and BURN_SHORT_MOMENTS in the short one, each BURN_MOMENT_US from the next, so
 * that one hiccup that all personas meet is one.
 *
 * Runs in maintenance, those that confirm a failure, and those that could not be judged count
 * neither as good nor as bad.
 */
#ifndef SHOPPER_POSTURE_BURN_H
#define SHOPPER_POSTURE_BURN_H

#include "posture/objective.h"

#define BURN_LONG_MOMENTS 3
#define BURN_SHORT_MOMENTS 2
#define BURN_MOMENT_US (30 * US_PER_SECOND)
#define BURN_MAX_RUNS 4000 /* single runs looked at in one question; of more, the latest */

enum burn_speed { BURN_NONE, BURN_SLOW, BURN_FAST };
const char *burn_speed_word(enum burn_speed speed); /* "none", "slow", "fast" */

struct burn_rule {
    int64_t long_us, short_us;
    double factor;
    enum burn_speed speed;
};
extern const struct burn_rule burn_rules[]; /* the fastest first; ended by a factor of 0 */

/* What happened in one window. */
struct burn_counts {
    uint64_t judged, failed; /* judged: passed, degraded or failed */
    unsigned moments;        /* failures, those close together as one */
};

struct budget {
    uint64_t judged, failed;
    double availability; /* -1: nothing was judged */
    double left;         /* 1: all of it; below 0: more is spent than there was */
};

struct burn {
    enum burn_speed speed;
    const struct burn_rule *rule; /* NULL: it does not burn */
    struct burn_counts in_long, in_short;
    double rate; /* in the long window */
};

/* Failures per judged run over the share that may fail; 0 where nothing was judged. */
double burn_rate(double availability, const struct burn_counts *counts);
bool burn_rule_holds(const struct burn_rule *rule, double availability,
                     const struct burn_counts *in_long, const struct burn_counts *in_short);
struct budget budget_of(const struct objective *objective, const struct store_figures *figures);

/* Both look into the store; false: it cannot be read now. An objective without an availability
 * never burns. A journey that is well costs one question. */
bool burn_ask(struct store *store, const struct objective *objective, int64_t now_us,
              struct burn *ret_burn, struct error *error) MUST_CHECK;
bool budget_ask(struct store *store, const struct objective *objective, int64_t now_us,
                struct budget *ret_budget, struct error *error) MUST_CHECK;

/* "checkout burns its error budget 16 times too fast: ...", for an incident. */
void burn_describe(const struct objective *objective, const struct burn *burn,
                   const struct budget *budget, struct buf *out);
void budget_describe(const struct budget *budget, struct buf *out); /* "42 % of it is left" */

#endif
