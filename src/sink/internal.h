/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this floor know of each other; nobody else includes it. */
#ifndef SHOPPER_SINK_INTERNAL_H
#define SHOPPER_SINK_INTERNAL_H

#include "base/buf.h"
#include "http/http.h"
#include "http/mail.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "sink/sink.h"

#include "answer/json.h"

#define SINK_TIMEOUT_US (15 * US_PER_SECOND)
#define SINK_REFRESH_US (60 * US_PER_SECOND)
#define SINK_GIVE_UP_US (INT64_C(86400) * US_PER_SECOND)

/* --- settings.c: what a kind is told, the same struct for all of them */

/* A text, as it stands in the configuration or as a reference reads it. */
struct sink_text {
    char *value;               /* NULL: not said, or not read yet */
    struct secret_spec secret; /* `from` NULL: it is no reference */
    char *beside;              /* the file that a relative path is taken from */
};

struct sink_texts {
    struct sink_text *items;
    size_t count, capacity;
};

struct sink_settings {
    struct sink_text url, routing_key, server, user, password, from, path, address;
    struct sink_texts secrets, to, command;
    int64_t timeout_us;
    bool plain, insecure;
};

void settings_release(struct sink_settings *settings);
/* Reads what is referred to. False: what is missing is in `diags`. */
bool settings_resolve(struct sink_settings *settings, const char *sink,
                      struct diags *diags) MUST_CHECK;

extern const struct shape webhook_shape, alertmanager_shape, pagerduty_shape, slack_shape,
    email_shape, syslog_shape, journal_shape, exec_shape;

/* --- The kinds, one file each */

struct sink_kind {
    const char *name;
    const struct shape *shape;
    int64_t refresh_us;
    /* Begins an attempt; sending_end is called once, then or later. */
    void (*send)(struct sending *sending, const struct event *event);
};

extern const struct sink_kind sink_webhook, sink_alertmanager, sink_pagerduty, sink_slack,
    sink_email, sink_syslog, sink_journal, sink_exec;

/* --- sender.c: one attempt */

struct sender {
    struct loop *loop;
    char *source, *public_url, *ca_file;
    struct http_client *client;   /* verifies; made on first use, like */
    struct http_client *insecure; /* this one, which does not */
};

struct sending {
    struct sender *sender;
    const struct sink *sink;
    sink_done *done;
    void *context;
    struct deferred over;
    struct sink_result result;
    char *why;
    /* What it needs on its way. */
    struct http_client *client;
    struct http_session *session;
    struct http_exchange *exchange;
    struct headers headers;
    char *body;
    struct mail *mail;
    struct child *child;
    struct watch *watch;
    struct timer timeout;
    int descriptor; /* -1: none */
    size_t written; /* of the body */
};

const struct sink_settings *sending_settings(const struct sending *sending);
/* How it went; `done` is called on a later turn. `why` is for people and holds no secret. */
void sending_end(struct sending *sending, enum sink_outcome outcome, int64_t after_us,
                 const char *why, ...) PRINTF_LIKE(4, 5);

/* --- post.c: kinds that speak HTTP */

struct post_header {
    const char *name, *value;
};
/* POSTs the body (taken) to `url`; the sending ends by what comes back. `headers` end with a NULL
 * name. */
void post(struct sending *sending, const char *url, const struct post_header *headers,
          struct buf *body);
void post_json(struct sending *sending, const char *url, cJSON *object); /* takes the object */
/* A Retry-After header (RFC 9110, section 10.2.3): how long from now; 0: it says nothing. */
int64_t post_retry_after(const char *value, int64_t now_us);

/* --- words.c: an event as people read it. All of it is one line or several, without control
 * characters, bounded, and still to be escaped for where it is written. */

#define WORDS_LINE_MAX 1000
char *words_line(const char *text, size_t most) MUST_CHECK; /* made visible, clipped */
char *words_subject(const struct event *event) MUST_CHECK;
void words_text(const struct event *event, const char *public_url, struct buf *out);
char *words_link(const struct event *event, const char *public_url) MUST_CHECK; /* NULL: none */
const char *words_level(int severity); /* "critical", "error", "warning", "info" */
/* What machines get: the event's JSON object, texts made visible, with `source` and `url`. */
cJSON *words_object(const struct event *event, const struct sender *sender) MUST_CHECK;

#endif
