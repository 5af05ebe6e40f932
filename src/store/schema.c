/* SPDX-License-Identifier: Apache-2.0 */
/* See schema.h. */
#include "store/schema.h"

#include "store/histogram.h"

#include <stdio.h>

/*
 * Names that repeat in every run stand once in `names`. `series` is what has figures of its own:
 * level 0 is whole runs, 1 a stage of them, 2 a step. Numbers of verdicts and states are those of
 * the enums in record.h and answer/outcome.h.
 */
static const char version_1[] =
    "CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE runs(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, journey INTEGER NOT NULL,"
    " persona INTEGER NOT NULL, location INTEGER NOT NULL, started_us INTEGER NOT NULL,"
    " duration_us INTEGER NOT NULL, lost_us INTEGER NOT NULL, verdict INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, kind INTEGER NOT NULL, stage INTEGER NOT NULL,"
    " step INTEGER NOT NULL, trace_id TEXT NOT NULL, line TEXT NOT NULL, report TEXT NOT NULL);"
    "CREATE INDEX runs_by_journey ON runs(journey, started_us);"
    "CREATE INDEX runs_by_time ON runs(started_us);"
    "CREATE INDEX runs_bad ON runs(started_us) WHERE verdict NOT IN (0, 1);"
    "CREATE TABLE missed(seq INTEGER PRIMARY KEY, journey TEXT NOT NULL, persona TEXT NOT NULL,"
    " time_us INTEGER NOT NULL, why TEXT NOT NULL);"
    "CREATE INDEX missed_by_time ON missed(time_us);"
    "CREATE TABLE series(id INTEGER PRIMARY KEY, level INTEGER NOT NULL, journey TEXT NOT NULL,"
    " persona TEXT NOT NULL, stage TEXT NOT NULL, step TEXT NOT NULL,"
    " UNIQUE(level, journey, stage, step, persona));"
    "CREATE TABLE hourly(series INTEGER NOT NULL, hour INTEGER NOT NULL, pass INTEGER NOT NULL,"
    " degraded INTEGER NOT NULL, fail INTEGER NOT NULL, unknown INTEGER NOT NULL,"
    " skipped INTEGER NOT NULL, maintenance INTEGER NOT NULL, missed INTEGER NOT NULL,"
    " lost_us INTEGER NOT NULL, latency BLOB NOT NULL, PRIMARY KEY(series, hour)) WITHOUT ROWID;"
    "CREATE TABLE incidents(id TEXT PRIMARY KEY, signature TEXT NOT NULL,"
    " severity INTEGER NOT NULL, state TEXT NOT NULL, opened_us INTEGER NOT NULL,"
    " resolved_us INTEGER NOT NULL, line TEXT NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX incidents_by_time ON incidents(opened_us);"
    "CREATE INDEX incidents_open ON incidents(opened_us) WHERE resolved_us = 0;"
    "CREATE TABLE events(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " incident TEXT NOT NULL, time_us INTEGER NOT NULL, type TEXT NOT NULL, json TEXT NOT NULL);"
    "CREATE INDEX events_by_incident ON events(incident, seq);"
    "CREATE TABLE outbox(seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL,"
    " sink TEXT NOT NULL, incident TEXT NOT NULL, payload TEXT NOT NULL,"
    " created_us INTEGER NOT NULL, due_us INTEGER NOT NULL, ended_us INTEGER NOT NULL DEFAULT 0,"
    " attempts INTEGER NOT NULL DEFAULT 0, state INTEGER NOT NULL DEFAULT 0,"
    " last_error TEXT NOT NULL DEFAULT '', UNIQUE(event, sink));"
    "CREATE INDEX outbox_waiting ON outbox(incident, sink, seq) WHERE state = 0;"
    "CREATE INDEX outbox_by_incident ON outbox(incident, seq);"
    "CREATE INDEX outbox_ended ON outbox(ended_us) WHERE state <> 0;"
    "CREATE TABLE ledger(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, run TEXT NOT NULL,"
    " journey TEXT NOT NULL, persona TEXT NOT NULL, step TEXT NOT NULL, debt TEXT NOT NULL,"
    " created_us INTEGER NOT NULL, ended_us INTEGER NOT NULL DEFAULT 0,"
    " state INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '');"
    "CREATE INDEX ledger_open ON ledger(state, seq) WHERE state <> 1;"
    "CREATE INDEX ledger_settled ON ledger(ended_us) WHERE state = 1;"
    "CREATE TABLE state(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE silences(id TEXT PRIMARY KEY, matcher TEXT NOT NULL, from_us INTEGER NOT NULL,"
    " until_us INTEGER NOT NULL, author TEXT NOT NULL, comment TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE caps(journey TEXT NOT NULL, step TEXT NOT NULL, window INTEGER NOT NULL,"
    " count INTEGER NOT NULL, PRIMARY KEY(journey, step)) WITHOUT ROWID;"
    "CREATE TABLE commands(seq INTEGER PRIMARY KEY AUTOINCREMENT, verb TEXT NOT NULL,"
    " argument TEXT NOT NULL, author TEXT NOT NULL, created_us INTEGER NOT NULL);";

