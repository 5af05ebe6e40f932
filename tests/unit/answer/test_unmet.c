/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a source that finds nothing, and of a value that is not as expected. Values are
 * written as JSON, with `m:` for money, `d:` for a duration in microseconds, `-` for nothing. */
#include "answer/extract.h"
#include "answer/predicate.h"
#include "base/vec.h"

#include "told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- Sources */

#define HTML_TYPE "text/html"
#define JSON_TYPE "application/json"
#define BACKTRACKS "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"

struct unmet {
    enum source_kind kind;
    const char *argument, *type, *body; /* body NULL: no answer */
    const char *attr, *field;
    const char *inner; /* an expression for within, a regular one unless it begins with '$' */
    bool url_encoded;
};

static struct extractor *compiled(enum source_kind kind, const char *argument)
{
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    size_t offset;
    struct extractor *extractor = extractor_new(kind, view_of(argument), NULL, &offset, &message);
    if (!extractor) fail_msg("%s: %s", argument, buf_text(&message));
    extractor->all = true;
    return extractor;
}

static const struct value *variable(void *context, const char *name)
{
    return strcmp(name, "lines") == 0 ? context : NULL;
}

static void note_source(const struct extractor *extractor, struct message *message)
{
    const struct value empty = {.kind = VALUE_LIST};
    const struct extract_input input = {
        .message = message, .variable = variable, .context = (void *)(uintptr_t)&empty};
    AUTO_BUF what = BUF_INIT(BUF_OWN_CAP), reason = BUF_INIT(BUF_OWN_CAP);
    struct value values = VALUE_NOTHING;
    extractor_describe(extractor, &what);
    if (message && message->body.length)
        buf_addf(&what, " in %.*s", VIEW_PRINTF(view_slice(buf_view(&message->body), 0, 60)));
    if (extract(extractor, &input, &values, &reason) && values.list.count)
        fail_msg("%s is found", buf_text(&what));
    value_release(&values);
    told_note(buf_view(&what), buf_view(&reason), TOLD_NOWHERE);
}

static struct message *answered(const char *type, struct view body)
{
    struct message *message = message_new(1 << 20);
    message->status = 200;
    if (type) headers_add(&message->headers, VIEW_LITERAL("Content-Type"), view_of(type));
    buf_add_view(&message->body, body);
    return message;
}

static void note_unmet(const struct unmet *unmet)
{
    struct extractor *extractor = compiled(unmet->kind, unmet->argument);
    if (unmet->attr) extractor->attr = xstrdup(unmet->attr);
    if (unmet->field) extractor->field = xstrdup(unmet->field);
    extractor->url_encoded = unmet->url_encoded;
    if (unmet->inner)
        extractor->inner =
            compiled(*unmet->inner == '$' ? SOURCE_JSON : SOURCE_REGEX, unmet->inner);
    struct message *message = unmet->body ? answered(unmet->type, view_of(unmet->body)) : NULL;
    note_source(extractor, message);
    message_free(message);
    extractor_free(extractor);
}

static void note_nothing_within(void)
{
    struct extractor *extractor = compiled(SOURCE_BODY, "");
    extractor->inner = compiled(SOURCE_CSS, "a");
    struct message *message = answered(NULL, VIEW_LITERAL("<a>"));
    note_source(extractor, message);
    message_free(message);
    extractor_free(extractor);
}

static void note_too_much(enum source_kind kind, const char *argument, const char *head,
                          const char *piece, const char *tail)
{
    AUTO_BUF body = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&body, head);
    for (size_t i = 0; i <= JSONPATH_MAX_NODES; i++) buf_add_text(&body, piece);
    buf_add_text(&body, tail);
    struct extractor *extractor = compiled(kind, argument);
    struct message *message = answered(NULL, buf_view(&body));
    note_source(extractor, message);
    message_free(message);
    extractor_free(extractor);
}

