/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings: what each is about and where it points, and what must get none. */
#include "journey/lint.h"

#include "base/file.h"
#include "base/vec.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "journey: j\nbase: http://shop.test\n"
#define STEP HEAD "steps:\n  - name: a\n    get: /a\n"
#define CHECK(check) STEP "    check:\n      - " check "\n"

/* All warnings of a text as "CODE LINE:COLUMN", and that each has a hint. */
static void add_warnings(const struct diags *diags, struct buf *out)
{
    vec_each(diag, diags) {
        buf_addf(out, "%s%s %u:%u", out->length ? ", " : "", diag_code_text(diag->code),
                 diag->place.line, diag->place.column);
        if (diag->level == DIAG_ERROR) buf_addf(out, " error: %s", diag->message);
        if (!diag->hint) buf_add_text(out, " without a hint");
    }
}

static void expect_warnings(const char *text, const char *wanted)
{
    const struct load_options options = {.lint = true};
    struct diags diags = DIAGS_INIT;
    AUTO_BUF got = BUF_INIT(BUF_OWN_CAP), printed = BUF_INIT(BUF_OWN_CAP);
    struct journey *journey = journey_load_text("j.yaml", view_of(text), &options, &diags);
    diags_sort(&diags);
    add_warnings(&diags, &got);
    diags_print(&diags, &printed, false);
    if (printed.length) golden_note(buf_text(&printed));
    journey_free(journey);
    diags_release(&diags);
    if (strcmp(buf_text(&got), wanted) != 0)
        fail_msg("%s\n  got    '%s'\n  wanted '%s'", text, buf_text(&got), wanted);
}

struct lint_case {
    const char *text, *wanted;
};
#define EXPECT_WARNINGS(...)                                                                       \
    do {                                                                                           \
        static const struct lint_case cases[] = {__VA_ARGS__};                                     \
        for (size_t i = 0; i < COUNT_OF(cases); i++)                                               \
            expect_warnings(cases[i].text, cases[i].wanted);                                       \
    } while (0)

static void creates_without_undo_is_told(void **state)
{
    (void)state;
    EXPECT_WARNINGS(
        {STEP "    creates: {line: {json: $.id}}\n", "J050 6:15"},
        {STEP "    creates: {line: {json: $.id}}\n    undo: {delete: \"/b/${line}\"}\n", ""},
        {STEP "    creates: {line: {json: $.id}}\n    undo: {delete: /b}\n", ""});
}

static void checkout_without_a_cap_is_told(void **state)
{
    (void)state;
#define CHECKOUT(more) HEAD "steps:\n  - {name: a, stage: checkout, " more "}\n"
    EXPECT_WARNINGS(
        {CHECKOUT("post: /pay"), "J051 4:12"}, {CHECKOUT("put: /pay"), "J051 4:12"},
        {CHECKOUT("get: /pay"), ""}, {CHECKOUT("delete: /pay"), ""},
        {CHECKOUT("post: /pay, only: {at_most: 5/day}"), ""},
        {HEAD "steps:\n  - {name: a, get: /, only: {at_most: 5/day}}\n"
              "  - {name: b, stage: checkout, post: /pay}\n",
         ""},
        {HEAD "steps:\n  - {name: b, stage: checkout, post: /pay}\n"
              "  - {name: a, get: /, only: {at_most: 5/day}}\n",
         "J051 4:12"},
        {HEAD "steps:\n  - {name: b, stage: checkout, post: /address}\n"
              "  - {name: c, stage: checkout, post: /pay, only: {at_most: 5/day}}\n",
         ""},
        {HEAD "steps:\n  - {name: a, stage: login, post: /in}\n", ""},
        {CHECKOUT("post: /g, graphql: {query: \"query Q { a { mutation } }\"}"), ""},
        {CHECKOUT("post: /g, graphql: {query: \"{ a }\"}"), ""},
        {CHECKOUT("post: /g, graphql: {query: \"mutation M { a }\"}"), "J051 4:12"},
        {CHECKOUT("post: /g, graphql: {operation: B, query: \"query A($mutation: Int) { a } "
                  "mutation B { b }\"}"),
         "J051 4:12"});
}

