/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_shopper: a check for Nagios, Icinga and whatever runs their plugins. It walks a journey
 * itself (-f), or asks the store of a daemon that walks it anyway (--state).
 *
 * Starting must be cheap, and asking most of all. So the program itself links no library: each way
 * of seeing is a module beside it, which is loaded when it is wanted. Program and modules share
 * what stands here.
 */
#ifndef SHOPPER_CHECK_CHECK_H
#define SHOPPER_CHECK_CHECK_H

#include "answer/outcome.h"
#include "report/nagios.h"
#include "text/options.h"

struct check_limit { /* --step NAME=WARN,CRIT */
    char *step;
    struct range warning, critical;
};

struct check_settings {
    /* As they were said: */
    const char *file, *state, *store, *base, *personas_file, *ca_file, *warning, *critical,
        *timeout;
    struct text_list personas, set, steps, maps, resolve;
    int64_t stale_us;
    int verbosity;
    bool insecure, version;
    /* As they were read: */
    struct range warning_range, critical_range;
    struct {
        struct check_limit *items;
        size_t count, capacity;
    } limits;           /* a VEC */
    int64_t timeout_us; /* of everything */
    enum nagios_state timeout_state;
    enum nagios_state by_severity[5]; /* of a failed run, by severity 1 to 4 */
};

extern const struct command command_check;

/* Reads argv; with --help or --version no more is asked of it. */
bool check_settings_read(int argc, char **argv, struct check_settings *settings,
                         struct error *error) MUST_CHECK;
void check_settings_release(struct check_settings *settings);

/* --- Judging (judging.c): from what was seen of each shopper to one answer */

/* One run. Texts are borrowed for the call, raw; NULL and "" are the same. */
struct check_seen {
    const char *journey, *persona, *location;
    enum verdict verdict;
    int64_t duration_us;             /* or NAGIOS_UNMEASURED */
    size_t steps;                    /* walked; 0: not known */
    const char *step, *stage, *line; /* what decided the verdict */
    int severity;                    /* that step's own, or an incident's; 0: by its stage */
    const char *instead;             /* what is said instead, whatever the verdict, */
    enum nagios_state instead_state; /* and what that means */
};

struct check_verdict {
    enum nagios_state state;
    bool judged; /* else no range is held against it */
    char *line;
};

struct check_answer {
    struct nagios_output output;
    struct {
        struct check_verdict *items;
        size_t count, capacity;
    } verdicts; /* a VEC, one for each shopper */
};

void check_answer_init(struct check_answer *answer);
void check_answer_release(struct check_answer *answer);
/* Adds a verdict, and its time to the performance data: under the name of the shopper where there
 * are `several`. */
struct check_verdict *check_judge(const struct check_settings *settings,
                                  const struct check_seen *seen, bool several,
                                  struct check_answer *answer);
/* NULL: nothing was asked of it. */
const struct check_limit *check_limit_of(const struct check_settings *settings, const char *step);
/* Holds a step's time against the limits of that name; a judged `verdict` gets worse by it. */
void check_judge_step(const struct check_limit *limit, int64_t duration_us,
                      struct check_verdict *verdict);
/* Puts state and first line together; several shoppers are listed in front of the details. */
void check_conclude(struct check_answer *answer);

/* The lines of a stored report that tell what did not pass; nothing for what is none. (stored.c) */
void check_add_stored(const char *report, struct buf *out, int *ret_severity);

/* What the store's JSON of an open incident has to do with a shopper. (stored.c) */
enum check_part {
    CHECK_PART_NONE,
    CHECK_PART_HELD, /* it holds this shopper, but is a warning, or the last run did not meet it */
    CHECK_PART_MET   /* it is what the last run met */
};
enum check_part check_part_of(const char *incident, const struct check_seen *seen);

/* --- Seeing: the one function of each module. False: nothing could be seen, and error says why. */

#define CHECK_MODULE "check_shopper_%s.so"
#define CHECK_FUNCTION "check_see"
typedef bool check_function(struct check_settings *settings, struct check_answer *answer,
                            struct error *error);
check_function check_see;

#endif
