/* SPDX-License-Identifier: Apache-2.0 */
/* A policy from the configuration. See policy.h. */
#include "base/alloc.h"
#include "base/vec.h"
#include "journey/loader.h"
#include "judge/policy.h"
#include "judge/policy_language.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

/* --- A rule */

#define RULE(object) ((struct policy_rule *)(object))

#define TEXT_KEY(key)                                                                              \
    static void load_##key(struct loader *loader, const struct yaml_node *node, void *rule)        \
    {                                                                                              \
        load_text(loader, node, #key, &RULE(rule)->key);                                           \
    }
TEXT_KEY(name)
TEXT_KEY(stage)
TEXT_KEY(kind)
TEXT_KEY(host)
TEXT_KEY(journey)

static void load_cause(struct loader *loader, const struct yaml_node *node, void *rule)
{
    AUTO_FREE char *word = NULL;
    if (!load_text(loader, node, "cause", &word)) return;
    for (int i = 0; i < CAUSE_COUNT; i++)
        if (!strcmp(word, cause_words[i])) RULE(rule)->cause = i;
    if (RULE(rule)->cause >= 0) return;
    struct diag *diag =
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "there is no cause '%s'", word);
    diag_suggest(diag, view_of(word), cause_words);
}

static void load_flag(struct loader *loader, const struct yaml_node *node, const char *what,
                      int *ret_flag)
{
    bool flag = false;
    if (load_bool(loader, node, what, &flag)) *ret_flag = flag;
}

static void load_core(struct loader *loader, const struct yaml_node *node, void *rule)
{
    load_flag(loader, node, "core", &RULE(rule)->core);
}

static void load_everything(struct loader *loader, const struct yaml_node *node, void *rule)
{
    load_flag(loader, node, "everything", &RULE(rule)->everything);
}

static void load_prober_owners(struct loader *loader, const struct yaml_node *node, void *rule)
{
    load_bool(loader, node, "prober_owners", &RULE(rule)->for_prober_owners);
}

static void load_percent(struct loader *loader, const struct yaml_node *node, const char *what,
                         int *ret_percent)
{
    AUTO_FREE char *text = NULL;
    if (!load_text(loader, node, what, &text)) return;
    char *end;
    long percent = strtol(text, &end, 10);
    if (end != text && !strcmp(end, "%") && percent >= 0 && percent <= 100)
        *ret_percent = (int)percent;
    else
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                   "%s is a whole percentage such as 50%%, not '%s'", what, text);
}

static void load_at_least(struct loader *loader, const struct yaml_node *node, void *rule)
{
    load_percent(loader, node, "at_least", &RULE(rule)->at_least_percent);
}

static void load_less_than(struct loader *loader, const struct yaml_node *node, void *rule)
{
    load_percent(loader, node, "less_than", &RULE(rule)->less_than_percent);
}

static void load_number(struct loader *loader, const struct yaml_node *node, const char *what,
                        unsigned least, unsigned most, int *ret_number)
{
    unsigned number = 0;
    if (load_count(loader, node, what, least, most, &number)) *ret_number = (int)number;
}

static void load_within_days(struct loader *loader, const struct yaml_node *node, void *rule)
{
    load_number(loader, node, "within_days", 1, 1000, &RULE(rule)->within_days);
}

static void load_rule_severity(struct loader *loader, const struct yaml_node *node, void *rule)
{
    load_severity(loader, node, "severity", &RULE(rule)->severity);
}

const char *const cause_words[] = {
#define X(name, word, help) word,
    CAUSES(X)
#undef X
        NULL,
};

static const struct shape percent_shape = {.kind = SHAPE_PERCENTAGE};
static const struct shape days_shape = {.kind = SHAPE_COUNT, .least = 1, .most = 1000};
static const struct shape cause_shape = {.kind = SHAPE_WORD, .words = cause_words};

static const struct key_rule rule_rules[] = {
    {"name", load_name, true, &text_shape, "said with every incident that it rates"},
    {"cause", load_cause, false, &cause_shape, "what is wrong"},
    {"core", load_core, false, &bool_shape,
     "whether the stage is login, price-view, add-to-cart or checkout"},
    {"everything", load_everything, false, &bool_shape,
     "whether every shopper of the host meets it"},
    {"stage", load_stage, false, &text_shape, "only this stage"},
    {"kind", load_kind, false, &text_shape, "only failures of this kind"},
    {"host", load_host, false, &text_shape, "only this host; without a port it is meant on any"},
    {"journey", load_journey, false, &text_shape, "only this journey"},
    {"at_least", load_at_least, false, &percent_shape, "of the shoppers who exercise it"},
    {"less_than", load_less_than, false, &percent_shape, "of the shoppers who exercise it"},
    {"within_days", load_within_days, false, &days_shape, "a certificate ends so soon"},
    {"severity", load_rule_severity, true, &severity_shape, "1 is the worst, 4 a warning"},
    {"prober_owners", load_prober_owners, false, &bool_shape,
     "`true`: for those who run this program, not for the shop's"},
    {0},
};
static const struct shape rule_shape = {.kind = SHAPE_MAPPING, .name = "rule", .rules = rule_rules};
static const struct shape rules_shape = {.kind = SHAPE_LIST, .of = &rule_shape, .filled = true};

