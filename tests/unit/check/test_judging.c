/* SPDX-License-Identifier: Apache-2.0 */
/* From command line and what was seen to state and line. */
#include "check/measures.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ARGUMENTS_MAX 8

static char *argument(const char *text)
{
    return (char *)(uintptr_t)text; /* nobody writes into it */
}

/* Reads arguments up to a NULL; whether it was taken. */
static bool read_settings(const char *const *more, struct check_settings *settings,
                          struct error *error)
{
    char *argv[ARGUMENTS_MAX + 4];
    int argc = 0;
    argv[argc++] = argument("check_shopper");
    for (; *more; more++) argv[argc++] = argument(*more);
    argv[argc] = NULL;
    return check_settings_read(argc, argv, settings, error);
}

static enum nagios_state judge(const char *const *more, const struct check_seen *seen,
                               struct buf *line)
{
    struct check_settings settings;
    struct check_answer answer;
    AUTO_ERROR error = ERROR_NONE;
    if (!read_settings(more, &settings, &error)) fail_msg("%s", error_text(&error));
    check_answer_init(&answer);
    check_judge(&settings, seen, false, &answer);
    check_conclude(&answer);
    enum nagios_state state = answer.output.state;
    buf_add_view(line, buf_view(&answer.output.text));
    check_answer_release(&answer);
    check_settings_release(&settings);
    return state;
}

struct judge_case {
    const char *arguments[ARGUMENTS_MAX];
    struct check_seen seen;
    enum nagios_state state;
    const char *line;
};

#define BY .journey = "shop", .persona = "desktop"
#define F "-f", "a.yaml"

