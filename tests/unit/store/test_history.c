/* SPDX-License-Identifier: Apache-2.0 */
/* Figures over spans, cells, tables, the latest and the last good run, retention. */
#include "fixture.h"

static const struct store_step good_steps[] = {
    {"open", "login", VERDICT_PASS, 100},
    {"log in", "login", VERDICT_DEGRADED, 300},
    {"see", "price-view", VERDICT_PASS, 50},
    {"note", "", VERDICT_PASS, 1},
};
static const struct store_step bad_steps[] = {
    {"open", "login", VERDICT_PASS, 100},
    {"log in", "login", VERDICT_PASS, 100},
    {"see", "price-view", VERDICT_FAIL, 5000},
    {"note", "", VERDICT_SKIPPED, 0},
};

static void add(struct store_batch *batch, const char *persona, enum verdict verdict,
                int64_t started_us, unsigned flags)
{
    AUTO_FREE char *id = xasprintf("%s-%lld-%u", persona, (long long)started_us, flags);
    struct store_run run = fixture_run(id, verdict, started_us);
    run.persona = persona;
    run.flags = flags;
    run.steps = verdict == VERDICT_FAIL ? bad_steps : good_steps;
    run.step_count = COUNT_OF(good_steps);
    batch_add_run(batch, &run);
}

/* Four days, a run each minute and persona; the last hour of each day fails for the iphone. */
static void add_days(struct fixture *f)
{
    for (int64_t hour = 0; hour < 96; hour++) {
        struct store_batch *batch = store_begin(f->store);
        for (int64_t minute = 0; minute < 60; minute++) {
            int64_t at = START_US + hour * STORE_HOUR_US + minute * MINUTE_US;
            add(batch, "desktop", VERDICT_PASS, at, 0);
            add(batch, "iphone", hour % 24 == 23 ? VERDICT_FAIL : VERDICT_DEGRADED, at, 0);
        }
        store_commit(batch, NULL, NULL);
    }
    assert_true(store_flush(f->store, FLUSH_US));
}

