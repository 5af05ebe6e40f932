/* SPDX-License-Identifier: Apache-2.0 */
/* The desk on fake time; the judge and the store are real. */
#include "../store/fixture.h"

#include "loop/loop.h"
#include "watch/desk.h"

static void on_change(void *context)
{
    (void)context;
}

static void on_end(void *context)
{
    loop_stop(context);
}

static void pass_time(struct loop *loop, struct timer *end, int64_t us)
{
    timer_set(end, loop_now_us(loop) + us);
    loop_run(loop);
}

static void note_id(void *context, const struct incident_view *incident)
{
    *(const char **)context = incident->face->incident_id;
}

static void expect_reminders(struct fixture *fixture, const struct desk *desk, unsigned wanted)
{
    struct store_event_list events;
    const char *id = "";
    unsigned count = 0;
    judge_open(desk_judge(desk), note_id, &id);
    assert_true(store_flush(fixture->store, FLUSH_US));
    assert_true(store_events(fixture->store, id, &events, &fixture->error));
    vec_each(event, &events) count += !strcmp(event->type, "reminder");
    store_event_list_release(&events);
    assert_int_equal(count, wanted);
}

/* A reminder comes every four hours. */
static void clock_that_is_set_reminds_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct clock_fake clock;
    struct timer end;
    const struct config config = {0};
    clock_fake_init(&clock, START_US);
    struct loop *loop = loop_new(&clock, &fixture->error);
    struct policy *policy = policy_default();
    struct delivery *delivery =
        delivery_new(&(struct delivery_settings){.loop = loop, .store = fixture->store});
    const struct desk_settings settings = {
        .loop = loop, .store = fixture->store, .delivery = delivery, .changed = on_change};
    struct desk *desk = desk_new(&settings, &config, policy);
    timer_init(&end, loop, on_end, loop);
    desk_raise(desk, CAUSE_SINK, "sink:mail", "it does not take what it is told");
    pass_time(loop, &end, STORE_HOUR_US);
    clock.wall_us += 10 * STORE_HOUR_US;
    pass_time(loop, &end, STORE_HOUR_US);
    clock.wall_us -= 20 * STORE_HOUR_US;
    pass_time(loop, &end, STORE_HOUR_US);
    expect_reminders(fixture, desk, 0);
    pass_time(loop, &end, 2 * STORE_HOUR_US);
    expect_reminders(fixture, desk, 1);
    store_poll(fixture->store);
    desk_free(desk);
    delivery_free(delivery);
    policy_free(policy);
    loop_free(loop);
}

static void good_report_is_kept_again_when_the_clock_went_back(void **state)
{
    struct fixture *fixture = *state;
    struct clock_fake clock;
    const struct config config = {0};
    clock_fake_init(&clock, START_US);
    struct loop *loop = loop_new(&clock, &fixture->error);
    struct policy *policy = policy_default();
    const struct desk_settings settings = {
        .loop = loop, .store = fixture->store, .changed = on_change};
    struct desk *desk = desk_new(&settings, &config, policy);
    assert_true(desk_wants_good(desk, 0));
    assert_false(desk_wants_good(desk, START_US));
    assert_false(desk_wants_good(desk, START_US - DESK_KEEP_GOOD_US + 1));
    assert_true(desk_wants_good(desk, START_US - DESK_KEEP_GOOD_US));
    assert_true(desk_wants_good(desk, START_US + STORE_HOUR_US));
    desk_free(desk);
    policy_free(policy);
    loop_free(loop);
}

static void expect_written(struct fixture *fixture, bool kept)
{
    AUTO_BUF memory = BUF_INIT((size_t)1 << 20);
    bool found = false;
    assert_true(store_flush(fixture->store, FLUSH_US));
    assert_true(store_state(fixture->store, "judge", &memory, &found, &fixture->error));
    assert_true(found);
    assert_int_equal(view_is(buf_view(&memory), "another's"), !kept);
}

/* What does not change is written seldom; but it is, for the store may be another by now. */
static void memory_of_quiet_days_is_written_seldom(void **state)
{
    struct fixture *fixture = *state;
    struct clock_fake clock;
    struct timer end;
    const struct config config = {0};
    clock_fake_init(&clock, START_US);
    struct loop *loop = loop_new(&clock, &fixture->error);
    struct policy *policy = policy_default();
    struct delivery *delivery =
        delivery_new(&(struct delivery_settings){.loop = loop, .store = fixture->store});
    const struct desk_settings settings = {
        .loop = loop, .store = fixture->store, .delivery = delivery, .changed = on_change};
    struct desk *desk = desk_new(&settings, &config, policy);
    assert_true(desk_restore(desk, &fixture->error));
    timer_init(&end, loop, on_end, loop);
    pass_time(loop, &end, 4 * DESK_SAVE_AFTER_US);
    expect_written(fixture, true);
    struct store_batch *batch = store_begin(fixture->store);
    batch_put_state(batch, "judge", VIEW_LITERAL("another's"));
    fixture_write(fixture, batch);
    pass_time(loop, &end, 4 * DESK_SAVE_AFTER_US);
    expect_written(fixture, false);
    pass_time(loop, &end, DESK_SAVE_ANYWAY_US);
    expect_written(fixture, true);
    store_poll(fixture->store);
    desk_free(desk);
    delivery_free(delivery);
    policy_free(policy);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(clock_that_is_set_reminds_nobody, fixture_set_up_open,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(memory_of_quiet_days_is_written_seldom, fixture_set_up_open,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(good_report_is_kept_again_when_the_clock_went_back,
                                        fixture_set_up_open, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
