/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer held against a step: first what nobody writes (it came whole, no wall, a good status,
 * no GraphQL errors), then the step's checks in their order. The first that does not hold is the
 * failure; a check of time that does not hold only makes the step slow.
 */
#include "answer/wall.h"
#include "base/codec.h"
#include "base/utf8.h"
#include "run/secrets.h"
#include "run/walker.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_CAP ((size_t)64 << 10)
#define EXCERPT_BYTES 400
#define EXCERPT_LOOKED_AT ((size_t)4 << 10)
#define EXCERPT_REDACTED (2 * SECRET_MAX_BYTES)
#define SEEN_BYTES ((size_t)8 << 10)
#define SHOWN_BYTES 200 /* of a value, expected or found */

/* --- Making failures */

static bool is_html(const struct message *message)
{
    char type[100];
    message_media_type(message, type, sizeof type);
    return strstr(type, "html") != NULL;
}

/* What stands before the body of a page is the same on all of them. */
static struct view without_head(struct view text)
{
    static const char tag[] = "<body";
    const size_t length = sizeof tag - 1;
    for (size_t i = 0; i + length <= text.length; i++) {
        size_t same = 0;
        while (same < length && (text.data[i + same] | 0x20) == (tag[same] | 0x20)) same++;
        if (same == length) return view_slice(text, i, text.length);
    }
    return text;
}

static char *excerpt_of(const struct run *run, struct message *message)
{
    AUTO_BUF scratch = BUF_INIT(BUF_OWN_CAP), redacted = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF collapsed = BUF_INIT(EXCERPT_LOOKED_AT);
    /* Before anything is left out: a secret may hold line breaks, and be long. */
    redact_add(run->engine->redactor, &redacted,
               view_slice(message_text(message, &scratch), 0, EXCERPT_REDACTED));
    struct view text = buf_view(&redacted);
    if (is_html(message)) text = without_head(text);
    codec_add_collapsed(&collapsed, text);
    return collapsed.length ? run_clip(run, buf_view(&collapsed), EXCERPT_BYTES) : NULL;
}

/* As a browser shows it; what is no page as it came. */
static bool add_page_text(struct message *message, struct buf *out)
{
    AUTO_BUF trouble = BUF_INIT(BUF_OWN_CAP);
    struct html_matches matches = {0};
    const char *reason;
    size_t offset;
    const struct html *html = is_html(message) ? message_html(message, &reason) : NULL;
    struct html_query *query =
        html ? html_compile_css(VIEW_LITERAL("body"), &offset, &trouble) : NULL;
    bool found = query && html_find(html, query, NULL, &matches) && matches.count;
    if (found) (void)!buf_add(out, matches.items[0].text, matches.items[0].length);
    html_matches_release(&matches);
    html_query_free(query);
    return found;
}

char *checks_seen(const struct run *run, struct message *message)
{
    AUTO_BUF scratch = BUF_INIT(BUF_OWN_CAP), page = BUF_INIT(BUF_OWN_CAP);
    struct view text =
        add_page_text(message, &page) ? buf_view(&page) : message_text(message, &scratch);
    return text.length ? run_clip(run, text, SEEN_BYTES) : NULL;
}

static bool fail(struct failure *failure, enum outcome_kind kind, struct place place,
                 const struct buf *message)
{
    failure->kind = kind;
    failure->place = place;
    failure->message = xstrdup(buf_text(message));
    return false;
}

/* --- What nobody writes */

static bool status_is_good(const struct step *step, struct message *message,
                           struct failure *ret_failure)
{
    if (step->checks_status || message->status < 400) return true;
    AUTO_BUF text = BUF_INIT(TEXT_CAP);
    buf_addf(&text, "status %ld", message->status);
    ret_failure->expected = xstrdup("a status below 400");
    ret_failure->actual = xasprintf("%ld", message->status);
    return fail(ret_failure, OUTCOME_HTTP, step->place, &text);
}

