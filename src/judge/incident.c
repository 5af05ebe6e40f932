/* SPDX-License-Identifier: Apache-2.0 */
/* One incident: opening, rating, ageing, ending. See internal.h. */
#include "judge/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "http/url.h"
#include "journey/journey.h"
#include "text/quantity.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct incident *incident_find(const struct judge *judge, const char *signature)
{
    vec_each(incident, &judge->incidents) {
        if (!(*incident)->resolved && !strcmp((*incident)->face.signature, signature))
            return *incident;
    }
    return NULL;
}

static void set_text(char **text, const char *value)
{
    char *copy = xstrdup(value ? value : "");
    free(*text);
    *text = copy;
}

struct incident *incident_open(struct judge *judge, enum cause cause, const char *signature,
                               int64_t since_us, int64_t now_us)
{
    static const struct event blank = {.severity = 0};
    struct incident *incident = NEW(struct incident);
    const struct flapping *before = map_get(&judge->flapping, view_of(signature));
    incident->cause = cause;
    incident->face = event_copy(&blank);
    incident->face.opened_us = since_us;
    incident->values = xstrdup("");
    if (before) incident->flapping = *before;
    flapping_rest(&incident->flapping, since_us);
    id_uuid_v7(now_us, incident->face.incident_id);
    set_text(&incident->face.signature, signature);
    vec_push(&judge->incidents, incident);
    return incident;
}

void incident_free(struct incident *incident)
{
    if (!incident) return;
    event_release(&incident->face);
    free(incident->values);
    vec_each(affected, &incident->affected) {
        free(affected->subject);
        free(affected->stage);
    }
    vec_release(&incident->affected);
    vec_each(moment, &incident->timeline) free(moment->text);
    vec_release(&incident->timeline);
    free(incident);
}

/* The first half of a long story stays, and the latest. */
static void forget_the_middle(struct incident *incident)
{
    size_t middle = JUDGE_MAX_TIMELINE / 2;
    struct moment *items = incident->timeline.items;
    free(items[middle].text);
    memmove(&items[middle], &items[middle + 1], (JUDGE_MAX_TIMELINE - middle - 1) * sizeof *items);
    incident->timeline.count--;
}

void incident_note(struct incident *incident, int64_t time_us, const char *format, ...)
{
    char text[500];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (incident->timeline.count == JUDGE_MAX_TIMELINE) forget_the_middle(incident);
    const struct moment moment = {time_us, xstrdup(text)};
    vec_push(&incident->timeline, moment);
    struct moment *items = incident->timeline.items;
    size_t at = incident->timeline.count - 1;
    for (; at > 0 && items[at - 1].time_us > time_us; at--) items[at] = items[at - 1];
    items[at] = moment;
    incident->changed = true;
}

/* --- Whom it affects */

static struct affected *affected_of(struct incident *incident, const char *subject)
{
    vec_each(affected, &incident->affected) {
        if (!strcmp(affected->subject, subject)) return affected;
    }
    return NULL;
}

static char *subject_words(const char *key)
{
    struct view rest = view_of(key), journey = VIEW_NONE, persona = VIEW_NONE;
    (void)view_split(&rest, '\n', &journey);
    (void)view_split(&rest, '\n', &persona);
    if (!rest.length) return xasprintf("%.*s as %.*s", VIEW_PRINTF(journey), VIEW_PRINTF(persona));
    return xasprintf("%.*s as %.*s from %.*s", VIEW_PRINTF(journey), VIEW_PRINTF(persona),
                     VIEW_PRINTF(rest));
}

static void show_affected(struct incident *incident)
{
    struct event *face = &incident->face;
    for (size_t i = 0; i < face->affected_count; i++) free(face->affected[i]);
    free(face->affected);
    face->affected_count = incident->affected.count;
    face->affected = xcalloc(face->affected_count, sizeof(char *));
    for (size_t i = 0; i < face->affected_count; i++)
        face->affected[i] = subject_words(incident->affected.items[i].subject);
}

