/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds on fake time, with a scripted shop. */
#include "run_fixture.h"

#include "watch/round.h"

#include <stdio.h>

#define EVERY_2S                                                                                   \
    "journey: %s\nbase: http://shop.test\ndeadline: 5s\nschedule: {every: 2s%s}\n"                 \
    "%ssteps: [{name: look, get: /}]\n"

struct watching {
    struct fixture *fixture;
    struct rounds *rounds;
    struct timer end;
    unsigned ended, missed, reprobed, hindered, begun;
    int64_t started_us[200];
    char why[100];
    const char *window;
};

static void on_ended(void *context, struct subject *subject, struct run_report *report,
                     int64_t late_us)
{
    struct watching *watching = context;
    assert_true(late_us >= 0);
    if (watching->ended < 200) watching->started_us[watching->ended] = report->started_wall_us;
    watching->ended++;
    if (subject->reprobing) watching->reprobed++;
    run_report_free(report);
}

static void on_missed(void *context, const struct subject *subject, int64_t slot_us,
                      const char *why)
{
    struct watching *watching = context;
    (void)subject;
    assert_true(slot_us > 0);
    watching->missed++;
    snprintf(watching->why, sizeof watching->why, "%s", why);
}

static void on_hindered(void *context, const struct journey *journey, const char *why)
{
    struct watching *watching = context;
    (void)journey;
    if (why) watching->hindered++;
    if (!why) watching->begun++;
}

static const char *skips(void *context, const struct journey *journey, int64_t now_us)
{
    (void)journey;
    (void)now_us;
    return ((struct watching *)context)->window;
}

static void on_end(void *context)
{
    struct watching *watching = context;
    rounds_pause(watching->rounds);
    rounds_stop(watching->rounds, "the test is over");
}

static void begin(struct watching *watching, struct fixture *fixture, unsigned concurrent)
{
    *watching = (struct watching){.fixture = fixture};
    const struct rounds_settings settings = {&fixture->engine, concurrent, skips,       NULL,
                                             on_ended,         on_missed,  on_hindered, watching};
    watching->rounds = rounds_new(&settings);
    timer_init(&watching->end, fixture->loop, on_end, watching);
}

static void watch_for(struct watching *watching, int64_t us)
{
    timer_set(&watching->end, loop_now_us(watching->fixture->loop) + us);
    loop_run(watching->fixture->loop);
    rounds_free(watching->rounds);
}

static struct journey *named(const char *name, const char *schedule, const char *top)
{
    AUTO_FREE char *text = xasprintf(EVERY_2S, name, schedule, top);
    return load(text);
}

static void answers_are(struct fixture *fixture, const struct fake_answer *answer)
{
    static struct fake_answer script[500];
    for (size_t i = 0; i < COUNT_OF(script); i++) script[i] = *answer;
    fixture->fake.script = script;
    fixture->fake.script_count = COUNT_OF(script);
}

static const struct fake_answer good = {0}, slow = {.after_us = 3 * US_PER_SECOND};

static void journey_is_walked_on_its_beat(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "");
    answers_are(fixture, &good);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    assert_int_equal(watching.ended, 10);
    assert_int_equal(watching.missed, 0);
    for (unsigned i = 1; i < watching.ended; i++)
        assert_int_equal(watching.started_us[i] - watching.started_us[i - 1], 2 * US_PER_SECOND);
}

static void give_back(void *context)
{
    (void)context;
    setenv("SHOPPER_TEST_LOST", "x", 1);
}

static void run_that_cannot_begin_is_tried_again_and_told(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct timer back;
    struct journey *journey = named("a", "", "vars: {x: \"${env.SHOPPER_TEST_LOST}\"}\n");
    answers_are(fixture, &good);
    begin(&watching, fixture, 10);
    setenv("SHOPPER_TEST_LOST", "x", 1);
    rounds_set(watching.rounds, &journey, 1);
    unsetenv("SHOPPER_TEST_LOST");
    timer_init(&back, fixture->loop, give_back, NULL);
    timer_set(&back, loop_now_us(fixture->loop) + 10 * US_PER_SECOND);
    watch_for(&watching, 20 * US_PER_SECOND);
    unsetenv("SHOPPER_TEST_LOST");
    journey_free(journey);
    assert_int_equal(watching.missed, 5);
    assert_non_null(strstr(watching.why, "SHOPPER_TEST_LOST is not set"));
    assert_int_equal(watching.hindered, 4); /* not the first time */
    assert_int_equal(watching.begun, 1);
    assert_int_equal(watching.ended, 5);
}

