/* SPDX-License-Identifier: Apache-2.0 */
/* The default policy, and which rule of a policy matches. See policy.h. */
#include "judge/policy_language.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/vec.h"
#include "http/url.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * US_PER_SECOND)

static const struct {
    const char *word, *help;
} causes[] = {
#define X(name, word, help) {word, help},
    CAUSES(X)
#undef X
};

const char *cause_word(enum cause cause)
{
    return causes[cause].word;
}

#define ANY -1

/* name, cause, core, everything, at least %, less than %, days, severity, prober's owners */
static const struct {
    const char *name;
    int cause, core, everything, at_least, less_than, days, severity;
    bool prober;
} usual[] = {
    {"core path down", CAUSE_FAILS, 1, ANY, 50, 101, 0, 1, false},
    {"core path down for some", CAUSE_FAILS, 1, ANY, 0, 50, 0, 2, false},
    {"everything cold", CAUSE_HOST, ANY, 1, 0, 101, 0, 1, false},
    {"core path's host down", CAUSE_HOST, 1, ANY, 50, 101, 0, 1, false},
    {"core path's host down for some", CAUSE_HOST, 1, ANY, 0, 50, 0, 2, false},
    {"a side path's host fails", CAUSE_HOST, 0, ANY, 0, 101, 0, 3, false},
    {"core path slow", CAUSE_SLOW, 1, ANY, 50, 101, 0, 2, false},
    {"core path slow for some", CAUSE_SLOW, 1, ANY, 0, 50, 0, 3, false},
    {"a side path fails", CAUSE_FAILS, 0, ANY, 0, 101, 0, 3, false},
    {"a side path is slow", CAUSE_SLOW, 0, ANY, 0, 101, 0, 4, false},
    {"the wall", CAUSE_BLOCKED, ANY, ANY, 0, 101, 0, 3, true},
    {"residue", CAUSE_RESIDUE, ANY, ANY, 0, 101, 0, 3, false},
    {"a certificate ends within days", CAUSE_CERTIFICATE, ANY, ANY, 0, 101, 7, 3, false},
    {"a certificate ends soon", CAUSE_CERTIFICATE, ANY, ANY, 0, 101, 0, 4, false},
    {"the budget burns", CAUSE_BURN, ANY, ANY, 0, 101, 0, 4, false},
    {"a sink fails", CAUSE_SINK, ANY, ANY, 0, 101, 0, 4, true},
    {"blind", CAUSE_BLIND, ANY, ANY, 0, 101, 0, 3, true},
};

struct policy *policy_default(void)
{
    struct policy *policy = NEW(struct policy);
    for (size_t i = 0; i < COUNT_OF(usual); i++) {
        vec_push(&policy->rules, ((struct policy_rule){
                                     .name = xstrdup(usual[i].name),
                                     .cause = usual[i].cause,
                                     .core = usual[i].core,
                                     .everything = usual[i].everything,
                                     .at_least_percent = usual[i].at_least,
                                     .less_than_percent = usual[i].less_than,
                                     .within_days = usual[i].days,
                                     .severity = usual[i].severity,
                                     .for_prober_owners = usual[i].prober,
                                 }));
    }
    vec_push(&policy->ages, ((struct policy_age){2, 1, 15 * MINUTE}));
    vec_push(&policy->ages, ((struct policy_age){3, 2, 120 * MINUTE}));
    policy->lower_after_us = 5 * MINUTE;
    policy->remind_every_us = 240 * MINUTE;
    policy->resolve_after = 2;
    policy->flap_low_percent = 20;
    policy->flap_high_percent = 30;
    return policy;
}

void policy_rule_release(struct policy_rule *rule)
{
    free(rule->name);
    free(rule->stage);
    free(rule->kind);
    free(rule->host);
    free(rule->journey);
}

void policy_free(struct policy *policy)
{
    if (!policy) return;
    vec_each(rule, &policy->rules) policy_rule_release(rule);
    vec_release(&policy->rules);
    vec_release(&policy->ages);
    free(policy);
}

static bool is_text(const char *wanted, const char *text)
{
    return !wanted || (text && !strcmp(wanted, text));
}

/* Without a port it is meant on any. */
static bool is_host(const char *wanted, const char *host)
{
    return !wanted || (host && authority_is_of(host, wanted));
}

static int percent_of(const struct facts *facts)
{
    return facts->exercising ? (int)(100 * facts->failing / facts->exercising) : 100;
}

