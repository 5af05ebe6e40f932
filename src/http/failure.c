/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a failed transfer means: whose fault it is, and one line for people. curl's codes are a
 * table; where a code stands for several things, its error text or the system's error tells them
 * apart.
 */
#include "http/internal.h"

#include "text/quantity.h"

#include <errno.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>

typedef enum outcome_kind judge_function(struct http_exchange *exchange, char **ret_detail);

static const char *reason_of(const struct http_exchange *exchange)
{
    const char *text = exchange->session->error;
    return *text ? text : "no reason given";
}

static bool says(const struct http_exchange *exchange, const char *words)
{
    return strstr(exchange->session->error, words) != NULL;
}

static enum outcome_kind prober_by_text(struct http_exchange *exchange, char **ret_detail)
{
    *ret_detail = xasprintf("this prober cannot ask: %s", reason_of(exchange));
    return OUTCOME_PROBER;
}

/* curl says its URL, with the password in it. */
static enum outcome_kind judge_proxy_url(struct http_exchange *exchange, char **ret_detail)
{
    (void)exchange;
    *ret_detail = xstrdup("what the environment names as the proxy (http_proxy, https_proxy or "
                          "all_proxy) is no proxy's URL");
    return OUTCOME_PROBER;
}

/* How far the answer got. */
static char *what_came(const struct http_exchange *exchange)
{
    if (exchange->headers_over)
        return xasprintf("%zu bytes of the body", exchange->message->body.length);
    if (exchange->header_bytes)
        return xasprintf("%zu bytes of the headers", exchange->header_bytes);
    return xstrdup("nothing");
}

/* Errors that arise on this machine before a packet leaves it. */
static bool is_ours(int error)
{
    static const int ours[] = {ENETUNREACH, ENETDOWN, EMFILE, ENFILE,        ENOMEM,
                               ENOBUFS,     EACCES,   EPERM,  EADDRNOTAVAIL, EAFNOSUPPORT};
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        if (error == ours[i]) return true;
    return false;
}

static enum outcome_kind judge_connect(struct http_exchange *exchange, char **ret_detail)
{
    const struct url *url = &exchange->url;
    long error = 0;
    curl_easy_getinfo(exchange->session->easy, CURLINFO_OS_ERRNO, &error);
    const char *why = error ? strerror((int)error) : reason_of(exchange);
    AUTO_FREE char *proxy = proxy_name(exchange);
    if (proxy) {
        *ret_detail = xasprintf("the proxy %s does not let us connect: %s", proxy, why);
        return OUTCOME_PROBER;
    }
    const char *actual = error == ECONNREFUSED ? "refused" : error == ETIMEDOUT ? "no answer" : why;
    exchange_compare(exchange, xasprintf("a connection to %s port %d", url->host, url->port),
                     xstrdup(actual));
    if (error == ECONNREFUSED)
        *ret_detail = xasprintf("%s refuses connections on port %d", url->host, url->port);
    else if (error == ETIMEDOUT)
        *ret_detail = xasprintf("%s does not answer on port %d", url->host, url->port);
    else
        *ret_detail = xasprintf("cannot connect to %s port %d: %s", url->host, url->port, why);
    return is_ours((int)error) ? OUTCOME_PROBER : OUTCOME_CONNECT;
}

static enum outcome_kind judge_resolve(struct http_exchange *exchange, char **ret_detail)
{
    *ret_detail = xasprintf("cannot look %s up", exchange->url.host);
    return OUTCOME_PROBER; /* only when there was no thread or descriptor to ask again with */
}

static enum outcome_kind judge_tls(struct http_exchange *exchange, char **ret_detail)
{
    const char *reason = tls_reason(exchange->session->error);
    if (!reason && says(exchange, "SSL_ERROR_SYSCALL")) reason = "the connection was closed";
    if (!reason && says(exchange, "reset by peer")) reason = "the connection was reset";
    if (!reason) reason = reason_of(exchange);
    exchange_compare(exchange, xasprintf("a TLS handshake with %s", exchange->url.host),
                     xstrdup(reason));
    *ret_detail = xasprintf("the TLS handshake failed: %s", reason);
    return OUTCOME_TLS;
}

static enum outcome_kind judge_certificate(struct http_exchange *exchange, char **ret_detail)
{
    const struct tls_state *tls = &exchange->session->tls;
    const char *host = exchange->url.host;
    if (tls->verify_error == X509_V_OK) {
        struct tls_words words = tls_names_words(tls->leaf, host);
        exchange_compare(exchange, xasprintf("a certificate for %s", host), words.actual);
        *ret_detail = words.detail;
        return OUTCOME_TLS;
    }
    *ret_detail = xstrdup(tls->verify_words.detail);
    if (tls->verify_words.actual)
        exchange_compare(exchange, xasprintf("a certificate for %s that can be trusted", host),
                         xstrdup(tls->verify_words.actual));
    /* No list, or an old one, says nothing about the shop. */
    if (tls->verify_error == X509_V_ERR_UNABLE_TO_GET_CRL ||
        tls->verify_error == X509_V_ERR_CRL_HAS_EXPIRED ||
        tls->verify_error == X509_V_ERR_CRL_NOT_YET_VALID)
        return OUTCOME_PROBER;
    return OUTCOME_TLS;
}

