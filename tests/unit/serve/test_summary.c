/* SPDX-License-Identifier: Apache-2.0 */
/* The headline: it says what is known of all shoppers, and no more. */
#include "serve/summary.h"
#include "support/golden.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* One shopper, of a journey of its own. */
struct shopper {
    const char *stages[4]; /* of its journey, in order */
    enum condition condition;
    const char *failed_at; /* a stage; NULL: "" */
    const char *paused;
};

static enum verdict verdict_of(enum condition condition)
{
    if (condition == CONDITION_CANNOT) return VERDICT_FAIL;
    if (condition == CONDITION_NOT_KNOWN) return VERDICT_UNKNOWN;
    return condition == CONDITION_SLOWLY ? VERDICT_DEGRADED : VERDICT_PASS;
}

static void expect(const struct shopper *shoppers, enum condition condition, const char *words)
{
    struct state state = {0};
    struct store_run runs[8] = {0};
    AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
    for (size_t i = 0; shoppers[i].stages[0]; i++) {
        const struct shopper *shopper = &shoppers[i];
        struct state_journey *journey = vec_add(&state.journeys);
        *journey = (struct state_journey){.paused = (char *)(uintptr_t)shopper->paused};
        for (size_t j = 0; j < 4 && shopper->stages[j]; j++)
            vec_push(&journey->stages, shopper->stages[j]);
        runs[i] = (struct store_run){.verdict = verdict_of(shopper->condition),
                                     .stage = shopper->failed_at ? shopper->failed_at : ""};
        bool walked = shopper->condition != CONDITION_NO_RUN;
        vec_push(&journey->subjects, ((struct state_subject){.persona = "desktop",
                                                             .run = walked ? &runs[i] : NULL,
                                                             .condition = shopper->condition}));
    }
    struct summary summary = summary_of(&state);
    summary_write(&summary, &said);
    golden_note(buf_text(&said));
    assert_string_equal(buf_text(&said), words);
    assert_int_equal(summary_condition(&summary), condition);
    vec_each(journey, &state.journeys) {
        vec_release(&journey->stages);
        vec_release(&journey->subjects);
    }
    vec_release(&state.journeys);
}

#define SHOPPERS(...) ((const struct shopper[]){__VA_ARGS__, {{NULL}, CONDITION_CAN, NULL, NULL}})
#define LOGIN .stages = {"login"}
#define PRICE .stages = {"price-view"}
#define BUY .stages = {"price-view", "add-to-cart", "checkout"}
#define SEARCH .stages = {"search", "price-view"}

static void test_all_that_is_watched_is_well(void **state)
{
    (void)state;
    expect(SHOPPERS({LOGIN, CONDITION_CAN}, {BUY, CONDITION_CAN}), CONDITION_CAN,
           "Shoppers can shop.");
    expect(SHOPPERS({LOGIN, CONDITION_CAN}, {BUY, CONDITION_SLOWLY, "checkout"}), CONDITION_SLOWLY,
           "Shoppers can shop, with trouble.");
}

static void test_stage_that_nobody_walked_is_not_promised(void **state)
{
    (void)state;
    expect(SHOPPERS({LOGIN, CONDITION_CAN}, {PRICE, CONDITION_CAN}, {BUY, CONDITION_NO_RUN}),
           CONDITION_NOT_KNOWN,
           "Shoppers can log in and see the price; nobody knows whether they can add to cart or "
           "check out.");
    expect(SHOPPERS({PRICE, CONDITION_CAN}, {LOGIN, CONDITION_STALE}), CONDITION_NOT_KNOWN,
           "Shoppers can see the price; nobody knows whether they can log in.");
    expect(SHOPPERS({BUY, CONDITION_NOT_KNOWN}), CONDITION_NOT_KNOWN,
           "We cannot tell whether shoppers can shop.");
    expect(SHOPPERS({BUY, CONDITION_NO_RUN}), CONDITION_NO_RUN, "Nobody has walked yet.");
}

static void test_few_who_walked_do_not_speak_for_most(void **state)
{
    (void)state;
    expect(SHOPPERS({BUY, CONDITION_CAN}, {BUY, CONDITION_NO_RUN}, {BUY, CONDITION_NO_RUN}),
           CONDITION_NOT_KNOWN, "Some shoppers can shop; of most there is no news.");
    expect(SHOPPERS({BUY, CONDITION_CAN}, {BUY, CONDITION_STALE}), CONDITION_CAN,
           "Shoppers can shop.");
    expect(SHOPPERS({BUY, CONDITION_CANNOT, "checkout"}, {BUY, CONDITION_NO_RUN},
                    {BUY, CONDITION_NO_RUN}),
           CONDITION_CANNOT, "Shoppers cannot check out.");
}

