/* SPDX-License-Identifier: Apache-2.0 */
/* What runs share: accounts, and sessions that are kept from one run to the next. */
#include "run/secrets.h"
#include "run_fixture.h"

#include "base/file.h"

#include <stdio.h>
#include <unistd.h>

#define LOGIN                                                                                      \
    "journey: log in\nbase: http://shop.test\nsteps:\n"                                            \
    "  - {name: sign in, post: /session, form: {user: \"${account.user}\"}, "                      \
    "capture: {token: {json: $.token}}}\n"
#define KEEPING                                                                                    \
    "journey: keeping\nbase: http://shop.test\n"                                                   \
    "accounts: [{user: {env: TEST_USER_1}}]\nsteps:\n"                                             \
    "  - {name: log in, use: login.yaml, keep_session: 30m}\n"                                     \
    "  - {name: account, get: /account, auth: {bearer: \"${token}\"}, check: [session: {status: "  \
    "200}]}\n"

/* Journeys that use each other need a directory. */
struct directory {
    char path[64];
};

static void put(const struct directory *directory, const char *name, const char *text)
{
    AUTO_FREE char *path = path_join(directory->path, name);
    AUTO_ERROR error = ERROR_NONE;
    assert_true(file_write(path, view_of(text), 0600, &error));
}

static struct journey *load_from(const struct directory *directory, const char *text)
{
    AUTO_FREE char *path = path_join(directory->path, "journey.yaml");
    put(directory, "journey.yaml", text);
    struct diags diags = DIAGS_INIT;
    struct journey *journey = journey_load(path, NULL, &diags);
    AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP);
    diags_print(&diags, &shown, false);
    if (!journey) print_error("%s", buf_text(&shown));
    diags_release(&diags);
    assert_non_null(journey);
    return journey;
}

static void directory_make(struct directory *directory)
{
    snprintf(directory->path, sizeof(directory->path), "/tmp/shopper-test-XXXXXX");
    assert_non_null(mkdtemp(directory->path));
}

static void directory_remove(const struct directory *directory)
{
    static const char *const names[] = {"journey.yaml", "login.yaml", "accounts.csv"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO_FREE char *path = path_join(directory->path, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(directory->path), 0);
}

static struct journey *load_keeping(const char *keeping)
{
    struct directory directory;
    setenv("TEST_USER_1", "ann@shop.test", 1);
    directory_make(&directory);
    put(&directory, "login.yaml", LOGIN);
    struct journey *journey = load_from(&directory, keeping);
    directory_remove(&directory);
    return journey;
}

static void script_is(struct fixture *fixture, const struct fake_answer *script, size_t count)
{
    fixture->fake.script = script;
    fixture->fake.script_count = count;
    fixture->fake.next = 0;
}

static void kept_session_logs_in_once(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.body = "{\"token\":\"T1\"}"}, {0}, {0}};
    struct journey *journey = load_keeping(KEEPING);
    script_is(fixture, script, COUNT_OF(script));
    walk_journey(fixture, journey);
    walk_journey(fixture, journey);
    journey_free(journey);
    assert_verdict(fixture->reports[0], VERDICT_PASS);
    assert_verdict(fixture->reports[1], VERDICT_PASS);
    assert_int_equal(fixture->fake.sent_count, 3);
    assert_string_equal(fixture->fake.sent[2].line, "GET http://shop.test/account");
    assert_string_equal(fixture->fake.sent[2].authorization, "Bearer T1");
    assert_string_equal(fixture->fake.loaded_cookies, "cookies of session 1");
}

static void kept_session_ends_with_its_time(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {
        {.body = "{\"token\":\"T1\"}"}, {0}, {.body = "{\"token\":\"T2\"}"}, {0}};
    struct journey *journey = load_keeping(KEEPING);
    script_is(fixture, script, COUNT_OF(script));
    walk_journey(fixture, journey);
    clock_fake_advance(&fixture->clock, 31 * 60 * US_PER_SECOND);
    walk_journey(fixture, journey);
    journey_free(journey);
    assert_int_equal(fixture->fake.sent_count, 4);
    assert_string_equal(fixture->fake.sent[3].authorization, "Bearer T2");
}

