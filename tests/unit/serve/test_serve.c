/* SPDX-License-Identifier: Apache-2.0 */
/* The server as its clients see it, on the store and the host of fake_host.h. */
#include "fake_host.h"

#include "serve/internal.h"
#include "support/golden.h"
#include "support/http_talk.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BEARER "Authorization: Bearer let me in\r\n"

static int set_up(void **state, enum fake_past past, const char *token)
{
    static const char *const origins[] = {"https://board.example", NULL};
    struct fake_host *host = NEW(struct fake_host);
    AUTO_ERROR error = ERROR_NONE;
    static const char *const hosts[] = {"shop.example", NULL};
    struct serve_settings settings = {
        .token = token, .title = "<Mugs>", .hosts = hosts, .origins = token ? origins : NULL};
    *state = host;
    if (fake_host_init(host, past, &error) && fake_host_serve(host, &settings, &error)) return 0;
    print_error("%s\n", error_text(&error));
    return -1;
}

static int set_up_empty(void **state)
{
    return set_up(state, PAST_NONE, "let me in");
}

static int set_up_closed(void **state)
{
    return set_up(state, PAST_NONE, NULL); /* and nobody else's pages read it */
}

static int set_up_hostile(void **state)
{
    return set_up(state, PAST_HOSTILE, "let me in");
}

static int tear_down(void **state)
{
    struct fake_host *host = *state;
    fake_host_release(host);
    free(host);
    return 0;
}

static int port_of(const struct fake_host *host)
{
    return atoi(strrchr(serve_url(host->server), ':') + 1);
}

static char *ask(struct fake_host *host, const char *method, const char *target,
                 const char *headers, const char *body)
{
    return talk_ask(host->loop, port_of(host), method, target, headers, body);
}

static void add_member(const char *document, const char *key, struct buf *out)
{
    const char *at = strstr(document, key);
    assert_non_null(at);
    for (at += strlen(key); *at && *at != '"'; at++) {
        if (*at == '\\') at++;
        buf_add_char(out, *at);
    }
}

/* A problem document: its status, title and detail. */
static void note_problem(const char *heard)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    const char *document = strstr(heard, "\r\n\r\n");
    if (!strstr(heard, "application/problem+json") || !document || !document[4]) return;
    buf_addf(&line, "%d ", atoi(heard + 9));
    add_member(document, "\"title\":\"", &line);
    buf_add_text(&line, ": ");
    add_member(document, "\"detail\":\"", &line);
    golden_note(buf_text(&line));
}

/* The answer has this status, and this part. */
static void expect(struct fake_host *host, const char *method, const char *target,
                   const char *headers, const char *body, int status, const char *part)
{
    AUTO_FREE char *heard = ask(host, method, target, headers, body);
    note_problem(heard);
    if (strlen(heard) < 12 || atoi(heard + 9) != status || !strstr(heard, part))
        fail_msg("%s %s, wanted %d and \"%s\": %.2000s", method, target, status, part, heard);
}

/* --- Routes */

static void test_path_that_is_not_there_is_a_problem_document(void **state)
{
    expect(*state, "GET", "/nothing", NULL, NULL, 404, "application/problem+json");
    expect(*state, "GET", "/api/v1/runs/a/b", NULL, NULL, 404, "not-found");
    expect(*state, "GET", "/runs/", NULL, NULL, 404, "not-found");
    expect(*state, "GET", "//", NULL, NULL, 404, "not-found");
    expect(*state, "GET", "/api/v1/../../etc/passwd", NULL, NULL, 404, "not-found");
    expect(*state, "GET", "/runs/%zz", NULL, NULL, 400, "bad-request");
    expect(*state, "GET", "/runs/a%00b", NULL, NULL, 400, "bad-request");
}

static void test_method_that_does_not_fit_says_which_do(void **state)
{
    expect(*state, "DELETE", "/api/v1/runs", NULL, NULL, 405, "Allow: GET, HEAD\r\n");
    expect(*state, "PUT", "/api/v1/silences", NULL, NULL, 405, "Allow: GET, HEAD, POST\r\n");
    expect(*state, "GET", "/api/v1/incidents/x/ack", NULL, NULL, 405, "Allow: POST\r\n");
    expect(*state, "HEAD", "/probe?journey=checkout", NULL, NULL, 405, "Allow: GET\r\n");
    expect(*state, "HEAD", "/events", NULL, NULL, 200, "text/event-stream");
    expect(*state, "OPTIONS", "/api/v1/silences", NULL, NULL, 204, "Allow: GET, HEAD, POST\r\n");
    expect(*state, "OPTIONS", "/api/v1/silences", NULL, NULL, 204, "Access-Control-Max-Age: 600");
}

