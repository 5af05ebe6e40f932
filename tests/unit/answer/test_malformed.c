/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of every way in which whoever writes a journey can misspell a source. */
#include "answer/extract.h"

#include "told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NESTED_TOO_DEEP 17 /* one more than css.h allows, which is libxml2's to include */

static void note_malformed(enum source_kind kind, struct view argument, const char *group)
{
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    size_t offset = 0;
    struct extractor *extractor = extractor_new(kind, argument, group, &offset, &message);
    if (extractor) fail_msg("%s %.*s is fine", source_key(kind), VIEW_PRINTF(argument));
    told_note(argument, buf_view(&message), offset);
}

static void note_all(enum source_kind kind, const char *const *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++) note_malformed(kind, view_of(arguments[i]), NULL);
}

static void note_repeated(enum source_kind kind, const char *head, const char *piece, size_t times)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&text, head);
    for (size_t i = 0; i < times; i++) buf_add_text(&text, piece);
    note_malformed(kind, buf_view(&text), NULL);
}

static void css_selector_says_where_it_goes_wrong(void **state)
{
    (void)state;
    static const char *const selectors[] = {
        "",
        "div >",
        "a, , b",
        ".",
        "a..b",
        "#",
        "# total",
        ".1a",
        "a b)",
        "a $",
        "a /* no end",
        "[",
        "[data-sku",
        "[]",
        "[data-sku=]",
        "[data-sku=42]",
        "[data-sku='42]",
        "[data-sku!=a]",
        "[data-sku~a]",
        "[data-sku=a x]",
        "[data-sku=a i b]",
        "[svg|href]",
        "svg|a",
        "|a",
        "*|",
        "::before",
        ":before",
        ":hover",
        ":",
        ":nosuch",
        ":checked()",
        ":not",
        ":not(",
        ":not(a",
        ":not(a b]",
        ":not(a $)",
        ":has(:has(a))",
        ":nth-child(x)",
        ":nth-child()",
        ":nth-child(2n + )",
        ":nth-child(2 of a",
        ":lang()",
        ":lang(de",
    };
    note_all(SOURCE_CSS, selectors, COUNT_OF(selectors));
    note_malformed(SOURCE_CSS, VIEW_LITERAL("a\0b"), NULL);
    note_repeated(SOURCE_CSS, "", ":not(", NESTED_TOO_DEEP);
    note_repeated(SOURCE_CSS, "", "a", HTML_QUERY_MAX_BYTES + 1);
    told_check("answer/css.txt");
}

static void xpath_says_where_it_goes_wrong(void **state)
{
    (void)state;
    static const char *const expressions[] = {
        "",
        "//",
        "//div[",
        "//node(",
        "//div[1",
        "//div[]",
        "//div]",
        "//div[(1]",
        "1.2.3",
        "processing-instruction(a)",
        "'a",
        "count(1 2)",
        "count(//a",
        "count()",
        "count(//a, //b)",
        "1 | 2",
        "'a'/b",
        "//a::b",
        "nosuch::b",
        "//div[@id='a]",
        "//div[@id=$id]",
        "//svg:a",
        "//div[matches(., 'a')]",
        "count('x')",
        "//a\xff",
    };
    note_all(SOURCE_XPATH, expressions, COUNT_OF(expressions));
    note_malformed(SOURCE_XPATH, VIEW_LITERAL("//a\0b"), NULL);
    note_repeated(SOURCE_XPATH, "", "/a", HTML_QUERY_MAX_BYTES);
    told_check("answer/xpath.txt");
}

static void jsonpath_says_where_it_goes_wrong(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "total",
        "$total",
        "$.",
        "$..",
        "$.items[",
        "$.items[]",
        "$.items[0",
        "$.items[0 1]",
        "$.items[a]",
        "$.items[-]",
        "$.items[01]",
        "$.items[-0]",
        "$.items[9007199254740992]",
        "$['a",
        "$['a\nb']",
        "$['\\x']",
        "$['\\u12']",
        "$['\\udc00']",
        "$['\\ud800']",
        "$['\xff']",
        "$.a\xff",
        "$[?]",
        "$[?a]",
        "$[?1]",
        "$[?length(@.a)]",
        "$[?@.a == ]",
        "$[?@.a == 01]",
        "$[?@.a == 1.]",
        "$[?@.a == 1e]",
        "$[?@.a == -]",
        "$[?@.* == 1]",
        "$[?1 == @..a]",
        "$[?(@.a]",
        "$[?!@.a == 1]",
        "$[?!!@.a]",
        "$[?lenght(@.a) == 1]",
        "$[?length(@.*) == 1]",
        "$[?count(1) == 1]",
        "$[?match(@.a)]",
        "$[?length(@.a, 1) == 1]",
        "$[?length(@.a == 1]",
    };
    note_all(SOURCE_JSON, paths, COUNT_OF(paths));
    note_repeated(SOURCE_JSON, "$[?", "(", JSONPATH_MAX_DEPTH + 1);
    note_repeated(SOURCE_JSON, "$[?", "length(", JSONPATH_MAX_DEPTH + 1);
    note_repeated(SOURCE_JSON, "$[?@", "||@", JSONPATH_MAX_DEPTH * 4 + 2);
    note_repeated(SOURCE_JSON, "$", ".a", JSONPATH_MAX_BYTES);
    told_check("answer/jsonpath.txt");
}

static void regular_expression_says_where_it_goes_wrong(void **state)
{
    (void)state;
    static const char *const expressions[] = {"(a", "a)", "[a", "*a", "a{2,1}", "\\", "\\C"};
    note_all(SOURCE_REGEX, expressions, COUNT_OF(expressions));
    note_malformed(SOURCE_REGEX, VIEW_LITERAL("(a)"), "2");
    note_malformed(SOURCE_REGEX, VIEW_LITERAL("(?<sku>a)"), "price");
    note_repeated(SOURCE_REGEX, "", "a", PATTERN_MAX_BYTES + 1);
    told_check("answer/regex.txt");
}

static void name_that_asks_for_nothing_is_told(void **state)
{
    (void)state;
    note_malformed(SOURCE_HEADER, VIEW_NONE, NULL);
    note_malformed(SOURCE_CERTIFICATE, VIEW_LITERAL("days"), NULL);
    told_check("answer/names.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(css_selector_says_where_it_goes_wrong),
        cmocka_unit_test(xpath_says_where_it_goes_wrong),
        cmocka_unit_test(jsonpath_says_where_it_goes_wrong),
        cmocka_unit_test(regular_expression_says_where_it_goes_wrong),
        cmocka_unit_test(name_that_asks_for_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
