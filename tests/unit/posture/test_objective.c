/* SPDX-License-Identifier: Apache-2.0 */
/* Objectives on their way from a journey into the store and back. */
#include "../store/fixture.h"
#include "posture/objective.h"

static struct journey *journey_of(const char *objective)
{
    struct diags diags = {0};
    AUTO_FREE char *text =
        xasprintf("journey: \"a \\\"journey\\\"\"\nbase: https://shop.example\n%s\n"
                  "steps:\n  - {name: see, get: /}\n",
                  objective);
    struct journey *journey =
        journey_load_text("j.yaml", view_of(text), &(struct load_options){0}, &diags);
    diags_release(&diags);
    assert_non_null(journey);
    return journey;
}

static void objective_comes_back_as_it_was_promised(void **state)
{
    (void)state;
    struct objective_list list = {0}, back = {0};
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct journey *journey =
        journey_of("objective: {availability: 99.95%, window: 7d, latency: {p95: 2s, p50: 500ms}}");
    struct journey *other = journey_of("");
    objectives_add(&list, journey);
    objectives_add(&list, other);
    objectives_print(&list, &text);
    assert_true(objectives_parse(&back, buf_view(&text), &error));
    assert_int_equal(back.count, 1);
    const struct objective *objective = objectives_find(&back, "a \"journey\"");
    assert_non_null(objective);
    assert_true(objective->availability > 0.99949 && objective->availability < 0.99951);
    assert_int_equal(objective->window_us, 7 * STORE_DAY_US);
    assert_int_equal(objective->latency_count, 2);
    assert_int_equal(objective->latencies[1].percentile, 50);
    assert_int_equal(objective->latencies[1].at_most_us, 500000);
    assert_null(objectives_find(&back, "other"));
    objective_list_release(&list);
    objective_list_release(&back);
    journey_free(journey);
    journey_free(other);
}

static void objectives_that_are_none_are_refused_or_passed_over(void **state)
{
    struct fixture *f = *state;
    const struct {
        const char *text;
        bool good;
        size_t count;
    } cases[] = {
        {"", false, 0},
        {"[]", false, 0},
        {"{\"journeys\": 1}", false, 0},
        {"{\"journeys\": {}}", true, 0},
        {"{\"journeys\": {\"a\": 1, \"b\": {\"availability\": 100, \"window_us\": -5}}}", true, 2},
        {"{\"journeys\": {\"a\": {\"latency\": {\"0\": 5, \"101\": 5, \"95\": \"x\"}}}}", true, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct objective_list list = {0};
        error_release(&f->error);
        assert_int_equal(objectives_parse(&list, view_of(cases[i].text), &f->error), cases[i].good);
        if (!cases[i].good) note_error(f);
        assert_int_equal(list.count, cases[i].count);
        vec_each(objective, &list) {
            assert_true(objective->availability < 0);
            assert_int_equal(objective->window_us, OBJECTIVE_WINDOW_US);
            assert_int_equal(objective->latency_count, 0);
        }
        objective_list_release(&list);
    }
}

static void objectives_of_a_new_store_are_none(void **state)
{
    struct fixture *f = *state;
    struct objective_list list = {0};
    READ(objectives_read(&list, f->store, &f->error));
    assert_int_equal(list.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objective_comes_back_as_it_was_promised),
        cmocka_unit_test_setup_teardown(objectives_that_are_none_are_refused_or_passed_over,
                                        fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(objectives_of_a_new_store_are_none, fixture_set_up_open,
                                        fixture_tear_down),
        PIN_MESSAGES("posture/objective.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
