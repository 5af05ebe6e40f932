/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "text/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void show(const struct expression *expression, struct buf *out)
{
    static const char signs[] = {[EXPRESSION_ADD] = '+',
                                 [EXPRESSION_SUBTRACT] = '-',
                                 [EXPRESSION_MULTIPLY] = '*',
                                 [EXPRESSION_DIVIDE] = '/'};
    switch (expression->kind) {
    case EXPRESSION_NAME: buf_add_text(out, expression->name); return;
    case EXPRESSION_NUMBER: decimal_print(expression->number, out); return;
    case EXPRESSION_NEGATE:
        buf_add_text(out, "(-");
        show(expression->left, out);
        buf_add_char(out, ')');
        return;
    case EXPRESSION_ADD:
    case EXPRESSION_SUBTRACT:
    case EXPRESSION_MULTIPLY:
    case EXPRESSION_DIVIDE:
        buf_add_char(out, '(');
        show(expression->left, out);
        buf_add_char(out, signs[expression->kind]);
        show(expression->right, out);
        buf_add_char(out, ')');
        return;
    }
}

/* Literal parts in '...', expressions in parentheses: what the parser understood. */
static void expect(const char *text, const char *wanted)
{
    struct diags diags = DIAGS_INIT;
    AUTO_BUF shown = BUF_INIT(4096);
    struct template *template = template_parse_text(view_of(text), PLACE_NOWHERE, &diags);
    for (size_t i = 0; i < template->count; i++) {
        if (template->parts[i].text)
            buf_addf(&shown, "'%s'", template->parts[i].text);
        else
            show(template->parts[i].expression, &shown);
    }
    assert_int_equal(diags.errors, 0);
    assert_string_equal(buf_text(&shown), wanted);
    template_free(template);
    diags_release(&diags);
}

static void refused(const char *text)
{
    struct diags diags = DIAGS_INIT;
    struct template *template = template_parse_text(view_of(text), PLACE_NOWHERE, &diags);
    if (diags.errors != 1) fail_msg("'%s': %zu errors", text, diags.errors);
    assert_non_null(template);
    template_free(template);
    diags_release(&diags);
}

static void text_and_names_alternate(void **state)
{
    (void)state;
    expect("", "");
    expect("plain", "'plain'");
    expect("/p/${id}/x?${account.user}", "'/p/'id'/x?'account.user");
    expect("${a}${b}", "ab");
    expect("$ and {x} and $x", "'$ and {x} and $x'");
}

static void doubled_dollar_is_a_literal(void **state)
{
    (void)state;
    expect("$${x}", "'${x}'");
    expect("a$${x}${y}", "'a${x}'y");
}

static void calculation_binds_as_at_school(void **state)
{
    (void)state;
    expect("${1 + 2 * 3}", "(1+(2*3))");
    expect("${(1 + 2) * 3}", "((1+2)*3)");
    expect("${8 - 2 - 1}", "((8-2)-1)");
    expect("${8 / 2 * price}", "((8/2)*price)");
    expect("${-price * 2}", "((-price)*2)");
    expect("${1.50}", "1.50");
}

static void malformed_is_refused_once(void **state)
{
    (void)state;
    static const char *const texts[] = {"${",    "${}",     "${a",      "${a b}", "${1 +}", "${(1}",
                                        "${a.}", "${.a}",   "${a..b}",  "${1x}",  "${*}",   "${a-}",
                                        "${é}",  "${a + }", "${1.2.3}", "${a)}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) refused(texts[i]);
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    AUTO_BUF deep = BUF_INIT(4096);
    buf_add_text(&deep, "${");
    for (int i = 0; i < 500; i++) buf_add_char(&deep, '(');
    buf_add_text(&deep, "1}");
    refused(buf_text(&deep));
}

static void literal_and_single_are_told(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    static const struct {
        const char *text;
        bool literal, single;
    } cases[] = {
        {"", true, false}, {"a", true, false}, {"${a}", false, true}, {"a${a}", false, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct template *template =
            template_parse_text(view_of(cases[i].text), PLACE_NOWHERE, &diags);
        assert_int_equal(template_literal(template) != NULL, cases[i].literal);
        assert_int_equal(template_single(template) != NULL, cases[i].single);
        template_free(template);
    }
    diags_release(&diags);
}

static void add_name(void *context, const struct expression *name)
{
    buf_addf(context, "%s;", name->name);
}

static void names_are_visited_in_order(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    AUTO_BUF names = BUF_INIT(100);
    struct template *template =
        template_parse_text(view_of("${b}/${a * (c + 2) - b}"), PLACE_NOWHERE, &diags);
    template_names(template, add_name, &names);
    assert_string_equal(buf_text(&names), "b;a;c;b;");
    template_free(template);
    diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_names_alternate),
        cmocka_unit_test(doubled_dollar_is_a_literal),
        cmocka_unit_test(calculation_binds_as_at_school),
        cmocka_unit_test(malformed_is_refused_once),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(literal_and_single_are_told),
        cmocka_unit_test(names_are_visited_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
