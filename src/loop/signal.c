/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as turns of the loop. libevent carries them over a pipe of its own, so a callback may do
 * anything. */
#include "loop/internal.h"

#include <event2/event.h>

struct signal_watch {
    struct loop *loop;
    struct event *event;
    void (*arrived)(void *context, int number);
    void *context;
};

static void signal_arrived(evutil_socket_t number, short what, void *context)
{
    struct signal_watch *watch = context;
    struct loop *loop = watch->loop;
    (void)what;
    loop_enter(loop);
    watch->arrived(watch->context, number); /* may free the watch */
    loop_leave(loop);
}

struct signal_watch *signal_watch_new(struct loop *loop, int number,
                                      void (*arrived)(void *context, int number), void *context)
{
    struct signal_watch *watch = NEW(struct signal_watch);
    watch->loop = loop;
    watch->arrived = arrived;
    watch->context = context;
    watch->event = evsignal_new(loop->base, number, signal_arrived, watch);
    ASSERT(watch->event && event_add(watch->event, NULL) == 0);
    return watch;
}

void signal_watch_free(struct signal_watch *watch)
{
    if (!watch) return;
    event_free(watch->event);
    free(watch);
}
