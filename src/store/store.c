/* SPDX-License-Identifier: Apache-2.0 */
/* See store.h: opening and closing, the queue, being told. The thread itself is writer.c. */
#include "store/store.h"

#include "base/file.h"
#include "store/internal.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define TROUBLES_MAX 64 /* that nobody asks for; the oldest are forgotten */

struct store_settings store_settings_default(void)
{
    return (struct store_settings){
        .keep_runs_us = 14 * STORE_DAY_US,
        .keep_figures_us = 395 * STORE_DAY_US,
        .gather_us = 500 * 1000,
        .fold_us = 25 * 1000 * 1000,
        .busy_us = 2 * 1000 * 1000,
        .retry_us = 100 * 1000,
        .queue_bytes = (size_t)64 << 20,
        .check_bytes = (size_t)64 << 20,
    };
}

/* --- Queues */

void batch_queue_push(struct batch_queue *queue, struct store_batch *batch)
{
    batch->next = NULL;
    if (queue->last)
        queue->last->next = batch;
    else
        queue->first = batch;
    queue->last = batch;
    queue->count++;
}

struct store_batch *batch_queue_pop(struct batch_queue *queue)
{
    struct store_batch *batch = queue->first;
    queue->first = batch->next;
    if (!queue->first) queue->last = NULL;
    queue->count--;
    batch->next = NULL;
    return batch;
}

static void batch_queue_release(struct batch_queue *queue)
{
    while (queue->first) batch_free(batch_queue_pop(queue));
}

/* --- Life */

static struct store *store_new(const char *path, const struct store_settings *settings)
{
    struct store *store = NEW(struct store);
    store->path = xstrdup(path);
    store->settings = settings ? *settings : store_settings_default();
    store->patience_us = store->settings.busy_us / 20;
    store->lock = store->event = -1;
    pthread_mutex_init(&store->mutex, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&store->wake, &monotonic);
    pthread_cond_init(&store->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return store;
}

/* One daemon for one store. The lock goes with the process, however it ends. */
bool store_take_lock(struct store *store, struct error *error)
{
    if (store->lock >= 0) close(store->lock);
    AUTO_FREE char *path = xasprintf("%s.lock", store->path);
    store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (store->lock < 0) return error_set(error, "cannot open %s: %s", path, strerror(errno));
    if (flock(store->lock, LOCK_EX | LOCK_NB) == 0) return true;
    return error_set(error, "the store %s is in use by another shopper", store->path);
}

/* The first opening, before there is a thread: what cannot be cured by waiting is refused. */
static bool open_first(struct store *store, struct error *error)
{
    char *aside = NULL;
    AUTO_ERROR message = ERROR_NONE;
    int code = writer_open(store, &aside, &message);
    if (aside) {
        AUTO_FREE char *what =
            xasprintf("the store was damaged and is now %s; a new one was begun with "
                      "the incidents, deliveries and debts that could be read",
                      aside);
        store_trouble_begin(store, STORE_CORRUPT, what);
        free(aside);
    }
    if (code == SQLITE_OK) return true;
    int plain = code < 0 ? code : code & 0xff;
    static const int hopeless[] = {STORE_FOREIGN, STORE_LATER_VERSION, SQLITE_CANTOPEN,
                                   SQLITE_PERM,   SQLITE_READONLY,     SQLITE_AUTH};
    for (size_t i = 0; i < COUNT_OF(hopeless); i++)
        if (plain == hopeless[i]) return error_set(error, "%s", error_text(&message));
    enum store_trouble_kind kind;
    if (!connection_trouble(&store->writer.connection, code, &kind)) kind = STORE_FAILING;
    store_trouble_begin(store, kind, error_text(&message));
    AUTO_ERROR unreadable = ERROR_NONE;
    if (kind != STORE_LOCKED && !store_reader_ready(store, &unreadable)) store_read_spare(store);
    return true;
}

static bool start(struct store *store, struct error *error)
{
    AUTO_FREE char *directory = path_directory(store->path);
    if (!file_make_directory(directory, error) || !store_take_lock(store, error)) return false;
    store->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (store->event < 0) return error_set(error, "cannot make an eventfd: %s", strerror(errno));
    if (!open_first(store, error)) return false;
    int failed = pthread_create(&store->thread, NULL, writer_main, store);
    if (failed) return error_set(error, "cannot start the store's thread: %s", strerror(failed));
    store->has_thread = true;
    return true;
}

struct store *store_open(const char *path, const struct store_settings *settings,
                         struct error *error)
{
    struct store *store = store_new(path, settings);
    if (start(store, error)) return store;
    store_close(store);
    return NULL;
}

struct store *store_open_reader(const char *path, struct error *error)
{
    return store_open_patient_reader(path, 0, error);
}

struct store *store_open_patient_reader(const char *path, int64_t busy_us, struct error *error)
{
    struct store *store = store_new(path, NULL);
    store->reads_only = true;
    if (busy_us) store->patience_us = busy_us;
    AUTO_ERROR unexplained = ERROR_NONE;
    if (store_reader_ready(store, &unexplained)) return store;
    if (!store_explain_closed(path, error)) error_set(error, "%s", error_text(&unexplained));
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store) return;
    connection_close(&store->reader); /* so that the writer is the last, and clears the log away */
    if (store->has_thread) {
        pthread_mutex_lock(&store->mutex);
        store->stop = true;
        store->fold_tried = false;
        pthread_cond_broadcast(&store->wake);
        pthread_mutex_unlock(&store->mutex);
        pthread_join(store->thread, NULL);
    }
    writer_close(&store->writer);
    batch_queue_release(&store->waiting);
    batch_queue_release(&store->done);
    vec_each(trouble, &store->troubles) store_trouble_release(trouble);
    vec_release(&store->troubles);
    if (store->event >= 0) close(store->event);
    if (store->lock >= 0) close(store->lock);
    pthread_cond_destroy(&store->wake);
    pthread_cond_destroy(&store->idle);
    pthread_mutex_destroy(&store->mutex);
    free(store->path);
    free(store);
}

