/* SPDX-License-Identifier: Apache-2.0 */
/* See page_price.h. One function per place where a page says a price. */
#include "answer/page_price.h"

#include "answer/json.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define MICRODATA_MAX 20
#define NODES_MAX 20000 /* of JSON-LD that are looked at in one page */

const char *page_price_kind_words(enum page_price_kind kind)
{
    static const char *const words[] = {
#define X(name, words) words,
        PAGE_PRICE_KINDS(X)
#undef X
    };
    return words[kind];
}

void page_prices_release(struct page_prices *prices)
{
    vec_each(price, prices) {
        free(price->amount);
        free(price->currency);
    }
    vec_release(prices);
}

static void add_price(struct page_prices *prices, enum page_price_kind kind, struct view amount,
                      struct view currency)
{
    struct view trimmed = view_trim(amount), code = view_trim(currency);
    if (!trimmed.length || prices->count >= PAGE_PRICES_MAX) return;
    struct page_price *price = vec_add(prices);
    price->kind = kind;
    price->amount = xstrndup(trimmed.data, trimmed.length);
    price->currency = xstrndup(code.data ? code.data : "", code.length);
}

/* --- JSON-LD */

struct walk {
    struct page_prices *prices;
    size_t nodes;
};

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* A number's digits or a text; what is neither gives nothing. */
static void add_scalar(const cJSON *node, struct buf *out)
{
    if (cJSON_IsString(node)) buf_add_text(out, node->valuestring);
    if (cJSON_IsNumber(node)) json_add_number(node, out);
}

/* The price of an offer or a price specification, under the first of the keys that is there. */
static bool add_offer_price(struct walk *walk, const cJSON *offer, const cJSON *outer)
{
    static const char *const keys[] = {"price", "lowPrice", "minPrice"};
    AUTO_BUF amount = BUF_INIT(256), currency = BUF_INIT(64);
    for (size_t i = 0; i < COUNT_OF(keys) && !amount.length; i++)
        add_scalar(member(offer, keys[i]), &amount);
    add_scalar(member(offer, "priceCurrency"), &currency);
    if (!currency.length) add_scalar(member(outer, "priceCurrency"), &currency);
    add_price(walk->prices, PAGE_PRICE_JSON_LD, buf_view(&amount), buf_view(&currency));
    return amount.length > 0;
}

static void walk_offers(struct walk *walk, const cJSON *node, int depth)
{
    if (depth > PAGE_PRICE_MAX_DEPTH || ++walk->nodes > NODES_MAX) return;
    const cJSON *child = NULL;
    if (cJSON_IsArray(node)) {
        cJSON_ArrayForEach(child, node) walk_offers(walk, child, depth + 1);
        return;
    }
    if (!cJSON_IsObject(node) || add_offer_price(walk, node, NULL)) return;
    const cJSON *specification = member(node, "priceSpecification");
    if (cJSON_IsObject(specification)) (void)add_offer_price(walk, specification, node);
    if (cJSON_IsArray(specification)) {
        cJSON_ArrayForEach(child, specification)
        {
            if (cJSON_IsObject(child) && add_offer_price(walk, child, node)) break;
        }
    }
    if (member(node, "offers")) walk_offers(walk, member(node, "offers"), depth + 1);
}

/* "Offer", "schema:Offer", "https://schema.org/Offer", or a list with one of them. */
static bool is_offer(const cJSON *type)
{
    const cJSON *child = NULL;
    if (cJSON_IsArray(type)) {
        cJSON_ArrayForEach(child, type)
        {
            if (cJSON_IsString(child) && is_offer(child)) return true;
        }
        return false;
    }
    if (!cJSON_IsString(type)) return false;
    const char *name = type->valuestring, *cut = strrchr(name, '/');
    if (!cut) cut = strrchr(name, ':');
    if (cut) name = cut + 1;
    return !strcmp(name, "Offer") || !strcmp(name, "AggregateOffer");
}

/* Goes where the page's own subject is; related products, reviews and sellers are passed over. */
static void walk_things(struct walk *walk, const cJSON *node, int depth)
{
    static const char *const ways[] = {"@graph", "mainEntity", "mainEntityOfPage", "hasVariant"};
    if (depth > PAGE_PRICE_MAX_DEPTH || ++walk->nodes > NODES_MAX) return;
    const cJSON *child = NULL;
    if (cJSON_IsArray(node)) {
        cJSON_ArrayForEach(child, node) walk_things(walk, child, depth + 1);
        return;
    }
    if (!cJSON_IsObject(node)) return;
    if (is_offer(member(node, "@type"))) {
        walk_offers(walk, node, depth + 1);
        return;
    }
    if (member(node, "offers")) walk_offers(walk, member(node, "offers"), depth + 1);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        const cJSON *way = member(node, ways[i]);
        if (way) walk_things(walk, way, depth + 1);
    }
}

/* --- Asking the page */

