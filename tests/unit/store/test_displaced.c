/* SPDX-License-Identifier: Apache-2.0 */
/* A store whose file is not where it was, and one that can be read and not opened. */
#include "trouble.h"

#include "base/file.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void forget_file(const struct fixture *f, const char *ending)
{
    AUTO_FREE char *path = xasprintf("%s%s", f->path, ending);
    assert_int_equal(unlink(path), 0);
}

/* --- Gone, or another one */

static void store_that_was_removed_is_written_anew_with_all_it_held(void **state)
{
    struct fixture *f = *state;
    struct stat status;
    add_runs(f, 0, 50);
    add_what_is_open(f);
    expect_runs(f, 50); /* a reader has it open */
    forget_file(f, "");
    forget_file(f, "-wal");
    forget_file(f, "-shm");
    forget_file(f, ".lock");
    add_runs(f, 50, 1);
    expect_trouble(f, STORE_DISPLACED, false);
    add_runs(f, 51, 1);
    expect_trouble(f, STORE_DISPLACED, true);
    expect_no_trouble(f);
    expect_runs(f, 52);
    assert_int_equal(stat(f->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    struct store *second = store_open(f->path, &f->settings, &f->error);
    assert_null(second); /* its lock is back, too */
    note_error(f);
    fixture_close(f);
    fixture_open(f);
    expect_no_trouble(f);
    expect_runs(f, 52);
    expect_what_is_open(f);
}

static void store_whose_folder_was_removed_is_written_anew(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *deep = path_directory(f->path);
    add_runs(f, 0, 5);
    fixture_clear(deep);
    add_runs(f, 5, 1);
    expect_trouble(f, STORE_DISPLACED, false);
    expect_runs(f, 6);
}

static void store_that_was_replaced_is_taken_as_it_is_now(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *other = xasprintf("%s/other.db", f->directory);
    char *path = f->path;
    f->path = other;
    struct store *first = take(f->store);
    fixture_open(f);
    add_runs(f, 100, 3);
    fixture_close(f);
    f->path = path;
    f->store = first;
    add_runs(f, 0, 50);
    assert_int_equal(rename(other, f->path), 0); /* its log stays: it is no log of this one */
    add_runs(f, 50, 1);
    expect_trouble(f, STORE_DISPLACED, false);
    add_runs(f, 51, 1);
    expect_trouble(f, STORE_DISPLACED, true);
    expect_no_trouble(f);
    expect_runs(f, 5);
    AUTO_FREE char *lock = xasprintf("%s.lock", other);
    unlink(lock);
}

/* --- There, and not to be opened */

static void limit_files(rlim_t bytes)
{
    const struct rlimit limit = {bytes, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* As a process leaves it that was killed: with a log, and without an index that would have to be
 * made. */
static void leave_with_a_log(struct fixture *f)
{
    AUTO_FREE char *log = xasprintf("%s-wal", f->path);
    AUTO_BUF file = BUF_INIT((size_t)16 << 20), pages = BUF_INIT((size_t)16 << 20);
    assert_true(file_read(f->path, &file, &f->error) && file_read(log, &pages, &f->error));
    assert_true(pages.length > 0);
    fixture_close(f);
    assert_true(file_write(f->path, buf_view(&file), 0600, &f->error));
    assert_true(file_write(log, buf_view(&pages), 0600, &f->error));
}

static void what_is_open_is_known_also_when_the_disk_is_full_from_the_start(void **state)
{
    struct fixture *f = *state;
    add_what_is_open(f);
    leave_with_a_log(f);
    limit_files(1);
    fixture_open(f);
    struct store_trouble trouble;
    assert_true(store_take_trouble(f->store, &trouble));
    enum store_trouble_kind kind = trouble.kind;
    store_trouble_release(&trouble);
    expect_what_is_open(f);
    put(f, "later", 1, true, NULL, NULL);
    assert_false(store_flush(f->store, 1000));
    limit_files(RLIM_INFINITY);
    assert_true(store_flush(f->store, FLUSH_US));
    expect_trouble(f, kind, true);
    expect_what_is_open(f);
    assert_true(has(f, "later"));
}

static void new_store_on_a_full_disk_is_read_as_empty(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
    bool found = true;
    limit_files(1);
    fixture_open(f);
    READ(store_state(f->store, "judge", &value, &found, &f->error));
    assert_false(found);
    put(f, "later", 1, true, NULL, NULL);
    limit_files(RLIM_INFINITY);
    assert_true(store_flush(f->store, FLUSH_US));
    assert_true(has(f, "later"));
}

int main(void)
{
#define OPEN(test) cmocka_unit_test_setup_teardown(test, fixture_set_up_open, fixture_tear_down)
#define CLOSED(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        OPEN(store_that_was_removed_is_written_anew_with_all_it_held),
        OPEN(store_whose_folder_was_removed_is_written_anew),
        OPEN(store_that_was_replaced_is_taken_as_it_is_now),
        OPEN(what_is_open_is_known_also_when_the_disk_is_full_from_the_start),
        CLOSED(new_store_on_a_full_disk_is_read_as_empty),
        PIN_MESSAGES("store/displaced.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
