/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's interface: shoppers' sessions and the requests they send. `http_client_curl`
 * (http/curl_client.h) is the real one; tests put a scripted one in its place.
 *
 * A session is one shopper: own cookies, own connections, own name look-ups, own TLS sessions. It
 * has at most one exchange under way. An exchange is one step's request with the redirects that it
 * follows; it completes on a later turn of the loop, exactly once, unless it is cancelled, and then
 * never.
 */
#ifndef SHOPPER_HTTP_HTTP_H
#define SHOPPER_HTTP_HTTP_H

#include "answer/message.h"
#include "answer/outcome.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum http_version { HTTP_VERSION_ANY, HTTP_VERSION_1_1, HTTP_VERSION_2 };
enum http_family { HTTP_FAMILY_ANY, HTTP_FAMILY_4, HTTP_FAMILY_6 };

/* Whether requests may go to this host (lower case, without port). */
typedef bool http_host_allowed(void *context, const char *host);
/* What of a header goes along when a redirect is followed: its value, or another one (which may be
 * written into `scratch`); NULL: nothing. */
typedef const char *http_header_carried(void *context, const struct header *header,
                                        bool same_origin, struct buf *scratch);
/* Whether a redirect may take the body to another origin. */
typedef bool http_body_carried(void *context, struct view body);

struct http_request {
    const char *method;     /* "GET" */
    const char *url;        /* absolute, http or https */
    struct headers headers; /* sent as they stand, in order; send() takes them */
    struct view body;       /* borrowed until the exchange is over */
    bool has_body;          /* an empty body still has a Content-Length */
    enum http_version version;
    enum http_family family;
    unsigned
        follow; /* redirects to follow; past it: the outcome is `redirect`; 0: none is followed */
    int64_t timeout_us;         /* of the whole exchange */
    int64_t stall_us;           /* no byte for so long after the request was sent: `freeze` */
    size_t max_body_bytes;      /* decoded */
    size_t max_wire_bytes;      /* before decompression */
    bool want_cookies;          /* fill message->cookies */
    bool want_sent;             /* fill sent_headers of the hops */
    http_host_allowed *allowed; /* NULL: any host */
    /* NULL: all goes along but what the standard forbids */
    http_header_carried *header_carried;
    http_body_carried *body_carried;
    void *rules_context; /* of these three */
};

/* Bounds on what is not a body; past them the outcome is `too-large`. */
#define HTTP_MAX_HEADER_BYTES                                                                      \
    ((size_t)256 << 10) /* all headers and trailers of one answer, 1xx included */
#define HTTP_MAX_HEADERS 1000
#define HTTP_MAX_URL_BYTES ((size_t)16 << 10)

struct http_result {
    enum outcome_kind kind; /* OUTCOME_PASS: an answer came, whole, of whatever status */
    char *detail; /* one line for people: "certificate expired on 2026-11-01"; NULL for pass */
    char *expected, *actual; /* where both can be named in a few words; NULL */
    char *proxy;       /* "127.0.0.1:3128", that may have answered in the shop's place; NULL */
    bool request_sent; /* bytes of the (last) request left us: the shop may have acted on it */
    struct message *message; /* what came, perhaps in part; never NULL */
};

void http_result_release(struct http_result *result);

/* `result` belongs to the caller of done; whoever wants the message takes it out. */
typedef void http_done(void *context, struct http_result *result);

struct http_session;
struct http_exchange;

struct http_client {
    const struct http_client_operations *operations;
};

struct http_client_operations {
    struct http_session *(*session_open)(struct http_client *client);
    /* Closes its connections; the session goes back to the pool. No exchange may be under way. */
    void (*session_close)(struct http_session *session);
    /* Later requests use new connections (and new name look-ups); cookies stay. */
    void (*session_forget_connections)(struct http_session *session);
    /* All cookies as text for session_load_cookies; the caller frees. */
    char *(*session_save_cookies)(struct http_session *session);
    void (*session_load_cookies)(struct http_session *session, const char *saved);
    struct http_exchange *(*send)(struct http_session *session, struct http_request *request,
                                  http_done *done, void *context);
    void (*cancel)(struct http_exchange *exchange); /* synchronous; done is never called */
    /* As cancel, but the caller gets what there is by now: the kind and the detail say what the
     * exchange waited for, as if its time had run out. */
    void (*cut)(struct http_exchange *exchange, struct http_result *ret_result);
    void (*free)(struct http_client *client); /* no session may be open */
};

#endif
