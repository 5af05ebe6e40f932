/* SPDX-License-Identifier: Apache-2.0 */
/* I-Regexp (RFC 9485): what is one, what is none, and what each matches. */
#include "answer/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool matches(const char *expression, const char *subject, bool whole)
{
    struct pattern *pattern = pattern_compile_iregexp(view_of(expression), whole);
    if (!pattern) fail_msg("'%s' is refused", expression);
    enum pattern_result result = pattern_find(pattern, view_of(subject));
    pattern_free(pattern);
    return result == PATTERN_MATCH;
}

struct expectation {
    const char *expression, *subject;
    bool wanted;
};

static void expect_all(const struct expectation *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (matches(cases[i].expression, cases[i].subject, true) != cases[i].wanted)
            fail_msg("%s on %s", cases[i].expression, cases[i].subject);
    }
}

static void match_is_of_the_whole_and_search_of_a_part(void **state)
{
    (void)state;
    assert_true(matches("ab|c", "ab", true));
    assert_true(matches("ab|c", "c", true));
    assert_false(matches("ab|c", "abc", true));
    assert_true(matches("ab|c", "xxab", false));
    assert_true(matches("ab|c", "xxc", false));
    assert_false(matches("a", "a\n", true));
    assert_true(matches("", "", true));
    assert_false(matches("", "a", true));
    assert_true(matches("", "a", false));
}

