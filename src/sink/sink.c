/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an event is meant for, and when to try again. Pure. See sink.h. */
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

#define PAUSE_FIRST_US (2 * US_PER_SECOND)
#define PAUSE_MOST_US (300 * US_PER_SECOND)
#define ASKED_MOST_US (3600 * US_PER_SECOND)

const struct sink *sink_list_find(const struct sink_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->items[i].name, name)) return &list->items[i];
    return NULL;
}

const char *sink_kind_name(const struct sink *sink)
{
    return sink->kind->name;
}

int64_t sink_refresh_us(const struct sink *sink)
{
    return sink->kind->refresh_us;
}

static bool is_among(char *const *words, const char *word)
{
    for (; *words; words++)
        if (!strcmp(*words, word)) return true;
    return false;
}

static bool wants_severity(const struct sink *sink, const struct event *event)
{
    int worst = event->severity;
    if (event->type == EVENT_LOWERED && event->previous_severity &&
        event->previous_severity < worst)
        worst = event->previous_severity;
    return worst <= sink->worst_only;
}

static bool wants_stage(const struct sink *sink, const struct event *event)
{
    bool whole_host = event->signature && !strncmp(event->signature, "host:", 5);
    if (!sink->stages || whole_host || !event->stage || !*event->stage) return true;
    return is_among(sink->stages, event->stage);
}

static bool wants_owner(const struct sink *sink, const struct event *event)
{
    if (!sink->owners) return true;
    if (event->for_prober_owners) return is_among(sink->owners, "prober");
    return is_among(sink->owners, event->owner ? event->owner : "");
}

bool sink_wants(const struct sink *sink, const struct event *event)
{
    if (event->type == EVENT_TEST) return true;
    return wants_severity(sink, event) && wants_stage(sink, event) && wants_owner(sink, event);
}

/* Half of the pause is sure, half is chance: many deliveries to one receiver that comes back do not
 * all knock at once. */
int64_t sink_pause_us(unsigned attempts, int64_t asked_us, uint64_t random_bits)
{
    int64_t pause = PAUSE_FIRST_US;
    for (unsigned i = 1; i < attempts && pause < PAUSE_MOST_US; i++) pause *= 2;
    if (pause > PAUSE_MOST_US) pause = PAUSE_MOST_US;
    pause = pause / 2 + (int64_t)(random_bits % (uint64_t)(pause / 2 + 1));
    if (asked_us > ASKED_MOST_US) asked_us = ASKED_MOST_US;
    return asked_us > pause ? asked_us : pause;
}
