/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long each step of a run took, and each phase of its request. Which are there, and in which
 * order, comes from the journey and not from what was walked: they are the same however a walk
 * ends, and what was not reached is not measured. A step with an `each` is one, whatever the list:
 * the slowest of its elements.
 *
 * Printed form, in microseconds: [["log in",1640,[12,90,null,800,30]],["think",2000,null]]. -1 was
 * not measured; null has no such phase, or no request.
 */
#ifndef SHOPPER_REPORT_STEP_TIMES_H
#define SHOPPER_REPORT_STEP_TIMES_H

#include "base/buf.h"
#include "report/nagios.h"
#include "run/report.h"

#define STEP_UNMEASURED NAGIOS_UNMEASURED

enum step_phase { PHASE_DNS, PHASE_CONNECT, PHASE_TLS, PHASE_WAIT, PHASE_TRANSFER, PHASE_COUNT };

const char *step_phase_word(enum step_phase phase); /* "dns" */

struct step_time {
    const char *name; /* of the journey, or of what was parsed */
    int64_t us;       /* or STEP_UNMEASURED */
    bool requests;
    bool has_phase[PHASE_COUNT]; /* when it requests: http has no TLS */
    int64_t phases_us[PHASE_COUNT];
};

struct step_times { /* a VEC */
    struct step_time *items;
    size_t count, capacity;
    struct cJSON *parsed; /* NULL: nothing was */
};

void step_times_release(struct step_times *times);
/* Adds those of a run, whose journey must outlive them. */
void step_times_add(struct step_times *times, const struct run_report *report);
/* Keeps the steps, and forgets what was measured. */
void step_times_forget(struct step_times *times);

void step_times_print(const struct step_times *times, struct buf *out);
/* Takes up what was printed, once; nothing, when it is no such text. */
void step_times_parse(struct step_times *times, struct view text);

#endif
