/* SPDX-License-Identifier: Apache-2.0 */
/* Whole runs on fake time against a scripted shop. */
#include "run/caps.h"
#include "run_fixture.h"

/* --- The steps */

static void run_with_good_answers_passes(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: look, get: /a}\n"
                  "  - {name: look again, get: /b, check: [status: 204]}\n",
             {.body = "hello"}, {.status = 204});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(report->steps.count, 2);
    assert_string_equal(fixture->fake.sent[0].line, "GET http://shop.test/a");
    assert_int_equal(report->duration_us, 20 * US_PER_MS);
}

static void status_from_400_on_fails_without_a_written_check(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: look, get: /a}\n  - {name: never, get: /b}\n", {.status = 500});
    assert_verdict(report, VERDICT_FAIL);
    assert_failure(report, "look", "http", "status 500");
    assert_int_equal(report->steps.items[1].verdict, VERDICT_SKIPPED);
    assert_int_equal(fixture->fake.sent_count, 1);
}

static void value_within_a_url_stays_a_piece_of_it(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, capture: {p: {json: $.p}, u: {json: $.u}}}\n"
                  "  - {name: b, get: \"/b/${p}/c\"}\n"
                  "  - {name: c, get: \"/c?q=${p}&r=1\"}\n"
                  "  - {name: d, get: \"${u}\"}\n"
                  "  - {name: e, get: \"/${u}\"}\n",
             {.body = "{\"p\":\"../x y?q=1&z+%20#f/\xc3\xb6\",\"u\":\"d/e?f=g\"}"}, {.status = 200},
             {.status = 200}, {.status = 200}, {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    assert_string_equal(fixture->fake.sent[1].line,
                        "GET http://shop.test/b/..%2Fx%20y%3Fq=1&z+%20%23f%2F%C3%B6/c");
    assert_string_equal(fixture->fake.sent[2].line,
                        "GET http://shop.test/c?q=../x%20y?q%3D1%26z%2B%20%23f/%C3%B6&r=1");
    assert_string_equal(fixture->fake.sent[3].line, "GET http://shop.test/d/e?f=g");
    assert_string_equal(fixture->fake.sent[4].line, "GET http://shop.test/d/e?f=g");
}

static void value_that_leads_up_the_path_is_not_sent(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, capture: {p: {json: $.p}}}\n"
                  "  - {name: b, delete: \"/b/${p}/c\"}\n",
             {.body = "{\"p\":\"%2e.\"}"});
    assert_failure(report, "b", "content", "'%2e.' as a piece of a path would lead elsewhere");
    assert_int_equal(fixture->fake.sent_count, 1);
}

static void status_after_a_redirect_says_whose_it_is(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(HEAD "  - {name: a, get: /a, check: [status: 200]}\n",
                                           {.status = 404, .redirects = 1});
    assert_failure(report, "a", "http",
                   "status: expected 200, found 404 (after a redirect to http://shop.test/a)");
}

static void status_of_a_gateway_names_the_proxy(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(
        HEAD "  - {name: a, get: /a, optional: true}\n  - {name: b, get: /b}\n",
        {.status = 404, .proxy = "127.0.0.1:3128"}, {.status = 503, .proxy = "127.0.0.1:3128"});
    assert_string_equal(report->steps.items[0].failure.message, "status 404");
    assert_string_equal(report->steps.items[1].failure.message,
                        "status 503 (through the proxy 127.0.0.1:3128)");
}

static void what_cannot_be_sent_or_walked_says_why(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(
        HEAD
        "  - {name: a, get: /a, capture: {n: {json: $.n}, none: {json: \"$.x[*]\", all: true}}}\n"
        "  - {name: b, get: /b, each: {of: \"${none}\"}}\n"
        "  - {name: c, get: /c, each: {of: \"${n}\"}, optional: true}\n"
        "  - {name: d, post: /g, graphql: {query: \"{a}\"}, optional: true}\n"
        "  - {name: e, get: /e, check: [{price: {css: p, currency: EUR}}], optional: true}\n"
        "  - {name: f, get: /f, check: [status: 200], optional: true}\n",
        {.body = "{\"n\": 3, \"x\": []}"}, {.body = "<html>"},
        {.body = "<p>1.00 EUR</p><p>2.00 EUR</p>", .header = {"Content-Type", "text/html"}},
        {.status = 404, .redirects = 2});
    assert_verdict(report, VERDICT_DEGRADED);
    assert_string_equal(report->steps.items[1].skipped, "its `each` has no element");
    for (size_t i = 2; i < report->steps.count; i++)
        assert_true(report->steps.items[i].failure.kind != OUTCOME_PASS);
}

