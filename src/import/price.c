/* SPDX-License-Identifier: Apache-2.0 */
/* See price.h. */
#include "import/price.h"

#include "answer/page_price.h"

#include <string.h>

#define MAX_NODES 20000

/* --- Reading */

static bool read_one(const struct value *found, const char *currency, int minor_units,
                     struct money *ret_price)
{
    const struct money_options options = {.currency = *currency ? currency : NULL,
                                          .minor_units = minor_units,
                                          .json_number = found->kind == VALUE_NUMBER};
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP), reason = BUF_INIT(BUF_OWN_CAP);
    if (found->kind != VALUE_NUMBER && found->kind != VALUE_TEXT) return false;
    value_print(found, &text);
    return text.length < 100 &&
           money_read(buf_view(&text), &options, ret_price, &reason) == MONEY_READ &&
           decimal_sign(ret_price->amount) > 0;
}

/* All that the source gives are prices and agree, as a `price` check wants them. */
static bool reads(const struct origin *origin, struct message *answer, const char *currency,
                  int minor_units, struct money *ret_price)
{
    struct value values = VALUE_NOTHING;
    if (!origin_extract(origin, answer, &values)) return false;
    bool good = true;
    for (size_t i = 0; i < values.list.count && good; i++) {
        struct money price = {0};
        good = read_one(&values.list.items[i], currency, minor_units, &price) &&
               (!i || !decimal_compare(price.amount, ret_price->amount));
        if (!i) *ret_price = price;
    }
    value_release(&values);
    if (good && !*ret_price->currency && money_is_currency(view_of(currency)))
        memcpy(ret_price->currency, currency, sizeof(ret_price->currency));
    return good;
}

/* --- Pages */

static const struct {
    const char *css, *attr, *json;
    bool total; /* of carts and orders alone */
} places[] = {
    {"[itemprop=price]", "content", NULL, false},
    {"[itemprop=price]", NULL, NULL, false},
    {"meta[property=\"product:price:amount\"]", "content", NULL, false},
    {"meta[property=\"og:price:amount\"]", "content", NULL, false},
    {"script[type=\"application/ld+json\"]", NULL, "$.offers.price", false},
    {"script[type=\"application/ld+json\"]", NULL, "$.offers[0].price", false},
    {"script[type=\"application/ld+json\"]", NULL, "$.offers.lowPrice", false},
    {"script[type=\"application/ld+json\"]", NULL, "$..offers.price", false},
    {"script[type=\"application/ld+json\"]", NULL, "$..offers[*].price", false},
    {"#total", NULL, NULL, true},
    {".grand-total", NULL, NULL, true},
    {".order-total", NULL, NULL, true},
    {".cart-total", NULL, NULL, true},
    {"[data-total]", "data-total", NULL, true},
    {".total", NULL, NULL, true},
    {"[data-price]", "data-price", NULL, false},
    {".product-price", NULL, NULL, false},
    {".price", NULL, NULL, false},
    {"#price", NULL, NULL, false},
    {"[class*=price]", NULL, NULL, false},
};

static void said_currency(struct message *answer, char currency[static 4])
{
    static const char *const selectors[] = {"[itemprop=priceCurrency]",
                                            "meta[property=\"product:price:currency\"]",
                                            "meta[property=\"og:price:currency\"]"};
    for (size_t i = 0; i < COUNT_OF(selectors) && !*currency; i++) {
        struct html_matches matches = {0};
        if (page_find(answer, true, selectors[i], "content", &matches) &&
            money_is_currency(view_of(matches.items[0].text)))
            memcpy(currency, matches.items[0].text, 4);
        html_matches_release(&matches);
    }
}

static void page_currency(struct message *answer, char currency[static 4])
{
    const char *reason = NULL;
    const struct html *html = message_html(answer, &reason);
    struct page_prices prices = {0};
    AUTO_BUF notes = BUF_INIT(BUF_OWN_CAP);
    if (!html) return;
    page_prices_find(html, &prices, &notes);
    vec_each(price, &prices) {
        if (*currency || !money_is_currency(view_of(price->currency))) continue;
        memcpy(currency, price->currency, 4);
    }
    page_prices_release(&prices);
}

