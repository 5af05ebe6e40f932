/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks that can never fail, as far as the journey alone can tell: what they ask for is so in
 * every answer. A check of several predicates is told only when none of them could fail. Prices
 * are read, which may always fail; they are left out.
 */
#include "answer/html.h"
#include "base/decimal.h"
#include "journey/lint.h"

#include <string.h>

/* --- What is in every answer */

static bool is_number_source(enum source_kind kind)
{
    return kind == SOURCE_STATUS || kind == SOURCE_SIZE || kind == SOURCE_REDIRECTS ||
           kind == SOURCE_DURATION || kind == SOURCE_TIME_TO_FIRST_BYTE;
}

/* An empty page has what every page has: an element that is made up, a sum, a comparison. */
static bool is_on_an_empty_page(const struct extractor *extractor)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    struct html_matches matches = {0};
    struct html *page = html_parse(VIEW_LITERAL(" "), VIEW_NONE, &reason);
    bool found =
        page && html_find(page, extractor->query, extractor->attr, &matches) && matches.count > 0;
    html_matches_release(&matches);
    html_free(page);
    return found;
}

/* --- Patterns */

static bool finds(const struct pattern *pattern, struct view text)
{
    return pattern_find(pattern, text) == PATTERN_MATCH;
}

/* Texts that have nothing in common. What all of them match, and that does not look around for
 * something that must not be there, matches anything. */
static bool matches_anything(const struct pattern *pattern, const char *text)
{
    static const char *const probes[] = {
        "",
        "\n",
        "\r\n\r\n x",
        "0",
        "\xE2\x98\x83 \xC3\xBC",
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopq"
        "rstuvwxyz{|}~",
        "~}|{zyxwvutsrqponmlkjihgfedcba`_^]\\[ZYXWVUTSRQPONMLKJIHGFEDCBA@?>=<;:9876543210/.-,+*)"
        "('&%$#\"! ",
    };
    if (!pattern || strstr(text, "(?!") || strstr(text, "(?<!")) return false;
    for (size_t i = 0; i < COUNT_OF(probes); i++) {
        if (!finds(pattern, view_of(probes[i]))) return false;
    }
    char many[4096];
    memset(many, 'x', sizeof(many));
    return finds(pattern, (struct view){many, sizeof(many)});
}

/* Whether the source gives something for every answer. */
static bool is_always_there(const struct source_spec *source)
{
    const struct extractor *extractor = source->compiled;
    if (source->inner) return false;
    if (is_number_source(source->kind) || source->kind == SOURCE_BODY || source->kind == SOURCE_URL)
        return true;
    if (!extractor) return false;
    if (source->kind == SOURCE_XPATH || source->kind == SOURCE_CSS)
        return is_on_an_empty_page(extractor);
    return source->kind == SOURCE_REGEX &&
           matches_anything(extractor->pattern, extractor->argument);
}

/* --- Predicates */

enum bound { BOUND_BELOW, BOUND_LOWEST, BOUND_INSIDE, BOUND_HIGHEST, BOUND_ABOVE };

/* Where a constant stands among the values that are possible: 100 to 599 for a status, else 0 and
 * up. What is no number is inside. */
static enum bound bound_of(const struct value *constant, bool status)
{
    struct decimal number = {0};
    if (constant->kind == VALUE_NUMBER)
        number = constant->number;
    else if (constant->kind == VALUE_DURATION)
        number = decimal_of(constant->duration_us);
    else
        return BOUND_INSIDE;
    int low = decimal_compare(number, decimal_of(status ? 100 : 0));
    int high = status ? decimal_compare(number, decimal_of(599)) : -1;
    if (low <= 0) return low ? BOUND_BELOW : BOUND_LOWEST;
    if (high >= 0) return high ? BOUND_ABOVE : BOUND_HIGHEST;
    return BOUND_INSIDE;
}

static bool is_outside(const struct operand *operand, bool status)
{
    enum bound bound = BOUND_INSIDE;
    for (size_t i = 0; i < operand->count; i++) {
        if (!is_outside(&operand->items[i], status)) return false;
    }
    if (operand->is_list) return true;
    if (!operand->template) bound = bound_of(&operand->constant, status);
    return bound == BOUND_BELOW || bound == BOUND_ABOVE;
}

static bool type_is(const struct predicate_spec *predicate, const char *const words[2])
{
    const struct value *word = &predicate->expected.constant;
    for (size_t i = 0; i < 2 && words[i] && word->kind == VALUE_TEXT; i++) {
        if (!strcmp(word->text.data, words[i])) return true;
    }
    return false;
}

static bool holds_for_any_number(const struct predicate_spec *predicate, bool status)
{
    static const char *const types[2] = {"number", "integer"};
    const struct operand *expected = &predicate->expected;
    bool compares = !expected->template && !expected->is_list;
    enum bound bound = compares ? bound_of(&expected->constant, status) : BOUND_INSIDE;
    if (predicate->kind == PREDICATE_MORE_THAN) return bound == BOUND_BELOW;
    if (predicate->kind == PREDICATE_AT_LEAST) return bound <= BOUND_LOWEST;
    if (predicate->kind == PREDICATE_LESS_THAN) return bound == BOUND_ABOVE;
    if (predicate->kind == PREDICATE_AT_MOST) return bound >= BOUND_HIGHEST;
    if (predicate->kind == PREDICATE_NOT) return is_outside(expected, status);
    return predicate->kind == PREDICATE_TYPE && type_is(predicate, types);
}

static bool is_empty_text(const struct operand *operand)
{
    for (size_t i = 0; i < operand->count; i++) {
        if (!is_empty_text(&operand->items[i])) return false;
    }
    if (operand->is_list) return true;
    return !operand->template && operand->constant.kind == VALUE_TEXT &&
           !operand->constant.text.length;
}