static void dot_is_anything_but_a_line_break(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {".", "a", true},
        {".", "\xf0\x9f\x98\x80", true},
        {".", "\xe2\x80\xa8", true},
        {".", "\xc2\x85", true},
        {".", "\n", false},
        {".", "\r", false},
        {".", "", false},
        {"a\\.b", "axb", false},
        {"a\\.b", "a.b", true},
        {"[.]", "a", false},
        {"[.]", ".", true},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void quantifiers_repeat(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"a*b+c?", "b", true},     {"a*b+c?", "aabbc", true},  {"a*b+c?", "aacc", false},
        {"a{2}", "aa", true},      {"a{2}", "aaa", false},     {"a{2,}", "aaaa", true},
        {"a{2,}", "a", false},     {"a{1,3}", "aaa", true},    {"a{1,3}", "aaaa", false},
        {"(ab){2}", "abab", true}, {"(a|b)*c", "abbac", true}, {"a{0}", "", true},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void classes_hold_characters_ranges_and_categories(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"[abc]", "b", true},
        {"[abc]", "d", false},
        {"[a-c]", "b", true},
        {"[^a-c]", "b", false},
        {"[^a-c]", "\n", true},
        {"[-a]", "-", true},
        {"[a-]", "-", true},
        {"[-]", "-", true},
        {"[--]", "-", true},
        {"[^-]", "-", false},
        {"[\\^a]", "^", true},
        {"[a^]", "^", true},
        {"[^^]", "^", false},
        {"[\\]\\[\\\\]", "]", true},
        {"[\\n-\\r]", "\n", true},
        {"[\\p{Lu}\\p{Nd}_]", "_", true},
        {"[\\p{Lu}\\p{Nd}_]", "\xc3\x84", true},
        {"[\\p{Lu}\\p{Nd}_]", "\xc3\xa4", false},
        {"[^\\p{L}]", "1", true},
        {"[\xc3\xa0-\xc3\xa9]", "\xc3\xa8", true},
        {"[#&~$.|(){}*+?]", "&", true},
        {"[#&~$.|(){}*+?]", "\\", false},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void categories_are_those_of_unicode(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"\\p{L}", "\xce\xa9", true},
        {"\\p{L}", "1", false},
        {"\\P{L}", "1", true},
        {"\\p{Lu}", "A", true},
        {"\\p{Lu}", "a", false},
        {"\\p{N}", "\xd9\xa3", true},
        {"\\p{Sc}", "\xe2\x82\xac", true},
        {"\\p{Zs}", " ", true},
        {"\\p{Po}", "!", true},
        {"\\p{Cc}", "\x01", true},
        {"\\P{Nd}+", "abc", true},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void escapes_are_of_single_characters(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"\\(\\)\\*\\+\\-\\.\\?\\[\\\\\\]\\^\\{\\|\\}", "()*+-.?[\\]^{|}", true},
        {"\\n\\r\\t", "\n\r\t", true},
        {"a-b,c#d/e&f~g", "a-b,c#d/e&f~g", true},
        {"<a href=\"x\">'%@;:!`", "<a href=\"x\">'%@;:!`", true},
        {"a b", "a b", true},
        {"\xf0\x9f\x98\x80+", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", true},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void anchors_stand_at_the_ends(void **state)
{
    (void)state;
    assert_true(matches("^ab.*", "abc", true));
    assert_false(matches("^b", "ab", false));
    assert_true(matches("b$", "ab", false));
    assert_false(matches("b$", "b\n", false));
}

static void what_the_grammar_does_not_know_is_refused(void **state)
{
    (void)state;
    static const char *const none[] = {
        "\\d",   "\\w",        "\\s",        "\\b",         "\\D",     "\\x41",    "\\u0041",
        "\\1",   "\\$",        "\\/",        "\\\"",        "\\",      "\\p",      "\\p{",
        "\\p{}", "\\p{Xx}",    "\\p{lu}",    "\\p{^L}",     "\\pL",    "\\p{L&}",  "\\p{Cs}",
        "(?:a)", "(?=a)",      "(?<n>a)",    "(*UTF)",      "(",       ")",        "a)",
        "(a",    "((a)",       "[",          "[]",          "[^]",     "[a",       "]",
        "a]",    "{",          "}",          "a{",          "a{}",     "a{,2}",    "a{1",
        "a{1,2", "a{x}",       "a{2,1}",     "*",           "+a",      "?",        "a**",
        "a*?",   "a++",        "a{2}{3}",    "|*",          "(*)",     "[a-b-c]",  "[--a]",
        "[z-a]", "[a-\\p{L}]", "[\\p{L}-z]", "[[:alpha:]]", "[[.a.]]", "[a&&[b]]", "[\\d]",
        "[a\\",  "\xff",       "[\xff]",     "a{99999}",
    };
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        struct pattern *pattern = pattern_compile_iregexp(view_of(none[i]), true);
        pattern_free(pattern);
        if (pattern) fail_msg("'%s' is taken for an I-Regexp", none[i]);
    }
}

static void hostile_expression_is_refused(void **state)
{
    (void)state;
    AUTO_BUF deep = BUF_INIT(8192), longest = BUF_INIT(8192);
    for (int i = 0; i < 2000; i++) buf_add_char(&deep, '(');
    for (int i = 0; i < 2000; i++) buf_add_char(&deep, ')');
    assert_null(pattern_compile_iregexp(buf_view(&deep), true));
    while (longest.length <= PATTERN_MAX_BYTES) buf_add_char(&longest, 'a');
    assert_null(pattern_compile_iregexp(buf_view(&longest), true));
    assert_null(pattern_compile_iregexp(view_of("((((a{999}){999}){999}){999}){999}"), true));
}

static void nul_is_a_character_like_others(void **state)
{
    (void)state;
    struct pattern *pattern = pattern_compile_iregexp(VIEW_LITERAL("a\0[\0-b]"), true);
    assert_non_null(pattern);
    assert_int_equal(pattern_find(pattern, VIEW_LITERAL("a\0b")), PATTERN_MATCH);
    assert_int_equal(pattern_find(pattern, VIEW_LITERAL("a")), PATTERN_NO_MATCH);
    pattern_free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_is_of_the_whole_and_search_of_a_part),
        cmocka_unit_test(dot_is_anything_but_a_line_break),
        cmocka_unit_test(quantifiers_repeat),
        cmocka_unit_test(classes_hold_characters_ranges_and_categories),
        cmocka_unit_test(categories_are_those_of_unicode),
        cmocka_unit_test(escapes_are_of_single_characters),
        cmocka_unit_test(anchors_stand_at_the_ends),
        cmocka_unit_test(what_the_grammar_does_not_know_is_refused),
        cmocka_unit_test(hostile_expression_is_refused),
        cmocka_unit_test(nul_is_a_character_like_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
