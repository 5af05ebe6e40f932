/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of this floor. A kind of sink is one row of tables: which keys it has, and how an
 * event is sent. Nothing here outlives its sending but what the configuration says.
 *
 *   load.c, text.c  from YAML to sinks; texts that are references
 *   secret.c        what of those texts nobody may read
 *   portrait.c      what a list shows of a sink
 *   sender.c        one event's way, from sink_send to its end
 *   post.c          the way by HTTP
 *   errand.c        the way by a thread, for what would make the loop wait
 *   receivers.c     who has a letter that others wait for
 *   tame.c          shop text made harmless and bounded
 *   words.c         what people read, the same in every kind
 */
#ifndef SHOPPER_SINK_INTERNAL_H
#define SHOPPER_SINK_INTERNAL_H

#include "answer/message.h"
#include "loop/loop.h"
#include "sink/sink.h"

/* --- Kinds: the key, and one line about it */
#define SINK_KINDS(X)                                                                              \
    X(journal, "JSON lines, to a file or to standard output")                                      \
    X(webhook, "CloudEvents, signed as Standard Webhooks are")                                     \
    X(alertmanager, "Prometheus Alertmanager")                                                     \
    X(pagerduty, "PagerDuty, Events API v2")                                                       \
    X(slack, "Slack's incoming webhooks, and what takes the same")                                 \
    X(email, "mail by SMTP")                                                                       \
    X(syslog, "syslog, RFC 5424")                                                                  \
    X(exec, "a program of yours")

struct sending;

struct sink_kind {
    const char *name;
    const struct key_rule *rules; /* their object is the struct sink */
    size_t settings_size;
    void (*defaults)(void *settings);
    /* What no single key shows; NULL. */
    void (*check)(struct loader *loader, const struct yaml_node *node, const struct sink *sink);
    void (*release)(void *settings);                         /* NULL: nothing but texts in it */
    void (*where)(const struct sink *sink, struct buf *out); /* what it tells, for a list */
    void (*send)(
        struct sending *sending); /* sees to it that sending_end is called, at once or later */
    int64_t timeout_us, refresh_us;
};

#define X(name, help)                                                                              \
    extern const struct sink_kind name##_kind;                                                     \
    extern const struct shape name##_shape;
SINK_KINDS(X)
#undef X
extern const struct sink_kind *const sink_kinds[]; /* ends with NULL */

/* --- text.c: texts of the configuration */
typedef bool sink_text_check(const char *value, struct error *error);

enum sink_text_origin {
    SINK_TEXT_ENVIRONMENT,
    SINK_TEXT_FILE,
    SINK_TEXT_CREDENTIAL,
    SINK_TEXT_LITERAL
};

struct sink_text {
    struct place place;
    const char *key; /* "url" */
    enum sink_text_origin origin;
    char *said;  /* the literal, or where the value is */
    char *value; /* NULL until sinks_resolve */
    bool is_secret;
    sink_text_check *check; /* NULL: anything will do */
};

/* The text is the sink's; *ret_text borrows it. NULL stays when there is an error. */
void sink_text_load(struct loader *loader, const struct yaml_node *node, struct sink *sink,
                    const char *key, sink_text_check *check, const struct sink_text **ret_text);
/* The same; written into the configuration it earns a warning. */
void sink_secret_load(struct loader *loader, const struct yaml_node *node, struct sink *sink,
                      const char *key, sink_text_check *check, const struct sink_text **ret_text);
bool sink_text_resolve(struct sink_text *text, struct diags *diags) MUST_CHECK;
/* secret.c: what the redactor must know of a resolved text. */
void sink_text_hide(const struct sink_text *text, struct redactor *redactor);
void sink_text_free(struct sink_text *text);
const char *sink_text_value(const struct sink_text *text); /* NULL for NULL */
extern const struct shape sink_text_shape, sink_texts_shape;

struct sink_text_list {
    const struct sink_text **items; /* the texts are the sink's */
    size_t count, capacity;
};
typedef void sink_text_loader(struct loader *loader, const struct yaml_node *node,
                              struct sink *sink, const char *key, sink_text_check *check,
                              const struct sink_text **ret_text);
/* One or several. */
void sink_texts_load(struct loader *loader, const struct yaml_node *node, struct sink *sink,
                     const char *key, sink_text_loader *load, sink_text_check *check,
                     struct sink_text_list *texts);

/* --- portrait.c */
/* The text, or where it comes from: "{env: NAME}". Of a URL its scheme and host. */
void sink_text_show(const struct sink_text *text, struct buf *out);
void sink_text_show_url(const struct sink_text *text, struct buf *out);

