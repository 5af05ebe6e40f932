/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds on fake time, with a scripted shop. */
#include "run_fixture.h"

#include "base/file.h"
#include "watch/round.h"

#include <stdio.h>
#include <unistd.h>

#define EVERY_2S                                                                                   \
    "journey: %s\nbase: http://shop.test\ndeadline: 5s\nschedule: {every: 2s%s}\n"                 \
    "%ssteps: [{name: look, get: /}]\n"

struct watching {
    struct fixture *fixture;
    struct rounds *rounds;
    struct timer end;
    unsigned ended, missed, reprobed, hindered, begun;
    size_t under_way, most_under_way;
    int64_t started_us[200], missed_us[20];
    char why[100];
    const char *window;
    unsigned doubts; /* so often they are said to be */
    struct rounds_state seen;
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
    if (watching->missed < COUNT_OF(watching->missed_us))
        watching->missed_us[watching->missed] = slot_us;
    watching->missed++;
    golden_note(why);
    snprintf(watching->why, sizeof watching->why, "%s", why);
}

static void on_hindered(void *context, const struct journey *journey, const char *why)
{
    struct watching *watching = context;
    (void)journey;
    if (why) golden_note(why);
    if (why) watching->hindered++;
    if (!why) watching->begun++;
}

static const char *skips(void *context, const struct journey *journey, int64_t now_us)
{
    (void)journey;
    (void)now_us;
    return ((struct watching *)context)->window;
}

static bool doubts(void *context)
{
    struct watching *watching = context;
    return watching->doubts && watching->doubts--;
}

static void on_end(void *context)
{
    struct watching *watching = context;
    rounds_pause(watching->rounds);
    rounds_stop(watching->rounds, "the test is over");
}

static void on_event(void *context, const struct run *run, enum run_event event,
                     const struct step_report *step)
{
    struct watching *watching = context;
    (void)run;
    (void)step;
    if (event == RUN_EVENT_STARTED) watching->under_way++;
    if (event == RUN_EVENT_ENDED) watching->under_way--;
    if (watching->under_way > watching->most_under_way)
        watching->most_under_way = watching->under_way;
}

static void begin(struct watching *watching, struct fixture *fixture, unsigned concurrent)
{
    *watching = (struct watching){.fixture = fixture};
    const struct rounds_settings settings = {.engine = &fixture->engine,
                                             .concurrent = concurrent,
                                             .skips = skips,
                                             .doubts = doubts,
                                             .ended = on_ended,
                                             .missed = on_missed,
                                             .hindered = on_hindered,
                                             .context = watching};
    watching->rounds = rounds_new(&settings);
    fixture->engine.observe = on_event;
    fixture->engine.observe_context = watching;
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

static void look(void *context)
{
    struct watching *watching = context;
    watching->seen = rounds_state(watching->rounds);
}

static void look_after(struct watching *watching, struct timer *timer, int64_t us)
{
    timer_init(timer, watching->fixture->loop, look, watching);
    timer_set(timer, loop_now_us(watching->fixture->loop) + us);
}

static void nobody_is_overdue_who_walks_or_waits_for_a_slot(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct timer timer;
    struct journey *journeys[] = {named("a", "", ""), load("journey: b\nbase: http://shop.test\n"
                                                           "schedule: {every: 1h}\n"
                                                           "steps: [{name: look, get: /}]\n")};
    answers_are(fixture, &slow); /* every other slot is missed */
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, journeys, 2);
    look_after(&watching, &timer, 21 * US_PER_SECOND);
    watch_for(&watching, 22 * US_PER_SECOND);
    for (size_t i = 0; i < COUNT_OF(journeys); i++) journey_free(journeys[i]);
    assert_true(watching.missed > 3);
    assert_true(watching.seen.overdue_us <= 2 * US_PER_SECOND);
    assert_int_equal(watching.seen.all_overdue_us, 0);
}

static void shopper_who_cannot_set_out_is_overdue(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct timer timer;
    struct journey *journeys[] = {named("a", "", "vars: {x: \"${env.SHOPPER_TEST_LOST}\"}\n"),
                                  named("b", "", "")};
    answers_are(fixture, &good);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, journeys, 2);
    look_after(&watching, &timer, 20 * US_PER_SECOND);
    watch_for(&watching, 21 * US_PER_SECOND);
    assert_true(watching.seen.overdue_us > 17 * US_PER_SECOND);
    assert_int_equal(watching.seen.all_overdue_us, 0);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, journeys, 1);
    look_after(&watching, &timer, 20 * US_PER_SECOND);
    watch_for(&watching, 21 * US_PER_SECOND);
    assert_true(watching.seen.all_overdue_us > 17 * US_PER_SECOND);
    for (size_t i = 0; i < COUNT_OF(journeys); i++) journey_free(journeys[i]);
}