static void note_state(struct judge *judge, struct incident *incident, bool seen,
                       int64_t interval_us, int64_t now_us)
{
    flapping_note(&incident->flapping, seen, interval_us, now_us);
    int percent = flapping_percent(&incident->flapping);
    bool flaps = incident->face.flapping ? percent >= judge->policy->flap_low_percent
                                         : percent >= judge->policy->flap_high_percent;
    if (flaps == incident->face.flapping) return;
    incident->face.flapping = flaps;
    incident_note(incident, now_us, "%s (%d%% of its states changed)",
                  flaps ? "it keeps coming and going" : "it has calmed down", percent);
}

static bool is_seen_by_any(const struct incident *incident)
{
    vec_each(affected, &incident->affected) {
        if (!affected->clean) return true;
    }
    return false;
}

/* Whoever it belongs to when it opens keeps it: sinks route by that, and know alerts by it. */
static void take_owner(struct event *face, const struct observation *observation)
{
    if (face->severity) return;
    if (!*face->owner) set_text(&face->owner, observation->owner);
    if (!*face->runbook) set_text(&face->runbook, observation->runbook);
}

static void take_face(struct incident *incident, const struct observation *observation)
{
    struct event *face = &incident->face;
    const struct {
        char **text;
        const char *value;
    } texts[] = {
        {&face->kind, outcome_word(observation->kind)},
        {&face->stage, observation->stage},
        {&face->host, observation->host},
        {&face->step, observation->step},
        {&face->message, observation->message},
        {&face->expected, observation->expected},
        {&face->actual, observation->actual},
        {&face->trace_id, observation->trace_id},
        {&face->run_id, observation->run_id},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) set_text(texts[i].text, texts[i].value);
}

static char *certificate_words(int days_left)
{
    if (days_left < 0) return xstrdup("the certificate has ended");
    if (days_left == 0) return xstrdup("the certificate ends within a day");
    return xasprintf("the certificate ends in %d day%s", days_left, PLURAL(days_left));
}

void incident_take_certificate(struct incident *incident,
                               const struct certificate_seen *certificate)
{
    AUTO_FREE char *message = certificate_words(certificate->days_left);
    incident->days_left = certificate->days_left;
    set_text(&incident->face.message, message);
    set_text(&incident->face.host, certificate->host);
}

/* A warning's own words instead of the failure's. */
static void take_warning(struct incident *incident, const char *subject,
                         const struct observation *observation)
{
    struct event *face = &incident->face;
    if (incident->cause == CAUSE_CERTIFICATE) {
        set_text(&face->kind, outcome_word(OUTCOME_TLS));
    } else {
        set_text(&face->kind, outcome_word(OUTCOME_RESIDUE));
        AUTO_FREE char *words = subject_words(subject);
        AUTO_FREE char *message = xasprintf("%s: %s", words, observation->residue);
        set_text(&face->message, message);
        set_text(&face->host, observation->shop);
    }
    set_text(&face->run_id, observation->run_id);
    set_text(&face->trace_id, observation->trace_id);
}

void incident_join(struct judge *judge, struct incident *incident, const char *subject,
                   const struct observation *observation, int64_t now_us)
{
    struct affected *affected = affected_of(incident, subject);
    bool warning = incident->cause == CAUSE_CERTIFICATE || incident->cause == CAUSE_RESIDUE;
    if (!affected) {
        AUTO_FREE char *words = subject_words(subject);
        vec_push(&incident->affected,
                 ((struct affected){.subject = xstrdup(subject), .stage = xstrdup("")}));
        affected = vec_last(&incident->affected);
        if (incident->face.severity) incident_note(incident, now_us, "%s meets it, too", words);
        show_affected(incident);
        judge->grown = true;
    } else {
        affected->clean = 0;
    }
    take_owner(&incident->face, observation);
    const struct subject_state *state = map_get(&judge->subjects, view_of(subject));
    if (state) set_text(&affected->stage, state->stage);
    if (incident->cause == CAUSE_RESIDUE && observation->owes) affected->owes = true;
    affected->severity = warning ? 0 : observation->severity;
    if (warning)
        take_warning(incident, subject, observation);
    else
        take_face(incident, observation);
    note_state(judge, incident, true, observation->interval_us, now_us);
    incident->changed = true;
}

void incident_note_first(struct incident *incident, const char *subject, int64_t time_us)
{
    AUTO_FREE char *words = subject_words(subject);
    incident_note(incident, time_us, "%s failed", words);
}

