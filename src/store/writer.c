/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's thread. One turn: wait for batches, and a little longer for company unless one is
 * urgent; take all of them; write them in one transaction; hand them to store_poll; keep the log
 * short. Where the disk does not let it, it keeps what it took and tries again after a pause.
 *
 * A batch that SQLite refuses for its own sake must not take others with it: then each is written
 * in a transaction of its own, and the refused one is lost. Where it is the figures that are
 * refused, no batch is to blame: their runs stay in `unfolded`, and they are tried again later.
 */
#include "store/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define CHECKPOINT_PAGES 1000 /* of 4 KB: how long the log may grow between checkpoints */
#define RETRY_DOUBLINGS 5

/* --- One transaction */

static int bind_and_step(struct writer *writer, const struct operation *operation,
                         struct view *rest)
{
    sqlite3_stmt *statement = connection_prepare(&writer->connection, operation->sql);
    if (!statement) return sqlite3_extended_errcode(writer->connection.db);
    for (size_t i = 0; i < operation->count; i++) {
        struct value_cell value = operation_value(rest);
        switch (value.kind) {
        case VALUE_NUMBER: sqlite3_bind_int64(statement, (int)i + 1, value.number); break;
        case VALUE_TEXT: statement_bind_text(statement, (int)i + 1, value.bytes); break;
        case VALUE_BLOB: statement_bind_blob(statement, (int)i + 1, value.bytes); break;
        }
    }
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static int apply(struct writer *writer, const struct store_batch *batch)
{
    struct view rest = buf_view(&batch->operations);
    struct operation operation;
    int code = SQLITE_OK;
    while (code == SQLITE_OK && operation_next(&rest, &operation)) {
        switch (operation.kind) {
        case OPERATION_STATEMENT: code = bind_and_step(writer, &operation, &rest); break;
        case OPERATION_RUN: code = writer_apply_run(writer, &rest); break;
        case OPERATION_MISSED: code = writer_apply_missed(writer, &rest); break;
        }
    }
    return code;
}

/* The log is synced by a commit under FULL, and with it all commits before. */
static int begin(struct writer *writer, bool durable)
{
    int code = SQLITE_OK;
    if (durable != writer->syncs)
        code = connection_execute(&writer->connection, durable ? "PRAGMA synchronous = FULL"
                                                               : "PRAGMA synchronous = NORMAL");
    if (code != SQLITE_OK) return code;
    writer->syncs = durable;
    return connection_execute(&writer->connection, "BEGIN IMMEDIATE");
}

/* Writes from `first` up to `end`, which is left out. On failure `message` says what SQLite said.
 */
static int write_batches(struct writer *writer, struct store_batch *first,
                         const struct store_batch *end, bool fold, struct error *message)
{
    bool durable = false, any = fold;
    for (const struct store_batch *batch = first; batch != end; batch = batch->next) {
        durable = durable || (batch->durable && !batch->lost);
        any = any || !batch->lost;
    }
    if (!any) return SQLITE_OK;
    int code = begin(writer, durable);
    if (code == SQLITE_OK) code = writer_read_unfolded(writer);
    for (struct store_batch *batch = first; code == SQLITE_OK && batch != end; batch = batch->next)
        if (!batch->lost) code = apply(writer, batch);
    if (code == SQLITE_OK && fold) code = writer_fold(writer);
    if (code == SQLITE_OK) code = connection_execute(&writer->connection, "COMMIT");
    if (code == SQLITE_OK) return code;
    connection_error(&writer->connection, message);
    connection_rollback(&writer->connection);
    writer_forget(writer);
    return code;
}

/* --- One turn's outcome */

struct turn {
    struct batch_queue hand;
    struct store_batch *rest; /* the first that was not written; NULL: all were */
    bool fold;                /* it is time for the figures */
    bool fold_refused;        /* they were tried, and SQLite would not have them */
    bool troubled;
    enum store_trouble_kind kind;
    struct error message, refusal;
    char *aside;     /* where the damaged file went */
    char *displaced; /* what was done about a file that was not where it was */
    bool opened;     /* the file was, anew */
};

static void turn_release(struct turn *turn)
{
    error_release(&turn->message);
    error_release(&turn->refusal);
    free(turn->aside);
    free(turn->displaced);
}

/* Each for itself, and without the figures: what refuses those must not be blamed on a batch. */
static int write_apart(struct writer *writer, struct turn *turn)
{
    int code = SQLITE_OK;
    while (turn->rest && code == SQLITE_OK) {
        struct store_batch *batch = turn->rest;
        error_release(&turn->message);
        code = write_batches(writer, batch, batch->next, false, &turn->message);
        enum store_trouble_kind kind;
        if (code != SQLITE_OK && !connection_trouble(&writer->connection, code, &kind)) {
            batch->lost = true;
            error_set(&turn->refusal, "the store refused a batch: %s", error_text(&turn->message));
            code = SQLITE_OK;
        }
        if (code == SQLITE_OK) turn->rest = batch->next;
    }
    return code;
}

/* In a transaction of their own. */
static int fold_apart(struct writer *writer, struct turn *turn)
{
    enum store_trouble_kind kind;
    error_release(&turn->message);
    int code = write_batches(writer, NULL, NULL, true, &turn->message);
    if (code == SQLITE_OK || connection_trouble(&writer->connection, code, &kind)) return code;
    turn->fold_refused = true;
    if (!turn->refusal.message)
        error_set(&turn->refusal, "the store refused the figures: %s", error_text(&turn->message));
    return SQLITE_OK;
}

static void turn_failed(struct writer *writer, struct turn *turn, int code)
{
    turn->troubled = true;
    if (code < 0 || !connection_trouble(&writer->connection, code, &turn->kind))
        turn->kind = STORE_FAILING;
    /* What the connection believes of the file may be wrong. */
    if (turn->kind == STORE_FAILING || turn->kind == STORE_CORRUPT) writer_close(writer);
    if (turn->kind == STORE_CORRUPT) writer->damaged = true;
}

static bool turn_open(struct store *store, struct turn *turn)
{
    bool open = store->writer.connection.db;
    if (open && !writer_is_displaced(store)) return true;
    int code = open ? writer_come_back(store, &turn->aside, &turn->displaced, &turn->message)
                    : writer_open(store, &turn->aside, &turn->message);
    turn->opened = code == SQLITE_OK;
    if (turn->opened) return true;
    turn_failed(&store->writer, turn, code);
    return false;
}

/* Without the mutex. */
static void turn_write(struct store *store, struct turn *turn)
{
    turn->rest = turn->hand.first;
    if (!turn_open(store, turn)) return;
    enum store_trouble_kind kind;
    int code = write_batches(&store->writer, turn->hand.first, NULL, turn->fold, &turn->message);
    if (code == SQLITE_OK) {
        turn->rest = NULL;
        return;
    }
    if (!connection_trouble(&store->writer.connection, code, &kind)) {
        code = write_apart(&store->writer, turn);
        if (code == SQLITE_OK && turn->fold) code = fold_apart(&store->writer, turn);
    }
    if (code != SQLITE_OK) turn_failed(&store->writer, turn, code);
}

/* Without the mutex: the log goes into the file. What fails here, the next write will tell. */
static void checkpoint(struct writer *writer)
{
    if (!writer->connection.db) return;
    if (writer->log_pages < writer->checkpointed_at) writer->checkpointed_at = 0;
    if (writer->log_pages - writer->checkpointed_at < CHECKPOINT_PAGES) return;
    writer->checkpointed_at = writer->log_pages;
    (void)sqlite3_wal_checkpoint_v2(writer->connection.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                    NULL);
}

static void tell_turn(struct store *store, struct turn *turn)
{
    if (turn->aside) {
        AUTO_FREE char *what =
            xasprintf("the store was damaged and is now %s; a new one was begun with "
                      "the incidents, deliveries and debts that could be read",
                      turn->aside);
        store_trouble_begin(store, STORE_CORRUPT, what);
    }
    if (turn->displaced) store_trouble_begin(store, STORE_DISPLACED, turn->displaced);
    if (turn->opened || turn->aside) store->file_era++;
    bool refused = turn->refusal.message;
    if (refused) store_trouble_begin(store, STORE_FAILING, turn->refusal.message);
    if (turn->troubled && turn->kind != STORE_CORRUPT)
        store_trouble_begin(store, turn->kind, error_text(&turn->message));
    if (turn->troubled || refused) return;
    for (int kind = STORE_LOCKED; kind < STORE_BEHIND; kind++)
        if (kind != STORE_FAILING || !store->fold_refused)
            store_trouble_end(store, (enum store_trouble_kind)kind);
    if (store->waiting_bytes <= store->settings.queue_bytes / 4)
        store_trouble_end(store, STORE_BEHIND);
}

/* Under the mutex: what was written is done, the rest waits in front. */
static void hand_back(struct store *store, struct turn *turn)
{
    while (turn->hand.first && turn->hand.first != turn->rest) {
        struct store_batch *batch = batch_queue_pop(&turn->hand);
        store->waiting_bytes -= batch->bytes;
        if (batch->done)
            batch_queue_push(&store->done, batch);
        else
            batch_free(batch);
    }
    if (turn->hand.first) {
        struct batch_queue later = store->waiting;
        store->waiting = turn->hand;
        while (later.first) batch_queue_push(&store->waiting, batch_queue_pop(&later));
        store->urgent = true;
    }
    store->in_hand = 0;
}

/* --- Waiting, under the mutex */

bool writer_is_hurried(const struct store *store)
{
    return store->urgent || store->flushing || store->stop ||
           store->waiting_bytes > store->settings.queue_bytes / 4;
}

static void wait_for_company(struct store *store)
{
    struct timespec deadline = store_deadline(store->settings.gather_us);
    store->gathering = true;
    while (!writer_is_hurried(store) &&
           pthread_cond_timedwait(&store->wake, &store->mutex, &deadline) != ETIMEDOUT) {
    }
    store->gathering = false;
}

static void pause_in_trouble(struct store *store, unsigned failures)
{
    unsigned doublings = failures < RETRY_DOUBLINGS ? failures : RETRY_DOUBLINGS;
    struct timespec deadline = store_deadline(store->settings.retry_us << doublings);
    while (!store->stop &&
           pthread_cond_timedwait(&store->wake, &store->mutex, &deadline) != ETIMEDOUT) {
    }
}

/* --- What it does, under the mutex, which it lets go of meanwhile */

static int64_t now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000) + time.tv_nsec / 1000;
}

