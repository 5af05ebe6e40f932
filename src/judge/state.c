/* SPDX-License-Identifier: Apache-2.0 */
/* The judge's state to JSON and back, so that a restart loses no opening and no resolution. */
#include "judge/internal.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Times are microseconds: a double holds them exactly until the year 2255. */
static void add_us(cJSON *object, const char *name, int64_t us)
{
    cJSON_AddNumberToObject(object, name, (double)us);
}

static int64_t us_of(const cJSON *object, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(number) ? (int64_t)number->valuedouble : 0;
}

static unsigned count_of(const cJSON *object, const char *name)
{
    int64_t count = us_of(object, name);
    return count > 0 && count < UINT32_MAX ? (unsigned)count : 0;
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static bool flag_of(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

void incident_to_json(const struct incident *incident, cJSON *object)
{
    AUTO_BUF face = BUF_INIT((size_t)1 << 20);
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    event_print(&incident->face, &face);
    cJSON_AddItemToObject(object, "face", json_parse(buf_view(&face), &reason));
    cJSON_AddStringToObject(object, "cause", cause_word(incident->cause));
    AUTO_FREE char *brief = line_brief(incident);
    cJSON_AddStringToObject(object, "brief", brief);
    cJSON_AddStringToObject(object, "values", incident->values);
    cJSON_AddNumberToObject(object, "worst_failing", incident->worst_failing);
    cJSON_AddNumberToObject(object, "worst_exercising", incident->worst_exercising);
    cJSON_AddNumberToObject(object, "days_left", incident->days_left);
    cJSON_AddNumberToObject(object, "rated", incident->rated);
    add_us(object, "rated_since", incident->rated_since_us);
    add_us(object, "lower_since", incident->lower_since_us);
    add_us(object, "remind", incident->remind_us);
    cJSON_AddBoolToObject(object, "told", incident->told);
    cJSON_AddNumberToObject(object, "told_severity", incident->told_severity);
    cJSON_AddBoolToObject(object, "raised_by_caller", incident->raised_by_caller);
    cJSON_AddNumberToObject(object, "states", incident->flapping.states);
    cJSON_AddNumberToObject(object, "state_count", incident->flapping.count);
    add_us(object, "state_since", incident->flapping.since_us);
    add_us(object, "state_step", incident->flapping.step_us);
    cJSON *affected = cJSON_AddArrayToObject(object, "affected");
    vec_each(one, &incident->affected) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "subject", one->subject);
        cJSON_AddStringToObject(item, "stage", one->stage);
        cJSON_AddNumberToObject(item, "clean", one->clean);
        cJSON_AddBoolToObject(item, "owes", one->owes);
        cJSON_AddNumberToObject(item, "severity", one->severity);
        cJSON_AddItemToArray(affected, item);
    }
    cJSON *timeline = cJSON_AddArrayToObject(object, "timeline");
    vec_each(moment, &incident->timeline) {
        cJSON *item = cJSON_CreateObject();
        add_us(item, "time", moment->time_us);
        cJSON_AddStringToObject(item, "text", moment->text);
        cJSON_AddItemToArray(timeline, item);
    }
}

static cJSON *subject_to_json(const struct subject_state *subject)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "journey", subject->journey);
    cJSON_AddStringToObject(object, "persona", subject->persona);
    cJSON_AddStringToObject(object, "location", subject->location);
    cJSON_AddStringToObject(object, "owner", subject->owner);
    cJSON_AddStringToObject(object, "runbook", subject->runbook);
    cJSON_AddStringToObject(object, "shop", subject->shop);
    cJSON_AddStringToObject(object, "stages", subject->stages);
    cJSON_AddStringToObject(object, "signature", subject->signature);
    cJSON_AddStringToObject(object, "judged", subject->judged);
    cJSON_AddStringToObject(object, "stage", subject->stage);
    cJSON_AddNumberToObject(object, "verdict", subject->verdict);
    cJSON_AddNumberToObject(object, "failures", subject->failures.count);
    add_us(object, "failing_since", subject->failures.since_us);
    cJSON_AddNumberToObject(object, "unknowns", subject->unknowns.count);
    add_us(object, "unknown_since", subject->unknowns.since_us);
    return object;
}

