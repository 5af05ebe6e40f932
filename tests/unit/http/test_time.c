/* SPDX-License-Identifier: Apache-2.0 */
/* Freezes and timeouts in every phase. The waits are real, since libcurl's time is; no test asks
 * how long anything took. */
#include "http_test.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

static sem_t resolver_held;

/* In front of the C library's: a name server that does not answer until it is let go. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    if (name && !strcmp(name, "silent-dns.test")) {
        sem_wait(&resolver_held);
        return EAI_AGAIN;
    }
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, result);
}

static _Atomic bool closing_is_slow;
static _Atomic int64_t closed_us; /* when the first was, since closing is slow */

/* In front of the C library's: closing a connection may take us long. */
int close(int descriptor)
{
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, "close");
    if (closing_is_slow && !closed_us) {
        closed_us = clock_monotonic_us(&clock_real);
        usleep(50000);
    }
    return real(descriptor);
}

/* A port that never answers the knock, as behind a firewall that drops: its queue is full, and
 * nobody takes from it. */
struct full_port {
    int listener, waiting[4];
    int port;
};

static void full_port_open(struct full_port *full)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    full->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(full->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(full->listener, 0), 0);
    assert_int_equal(getsockname(full->listener, (struct sockaddr *)&address, &size), 0);
    full->port = ntohs(address.sin_port);
    for (size_t i = 0; i < COUNT_OF(full->waiting); i++) {
        full->waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        int started = connect(full->waiting[i], (struct sockaddr *)&address, size);
        assert_true(started == 0 || errno == EINPROGRESS);
    }
}

static void full_port_close(struct full_port *full)
{
    for (size_t i = 0; i < COUNT_OF(full->waiting); i++) close(full->waiting[i]);
    close(full->listener);
}

static void get(struct http_probe *probe, const char *url, int timeout_ms, int stall_ms)
{
    struct http_request request = probe_request(url);
    request.timeout_us = timeout_ms * US_PER_MS;
    request.stall_us = stall_ms * US_PER_MS;
    probe_send(probe, &request);
}

#define HEAD "HTTP/1.1 200 OK\r\n"

static void silence_is_a_freeze_wherever_it_falls(void **state)
{
    (void)state;
    static const struct {
        struct script script;
        const char *detail;
    } cases[] = {
        {{{READ_REQUEST, WAIT(60000)}}, "after the request was sent"},
        {{{READ_REQUEST, SEND("HTT"), WAIT(60000)}}, "inside the first line"},
        {{{READ_REQUEST, SEND(HEAD "X-A: b\r\nX-"), WAIT(60000)}}, "inside the headers"},
        {{{READ_REQUEST, SEND(HEAD "Content-Length: 9\r\n\r\nab"), WAIT(60000)}},
         "inside the body"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_probe probe;
        probe_init(&probe, NULL);
        probe_serve(&probe, &cases[i].script, 1);
        get(&probe, probe_url(&probe, "/"), 20000, 80);
        assert_outcome(&probe, OUTCOME_FREEZE, cases[i].detail);
        assert_outcome(&probe, OUTCOME_FREEZE, "no byte came for 80 ms");
        assert_true(probe.result.request_sent);
        assert_true(probe_release(&probe));
    }
}

static void freeze_on_a_kept_connection_is_one_too(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(ANSWER_OK), READ_REQUEST, WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    probe_get(probe, "/");
    get(probe, probe_url(probe, "/"), 20000, 80);
    assert_outcome(probe, OUTCOME_FREEZE, "after the request was sent");
}

static void drip_inside_a_header_line_is_no_freeze(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 200 OK\r\nX-Slow: "), DRIP("abcdefgh", 60),
          SEND("\r\nContent-Length: 2\r\n\r\nok")}}};
    PROBE_SERVE(probe, script);
    get(probe, probe_url(probe, "/"), 20000, 300);
    assert_passed(probe, 200);
    assert_string_equal(headers_get(&probe->result.message->headers, "X-Slow"), "abcdefgh");
}

