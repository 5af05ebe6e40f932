/* SPDX-License-Identifier: Apache-2.0 */
#include "support/golden.h"
#include "watch/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A configuration in a directory of its own, beside one journey. */
struct place_of_test {
    char directory[64];
    char *config, *journey;
};

static int set_up(void **state)
{
    struct place_of_test *test = NEW(struct place_of_test);
    AUTO_ERROR error = ERROR_NONE;
    strcpy(test->directory, "/tmp/shopper-config-XXXXXX");
    if (!mkdtemp(test->directory)) return -1;
    test->config = path_join(test->directory, "shopper.yaml");
    test->journey = path_join(test->directory, "one.yaml");
    *state = test;
    return file_write(test->journey,
                      view_of("journey: one\nbase: http://shop.test\nschedule: {every: 1m}\n"
                              "steps: [{name: home, get: /}]\n"),
                      0600, &error)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    struct place_of_test *test = *state;
    (void)unlink(test->config);
    (void)unlink(test->journey);
    rmdir(test->directory);
    free(test->config);
    free(test->journey);
    free(test);
    return 0;
}

static void write_config(const struct place_of_test *test, const char *text)
{
    AUTO_ERROR error = ERROR_NONE;
    assert_true(file_write(test->config, view_of(text), 0600, &error));
}

/* What is said of it, without the quoted lines. */
static void expect_errors(const struct place_of_test *test, const char *text,
                          const char *const *parts)
{
    struct diags diags = DIAGS_INIT;
    AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
    const struct plan_source source = {.config_path = test->config};
    write_config(test, text);
    assert_null(plan_load(&source, &diags));
    diags_print(&diags, &said, false);
    for (; *parts; parts++)
        if (!strstr(buf_text(&said), *parts))
            fail_msg("'%s' is not said of %s: %s", *parts, text, buf_text(&said));
    golden_note(buf_text(&said));
    diags_release(&diags);
}
#define EXPECT_ERRORS(text, ...)                                                                   \
    expect_errors(*state, (text), (const char *const[]){__VA_ARGS__, NULL})

static void configuration_is_read_whole(void **state)
{
    const struct place_of_test *test = *state;
    struct diags diags = DIAGS_INIT;
    const struct plan_source source = {.config_path = test->config};
    write_config(test, "journeys: [one.yaml]\nlocation: berlin\nconcurrent: 7\n"
                       "store: memory.db\nretention: {runs: 2d}\n"
                       "maintenance: [{name: night, cron: \"0 3 * * *\", timezone: Europe/Berlin, "
                       "duration: 1h, skip: true}]\n"
                       "http: {listen: \"127.0.0.1:1\", token: {env: TOKEN}}\n"
                       "sinks: {log: {journal: {path: \"-\"}}}\n");
    struct plan *plan = plan_load(&source, &diags);
    assert_int_equal(diags.count, 0);
    assert_non_null(plan);
    AUTO_FREE char *store = path_join(test->directory, "memory.db");
    assert_string_equal(plan->config.store, store);
    assert_string_equal(plan->config.location, "berlin");
    assert_int_equal(plan->config.concurrent, 7);
    assert_int_equal(plan->config.keep_runs_us, 2 * 86400 * US_PER_SECOND);
    assert_int_equal(plan->config.keep_hourly_us, CONFIG_DEFAULT_KEEP_HOURLY_US);
    assert_true(plan->config.maintenance.items[0].skip);
    assert_string_equal(plan->config.http.token.from, "TOKEN");
    assert_int_equal(plan->journeys.count, 1);
    assert_non_null(sink_list_find(&plan->sinks, "log"));
    plan_free(plan);
    diags_release(&diags);
}

static void journeys_alone_are_enough(void **state)
{
    const struct place_of_test *test = *state;
    struct diags diags = DIAGS_INIT;
    const char *const journeys[] = {test->directory};
    const struct plan_source source = {.journeys = journeys, .journey_count = 1};
    struct plan *plan = plan_load(&source, &diags);
    assert_non_null(plan);
    assert_int_equal(plan->config.concurrent, CONFIG_DEFAULT_CONCURRENT);
    assert_non_null(plan->policy);
    assert_int_equal(plan->sinks.count, 0);
    plan_free(plan);
    diags_release(&diags);
}

static void all_that_is_wrong_is_said_at_once(void **state)
{
    EXPECT_ERRORS("journeys: nowhere\nlocaton: x\npolicy: {rules: [{name: a, severity: 9}]}\n"
                  "sinks: {a: {}}\ncontrol: [nourl]\n",
                  "did you mean 'location'?", "nowhere", "severity is 1 to 4, or sev1 to sev4",
                  "says not what it is", "'nourl' is no URL");
}

