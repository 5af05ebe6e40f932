/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in a binary heap. `slot` is a timer's place in it plus one, so that cancelling needs no
 * search; the heap has the deadlines too, so that comparing looks at no timer. */
#include "loop/internal.h"

static void place(struct loop *loop, size_t at, struct due due)
{
    loop->timers.items[at] = due;
    due.timer->slot = at + 1;
}

static void sift_up(struct loop *loop, size_t at, struct due due)
{
    while (at > 0) {
        struct due parent = loop->timers.items[(at - 1) / 2];
        if (parent.at_us <= due.at_us) break;
        place(loop, at, parent);
        at = (at - 1) / 2;
    }
    place(loop, at, due);
}

static void sift_down(struct loop *loop, size_t at, struct due due)
{
    const struct due *items = loop->timers.items;
    size_t count = loop->timers.count;
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && items[child + 1].at_us < items[child].at_us) child++;
        if (due.at_us <= items[child].at_us) break;
        place(loop, at, items[child]);
        at = child;
    }
    place(loop, at, due);
}

static void settle(struct loop *loop, size_t at, struct due due)
{
    sift_up(loop, at, due);
    sift_down(loop, due.timer->slot - 1, due);
}

void timer_init(struct timer *timer, struct loop *loop, void (*fire)(void *context), void *context)
{
    *timer = (struct timer){.loop = loop, .fire = fire, .context = context};
}

void timer_set(struct timer *timer, int64_t deadline_us)
{
    struct loop *loop = timer->loop;
    const struct due due = {deadline_us, timer};
    timer->deadline_us = deadline_us;
    if (!timer->slot) {
        vec_push(&loop->timers, due);
        timer->slot = loop->timers.count;
    }
    settle(loop, timer->slot - 1, due);
    if (timer->slot == 1) loop_wake_by(loop, deadline_us);
}

void timer_cancel(struct timer *timer)
{
    if (!timer->slot) return;
    struct loop *loop = timer->loop;
    size_t at = timer->slot - 1;
    timer->slot = 0;
    struct due last = vec_pop(&loop->timers);
    if (last.timer != timer) settle(loop, at, last);
}

bool timer_is_set(const struct timer *timer)
{
    return timer->slot != 0;
}

int64_t timers_next_us(const struct loop *loop)
{
    return loop->timers.count ? loop->timers.items[0].at_us : INT64_MAX;
}

void timers_run(struct loop *loop)
{
    if (!loop->timers.count) return;
    int64_t now_us = loop_now_us(loop);
    /* At most as many as there were: one that re-arms itself for the past must not hold the turn.
     */
    for (size_t left = loop->timers.count; left && timers_next_us(loop) <= now_us; left--) {
        struct timer *timer = loop->timers.items[0].timer;
        timer_cancel(timer);
        loop_enter(loop);
        timer->fire(timer->context);
        loop_leave(loop);
        if (loop->stopped) return;
    }
}
