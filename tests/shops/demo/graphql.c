/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GraphQL face in Vendure's manner: status 200 also for refusals, which show as another
 * `__typename` or as `errors`. No query language: the operation is known by `operationName`, else
 * by the first field of the query, arguments come as variables, and every field is answered.
 */
#include "server.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ID_SIZE 32
#define NAME_SIZE 48

struct operation {
    const char *name;
    bool signed_in; /* else `errors` with FORBIDDEN */
    cJSON *(*answer)(struct exchange *exchange, const cJSON *variables);
};

static cJSON *typed(const char *type)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "__typename", type);
    return json;
}

static cJSON *refusal(const char *type, const char *code, const char *message)
{
    cJSON *json = typed(type);
    cJSON_AddStringToObject(json, "errorCode", code);
    cJSON_AddStringToObject(json, "message", message);
    return json;
}

static void add_minor(const struct exchange *exchange, cJSON *json, const char *name, int64_t cents)
{
    struct shown_price price = exchange_price(exchange, cents);
    if (price.present) {
        cJSON_AddNumberToObject(json, name, (double)price.cents);
    } else {
        cJSON_AddNullToObject(json, name);
    }
}

static cJSON *customer(const struct exchange *exchange)
{
    cJSON *json = typed("CurrentUser");
    cJSON_AddNumberToObject(json, "id", exchange->account->index + 1.0);
    cJSON_AddStringToObject(json, "identifier", exchange->account->email);
    return json;
}

static cJSON *gql_login(struct exchange *exchange, const cJSON *variables)
{
    struct session *session =
        sign_in(exchange, json_text(variables, "email"), json_text(variables, "password"));
    if (!session) {
        return refusal("InvalidCredentialsError", "INVALID_CREDENTIALS_ERROR",
                       "The credentials are invalid");
    }
    exchange_set_header(exchange, "shop-auth-token", session->token);
    return customer(exchange);
}

static cJSON *gql_logout(struct exchange *exchange, const cJSON *variables)
{
    (void)variables;
    sign_out(exchange);
    cJSON *json = typed("Success");
    cJSON_AddBoolToObject(json, "success", true);
    return json;
}

/* A session that is not known is no error here: there is just nobody. */
static cJSON *gql_me(struct exchange *exchange, const cJSON *variables)
{
    (void)variables;
    return exchange->account ? customer(exchange) : cJSON_CreateNull();
}

static cJSON *gql_product(struct exchange *exchange, const cJSON *variables)
{
    const struct product *product = product_find(json_text(variables, "sku"));
    if (!product) return cJSON_CreateNull();
    cJSON *json = typed("Product");
    cJSON_AddStringToObject(json, "sku", product->sku);
    cJSON_AddStringToObject(json, "name", product->name);
    add_minor(exchange, json, "priceWithTax", product->price_cents);
    cJSON_AddStringToObject(json, "currencyCode", exchange_price(exchange, 0).currency);
    cJSON_AddStringToObject(json, "stockLevel", product->in_stock ? "IN_STOCK" : "OUT_OF_STOCK");
    return json;
}

static cJSON *cart_json(const struct exchange *exchange)
{
    const struct account *account = exchange->account;
    cJSON *json = typed("Cart");
    int pieces = 0;
    cJSON *lines = cJSON_AddArrayToObject(json, "lines");
    for (size_t i = 0; i < account->line_count; i++) {
        const struct cart_line *from = &account->lines[i];
        char id[ID_SIZE];
        line_id(from->number, sizeof id, id);
        cJSON *line = typed("CartLine");
        cJSON_AddStringToObject(line, "id", id);
        cJSON_AddStringToObject(line, "sku", from->product->sku);
        cJSON_AddNumberToObject(line, "quantity", from->quantity);
        add_minor(exchange, line, "unitPriceWithTax", from->product->price_cents);
        cJSON_AddItemToArray(lines, line);
        pieces += from->quantity;
    }
    cJSON_AddNumberToObject(json, "totalQuantity", pieces);
    add_minor(exchange, json, "totalWithTax", cart_total_cents(account));
    cJSON_AddStringToObject(json, "currencyCode", exchange_price(exchange, 0).currency);
    return json;
}

static cJSON *gql_cart(struct exchange *exchange, const cJSON *variables)
{
    (void)variables;
    if (!exchange->account) return cJSON_CreateNull();
    cart_of(exchange);
    return cart_json(exchange);
}

static cJSON *gql_add_to_cart(struct exchange *exchange, const cJSON *variables)
{
    const char *why = NULL;
    if (cart_put(exchange, json_text(variables, "sku"), json_whole(variables, "quantity", 1),
                 &why)) {
        return cart_json(exchange);
    }
    bool sold_out = strcmp(why, "out of stock") == 0;
    return sold_out ? refusal("InsufficientStockError", "INSUFFICIENT_STOCK_ERROR", why)
                    : refusal("NotAddedError", "NOT_ADDED_ERROR", why);
}

