/* SPDX-License-Identifier: Apache-2.0 */
/* What was before this process, from the store. Where another program holds the file so that nobody
 * can even read it, shoppers walk and people are told all the same, and nothing is written before
 * what was is read: it would be written over. */
#include "watch/internal.h"

#include "base/log.h"

#define TRY_AGAIN_US (1 * US_PER_SECOND)

static bool read_all(struct daemon *daemon, struct error *error)
{
    return desk_restore(daemon->desk, error) && daemon_restore_caps(daemon, error);
}

/* Those that left meanwhile, and troubles that are over, are still to be seen in it. */
static void judge_it(struct daemon *daemon)
{
    const struct plan *plan = daemon->plan;
    bool trusted = !daemon->distrust;
    desk_set_plan(daemon->desk, &plan->config, plan->policy, plan->journeys.items,
                  plan->journeys.count);
    burn_watch_set(daemon->burns, &plan->journeys);
    daemon_settle_troubles(daemon, true);
    if (trusted && daemon->distrust) daemon_look_at_itself(daemon); /* and doubt it */
}

/* While the store is in trouble, to read is to wait for nothing. */
static void on_past(void *context)
{
    struct daemon *daemon = context;
    AUTO_ERROR error = ERROR_NONE;
    if (daemon->store_trouble || !read_all(daemon, &error)) {
        timer_set(&daemon->past, loop_now_us(daemon->settings.loop) + TRY_AGAIN_US);
        return;
    }
    log_line(daemon->settings.log, LOG_NOTICE, "what was before could be read, and goes on");
    daemon->past_unread = false;
    judge_it(daemon);
    daemon_take_up_past(daemon);
    desk_save(daemon->desk); /* behind all that was held */
    daemon_save_caps(daemon);
    store_hold(daemon->store, false);
    daemon_show_status(daemon);
}

void daemon_read_past(struct daemon *daemon)
{
    AUTO_ERROR error = ERROR_NONE;
    timer_init(&daemon->past, daemon->settings.loop, on_past, daemon);
    if (read_all(daemon, &error)) return;
    log_line(daemon->settings.log, LOG_ERROR,
             "what was before cannot be read: %s; until it can, nothing is written",
             error_text(&error));
    daemon->past_unread = true;
    store_hold(daemon->store, true);
    timer_set(&daemon->past, loop_now_us(daemon->settings.loop) + TRY_AGAIN_US);
}

void daemon_take_up_past(struct daemon *daemon)
{
    if (daemon->past_unread) return;
    desk_look_at_residue(daemon->desk);
    daemon_tell_absence(daemon);
    daemon_pay_debts(daemon);
}
