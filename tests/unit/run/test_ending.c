/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a step that was under way when its run had to end. */
#include "run_fixture.h"

#define ORDER                                                                                      \
    HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n"                   \
         "    undo: {delete: \"/orders/${id}\"}\n"

static const struct step_report *step_in(const struct run_report *report,
                                         enum report_section section)
{
    for (size_t i = 0; i < report->steps.count; i++)
        if (report->steps.items[i].section == section) return &report->steps.items[i];
    fail_msg("no step of that section was walked");
    return NULL;
}

static void deadline_keeps_the_time_that_hung(void **state)
{
    struct fixture *fixture = *state;
    fixture->engine.keep_messages = true;
    const struct run_report *report = WALK(HEAD "  - {name: a, get: /a}\n  - {name: b, get: /b}\n",
                                           {.after_us = 2 * US_PER_SECOND}, {.never = true});
    assert_failure(report, "b", "timeout", "the run was not done within its deadline of 20 s");
    const struct step_report *hung = run_report_culprit(report);
    assert_string_equal(hung->failure.detail, "scripted cut");
    assert_int_equal(hung->timings.total_us, 18 * US_PER_SECOND);
    assert_int_equal(hung->duration_us, 18 * US_PER_SECOND);
    assert_non_null(hung->message);
}

static void deadline_tells_what_until_waited_for(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: a\n    get: /a\n    until: {within: 1m, every: 7s}\n"
                  "    check: [{body: {contains: mug}, message: the mug is not there}]\n",
             {.status = 200, .body = "nothing"}, {.status = 200, .body = "nothing"},
             {.status = 200, .body = "nothing"});
    assert_failure(report, "a", "timeout", "the run was not done within its deadline of 20 s");
    assert_string_equal(
        run_report_culprit(report)->failure.detail,
        "the answers were not what it waited for; the last one: the mug is not there");
}

static void deadline_tells_nothing_of_an_until_that_is_over(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: a\n    get: /a\n    until: {within: 1m, every: 7s}\n"
                  "    check: [{body: {contains: mug}}]\n  - {name: think, pause: 1m}\n",
             {.status = 200, .body = "nothing"}, {.status = 200, .body = "a mug"});
    assert_failure(report, "think", "timeout", NULL);
    assert_null(run_report_culprit(report)->failure.detail);
}

#define OPTIONAL_HANGS "  - {name: a, get: /a}\n  - {name: extra, get: /extra, optional: true}\n"

static void deadline_in_an_optional_step_fails_for_those_that_had_no_time(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD OPTIONAL_HANGS "  - {name: c, get: /c}\nfinally:\n  - {name: bye, get: /bye}\n",
             {.status = 200}, {.never = true}, {.status = 200});
    assert_failure(report, "extra", "timeout", NULL);
    assert_verdict(report, VERDICT_FAIL);
    assert_string_equal(report->steps.items[2].skipped, "not reached");
    assert_int_equal(step_in(report, SECTION_FINALLY)->verdict, VERDICT_PASS);
}

static void deadline_in_an_optional_step_at_the_end_degrades(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(HEAD OPTIONAL_HANGS, {.status = 200}, {.never = true});
    assert_failure(report, "extra", "timeout", NULL);
    assert_verdict(report, VERDICT_DEGRADED);
}

static void deadline_in_a_pause_is_a_timeout_too(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(HEAD "  - {name: think, pause: 1m}\n", {.status = 200});
    assert_failure(report, "think", "timeout", NULL);
    assert_null(run_report_culprit(report)->failure.detail);
}

static void name_server_that_hangs_until_the_deadline_is_ours(void **state)
{
    struct fixture *fixture = *state;
    fixture->engine.keep_messages = true;
    const struct run_report *report = WALK(
        HEAD "  - {name: a, get: /a}\n", {.kind = OUTCOME_PROBER, .not_sent = true, .never = true});
    assert_failure(report, "a", "prober", "the run was not done within its deadline of 20 s");
    assert_verdict(report, VERDICT_UNKNOWN);
}

static void name_server_that_is_asked_at_the_last_moment_is_not_to_blame(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(
        HEAD "  - {name: a, get: /a}\n  - {name: b, get: /b}\n", {.after_us = 19 * US_PER_SECOND},
        {.kind = OUTCOME_PROBER, .not_sent = true, .never = true});
    assert_failure(report, "b", "timeout", NULL);
    assert_verdict(report, VERDICT_FAIL);
}

static void order_that_the_deadline_kept_from_leaving_owes_nothing(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(ORDER, {.not_sent = true, .never = true});
    assert_verdict(report, VERDICT_FAIL);
    assert_int_equal(report->residue.count, 0);
}

