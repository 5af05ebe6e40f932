/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which a transfer can fail before time or size comes into play, against real sockets.
 */
#include "http_test.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Look-ups of silent.test that nobody answers. */
static atomic_int waiting;
static sem_t may_answer;

/* In front of the C library's: a resolver in the states that a machine without network cannot show.
 */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    static const struct {
        const char *name;
        int answer;
    } states[] = {{"nowhere.test", EAI_NONAME}, {"dead-resolver.test", EAI_AGAIN}};
    for (size_t i = 0; name && i < COUNT_OF(states); i++)
        if (!strcmp(name, states[i].name)) return states[i].answer;
    if (name && !strcmp(name, "silent.test")) {
        if (service) return EAI_AGAIN; /* curl asks with one, and why is asked without */
        atomic_fetch_add(&waiting, 1);
        while (sem_wait(&may_answer)) continue;
        return EAI_AGAIN;
    }
    if (name && !strcmp(name, "system.test")) {
        errno = EMFILE;
        return EAI_SYSTEM;
    }
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, result);
}

/* Connecting to the documentation's network stands for a machine without a route. */
int connect(int descriptor, __CONST_SOCKADDR_ARG peer, socklen_t size)
{
    const struct sockaddr *address = peer.__sockaddr__;
    const struct sockaddr_in *inet = (const void *)address;
    if (address->sa_family == AF_INET && inet->sin_addr.s_addr == htonl(0xc0000201)) {
        errno = ENETUNREACH;
        return -1;
    }
    if (address->sa_family == AF_INET && inet->sin_addr.s_addr == htonl(0xc0000202)) {
        errno = EHOSTUNREACH;
        return -1;
    }
    int (*real)(int, const struct sockaddr *, socklen_t);
    *(void **)&real = dlsym(RTLD_NEXT, "connect");
    return real(descriptor, address, size);
}

struct answer_case {
    const char *what;
    struct script script;
    enum outcome_kind kind;
    const char *detail;
};

#define HEAD "HTTP/1.1 200 OK\r\n"
#define GZIP HEAD "Content-Encoding: gzip\r\n"