static void test_outage_is_told_of_those_who_got_as_far(void **state)
{
    (void)state;
    expect(SHOPPERS({PRICE, CONDITION_CANNOT, "price-view"}, {BUY, CONDITION_CANNOT, "price-view"},
                    {BUY, CONDITION_STALE}),
           CONDITION_CANNOT, "Shoppers cannot see the price.");
    expect(SHOPPERS({PRICE, CONDITION_CANNOT, "price-view"}, {PRICE, CONDITION_CAN}),
           CONDITION_CANNOT, "Some shoppers cannot see the price.");
}

static void test_stages_that_fail_for_all_and_for_some_are_told_apart(void **state)
{
    (void)state;
    expect(SHOPPERS({LOGIN, CONDITION_CANNOT, "login"}, {BUY, CONDITION_CAN},
                    {BUY, CONDITION_CANNOT, "checkout"}, {BUY, CONDITION_CANNOT, "add-to-cart"}),
           CONDITION_CANNOT, "Shoppers cannot log in; some cannot add to cart or check out.");
}

static void test_side_path_that_fails_is_named(void **state)
{
    (void)state;
    expect(SHOPPERS({SEARCH, CONDITION_CANNOT, "search"}, {BUY, CONDITION_CAN}), CONDITION_SLOWLY,
           "Shoppers can shop, but some fail at “search”.");
    expect(SHOPPERS({SEARCH, CONDITION_CANNOT, "search"}), CONDITION_CANNOT,
           "Shoppers fail at “search”.");
    expect(SHOPPERS({BUY, CONDITION_CANNOT}, {BUY, CONDITION_CAN}), CONDITION_CANNOT,
           "Some shoppers cannot shop.");
    expect(SHOPPERS({BUY, CONDITION_CANNOT}), CONDITION_CANNOT, "Shoppers cannot shop.");
    /* Its core stage was passed; still nobody comes through. */
    expect(SHOPPERS({.stages = {"login", "search"}, CONDITION_CANNOT, "search"}), CONDITION_CANNOT,
           "Shoppers fail at “search”.");
}

static void test_journeys_that_rest_are_left_out(void **state)
{
    (void)state;
    expect(
        SHOPPERS({PRICE, CONDITION_CANNOT, "price-view", "moving house"}, {LOGIN, CONDITION_CAN}),
        CONDITION_CAN, "Shoppers can shop.");
    expect(SHOPPERS({PRICE, CONDITION_CANNOT, "price-view", "moving house"}), CONDITION_NOT_KNOWN,
           "All journeys rest; nobody knows whether shoppers can shop.");
}

static void expect_counts(struct summary summary, const char *words)
{
    AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
    summary_write_counts(&summary, &said);
    golden_note(buf_text(&said));
    assert_string_equal(buf_text(&said), words);
}

static void test_counts_are_of_those_who_walked_and_name_the_others(void **state)
{
    (void)state;
    expect_counts((struct summary){.subjects = 5, .through = 4}, "4 of 5 shoppers came through");
    expect_counts(
        (struct summary){
            .subjects = 5,
            .through = 1,
            .by_condition =
                {[CONDITION_NO_RUN] = 1, [CONDITION_STALE] = 2, [CONDITION_NOT_KNOWN] = 1}},
        "1 of 5 shoppers came through; 1 has not walked yet; 2 sent no news; 1 cannot be "
        "judged");
    expect_counts((struct summary){.subjects = 3, .by_condition = {[CONDITION_NO_RUN] = 3}},
                  "3 shoppers have not walked yet");
    expect_counts((struct summary){.subjects = 1, .by_condition = {[CONDITION_NOT_KNOWN] = 1}},
                  "1 shopper cannot be judged");
    expect_counts((struct summary){.resting = 2}, "2 shoppers rest");
    expect_counts((struct summary){0}, "Nobody is sent out");
}

static void test_nothing_watched_is_no_silence_of_shoppers(void **state)
{
    (void)state;
    AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
    summary_write(&(struct summary){0}, &said);
    golden_note(buf_text(&said));
    assert_string_equal(buf_text(&said), "No journey is watched.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_is_watched_is_well),
        cmocka_unit_test(test_stage_that_nobody_walked_is_not_promised),
        cmocka_unit_test(test_few_who_walked_do_not_speak_for_most),
        cmocka_unit_test(test_outage_is_told_of_those_who_got_as_far),
        cmocka_unit_test(test_stages_that_fail_for_all_and_for_some_are_told_apart),
        cmocka_unit_test(test_side_path_that_fails_is_named),
        cmocka_unit_test(test_journeys_that_rest_are_left_out),
        cmocka_unit_test(test_counts_are_of_those_who_walked_and_name_the_others),
        cmocka_unit_test(test_nothing_watched_is_no_silence_of_shoppers),
        PIN_MESSAGES("serve/summary.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
