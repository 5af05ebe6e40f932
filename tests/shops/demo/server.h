/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server: finds the route, lets faults strike, keeps the evidence. All handlers that stand
 * in its table are declared here, one block per face of the shop.
 */
#ifndef DEMO_SERVER_H
#define DEMO_SERVER_H

#include "exchange.h"
#include "fault.h"
#include "wire.h"

#include <stdio.h>

struct options {
    uint16_t port; /* 0: any */
    uint64_t seed;
    unsigned accounts;
    const char *journal; /* NULL: none */
};

/* Evidence per route, and in all. */
struct tally {
    uint64_t count, traceparent, traceparent_malformed, synthetic;
};

struct server {
    struct event_base *base;
    struct evhttp *http;
    struct shop *shop;
    struct wires wires;
    struct faults faults;
    struct tally total;
    struct tally *per_route; /* one per route, and a last one for unknown paths */
    uint64_t faults_fired;
    uint64_t seed;
    FILE *journal;
};

/* NULL, with a message on stderr, when it cannot listen or write its journal. */
struct server *server_new(struct event_base *base, const struct options *options,
                          uint16_t *ret_port);
void server_free(struct server *server);
/* Carts, sessions, orders, faults and evidence as on the first day. */
void server_reset(struct server *server);

/* How many routes have evidence; their name ("GET /cart") goes to `name`. */
size_t server_route_count(void);
void server_route_name(size_t index, size_t size, char *name);
bool server_knows_stage(const char *stage);

/* pages.c: HTML for browsers */
void page_home(struct exchange *exchange);
void page_login_form(struct exchange *exchange);
void page_login(struct exchange *exchange);
void page_logout(struct exchange *exchange);
void page_account(struct exchange *exchange);
void page_product(struct exchange *exchange);
void page_cart(struct exchange *exchange);
void page_cart_change(struct exchange *exchange);
void page_checkout_form(struct exchange *exchange);
void page_checkout(struct exchange *exchange);
void page_order(struct exchange *exchange);
void page_order_cancel(struct exchange *exchange);
void page_missing(struct exchange *exchange);

/* api.c: JSON for the browser's scripts, and the mobile API */
void api_login(struct exchange *exchange);
void api_logout(struct exchange *exchange);
void api_account(struct exchange *exchange);
void api_product(struct exchange *exchange);
void api_cart(struct exchange *exchange);
void api_cart_add(struct exchange *exchange);
void api_cart_remove(struct exchange *exchange);
void api_checkout(struct exchange *exchange);
void api_order_by_key(struct exchange *exchange);
void api_order(struct exchange *exchange);
void api_order_cancel(struct exchange *exchange);
void mobile_login(struct exchange *exchange);
void mobile_product(struct exchange *exchange);
void mobile_cart(struct exchange *exchange);
void mobile_order_place(struct exchange *exchange);

/* graphql.c */
void graphql_answer(struct exchange *exchange);

/* control.c: never touched by faults, never counted */
void control_answer(struct exchange *exchange);

/* What the faces share. */

/* Signs in and sets the session cookie; NULL when refused. */
struct session *sign_in(struct exchange *exchange, const char *email, const char *password);
void sign_out(struct exchange *exchange);
/* NULL, and `ret_why` set, when the shop does not sell that. */
const struct cart_line *cart_put(struct exchange *exchange, const char *sku, int quantity,
                                 const char **ret_why);
/* The customer's cart, after a fault may have emptied it. */
struct account *cart_of(struct exchange *exchange);
/* "line-3" and "order-1001", and back; 0 when the text is no such id. */
void line_id(uint32_t number, size_t size, char *id);
uint32_t line_number(const char *id);
void order_id(uint64_t number, size_t size, char *id);
struct order *order_of(struct exchange *exchange, const char *id);

#endif
