/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shop for browsers: HTML, forms with CSRF tokens, redirects after each change. A signed-out
 * visitor's token belongs to the `visit` cookie, a shopper's to the session.
 */
#include "server.h"

#include <stdlib.h>
#include <string.h>

#define ID_SIZE 32

static void page_open(struct exchange *exchange, int status, const char *title)
{
    exchange_html(exchange, status);
    evbuffer_add_printf(exchange->body,
                        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
                        "<title>%s - Demo Shop</title></head>\n<body>\n"
                        "<nav><a href=\"/\">Shop</a> <a href=\"/cart\">Cart</a> ",
                        title);
    if (exchange->account) {
        evbuffer_add_printf(exchange->body,
                            "<a href=\"/account\">Account</a>"
                            "<form method=\"post\" action=\"/logout\" id=\"logout\">"
                            "<button>Log out</button></form>");
    } else {
        evbuffer_add_printf(exchange->body, "<a href=\"/login\">Log in</a>");
    }
    evbuffer_add_printf(exchange->body, "</nav>\n<main>\n<h1>%s</h1>\n", title);
}

static void page_close(struct exchange *exchange)
{
    evbuffer_add_printf(exchange->body, "</main>\n</body>\n</html>\n");
}

/* A page of one sentence. `text` is trusted. */
static void page_say(struct exchange *exchange, int status, const char *title, const char *text)
{
    page_open(exchange, status, title);
    evbuffer_add_printf(exchange->body, "<p role=\"alert\">%s</p>\n", text);
    page_close(exchange);
}

/* The CSRF token of whoever asks; a visitor without one gets a `visit` cookie for it. */
static void csrf_token(struct exchange *exchange, char token[static TOKEN_SIZE])
{
    char visit[TOKEN_SIZE];
    if (exchange->session) {
        shop_csrf(exchange->shop, exchange->session->token, token);
        return;
    }
    if (!exchange_cookie(exchange, "visit", sizeof visit, visit)) {
        shop_token(exchange->shop, visit);
        exchange_set_cookie(exchange, "visit", visit);
    }
    shop_csrf(exchange->shop, visit, token);
}

static bool csrf_is_right(const struct exchange *exchange)
{
    char owner[TOKEN_SIZE], wanted[TOKEN_SIZE];
    const char *sent = exchange_form(exchange, "csrf_token");
    if (exchange->session) {
        memcpy(owner, exchange->session->token, TOKEN_SIZE);
    } else if (!exchange_cookie(exchange, "visit", sizeof owner, owner)) {
        return false;
    }
    shop_csrf(exchange->shop, owner, wanted);
    return sent && strcmp(sent, wanted) == 0;
}

/* Answers 403 and returns false unless the form carries its token. */
static bool wants_csrf(struct exchange *exchange)
{
    if (csrf_is_right(exchange)) return true;
    page_say(exchange, 403, "Forbidden", "This form is out of date. Please open it again.");
    return false;
}

static void put_csrf(struct exchange *exchange)
{
    char token[TOKEN_SIZE];
    csrf_token(exchange, token);
    evbuffer_add_printf(exchange->body,
                        "<input type=\"hidden\" name=\"csrf_token\" value=\"%s\">\n", token);
}

void page_home(struct exchange *exchange)
{
    page_open(exchange, 200, "Demo Shop");
    evbuffer_add_printf(exchange->body, "<ul id=\"products\">\n");
    for (size_t i = 0; i < SHOP_PRODUCTS; i++) {
        const struct product *product = &shop_catalogue[i];
        struct shown_price price = exchange_price(exchange, product->price_cents);
        evbuffer_add_printf(exchange->body,
                            "<li><a href=\"/product/%s\">%s</a> <span class=\"price\">%s</span>"
                            "</li>\n",
                            product->sku, product->name, price.visible);
    }
    evbuffer_add_printf(exchange->body, "</ul>\n");
    page_close(exchange);
}

void page_missing(struct exchange *exchange)
{
    page_say(exchange, 404, "Not found", "There is nothing here.");
}

static void login_page(struct exchange *exchange, const char *email, const char *error)
{
    page_open(exchange, 200, "Log in");
    if (error) {
        evbuffer_add_printf(exchange->body, "<p class=\"error\" role=\"alert\">%s</p>\n", error);
    }
    evbuffer_add_printf(exchange->body, "<form id=\"login\" method=\"post\" action=\"/login\">\n");
    put_csrf(exchange);
    char *shown = evhttp_htmlescape(email ? email : "");
    evbuffer_add_printf(exchange->body,
                        "<label>E-mail <input type=\"email\" name=\"email\" value=\"%s\"></label>\n"
                        "<label>Password <input type=\"password\" name=\"password\"></label>\n"
                        "<button>Log in</button>\n</form>\n",
                        shown ? shown : "");
    free(shown);
    page_close(exchange);
}

