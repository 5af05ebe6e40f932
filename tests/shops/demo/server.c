/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See server.h. The life of a request: match the route, let faults strike, recognise the shopper,
 * let the handler or a fault answer, spoil the answer, write it down, send it.
 */
#include "server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#define BODY_MAX (64 * 1024)
#define HEADERS_MAX (32 * 1024)
#define IDLE_S 300
#define BACKLOG 4096

#define LOGIN "login"
#define PRICE "price-view"
#define CART "add-to-cart"
#define CHECKOUT "checkout"

static const struct route routes[] = {
    {EVHTTP_REQ_GET, "/", "home", GUARD_NONE, page_home},
    {EVHTTP_REQ_GET, "/login", LOGIN, GUARD_NONE, page_login_form},
    {EVHTTP_REQ_POST, "/login", LOGIN, GUARD_NONE, page_login},
    {EVHTTP_REQ_POST, "/logout", LOGIN, GUARD_NONE, page_logout},
    {EVHTTP_REQ_GET, "/account", LOGIN, GUARD_PAGE, page_account},
    {EVHTTP_REQ_GET, "/product/*", PRICE, GUARD_NONE, page_product},
    {EVHTTP_REQ_GET, "/cart", CART, GUARD_PAGE, page_cart},
    {EVHTTP_REQ_POST, "/cart", CART, GUARD_PAGE, page_cart_change},
    {EVHTTP_REQ_GET, "/checkout", CHECKOUT, GUARD_PAGE, page_checkout_form},
    {EVHTTP_REQ_POST, "/checkout", CHECKOUT, GUARD_PAGE, page_checkout},
    {EVHTTP_REQ_GET, "/orders/*", CHECKOUT, GUARD_PAGE, page_order},
    {EVHTTP_REQ_POST, "/orders/*", CHECKOUT, GUARD_PAGE, page_order_cancel},

    {EVHTTP_REQ_POST, "/api/login", LOGIN, GUARD_NONE, api_login},
    {EVHTTP_REQ_POST, "/api/logout", LOGIN, GUARD_NONE, api_logout},
    {EVHTTP_REQ_GET, "/api/account", LOGIN, GUARD_API, api_account},
    {EVHTTP_REQ_GET, "/api/products/*", PRICE, GUARD_NONE, api_product},
    {EVHTTP_REQ_GET, "/api/cart", CART, GUARD_API, api_cart},
    {EVHTTP_REQ_POST, "/api/cart", CART, GUARD_API, api_cart_add},
    {EVHTTP_REQ_DELETE, "/api/cart/*", CART, GUARD_API, api_cart_remove},
    {EVHTTP_REQ_POST, "/api/checkout", CHECKOUT, GUARD_API, api_checkout},
    {EVHTTP_REQ_GET, "/api/orders", CHECKOUT, GUARD_API, api_order_by_key},
    {EVHTTP_REQ_GET, "/api/orders/*", CHECKOUT, GUARD_API, api_order},
    {EVHTTP_REQ_DELETE, "/api/orders/*", CHECKOUT, GUARD_API, api_order_cancel},

    {EVHTTP_REQ_POST, "/graphql", "graphql", GUARD_NONE, graphql_answer},

    {EVHTTP_REQ_POST, "/m/v1/session", LOGIN, GUARD_NONE, mobile_login},
    {EVHTTP_REQ_DELETE, "/m/v1/session", LOGIN, GUARD_API, api_logout},
    {EVHTTP_REQ_GET, "/m/v1/products/*", PRICE, GUARD_NONE, mobile_product},
    {EVHTTP_REQ_GET, "/m/v1/cart", CART, GUARD_API, mobile_cart},
    {EVHTTP_REQ_POST, "/m/v1/cart/lines", CART, GUARD_API, api_cart_add},
    {EVHTTP_REQ_DELETE, "/m/v1/cart/lines/*", CART, GUARD_API, api_cart_remove},
    {EVHTTP_REQ_POST, "/m/v1/orders", CHECKOUT, GUARD_API, mobile_order_place},
    {EVHTTP_REQ_GET, "/m/v1/orders", CHECKOUT, GUARD_API, api_order_by_key},
    {EVHTTP_REQ_GET, "/m/v1/orders/*", CHECKOUT, GUARD_API, api_order},
    {EVHTTP_REQ_DELETE, "/m/v1/orders/*", CHECKOUT, GUARD_API, api_order_cancel},
};
#define ROUTES (sizeof routes / sizeof routes[0])

static const char *method_name(enum evhttp_cmd_type method)
{
    switch (method) {
    case EVHTTP_REQ_GET: return "GET";
    case EVHTTP_REQ_POST: return "POST";
    case EVHTTP_REQ_HEAD: return "HEAD";
    case EVHTTP_REQ_PUT: return "PUT";
    case EVHTTP_REQ_DELETE: return "DELETE";
    case EVHTTP_REQ_OPTIONS: return "OPTIONS";
    case EVHTTP_REQ_TRACE: return "TRACE";
    case EVHTTP_REQ_CONNECT: return "CONNECT";
    case EVHTTP_REQ_PATCH: return "PATCH";
    }
    return "?";
}

