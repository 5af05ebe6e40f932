/* SPDX-License-Identifier: Apache-2.0 */
/* What burns and what only looks like it, on made-up days that end at a crooked time. */
#include "../store/fixture.h"
#include "posture/burn.h"

#define NOW_US                                                                                     \
    (START_US + 5 * STORE_DAY_US + 13 * STORE_HOUR_US + 37 * MINUTE_US + 21 * US_PER_SECOND)

/* Minutes before now: from <= ago < until, every so many. */
struct failures {
    int from, until, every;
};

struct trap {
    const char *name;
    double availability;
    int interval, personas; /* minutes between runs; 0: 1 */
    struct failures failures;
    enum verdict verdict; /* of the failures; 0: fail */
    unsigned flags;
    enum burn_speed speed;
    int64_t long_us;
};

#define HOURS(n) ((n)*60)
static const struct trap traps[] = {
    {"one failure a minute ago", 0.999, 1, 1, {1, 2, 1}, 0, 0, BURN_NONE, 0},
    {"one failure just now", 0.999, 1, 1, {0, 1, 1}, 0, 0, BURN_NONE, 0},
    {"two failures", 0.999, 1, 1, {1, 3, 1}, 0, 0, BURN_NONE, 0},
    {"one hiccup that all personas meet", 0.999, 1, 7, {1, 2, 1}, 0, 0, BURN_NONE, 0},
    {"one failure each hour", 0.999, 1, 1, {10, HOURS(72), 60}, 0, 0, BURN_SLOW, STORE_DAY_US},
    {"one failure each day", 0.999, 1, 1, {10, HOURS(72), HOURS(24)}, 0, 0, BURN_NONE, 0},
    {"one in twenty", 0.999, 1, 1, {1, HOURS(72), 20}, 0, 0, BURN_FAST, 6 * STORE_HOUR_US},
    {"one in twenty of what may be", 0.95, 1, 1, {1, HOURS(72), 21}, 0, 0, BURN_NONE, 0},
    {"an outage", 0.999, 1, 1, {0, 10, 1}, 0, 0, BURN_FAST, STORE_HOUR_US},
    {"an outage of three runs", 0.999, 1, 1, {0, 3, 1}, 0, 0, BURN_FAST, STORE_HOUR_US},
    {"an outage 6 minutes ago", 0.999, 1, 1, {6, 16, 1}, 0, 0, BURN_FAST, 6 * STORE_HOUR_US},
    {"an outage 40 minutes ago", 0.999, 1, 1, {40, 50, 1}, 0, 0, BURN_SLOW, STORE_DAY_US},
    {"an outage 3 hours ago", 0.999, 1, 1, {180, 190, 1}, 0, 0, BURN_SLOW, 3 * STORE_DAY_US},
    {"an outage 7 hours ago", 0.999, 1, 1, {420, 430, 1}, 0, 0, BURN_NONE, 0},
    {"an outage in maintenance", 0.999, 1, 1, {0, 60, 1}, 0, STORE_RUN_MAINTENANCE, BURN_NONE, 0},
    {"an outage while we were blind", 0.999, 1, 1, {0, 60, 1}, 0, STORE_RUN_UNJUDGED, BURN_NONE, 0},
    {"confirmations", 0.999, 1, 1, {0, 60, 1}, 0, STORE_RUN_REPROBE, BURN_NONE, 0},
    {"unknown", 0.999, 1, 1, {0, 60, 1}, VERDICT_UNKNOWN, 0, BURN_NONE, 0},
    {"degraded", 0.999, 1, 1, {0, 60, 1}, VERDICT_DEGRADED, 0, BURN_NONE, 0},
    {"a loose promise, an hour", 0.9, 1, 1, {0, 60, 1}, 0, 0, BURN_NONE, 0},
    {"a loose promise, four hours", 0.9, 1, 1, {0, 240, 1}, 0, 0, BURN_FAST, 6 * STORE_HOUR_US},
    {"few runs, one failure", 0.999, 5, 1, {0, 5, 1}, 0, 0, BURN_NONE, 0},
    {"few runs, an outage", 0.999, 5, 1, {5, 25, 1}, 0, 0, BURN_FAST, 6 * STORE_HOUR_US},
    {"hourly runs, an outage", 0.99, 60, 1, {0, HOURS(4), 1}, 0, 0, BURN_SLOW, STORE_DAY_US},
    {"nothing is promised", -1, 1, 1, {0, 60, 1}, 0, 0, BURN_NONE, 0},
};

