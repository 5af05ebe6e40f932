/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which incident has which severity: a table of rules, the first that matches wins. The default is
 * written in the same structures as what a team puts into its configuration.
 */
#ifndef SHOPPER_JUDGE_POLICY_H
#define SHOPPER_JUDGE_POLICY_H

#include "base/buf.h"
#include "text/yaml.h"

#include <stdint.h>

/* What is wrong, seen from afar. enum name, word in a policy, meaning */
#define CAUSES(X)                                                                                  \
    X(FAILS, "fails", "a stage fails")                                                             \
    X(SLOW, "slow", "a stage is degraded: slow, or an optional part fails")                        \
    X(HOST, "host", "the host fails at dns, connect, tls or reset")                                \
    X(BLOCKED, "blocked", "the shop keeps us out: a bot wall, a rate limit")                       \
    X(RESIDUE, "residue", "something was left behind in the shop")                                 \
    X(CERTIFICATE, "certificate", "a certificate ends soon")                                       \
    X(BURN, "burn", "an objective's error budget burns")                                           \
    X(SINK, "sink", "a sink fails, or the store does")                                             \
    X(BLIND, "blind", "we cannot see")

enum cause {
#define X(name, word, help) CAUSE_##name,
    CAUSES(X)
#undef X
        CAUSE_COUNT
};

const char *cause_word(enum cause cause);

/* What a rule looks at. */
struct facts {
    enum cause cause;
    bool core; /* the stage is login, price-view, add-to-cart or checkout */
    const char *stage, *kind, *host, *journey;
    unsigned failing, exercising; /* subjects: journey x persona x location */
    bool everything;              /* every subject of the host */
    int days_left;                /* CAUSE_CERTIFICATE */
};

struct policy_rule {
    char *name;
    int cause; /* enum cause; -1: any */
    int core;  /* 1, 0; -1: either */
    int everything;
    char *stage, *kind, *host, *journey;     /* NULL: any */
    int at_least_percent, less_than_percent; /* of what exercises it; 0 and 101: any */
    int within_days;                         /* 0: any */
    int severity;                            /* 1 to 4 */
    bool for_prober_owners;
};

struct policy_age { /* a severity that stays so long becomes another */
    int from, to;
    int64_t after_us;
};

struct policy {
    struct {
        struct policy_rule *items;
        size_t count, capacity;
    } rules;
    struct {
        struct policy_age *items;
        size_t count, capacity;
    } ages;
    int64_t lower_after_us;                  /* a better severity must have held for so long */
    int64_t remind_every_us;                 /* 0: never */
    unsigned resolve_after;                  /* clean runs of everything affected */
    int flap_low_percent, flap_high_percent; /* of state change over 20 states, as Nagios has it */
};

struct policy *policy_default(void) MUST_CHECK;
/* Never NULL; what is wrong is in `diags`. What the mapping does not say stays as the default has
 * it. */
struct policy *policy_load(const struct yaml_node *node, struct diags *diags) MUST_CHECK;
void policy_free(struct policy *policy);
/* The rule that sets the severity; NULL: none matches, and it is sev3. */
const struct policy_rule *policy_match(const struct policy *policy,
                                       const struct facts *facts) MUST_CHECK;
/* The rule's conditions with the values that met them: "core stage checkout fails for 3 of 4". */
void policy_explain(const struct policy_rule *rule, const struct facts *facts, struct buf *out);
void policy_print(const struct policy *policy,
                  struct buf *out); /* as YAML that policy_load reads */

#endif