static void availability_is_the_same_however_a_span_is_cut(void **state)
{
    struct fixture *f = *state;
    add_days(f);
    const struct {
        struct store_scope scope;
        int64_t from, until; /* hours */
        uint64_t pass, degraded, fail;
    } cases[] = {
        {{0}, 0, 96, 96 * 60, 92 * 60, 4 * 60},  /* whole days */
        {{0}, 5, 7, 120, 120, 0},                /* hours of one day */
        {{0}, 20, 26, 360, 300, 60},             /* no whole day */
        {{0}, 20, 74, 54 * 60, 51 * 60, 3 * 60}, /* ends and days */
        {{.persona = "desktop"}, 20, 74, 54 * 60, 0, 0},
        {{.journey = "other"}, 0, 96, 0, 0, 0},
        {{.stage = "price-view"}, 0, 96, (96 + 92) * 60, 0, 4 * 60},
        {{.stage = "login"}, 0, 96, 4 * 60, (96 + 92) * 60, 0},
        {{.step = "open"}, 0, 48, 96 * 60, 0, 0},
        {{.journey = "checkout", .stage = "login", .step = "log in"}, 23, 24, 60, 60, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_figures figures;
        READ(store_availability(f->store, &cases[i].scope, START_US + cases[i].from * STORE_HOUR_US,
                                START_US + cases[i].until * STORE_HOUR_US, &figures, &f->error));
        assert_int_equal(figures.verdicts[VERDICT_PASS], cases[i].pass);
        assert_int_equal(figures.verdicts[VERDICT_DEGRADED], cases[i].degraded);
        assert_int_equal(figures.verdicts[VERDICT_FAIL], cases[i].fail);
        assert_int_equal(figures.lost_us, (int64_t)cases[i].fail * MINUTE_US);
    }
}

/* Far more of one shopper than are piled up before they are counted, of a journey that changes
 * amid it, over the turn of an hour. */
static void figures_are_right_whatever_runs_are_counted_together(void **state)
{
    struct fixture *f = *state;
    static const struct store_step changed[] = {
        {"see", "price-view", VERDICT_PASS, 50},
        {"pay", "checkout", VERDICT_PASS, 70},
        {"open", "login", VERDICT_PASS, 100},
        {"see", "login", VERDICT_PASS, 9}, /* its name stands in two stages */
    };
    struct store_batch *batch = store_begin(f->store);
    int64_t from_us = START_US + STORE_HOUR_US - 500 * (MINUTE_US / 60);
    for (int64_t i = 0; i < 1000; i++) {
        AUTO_FREE char *id = xasprintf("run-%lld", (long long)i);
        struct store_run run = fixture_run(id, VERDICT_PASS, from_us + i * (MINUTE_US / 60));
        run.steps = i % 3 ? good_steps : changed;
        run.step_count = COUNT_OF(good_steps);
        batch_add_run(batch, &run);
    }
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(f->store, FLUSH_US));
    const struct {
        struct store_scope scope;
        uint64_t first, second, degraded; /* passed in each of the hours; degraded in both */
    } cases[] = {
        {{0}, 500, 500, 0},
        {{.stage = "login"}, 167, 167, 666},
        {{.stage = "checkout"}, 167, 167, 0},
        {{.stage = "price-view", .step = "see"}, 500, 500, 0},
        {{.stage = "login", .step = "see"}, 167, 167, 0},
        {{.stage = "login", .step = "open"}, 500, 500, 0},
        {{.stage = "login", .step = "log in"}, 0, 0, 666},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t passed[2], degraded = 0;
        for (int hour = 0; hour < 2; hour++) {
            struct store_figures figures;
            READ(store_availability(f->store, &cases[i].scope, START_US + hour * STORE_HOUR_US,
                                    START_US + (hour + 1) * STORE_HOUR_US, &figures, &f->error));
            passed[hour] = figures.verdicts[VERDICT_PASS];
            degraded += figures.verdicts[VERDICT_DEGRADED];
        }
        assert_int_equal(passed[0], cases[i].first);
        assert_int_equal(passed[1], cases[i].second);
        assert_int_equal(degraded, cases[i].degraded);
    }
}

static void run_that_was_asked_for_is_kept_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    struct store_batch *batch = store_begin(f->store);
    add(batch, "desktop", VERDICT_PASS, START_US, 0);
    add(batch, "desktop", VERDICT_FAIL, START_US + MINUTE_US, STORE_RUN_ASKED | STORE_RUN_UNJUDGED);
    add(batch, "desktop", VERDICT_PASS, START_US + 2 * MINUTE_US,
        STORE_RUN_ASKED | STORE_RUN_UNJUDGED);
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(f->store, FLUSH_US));
    struct store_run_list list;
    READ(store_runs(f->store, &(struct store_run_filter){.with_asked = true}, &list, &f->error));
    assert_int_equal(list.count, 3);
    store_run_list_release(&list);
    READ(store_runs(f->store, &(struct store_run_filter){0}, &list, &f->error));
    assert_int_equal(list.count, 1);
    store_run_list_release(&list);
    READ(store_latest(f->store, NULL, &list, &f->error));
    assert_int_equal(list.count, 1);
    assert_true(list.items[0].started_us == START_US);
    store_run_list_release(&list);
    READ(store_last_good(f->store, "checkout", "desktop", 0, &list, &f->error));
    assert_true(list.items[0].started_us == START_US);
    store_run_list_release(&list);
    struct store_scope all = {0};
    struct store_figures figures;
    READ(store_availability(f->store, &all, START_US, START_US + STORE_HOUR_US, &figures,
                            &f->error));
    assert_int_equal(figures.verdicts[VERDICT_PASS], 1);
    assert_int_equal(figures.verdicts[VERDICT_FAIL], 0);
    assert_int_equal(figures.verdicts[VERDICT_UNKNOWN], 0);
}