static bool is_failure(const struct failures *failures, int ago)
{
    return ago >= failures->from && ago < failures->until &&
           (ago - failures->from) % failures->every == 0;
}

static void add_run(struct store_batch *batch, const struct trap *trap, int ago, int persona)
{
    AUTO_FREE char *id = xasprintf("%s-%d-%d", trap->name, ago, persona);
    AUTO_FREE char *name = xasprintf("persona-%d", persona);
    bool bad = is_failure(&trap->failures, ago);
    enum verdict verdict = trap->verdict ? trap->verdict : VERDICT_FAIL;
    struct store_run run = fixture_run(id, bad ? verdict : VERDICT_PASS,
                                       NOW_US - ago * MINUTE_US - persona * US_PER_SECOND);
    run.journey = trap->name;
    run.persona = name;
    run.flags = bad ? trap->flags : 0;
    batch_add_run(batch, &run);
}

static void add_days(struct fixture *f, const struct trap *trap)
{
    for (int hour = 0; hour < 74; hour++) {
        struct store_batch *batch = store_begin(f->store);
        for (int ago = HOURS(hour); ago < HOURS(hour + 1); ago += trap->interval)
            for (int persona = 0; persona < trap->personas; persona++)
                add_run(batch, trap, ago, persona);
        store_commit(batch, NULL, NULL);
    }
    assert_true(store_flush(f->store, FLUSH_US));
}

static struct objective objective_of(const struct trap *trap)
{
    return (struct objective){.journey = (char *)(uintptr_t)trap->name,
                              .availability = trap->availability,
                              .window_us = OBJECTIVE_WINDOW_US};
}

static void burn_is_judged_by_what_matters_and_goes_on(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(traps); i++) {
        struct objective objective = objective_of(&traps[i]);
        struct burn burn;
        add_days(f, &traps[i]);
        READ(burn_ask(f->store, &objective, NOW_US, &burn, &f->error));
        if (burn.speed != traps[i].speed)
            fail_msg("%s: %s", traps[i].name, burn_speed_word(burn.speed));
        if ((burn.rule ? burn.rule->long_us : 0) != traps[i].long_us) fail_msg("%s", traps[i].name);
    }
}

/* Runs of the minute: wherever the one failure lies, and however far the hour has come. */
static void burn_of_a_single_failure_never_shows_as_time_goes_by(void **state)
{
    struct fixture *f = *state;
    const struct trap trap = {"single", 0.999, 1, 1, {90, 91, 1}, 0, 0, BURN_NONE, 0};
    struct objective objective = objective_of(&trap);
    add_days(f, &trap);
    for (int ago = 95; ago >= 0; ago--) {
        struct burn burn;
        READ(burn_ask(f->store, &objective, NOW_US - ago * MINUTE_US, &burn, &f->error));
        assert_int_equal(burn.speed, BURN_NONE);
    }
}

static void burn_of_an_outage_comes_and_goes_once(void **state)
{
    struct fixture *f = *state;
    const struct trap trap = {"outage", 0.999, 1, 1, {600, 620, 1}, 0, 0, BURN_NONE, 0};
    struct objective objective = objective_of(&trap);
    enum burn_speed before = BURN_NONE;
    int changes = 0, raised_after = -1;
    add_days(f, &trap);
    for (int ago = 640; ago >= 0; ago -= 1) {
        struct burn burn;
        READ(burn_ask(f->store, &objective, NOW_US - ago * MINUTE_US, &burn, &f->error));
        changes += (burn.speed == BURN_NONE) != (before == BURN_NONE);
        if (burn.speed != BURN_NONE && raised_after < 0) raised_after = 619 - ago;
        before = burn.speed;
    }
    assert_int_equal(raised_after, 2);
    assert_int_equal(changes, 2);
    assert_int_equal(before, BURN_NONE);
}

static void note_written(void *context, bool written)
{
    bool *done = context;
    *done = written;
}

