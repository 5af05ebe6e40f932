/* SPDX-License-Identifier: Apache-2.0 */
/* What a run says of each stage. */
#include "serve/state.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Of a journey with the stages login, price-view and checkout. */
static enum condition seen(enum verdict verdict, const char *stage, unsigned flags,
                           enum condition whole, const char *asked)
{
    const char *stages[] = {"login", "price-view", "checkout"};
    struct state_journey journey = {.stages = {stages, 3, 3}};
    struct store_run run = {.verdict = verdict, .stage = stage, .flags = flags};
    struct state_subject subject = {"desktop", whole == CONDITION_NO_RUN ? NULL : &run, whole,
                                    NULL};
    return state_stage(&journey, &subject, asked);
}

static void test_run_that_passed_shows_all_stages_can(void **state)
{
    (void)state;
    assert_int_equal(seen(VERDICT_PASS, "", 0, CONDITION_CAN, "checkout"), CONDITION_CAN);
    assert_int_equal(seen(VERDICT_PASS, "", 0, CONDITION_CAN, "add-to-cart"), CONDITION_NO_PART);
}

static void test_run_that_failed_splits_the_stages_where_it_did(void **state)
{
    (void)state;
    assert_int_equal(seen(VERDICT_FAIL, "price-view", 0, CONDITION_CANNOT, "login"), CONDITION_CAN);
    assert_int_equal(seen(VERDICT_FAIL, "price-view", 0, CONDITION_CANNOT, "price-view"),
                     CONDITION_CANNOT);
    assert_int_equal(seen(VERDICT_FAIL, "price-view", 0, CONDITION_CANNOT, "checkout"),
                     CONDITION_NOT_REACHED);
}

static void test_run_that_failed_in_no_stage_tells_nothing_of_them(void **state)
{
    (void)state;
    assert_int_equal(seen(VERDICT_FAIL, "", 0, CONDITION_CANNOT, "login"), CONDITION_NOT_KNOWN);
    assert_int_equal(seen(VERDICT_FAIL, "gone", 0, CONDITION_CANNOT, "login"), CONDITION_NOT_KNOWN);
}

static void test_run_that_was_degraded_went_all_the_way(void **state)
{
    (void)state;
    assert_int_equal(seen(VERDICT_DEGRADED, "login", 0, CONDITION_SLOWLY, "login"),
                     CONDITION_SLOWLY);
    assert_int_equal(seen(VERDICT_DEGRADED, "login", 0, CONDITION_SLOWLY, "checkout"),
                     CONDITION_CAN);
}

static void test_run_that_was_not_judged_accuses_nobody(void **state)
{
    (void)state;
    assert_int_equal(seen(VERDICT_FAIL, "login", STORE_RUN_UNJUDGED, CONDITION_NOT_KNOWN, "login"),
                     CONDITION_NOT_KNOWN);
    assert_int_equal(seen(VERDICT_UNKNOWN, "login", 0, CONDITION_NOT_KNOWN, "login"),
                     CONDITION_NOT_KNOWN);
}

static void test_subject_without_news_says_so_of_each_stage(void **state)
{
    (void)state;
    assert_int_equal(seen(VERDICT_PASS, "", 0, CONDITION_STALE, "login"), CONDITION_STALE);
    assert_int_equal(seen(VERDICT_PASS, "", 0, CONDITION_NO_RUN, "login"), CONDITION_NO_RUN);
}

/* login, price-view, login again, checkout: it failed when it logged in again. */
static void test_report_tells_stages_that_interleave(void **state)
{
    const char *stages[] = {"login", "price-view", "checkout"};
    struct state_journey journey = {.stages = {stages, 3, 3}};
    struct store_run run = {
        .verdict = VERDICT_FAIL,
        .stage = "login",
        .report = "{\"runs\":[{\"steps\":["
                  "{\"stage\":\"login\",\"section\":\"steps\",\"verdict\":\"pass\"},"
                  "{\"stage\":\"price-view\",\"section\":\"steps\",\"verdict\":\"fail\","
                  "\"optional\":true},"
                  "{\"stage\":\"login\",\"section\":\"steps\",\"verdict\":\"fail\"},"
                  "{\"stage\":\"checkout\",\"section\":\"steps\",\"verdict\":\"skipped\"},"
                  "{\"stage\":\"checkout\",\"section\":\"finally\",\"verdict\":\"pass\"}]}]}"};
    struct state_subject subject = {"desktop", &run, CONDITION_CANNOT, NULL};
    (void)state;
    state_see_stages(&journey, &subject);
    assert_int_equal(state_stage(&journey, &subject, "login"), CONDITION_CANNOT);
    assert_int_equal(state_stage(&journey, &subject, "price-view"), CONDITION_SLOWLY);
    assert_int_equal(state_stage(&journey, &subject, "checkout"), CONDITION_NOT_REACHED);
    free(subject.seen);
}

static void test_report_that_is_none_leaves_what_the_run_says(void **state)
{
    const char *stages[] = {"login", "price-view", "checkout"};
    struct state_journey journey = {.stages = {stages, 3, 3}};
    struct store_run run = {
        .verdict = VERDICT_FAIL, .stage = "price-view", .report = "{\"runs\":7}"};
    struct state_subject subject = {"desktop", &run, CONDITION_CANNOT, NULL};
    (void)state;
    state_see_stages(&journey, &subject);
    assert_null(subject.seen);
    assert_int_equal(state_stage(&journey, &subject, "login"), CONDITION_CAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_that_passed_shows_all_stages_can),
        cmocka_unit_test(test_run_that_failed_splits_the_stages_where_it_did),
        cmocka_unit_test(test_run_that_failed_in_no_stage_tells_nothing_of_them),
        cmocka_unit_test(test_run_that_was_degraded_went_all_the_way),
        cmocka_unit_test(test_run_that_was_not_judged_accuses_nobody),
        cmocka_unit_test(test_subject_without_news_says_so_of_each_stage),
        cmocka_unit_test(test_report_tells_stages_that_interleave),
        cmocka_unit_test(test_report_that_is_none_leaves_what_the_run_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