static void lost_kept_session_is_logged_in_anew(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {
        {.body = "{\"token\":\"T1\"}"}, {0}, {.status = 401}, {.body = "{\"token\":\"T2\"}"}, {0}};
    struct journey *journey = load_keeping(KEEPING);
    script_is(fixture, script, COUNT_OF(script));
    walk_journey(fixture, journey);
    walk_journey(fixture, journey);
    journey_free(journey);
    assert_verdict(fixture->reports[1], VERDICT_PASS);
    assert_int_equal(fixture->fake.sent_count, 5);
    assert_string_equal(fixture->fake.sent[3].line, "POST http://shop.test/session");
    assert_string_equal(fixture->fake.sent[4].authorization, "Bearer T2");
}

static void session_lost_twice_fails(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.body = "{\"token\":\"T1\"}"},
                                                {0},
                                                {.status = 401},
                                                {.body = "{\"token\":\"T2\"}"},
                                                {.status = 401}};
    struct journey *journey = load_keeping(KEEPING);
    script_is(fixture, script, COUNT_OF(script));
    walk_journey(fixture, journey);
    walk_journey(fixture, journey);
    journey_free(journey);
    assert_failure(fixture->reports[1], "account", "session", NULL);
    assert_int_equal(fixture->fake.sent_count, 5);
}

/* --- Accounts */

#define POOL                                                                                       \
    "journey: pool\nbase: http://shop.test\n"                                                      \
    "accounts: {file: accounts.csv%s}\nsteps:\n"                                                   \
    "  - {name: cart, post: /cart, form: {user: \"${account.user}\"}}\n"

static struct journey *load_pool(const char *accounts, const char *more)
{
    struct directory directory;
    AUTO_FREE char *text = xasprintf(POOL, more);
    directory_make(&directory);
    put(&directory, "accounts.csv", accounts);
    struct journey *journey = load_from(&directory, text);
    return journey;
}

static void remove_pool(struct journey *journey)
{
    struct directory directory;
    AUTO_FREE char *path = path_directory(journey->path);
    snprintf(directory.path, sizeof(directory.path), "%s", path);
    directory_remove(&directory);
    journey_free(journey);
}

struct crowd {
    struct run_report *reports[4];
    size_t count;
};

static void crowd_done(void *context, struct run_report *report)
{
    struct crowd *crowd = context;
    crowd->reports[crowd->count++] = report;
}

static void walk_crowd(struct fixture *fixture, struct journey *journey, size_t count,
                       struct crowd *crowd)
{
    struct diags diags = DIAGS_INIT;
    struct run_options options = fixture->options;
    options.journey = journey;
    for (size_t i = 0; i < count; i++)
        assert_non_null(run_start(&fixture->engine, &options, crowd_done, crowd, &diags));
    loop_run(fixture->loop);
    diags_release(&diags);
    assert_int_equal(crowd->count, count);
}

static void crowd_release(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++) run_report_free(crowd->reports[i]);
}

static void shopper_without_an_account_waits_for_one(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{0}, {0}, {0}};
    struct journey *journey = load_pool("user\nann\nbob\n", "");
    struct crowd crowd = {0};
    script_is(fixture, script, COUNT_OF(script));
    walk_crowd(fixture, journey, 3, &crowd);
    assert_string_equal(fixture->fake.sent[0].body, "user=ann");
    assert_string_equal(fixture->fake.sent[1].body, "user=bob");
    assert_string_equal(fixture->fake.sent[2].body, "user=ann");
    assert_verdict(crowd.reports[2], VERDICT_PASS);
    crowd_release(&crowd);
    remove_pool(journey);
}

static void shopper_without_an_account_is_skipped_when_told_so(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{0}, {0}};
    struct journey *journey = load_pool("user\nann\n", ", when_busy: skip");
    struct crowd crowd = {0};
    script_is(fixture, script, COUNT_OF(script));
    walk_crowd(fixture, journey, 2, &crowd);
    assert_int_equal(fixture->fake.sent_count, 1);
    size_t unserved = 0;
    for (size_t i = 0; i < crowd.count; i++) {
        if (crowd.reports[i]->verdict != VERDICT_UNKNOWN) continue;
        assert_string_equal(crowd.reports[i]->stopped, "no account was free");
        unserved++;
    }
    assert_int_equal(unserved, 1);
    crowd_release(&crowd);
    remove_pool(journey);
}

