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

enum { PILE_BYTES = 8192 };

/* Of the whole run, of a stage, or of a step. */
enum level { LEVEL_RUN, LEVEL_STAGE, LEVEL_STEP };

struct figure {
    enum level level;
    char *stage, *step; /* "" */
    int64_t verdicts[VERDICT_SKIPPED + 1], maintenance, missed, lost_us;
    struct histogram latency;
};

/* What the runs of one shopper within one hour come to. They are piled up as they come and counted
 * many at a time: going through figures that no cache has any more costs as much as the counting
 * of ten runs. */
struct tally {
    int64_t hour;
    struct buf runs;            /* operations, not counted yet */
    VEC(struct figure) figures; /* in the order in which runs have them */
    size_t next;                /* where the next one asked for probably stands */
};

static void tally_free(void *memory)
{
    struct tally *tally = memory;
    if (!tally) return;
    vec_each(figure, &tally->figures) {
        free(figure->stage);
        free(figure->step);
        histogram_release(&figure->latency);
    }
    vec_release(&tally->figures);
    buf_release(&tally->runs);
    free(tally);
}

void writer_forget(struct writer *writer)
{
    map_release(&writer->names);
    map_release(&writer->series);
    map_release(&writer->tallies);
    writer->names = writer->series = MAP_INIT(free);
    writer->tallies = MAP_INIT(tally_free);
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
    enum level level;
    const char *journey, *persona, *stage, *step;
};

static int series_ask(struct writer *writer, const char *sql, const struct series *series,
                      int64_t *ret_number)
{
    sqlite3_stmt *statement = connection_prepare(&writer->connection, sql);
    const char *const texts[] = {series->journey, series->stage, series->step, series->persona};
    if (statement) {
        sqlite3_bind_int(statement, 1, (int)series->level);
        for (int i = 0; i < (int)COUNT_OF(texts); i++)
            statement_bind_text(statement, i + 2, view_of(texts[i]));
    }
    return step_statement(writer, statement, ret_number);
}

static int series_number(struct writer *writer, const struct series *series, int64_t *ret_number)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    const char *const parts[] = {series->journey, series->stage, series->step, series->persona};
    buf_add_char(&key, (char)('0' + (int)series->level));
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

/* --- Counting */

/* Under journey, persona and hour. */
static struct tally *tally_of(struct writer *writer, const char *journey, const char *persona,
                              int64_t time_us)
{
    AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
    int64_t hour = time_us / STORE_HOUR_US;
    buf_add(&key, journey, strlen(journey) + 1);
    buf_add(&key, persona, strlen(persona) + 1);
    buf_add(&key, &hour, sizeof(hour));
    struct tally *tally = map_get(&writer->tallies, buf_view(&key));
    if (tally) return tally;
    tally = NEW(struct tally);
    tally->hour = hour;
    tally->runs = BUF_INIT(BUF_OWN_CAP);
    map_set(&writer->tallies, buf_view(&key), tally);
    return tally;
}

static struct figure *figure_of(struct tally *tally, enum level level, const char *stage,
                                const char *step)
{
    size_t count = tally->figures.count;
    for (size_t i = 0; i < count; i++) {
        size_t at = tally->next + i < count ? tally->next + i : tally->next + i - count;
        struct figure *figure = &tally->figures.items[at];
        if (figure->level != level || strcmp(figure->step, step) != 0 ||
            strcmp(figure->stage, stage) != 0)
            continue;
        tally->next = at + 1 < count ? at + 1 : 0;
        return figure;
    }
    struct figure *figure = vec_add(&tally->figures);
    figure->level = level;
    figure->stage = xstrdup(stage);
    figure->step = xstrdup(step);
    tally->next = 0;
    return figure;
}

