/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon's files know of each other; nobody else includes it. */
#ifndef SHOPPER_WATCH_INTERNAL_H
#define SHOPPER_WATCH_INTERNAL_H

#include "base/buf.h"
#include "watch/burn.h"
#include "watch/daemon.h"
#include "watch/files.h"
#include "watch/roll_call.h"
#include "watch/trust.h"

enum daemon_phase {
    DAEMON_WALKING,
    DAEMON_DRAINING, /* runs clean up behind them */
    DAEMON_FLUSHING  /* the last deliveries */
};

/* A run outside of the rounds: somebody asked for it, or it pays a debt. */
struct daemon_ticket {
    struct daemon *daemon;
    struct run *run;
    daemon_run_done *done; /* NULL: nobody waits for it */
    void *context;
    bool pays_debt;
    struct daemon_ticket *next;
};

struct daemon {
    struct daemon_settings settings;
    enum daemon_phase phase;
    struct plan *plan;
    struct config began_with; /* what is read once is read of it */
    struct http_client *client;
    struct engine engine;
    struct store *store;
    struct watch *store_watch;
    struct ledger *ledger;
    struct sender *sender;
    struct delivery *delivery;
    struct desk *desk;
    struct burn_watch *burns;
    struct roll_call *roll_call;
    struct rounds *rounds;
    struct trust *trust;
    struct file_watch *files;
    struct signal_watch *signals[3];
    struct timer mailbox, sweep, brake, end;
    struct timer past;     /* when it is tried again to read it */
    struct timer damage;   /* of the store: when its incident ends */
    struct buf saved_caps; /* as they stand in the store */
    struct daemon_ticket *tickets;
    struct store_debt_list debts; /* that a crash left */
    size_t next_debt;
    struct timer collect; /* when what could not be undone is tried again */
    int64_t collect_pause_us;
    int64_t last_command; /* of the mailbox */
    char *distrust, *store_trouble, *token;
    int64_t started_us, reloaded_us;
    int64_t walking_us; /* since when shoppers walk */
    bool reload_failed;
    bool past_unread;  /* the store is held until it is read */
    bool barrier;      /* behind what the store has still to write */
    size_t open_shown; /* incidents, as the service manager was told last */
};

int64_t daemon_wall_us(const struct daemon *daemon);
struct journey *daemon_find_journey(const struct daemon *daemon, const char *name); /* or NULL */
bool daemon_still_watches(const struct daemon *daemon, const struct run_report *report);

/* daemon.c */
void daemon_show_status(struct daemon *daemon);    /* to the service manager */
void daemon_look_at_itself(struct daemon *daemon); /* with the control URLs of its plan */

/* reload.c: plans come and go. */
struct plan *daemon_load_plan(struct daemon *daemon, struct diags *diags); /* NULL: `diags` */
/* False: nothing has changed, and the plan stays the caller's. */
bool daemon_adopt(struct daemon *daemon, struct plan *plan, struct error *error) MUST_CHECK;
void daemon_reload(struct daemon *daemon);

/* past.c: what was before this process. */
/* Reads it, or holds the store until it can be read. */
void daemon_read_past(struct daemon *daemon);
/* What follows from it: what is owed, what was missed. Once the plan is adopted. */
void daemon_take_up_past(struct daemon *daemon);

/* absence.c */
void daemon_tell_absence(struct daemon *daemon); /* slots before it walked */

/* asked.c: runs outside of the rounds. */
void daemon_debts_begin(struct daemon *daemon);
void daemon_pay_debts(struct daemon *daemon);    /* what a crash or a failed undo left */
void daemon_collect_soon(struct daemon *daemon); /* something was left behind */
void daemon_stop_tickets(struct daemon *daemon, bool at_once);

/* brake.c: counts of caps, across restarts. */
void daemon_brake_begin(struct daemon *daemon);
bool daemon_restore_caps(struct daemon *daemon, struct error *error) MUST_CHECK;
void daemon_save_caps(struct daemon *daemon);

/* troubles.c: our own, which become incidents. */
void daemon_troubles_begin(struct daemon *daemon);
void daemon_take_troubles(struct daemon *daemon); /* those of the store */
/* What is open of them when we start, and when the configuration changed. */
void daemon_settle_troubles(struct daemon *daemon, bool starting);

/* mailbox.c */
void daemon_mailbox_begin(struct daemon *daemon);

/* ending.c: from the first signal to the last turn. */
void daemon_end(struct daemon *daemon);
void daemon_end_step(struct daemon *daemon); /* something ended: perhaps all has */

#endif
