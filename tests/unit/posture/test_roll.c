/* SPDX-License-Identifier: Apache-2.0 */
/* Who is watched, on the way into the store and back. */
#include "../store/fixture.h"
#include "posture/roll.h"

static void roll_comes_back_as_it_was_left(void **state)
{
    struct fixture *f = *state;
    struct roll roll = {.location = xstrdup("test \"bench\"")}, back;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct roll_journey *journey = roll_add(&roll, "a\nb");
    vec_push(&journey->personas, xstrdup("desktop"));
    vec_push(&journey->personas, xstrdup("iphone"));
    journey->pause = xstrdup("deploy");
    journey->pause_until_us = START_US + 1;
    journey->rests = true;
    roll_add(&roll, "idle");
    roll_print(&roll, &text);
    struct store_batch *batch = store_begin(f->store);
    batch_put_state(batch, ROLL_KEY, buf_view(&text));
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(f->store, FLUSH_US));
    READ(roll_read(&back, f->store, &f->error));
    assert_true(back.known);
    assert_string_equal(back.location, "test \"bench\"");
    const struct roll_journey *read = roll_find(&back, "a\nb");
    assert_non_null(read);
    assert_true(roll_has(read, "iphone"));
    assert_false(roll_has(read, "android"));
    assert_string_equal(read->pause, "deploy");
    assert_true(read->pause_until_us == START_US + 1);
    assert_true(read->rests);
    assert_null(roll_find(&back, "idle")->pause);
    assert_null(roll_find(&back, "other"));
    roll_release(&roll);
    roll_release(&back);
}

static void roll_that_nobody_left_is_not_known(void **state)
{
    struct fixture *f = *state;
    struct roll roll;
    READ(roll_read(&roll, f->store, &f->error));
    assert_false(roll.known);
    roll_release(&roll);
}

static void roll_that_is_none_is_refused_or_passed_over(void **state)
{
    struct fixture *f = *state;
    const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"", false},
        {"{\"journeys\": []}", false},
        {"{\"journeys\": {}}", true},
        {"{\"journeys\": {\"a\": 1, \"b\": {\"personas\": [1], \"pause\": {\"until_us\": 1e300}}}}",
         true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct roll roll = {0};
        assert_int_equal(roll_parse(&roll, view_of(cases[i].text), &f->error), cases[i].good);
        if (!cases[i].good) note_error(f);
        const struct roll_journey *journey = roll_find(&roll, "b");
        if (journey) assert_null(journey->pause);
        error_release(&f->error);
        roll_release(&roll);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up_open, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(roll_comes_back_as_it_was_left),
        TEST(roll_that_nobody_left_is_not_known),
        TEST(roll_that_is_none_is_refused_or_passed_over),
        PIN_MESSAGES("posture/roll.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