/* As the specification has it, a list of objects; shops also send one object, or words. */
static const char *graphql_message(const cJSON *errors)
{
    const cJSON *first = cJSON_IsArray(errors) ? cJSON_GetArrayItem(errors, 0) : errors;
    if (!cJSON_IsString(first)) first = cJSON_GetObjectItemCaseSensitive(first, "message");
    return cJSON_IsString(first) ? first->valuestring : "(no message)";
}

static bool graphql_is_good(const struct run *run, const struct step *step, struct message *message,
                            struct failure *ret_failure)
{
    if (step->body.kind != BODY_GRAPHQL) return true;
    AUTO_BUF text = BUF_INIT(TEXT_CAP);
    const char *reason = NULL;
    const cJSON *answer = message_json(message, &reason);
    if (!answer) {
        buf_addf(&text, "the GraphQL answer is %s", reason);
        return fail(ret_failure, OUTCOME_CONTENT, step->place, &text);
    }
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(answer, "errors");
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(answer, "data");
    bool none =
        !errors || cJSON_IsNull(errors) || (cJSON_IsArray(errors) && !cJSON_GetArraySize(errors));
    if (none && data && !cJSON_IsNull(data)) return true;
    if (none) {
        buf_add_text(&text, "the GraphQL answer has no data");
    } else {
        AUTO_FREE char *words = run_clip(run, view_of(graphql_message(errors)), SHOWN_BYTES);
        buf_addf(&text, "the GraphQL answer has errors: %s", words);
    }
    return fail(ret_failure, OUTCOME_CONTENT, step->place, &text);
}

/* --- Sources */

static enum outcome_kind kind_of(const struct check *check)
{
    static const enum outcome_kind special[] = {
        [CHECK_PLAIN] = OUTCOME_CONTENT,
        [CHECK_PRICE] = OUTCOME_PRICE,
        [CHECK_CART] = OUTCOME_CART,
        [CHECK_SESSION] = OUTCOME_SESSION,
    };
    if (check->kind != CHECK_PLAIN) return special[check->kind];
    if (check->source->kind == SOURCE_STATUS) return OUTCOME_HTTP;
    if (check->source->kind == SOURCE_DURATION ||
        check->source->kind == SOURCE_TIME_TO_FIRST_BYTE) {
        return OUTCOME_SLOW;
    }
    return OUTCOME_CONTENT;
}

static const struct value *variable_of(void *context, const char *name)
{
    const struct run *run = context;
    return variables_get(&run->variables, name);
}

static bool values_of(struct run *run, const struct source_spec *source, bool prices,
                      struct message *message, struct value *ret_values, struct buf *reason)
{
    struct expander expander = variables_expander(&run->variables);
    struct extractor *owned = NULL;
    const struct extractor *extractor = source_extractor(source, &expander, &owned, reason);
    struct extract_input input = {
        .message = message,
        .now_wall_us = clock_wall_us(loop_clock(run->engine->loop)),
        .prices = prices,
        .variable = variable_of,
        .context = run,
    };
    bool looked = extractor && extract(extractor, &input, ret_values, reason);
    extractor_free(owned);
    return looked;
}

/* --- Prices */

static bool read_price(const struct value *found, const struct price_spec *price,
                       struct money *ret_money, struct buf *reason)
{
    if (found->kind == VALUE_MONEY) {
        *ret_money = found->money;
        return true;
    }
    if (found->kind == VALUE_NULL || found->kind == VALUE_BOOL || found->kind == VALUE_JSON) {
        buf_addf(reason, "the price is %s", value_kind_name(found));
        return false;
    }
    struct money_options options = {
        .currency = price->currency[0] ? price->currency : NULL,
        .minor_units = price->minor_units,
        .json_number = found->kind == VALUE_NUMBER,
    };
    AUTO_BUF text = BUF_INIT(TEXT_CAP);
    value_print(found, &text);
    return money_read(buf_view(&text), &options, ret_money, reason) == MONEY_READ;
}

