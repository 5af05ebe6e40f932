/* SPDX-License-Identifier: Apache-2.0 */
/* Test Anything Protocol, version 13. */
#include "fixture.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void tap_of_all_runs_is_as_pinned(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_TAP, &out);
    golden_check("report/all.tap", buf_view(&out));
}

static void tap_of_interrupted_run_is_not_all_skipped(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_one(*state, RUN_INTERRUPTED, REPORT_TAP, &out);
    assert_non_null(strstr(buf_text(&out), "\nnot ok 2 - browse [tablet]: the run itself\n"));
}

static void tap_of_step_with_hash_in_its_name_escapes_it(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_one(*state, RUN_DEGRADED, REPORT_TAP, &out);
    assert_non_null(strstr(buf_text(&out), "see the banner \\# of the day # TODO optional\n"));
}

static void tap_of_nothing_bails_out(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_none(REPORT_TAP, &out);
    assert_string_equal(buf_text(&out),
                        "TAP version 13\n"
                        "Bail out! no run: nothing was tried, so nothing is known\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tap_of_all_runs_is_as_pinned),
        TEST(tap_of_interrupted_run_is_not_all_skipped),
        TEST(tap_of_step_with_hash_in_its_name_escapes_it),
        TEST(tap_of_nothing_bails_out),
    };
    return cmocka_run_group_tests_name("report tap", tests, NULL, NULL);
}
