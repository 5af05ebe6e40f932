/* SPDX-License-Identifier: Apache-2.0 */
/* The loop on fake and real time, and on a base that belongs to somebody else. */
#include "loop/loop.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/random.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    struct clock_fake clock;
    struct loop *loop;
    struct buf seen;
};

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    clock_fake_init(&f->clock, 0);
    f->loop = loop_new(&f->clock, NULL);
    f->seen = BUF_INIT(1000);
    *state = f;
    return f->loop ? 0 : -1;
}

static int setup_real(void **state)
{
    struct fixture *f = NEW(struct fixture);
    f->loop = loop_new(NULL, NULL);
    f->seen = BUF_INIT(1000);
    *state = f;
    return f->loop ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    bool empty = loop_is_empty(f->loop);
    loop_free(f->loop);
    buf_release(&f->seen);
    free(f);
    return empty ? 0 : -1;
}

/* A caller that writes its letter down. */
struct mark {
    struct fixture *fixture;
    char letter;
    struct timer timer;
    struct deferred deferred;
    struct mark *victim;
    int again;
    int64_t fired_us;
};

static void mark_called(void *context)
{
    struct mark *mark = context;
    buf_add_char(&mark->fixture->seen, mark->letter);
    mark->fired_us = loop_now_us(mark->fixture->loop);
    if (mark->victim) {
        timer_cancel(&mark->victim->timer);
        deferred_cancel(&mark->victim->deferred);
    }
    if (mark->again-- > 0) deferred_queue(&mark->deferred);
}

static void mark_init(struct mark *mark, struct fixture *f, char letter)
{
    *mark = (struct mark){.fixture = f, .letter = letter};
    timer_init(&mark->timer, f->loop, mark_called, mark);
    deferred_init(&mark->deferred, f->loop, mark_called, mark);
}

static void timers_on_a_fake_clock_fire_in_order_without_waiting(void **state)
{
    struct fixture *f = *state;
    struct mark marks[3];
    int64_t start_us = loop_now_us(f->loop);
    const int64_t hours[] = {3, 1, 2};
    for (size_t i = 0; i < 3; i++) {
        mark_init(&marks[i], f, (char)('a' + i));
        timer_set(&marks[i].timer, start_us + hours[i] * 3600 * US_PER_SECOND);
    }
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), "bca");
    assert_int_equal(marks[0].fired_us, start_us + 3 * 3600 * US_PER_SECOND);
    assert_false(timer_is_set(&marks[0].timer));
}

static void timer_moved_fires_once_at_its_last_deadline(void **state)
{
    struct fixture *f = *state;
    struct mark a, b;
    mark_init(&a, f, 'a');
    mark_init(&b, f, 'b');
    int64_t start_us = loop_now_us(f->loop);
    timer_set(&a.timer, start_us + 10);
    timer_set(&b.timer, start_us + 20);
    timer_set(&a.timer, start_us + 30);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), "ba");
}

static void timer_cancelled_by_another_never_fires(void **state)
{
    struct fixture *f = *state;
    struct mark a, b;
    mark_init(&a, f, 'a');
    mark_init(&b, f, 'b');
    a.victim = &b;
    int64_t now_us = loop_now_us(f->loop);
    timer_set(&a.timer, now_us + 10);
    timer_set(&b.timer, now_us + 10);
    timer_set(&a.timer, now_us + 9);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), "a");
    timer_cancel(&b.timer); /* twice does no harm */
}

enum { MANY = 500 };

static int64_t many_last_us;
static bool many_in_order;

static void many_fired(void *context)
{
    const struct timer *timer = context;
    if (timer->deadline_us < many_last_us) many_in_order = false;
    many_last_us = timer->deadline_us;
}

static void many_timers_set_moved_and_cancelled_at_random_keep_their_order(void **state)
{
    struct fixture *f = *state;
    struct random random;
    random_init(&random, 1);
    struct timer *timers = xcalloc(MANY, sizeof *timers);
    for (size_t i = 0; i < MANY; i++) timer_init(&timers[i], f->loop, many_fired, &timers[i]);
    for (size_t i = 0; i < (size_t)MANY * 10; i++) {
        struct timer *timer = &timers[random_below(&random, MANY)];
        if (random_below(&random, 4) == 0)
            timer_cancel(timer);
        else
            timer_set(timer, loop_now_us(f->loop) + (int64_t)random_below(&random, 1000));
    }
    many_last_us = 0;
    many_in_order = true;
    loop_run(f->loop);
    assert_true(many_in_order);
    assert_true(many_last_us > 0);
    free(timers);
}

