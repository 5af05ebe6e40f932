/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journey's `schedule` made ready to be asked: the expression parsed and the time zone read once,
 * so that asking touches no file. It says when a run is due; jitter and overlap are the watch's
 * affair.
 */
#ifndef SHOPPER_JOURNEY_SCHEDULE_H
#define SHOPPER_JOURNEY_SCHEDULE_H

#include "base/error.h"
#include "base/zone.h"
#include "journey/journey.h"

struct schedule; /* immutable; outlives the journey */

/* NULL: `spec` says no schedule, or its time zone cannot be read. */
struct schedule *schedule_new(const struct schedule_spec *spec, struct error *error) MUST_CHECK;
void schedule_free(struct schedule *schedule);
DEFINE_AUTO(schedule);

bool schedule_is_said(const struct schedule_spec *spec);
/* The first time after this one, exclusive: of `cron`, what clocks in its zone say; of `every`,
 * that much later. False: never again. */
bool schedule_next(const struct schedule *schedule, int64_t after_us, int64_t *ret_us) MUST_CHECK;
/* Journeys of one `every` are spread over it by a stable hash of their names, and keep that beat.
 */
uint64_t schedule_phase(const char *name);
int64_t schedule_slot_after(int64_t every_us, uint64_t phase, int64_t after_us);
/* In which its times are shown to people; UTC when `timezone` is not said. */
const struct zone *schedule_zone(const struct schedule *schedule);

#endif
