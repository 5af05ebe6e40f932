/* SPDX-License-Identifier: Apache-2.0 */
/* Files, paths, ids, clocks, errors. */
#include "base/calendar.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "support/golden.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void note(const struct error *error)
{
    golden_note(error_text(error));
}

static void file_is_written_whole_and_read_back(void **state)
{
    (void)state;
    char directory[] = "/tmp/shopper-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    AUTO_FREE char *deep = path_join(directory, "a/b");
    AUTO_FREE char *path = path_join(deep, "c.yaml");
    struct error error = ERROR_NONE;
    struct buf text = BUF_INIT(5);
    assert_true(file_make_directory(deep, &error));
    assert_true(file_make_directory(deep, &error));
    assert_true(file_write(path, VIEW_LITERAL("hello"), 0600, &error));
    assert_true(file_read(path, &text, &error));
    assert_string_equal(buf_text(&text), "hello");
    assert_true(file_write(path, VIEW_LITERAL("longer"), 0600, &error));
    buf_clear(&text);
    assert_false(file_read(path, &text, &error));
    assert_non_null(strstr(error_text(&error), "larger than 5 bytes"));
    note(&error);
    static const char *const suffixes[] = {".yaml", NULL};
    struct path_list paths = {0};
    assert_true(file_list(directory, suffixes, &paths, &error));
    assert_int_equal(paths.count, 1);
    assert_string_equal(paths.items[0], path);
    path_list_release(&paths);
    AUTO_FREE char *parent = path_join(directory, "a");
    unlink(path);
    rmdir(deep);
    rmdir(parent);
    rmdir(directory);
    buf_release(&text);
    error_release(&error);
}

static void assert_file_holds(const char *path, const char *expected)
{
    struct buf text = BUF_INIT(100);
    assert_true(file_read(path, &text, NULL));
    assert_string_equal(buf_text(&text), expected);
    buf_release(&text);
}

static void what_is_no_regular_file_is_written_into(void **state)
{
    (void)state;
    char directory[] = "/tmp/shopper-test-XXXXXX", got[8] = "";
    assert_non_null(mkdtemp(directory));
    AUTO_FREE char *pipe = path_join(directory, "pipe");
    AUTO_FREE char *file = path_join(directory, "file");
    AUTO_FREE char *link = path_join(directory, "link");
    struct stat status;
    assert_int_equal(mkfifo(pipe, 0600), 0);
    int reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(file_write(pipe, VIEW_LITERAL("hello"), 0644, NULL));
    assert_int_equal(read(reader, got, sizeof(got)), 5);
    assert_string_equal(got, "hello");
    assert_true(lstat(pipe, &status) == 0 && S_ISFIFO(status.st_mode));
    close(reader);
    assert_int_equal(symlink("file", link), 0); /* to nowhere, yet */
    assert_true(file_can_be_written(link, NULL));
    assert_true(file_write(link, VIEW_LITERAL("first"), 0644, NULL));
    assert_file_holds(file, "first");
    assert_true(file_write(link, VIEW_LITERAL("2nd"), 0644, NULL));
    assert_file_holds(file, "2nd");
    assert_true(lstat(link, &status) == 0 && S_ISLNK(status.st_mode));
    unlink(pipe);
    unlink(link);
    unlink(file);
    rmdir(directory);
}

static void what_cannot_be_written_is_known_before(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    assert_true(file_can_be_written("/tmp/shopper-test-new", &error));
    assert_false(file_can_be_written("/tmp/no-such-directory/x", &error));
    note(&error);
    assert_false(file_can_be_written("", &error));
    note(&error);
    assert_false(file_can_be_written("/tmp", &error));
    assert_string_equal(error_text(&error), "cannot write /tmp: it is a directory");
    note(&error);
    assert_false(file_write_new("/tmp", VIEW_LITERAL("x"), 0600, &error));
    note(&error);
    assert_false(file_make_directory("/dev/null/below", &error));
    note(&error);
    error_release(&error);
}

static void error_without_a_word_says_that_much(void **state)
{
    (void)state;
    note(NULL);
    assert_string_equal(error_text(&(struct error){0}), error_text(NULL));
}

static void directory_that_cannot_be_listed_says_why(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".yaml", NULL};
    AUTO_ERROR error = ERROR_NONE;
    struct path_list paths = {0};
    char directory[] = "/tmp/shopper-test-XXXXXX";
    AUTO_BUF deep = BUF_INIT(BUF_OWN_CAP);
    assert_false(file_list("/tmp/no-such-directory", suffixes, &paths, &error));
    note(&error);
    assert_non_null(mkdtemp(directory));
    buf_add_text(&deep, directory);
    for (int i = 0; i < 20; i++) buf_add_text(&deep, "/d");
    assert_true(file_make_directory(buf_text(&deep), &error));
    assert_false(file_list(directory, suffixes, &paths, &error));
    note(&error);
    for (; deep.length >= strlen(directory); buf_truncate(&deep, deep.length - 2)) {
        rmdir(buf_text(&deep));
    }
    path_list_release(&paths);
}

