/* SPDX-License-Identifier: Apache-2.0 */
/* Templates to values: types that are kept, exact calculations, and what cannot be calculated. */
#include "answer/expand.h"
#include "answer/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

struct variable {
    const char *name;
    struct value value;
};

/* The variables of every test. */
struct shelf {
    struct variable items[10];
};

static struct value amount(const char *text)
{
    AUTO_BUF reason = BUF_INIT(1024);
    struct money_options options = {0};
    struct money money;
    assert_int_equal(money_read(view_of(text), &options, &money, &reason), MONEY_READ);
    return value_money(money);
}

static struct value json_value(const char *text)
{
    AUTO_BUF reason = BUF_INIT(1024);
    cJSON *node = json_parse(view_of(text), &reason);
    struct value value = value_from_json(node);
    cJSON_Delete(node);
    return value;
}

static int shelf_fill(void **state)
{
    struct shelf *shelf = NEW(struct shelf);
    *shelf = (struct shelf){{
        {"price", amount("12.50 EUR")},
        {"shipping", amount("4.90 EUR")},
        {"dollars", amount("1.00 USD")},
        {"n", value_number(3)},
        {"text", value_text(VIEW_LITERAL("a b"))},
        {"digits", value_text(VIEW_LITERAL("2.5"))},
        {"flag", value_bool(true)},
        {"list", json_value("[1,\"two\"]")},
        {"absent", VALUE_NOTHING},
        {"secret.email", value_text(VIEW_LITERAL("a@b"))},
    }};
    *state = shelf;
    return 0;
}

static int shelf_empty(void **state)
{
    struct shelf *shelf = *state;
    for (size_t i = 0; i < COUNT_OF(shelf->items); i++) value_release(&shelf->items[i].value);
    free(shelf);
    return 0;
}

static const struct value *lookup(void *context, const char *name, struct buf *reason)
{
    (void)reason;
    struct shelf *shelf = context;
    for (size_t i = 0; i < COUNT_OF(shelf->items); i++) {
        if (!strcmp(shelf->items[i].name, name)) return &shelf->items[i].value;
    }
    return NULL;
}

static struct expander expander_of(void **state)
{
    return (struct expander){.lookup = lookup, .context = *state, .cap_bytes = 1000};
}

static struct template *parse(const char *text)
{
    struct diags diags = DIAGS_INIT;
    struct template *template = template_parse_text(view_of(text), PLACE_NOWHERE, &diags);
    size_t errors = diags.errors;
    diags_release(&diags);
    assert_int_equal(errors, 0);
    return template;
}

/* The described value, or "!" and the reason. */
static void expand_into(void **state, const char *text, struct buf *out)
{
    struct expander expander = expander_of(state);
    struct template *template = parse(text);
    struct value value = VALUE_NOTHING;
    AUTO_BUF reason = BUF_INIT(4096);
    if (expand(template, &expander, &value, &reason))
        value_describe(&value, 200, out);
    else
        buf_addf(out, "!%s", buf_text(&reason));
    value_release(&value);
    template_free(template);
}

static void check_expansions(void **state, const char *const samples[][2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTO_BUF out = BUF_INIT(4096);
        expand_into(state, samples[i][0], &out);
        if (strcmp(buf_text(&out), samples[i][1]))
            fail_msg("%s gives %s, not %s", samples[i][0], buf_text(&out), samples[i][1]);
    }
}

static void a_lone_name_keeps_its_type(void **state)
{
    static const char *const samples[][2] = {
        {"${price}", "12.50 EUR"},      {"${n}", "3"},
        {"${text}", "\"a b\""},         {"${flag}", "true"},
        {"${list}", "[1,\"two\"]"},     {"${digits}", "\"2.5\""},
        {"${secret.email}", "\"a@b\""},
    };
    check_expansions(state, samples, COUNT_OF(samples));
}