void judge_save(const struct judge *judge, struct buf *out)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *subjects = cJSON_AddArrayToObject(root, "subjects");
    map_each(entry, &judge->subjects) cJSON_AddItemToArray(subjects, subject_to_json(entry->value));
    cJSON *incidents = cJSON_AddArrayToObject(root, "incidents");
    vec_each(incident, &judge->incidents) {
        if ((*incident)->resolved) continue;
        cJSON *object = cJSON_CreateObject();
        incident_to_json(*incident, object);
        cJSON_AddItemToArray(incidents, object);
    }
    cJSON *flapping = cJSON_AddObjectToObject(root, "flapping");
    map_each(entry, &judge->flapping) {
        const struct flapping *one = entry->value;
        cJSON *pair = cJSON_AddArrayToObject(flapping, entry->key);
        cJSON_AddItemToArray(pair, cJSON_CreateNumber(one->states));
        cJSON_AddItemToArray(pair, cJSON_CreateNumber(one->count));
        cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)one->since_us));
        cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)one->step_us));
    }
    json_print(root, out);
    cJSON_Delete(root);
}

/* --- Back */

static bool read_cause(const cJSON *object, enum cause *ret_cause)
{
    for (int i = 0; i < CAUSE_COUNT; i++) {
        if (strcmp(cause_word((enum cause)i), text_of(object, "cause")) != 0) continue;
        *ret_cause = (enum cause)i;
        return true;
    }
    return false;
}

static void read_lists(const cJSON *object, struct incident *incident)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "affected"))
        vec_push(&incident->affected, ((struct affected){
                                          .subject = xstrdup(text_of(item, "subject")),
                                          .stage = xstrdup(text_of(item, "stage")),
                                          .clean = count_of(item, "clean"),
                                          .owes = flag_of(item, "owes"),
                                          .severity = (int)count_of(item, "severity"),
                                      }));
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "timeline"))
        vec_push(&incident->timeline,
                 ((struct moment){us_of(item, "time"), xstrdup(text_of(item, "text"))}));
}

static bool read_incident(struct judge *judge, const cJSON *object, struct error *error)
{
    struct incident *incident = NEW(struct incident);
    AUTO_BUF face = BUF_INIT((size_t)1 << 20);
    vec_push(&judge->incidents, incident);
    incident->values = xstrdup(text_of(object, "values"));
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(object, "face");
    if (part) json_print(part, &face);
    if (!event_parse(buf_view(&face), &incident->face, error)) return false;
    if (!read_cause(object, &incident->cause))
        return error_set(error, "an incident without a cause");
    incident->days_left = (int)us_of(object, "days_left");
    incident->worst_failing = count_of(object, "worst_failing");
    incident->worst_exercising = count_of(object, "worst_exercising");
    incident->rated = (int)count_of(object, "rated");
    incident->rated_since_us = us_of(object, "rated_since");
    incident->lower_since_us = us_of(object, "lower_since");
    incident->remind_us = us_of(object, "remind");
    incident->told = flag_of(object, "told");
    incident->told_severity = (int)count_of(object, "told_severity");
    if (incident->told && !incident->told_severity)
        incident->told_severity = incident->face.severity;
    incident->raised_by_caller = flag_of(object, "raised_by_caller");
    incident->flapping.states = count_of(object, "states");
    incident->flapping.count = count_of(object, "state_count");
    incident->flapping.since_us = us_of(object, "state_since");
    incident->flapping.step_us = us_of(object, "state_step");
    read_lists(object, incident);
    return true;
}

static void read_subject(struct judge *judge, const cJSON *object)
{
    struct subject_state *subject = NEW(struct subject_state);
    subject->journey = xstrdup(text_of(object, "journey"));
    subject->persona = xstrdup(text_of(object, "persona"));
    subject->location = xstrdup(text_of(object, "location"));
    subject->owner = xstrdup(text_of(object, "owner"));
    subject->runbook = xstrdup(text_of(object, "runbook"));
    subject->shop = xstrdup(text_of(object, "shop"));
    subject->stages = xstrdup(text_of(object, "stages"));
    subject->signature = xstrdup(text_of(object, "signature"));
    subject->judged = xstrdup(text_of(object, "judged"));
    subject->stage = xstrdup(text_of(object, "stage"));
    subject->verdict = (enum verdict)count_of(object, "verdict");
    subject->failures =
        (struct in_a_row){count_of(object, "failures"), us_of(object, "failing_since")};
    subject->unknowns =
        (struct in_a_row){count_of(object, "unknowns"), us_of(object, "unknown_since")};
    AUTO_FREE char *key = subject_key(subject->journey, subject->persona, subject->location);
    map_set(&judge->subjects, view_of(key), subject);
}

