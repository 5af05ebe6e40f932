/* SPDX-License-Identifier: Apache-2.0 */
/* Every source on one answer: what it finds, and what it says when it finds nothing. */
#include "answer/extract.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char page[] =
    "<!doctype html><title>Mug</title>"
    "<script id=state "
    "type=application/json>{\"sku\":\"MUG-42\",\"price\":12.5,\"tags\":[1,2]}</script>"
    "<script id=broken>{\"sku\":</script>"
    "<div class=p itemprop=price content=12.50>12,50 €</div><div class=p>9,99 €</div>"
    "<p id=stock>only 3 left of MUG-42, 5 left of MUG-43</p>"
    "<form id=login><input type=hidden name=csrf value=t0k3n></form>";
static const char cart[] =
    "{\"items\":[{\"sku\":\"A\",\"n\":1},{\"sku\":\"B\",\"n\":2}],\"total\":12.50,"
    "\"state\":\"{\\\"deep\\\":true}\",\"none\":null}";

static void add_cookie(struct message *message, const char *name, const char *value)
{
    struct cookie *cookie = vec_add(&message->cookies);
    cookie->name = xstrdup(name);
    cookie->value = xstrdup(value);
}

static const char *stated_type; /* of the answer; NULL: none */

static struct message *answer(const char *body)
{
    struct message *message = message_new(1 << 20);
    message->status = 201;
    message->url = xstrdup("http://127.0.0.1/cart");
    message->redirects = 2;
    message->timings = (struct timings){.transfer_us = 40000, .total_us = 100000};
    message->certificate =
        (struct certificate){.present = true, .earliest_not_after_s = 86400 * 10};
    if (stated_type)
        headers_add(&message->headers, VIEW_LITERAL("Content-Type"), view_of(stated_type));
    headers_add(&message->headers, VIEW_LITERAL("X-Tag"), VIEW_LITERAL("one"));
    headers_add(&message->headers, VIEW_LITERAL("x-tag"), VIEW_LITERAL("two"));
    add_cookie(message, "session", "s1");
    add_cookie(message, "Session", "other");
    add_cookie(message, "XSRF-TOKEN", "eyJ%2B+%C3%A9%3D%3d");
    add_cookie(message, "state", "%7B%22token%22%3A%22t%25%22%7D");
    add_cookie(message, "sale", "100%");
    buf_add_text(&message->body, body);
    return message;
}

static const struct value *variable(void *context, const char *name)
{
    return strcmp(name, "lines") ? NULL : context;
}

static struct extractor *extractor_of(enum source_kind kind, const char *argument)
{
    AUTO_BUF message = BUF_INIT(1024);
    size_t offset;
    struct extractor *extractor = extractor_new(kind, view_of(argument), NULL, &offset, &message);
    if (!extractor) fail_msg("%s: %s", argument, buf_text(&message));
    return extractor;
}

/* The list as JSON, or its reason behind "?" when empty, or behind "!" when it failed. */
static void extract_into(struct extractor *extractor, const char *body, struct buf *out)
{
    struct value lines = value_text(VIEW_LITERAL("L1"));
    struct value values = VALUE_NOTHING;
    AUTO_BUF reason = BUF_INIT(4096);
    struct extract_input input = {
        .message = body ? answer(body) : NULL,
        .now_wall_us = (int64_t)86400 * 1000000 * 3 + 1,
        .variable = variable,
        .context = &lines,
    };
    if (!extract(extractor, &input, &values, &reason))
        buf_addf(out, "!%s", buf_text(&reason));
    else if (!values.list.count)
        buf_addf(out, "?%s", buf_text(&reason));
    else
        value_print(&values, out);
    value_release(&values);
    value_release(&lines);
    message_free(input.message);
    extractor_free(extractor);
}

static void assert_extracts(struct extractor *extractor, const char *body, const char *expected)
{
    AUTO_BUF out = BUF_INIT(1 << 20);
    extract_into(extractor, body, &out);
    assert_string_equal(buf_text(&out), expected);
}

