/* SPDX-License-Identifier: Apache-2.0 */
/* Who is watched: shoppers that are not any more leave the incidents that they met, and are
 * forgotten. */
#include "judge/internal.h"

#include <stdlib.h>
#include <string.h>

static const struct journey *find_journey(struct journey *const *journeys, size_t count,
                                          const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(journeys[i]->name, name)) return journeys[i];
    return NULL;
}

static bool walks_as(const struct journey *journey, const char *persona)
{
    for (size_t i = 0; i < journey->persona_count; i++)
        if (!strcmp(journey->personas[i], persona)) return true;
    return false;
}

static bool is_of_a_stage(const struct incident *incident)
{
    return (incident->cause == CAUSE_FAILS || incident->cause == CAUSE_SLOW) &&
           *incident->face.stage;
}

struct watched {
    struct journey *const *journeys;
    size_t count;
    const char *location;
};

static bool is_watched(const struct watched *watched, const struct subject_state *subject)
{
    const struct journey *journey =
        find_journey(watched->journeys, watched->count, subject->journey);
    return journey && walks_as(journey, subject->persona) &&
           !strcmp(subject->location, watched->location);
}

/* The stage that must be walked for this shopper to show that the incident is over; "": any. */
static const char *needed_stage(const struct incident *incident, const char *met_at)
{
    if (is_of_a_stage(incident)) return incident->face.stage;
    bool elsewhere = incident->cause == CAUSE_HOST || incident->cause == CAUSE_BLOCKED;
    return elsewhere ? met_at : "";
}

/* Who is not watched any more, or whose journey has the stage no more. */
static bool leaves(const struct judge *judge, const struct watched *watched,
                   const struct incident *incident, const struct affected *affected)
{
    const struct subject_state *subject = map_get(&judge->subjects, view_of(affected->subject));
    const char *stage = needed_stage(incident, affected->stage);
    if (!subject || !is_watched(watched, subject)) return true;
    return *stage && !journey_has_stage(
                         find_journey(watched->journeys, watched->count, subject->journey), stage);
}

/* An incident that would have nobody left is over, and says why and of whom it was. */
static void let_leave(struct judge *judge, const struct watched *watched, struct incident *incident,
                      int64_t now_us)
{
    VEC(char *) gone = {0};
    if (incident->resolved || !incident->affected.count) return;
    vec_each(affected, &incident->affected) {
        if (leaves(judge, watched, incident, affected)) vec_push(&gone, xstrdup(affected->subject));
    }
    bool all = gone.count == incident->affected.count;
    if (all) incident_resolve(judge, incident, "removed from the configuration", now_us);
    vec_each(key, &gone) {
        if (!all) incident_leave(incident, *key);
        free(*key);
    }
    vec_release(&gone);
    if (!all) end_if_over(judge, incident, now_us);
}

void judge_watch(struct judge *judge, struct journey *const *journeys, size_t count,
                 const char *location, int64_t now_us)
{
    const struct watched watched = {journeys, count, location};
    VEC(char *) gone = {0};
    for (size_t i = 0; i < judge->incidents.count; i++)
        let_leave(judge, &watched, judge->incidents.items[i], now_us);
    map_each(entry, &judge->subjects) {
        if (!is_watched(&watched, entry->value)) vec_push(&gone, xstrdup(entry->key));
    }
    if (gone.count) judge->stirred = true;
    vec_each(key, &gone) {
        map_remove(&judge->subjects, view_of(*key));
        free(*key);
    }
    vec_release(&gone);
    rate_all(judge, now_us);
}
