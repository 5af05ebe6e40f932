/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/beat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOW (INT64_C(1767225600) * US_PER_SECOND) /* 2026-01-01T00:00:00Z */
#define MINUTE (60 * US_PER_SECOND)

static void begin(struct beat *beat, const char *name, const struct schedule_spec *schedule,
                  int64_t now_us)
{
    assert_true(beat_init(beat, name, schedule, now_us));
}

static void unscheduled_journey_has_no_beat(void **state)
{
    (void)state;
    struct beat beat;
    const struct schedule_spec none = {0};
    assert_false(beat_init(&beat, "a", &none, NOW));
}

static void journeys_are_spread_over_the_interval(void **state)
{
    (void)state;
    const struct schedule_spec schedule = {.every_us = MINUTE};
    unsigned of_ten_seconds[6] = {0};
    for (int i = 0; i < 600; i++) {
        AUTO_FREE char *name = xasprintf("journey %d", i);
        struct beat beat;
        begin(&beat, name, &schedule, NOW);
        assert_true(beat.slot_us > NOW && beat.slot_us <= NOW + MINUTE);
        of_ten_seconds[(beat.slot_us - NOW - 1) / (10 * US_PER_SECOND)]++;
    }
    for (int i = 0; i < 6; i++) assert_in_range(of_ten_seconds[i], 70, 130);
}

static void beat_is_the_same_after_a_restart(void **state)
{
    (void)state;
    const struct schedule_spec schedule = {.every_us = MINUTE};
    struct beat before, after;
    begin(&before, "checkout", &schedule, NOW);
    begin(&after, "checkout", &schedule, NOW + 12345 * MINUTE + 7);
    assert_int_equal((after.slot_us - before.slot_us) % MINUTE, 0);
}

static void beat_does_not_drift(void **state)
{
    (void)state;
    const struct schedule_spec schedule = {.every_us = 2 * US_PER_SECOND};
    struct beat beat;
    begin(&beat, "checkout", &schedule, NOW);
    int64_t first_us = beat.slot_us;
    for (int i = 1; i <= 100000; i++) {
        assert_int_equal(beat_advance(&beat, beat.slot_us + 3000 + i % 1000), 0);
        assert_int_equal(beat.slot_us, first_us + i * 2 * US_PER_SECOND);
    }
}

static void missed_slots_are_counted_and_not_made_up_for(void **state)
{
    (void)state;
    const struct schedule_spec schedule = {.every_us = MINUTE};
    struct beat beat;
    begin(&beat, "checkout", &schedule, NOW);
    int64_t first_us = beat.slot_us;
    assert_int_equal(beat_advance(&beat, first_us + 10 * MINUTE + 5), 10);
    assert_int_equal(beat.slot_us, first_us + 11 * MINUTE);
}

static void clock_set_back_a_little_doubles_no_run(void **state)
{
    (void)state;
    const struct schedule_spec schedule = {.every_us = MINUTE};
    struct beat beat;
    begin(&beat, "checkout", &schedule, NOW);
    int64_t first_us = beat.slot_us;
    assert_int_equal(beat_advance(&beat, first_us - 2000), 0);
    assert_int_equal(beat.slot_us, first_us + MINUTE);
}

static void clock_set_back_an_hour_does_not_silence_for_an_hour(void **state)
{
    (void)state;
    const struct schedule_spec schedule = {.every_us = MINUTE};
    struct beat beat;
    begin(&beat, "checkout", &schedule, NOW);
    int64_t back_us = beat.slot_us - 60 * MINUTE;
    assert_int_equal(beat_advance(&beat, back_us), 0);
    assert_int_equal(beat.slot_us, back_us + MINUTE);
}

static void jitter_moves_the_start_and_not_the_slot(void **state)
{
    (void)state;
    const struct schedule_spec schedule = {.every_us = MINUTE, .jitter_us = 10 * US_PER_SECOND};
    struct beat beat;
    int64_t least_us = INT64_MAX, most_us = 0;
    begin(&beat, "checkout", &schedule, NOW);
    for (int i = 0; i < 200; i++) {
        int64_t slot_us = beat.slot_us, delay_us = beat.start_us - slot_us;
        assert_true(delay_us >= 0 && delay_us < 10 * US_PER_SECOND);
        if (delay_us < least_us) least_us = delay_us;
        if (delay_us > most_us) most_us = delay_us;
        assert_int_equal(beat_advance(&beat, beat.start_us), 0);
        assert_int_equal(beat.slot_us, slot_us + MINUTE);
    }
    assert_true(least_us < US_PER_SECOND && most_us > 9 * US_PER_SECOND);
}

static void jitter_never_reaches_the_next_slot(void **state)
{
    (void)state;
    char expression[] = "0,1,30 * * * *";
    const struct schedule_spec schedules[] = {
        {.every_us = 2 * US_PER_SECOND, .jitter_us = 60 * US_PER_SECOND},
        {.cron = expression, .jitter_us = 3600 * US_PER_SECOND},
    };
    for (size_t i = 0; i < COUNT_OF(schedules); i++) {
        struct beat beat;
        begin(&beat, "checkout", &schedules[i], NOW);
        for (int slot = 0; slot < 100; slot++) {
            assert_true(beat.start_us >= beat.slot_us);
            assert_true(beat.start_us < beat_slot_after(&beat, beat.slot_us));
            assert_int_equal(beat_advance(&beat, beat.start_us), 0);
        }
        beat_release(&beat);
    }
}

static void cron_times_are_the_expressions_own(void **state)
{
    (void)state;
    char expression[] = "*/15 * * * *";
    const struct schedule_spec schedule = {.cron = expression};
    struct beat beat;
    begin(&beat, "checkout", &schedule, NOW);
    assert_int_equal(beat.slot_us, NOW + 15 * MINUTE);
    assert_int_equal(beat_interval_us(&beat), 15 * MINUTE);
    assert_int_equal(beat_advance(&beat, NOW + 47 * MINUTE), 2);
    assert_int_equal(beat.slot_us, NOW + 60 * MINUTE);
    beat_release(&beat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unscheduled_journey_has_no_beat),
        cmocka_unit_test(journeys_are_spread_over_the_interval),
        cmocka_unit_test(beat_is_the_same_after_a_restart),
        cmocka_unit_test(beat_does_not_drift),
        cmocka_unit_test(missed_slots_are_counted_and_not_made_up_for),
        cmocka_unit_test(clock_set_back_a_little_doubles_no_run),
        cmocka_unit_test(clock_set_back_an_hour_does_not_silence_for_an_hour),
        cmocka_unit_test(jitter_moves_the_start_and_not_the_slot),
        cmocka_unit_test(jitter_never_reaches_the_next_slot),
        cmocka_unit_test(cron_times_are_the_expressions_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
