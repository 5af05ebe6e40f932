/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of what a shop sends and nobody can read: JSON, pages, prices; and of what cannot be
 * calculated with it. */
#include "answer/expand.h"
#include "answer/html.h"
#include "answer/json.h"
#include "answer/page_price.h"
#include "answer/wall.h"

#include "told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void add_repeated(struct buf *out, const char *piece, size_t times)
{
    for (size_t i = 0; i < times; i++) buf_add_text(out, piece);
}

/* --- JSON */

static void note_json(struct view text)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *json = json_parse(text, &reason);
    if (json) fail_msg("%.*s is fine", VIEW_PRINTF(text));
    told_note(text, buf_view(&reason), TOLD_NOWHERE);
}

static void text_that_is_no_json_says_why(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",           "  ",
        "<html>",     "tru",
        "nul",        "'a'",
        "1 2",        "{} {}",
        "-",          "01",
        "1.",         "1e",
        "[",          "[1",
        "[1,",        "[1 2]",
        "[,]",        "{",
        "{a: 1}",     "{\"a\"",
        "{\"a\" 1}",  "{\"a\":",
        "{\"a\":1",   "{\"a\":1 \"b\":2}",
        "{\"a\":1,}", "{\"price\":1,\"price\":2}",
        "\"a",        "\"a\\",
        "\"a\nb\"",   "\"\\x\"",
        "\"\\u12\"",  "\"\xff\"",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) note_json(view_of(texts[i]));
    AUTO_BUF deep = BUF_INIT(BUF_OWN_CAP);
    add_repeated(&deep, "[", JSON_MAX_DEPTH + 1);
    note_json(buf_view(&deep));
    told_check("answer/json.txt");
}

/* --- Pages */

/* Every paragraph gets all that were open at the end of the first, so that a short page becomes a
 * large tree. */
#define FORMATTING_ELEMENTS 300
#define PARAGRAPHS 2000

static void note_page(struct view body, const char *charset)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    struct html *html = html_parse(body, view_of(charset), &reason);
    if (html) fail_msg("%.40s is fine", body.data);
    told_note(body, buf_view(&reason), TOLD_NOWHERE);
}

static void page_that_cannot_be_parsed_says_why(void **state)
{
    (void)state;
    AUTO_BUF deep = BUF_INIT(BUF_OWN_CAP), wide = BUF_INIT(BUF_OWN_CAP);
    note_page(VIEW_LITERAL("<meta charset=iso-2022-kr><p>"), "");
    add_repeated(&deep, "<div>", HTML_MAX_DEPTH + 1);
    note_page(buf_view(&deep), "");
    add_repeated(&wide, "<br>", HTML_MAX_NODES + 1);
    note_page(buf_view(&wide), "");
    AUTO_BUF repeated = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&repeated, "<p>");
    for (int i = 0; i < FORMATTING_ELEMENTS; i++) buf_addf(&repeated, "<b id=%d>", i);
    add_repeated(&repeated, "<p>x</p>", PARAGRAPHS);
    note_page(buf_view(&repeated), "");
    told_check("answer/page.txt");
}

static struct message *refused(long status, const char *header, const char *value, const char *body)
{
    struct message *message = message_new(1 << 20);
    message->status = status;
    if (header) headers_add(&message->headers, view_of(header), view_of(value));
    buf_add_text(&message->body, body);
    return message;
}

static void wall_says_whose_it_is(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *header, *value, *body;
    } walls[] = {
        {200, "cf-mitigated", "challenge", ""},
        {405, "x-amzn-waf-action", "captcha", ""},
        {202, "x-amzn-waf-action", "challenge", ""},
        {429, "x-vercel-mitigated", "challenge", ""},
        {403, "x-datadome", "protected", ""},
        {403, NULL, NULL, "<iframe src=/_Incapsula_Resource>"},
        {403, NULL, NULL, "<script src=/cdn-cgi/challenge-platform/x.js>"},
        {403, NULL, NULL, "<div id=cf-error-details>"},
        {403, NULL, NULL, "<script src=https://ct.captcha-delivery.com/c.js>"},
        {403, NULL, NULL, "<div id=px-captcha>"},
        {403, NULL, NULL, "<div class=g-recaptcha>"},
        {403, NULL, NULL, "<div class=h-captcha>"},
        {403, NULL, NULL, "<div class=cf-turnstile>"},
        {403, NULL, NULL, "Reference &#35;18 https://errors.edgesuite.net/18"},
        {405, NULL, NULL, "<title>Pardon Our Interruption</title>"},
        {429, NULL, NULL, ""},
        {429, "Retry-After", "30", ""},
        {503, NULL, NULL, "We will be back soon"},
        {503, NULL, NULL, "We will be back shortly"},
    };
    for (size_t i = 0; i < COUNT_OF(walls); i++) {
        AUTO_BUF input = BUF_INIT(BUF_OWN_CAP), reason = BUF_INIT(BUF_OWN_CAP);
        struct message *message =
            refused(walls[i].status, walls[i].header, walls[i].value, walls[i].body);
        assert_true(wall_recognise(message, &reason));
        message_free(message);
        buf_addf(&input, "%ld", walls[i].status);
        if (walls[i].header) buf_addf(&input, " %s: %s", walls[i].header, walls[i].value);
        if (*walls[i].body) buf_addf(&input, " %s", walls[i].body);
        told_note(buf_view(&input), buf_view(&reason), TOLD_NOWHERE);
    }
    told_check("answer/wall.txt");
}

/* --- Prices */

static void note_price(struct view text, const struct money_options *options)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    struct money money;
    if (money_read(text, options, &money, &reason) == MONEY_READ)
        fail_msg("%.*s is fine", VIEW_PRINTF(text));
    told_note(text, buf_view(&reason), TOLD_NOWHERE);
}