static enum outcome_kind judge_lost(struct http_exchange *exchange, char **ret_detail)
{
    const char *where = !exchange->header_bytes   ? "without an answer"
                        : !exchange->headers_over ? "inside the headers"
                                                  : "inside the body";
    exchange_compare(exchange, xstrdup("a whole answer"), what_came(exchange));
    *ret_detail = xasprintf("the connection was %s %s",
                            says(exchange, "reset by peer") ? "reset" : "closed", where);
    return OUTCOME_RESET;
}

static enum outcome_kind judge_truncated(struct http_exchange *exchange, char **ret_detail)
{
    if (!exchange->headers_over) return judge_lost(exchange, ret_detail);
    unsigned long long bytes = exchange->message->wire_bytes;
    const char *length = headers_get(&hop_current(exchange)->response_headers, "Content-Length");
    *ret_detail = xasprintf("the body was cut short after %llu bytes", bytes);
    if (length)
        exchange_compare(exchange, xasprintf("%s bytes", length), xasprintf("%llu bytes", bytes));
    return OUTCOME_PROTOCOL;
}

/* All came that was announced; a stream inside it may lack its end all the same. */
static enum outcome_kind judge_decoded(struct http_exchange *exchange, char **ret_detail)
{
    const char *unended = exchange->decoder ? decoder_unended(exchange->decoder) : NULL;
    if (!unended) return OUTCOME_PASS;
    *ret_detail = xasprintf("the body was cut short: its %s data has no end after %llu bytes",
                            unended, (unsigned long long)exchange->message->wire_bytes);
    return OUTCOME_PROTOCOL;
}

static enum outcome_kind judge_protocol(struct http_exchange *exchange, char **ret_detail)
{
    if (exchange->header_bytes == 0)
        *ret_detail = xstrdup("the answer is not HTTP");
    else
        *ret_detail = xasprintf("the answer is broken: %s", reason_of(exchange));
    return OUTCOME_PROTOCOL;
}

static enum outcome_kind judge_headers(struct http_exchange *exchange, char **ret_detail)
{
    (void)exchange;
    *ret_detail = xstrdup("the answer's headers are too large");
    return OUTCOME_TOO_LARGE;
}

static enum outcome_kind judge_announced(struct http_exchange *exchange, char **ret_detail)
{
    *ret_detail = xasprintf("the body is announced with more than %zu bytes",
                            exchange->request.max_wire_bytes);
    const char *length = headers_get(&hop_current(exchange)->response_headers, "Content-Length");
    exchange_compare(exchange, xasprintf("at most %zu bytes", exchange->request.max_wire_bytes),
                     length ? xasprintf("%s bytes", length) : xstrdup("more"));
    return OUTCOME_TOO_LARGE;
}

/* A code for whatever goes wrong while bytes come; its text tells what. */
static enum outcome_kind judge_receive(struct http_exchange *exchange, char **ret_detail)
{
    static const struct {
        const char *words;
        judge_function *judge;
    } texts[] = {
        {"Out of memory in chunked", judge_headers}, /* a trailer longer than curl's buffer */
        {"chunk", judge_protocol},
        {"Too large response headers", judge_headers},
        {"CONNECT", prober_by_text},
        {"from proxy", prober_by_text},
        {"Invalid", judge_protocol},
    };
    if (tls_reason(exchange->session->error)) return judge_tls(exchange, ret_detail);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (says(exchange, texts[i].words)) return texts[i].judge(exchange, ret_detail);
    return judge_lost(exchange, ret_detail);
}

/* curl's buffer for one header line holds 100 KB, and its overflow looks like this. */
static enum outcome_kind judge_memory(struct http_exchange *exchange, char **ret_detail)
{
    if (exchange->sent_us && !exchange->headers_over) return judge_headers(exchange, ret_detail);
    return prober_by_text(exchange, ret_detail);
}

/* curl keeps the headers, too, and does not take a line that continues none. */
static enum outcome_kind judge_argument(struct http_exchange *exchange, char **ret_detail)
{
    if (!exchange->header_bytes) return prober_by_text(exchange, ret_detail);
    *ret_detail = xstrdup("the answer is broken: its headers begin with a continued line");
    return OUTCOME_PROTOCOL;
}

/* A stream that is no HTTP/2, with words; none when the shop says good-bye (GOAWAY) instead of
 * answering. */
