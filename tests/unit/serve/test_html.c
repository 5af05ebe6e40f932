/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing that is put into a page gets out of its place. */
#include "serve/chart.h"
#include "serve/html.h"

#include "base/clock.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_text_that_is_hostile_is_escaped(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(10000);
    html_put(&out, "<a title=\"%t\">%t</a>%%%d", "\"><script>", "a & 'b'\x1b\xff\xe2\x80\xae", 7);
    assert_null(strstr(buf_text(&out), "<script"));
    assert_null(strstr(buf_text(&out), "\x1b"));
    assert_null(strstr(buf_text(&out), "\xe2\x80\xae"));
    assert_null(strstr(buf_text(&out), "'b'"));
    assert_non_null(strstr(buf_text(&out), "&quot;&gt;&lt;script&gt;"));
    assert_non_null(strstr(buf_text(&out), "</a>%7"));
}

static void test_part_of_a_path_is_percent_encoded(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(10000);
    html_put(&out, "/journeys/%u", "a/../b?c#d\"<\xc3\xa9");
    assert_string_equal(buf_text(&out), "/journeys/a%2F..%2Fb%3Fc%23d%22%3C%C3%A9");
}

static void test_link_of_another_scheme_is_text(void **state)
{
    static const char *const not_links[] = {"javascript:alert(1)", "JaVaScRiPt:alert(1)",
                                            "data:text/html,x",    "//evil.example",
                                            " https://x",          ""};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(not_links); i++) {
        AUTO_BUF out = BUF_INIT(10000);
        html_link(&out, not_links[i]);
        assert_null(strstr(buf_text(&out), "<a"));
    }
    AUTO_BUF out = BUF_INIT(10000);
    html_link(&out, "HTTPS://wiki.example/?a=\"b\"");
    assert_string_equal(buf_text(&out),
                        "<a href=\"HTTPS://wiki.example/?a=&quot;b&quot;\" rel=\"noopener "
                        "noreferrer\">HTTPS://wiki.example/?a=&quot;b&quot;</a>");
}

static void test_excerpt_keeps_its_lines(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(10000);
    html_pre(&out, "<p>\n\n</pre>\x07");
    assert_string_equal(buf_text(&out), "&lt;p&gt;\n\n&lt;/pre&gt;\\x07");
}

