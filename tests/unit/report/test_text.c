/* SPDX-License-Identifier: Apache-2.0 */
/* The text format, as people see it. */
#include "base/utf8.h"
#include "fixture.h"
#include "report/parts.h"
#include "report/waterfall.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void write_run(void **state, enum fixture_run run, const struct writer_options *options,
                      struct buf *out)
{
    const struct fixture *fixture = *state;
    text_write_run(fixture->runs[run], options, out);
}

static void check_run(void **state, enum fixture_run run, const char *golden)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    write_run(state, run, &fixture_options, &out);
    golden_check(golden, buf_view(&out));
}

static void text_of_passed_run_is_one_line(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    write_run(state, RUN_PASSED, &fixture_options, &out);
    assert_string_equal(buf_text(&out), "✓ checkout (desktop) 3 steps in 1.24 s\n");
}

static void text_of_passed_run_when_quiet_is_nothing(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct writer_options options = fixture_options;
    options.quiet = true;
    write_run(state, RUN_PASSED, &options, &out);
    assert_string_equal(buf_text(&out), "");
}

static void text_of_failed_run_reads_like_a_compiler_message(void **state)
{
    check_run(state, RUN_FAILED, "report/text-failed.txt");
}

static void text_of_degraded_run_calls_optional_failures_degraded(void **state)
{
    check_run(state, RUN_DEGRADED, "report/text-degraded.txt");
}

static void text_of_blind_run_is_unknown(void **state)
{
    check_run(state, RUN_BLIND, "report/text-blind.txt");
}

static void text_of_interrupted_run_says_why(void **state)
{
    check_run(state, RUN_INTERRUPTED, "report/text-interrupted.txt");
}

static void text_with_verbosity_shows_phases_and_hides_private_headers(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct writer_options options = fixture_options;
    options.verbosity = 3;
    write_run(state, RUN_PASSED, &options, &out);
    write_run(state, RUN_FAILED, &options, &out);
    golden_check("report/text-verbose.txt", buf_view(&out));
    assert_null(strstr(buf_text(&out), "hush"));
}

static void text_with_color_is_as_pinned(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct writer_options options = fixture_options;
    options.color = true;
    write_run(state, RUN_FAILED, &options, &out);
    golden_check("report/text-color.txt", buf_view(&out));
}

static void text_without_color_has_no_control_character_of_the_shop(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct writer_options options = fixture_options;
    options.verbosity = 3;
    for (int run = 0; run < FIXTURE_RUN_COUNT; run++) {
        write_run(state, (enum fixture_run)run, &options, &out);
    }
    for (size_t i = 0; i < out.length; i++) {
        assert_true(out.data[i] == '\n' || (unsigned char)out.data[i] >= ' ');
    }
}

static void text_summary_counts_and_names_what_did_not_pass(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_TEXT, &out);
    golden_check("report/text-all.txt", buf_view(&out));
}

static void text_summary_of_nothing_is_no_success(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_none(REPORT_TEXT, &out);
    assert_string_equal(buf_text(&out), "no run: nothing was tried, so nothing is known\n");
}

static void format_is_found_by_its_word_alone(void **state)
{
    (void)state;
    enum report_format format = REPORT_TEXT;
    assert_true(report_format_find("har", &format));
    assert_int_equal(format, REPORT_HAR);
    assert_string_equal(report_format_word(format), "har");
    assert_false(report_format_find("HAR", &format));
    assert_false(report_format_find("", &format));
}

static void waterfall_keeps_to_the_width(void **state)
{
    const struct fixture *fixture = *state;
    static const unsigned widths[] = {50, 60, 80, 132};
    for (size_t i = 0; i < COUNT_OF(widths); i++) {
        for (int run = 0; run < FIXTURE_RUN_COUNT; run++) {
            AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
            struct writer_options options = fixture_options;
            options.columns = widths[i];
            waterfall_write(fixture->runs[run], &options, &out);
            struct view rest = buf_view(&out), line;
            while (view_split(&rest, '\n', &line)) {
                if (view_find_char(line, '|') == SIZE_MAX) continue; /* why it was skipped */
                if (utf8_count(line) > widths[i])
                    fail_msg("%u: %.*s", widths[i], VIEW_PRINTF(line));
            }
        }
    }
}