size_t server_route_count(void)
{
    return ROUTES + 1;
}

void server_route_name(size_t index, size_t size, char *name)
{
    if (index >= ROUTES) {
        snprintf(name, size, "elsewhere");
        return;
    }
    snprintf(name, size, "%s %s", method_name(routes[index].method), routes[index].pattern);
}

bool server_knows_stage(const char *stage)
{
    for (size_t i = 0; i < ROUTES; i++) {
        if (strcmp(routes[i].stage, stage) == 0) return true;
    }
    return false;
}

/* NULL, or where the segment that stands for `*` begins ("" when there is no `*`). */
static const char *pattern_tail(const char *pattern, const char *path)
{
    size_t bytes = strlen(pattern);
    if (pattern[bytes - 1] != '*') return strcmp(pattern, path) == 0 ? "" : NULL;
    if (strncmp(pattern, path, bytes - 1) != 0) return NULL;
    const char *tail = path + bytes - 1;
    return *tail && !strchr(tail, '/') ? tail : NULL;
}

/* Returns whether the path exists at all, with whatever method. */
static bool route_find(struct exchange *exchange)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(exchange->request);
    if (method == EVHTTP_REQ_HEAD) method = EVHTTP_REQ_GET;
    bool path_known = false;
    for (size_t i = 0; i < ROUTES; i++) {
        const char *tail = pattern_tail(routes[i].pattern, exchange->path);
        if (!tail) continue;
        path_known = true;
        if (routes[i].method != method) continue;
        exchange->route = &routes[i];
        exchange->tail = tail;
        break;
    }
    return path_known;
}

/* W3C Trace Context, section 3.2: version 00, 55 bytes, lower-case hexadecimal. */
static bool traceparent_is_sound(const char *text)
{
    static const char shape[] = "00-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";
    if (strlen(text) != sizeof shape - 1) return false;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool hex = isdigit((unsigned char)text[i]) || (text[i] >= 'a' && text[i] <= 'f');
        if (shape[i] == 'h' ? !hex : text[i] != shape[i]) return false;
    }
    return strspn(text + 3, "0") < 32 && strspn(text + 36, "0") < 16;
}

/* Any header with "synthetic" in its name: how a prober says what it is. */
static bool is_synthetic(const struct exchange *exchange)
{
    struct evkeyval *header;
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(exchange->request), next)
    {
        if (strcasestr(header->key, "synthetic")) return true;
    }
    return false;
}

static void tally_add(struct tally *tally, const char *traceparent, bool synthetic)
{
    tally->count++;
    if (traceparent) tally->traceparent++;
    if (traceparent && !traceparent_is_sound(traceparent)) tally->traceparent_malformed++;
    if (synthetic) tally->synthetic++;
}

static void journal_write(struct server *server, const struct exchange *exchange,
                          const char *traceparent, bool synthetic)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddNumberToObject(line, "n", (double)server->total.count);
    cJSON_AddNumberToObject(line, "at_us", (double)now.tv_sec * 1e6 + (double)now.tv_usec);
    enum evhttp_cmd_type method = evhttp_request_get_command(exchange->request);
    cJSON_AddStringToObject(line, "method", method_name(method));
    cJSON_AddStringToObject(line, "path", exchange->path);
    cJSON_AddNumberToObject(line, "status", exchange->status);
    if (exchange->fault) cJSON_AddStringToObject(line, "fault", exchange->fault);
    if (exchange->account) cJSON_AddStringToObject(line, "account", exchange->account->email);
    if (traceparent) cJSON_AddStringToObject(line, "traceparent", traceparent);
    cJSON_AddBoolToObject(line, "synthetic", synthetic);
    const char *agent = exchange_header(exchange, "User-Agent");
    if (agent) cJSON_AddStringToObject(line, "user_agent", agent);
    char *text = cJSON_PrintUnformatted(line);
    cJSON_Delete(line);
    if (!text) abort();
    fprintf(server->journal, "%s\n", text);
    cJSON_free(text);
}

static void evidence_keep(struct server *server, const struct exchange *exchange)
{
    const char *traceparent = exchange_header(exchange, "traceparent");
    bool synthetic = is_synthetic(exchange);
    size_t index = exchange->route ? (size_t)(exchange->route - routes) : ROUTES;
    tally_add(&server->total, traceparent, synthetic);
    tally_add(&server->per_route[index], traceparent, synthetic);
    if (server->journal) journal_write(server, exchange, traceparent, synthetic);
}

