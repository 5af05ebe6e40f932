/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents as JSON, and their acknowledging. */
#include "serve/api.h"

#include <stdio.h>
#include <string.h>

#define INCIDENTS_DEFAULT 100
#define INCIDENTS_MOST 1000

static void add_affected(cJSON *object, const cJSON *face)
{
    cJSON *list = cJSON_AddArrayToObject(object, "affected");
    const cJSON *item;
    cJSON_ArrayForEach(item, api_member(face, "affected"))
    {
        const char *text = cJSON_GetStringValue(item);
        if (text) cJSON_AddItemToArray(list, cJSON_CreateString(text));
    }
}

static cJSON *incident_object(const struct store_incident *incident, const cJSON *face)
{
    static const char *const texts[] = {"kind",     "stage",    "host",      "step",  "message",
                                        "expected", "actual",   "rule",      "owner", "runbook",
                                        "run_id",   "trace_id", "resolution"};
    static const char *const flags[] = {"acknowledged", "flapping", "for_prober_owners",
                                        "maintenance"};
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", incident->id);
    cJSON_AddNumberToObject(object, "severity", incident->severity);
    cJSON_AddStringToObject(object, "state", incident->state);
    api_add_time(object, "opened", incident->opened_us);
    api_add_time(object, "resolved", incident->resolved_us);
    cJSON_AddStringToObject(object, "line", incident->line);
    cJSON_AddStringToObject(object, "signature", incident->signature);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        api_add_text(object, texts[i], api_text(face, texts[i]));
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        cJSON_AddBoolToObject(object, flags[i], cJSON_IsTrue(api_member(face, flags[i])));
    cJSON_AddNumberToObject(object, "failing", api_number(face, "failing"));
    cJSON_AddNumberToObject(object, "exercising", api_number(face, "exercising"));
    add_affected(object, face);
    return object;
}

void api_incidents(const struct request *request)
{
    AUTO_ERROR error = ERROR_NONE;
    struct store_incident_filter filter = {0};
    struct store_incident_list incidents = {0};
    int64_t limit = INCIDENTS_DEFAULT, severity = 0;
    if (!api_take_flag(request, "open", &filter.open_only) ||
        !api_take_time(request, "from", &filter.from_us) ||
        !api_take_time(request, "until", &filter.until_us) ||
        !api_take_number(request, "severity", 1, 4, &severity) ||
        !api_take_number(request, "limit", 1, INCIDENTS_MOST, &limit))
        return;
    filter.limit = (size_t)limit;
    filter.severity = (int)severity;
    if (!store_incidents(request->server->store, &filter, &incidents, &error)) {
        api_store_failed(request, &error);
        return;
    }
    cJSON *document = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(document, "incidents");
    vec_each(incident, &incidents) {
        cJSON *json = api_parse(incident->json);
        cJSON_AddItemToArray(list, incident_object(incident, api_member(json, "face")));
        cJSON_Delete(json);
    }
    store_incident_list_release(&incidents);
    answer_json(request, 200, document);
}

/* --- One */

static void add_timeline(cJSON *object, const cJSON *json)
{
    cJSON *list = cJSON_AddArrayToObject(object, "timeline");
    const cJSON *moment;
    cJSON_ArrayForEach(moment, api_member(json, "timeline"))
    {
        cJSON *item = cJSON_CreateObject();
        api_add_time(item, "time", (int64_t)api_number(moment, "time"));
        cJSON_AddStringToObject(item, "text", api_text(moment, "text"));
        cJSON_AddItemToArray(list, item);
    }
}

static void add_events(cJSON *object, struct store *store, const char *id)
{
    struct store_event_list events = {0};
    cJSON *list = cJSON_AddArrayToObject(object, "events");
    if (!store_events(store, id, &events, NULL)) return;
    vec_each(event, &events) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", event->id);
        api_add_time(item, "time", event->time_us);
        cJSON_AddStringToObject(item, "type", event->type);
        cJSON_AddItemToArray(list, item);
    }
    store_event_list_release(&events);
}

