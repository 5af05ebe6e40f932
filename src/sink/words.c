/* SPDX-License-Identifier: Apache-2.0 */
/* An event as people read it. What shops said is in it: control characters and what turns text
 * round are made visible here, for every sink alike. */
#include "sink/internal.h"

#include "base/clock.h"
#include "base/codec.h"
#include "base/utf8.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

char *words_line(const char *text, size_t most)
{
    AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP);
    struct view clipped = utf8_clip(view_of(text ? text : ""), most);
    codec_add_visible(&shown, clipped);
    if (clipped.length < strlen(text ? text : "")) buf_add_text(&shown, "...");
    return buf_take(&shown);
}

char *words_subject(const struct event *event)
{
    AUTO_FREE char *line = words_line(event->line, WORDS_LINE_MAX);
    switch (event->type) {
    case EVENT_OPENED:
    case EVENT_RESOLVED:
    case EVENT_TEST: return take(line);
    case EVENT_RAISED: return xasprintf("[raised from SEV%d] %s", event->previous_severity, line);
    case EVENT_LOWERED: return xasprintf("[lowered from SEV%d] %s", event->previous_severity, line);
    case EVENT_REMINDER:
        return xasprintf("[still open%s] %s", event->acknowledged ? ", acknowledged" : "", line);
    }
    return take(line);
}

char *words_link(const struct event *event, const char *public_url)
{
    if (!public_url || event->type == EVENT_TEST) return NULL;
    size_t length = strlen(public_url);
    while (length && public_url[length - 1] == '/') length--;
    return xasprintf("%.*s/incidents/%s", (int)length, public_url, event->incident_id);
}

const char *words_level(int severity)
{
    static const char *const levels[] = {"info", "critical", "error", "warning", "info"};
    return levels[severity >= 1 && severity <= 4 ? severity : 0];
}

static void add_field(struct buf *out, const char *name, const char *value)
{
    if (!value || !*value) return;
    AUTO_FREE char *line = words_line(value, WORDS_LINE_MAX);
    buf_addf(out, "%-11s %s\n", name, line);
}

static void add_time(struct buf *out, const char *name, int64_t us)
{
    char text[CLOCK_RFC3339_SIZE];
    if (!us) return;
    clock_format_rfc3339(us, text);
    add_field(out, name, text);
}

static void add_affected(struct buf *out, const struct event *event)
{
    enum { MOST = 20 };
    for (size_t i = 0; i < event->affected_count && i < MOST; i++)
        add_field(out, i ? "" : "Shoppers:", event->affected[i]);
    if (event->affected_count > MOST)
        buf_addf(out, "%-11s and %zu more\n", "", event->affected_count - MOST);
}

static void add_length(struct buf *out, const struct event *event)
{
    AUTO_BUF length = BUF_INIT(100);
    if (!event->resolved_us) return;
    int64_t seconds = (event->resolved_us - event->opened_us) / US_PER_SECOND;
    quantity_print_duration(seconds * US_PER_SECOND, &length);
    add_field(out, "Lasted:", buf_text(&length));
}

void words_text(const struct event *event, const char *public_url, struct buf *out)
{
    AUTO_FREE char *subject = words_subject(event);
    AUTO_FREE char *link = words_link(event, public_url);
    buf_addf(out, "%s\n\n", subject);
    add_field(out, "Failure:", event->message);
    add_field(out, "Step:", event->step);
    add_field(out, "Expected:", event->expected);
    add_field(out, "Actual:", event->actual);
    add_time(out, "Since:", event->opened_us);
    add_time(out, "Until:", event->resolved_us);
    add_length(out, event);
    add_affected(out, event);
    add_field(out, "Why so:", event->rule);
    add_field(out, "Owner:", event->owner);
    add_field(out, "Runbook:", event->runbook);
    add_field(out, "Trace:", event->trace_id);
    add_field(out, "Run:", event->run_id);
    add_field(out, "Incident:", event->incident_id);
    add_field(out, "Look:", link);
    if (event->flapping) buf_add_text(out, "\nIt keeps coming and going.\n");
    if (event->for_prober_owners)
        buf_add_text(out, "\nFor those who run the prober: the shop may be well.\n");
}

/* Texts deep down, in place. */
static void make_visible(cJSON *node)
{
    if (cJSON_IsString(node)) {
        AUTO_FREE char *shown = words_line(node->valuestring, 4 * WORDS_LINE_MAX);
        cJSON_SetValuestring(node, shown);
    }
    for (cJSON *child = node->child; child; child = child->next) make_visible(child);
}

cJSON *words_object(const struct event *event, const struct sender *sender)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP), reason = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *link = words_link(event, sender->public_url);
    event_print(event, &text);
    cJSON *object = json_parse(buf_view(&text), &reason);
    if (!object) object = cJSON_CreateObject();
    make_visible(object);
    cJSON_AddStringToObject(object, "source", sender->source);
    if (link) cJSON_AddStringToObject(object, "url", link);
    return object;
}
