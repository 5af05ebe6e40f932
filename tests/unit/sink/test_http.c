/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds that go by HTTP: what they post, and what they make of the answers. */
#include "sink_test.h"

#include "base/codec.h"
#include "http/hmac.h"

#define OK "HTTP/1.1 202 OK\r\nContent-Length: 2\r\n\r\nok"
#define SLACK "{s: {slack: {url: 'http://127.0.0.1:PORT/secret-path'}}}"
#define ALERTS "{a: {alertmanager: {url: 'http://127.0.0.1:PORT/prefix/'}}}"
#define PAGER                                                                                      \
    "{p: {pagerduty: {routing_key: key-of-the-service, url: 'http://127.0.0.1:PORT/v2/enqueue'}}}"
#define OLD_SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define NEW_SECRET "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static const struct script taken[] = {{{READ_REQUEST, SEND(OK), LOOP}}};

static void answers_are_sorted_by_their_status(void **state)
{
    struct sink_probe *probe = *state;
    static const struct {
        const char *status;
        enum sink_outcome outcome;
    } table[] = {
        {"200 OK", SINK_DELIVERED}, {"204 No", SINK_DELIVERED}, {"302 Found", SINK_REFUSED},
        {"400 Bad", SINK_REFUSED},  {"401 No", SINK_REFUSED},   {"404 None", SINK_REFUSED},
        {"408 Slow", SINK_AGAIN},   {"410 Gone", SINK_GONE},    {"429 Many", SINK_AGAIN},
        {"500 Oops", SINK_AGAIN},   {"503 Later", SINK_AGAIN},
    };
    char answers[COUNT_OF(table)][128];
    struct script scripts[COUNT_OF(table)] = {0};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        snprintf(
            answers[i], sizeof answers[i],
            "HTTP/1.1 %s\r\nLocation: /elsewhere\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            table[i].status);
        scripts[i] = (struct script){{READ_REQUEST, SEND_TEXT(answers[i])}};
    }
    SERVE_SINKS(probe, scripts, SLACK);
    struct event event = an_event(EVENT_OPENED);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        tell(probe, &event);
        if (probe->outcome != table[i].outcome)
            fail_msg("%s: %d %s", table[i].status, (int)probe->outcome, probe->why);
        assert_int_equal(probe->after_us, 0);
        assert_int_equal(strstr(probe->why, "redirects are not followed") != NULL,
                         *table[i].status == '3');
        assert_int_equal(*probe->why != 0, probe->outcome != SINK_DELIVERED);
    }
    assert_null(script_server_request(probe->server, COUNT_OF(table)));
}

static void busy_receiver_is_given_the_time_it_asks_for(void **state)
{
    struct sink_probe *probe = *state;
    static const struct script scripts[] = {
        {{READ_REQUEST,
          SEND("HTTP/1.1 429 Many\r\nRetry-After: 120\r\nContent-Length: 5\r\n\r\nslow\x1b")}}};
    SERVE_SINKS(probe, scripts, SLACK);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_AGAIN, "status 429");
    assert_string_equal(probe->said, "slow\\x1b");
    assert_int_equal(probe->after_us, 120 * US_PER_SECOND);
}

static void retry_after_is_read_as_seconds_or_a_date(void **state)
{
    (void)state;
    const int64_t wall = INT64_C(784111777) * US_PER_SECOND; /* Sun, 06 Nov 1994 08:49:37 GMT */
    static const struct {
        const char *value;
        int64_t seconds;
    } table[] = {
        {"0", 0},
        {" 7 ", 7},
        {"999999999", 999999999},
        {"9999999999", 0},
        {"-1", 0},
        {"1.5", 0},
        {"", 0},
        {"soon", 0},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:50:37 GMT", 60},
        {"Mon, 07 Nov 1994 08:49:37 GMT", 86400},
        {"Sun, 06 Nov 1993 08:50:37 GMT", 0},
        {"Sun, 31 Feb 1995 08:50:37 GMT", 0},
        {"Sun, 06 Nox 1994 08:50:37 GMT", 0},
        {"Sun, 06 Nov 1994 25:50:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:50:37 GMTx", 0},
        {"Sun, 06 Nov 1994 08:50:37", 0},
        {",", 0},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (post_retry_after_us(table[i].value, wall) != table[i].seconds * US_PER_SECOND)
            fail_msg("'%s'", table[i].value);
    assert_int_equal(post_retry_after_us(NULL, wall), 0);
}

static void endless_answer_is_not_read_to_its_end(void **state)
{
    struct sink_probe *probe = *state;
    static const struct script scripts[] = {
        {{READ_REQUEST, SEND("HTTP/1.1 200 OK\r\n\r\n"), REPEAT("0123456789abcdef", 1 << 24)}}};
    SERVE_SINKS(probe, scripts, SLACK);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, "");
}

