/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs on the writer's side: each is one row, and is folded into the figures of its hour and day:
 * of the whole run, of each of its stages, and of each step. A run of six steps has a good twenty
 * figures, and writing each costs as much as a request; so they are summed up here for some
 * seconds, and until they are written a line in `unfolded` stands for each run.
 */
#include "store/histogram.h"
#include "store/internal.h"

#include <stdlib.h>

/* The numbers stand in the database and in its indices. */
_Static_assert(VERDICT_PASS == 0 && VERDICT_DEGRADED == 1 && VERDICT_FAIL == 2 &&
                   VERDICT_UNKNOWN == 3 && VERDICT_SKIPPED == 4,
               "verdicts are stored by number");

#define CACHE_LIMIT 100000 /* names or series; a configuration has far fewer */

struct figure_cell {
    int64_t series, hour;
    int64_t verdicts[VERDICT_SKIPPED + 1], maintenance, missed, lost_us;
    struct histogram latency;
};

static void cell_free(void *memory)
{
    struct figure_cell *cell = memory;
    if (cell) histogram_release(&cell->latency);
    free(cell);
}

void writer_forget(struct writer *writer)
{
    map_release(&writer->names);
    map_release(&writer->series);
    map_release(&writer->cells);
    writer->names = writer->series = MAP_INIT(free);
    writer->cells = MAP_INIT(cell_free);
    writer->stale = true;
}

/* --- Numbers for names */

static int step_statement(struct writer *writer, sqlite3_stmt *statement, int64_t *ret_number)
{
    int code =
        statement ? sqlite3_step(statement) : sqlite3_extended_errcode(writer->connection.db);
    if (code == SQLITE_ROW && ret_number) *ret_number = sqlite3_column_int64(statement, 0);
    if (statement) sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static void remember(struct map *map, struct view key, int64_t number)
{
    if (map_size(map) >= CACHE_LIMIT) {
        map_release(map);
        *map = MAP_INIT(free);
    }
    int64_t *memory = NEW(int64_t);
    *memory = number;
    map_set(map, key, memory);
}

static int name_number(struct writer *writer, const char *name, int64_t *ret_number)
{
    const int64_t *known = map_get(&writer->names, view_of(name));
    if (known) {
        *ret_number = *known;
        return SQLITE_OK;
    }
    sqlite3_stmt *insert =
        connection_prepare(&writer->connection, "INSERT OR IGNORE INTO names(name) VALUES(?1)");
    if (insert) statement_bind_text(insert, 1, view_of(name));
    int code = step_statement(writer, insert, NULL);
    if (code != SQLITE_OK) return code;
    sqlite3_stmt *select =
        connection_prepare(&writer->connection, "SELECT id FROM names WHERE name = ?1");
    if (select) statement_bind_text(select, 1, view_of(name));
    code = step_statement(writer, select, ret_number);
    if (code == SQLITE_OK) remember(&writer->names, view_of(name), *ret_number);
    return code;
}

/* What has figures of its own. */
struct series {
    int level;
    const char *journey, *persona, *stage, *step;
};

static int series_ask(struct writer *writer, const char *sql, const struct series *series,
                      int64_t *ret_number)
{
    sqlite3_stmt *statement = connection_prepare(&writer->connection, sql);
    const char *const texts[] = {series->journey, series->stage, series->step, series->persona};
    if (statement) {
        sqlite3_bind_int(statement, 1, series->level);
        for (int i = 0; i < (int)COUNT_OF(texts); i++)
            statement_bind_text(statement, i + 2, view_of(texts[i]));
    }
    return step_statement(writer, statement, ret_number);
}

static int series_number(struct writer *writer, const struct series *series, int64_t *ret_number)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    const char *const parts[] = {series->journey, series->stage, series->step, series->persona};
    buf_add_char(&key, (char)('0' + series->level));
    for (size_t i = 0; i < COUNT_OF(parts); i++) buf_add(&key, parts[i], strlen(parts[i]) + 1);
    const int64_t *known = map_get(&writer->series, buf_view(&key));
    if (known) {
        *ret_number = *known;
        return SQLITE_OK;
    }
    int code = series_ask(writer,
                          "INSERT OR IGNORE INTO series(level, journey, stage, step, persona)"
                          " VALUES(?1, ?2, ?3, ?4, ?5)",
                          series, NULL);
    if (code != SQLITE_OK) return code;
    code = series_ask(writer,
                      "SELECT id FROM series WHERE level = ?1 AND journey = ?2 AND stage = ?3"
                      " AND step = ?4 AND persona = ?5",
                      series, ret_number);
    if (code == SQLITE_OK) remember(&writer->series, buf_view(&key), *ret_number);
    return code;
}

