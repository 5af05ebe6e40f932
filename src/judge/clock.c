/* SPDX-License-Identifier: Apache-2.0 */
/* The wall clock was set, or the machine slept: what is counted from a moment in the past is
 * counted on as if it had not been. What was seen keeps the time that it was told with. */
#include "judge/internal.h"

static void shift(int64_t *moment_us, int64_t by_us)
{
    if (*moment_us) *moment_us += by_us;
}

void judge_clock_jumped(struct judge *judge, int64_t by_us)
{
    vec_each(item, &judge->incidents) {
        struct incident *incident = *item;
        shift(&incident->rated_since_us, by_us);
        shift(&incident->looked_at_us, by_us);
        shift(&incident->lower_since_us, by_us);
        shift(&incident->remind_us, by_us);
        shift(&incident->flapping.since_us, by_us);
    }
    judge->stirred = true;
    map_each(entry, &judge->flapping) shift(&((struct flapping *)entry->value)->since_us, by_us);
}
