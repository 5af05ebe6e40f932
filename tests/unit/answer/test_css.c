/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors: what they find on one page, by the ids of what is found; and what is malformed. */
#include "answer/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char page[] =
    "<!DOCTYPE html><html id=html lang=en><head id=head><title id=title>Shop</title></head>"
    "<body id=body class='shop Wide'>"
    "<nav id=nav><a id=a1 href=/>Home</a><a id=a2 hreflang=DE href=/cart title='my cart'>Cart</a>"
    "<a id=a3>none</a></nav>"
    "<ul id=list><li id=l1 class=item>1</li><li id=l2 class='item sale'>2</li>"
    "<li id=l3 class='item  sold-out'>3</li><li id=l4>4<b id=b1>x</b></li>"
    "<li id=l5 class='item sale'>5</li></ul>"
    "<div id=box data-sku=MUG-42 data-Name='Caf\xC3\xA9' lang=fr-CH><p id=p1></p><p id=p2><!-- c "
    "--></p>"
    "<p id=p3> </p><span id=s1 itemprop=price content=12.50>12.50</span><p id=p4>t</p></div>"
    "<form id=form><input id=i1 type=TEXT name=q required><input id=i2 type=checkbox checked>"
    "<input id=i3 type=radio disabled><select id=sel><option id=o1>a</option>"
    "<option id=o2 selected>b</option></select><fieldset id=fs disabled><legend id=lg>"
    "<input id=i4></legend><button id=bt>go</button></fieldset></form>"
    "<svg id=svg viewBox='0 0 1 1'><linearGradient id=grad xlink:href='#x'></linearGradient></svg>"
    "<template id=tpl><i id=hidden>x</i></template>"
    "<x-card id=card><i id=1a>odd</i></x-card>"
    "</body></html>";

static struct html *parse(const char *text)
{
    AUTO_BUF reason = BUF_INIT(1024);
    struct html *html = html_parse(view_of(text), VIEW_NONE, &reason);
    assert_non_null(html);
    return html;
}

static void expect_on(const struct html *html, const char *selector, const char *ids)
{
    AUTO_BUF message = BUF_INIT(1024);
    AUTO_BUF found = BUF_INIT(4096);
    size_t offset = 0;
    struct html_query *query = html_compile_css(view_of(selector), &offset, &message);
    if (!query) fail_msg("%s at %zu: %s", selector, offset, buf_text(&message));
    struct html_matches matches;
    assert_true(html_find(html, query, "id", &matches));
    for (size_t i = 0; i < matches.count; i++) {
        buf_addf(&found, i ? " %s" : "%s", matches.items[i].text);
    }
    if (strcmp(buf_text(&found), ids) != 0)
        fail_msg("%s: wanted [%s], found [%s]", selector, ids, buf_text(&found));
    html_matches_release(&matches);
    html_query_free(query);
}

struct expectation {
    const char *selector, *ids;
};

static void expect_all(const struct expectation *expectations, size_t count)
{
    struct html *html = parse(page);
    for (size_t i = 0; i < count; i++) {
        expect_on(html, expectations[i].selector, expectations[i].ids);
    }
    html_free(html);
}

