/* SPDX-License-Identifier: Apache-2.0 */
/* Observations, confirmation, grouping, and the queue of decisions. See judge.h. */
#include "judge/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "journey/journey.h"

#include <stdlib.h>
#include <string.h>

#define FLAPPING_MEMORY 500 /* causes whose coming and going is remembered */
#define MANY_SUBJECTS 100
#define RATE_EVERY_US (250 * US_PER_MS)

/* --- Life */

void subject_state_free(void *value)
{
    struct subject_state *subject = value;
    if (!subject) return;
    free(subject->journey);
    free(subject->persona);
    free(subject->location);
    free(subject->owner);
    free(subject->runbook);
    free(subject->shop);
    free(subject->stages);
    free(subject->signature);
    free(subject->judged);
    free(subject->stage);
    free(subject);
}

struct judge *judge_new(const struct policy *policy, const struct judge_settings *settings)
{
    struct judge *judge = NEW(struct judge);
    judge->policy = policy;
    if (settings) judge->settings = *settings;
    judge->stirred = true;
    judge->subjects = MAP_INIT(subject_state_free);
    judge->flapping = MAP_INIT(free);
    return judge;
}

void decision_release(struct decision *decision)
{
    event_release(&decision->event);
    free(decision->journey);
    free(decision->persona);
    free(decision->line);
}

void judge_free(struct judge *judge)
{
    if (!judge) return;
    map_release(&judge->subjects);
    map_release(&judge->flapping);
    vec_each(incident, &judge->incidents) incident_free(*incident);
    vec_release(&judge->incidents);
    for (size_t i = judge->decisions.taken; i < judge->decisions.count; i++)
        decision_release(&judge->decisions.items[i]);
    vec_release(&judge->decisions);
    free(judge);
}

void judge_set_policy(struct judge *judge, const struct policy *policy)
{
    judge->policy = policy;
}

/* --- Decisions */

typedef bool question(void *context, const struct event *event, const char *const *journeys,
                      size_t count);

static bool ask_about(const struct judge *judge, const struct incident *incident, question *ask)
{
    VEC(const char *) journeys = {0};
    if (!ask) return false;
    vec_each(affected, &incident->affected) {
        char *name = xstrdup(affected->subject);
        name[strcspn(name, "\n")] = '\0';
        vec_push(&journeys, name);
    }
    bool yes = ask(judge->settings.context, &incident->face, journeys.items, journeys.count);
    vec_each(name, &journeys) free((char *)(uintptr_t)*name);
    vec_release(&journeys);
    return yes;
}

bool judge_mutes(const struct judge *judge, const struct incident *incident)
{
    return ask_about(judge, incident, judge->settings.muted);
}

bool judge_has_planned(const struct judge *judge, const struct incident *incident)
{
    return ask_about(judge, incident, judge->settings.planned);
}

/* Whoever was told of the opening is told of everything that follows the end of it, muted or not.
 */
void decide_event(struct judge *judge, struct incident *incident, enum event_type type,
                  int previous_severity, int64_t now_us)
{
    struct event *face = &incident->face;
    bool changes = type == EVENT_RAISED || type == EVENT_LOWERED;
    bool mute = incident->told && changes && face->severity == incident->told_severity;
    if (changes && incident->told && !mute) { /* against what they heard last */
        previous_severity = incident->told_severity;
        type = face->severity < previous_severity ? EVENT_RAISED : EVENT_LOWERED;
    }
    face->type = type;
    face->time_us = now_us;
    face->previous_severity = previous_severity;
    bool muted = type == EVENT_RESOLVED ? !incident->told : judge_mutes(judge, incident);
    id_uuid_v7(now_us, face->id);
    if (type == EVENT_OPENED && !muted) incident->told = true;
    if (type != EVENT_OPENED && type != EVENT_RESOLVED && !incident->told) muted = true;
    if (mute) muted = true;
    if (!muted) incident->told_severity = face->severity;
    incident->changed = true;
    vec_push(&judge->decisions, ((struct decision){
                                    .kind = DECISION_EVENT,
                                    .event = event_copy(face),
                                    .muted = muted,
                                }));
}

