/* SPDX-License-Identifier: Apache-2.0 */
/* What people read, letters and syslog lines included, and how shop text is made tame. */
#include "sink_test.h"

static void subject_says_what_changed(void **state)
{
    (void)state;
    static const struct {
        enum event_type type;
        const char *subject;
    } table[] = {
        {EVENT_OPENED, "SEV1 checkout: prices vanished"},
        {EVENT_RAISED, "raised from SEV3: SEV1 checkout: prices vanished"},
        {EVENT_LOWERED, "lowered from SEV3: SEV1 checkout: prices vanished"},
        {EVENT_REMINDER, "still open: SEV1 checkout: prices vanished"},
        {EVENT_RESOLVED, "resolved after 5m 00s: SEV1 checkout: prices vanished"},
        {EVENT_TEST, "SEV1 checkout: prices vanished"}, /* a test's line says that it is one */
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        AUTO_BUF subject = BUF_INIT(BUF_OWN_CAP);
        struct event event = an_event(table[i].type);
        event.previous_severity = 3;
        words_subject(&event, &subject);
        assert_string_equal(buf_text(&subject), table[i].subject);
        golden_note(buf_text(&subject));
    }
}

static void details_answer_the_questions(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct event raw = an_event(EVENT_OPENED);
    raw.expected = TEXT("12.50 EUR");
    raw.runbook = TEXT("https://runbooks.example/prices");
    raw.trace_id = TEXT("5e0bbe55");
    struct event event = event_tame(&raw);
    words_details(probe->sender, &event, &text);
    golden_note(buf_text(&text));
    assert_string_equal(buf_text(&text),
                        "reason:    no element for [itemprop=price]\n"
                        "kind:      price\n"
                        "expected:  12.50 EUR\n"
                        "where:     stage checkout, step \"see the price\", host shop.example\n"
                        "since:     2025-11-24T15:55:00.000Z, for 5m 00s\n"
                        "shoppers:  4 of 5:\n"
                        "           - buy as phone\n"
                        "           - buy as desktop from berlin\n"
                        "severity:  SEV1, by the rule \"core path down\"\n"
                        "owner:     payments\n"
                        "runbook:   https://runbooks.example/prices\n"
                        "trace id:  5e0bbe55\n"
                        "incident:  " INCIDENT_ID "\n"
                        "status:    https://status.shop.example/\n"
                        "told by:   berlin\n");
    event_release(&event);
}

static void doubts_are_told_with_it(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct event raw = an_event(EVENT_REMINDER);
    raw.flapping = raw.acknowledged = raw.for_prober_owners = true;
    struct event event = event_tame(&raw);
    words_details(probe->sender, &event, &text);
    golden_note(buf_text(&text));
    assert_non_null(strstr(buf_text(&text), "; it comes and goes; acknowledged\n"));
    assert_non_null(strstr(buf_text(&text), "note:      the shop may be well"));
    event_release(&event);
}

static void age_below_a_second_is_no_figure(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF subject = BUF_INIT(BUF_OWN_CAP), text = BUF_INIT(BUF_OWN_CAP);
    struct event raw = an_event(EVENT_RESOLVED);
    raw.opened_us = raw.resolved_us - US_PER_SECOND / 2;
    struct event event = event_tame(&raw);
    words_subject(&event, &subject);
    words_details(probe->sender, &event, &text);
    golden_note(buf_text(&text));
    assert_string_equal(buf_text(&subject),
                        "resolved after less than a second: SEV1 checkout: prices vanished");
    assert_non_null(strstr(buf_text(&text), "Z, for less than a second\n"));
    event_release(&event);
}

/* It has no reason, no shoppers and no age. */
static void test_says_nothing_of_an_incident(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct event raw = an_event(EVENT_TEST);
    struct event event = event_tame(&raw);
    words_details(probe->sender, &event, &text);
    golden_note(buf_text(&text));
    assert_string_equal(buf_text(&text), "status:    https://status.shop.example/\n"
                                         "told by:   berlin\n");
    event_release(&event);
}

