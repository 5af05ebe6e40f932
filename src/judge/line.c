/* SPDX-License-Identifier: Apache-2.0 */
/* The first line that a person reads: what a shopper cannot do, since when, how broadly, and the
 * likely reason. */
#include "judge/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "text/quantity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_kind(const struct event *face, enum outcome_kind kind)
{
    return !strcmp(face->kind, outcome_word(kind));
}

/* A price that is not there, not one that is wrong. */
static bool is_gone(const struct event *face)
{
    return !*face->actual || !strcmp(face->actual, "nothing") || !strcmp(face->actual, "null");
}

static bool is_error_status(const char *status)
{
    return (*status == '4' || *status == '5') && strlen(status) == 3;
}

/* What happened, fit to be followed by "for 3 of 4 shoppers". */
static const char *words_of(const struct event *face)
{
    static const struct {
        enum outcome_kind kind;
        const char *words;
    } table[] = {
        {OUTCOME_DNS, "the shop's name is not found"},
        {OUTCOME_CONNECT, "the shop cannot be reached"},
        {OUTCOME_TLS, "the TLS handshake fails"},
        {OUTCOME_RESET, "connections are cut"},
        {OUTCOME_FREEZE, "pages freeze"},
        {OUTCOME_TIMEOUT, "pages take too long"},
        {OUTCOME_PROTOCOL, "answers are garbled"},
        {OUTCOME_HTTP, "unexpected answers"},
        {OUTCOME_REDIRECT, "redirects lead nowhere"},
        {OUTCOME_TOO_LARGE, "pages do not end"},
        {OUTCOME_PRICE, "prices are wrong"},
        {OUTCOME_CART, "carts lose their items"},
        {OUTCOME_SESSION, "sessions are lost"},
        {OUTCOME_CONTENT, "pages are wrong"},
        {OUTCOME_SLOW, "slower than promised"},
        {OUTCOME_BLOCKED, "a wall keeps shoppers out"},
        {OUTCOME_RESIDUE, "something was left behind"},
        {OUTCOME_PROBER, "we cannot see"},
    };
    if (is_kind(face, OUTCOME_PRICE) && is_gone(face)) return "prices vanished";
    if (is_kind(face, OUTCOME_HTTP) && is_error_status(face->actual)) return "error pages";
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (is_kind(face, table[i].kind)) return table[i].words;
    return "trouble";
}

static const char *subject_of(const struct incident *incident)
{
    const struct event *face = &incident->face;
    if (incident->cause == CAUSE_HOST || incident->cause == CAUSE_BLOCKED ||
        incident->cause == CAUSE_CERTIFICATE || incident->cause == CAUSE_RESIDUE)
        return face->host;
    if (incident->cause == CAUSE_BLIND || incident->cause == CAUSE_SINK) return "prober";
    return *face->stage ? face->stage : "shop";
}

/* "14:02:10" of a wall time, in UTC; "2026-11-22 14:02:10" when it is read on another day. */
static void print_clock(int64_t wall_us, int64_t read_us, char text[static CLOCK_RFC3339_SIZE])
{
    char rfc3339[CLOCK_RFC3339_SIZE], read[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(wall_us, rfc3339);
    clock_format_rfc3339(read_us, read);
    if (strncmp(rfc3339, read, 10) != 0)
        snprintf(text, CLOCK_RFC3339_SIZE, "%.10s %.8s", rfc3339, rfc3339 + 11);
    else
        snprintf(text, CLOCK_RFC3339_SIZE, "%.8s", rfc3339 + 11);
}

static bool is_of_residue(const struct incident *incident)
{
    return incident->cause == CAUSE_RESIDUE && incident->affected.count;
}

/* "step "see the price": no believable price" between these; nothing when nothing is to be said. */
static void add_reason(const struct incident *incident, const char *before, const char *after,
                       struct buf *out)
{
    const struct event *face = &incident->face;
    if (!*face->message || (!face->exercising && !is_of_residue(incident))) return;
    buf_add_text(out, before);
    if (*face->step) buf_addf(out, "step \"%s\": ", face->step);
    buf_addf(out, "%s%s", face->message, after);
}

/* "price-view: prices vanished for 3 of 4 shoppers" */
static void add_what(const struct incident *incident, struct buf *out)
{
    const struct event *face = &incident->face;
    size_t count = incident->affected.count;
    buf_addf(out, "%s: ", subject_of(incident));
    if (is_of_residue(incident))
        buf_addf(out, "%s by %zu shopper%s", words_of(face), count, PLURAL(count));
    else if (face->exercising)
        buf_addf(out, "%s for %u of %u shopper%s", words_of(face), face->failing, face->exercising,
                 PLURAL(face->exercising));
    else
        buf_add_text(out, face->message);
}

char *line_brief(const struct incident *incident)
{
    AUTO_BUF line = BUF_INIT(1000);
    add_what(incident, &line);
    add_reason(incident, " (", ")", &line);
    return buf_take(&line);
}

static char *line_of_end(const struct incident *incident)
{
    const struct event *face = &incident->face;
    AUTO_BUF line = BUF_INIT(1000);
    char opened[CLOCK_RFC3339_SIZE], resolved[CLOCK_RFC3339_SIZE];
    print_clock(face->opened_us, face->resolved_us, opened);
    print_clock(face->resolved_us, face->opened_us, resolved);
    buf_add_text(&line, "RESOLVED ");
    add_what(incident, &line);
    buf_addf(&line, " from %s to %s (SEV%d, %s", opened, resolved, face->severity,
             face->resolution);
    add_reason(incident, "; ", "", &line);
    buf_add_char(&line, ')');
    return buf_take(&line);
}

char *line_of(const struct incident *incident, int64_t now_us)
{
    if (incident->resolved) return line_of_end(incident);
    const struct event *face = &incident->face;
    AUTO_BUF line = BUF_INIT(1000);
    char opened[CLOCK_RFC3339_SIZE];
    print_clock(face->opened_us, now_us, opened);
    buf_addf(&line, "SEV%d ", face->severity);
    add_what(incident, &line);
    buf_addf(&line, "%s since %s", face->exercising || is_of_residue(incident) ? "" : ",", opened);
    add_reason(incident, " (", ")", &line);
    return buf_take(&line);
}