static void durations_of_what_failed_are_left_out(void **state)
{
    struct fixture *f = *state;
    add_days(f);
    struct histogram histogram = {0};
    struct store_scope scope = {.stage = "price-view", .step = "see"};
    READ(store_histogram(f->store, &scope, START_US, START_US + 4 * STORE_DAY_US, &histogram,
                         &f->error));
    assert_int_equal(histogram_total(&histogram), 188 * 60);
    assert_int_equal(histogram_quantile_us(&histogram, 1), 50);
    histogram_release(&histogram);
    scope = (struct store_scope){.stage = "login"};
    READ(store_histogram(f->store, &scope, START_US + STORE_HOUR_US, START_US + 3 * STORE_HOUR_US,
                         &histogram, &f->error));
    assert_int_equal(histogram_total(&histogram), 240);
    assert_int_equal(histogram_index(histogram_quantile_us(&histogram, 0.5)),
                     histogram_index(400)); /* the sum of the stage's steps */
    histogram_release(&histogram);
}

static void cells_have_no_gaps_and_show_where_it_failed(void **state)
{
    struct fixture *f = *state;
    add_days(f);
    struct store_scope scope = {.journey = "checkout", .stage = "price-view"};
    struct store_cell_list list;
    READ(store_cells(f->store, &scope, START_US - 6 * STORE_HOUR_US, START_US + STORE_DAY_US,
                     6 * STORE_HOUR_US, &list, &f->error));
    assert_int_equal(list.count, 5);
    assert_int_equal(list.items[0].from_us, START_US - 6 * STORE_HOUR_US);
    assert_int_equal(list.items[0].p50_us, -1);
    assert_int_equal(list.items[1].figures.verdicts[VERDICT_PASS], 720);
    assert_int_equal(list.items[3].figures.verdicts[VERDICT_FAIL], 0);
    assert_int_equal(list.items[4].figures.verdicts[VERDICT_FAIL], 60);
    assert_int_equal(histogram_index(list.items[4].p95_us), histogram_index(50));
    store_cell_list_release(&list);
    READ(store_cells(f->store, &scope, START_US + 7, START_US + 4 * STORE_DAY_US, STORE_DAY_US,
                     &list, &f->error));
    assert_int_equal(list.count, 4);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.items[i].from_us, START_US + (int64_t)i * STORE_DAY_US);
        assert_int_equal(list.items[i].figures.verdicts[VERDICT_FAIL], 60);
    }
    store_cell_list_release(&list);
    READ(store_cells(f->store, &scope, 0, INT64_MAX, STORE_HOUR_US, &list, &f->error));
    assert_int_equal(list.count, STORE_CELL_LIMIT);
    store_cell_list_release(&list);
    READ(store_cells(f->store, &scope, 10, 5, 0, &list, &f->error));
    store_cell_list_release(&list);
}

static void table_lists_each_series_once(void **state)
{
    struct fixture *f = *state;
    add_days(f);
    struct store_row_list list;
    int64_t from = START_US + 12 * STORE_HOUR_US, until = START_US + 60 * STORE_HOUR_US;
    READ(store_table(f->store, STORE_WHOLE_RUNS, NULL, from, until, &list, &f->error));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].persona, "desktop");
    assert_int_equal(list.items[0].figures.verdicts[VERDICT_PASS], 48 * 60);
    assert_string_equal(list.items[1].persona, "iphone");
    assert_int_equal(list.items[1].figures.verdicts[VERDICT_FAIL], 2 * 60);
    store_row_list_release(&list);
    READ(store_table(f->store, STORE_STAGES, "checkout", from, until, &list, &f->error));
    assert_int_equal(list.count, 4);
    assert_string_equal(list.items[0].stage, "login");
    store_row_list_release(&list);
    READ(store_table(f->store, STORE_STEPS, NULL, from, until, &list, &f->error));
    assert_int_equal(list.count, 8);
    assert_string_equal(list.items[0].stage, ""); /* "note" has none */
    assert_string_equal(list.items[0].step, "note");
    store_row_list_release(&list);
    READ(store_table(f->store, STORE_STEPS, NULL, 0, START_US, &list, &f->error));
    assert_int_equal(list.count, 0);
    store_row_list_release(&list);
}