static void capture_travels_into_later_steps_with_its_type(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: a\n    get: /a\n    capture: {n: {json: $.n}, t: {json: $.t}}\n"
                  "  - name: b\n    post: /b/${t}\n    json: {n: \"${n}\", twice: \"${n * 2}\", s: "
                  "\"x${n}\"}\n",
             {.body = "{\"n\": 21, \"t\": \"mug\"}"}, {.status = 201});
    assert_verdict(report, VERDICT_PASS);
    assert_string_equal(fixture->fake.sent[1].line, "POST http://shop.test/b/mug");
    assert_string_equal(fixture->fake.sent[1].body, "{\"n\":21,\"twice\":42,\"s\":\"x21\"}");
}

static void capture_that_finds_nothing_fails_its_step(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: a\n    get: /a\n    capture: {n: {json: $.n}}\n", {.body = "{}"});
    assert_failure(report, "a", "content", "cannot capture 'n': no value at $.n");
}

static void vanished_price_is_of_kind_price_with_the_authors_words(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: a\n    get: /a\n    check:\n"
                  "      - price: {json: $.price, currency: EUR, more_than: 0}\n        message: "
                  "no believable price\n",
             {.body = "{\"price\": null}"});
    assert_failure(report, "a", "price", "no believable price");
    assert_string_equal(run_report_culprit(report)->failure.detail, "the price is null");
    assert_int_equal(run_report_culprit(report)->failure.place.line, 8);
}

static void raised_cents_of_a_price_are_cents(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: p\n    get: /p\n    check:\n"
                  "      - price: {css: .price, currency: EUR, equals: 12.5}\n"
                  "    capture: {price: {price: {css: .price}}, text: {css: .price}}\n"
                  "  - {name: q, get: \"/q/${price}/${text}\"}\n",
             {.body = "<p class=price>€12<sup>50</sup></p>"}, {0});
    assert_verdict(report, VERDICT_PASS);
    assert_string_equal(fixture->fake.sent[1].line, "GET http://shop.test/q/12.50/%E2%82%AC1250");
}

static void page_past_our_own_limits_is_too_large(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUF page = BUF_INIT(BUF_OWN_CAP);
    for (int i = 0; i < 1000; i++) buf_add_text(&page, "<div>");
    assert_failure(
        WALK(HEAD "  - {name: a, get: /, check: [css: .name]}\n", {.body = buf_text(&page)}), "a",
        "too-large", "the page nests deeper than 400 elements");
}

static void excerpt_holds_no_secret_with_white_space_in_it(void **state)
{
    struct fixture *fixture = *state;
    redactor_add(fixture->redactor, "secret.pw", VIEW_LITERAL("open\t sesame"));
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /}\n", {.status = 500, .body = "I said  'open\t sesame'"});
    assert_string_equal(report->steps.items[0].failure.excerpt, "I said '[redacted:secret.pw]'");
}

static void who_could_not_look_does_not_say_what_was_there(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, check: [{json: $.n}]}\n", {.body = "<p>no JSON</p>"});
    assert_verdict(report, VERDICT_FAIL);
    assert_null(run_report_culprit(report)->failure.actual);
}

static void cart_without_the_line_is_of_kind_cart(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: a\n    get: /a\n    check:\n      - cart: {json: \"$.items[*].sku\", "
                  "contains: MUG}\n",
             {.body = "{\"items\":[{\"sku\":\"LAMP\"},{\"sku\":\"CUP\"}]}"});
    assert_failure(report, "a", "cart", NULL);
}

static void cart_with_several_lines_is_searched_whole(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: a\n    get: /a\n    check:\n      - cart: {json: \"$.items[*].sku\", "
                  "contains: MUG}\n",
             {.body = "{\"items\":[{\"sku\":\"LAMP\"},{\"sku\":\"MUG\"}]}"});
    assert_verdict(report, VERDICT_PASS);
}

static void slow_answer_degrades_and_the_steps_go_on(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(
        HEAD "  - {name: a, get: /a, check: [{duration: {at_most: 1s}}]}\n  - {name: b, get: /b}\n",
        {.after_us = 2 * US_PER_SECOND}, {.status = 200});
    assert_verdict(report, VERDICT_DEGRADED);
    assert_failure(report, "a", "slow", NULL);
    assert_int_equal(fixture->fake.sent_count, 2);
}

