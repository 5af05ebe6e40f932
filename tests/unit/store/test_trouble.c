/* SPDX-License-Identifier: Apache-2.0 */
/* What a disk can do to a store: damage, locks, no space, an end amid writing. */
#include "trouble.h"

#include "base/file.h"
#include "base/random.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- Damage */

static void store_that_is_garbage_is_moved_aside(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *deep = path_directory(f->path);
    AUTO_BUF garbage = BUF_INIT(BUF_OWN_CAP);
    for (int i = 0; i < 10000; i++) buf_add_text(&garbage, "no database ");
    assert_true(file_make_directory(deep, &f->error));
    assert_true(file_write(f->path, buf_view(&garbage), 0644, &f->error));
    fixture_open(f);
    expect_trouble(f, STORE_CORRUPT, false);
    put(f, "a", 1, false, NULL, NULL);
    assert_true(store_flush(f->store, FLUSH_US));
    expect_trouble(f, STORE_CORRUPT, true);
    expect_no_trouble(f);
    assert_true(has(f, "a"));
    assert_int_equal(fixture_count_files(f, "shopper.db.corrupt-"), 1);
}

/* Overwrites the later half of the file. */
static void damage(const struct fixture *f)
{
    AUTO_BUF bytes = BUF_INIT(BUF_OWN_CAP);
    assert_true(file_read(f->path, &bytes, NULL));
    size_t from = bytes.length / 2 / 4096 * 4096;
    assert_true(from > (size_t)60 * 4096);
    memset(bytes.data + from, 0xa5, bytes.length - from);
    assert_true(file_write(f->path, buf_view(&bytes), 0600, NULL));
}

static void store_that_is_damaged_is_moved_aside_when_opened(void **state)
{
    struct fixture *f = *state;
    add_runs(f, 0, 5000);
    fixture_close(f);
    damage(f);
    fixture_open(f);
    expect_trouble(f, STORE_CORRUPT, false);
    add_runs(f, 5000, 1);
    expect_trouble(f, STORE_CORRUPT, true);
    assert_int_equal(fixture_count_files(f, "shopper.db.corrupt-"), 1);
}

/* Damage among the runs, found at the start or later, costs the runs alone. */
static void what_is_open_is_saved_from_a_damaged_store(void **state)
{
    for (int later = 0; later < 2; later++) {
        struct fixture *f = *state;
        add_what_is_open(f);
        add_runs(f, 0, 5000);
        fixture_close(f);
        damage(f);
        f->settings.check_bytes = later ? 0 : store_settings_default().check_bytes;
        fixture_open(f);
        if (later) add_runs(f, 5000, 10);
        expect_trouble(f, STORE_CORRUPT, false);
        expect_what_is_open(f);
        fixture_tear_down(state);
        fixture_set_up_open(state);
    }
}

/* Amid the incidents: those before and after the damage are saved. */
static void what_stands_on_both_sides_of_the_damage_is_saved(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *json = xcalloc(2001, 1);
    memset(json, 'x', 2000);
    for (int i = 0; i < 1000; i++) {
        AUTO_FREE char *id = xasprintf("i%04d", i);
        struct store_batch *batch = store_begin(f->store);
        batch_put_incident(
            batch, &(struct store_incident){
                       .id = id, .signature = "s", .state = "open", .line = "l", .json = json});
        store_commit(batch, NULL, NULL);
    }
    assert_true(store_flush(f->store, FLUSH_US));
    fixture_close(f);
    AUTO_BUF bytes = BUF_INIT(BUF_OWN_CAP);
    assert_true(file_read(f->path, &bytes, NULL));
    size_t from = bytes.length / 2 / 4096 * 4096;
    memset(bytes.data + from, 0xa5, 4096);
    assert_true(file_write(f->path, buf_view(&bytes), 0600, NULL));
    fixture_open(f);
    expect_trouble(f, STORE_CORRUPT, false);
    struct store_incident_list list;
    READ(store_incidents(f->store, &(struct store_incident_filter){.limit = 10000}, &list,
                         &f->error));
    assert_in_range(list.count, 990, 999);
    store_incident_list_release(&list);
}

