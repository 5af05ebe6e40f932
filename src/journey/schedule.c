/* SPDX-License-Identifier: Apache-2.0 */
/* See schedule.h. */
#include "journey/schedule.h"

#include "journey/cron.h"

#include <stdlib.h>

struct schedule {
    int64_t every_us; /* 0: cron */
    struct cron cron;
    struct zone *zone;
};

bool schedule_is_said(const struct schedule_spec *spec)
{
    return spec->every_us > 0 || spec->cron;
}

struct schedule *schedule_new(const struct schedule_spec *spec, struct error *error)
{
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    size_t offset = 0, length = 0;
    AUTO(schedule) schedule = NEW(struct schedule);
    schedule->every_us = spec->every_us;
    schedule->zone = zone_new(spec->timezone, error);
    if (!schedule->zone) return NULL;
    if (!schedule_is_said(spec)) {
        (void)error_set(error, "there is no schedule");
        return NULL;
    }
    if (spec->cron &&
        !cron_parse(view_of(spec->cron), &schedule->cron, &offset, &length, &message)) {
        (void)error_set(error, "'%s': %s", spec->cron, buf_text(&message));
        return NULL;
    }
    return take(schedule);
}

void schedule_free(struct schedule *schedule)
{
    if (!schedule) return;
    zone_free(schedule->zone);
    free(schedule);
}

bool schedule_next(const struct schedule *schedule, int64_t after_us, int64_t *ret_us)
{
    if (!schedule->every_us) return cron_next(&schedule->cron, schedule->zone, after_us, ret_us);
    return !__builtin_add_overflow(after_us, schedule->every_us, ret_us);
}

/* FNV-1a with 64 bits and a final mix: the same on every machine and in every year. */
uint64_t schedule_phase(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * UINT64_C(1099511628211);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 33;
}

int64_t schedule_slot_after(int64_t every_us, uint64_t phase, int64_t after_us)
{
    int64_t offset_us = (int64_t)(phase % (uint64_t)every_us);
    int64_t turns = (after_us - offset_us) / every_us;
    if (after_us < offset_us) turns = -1; /* before the epoch: a fake clock's morning */
    return offset_us + (turns + 1) * every_us;
}

const struct zone *schedule_zone(const struct schedule *schedule)
{
    return schedule->zone;
}
