/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One event's way to one sink. A sending begins with sink_send, hands itself to its kind, which
 * takes one way (post.c, errand.c, a child, a mail), and ends with sending_end: `done` is called on
 * the next turn, and the sending is gone.
 */
#include "sink/internal.h"

#include "base/redact.h"
#include "http/http.h"
#include "http/mail.h"
#include "loop/child.h"
#include "loop/errand.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define WHY_BYTES 300
#define SAID_BYTES 120

struct sender *sender_new(const struct sender_settings *settings, struct error *error)
{
    (void)error; /* clients are made when they are needed */
    struct sender *sender = NEW(struct sender);
    sender->loop = settings->loop;
    sender->source = xstrdup(settings->source ? settings->source : "mystery-shopper");
    sender->public_url = xstrdup(settings->public_url);
    sender->ca_file = xstrdup(settings->ca_file);
    return sender;
}

void sender_free(struct sender *sender)
{
    if (!sender) return;
    ASSERT(!sender->under_way);
    for (size_t i = 0; i < COUNT_OF(sender->clients); i++)
        if (sender->clients[i]) sender->clients[i]->operations->free(sender->clients[i]);
    receivers_release(sender);
    free(sender->source);
    free(sender->public_url);
    free(sender->ca_file);
    free(sender);
}

int64_t sending_wall_us(const struct sending *sending)
{
    return clock_wall_us(loop_clock(sending->sender->loop));
}

static void sending_free(struct sending *sending)
{
    if (sending->session) {
        struct http_client *client = sending->sender->clients[sending->sink->insecure];
        client->operations->session_close(sending->session);
    }
    sending->sender->under_way--;
    event_release(&sending->event);
    headers_release(&sending->headers);
    buf_release(&sending->body);
    free(sending->url);
    free(sending->why);
    free(sending->said);
    free(sending);
}

static void on_end(void *context)
{
    struct sending *sending = context;
    AUTO_FREE char *why = take(sending->why), *said = take(sending->said);
    struct sink_result result = {sending->outcome, sending->after_us, why, said ? said : ""};
    sink_done *done = sending->done;
    void *whose = sending->context;
    sending_free(sending);
    done(whose, &result);
}

/* Made visible, cut, and rid of the sink's secrets. */
static char *clean(const struct sending *sending, struct view words, size_t limit)
{
    AUTO_BUF redacted = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF tame = BUF_INIT(BUF_OWN_CAP);
    redact_add(sending->sink->redactor, &redacted, words);
    tame_add(&tame, buf_text(&redacted), limit);
    return buf_take(&tame);
}

void sending_hear(struct sending *sending, struct view said)
{
    free(sending->said);
    sending->said = clean(sending, said, SAID_BYTES);
}

void sending_end(struct sending *sending, enum sink_outcome outcome, int64_t after_us,
                 const char *format, ...)
{
    char *words = NULL;
    va_list arguments;
    va_start(arguments, format);
    ASSERT(vasprintf(&words, format, arguments) >= 0);
    va_end(arguments);

    sending->outcome = outcome;
    sending->after_us = outcome == SINK_AGAIN ? after_us : 0;
    free(sending->why);
    sending->why = clean(sending, view_of(words), WHY_BYTES);
    free(words);
    deferred_queue(&sending->end);
}

struct sending *sink_send(struct sender *sender, const struct sink *sink, const struct event *event,
                          sink_done *done, void *context)
{
    struct sending *sending = NEW(struct sending);
    sending->sender = sender;
    sending->sink = sink;
    sending->event = event_tame(event);
    sending->done = done;
    sending->context = context;
    sending->body = BUF_INIT(BUF_OWN_CAP);
    deferred_init(&sending->end, sender->loop, on_end, sending);
    sender->under_way++;
    sink->kind->send(sending);
    return sending;
}

void sending_cancel(struct sending *sending)
{
    if (!sending) return;
    deferred_cancel(&sending->end);
    timer_cancel(&sending->limit);
    if (sending->exchange) {
        struct http_client *client = sending->sender->clients[sending->sink->insecure];
        client->operations->cancel(sending->exchange);
    }
    if (sending->mail) mail_cancel(sending->mail);
    child_kill(sending->child);
    errand_cancel(sending->errand);
    sending_free(sending);
}