static int cell_of(struct writer *writer, const struct series *series, int64_t time_us,
                   struct figure_cell **ret_cell)
{
    int64_t key[2] = {0, time_us / STORE_HOUR_US};
    int code = series_number(writer, series, &key[0]);
    if (code != SQLITE_OK) return code;
    struct view name = {(const char *)key, sizeof(key)};
    *ret_cell = map_get(&writer->cells, name);
    if (*ret_cell) return SQLITE_OK;
    *ret_cell = NEW(struct figure_cell);
    (*ret_cell)->series = key[0];
    (*ret_cell)->hour = key[1];
    map_set(&writer->cells, name, *ret_cell);
    return SQLITE_OK;
}

/* --- Folding */

static int fold(struct writer *writer, const struct series *series, const struct store_run *run,
                enum verdict verdict, int64_t duration_us)
{
    struct figure_cell *cell;
    int code = cell_of(writer, series, run->started_us, &cell);
    if (code != SQLITE_OK) return code;
    if (run->flags & STORE_RUN_MAINTENANCE) {
        cell->maintenance++;
        return SQLITE_OK;
    }
    if (run->flags & STORE_RUN_UNJUDGED && verdict != VERDICT_SKIPPED) verdict = VERDICT_UNKNOWN;
    cell->verdicts[verdict]++;
    if (verdict == VERDICT_FAIL) cell->lost_us += run->lost_us;
    if (verdict == VERDICT_PASS || verdict == VERDICT_DEGRADED)
        histogram_add(&cell->latency, duration_us);
    return SQLITE_OK;
}

/* Which of two steps speaks for their stage. */
static enum verdict worse(enum verdict a, enum verdict b)
{
    static const int weight[] = {[VERDICT_SKIPPED] = 0,
                                 [VERDICT_PASS] = 1,
                                 [VERDICT_DEGRADED] = 2,
                                 [VERDICT_UNKNOWN] = 3,
                                 [VERDICT_FAIL] = 4};
    return weight[a] >= weight[b] ? a : b;
}

/* A stage is as bad as its worst step and takes as long as all of them; it is counted at its first.
 */
static int fold_stage(struct writer *writer, const struct store_run *run, size_t at)
{
    const char *stage = run->steps[at].stage;
    if (!*stage) return SQLITE_OK;
    for (size_t i = 0; i < at; i++)
        if (!strcmp(run->steps[i].stage, stage)) return SQLITE_OK;
    enum verdict verdict = VERDICT_SKIPPED;
    int64_t duration_us = 0;
    for (size_t i = at; i < run->step_count; i++) {
        if (strcmp(run->steps[i].stage, stage) != 0) continue;
        verdict = worse(verdict, run->steps[i].verdict);
        duration_us += run->steps[i].duration_us;
    }
    struct series series = {1, run->journey, run->persona, stage, ""};
    return fold(writer, &series, run, verdict, duration_us);
}

static int fold_run(struct writer *writer, const struct store_run *run)
{
    struct series whole = {0, run->journey, run->persona, "", ""};
    int code = fold(writer, &whole, run, run->verdict, run->duration_us);
    for (size_t i = 0; code == SQLITE_OK && i < run->step_count; i++) {
        const struct store_step *step = &run->steps[i];
        struct series series = {2, run->journey, run->persona, step->stage, step->name};
        code = fold_stage(writer, run, i);
        if (code == SQLITE_OK) code = fold(writer, &series, run, step->verdict, step->duration_us);
    }
    return code;
}

