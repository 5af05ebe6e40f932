/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where people are told: sinks as the configuration names them, and one event's way to one of them.
 * An attempt is made once and says how it went; remembering, order, retries and giving up are the
 * caller's (watch/delivery), with the pauses that this floor proposes.
 *
 * A text value of a sink may be `{env: NAME}`, `{file: PATH}` or `{credential: NAME}` (systemd's
 * credentials) instead of a literal: secrets stand in no configuration. Nothing that is returned or
 * printed from here holds one, and of a URL no more than its scheme and host.
 */
#ifndef SHOPPER_SINK_SINK_H
#define SHOPPER_SINK_SINK_H

#include "journey/loader.h"
#include "judge/event.h"
#include "text/yaml.h"

struct loop;
struct redactor;
struct sink_kind;
struct sink_text;

/* One sink of the configuration. */
struct sink {
    char *name;
    const struct sink_kind *kind;
    void *settings;           /* the kind's own */
    int worst_only;           /* tell severities 1 to this one; 4: all */
    char **stages, **owners;  /* NULL-terminated, only these; NULL: any */
    int64_t give_up_after_us; /* age of a delivery: 24 h */
    int64_t timeout_us;       /* of one attempt */
    bool insecure;            /* its certificate is not verified; said loudly */
    struct {
        struct sink_text **items; /* all its texts, which the settings borrow */
        size_t count, capacity;
    } texts;
    struct redactor *redactor; /* knows its secrets; NULL until sinks_resolve */
};

struct sink_list {
    struct sink *items;
    size_t count, capacity;
};

extern const struct shape sinks_shape; /* for the configuration's JSON Schema and its reference */

/* Of the mapping `sinks:`, name to sink. What is wrong is in `diags`. Reads no secret. */
void sinks_load(const struct yaml_node *node, struct sink_list *list, struct diags *diags);
/* Reads the secrets that the sinks name; those that are missing are errors in `diags`. Call it
 * before sink_send, while the document that the sinks were loaded from is there. */
bool sinks_resolve(struct sink_list *list, struct diags *diags) MUST_CHECK;
void sink_list_release(struct sink_list *list);
const struct sink *sink_list_find(const struct sink_list *list, const char *name);
const char *sink_kind_name(const struct sink *sink); /* "webhook" */
/* For a list: "https://hooks.example", "on-call@shop.example by smtp://mail.example:587". */
void sink_print_where(const struct sink *sink, struct buf *out);
/* "SEV1 and SEV2; stages login, checkout; owner payments", "all severities" */
void sink_print_what(const struct sink *sink, struct buf *out);

/* Whether this event is meant for it: severity, stage, owner. EVENT_TEST always is. What has no
 * stage, or stops a whole host, is of every stage; the owner of what the prober cannot see is
 * "prober". That a sink which was told of an incident also hears how it ends is the caller's to see
 * to. */
bool sink_wants(const struct sink *sink, const struct event *event);
/* Some receivers forget what is not told again and again (Alertmanager): tell what is open every so
 * often; 0: they do not. */
int64_t sink_refresh_us(const struct sink *sink);

/* --- Telling */

struct sender; /* the means: an HTTP client of its own, children, sockets */

struct sender_settings { /* all is copied but the loop */
    struct loop *loop;
    const char *source;     /* who tells: the location, or "mystery-shopper" */
    const char *public_url; /* of the status page, for links; NULL */
    const char *ca_file;    /* trust these instead of the system's; NULL */
};

/* NULL: error says why. */
struct sender *sender_new(const struct sender_settings *settings, struct error *error) MUST_CHECK;
void sender_free(struct sender *sender); /* nothing may be under way */

enum sink_outcome {
    SINK_DELIVERED,
    SINK_AGAIN,   /* it may work later: a timeout, 5xx, 429, a refused connection */
    SINK_REFUSED, /* it never will: 4xx, a program that says so */
    SINK_GONE     /* nothing ever will, until the configuration changes: 410 */
};

struct sink_result {
    enum sink_outcome outcome;
    int64_t after_us; /* the receiver's wish (Retry-After), for SINK_AGAIN; 0: none said */
    const char *why;  /* one line for people; "" when delivered to all; good for the call */
    const char
        *said; /* what the receiver said to it, or ""; for whoever looks after the sink, never
                  for other sinks: its secrets are hidden, but who knows what else it says */
};

typedef void sink_done(void *context, const struct sink_result *result);

struct sending;
/* `done` comes on a later turn of the loop, once, unless it is cancelled. Copies what it needs of
 * the event; the sink must outlive it. */
struct sending *sink_send(struct sender *sender, const struct sink *sink, const struct event *event,
                          sink_done *done, void *context) MUST_CHECK;
void sending_cancel(struct sending *sending);

/* The pause before the next try: doubles from 2 s to 5 min with `attempts` made so far, with jitter
 * (random_bits: any 64), at least what the receiver asked for (bounded to an hour). */
int64_t sink_pause_us(unsigned attempts, int64_t asked_us, uint64_t random_bits);

#endif
