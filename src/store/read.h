/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the store. They are answered on the caller's thread, from a connection that only
 * reads and is never held up by the writer. Each is bounded: by an index, by a limit, or by figures
 * that were rolled up when they were written, so that thirty days of ten million runs take no
 * longer than thirty days of a few.
 *
 * All return false with an error when the database cannot be read now; the result is then empty.
 * Spans of time are from <= time < until.
 */
#ifndef SHOPPER_STORE_READ_H
#define SHOPPER_STORE_READ_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/histogram.h"
#include "store/store.h"

#define STORE_LIST(record)                                                                         \
    struct record##_list {                                                                         \
        struct record *items;                                                                      \
        size_t count, capacity;                                                                    \
        struct arena texts;                                                                        \
    };                                                                                             \
    void record##_list_release(struct record##_list *list)

/* --- Runs */

STORE_LIST(store_run);

struct store_run_filter {
    const char *journey, *persona; /* NULL: all */
    int64_t from_us, until_us;     /* by start; until 0: no end */
    bool failed_only;              /* neither pass nor degraded */
    bool oldest_first;             /* else the latest come first */
    bool with_report;              /* else `report` is "" */
    bool with_asked;               /* those that somebody asked for, too: no samples */
    size_t limit;                  /* 0: 1000 */
};

bool store_runs(struct store *store, const struct store_run_filter *filter,
                struct store_run_list *list, struct error *error) MUST_CHECK;
/* One run, report and all; the list is empty when it is not there (any more). */
bool store_run_by_id(struct store *store, const char *id, struct store_run_list *list,
                     struct error *error) MUST_CHECK;
/* The latest run of each journey, persona and location, by those names. `journey` NULL: of all, and
 * then without the times of their steps. */
bool store_latest(struct store *store, const char *journey, struct store_run_list *list,
                  struct error *error) MUST_CHECK;
/* The latest run that passed and set out before `before_us` (0: at all): of the latest
 * STORE_GOOD_LOOKED_AT runs one whose report was kept, else the latest of all. `persona` NULL: any.
 * Empty: none did. */
#define STORE_GOOD_LOOKED_AT 20000
bool store_last_good(struct store *store, const char *journey, const char *persona,
                     int64_t before_us, struct store_run_list *list,
                     struct error *error) MUST_CHECK;

STORE_LIST(store_missed);
/* Latest first, at most `limit` (0: 1000). `journey` NULL: all. */
bool store_missed(struct store *store, const char *journey, int64_t from_us, int64_t until_us,
                  size_t limit, struct store_missed_list *list, struct error *error) MUST_CHECK;

/* --- Figures. Their grain is the hour: spans are widened to whole hours (UTC). */

struct store_figures {
    uint64_t verdicts[VERDICT_SKIPPED + 1]; /* runs (or stages, steps) by verdict */
    uint64_t maintenance;                   /* apart from `verdicts` */
    uint64_t missed;                        /* slots without a run; apart from `verdicts` */
    int64_t lost_us;                        /* that shoppers could not shop */
};

/* (pass + degraded) / (pass + degraded + fail); -1 where nothing was judged. */
double store_figures_availability(const struct store_figures *figures);

/* What is asked about. All NULL: whole runs of all journeys. */
struct store_scope {
    const char *journey, *persona; /* NULL: all */
    const char *stage;             /* NULL and no step: whole runs */
    const char *step;              /* of `stage`, or of any where that is NULL */
};

bool store_availability(struct store *store, const struct store_scope *scope, int64_t from_us,
                        int64_t until_us, struct store_figures *ret_figures,
                        struct error *error) MUST_CHECK;
/* Durations of what passed or was degraded. `histogram` is added to; the caller releases it. */
bool store_histogram(struct store *store, const struct store_scope *scope, int64_t from_us,
                     int64_t until_us, struct histogram *histogram, struct error *error) MUST_CHECK;

struct store_cell {
    int64_t from_us;
    struct store_figures figures;
    int64_t p50_us, p95_us; /* -1: no durations */
};
struct store_cell_list {
    struct store_cell *items;
    size_t count, capacity;
};
#define STORE_CELL_LIMIT 2000
/* A strip of cells without gaps from `from_us` on, each `cell_us` long (widened to whole hours), at
 * most STORE_CELL_LIMIT. */