static bool is_time_to_fold(const struct store *store)
{
    if (!store->unfolded) return false;
    if ((store->flushing || store->stop) && !store->fold_tried) return true;
    return !store->stop && now_us() >= store->writer.fold_at_us;
}

/* What the turn left unfolded is folded later, all at once; and so is what was refused. */
static void plan_folding(struct store *store, const struct turn *turn)
{
    struct writer *writer = &store->writer;
    bool before = store->unfolded;
    store->unfolded = writer->stale ? before : map_size(&writer->tallies) > 0;
    if (turn->fold && !turn->troubled) store->fold_refused = store->fold_tried = turn->fold_refused;
    if (!before || turn->fold_refused) writer->fold_at_us = now_us() + store->settings.fold_us;
}

static bool write_turn(struct store *store)
{
    if (store->waiting.first) wait_for_company(store);
    struct turn turn = {.hand = store->waiting, .fold = is_time_to_fold(store)};
    store->waiting = (struct batch_queue){0};
    store->in_hand = (unsigned)turn.hand.count;
    store->urgent = false;
    pthread_mutex_unlock(&store->mutex);
    turn_write(store, &turn);
    pthread_mutex_lock(&store->mutex);
    bool good = !turn.troubled;
    hand_back(store, &turn);
    plan_folding(store, &turn);
    tell_turn(store, &turn);
    turn_release(&turn);
    if (store->done.first) store_ring(store);
    pthread_cond_broadcast(&store->idle);
    pthread_mutex_unlock(&store->mutex);
    checkpoint(&store->writer);
    pthread_mutex_lock(&store->mutex);
    return good;
}

