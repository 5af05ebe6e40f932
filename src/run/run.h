/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One shopper walking one journey: a program counter over the journey's flat instructions,
 * variables, one session, at most one pending wait.
 *
 * Life: run_start arms a deferred first step. The steps walk until the first failure that counts,
 * the deadline, or run_stop; then what is owed is undone, then `finally` walks, both under a
 * deadline of their own; then `done` gets the report, on a turn of the loop, and the run frees
 * itself when `done` has returned.
 */
#ifndef SHOPPER_RUN_RUN_H
#define SHOPPER_RUN_RUN_H

#include "run/engine.h"
#include "run/report.h"

struct run_options {
    struct journey *journey; /* held by the run */
    const char *persona;     /* a name; NULL: "desktop" */
    const char *base;        /* instead of the journey's; NULL */
    const char *const *set;  /* "name=value" variables, NULL-terminated; NULL */
    int64_t deadline_us;     /* instead of the journey's; 0 */
    bool deadline_holds;     /* waiting for an account is part of it */
    /* The steps are through, and cleaning up begins: the report as it is now. Called at most once,
     * with the context of `done`; a run that never entered the shop has `done` alone. NULL. */
    void (*walked)(void *context, const struct run_report *report);
    /* Walk nothing but the undo of this debt (run/debt.h), which the ledger knows by this name;
     * NULL: walk the journey. */
    const char *debt, *debt_id;
    bool keep_seen; /* of each step what its answer showed, to compare with later */
};

/* The report is the callee's. */
typedef void run_done(void *context, struct run_report *report);

/*
 * NULL: it cannot even begin (an environment variable or a secret is missing, the base is no URL):
 * what is wrong is in `diags`, and nothing was or will be sent.
 */
struct run *run_start(struct engine *engine, const struct run_options *options, run_done *done,
                      void *context, struct diags *diags) MUST_CHECK;
/* Whether a run could begin: all that run_start refuses, and nothing of what follows. */
bool run_check(struct engine *engine, const struct run_options *options,
               struct diags *diags) MUST_CHECK;
/* The host of the shop that a run would go to, as url_authority has it; NULL: none could begin. */
char *run_host(struct engine *engine, const struct run_options *options) MUST_CHECK;
void run_stop(struct run *run, const char *why); /* ends the steps; undo and finally still walk */
void run_abort(struct run *run);                 /* ends everything; what is owed becomes residue */
const char *run_persona(const struct run *run);
const struct journey *run_journey(const struct run *run);
const struct run_report *run_so_far(const struct run *run);

#endif