static const struct answer_case answer_cases[] = {
    {"closed at once", {{READ_REQUEST}}, OUTCOME_RESET, "closed without an answer"},
    {"reset at once", {{READ_REQUEST, RESET}}, OUTCOME_RESET, "reset without an answer"},
    {"half a status line", {{READ_REQUEST, SEND("HTTP/1.1 20")}}, OUTCOME_RESET, "closed"},
    {"half the headers",
     {{READ_REQUEST, SEND(HEAD "X-A: b\r\n")}},
     OUTCOME_RESET,
     "inside the headers"},
    {"only hints", {{READ_REQUEST, SEND("HTTP/1.1 103 E\r\n\r\n")}}, OUTCOME_RESET, "closed"},
    {"reset in the headers",
     {{READ_REQUEST, SEND(HEAD "X-A: b\r\n"), WAIT(50), RESET}},
     OUTCOME_RESET,
     "reset inside the headers"},
    {"reset in the body",
     {{READ_REQUEST, SEND(HEAD "Content-Length: 9\r\n\r\nab"), WAIT(50), RESET}},
     OUTCOME_RESET,
     "reset inside the body"},
    {"half the body",
     {{READ_REQUEST, SEND(HEAD "Content-Length: 9\r\n\r\nab")}},
     OUTCOME_PROTOCOL,
     "cut short after 2 bytes"},
    {"half the chunks",
     {{READ_REQUEST, SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nab")}},
     OUTCOME_PROTOCOL,
     "cut short"},
    {"no last chunk",
     {{READ_REQUEST, SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")}},
     OUTCOME_PROTOCOL,
     "cut short"},
    {"a bad chunk",
     {{READ_REQUEST, SEND(HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nab")}},
     OUTCOME_PROTOCOL,
     "chunk"},
    {"a fold of nothing",
     {{READ_REQUEST, SEND(HEAD " X-A: b\r\nContent-Length: 2\r\n\r\nab")}},
     OUTCOME_PROTOCOL,
     "continued line"},
    {"a length with letters",
     {{READ_REQUEST, SEND(HEAD "Content-Length: 2abc\r\n\r\nab")}},
     OUTCOME_PROTOCOL,
     "Content-Length is no number: '2abc'"},
    {"a negative length",
     {{READ_REQUEST, SEND(HEAD "Content-Length: -2\r\n\r\nab")}},
     OUTCOME_PROTOCOL,
     ""},
    {"two lengths",
     {{READ_REQUEST, SEND(HEAD "Content-Length: 2\r\nContent-Length: 1\r\n\r\nab")}},
     OUTCOME_PROTOCOL,
     "there are two lengths: Content-Length '2' and '1'"},
    {"no HTTP", {{READ_REQUEST, SEND("SSH-2.0-OpenSSH\r\n")}}, OUTCOME_PROTOCOL, "not HTTP"},
    {"HTTP/0.9", {{READ_REQUEST, SEND("<html>hello</html>")}}, OUTCOME_PROTOCOL, "not HTTP"},
    {"an unknown transfer encoding",
     {{READ_REQUEST, SEND(HEAD "Transfer-Encoding: rot13\r\n\r\nab")}},
     OUTCOME_PROTOCOL,
     "its transfer encoding 'rot13' is not known"},
    {"one over the chunks",
     {{READ_REQUEST, SEND(HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")}},
     OUTCOME_PROTOCOL,
     "its transfer encoding 'gzip, chunked' is not known"},
    {"no gzip",
     {{READ_REQUEST, SEND(GZIP "Content-Length: 11\r\n\r\nplain text!")}},
     OUTCOME_PROTOCOL,
     "broken"},
    {"an unknown encoding",
     {{READ_REQUEST, SEND(HEAD "Content-Encoding: rot13\r\nContent-Length: 2\r\n\r\nab")}},
     OUTCOME_PROTOCOL,
     "broken"},
};

static void broken_answers_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answer_cases); i++) {
        const struct answer_case *one = &answer_cases[i];
        print_message("  %s\n", one->what);
        struct http_probe probe;
        probe_init(&probe, NULL);
        probe_serve(&probe, &one->script, 1);
        probe_get(&probe, "/");
        assert_outcome(&probe, one->kind, one->detail);
        assert_true(probe.result.request_sent);
        assert_true(probe_release(&probe));
    }
}

static void partial_body_is_kept_for_evidence(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(HEAD "X-A: b\r\nContent-Length: 9\r\n\r\nab")}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_outcome(probe, OUTCOME_PROTOCOL, "cut short");
    assert_string_equal(probe->result.expected, "9 bytes");
    assert_string_equal(probe->result.actual, "2 bytes");
    assert_int_equal(probe->result.message->status, 200);
    assert_string_equal(buf_text(&probe->result.message->body), "ab");
    assert_string_equal(headers_get(&probe->result.message->headers, "X-A"), "b");
}

static int closed_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&address, &size), 0);
    close(descriptor);
    return ntohs(address.sin_port);
}

static void get_url(struct http_probe *probe, const char *url)
{
    struct http_request request = probe_request(url);
    probe_send(probe, &request);
}

static void refused_connection_is_connect(void **state)
{
    struct http_probe *probe = *state;
    AUTO_FREE char *url = xasprintf("http://127.0.0.1:%d/", closed_port());
    get_url(probe, url);
    assert_outcome(probe, OUTCOME_CONNECT, "127.0.0.1 refuses connections on port");
    assert_false(probe->result.request_sent);
    assert_int_equal(probe->result.message->status, 0);
}

static void unreachable_host_is_connect_and_no_network_is_ours(void **state)
{
    struct http_probe *probe = *state;
    get_url(probe, "http://192.0.2.2/");
    assert_outcome(probe, OUTCOME_CONNECT, "No route to host");
    get_url(probe, "http://192.0.2.1/");
    assert_outcome(probe, OUTCOME_PROBER, "Network is unreachable");
}

static void name_that_does_not_exist_is_dns(void **state)
{
    struct http_probe *probe = *state;
    get_url(probe, "http://nowhere.test/");
    assert_outcome(probe, OUTCOME_DNS, "there is no such name: nowhere.test");
    assert_false(probe->result.request_sent);
}

static void dead_resolver_is_ours(void **state)
{
    struct http_probe *probe = *state;
    get_url(probe, "http://dead-resolver.test/");
    assert_outcome(probe, OUTCOME_PROBER, "cannot look dead-resolver.test up");
    get_url(probe, "http://system.test/");
    assert_outcome(probe, OUTCOME_PROBER, "Too many open files");
}

static void silent_resolver_holds_so_many_threads_and_no_more(void **state)
{
    enum { MOST = 32 };
    struct http_probe *probe = *state;
    sem_init(&may_answer, 0, 0);
    struct http_request request;
    do {
        request = probe_request("http://silent.test/");
        request.timeout_us = 20 * US_PER_MS;
        probe_send(probe, &request);
    } while (atomic_load(&waiting) < MOST);
    get_url(probe, "http://silent.test/");
    assert_outcome(probe, OUTCOME_PROBER, "cannot look silent.test up");
    assert_int_equal(atomic_load(&waiting), MOST);
    for (int i = 0; i < MOST; i++) sem_post(&may_answer);
}

static void want_of_descriptors_is_ours(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK), LOOP}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    probe->client->operations->session_forget_connections(probe->session);
    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    probe_get(probe, "/");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_outcome(probe, OUTCOME_PROBER, "Too many open files");
}

static void unknown_proxy_is_ours(void **state)
{
    struct http_probe *probe = *state;
    setenv("http_proxy", "http://nowhere.test:3128", 1);
    get_url(probe, "http://shop.test/");
    assert_outcome(probe, OUTCOME_PROBER, "cannot ask");
    AUTO_FREE char *proxy = xasprintf("http://127.0.0.1:%d", closed_port());
    setenv("http_proxy", proxy, 1);
    get_url(probe, "http://shop.test/");
    unsetenv("http_proxy");
    assert_outcome(probe, OUTCOME_PROBER, "does not let us connect: Connection refused");
    assert_non_null(strstr(probe->result.detail, proxy + strlen("http://")));
}

static void proxy_that_is_no_url_is_ours_and_its_password_is_not_told(void **state)
{
    static const char *const proxies[] = {"http://me:hush@127.0.0.1:99999",
                                          "http://me:hu@sh@127.0.0.1:port", "hush://me:hush@host"};
    struct http_probe *probe = *state;
    for (size_t i = 0; i < COUNT_OF(proxies); i++) {
        setenv("http_proxy", proxies[i], 1);
        get_url(probe, "http://shop.test/");
        unsetenv("http_proxy");
        assert_outcome(probe, OUTCOME_PROBER, "is no proxy's URL");
        assert_null(strstr(probe->result.detail, "hu"));
    }
}

static void tunnel_that_is_refused_names_the_proxy(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), LOOP}}};
    PROBE_SERVE(probe, script);
    setenv("https_proxy", probe_url(probe, ""), 1);
    get_url(probe, "https://shop.test/");
    unsetenv("https_proxy");
    assert_outcome(probe, OUTCOME_PROBER, "response 403 (through the proxy 127.0.0.1:");
}