static bool ask(const struct html *html, struct view expression, bool css, const char *attr,
                struct html_matches *ret_matches)
{
    size_t offset = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    struct html_query *query = css ? html_compile_css(expression, &offset, &message)
                                   : html_compile_xpath(expression, &offset, &message);
    bool good = query && html_find_prices(html, query, attr, ret_matches);
    html_query_free(query);
    return good && ret_matches->count > 0;
}

static void find_json_ld(const struct html *html, struct page_prices *prices, struct buf *notes)
{
    struct html_matches scripts = {0};
    struct walk walk = {prices, 0};
    (void)ask(html, VIEW_LITERAL("script[type=\"application/ld+json\" i]"), true, NULL, &scripts);
    vec_each(script, &scripts) {
        AUTO_BUF reason = BUF_INIT(4096);
        cJSON *json = json_parse((struct view){script->text, script->length}, &reason);
        if (json)
            walk_things(&walk, json, 0);
        else
            buf_addf(notes, "a JSON-LD script is %s\n", buf_text(&reason));
        cJSON_Delete(json);
    }
    html_matches_release(&scripts);
}

/* --- Microdata */

#define HAS_PROPERTY(name) "contains(concat(' ', normalize-space(@itemprop), ' '), ' " name " ')"

/* What an element says as a property: its content or value, else its text. */
static bool find_property(const struct html *html, const char *element, struct buf *out)
{
    static const char *const attrs[] = {"content", "value", NULL};
    for (size_t i = 0; i < COUNT_OF(attrs) && !out->length; i++) {
        struct html_matches matches = {0};
        if (ask(html, view_of(element), false, attrs[i], &matches))
            buf_add(out, matches.items[0].text, matches.items[0].length);
        html_matches_release(&matches);
    }
    return out->length > 0;
}

/* The n-th element with a property, and the currency that its item (itemscope) says. */
static bool find_nth(const struct html *html, const char *condition, size_t n,
                     struct page_prices *prices)
{
    AUTO_FREE char *element = xasprintf("(//*[%s])[%zu]", condition, n);
    AUTO_FREE char *beside = xasprintf(
        "(%s/ancestor::*[@itemscope][1]//*[" HAS_PROPERTY("priceCurrency") "])[1]", element);
    AUTO_BUF amount = BUF_INIT(4096), currency = BUF_INIT(4096);
    struct html_matches there = {0};
    bool found = ask(html, view_of(element), false, NULL, &there);
    html_matches_release(&there);
    if (!found) return false;
    (void)find_property(html, element, &amount);
    (void)find_property(html, beside, &currency);
    add_price(prices, PAGE_PRICE_MICRODATA, buf_view(&amount), buf_view(&currency));
    return true;
}

static void find_microdata(const struct html *html, struct page_prices *prices)
{
    static const char *const conditions[] = {HAS_PROPERTY("price"), HAS_PROPERTY("lowPrice")};
    size_t before = prices->count;
    for (size_t i = 0; i < COUNT_OF(conditions) && prices->count == before; i++) {
        for (size_t n = 1; n <= MICRODATA_MAX && find_nth(html, conditions[i], n, prices); n++)
            continue;
    }
}

/* --- Open Graph */

static void find_open_graph(const struct html *html, struct page_prices *prices)
{
    static const char *const prefixes[] = {"product", "og"};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        AUTO_FREE char *amount = xasprintf("meta[property=\"%s:price:amount\" i]", prefixes[i]);
        AUTO_FREE char *currency = xasprintf("meta[property=\"%s:price:currency\" i]", prefixes[i]);
        struct html_matches amounts = {0}, currencies = {0};
        (void)ask(html, view_of(amount), true, "content", &amounts);
        bool known = ask(html, view_of(currency), true, "content", &currencies);
        for (size_t n = 0; n < amounts.count; n++) {
            size_t beside = n < currencies.count ? n : 0;
            struct view code = VIEW_NONE;
            if (known)
                code =
                    (struct view){currencies.items[beside].text, currencies.items[beside].length};
            add_price(prices, PAGE_PRICE_OPEN_GRAPH,
                      (struct view){amounts.items[n].text, amounts.items[n].length}, code);
        }
        html_matches_release(&amounts);
        html_matches_release(&currencies);
    }
}

void page_prices_find(const struct html *html, struct page_prices *ret_prices, struct buf *notes)
{
    *ret_prices = (struct page_prices){0};
    find_json_ld(html, ret_prices, notes);
    find_microdata(html, ret_prices);
    find_open_graph(html, ret_prices);
}

/* --- Reading */

enum money_reading page_price_read(const struct page_price *price, const char *currency,
                                   struct money *ret_money, struct buf *reason)
{
    struct decimal number = {0};
    struct view amount = view_of(price->amount);
    bool known = money_is_currency(view_of(price->currency));
    if (known && currency && strcmp(price->currency, currency) != 0) {
        buf_addf(reason, "the price is in %s, not %s", price->currency, currency);
        return MONEY_OTHER_CURRENCY;
    }
    const struct money_options options = {
        .currency = known ? price->currency : currency,
        .json_number = decimal_parse(amount, &number),
    };
    return money_read(amount, &options, ret_money, reason);
}
