/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions of people: what is found and where the search goes on, and that no page can
 * make one run for long. */
#include "answer/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pattern *compile(const char *text)
{
    AUTO_BUF message = BUF_INIT(1024);
    size_t offset = 0;
    struct pattern *pattern = pattern_compile(view_of(text), &offset, &message);
    if (!pattern) fail_msg("%s at %zu: %s", text, offset, buf_text(&message));
    return pattern;
}

/* All matches, "a|b|"; a group that took no part is "-". */
static void expect_found_view(const char *expression, struct view subject, const char *group,
                              const char *wanted)
{
    AUTO_BUF found = BUF_INIT(4096);
    struct pattern *pattern = compile(expression);
    int index = pattern_group(pattern, group);
    assert_true(index >= 0);
    struct view part = VIEW_NONE;
    struct pattern_walk walk = {.pattern = pattern, .subject = subject};
    for (size_t at = 0; pattern_walk_next(&walk, index, &part) == PATTERN_MATCH; at = walk.at) {
        assert_true(walk.at > at);
        if (part.data)
            buf_add_view(&found, part);
        else
            buf_add_char(&found, '-');
        buf_add_char(&found, '|');
    }
    pattern_free(pattern);
    if (strcmp(buf_text(&found), wanted) != 0)
        fail_msg("%s: wanted %s, found %s", expression, wanted, buf_text(&found));
}

static void expect_found(const char *expression, const char *subject, const char *group,
                         const char *wanted)
{
    expect_found_view(expression, view_of(subject), group, wanted);
}

static enum pattern_result result_of(const char *expression, struct view subject)
{
    struct pattern *pattern = compile(expression);
    enum pattern_result result = pattern_find(pattern, subject);
    pattern_free(pattern);
    return result;
}

static void match_is_found_again_and_again(void **state)
{
    (void)state;
    expect_found("\\d+", "a1b22c333", "0", "1|22|333|");
    expect_found("x", "abc", "0", "");
    expect_found("(?i)mug", "Mug MUG mug", "0", "Mug|MUG|mug|");
    expect_found("^a", "aaa", "0", "a|");
    expect_found("(?m)^.", "ab\ncd", "0", "a|c|");
}

static void group_is_found_by_number_and_by_name(void **state)
{
    (void)state;
    expect_found("(\\w)=(?<value>\\d)", "a=1 b=2", "1", "a|b|");
    expect_found("(\\w)=(?<value>\\d)", "a=1 b=2", "2", "1|2|");
    expect_found("(\\w)=(?<value>\\d)", "a=1 b=2", "value", "1|2|");
    struct pattern *pattern = compile("(\\w)=(?<value>\\d)");
    static const char *const none[] = {"3", "", "Value", "1x", "-1", "99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_int_equal(pattern_group(pattern, none[i]), -1);
    pattern_free(pattern);
}

static void group_that_took_no_part_is_none(void **state)
{
    (void)state;
    expect_found("(a)|(b)", "ab", "1", "a|-|");
    expect_found("(a)|(b)", "ab", "2", "-|b|");
    expect_found("(a*)b", "b", "1", "|");
}

static void empty_match_goes_on(void **state)
{
    (void)state;
    expect_found("x*", "axb", "0", "|x|||");
    expect_found("(?=b)", "abb", "0", "||");
    expect_found("x*", "\xc3\xa9\xe2\x82\xac", "0", "|||");
    expect_found("", "", "0", "|");
    expect_found_view("", VIEW_NONE, "0", "|");
}

static void lookbehind_sees_what_stands_before(void **state)
{
    (void)state;
    expect_found("(?<=a)b", "ab b ab", "0", "b|b|");
    expect_found("(?<=\xc3\xa9)b",
                 "\xc3\xa9"
                 "b b \xc3\xa9"
                 "b",
                 "0", "b|b|");
}

/* Were the text looked through for each match, this would take a minute. */
static void many_matches_are_found(void **state)
{
    (void)state;
    AUTO_BUF text = BUF_INIT((size_t)8 << 20);
    for (int i = 0; i < 100000; i++) buf_add_text(&text, "a number 7 amid of words of an essay, ");
    struct pattern *pattern = compile("\\d");
    struct pattern_walk walk = {.pattern = pattern, .subject = buf_view(&text)};
    struct view part = VIEW_NONE;
    size_t count = 0;
    while (pattern_walk_next(&walk, 0, &part) == PATTERN_MATCH) count++;
    assert_int_equal(count, 100000);
    pattern_free(pattern);
}

static void text_is_matched_by_characters(void **state)
{
    (void)state;
    expect_found("^.$", "\xe2\x82\xac", "0", "\xe2\x82\xac|");
    expect_found("[\xc3\xa0-\xc3\xa9]", "x\xc3\xa8", "0", "\xc3\xa8|");
    expect_found("\\p{Lu}", "a\xc3\x84", "0", "\xc3\x84|");
    expect_found("(?i)\xc3\xa4", "\xc3\x84", "0", "\xc3\x84|");
    assert_int_equal(result_of("^a\\x00b$", VIEW_LITERAL("a\0b")), PATTERN_MATCH);
}

static void broken_bytes_are_matched_by_nothing(void **state)
{
    (void)state;
    expect_found(".", "a\x80z", "0", "a|z|");
    expect_found("a.z", "a\xffz", "0", "");
    expect_found("[^x]+",
                 "\xff\xfe"
                 "ab\xc3",
                 "0", "ab|");
    expect_found("a",
                 "\x80\x80"
                 "a\x80"
                 "a\xe2\x82",
                 "0", "a|a|");
}

static void malformed_expression_says_why_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        size_t offset;
    } cases[] = {
        {"a(b", "malformed regular expression: missing closing parenthesis", 2},
        {"[a", "malformed regular expression: missing terminating ] for character class", 1},
        {"*", "malformed regular expression: quantifier does not follow a repeatable item", 0},
        {"a\\", "malformed regular expression: \\ at end of pattern", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF message = BUF_INIT(1024);
        size_t offset = 99;
        assert_null(pattern_compile(view_of(cases[i].text), &offset, &message));
        assert_string_equal(buf_text(&message), cases[i].message);
        assert_int_equal(offset, cases[i].offset);
    }
}

