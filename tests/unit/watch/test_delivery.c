/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries on fake time: the sinks are scripted, the store is real. */
#include "../store/fixture.h"

#include "base/log.h"
#include "loop/loop.h"
#include "support/golden.h"
#include "watch/delivery.h"

#define SECOND US_PER_SECOND

/* How the next attempts go, in order; then all are delivered. */
struct script {
    const char *sink; /* only its attempts; NULL: any */
    enum sink_outcome outcome;
    int64_t after_us;
    bool used;
};

struct world {
    struct fixture *store;
    struct clock_fake clock;
    struct loop *loop;
    struct delivery *delivery;
    struct sink sinks[3];
    struct sink_list list;
    struct script *script;
    size_t script_count;
    struct buf told;    /* "hook:opened-1@0 " for each attempt, in seconds */
    struct buf changes; /* "hook fails " */
    struct buf logged;  /* its lines */
    struct log log;
    unsigned idle; /* so often it was said */
    size_t waited; /* parcels, when it was said last */
    int64_t began_us;
    struct timer later;
};

struct sending {
    struct world *world;
    struct timer timer;
    sink_done *done;
    void *context;
    struct sink_result result;
};

static void on_answer(void *context)
{
    struct sending *sending = context;
    sink_done *done = sending->done;
    void *whose = sending->context;
    struct sink_result result = sending->result;
    free(sending);
    done(whose, &result);
}

/* The sender is the world itself. */
static struct sending *fake_send(struct sender *sender, const struct sink *sink,
                                 const struct event *event, sink_done *done, void *context)
{
    struct world *world = (struct world *)(void *)sender;
    struct sending *sending = NEW(struct sending);
    *sending = (struct sending){.world = world, .done = done, .context = context};
    sending->result = (struct sink_result){.outcome = SINK_DELIVERED, .why = "", .said = ""};
    for (size_t i = 0; i < world->script_count; i++) {
        struct script *line = &world->script[i];
        if (line->used || (line->sink && strcmp(line->sink, sink->name) != 0)) continue;
        line->used = true;
        sending->result =
            (struct sink_result){line->outcome, line->after_us, "scripted", "its own words"};
        break;
    }
    int64_t now_us = clock_wall_us(&world->clock.clock);
    buf_addf(&world->told, "%s:%s-%c@%lld ", sink->name, event_type_name(event->type),
             event->incident_id[0], (long long)((now_us - world->began_us) / SECOND));
    timer_init(&sending->timer, world->loop, on_answer, sending);
    timer_set(&sending->timer, loop_now_us(world->loop) + 10 * US_PER_MS);
    return sending;
}

static void fake_cancel(struct sending *sending)
{
    timer_cancel(&sending->timer);
    free(sending);
}

static void on_changed(void *context, const char *sink, const char *why)
{
    struct world *world = context;
    buf_addf(&world->changes, "%s %s ", sink, why ? "fails" : "works");
    if (why) golden_note(why);
}

static void keep_line(void *context, enum log_level level, const char *line)
{
    struct world *world = context;
    AUTO_FREE char *text = xasprintf("%s: %s", log_level_name(level), line);
    buf_addf(&world->logged, "%s; ", text);
    golden_note(text);
}

static void on_idle(void *context)
{
    struct world *world = context;
    world->idle++;
    world->waited = delivery_state(world->delivery).waiting;
}

static void open_delivery(struct world *world)
{
    world->delivery = delivery_new(&(struct delivery_settings){.loop = world->loop,
                                                               .store = world->store->store,
                                                               .sink_changed = on_changed,
                                                               .log = &world->log,
                                                               .idle = on_idle,
                                                               .context = world,
                                                               .send = fake_send,
                                                               .cancel = fake_cancel});
    delivery_set_sinks(world->delivery, &world->list, (struct sender *)(void *)world);
}

