/* SPDX-License-Identifier: Apache-2.0 */
/* Work in a thread: told on a later turn, left to itself when cancelled, and told when it cannot
 * begin. */
#include "loop/errand.h"

#include "loop/loop.h"

#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct load {
    sem_t may_work, freed;
    bool worked, signals_blocked;
};

struct fixture {
    struct loop *loop;
    struct load load;
    unsigned done_calls;
    bool begun, worked;
};

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    f->loop = loop_new(NULL, NULL);
    sem_init(&f->load.may_work, 0, 0);
    sem_init(&f->load.freed, 0, 0);
    *state = f;
    return f->loop ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    bool empty = loop_is_empty(f->loop);
    loop_free(f->loop);
    sem_destroy(&f->load.may_work);
    sem_destroy(&f->load.freed);
    free(f);
    return empty ? 0 : -1;
}

static void work(void *object)
{
    struct load *load = object;
    sigset_t blocked;
    while (sem_wait(&load->may_work)) continue;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    load->signals_blocked = sigismember(&blocked, SIGPIPE) == 1;
    load->worked = true;
}

static void load_free(void *object)
{
    struct load *load = object;
    sem_post(&load->freed);
}

static void on_done(void *context, void *object, bool begun)
{
    struct fixture *f = context;
    const struct load *load = object;
    f->done_calls++;
    f->begun = begun;
    f->worked = load->worked;
}

static struct errand *start(struct fixture *f)
{
    return errand_start(f->loop, work, &f->load, load_free, on_done, f);
}

static void errand_is_done_on_a_later_turn(void **state)
{
    struct fixture *f = *state;
    sem_post(&f->load.may_work);
    struct errand *errand = start(f);
    assert_non_null(errand);
    assert_int_equal(f->done_calls, 0);
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 1);
    assert_true(f->begun && f->worked && f->load.signals_blocked);
    assert_int_equal(sem_trywait(&f->load.freed), 0);
}

static void cancelled_errand_ends_by_itself(void **state)
{
    struct fixture *f = *state;
    errand_cancel(start(f));
    assert_true(loop_is_empty(f->loop));
    assert_int_not_equal(sem_trywait(&f->load.freed), 0); /* the thread still has it */
    sem_post(&f->load.may_work);
    while (sem_wait(&f->load.freed)) continue;
    assert_int_equal(f->done_calls, 0);
}

/* With no descriptor left. */
static struct errand *start_without_descriptors(struct fixture *f)
{
    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct errand *errand = start(f);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    return errand;
}

static void errand_that_cannot_begin_says_so_on_a_later_turn(void **state)
{
    struct fixture *f = *state;
    assert_non_null(start_without_descriptors(f));
    assert_int_equal(f->done_calls, 0);
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 1);
    assert_false(f->begun || f->worked);
    assert_int_equal(sem_trywait(&f->load.freed), 0);
}

static void errand_that_cannot_begin_can_be_cancelled(void **state)
{
    struct fixture *f = *state;
    errand_cancel(start_without_descriptors(f));
    assert_int_equal(sem_trywait(&f->load.freed), 0);
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(errand_is_done_on_a_later_turn),
        TEST(cancelled_errand_ends_by_itself),
        TEST(errand_that_cannot_begin_says_so_on_a_later_turn),
        TEST(errand_that_cannot_begin_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