static void test_answer_bears_the_headers_that_protect(void **state)
{
    expect(*state, "GET", "/", NULL, NULL, 200, "script-src 'self'; style-src 'self'");
    expect(*state, "HEAD", "/", NULL, NULL, 200, "frame-ancestors 'none'");
    expect(*state, "GET", "/metrics", NULL, NULL, 200,
           "Content-Security-Policy: default-src 'none'");
    expect(*state, "GET", "/api/v1/health", NULL, NULL, 200, "X-Content-Type-Options: nosniff");
}

static void test_origin_that_is_not_configured_gets_no_permission(void **state)
{
    expect(*state, "GET", "/api/v1/health", "Origin: https://board.example\r\n", NULL, 200,
           "Access-Control-Allow-Origin: https://board.example\r\n");
    AUTO_FREE char *other =
        ask(*state, "GET", "/api/v1/health", "Origin: https://evil.example\r\n", NULL);
    AUTO_FREE char *page = ask(*state, "GET", "/", "Origin: https://board.example\r\n", NULL);
    assert_null(strstr(other, "Access-Control-Allow-Origin"));
    assert_null(strstr(page, "Access-Control-Allow-Origin"));
}

static void test_daemon_that_is_not_ready_says_why(void **state)
{
    struct fake_host *host = *state;
    expect(host, "GET", "/api/v1/ready", NULL, NULL, 200, "{\"ready\":true}");
    host->not_ready = true;
    expect(host, "GET", "/-/ready", NULL, NULL, 503, "the store cannot be written");
    expect(host, "GET", "/-/healthy", NULL, NULL, 200, "\"status\":\"ok\"");
}

static void test_parameter_that_is_broken_is_refused(void **state)
{
    static const char *const targets[] = {"/api/v1/runs?journey=%zz&limit=8",
                                          "/api/v1/runs?persona=a%00b",
                                          "/api/v1/runs?limit=+5",
                                          "/api/v1/runs?limit=%205",
                                          "/api/v1/runs?limit=-1",
                                          "/api/v1/runs?limit=",
                                          "/probe?journey=checkout&persona=%zz",
                                          "/probe?journey=%&target=checkout"};
    struct fake_host *host = *state;
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        expect(host, "GET", targets[i], NULL, NULL, 400, "bad-request");
    assert_int_equal(host->probe_timeout_us, 0);
    AUTO_FREE char *long_name = xcalloc(5000, 1);
    memset(long_name, 'x', 4500);
    AUTO_FREE char *target = xasprintf("/api/v1/runs?journey=%s", long_name);
    expect(host, "GET", target, NULL, NULL, 400, "`journey` is broken, or too long");
}

static void test_what_is_not_kept_or_not_understood_is_told(void **state)
{
    expect(*state, "GET", "/api/v1/runs/nothing", NULL, NULL, 404, "no run");
    expect(*state, "GET", "/api/v1/incidents/nothing", NULL, NULL, 404, "no incident");
    expect(*state, "GET", "/api/v1/runs?until=yesterday", NULL, NULL, 400, "no time");
    expect(*state, "GET", "/api/v1/silences?all=perhaps", NULL, NULL, 400, "neither");
}

static void test_beginning_of_several_incidents_is_none(void **state)
{
    struct fake_host *host = *state;
    struct store_batch *batch = store_begin(host->store);
    static const char *const ids[] = {"same-1", "same-2"};
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        batch_put_incident(batch, &(struct store_incident){.id = ids[i],
                                                           .signature = ids[i],
                                                           .severity = 1,
                                                           .state = "open",
                                                           .opened_us = 1,
                                                           .line = "SEV1",
                                                           .json = "{}"});
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(host->store, 60 * US_PER_SECOND));
    expect(host, "GET", "/api/v1/incidents/same", NULL, NULL, 409, "several incidents");
    host->answer = SERVE_NO_SUCH;
    expect(host, "POST", "/api/v1/incidents/same-1/ack", BEARER, NULL, 404, "no open incident");
}