static void source_that_finds_nothing_says_what_it_looked_for(void **state)
{
    (void)state;
    static const struct unmet all[] = {
        {SOURCE_STATUS, "", NULL, .body = NULL},
        {SOURCE_HEADER, "X-Total", HTML_TYPE, .body = ""},
        {SOURCE_COOKIE, "session", HTML_TYPE, .body = ""},
        {SOURCE_URL, "", NULL, .body = ""},
        {SOURCE_CERTIFICATE, "days_left", NULL, .body = ""},
        {SOURCE_VAR, "sku", NULL, .body = NULL},
        {SOURCE_VAR, "lines", NULL, .body = NULL},
        {SOURCE_JSON, "$.total", JSON_TYPE, .body = "{\"sum\":1}"},
        {SOURCE_JSON, "$.total", HTML_TYPE, .body = "<p>"},
        {SOURCE_JSON, "$.total", NULL, .body = "<p>"},
        {SOURCE_CSS, ".price", HTML_TYPE, .body = "<p>"},
        {SOURCE_CSS, "p", HTML_TYPE, .body = "<p>", .attr = "content"},
        {SOURCE_CSS, ".price", JSON_TYPE, .body = "{}"},
        {SOURCE_CSS, "p", NULL, .body = "<meta charset=hz-gb-2312>"},
        {SOURCE_XPATH, "//p[2]", HTML_TYPE, .body = "<p>"},
        {SOURCE_XPATH, "//p[contains(.)]", HTML_TYPE, .body = "<p>"},
        {SOURCE_REGEX, "(\\d+) left", HTML_TYPE, .body = "sold out"},
        {SOURCE_REGEX, "(a+)+$", NULL, .body = BACKTRACKS},
        {SOURCE_FORM, "#login", HTML_TYPE, .body = "<form id=cart>", .field = "csrf"},
        {SOURCE_FORM, "#cart", HTML_TYPE, .body = "<form id=cart>", .field = "csrf"},
        {SOURCE_FORM, "#cart", NULL, .body = "<meta charset=hz-gb-2312>", .field = "csrf"},
        {SOURCE_BODY, "", NULL, .body = "{\"a\":1}", .inner = "$.b"},
        {SOURCE_BODY, "", NULL, .body = "{\"a\":", .inner = "$.a"},
        {SOURCE_BODY, "", NULL, .body = "sold out", .inner = "\\d+"},
        {SOURCE_BODY, "", NULL, .body = "100%", .url_encoded = true},
        {SOURCE_JSON, "$.a", NULL, .body = "{\"a\":1}", .url_encoded = true},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) note_unmet(&all[i]);
    note_nothing_within();
    note_too_much(SOURCE_CSS, "br", "", "<br>", "");
    note_too_much(SOURCE_JSON, "$[*]", "[0", ",0", "]");
    told_check("answer/source.txt");
}

/* --- Predicates */

static struct value value_from(const char *text)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    if (strcmp(text, "-") == 0) return VALUE_NOTHING;
    if (strncmp(text, "d:", 2) == 0) return value_duration(atoll(text + 2));
    if (strncmp(text, "m:", 2) == 0) {
        struct money money;
        const struct money_options options = {0};
        assert_int_equal(money_read(view_of(text + 2), &options, &money, &reason), MONEY_READ);
        return value_money(money);
    }
    cJSON *node = json_parse(view_of(text), &reason);
    if (!node) fail_msg("%s: %s", text, buf_text(&reason));
    struct value value = value_from_json(node);
    cJSON_Delete(node);
    return value;
}

static struct pattern *pattern_of(const struct value *expected)
{
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    size_t offset = 0;
    struct view text = {expected->text.data, expected->text.length};
    return expected->kind == VALUE_TEXT ? pattern_compile(text, &offset, &message) : NULL;
}

static void note_predicate(const char *actual_text, enum predicate_kind kind,
                           const char *expected_text)
{
    AUTO_BUF input = BUF_INIT(BUF_OWN_CAP), said = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF wanted = BUF_INIT(BUF_OWN_CAP), got = BUF_INIT(BUF_OWN_CAP);
    struct value actual = value_from(actual_text), expected = value_from(expected_text);
    struct pattern *pattern = kind == PREDICATE_MATCHES ? pattern_of(&expected) : NULL;
    buf_addf(&input, "%s %s %s", actual_text, predicate_key(kind), expected_text);
    if (predicate_holds(kind, &actual, &expected, pattern, &wanted, &got))
        fail_msg("%s holds", buf_text(&input));
    pattern_free(pattern);
    value_release(&actual);
    value_release(&expected);
    buf_addf(&said, "expected %s, actual %s", buf_text(&wanted), buf_text(&got));
    told_note(buf_view(&input), buf_view(&said), TOLD_NOWHERE);
}