static void decide_reprobe(struct judge *judge, const struct observation *observation,
                           unsigned failures)
{
    size_t at = failures - 1;
    int64_t after_us = 0;
    if (at >= observation->reprobe_count && observation->reprobe_count)
        at = observation->reprobe_count - 1;
    if (observation->reprobe_count) after_us = observation->reprobe_after_us[at];
    vec_push(&judge->decisions, ((struct decision){
                                    .kind = DECISION_REPROBE,
                                    .journey = xstrdup(observation->journey),
                                    .persona = xstrdup(observation->persona),
                                    .after_us = after_us,
                                }));
}

static void decide_blip(struct judge *judge, const struct observation *observation,
                        unsigned failures)
{
    vec_push(&judge->decisions,
             ((struct decision){
                 .kind = DECISION_BLIP,
                 .journey = xstrdup(observation->journey),
                 .persona = xstrdup(observation->persona),
                 .line = xasprintf("%u of %u failures that would have opened an incident", failures,
                                   observation->confirm_failures),
             }));
}

bool judge_take(struct judge *judge, struct decision *ret_decision)
{
    if (judge->decisions.taken == judge->decisions.count) {
        judge->decisions.taken = judge->decisions.count = 0;
        return false;
    }
    *ret_decision = judge->decisions.items[judge->decisions.taken++];
    return true;
}

/* --- Subjects */

char *subject_key(const char *journey, const char *persona, const char *location)
{
    return xjoin(journey, "\n", persona, "\n", location, NULL);
}

/* Mostly, it stays the same from run to run. */
static void set_text(struct judge *judge, char **text, const char *value)
{
    if (*text && !strcmp(*text, value)) return;
    free(*text);
    *text = xstrdup(value);
    judge->stirred = true;
}

static char *signature_of(const struct observation *observation, enum cause cause)
{
    const char *kind = outcome_word(observation->kind);
    if (cause == CAUSE_HOST) return xasprintf("host:%s/%s", observation->host, kind);
    if (cause == CAUSE_BLOCKED) return xasprintf("blocked:%s", observation->host);
    if (cause == CAUSE_BLIND) return xstrdup("blind:prober");
    return xasprintf("%s:%s/%s", cause == CAUSE_SLOW ? "slow" : "stage", observation->stage, kind);
}

static struct subject_state *subject_of(struct judge *judge, const char *key,
                                        const struct observation *observation)
{
    struct subject_state *subject = map_get(&judge->subjects, view_of(key));
    AUTO_BUF stages = BUF_INIT(10000);
    if (!subject) {
        subject = NEW(struct subject_state);
        judge->stirred = true;
        subject->journey = xstrdup(observation->journey);
        subject->persona = xstrdup(observation->persona);
        subject->location = xstrdup(observation->location);
        subject->signature = xstrdup("");
        subject->judged = xstrdup("");
        subject->stage = xstrdup("");
        map_set(&judge->subjects, view_of(key), subject);
    }
    buf_add_char(&stages, ',');
    vec_each(stage, &observation->stages) {
        buf_add_text(&stages, stage->name);
        buf_add_char(&stages, ',');
    }
    set_text(judge, &subject->owner, observation->owner);
    set_text(judge, &subject->runbook, observation->runbook);
    set_text(judge, &subject->shop, observation->shop);
    set_text(judge, &subject->stages, buf_text(&stages));
    if (subject->verdict != observation->verdict) judge->stirred = true;
    subject->verdict = observation->verdict;
    return subject;
}

/* --- Judging */

void end_if_over(struct judge *judge, struct incident *incident, int64_t now_us)
{
    if (!incident->resolved && incident_is_over(judge, incident))
        incident_resolve(judge, incident, "recovered", now_us);
}

