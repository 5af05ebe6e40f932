/* SPDX-License-Identifier: Apache-2.0 */
/* The way by a thread, for what may wait for a disk, a name or a peer. See internal.h. */
#include "sink/internal.h"

#include "loop/errand.h"

#include <stdlib.h>

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
    if (begun)
        sending_end(sending, report->outcome, 0, "%s", report->why);
    else
        sending_end(sending, SINK_AGAIN, 0, "there is no thread or no descriptor for it");
}

void sending_by_errand(struct sending *sending, sending_work *wanted, void *load,
                       void (*load_free)(void *load))
{
    struct way *way = NEW(struct way);
    *way = (struct way){wanted, load, load_free, {.outcome = SINK_AGAIN}};
    sending->errand = errand_start(sending->sender->loop, work, way, way_free, on_done, sending);
}