static void broken_connection_is_tried_again(void **state)
{
    struct sink_probe *probe = *state;
    static const struct script scripts[] = {{{READ_REQUEST, RESET}}};
    SERVE_SINKS(probe, scripts, SLACK);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_AGAIN, "");
    assert_null(strstr(probe->why, "secret-path"));
}

static void silent_receiver_is_left_in_time(void **state)
{
    struct sink_probe *probe = *state;
    static const struct script scripts[] = {{{READ_REQUEST, WAIT(60000)}}};
    SERVE_SINKS(probe, scripts, "{s: {slack: {url: 'http://127.0.0.1:PORT/x'}, timeout: 1s}}");
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_AGAIN, "");
}

static void cancelled_sending_is_never_done(void **state)
{
    struct sink_probe *probe = *state;
    static const struct script scripts[] = {{{READ_REQUEST, WAIT(60000)}}};
    SERVE_SINKS(probe, scripts, SLACK);
    struct event event = an_event(EVENT_OPENED);
    sending_cancel(sink_send(probe->sender, &probe->list.items[0], &event, sink_probe_done, probe));
    sending_cancel(NULL);
    loop_run(probe->loop);
    assert_int_equal(probe->done_calls, 0);
}

static void secret_in_an_answer_is_not_told(void **state)
{
    struct sink_probe *probe = *state;
    static const struct script scripts[] = {
        {{READ_REQUEST,
          SEND("HTTP/1.1 400 Bad\r\nContent-Length: 26\r\n\r\nno such key-of-the-service")}}};
    SERVE_SINKS(probe, scripts, PAGER);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_REFUSED, "status 400");
    assert_string_equal(probe->why, "status 400");
    assert_string_equal(probe->said, "no such [redacted:routing_key]");
}

