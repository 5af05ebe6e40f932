/* SPDX-License-Identifier: Apache-2.0 */
/* Slots that passed while no daemon ran: each shopper's since its latest run, or its latest slot
 * that was told as missed. */
#include "watch/internal.h"

#include "base/log.h"

#include <string.h>

static bool read_last_missed(const struct daemon *daemon, const struct store_run *latest,
                             int64_t *last_us, struct error *error)
{
    struct store_missed_list missed;
    bool good = store_missed(daemon->store, latest->journey, *last_us, daemon_wall_us(daemon), 0,
                             &missed, error);
    vec_each(slot, &missed) {
        if (!strcmp(slot->persona, latest->persona) && slot->time_us > *last_us)
            *last_us = slot->time_us;
    }
    store_missed_list_release(&missed);
    return good;
}

void daemon_tell_absence(struct daemon *daemon)
{
    const char *location = daemon->plan->config.location ? daemon->plan->config.location : "";
    struct store_run_list latest;
    AUTO_ERROR error = ERROR_NONE;
    bool good = store_latest(daemon->store, NULL, &latest, &error);
    vec_each(run, &latest) {
        int64_t last_us = run->started_us;
        if (strcmp(run->location, location) != 0) continue;
        good = good && read_last_missed(daemon, run, &last_us, &error);
        if (good)
            rounds_catch_up(daemon->rounds, run->journey, run->persona, last_us,
                            daemon->walking_us);
    }
    store_run_list_release(&latest);
    if (!good)
        log_line(daemon->settings.log, LOG_ERROR, "what was missed before cannot be read: %s",
                 error_text(&error));
}