static void optional_step_that_fails_degrades(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, optional: true}\n  - {name: b, get: /b}\n",
             {.status = 500}, {.status = 200});
    assert_verdict(report, VERDICT_DEGRADED);
    assert_int_equal(fixture->fake.sent_count, 2);
}

static void prober_failure_is_unknown_never_green_never_red(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\n", {.kind = OUTCOME_PROBER});
    assert_verdict(report, VERDICT_UNKNOWN);
}

static void rate_limit_is_the_walls_fault(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\n", {.status = 429, .header = {"Retry-After", "30"}});
    assert_failure(report, "a", "blocked",
                   "a rate limit (status 429), to be tried again after 30 s");
}

static void until_sends_again_until_its_checks_hold(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, until: {within: 5s, every: 500ms}, check: [{json: $.ok, "
                  "equals: true}]}\n",
             {.body = "{\"ok\":false}"}, {.body = "{\"ok\":false}"}, {.body = "{\"ok\":true}"});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(report->steps.items[0].attempts, 3);
    assert_int_equal(report->duration_us, 1030 * US_PER_MS);
}

static void until_that_never_holds_fails_with_the_last_answer(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(
        HEAD "  - {name: a, get: /a, until: {within: 1100ms, every: "
             "500ms}, check: [{json: $.n, equals: 9}]}\n",
        {.body = "{\"n\":1}"}, {.body = "{\"n\":2}"}, {.body = "{\"n\":3}"}, {.body = "{\"n\":4}"});
    assert_verdict(report, VERDICT_FAIL);
    assert_int_equal(report->steps.items[0].attempts, 3);
    assert_string_equal(run_report_culprit(report)->failure.actual, "3");
}

static void when_that_does_not_hold_skips_visibly(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, capture: {n: {json: $.n}}}\n"
                  "  - {name: b, get: /b, when: {var: n, equals: 2}}\n  - {name: c, get: /c}\n",
             {.body = "{\"n\":1}"}, {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(report->steps.items[1].verdict, VERDICT_SKIPPED);
    assert_string_equal(report->steps.items[1].skipped, "its `when` does not hold");
    assert_string_equal(fixture->fake.sent[1].line, "GET http://shop.test/c");
}

#define PRICES(answer, predicates)                                                                 \
    WALK(HEAD "  - {name: a, get: /a, check: [{price: {json: \"$[*]\", currency: EUR, all: "       \
              "true, " predicates "}}]}\n",                                                        \
         {.body = answer})

static void all_prices_are_a_list_and_bounds_hold_of_each(void **state)
{
    struct fixture *fixture = *state;
    assert_verdict(PRICES("[7.5,8]", "count: 2, contains: 8, at_most: 8"), VERDICT_PASS);
}

static void prices_are_compared_as_a_list(void **state)
{
    struct fixture *fixture = *state;
    assert_verdict(PRICES("[7.5,8]", "equals: [7.50, 8]"), VERDICT_PASS);
}

static void one_price_over_the_bound_fails_them_all(void **state)
{
    struct fixture *fixture = *state;
    assert_failure(PRICES("[7.5,9]", "count: 2, at_most: 8"), "a", "price",
                   "the price: expected at most 8, found 9.00 EUR");
}

static void one_price_of_nothing_fails_them_all(void **state)
{
    struct fixture *fixture = *state;
    assert_failure(PRICES("[7.5,0]", "count: 2"), "a", "price", "the price is zero: 0.00 EUR");
}

static void when_that_cannot_be_told_fails(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, capture: {n: {json: $.n}}}\n"
                  "  - {name: b, get: /b, when: {var: n, more_than: 2}}\n",
             {.body = "{\"n\":\"many\"}"});
    assert_failure(report, "b", "content",
                   "`when` cannot be told: var n: expected more than 2, found \"many\" "
                   "(text cannot be compared with a number)");
    assert_int_equal(fixture->fake.sent_count, 1);
}

static void when_whose_value_is_of_another_type_skips_if_it_asks_for_one(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, capture: {n: {json: $.n}}}\n"
                  "  - {name: b, get: /b, when: {var: n, type: number, more_than: 2}}\n",
             {.body = "{\"n\":\"many\"}"});
    assert_verdict(report, VERDICT_PASS);
    assert_string_equal(report->steps.items[1].skipped, "its `when` does not hold");
}

