/* SPDX-License-Identifier: Apache-2.0 */
/* What a visitor reads where something is out of the ordinary: a store that cannot be read,
 * journeys that rest, silences. */
#include "fake_host.h"

#include "support/http_talk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FLUSH_US (60 * US_PER_SECOND)

static int set_up(void **state)
{
    struct fake_host *host = NEW(struct fake_host);
    AUTO_ERROR error = ERROR_NONE;
    const struct serve_settings settings = {.title = "Mugs"};
    *state = host;
    if (fake_host_init(host, PAST_BROKEN, &error) && fake_host_serve(host, &settings, &error))
        return 0;
    print_error("%s\n", error_text(&error));
    return -1;
}

static int tear_down(void **state)
{
    fake_host_release(*state);
    free(*state);
    return 0;
}

static char *page_at(struct fake_host *host, const char *path)
{
    int port = atoi(strrchr(serve_url(host->server), ':') + 1);
    return talk_ask(host->loop, port, "GET", path, NULL, NULL);
}

static void has(const char *page, const char *part)
{
    if (!strstr(page, part)) fail_msg("\"%s\" is not on the page: %.6000s", part, page);
}

static void has_not(const char *page, const char *part)
{
    if (strstr(page, part)) fail_msg("\"%s\" is on the page", part);
}

/* --- */

static void break_store(struct fake_host *host, const char *sql)
{
    AUTO_FREE char *path = xasprintf("%s/shopper.db", host->directory);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void test_store_that_cannot_be_read_promises_nothing(void **state)
{
    struct fake_host *host = *state;
    break_store(host, "DROP TABLE latest; DROP TABLE incidents; DROP TABLE runs");
    AUTO_FREE char *page = page_at(host, "/");
    has(page, "We cannot tell whether shoppers can shop.");
    has(page, "The history cannot be read now: ");
    has(page, "What incidents are open cannot be read now");
    has_not(page, "Nobody has walked yet");
    has_not(page, "no run yet");
    has_not(page, "No incident ended this week");
    has_not(page, "open incident");
    AUTO_FREE char *journey = page_at(host, "/journeys/checkout");
    has_not(journey, "Nobody has walked it yet");
    has(journey, "The history cannot be read now");
}

static void test_journey_that_rests_is_no_trouble(void **state)
{
    struct fake_host *host = *state;
    host->paused = "deploy";
    AUTO_FREE char *page = page_at(host, "/");
    has(page, "All journeys rest");
    has(page, ", in maintenance</span></th>");
    has(page, "5 shoppers rest");
    has(page, "In maintenance, and not counted: <bdi>browse</bdi> (deploy)");
    has_not(page, "came through; ");
}

static void test_steps_that_nobody_passed_are_no_empty_list(void **state)
{
    struct fake_host *host = *state;
    break_store(host, "DELETE FROM hourly");
    AUTO_FREE char *page = page_at(host, "/journeys/checkout");
    has(page, "<h2>Steps, over a day</h2><p class=\"quiet\">No step was passed.</p>");
}

static void test_silences_of_now_are_told(void **state)
{
    struct fake_host *host = *state;
    int64_t now_us = clock_wall_us(&clock_real);
    struct store_batch *batch = store_begin(host->store);
    batch_put_silence(batch,
                      &(struct store_silence){"2", "stage=<login>", "bob", NULL,
                                              now_us - US_PER_SECOND, now_us + STORE_HOUR_US});
    batch_put_silence(batch,
                      &(struct store_silence){"3", "host=later.example", "bob", NULL,
                                              now_us + STORE_HOUR_US, now_us + 2 * STORE_HOUR_US});
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(host->store, FLUSH_US));
    AUTO_FREE char *page = page_at(host, "/");
    has(page, "Nobody is told of <bdi>journey=browse</bdi> until <time");
    has(page, "(<bdi>ann: moving house</bdi>)");
    has(page, ", of <bdi>stage=&lt;login&gt;</bdi> until ");
    has(page, "(<bdi>bob</bdi>)");
    has_not(page, "later.example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_store_that_cannot_be_read_promises_nothing),
        TEST(test_journey_that_rests_is_no_trouble),
        TEST(test_steps_that_nobody_passed_are_no_empty_list),
        TEST(test_silences_of_now_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
