/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pagerduty: Events API v2. The incident's id is the dedup_key, so whatever is told again, in
 * whatever order, is of one PagerDuty alert.
 */
#include "answer/json.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_ORIGIN "https://events.pagerduty.com"
#define DEFAULT_URL DEFAULT_ORIGIN "/v2/enqueue"
#define SUMMARY_BYTES 1000 /* 1,024 characters are allowed */

struct pagerduty_settings {
    const struct sink_text *routing_key, *url; /* url NULL: the default */
};

static bool check_key(const char *value, struct error *error)
{
    for (const char *at = value; *at; at++)
        if (*at <= ' ' || *at > '~') return error_set(error, "holds characters that no key has");
    return true;
}

static void load_key(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct pagerduty_settings *settings = ((struct sink *)sink)->settings;
    sink_secret_load(loader, node, sink, "routing_key", check_key, &settings->routing_key);
}

static void load_url(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct pagerduty_settings *settings = ((struct sink *)sink)->settings;
    sink_text_load(loader, node, sink, "url", sink_check_url, &settings->url);
}

static const struct key_rule rules[] = {
    {"routing_key", load_key, true, &sink_text_shape,
     "the integration key of a service's Events API v2 integration"},
    {"url", load_url, false, &sink_text_shape, "another address (`" DEFAULT_URL "`)"},
    SINK_INSECURE_KEY,
    {0},
};
const struct shape pagerduty_shape = {.kind = SHAPE_MAPPING, .name = "pagerduty", .rules = rules};

static const char *action_of(const struct event *event)
{
    return event->type == EVENT_RESOLVED ? "resolve" : "trigger";
}

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text && *text) cJSON_AddStringToObject(object, name, text);
}

static cJSON *details_of(const struct sender *sender, const struct event *event)
{
    cJSON *details = cJSON_CreateObject();
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    words_details(sender, event, &text);
    add_text(details, "text", buf_text(&text));
    if (!words_is_incident(event)) return details;
    cJSON_AddNumberToObject(details, "severity", event->severity);
    add_text(details, "rule", event->rule);
    add_text(details, "step", event->step);
    add_text(details, "expected", event->expected);
    add_text(details, "actual", event->actual);
    add_text(details, "owner", event->owner);
    add_text(details, "trace_id", event->trace_id);
    add_text(details, "run_id", event->run_id);
    cJSON_AddNumberToObject(details, "failing", event->failing);
    cJSON_AddNumberToObject(details, "exercising", event->exercising);
    cJSON *affected = cJSON_AddArrayToObject(details, "affected");
    for (size_t i = 0; i < event->affected_count; i++)
        cJSON_AddItemToArray(affected, cJSON_CreateString(event->affected[i]));
    return details;
}

static cJSON *payload_of(const struct sender *sender, const struct event *event)
{
    char time[CLOCK_RFC3339_SIZE];
    AUTO_BUF subject = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF summary = BUF_INIT(BUF_OWN_CAP);
    cJSON *payload = cJSON_CreateObject();
    words_subject(event, &subject);
    tame_add(&summary, buf_text(&subject), SUMMARY_BYTES);
    clock_format_rfc3339(event->time_us, time);
    cJSON_AddStringToObject(payload, "summary", buf_text(&summary));
    cJSON_AddStringToObject(payload, "source", *event->host ? event->host : sender->source);
    cJSON_AddStringToObject(payload, "severity", words_severity(event->severity));
    cJSON_AddStringToObject(payload, "timestamp", time);
    add_text(payload, "component", event->stage);
    add_text(payload, "group", event->owner);
    add_text(payload, "class", event->kind);
    cJSON_AddItemToObject(payload, "custom_details", details_of(sender, event));
    return payload;
}

static void add_link(cJSON *links, const char *url, const char *text)
{
    if (!url || !words_is_link(url)) return;
    cJSON *link = cJSON_CreateObject();
    cJSON_AddStringToObject(link, "href", url);
    cJSON_AddStringToObject(link, "text", text);
    cJSON_AddItemToArray(links, link);
}

static void write_body(const struct sending *sending, struct buf *out)
{
    const struct pagerduty_settings *settings = sending->sink->settings;
    const struct sender *sender = sending->sender;
    const struct event *event = &sending->event;
    const char *action = action_of(event);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "routing_key", sink_text_value(settings->routing_key));
    cJSON_AddStringToObject(object, "event_action", action);
    cJSON_AddStringToObject(object, "dedup_key",
                            *event->incident_id ? event->incident_id : "mystery-shopper-test");
    if (!strcmp(action, "trigger")) {
        cJSON_AddItemToObject(object, "payload", payload_of(sender, event));
        cJSON *links = cJSON_AddArrayToObject(object, "links");
        add_link(links, event->runbook, "Runbook");
        add_link(links, sender->public_url, "Status");
        cJSON_AddStringToObject(object, "client", "Mystery Shopper");
        if (sender->public_url && words_is_link(sender->public_url))
            cJSON_AddStringToObject(object, "client_url", sender->public_url);
    }
    json_print(object, out);
    cJSON_Delete(object);
}

static void send_event(struct sending *sending)
{
    const struct pagerduty_settings *settings = sending->sink->settings;
    const char *url = sink_text_value(settings->url);
    write_body(sending, &sending->body);
    post_send(sending, url ? url : DEFAULT_URL, "application/json");
}

static void where(const struct sink *sink, struct buf *out)
{
    const struct pagerduty_settings *settings = sink->settings;
    if (settings->url)
        sink_text_show_url(settings->url, out);
    else
        buf_add_text(out, DEFAULT_ORIGIN);
}

const struct sink_kind pagerduty_kind = {
    .name = "pagerduty",
    .rules = rules,
    .settings_size = sizeof(struct pagerduty_settings),
    .where = where,
    .send = send_event,
    .timeout_us = 20 * US_PER_SECOND,
};
