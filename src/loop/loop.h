/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: descriptors, deadlines, deferred calls, signals. With http/, this floor is where
 * waiting happens; it is the only user of event2/ headers.
 *
 * Timers live in a heap of our own, held against the loop's clock; libevent sleeps until the
 * earliest. On a fake clock the loop does not sleep: when nothing else is ready it moves the clock
 * to the next timer, so tests of waiting take no time and need no tolerance.
 *
 * Life of a callback: everything here is called from loop_run, never from inside the call that
 * armed it. Cancelling is synchronous and final.
 */
#ifndef SHOPPER_LOOP_LOOP_H
#define SHOPPER_LOOP_LOOP_H

#include "base/clock.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct event_base;

/* Own base. `fake` NULL: real time. */
struct loop *loop_new(struct clock_fake *fake, struct error *error) MUST_CHECK;
/* On the caller's base (which outlives the loop), for the engine as a library. Real time. */
struct loop *loop_new_on(struct event_base *base, struct error *error) MUST_CHECK;
void loop_free(struct loop *loop); /* nothing may be armed any more */
const struct clock *loop_clock(const struct loop *loop);
int64_t loop_now_us(const struct loop *loop); /* monotonic, read now */
/* Until loop_stop, or until nothing is armed. Only for a loop with its own base. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
bool loop_is_empty(const struct loop *loop); /* nothing armed: tests end with it */

/* Deadlines: embedded, armed at most once at a time. */
struct timer {
    struct loop *loop;
    void (*fire)(void *context);
    void *context;
    int64_t deadline_us; /* monotonic */
    size_t slot;         /* in the heap, plus one; 0: not armed */
};

void timer_init(struct timer *timer, struct loop *loop, void (*fire)(void *context), void *context);
void timer_set(struct timer *timer, int64_t deadline_us); /* arms, or moves */
void timer_cancel(struct timer *timer);
bool timer_is_set(const struct timer *timer);

/* A call on a later turn of the loop, in order of deferral. Embedded. */
struct deferred {
    struct loop *loop;
    void (*call)(void *context);
    void *context;
    struct deferred *next, *previous;
    bool queued;
};

void deferred_init(struct deferred *deferred, struct loop *loop, void (*call)(void *context),
                   void *context);
void deferred_queue(struct deferred *deferred); /* once; queueing a queued one changes nothing */
void deferred_cancel(struct deferred *deferred);

/* Watching a descriptor. Level-triggered. */
enum { WATCH_READ = 1, WATCH_WRITE = 2 };
struct watch;
struct watch *watch_new(struct loop *loop, int descriptor,
                        void (*ready)(void *context, int descriptor, int what),
                        void *context) MUST_CHECK;
void watch_set(struct watch *watch, int what); /* WATCH_READ | WATCH_WRITE; 0: paused */
void watch_free(struct watch *watch);

/* Signals, delivered as loop turns. They do not keep loop_run alive. */
struct signal_watch;
struct signal_watch *signal_watch_new(struct loop *loop, int number,
                                      void (*arrived)(void *context, int number),
                                      void *context) MUST_CHECK;
void signal_watch_free(struct signal_watch *watch);

/* The longest time that one turn of callbacks took since this was last asked: the loop's own stall.
 */
int64_t loop_take_stall_us(struct loop *loop);

/* How long ago, at most, what is being reported now became ready: callbacks that ran before it made
 * it wait. Near 0 when the loop was asleep. */
int64_t loop_lag_us(const struct loop *loop);
/* How long the loop slept before this turn; 0: it did not, or does not know. */
int64_t loop_slept_us(const struct loop *loop);
/* How long ago the loop last looked at its descriptors, and how often it did so far. On a caller's
 * base, and in fake time, both are 0. */
int64_t loop_unseen_us(const struct loop *loop);
uint64_t loop_looks(const struct loop *loop);

#endif