static void count(struct figure *figure, const struct store_run *run, enum verdict verdict,
                  int64_t duration_us)
{
    if (run->flags & STORE_RUN_MAINTENANCE) {
        figure->maintenance++;
        return;
    }
    if (run->flags & STORE_RUN_UNJUDGED && verdict != VERDICT_SKIPPED) verdict = VERDICT_UNKNOWN;
    figure->verdicts[verdict]++;
    if (verdict == VERDICT_FAIL) figure->lost_us += run->lost_us;
    if (verdict == VERDICT_PASS || verdict == VERDICT_DEGRADED)
        histogram_add(&figure->latency, duration_us);
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
static void count_stage(struct tally *tally, const struct store_run *run, size_t at)
{
    const char *stage = run->steps[at].stage;
    if (!*stage) return;
    for (size_t i = 0; i < at; i++)
        if (!strcmp(run->steps[i].stage, stage)) return;
    enum verdict verdict = VERDICT_SKIPPED;
    int64_t duration_us = 0;
    for (size_t i = at; i < run->step_count; i++) {
        if (strcmp(run->steps[i].stage, stage) != 0) continue;
        verdict = worse(verdict, run->steps[i].verdict);
        duration_us += run->steps[i].duration_us;
    }
    count(figure_of(tally, LEVEL_STAGE, stage, ""), run, verdict, duration_us);
}

static void count_run(struct tally *tally, const struct store_run *run)
{
    count(figure_of(tally, LEVEL_RUN, "", ""), run, run->verdict, run->duration_us);
    for (size_t i = 0; i < run->step_count; i++) {
        const struct store_step *step = &run->steps[i];
        count_stage(tally, run, i);
        count(figure_of(tally, LEVEL_STEP, step->stage, step->name), run, step->verdict,
              step->duration_us);
    }
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

static void count_pile(struct tally *tally)
{
    for (struct view rest = buf_view(&tally->runs); rest.length;) {
        struct store_run run = {0};
        struct store_step *steps = read_figures(&rest, &run);
        count_run(tally, &run);
        free(steps);
    }
    buf_clear(&tally->runs);
}

static void pile(struct writer *writer, const struct store_run *run, struct view figures)
{
    struct tally *tally = tally_of(writer, run->journey, run->persona, run->started_us);
    if (tally->runs.length + figures.length > PILE_BYTES) count_pile(tally);
    buf_add_view(&tally->runs, figures);
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
    if (code == SQLITE_OK) pile(writer, run, figures);
    return code;
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

static void count_missed(struct writer *writer, const char *journey, const char *persona,
                         int64_t time_us)
{
    figure_of(tally_of(writer, journey, persona, time_us), LEVEL_RUN, "", "")->missed++;
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
    if (code == SQLITE_OK) count_missed(writer, journey, persona, time_us);
    return code;
}

/* --- What was not folded yet. A line that makes no sense is passed over: the file may be damaged.
 */

#define FIGURES_OF_RUN "ttnnnnnn"
#define FIGURES_OF_STEP "ttnn"

static void count_kept_run(struct writer *writer, struct view operation)
{
    struct store_run run = {0};
    if (!operation_fits(operation, FIGURES_OF_RUN)) return;
    struct view rest = operation;
    for (size_t i = 0; i + 1 < strlen(FIGURES_OF_RUN); i++) (void)operation_value(&rest);
    AUTO_BUF kinds = BUF_INIT(BUF_OWN_CAP);
    int64_t steps_there = operation_number(&rest);
    if (steps_there < 0 || (uint64_t)steps_there > rest.length) return;
    for (int64_t i = 0; i < steps_there; i++) buf_add_text(&kinds, FIGURES_OF_STEP);
    if (!operation_fits(rest, buf_text(&kinds))) return;
    rest = operation;
    AUTO_FREE struct store_step *steps = read_figures(&rest, &run);
    bool sane = run.verdict <= VERDICT_SKIPPED;
    for (size_t i = 0; i < run.step_count; i++) sane = sane && steps[i].verdict <= VERDICT_SKIPPED;
    if (sane) pile(writer, &run, view_slice(operation, 0, operation.length - rest.length));
}

static void count_kept_missed(struct writer *writer, struct view operation)
{
    if (!operation_fits(operation, "ttn")) return;
    const char *journey = operation_text(&operation), *persona = operation_text(&operation);
    count_missed(writer, journey, persona, operation_number(&operation));
}

int writer_read_unfolded(struct writer *writer)
{
    if (!writer->stale) return SQLITE_OK;
    sqlite3_stmt *select = connection_prepare(&writer->connection,
                                              "SELECT kind, operation FROM unfolded ORDER BY seq");
    if (!select) return sqlite3_extended_errcode(writer->connection.db);
    int code = sqlite3_step(select);
    for (; code == SQLITE_ROW; code = sqlite3_step(select)) {
        struct view operation = statement_bytes(select, 1);
        if (sqlite3_column_int(select, 0) == OPERATION_RUN)
            count_kept_run(writer, operation);
        else
            count_kept_missed(writer, operation);
    }
    sqlite3_reset(select);
    writer->stale = code != SQLITE_DONE;
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

static int write_figure(struct writer *writer, const struct figure *figure, int64_t series,
                        const char *sql, int64_t time)
{
    AUTO_BUF latency = BUF_INIT(BUF_OWN_CAP);
    if (figure->latency.count) histogram_print(&figure->latency, &latency);
    sqlite3_stmt *upsert = connection_prepare(&writer->connection, sql);
    if (upsert) {
        sqlite3_bind_int64(upsert, 1, series);
        sqlite3_bind_int64(upsert, 2, time);
        for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++)
            sqlite3_bind_int64(upsert, 3 + i, figure->verdicts[i]);
        sqlite3_bind_int64(upsert, 8, figure->maintenance);
        sqlite3_bind_int64(upsert, 9, figure->missed);
        sqlite3_bind_int64(upsert, 10, figure->lost_us);
        statement_bind_blob(upsert, 11, buf_view(&latency));
    }
    return step_statement(writer, upsert, NULL);
}

static int write_tally(struct writer *writer, const char *journey, const char *persona,
                       struct tally *tally)
{
    count_pile(tally);
    vec_each(figure, &tally->figures) {
        const struct series whose = {figure->level, journey, persona, figure->stage, figure->step};
        int64_t series = 0;
        int code = series_number(writer, &whose, &series);
        if (code == SQLITE_OK)
            code = write_figure(writer, figure, series, UPSERT("hourly", "hour"), tally->hour);
        if (code == SQLITE_OK)
            code = write_figure(writer, figure, series, UPSERT("daily", "day"), tally->hour / 24);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

int writer_fold(struct writer *writer)
{
    map_each(entry, &writer->tallies) {
        const char *journey = entry->key, *persona = journey + strlen(journey) + 1;
        int code = write_tally(writer, journey, persona, entry->value);
        if (code != SQLITE_OK) return code;
    }
    map_release(&writer->tallies);
    writer->tallies = MAP_INIT(tally_free);
    return step_statement(writer, connection_prepare(&writer->connection, "DELETE FROM unfolded"),
                          NULL);
}
