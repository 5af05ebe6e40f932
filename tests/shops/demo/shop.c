/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See shop.h. Sessions and orders stand in rings: the oldest are forgotten once a ring is full, so
 * that a shop under load for days does not grow without end.
 */
#include "shop.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_RING 131072
#define ORDER_RING 262144
#define FIRST_ORDER 1001

struct shop {
    uint64_t seed;
    struct generator generator;
    struct account *accounts;
    unsigned account_count;
    struct session **sessions;
    uint64_t session_serial;
    struct map *sessions_by_token;
    struct order **orders;
    uint64_t order_number; /* the next one */
    struct map *orders_by_key;
    struct shop_counts counts;
};

const struct product shop_catalogue[SHOP_PRODUCTS] = {
    {"MUG-42", "Mug Forty-Two", "Holds coffee, and the answer.", 1250, true},
    {"LAMP-7", "Desk Lamp Seven", "Bends where you want the light.", 4990, true},
    {"BOOK-3", "A Book of Three", "Short stories, read in one sitting.", 1895, true},
    {"SOFA-1", "The Sofa", "Seats three and a cat.", 129900, true},
    {"PEN-100", "Pen, Box of a Hundred", "Blue.", 790, true},
    {"TEA-12", "Twelve Teas", "One for each month.", 2400, true},
    {"CARD-5", "Greeting Card", "Five words inside.", 99, true},
    {"CLOCK-9", "Wall Clock Nine", "Stopped, and out of stock.", 3500, false},
};

const struct product *product_find(const char *sku)
{
    for (size_t i = 0; sku && i < SHOP_PRODUCTS; i++) {
        if (strcmp(shop_catalogue[i].sku, sku) == 0) return &shop_catalogue[i];
    }
    return NULL;
}

const struct cart_line *cart_add(struct account *account, const struct product *product,
                                 int quantity)
{
    for (size_t i = 0; i < account->line_count; i++) {
        struct cart_line *line = &account->lines[i];
        if (line->product != product) continue;
        line->quantity += quantity;
        if (line->quantity > SHOP_QUANTITY_MAX) line->quantity = SHOP_QUANTITY_MAX;
        return line;
    }
    struct cart_line *line = &account->lines[account->line_count++];
    *line = (struct cart_line){++account->last_line, product, quantity};
    return line;
}

bool cart_remove(struct account *account, uint32_t number)
{
    for (size_t i = 0; i < account->line_count; i++) {
        if (account->lines[i].number != number) continue;
        size_t behind = account->line_count - i - 1;
        memmove(&account->lines[i], &account->lines[i + 1], behind * sizeof account->lines[0]);
        account->line_count--;
        return true;
    }
    return number > 0 && number <= account->last_line;
}

void cart_clear(struct account *account)
{
    account->line_count = 0;
}

int64_t cart_total_cents(const struct account *account)
{
    int64_t total_cents = 0;
    for (size_t i = 0; i < account->line_count; i++) {
        total_cents += account->lines[i].product->price_cents * account->lines[i].quantity;
    }
    return total_cents;
}

/* All that `shop_reset` brings back; `seed` and `account_count` stay. */
static void shop_open(struct shop *shop)
{
    shop->generator.state = shop->seed;
    shop->sessions = zalloc(SESSION_RING, sizeof(struct session *));
    shop->orders = zalloc(ORDER_RING, sizeof(struct order *));
    shop->sessions_by_token = map_new();
    shop->orders_by_key = map_new();
    shop->session_serial = 0;
    shop->order_number = FIRST_ORDER;
    shop->counts = (struct shop_counts){0};
    for (unsigned i = 0; i < shop->account_count; i++) {
        struct account *account = &shop->accounts[i];
        *account = (struct account){.index = i};
        char number[16] = "";
        if (i > 0) snprintf(number, sizeof number, "%u", i);
        snprintf(account->email, sizeof account->email, "shopper%s@example.com", number);
    }
}

static void order_free(struct order *order)
{
    if (!order) return;
    free(order->key);
    free(order);
}

static void shop_close(struct shop *shop)
{
    for (size_t i = 0; i < SESSION_RING; i++) free(shop->sessions[i]);
    for (size_t i = 0; i < ORDER_RING; i++) order_free(shop->orders[i]);
    free(shop->sessions);
    free(shop->orders);
    map_free(shop->sessions_by_token);
    map_free(shop->orders_by_key);
}

struct shop *shop_new(uint64_t seed, unsigned accounts)
{
    struct shop *shop = zalloc(1, sizeof *shop);
    shop->seed = seed;
    shop->account_count = accounts + 1;
    shop->accounts = zalloc(shop->account_count, sizeof(struct account));
    shop_open(shop);
    return shop;
}

void shop_free(struct shop *shop)
{
    if (!shop) return;
    shop_close(shop);
    free(shop->accounts);
    free(shop);
}

