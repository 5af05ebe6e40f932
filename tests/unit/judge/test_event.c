/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "judge/event.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void event_comes_back_from_json_as_it_was(void **state)
{
    (void)state;
    char *affected[] = {(char[]){"checkout as desktop"}, (char[]){"a \"b\" <c>"}};
    const struct event event = {
        .id = "0193",
        .incident_id = "0192",
        .type = EVENT_RAISED,
        .severity = 1,
        .previous_severity = 2,
        .time_us = INT64_C(1795416222123456),
        .opened_us = INT64_C(1795416000000000),
        .line = (char[]){"SEV1 checkout: prices vanished\n\x01 \xe2\x82\xac"},
        .affected = affected,
        .affected_count = 2,
        .failing = 3,
        .exercising = 4,
        .flapping = true,
    };
    AUTO_BUF once = BUF_INIT(10000), twice = BUF_INIT(10000);
    AUTO_ERROR error = ERROR_NONE;
    struct event read;
    event_print(&event, &once);
    assert_true(event_parse(buf_view(&once), &read, &error));
    event_print(&read, &twice);
    assert_string_equal(buf_text(&once), buf_text(&twice));
    assert_string_equal(read.line, event.line);
    assert_int_equal(read.time_us, event.time_us);
    assert_int_equal(read.resolved_us, 0);
    assert_string_equal(read.affected[1], affected[1]);
    assert_string_equal(read.stage, "");
    event_release(&read);
}

static void what_is_no_event_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"type\":\"opened\"}",
                                      "{\"type\":\"opened\",\"severity\":5}",
                                      "{\"type\":\"odd\",\"severity\":1}",
                                      "{\"type\":\"opened\",\"severity\":1,\"time\":\"now\"}"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO_ERROR error = ERROR_NONE;
        struct event event;
        if (event_parse(view_of(bad[i]), &event, &error)) fail_msg("%s was read", bad[i]);
        assert_non_null(strstr(error_text(&error), "no event"));
        golden_note(error_text(&error));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_comes_back_from_json_as_it_was),
        cmocka_unit_test(what_is_no_event_is_refused),
        PIN_MESSAGES("judge/event.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
