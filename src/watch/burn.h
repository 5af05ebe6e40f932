/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error budgets, watched: each journey with an objective is asked about once per minute, one after
 * the other so that no turn of the loop reads for long, and what burns becomes an incident
 * ("burn:JOURNEY") until it burns no longer. What is open stands with the judge, so nothing is
 * remembered here. How it is judged is posture/burn.h's.
 */
#ifndef SHOPPER_WATCH_BURN_H
#define SHOPPER_WATCH_BURN_H

#include "journey/files.h"
#include "watch/desk.h"

#define BURN_WATCH_US (60 * US_PER_SECOND) /* between two looks at a journey */

struct burn_watch;

struct burn_watch *burn_watch_new(struct loop *loop, struct store *store, struct desk *desk,
                                  const struct log *log) MUST_CHECK;
void burn_watch_free(struct burn_watch *watch);
/* From now on these. Their objectives go into the store, for who reports of it; the incidents of
 * journeys that promise nothing any more end. */
void burn_watch_set(struct burn_watch *watch, const struct journey_list *journeys);

#endif
