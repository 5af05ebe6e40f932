/* SPDX-License-Identifier: Apache-2.0 */
/* The first line that a person reads: what a shopper cannot do, since when, how broadly, and the
 * likely reason. */
#include "judge/internal.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What happened, fit to be followed by "for 3 of 4 shoppers". */
static const char *words_of(const char *kind)
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
        {OUTCOME_HTTP, "error pages"},
        {OUTCOME_REDIRECT, "redirects lead nowhere"},
        {OUTCOME_TOO_LARGE, "pages do not end"},
        {OUTCOME_PRICE, "prices vanished"},
        {OUTCOME_CART, "carts lose their items"},
        {OUTCOME_SESSION, "sessions are lost"},
        {OUTCOME_CONTENT, "pages are wrong"},
        {OUTCOME_SLOW, "slower than promised"},
        {OUTCOME_BLOCKED, "a wall keeps shoppers out"},
        {OUTCOME_RESIDUE, "something was left behind"},
        {OUTCOME_PROBER, "we cannot see"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (!strcmp(outcome_word(table[i].kind), kind)) return table[i].words;
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

/* "something was left behind by 2 shoppers" */
static void print_residue(const struct incident *incident, struct buf *line)
{
    size_t count = incident->affected.count;
    buf_addf(line, "%s by %zu shopper%s", words_of(outcome_word(OUTCOME_RESIDUE)), count,
             count == 1 ? "" : "s");
}

static char *line_of_end(const struct incident *incident)
{
    const struct event *face = &incident->face;
    AUTO_BUF line = BUF_INIT(1000);
    char opened[CLOCK_RFC3339_SIZE], resolved[CLOCK_RFC3339_SIZE];
    print_clock(face->opened_us, face->resolved_us, opened);
    print_clock(face->resolved_us, face->opened_us, resolved);
    buf_addf(&line, "RESOLVED %s: ", subject_of(incident));
    if (face->exercising)
        buf_addf(&line, "%s for %zu shopper%s", words_of(face->kind), incident->affected.count,
                 incident->affected.count == 1 ? "" : "s");
    else if (incident->cause == CAUSE_RESIDUE && incident->affected.count)
        print_residue(incident, &line);
    else
        buf_add_text(&line, face->message);
    buf_addf(&line, " from %s to %s (SEV%d, %s)", opened, resolved, face->severity,
             face->resolution);
    return buf_take(&line);
}

char *line_of(const struct incident *incident, int64_t now_us)
{
    if (incident->resolved) return line_of_end(incident);
    const struct event *face = &incident->face;
    AUTO_BUF line = BUF_INIT(1000);
    char opened[CLOCK_RFC3339_SIZE];
    print_clock(face->opened_us, now_us, opened);
    buf_addf(&line, "SEV%d %s: ", face->severity, subject_of(incident));
    bool counted = face->exercising > 0, residue = incident->cause == CAUSE_RESIDUE;
    if (residue) {
        print_residue(incident, &line);
        buf_addf(&line, " since %s", opened);
    } else if (counted) {
        buf_addf(&line, "%s for %u of %u shopper%s since %s", words_of(face->kind), face->failing,
                 face->exercising, face->exercising == 1 ? "" : "s", opened);
    } else {
        buf_addf(&line, "%s, since %s", face->message, opened);
    }
    if ((counted || residue) && *face->message) {
        if (*face->step)
            buf_addf(&line, " (step \"%s\": %s)", face->step, face->message);
        else
            buf_addf(&line, " (%s)", face->message);
    }
    return buf_take(&line);
}