void page_login_form(struct exchange *exchange)
{
    login_page(exchange, NULL, NULL);
}

void page_login(struct exchange *exchange)
{
    if (!wants_csrf(exchange)) return;
    const char *email = exchange_form(exchange, "email");
    if (sign_in(exchange, email, exchange_form(exchange, "password"))) {
        exchange_redirect(exchange, "/account");
    } else {
        login_page(exchange, email, "E-mail or password is wrong.");
    }
}

/* Without a token: the worst a forged log-out does is to log out. */
void page_logout(struct exchange *exchange)
{
    sign_out(exchange);
    exchange_redirect(exchange, "/");
}

void page_account(struct exchange *exchange)
{
    page_open(exchange, 200, "Your account");
    evbuffer_add_printf(exchange->body, "<p>Signed in as <b id=\"email\">%s</b>.</p>\n",
                        exchange->account->email);
    page_close(exchange);
}

/* schema.org/Product, once more for machines; a price that vanished leaves no `offers`. */
static void put_json_ld(struct exchange *exchange, const struct product *product,
                        const struct shown_price *price)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "@context", "https://schema.org");
    cJSON_AddStringToObject(json, "@type", "Product");
    cJSON_AddStringToObject(json, "sku", product->sku);
    cJSON_AddStringToObject(json, "name", product->name);
    if (price->present) {
        cJSON *offers = cJSON_AddObjectToObject(json, "offers");
        cJSON_AddStringToObject(offers, "@type", "Offer");
        cJSON_AddStringToObject(offers, "price", price->decimal);
        cJSON_AddStringToObject(offers, "priceCurrency", price->currency);
    }
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    if (!text) abort();
    evbuffer_add_printf(exchange->body,
                        "<script type=\"application/ld+json\" id=\"state\">%s</script>\n", text);
    cJSON_free(text);
}

static void put_offer(struct exchange *exchange, const struct product *product,
                      const struct shown_price *price)
{
    evbuffer_add_printf(exchange->body,
                        "<div itemprop=\"offers\" itemscope itemtype=\"https://schema.org/Offer\">"
                        "\n");
    if (price->present) {
        evbuffer_add_printf(exchange->body,
                            "<meta itemprop=\"priceCurrency\" content=\"%s\">"
                            "<span class=\"price\" itemprop=\"price\" content=\"%s\">%s</span>\n",
                            price->currency, price->decimal, price->visible);
    } else {
        evbuffer_add_printf(exchange->body, "<span class=\"price\"></span>\n");
    }
    evbuffer_add_printf(exchange->body,
                        "<link itemprop=\"availability\" href=\"https://schema.org/%s\">%s\n</div>"
                        "\n",
                        product->in_stock ? "InStock" : "OutOfStock",
                        product->in_stock ? "In stock" : "Out of stock");
}

void page_product(struct exchange *exchange)
{
    const struct product *product = product_find(exchange->tail);
    if (!product) {
        page_missing(exchange);
        return;
    }
    struct shown_price price = exchange_price(exchange, product->price_cents);
    page_open(exchange, 200, product->name);
    evbuffer_add_printf(exchange->body,
                        "<div id=\"product\" itemscope itemtype=\"https://schema.org/Product\">\n"
                        "<meta itemprop=\"sku\" content=\"%s\"><h2 itemprop=\"name\">%s</h2>\n"
                        "<p itemprop=\"description\">%s</p>\n",
                        product->sku, product->name, product->description);
    put_offer(exchange, product, &price);
    evbuffer_add_printf(exchange->body,
                        "<form id=\"add\" method=\"post\" action=\"/cart\">\n"
                        "<input type=\"hidden\" name=\"sku\" value=\"%s\">\n"
                        "<input type=\"number\" name=\"quantity\" value=\"1\">\n",
                        product->sku);
    put_csrf(exchange);
    evbuffer_add_printf(exchange->body, "<button>Add to cart</button>\n</form>\n</div>\n");
    put_json_ld(exchange, product, &price);
    page_close(exchange);
}

static void put_cart_line(struct exchange *exchange, const struct cart_line *line)
{
    char id[ID_SIZE];
    line_id(line->number, sizeof id, id);
    struct shown_price price = exchange_price(exchange, line->product->price_cents);
    evbuffer_add_printf(exchange->body,
                        "<tr class=\"line\" data-line=\"%s\" data-sku=\"%s\"><td>%s</td>"
                        "<td class=\"quantity\">%d</td><td class=\"price\">%s</td>"
                        "<td><button name=\"remove\" value=\"%s\">Remove</button></td></tr>\n",
                        id, line->product->sku, line->product->name, line->quantity, price.visible,
                        id);
}