static void test_watching_has_its_bound(void **state)
{
    enum { MOST = 1000 };
    struct fake_host *host = *state;
    static struct talk talks[MOST];
    const char request[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    size_t count = 0;
    bool refused = false;
    while (!refused && count < MOST) {
        talk_open(&talks[count], host->loop, port_of(host));
        talk_say(&talks[count], request);
        refused = strstr(talk_until(&talks[count], "\n\r\n"), " 503 ");
        count++;
    }
    assert_true(refused);
    note_problem(talk_until(&talks[count - 1], "}\n"));
    while (count > 0) talk_close(&talks[--count]);
}

/* --- Writing */

static void test_writing_without_a_token_in_the_settings_is_off(void **state)
{
    struct fake_host *host = *state;
    expect(host, "POST", "/api/v1/silences", "Authorization: Bearer \r\n", "{}", 403, "read-only");
    AUTO_FREE char *options = ask(host, "OPTIONS", "/api/v1/silences", NULL, NULL);
    assert_null(strstr(options, "Access-Control-"));
    expect(host, "DELETE", "/api/v1/silences/x", BEARER, NULL, 403, "read-only");
    assert_string_equal(host->asked, "");
}

static void test_writing_needs_the_token_to_the_letter(void **state)
{
    static const char *const wrong[] = {NULL,
                                        "Authorization: Bearer\r\n",
                                        "Authorization: Bearer let me i\r\n",
                                        "Authorization: Bearer let me in!\r\n",
                                        "Authorization: Basic let me in\r\n",
                                        "Authorization: Bearer LET ME IN\r\n"};
    struct fake_host *host = *state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect(host, "DELETE", "/api/v1/silences/x", wrong[i], NULL, 401,
               "WWW-Authenticate: Bearer");
    assert_string_equal(host->asked, "");
    expect(host, "DELETE", "/api/v1/silences/x%20y?author=ann", BEARER, NULL, 204, "");
    assert_string_equal(host->asked, "unsilence x y by ann");
}

static void test_silence_is_handed_on_with_an_id(void **state)
{
    struct fake_host *host = *state;
    expect(host, "POST", "/api/v1/silences", BEARER "Content-Type: application/json\r\n",
           "{\"matcher\":\"journey=check*\",\"until\":\"2999-01-01T00:00:00Z\"}", 422,
           "within a year");
    assert_string_equal(host->asked, "");
    AUTO_FREE char *body = NULL;
    char until[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_wall_us(&clock_real) + 3600 * US_PER_SECOND, until);
    body = xasprintf("{\"matcher\":\"journey=check*\",\"until\":\"%s\",\"comment\":\"why not\"}",
                     until);
    expect(host, "POST", "/api/v1/silences", BEARER "Content-Type: application/json\r\n", body, 201,
           "Location: /api/v1/silences/01");
    assert_string_equal(host->asked, "silence journey=check* by api: why not");
    host->answer = SERVE_REFUSED;
    expect(host, "POST", "/api/v1/silences", BEARER "Content-Type: application/json\r\n", body, 422,
           "no matcher: say journey=NAME");
}

/* Also before the store has it. */
static void test_silence_is_listed_at_once(void **state)
{
    struct fake_host *host = *state;
    char until[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_wall_us(&clock_real) + 3600 * US_PER_SECOND, until);
    AUTO_FREE char *body = xasprintf("{\"matcher\":\"journey=check*\",\"until\":\"%s\"}", until);
    store_hold(host->store, true);
    expect(host, "POST", "/api/v1/silences", BEARER "Content-Type: application/json\r\n", body, 201,
           "");
    expect(host, "GET", "/api/v1/silences", NULL, NULL, 200, "journey=check*");
    expect(host, "GET", "/api/v1/silences?all=true", NULL, NULL, 200, "journey=check*");
    AUTO_FREE char *path = xasprintf("/api/v1/silences/%s", host->silenced.id);
    store_hold(host->store, false);
    assert_true(store_flush(host->store, 30 * US_PER_SECOND));
    store_hold(host->store, true);
    expect(host, "DELETE", path, BEARER, NULL, 204, "");
    AUTO_FREE char *listed = ask(host, "GET", "/api/v1/silences?all=true", NULL, NULL);
    assert_null(strstr(listed, "journey=check*"));
    store_hold(host->store, false);
}

static void test_silence_that_has_ended_is_listed_with_all(void **state)
{
    struct fake_host *host = *state;
    const struct store_silence ended = {
        .id = "e", .matcher = "stage=ended", .author = "ann", .from_us = 1, .until_us = 2};
    struct store_batch *batch = store_begin(host->store);
    batch_put_silence(batch, &ended);
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(host->store, 30 * US_PER_SECOND));
    store_silence_list_release(&host->silences);
    assert_true(store_silences(host->store, 0, &host->silences, NULL)); /* the host may keep it */
    expect(host, "GET", "/api/v1/silences?all=true", NULL, NULL, 200, "stage=ended");
    AUTO_FREE char *listed = ask(host, "GET", "/api/v1/silences", NULL, NULL);
    assert_null(strstr(listed, "stage=ended"));
}

