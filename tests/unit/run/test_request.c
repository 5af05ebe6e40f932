/* SPDX-License-Identifier: Apache-2.0 */
/* Steps made into requests: what names and values become. */
#include "run_fixture.h"

static void variable_that_is_given_is_of_the_kind_that_is_written(void **state)
{
    struct fixture *fixture = *state;
    static const char *const given[] = {"n=5", "yes=false", "sku=007", "code=8", "m=many", NULL};
    fixture->options.set = given;
    const struct run_report *report = WALK(
        "journey: test\nbase: http://shop.test\n"
        "vars: {n: 3, yes: true, sku: 1, code: \"7\", m: 4}\nsteps:\n"
        "  - {name: a, post: /a, json: {n: \"${n}\", y: \"${yes}\", s: \"${sku}\", c: \"${code}\", "
        "m: \"${m}\", t: \"${n * 2}\"}}\n",
        {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    assert_string_equal(fixture->fake.sent[0].body,
                        "{\"n\":5,\"y\":false,\"s\":\"007\",\"c\":\"8\",\"m\":\"many\",\"t\":10}");
}

static void list_repeats_its_name_wherever_names_have_values(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: a\n    get: /a\n"
                  "    capture: {ids: {json: \"$[*]\", all: true}, none: {json: $.x, all: true}}\n"
                  "  - name: b\n    post: /b\n    query: {id: \"${ids}\", q: \"${none}\", n: [1]}\n"
                  "    headers: {Accept-Language: [de, en], Accept: \"${ids}\"}\n"
                  "    form: {id: \"${ids}\", all: \"<${ids}>\"}\n"
                  "  - {name: c, get: /c, query: {q: \"${none}\"}}\n"
                  "  - {name: d, post: /d, multipart: {id: \"${ids}\", x: [\"${ids}\", y]}}\n",
             {.body = "[1, \"two\"]"}, {.status = 200}, {.status = 200}, {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    const struct fake_sent *sent = fixture->fake.sent;
    assert_string_equal(sent[1].line, "POST http://shop.test/b?id=1&id=two&n=1");
    assert_string_equal(sent[1].body, "id=1&id=two&all=%3C%5B1%2C%22two%22%5D%3E");
    assert_non_null(strstr(sent[1].travels, "Accept-Language: de\nAccept-Language: en\n"));
    assert_non_null(strstr(sent[1].travels, "Accept: 1\nAccept: two\n"));
    assert_string_equal(sent[2].line, "GET http://shop.test/c");
    assert_non_null(strstr(sent[3].body, "name=\"id\"\r\n\r\n1\r\n--"));
    assert_non_null(strstr(sent[3].body, "name=\"id\"\r\n\r\ntwo\r\n--"));
    assert_non_null(strstr(sent[3].body, "name=\"x\"\r\n\r\n[1,\"two\"]\r\n--"));
    assert_non_null(strstr(sent[3].body, "name=\"x\"\r\n\r\ny\r\n--"));
}

/* `coupon:` is null to YAML, and an empty field to whoever writes it. */
static void nothing_is_an_empty_value_and_no_header(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(
        HEAD "  - name: a\n    post: /a\n    query: {q: , r: null}\n"
             "    headers: {Accept-Language: , Accept: \"\"}\n    form: {coupon: , b: [1, null]}\n"
             "  - {name: b, post: /b, multipart: {coupon: }}\n",
        {.status = 200}, {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    const struct fake_sent *sent = fixture->fake.sent;
    assert_string_equal(sent[0].line, "POST http://shop.test/a?q=&r=");
    assert_string_equal(sent[0].body, "coupon=&b=1&b=");
    assert_null(strstr(sent[0].travels, "Accept-Language"));
    assert_non_null(strstr(sent[0].travels, "Accept: \n"));
    assert_non_null(strstr(sent[1].body, "name=\"coupon\"\r\n\r\n\r\n--"));
}

/* Half of a query, or a header without its value, would ask for something else. */
static void value_that_is_too_long_is_not_left_out(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUF body = BUF_INIT(BUF_OWN_CAP);
    for (size_t i = 0; i < 40000; i++) buf_add_text(&body, "too long ");
    const struct run_report *report =
        WALK(HEAD "  - {name: a, get: /a, capture: {long: body}}\n"
                  "  - {name: b, get: /b, query: {short: a, q: \"${long}\"}, optional: true}\n"
                  "  - {name: c, get: /c, headers: {X-A: \"${long}\"}, optional: true}\n",
             {.body = buf_text(&body)});
    assert_int_equal(fixture->fake.sent_count, 1);
    const struct step_report *steps = report->steps.items;
    assert_string_equal(steps[1].failure.message, "the URL is longer than 16384 bytes");
    assert_string_equal(steps[2].failure.message, "the text is longer than 262144 bytes");
}

static void who_asks_for_a_redirect_sees_it(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - {name: a, post: /login, check: [status: 302]}\n"
                  "  - {name: b, post: /login, check: [{status: [301, 303]}]}\n"
                  "  - {name: c, get: /, check: [{status: [200, 302]}]}\n"
                  "  - {name: d, get: /, check: [status: 200]}\n"
                  "  - {name: e, get: /}\n",
             {.status = 302}, {.status = 303}, {.status = 200}, {.status = 200}, {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(fixture->fake.sent[0].follow, 0);
    assert_int_equal(fixture->fake.sent[1].follow, 0);
    for (size_t i = 2; i < 5; i++) assert_int_equal(fixture->fake.sent[i].follow, 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(variable_that_is_given_is_of_the_kind_that_is_written),
        TEST(list_repeats_its_name_wherever_names_have_values),
        TEST(nothing_is_an_empty_value_and_no_header),
        TEST(value_that_is_too_long_is_not_left_out),
        TEST(who_asks_for_a_redirect_sees_it),
        PIN_MESSAGES("run/request.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
