/* SPDX-License-Identifier: Apache-2.0 */
/* A client that says bytes to a server on this loop, whatever they are, and hears what comes back.
 */
#ifndef SHOPPER_TESTS_HTTP_TALK_H
#define SHOPPER_TESTS_HTTP_TALK_H

#include "base/buf.h"
#include "loop/loop.h"

struct talk {
    struct loop *loop;
    int socket;
    struct watch *watch;
    struct timer guard; /* no good test meets it */
    struct buf heard;
    const char *wanted; /* NULL: the end */
    bool ended, late;
};

void talk_open(struct talk *talk, struct loop *loop, int port);
void talk_say(struct talk *talk, const char *text);
/* Turns the loop until `text` was heard, or the other side closed. NULL: until it closed. Returns
 * all that was heard. */
const char *talk_until(struct talk *talk, const char *text);
void talk_close(struct talk *talk);

/* The whole conversation: say, hear until the end. The request should ask for Connection: close.
 * The caller frees. */
char *talk_once(struct loop *loop, int port, const char *request);
/* The same for METHOD and target, with headers that end lines of their own, and a body. */
char *talk_ask(struct loop *loop, int port, const char *method, const char *target,
               const char *headers, const char *body);

#endif
