/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the client open with: cmocka, the probe, answers in one word. */
#ifndef SHOPPER_TESTS_HTTP_TEST_H
#define SHOPPER_TESTS_HTTP_TEST_H

#include "support/golden.h"
#include "support/http_probe.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ANSWER_OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define ANSWER_REDIRECT(status, to)                                                                \
    "HTTP/1.1 " status " Moved\r\nLocation: " to "\r\nContent-Length: 0\r\n\r\n"

/* Ports and days are others each time. */
static inline void add_lasting(struct buf *out, const char *text)
{
    while (text && *text) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 4 && text[4] == '-' && strspn(text + 5, "0123456789") == 2 &&
            text[7] == '-') {
            buf_add_text(out, "DAY");
            text += sizeof "2026-01-01" - 1;
        } else if (digits == 5 && (view_ends_with(buf_view(out), VIEW_LITERAL(":")) ||
                                   view_ends_with(buf_view(out), VIEW_LITERAL("port ")))) {
            buf_add_text(out, "PORT");
            text += digits;
        } else {
            size_t length = digits ? digits : 1;
            buf_add(out, text, length);
            text += length;
        }
    }
}

static inline int probe_setup(void **state)
{
    struct http_probe *probe = NEW(struct http_probe);
    probe_init(probe, NULL);
    *state = probe;
    return 0;
}

static inline int probe_teardown(void **state)
{
    struct http_probe *probe = *state;
    bool empty = probe_release(probe);
    free(probe);
    return empty ? 0 : -1;
}

#define PROBE_TEST(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)

/* The kind as a word and the detail, since a failure's number tells nobody anything. */
static inline void assert_outcome_of_chance(const struct http_probe *probe, enum outcome_kind kind,
                                            const char *detail_part)
{
    const struct http_result *result = &probe->result;
    const char *detail = result->detail ? result->detail : "";
    if (result->kind != kind || !strstr(detail, detail_part))
        fail_msg("expected %s '%s', got %s '%s'", outcome_word(kind), detail_part,
                 result->kind < OUTCOME_KIND_COUNT ? outcome_word(result->kind) : "nothing",
                 detail);
}

/* What people were told by all tests so far, each message once. */
static inline struct buf *told_so_far(void)
{
    static struct buf text = {.cap = BUF_OWN_CAP};
    return &text;
}

static inline void note_told(const struct http_result *result)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    if (result->kind == OUTCOME_PASS) return;
    buf_addf(&line, "%s: ", outcome_word(result->kind));
    add_lasting(&line, result->detail);
    if (result->expected) {
        buf_add_text(&line, "\n    expected ");
        add_lasting(&line, result->expected);
        buf_add_text(&line, ", actual ");
        add_lasting(&line, result->actual);
    }
    buf_add_char(&line, '\n');
    if (!strstr(buf_text(told_so_far()), buf_text(&line)))
        buf_add_view(told_so_far(), buf_view(&line));
}

/* As above, and what was said is pinned: see PIN_MESSAGES. */
static inline void assert_outcome(const struct http_probe *probe, enum outcome_kind kind,
                                  const char *detail_part)
{
    assert_outcome_of_chance(probe, kind, detail_part);
    note_told(&probe->result);
}

static inline void assert_passed(const struct http_probe *probe, long status)
{
    assert_outcome(probe, OUTCOME_PASS, "");
    assert_null(probe->result.detail);
    assert_int_equal(probe->result.message->status, status);
}

static inline void messages_are_as_pinned(void **state)
{
    golden_check(*state, buf_view(told_so_far()));
    buf_release(told_so_far());
}

/* The last test of a program: all that its tests were told, as a golden file. */
#define PIN_MESSAGES(golden)                                                                       \
    cmocka_unit_test_prestate(messages_are_as_pinned, (void *)(uintptr_t)(golden))

#endif
