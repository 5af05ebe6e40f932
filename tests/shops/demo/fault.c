/* SPDX-License-Identifier: Apache-2.0 */
/* See fault.h: the table of faults, what each does to an exchange, and the rules in force. */
#include "fault.h"

#include <stdlib.h>
#include <string.h>

#define SLOW_MS 3000

/* What the handler lies about. */

static void act_no_price(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->lies |= LIE_NO_PRICE;
}

static void act_zero_price(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->lies |= LIE_ZERO_PRICE;
}

static void act_wrong_currency(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->lies |= LIE_WRONG_CURRENCY;
}

static void act_cart_lost(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->lies |= LIE_CART_LOST;
}

static void act_login_rejected(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->lies |= LIE_LOGIN_REJECTED;
}

static void act_session_lost(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->lies |= LIE_SESSION_LOST;
}

/* Answers in the handler's stead. */

static void answer_page(struct exchange *exchange, int status, const char *title, const char *text)
{
    evbuffer_add_printf(exchange->body,
                        "<!doctype html>\n<html lang=\"en\"><head><title>%s</title></head>\n"
                        "<body><h1>%s</h1>\n<p>%s</p></body></html>\n",
                        title, title, text);
    exchange_html(exchange, status);
}

static void act_error_500(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    answer_page(exchange, 500, "Internal Server Error", "Something went wrong on our side.");
}

static void act_error_503(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    answer_page(exchange, 503, "Service Unavailable", "No server is available for this request.");
}

static void act_maintenance(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange_set_header(exchange, "Retry-After", "600");
    answer_page(exchange, 503, "Scheduled maintenance", "We will be back shortly.");
}

static void act_rate_limit(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange_set_header(exchange, "Retry-After", "900");
    exchange_refuse(exchange, 429, "rate-limited", "too many requests, come back later");
}

static void act_bot_wall(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    answer_page(exchange, 403, "Just a moment...",
                "Checking your browser before you enter the shop. Please verify you are human.</p>"
                "<div class=\"h-captcha\" data-sitekey=\"demo\"></div><p>");
}

static void act_redirect_loop(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    /* As it was asked for, not decoded. */
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(exchange->request);
    const char *path = evhttp_uri_get_path(uri);
    exchange_redirect(exchange, path && *path ? path : "/");
}

static void act_redirect_elsewhere(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange_redirect(exchange, "http://elsewhere.invalid/parked");
}

static void act_freeze(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->ending = ENDING_SILENCE;
}

static void act_reset(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->ending = ENDING_RESET;
}

static void act_close(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->ending = ENDING_CLOSE;
}

static void act_not_http(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->ending = ENDING_GARBAGE;
}

/* Spoils the handler's answer. */

static void act_slow(struct exchange *exchange, const struct fault_rule *rule)
{
    /* The hold itself does it. */
    (void)exchange;
    (void)rule;
}

static void act_slow_drip(struct exchange *exchange, const struct fault_rule *rule)
{
    exchange->ending = ENDING_DRIP;
    exchange->bytes_per_second = rule->bytes_per_second;
}

static void act_freeze_body(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->ending = ENDING_HALF_THEN_SILENCE;
}

static void act_cut_body(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange->ending = ENDING_HALF_THEN_CLOSE;
}

static bool answer_is_json(const struct exchange *exchange)
{
    const char *type =
        evhttp_find_header(evhttp_request_get_output_headers(exchange->request), "Content-Type");
    return type && strcmp(type, "application/json") == 0;
}

static void act_broken_json(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    if (!answer_is_json(exchange)) return;
    struct evbuffer *half = evbuffer_new();
    if (!half) abort();
    evbuffer_remove_buffer(exchange->body, half, evbuffer_get_length(exchange->body) / 2);
    evbuffer_free(exchange->body);
    exchange->body = half;
}

static void act_doubled_keys(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    size_t bytes = evbuffer_get_length(exchange->body);
    char *text = (char *)evbuffer_pullup(exchange->body, -1);
    if (!answer_is_json(exchange) || bytes < 5 || text[1] != '"') return;
    const char *key_end = memchr(text + 2, '"', bytes - 2);
    if (!key_end) return;
    struct evbuffer *doubled = evbuffer_new();
    if (!doubled) abort();
    int key_bytes = (int)(key_end - text - 2);
    evbuffer_add(doubled, text, bytes - 1);
    evbuffer_add_printf(doubled, ",\"%.*s\":null}", key_bytes, text + 2);
    evbuffer_free(exchange->body);
    exchange->body = doubled;
}

static void act_empty_body(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    evbuffer_drain(exchange->body, evbuffer_get_length(exchange->body));
}

static void act_wrong_type(struct exchange *exchange, const struct fault_rule *rule)
{
    (void)rule;
    exchange_unanswer(exchange);
    answer_page(exchange, 200, "Oops", "An unexpected page, with a friendly status.");
}