static void names_in_longer_text_become_text(void **state)
{
    static const char *const samples[][2] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"$${n}", "\"${n}\""},
        {"/p/${n}", "\"/p/3\""},
        {"${n}${n}", "\"33\""},
        {"costs ${price}", "\"costs 12.50\""},
        {"${price * 2} in all", "\"25.00 in all\""},
        {"${list}!", "\"[1,\"two\"]!\""},
    };
    check_expansions(state, samples, COUNT_OF(samples));
}

static void calculations_are_exact(void **state)
{
    static const char *const samples[][2] = {
        {"${1 + 2 * 3}", "7"},
        {"${(1 + 2) * 3}", "9"},
        {"${0.1 + 0.2}", "0.3"},
        {"${n * 2}", "6"},
        {"${-n}", "-3"},
        {"${digits + 1}", "3.5"},
        {"${n / 2}", "1.5"},
        {"${price * 2 + shipping}", "29.90 EUR"},
        {"${2 * price}", "25.00 EUR"},
        {"${price - shipping}", "7.60 EUR"},
        {"${-price}", "-12.50 EUR"},
        {"${price / 2}", "6.25 EUR"},
        {"${price / price}", "1"},
        {"${price * digits}", "31.25 EUR"},
    };
    check_expansions(state, samples, COUNT_OF(samples));
}

static void what_cannot_be_calculated_says_why(void **state)
{
    static const char *const samples[][2] = {
        {"${price + 1}", "!cannot calculate 12.50 EUR + 1: money and a bare number do not add up"},
        {"${price + dollars}",
         "!cannot calculate 12.50 EUR + 1.00 USD: two currencies do not add up"},
        {"${price * price}",
         "!cannot calculate 12.50 EUR * 12.50 EUR: money cannot be multiplied by money"},
        {"${1 / price}", "!cannot calculate 1 / 12.50 EUR: a number cannot be divided by money"},
        {"${price / dollars}", "!cannot calculate 12.50 EUR / 1.00 USD: the currencies differ"},
        {"${1 / 0}", "!cannot calculate 1 / 0: division by zero"},
        {"${text + 1}", "!cannot calculate with text: \"a b\" is no number"},
        {"${flag + 1}", "!cannot calculate with flag: true is no number"},
        {"${9000000000000000000 * 9000000000000000000}",
         "!cannot calculate 9000000000000000000 * 9000000000000000000: the result is too large"},
        {"${nobody}", "!nobody is not set"},
        {"/orders/${nobody}", "!nobody is not set"},
        {"/orders/${absent}", "!absent has no value"},
        {"${absent}", "!absent has no value"},
        {"${absent + 1}", "!absent has no value"},
    };
    check_expansions(state, samples, COUNT_OF(samples));
}

static void text_past_the_cap_is_refused(void **state)
{
    struct expander expander = expander_of(state);
    expander.cap_bytes = 5;
    struct template *template = parse("abc${text}");
    AUTO_BUF out = BUF_INIT(1000), reason = BUF_INIT(1000);
    assert_false(expand_text(template, &expander, &out, &reason));
    assert_string_equal(buf_text(&reason), "the text is longer than 5 bytes");
    assert_int_equal(out.length, 0);
    template_free(template);
}

static void text_is_added_behind_what_is_there(void **state)
{
    struct expander expander = expander_of(state);
    struct template *template = parse("n=${n}");
    AUTO_BUF out = BUF_INIT(1000), reason = BUF_INIT(1000);
    buf_add_text(&out, "?");
    assert_true(expand_text(template, &expander, &out, &reason));
    assert_string_equal(buf_text(&out), "?n=3");
    template_free(template);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_name_keeps_its_type),
        cmocka_unit_test(names_in_longer_text_become_text),
        cmocka_unit_test(calculations_are_exact),
        cmocka_unit_test(what_cannot_be_calculated_says_why),
        cmocka_unit_test(text_past_the_cap_is_refused),
        cmocka_unit_test(text_is_added_behind_what_is_there),
    };
    return cmocka_run_group_tests(tests, shelf_fill, shelf_empty);
}