static struct world *begin(void **state)
{
    struct world *world = NEW(struct world);
    world->store = *state;
    clock_fake_init(&world->clock, START_US);
    world->began_us = START_US;
    world->loop = loop_new(&world->clock, &world->store->error);
    world->told = BUF_INIT(10000);
    world->changes = BUF_INIT(1000);
    world->logged = BUF_INIT(10000);
    world->log = (struct log){.level = LOG_NOTICE, .write = keep_line, .context = world};
    static const char *const names[] = {"hook", "mail", "page"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        world->sinks[i] = (struct sink){.name = xstrdup(names[i]),
                                        .worst_only = i == 2 ? 1 : 4,
                                        .give_up_after_us = 3600 * SECOND};
    world->list = (struct sink_list){world->sinks, 1, 3};
    open_delivery(world);
    return world;
}

static void end(struct world *world)
{
    delivery_free(world->delivery);
    loop_free(world->loop);
    for (size_t i = 0; i < COUNT_OF(world->sinks); i++) free(world->sinks[i].name);
    buf_release(&world->told);
    buf_release(&world->changes);
    buf_release(&world->logged);
    free(world);
}

/* An incident is called by one digit, its events by type and incident. */
static struct event event_of(enum event_type type, char incident, int severity)
{
    struct event event = {.type = type,
                          .severity = severity,
                          .time_us = START_US,
                          .opened_us = START_US,
                          .signature = (char[]){"stage:checkout/price"},
                          .line = (char[]){"SEV1 checkout: prices vanished"}};
    struct event full = event_copy(&event);
    snprintf(full.incident_id, sizeof full.incident_id, "%c-incident", incident);
    snprintf(full.id, sizeof full.id, "%c-%s", incident, event_type_name(type));
    return full;
}

static void add(struct world *world, enum event_type type, char incident, int severity,
                bool release)
{
    struct store_batch *batch = store_begin(world->store->store);
    struct event event = event_of(type, incident, severity);
    uint64_t number = delivery_add(world->delivery, batch, &event);
    event_release(&event);
    fixture_write(world->store, batch);
    if (release) delivery_release(world->delivery, number);
}

static void expect(struct world *world, const char *told)
{
    loop_run(world->loop);
    assert_string_equal(buf_text(&world->told), told);
    buf_clear(&world->told);
}

static void set_script(struct world *world, struct script *script, size_t count)
{
    world->script = script;
    world->script_count = count;
}
#define SCRIPT(...)                                                                                \
    struct script script[] = {__VA_ARGS__};                                                        \
    set_script(world, script, COUNT_OF(script))

static void add_another(void *context)
{
    add(context, EVENT_OPENED, '2', 1, true);
}

/* --- The stories */

static void event_goes_out_when_it_is_safe_and_not_before(void **state)
{
    struct world *world = begin(state);
    add(world, EVENT_OPENED, '1', 1, false);
    expect(world, "");
    delivery_release(world->delivery, UINT64_MAX);
    expect(world, "hook:opened-1@0 ");
    assert_int_equal(delivery_state(world->delivery).waiting, 0);
    end(world);
}

static void idle_is_said_when_all_went_out(void **state)
{
    struct world *world = begin(state);
    loop_run(world->loop);
    world->idle = 0;
    add(world, EVENT_OPENED, '1', 1, true);
    add(world, EVENT_RESOLVED, '1', 1, true);
    assert_true(delivery_is_busy(world->delivery));
    loop_run(world->loop);
    assert_int_equal(world->idle, 1);
    assert_int_equal(world->waited, 0);
    assert_false(delivery_is_busy(world->delivery));
    end(world);
}

static void store_in_trouble_holds_nobody_up(void **state)
{
    struct world *world = begin(state);
    add(world, EVENT_OPENED, '1', 1, false);
    delivery_trust_store(world->delivery, false);
    add(world, EVENT_OPENED, '2', 1, false);
    expect(world, "hook:opened-1@0 hook:opened-2@0 ");
    end(world);
}

static void order_of_an_incident_is_kept_through_failures(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_AGAIN, 60 * SECOND, false});
    add(world, EVENT_OPENED, '1', 2, true);
    add(world, EVENT_RAISED, '1', 1, true);
    add(world, EVENT_RESOLVED, '1', 1, true);
    expect(world, "hook:opened-1@0 hook:opened-1@60 hook:raised-1@60 hook:resolved-1@60 ");
    end(world);
}

static void incidents_do_not_wait_for_each_other(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_AGAIN, 0, false}); /* it asks for no pause */
    add(world, EVENT_OPENED, '1', 1, true);
    add(world, EVENT_OPENED, '2', 1, true);
    loop_run(world->loop);
    assert_true(strstr(buf_text(&world->told), "hook:opened-1@0 hook:opened-2@0 hook:opened-1@"));
    end(world);
}

static void what_not_everybody_was_told_is_logged(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_DELIVERED, 0, false});
    add(world, EVENT_OPENED, '1', 1, true);
    expect(world, "hook:opened-1@0 ");
    assert_non_null(strstr(buf_text(&world->logged), "hook: was told, but not everybody there"));
    end(world);
}