/* Checks of what a text says. */
bool sink_check_url(const char *value, struct error *error);    /* http, https */
bool sink_check_header(const char *value, struct error *error); /* no control characters */
/* The key `insecure`, the same wherever it stands. */
void sink_load_insecure(struct loader *loader, const struct yaml_node *node, void *sink);
#define SINK_INSECURE_KEY                                                                          \
    {                                                                                              \
        "insecure", sink_load_insecure, false, &bool_shape,                                        \
            "`true`: verify no certificate; anybody on the way can read and change what is told"   \
    }

/* --- receivers.c */
struct settled_receiver { /* of an event's letter: has it, or refused it for good */
    char event_id[ID_UUID_SIZE];
    char *sink, *address;
    bool refused;
};
const struct settled_receiver *receiver_settled(const struct sending *sending, const char *address);
void receiver_settle(const struct sending *sending, const char *address, bool refused);
void receivers_forget(const struct sending *sending); /* all of this event's */
void receivers_release(struct sender *sender);

/* --- sender.c */
struct sender {
    struct loop *loop;
    char *source, *public_url, *ca_file;
    struct http_client *clients[2]; /* one that verifies, one that does not; NULL: not needed yet */
    size_t under_way;
    struct {
        struct settled_receiver *items;
        size_t count, capacity;
    } settled; /* a VEC */
};

struct sending {
    struct sender *sender;
    const struct sink *sink;
    struct event event; /* tame */
    sink_done *done;
    void *context;
    struct deferred end; /* queued once it is known how it went */
    enum sink_outcome outcome;
    int64_t after_us;
    char *why, *said;
    /* The one way under way; NULL. */
    struct http_session *session;
    struct http_exchange *exchange;
    struct mail *mail;
    struct child *child;
    struct errand *errand;
    struct timer limit; /* of an errand: nothing else ends it in time */
    /* What the exchange borrows. */
    char *url;
    struct headers headers;
    struct buf body;
};

/* Says how it went; `done` is called on the next turn. The words may hold anything: they are made
 * visible, cut, and rid of the sink's secrets. */
void sending_end(struct sending *sending, enum sink_outcome outcome, int64_t after_us,
                 const char *format, ...) PRINTF_LIKE(4, 5);
/* Before that: what the receiver said, in its own words. */
void sending_hear(struct sending *sending, struct view said);
int64_t sending_wall_us(const struct sending *sending);

/* --- post.c */
/* Sends sending->body as a POST, with sending->headers; the answer's status ends the sending. */
void post_send(struct sending *sending, const char *url, const char *media_type);
/* RFC 9110, section 10.2.3: seconds, or a date. 0: it says nothing that can be understood. */
int64_t post_retry_after_us(const char *value, int64_t wall_us);

/* --- errand.c: work that may wait, done by a thread */
struct errand_report {
    enum sink_outcome outcome;
    char why[200];
};
typedef void sending_work(void *load, struct errand_report *report); /* in the thread */
/* The sending ends as the work reports. `load_free` may be called in either thread. */
void sending_by_errand(struct sending *sending, sending_work *work, void *load,
                       void (*load_free)(void *load));

/* --- tame.c */
/* A copy whose texts hold no control characters, no broken UTF-8, nothing that turns the reading
 * direction, and so little that a message made of them stays below 20 KB. */
struct event event_tame(const struct event *event) MUST_CHECK;
/* Appends at most `limit` bytes of it, so tamed; what is cut ends with "…". */
void tame_add(struct buf *out, const char *text, size_t limit);

/* --- words.c */
void words_subject(const struct event *event, struct buf *out); /* one line */
/* Lines that end with a line feed: what, since when, how broadly, why, by which rule, where to go
 * on. */
void words_details(const struct sender *sender, const struct event *event, struct buf *out);
/* Of a runbook or page that can be linked to: http or https. */
bool words_is_link(const char *text);
/* "critical", "error", "warning", "info", as Alertmanager and PagerDuty users have them. */
const char *words_severity(int severity);
bool words_is_incident(const struct event *event); /* not a test */

/* --- letter.c: a message as RFC 5322 has it */
bool letter_check_address(const char *value, struct error *error);
struct letter {
    const char *from;
    const char *const *to;      /* NULL-terminated */
    const char *subject, *text; /* UTF-8; lines of the text end with a line feed */
    const char *id, *thread_id; /* left of the "@" */
    bool first;                 /* of its thread */
    int64_t wall_us;
};
void letter_write(const struct letter *letter, struct buf *out);

/* --- syslog_line.c */
/* One RFC 5424 message, at most `limit` bytes. */
void syslog_line_write(const struct event *event, int facility, const char *host, size_t limit,
                       struct buf *out);

#endif
