/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The turn of the loop: deferred calls, then timers that are due, then descriptors.
 *
 * On an own base loop_run turns; on a caller's base the turn's first two parts happen when `wake`
 * goes off. What a callback defers or arms waits for the next turn, so none can starve the others.
 */
#include "loop/loop.h"

#include "loop/internal.h"

#include <event2/event.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { SLEPT_US = 200 };

/* More than any lag, and callers may still add to it. */
#define LAG_UNKNOWN_US (3600 * US_PER_SECOND)

static void woken(evutil_socket_t descriptor, short what, void *context)
{
    struct loop *loop = context;
    (void)descriptor;
    (void)what;
    loop->wake_us = INT64_MAX;
    if (loop->owns_base) return; /* loop_run looks by itself */
    deferreds_run(loop);
    timers_run(loop);
    if (loop->first) loop_wake_by(loop, 0);
    if (timers_next_us(loop) != INT64_MAX) loop_wake_by(loop, timers_next_us(loop));
}

/* A timerfd, edge-triggered: it is never read. libevent's own timers go by a clock that ticks every
 * 4 ms, and wait for whole milliseconds: shoppers would start 1.5 ms late in the mean. Its precise
 * timer is such a descriptor, too, but set anew in each turn: eight system calls more per journey.
 */
static struct event *alarm_new(struct loop *loop)
{
    loop->alarm = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (loop->alarm < 0) return NULL;
    struct event *wake =
        event_new(loop->base, loop->alarm, EV_READ | EV_PERSIST | EV_ET, woken, loop);
    if (wake) ASSERT(event_add(wake, NULL) == 0);
    return wake;
}

static struct loop *loop_new_with(struct event_base *base, bool owns_base, struct error *error)
{
    struct loop *loop = NEW(struct loop);
    *loop = (struct loop){.base = base,
                          .owns_base = owns_base,
                          .clock = &clock_real,
                          .alarm = -1,
                          .wake_us = INT64_MAX};
    if (base) loop->wake = owns_base ? alarm_new(loop) : event_new(base, -1, 0, woken, loop);
    if (loop->wake) return loop;
    loop_free(loop);
    error_set(error, "cannot set up an event loop");
    return NULL;
}

struct loop *loop_new(struct clock_fake *fake, struct error *error)
{
    struct loop *loop = loop_new_with(event_base_new(), true, error);
    if (!loop || !fake) return loop;
    loop->fake = fake;
    loop->clock = &fake->clock;
    return loop;
}

struct loop *loop_new_on(struct event_base *base, struct error *error)
{
    return loop_new_with(base, false, error);
}

void loop_free(struct loop *loop)
{
    if (!loop) return;
    ASSERT(loop_is_empty(loop));
    if (loop->wake) event_free(loop->wake);
    if (loop->alarm >= 0) close(loop->alarm);
    if (loop->owns_base && loop->base) event_base_free(loop->base);
    vec_release(&loop->timers);
    free(loop);
}

const struct clock *loop_clock(const struct loop *loop)
{
    return loop->clock;
}

int64_t loop_now_us(const struct loop *loop)
{
    return clock_monotonic_us(loop->clock);
}

bool loop_is_empty(const struct loop *loop)
{
    return !loop->timers.count && !loop->first && !loop->watches_set;
}

static void turn_end(struct loop *loop)
{
    if (!loop->in_turn) return;
    loop->in_turn = false;
    int64_t took_us = loop_now_us(loop) - loop->turn_started_us;
    if (took_us > loop->longest_turn_us) loop->longest_turn_us = took_us;
}

void loop_enter(struct loop *loop)
{
    loop->calls++;
    if (loop->in_turn) return;
    loop->in_turn = true;
    int64_t now_us = loop_now_us(loop);
    /* Whoever slept was woken by the first thing that became ready. Else it may have come at any
     * time since the last look, in the middle of the turn before. */
    bool slept = now_us - loop->polled_us > SLEPT_US;
    loop->slept_us = slept ? now_us - loop->polled_us : 0;
    loop->ready_since_us = slept ? now_us : loop->turn_started_us;
    loop->turn_started_us = now_us;
}

