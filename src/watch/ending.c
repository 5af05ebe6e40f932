/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's end, in steps: runs clean up, the last events are told, everything is written. */
#include "watch/internal.h"

#include "base/log.h"
#include "text/quantity.h"
#include "watch/notify.h"

/* It wakes us when all that was handed over before is written. */
static void on_barrier(void *context, bool written)
{
    (void)written;
    ((struct daemon *)context)->barrier = false;
}

static void wait_for_store(struct daemon *daemon)
{
    if (daemon->barrier) return;
    struct store_batch *batch = store_begin(daemon->store);
    batch_make_durable(batch);
    daemon->barrier = true;
    store_commit(batch, on_barrier, daemon);
}

static void flush(struct daemon *daemon)
{
    daemon->phase = DAEMON_FLUSHING;
    desk_save(daemon->desk);
    daemon_save_caps(daemon);
    timer_set(&daemon->end, loop_now_us(daemon->settings.loop) + DAEMON_FLUSH_US);
    daemon_end_step(daemon);
}

/* A bound has passed. */
static void on_end(void *context)
{
    struct daemon *daemon = context;
    if (daemon->phase == DAEMON_FLUSHING) {
        log_line(daemon->settings.log, LOG_WARNING,
                 "not everything was told or written in time: the next start goes on with it");
        loop_stop(daemon->settings.loop);
        return;
    }
    size_t under_way = rounds_state(daemon->rounds).under_way;
    log_line(daemon->settings.log, LOG_ERROR, "%zu run%s did not end in time: aborted", under_way,
             PLURAL(under_way));
    rounds_abort(daemon->rounds);
    daemon_stop_tickets(daemon, true);
    flush(daemon);
}

void daemon_end_step(struct daemon *daemon)
{
    if (daemon->phase == DAEMON_WALKING) return;
    bool walking = rounds_state(daemon->rounds).under_way > 0 || daemon->tickets;
    if (daemon->phase == DAEMON_DRAINING && !walking) flush(daemon);
    if (daemon->phase != DAEMON_FLUSHING || delivery_is_busy(daemon->delivery)) return;
    if (store_waiting(daemon->store) > 0)
        wait_for_store(daemon);
    else
        loop_stop(daemon->settings.loop);
}

static void tell_ending(const struct daemon *daemon, size_t under_way)
{
    if (!under_way)
        log_line(daemon->settings.log, LOG_NOTICE, "ending");
    else if (under_way == 1)
        log_line(daemon->settings.log, LOG_NOTICE, "ending: a run cleans up behind it");
    else
        log_line(daemon->settings.log, LOG_NOTICE, "ending: %zu runs clean up behind them",
                 under_way);
}

void daemon_end(struct daemon *daemon)
{
    switch (daemon->phase) {
    case DAEMON_WALKING:
        tell_ending(daemon, rounds_state(daemon->rounds).under_way);
        notify_stopping();
        daemon->phase = DAEMON_DRAINING;
        daemon->next_debt = daemon->debts.count; /* the next start pays them */
        timer_init(&daemon->end, daemon->settings.loop, on_end, daemon);
        timer_set(&daemon->end, loop_now_us(daemon->settings.loop) + DAEMON_DRAIN_US);
        rounds_pause(daemon->rounds);
        rounds_stop(daemon->rounds, "the daemon ended");
        daemon_stop_tickets(daemon, false);
        daemon_end_step(daemon);
        break;
    case DAEMON_DRAINING: on_end(daemon); break;
    case DAEMON_FLUSHING: loop_stop(daemon->settings.loop); break;
    }
}