/* Daily figures, and the latest and latest good run of each shopper, so that neither the last month
 * nor the state of now has to be searched for. */
static const char version_2[] =
    "CREATE TABLE daily(series INTEGER NOT NULL, day INTEGER NOT NULL, pass INTEGER NOT NULL,"
    " degraded INTEGER NOT NULL, fail INTEGER NOT NULL, unknown INTEGER NOT NULL,"
    " skipped INTEGER NOT NULL, maintenance INTEGER NOT NULL, missed INTEGER NOT NULL,"
    " lost_us INTEGER NOT NULL, latency BLOB NOT NULL, PRIMARY KEY(series, day)) WITHOUT ROWID;"
    "INSERT INTO daily SELECT series, hour / 24, sum(pass), sum(degraded), sum(fail),"
    " sum(unknown), sum(skipped), sum(maintenance), sum(missed), sum(lost_us),"
    " histogram_sum(latency) FROM hourly GROUP BY series, hour / 24;"
    "CREATE TABLE latest(journey INTEGER NOT NULL, persona INTEGER NOT NULL,"
    " location INTEGER NOT NULL, run INTEGER NOT NULL, good INTEGER,"
    " PRIMARY KEY(journey, persona, location)) WITHOUT ROWID;"
    "INSERT INTO latest SELECT journey, persona, location, max(seq),"
    " max(CASE verdict WHEN 0 THEN seq END) FROM runs GROUP BY journey, persona, location;";

/* What its figures do not say yet, as it came in a batch: a process that dies leaves it here. */
static const char version_3[] =
    "CREATE TABLE unfolded(seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " operation BLOB NOT NULL);";

/* How long the steps of the latest run took: of all others, only their figures are kept. */
static const char version_4[] = "ALTER TABLE latest ADD COLUMN times TEXT NOT NULL DEFAULT '';";

static const char *const versions[SCHEMA_VERSION] = {version_1, version_2, version_3, version_4};

static int run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* From `version` to the one after it. */
static int step_up(sqlite3 *db, int version)
{
    char mark[96];
    snprintf(mark, sizeof(mark), "PRAGMA user_version = %d; PRAGMA application_id = %d",
             version + 1, SCHEMA_APPLICATION_ID);
    int code = run(db, "BEGIN IMMEDIATE");
    if (code != SQLITE_OK) return code;
    code = run(db, versions[version]);
    if (code == SQLITE_OK) code = run(db, mark);
    if (code == SQLITE_OK) code = run(db, "COMMIT");
    if (code != SQLITE_OK && !sqlite3_get_autocommit(db)) (void)run(db, "ROLLBACK");
    return code;
}

static int read_version(sqlite3 *db, int *ret_version)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    if (sqlite3_step(statement) == SQLITE_ROW) *ret_version = sqlite3_column_int(statement, 0);
    return sqlite3_finalize(statement);
}

int schema_migrate(sqlite3 *db, int to_version)
{
    int version = 0;
    int code = read_version(db, &version);
    for (; code == SQLITE_OK && version < to_version && version >= 0; version++)
        code = step_up(db, version);
    return code;
}

/* --- Functions */

static struct view value_bytes(sqlite3_value *value)
{
    const void *bytes = sqlite3_value_blob(value);
    size_t length = (size_t)sqlite3_value_bytes(value);
    return bytes ? (struct view){bytes, length} : VIEW_NONE;
}

static void give_histogram(sqlite3_context *context, const struct histogram *histogram)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    if (histogram && histogram->count) histogram_print(histogram, &out);
    sqlite3_result_blob64(context, buf_text(&out), out.length, SQLITE_TRANSIENT);
}

/* A printed one that cannot be read is left out: figures are worth more than their damage. */
static void join(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct histogram sum = {0};
    for (int i = 0; i < count; i++) (void)!histogram_add_printed(&sum, value_bytes(values[i]));
    give_histogram(context, &sum);
    histogram_release(&sum);
}

static void sum_step(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct histogram *sum = sqlite3_aggregate_context(context, sizeof(*sum));
    if (sum && count) (void)!histogram_add_printed(sum, value_bytes(values[0]));
}

static void sum_final(sqlite3_context *context)
{
    struct histogram *sum = sqlite3_aggregate_context(context, 0);
    give_histogram(context, sum);
    if (sum) histogram_release(sum);
}

int schema_add_functions(sqlite3 *db)
{
    int how = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int code = sqlite3_create_function(db, "histogram_join", 2, how, NULL, join, NULL, NULL);
    if (code != SQLITE_OK) return code;
    return sqlite3_create_function(db, "histogram_sum", 1, how, NULL, NULL, sum_step, sum_final);
}