static void test_duration_has_the_digits_that_matter(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {{0, "0.0 ms"},
                 {1540, "1.5 ms"},
                 {84000, "84 ms"},
                 {1300000, "1.3 s"},
                 {59 * US_PER_SECOND, "59 s"},
                 {90 * US_PER_SECOND, "90 s"},
                 {9 * 60 * US_PER_SECOND, "9 min"},
                 {3600 * US_PER_SECOND, "1 h"},
                 {3 * 86400 * US_PER_SECOND, "3 d"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = BUF_INIT(100);
        html_duration(&out, cases[i].us);
        assert_string_equal(buf_text(&out), cases[i].text);
    }
}

static void test_percent_never_rounds_up_to_a_hundred(void **state)
{
    static const struct {
        double share;
        const char *text;
    } cases[] = {{1, "100 %"},     {0.99999, "99.99 %"}, {0.9995, "99.95 %"},
                 {0.5, "50.00 %"}, {0, "0.00 %"},        {-1, "no data"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = BUF_INIT(100);
        html_percent(&out, cases[i].share);
        assert_string_equal(buf_text(&out), cases[i].text);
    }
}

static void test_time_near_now_has_no_date(void **state)
{
    (void)state;
    int64_t now_us = INT64_C(1795443035834000);
    AUTO_BUF near = BUF_INIT(200), far = BUF_INIT(200), none = BUF_INIT(200);
    html_time(&near, now_us - 60 * US_PER_SECOND, now_us);
    html_time(&far, now_us - 86400 * US_PER_SECOND, now_us);
    html_time(&none, 0, now_us);
    assert_string_equal(buf_text(&near),
                        "<time datetime=\"2026-11-23T14:09:35.834Z\">14:09:35</time>");
    assert_string_equal(buf_text(&far), "<time datetime=\"2026-11-22T14:10:35.834Z\">2026-11-22 "
                                        "14:10:35</time>");
    assert_string_equal(buf_text(&none), "");
}

static void test_cell_state_is_the_worst_that_is_certain(void **state)
{
    (void)state;
    struct store_figures figures = {0};
    assert_int_equal(cell_state_of(&figures), CELL_NONE);
    figures.maintenance = 1;
    assert_int_equal(cell_state_of(&figures), CELL_RESTED);
    figures.missed = 1;
    assert_int_equal(cell_state_of(&figures), CELL_UNKNOWN);
    figures.verdicts[VERDICT_PASS] = 5;
    assert_int_equal(cell_state_of(&figures), CELL_GOOD);
    figures.maintenance = 50;
    assert_int_equal(cell_state_of(&figures), CELL_RESTED);
    figures.verdicts[VERDICT_DEGRADED] = 1;
    assert_int_equal(cell_state_of(&figures), CELL_ROUGH);
    figures.verdicts[VERDICT_FAIL] = 1;
    assert_int_equal(cell_state_of(&figures), CELL_BAD);
}

static void test_strip_says_in_words_what_it_shows(void **state)
{
    (void)state;
    struct store_cell cells[3] = {{.from_us = 0}, {.from_us = 1}, {.from_us = 2}};
    cells[0].figures.verdicts[VERDICT_PASS] = 4;
    cells[1].figures.verdicts[VERDICT_FAIL] = 1;
    AUTO_BUF out = BUF_INIT(10000);
    const struct chart_strip strip = {"\"last\"", "a&b", "c d", 3600 * US_PER_SECOND};
    chart_strip(&out, &strip, &(struct store_cell_list){cells, 3, 3});
    assert_non_null(strstr(buf_text(&out),
                           "aria-label=\"&quot;last&quot;, in 3 parts of 1 h: 1 with "
                           "failures, 0 with trouble, 1 without news\""));
    assert_non_null(strstr(buf_text(&out), "some failed, 1 failed</title>"));
    assert_non_null(strstr(buf_text(&out), "<a href=\"/journeys/a%26b?from=1970-01-01T00:00:00.000Z"
                                           "&amp;until=1970-01-01T01:00:00.000Z&amp;persona=c%20d"
                                           "\" tabindex=\"-1\"><title>1970-01-01 00:00 UTC: all"));
    assert_non_null(
        strstr(buf_text(&out), "&amp;persona=c%20d\"><title>1970-01-01 00:00 UTC: some"));
    assert_non_null(strstr(buf_text(&out), "<g><title>1970-01-01 00:00 UTC: no runs"));
    assert_null(strstr(buf_text(&out), "style="));
}

static void test_strip_without_pages_is_a_picture(void **state)
{
    (void)state;
    struct store_cell cells[2] = {{.from_us = 0}, {.from_us = 1}};
    cells[0].figures.verdicts[VERDICT_FAIL] = 4;
    AUTO_BUF out = BUF_INIT(10000);
    const struct chart_strip strip = {.name = "<all>", .cell_us = 24 * 3600 * US_PER_SECOND};
    chart_strip(&out, &strip, &(struct store_cell_list){cells, 2, 2});
    assert_non_null(strstr(buf_text(&out), "role=\"img\""));
    assert_non_null(strstr(buf_text(&out), "aria-label=\"&lt;all&gt;, in 2 parts of 1 d: 1 with"));
    assert_non_null(strstr(buf_text(&out), "some failed, 4 failed</title>"));
    assert_null(strstr(buf_text(&out), "<a "));
}

static void test_key_of_strips_knows_each_cell(void **state)
{
    (void)state;
    static const char *const words[] = {"all passed", "some had trouble",   "some failed",
                                        "not known",  "mostly maintenance", "no runs"};
    AUTO_BUF out = BUF_INIT(10000);
    chart_strip_key(&out);
    for (size_t i = 0; i < COUNT_OF(words); i++) assert_non_null(strstr(buf_text(&out), words[i]));
}

static void test_sparkline_without_figures_is_empty_and_whole(void **state)
{
    (void)state;
    struct store_cell cells[2] = {{.p50_us = -1, .p95_us = -1}, {.p50_us = -1, .p95_us = -1}};
    AUTO_BUF out = BUF_INIT(10000);
    chart_sparkline(&out, "see", &(struct store_cell_list){cells, 2, 2});
    assert_non_null(strstr(buf_text(&out), "class=\"middle\" d=\"\""));
    assert_null(strstr(buf_text(&out), "nan"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_that_is_hostile_is_escaped),
        cmocka_unit_test(test_part_of_a_path_is_percent_encoded),
        cmocka_unit_test(test_link_of_another_scheme_is_text),
        cmocka_unit_test(test_excerpt_keeps_its_lines),
        cmocka_unit_test(test_duration_has_the_digits_that_matter),
        cmocka_unit_test(test_percent_never_rounds_up_to_a_hundred),
        cmocka_unit_test(test_time_near_now_has_no_date),
        cmocka_unit_test(test_cell_state_is_the_worst_that_is_certain),
        cmocka_unit_test(test_strip_says_in_words_what_it_shows),
        cmocka_unit_test(test_strip_without_pages_is_a_picture),
        cmocka_unit_test(test_key_of_strips_knows_each_cell),
        cmocka_unit_test(test_sparkline_without_figures_is_empty_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