static void capture_that_nothing_uses_is_told(void **state)
{
    (void)state;
#define CAPTURE STEP "    capture: {id: {json: $.id}}\n"
    EXPECT_WARNINGS(
        {CAPTURE, "J052 6:15"}, {CAPTURE "  - {name: b, get: \"/b/${id}\"}\n", ""},
        {CAPTURE "  - {name: b, get: /b, query: {id: \"${id}\"}}\n", ""},
        {CAPTURE "  - {name: b, get: /b, headers: {X-Id: \"${id}\"}}\n", ""},
        {CAPTURE "  - {name: b, post: /b, form: {id: [1, \"${id}\"]}}\n", ""},
        {CAPTURE "  - {name: b, post: /b, json: {a: [{id: \"${id}\"}]}}\n", ""},
        {CAPTURE "  - {name: b, post: /b, text: \"x ${id} y\"}\n", ""},
        {CAPTURE "  - {name: b, post: /b, multipart: {id: \"${id}\"}}\n", ""},
        {CAPTURE "  - {name: b, post: /b, graphql: {query: q, variables: {id: \"${id}\"}}}\n", ""},
        {CAPTURE "  - {name: b, get: /b, auth: {bearer: \"${id}\"}}\n", ""},
        {CAPTURE "  - {name: b, get: /b, check: [{json: $.id, equals: \"${id}\"}]}\n", ""},
        {CAPTURE "  - {name: b, get: /b, check: [{json: \"$.a[?@.id=='${id}']\"}]}\n", ""},
        {CAPTURE "  - {name: b, get: /b, check: [{css: p, count: {at_least: \"${id}\"}}]}\n", ""},
        {CAPTURE "  - {name: b, get: /b, check: [{status: 200, message: \"${id}\"}]}\n", ""},
        {CAPTURE "  - {name: b, get: /b, when: {var: id, exists: true}}\n", ""},
        {CAPTURE "  - {name: b, get: /b, each: {x: \"${id}\"}}\n", ""},
        {CAPTURE "  - {name: b, get: /b, check: [{var: id, more_than: 1}]}\n", ""},
        {CAPTURE "finally:\n  - {name: b, post: \"/b/${id}\"}\n", ""},
        {CAPTURE "    creates: {x: {json: $.x}}\n    undo: {delete: \"/${id}\"}\n", ""},
        {STEP "    capture: {id: {json: $.id}, no: {json: $.no}}\n  - {name: b, get: \"/${id}\"}\n",
         "J052 6:33"});
}

static void capture_for_a_journey_that_uses_the_file_is_used(void **state)
{
    (void)state;
    char directory[] = "/tmp/shopper-lint-XXXXXX";
    assert_non_null(mkdtemp(directory));
    AUTO_FREE char *lent = path_join(directory, "lent.yaml");
    AUTO_FREE char *user = path_join(directory, "user.yaml");
    AUTO_FREE char *other = path_join(directory, "other.yaml");
    assert_true(file_write(lent, view_of(STEP "    capture: {id: {json: $.id}}\n"), 0600, NULL));
    assert_true(file_write(user,
                           view_of(HEAD "steps:\n  - {name: u, use: lent.yaml}\n"
                                        "  - {name: b, get: \"/${id}\"}\n"),
                           0600, NULL));
    assert_true(file_write(other,
                           view_of(HEAD "vars: {id: 1}\nsteps:\n  - {name: b, get: \"/${id}\"}\n"),
                           0600, NULL));
    struct diags diags = DIAGS_INIT;
    struct journey *journeys[] = {journey_load(lent, NULL, &diags),
                                  journey_load(user, NULL, &diags),
                                  journey_load(other, NULL, &diags)};
    journey_lint(journeys[0], journeys, COUNT_OF(journeys), &diags);
    assert_int_equal(diags.count, 0);
    journey_lint(journeys[0], &journeys[2], 1,
                 &diags); /* the same name elsewhere is no use of it */
    assert_int_equal(diags.count, 1);
    journey_lint(journeys[1], NULL, 0, &diags); /* a lender's captures are its own affair */
    assert_int_equal(diags.count, 1);
    for (size_t i = 0; i < COUNT_OF(journeys); i++) journey_free(journeys[i]);
    diags_release(&diags);
    unlink(lent);
    unlink(user);
    unlink(other);
    rmdir(directory);
}

