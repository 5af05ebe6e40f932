/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prometheus' Alertmanager, API v2. An alert is its labels: what changes stands in annotations,
 * but for the severity, by which people route. When that changes the alert of before is ended and
 * one with the new severity begins. Alertmanager forgets what is not told again, so it is.
 */
#include "sink/internal.h"

#include "base/clock.h"

#include <stdlib.h>

/* Long enough that a daemon which is down for a while ends no alert by its silence. */
#define ALERT_LASTS_US (3600 * US_PER_SECOND)

static void add_time(cJSON *object, const char *name, int64_t us)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(us, text);
    cJSON_AddStringToObject(object, name, text);
}

static void add_text(cJSON *object, const char *name, const char *text)
{
    AUTO_FREE char *line = words_line(text, WORDS_LINE_MAX);
    if (*line) cJSON_AddStringToObject(object, name, line);
}

static cJSON *labels_of(const struct event *event, int severity)
{
    cJSON *labels = cJSON_CreateObject();
    AUTO_FREE char *number = xasprintf("%d", severity);
    add_text(labels, "alertname",
             event->type == EVENT_TEST ? "MysteryShopperTest" : "MysteryShopperIncident");
    add_text(labels, "incident", event->incident_id);
    add_text(labels, "severity", words_level(severity));
    add_text(labels, "sev", number);
    add_text(labels, "cause", event->signature);
    add_text(labels, "stage", event->stage);
    add_text(labels, "kind", event->kind);
    add_text(labels, "host", event->host);
    return labels;
}

static cJSON *annotations_of(const struct sender *sender, const struct event *event)
{
    cJSON *annotations = cJSON_CreateObject();
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *subject = words_subject(event);
    words_text(event, sender->public_url, &text);
    cJSON_AddStringToObject(annotations, "summary", subject);
    cJSON_AddStringToObject(annotations, "description", buf_text(&text));
    add_text(annotations, "runbook_url", event->runbook);
    add_text(annotations, "trace_id", event->trace_id);
    return annotations;
}

static void add_alert(cJSON *alerts, const struct sender *sender, const struct event *event,
                      int severity, int64_t ends_us)
{
    cJSON *alert = cJSON_CreateObject();
    AUTO_FREE char *link = words_link(event, sender->public_url);
    cJSON_AddItemToObject(alert, "labels", labels_of(event, severity));
    cJSON_AddItemToObject(alert, "annotations", annotations_of(sender, event));
    add_time(alert, "startsAt", event->opened_us);
    add_time(alert, "endsAt", ends_us);
    if (link) cJSON_AddStringToObject(alert, "generatorURL", link);
    cJSON_AddItemToArray(alerts, alert);
}

static void send_alert(struct sending *sending, const struct event *event)
{
    const struct sender *sender = sending->sender;
    int64_t now_us = clock_wall_us(loop_clock(sender->loop));
    cJSON *alerts = cJSON_CreateArray();
    int64_t ends_us = event->type == EVENT_RESOLVED ? event->resolved_us
                      : event->type == EVENT_TEST   ? now_us + 60 * US_PER_SECOND
                                                    : now_us + ALERT_LASTS_US;
    if (event->previous_severity)
        add_alert(alerts, sender, event, event->previous_severity, now_us);
    add_alert(alerts, sender, event, event->severity, ends_us);
    AUTO_FREE char *url = xasprintf("%s/api/v2/alerts", sending_settings(sending)->url.value);
    post_json(sending, url, alerts);
}

const struct sink_kind sink_alertmanager = {.name = "alertmanager",
                                            .shape = &alertmanager_shape,
                                            .refresh_us = SINK_REFRESH_US,
                                            .send = send_alert};
