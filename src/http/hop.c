/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hop: a request handed to curl, and what is read off the easy handle when it is over. The hop
 * is the last one of the message's list.
 */
#include "http/internal.h"

#include "base/codec.h"

#include <stdlib.h>

struct hop *hop_current(const struct http_exchange *exchange)
{
    return vec_last(&exchange->message->hops);
}

static bool is_token(const char *text)
{
    if (!*text) return false;
    for (; *text; text++) {
        char lower = (char)(*text | 0x20);
        if ((lower < 'a' || lower > 'z') && *text != '-' && !view_is_digit(*text) &&
            !strchr("!#$%&'*+.^_`|~", *text))
            return false;
    }
    return true;
}

/* What would let a value slip out of its line. NULL: nothing. */
static const char *request_fault(const struct hop *hop)
{
    if (!is_token(hop->method)) return "the request's method is no word";
    vec_each(header, &hop->request_headers) {
        if (!is_token(header->name)) return "a header's name is malformed";
        if (strpbrk(header->value, "\r\n")) return "a header's value holds a line break";
    }
    return NULL;
}

static void add_basic_authorization(struct hop *hop, const struct url *url)
{
    if (!url->user || headers_get(&hop->request_headers, "Authorization")) return;
    AUTO_BUF pair = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&pair, "%s:%s", url->user, url->password ? url->password : "");
    buf_add_text(&value, "Basic ");
    codec_add_base64(&value, buf_view(&pair));
    headers_add(&hop->request_headers, VIEW_LITERAL("Authorization"), buf_view(&value));
}

/* Lines for curl, in memory that the session keeps: curl's own list would cost two allocations for
 * each. "Name:" tells curl to leave out a header of its own. */
static struct curl_slist *lines_build(struct http_session *session, const struct hop *hop,
                                      bool has_body)
{
    struct buf *text = &session->line_text;
    size_t count = 0;
    buf_clear(text);
    vec_each(header, &hop->request_headers) {
        buf_add_text(text, header->name);
        buf_add_text(text, *header->value ? ": " : ";");
        buf_add(text, header->value, strlen(header->value) + 1);
        count++;
    }
    static const char *const unwanted[] = {"Accept", "Content-Type", "Expect"};
    for (size_t i = 0; i < COUNT_OF(unwanted); i++) {
        if (i && !has_body) break; /* curl adds the others to a body */
        if (headers_get(&hop->request_headers, unwanted[i])) continue;
        buf_add_text(text, unwanted[i]);
        buf_add(text, ":", sizeof ":");
        count++;
    }
    session->lines.count = 0;
    for (size_t i = 0; i < count; i++) (void)vec_add(&session->lines);
    char *line = text->data;
    for (size_t i = 0; i < count; i++) {
        session->lines.items[i] = (struct curl_slist){
            .data = line, .next = i + 1 < count ? &session->lines.items[i + 1] : NULL};
        line += strlen(line) + 1;
    }
    return count ? session->lines.items : NULL;
}

static void set_method(CURL *easy, const struct hop *hop, bool has_body)
{
    const char *custom = hop->method;
    if (has_body) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)hop->request_body.length);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, hop->request_body.data);
        if (!strcmp(custom, "POST")) custom = NULL;
    } else if (!strcmp(custom, "HEAD")) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        custom = NULL;
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        if (!strcmp(custom, "GET")) custom = NULL;
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, custom);
}

static long version_for_curl(enum http_version version)
{
    switch (version) {
    case HTTP_VERSION_1_1: return CURL_HTTP_VERSION_1_1;
    case HTTP_VERSION_ANY:
    case HTTP_VERSION_2: return CURL_HTTP_VERSION_2TLS;
    }
    return CURL_HTTP_VERSION_NONE;
}

static long family_for_curl(enum http_family family)
{
    switch (family) {
    case HTTP_FAMILY_ANY: return CURL_IPRESOLVE_WHATEVER;
    case HTTP_FAMILY_4: return CURL_IPRESOLVE_V4;
    case HTTP_FAMILY_6: return CURL_IPRESOLVE_V6;
    }
    return CURL_IPRESOLVE_WHATEVER;
}

static void set_options(struct http_exchange *exchange)
{
    struct http_session *session = exchange->session;
    const struct http_request *request = &exchange->request;
    struct hop *hop = hop_current(exchange);
    CURL *easy = session->easy;
    /* A POST always says how long its body is. */
    bool has_body = exchange->has_body || !strcmp(hop->method, "POST");
    add_basic_authorization(hop, &exchange->url);
    curl_easy_setopt(easy, CURLOPT_CURLU, session->target.handle);
    set_method(easy, hop, has_body);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines_build(session, hop, has_body));
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version_for_curl(request->version));
    curl_easy_setopt(easy, CURLOPT_IPRESOLVE, family_for_curl(request->family));
    curl_easy_setopt(easy, CURLOPT_VERBOSE, request->want_sent ? 1L : 0L); /* see sent.c */
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->max_wire_bytes);
}

