/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 as the client speaks it (RFC 9112): requests read, answers written. No faults here. */
#ifndef PROXY_WIRE_H
#define PROXY_WIRE_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stddef.h>

#define WIRE_MAX_HEAD_BYTES 65536
#define WIRE_MAX_BODY_BYTES (16u << 20)

struct header {
    char *name, *value;
};

/* In the order in which they came; a name may stand several times. */
struct headers {
    struct header *items;
    size_t count;
};

void headers_add(struct headers *headers, const char *name, const char *value);
/* The first of that name, in any case; NULL: none. Borrowed. */
const char *headers_get(const struct headers *headers, const char *name);
void headers_release(struct headers *headers);

struct request {
    char *method;
    char *target; /* path and query, as sent */
    char *path;   /* without the query */
    struct headers headers;
    char *body; /* NUL-terminated for the string functions; body_bytes does not count it */
    size_t body_bytes;
    bool keep_alive;
};

/* An answer, held whole until a fault or the wire lets it go. */
struct answer {
    int status;
    char *reason;
    struct headers headers;
    char *body; /* NUL-terminated likewise */
    size_t body_bytes;
};

enum wire_result {
    WIRE_WHOLE,
    WIRE_MORE,    /* not all there yet */
    WIRE_EXPECTS, /* the client waits for 100 Continue before it sends the body */
    WIRE_BAD,     /* not HTTP, or past a limit */
    WIRE_LENGTH   /* a body without a Content-Length: not for this proxy */
};

/* Takes one request out of `input` when it is whole; else `input` stays as it is. The caller
 * releases what it got, also after a failure. */
enum wire_result request_read(struct evbuffer *input, struct request *ret_request);
void request_release(struct request *request);

/* Whether an answer to this request carries a body (RFC 9110, 6.4.1). */
bool answer_has_body(const struct answer *answer, const char *method);
/* The head, with a Content-Length that fits the body; hop-by-hop fields are this connection's own.
 */
void answer_write_head(const struct answer *answer, const struct request *request,
                       struct evbuffer *out);
void answer_release(struct answer *answer);

/* Whether a field belongs to one connection alone and is not passed on (RFC 9110, 7.6.1). */
bool header_is_hop_by_hop(const char *name);

/* Aborts when memory is out: a test tool has nothing better to do. */
void *must_alloc(size_t bytes);
char *must_copy(const char *bytes, size_t count); /* NUL-terminated */

#endif
