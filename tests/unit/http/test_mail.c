/* SPDX-License-Identifier: Apache-2.0 */
/* Mail by SMTP, as far as it goes without TLS; tests/e2e/sinks.sh sends it to a real server with.
 */
#include "http/mail.h"

#include "loop/loop.h"
#include "support/fake_smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <sys/resource.h>

struct fixture {
    struct loop *loop;
    struct fake_smtp *server;
    unsigned done_calls;
    enum mail_result result, each[2];
    char why[300], said[300];
};

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    f->loop = loop_new(NULL, NULL);
    *state = f;
    return f->loop ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    bool empty = loop_is_empty(f->loop);
    loop_free(f->loop);
    fake_smtp_free(f->server);
    free(f);
    return empty ? 0 : -1;
}

static void on_done(void *context, const struct mail_report *report)
{
    struct fixture *f = context;
    f->done_calls++;
    f->result = report->result;
    f->each[0] = report->each[0];
    f->each[1] = report->each[1]; /* memory is there also for a letter to one */
    snprintf(f->why, sizeof f->why, "%s", report->why);
    snprintf(f->said, sizeof f->said, "%s", report->said);
    loop_stop(f->loop);
}

static struct mail *post(struct fixture *f, bool plain, int64_t timeout_us)
{
    static const char *const to[] = {"a@shop.example", "b@shop.example", NULL};
    char server[64];
    snprintf(server, sizeof server, "smtp://127.0.0.1:%d", fake_smtp_port(f->server));
    struct mail_options options = {
        .server = server,
        .from = "shopper@shop.example",
        .to = to,
        .message = VIEW_LITERAL("Subject: x\r\n\r\n.dots\r\n.\r\nend\r\n"),
        .plain = plain,
        .timeout_us = timeout_us,
    };
    return mail_send(f->loop, &options, on_done, f);
}

static void deliver(struct fixture *f, const struct fake_smtp_answer *answers, bool plain)
{
    f->server = fake_smtp_new(answers);
    struct mail *mail = post(f, plain, 20 * US_PER_SECOND);
    assert_non_null(mail);
    assert_int_equal(f->done_calls, 0);
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 1);
}

static void letter_arrives_whole(void **state)
{
    struct fixture *f = *state;
    deliver(f, NULL, true);
    assert_int_equal(f->result, MAIL_SENT);
    assert_string_equal(f->why, "");
    const char *heard = fake_smtp_heard(f->server);
    assert_non_null(strstr(heard, "MAIL FROM:<shopper@shop.example>"));
    assert_non_null(strstr(heard, "RCPT TO:<a@shop.example>"));
    assert_non_null(strstr(heard, "RCPT TO:<b@shop.example>"));
    assert_non_null(strstr(heard, "Subject: x\r\n\r\n..dots\r\n..\r\nend\r\n.\r\n"));
}

