/* SPDX-License-Identifier: Apache-2.0 */
/* Redirects: what is followed, what travels along, and where it ends. */
#include "http_test.h"

/* As 127.0.0.1:PORT under another name, so that a second host needs no name server. */
static char elsewhere[64];

static void redirect_is_followed_and_each_hop_noted(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "../b?x=1#frag")), READ_REQUEST,
          SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/a/");
    assert_passed(probe, 200);
    const struct message *message = probe->result.message;
    assert_int_equal(message->redirects, 1);
    assert_int_equal(message->hops.count, 2);
    assert_int_equal(message->hops.items[0].status, 302);
    assert_non_null(headers_get(&message->hops.items[0].response_headers, "Location"));
    assert_null(headers_get(&message->headers, "Location"));
    assert_string_equal(message->url, probe_url(probe, "/b?x=1"));
    assert_string_equal(buf_text(&message->body), "ok");
}

static void redirect_is_the_answer_when_none_is_followed(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "/b"))}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.follow = 0;
    probe_send(probe, &request);
    assert_passed(probe, 302);
    assert_int_equal(probe->result.message->hops.count, 1);
}

#define CASE(status)                                                                               \
    {                                                                                              \
        {                                                                                          \
            {                                                                                      \
                READ_REQUEST, SEND(ANSWER_REDIRECT(status, "/b")), READ_REQUEST, SEND(ANSWER_OK),  \
                    LOOP                                                                           \
            }                                                                                      \
        }                                                                                          \
    }

static void methods_change_as_in_browsers(void **state)
{
    static const struct script scripts[][1] = {CASE("301"), CASE("302"), CASE("303"), CASE("307"),
                                               CASE("308")};
    static const struct {
        size_t script;
        const char *method, *second;
        bool keeps_body;
    } cases[] = {
        {0, "POST", "GET /b ", false}, {1, "POST", "GET /b ", false}, {2, "POST", "GET /b ", false},
        {3, "POST", "POST /b ", true}, {4, "POST", "POST /b ", true}, {2, "PUT", "GET /b ", false},
        {1, "PUT", "PUT /b ", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_probe probe;
        probe_init(&probe, NULL);
        probe_serve(&probe, scripts[cases[i].script], 1);
        struct http_request request = probe_request(probe_url(&probe, "/"));
        request.method = cases[i].method;
        request.has_body = true;
        request.body = VIEW_LITERAL("{\"a\":1}");
        headers_add(&request.headers, VIEW_LITERAL("Content-Type"),
                    VIEW_LITERAL("application/json"));
        probe_send(&probe, &request);
        headers_release(&request.headers);
        assert_passed(&probe, 200);
        const char *second = script_server_request(probe.server, 1);
        assert_memory_equal(second, cases[i].second, strlen(cases[i].second));
        assert_int_equal(strstr(second, "{\"a\":1}") != NULL, cases[i].keeps_body);
        assert_int_equal(strstr(second, "Content-Type") != NULL, cases[i].keeps_body);
        assert_true(probe_release(&probe));
    }
}

static void head_stays_head(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 303 See\r\nLocation: /b\r\n\r\n"), READ_REQUEST,
          SEND("HTTP/1.1 200 OK\r\n\r\n")}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.method = "HEAD";
    probe_send(probe, &request);
    assert_outcome(probe, OUTCOME_PASS, "");
    assert_memory_equal(script_server_request(probe->server, 1), "HEAD /b ", 8);
}

static void too_many_redirects_are_told(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "/1")), READ_REQUEST,
          SEND(ANSWER_REDIRECT("302", "/2")), READ_REQUEST, SEND(ANSWER_REDIRECT("302", "/3"))}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.follow = 2;
    probe_send(probe, &request);
    assert_outcome(probe, OUTCOME_REDIRECT, "more than 2 redirects");
    assert_string_equal(probe->result.expected, "at most 2 redirects");
    assert_int_equal(probe->result.message->hops.count, 3);
    assert_int_equal(probe->result.message->status, 302);
    assert_true(probe->result.request_sent);
}

static void circle_is_told_before_the_limit(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "/b")), READ_REQUEST,
          SEND(ANSWER_REDIRECT("302", "/a")), LOOP}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/a"));
    request.follow = 50;
    probe_send(probe, &request);
    assert_outcome(probe, OUTCOME_REDIRECT, "go round in a circle");
    assert_int_equal(probe->result.message->hops.count, 2);
}

