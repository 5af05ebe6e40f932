/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of the daemon: an SQLite database and a thread that writes it, so that no wait for a
 * disk ever delays a probe. This floor is the only user of sqlite3.h. It judges nothing and knows
 * nothing of the loop.
 *
 * Writing: store_begin, any number of batch_* calls, store_commit. A batch is written whole or not
 * at all; all batches that wait go into one transaction (group commit). `done` is called by
 * store_poll, on the caller's thread, in the order of store_commit; watch store_descriptor to know
 * when to poll. A batch is readable (read.h) from its `done` on.
 *
 * Durability: the log (WAL) is synced at checkpoints, so a crash of this process loses no batch
 * that is done, and a power cut may lose the last ones. Batches that hold an incident, an event, an
 * outbox row or a debt (but for its settling) are written under synchronous=FULL, without waiting
 * for company: once such a batch is done, it and all before it survive a power cut. Where a disk
 * fails amid a commit, a batch may be written twice, and each operation is made so that this
 * changes nothing, but that a missed slot may be counted twice.
 *
 * Trouble (locked file, full disk, failing or damaged file) is survived: batches wait in memory and
 * are tried again; when the queue is full, what only holds runs and state is dropped first. The
 * caller is told through store_take_trouble, at the beginning and at the end. A damaged file is
 * moved aside as PATH.corrupt-TIME, and a new one is begun with what can be read of what is open,
 * owed and to be told.
 *
 * One thread uses a store. A process that means to fork, forks first.
 */
#ifndef SHOPPER_STORE_STORE_H
#define SHOPPER_STORE_STORE_H

#include "base/alloc.h"
#include "base/error.h"
#include "base/view.h"
#include "store/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_DAY_US (INT64_C(86400) * 1000000)
#define STORE_HOUR_US (INT64_C(3600) * 1000000)

struct store;
struct store_batch;

struct store_settings {
    int64_t keep_runs_us;    /* raw runs, deliveries, settled debts: 14 days */
    int64_t keep_figures_us; /* hourly and daily figures, resolved incidents: 13 months */
    int64_t gather_us;       /* how long a batch that is not urgent waits for company: 500 ms */
    int64_t fold_us;         /* how far figures may be behind their runs: 25 s */
    int64_t busy_us;         /* how long a lock is waited for before it is trouble: 2 s */
    int64_t retry_us;   /* the first pause before another try; doubles up to 32 times: 100 ms */
    size_t queue_bytes; /* that wait to be written: 64 MB */
    size_t check_bytes; /* files up to this size are checked whole when opened: 64 MB */
};

struct store_settings store_settings_default(void);

/* Where a store is when nobody says: $STATE_DIRECTORY/shopper.db, as systemd sets it, else
 * mystery-shopper/shopper.db below $XDG_STATE_HOME or ~/.local/state. The caller frees. */
char *store_default_path(void) MUST_CHECK;
/* Where those look who did not begin it: `named` (may be NULL), $SHOPPER_STORE, or the default. */
char *store_reader_path(const char *named) MUST_CHECK;

/*
 * Opens or begins the store at `path`; its directory is made (0700), its files are private (0600).
 * Whoever owns them may let a group read along (0750, 0640): that stays; more than that does not.
 * `settings` NULL: the defaults. NULL is returned for what waiting does not cure: no permission, no
 * directory, another daemon on the same store, a store of a later version, another program's file.
 * All else is trouble, and the store works from memory until it is over.
 */
struct store *store_open(const char *path, const struct store_settings *settings,
                         struct error *error) MUST_CHECK;
/* For reading alone, also beside a daemon that writes. The file must exist. Who may read the files
 * but write neither them nor their directory can do so only while a daemon has the store open. */
struct store *store_open_reader(const char *path, struct error *error) MUST_CHECK;
/* The same; a lock, which is rare, is waited for as long as this, else for 100 ms. */
struct store *store_open_patient_reader(const char *path, int64_t busy_us,
                                        struct error *error) MUST_CHECK;
/* Tries once more to write what waits, then forgets it; `done` of what was not polled is not
 * called. */
void store_close(struct store *store);

/* Held, nothing of what is committed is written, not even by store_close: what the file holds has
 * yet to be read. It is opened all the same, and trouble told, so that it can be. */
