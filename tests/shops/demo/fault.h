/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be wrong with the shop. `fault_catalogue` is the one table of it; a rule switches one
 * fault on for a stage, a path, a part of the requests.
 */
#ifndef DEMO_FAULT_H
#define DEMO_FAULT_H

#include "exchange.h"

/* When a fault acts. */
enum fault_moment {
    FAULT_BEFORE,  /* sets what the handler lies about, or how the answer goes out */
    FAULT_INSTEAD, /* answers; the handler is not called, nothing happens in the shop */
    FAULT_AFTER,   /* the handler has done its work; its answer is spoilt */
};

struct fault_rule;

struct fault {
    const char *name, *description;
    enum fault_moment moment;
    void (*act)(struct exchange *exchange, const struct fault_rule *rule);
    int64_t hold_ms; /* how long the answer waits when the rule does not say */
};
extern const struct fault fault_catalogue[];
extern const size_t fault_count;
const struct fault *fault_find(const char *name);

/* Empty texts and a negative `times_left` mean: any. */
struct fault_rule {
    const struct fault *fault;
    char stage[32];
    char path[160];  /* a last `*` stands for any rest */
    char agent[80];  /* a part of the User-Agent */
    int percent;     /* of the matching requests, drawn from the seed */
    long times_left; /* how often it still strikes */
    int64_t after_ms;
    double bytes_per_second;
    uint64_t fired;
    struct generator generator;
};

#define FAULT_RULES 32
struct faults {
    struct fault_rule rules[FAULT_RULES];
    size_t count;
};

/* Adds the rule, or replaces the one of the same fault, stage, path and agent. False when full. */
bool faults_set(struct faults *faults, const struct fault_rule *rule);
/* Returns how many rules went; NULL stands for all. */
size_t faults_clear(struct faults *faults, const char *name);

/* The rules that strike this request; each is asked once per request. */
size_t faults_strike(struct faults *faults, const struct exchange *exchange,
                     const struct fault_rule *ret_rules[static FAULT_RULES]);
/* Lets those of one moment act. */
void faults_act(struct exchange *exchange, enum fault_moment moment,
                const struct fault_rule *const rules[], size_t count);

#endif