/* --- The caller's reading connection */

static bool check_version(struct store *store, struct error *error)
{
    int64_t application = 0, version = 0;
    int code = connection_number(&store->reader, "PRAGMA application_id", 0, &application);
    if (code == SQLITE_OK)
        code = connection_number(&store->reader, "PRAGMA user_version", 0, &version);
    if (code != SQLITE_OK) {
        connection_error(&store->reader, error);
        return error_wrap(error, "cannot read the store %s", store->path);
    }
    if (application != SCHEMA_APPLICATION_ID)
        return error_set(error, "%s is no store of this program", store->path);
    if (version == SCHEMA_VERSION) return true;
    return error_set(error, "the store %s is of version %lld, and this program reads version %d",
                     store->path, (long long)version, SCHEMA_VERSION);
}

bool store_reader_ready(struct store *store, struct error *error)
{
    pthread_mutex_lock(&store->mutex);
    unsigned era = store->file_era;
    pthread_mutex_unlock(&store->mutex);
    if (store->reader.db && store->reader_era == era) return true;
    connection_close(&store->reader);
    store->reader_era = era;
    int code = connection_open(&store->reader, store->path, SQLITE_OPEN_READONLY,
                               store->patience_us, error);
    if (code != SQLITE_OK) return false;
    if (check_version(store, error)) return true;
    connection_close(&store->reader);
    return false;
}

void store_suspect(struct store *store)
{
    if (!store->has_thread) return;
    pthread_mutex_lock(&store->mutex);
    store->suspect = true;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->mutex);
}

/* --- Handing over */

/* Under the mutex. What is not durable may take half of the queue, so that incidents find room. */
static bool has_room(const struct store *store, const struct store_batch *batch)
{
    size_t room = store->settings.queue_bytes / (batch->durable ? 1 : 2);
    return store->waiting_bytes + batch->bytes <= room;
}

static void lose(struct store *store, struct store_batch *batch)
{
    batch->lost = true;
    batch->bytes = 0;
    buf_release(&batch->operations);
    store->lost++;
    store_trouble_begin(store, STORE_BEHIND, "the store cannot keep up: what was met is forgotten");
}

void store_commit(struct store_batch *batch, void (*done)(void *context, bool written),
                  void *context)
{
    struct store *store = batch->store;
    ASSERT(!store->reads_only);
    batch->done = done;
    batch->context = context;
    batch->bytes = batch->operations.length + sizeof(*batch);
    pthread_mutex_lock(&store->mutex);
    if (batch->operations.overflowed || !has_room(store, batch)) lose(store, batch);
    bool nobody_asks = batch->lost && !done;
    if (nobody_asks) {
        batch_free(batch);
    } else {
        store->waiting_bytes += batch->bytes;
        store->urgent = store->urgent || batch->durable || batch->prompt;
        batch_queue_push(&store->waiting, batch);
        if (!store->gathering || writer_is_hurried(store)) pthread_cond_signal(&store->wake);
    }
    pthread_mutex_unlock(&store->mutex);
}

