/* SPDX-License-Identifier: Apache-2.0 */
/* The way by a thread, for what may wait for a disk, a name or a peer. See internal.h. */
#include "sink/internal.h"

#include "loop/errand.h"

#include <stdlib.h>

#define GRACE_US US_PER_SECOND /* an errand that ends by itself knows better why */

struct way {
    sending_work *work;
    void *load;
    void (*load_free)(void *load);
    struct errand_report report;
};

static void way_free(void *object)
{
    struct way *way = object;
    way->load_free(way->load);
    free(way);
}

static void work(void *object)
{
    struct way *way = object;
    way->work(way->load, &way->report);
}

static void on_done(void *context, void *load, bool begun)
{
    struct sending *sending = context;
    const struct errand_report *report = &((struct way *)load)->report;
    sending->errand = NULL;
    timer_cancel(&sending->limit);
    if (begun)
        sending_end(sending, report->outcome, 0, "%s", report->why);
    else
        sending_end(sending, SINK_AGAIN, 0, "there is no thread or no descriptor for it");
}

/* The errand goes on where it hangs; nobody waits for it. */
static void on_limit(void *context)
{
    struct sending *sending = context;
    errand_cancel(take(sending->errand));
    sending_end(sending, SINK_AGAIN, 0, "it took too long");
}

void sending_by_errand(struct sending *sending, sending_work *wanted, void *load,
                       void (*load_free)(void *load))
{
    struct loop *loop = sending->sender->loop;
    struct way *way = NEW(struct way);
    *way = (struct way){wanted, load, load_free, {.outcome = SINK_AGAIN}};
    sending->errand = errand_start(loop, work, way, way_free, on_done, sending);
    timer_init(&sending->limit, loop, on_limit, sending);
    timer_set(&sending->limit, loop_now_us(loop) + sending->sink->timeout_us + GRACE_US);
}