static void sink_that_asks_for_a_pause_gets_it(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_AGAIN, 90 * SECOND, false});
    add(world, EVENT_OPENED, '1', 1, true);
    timer_init(&world->later, world->loop, add_another, world);
    timer_set(&world->later, loop_now_us(world->loop) + 30 * SECOND);
    expect(world, "hook:opened-1@0 hook:opened-1@90 hook:opened-2@90 ");
    end(world);
}

static void refused_event_is_given_up_and_the_next_goes(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_REFUSED, 0, false});
    add(world, EVENT_OPENED, '1', 1, true);
    add(world, EVENT_RESOLVED, '1', 1, true);
    expect(world, "hook:opened-1@0 hook:resolved-1@0 ");
    assert_string_equal(buf_text(&world->changes), "hook fails hook works ");
    assert_int_equal(delivery_state(world->delivery).given_up, 1);
    assert_true(store_flush(world->store->store, FLUSH_US));
    struct store_outbox_figures figures;
    struct fixture *f = world->store;
    READ(store_outbox(f->store, "hook", &figures, &f->error));
    assert_int_equal(figures.given_up, 1);
    assert_int_equal(figures.delivered, 1);
    assert_int_equal(figures.waiting, 0);
    end(world);
}

static void sink_that_is_gone_hears_nothing_until_the_next_plan(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_GONE, 0, false});
    add(world, EVENT_OPENED, '1', 1, true);
    timer_init(&world->later, world->loop, add_another, world);
    timer_set(&world->later, loop_now_us(world->loop) + 600 * SECOND);
    world->sinks[0].give_up_after_us = 10 * 3600 * SECOND;
    expect(world, "hook:opened-1@0 ");
    assert_string_equal(buf_text(&world->changes), "hook fails hook fails hook fails ");
    assert_int_equal(delivery_state(world->delivery).given_up, 2);
    buf_clear(&world->changes);
    add(world, EVENT_RESOLVED, '1', 1, true);
    delivery_set_sinks(world->delivery, &world->list, (struct sender *)(void *)world);
    loop_run(world->loop);
    assert_non_null(strstr(buf_text(&world->told), "hook:resolved-1@"));
    assert_string_equal(buf_text(&world->changes), "hook works ");
    end(world);
}

static void delivery_that_grows_too_old_is_given_up(void **state)
{
    struct world *world = begin(state);
    world->sinks[0].give_up_after_us = 100 * SECOND;
    SCRIPT({"hook", SINK_AGAIN, 60 * SECOND, false}, {"hook", SINK_AGAIN, 60 * SECOND, false});
    add(world, EVENT_OPENED, '1', 1, true);
    expect(world, "hook:opened-1@0 hook:opened-1@60 ");
    assert_string_equal(buf_text(&world->changes), "hook fails ");
    assert_int_equal(delivery_state(world->delivery).given_up, 1);
    end(world);
}

static void sink_that_fails_and_fails_is_told_of_once(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_AGAIN, SECOND, false}, {"hook", SINK_AGAIN, SECOND, false},
           {"hook", SINK_AGAIN, SECOND, false}, {"hook", SINK_AGAIN, SECOND, false});
    add(world, EVENT_OPENED, '1', 1, true);
    loop_run(world->loop);
    assert_string_equal(buf_text(&world->changes), "hook fails hook works ");
    assert_string_equal(buf_text(&world->logged),
                        "warning: sink hook: will be told again: scripted: its own words; "
                        "notice: sink hook takes what it is told again; ");
    end(world);
}

/* The fifth attempt would come half a minute after the fourth. */
#define FAILING_HOOK                                                                               \
    {"hook", SINK_AGAIN, 0, false}, {"hook", SINK_AGAIN, 0, false},                                \
        {"hook", SINK_AGAIN, 0, false},                                                            \
    {                                                                                              \
        "hook", SINK_AGAIN, 0, false                                                               \
    }

static void stop(void *context)
{
    loop_stop(context);
}

/* Runs the loop until it failed four times, and stops in the pause after that. */
static void let_it_fail(struct world *world)
{
    for (unsigned i = 1; i <= 100 && delivery_state(world->delivery).failed < 4; i++) {
        timer_init(&world->later, world->loop, stop, world->loop);
        timer_set(&world->later, loop_now_us(world->loop) + SECOND);
        loop_run(world->loop);
    }
    assert_string_equal(buf_text(&world->changes), "hook fails ");
    buf_clear(&world->told);
    buf_clear(&world->changes);
    world->began_us = clock_wall_us(&world->clock.clock);
}

