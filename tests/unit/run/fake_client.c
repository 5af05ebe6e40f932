/* SPDX-License-Identifier: Apache-2.0 */
/* See fake_client.h. */
#include "fake_client.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct http_session {
    struct fake_client *fake;
    unsigned number;
};

struct http_exchange {
    struct http_session *session;
    const struct fake_answer *answer;
    char *url;
    int64_t started_us;
    http_done *done;
    void *context;
    struct timer timer;
};

static struct http_session *session_open(struct http_client *client)
{
    struct fake_client *fake = (struct fake_client *)client;
    struct http_session *session = NEW(struct http_session);
    session->fake = fake;
    session->number = ++fake->sessions_opened;
    fake->sessions_open++;
    return session;
}

static void session_close(struct http_session *session)
{
    session->fake->sessions_open--;
    free(session);
}

static void session_forget_connections(struct http_session *session)
{
    session->fake->connections_forgotten++;
}

static char *session_save_cookies(struct http_session *session)
{
    return xasprintf("cookies of session %u", session->number);
}

static void session_load_cookies(struct http_session *session, const char *saved)
{
    snprintf(session->fake->loaded_cookies, sizeof(session->fake->loaded_cookies), "%s", saved);
}

static void exchange_free(struct http_exchange *exchange)
{
    timer_cancel(&exchange->timer);
    free(exchange->url);
    free(exchange);
}

static void answer(void *context)
{
    struct http_exchange *exchange = context;
    const struct fake_answer *script = exchange->answer;
    struct http_result result = {
        .kind = script->kind,
        .detail = script->kind == OUTCOME_PASS
                      ? NULL
                      : xasprintf("scripted %s", outcome_word(script->kind)),
        .proxy = xstrdup(script->proxy),
        .request_sent = !script->not_sent,
        .message = message_new((size_t)1 << 20),
    };
    if (script->kind == OUTCOME_PASS)
        result.message->status = script->status ? script->status : 200;
    if (script->body) buf_add_text(&result.message->body, script->body);
    if (script->header[0]) {
        headers_add(&result.message->headers, view_of(script->header[0]),
                    view_of(script->header[1]));
    }
    result.message->url = xstrdup(exchange->url);
    result.message->redirects = script->redirects;
    result.message->timings.total_us =
        loop_now_us(exchange->session->fake->loop) - exchange->started_us;
    http_done *done = exchange->done;
    void *done_context = exchange->context;
    exchange_free(exchange);
    done(done_context, &result);
    http_result_release(&result);
}

static void note_headers(struct fake_sent *sent, const struct http_request *request)
{
    AUTO_BUF travels = BUF_INIT(BUF_OWN_CAP);
    sent->follow = request->follow;
    if (!request->header_carried) return; /* no run's */
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct header *header = &request->headers.items[i];
        AUTO_BUF away = BUF_INIT(BUF_OWN_CAP), home = BUF_INIT(BUF_OWN_CAP);
        const char *value = request->header_carried(request->rules_context, header, false, &away);
        if (value) buf_addf(&travels, "%s: %s\n", header->name, value);
        if (strcmp(header->name, "traceparent") != 0) continue;
        sent->trace_parent = xstrdup(header->value);
        value = request->header_carried(request->rules_context, header, true, &home);
        sent->next_trace_parent = xstrdup(value);
    }
    sent->travels = buf_take(&travels);
    sent->body_travels = request->body_carried(request->rules_context, request->body);
}

static struct http_exchange *send_request(struct http_session *session,
                                          struct http_request *request, http_done *done,
                                          void *context)
{
    static const struct fake_answer nothing_more = {.kind = OUTCOME_PROTOCOL};
    struct fake_client *fake = session->fake;
    struct http_exchange *exchange = NEW(struct http_exchange);
    exchange->session = session;
    exchange->answer =
        fake->next < fake->script_count ? &fake->script[fake->next++] : &nothing_more;
    exchange->url = xstrdup(request->url);
    exchange->started_us = loop_now_us(fake->loop);
    exchange->done = done;
    exchange->context = context;
    if (fake->sent_count < COUNT_OF(fake->sent)) {
        struct fake_sent *sent = &fake->sent[fake->sent_count++];
        *sent = (struct fake_sent){
            .line = xasprintf("%s %s", request->method, request->url),
            .body = xstrndup(request->body.data, request->body.length),
            .authorization = xstrdup(headers_get(&request->headers, "Authorization")),
            .session = session->number,
        };
        note_headers(sent, request);
    }
    timer_init(&exchange->timer, fake->loop, answer, exchange);
    int64_t after_us = exchange->answer->after_us ? exchange->answer->after_us : 10 * US_PER_MS;
    if (!exchange->answer->never) timer_set(&exchange->timer, exchange->started_us + after_us);
    return exchange;
}

static void cut(struct http_exchange *exchange, struct http_result *ret_result)
{
    *ret_result = (struct http_result){
        .kind = exchange->answer->kind == OUTCOME_PROBER ? OUTCOME_PROBER : OUTCOME_TIMEOUT,
        .detail = xstrdup("scripted cut"),
        .request_sent = !exchange->answer->not_sent,
        .message = message_new((size_t)1 << 20),
    };
    ret_result->message->url = xstrdup(exchange->url);
    ret_result->message->timings.total_us =
        loop_now_us(exchange->session->fake->loop) - exchange->started_us;
    exchange_free(exchange);
}

static const struct http_client_operations operations = {
    .session_open = session_open,
    .session_close = session_close,
    .session_forget_connections = session_forget_connections,
    .session_save_cookies = session_save_cookies,
    .session_load_cookies = session_load_cookies,
    .send = send_request,
    .cancel = exchange_free,
    .cut = cut,
};

void fake_client_init(struct fake_client *fake, struct loop *loop, const struct fake_answer *script,
                      size_t count)
{
    *fake = (struct fake_client){
        .client = {&operations},
        .loop = loop,
        .script = script,
        .script_count = count,
    };
}

void fake_client_release(struct fake_client *fake)
{
    for (size_t i = 0; i < fake->sent_count; i++) {
        free(fake->sent[i].line);
        free(fake->sent[i].body);
        free(fake->sent[i].authorization);
        free(fake->sent[i].travels);
        free(fake->sent[i].trace_parent);
        free(fake->sent[i].next_trace_parent);
    }
    fake->sent_count = 0;
}
