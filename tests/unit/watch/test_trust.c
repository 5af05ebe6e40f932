/* SPDX-License-Identifier: Apache-2.0 */
#include "run_fixture.h"

#include "watch/trust.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct seen {
    struct fixture *fixture;
    struct trust *trust;
    unsigned changes, jumps;
    bool trusted;
    char why[200];
    struct timer act, again, end;
    int64_t jump_us, unhandled_us, stalls_us[2];
};

static void on_changed(void *context, bool trusted, const char *why)
{
    struct seen *seen = context;
    seen->changes++;
    seen->trusted = trusted;
    if (!trusted) golden_note(why);
    snprintf(seen->why, sizeof seen->why, "%s", why);
}

static void on_jump(void *context, int64_t by_us)
{
    struct seen *seen = context;
    seen->jumps++;
    seen->jump_us = by_us;
}

static int64_t overdue(void *context)
{
    return ((struct seen *)context)->unhandled_us;
}

static void on_end(void *context)
{
    struct seen *seen = context;
    trust_free(seen->trust);
}

static void stall(void *context)
{
    clock_fake_advance(&((struct seen *)context)->fixture->clock, 3 * US_PER_SECOND);
}

static void jump(void *context)
{
    ((struct seen *)context)->fixture->clock.wall_us += 3600 * US_PER_SECOND;
}

static void watch_doubted(struct seen *seen, struct fixture *fixture, char *const *control,
                          size_t count, bool doubted, void (*act)(void *context), int64_t us)
{
    *seen = (struct seen){.fixture = fixture, .trusted = true, .unhandled_us = seen->unhandled_us};
    const struct trust_settings settings = {
        fixture->loop, &fixture->fake.client, control, count, doubted, on_changed, on_jump, overdue,
        seen};
    timer_init(&seen->end, fixture->loop, on_end, seen);
    timer_set(&seen->end, loop_now_us(fixture->loop) + us);
    timer_init(&seen->act, fixture->loop, act, seen);
    if (act) timer_set(&seen->act, loop_now_us(fixture->loop) + 5500 * US_PER_MS);
    seen->trust = trust_new(&settings);
    loop_run(fixture->loop);
}

static void watch_for(struct seen *seen, struct fixture *fixture, char *const *control,
                      size_t count, void (*act)(void *context), int64_t us)
{
    watch_doubted(seen, fixture, control, count, false, act, us);
}

static void calm_prober_is_trusted(void **state)
{
    struct seen seen = {0};
    watch_for(&seen, *state, NULL, 0, NULL, 60 * US_PER_SECOND);
    assert_int_equal(seen.changes, 0);
    assert_int_equal(seen.jumps, 0);
}

static void stalled_prober_is_not_trusted_until_it_is_calm(void **state)
{
    struct seen seen = {0};
    watch_for(&seen, *state, NULL, 0, stall, 12 * US_PER_SECOND);
    assert_int_equal(seen.changes, 1);
    assert_string_equal(seen.why, "this prober stood still for 3 s");
    watch_for(&seen, *state, NULL, 0, stall, 60 * US_PER_SECOND);
    assert_int_equal(seen.changes, 2);
    assert_true(seen.trusted);
}

static void ask_twice(void *context)
{
    struct seen *seen = context;
    seen->stalls_us[0] = trust_stall_us(seen->trust);
    seen->stalls_us[1] = trust_stall_us(seen->trust);
}

static void ask_after(struct seen *seen, struct fixture *fixture, struct timer *timer, int64_t us)
{
    timer_init(timer, fixture->loop, ask_twice, seen);
    timer_set(timer, loop_now_us(fixture->loop) + us);
    watch_for(seen, fixture, NULL, 0, stall, us + US_PER_SECOND);
}

static void stall_is_told_to_whoever_asks_for_a_while(void **state)
{
    struct seen seen;
    struct timer timer;
    ask_after(&seen, *state, &timer, 30 * US_PER_SECOND);
    assert_true(seen.stalls_us[0] >= 3 * US_PER_SECOND);
    assert_int_equal(seen.stalls_us[1], seen.stalls_us[0]);
    ask_after(&seen, *state, &timer, 70 * US_PER_SECOND);
    assert_true(seen.stalls_us[0] >= 3 * US_PER_SECOND);
    ask_after(&seen, *state, &timer, 190 * US_PER_SECOND);
    assert_int_equal(seen.stalls_us[0], 0);
}

static void jump_of_the_clock_is_noticed(void **state)
{
    struct seen seen = {0};
    watch_for(&seen, *state, NULL, 0, jump, 60 * US_PER_SECOND);
    assert_int_equal(seen.jumps, 1);
    assert_int_equal(seen.jump_us, 3600 * US_PER_SECOND);
    assert_int_equal(seen.changes, 0);
}