static void directory_of_very_many_files_is_not_listed(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".yaml", NULL};
    AUTO_ERROR error = ERROR_NONE;
    struct path_list paths = {0};
    char directory[] = "/tmp/shopper-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    for (int made = 0; made < 2; made++) { /* made, and removed */
        for (int i = 0; i <= 10000; i++) {
            AUTO_FREE char *path = xasprintf("%s/%d.yaml", directory, i);
            if (made)
                unlink(path);
            else
                assert_int_equal(mknod(path, S_IFREG | 0600, 0), 0);
        }
        if (made) continue;
        assert_false(file_list(directory, suffixes, &paths, &error));
        note(&error);
    }
    rmdir(directory);
    path_list_release(&paths);
}

static void what_is_no_regular_file_is_not_read(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct buf text = BUF_INIT(100);
    assert_false(file_read("/tmp/no-such-file", &text, &error));
    note(&error);
    assert_false(file_read("/tmp", &text, &error));
    note(&error);
    assert_false(file_read("/dev/zero", &text, &error));
    assert_string_equal(error_text(&error), "cannot read /dev/zero: it is no regular file");
    assert_false(error_wrap(&error, "loading"));
    assert_string_equal(error_text(&error),
                        "loading: cannot read /dev/zero: it is no regular file");
    error_release(&error);
}

static void paths_are_joined_and_cut(void **state)
{
    (void)state;
    static const struct {
        const char *directory, *name, *joined;
    } cases[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {".", "b", "b"}, {"a", "/b", "/b"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *joined = path_join(cases[i].directory, cases[i].name);
        assert_string_equal(joined, cases[i].joined);
    }
    AUTO_FREE char *bare = path_directory("a");
    AUTO_FREE char *root = path_directory("/a");
    AUTO_FREE char *deep = path_directory("/a/b");
    assert_string_equal(bare, ".");
    assert_string_equal(root, "/");
    assert_string_equal(deep, "/a");
}

static void ids_have_their_form_and_differ(void **state)
{
    (void)state;
    char first[ID_UUID_SIZE], second[ID_UUID_SIZE], trace[ID_TRACE_SIZE], span[ID_SPAN_SIZE];
    id_uuid_v7(INT64_C(1645557742000) * 1000, first);
    id_uuid_v7(INT64_C(1645557742000) * 1000, second);
    assert_memory_equal(first, "017f22e2-79b0-7", 15); /* RFC 9562, appendix A.6 */
    assert_non_null(strchr("89ab", first[19]));
    assert_string_not_equal(first, second);
    id_trace(trace);
    struct random random;
    random_init(&random, 1);
    id_span(&random, span);
    assert_int_equal(strspn(trace, "0123456789abcdef"), 32);
    assert_memory_equal(trace, ID_TRACE_PREFIX, 8);
    assert_int_equal(strspn(span, "0123456789abcdef"), 16);
}

static void rfc3339_times_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-23T06:43:42.123456Z", INT64_C(1795416222123456)},
        {"2026-11-23T06:43:42.1234567Z", INT64_C(1795416222123456)},
        {"2026-11-23t08:43:42+02:00", INT64_C(1795416222000000)},
        {"2026-11-23 01:13:42-05:30", INT64_C(1795416222000000)},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000000)},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800000000)},
    };
    static const char *const bad[] = {"",
                                      "2026-11-23",
                                      "2026-11-23T06:43:42",
                                      "2026-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-11-23T24:00:00Z",
                                      "2026-11-23T06:43:42.Z",
                                      "2026-11-23T06:43:42+2:00",
                                      "2026-11-23T06:43:42Zz",
                                      "x026-11-23T06:43:42Z"};
    char text[CLOCK_RFC3339_SIZE];
    int64_t us;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(calendar_parse_rfc3339(view_of(good[i].text), &us));
        if (us != good[i].us) fail_msg("%s: %lld", good[i].text, (long long)us);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (calendar_parse_rfc3339(view_of(bad[i]), &us)) fail_msg("%s was read", bad[i]);
    clock_format_rfc3339(-1, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    clock_format_rfc3339(INT64_C(253402300799999999), text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    clock_format_rfc3339_us(INT64_C(1795416222123456), text);
    assert_string_equal(text, "2026-11-23T06:43:42.123456Z");
}

static void fake_clock_moves_only_when_told(void **state)
{
    (void)state;
    struct clock_fake fake;
    char text[CLOCK_RFC3339_SIZE];
    clock_fake_init(&fake, INT64_C(1767225599) * US_PER_SECOND);
    int64_t before_us = clock_monotonic_us(&fake.clock);
    clock_fake_advance(&fake, 1500 * US_PER_MS);
    assert_int_equal(clock_monotonic_us(&fake.clock) - before_us, 1500 * US_PER_MS);
    clock_format_rfc3339(clock_wall_us(&fake.clock), text);
    assert_string_equal(text, "2026-01-01T00:00:00.500Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_is_written_whole_and_read_back),
        cmocka_unit_test(what_is_no_regular_file_is_not_read),
        cmocka_unit_test(error_without_a_word_says_that_much),
        cmocka_unit_test(directory_that_cannot_be_listed_says_why),
        cmocka_unit_test(directory_of_very_many_files_is_not_listed),
        cmocka_unit_test(what_is_no_regular_file_is_written_into),
        cmocka_unit_test(what_cannot_be_written_is_known_before),
        cmocka_unit_test(paths_are_joined_and_cut),
        cmocka_unit_test(ids_have_their_form_and_differ),
        cmocka_unit_test(rfc3339_times_are_read_and_written),
        cmocka_unit_test(fake_clock_moves_only_when_told),
        PIN_MESSAGES("base/system.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
