/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See predicate.h. Two values are brought to a common kind and then compared; where there is none
 * the answer is neither yes nor no but a failure that says why, for `not` as well.
 */
#include "answer/predicate.h"

#include "answer/json.h"
#include "answer/pattern.h"
#include "base/alloc.h"
#include "base/utf8.h"
#include "text/quantity.h"

#include <string.h>

#define SHOWN_BYTES 4096 /* who shows it redacts it first, then cuts it to a line */
#define WHY_BYTES (2 * SHOWN_BYTES)

static const struct {
    const char *key, *help;
    enum operand_kind operand;
} predicates[PREDICATE_KIND_COUNT] = {
#define X(name, key, operand, help) {key, help, OPERAND_##operand},
    PREDICATES(X)
#undef X
};

const char *predicate_key(enum predicate_kind kind)
{
    ASSERT(kind < PREDICATE_KIND_COUNT);
    return predicates[kind].key;
}

const char *predicate_help(enum predicate_kind kind)
{
    ASSERT(kind < PREDICATE_KIND_COUNT);
    return predicates[kind].help;
}

enum operand_kind predicate_operand(enum predicate_kind kind)
{
    ASSERT(kind < PREDICATE_KIND_COUNT);
    return predicates[kind].operand;
}

/* --- Comparing */

enum relation { LESS, SAME, GREATER, DIFFERENT /* and neither is greater */, INCOMPARABLE };

static struct view text_of(const struct value *value)
{
    return (struct view){value->text.data, value->text.length};
}

static enum relation relation_of(int order)
{
    return order < 0 ? LESS : order > 0 ? GREATER : SAME;
}

static enum relation incomparable(const struct value *actual, const struct value *expected,
                                  struct buf *why)
{
    buf_addf(why, "%s cannot be compared with %s", value_kind_name(actual),
             value_kind_name(expected));
    return INCOMPARABLE;
}

/* Money as it stands, a bare number as an amount, text as people write prices. */
static bool read_money(const struct value *value, const char *currency, struct money *ret_money,
                       struct buf *why)
{
    if (value->kind == VALUE_MONEY) {
        *ret_money = value->money;
        return true;
    }
    if (value->kind == VALUE_NUMBER) {
        *ret_money = (struct money){.amount = value->number};
        return true;
    }
    struct money_options options = {.currency = *currency ? currency : NULL};
    return money_read(text_of(value), &options, ret_money, why) == MONEY_READ;
}

static enum relation compare_money(const struct value *actual, const struct value *expected,
                                   struct buf *why)
{
    const char *currency =
        actual->kind == VALUE_MONEY ? actual->money.currency : expected->money.currency;
    struct money a, b;
    if (!read_money(actual, currency, &a, why)) return INCOMPARABLE;
    if (!read_money(expected, currency, &b, why)) return INCOMPARABLE;
    if (!money_may_be_one_currency(&a, &b)) {
        buf_addf(why, "%s cannot be compared with %s", money_currency_words(&a),
                 money_currency_words(&b));
        return INCOMPARABLE;
    }
    return relation_of(decimal_compare(a.amount, b.amount));
}

static bool read_duration(const struct value *value, int64_t *ret_us, struct buf *why)
{
    if (value->kind == VALUE_DURATION) {
        *ret_us = value->duration_us;
        return true;
    }
    if (quantity_duration(text_of(value), ret_us) == QUANTITY_OK) return true;
    value_describe(value, SHOWN_BYTES, why);
    buf_add_text(why, " is no duration");
    return false;
}

static enum relation compare_durations(const struct value *actual, const struct value *expected,
                                       struct buf *why)
{
    int64_t a, b;
    if (!read_duration(actual, &a, why) || !read_duration(expected, &b, why)) return INCOMPARABLE;
    return relation_of((a > b) - (a < b));
}

