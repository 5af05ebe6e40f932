/* SPDX-License-Identifier: Apache-2.0 */
/* What a visitor reads where something is out of the ordinary: a store that cannot be read,
 * journeys that rest, silences. */
#include "fake_host.h"

#include "support/golden.h"
#include "support/http_talk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FLUSH_US (60 * US_PER_SECOND)

static int set_up_past(void **state, enum fake_past past)
{
    struct fake_host *host = NEW(struct fake_host);
    AUTO_ERROR error = ERROR_NONE;
    const struct serve_settings settings = {.title = "Mugs"};
    *state = host;
    if (fake_host_init(host, past, &error) && fake_host_serve(host, &settings, &error)) return 0;
    print_error("%s\n", error_text(&error));
    return -1;
}

static int set_up(void **state)
{
    return set_up_past(state, PAST_BROKEN);
}

static int set_up_empty(void **state)
{
    return set_up_past(state, PAST_NONE);
}

static int set_up_many(void **state)
{
    return set_up_past(state, PAST_MANY);
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
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP); /* without its tags */
    while (*part) {
        size_t length = strcspn(part, "<");
        buf_add(&words, part, length);
        part += length;
        part += strcspn(part, ">");
        if (*part) part++;
    }
    golden_note(buf_text(&words));
}

/* A page, and what is to be on it. */
struct words {
    const char *path, *part;
};

static void expect_words(struct fake_host *host, const struct words *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTO_FREE char *page = page_at(host, words[i].path);
        has(page, words[i].part);
    }
}
#define EXPECT_WORDS(host, words) expect_words(host, words, COUNT_OF(words))

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
    has(page, "What incidents are open cannot be read now.");
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
    break_store(host, "DELETE FROM hourly; DELETE FROM daily"); /* late in a day that is whole */
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

static void test_part_that_cannot_be_read_is_not_called_empty(void **state)
{
    struct fake_host *host = *state;
    break_store(host, "DROP TABLE outbox");
    AUTO_FREE char *page = page_at(host, "/incidents/01990000-0000-7000-8000-000000000002");
    has(page, "<h2>Who was told</h2><p class=\"quiet\">The history cannot be read now.</p>");
    has_not(page, "Nobody yet.");
}

#define INCIDENT "/incidents/01990000-0000-7000-8000-00000000000"

static void test_pages_of_an_outage_say_what_it_is(void **state)
{
    static const struct words words[] = {
        {"/", "The last 24 hours"},
        {"/", "The last 7 days"},
        {"/", "The last 30 days"},
        {"/", "all passed"},
        {"/", "some had trouble"},
        {"/", "some failed"},
        {"/", "mostly maintenance"},
        {"/", "no runs"},
        {"/", "; the latest set out "},
        {"/", " 1 on the way now."},
        {"/", "time taken by open the front page over the last 24 hours, at most "},
        {"/", "The last 24 hours, in 24 parts of "},
        {"/", " with failures, "},
        {"/", "Each cell is a span of time. "},
        {"/", "To the content"},
        {"/", ". All times are UTC."},
        {"/", "Over and done, this week"},
        {"/", "not part of it"},
        {"/", "all the way"},
        {"/", "What shoppers can do now"},
        {"/", "How it was"},
        {"/", ":00 UTC: "},
        {"/incidents/none", "To the overview"},
        {INCIDENT "2", " so far"},
        {INCIDENT "2", "Why sev1"},
        {INCIDENT "2", "The rule "},
        {INCIDENT "2", "Who is affected"},
        {INCIDENT "2", "What happened"},
        {INCIDENT "2", "The latest failing run: "},
        {INCIDENT "2", "Struck out"},
        {INCIDENT "2", ": it said so then. "},
        {INCIDENT "2", ": it says so now."},
        {INCIDENT "2", "Step by step"},
        {INCIDENT "2", "What the shopper saw"},
        {INCIDENT "2", "From the answer (secrets are blacked out)"},
        {INCIDENT "2", "Status now"},
        {INCIDENT "2", "Bytes now"},
        {INCIDENT "2", "Took now"},
        {INCIDENT "2", "Compared with the last good run"},
        {INCIDENT "2", "The last one that passed began at "},
        {"/journeys/checkout", "Latest runs"},
        {"/journeys/checkout", "at most, for 95 %"},
        {"/journeys/checkout", "Error budget"},
        {"/journeys/checkout", "Older runs"},
        {"/journeys/checkout", "What was wrong"},
        {"/journeys/checkout", "95 % of shoppers: at most "},
        {INCIDENT "1", "; this one took "},
        {INCIDENT "1", "Ended because"},
        {INCIDENT "1", ", at worst"},
        {INCIDENT "2", "Told apart by"},
        {INCIDENT "2", "3 of 5 shoppers that come this way"},
        {"/incidents/0199", "Several incidents begin with this."},
        {"/incidents/none", "No such incident"},
        {"/incidents/none", "It is not kept any more, or it never was."},
        {"/journeys/none", "No such journey"},
        {"/journeys/none", "It is not watched."},
        {"/journeys/checkout", "could not shop"},
        {"/runs/none", "No such run"},
        {"/runs/none", "It is not kept any more, or it never was. Runs are kept for two weeks "
                       "unless the configuration says otherwise."},
    };
    EXPECT_WORDS(*state, words);
}

