/* SPDX-License-Identifier: Apache-2.0 */
/* Runs outside of the rounds: those that somebody asks for, and those that pay what a crash left
 * owing. */
#include "watch/internal.h"

#include "base/log.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define DEBTS_AT_ONCE 10
#define ASKED_AT_ONCE 40 /* those that clean up behind an answer among them */
/* What could not be undone is tried again: a shop that was down comes back. The pauses double. */
#define COLLECT_FIRST_US (5 * US_PER_SECOND)
#define COLLECT_MOST_US (3600 * US_PER_SECOND)
#define COLLECT_FOR_US (24 * COLLECT_MOST_US)

static void see_payment(struct daemon *daemon, const struct run_report *report);

static void leave(struct daemon_ticket *ticket)
{
    struct daemon_ticket **at = &ticket->daemon->tickets;
    while (*at != ticket) at = &(*at)->next;
    *at = ticket->next;
}

/* Its steps are through: nobody waits until it has cleaned up. */
static void on_walked(void *context, const struct run_report *report)
{
    struct daemon_ticket *ticket = context;
    daemon_run_done *done = take(ticket->done);
    if (done) done(ticket->context, report);
}

/* What strangers ask for, with deadlines of theirs, neither opens nor ends an incident, and is no
 * sample of how the shop did. */
static void see_asked_run(struct daemon *daemon, const struct run_report *report)
{
    unsigned flags = STORE_RUN_ASKED | STORE_RUN_UNJUDGED;
    desk_see_run(daemon->desk, &(struct desk_run){.report = report, .flags = flags});
    if (daemon->settings.on_run)
        daemon->settings.on_run(daemon->settings.context, report, flags, -1);
}

static void on_done(void *context, struct run_report *report)
{
    struct daemon_ticket *ticket = context;
    struct daemon *daemon = ticket->daemon;
    leave(ticket);
    if (ticket->pays_debt) {
        see_payment(daemon, report);
    } else {
        see_asked_run(daemon, report);
        if (report->residue.count) daemon_collect_soon(daemon);
        on_walked(ticket, report);
    }
    run_report_free(report);
    free(ticket);
    daemon_end_step(daemon);
}

static struct daemon_ticket *start(struct daemon *daemon, const struct run_options *options,
                                   struct error *error)
{
    struct diags diags = DIAGS_INIT;
    struct daemon_ticket *ticket = NEW(struct daemon_ticket);
    ticket->daemon = daemon;
    ticket->run = run_start(&daemon->engine, options, on_done, ticket, &diags);
    if (ticket->run) {
        ticket->next = daemon->tickets;
        daemon->tickets = ticket;
    } else {
        error_set(error, "%s", diags.count ? diags.items[0].message : "it cannot be begun");
        free(ticket);
        ticket = NULL;
    }
    diags_release(&diags);
    return ticket;
}

static size_t count_asked(const struct daemon *daemon)
{
    size_t count = 0;
    for (const struct daemon_ticket *ticket = daemon->tickets; ticket; ticket = ticket->next)
        count += !ticket->pays_debt;
    return count;
}

struct daemon_ticket *daemon_run_now(struct daemon *daemon, const char *journey,
                                     const char *persona, int64_t deadline_us,
                                     daemon_run_done *done, void *context, struct error *error)
{
    struct journey *found = daemon_find_journey(daemon, journey);
    if (!found || daemon->phase != DAEMON_WALKING) {
        error_set(error, found ? "the daemon is ending" : "there is no journey '%s'", journey);
        return NULL;
    }
    if (count_asked(daemon) >= ASKED_AT_ONCE) {
        error_set(error, "%d walks that were asked for are under way", ASKED_AT_ONCE);
        return NULL;
    }
    const struct run_options options = {.journey = found,
                                        .persona = persona,
                                        .deadline_us = deadline_us,
                                        .deadline_holds = true,
                                        .walked = on_walked};
    struct daemon_ticket *ticket = start(daemon, &options, error);
    if (!ticket) return NULL;
    ticket->done = done;
    ticket->context = context;
    return ticket;
}

void daemon_ticket_forget(struct daemon_ticket *ticket)
{
    ticket->done = NULL;
}

void daemon_ticket_stop(struct daemon_ticket *ticket)
{
    ticket->done = NULL;
    run_stop(ticket->run, "nobody waits for it any more");
}

size_t daemon_asked(const struct daemon *daemon)
{
    return count_asked(daemon);
}

void daemon_stop_tickets(struct daemon *daemon, bool at_once)
{
    for (struct daemon_ticket *ticket = daemon->tickets; ticket;) {
        struct daemon_ticket *next = ticket->next; /* ending a run may end its ticket */
        if (at_once)
            run_abort(ticket->run);
        else if (!ticket->pays_debt)
            run_stop(ticket->run, "the daemon ended");
        ticket = next;
    }
}

/* --- Debts */