static enum outcome_kind judge_http2(struct http_exchange *exchange, char **ret_detail)
{
    if (exchange->session->error[0]) return judge_protocol(exchange, ret_detail);
    return judge_lost(exchange, ret_detail);
}

static enum outcome_kind judge_stream(struct http_exchange *exchange, char **ret_detail)
{
    exchange_compare(exchange, xstrdup("a whole answer"), what_came(exchange));
    if (!exchange->session->error[0]) { /* closed without a fault, but curl was about to send */
        *ret_detail = xstrdup("the HTTP/2 stream was closed before the whole request was sent, and "
                              "its answer is lost");
        return OUTCOME_RESET;
    }
    /* Also what curl makes of a body that is shorter or longer than its Content-Length. */
    if (says(exchange, "PROTOCOL_ERROR")) {
        *ret_detail = xasprintf("the HTTP/2 stream is broken: %s", reason_of(exchange));
        return OUTCOME_PROTOCOL;
    }
    *ret_detail = xasprintf("the HTTP/2 stream was reset: %s", reason_of(exchange));
    return OUTCOME_RESET;
}

/* --- Time that is up */

struct wait {
    enum outcome_kind kind; /* when it takes too long */
    const char *none, *one; /* what did not come */
};

/* Which phase the hop has reached: the first that has not ended is the one that hangs. */
static struct wait wait_before_sending(const struct http_exchange *exchange)
{
    curl_off_t named_us = 0;
    curl_easy_getinfo(exchange->session->easy, CURLINFO_NAMELOOKUP_TIME_T, &named_us);
    if (!named_us || exchange->probe) /* a name server of the shop's own is asked by ours */
        return (struct wait){OUTCOME_PROBER, "no answer about the name from our name server",
                             "an answer about the name"};
    if (!exchange->shaking_us && exchange->by_proxy)
        return (struct wait){OUTCOME_PROBER, "no connection through the proxy", "a connection"};
    if (!exchange->shaking_us)
        return (struct wait){OUTCOME_CONNECT, "no answer to the connection", "a connection"};
    return (struct wait){OUTCOME_TLS, "no end of the TLS handshake", "the end of the handshake"};
}

static enum outcome_kind late_before_sending(struct http_exchange *exchange, const char *limit,
                                             char **ret_detail)
{
    struct wait wait = wait_before_sending(exchange);
    AUTO_FREE char *proxy = wait.kind == OUTCOME_PROBER ? proxy_name(exchange) : NULL;
    *ret_detail =
        xasprintf("%s%s%s within %s", wait.none, proxy ? " " : "", proxy ? proxy : "", limit);
    exchange_compare(exchange, xasprintf("%s within %s", wait.one, limit), xstrdup("none"));
    return wait.kind;
}

static enum outcome_kind too_slow(struct http_exchange *exchange, const char *limit,
                                  char **ret_detail)
{
    exchange_compare(exchange, xasprintf("the whole answer within %s", limit), what_came(exchange));
    *ret_detail = xasprintf("the answer was not complete within %s", limit);
    return OUTCOME_TIMEOUT;
}

static enum outcome_kind too_silent(struct http_exchange *exchange, const char *limit,
                                    char **ret_detail)
{
    const char *where = exchange->headers_over    ? "inside the body"
                        : exchange->header_bytes  ? "inside the headers"
                        : exchange->first_byte_us ? "inside the first line of the answer"
                        : exchange->unsent        ? "while the request was being sent"
                                                  : "after the request was sent";
    *ret_detail = xasprintf("no byte came for %s, %s", limit, where);
    AUTO_FREE char *came = what_came(exchange);
    exchange_compare(exchange, xasprintf("a byte within %s", limit),
                     xasprintf("none after %s", exchange->header_bytes ? came : "the request"));
    return OUTCOME_FREEZE;
}

static enum outcome_kind late(struct http_exchange *exchange, bool stalled, int64_t limit_us,
                              char **ret_detail)
{
    AUTO_BUF limit = BUF_INIT(100);
    quantity_print_duration(limit_us, &limit);
    if (!exchange->sent_us) return late_before_sending(exchange, buf_text(&limit), ret_detail);
    return stalled ? too_silent(exchange, buf_text(&limit), ret_detail)
                   : too_slow(exchange, buf_text(&limit), ret_detail);
}

static enum outcome_kind judge_time(struct http_exchange *exchange, char **ret_detail)
{
    return late(exchange, false, exchange->request.timeout_us, ret_detail);
}

/* --- Which of them judges */

