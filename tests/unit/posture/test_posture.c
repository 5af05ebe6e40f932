/* SPDX-License-Identifier: Apache-2.0 */
/* A month boiled down: shoppers, stages, steps, promises, incidents, weeks. */
#include "../store/fixture.h"
#include "judge/event.h"
#include "posture/strip.h"

#define NOW_US (START_US + 20 * STORE_DAY_US + 7 * STORE_HOUR_US + 13 * MINUTE_US)

static void add_run(struct store_batch *batch, const char *journey, const char *persona, int hour,
                    enum verdict verdict, unsigned flags)
{
    AUTO_FREE char *id = xasprintf("%s-%s-%d", journey, persona, hour);
    bool bad = verdict == VERDICT_FAIL;
    const struct store_step steps[] = {
        {"log in", "login", VERDICT_PASS, 100000},
        {"see", "price-view", verdict, 50000},
        {"sit", "lounge", bad ? VERDICT_SKIPPED : VERDICT_PASS, 9000000},
    };
    struct store_run run = fixture_run(id, verdict, NOW_US - hour * STORE_HOUR_US);
    run.journey = journey;
    run.persona = persona;
    run.flags = flags;
    run.steps = steps;
    run.step_count = COUNT_OF(steps);
    batch_add_run(batch, &run);
}

static void add_month(struct fixture *f)
{
    struct store_batch *batch = store_begin(f->store);
    for (int hour = 0; hour < 240; hour++) {
        add_run(batch, "browse", "desktop", hour, VERDICT_PASS, 0);
        add_run(batch, "checkout", "desktop", hour, hour < 24 ? VERDICT_FAIL : VERDICT_PASS,
                hour < 12 ? STORE_RUN_MAINTENANCE : 0);
        add_run(batch, "checkout", "iphone", hour, hour < 6 ? VERDICT_UNKNOWN : VERDICT_DEGRADED,
                0);
    }
    batch_add_missed(batch, &(struct store_missed){"checkout", "iphone", "slept", NOW_US - 1});
    batch_put_state(
        batch, OBJECTIVES_KEY,
        VIEW_LITERAL(
            "{\"journeys\": {\"checkout\": {\"availability\": 99, \"window_us\": "
            "864000000000, \"latency\": {\"95\": 500}}, \"browse\": {\"availability\": 50}}}"));
    fixture_write(f, batch);
}

static struct posture read_month(struct fixture *f, const char *journey)
{
    struct posture posture = {0};
    const struct posture_settings settings = {journey, NOW_US - 30 * STORE_DAY_US, NOW_US};
    struct store *aside = store_open_reader(f->path, &f->error);
    READ(aside && posture_read(&posture, f->store, aside, &settings, &f->error));
    store_close(aside);
    return posture;
}

static void posture_counts_shoppers_and_what_does_not_count(void **state)
{
    struct fixture *f = *state;
    add_month(f);
    struct posture posture = read_month(f, NULL);
    assert_int_equal(posture.subjects.count, 3);
    const struct store_figures *whole = &posture.whole;
    assert_int_equal(whole->verdicts[VERDICT_PASS], 240 + 216);
    assert_int_equal(whole->verdicts[VERDICT_FAIL], 12);
    assert_int_equal(whole->verdicts[VERDICT_UNKNOWN], 6);
    assert_int_equal(whole->maintenance, 12);
    assert_int_equal(whole->missed, 1);
    assert_int_equal(whole->lost_us, 12 * MINUTE_US);
    assert_int_equal(posture.from_us % STORE_DAY_US, 0);
    posture_release(&posture);
}

static void posture_joins_stages_and_ranks_steps(void **state)
{
    struct fixture *f = *state;
    add_month(f);
    struct posture posture = read_month(f, NULL);
    assert_int_equal(posture.core.count, 2);
    assert_string_equal(posture.core.items[0].stage, "login");
    assert_string_equal(posture.core.items[1].stage, "price-view");
    assert_int_equal(posture.core.items[1].figures.verdicts[VERDICT_FAIL], 12);
    assert_int_equal(posture.stages.count, 6);
    assert_int_equal(posture.failing.count, 1);
    assert_string_equal(posture.failing.items[0].journey, "checkout");
    assert_string_equal(posture.failing.items[0].step, "see");
    assert_int_equal(posture.slow.count, 6);
    assert_string_equal(posture.slow.items[0].step, "sit");
    assert_true(posture.slow.items[0].p95_us > 8000000);
    posture_release(&posture);
}