static void runs_of_a_table_have_their_states(void **state)
{
    (void)state;
    static const struct judge_case cases[] = {
        {{F},
         {BY, .steps = 3, .duration_us = 1200000},
         NAGIOS_OK,
         "shop [desktop]: 3 steps in 1.2 s"},
        {{"--state", "shop"},
         {BY, .location = "berlin", .duration_us = 1200000},
         NAGIOS_OK,
         "shop [desktop, berlin] took 1.2 s"},
        {{F, "-w", "1", "-c", "2"},
         {BY, .steps = 1, .duration_us = 1200000},
         NAGIOS_WARNING,
         "shop [desktop]: 1 step in 1.2 s, outside the range 1"},
        {{F, "-w", "1", "-c", "@1:2"},
         {BY, .steps = 1, .duration_us = 1200000},
         NAGIOS_CRITICAL,
         "shop [desktop]: 1 step in 1.2 s, inside the range @1:2"},
        {{F},
         {BY, .verdict = VERDICT_DEGRADED, .step = "look", .line = "slow"},
         NAGIOS_WARNING,
         "shop [desktop]: look: slow"},
        {{F},
         {BY, .verdict = VERDICT_UNKNOWN, .line = "no route"},
         NAGIOS_UNKNOWN,
         "shop [desktop]: no route"},
        {{F, "-c", "1"},
         {BY, .verdict = VERDICT_UNKNOWN, .line = "no route", .duration_us = 9000000},
         NAGIOS_UNKNOWN,
         "shop [desktop]: no route"},
        {{F},
         {BY, .verdict = VERDICT_FAIL, .step = "pay", .stage = "checkout", .line = "500"},
         NAGIOS_CRITICAL,
         "shop [desktop]: pay: 500 (sev1)"},
        {{F, "--map", "sev3=warning"},
         {BY, .verdict = VERDICT_FAIL, .step = "pay", .stage = "checkout", .line = "500"},
         NAGIOS_CRITICAL,
         "shop [desktop]: pay: 500 (sev1)"},
        {{F, "--map", "SEV3=Warning"},
         {BY, .verdict = VERDICT_FAIL, .step = "ask", .stage = "search", .line = "500"},
         NAGIOS_WARNING,
         "shop [desktop]: ask: 500 (sev3)"},
        {{F, "--map", "sev2=unknown"},
         {BY, .verdict = VERDICT_FAIL, .step = "pay", .stage = "checkout", .severity = 2},
         NAGIOS_UNKNOWN,
         "shop [desktop]: pay: fail (sev2)"},
        {{F, "--map", "sev3=ok", "-w", "1"},
         {BY, .verdict = VERDICT_FAIL, .line = "x", .duration_us = 2000000},
         NAGIOS_WARNING,
         "shop [desktop]: x (sev3); took 2 s, outside the range 1"},
        {{F},
         {BY, .instead = "timed out", .instead_state = NAGIOS_WARNING},
         NAGIOS_WARNING,
         "shop [desktop]: timed out"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
        enum nagios_state got = judge(cases[i].arguments, &cases[i].seen, &line);
        assert_string_equal(buf_text(&line), cases[i].line);
        if (got != cases[i].state) fail_msg("%s: %s", cases[i].line, nagios_word(got));
    }
}

static void command_lines_that_are_wrong_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *arguments[ARGUMENTS_MAX];
        const char *says;
    } wrong[] = {
        {{NULL}, "either -f JOURNEY or --state NAME"},
        {{"--state", ""}, "--state needs a name"},
        {{"-f", ""}, "-f needs a name"},
        {{F, "-p", ""}, "--persona needs a name"},
        {{F, "--step", "=1"}, "--step needs NAME=WARN,CRIT"},
        {{F, "--state", "b"}, "either -f JOURNEY or --state NAME"},
        {{F, "-w", "5:1"}, "-w: the range '5:1' ends before it begins"},
        {{F, "-c", "x"}, "-c: 'x' is no range"},
        {{F, "-t", "0"}, "-t needs"},
        {{F, "-t", "10:bad"}, "-t needs"},
        {{F, "-t", "1e9"}, "-t needs"},
        {{F, "--map", "sev5=ok"}, "--map needs"},
        {{F, "--map", "sev1=fine"}, "--map needs"},
        {{F, "--map", "sev1"}, "--map needs"},
        {{F, "--step", "look"}, "--step needs NAME=WARN,CRIT"},
        {{F, "--step", "look=1,b"}, "--step look: 'b' is no range"},
        {{F, "--var", "x"}, "--var needs NAME=VALUE"},
        {{F, "--store", "x"}, "--store goes with --state"},
        {{F, "--stale", "1m"}, "--stale goes with --state"},
        {{"--state", "a", "-b", "http://b"}, "--base goes with -f"},
        {{F, "more"}, "'more' is no option"},
        {{F, "--warnin", "1"}, "did you mean --warning?"},
        {{F, "--stale", "soon"}, "needs a duration"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct check_settings settings;
        AUTO_ERROR error = ERROR_NONE;
        if (read_settings(wrong[i].arguments, &settings, &error)) fail_msg("%s", wrong[i].says);
        check_settings_release(&settings);
        if (!strstr(error_text(&error), wrong[i].says))
            fail_msg("'%s' says: %s", wrong[i].says, error_text(&error));
    }
}

static void step_limit_with_an_equals_in_its_name_is_read(void **state)
{
    (void)state;
    static const char *const arguments[] = {F, "--step", "a=b=,@2:3", "-t", "2.5:ok", NULL};
    struct check_settings settings;
    AUTO_ERROR error = ERROR_NONE;
    assert_true(read_settings(arguments, &settings, &error));
    assert_string_equal(settings.limits.items[0].step, "a=b");
    assert_false(settings.limits.items[0].warning.given);
    assert_true(settings.limits.items[0].critical.inside);
    assert_int_equal(settings.timeout_us, 2500000);
    assert_int_equal(settings.timeout_state, NAGIOS_OK);
    check_settings_release(&settings);
}

