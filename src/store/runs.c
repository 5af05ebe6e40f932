/* SPDX-License-Identifier: Apache-2.0 */
/* Runs and missed slots: handed to the writer, and read one by one. Figures over many of them are
 * history.c. */
#include "base/vec.h"
#include "store/batch.h"
#include "store/query.h"

/* As writer_apply_run reads it. */
void batch_add_run(struct store_batch *batch, const struct store_run *run)
{
    ASSERT(run->verdict <= VERDICT_SKIPPED);
    const struct value_cell cells[] = {
        CELL_TEXT(run->id),
        CELL_TEXT(run->location),
        CELL_TEXT(run->kind),
        CELL_TEXT(run->stage),
        CELL_TEXT(run->step),
        CELL_TEXT(run->trace_id),
        CELL_TEXT(run->line),
        CELL_TEXT(run->report),
        CELL_TEXT(run->times),
        /* From here on: what its figures are made of. */
        CELL_TEXT(run->journey),
        CELL_TEXT(run->persona),
        CELL_NUMBER(run->started_us),
        CELL_NUMBER(run->duration_us),
        CELL_NUMBER(run->lost_us),
        CELL_NUMBER(run->verdict),
        CELL_NUMBER(run->flags),
        CELL_NUMBER(run->step_count),
    };
    batch_add(batch, OPERATION_RUN, NULL, cells, COUNT_OF(cells));
    for (size_t i = 0; i < run->step_count; i++) {
        const struct store_step *step = &run->steps[i];
        ASSERT(step->verdict <= VERDICT_SKIPPED);
        batch_add_value(batch, CELL_TEXT(step->name));
        batch_add_value(batch, CELL_TEXT(step->stage));
        batch_add_value(batch, CELL_NUMBER(step->verdict));
        batch_add_value(batch, CELL_NUMBER(step->duration_us));
    }
}

/* As writer_apply_missed reads it. */
void batch_add_missed(struct store_batch *batch, const struct store_missed *missed)
{
    const struct value_cell cells[] = {CELL_TEXT(missed->journey), CELL_TEXT(missed->persona),
                                       CELL_NUMBER(missed->time_us), CELL_TEXT(missed->why)};
    batch_add(batch, OPERATION_MISSED, NULL, cells, COUNT_OF(cells));
}

STORE_LIST_RELEASE(store_run)
STORE_LIST_RELEASE(store_missed)

#define NAME(column) "(SELECT name FROM names WHERE id = r." column ")"
#define COLUMNS                                                                                    \
    "SELECT r.id, " NAME("journey") ", " NAME("persona") ", " NAME(                                \
        "location") ", r.trace_id,"                                                                \
                    " r.started_us, r.duration_us, r.lost_us, r.verdict, r.flags, " NAME(          \
                        "kind") ", " NAME("stage") ", " NAME("step") ", r.line, "
#define NAMED " = (SELECT id FROM names WHERE name = ?)"

static struct store_run run_of_row(struct query *query, struct arena *texts)
{
    return (struct store_run){
        .id = query_text(query, 0, texts),
        .journey = query_text(query, 1, texts),
        .persona = query_text(query, 2, texts),
        .location = query_text(query, 3, texts),
        .trace_id = query_text(query, 4, texts),
        .started_us = query_number(query, 5),
        .duration_us = query_number(query, 6),
        .lost_us = query_number(query, 7),
        .verdict = (enum verdict)query_number(query, 8),
        .flags = (unsigned)query_number(query, 9),
        .kind = query_text(query, 10, texts),
        .stage = query_text(query, 11, texts),
        .step = query_text(query, 12, texts),
        .line = query_text(query, 13, texts),
        .report = query_text(query, 14, texts),
        .times = "",
    };
}

static bool read_runs(struct query *query, struct store_run_list *list, struct error *error)
{
    while (query_row(query)) vec_push(list, run_of_row(query, &list->texts));
    return query_end(query, error);
}

bool store_runs(struct store *store, const struct store_run_filter *filter,
                struct store_run_list *list, struct error *error)
{
    AUTO_BUF sql = BUF_INIT(BUF_OWN_CAP);
    const char *index = filter->journey       ? "runs_by_journey"
                        : filter->failed_only ? "runs_bad"
                                              : "runs_by_time";
    buf_addf(&sql,
             COLUMNS "%s FROM runs AS r INDEXED BY %s WHERE r.started_us >= ? AND r.started_us < ?",
             filter->with_report ? "r.report" : "''", index);
    if (filter->journey) buf_add_text(&sql, " AND r.journey" NAMED);
    if (filter->persona) buf_add_text(&sql, " AND r.persona" NAMED);
    if (!filter->with_asked) buf_addf(&sql, " AND r.flags & %d = 0", STORE_RUN_ASKED);
    if (filter->failed_only) buf_add_text(&sql, " AND r.verdict NOT IN (0, 1)");
    const char *order = filter->oldest_first ? "ASC" : "DESC";
    buf_addf(&sql, " ORDER BY r.started_us %s, r.seq %s LIMIT ?", order, order);