static cJSON *gql_remove_from_cart(struct exchange *exchange, const cJSON *variables)
{
    if (!cart_remove(exchange->account, line_number(json_text(variables, "id")))) {
        return refusal("NoSuchLineError", "NO_SUCH_LINE_ERROR", "there never was such a line");
    }
    return cart_json(exchange);
}

static cJSON *order_json(const struct exchange *exchange, const struct order *order)
{
    char id[ID_SIZE];
    order_id(order->number, sizeof id, id);
    cJSON *json = typed("Order");
    cJSON_AddStringToObject(json, "id", id);
    cJSON_AddStringToObject(json, "state", order->cancelled ? "Cancelled" : "PaymentAuthorized");
    add_minor(exchange, json, "totalWithTax", order->total_cents);
    cJSON_AddStringToObject(json, "currencyCode", exchange_price(exchange, 0).currency);
    return json;
}

static const char *key_of(const cJSON *variables)
{
    const char *key = json_text(variables, "key");
    return key && *key && strlen(key) <= SHOP_KEY_MAX ? key : NULL;
}

static cJSON *gql_checkout(struct exchange *exchange, const cJSON *variables)
{
    bool repeated = false;
    struct order *order =
        shop_order_place(exchange->shop, cart_of(exchange), key_of(variables), &repeated);
    if (!order) return refusal("EmptyCartError", "EMPTY_CART_ERROR", "there is nothing to pay");
    return order_json(exchange, order);
}

static cJSON *gql_order_by_key(struct exchange *exchange, const cJSON *variables)
{
    const char *key = key_of(variables);
    struct order *order = key ? shop_order_by_key(exchange->shop, exchange->account, key) : NULL;
    return order ? order_json(exchange, order) : cJSON_CreateNull();
}

static cJSON *gql_cancel_order(struct exchange *exchange, const cJSON *variables)
{
    struct order *order = order_of(exchange, json_text(variables, "id"));
    if (!order) return refusal("NoSuchOrderError", "NO_SUCH_ORDER_ERROR", "you have no such order");
    shop_order_cancel(exchange->shop, order);
    return order_json(exchange, order);
}

static const struct operation operations[] = {
    {"login", false, gql_login},
    {"logout", false, gql_logout},
    {"me", false, gql_me},
    {"product", false, gql_product},
    {"cart", false, gql_cart},
    {"addToCart", true, gql_add_to_cart},
    {"removeFromCart", true, gql_remove_from_cart},
    {"checkout", true, gql_checkout},
    {"orderByKey", true, gql_order_by_key},
    {"cancelOrder", true, gql_cancel_order},
};

static void answer_errors(struct exchange *exchange, int status, const char *code,
                          const char *message)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *error = cJSON_CreateObject();
    cJSON_AddStringToObject(error, "message", message);
    cJSON *extensions = cJSON_AddObjectToObject(error, "extensions");
    cJSON_AddStringToObject(extensions, "code", code);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "errors"), error);
    cJSON_AddNullToObject(json, "data");
    exchange_json(exchange, status, json);
}

/* The first field of the first selection: `query Q($a: T) { field(...` gives "field". */
static void first_field(const char *query, char name[static NAME_SIZE])
{
    const char *at = query + strcspn(query, "({");
    if (*at == '(') at += strcspn(at, ")"); /* the variables' types hold no parentheses */
    at += strcspn(at, "{");
    while (*at && !isalpha((unsigned char)*at)) at++;
    size_t bytes = 0;
    while (isalnum((unsigned char)at[bytes]) && bytes < NAME_SIZE - 1) bytes++;
    memcpy(name, at, bytes);
    name[bytes] = '\0';
}

static const struct operation *operation_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof operations / sizeof operations[0]; i++) {
        if (strcasecmp(operations[i].name, name) == 0) return &operations[i];
    }
    return NULL;
}

void graphql_answer(struct exchange *exchange)
{
    const char *query = json_text(exchange->json, "query");
    if (!query) {
        answer_errors(exchange, 400, "BAD_REQUEST", "send JSON with query and variables");
        return;
    }
    char field[NAME_SIZE];
    first_field(query, field);
    const struct operation *operation = operation_named(json_text(exchange->json, "operationName"));
    if (!operation) operation = operation_named(field);
    if (!operation) {
        answer_errors(exchange, 400, "GRAPHQL_VALIDATION_FAILED", "no such operation");
        return;
    }
    if (operation->signed_in && !exchange->account) {
        answer_errors(exchange, 200, "FORBIDDEN", "You are not authorized to do that");
        return;
    }
    const cJSON *variables = cJSON_GetObjectItemCaseSensitive(exchange->json, "variables");
    cJSON *json = cJSON_CreateObject();
    cJSON *data = cJSON_AddObjectToObject(json, "data");
    cJSON_AddItemToObject(data, operation->name, operation->answer(exchange, variables));
    exchange_json(exchange, 200, json);
}