static void add_deliveries(cJSON *object, struct store *store, const char *id)
{
    static const char *const states[] = {[DELIVERY_WAITING] = "waiting",
                                         [DELIVERY_DONE] = "delivered",
                                         [DELIVERY_GIVEN_UP] = "given up"};
    struct store_delivery_list deliveries = {0};
    cJSON *list = cJSON_AddArrayToObject(object, "deliveries");
    if (!store_deliveries(store, id, &deliveries, NULL)) return;
    vec_each(delivery, &deliveries) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "sink", delivery->sink);
        cJSON_AddStringToObject(item, "event_id", delivery->event_id);
        cJSON_AddStringToObject(item, "state", states[delivery->state]);
        cJSON_AddNumberToObject(item, "attempts", delivery->attempts);
        api_add_time(item, "created", delivery->created_us);
        api_add_time(item, "ended", delivery->ended_us);
        api_add_text(item, "last_error", delivery->last_error);
        cJSON_AddItemToArray(list, item);
    }
    store_delivery_list_release(&deliveries);
}

/* The one that the path means. False: the call was answered; the list is to be released anyway. */
static bool find_incident(const struct request *request, struct store_incident_list *incidents)
{
    AUTO_ERROR error = ERROR_NONE;
    if (!store_incident(request->server->store, request->id, incidents, &error))
        api_store_failed(request, &error);
    else if (!incidents->count)
        answer_problem(request, PROBLEM_NOT_FOUND, "no incident \"%s\" is kept", request->id);
    else if (incidents->count > 1)
        answer_problem(request, PROBLEM_AMBIGUOUS, "several incidents begin with \"%s\"",
                       request->id);
    else
        return true;
    return false;
}

void api_incident(const struct request *request)
{
    struct store_incident_list incidents = {0};
    if (find_incident(request, &incidents)) {
        const struct store_incident *incident = &incidents.items[0];
        struct store *store = request->server->store;
        cJSON *json = api_parse(incident->json);
        cJSON *object = incident_object(incident, api_member(json, "face"));
        api_add_text(object, "values", api_text(json, "values"));
        add_timeline(object, json);
        add_events(object, store, incident->id);
        add_deliveries(object, store, incident->id);
        cJSON_Delete(json);
        answer_json(request, 200, object);
    }
    store_incident_list_release(&incidents);
}

/* --- Acknowledging */

static void acknowledge(const struct request *request, const char *id, const char *author,
                        bool acknowledged)
{
    struct server *server = request->server;
    AUTO_ERROR error = ERROR_NONE;
    switch (server->operations->acknowledge(server->host, id, acknowledged, author, &error)) {
    case SERVE_DONE: break;
    case SERVE_NO_SUCH:
        answer_problem(request, PROBLEM_NOT_FOUND, "no open incident \"%s\"", id);
        return;
    case SERVE_REFUSED: answer_problem(request, PROBLEM_INVALID, "%s", error_text(&error)); return;
    case SERVE_BUSY: answer_problem(request, PROBLEM_BUSY, "%s", error_text(&error)); return;
    }
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", id);
    cJSON_AddBoolToObject(object, "acknowledged", acknowledged);
    cJSON_AddStringToObject(object, "author", author);
    answer_json(request, 200, object);
}

static void change(const struct request *request, bool acknowledged)
{
    const char *author = API_DEFAULT_AUTHOR;
    struct store_incident_list incidents = {0};
    if (!api_may_write(request)) return;
    cJSON *body = api_take_body(request);
    if (!body) return;
    if (api_has_only(request, body, (const char *const[]){"author", NULL}) &&
        api_take_member(request, body, "author", API_MAX_TEXT, &author) &&
        find_incident(request, &incidents))
        acknowledge(request, incidents.items[0].id, author, acknowledged);
    store_incident_list_release(&incidents);
    cJSON_Delete(body);
}

void api_acknowledge(const struct request *request)
{
    change(request, true);
}

void api_unacknowledge(const struct request *request)
{
    change(request, false);
}
