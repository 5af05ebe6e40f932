/* SPDX-License-Identifier: Apache-2.0 */
/* Calls for a later turn, in a list threaded through their owners. */
#include "loop/internal.h"

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
    for (size_t left = loop->deferred_count; left && loop->first; left--) {
        struct deferred *deferred = loop->first;
        deferred_cancel(deferred);
        loop_enter(loop);
        deferred->call(deferred->context);
        loop_leave(loop);
        if (loop->stopped) return;
    }
}