static void proxy_that_asks_who_we_are_is_ours(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"), LOOP}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/"); /* no proxy: an odd answer, but the shop's */
    assert_passed(probe, 407);
    setenv("http_proxy", probe_url(probe, ""), 1);
    probe->client->operations->session_forget_connections(probe->session);
    get_url(probe, "http://shop.test/");
    unsetenv("http_proxy");
    assert_outcome(probe, OUTCOME_PROBER, "does not let us through");
}

static void ask_by_proxy(struct http_probe *probe, const char *url)
{
    AUTO_FREE char *proxy =
        xasprintf("http://shopper:hush@127.0.0.1:%d", script_server_port(probe->server));
    setenv("http_proxy", proxy, 1);
    struct http_request request = probe_request(url);
    request.stall_us = 80 * US_PER_MS;
    probe_send(probe, &request);
    unsetenv("http_proxy");
}

static void failure_behind_a_proxy_names_it(void **state)
{
    (void)state;
    static const struct {
        struct script script;
        enum outcome_kind kind;
        const char *detail;
    } cases[] = {
        {{{READ_REQUEST, WAIT(60000)}}, OUTCOME_FREEZE, "no byte came for 80 ms"},
        {{{READ_REQUEST}}, OUTCOME_RESET, "closed without an answer (through the proxy 127.0.0.1:"},
        {{{READ_REQUEST, SEND(HEAD "Content-Length: 9\r\n\r\nab")}}, OUTCOME_PROTOCOL, "cut short"},
        {{{READ_REQUEST, SEND(ANSWER_OK), READ_REQUEST, WAIT(60000)}}, /* on a kept connection */
         OUTCOME_FREEZE,
         "no byte came for 80 ms"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_probe probe;
        probe_init(&probe, NULL);
        probe_serve(&probe, &cases[i].script, 1);
        ask_by_proxy(&probe, "http://shop.test/");
        if (probe.result.kind == OUTCOME_PASS) ask_by_proxy(&probe, "http://shop.test/");
        assert_outcome(&probe, cases[i].kind, cases[i].detail);
        AUTO_FREE char *words =
            xasprintf(" (through the proxy 127.0.0.1:%d)", script_server_port(probe.server));
        assert_non_null(strstr(probe.result.detail, words));
        assert_null(strstr(probe.result.detail, "hush"));
        assert_int_equal(script_server_connections(probe.server), 1);
        assert_true(probe_release(&probe));
    }
}

static void answer_tells_the_proxy_that_it_came_through(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK), LOOP}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_null(probe->result.proxy);
    probe->client->operations->session_forget_connections(probe->session);
    for (int i = 0; i < 2; i++) { /* also on a kept connection */
        ask_by_proxy(probe, "http://shop.test/");
        assert_passed(probe, 200);
        AUTO_FREE char *proxy = xasprintf("127.0.0.1:%d", script_server_port(probe->server));
        assert_string_equal(probe->result.proxy, proxy);
    }
    /* A shop that has its proxy's port. */
    probe->client->operations->session_forget_connections(probe->session);
    AUTO_FREE char *url = xasprintf("http://shop.test:%d/", script_server_port(probe->server));
    ask_by_proxy(probe, url);
    assert_passed(probe, 200);
    assert_non_null(probe->result.proxy);
}