static void table_with_latency_says_the_same_and_how_long_it_took(void **state)
{
    struct fixture *f = *state;
    add_days(f);
    struct store_row_list list, with;
    int64_t from = START_US + 12 * STORE_HOUR_US, until = START_US + 60 * STORE_HOUR_US;
    READ(store_table(f->store, STORE_STAGES, "checkout", from, until, &list, &f->error));
    READ(store_table_with_latency(f->store, STORE_STAGES, "checkout", from, until, &with,
                                  &f->error));
    assert_int_equal(with.count, list.count);
    for (size_t i = 0; i < list.count; i++) {
        const struct store_row *row = &with.items[i];
        assert_memory_equal(&row->figures, &list.items[i].figures, sizeof(row->figures));
        struct histogram histogram = {0};
        struct store_scope scope = {
            .journey = "checkout", .persona = row->persona, .stage = row->stage};
        READ(store_histogram(f->store, &scope, from, until, &histogram, &f->error));
        assert_int_equal(histogram_total(&row->latency), histogram_total(&histogram));
        assert_int_equal(histogram_quantile_us(&row->latency, 0.95),
                         histogram_quantile_us(&histogram, 0.95));
        histogram_release(&histogram);
    }
    store_row_list_release(&list);
    store_row_list_release(&with);
}

static void cells_of_availability_alone_say_the_same(void **state)
{
    struct fixture *f = *state;
    add_days(f);
    struct store_scope scope = {.journey = "checkout"};
    struct store_cell_list list, with;
    READ(store_availability_cells(f->store, &scope, START_US, START_US + STORE_DAY_US,
                                  6 * STORE_HOUR_US, &list, &f->error));
    READ(store_cells(f->store, &scope, START_US, START_US + STORE_DAY_US, 6 * STORE_HOUR_US, &with,
                     &f->error));
    assert_int_equal(list.count, with.count);
    for (size_t i = 0; i < list.count; i++)
        assert_memory_equal(&list.items[i].figures, &with.items[i].figures,
                            sizeof(with.items[i].figures));
    assert_int_equal(list.items[0].p50_us, -1);
    store_cell_list_release(&list);
    store_cell_list_release(&with);
}

static void maintenance_missed_and_blind_runs_are_no_outage(void **state)
{
    struct fixture *f = *state;
    struct store_batch *batch = store_begin(f->store);
    add(batch, "desktop", VERDICT_PASS, START_US, 0);
    add(batch, "desktop", VERDICT_FAIL, START_US + 1, STORE_RUN_MAINTENANCE);
    add(batch, "desktop", VERDICT_FAIL, START_US + 2, STORE_RUN_REPROBE);
    add(batch, "desktop", VERDICT_FAIL, START_US + 3, STORE_RUN_UNJUDGED);
    batch_add_missed(batch, &(struct store_missed){"checkout", "desktop", "suspended", START_US});
    fixture_write(f, batch);
    struct store_figures figures;
    READ(store_availability(f->store, &(struct store_scope){0}, START_US, START_US + 1, &figures,
                            &f->error));
    assert_int_equal(figures.verdicts[VERDICT_PASS], 1);
    assert_int_equal(figures.verdicts[VERDICT_FAIL], 0);
    assert_int_equal(figures.verdicts[VERDICT_UNKNOWN], 1);
    assert_int_equal(figures.maintenance, 1);
    assert_int_equal(figures.missed, 1);
    assert_int_equal(figures.lost_us, 0);
    assert_true(store_figures_availability(&figures) >= 1);
    assert_true(store_figures_availability(&(struct store_figures){0}) < 0);
    struct store_missed_list missed;
    READ(store_missed(f->store, "checkout", 0, 0, 0, &missed, &f->error));
    assert_int_equal(missed.count, 1);
    assert_string_equal(missed.items[0].why, "suspended");
    store_missed_list_release(&missed);
    READ(store_missed(f->store, "other", 0, 0, 0, &missed, &f->error));
    assert_int_equal(missed.count, 0);
    store_missed_list_release(&missed);
}