bool store_cells(struct store *store, const struct store_scope *scope, int64_t from_us,
                 int64_t until_us, int64_t cell_us, struct store_cell_list *list,
                 struct error *error) MUST_CHECK;
/* The same without durations, which are most of the work. */
bool store_availability_cells(struct store *store, const struct store_scope *scope, int64_t from_us,
                              int64_t until_us, int64_t cell_us, struct store_cell_list *list,
                              struct error *error) MUST_CHECK;
void store_cell_list_release(struct store_cell_list *list);

enum store_level { STORE_WHOLE_RUNS, STORE_STAGES, STORE_STEPS };
struct store_row {
    const char *journey, *persona, *stage, *step; /* stage, step "": above that level */
    struct store_figures figures;
    struct histogram latency; /* as store_histogram's; empty where it was not asked for */
};
STORE_LIST(store_row);
/* The figures of each journey and persona (and stage, and step), ordered by these names. `journey`
 * NULL: all. The second one reads durations as well, in the same pass. */
bool store_table(struct store *store, enum store_level level, const char *journey, int64_t from_us,
                 int64_t until_us, struct store_row_list *list, struct error *error) MUST_CHECK;
bool store_table_with_latency(struct store *store, enum store_level level, const char *journey,
                              int64_t from_us, int64_t until_us, struct store_row_list *list,
                              struct error *error) MUST_CHECK;

/* --- Incidents */

STORE_LIST(store_incident);
STORE_LIST(store_event);

struct store_incident_filter {
    bool open_only;            /* resolved_us is 0 */
    int severity;              /* this one alone; 0: all */
    int64_t from_us, until_us; /* was open at some time in this span; until 0: no end */
    size_t limit;              /* latest opened first; 0: 1000 */
};
bool store_incidents(struct store *store, const struct store_incident_filter *filter,
                     struct store_incident_list *list, struct error *error) MUST_CHECK;
/* By its id, or the beginning of it when that is enough to tell; at most two come back, so that an
 * ambiguous beginning shows. */
bool store_incident(struct store *store, const char *id, struct store_incident_list *list,
                    struct error *error) MUST_CHECK;
bool store_events(struct store *store, const char *incident_id, struct store_event_list *list,
                  struct error *error) MUST_CHECK; /* oldest first */

/* --- Outbox */

STORE_LIST(store_delivery);
/* All that has not ended, in the order in which it was added: for the daemon when it starts. */
bool store_outbox_waiting(struct store *store, struct store_delivery_list *list,
                          struct error *error) MUST_CHECK;
/* All of one incident, oldest first. */
bool store_deliveries(struct store *store, const char *incident_id,
                      struct store_delivery_list *list, struct error *error) MUST_CHECK;

struct store_outbox_figures {
    uint64_t waiting, given_up, delivered; /* as far back as they are kept */
    int64_t oldest_us;                     /* created_us of the oldest that waits; 0: none does */
};
/* `sink` NULL: all together. */
bool store_outbox(struct store *store, const char *sink, struct store_outbox_figures *ret_figures,
                  struct error *error) MUST_CHECK;

/* --- The rest */

STORE_LIST(store_debt);
/* Oldest first. DEBT_OWED: what a crash left; DEBT_RESIDUE: what was never cleaned. */
bool store_debts(struct store *store, enum store_debt_state state, struct store_debt_list *list,
                 struct error *error) MUST_CHECK;

/* The value of a key, appended; *ret_found false: there is none. */
bool store_state(struct store *store, const char *key, struct buf *out, bool *ret_found,
                 struct error *error) MUST_CHECK;

STORE_LIST(store_silence);
/* Those that end after `now_us`, by their beginning; 0: all that are kept. */
bool store_silences(struct store *store, int64_t now_us, struct store_silence_list *list,
                    struct error *error) MUST_CHECK;

STORE_LIST(store_command);
bool store_commands(struct store *store, struct store_command_list *list,
                    struct error *error) MUST_CHECK; /* oldest first */

#endif
