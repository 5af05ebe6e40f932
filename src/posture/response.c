/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents of the span: how many, how bad, how soon they were noticed and over. See posture.h. */
#include "base/calendar.h"
#include "judge/event.h"
#include "posture/posture.h"

#include <stdlib.h>
#include <string.h>

#define WEEK_US (7 * STORE_DAY_US)

struct durations {
    VEC(int64_t) detect, resolve;
};

struct facts {
    const struct store_incident *incident;
    int worst;            /* severity that it reached */
    int64_t announced_us; /* 0: not known */
    bool asked_for;       /* it is about the journey in question */
};

/* --- One incident */

static bool begins(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

/* Of the shop, not a warning or a trouble of ours. */
static bool is_outage(const struct store_incident *incident)
{
    static const char *const prefixes[] = {"host:", "stage:", "slow:"};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (begins(incident->signature, prefixes[i])) return true;
    return false;
}

static bool affects(const struct event *event, const char *journey)
{
    AUTO_FREE char *prefix = xasprintf("%s as ", journey);
    for (size_t i = 0; i < event->affected_count; i++)
        if (begins(event->affected[i], prefix)) return true;
    return false;
}

static bool is_of_journey(const struct store_incident *incident, const char *journey)
{
    AUTO_FREE char *burn = xasprintf("burn:%s", journey);
    return !strcmp(incident->signature, burn);
}

/* Severities only get better in events that say so: the others need not be read. */
static void learn(struct facts *facts, const struct store_event *line, const char *journey)
{
    struct event event = {0};
    bool lowered = !strcmp(line->type, event_type_name(EVENT_LOWERED));
    if (!strcmp(line->type, event_type_name(EVENT_OPENED)) && !facts->announced_us)
        facts->announced_us = line->time_us;
    if (!lowered && facts->asked_for) return;
    if (!event_parse(view_of(line->json), &event, NULL)) return;
    int before = event.previous_severity;
    if (lowered && before >= 1 && before < facts->worst) facts->worst = before;
    if (journey && affects(&event, journey)) facts->asked_for = true;
    event_release(&event);
}

static bool read_facts(struct facts *facts, struct store *store, const char *journey,
                       struct error *error)
{
    struct store_event_list events;
    facts->worst = facts->incident->severity;
    facts->asked_for = !journey || is_of_journey(facts->incident, journey);
    bool good = store_events(store, facts->incident->id, &events, error);
    vec_each(event, &events) learn(facts, event, journey);
    store_event_list_release(&events);
    return good;
}

/* --- All of them */

static int compare(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Of an even number, the middle between the two in the middle. */
static struct posture_spread spread_of(int64_t *items, size_t count)
{
    if (!count) return (struct posture_spread){0, -1, -1};
    qsort(items, count, sizeof(*items), compare);
    int64_t lower = items[(count - 1) / 2], upper = items[count / 2];
    return (struct posture_spread){count, lower + (upper - lower) / 2, items[count - 1]};
}

static int64_t monday_before(int64_t time_us)
{
    int64_t day = floor_divide(time_us, STORE_DAY_US);
    return (day - (date_weekday(day) + 6) % 7) * STORE_DAY_US;
}

static void make_weeks(struct posture *posture)
{
    for (int64_t at = monday_before(posture->from_us); at < posture->until_us; at += WEEK_US)
        vec_push(&posture->weeks, ((struct posture_week){.from_us = at}));
}

static void count_week(struct posture *posture, int64_t opened_us)
{
    vec_each(week, &posture->weeks) {
        if (opened_us >= week->from_us && opened_us < week->from_us + WEEK_US) week->sev1++;
    }
}

static void count(struct posture *posture,
                  struct durations durations[static POSTURE_SEVERITIES + 1],
                  const struct facts *facts)
{
    const struct store_incident *incident = facts->incident;
    int severity =
        facts->worst >= 1 && facts->worst <= POSTURE_SEVERITIES ? facts->worst : POSTURE_SEVERITIES;
    if (severity == 1 && incident->opened_us >= posture->from_us)
        count_week(posture, incident->opened_us);
    const int slots[] = {0, severity};
    for (size_t i = 0; i < COUNT_OF(slots); i++) {
        struct posture_response *response = &posture->responses[slots[i]];
        response->incidents++;
        response->open += !incident->resolved_us;
        if (!is_outage(incident)) continue;
        if (facts->announced_us >= incident->opened_us)
            vec_push(&durations[slots[i]].detect, facts->announced_us - incident->opened_us);
        if (incident->resolved_us)
            vec_push(&durations[slots[i]].resolve, incident->resolved_us - incident->opened_us);
    }
}

bool posture_read_incidents(struct posture *posture, struct store *store, const char *journey,
                            struct error *error)
{
    struct durations durations[POSTURE_SEVERITIES + 1] = {0};
    struct store_incident_list incidents;
    const struct store_incident_filter filter = {.from_us = posture->from_us,
                                                 .until_us = posture->until_us,
                                                 .limit = POSTURE_MAX_INCIDENTS + 1};
    make_weeks(posture);
    bool good = store_incidents(store, &filter, &incidents, error);
    posture->incidents_cut = incidents.count > POSTURE_MAX_INCIDENTS;
    if (posture->incidents_cut) incidents.count = POSTURE_MAX_INCIDENTS;
    vec_each(incident, &incidents) {
        struct facts facts = {.incident = incident};
        good = good && read_facts(&facts, store, journey, error);
        if (!good || !facts.asked_for) continue;
        if (incident_is_planned(incident->json)) {
            posture->planned.incidents++;
            posture->planned.open += !incident->resolved_us;
        } else {
            count(posture, durations, &facts);
        }
    }
    store_incident_list_release(&incidents);
    for (int i = 0; i <= POSTURE_SEVERITIES; i++) {
        struct posture_response *response = &posture->responses[i];
        response->detect = spread_of(durations[i].detect.items, durations[i].detect.count);
        response->resolve = spread_of(durations[i].resolve.items, durations[i].resolve.count);
        vec_release(&durations[i].detect);
        vec_release(&durations[i].resolve);
    }
    return good;
}
