/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Warnings about a journey that loads: what will hurt later. Each has a code of the table in
 * text/diag.h, a place, and a hint how to mend it. It changes nothing and refuses nothing.
 *
 *   lint.c         what is created, caps, names, schedules
 *   lint_check.c   checks that can never fail
 *   lint_secret.c  secrets that stand as text
 */
#ifndef SHOPPER_JOURNEY_LINT_H
#define SHOPPER_JOURNEY_LINT_H

#include "journey/journey.h"

/*
 * Warns about one journey and, where a file is wrong by itself, the files that it uses. `others`
 * are journeys that were loaded beside it (it may be among them): what it captures may serve one
 * that uses it.
 */
void journey_lint(const struct journey *journey, struct journey *const *others, size_t other_count,
                  struct diags *diags);

/* --- For the lint*.c files only */
void lint_checks(const struct step *step, struct diags *diags);
void lint_step_secrets(const struct journey *journey, const struct step *step, struct diags *diags);
void lint_top_secrets(const struct journey *journey, struct diags *diags);

#endif