static void selector_of_names_finds_elements(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"#l1", "l1"},           {".item", "l1 l2 l3 l5"},
        {".item.sale", "l2 l5"}, {".wide", ""},
        {".Wide", "body"},       {"LI.sale", "l2 l5"},
        {"li#l1.item", "l1"},    {"ul *", "l1 l2 l3 l4 b1 l5"},
        {"*|b", "b1"},           {"#\\31 a", "1a"},
        {"#\\000031a", "1a"},    {".sold\\-out", "l3"},
        {"x-card i", "1a"},      {"linearGradient", "grad"},
        {"lineargradient", ""},  {"svg > *", "grad"},
        {"template", "tpl"},     {"template i", ""},
        {"#hidden", ""},         {"/* a */ b /* c */", "b1"},
        {" \n b\t", "b1"},       {"title, b, title", "title b1"},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void combinator_relates_elements(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"body > ul > li > b", "b1"},
        {"body > li", ""},
        {"html b", "b1"},
        {"#l1 + li", "l2"},
        {"#l1 + #l3", ""},
        {"#l2~li", "l3 l4 l5"},
        {"li.sale ~ li b", "b1"},
        {"nav + ul li.sale + li", "l3"},
        {"div ~ form", "form"},
        {"div p + span ~ p", "p4"},
        {"body   >   nav   a", "a1 a2 a3"},
        {"a ~ b > c d", ""},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void attribute_operators_compare_values(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"[itemprop=price]", "s1"},
        {"[ itemprop = 'price' ]", "s1"},
        {"[itemprop=Price]", ""},
        {"[itemprop=Price i]", "s1"},
        {"[itemprop='PRICE'i]", "s1"},
        {"[content^='12']", "s1"},
        {"[content$='.50']", "s1"},
        {"[content*='2.5']", "s1"},
        {"[content^='']", ""},
        {"[content*='']", ""},
        {"[content$='']", ""},
        {"[class~=sale]", "l2 l5"},
        {"[class~='item sale']", ""},
        {"[class~='']", ""},
        {"[title~=cart]", "a2"},
        {"#box[lang|=fr]", "box"},
        {"[lang|=f]", ""},
        {"[hreflang=de]", "a2"},
        {"[hreflang=de s]", ""},
        {"[type=text]", "i1"},
        {"[type=text s]", ""},
        {"[DATA-SKU]", "box"},
        {"[data-sku='mug-42']", ""},
        {"[data-name='Caf\xC3\xA9']", "box"},
        {"[data-name='Caf\\e9']", "box"},
        {"[viewBox]", "svg"},
        {"[viewbox]", ""},
        {"[*|href]", "a1 a2 grad"},
        {"[|href]", "a1 a2"},
        {"a[href][title]", "a2"},
        {"[required='']", "i1"},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void structural_classes_count_siblings(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"li:nth-child(2n+1)", "l1 l3 l5"},
        {"li:nth-child(odd)", "l1 l3 l5"},
        {"li:nth-child(EVEN)", "l2 l4"},
        {"li:nth-child(3)", "l3"},
        {"li:nth-child(+3)", "l3"},
        {"li:nth-child( -n + 2 )", "l1 l2"},
        {"li:nth-child(n+4)", "l4 l5"},
        {"li:nth-child(3n - 1)", "l2 l5"},
        {"li:nth-child(n)", "l1 l2 l3 l4 l5"},
        {"li:nth-child(-n-1)", ""},
        {"li:nth-child(0n+2)", "l2"},
        {"li:nth-child(2 of .sale)", "l5"},
        {"li:nth-last-child(1 of .item)", "l5"},
        {"li:nth-last-child(2 of .sale, #l1)", "l2"},
        {"li:nth-child(even of .item)", "l2 l5"},
        {"li:nth-last-child(2)", "l4"},
        {"li:nth-last-child(-n+2)", "l4 l5"},
        {"li:nth-last-child(odd)", "l1 l3 l5"},
        {"#box p:nth-of-type(4)", "p4"},
        {"#box p:nth-last-of-type(2)", "p3"},
        {"#box p:nth-last-of-type(even)", "p1 p3"},
        {"li:first-child", "l1"},
        {"li:last-child", "l5"},
        {"b:only-child", "b1"},
        {"#box :first-of-type", "p1 s1"},
        {"#box :last-of-type", "s1 p4"},
        {"#box :only-of-type", "s1"},
        {"#box :empty", "p1 p2"},
        {":root", "html"},
        {":scope > body", "body"},
        {"html:root:first-child:last-child", "html"},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void logical_classes_combine_selectors(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {"li:not(.item)", "l4"},
        {"li:not(.sale, #l4, .sold-out)", "l1"},
        {":is(#l1, nav) + *", "list l2"},
        {":where(ul, ol) > .sale:not(:last-child)", "l2"},
        {"li:not(:not(.sale))", "l2 l5"},
        {"li:is(ul .sale)", "l2 l5"},
        {"li:has(b)", "l4"},
        {"li:has(> b)", "l4"},
        {"ul:has(> b)", ""},
        {"li:has(+ li > b)", "l3"},
        {"li:has(+ .sale)", "l1 l4"},
        {"li:has(~ #l3)", "l1 l2"},
        {"nav:has(~ div span)", "nav"},
        {"body > :has(a, b)", "nav list"},
        {"ul:has(li b)", "list"},
        {"ul:has(ul b)", ""},
        {"li:not(:has(*))", "l1 l2 l3 l5"},
        {"div:has(i)", ""},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void form_classes_know_states(void **state)
{
    (void)state;
    static const struct expectation cases[] = {
        {":checked", "i2 o2"},
        {"input:disabled", "i3"},
        {":disabled", "i3 fs bt"},
        {"input:enabled", "i1 i2 i4"},
        {":required", "i1"},
        {"input:optional", "i2 i3 i4"},
        {":link", "a1 a2"},
        {":any-link", "a1 a2"},
        {":lang(fr)", "box p1 p2 p3 s1 p4"},
        {"p:lang('fr-ch', de):empty", "p1 p2"},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void names_on_a_page_without_doctype_match_in_any_case(void **state)
{
    (void)state;
    struct html *html = parse("<p id=One class=Sale>");
    expect_on(html, ".sale", "One");
    expect_on(html, "#ONE", "One");
    expect_on(html, "[id=ONE]", "");
    html_free(html);
}

static void malformed_selector_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *selector;
        size_t offset;
        const char *part;
    } cases[] = {
        {"", 0, "ends"},
        {"  ", 2, "ends"},
        {"a,", 2, "ends"},
        {"a,,b", 2, "expected a selector"},
        {"a >", 3, "ends"},
        {"> a", 0, "expected a selector"},
        {"a > > b", 4, "expected a selector"},
        {".", 1, "class"},
        {"#", 1, "after '#'"},
        {"#1", 1, "after '#'"},
        {".5x", 1, "class"},
        {"div[", 4, "name of an attribute"},
        {"div[href", 3, "never closed"},
        {"div[href=", 9, "value"},
        {"[a=1]", 3, "value"},
        {"[a='x]", 3, "string is never closed"},
        {"[a!=b]", 2, "expected ']'"},
        {"[a=b x]", 5, "flag"},
        {"[x|a]", 1, "prefix x"},
        {"svg|a", 0, "prefix svg"},
        {"a:frist-child", 1, "no pseudo-class :frist-child"},
        {"a::before", 1, "pseudo-element"},
        {"a:before", 1, "pseudo-element"},
        {"a:hover", 1, "somebody"},
        {"a:visited", 1, "somebody"},
        {"a:", 2, "pseudo-class"},
        {"a:not", 5, "expected '('"},
        {"a:not()", 6, "expected a selector"},
        {"a:not(b", 5, "never closed"},
        {"a:not(b))", 8, "never opened"},
        {"a:empty()", 7, "nothing in parentheses"},
        {"li:nth-child(x)", 13, "An+B"},
        {"li:nth-child(2n+)", 16, "a number"},
        {"li:nth-child(2 3)", 15, "expected ')'"},
        {"li:nth-of-type(2 of a)", 17, "expected ')'"},
        {":has(:has(a))", 5, "inside :has()"},
        {"a /* b", 2, "comment"},
        {"a b{", 3, "combinator"},
        {"a % b", 2, "combinator"},
        {"a\\", 1, "combinator"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF message = BUF_INIT(1024);
        size_t offset = SIZE_MAX;
        struct html_query *query = html_compile_css(view_of(cases[i].selector), &offset, &message);
        if (query || offset != cases[i].offset || !strstr(buf_text(&message), cases[i].part))
            fail_msg("%s: %zu %s", cases[i].selector, offset, buf_text(&message));
    }
}

static void too_many_parentheses_are_refused(void **state)
{
    (void)state;
    AUTO_BUF selector = BUF_INIT(4096);
    for (int i = 0; i < 100; i++) buf_add_text(&selector, ":not(");
    AUTO_BUF message = BUF_INIT(1024);
    size_t offset = 0;
    assert_null(html_compile_css(buf_view(&selector), &offset, &message));
    assert_non_null(strstr(buf_text(&message), "too many"));
}

static void many_ancestors_do_not_make_matching_exponential(void **state)
{
    (void)state;
    AUTO_BUF text = BUF_INIT(1 << 20);
    for (int i = 0; i < 300; i++) buf_add_text(&text, "<div>");
    buf_add_text(&text, "<p id=deep>");
    struct html *html = parse(buf_text(&text));
    expect_on(html, "i div div div div div div div div div p", "");
    expect_on(html, "div div div div div div div div div div p", "deep");
    html_free(html);
}

static void matching_that_costs_too_much_meets_the_limit(void **state)
{
    (void)state;
    AUTO_BUF text = BUF_INIT(1 << 20);
    for (int i = 0; i < 12000; i++) buf_add_text(&text, "<i></i>");
    struct html *html = parse(buf_text(&text));
    AUTO_BUF message = BUF_INIT(1024);
    size_t offset = 0;
    struct html_query *query = html_compile_css(view_of("i:has(~ b)"), &offset, &message);
    struct html_matches matches;
    assert_false(html_find(html, query, NULL, &matches));
    html_query_free(query);
    html_free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selector_of_names_finds_elements),
        cmocka_unit_test(combinator_relates_elements),
        cmocka_unit_test(attribute_operators_compare_values),
        cmocka_unit_test(structural_classes_count_siblings),
        cmocka_unit_test(logical_classes_combine_selectors),
        cmocka_unit_test(form_classes_know_states),
        cmocka_unit_test(names_on_a_page_without_doctype_match_in_any_case),
        cmocka_unit_test(malformed_selector_is_told_with_its_place),
        cmocka_unit_test(too_many_parentheses_are_refused),
        cmocka_unit_test(many_ancestors_do_not_make_matching_exponential),
        cmocka_unit_test(matching_that_costs_too_much_meets_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