static void sink_that_failed_is_tried_at_once_by_a_new_plan(void **state)
{
    struct world *world = begin(state);
    SCRIPT(FAILING_HOOK);
    add(world, EVENT_OPENED, '1', 1, true);
    let_it_fail(world);
    delivery_set_sinks(world->delivery, &world->list, (struct sender *)(void *)world);
    expect(world, "hook:opened-1@0 ");
    assert_string_equal(buf_text(&world->changes), "hook works ");
    end(world);
}

static void new_plan_shortens_no_pause_that_was_asked_for(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_AGAIN, 90 * SECOND, false});
    add(world, EVENT_OPENED, '1', 1, true);
    timer_init(&world->later, world->loop, stop, world->loop);
    timer_set(&world->later, loop_now_us(world->loop) + SECOND);
    loop_run(world->loop);
    delivery_set_sinks(world->delivery, &world->list, (struct sender *)(void *)world);
    expect(world, "hook:opened-1@0 hook:opened-1@90 ");
    end(world);
}

static void sink_that_took_a_test_is_believed(void **state)
{
    struct world *world = begin(state);
    SCRIPT(FAILING_HOOK);
    add(world, EVENT_OPENED, '1', 1, true);
    let_it_fail(world);
    delivery_sink_works(world->delivery, "hook");
    assert_null(delivery_standing(world->delivery, "hook").trouble);
    assert_string_equal(buf_text(&world->changes), "hook works ");
    expect(world, "hook:opened-1@0 ");
    end(world);
}

/* Also when there is nothing left to tell it. */
static void sink_that_gave_up_all_is_believed_after_a_test(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_REFUSED, 0, false});
    add(world, EVENT_OPENED, '1', 1, true);
    loop_run(world->loop);
    delivery_sink_works(world->delivery, "hook");
    assert_string_equal(buf_text(&world->changes), "hook fails hook works ");
    end(world);
}

/* Whoever comes back after it left has failed at nothing yet. */
static void sink_that_comes_back_is_told_of_anew(void **state)
{
    struct world *world = begin(state);
    SCRIPT(FAILING_HOOK, {"hook", SINK_AGAIN, 0, false}, {"hook", SINK_AGAIN, 0, false},
           {"hook", SINK_AGAIN, 0, false});
    add(world, EVENT_OPENED, '1', 1, true);
    let_it_fail(world);
    const struct sink_list others = {world->sinks + 1, 1, 1};
    delivery_set_sinks(world->delivery, &others, (struct sender *)(void *)world);
    loop_run(world->loop);
    assert_null(delivery_standing(world->delivery, "hook").trouble);
    delivery_set_sinks(world->delivery, &world->list, (struct sender *)(void *)world);
    add(world, EVENT_OPENED, '2', 1, true);
    loop_run(world->loop);
    assert_string_equal(buf_text(&world->changes), "hook fails hook works ");
    end(world);
}

static void sink_of_the_worst_hears_the_end_of_what_it_heard(void **state)
{
    struct world *world = begin(state);
    world->list = (struct sink_list){world->sinks + 2, 1, 1}; /* only SEV1 */
    add(world, EVENT_OPENED, '1', 2, true);
    expect(world, "");
    add(world, EVENT_RAISED, '1', 1, true);
    add(world, EVENT_LOWERED, '1', 2, true);
    add(world, EVENT_RESOLVED, '1', 2, true);
    expect(world, "page:raised-1@0 page:lowered-1@0 page:resolved-1@0 ");
    add(world, EVENT_OPENED, '2', 3, true);
    add(world, EVENT_RESOLVED, '2', 3, true);
    expect(world, "");
    end(world);
}

static void sink_is_not_told_that_it_is_deaf(void **state)
{
    struct world *world = begin(state);
    world->list.count = 2;
    struct event event = event_of(EVENT_OPENED, '1', 4);
    free(event.signature);
    event.signature = xstrdup("sink:hook");
    struct store_batch *batch = store_begin(world->store->store);
    delivery_release(world->delivery, delivery_add(world->delivery, batch, &event));
    fixture_write(world->store, batch);
    event_release(&event);
    expect(world, "mail:opened-1@0 ");
    end(world);
}

static void sink_that_left_the_configuration_gets_nothing_more(void **state)
{
    struct world *world = begin(state);
    SCRIPT({"hook", SINK_AGAIN, 60 * SECOND, false});
    add(world, EVENT_OPENED, '1', 1, true);
    const struct sink_list others = {world->sinks + 1, 1, 1};
    delivery_set_sinks(world->delivery, &others, (struct sender *)(void *)world);
    add(world, EVENT_RESOLVED, '1', 1, true);
    expect(world, "");
    assert_string_equal(buf_text(&world->changes), "");
    assert_int_equal(delivery_state(world->delivery).waiting, 0);
    end(world);
}

