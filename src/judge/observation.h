/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run showed, as far as judging it needs: the report boiled down to plain texts, which
 * have been redacted. Names are the report's own, which must outlive the observation; what was made
 * of them is the observation's.
 */
#ifndef SHOPPER_JUDGE_OBSERVATION_H
#define SHOPPER_JUDGE_OBSERVATION_H

#include "base/arena.h"
#include "base/redact.h"
#include "judge/policy.h"
#include "run/report.h"

/* A stage of the journey, and what became of it in this run: the worst of its steps. */
struct stage_seen {
    const char *name;
    enum verdict verdict; /* VERDICT_SKIPPED: it was not reached */
};

struct certificate_seen {
    const char *host;
    int days_left;
};

struct observation {
    const char *journey, *persona, *location;
    const char *owner, *runbook; /* "" */
    enum verdict verdict;
    enum outcome_kind kind;                  /* of the step that decided; OUTCOME_PASS: none did */
    const char *step, *stage;                /* of that step; "" */
    const char *host;                        /* that it asked, else the shop's: observation_host */
    const char *shop;                        /* the host of the journey's base, with its port; "" */
    const char *message, *expected, *actual; /* "" */
    const char *residue;                     /* what was left behind; "": nothing */
    bool owes;    /* and it stands in the ledger until somebody cleans it */
    int severity; /* the step's own, 1 to 4; 0: the policy decides */
    char run_id[ID_UUID_SIZE], trace_id[ID_TRACE_SIZE];
    int64_t started_us, ended_us; /* wall clock */
    int64_t interval_us; /* of the journey's schedule; 0: it has none. The caller's to say */
    unsigned confirm_failures;
    int64_t reprobe_after_us[8];
    size_t reprobe_count;
    struct {
        struct stage_seen *items;
        size_t count, capacity;
    } stages; /* in the order of the journey */
    struct {
        struct certificate_seen *items;
        size_t count, capacity;
    } certificates; /* one for each host */
    struct {
        const char **items;
        size_t count, capacity;
    } answered; /* hosts that did, whatever they said */
    struct arena texts;
};

/* `location` NULL: "", else it outlives the observation. Texts pass through the redactor. */
struct observation observation_of(const struct run_report *report, const char *location,
                                  const struct redactor *redactor) MUST_CHECK;
void observation_release(struct observation *observation);
/* Of a URL: two ports are two servers, but one name. */
char *observation_host(const char *url, enum outcome_kind kind) MUST_CHECK;
/* How the step that decided ended, in the words of a policy. */
enum cause observation_cause(const struct observation *observation);
void observation_add_answer(struct observation *observation, const char *host); /* copied */
/* Of the verdicts that are added for one stage, whose name is borrowed, the worst counts. */
void observation_add_stage(struct observation *observation, const char *stage,
                           enum verdict verdict);
/* Whether this host answered. */
bool observation_answered(const struct observation *observation, const char *host);
/* What the run showed of a stage; VERDICT_SKIPPED: nothing. */
enum verdict observation_stage(const struct observation *observation, const char *stage);

#endif
