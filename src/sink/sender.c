/* SPDX-License-Identifier: Apache-2.0 */
/* One attempt to tell one sink, from its beginning to what is said of it. See sink.h. */
#include "sink/internal.h"

#include "http/curl_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sender *sender_new(const struct sender_settings *settings, struct error *error)
{
    struct sender *sender = NEW(struct sender);
    (void)error; /* nothing that can fail is begun before it is used */
    sender->loop = settings->loop;
    sender->source = xstrdup(settings->source);
    if (settings->public_url) sender->public_url = xstrdup(settings->public_url);
    if (settings->ca_file) sender->ca_file = xstrdup(settings->ca_file);
    return sender;
}

void sender_free(struct sender *sender)
{
    if (!sender) return;
    if (sender->client) sender->client->operations->free(sender->client);
    if (sender->insecure) sender->insecure->operations->free(sender->insecure);
    free(sender->source);
    free(sender->public_url);
    free(sender->ca_file);
    free(sender);
}

const struct sink_settings *sending_settings(const struct sending *sending)
{
    return sending->sink->settings;
}

static void sending_free(struct sending *sending)
{
    const struct http_client_operations *http =
        sending->client ? sending->client->operations : NULL;
    deferred_cancel(&sending->over);
    timer_cancel(&sending->timeout);
    if (sending->exchange) http->cancel(sending->exchange);
    if (sending->session) http->session_close(sending->session);
    if (sending->mail) mail_cancel(sending->mail);
    if (sending->child) child_kill(sending->child);
    watch_free(sending->watch);
    if (sending->descriptor >= 0) close(sending->descriptor);
    headers_release(&sending->headers);
    free(sending->body);
    free(sending->why);
    free(sending);
}

static void on_over(void *context)
{
    struct sending *sending = context;
    sending->done(sending->context, &sending->result);
    sending_free(sending);
}

void sending_end(struct sending *sending, enum sink_outcome outcome, int64_t after_us,
                 const char *why, ...)
{
    va_list arguments;
    va_start(arguments, why);
    char *text = NULL;
    if (vasprintf(&text, why, arguments) < 0) text = xstrdup("out of memory");
    va_end(arguments);
    free(sending->why);
    sending->why = words_line(text, WORDS_LINE_MAX);
    free(text);
    sending->result =
        (struct sink_result){.outcome = outcome, .after_us = after_us, .why = sending->why};
    deferred_queue(&sending->over);
}

struct sending *sink_send(struct sender *sender, const struct sink *sink, const struct event *event,
                          sink_done *done, void *context)
{
    struct sending *sending = NEW(struct sending);
    *sending = (struct sending){
        .sender = sender, .sink = sink, .done = done, .context = context, .descriptor = -1};
    deferred_init(&sending->over, sender->loop, on_over, sending);
    timer_init(&sending->timeout, sender->loop, NULL, sending);
    sink->kind->send(sending, event);
    return sending;
}

void sending_cancel(struct sending *sending)
{
    if (sending) sending_free(sending);
}
