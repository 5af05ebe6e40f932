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

static inline void note_told(const struct http_result *result)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    if (result->kind == OUTCOME_PASS) return;
    buf_addf(&line, "%s: %s", outcome_word(result->kind), result->detail ? result->detail : "");
    if (result->expected)
        buf_addf(&line, "\n    expected %s, actual %s", result->expected, result->actual);
    golden_note(buf_text(&line));
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

#endif