static void nobody_is_overdue_in_maintenance(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct timer timer;
    struct journey *journey = named("a", "", "");
    begin(&watching, fixture, 10);
    watching.window = "deploy";
    rounds_set(watching.rounds, &journey, 1);
    look_after(&watching, &timer, 20 * US_PER_SECOND);
    watch_for(&watching, 21 * US_PER_SECOND);
    journey_free(journey);
    assert_true(watching.missed > 5);
    assert_int_equal(watching.seen.overdue_us, 0);
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

static void sleep_for_two_hours(void *context)
{
    clock_fake_advance(&((struct watching *)context)->fixture->clock, 7200 * US_PER_SECOND);
}

/* Of a cron, whose slots lie as far apart as they like. */
static void slots_that_nobody_was_awake_for_are_told_as_what_they_were(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct timer asleep;
    struct journey *journey = load("journey: a\nbase: http://shop.test\ndeadline: 5s\n"
                                   "schedule: {cron: '0,1,30 * * * *', timezone: UTC}\n"
                                   "steps: [{name: l, get: /}]\n");
    answers_are(fixture, &good);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    timer_init(&asleep, fixture->loop, sleep_for_two_hours, &watching);
    timer_set(&asleep, loop_now_us(fixture->loop) + US_PER_SECOND);
    watch_for(&watching, 7260 * US_PER_SECOND);
    journey_free(journey);
    assert_int_equal(watching.missed, 5); /* six passed; the last one is walked, late */
    for (size_t i = 0; i < watching.missed; i++) {
        int64_t minute = watching.missed_us[i] / (60 * US_PER_SECOND) % 60;
        assert_true(minute == 0 || minute == 1 || minute == 30);
        assert_int_equal(watching.missed_us[i] % (60 * US_PER_SECOND), 0);
        assert_true(!i || watching.missed_us[i] > watching.missed_us[i - 1]);
    }
}

static void sleep_for_50_seconds(void *context)
{
    clock_fake_advance(&((struct watching *)context)->fixture->clock, 50 * US_PER_SECOND);
}

/* Forty journeys with a slot in each minute. */
static void sleepers_do_not_set_out_all_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct timer asleep;
    struct journey *journeys[40];
    for (size_t i = 0; i < COUNT_OF(journeys); i++) {
        AUTO_FREE char *text = xasprintf("journey: j%zu\nbase: http://shop.test\ndeadline: 5s\n"
                                         "schedule: {every: 1m}\nsteps: [{name: l, get: /}]\n",
                                         i);
        journeys[i] = load(text);
    }
    answers_are(fixture, &good);
    begin(&watching, fixture, 100);
    rounds_set(watching.rounds, journeys, COUNT_OF(journeys));
    timer_init(&asleep, fixture->loop, sleep_for_50_seconds, &watching);
    timer_set(&asleep, loop_now_us(fixture->loop) + US_PER_SECOND);
    watch_for(&watching, 120 * US_PER_SECOND);
    for (size_t i = 0; i < COUNT_OF(journeys); i++) journey_free(journeys[i]);
    assert_in_range(watching.missed, 20, 39);
    assert_int_equal(watching.ended + watching.missed, 2 * COUNT_OF(journeys));
    for (size_t i = 0; i + 9 < watching.ended; i++)
        assert_true(watching.started_us[i + 9] > watching.started_us[i] + US_PER_SECOND);
}

