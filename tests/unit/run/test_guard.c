/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody writes into a journey and every step has: walls are seen, GraphQL's refusals are
 * refusals, and secrets stay between the shopper and the shop. */
#include "run_fixture.h"

#define KEY "k3y/with+odd=bytes"

/* --- Walls */

static void wall_that_a_header_announces_is_one_whatever_else_holds(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, check: [status: 200]}\n",
             {.body = "<html>", .header = {"CF-Mitigated", "challenge"}});
    assert_failure(report, "a", "blocked", "a Cloudflare challenge (status 200)");
    assert_verdict(report, outcome_verdict(OUTCOME_BLOCKED));
}

static void page_that_merely_speaks_of_captchas_is_no_wall(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\n  - {name: b, get: /b}\n",
             {.body = "<div class=g-recaptcha></div><script src=/cdn-cgi/challenge-platform/x.js>",
              .header = {"X-DataDome", "protected"}},
             {.body = "fine", .header = {"cf-ray", "challenge"}});
    assert_verdict(report, VERDICT_PASS);
}

/* --- GraphQL */

static void graphql_answer_needs_data_and_no_errors(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"{\"data\":{\"a\":1},\"errors\":{\"message\":\"nope\"}}",
         "the GraphQL answer has errors: nope"},
        {"{\"data\":{\"a\":1},\"errors\":\"nope\"}", "the GraphQL answer has errors: nope"},
        {"{\"data\":{\"a\":1},\"errors\":[\"nope\"]}", "the GraphQL answer has errors: nope"},
        {"{\"data\":{\"a\":1},\"errors\":true}", "the GraphQL answer has errors: (no message)"},
        {"{\"data\":null}", "the GraphQL answer has no data"},
        {"{\"data\":null,\"errors\":[]}", "the GraphQL answer has no data"},
        {"{\"errors\":null}", "the GraphQL answer has no data"},
        {"{\"data\":{\"a\":1},\"errors\":[]}", NULL},
        {"{\"data\":{\"a\":1},\"errors\":null}", NULL},
    };
    struct journey *journey =
        load(HEAD "  - {name: a, post: /g, graphql: {query: \"query Q{a}\"}}\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct fake_answer answer = {.body = cases[i].body};
        fixture->fake.script = &answer;
        fixture->fake.script_count = 1;
        fixture->fake.next = 0;
        walk_journey(fixture, journey);
        const struct run_report *report = fixture->reports[0];
        if (cases[i].message)
            assert_failure(report, "a", "content", cases[i].message);
        else
            assert_verdict(report, VERDICT_PASS);
        run_report_free(fixture->reports[--fixture->report_count]);
    }
    journey_free(journey);
}

/* --- Secrets */

#define SECRET_HEAD                                                                                \
    "journey: test\nbase: http://shop.test\nsecrets: {key: {env: GUARD_KEY}}\nsteps:\n"

static void graphql_error_is_redacted_before_it_is_cut(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUF body = BUF_INIT(2000);
    buf_add_text(&body, "{\"errors\":[{\"message\":\"");
    for (size_t i = 0; i < 190; i++) buf_add_char(&body, 'x');
    buf_add_text(&body, KEY "\"}]}");
    const struct run_report *report =
        WALK(SECRET_HEAD "  - {name: a, post: /g, graphql: {query: \"query Q{a}\"}}\n",
             {.body = buf_text(&body)});
    const char *message = run_report_culprit(report)->failure.message;
    assert_null(strstr(message, "k3y"));
    assert_non_null(strstr(message, "[redacte"));
}

static void residue_is_redacted_before_it_is_cut(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUF body = BUF_INIT(2000);
    buf_add_text(&body, "{\"id\":\"");
    for (size_t i = 0; i < 90; i++) buf_add_char(&body, 'x');
    buf_add_text(&body, KEY "\"}");
    const struct run_report *report =
        WALK(SECRET_HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n"
                         "    undo: {delete: \"/orders/x\"}\n",
             {.body = buf_text(&body)}, {.status = 500});
    assert_int_equal(report->residue.count, 1);
    assert_null(strstr(report->residue.items[0].what, "k3y"));
}

static void excerpt_shows_no_part_of_a_long_secret_with_line_breaks(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUF key = BUF_INIT(8000);
    for (size_t i = 0; i < 200; i++) buf_add_text(&key, "part of a key of many lines\n");
    buf_add_text(&key, "end");
    setenv("GUARD_KEY", buf_text(&key), 1);
    const struct run_report *report =
        WALK(SECRET_HEAD "  - {name: a, get: /a}\n", {.status = 500, .body = buf_text(&key)});
    assert_null(strstr(run_report_culprit(report)->failure.excerpt, "part of a key"));
}

static void headers_of_a_step_stay_with_its_shop(void **state)
{
    struct fixture *fixture = *state;
    WALK(SECRET_HEAD "  - name: a\n    post: /a\n    headers:\n"
                     "      X-Api-Key: \"${secret.key}\"\n      X-Csrf-Token: abc\n"
                     "      Referer: http://shop.test/?key=${secret.key}\n"
                     "      Accept: text/html\n      User-Agent: \"me ${secret.key}\"\n"
                     "    json: {a: 1}\n",
         {.status = 200});
    const char *travels = fixture->fake.sent[0].travels;
    assert_null(strstr(travels, "X-Api-Key"));
    assert_null(strstr(travels, "X-Csrf-Token"));
    assert_null(strstr(travels, "Referer"));
    assert_null(strstr(travels, "User-Agent"));
    assert_non_null(strstr(travels, "Accept: text/html\n"));
    assert_non_null(strstr(travels, "Content-Type: application/json\n"));
    assert_non_null(strstr(travels, "X-Synthetic-Shopper: "));
}

