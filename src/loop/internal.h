/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this floor know of each other; nobody else includes it. */
#ifndef SHOPPER_LOOP_INTERNAL_H
#define SHOPPER_LOOP_INTERNAL_H

#include "base/vec.h"
#include "loop/loop.h"

struct event;

struct due {
    int64_t at_us;
    struct timer *timer;
};

struct loop {
    struct event_base *base;
    bool owns_base;
    bool stopped;
    const struct clock *clock;
    struct clock_fake *fake; /* NULL: real time */

    VEC(struct due) timers; /* a binary heap, earliest first */
    struct deferred *first, *last;
    size_t deferred_count;
    size_t watches_set; /* watches that ask for something */

    /* The only timer that the system knows of. It may go off too early, never too late: moving a
     * deadline back would cost more than a needless turn. */
    struct event *wake;
    int alarm; /* what `wake` waits for on an own base; -1: `wake` is a timer of the caller's base
                */
    int64_t wake_us; /* INT64_MAX: not armed */

    uint64_t calls; /* made so far, to see whether a poll brought any */
    bool in_turn;
    int64_t turn_started_us, longest_turn_us;
    uint64_t looks;         /* at the descriptors */
    int64_t polled_us;      /* when the last look at the descriptors began */
    int64_t ready_since_us; /* what this turn reports cannot have been ready before */
    int64_t slept_us;       /* before this turn; 0: not at all */
};

/* Every callback of a caller runs between these two. */
void loop_enter(struct loop *loop);
void loop_leave(struct loop *loop);
/* Something became due earlier than the loop knew. */
void loop_wake_by(struct loop *loop, int64_t deadline_us);

void timers_run(struct loop *loop);
int64_t timers_next_us(const struct loop *loop); /* INT64_MAX: none */
void deferreds_run(struct loop *loop);

#endif