static void deferred_calls_run_in_order_and_once(void **state)
{
    struct fixture *f = *state;
    struct mark a, b;
    mark_init(&a, f, 'a');
    mark_init(&b, f, 'b');
    deferred_queue(&b.deferred);
    deferred_queue(&a.deferred);
    deferred_queue(&b.deferred);
    assert_int_equal(f->seen.length, 0);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), "ba");
}

static void deferred_call_that_defers_itself_lets_others_run(void **state)
{
    struct fixture *f = *state;
    struct mark a, b;
    mark_init(&a, f, 'a');
    mark_init(&b, f, 'b');
    a.again = 2;
    deferred_queue(&a.deferred);
    deferred_queue(&b.deferred);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), "abaa");
}

/* Takes a millisecond. */
static void slow_called(void *context)
{
    struct mark *mark = context;
    mark_called(mark);
    clock_fake_advance(&mark->fixture->clock, US_PER_MS);
}

static void many_deferred_calls_let_timers_run_in_between(void **state)
{
    struct fixture *f = *state;
    struct mark slow[200], timer;
    for (size_t i = 0; i < COUNT_OF(slow); i++) {
        mark_init(&slow[i], f, '.');
        deferred_init(&slow[i].deferred, f->loop, slow_called, &slow[i]);
        deferred_queue(&slow[i].deferred);
    }
    mark_init(&timer, f, '!');
    timer_set(&timer.timer, loop_now_us(f->loop) + 5 * US_PER_MS);
    loop_run(f->loop);
    const char *fired = strchr(buf_text(&f->seen), '!');
    assert_non_null(fired);
    assert_true(fired - buf_text(&f->seen) < 100);
    assert_int_equal(f->seen.length, COUNT_OF(slow) + 1);
}

static void deferred_call_cancelled_by_another_never_runs(void **state)
{
    struct fixture *f = *state;
    struct mark a, b, c;
    mark_init(&a, f, 'a');
    mark_init(&b, f, 'b');
    mark_init(&c, f, 'c');
    a.victim = &b;
    deferred_queue(&a.deferred);
    deferred_queue(&b.deferred);
    deferred_queue(&c.deferred);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), "ac");
}

struct pipe_reader {
    struct fixture *fixture;
    struct watch *watch;
    int ends[2];
};

static void pipe_ready(void *context, int descriptor, int what)
{
    struct pipe_reader *reader = context;
    char byte = '?';
    if (what == WATCH_READ && read(descriptor, &byte, 1) == 1)
        buf_add_char(&reader->fixture->seen, byte);
    if (byte != '.') return;
    watch_free(reader->watch);
    reader->watch = NULL;
}

static void reader_open(struct pipe_reader *reader, struct fixture *f)
{
    reader->fixture = f;
    assert_int_equal(pipe(reader->ends), 0);
    reader->watch = watch_new(f->loop, reader->ends[0], pipe_ready, reader);
    watch_set(reader->watch, WATCH_READ);
}

static void reader_close(struct pipe_reader *reader)
{
    watch_free(reader->watch);
    close(reader->ends[0]);
    close(reader->ends[1]);
}

static void ready_descriptor_goes_before_a_jump_of_the_fake_clock(void **state)
{
    struct fixture *f = *state;
    struct pipe_reader reader;
    struct mark late;
    reader_open(&reader, f);
    mark_init(&late, f, 'L');
    timer_set(&late.timer, loop_now_us(f->loop) + US_PER_SECOND);
    assert_int_equal(write(reader.ends[1], "xy.", 3), 3);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), "xy.L");
    reader_close(&reader);
}

static void paused_watch_does_not_keep_the_loop_alive(void **state)
{
    struct fixture *f = *state;
    struct pipe_reader reader;
    reader_open(&reader, f);
    assert_int_equal(write(reader.ends[1], "x", 1), 1);
    assert_false(loop_is_empty(f->loop));
    watch_set(reader.watch, 0);
    assert_true(loop_is_empty(f->loop));
    loop_run(f->loop);
    assert_int_equal(f->seen.length, 0);
    reader_close(&reader);
}

static void signal_seen(void *context, int number)
{
    struct fixture *f = context;
    buf_add_char(&f->seen, number == SIGUSR1 ? 'S' : '?');
    loop_stop(f->loop);
}

static void raise_signal(void *context)
{
    (void)context;
    raise(SIGUSR1);
}

static void signal_arrives_as_a_turn_and_stop_ends_the_run(void **state)
{
    struct fixture *f = *state;
    struct signal_watch *watch = signal_watch_new(f->loop, SIGUSR1, signal_seen, f);
    struct timer trigger, guard;
    assert_true(loop_is_empty(f->loop));
    timer_init(&trigger, f->loop, raise_signal, NULL);
    timer_init(&guard, f->loop, raise_signal, NULL);
    timer_set(&trigger, loop_now_us(f->loop));
    timer_set(&guard, loop_now_us(f->loop) + 60 * US_PER_SECOND);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), "S");
    assert_true(timer_is_set(&guard));
    timer_cancel(&guard);
    signal_watch_free(watch);
}

