/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP/1.1 server on the loop, made of libevent's evhttp and of the limits that it lacks:
 * connections at once, the number of headers, the time that a request may take to arrive. It knows
 * no routes and writes no pages.
 *
 * Life of a call: `called` gets it once its request is whole. It is answered at once or on any
 * later turn, by http_reply, or by http_stream_begin, _send and _end; with the answer (or _end) it
 * is gone. A client that goes away does not end a call: answering it is then for nothing, which
 * does no harm.
 */
#ifndef SHOPPER_LOOP_HTTP_SERVER_H
#define SHOPPER_LOOP_HTTP_SERVER_H

#include "base/buf.h"
#include "base/error.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct http_server;

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };

struct http_call {
    enum http_method method;
    struct view path, query; /* as they were sent; "/api/v1/runs", "limit=10" */
    struct view body;
    /* Not 0: the server would rather not have it: answer with this status and these words. */
    int refused;
    const char *refused_why;
    void *user; /* the owner's own */
};

struct http_server_settings {
    const char *address; /* numeric, IPv4 or IPv6 */
    int port;            /* 0: any that is free */
    size_t header_bytes, body_bytes;
    unsigned headers; /* of one request */
    /* At once. Who comes next takes the place of the one that has said nothing for longest, or
     * waits to be accepted where all are busy. */
    unsigned connections;
    int64_t idle_us; /* to say a whole request, and between two of them */
    /* Names that a Host header may bear beside "localhost" and numeric addresses (a name is what
     * DNS rebinding needs); NULL-terminated; NULL: none. Borrowed. */
    const char *const *hosts;
    void (*called)(void *context, struct http_call *call);
    void *context;
};

/* NULL: error says why. From now on the process ignores SIGPIPE (its children do not). */
struct http_server *http_server_new(struct loop *loop, const struct http_server_settings *settings,
                                    struct error *error) MUST_CHECK;
/* Closes every connection. Calls that were not answered are gone; `gone` of streams is not called.
 */
void http_server_free(struct http_server *server);
int http_server_port(const struct http_server *server);

const char *http_call_header(const struct http_call *call, const char *name); /* first; NULL */
enum http_parameter {
    HTTP_PARAMETER_ABSENT,
    HTTP_PARAMETER_GIVEN,
    HTTP_PARAMETER_BROKEN /* its coding, a NUL in it, or longer than `value` may get */
};
/* The decoded value of a parameter of the query, appended. */
enum http_parameter http_call_parameter(const struct http_call *call, const char *name,
                                        struct buf *value) MUST_CHECK;

/* When the client leaves before its answer, on a later turn, once; the call still wants one. It is
 * looked for once a second, or more often. */
void http_call_watch(struct http_call *call, void (*gone)(void *context), void *context);

struct http_reply_header {
    const char *name, *value; /* a value with a line end is left out */
};

/* `headers` ends with {0}. A HEAD gets the length and no body. */
void http_reply(struct http_call *call, int status, const struct http_reply_header *headers,
                struct view body);
/* `gone`, when the client has left, on a later turn; the call still wants its http_stream_end. */
void http_stream_begin(struct http_call *call, const struct http_reply_header *headers,
                       void (*gone)(void *context), void *context);
/* False: the client reads too slowly, or is gone; nothing was sent. */
bool http_stream_send(struct http_call *call, struct view bytes) MUST_CHECK;
void http_stream_end(struct http_call *call);

const char *http_status_words(int status); /* "Not Found"; "" for those that are never sent here */

#endif