static void steady_drip_past_the_timeout_is_a_timeout(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(HEAD "Content-Length: 1000\r\n\r\n"),
          DRIP("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 20)}}};
    PROBE_SERVE(probe, script);
    get(probe, probe_url(probe, "/"), 200, 5000);
    assert_outcome_of_chance(probe, OUTCOME_TIMEOUT, "not complete within 200 ms");
    assert_string_equal(probe->result.expected, "the whole answer within 200 ms");
    assert_non_null(strstr(probe->result.actual, " bytes of the body"));
    assert_true(probe->result.message->body.length > 0);
}

static void post(struct http_probe *probe, size_t length, int timeout_ms, int stall_ms)
{
    static char body[24 << 20];
    ASSERT(length <= sizeof body);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.method = "POST";
    request.has_body = true;
    request.body = (struct view){body, length};
    request.timeout_us = timeout_ms * US_PER_MS;
    request.stall_us = stall_ms * US_PER_MS;
    probe_send(probe, &request);
}

static void body_that_is_taken_slowly_is_no_freeze(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{SKIP(40000), WAIT(50), LOOP}}};
    PROBE_SERVE(probe, script);
    post(probe, (size_t)2 << 20, 1000, 300); /* the kernel takes it all at once */
    assert_outcome(probe, OUTCOME_TIMEOUT, "the answer was not complete within 1 s");
}

static void body_that_nobody_takes_is_a_freeze(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{SKIP(100000), WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    post(probe, (size_t)24 << 20, 20000, 80);
    assert_outcome(probe, OUTCOME_FREEZE, "no byte came for 80 ms, while the request was being");
}

static void answer_that_stops_before_the_timeout_is_one_too(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(HEAD "Content-Length: 9\r\n\r\nab"), WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    get(probe, probe_url(probe, "/"), 400, 20000);
    assert_outcome(probe, OUTCOME_TIMEOUT, "the answer was not complete within 400 ms");
}

static void silent_name_server_is_ours(void **state)
{
    struct http_probe *probe = *state;
    sem_init(&resolver_held, 0, 0);
    get(probe, "http://silent-dns.test/", 80, 50);
    sem_post(&resolver_held);
    assert_outcome(probe, OUTCOME_PROBER,
                   "no answer about the name from our name server within 80 ms");
    assert_false(probe->result.request_sent);
}

static void look_up_that_hangs_does_not_hold_the_loop(void **state)
{
    struct http_probe *probe = *state;
    sem_init(&resolver_held, 0, 0);
    get(probe, "http://silent-dns.test/", 50, 50);
    probe->client->operations->session_close(take(probe->session)); /* the thread still waits */
    assert_true(loop_is_empty(probe->loop));
    sem_post(&resolver_held);
}

static void silent_host_is_connect(void **state)
{
    struct http_probe *probe = *state;
    struct full_port full;
    full_port_open(&full);
    AUTO_FREE char *url = xasprintf("http://127.0.0.1:%d/", full.port);
    get(probe, url, 80, 50);
    full_port_close(&full);
    assert_outcome(probe, OUTCOME_CONNECT, "no answer to the connection within 80 ms");
    assert_false(probe->result.request_sent);
}

/* Descriptors are used again: teardown sees whether the loop still watches for the former one. */
static void connection_that_never_stood_leaves_nothing_watched(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{TAKE, WAIT(60000)}},
                                           {{READ_REQUEST, SEND(ANSWER_OK), LOOP}}};
    struct full_port full;
    full_port_open(&full);
    AUTO_FREE char *silent = xasprintf("http://127.0.0.1:%d/", full.port);
    PROBE_SERVE(probe, script);
    AUTO_FREE char *mute = xasprintf("https://127.0.0.1:%d/", script_server_port(probe->server));
    get(probe, silent, 80, 50);
    assert_outcome(probe, OUTCOME_CONNECT, "no answer");
    get(probe, mute, 80, 50);
    assert_outcome(probe, OUTCOME_TLS, "no end of the TLS handshake");
    get(probe, probe_url(probe, "/"), 20000, 20000);
    assert_passed(probe, 200);
    full_port_close(&full);
}

static void silent_proxy_is_ours(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    setenv("https_proxy", probe_url(probe, ""), 1);
    get(probe, "https://shop.test/", 80, 50);
    assert_outcome(probe, OUTCOME_PROBER, "no connection through the proxy 127.0.0.1:");
    struct full_port full;
    full_port_open(&full);
    AUTO_FREE char *proxy = xasprintf("http://127.0.0.1:%d", full.port);
    setenv("https_proxy", proxy, 1);
    probe->client->operations->session_forget_connections(probe->session);
    get(probe, "https://shop.test/", 80, 50);
    unsetenv("https_proxy");
    full_port_close(&full);
    assert_outcome(probe, OUTCOME_PROBER, "no connection through the proxy 127.0.0.1:");
}

