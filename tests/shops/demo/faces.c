/* SPDX-License-Identifier: Apache-2.0 */
/* What pages, JSON, GraphQL and mobile share: signing in, the cart with its lies, ids as text. */
#include "server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct session *sign_in(struct exchange *exchange, const char *email, const char *password)
{
    if (exchange->lies & LIE_LOGIN_REJECTED) {
        shop_login_refused(exchange->shop);
        return NULL;
    }
    struct account *account = shop_login(exchange->shop, email, password);
    if (!account) return NULL;
    /* A new sign-in ends the session of before: its token must not outlive it. */
    if (exchange->session) shop_session_close(exchange->shop, exchange->session);
    exchange->session = shop_session_open(exchange->shop, account);
    exchange->account = account;
    exchange_set_cookie(exchange, "session", exchange->session->token);
    return exchange->session;
}

void sign_out(struct exchange *exchange)
{
    if (exchange->session) shop_session_close(exchange->shop, exchange->session);
    exchange->session = NULL;
    exchange->account = NULL;
    exchange_set_cookie(exchange, "session", "");
}

const struct cart_line *cart_put(struct exchange *exchange, const char *sku, int quantity,
                                 const char **ret_why)
{
    const struct product *product = product_find(sku);
    *ret_why = NULL;
    if (!product) {
        *ret_why = "no such product";
    } else if (quantity < 1 || quantity > SHOP_QUANTITY_MAX) {
        *ret_why = "quantity must be 1 to 99";
    } else if (!product->in_stock) {
        *ret_why = "out of stock";
    }
    if (*ret_why) return NULL;
    const struct cart_line *line = cart_add(exchange->account, product, quantity);
    /* The lie: the line was given out, its number is known, and it is gone. */
    if (exchange->lies & LIE_CART_LOST) cart_clear(exchange->account);
    return line;
}

struct account *cart_of(struct exchange *exchange)
{
    if (exchange->lies & LIE_CART_LOST) cart_clear(exchange->account);
    return exchange->account;
}

static uint64_t id_number(const char *id, const char *prefix)
{
    size_t bytes = strlen(prefix);
    if (!id || strncmp(id, prefix, bytes) != 0) return 0;
    char *end = NULL;
    uint64_t number = strtoull(id + bytes, &end, 10);
    return id[bytes] >= '1' && id[bytes] <= '9' && *end == '\0' ? number : 0;
}

void line_id(uint32_t number, size_t size, char *id)
{
    snprintf(id, size, "line-%" PRIu32, number);
}

uint32_t line_number(const char *id)
{
    uint64_t number = id_number(id, "line-");
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

void order_id(uint64_t number, size_t size, char *id)
{
    snprintf(id, size, "order-%" PRIu64, number);
}

struct order *order_of(struct exchange *exchange, const char *id)
{
    return shop_order_find(exchange->shop, exchange->account, id_number(id, "order-"));
}
