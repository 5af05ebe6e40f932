/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desk: where runs come in and incidents go out. It keeps the judge, writes down what the judge
 * decides (incident, event and outbox in one transaction) and hands events to their delivery. After
 * a restart it goes on where it was.
 */
#ifndef SHOPPER_WATCH_DESK_H
#define SHOPPER_WATCH_DESK_H

#include "judge/judge.h"
#include "store/read.h"
#include "watch/config.h"
#include "watch/delivery.h"

struct desk;

/* Before a journey's name: the signature of what keeps us from walking it. */
#define HINDERED_PREFIX "blind:journey/"

#define DESK_TICK_US (2 * US_PER_SECOND)           /* severities age, mutes end */
#define DESK_SAVE_AFTER_US (5 * US_PER_SECOND)     /* what changed without an event */
#define DESK_SAVE_ANYWAY_US (600 * US_PER_SECOND)  /* the store may be another by now */
#define DESK_JUMP_US (500 * US_PER_MS)             /* a clock that was set */
#define DESK_SHOW_AFTER_US (500 * US_PER_MS)       /* and who joined an incident */
#define DESK_KEEP_GOOD_US (INT64_C(600) * 1000000) /* a report of a good run, every so often */

struct desk_settings {
    struct loop *loop;
    struct store *store;
    struct delivery *delivery;
    const struct redactor *redactor;
    const struct log *log;
    /* A failure is to be confirmed. */
    void (*reprobe)(void *context, const char *journey, const char *persona, int64_t after_us);
    void (*changed)(void *context); /* a run was written down, or an incident changed */
    void *context;
};

struct desk *desk_new(const struct desk_settings *settings, const struct config *config,
                      const struct policy *policy) MUST_CHECK;
void desk_free(struct desk *desk);
/* After a start, before anything else. False: the store cannot be read; until it can, and this is
 * called again, the desk judges without what was before, and writes nothing over it. */
bool desk_restore(struct desk *desk, struct error *error) MUST_CHECK;
/* From now on these (borrowed), and only these journeys. */
void desk_set_plan(struct desk *desk, const struct config *config, const struct policy *policy,
                   struct journey *const *journeys, size_t count);
void desk_save(struct desk *desk); /* at the end */

/* --- What happens */

struct desk_run {
    const struct run_report *report;
    int64_t interval_us; /* the time that it stands for; 0: none */
    unsigned flags;      /* enum store_run_flag, of those that the caller knows */
    /* When a report of this shopper that went well was last kept whole, so that what goes wrong can
     * be compared with it; 0: the next is to be kept. NULL: it is nothing to compare with. */
    int64_t *kept_good_us;
};
/* Whether the next one that goes well is kept. */
bool desk_wants_good(const struct desk *desk, int64_t kept_good_us);
/* Judges it and writes it down. */
void desk_see_run(struct desk *desk, const struct desk_run *run);
/* A run that only paid a debt: nothing but what it left behind is judged. */
void desk_see_debt_run(struct desk *desk, const struct run_report *report);
/* Residue may have been cleaned: incidents of it that have nothing left are over. */
void desk_look_at_residue(struct desk *desk);
void desk_see_missed(struct desk *desk, const char *journey, const char *persona, int64_t slot_us,
                     const char *why);
void desk_trust(struct desk *desk, bool trusted, const char *why);
void desk_raise(struct desk *desk, enum cause cause, const char *signature, const char *message);
void desk_lower(struct desk *desk, const char *signature, const char *why);

/* --- What people say */

bool desk_acknowledge(struct desk *desk, const char *id, const char *author,
                      bool acknowledged) MUST_CHECK;
void desk_silence(struct desk *desk, const struct store_silence *silence);
void desk_each_silence(const struct desk *desk,
                       void (*visit)(void *context, const struct store_silence *silence),
                       void *context);
bool desk_unsilence(struct desk *desk, const char *id) MUST_CHECK; /* false: there is none */

const struct judge *desk_judge(const struct desk *desk);
/* Whether a maintenance window is open for what this run met, of those in which journeys run and
 * nobody is told. */
bool desk_is_maintenance(const struct desk *desk, const struct run_report *report);

#endif
