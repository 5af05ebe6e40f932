/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors, level-triggered. The event lies inside the watch: one allocation for each. */
#include "loop/internal.h"

#include <event2/event.h>
#include <event2/event_struct.h>

struct watch {
    struct loop *loop;
    struct event event;
    int descriptor;
    int what;
    void (*ready)(void *context, int descriptor, int what);
    void *context;
};

static void watch_ready(evutil_socket_t descriptor, short events, void *context)
{
    struct watch *watch = context;
    struct loop *loop = watch->loop;
    int what = (events & EV_READ ? WATCH_READ : 0) | (events & EV_WRITE ? WATCH_WRITE : 0);
    loop_enter(loop);
    watch->ready(watch->context, descriptor, what); /* may free the watch */
    loop_leave(loop);
}

struct watch *watch_new(struct loop *loop, int descriptor,
                        void (*ready)(void *context, int descriptor, int what), void *context)
{
    struct watch *watch = NEW(struct watch);
    watch->loop = loop;
    watch->descriptor = descriptor;
    watch->ready = ready;
    watch->context = context;
    return watch;
}

static void watch_pause(struct watch *watch)
{
    if (!watch->what) return;
    event_del(&watch->event);
    watch->what = 0;
    watch->loop->watches_set--;
}

void watch_set(struct watch *watch, int what)
{
    if (what == watch->what) return;
    watch_pause(watch);
    if (!what) return;
    short events = EV_PERSIST;
    if (what & WATCH_READ) events |= EV_READ;
    if (what & WATCH_WRITE) events |= EV_WRITE;
    ASSERT(event_assign(&watch->event, watch->loop->base, watch->descriptor, events, watch_ready,
                        watch) == 0);
    ASSERT(event_add(&watch->event, NULL) == 0);
    watch->what = what;
    watch->loop->watches_set++;
}

void watch_free(struct watch *watch)
{
    if (!watch) return;
    watch_pause(watch);
    free(watch);
}