/* Text counts as a number where it is one by JSON's rules, and as a size in bytes ("2MB"). */
static bool read_number(const struct value *value, bool sizes, struct decimal *ret_number)
{
    uint64_t bytes;
    if (value->kind == VALUE_NUMBER) {
        *ret_number = value->number;
        return true;
    }
    struct view text = text_of(value);
    if (text.length && text.data[0] != '+' && decimal_parse(text, ret_number)) return true;
    if (!sizes || quantity_size(text, &bytes) != QUANTITY_OK || bytes > INT64_MAX) return false;
    *ret_number = decimal_of((int64_t)bytes);
    return true;
}

static enum relation compare_numbers(const struct value *actual, const struct value *expected,
                                     struct buf *why)
{
    struct decimal a, b;
    if (read_number(actual, false, &a) && read_number(expected, true, &b)) {
        return relation_of(decimal_compare(a, b));
    }
    return incomparable(actual, expected, why);
}

static bool is_number_text(const struct value *value)
{
    struct decimal number;
    return read_number(value, false, &number);
}

static enum relation compare_texts(const struct value *actual, const struct value *expected,
                                   bool ordered, struct buf *why)
{
    struct view a = text_of(actual), b = text_of(expected);
    if (!ordered) return view_equals(a, b) ? SAME : DIFFERENT;
    bool a_number = is_number_text(actual), b_number = is_number_text(expected);
    if (a_number && b_number) return compare_numbers(actual, expected, why);
    if (!a_number && !b_number) return relation_of(view_compare(a, b));
    value_describe(a_number ? expected : actual, SHOWN_BYTES, why);
    buf_add_text(why, " is no number");
    return INCOMPARABLE;
}

static bool is_long_number(const struct value *value)
{
    return value->kind == VALUE_TEXT && value->text.is_number;
}

static bool is_number_or_text(const struct value *value)
{
    return value->kind == VALUE_TEXT || value->kind == VALUE_NUMBER;
}

/* One that no decimal holds is none of those that a decimal does. */
static enum relation compare_long_numbers(const struct value *actual, const struct value *expected,
                                          bool ordered, struct buf *why)
{
    if (!ordered && actual->kind != expected->kind) return DIFFERENT;
    if (!ordered) return view_equals(text_of(actual), text_of(expected)) ? SAME : DIFFERENT;
    value_describe(is_long_number(actual) ? actual : expected, SHOWN_BYTES, why);
    buf_add_text(why, " is too long a number to be more or less than another");
    return INCOMPARABLE;
}

static enum relation compare_bools(const struct value *actual, const struct value *expected,
                                   struct buf *why)
{
    bool sides[2] = {false, false};
    const struct value *values[2] = {actual, expected};
    for (int i = 0; i < 2; i++) {
        bool text = values[i]->kind == VALUE_TEXT;
        if (values[i]->kind == VALUE_BOOL)
            sides[i] = values[i]->boolean;
        else if (text && view_is(text_of(values[i]), "true"))
            sides[i] = true;
        else if (!text || !view_is(text_of(values[i]), "false"))
            return incomparable(actual, expected, why);
    }
    return sides[0] == sides[1] ? SAME : DIFFERENT;
}

static bool is_collection(const struct value *value)
{
    return value->kind == VALUE_LIST || value->kind == VALUE_JSON;
}

static bool is_array(const struct value *value)
{
    return value->kind == VALUE_LIST || (value->kind == VALUE_JSON && cJSON_IsArray(value->json));
}

static enum relation compare_collections(const struct value *actual, const struct value *expected)
{
    cJSON *a = value_to_json(actual), *b = value_to_json(expected);
    bool same = json_equal(a, b);
    cJSON_Delete(a);
    cJSON_Delete(b);
    return same ? SAME : DIFFERENT;
}

static bool either_is(enum value_kind kind, const struct value *a, const struct value *b)
{
    return a->kind == kind || b->kind == kind;
}