struct sample {
    enum source_kind kind;
    const char *argument, *body, *found;
};

static void every_source_finds_its_values(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {SOURCE_STATUS, "", "", "[201]"},
        {SOURCE_HEADER, "X-TAG", "", "[\"one\",\"two\"]"},
        {SOURCE_COOKIE, "session", "", "[\"s1\"]"},
        {SOURCE_JSON, "$.items[*].sku", cart, "[\"A\",\"B\"]"},
        {SOURCE_JSON, "$.items", cart, "[[{\"sku\":\"A\",\"n\":1},{\"sku\":\"B\",\"n\":2}]]"},
        {SOURCE_JSON, "$.none", cart, "[null]"},
        {SOURCE_CSS, ".p", page, "[\"12,50 €\",\"9,99 €\"]"},
        {SOURCE_XPATH, "//div[2]", page, "[\"9,99 €\"]"},
        {SOURCE_REGEX, "(\\d+) left", page, "[\"3\",\"5\"]"},
        {SOURCE_REGEX, "\\d+ left", page, "[\"3 left\",\"5 left\"]"},
        {SOURCE_BODY, "", "abc", "[\"abc\"]"},
        {SOURCE_BODY, "", "", "[\"\"]"},
        {SOURCE_URL, "", "", "[\"http://127.0.0.1/cart\"]"},
        {SOURCE_REDIRECTS, "", "", "[2]"},
        {SOURCE_DURATION, "", "", "[\"100ms\"]"},
        {SOURCE_TIME_TO_FIRST_BYTE, "", "", "[\"60ms\"]"},
        {SOURCE_SIZE, "", "abc", "[3]"},
        {SOURCE_CERTIFICATE, "days_left", "", "[7]"},
        {SOURCE_VAR, "lines", NULL, "[\"L1\"]"},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        assert_extracts(extractor_of(samples[i].kind, samples[i].argument), samples[i].body,
                        samples[i].found);
    }
}

static void nothing_found_says_what_was_looked_for(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {SOURCE_HEADER, "Location", "", "?no header Location"},
        {SOURCE_COOKIE, "SESSION", "", "?no cookie SESSION"},
        {SOURCE_JSON, "$.price", cart, "?no value at $.price"},
        {SOURCE_CSS, "[itemprop=sku]", page, "?no element for [itemprop=sku]"},
        {SOURCE_XPATH, "//video", page, "?no element for //video"},
        {SOURCE_REGEX, "sold out", page, "?nothing matches /sold out/"},
        {SOURCE_VAR, "order", "", "?the variable order is not set"},
        {SOURCE_STATUS, "", NULL, "!there is no answer to look at"},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        assert_extracts(extractor_of(samples[i].kind, samples[i].argument), samples[i].body,
                        samples[i].found);
    }
}

static void a_body_that_is_no_json_is_a_failure(void **state)
{
    (void)state;
    static const char *const bodies[] = {"", "<html>", "{\"a\":1", "{\"a\":1,\"a\":2}",
                                         "{\"a\":1} x"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        AUTO_BUF out = BUF_INIT(4096);
        extract_into(extractor_of(SOURCE_JSON, "$.a"), bodies[i], &out);
        assert_memory_equal(buf_text(&out), "!the body is not JSON", 21);
    }
}

static struct extractor *form_of(const char *selector, const char *field)
{
    struct extractor *extractor = extractor_of(SOURCE_FORM, selector);
    extractor->field = xstrdup(field);
    return extractor;
}

static void assert_extracts_from(const char *type, struct extractor *extractor, const char *body,
                                 const char *expected)
{
    stated_type = type;
    assert_extracts(extractor, body, expected);
    stated_type = NULL;
}