static bool find_in_page(struct message *answer, bool total, struct origin *ret_origin,
                         struct money *ret_price)
{
    char currency[4] = "";
    page_currency(answer, currency);
    said_currency(answer, currency);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (places[i].total != total) continue;
        *ret_origin = (struct origin){
            .kind = SOURCE_CSS,
            .argument = xstrdup(places[i].css),
            .attr = xstrdup(places[i].attr),
            .json = xstrdup(places[i].json),
        };
        if (reads(ret_origin, answer, currency, 0, ret_price)) return true;
        origin_release(ret_origin);
    }
    return false;
}

/* --- JSON */

static const char *const price_keys[] = {
    "price",        "unitprice",        "currentprice", "saleprice", "finalprice",
    "pricewithtax", "unitpricewithtax", "grossprice",   "lowprice",  "amount",
    "priceminor",   "amountminor",      "pricecents",   NULL};
static const char *const total_keys[] = {"total",      "grandtotal", "totalprice", "totalwithtax",
                                         "ordertotal", "carttotal",  "amount",     "totalminor",
                                         "totalcents", "subtotal",   NULL};
static const char *const currency_keys[] = {"currency", "currencycode", "pricecurrency", NULL};

struct search {
    struct message *answer;
    const char *const *keys;
    struct origin *origin;
    struct money *price;
    char currency[4];
    int minor_units;
    size_t nodes_left;
};

static void note_currency(struct search *search, const cJSON *object)
{
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, object)
    {
        char word[WORD_SIZE];
        word_of(view_of(child->string), word);
        if (!word_is(word, currency_keys) || !cJSON_IsString(child)) continue;
        if (money_is_currency(view_of(child->valuestring)))
            memcpy(search->currency, child->valuestring, 4);
    }
}

/* "amount_minor", "price_cents" */
static int minor_units_of(const char *word, const char *currency)
{
    static const char *const parts[] = {"minor", "cents", NULL};
    if (!word_has(word, parts)) return 0;
    int units = *currency ? money_minor_units(currency) : 2;
    return units > 0 ? units : 0;
}

static bool try_path(struct search *search, const struct buf *path, const char *word)
{
    search->minor_units = minor_units_of(word, search->currency);
    *search->origin = (struct origin){.kind = SOURCE_JSON, .argument = xstrdup(buf_text(path))};
    if (reads(search->origin, search->answer, search->currency, search->minor_units, search->price))
        return true;
    origin_release(search->origin);
    return false;
}

/* Depth first; `inside`: below a key that says price, where any amount will do. */
static bool search_node(struct search *search, const cJSON *node, struct buf *path, bool inside)
{
    const cJSON *child = NULL;
    size_t length = path->length, index = 0;
    if (!search->nodes_left) return false;
    search->nodes_left--;
    note_currency(search, node);
    cJSON_ArrayForEach(child, node)
    {
        char word[WORD_SIZE];
        word_of(view_of(child->string), word);
        bool wanted = word_is(word, search->keys) || (inside && !strcmp(word, "value"));
        if (child->string)
            jsonpath_add_member(path, child->string);
        else
            buf_addf(path, "[%zu]", index++);
        bool scalar = cJSON_IsNumber(child) || cJSON_IsString(child);
        bool found = scalar ? wanted && try_path(search, path, word)
                            : search_node(search, child, path, inside || wanted);
        buf_truncate(path, length);
        if (found) return true;
    }
    return false;
}

static bool find_in_json(struct message *answer, bool total, struct origin *ret_origin,
                         struct money *ret_price, int *ret_minor_units)
{
    const char *reason = NULL;
    const cJSON *root = message_json(answer, &reason);
    struct search search = {.answer = answer,
                            .keys = total ? total_keys : price_keys,
                            .origin = ret_origin,
                            .price = ret_price,
                            .nodes_left = MAX_NODES};
    AUTO_BUF path = BUF_INIT(BUF_OWN_CAP);
    buf_add_char(&path, '$');
    bool found = root && search_node(&search, root, &path, false);
    *ret_minor_units = found ? search.minor_units : 0;
    return found;
}

bool price_find(const struct visit_step *step, bool total, struct origin *ret_origin,
                struct money *ret_price, int *ret_minor_units)
{
    *ret_minor_units = 0;
    memset(ret_origin, 0, sizeof(*ret_origin));
    memset(ret_price, 0, sizeof(*ret_price));
    if (!step->answer || !step->answer->body.length) return false;
    if (step->has_page) return find_in_page(step->answer, total, ret_origin, ret_price);
    return step->has_json &&
           find_in_json(step->answer, total, ret_origin, ret_price, ret_minor_units);
}
