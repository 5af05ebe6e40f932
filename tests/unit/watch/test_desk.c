/* SPDX-License-Identifier: Apache-2.0 */
/* The desk on fake time; the judge and the store are real. */
#include "../store/fixture.h"

#include "loop/loop.h"
#include "watch/desk.h"

/* A desk with all that it stands on, but for the loop's clock real. */
struct world {
    struct fixture *store;
    struct clock_fake clock;
    struct loop *loop;
    struct policy *policy;
    struct delivery *delivery;
    struct desk *desk;
    struct timer end;
};

static void on_change(void *context)
{
    (void)context;
}

static void on_end(void *context)
{
    loop_stop(context);
}

static struct world *begin(void **state)
{
    static const struct config config = {0};
    struct world *world = NEW(struct world);
    world->store = *state;
    clock_fake_init(&world->clock, START_US);
    world->loop = loop_new(&world->clock, &world->store->error);
    world->policy = policy_default();
    world->delivery = delivery_new(
        &(struct delivery_settings){.loop = world->loop, .store = world->store->store});
    world->desk = desk_new(&(struct desk_settings){.loop = world->loop,
                                                   .store = world->store->store,
                                                   .delivery = world->delivery,
                                                   .changed = on_change},
                           &config, world->policy);
    timer_init(&world->end, world->loop, on_end, world->loop);
    return world;
}

static void end(struct world *world)
{
    store_poll(world->store->store);
    desk_free(world->desk);
    delivery_free(world->delivery);
    policy_free(world->policy);
    loop_free(world->loop);
    free(world);
}

static void pass_time(struct world *world, int64_t us)
{
    timer_set(&world->end, loop_now_us(world->loop) + us);
    loop_run(world->loop);
}

static void note_id(void *context, const struct incident_view *incident)
{
    *(const char **)context = incident->face->incident_id;
}

static void expect_reminders(struct world *world, unsigned wanted)
{
    struct store_event_list events;
    const char *id = "";
    unsigned count = 0;
    judge_open(desk_judge(world->desk), note_id, &id);
    assert_true(store_flush(world->store->store, FLUSH_US));
    assert_true(store_events(world->store->store, id, &events, &world->store->error));
    vec_each(event, &events) count += !strcmp(event->type, "reminder");
    store_event_list_release(&events);
    assert_int_equal(count, wanted);
}

/* A reminder comes every four hours. */
static void clock_that_is_set_reminds_nobody(void **state)
{
    struct world *world = begin(state);
    desk_raise(world->desk, CAUSE_SINK, "sink:mail", "it does not take what it is told");
    pass_time(world, STORE_HOUR_US);
    world->clock.wall_us += 10 * STORE_HOUR_US;
    pass_time(world, STORE_HOUR_US);
    world->clock.wall_us -= 20 * STORE_HOUR_US;
    pass_time(world, STORE_HOUR_US);
    expect_reminders(world, 0);
    pass_time(world, 2 * STORE_HOUR_US);
    expect_reminders(world, 1);
    end(world);
}

static void good_report_is_kept_again_when_the_clock_went_back(void **state)
{
    struct world *world = begin(state);
    assert_true(desk_wants_good(world->desk, 0));
    assert_false(desk_wants_good(world->desk, START_US));
    assert_false(desk_wants_good(world->desk, START_US - DESK_KEEP_GOOD_US + 1));
    assert_true(desk_wants_good(world->desk, START_US - DESK_KEEP_GOOD_US));
    assert_true(desk_wants_good(world->desk, START_US + STORE_HOUR_US));
    end(world);
}

static void expect_written(struct world *world, bool kept)
{
    AUTO_BUF memory = BUF_INIT((size_t)1 << 20);
    bool found = false;
    assert_true(store_flush(world->store->store, FLUSH_US));
    assert_true(store_state(world->store->store, "judge", &memory, &found, &world->store->error));
    assert_true(found);
    assert_int_equal(view_is(buf_view(&memory), "another's"), !kept);
}

/* What does not change is written seldom; but it is, for the store may be another by now. */
static void memory_of_quiet_days_is_written_seldom(void **state)
{
    struct world *world = begin(state);
    assert_true(desk_restore(world->desk, &world->store->error));
    pass_time(world, 4 * DESK_SAVE_AFTER_US);
    expect_written(world, true);
    struct store_batch *batch = store_begin(world->store->store);
    batch_put_state(batch, "judge", VIEW_LITERAL("another's"));
    fixture_write(world->store, batch);
    pass_time(world, 4 * DESK_SAVE_AFTER_US);
    expect_written(world, false);
    pass_time(world, DESK_SAVE_ANYWAY_US);
    expect_written(world, true);
    end(world);
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