/* A sweep that meets trouble is over: there will be another. */
static void sweep_turn(struct store *store)
{
    int64_t now_us = store->sweep_us;
    store->sweeping = true;
    pthread_mutex_unlock(&store->mutex);
    bool more = false;
    int code = SQLITE_OK;
    struct writer *writer = &store->writer;
    if (writer->connection.db && begin(writer, false) == SQLITE_OK) {
        code = writer_sweep(writer, &store->settings, now_us, &more);
        if (code == SQLITE_OK) code = connection_execute(&writer->connection, "COMMIT");
        if (code != SQLITE_OK) {
            connection_rollback(&writer->connection);
            more = false;
        }
    }
    checkpoint(writer);
    pthread_mutex_lock(&store->mutex);
    store->sweeping = false;
    store->suspect = store->suspect || (code & 0xff) == SQLITE_CORRUPT;
    if (!more && store->sweep_us == now_us) store->sweep_us = 0;
    pthread_cond_broadcast(&store->idle);
}

/* A reader or a sweep met damage. When the check agrees, the next write opens anew, and moves it
 * aside. */
static void suspect_turn(struct store *store)
{
    store->suspect = false;
    pthread_mutex_unlock(&store->mutex);
    struct turn turn = {0};
    struct writer *writer = &store->writer;
    int code = writer->connection.db ? writer_check(writer) : SQLITE_OK;
    enum store_trouble_kind kind;
    if (code != SQLITE_OK && connection_trouble(&writer->connection, code, &kind) &&
        kind == STORE_CORRUPT)
        turn_failed(writer, &turn, code);
    turn.troubled = false;
    (void)turn_open(store, &turn);
    pthread_mutex_lock(&store->mutex);
    if (turn.aside || turn.troubled) tell_turn(store, &turn);
    turn_release(&turn);
}