static void runs_are_listed_by_filter_and_order(void **state)
{
    struct fixture *f = *state;
    struct store_batch *batch = store_begin(f->store);
    for (int64_t i = 0; i < 10; i++)
        add(batch, i % 2 ? "iphone" : "desktop", i % 3 ? VERDICT_PASS : VERDICT_FAIL, START_US + i,
            0);
    fixture_write(f, batch);
    const struct {
        struct store_run_filter filter;
        size_t count;
        int64_t first;
    } cases[] = {
        {{0}, 10, 9},
        {{.oldest_first = true}, 10, 0},
        {{.journey = "checkout", .limit = 3}, 3, 9},
        {{.journey = "other"}, 0, 0},
        {{.journey = "checkout", .persona = "iphone"}, 5, 9},
        {{.failed_only = true}, 4, 9},
        {{.journey = "checkout", .failed_only = true, .oldest_first = true}, 4, 0},
        {{.from_us = START_US + 2, .until_us = START_US + 5}, 3, 4},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_run_list list;
        READ(store_runs(f->store, &cases[i].filter, &list, &f->error));
        assert_int_equal(list.count, cases[i].count);
        if (list.count) assert_int_equal(list.items[0].started_us, START_US + cases[i].first);
        store_run_list_release(&list);
    }
}

static void latest_and_last_good_are_told_apart(void **state)
{
    struct fixture *f = *state;
    struct store_batch *batch = store_begin(f->store);
    add(batch, "desktop", VERDICT_PASS, START_US, 0);
    add(batch, "desktop", VERDICT_FAIL, START_US + 5, 0);
    add(batch, "iphone", VERDICT_FAIL, START_US + 3, 0);
    fixture_write(f, batch);
    struct store_run_list list;
    READ(store_latest(f->store, "checkout", &list, &f->error));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].persona, "desktop");
    assert_int_equal(list.items[0].started_us, START_US + 5);
    store_run_list_release(&list);
    READ(store_last_good(f->store, "checkout", NULL, 0, &list, &f->error));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].started_us, START_US);
    store_run_list_release(&list);
    READ(store_last_good(f->store, "checkout", "iphone", 0, &list, &f->error));
    assert_int_equal(list.count, 0);
    store_run_list_release(&list);
}

static void add_timed(struct store_batch *batch, const char *id, unsigned flags, const char *times)
{
    struct store_run run = fixture_run(id, VERDICT_PASS, START_US);
    run.flags = flags;
    run.times = times;
    batch_add_run(batch, &run);
}

static void latest_run_alone_keeps_the_times_of_its_steps(void **state)
{
    struct fixture *f = *state;
    struct store_run_list list;
    static const char *const times[] = {"[[\"pay\",7,null]]", "[[\"pay\",9,null]]", ""};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        AUTO_FREE char *id = xasprintf("run-%zu", i), *asked = xasprintf("asked-%zu", i),
                       *cut = xasprintf("cut-%zu", i);
        struct store_batch *batch = store_begin(f->store);
        add_timed(batch, id, 0, times[i]);
        add_timed(batch, asked, STORE_RUN_ASKED, "[[\"pay\",1,null]]");
        add_timed(batch, cut, STORE_RUN_UNJUDGED | STORE_RUN_CUT_SHORT, "[[\"pay\",2,null]]");
        fixture_write(f, batch);
        READ(store_latest(f->store, fixture_run("", VERDICT_PASS, 0).journey, &list, &f->error));
        assert_int_equal(list.count, 1);
        assert_string_equal(list.items[0].id, id);
        assert_string_equal(list.items[0].times, times[i]);
        store_run_list_release(&list);
    }
    READ(store_run_by_id(f->store, "run-0", &list, &f->error));
    assert_string_equal(list.items[0].times, "");
    store_run_list_release(&list);
}