static void slot_amid_a_run_is_missed(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "");
    answers_are(fixture, &slow);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    assert_int_equal(watching.ended, 5);
    assert_int_equal(watching.missed, 5);
    assert_string_equal(watching.why, "the run before was still under way");
}

static void slot_amid_a_run_is_queued_when_told_so(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", ", overlap: queue", "");
    answers_are(fixture, &slow);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    assert_int_equal(watching.ended, 7); /* back to back */
    assert_true(watching.missed <= 3);
}

static void runs_wait_for_a_place(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "personas: [desktop, iphone, android-app]\n");
    static const struct fake_answer half = {.after_us = 500 * US_PER_MS};
    answers_are(fixture, &half);
    begin(&watching, fixture, 1);
    rounds_set(watching.rounds, &journey, 1);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    assert_in_range(watching.ended, 28, 30);
    assert_int_equal(watching.missed, 0);
}

static void run_that_found_no_place_is_missed(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "personas: [desktop, iphone, android-app]\n");
    static const struct fake_answer second = {.after_us = US_PER_SECOND};
    answers_are(fixture, &second);
    begin(&watching, fixture, 1);
    rounds_set(watching.rounds, &journey, 1);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    assert_in_range(watching.ended, 18, 20);
    assert_in_range(watching.missed, 7, 11);
}

static void reprobe_comes_at_once_and_alone(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey =
        load("journey: a\nbase: http://shop.test\nsteps: [{name: l, get: /}]\n");
    answers_are(fixture, &good);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    rounds_reprobe(watching.rounds, "a", "desktop", 3 * US_PER_SECOND);
    rounds_reprobe(watching.rounds, "a", "iphone", 0);
    rounds_reprobe(watching.rounds, "b", "desktop", 0);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    assert_int_equal(watching.ended, 1);
    assert_int_equal(watching.reprobed, 1);
}

static void window_skips_and_says_so(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "");
    begin(&watching, fixture, 10);
    watching.window = "database upgrade";
    rounds_set(watching.rounds, &journey, 1);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    assert_int_equal(watching.ended, 0);
    assert_int_equal(watching.missed, 10);
    assert_string_equal(watching.why, "database upgrade");
}

struct change {
    struct watching *watching;
    struct journey *journeys[2];
    size_t count;
    struct timer timer;
};

static void on_change(void *context)
{
    struct change *change = context;
    rounds_set(change->watching->rounds, change->journeys, change->count);
}

static void unchanged_journey_keeps_its_phase(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "");
    struct change change = {&watching, {named("a", "", ""), named("b", "", "")}, 2, {0}};
    answers_are(fixture, &good);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    timer_init(&change.timer, fixture->loop, on_change, &change);
    timer_set(&change.timer, loop_now_us(fixture->loop) + 9500 * US_PER_MS);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    journey_free(change.journeys[0]);
    journey_free(change.journeys[1]);
    assert_in_range(watching.ended, 14, 16);
    assert_int_equal(watching.missed, 0);
}

static void run_of_a_journey_that_left_ends_on_what_it_began_with(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "");
    struct change change = {.watching = &watching};
    answers_are(fixture, &slow);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    timer_init(&change.timer, fixture->loop, on_change, &change);
    timer_set(&change.timer, loop_now_us(fixture->loop) + 2500 * US_PER_MS);
    journey_free(journey);
    watch_for(&watching, 20 * US_PER_SECOND);
    assert_int_equal(watching.ended, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(journey_is_walked_on_its_beat),
        TEST(run_that_cannot_begin_is_tried_again_and_told),
        TEST(slot_amid_a_run_is_missed),
        TEST(slot_amid_a_run_is_queued_when_told_so),
        TEST(runs_wait_for_a_place),
        TEST(run_that_found_no_place_is_missed),
        TEST(reprobe_comes_at_once_and_alone),
        TEST(window_skips_and_says_so),
        TEST(unchanged_journey_keeps_its_phase),
        TEST(run_of_a_journey_that_left_ends_on_what_it_began_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
