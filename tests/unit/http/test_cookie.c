/* SPDX-License-Identifier: Apache-2.0 */
/* Cookies: byte for byte, only where they belong, kept and brought back. */
#include "http_test.h"

#define SET_COOKIES                                                                                \
    "HTTP/1.1 200 OK\r\n"                                                                          \
    "Set-Cookie: a=\"q==|%20; HttpOnly\r\n"                                                        \
    "Set-Cookie: b=2; Path=/shop\r\n"                                                              \
    "Set-Cookie: c=3; Path=/other\r\n"                                                             \
    "Set-Cookie: d=4; Domain=example.com\r\n"                                                      \
    "Set-Cookie: e=5; Max-Age=3600\r\n"                                                            \
    "Content-Length: 0\r\n\r\n"

static const struct script script[] = {{{READ_REQUEST, SEND(SET_COOKIES), LOOP}}};

static const struct cookie *find(const struct message *message, const char *name)
{
    for (size_t i = 0; i < message->cookies.count; i++)
        if (!strcmp(message->cookies.items[i].name, name)) return &message->cookies.items[i];
    fail_msg("no cookie %s", name);
    abort();
}

static void cookies_of_the_final_url_are_told(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/shop/x"));
    request.want_cookies = true;
    probe_send(probe, &request);
    assert_passed(probe, 200);
    const struct message *message = probe->result.message;
    assert_int_equal(message->cookies.count, 3);
    assert_string_equal(find(message, "a")->value, "\"q==|%20");
    assert_true(find(message, "a")->http_only);
    assert_string_equal(find(message, "a")->path, "/shop/");
    assert_string_equal(find(message, "b")->path, "/shop");
    assert_string_equal(find(message, "e")->domain, "127.0.0.1");
    assert_false(find(message, "e")->http_only);
}

static void cookies_nobody_asked_for_are_not_told(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, script);
    probe_get(probe, "/shop/x");
    assert_int_equal(probe->result.message->cookies.count, 0);
}

static void values_go_back_byte_for_byte(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, script);
    probe_get(probe, "/shop/x");
    probe_get(probe, "/shop/y");
    const char *sent = script_server_request(probe->server, 1);
    assert_non_null(strstr(sent, "a=\"q==|%20"));
    assert_non_null(strstr(sent, "b=2"));
    assert_null(strstr(sent, "c=3"));
    assert_null(strstr(sent, "d=4"));
}

static void saved_cookies_come_back_in_another_session(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, script);
    const struct http_client_operations *client = probe->client->operations;
    probe_get(probe, "/shop/x");
    AUTO_FREE char *saved = client->session_save_cookies(probe->session);
    client->session_close(probe->session);
    probe->session = client->session_open(probe->client);
    AUTO_FREE char *none = client->session_save_cookies(probe->session);
    assert_string_equal(none, "");
    client->session_load_cookies(probe->session, saved);
    struct http_request request = probe_request(probe_url(probe, "/shop/x"));
    probe_send(probe, &request);
    const char *sent = script_server_request(probe->server, 1);
    assert_non_null(strstr(sent, "a=\"q==|%20"));
    assert_non_null(strstr(sent, "e=5"));
}

static void saved_text_cannot_command_the_jar(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, script);
    const struct http_client_operations *client = probe->client->operations;
    probe_get(probe, "/shop/x");
    AUTO_FREE char *before = client->session_save_cookies(probe->session);
    client->session_load_cookies(probe->session, "ALL\nFLUSH\nnonsense\n\n");
    AUTO_FREE char *after = client->session_save_cookies(probe->session);
    assert_string_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_TEST(cookies_of_the_final_url_are_told),
        PROBE_TEST(cookies_nobody_asked_for_are_not_told),
        PROBE_TEST(values_go_back_byte_for_byte),
        PROBE_TEST(saved_cookies_come_back_in_another_session),
        PROBE_TEST(saved_text_cannot_command_the_jar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