static void answer_unknown(struct exchange *exchange, bool path_known)
{
    bool machine = strncmp(exchange->path, "/api/", 5) == 0 ||
                   strncmp(exchange->path, "/m/", 3) == 0 ||
                   strcmp(exchange->path, "/graphql") == 0;
    if (path_known) {
        exchange_refuse(exchange, 405, "method-not-allowed", "not with this method");
    } else if (machine) {
        exchange_refuse(exchange, 404, "not-found", "no such address");
    } else {
        page_missing(exchange);
    }
}

static void answer(struct exchange *exchange, bool path_known)
{
    if (!exchange->route) {
        answer_unknown(exchange, path_known);
        return;
    }
    exchange_recognise(exchange);
    if (exchange->account || exchange->route->guard == GUARD_NONE) {
        exchange->route->handle(exchange);
    } else if (exchange->route->guard == GUARD_PAGE) {
        exchange_redirect(exchange, "/login");
    } else {
        exchange_refuse(exchange, 401, "not-signed-in", "sign in first");
    }
}

static bool rules_answer(const struct fault_rule *const rules[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i]->fault->moment == FAULT_INSTEAD) return true;
    }
    return false;
}

static void on_request(struct evhttp_request *request, void *arg)
{
    struct server *server = arg;
    struct exchange *exchange = exchange_new(server, server->shop, request);
    if (strncmp(exchange->path, "/control/", strlen("/control/")) == 0) {
        control_answer(exchange);
        wires_send(&server->wires, exchange);
        return;
    }
    if (strcmp(exchange->path, "/health") == 0) {
        /* As in real life: well, whatever the shoppers meet. */
        exchange_json(exchange, 200, cJSON_Parse("{\"status\":\"ok\"}"));
        wires_send(&server->wires, exchange);
        return;
    }

    bool path_known = route_find(exchange);
    const struct fault_rule *rules[FAULT_RULES];
    size_t count = faults_strike(&server->faults, exchange, rules);
    server->faults_fired += count;
    faults_act(exchange, FAULT_BEFORE, rules, count);
    if (rules_answer(rules, count)) {
        faults_act(exchange, FAULT_INSTEAD, rules, count);
    } else {
        answer(exchange, path_known);
    }
    if (exchange->ending == ENDING_REPLY) faults_act(exchange, FAULT_AFTER, rules, count);
    evidence_keep(server, exchange);
    wires_send(&server->wires, exchange);
}

static bool server_listen(struct server *server, uint16_t port, uint16_t *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    unsigned flags = LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    struct evconnlistener *listener = evconnlistener_new_bind(
        server->base, NULL, NULL, flags, BACKLOG, (struct sockaddr *)&address, (int)sizeof address);
    if (!listener) return false;
    socklen_t bytes = sizeof address;
    if (getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &bytes) != 0 ||
        !evhttp_bind_listener(server->http, listener)) {
        evconnlistener_free(listener);
        return false;
    }
    *ret_port = ntohs(address.sin_port);
    return true;
}

static struct evhttp *http_new(struct event_base *base, struct server *server)
{
    struct evhttp *http = evhttp_new(base);
    if (!http) abort();
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                         EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE);
    evhttp_set_max_body_size(http, BODY_MAX);
    evhttp_set_max_headers_size(http, HEADERS_MAX);
    evhttp_set_timeout(http, IDLE_S);
    evhttp_set_default_content_type(http, NULL);
    evhttp_set_gencb(http, on_request, server);
    return http;
}

struct server *server_new(struct event_base *base, const struct options *options,
                          uint16_t *ret_port)
{
    struct server *server = zalloc(1, sizeof *server);
    server->base = base;
    server->seed = options->seed;
    server->shop = shop_new(options->seed, options->accounts);
    server->per_route = zalloc(server_route_count(), sizeof(struct tally));
    server->http = http_new(base, server);
    wires_init(&server->wires, base);
    if (options->journal) {
        server->journal = fopen(options->journal, "ae");
        if (!server->journal) {
            fprintf(stderr, "shopper-demo-shop: %s: %s\n", options->journal, strerror(errno));
            server_free(server);
            return NULL;
        }
        setvbuf(server->journal, NULL, _IOLBF, BUFSIZ);
    }
    if (!server_listen(server, options->port, ret_port)) {
        fprintf(stderr, "shopper-demo-shop: cannot listen on 127.0.0.1:%u: %s\n",
                (unsigned)options->port, strerror(errno));
        server_free(server);
        return NULL;
    }
    return server;
}

void server_free(struct server *server)
{
    if (!server) return;
    wires_release(&server->wires);
    evhttp_free(server->http);
    shop_free(server->shop);
    free(server->per_route);
    if (server->journal) fclose(server->journal);
    free(server);
}

void server_reset(struct server *server)
{
    shop_reset(server->shop);
    faults_clear(&server->faults, NULL);
    server->total = (struct tally){0};
    memset(server->per_route, 0, server_route_count() * sizeof(struct tally));
    server->faults_fired = 0;
}