static void prober_is_blind_when_every_control_fails(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {
        {0},
        {.kind = OUTCOME_CONNECT}, /* one sees */
        {.kind = OUTCOME_DNS},
        {.kind = OUTCOME_CONNECT}, /* none does */
        {.status = 500},
        {.kind = OUTCOME_CONNECT}, /* an answer is an answer */
    };
    char *const control[] = {(char[]){"http://a.test/"}, (char[]){"http://b.test/"}};
    struct seen seen = {0};
    fixture->fake.script = script;
    fixture->fake.script_count = 6;
    watch_for(&seen, fixture, control, 2, NULL, 20 * US_PER_SECOND);
    assert_int_equal(seen.changes, 1);
    assert_false(seen.trusted);
    assert_non_null(strstr(seen.why, "every control URL"));
    fixture->fake.next = 2;
    watch_for(&seen, fixture, control, 2, NULL, 20 * US_PER_SECOND);
    assert_int_equal(seen.changes, 2);
    assert_true(seen.trusted);
}

/* There is nothing to look at, or that was just done. */
static void look_in_vain(void *context)
{
    struct seen *seen = context;
    trust_look(seen->trust);
    assert_false(trust_is_looking(seen->trust));
}

static void look(void *context)
{
    struct seen *seen = context;
    assert_false(trust_is_looking(seen->trust));
    trust_look(seen->trust);
    assert_true(trust_is_looking(seen->trust));
    trust_look(seen->trust); /* once will do */
}

static void look_twice(void *context)
{
    struct seen *seen = context;
    look(seen);
    timer_init(&seen->again, seen->fixture->loop, look_in_vain, seen);
    timer_set(&seen->again, loop_now_us(seen->fixture->loop) + TRUST_FRESH_US / 2);
}

/* Long before the next look would be due. */
static void prober_looks_whether_it_can_see_when_somebody_fails(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{0}, {.kind = OUTCOME_CONNECT}, {0}};
    char *const control[] = {(char[]){"http://a.test/"}};
    struct seen seen = {0};
    fixture->fake.script = script;
    fixture->fake.script_count = COUNT_OF(script);
    watch_for(&seen, fixture, control, 1, look_twice, 7 * US_PER_SECOND);
    assert_int_equal(seen.changes, 1);
    assert_false(seen.trusted);
    assert_int_equal(fixture->fake.next, 2);
    watch_for(&seen, fixture, NULL, 0, look_in_vain, 7 * US_PER_SECOND);
    assert_int_equal(seen.changes, 0);
}

static void doubted_prober_is_believed_once_it_was_looked_at(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.kind = OUTCOME_DNS}, {.status = 200}};
    char *const control[] = {(char[]){"http://a.test/"}};
    struct seen seen = {0};
    watch_doubted(&seen, fixture, NULL, 0, true, NULL, 2 * US_PER_SECOND);
    assert_int_equal(seen.changes, 1);
    assert_true(seen.trusted);
    fixture->fake.script = script;
    fixture->fake.script_count = 2;
    watch_doubted(&seen, fixture, control, 1, true, NULL, 10 * US_PER_SECOND);
    assert_int_equal(seen.changes, 0); /* it still cannot see */
    fixture->fake.next = 1;
    watch_doubted(&seen, fixture, control, 1, true, NULL, 10 * US_PER_SECOND);
    assert_int_equal(seen.changes, 1);
    assert_true(seen.trusted);
}

static int feedings(struct fixture *fixture, int64_t unhandled_us)
{
    struct seen seen = {.unhandled_us = unhandled_us};
    char path[] = "/tmp/shopper-notify-XXXXXX", words[100] = "";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_non_null(mkdtemp(path));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", path);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    setenv("WATCHDOG_USEC", "5000000", 1);
    watch_for(&seen, fixture, NULL, 0, NULL, 3500 * US_PER_MS);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    int fed = 0;
    while (recv(descriptor, words, sizeof words - 1, 0) > 0) {
        assert_string_equal(words, "WATCHDOG=1");
        fed++;
    }
    close(descriptor);
    unlink(address.sun_path);
    rmdir(path);
    return fed;
}

static void watchdog_is_fed_while_shoppers_start(void **state)
{
    assert_int_equal(feedings(*state, 0), 3);
    assert_int_equal(feedings(*state, 4 * US_PER_SECOND), 3);
    assert_int_equal(feedings(*state, 5 * US_PER_SECOND), 0); /* the loop turns, and nobody walks */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(calm_prober_is_trusted),
        TEST(stalled_prober_is_not_trusted_until_it_is_calm),
        TEST(stall_is_told_to_whoever_asks_for_a_while),
        TEST(jump_of_the_clock_is_noticed),
        TEST(prober_is_blind_when_every_control_fails),
        TEST(prober_looks_whether_it_can_see_when_somebody_fails),
        TEST(doubted_prober_is_believed_once_it_was_looked_at),
        TEST(watchdog_is_fed_while_shoppers_start),
        PIN_MESSAGES("watch/trust.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