int64_t loop_lag_us(const struct loop *loop)
{
    int64_t now_us = loop_now_us(loop);
    /* On a caller's base others run between our calls, and we do not see them. */
    return loop->owns_base ? now_us - loop->ready_since_us : LAG_UNKNOWN_US;
}

int64_t loop_slept_us(const struct loop *loop)
{
    return loop->owns_base && !loop->fake ? loop->slept_us : 0;
}

int64_t loop_unseen_us(const struct loop *loop)
{
    return loop->looks ? loop_now_us(loop) - loop->polled_us : 0;
}

uint64_t loop_looks(const struct loop *loop)
{
    return loop->looks;
}

void loop_leave(struct loop *loop)
{
    /* On a foreign base we do not see where a turn ends; a call is the nearest thing to it. */
    if (!loop->owns_base) turn_end(loop);
}

int64_t loop_take_stall_us(struct loop *loop)
{
    int64_t longest_us = loop->longest_turn_us;
    loop->longest_turn_us = 0;
    return longest_us;
}

static void alarm_set(struct loop *loop, int64_t wait_us)
{
    struct itimerspec alarm = {
        .it_value = {wait_us / US_PER_SECOND, wait_us % US_PER_SECOND * 1000 + 1}}; /* 0: never */
    ASSERT(timerfd_settime(loop->alarm, 0, &alarm, NULL) == 0);
}

static void wake_after(struct loop *loop, int64_t wait_us)
{
    struct timeval wait = {wait_us / US_PER_SECOND, wait_us % US_PER_SECOND};
    ASSERT(event_add(loop->wake, &wait) == 0);
}

void loop_wake_by(struct loop *loop, int64_t deadline_us)
{
    /* An own loop looks at its timers and deferred calls before it sleeps, see turn(). */
    if (loop->owns_base && loop->in_turn) return;
    if (loop->fake || deadline_us >= loop->wake_us) return;
    int64_t wait_us = deadline_us ? deadline_us - loop_now_us(loop) : 0;
    if (wait_us < 0) wait_us = 0;
    if (loop->owns_base)
        alarm_set(loop, wait_us);
    else
        wake_after(loop, wait_us);
    loop->wake_us = deadline_us;
}

/* Without ONCE libevent looks again and again while any descriptor is ready, and one that always is
 * would hold the timers up for ever. */
enum { LOOK_ONCE = EVLOOP_NONBLOCK | EVLOOP_ONCE };

static void poll_real(struct loop *loop)
{
    int64_t next_us = timers_next_us(loop);
    loop->polled_us = loop_now_us(loop);
    loop->looks++;
    bool due = loop->first || next_us <= loop->polled_us;
    if (!due && next_us != INT64_MAX) loop_wake_by(loop, next_us);
    event_base_loop(loop->base, due ? LOOK_ONCE : EVLOOP_ONCE);
}

/* Time stands still while anything is ready; then it jumps to the next deadline. */
static void poll_fake(struct loop *loop)
{
    uint64_t calls = loop->calls;
    event_base_loop(loop->base, LOOK_ONCE);
    if (loop->calls != calls || loop->first || loop->stopped) return;
    int64_t ahead_us = timers_next_us(loop);
    if (ahead_us == INT64_MAX) {
        if (loop->watches_set) event_base_loop(loop->base, EVLOOP_ONCE);
        return;
    }
    ahead_us -= loop_now_us(loop);
    if (ahead_us > 0) clock_fake_advance(loop->fake, ahead_us);
}

static void turn(struct loop *loop)
{
    deferreds_run(loop);
    timers_run(loop);
    if (!loop->stopped)
        deferreds_run(loop); /* one more round saves most looks at the descriptors */
    turn_end(loop);
    if (loop->stopped || loop_is_empty(loop)) return;
    if (loop->fake)
        poll_fake(loop);
    else
        poll_real(loop);
}

void loop_run(struct loop *loop)
{
    ASSERT(loop->owns_base);
    loop->stopped = false;
    while (!loop->stopped && !loop_is_empty(loop)) turn(loop);
    turn_end(loop);
}

void loop_stop(struct loop *loop)
{
    if (!loop->owns_base) return;
    loop->stopped = true;
    event_base_loopbreak(loop->base); /* descriptors that are ready too wait for the next run */
}
