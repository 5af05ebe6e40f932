/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and the answer that is being made for it. Handlers fill in the answer; how it then
 * reaches the client, or does not, is decided by `ending` (wire.h).
 */
#ifndef DEMO_EXCHANGE_H
#define DEMO_EXCHANGE_H

#include "shop.h"

#include <cjson/cJSON.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct server;
struct wires;

/* What a handler must say that is not so: set by faults, one bit each. */
enum lie {
    LIE_NO_PRICE = 1 << 0,
    LIE_ZERO_PRICE = 1 << 1,
    LIE_WRONG_CURRENCY = 1 << 2,
    LIE_CART_LOST = 1 << 3,
    LIE_LOGIN_REJECTED = 1 << 4,
    LIE_SESSION_LOST = 1 << 5,
};

/* How the answer goes out. */
enum ending {
    ENDING_REPLY,
    ENDING_SILENCE,           /* never a byte, the connection stays */
    ENDING_RESET,             /* RST */
    ENDING_CLOSE,             /* FIN, without a byte */
    ENDING_HALF_THEN_SILENCE, /* head, half of the body, nothing more */
    ENDING_HALF_THEN_CLOSE,
    ENDING_DRIP, /* head at once, the body byte by byte */
    ENDING_GARBAGE,
};

/* Who may come in; the router refuses in the manner of the face. */
enum guard { GUARD_NONE, GUARD_PAGE, GUARD_API };

struct exchange;

struct route {
    enum evhttp_cmd_type method;
    const char *pattern; /* a last `*` stands for one path segment, which becomes `tail` */
    const char *stage;
    enum guard guard;
    void (*handle)(struct exchange *exchange);
};

struct exchange {
    struct server *server;
    struct shop *shop;
    struct evhttp_request *request;
    const struct route *route; /* NULL: no such page */
    char *path;                /* decoded */
    const char *tail;          /* within `path`; "" when the route has none */
    struct evkeyvalq query;
    struct evkeyvalq form;
    cJSON *json; /* the body, when it is JSON; else NULL */
    struct session *session;
    struct account *account; /* of the session */

    unsigned lies;
    enum ending ending;
    int64_t hold_ms;         /* how long the answer is held back */
    double bytes_per_second; /* of a drip */
    const char *fault;       /* the last one that struck, or NULL */

    int status;
    struct evbuffer *body;

    struct wires *wires; /* these three while held back */
    struct event *timer;
    TAILQ_ENTRY(exchange) held;
};

/* `request` stays evhttp's; everything else is released by `exchange_free`. */
struct exchange *exchange_new(struct server *server, struct shop *shop,
                              struct evhttp_request *request);
void exchange_free(struct exchange *exchange);

/* NULL when absent. Borrowed. */
const char *exchange_header(const struct exchange *exchange, const char *name);
const char *exchange_query(const struct exchange *exchange, const char *name);
const char *exchange_form(const struct exchange *exchange, const char *name);
/* False when there is no such cookie or it does not fit. */
bool exchange_cookie(const struct exchange *exchange, const char *name, size_t size, char *value);
/* A member's text, NULL when it is none; its whole number, -1 when it is none, `otherwise` when
 * there is no such member. */
const char *json_text(const cJSON *object, const char *name);
int json_whole(const cJSON *object, const char *name, int otherwise);

/* Finds the session that cookie or bearer token name. */
void exchange_recognise(struct exchange *exchange);

void exchange_set_header(struct exchange *exchange, const char *name, const char *value);
/* A session cookie of the browser kind; an empty value deletes it. */
void exchange_set_cookie(struct exchange *exchange, const char *name, const char *value);
/* Drops what was answered so far, headers and cookies too. */
void exchange_unanswer(struct exchange *exchange);

/* The answers. Each takes over what it is given. */
void exchange_status(struct exchange *exchange, int status);
void exchange_json(struct exchange *exchange, int status, cJSON *json);
void exchange_refuse(struct exchange *exchange, int status, const char *code, const char *message);
void exchange_redirect(struct exchange *exchange, const char *location);
void exchange_html(struct exchange *exchange, int status);

/* A price as this exchange tells it: the truth, or what a fault made of it. */
struct shown_price {
    bool present;
    int64_t cents;
    const char *currency; /* ISO 4217 */
    char decimal[32];     /* "12.50"; empty when not present */
    char visible[40];     /* "€12.50"; empty when not present */
};
struct shown_price exchange_price(const struct exchange *exchange, int64_t cents);
/* As a JSON number with two decimals, or null. */
void json_add_price(cJSON *object, const char *name, const struct shown_price *price);

#endif
