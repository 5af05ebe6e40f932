/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures over spans of time, from the hourly and daily ones: whole days are read from `daily`, the
 * hours at both ends from `hourly`, so that a month of a journey is some thirty rows and at most
 * forty-six more. Runs themselves are never counted here.
 */
#include "base/map.h"
#include "base/vec.h"
#include "store/connection.h"
#include "store/query.h"

void store_row_list_release(struct store_row_list *list)
{
    vec_each(row, list) histogram_release(&row->latency);
    arena_release(&list->texts);
    vec_release(list);
}

void store_cell_list_release(struct store_cell_list *list)
{
    vec_release(list);
}

double store_figures_availability(const struct store_figures *figures)
{
    uint64_t good = figures->verdicts[VERDICT_PASS] + figures->verdicts[VERDICT_DEGRADED];
    uint64_t judged = good + figures->verdicts[VERDICT_FAIL];
    return judged ? (double)good / (double)judged : -1;
}

/* --- Spans */

/* A part of a span: from <= time < until, in hours or days. */
struct part {
    const char *table, *time;
    int64_t from, until;
};

#define PART_COUNT 3
#define HOURS "hourly", "hour"
#define DAYS "daily", "day"

static int64_t upwards(int64_t time_us, int64_t unit_us)
{
    if (time_us > INT64_MAX - unit_us) return INT64_MAX / unit_us;
    return (time_us + unit_us - 1) / unit_us;
}

static void span_cut(int64_t from_us, int64_t until_us, struct part parts[static PART_COUNT])
{
    int64_t from = (from_us < 0 ? 0 : from_us) / STORE_HOUR_US;
    int64_t until = until_us < 0 ? 0 : upwards(until_us, STORE_HOUR_US);
    int64_t first_day = (from + 23) / 24, last_day = until / 24;
    parts[1] = (struct part){DAYS, first_day, last_day};
    if (first_day >= last_day) {
        parts[0] = (struct part){HOURS, from, until};
        parts[1] = (struct part){DAYS, 0, 0};
        parts[2] = (struct part){HOURS, 0, 0};
        return;
    }
    parts[0] = (struct part){HOURS, from, first_day * 24};
    parts[2] = (struct part){HOURS, last_day * 24, until};
}

/* --- Asking for a scope */

/* SELECT `what` over the series in the scope and the part of the span. */
static void scope_begin(struct query *query, struct store *store, const struct store_scope *scope,
                        const struct part *part, const char *what)
{
    const struct {
        const char *column, *value;
    } filters[] = {{"journey", scope->journey},
                   {"persona", scope->persona},
                   {"stage", scope->stage},
                   {"step", scope->step}};
    int level = scope->step ? 2 : scope->stage ? 1 : 0;
    AUTO_BUF sql = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&sql,
             "SELECT %s FROM series AS s CROSS JOIN %s AS f ON f.series = s.id AND f.%s >= ?"
             " AND f.%s < ? WHERE s.level = ?",
             what, part->table, part->time, part->time);
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        if (filters[i].value) buf_addf(&sql, " AND s.%s = ?", filters[i].column);
    query_begin(query, store, buf_text(&sql));
    query_bind(query, part->from);
    query_bind(query, part->until);
    query_bind(query, level);
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        if (filters[i].value) query_bind_text(query, filters[i].value);
}

#define SUMS                                                                                       \
    "sum(f.pass), sum(f.degraded), sum(f.fail), sum(f.unknown), sum(f.skipped),"                   \
    " sum(f.maintenance), sum(f.missed), sum(f.lost_us)"
#define VALUES                                                                                     \
    "f.pass, f.degraded, f.fail, f.unknown, f.skipped, f.maintenance, f.missed, f.lost_us"

/* Adds eight columns from `column` on. */
static void figures_add(struct store_figures *figures, struct query *query, int column)
{
    for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++)
        figures->verdicts[i] += (uint64_t)query_number(query, column + i);
    figures->maintenance += (uint64_t)query_number(query, column + 5);
    figures->missed += (uint64_t)query_number(query, column + 6);
    figures->lost_us += query_number(query, column + 7);
}

bool store_availability(struct store *store, const struct store_scope *scope, int64_t from_us,
                        int64_t until_us, struct store_figures *ret_figures, struct error *error)
{
    struct part parts[PART_COUNT];
    struct store_figures figures = {0};
    span_cut(from_us, until_us, parts);
    for (int i = 0; i < PART_COUNT; i++) {
        if (parts[i].from >= parts[i].until) continue;
        struct query query;
        scope_begin(&query, store, scope, &parts[i], SUMS);
        if (query_row(&query)) figures_add(&figures, &query, 0);
        if (!query_end(&query, error)) return false;
    }
    *ret_figures = figures;
    return true;
}