const struct fault fault_catalogue[] = {
    {"prices-vanish", "prices are missing, null in JSON", FAULT_BEFORE, act_no_price, 0},
    {"price-zero", "every price is 0.00", FAULT_BEFORE, act_zero_price, 0},
    {"wrong-currency", "prices are in USD", FAULT_BEFORE, act_wrong_currency, 0},
    {"cart-loses-items", "adding succeeds, but the cart is empty", FAULT_BEFORE, act_cart_lost, 0},
    {"login-rejects", "the right password is refused", FAULT_BEFORE, act_login_rejected, 0},
    {"session-lost", "the session is forgotten", FAULT_BEFORE, act_session_lost, 0},
    {"error-500", "status 500 and an error page", FAULT_INSTEAD, act_error_500, 0},
    {"error-503", "status 503 and an error page", FAULT_INSTEAD, act_error_503, 0},
    {"maintenance", "status 503, a maintenance page, Retry-After", FAULT_INSTEAD, act_maintenance,
     0},
    {"rate-limit", "status 429 with Retry-After", FAULT_INSTEAD, act_rate_limit, 0},
    {"bot-wall", "status 403 and a captcha page", FAULT_INSTEAD, act_bot_wall, 0},
    {"redirect-loop", "a redirect to the same path, for ever", FAULT_INSTEAD, act_redirect_loop, 0},
    {"redirect-elsewhere", "a redirect to a foreign host", FAULT_INSTEAD, act_redirect_elsewhere,
     0},
    {"freeze", "the request is taken, nothing is done, no byte comes", FAULT_INSTEAD, act_freeze,
     0},
    {"reset", "the connection is reset, nothing is done", FAULT_INSTEAD, act_reset, 0},
    {"not-http", "something that is no HTTP answer", FAULT_INSTEAD, act_not_http, 0},
    {"slow", "the answer waits, 3 s unless after_ms says otherwise", FAULT_AFTER, act_slow,
     SLOW_MS},
    {"wrong-type", "an HTML page with status 200 in place of the answer", FAULT_AFTER,
     act_wrong_type, 0},
    {"broken-json", "half of the JSON text, well framed", FAULT_AFTER, act_broken_json, 0},
    {"doubled-keys", "the first key of a JSON object comes twice", FAULT_AFTER, act_doubled_keys,
     0},
    {"empty-body", "the right status and no body", FAULT_AFTER, act_empty_body, 0},
    {"freeze-body", "head and half of the body, then silence", FAULT_AFTER, act_freeze_body, 0},
    {"cut-body", "head and half of the body, then the end", FAULT_AFTER, act_cut_body, 0},
    {"slow-drip", "head at once, the body at 1 byte/s or bytes_per_second", FAULT_AFTER,
     act_slow_drip, 0},
    {"lost-reply", "everything is done, but no byte comes", FAULT_AFTER, act_freeze, 0},
    {"lost-reply-close", "everything is done, then the connection closes without a byte",
     FAULT_AFTER, act_close, 0},
};
const size_t fault_count = sizeof fault_catalogue / sizeof fault_catalogue[0];

const struct fault *fault_find(const char *name)
{
    for (size_t i = 0; name && i < fault_count; i++) {
        if (strcmp(fault_catalogue[i].name, name) == 0) return &fault_catalogue[i];
    }
    return NULL;
}

static bool rule_is_like(const struct fault_rule *a, const struct fault_rule *b)
{
    return a->fault == b->fault && strcmp(a->stage, b->stage) == 0 &&
           strcmp(a->path, b->path) == 0 && strcmp(a->agent, b->agent) == 0;
}

bool faults_set(struct faults *faults, const struct fault_rule *rule)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (!rule_is_like(&faults->rules[i], rule)) continue;
        faults->rules[i] = *rule;
        return true;
    }
    if (faults->count == FAULT_RULES) return false;
    faults->rules[faults->count++] = *rule;
    return true;
}

size_t faults_clear(struct faults *faults, const char *name)
{
    size_t kept = 0, before = faults->count;
    for (size_t i = 0; i < before; i++) {
        if (name && strcmp(faults->rules[i].fault->name, name) != 0) {
            faults->rules[kept++] = faults->rules[i];
        }
    }
    faults->count = kept;
    return before - kept;
}

static bool path_matches(const char *pattern, const char *path)
{
    size_t bytes = strlen(pattern);
    if (bytes > 0 && pattern[bytes - 1] == '*') return strncmp(pattern, path, bytes - 1) == 0;
    return strcmp(pattern, path) == 0;
}

static bool rule_matches(const struct fault_rule *rule, const struct exchange *exchange)
{
    const char *stage = exchange->route ? exchange->route->stage : "";
    if (*rule->stage && strcmp(rule->stage, stage) != 0) return false;
    if (*rule->path && !path_matches(rule->path, exchange->path)) return false;
    if (!*rule->agent) return true;
    const char *agent = exchange_header(exchange, "User-Agent");
    return agent && strstr(agent, rule->agent) != NULL;
}

size_t faults_strike(struct faults *faults, const struct exchange *exchange,
                     const struct fault_rule *ret_rules[static FAULT_RULES])
{
    size_t count = 0;
    for (size_t i = 0; i < faults->count; i++) {
        struct fault_rule *rule = &faults->rules[i];
        if (rule->times_left == 0 || !rule_matches(rule, exchange)) continue;
        int drawn = (int)(generator_next(&rule->generator) % 100);
        if (drawn >= rule->percent) continue;
        if (rule->times_left > 0) rule->times_left--;
        rule->fired++;
        ret_rules[count++] = rule;
    }
    return count;
}

void faults_act(struct exchange *exchange, enum fault_moment moment,
                const struct fault_rule *const rules[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct fault_rule *rule = rules[i];
        if (rule->fault->moment != moment) continue;
        rule->fault->act(exchange, rule);
        exchange->fault = rule->fault->name;
        int64_t hold_ms = rule->after_ms >= 0 ? rule->after_ms : rule->fault->hold_ms;
        if (hold_ms > exchange->hold_ms) exchange->hold_ms = hold_ms;
        if (moment == FAULT_INSTEAD) return; /* one answer is enough */
    }
}
