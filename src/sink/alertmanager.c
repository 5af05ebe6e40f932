/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alertmanager: POST /api/v2/alerts. An alert is known by its labels, so only what stays the same
 * for the whole incident is one; the severity is one, too, because routes ask for it, and when it
 * changes the alert of the former severity is ended in the same request. Every alert has an end, a
 * few minutes ahead: one that is not refreshed (we are dead) ends by itself.
 */
#include "answer/json.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

#define REFRESH_US (60 * US_PER_SECOND)
/* A daemon that is down for a while ends no alert by its silence. */
#define ENDS_AFTER_US (60 * REFRESH_US)

struct alertmanager_settings {
    const struct sink_text *url, *authorization;
};

static void load_url(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct alertmanager_settings *settings = ((struct sink *)sink)->settings;
    sink_text_load(loader, node, sink, "url", sink_check_url, &settings->url);
}

static void load_authorization(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct alertmanager_settings *settings = ((struct sink *)sink)->settings;
    sink_secret_load(loader, node, sink, "authorization", sink_check_header,
                     &settings->authorization);
}

static const struct key_rule rules[] = {
    {"url", load_url, true, &sink_text_shape,
     "where it listens, without `/api/v2/alerts`: `http://alertmanager:9093`"},
    {"authorization", load_authorization, false, &sink_text_shape,
     "the value of the header `Authorization`"},
    SINK_INSECURE_KEY,
    {0},
};
const struct shape alertmanager_shape = {
    .kind = SHAPE_MAPPING, .name = "alertmanager", .rules = rules};

/* An empty label is no label. */
static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text && *text) cJSON_AddStringToObject(object, name, text);
}

static void add_time(cJSON *object, const char *name, int64_t wall_us)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(wall_us, text);
    cJSON_AddStringToObject(object, name, text);
}

/* What stands between a prefix of the signature and its kind: "checkout" of "stage:checkout/price".
 * The event's own stage and host are of the latest failure, and may change. */
static void add_cause(cJSON *labels, const char *name, const char *signature, const char *prefix)
{
    size_t skip = strlen(prefix);
    if (strncmp(signature, prefix, skip) != 0) return;
    AUTO_FREE char *what = xstrdup(signature + skip);
    char *slash = strrchr(what, '/');
    if (slash) *slash = '\0';
    add_text(labels, name, what);
}

static cJSON *labels_of(const struct event *event, int severity)
{
    cJSON *labels = cJSON_CreateObject();
    add_text(labels, "alertname",
             words_is_incident(event) ? "MysteryShopper" : "MysteryShopperTest");
    add_text(labels, "severity", words_severity(severity));
    add_text(labels, "incident", event->incident_id);
    add_text(labels, "cause", event->signature);
    add_cause(labels, "stage", event->signature, "stage:");
    add_cause(labels, "stage", event->signature, "slow:");
    add_cause(labels, "host", event->signature, "host:");
    add_cause(labels, "host", event->signature, "blocked:");
    add_text(labels, "owner", event->owner);
    return labels;
}

static cJSON *annotations_of(const struct sender *sender, const struct event *event)
{
    cJSON *annotations = cJSON_CreateObject();
    AUTO_BUF summary = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF description = BUF_INIT(BUF_OWN_CAP);
    words_subject(event, &summary);
    words_details(sender, event, &description);
    add_text(annotations, "summary", buf_text(&summary));
    add_text(annotations, "description", buf_text(&description));
    add_text(annotations, "runbook_url", event->runbook);
    add_text(annotations, "kind", event->kind);
    add_text(annotations, "rule", event->rule);
    add_text(annotations, "trace_id", event->trace_id);
    add_text(annotations, "prober", sender->source); /* a location can be renamed meanwhile */
    return annotations;
}

static void add_alert(cJSON *alerts, const struct sending *sending, int severity, int64_t ends_us)
{
    const struct event *event = &sending->event;
    const char *link = sending->sender->public_url;
    int64_t starts_us = event->opened_us ? event->opened_us : event->time_us;
    cJSON *alert = cJSON_CreateObject();
    cJSON_AddItemToArray(alerts, alert);
    cJSON_AddItemToObject(alert, "labels", labels_of(event, severity));
    cJSON_AddItemToObject(alert, "annotations", annotations_of(sending->sender, event));
    add_time(alert, "startsAt", starts_us);
    add_time(alert, "endsAt", ends_us > starts_us ? ends_us : starts_us + US_PER_SECOND / 1000);
    if (link && words_is_link(link)) add_text(alert, "generatorURL", link);
}

static void write_body(const struct sending *sending, struct buf *out)
{
    const struct event *event = &sending->event;
    int64_t now_us = sending_wall_us(sending);
    int64_t ended_us = event->resolved_us ? event->resolved_us : now_us;
    bool over = event->type == EVENT_RESOLVED;
    cJSON *alerts = cJSON_CreateArray();
    add_alert(alerts, sending, event->severity, over ? ended_us : now_us + ENDS_AFTER_US);
    if (event->previous_severity && event->previous_severity != event->severity)
        add_alert(alerts, sending, event->previous_severity, event->time_us);
    json_print(alerts, out);
    cJSON_Delete(alerts);
}

static void send_event(struct sending *sending)
{
    const struct alertmanager_settings *settings = sending->sink->settings;
    const char *authorization = sink_text_value(settings->authorization);
    const char *base = sink_text_value(settings->url);
    size_t length = strlen(base);
    while (length && base[length - 1] == '/') length--;
    AUTO_FREE char *url = xasprintf("%.*s/api/v2/alerts", (int)length, base);
    write_body(sending, &sending->body);
    if (authorization)
        headers_add(&sending->headers, VIEW_LITERAL("Authorization"), view_of(authorization));
    post_send(sending, url, "application/json");
}

static void where(const struct sink *sink, struct buf *out)
{
    sink_text_show_url(((const struct alertmanager_settings *)sink->settings)->url, out);
}

const struct sink_kind alertmanager_kind = {
    .name = "alertmanager",
    .rules = rules,
    .settings_size = sizeof(struct alertmanager_settings),
    .where = where,
    .send = send_event,
    .timeout_us = 15 * US_PER_SECOND,
    .refresh_us = REFRESH_US,
};
