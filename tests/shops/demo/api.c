/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON faces: /api/ for the browser's scripts, prices as decimals; /m/v1/ for the app, bearer
 * token and prices in minor units. Refusals carry an honest status and `error.code`.
 */
#include "server.h"

#include <string.h>

#define ID_SIZE 32

/* What is wanted of a body: refuses and returns false when it is no JSON object. */
static bool wants_json(struct exchange *exchange)
{
    if (cJSON_IsObject(exchange->json)) return true;
    exchange_refuse(exchange, 400, "bad-json", "the body must be a JSON object");
    return false;
}

static bool is_mobile(const struct exchange *exchange)
{
    return strncmp(exchange->path, "/m/", 3) == 0;
}

/* The price in the manner of the face: 12.50, or 1250 minor units. */
static void add_price(const struct exchange *exchange, cJSON *object, const char *name,
                      int64_t cents)
{
    struct shown_price price = exchange_price(exchange, cents);
    if (!is_mobile(exchange)) {
        json_add_price(object, name, &price);
        return;
    }
    char minor_name[32];
    snprintf(minor_name, sizeof minor_name, "%s_minor", name);
    if (price.present) {
        cJSON_AddNumberToObject(object, minor_name, (double)price.cents);
    } else {
        cJSON_AddNullToObject(object, minor_name);
    }
}

static void add_currency(const struct exchange *exchange, cJSON *object)
{
    cJSON_AddStringToObject(object, "currency", exchange_price(exchange, 0).currency);
}

static cJSON *line_json(const struct exchange *exchange, const struct cart_line *line)
{
    char id[ID_SIZE];
    line_id(line->number, sizeof id, id);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "line_id", id);
    cJSON_AddStringToObject(json, "sku", line->product->sku);
    cJSON_AddNumberToObject(json, "quantity", line->quantity);
    add_price(exchange, json, "price", line->product->price_cents);
    return json;
}

static cJSON *order_json(const struct exchange *exchange, const struct order *order)
{
    char id[ID_SIZE];
    order_id(order->number, sizeof id, id);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", id);
    cJSON_AddStringToObject(json, "state", order->cancelled ? "cancelled" : "open");
    cJSON_AddNumberToObject(json, "pieces", order->pieces);
    add_price(exchange, json, "total", order->total_cents);
    add_currency(exchange, json);
    return json;
}

static struct session *json_sign_in(struct exchange *exchange)
{
    if (!wants_json(exchange)) return NULL;
    const char *email = json_text(exchange->json, "email");
    const char *password = json_text(exchange->json, "password");
    struct session *session = sign_in(exchange, email, password);
    if (!session) {
        exchange_refuse(exchange, 401, "wrong-credentials", "e-mail or password is wrong");
    }
    return session;
}

void api_login(struct exchange *exchange)
{
    if (!json_sign_in(exchange)) return;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "email", exchange->account->email);
    exchange_json(exchange, 200, json);
}

void mobile_login(struct exchange *exchange)
{
    struct session *session = json_sign_in(exchange);
    if (!session) return;
    evhttp_remove_header(evhttp_request_get_output_headers(exchange->request), "Set-Cookie");
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "token", session->token);
    cJSON_AddStringToObject(json, "token_type", "Bearer");
    exchange_json(exchange, 201, json);
}

void api_logout(struct exchange *exchange)
{
    sign_out(exchange);
    exchange_status(exchange, 204);
}

void api_account(struct exchange *exchange)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "email", exchange->account->email);
    exchange_json(exchange, 200, json);
}

/* Refuses and returns NULL when there is no such product. */
static const struct product *wanted_product(struct exchange *exchange)
{
    const struct product *product = product_find(exchange->tail);
    if (!product) exchange_refuse(exchange, 404, "no-such-product", "the shop does not sell that");
    return product;
}

static cJSON *product_json(const struct product *product)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "sku", product->sku);
    cJSON_AddStringToObject(json, "name", product->name);
    cJSON_AddStringToObject(json, "description", product->description);
    cJSON_AddBoolToObject(json, "in_stock", product->in_stock);
    return json;
}

void api_product(struct exchange *exchange)
{
    const struct product *product = wanted_product(exchange);
    if (!product) return;
    cJSON *json = product_json(product);
    add_price(exchange, json, "price", product->price_cents);
    add_currency(exchange, json);
    exchange_json(exchange, 200, json);
}

