/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering, and did-you-mean. */
#include "text/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_renders(const char *text, uint32_t line, uint32_t column, uint32_t length,
                           const char *wanted)
{
    struct source *source = source_new("t.yaml", view_of(text));
    struct diags diags = DIAGS_INIT;
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    diag_error(&diags, DIAG_UNKNOWN_KEY, (struct place){source, line, column, length}, "wrong");
    diags_print(&diags, &out, false);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
    diags_release(&diags);
    source_free(source);
}

static void caret_stands_under_what_is_meant(void **state)
{
    (void)state;
    assert_renders("a: 1\nstge: login\n", 2, 1, 4,
                   "t.yaml:2:1: error: wrong [J010]\n    2 | stge: login\n      | ^~~~\n");
    assert_renders(
        "\xc3\xa9\xe2\x82\xac: x", 1, 5, 1,
        "t.yaml:1:5: error: wrong [J010]\n    1 | \xc3\xa9\xe2\x82\xac: x\n      |     ^\n");
    assert_renders("\tx\ty", 1, 4, 1,
                   "t.yaml:1:4: error: wrong [J010]\n    1 | \tx\ty\n      | \t \t^\n");
    assert_renders("日本 é語x", 1, 5, 2,
                   "t.yaml:1:5: error: wrong [J010]\n    1 | 日本 é語x\n      |       ^~~\n");
}

static void quoted_line_cannot_harm_a_terminal(void **state)
{
    (void)state;
    assert_renders("a\033[2J", 1, 1, 1,
                   "t.yaml:1:1: error: wrong [J010]\n    1 | a\\x1b[2J\n      | ^\n");
}

static void long_line_is_shown_around_the_caret(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(BUF_OWN_CAP), out = BUF_INIT(BUF_OWN_CAP);
    for (int i = 0; i < 500; i++) buf_add_char(&text, 'a');
    struct source *source = source_new("t.yaml", buf_view(&text));
    struct diags diags = DIAGS_INIT;
    diag_error(&diags, DIAG_UNKNOWN_KEY, (struct place){source, 1, 400, 1}, "wrong");
    diags_print(&diags, &out, false);
    struct view rest = buf_view(&out), line = VIEW_NONE;
    while (view_split(&rest, '\n', &line)) assert_true(line.length < 200);
    assert_non_null(strstr(buf_text(&out), "| \xe2\x80\xa6"
                                           "aaa"));
    diags_release(&diags);
    source_free(source);
    buf_release(&text);
    buf_release(&out);
}

static void line_with_a_secret_is_quoted_by_nobody(void **state)
{
    (void)state;
    struct source *source = source_new("t.yaml", view_of("a: 1\n{token: hunter2, x: 1}\n"));
    struct diags diags = DIAGS_INIT;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    diag_error(&diags, DIAG_UNKNOWN_KEY, (struct place){source, 2, 18, 1}, "wrong");
    diag_hint(diag_warning(&diags, DIAG_PLAIN_SECRET, (struct place){source, 2, 9, 7}, "plain"),
              "elsewhere");
    diag_error(&diags, DIAG_UNKNOWN_KEY, (struct place){source, 1, 1, 1}, "wrong");
    diags_print(&diags, &out, false);
    assert_string_equal(buf_text(&out),
                        "t.yaml:2:18: error: wrong [J010]\n"
                        "t.yaml:2:9: warning: plain [J022]\n      = elsewhere\n"
                        "t.yaml:1:1: error: wrong [J010]\n    1 | a: 1\n      | ^\n");
    diags_release(&diags);
    source_free(source);
}

static void diagnostics_are_sorted_and_bounded(void **state)
{
    (void)state;
    struct source *source = source_new("t.yaml", view_of("x\n"));
    struct diags diags = DIAGS_INIT;
    for (uint32_t i = 0; i < DIAG_MAX + 10; i++) {
        diag_error(&diags, DIAG_SYNTAX, (struct place){source, 1, DIAG_MAX + 10 - i, 1}, "n");
    }
    diags_sort(&diags);
    assert_int_equal(diags.count, DIAG_MAX);
    assert_int_equal(diags.errors, DIAG_MAX + 10);
    assert_int_equal(diags.dropped, 10);
    assert_true(diags.items[0].place.column < diags.items[1].place.column);
    diags_release(&diags);
    source_free(source);
}

static void near_words_are_suggested_and_far_ones_are_not(void **state)
{
    (void)state;
    static const char *const words[] = {"status", "header", "css", "json", NULL};
    assert_string_equal(suggest_nearest(view_of("statsu"), words), "status");
    assert_string_equal(suggest_nearest(view_of("heder"), words), "header");
    assert_string_equal(suggest_nearest(view_of("cs"), words), "css");
    assert_null(suggest_nearest(view_of("xylophone"), words));
    assert_null(suggest_nearest(view_of(""), words));
}

static void codes_are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < DIAG_CODE_COUNT; i++) {
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(diag_code_text((enum diag_code)i),
                                    diag_code_text((enum diag_code)k));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caret_stands_under_what_is_meant),
        cmocka_unit_test(quoted_line_cannot_harm_a_terminal),
        cmocka_unit_test(long_line_is_shown_around_the_caret),
        cmocka_unit_test(line_with_a_secret_is_quoted_by_nobody),
        cmocka_unit_test(diagnostics_are_sorted_and_bounded),
        cmocka_unit_test(near_words_are_suggested_and_far_ones_are_not),
        cmocka_unit_test(codes_are_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
