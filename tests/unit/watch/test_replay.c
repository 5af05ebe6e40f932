/* SPDX-License-Identifier: Apache-2.0 */
/* What the store remembers of runs, walked through a policy once more. */
#include "../store/fixture.h"

#include "base/clock.h"
#include "watch/recall.h"
#include "watch/replay.h"

#define MINUTE (60 * US_PER_SECOND)

/* A report as the store keeps it: signed in at the shop, stopped at the checkout elsewhere. */
static const char failed_report[] =
    "{\"runs\":[{\"base\":\"http://shop.test:8080/\",\"residue\":[],\"steps\":["
    "{\"name\":\"sign in\",\"stage\":\"login\",\"section\":\"steps\",\"verdict\":\"pass\","
    "\"optional\":false,\"severity\":null,\"status\":200,"
    "\"request\":{\"method\":\"POST\",\"url\":\"http://shop.test:8080/login\"},\"failure\":null},"
    "{\"name\":\"pay\",\"stage\":\"checkout\",\"section\":\"steps\",\"verdict\":\"fail\","
    "\"optional\":false,\"severity\":%s,\"status\":null,"
    "\"request\":{\"method\":\"POST\",\"url\":\"https://pay.test:8443/charge\"},"
    "\"failure\":{\"kind\":\"connect\",\"message\":\"refused\"}},"
    "{\"name\":\"thank\",\"stage\":\"thanks\",\"section\":\"steps\",\"verdict\":\"skipped\","
    "\"optional\":false,\"severity\":null,\"status\":null,\"request\":null,\"failure\":null}]}]}";

static const struct store_step steps[] = {
    {.name = "sign in", .stage = "login", .verdict = VERDICT_PASS},
    {.name = "pay", .stage = "checkout", .verdict = VERDICT_PASS},
    {.name = "thank", .stage = "thanks", .verdict = VERDICT_PASS},
};

/* One letter a minute: F fails, . passes. */
static void add_runs(struct fixture *f, const char *runs, const char *severity)
{
    AUTO_FREE char *report = xasprintf(failed_report, severity);
    struct store_batch *batch = store_begin(f->store);
    for (int i = 0; runs[i]; i++) {
        AUTO_FREE char *id = xasprintf("run-%d", i);
        bool fails = runs[i] == 'F';
        struct store_run run =
            fixture_run(id, fails ? VERDICT_FAIL : VERDICT_PASS, START_US + i * MINUTE);
        run.steps = steps;
        run.step_count = COUNT_OF(steps);
        if (fails) {
            run.kind = outcome_word(OUTCOME_CONNECT);
            run.stage = "checkout";
            run.step = "pay";
            run.report = report;
        }
        batch_add_run(batch, &run);
    }
    fixture_write(f, batch);
}

static void report_says_what_was_met(void **state)
{
    struct fixture *f = *state;
    struct store_run_list runs;
    add_runs(f, "F", "4");
    READ(store_runs(f->store, &(struct store_run_filter){.with_report = true}, &runs, &f->error));
    struct recall *recall = recall_new(NULL);
    struct observation seen = recall_run(recall, &runs.items[0]);
    assert_string_equal(seen.shop, "shop.test:8080");
    assert_string_equal(seen.host, "pay.test:8443");
    assert_int_equal(seen.severity, 4);
    assert_int_equal(seen.interval_us, MINUTE);
    assert_int_equal(observation_stage(&seen, "login"), VERDICT_PASS);
    assert_int_equal(observation_stage(&seen, "checkout"), VERDICT_FAIL);
    assert_int_equal(observation_stage(&seen, "thanks"), VERDICT_SKIPPED);
    assert_true(observation_answered(&seen, "shop.test:8080"));
    assert_false(observation_answered(&seen, "pay.test:8443"));
    observation_release(&seen);
    recall_free(recall);
    store_run_list_release(&runs);
}

static void history_is_rated_as_it_was(void **state)
{
    static const struct {
        const char *runs, *severity;
        unsigned confirm;
        size_t count;
        int first;
        bool over;
    } cases[] = {
        {"..FF..", "null", 2, 1, 1, true}, {"..FF..", "4", 2, 1, 4, true},
        {"..FF..", "null", 3, 0, 0, true}, {"..FFF.", "null", 3, 1, 1, false},
        {"..F...", "null", 2, 0, 0, true}, {"..F...", "null", 1, 1, 1, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture *f = *state;
        struct journey journey = {.name = (char[]){"checkout"},
                                  .confirm = {.failures = cases[i].confirm}};
        struct journey *journeys[] = {&journey};
        const struct journey_list list = {.items = journeys, .count = 1};
        struct episode_list episodes = {0};
        struct policy *policy = policy_default();
        const struct replay_settings settings = {policy, &list};
        add_runs(f, cases[i].runs, cases[i].severity);
        READ(replay(f->store, &settings, START_US - MINUTE, START_US + 100 * MINUTE, &episodes,
                    &f->error));
        assert_int_equal(episodes.count, cases[i].count);
        if (episodes.count) {
            assert_string_equal(episodes.items[0].signature, "host:pay.test:8443/connect");
            assert_int_equal(episodes.items[0].first_severity, cases[i].first);
            assert_int_equal(episodes.items[0].resolved_us != 0, cases[i].over);
        }
        episode_list_release(&episodes);
        policy_free(policy);
        fixture_tear_down(state);
        assert_int_equal(fixture_set_up_open(state), 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up_open, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(report_says_what_was_met),
        TEST(history_is_rated_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
