/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server against clients that keep to no rules. */
#include "loop/http_server.h"

#include "support/golden.h"
#include "support/http_talk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    struct loop *loop;
    struct http_server *server;
    struct http_call *held; /* a call that is not answered yet */
    bool hold, stream, first_was_sent;
    unsigned gone;
    char asked[500]; /* method, path, query, body of the latest call */
};

static void gone(void *context)
{
    struct fixture *f = context;
    f->gone++;
    http_stream_end(take(f->held));
    loop_stop(f->loop);
}

static void stop(void *context)
{
    loop_stop(context);
}

static void called(void *context, struct http_call *call)
{
    struct fixture *f = context;
    if (call->refused) {
        AUTO_FREE char *line = xasprintf("%d: %s", call->refused, call->refused_why);
        golden_note(line);
        http_reply(call, call->refused, NULL, view_of(call->refused_why));
        return;
    }
    snprintf(f->asked, sizeof f->asked, "%d %.*s ?%.*s |%.*s", call->method,
             VIEW_PRINTF(call->path), VIEW_PRINTF(call->query), VIEW_PRINTF(call->body));
    if (f->hold || f->stream) f->held = call;
    if (f->stream) {
        http_stream_begin(call, (const struct http_reply_header[]){{"X-Stream", "1"}, {0}}, gone,
                          f);
        f->first_was_sent = http_stream_send(call, VIEW_LITERAL("first\n"));
    }
    if (f->held) {
        loop_stop(f->loop);
        return;
    }
    AUTO_BUF value = BUF_INIT(1000);
    switch (http_call_parameter(call, "say", &value)) {
    case HTTP_PARAMETER_ABSENT: buf_add_text(&value, "hello"); break;
    case HTTP_PARAMETER_GIVEN: break;
    case HTTP_PARAMETER_BROKEN:
        buf_clear(&value);
        buf_add_text(&value, "broken");
        break;
    }
    http_reply(call, 200,
               (const struct http_reply_header[]){{"X-One", "1"}, {"X-Evil", "a\r\nb: c"}, {0}},
               buf_view(&value));
}

static int setup(void **state)
{
    static const char *const hosts[] = {"shop.example", NULL};
    struct fixture *f = NEW(struct fixture);
    f->loop = loop_new(NULL, NULL);
    f->server = http_server_new(f->loop,
                                &(struct http_server_settings){.address = "127.0.0.1",
                                                               .header_bytes = 2000,
                                                               .body_bytes = 1000,
                                                               .headers = 10,
                                                               .connections = 3,
                                                               .idle_us = 200 * US_PER_MS,
                                                               .hosts = hosts,
                                                               .called = called,
                                                               .context = f},
                                NULL);
    *state = f;
    return f->server ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    http_server_free(f->server);
    bool empty = loop_is_empty(f->loop);
    loop_free(f->loop);
    free(f);
    return empty ? 0 : -1;
}

static char *ask(struct fixture *f, const char *request)
{
    return talk_once(f->loop, http_server_port(f->server), request);
}

#define HAS(text, part)                                                                            \
    do {                                                                                           \
        const char *text_ = (text);                                                                \
        if (!strstr(text_, (part))) fail_msg("no \"%s\" in: %s", (part), text_);                   \
    } while (0)

/* --- Requests and answers */

static void test_request_with_body_is_told_whole(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *heard = ask(f, "POST /a%20b/c?x=1&y HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: "
                                   "close\r\nContent-Length: 4\r\n\r\nbody");
    HAS(heard, "HTTP/1.1 200 OK\r\n");
    assert_string_equal(f->asked, "2 /a%20b/c ?x=1&y |body");
}

static void test_parameter_percent_and_plus_are_decoded(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *heard = ask(f, "GET /?no=1&s%61y=a+%3Cb%3E HTTP/1.1\r\nHost: [::1]:80\r\n"
                                   "Connection: close\r\n\r\n");
    HAS(heard, "\r\n\r\na <b>");
}

