/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Performance data of walks. Labels and their order come from the journey, not from what was
 * walked: they are the same however a walk ends, and what was not reached is "U".
 */
#ifndef SHOPPER_CHECK_MEASURES_H
#define SHOPPER_CHECK_MEASURES_H

#include "check/check.h"
#include "run/report.h"

/* Each step, then each request's phases: where room is short, the last go. Reports of several
 * shoppers tell their names. */
void measures_add(const struct check_settings *settings, struct run_report *const *reports,
                  size_t count, struct nagios_output *output);

#endif