static void advance_clock(void *context)
{
    clock_fake_advance(context, 250 * US_PER_MS);
}

static void stall_is_the_longest_turn_and_is_told_once(void **state)
{
    struct fixture *f = *state;
    struct timer slow;
    timer_init(&slow, f->loop, advance_clock, &f->clock);
    timer_set(&slow, loop_now_us(f->loop) + US_PER_SECOND);
    loop_run(f->loop);
    assert_int_equal(loop_take_stall_us(f->loop), 250 * US_PER_MS);
    assert_int_equal(loop_take_stall_us(f->loop), 0);
}

static void real_time_timers_and_descriptors_run(void **state)
{
    struct fixture *f = *state;
    struct mark a, b;
    struct pipe_reader reader;
    mark_init(&a, f, 'a');
    mark_init(&b, f, 'b');
    int64_t start_us = loop_now_us(f->loop);
    timer_set(&a.timer, start_us + 2 * US_PER_MS);
    timer_set(&b.timer, start_us + 1 * US_PER_MS);
    reader_open(&reader, f);
    assert_int_equal(write(reader.ends[1], ".", 1), 1);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->seen), ".ba");
    assert_true(a.fired_us >= start_us + 2 * US_PER_MS);
    reader_close(&reader);
}

static void loop_on_a_callers_base_is_driven_by_that_base(void **state)
{
    struct fixture *f = *state;
    struct event_base *base = event_base_new();
    struct loop *own = f->loop;
    f->loop = loop_new_on(base, NULL);
    struct mark a, b, c;
    mark_init(&a, f, 'a');
    mark_init(&b, f, 'b');
    mark_init(&c, f, 'c');
    timer_set(&c.timer, loop_now_us(f->loop) + 5 * US_PER_MS);
    timer_set(&b.timer, loop_now_us(f->loop) + 1 * US_PER_MS);
    deferred_queue(&a.deferred);
    a.again = 1;
    event_base_dispatch(base);
    assert_string_equal(buf_text(&f->seen), "aabc");
    assert_true(loop_is_empty(f->loop));
    loop_free(f->loop);
    event_base_free(base);
    f->loop = own;
}

/* A socket that can be written to is ready, and ready, and ready. */
struct busy_peer {
    struct loop *loop;
    struct deferred again;
    int turns;
    unsigned looks;
};

static void on_always_ready(void *context, int descriptor, int what)
{
    struct busy_peer *peer = context;
    (void)descriptor;
    (void)what;
    if (++peer->looks < 10000) return;
    print_error("the deferred call waits for ever\n");
    abort();
}

static void on_again(void *context)
{
    struct busy_peer *peer = context;
    if (--peer->turns)
        deferred_queue(&peer->again);
    else
        loop_stop(peer->loop);
}

static void descriptor_that_is_always_ready_holds_nothing_up(void **state)
{
    struct fixture *f = *state;
    struct busy_peer peer = {.loop = f->loop, .turns = 8};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct watch *watch = watch_new(f->loop, ends[1], on_always_ready, &peer);
    watch_set(watch, WATCH_WRITE);
    deferred_init(&peer.again, f->loop, on_again, &peer);
    deferred_queue(&peer.again);
    loop_run(f->loop);
    assert_int_equal(peer.turns, 0);
    assert_true(peer.looks > 0);
    watch_free(watch);
    close(ends[0]);
    close(ends[1]);
}

#define FAKE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define REAL(test) cmocka_unit_test_setup_teardown(test, setup_real, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE(timers_on_a_fake_clock_fire_in_order_without_waiting),
        FAKE(timer_moved_fires_once_at_its_last_deadline),
        FAKE(timer_cancelled_by_another_never_fires),
        FAKE(many_timers_set_moved_and_cancelled_at_random_keep_their_order),
        FAKE(deferred_calls_run_in_order_and_once),
        FAKE(deferred_call_that_defers_itself_lets_others_run),
        FAKE(many_deferred_calls_let_timers_run_in_between),
        FAKE(deferred_call_cancelled_by_another_never_runs),
        FAKE(ready_descriptor_goes_before_a_jump_of_the_fake_clock),
        FAKE(paused_watch_does_not_keep_the_loop_alive),
        FAKE(signal_arrives_as_a_turn_and_stop_ends_the_run),
        FAKE(stall_is_the_longest_turn_and_is_told_once),
        REAL(real_time_timers_and_descriptors_run),
        REAL(loop_on_a_callers_base_is_driven_by_that_base),
        REAL(descriptor_that_is_always_ready_holds_nothing_up),
        FAKE(descriptor_that_is_always_ready_holds_nothing_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
