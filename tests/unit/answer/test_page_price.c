/* SPDX-License-Identifier: Apache-2.0 */
/* The prices that a page tells machines. */
#include "answer/page_price.h"

#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LD(json) "<script type=\"application/ld+json\">" json "</script>"

/* All prices of a page, written as "KIND AMOUNT CURRENCY; ..." */
static void expect_prices(const char *page, const char *wanted)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP),
             got = BUF_INIT(BUF_OWN_CAP);
    struct html *html = html_parse(view_of(page), VIEW_NONE, &reason);
    assert_non_null(html);
    struct page_prices prices = {0};
    page_prices_find(html, &prices, &notes);
    vec_each(price, &prices) {
        struct money money = {0};
        AUTO_BUF why = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&got, "%s%s ", got.length ? "; " : "", page_price_kind_words(price->kind));
        if (page_price_read(price, NULL, &money, &why) == MONEY_READ)
            money_print(&money, &got);
        else
            buf_addf(&got, "(%s)", buf_text(&why));
    }
    if (notes.length) buf_addf(&got, "%s%s", got.length ? "; " : "", buf_text(&notes));
    page_prices_release(&prices);
    html_free(html);
    if (strcmp(buf_text(&got), wanted) != 0)
        fail_msg("%s\n  got    %s\n  wanted %s", page, buf_text(&got), wanted);
}

static void json_ld_offers_are_found(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {LD("{\"@type\":\"Product\",\"offers\":{\"@type\":\"Offer\",\"price\":\"1299.00\","
            "\"priceCurrency\":\"EUR\"}}"),
         "JSON-LD 1299.00 EUR"},
        {LD("{\"@type\":\"Product\",\"offers\":{\"price\":1.5,\"priceCurrency\":\"USD\"}}"),
         "JSON-LD 1.50 USD"},
        {LD("{\"@type\":\"Product\",\"offers\":[{\"price\":1,\"priceCurrency\":\"USD\"},"
            "{\"price\":2,\"priceCurrency\":\"USD\"}]}"),
         "JSON-LD 1.00 USD; JSON-LD 2.00 USD"},
        {LD("{\"@context\":\"https://schema.org\",\"@graph\":[{\"@type\":\"WebPage\"},"
            "{\"@type\":[\"Product\"],\"offers\":{\"@type\":\"AggregateOffer\",\"lowPrice\":\"9."
            "90\","
            "\"highPrice\":\"19.90\",\"priceCurrency\":\"CHF\"}}]}"),
         "JSON-LD 9.90 CHF"},
        {LD("[{\"@type\":\"Organization\"},{\"@type\":\"https://schema.org/Offer\",\"price\":5,"
            "\"priceCurrency\":\"JPY\"}]"),
         "JSON-LD 5 JPY"},
        {LD("{\"@type\":\"Product\",\"offers\":{\"@type\":\"Offer\",\"priceSpecification\":"
            "[{\"price\":\"3.00\",\"priceCurrency\":\"EUR\"}]}}"),
         "JSON-LD 3.00 EUR"},
        {LD("{\"@type\":\"Product\",\"offers\":{\"priceCurrency\":\"EUR\",\"priceSpecification\":"
            "{\"price\":3}}}"),
         "JSON-LD 3.00 EUR"},
        {LD("{\"@type\":\"ProductGroup\",\"hasVariant\":[{\"offers\":{\"price\":1,"
            "\"priceCurrency\":\"EUR\"}},{\"offers\":{\"price\":2,\"priceCurrency\":\"EUR\"}}]}"),
         "JSON-LD 1.00 EUR; JSON-LD 2.00 EUR"},
        {LD("{\"@type\":\"WebPage\",\"mainEntity\":{\"@type\":\"Product\",\"offers\":"
            "{\"@type\":\"AggregateOffer\",\"offers\":[{\"price\":7,\"priceCurrency\":\"EUR\"}]}}"
            "}"),
         "JSON-LD 7.00 EUR"},
        /* what belongs to something else is no price of this page */
        {LD("{\"@type\":\"Product\",\"isRelatedTo\":{\"offers\":{\"price\":1}},\"offers\":"
            "{\"price\":2,\"priceCurrency\":\"EUR\"}}"),
         "JSON-LD 2.00 EUR"},
        {"<script type=\"Application/LD+JSON\">{\"offers\":{\"price\":2,\"priceCurrency\":\"EUR\"}}"
         "</script>",
         "JSON-LD 2.00 EUR"},
        {"<script type=\"application/json\">{\"offers\":{\"price\":2}}</script>", ""},
        {LD("{\"@type\":\"Product\",\"offers\":{\"price\":null,\"priceCurrency\":\"EUR\"}}"), ""},
        {LD("{\"@type\":\"Product\",\"offers\":{\"price\":\"on request\"}}"),
         "JSON-LD (the price has no amount: \"on request\")"},
        {LD("{\"@type\":\"Product\",\"offers\":{\"price\":\"1.299,00\",\"priceCurrency\":\"EUR\"}"
            "}"),
         "JSON-LD 1299.00 EUR"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) expect_prices(cases[i][0], cases[i][1]);
}

