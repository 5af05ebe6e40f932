/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "judge/policy.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct policy *load(const char *text, struct diags *diags)
{
    struct source *source = source_new("shopper.yaml", view_of(text));
    struct yaml_document *document = yaml_load(source, diags);
    assert_non_null(document);
    struct policy *policy = policy_load(yaml_root(document), diags);
    yaml_document_free(document);
    source_free(source);
    return policy;
}

static void expect_rule(const struct policy *policy, struct facts facts, const char *name,
                        int severity)
{
    if (!facts.stage) facts.stage = "";
    if (!facts.kind) facts.kind = "";
    if (!facts.host) facts.host = "";
    const struct policy_rule *rule = policy_match(policy, &facts);
    assert_non_null(rule);
    assert_string_equal(rule->name, name);
    assert_int_equal(rule->severity, severity);
    AUTO_BUF why = BUF_INIT(1000);
    buf_addf(&why, "%s: ", rule->name);
    policy_explain(rule, &facts, &why);
    golden_note(buf_text(&why));
}

static void default_policy_rates_as_promised(void **state)
{
    (void)state;
    struct policy *policy = policy_default();
    const struct {
        struct facts facts;
        const char *rule;
        int severity;
    } cases[] = {
        {{.cause = CAUSE_FAILS, .core = true, .failing = 1, .exercising = 2}, "core path down", 1},
        {{.cause = CAUSE_FAILS, .core = true, .failing = 49, .exercising = 99},
         "core path down for some",
         2},
        {{.cause = CAUSE_HOST, .everything = true, .failing = 4, .exercising = 4},
         "everything cold",
         1},
        {{.cause = CAUSE_HOST, .core = true, .failing = 2, .exercising = 4},
         "core path's host down",
         1},
        {{.cause = CAUSE_HOST, .core = true, .failing = 1, .exercising = 4},
         "core path's host down for some",
         2},
        {{.cause = CAUSE_HOST, .failing = 4, .exercising = 4}, "a side path's host fails", 3},
        {{.cause = CAUSE_SLOW, .core = true, .failing = 2, .exercising = 4}, "core path slow", 2},
        {{.cause = CAUSE_SLOW, .core = true, .failing = 1, .exercising = 4},
         "core path slow for some",
         3},
        {{.cause = CAUSE_FAILS, .failing = 4, .exercising = 4}, "a side path fails", 3},
        {{.cause = CAUSE_BLOCKED, .failing = 4, .exercising = 4}, "the wall", 3},
        {{.cause = CAUSE_RESIDUE}, "residue", 3},
        {{.cause = CAUSE_CERTIFICATE, .days_left = 7}, "a certificate ends within days", 3},
        {{.cause = CAUSE_CERTIFICATE, .days_left = 1}, "a certificate ends within days", 3},
        {{.cause = CAUSE_CERTIFICATE, .days_left = 0}, "a certificate ends within days", 3},
        {{.cause = CAUSE_CERTIFICATE, .days_left = -1}, "a certificate ends within days", 3},
        {{.cause = CAUSE_CERTIFICATE, .days_left = 8}, "a certificate ends soon", 4},
        {{.cause = CAUSE_SLOW, .failing = 1, .exercising = 1}, "a side path is slow", 4},
        {{.cause = CAUSE_BURN}, "the budget burns", 4},
        {{.cause = CAUSE_BLIND}, "blind", 3},
        {{.cause = CAUSE_SINK}, "a sink fails", 4},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_rule(policy, cases[i].facts, cases[i].rule, cases[i].severity);
    policy_free(policy);
}

static void own_rules_replace_the_default_ones(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    struct policy *policy = load("rules:\n"
                                 "  - {name: mild, stage: checkout, kind: http, severity: 4}\n"
                                 "  - {name: rest, severity: sev2, prober_owners: true}\n"
                                 "raise: [{from: 4, after: 10m, to: 1}]\n"
                                 "lower_after: 90s\nresolve_after: 5\n",
                                 &diags);
    assert_int_equal(diags.errors, 0);
    expect_rule(policy, (struct facts){.cause = CAUSE_FAILS, .stage = "checkout", .kind = "http"},
                "mild", 4);
    expect_rule(policy, (struct facts){.cause = CAUSE_FAILS, .stage = "checkout", .kind = "price"},
                "rest", 2);
    assert_int_equal(policy->ages.count, 1);
    assert_int_equal(policy->ages.items[0].after_us, 600 * US_PER_SECOND);
    assert_int_equal(policy->lower_after_us, 90 * US_PER_SECOND);
    assert_int_equal(policy->resolve_after, 5);
    assert_int_equal(policy->flap_high_percent, 30);
    policy_free(policy);
    diags_release(&diags);
}

static void printed_policy_reads_back(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    struct policy *policy = policy_default();
    AUTO_BUF once = BUF_INIT(10000), twice = BUF_INIT(10000);
    policy_print(policy, &once);
    struct policy *read = load(buf_text(&once), &diags);
    AUTO_BUF shown = BUF_INIT(10000);
    diags_print(&diags, &shown, false);
    assert_string_equal(buf_text(&shown), "");
    policy_print(read, &twice);
    assert_string_equal(buf_text(&once), buf_text(&twice));
    policy_free(policy);
    policy_free(read);
    diags_release(&diags);
}

static void wrong_policy_is_located(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"rule: []\n", "unknown key 'rule'"},
        {"rules: [{name: a, severity: 5}]\n", "severity is 1 to 4, or sev1 to sev4, not '5'"},
        {"rules: [{name: a, severity: sev5}]\n", "did you mean 'sev"},
        {"raise: [{from: 1, after: 1m, to: 1}]\n", "`to` must be worse"},
        {"rules: [{name: a, severity: 1, cause: falls}]\n", "there is no cause 'falls'"},
        {"rules: [{severity: 1}]\n", "name"},
        {"rules: [{name: a, severity: 1, at_least: 0.5}]\n", "a whole percentage"},
        {"raise: [{from: 2, after: 5m, to: 3}]\n", "worse"},
        {"lower_after: 5\n", "unit"},
        {"rules: {a: b}\n", "a list of rules"},
        {"rules: [a]\n", "a rule"},
        {"raise: {a: b}\n", "a list"},
        {"raise: [1m]\n", "an age"},
        {"flapping: often\n", "flapping"},
        {"rules: [{name: a, severity: 1, within_days: 0}]\n", "within_days"},
        {"rules: [{name: a, severity: 1, core: maybe}]\n", "core"},
        {"resolve_after: 0\n", "resolve_after"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct diags diags = DIAGS_INIT;
        AUTO_BUF shown = BUF_INIT(10000);
        policy_free(load(cases[i].text, &diags));
        diags_print(&diags, &shown, false);
        golden_note(buf_text(&shown));
        if (!strstr(buf_text(&shown), cases[i].message) ||
            !strstr(buf_text(&shown), "shopper.yaml:1:"))
            fail_msg("%s: %s", cases[i].text, buf_text(&shown));
        diags_release(&diags);
    }
}