/* Nothing is written, and so the file is there to be read. False: it is not. */
static bool held_turn(struct store *store)
{
    struct turn turn = {0};
    pthread_mutex_unlock(&store->mutex);
    bool open = store->writer.connection.db || turn_open(store, &turn);
    pthread_mutex_lock(&store->mutex);
    if (turn.opened || turn.troubled) tell_turn(store, &turn);
    turn_release(&turn);
    return open;
}

static void wait_for_work(struct store *store)
{
    if (!store->unfolded) {
        pthread_cond_wait(&store->wake, &store->mutex);
        return;
    }
    int64_t pause_us = store->writer.fold_at_us - now_us();
    struct timespec deadline = store_deadline(pause_us > 0 ? pause_us : 0);
    (void)pthread_cond_timedwait(&store->wake, &store->mutex, &deadline);
}

void *writer_main(void *context)
{
    struct store *store = context;
    unsigned failures = 0;
    pthread_mutex_lock(&store->mutex);
    for (;;) {
        if (store->suspect) {
            suspect_turn(store);
        } else if (store->held) {
            if (store->stop) break;
            bool open = held_turn(store);
            if (!open) pause_in_trouble(store, failures);
            failures = open ? 0 : failures + 1;
            if (open && store->held && !store->stop && !store->suspect)
                pthread_cond_wait(&store->wake, &store->mutex);
        } else if (store->waiting.first || is_time_to_fold(store)) {
            bool last = store->stop;
            bool good = write_turn(store);
            if (!good && last) break;
            if (!good) pause_in_trouble(store, failures);
            failures = good ? 0 : failures + 1;
        } else if (store->stop) {
            break;
        } else if (store->sweep_us) {
            sweep_turn(store);
        } else {
            wait_for_work(store);
        }
    }
    pthread_mutex_unlock(&store->mutex);
    writer_close(&store->writer);
    return NULL;
}
