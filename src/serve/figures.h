/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was counted since the start: runs, failures, durations, by names that journeys give. The
 * number of label sets is bounded; what would pass it is counted as overflow, and nowhere else.
 * Pure: nothing here reads a clock or knows how it is shown.
 */
#ifndef SHOPPER_SERVE_FIGURES_H
#define SHOPPER_SERVE_FIGURES_H

#include "base/map.h"
#include "run/report.h"
#include "serve/exposition.h"
#include "store/record.h"

#define FIGURES_MAX_SUBJECTS 2000 /* a journey as a persona */
#define FIGURES_MAX_STEPS 4000
#define FIGURES_MAX_FAILURES 4000
#define FIGURES_MAX_HOSTS 500
#define FIGURES_MAX_LABEL_BYTES 200 /* longer names are cut */

/* What one run shows in blackbox_exporter's terms. */
struct probe_figures {
    enum verdict verdict;
    int64_t ended_us, duration_us; /* wall time; length */
    struct timings phases;         /* summed over all requests */
    long status;                   /* of the last answer; 0: none */
    bool tls;                      /* the last request went over TLS */
    int64_t certificate_ends_s;    /* the earliest of all; 0: none seen */
};
struct probe_figures probe_figures_of(const struct run_report *report);

/* What a run is counted as: its verdict, or why it is no sample of what the shop can do. */
enum run_class {
    RUN_PASS = VERDICT_PASS,
    RUN_DEGRADED = VERDICT_DEGRADED,
    RUN_FAIL = VERDICT_FAIL,
    RUN_UNKNOWN = VERDICT_UNKNOWN, /* and what was not judged, since the trouble was ours */
    RUN_MAINTENANCE,
    RUN_REPROBE,
    RUN_ASKED /* by whoever, with a deadline of theirs: it shows nothing else */
};
#define RUN_CLASSES (RUN_ASKED + 1)
const char *run_class_word(enum run_class class);

struct subject_figures {
    char *journey, *persona;
    uint64_t runs[RUN_CLASSES];
    uint64_t missed;
    bool ran;
    bool rests;      /* the latest run was one of a maintenance window */
    bool rests_now;  /* it is in one, as figures_prune was told last */
    int64_t good_us; /* when a run last came through, wall time; 0: none did */
    struct probe_figures last;
    struct spread durations; /* of whole runs that passed or were degraded */
};

struct step_figures {
    char *journey, *stage, *step;
    struct spread durations; /* of those that passed or were degraded */
};

struct failure_figures {
    char *journey, *stage, *step;
    enum outcome_kind kind;
    uint64_t count;
};

struct host_figures {
    int64_t certificate_ends_s;
    char *journey, *persona; /* who met it last, */
    int64_t met_us;          /* and when: wall time */
};

enum overflow {
    OVERFLOW_SUBJECTS,
    OVERFLOW_STEPS,
    OVERFLOW_FAILURES,
    OVERFLOW_HOSTS,
    OVERFLOW_COUNT
};

/* Zeroed by figures_init; the maps go from printed labels to the structures above. */
struct figures {
    struct map subjects, steps, failures, hosts;
    struct spread lateness;
    uint64_t overflow[OVERFLOW_COUNT];
    uint64_t answers[6]; /* by the first digit of their status */
};

void figures_init(struct figures *figures);
void figures_release(struct figures *figures);
/* `flags` of enum store_run_flag. `late_us` -1: it had no slot. */
void figures_add_run(struct figures *figures, const struct run_report *report, unsigned flags,
                     int64_t late_us);
void figures_add_missed(struct figures *figures, const char *journey, const char *persona);
void figures_count_answer(struct figures *figures, int status);
/* NULL: it never ran. */
const struct subject_figures *figures_subject(const struct figures *figures, const char *journey,
                                              const char *persona);
/* Into `keep`, a map without owners: this is watched. `rests`: it is in a maintenance window. */
void figures_keep(struct map *keep, const char *journey, const char *persona, bool rests);
/* Forgets what belongs to journeys and personas that are not in `keep`, and hosts that whoever met
 * them has not met any more since `changed_us`, when the journeys were read last. */
void figures_prune(struct figures *figures, const struct map *keep, int64_t changed_us);

#endif
