/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prices that a page tells machines, as search engines look for them: schema.org's offers in
 * JSON-LD (JSON-LD 1.1; Product, Offer, AggregateOffer, also in @graph and arrays), microdata
 * (HTML, 5; itemprop "price"), and Open Graph's product:price:amount and og:price:amount.
 *
 * It finds what is written; whether that is a good price is the caller's to judge.
 */
#ifndef SHOPPER_ANSWER_PAGE_PRICE_H
#define SHOPPER_ANSWER_PAGE_PRICE_H

#include "answer/html.h"
#include "answer/money.h"
#include "base/buf.h"

#define PAGE_PRICES_MAX 100
#define PAGE_PRICE_MAX_DEPTH 16 /* of objects in JSON-LD */

/* In the order in which they are looked for. enum name, what people call it */
#define PAGE_PRICE_KINDS(X)                                                                        \
    X(JSON_LD, "JSON-LD")                                                                          \
    X(MICRODATA, "microdata")                                                                      \
    X(OPEN_GRAPH, "Open Graph")

enum page_price_kind {
#define X(name, words) PAGE_PRICE_##name,
    PAGE_PRICE_KINDS(X)
#undef X
};

struct page_price {
    enum page_price_kind kind;
    char *amount;   /* as written; owned */
    char *currency; /* as written beside it, "" for none; owned */
};

struct page_prices {
    struct page_price *items;
    size_t count, capacity; /* a VEC */
};

/* All of them, JSON-LD first, each kind in the order of the page, at most PAGE_PRICES_MAX. `notes`
 * gets a line for each JSON-LD that cannot be read. */
void page_prices_find(const struct html *html, struct page_prices *ret_prices, struct buf *notes);
void page_prices_release(struct page_prices *prices);
const char *page_price_kind_words(enum page_price_kind kind);

/* As money. An amount that is a plain number ("1299.00") is read as machines write it, any other as
 * people do. `currency`: the one that is expected, or NULL. */
enum money_reading page_price_read(const struct page_price *price, const char *currency,
                                   struct money *ret_money, struct buf *reason) MUST_CHECK;

#endif
