/* SPDX-License-Identifier: Apache-2.0 */
/* Work that may wait for a disk, a name or a peer, each in a thread of its own, so that the loop
 * never does. Rare by nature: events are. The errand is owned by both sides; the last frees it. See
 * internal.h. */
#include "sink/internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define GRACE_US US_PER_SECOND /* an errand that ends by itself knows better why */

struct errand {
    atomic_int owners;
    int descriptor; /* an eventfd: the thread is done; -1: there was none to be had */
    errand_work *work;
    void *load;
    void (*load_free)(void *load);
    struct errand_report report; /* the thread's until it has written to the descriptor */
    struct watch *watch;         /* the loop's alone, as what follows */
    struct deferred refused;     /* nobody could be sent */
    pthread_t thread;
    bool has_thread;
    errand_done *done;
    void *context;
};

static void let_go(struct errand *errand)
{
    if (atomic_fetch_sub(&errand->owners, 1) != 1) return;
    errand->load_free(errand->load);
    if (errand->descriptor >= 0) close(errand->descriptor);
    free(errand);
}

static void tell(struct errand *errand)
{
    uint64_t one = 1;
    while (write(errand->descriptor, &one, sizeof one) < 0 && errno == EINTR) continue;
    let_go(errand);
}

static void *run(void *context)
{
    struct errand *errand = context;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL); /* a peer that went is an errno, and no SIGPIPE */
    errand->work(errand->load, &errand->report);
    tell(errand);
    return NULL;
}

static void on_told(void *context, int descriptor, int what)
{
    struct errand *errand = context;
    (void)descriptor;
    (void)what;
    watch_free(take(errand->watch));
    if (errand->has_thread) pthread_join(errand->thread, NULL); /* it has nothing left to do */
    errand->done(errand->context, &errand->report);
    let_go(errand);
}

/* Without a descriptor or a thread it is for another time. */
static void on_refused(void *context)
{
    struct errand *errand = context;
    watch_free(take(errand->watch));
    errand->done(errand->context, &errand->report);
    let_go(errand);
}

static void refuse(struct errand *errand, const char *why)
{
    snprintf(errand->report.why, sizeof errand->report.why, "%s", why);
    let_go(errand); /* the thread's part */
    deferred_queue(&errand->refused);
}

struct errand *errand_start(struct loop *loop, errand_work *work, void *load,
                            void (*load_free)(void *load), errand_done *done, void *context)
{
    struct errand *errand = NEW(struct errand);
    atomic_init(&errand->owners, 2);
    errand->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    errand->work = work;
    errand->load = load;
    errand->load_free = load_free;
    errand->done = done;
    errand->context = context;
    errand->report.outcome = SINK_AGAIN;
    deferred_init(&errand->refused, loop, on_refused, errand);
    if (errand->descriptor < 0) {
        refuse(errand, "there is no descriptor for it");
        return errand;
    }
    errand->watch = watch_new(loop, errand->descriptor, on_told, errand);
    watch_set(errand->watch, WATCH_READ);
    errand->has_thread = !pthread_create(&errand->thread, NULL, run, errand);
    if (!errand->has_thread) refuse(errand, "there is no thread for it");
    return errand;
}

void errand_cancel(struct errand *errand)
{
    if (!errand) return;
    watch_free(take(errand->watch));
    deferred_cancel(&errand->refused);
    if (errand->has_thread) pthread_detach(errand->thread);
    let_go(errand);
}

static void on_done(void *context, const struct errand_report *report)
{
    struct sending *sending = context;
    sending->errand = NULL;
    timer_cancel(&sending->limit);
    sending_end(sending, report->outcome, 0, "%s", report->why);
}

/* The errand goes on where it hangs; nobody waits for it. */
static void on_limit(void *context)
{
    struct sending *sending = context;
    errand_cancel(take(sending->errand));
    sending_end(sending, SINK_AGAIN, 0, "it took too long");
}

void sending_by_errand(struct sending *sending, errand_work *work, void *load,
                       void (*load_free)(void *load))
{
    struct loop *loop = sending->sender->loop;
    sending->errand = errand_start(loop, work, load, load_free, on_done, sending);
    timer_init(&sending->limit, loop, on_limit, sending);
    timer_set(&sending->limit, loop_now_us(loop) + sending->sink->timeout_us + GRACE_US);
}
