/* SPDX-License-Identifier: Apache-2.0 */
/* What an exchange sends and brings when nothing is wrong; and how it is called off. */
#include "http_test.h"

static void answer_is_taken_in_whole(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST,
          SEND(
              "HTTP/1.1 201 Made\r\nX-Shop: a\r\nX-Shop:  b \r\nContent-Length: 5\r\n\r\nhello")}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/cart?x=1");
    assert_passed(probe, 201);
    const struct message *message = probe->result.message;
    assert_string_equal(buf_text(&message->body), "hello");
    assert_int_equal(message->http_version, 11);
    assert_int_equal(message->wire_bytes, 5);
    assert_string_equal(message->url, probe->url);
    assert_int_equal(message->headers.count, 3);
    assert_string_equal(message->headers.items[1].value, "b");
    assert_true(probe->result.request_sent);
    assert_int_equal(probe->done_calls, 1);
    assert_int_equal(message->hops.count, 1);
    const struct hop *hop = &message->hops.items[0];
    assert_string_equal(hop->method, "GET");
    assert_int_equal(hop->status, 201);
    assert_string_equal(hop->remote_address, "127.0.0.1");
    assert_int_equal(hop->response_headers.count, 3);
    assert_true(hop->timings.connect_us > 0);
    assert_int_equal(hop->timings.tls_us, 0);
    assert_true(hop->timings.first_byte_us > 0);
    assert_true(message->timings.total_us >= hop->timings.first_byte_us);
}

static void send_never_completes_before_it_returns(void **state)
{
    struct http_probe *probe = *state;
    struct http_request request = probe_request("no url");
    struct http_exchange *exchange =
        probe->client->operations->send(probe->session, &request, probe_done, probe);
    assert_non_null(exchange);
    assert_int_equal(probe->done_calls, 0);
    loop_run(probe->loop);
    assert_int_equal(probe->done_calls, 1);
    assert_outcome(probe, OUTCOME_CONTENT, "URL cannot be used");
    assert_false(probe->result.request_sent);
    assert_non_null(probe->result.message);
}

static void headers_go_out_as_they_stand(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    headers_add(&request.headers, VIEW_LITERAL("user-AGENT"), VIEW_LITERAL("Shopper/1"));
    headers_add(&request.headers, VIEW_LITERAL("X-Empty"), VIEW_LITERAL(""));
    headers_add(&request.headers, VIEW_LITERAL("X-Two"), VIEW_LITERAL("1"));
    headers_add(&request.headers, VIEW_LITERAL("X-Two"), VIEW_LITERAL("2"));
    probe_send(probe, &request);
    headers_release(&request.headers);
    assert_passed(probe, 200);
    const char *sent = script_server_request(probe->server, 0);
    assert_non_null(
        strstr(sent, "\r\nuser-AGENT: Shopper/1\r\nX-Empty:\r\nX-Two: 1\r\nX-Two: 2\r\n"));
    assert_non_null(strstr(sent, "Accept-Encoding: "));
}

static void header_value_with_a_line_break_is_refused(void **state)
{
    struct http_probe *probe = *state;
    struct http_request request = probe_request("http://127.0.0.1:1/");
    headers_add(&request.headers, VIEW_LITERAL("X-A"), VIEW_LITERAL("1\r\nX-B: 2"));
    probe_send(probe, &request);
    headers_release(&request.headers);
    assert_outcome(probe, OUTCOME_CONTENT, "a header's value holds a line break");
}

static void post_sends_its_body_and_nothing_uncalled_for(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.method = "POST";
    request.has_body = true;
    request.body = VIEW_LITERAL("a=1\0b");
    probe_send(probe, &request);
    assert_passed(probe, 200);
    const char *sent = script_server_request(probe->server, 0);
    assert_non_null(strstr(sent, "POST / HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "Content-Length: 5\r\n"));
    assert_null(strstr(sent, "Content-Type"));
    assert_null(strstr(sent, "Expect"));
    assert_null(strstr(sent, "Accept:")); /* nobody asked for it */
    const struct hop *hop = &probe->result.message->hops.items[0];
    assert_int_equal(hop->request_body.length, 5);
    assert_memory_equal(hop->request_body.data, "a=1\0b", 5);
}

static void empty_post_says_that_it_is_empty(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK), LOOP}}};
    PROBE_SERVE(probe, script);
    static const char *const methods[] = {"POST", "POST", "PUT"};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        struct http_request request = probe_request(probe_url(probe, "/"));
        request.method = methods[i];
        request.has_body = i != 0;
        probe_send(probe, &request);
        assert_passed(probe, 200);
        assert_non_null(strstr(script_server_request(probe->server, i), "Content-Length: 0\r\n"));
    }
}