static void test_silence_of_nothing_is_refused(void **state)
{
    static const struct {
        const char *matcher, *says;
    } cases[] = {{"journey=chekout", "no journey is called \\\"chekout\\\""},
                 {"journey=x*", "no journey is called \\\"x*\\\""},
                 {"stage=chekout", "no journey has the stage \\\"chekout\\\""}};
    struct fake_host *host = *state;
    char until[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_wall_us(&clock_real) + 3600 * US_PER_SECOND, until);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *body =
            xasprintf("{\"matcher\":\"%s\",\"until\":\"%s\"}", cases[i].matcher, until);
        expect(host, "POST", "/api/v1/silences", BEARER "Content-Type: application/json\r\n", body,
               422, cases[i].says);
    }
    AUTO_FREE char *typo =
        xasprintf("{\"matcher\":\"journey=checkout\",\"until\":\"%s\",\"coment\":\"\"}", until);
    expect(host, "POST", "/api/v1/silences", BEARER "Content-Type: application/json\r\n", typo, 422,
           "there is no member `coment`");
    assert_string_equal(host->asked, "");
    AUTO_FREE char *good = xasprintf("{\"matcher\":\"host=shop.example\",\"until\":\"%s\"}", until);
    expect(host, "POST", "/api/v1/silences", BEARER "Content-Type: application/json\r\n", good, 201,
           "");
}

static void test_body_that_is_no_json_object_is_refused(void **state)
{
    struct fake_host *host = *state;
    const char *json = BEARER "Content-Type: application/json\r\n";
    expect(host, "POST", "/api/v1/silences", json, "[]", 400, "no JSON object");
    expect(host, "POST", "/api/v1/silences", json, "{\"a\":1,}", 400, "not JSON");
    expect(host, "POST", "/api/v1/silences", BEARER, "{}", 415, "media-type");
    expect(host, "POST", "/api/v1/silences", json, "{\"matcher\":[]}", 422, "`matcher`");
    expect(host, "POST", "/api/v1/silences", json, "{}", 422, "`matcher` is missing");
    expect(host, "POST", "/api/v1/silences", json, "{\"matcher\":\"host=a\"}", 422, "needs an end");
    expect(host, "POST", "/api/v1/silences", json, "{\"until\":\"noon\"}", 422, "`until`");
    assert_string_equal(host->asked, "");
    host->answer = SERVE_NO_SUCH;
    expect(host, "DELETE", "/api/v1/silences/x", BEARER, NULL, 404, "no silence");
    host->asked[0] = '\0';
    assert_string_equal(host->asked, "");
}

static void test_page_of_another_site_may_set_nothing_in_motion(void **state)
{
    struct fake_host *host = *state;
    expect(host, "GET", "/probe?journey=checkout", "Sec-Fetch-Site: cross-site\r\n", NULL, 403,
           "other sites");
    assert_int_equal(host->probe_timeout_us, 0);
    expect(host, "GET", "/probe?journey=checkout", "Sec-Fetch-Site: none\r\n", NULL, 200,
           "probe_success 1");
}

static void test_page_of_another_origin_may_neither_without_fetch_metadata(void **state)
{
    static const struct {
        const char *headers;
        int status;
    } cases[] = {{"Origin: http://evil.example\r\n", 403},
                 {"Origin: null\r\n", 403},
                 {"Referer: http://evil.example/localhost\r\n", 403},
                 {"Referer: https://shop.example/status\r\n", 200},
                 {"Sec-Fetch-Site: none\r\nReferer: http://evil.example/\r\n", 200}};
    struct fake_host *host = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(host, "GET", "/probe?journey=checkout", cases[i].headers, NULL, cases[i].status, "");
    AUTO_FREE char *own = xasprintf("Origin: http://localhost:%d\r\n", port_of(host));
    expect(host, "GET", "/probe?journey=checkout", own, NULL, 200, "probe_success 1");
}