static void value_that_is_not_as_expected_is_told_beside_it(void **state)
{
    (void)state;
    static const struct {
        const char *actual;
        enum predicate_kind kind;
        const char *expected;
    } all[] = {
        {"-", PREDICATE_EQUALS, "1"},
        {"1", PREDICATE_EQUALS, "-"},
        {"1", PREDICATE_EQUALS, "2"},
        {"\"a\"", PREDICATE_EQUALS, "\"b\""},
        {"\"a\"", PREDICATE_EQUALS, "1"},
        {"true", PREDICATE_EQUALS, "false"},
        {"true", PREDICATE_EQUALS, "1"},
        {"true", PREDICATE_EQUALS, "\"yes\""},
        {"null", PREDICATE_EQUALS, "1"},
        {"[1]", PREDICATE_EQUALS, "[2]"},
        {"{\"a\":1}", PREDICATE_EQUALS, "1"},
        {"3", PREDICATE_EQUALS, "[1,2]"},
        {"true", PREDICATE_EQUALS, "[1,2]"},
        {"m:12.50 EUR", PREDICATE_EQUALS, "\"9.99 EUR\""},
        {"m:12.50 EUR", PREDICATE_EQUALS, "\"12.50 USD\""},
        {"m:12.50 EUR", PREDICATE_EQUALS, "m:12.50 USD"},
        {"m:12.50 EUR", PREDICATE_EQUALS, "\"free\""},
        {"m:12.50 EUR", PREDICATE_EQUALS, "true"},
        {"d:1500000", PREDICATE_EQUALS, "1"},
        {"1", PREDICATE_NOT, "1"},
        {"1", PREDICATE_NOT, "[1,2]"},
        {"\"abc\"", PREDICATE_CONTAINS, "\"d\""},
        {"\"abc\"", PREDICATE_CONTAINS, "\"\""},
        {"\"abc\"", PREDICATE_CONTAINS, "[]"},
        {"\"abc\"", PREDICATE_CONTAINS, "[\"a\",\"d\"]"},
        {"[1,2]", PREDICATE_CONTAINS, "3"},
        {"[1,2]", PREDICATE_CONTAINS, "\"a\""},
        {"null", PREDICATE_CONTAINS, "\"a\""},
        {"\"abc\"", PREDICATE_MATCHES, "\"^b\""},
        {"\"abc\"", PREDICATE_MATCHES, "-"},
        {"[1]", PREDICATE_MATCHES, "\"1\""},
        {"\"" BACKTRACKS "\"", PREDICATE_MATCHES, "\"(a+)+$\""},
        {"\"abc\"", PREDICATE_STARTS_WITH, "\"b\""},
        {"\"abc\"", PREDICATE_ENDS_WITH, "\"b\""},
        {"{\"a\":1}", PREDICATE_ENDS_WITH, "\"b\""},
        {"1", PREDICATE_MORE_THAN, "1"},
        {"1", PREDICATE_AT_LEAST, "2"},
        {"1", PREDICATE_LESS_THAN, "1"},
        {"2", PREDICATE_AT_MOST, "1"},
        {"\"many\"", PREDICATE_AT_LEAST, "1"},
        {"\"many\"", PREDICATE_AT_LEAST, "\"1\""},
        {"true", PREDICATE_AT_LEAST, "false"},
        {"m:0.00 EUR", PREDICATE_MORE_THAN, "0"},
        {"d:1500000", PREDICATE_LESS_THAN, "\"1s\""},
        {"d:1500000", PREDICATE_LESS_THAN, "\"soon\""},
        {"2500000", PREDICATE_AT_MOST, "\"2MB\""},
        {"99999999999999999999", PREDICATE_MORE_THAN, "5"},
        {"99999999999999999999", PREDICATE_MORE_THAN, "100000000000000000001"},
        {"12345678901234567890123", PREDICATE_TYPE, "\"string\""},
        {"-", PREDICATE_EMPTY, "true"},
        {"-", PREDICATE_EXISTS, "true"},
        {"1", PREDICATE_EXISTS, "false"},
        {"1", PREDICATE_EXISTS, "\"maybe\""},
        {"\"a\"", PREDICATE_EMPTY, "true"},
        {"[]", PREDICATE_EMPTY, "false"},
        {"[1,2]", PREDICATE_COUNT, "3"},
        {"[1,2]", PREDICATE_COUNT, "\"three\""},
        {"\"1\"", PREDICATE_TYPE, "\"number\""},
        {"1.5", PREDICATE_TYPE, "\"integer\""},
        {"1", PREDICATE_TYPE, "\"float\""},
        {"null", PREDICATE_TYPE, "\"string\""},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        note_predicate(all[i].actual, all[i].kind, all[i].expected);
    told_check("answer/predicate.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_that_finds_nothing_says_what_it_looked_for),
        cmocka_unit_test(value_that_is_not_as_expected_is_told_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
