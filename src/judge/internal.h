/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the judge, for the files of this floor only.
 *
 *   judge.c        observations, confirmation, time, the queue of decisions
 *   incident.c     one incident: opening, rating, ageing, ending
 *   clock.c        a clock that was set
 *   observation.c  a report boiled down
 *   proof.c        what a run shows to be over
 *   flapping.c     coming and going, as Nagios weighs it
 *   line.c         the first line that a person reads
 *   state.c        to JSON and back
 *   policy*.c      rules
 */
#ifndef SHOPPER_JUDGE_INTERNAL_H
#define SHOPPER_JUDGE_INTERNAL_H

#include "answer/json.h"
#include "base/map.h"
#include "base/vec.h"
#include "judge/judge.h"

/* The last states of one cause, one for each interval of those who look, newest in bit 0; 1: it was
 * seen. */
struct flapping {
    uint32_t states;
    unsigned count;
    int64_t since_us; /* when the newest one began */
    int64_t step_us;  /* how long one lasts; 0: as often as somebody looks */
};
#define FLAPPING_STATES 21
/* `interval_us` of who looked: the shortest counts; 0: it is not known. */
void flapping_note(struct flapping *flapping, bool seen, int64_t interval_us, int64_t now_us);
/* It was not seen from the last state on until now, and nobody noted that. */
void flapping_rest(struct flapping *flapping, int64_t until_us);
int flapping_percent(const struct flapping *flapping);

/* Runs that no incident holds yet. */
struct in_a_row {
    unsigned count;
    int64_t since_us; /* wall clock: when the first one started; 0: there is none */
};

/* What a subject showed last, and what it is about to confirm. */
struct subject_state {
    char *journey, *persona, *location;
    char *owner, *runbook; /* its journey's; "" */
    char *shop, *stages;   /* its host; ",login,checkout," */
    char *signature;       /* of what its latest run met; "" */
    char *judged;          /* the same of the latest that showed anything of the shop */
    char *stage;           /* where its latest run met something; "" */
    enum verdict verdict;
    struct in_a_row failures; /* with no success between them */
    struct in_a_row unknowns; /* with nothing else between them */
};

struct affected {
    char *subject;  /* its key */
    char *stage;    /* where it met the cause; "" */
    unsigned clean; /* runs in a row without the cause */
    bool owes;      /* and left something behind that no run cleans */
    int severity;   /* that the failing step asks for; 0: the policy decides */
};

struct moment {
    int64_t time_us;
    char *text;
};

struct incident {
    struct event face;
    enum cause cause;
    int days_left;
    char *values;
    unsigned worst_failing, worst_exercising; /* when it met the most shoppers */
    int rated;                                /* by the rule, before age */
    int64_t rated_since_us;
    int64_t looked_at_us;   /* by incident_rate */
    int64_t lower_since_us; /* since when a better rating holds; 0: none does */
    int64_t remind_us;      /* 0: never */
    bool told;              /* the opening was, to somebody */
    int told_severity;      /* the latest that was */
    bool raised_by_caller;  /* ends by judge_lower alone */
    bool resolved, changed;
    struct flapping flapping;
    struct {
        struct affected *items;
        size_t count, capacity;
    } affected;
    struct {
        struct moment *items;
        size_t count, capacity;
    } timeline;
};

struct judge {
    const struct policy *policy;
    struct judge_settings settings;
    struct map subjects; /* key -> struct subject_state * */
    struct map flapping; /* signature -> struct flapping *: of causes that came before */
    struct {
        struct incident **items;
        size_t count, capacity;
    } incidents; /* open ones, and resolved ones that nobody has collected */
    struct {
        struct decision *items;
        size_t count, capacity, taken;
    } decisions;
    bool untrusted;
    bool grown;   /* an incident did, since somebody asked */
    bool stirred; /* something that is saved has changed, since somebody asked */
};

/* --- incident.c */
struct incident *incident_find(const struct judge *judge, const char *signature); /* open */
struct incident *incident_open(struct judge *judge, enum cause cause, const char *signature,
                               int64_t since_us, int64_t now_us);
void incident_free(struct incident *incident);
/* Moments stand in the order of their times. */
void incident_note(struct incident *incident, int64_t time_us, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* How those who are part of it from the start came to be so. */
void incident_note_first(struct incident *incident, const char *subject, int64_t time_us);
void incident_join(struct judge *judge, struct incident *incident, const char *subject,
                   const struct observation *observation, int64_t now_us);
/* What a warning of a certificate is about; before incident_join. */
void incident_take_certificate(struct incident *incident,
                               const struct certificate_seen *certificate);
/* The subject showed a run without the cause. */
void incident_clean(struct judge *judge, struct incident *incident, const char *subject,
                    int64_t interval_us, int64_t now_us);
/* Of those that owe something: who does not any more is clean. */
void incident_settle(struct judge *judge, struct incident *incident,
                     bool (*owes)(void *context, const char *journey, const char *persona),
                     void *context, int64_t now_us);
/* It met the cause, and has yet to show enough clean runs. */
bool incident_holds(const struct judge *judge, struct incident *incident, const char *subject);
/* At least half of what exercises it meets it now. */
bool incident_is_wide(const struct judge *judge, const struct incident *incident);
/* Whether it is about this host: a name that is not found is so on every port. */
bool incident_is_at(const struct incident *incident, const char *host);
/* Where this subject met the cause; NULL: it did not. */
const char *incident_stage(struct incident *incident, const char *subject);
void incident_leave(struct incident *incident, const char *subject);
/* Severity by the policy and by age; tells what changed. The first rating tells the opening. */
void incident_rate(struct judge *judge, struct incident *incident, int64_t now_us);
void incident_resolve(struct judge *judge, struct incident *incident, const char *why,
                      int64_t now_us);
/* Whether every subject has been clean for long enough, and the coming and going has calmed down.
 */
bool incident_is_over(const struct judge *judge, const struct incident *incident);
void incident_tick(struct judge *judge, struct incident *incident, int64_t now_us);

/* --- proof.c */
/* `met`: the cause of what the run met; CAUSE_COUNT: nothing. `stage`: where the run's shopper met
 * the incident. */
bool proof_disproves(const struct observation *observation, enum cause met,
                     const struct incident *incident, const char *stage);

/* --- line.c */
char *line_of(const struct incident *incident, int64_t now_us);
/* Without severity and times, for whoever shows them beside it. */
char *line_brief(const struct incident *incident);

/* --- judge.c */
void end_if_over(struct judge *judge, struct incident *incident, int64_t now_us);
void rate_all(struct judge *judge, int64_t now_us);
bool judge_mutes(const struct judge *judge, const struct incident *incident);
bool judge_has_planned(const struct judge *judge, const struct incident *incident);
void decide_event(struct judge *judge, struct incident *incident, enum event_type type,
                  int previous_severity, int64_t now_us);
char *subject_key(const char *journey, const char *persona, const char *location);
void subject_state_free(void *subject);

/* --- state.c */
void incident_to_json(const struct incident *incident, cJSON *object);

#endif
