/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon: a plan walked on its beat, judged, remembered and told, for as long as the process
 * lives. It owns everything of that; it knows nothing of command lines and of HTTP faces, which
 * look at it and ask it to act through what stands here.
 *
 * Its end: the first SIGTERM or SIGINT lets runs clean up behind them, for up to DAEMON_DRAIN_US,
 * tells what there is to tell, and writes all of it down; the second one ends it at once.
 */
#ifndef SHOPPER_WATCH_DAEMON_H
#define SHOPPER_WATCH_DAEMON_H

#include "watch/delivery.h"
#include "watch/desk.h"
#include "watch/plan.h"
#include "watch/round.h"

struct daemon;

#define DAEMON_DRAIN_US (30 * US_PER_SECOND)  /* for undo and finally, when it ends */
#define DAEMON_FLUSH_US (5 * US_PER_SECOND)   /* for deliveries and the disk after that */
#define DAEMON_MAILBOX_US (1 * US_PER_SECOND) /* between two looks into the mailbox */
#define DAEMON_DAMAGE_US (INT64_C(3600) * US_PER_SECOND) /* a damaged store is open to see */
#define DAEMON_SWEEP_US (600 * US_PER_SECOND)            /* between two looks for what is too old */

struct daemon_settings {
    struct plan_source source;
    const char *store;          /* instead of the configuration's; NULL */
    const char *const *resolve; /* as of the client; NULL */
    struct loop *loop;
    struct redactor *redactor;
    const struct log *log;
    /* Those who look on; each may be NULL. */
    void (*on_run)(void *context, const struct run_report *report, unsigned flags, int64_t late_us);
    void (*on_missed)(void *context, const char *journey, const char *persona);
    void (*on_change)(void *context);
    void *context;
};

/* Loads the plan, opens the store, takes up what was left. NULL: why is in `diags`. Nothing is
 * walked before loop_run. */
struct daemon *daemon_new(const struct daemon_settings *settings, struct diags *diags) MUST_CHECK;
void daemon_free(struct daemon *daemon); /* after loop_run */

/* --- Looking at it */

const struct plan *daemon_plan(const struct daemon *daemon); /* good until the next turn */
struct store *daemon_store(const struct daemon *daemon);
struct rounds *daemon_rounds(const struct daemon *daemon);
const struct delivery *daemon_delivery(const struct daemon *daemon);

struct daemon_state {
    int64_t started_us, reloaded_us; /* wall time; 0: never */
    bool reload_failed, ending, trusted;
    const char *distrust;      /* why not trusted; "" */
    const char *store_trouble; /* NULL: none */
};
struct daemon_state daemon_state(const struct daemon *daemon);

/* The maintenance window in which this journey rests, or walks in silence; NULL: none. */
const char *daemon_pause(struct daemon *daemon, const struct journey *journey);
/* The longest turn of the loop of the last minute or two. */
int64_t daemon_stall_us(struct daemon *daemon);
/* Those that hold or are to come; the store has them a moment later. */
void daemon_each_silence(const struct daemon *daemon,
                         void (*visit)(void *context, const struct store_silence *silence),
                         void *context);
const char *daemon_token(const struct daemon *daemon); /* for who changes something; NULL: nobody */

/* --- Asking it to act */

typedef void daemon_run_done(void *context, const struct run_report *report);
struct daemon_ticket;
/* Walks a watched journey now. It is written down, but neither judged nor part of any figure.
 * `done` comes when its steps are through; cleaning up goes on behind it. NULL: error. */
struct daemon_ticket *daemon_run_now(struct daemon *daemon, const char *journey,
                                     const char *persona, int64_t deadline_us,
                                     daemon_run_done *done, void *context,
                                     struct error *error) MUST_CHECK;
/* Only before `done`, which is not called any more. Stopped: the steps end, cleaning up goes on. */
void daemon_ticket_forget(struct daemon_ticket *ticket);
void daemon_ticket_stop(struct daemon_ticket *ticket);
size_t daemon_asked(const struct daemon *daemon); /* under way, cleaning up included */
/* What comes through the mailbox (daemon_mailbox in mailbox.c knows the verbs) and the API. False:
 * error says why. */
bool daemon_command(struct daemon *daemon, const char *verb, const char *argument,
                    const char *author, struct error *error) MUST_CHECK;

#endif
