/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See expand.h. A name without a value is an error and never empty text: "/orders/${order}" must
 * not become "/orders/".
 */
#include "answer/expand.h"

#include "base/alloc.h"

#define DESCRIBED_BYTES 4096 /* who shows it redacts it first, then cuts it to a line */

static bool find_name(const char *name, const struct expander *expander,
                      const struct value **ret_value, struct buf *reason)
{
    size_t before = reason->length;
    const struct value *value = expander->lookup(expander->context, name, reason);
    if (value && value->kind != VALUE_ABSENT) {
        *ret_value = value;
        return true;
    }
    if (reason->length == before) {
        buf_addf(reason, "%s %s", name, value ? "has no value" : "is not set");
    }
    return false;
}

/* --- Calculations: every operand is a number or money. */

static void say_operands(const struct value *left, const char *word, const struct value *right,
                         const char *why, struct buf *reason)
{
    buf_add_text(reason, "cannot calculate ");
    value_describe(left, DESCRIBED_BYTES, reason);
    buf_addf(reason, " %s ", word);
    value_describe(right, DESCRIBED_BYTES, reason);
    buf_addf(reason, ": %s", why);
}

static bool evaluate_name(const struct expression *expression, const struct expander *expander,
                          struct value *ret_value, struct buf *reason)
{
    const struct value *value = NULL;
    if (!find_name(expression->name, expander, &value, reason)) return false;
    if (value->kind == VALUE_NUMBER || value->kind == VALUE_MONEY) {
        *ret_value = value_copy(value);
        return true;
    }
    struct value number = {.kind = VALUE_NUMBER};
    struct view text = VIEW_NONE;
    if (value->kind == VALUE_TEXT) text = (struct view){value->text.data, value->text.length};
    if (decimal_parse(text, &number.number)) {
        *ret_value = number;
        return true;
    }
    buf_addf(reason, "cannot calculate with %s: ", expression->name);
    value_describe(value, DESCRIBED_BYTES, reason);
    buf_add_text(reason, " is no number");
    return false;
}

static bool same_currency(const struct value *left, const struct value *right)
{
    return money_may_be_one_currency(&left->money, &right->money);
}

static struct decimal amount_of(const struct value *value)
{
    return value->kind == VALUE_MONEY ? value->money.amount : value->number;
}

static void set_amount(struct value *value, struct decimal amount)
{
    if (value->kind == VALUE_MONEY)
        value->money.amount = amount;
    else
        value->number = amount;
}

static bool add_or_subtract(enum expression_kind kind, const struct value *left,
                            const struct value *right, struct value *ret_value,
                            const char **ret_why)
{
    *ret_why = "money and a bare number do not add up";
    if (left->kind != right->kind) return false;
    *ret_why = "two currencies do not add up";
    if (left->kind == VALUE_MONEY && !same_currency(left, right)) return false;
    *ret_why = "the result is too large";
    struct decimal a = amount_of(left), b = amount_of(right), sum;
    bool fits = kind == EXPRESSION_ADD ? decimal_add(a, b, &sum) : decimal_subtract(a, b, &sum);
    if (!fits) return false;
    bool left_knows = left->kind != VALUE_MONEY || *left->money.currency;
    *ret_value = left_knows ? *left : *right;
    set_amount(ret_value, sum);
    return true;
}

static bool multiply(const struct value *left, const struct value *right, struct value *ret_value,
                     const char **ret_why)
{
    *ret_why = "money cannot be multiplied by money";
    if (left->kind == VALUE_MONEY && right->kind == VALUE_MONEY) return false;
    *ret_why = "the result is too large";
    struct decimal product;
    if (!decimal_multiply(amount_of(left), amount_of(right), &product)) return false;
    *ret_value = left->kind == VALUE_MONEY ? *left : *right;
    set_amount(ret_value, product);
    return true;
}

static bool divide(const struct value *left, const struct value *right, struct value *ret_value,
                   const char **ret_why)
{
    bool both = left->kind == VALUE_MONEY && right->kind == VALUE_MONEY;
    *ret_why = "a number cannot be divided by money";
    if (right->kind == VALUE_MONEY && !both) return false;
    *ret_why = "the currencies differ";
    if (both && !same_currency(left, right)) return false;
    *ret_why = "division by zero";
    if (!decimal_sign(amount_of(right))) return false;
    *ret_why = "the result is too large";
    struct decimal quotient;
    if (!decimal_divide(amount_of(left), amount_of(right), &quotient)) return false;
    quotient = decimal_normal(quotient);
    *ret_value = both ? value_number(0) : *left;
    set_amount(ret_value, quotient);
    return true;
}

