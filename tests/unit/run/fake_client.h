/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client whose shop is a script: each request takes the next line of it, answered after a while
 * of fake time. What was sent is kept for the test to look at.
 */
#ifndef SHOPPER_TESTS_FAKE_CLIENT_H
#define SHOPPER_TESTS_FAKE_CLIENT_H

#include "http/http.h"
#include "loop/loop.h"

struct fake_answer {
    enum outcome_kind kind; /* OUTCOME_PASS: an answer came */
    long status;            /* 0: 200 */
    const char *body;
    const char *header[2]; /* one header, name and value */
    int64_t after_us;      /* 0: 10 ms */
    bool not_sent;         /* the request never left */
    bool never;            /* no answer at all */
    unsigned redirects;    /* that were followed on the way */
    const char *proxy;     /* that it came through */
};

struct fake_sent {
    char *line; /* "GET http://shop.test/login" */
    char *body;
    char *authorization;
    char *travels; /* "Name: value\n" of what a redirect to another origin would take along */
    bool body_travels;
    unsigned follow;                        /* redirects */
    char *trace_parent, *next_trace_parent; /* the latter after a redirect at home */
    unsigned session;                       /* counts from 1 */
};

struct fake_client {
    struct http_client client; /* first */
    struct loop *loop;
    const struct fake_answer *script;
    size_t script_count, next;
    struct fake_sent sent[64];
    size_t sent_count;
    unsigned sessions_opened, sessions_open, connections_forgotten;
    char loaded_cookies[64];
};

void fake_client_init(struct fake_client *fake, struct loop *loop, const struct fake_answer *script,
                      size_t count);
void fake_client_release(struct fake_client *fake);

#endif
