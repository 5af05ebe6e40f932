/* SPDX-License-Identifier: Apache-2.0 */
/* The roll in the store, while a maintenance window opens and closes on fake time. */
#include "../store/fixture.h"

#include "posture/roll.h"
#include "watch/maintenance.h"
#include "watch/roll_call.h"

struct world {
    struct fixture *store;
    struct clock_fake clock;
    struct loop *loop;
    struct timer end;
};

static void on_end(void *context)
{
    loop_stop(((struct world *)context)->loop);
}

static const struct config_window *find(void *context, const struct journey *journey,
                                        int64_t now_us, bool rests)
{
    const struct maintenance_subject subject = {.journey = journey->name};
    return maintenance_find(&((struct plan *)context)->config, &subject, now_us, rests);
}

/* What the store says after `us` more. */
static struct roll read_after(struct world *world, int64_t us)
{
    struct roll roll;
    timer_set(&world->end, loop_now_us(world->loop) + us);
    loop_run(world->loop);
    assert_true(store_flush(world->store->store, FLUSH_US));
    struct fixture *f = world->store;
    READ(roll_read(&roll, f->store, &f->error));
    assert_true(roll.known);
    return roll;
}

static void roll_tells_of_a_window_while_it_is_open(void **state)
{
    struct world world = {.store = *state};
    char name[] = "deploy", journey_text[] = "journey: checkout\nbase: http://shop.test\n"
                                             "steps: [{name: look, get: /}]\n";
    struct diags diags = {0};
    struct journey *journey =
        journey_load_text("j.yaml", view_of(journey_text), &(struct load_options){0}, &diags);
    clock_fake_init(&world.clock, START_US);
    world.loop = loop_new(&world.clock, NULL);
    timer_init(&world.end, world.loop, on_end, &world);
    struct config_window window = {.name = name,
                                   .from_us = START_US + 10 * US_PER_SECOND,
                                   .to_us = START_US + 30 * US_PER_SECOND,
                                   .skip = true};
    struct plan plan = {.journeys = {&journey, 1, 1}};
    plan.config.maintenance.items = &window;
    plan.config.maintenance.count = plan.config.maintenance.capacity = 1;
    struct roll_call *call = roll_call_new(world.loop, world.store->store, find, &plan);
    roll_call_set(call, &plan);
    struct roll roll = read_after(&world, 5 * US_PER_SECOND);
    assert_true(roll_has(roll_find(&roll, "checkout"), "desktop"));
    assert_string_equal(roll.location, "");
    assert_null(roll_find(&roll, "checkout")->pause);
    roll_release(&roll);
    roll = read_after(&world, 10 * US_PER_SECOND);
    assert_string_equal(roll_find(&roll, "checkout")->pause, "deploy");
    assert_true(roll_find(&roll, "checkout")->rests);
    assert_true(roll_find(&roll, "checkout")->pause_until_us == window.to_us);
    roll_release(&roll);
    roll = read_after(&world, 20 * US_PER_SECOND);
    assert_null(roll_find(&roll, "checkout")->pause);
    roll_release(&roll);
    roll_call_free(call);
    loop_free(world.loop);
    journey_free(journey);
    diags_release(&diags);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up_open, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(roll_tells_of_a_window_while_it_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