/* Replaces a list of what was found by one of money; candidates that disagree are no price unless
 * all are asked for. */
static bool read_prices(const struct source_spec *source, const struct price_spec *price,
                        struct value *values, struct buf *reason)
{
    struct value first = VALUE_NOTHING;
    for (size_t i = 0; i < values->list.count; i++) {
        struct value *item = &values->list.items[i];
        struct money money = {0};
        if (!read_price(item, price, &money, reason)) return false;
        value_release(item);
        *item = value_money(money);
        if (i == 0) first = *item;
        if (source->all || i == 0) continue;
        if (decimal_compare(first.money.amount, money.amount)) {
            buf_add_text(reason, "several prices that disagree: ");
            money_print(&first.money, reason);
            buf_add_text(reason, " and ");
            money_print(&money, reason);
            return false;
        }
    }
    return true;
}

/* "nothing", or what stands where a price should. */
static char *found_words(const struct run *run, const struct value *values)
{
    AUTO_BUF text = BUF_INIT(TEXT_CAP);
    if (!values->list.count) return xstrdup("nothing");
    value_print(&values->list.items[0], &text);
    return run_clip(run, buf_view(&text), SHOWN_BYTES);
}

bool check_values(struct run *run, const struct source_spec *source, const struct price_spec *price,
                  bool required, struct message *message, struct value *ret_values,
                  struct failure *ret_failure)
{
    AUTO_BUF reason = BUF_INIT(TEXT_CAP);
    enum outcome_kind kind = price->present ? OUTCOME_PRICE : OUTCOME_CONTENT;
    struct value values = VALUE_NOTHING;
    bool looked = values_of(run, source, price->present, message, &values, &reason), good = looked;
    if (good && !values.list.count && required) good = false;
    if (good && price->present) good = read_prices(source, price, &values, &reason);
    if (!good) {
        if (looked) ret_failure->actual = found_words(run, &values);
        value_release(&values);
        if (message_is_too_large(message)) kind = OUTCOME_TOO_LARGE;
        return fail(ret_failure, kind, source->place, &reason);
    }
    *ret_values = values;
    return true;
}

/* --- Checks as written */

/* "css [itemprop=price]: expected more than 0, found 0.00 EUR" */
static void say_mismatch(const struct check *check, const char *expected, const char *actual,
                         struct buf *out)
{
    struct source_spec *source = check->source;
    if (check->kind == CHECK_PRICE)
        buf_add_text(out, "the price");
    else if (source->compiled)
        extractor_describe(source->compiled, out);
    else
        buf_add_text(out, source_key(source->kind));
    buf_addf(out, ": expected %s, found %s", expected, actual);
}

static bool fail_check(struct run *run, const struct check *check, struct place place,
                       const struct buf *words, struct failure *ret_failure)
{
    fail(ret_failure, kind_of(check), place, words);
    if (!check->message) return false;
    struct expander expander = variables_expander(&run->variables);
    AUTO_BUF said = BUF_INIT(TEXT_CAP), reason = BUF_INIT(TEXT_CAP);
    if (!expand_text(check->message, &expander, &said, &reason)) return false;
    ret_failure->detail = ret_failure->message;
    ret_failure->message = xstrdup(buf_text(&said));
    return false;
}

