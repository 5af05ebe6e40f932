/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the judge, for the files of this floor only.
 *
 *   judge.c        observations, confirmation, time, the queue of decisions
 *   incident.c     one incident: opening, rating, ageing, ending
 *   observation.c  a report boiled down
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

/* The last states of one cause, newest in bit 0; 1: it was seen. */
struct flapping {
    uint32_t states;
    unsigned count;
    int64_t last_us, step_us; /* when the last one was noted, and the usual time between two */
};
#define FLAPPING_STATES 21
void flapping_note(struct flapping *flapping, bool seen, int64_t now_us);
/* It was not seen from the last state on until now, and nobody noted that. */
void flapping_rest(struct flapping *flapping, int64_t until_us);
int flapping_percent(const struct flapping *flapping);

/* What a subject showed last, and what it is about to confirm. */
struct subject_state {
    char *journey, *persona, *location;
    char *owner, *runbook; /* its journey's; "" */
    char *shop, *stages;   /* its host; ",login,checkout," */
    char *signature;       /* of what its latest run met; "" */
    char *judged;          /* the same of the latest that showed anything of the shop */
    enum verdict verdict;
    unsigned failures, unknowns; /* in a row, of what no incident holds yet */
    int64_t failing_since_us;
};

struct affected {
    char *subject;  /* its key */
    unsigned clean; /* runs in a row without the cause */
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
                    int64_t now_us);
void incident_leave(struct incident *incident, const char *subject);
/* Severity by the policy and by age; tells what changed. The first rating tells the opening. */
void incident_rate(struct judge *judge, struct incident *incident, int64_t now_us);
void incident_resolve(struct judge *judge, struct incident *incident, const char *why,
                      int64_t now_us);
/* Whether every subject has been clean for long enough, and the coming and going has calmed down.
 */
bool incident_is_over(const struct judge *judge, const struct incident *incident);
void incident_tick(struct judge *judge, struct incident *incident, int64_t now_us);

/* --- line.c */
char *line_of(const struct incident *incident, int64_t now_us);
/* Without severity and times, for whoever shows them beside it. */
char *line_brief(const struct incident *incident);

/* --- judge.c */
bool judge_mutes(const struct judge *judge, const struct incident *incident);
bool judge_has_planned(const struct judge *judge, const struct incident *incident);
void decide_event(struct judge *judge, struct incident *incident, enum event_type type,
                  int previous_severity, int64_t now_us);
char *subject_key(const char *journey, const char *persona, const char *location);
void subject_state_free(void *subject);

/* --- state.c */
void incident_to_json(const struct incident *incident, cJSON *object);

#endif
