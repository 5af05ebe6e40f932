/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a run shows that the cause of an incident is gone for its shopper. A run that did not get
 * that far shows nothing. */
#include "judge/internal.h"

#include <string.h>

/* The run got past this stage. A step that was skipped, for a kept session say, shows nothing. */
static bool passes(const struct observation *observation, const char *stage)
{
    enum verdict verdict = observation_stage(observation, stage);
    if (!*stage) return observation->verdict == VERDICT_PASS;
    return verdict == VERDICT_PASS || verdict == VERDICT_DEGRADED;
}

static bool is_answered(const struct observation *observation, const struct incident *incident)
{
    vec_each(host, &observation->answered) {
        if (incident_is_at(incident, *host)) return true;
    }
    return false;
}

/* A run that never came to a host says nothing of it. */
static bool clears_host(const struct observation *observation, enum cause met,
                        const struct incident *incident)
{
    bool down = met == CAUSE_HOST && incident_is_at(incident, observation->host);
    return !down && is_answered(observation, incident);
}

/* A wall may stand before one stage alone. */
static bool clears_wall(const struct observation *observation, enum cause met,
                        const struct incident *incident, const char *stage)
{
    bool there = !*stage || observation_stage(observation, stage) != VERDICT_SKIPPED;
    return there && clears_host(observation, met, incident);
}

bool proof_disproves(const struct observation *observation, enum cause met,
                     const struct incident *incident, const char *stage)
{
    const struct event *face = &incident->face;
    if (observation->verdict == VERDICT_UNKNOWN) return false;
    switch (incident->cause) {
    case CAUSE_FAILS: return passes(observation, face->stage);
    case CAUSE_SLOW:
        if (!*face->stage) return observation->verdict == VERDICT_PASS;
        return observation_stage(observation, face->stage) == VERDICT_PASS;
    case CAUSE_HOST: return passes(observation, stage) || clears_host(observation, met, incident);
    case CAUSE_BLOCKED:
        return passes(observation, stage) || clears_wall(observation, met, incident, stage);
    case CAUSE_BLIND: return met != CAUSE_HOST;
    case CAUSE_CERTIFICATE:
        vec_each(certificate, &observation->certificates) {
            if (!strcmp(certificate->host, face->host))
                return certificate->days_left > JUDGE_CERTIFICATE_DAYS;
        }
        return false;
    case CAUSE_RESIDUE: return !*observation->residue;
    case CAUSE_BURN:
    case CAUSE_SINK:
    case CAUSE_COUNT: return false;
    }
    return false;
}