static void posture_of_one_journey_knows_no_other(void **state)
{
    struct fixture *f = *state;
    add_month(f);
    struct posture posture = read_month(f, "browse");
    assert_int_equal(posture.subjects.count, 1);
    assert_int_equal(posture.whole.verdicts[VERDICT_PASS], 240);
    assert_int_equal(posture.core.items[1].figures.verdicts[VERDICT_PASS], 240);
    assert_string_equal(posture.core.items[1].journey, "");
    assert_int_equal(posture.failing.count, 0);
    assert_int_equal(posture.promises.count, 1);
    posture_release(&posture);
    posture = read_month(f, "nowhere");
    assert_int_equal(posture.subjects.count + posture.promises.count + posture.stages.count, 0);
    posture_release(&posture);
}

static void posture_holds_promises_against_what_was(void **state)
{
    struct fixture *f = *state;
    add_month(f);
    struct posture posture = read_month(f, NULL);
    assert_int_equal(posture.promises.count, 2);
    const struct posture_promise *checkout = &posture.promises.items[0];
    assert_string_equal(checkout->objective->journey, "checkout");
    assert_int_equal(checkout->budget.failed, 12);
    assert_true(checkout->budget.left < -1);
    assert_int_equal(checkout->burn.speed, BURN_NONE); /* maintenance since twelve hours */
    assert_true(checkout->latencies[0].measured_us > 500);
    assert_true(posture.promises.items[1].budget.left > 0.999);
    posture_release(&posture);
}

/* --- Strips */

static struct posture_strips read_strips(struct fixture *f, int64_t window_us, const char *journey,
                                         struct posture *ret_posture)
{
    struct posture_strips strips = {0};
    const struct posture_settings settings = {journey, NOW_US - window_us, NOW_US};
    struct store *aside = store_open_reader(f->path, &f->error);
    READ(aside && posture_read(ret_posture, f->store, aside, &settings, &f->error));
    READ(posture_read_strips(&strips, ret_posture, f->store, &f->error));
    store_close(aside);
    return strips;
}

static void strips_have_all_first_and_then_the_worst(void **state)
{
    struct fixture *f = *state;
    struct posture posture = {0};
    add_month(f);
    struct posture_strips strips = read_strips(f, 30 * STORE_DAY_US, NULL, &posture);
    assert_int_equal(strips.list.count, 3);
    assert_int_equal(strips.left_out, 0);
    assert_string_equal(strips.list.items[0].journey, "");
    assert_string_equal(strips.list.items[1].journey, "checkout");
    assert_string_equal(strips.list.items[2].journey, "browse");
    assert_int_equal(strips.cell_us, STORE_DAY_US);
    const struct posture_strip *checkout = &strips.list.items[1];
    assert_int_equal(checkout->cells.count, 31);
    assert_int_equal(checkout->cells.items[0].from_us, posture.from_us);
    assert_int_equal(checkout->cells.items[29].figures.verdicts[VERDICT_FAIL], 12);
    assert_int_equal(checkout->cells.items[30].figures.verdicts[VERDICT_FAIL], 0);
    assert_int_equal(checkout->cells.items[5].figures.verdicts[VERDICT_PASS], 0);
    assert_int_equal(strips.list.items[0].figures.verdicts[VERDICT_FAIL], 12);
    posture_strips_release(&strips);
    posture_release(&posture);
}