static const struct {
    CURLcode code;
    judge_function *judge;
} judges[] = {
    {CURLE_COULDNT_RESOLVE_HOST, judge_resolve},
    {CURLE_COULDNT_RESOLVE_PROXY, prober_by_text},
    {CURLE_PROXY, prober_by_text},
    {CURLE_COULDNT_CONNECT, judge_connect},
    {CURLE_INTERFACE_FAILED, prober_by_text},
    {CURLE_OPERATION_TIMEDOUT, judge_time},
    {CURLE_SSL_CONNECT_ERROR, judge_tls},
    {CURLE_PEER_FAILED_VERIFICATION, judge_certificate},
    {CURLE_SSL_ISSUER_ERROR, judge_certificate},
    {CURLE_SSL_INVALIDCERTSTATUS, judge_certificate},
    {CURLE_SSL_CLIENTCERT, judge_tls},
    {CURLE_GOT_NOTHING, judge_lost},
    {CURLE_SEND_ERROR, judge_receive},
    {CURLE_RECV_ERROR, judge_receive},
    {CURLE_SEND_FAIL_REWIND, judge_lost},
    {CURLE_PARTIAL_FILE, judge_truncated},
    {CURLE_HTTP2_STREAM, judge_stream},
    {CURLE_HTTP2, judge_http2},
    {CURLE_UNSUPPORTED_PROTOCOL, judge_protocol},
    {CURLE_WEIRD_SERVER_REPLY, judge_protocol},
    {CURLE_BAD_CONTENT_ENCODING, judge_protocol},
    {CURLE_FILESIZE_EXCEEDED, judge_announced},
    {CURLE_OUT_OF_MEMORY, judge_memory},
    {CURLE_BAD_FUNCTION_ARGUMENT, judge_argument},
};

/* Who stands between us and the shop is no business of the shop's. */
static enum outcome_kind judge_whole(struct http_exchange *exchange, char **ret_detail)
{
    if (!exchange->headers_over) return judge_lost(exchange, ret_detail);
    if (exchange->session->knows_proxy && hop_current(exchange)->status == 407) {
        AUTO_FREE char *proxy = proxy_name(exchange);
        *ret_detail =
            xasprintf("the proxy%s%s does not let us through: it asks who we are (status 407)",
                      proxy ? " " : "", proxy ? proxy : "");
        return OUTCOME_PROBER;
    }
    return judge_decoded(exchange, ret_detail);
}

/* A shop may answer before it has the whole request, and break off what is left of it (RFC 9113,
 * section 8.1): that curl could not send on makes the answer no less whole. */
static bool came_whole(const struct http_exchange *exchange, CURLcode code)
{
    if (!exchange->headers_over || !exchange->has_body) return false;
    const char *length = headers_get(&hop_current(exchange)->response_headers, "Content-Length");
    if (length) return strtoull(length, NULL, 10) == exchange->message->wire_bytes;
    /* A stream that was closed without a fault: curl has no words for that. */
    return code == CURLE_HTTP2_STREAM && !exchange->session->error[0];
}

static enum outcome_kind classify(struct http_exchange *exchange, CURLcode code, char **ret_detail)
{
    if (code == CURLE_OK) return judge_whole(exchange, ret_detail);
    if (exchange->found != OUTCOME_PASS) {
        *ret_detail = xstrdup(exchange->found_detail);
        return exchange->found;
    }
    if (came_whole(exchange, code)) return judge_whole(exchange, ret_detail);
    if (says(exchange, "Unsupported proxy")) return judge_proxy_url(exchange, ret_detail);
    for (size_t i = 0; i < COUNT_OF(judges); i++)
        if (judges[i].code == code) return judges[i].judge(exchange, ret_detail);
    /* What is left are codes for our own surroundings: bad files, missing features, bugs. */
    *ret_detail = xasprintf("this prober cannot ask: %s (curl %d)", reason_of(exchange), (int)code);
    return OUTCOME_PROBER;
}

/* Silence, or a broken connection, may be the doing of whoever stands between: nobody can tell, so
 * it is the shop's, as it is for its shoppers; but not without a word. */
static void name_proxy(const struct http_exchange *exchange, enum outcome_kind kind, char **detail)
{
    AUTO_FREE char *proxy = proxy_name(exchange);
    if (!proxy || kind == OUTCOME_PASS || strstr(*detail, proxy)) return;
    char *bare = *detail;
    *detail = xasprintf("%s (through the proxy %s)", bare, proxy);
    free(bare);
}

enum outcome_kind failure_classify(struct http_exchange *exchange, CURLcode code, char **ret_detail)
{
    enum outcome_kind kind = classify(exchange, code, ret_detail);
    name_proxy(exchange, kind, ret_detail);
    return kind;
}

enum outcome_kind failure_of_time(struct http_exchange *exchange, bool stalled, int64_t limit_us,
                                  char **ret_detail)
{
    enum outcome_kind kind = late(exchange, stalled, limit_us, ret_detail);
    name_proxy(exchange, kind, ret_detail);
    return kind;
}