static void way_back_after_a_cookie_was_set_is_no_circle(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "/login")), READ_REQUEST,
          SEND("HTTP/1.1 302 F\r\nSet-Cookie: seen=1\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
          READ_REQUEST, SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_non_null(strstr(script_server_request(probe->server, 2), "Cookie: seen=1"));
}

static bool only_the_address(void *context, const char *host)
{
    (void)context;
    return !strcmp(host, "127.0.0.1");
}

static void host_that_is_not_allowed_gets_nothing(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "http://evil.test/steal")), READ_REQUEST,
          SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.allowed = only_the_address;
    probe_send(probe, &request);
    assert_outcome(probe, OUTCOME_REDIRECT, "a redirect to evil.test, which is not among");
    assert_string_equal(probe->result.expected, "an allowed host");
    assert_string_equal(probe->result.actual, "evil.test");
    assert_int_equal(probe->result.message->hops.count, 1);
    request.url = probe_url(probe, "/where/it/was");
    probe_send(probe, &request);
    assert_passed(probe, 200);
    request.url = "http://evil.test/";
    probe_send(probe, &request);
    assert_outcome(probe, OUTCOME_REDIRECT, "evil.test is not among the allowed hosts");
    assert_false(probe->result.request_sent);
}

static void other_schemes_are_not_followed(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "file:///etc/passwd"))}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_outcome(probe, OUTCOME_REDIRECT, "leads nowhere");
}

static void secrets_set_by_hand_stay_at_their_origin(void **state)
{
    (void)state;
    static char answer[200];
    static struct script first[1] = {{{READ_REQUEST, SEND_TEXT(answer)}}};
    static const struct script second[1] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "/again")), READ_REQUEST, SEND(ANSWER_OK)}}};
    struct script_server_options options = {.scripts = second, .script_count = 1};
    struct script_server *other = script_server_new(&options);
    int port = script_server_port(other);
    snprintf(elsewhere, sizeof elsewhere, "other.test:%d:127.0.0.1", port);
    snprintf(answer, sizeof answer, ANSWER_REDIRECT("302", "http://other.test:%d/x"), port);
    struct http_probe probe;
    const char *const resolve[] = {elsewhere, NULL};
    struct curl_client_options client = {.resolve = resolve};
    probe_init(&probe, &client);
    probe_serve(&probe, first, 1);
    struct http_request request = probe_request(probe_url(&probe, "/"));
    headers_add(&request.headers, VIEW_LITERAL("authorization"), VIEW_LITERAL("Bearer t"));
    headers_add(&request.headers, VIEW_LITERAL("Cookie"), VIEW_LITERAL("by=hand"));
    headers_add(&request.headers, VIEW_LITERAL("X-Kept"), VIEW_LITERAL("1"));
    probe_send(&probe, &request);
    headers_release(&request.headers);
    assert_passed(&probe, 200);
    assert_non_null(strstr(script_server_request(probe.server, 0), "Bearer t"));
    assert_non_null(strstr(script_server_request(probe.server, 0), "by=hand"));
    for (size_t i = 0; i < 2; i++) {
        const char *sent = script_server_request(other, i);
        assert_null(strstr(sent, "Bearer"));
        assert_null(strstr(sent, "by=hand"));
        assert_non_null(strstr(sent, "X-Kept: 1"));
    }
    assert_true(probe_release(&probe));
    script_server_free(other);
}

/* Rules as a caller might have them: one header is told anew, one is a secret at home only, and a
 * body with an x goes nowhere. */
static const char *carried(void *context, const struct header *header, bool same_origin,
                           struct buf *scratch)
{
    (void)context;
    if (!strcmp(header->name, "X-Key") && !same_origin) return NULL;
    if (strcmp(header->name, "X-Count") != 0) return header->value;
    buf_addf(scratch, "%s+", header->value);
    return buf_text(scratch);
}

static bool body_carried(void *context, struct view body)
{
    (void)context;
    return view_find_char(body, 'x') == SIZE_MAX;
}

/* Two shops: the first answers as told, and sends on to the second, which is asked once. */
struct two_shops {
    struct http_probe probe;
    struct script_server *other;
    struct http_request request;
};