static void each_walks_once_per_element(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, capture: {lines: {json: \"$[*]\", all: true}}}\n"
                  "  - {name: b, delete: \"/cart/${line}\", each: {line: \"${lines}\"}}\n",
             {.body = "[7,8]"}, {.status = 204}, {.status = 204});
    assert_verdict(report, VERDICT_PASS);
    assert_string_equal(fixture->fake.sent[1].line, "DELETE http://shop.test/cart/7");
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/cart/8");
    assert_int_equal(report->steps.items[2].each_index, 2);
}

static void each_with_too_many_elements_walks_none_of_them(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUF body = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&body, "{\"n\":[0");
    for (int i = 0; i < 50; i++) buf_add_text(&body, ",0");
    buf_add_text(&body, "]}");
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, capture: {n: {json: $.n}}}\n"
                  "  - {name: b, each: {of: \"${n}\"}, get: \"/b/${of}\"}\n",
             {.body = buf_text(&body)});
    assert_failure(report, "b", "content", "`each` is given 51 elements, and walks at most 50");
    assert_int_equal(fixture->fake.sent_count, 1);
}

static void pause_takes_its_time_and_sends_nothing(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: think, pause: 3s}\n  - {name: a, get: /a}\n", {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(report->duration_us, 3010 * US_PER_MS);
}

static void deadline_ends_the_steps_and_finally_still_walks(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\nfinally:\n  - {name: bye, post: /logout}\n",
             {.never = true}, {.status = 200});
    assert_verdict(report, VERDICT_FAIL);
    assert_failure(report, "a", "timeout", "the run was not done within its deadline of 20 s");
    assert_string_equal(fixture->fake.sent[1].line, "POST http://shop.test/logout");
}

struct told {
    unsigned times;
    enum verdict verdict;
    int64_t duration_us;
    size_t steps;
};

static void note_walked(void *context, const struct run_report *report)
{
    struct told *told = ((struct fixture *)context)->told;
    told->times++;
    told->verdict = report->verdict;
    told->duration_us = report->duration_us;
    told->steps = report->steps.count;
}

static void steps_that_are_through_are_told_before_cleaning_up(void **state)
{
    struct fixture *fixture = *state;
    struct told told = {0};
    struct journey *journey =
        load(HEAD "  - {name: a, get: /a}\nfinally:\n  - {name: bye, post: /logout}\n");
    fixture->told = &told;
    fixture->options =
        (struct run_options){.walked = note_walked, .deadline_us = 2 * US_PER_SECOND};
    fixture->fake.script = (const struct fake_answer[]){{.after_us = 60 * US_PER_SECOND},
                                                        {.after_us = 9 * US_PER_SECOND}};
    fixture->fake.script_count = 2;
    walk_journey(fixture, journey);
    journey_free(journey);
    assert_int_equal(told.times, 1);
    assert_string_equal(verdict_word(told.verdict), "fail");
    assert_int_equal(told.duration_us, 2 * US_PER_SECOND);
    assert_int_equal(told.steps, 1);
    assert_int_equal(fixture->reports[0]->steps.count, 2);
    assert_true(fixture->reports[0]->duration_us > 10 * US_PER_SECOND);
}

static void finally_that_fails_is_residue(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a}\nfinally:\n  - {name: bye, post: /logout}\n"
                  "  - {name: really, post: /logout}\n",
             {.status = 200}, {.status = 500}, {.status = 200});
    assert_verdict(report, VERDICT_DEGRADED);
    assert_int_equal(report->residue.count, 1);
    assert_string_equal(report->residue.items[0].step, "bye");
    assert_int_equal(fixture->fake.sent_count, 3);
}

static void cap_that_is_reached_skips_the_step_and_what_follows(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.status = 200}, {.status = 201}, {.status = 200}};
    struct journey *journey = load(HEAD "  - {name: a, get: /a}\n  - {name: order, post: /o, only: "
                                        "{at_most: 1/day}}\n  - {name: z, get: /z}\n");
    fixture->fake.script = script;
    fixture->fake.script_count = 3;
    walk_journey(fixture, journey); /* its third request is the z of the first run */
    fixture->fake.next = 0;
    walk_journey(fixture, journey);
    journey_free(journey);
    const struct run_report *second = fixture->reports[1];
    assert_int_equal(fixture->fake.sent_count, 4);
    assert_int_equal(second->steps.items[1].verdict, VERDICT_SKIPPED);
    assert_int_equal(second->steps.items[2].verdict, VERDICT_SKIPPED);
    assert_string_equal(second->steps.items[1].skipped, "the cap of its `only` is reached");
}

