/* SPDX-License-Identifier: Apache-2.0 */
/* Children: what they get, how they end, and that nothing of them stays. */
#include "loop/child.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "loop/loop.h"
#include "support/golden.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    struct loop *loop;
    char path[64];
    unsigned done_calls;
    enum child_end end;
    int number;
};

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    f->loop = loop_new(NULL, NULL);
    snprintf(f->path, sizeof f->path, "/tmp/shopper-child-XXXXXX");
    int descriptor = mkstemp(f->path);
    close(descriptor);
    *state = f;
    return f->loop && descriptor >= 0 ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    bool empty = loop_is_empty(f->loop);
    bool none_left = waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
    loop_free(f->loop);
    unlink(f->path);
    free(f);
    return empty && none_left ? 0 : -1;
}

static void on_end(void *context, enum child_end end, int number)
{
    struct fixture *f = context;
    f->done_calls++;
    f->end = end;
    f->number = number;
    loop_stop(f->loop);
}

#define WORD(text) ((char *)(uintptr_t)(text))

/* A shell script that finds the fixture's path in $0. */
static struct child *begin(struct fixture *f, const char *script, struct view input,
                           int64_t timeout_us)
{
    char *arguments[] = {WORD("/bin/sh"), WORD("-c"), WORD(script), f->path, NULL};
    char *environment[] = {WORD("GREETING=hello"), NULL};
    struct child_options options = {arguments, environment, input, timeout_us};
    AUTO_ERROR error = ERROR_NONE;
    struct child *child = child_start(f->loop, &options, on_end, f, &error);
    assert_non_null(child);
    assert_int_equal(f->done_calls, 0);
    return child;
}

static void run(struct fixture *f, const char *script, struct view input)
{
    struct child *child = begin(f, script, input, 20 * US_PER_SECOND);
    (void)child;
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 1);
}

static void read_back(const struct fixture *f, struct buf *out)
{
    assert_true(file_read(f->path, out, NULL));
}

static void exit_code_is_told(void **state)
{
    struct fixture *f = *state;
    run(f, "exit 75", VIEW_NONE);
    assert_int_equal(f->end, CHILD_EXITED);
    assert_int_equal(f->number, 75);
}

static void signal_is_told(void **state)
{
    struct fixture *f = *state;
    run(f, "kill -15 $$", VIEW_NONE);
    assert_int_equal(f->end, CHILD_KILLED);
    assert_int_equal(f->number, 15);
}

static void input_arrives_whole(void **state)
{
    struct fixture *f = *state;
    size_t length = 300000; /* more than any pipe holds */
    AUTO_FREE char *text = xcalloc(length, 1);
    AUTO_BUF back = BUF_INIT(BUF_OWN_CAP);
    for (size_t i = 0; i < length; i++) text[i] = (char)i;
    run(f, "cat >$0", (struct view){text, length});
    assert_int_equal(f->number, 0);
    read_back(f, &back);
    assert_int_equal(back.length, length);
    assert_memory_equal(back.data, text, length);
}

static void input_that_nobody_reads_is_no_trouble(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *text = xcalloc(300000, 1);
    run(f, "exit 0", (struct view){text, 300000});
    assert_int_equal(f->end, CHILD_EXITED);
    assert_int_equal(f->number, 0);
}

static void nothing_is_inherited_but_what_is_said(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF back = BUF_INIT(BUF_OWN_CAP);
    int leaked = open("/dev/null", O_RDONLY);
    assert_true(leaked >= 3);
    setenv("SHOPPER_TEST_SECRET", "x", 1);
    run(f, "{ /usr/bin/env; ls /proc/$$/fd | tr '\\n' ' '; } >$0", VIEW_NONE);
    close(leaked);
    read_back(f, &back);
    assert_non_null(strstr(buf_text(&back), "GREETING=hello\n"));
    assert_null(strstr(buf_text(&back), "SHOPPER_TEST_SECRET"));
    AUTO_FREE char *number = xasprintf(" %d ", leaked);
    assert_null(strstr(buf_text(&back), number));
}

static void signals_are_as_usual_for_it(void **state)
{
    struct fixture *f = *state;
    sigset_t pipe, before;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGTERM);
    sigprocmask(SIG_BLOCK, &pipe, &before);
    run(f, "kill -TERM $$; exit 9", VIEW_NONE);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(f->end, CHILD_KILLED);
    assert_int_equal(f->number, SIGTERM);
}

static void slow_one_is_killed_with_its_children(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF back = BUF_INIT(BUF_OWN_CAP);
    struct child *child = begin(f, "sleep 600 & echo $! >$0; wait", VIEW_NONE, 2 * US_PER_SECOND);
    (void)child;
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 1);
    assert_int_equal(f->end, CHILD_TOO_SLOW);
    read_back(f, &back);
    pid_t grandchild = (pid_t)strtol(buf_text(&back), NULL, 10);
    assert_true(grandchild > 0);
    /* It is init's to bury: it may be there a while, but only dead. */
    AUTO_FREE char *status = xasprintf("/proc/%d/stat", grandchild);
    AUTO_BUF stat = BUF_INIT(BUF_OWN_CAP);
    if (file_read(status, &stat, NULL)) assert_null(strstr(buf_text(&stat), ") S "));
}

static void killed_one_is_never_done(void **state)
{
    struct fixture *f = *state;
    child_kill(begin(f, "sleep 600", VIEW_NONE, 20 * US_PER_SECOND));
    child_kill(NULL);
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 0);
}

static void program_that_is_not_there_is_an_error(void **state)
{
    struct fixture *f = *state;
    char *arguments[] = {WORD("/nowhere/program"), NULL};
    char *environment[] = {NULL};
    struct child_options options = {arguments, environment, VIEW_NONE, US_PER_SECOND};
    AUTO_ERROR error = ERROR_NONE;
    assert_null(child_start(f->loop, &options, on_end, f, &error));
    assert_string_equal(error_text(&error),
                        "cannot start /nowhere/program: No such file or directory");
    golden_note(error_text(&error));
}

static void ends_that_nobody_keeps_do_not_hang_it(void **state)
{
    struct fixture *f = *state;
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    struct child *child = begin(f, "sleep 0.2", VIEW_NONE, 20 * US_PER_SECOND);
    (void)child;
    loop_run(f->loop);
    signal(SIGCHLD, before);
    assert_int_equal(f->done_calls, 1);
    assert_int_equal(f->end, CHILD_KILLED);
}

#define CHILD_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHILD_TEST(exit_code_is_told),
        CHILD_TEST(signal_is_told),
        CHILD_TEST(input_arrives_whole),
        CHILD_TEST(input_that_nobody_reads_is_no_trouble),
        CHILD_TEST(nothing_is_inherited_but_what_is_said),
        CHILD_TEST(signals_are_as_usual_for_it),
        CHILD_TEST(slow_one_is_killed_with_its_children),
        CHILD_TEST(killed_one_is_never_done),
        CHILD_TEST(program_that_is_not_there_is_an_error),
        CHILD_TEST(ends_that_nobody_keeps_do_not_hang_it),
        PIN_MESSAGES("loop/child.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
