/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an event is meant for, and when it is tried again. */
#include "sink_test.h"

#include "base/random.h"

static bool wants(const char *keys, const struct event *event)
{
    void *state = NULL;
    assert_int_equal(sink_setup(&state), 0);
    struct sink_probe *probe = state;
    ASSERT(probe);
    AUTO_FREE char *yaml = xasprintf("{j: {journal: {path: '-'}, %s}}", keys);
    load_sinks(probe, yaml);
    assert_int_equal(probe->list.count, 1);
    bool wanted = sink_wants(&probe->list.items[0], event);
    assert_int_equal(sink_teardown(&state), 0);
    return wanted;
}

static void severity_is_a_threshold(void **state)
{
    (void)state;
    struct event event = an_event(EVENT_OPENED);
    for (int severity = 1; severity <= 4; severity++) {
        event.severity = severity;
        assert_int_equal(wants("severity: 2", &event), severity <= 2);
        assert_true(wants("timeout: 5s", &event));
    }
}

static void lowering_is_told_to_whom_the_former_severity_was(void **state)
{
    (void)state;
    struct event event = an_event(EVENT_LOWERED);
    event.severity = 3;
    event.previous_severity = 1;
    assert_true(wants("severity: 1", &event));
    event.previous_severity = 2;
    assert_false(wants("severity: 1", &event));
}

static void stage_is_one_of_those_named(void **state)
{
    (void)state;
    struct event event = an_event(EVENT_OPENED);
    assert_true(wants("stages: [login, checkout]", &event));
    assert_false(wants("stages: [login]", &event));
    event.stage = TEXT("");
    assert_true(wants("stages: [login]", &event));
}

static void host_that_is_away_is_of_every_stage(void **state)
{
    (void)state;
    struct event event = an_event(EVENT_OPENED);
    event.signature = TEXT("host:shop.example/dns");
    assert_true(wants("stages: [login]", &event));
}

static void owner_is_one_of_those_named(void **state)
{
    (void)state;
    struct event event = an_event(EVENT_OPENED);
    assert_true(wants("owners: [search, payments]", &event));
    assert_false(wants("owners: search", &event));
    event.for_prober_owners = true;
    assert_false(wants("owners: payments", &event));
    assert_true(wants("owners: [payments, prober]", &event));
    assert_true(wants("severity: 1", &event));
}

static void test_is_for_everybody(void **state)
{
    (void)state;
    struct event event = an_event(EVENT_TEST);
    event.severity = 4;
    assert_true(wants("severity: 1, stages: [none], owners: [nobody]", &event));
}

static void pause_doubles_up_to_five_minutes(void **state)
{
    (void)state;
    static const int64_t most_s[] = {2, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
    for (unsigned attempts = 0; attempts < COUNT_OF(most_s); attempts++) {
        int64_t least = INT64_MAX, most = 0;
        struct random random;
        random_init(&random, 1);
        for (int i = 0; i < 1000; i++) {
            int64_t pause = sink_pause_us(attempts, 0, random_next(&random));
            if (pause < least) least = pause;
            if (pause > most) most = pause;
        }
        assert_true(least >= most_s[attempts] * US_PER_SECOND / 2);
        assert_true(most <= most_s[attempts] * US_PER_SECOND);
        assert_true(most - least > most_s[attempts] * US_PER_SECOND / 3);
    }
    assert_true(sink_pause_us(UINT32_MAX, 0, UINT64_MAX) <= 300 * US_PER_SECOND);
}

static void pause_honours_what_the_receiver_asks_up_to_an_hour(void **state)
{
    (void)state;
    assert_int_equal(sink_pause_us(1, 60 * US_PER_SECOND, 0), 60 * US_PER_SECOND);
    assert_int_equal(sink_pause_us(1, INT64_MAX, 0), 3600 * US_PER_SECOND);
    assert_int_equal(sink_pause_us(9, US_PER_SECOND, 0), 150 * US_PER_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(severity_is_a_threshold),
        cmocka_unit_test(lowering_is_told_to_whom_the_former_severity_was),
        cmocka_unit_test(stage_is_one_of_those_named),
        cmocka_unit_test(host_that_is_away_is_of_every_stage),
        cmocka_unit_test(owner_is_one_of_those_named),
        cmocka_unit_test(test_is_for_everybody),
        cmocka_unit_test(pause_doubles_up_to_five_minutes),
        cmocka_unit_test(pause_honours_what_the_receiver_asks_up_to_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