static bool evaluate(const struct expression *expression, const struct expander *expander,
                     int depth, struct value *ret_value, struct buf *reason);

static bool negate(struct value *value, struct buf *reason)
{
    struct decimal negative;
    if (!decimal_subtract(decimal_of(0), amount_of(value), &negative)) {
        buf_add_text(reason, "the result is too large");
        return false;
    }
    set_amount(value, negative);
    return true;
}

static bool evaluate_pair(const struct expression *expression, const struct expander *expander,
                          int depth, struct value *ret_value, struct buf *reason)
{
    static const char *const words[] = {
        [EXPRESSION_ADD] = "+",
        [EXPRESSION_SUBTRACT] = "-",
        [EXPRESSION_MULTIPLY] = "*",
        [EXPRESSION_DIVIDE] = "/",
    };
    struct value left, right;
    if (!evaluate(expression->left, expander, depth + 1, &left, reason)) return false;
    if (!evaluate(expression->right, expander, depth + 1, &right, reason)) return false;
    const char *why = "";
    bool good = false;
    if (expression->kind == EXPRESSION_MULTIPLY)
        good = multiply(&left, &right, ret_value, &why);
    else if (expression->kind == EXPRESSION_DIVIDE)
        good = divide(&left, &right, ret_value, &why);
    else
        good = add_or_subtract(expression->kind, &left, &right, ret_value, &why);
    if (!good) say_operands(&left, words[expression->kind], &right, why, reason);
    return good;
}

/* Gives a number or money, which own no memory. */
static bool evaluate(const struct expression *expression, const struct expander *expander,
                     int depth, struct value *ret_value, struct buf *reason)
{
    if (depth > EXPRESSION_MAX_DEPTH) {
        buf_add_text(reason, "the calculation is too deep");
        return false;
    }
    switch (expression->kind) {
    case EXPRESSION_NAME: return evaluate_name(expression, expander, ret_value, reason);
    case EXPRESSION_NUMBER:
        *ret_value = (struct value){.kind = VALUE_NUMBER, .number = expression->number};
        return true;
    case EXPRESSION_NEGATE:
        return evaluate(expression->left, expander, depth + 1, ret_value, reason) &&
               negate(ret_value, reason);
    case EXPRESSION_ADD:
    case EXPRESSION_SUBTRACT:
    case EXPRESSION_MULTIPLY:
    case EXPRESSION_DIVIDE: return evaluate_pair(expression, expander, depth, ret_value, reason);
    }
    return false;
}

/* --- Templates */

/* A lone name keeps what it holds, whatever that is; a calculation gives a number or money. */
static bool expand_expression(const struct expression *expression, const struct expander *expander,
                              struct value *ret_value, struct buf *reason)
{
    if (expression->kind != EXPRESSION_NAME) {
        return evaluate(expression, expander, 0, ret_value, reason);
    }
    const struct value *value = NULL;
    if (!find_name(expression->name, expander, &value, reason)) return false;
    *ret_value = value_copy(value);
    return true;
}

static bool expand_part(const struct template_part *part, const struct expander *expander,
                        struct buf *out, struct buf *reason)
{
    if (!part->expression) {
        buf_add(out, part->text, part->length);
        return true;
    }
    if (part->expression->kind == EXPRESSION_NAME) {
        const struct value *value = NULL;
        if (!find_name(part->expression->name, expander, &value, reason)) return false;
        value_print(value, out);
        return true;
    }
    struct value value = VALUE_NOTHING;
    if (!evaluate(part->expression, expander, 0, &value, reason)) return false;
    value_print(&value, out);
    return true;
}

bool expand_text(const struct template *template, const struct expander *expander, struct buf *out,
                 struct buf *reason)
{
    AUTO_BUF text = BUF_INIT(expander->cap_bytes);
    for (size_t i = 0; i < template->count; i++) {
        if (!expand_part(&template->parts[i], expander, &text, reason)) return false;
    }
    if (!text.overflowed && buf_add_view(out, buf_view(&text))) return true;
    buf_addf(reason, "the text is longer than %zu bytes",
             out->cap < expander->cap_bytes ? out->cap : expander->cap_bytes);
    return false;
}

bool expand(const struct template *template, const struct expander *expander,
            struct value *ret_value, struct buf *reason)
{
    const struct expression *single = template_single(template);
    if (single) return expand_expression(single, expander, ret_value, reason);
    AUTO_BUF text = BUF_INIT(expander->cap_bytes);
    if (!expand_text(template, expander, &text, reason)) return false;
    *ret_value = value_text(buf_view(&text));
    return true;
}
