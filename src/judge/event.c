/* SPDX-License-Identifier: Apache-2.0 */
/* See event.h. The fields stand in one table, so that printing, parsing and copying agree. */
#include "judge/event.h"

#include "answer/json.h"
#include "base/alloc.h"
#include "base/calendar.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct event, name)

static const struct text_field {
    const char *name;
    size_t offset;
} texts[] = {
    {"line", FIELD(line)},
    {"signature", FIELD(signature)},
    {"kind", FIELD(kind)},
    {"stage", FIELD(stage)},
    {"host", FIELD(host)},
    {"step", FIELD(step)},
    {"message", FIELD(message)},
    {"expected", FIELD(expected)},
    {"actual", FIELD(actual)},
    {"rule", FIELD(rule)},
    {"owner", FIELD(owner)},
    {"runbook", FIELD(runbook)},
    {"trace_id", FIELD(trace_id)},
    {"run_id", FIELD(run_id)},
    {"resolution", FIELD(resolution)},
};

static const struct text_field times[] = {
    {"time", FIELD(time_us)}, {"opened", FIELD(opened_us)}, {"resolved", FIELD(resolved_us)}};

static const struct text_field flags[] = {{"for_prober_owners", FIELD(for_prober_owners)},
                                          {"flapping", FIELD(flapping)},
                                          {"acknowledged", FIELD(acknowledged)},
                                          {"maintenance", FIELD(maintenance)}};

static const char *const type_names[] = {
    [EVENT_OPENED] = "opened",     [EVENT_RAISED] = "raised",     [EVENT_LOWERED] = "lowered",
    [EVENT_REMINDER] = "reminder", [EVENT_RESOLVED] = "resolved", [EVENT_TEST] = "test",
};

const char *event_type_name(enum event_type type)
{
    return type_names[type];
}

/* Thousands may be asked in one report, so it is not parsed. Inside a text a quotation mark would
 * stand behind a backslash: this is the member or nothing. */
bool incident_is_planned(const char *json)
{
    return strstr(json, "\"maintenance\":true") != NULL;
}

static char **text_at(const struct event *event, size_t offset)
{
    return (char **)(void *)((char *)(uintptr_t)event + offset);
}

static int64_t *time_at(const struct event *event, size_t offset)
{
    return (int64_t *)(void *)((char *)(uintptr_t)event + offset);
}

static bool *flag_at(const struct event *event, size_t offset)
{
    return (bool *)(void *)((char *)(uintptr_t)event + offset);
}

void event_release(struct event *event)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) free(*text_at(event, texts[i].offset));
    for (size_t i = 0; i < event->affected_count; i++) free(event->affected[i]);
    free(event->affected);
    *event = (struct event){0};
}

struct event event_copy(const struct event *event)
{
    struct event copy = *event;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *text = *text_at(event, texts[i].offset);
        *text_at(&copy, texts[i].offset) = xstrdup(text ? text : "");
    }
    copy.affected = xcalloc(event->affected_count, sizeof(char *));
    for (size_t i = 0; i < event->affected_count; i++)
        copy.affected[i] = xstrdup(event->affected[i]);
    return copy;
}

void event_print(const struct event *event, struct buf *out)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", event->id);
    cJSON_AddStringToObject(object, "incident_id", event->incident_id);
    cJSON_AddStringToObject(object, "type", type_names[event->type]);
    cJSON_AddNumberToObject(object, "severity", event->severity);
    cJSON_AddNumberToObject(object, "previous_severity", event->previous_severity);
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        int64_t us = *time_at(event, times[i].offset);
        char text[CLOCK_RFC3339_SIZE] = "";
        if (us) clock_format_rfc3339_us(us, text);
        cJSON_AddStringToObject(object, times[i].name, text);
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *text = *text_at(event, texts[i].offset);
        cJSON_AddStringToObject(object, texts[i].name, text ? text : "");
    }
    cJSON *affected = cJSON_AddArrayToObject(object, "affected");
    for (size_t i = 0; i < event->affected_count; i++)
        cJSON_AddItemToArray(affected, cJSON_CreateString(event->affected[i]));
    cJSON_AddNumberToObject(object, "failing", event->failing);
    cJSON_AddNumberToObject(object, "exercising", event->exercising);
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        cJSON_AddBoolToObject(object, flags[i].name, *flag_at(event, flags[i].offset));
    json_print(object, out);
    cJSON_Delete(object);
}

static const char *string_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static int number_of(const cJSON *object, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(number) ? number->valueint : 0;
}

static bool read_type(const cJSON *object, enum event_type *ret_type)
{
    for (size_t i = 0; i < COUNT_OF(type_names); i++) {
        if (strcmp(string_of(object, "type"), type_names[i]) != 0) continue;
        *ret_type = (enum event_type)i;
        return true;
    }
    return false;
}

static bool read_times(const cJSON *object, struct event *event)
{
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        const char *text = string_of(object, times[i].name);
        if (*text && !calendar_parse_rfc3339(view_of(text), time_at(event, times[i].offset)))
            return false;
    }
    return true;
}

static void read_affected(const cJSON *object, struct event *event)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "affected"), *item;
    event->affected = xcalloc((size_t)cJSON_GetArraySize(list), sizeof(char *));
    cJSON_ArrayForEach(item, list)
    {
        const char *text = cJSON_GetStringValue(item);
        if (text) event->affected[event->affected_count++] = xstrdup(text);
    }
}

static bool read_event(const cJSON *object, struct event *event)
{
    if (!cJSON_IsObject(object) || !read_type(object, &event->type) || !read_times(object, event))
        return false;
    view_copy(view_of(string_of(object, "id")), event->id, sizeof event->id);
    view_copy(view_of(string_of(object, "incident_id")), event->incident_id,
              sizeof event->incident_id);
    event->severity = number_of(object, "severity");
    event->previous_severity = number_of(object, "previous_severity");
    event->failing = (unsigned)number_of(object, "failing");
    event->exercising = (unsigned)number_of(object, "exercising");
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *text_at(event, texts[i].offset) = xstrdup(string_of(object, texts[i].name));
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        *flag_at(event, flags[i].offset) =
            cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, flags[i].name));
    read_affected(object, event);
    return event->severity >= 1 && event->severity <= 4;
}

bool event_parse(struct view text, struct event *event, struct error *error)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    *event = (struct event){0};
    cJSON *object = json_parse(text, &reason);
    bool good = object && read_event(object, event);
    if (!good) {
        event_release(event);
        error_set(error, "no event: %s", object ? "a field is missing" : buf_text(&reason));
    }
    cJSON_Delete(object);
    return good;
}