static void two_journeys_of_one_name_are_refused(void **state)
{
    EXPECT_ERRORS("journeys: [one.yaml, one.yaml]\n", "there is another journey 'one'");
}

/* What is remembered is known by journey, persona and location, a line each. */
static void names_of_two_lines_are_refused(void **state)
{
    const struct place_of_test *test = *state;
    AUTO_ERROR error = ERROR_NONE;
    AUTO_FREE char *path = path_join(test->directory, "lines.yaml");
    const char *text = "journey: \"two\\nlines\"\nbase: http://shop.test\n"
                       "personas: [\"as\\rtwo\"]\nsteps: [{name: a, get: /}]\n";
    assert_true(file_write(path, view_of(text), 0600, &error));
    EXPECT_ERRORS("journeys: lines.yaml\nlocation: \"ber\\nlin\"\n",
                  "the journey's name must be one line of text",
                  "a persona's name must be one line of text", "location must be one line of text");
    (void)unlink(path);
}

static void window_is_once_or_again_and_again(void **state)
{
    EXPECT_ERRORS("journeys: one.yaml\nmaintenance: [{name: a}]\n", "either `once` or `cron`");
    EXPECT_ERRORS("journeys: one.yaml\nmaintenance: [{name: a, cron: \"* * * * *\"}]\n",
                  "`cron` needs a `duration`");
    EXPECT_ERRORS("journeys: one.yaml\nmaintenance: [{name: a, once: {from: "
                  "\"2026-01-02T00:00:00Z\", to: \"2026-01-01T00:00:00Z\"}}]\n",
                  "it ends before it begins");
    EXPECT_ERRORS("journeys: one.yaml\nmaintenance: [{name: a, once: {from: tomorrow, to: "
                  "\"2026-01-01T00:00:00Z\"}}]\n",
                  "'tomorrow' is no time");
}

/* One journey: "one", of the stage "checkout", of the owner "payments". */
static void name_that_nothing_has_is_warned_of(void **state)
{
    const struct place_of_test *test = *state;
    AUTO_ERROR error = ERROR_NONE;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"maintenance: [{name: a, cron: \"0 3 * * *\", duration: 1h, journeys: [on]}]",
         "no journey 'on' is watched"},
        {"maintenance: [{name: a, cron: \"0 3 * * *\", duration: 1h, stages: chekout}]",
         "no stage 'chekout' is watched"},
        {"sinks: {a: {journal: {path: \"-\"}, stages: [checkout, chekout]}}",
         "did you mean 'checkout'?"},
        {"sinks: {a: {journal: {path: \"-\"}, owners: [payment, payments]}}",
         "did you mean 'payments'?"},
        {"policy: {rules: [{name: a, stage: chekout, severity: 1}]}",
         "no stage 'chekout' is watched"},
        {"policy: {rules: [{name: a, journey: two, severity: 1}]}", "no journey 'two' is watched"},
        {"sinks: {a: {journal: {path: \"-\"}, stages: [pay, login], owners: prober}}", NULL},
        {"maintenance: [{name: a, cron: \"0 3 * * *\", duration: 1h, journeys: one, "
         "stages: [pay], hosts: [elsewhere]}]",
         NULL},
    };
    assert_true(file_write(test->journey,
                           view_of("journey: one\nowner: payments\nbase: http://shop.test\n"
                                   "steps: [{name: home, stage: pay, get: /}]\n"),
                           0600, &error));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct diags diags = DIAGS_INIT;
        AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
        AUTO_FREE char *text = xasprintf("journeys: one.yaml\n%s\n", cases[i].text);
        const struct plan_source source = {.config_path = test->config};
        write_config(test, text);
        struct plan *plan = plan_load(&source, &diags);
        assert_non_null(plan);
        diags_print(&diags, &said, false);
        if (diags.count != (cases[i].said != NULL) ||
            (cases[i].said && !strstr(buf_text(&said), cases[i].said)))
            fail_msg("%s: %s", text, buf_text(&said));
        if (said.length) golden_note(buf_text(&said));
        plan_free(plan);
        diags_release(&diags);
    }
}