static bool predicate_met(struct run *run, const struct check *check,
                          const struct predicate_spec *predicate, const struct value *actual,
                          struct failure *ret_failure)
{
    struct expander expander = variables_expander(&run->variables);
    struct value expected = VALUE_NOTHING;
    AUTO_BUF expected_text = BUF_INIT(TEXT_CAP), actual_text = BUF_INIT(TEXT_CAP);
    AUTO_BUF words = BUF_INIT(TEXT_CAP);
    if (predicate->inner_count) {
        struct value count = value_number((int64_t)value_count(actual));
        bool met = true;
        for (size_t i = 0; met && i < predicate->inner_count; i++) {
            met = predicate_met(run, check, &predicate->inner[i], &count, ret_failure);
        }
        return met;
    }
    if (!operand_value(&predicate->expected, &expander, &expected, &words)) {
        return fail_check(run, check, predicate->place, &words, ret_failure);
    }
    struct pattern *pattern = NULL;
    if (predicate->kind == PREDICATE_MATCHES && !predicate->pattern) {
        AUTO_BUF text = BUF_INIT(TEXT_CAP);
        size_t offset = 0;
        value_print(&expected, &text);
        pattern = pattern_compile(buf_view(&text), &offset, &words);
        if (!pattern) {
            value_release(&expected);
            return fail_check(run, check, predicate->place, &words, ret_failure);
        }
    }
    bool met =
        predicate_holds(predicate->kind, actual, &expected, pattern ? pattern : predicate->pattern,
                        &expected_text, &actual_text);
    pattern_free(pattern);
    value_release(&expected);
    if (met) return true;
    ret_failure->expected = run_clip(run, buf_view(&expected_text), SHOWN_BYTES);
    ret_failure->actual = run_clip(run, buf_view(&actual_text), SHOWN_BYTES);
    say_mismatch(check, ret_failure->expected, ret_failure->actual, &words);
    return fail_check(run, check, predicate->place, &words, ret_failure);
}

/* A price of nothing is none, unless the check itself speaks of such amounts. */
static bool price_is_positive(struct run *run, const struct check *check, const struct value *value,
                              struct failure *ret_failure)
{
    if (value->kind == VALUE_LIST) {
        bool positive = true;
        for (size_t i = 0; positive && i < value->list.count; i++)
            positive = price_is_positive(run, check, &value->list.items[i], ret_failure);
        return positive;
    }
    for (size_t i = 0; i < check->predicate_count; i++) {
        enum predicate_kind kind = check->predicates[i].kind;
        if (kind == PREDICATE_EQUALS || kind == PREDICATE_AT_LEAST) return true;
    }
    int sign = value->kind == VALUE_MONEY ? decimal_sign(value->money.amount) : 1;
    if (sign > 0) return true;
    AUTO_BUF words = BUF_INIT(TEXT_CAP), actual = BUF_INIT(TEXT_CAP);
    money_print(&value->money, &actual);
    buf_addf(&words, "the price is %s: %s", sign ? "negative" : "zero", buf_text(&actual));
    ret_failure->expected = xstrdup("more than 0");
    ret_failure->actual = buf_take(&actual);
    return fail_check(run, check, check->place, &words, ret_failure);
}

/* Bounds are held against each price of a list; what asks about a list against the list. */
static bool is_of_each(const struct check *check, const struct predicate_spec *predicate)
{
    enum predicate_kind kind = predicate->kind;
    return check->kind == CHECK_PRICE && kind != PREDICATE_EQUALS && kind != PREDICATE_NOT &&
           kind != PREDICATE_CONTAINS && kind != PREDICATE_COUNT && kind != PREDICATE_EXISTS &&
           kind != PREDICATE_EMPTY;
}

static bool value_meets(struct run *run, const struct check *check, const struct value *value,
                        struct failure *ret_failure)
{
    static const struct predicate_spec exists = {
        .kind = PREDICATE_EXISTS,
        .expected = {.constant = {.kind = VALUE_BOOL, .boolean = true}},
    };
    if (!check->predicate_count) {
        struct predicate_spec there = exists;
        there.place = check->place;
        return predicate_met(run, check, &there, value, ret_failure);
    }
    for (size_t i = 0; i < check->predicate_count; i++) {
        const struct predicate_spec *predicate = &check->predicates[i];
        if (value->kind != VALUE_LIST || !is_of_each(check, predicate)) {
            if (!predicate_met(run, check, predicate, value, ret_failure)) return false;
            continue;
        }
        for (size_t k = 0; k < value->list.count; k++) {
            if (!predicate_met(run, check, predicate, &value->list.items[k], ret_failure))
                return false;
        }
    }
    return true;
}