void hop_start(struct http_exchange *exchange)
{
    struct http_session *session = exchange->session;
    struct hop *hop = hop_current(exchange);
    const char *fault = request_fault(hop);
    if (fault) {
        exchange_settle(exchange, OUTCOME_CONTENT, xstrdup(fault));
        return;
    }
    const struct http_request *request = &exchange->request;
    if (request->allowed && !request->allowed(request->rules_context, exchange->url.host)) {
        exchange_compare(exchange, xstrdup("an allowed host"), xstrdup(exchange->url.host));
        exchange_settle(exchange, OUTCOME_REDIRECT,
                        xasprintf("%s is not among the allowed hosts", exchange->url.host));
        return;
    }
    session_share_renew(session);
    session->error[0] = '\0';
    exchange->sent_us = exchange->first_byte_us = 0;
    exchange->header_bytes = exchange->header_count = 0;
    exchange->headers_over = exchange->connecting = exchange->by_proxy = false;
    exchange->round_trip_us = exchange->shaking_us = exchange->tls_late_us = 0;
    exchange->attempts = 0;
    decoder_free(take(exchange->decoder));
    buf_clear(&exchange->message->body);
    set_options(exchange);
    exchange->hop_started_us = loop_now_us(session->client->loop);
    hop->started_wall_us = clock_wall_us(loop_clock(session->client->loop));
    exchange->on_multi = true;
    ASSERT(curl_multi_add_handle(session->client->multi, session->easy) == CURLM_OK);
}

void hop_take_off(struct http_exchange *exchange)
{
    if (!exchange->on_multi) return;
    exchange->on_multi = false;
    curl_multi_remove_handle(exchange->session->client->multi, exchange->session->easy);
}

static int64_t time_info(CURL *easy, CURLINFO info)
{
    curl_off_t us = 0;
    curl_easy_getinfo(easy, info, &us);
    return us;
}

static int64_t between(int64_t from_us, int64_t to_us)
{
    return from_us && to_us > from_us ? to_us - from_us : 0;
}

/* curl tells when the connection stood only once the handshake is over, too. */
static void record_connection(const struct http_exchange *exchange, struct timings *timings)
{
    CURL *easy = exchange->session->easy;
    int64_t named_us = time_info(easy, CURLINFO_NAMELOOKUP_TIME_T);
    int64_t connected_us = time_info(easy, CURLINFO_CONNECT_TIME_T);
    int64_t shaken_us = time_info(easy, CURLINFO_APPCONNECT_TIME_T);
    int64_t late_us = exchange->tls_late_us;
    if (exchange->shaking_us && !shaken_us) { /* it is timed until we gave up */
        connected_us = exchange->shaking_us - exchange->hop_started_us;
        shaken_us = exchange_gave_up_us(exchange) - exchange->hop_started_us;
        late_us = 0;
    }
    timings->dns_us = named_us;
    timings->connect_us = between(named_us, connected_us);
    timings->tls_us = between(connected_us + late_us, shaken_us);
    if (exchange->round_trip_us && exchange->round_trip_us < timings->connect_us)
        timings->connect_us = exchange->round_trip_us;
}

static void record_timings(struct http_exchange *exchange, struct timings *timings)
{
    long connections = 0;
    curl_easy_getinfo(exchange->session->easy, CURLINFO_NUM_CONNECTS, &connections);
    if (connections && exchange->connecting) record_connection(exchange, timings);
    bool answered = exchange->header_bytes > 0;
    timings->first_byte_us = answered ? between(exchange->sent_us, exchange->first_byte_us) : 0;
    timings->transfer_us = answered ? between(exchange->first_byte_us, exchange->moved_us) : 0;
}

void hop_record(struct http_exchange *exchange, bool whole)
{
    struct hop *hop = hop_current(exchange);
    struct timings *timings = &hop->timings;
    record_timings(exchange, timings);
    if (whole)
        timings->total_us = timings->dns_us + timings->connect_us + timings->tls_us +
                            timings->first_byte_us + timings->transfer_us;
    else
        timings->total_us = between(exchange->hop_started_us, exchange_gave_up_us(exchange));
    curl_off_t wire_bytes = 0;
    curl_easy_getinfo(exchange->session->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire_bytes);
    exchange->message->wire_bytes = (uint64_t)wire_bytes;
}

void hop_ended(struct http_exchange *exchange, CURLcode code)
{
    hop_record(exchange, code == CURLE_OK);
    hop_take_off(exchange);
    if (code == CURLE_COULDNT_RESOLVE_HOST) {
        exchange->probe = resolver_probe_start(exchange);
        if (exchange->probe) return;
    }
    char *detail = NULL;
    enum outcome_kind kind = failure_classify(exchange, code, &detail);
    if (kind == OUTCOME_PASS && redirect_next(exchange)) return;
    exchange_settle(exchange, kind, detail);
}
