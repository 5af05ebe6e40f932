/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that does what a script says and nothing else: it reads a request, sends these bytes,
 * waits, drips, breaks off. It listens on 127.0.0.1, each connection in a thread of its own, so
 * that it also works against a client that blocks.
 *
 * A script is the text of one connection's actions. The first connection follows the first script,
 * the second the second; the last one serves all later ones too.
 */
#ifndef SHOPPER_TESTS_SCRIPT_SERVER_H
#define SHOPPER_TESTS_SCRIPT_SERVER_H

#include "support/test_ca.h"

#include <stdbool.h>
#include <stddef.h>

enum script_verb {
    SCRIPT_END,    /* zeroed memory: an orderly close */
    SCRIPT_READ,   /* a whole request, by its Content-Length */
    SCRIPT_FRAMES, /* HTTP/2's preface and frames, up to the request's headers */
    SCRIPT_SKIP,   /* `number` bytes, whatever they are */
    SCRIPT_TAKE,   /* what comes at first, whatever it is: a close before that would be a reset */
    SCRIPT_SEND,   /* `bytes`; `length` 0: up to the NUL */
    SCRIPT_REPEAT, /* `bytes`, `number` times over, or until the peer is gone */
    SCRIPT_DRIP,   /* `bytes` one by one, `number` milliseconds apart */
    SCRIPT_WAIT,   /* `number` milliseconds, or until the peer or the server goes */
    SCRIPT_RESET,  /* a TCP reset */
    SCRIPT_LOOP    /* from the top again, until the peer closes */
};

struct script_action {
    enum script_verb verb;
    const char *bytes;
    size_t length;
    int number;
};

#define SCRIPT_MAX 12
struct script {
    struct script_action actions[SCRIPT_MAX];
};

#define READ_REQUEST                                                                               \
    {                                                                                              \
        .verb = SCRIPT_READ                                                                        \
    }
#define SEND(text)                                                                                 \
    {                                                                                              \
        .verb = SCRIPT_SEND, .bytes = (text), .length = sizeof(text) - 1                           \
    }
#define SEND_TEXT(text)                                                                            \
    {                                                                                              \
        .verb = SCRIPT_SEND, .bytes = (text)                                                       \
    }
#define REPEAT(text, times)                                                                        \
    {                                                                                              \
        .verb = SCRIPT_REPEAT, .bytes = (text), .number = (times)                                  \
    }
#define DRIP(text, ms)                                                                             \
    {                                                                                              \
        .verb = SCRIPT_DRIP, .bytes = (text), .number = (ms)                                       \
    }
#define SKIP(bytes)                                                                                \
    {                                                                                              \
        .verb = SCRIPT_SKIP, .number = (bytes)                                                     \
    }
#define WAIT(ms)                                                                                   \
    {                                                                                              \
        .verb = SCRIPT_WAIT, .number = (ms)                                                        \
    }
#define RESET                                                                                      \
    {                                                                                              \
        .verb = SCRIPT_RESET                                                                       \
    }
#define LOOP                                                                                       \
    {                                                                                              \
        .verb = SCRIPT_LOOP                                                                        \
    }

#define READ_FRAMES                                                                                \
    {                                                                                              \
        .verb = SCRIPT_FRAMES                                                                      \
    }

#define TAKE                                                                                       \
    {                                                                                              \
        .verb = SCRIPT_TAKE                                                                        \
    }

struct script_server;

struct script_server_options {
    const struct script *scripts; /* NUL-ended by count */
    size_t script_count;
    const struct test_certificate *certificate; /* NULL: plain */
    const struct test_ca *client_ca;            /* clients must show a certificate of it */
    int max_tls_version;                        /* TLS1_1_VERSION and the like; 0: any */
    bool http2;                                 /* it says so; the frames are the script's */
};

struct script_server *script_server_new(const struct script_server_options *options);
/* Closes all connections and waits for the threads. */
void script_server_free(struct script_server *server);
int script_server_port(const struct script_server *server);
size_t script_server_connections(struct script_server *server);
size_t script_server_resumptions(struct script_server *server); /* TLS handshakes that were short */
/* Requests in order of arrival, head and body; NULL past the last. Owned by the server. */
const char *script_server_request(struct script_server *server, size_t index);

#endif
