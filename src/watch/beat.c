/* SPDX-License-Identifier: Apache-2.0 */
/* See beat.h. */
#include "watch/beat.h"

static uint64_t hash_of(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 33;
}

int64_t beat_slot_after(const struct beat *beat, int64_t after_us)
{
    int64_t every_us = beat->schedule->every_us;
    if (!every_us) {
        int64_t next_us;
        return schedule_next(beat->cron, after_us, &next_us) ? next_us : BEAT_NEVER;
    }
    return schedule_slot_after(every_us, beat->phase, after_us);
}

/* However long the jitter is, the start stays before the next slot. */
static void take_slot(struct beat *beat, int64_t slot_us)
{
    beat->slot_us = beat->start_us = slot_us;
    int64_t jitter_us = beat->schedule->jitter_us;
    if (!jitter_us || slot_us == BEAT_NEVER) return;
    int64_t interval_us = beat_interval_us(beat);
    if (jitter_us > interval_us) jitter_us = interval_us;
    uint64_t hash = mix(hash_of(beat->phase, &slot_us, sizeof slot_us));
    beat->start_us += (int64_t)(hash % (uint64_t)jitter_us);
}

bool beat_init(struct beat *beat, const char *name, const struct schedule_spec *schedule,
               int64_t now_us)
{
    *beat = (struct beat){0};
    if (!schedule_is_said(schedule)) return false;
    AUTO_ERROR error = ERROR_NONE;
    struct schedule *cron = schedule->every_us ? NULL : schedule_new(schedule, &error);
    if (!schedule->every_us && !cron) return false;
    *beat = (struct beat){.schedule = schedule, .cron = cron, .phase = schedule_phase(name)};
    take_slot(beat, beat_slot_after(beat, now_us));
    return true;
}

void beat_release(struct beat *beat)
{
    schedule_free(beat->cron);
    *beat = (struct beat){0};
}

int64_t beat_interval_us(const struct beat *beat)
{
    if (beat->schedule->every_us) return beat->schedule->every_us;
    int64_t after_us = beat_slot_after(beat, beat->slot_us);
    return after_us == BEAT_NEVER ? BEAT_NEVER : after_us - beat->slot_us;
}

/* Cron slots that passed are counted one by one, up to a bound that no monitor needs to exceed. */
static unsigned passed(const struct beat *beat, int64_t until_us)
{
    enum { MOST = 100000 };
    unsigned count = 0;
    if (beat->schedule->every_us)
        return (unsigned)((until_us - beat->slot_us) / beat->schedule->every_us);
    for (int64_t slot_us = beat_slot_after(beat, beat->slot_us);
         slot_us <= until_us && count < MOST; slot_us = beat_slot_after(beat, slot_us))
        count++;
    return count;
}

unsigned beat_advance(struct beat *beat, int64_t now_us)
{
    int64_t had_us = beat->slot_us, from_us = now_us;
    unsigned missed = now_us > had_us ? passed(beat, now_us) : 0;
    bool set_back = had_us - now_us > beat_interval_us(beat);
    if (now_us < had_us && !set_back) from_us = had_us;
    take_slot(beat, beat_slot_after(beat, from_us));
    return missed;
}