static bool asks_for_absence(const struct check *check)
{
    for (size_t i = 0; i < check->predicate_count; i++) {
        const struct predicate_spec *predicate = &check->predicates[i];
        if (predicate->kind == PREDICATE_EXISTS || predicate->kind == PREDICATE_EMPTY ||
            predicate->kind == PREDICATE_COUNT) {
            return true;
        }
    }
    return false;
}

/*
 * Whether all that was found is held against the predicates, and not the first alone: where the
 * author says `all`, for a cart of several lines, and where matches that are no arrays themselves
 * are counted.
 */
static bool wants_list(const struct check *check, const struct value *found)
{
    if (check->source->all) return true;
    if (check->kind == CHECK_CART && found->list.count > 1) return true;
    for (size_t i = 0; i < check->predicate_count; i++) {
        if (check->predicates[i].kind != PREDICATE_COUNT) continue;
        return !found->list.count || found->list.items[0].kind != VALUE_JSON;
    }
    return false;
}

static bool check_holds(struct run *run, const struct check *check, struct message *message,
                        struct failure *ret_failure)
{
    struct value values = VALUE_NOTHING;
    bool required = !asks_for_absence(check);
    if (!check_values(run, check->source, &check->price, required, message, &values, ret_failure)) {
        AUTO_BUF words = BUF_INIT(TEXT_CAP);
        char *actual = take(ret_failure->actual);
        buf_add_text(&words, ret_failure->message);
        bool too_large = ret_failure->kind == OUTCOME_TOO_LARGE;
        failure_release(ret_failure);
        ret_failure->actual = actual;
        fail_check(run, check, check->place, &words, ret_failure);
        if (too_large) ret_failure->kind = OUTCOME_TOO_LARGE;
        return false;
    }
    bool holds = check->kind != CHECK_PRICE || price_is_positive(run, check, &values, ret_failure);
    if (holds && wants_list(check, &values)) {
        holds = value_meets(run, check, &values, ret_failure);
    } else if (holds) {
        struct value first = value_element(&values, 0);
        holds = value_meets(run, check, &first, ret_failure);
        value_release(&first);
    }
    value_release(&values);
    return holds;
}

static bool explicit_hold(struct run *run, const struct step *step, struct message *message,
                          struct failure *ret_failure)
{
    struct failure slow = {.kind = OUTCOME_PASS};
    for (size_t i = 0; i < step->check_count; i++) {
        struct failure failure = {.kind = OUTCOME_PASS};
        if (check_holds(run, &step->checks[i], message, &failure)) continue;
        if (failure.kind != OUTCOME_SLOW) {
            failure_release(&slow);
            *ret_failure = failure;
            return false;
        }
        if (slow.kind == OUTCOME_PASS)
            slow = failure;
        else
            failure_release(&failure);
    }
    *ret_failure = slow;
    return true;
}

static bool transport_is_good(const struct step *step, struct http_result *result,
                              struct failure *ret_failure)
{
    if (result->kind == OUTCOME_PASS) return true;
    ret_failure->kind = result->kind;
    ret_failure->place = step->place;
    ret_failure->message = xstrdup(result->detail ? result->detail : outcome_help(result->kind));
    ret_failure->expected = take(result->expected);
    ret_failure->actual = take(result->actual);
    return false;
}

static void add_words(struct failure *failure, const struct buf *more)
{
    char **words = failure->detail ? &failure->detail : &failure->message;
    char *bare = *words;
    *words = xasprintf("%s (%s)", bare, buf_text(more));
    free(bare);
}