void incident_clean(struct judge *judge, struct incident *incident, const char *subject,
                    int64_t interval_us, int64_t now_us)
{
    struct affected *affected = affected_of(incident, subject);
    if (!affected || incident->raised_by_caller) return;
    affected->clean++;
    note_state(judge, incident, is_seen_by_any(incident), interval_us, now_us);
    incident->changed = true;
}

void incident_settle(struct judge *judge, struct incident *incident,
                     bool (*owes)(void *context, const char *journey, const char *persona),
                     void *context, int64_t now_us)
{
    vec_each(affected, &incident->affected) {
        struct view rest = view_of(affected->subject), journey = VIEW_NONE, persona = VIEW_NONE;
        (void)view_split(&rest, '\n', &journey);
        (void)view_split(&rest, '\n', &persona);
        AUTO_FREE char *journey_name = xstrndup(journey.data, journey.length);
        AUTO_FREE char *persona_name = xstrndup(persona.data, persona.length);
        if (!affected->owes || owes(context, journey_name, persona_name)) continue;
        AUTO_FREE char *words = subject_words(affected->subject);
        incident_note(incident, now_us, "what %s left behind was cleaned", words);
        affected->owes = false;
        affected->clean = judge->policy->resolve_after;
    }
}

bool incident_holds(const struct judge *judge, struct incident *incident, const char *subject)
{
    const struct affected *affected = affected_of(incident, subject);
    return affected && affected->clean < judge->policy->resolve_after;
}

const char *incident_stage(struct incident *incident, const char *subject)
{
    const struct affected *affected = affected_of(incident, subject);
    return affected ? affected->stage : NULL;
}

void incident_leave(struct incident *incident, const char *subject)
{
    struct affected *affected = affected_of(incident, subject);
    if (!affected) return;
    free(affected->subject);
    free(affected->stage);
    *affected = *vec_last(&incident->affected);
    incident->affected.count--;
    show_affected(incident);
    incident->changed = true;
}

bool incident_is_over(const struct judge *judge, const struct incident *incident)
{
    if (incident->raised_by_caller || incident->face.flapping) return false;
    vec_each(affected, &incident->affected) {
        if (affected->owes || affected->clean < judge->policy->resolve_after) return false;
    }
    return true;
}

/* --- Rating */

bool incident_is_at(const struct incident *incident, const char *host)
{
    const struct event *face = &incident->face;
    bool by_name = !strcmp(face->kind, outcome_word(OUTCOME_DNS));
    return by_name ? authority_is_of(host, face->host) : !strcmp(host, face->host);
}

static bool is_of_a_shop(const struct judge *judge, const struct incident *incident)
{
    map_each(entry, &judge->subjects) {
        const struct subject_state *subject = entry->value;
        if (incident_is_at(incident, subject->shop)) return true;
    }
    return false;
}

/* The incident's own, counted for all subjects in turn: their lists are ",login,checkout,". */
struct counted {
    char *stage; /* ",checkout,"; NULL: of no stage */
    bool whole_shop;
};

static bool has_stage(const struct subject_state *subject, const struct counted *counted)
{
    return !counted->stage || strstr(subject->stages, counted->stage);
}

/* A shop's own host is exercised by all who go there; another one (where payments are made, say) by
 * those who get as far as the stage that asks it. */
static bool exercises(const struct incident *incident, const struct subject_state *subject,
                      const struct counted *counted)
{
    const struct event *face = &incident->face;
    switch (incident->cause) {
    case CAUSE_FAILS:
    case CAUSE_SLOW: return has_stage(subject, counted);
    case CAUSE_HOST:
    case CAUSE_BLOCKED:
        if (!strcmp(subject->judged, face->signature)) return true;
        return counted->whole_shop ? incident_is_at(incident, subject->shop)
                                   : has_stage(subject, counted);
    case CAUSE_BLIND: return !incident->raised_by_caller;
    case CAUSE_RESIDUE:
    case CAUSE_CERTIFICATE:
    case CAUSE_BURN:
    case CAUSE_SINK:
    case CAUSE_COUNT: return false;
    }
    return false;
}