static void reprobe_waits_until_it_is_known_that_we_can_see(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey =
        load("journey: a\nbase: http://shop.test\nsteps: [{name: l, get: /}]\n");
    answers_are(fixture, &good);
    begin(&watching, fixture, 10);
    watching.doubts = 30;
    rounds_set(watching.rounds, &journey, 1);
    int64_t began_us = clock_wall_us(&fixture->clock.clock);
    rounds_reprobe(watching.rounds, "a", "desktop", 2 * US_PER_SECOND);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    assert_int_equal(watching.doubts, 0);
    assert_int_equal(watching.reprobed, 1);
    assert_int_equal(watching.started_us[0], began_us + 5 * US_PER_SECOND);
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

/* --- Changes amid a run */

static struct journey *using(const char *path, const char *used_url, const char *own_url)
{
    AUTO_FREE char *used = path_join(path, "used.yaml"), *user = path_join(path, "user.yaml");
    AUTO_FREE char *used_text =
        xasprintf("journey: used\nbase: http://shop.test\nsteps: [{name: l, get: %s}]\n", used_url);
    AUTO_FREE char *text = xasprintf("journey: a\nbase: http://shop.test\ndeadline: 5s\n"
                                     "schedule: {every: 2s}\n"
                                     "steps: [{name: u, use: used.yaml}, {name: look, get: %s}]\n",
                                     own_url);
    struct diags diags = DIAGS_INIT;
    assert_true(file_write(used, view_of(used_text), 0600, NULL));
    assert_true(file_write(user, view_of(text), 0600, NULL));
    struct journey *journey = journey_load(user, NULL, &diags);
    assert_non_null(journey);
    diags_release(&diags);
    unlink(used);
    unlink(user);
    return journey;
}

/* What is the same goes on with the run that it has; what is not waits until that one has ended. */
static void reload_amid_a_run_never_walks_two_at_once(void **state)
{
    static const struct {
        const char *used_url, *own_url;
    } after[] = {{"/", "/look"}, {"/other", "/look"}, {"/", "/elsewhere"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(after); i++) {
        void *fresh;
        run_fixture_set_up(&fresh);
        struct fixture *fixture = fresh;
        struct watching watching;
        char directory[] = "/tmp/shopper-round-XXXXXX";
        assert_non_null(mkdtemp(directory));
        struct journey *journey = using(directory, "/", "/look");
        struct change change = {
            &watching, {using(directory, after[i].used_url, after[i].own_url)}, 1, {0}};
        answers_are(fixture, &slow); /* of two requests: six seconds, and five are the deadline */
        begin(&watching, fixture, 10);
        rounds_set(watching.rounds, &journey, 1);
        timer_init(&change.timer, fixture->loop, on_change, &change);
        timer_set(&change.timer, loop_now_us(fixture->loop) + 2500 * US_PER_MS);
        watch_for(&watching, 21 * US_PER_SECOND);
        assert_int_equal(watching.most_under_way, 1);
        assert_in_range(watching.ended, 3, 4);
        journey_free(journey);
        journey_free(change.journeys[0]);
        rmdir(directory);
        assert_int_equal(run_fixture_tear_down(&fresh), 0);
    }
}

static void change_cancels_no_confirmation(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey =
        load("journey: a\nbase: http://shop.test\nsteps: [{name: l, get: /}]\n");
    struct change change = {
        &watching,
        {load("journey: a\nbase: http://shop.test\nsteps: [{name: l, get: /other}]\n")},
        1,
        {0}};
    answers_are(fixture, &good);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    rounds_reprobe(watching.rounds, "a", "desktop", 3 * US_PER_SECOND);
    timer_init(&change.timer, fixture->loop, on_change, &change);
    timer_set(&change.timer, loop_now_us(fixture->loop) + 1 * US_PER_SECOND);
    watch_for(&watching, 20 * US_PER_SECOND);
    journey_free(journey);
    journey_free(change.journeys[0]);
    assert_int_equal(watching.reprobed, 1);
}

static void run_of_a_journey_that_left_is_stopped_at_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "");
    struct change change = {.watching = &watching};
    static const struct fake_answer never = {.never = true};
    answers_are(fixture, &never);
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    timer_init(&change.timer, fixture->loop, on_change, &change);
    timer_set(&change.timer, loop_now_us(fixture->loop) + 2500 * US_PER_MS);
    journey_free(journey);
    int64_t before_us = loop_now_us(fixture->loop);
    watch_for(&watching, 3 * US_PER_SECOND);
    assert_int_equal(watching.ended, 1);
    assert_int_equal(loop_now_us(fixture->loop) - before_us, 3 * US_PER_SECOND);
}

/* --- What nobody was there for */