bool store_histogram(struct store *store, const struct store_scope *scope, int64_t from_us,
                     int64_t until_us, struct histogram *histogram, struct error *error)
{
    struct part parts[PART_COUNT];
    struct histogram_sum sum = {0};
    bool good = true;
    span_cut(from_us, until_us, parts);
    for (int i = 0; good && i < PART_COUNT; i++) {
        if (parts[i].from >= parts[i].until) continue;
        struct query query;
        scope_begin(&query, store, scope, &parts[i], "f.latency");
        while (query_row(&query))
            (void)!histogram_sum_add(&sum, statement_bytes(query.statement, 0));
        good = query_end(&query, error);
    }
    histogram_sum_move(&sum, histogram);
    return good;
}

/* --- Strips of cells */

struct strip {
    struct store_cell_list *list;
    struct histogram *latencies; /* one per cell */
    struct part part;            /* hours, or days where cells are made of days */
    int64_t unit_us, per_cell;
};

static void strip_begin(struct strip *strip, int64_t from_us, int64_t until_us, int64_t cell_us)
{
    bool days = cell_us >= STORE_DAY_US && cell_us % STORE_DAY_US == 0;
    strip->unit_us = days ? STORE_DAY_US : STORE_HOUR_US;
    strip->part = days ? (struct part){DAYS, 0, 0} : (struct part){HOURS, 0, 0};
    strip->per_cell = cell_us > 0 ? upwards(cell_us, strip->unit_us) : 1;
    strip->part.from = (from_us < 0 ? 0 : from_us) / strip->unit_us;
    int64_t until = until_us < 0 ? 0 : upwards(until_us, strip->unit_us);
    for (int64_t at = strip->part.from; at < until && strip->list->count < STORE_CELL_LIMIT;
         at += strip->per_cell)
        vec_push(strip->list, ((struct store_cell){.from_us = at * strip->unit_us}));
    strip->part.until = strip->part.from + (int64_t)strip->list->count * strip->per_cell;
    if (strip->part.until > until && strip->list->count) strip->part.until = until;
    strip->latencies = xcalloc(strip->list->count, sizeof(*strip->latencies));
}

static void strip_end(struct strip *strip)
{
    for (size_t i = 0; i < strip->list->count; i++) {
        struct store_cell *cell = &strip->list->items[i];
        cell->p50_us = histogram_quantile_us(&strip->latencies[i], 0.5);
        cell->p95_us = histogram_quantile_us(&strip->latencies[i], 0.95);
        histogram_release(&strip->latencies[i]);
    }
    free(strip->latencies);
}

static bool strip_read(struct strip *strip, struct store *store, const struct store_scope *scope,
                       bool with_latency, struct error *error)
{
    AUTO_BUF what = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&what, "f.%s, " VALUES "%s", strip->part.time, with_latency ? ", f.latency" : "");
    struct query query;
    scope_begin(&query, store, scope, &strip->part, buf_text(&what));
    while (query_row(&query)) {
        size_t at = (size_t)((query_number(&query, 0) - strip->part.from) / strip->per_cell);
        figures_add(&strip->list->items[at].figures, &query, 1);
        if (with_latency)
            (void)!histogram_add_printed(&strip->latencies[at],
                                         statement_bytes(query.statement, 9));
    }
    return query_end(&query, error);
}

bool store_cells(struct store *store, const struct store_scope *scope, int64_t from_us,
                 int64_t until_us, int64_t cell_us, struct store_cell_list *list,
                 struct error *error)
{
    *list = (struct store_cell_list){0};
    struct strip strip = {.list = list};
    strip_begin(&strip, from_us, until_us, cell_us);
    bool good = strip_read(&strip, store, scope, true, error);
    strip_end(&strip);
    return good;
}

bool store_availability_cells(struct store *store, const struct store_scope *scope, int64_t from_us,
                              int64_t until_us, int64_t cell_us, struct store_cell_list *list,
                              struct error *error)
{
    *list = (struct store_cell_list){0};
    struct strip strip = {.list = list};
    strip_begin(&strip, from_us, until_us, cell_us);
    bool good = strip_read(&strip, store, scope, false, error);
    strip_end(&strip);
    return good;
}

/* --- Tables */

struct table {
    struct store_row_list *list;
    bool with_latency;
    struct map rows; /* series -> its place in the list, plus one */
};

