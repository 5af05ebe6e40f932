/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From failed runs to incidents: confirmation, grouping by cause, severity, ageing, flapping,
 * resolution. A pure state machine: observations and times go in, decisions come out of a queue. It
 * reads no clock and performs nothing; whoever drives it stores and tells.
 *
 * One cause is one incident. Its signature is "host:HOST/KIND" for what keeps a shopper from
 * reaching the host at all, else "stage:STAGE/KIND" (failed) or "slow:STAGE/KIND" (degraded), or
 * that of a warning: "blocked:HOST", "residue:HOST", "certificate:HOST", "blind:" and what the
 * caller raises. A HOST has its port where that is not the scheme's own; only a name that is not
 * found is so on all ports.
 *
 * A subject is a journey as a persona from a location. An incident holds every subject that met its
 * cause, and ends when each of them has shown the policy's number of clean runs, or has left. What
 * was left behind in the shop is clean when somebody says so: no other run can show it.
 */
#ifndef SHOPPER_JUDGE_JUDGE_H
#define SHOPPER_JUDGE_JUDGE_H

#include "judge/event.h"
#include "judge/observation.h"
#include "judge/policy.h"

struct journey;
struct judge;

#define JUDGE_MAX_INCIDENTS 1000 /* open at once; more causes open none */
#define JUDGE_MAX_TIMELINE 200   /* entries kept of one incident: the first ones and the latest */
#define JUDGE_CERTIFICATE_DAYS 21

struct judge_settings {
    /* Whether nobody is to be told of this, which these journeys meet, now: a silence, a
     * maintenance window. NULL: everybody is. */
    bool (*muted)(void *context, const struct event *event, const char *const *journeys,
                  size_t count);
    void *context;
    /* Whether all of these journeys are in a maintenance window now. NULL: none is. */
    bool (*planned)(void *context, const struct event *event, const char *const *journeys,
                    size_t count);
};

struct judge *judge_new(const struct policy *policy,
                        const struct judge_settings *settings) MUST_CHECK;
void judge_free(struct judge *judge);
/* `policy` is borrowed until the next one. */
void judge_set_policy(struct judge *judge, const struct policy *policy);

/* All `now_us` are wall time; by how much it was set is said before the next of them. */
void judge_clock_jumped(struct judge *judge, int64_t by_us);
/* True: a blip ended with it, failures that were too few to open an incident. */
bool judge_observe(struct judge *judge, const struct observation *observation, int64_t now_us);
/* Time passes: severities age or are lowered, reminders fall due, mutes end. Call it every few
 * seconds. */
void judge_tick(struct judge *judge, int64_t now_us);

/* While we cannot believe what we see, observations are not judged. */
void judge_trust(struct judge *judge, bool trusted, const char *why, int64_t now_us);
/* What is no run's: CAUSE_SINK ("sink:mail"), CAUSE_BURN. Raised until it is lowered. */
void judge_raise(struct judge *judge, enum cause cause, const char *signature, const char *message,
                 int64_t now_us);
void judge_lower(struct judge *judge, const char *signature, const char *why, int64_t now_us);
/* What was left behind in the shop may have been cleaned since: `owes` knows whether there is
 * anything of this journey and persona that nobody has cleaned. */
void judge_settle(struct judge *judge,
                  bool (*owes)(void *context, const char *journey, const char *persona),
                  void *context, int64_t now_us);
/* What is watched now, and from where: subjects of other journeys, personas and locations leave,
 * and everybody leaves the incidents of stages that their journey has no more. */
void judge_watch(struct judge *judge, struct journey *const *journeys, size_t count,
                 const char *location, int64_t now_us);

/* False: no open incident has this id, or the beginning of it is not enough to tell. */
bool judge_acknowledge(struct judge *judge, const char *id, const char *author, bool acknowledged,
                       int64_t now_us) MUST_CHECK;

/* --- Decisions */

struct decision {
    enum { DECISION_EVENT, DECISION_REPROBE, DECISION_BLIP } kind;
    struct event event;      /* DECISION_EVENT */
    bool muted;              /* record it, and tell nobody */
    char *journey, *persona; /* else */
    int64_t after_us;        /* DECISION_REPROBE */
    char *line;              /* DECISION_BLIP: "once: ..." */
};

bool judge_take(struct judge *judge, struct decision *ret_decision) MUST_CHECK;
void decision_release(struct decision *decision);

/* --- Looking at it */

struct incident_view {
    const struct event *face; /* as an event of now would show it */
    const char *values;       /* that made the rule match */
    bool resolved;
};
/* Whether somebody joined an incident since this was last asked. */
bool judge_take_growth(struct judge *judge);
/* Whether judge_save may have something to say that it had not when this was last asked. */
bool judge_take_stir(struct judge *judge);
/* Incidents that changed since this was last asked, resolved ones for the last time. `json` is all
 * of one: face, rule, values, affected subjects, timeline. */
void judge_changed(struct judge *judge,
                   void (*visit)(void *context, const struct incident_view *incident,
                                 struct view json),
                   void *context);
void judge_open(const struct judge *judge,
                void (*visit)(void *context, const struct incident_view *incident), void *context);
size_t judge_open_count(const struct judge *judge, int severity); /* 0: all */

/* --- Across restarts */

void judge_save(const struct judge *judge, struct buf *out); /* JSON */
/* Into a new judge. False: it is no such JSON; the judge is as new. */
bool judge_restore(struct judge *judge, struct view json, struct error *error) MUST_CHECK;
/* Into one that has perhaps judged without it. An incident that is open in both goes on as the
 * earlier one, and the later one ends. False: the judge is as it was. */
bool judge_recall(struct judge *judge, struct view json, int64_t now_us,
                  struct error *error) MUST_CHECK;
/* One that is open and that such a state perhaps did not have, from what judge_changed gave of it.
 */
bool judge_recall_incident(struct judge *judge, struct view json, int64_t now_us,
                           struct error *error) MUST_CHECK;

#endif
