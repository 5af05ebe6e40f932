/* SPDX-License-Identifier: Apache-2.0 */
/* Coming and going, weighed as Nagios does it ("Detection and Handling of State Flapping"): of the
 * last 21 states, the share of the 20 changes between them, newer ones counting more (0.75
 * to 1.25). */
#include "judge/internal.h"

static void push(struct flapping *flapping, bool seen)
{
    flapping->states = (flapping->states << 1 | seen) & ((UINT32_C(1) << FLAPPING_STATES) - 1);
    if (flapping->count < FLAPPING_STATES) flapping->count++;
}

void flapping_note(struct flapping *flapping, bool seen, int64_t now_us)
{
    int64_t gap_us = now_us - flapping->last_us;
    if (flapping->count && gap_us >= 0)
        flapping->step_us = flapping->step_us ? (3 * flapping->step_us + gap_us) / 4 : gap_us;
    flapping->last_us = now_us;
    push(flapping, seen);
}

void flapping_rest(struct flapping *flapping, int64_t until_us)
{
    if (!flapping->step_us) return;
    int64_t steps = (until_us - flapping->last_us) / flapping->step_us - 1;
    for (int i = 0; i < FLAPPING_STATES && i < steps; i++) push(flapping, false);
    flapping->last_us = until_us;
}

int flapping_percent(const struct flapping *flapping)
{
    enum { CHANGES = FLAPPING_STATES - 1 };
    double weight = 0;
    for (unsigned i = 0; i + 1 < flapping->count; i++) { /* i counts back from now */
        bool changed = ((flapping->states >> i) ^ (flapping->states >> (i + 1))) & 1;
        if (changed) weight += 1.25 - 0.5 * i / (CHANGES - 1);
    }
    return (int)(weight * 100 / CHANGES);
}
