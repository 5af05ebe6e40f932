/* SPDX-License-Identifier: Apache-2.0 */
/* Pages: encodings, the tree, text, XPath, limits. */
#include "answer/html.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct html *parse(struct view body, const char *charset)
{
    AUTO_BUF reason = BUF_INIT(1024);
    struct html *html = html_parse(body, view_of(charset), &reason);
    if (!html) fail_msg("%s", buf_text(&reason));
    return html;
}

static struct html_query *compile(const char *expression)
{
    AUTO_BUF message = BUF_INIT(1024);
    size_t offset = 0;
    bool is_xpath = strpbrk(expression, "/()") != NULL;
    struct html_query *query =
        (is_xpath ? html_compile_xpath : html_compile_css)(view_of(expression), &offset, &message);
    if (!query) fail_msg("%s at %zu: %s", expression, offset, buf_text(&message));
    return query;
}

typedef bool find_function(const struct html *html, const struct html_query *query,
                           const char *attr, struct html_matches *ret_matches);

/* The matches, joined by "|". */
static void expect_found(find_function *find, const struct html *html, const char *expression,
                         const char *attr, const char *wanted)
{
    struct html_query *query = compile(expression);
    struct html_matches matches;
    AUTO_BUF found = BUF_INIT(1 << 20);
    assert_true(find(html, query, attr, &matches));
    for (size_t i = 0; i < matches.count; i++) {
        assert_int_equal(strlen(matches.items[i].text), matches.items[i].length);
        buf_addf(&found, i ? "|%s" : "%s", matches.items[i].text);
    }
    if (strcmp(buf_text(&found), wanted) != 0)
        fail_msg("%s: wanted [%s], found [%s]", expression, wanted, buf_text(&found));
    html_matches_release(&matches);
    html_query_free(query);
}

static void expect_in(const struct html *html, const char *expression, const char *attr,
                      const char *wanted)
{
    expect_found(html_find, html, expression, attr, wanted);
}

static void expect(const char *page, const char *expression, const char *attr, const char *wanted)
{
    struct html *html = parse(view_of(page), "");
    expect_in(html, expression, attr, wanted);
    html_free(html);
}

static void expect_read(const char *page, size_t length, const char *charset, const char *wanted)
{
    struct html *html = parse((struct view){page, length}, charset);
    expect_in(html, "p", NULL, wanted);
    html_free(html);
}
#define EXPECT_READ(page, charset, wanted) expect_read(page, sizeof(page) - 1, charset, wanted)

static void encoding_comes_from_mark_header_meta_in_this_order(void **state)
{
    (void)state;
    EXPECT_READ("\xEF\xBB\xBF<p>\xC3\xA9", "windows-1251", "\xC3\xA9");
    EXPECT_READ("\xFF\xFE<\0p\0>\0\xAC\x20", "utf-8", "\xE2\x82\xAC");
    EXPECT_READ("\xFE\xFF\0<\0p\0>\xD8\x3D\xDE\x00", "", "\xF0\x9F\x98\x80");
    EXPECT_READ("<meta charset=windows-1251><p>\xE9", "iso-8859-1", "\xC3\xA9");
    EXPECT_READ("<meta charset=windows-1251><p>\xE9", "", "\xD0\xB9");
    EXPECT_READ("<META http-equiv=Content-Type content='text/html; charset=koi8-r'><p>\xC1", "",
                "\xD0\xB0");
    EXPECT_READ("<meta content='text/html; charset=koi8-r'><p>\xC1", "", "\xC3\x81");
    EXPECT_READ("<!-- <meta charset=koi8-r> --><title a='<meta charset=koi8-r>'></title><p>\xC1",
                "", "\xC3\x81");
    EXPECT_READ("<meta charset=utf-16><p>\xC3\xA9", "", "\xC3\xA9");
    EXPECT_READ("<p>\xC3\xA9", "", "\xC3\xA9");
    EXPECT_READ("<p>\xE9 \x80", "", "\xC3\xA9 \xE2\x82\xAC");
    EXPECT_READ("<p>\xC3\xA9", "klingon", "\xC3\xA9");
}

