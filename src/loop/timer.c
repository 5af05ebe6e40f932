/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in a binary heap. `slot` is a timer's place in it plus one, so that cancelling needs no
 * search. */
#include "loop/internal.h"

static void place(struct loop *loop, size_t at, struct timer *timer)
{
    loop->timers.items[at] = timer;
    timer->slot = at + 1;
}

static void sift_up(struct loop *loop, size_t at, struct timer *timer)
{
    while (at > 0) {
        struct timer *parent = loop->timers.items[(at - 1) / 2];
        if (parent->deadline_us <= timer->deadline_us) break;
        place(loop, at, parent);
        at = (at - 1) / 2;
    }
    place(loop, at, timer);
}

static void sift_down(struct loop *loop, size_t at, struct timer *timer)
{
    struct timer **items = loop->timers.items;
    size_t count = loop->timers.count;
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && items[child + 1]->deadline_us < items[child]->deadline_us) child++;
        if (timer->deadline_us <= items[child]->deadline_us) break;
        place(loop, at, items[child]);
        at = child;
    }
    place(loop, at, timer);
}

static void settle(struct loop *loop, size_t at, struct timer *timer)
{
    sift_up(loop, at, timer);
    sift_down(loop, timer->slot - 1, timer);
}

void timer_init(struct timer *timer, struct loop *loop, void (*fire)(void *context), void *context)
{
    *timer = (struct timer){.loop = loop, .fire = fire, .context = context};
}

void timer_set(struct timer *timer, int64_t deadline_us)
{
    struct loop *loop = timer->loop;
    timer->deadline_us = deadline_us;
    if (!timer->slot) {
        vec_push(&loop->timers, timer);
        timer->slot = loop->timers.count;
    }
    settle(loop, timer->slot - 1, timer);
    if (timer->slot == 1) loop_wake_by(loop, deadline_us);
}

void timer_cancel(struct timer *timer)
{
    if (!timer->slot) return;
    struct loop *loop = timer->loop;
    size_t at = timer->slot - 1;
    timer->slot = 0;
    struct timer *last = vec_pop(&loop->timers);
    if (last != timer) settle(loop, at, last);
}

bool timer_is_set(const struct timer *timer)
{
    return timer->slot != 0;
}

int64_t timers_next_us(const struct loop *loop)
{
    return loop->timers.count ? loop->timers.items[0]->deadline_us : INT64_MAX;
}

void timers_run(struct loop *loop)
{
    if (!loop->timers.count) return;
    int64_t now_us = loop_now_us(loop);
    /* At most as many as there were: one that re-arms itself for the past must not hold the turn.
     */
    for (size_t left = loop->timers.count; left && timers_next_us(loop) <= now_us; left--) {
        struct timer *timer = loop->timers.items[0];
        timer_cancel(timer);
        loop_enter(loop);
        timer->fire(timer->context);
        loop_leave(loop);
        if (loop->stopped) return;
    }
}