static void two_shops_open(struct two_shops *shops, const char *status)
{
    static char answer[200];
    static struct script first[1] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("307", "/again")), READ_REQUEST, SEND_TEXT(answer)}}};
    static const struct script second[1] = {{{READ_REQUEST, SEND(ANSWER_OK)}}};
    struct script_server_options options = {.scripts = second, .script_count = 1};
    shops->other = script_server_new(&options);
    int port = script_server_port(shops->other);
    snprintf(elsewhere, sizeof elsewhere, "other.test:%d:127.0.0.1", port);
    snprintf(answer, sizeof answer,
             "HTTP/1.1 %s Moved\r\nLocation: http://other.test:%d/x\r\nContent-Length: 0\r\n\r\n",
             status, port);
    const char *const resolve[] = {elsewhere, NULL};
    struct curl_client_options client = {.resolve = resolve};
    probe_init(&shops->probe, &client);
    probe_serve(&shops->probe, first, 1);
    shops->request = probe_request(probe_url(&shops->probe, "/"));
    shops->request.method = "POST";
    shops->request.has_body = true;
    shops->request.header_carried = carried;
    shops->request.body_carried = body_carried;
}

static void two_shops_close(struct two_shops *shops)
{
    assert_true(probe_release(&shops->probe));
    script_server_free(shops->other);
}

static void caller_rules_what_headers_go_along(void **state)
{
    (void)state;
    struct two_shops shops;
    two_shops_open(&shops, "307");
    shops.request.body = VIEW_LITERAL("plain");
    headers_add(&shops.request.headers, VIEW_LITERAL("X-Key"), VIEW_LITERAL("k"));
    headers_add(&shops.request.headers, VIEW_LITERAL("X-Count"), VIEW_LITERAL("1"));
    probe_send(&shops.probe, &shops.request);
    assert_passed(&shops.probe, 200);
    assert_non_null(strstr(script_server_request(shops.probe.server, 1), "X-Key: k\r\n"));
    assert_non_null(strstr(script_server_request(shops.probe.server, 1), "X-Count: 1+\r\n"));
    assert_null(strstr(script_server_request(shops.other, 0), "X-Key"));
    assert_non_null(strstr(script_server_request(shops.other, 0), "X-Count: 1++\r\n"));
    assert_non_null(strstr(script_server_request(shops.other, 0), "plain"));
    two_shops_close(&shops);
}

static void body_that_must_stay_ends_the_redirect(void **state)
{
    (void)state;
    struct two_shops shops;
    two_shops_open(&shops, "308");
    shops.request.body = VIEW_LITERAL("x");
    probe_send(&shops.probe, &shops.request);
    assert_outcome(&shops.probe, OUTCOME_REDIRECT, "which would take a secret there");
    assert_int_equal(shops.probe.result.message->hops.count, 2);
    assert_null(script_server_request(shops.other, 0));
    two_shops_close(&shops);
}

static void body_that_is_dropped_ends_no_redirect(void **state)
{
    (void)state;
    struct two_shops shops;
    two_shops_open(&shops, "303");
    shops.request.body = VIEW_LITERAL("x");
    probe_send(&shops.probe, &shops.request);
    assert_passed(&shops.probe, 200);
    assert_null(strstr(script_server_request(shops.other, 0), "Content-Length: 1"));
    two_shops_close(&shops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_TEST(redirect_is_followed_and_each_hop_noted),
        PROBE_TEST(redirect_is_the_answer_when_none_is_followed),
        cmocka_unit_test(methods_change_as_in_browsers),
        PROBE_TEST(head_stays_head),
        PROBE_TEST(too_many_redirects_are_told),
        PROBE_TEST(circle_is_told_before_the_limit),
        PROBE_TEST(way_back_after_a_cookie_was_set_is_no_circle),
        PROBE_TEST(host_that_is_not_allowed_gets_nothing),
        PROBE_TEST(other_schemes_are_not_followed),
        cmocka_unit_test(secrets_set_by_hand_stay_at_their_origin),
        cmocka_unit_test(caller_rules_what_headers_go_along),
        cmocka_unit_test(body_that_must_stay_ends_the_redirect),
        cmocka_unit_test(body_that_is_dropped_ends_no_redirect),
        PIN_MESSAGES("http/redirect.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