static void strips_have_cells_as_long_as_fits(void **state)
{
    static const struct {
        int days;
        int64_t cell_us;
        size_t cells;
    } cases[] = {{1, STORE_HOUR_US, 25},
                 {2, STORE_DAY_US, 3},
                 {99, STORE_DAY_US, 100},
                 {365, 7 * STORE_DAY_US, 53},
                 {3660, 28 * STORE_DAY_US, 131}};
    struct fixture *f = *state;
    add_month(f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct posture posture = {0};
        struct posture_strips strips =
            read_strips(f, cases[i].days * STORE_DAY_US, "browse", &posture);
        assert_int_equal(strips.list.count, 1);
        assert_string_equal(strips.list.items[0].journey, "browse");
        assert_int_equal(strips.cell_us, cases[i].cell_us);
        assert_int_equal(strips.list.items[0].cells.count, cases[i].cells);
        posture_strips_release(&strips);
        posture_release(&posture);
    }
}

static void strips_are_of_so_many_journeys_and_of_the_worst(void **state)
{
    struct fixture *f = *state;
    struct posture posture = {0};
    struct store_batch *batch = store_begin(f->store);
    for (int i = 0; i < POSTURE_STRIPS + 5; i++) {
        AUTO_FREE char *name = xasprintf("journey-%02d", i);
        add_run(batch, name, "desktop", 1, i % 10 == 9 ? VERDICT_FAIL : VERDICT_PASS, 0);
    }
    add_run(batch, "a journey that nobody could judge", "desktop", 1, VERDICT_UNKNOWN, 0);
    fixture_write(f, batch);
    struct posture_strips strips = read_strips(f, 7 * STORE_DAY_US, NULL, &posture);
    assert_int_equal(strips.list.count, 1 + POSTURE_STRIPS);
    assert_int_equal(strips.left_out, 6);
    assert_string_equal(strips.list.items[1].journey, "journey-09");
    assert_string_equal(strips.list.items[4].journey, "journey-39");
    assert_string_equal(strips.list.items[5].journey, "journey-00");
    posture_strips_release(&strips);
    posture_release(&posture);
    strips = read_strips(f, 7 * STORE_DAY_US, "nowhere", &posture);
    assert_int_equal(strips.list.count, 0);
    posture_strips_release(&strips);
    posture_release(&posture);
}

/* --- Incidents */

static void add_event(struct store_batch *batch, const char *incident, enum event_type type,
                      int before, int64_t time_us)
{
    char *affected[] = {(char *)(uintptr_t) "checkout as desktop from here"};
    char *none = (char *)(uintptr_t) "";
    struct event event = {.type = type,
                          .severity = 2,
                          .previous_severity = before,
                          .time_us = time_us,
                          .opened_us = time_us,
                          .line = none,
                          .signature = none,
                          .kind = none,
                          .stage = none,
                          .host = none,
                          .step = none,
                          .message = none,
                          .expected = none,
                          .actual = none,
                          .rule = none,
                          .owner = none,
                          .runbook = none,
                          .trace_id = none,
                          .run_id = none,
                          .resolution = none,
                          .affected = affected,
                          .affected_count = 1};
    AUTO_BUF json = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *id = xasprintf("%s-%d", incident, (int)type);
    strcpy(event.id, "01990000-0000-7000-8000-000000000001");
    strcpy(event.incident_id, "01990000-0000-7000-8000-000000000002");
    event_print(&event, &json);
    batch_add_event(batch, &(struct store_event){id, incident, time_us, event_type_name(type),
                                                 buf_text(&json)});
}

static void add_incident(struct store_batch *batch, const char *id, const char *signature,
                         int severity, int64_t opened_us, int detect_s, int lasted_s)
{
    batch_put_incident(
        batch, &(struct store_incident){
                   .id = id,
                   .signature = signature,
                   .severity = severity,
                   .state = "open",
                   .opened_us = opened_us,
                   .resolved_us = lasted_s ? opened_us + lasted_s * US_PER_SECOND : 0,
                   .line = "",
                   .json = strcmp(id, "planned") == 0 ? "{\"face\":{\"maintenance\":true}}"
                                                      : "{\"face\":{\"maintenance\":false}}"});
    add_event(batch, id, EVENT_OPENED, 0, opened_us + detect_s * US_PER_SECOND);
}