static void slots_of_an_absence_are_missed(void **state)
{
    static const struct {
        const char *schedule, *persona;
        int64_t away_us;
        unsigned missed;
        int64_t walking_us; /* since it came back */
    } cases[] = {
        {"every: 2s", "desktop", 9 * US_PER_SECOND, 4, 0},
        {"every: 2s", "desktop", 9 * US_PER_SECOND, 2, 4 * US_PER_SECOND},
        {"every: 2s", "desktop", 1 * US_PER_SECOND, 0, 0},
        {"every: 2s", "iphone", 9 * US_PER_SECOND, 0, 0}, /* nobody of this journey's */
        {"every: 2s", "desktop", INT64_C(365) * 86400 * US_PER_SECOND, 1000, 0},
        {"cron: \"*/5 * * * *\"", "desktop", 3600 * US_PER_SECOND, 12, 0},
        {"cron: \"0 12 * * *\"", "desktop", INT64_C(7) * 86400 * US_PER_SECOND, 7, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        void *fresh;
        run_fixture_set_up(&fresh);
        struct fixture *fixture = fresh;
        struct watching watching;
        AUTO_FREE char *text = xasprintf("journey: a\nbase: http://shop.test\nschedule: {%s}\n"
                                         "steps: [{name: look, get: /}]\n",
                                         cases[i].schedule);
        struct journey *journey = load(text);
        begin(&watching, fixture, 10);
        rounds_set(watching.rounds, &journey, 1);
        int64_t now_us = clock_wall_us(loop_clock(fixture->loop));
        rounds_catch_up(watching.rounds, "a", cases[i].persona, now_us - cases[i].away_us,
                        now_us - cases[i].walking_us);
        assert_int_equal(watching.missed, cases[i].missed);
        if (watching.missed) assert_string_equal(watching.why, "no daemon was running");
        rounds_pause(watching.rounds);
        rounds_free(watching.rounds);
        journey_free(journey);
        assert_int_equal(run_fixture_tear_down(&fresh), 0);
    }
}

static void who_waits_at_the_end_is_missed(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "personas: [desktop, iphone, android-app]\n");
    answers_are(fixture, &slow);
    begin(&watching, fixture, 1);
    rounds_set(watching.rounds, &journey, 1);
    watch_for(&watching, 2 * US_PER_SECOND);
    journey_free(journey);
    assert_int_equal(watching.ended, 1);
    assert_int_equal(watching.missed, 2);
    assert_string_equal(watching.why, "the daemon ended");
}

static void slot_that_nobody_handles_is_overdue(void **state)
{
    struct fixture *fixture = *state;
    struct watching watching;
    struct journey *journey = named("a", "", "");
    begin(&watching, fixture, 10);
    rounds_set(watching.rounds, &journey, 1);
    assert_int_equal(rounds_state(watching.rounds).unhandled_us, 0);
    clock_fake_advance(&fixture->clock, 9 * US_PER_SECOND); /* and no turn of the loop */
    assert_in_range(rounds_state(watching.rounds).unhandled_us, 7 * US_PER_SECOND,
                    9 * US_PER_SECOND);
    rounds_pause(watching.rounds);
    assert_int_equal(rounds_state(watching.rounds).unhandled_us, 0);
    rounds_free(watching.rounds);
    journey_free(journey);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(journey_is_walked_on_its_beat),
        TEST(run_that_cannot_begin_is_tried_again_and_told),
        TEST(nobody_is_overdue_who_walks_or_waits_for_a_slot),
        TEST(shopper_who_cannot_set_out_is_overdue),
        TEST(nobody_is_overdue_in_maintenance),
        TEST(slot_amid_a_run_is_missed),
        TEST(slot_amid_a_run_is_queued_when_told_so),
        TEST(runs_wait_for_a_place),
        TEST(run_that_found_no_place_is_missed),
        TEST(slots_that_nobody_was_awake_for_are_told_as_what_they_were),
        TEST(sleepers_do_not_set_out_all_at_once),
        TEST(reprobe_waits_until_it_is_known_that_we_can_see),
        TEST(reprobe_comes_at_once_and_alone),
        TEST(window_skips_and_says_so),
        TEST(unchanged_journey_keeps_its_phase),
        TEST(run_of_a_journey_that_left_ends_on_what_it_began_with),
        TEST(run_of_a_journey_that_left_is_stopped_at_the_end),
        TEST(reload_amid_a_run_never_walks_two_at_once),
        TEST(change_cancels_no_confirmation),
        TEST(slots_of_an_absence_are_missed),
        TEST(who_waits_at_the_end_is_missed),
        TEST(slot_that_nobody_handles_is_overdue),
        PIN_MESSAGES("watch/round.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