static void secret_as_text_is_told(void **state)
{
    (void)state;
#define SECRETS "secrets: {pw: {env: PW}}\n"
    EXPECT_WARNINGS(
        {HEAD "vars: {password: hunter2}\nsteps:\n  - {name: a, get: /}\n", "J022 3:18"},
        {HEAD "vars: {apiKey: abc}\nsteps:\n  - {name: a, get: /}\n", "J022 3:16"},
        {HEAD "vars: {password: 1234}\nsteps:\n  - {name: a, get: /}\n", "J022 3:18"},
        {HEAD "vars: {max_token: 1234, password: \"\", password_reset: later}\nsteps:\n"
              "  - {name: a, get: /}\n",
         ""},
        {HEAD "vars: {secretary: Ms Bloggs, token_name: sid, user: jo}\nsteps:\n"
              "  - {name: a, get: /}\n",
         ""},
        {HEAD SECRETS "vars: {password: \"${secret.pw}\"}\nsteps:\n  - {name: a, get: /}\n", ""},
        {STEP "    form: {user: jo, password: hunter2}\n", "J022 6:32"},
        {STEP "    form: {user: jo, Passwort: [hunter2, \"\"]}\n", "J022 6:33"},
        {STEP "    json: {login: {client_secret: s3cr3t, remember: true}}\n", "J022 6:35"},
        {STEP "    json: {tokens: [a], token: [a]}\n", "J022 6:33"},
        {STEP "    query: {api_key: abc}\n", "J022 6:22"},
        {STEP "    headers: {X-Api-Key: abc}\n", "J022 6:26"},
        {STEP "    headers: {Authorization: Basic abc}\n", "J022 6:30"},
        {STEP "    headers: {X-CSRF-Token: Fetch, X-Publishable-Api-Key: pk_1}\n", ""},
        {STEP "    auth: {bearer: abc}\n", "J022 6:20"},
        {STEP "    auth: {basic: {user: jo, password: hunter2}}\n", "J022 6:40"},
        {"journey: j\nbase: http://jo:hunter2@shop.test\nsteps:\n  - {name: a, get: /}\n",
         "J022 2:7 error: the base holds credentials, which would not be used"},
        {"journey: j\nbase: http://shop.test:80/jo@\nsteps:\n  - {name: a, get: "
         "\"/a:b@c?token=\"}\n",
         ""},
        {HEAD "steps:\n  - {name: a, get: \"/a?x=1&access_token=abc\"}\n", "J022 4:20"},
        {STEP "    form: {pass: a, pw: b, kennwort: c, pin: 1234, cvv: 123, pw_hint: d}\n",
         "J022 6:18, J022 6:25, J022 6:38, J022 6:46, J022 6:57"},
        {STEP "    form: {card_number: \"4111111111111111\"}\n", "J022 6:25"},
        {STEP "    headers: {Cookie: \"lang=de; PHPSESSID=abc123\"}\n", "J022 6:23"},
        {STEP "    headers: {Cookie: \"lang=de; consent=1\"}\n", ""},
        {HEAD "vars: {t: sk_live_1}\nsteps:\n  - {name: a, get: /, headers: {Authorization: "
              "\"Bearer ${t}\"}}\n",
         "J022 3:11"},
        {STEP "    text: '{\"password\":\"hunter2\"}'\n", "J022 6:11"},
        {STEP "    text: the password is asked for\n", ""},
        {STEP "    graphql: {query: 'mutation { login(password: \"hunter2\") { t } }'}\n",
         "J022 6:22"},
        {STEP "    graphql: {query: 'mutation L($p: String!) { login(password: $p) { token } }'}\n",
         ""},
        {STEP "    multipart: {password: hunter2}\n", "J022 6:27"},
        {STEP "    graphql: {query: q, variables: {password: hunter2}}\n", "J022 6:47"},
        {STEP "    creates: {x: {json: $.x}}\n    undo: {delete: /x, auth: {bearer: abc}}\n",
         "J022 7:39"},
        {HEAD "vars: {pw: hunter2}\nsteps:\n  - {name: a, post: /, form: {password: \"${pw}\"}}\n",
         "J022 3:12"},
        {HEAD SECRETS
         "steps:\n  - {name: a, post: /, form: {password: \"${secret.pw}\"}, auth: {basic: "
         "{user: jo, password: \"${secret.pw}\"}}, headers: {Authorization: \"B ${secret.pw}\"}}\n",
         ""},
        {HEAD "accounts: {list: [{password: {env: PW}}]}\nsteps:\n  - {name: a, post: /, form: "
              "{password: \"${account.password}\"}}\n",
         ""});
}