static void read_flapping(struct judge *judge, const cJSON *pair)
{
    struct flapping *one = NEW(struct flapping);
    const cJSON *states = cJSON_GetArrayItem(pair, 0), *count = cJSON_GetArrayItem(pair, 1);
    if (cJSON_IsNumber(states)) one->states = (uint32_t)states->valuedouble;
    if (cJSON_IsNumber(count) && count->valueint >= 0 && count->valueint <= FLAPPING_STATES)
        one->count = (unsigned)count->valueint;
    const cJSON *since = cJSON_GetArrayItem(pair, 2), *step = cJSON_GetArrayItem(pair, 3);
    if (cJSON_IsNumber(since)) one->since_us = (int64_t)since->valuedouble;
    if (cJSON_IsNumber(step)) one->step_us = (int64_t)step->valuedouble;
    map_set(&judge->flapping, view_of(pair->string), one);
}

static void forget_all(struct judge *judge)
{
    vec_each(incident, &judge->incidents) incident_free(*incident);
    judge->incidents.count = 0;
    map_release(&judge->subjects);
    map_release(&judge->flapping);
    judge->subjects = MAP_INIT(subject_state_free);
    judge->flapping = MAP_INIT(free);
}

bool judge_restore(struct judge *judge, struct view json, struct error *error)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *root = json_parse(json, &reason);
    const cJSON *item;
    bool good = root != NULL;
    if (!good) error_set(error, "%s", buf_text(&reason));
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "subjects"))
        read_subject(judge, item);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "flapping"))
        read_flapping(judge, item);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "incidents"))
    {
        if (good) good = read_incident(judge, item, error);
    }
    if (!good) forget_all(judge);
    cJSON_Delete(root);
    return good;
}

/* --- What was before comes late */

static void recall_incident(struct judge *judge, struct incident *before, int64_t now_us)
{
    struct incident *since = incident_find(judge, before->face.signature);
    if (since && !strcmp(since->face.incident_id, before->face.incident_id)) {
        incident_free(before);
        return;
    }
    if (since) incident_resolve(judge, since, "it began before, and goes on as that", now_us);
    vec_push(&judge->incidents, before);
}

/* As far as the incident knows who met it; until they walk again. */
static struct subject_state *subject_of(const struct incident *incident,
                                        const struct affected *affected)
{
    struct view rest = view_of(affected->subject), journey = VIEW_NONE, persona = VIEW_NONE;
    struct subject_state *subject = NEW(struct subject_state);
    const struct event *face = &incident->face;
    const char *met = affected->clean ? "" : face->signature;
    (void)view_split(&rest, '\n', &journey);
    (void)view_split(&rest, '\n', &persona);
    subject->journey = xstrndup(journey.data, journey.length);
    subject->persona = xstrndup(persona.data, persona.length);
    subject->location = xstrndup(rest.data, rest.length);
    subject->owner = xstrdup(face->owner);
    subject->runbook = xstrdup(face->runbook);
    subject->shop = xstrdup(face->host);
    subject->stages = xasprintf(",%s,", face->stage);
    subject->stage = xstrdup(affected->stage);
    subject->signature = xstrdup(met);
    subject->judged = xstrdup(met);
    return subject;
}

bool judge_recall_incident(struct judge *judge, struct view json, int64_t now_us,
                           struct error *error)
{
    struct judge *before = judge_new(judge->policy, NULL);
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *object = json_parse(json, &reason);
    bool good =
        object ? read_incident(before, object, error) : error_set(error, "%s", buf_text(&reason));
    if (good) {
        struct incident *incident = before->incidents.items[0];
        vec_each(affected, &incident->affected) {
            struct view key = view_of(affected->subject);
            if (!map_get(&judge->subjects, key))
                map_set(&judge->subjects, key, subject_of(incident, affected));
        }
        recall_incident(judge, incident, now_us);
        before->incidents.count = 0;
    }
    cJSON_Delete(object);
    judge_free(before);
    return good;
}

/* What was seen since is newer. */
static void recall_missing(struct map *map, struct map *before)
{
    map_each(entry, before) {
        struct view key = {entry->key, entry->key_length};
        if (!map_get(map, key)) map_set(map, key, take(entry->value));
    }
}

bool judge_recall(struct judge *judge, struct view json, int64_t now_us, struct error *error)
{
    struct judge *before = judge_new(judge->policy, NULL);
    bool good = judge_restore(before, json, error);
    vec_each(incident, &before->incidents) recall_incident(judge, *incident, now_us);
    before->incidents.count = 0;
    recall_missing(&judge->subjects, &before->subjects);
    recall_missing(&judge->flapping, &before->flapping);
    judge->stirred = true;
    judge_free(before);
    return good;
}