static void deadline_that_holds_counts_waiting_for_an_account(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.after_us = 1500 * US_PER_MS}, {.never = true}};
    struct journey *journey = load_pool("user\nann\n", "");
    struct crowd crowd = {0};
    script_is(fixture, script, COUNT_OF(script));
    fixture->options =
        (struct run_options){.deadline_us = 2 * US_PER_SECOND, .deadline_holds = true};
    walk_crowd(fixture, journey, 2, &crowd);
    assert_verdict(crowd.reports[1], VERDICT_FAIL);
    assert_int_equal(crowd.reports[1]->duration_us, 500 * US_PER_MS);
    crowd_release(&crowd);
    remove_pool(journey);
}

static void accounts_are_used_in_turn(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{0}, {0}, {0}};
    struct journey *journey = load_pool("user\nann\nbob\n", "");
    script_is(fixture, script, COUNT_OF(script));
    for (int i = 0; i < 3; i++) walk_journey(fixture, journey);
    assert_string_equal(fixture->fake.sent[0].body, "user=ann");
    assert_string_equal(fixture->fake.sent[1].body, "user=bob");
    assert_string_equal(fixture->fake.sent[2].body, "user=ann");
    remove_pool(journey);
}

static void accounts_file_may_be_written_as_spreadsheets_do(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{0}, {0}};
    struct journey *journey =
        load_pool("\xEF\xBB\xBFuser,\"note\"\r\n\"a \"\"b\"\", c\",\r\nbob,x\r\n\r\n", "");
    script_is(fixture, script, COUNT_OF(script));
    for (int i = 0; i < 2; i++) walk_journey(fixture, journey);
    assert_string_equal(fixture->fake.sent[0].body, "user=a+%22b%22%2C+c");
    assert_string_equal(fixture->fake.sent[1].body, "user=bob");
    remove_pool(journey);
}

static void assert_accounts_refused(struct fixture *fixture, const char *accounts, const char *why)
{
    struct journey *journey = load_pool(accounts, "");
    struct diags diags = DIAGS_INIT;
    const struct run_options options = {.journey = journey};
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    assert_null(run_start(&fixture->engine, &options, fixture_done, fixture, &diags));
    diags_print(&diags, &out, false);
    if (!strstr(buf_text(&out), why)) fail_msg("%s: not in: %s", why, buf_text(&out));
    diags_release(&diags);
    remove_pool(journey);
}

static void accounts_file_that_is_not_well_formed_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const samples[][2] = {
        {"", "it is empty"},
        {"user\n", "it holds no account"},
        {"user;password\nann;x\n", "its fields stand between ';', and not between ','"},
        {"user,user\nann,x\n", "its first line has the field user twice"},
        {"user,\nann,x\n", "its first line has a field without a name"},
        {"user,password\nann\n", "line 2 has fewer fields than the first"},
        {"user\nann\nbob,x\n", "line 3 has more fields than the first"},
        {"user\n\"ann\n", "line 2 has a quote that nothing closes"},
        {"user\n\"ann\"x\n", "line 2 has text behind a closing quote"},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        assert_accounts_refused(fixture, samples[i][0], samples[i][1]);
}

static void accounts_file_needs_every_field_that_is_read(void **state)
{
    struct fixture *fixture = *state;
    assert_accounts_refused(
        fixture, "usr,password\nannie,hunter2\n",
        "yaml:5:47: error: the first line of accounts.csv names no field 'user' [J021]\n");
    assert_accounts_refused(fixture, "usr\nannie\n", "= did you mean 'usr'?");
}

/* Where the first line is missing, it is somebody's password. */
static void fields_of_an_accounts_file_are_not_listed(void **state)
{
    struct fixture *fixture = *state;
    struct journey *journey = load_pool("ann,hunter2\n,\n", "");
    struct diags diags = DIAGS_INIT;
    const struct run_options options = {.journey = journey};
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    assert_false(run_check(&fixture->engine, &options, &diags));
    accounts_check(journey, &diags);
    assert_int_equal(diags.errors, 2);
    diags_print(&diags, &out, false);
    assert_null(strstr(buf_text(&out), "hunter2"));
    diags_release(&diags);
    remove_pool(journey);
}

