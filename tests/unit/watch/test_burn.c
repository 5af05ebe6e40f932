/* SPDX-License-Identifier: Apache-2.0 */
/* Error budgets watched, on fake time: the judge, the desk and the store are real. */
#include "../store/fixture.h"

#include "loop/loop.h"
#include "posture/objective.h"
#include "support/golden.h"
#include "watch/burn.h"

struct world {
    struct fixture *store;
    struct clock_fake clock;
    struct loop *loop;
    struct delivery *delivery;
    struct config config;
    struct policy *policy;
    struct desk *desk;
    struct burn_watch *burns;
    struct journey_list journeys;
    struct timer end;
    struct buf open; /* "burn:checkout " */
};

static void on_reprobe(void *context, const char *journey, const char *persona, int64_t after_us)
{
    (void)context, (void)journey, (void)persona, (void)after_us;
}

static void on_change(void *context)
{
    (void)context;
}

static void on_end(void *context)
{
    loop_stop(((struct world *)context)->loop);
}

static void add_journey(struct world *world, const char *name, const char *objective)
{
    struct diags diags = {0};
    AUTO_FREE char *text = xasprintf("journey: %s\nbase: https://shop.example\n%s\nsteps:\n"
                                     "  - {name: see, get: /}\n",
                                     name, objective);
    struct journey *journey =
        journey_load_text("j.yaml", view_of(text), &(struct load_options){0}, &diags);
    diags_release(&diags);
    assert_non_null(journey);
    vec_push(&world->journeys, journey);
}

static struct world *begin(void **state)
{
    struct world *world = NEW(struct world);
    world->store = *state;
    clock_fake_init(&world->clock, START_US + STORE_DAY_US);
    world->loop = loop_new(&world->clock, &world->store->error);
    world->policy = policy_default();
    world->open = BUF_INIT(1000);
    world->delivery = delivery_new(
        &(struct delivery_settings){.loop = world->loop, .store = world->store->store});
    world->desk = desk_new(&(struct desk_settings){.loop = world->loop,
                                                   .store = world->store->store,
                                                   .delivery = world->delivery,
                                                   .reprobe = on_reprobe,
                                                   .changed = on_change},
                           &world->config, world->policy);
    world->burns = burn_watch_new(world->loop, world->store->store, world->desk, NULL);
    timer_init(&world->end, world->loop, on_end, world);
    return world;
}

static void end(struct world *world)
{
    assert_true(store_flush(world->store->store, FLUSH_US));
    store_poll(world->store->store); /* what is written is released */
    timer_cancel(&world->end);
    burn_watch_free(world->burns);
    desk_free(world->desk);
    delivery_free(world->delivery);
    policy_free(world->policy);
    journey_list_release(&world->journeys);
    loop_free(world->loop);
    buf_release(&world->open);
    free(world);
}

static void add_name(void *context, const struct incident_view *incident)
{
    if (!incident->resolved) buf_addf(context, "%s ", incident->face->signature);
    golden_note(incident->resolved ? incident->face->resolution : incident->face->message);
}

/* What is open after so long. */
static const char *after(struct world *world, int64_t us)
{
    timer_set(&world->end, loop_now_us(world->loop) + us);
    loop_run(world->loop);
    buf_clear(&world->open);
    judge_open(desk_judge(world->desk), add_name, &world->open);
    return buf_text(&world->open);
}

/* Each failed in the minutes before now, so many. */
static void add_failures(struct world *world, const char *journey, int count)
{
    struct store_batch *batch = store_begin(world->store->store);
    int64_t now_us = clock_wall_us(&world->clock.clock);
    for (int ago = 0; ago < 60; ago++) {
        AUTO_FREE char *id = xasprintf("%s-%lld-%d", journey, (long long)now_us, ago);
        struct store_run run =
            fixture_run(id, ago < count ? VERDICT_FAIL : VERDICT_PASS, now_us - ago * MINUTE_US);
        run.journey = journey;
        batch_add_run(batch, &run);
    }
    fixture_write(world->store, batch);
}

static void burn_is_raised_once_and_lowered_when_it_is_over(void **state)
{
    struct world *world = begin(state);
    add_journey(world, "checkout", "objective: {availability: 99.9%}");
    add_journey(world, "browse", "objective: {availability: 99.9%}");
    add_journey(world, "carefree", "");
    add_failures(world, "checkout", 1);
    add_failures(world, "browse", 1);
    add_failures(world, "carefree", 60);
    burn_watch_set(world->burns, &world->journeys);
    /* Between two looks, which come with each half minute. */
    assert_string_equal(after(world, 3 * MINUTE_US + MINUTE_US / 4), "");
    add_failures(world, "checkout", 5);
    assert_string_equal(after(world, MINUTE_US), "burn:checkout ");
    assert_string_equal(after(world, MINUTE_US), "burn:checkout ");
    world->clock.wall_us += 7 * STORE_HOUR_US;
    assert_string_equal(after(world, MINUTE_US), "");
    end(world);
}

static void burn_ends_with_the_promise(void **state)
{
    struct world *world = begin(state);
    struct journey_list none = {0};
    add_journey(world, "checkout", "objective: {availability: 99.9%}");
    add_failures(world, "checkout", 60);
    burn_watch_set(world->burns, &world->journeys);
    assert_string_equal(after(world, US_PER_SECOND), "burn:checkout ");
    burn_watch_set(world->burns, &none);
    assert_string_equal(after(world, US_PER_SECOND), "");
    end(world);
}

static void objectives_stand_in_the_store(void **state)
{
    struct world *world = begin(state);
    struct objective_list list = {0};
    add_journey(world, "checkout", "objective: {availability: 99.5%}");
    burn_watch_set(world->burns, &world->journeys);
    assert_true(store_flush(world->store->store, FLUSH_US));
    assert_true(objectives_read(&list, world->store->store, &world->store->error));
    assert_non_null(objectives_find(&list, "checkout"));
    objective_list_release(&list);
    end(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up_open, fixture_tear_down)
        TEST(burn_is_raised_once_and_lowered_when_it_is_over),
        TEST(burn_ends_with_the_promise),
        TEST(objectives_stand_in_the_store),
        PIN_MESSAGES("watch/burn.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