static void a_body_is_what_its_shop_says_it_is(void **state)
{
    (void)state;
    static const char *const pages[] = {
        "text/html; charset=utf-8", "application/xhtml+xml", "TEXT/XML",
        "application/xml",          "image/svg+xml",         ""};
    static const char *const others[] = {"application/json", "image/png", "text/plain"};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        assert_extracts_from(pages[i], extractor_of(SOURCE_CSS, "title"), page, "[\"Mug\"]");
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        AUTO_BUF reason = BUF_INIT(200);
        buf_addf(&reason, "!the answer is %s, not a page", others[i]);
        const char *text = buf_text(&reason);
        assert_extracts_from(others[i], extractor_of(SOURCE_CSS, "title"), page, text);
        assert_extracts_from(others[i], extractor_of(SOURCE_XPATH, "count(//p)"), page, text);
        assert_extracts_from(others[i], form_of("#login", "csrf"), page, text);
        assert_extracts_from(others[i], extractor_of(SOURCE_JSON, "$.total"), cart, "[12.5]");
    }
    assert_extracts_from("text/html", extractor_of(SOURCE_JSON, "$.total"), cart,
                         "!the answer is text/html, not JSON");
    assert_extracts_from("text/html", extractor_of(SOURCE_REGEX, "\\d+ left"), page,
                         "[\"3 left\",\"5 left\"]");
}

static void attributes_are_taken_where_they_stand(void **state)
{
    (void)state;
    struct extractor *extractor = extractor_of(SOURCE_CSS, "div");
    extractor->attr = xstrdup("content");
    assert_extracts(extractor, page, "[\"12.50\"]");
    extractor = extractor_of(SOURCE_CSS, "div");
    extractor->attr = xstrdup("href");
    assert_extracts(extractor, page, "?no element for div with the attribute href");
}

static void encoded_text_is_decoded_before_it_is_read(void **state)
{
    (void)state;
    struct extractor *extractor = extractor_of(SOURCE_COOKIE, "XSRF-TOKEN");
    extractor->url_encoded = true;
    assert_extracts(extractor, page, "[\"eyJ++\303\251==\"]");
    extractor = extractor_of(SOURCE_COOKIE, "state");
    extractor->url_encoded = true;
    extractor->inner = extractor_of(SOURCE_JSON, "$.token");
    assert_extracts(extractor, page, "[\"t%\"]");
    extractor = extractor_of(SOURCE_COOKIE, "sale");
    extractor->url_encoded = true;
    assert_extracts(extractor, page,
                    "!the text is not URL-encoded: no two hex digits behind a '%'");
    extractor = extractor_of(SOURCE_STATUS, "");
    extractor->url_encoded = true;
    assert_extracts(extractor, page, "!`decode` goes with text, not with a number");
    extractor = extractor_of(SOURCE_COOKIE, "none");
    extractor->url_encoded = true;
    assert_extracts(extractor, page, "?no cookie none");
}

static void forms_and_fields_are_told_apart(void **state)
{
    (void)state;
    assert_extracts(form_of("#login", "csrf"), page, "[\"t0k3n\"]");
    assert_extracts(form_of("#search", "q"), page, "?no form for #search");
    assert_extracts(form_of("#login", "email"), page, "?the form #login has no field email");
}

static struct extractor *within(enum source_kind kind, const char *argument, enum source_kind inner,
                                const char *inner_argument)
{
    struct extractor *extractor = extractor_of(kind, argument);
    extractor->inner = extractor_of(inner, inner_argument);
    return extractor;
}

