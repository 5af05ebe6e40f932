/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retention: deletes what is older than it is kept, in pieces so small that no write behind them
 * waits long. The latest run of each shopper and its last good one stay at any age; what is still
 * open (incidents, debts, deliveries, silences) stays too.
 */
#include "store/internal.h"

#define PIECE "500"

/* ?1: older than this goes. Each finds its rows by an index. */
static const struct {
    const char *sql;
    bool figures; /* kept as long as the figures; else as the runs */
    int64_t unit_us;
} rules[] = {
    {"DELETE FROM runs WHERE seq IN (SELECT seq FROM runs WHERE started_us < ?1 AND seq NOT IN"
     " (SELECT run FROM latest UNION SELECT good FROM latest WHERE good IS NOT NULL)"
     " ORDER BY started_us LIMIT " PIECE ")",
     false, 1},
    /* Those of an open incident say who is to hear how it ends. */
    {"DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox AS o WHERE state <> 0"
     " AND ended_us < ?1 AND NOT EXISTS (SELECT 1 FROM incidents WHERE id = o.incident"
     " AND resolved_us = 0) ORDER BY ended_us LIMIT " PIECE ")",
     false, 1},
    {"DELETE FROM ledger WHERE seq IN (SELECT seq FROM ledger WHERE state = 1 AND ended_us < ?1"
     " ORDER BY ended_us LIMIT " PIECE ")",
     false, 1},
    {"DELETE FROM hourly WHERE (series, hour) IN (SELECT series, hour FROM series CROSS JOIN hourly"
     " ON series = id AND hour < ?1 LIMIT " PIECE ")",
     true, STORE_HOUR_US},
    {"DELETE FROM daily WHERE (series, day) IN (SELECT series, day FROM series CROSS JOIN daily"
     " ON series = id AND day < ?1 LIMIT " PIECE ")",
     true, STORE_DAY_US},
    {"DELETE FROM missed WHERE seq IN (SELECT seq FROM missed WHERE time_us < ?1"
     " ORDER BY time_us LIMIT " PIECE ")",
     true, 1},
    {"DELETE FROM events WHERE seq IN (SELECT e.seq FROM incidents AS i CROSS JOIN events AS e"
     " ON e.incident = i.id WHERE i.opened_us < ?1 AND i.resolved_us <> 0 AND i.resolved_us < ?1"
     " LIMIT " PIECE ")",
     true, 1},
    /* Only when their events are gone. */
    {"DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE opened_us < ?1"
     " AND resolved_us <> 0 AND resolved_us < ?1 LIMIT " PIECE ")",
     true, 1},
    {"DELETE FROM silences WHERE until_us < ?1", true, 1},
};

int writer_sweep(struct writer *writer, const struct store_settings *settings, int64_t now_us,
                 bool *ret_more)
{
    *ret_more = false;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        int64_t keep_us = rules[i].figures ? settings->keep_figures_us : settings->keep_runs_us;
        sqlite3_stmt *statement = connection_prepare(&writer->connection, rules[i].sql);
        if (!statement) return sqlite3_extended_errcode(writer->connection.db);
        sqlite3_bind_int64(statement, 1, (now_us - keep_us) / rules[i].unit_us);
        int code = sqlite3_step(statement);
        sqlite3_reset(statement);
        if (code != SQLITE_DONE) return code;
        if (!sqlite3_changes(writer->connection.db)) continue;
        *ret_more = true; /* one piece of one kind at a time */
        return SQLITE_OK;
    }
    return SQLITE_OK;
}