static void json_ld_that_is_broken_is_told_and_the_rest_still_read(void **state)
{
    (void)state;
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP),
             deep = BUF_INIT(1 << 20);
    buf_add_text(&deep, "<script type='application/ld+json'>");
    for (int i = 0; i < 150; i++) buf_add_text(&deep, "{\"mainEntity\":");
    buf_add_text(&deep, "{\"offers\":{\"price\":1}}");
    for (int i = 0; i < 150; i++) buf_add_text(&deep, "}");
    buf_add_text(&deep, "</script>" LD("{\"offers\":") LD("") LD("{\"offers\":{\"price\":2}}"));
    struct html *html = html_parse(buf_view(&deep), VIEW_NONE, &reason);
    struct page_prices prices = {0};
    page_prices_find(html, &prices, &notes);
    assert_int_equal(prices.count, 1);
    assert_string_equal(prices.items[0].amount, "2");
    assert_non_null(strstr(buf_text(&notes), "a JSON-LD script is not JSON"));
    page_prices_release(&prices);
    html_free(html);
}

static void microdata_is_found_with_the_currency_of_its_item(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<div itemscope><meta itemprop=price content='12.50'><meta itemprop=priceCurrency "
         "content=EUR></div>",
         "microdata 12.50 EUR"},
        {"<div itemscope><span itemprop=price content='12.50'>12,50</span><span "
         "itemprop=priceCurrency>GBP</span></div>",
         "microdata 12.50 GBP"},
        {"<div itemscope><data itemprop='name price' value=7>seven</data></div>", "microdata 7"},
        {"<div itemscope><b itemprop=price> 1.299,00 \xE2\x82\xAC </b></div>",
         "microdata 1299.00 EUR"},
        {"<div itemscope><i itemprop=price>1</i><i itemprop=priceCurrency>EUR</i></div>"
         "<div itemscope><i itemprop=price>2</i><i itemprop=priceCurrency>USD</i></div>",
         "microdata 1.00 EUR; microdata 2.00 USD"},
        {"<div itemscope><i itemprop=lowPrice>5</i><i itemprop=highPrice>9</i></div>",
         "microdata 5"},
        {"<i itemprop=priceRange>5</i><i itemprop=pricey>6</i>", ""},
        {"<i itemprop=price></i>", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) expect_prices(cases[i][0], cases[i][1]);
}

static void open_graph_is_found(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<meta property='product:price:amount' content='12.5'><meta "
         "property='product:price:currency' content='EUR'>",
         "Open Graph 12.50 EUR"},
        {"<meta property='og:price:amount' content='1,299.00'><meta property='og:price:currency' "
         "content='USD'>",
         "Open Graph 1299.00 USD"},
        {"<meta property='product:price:amount' content=''>", ""},
        {"<meta name='price' content='5'>", ""},
        {LD("{\"offers\":{\"price\":1,\"priceCurrency\":\"EUR\"}}") "<i itemprop=price>2</i><meta "
                                                                    "property='og:price:amount' "
                                                                    "content='3'>",
         "JSON-LD 1.00 EUR; microdata 2; Open Graph 3"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) expect_prices(cases[i][0], cases[i][1]);
}

static void page_price_in_another_currency_is_told(void **state)
{
    (void)state;
    char amount[] = "5.00", currency[] = "USD", none[] = "";
    struct page_price price = {PAGE_PRICE_JSON_LD, amount, currency};
    struct money money = {0};
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    assert_int_equal(page_price_read(&price, "EUR", &money, &reason), MONEY_OTHER_CURRENCY);
    assert_string_equal(buf_text(&reason), "the price is in USD, not EUR");
    price.currency = none;
    assert_int_equal(page_price_read(&price, "EUR", &money, &reason), MONEY_READ);
    assert_string_equal(money.currency, "EUR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_ld_offers_are_found),
        cmocka_unit_test(json_ld_that_is_broken_is_told_and_the_rest_still_read),
        cmocka_unit_test(microdata_is_found_with_the_currency_of_its_item),
        cmocka_unit_test(open_graph_is_found),
        cmocka_unit_test(page_price_in_another_currency_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
