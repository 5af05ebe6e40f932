/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exchange from send() to done(): its deadline, its freeze watch, its end. What a hop does is
 * hop.c's affair.
 */
#include "http/internal.h"

#include <limits.h>
#include <stdlib.h>

static int64_t end_us(const struct http_exchange *exchange)
{
    int64_t timeout_us = exchange->request.timeout_us;
    return timeout_us > 0 ? exchange->started_us + timeout_us : INT64_MAX;
}

/* Before the request has left, nobody can freeze on us; the earliest that it could is from now. */
static int64_t freeze_us(const struct http_exchange *exchange, int64_t now_us)
{
    int64_t stall_us = exchange->request.stall_us;
    if (stall_us <= 0) return INT64_MAX;
    if (!exchange->sent_us || !exchange->on_multi) return now_us + stall_us;
    bool framed = tls_speaks_http2(exchange->session); /* not every byte there is of the answer */
    return (framed ? exchange->progressed_us : exchange->moved_us) + stall_us;
}

/* A large body lies in the kernel long after it was written: where that gets less, bytes flow. */
static bool still_leaves(struct http_exchange *exchange)
{
    if (!exchange->on_multi || !exchange->unsent || exchange->first_byte_us) return false;
    int before = exchange->unsent;
    exchange->unsent = arrival_unsent(curl_loop_descriptor(exchange->session));
    return exchange->unsent && exchange->unsent < before;
}

static void deadline_arm(struct http_exchange *exchange, int64_t now_us)
{
    int64_t at_us = freeze_us(exchange, now_us);
    if (end_us(exchange) < at_us) at_us = end_us(exchange);
    if (at_us != INT64_MAX) timer_set(&exchange->deadline, at_us);
}

int64_t exchange_gave_up_us(const struct http_exchange *exchange)
{
    if (!exchange->over_us) return loop_now_us(exchange->session->client->loop);
    /* The last look may have found something. */
    return exchange->moved_us > exchange->over_us ? exchange->moved_us : exchange->over_us;
}

static void time_passed(struct http_exchange *exchange, bool stalled, int64_t limit_us)
{
    char *detail = NULL;
    if (exchange->on_multi) hop_record(exchange, false);
    enum outcome_kind kind = failure_of_time(exchange, stalled, limit_us, &detail);
    hop_take_off(exchange);
    exchange_settle(exchange, kind, detail);
}

static void look_at_the_time(struct http_exchange *exchange, bool expires)
{
    int64_t now_us = loop_now_us(exchange->session->client->loop);
    bool over = now_us >= end_us(exchange);
    bool stalled = now_us >= freeze_us(exchange, now_us);
    if (stalled && still_leaves(exchange)) {
        exchange->moved_us = exchange->progressed_us = now_us;
        stalled = false;
    }
    if (!over && !stalled) {
        exchange->over_us = 0;
        deadline_arm(exchange, now_us);
        return;
    }
    /* A loop that was busy must not blame the shop: what already lies in the socket counts, and is
     * looked at before the next turn's timers. Nor is what those before this one take to end. */
    if (!exchange->over_us) {
        exchange->over_us = now_us;
        timer_set(&exchange->deadline, now_us);
        return;
    }
    if (!expires) { /* closing takes its time, and other timers go first */
        deferred_queue(&exchange->expire);
        return;
    }
    const struct http_request *request = &exchange->request;
    time_passed(exchange, !over, over ? request->timeout_us : request->stall_us);
}

static void deadline_came(void *context)
{
    look_at_the_time(context, false);
}

static void expired(void *context)
{
    look_at_the_time(context, true);
}

/* Before the request leaves: what the shop is not to be charged for when we look late. */
static void note_lateness(struct http_exchange *exchange, int descriptor, int what)
{
    struct curl_client *client = exchange->session->client;
    if (exchange->shaking_us)
        exchange->tls_late_us += loop_now_us(client->loop) - client->event_us;
    else if ((what & WATCH_WRITE) && loop_lag_us(client->loop) > US_PER_MS)
        exchange->round_trip_us = arrival_round_trip_us(descriptor);
}

void exchange_moved(struct http_exchange *exchange, int descriptor, int what)
{
    const struct curl_client *client = exchange->session->client;
    exchange->moved_us = client->event_us;
    if (!exchange->sent_us) note_lateness(exchange, descriptor, what);
    if (!exchange->sent_us || exchange->first_byte_us) return;
    if (what & WATCH_WRITE) {
        exchange->sent_us = exchange->progressed_us = client->event_us;
        if (exchange->unsent) exchange->unsent = INT_MAX;
    }
    /* Over TLS the server's tickets come before its answer: there the first header line counts. */
    if ((what & WATCH_READ) && exchange->url.scheme[4] == '\0')
        exchange->first_byte_us = client->first_event_us;
}

void exchange_check_bounds(struct http_exchange *exchange)
{
    if (!exchange->on_multi || !exchange->request.max_wire_bytes) return;
    curl_off_t wire_bytes = 0;
    curl_easy_getinfo(exchange->session->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire_bytes);
    if ((uint64_t)wire_bytes <= exchange->request.max_wire_bytes) return;
    hop_record(exchange, false);
    hop_take_off(exchange);
    size_t limit = exchange->request.max_wire_bytes;
    exchange_compare(exchange, xasprintf("at most %zu bytes", limit), xstrdup("more"));
    exchange_settle(exchange, OUTCOME_TOO_LARGE,
                    xasprintf("more than %zu bytes came over the wire", limit));
}