/* Whether both are of `kind`, or one is and the other is text or, for money, a number. */
static bool both_read_as(enum value_kind kind, const struct value *a, const struct value *b)
{
    if (!either_is(kind, a, b)) return false;
    const struct value *other = a->kind == kind ? b : a;
    bool number = kind == VALUE_MONEY && other->kind == VALUE_NUMBER;
    return other->kind == kind || other->kind == VALUE_TEXT || number;
}

static enum relation compare(const struct value *actual, const struct value *expected, bool ordered,
                             struct buf *why)
{
    if (either_is(VALUE_NULL, actual, expected) && !ordered) {
        if (actual->kind == expected->kind) return SAME;
        if (expected->kind == VALUE_NULL) return DIFFERENT;
    }
    if ((is_long_number(actual) && is_number_or_text(expected)) ||
        (is_long_number(expected) && is_number_or_text(actual)))
        return compare_long_numbers(actual, expected, ordered, why);
    if (both_read_as(VALUE_MONEY, actual, expected)) return compare_money(actual, expected, why);
    if (both_read_as(VALUE_DURATION, actual, expected))
        return compare_durations(actual, expected, why);
    if (both_read_as(VALUE_NUMBER, actual, expected)) return compare_numbers(actual, expected, why);
    if (both_read_as(VALUE_BOOL, actual, expected) && !ordered)
        return compare_bools(actual, expected, why);
    if (actual->kind == VALUE_TEXT && expected->kind == VALUE_TEXT)
        return compare_texts(actual, expected, ordered, why);
    if (is_collection(actual) && is_collection(expected) && !ordered)
        return compare_collections(actual, expected);
    if (actual->kind != expected->kind) return incomparable(actual, expected, why);
    buf_addf(why, "%s is neither more nor less than another", value_kind_name(actual));
    return INCOMPARABLE;
}

/* --- Predicates. Each says whether it holds; `why` gets text where nothing could be compared. */

struct asked {
    enum predicate_kind kind;
    const struct value *actual, *expected;
    const struct pattern *pattern;
    struct buf *why;
};

/* Goes through a list or an array once: cJSON's arrays are chains. */
struct elements {
    const struct value *list;
    size_t index;
    const cJSON *child;
};

static struct elements elements_of(const struct value *list)
{
    return (struct elements){list, 0, list->kind == VALUE_JSON ? list->json->child : NULL};
}

/* False: no more. The value is a copy. */
static bool elements_next(struct elements *elements, struct value *ret_value)
{
    const struct value *list = elements->list;
    if (list->kind == VALUE_LIST) {
        if (elements->index >= list->list.count) return false;
        *ret_value = value_copy(&list->list.items[elements->index++]);
        return true;
    }
    if (!elements->child) return false;
    *ret_value = value_from_json(elements->child);
    elements->child = elements->child->next;
    return true;
}

/* SAME when one element is; INCOMPARABLE only when none could be compared. */
static enum relation compare_with_elements(const struct value *list, const struct value *one,
                                           bool list_is_actual, struct buf *why)
{
    AUTO_BUF ignored = BUF_INIT(WHY_BYTES);
    size_t count = 0, incomparables = 0;
    struct elements elements = elements_of(list);
    for (struct value element; elements_next(&elements, &element); count++) {
        buf_clear(&ignored);
        enum relation relation = list_is_actual ? compare(&element, one, false, &ignored)
                                                : compare(one, &element, false, &ignored);
        value_release(&element);
        if (relation == SAME) return SAME;
        incomparables += relation == INCOMPARABLE;
    }
    if (!incomparables) return DIFFERENT;
    if (incomparables == count) buf_add_view(why, buf_view(&ignored));
    return incomparables == count ? INCOMPARABLE : DIFFERENT;
}

static enum relation equality(const struct asked *asked)
{
    if (is_array(asked->expected) && !is_array(asked->actual)) {
        return compare_with_elements(asked->expected, asked->actual, false, asked->why);
    }
    return compare(asked->actual, asked->expected, false, asked->why);
}

static bool equals_holds(const struct asked *asked)
{
    return equality(asked) == SAME;
}