static void refused_by_number_is_the_shop_s(void **state)
{
    struct http_probe *probe = *state;
    get_url(probe, "http://[::1]:1/");
    assert_outcome(probe, OUTCOME_CONNECT, "::1 refuses connections on port 1");
}

static void proxy_of_the_environment_is_used(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    setenv("http_proxy", probe_url(probe, ""), 1);
    get_url(probe, "http://shop.test/page");
    unsetenv("http_proxy");
    assert_passed(probe, 200);
    assert_non_null(strstr(script_server_request(probe->server, 0), "GET http://shop.test/page "));
}

static void handshake_that_is_broken_off_is_tls_in_words(void **state)
{
    (void)state;
    static const struct script scripts[][1] = {{{{TAKE}}}, {{{TAKE, RESET}}}};
    static const char *const details[] = {"the TLS handshake failed: the connection was closed",
                                          "the TLS handshake failed: the connection was reset"};
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        struct http_probe probe;
        probe_init(&probe, NULL);
        probe_serve(&probe, scripts[i], 1);
        AUTO_FREE char *url = xasprintf("https://127.0.0.1:%d/", script_server_port(probe.server));
        get_url(&probe, url);
        assert_outcome(&probe, OUTCOME_TLS, details[i]);
        assert_true(probe_release(&probe));
    }
}

static const struct script kept_then_closed[] = {{{READ_REQUEST, SEND(ANSWER_OK), READ_REQUEST}},
                                                 {{READ_REQUEST, SEND(ANSWER_OK)}}};

static void order_on_a_dead_kept_connection_is_not_sent_twice(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, kept_then_closed);
    probe_get(probe, "/");
    assert_passed(probe, 200);
    struct http_request request = probe_request(probe_url(probe, "/order"));
    request.method = "POST";
    probe_send(probe, &request);
    assert_outcome(probe, OUTCOME_RESET, "a POST is not sent twice");
    assert_true(probe->result.request_sent);
    assert_null(script_server_request(probe->server, 2));
}

static void look_on_a_dead_kept_connection_is_sent_again(void **state)
{
    struct http_probe *probe = *state;
    PROBE_SERVE(probe, kept_then_closed);
    probe_get(probe, "/");
    probe_get(probe, "/");
    assert_passed(probe, 200);
    assert_int_equal(script_server_connections(probe->server), 2);
}

int main(void)
{
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_answers_are_told_apart),
        PROBE_TEST(partial_body_is_kept_for_evidence),
        PROBE_TEST(refused_connection_is_connect),
        PROBE_TEST(unreachable_host_is_connect_and_no_network_is_ours),
        PROBE_TEST(name_that_does_not_exist_is_dns),
        PROBE_TEST(dead_resolver_is_ours),
        PROBE_TEST(want_of_descriptors_is_ours),
        PROBE_TEST(unknown_proxy_is_ours),
        PROBE_TEST(proxy_that_is_no_url_is_ours_and_its_password_is_not_told),
        PROBE_TEST(tunnel_that_is_refused_names_the_proxy),
        PROBE_TEST(proxy_that_asks_who_we_are_is_ours),
        cmocka_unit_test(failure_behind_a_proxy_names_it),
        PROBE_TEST(answer_tells_the_proxy_that_it_came_through),
        PROBE_TEST(refused_by_number_is_the_shop_s),
        PROBE_TEST(proxy_of_the_environment_is_used),
        cmocka_unit_test(handshake_that_is_broken_off_is_tls_in_words),
        PROBE_TEST(order_on_a_dead_kept_connection_is_not_sent_twice),
        PROBE_TEST(look_on_a_dead_kept_connection_is_sent_again),
        PROBE_TEST(silent_resolver_holds_so_many_threads_and_no_more), /* it uses them up */
        PIN_MESSAGES("http/failure.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