static void accounts_file_that_is_not_there_is_no_fault_of_the_journey(void **state)
{
    (void)state;
    struct journey *journey =
        load("journey: j\nbase: http://shop.test\naccounts: {file: nowhere.csv}\nsteps:\n"
             "  - {name: cart, get: \"/${account.user}\"}\n");
    struct diags diags = DIAGS_INIT;
    accounts_check(journey, &diags);
    assert_int_equal(diags.count, 0);
    journey_free(journey);
}

static void secret_that_is_empty_is_refused(void **state)
{
    (void)state;
    struct secret_spec secret = {.kind = SECRET_ENVIRONMENT, .from = (char[]){"TEST_EMPTY"}};
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    setenv("TEST_EMPTY", "", 1);
    assert_false(secret_read(&secret, "j.yaml", &out, &error));
    assert_string_equal(error_text(&error), "TEST_EMPTY is empty");
}

/* Whoever holds an account of the old list keeps it; who comes later gets one of the new. */
static void accounts_that_were_forgotten_are_read_anew(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{0}, {0}};
    struct journey *journey = load_pool("user\nann\n", "");
    struct diags diags = DIAGS_INIT;
    const struct run_options options = {.journey = journey};
    struct directory directory;
    AUTO_FREE char *path = path_directory(journey->path);
    snprintf(directory.path, sizeof directory.path, "%s", path);
    script_is(fixture, script, COUNT_OF(script));
    assert_non_null(run_start(&fixture->engine, &options, fixture_done, fixture, &diags));
    put(&directory, "accounts.csv", "user\nbob\n");
    engine_forget_accounts(&fixture->engine);
    assert_non_null(run_start(&fixture->engine, &options, fixture_done, fixture, &diags));
    loop_run(fixture->loop);
    assert_string_equal(fixture->fake.sent[0].body, "user=ann");
    assert_string_equal(fixture->fake.sent[1].body, "user=bob");
    diags_release(&diags);
    remove_pool(journey);
}

static void accounts_that_did_not_change_stay_leased(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.after_us = US_PER_SECOND}, {0}};
    struct journey *journey = load_pool("user\nann\n", "");
    struct diags diags = DIAGS_INIT;
    const struct run_options options = {.journey = journey};
    script_is(fixture, script, COUNT_OF(script));
    assert_non_null(run_start(&fixture->engine, &options, fixture_done, fixture, &diags));
    engine_forget_accounts(&fixture->engine);
    assert_non_null(run_start(&fixture->engine, &options, fixture_done, fixture, &diags));
    loop_run(fixture->loop);
    assert_int_equal(fixture->report_count, 2); /* one after the other: there is one account */
    assert_true(fixture->reports[1]->started_wall_us >=
                fixture->reports[0]->started_wall_us + US_PER_SECOND);
    diags_release(&diags);
    remove_pool(journey);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(kept_session_logs_in_once),
        TEST(kept_session_ends_with_its_time),
        TEST(lost_kept_session_is_logged_in_anew),
        TEST(session_lost_twice_fails),
        TEST(shopper_without_an_account_waits_for_one),
        TEST(shopper_without_an_account_is_skipped_when_told_so),
        TEST(deadline_that_holds_counts_waiting_for_an_account),
        TEST(accounts_are_used_in_turn),
        TEST(accounts_file_may_be_written_as_spreadsheets_do),
        TEST(accounts_file_that_is_not_well_formed_is_refused),
        TEST(accounts_file_needs_every_field_that_is_read),
        TEST(fields_of_an_accounts_file_are_not_listed),
        TEST(accounts_file_that_is_not_there_is_no_fault_of_the_journey),
        TEST(secret_that_is_empty_is_refused),
        TEST(accounts_that_were_forgotten_are_read_anew),
        TEST(accounts_that_did_not_change_stay_leased),
        PIN_MESSAGES("run/shared.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