static void methods_without_a_body_send_none(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"), READ_REQUEST,
          SEND("HTTP/1.1 204 Gone\r\n\r\n")}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.method = "HEAD";
    probe_send(probe, &request);
    assert_passed(probe, 200);
    assert_int_equal(probe->result.message->body.length, 0);
    request.method = "DELETE";
    probe_send(probe, &request);
    assert_passed(probe, 204);
    assert_non_null(strstr(script_server_request(probe->server, 1), "DELETE / HTTP/1.1\r\n"));
    assert_null(strstr(script_server_request(probe->server, 1), "Content-Length"));
}

static void credentials_in_the_url_become_a_header(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    AUTO_FREE char *url =
        xasprintf("http://ann:secret@127.0.0.1:%d/", script_server_port(probe->server));
    struct http_request request = probe_request(url);
    probe_send(probe, &request);
    assert_passed(probe, 200);
    assert_non_null(strstr(script_server_request(probe->server, 0),
                           "\r\nAuthorization: Basic YW5uOnNlY3JldA==\r\n"));
    assert_null(strstr(probe->result.message->url, "secret"));
}

static void connection_is_kept_within_a_session_and_costs_no_time(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK), LOOP}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/1");
    assert_passed(probe, 200);
    probe_get(probe, "/2");
    assert_passed(probe, 200);
    assert_int_equal(script_server_connections(probe->server), 1);
    assert_int_equal(probe->result.message->timings.dns_us, 0);
    assert_int_equal(probe->result.message->timings.connect_us, 0);
}

static void early_hints_are_passed_over(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_int_equal(probe->result.message->headers.count, 1);
}

static void chunked_body_with_trailers_is_read(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n")}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_string_equal(buf_text(&probe->result.message->body), "abcde");
    assert_string_equal(headers_get(&probe->result.message->headers, "x-sum"), "5");
}

static void body_without_a_length_ends_with_the_connection(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.0 200 OK\r\n\r\nall of it")}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_string_equal(buf_text(&probe->result.message->body), "all of it");
    assert_int_equal(probe->result.message->http_version, 10);
}