static void undo_that_the_deadline_breaks_off_has_failed(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(ORDER, {.body = "{\"id\":1}"}, {.never = true});
    const struct step_report *undo = step_in(report, SECTION_UNDO);
    assert_int_equal(undo->verdict, VERDICT_FAIL);
    assert_int_equal(undo->failure.kind, OUTCOME_RESIDUE);
    assert_string_equal(undo->failure.message, "the deadline for cleaning up passed");
    assert_string_equal(undo->failure.detail, "timeout: scripted cut");
    assert_int_equal(undo->timings.total_us, 30 * US_PER_SECOND);
    assert_int_equal(report->residue.count, 1);
    assert_verdict(report, VERDICT_DEGRADED);
}

static void undo_that_is_aborted_has_failed(void **state)
{
    struct fixture *fixture = *state;
    fixture->stop_at_us = 5 * US_PER_SECOND;
    fixture->abort_at_us = 6 * US_PER_SECOND;
    const struct run_report *report =
        WALK(ORDER "  - {name: hangs, get: /b}\n", {.body = "{\"id\":1}"}, {.never = true},
             {.never = true});
    const struct step_report *undo = step_in(report, SECTION_UNDO);
    assert_int_equal(undo->verdict, VERDICT_FAIL);
    assert_int_equal(undo->failure.kind, OUTCOME_RESIDUE);
    assert_string_equal(undo->failure.message, "aborted");
    assert_int_equal(report->residue.count, 1);
    assert_string_equal(report->residue.items[0].what, "id = 1: aborted before it could be undone");
    assert_verdict(report, VERDICT_UNKNOWN);
}

static void good_byes_that_are_broken_off_are_residue_and_the_rest_is_skipped(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\nfinally:\n  - {name: bye, post: /logout}\n"
                  "  - {name: really, post: /logout}\n",
             {.status = 200}, {.never = true});
    const struct step_report *bye = step_in(report, SECTION_FINALLY);
    assert_int_equal(bye->failure.kind, OUTCOME_RESIDUE);
    assert_int_equal(report->residue.count, 1);
    assert_string_equal(report->residue.items[0].step, "bye");
    assert_string_equal(bye[1].skipped, "the deadline for cleaning up passed");
}

static void interrupted_step_tells_that_its_request_was_sent(void **state)
{
    struct fixture *fixture = *state;
    fixture->stop_at_us = 5 * US_PER_SECOND;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\n  - {name: b, get: /b}\n", {.never = true});
    assert_verdict(report, VERDICT_UNKNOWN);
    assert_string_equal(report->stopped, "interrupted");
    assert_int_equal(report->steps.items[0].verdict, VERDICT_SKIPPED);
    assert_string_equal(report->steps.items[0].skipped, "interrupted after its request was sent");
    assert_int_equal(report->steps.items[0].timings.total_us, 5 * US_PER_SECOND);
    assert_string_equal(report->steps.items[1].skipped, "interrupted");
}

static void interrupted_step_whose_request_never_left_is_merely_skipped(void **state)
{
    struct fixture *fixture = *state;
    fixture->stop_at_us = 5 * US_PER_SECOND;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\n", {.not_sent = true, .never = true});
    assert_string_equal(report->steps.items[0].skipped, "interrupted");
}

static void aborted_step_is_not_shown_green(void **state)
{
    struct fixture *fixture = *state;
    fixture->abort_at_us = 5 * US_PER_SECOND;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\n  - {name: b, get: /b}\n", {.never = true});
    assert_int_equal(report->steps.count, 2);
    assert_string_equal(report->steps.items[0].skipped, "aborted after its request was sent");
    assert_string_equal(report->steps.items[1].skipped, "aborted");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(deadline_keeps_the_time_that_hung),
        TEST(deadline_tells_what_until_waited_for),
        TEST(deadline_tells_nothing_of_an_until_that_is_over),
        TEST(deadline_in_an_optional_step_fails_for_those_that_had_no_time),
        TEST(deadline_in_an_optional_step_at_the_end_degrades),
        TEST(deadline_in_a_pause_is_a_timeout_too),
        TEST(name_server_that_hangs_until_the_deadline_is_ours),
        TEST(name_server_that_is_asked_at_the_last_moment_is_not_to_blame),
        TEST(order_that_the_deadline_kept_from_leaving_owes_nothing),
        TEST(undo_that_the_deadline_breaks_off_has_failed),
        TEST(undo_that_is_aborted_has_failed),
        TEST(good_byes_that_are_broken_off_are_residue_and_the_rest_is_skipped),
        TEST(interrupted_step_tells_that_its_request_was_sent),
        TEST(interrupted_step_whose_request_never_left_is_merely_skipped),
        TEST(aborted_step_is_not_shown_green),
        PIN_MESSAGES("run/ending.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