static bool not_holds(const struct asked *asked)
{
    enum relation relation = equality(asked);
    return relation != SAME && relation != INCOMPARABLE;
}

static bool order_holds(const struct asked *asked)
{
    enum relation relation = compare(asked->actual, asked->expected, true, asked->why);
    switch (relation) {
    case LESS: return asked->kind == PREDICATE_LESS_THAN || asked->kind == PREDICATE_AT_MOST;
    case SAME: return asked->kind == PREDICATE_AT_LEAST || asked->kind == PREDICATE_AT_MOST;
    case GREATER: return asked->kind == PREDICATE_MORE_THAN || asked->kind == PREDICATE_AT_LEAST;
    case DIFFERENT:
    case INCOMPARABLE: return false;
    }
    return false;
}

/* Text of what can stand as text; a list or an object has none. */
static bool print_actual(const struct asked *asked, struct buf *out)
{
    if (is_collection(asked->actual) || asked->actual->kind == VALUE_NULL) {
        buf_addf(asked->why, "%s is not text", value_kind_name(asked->actual));
        return false;
    }
    value_print(asked->actual, out);
    return true;
}

/* Every text contains, begins and ends with empty text: that would be a check of nothing. */
static bool print_expected(const struct asked *asked, const struct value *expected, struct buf *out)
{
    value_print(expected, out);
    if (!out->length) buf_add_text(asked->why, "the text to look for is empty");
    return out->length > 0;
}

static bool contains_one(const struct asked *asked, const struct value *one)
{
    const struct value *actual = asked->actual;
    if (is_array(actual)) return compare_with_elements(actual, one, true, asked->why) == SAME;
    AUTO_BUF needle = BUF_INIT(SIZE_MAX / 4), text = BUF_INIT(SIZE_MAX / 4);
    if (!print_expected(asked, one, &needle)) return false;
    if (actual->kind == VALUE_JSON) {
        return cJSON_GetObjectItemCaseSensitive(actual->json, buf_text(&needle));
    }
    if (!print_actual(asked, &text)) return false;
    return view_find(buf_view(&text), buf_view(&needle)) != SIZE_MAX;
}

static bool contains_holds(const struct asked *asked)
{
    if (!is_array(asked->expected)) return contains_one(asked, asked->expected);
    bool all = value_count(asked->expected) > 0;
    if (!all) buf_add_text(asked->why, "the list to look for is empty");
    struct elements elements = elements_of(asked->expected);
    for (struct value element; all && elements_next(&elements, &element);) {
        all = contains_one(asked, &element);
        value_release(&element);
    }
    return all;
}

static bool matches_holds(const struct asked *asked)
{
    AUTO_BUF text = BUF_INIT(SIZE_MAX / 4);
    if (!asked->pattern || !print_actual(asked, &text)) return false;
    switch (pattern_find(asked->pattern, buf_view(&text))) {
    case PATTERN_MATCH: return true;
    case PATTERN_NO_MATCH: return false;
    case PATTERN_GAVE_UP:
        buf_add_text(asked->why, "the expression has too many ways to try it; write it without "
                                 "repetitions inside of repetitions");
        break;
    }
    return false;
}

static bool ends_hold(const struct asked *asked)
{
    AUTO_BUF text = BUF_INIT(SIZE_MAX / 4), piece = BUF_INIT(SIZE_MAX / 4);
    if (!print_actual(asked, &text) || !print_expected(asked, asked->expected, &piece))
        return false;
    return asked->kind == PREDICATE_STARTS_WITH
               ? view_starts_with(buf_view(&text), buf_view(&piece))
               : view_ends_with(buf_view(&text), buf_view(&piece));
}

/* What a true/false operand says. Not a boolean: `why` says so. */
static bool expected_bool(const struct asked *asked, bool *ret_bool)
{
    const struct value *expected = asked->expected;
    AUTO_BUF ignored = BUF_INIT(WHY_BYTES);
    struct value yes = value_bool(true);
    enum relation relation = INCOMPARABLE;
    if (both_read_as(VALUE_BOOL, &yes, expected))
        relation = compare_bools(&yes, expected, &ignored);
    if (relation == INCOMPARABLE) {
        value_describe(expected, SHOWN_BYTES, asked->why);
        buf_add_text(asked->why, " is neither true nor false");
    }
    *ret_bool = relation == SAME;
    return relation != INCOMPARABLE;
}