static void tame_text_is_visible_and_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t limit;
        const char *tame;
    } table[] = {
        {"plain", 5, "plain"},
        {"plain text", 8, "plain…"},
        {"\r\n\x1b\xff", 20, "\\r\\n\\x1b\\xff"},
        {"üüü", 6, "üüü"},
        {"üüüü", 7, "üü…"},
        {NULL, 10, ""},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
        tame_add(&out, table[i].text, table[i].limit);
        assert_string_equal(buf_text(&out), table[i].tame);
    }
}

static void crowd_is_counted(void **state)
{
    (void)state;
    char *affected[300];
    for (size_t i = 0; i < COUNT_OF(affected); i++) affected[i] = TEXT("buy as phone");
    struct event raw = an_event(EVENT_OPENED);
    raw.affected = affected;
    raw.affected_count = COUNT_OF(affected);
    struct event event = event_tame(&raw);
    assert_int_equal(event.affected_count, 21);
    assert_string_equal(event.affected[20], "and 280 more");
    event_release(&event);
}

static void link_is_http_and_nothing_else(void **state)
{
    (void)state;
    assert_true(words_is_link("https://runbooks.example/a?b=c#d"));
    assert_false(words_is_link("javascript:alert(1)"));
    assert_false(words_is_link("https://a.example/<x>"));
    assert_false(words_is_link("runbooks/a"));
    assert_false(words_is_link(""));
}

/* --- letters */

static void write_subject(const char *subject, bool first, const char *text, struct buf *out)
{
    static const char *const to[] = {"a@shop.example", "b@shop.example", NULL};
    struct letter letter = {.from = "shopper@shop.example",
                            .to = to,
                            .subject = subject,
                            .text = text,
                            .id = EVENT_ID,
                            .thread_id = INCIDENT_ID,
                            .first = first,
                            .wall_us = INT64_C(1764000000000000)};
    letter_write(&letter, out);
}

static void letter_has_what_mail_wants(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    write_subject("SEV1", true, "a\n", &out);
    assert_string_equal(buf_text(&out), "From: Mystery Shopper <shopper@shop.example>\r\n"
                                        "To: a@shop.example,\r\n b@shop.example\r\n"
                                        "Subject: SEV1\r\n"
                                        "Date: Mon, 24 Nov 2025 16:00:00 +0000\r\n"
                                        "Message-ID: <" INCIDENT_ID "@shop.example>\r\n"
                                        "Auto-Submitted: auto-generated\r\n"
                                        "X-Auto-Response-Suppress: All\r\n"
                                        "MIME-Version: 1.0\r\n"
                                        "Content-Type: text/plain; charset=utf-8\r\n"
                                        "Content-Transfer-Encoding: quoted-printable\r\n"
                                        "\r\n"
                                        "a\r\n");
}

static void later_letter_belongs_to_the_thread(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    write_subject("SEV1", false, "a\n", &out);
    assert_non_null(strstr(buf_text(&out), "\r\nMessage-ID: <" EVENT_ID "@shop.example>\r\n"
                                           "In-Reply-To: <" INCIDENT_ID "@shop.example>\r\n"
                                           "References: <" INCIDENT_ID "@shop.example>\r\n"));
}

static void subject_beyond_ascii_is_encoded_in_short_words(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    write_subject("Preise f\u00fcr M\u00fctzen sind weg, \u20ac\u20ac\u20ac\u20ac\u20ac\u20ac",
                  true, "a\n", &out);
    assert_non_null(
        strstr(buf_text(&out),
               "\r\nSubject: =?UTF-8?B?UHJlaXNlIGbDvHIgTcO8dHplbiBzaW5kIHdlZywg4oKs4oKs4oKs?=\r\n"
               " =?UTF-8?B?4oKs4oKs4oKs?=\r\nDate:"));
}