/* What this run no longer showed. */
static void clean_others(struct judge *judge, const char *key,
                         const struct observation *observation, enum cause met,
                         const char *signature, int64_t now_us)
{
    for (size_t i = 0; i < judge->incidents.count; i++) {
        struct incident *incident = judge->incidents.items[i];
        if (incident->resolved || !strcmp(incident->face.signature, signature)) continue;
        const char *stage = incident_stage(incident, key);
        if (stage && proof_disproves(observation, met, incident, stage))
            incident_clean(judge, incident, key, observation->interval_us, now_us);
        if (incident->affected.count) end_if_over(judge, incident, now_us);
    }
}

/* Rating counts shoppers. Where there are a great many, an outage of them all would have it done
 * for each of their runs: then an incident that is rated is looked at again a little later. */
static bool is_to_be_rated(const struct judge *judge, const struct incident *incident,
                           int64_t now_us)
{
    if (incident->resolved) return false;
    if (!incident->rated || map_size(&judge->subjects) < MANY_SUBJECTS) return true;
    int64_t since_us = now_us - incident->looked_at_us;
    return since_us < 0 || since_us >= RATE_EVERY_US;
}

void rate_all(struct judge *judge, int64_t now_us)
{
    for (size_t i = 0; i < judge->incidents.count; i++)
        if (is_to_be_rated(judge, judge->incidents.items[i], now_us))
            incident_rate(judge, judge->incidents.items[i], now_us);
}

/* What cannot be told is no failure: one does not confirm the other. */
static struct in_a_row *counted(struct subject_state *subject, enum cause cause)
{
    return cause == CAUSE_BLIND ? &subject->unknowns : &subject->failures;
}

/* An incident holds it now, or it is over. */
static void forgive(struct subject_state *subject, enum cause cause)
{
    *counted(subject, cause) = (struct in_a_row){0};
}

/* Others that met the same and have not confirmed it yet are part of it from the start. */
static void gather(struct judge *judge, struct incident *incident,
                   const struct observation *observation, int64_t now_us)
{
    map_each(entry, &judge->subjects) {
        struct subject_state *subject = entry->value;
        if (strcmp(subject->signature, incident->face.signature) != 0) continue;
        incident_join(judge, incident, entry->key, observation, now_us);
        int64_t since_us = counted(subject, incident->cause)->since_us;
        incident_note_first(incident, entry->key, since_us ? since_us : now_us);
        if (since_us && since_us < incident->face.opened_us) incident->face.opened_us = since_us;
        forgive(subject, incident->cause);
    }
}

/* What a host that is down for most, this shopper among them, shows besides is part of it: it may
 * come and go, or answer with errors. Two runs without it are no part of it any more. */
static bool is_taken_in(const struct judge *judge, const char *key, const char *host)
{
    vec_each(incident, &judge->incidents) {
        if (!(*incident)->resolved && (*incident)->cause == CAUSE_HOST &&
            incident_is_at(*incident, host) && incident_holds(judge, *incident, key) &&
            incident_is_wide(judge, *incident))
            return true;
    }
    return false;
}

static void meet(struct judge *judge, const char *key, struct subject_state *subject,
                 const struct observation *observation, enum cause cause, const char *signature,
                 int64_t now_us)
{
    struct incident *incident = incident_find(judge, signature);
    if (incident) {
        incident_join(judge, incident, key, observation, now_us);
        forgive(subject, cause);
        return;
    }
    struct in_a_row *row = counted(subject, cause);
    if (!row->count++) row->since_us = observation->started_us;
    if (row->count < observation->confirm_failures) {
        decide_reprobe(judge, observation, row->count);
        return;
    }
    if (cause != CAUSE_HOST && is_taken_in(judge, key, observation->host)) return;
    if (judge->incidents.count >= JUDGE_MAX_INCIDENTS) return;
    incident = incident_open(judge, cause, signature, row->since_us, now_us);
    gather(judge, incident, observation, now_us);
}