/* A note's rows, put together again. */
static void notes_keep_to_the_width_and_lose_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const char excerpt[] = "<p>one two three four five six seven eight nine ten</p>"
                                  "<p>averylongwordthatdoesnotfitintoanyrowwhateveritmaybe</p>";
    struct failure *failure = &fixture->runs[RUN_FAILED]->steps.items[1].failure;
    free(failure->excerpt);
    failure->excerpt = xstrdup(excerpt);
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF joined = BUF_INIT(BUF_OWN_CAP);
    struct writer_options options = fixture_options;
    options.columns = 48;
    write_run(state, RUN_FAILED, &options, &out);
    const char *at = strstr(buf_text(&out), "=  excerpt: ");
    assert_non_null(at);
    struct view rest = view_of(at + strlen("=  excerpt: ")), row;
    size_t rows = 0;
    while (view_split(&rest, '\n', &row) &&
           (!rows || view_starts_with(row, VIEW_LITERAL("    ")))) {
        if (view_starts_with(row, VIEW_LITERAL("      ="))) break;
        row = view_trim(row);
        assert_true(utf8_count(row) <= options.columns - strlen("      =  excerpt: "));
        buf_add_view(&joined, row);
        rows++;
    }
    assert_int_equal(rows, 5);
    assert_string_equal(buf_text(&joined), "<p>one two three four five sixseven eight nine"
                                           "ten</p><p>averylongwordthatdoesnotfitintoanyrow"
                                           "whateveritmaybe</p>");
}

static void secret_is_hidden_where_a_row_ends_within_it(void **state)
{
    struct fixture *fixture = *state;
    struct redactor *redactor = redactor_new();
    assert_true(redactor_add(redactor, "password", VIEW_LITERAL("correct horse battery staple")));
    struct failure *failure = &fixture->runs[RUN_FAILED]->steps.items[1].failure;
    free(failure->excerpt);
    failure->excerpt = xstrdup("the password is correct horse battery staple, shopper");
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct writer_options options = fixture_options;
    options.columns = 48;
    options.redactor = redactor;
    write_run(state, RUN_FAILED, &options, &out);
    assert_null(strstr(buf_text(&out), "horse"));
    assert_null(strstr(buf_text(&out), "staple"));
    redactor_free(redactor);
}

static void note_reason(const struct run_report *report, const char *wanted)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    add_run_reason(&out, report);
    golden_note(buf_text(&out));
    assert_string_equal(buf_text(&out), wanted);
}

static void run_that_nothing_tells_of_says_so(void **state)
{
    (void)state;
    struct step_report step = {.section = SECTION_STEPS, .verdict = VERDICT_PASS};
    struct run_report report = {.verdict = VERDICT_UNKNOWN};
    note_reason(&report, "no step was walked");
    report.stopped = (char *)(uintptr_t) "interrupted";
    note_reason(&report, "the steps ended early: interrupted");
    report.stopped = NULL;
    report.steps.items = &step;
    report.steps.count = 1;
    note_reason(&report, "no step says why");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_of_passed_run_is_one_line),
        TEST(text_of_passed_run_when_quiet_is_nothing),
        TEST(text_of_failed_run_reads_like_a_compiler_message),
        TEST(text_of_degraded_run_calls_optional_failures_degraded),
        TEST(text_of_blind_run_is_unknown),
        TEST(text_of_interrupted_run_says_why),
        TEST(text_with_verbosity_shows_phases_and_hides_private_headers),
        TEST(text_with_color_is_as_pinned),
        TEST(text_without_color_has_no_control_character_of_the_shop),
        TEST(text_summary_counts_and_names_what_did_not_pass),
        TEST(text_summary_of_nothing_is_no_success),
        TEST(waterfall_keeps_to_the_width),
        TEST(notes_keep_to_the_width_and_lose_nothing),
        TEST(secret_is_hidden_where_a_row_ends_within_it),
        TEST(format_is_found_by_its_word_alone),
        cmocka_unit_test(run_that_nothing_tells_of_says_so),
        PIN_MESSAGES("report/reasons.txt"),
    };
    return cmocka_run_group_tests_name("report text", tests, NULL, NULL);
}
