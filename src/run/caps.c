/* SPDX-License-Identifier: Apache-2.0 */
/* See caps.h. Windows start at the epoch in wall time: a day is a day in UTC. */
#include "run/caps.h"

struct cap_count {
    int64_t window;
    uint32_t count;
};

bool cap_take(struct engine *engine, const struct journey *journey, const struct step *step)
{
    AUTO_FREE char *key = xasprintf("%s\n%s", journey->name, step->name);
    struct cap_count *counted = map_get(&engine->caps, view_of(key));
    if (!counted) {
        counted = NEW(struct cap_count);
        map_set(&engine->caps, view_of(key), counted);
    }
    int64_t window = clock_wall_us(loop_clock(engine->loop)) / step->only.per_us;
    if (counted->window != window) *counted = (struct cap_count){.window = window};
    if (counted->count >= step->only.count) return false;
    counted->count++;
    return true;
}