static void add_good(struct store_batch *batch, int64_t started_us, const char *report)
{
    AUTO_FREE char *id = xasprintf("good-%lld", (long long)started_us);
    batch_add_run(batch, &(struct store_run){.id = id,
                                             .journey = "checkout",
                                             .persona = "desktop",
                                             .started_us = started_us,
                                             .verdict = VERDICT_PASS,
                                             .report = report});
}

static void last_good_of_a_run_is_before_it_and_has_a_report(void **state)
{
    static const struct {
        int64_t before, wanted;
    } cases[] = {{0, 30}, {30, 10}, {25, 10}, {10, 0}};
    struct fixture *f = *state;
    struct store_batch *batch = store_begin(f->store);
    add_good(batch, START_US + 10, "{}");
    add_good(batch, START_US + 20, "");
    add_good(batch, START_US + 30, "{}");
    add_good(batch, START_US + 40, "");
    fixture_write(f, batch);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_run_list list;
        int64_t before_us = cases[i].before ? START_US + cases[i].before : 0;
        READ(store_last_good(f->store, "checkout", "desktop", before_us, &list, &f->error));
        /* Where none has a report, the latest good one is the latest of all: none of before. */
        bool known = cases[i].wanted > 0;
        assert_int_equal(list.count, known);
        if (known) assert_int_equal(list.items[0].started_us, START_US + cases[i].wanted);
        store_run_list_release(&list);
    }
}

static size_t count_runs(struct fixture *f)
{
    struct store_run_list list;
    READ(store_runs(f->store, &(struct store_run_filter){.limit = 100000}, &list, &f->error));
    size_t count = list.count;
    store_run_list_release(&list);
    return count;
}

static void sweep_keeps_figures_longer_than_runs_and_the_last_good_at_any_age(void **state)
{
    struct fixture *f = *state;
    add_days(f);
    assert_int_equal(count_runs(f), 2 * 96 * 60);
    store_sweep(f->store, START_US + 16 * STORE_DAY_US); /* two of the days are too old */
    assert_true(store_flush(f->store, FLUSH_US));
    assert_int_equal(count_runs(f), 2 * 48 * 60);
    store_sweep(f->store, START_US + 100 * STORE_DAY_US);
    assert_true(store_flush(f->store, FLUSH_US));
    assert_int_equal(count_runs(f), 2); /* the latest of each persona */
    struct store_figures figures;
    struct store_scope all = {0};
    READ(store_availability(f->store, &all, 0, INT64_MAX, &figures, &f->error));
    assert_int_equal(figures.verdicts[VERDICT_PASS], 96 * 60);
    store_sweep(f->store, START_US + (395 + 2) * STORE_DAY_US);
    assert_true(store_flush(f->store, FLUSH_US));
    READ(store_availability(f->store, &all, 0, INT64_MAX, &figures, &f->error));
    assert_int_equal(figures.verdicts[VERDICT_PASS], 48 * 60);
    READ(store_availability(f->store, &all, START_US, START_US + 49 * STORE_HOUR_US, &figures,
                            &f->error));
    assert_int_equal(figures.verdicts[VERDICT_PASS], 60);
}