static void schedule_faster_than_a_run_is_told(void **state)
{
    (void)state;
#define SCHEDULE(more) HEAD more "\nsteps:\n  - {name: a, get: /}\n"
    EXPECT_WARNINGS({SCHEDULE("schedule: {every: 30s}"), "J053 3:11"},
                    {SCHEDULE("schedule: {every: 1m}"), ""},
                    {SCHEDULE("schedule: {every: 30s}\ndeadline: 30s"), ""},
                    {SCHEDULE("schedule: {every: 30s}\ndeadline: 31s"), "J053 3:11"},
                    {SCHEDULE("schedule: {cron: \"* * * * *\"}\ndeadline: 90s"), "J053 3:11"},
                    {SCHEDULE("schedule: {cron: \"*/5 * * * *\"}\ndeadline: 90s"), ""},
                    {SCHEDULE("schedule: {cron: \"0,1 12 * * Sun\"}\ndeadline: 90s"), "J053 3:11"},
                    {SCHEDULE("schedule: {cron: \"0 0 29 2 *\"}\ndeadline: 90s"), ""},
                    {SCHEDULE("deadline: 90s"), ""});
}

static void check_that_cannot_fail_is_told(void **state)
{
    (void)state;
    EXPECT_WARNINGS(
        {CHECK("status:"), "J054 7:9"}, {CHECK("{status: {exists: true}}"), "J054 7:19"},
        {CHECK("status: {at_least: 100}"), "J054 7:18"},
        {CHECK("status: {at_least: 100, at_most: 599}"), "J054 7:18"},
        {CHECK("status: {less_than: 600}"), "J054 7:18"}, {CHECK("status: {not: 0}"), "J054 7:18"},
        {CHECK("status: {type: integer}"), "J054 7:18"}, {CHECK("body:"), "J054 7:9"},
        {CHECK("{body: {contains: \"\"}}"), "J054 7:17"},
        {CHECK("{body: {contains: [\"\", \"\"]}}"), "J054 7:17"},
        {CHECK("{body: {matches: \".*\"}}"), "J054 7:17"},
        {CHECK("{body: {matches: \"(?s)^.*?$|x\"}}"), "J054 7:17"},
        {CHECK("{css: h1, starts_with: \"\"}"), "J054 7:19"},
        {CHECK("{css: h1, matches: \"a*\"}"), "J054 7:19"},
        {CHECK("{css: li, all: true, count: {at_least: 0}}"), "J054 7:30"},
        {CHECK("duration: {at_least: 0s}"), "J054 7:20"},
        {CHECK("size: {at_least: 0B}"), "J054 7:16"},
        {CHECK("redirects: {at_least: 0}"), "J054 7:21"}, {CHECK("css: body"), "J054 7:9"},
        {CHECK("xpath: count(//p)"), "J054 7:9"},
        {CHECK("{xpath: \"count(//p) > 0\"}"), "J054 7:10"}, {CHECK("regex: \"x?\""), "J054 7:9"},
        {CHECK("{session: {body: {exists: true}}}"), "J054 7:27"},
        {STEP "    timeout: 3s\n    check: [duration: {at_most: 3s}]\n", "J054 7:24"},
        {STEP "    timeout: 3s\n    check: [duration: {less_than: 3s}]\n", ""},
        {STEP "    timeout: 3s\n    check: [duration: {at_most: 2s}]\n", ""},
        {STEP "    follow: 2\n    check: [redirects: {at_most: 2}]\n", "J054 7:25"},
        {STEP "    follow: 2\n    check: [redirects: {at_most: 1}]\n", ""},
        {CHECK("{url: {starts_with: http}}"), "J054 7:16"},
        {CHECK("{url: {starts_with: \"https:\"}}"), ""},
        {HEAD "vars: {x: 1}\nsteps:\n  - {name: a, get: /, check: [{var: x, equals: \"${x}\"}]}\n",
         "J054 5:40"});
}

