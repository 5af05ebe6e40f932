/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that can never hold, which would be told as the shop's failure at every run. See loader.h.
 */
#include "journey/loader.h"

#include <string.h>

/* What an answer can have where a source counts something. */
static const struct range {
    enum source_kind kind;
    int64_t least, most; /* most 0: no bound */
    const char *words;
} ranges[] = {
    {SOURCE_STATUS, 100, 999, "a status has three digits"},
    {SOURCE_REDIRECTS, 0, 0, "redirects are counted"},
};
static const struct range count_range = {.words = "a count is a whole number"};

static bool is_order(enum predicate_kind kind)
{
    return kind == PREDICATE_MORE_THAN || kind == PREDICATE_AT_LEAST ||
           kind == PREDICATE_LESS_THAN || kind == PREDICATE_AT_MOST;
}

static bool is_comparison(enum predicate_kind kind)
{
    return kind == PREDICATE_EQUALS || kind == PREDICATE_NOT || is_order(kind);
}

static void refuse(struct loader *loader, struct place place, const struct value *value,
                   const char *why)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    value_print(value, &text);
    diag_error(loader->diags, DIAG_BAD_VALUE, place, "'%s' can never be: %s", buf_text(&text), why);
}

static void check_number(struct loader *loader, const struct operand *operand,
                         const struct range *range, bool ordered)
{
    for (size_t i = 0; i < operand->count; i++)
        check_number(loader, &operand->items[i], range, ordered);
    const struct value *value = &operand->constant;
    if (operand->is_list || operand->template || value->kind == VALUE_ABSENT) return;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct decimal number;
    value_print(value, &text);
    bool good = value->kind != VALUE_BOOL && value->kind != VALUE_NULL &&
                decimal_parse(buf_view(&text), &number);
    if (good && !ordered) {
        good = !decimal_normal(number).scale &&
               decimal_compare(number, decimal_of(range->least)) >= 0 &&
               (!range->most || decimal_compare(number, decimal_of(range->most)) <= 0);
    }
    if (!good) refuse(loader, operand->place, value, range->words);
}

static void check_price(struct loader *loader, const struct operand *operand,
                        const struct price_spec *price)
{
    for (size_t i = 0; i < operand->count; i++) check_price(loader, &operand->items[i], price);
    if (operand->is_list || operand->template || operand->constant.kind != VALUE_TEXT) return;
    const struct value *value = &operand->constant;
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    struct money_options options = {.currency = *price->currency ? price->currency : NULL};
    struct money money;
    struct view text = {value->text.data, value->text.length};
    if (money_read(text, &options, &money, &reason) == MONEY_READ) return;
    diag_error(loader->diags, DIAG_BAD_VALUE, operand->place, "no price is so: %s",
               buf_text(&reason));
}

static void check_count(struct loader *loader, const struct predicate_spec *predicate)
{
    if (!predicate->inner_count) check_number(loader, &predicate->expected, &count_range, false);
    for (size_t i = 0; i < predicate->inner_count; i++) {
        const struct predicate_spec *inner = &predicate->inner[i];
        if (is_comparison(inner->kind))
            check_number(loader, &inner->expected, &count_range, inner->kind != PREDICATE_EQUALS);
    }
}

static void check_predicate(struct loader *loader, const struct check *check,
                            const struct predicate_spec *predicate)
{
    enum source_kind source = check->source->kind;
    bool timed = source == SOURCE_DURATION || source == SOURCE_TIME_TO_FIRST_BYTE;
    if (predicate->kind == PREDICATE_COUNT) check_count(loader, predicate);
    if (!is_comparison(predicate->kind) || check->source->inner) return;
    if (timed && predicate->kind == PREDICATE_EQUALS) {
        diag_hint(diag_error(loader->diags, DIAG_BAD_VALUE, predicate->place,
                             "no answer takes exactly so long"),
                  "write %s: {at_most: ...}", source_key(source));
    }
    if (check->kind == CHECK_PRICE) check_price(loader, &predicate->expected, &check->price);
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        bool ordered = predicate->kind != PREDICATE_EQUALS;
        if (ranges[i].kind == source)
            check_number(loader, &predicate->expected, &ranges[i], ordered);
    }
}

void refuse_never(struct loader *loader, const struct check *check)
{
    if (!check->source) return;
    for (size_t i = 0; i < check->predicate_count; i++)
        check_predicate(loader, check, &check->predicates[i]);
}
