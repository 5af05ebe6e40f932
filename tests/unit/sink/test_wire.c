/* SPDX-License-Identifier: Apache-2.0 */
/* Syslog's ways: a datagram, a counted frame, a local socket; and mail's way through the same door.
 */
#include "sink_test.h"

#include "base/file.h"
#include "support/fake_smtp.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int bound(int type, int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int descriptor = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, size), 0);
    if (type == SOCK_STREAM) assert_int_equal(listen(descriptor, 1), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    return descriptor;
}

static void start(struct sink_probe *probe, const char *yaml)
{
    load_sinks(probe, yaml);
    assert_int_equal(probe->diags.errors, 0);
    assert_true(sinks_resolve(&probe->list, &probe->diags));
}

static void datagram_is_one_message(void **state)
{
    struct sink_probe *probe = *state;
    char got[4000] = "";
    int port, descriptor = bound(SOCK_DGRAM, &port);
    AUTO_FREE char *yaml =
        xasprintf("{s: {syslog: {to: 'udp://127.0.0.1:%d', facility: local0}}}", port);
    start(probe, yaml);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, "");
    ssize_t length = recv(descriptor, got, sizeof got - 1, MSG_DONTWAIT);
    close(descriptor);
    assert_true(length > 0);
    assert_memory_equal(got, "<130>1 2025-11-24T16:00:00.000000Z ", 35);
    assert_non_null(strstr(got, "] SEV1 checkout: prices vanished"));
}

static void stream_is_counted(void **state)
{
    struct sink_probe *probe = *state;
    char got[10000] = "";
    int port, listener = bound(SOCK_STREAM, &port);
    AUTO_FREE char *yaml = xasprintf("{s: {syslog: {to: 'tcp://127.0.0.1:%d'}}}", port);
    start(probe, yaml);
    struct event event = an_event(EVENT_OPENED);
    event.line = TEXT("two\nlines");
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, "");
    int peer = accept(listener, NULL, NULL);
    size_t length = 0;
    for (ssize_t more; (more = recv(peer, got + length, sizeof got - 1 - length, 0)) > 0;)
        length += (size_t)more;
    close(peer);
    close(listener);
    char *rest = NULL;
    long counted = strtol(got, &rest, 10);
    assert_int_equal(*rest, ' ');
    assert_int_equal(counted, strlen(rest + 1));
    assert_non_null(strstr(rest, "] two\\nlines"));
}

/* Until nobody reads any more. */
static void *talk(void *context)
{
    static const char words[4096];
    int peer = accept(*(const int *)context, NULL, NULL);
    while (send(peer, words, sizeof words, MSG_NOSIGNAL) > 0) continue;
    close(peer);
    return NULL;
}

static void peer_that_never_stops_talking_is_left_in_time(void **state)
{
    struct sink_probe *probe = *state;
    pthread_t talker;
    int port, listener = bound(SOCK_STREAM, &port);
    AUTO_FREE char *yaml = xasprintf("{s: {syslog: {to: 'tcp://127.0.0.1:%d'}}}", port);
    start(probe, yaml);
    struct event event = an_event(EVENT_OPENED);
    assert_int_equal(pthread_create(&talker, NULL, talk, &listener), 0);
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, ""); /* it went out, and no reset came */
    pthread_join(talker, NULL);
    close(listener);
}

static void hang(void *load, struct errand_report *report)
{
    char byte;
    (void)report;
    (void)!read(*(const int *)load, &byte, 1);
}

static void leave(void *load)
{
    close(*(const int *)load);
    free(load);
}

static int hang_on; /* what the errand reads from */

static void send_by_hanging(struct sending *sending)
{
    int *load = NEW(int);
    *load = hang_on;
    sending_by_errand(sending, hang, load, leave);
}