void store_hold(struct store *store, bool held)
{
    pthread_mutex_lock(&store->mutex);
    store->held = held;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->mutex);
}

void store_sweep(struct store *store, int64_t now_us)
{
    pthread_mutex_lock(&store->mutex);
    store->sweep_us = now_us;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->mutex);
}

struct timespec store_deadline(int64_t pause_us)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    int64_t ns = time.tv_nsec + pause_us % 1000000 * 1000;
    time.tv_sec += (time_t)(pause_us / 1000000 + ns / 1000000000);
    time.tv_nsec = (long)(ns % 1000000000);
    return time;
}

bool store_flush(struct store *store, int64_t timeout_us)
{
    struct timespec deadline = store_deadline(timeout_us);
    pthread_mutex_lock(&store->mutex);
    store->flushing++;
    store->fold_tried = false;
    pthread_cond_broadcast(&store->wake);
    int waited = 0;
    bool busy = true;
    while (busy && waited != ETIMEDOUT) {
        busy = store->waiting.first || store->in_hand || store->sweep_us || store->sweeping ||
               (store->unfolded && !store->fold_tried);
        if (busy) waited = pthread_cond_timedwait(&store->idle, &store->mutex, &deadline);
    }
    store->flushing--;
    pthread_mutex_unlock(&store->mutex);
    return !busy;
}

size_t store_waiting(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    size_t count = store->waiting.count + store->in_hand;
    pthread_mutex_unlock(&store->mutex);
    return count;
}

/* --- Being told */

int store_descriptor(const struct store *store)
{
    return store->event;
}

void store_ring(const struct store *store)
{
    uint64_t one = 1;
    if (store->event >= 0) (void)!write(store->event, &one, sizeof(one));
}

void store_poll(struct store *store)
{
    uint64_t rung;
    if (store->event >= 0) (void)!read(store->event, &rung, sizeof(rung));
    pthread_mutex_lock(&store->mutex);
    struct batch_queue done = store->done;
    store->done = (struct batch_queue){0};
    pthread_mutex_unlock(&store->mutex);
    while (done.first) {
        struct store_batch *batch = batch_queue_pop(&done);
        batch->done(batch->context, !batch->lost);
        batch_free(batch);
    }
}

static void trouble_tell(struct store *store, enum store_trouble_kind kind, bool over,
                         char *message)
{
    if (store->troubles.count >= TROUBLES_MAX) {
        store_trouble_release(&store->troubles.items[0]);
        memmove(store->troubles.items, store->troubles.items + 1,
                --store->troubles.count * sizeof(*store->troubles.items));
    }
    vec_push(&store->troubles, ((struct store_trouble){kind, over, message}));
    store_ring(store);
}

void store_trouble_begin(struct store *store, enum store_trouble_kind kind, const char *message)
{
    if (store->troubled[kind]) return;
    store->troubled[kind] = true;
    trouble_tell(store, kind, false, xstrdup(message));
}

void store_trouble_end(struct store *store, enum store_trouble_kind kind)
{
    if (!store->troubled[kind]) return;
    store->troubled[kind] = false;
    char *message = kind == STORE_BEHIND
                        ? xasprintf("the store keeps up again; %llu batches were lost",
                                    (unsigned long long)store->lost)
                        : xstrdup("the store is written again");
    if (kind == STORE_BEHIND) store->lost = 0;
    trouble_tell(store, kind, true, message);
}

bool store_take_trouble(struct store *store, struct store_trouble *ret_trouble)
{
    pthread_mutex_lock(&store->mutex);
    bool any = store->troubles.count > 0;
    if (any) {
        *ret_trouble = store->troubles.items[0];
        memmove(store->troubles.items, store->troubles.items + 1,
                --store->troubles.count * sizeof(*store->troubles.items));
    }
    pthread_mutex_unlock(&store->mutex);
    return any;
}

void store_trouble_release(struct store_trouble *trouble)
{
    free(trouble->message);
    trouble->message = NULL;
}

const char *store_trouble_name(enum store_trouble_kind kind)
{
    static const char *const names[] = {
        [STORE_LOCKED] = "locked",   [STORE_FULL] = "full",           [STORE_FAILING] = "failing",
        [STORE_CORRUPT] = "corrupt", [STORE_DISPLACED] = "displaced", [STORE_BEHIND] = "behind"};
    return names[kind];
}
