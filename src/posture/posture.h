/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the shop did over a span of time: what could be bought, how much time was lost, how quickly
 * that was noticed and ended, what is left of the promises. Made of the store's figures alone, so
 * that a month takes no longer with ten million runs than with a few; nothing here is written or
 * shown.
 *
 * Figures know hours, and daily ones are read from POSTURE_WHOLE_DAYS_US on: the span begins with
 * its first hour or day (UTC).
 */
#ifndef SHOPPER_POSTURE_POSTURE_H
#define SHOPPER_POSTURE_POSTURE_H

#include "posture/burn.h"

#include "base/vec.h"

#define POSTURE_WHOLE_DAYS_US (2 * STORE_DAY_US)
#define POSTURE_WORST 10 /* steps of each kind */
#define POSTURE_MAX_INCIDENTS 2000
#define POSTURE_SEVERITIES 4

struct posture_settings {
    const char *journey;       /* this one alone; NULL: all */
    int64_t from_us, until_us; /* wall time */
};

struct posture_stage {
    const char *journey; /* "": over all of them, for core stages */
    const char *stage;
    bool core;
    struct store_figures figures; /* of all personas */
    int64_t p50_us, p95_us;       /* of what passed or was degraded; -1: none did */
    struct histogram latency;     /* of these; empty when all is read */
};

struct posture_step {
    const char *journey, *stage, *step;
    struct store_figures figures;
    int64_t p50_us, p95_us;
    struct histogram latency;
};

struct posture_latency {
    struct objective_latency promised;
    int64_t measured_us; /* -1: nothing was measured */
};

struct posture_promise {
    const struct objective *objective;
    struct budget budget; /* over the objective's own window */
    struct burn burn;     /* now */
    struct posture_latency latencies[OBJECTIVE_MAX_LATENCIES];
};

/* Of some durations; -1 where there are none. */
struct posture_spread {
    size_t count;
    int64_t median_us, worst_us;
};

struct posture_response {
    size_t incidents, open;
    /* Of incidents of the shop alone (what fails, is slow or cannot be reached), both from the
     * first failed run on: until the incident was opened, and until it ended. */
    struct posture_spread detect, resolve;
};

struct posture_week {
    int64_t from_us; /* Monday, 00:00 UTC */
    size_t sev1;
};

struct posture {
    int64_t from_us, until_us;
    int64_t end_us; /* of the hour or day in which it ends: what figures are asked for */
    struct store_figures whole;     /* all runs together */
    struct store_row_list subjects; /* journey and persona */
    VEC(struct posture_stage) core; /* login, price-view ...: over all journeys */
    VEC(struct posture_stage) stages;
    VEC(struct posture_promise) promises;
    VEC(struct posture_step) failing, slow; /* the worst first */
    struct posture_response
        responses[POSTURE_SEVERITIES + 1]; /* by the worst they reached; 0: all */
    struct posture_response planned; /* met in maintenance alone: counted here and nowhere else */
    bool incidents_cut;              /* there were more than POSTURE_MAX_INCIDENTS */
    VEC(struct posture_week) weeks;
    /* What the names above belong to. */
    struct objective_list objectives;
    struct store_row_list stage_rows, step_rows;
};

/* `aside_store` is another reader of the same store, for a thread that reads the steps meanwhile:
 * most of the work. False: the store cannot be read. Release it either way. */
bool posture_read(struct posture *posture, struct store *store, struct store *aside_store,
                  const struct posture_settings *settings, struct error *error) MUST_CHECK;
void posture_release(struct posture *posture);

/* response.c: incidents of the span, by severity and by week. */
bool posture_read_incidents(struct posture *posture, struct store *store, const char *journey,
                            struct error *error) MUST_CHECK;

#endif