static void silent_handshake_behind_a_proxy_is_the_shop_s(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 200 Connected\r\n\r\n"), WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    setenv("https_proxy", probe_url(probe, ""), 1);
    get(probe, "https://shop.test/", 200, 50);
    unsetenv("https_proxy");
    assert_outcome(probe, OUTCOME_TLS, "no end of the TLS handshake");
}

/* Ends an exchange before its time, from a turn of the loop. */
struct impatience {
    struct http_probe *probe;
    struct http_exchange *exchange;
};

static void cut(void *context)
{
    struct impatience *impatience = context;
    struct http_probe *probe = impatience->probe;
    probe->client->operations->cut(impatience->exchange, &probe->result);
    loop_stop(probe->loop);
}

/* Asked at the start and when the redirect came: it ends before curl has begun with the next hop.
 */
struct impatience_at_redirect {
    struct deferred deferred;
    unsigned asked;
};

static bool cut_at_redirect(void *context, const char *host)
{
    struct impatience_at_redirect *at = context;
    (void)host;
    if (at->asked++) deferred_queue(&at->deferred);
    return true;
}

static void exchange_that_is_cut_at_a_redirect_times_no_hop_twice(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(ANSWER_REDIRECT("302", "/2")), LOOP}}};
    PROBE_SERVE(probe, script);
    struct impatience impatience = {.probe = probe};
    struct impatience_at_redirect at = {.asked = 0};
    deferred_init(&at.deferred, probe->loop, cut, &impatience);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.follow = 1;
    request.allowed = cut_at_redirect;
    request.rules_context = &at;
    impatience.exchange =
        probe->client->operations->send(probe->session, &request, probe_done, probe);
    loop_run(probe->loop);
    const struct message *message = probe->result.message;
    assert_int_equal(message->hops.count, 2);
    assert_true(message->hops.items[0].timings.connect_us > 0);
    assert_int_equal(message->hops.items[1].timings.connect_us, 0);
    assert_int_equal(message->timings.connect_us, message->hops.items[0].timings.connect_us);
}

static void exchange_that_is_cut_tells_what_came(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, SEND(HEAD "Content-Length: 9\r\n\r\nab"), WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    struct impatience impatience = {
        .probe = probe,
        .exchange = probe->client->operations->send(probe->session, &request, probe_done, probe),
    };
    struct timer timer;
    timer_init(&timer, probe->loop, cut, &impatience);
    timer_set(&timer, loop_now_us(probe->loop) + 100 * US_PER_MS);
    loop_run(probe->loop);
    assert_outcome_of_chance(probe, OUTCOME_TIMEOUT, "the answer was not complete within ");
    assert_true(probe->result.request_sent);
    assert_int_equal(probe->done_calls, 0);
    const struct message *message = probe->result.message;
    assert_int_equal(message->status, 200);
    assert_string_equal(buf_text(&message->body), "ab");
    assert_true(message->timings.total_us >= 100 * US_PER_MS);
    assert_true(message->hops.items[0].timings.total_us > 0);
}

static void silent_handshake_is_tls(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{WAIT(60000)}}};
    PROBE_SERVE(probe, script);
    AUTO_FREE char *url = xasprintf("https://127.0.0.1:%d/", script_server_port(probe->server));
    get(probe, url, 100, 50);
    assert_outcome(probe, OUTCOME_TLS, "no end of the TLS handshake within 100 ms");
    assert_false(probe->result.request_sent);
}

static void busy_loop(void *context)
{
    (void)context;
    usleep(400000); /* as a page that takes long to parse */
}

static void answer_that_waited_for_a_busy_loop_is_no_freeze(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {{{READ_REQUEST, WAIT(20), SEND(ANSWER_OK)}}};
    PROBE_SERVE(probe, script);
    struct timer timer;
    timer_init(&timer, probe->loop, busy_loop, NULL);
    timer_set(&timer, loop_now_us(probe->loop) + 10 * US_PER_MS);
    get(probe, probe_url(probe, "/"), 20000, 100);
    assert_passed(probe, 200);
    /* Nor is the wait charged to the shop, which answered early in it. */
    assert_true(probe->result.message->timings.first_byte_us < 300 * US_PER_MS);
    assert_true(probe->result.message->timings.total_us < 300 * US_PER_MS);
}