static void text_that_is_no_price_says_why(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " \xC2\xA0 ",
        "Price on request",
        "EUR",
        "NaN",
        "[object Object] EUR",
        "1,23,4.5.6",
        "1.2.3",
        "99999999999999999999",
        "12,50 € 9,99 €",
        "from 5 to 9 EUR",
        "5 USD",
        "$5",
    };
    const struct money_options euros = {.currency = "EUR"}, any = {0};
    for (size_t i = 0; i < COUNT_OF(texts); i++) note_price(view_of(texts[i]), &euros);
    note_price(VIEW_LITERAL("5 EUR (5 USD)"), &any);
    note_price(VIEW_LITERAL("5 EUR ($5)"), &any);
    const struct money_options cents = {.currency = "EUR", .minor_units = 2};
    note_price(VIEW_LITERAL("12.50"), &cents);
    const struct money_options number = {.json_number = true};
    note_price(VIEW_LITERAL("1e30"), &number);
    AUTO_BUF page = BUF_INIT(BUF_OWN_CAP);
    add_repeated(&page, "only 3 left. ", 10000);
    note_price(buf_view(&page), &euros);
    told_check("answer/price.txt");
}

static void price_for_machines_says_why_it_is_none(void **state)
{
    (void)state;
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP),
             why = BUF_INIT(BUF_OWN_CAP);
    static const char page[] =
        "<script type=application/ld+json>{\"price\":</script>"
        "<script type=application/ld+json>{\"@type\":\"Offer\",\"price\":\"5\","
        "\"priceCurrency\":\"USD\"}</script>";
    struct html *html = html_parse(view_of(page), VIEW_NONE, &reason);
    assert_non_null(html);
    struct page_prices prices = {0};
    page_prices_find(html, &prices, &notes);
    html_free(html);
    told_note(view_of(page), view_trim(buf_view(&notes)), TOLD_NOWHERE);
    assert_int_equal(prices.count, 1);
    struct money money;
    assert_int_equal(page_price_read(&prices.items[0], "EUR", &money, &why), MONEY_OTHER_CURRENCY);
    told_note(view_of(page), buf_view(&why), TOLD_NOWHERE);
    page_prices_release(&prices);
    told_check("answer/page_price.txt");
}

/* --- Calculations */

static struct value amount(const char *text)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    const struct money_options options = {0};
    struct money money;
    assert_int_equal(money_read(view_of(text), &options, &money, &reason), MONEY_READ);
    return value_money(money);
}

/* Only what owns no memory. */
static struct named {
    const char *name;
    struct value value;
} names[] = {
    {"price", {.kind = VALUE_ABSENT}},
    {"dollars", {.kind = VALUE_ABSENT}},
    {"huge", {.kind = VALUE_ABSENT}},
    {"text", {.kind = VALUE_TEXT, .text = {.data = (char[]){"a b"}, .length = 3}}},
    {"flag", {.kind = VALUE_BOOL, .boolean = true}},
    {"took", {.kind = VALUE_DURATION, .duration_us = 1500000}},
    {"none", {.kind = VALUE_ABSENT}},
};

static const struct value *lookup(void *context, const char *name, struct buf *reason)
{
    (void)context;
    (void)reason;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(names[i].name, name) == 0) return &names[i].value;
    }
    return NULL;
}

static void note_template(const char *input, const struct template *template)
{
    const struct expander expander = {.lookup = lookup, .cap_bytes = 20};
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    struct value value;
    if (expand(template, &expander, &value, &reason)) fail_msg("%s is fine", input);
    told_note(view_of(input), buf_view(&reason), TOLD_NOWHERE);
}

/* A template of a file is refused earlier. */
static void note_nested_calculation(void)
{
    struct expression levels[EXPRESSION_MAX_DEPTH + 2];
    memset(levels, 0, sizeof(levels));
    for (size_t i = 0; i + 1 < COUNT_OF(levels); i++)
        levels[i] = (struct expression){.kind = EXPRESSION_NEGATE, .left = &levels[i + 1]};
    levels[COUNT_OF(levels) - 1].kind = EXPRESSION_NUMBER;
    struct template_part part = {.expression = levels};
    const struct template template = {.parts = &part, .count = 1};
    note_template("${-----...}", &template);
}

static void calculation_that_cannot_be_made_says_why(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "${nosuch}",          "${nosuch + 1}",    "${none}",       "${text + 1}",
        "${flag * 2}",        "${took + 1}",      "${price + 1}",  "${price - dollars}",
        "${huge + huge}",     "${price * price}", "${huge * 10}",  "${2 / price}",
        "${price / dollars}", "${price / 0}",     "${huge / 0.1}", "more than twenty bytes ${text}",
    };
    names[0].value = amount("12.50 EUR");
    names[1].value = amount("1.00 USD");
    names[2].value = value_number(INT64_MAX);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct diags diags = DIAGS_INIT;
        struct template *template = template_parse_text(view_of(texts[i]), PLACE_NOWHERE, &diags);
        assert_int_equal(diags.errors, 0);
        diags_release(&diags);
        note_template(texts[i], template);
        template_free(template);
    }
    note_nested_calculation();
    told_check("answer/calculation.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_is_no_json_says_why),
        cmocka_unit_test(page_that_cannot_be_parsed_says_why),
        cmocka_unit_test(wall_says_whose_it_is),
        cmocka_unit_test(text_that_is_no_price_says_why),
        cmocka_unit_test(price_for_machines_says_why_it_is_none),
        cmocka_unit_test(calculation_that_cannot_be_made_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