static void cap_outlives_its_process(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.status = 201}};
    struct journey *journey = load(HEAD "  - {name: order, post: /o, only: {at_most: 1/day}}\n");
    AUTO_BUF saved = BUF_INIT(1000);
    fixture->fake.script = script;
    fixture->fake.script_count = 1;
    walk_journey(fixture, journey);
    caps_save(&fixture->engine, &saved);
    map_release(&fixture->engine.caps);
    fixture->engine.caps = MAP_INIT(free);
    caps_restore(&fixture->engine, VIEW_LITERAL("rubbish"));
    caps_restore(&fixture->engine, buf_view(&saved));
    walk_journey(fixture, journey);
    journey_free(journey);
    assert_int_equal(fixture->fake.sent_count, 1);
}

static void what_a_cap_counted_before_may_come_late(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.status = 201}, {.status = 201}, {.status = 201}};
    struct journey *journey = load(HEAD "  - {name: order, post: /o, only: {at_most: 3/day}}\n");
    AUTO_BUF saved = BUF_INIT(1000);
    fixture->fake.script = script;
    fixture->fake.script_count = 3;
    walk_journey(fixture, journey);
    caps_save(&fixture->engine, &saved);
    map_release(&fixture->engine.caps);
    fixture->engine.caps = MAP_INIT(free);
    walk_journey(fixture, journey);
    caps_restore(&fixture->engine, buf_view(&saved));
    walk_journey(fixture, journey);
    walk_journey(fixture, journey);
    journey_free(journey);
    assert_int_equal(fixture->fake.sent_count, 3);
}

static void graphql_errors_fail_although_the_status_is_200(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, post: /g, graphql: {query: \"query Q{a}\"}}\n",
             {.body = "{\"errors\":[{\"message\":\"database is locked\"}],\"data\":null}"});
    assert_failure(report, "a", "content", "the GraphQL answer has errors: database is locked");
    assert_string_equal(fixture->fake.sent[0].body,
                        "{\"operationName\":\"Q\",\"query\":\"query Q{a}\"}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(run_with_good_answers_passes),
        TEST(status_from_400_on_fails_without_a_written_check),
        TEST(value_within_a_url_stays_a_piece_of_it),
        TEST(value_that_leads_up_the_path_is_not_sent),
        TEST(status_after_a_redirect_says_whose_it_is),
        TEST(what_cannot_be_sent_or_walked_says_why),
        TEST(status_of_a_gateway_names_the_proxy),
        TEST(capture_travels_into_later_steps_with_its_type),
        TEST(capture_that_finds_nothing_fails_its_step),
        TEST(vanished_price_is_of_kind_price_with_the_authors_words),
        TEST(raised_cents_of_a_price_are_cents),
        TEST(page_past_our_own_limits_is_too_large),
        TEST(excerpt_holds_no_secret_with_white_space_in_it),
        TEST(who_could_not_look_does_not_say_what_was_there),
        TEST(cart_without_the_line_is_of_kind_cart),
        TEST(cart_with_several_lines_is_searched_whole),
        TEST(slow_answer_degrades_and_the_steps_go_on),
        TEST(optional_step_that_fails_degrades),
        TEST(prober_failure_is_unknown_never_green_never_red),
        TEST(rate_limit_is_the_walls_fault),
        TEST(until_sends_again_until_its_checks_hold),
        TEST(until_that_never_holds_fails_with_the_last_answer),
        TEST(when_that_does_not_hold_skips_visibly),
        TEST(all_prices_are_a_list_and_bounds_hold_of_each),
        TEST(prices_are_compared_as_a_list),
        TEST(one_price_over_the_bound_fails_them_all),
        TEST(one_price_of_nothing_fails_them_all),
        TEST(when_that_cannot_be_told_fails),
        TEST(when_whose_value_is_of_another_type_skips_if_it_asks_for_one),
        TEST(each_walks_once_per_element),
        TEST(each_with_too_many_elements_walks_none_of_them),
        TEST(pause_takes_its_time_and_sends_nothing),
        TEST(deadline_ends_the_steps_and_finally_still_walks),
        TEST(steps_that_are_through_are_told_before_cleaning_up),
        TEST(finally_that_fails_is_residue),
        TEST(cap_that_is_reached_skips_the_step_and_what_follows),
        TEST(cap_outlives_its_process),
        TEST(what_a_cap_counted_before_may_come_late),
        TEST(graphql_errors_fail_although_the_status_is_200),
        PIN_MESSAGES("run/run.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