static bool value_is_there(const struct value *value)
{
    return value->kind != VALUE_ABSENT && (value->kind != VALUE_LIST || value->list.count);
}

static bool exists_holds(const struct asked *asked)
{
    bool wanted;
    return expected_bool(asked, &wanted) && wanted == value_is_there(asked->actual);
}

static bool empty_holds(const struct asked *asked)
{
    const struct value *actual = asked->actual;
    bool wanted, empty = actual->kind == VALUE_NULL;
    if (actual->kind == VALUE_TEXT) empty = !actual->text.length;
    if (is_collection(actual)) empty = !value_count(actual);
    return expected_bool(asked, &wanted) && wanted == empty;
}

static bool count_holds(const struct asked *asked)
{
    struct value count = value_number((int64_t)value_count(asked->actual));
    return compare(&count, asked->expected, false, asked->why) == SAME;
}

static bool is_whole(const struct value *value)
{
    if (value->kind == VALUE_NUMBER) return !decimal_normal(value->number).scale;
    struct view digits = text_of(value);
    return view_find(digits, VIEW_LITERAL(".")) == SIZE_MAX &&
           view_find(digits, VIEW_LITERAL("e-")) == SIZE_MAX;
}

static bool is_type(const struct value *value, struct view type, bool *ret_known)
{
    static const struct {
        const char *name;
        enum value_kind kind;
    } types[] = {
        {"string", VALUE_TEXT},  {"number", VALUE_NUMBER}, {"integer", VALUE_NUMBER},
        {"boolean", VALUE_BOOL}, {"null", VALUE_NULL},     {"money", VALUE_MONEY},
    };
    *ret_known = true;
    if (view_is(type, "array")) return is_array(value);
    if (view_is(type, "object")) return value->kind == VALUE_JSON && !is_array(value);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (!view_is(type, types[i].name)) continue;
        if ((is_long_number(value) ? VALUE_NUMBER : value->kind) != types[i].kind) return false;
        return !view_is(type, "integer") || is_whole(value);
    }
    *ret_known = false;
    return false;
}

static bool type_holds(const struct asked *asked)
{
    AUTO_BUF type = BUF_INIT(BUF_OWN_CAP);
    value_print(asked->expected, &type);
    bool known;
    bool holds = is_type(asked->actual, buf_view(&type), &known);
    if (!known) buf_add_text(asked->why, "there is no such type");
    return holds;
}

static const struct {
    bool (*holds)(const struct asked *asked);
    const char *words; /* in front of what is expected */
} kinds[PREDICATE_KIND_COUNT] = {
    [PREDICATE_EQUALS] = {equals_holds, ""},
    [PREDICATE_NOT] = {not_holds, "not "},
    [PREDICATE_CONTAINS] = {contains_holds, "to contain "},
    [PREDICATE_MATCHES] = {matches_holds, "to match "},
    [PREDICATE_STARTS_WITH] = {ends_hold, "to start with "},
    [PREDICATE_ENDS_WITH] = {ends_hold, "to end with "},
    [PREDICATE_MORE_THAN] = {order_holds, "more than "},
    [PREDICATE_AT_LEAST] = {order_holds, "at least "},
    [PREDICATE_LESS_THAN] = {order_holds, "less than "},
    [PREDICATE_AT_MOST] = {order_holds, "at most "},
    [PREDICATE_EXISTS] = {exists_holds, ""},
    [PREDICATE_EMPTY] = {empty_holds, ""},
    [PREDICATE_COUNT] = {count_holds, "a count of "},
    [PREDICATE_TYPE] = {type_holds, "the type "},
};