static void compressed_body_is_decoded_and_counted_as_it_came(void **state)
{
    struct http_probe *probe = *state;
    /* gzip of "hello hello hello hello" */
    static const struct script script[] = {
        {{READ_REQUEST,
          SEND("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 28\r\n\r\n"
               "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01"
               "\xe3\x51\x3d\x8d\x17\x00\x00\x00")}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    headers_add(&request.headers, VIEW_LITERAL("Accept-Encoding"), VIEW_LITERAL("gzip"));
    probe_send(probe, &request);
    headers_release(&request.headers);
    assert_non_null(strstr(script_server_request(probe->server, 0), "Accept-Encoding: gzip\r\n"));
    assert_passed(probe, 200);
    assert_string_equal(buf_text(&probe->result.message->body), "hello hello hello hello");
    assert_int_equal(probe->result.message->wire_bytes, 28);
}

static void stop_loop(void *context)
{
    loop_stop(((struct http_probe *)context)->loop);
}

/* Cancels after so many milliseconds, in whatever phase that is. */
static void cancel_after(struct http_probe *probe, const char *url, int ms)
{
    struct http_request request = probe_request(url);
    struct http_exchange *exchange =
        probe->client->operations->send(probe->session, &request, probe_done, probe);
    struct timer timer;
    timer_init(&timer, probe->loop, stop_loop, probe);
    timer_set(&timer, loop_now_us(probe->loop) + ms * US_PER_MS);
    if (ms) loop_run(probe->loop);
    timer_cancel(&timer);
    probe->client->operations->cancel(exchange);
}

static void request_that_is_malformed_is_not_sent(void **state)
{
    struct http_probe *probe = *state;
    struct http_request request = probe_request("http://127.0.0.1:1/");
    request.method = "GET /";
    probe_send(probe, &request);
    assert_outcome(probe, OUTCOME_CONTENT, "the request's method is no word");
    request = probe_request("http://127.0.0.1:1/");
    headers_add(&request.headers, VIEW_LITERAL("X Y"), VIEW_LITERAL("1"));
    probe_send(probe, &request);
    assert_outcome(probe, OUTCOME_CONTENT, "a header's name is malformed");
    assert_false(probe->result.request_sent);
}

/* What the server heard of the request, in the words that it came in. */
static void assert_told_as_heard(const struct hop *hop, const char *heard)
{
    AUTO_BUF told = BUF_INIT(BUF_OWN_CAP);
    vec_each(header, &hop->sent_headers) buf_addf(&told, "%s: %s\r\n", header->name, header->value);
    buf_add_text(&told, "\r\n");
    const char *line_end = strstr(heard, "\r\n");
    assert_non_null(line_end);
    const char *end = strstr(line_end, "\r\n\r\n");
    assert_non_null(end);
    AUTO_FREE char *head = xstrndup(line_end + 2, (size_t)(end + 4 - line_end - 2));
    assert_string_equal(buf_text(&told), head);
}

static void what_left_is_told_as_the_server_heard_it(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST,
          SEND("HTTP/1.1 302 F\r\nLocation: /b\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"),
          READ_REQUEST, SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/a"));
    request.method = "POST";
    request.body = VIEW_LITERAL("sku=1\r\n\r\nmore");
    request.has_body = request.want_sent = true;
    request.follow = 1;
    headers_add(&request.headers, VIEW_LITERAL("X-Shop"), VIEW_LITERAL("a"));
    probe_send(probe, &request);
    assert_passed(probe, 200);
    const struct message *message = probe->result.message;
    assert_int_equal(message->hops.count, 2);
    for (size_t i = 0; i < message->hops.count; i++)
        assert_told_as_heard(&message->hops.items[i], script_server_request(probe->server, i));
    const struct hop *first = &message->hops.items[0], *second = &message->hops.items[1];
    assert_string_equal(headers_get(&first->sent_headers, "Content-Length"), "13");
    assert_string_equal(headers_get(&second->sent_headers, "Cookie"), "a=1");
    assert_non_null(headers_get(&first->sent_headers, "Host"));
    assert_int_equal(first->request_headers.count, 1);
}

static void what_left_is_not_told_unasked(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_int_equal(probe->result.message->hops.items[0].sent_headers.count, 0);
}

static void cancelled_exchange_never_completes(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), WAIT(60000)}},
        {{READ_REQUEST, SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    cancel_after(probe, probe_url(probe, "/"), 30);
    cancel_after(probe, "no url", 0);
    assert_int_equal(probe->done_calls, 0);
    assert_true(loop_is_empty(probe->loop));
    probe_get(probe, "/again");
    assert_passed(probe, 200);
    assert_int_equal(probe->done_calls, 1);
}

static void close_in_done(void *context, struct http_result *result)
{
    struct http_probe *probe = context;
    probe_done(probe, result);
    probe->client->operations->session_close(take(probe->session));
}

static void session_closed_from_done_leaves_nothing(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK), WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    struct http_exchange *exchange =
        probe->client->operations->send(probe->session, &request, close_in_done, probe);
    assert_non_null(exchange);
    loop_run(probe->loop);
    assert_passed(probe, 200);
    assert_true(loop_is_empty(probe->loop));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_TEST(answer_is_taken_in_whole),
        PROBE_TEST(send_never_completes_before_it_returns),
        PROBE_TEST(headers_go_out_as_they_stand),
        PROBE_TEST(header_value_with_a_line_break_is_refused),
        PROBE_TEST(post_sends_its_body_and_nothing_uncalled_for),
        PROBE_TEST(empty_post_says_that_it_is_empty),
        PROBE_TEST(methods_without_a_body_send_none),
        PROBE_TEST(credentials_in_the_url_become_a_header),
        PROBE_TEST(connection_is_kept_within_a_session_and_costs_no_time),
        PROBE_TEST(early_hints_are_passed_over),
        PROBE_TEST(chunked_body_with_trailers_is_read),
        PROBE_TEST(body_without_a_length_ends_with_the_connection),
        PROBE_TEST(compressed_body_is_decoded_and_counted_as_it_came),
        PROBE_TEST(request_that_is_malformed_is_not_sent),
        PROBE_TEST(what_left_is_told_as_the_server_heard_it),
        PROBE_TEST(what_left_is_not_told_unasked),
        PROBE_TEST(cancelled_exchange_never_completes),
        PROBE_TEST(session_closed_from_done_leaves_nothing),
        PIN_MESSAGES("http/client.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