static void check_that_can_fail_is_not_told(void **state)
{
    (void)state;
    static const char *const checks[] = {
        "status: 200",
        "status: [200, 404]",
        "status: {at_least: 200}",
        "status: {at_least: 100, less_than: 500}",
        "status: {not: 500}",
        "status: {not: [0, 404]}",
        "{css: h1}",
        "{css: \"body h1\"}",
        "{css: h1, exists: false}",
        "{css: h1, contains: x}",
        "{css: h1, matches: \"^(?!.*out of stock)\"}",
        "{css: h1, matches: \"^[^<]*$\"}",
        "{css: h1, matches: .}",
        "{css: li, all: true, count: {at_least: 1}}",
        "{css: li, all: true, count: 0}",
        "{xpath: //h1}",
        "{xpath: count(//p), at_least: 1}",
        "{regex: x}",
        "{regex: \"x?\", equals: x}",
        "{json: $}",
        "{json: $.a, at_least: 0}",
        "{header: X, exists: true}",
        "duration: {at_most: 2s}",
        "duration: {at_least: 1s}",
        "size: {at_least: 0B, at_most: 2MB}",
        "body: {type: number}",
        "{css: script, json: $.a}",
        "price: {css: .price}",
        "price: {css: .price, at_least: 0}",
        "certificate: days_left",
    };
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        AUTO_FREE char *text = xasprintf(CHECK("%s"), checks[i]);
        expect_warnings(text, "");
    }
}

static void shipped_journeys_get_no_warning(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".yaml", NULL};
    struct path_list paths = {0};
    struct diags diags = DIAGS_INIT;
    VEC(struct journey *) journeys = {0};
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    assert_true(file_list(SHOPPER_SOURCE_DIR "/journeys", suffixes, &paths, NULL));
    vec_each(path, &paths) {
        struct journey *journey = journey_load(*path, NULL, &diags);
        if (journey) vec_push(&journeys, journey);
    }
    assert_true(journeys.count >= 10);
    vec_each(journey, &journeys) journey_lint(*journey, journeys.items, journeys.count, &diags);
    diags_print(&diags, &text, false);
    assert_string_equal(buf_text(&text), "");
    vec_each(journey, &journeys) journey_free(*journey);
    vec_release(&journeys);
    path_list_release(&paths);
    diags_release(&diags);
}

static void warnings_only_come_when_asked_for(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    struct journey *journey = journey_load_text("j.yaml", view_of(CHECK("status:")), NULL, &diags);
    assert_non_null(journey);
    assert_int_equal(diags.count, 0);
    journey_lint(journey, NULL, 0, &diags);
    journey_lint(journey, NULL, 0, &diags);
    assert_int_equal(diags.errors, 0);
    assert_int_equal(diags.warnings, 2);
    diags_sort(&diags);
    diags_drop_repeated(&diags);
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.warnings, 1);
    journey_free(journey);
    diags_release(&diags);
}

static void hint_does_not_advise_what_is_told(void **state)
{
    (void)state;
    const struct load_options options = {.lint = true};
    struct diags diags = DIAGS_INIT;
    struct journey *journey =
        journey_load_text("j.yaml", view_of(CHECK("{body: {exists: true}}")), &options, &diags);
    assert_int_equal(diags.count, 1);
    assert_null(strstr(diags.items[0].hint, "exists"));
    journey_free(journey);
    diags_release(&diags);
}

static void byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    EXPECT_WARNINGS({"\xef\xbb\xbf" CHECK("status:"), "J054 7:9"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creates_without_undo_is_told),
        cmocka_unit_test(checkout_without_a_cap_is_told),
        cmocka_unit_test(capture_that_nothing_uses_is_told),
        cmocka_unit_test(capture_for_a_journey_that_uses_the_file_is_used),
        cmocka_unit_test(secret_as_text_is_told),
        cmocka_unit_test(schedule_faster_than_a_run_is_told),
        cmocka_unit_test(check_that_cannot_fail_is_told),
        cmocka_unit_test(hint_does_not_advise_what_is_told),
        cmocka_unit_test(byte_order_mark_is_passed_over),
        cmocka_unit_test(check_that_can_fail_is_not_told),
        cmocka_unit_test(shipped_journeys_get_no_warning),
        cmocka_unit_test(warnings_only_come_when_asked_for),
        PIN_MESSAGES("journey/lint.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