/* Runs that are written, while their figures are not yet. */
static void long_window_has_what_the_short_one_has_before_figures_are_written(void **state)
{
    struct fixture *f = *state;
    const struct trap trap = {"fresh", 0.999, 1, 1, {0, 4, 1}, 0, 0, BURN_NONE, 0};
    struct objective objective = objective_of(&trap);
    struct burn burn;
    bool done = false;
    const struct trap well = {"fresh", 0.999, 1, 1, {-1, -1, 1}, 0, 0, BURN_NONE, 0};
    struct store_batch *batch = store_begin(f->store);
    for (int ago = 600; ago >= 4; ago--) add_run(batch, &well, ago, 0);
    for (int ago = 3; ago >= 1; ago--) add_run(batch, &trap, ago, 0);
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(f->store, FLUSH_US));
    batch = store_begin(f->store);
    batch_make_durable(batch);
    add_run(batch, &trap, 0, 0);
    store_commit(batch, note_written, &done);
    while (!done) store_poll(f->store);
    READ(burn_ask(f->store, &objective, NOW_US, &burn, &f->error));
    assert_int_equal(burn.in_long.failed, 4);
    assert_int_equal(burn.in_short.failed, 4);
    assert_true(burn.in_long.judged > burn.in_short.judged);
}

static void rule_needs_both_windows_and_moments(void **state)
{
    (void)state;
    const struct {
        struct burn_counts in_long, in_short;
        bool holds;
    } cases[] = {
        {{60, 3, 3}, {5, 2, 2}, true},     {{60, 3, 2}, {5, 2, 2}, false},
        {{60, 3, 3}, {5, 2, 1}, false},    {{60, 3, 3}, {5, 0, 0}, false},
        {{1000, 14, 9}, {5, 2, 2}, false}, {{10000, 144, 9}, {5, 2, 2}, true},
        {{0, 0, 0}, {0, 0, 0}, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(
            burn_rule_holds(&burn_rules[0], 0.999, &cases[i].in_long, &cases[i].in_short),
            cases[i].holds);
}

static void budget_counts_what_was_judged(void **state)
{
    (void)state;
    struct objective objective = {.availability = 0.99, .window_us = OBJECTIVE_WINDOW_US};
    const struct {
        struct store_figures figures;
        double left;
        const char *words;
    } cases[] = {
        {{{0, 0, 0, 9, 9}, 9, 9, 0}, 1, "100 % of it is left"},
        {{{990, 5, 5, 9, 9}, 9, 9, 0}, 0.5, "50 % of it is left"},
        {{{990, 0, 10, 0, 0}, 0, 0, 0}, 0, "all of it is spent"},
        {{{50, 0, 50, 0, 0}, 0, 0, 0}, -49, "it is spent 50 times over"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct budget budget = budget_of(&objective, &cases[i].figures);
        AUTO_BUF words = BUF_INIT(100);
        assert_true(budget.left > cases[i].left - 1e-6 && budget.left < cases[i].left + 1e-6);
        budget_describe(&budget, &words);
        assert_string_equal(buf_text(&words), cases[i].words);
        golden_note(buf_text(&words));
    }
}

static void burn_is_described_in_one_line(void **state)
{
    (void)state;
    struct objective objective = {.journey = (char *)(uintptr_t) "checkout",
                                  .availability = 0.999,
                                  .window_us = OBJECTIVE_WINDOW_US};
    struct burn burn = {BURN_FAST, &burn_rules[0], {60, 12, 12}, {5, 3, 3}, 200};
    struct budget budget = {1000, 1, 0.999, 0.42};
    AUTO_BUF line = BUF_INIT(1000);
    burn_describe(&objective, &burn, &budget, &line);
    golden_note(buf_text(&line));
    assert_string_equal(
        buf_text(&line),
        "checkout burns its error budget 200 times as fast as it may: 12 of 60 runs "
        "failed in 1h, 3 of 5 in 5m; 99.9 % is promised over 30d, 42 % of it is left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(burn_is_judged_by_what_matters_and_goes_on,
                                        fixture_set_up_open, fixture_tear_down),
        cmocka_unit_test_setup_teardown(burn_of_a_single_failure_never_shows_as_time_goes_by,
                                        fixture_set_up_open, fixture_tear_down),
        cmocka_unit_test_setup_teardown(burn_of_an_outage_comes_and_goes_once, fixture_set_up_open,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            long_window_has_what_the_short_one_has_before_figures_are_written, fixture_set_up_open,
            fixture_tear_down),
        cmocka_unit_test(rule_needs_both_windows_and_moments),
        cmocka_unit_test(budget_counts_what_was_judged),
        cmocka_unit_test(burn_is_described_in_one_line),
        PIN_MESSAGES("posture/burn.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