static void refused_expression_has_a_message(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xff", "(?<n>a)(?<n>b)", "\\C", "a{2,1}", "\\1", "[z-a]"};
    AUTO_BUF longest = BUF_INIT(8192), message = BUF_INIT(1024);
    size_t offset = 0;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        buf_clear(&message);
        assert_null(pattern_compile(view_of(bad[i]), &offset, &message));
        assert_true(message.length > 0);
    }
    while (longest.length < PATTERN_MAX_BYTES) buf_add_char(&longest, 'a');
    pattern_free(compile(buf_text(&longest)));
    buf_add_char(&longest, 'a');
    buf_clear(&message);
    assert_null(pattern_compile(buf_view(&longest), &offset, &message));
    assert_string_equal(buf_text(&message), "a regular expression of more than 4096 bytes");
}

static void hostile_page_meets_a_limit(void **state)
{
    (void)state;
    AUTO_BUF page = BUF_INIT((size_t)8 << 20);
    for (int i = 0; i < 200; i++) buf_add_char(&page, 'a');
    assert_int_equal(result_of("^(a+)+$", view_of("aaaa")), PATTERN_MATCH);
    assert_int_equal(result_of("(a+)+b", view_of("aaaa")), PATTERN_NO_MATCH);
    buf_add_char(&page, '!');
    assert_int_equal(result_of("^(a+)+$", buf_view(&page)), PATTERN_GAVE_UP);
    assert_int_equal(result_of("^(a|aa)+$", buf_view(&page)), PATTERN_GAVE_UP);
    while (page.length < (4 << 20)) buf_add_text(&page, "(((((((((((((((");
    assert_int_equal(result_of("^a+!(\\((?1)?)*\\)", buf_view(&page)), PATTERN_GAVE_UP);
}

static void lazy_run_over_a_script_is_within_the_limits(void **state)
{
    (void)state;
    AUTO_BUF page = BUF_INIT(65536);
    buf_add_text(&page, "<script>");
    while (page.length < 20000) buf_add_text(&page, "let price = 1;\n");
    buf_add_text(&page, "</script>");
    assert_int_equal(result_of("<script>(?:.|\\n)*?</script>", buf_view(&page)), PATTERN_MATCH);
}

static void null_is_freed(void **state)
{
    (void)state;
    pattern_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_is_found_again_and_again),
        cmocka_unit_test(group_is_found_by_number_and_by_name),
        cmocka_unit_test(group_that_took_no_part_is_none),
        cmocka_unit_test(empty_match_goes_on),
        cmocka_unit_test(lookbehind_sees_what_stands_before),
        cmocka_unit_test(many_matches_are_found),
        cmocka_unit_test(text_is_matched_by_characters),
        cmocka_unit_test(broken_bytes_are_matched_by_nothing),
        cmocka_unit_test(malformed_expression_says_why_and_where),
        cmocka_unit_test(refused_expression_has_a_message),
        cmocka_unit_test(hostile_page_meets_a_limit),
        cmocka_unit_test(lazy_run_over_a_script_is_within_the_limits),
        cmocka_unit_test(null_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
