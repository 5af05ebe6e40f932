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

#endif
