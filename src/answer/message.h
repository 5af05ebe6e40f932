/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came back for one step: a message as data. The client fills it as bytes arrive; checks and
 * captures read it. JSON and HTML are parsed on first use.
 */
#ifndef SHOPPER_ANSWER_MESSAGE_H
#define SHOPPER_ANSWER_MESSAGE_H

#include "answer/readings.h"
#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Durations of the phases of a request; 0 where a phase did not happen (a kept connection). */
struct timings {
    int64_t dns_us, connect_us, tls_us;
    int64_t first_byte_us; /* from the request sent to the first byte of the answer */
    int64_t transfer_us;   /* from the first byte to the last */
    /* Of the whole exchange, redirects included: after an answer the sum of the phases, so that it
     * holds nothing that the shop is not to blame for; else the time until it was given up. */
    int64_t total_us;
};

struct header {
    const char *name; /* as it came */
    const char *value;
};

struct header_block;

struct headers {
    struct header *items;
    size_t count, capacity;      /* a VEC */
    struct header_block *blocks; /* where the texts stand, a dozen in each: they never move */
};

void headers_add(struct headers *headers, struct view name,
                 struct view value); /* copies, value trimmed */
void headers_release(struct headers *headers);
const char *headers_get(const struct headers *headers,
                        const char *name); /* first, any case; NULL */

#define MESSAGE_ADDRESS_SIZE 64
#define MESSAGE_PROTOCOL_SIZE 16

/* One request and its answer on the wire; a followed redirect makes several. For evidence. */
struct hop {
    char *method, *url;
    struct headers request_headers;
    /* Those and all that were added to them, as they left; none: not asked for, or nothing left. */
    struct headers sent_headers;
    struct view request_body; /* of `request_copy`; or empty */
    char *request_copy;       /* evidence outlives the request; NULL: it had no body */
    long status;              /* 0: no answer */
    int http_version;         /* 10, 11, 20, 30; 0: not known */
    struct headers response_headers;
    char remote_address[MESSAGE_ADDRESS_SIZE];
    int64_t started_wall_us;
    struct timings timings;
};

/* Of the server's certificate, read from the connection. */
struct certificate {
    bool present;
    int64_t not_before_s, not_after_s; /* of the leaf, since 1970 */
    int64_t earliest_not_after_s;      /* of the whole chain that was sent */
    char subject[256], issuer[256];
    char protocol[MESSAGE_PROTOCOL_SIZE]; /* "TLSv1.3" */
};

struct cookie {
    char *name, *value, *domain, *path;
    bool secure, http_only;
};

struct message {
    long status;
    int http_version;
    struct headers headers; /* the last hop's own, where there are hops; trailers at the end */
    struct buf body;        /* decoded (decompressed) */
    uint64_t wire_bytes;    /* of the body before decompression */
    char *url;              /* the final one */
    unsigned redirects;     /* followed */
    struct timings timings; /* summed over the hops */
    struct certificate certificate;
    struct {
        struct hop *items;
        size_t count, capacity; /* a VEC */
    } hops;
    struct {
        struct cookie *items; /* the shopper's jar for the final URL after this answer */
        size_t count, capacity;
    } cookies;

    struct readings *readings; /* who may have read the same body before; borrowed; NULL: nobody */
    struct reading *reading;   /* NULL until the body is read */
};

struct message *message_new(size_t body_cap_bytes);
void message_free(struct message *message);
void hop_release(struct hop *hop);

/* NULL: it is no JSON; `*ret_reason` (borrowed) says why. The media type is not asked. */
const cJSON *message_json(struct message *message, const char **ret_reason) MUST_CHECK;
const struct html *message_html(struct message *message, const char **ret_reason) MUST_CHECK;
/* message_html was asked, and the page is past a bound of ours. */
bool message_is_too_large(const struct message *message);
/* The media type without parameters, lower case; "" for none. */
void message_media_type(const struct message *message, char *type, size_t size);
/* The body as UTF-8 text, by its header's charset. Borrowed from `scratch` or the message. */
struct view message_text(const struct message *message, struct buf *scratch);

#endif