/* --- Rows */

enum { JOURNEY, PERSONA, LOCATION, KIND, STAGE, STEP, NAME_COUNT };

static int insert_run(struct writer *writer, const struct store_run *run,
                      const int64_t names[static NAME_COUNT], bool *ret_new)
{
    sqlite3_stmt *insert = connection_prepare(
        &writer->connection,
        "INSERT OR IGNORE INTO runs(id, journey, persona, location, kind, stage, step, started_us,"
        " duration_us, lost_us, verdict, flags, trace_id, line, report)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)");
    if (insert) {
        statement_bind_text(insert, 1, view_of(run->id));
        for (int i = 0; i < NAME_COUNT; i++) sqlite3_bind_int64(insert, i + 2, names[i]);
        sqlite3_bind_int64(insert, 8, run->started_us);
        sqlite3_bind_int64(insert, 9, run->duration_us);
        sqlite3_bind_int64(insert, 10, run->lost_us);
        sqlite3_bind_int64(insert, 11, (int64_t)run->verdict);
        sqlite3_bind_int64(insert, 12, run->flags);
        statement_bind_text(insert, 13, view_of(run->trace_id));
        statement_bind_text(insert, 14, view_of(run->line));
        statement_bind_text(insert, 15, view_of(run->report));
    }
    int code = step_statement(writer, insert, NULL);
    if (code == SQLITE_OK) *ret_new = sqlite3_changes(writer->connection.db) > 0;
    return code;
}

static int update_latest(struct writer *writer, const struct store_run *run,
                         const int64_t names[static NAME_COUNT])
{
    int64_t sequence = sqlite3_last_insert_rowid(writer->connection.db);
    sqlite3_stmt *upsert = connection_prepare(
        &writer->connection,
        "INSERT INTO latest(journey, persona, location, run, good, times)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET run = excluded.run,"
        " good = coalesce(excluded.good, good), times = excluded.times");
    if (upsert) {
        for (int i = JOURNEY; i <= LOCATION; i++) sqlite3_bind_int64(upsert, i + 1, names[i]);
        sqlite3_bind_int64(upsert, 4, sequence);
        if (run->verdict == VERDICT_PASS) sqlite3_bind_int64(upsert, 5, sequence);
        statement_bind_text(upsert, 6, view_of(run->times));
    }
    return step_statement(writer, upsert, NULL);
}

static int keep_unfolded(struct writer *writer, enum operation_kind kind, struct view operation)
{
    sqlite3_stmt *insert = connection_prepare(
        &writer->connection, "INSERT INTO unfolded(kind, operation) VALUES(?1, ?2)");
    if (insert) {
        sqlite3_bind_int(insert, 1, (int)kind);
        statement_bind_blob(insert, 2, operation);
    }
    return step_statement(writer, insert, NULL);
}

static int add_run(struct writer *writer, const struct store_run *run, struct view figures)
{
    const char *const texts[NAME_COUNT] = {
        [JOURNEY] = run->journey, [PERSONA] = run->persona, [LOCATION] = run->location,
        [KIND] = run->kind,       [STAGE] = run->stage,     [STEP] = run->step};
    int64_t names[NAME_COUNT] = {0};
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < NAME_COUNT; i++)
        code = name_number(writer, texts[i], &names[i]);
    bool new = false;
    if (code == SQLITE_OK) code = insert_run(writer, run, names, &new);
    if (code != SQLITE_OK || !new || run->flags & STORE_RUN_ASKED) return code;
    if (!(run->flags & STORE_RUN_CUT_SHORT)) code = update_latest(writer, run, names);
    if (code != SQLITE_OK || run->flags & STORE_RUN_REPROBE) return code;
    code = keep_unfolded(writer, OPERATION_RUN, figures);
    return code == SQLITE_OK ? fold_run(writer, run) : code;
}

