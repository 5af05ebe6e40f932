/* SPDX-License-Identifier: Apache-2.0 */
/* See report.h. */
#include "run/report.h"

#include "base/vec.h"

#include <stdlib.h>

void failure_release(struct failure *failure)
{
    free(failure->message);
    free(failure->detail);
    free(failure->expected);
    free(failure->actual);
    free(failure->excerpt);
    *failure = (struct failure){.kind = OUTCOME_PASS};
}

static void step_report_release(struct step_report *step)
{
    free(step->skipped);
    free(step->url);
    failure_release(&step->failure);
    free(step->seen);
    message_free(step->message);
}

void run_report_free(struct run_report *report)
{
    if (!report) return;
    vec_each(step, &report->steps) step_report_release(step);
    vec_release(&report->steps);
    vec_each(residue, &report->residue) {
        free(residue->step);
        free(residue->what);
    }
    vec_release(&report->residue);
    journey_free(report->journey);
    free(report->persona);
    free(report->account);
    free(report->base);
    free(report->stopped);
    arena_release(&report->texts);
    free(report);
}

void run_report_forget_messages(struct run_report *report)
{
    vec_each(step, &report->steps) {
        message_free(step->message);
        step->message = NULL;
    }
}

/* A step that failed but did not decide: an optional one, or one that only cleaned up. */
static bool is_side_issue(const struct step_report *step)
{
    return step->optional || step->section != SECTION_STEPS;
}

static const struct step_report *first_with(const struct run_report *report, enum verdict verdict,
                                            bool side_issues)
{
    vec_each(step, &report->steps) {
        if (step->verdict != verdict || step->failure.kind == OUTCOME_PASS) continue;
        if (is_side_issue(step) == side_issues) return step;
    }
    return NULL;
}

const struct step_report *run_report_culprit(const struct run_report *report)
{
    static const struct {
        enum verdict verdict;
        bool side_issues;
    } order[] = {
        {VERDICT_FAIL, false}, {VERDICT_UNKNOWN, false}, {VERDICT_DEGRADED, false},
        {VERDICT_FAIL, true},  {VERDICT_UNKNOWN, true},  {VERDICT_DEGRADED, true},
    };
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        const struct step_report *step = first_with(report, order[i].verdict, order[i].side_issues);
        if (step) return step;
    }
    return NULL;
}

void run_report_forget_steps(struct run_report *report, size_t keep)
{
    while (report->steps.count > keep) step_report_release(&vec_pop(&report->steps));
}