static void sweep_leaves_what_is_open(void **state)
{
    struct fixture *f = *state;
    struct store_batch *batch = store_begin(f->store);
    static const char *const ids[] = {"open", "resolved"};
    for (int i = 0; i < 2; i++) {
        batch_put_incident(batch, &(struct store_incident){
                                      .id = ids[i], .opened_us = 1, .resolved_us = i ? 2 : 0});
        batch_add_event(batch, &(struct store_event){.id = ids[i], .incident_id = ids[i]});
        batch_add_outbox(batch,
                         &(struct store_delivery){.event_id = ids[i], .incident_id = ids[i]});
        batch_note_debt(batch, &(struct store_debt){.id = ids[i]});
    }
    batch_settle_debt(batch, "resolved", 2);
    batch_delivered(batch, "resolved", "", 2);
    batch_put_silence(batch, &(struct store_silence){.id = "s", .until_us = START_US * 2});
    fixture_write(f, batch);
    store_sweep(f->store, START_US);
    assert_true(store_flush(f->store, FLUSH_US));
    struct store_incident_list incidents;
    READ(store_incidents(f->store, &(struct store_incident_filter){0}, &incidents, &f->error));
    assert_int_equal(incidents.count, 1);
    assert_string_equal(incidents.items[0].id, "open");
    store_incident_list_release(&incidents);
    for (int i = 0; i < 2; i++) {
        struct store_event_list events;
        READ(store_events(f->store, ids[i], &events, &f->error));
        assert_int_equal(events.count, i ? 0 : 1);
        store_event_list_release(&events);
        struct store_delivery_list deliveries;
        READ(store_deliveries(f->store, ids[i], &deliveries, &f->error));
        assert_int_equal(deliveries.count, i ? 0 : 1);
        store_delivery_list_release(&deliveries);
    }
    struct store_debt_list debts;
    READ(store_debts(f->store, DEBT_OWED, &debts, &f->error));
    assert_int_equal(debts.count, 1);
    store_debt_list_release(&debts);
    READ(store_debts(f->store, DEBT_SETTLED, &debts, &f->error));
    assert_int_equal(debts.count, 0);
    store_debt_list_release(&debts);
    struct store_silence_list silences;
    READ(store_silences(f->store, 0, &silences, &f->error));
    assert_int_equal(silences.count, 1);
    store_silence_list_release(&silences);
}

/* Who heard of it is known by its deliveries: without them its end would be told to nobody. */
static void deliveries_of_an_open_incident_stay_at_any_age(void **state)
{
    struct fixture *f = *state;
    struct store_delivery_list deliveries;
    struct store_batch *batch = store_begin(f->store);
    batch_put_incident(batch, &(struct store_incident){.id = "long", .opened_us = 1});
    batch_add_outbox(
        batch, &(struct store_delivery){.event_id = "e", .incident_id = "long", .sink = "hook"});
    batch_delivered(batch, "e", "hook", 2);
    fixture_write(f, batch);
    store_sweep(f->store, START_US);
    assert_true(store_flush(f->store, FLUSH_US));
    READ(store_deliveries(f->store, "long", &deliveries, &f->error));
    assert_int_equal(deliveries.count, 1);
    store_delivery_list_release(&deliveries);
    batch = store_begin(f->store);
    batch_put_incident(
        batch, &(struct store_incident){.id = "long", .opened_us = 1, .resolved_us = START_US});
    fixture_write(f, batch);
    store_sweep(f->store, START_US);
    assert_true(store_flush(f->store, FLUSH_US));
    READ(store_deliveries(f->store, "long", &deliveries, &f->error));
    assert_int_equal(deliveries.count, 0);
    store_delivery_list_release(&deliveries);
}

int main(void)
{
#define OPEN(test) cmocka_unit_test_setup_teardown(test, fixture_set_up_open, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        OPEN(availability_is_the_same_however_a_span_is_cut),
        OPEN(figures_are_right_whatever_runs_are_counted_together),
        OPEN(run_that_was_asked_for_is_kept_and_nothing_else),
        OPEN(durations_of_what_failed_are_left_out),
        OPEN(cells_have_no_gaps_and_show_where_it_failed),
        OPEN(table_lists_each_series_once),
        OPEN(table_with_latency_says_the_same_and_how_long_it_took),
        OPEN(cells_of_availability_alone_say_the_same),
        OPEN(maintenance_missed_and_blind_runs_are_no_outage),
        OPEN(runs_are_listed_by_filter_and_order),
        OPEN(latest_and_last_good_are_told_apart),
        OPEN(latest_run_alone_keeps_the_times_of_its_steps),
        OPEN(last_good_of_a_run_is_before_it_and_has_a_report),
        OPEN(sweep_keeps_figures_longer_than_runs_and_the_last_good_at_any_age),
        OPEN(sweep_leaves_what_is_open),
        OPEN(deliveries_of_an_open_incident_stay_at_any_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
