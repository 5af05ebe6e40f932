/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate before evhttp, which takes much that is no HTTP, disagrees with other programs about
 * where a request ends, and answers what it refuses in a way of its own. Bytes of a client are held
 * here until the head of a request is whole; it goes on when it is right to the letter (RFC 9112),
 * and its body with it. In place of one that is wrong, and of all that follows, a request goes on
 * that means its refusal, so that it is answered like any other.
 *
 * What this server has no use for is refused, too: bodies in chunks, lines that are folded. A
 * target with a host in it goes on as its path, under a Host header that has the name of the
 * target. For the files of this floor.
 */
#ifndef SHOPPER_LOOP_HTTP_GATE_H
#define SHOPPER_LOOP_HTTP_GATE_H

#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>

struct bufferevent;
struct http_gate;

struct http_gate_limits {
    size_t header_bytes, body_bytes;
    unsigned headers;
};

struct http_refusal {
    int status;
    const char *why;
};

/* --- Pure */

struct http_head {
    size_t length;                      /* of it, its blank line included; 0: it is not whole */
    size_t body_bytes;                  /* that follow */
    bool keeps_body;                    /* else evhttp would take it for the next request */
    const struct http_refusal *refusal; /* NULL: it is right, as far as it came */
    /* Of "GET http://shop.example/a HTTP/1.1": where it says so, and the header that then counts
     * for nothing (RFC 9112, section 3.2.2). Borrowed. */
    struct view target, authority, path; /* `authority` empty: the target is a path */
    struct view host_line;
};
struct http_head http_head_read(struct view bytes, const struct http_gate_limits *limits);

/* --- On a connection */

/* Before evhttp sees it. Free it before the last reference to the bufferevent goes. */
struct http_gate *http_gate_new(struct bufferevent *bufferevent,
                                const struct http_gate_limits *limits);
void http_gate_free(struct http_gate *gate);
/* What a request's target means that stands for a refusal; NULL: it is a client's own. */
const struct http_refusal *http_gate_refusal(struct view target);

#endif
