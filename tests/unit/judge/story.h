/* SPDX-License-Identifier: Apache-2.0 */
/* For stories of failures on made-up time: a judge, runs that it sees, and what it tells. */
#ifndef SHOPPER_TESTS_JUDGE_STORY_H
#define SHOPPER_TESTS_JUDGE_STORY_H

#include "base/clock.h"
#include "base/vec.h"
#include "journey/journey.h"
#include "judge/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE (60 * US_PER_SECOND)
#define START (INT64_C(1795442530) * US_PER_SECOND) /* 2026-11-23T14:02:10Z */

struct story {
    struct policy *policy;
    struct judge *judge;
    struct judge_settings settings;
    int64_t now_us;
    bool muted, planned;
    const char *silent_journey; /* muted alone; NULL */
    struct buf told;            /* "opened 1; " ... without what was muted */
    unsigned reprobes, blips, blips_ended, muted_events;
    struct event last;
    VEC(char *) open; /* ids of incidents that were told as open */
};

/* What a run of JOURNEY as PERSONA showed. `stages` is "login,price-view,checkout"; the failing one
 * ends it. */
struct seen {
    const char *journey, *persona, *stages, *stage;
    enum verdict verdict;
    enum outcome_kind kind;
    int severity, days_left, pay_days_left; /* 0: no certificate was seen */
    const char *residue, *host, *owner, *actual;
    const char *shop; /* NULL: "shop.test" */
    bool owes;        /* the residue stands in the ledger */
    bool last_day;    /* of the shop's certificate */
};

extern const struct seen good, no_price, blind; /* of "checkout" as "desktop" */

void begin(struct story *story);
void end(struct story *story);
void listen(struct story *story);                   /* takes the judge's decisions */
void expect(struct story *story, const char *told); /* since it was last asked */
void note(const struct story *story);               /* what is said of it, for a golden file */
void note_timelines(const char *json);
void run(struct story *story, const struct seen *seen);
void pass_time(struct story *story, int64_t us);
struct seen as(struct seen seen, const char *journey, const char *persona);
void times(struct story *story, const struct seen *seen, unsigned count); /* one a minute */
void restart(struct story *story);
/* A journey of one step, as one persona; good until the next one is asked for. */
struct journey *watched(const char *name, const char *persona, const char *stage);

#endif