static void part_of_a_secret_in_an_answer_is_not_told(void **state)
{
    static const struct {
        const char *yaml, *answer, *said;
    } table[] = {
        {"{s: {slack: {url: 'http://127.0.0.1:PORT/services/T0/B1/SlackSecretXyz'}}}",
         "Cannot POST /services/T0/B1/SlackSecretXyz", "Cannot POST [redacted:url]"},
        {"{s: {slack: {url: 'http://127.0.0.1:PORT/services/T0/B1/SlackSecretXyz'}}}",
         "no token SlackSecretXyz", "no token [redacted:url]"},
        {"{w: {webhook: {url: 'http://127.0.0.1:PORT/a?key=0123456789&x=1'}}}", "key 0123456789",
         "key [redacted:url]"},
        {"{w: {webhook: {url: 'http://me:s3cr3t@127.0.0.1:PORT/'}}}", "not s3cr3t",
         "not [redacted:url]"},
        {"{w: {webhook: {url: 'http://127.0.0.1:PORT/', authorization: Bearer s3cr3t}}}",
         "not s3cr3t", "not [redacted:authorization]"},
        {"{w: {webhook: {url: 'http://127.0.0.1:PORT/', authorization: Basic bWU6czNjcjN0}}}",
         "not s3cr3t", "not [redacted:authorization]"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct sink_probe *probe = *state;
        AUTO_FREE char *answer = xasprintf("HTTP/1.1 404 No\r\nContent-Length: %zu\r\n\r\n%s",
                                           strlen(table[i].answer), table[i].answer);
        const struct script scripts[] = {{{READ_REQUEST, SEND_TEXT(answer)}}};
        SERVE_SINKS(probe, scripts, table[i].yaml);
        struct event event = an_event(EVENT_OPENED);
        tell(probe, &event);
        assert_told(probe, SINK_REFUSED, "status 404");
        assert_string_equal(probe->said, table[i].said);
        assert_int_equal(sink_teardown(state), 0);
        assert_int_equal(sink_setup(state), 0);
    }
}

/* --- TLS */

/* A telling to a server whose certificate is of an authority of its own. */
static void tell_by_tls(void **state, const char *name, bool trust, const char *more)
{
    struct sink_probe *probe = *state;
    struct test_ca *ca = test_ca_new();
    struct test_certificate certificate = {.name = name, .issuer = ca};
    test_certificate_make(&certificate);
    struct script_server_options options = {
        .scripts = taken, .script_count = 1, .certificate = &certificate};
    probe->server = script_server_new(&options);
    struct sender_settings settings = {.loop = probe->loop, .ca_file = trust ? ca->ca_file : NULL};
    sender_free(probe->sender);
    probe->sender = sender_new(&settings, NULL);
    AUTO_FREE char *yaml = xasprintf("{w: {webhook: {url: 'https://127.0.0.1:%d/'%s}}}",
                                     script_server_port(probe->server), more);
    load_sinks(probe, yaml);
    assert_true(sinks_resolve(&probe->list, &probe->diags));
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    script_server_free(take(probe->server));
    test_certificate_release(&certificate);
    test_ca_free(ca);
}

static void certificate_of_a_known_authority_is_trusted(void **state)
{
    tell_by_tls(state, "127.0.0.1", true, "");
    assert_told(*state, SINK_DELIVERED, "");
}

static void certificate_of_a_stranger_is_not(void **state)
{
    tell_by_tls(state, "127.0.0.1", false, "");
    assert_told(*state, SINK_AGAIN, "certificate");
}

static void certificate_of_another_host_is_not(void **state)
{
    tell_by_tls(state, "shop.example", true, "");
    assert_told(*state, SINK_AGAIN, "certificate");
}

static void certificate_is_not_looked_at_when_told_so(void **state)
{
    tell_by_tls(state, "shop.example", false, ", insecure: true");
    assert_told(*state, SINK_DELIVERED, "");
}

/* --- webhook */

static void assert_signed(const char *request, const char *secret, const char *signature)
{
    unsigned char digest[HMAC_SHA256_BYTES];
    AUTO_BUF key = BUF_INIT(100), text = BUF_INIT(BUF_OWN_CAP), wanted = BUF_INIT(100);
    const char *stamp = strstr(request, "webhook-timestamp: ") + strlen("webhook-timestamp: ");
    assert_true(codec_add_base64_decoded(&key, view_of(secret + 6)));
    buf_addf(&text, EVENT_ID ".%.*s.%s", (int)strcspn(stamp, "\r"), stamp,
             strstr(request, "\r\n\r\n") + 4);
    hmac_sha256(buf_view(&key), buf_view(&text), digest);
    buf_add_text(&wanted, "v1,");
    codec_add_base64(&wanted, (struct view){(const char *)digest, sizeof digest});
    assert_memory_equal(signature, buf_text(&wanted), wanted.length);
}

static void webhook_is_signed_with_every_secret(void **state)
{
    struct sink_probe *probe = *state;
    SERVE_SINKS(probe, taken,
                "{w: {webhook: {url: 'http://127.0.0.1:PORT/', secrets: [" NEW_SECRET
                ", " OLD_SECRET "], authorization: Bearer token}}}");
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, "");
    const char *request = script_server_request(probe->server, 0);
    assert_non_null(strstr(request, "\r\nwebhook-id: " EVENT_ID "\r\n"));
    assert_non_null(strstr(request, "\r\nAuthorization: Bearer token\r\n"));
    assert_non_null(
        strstr(request, "\r\nContent-Type: application/cloudevents+json; charset=utf-8\r\n"));
    const char *signature = strstr(request, "webhook-signature: ") + strlen("webhook-signature: ");
    assert_signed(request, NEW_SECRET, signature);
    assert_signed(request, OLD_SECRET, strchr(signature, ' ') + 1);
}

static void webhook_is_a_cloud_event(void **state)
{
    struct sink_probe *probe = *state;
    SERVE_SINKS(probe, taken, "{w: {webhook: {url: 'http://127.0.0.1:PORT/'}}}");
    struct event event = an_event(EVENT_TEST);
    tell(probe, &event);
    cJSON *body = body_of(probe, 0);
    assert_string_equal(string_at(body, "specversion"), "1.0");
    assert_string_equal(string_at(body, "id"), EVENT_ID);
    assert_string_equal(string_at(body, "source"), "/mystery-shopper/berlin");
    assert_string_equal(string_at(body, "type"), "shopper.test");
    assert_string_equal(string_at(body, "subject"), INCIDENT_ID);
    assert_string_equal(string_at(body, "datacontenttype"), "application/json");
    assert_string_equal(string_at(body, "data.line"), event.line);
    cJSON_Delete(body);
    assert_null(strstr(script_server_request(probe->server, 0), "webhook-signature"));
}

/* --- alertmanager */

