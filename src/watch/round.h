/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rounds: every watched journey on its beat, each of its personas as a subject with at most one
 * run under way. It starts runs and measures how late; what comes back it hands on. It does not
 * judge.
 *
 * A slot whose subject is still under way is skipped or queued, as the journey says; one that finds
 * all places taken waits in line until its next slot. What never started is told as missed.
 */
#ifndef SHOPPER_WATCH_ROUND_H
#define SHOPPER_WATCH_ROUND_H

#include "run/run.h"
#include "watch/beat.h"

struct rounds;
struct round; /* one journey */

/* One journey as one persona. */
struct subject {
    struct round *round;
    const char *persona;  /* the journey's */
    struct run *run;      /* NULL: idle */
    bool reprobing;       /* the run confirms a failure */
    bool waiting;         /* in line for a place */
    int64_t again_us;     /* a slot that is queued behind the run; 0: none is */
    unsigned hindered;    /* times in a row that it could not even begin */
    int64_t slot_us;      /* of the run, or of what waits: wall time */
    int64_t kept_good_us; /* see struct desk_run */
    int64_t unserved_us;  /* the first slot that was missed since it walked last; 0: none was */
    struct timer reprobe;
    struct subject *next; /* in line */
    /* Of a journey that changed amid a run: the run, and who takes the place of its shopper. */
    struct subject *elder, *heir;
};

struct rounds_settings {
    struct engine *engine;
    unsigned concurrent; /* runs at once */
    /* Wall time says when a slot is; whoever knows a maintenance window says NULL or its name. */
    const char *(*skips)(void *context, const struct journey *journey, int64_t now_us);
    /* Whether the run is to keep what its answers showed; NULL: none is. */
    bool (*keeps_seen)(void *context, const struct subject *subject);
    /* Whether it is being found out just now if it is us who cannot see: a failure is looked at
     * again when that is known. NULL: never. */
    bool (*doubts)(void *context);
    /* The report is the callee's. `late_us`: from the slot's start to the run's. */
    void (*ended)(void *context, struct subject *subject, struct run_report *report,
                  int64_t late_us);
    void (*missed)(void *context, const struct subject *subject, int64_t slot_us, const char *why);
    /* Twice in a row a run could not begin: a secret is gone, a variable is not set. `why` NULL:
     * one could. */
    void (*hindered)(void *context, const struct journey *journey, const char *why);
    void *context;
};

struct rounds *rounds_new(const struct rounds_settings *settings) MUST_CHECK;
void rounds_free(struct rounds *rounds); /* no run may be under way */
/*
 * From now on these journeys (held), and no others. Those whose text is the same keep their phase
 * and whatever is under way; runs of those that changed or left finish on what they started with,
 * and no shopper begins before its run of before has ended.
 */
void rounds_set(struct rounds *rounds, struct journey *const *journeys, size_t count);
/* Runs it once more, `after_us` from now, unless a slot comes first. */
void rounds_reprobe(struct rounds *rounds, const char *journey, const char *persona,
                    int64_t after_us);
/* Nobody was there since `last_us`, this shopper's latest slot or run, until `until_us`: what
 * passed between them is missed. */
void rounds_catch_up(struct rounds *rounds, const char *journey, const char *persona,
                     int64_t last_us, int64_t until_us);
void rounds_clock_jumped(struct rounds *rounds);          /* wall time is not what it was */
void rounds_pause(struct rounds *rounds);                 /* nothing starts any more */
void rounds_stop(struct rounds *rounds, const char *why); /* what is under way undoes and ends */
void rounds_abort(struct rounds *rounds);

struct rounds_state {
    size_t journeys, subjects, under_way, waiting;
    uint64_t started, missed;
    int64_t latest_us; /* the most that a start was late */
    /* How long the slot has waited that waits longest for its shopper, and the one that waits
     * least: while that is more than nothing, nobody sets out who should. */
    int64_t overdue_us, all_overdue_us;
    /* How long the longest of the slots that nobody looked at has been due: while that is more than
     * nothing, the loop does not turn, or not for us. */
    int64_t unhandled_us;
};
struct rounds_state rounds_state(const struct rounds *rounds);
void rounds_each(struct rounds *rounds, void (*visit)(void *context, const struct subject *subject),
                 void *context);
const struct journey *round_journey(const struct round *round);
int64_t round_interval_us(const struct round *round); /* 0: it has no beat */
int64_t round_next_us(const struct round *round);     /* wall time of its next start; 0: none */

#endif
