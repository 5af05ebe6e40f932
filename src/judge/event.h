/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is told of an incident: one event per change, with all that a sink needs to write a message
 * from it. It travels through the outbox as JSON, so a restart loses nothing of it.
 *
 * All texts are owned by the event and have been redacted; they still come from the shop in part,
 * so whoever writes them escapes them.
 */
#ifndef SHOPPER_JUDGE_EVENT_H
#define SHOPPER_JUDGE_EVENT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/id.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

enum event_type {
    EVENT_OPENED,
    EVENT_RAISED,   /* the severity is worse than before */
    EVENT_LOWERED,  /* it is better */
    EVENT_REMINDER, /* still open */
    EVENT_RESOLVED,
    EVENT_TEST /* `shopper sink test`: stands for no incident */
};

struct event {
    char id[ID_UUID_SIZE];          /* this event's own, UUIDv7 */
    char incident_id[ID_UUID_SIZE]; /* the same for all events of one incident */
    enum event_type type;
    int severity;          /* 1 to 4: now */
    int previous_severity; /* before EVENT_RAISED and EVENT_LOWERED; else 0 */
    int64_t time_us;       /* wall clock: of this event */
    int64_t opened_us;     /* wall clock: when the shoppers began to fail */
    int64_t resolved_us;   /* wall clock; 0: still open */
    char *line;            /* the first line that a person reads, severity and all */
    char
        *signature; /* what makes it one cause: "stage:checkout/price" or "host:shop.example/dns" */
    char *kind, *stage, *host; /* of the failure; stage or host may be "" */
    char *step;                /* the step's name; "" */
    char *message;             /* the failure in one line */
    char *expected, *actual;   /* "" where there is nothing to compare */
    char *rule;                /* name of the policy's rule that set the severity */
    char *owner, *runbook;     /* of the first journey; "" */
    char *trace_id, *run_id;   /* of the latest failing run */
    char *resolution;          /* why it ended: "recovered", "removed from the configuration"; "" */
    char **affected;           /* "JOURNEY as PERSONA", with "from LOCATION" when there is one */
    size_t affected_count;
    unsigned failing, exercising; /* 4 of 5 shoppers */
    bool for_prober_owners;       /* the shop may be well: it is we who cannot see */
    bool flapping, acknowledged;
    bool maintenance; /* nobody met it but in maintenance windows: planned, and no outage */
};

const char *event_type_name(enum event_type type); /* "opened" */
/* Of an incident, as the store keeps it. */
bool incident_is_planned(const char *json);
void event_release(struct event *event);
struct event event_copy(const struct event *event) MUST_CHECK;
/* One JSON object, keys as the fields, times as RFC 3339 with microseconds in UTC. */
void event_print(const struct event *event, struct buf *out);
/* False: not such an object; error says why, *event is empty. */
bool event_parse(struct view text, struct event *event, struct error *error) MUST_CHECK;

#endif
