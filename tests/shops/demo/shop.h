/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the demo shop knows: its catalogue, its customers with one cart each, who is signed in, and
 * the orders. No HTTP and no faults here: the three faces (pages, APIs) and their lies stand above.
 */
#ifndef DEMO_SHOP_H
#define DEMO_SHOP_H

#include "support.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHOP_PASSWORD "demo-password"
#define SHOP_CURRENCY "EUR"
#define SHOP_PRODUCTS 8
#define SHOP_QUANTITY_MAX 99
#define SHOP_KEY_MAX 200 /* bytes of an idempotency key */

struct product {
    const char *sku, *name, *description;
    int64_t price_cents;
    bool in_stock;
};
extern const struct product shop_catalogue[SHOP_PRODUCTS];
/* NULL when the shop sells no such thing. */
const struct product *product_find(const char *sku);

struct cart_line {
    uint32_t number;
    const struct product *product;
    int quantity;
};

/* One customer. A second line of the same product becomes a larger quantity of the first. */
struct account {
    unsigned index;
    char email[48];
    struct cart_line lines[SHOP_PRODUCTS];
    size_t line_count;
    uint32_t last_line; /* the highest number ever given out */
};
const struct cart_line *cart_add(struct account *account, const struct product *product,
                                 int quantity);
/* True also for a line that is gone already: clearing up twice is no mistake. */
bool cart_remove(struct account *account, uint32_t number);
void cart_clear(struct account *account);
int64_t cart_total_cents(const struct account *account);

struct session {
    uint64_t serial;
    char token[TOKEN_SIZE];
    struct account *account;
};

struct order {
    uint64_t number;
    struct account *account;
    int64_t total_cents;
    int pieces;
    bool cancelled;
    char *key; /* with the account in front; NULL when none was sent */
};

struct shop_counts {
    uint64_t logins, logins_rejected, sessions, carts_with_items;
    uint64_t orders_placed, orders_open, orders_cancelled;
};

struct shop;
struct shop *shop_new(uint64_t seed, unsigned accounts);
void shop_free(struct shop *shop);
/* As on the first day: carts, sessions, orders and counts are gone, the generator starts anew. */
void shop_reset(struct shop *shop);
struct shop_counts shop_count(const struct shop *shop);

void shop_token(struct shop *shop, char token[static TOKEN_SIZE]);
/* The CSRF token that belongs to a visitor's or a session's token; nothing is kept for it. */
void shop_csrf(const struct shop *shop, const char *owner, char token[static TOKEN_SIZE]);

/* NULL, and counted, when e-mail and password do not belong together. */
struct account *shop_login(struct shop *shop, const char *email, const char *password);
void shop_login_refused(struct shop *shop);
struct session *shop_session_open(struct shop *shop, struct account *account);
struct session *shop_session_find(const struct shop *shop, const char *token);
void shop_session_close(struct shop *shop, struct session *session);

/*
 * The order made of the account's cart, which is empty afterwards. With a `key` seen before it is
 * the order of then. NULL when the cart is empty. The shop keeps the order.
 */
struct order *shop_order_place(struct shop *shop, struct account *account, const char *key,
                               bool *ret_repeated);
struct order *shop_order_by_key(const struct shop *shop, const struct account *account,
                                const char *key);
struct order *shop_order_find(const struct shop *shop, const struct account *account,
                              uint64_t number);
void shop_order_cancel(struct shop *shop, struct order *order);

#endif
