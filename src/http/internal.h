/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this floor know of each other; nobody else includes it.
 *
 * Life of an exchange: send() makes it and starts the first hop; curl works on the hop from loop
 * turns; hop_ended() reads what came and either starts the next hop or settles; a settled exchange
 * calls `done` from a turn of its own and is gone. Whoever takes an exchange down before that takes
 * its easy handle off the multi handle first: no callback of curl's may find it dead.
 */
#ifndef SHOPPER_HTTP_INTERNAL_H
#define SHOPPER_HTTP_INTERNAL_H

#include "base/log.h"
#include "base/vec.h"
#include "http/curl_client.h"
#include "http/url.h"
#include "loop/loop.h"

#include <curl/curl.h>
#include <openssl/ssl.h>

struct socket_slot { /* by descriptor */
    struct watch *watch;
    struct http_session *session;
    int wanted; /* WATCH_*, when curl asked last */
    bool ours;  /* made by socket_open: it lives until socket_close */
};

struct curl_client {
    struct http_client base; /* first: callers see this */
    struct loop *loop;
    const struct log *log;
    CURLM *multi;
    struct timer timer;
    struct deferred kick; /* curl asked to be called at once */
    struct {
        struct socket_slot *items;
        size_t count, capacity;
    } sockets;
    int stamps;             /* see arrival_keep_on */
    int64_t event_us;       /* when the bytes at hand arrived */
    int64_t first_event_us; /* when the first of them did */
    uint64_t postponed;     /* the loop's look after which curl's timers were put off; 0: none */

    X509_STORE *store;
    char *certificate, *private_key;
    bool insecure, has_crl;
    struct curl_slist *resolve;

    VEC(struct http_session *) idle;
    size_t max_idle, open_sessions;
};

/* A certificate's fault: what is wrong, and what came in a good one's place. */
struct tls_words {
    char *detail;
    char *actual; /* NULL: nothing did that the shop is to blame for */
};

/* Of the connection that was made last. */
struct tls_state {
    const SSL *ssl; /* whose certificate this is; only ever compared */
    struct certificate certificate;
    X509 *leaf;
    int verify_error; /* X509_V_ERR_*, the first one */
    struct tls_words verify_words;
};

/* A URL as curl takes it, parsed. Most requests of a shopper go where the one before went. */
struct url_target {
    CURLU *handle;
    struct url held; /* what the handle says, up to path and query; empty: not known */
};

struct http_session {
    struct curl_client *client;
    CURL *easy;
    CURLSH *share;            /* NULL until the next request needs one */
    bool knows_proxy;         /* some requests may go through one */
    struct url_target target; /* of the current hop */
    struct http_exchange *exchange;
    struct tls_state tls;
    struct { /* the request's header lines as curl wants them */
        struct curl_slist *items;
        size_t count, capacity;
    } lines;
    struct buf line_text;
    char error[CURL_ERROR_SIZE];
};

struct resolver_probe;
struct decoder;

struct http_exchange {
    struct http_session *session;
    struct http_request request; /* only numbers, the body and `allowed` are used after send() */
    http_done *done;
    void *context;
    struct timer deadline;
    struct deferred expire, settle;

    struct message *message;
    struct url url; /* of the current hop */
    bool has_body;  /* of the current hop; a redirect may drop it */
    bool on_multi;
    bool request_sent; /* of any hop */
    struct resolver_probe *probe;

    int64_t started_us, hop_started_us;
    int64_t sent_us;       /* 0: the hop's request did not leave yet */
    int64_t first_byte_us; /* 0: none yet */
    int64_t moved_us;      /* the last sign of life */
    int64_t progressed_us; /* the last piece of the request or the answer: PING is none */
    int unsent;            /* of a large body, as seen last; INT_MAX: not looked at since more was
                              written; 0: nothing is left */
    int64_t round_trip_us; /* of a connection that we came to look at late; 0: not known */
    int64_t shaking_us;    /* the connection stands, TLS has begun; 0: not yet */
    int64_t tls_late_us;   /* how long the handshake waited for us */

    size_t header_bytes, header_count; /* of this hop, 1xx and trailers included */
    bool connecting;                   /* a socket was opened for it: what curl times is its own */
    bool by_proxy;                     /* it leads to somebody between us and the shop */
    bool headers_over;                 /* of the final answer */
    bool encoded;                      /* it has a Content-Encoding */
    struct decoder *decoder;           /* NULL: nothing that is encoded came yet */
    unsigned attempts;                 /* curl sends anew when a kept connection turns out dead */

    int64_t over_us; /* the deadline came, and the sockets are looked at once more; 0: not yet */

    /* What a callback found; it beats what curl makes of our breaking off. PASS: nothing. */
    enum outcome_kind found;
    char *found_detail;
    char *expected, *actual; /* of what failed; NULL */
    enum outcome_kind kind;  /* once settled */
    char *detail;
};

/* curl_loop.c */
bool curl_loop_init(struct curl_client *client, struct error *error) MUST_CHECK;
void curl_loop_release(struct curl_client *client);
void curl_loop_setup(struct http_session *session); /* the easy handle's socket callbacks */
/* The one that curl has watched for its exchange; -1: none. It is looked for: not for every event.
 */
int curl_loop_descriptor(const struct http_session *session);