/* --- Probes */

static void test_probe_answers_in_blackbox_terms(void **state)
{
    struct fake_host *host = *state;
    expect(host, "GET", "/probe?journey=checkout&persona=mobile", NULL, NULL, 200,
           "\nprobe_http_duration_seconds{phase=\"processing\"} ");
    assert_int_equal(host->probe_timeout_us, 60 * US_PER_SECOND);
}

static void test_probe_target_is_the_journey_where_none_is_named(void **state)
{
    expect(*state, "GET", "/probe?module=http_2xx&target=checkout", NULL, NULL, 200,
           "Vary: Accept\r\n");
    expect(*state, "GET", "/probe?journey=checkout&target=nothing", NULL, NULL, 200,
           "probe_success 1");
}

static void test_probe_scraper_says_how_long_it_waits(void **state)
{
    static const struct {
        const char *header;
        int64_t timeout_us;
    } cases[] = {
        {"5", 4500000}, {"0.4", 300000}, {"1e9", 60000000}, {"600", 60000000}, {"1e-9", 1000}};
    struct fake_host *host = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *header =
            xasprintf("X-Prometheus-Scrape-Timeout-Seconds: %s\r\n", cases[i].header);
        expect(host, "GET", "/probe?journey=browse", header, NULL, 200, "probe_success 1");
        assert_int_equal(host->probe_timeout_us, cases[i].timeout_us);
    }
    expect(host, "GET", "/probe?journey=browse", "X-Prometheus-Scrape-Timeout-Seconds: soon\r\n",
           NULL, 400, "bad-request");
    expect(host, "GET", "/probe?journey=browse", "X-Prometheus-Scrape-Timeout-Seconds: -1\r\n",
           NULL, 400, "bad-request");
    expect(host, "GET", "/probe?journey=browse", "X-Prometheus-Scrape-Timeout-Seconds: nan\r\n",
           NULL, 400, "bad-request");
}

static void test_probe_of_what_is_not_watched_is_refused(void **state)
{
    struct fake_host *host = *state;
    expect(host, "GET", "/probe", NULL, NULL, 400, "say which");
    expect(host, "GET", "/probe?journey=%3Cb%3E%22", NULL, NULL, 404,
           "no journey is called \\\"<b>");
    expect(host, "GET", "/probe?journey=checkout&persona=x", NULL, NULL, 404, "no persona");
    host->busy = true;
    expect(host, "GET", "/probe?journey=checkout", NULL, NULL, 503, "all places are taken");
}

struct patience {
    struct fake_host *host;
    unsigned stopped;
    struct timer timer;
};

static void stop(void *context)
{
    loop_stop(context);
}

static void test_probe_that_outlives_its_scraper_does_no_harm(void **state)
{
    struct fake_host *host = *state;
    struct talk talk;
    struct deferred end;
    const char request[] = "GET /probe?journey=checkout HTTP/1.1\r\nHost: localhost\r\n\r\n";
    talk_open(&talk, host->loop, port_of(host));
    talk_say(&talk, request);
    talk_close(&talk);
    deferred_init(&end, host->loop, stop, host->loop);
    deferred_queue(&end);
    loop_run(host->loop);
    expect(host, "GET", "/api/v1/health", NULL, NULL, 200, "ok");
}

static void stop_when_stopped(void *context)
{
    struct patience *patience = context;
    if (patience->host->stopped == patience->stopped) loop_stop(patience->host->loop);
    timer_set(&patience->timer, loop_now_us(patience->host->loop) + US_PER_MS);
}