static size_t *table_place(struct table *table, int64_t series)
{
    struct view key = {(const char *)&series, sizeof(series)};
    size_t *place = map_get(&table->rows, key);
    if (place) return place;
    place = NEW(size_t);
    map_set(&table->rows, key, place);
    return place;
}

static bool table_list(struct table *table, struct store *store, enum store_level level,
                       const char *journey, struct error *error)
{
    struct query query;
    struct store_row_list *list = table->list;
    query_begin(&query, store,
                journey ? "SELECT id, journey, persona, stage, step FROM series WHERE level = ?"
                          " AND journey = ? ORDER BY journey, persona, stage, step"
                        : "SELECT id, journey, persona, stage, step FROM series WHERE level = ?"
                          " ORDER BY journey, persona, stage, step");
    query_bind(&query, (int64_t)level);
    if (journey) query_bind_text(&query, journey);
    while (query_row(&query)) {
        vec_push(list, ((struct store_row){
                           .journey = query_text(&query, 1, &list->texts),
                           .persona = query_text(&query, 2, &list->texts),
                           .stage = query_text(&query, 3, &list->texts),
                           .step = query_text(&query, 4, &list->texts),
                       }));
        *table_place(table, query_number(&query, 0)) = list->count;
    }
    return query_end(&query, error);
}

static bool table_add(struct table *table, struct store *store, enum store_level level,
                      const char *journey, const struct part *part, struct error *error)
{
    AUTO_BUF sql = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&sql,
             "SELECT s.id, %s FROM series AS s CROSS JOIN %s AS f ON f.series = s.id"
             " AND f.%s >= ? AND f.%s < ? WHERE s.level = ?%s%s",
             table->with_latency ? VALUES ", f.latency" : SUMS, part->table, part->time, part->time,
             journey ? " AND s.journey = ?" : "",
             /* the order of the index: nothing has to be sorted */
             table->with_latency ? "" : " GROUP BY s.level, s.journey, s.stage, s.step, s.persona");
    struct query query;
    query_begin(&query, store, buf_text(&sql));
    query_bind(&query, part->from);
    query_bind(&query, part->until);
    query_bind(&query, (int64_t)level);
    if (journey) query_bind_text(&query, journey);
    struct store_row *row = NULL;
    struct histogram_sum latency = {0}; /* of this row: a series' hours or days come together */
    for (int64_t series = -1; query_row(&query);) {
        if (series != query_number(&query, 0)) {
            series = query_number(&query, 0);
            if (row) histogram_sum_move(&latency, &row->latency);
            size_t place = *table_place(table, series);
            row = place ? &table->list->items[place - 1] : NULL;
        }
        if (!row) continue;
        figures_add(&row->figures, &query, 1);
        if (table->with_latency)
            (void)!histogram_sum_add(&latency, statement_bytes(query.statement, 9));
    }
    if (row) histogram_sum_move(&latency, &row->latency);
    return query_end(&query, error);
}

static bool is_empty(const struct store_figures *figures)
{
    uint64_t sum = figures->maintenance + figures->missed;
    for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++) sum += figures->verdicts[i];
    return !sum;
}

/* What had no run in the span is not in the table. */
static void table_drop_empty(struct store_row_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (is_empty(&list->items[i].figures))
            histogram_release(&list->items[i].latency);
        else
            list->items[kept++] = list->items[i];
    list->count = kept;
}

static bool table_read(struct table *table, struct store *store, enum store_level level,
                       const char *journey, int64_t from_us, int64_t until_us, struct error *error)
{
    struct part parts[PART_COUNT];
    *table->list = (struct store_row_list){0};
    span_cut(from_us, until_us, parts);
    bool good = table_list(table, store, level, journey, error);
    for (int i = 0; good && i < PART_COUNT; i++)
        if (parts[i].from < parts[i].until)
            good = table_add(table, store, level, journey, &parts[i], error);
    map_release(&table->rows);
    table_drop_empty(table->list);
    return good;
}

bool store_table(struct store *store, enum store_level level, const char *journey, int64_t from_us,
                 int64_t until_us, struct store_row_list *list, struct error *error)
{
    struct table table = {.list = list, .rows = MAP_INIT(free)};
    return table_read(&table, store, level, journey, from_us, until_us, error);
}

bool store_table_with_latency(struct store *store, enum store_level level, const char *journey,
                              int64_t from_us, int64_t until_us, struct store_row_list *list,
                              struct error *error)
{
    struct table table = {.list = list, .with_latency = true, .rows = MAP_INIT(free)};
    return table_read(&table, store, level, journey, from_us, until_us, error);
}
