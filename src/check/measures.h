/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Performance data of the steps. Labels and their order come from the journey, not from what was
 * walked: they are the same however a walk ends, and what was not reached is "U".
 */
#ifndef SHOPPER_CHECK_MEASURES_H
#define SHOPPER_CHECK_MEASURES_H

#include "check/check.h"
#include "report/step_times.h"

/* What a shopper's steps took. */
struct measured {
    const char *persona; /* borrowed */
    struct step_times times;
};

struct measured_list { /* a VEC */
    struct measured *items;
    size_t count, capacity;
};

void measured_list_release(struct measured_list *list);
/* Holds each step's time against the limits of its name; `verdict` gets worse by it. */
void measures_judge(const struct check_settings *settings, const struct measured *measured,
                    struct check_verdict *verdict);
/* Each step, then each request's phases: where room is short, the last go. `several`: labels tell
 * whose they are. */
void measures_add(const struct check_settings *settings, const struct measured_list *list,
                  bool several, struct nagios_output *output);
/* False: there is a limit of a step that none of them has. */
bool measures_have_limited(const struct check_settings *settings, const struct measured_list *list,
                           const char *journey, struct error *error) MUST_CHECK;

#endif