static void errand_that_hangs_is_left_in_time(void **state)
{
    static const struct sink_kind kind = {.name = "hanging", .send = send_by_hanging};
    struct sink_probe *probe = *state;
    const struct sink sink = {.kind = &kind, .timeout_us = 100 * US_PER_MS};
    struct event event = an_event(EVENT_OPENED);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    hang_on = ends[0];
    struct sending *sending = sink_send(probe->sender, &sink, &event, sink_probe_done, probe);
    assert_non_null(sending);
    loop_run(probe->loop);
    assert_int_equal(probe->done_calls, 1);
    assert_told(probe, SINK_AGAIN, "it took too long");
    note_result(probe);
    close(ends[1]); /* its thread ends */
}

static void local_socket_is_told(void **state)
{
    struct sink_probe *probe = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char got[10000] = "";
    snprintf(address.sun_path, sizeof address.sun_path, "%s/log", probe->directory);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, sizeof address), 0);
    AUTO_FREE char *yaml = xasprintf("{s: {syslog: {to: 'unix:%s'}}}", address.sun_path);
    start(probe, yaml);
    struct event event = an_event(EVENT_RESOLVED);
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, "");
    assert_true(recv(descriptor, got, sizeof got - 1, MSG_DONTWAIT) > 0);
    close(descriptor);
    assert_memory_equal(got, "<29>1 ", 6);
}