void page_cart(struct exchange *exchange)
{
    const struct account *account = cart_of(exchange);
    struct shown_price total = exchange_price(exchange, cart_total_cents(account));
    page_open(exchange, 200, "Your cart");
    evbuffer_add_printf(exchange->body, "<form id=\"cart\" method=\"post\" action=\"/cart\">\n");
    put_csrf(exchange);
    evbuffer_add_printf(exchange->body, "<table>\n");
    for (size_t i = 0; i < account->line_count; i++) put_cart_line(exchange, &account->lines[i]);
    evbuffer_add_printf(exchange->body,
                        "</table>\n</form>\n<p>%s Total <b id=\"total\">%s</b></p>\n"
                        "<a href=\"/checkout\">Check out</a>\n",
                        account->line_count ? "" : "Your cart is empty.", total.visible);
    page_close(exchange);
}

void page_cart_change(struct exchange *exchange)
{
    if (!wants_csrf(exchange)) return;
    const char *remove = exchange_form(exchange, "remove");
    const char *sku = exchange_form(exchange, "sku");
    const char *quantity = exchange_form(exchange, "quantity");
    const char *why = NULL;
    if (remove) {
        cart_remove(exchange->account, line_number(remove));
    } else {
        cart_put(exchange, sku, quantity ? atoi(quantity) : 1, &why);
    }
    if (why) {
        page_say(exchange, 422, "Not added", why);
    } else {
        exchange_redirect(exchange, "/cart");
    }
}

void page_checkout_form(struct exchange *exchange)
{
    const struct account *account = cart_of(exchange);
    struct shown_price total = exchange_price(exchange, cart_total_cents(account));
    page_open(exchange, 200, "Check out");
    if (account->line_count == 0) {
        evbuffer_add_printf(exchange->body, "<p role=\"alert\">Your cart is empty.</p>\n");
        page_close(exchange);
        return;
    }
    evbuffer_add_printf(exchange->body,
                        "<p>To pay: <b id=\"total\">%s</b></p>\n"
                        "<form id=\"checkout\" method=\"post\" action=\"/checkout\">\n"
                        "<input type=\"hidden\" name=\"mode\" value=\"test\">\n",
                        total.visible);
    put_csrf(exchange);
    evbuffer_add_printf(exchange->body, "<button>Place the order</button>\n</form>\n");
    page_close(exchange);
}

void page_checkout(struct exchange *exchange)
{
    if (!wants_csrf(exchange)) return;
    const char *mode = exchange_form(exchange, "mode");
    if (!mode || strcmp(mode, "test") != 0) {
        page_say(exchange, 422, "Not placed", "This shop takes test orders only.");
        return;
    }
    bool repeated = false;
    struct order *order = shop_order_place(exchange->shop, cart_of(exchange), NULL, &repeated);
    if (!order) {
        page_say(exchange, 409, "Not placed", "Your cart is empty.");
        return;
    }
    char id[ID_SIZE], location[ID_SIZE + 16];
    order_id(order->number, sizeof id, id);
    snprintf(location, sizeof location, "/orders/%s", id);
    exchange_redirect(exchange, location);
}

void page_order(struct exchange *exchange)
{
    const struct order *order = order_of(exchange, exchange->tail);
    if (!order) {
        page_missing(exchange);
        return;
    }
    char id[ID_SIZE];
    order_id(order->number, sizeof id, id);
    struct shown_price total = exchange_price(exchange, order->total_cents);
    page_open(exchange, 200, "Your order");
    evbuffer_add_printf(exchange->body,
                        "<p>Order <b id=\"order\">%s</b>: <span id=\"state\">%s</span>, "
                        "<span id=\"total\">%s</span></p>\n"
                        "<form id=\"cancel\" method=\"post\" action=\"/orders/%s\">\n",
                        id, order->cancelled ? "cancelled" : "open", total.visible, id);
    put_csrf(exchange);
    evbuffer_add_printf(exchange->body, "<button>Cancel the order</button>\n</form>\n");
    page_close(exchange);
}

void page_order_cancel(struct exchange *exchange)
{
    struct order *order = order_of(exchange, exchange->tail);
    if (!order) {
        page_missing(exchange);
        return;
    }
    if (!wants_csrf(exchange)) return;
    shop_order_cancel(exchange->shop, order);
    exchange_redirect(exchange, exchange->path);
}
