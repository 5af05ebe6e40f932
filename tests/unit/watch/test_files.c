/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tells of files, as far as it concerns us. */
#include "watch/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char root[64];
    struct loop *loop;
    struct file_watch *watch;
    struct timer bound; /* that no good test meets */
    bool noticed, noticed_others;
    const char *others; /* what they do first; NULL */
};

static void on_changed(void *context)
{
    struct fixture *f = context;
    f->noticed = true;
    loop_stop(f->loop);
}

static void on_bound(void *context)
{
    loop_stop(((struct fixture *)context)->loop);
}

static int shell(const struct fixture *f, const char *words)
{
    AUTO_FREE char *line = xasprintf("cd %s && %s", f->root, words);
    return system(line);
}

/* What was noticed before is none of what comes. */
static bool begin_anew(struct fixture *f)
{
    file_watch_free(f->watch);
    f->watch = file_watch_new(f->loop, on_changed, f);
    return f->watch != NULL;
}

static int set_up(void **state)
{
    struct fixture *f = NEW(struct fixture);
    strcpy(f->root, "/tmp/shopper-files-XXXXXX");
    if (!mkdtemp(f->root)) return -1;
    f->loop = loop_new(NULL, NULL);
    timer_init(&f->bound, f->loop, on_bound, f);
    *state = f;
    return begin_anew(f) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    file_watch_free(f->watch);
    timer_cancel(&f->bound);
    loop_free(f->loop);
    int left = shell(f, "rm -rf ./* ./..data*");
    rmdir(f->root);
    free(f);
    return left;
}

static bool notices(struct fixture *f, const char *path, const char *words)
{
    struct path_list paths = {0};
    AUTO_ERROR error = ERROR_NONE;
    assert_true(begin_anew(f));
    vec_push(&paths, path_join(f->root, path));
    if (!file_watch_set(f->watch, &paths, &error)) fail_msg("%s", error_text(&error));
    path_list_release(&paths);
    if (f->others) {
        f->noticed = false;
        assert_int_equal(shell(f, f->others), 0);
        timer_set(&f->bound, loop_now_us(f->loop) + 2 * FILE_WATCH_QUIET_US);
        loop_run(f->loop);
        f->noticed_others = f->noticed;
    }
    assert_int_equal(shell(f, words), 0);
    f->noticed = false;
    timer_set(&f->bound, loop_now_us(f->loop) + 20 * US_PER_SECOND);
    loop_run(f->loop);
    return f->noticed;
}

static void what_concerns_us_is_noticed(void **state)
{
    static const struct {
        const char *before, *path, *change;
    } cases[] = {
        {"echo a >one.yaml", "one.yaml", "echo b >one.yaml"},
        {"mkdir journeys", "journeys", "echo a >journeys/one.yaml"},
        {"mkdir journeys", "journeys", "mkdir journeys/deep"},
        {"mkdir -p journeys/deep", "journeys", "echo a >journeys/deep/one.yml"},
        {"mkdir -p journeys/deep/er", "journeys", "mv journeys/deep journeys/away"},
        {"mkdir r1 r2; ln -s r1 now", "now", "ln -s r2 new && mv -T new now"},
        {"mkdir r1; echo a >r1/c.yaml; ln -s r1 ..data; ln -s ..data/c.yaml c.yaml", "c.yaml",
         "mkdir r2 && echo b >r2/c.yaml && ln -s r2 ..data_tmp && mv -T ..data_tmp ..data"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture *f = *state;
        assert_int_equal(shell(f, cases[i].before), 0);
        if (!notices(f, cases[i].path, cases[i].change)) fail_msg("%s", cases[i].change);
        assert_int_equal(shell(f, "rm -rf ./* ./..data*"), 0);
    }
}

static void what_others_do_beside_is_none_of_it(void **state)
{
    static const struct {
        const char *before, *path, *others, *ours;
    } cases[] = {
        {"echo a >one.yaml", "one.yaml", "echo x >shopper.db; mkdir other", "echo b >one.yaml"},
        {"mkdir journeys", "journeys", "echo x >other.yaml; mkdir other", "mkdir journeys/deep"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture *f = *state;
        assert_int_equal(shell(f, cases[i].before), 0);
        f->others = cases[i].others;
        assert_true(notices(f, cases[i].path, cases[i].ours));
        assert_false(f->noticed_others);
        f->others = NULL;
        assert_int_equal(shell(f, "rm -rf ./*"), 0);
    }
}

static void change_is_noticed_though_the_paths_are_set_anew_before_it_is_read(void **state)
{
    struct fixture *f = *state;
    struct path_list paths = {0};
    AUTO_ERROR error = ERROR_NONE;
    assert_int_equal(shell(f, "mkdir journeys"), 0);
    vec_push(&paths, path_join(f->root, "journeys"));
    assert_true(file_watch_set(f->watch, &paths, &error));
    assert_int_equal(shell(f, "echo a >journeys/one.yaml"), 0);
    assert_true(file_watch_set(f->watch, &paths, &error));
    path_list_release(&paths);
    timer_set(&f->bound, loop_now_us(f->loop) + 20 * US_PER_SECOND);
    loop_run(f->loop);
    assert_true(f->noticed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_concerns_us_is_noticed),
        TEST(what_others_do_beside_is_none_of_it),
        TEST(change_is_noticed_though_the_paths_are_set_anew_before_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