static void body_with_a_secret_stays_with_its_shop(void **state)
{
    struct fixture *fixture = *state;
    WALK(SECRET_HEAD "  - {name: a, post: /a, form: {password: \"${secret.key}\"}}\n"
                     "  - {name: b, post: /b, form: {sku: MUG}}\n",
         {.status = 200}, {.status = 200});
    assert_non_null(strstr(fixture->fake.sent[0].body, "k3y%2F"));
    assert_false(fixture->fake.sent[0].body_travels);
    assert_true(fixture->fake.sent[1].body_travels);
}

static void each_hop_is_a_span_of_the_same_trace(void **state)
{
    struct fixture *fixture = *state;
    WALK(HEAD "  - {name: a, get: /a}\n"
              "  - {name: b, get: /b, headers: {traceparent: mine}}\n",
         {.status = 200}, {.status = 200});
    const struct fake_sent *sent = &fixture->fake.sent[0];
    size_t of_trace = strlen("00-") + ID_TRACE_SIZE; /* with its dash */
    assert_memory_equal(sent->trace_parent, sent->next_trace_parent, of_trace);
    assert_int_equal(strlen(sent->trace_parent), strlen(sent->next_trace_parent));
    assert_string_not_equal(sent->trace_parent, sent->next_trace_parent);
    assert_string_equal(fixture->fake.sent[1].next_trace_parent, "mine");
}

/* --- The base */

static void assert_refused(struct fixture *fixture, const char *text, const char *base,
                           const char *words, int line)
{
    struct journey *journey = load(text);
    struct diags diags = DIAGS_INIT;
    AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP);
    const struct run_options options = {.journey = journey, .base = base};
    assert_false(run_check(&fixture->engine, &options, &diags));
    assert_int_equal(diags.items[0].place.line, line);
    diags_print(&diags, &shown, false);
    if (!strstr(buf_text(&shown), words)) fail_msg("%s", buf_text(&shown));
    assert_null(strstr(buf_text(&shown), "pw"));
    fixture_told(buf_text(&shown));
    diags_release(&diags);
    journey_free(journey);
}

static void base_with_credentials_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char steps[] = "steps:\n  - {name: a, get: /a}\n";
    AUTO_FREE char *text = xasprintf("journey: test\nbase: ${env.GUARD_BASE}\n%s", steps);
    setenv("GUARD_BASE", "http://me:pw@shop.test", 1);
    assert_refused(fixture, text, NULL, "the base holds credentials", 2);
    assert_refused(fixture, HEAD "  - {name: a, get: /a}\n", "http://me@shop.test",
                   "the base holds credentials", 0);
}

static void base_that_stands_nowhere_is_asked_for(void **state)
{
    struct fixture *fixture = *state;
    static const char text[] = "journey: test\nsteps:\n  - {name: a, get: /a}\n";
    assert_refused(fixture, text, NULL, "the journey 'test' has no base", 0);
}

static void base_of_the_command_line_is_not_sought_in_the_file(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, HEAD "  - {name: a, get: /a}\n", "ftp://shop.test",
                   "the base is no http(s) URL", 0);
}

/* --- Hosts */

static void host_that_the_base_does_not_allow_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char literal[] = HEAD "  - {name: a, get: \"http://shop.test/a\"}\n";
    static const char open[] = "journey: test\nbase: ${env.GUARD_SHOP}\nsteps:\n"
                               "  - {name: a, get: \"http://pay.test/a\"}\n";
    assert_refused(fixture, literal, "http://other.test",
                   "shop.test is neither the base's host, other.test, nor", 5);
    setenv("GUARD_SHOP", "http://shop.test", 1);
    assert_refused(fixture, open, NULL, "pay.test is neither the base's host, shop.test, nor", 4);
    assert_int_equal(fixture->fake.sent_count, 0);
    setenv("GUARD_SHOP", "http://PAY.test:81", 1);
    assert_verdict(WALK(open, {0}), VERDICT_PASS);
}

static int set_up(void **state)
{
    setenv("GUARD_KEY", KEY, 1);
    return run_fixture_set_up(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(wall_that_a_header_announces_is_one_whatever_else_holds),
        TEST(page_that_merely_speaks_of_captchas_is_no_wall),
        TEST(graphql_answer_needs_data_and_no_errors),
        TEST(graphql_error_is_redacted_before_it_is_cut),
        TEST(residue_is_redacted_before_it_is_cut),
        TEST(excerpt_shows_no_part_of_a_long_secret_with_line_breaks),
        TEST(headers_of_a_step_stay_with_its_shop),
        TEST(body_with_a_secret_stays_with_its_shop),
        TEST(each_hop_is_a_span_of_the_same_trace),
        TEST(base_with_credentials_is_refused),
        TEST(base_that_stands_nowhere_is_asked_for),
        TEST(base_of_the_command_line_is_not_sought_in_the_file),
        TEST(host_that_the_base_does_not_allow_is_refused),
        PIN_MESSAGES("run/guard.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
