/* SPDX-License-Identifier: Apache-2.0 */
/* A store of each earlier version, with data, becomes one of this version. */
#include "fixture.h"

#include "base/file.h"
#include "store/schema.h"

/* What a program of each version had written before it was replaced; each adds to those before. */
static const char *const data[SCHEMA_VERSION] = {
    "INSERT INTO names VALUES(1, ''), (2, 'checkout'), (3, 'desktop'), (4, 'price');"
    "INSERT INTO runs VALUES"
    " (1, 'r1', 2, 3, 1, 1728000000000000, 70, 0, 0, 0, 1, 1, 1, 't1', '', ''),"
    " (2, 'r2', 2, 3, 1, 1728086400000000, 80, 60, 2, 0, 4, 1, 1, 't2', 'no price', '{}');"
    "INSERT INTO series VALUES(1, 0, 'checkout', 'desktop', '', '');"
    "INSERT INTO hourly VALUES"
    " (1, 480000, 1, 0, 0, 0, 0, 0, 0, 0, x'014401'), (1, 480001, 1, 0, 0, 0, 0, 0, 0, 0, "
    "x'014401'),"
    " (1, 480024, 0, 0, 1, 0, 0, 0, 2, 60, x'');"
    "INSERT INTO incidents VALUES('i1', 'stage:checkout/price', 1, 'open', 5, 0, 'SEV1', '{}');"
    "INSERT INTO events VALUES(1, 'e1', 'i1', 5, 'opened', '{}');"
    "INSERT INTO outbox(event, sink, incident, payload, created_us, due_us)"
    " VALUES('e1', 'mail', 'i1', '{}', 5, 5);"
    "INSERT INTO ledger(id, run, journey, persona, step, debt, created_us)"
    " VALUES('d1', 'r2', 'checkout', 'desktop', 'pay', '{}', 6);"
    "INSERT INTO state VALUES('judge', x'78');",
    "UPDATE latest SET run = 2;",
    "INSERT INTO unfolded VALUES(1, 1, x'00'), (2, 2, x'ffff'), (3, 99, '');",
    "UPDATE latest SET times = '[]';",
};

static sqlite3 *raw_open(const struct fixture *f)
{
    sqlite3 *db = NULL;
    AUTO_FREE char *deep = path_directory(f->path);
    assert_true(file_make_directory(deep, NULL));
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(schema_add_functions(db), SQLITE_OK);
    return db;
}

static void raw_run(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s", message);
}

static void check_figures(struct fixture *f)
{
    struct store_figures figures;
    READ(store_availability(f->store, &(struct store_scope){0}, 20000 * STORE_DAY_US,
                            20002 * STORE_DAY_US, &figures, &f->error));
    assert_int_equal(figures.verdicts[VERDICT_PASS], 2);
    assert_int_equal(figures.verdicts[VERDICT_FAIL], 1);
    assert_int_equal(figures.missed, 2);
    assert_int_equal(figures.lost_us, 60);
    struct histogram histogram = {0};
    READ(store_histogram(f->store, &(struct store_scope){0}, 20000 * STORE_DAY_US,
                         20002 * STORE_DAY_US, &histogram, &f->error));
    assert_int_equal(histogram_total(&histogram), 2);
    histogram_release(&histogram);
}

static void check_runs(struct fixture *f, int version)
{
    struct store_run_list runs;
    READ(store_last_good(f->store, "checkout", "desktop", 0, &runs, &f->error));
    assert_int_equal(runs.count, 1);
    assert_string_equal(runs.items[0].id, "r1");
    store_run_list_release(&runs);
    READ(store_latest(f->store, "checkout", &runs, &f->error));
    assert_int_equal(runs.count, 1);
    assert_string_equal(runs.items[0].id, "r2");
    assert_string_equal(runs.items[0].kind, "price");
    assert_string_equal(runs.items[0].location, "");
    assert_string_equal(runs.items[0].times, version < 4 ? "" : "[]");
    store_run_list_release(&runs);
}