static void sources_within_sources_are_applied_to_each_text(void **state)
{
    (void)state;
    assert_extracts(within(SOURCE_CSS, "#state", SOURCE_JSON, "$.price"), page, "[12.5]");
    assert_extracts(within(SOURCE_CSS, ".p", SOURCE_REGEX, "\\d+"), page,
                    "[\"12\",\"50\",\"9\",\"99\"]");
    assert_extracts(within(SOURCE_JSON, "$.state", SOURCE_JSON, "$.deep"), cart, "[true]");
    assert_extracts(within(SOURCE_JSON, "$.items", SOURCE_JSON, "$[1].n"), cart, "[2]");
    assert_extracts(within(SOURCE_HEADER, "x-tag", SOURCE_REGEX, "^t"), "", "[\"t\"]");
    assert_extracts(within(SOURCE_CSS, "#state", SOURCE_JSON, "$.no"), page, "?no value at $.no");
    assert_extracts(within(SOURCE_CSS, "#none", SOURCE_JSON, "$.no"), page,
                    "?no element for #none");
    assert_extracts(within(SOURCE_CSS, "#state", SOURCE_REGEX, "xyz"), page,
                    "?nothing matches /xyz/");
}

static void a_broken_text_behind_the_first_match_hurts_only_lists(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(4096);
    assert_extracts(within(SOURCE_CSS, "script", SOURCE_JSON, "$.sku"), page, "[\"MUG-42\"]");
    struct extractor *all = within(SOURCE_CSS, "script", SOURCE_JSON, "$.sku");
    all->all = true;
    extract_into(all, page, &out);
    assert_memory_equal(buf_text(&out), "!the text is not JSON", 21);
    buf_clear(&out);
    extract_into(within(SOURCE_CSS, "#broken", SOURCE_JSON, "$.sku"), page, &out);
    assert_memory_equal(buf_text(&out), "!the text is not JSON", 21);
}

static void groups_are_picked_by_number_and_name(void **state)
{
    (void)state;
    AUTO_BUF message = BUF_INIT(1024);
    size_t offset;
    struct view expression = VIEW_LITERAL("(\\d+) left of (?<sku>[A-Z0-9-]+)");
    assert_extracts(extractor_new(SOURCE_REGEX, expression, "sku", &offset, &message), page,
                    "[\"MUG-42\",\"MUG-43\"]");
    assert_extracts(extractor_new(SOURCE_REGEX, expression, "2", &offset, &message), page,
                    "[\"MUG-42\",\"MUG-43\"]");
    assert_extracts(extractor_new(SOURCE_REGEX, expression, "0", &offset, &message), page,
                    "[\"3 left of MUG-42\",\"5 left of MUG-43\"]");
    assert_null(extractor_new(SOURCE_REGEX, expression, "nome", &offset, &message));
    assert_string_equal(buf_text(&message), "the expression has no group 'nome'");
}

static void malformed_arguments_are_refused(void **state)
{
    (void)state;
    static const struct {
        enum source_kind kind;
        const char *argument;
    } samples[] = {
        {SOURCE_HEADER, ""},   {SOURCE_JSON, "$["},    {SOURCE_CSS, "div["},
        {SOURCE_XPATH, "//["}, {SOURCE_REGEX, "(abc"}, {SOURCE_CERTIFICATE, "x"},
        {SOURCE_FORM, ">"},    {SOURCE_JSON, ""},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        AUTO_BUF message = BUF_INIT(4096);
        size_t offset = 0;
        assert_null(
            extractor_new(samples[i].kind, view_of(samples[i].argument), NULL, &offset, &message));
        assert_true(message.length > 0);
        assert_true(offset <= strlen(samples[i].argument));
    }
}

static void lists_in_variables_are_spread(void **state)
{
    (void)state;
    struct value list = {.kind = VALUE_LIST};
    list.list.items = xcalloc(2, sizeof(struct value));
    list.list.items[0] = value_number(1);
    list.list.items[1] = value_text(VIEW_LITERAL("b"));
    list.list.count = 2;
    struct extractor *extractor = extractor_of(SOURCE_VAR, "lines");
    struct extract_input input = {.variable = variable, .context = &list};
    AUTO_BUF reason = BUF_INIT(1024), out = BUF_INIT(1024);
    struct value values = VALUE_NOTHING;
    assert_true(extract(extractor, &input, &values, &reason));
    value_print(&values, &out);
    value_release(&values);
    value_release(&list);
    assert_string_equal(buf_text(&out), "[1,\"b\"]");
    assert_true(extract(extractor, &(struct extract_input){0}, &values, &reason));
    assert_int_equal(values.list.count, 0);
    value_release(&values);
    extractor_free(extractor);
}