static void labels_are_those_that_browsers_know(void **state)
{
    (void)state;
    EXPECT_READ("<p>\x80", "ISO-8859-1", "\xE2\x82\xAC");
    EXPECT_READ("<p>\x80", " latin1 ", "\xE2\x82\xAC");
    EXPECT_READ("<p>\xA4", "iso-8859-15", "\xE2\x82\xAC");
    EXPECT_READ("<p>\xFE", "iso-8859-9", "\xC5\x9F");
    EXPECT_READ("<p>\x93\xFA\x96\x7B", "Shift_JIS", "\xE6\x97\xA5\xE6\x9C\xAC");
    EXPECT_READ("<p>\xC6\xFC\xCB\xDC", "euc-jp", "\xE6\x97\xA5\xE6\x9C\xAC");
    EXPECT_READ("<p>\xD6\xD0", "gb2312", "\xE4\xB8\xAD");
    EXPECT_READ("<p>\xA4\xA4", "big5", "\xE4\xB8\xAD");
    EXPECT_READ("<p>\xB0\xA1\x81\x41", "ks_c_5601-1987", "\xEA\xB0\x80\xEA\xB0\x82");
    EXPECT_READ("<p>\xC3\x28", "utf8", "\xEF\xBF\xBD(");
    AUTO_BUF reason = BUF_INIT(1024);
    assert_null(html_parse(VIEW_LITERAL("<p>"), VIEW_LITERAL("iso-2022-kr"), &reason));
    assert_non_null(strstr(buf_text(&reason), "encoding"));
}

static void bytes_are_decoded_by_label(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(1024);
    assert_true(html_decode(VIEW_LITERAL("a\x84\xFF"), VIEW_LITERAL("Windows-1250"), &out));
    assert_string_equal(buf_text(&out), "a\xE2\x80\x9E\xCB\x99");
    buf_clear(&out);
    assert_true(html_decode(VIEW_LITERAL("\x82"), VIEW_LITERAL("sjis"), &out));
    assert_string_equal(buf_text(&out), "\xEF\xBF\xBD");
    buf_clear(&out);
    assert_true(html_decode(VIEW_LITERAL("\x80\x81\xFE"), VIEW_LITERAL("iso-8859-9"), &out));
    assert_string_equal(buf_text(&out), "\xE2\x82\xAC\xC2\x81\xC5\x9F");
    assert_false(html_decode(VIEW_LITERAL("a"), VIEW_LITERAL("klingon"), &out));
}

static void charset_is_read_from_a_content_type(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"text/html; charset=utf-8", "utf-8"},
        {"text/html;Charset=\"ISO-8859-1\" ; x=y", "ISO-8859-1"},
        {"text/html; boundary=charset=x; charset = koi8-r", "koi8-r"},
        {"text/html; charset='utf-8'", "utf-8"},
        {"text/html", ""},
        {"", ""},
        {"charset=utf-8", ""},
        {"text/html; charset=", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct view charset = html_charset_of(view_of(cases[i][0]));
        if (!view_is(charset, cases[i][1])) fail_msg("%s", cases[i][0]);
    }
}

static void tag_soup_becomes_the_tree_of_a_browser(void **state)
{
    (void)state;
    expect("<p>a<p>b<div>c", "p", NULL, "a|b");
    expect("<table><td>1<td>2", "/html/body/table/tbody/tr/td", NULL, "1|2");
    expect("<table>x<tr><td>1</table>", "/html/body/text()", NULL, "x");
    expect("<b><p>x</b>y", "p", NULL, "xy");
    expect("<DIV ID=a>x</DIV>", "//div/@id", NULL, "a");
    expect("<x-Price>9</x-price>", "x-price", NULL, "9");
    expect("<svg viewBox='0 0'><linearGradient/><a xlink:href='#b'/></svg>",
           "//svg/@viewBox | //linearGradient/../a/@*", NULL, "0 0|#b");
    expect("<math><mi>x</mi></math>", "//math/mi", NULL, "x");
    expect("<template><i>t</i></template>", "//template/i", NULL, "t");
    expect("<p>a<!--c-->b", "//comment()", NULL, "c");
    expect("<title>&lt;b&gt;</title>", "title", NULL, "<b>");
    expect("", "html > body", NULL, "");
}

static void overlong_character_reference_leaves_sound_text(void **state)
{
    (void)state;
    struct html *html = parse(VIEW_LITERAL("<p title='&#x80BBBBBBBBBB;'>&#x80BBBBBBBBBB;"), "");
    struct html_query *query = compile("//p/@title | //p");
    struct html_matches matches;
    assert_true(html_find(html, query, NULL, &matches));
    assert_int_equal(matches.count, 2);
    for (size_t i = 0; i < matches.count; i++) {
        assert_true(utf8_valid(view_of(matches.items[i].text)));
    }
    html_matches_release(&matches);
    html_query_free(query);
    html_free(html);
}