void shop_reset(struct shop *shop)
{
    shop_close(shop);
    shop_open(shop);
}

struct shop_counts shop_count(const struct shop *shop)
{
    struct shop_counts counts = shop->counts;
    for (unsigned i = 0; i < shop->account_count; i++) {
        if (shop->accounts[i].line_count > 0) counts.carts_with_items++;
    }
    return counts;
}

void shop_token(struct shop *shop, char token[static TOKEN_SIZE])
{
    generator_token(&shop->generator, token);
}

void shop_csrf(const struct shop *shop, const char *owner, char token[static TOKEN_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_bytes = 0;
    if (!HMAC(EVP_sha256(), &shop->seed, (int)sizeof shop->seed, (const unsigned char *)owner,
              strlen(owner), digest, &digest_bytes)) {
        abort();
    }
    for (size_t i = 0; i < TOKEN_SIZE / 2; i++) {
        snprintf(token + 2 * i, 3, "%02x", (unsigned)digest[i]);
    }
}

static struct account *account_find(const struct shop *shop, const char *email)
{
    const char *digits = email + strlen("shopper");
    if (strncmp(email, "shopper", strlen("shopper")) != 0) return NULL;
    unsigned long index = strtoul(digits, NULL, 10);
    if (index >= shop->account_count) return NULL;
    /* Whole-text comparison: "shopper+1@", "shopper01@" and the like are strangers. */
    struct account *account = &shop->accounts[index];
    return strcmp(account->email, email) == 0 ? account : NULL;
}

struct account *shop_login(struct shop *shop, const char *email, const char *password)
{
    struct account *account = email ? account_find(shop, email) : NULL;
    if (account && password && strcmp(password, SHOP_PASSWORD) == 0) return account;
    shop_login_refused(shop);
    return NULL;
}

void shop_login_refused(struct shop *shop)
{
    shop->counts.logins_rejected++;
}

struct session *shop_session_open(struct shop *shop, struct account *account)
{
    struct session **slot = &shop->sessions[shop->session_serial % SESSION_RING];
    if (*slot) shop_session_close(shop, *slot);
    struct session *session = zalloc(1, sizeof *session);
    session->serial = shop->session_serial++;
    session->account = account;
    shop_token(shop, session->token);
    *slot = session;
    map_put(shop->sessions_by_token, session->token, session);
    shop->counts.logins++;
    shop->counts.sessions++;
    return session;
}

struct session *shop_session_find(const struct shop *shop, const char *token)
{
    return map_get(shop->sessions_by_token, token);
}

void shop_session_close(struct shop *shop, struct session *session)
{
    shop->sessions[session->serial % SESSION_RING] = NULL;
    map_remove(shop->sessions_by_token, session->token);
    shop->counts.sessions--;
    free(session);
}

/* Keys are the customer's own: two customers may send the same. */
static void key_of_account(const struct account *account, const char *key, size_t size, char *text)
{
    snprintf(text, size, "%u:%s", account->index, key);
}

struct order *shop_order_by_key(const struct shop *shop, const struct account *account,
                                const char *key)
{
    char text[SHOP_KEY_MAX + 16];
    key_of_account(account, key, sizeof text, text);
    return map_get(shop->orders_by_key, text);
}

static void order_keep(struct shop *shop, struct order *order)
{
    struct order **slot = &shop->orders[order->number % ORDER_RING];
    if (*slot && (*slot)->key) map_remove(shop->orders_by_key, (*slot)->key);
    order_free(*slot);
    *slot = order;
    if (order->key) map_put(shop->orders_by_key, order->key, order);
}

struct order *shop_order_place(struct shop *shop, struct account *account, const char *key,
                               bool *ret_repeated)
{
    struct order *before = key ? shop_order_by_key(shop, account, key) : NULL;
    *ret_repeated = before != NULL;
    if (before) return before;
    if (account->line_count == 0) return NULL;

    struct order *order = zalloc(1, sizeof *order);
    order->number = shop->order_number++;
    order->account = account;
    order->total_cents = cart_total_cents(account);
    for (size_t i = 0; i < account->line_count; i++) order->pieces += account->lines[i].quantity;
    if (key) {
        char text[SHOP_KEY_MAX + 16];
        key_of_account(account, key, sizeof text, text);
        order->key = text_copy(text);
    }
    order_keep(shop, order);
    cart_clear(account);
    shop->counts.orders_placed++;
    shop->counts.orders_open++;
    return order;
}

struct order *shop_order_find(const struct shop *shop, const struct account *account,
                              uint64_t number)
{
    struct order *order = shop->orders[number % ORDER_RING];
    return order && order->number == number && order->account == account ? order : NULL;
}

void shop_order_cancel(struct shop *shop, struct order *order)
{
    if (order->cancelled) return;
    order->cancelled = true;
    shop->counts.orders_open--;
    shop->counts.orders_cancelled++;
}
