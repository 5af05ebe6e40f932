/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a journey's shoppers start: slots on a beat that does not drift, because each is counted
 * from the epoch and none from the one before. Pure: times go in, times come out.
 *
 * An interval's slots are shifted by a stable hash of the journey's name, so that a hundred
 * journeys with `every: 1m` are spread over the minute, and the same after a restart. A cron
 * expression says its times itself. `jitter` delays the start inside its slot, by a stable hash
 * too and never beyond it; the slot stays what it is.
 */
#ifndef SHOPPER_WATCH_BEAT_H
#define SHOPPER_WATCH_BEAT_H

#include "journey/schedule.h"

/* All times are wall time in microseconds since the epoch. */
struct beat {
    const struct schedule_spec *schedule; /* borrowed */
    struct schedule *cron;                /* compiled; NULL: an interval */
    uint64_t phase;                       /* of the journey's name */
    int64_t slot_us;                      /* the next slot */
    int64_t start_us;                     /* it, and its jitter */
};

#define BEAT_NEVER INT64_MAX

/* False: the schedule has neither interval nor cron, or its time zone cannot be read any more; the
 * journey only runs when told to. Release it either way. */
bool beat_init(struct beat *beat, const char *name, const struct schedule_spec *schedule,
               int64_t now_us) MUST_CHECK;
void beat_release(struct beat *beat);
/*
 * The slot at hand has had its chance, at `now_us`; on to the first one after now. Returns how many
 * slots lay between and passed without one: they are lost, not made up for. Where the clock was set
 * back, slots that were had are not had again, unless it was set back by more than an interval.
 */
unsigned beat_advance(struct beat *beat, int64_t now_us) MUST_CHECK;
/* The first slot after this time, whether it has passed or not. */
int64_t beat_slot_after(const struct beat *beat, int64_t after_us);
/* The distance to the slot after the next: how long a start may wait before it is a missed slot. */
int64_t beat_interval_us(const struct beat *beat);

#endif