static void an_ended_certificate_has_negative_days(void **state)
{
    (void)state;
    struct extractor *extractor = extractor_of(SOURCE_CERTIFICATE, "days_left");
    struct extract_input input = {.message = answer(""),
                                  .now_wall_us = (int64_t)(86400 * 10 + 1) * 1000000};
    AUTO_BUF reason = BUF_INIT(1024), out = BUF_INIT(1024);
    struct value values = VALUE_NOTHING;
    assert_true(extract(extractor, &input, &values, &reason));
    value_print(&values, &out);
    value_release(&values);
    assert_string_equal(buf_text(&out), "[-1]");
    input.message->certificate.present = false;
    assert_true(extract(extractor, &input, &values, &reason));
    assert_string_equal(buf_text(&reason), "the connection showed no certificate");
    value_release(&values);
    message_free(input.message);
    extractor_free(extractor);
}

/* Arrays in arrays: every match of "$..*" holds all that is below it. */
static void overlapping_matches_are_bounded(void **state)
{
    (void)state;
    AUTO_BUF body = BUF_INIT(1 << 20), out = BUF_INIT(64 << 20);
    for (int i = 0; i < 100; i++) buf_add_char(&body, '[');
    for (int i = 0; i < 40000; i++) buf_add_text(&body, "1,");
    buf_add_char(&body, '1');
    for (int i = 0; i < 100; i++) buf_add_char(&body, ']');
    struct extractor *all = extractor_of(SOURCE_JSON, "$..*");
    all->all = true;
    extract_into(all, buf_text(&body), &out);
    assert_string_equal(buf_text(&out), "!too much was found for $..*");
    buf_clear(&out);
    extract_into(extractor_of(SOURCE_JSON, "$..*"), buf_text(&body), &out);
    assert_int_equal(buf_text(&out)[0], '[');
}

static void descriptions_name_the_source(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(1024);
    struct extractor *extractor = within(SOURCE_CSS, "script#state", SOURCE_JSON, "$.price");
    extractor_describe(extractor, &out);
    extractor_free(extractor);
    assert_string_equal(buf_text(&out), "css script#state, json $.price");
    buf_clear(&out);
    extractor = form_of("#login", "csrf");
    extractor_describe(extractor, &out);
    extractor_free(extractor);
    assert_string_equal(buf_text(&out), "form #login field csrf");
    for (int i = 0; i < SOURCE_KIND_COUNT; i++) assert_true(*source_help((enum source_kind)i));
    assert_string_equal(source_key(SOURCE_TIME_TO_FIRST_BYTE), "time_to_first_byte");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_source_finds_its_values),
        cmocka_unit_test(nothing_found_says_what_was_looked_for),
        cmocka_unit_test(a_body_that_is_no_json_is_a_failure),
        cmocka_unit_test(a_body_is_what_its_shop_says_it_is),
        cmocka_unit_test(attributes_are_taken_where_they_stand),
        cmocka_unit_test(encoded_text_is_decoded_before_it_is_read),
        cmocka_unit_test(forms_and_fields_are_told_apart),
        cmocka_unit_test(sources_within_sources_are_applied_to_each_text),
        cmocka_unit_test(a_broken_text_behind_the_first_match_hurts_only_lists),
        cmocka_unit_test(groups_are_picked_by_number_and_name),
        cmocka_unit_test(malformed_arguments_are_refused),
        cmocka_unit_test(lists_in_variables_are_spread),
        cmocka_unit_test(an_ended_certificate_has_negative_days),
        cmocka_unit_test(overlapping_matches_are_bounded),
        cmocka_unit_test(descriptions_name_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
