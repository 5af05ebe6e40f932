/* SPDX-License-Identifier: Apache-2.0 */
/* See exchange.h: reading requests, filling in answers. Decides nothing about the shop. */
#include "exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SECRET_MAX 80 /* a session's token, with room to spare */

static void body_read(struct exchange *exchange)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(exchange->request);
    size_t bytes = evbuffer_get_length(input);
    if (bytes == 0) return;
    char *text = zalloc(1, bytes + 1);
    evbuffer_remove(input, text, bytes);

    const char *type = exchange_header(exchange, "Content-Type");
    if (!type) type = "";
    if (strncasecmp(type, "application/json", strlen("application/json")) == 0) {
        const char *end = NULL;
        exchange->json = cJSON_ParseWithLengthOpts(text, bytes + 1, &end, 1);
    } else if (strncasecmp(type, "application/x-www-form-urlencoded",
                           strlen("application/x-www-form-urlencoded")) == 0) {
        evhttp_parse_query_str(text, &exchange->form);
    }
    free(text);
}

struct exchange *exchange_new(struct server *server, struct shop *shop,
                              struct evhttp_request *request)
{
    struct exchange *exchange = zalloc(1, sizeof *exchange);
    exchange->server = server;
    exchange->shop = shop;
    exchange->request = request;
    exchange->tail = "";
    exchange->bytes_per_second = 1.0;
    exchange->body = evbuffer_new();
    if (!exchange->body) abort();
    TAILQ_INIT(&exchange->query);
    TAILQ_INIT(&exchange->form);

    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    const char *query = uri ? evhttp_uri_get_query(uri) : NULL;
    exchange->path = evhttp_uridecode(path && *path ? path : "/", 0, NULL);
    if (!exchange->path) abort();
    if (query) evhttp_parse_query_str(query, &exchange->query);
    body_read(exchange);
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    if (!exchange) return;
    evhttp_clear_headers(&exchange->query);
    evhttp_clear_headers(&exchange->form);
    cJSON_Delete(exchange->json);
    evbuffer_free(exchange->body);
    free(exchange->path);
    free(exchange);
}

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(exchange->request), name);
}

const char *exchange_query(const struct exchange *exchange, const char *name)
{
    return evhttp_find_header(&exchange->query, name);
}

const char *exchange_form(const struct exchange *exchange, const char *name)
{
    return evhttp_find_header(&exchange->form, name);
}

bool exchange_cookie(const struct exchange *exchange, const char *name, size_t size, char *value)
{
    const char *at = exchange_header(exchange, "Cookie");
    size_t name_bytes = strlen(name);
    while (at && *at) {
        at += strspn(at, "; ");
        size_t bytes = strcspn(at, ";");
        if (bytes > name_bytes && at[name_bytes] == '=' && strncmp(at, name, name_bytes) == 0) {
            size_t value_bytes = bytes - name_bytes - 1;
            if (value_bytes == 0 || value_bytes >= size) return false;
            memcpy(value, at + name_bytes + 1, value_bytes);
            value[value_bytes] = '\0';
            return true;
        }
        at += bytes;
    }
    return false;
}

const char *json_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

int json_whole(const cJSON *object, const char *name, int otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!item) return otherwise;
    if (!cJSON_IsNumber(item) || item->valuedouble < (double)item->valueint ||
        item->valuedouble > (double)item->valueint) {
        return -1;
    }
    return item->valueint;
}

void exchange_recognise(struct exchange *exchange)
{
    char token[SECRET_MAX] = "";
    const char *bearer = exchange_header(exchange, "Authorization");
    if (bearer && strncasecmp(bearer, "Bearer ", strlen("Bearer ")) == 0) {
        snprintf(token, sizeof token, "%s", bearer + strlen("Bearer "));
    } else if (!exchange_cookie(exchange, "session", sizeof token, token)) {
        return;
    }
    struct session *session = shop_session_find(exchange->shop, token);
    if (session && exchange->lies & LIE_SESSION_LOST) {
        shop_session_close(exchange->shop, session);
        session = NULL;
    }
    exchange->session = session;
    exchange->account = session ? session->account : NULL;
}

void exchange_set_header(struct exchange *exchange, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(exchange->request);
    evhttp_remove_header(headers, name);
    evhttp_add_header(headers, name, value);
}

void exchange_set_cookie(struct exchange *exchange, const char *name, const char *value)
{
    char cookie[160];
    snprintf(cookie, sizeof cookie, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s", name, value,
             *value ? "" : "; Max-Age=0");
    /* Added, not replaced: an answer may set several. */
    evhttp_add_header(evhttp_request_get_output_headers(exchange->request), "Set-Cookie", cookie);
}

void exchange_unanswer(struct exchange *exchange)
{
    evbuffer_drain(exchange->body, evbuffer_get_length(exchange->body));
    evhttp_clear_headers(evhttp_request_get_output_headers(exchange->request));
}

void exchange_status(struct exchange *exchange, int status)
{
    exchange->status = status;
}

void exchange_json(struct exchange *exchange, int status, cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    if (!text) abort();
    evbuffer_add(exchange->body, text, strlen(text));
    cJSON_free(text);
    exchange->status = status;
    exchange_set_header(exchange, "Content-Type", "application/json");
    exchange_set_header(exchange, "Cache-Control", "no-store");
}

void exchange_refuse(struct exchange *exchange, int status, const char *code, const char *message)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *error = cJSON_AddObjectToObject(json, "error");
    cJSON_AddStringToObject(error, "code", code);
    cJSON_AddStringToObject(error, "message", message);
    exchange_json(exchange, status, json);
}

void exchange_redirect(struct exchange *exchange, const char *location)
{
    exchange->status = 302;
    exchange_set_header(exchange, "Location", location);
}

void exchange_html(struct exchange *exchange, int status)
{
    exchange->status = status;
    exchange_set_header(exchange, "Content-Type", "text/html; charset=utf-8");
    exchange_set_header(exchange, "Cache-Control", "no-store");
}

struct shown_price exchange_price(const struct exchange *exchange, int64_t cents)
{
    struct shown_price price = {.present = !(exchange->lies & LIE_NO_PRICE), .cents = cents};
    if (exchange->lies & LIE_ZERO_PRICE) price.cents = 0;
    bool wrong = exchange->lies & LIE_WRONG_CURRENCY;
    price.currency = wrong ? "USD" : SHOP_CURRENCY;
    if (!price.present) return price;
    snprintf(price.decimal, sizeof price.decimal, "%" PRId64 ".%02" PRId64, price.cents / 100,
             price.cents % 100);
    snprintf(price.visible, sizeof price.visible, "%s%s", wrong ? "$" : "€", price.decimal);
    return price;
}

void json_add_price(cJSON *object, const char *name, const struct shown_price *price)
{
    /* Raw, so that 12.50 keeps its two decimals and never passes through a double. */
    cJSON_AddRawToObject(object, name, price->present ? price->decimal : "null");
}