static void timeout_that_is_not_said_suits_what_is_done(void **state)
{
    (void)state;
    static const struct {
        const char *arguments[ARGUMENTS_MAX];
        int64_t us;
        enum nagios_state state;
    } cases[] = {
        {{F}, 50 * US_PER_SECOND, NAGIOS_CRITICAL},
        {{"--state", "shop"}, 10 * US_PER_SECOND, NAGIOS_UNKNOWN},
        {{"--state", "shop", "-t", "3"}, 3 * US_PER_SECOND, NAGIOS_UNKNOWN},
        {{"--state", "shop", "-t", "3:critical"}, 3 * US_PER_SECOND, NAGIOS_CRITICAL},
        {{F, "-t", "0.0000001"}, 1, NAGIOS_CRITICAL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct check_settings settings;
        AUTO_ERROR error = ERROR_NONE;
        assert_true(read_settings(cases[i].arguments, &settings, &error));
        assert_int_equal(settings.timeout_us, cases[i].us);
        assert_int_equal(settings.timeout_state, cases[i].state);
        check_settings_release(&settings);
    }
}

static void shoppers_that_are_several_are_counted_and_the_worst_is_told(void **state)
{
    (void)state;
    static const char *const arguments[] = {F, NULL};
    struct check_settings settings;
    struct check_answer answer;
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    assert_true(read_settings(arguments, &settings, &error));
    check_answer_init(&answer);
    check_judge(&settings, &(struct check_seen){BY, .steps = 2, .duration_us = 1000}, true,
                &answer);
    check_judge(&settings,
                &(struct check_seen){.journey = "shop",
                                     .persona = "iphone",
                                     .verdict = VERDICT_DEGRADED,
                                     .line = "slow",
                                     .duration_us = 2000},
                true, &answer);
    check_conclude(&answer);
    nagios_print(&answer.output, &out);
    assert_string_equal(
        buf_text(&out),
        "SHOPPER WARNING - 1 of 2 shoppers are well; shop [iphone]: slow | "
        "'desktop time'=0.001000s;;;0;50.000000 'iphone time'=0.002000s;;;0;50.000000\n"
        "[OK] shop [desktop]: 2 steps in 1 ms\n[WARNING] shop [iphone]: slow\n");
    check_answer_release(&answer);
    check_settings_release(&settings);
}

/* What is said when this is held against the times of two steps. */
static void judge_steps(const char *const *more, const struct check_seen *seen, const char *wanted)
{
    struct check_settings settings;
    struct check_answer answer;
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct measured_list list = {0};
    if (!read_settings(more, &settings, &error)) fail_msg("%s", error_text(&error));
    struct measured *measured = vec_add(&list);
    measured->persona = "desktop";
    step_times_parse(&measured->times,
                     VIEW_LITERAL("[[\"look\",3000,[1,2,null,-1,4]],[\"pay\",2000000,null],"
                                  "[\"rest\",-1,null]]"));
    check_answer_init(&answer);
    if (measures_have_limited(&settings, &list, "shop", &error)) {
        measures_judge(&settings, measured, check_judge(&settings, seen, false, &answer));
        measures_add(&settings, &list, false, &answer.output);
        check_conclude(&answer);
        nagios_print(&answer.output, &out);
    } else {
        buf_add_text(&out, error_text(&error));
    }
    assert_string_equal(buf_text(&out), wanted);
    check_answer_release(&answer);
    check_settings_release(&settings);
    measured_list_release(&list);
}

static void steps_are_measured_and_held_against_their_limits(void **state)
{
    (void)state;
#define PHASES                                                                                     \
    " 'look dns'=0.000001s;;;0; 'look connect'=0.000002s;;;0; 'look wait'=U;;;0; "                 \
    "'look transfer'=0.000004s;;;0;\n"
    static const struct {
        const char *arguments[ARGUMENTS_MAX];
        struct check_seen seen;
        const char *says;
    } cases[] = {
        {{"--state", "shop"},
         {BY, .duration_us = 2003000},
         "SHOPPER OK - shop [desktop] took 2 s | time=2.003000s;;;0; look=0.003000s;;;0; "
         "pay=2.000000s;;;0; rest=U;;;0;" PHASES},
        {{"--state", "shop", "--step", "pay=@1:3,@2:3", "--step", "rest=1,2"},
         {BY, .duration_us = 2003000},
         "SHOPPER CRITICAL - shop [desktop] took 2 s, 'pay' took 2 s, inside the range @2:3 | "
         "time=2.003000s;;;0; pay=2.000000s;@1:3;@2:3;0; rest=U;1;2;0; look=0.003000s;;;0;" PHASES},
        {{"--state", "shop", "--step", "pay=1,1"}, /* it cannot be judged */
         {BY, .verdict = VERDICT_UNKNOWN, .line = "no route", .duration_us = 2003000},
         "SHOPPER UNKNOWN - shop [desktop]: no route | time=2.003000s;;;0; pay=2.000000s;1;1;0; "
         "look=0.003000s;;;0; rest=U;;;0;" PHASES},
        {{F, "--step", "pay=1,1", "-t", "9"},
         {BY, .instead = "timed out", .instead_state = NAGIOS_WARNING, .duration_us = 2003000},
         "SHOPPER WARNING - shop [desktop]: timed out | time=2.003000s;;;0;9.000000 "
         "pay=2.000000s;1;1;0; look=0.003000s;;;0; rest=U;;;0;" PHASES},
        {{"--state", "shop", "--step", "pau=1,1"}, {BY}, "--step: shop has no step 'pau'"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        judge_steps(cases[i].arguments, &cases[i].seen, cases[i].says);
}

static void stored_report_tells_what_failed_and_its_severity(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    int severity = 0;
    check_add_stored("{\"runs\":[{\"steps\":[{\"name\":\"a\",\"failure\":null},"
                     "{\"name\":\"b\",\"section\":\"steps\",\"verdict\":\"fail\",\"severity\":2,"
                     "\"optional\":false,\"request\":{\"method\":\"GET\",\"url\":\"http://s/\"},"
                     "\"failure\":{\"kind\":\"status\",\"message\":\"no\",\"expected\":\"200\","
                     "\"actual\":null}}]}]}",
                     &out, &severity);
    assert_int_equal(severity, 2);
    assert_string_equal(buf_text(&out),
                        "b: no [status]\n  expected: 200\n  request: GET http://s/\n");
    check_add_stored("[1, {", &out, &severity);
    check_add_stored("{\"runs\": 7}", &out, &severity);
    assert_int_equal(severity, 2);
}

static void incident_is_the_runs_when_its_shopper_still_meets_it(void **state)
{
    (void)state;
#define ONE(subject, clean) "{\"subject\": \"" subject "\", \"clean\": " clean "}"
#define INCIDENT(cause, affected) "{\"cause\": \"" cause "\", \"affected\": [" affected "]}"
    static const struct {
        const char *incident;
        enum check_part part;
    } cases[] = {
        {INCIDENT("blocked", ONE("shop\\ndesktop\\nberlin", "0")), CHECK_PART_MET},
        {INCIDENT("fails", ONE("shop\\ndesktop\\nberlin", "1")), CHECK_PART_HELD},
        {INCIDENT("certificate", ONE("shop\\ndesktop\\nberlin", "0")), CHECK_PART_HELD},
        {INCIDENT("fails", ONE("shop\\niphone\\nberlin", "0")), CHECK_PART_NONE},
        {INCIDENT("fails", ONE("shop\\ndesktop\\n", "0")), CHECK_PART_NONE},
        {INCIDENT("fails", ONE("shop", "0")), CHECK_PART_NONE},
        {"{\"cause\": 3, \"affected\": [{}, 7]}", CHECK_PART_NONE},
        {"no JSON", CHECK_PART_NONE},
    };
    const struct check_seen seen = {BY, .location = "berlin"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (check_part_of(cases[i].incident, &seen) != cases[i].part)
            fail_msg("%s", cases[i].incident);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_of_a_table_have_their_states),
        cmocka_unit_test(command_lines_that_are_wrong_are_refused),
        cmocka_unit_test(step_limit_with_an_equals_in_its_name_is_read),
        cmocka_unit_test(timeout_that_is_not_said_suits_what_is_done),
        cmocka_unit_test(shoppers_that_are_several_are_counted_and_the_worst_is_told),
        cmocka_unit_test(incident_is_the_runs_when_its_shopper_still_meets_it),
        cmocka_unit_test(steps_are_measured_and_held_against_their_limits),
        cmocka_unit_test(stored_report_tells_what_failed_and_its_severity),
    };
    return cmocka_run_group_tests_name("check judging", tests, NULL, NULL);
}