static struct facts facts_of(const struct judge *judge, const struct incident *incident)
{
    const struct event *face = &incident->face;
    struct facts facts = {
        .cause = incident->cause,
        .core = stage_is_core(face->stage),
        .stage = face->stage,
        .kind = face->kind,
        .host = face->host,
        .days_left = incident->days_left,
    };
    AUTO_FREE char *stage = *face->stage ? xasprintf(",%s,", face->stage) : NULL;
    const struct counted counted = {stage, is_of_a_shop(judge, incident)};
    map_each(entry, &judge->subjects) {
        const struct subject_state *subject = entry->value;
        if (!exercises(incident, subject, &counted)) continue;
        facts.exercising++;
        const char *met = incident->cause == CAUSE_BLIND ? subject->signature : subject->judged;
        if (!strcmp(met, face->signature)) facts.failing++;
        if (!facts.journey) facts.journey = subject->journey;
    }
    facts.everything = counted.whole_shop && facts.exercising && facts.failing == facts.exercising;
    return facts;
}

bool incident_is_wide(const struct judge *judge, const struct incident *incident)
{
    struct facts facts = facts_of(judge, incident);
    return facts.failing && facts.failing * 2 >= facts.exercising;
}

/* What shoppers cannot do. Warnings, leftovers and what keeps us from seeing stay what they are:
 * nobody is got out of bed by their age. */
static bool ages(const struct incident *incident)
{
    bool of_the_shop = incident->cause == CAUSE_FAILS || incident->cause == CAUSE_SLOW ||
                       incident->cause == CAUSE_HOST;
    return of_the_shop && !incident->face.for_prober_owners;
}

/* What stays gets worse. */
static int severity_with_age(const struct judge *judge, const struct incident *incident,
                             int64_t now_us)
{
    int severity = incident->rated;
    if (!ages(incident)) return severity;
    int64_t since_us = incident->rated_since_us;
    for (size_t i = 0; i < judge->policy->ages.count; i++) {
        const struct policy_age *age = &judge->policy->ages.items[i];
        if (age->from != severity || now_us - since_us < age->after_us) continue;
        severity = age->to;
        since_us += age->after_us;
        i = (size_t)-1; /* the new severity ages by its own line */
    }
    return severity;
}

/* The worst that steps ask for; `ret_all`: all who meet it walk such steps, so the policy has no
 * say.
 */
static int own_severity(const struct incident *incident, bool *ret_all)
{
    int worst = 0;
    *ret_all = incident->affected.count > 0;
    vec_each(affected, &incident->affected) {
        if (!affected->severity) *ret_all = false;
        if (affected->severity && (!worst || affected->severity < worst))
            worst = affected->severity;
    }
    return worst;
}

/* How far down a journey's way the stage stands; -1: not at all. */
static int place_of(const struct subject_state *subject, const char *stage)
{
    const char *at = strstr(subject->stages, stage);
    int place = 0;
    if (!at) return -1;
    for (const char *c = subject->stages; c < at; c++) place += *c == ',';
    return place;
}

/* Of a stage the owner of the journey that goes there first, whoever met it first: of two such
 * journeys the first by name. Who is asked in vain leaves the owner of those who met it. */
static void choose_owner(const struct judge *judge, struct incident *incident)
{
    struct event *face = &incident->face;
    const struct subject_state *best = NULL;
    int best_place = 0;
    if (!*face->stage) return;
    AUTO_FREE char *stage = xasprintf(",%s,", face->stage);
    map_each(entry, &judge->subjects) {
        const struct subject_state *subject = entry->value;
        int place = *subject->owner ? place_of(subject, stage) : -1;
        if (place < 0) continue;
        if (best && (place > best_place ||
                     (place == best_place && strcmp(subject->journey, best->journey) >= 0)))
            continue;
        best = subject;
        best_place = place;
    }
    if (!best) return;
    set_text(&face->owner, best->owner);
    set_text(&face->runbook, best->runbook);
}