void mobile_product(struct exchange *exchange)
{
    const struct product *product = wanted_product(exchange);
    if (!product) return;
    struct shown_price shown = exchange_price(exchange, product->price_cents);
    cJSON *json = product_json(product);
    cJSON *price = cJSON_AddObjectToObject(json, "price");
    if (shown.present) {
        cJSON_AddNumberToObject(price, "amount_minor", (double)shown.cents);
    } else {
        cJSON_AddNullToObject(price, "amount_minor");
    }
    cJSON_AddStringToObject(price, "currency", shown.currency);
    exchange_json(exchange, 200, json);
}

static void answer_cart(struct exchange *exchange, const char *lines_name)
{
    const struct account *account = cart_of(exchange);
    cJSON *json = cJSON_CreateObject();
    cJSON *lines = cJSON_AddArrayToObject(json, lines_name);
    for (size_t i = 0; i < account->line_count; i++) {
        cJSON_AddItemToArray(lines, line_json(exchange, &account->lines[i]));
    }
    add_price(exchange, json, "total", cart_total_cents(account));
    add_currency(exchange, json);
    exchange_json(exchange, 200, json);
}

void api_cart(struct exchange *exchange)
{
    answer_cart(exchange, "items");
}

void mobile_cart(struct exchange *exchange)
{
    answer_cart(exchange, "lines");
}

void api_cart_add(struct exchange *exchange)
{
    if (!wants_json(exchange)) return;
    const char *why = NULL;
    const struct cart_line *line = cart_put(exchange, json_text(exchange->json, "sku"),
                                            json_whole(exchange->json, "quantity", 1), &why);
    if (!line) {
        exchange_refuse(exchange, 422, "not-added", why);
        return;
    }
    cJSON *json = line_json(exchange, line);
    add_currency(exchange, json);
    exchange_json(exchange, 201, json);
}

void api_cart_remove(struct exchange *exchange)
{
    if (cart_remove(exchange->account, line_number(exchange->tail))) {
        exchange_status(exchange, 204);
    } else {
        exchange_refuse(exchange, 404, "no-such-line", "there never was such a line");
    }
}

void mobile_order_place(struct exchange *exchange)
{
    const char *key = exchange_header(exchange, "Idempotency-Key");
    if (key && (*key == '\0' || strlen(key) > SHOP_KEY_MAX)) {
        exchange_refuse(exchange, 400, "bad-key", "Idempotency-Key must have 1 to 200 bytes");
        return;
    }
    bool repeated = false;
    struct order *order = shop_order_place(exchange->shop, cart_of(exchange), key, &repeated);
    if (!order) {
        exchange_refuse(exchange, 409, "cart-empty", "there is nothing to check out");
        return;
    }
    /* The answer to a repeated key is the answer of then: 201. */
    if (repeated) exchange_set_header(exchange, "Idempotent-Replayed", "true");
    exchange_json(exchange, 201, order_json(exchange, order));
}

void api_checkout(struct exchange *exchange)
{
    if (!wants_json(exchange)) return;
    const char *mode = json_text(exchange->json, "mode");
    if (!mode || strcmp(mode, "test") != 0) {
        exchange_refuse(exchange, 422, "bad-mode", "this shop takes orders of mode \"test\" only");
        return;
    }
    mobile_order_place(exchange);
}

void api_order_by_key(struct exchange *exchange)
{
    const char *key = exchange_query(exchange, "key");
    if (!key || *key == '\0' || strlen(key) > SHOP_KEY_MAX) {
        exchange_refuse(exchange, 400, "bad-key", "say which: ?key= and an idempotency key");
        return;
    }
    struct order *order = shop_order_by_key(exchange->shop, exchange->account, key);
    if (!order) {
        exchange_refuse(exchange, 404, "no-such-order", "no order was placed with that key");
        return;
    }
    exchange_json(exchange, 200, order_json(exchange, order));
}

/* Refuses and returns NULL when it is no order of this customer. */
static struct order *wanted_order(struct exchange *exchange)
{
    struct order *order = order_of(exchange, exchange->tail);
    if (!order) exchange_refuse(exchange, 404, "no-such-order", "you have no such order");
    return order;
}

void api_order(struct exchange *exchange)
{
    struct order *order = wanted_order(exchange);
    if (order) exchange_json(exchange, 200, order_json(exchange, order));
}

void api_order_cancel(struct exchange *exchange)
{
    struct order *order = wanted_order(exchange);
    if (!order) return;
    shop_order_cancel(exchange->shop, order);
    exchange_status(exchange, 204);
}