static void load_rules(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct policy *policy = object;
    if (node->kind != YAML_SEQUENCE) {
        load_wrong_type(loader, node, "rules", "a list of rules");
        return;
    }
    vec_each(rule, &policy->rules) policy_rule_release(rule);
    policy->rules.count = 0;
    for (size_t i = 0; i < node->count; i++) {
        struct policy_rule *rule = vec_add(&policy->rules);
        *rule = (struct policy_rule){
            .cause = -1, .core = -1, .everything = -1, .less_than_percent = 101, .severity = 3};
        (void)!load_mapping(loader, node->items[i], "a rule", rule_rules, rule);
        if (!rule->name) rule->name = xstrdup("");
    }
}

/* --- Ages */

#define AGE(object) ((struct policy_age *)(object))

static void load_from(struct loader *loader, const struct yaml_node *node, void *age)
{
    load_severity(loader, node, "from", &AGE(age)->from);
}

static void load_to(struct loader *loader, const struct yaml_node *node, void *age)
{
    load_severity(loader, node, "to", &AGE(age)->to);
}

static void load_after(struct loader *loader, const struct yaml_node *node, void *age)
{
    load_duration(loader, node, "after", &AGE(age)->after_us);
}

static const struct key_rule age_rules[] = {
    {"from", load_from, true, &severity_shape, "the severity that stays"},
    {"after", load_after, true, &duration_shape, "so long"},
    {"to", load_to, true, &severity_shape, "and becomes this one"},
    {0},
};
static const struct shape age_shape = {.kind = SHAPE_MAPPING, .name = "age", .rules = age_rules};
static const struct shape ages_shape = {.kind = SHAPE_LIST, .of = &age_shape};

static void load_raise(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct policy *policy = object;
    if (node->kind != YAML_SEQUENCE) {
        load_wrong_type(loader, node, "raise", "a list");
        return;
    }
    policy->ages.count = 0;
    for (size_t i = 0; i < node->count; i++) {
        struct policy_age *age = vec_add(&policy->ages);
        *age = (struct policy_age){0};
        if (load_mapping(loader, node->items[i], "an age", age_rules, age) && age->to >= age->from)
            diag_error(loader->diags, DIAG_BAD_VALUE, node->items[i]->place,
                       "`to` must be worse than `from`: a lower number");
    }
}

/* --- The rest */

#define POLICY(object) ((struct policy *)(object))

static void load_lower_after(struct loader *loader, const struct yaml_node *node, void *policy)
{
    load_duration(loader, node, "lower_after", &POLICY(policy)->lower_after_us);
}

static void load_remind_every(struct loader *loader, const struct yaml_node *node, void *policy)
{
    load_duration(loader, node, "remind_every", &POLICY(policy)->remind_every_us);
}

static void load_resolve_after(struct loader *loader, const struct yaml_node *node, void *policy)
{
    load_count(loader, node, "resolve_after", 1, 100, &POLICY(policy)->resolve_after);
}

static void load_low(struct loader *loader, const struct yaml_node *node, void *policy)
{
    load_percent(loader, node, "low", &POLICY(policy)->flap_low_percent);
}

static void load_high(struct loader *loader, const struct yaml_node *node, void *policy)
{
    load_percent(loader, node, "high", &POLICY(policy)->flap_high_percent);
}

static const struct key_rule flapping_rules[] = {
    {"low", load_low, false, &percent_shape, "below it, it is quiet (20%)"},
    {"high", load_high, false, &percent_shape, "from it on, it flaps (30%)"},
    {0},
};
static const struct shape flapping_shape = {
    .kind = SHAPE_MAPPING, .name = "flapping", .rules = flapping_rules};

static void load_flapping(struct loader *loader, const struct yaml_node *node, void *policy)
{
    (void)!load_mapping(loader, node, "flapping", flapping_rules, policy);
}

static const struct shape resolve_shape = {.kind = SHAPE_COUNT, .least = 1, .most = 100};

static const struct key_rule policy_rules[] = {
    {"rules", load_rules, false, &rules_shape, "the first that matches rates an incident"},
    {"raise", load_raise, false, &ages_shape, "an outage that stays gets worse"},
    {"lower_after", load_lower_after, false, &duration_shape,
     "a better severity must have held for so long (5m)"},
    {"remind_every", load_remind_every, false, &duration_shape,
     "what is open is told again (4h); 0s: never"},
    {"resolve_after", load_resolve_after, false, &resolve_shape,
     "clean runs of everything affected, before it is over (2)"},
    {"flapping", load_flapping, false, &flapping_shape,
     "how much coming and going keeps an incident open"},
    {0},
};
const struct shape policy_shape = {.kind = SHAPE_MAPPING, .name = "policy", .rules = policy_rules};

struct policy *policy_load(const struct yaml_node *node, struct diags *diags)
{
    struct policy *policy = policy_default();
    struct loader loader = {.diags = diags};
    (void)!load_mapping(&loader, node, "policy", policy_rules, policy);
    return policy;
}