static void check_the_rest(struct fixture *f)
{
    struct store_incident_list incidents;
    READ(store_incident(f->store, "i1", &incidents, &f->error));
    assert_int_equal(incidents.count, 1);
    store_incident_list_release(&incidents);
    struct store_delivery_list deliveries;
    READ(store_outbox_waiting(f->store, &deliveries, &f->error));
    assert_int_equal(deliveries.count, 1);
    assert_string_equal(deliveries.items[0].event_id, "e1");
    store_delivery_list_release(&deliveries);
    struct store_debt_list debts;
    READ(store_debts(f->store, DEBT_OWED, &debts, &f->error));
    assert_int_equal(debts.count, 1);
    store_debt_list_release(&debts);
    AUTO_BUF value = BUF_INIT(10);
    bool found;
    READ(store_state(f->store, "judge", &value, &found, &f->error));
    assert_string_equal(buf_text(&value), "x");
}

static void store_of_each_version_is_brought_to_this_one(void **state)
{
    struct fixture *f = *state;
    for (int version = 1; version <= SCHEMA_VERSION; version++) {
        sqlite3 *db = raw_open(f);
        for (int i = 0; i < version; i++) {
            assert_int_equal(schema_migrate(db, i + 1), SQLITE_OK);
            raw_run(db, data[i]);
        }
        sqlite3_close(db);
        fixture_open(f);
        check_figures(f);
        check_runs(f, version);
        check_the_rest(f);
        struct store_run run = fixture_run("new", VERDICT_PASS, 20001 * STORE_DAY_US);
        struct store_batch *batch = store_begin(f->store);
        batch_add_run(batch, &run);
        fixture_write(f, batch);
        fixture_close(f);
        unlink(f->path);
    }
}

/* The tables and indices, as text. */
static void describe(struct fixture *f, struct buf *out)
{
    sqlite3 *db = raw_open(f);
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT coalesce(sql, name) FROM sqlite_schema"
                                        " ORDER BY type, name",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        buf_addf(out, "%s\n", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void schema_is_the_same_migrated_and_new(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF migrated = BUF_INIT(BUF_OWN_CAP), begun = BUF_INIT(BUF_OWN_CAP);
    sqlite3 *db = raw_open(f);
    assert_int_equal(schema_migrate(db, 1), SQLITE_OK);
    sqlite3_close(db);
    fixture_open(f);
    fixture_close(f);
    describe(f, &migrated);
    unlink(f->path);
    fixture_open(f);
    fixture_close(f);
    describe(f, &begun);
    assert_true(begun.length > 1000);
    assert_string_equal(buf_text(&migrated), buf_text(&begun));
}

static void migration_that_fails_leaves_the_version_before(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = raw_open(f);
    assert_int_equal(schema_migrate(db, 1), SQLITE_OK);
    raw_run(db, "CREATE TABLE latest(in_the_way)");
    assert_int_not_equal(schema_migrate(db, SCHEMA_VERSION), SQLITE_OK);
    raw_run(db, "DROP TABLE latest");
    assert_int_equal(schema_migrate(db, SCHEMA_VERSION), SQLITE_OK);
    sqlite3_close(db);
}

static void store_of_a_later_version_is_left_alone(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = raw_open(f);
    assert_int_equal(schema_migrate(db, SCHEMA_VERSION), SQLITE_OK);
    raw_run(db, "PRAGMA user_version = 99");
    sqlite3_close(db);
    assert_null(store_open(f->path, &f->settings, &f->error));
    assert_non_null(strstr(error_text(&f->error), "is of version 99"));
    note_error(f);
    assert_null(store_open_reader(f->path, &f->error));
    note_error(f);
    assert_int_equal(fixture_count_files(f, "corrupt"), 0);
}

static void database_of_another_program_is_left_alone(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = raw_open(f);
    raw_run(db, "CREATE TABLE bookmarks(url)");
    sqlite3_close(db);
    assert_null(store_open(f->path, &f->settings, &f->error));
    assert_non_null(strstr(error_text(&f->error), "is no store of this program"));
    note_error(f);
    assert_null(store_open_reader(f->path, &f->error));
    note_error(f);
    assert_false(store_post_command(f->path, &(struct store_command){.verb = "ack"}, &f->error));
    note_error(f);
    assert_int_equal(fixture_count_files(f, "corrupt"), 0);
}

int main(void)
{
#define CLOSED(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CLOSED(store_of_each_version_is_brought_to_this_one),
        CLOSED(schema_is_the_same_migrated_and_new),
        CLOSED(migration_that_fails_leaves_the_version_before),
        CLOSED(store_of_a_later_version_is_left_alone),
        CLOSED(database_of_another_program_is_left_alone),
        PIN_MESSAGES("store/schema.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
