/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail by SMTP (RFC 5321) through libcurl: STARTTLS or TLS from the start is demanded unless the
 * caller says otherwise, and verified. Mail is rare and nobody's clock depends on it, so each goes
 * out from a thread of its own.
 */
#ifndef SHOPPER_HTTP_MAIL_H
#define SHOPPER_HTTP_MAIL_H

#include "base/alloc.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct mail;

struct mail_options {
    const char *server;          /* "smtp://host:587" or "smtps://host:465" */
    const char *user, *password; /* NULL: none */
    const char *from;
    const char *const *to; /* NULL-terminated */
    struct view message;   /* header and body, lines end with CRLF */
    const char *ca_file;   /* NULL: the system's */
    bool plain;            /* without TLS, when the caller insists */
    bool insecure;         /* verify no certificate; the caller has said so loudly */
    int64_t timeout_us;
};

/* Refused for good is a 5yz answer; one to our signing in may be put right. */
enum mail_result { MAIL_SENT, MAIL_LATER, MAIL_REFUSED };

struct mail_report {
    enum mail_result result;      /* later: for some; sent: for some, and later for none */
    const enum mail_result *each; /* of the receivers, in the order of `to` */
    const char *why;              /* one line; "": all have it */
    const char *said;             /* the server's own words about that; "" */
};

typedef void mail_done(void *context, const struct mail_report *report);

/* Copies all that it needs. `done` comes on a later turn of the loop, once, unless it is cancelled.
 */
struct mail *mail_send(struct loop *loop, const struct mail_options *options, mail_done *done,
                       void *context) MUST_CHECK;
void mail_cancel(struct mail *mail); /* what is under way ends by itself */

#endif