/* arrival.c */
void arrival_watch(int descriptor); /* asks the kernel to stamp what arrives */
/* A descriptor that wants stamps and gets none, to be held open. The kernel stamps packets while
 * anybody asks for it, and patches its own code, on all cores, when the first one begins or the
 * last one ends: with each shopper, if they alone asked. -1: none could be had, which only costs
 * time. */
int arrival_keep_on(void);
/* Sets the client's event_us and first_event_us for what lies in the socket. NULL: nobody waits. */
void arrival_note(struct curl_client *client, const struct http_exchange *exchange, int descriptor);
/* Before curl is let go by its timers: it then reads what lies in any socket, and nobody would know
 * since when. True: so much time has passed since the loop looked that it should look once more. */
bool arrival_look_first(struct curl_client *client);
int64_t arrival_round_trip_us(int descriptor);
/* Of what was written into the socket: bytes that the other side has not got yet. */
int arrival_unsent(int descriptor);

/* session.c */
struct http_session *session_open(struct http_client *client);
void session_close(struct http_session *session);
void session_free(struct http_session *session);
void session_forget_connections(struct http_session *session);
void session_share_renew(struct http_session *session); /* one to work with, if there is none */

/* cookie.c */
char *session_save_cookies(struct http_session *session);
void session_load_cookies(struct http_session *session, const char *saved);
void cookies_collect(struct http_session *session, const struct url *url, struct message *message);

/* exchange.c */
struct http_exchange *exchange_send(struct http_session *session, struct http_request *request,
                                    http_done *done, void *context);
void exchange_cancel(struct http_exchange *exchange);
void exchange_cut(struct http_exchange *exchange, struct http_result *ret_result);
void exchange_settle(struct http_exchange *exchange, enum outcome_kind kind, char *detail);
/* When its deadline came; now, if something else ends it. */
int64_t exchange_gave_up_us(const struct http_exchange *exchange);
void exchange_moved(struct http_exchange *exchange, int descriptor, int what); /* WATCH_* */
/* Notes why a callback breaks the transfer off. Takes `detail`. */
void exchange_found(struct http_exchange *exchange, enum outcome_kind kind, char *detail);
/* What was wanted and what came instead, in a few words. Takes both; the first word counts. */
void exchange_compare(struct http_exchange *exchange, char *expected, char *actual);
void exchange_check_bounds(struct http_exchange *exchange);

/* hop.c */
void hop_start(struct http_exchange *exchange); /* the hop is the last one of message->hops */
void hop_ended(struct http_exchange *exchange, CURLcode code);
void hop_record(struct http_exchange *exchange, bool whole);
void hop_take_off(struct http_exchange *exchange); /* from the multi handle */
struct hop *hop_current(const struct http_exchange *exchange);

/* receive.c: callbacks of curl's that take in what comes. */
void receive_setup(struct http_session *session);

/* proxy.c */
/* Whether a connection to this port is one to a proxy. */
bool proxy_is_peer(const struct http_session *session, int port);
/* "127.0.0.1:3128", of the one that stands between; NULL: none does. */
char *proxy_name(const struct http_exchange *exchange) MUST_CHECK;

/* sent.c: notes what leaves, for evidence. */
void sent_setup(struct http_session *session);

/* decode.c: takes a body out of its encodings, as it comes. */
enum decoded { DECODED, DECODED_TOO_MUCH, DECODED_BROKEN };
struct decoder *decoder_new(const struct headers *headers, struct buf *out, size_t limit);
void decoder_free(struct decoder *decoder);
enum decoded decoder_push(struct decoder *decoder, struct view bytes);
const char *decoder_fault(const struct decoder *decoder);   /* why DECODED_BROKEN */
const char *decoder_unended(const struct decoder *decoder); /* the encoding that waits for more */

/* redirect.c */
struct hop *hop_add(struct http_exchange *exchange, const char *method);
/* False: the answer is no redirect to follow. Else the next hop is under way, or the exchange is
 * settled as OUTCOME_REDIRECT. */
bool redirect_next(struct http_exchange *exchange);

/* failure.c */
enum outcome_kind failure_classify(struct http_exchange *exchange, CURLcode code,
                                   char **ret_detail);
/* Time is up after `limit_us`: of silence, if `stalled`. */
enum outcome_kind failure_of_time(struct http_exchange *exchange, bool stalled, int64_t limit_us,
                                  char **ret_detail);

/* resolver.c: asks once more why a name was not found, in a thread of its own. */
struct resolver_probe *resolver_probe_start(struct http_exchange *exchange);
void resolver_probe_cancel(struct resolver_probe *probe);

/* tls.c */
bool tls_init(struct curl_client *client, const struct curl_client_options *options,
              struct error *error) MUST_CHECK;
void tls_setup(struct http_session *session);
void tls_forget(struct http_session *session);
/* While its connection is at hand: */
void tls_read_certificate(struct http_session *session);
bool tls_speaks_http2(const struct http_session *session);
/* tls_failure.c */
struct tls_words tls_verify_words(int error, const X509 *certificate);
struct tls_words tls_names_words(const X509 *leaf, const char *host);
/* The reason in an OpenSSL error that curl passed on in its text; NULL: it holds none. */
const char *tls_reason(const char *curl_text);
void tls_date(const ASN1_TIME *time, char text[static 16], int64_t *ret_seconds);

/* url.c: as url_resolve(), into the target, too. */
bool url_aim(struct url_target *target, const char *base, const char *reference,
             struct url *ret_url, struct error *error) MUST_CHECK;

#endif