static void test_pages_of_a_new_daemon_promise_nothing(void **state)
{
    struct fake_host *host = *state;
    static const char cell[] =
        "/journeys/checkout?from=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z";
    static const struct words words[] = {{"/", "No incident ended this week."},
                                         {"/journeys/checkout", "No step was passed."},
                                         {"/journeys/checkout", "Nobody has walked it yet."},
                                         {"/", "; nothing was judged yet."},
                                         {cell, "What happened "},
                                         {cell, "No run is kept of it."},
                                         {cell, "None met this journey then."}};
    EXPECT_WORDS(host, words);
}

static void test_trouble_of_our_own_is_told(void **state)
{
    struct fake_host *host = *state;
    host->distrusts = host->reload_failed = true;
    host->store_trouble = "the disk is full";
    static const struct words words[] = {
        {"/", "We do not believe our own eyes now: every control URL fails."},
        {"/", "The history is in trouble: the disk is full."},
        {"/", "The latest configuration was refused; an older one is in use."}};
    EXPECT_WORDS(host, words);
}

static void write_all(struct fake_host *host, struct store_batch *batch)
{
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(host->store, FLUSH_US));
}

static void test_more_incidents_than_are_shown_are_said_to_be_more(void **state)
{
    struct fake_host *host = *state;
    struct store_batch *batch = store_begin(host->store);
    for (int i = 0; i < 101; i++) {
        AUTO_FREE char *id = xasprintf("made-%d", i);
        batch_put_incident(batch, &(struct store_incident){.id = id,
                                                           .signature = id,
                                                           .severity = 4,
                                                           .state = "open",
                                                           .opened_us = 1,
                                                           .line = "SEV4",
                                                           .json = "{}"});
    }
    write_all(host, batch);
    AUTO_FREE char *page = page_at(host, "/");
    has(page, "More than 100 open incidents");
}

/* One of a hundred failed, and 99 % were promised. */
static void test_budget_that_is_spent_says_so(void **state)
{
    struct fake_host *host = *state;
    struct store_batch *batch = store_begin(host->store);
    for (int i = 0; i < 100; i++) {
        AUTO_FREE char *id = xasprintf("made-%d", i);
        batch_add_run(batch,
                      &(struct store_run){.id = id,
                                          .journey = "checkout",
                                          .persona = "desktop",
                                          .location = "",
                                          .verdict = i ? VERDICT_PASS : VERDICT_FAIL,
                                          .started_us = clock_wall_us(&clock_real) -
                                                        2 * STORE_HOUR_US - i * US_PER_SECOND});
    }
    write_all(host, batch);
    AUTO_FREE char *page = page_at(host, "/journeys/checkout");
    has(page, "Of the error budget all is spent");
}

static void test_run_says_how_it_counts(void **state)
{
    struct fake_host *host = *state;
    static const struct {
        unsigned flags;
        enum verdict verdict;
        const char *part;
    } cases[] = {
        {STORE_RUN_MAINTENANCE, VERDICT_FAIL, "as maintenance"},
        {STORE_RUN_REPROBE, VERDICT_FAIL, "to confirm a failure"},
        {STORE_RUN_BLIP, VERDICT_PASS, "a blip, too short for an incident"},
        {STORE_RUN_ASKED, VERDICT_PASS, "no: somebody asked for it"},
        {STORE_RUN_UNJUDGED, VERDICT_UNKNOWN, "no: the trouble was ours"},
        {0, VERDICT_DEGRADED, "could shop, with trouble"},
        {0, VERDICT_SKIPPED, "did not walk"},
        {0, VERDICT_UNKNOWN, "could not be judged"},
        {0, VERDICT_PASS, "just now"},
        {0, VERDICT_PASS, "Of this run only the figures were kept."},
        {0, VERDICT_FAIL, "This shopper never came through before, as far back as we remember."}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *id = xasprintf("made-%zu", i), *path = xasprintf("/runs/%s", id);
        struct store_batch *batch = store_begin(host->store);
        batch_add_run(batch, &(struct store_run){.id = id,
                                                 .journey = "checkout",
                                                 .persona = id,
                                                 .location = "",
                                                 .verdict = cases[i].verdict,
                                                 .flags = cases[i].flags,
                                                 .started_us = clock_wall_us(&clock_real) +
                                                               60 * US_PER_SECOND});
        write_all(host, batch);
        AUTO_FREE char *page = page_at(host, path);
        has(page, cases[i].part);
    }
}

