/* SPDX-License-Identifier: Apache-2.0 */
/* See roll_call.h. */
#include "watch/roll_call.h"

#include "base/vec.h"
#include "posture/roll.h"
#include "watch/maintenance.h"

#include <stdlib.h>

struct roll_call {
    struct loop *loop;
    struct store *store;
    roll_call_find *find;
    void *context;
    const struct plan *plan;
    struct buf written; /* as it stands in the store */
    struct timer look;
};

/* That nobody walks is more than that nobody is told. */
static void note_pause(const struct roll_call *call, const struct journey *journey,
                       struct roll_journey *noted, int64_t now_us)
{
    for (int rests = 1; rests >= 0 && !noted->pause; rests--) {
        const struct config_window *window = call->find(call->context, journey, now_us, rests);
        if (!window) continue;
        noted->pause = xstrdup(window->name);
        noted->pause_until_us = window_end_us(window, now_us);
        noted->rests = rests;
    }
}

static void gather(const struct roll_call *call, struct roll *roll, int64_t now_us)
{
    const char *location = call->plan->config.location;
    *roll = (struct roll){.location = xstrdup(location ? location : "")};
    vec_each(item, &call->plan->journeys) {
        const struct journey *journey = *item;
        struct roll_journey *noted = roll_add(roll, journey->name);
        for (size_t i = 0; i < journey->persona_count; i++)
            vec_push(&noted->personas, xstrdup(journey->personas[i]));
        note_pause(call, journey, noted, now_us);
    }
}

static void on_look(void *context)
{
    struct roll_call *call = context;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct roll roll;
    gather(call, &roll, clock_wall_us(loop_clock(call->loop)));
    roll_print(&roll, &text);
    roll_release(&roll);
    if (!view_equals(buf_view(&text), buf_view(&call->written))) {
        struct store_batch *batch = store_begin(call->store);
        batch_put_state(batch, ROLL_KEY, buf_view(&text));
        store_commit(batch, NULL, NULL);
        buf_clear(&call->written);
        buf_add_view(&call->written, buf_view(&text));
    }
    if (call->plan->config.maintenance.count)
        timer_set(&call->look, loop_now_us(call->loop) + ROLL_CALL_US);
}

void roll_call_set(struct roll_call *call, const struct plan *plan)
{
    timer_cancel(&call->look);
    call->plan = plan;
    on_look(call);
}

struct roll_call *roll_call_new(struct loop *loop, struct store *store, roll_call_find *find,
                                void *context)
{
    struct roll_call *call = NEW(struct roll_call);
    *call = (struct roll_call){.loop = loop,
                               .store = store,
                               .find = find,
                               .context = context,
                               .written = BUF_INIT(BUF_OWN_CAP)};
    timer_init(&call->look, loop, on_look, call);
    return call;
}

void roll_call_free(struct roll_call *call)
{
    if (!call) return;
    timer_cancel(&call->look);
    buf_release(&call->written);
    free(call);
}