static void add_incidents(struct fixture *f)
{
    struct store_batch *batch = store_begin(f->store);
    add_incident(batch, "a", "stage:login/http", 1, NOW_US - STORE_DAY_US, 10, 100);
    add_incident(batch, "b", "stage:login/price", 1, NOW_US - 2 * STORE_DAY_US, 20, 300);
    add_incident(batch, "c", "host:shop/dns", 2, NOW_US - 9 * STORE_DAY_US, 60, 900);
    add_event(batch, "c", EVENT_LOWERED, 1, NOW_US - 9 * STORE_DAY_US + 1); /* it was a SEV1 */
    add_incident(batch, "d", "slow:login/slow", 3, NOW_US - STORE_HOUR_US, 5, 0);
    add_incident(batch, "e", "sink:mail", 4, NOW_US - STORE_HOUR_US, 0, 9000);
    add_incident(batch, "planned", "stage:login/http", 1, NOW_US - 3 * STORE_DAY_US, 10, 100);
    add_incident(batch, "f", "stage:login/tls", 1, NOW_US - 60 * STORE_DAY_US, 1, 1);
    fixture_write(f, batch);
}

static void incidents_are_counted_by_the_worst_they_reached(void **state)
{
    struct fixture *f = *state;
    add_incidents(f);
    struct posture posture = read_month(f, NULL);
    const struct posture_response *all = posture.responses;
    assert_int_equal(posture.planned.incidents, 1);
    assert_int_equal(posture.planned.open, 0);
    assert_int_equal(all[0].incidents, 5);
    assert_int_equal(all[0].open, 1);
    assert_int_equal(all[1].incidents, 3);
    assert_int_equal(all[2].incidents, 0);
    assert_int_equal(all[1].detect.median_us, 20 * US_PER_SECOND);
    assert_int_equal(all[1].detect.worst_us, 60 * US_PER_SECOND);
    assert_int_equal(all[1].resolve.median_us, 300 * US_PER_SECOND);
    assert_int_equal(all[0].detect.count, 4);
    assert_int_equal(all[0].detect.median_us, 15 * US_PER_SECOND);
    assert_int_equal(all[0].resolve.worst_us, 900 * US_PER_SECOND);
    assert_int_equal(all[4].resolve.count, 0);
    assert_int_equal(all[4].resolve.median_us, -1);
    posture_release(&posture);
    posture = read_month(f, "checkout");
    assert_int_equal(posture.responses[0].incidents, 5);
    posture_release(&posture);
    posture = read_month(f, "browse");
    assert_int_equal(posture.responses[0].incidents, 0);
    posture_release(&posture);
}

static void weeks_begin_on_monday_and_leave_none_out(void **state)
{
    struct fixture *f = *state;
    add_incidents(f);
    struct posture posture = read_month(f, NULL);
    size_t sum = 0;
    vec_each(week, &posture.weeks) {
        assert_int_equal((week->from_us / STORE_DAY_US + 3) % 7, 0); /* 1970 began on a Thursday */
        if (week != posture.weeks.items)
            assert_int_equal(week->from_us - (week - 1)->from_us, 7 * STORE_DAY_US);
        sum += week->sev1;
    }
    assert_true(posture.weeks.items[0].from_us <= posture.from_us);
    assert_int_equal(posture.weeks.count, 5);
    assert_int_equal(sum, 3);
    posture_release(&posture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up_open, fixture_tear_down)
        TEST(posture_counts_shoppers_and_what_does_not_count),
        TEST(posture_joins_stages_and_ranks_steps),
        TEST(posture_of_one_journey_knows_no_other),
        TEST(posture_holds_promises_against_what_was),
        TEST(strips_have_all_first_and_then_the_worst),
        TEST(strips_have_cells_as_long_as_fits),
        TEST(strips_are_of_so_many_journeys_and_of_the_worst),
        TEST(incidents_are_counted_by_the_worst_they_reached),
        TEST(weeks_begin_on_monday_and_leave_none_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