/* Shoppers may have taken them all. */
static void letter_waits_for_a_descriptor(void **state)
{
    struct fixture *f = *state;
    struct rlimit limit;
    f->server = fake_smtp_new(NULL);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit none = {0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct mail *mail = post(f, true, 20 * US_PER_SECOND);
    assert_non_null(mail);
    assert_int_equal(f->done_calls, 0);
    loop_run(f->loop);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(f->result, MAIL_LATER);
    assert_string_equal(f->why, "there is no thread or no descriptor to send it");
}

static void each_receiver_has_an_end_of_its_own(void **state)
{
    static const struct {
        struct fake_smtp_answer answers[4];
        enum mail_result result, each[2];
        const char *why, *said;
        bool letter_goes;
    } table[] = {
        {{{0}}, MAIL_SENT, {MAIL_SENT, MAIL_SENT}, "", "", true},
        {{{"RCPT TO:<a@", "550 5.1.1 no such mailbox"}},
         MAIL_SENT,
         {MAIL_REFUSED, MAIL_SENT},
         "answer 550 for a@shop.example, which is for good",
         "550 5.1.1 no such mailbox",
         true},
        {{{"RCPT TO:<b@", "450-busy\r\n450 try again"}},
         MAIL_LATER,
         {MAIL_SENT, MAIL_LATER},
         "answer 450 for b@shop.example",
         "450 try again",
         true},
        {{{"RCPT TO:<a@", "550 gone"}, {"RCPT TO:<b@", "452 full"}},
         MAIL_LATER,
         {MAIL_REFUSED, MAIL_LATER},
         "answer 452 for b@shop.example",
         "452 full",
         false},
        {{{"RCPT TO:<a@", "450 later"}, {".", "554 spam"}},
         MAIL_LATER,
         {MAIL_LATER, MAIL_REFUSED},
         "answer 450 for a@shop.example",
         "450 later",
         true},
        {{{"RCPT TO:<b@", "550 gone"}, {".", "451 later"}},
         MAIL_LATER,
         {MAIL_LATER, MAIL_REFUSED},
         "answer 451",
         "451 later",
         true},
        {{{"RCPT TO:<b@", NULL}}, MAIL_LATER, {MAIL_LATER, MAIL_LATER}, NULL, "", false},
        {{{"RCPT", "530 sign in first"}},
         MAIL_LATER,
         {MAIL_LATER, MAIL_LATER},
         "answer 530 for a@shop.example",
         "530 sign in first",
         false},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct fixture *f = *state;
        print_message("  %zu\n", i);
        deliver(f, table[i].answers, true);
        assert_int_equal(f->result, table[i].result);
        assert_int_equal(f->each[0], table[i].each[0]);
        assert_int_equal(f->each[1], table[i].each[1]);
        if (table[i].why)
            assert_string_equal(f->why, table[i].why);
        else
            assert_true(*f->why);
        assert_string_equal(f->said, table[i].said);
        bool went = strstr(fake_smtp_heard(f->server), "\r\nend\r\n") != NULL;
        assert_int_equal(went, table[i].letter_goes);
        assert_int_equal(teardown(state), 0);
        assert_int_equal(setup(state), 0);
    }
}

static void proxies_of_the_web_carry_no_mail(void **state)
{
    struct fixture *f = *state;
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    deliver(f, NULL, true);
    unsetenv("ALL_PROXY");
    unsetenv("all_proxy");
    assert_int_equal(f->result, MAIL_SENT);
}

static void answers_are_sorted_by_their_code(void **state)
{
    static const struct {
        struct fake_smtp_answer answers[2];
        enum mail_result result;
        const char *why, *said;
    } table[] = {
        {{{"RCPT", "550 no such mailbox"}},
         MAIL_REFUSED,
         "answer 550 for a@shop.example, which is for good",
         "550 no such mailbox"},
        {{{"RCPT", "452 full"}}, MAIL_LATER, "answer 452 for a@shop.example", "452 full"},
        {{{"MAIL", "550 not you"}}, MAIL_REFUSED, "answer 550, which is for good", "550 not you"},
        {{{"MAIL", "530 sign in first"}}, MAIL_LATER, "answer 530", "530 sign in first"},
        {{{"MAIL", "451 greylisted"}}, MAIL_LATER, "answer 451", "451 greylisted"},
        {{{".", "554 spam"}}, MAIL_REFUSED, "answer 554, which is for good", "554 spam"},
        {{{".", "451 later"}}, MAIL_LATER, "answer 451", "451 later"},
        {{{".", NULL}}, MAIL_LATER, NULL, ""},
        {{{"DATA", NULL}}, MAIL_LATER, NULL, ""},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct fixture *f = *state;
        deliver(f, table[i].answers, true);
        if (f->result != table[i].result)
            fail_msg("%s %s: %d %s", table[i].answers[0].command, table[i].answers[0].answer,
                     (int)f->result, f->why);
        assert_true(*f->why);
        if (table[i].why) assert_string_equal(f->why, table[i].why);
        assert_string_equal(f->said, table[i].said);
        assert_int_equal(teardown(state), 0);
        assert_int_equal(setup(state), 0);
    }
}

static void without_tls_nothing_is_said(void **state)
{
    struct fixture *f = *state;
    deliver(f, NULL, false);
    assert_int_equal(f->result, MAIL_LATER);
    assert_null(strstr(fake_smtp_heard(f->server), "MAIL FROM"));
}

static void nobody_there_is_later(void **state)
{
    struct fixture *f = *state;
    f->server = fake_smtp_new(NULL);
    static const char *const to[] = {"a@shop.example", NULL};
    struct mail_options options = {.server = "smtp://127.0.0.1:1",
                                   .from = "shopper@shop.example",
                                   .to = to,
                                   .message = VIEW_LITERAL("x\r\n"),
                                   .timeout_us = 20 * US_PER_SECOND};
    struct mail *mail = mail_send(f->loop, &options, on_done, f);
    assert_non_null(mail);
    loop_run(f->loop);
    assert_int_equal(f->result, MAIL_LATER);
    assert_true(*f->why);
}

static void silent_server_is_left_in_time(void **state)
{
    struct fixture *f = *state;
    static const struct fake_smtp_answer answers[] = {{"EHLO", ""}, {0}};
    f->server = fake_smtp_new(answers);
    struct mail *mail = post(f, true, US_PER_SECOND / 2);
    assert_non_null(mail);
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 1);
    assert_int_equal(f->result, MAIL_LATER);
}

static void cancelled_mail_is_never_done(void **state)
{
    struct fixture *f = *state;
    f->server = fake_smtp_new(NULL);
    mail_cancel(post(f, true, 20 * US_PER_SECOND));
    loop_run(f->loop);
    assert_int_equal(f->done_calls, 0);
}

#define MAIL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAIL_TEST(letter_arrives_whole),
        MAIL_TEST(letter_waits_for_a_descriptor),
        MAIL_TEST(each_receiver_has_an_end_of_its_own),
        MAIL_TEST(proxies_of_the_web_carry_no_mail),
        MAIL_TEST(answers_are_sorted_by_their_code),
        MAIL_TEST(without_tls_nothing_is_said),
        MAIL_TEST(nobody_there_is_later),
        MAIL_TEST(silent_server_is_left_in_time),
        MAIL_TEST(cancelled_mail_is_never_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