static void what_waits_survives_a_crash_and_so_does_who_heard(void **state)
{
    struct world *world = begin(state);
    static const char *const open[] = {"1-incident"};
    SCRIPT({"hook", SINK_AGAIN, 60 * SECOND, false});
    world->list = (struct sink_list){world->sinks, 1, 1};
    add(world, EVENT_OPENED, '1', 1, false);
    delivery_free(world->delivery); /* the crash: nothing went out */
    open_delivery(world);
    struct fixture *f = world->store;
    READ(delivery_restore(world->delivery, open, 1, &f->error));
    expect(world, "hook:opened-1@0 hook:opened-1@60 ");
    world->sinks[0].worst_only = 1;
    add(world, EVENT_RESOLVED, '1', 2, true); /* lowered meanwhile: it hears it still */
    expect(world, "hook:resolved-1@60 ");
    end(world);
}

static void set_clock(struct world *world, int64_t by_us)
{
    world->clock.wall_us += by_us;
}

static void put_clock_forward(void *context)
{
    set_clock(context, 100000 * SECOND);
}

static void put_clock_back(void *context)
{
    set_clock(context, -7200 * SECOND);
}

static void clock_that_is_set_changes_no_delivery(void **state)
{
    void (*const jumps[])(void *) = {put_clock_forward, put_clock_back};
    for (size_t i = 0; i < COUNT_OF(jumps); i++) {
        struct world *world = begin(state);
        int64_t start_us = loop_now_us(world->loop);
        SCRIPT({"hook", SINK_AGAIN, 60 * SECOND, false});
        add(world, EVENT_OPENED, '1', 1, true);
        timer_init(&world->later, world->loop, jumps[i], world);
        timer_set(&world->later, start_us + 30 * SECOND);
        loop_run(world->loop);
        assert_int_equal((loop_now_us(world->loop) - start_us) / SECOND, 60);
        assert_int_equal(delivery_state(world->delivery).delivered, 1);
        assert_int_equal(delivery_state(world->delivery).given_up, 0);
        end(world);
    }
}

static void clock_that_was_set_back_holds_nothing_up_after_a_restart(void **state)
{
    struct world *world = begin(state);
    struct fixture *f = world->store;
    int64_t start_us = loop_now_us(world->loop);
    add(world, EVENT_OPENED, '1', 1, false);
    delivery_free(world->delivery);
    set_clock(world, -86400 * SECOND);
    open_delivery(world);
    READ(delivery_restore(world->delivery, NULL, 0, &f->error));
    loop_run(world->loop);
    assert_int_equal(delivery_state(world->delivery).delivered, 1);
    assert_true(loop_now_us(world->loop) - start_us <= 3601 * SECOND);
    end(world);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up_open, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(event_goes_out_when_it_is_safe_and_not_before),
        TEST(idle_is_said_when_all_went_out),
        TEST(store_in_trouble_holds_nobody_up),
        TEST(order_of_an_incident_is_kept_through_failures),
        TEST(incidents_do_not_wait_for_each_other),
        TEST(what_not_everybody_was_told_is_logged),
        TEST(sink_that_asks_for_a_pause_gets_it),
        TEST(refused_event_is_given_up_and_the_next_goes),
        TEST(sink_that_is_gone_hears_nothing_until_the_next_plan),
        TEST(delivery_that_grows_too_old_is_given_up),
        TEST(sink_that_fails_and_fails_is_told_of_once),
        TEST(sink_that_failed_is_tried_at_once_by_a_new_plan),
        TEST(new_plan_shortens_no_pause_that_was_asked_for),
        TEST(sink_that_took_a_test_is_believed),
        TEST(sink_that_gave_up_all_is_believed_after_a_test),
        TEST(sink_that_comes_back_is_told_of_anew),
        TEST(sink_of_the_worst_hears_the_end_of_what_it_heard),
        TEST(sink_is_not_told_that_it_is_deaf),
        TEST(sink_that_left_the_configuration_gets_nothing_more),
        TEST(clock_that_is_set_changes_no_delivery),
        TEST(clock_that_was_set_back_holds_nothing_up_after_a_restart),
        TEST(what_waits_survives_a_crash_and_so_does_who_heard),
        PIN_MESSAGES("watch/delivery.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