/* In the order of batch_add_run. The steps are the caller's to free. */
static struct store_step *read_figures(struct view *rest, struct store_run *run)
{
    run->journey = operation_text(rest);
    run->persona = operation_text(rest);
    run->started_us = operation_number(rest);
    run->duration_us = operation_number(rest);
    run->lost_us = operation_number(rest);
    run->verdict = (enum verdict)operation_number(rest);
    run->flags = (unsigned)operation_number(rest);
    run->step_count = (size_t)operation_number(rest);
    struct store_step *steps = xcalloc(run->step_count, sizeof(*steps));
    for (size_t i = 0; i < run->step_count; i++) {
        steps[i].name = operation_text(rest);
        steps[i].stage = operation_text(rest);
        steps[i].verdict = (enum verdict)operation_number(rest);
        steps[i].duration_us = operation_number(rest);
    }
    run->steps = steps;
    return steps;
}

int writer_apply_run(struct writer *writer, struct view *rest)
{
    struct store_run run = {0};
    run.id = operation_text(rest);
    run.location = operation_text(rest);
    run.kind = operation_text(rest);
    run.stage = operation_text(rest);
    run.step = operation_text(rest);
    run.trace_id = operation_text(rest);
    run.line = operation_text(rest);
    run.report = operation_text(rest);
    run.times = operation_text(rest);
    struct view figures = *rest;
    struct store_step *steps = read_figures(rest, &run);
    figures.length -= rest->length;
    int code = add_run(writer, &run, figures);
    free(steps);
    return code;
}

static int fold_missed(struct writer *writer, const char *journey, const char *persona,
                       int64_t time_us)
{
    struct figure_cell *cell;
    struct series whole = {0, journey, persona, "", ""};
    int code = cell_of(writer, &whole, time_us, &cell);
    if (code == SQLITE_OK) cell->missed++;
    return code;
}

int writer_apply_missed(struct writer *writer, struct view *rest)
{
    struct view operation = *rest;
    const char *journey = operation_text(rest), *persona = operation_text(rest);
    int64_t time_us = operation_number(rest);
    const char *why = operation_text(rest);
    operation.length -= rest->length;
    sqlite3_stmt *insert = connection_prepare(
        &writer->connection,
        "INSERT INTO missed(journey, persona, time_us, why) VALUES(?1, ?2, ?3, ?4)");
    if (insert) {
        statement_bind_text(insert, 1, view_of(journey));
        statement_bind_text(insert, 2, view_of(persona));
        sqlite3_bind_int64(insert, 3, time_us);
        statement_bind_text(insert, 4, view_of(why));
    }
    int code = step_statement(writer, insert, NULL);
    if (code == SQLITE_OK) code = keep_unfolded(writer, OPERATION_MISSED, operation);
    return code == SQLITE_OK ? fold_missed(writer, journey, persona, time_us) : code;
}

/* --- What was not folded yet. A line that makes no sense is passed over: the file may be damaged.
 */

#define FIGURES_OF_RUN "ttnnnnnn"
#define FIGURES_OF_STEP "ttnn"

static int fold_kept_run(struct writer *writer, struct view operation)
{
    struct store_run run = {0};
    if (!operation_fits(operation, FIGURES_OF_RUN)) return SQLITE_OK;
    struct view rest = operation;
    for (size_t i = 0; i + 1 < strlen(FIGURES_OF_RUN); i++) (void)operation_value(&rest);
    AUTO_BUF kinds = BUF_INIT(BUF_OWN_CAP);
    int64_t steps_there = operation_number(&rest);
    if (steps_there < 0 || (uint64_t)steps_there > rest.length) return SQLITE_OK;
    for (int64_t i = 0; i < steps_there; i++) buf_add_text(&kinds, FIGURES_OF_STEP);
    if (!operation_fits(rest, buf_text(&kinds))) return SQLITE_OK;
    AUTO_FREE struct store_step *steps = read_figures(&operation, &run);
    bool sane = run.verdict <= VERDICT_SKIPPED;
    for (size_t i = 0; i < run.step_count; i++) sane = sane && steps[i].verdict <= VERDICT_SKIPPED;
    return sane ? fold_run(writer, &run) : SQLITE_OK;
}