static void text_is_collapsed_as_it_is_shown(void **state)
{
    (void)state;
    expect("<p>  a \n\t b <b> c</b>d </p>", "p", NULL, "a b cd");
    expect("<p>12<br>EUR</p>", "p", NULL, "12 EUR");
    expect("<ul><li>a</li><li>b</li></ul>", "ul", NULL, "a b");
    expect("<p>12<span>.</span><span>50</span></p>", "p", NULL, "12.50");
    expect("<p>1\xC2\xA0\xE2\x82\xAC </p>", "p", NULL, "1\xC2\xA0\xE2\x82\xAC");
    expect("<div>a<script>b</script><style>c</style>d</div>", "div", NULL, "ad");
    expect("<script> {\n\"a\":  1} </script>", "script", NULL, " {\n\"a\":  1} ");
    expect("<style> a  b </style>", "style", NULL, " a  b ");
    expect("<pre>a\n  b </pre>", "pre", NULL, "a\n  b ");
    expect("<textarea> a\n b</textarea>", "textarea", NULL, " a\n b");
    expect("<div> x <pre>a\n  b</pre> y</div>", "div", NULL, "x a\n  b y");
    expect("<pre>a <i>b  c</i></pre>", "i", NULL, "b  c");
    expect("<p> </p>", "p", NULL, "");
}

static void attribute_is_taken_where_it_is(void **state)
{
    (void)state;
    static const char page[] = "<a href=1>x</a><a>y</a><a href='' >z</a><a href=' 3 '>w</a>";
    expect(page, "a", "href", "1|| 3 ");
    expect(page, "a", NULL, "x|y|z|w");
    expect(page, "//a", "href", "1|| 3 ");
    expect(page, "a", "title", "");
}

static void xpath_calculates(void **state)
{
    (void)state;
    static const char page[] = "<ul><li>1<li>2<li>x</ul>";
    static const struct {
        const char *expression, *text;
        enum html_match_kind kind;
    } cases[] = {
        {"count(//li)", "3", HTML_MATCH_NUMBER},
        {"number(//li[1]) + (0.5)", "1.5", HTML_MATCH_NUMBER},
        {"number(//li[3])", "NaN", HTML_MATCH_NUMBER},
        {"boolean(//li)", "true", HTML_MATCH_BOOL},
        {"not(//li)", "false", HTML_MATCH_BOOL},
        {"string(//li[2])", "2", HTML_MATCH_TEXT},
        {"string(//b)", "", HTML_MATCH_TEXT},
        {"concat('a', \"b(c)\")", "ab(c)", HTML_MATCH_TEXT},
    };
    struct html *html = parse(view_of(page), "");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct html_query *query = compile(cases[i].expression);
        struct html_matches matches;
        assert_true(html_find(html, query, NULL, &matches));
        assert_int_equal(matches.count, 1);
        assert_string_equal(matches.items[0].text, cases[i].text);
        assert_int_equal(matches.items[0].kind, cases[i].kind);
        html_matches_release(&matches);
        html_query_free(query);
    }
    html_free(html);
}

static void xpath_nodes_come_in_document_order(void **state)
{
    (void)state;
    static const char page[] = "<p id=a>1<p id=b>2<p id=c>3";
    expect(page, "//p[3]/preceding-sibling::p", NULL, "1|2");
    expect(page, "//p[3] | //p[1]", NULL, "1|3");
    expect(page, "//p[last()]/@id", NULL, "c");
    expect(page, "id('b')", NULL, "2");
    expect(page, "//p[. = 2]/text()", NULL, "2");
    expect(page, "//p[9]", NULL, "");
    expect(page, "//p/namespace::*", NULL, "");
}

static void malformed_xpath_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        size_t offset;
    } cases[] = {
        {"", 0},           {"//a[", 4}, {"//a]", 3},    {"//p[foo(.)]", 4},
        {"count('x')", 0}, {"$x", 0},   {"//svg:a", 2}, {"document('/etc/passwd')", 0},
        {"'a", 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF message = BUF_INIT(1024);
        size_t offset = SIZE_MAX;
        struct html_query *query =
            html_compile_xpath(view_of(cases[i].expression), &offset, &message);
        bool placed = offset == cases[i].offset || !strcmp(cases[i].expression, "count('x')");
        if (query || !placed || !message.length)
            fail_msg("%s: %zu %s", cases[i].expression, offset, buf_text(&message));
    }
}

