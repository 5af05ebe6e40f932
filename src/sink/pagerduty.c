/* SPDX-License-Identifier: Apache-2.0 */
/* PagerDuty, Events API v2: an incident is its deduplication key, so telling it twice pages once.
 */
#include "sink/internal.h"

#include "base/clock.h"

#include <stdlib.h>

#define DEFAULT_URL "https://events.pagerduty.com/v2/enqueue"
#define SUMMARY_MAX 1020 /* of 1024 */

static void add_text(cJSON *object, const char *name, const char *text, size_t most)
{
    AUTO_FREE char *line = words_line(text, most);
    if (*line) cJSON_AddStringToObject(object, name, line);
}

static cJSON *payload_of(const struct sender *sender, const struct event *event)
{
    cJSON *payload = cJSON_CreateObject();
    AUTO_FREE char *subject = words_subject(event);
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(event->time_us, time);
    add_text(payload, "summary", subject, SUMMARY_MAX - 3);
    add_text(payload, "source", *event->host ? event->host : sender->source, WORDS_LINE_MAX);
    cJSON_AddStringToObject(payload, "severity", words_level(event->severity));
    cJSON_AddStringToObject(payload, "timestamp", time);
    add_text(payload, "component", event->stage, WORDS_LINE_MAX);
    add_text(payload, "group", event->host, WORDS_LINE_MAX);
    add_text(payload, "class", event->kind, WORDS_LINE_MAX);
    cJSON_AddItemToObject(payload, "custom_details", words_object(event, sender));
    return payload;
}

static void add_link(cJSON *links, const char *href, const char *text)
{
    if (!href || !*href) return;
    cJSON *link = cJSON_CreateObject();
    add_text(link, "href", href, WORDS_LINE_MAX);
    cJSON_AddStringToObject(link, "text", text);
    cJSON_AddItemToArray(links, link);
}

static void send_page(struct sending *sending, const struct event *event)
{
    const struct sink_settings *settings = sending_settings(sending);
    AUTO_FREE char *status = words_link(event, sending->sender->public_url);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "routing_key", settings->routing_key.value);
    cJSON_AddStringToObject(object, "event_action",
                            event->type == EVENT_RESOLVED ? "resolve" : "trigger");
    cJSON_AddStringToObject(object, "dedup_key", event->incident_id);
    cJSON_AddItemToObject(object, "payload", payload_of(sending->sender, event));
    cJSON *links = cJSON_AddArrayToObject(object, "links");
    add_link(links, event->runbook, "runbook");
    add_link(links, status, "incident");
    cJSON_AddStringToObject(object, "client", "Mystery Shopper");
    post_json(sending, settings->url.value ? settings->url.value : DEFAULT_URL, object);
}

const struct sink_kind sink_pagerduty = {
    .name = "pagerduty", .shape = &pagerduty_shape, .send = send_page};