static void alert_has_labels_that_stay(void **state)
{
    struct sink_probe *probe = *state;
    SERVE_SINKS(probe, taken, ALERTS);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    event.type = EVENT_REMINDER;
    event.stage = TEXT("another");
    event.host = TEXT("another.example");
    event.message = TEXT("another");
    sender_free(probe->sender); /* a location was given another name */
    probe->sender = sender_new(
        &(struct sender_settings){
            .loop = probe->loop, .source = "rome", .public_url = "https://status.shop.example/"},
        NULL);
    tell(probe, &event);
    assert_non_null(
        strstr(script_server_request(probe->server, 0), "POST /prefix/api/v2/alerts HTTP/1.1\r\n"));
    cJSON *first = body_of(probe, 0), *second = body_of(probe, 1);
    assert_true(json_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(first, 0), "labels"),
                           cJSON_GetObjectItem(cJSON_GetArrayItem(second, 0), "labels")));
    assert_string_equal(string_at(first, "0.labels.stage"), "checkout");
    assert_string_equal(string_at(second, "0.annotations.prober"), "rome");
    assert_string_equal(string_at(first, "0.labels.severity"), "critical");
    assert_string_equal(string_at(first, "0.startsAt"), "2025-11-24T15:55:00.000Z");
    assert_string_equal(string_at(first, "0.generatorURL"), "https://status.shop.example/");
    cJSON_Delete(first);
    cJSON_Delete(second);
    assert_int_equal(sink_refresh_us(&probe->list.items[0]), 60 * US_PER_SECOND);
}

static void alert_of_the_former_severity_ends(void **state)
{
    struct sink_probe *probe = *state;
    SERVE_SINKS(probe, taken, ALERTS);
    struct event event = an_event(EVENT_RAISED);
    event.previous_severity = 3;
    tell(probe, &event);
    cJSON *alerts = body_of(probe, 0);
    assert_int_equal(cJSON_GetArraySize(alerts), 2);
    assert_string_equal(string_at(alerts, "0.labels.severity"), "critical");
    assert_string_equal(string_at(alerts, "1.labels.severity"), "warning");
    assert_string_equal(string_at(alerts, "1.endsAt"), "2025-11-24T16:00:00.000Z");
    assert_true(strcmp(string_at(alerts, "0.endsAt"), "2026") > 0);
    cJSON_Delete(alerts);
}

static void alert_ends_when_the_incident_does(void **state)
{
    struct sink_probe *probe = *state;
    SERVE_SINKS(probe, taken, ALERTS);
    struct event event = an_event(EVENT_RESOLVED);
    tell(probe, &event);
    event.resolved_us = event.opened_us - 5; /* a clock was set back */
    tell(probe, &event);
    cJSON *alerts = body_of(probe, 0), *odd = body_of(probe, 1);
    assert_string_equal(string_at(alerts, "0.endsAt"), "2025-11-24T16:00:00.000Z");
    assert_true(strcmp(string_at(odd, "0.endsAt"), string_at(odd, "0.startsAt")) > 0);
    cJSON_Delete(alerts);
    cJSON_Delete(odd);
}

/* --- pagerduty */

static void pager_is_triggered_and_resolved_under_one_key(void **state)
{
    struct sink_probe *probe = *state;
    static const struct {
        enum event_type type;
        bool acknowledged;
        const char *action;
    } table[] = {
        {EVENT_OPENED, false, "trigger"},  {EVENT_RAISED, true, "trigger"},
        {EVENT_LOWERED, false, "trigger"}, {EVENT_REMINDER, false, "trigger"},
        {EVENT_RESOLVED, true, "resolve"}, {EVENT_TEST, false, "trigger"},
    };
    SERVE_SINKS(probe, taken, PAGER);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct event event = an_event(table[i].type);
        event.acknowledged = table[i].acknowledged;
        tell(probe, &event);
        cJSON *body = body_of(probe, i);
        assert_string_equal(string_at(body, "event_action"), table[i].action);
        assert_string_equal(string_at(body, "dedup_key"), INCIDENT_ID);
        assert_string_equal(string_at(body, "routing_key"), "key-of-the-service");
        assert_int_equal(cJSON_HasObjectItem(body, "payload"), table[i].action[0] == 't');
        cJSON_Delete(body);
    }
}

static void pager_says_what_where_and_how_bad(void **state)
{
    struct sink_probe *probe = *state;
    SERVE_SINKS(probe, taken, PAGER);
    struct event event = an_event(EVENT_OPENED);
    event.runbook = TEXT("https://runbooks.example/prices");
    tell(probe, &event);
    event.runbook = TEXT("javascript:alert(1)");
    tell(probe, &event);
    cJSON *body = body_of(probe, 0), *odd = body_of(probe, 1);
    assert_string_equal(string_at(body, "payload.summary"), event.line);
    assert_string_equal(string_at(body, "payload.source"), "shop.example");
    assert_string_equal(string_at(body, "payload.severity"), "critical");
    assert_string_equal(string_at(body, "payload.component"), "checkout");
    assert_string_equal(string_at(body, "payload.class"), "price");
    assert_string_equal(string_at(body, "payload.group"), "payments");
    assert_string_equal(string_at(body, "links.0.href"), "https://runbooks.example/prices");
    assert_string_equal(string_at(body, "client_url"), "https://status.shop.example/");
    assert_string_equal(string_at(odd, "links.0.text"), "Status");
    cJSON_Delete(body);
    cJSON_Delete(odd);
}