static bool holds_for_any_text(const struct predicate_spec *predicate)
{
    const struct operand *expected = &predicate->expected;
    if (predicate->kind == PREDICATE_MATCHES)
        return expected->constant.kind == VALUE_TEXT &&
               matches_anything(predicate->pattern, expected->constant.text.data);
    if (predicate->kind == PREDICATE_NOT) return expected->is_list && !expected->count;
    return (predicate->kind == PREDICATE_CONTAINS || predicate->kind == PREDICATE_STARTS_WITH ||
            predicate->kind == PREDICATE_ENDS_WITH) &&
           is_empty_text(expected);
}

static bool holds_for_any_count(const struct predicate_spec *predicate)
{
    for (size_t i = 0; i < predicate->inner_count; i++) {
        if (!holds_for_any_number(&predicate->inner[i], false)) return false;
    }
    return predicate->inner_count > 0;
}

/* `var: x, equals: ${x}` */
static bool compares_with_itself(const struct source_spec *source,
                                 const struct predicate_spec *predicate)
{
    bool same = predicate->kind == PREDICATE_EQUALS || predicate->kind == PREDICATE_CONTAINS ||
                predicate->kind == PREDICATE_AT_LEAST || predicate->kind == PREDICATE_AT_MOST;
    if (!same || source->kind != SOURCE_VAR || source->inner || !source->argument) return false;
    const char *name = template_literal(source->argument);
    const struct expression *other =
        predicate->expected.template ? template_single(predicate->expected.template) : NULL;
    return name && other && other->kind == EXPRESSION_NAME && !strcmp(name, other->name);
}

/* What the step allows no more than anyway: it ends sooner, or follows fewer. */
static bool holds_in_step(const struct step *step, enum source_kind source,
                          const struct predicate_spec *predicate)
{
    const struct operand *expected = &predicate->expected;
    const struct value *most = &expected->constant;
    bool limit = predicate->kind == PREDICATE_AT_MOST || predicate->kind == PREDICATE_LESS_THAN;
    if (!limit || expected->template || expected->is_list) return false;
    bool strict = predicate->kind == PREDICATE_LESS_THAN;
    if (source == SOURCE_DURATION || source == SOURCE_TIME_TO_FIRST_BYTE)
        return most->kind == VALUE_DURATION && most->duration_us >= step->timeout_us + strict;
    return source == SOURCE_REDIRECTS && most->kind == VALUE_NUMBER &&
           decimal_compare(most->number, decimal_of((int64_t)step->follow + strict)) >= 0;
}

/* Every address that a shopper goes to is one of http or https. */
static bool is_start_of_any_url(const struct operand *operand)
{
    for (size_t i = 0; i < operand->count; i++) {
        if (is_start_of_any_url(&operand->items[i])) return true;
    }
    if (operand->is_list || operand->template || operand->constant.kind != VALUE_TEXT) return false;
    return view_starts_with(VIEW_LITERAL("http"), view_of(operand->constant.text.data));
}

static bool always_holds(const struct step *step, const struct source_spec *source,
                         const struct predicate_spec *predicate)
{
    static const char *const texts[2] = {"string", NULL};
    bool alone = !source->inner;
    if (predicate->kind == PREDICATE_EXISTS)
        return predicate->expected.constant.kind == VALUE_BOOL &&
               predicate->expected.constant.boolean && is_always_there(source);
    if (predicate->kind == PREDICATE_COUNT && holds_for_any_count(predicate)) return true;
    if (holds_for_any_text(predicate) || compares_with_itself(source, predicate)) return true;
    if (alone && holds_in_step(step, source->kind, predicate)) return true;
    if (alone && source->kind == SOURCE_URL && predicate->kind == PREDICATE_STARTS_WITH &&
        is_start_of_any_url(&predicate->expected))
        return true;
    if (alone && is_number_source(source->kind))
        return holds_for_any_number(predicate, source->kind == SOURCE_STATUS);
    return alone && (source->kind == SOURCE_BODY || source->kind == SOURCE_URL) &&
           predicate->kind == PREDICATE_TYPE && type_is(predicate, texts);
}

static void lint_check(const struct step *step, const struct check *check, struct diags *diags)
{
    const struct source_spec *source = check->source;
    if (!source || check->kind == CHECK_PRICE) return;
    struct diag *diag = NULL;
    if (!check->predicate_count) {
        if (!is_always_there(source)) return;
        diag = diag_warning(diags, DIAG_CHECK_ALWAYS, check->place,
                            "this check can never fail: every answer has this `%s`",
                            source_key(source->kind));
        diag_hint(diag, "say what it must be, or leave the check out");
        return;
    }
    for (size_t i = 0; i < check->predicate_count; i++) {
        if (!always_holds(step, source, &check->predicates[i])) return;
    }
    diag = diag_warning(diags, DIAG_CHECK_ALWAYS, check->predicates[0].place,
                        "this check can never fail: `%s` holds for whatever `%s` is",
                        predicate_key(check->predicates[0].kind), source_key(source->kind));
    bool exists = check->predicates[0].kind == PREDICATE_EXISTS || is_always_there(source);
    diag_hint(diag, source->kind == SOURCE_STATUS
                        ? "name the statuses that are fine: `status: [200, 404]`"
                    : exists ? "say what it must be, or leave the check out"
                             : "say what it must be; if it only must be there: `exists: true`");
}

void lint_checks(const struct step *step, struct diags *diags)
{
    for (size_t i = 0; i < step->check_count; i++) lint_check(step, &step->checks[i], diags);
}
