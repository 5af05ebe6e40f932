/* SPDX-License-Identifier: Apache-2.0 */
/* A store in a directory of its own that goes when the test does. */
#ifndef SHOPPER_TESTS_STORE_FIXTURE_H
#define SHOPPER_TESTS_STORE_FIXTURE_H

#include "base/vec.h"
#include "store/read.h"
#include "support/golden.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MINUTE_US (INT64_C(60) * 1000000)
#define START_US (INT64_C(20000) * STORE_DAY_US) /* a midnight in 2024 */
#define FLUSH_US (INT64_C(30) * 1000000)         /* a bound that no good test meets */

struct fixture {
    char directory[64];
    char *path;
    struct store_settings settings;
    struct store *store;
    struct error error;
};

static inline void note_error(const struct fixture *f)
{
    golden_note(error_text(&f->error));
}

static inline void fixture_open(struct fixture *f)
{
    f->store = store_open(f->path, &f->settings, &f->error);
    if (!f->store) fail_msg("%s", error_text(&f->error));
}

static inline void fixture_close(struct fixture *f)
{
    store_close(take(f->store));
}

static inline int fixture_set_up(void **state)
{
    struct fixture *f = NEW(struct fixture);
    strcpy(f->directory, "/tmp/shopper-store-XXXXXX");
    if (!mkdtemp(f->directory)) return -1;
    f->path = xasprintf("%s/deep/shopper.db", f->directory);
    f->settings = store_settings_default();
    f->settings.gather_us = 1000;
    f->settings.retry_us = 1000;
    f->settings.busy_us = 20 * 1000;
    *state = f;
    return 0;
}

static inline int fixture_set_up_open(void **state)
{
    if (fixture_set_up(state)) return -1;
    struct fixture *f = *state;
    f->store = store_open(f->path, &f->settings, &f->error);
    return f->store ? 0 : -1;
}

static inline void fixture_clear(const char *directory)
{
    DIR *stream = opendir(directory);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        AUTO_FREE char *path = xasprintf("%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.') unlink(path);
    }
    if (stream) closedir(stream);
    rmdir(directory);
}

static inline int fixture_tear_down(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *deep = xasprintf("%s/deep", f->directory);
    store_close(f->store);
    fixture_clear(deep);
    fixture_clear(f->directory);
    error_release(&f->error);
    free(f->path);
    free(f);
    return 0;
}

/* Commits and waits for it. */
static inline void fixture_write(struct fixture *f, struct store_batch *batch)
{
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(f->store, FLUSH_US));
}

/* How many files of the store's directory have a name with this in it. */
static inline int fixture_count_files(const struct fixture *f, const char *part)
{
    AUTO_FREE char *deep = xasprintf("%s/deep", f->directory);
    int count = 0;
    DIR *stream = opendir(deep);
    for (struct dirent *entry; stream && (entry = readdir(stream));)
        count += strstr(entry->d_name, part) != NULL;
    if (stream) closedir(stream);
    return count;
}

static inline struct store_run fixture_run(const char *id, enum verdict verdict, int64_t started_us)
{
    return (struct store_run){.id = id,
                              .journey = "checkout",
                              .persona = "desktop",
                              .location = "here",
                              .verdict = verdict,
                              .started_us = started_us,
                              .duration_us = 1000,
                              .lost_us = verdict == VERDICT_FAIL ? MINUTE_US : 0};
}

#define READ(call) assert_true_or_error((call), &f->error)
static inline void assert_true_or_error(bool good, struct error *error)
{
    if (!good) fail_msg("%s", error_text(error));
}

#endif