/* --- slack */

static void slack_text_cannot_mention_or_link(void **state)
{
    struct sink_probe *probe = *state;
    SERVE_SINKS(probe, taken, SLACK);
    struct event event = an_event(EVENT_OPENED);
    event.message =
        TEXT("<!channel> <https://evil.example|shop> & @here\n*bold* [shop](https://evil.example)");
    tell(probe, &event);
    cJSON *body = body_of(probe, 0);
    const char *text = string_at(body, "text");
    assert_non_null(strstr(text, "&lt;!channel&gt; &lt;https://evil.example|shop&gt; &amp; "
                                 "@\u200bhere\\n*bold* [shop]\u200b(https://evil.example)\n"));
    assert_null(strpbrk(text, "<>"));
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(body, "mrkdwn")));
    cJSON_Delete(body);
}

/* --- all */

static void hostile_text_is_bounded_and_valid_everywhere(void **state)
{
    static const char *const sinks[] = {"{w: {webhook: {url: 'http://127.0.0.1:PORT/'}}}", ALERTS,
                                        PAGER, SLACK};
    struct sink_probe *probe = *state;
    AUTO_FREE char *big = a_long_text();
    char *affected[300];
    for (size_t i = 0; i < COUNT_OF(affected); i++) affected[i] = big;
    for (size_t i = 0; i < COUNT_OF(sinks); i++) {
        struct event event = an_event(EVENT_RAISED);
        event.line = TEXT("SEV1 \x01\x1b[31m\r\nX: y \xff\xc3 \u202e \"]\\");
        event.message = event.expected = event.actual = event.step = event.owner = big;
        event.runbook = event.resolution = event.run_id = big;
        event.affected = affected;
        event.affected_count = COUNT_OF(affected);
        SERVE_SINKS(probe, taken, sinks[i]);
        tell(probe, &event);
        assert_told(probe, SINK_DELIVERED, "");
        const char *body = strstr(script_server_request(probe->server, 0), "\r\n\r\n") + 4;
        assert_true(strlen(body) < (i == 0 ? 20000 : 60000));
        assert_null(strpbrk(body, "\x01\x1b\r\n"));
        assert_null(strstr(body, "\u202e"));
        cJSON_Delete(body_of(probe, 0)); /* strict: whole, and valid UTF-8 */
        void *same = probe;
        probe = NULL;
        assert_int_equal(sink_teardown(&same), 0);
        assert_int_equal(sink_setup(state), 0);
        probe = *state;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SINK_TEST(answers_are_sorted_by_their_status),
        SINK_TEST(busy_receiver_is_given_the_time_it_asks_for),
        cmocka_unit_test(retry_after_is_read_as_seconds_or_a_date),
        SINK_TEST(endless_answer_is_not_read_to_its_end),
        SINK_TEST(broken_connection_is_tried_again),
        SINK_TEST(silent_receiver_is_left_in_time),
        SINK_TEST(cancelled_sending_is_never_done),
        SINK_TEST(secret_in_an_answer_is_not_told),
        SINK_TEST(part_of_a_secret_in_an_answer_is_not_told),
        SINK_TEST(certificate_of_a_known_authority_is_trusted),
        SINK_TEST(certificate_of_a_stranger_is_not),
        SINK_TEST(certificate_of_another_host_is_not),
        SINK_TEST(certificate_is_not_looked_at_when_told_so),
        SINK_TEST(webhook_is_signed_with_every_secret),
        SINK_TEST(webhook_is_a_cloud_event),
        SINK_TEST(alert_has_labels_that_stay),
        SINK_TEST(alert_of_the_former_severity_ends),
        SINK_TEST(alert_ends_when_the_incident_does),
        SINK_TEST(pager_is_triggered_and_resolved_under_one_key),
        SINK_TEST(pager_says_what_where_and_how_bad),
        SINK_TEST(slack_text_cannot_mention_or_link),
        SINK_TEST(hostile_text_is_bounded_and_valid_everywhere),
        PIN_MESSAGES("sink/http.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