static void store_begun_in_place_of_a_damaged_one_is_open_to_the_same_group(void **state)
{
    struct fixture *f = *state;
    struct stat status;
    add_runs(f, 0, 5000);
    fixture_close(f);
    damage(f);
    assert_int_equal(chmod(f->path, 0640), 0);
    fixture_open(f);
    expect_trouble(f, STORE_CORRUPT, false);
    assert_int_equal(stat(f->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
}

static void store_found_damaged_while_writing_loses_no_batch(void **state)
{
    struct fixture *f = *state;
    add_runs(f, 0, 5000);
    fixture_close(f);
    damage(f);
    f->settings.check_bytes = 0; /* as for a large file: nothing is noticed yet */
    fixture_open(f);
    expect_no_trouble(f);
    add_runs(f, 5000, 10);
    expect_trouble(f, STORE_CORRUPT, false);
    expect_trouble(f, STORE_CORRUPT, true);
    struct store_run_list list;
    READ(store_runs(f->store, &(struct store_run_filter){0}, &list, &f->error));
    assert_int_equal(list.count, 10);
    store_run_list_release(&list);
}

static void store_found_damaged_while_reading_is_moved_aside(void **state)
{
    struct fixture *f = *state;
    add_runs(f, 0, 5000);
    fixture_close(f);
    damage(f);
    f->settings.check_bytes = 0;
    fixture_open(f);
    struct store_run_list list;
    assert_false(
        store_runs(f->store, &(struct store_run_filter){.limit = 100000}, &list, &f->error));
    note_error(f);
    store_run_list_release(&list);
    expect_trouble(f, STORE_CORRUPT, false);
    READ(store_runs(f->store, &(struct store_run_filter){0}, &list, &f->error));
    assert_int_equal(list.count, 0);
    store_run_list_release(&list);
}

/* --- Figures that are refused */

static void execute(const struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 60 * 1000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void store_that_refuses_figures_keeps_the_runs(void **state)
{
    struct fixture *f = *state;
    add_runs(f, 0, 1);
    execute(f, "ALTER TABLE hourly RENAME TO elsewhere");
    add_runs(f, 1, 3);
    expect_trouble(f, STORE_FAILING, false);
    put(f, "a", 1, true, NULL, NULL);
    add_runs(f, 4, 1);
    expect_no_trouble(f);
    expect_runs(f, 5);
    fixture_close(f);
    fixture_open(f);
    add_runs(f, 5, 1);
    expect_trouble(f, STORE_FAILING, false);
    expect_runs(f, 6);
    execute(f, "ALTER TABLE elsewhere RENAME TO hourly");
    add_runs(f, 6, 1);
    expect_trouble(f, STORE_FAILING, true);
    struct store_figures figures;
    READ(store_availability(f->store, &(struct store_scope){0}, START_US, START_US + 1, &figures,
                            &f->error));
    assert_int_equal(figures.verdicts[VERDICT_FAIL], 7);
}

/* --- Locks */

static sqlite3 *lock(const struct fixture *f)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void unlock(sqlite3 *db)
{
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void store_that_is_locked_keeps_what_it_is_given(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = lock(f);
    put(f, "a", 1, true, NULL, NULL);
    expect_trouble(f, STORE_LOCKED, false);
    put(f, "b", 1, true, NULL, NULL);
    assert_int_equal(store_waiting(f->store), 2);
    assert_false(store_flush(f->store, 1000));
    assert_false(has(f, "a")); /* readers are not held up */
    unlock(db);
    assert_true(store_flush(f->store, FLUSH_US));
    expect_trouble(f, STORE_LOCKED, true);
    assert_true(has(f, "a") && has(f, "b"));
}

/* What is committed while the store is held waits, also for the end of the process. */
static void store_that_is_held_is_opened_and_not_written(void **state)
{
    struct fixture *f = *state;
    put(f, "a", 1, true, NULL, NULL);
    fixture_close(f);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
        SQLITE_OK);
    fixture_open(f);
    store_hold(f->store, true);
    expect_trouble(f, STORE_LOCKED, false);
    put(f, "b", 1, true, NULL, NULL);
    unlock(db);
    expect_trouble(f, STORE_LOCKED, true);
    assert_false(store_flush(f->store, 1000));
    assert_true(has(f, "a") && !has(f, "b"));
    store_hold(f->store, false);
    assert_true(store_flush(f->store, FLUSH_US));
    assert_true(has(f, "b"));
    store_hold(f->store, true);
    put(f, "c", 1, true, NULL, NULL);
    fixture_close(f);
    fixture_open(f);
    assert_false(has(f, "c"));
}

static void word_that_cannot_be_left_is_told(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = lock(f);
    assert_false(store_post_command(f->path, &(struct store_command){.verb = "ack"}, &f->error));
    note_error(f);
    unlock(db);
}

static void store_that_is_locked_when_opened_works_from_memory(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *deep = path_directory(f->path);
    assert_true(file_make_directory(deep, &f->error));
    sqlite3 *db = lock(f);
    fixture_open(f);
    expect_trouble(f, STORE_LOCKED, false);
    put(f, "a", 1, false, NULL, NULL);
    AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
    bool found;
    assert_false(store_state(f->store, "a", &value, &found, &f->error));
    note_error(f);
    unlock(db);
    assert_true(store_flush(f->store, FLUSH_US));
    expect_trouble(f, STORE_LOCKED, true);
    assert_true(has(f, "a"));
}

static void note(void *context, bool written)
{
    buf_add_char(context, written ? '+' : '-');
}

static void store_that_is_behind_drops_plain_batches_first(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF log = BUF_INIT(BUF_OWN_CAP);
    f->settings.queue_bytes = 100 * 1000;
    fixture_open(f);
    sqlite3 *db = lock(f);
    for (int i = 0; i < 4; i++) put(f, "plain", 20 * 1000, false, note, &log);
    for (int i = 0; i < 4; i++) put(f, "incident", 20 * 1000, true, note, &log);
    put(f, "nobody asks", 20 * 1000, false, NULL, NULL);
    unlock(db);
    assert_true(store_flush(f->store, FLUSH_US));
    store_poll(f->store);
    assert_string_equal(buf_text(&log), "++--++--"); /* in order, also those that were lost */
    struct store_trouble trouble = {0};
    while (store_take_trouble(f->store, &trouble)) {
        if (trouble.kind == STORE_BEHIND && trouble.over)
            assert_string_equal(trouble.message, "the store keeps up again; 5 batches were lost");
        golden_note(trouble.message);
        store_trouble_release(&trouble);
    }
    assert_int_equal(trouble.kind, STORE_BEHIND);
    assert_true(trouble.over);
}

/* --- No space */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void store_on_a_full_disk_keeps_what_it_is_given(void **state)
{
    struct fixture *f = *state;
    signal(SIGXFSZ, SIG_IGN);
    limit_files(256 * 1024);
    put(f, "small", 1000, false, NULL, NULL);
    put(f, "large", 1024 * 1024, true, NULL, NULL);
    expect_trouble(f, STORE_FULL, false);
    put(f, "more", 1024 * 1024, true, NULL, NULL);
    limit_files(RLIM_INFINITY);
    assert_true(store_flush(f->store, FLUSH_US));
    expect_trouble(f, STORE_FULL, true);
    expect_no_trouble(f);
    assert_true(has(f, "small") && has(f, "large") && has(f, "more"));
    fixture_close(f);
    fixture_open(f);
    expect_no_trouble(f);
    assert_true(has(f, "more"));
}

/* --- An end amid writing */

/* Each batch is a run, an incident, a line of the outbox and the count of all so far. */
static void write_number(struct store *store, int64_t number, bool durable,
                         void (*done)(void *context, bool written), void *context)
{
    AUTO_FREE char *id = xasprintf("%08lld", (long long)number);
    AUTO_FREE char *count = xasprintf("%lld", (long long)number + 1);
    struct store_batch *batch = store_begin(store);
    struct store_run run = fixture_run(id, VERDICT_PASS, START_US + number);
    batch_add_run(batch, &run);
    batch_put_state(batch, "count", view_of(count));
    batch_put_silence(batch, &(struct store_silence){.id = id, .until_us = 1});
    if (durable) {
        batch_put_incident(batch, &(struct store_incident){.id = id});
        batch_add_outbox(
            batch, &(struct store_delivery){.event_id = id, .incident_id = id, .sink = "mail"});
    }
    store_commit(batch, done, context);
}

struct child {
    int pipe;
    int64_t done;
};

static void tell_parent(void *context, bool written)
{
    struct child *child = context;
    child->done++;
    if (!written || write(child->pipe, &child->done, sizeof(child->done)) < 0) _exit(1);
}

static void child_writes_until_killed(const struct fixture *f, int64_t from, int pipe)
{
    struct store *store = store_open(f->path, &f->settings, NULL);
    if (!store) _exit(1);
    struct child child = {pipe, from};
    for (int64_t number = from;; number++) {
        write_number(store, number, number % 3 == 0, tell_parent, &child);
        while (number - child.done > 100) {
            struct pollfd watched = {.fd = store_descriptor(store), .events = POLLIN};
            if (poll(&watched, 1, -1) == 1) store_poll(store);
        }
    }
}

static int64_t count_of(struct fixture *f)
{
    AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
    bool found;
    READ(store_state(f->store, "count", &value, &found, &f->error));
    return found ? strtoll(buf_text(&value), NULL, 10) : 0;
}

static void expect_whole_batches(struct fixture *f)
{
    int64_t count = count_of(f);
    struct store_run_list runs;
    READ(store_runs(f->store, &(struct store_run_filter){.limit = 1000000}, &runs, &f->error));
    assert_int_equal(runs.count, count);
    store_run_list_release(&runs);
    struct store_silence_list silences;
    READ(store_silences(f->store, 0, &silences, &f->error));
    assert_int_equal(silences.count, count);
    store_silence_list_release(&silences);
    struct store_incident_list incidents;
    READ(store_incidents(f->store, &(struct store_incident_filter){.limit = 1000000}, &incidents,
                         &f->error));
    assert_int_equal(incidents.count, (count + 2) / 3);
    store_incident_list_release(&incidents);
    struct store_outbox_figures outbox;
    READ(store_outbox(f->store, NULL, &outbox, &f->error));
    assert_int_equal(outbox.waiting, (count + 2) / 3);
    struct store_figures figures;
    READ(store_availability(f->store, &(struct store_scope){0}, START_US, START_US + 1, &figures,
                            &f->error));
    assert_int_equal(figures.verdicts[VERDICT_PASS], count);
}

/* The last number that the child said was done. */
static int64_t kill_after(pid_t child, int pipe, uint64_t words)
{
    int64_t done = 0, word;
    for (uint64_t i = 0; read(pipe, &word, sizeof(word)) == (ssize_t)sizeof(word); i++) {
        done = word;
        if (i == words) kill(child, SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return done;
}

static void batches_are_whole_after_a_kill(void **state)
{
    struct fixture *f = *state;
    struct random random;
    random_init(&random, 1);
    int64_t count = 0;
    for (int round = 0; round < 20; round++) {
        int pipes[2];
        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        pid_t child = fork();
        if (child == 0) child_writes_until_killed(f, count, pipes[1]);
        close(pipes[1]);
        int64_t done = kill_after(child, pipes[0], random_below(&random, 300));
        close(pipes[0]);
        fixture_open(f);
        expect_no_trouble(f);
        expect_whole_batches(f);
        count = count_of(f);
        assert_true(count >= done);
        fixture_close(f);
    }
    assert_true(count > 20);
}

int main(void)
{
#define OPEN(test) cmocka_unit_test_setup_teardown(test, fixture_set_up_open, fixture_tear_down)
#define CLOSED(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CLOSED(store_that_is_garbage_is_moved_aside),
        OPEN(store_that_is_damaged_is_moved_aside_when_opened),
        OPEN(what_is_open_is_saved_from_a_damaged_store),
        OPEN(what_stands_on_both_sides_of_the_damage_is_saved),
        OPEN(store_begun_in_place_of_a_damaged_one_is_open_to_the_same_group),
        OPEN(store_found_damaged_while_writing_loses_no_batch),
        OPEN(store_found_damaged_while_reading_is_moved_aside),
        OPEN(store_that_refuses_figures_keeps_the_runs),
        OPEN(store_that_is_locked_keeps_what_it_is_given),
        OPEN(store_that_is_held_is_opened_and_not_written),
        OPEN(word_that_cannot_be_left_is_told),
        CLOSED(store_that_is_locked_when_opened_works_from_memory),
        CLOSED(store_that_is_behind_drops_plain_batches_first),
        OPEN(store_on_a_full_disk_keeps_what_it_is_given),
        CLOSED(batches_are_whole_after_a_kill),
        PIN_MESSAGES("store/trouble.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