static bool judge_main(struct judge *judge, const char *key, struct subject_state *subject,
                       const struct observation *observation, int64_t now_us)
{
    enum cause cause = observation_cause(observation);
    bool met = observation->verdict == VERDICT_FAIL || observation->kind == OUTCOME_PROBER ||
               (observation->verdict == VERDICT_DEGRADED && cause == CAUSE_SLOW &&
                observation->kind != OUTCOME_PASS);
    AUTO_FREE char *signature = met ? signature_of(observation, cause) : xstrdup("");
    if (met) judge->stirred = true;
    if (met || observation->verdict != VERDICT_UNKNOWN)
        set_text(judge, &subject->signature, signature);
    if (met) set_text(judge, &subject->stage, observation->stage);
    if (observation->verdict != VERDICT_UNKNOWN) set_text(judge, &subject->judged, signature);
    if (!met && observation->verdict == VERDICT_UNKNOWN) return false;
    clean_others(judge, key, observation, met ? cause : CAUSE_COUNT, signature, now_us);
    if (met) meet(judge, key, subject, observation, cause, signature, now_us);
    if (observation->verdict != VERDICT_UNKNOWN) forgive(subject, CAUSE_BLIND);
    if (met || !subject->failures.count) return false;
    decide_blip(judge, observation, subject->failures.count);
    forgive(subject, CAUSE_FAILS);
    return true;
}

/* Warnings need no confirmation: they are facts. */
static struct incident *warning_of(struct judge *judge, enum cause cause, const char *signature,
                                   int64_t now_us)
{
    struct incident *incident = incident_find(judge, signature);
    return incident ? incident : incident_open(judge, cause, signature, now_us, now_us);
}

static void judge_warnings(struct judge *judge, const char *key,
                           const struct observation *observation, int64_t now_us)
{
    vec_each(certificate, &observation->certificates) {
        if (certificate->days_left > JUDGE_CERTIFICATE_DAYS) continue;
        AUTO_FREE char *signature = xasprintf("certificate:%s", certificate->host);
        struct incident *incident = warning_of(judge, CAUSE_CERTIFICATE, signature, now_us);
        incident_take_certificate(incident, certificate);
        incident_join(judge, incident, key, observation, now_us);
    }
    if (*observation->residue) {
        AUTO_FREE char *signature = xasprintf("residue:%s", observation->shop);
        struct incident *incident = warning_of(judge, CAUSE_RESIDUE, signature, now_us);
        incident_join(judge, incident, key, observation, now_us);
    }
}

bool judge_observe(struct judge *judge, const struct observation *observation, int64_t now_us)
{
    if (judge->untrusted) return false;
    AUTO_FREE char *key =
        subject_key(observation->journey, observation->persona, observation->location);
    struct subject_state *subject = subject_of(judge, key, observation);
    judge_warnings(judge, key, observation, now_us);
    bool blip = judge_main(judge, key, subject, observation, now_us);
    rate_all(judge, now_us);
    return blip;
}

void judge_tick(struct judge *judge, int64_t now_us)
{
    for (size_t i = 0; i < judge->incidents.count; i++)
        if (!judge->incidents.items[i]->resolved)
            incident_tick(judge, judge->incidents.items[i], now_us);
    while (map_size(&judge->flapping) > FLAPPING_MEMORY) {
        map_each(oldest, &judge->flapping) {
            map_remove(&judge->flapping, (struct view){oldest->key, oldest->key_length});
            break;
        }
    }
}

/* --- What is no run's */