static void test_parameter_that_is_broken_is_not_taken_as_absent(void **state)
{
    static const char *const queries[] = {"say=%zz", "say=a%", "say=a%00b", "x=1&say=%f"};
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        AUTO_FREE char *request = xasprintf(
            "GET /?%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", queries[i]);
        AUTO_FREE char *heard = ask(f, request);
        HAS(heard, "\r\n\r\nbroken");
    }
}

static void test_head_gets_the_length_and_no_body(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *heard =
        ask(f, "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    HAS(heard, "Content-Length: 5\r\n");
    assert_string_equal(heard + strlen(heard) - 4, "\r\n\r\n");
}

static void test_reply_header_with_a_line_end_is_left_out(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *heard =
        ask(f, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    HAS(heard, "X-One: 1\r\n");
    assert_null(strstr(heard, "X-Evil"));
}

static void test_connection_second_request_is_answered(void **state)
{
    struct fixture *f = *state;
    struct talk talk;
    const char first[] = "GET /1?say=one HTTP/1.1\r\nHost: localhost\r\n\r\n"
                         "GET /2?say=two HTTP/1.1\r\nHost: localhost\r\n\r\n";
    talk_open(&talk, f->loop, http_server_port(f->server));
    talk_say(&talk, first);
    HAS(talk_until(&talk, "two"), "one");
    talk_close(&talk);
}

/* --- Refusals */

static void test_host_that_is_not_ours_is_refused(void **state)
{
    static const struct {
        const char *host;
        const char *status;
    } cases[] = {{"evil.example", "421"},
                 {"localhost.evil.example", "421"},
                 {"SHOP.example:80", "200"},
                 {"10.1.2.3", "200"},
                 {"", "421"},
                 {"[::1", "421"},
                 {"localhost:evil@x", "421"},
                 {"localhost:80:80", "421"},
                 {"[::1]x", "421"},
                 {"[::1]:80", "200"},
                 {"127.0.0.1.nip.io", "421"}};
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *request =
            xasprintf("GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", cases[i].host);
        AUTO_FREE char *heard = ask(f, request);
        if (strncmp(heard + 9, cases[i].status, 3) != 0)
            fail_msg("host %s: %s", cases[i].host, heard);
    }
}

static void test_host_of_an_absolute_target_counts_and_the_header_does_not(void **state)
{
    static const struct {
        const char *line, *host; /* NULL: without a header */
        const char *says;
    } cases[] = {
        {"GET http://localhost/a?say=two HTTP/1.1", "evil.example", "0 /a ?say=two |"},
        {"GET HTTP://[::1]:80 HTTP/1.1", "evil.example", "0 / ? |"},
        {"POST http://127.0.0.1:9180?a/b HTTP/1.0", NULL, "2 / ?a/b |body"},
        {"DELETE http://SHOP.example//a HTTP/1.1", "x", "3 //a ? |body"},
        {"GET http://evil.example/ HTTP/1.1", "localhost", "421"},
        {"GET http://evil.example HTTP/1.0", NULL, "421"},
        {"GET http://localhost:80:80/ HTTP/1.1", "localhost", "421"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool body = strstr(cases[i].says, "body"), refused = strlen(cases[i].says) == 3;
        AUTO_FREE char *host = xasprintf("hOSt: %s\r\n", cases[i].host);
        AUTO_FREE char *request =
            xasprintf("%s\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s", cases[i].line,
                      cases[i].host ? host : "", body ? 4 : 0, body ? "body" : "");
        *f->asked = '\0';
        AUTO_FREE char *heard = ask(f, request);
        HAS(heard, refused ? " 421 " : " 200 OK");
        assert_string_equal(f->asked, refused ? "" : cases[i].says);
    }
}

static void test_two_hosts_are_refused(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *heard = ask(f, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n"
                                   "Connection: close\r\n\r\n");
    HAS(heard, "HTTP/1.1 400 ");
}

static void test_many_headers_are_refused(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *heard =
        ask(f, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\na:1\r\nb:1\r\nc:1\r\n"
               "d:1\r\ne:1\r\nf:1\r\ng:1\r\nh:1\r\ni:1\r\n\r\n");
    HAS(heard, "HTTP/1.1 431 ");
}

static void test_long_header_and_long_body_are_refused(void **state)
{
    struct fixture *f = *state;
    char many[4000];
    memset(many, 'a', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    AUTO_FREE char *header = xasprintf("GET / HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n", many);
    AUTO_FREE char *body = xasprintf(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n%s", strlen(many), many);
    AUTO_FREE char *first = ask(f, header), *second = ask(f, body);
    HAS(first, "HTTP/1.1 4");
    HAS(second, "HTTP/1.1 413 ");
    assert_string_equal(f->asked, "");
}

static void test_request_that_is_no_http_is_refused_and_ends(void **state)
{
#define POST "POST / HTTP/1.1\r\nHost: localhost\r\n"
#define GET "GET / HTTP/1.1\r\nHost: localhost\r\n"
    static const struct {
        const char *request;
        int status;
    } cases[] = {
        {POST "Content-Length: 3\r\nContent-Length: 30\r\n\r\nabcGET /second HTTP/1.1\r\n\r\n",
         400},
        {POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
        {POST "Content-Length: +3\r\n\r\nabc", 400},
        {POST "Content-Length: 3, 3\r\n\r\nabc", 400},
        {POST "Content-Length: 99999999999999999999\r\n\r\nabc", 400},
        {POST "Content-Length: 0x3\r\n\r\nabc", 400},
        {POST "Transfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n", 411},
        {POST "Transfer-Encoding: xchunked\r\n\r\nGET /second HTTP/1.1\r\n\r\n", 411},
        {POST "Expect: a miracle\r\nContent-Length: 3\r\n\r\n", 417},
        {GET "Host : evil.example\r\n\r\n", 400},
        {GET "Host: localhost\r\n\r\n", 400},
        {GET "X: a\r\n folded\r\n\r\n", 400},
        {GET "X: a\x01z\r\n\r\n", 400},
        {GET "no colon\r\n\r\n", 400},
        {GET ": no name\r\n\r\n", 400},
        {"GET / HTTP/1.1\nHost: localhost\n\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET /  HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET / HTTP/1.1 x\r\nHost: localhost\r\n\r\n", 400},
        {"GET http://localhost/ HTTP/1.1\r\n\r\n", 400},
        {"GET http://localhost/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET http:/localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET http:///a HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET http://a@localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET http://localhost\\@evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET http://localhost//a:b/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET http://localhost#/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET refused:0 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET //a:b/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET /\x80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505},
        {"GET / FTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501},
        {"\r\n\r\n" GET "\r\n", 400},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        *f->asked = '\0';
        AUTO_FREE char *heard = ask(f, cases[i].request);
        if (strncmp(heard, "HTTP/1.1 ", 9) != 0 || atoi(heard + 9) != cases[i].status ||
            strstr(heard, "<HTML>") || strstr(heard + 9, "HTTP/1.1 "))
            fail_msg("%s: %s", cases[i].request, heard);
    }
}

static void test_body_is_no_second_request_whatever_the_method(void **state)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE"};
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        AUTO_FREE char *request =
            xasprintf("%s /?say=first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 27\r\n\r\n"
                      "GET /?say=evil HTTP/1.0\r\n\r\n"
                      "GET /?say=second HTTP/1.0\r\n\r\n",
                      methods[i]);
        AUTO_FREE char *heard = ask(f, request);
        if (strstr(heard, "evil") || !strstr(heard, "\r\n\r\nsecond") || strstr(heard, " 400 "))
            fail_msg("%s: %s", methods[i], heard);
    }
}

static void test_request_that_comes_in_pieces_is_heard_whole(void **state)
{
    struct fixture *f = *state;
    const char request[] = "\r\nPOST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"
                           "bodyGET /?say=two HTTP/1.1\r\nHost: localhost\r\n\r\nBREW";
    struct talk talk;
    talk_open(&talk, f->loop, http_server_port(f->server));
    for (size_t i = 0; i < sizeof request - 1; i++) {
        struct deferred turn;
        talk_say(&talk, (const char[]){request[i], '\0'});
        deferred_init(&turn, f->loop, stop, f->loop);
        deferred_queue(&turn);
        loop_run(f->loop);
    }
    HAS(talk_until(&talk, "two"), "\r\n\r\nhello");
    talk_say(&talk, " / HTTP/1.1\r\n");
    HAS(talk_until(&talk, NULL), "HTTP/1.1 501 ");
    talk_close(&talk);
}

static void test_rubbish_is_refused_and_ends(void **state)
{
    static const char *const rubbish[] = {
        "\r\n\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"};
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(rubbish); i++) {
        AUTO_FREE char *heard = ask(f, rubbish[i]);
        assert_null(strstr(heard, "200 OK"));
        assert_null(strstr(heard, "nothing came"));
    }
}

/* --- Time and places */

static void test_request_that_does_not_end_is_closed(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *heard = ask(f, "GET / HTTP/1.1\r\nHost: loc");
    assert_string_equal(heard, "");
}

static void test_connection_that_says_nothing_is_closed(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *heard = ask(f, "");
    assert_string_equal(heard, "");
}

static void test_connection_beyond_the_limit_waits_for_a_place(void **state)
{
    struct fixture *f = *state;
    struct talk idle[3];
    for (size_t i = 0; i < COUNT_OF(idle); i++)
        talk_open(&idle[i], f->loop, http_server_port(f->server));
    /* It is heard once the idle ones were ended. */
    AUTO_FREE char *heard =
        ask(f, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    HAS(heard, "200 OK");
    for (size_t i = 0; i < COUNT_OF(idle); i++) talk_close(&idle[i]);
}

static void test_connection_beyond_the_limit_takes_the_place_of_the_longest_idle(void **state)
{
    struct fixture *f = *state;
    struct talk talks[4];
    http_server_free(f->server);
    f->server = http_server_new(f->loop,
                                &(struct http_server_settings){.address = "127.0.0.1",
                                                               .header_bytes = 2000,
                                                               .body_bytes = 1000,
                                                               .headers = 10,
                                                               .connections = 3,
                                                               .idle_us = 3600 * US_PER_SECOND,
                                                               .called = called,
                                                               .context = f},
                                NULL);
    for (size_t i = 0; i < COUNT_OF(talks); i++) {
        talk_open(&talks[i], f->loop, http_server_port(f->server));
        talk_say(&talks[i], "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        HAS(talk_until(&talks[i], "hello"), "200 OK");
    }
    talk_until(&talks[0], NULL); /* for an hour, if it stays */
    assert_true(talks[0].ended);
    talk_say(&talks[1], "GET /?say=again HTTP/1.1\r\nHost: localhost\r\n\r\n");
    HAS(talk_until(&talks[1], "again"), "again");
    for (size_t i = 0; i < COUNT_OF(talks); i++) talk_close(&talks[i]);
}

static void test_call_client_left_is_answered_for_nothing(void **state)
{
    struct fixture *f = *state;
    struct talk talk;
    f->hold = true;
    talk_open(&talk, f->loop, http_server_port(f->server));
    talk_say(&talk, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    loop_run(f->loop);
    assert_non_null(f->held);
    talk_close(&talk);
    http_reply(take(f->held), 200, NULL, VIEW_LITERAL("too late"));
    f->hold = false;
    AUTO_FREE char *heard =
        ask(f, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    HAS(heard, "hello");
}

static void left(void *context)
{
    struct fixture *f = context;
    f->gone++;
    http_reply(take(f->held), 504, NULL, VIEW_NONE);
    loop_stop(f->loop);
}

static void test_call_that_is_watched_is_told_that_its_client_left(void **state)
{
    struct fixture *f = *state;
    struct talk talk;
    f->hold = true;
    talk_open(&talk, f->loop, http_server_port(f->server));
    talk_say(&talk, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    loop_run(f->loop);
    assert_non_null(f->held);
    http_call_watch(f->held, left, f);
    talk_close(&talk);
    loop_run(f->loop); /* it never ends when nobody notices */
    assert_int_equal(f->gone, 1);
}

static void test_call_server_that_ends_takes_it_along(void **state)
{
    struct fixture *f = *state;
    struct talk talk;
    f->hold = true;
    talk_open(&talk, f->loop, http_server_port(f->server));
    talk_say(&talk, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    loop_run(f->loop);
    assert_non_null(f->held);
    http_server_free(take(f->server));
    talk_until(&talk, NULL);
    assert_true(talk.ended);
    talk_close(&talk);
}

static void test_stream_client_that_leaves_is_told(void **state)
{
    struct fixture *f = *state;
    struct talk talk;
    f->stream = true;
    talk_open(&talk, f->loop, http_server_port(f->server));
    talk_say(&talk, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    HAS(talk_until(&talk, "first"), "Transfer-Encoding: chunked");
    assert_true(http_stream_send(f->held, VIEW_LITERAL("second\n")));
    talk_until(&talk, "second");
    talk_close(&talk);
    /* Whoever has left is found out by writing to them. */
    for (int i = 0; i < 100 && !f->gone; i++) {
        if (!http_stream_send(f->held, VIEW_LITERAL("more\n"))) break;
        struct timer turn;
        timer_init(&turn, f->loop, stop, f->loop);
        timer_set(&turn, loop_now_us(f->loop) + 1000);
        loop_run(f->loop);
        timer_cancel(&turn);
    }
    assert_int_equal(f->gone, 1);
}

static void test_process_with_a_server_does_not_die_of_a_broken_pipe(void **state)
{
    struct sigaction action;
    (void)state;
    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_true(action.sa_handler == SIG_IGN);
}

static void test_stream_client_that_does_not_read_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct talk talk;
    char many[10000];
    memset(many, 'a', sizeof many);
    f->stream = true;
    talk_open(&talk, f->loop, http_server_port(f->server));
    talk_say(&talk, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    loop_run(f->loop);
    size_t taken = 0;
    while (taken < 1000 && http_stream_send(f->held, (struct view){many, sizeof many})) taken++;
    assert_true(taken < 1000);
    http_stream_end(take(f->held));
    talk_close(&talk);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_request_with_body_is_told_whole),
        TEST(test_parameter_percent_and_plus_are_decoded),
        TEST(test_parameter_that_is_broken_is_not_taken_as_absent),
        TEST(test_head_gets_the_length_and_no_body),
        TEST(test_reply_header_with_a_line_end_is_left_out),
        TEST(test_connection_second_request_is_answered),
        TEST(test_host_that_is_not_ours_is_refused),
        TEST(test_host_of_an_absolute_target_counts_and_the_header_does_not),
        TEST(test_two_hosts_are_refused),
        TEST(test_many_headers_are_refused),
        TEST(test_long_header_and_long_body_are_refused),
        TEST(test_request_that_is_no_http_is_refused_and_ends),
        TEST(test_body_is_no_second_request_whatever_the_method),
        TEST(test_request_that_comes_in_pieces_is_heard_whole),
        TEST(test_rubbish_is_refused_and_ends),
        TEST(test_request_that_does_not_end_is_closed),
        TEST(test_connection_that_says_nothing_is_closed),
        TEST(test_connection_beyond_the_limit_waits_for_a_place),
        TEST(test_connection_beyond_the_limit_takes_the_place_of_the_longest_idle),
        TEST(test_call_client_left_is_answered_for_nothing),
        TEST(test_call_that_is_watched_is_told_that_its_client_left),
        TEST(test_call_server_that_ends_takes_it_along),
        TEST(test_stream_client_that_leaves_is_told),
        TEST(test_process_with_a_server_does_not_die_of_a_broken_pipe),
        TEST(test_stream_client_that_does_not_read_is_given_up),
        PIN_MESSAGES("loop/http_server.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
