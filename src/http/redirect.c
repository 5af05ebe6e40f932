/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redirects, hop by hop (RFC 9110, section 15.4): where the next one leads, what it takes along,
 * and when it goes too far. curl follows none, so that a host is checked before anything is sent to
 * it.
 */
#include "http/internal.h"

#include <stdlib.h>

struct hop *hop_add(struct http_exchange *exchange, const char *method)
{
    struct hop *hop = vec_add(&exchange->message->hops);
    hop->method = xstrdup(method);
    if (exchange->has_body) {
        struct view body = exchange->request.body;
        hop->request_copy = xstrndup(body.data ? body.data : "", body.length);
        hop->request_body = (struct view){hop->request_copy, body.length};
    } else {
        hop->request_body = VIEW_LITERAL("");
    }
    return hop;
}

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* As browsers do: 303 turns everything but HEAD into GET, 301 and 302 only POST. */
static bool becomes_get(long status, const char *method)
{
    if (!strcmp(method, "HEAD") || !strcmp(method, "GET")) return false;
    return status == 303 || ((status == 301 || status == 302) && !strcmp(method, "POST"));
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (view_is_nocase(view_of(name), *names)) return true;
    return false;
}

/* Also a shop that sends on from http to https of its own name: it may hear again what it heard. */
static bool same_shop(const struct url *from, const struct url *to)
{
    if (url_same_origin(from, to)) return true;
    return from->port == 80 && to->port == 443 && to->scheme[4] == 's' &&
           !strcmp(from->host, to->host);
}

static bool travels(const char *name, bool same_origin, bool drops_body)
{
    static const char *const of_origin[] = {"Authorization", "Cookie", "Host",
                                            "Proxy-Authorization", NULL};
    static const char *const of_body[] = {
        "Content-Type",     "Content-Length",    "Content-Encoding", "Content-Language", "Expect",
        "Content-Location", "Transfer-Encoding", "Digest",           "Content-MD5",      NULL};
    if (!same_origin && is_one_of(name, of_origin)) return false;
    return !drops_body || !is_one_of(name, of_body);
}

/* The same request again, with no cookie set since: it can only go round for ever. A log-in page
 * that sends back to where it came from sets one. */
static bool is_circle(const struct message *message, const char *method, const char *url)
{
    for (size_t i = message->hops.count; i-- > 0;) {
        const struct hop *hop = &message->hops.items[i];
        if (headers_get(&hop->response_headers, "Set-Cookie")) return false;
        if (!strcmp(hop->url, url) && !strcmp(hop->method, method)) return true;
    }
    return false;
}

/* Why the redirect is not followed; NULL: it is. */
static char *refusal(struct http_exchange *exchange, const struct url *next, const char *method,
                     bool drops_body)
{
    const struct http_request *request = &exchange->request;
    if (exchange->message->redirects >= request->follow) {
        exchange_compare(exchange, xasprintf("at most %u redirects", request->follow),
                         xasprintf("one more, to %s", next->text));
        return xasprintf("more than %u redirects; the last one leads to %s", request->follow,
                         next->text);
    }
    if (request->allowed && !request->allowed(request->rules_context, next->host)) {
        exchange_compare(exchange, xstrdup("an allowed host"), xstrdup(next->host));
        return xasprintf("a redirect to %s, which is not among the allowed hosts", next->host);
    }
    if (exchange->has_body && !drops_body && request->body_carried &&
        !same_shop(&exchange->url, next) &&
        !request->body_carried(request->rules_context, request->body))
        return xasprintf("a redirect to %s, which would take a secret there", next->text);
    if (is_circle(exchange->message, method, next->text))
        return xasprintf("the redirects go round in a circle at %s", next->text);
    return NULL;
}

static void carry_headers(const struct http_exchange *exchange, const struct headers *old,
                          bool same_origin, bool drops_body, struct headers *headers)
{
    const struct http_request *request = &exchange->request;
    vec_each(header, old) {
        if (!travels(header->name, same_origin, drops_body)) continue;
        AUTO_BUF scratch = BUF_INIT(HTTP_MAX_HEADER_BYTES);
        const char *value = header->value;
        if (request->header_carried)
            value = request->header_carried(request->rules_context, header, same_origin, &scratch);
        if (value) headers_add(headers, view_of(header->name), view_of(value));
    }
}

static void follow(struct http_exchange *exchange, struct url *next, bool drops_body)
{
    struct message *message = exchange->message;
    size_t from = message->hops.count - 1;
    bool same_origin = same_shop(&exchange->url, next);
    if (drops_body) exchange->has_body = false;
    const char *method = drops_body ? "GET" : message->hops.items[from].method;
    struct hop *hop = hop_add(exchange, method);
    const struct headers *old = &message->hops.items[from].request_headers; /* hops may move */
    carry_headers(exchange, old, same_origin, drops_body, &hop->request_headers);
    hop->url = xstrdup(next->text);
    message->redirects++;
    url_release(&exchange->url);
    exchange->url = *next;
    hop_start(exchange);
}

bool redirect_next(struct http_exchange *exchange)
{
    const struct hop *last = hop_current(exchange);
    const char *location = headers_get(&last->response_headers, "Location");
    if (!exchange->request.follow || !is_redirect(last->status) || !location) return false;
    bool drops_body = becomes_get(last->status, last->method);
    struct url next = {0};
    AUTO_ERROR error = ERROR_NONE;
    char *why;
    if (!url_aim(&exchange->session->target, last->url, location, &next, &error))
        why = xasprintf("a redirect that leads nowhere: %s", error_text(&error));
    else
        why = refusal(exchange, &next, drops_body ? "GET" : last->method, drops_body);
    if (!why) {
        follow(exchange, &next, drops_body);
        return true;
    }
    url_release(&next);
    exchange_settle(exchange, OUTCOME_REDIRECT, why);
    return true;
}