    struct query query;
    *list = (struct store_run_list){0};
    query_begin(&query, store, buf_text(&sql));
    query_bind(&query, filter->from_us);
    query_bind(&query, UNTIL_OR_EVER(filter->until_us));
    if (filter->journey) query_bind_text(&query, filter->journey);
    if (filter->persona) query_bind_text(&query, filter->persona);
    query_bind(&query, LIMIT_OR_DEFAULT(filter->limit));
    return read_runs(&query, list, error);
}

bool store_run_by_id(struct store *store, const char *id, struct store_run_list *list,
                     struct error *error)
{
    struct query query;
    *list = (struct store_run_list){0};
    query_begin(&query, store, COLUMNS "r.report FROM runs AS r WHERE r.id = ?");
    query_bind_text(&query, id);
    return read_runs(&query, list, error);
}

#define OF_LATEST " FROM latest AS x JOIN runs AS r ON r.seq = x.run"

bool store_latest(struct store *store, const char *journey, struct store_run_list *list,
                  struct error *error)
{
    struct query query;
    *list = (struct store_run_list){0};
    query_begin(&query, store,
                journey ? COLUMNS "r.report, x.times" OF_LATEST " WHERE x.journey" NAMED
                                  " ORDER BY 2, 3, 4"
                        : COLUMNS "r.report" OF_LATEST " ORDER BY 2, 3, 4");
    if (journey) query_bind_text(&query, journey);
    while (query_row(&query)) {
        vec_push(list, run_of_row(&query, &list->texts));
        if (journey) vec_last(list)->times = query_text(&query, 15, &list->texts);
    }
    return query_end(&query, error);
}

/* Those without a report are many, those with one few and far between. */
static bool find_good_with_report(struct store *store, const char *journey, const char *persona,
                                  int64_t before_us, struct store_run_list *list,
                                  struct error *error)
{
    struct query query;
    query_begin(&query, store,
                COLUMNS "r.report FROM (SELECT seq, persona, verdict FROM runs INDEXED BY"
                        " runs_by_journey WHERE journey" NAMED " AND started_us < ?"
                        " ORDER BY started_us DESC, seq DESC LIMIT ?) AS x"
                        " CROSS JOIN runs AS r ON r.seq = x.seq WHERE x.verdict = 0 AND"
                        " (? = '' OR x.persona" NAMED ") AND r.report <> '' LIMIT 1");
    query_bind_text(&query, journey);
    query_bind(&query, UNTIL_OR_EVER(before_us));
    query_bind(&query, STORE_GOOD_LOOKED_AT);
    query_bind_text(&query, persona ? persona : "");
    query_bind_text(&query, persona ? persona : "");
    return read_runs(&query, list, error);
}

bool store_last_good(struct store *store, const char *journey, const char *persona,
                     int64_t before_us, struct store_run_list *list, struct error *error)
{
    struct query query;
    *list = (struct store_run_list){0};
    if (!find_good_with_report(store, journey, persona, before_us, list, error)) return false;
    if (list->count) return true;
    query_begin(&query, store,
                persona ? COLUMNS "r.report FROM latest AS x JOIN runs AS r ON r.seq = x.good"
                                  " WHERE x.journey" NAMED
                                  " AND r.started_us < ? AND x.persona" NAMED
                                  " ORDER BY r.started_us DESC LIMIT 1"
                        : COLUMNS "r.report FROM latest AS x JOIN runs AS r ON r.seq = x.good"
                                  " WHERE x.journey" NAMED " AND r.started_us < ?"
                                  " ORDER BY r.started_us DESC LIMIT 1");
    query_bind_text(&query, journey);
    query_bind(&query, UNTIL_OR_EVER(before_us));
    if (persona) query_bind_text(&query, persona);
    return read_runs(&query, list, error);
}

bool store_missed(struct store *store, const char *journey, int64_t from_us, int64_t until_us,
                  size_t limit, struct store_missed_list *list, struct error *error)
{
    struct query query;
    *list = (struct store_missed_list){0};
    query_begin(&query, store,
                "SELECT journey, persona, why, time_us FROM missed WHERE time_us >= ?1"
                " AND time_us < ?2 AND (?3 = '' OR journey = ?3)"
                " ORDER BY time_us DESC, seq DESC LIMIT ?4");
    query_bind(&query, from_us);
    query_bind(&query, UNTIL_OR_EVER(until_us));
    query_bind_text(&query, journey);
    query_bind(&query, LIMIT_OR_DEFAULT(limit));
    while (query_row(&query)) {
        vec_push(list, ((struct store_missed){
                           .journey = query_text(&query, 0, &list->texts),
                           .persona = query_text(&query, 1, &list->texts),
                           .why = query_text(&query, 2, &list->texts),
                           .time_us = query_number(&query, 3),
                       }));
    }
    return query_end(&query, error);
}