void judge_raise(struct judge *judge, enum cause cause, const char *signature, const char *message,
                 int64_t now_us)
{
    struct incident *incident = incident_find(judge, signature);
    if (incident && !strcmp(incident->face.message, message)) return;
    if (!incident) incident = incident_open(judge, cause, signature, now_us, now_us);
    incident->raised_by_caller = true;
    set_text(judge, &incident->face.message, message);
    set_text(judge, &incident->face.kind, outcome_word(OUTCOME_PROBER));
    incident->changed = true;
    incident_rate(judge, incident, now_us);
}

void judge_lower(struct judge *judge, const char *signature, const char *why, int64_t now_us)
{
    struct incident *incident = incident_find(judge, signature);
    if (incident) incident_resolve(judge, incident, why, now_us);
}

void judge_settle(struct judge *judge,
                  bool (*owes)(void *context, const char *journey, const char *persona),
                  void *context, int64_t now_us)
{
    for (size_t i = 0; i < judge->incidents.count; i++) {
        struct incident *incident = judge->incidents.items[i];
        if (incident->resolved || incident->cause != CAUSE_RESIDUE) continue;
        incident_settle(judge, incident, owes, context, now_us);
        if (!incident->resolved && incident_is_over(judge, incident))
            incident_resolve(judge, incident, "cleaned", now_us);
    }
}

void judge_trust(struct judge *judge, bool trusted, const char *why, int64_t now_us)
{
    judge->untrusted = !trusted;
    if (trusted)
        judge_lower(judge, "blind:trust", "we can see again", now_us);
    else
        judge_raise(judge, CAUSE_BLIND, "blind:trust", why, now_us);
}

bool judge_acknowledge(struct judge *judge, const char *id, const char *author, bool acknowledged,
                       int64_t now_us)
{
    struct incident *found = NULL;
    vec_each(incident, &judge->incidents) {
        if ((*incident)->resolved || strncmp((*incident)->face.incident_id, id, strlen(id)) != 0)
            continue;
        if (found) return false;
        found = *incident;
    }
    if (!found || !*id) return false;
    found->face.acknowledged = acknowledged;
    incident_note(found, now_us, "%s by %s",
                  acknowledged ? "acknowledged" : "not acknowledged any more", author);
    return true;
}

/* --- Looking at it */

static struct incident_view view_of_incident(const struct incident *incident)
{
    return (struct incident_view){&incident->face, incident->values, incident->resolved};
}

bool judge_take_growth(struct judge *judge)
{
    bool grown = judge->grown;
    judge->grown = false;
    return grown;
}

/* What an incident says of itself moves on with time. */
bool judge_take_stir(struct judge *judge)
{
    bool stirred = judge->stirred || judge->incidents.count;
    judge->stirred = false;
    return stirred;
}

void judge_changed(struct judge *judge,
                   void (*visit)(void *context, const struct incident_view *incident,
                                 struct view json),
                   void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < judge->incidents.count; i++) {
        struct incident *incident = judge->incidents.items[i];
        if (incident->changed) {
            AUTO_BUF text = BUF_INIT((size_t)4 << 20);
            cJSON *object = cJSON_CreateObject();
            incident_to_json(incident, object);
            json_print(object, &text);
            cJSON_Delete(object);
            struct incident_view view = view_of_incident(incident);
            visit(context, &view, buf_view(&text));
            incident->changed = false;
        }
        if (incident->resolved)
            incident_free(incident);
        else
            judge->incidents.items[kept++] = incident;
    }
    judge->incidents.count = kept;
}

void judge_open(const struct judge *judge,
                void (*visit)(void *context, const struct incident_view *incident), void *context)
{
    vec_each(incident, &judge->incidents) {
        struct incident_view view = view_of_incident(*incident);
        if (!view.resolved) visit(context, &view);
    }
}

size_t judge_open_count(const struct judge *judge, int severity)
{
    size_t count = 0;
    vec_each(incident, &judge->incidents) {
        const struct incident *one = *incident;
        if (!one->resolved && (!severity || one->face.severity == severity)) count++;
    }
    return count;
}
