/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One message as RFC 5424 has it: header, structured data, text. The structured data's name carries
 * the enterprise number that RFC 5612 keeps for documentation, since this project has none.
 */
#include "base/utf8.h"
#include "sink/internal.h"

#include <stdio.h>
#include <string.h>

#define VALUE_BYTES 80
#define HOST_BYTES 255

/* Severities of section 6.2.1. */
static int level_of(const struct event *event)
{
    static const int levels[] = {2, 3, 4, 5}; /* critical, error, warning, notice */
    if (event->type == EVENT_RESOLVED || event->type == EVENT_TEST) return 5;
    return levels[event->severity < 1 ? 0 : event->severity > 4 ? 3 : event->severity - 1];
}

/* PARAM-VALUE of section 6.3.3: three characters are escaped. */
static void add_parameter(struct buf *out, const char *name, const char *value)
{
    if (!value || !*value) return;
    AUTO_BUF tame = BUF_INIT(BUF_OWN_CAP);
    tame_add(&tame, value, VALUE_BYTES);
    buf_addf(out, " %s=\"", name);
    for (const char *at = buf_text(&tame); *at; at++) {
        if (strchr("\"\\]", *at)) buf_add_char(out, '\\');
        buf_add_char(out, *at);
    }
    buf_add_char(out, '"');
}

static void add_number(struct buf *out, const char *name, unsigned number)
{
    buf_addf(out, " %s=\"%u\"", name, number);
}

static void add_host(struct buf *out, const char *host)
{
    size_t start = out->length;
    for (const char *at = host; *at && out->length - start < HOST_BYTES; at++)
        if (*at > ' ' && *at <= '~') buf_add_char(out, *at);
    if (out->length == start) buf_add_char(out, '-');
}

void syslog_line_write(const struct event *event, int facility, const char *host, size_t limit,
                       struct buf *out)
{
    char time[CLOCK_RFC3339_SIZE];
    AUTO_BUF subject = BUF_INIT(BUF_OWN_CAP);
    clock_format_rfc3339_us(event->time_us, time);
    buf_addf(out, "<%d>1 %s ", facility * 8 + level_of(event), time);
    add_host(out, host);
    buf_addf(out, " shopper - %s [shopper@32473", event_type_name(event->type));
    add_parameter(out, "incident", event->incident_id);
    add_parameter(out, "event", event->id);
    add_number(out, "severity", (unsigned)event->severity);
    add_parameter(out, "cause", event->signature);
    add_parameter(out, "kind", event->kind);
    add_parameter(out, "stage", event->stage);
    add_parameter(out, "host", event->host);
    add_parameter(out, "owner", event->owner);
    add_parameter(out, "rule", event->rule);
    add_parameter(out, "trace", event->trace_id);
    add_number(out, "failing", event->failing);
    add_number(out, "exercising", event->exercising);
    buf_add_text(out, "] ");
    words_subject(event, &subject);
    size_t room = limit > out->length + 4 ? limit - out->length : 4;
    tame_add(out, buf_text(&subject), room);
}