/* --- Words */

static void say_pattern(const struct value *expected, struct buf *out)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    value_print(expected, &text);
    if (text.length)
        buf_addf(out, "/%.*s/", VIEW_PRINTF(utf8_clip(buf_view(&text), SHOWN_BYTES)));
    else
        buf_add_text(out, "the expression");
}

/* Durations, sizes, types and patterns stand as they were written; other text in quotes. */
static void say_operand(const struct asked *asked, struct buf *out)
{
    const struct value *expected = asked->expected;
    bool bare = asked->kind == PREDICATE_TYPE || asked->actual->kind == VALUE_DURATION;
    if (expected->kind != VALUE_TEXT || !bare) {
        value_describe(expected, SHOWN_BYTES, out);
        return;
    }
    buf_add_view(out, utf8_clip(text_of(expected), SHOWN_BYTES));
}

static void say_expected(const struct asked *asked, struct buf *out)
{
    AUTO_BUF ignored = BUF_INIT(WHY_BYTES);
    struct asked quiet = *asked;
    quiet.why = &ignored;
    bool wanted = true, known = expected_bool(&quiet, &wanted);
    if (known && asked->kind == PREDICATE_EXISTS) {
        buf_add_text(out, wanted ? "something" : "nothing");
    } else if (known && asked->kind == PREDICATE_EMPTY) {
        buf_add_text(out, wanted ? "an empty value" : "one that is not empty");
    } else if (asked->kind == PREDICATE_MATCHES) {
        buf_add_text(out, kinds[asked->kind].words);
        say_pattern(asked->expected, out);
    } else {
        bool several = is_array(asked->expected);
        bool one_of = asked->kind == PREDICATE_EQUALS || asked->kind == PREDICATE_NOT;
        buf_add_text(out, kinds[asked->kind].words);
        if (several && one_of && !is_array(asked->actual)) buf_add_text(out, "one of ");
        say_operand(asked, out);
    }
}

static void say_actual(const struct asked *asked, struct buf *out)
{
    if (asked->actual->kind == VALUE_ABSENT) {
        buf_add_text(out, "nothing");
        return;
    }
    if (asked->kind == PREDICATE_TYPE && asked->actual->kind != VALUE_NULL)
        buf_addf(out, "%s ", value_kind_name(asked->actual));
    if (asked->kind == PREDICATE_COUNT)
        buf_addf(out, "%zu", value_count(asked->actual));
    else
        value_describe(asked->actual, SHOWN_BYTES, out);
    if (asked->why->length) buf_addf(out, " (%s)", buf_text(asked->why));
}

bool predicate_holds(enum predicate_kind kind, const struct value *actual,
                     const struct value *expected, const struct pattern *pattern,
                     struct buf *expected_text, struct buf *actual_text)
{
    ASSERT(kind < PREDICATE_KIND_COUNT);
    AUTO_BUF why = BUF_INIT(WHY_BYTES);
    struct asked asked = {kind, actual, expected, pattern, &why};
    bool there = actual->kind != VALUE_ABSENT || kind == PREDICATE_EXISTS;
    bool operand = expected->kind != VALUE_ABSENT || kind == PREDICATE_MATCHES;
    if (!operand) buf_add_text(&why, "there is nothing to compare it with");
    if (there && operand && kinds[kind].holds(&asked)) return true;
    say_expected(&asked, expected_text);
    say_actual(&asked, actual_text);
    return false;
}

bool predicate_applies(enum predicate_kind kind, const struct value *actual,
                       const struct value *expected, const struct pattern *pattern)
{
    ASSERT(kind < PREDICATE_KIND_COUNT);
    AUTO_BUF why = BUF_INIT(WHY_BYTES);
    struct asked asked = {kind, actual, expected, pattern, &why};
    if (actual->kind == VALUE_ABSENT) return true;
    if (expected->kind == VALUE_ABSENT && kind != PREDICATE_MATCHES) return false;
    return kinds[kind].holds(&asked) || !why.length;
}
