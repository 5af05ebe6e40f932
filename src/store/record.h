/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store keeps, as plain records: the same for writing and for reading. Texts in a record
 * that is written are borrowed for the call; those in a list that was read belong to the list.
 * NULL and "" are the same, and are read back as "". JSON is text here: the store looks into none.
 *
 * All times are wall clock, microseconds since 1970 UTC; 0 means "not".
 */
#ifndef SHOPPER_STORE_RECORD_H
#define SHOPPER_STORE_RECORD_H

#include "answer/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A step of a run, for the hourly figures. Leave out what says nothing of the shop's stages. */
struct store_step {
    const char *name, *stage; /* stage "": it counts for the step alone */
    enum verdict verdict;     /* VERDICT_SKIPPED: never reached, or skipped */
    int64_t duration_us;
};

enum store_run_flag {
    STORE_RUN_MAINTENANCE = 1, /* counted apart: neither an outage nor hidden */
    STORE_RUN_REPROBE = 2,     /* it confirmed a failure: kept, but no sample of availability */
    STORE_RUN_UNJUDGED = 4,    /* we were blind: counts as unknown */
    STORE_RUN_BLIP = 8,        /* it was well again before a failure was confirmed */
    STORE_RUN_ASKED = 16,      /* by whoever: kept, but no figure, and never the latest run */
    STORE_RUN_CUT_SHORT = 32   /* by our own end: never the latest run either */
};

struct store_run {
    const char *id, *journey, *persona, *location, *trace_id;
    int64_t started_us, duration_us;
    int64_t lost_us; /* the time that a failed run stands for, such as its interval; else 0 */
    enum verdict verdict;
    unsigned flags;                 /* of enum store_run_flag */
    const char *kind;               /* outcome_word; "" */
    const char *stage, *step;       /* where it failed; "" */
    const char *line;               /* what was wrong, in one line; "" */
    const char *report;             /* JSON: for what is worth keeping whole; "" */
    const char *times;              /* JSON: of each step; kept of the latest run alone; "" */
    const struct store_step *steps; /* written only: they are folded into the figures */
    size_t step_count;
};

/* A slot of the schedule in which nobody shopped. Shown as unknown. */
struct store_missed {
    const char *journey, *persona, *why;
    int64_t time_us;
};

struct store_incident {
    const char *id, *signature;
    int severity;                   /* 1 to 4 */
    const char *state;              /* a word of the judge's: "open", "resolved" ... */
    int64_t opened_us, resolved_us; /* 0: still open */
    const char *line;
    const char *json; /* all that the judge needs to go on after a restart */
};

/* One line in an incident's life. */
struct store_event {
    const char *id, *incident_id;
    int64_t time_us;
    const char *type; /* "opened" */
    const char *json;
};

enum store_delivery_state { DELIVERY_WAITING, DELIVERY_DONE, DELIVERY_GIVEN_UP };

/* One event on its way to one sink. */
struct store_delivery {
    int64_t sequence; /* given by the store; not written */
    const char *event_id, *sink, *incident_id;
    const char *payload; /* JSON */
    int64_t created_us, due_us, ended_us;
    int attempts;
    enum store_delivery_state state;
    const char *last_error;
};

enum store_debt_state { DEBT_OWED, DEBT_SETTLED, DEBT_RESIDUE };

/* What a run may have left in the shop: an entry of the residue ledger. */
struct store_debt {
    const char *id, *run_id, *journey, *persona, *step;
    const char *debt; /* JSON: what is needed to undo it */
    int64_t created_us, ended_us;
    enum store_debt_state state;
    const char *why; /* it is residue */
};

struct store_silence {
    const char *id, *matcher, *author, *comment;
    int64_t from_us, until_us;
};

/* A word from `shopper incidents ack` to a daemon that runs beside it, or will. */
struct store_command {
    int64_t sequence; /* given by the store; not written */
    const char *verb, *argument, *author;
    int64_t created_us;
};

#endif