static void give_up(struct daemon *daemon, const struct store_debt *debt, const char *why)
{
    struct store_batch *batch = store_begin(daemon->store);
    log_line(daemon->settings.log, LOG_ERROR, "%s: what step \"%s\" made stays in the shop: %s",
             debt->journey, debt->step, why);
    batch_give_up_debt(batch, debt->id, daemon_wall_us(daemon), why);
    store_commit(batch, NULL, NULL);
}

static bool pay(struct daemon *daemon, const struct store_debt *debt)
{
    AUTO_ERROR error = ERROR_NONE;
    struct journey *journey = daemon_find_journey(daemon, debt->journey);
    const struct run_options options = {
        .journey = journey, .persona = debt->persona, .debt = debt->debt, .debt_id = debt->id};
    struct daemon_ticket *ticket = journey ? start(daemon, &options, &error) : NULL;
    if (ticket) {
        ticket->pays_debt = true;
        log_line(daemon->settings.log, LOG_NOTICE,
                 debt->state == DEBT_OWED ? "%s: undoing what step \"%s\" made before a crash"
                                          : "%s: undoing what step \"%s\" made, once more",
                 debt->journey, debt->step);
    } else {
        give_up(daemon, debt, journey ? error_text(&error) : "its journey is not watched any more");
    }
    return ticket;
}

static void pay_next(struct daemon *daemon)
{
    while (daemon->next_debt < daemon->debts.count) {
        if (pay(daemon, &daemon->debts.items[daemon->next_debt++])) return;
    }
}

static void collect_after(struct daemon *daemon, int64_t pause_us)
{
    daemon->collect_pause_us = pause_us < COLLECT_MOST_US ? pause_us : COLLECT_MOST_US;
    timer_set(&daemon->collect, loop_now_us(daemon->settings.loop) + daemon->collect_pause_us);
}

void daemon_collect_soon(struct daemon *daemon)
{
    if (timer_is_set(&daemon->collect) && daemon->collect_pause_us == COLLECT_FIRST_US) return;
    collect_after(daemon, COLLECT_FIRST_US);
}

/* The ledger has it by now. */
static void on_paid(void *context, bool written)
{
    (void)written;
    desk_look_at_residue(((struct daemon *)context)->desk);
}

static void see_payment(struct daemon *daemon, const struct run_report *report)
{
    desk_see_debt_run(daemon->desk, report);
    if (!report->residue.count) {
        struct store_batch *batch = store_begin(daemon->store);
        batch_make_durable(batch);
        store_commit(batch, on_paid, daemon);
    }
    pay_next(daemon);
}

static bool is_paying(const struct daemon *daemon)
{
    for (const struct daemon_ticket *ticket = daemon->tickets; ticket; ticket = ticket->next)
        if (ticket->pays_debt) return true;
    return false;
}

/* Not what is old: a person has to see to it. */
static void keep_worth_trying(struct daemon *daemon)
{
    size_t kept = 0;
    int64_t oldest_us = daemon_wall_us(daemon) - COLLECT_FOR_US;
    vec_each(debt, &daemon->debts) {
        if (debt->created_us >= oldest_us && daemon_find_journey(daemon, debt->journey))
            daemon->debts.items[kept++] = *debt;
    }
    daemon->debts.count = kept;
}

static void on_collect(void *context)
{
    struct daemon *daemon = context;
    AUTO_ERROR error = ERROR_NONE;
    if (daemon->phase != DAEMON_WALKING || daemon->past_unread) return;
    if (is_paying(daemon)) {
        collect_after(daemon, daemon->collect_pause_us);
        return;
    }
    store_debt_list_release(&daemon->debts);
    daemon->next_debt = 0;
    if (!store_debts(daemon->store, DEBT_RESIDUE, &daemon->debts, &error))
        log_line(daemon->settings.log, LOG_ERROR, "what was left behind cannot be read: %s",
                 error_text(&error));
    keep_worth_trying(daemon);
    if (!daemon->debts.count) return;
    collect_after(daemon, 2 * daemon->collect_pause_us);
    for (int i = 0; i < DEBTS_AT_ONCE; i++) pay_next(daemon);
}

void daemon_pay_debts(struct daemon *daemon)
{
    AUTO_ERROR error = ERROR_NONE;
    if (daemon->phase != DAEMON_WALKING) return;
    store_debt_list_release(&daemon->debts);
    daemon->next_debt = 0;
    if (!store_debts(daemon->store, DEBT_OWED, &daemon->debts, &error))
        log_line(daemon->settings.log, LOG_ERROR, "what is owed to shops cannot be read: %s",
                 error_text(&error));
    for (int i = 0; i < DEBTS_AT_ONCE; i++) pay_next(daemon);
    daemon->collect_pause_us = COLLECT_FIRST_US / 2;
    timer_set(&daemon->collect, loop_now_us(daemon->settings.loop));
}

void daemon_debts_begin(struct daemon *daemon)
{
    timer_init(&daemon->collect, daemon->settings.loop, on_collect, daemon);
}