static int fold_kept_missed(struct writer *writer, struct view operation)
{
    if (!operation_fits(operation, "ttn")) return SQLITE_OK;
    const char *journey = operation_text(&operation), *persona = operation_text(&operation);
    return fold_missed(writer, journey, persona, operation_number(&operation));
}

int writer_read_cells(struct writer *writer)
{
    if (!writer->stale) return SQLITE_OK;
    sqlite3_stmt *select = connection_prepare(&writer->connection,
                                              "SELECT kind, operation FROM unfolded ORDER BY seq");
    if (!select) return sqlite3_extended_errcode(writer->connection.db);
    int code = sqlite3_step(select), folded = SQLITE_OK;
    for (; code == SQLITE_ROW && folded == SQLITE_OK; code = sqlite3_step(select)) {
        struct view operation = statement_bytes(select, 1);
        folded = sqlite3_column_int(select, 0) == OPERATION_RUN
                     ? fold_kept_run(writer, operation)
                     : fold_kept_missed(writer, operation);
    }
    sqlite3_reset(select);
    writer->stale = code != SQLITE_DONE || folded != SQLITE_OK;
    if (folded != SQLITE_OK) return folded;
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* --- Figures to the database */

#define UPSERT(table, time)                                                                        \
    "INSERT INTO " table "(series, " time ", pass, degraded, fail, unknown, skipped, maintenance," \
    " missed, lost_us, latency) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"              \
    " ON CONFLICT DO UPDATE SET pass = pass + excluded.pass,"                                      \
    " degraded = degraded + excluded.degraded, fail = fail + excluded.fail,"                       \
    " unknown = unknown + excluded.unknown, skipped = skipped + excluded.skipped,"                 \
    " maintenance = maintenance + excluded.maintenance, missed = missed + excluded.missed,"        \
    " lost_us = lost_us + excluded.lost_us,"                                                       \
    " latency = histogram_join(latency, excluded.latency)"

static int write_cell(struct writer *writer, const struct figure_cell *cell, const char *sql,
                      int64_t time)
{
    AUTO_BUF latency = BUF_INIT(BUF_OWN_CAP);
    if (cell->latency.count) histogram_print(&cell->latency, &latency);
    sqlite3_stmt *upsert = connection_prepare(&writer->connection, sql);
    if (upsert) {
        sqlite3_bind_int64(upsert, 1, cell->series);
        sqlite3_bind_int64(upsert, 2, time);
        for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++)
            sqlite3_bind_int64(upsert, 3 + i, cell->verdicts[i]);
        sqlite3_bind_int64(upsert, 8, cell->maintenance);
        sqlite3_bind_int64(upsert, 9, cell->missed);
        sqlite3_bind_int64(upsert, 10, cell->lost_us);
        statement_bind_blob(upsert, 11, buf_view(&latency));
    }
    return step_statement(writer, upsert, NULL);
}

int writer_write_cells(struct writer *writer)
{
    int code = SQLITE_OK;
    map_each(entry, &writer->cells) {
        const struct figure_cell *cell = entry->value;
        code = write_cell(writer, cell, UPSERT("hourly", "hour"), cell->hour);
        if (code == SQLITE_OK)
            code = write_cell(writer, cell, UPSERT("daily", "day"), cell->hour / 24);
        if (code != SQLITE_OK) return code;
    }
    map_release(&writer->cells);
    writer->cells = MAP_INIT(cell_free);
    return step_statement(writer, connection_prepare(&writer->connection, "DELETE FROM unfolded"),
                          NULL);
}