void store_hold(struct store *store, bool held);

/* --- Being told */

int store_descriptor(const struct store *store); /* readable: call store_poll */
void store_poll(struct store *store);            /* calls what is done; never waits */
/* Waits until all that was committed is written, and the sweep is over. False: it took longer, as
 * it does in trouble. For the end of a process and for tests, not for the loop. */
bool store_flush(struct store *store, int64_t timeout_us) MUST_CHECK;
size_t store_waiting(struct store *store); /* batches not written yet */

enum store_trouble_kind {
    STORE_LOCKED,  /* another process holds it */
    STORE_FULL,    /* no space */
    STORE_FAILING, /* any other error of the disk or of SQLite. A batch that SQLite refuses for its
                    * own sake is lost, and `done` is told; figures that it refuses are tried again.
                    */
    STORE_CORRUPT, /* it was damaged, and moved aside: the history of runs starts anew */
    STORE_DISPLACED, /* somebody removed it or put another in its place; that was made up for */
    STORE_BEHIND     /* the queue was full: batches were lost */
};

struct store_trouble {
    enum store_trouble_kind kind;
    bool over;     /* it was told before, and has ended */
    char *message; /* one line */
};

const char *store_trouble_name(enum store_trouble_kind kind); /* "locked" */
/* The next thing to tell; false: none. The descriptor becomes readable for it. */
bool store_take_trouble(struct store *store, struct store_trouble *ret_trouble) MUST_CHECK;
void store_trouble_release(struct store_trouble *trouble);

/* Deletes what is older than the settings keep, in small pieces, between other writes. */
void store_sweep(struct store *store, int64_t now_us);

/* --- Writing. Nothing here waits or fails: it is put on a list. */

struct store_batch *store_begin(struct store *store) MUST_CHECK;
/* Takes the batch. `done` may be NULL; `written` false: it was lost, and trouble says why. */
void store_commit(struct store_batch *batch, void (*done)(void *context, bool written),
                  void *context);
void batch_free(struct store_batch *batch);         /* instead of store_commit */
void batch_make_durable(struct store_batch *batch); /* as if it held an incident */

/* History. A run is folded into the hourly and daily figures in the same transaction. A run id that
 * is there already is passed over. */
void batch_add_run(struct store_batch *batch, const struct store_run *run);
void batch_add_missed(struct store_batch *batch, const struct store_missed *missed);

/* Incidents. */
void batch_put_incident(struct store_batch *batch, const struct store_incident *incident);
void batch_add_event(struct store_batch *batch, const struct store_event *event);

/* The outbox, kept in order of adding. An event is added to a sink once: a second time is passed
 * over. `sequence`, `ended_us` and `state` of what is added are not looked at. */
void batch_add_outbox(struct store_batch *batch, const struct store_delivery *delivery);
void batch_delivered(struct store_batch *batch, const char *event_id, const char *sink,
                     int64_t now_us);
void batch_deliver_later(struct store_batch *batch, const char *event_id, const char *sink,
                         int64_t due_us, const char *why); /* one attempt more */
void batch_give_up_delivery(struct store_batch *batch, const char *event_id, const char *sink,
                            int64_t now_us, const char *why);

/* The residue ledger. A debt must be noted, and `done`, before the request goes out. */
void batch_note_debt(struct store_batch *batch, const struct store_debt *debt);
void batch_learn_debt(struct store_batch *batch, const char *id, struct view debt);
void batch_settle_debt(struct store_batch *batch, const char *id, int64_t now_us);
/* It cannot be undone: residue, until somebody settles it. */
void batch_give_up_debt(struct store_batch *batch, const char *id, int64_t now_us, const char *why);

/* What the daemon must know after a restart, by key. */
void batch_put_state(struct store_batch *batch, const char *key, struct view value);

void batch_put_silence(struct store_batch *batch, const struct store_silence *silence);
void batch_remove_silence(struct store_batch *batch, const char *id);
void batch_take_command(struct store_batch *batch, int64_t sequence); /* it was carried out */

/* For the process beside the daemon: puts a command into the mailbox, at once and durably. Waits
 * for a lock for up to busy_us of the defaults. The store must exist. */
bool store_post_command(const char *path, const struct store_command *command,
                        struct error *error) MUST_CHECK;

#endif
