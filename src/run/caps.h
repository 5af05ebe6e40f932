/* SPDX-License-Identifier: Apache-2.0 */
/* Caps on steps with consequences (`only: {at_most: 200/day}`): a count per journey and step over
 * fixed windows. */
#ifndef SHOPPER_RUN_CAPS_H
#define SHOPPER_RUN_CAPS_H

#include "journey/journey.h"
#include "run/engine.h"

/* Counts one more when the cap allows it. */
bool cap_take(struct engine *engine, const struct journey *journey,
              const struct step *step) MUST_CHECK;

/* The counts as JSON, for a process that comes after this one, and back, where what was counted
 * meanwhile adds to it. What is no such JSON restores nothing. */
void caps_save(const struct engine *engine, struct buf *out);
void caps_restore(struct engine *engine, struct view saved);

#endif
