/* SPDX-License-Identifier: Apache-2.0 */
/* See errand.h. An errand is owned by both sides, the loop's and the thread's; the last frees it.
 */
#include "loop/errand.h"

#include "loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct errand {
    atomic_int owners;
    int descriptor; /* an eventfd: the thread is done */
    errand_work *work;
    void *load;
    void (*load_free)(void *load);
    struct watch *watch; /* the loop's alone, as what follows */
    struct deferred not_begun;
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

static void *run(void *context)
{
    struct errand *errand = context;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL); /* a peer that went is an errno, and no SIGPIPE */
    errand->work(errand->load);
    uint64_t one = 1;
    while (write(errand->descriptor, &one, sizeof one) < 0 && errno == EINTR) continue;
    let_go(errand);
    return NULL;
}

static void on_told(void *context, int descriptor, int what)
{
    struct errand *errand = context;
    (void)descriptor;
    (void)what;
    watch_free(take(errand->watch));
    pthread_join(errand->thread, NULL); /* it has nothing left to do */
    errand->done(errand->context, errand->load, true);
    let_go(errand);
}

static void on_not_begun(void *context)
{
    struct errand *errand = context;
    errand->done(errand->context, errand->load, false);
    let_go(errand);
}

static bool begin(struct errand *errand, struct loop *loop)
{
    errand->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (errand->descriptor < 0) return false;
    errand->has_thread = !pthread_create(&errand->thread, NULL, run, errand);
    if (!errand->has_thread) return false;
    errand->watch = watch_new(loop, errand->descriptor, on_told, errand);
    watch_set(errand->watch, WATCH_READ);
    return true;
}

struct errand *errand_start(struct loop *loop, errand_work *work, void *load,
                            void (*load_free)(void *load), errand_done *done, void *context)
{
    struct errand *errand = NEW(struct errand);
    atomic_init(&errand->owners, 2);
    errand->work = work;
    errand->load = load;
    errand->load_free = load_free;
    errand->done = done;
    errand->context = context;
    deferred_init(&errand->not_begun, loop, on_not_begun, errand);
    if (begin(errand, loop)) return errand;
    let_go(errand); /* for the thread that is not */
    deferred_queue(&errand->not_begun);
    return errand;
}

void errand_cancel(struct errand *errand)
{
    if (!errand) return;
    watch_free(take(errand->watch));
    deferred_cancel(&errand->not_begun);
    if (errand->has_thread) pthread_detach(errand->thread);
    let_go(errand);
}