static void socket_that_is_not_there_is_tried_again(void **state)
{
    static const char *const table[][2] = {
        {"unix:/nowhere/log", "cannot reach the socket: No such file"},
        {"tcp://127.0.0.1:1", "cannot connect: Connection refused"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct sink_probe *probe = *state;
        AUTO_FREE char *yaml = xasprintf("{s: {syslog: {to: '%s'}}}", table[i][0]);
        start(probe, yaml);
        struct event event = an_event(EVENT_OPENED);
        tell(probe, &event);
        assert_told(probe, SINK_AGAIN, table[i][1]);
        assert_int_equal(sink_teardown(state), 0);
        assert_int_equal(sink_setup(state), 0);
    }
}

/* --- email */

static void mail(struct sink_probe *probe, const struct fake_smtp_answer *answers,
                 const struct event *event, struct buf *heard)
{
    struct fake_smtp *server = fake_smtp_new(answers);
    AUTO_FREE char *yaml =
        xasprintf("{e: {email: {server: 'smtp://127.0.0.1:%d', from: shopper@shop.example, to: "
                  "[a@shop.example, b@shop.example], plain: true}}}",
                  fake_smtp_port(server));
    start(probe, yaml);
    tell(probe, event);
    buf_add_text(heard, fake_smtp_heard(server));
    fake_smtp_free(server);
}

static void letter_goes_to_all_and_says_what_happened(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF heard = BUF_INIT(BUF_OWN_CAP);
    struct event event = an_event(EVENT_OPENED);
    event.message = TEXT("a\r\n.\r\nMAIL FROM:<evil@evil.example>");
    mail(probe, NULL, &event, &heard);
    assert_told(probe, SINK_DELIVERED, "");
    const char *text = buf_text(&heard);
    assert_non_null(strstr(text, "RCPT TO:<a@shop.example>"));
    assert_non_null(strstr(text, "RCPT TO:<b@shop.example>"));
    assert_non_null(strstr(text, "Subject: SEV1 checkout: prices vanished\r\n"));
    assert_non_null(strstr(text, "Message-ID: <" INCIDENT_ID "@shop.example>\r\n"));
    assert_non_null(strstr(text, "reason:    a\\r\\n.\\r\\nMAIL FROM:<evil@evil.example>\r\n"));
}

static void letter_that_is_refused_is_not_tried_again(void **state)
{
    struct sink_probe *probe = *state;
    static const struct fake_smtp_answer answers[] = {{".", "554 no"}, {0}};
    AUTO_BUF heard = BUF_INIT(BUF_OWN_CAP);
    struct event event = an_event(EVENT_OPENED);
    mail(probe, answers, &event, &heard);
    assert_int_equal(probe->outcome, SINK_REFUSED);
    assert_true(*probe->why);
}

/* Tells the same event to the same sink, by one server that answers so at first and otherwise then.
 */
static void mail_twice(struct sink_probe *probe, const struct fake_smtp_answer *answers,
                       const struct fake_smtp_answer *then, struct buf *heard)
{
    struct fake_smtp *server = fake_smtp_new(answers);
    AUTO_FREE char *yaml =
        xasprintf("{e: {email: {server: 'smtp://127.0.0.1:%d', from: shopper@shop.example, to: "
                  "[a@shop.example, b@shop.example], plain: true}}}",
                  fake_smtp_port(server));
    struct event event = an_event(EVENT_OPENED);
    start(probe, yaml);
    tell(probe, &event);
    assert_int_equal(probe->outcome, SINK_AGAIN);
    size_t before = strlen(fake_smtp_heard(server));
    fake_smtp_answer_so(server, then);
    tell(probe, &event);
    buf_add_text(heard, fake_smtp_heard(server) + before);
    fake_smtp_free(server);
}

static void letter_is_tried_again_for_those_alone_who_lack_it(void **state)
{
    struct sink_probe *probe = *state;
    static const struct fake_smtp_answer answers[] = {{"RCPT TO:<b@", "450 try again"}, {0}};
    AUTO_BUF heard = BUF_INIT(BUF_OWN_CAP);
    mail_twice(probe, answers, NULL, &heard);
    assert_told(probe, SINK_DELIVERED, "");
    assert_null(strstr(buf_text(&heard), "RCPT TO:<a@"));
    assert_non_null(strstr(buf_text(&heard), "RCPT TO:<b@"));
    assert_non_null(strstr(buf_text(&heard), "To: a@shop.example,\r\n b@shop.example\r\n"));
}

static void letter_that_one_has_and_one_refuses_is_delivered_with_a_word(void **state)
{
    struct sink_probe *probe = *state;
    static const struct fake_smtp_answer answers[] = {{"RCPT TO:<b@", "450 try again"}, {0}};
    AUTO_BUF heard = BUF_INIT(BUF_OWN_CAP);
    static const struct fake_smtp_answer then[] = {{"RCPT TO:<b@", "550 gone"}, {0}};
    mail_twice(probe, answers, then, &heard);
    assert_told(probe, SINK_DELIVERED, "answer 550 for b@shop.example");
    assert_string_equal(probe->said, "550 gone");
}

static void receiver_that_was_refused_is_not_forgotten(void **state)
{
    struct sink_probe *probe = *state;
    static const struct fake_smtp_answer answers[] = {
        {"RCPT TO:<a@", "550 gone"}, {"RCPT TO:<b@", "450 try again"}, {0}};
    AUTO_BUF heard = BUF_INIT(BUF_OWN_CAP);
    mail_twice(probe, answers, NULL, &heard);
    assert_told(probe, SINK_DELIVERED, "it was refused for a@shop.example");
    assert_null(strstr(buf_text(&heard), "RCPT TO:<a@"));
}

static void test_letter_is_a_thread_of_its_own(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF heard = BUF_INIT(BUF_OWN_CAP);
    struct event event = an_event(EVENT_TEST);
    mail(probe, NULL, &event, &heard);
    assert_non_null(strstr(buf_text(&heard), "Message-ID: <" EVENT_ID "@shop.example>\r\n"));
    assert_null(strstr(buf_text(&heard), "In-Reply-To"));
    assert_null(strstr(buf_text(&heard), "incident:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SINK_TEST(datagram_is_one_message),
        SINK_TEST(stream_is_counted),
        SINK_TEST(peer_that_never_stops_talking_is_left_in_time),
        SINK_TEST(errand_that_hangs_is_left_in_time),
        SINK_TEST(local_socket_is_told),
        SINK_TEST(socket_that_is_not_there_is_tried_again),
        SINK_TEST(letter_goes_to_all_and_says_what_happened),
        SINK_TEST(letter_that_is_refused_is_not_tried_again),
        SINK_TEST(letter_is_tried_again_for_those_alone_who_lack_it),
        SINK_TEST(letter_that_one_has_and_one_refuses_is_delivered_with_a_word),
        SINK_TEST(receiver_that_was_refused_is_not_forgotten),
        SINK_TEST(test_letter_is_a_thread_of_its_own),
        PIN_MESSAGES("sink/wire.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