static void subject_cannot_end_its_header(void **state)
{
    (void)state;
    static const char *const subjects[] = {"a\r\nBcc: b@c", "a\nBcc: b@c", "a\rBcc: b@c",
                                           "=?UTF-8?B?DQpCY2M6?=", ""};
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
        write_subject(subjects[i], true, "a\n", &out);
        assert_null(strstr(buf_text(&out), "Bcc"));
        assert_null(strstr(buf_text(&out), "DQpCY2M6?="));
        assert_non_null(strstr(buf_text(&out), "\r\nDate:"));
    }
}

static void letter_lines_are_short_and_ascii(void **state)
{
    (void)state;
    AUTO_FREE char *big = a_long_text();
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&text, "ends in a blank \n.\n=\t\u20ac\n%s\n", big);
    write_subject(big, true, buf_text(&text), &out);
    struct view rest = buf_view(&out), line;
    while (rest.length && view_split(&rest, '\n', &line)) {
        assert_true(line.length <= 77);
        assert_true(line.length && line.data[line.length - 1] == '\r');
        for (size_t i = 0; i + 1 < line.length; i++)
            assert_true(line.data[i] >= ' ' && line.data[i] <= '~');
    }
    assert_non_null(strstr(buf_text(&out), "\r\nends in a blank=20\r\n.\r\n=3D=09=E2=82=AC\r\n"));
}

/* --- syslog */

static void syslog_line_is_rfc_5424(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct event raw = an_event(EVENT_OPENED);
    raw.rule = TEXT("a \"rule\" ] \\");
    struct event event = event_tame(&raw);
    syslog_line_write(&event, 16, "prober.example", 2000, &out);
    assert_string_equal(
        buf_text(&out),
        "<130>1 2025-11-24T16:00:00.000000Z prober.example shopper - opened [shopper@32473 "
        "incident=\"" INCIDENT_ID "\" event=\"" EVENT_ID "\" severity=\"1\" "
        "cause=\"stage:checkout/price\" kind=\"price\" stage=\"checkout\" host=\"shop.example\" "
        "owner=\"payments\" rule=\"a \\\"rule\\\" \\] \\\\\" failing=\"4\" exercising=\"5\"] "
        "SEV1 checkout: prices vanished");
    event_release(&event);
}

static void syslog_line_keeps_its_limit(void **state)
{
    (void)state;
    AUTO_FREE char *big = a_long_text();
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct event raw = an_event(EVENT_TEST);
    raw.line = raw.rule = raw.owner = raw.stage = raw.host = raw.kind = raw.signature = big;
    raw.trace_id = big;
    struct event event = event_tame(&raw);
    syslog_line_write(&event, 3, "", 2000, &out);
    assert_true(out.length <= 2000);
    assert_non_null(strstr(buf_text(&out), "<29>1 2025-11-24T16:00:00.000000Z - shopper - test ["));
    event_release(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subject_says_what_changed),
        SINK_TEST(details_answer_the_questions),
        SINK_TEST(doubts_are_told_with_it),
        SINK_TEST(age_below_a_second_is_no_figure),
        SINK_TEST(test_says_nothing_of_an_incident),
        cmocka_unit_test(tame_text_is_visible_and_bounded),
        cmocka_unit_test(crowd_is_counted),
        cmocka_unit_test(link_is_http_and_nothing_else),
        cmocka_unit_test(letter_has_what_mail_wants),
        cmocka_unit_test(later_letter_belongs_to_the_thread),
        cmocka_unit_test(subject_beyond_ascii_is_encoded_in_short_words),
        cmocka_unit_test(subject_cannot_end_its_header),
        cmocka_unit_test(letter_lines_are_short_and_ascii),
        cmocka_unit_test(syslog_line_is_rfc_5424),
        cmocka_unit_test(syslog_line_keeps_its_limit),
        PIN_MESSAGES("sink/words.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