/* "status: expected 200, found 404 (after a redirect to ...)": whose status it is. */
static void name_redirect(const struct run *run, const struct message *message,
                          struct failure *failure)
{
    if (failure->kind != OUTCOME_HTTP || !message->redirects || !message->url) return;
    AUTO_FREE char *url = run_clip(run, view_of(message->url), SHOWN_BYTES);
    AUTO_BUF more = BUF_INIT(BUF_OWN_CAP);
    if (message->redirects > 1)
        buf_addf(&more, "after %u redirects, the last to %s", message->redirects, url);
    else
        buf_addf(&more, "after a redirect to %s", url);
    add_words(failure, &more);
}

/* So a proxy answers in the place of a shop that it cannot reach. */
static void name_proxy(const struct http_result *result, struct failure *failure)
{
    long status = result->message->status;
    if (failure->kind != OUTCOME_HTTP || !result->proxy || status < 502 || status > 504) return;
    AUTO_BUF more = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&more, "through the proxy %s", result->proxy);
    add_words(failure, &more);
}

/* What failed may be a wall's doing; then it is not the shop's fault. */
static void blame_wall(const struct step *step, struct message *message,
                       struct failure *ret_failure)
{
    AUTO_BUF reason = BUF_INIT(TEXT_CAP);
    if (!wall_recognise(message, &reason)) return;
    failure_release(ret_failure);
    fail(ret_failure, OUTCOME_BLOCKED, step->place, &reason);
}

bool checks_hold(struct run *run, const struct step *step, struct http_result *result,
                 struct failure *ret_failure)
{
    struct message *message = result->message;
    if (!transport_is_good(step, result, ret_failure)) return false;
    bool good = !wall_announced(message) && status_is_good(step, message, ret_failure) &&
                graphql_is_good(run, step, message, ret_failure) &&
                explicit_hold(run, step, message, ret_failure);
    if (good) return true;
    name_redirect(run, message, ret_failure);
    name_proxy(result, ret_failure);
    blame_wall(step, message, ret_failure);
    ret_failure->excerpt = excerpt_of(run, message);
    return false;
}

/* Whether the first predicate that does not hold could be held against the value at all. */
static bool was_compared(struct run *run, const struct check *check, const struct value *value)
{
    struct expander expander = variables_expander(&run->variables);
    for (size_t i = 0; i < check->predicate_count; i++) {
        const struct predicate_spec *predicate = &check->predicates[i];
        struct failure ignored = {.kind = OUTCOME_PASS};
        bool met = predicate_met(run, check, predicate, value, &ignored);
        failure_release(&ignored);
        if (met) continue;
        if (predicate->inner_count) return true;
        struct value expected = VALUE_NOTHING;
        AUTO_BUF reason = BUF_INIT(TEXT_CAP);
        if (!operand_value(&predicate->expected, &expander, &expected, &reason)) return false;
        bool applies = predicate_applies(predicate->kind, value, &expected, predicate->pattern);
        value_release(&expected);
        return applies;
    }
    return true;
}

static bool condition_was_told(struct run *run, const struct check *check)
{
    struct value values = VALUE_NOTHING, first = VALUE_NOTHING;
    AUTO_BUF reason = BUF_INIT(TEXT_CAP);
    if (!values_of(run, check->source, false, NULL, &values, &reason)) return false;
    first = value_element(&values, 0);
    bool told = was_compared(run, check, wants_list(check, &values) ? &values : &first);
    value_release(&first);
    value_release(&values);
    return told;
}

enum condition check_condition(struct run *run, const struct check *check, struct buf *reason)
{
    struct failure failure = {.kind = OUTCOME_PASS};
    if (check_holds(run, check, NULL, &failure)) return CONDITION_HOLDS;
    bool told = condition_was_told(run, check);
    if (!told) buf_addf(reason, "`when` cannot be told: %s", failure.message);
    failure_release(&failure);
    return told ? CONDITION_HOLDS_NOT : CONDITION_UNTOLD;
}