static void incident_that_no_rule_matches_says_so(void **state)
{
    (void)state;
    const struct facts facts = {.cause = CAUSE_HOST,
                                .host = "shop.test",
                                .kind = "connect",
                                .stage = "",
                                .failing = 1,
                                .exercising = 1};
    AUTO_BUF why = BUF_INIT(1000);
    policy_explain(NULL, &facts, &why);
    golden_note(buf_text(&why));
    assert_string_equal(buf_text(&why),
                        "shop.test fails (connect) for 1 of 1 shopper; no rule matches");
}

static void rule_within_a_day_is_singular(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    struct policy *policy =
        load("rules: [{name: tomorrow, severity: 1, within_days: 1}]\n", &diags);
    AUTO_BUF why = BUF_INIT(1000);
    policy_explain(policy->rules.items, &(struct facts){.cause = CAUSE_CERTIFICATE, .days_left = 1},
                   &why);
    golden_note(buf_text(&why));
    assert_string_equal(buf_text(&why), "1 day is left; within 1 day");
    policy_free(policy);
    diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_within_a_day_is_singular),
        cmocka_unit_test(incident_that_no_rule_matches_says_so),
        cmocka_unit_test(default_policy_rates_as_promised),
        cmocka_unit_test(own_rules_replace_the_default_ones),
        cmocka_unit_test(printed_policy_reads_back),
        cmocka_unit_test(wrong_policy_is_located),
        PIN_MESSAGES("judge/policy.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
