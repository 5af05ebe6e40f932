/* SPDX-License-Identifier: Apache-2.0 */
/* See burn.h. */
#include "watch/burn.h"

#include "base/log.h"
#include "base/vec.h"
#include "loop/loop.h"
#include "posture/burn.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "burn:"

struct burn_watch {
    struct loop *loop;
    struct store *store;
    struct desk *desk;
    const struct log *log;
    struct objective_list objectives;
    size_t next;
    struct timer timer;
    bool unreadable; /* and said so */
};

/* --- What is open */

struct open_burns {
    VEC(char *) journeys; /* owned */
};

static void add_burn(void *context, const struct incident_view *incident)
{
    struct open_burns *open = context;
    const char *signature = incident->face->signature;
    if (!incident->resolved && !strncmp(signature, PREFIX, strlen(PREFIX)))
        vec_push(&open->journeys, xstrdup(signature + strlen(PREFIX)));
}

static void open_burns_release(struct open_burns *open)
{
    vec_each(journey, &open->journeys) free(*journey);
    vec_release(&open->journeys);
}

static void lower(struct burn_watch *watch, const char *journey, const char *why)
{
    AUTO_FREE char *signature = xasprintf(PREFIX "%s", journey);
    desk_lower(watch->desk, signature, why);
}

static void lower_unpromised(struct burn_watch *watch)
{
    struct open_burns open = {0};
    judge_open(desk_judge(watch->desk), add_burn, &open);
    vec_each(journey, &open.journeys) {
        if (!objectives_find(&watch->objectives, *journey))
            lower(watch, *journey, "it promises nothing any more");
    }
    open_burns_release(&open);
}

/* --- Asking */

static void raise_burn(struct burn_watch *watch, const struct objective *objective,
                       const struct burn *burn, const struct budget *budget)
{
    AUTO_FREE char *signature = xasprintf(PREFIX "%s", objective->journey);
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    burn_describe(objective, burn, budget, &message);
    desk_raise(watch->desk, CAUSE_BURN, signature, buf_text(&message));
}

/* What cannot be read changes nothing. */
static void ask(struct burn_watch *watch, const struct objective *objective)
{
    AUTO_ERROR error = ERROR_NONE;
    struct burn burn;
    struct budget budget;
    int64_t now_us = clock_wall_us(loop_clock(watch->loop));
    bool good = burn_ask(watch->store, objective, now_us, &burn, &error) &&
                budget_ask(watch->store, objective, now_us, &budget, &error);
    if (!good && !watch->unreadable)
        log_line(watch->log, LOG_WARNING, "the error budgets cannot be judged now: %s",
                 error_text(&error));
    watch->unreadable = !good;
    if (!good) return;
    if (burn.speed == BURN_NONE)
        lower(watch, objective->journey, "it burns no longer");
    else
        raise_burn(watch, objective, &burn, &budget);
}

static void on_timer(void *context)
{
    struct burn_watch *watch = context;
    size_t count = watch->objectives.count;
    if (!count) return;
    ask(watch, &watch->objectives.items[watch->next++ % count]);
    timer_set(&watch->timer, loop_now_us(watch->loop) + BURN_WATCH_US / (int64_t)count);
}

/* --- Life */

struct burn_watch *burn_watch_new(struct loop *loop, struct store *store, struct desk *desk,
                                  const struct log *log)
{
    struct burn_watch *watch = NEW(struct burn_watch);
    *watch = (struct burn_watch){.loop = loop, .store = store, .desk = desk, .log = log};
    timer_init(&watch->timer, loop, on_timer, watch);
    return watch;
}

void burn_watch_free(struct burn_watch *watch)
{
    if (!watch) return;
    timer_cancel(&watch->timer);
    objective_list_release(&watch->objectives);
    free(watch);
}

void burn_watch_set(struct burn_watch *watch, const struct journey_list *journeys)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    objective_list_release(&watch->objectives);
    vec_each(journey, journeys) objectives_add(&watch->objectives, *journey);
    watch->next = 0;
    objectives_print(&watch->objectives, &text);
    struct store_batch *batch = store_begin(watch->store);
    batch_put_state(batch, OBJECTIVES_KEY, buf_view(&text));
    store_commit(batch, NULL, NULL);
    lower_unpromised(watch);
    timer_set(&watch->timer, loop_now_us(watch->loop));
}