static void rate(struct judge *judge, struct incident *incident, int64_t now_us)
{
    struct facts facts = facts_of(judge, incident);
    bool counted = facts.exercising > 0;
    if (counted && !facts.failing && incident->rated) return; /* it is healing: rate no more */
    const struct policy_rule *rule = policy_match(judge->policy, &facts);
    int rating = rule ? rule->severity : 3;
    bool all_owned;
    int own = own_severity(incident, &all_owned);
    bool owned = own && (all_owned || own < rating);
    if (owned) rating = own;
    incident->face.failing = facts.failing;
    incident->face.exercising = facts.exercising;
    if (facts.failing >= incident->worst_failing) {
        incident->worst_failing = facts.failing;
        incident->worst_exercising = facts.exercising;
    }
    bool better = incident->rated && rating > incident->rated;
    if (better && !incident->lower_since_us) incident->lower_since_us = now_us;
    if (!better) incident->lower_since_us = 0;
    bool held = better && now_us - incident->lower_since_us >= judge->policy->lower_after_us;
    if (incident->rated && (rating == incident->rated || (better && !held))) return;
    AUTO_BUF values = BUF_INIT(1000);
    policy_explain(rule, &facts, &values);
    incident->rated = rating;
    incident->rated_since_us = now_us;
    incident->lower_since_us = 0;
    incident->face.for_prober_owners = rule && rule->for_prober_owners;
    set_text(&incident->face.rule, owned  ? "the step's own severity"
                                   : rule ? rule->name
                                          : "no rule");
    set_text(&incident->values, buf_text(&values));
}

static void tell_opening(struct judge *judge, struct incident *incident, int64_t now_us)
{
    incident_note(incident, now_us, "opened as SEV%d by the rule \"%s\": %s",
                  incident->face.severity, incident->face.rule, incident->values);
    if (judge->policy->remind_every_us)
        incident->remind_us = now_us + judge->policy->remind_every_us;
    decide_event(judge, incident, EVENT_OPENED, 0, now_us);
}

void incident_rate(struct judge *judge, struct incident *incident, int64_t now_us)
{
    int before = incident->face.severity;
    incident->looked_at_us = now_us;
    if (!before) choose_owner(judge, incident);
    rate(judge, incident, now_us);
    bool planned = judge_has_planned(judge, incident);
    incident->face.maintenance = planned && (!before || incident->face.maintenance);
    int severity = severity_with_age(judge, incident, now_us);
    incident->face.severity = severity;
    free(incident->face.line);
    incident->face.line = line_of(incident, now_us);
    if (!before) {
        tell_opening(judge, incident, now_us);
    } else if (severity != before) {
        bool aged = severity < incident->rated;
        incident_note(incident, now_us, "SEV%d, was SEV%d: %s", severity, before,
                      aged ? "it has stayed for so long" : incident->values);
        decide_event(judge, incident, severity < before ? EVENT_RAISED : EVENT_LOWERED, before,
                     now_us);
    }
}

/* --- Time, and the end */

/* But not what was met in silence and by nobody who looked last: it is perhaps over. */
static void tell_what_was_muted(struct judge *judge, struct incident *incident, int64_t now_us)
{
    int told = incident->told ? incident->told_severity : 0, now = incident->face.severity;
    bool heals = incident->affected.count && !is_seen_by_any(incident);
    if (told == now || (!told && heals) || judge_mutes(judge, incident)) return;
    decide_event(judge, incident,
                 !told        ? EVENT_OPENED
                 : now < told ? EVENT_RAISED
                              : EVENT_LOWERED,
                 told, now_us);
}

void incident_tick(struct judge *judge, struct incident *incident, int64_t now_us)
{
    incident_rate(judge, incident, now_us);
    tell_what_was_muted(judge, incident, now_us);
    if (!incident->remind_us || now_us < incident->remind_us) return;
    incident->remind_us = now_us + judge->policy->remind_every_us;
    incident->changed = true;
    if (!incident->face.acknowledged) decide_event(judge, incident, EVENT_REMINDER, 0, now_us);
}

void incident_resolve(struct judge *judge, struct incident *incident, const char *why,
                      int64_t now_us)
{
    struct flapping *kept = NEW(struct flapping);
    *kept = incident->flapping;
    map_set(&judge->flapping, view_of(incident->face.signature), kept);
    incident->face.resolved_us = now_us;
    incident->resolved = true;
    incident->face.failing = incident->worst_failing;
    incident->face.exercising = incident->worst_exercising;
    set_text(&incident->face.resolution, why);
    free(incident->face.line);
    incident->face.line = line_of(incident, now_us);
    incident_note(incident, now_us, "resolved: %s", why);
    decide_event(judge, incident, EVENT_RESOLVED, 0, now_us);
}