static bool matches(const struct policy_rule *rule, const struct facts *facts)
{
    if (rule->cause != ANY && rule->cause != (int)facts->cause) return false;
    if (rule->core != ANY && rule->core != (int)facts->core) return false;
    if (rule->everything != ANY && rule->everything != (int)facts->everything) return false;
    if (!is_text(rule->stage, facts->stage) || !is_text(rule->kind, facts->kind) ||
        !is_host(rule->host, facts->host) || !is_text(rule->journey, facts->journey))
        return false;
    /* Without rounding: 1 of 2 is half, 49 of 99 is not. */
    bool enough = 100 * facts->failing >= (unsigned)rule->at_least_percent * facts->exercising;
    bool few = 100 * facts->failing < (unsigned)rule->less_than_percent * facts->exercising ||
               rule->less_than_percent > 100;
    return enough && few && (!rule->within_days || facts->days_left <= rule->within_days);
}

const struct policy_rule *policy_match(const struct policy *policy, const struct facts *facts)
{
    vec_each(rule, &policy->rules) {
        if (matches(rule, facts)) return rule;
    }
    return NULL;
}

static void explain_days(int days_left, struct buf *out)
{
    if (days_left < 0)
        buf_add_text(out, "it has ended");
    else if (days_left == 0)
        buf_add_text(out, "less than a day is left");
    else
        buf_addf(out, "%d day%s left", days_left, days_left == 1 ? " is" : "s are");
}

void policy_explain(const struct policy_rule *rule, const struct facts *facts, struct buf *out)
{
    if (facts->cause == CAUSE_CERTIFICATE)
        explain_days(facts->days_left, out);
    else if (facts->cause == CAUSE_HOST)
        buf_addf(out, "%s fails (%s) for %u of %u shopper%s", facts->host, facts->kind,
                 facts->failing, facts->exercising, PLURAL(facts->exercising));
    else if (facts->cause == CAUSE_FAILS || facts->cause == CAUSE_SLOW)
        buf_addf(out, "%s stage %s %s for %u of %u, %d%%", facts->core ? "core" : "side",
                 *facts->stage ? facts->stage : "(none)",
                 facts->cause == CAUSE_FAILS ? "fails" : "is slow", facts->failing,
                 facts->exercising, percent_of(facts));
    else
        buf_add_text(out, causes[facts->cause].help);
    if (!rule) buf_add_text(out, "; no rule matches");
    if (rule && rule->at_least_percent) buf_addf(out, "; at least %d%%", rule->at_least_percent);
    if (rule && rule->less_than_percent <= 100)
        buf_addf(out, "; less than %d%%", rule->less_than_percent);
    if (rule && rule->within_days)
        buf_addf(out, "; within %d day%s", rule->within_days, PLURAL(rule->within_days));
}

static void print_text(struct buf *out, const char *key, const char *text)
{
    if (text) buf_addf(out, ", %s: \"%s\"", key, text);
}

void policy_print(const struct policy *policy, struct buf *out)
{
    buf_add_text(out, "rules:\n");
    vec_each(rule, &policy->rules) {
        buf_addf(out, "  - {name: \"%s\"", rule->name);
        if (rule->cause != ANY) buf_addf(out, ", cause: %s", causes[rule->cause].word);
        if (rule->core != ANY) buf_addf(out, ", core: %s", rule->core ? "true" : "false");
        if (rule->everything != ANY)
            buf_addf(out, ", everything: %s", rule->everything ? "true" : "false");
        print_text(out, "stage", rule->stage);
        print_text(out, "kind", rule->kind);
        print_text(out, "host", rule->host);
        print_text(out, "journey", rule->journey);
        if (rule->at_least_percent) buf_addf(out, ", at_least: %d%%", rule->at_least_percent);
        if (rule->less_than_percent <= 100)
            buf_addf(out, ", less_than: %d%%", rule->less_than_percent);
        if (rule->within_days) buf_addf(out, ", within_days: %d", rule->within_days);
        buf_addf(out, ", severity: %d%s}\n", rule->severity,
                 rule->for_prober_owners ? ", prober_owners: true" : "");
    }
    buf_add_text(out, "raise:\n");
    vec_each(age, &policy->ages) {
        buf_addf(out, "  - {from: %d, after: ", age->from);
        quantity_write_duration(age->after_us, out);
        buf_addf(out, ", to: %d}\n", age->to);
    }
    buf_add_text(out, "lower_after: ");
    quantity_write_duration(policy->lower_after_us, out);
    buf_add_text(out, "\nremind_every: ");
    quantity_write_duration(policy->remind_every_us, out);
    buf_addf(out, "\nresolve_after: %u\nflapping: {low: %d%%, high: %d%%}\n", policy->resolve_after,
             policy->flap_low_percent, policy->flap_high_percent);
}
