/* SPDX-License-Identifier: Apache-2.0 */
/* Coming and going, weighed as Nagios does it ("Detection and Handling of State Flapping"): of the
 * last 21 states, the share of the 20 changes between them, newer ones counting more (0.75
 * to 1.25). A state is what the shoppers saw in one interval of the journey, however many they are.
 */
#include "judge/internal.h"

static void push(struct flapping *flapping, bool seen)
{
    flapping->states = (flapping->states << 1 | seen) & ((UINT32_C(1) << FLAPPING_STATES) - 1);
    if (flapping->count < FLAPPING_STATES) flapping->count++;
}

static void push_many(struct flapping *flapping, bool seen, int64_t times)
{
    for (int i = 0; i < FLAPPING_STATES && i < times; i++) push(flapping, seen);
}

/* The first of a window stands in the middle of it, so that a shopper who is a little early or late
 * stays in its own. */
static void begin_window(struct flapping *flapping, bool seen, int64_t now_us)
{
    push(flapping, seen);
    flapping->since_us = now_us - flapping->step_us / 2;
}

static int64_t windows_since(const struct flapping *flapping, int64_t now_us)
{
    return (now_us - flapping->since_us) / flapping->step_us;
}

void flapping_note(struct flapping *flapping, bool seen, int64_t interval_us, int64_t now_us)
{
    bool shorter = interval_us && (!flapping->step_us || interval_us < flapping->step_us);
    if (shorter) flapping->step_us = interval_us;
    if (shorter || !flapping->step_us) {
        begin_window(flapping, seen, now_us);
        return;
    }
    int64_t passed = windows_since(flapping, now_us);
    if (passed <= 0) {
        flapping->states |= seen;
        return;
    }
    push_many(flapping, flapping->states & 1, passed - 1); /* nobody looked */
    push(flapping, seen);
    flapping->since_us += passed * flapping->step_us;
}

void flapping_rest(struct flapping *flapping, int64_t until_us)
{
    if (flapping->step_us) push_many(flapping, false, windows_since(flapping, until_us) - 1);
    flapping->step_us = 0; /* others may look now */
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