void exchange_compare(struct http_exchange *exchange, char *expected, char *actual)
{
    if (exchange->expected) {
        free(expected);
        free(actual);
        return;
    }
    exchange->expected = expected;
    exchange->actual = actual;
}

void exchange_found(struct http_exchange *exchange, enum outcome_kind kind, char *detail)
{
    if (exchange->found != OUTCOME_PASS) {
        free(detail);
        return;
    }
    exchange->found = kind;
    exchange->found_detail = detail;
}

static void exchange_free(struct http_exchange *exchange)
{
    timer_cancel(&exchange->deadline);
    deferred_cancel(&exchange->expire);
    deferred_cancel(&exchange->settle);
    resolver_probe_cancel(take(exchange->probe));
    exchange->session->exchange = NULL;
    message_free(exchange->message);
    decoder_free(exchange->decoder);
    url_release(&exchange->url);
    free(exchange->found_detail);
    free(exchange->detail);
    free(exchange->expected);
    free(exchange->actual);
    free(exchange);
}

/* What comes through TLS comes from the shop, whatever stands between. */
static bool is_sealed(const struct http_exchange *exchange)
{
    return exchange->url.scheme && exchange->url.scheme[4] == 's';
}

static struct http_result end_with_result(struct http_exchange *exchange)
{
    struct http_result result = {
        .kind = exchange->kind,
        .detail = take(exchange->detail),
        .expected = take(exchange->expected),
        .actual = take(exchange->actual),
        .proxy = is_sealed(exchange) ? NULL : proxy_name(exchange),
        .request_sent = exchange->request_sent,
        .message = take(exchange->message),
    };
    exchange_free(exchange);
    return result;
}

static void settled(void *context)
{
    struct http_exchange *exchange = context;
    http_done *done = exchange->done;
    void *done_context = exchange->context;
    /* The exchange is gone before done: it may send the next request at once. */
    struct http_result result = end_with_result(exchange);
    done(done_context, &result);
    http_result_release(&result);
}

/* The answer as the caller sees it: the last hop that went out, and sums over all. */
static void message_complete(struct http_exchange *exchange)
{
    struct message *message = exchange->message;
    struct hop *last = hop_current(exchange);
    message->headers = last->response_headers;
    message->status = last->status;
    message->http_version = last->http_version;
    message->url = xstrdup(last->url);
    struct timings *sum = &message->timings;
    vec_each(hop, &message->hops) {
        sum->dns_us += hop->timings.dns_us;
        sum->connect_us += hop->timings.connect_us;
        sum->tls_us += hop->timings.tls_us;
        sum->first_byte_us += hop->timings.first_byte_us;
        sum->transfer_us += hop->timings.transfer_us;
        sum->total_us += hop->timings.total_us;
    }
    if (exchange->kind != OUTCOME_PASS)
        sum->total_us = exchange_gave_up_us(exchange) - exchange->started_us;
}

void exchange_settle(struct http_exchange *exchange, enum outcome_kind kind, char *detail)
{
    ASSERT(!exchange->on_multi && !exchange->settle.queued);
    timer_cancel(&exchange->deadline);
    deferred_cancel(&exchange->expire);
    resolver_probe_cancel(take(exchange->probe));
    exchange->kind = kind;
    exchange->detail = detail;
    message_complete(exchange);
    if (exchange->request.want_cookies && exchange->url.text)
        cookies_collect(exchange->session, &exchange->url, exchange->message);
    deferred_queue(&exchange->settle);
}

static void exchange_start(struct http_exchange *exchange, struct http_request *request)
{
    struct hop *hop = hop_add(exchange, request->method);
    hop->request_headers = request->headers;
    request->headers = exchange->request.headers = (struct headers){0};
    AUTO_ERROR error = ERROR_NONE;
    if (url_aim(&exchange->session->target, NULL, request->url, &exchange->url, &error)) {
        hop->url = xstrdup(exchange->url.text);
        hop_start(exchange);
        return;
    }
    hop->url = xstrdup(request->url);
    exchange_settle(exchange, OUTCOME_CONTENT,
                    xasprintf("the request's URL cannot be used: %s", error_text(&error)));
}

struct http_exchange *exchange_send(struct http_session *session, struct http_request *request,
                                    http_done *done, void *context)
{
    ASSERT(!session->exchange);
    struct loop *loop = session->client->loop;
    struct http_exchange *exchange = NEW(struct http_exchange);
    exchange->session = session;
    session->exchange = exchange;
    exchange->request = *request;
    exchange->has_body = request->has_body;
    exchange->done = done;
    exchange->context = context;
    exchange->message = message_new(request->max_body_bytes);
    exchange->started_us = exchange->moved_us = loop_now_us(loop);
    timer_init(&exchange->deadline, loop, deadline_came, exchange);
    deferred_init(&exchange->expire, loop, expired, exchange);
    deferred_init(&exchange->settle, loop, settled, exchange);
    deadline_arm(exchange, exchange->started_us);
    exchange_start(exchange, request);
    return exchange;
}

void exchange_cancel(struct http_exchange *exchange)
{
    if (!exchange) return;
    hop_take_off(exchange);
    exchange_free(exchange);
}

void exchange_cut(struct http_exchange *exchange, struct http_result *ret_result)
{
    int64_t passed_us = loop_now_us(exchange->session->client->loop) - exchange->started_us;
    if (!exchange->settle.queued) time_passed(exchange, false, passed_us);
    *ret_result = end_with_result(exchange);
}