/* As a report tells it: where its step stands, and what the answer said. */
static void test_answer_that_says_the_same_as_ever_says_so(void **state)
{
    struct fake_host *host = *state;
    struct store_run run = {
        .id = "good",
        .journey = "checkout",
        .persona = "desktop",
        .location = "",
        .started_us = 1,
        .report = "{\"steps\":[{\"name\":\"see\",\"section\":\"steps\",\"seen\":\"Mug\"}]}"};
    struct store_batch *batch = store_begin(host->store);
    batch_add_run(batch, &run);
    run.id = "bad";
    run.verdict = VERDICT_FAIL;
    run.started_us = 2;
    run.report = "{\"steps\":[{\"name\":\"see\",\"section\":\"steps\",\"seen\":\"Mug\","
                 "\"failure\":{\"message\":\"odd\",\"file\":\"mug.yaml\",\"line\":7}}]}";
    batch_add_run(batch, &run);
    write_all(host, batch);
    AUTO_FREE char *page = page_at(host, "/runs/bad");
    has(page, "It says the same, word by word, as far as it was kept.");
    has(page, "<dt>Written in</dt><dd>mug.yaml, line 7</dd>");
    has(page, "Written in");
}

static void test_many_are_not_all_shown_at_once(void **state)
{
    static const struct words words[] = {{"/", " more, who are no worse"},
                                         {"/", " more: how they were stands on their own pages."}};
    EXPECT_WORDS(*state, words);
}

static void test_incident_says_who_was_told_what(void **state)
{
    static const struct {
        const char *type;
        const char *part;
    } cases[] = {{"opened", "ops was told that it opened"},
                 {"raised", "ops was told that it is worse"},
                 {"lowered", "ops was told that it is better"},
                 {"reminder", "ops was told that it is still open"},
                 {"resolved", "ops could not be told that it is over"}};
    struct fake_host *host = *state;
    int64_t now_us = clock_wall_us(&clock_real);
    struct store_batch *batch = store_begin(host->store);
    const struct store_incident incident = {
        .id = "made",
        .signature = "stage:price-view/price",
        .severity = 1,
        .state = "open",
        .opened_us = now_us,
        .line = "SEV1 prices vanished",
        .json = "{\"face\":{\"maintenance\":true,\"flapping\":true,\"exercising\":1,"
                "\"failing\":1,\"for_prober_owners\":true}}"};
    batch_put_incident(batch, &incident);
    write_all(host, batch);
    static const struct words before[] = {{"/", " · in maintenance"},
                                          {"/", " · comes and goes"},
                                          {"/incidents/made", "1 of 1 shopper that comes this way"},
                                          {"/incidents/made", "for those who run this program"},
                                          {"/incidents/made", "Nobody yet."}};
    EXPECT_WORDS(host, before);
    batch = store_begin(host->store);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *type = cases[i].type;
        batch_add_event(batch, &(struct store_event){type, "made", now_us, type, "{}"});
        batch_add_outbox(batch, &(struct store_delivery){.event_id = type,
                                                         .sink = "ops",
                                                         .incident_id = "made",
                                                         .payload = "{}",
                                                         .created_us = now_us,
                                                         .due_us = now_us});
        if (strcmp(type, "resolved") == 0)
            batch_give_up_delivery(batch, type, "ops", now_us, "gone");
        else
            batch_delivered(batch, type, "ops", now_us);
    }
    write_all(host, batch);
    AUTO_FREE char *page = page_at(host, "/incidents/made");
    for (size_t i = 0; i < COUNT_OF(cases); i++) has(page, cases[i].part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_store_that_cannot_be_read_promises_nothing),
        TEST(test_journey_that_rests_is_no_trouble),
        TEST(test_steps_that_nobody_passed_are_no_empty_list),
        TEST(test_silences_of_now_are_told),
        TEST(test_pages_of_an_outage_say_what_it_is),
        TEST(test_part_that_cannot_be_read_is_not_called_empty),
        TEST(test_trouble_of_our_own_is_told),
        TEST(test_run_says_how_it_counts),
        TEST(test_incident_says_who_was_told_what),
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, set_up_empty, tear_down)
        EMPTY(test_pages_of_a_new_daemon_promise_nothing),
        EMPTY(test_more_incidents_than_are_shown_are_said_to_be_more),
        EMPTY(test_answer_that_says_the_same_as_ever_says_so),
        cmocka_unit_test_setup_teardown(test_many_are_not_all_shown_at_once, set_up_many,
                                        tear_down),
        EMPTY(test_budget_that_is_spent_says_so),
        PIN_MESSAGES("serve/page.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
