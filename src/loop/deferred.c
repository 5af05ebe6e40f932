/* SPDX-License-Identifier: Apache-2.0 */
/* Calls for a later turn, in a list threaded through their owners. */
#include "loop/internal.h"

/* Where very many are there at once (all shoppers time out together), others must not be late for
 * it: their timers are looked at in between. */
enum { HOLD_US = 2000, CALLS_BETWEEN_LOOKS = 16 };

void deferred_init(struct deferred *deferred, struct loop *loop, void (*call)(void *context),
                   void *context)
{
    *deferred = (struct deferred){.loop = loop, .call = call, .context = context};
}

void deferred_queue(struct deferred *deferred)
{
    if (deferred->queued) return;
    struct loop *loop = deferred->loop;
    deferred->queued = true;
    deferred->next = NULL;
    deferred->previous = loop->last;
    if (loop->last)
        loop->last->next = deferred;
    else
        loop->first = deferred;
    loop->last = deferred;
    loop->deferred_count++;
    loop_wake_by(loop, 0);
}

void deferred_cancel(struct deferred *deferred)
{
    if (!deferred->queued) return;
    struct loop *loop = deferred->loop;
    if (deferred->previous)
        deferred->previous->next = deferred->next;
    else
        loop->first = deferred->next;
    if (deferred->next)
        deferred->next->previous = deferred->previous;
    else
        loop->last = deferred->previous;
    deferred->next = deferred->previous = NULL;
    deferred->queued = false;
    loop->deferred_count--;
}

void deferreds_run(struct loop *loop)
{
    /* Only as many as were there: a call that defers itself again must not hold the turn. When one
     * cancels another, a newer one may slip in early, which harms nobody. */
    int64_t began_us = 0;
    size_t count = loop->deferred_count;
    for (size_t i = 0; i < count && loop->first; i++) {
        if (i % CALLS_BETWEEN_LOOKS == CALLS_BETWEEN_LOOKS - 1) {
            int64_t now_us = loop_now_us(loop);
            if (!began_us) began_us = now_us;
            if (now_us - began_us > HOLD_US) return;
        }
        struct deferred *deferred = loop->first;
        deferred_cancel(deferred);
        loop_enter(loop);
        deferred->call(deferred->context);
        loop_leave(loop);
        if (loop->stopped) return;
    }
}