static void page_that_nests_too_deep_is_refused(void **state)
{
    (void)state;
    AUTO_BUF page = BUF_INIT(1 << 20);
    AUTO_BUF reason = BUF_INIT(1024);
    for (int i = 0; i < HTML_MAX_DEPTH + 10; i++) buf_add_text(&page, "<div>");
    assert_null(html_parse(buf_view(&page), VIEW_NONE, &reason));
    assert_non_null(strstr(buf_text(&reason), "deeper"));
}

static void page_with_too_many_nodes_is_refused(void **state)
{
    (void)state;
    AUTO_BUF page = BUF_INIT((size_t)16 << 20);
    AUTO_BUF reason = BUF_INIT(1024);
    for (int i = 0; i < HTML_MAX_NODES + 10; i++) buf_add_text(&page, "<br>");
    assert_null(html_parse(buf_view(&page), VIEW_NONE, &reason));
    assert_true(reason.length > 0);
}

static void xpath_that_costs_too_much_meets_the_limit(void **state)
{
    (void)state;
    AUTO_BUF page = BUF_INIT(1 << 20);
    for (int i = 0; i < 5000; i++) buf_add_text(&page, "<i></i>");
    struct html *html = parse(buf_view(&page), "");
    struct html_query *query = compile("//*[count(//*[name() = 'b']) = 1]");
    struct html_matches matches;
    assert_false(html_find(html, query, NULL, &matches));
    html_query_free(query);
    html_free(html);
}

static void digits_of_a_price_are_raised_as_they_are_shown(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"€12<sup>50</sup>", "€12⁵⁰"},
        {"<span>12</span><sup>99</sup> €", "12⁹⁹ €"},
        {"$12<sup>.99</sup>", "$12.⁹⁹"},
        {"12,<sup><b>9</b>9</sup>", "12,⁹⁹"},
        {"12<sup>99 <i>EUR</i></sup> x 3", "12⁹⁹ EUR x 3"},
        {"12<sup>2</sup>", "12²"},
        {"12<sup>€50</sup>", "12€50"},
        {"12<sup> 50</sup>", "12 50"},
        {"12<sup><i>5</i><i>0</i> 7</sup>", "12⁵⁰ 7"},
        {"<sup>$</sup>12<sup>50</sup>", "$12⁵⁰"},
        {"<sup>12</sup> 50", "12 50"},
        {"<sup>12.99</sup>", "12.99"},
        {"12 <sup>99</sup>", "12 99"},
        {"<div>12</div><sup>99</sup>", "12 99"},
        {"12,50 €<sup>1</sup>", "12,50 €1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *page = xasprintf("<section>%s</section>", cases[i][0]);
        struct html *html = parse(view_of(page), "");
        expect_found(html_find_prices, html, "section", NULL, cases[i][1]);
        html_free(html);
    }
    expect("<p>€12<sup>50</sup></p>", "p", NULL, "€1250");
    struct html *html = parse(VIEW_LITERAL("<p>12<sup>50</sup></p>"), "");
    expect_found(html_find_prices, html, "sup", NULL, "50");
    html_free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_comes_from_mark_header_meta_in_this_order),
        cmocka_unit_test(labels_are_those_that_browsers_know),
        cmocka_unit_test(bytes_are_decoded_by_label),
        cmocka_unit_test(charset_is_read_from_a_content_type),
        cmocka_unit_test(tag_soup_becomes_the_tree_of_a_browser),
        cmocka_unit_test(overlong_character_reference_leaves_sound_text),
        cmocka_unit_test(text_is_collapsed_as_it_is_shown),
        cmocka_unit_test(digits_of_a_price_are_raised_as_they_are_shown),
        cmocka_unit_test(attribute_is_taken_where_it_is),
        cmocka_unit_test(xpath_calculates),
        cmocka_unit_test(xpath_nodes_come_in_document_order),
        cmocka_unit_test(malformed_xpath_is_told),
        cmocka_unit_test(page_that_nests_too_deep_is_refused),
        cmocka_unit_test(page_with_too_many_nodes_is_refused),
        cmocka_unit_test(xpath_that_costs_too_much_meets_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