struct waiting {
    struct timer timer;
    struct loop *loop;
    int64_t sent_us[2], total_us[2];
    size_t done;
};

/* Both deadlines pass meanwhile. */
static void stall(void *context)
{
    (void)context;
    usleep(100000);
    closing_is_slow = true;
}

static void note_timeout(void *context, struct http_result *result)
{
    struct waiting *waiting = context;
    assert_int_equal(result->kind, OUTCOME_TIMEOUT);
    waiting->total_us[waiting->done] = result->message->timings.total_us;
    if (++waiting->done == COUNT_OF(waiting->total_us)) loop_stop(waiting->loop);
}

static void ending_one_is_no_time_of_another_s(void **state)
{
    struct http_probe *probe = *state;
    struct waiting waiting = {.loop = probe->loop};
    static const struct script scripts[] = {{{READ_REQUEST, WAIT(60000)}},
                                            {{READ_REQUEST, WAIT(60000)}}};
    PROBE_SERVE(probe, scripts);
    const struct http_client_operations *http = probe->client->operations;
    struct http_session *const sessions[] = {probe->session, http->session_open(probe->client)};
    for (size_t i = 0; i < COUNT_OF(sessions); i++) {
        struct http_request request = probe_request(probe_url(probe, "/"));
        request.timeout_us = 80 * US_PER_MS;
        waiting.sent_us[i] = clock_monotonic_us(&clock_real);
        (void)!http->send(sessions[i], &request, note_timeout, &waiting);
    }
    timer_init(&waiting.timer, probe->loop, stall, NULL);
    timer_set(&waiting.timer, loop_now_us(probe->loop) + 40 * US_PER_MS);
    loop_run(probe->loop);
    closing_is_slow = false;
    http->session_close(sessions[1]);
    assert_true(closed_us > 0);
    for (size_t i = 0; i < COUNT_OF(sessions); i++)
        assert_true(waiting.sent_us[i] + waiting.total_us[i] <= closed_us);
}

static void redirects_share_one_timeout(void **state)
{
    struct http_probe *probe = *state;
    static const struct script script[] = {
        {{READ_REQUEST, WAIT(70),
          SEND("HTTP/1.1 302 F\r\nSet-Cookie: a=1\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
          LOOP}}};
    PROBE_SERVE(probe, script);
    struct http_request request = probe_request(probe_url(probe, "/"));
    request.follow = 1000;
    request.timeout_us = 250 * US_PER_MS;
    probe_send(probe, &request);
    assert_outcome_of_chance(probe, OUTCOME_TIMEOUT, "not complete within 250 ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_a_freeze_wherever_it_falls),
        PROBE_TEST(freeze_on_a_kept_connection_is_one_too),
        PROBE_TEST(drip_inside_a_header_line_is_no_freeze),
        PROBE_TEST(steady_drip_past_the_timeout_is_a_timeout),
        PROBE_TEST(body_that_is_taken_slowly_is_no_freeze),
        PROBE_TEST(body_that_nobody_takes_is_a_freeze),
        PROBE_TEST(answer_that_stops_before_the_timeout_is_one_too),
        PROBE_TEST(silent_name_server_is_ours),
        PROBE_TEST(look_up_that_hangs_does_not_hold_the_loop),
        PROBE_TEST(silent_host_is_connect),
        PROBE_TEST(connection_that_never_stood_leaves_nothing_watched),
        PROBE_TEST(silent_proxy_is_ours),
        PROBE_TEST(silent_handshake_behind_a_proxy_is_the_shop_s),
        PROBE_TEST(exchange_that_is_cut_at_a_redirect_times_no_hop_twice),
        PROBE_TEST(exchange_that_is_cut_tells_what_came),
        PROBE_TEST(silent_handshake_is_tls),
        PROBE_TEST(answer_that_waited_for_a_busy_loop_is_no_freeze),
        PROBE_TEST(ending_one_is_no_time_of_another_s),
        PROBE_TEST(redirects_share_one_timeout),
        PIN_MESSAGES("http/time.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
