/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store itself, and the doors between the files of this floor. What stands under `mutex` is
 * shared by the caller's thread and the writer's; `writer` is the writer's, `reader` the caller's.
 */
#ifndef SHOPPER_STORE_INTERNAL_H
#define SHOPPER_STORE_INTERNAL_H

#include "base/vec.h"
#include "store/batch.h"
#include "store/connection.h"

#include <pthread.h>
#include <sys/types.h>

#define STORE_LATER_VERSION (-1) /* beside SQLite's codes: it is of a later version */
#define STORE_FOREIGN (-2)       /* another program's file */

/* Which file has a name: a name may come to mean another one. */
struct file_mark {
    dev_t device;
    ino_t number; /* 0: none */
};
enum { FILE_STORE, FILE_LOG, FILE_INDEX, FILE_LOCK, FILE_COUNT };

/* What the writer's thread alone touches. */
struct writer {
    struct connection connection;
    struct map names;   /* name -> id in `names` */
    struct map series;  /* level, journey, stage, step, persona -> id in `series` */
    struct map tallies; /* of a shopper's runs in an hour: what `unfolded` holds */
    int64_t fold_at_us; /* when they go to the figures, by the monotonic clock */
    bool stale;         /* `unfolded` is to be read anew */
    bool syncs;         /* synchronous=FULL is set */
    bool damaged;       /* the file is to be moved aside before it is opened again */
    struct file_mark marks[FILE_COUNT]; /* of what is open */
    int log_pages, checkpointed_at;     /* of the WAL */
};

struct batch_queue {
    struct store_batch *first, *last;
    size_t count;
};

struct store {
    char *path;
    struct store_settings settings;
    bool reads_only;
    int lock, event; /* descriptors; -1 */

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake; /* for the writer: there is something to do */
    pthread_cond_t idle; /* for store_flush: there is less to do */
    struct batch_queue waiting, done;
    size_t waiting_bytes;
    unsigned in_hand; /* batches that the writer has taken */
    bool urgent, stop, suspect, held;
    bool gathering;    /* the writer waits for company, and need not be woken for each that comes */
    bool unfolded;     /* the writer holds figures that are not written */
    bool fold_refused; /* SQLite would not have them; that was told */
    bool fold_tried;   /* and so those who hurry now need not wait for them */
    unsigned flushing;
    int64_t sweep_us; /* the `now` of a sweep that is asked for; 0 */
    bool sweeping;
    bool troubled[STORE_BEHIND + 1];
    uint64_t lost; /* batches, since STORE_BEHIND began */
    struct {
        struct store_trouble *items;
        size_t count, capacity;
    } troubles;        /* a VEC: not told yet */
    unsigned file_era; /* rises when the file was moved aside */

    struct writer writer;
    struct connection reader;
    int64_t patience_us; /* of the reader, with locks */
    unsigned reader_era;
};

/* --- store.c */
bool store_take_lock(struct store *store, struct error *error) MUST_CHECK;
bool store_reader_ready(struct store *store, struct error *error) MUST_CHECK;
void store_suspect(struct store *store); /* a reader met damage: the writer looks into it */
struct timespec store_deadline(int64_t pause_us); /* from now, for `wake` and `idle` */
void store_ring(const struct store *store);
/* Under the mutex. Nothing is told twice. */
void store_trouble_begin(struct store *store, enum store_trouble_kind kind, const char *message);
void store_trouble_end(struct store *store, enum store_trouble_kind kind);
void batch_queue_push(struct batch_queue *queue, struct store_batch *batch);
struct store_batch *batch_queue_pop(struct batch_queue *queue);

/* --- place.c */
/* Why this process may not read a store that is there. False: it is not a matter of permissions. */
bool store_explain_closed(const char *path, struct error *error) MUST_CHECK;

/* --- opening.c */
/* Opens, checks and migrates the file for writing; a damaged one is moved aside, and `ret_aside`
 * says where to. */
int writer_open(struct store *store, char **ret_aside, struct error *error) MUST_CHECK;
void writer_close(struct writer *writer);
int writer_check(struct writer *writer) MUST_CHECK; /* all of the file */

/* Empty and private where it is not there. SQLite's code. */
int store_make_private(const char *path, struct error *error) MUST_CHECK;

/* --- displaced.c */
void writer_mark_files(struct store *store); /* it was opened */
bool writer_is_displaced(const struct store *store);
/* Brings it back, with all that it held, or opens what is there in its place; `ret_what` says what
 * was done. */
int writer_come_back(struct store *store, char **ret_aside, char **ret_what,
                     struct error *error) MUST_CHECK;

/* --- salvage.c */
/* The reader reads a copy in memory of what is open, owed and to be told, until the writer has
 * opened the file: where there is no room, SQLite cannot even read. */
void store_read_spare(struct store *store);
/* What can be read of the damaged file goes into the new one. SQLite's code for the new one. */
int writer_salvage(struct writer *writer, const char *aside) MUST_CHECK;

/* --- writer.c */
bool writer_is_hurried(const struct store *store); /* under the mutex */
void *writer_main(void *store);

/* --- figures.c: part of writing a run; SQLite's codes */
int writer_apply_run(struct writer *writer, struct view *rest) MUST_CHECK;
int writer_apply_missed(struct writer *writer, struct view *rest) MUST_CHECK;
/* What a process that died has not folded. */
int writer_read_unfolded(struct writer *writer) MUST_CHECK; /* when the transaction begins */
int writer_fold(struct writer *writer) MUST_CHECK;          /* before it ends, when it is time */
void writer_forget(struct writer *writer);                  /* it was rolled back */

/* --- sweep.c */
/* One piece. *ret_more false: there is nothing left to delete. */
int writer_sweep(struct writer *writer, const struct store_settings *settings, int64_t now_us,
                 bool *ret_more) MUST_CHECK;

#endif
