/* SPDX-License-Identifier: Apache-2.0 */
/* What people read of an event, the same in every kind. Plain text: what a format means by its
 * characters is escaped by whoever puts it there. The texts are tame. */
#include "sink/internal.h"

#include "text/quantity.h"

#include <string.h>

const char *words_severity(int severity)
{
    static const char *const words[] = {"critical", "error", "warning", "info"};
    return words[severity < 1 ? 0 : severity > 4 ? 3 : severity - 1];
}

bool words_is_incident(const struct event *event)
{
    return event->type != EVENT_TEST;
}

bool words_is_link(const char *text)
{
    struct view view = view_of(text);
    if (!view_starts_with_nocase(view, VIEW_LITERAL("http://")) &&
        !view_starts_with_nocase(view, VIEW_LITERAL("https://")))
        return false;
    return !strpbrk(text, " \"'<>|\\^`{}");
}

static void add_age(const struct event *event, struct buf *out)
{
    int64_t until_us = event->resolved_us ? event->resolved_us : event->time_us;
    int64_t age_us = until_us - event->opened_us;
    if (age_us < US_PER_SECOND)
        buf_add_text(out, "less than a second");
    else
        quantity_print_duration(age_us - age_us % US_PER_SECOND, out);
}

void words_subject(const struct event *event, struct buf *out)
{
    switch (event->type) {
    case EVENT_OPENED: break;
    case EVENT_RAISED: buf_addf(out, "raised from SEV%d: ", event->previous_severity); break;
    case EVENT_LOWERED: buf_addf(out, "lowered from SEV%d: ", event->previous_severity); break;
    case EVENT_REMINDER: buf_add_text(out, "still open: "); break;
    case EVENT_RESOLVED:
        buf_add_text(out, "resolved after ");
        add_age(event, out);
        buf_add_text(out, ": ");
        break;
    case EVENT_TEST: break; /* its line says it */
    }
    buf_add_text(out, event->line);
}

static void add_row(struct buf *out, const char *label, const char *text)
{
    if (text && *text) buf_addf(out, "%-10s %s\n", label, text);
}

static void add_since(const struct event *event, struct buf *out)
{
    char since[CLOCK_RFC3339_SIZE], until[CLOCK_RFC3339_SIZE];
    if (!event->opened_us) return;
    clock_format_rfc3339(event->opened_us, since);
    buf_addf(out, "%-10s %s", "since:", since);
    if (event->resolved_us) {
        clock_format_rfc3339(event->resolved_us, until);
        buf_addf(out, " until %s", until);
    }
    buf_add_text(out, ", for ");
    add_age(event, out);
    buf_add_char(out, '\n');
}

static void add_where(const struct event *event, struct buf *out)
{
    AUTO_BUF where = BUF_INIT(BUF_OWN_CAP);
    if (*event->stage) buf_addf(&where, "stage %s", event->stage);
    if (*event->step) buf_addf(&where, "%sstep \"%s\"", where.length ? ", " : "", event->step);
    if (*event->host) buf_addf(&where, "%shost %s", where.length ? ", " : "", event->host);
    add_row(out, "where:", buf_text(&where));
}

static void add_shoppers(const struct event *event, struct buf *out)
{
    if (!event->exercising && !event->affected_count) return;
    buf_addf(out, "%-10s %u of %u%s\n", "shoppers:", event->failing, event->exercising,
             event->affected_count ? ":" : "");
    for (size_t i = 0; i < event->affected_count; i++)
        buf_addf(out, "%-10s - %s\n", "", event->affected[i]);
}

static void add_severity(const struct event *event, struct buf *out)
{
    buf_addf(out, "%-10s SEV%d", "severity:", event->severity);
    if (event->previous_severity) buf_addf(out, ", was SEV%d", event->previous_severity);
    if (*event->rule) buf_addf(out, ", by the rule \"%s\"", event->rule);
    if (event->flapping) buf_add_text(out, "; it comes and goes");
    if (event->acknowledged) buf_add_text(out, "; acknowledged");
    buf_add_char(out, '\n');
}

static void add_incident(const struct event *event, struct buf *out)
{
    add_row(out, "ended:", event->resolution);
    add_row(out, "reason:", event->message);
    add_row(out, "kind:", event->kind);
    add_row(out, "expected:", event->expected);
    add_row(out, "actual:", event->actual);
    add_where(event, out);
    add_since(event, out);
    add_shoppers(event, out);
    add_severity(event, out);
    if (event->for_prober_owners)
        add_row(out, "note:", "the shop may be well: it is the prober that cannot see");
    add_row(out, "owner:", event->owner);
    add_row(out, "runbook:", event->runbook);
    add_row(out, "trace id:", event->trace_id);
    add_row(out, "run:", event->run_id);
    add_row(out, "incident:", event->incident_id);
}

void words_details(const struct sender *sender, const struct event *event, struct buf *out)
{
    if (words_is_incident(event)) add_incident(event, out);
    add_row(out, "status:", sender->public_url);
    add_row(out, "told by:", sender->source);
}