static void what_is_read_once_is_known(void **state)
{
    const struct place_of_test *test = *state;
    static const struct {
        const char *before, *now, *said;
    } cases[] = {
        {"", "", ""},
        {"store: a.db\n", "store: a.db\n", ""},
        {"store: a.db\n", "store: b.db\n", "store"},
        {"", "concurrent: 7\ncacert: ca.pem\n", "concurrent, cacert"},
        {"retention: {runs: 2d}\n", "retention: {runs: 3d}\n", "retention"},
        {"http: {listen: \"127.0.0.1:1\"}\n", "http: {listen: \"127.0.0.1:2\"}\n", "http"},
        {"location: here\n", "location: there\n", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct diags diags = DIAGS_INIT;
        struct config before, now;
        AUTO_BUF said = BUF_INIT(200);
        AUTO_FREE char *first = xasprintf("journeys: one.yaml\n%s", cases[i].before);
        AUTO_FREE char *second = xasprintf("journeys: one.yaml\n%s", cases[i].now);
        write_config(test, first);
        assert_true(config_load(test->config, &before, &diags));
        write_config(test, second);
        assert_true(config_load(test->config, &now, &diags));
        config_print_once(&before, &now, &said);
        assert_string_equal(buf_text(&said), cases[i].said);
        config_release(&before);
        config_release(&now);
        diags_release(&diags);
    }
}

static void token_never_stands_in_the_configuration(void **state)
{
    EXPECT_ERRORS("journeys: one.yaml\nhttp: {listen: \"127.0.0.1:1\", token: geheim}\n",
                  "the token must be a reference");
}

static void listen_is_an_address_and_a_port(void **state)
{
    static const struct {
        const char *listen, *address;
        int port;
    } good[] = {
        {"127.0.0.1:9180", "127.0.0.1", 9180}, {"[::1]:0", "::1", 0}, {":65535", NULL, 65535}};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        AUTO_FREE char *address = NULL;
        AUTO_ERROR error = ERROR_NONE;
        int port = -1;
        assert_true(listen_split(good[i].listen, &address, &port, &error));
        assert_int_equal(port, good[i].port);
        if (good[i].address)
            assert_string_equal(address, good[i].address);
        else
            assert_null(address);
    }
    EXPECT_ERRORS("journeys: one.yaml\nhttp: {listen: \"9180\"}\n", "'9180' is no ADDRESS:PORT");
    EXPECT_ERRORS("journeys: one.yaml\nhttp: {listen: \"127.0.0.1\"}\n", "is no ADDRESS:PORT");
    EXPECT_ERRORS("journeys: one.yaml\nhttp: {listen: \"127.0.0.1:99999\"}\n",
                  "is no ADDRESS:PORT");
    EXPECT_ERRORS("journeys: one.yaml\nhttp: {listen: \"127.0.0.1:+80\"}\n", "is no ADDRESS:PORT");
}

static void names_of_the_http_face_are_such_as_browsers_send(void **state)
{
#define HTTP(more) "journeys: one.yaml\nhttp: {listen: \"127.0.0.1:1\", " more "}\n"
    EXPECT_ERRORS(
        HTTP("origins: [\"*\", \"https://a.example/\", a.example, \"https://u@a.example\", "
             "\"//a.example\", \"https://a.example:x\"]"),
        "'*' is no origin such as", "'https://a.example/' is no", "'a.example' is no",
        "'https://u@a.example' is no", "'//a.example' is no", "'https://a.example:x' is no");
    EXPECT_ERRORS(HTTP("hosts: [\"*.a.example\", \"a b\", \"a.example:80\", \"http://a.example\", "
                       "a.example/b]"),
                  "'*.a.example' is no name of a host such as", "'a b' is no",
                  "'a.example:80' is no", "'http://a.example' is no", "'a.example/b' is no");
    EXPECT_ERRORS(HTTP("public_url: \"javascript:alert(1)\""),
                  "'javascript:alert(1)' is no URL that begins with http:// or https://");
    struct diags diags = DIAGS_INIT;
    const struct place_of_test *test = *state;
    struct config config;
    write_config(test,
                 HTTP("origins: [\"https://a.example\", \"http://[::1]:80\"], hosts: [a.example, "
                      "A-b_c.example, \"10.0.0.1\"], public_url: \"https://a.example/status\""));
    assert_true(config_load(test->config, &config, &diags));
    assert_int_equal(config.http.origins.count + config.http.hosts.count, 5);
    config_release(&config);
    diags_release(&diags);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(configuration_is_read_whole),
        TEST(journeys_alone_are_enough),
        TEST(all_that_is_wrong_is_said_at_once),
        TEST(two_journeys_of_one_name_are_refused),
        TEST(names_of_two_lines_are_refused),
        TEST(window_is_once_or_again_and_again),
        TEST(token_never_stands_in_the_configuration),
        TEST(name_that_nothing_has_is_warned_of),
        TEST(what_is_read_once_is_known),
        TEST(listen_is_an_address_and_a_port),
        TEST(names_of_the_http_face_are_such_as_browsers_send),
        PIN_MESSAGES("watch/config.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