static void test_probe_client_left_gives_up_its_place(void **state)
{
    enum { PLACES = 20 };
    struct fake_host *host = *state;
    struct talk talks[PLACES];
    struct patience patience = {.host = host, .stopped = PLACES};
    host->slow = true;
    for (size_t i = 0; i < PLACES; i++) {
        talk_open(&talks[i], host->loop, port_of(host));
        talk_say(&talks[i], "GET /probe?journey=checkout HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    expect(host, "GET", "/probe?journey=checkout", NULL, NULL, 503, "20 probes are under way");
    for (size_t i = 0; i < PLACES; i++) talk_close(&talks[i]);
    timer_init(&patience.timer, host->loop, stop_when_stopped, &patience);
    timer_set(&patience.timer, loop_now_us(host->loop));
    loop_run(host->loop); /* for ever, if nobody notices */
    timer_cancel(&patience.timer);
    host->slow = false;
    expect(host, "GET", "/probe?journey=checkout", NULL, NULL, 200, "probe_success 1");
}

/* --- Streams */

static void test_stream_is_told_of_a_change(void **state)
{
    struct fake_host *host = *state;
    struct talk talk;
    const char request[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    talk_open(&talk, host->loop, port_of(host));
    talk_say(&talk, request);
    assert_non_null(strstr(talk_until(&talk, "retry: 3000"), "text/event-stream"));
    serve_changed(host->server);
    serve_changed(host->server);
    assert_non_null(strstr(talk_until(&talk, "event: changed"), "event: changed"));
    talk_close(&talk);
}

static void test_stream_beats_so_that_scripts_hear_it(void **state)
{
    struct fake_host *host = *state;
    struct talk talk;
    const char request[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    talk_open(&talk, host->loop, port_of(host));
    talk_say(&talk, request);
    talk_until(&talk, "retry: 3000");
    streams_beat(host->server);
    assert_non_null(strstr(talk_until(&talk, "\n\n"), "retry: 3000\n\n"));
    assert_non_null(strstr(talk_until(&talk, "event: beat"), "event: beat\ndata: {}\n\n"));
    talk_close(&talk);
}

static void test_server_that_stops_ends_its_streams(void **state)
{
    struct fake_host *host = *state;
    struct talk talk;
    const char request[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    talk_open(&talk, host->loop, port_of(host));
    talk_say(&talk, request);
    talk_until(&talk, "retry");
    serve_stop(take(host->server));
    talk_until(&talk, NULL);
    assert_true(talk.ended);
    talk_close(&talk);
}

/* --- What the shop and the journeys say */

static void test_page_with_hostile_texts_holds_them_all_back(void **state)
{
    static const char *const targets[] = {
        "/", "/incidents/01990000-0000-7000-8000-000000000004",
        "/journeys/%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22%27%26", "/runs/%3Cscript%3E"};
    struct fake_host *host = *state;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        AUTO_FREE char *heard = ask(host, "GET", targets[i], NULL, NULL);
        assert_non_null(strstr(heard, "</html>"));
        static const char *const never[] = {"<script>", "<svg onload", "<img",        "<b>x",
                                            "<i>",      "</q><",       "href=\"java", "\x1b",
                                            "style=\"", " onerror=\""};
        for (size_t j = 0; j < COUNT_OF(never); j++) {
            if (strstr(heard, never[j])) fail_msg("%s: %s is on the page", targets[i], never[j]);
        }
    }
    expect(host, "GET", targets[0], NULL, NULL, 200, "&lt;script&gt;alert(1)");
    expect(host, "GET", targets[1], NULL, NULL, 200, "&lt;img src=x&gt;");
    expect(host, "GET", targets[2], NULL, NULL, 200, "javascript:alert(1)");
    expect(host, "GET", targets[3], NULL, NULL, 404, "No such run");
}

static void test_journey_in_maintenance_has_no_success(void **state)
{
    struct fake_host *host = *state;
    expect(host, "GET", "/metrics", NULL, NULL, 200, "\nprobe_success{");
    host->paused = "deploy";
    AUTO_FREE char *heard = ask(host, "GET", "/metrics", NULL, NULL);
    assert_null(strstr(heard, "\nprobe_success{"));
    assert_non_null(strstr(heard, "\nshopper_last_run_timestamp_seconds{"));
}

static void test_metrics_with_hostile_names_stay_one_line_each(void **state)
{
    struct fake_host *host = *state;
    AUTO_FREE char *heard = ask(host, "GET", "/metrics", NULL, NULL);
    const char *body = strstr(heard, "\r\n\r\n") + 4;
    struct view rest = view_of(body), line;
    while (view_split(&rest, '\n', &line)) {
        if (!line.length) continue;
        if (line.data[0] != '#' && strncmp(line.data, "shopper_", 8) != 0 &&
            strncmp(line.data, "probe_", 6) != 0 && strncmp(line.data, "process_", 8) != 0)
            fail_msg("a line of metrics: %.*s", VIEW_PRINTF(line));
    }
    assert_non_null(strstr(body, "step=\"\\\"><svg onload=alert(1)>\\n{x=\\\"1\\\"} 1\""));
}

static void test_incident_in_maintenance_is_marked_and_counted_in_no_metric(void **state)
{
    struct fake_host *host = *state;
    struct store_batch *batch = store_begin(host->store);
    batch_put_incident(batch,
                       &(struct store_incident){.id = "planned",
                                                .signature = "stage:login/http",
                                                .severity = 1,
                                                .state = "open",
                                                .opened_us = 1,
                                                .line = "SEV1 login: error pages",
                                                .json = "{\"face\":{\"maintenance\":true}}"});
    store_commit(batch, NULL, NULL);
    assert_true(store_flush(host->store, 60 * US_PER_SECOND));
    expect(host, "GET", "/metrics", NULL, NULL, 200, "shopper_incidents_open{severity=\"sev1\"} 0");
    expect(host, "GET", "/", NULL, NULL, 200, " · in maintenance");
    expect(host, "GET", "/api/v1/incidents", NULL, NULL, 200, "\"maintenance\":true");
}

static void test_change_without_a_server_is_nothing(void **state)
{
    (void)state;
    serve_changed(NULL);
    serve_missed(NULL, "a", "b");
    serve_stop(NULL);
}

static void test_address_that_is_taken_is_an_error(void **state)
{
    struct fake_host *host = *state;
    AUTO_ERROR error = ERROR_NONE;
    struct server *second = serve_start(&(struct serve_settings){.port = port_of(host)}, host->loop,
                                        host->store, &fake_operations, host, &error);
    assert_null(second);
    assert_non_null(strstr(error_text(&error), "cannot listen on 127.0.0.1"));
    golden_note(error_text(&error));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_empty, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_path_that_is_not_there_is_a_problem_document),
        TEST(test_method_that_does_not_fit_says_which_do),
        TEST(test_answer_bears_the_headers_that_protect),
        TEST(test_origin_that_is_not_configured_gets_no_permission),
        TEST(test_daemon_that_is_not_ready_says_why),
        TEST(test_parameter_that_is_broken_is_refused),
        TEST(test_what_is_not_kept_or_not_understood_is_told),
        TEST(test_beginning_of_several_incidents_is_none),
        TEST(test_watching_has_its_bound),
        cmocka_unit_test_setup_teardown(test_writing_without_a_token_in_the_settings_is_off,
                                        set_up_closed, tear_down),
        TEST(test_writing_needs_the_token_to_the_letter),
        TEST(test_silence_is_handed_on_with_an_id),
        TEST(test_silence_is_listed_at_once),
        TEST(test_silence_that_has_ended_is_listed_with_all),
        TEST(test_silence_of_nothing_is_refused),
        TEST(test_body_that_is_no_json_object_is_refused),
        TEST(test_page_of_another_site_may_set_nothing_in_motion),
        TEST(test_page_of_another_origin_may_neither_without_fetch_metadata),
        TEST(test_probe_answers_in_blackbox_terms),
        TEST(test_probe_target_is_the_journey_where_none_is_named),
        TEST(test_probe_scraper_says_how_long_it_waits),
        TEST(test_probe_of_what_is_not_watched_is_refused),
        TEST(test_probe_that_outlives_its_scraper_does_no_harm),
        TEST(test_probe_client_left_gives_up_its_place),
        TEST(test_stream_is_told_of_a_change),
        TEST(test_stream_beats_so_that_scripts_hear_it),
        TEST(test_server_that_stops_ends_its_streams),
        cmocka_unit_test_setup_teardown(test_page_with_hostile_texts_holds_them_all_back,
                                        set_up_hostile, tear_down),
        cmocka_unit_test_setup_teardown(test_journey_in_maintenance_has_no_success, set_up_hostile,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_metrics_with_hostile_names_stay_one_line_each,
                                        set_up_hostile, tear_down),
        TEST(test_change_without_a_server_is_nothing),
        TEST(test_incident_in_maintenance_is_marked_and_counted_in_no_metric),
        TEST(test_address_that_is_taken_is_an_error),
        PIN_MESSAGES("serve/problems.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
