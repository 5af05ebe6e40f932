/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See money.h. The text is cut into numbers, names of currencies and anything else; then all
 * numbers must be one amount and all names one currency. It deliberately does not pick the likelier
 * of several: a price that a shopper could misread is told, not guessed.
 */
#include "answer/money.h"
#include "answer/money_number.h"
#include "answer/money_symbol.h"
#include "answer/money_text.h"
#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <string.h>

#define MAX_TEXT_BYTES 16384
#define QUOTED_BYTES 4096 /* who shows it redacts it first, then cuts it to a line */

enum token_kind { TOKEN_NUMBER, TOKEN_MENTION, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    size_t start, end;
    struct view number, cents; /* "12€50" has its cents behind the symbol */
    bool negative;
    bool rounded; /* "2k", "3M": a figure of speech, no price */
    struct money_mention mention;
};

struct reader {
    struct view plain;
    VEC(struct token) tokens;
    size_t numbers, others;
};

static char char_at(const struct reader *reader, size_t at)
{
    return at < reader->plain.length ? reader->plain.data[at] : '\0';
}

static bool is_dash(char c)
{
    return c == '-' || c == MONEY_LONG_DASH;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_spaces(const struct reader *reader, size_t at)
{
    while (char_at(reader, at) == ' ') at++;
    return at;
}

static const struct token *token_before(const struct reader *reader, size_t back)
{
    return reader->tokens.count >= back ? &reader->tokens.items[reader->tokens.count - back] : NULL;
}

/* --- Signs */

/* Whether a minus stands in front of `at`; `before` is the token before that, if any. A dash that
 * joins ("MUG-42", "5-9") or stands between words is none. */
static bool minus_before(const struct reader *reader, size_t at, const struct token *before)
{
    size_t floor = before ? before->end : 0;
    size_t dash = at;
    while (dash > floor && char_at(reader, dash - 1) == ' ') dash--;
    if (dash == floor || !is_dash(char_at(reader, dash - 1))) return false;
    dash--;
    if (!before) return true;
    if (dash + 1 < at) return false;
    return before->kind == TOKEN_MENTION || dash > floor;
}

static bool is_negative(const struct reader *reader, size_t start)
{
    const struct token *before = token_before(reader, 1);
    char first = char_at(reader, start);
    /* "–.95" is how Swiss shops write 0.95. */
    if ((first == '.' || first == ',') && start && char_at(reader, start - 1) == MONEY_LONG_DASH)
        return false;
    if (minus_before(reader, start, before)) return true;
    if (!before || before->kind != TOKEN_MENTION) return false;
    return minus_before(reader, before->start, token_before(reader, 2));
}

/* --- Numbers */

/* The dashes that stand for no cents (",-" ".–" ",--" "/-" ":-"). */
static size_t no_cents_end(const struct reader *reader, size_t at)
{
    size_t next = skip_spaces(reader, at);
    char c = char_at(reader, next);
    if (c != '.' && c != ',' && c != '/' && c != ':') return at;
    next = skip_spaces(reader, next + 1);
    size_t dashes = next;
    while (is_dash(char_at(reader, next))) next++;
    return next > dashes && !is_digit(char_at(reader, next)) ? next : at;
}

/* A minus behind the number, as accountants write it. */
static bool minus_behind(const struct reader *reader, size_t at)
{
    if (char_at(reader, at) != '-') return false;
    uint32_t behind = money_text_at(reader->plain, at + 1);
    struct money_mention mention;
    return behind == ' ' || behind == ')' || money_mention_at(reader->plain, at + 1, &mention);
}

static bool mention_near(const struct reader *reader, size_t at)
{
    struct money_mention mention;
    return money_mention_at(reader->plain, skip_spaces(reader, at), &mention);
}

/* "12€50": two digits behind a symbol that stands for the point, and no other currency that could
 * make two prices of it. */
static struct view cents_behind(const struct reader *reader, const struct token *number)
{
    struct money_mention mention;
    const struct token *before = token_before(reader, 1);
    if (before && before->kind == TOKEN_MENTION) return VIEW_NONE;
    if (!money_mention_at(reader->plain, number->end, &mention) || mention.word) return VIEW_NONE;
    size_t at = number->end + mention.text.length;
    size_t end = is_digit(char_at(reader, at)) ? money_number_end(reader->plain, at) : at;
    if (end - at != 2 || mention_near(reader, end)) return VIEW_NONE;
    return view_slice(reader->plain, at, 2);
}

static bool is_rounded(const struct reader *reader, size_t at)
{
    char c = char_at(reader, at);
    return c && strchr("kKmM", c) && !money_text_is_letter(money_text_at(reader->plain, at + 1));
}

static void add_other(struct reader *reader, size_t at, size_t end)
{
    struct token *last = reader->tokens.count ? vec_last(&reader->tokens) : NULL;
    reader->others++;
    if (last && last->kind == TOKEN_OTHER && last->end == at) {
        last->end = end;
        return;
    }
    vec_push(&reader->tokens, ((struct token){.kind = TOKEN_OTHER, .start = at, .end = end}));
}

static size_t add_mention(struct reader *reader, size_t at, const struct money_mention *mention)
{
    size_t end = at + mention->text.length;
    vec_push(&reader->tokens,
             ((struct token){.kind = TOKEN_MENTION, .start = at, .end = end, .mention = *mention}));
    return end;
}

static size_t add_number(struct reader *reader, size_t at)
{
    struct token token = {.kind = TOKEN_NUMBER, .start = at};
    token.end = money_number_end(reader->plain, at);
    token.number = view_slice(reader->plain, at, token.end - at);
    size_t percent = skip_spaces(reader, token.end);
    if (char_at(reader, percent) == '%') { /* a discount or a tax */
        add_other(reader, at, percent + 1);
        return percent + 1;
    }
    token.negative = is_negative(reader, at);
    token.rounded = is_rounded(reader, token.end);
    token.cents = cents_behind(reader, &token);
    if (minus_behind(reader, token.end)) {
        token.negative = true;
        token.end++;
    } else {
        token.end = no_cents_end(reader, token.end);
    }
    size_t end = token.end;
    vec_push(&reader->tokens, token);
    reader->numbers++;
    struct money_mention mention;
    if (token.cents.length && money_mention_at(reader->plain, end, &mention)) {
        end = add_mention(reader, end, &mention) + token.cents.length;
    }
    return end;
}

static bool is_between(char c)
{
    return c && strchr(" \n().,:;*/+[]\"'=|<>~!?&\x01\x02\x03-", c);
}

static void cut(struct reader *reader)
{
    struct view plain = reader->plain;
    struct money_mention mention;
    for (size_t at = 0; at < plain.length;) {
        if (money_number_begins(plain, at)) {
            at = add_number(reader, at);
        } else if (money_mention_at(plain, at, &mention)) {
            at = add_mention(reader, at, &mention);
        } else if (is_between(plain.data[at])) {
            at++;
        } else {
            size_t end = at;
            (void)utf8_next(plain, &end);
            add_other(reader, at, end);
            at = end;
        }
    }
}

/* Whether a number stands beside the token, with no more than other currencies between ("USD $5").
 * Past either end the index is out of range, also below zero. */
static bool number_beside(const struct reader *reader, size_t index, bool behind)
{
    do {
        index += behind ? 1 : SIZE_MAX;
    } while (index < reader->tokens.count && reader->tokens.items[index].kind == TOKEN_MENTION);
    return index < reader->tokens.count && reader->tokens.items[index].kind == TOKEN_NUMBER;
}

/* Words count beside a number alone ("ALL INCLUSIVE 12,50 €" speaks of no lek), and weak ones
 * only where nothing else is named. */
static void weigh_mentions(struct reader *reader)
{
    size_t clear = 0;
    for (size_t i = 0; i < reader->tokens.count; i++) {
        struct token *token = &reader->tokens.items[i];
        if (token->kind != TOKEN_MENTION) continue;
        bool beside = number_beside(reader, i, false) ||
                      (number_beside(reader, i, true) && !token->mention.hundredths);
        if (token->mention.word && !beside) {
            token->kind = TOKEN_OTHER;
            reader->others++;
        } else if (!token->mention.weak) {
            clear++;
        }
    }
    if (!clear) return;
    vec_each(token, &reader->tokens) {
        if (token->kind == TOKEN_MENTION && token->mention.weak) token->kind = TOKEN_OTHER;
    }
}

/* --- What is no number */

static bool word_stands_in(struct view text, const char *word)
{
    struct view needle = view_of(word);
    for (size_t from = 0; from + needle.length <= text.length;) {
        size_t found = view_find(view_from(text, from), needle);
        if (found == SIZE_MAX) return false;
        size_t at = from + found, end = at + needle.length;
        bool bounded = !money_text_is_letter(money_text_before(text, at)) &&
                       !money_text_is_letter(money_text_at(text, end));
        if (bounded) return true;
        from = at + 1;
    }
    return false;
}

static const char *no_number_word(const struct reader *reader)
{
    static const char *const always[] = {"NaN", "undefined", "Infinity",        "null",      "NULL",
                                         "NAN", "nan",       "[object Object]", "-Infinity", "∞"};
    static const char *const alone[] = {"None", "none", "nil", "inf", "Inf", "INF", "N/A", "n/a"};
    for (size_t i = 0; i < COUNT_OF(always); i++) {
        if (word_stands_in(reader->plain, always[i])) return always[i];
    }
    for (size_t i = 0; i < COUNT_OF(alone) && !reader->numbers; i++) {
        if (word_stands_in(reader->plain, alone[i])) return alone[i];
    }
    return NULL;
}

/* --- Currencies */

struct currency {
    char code[4];                         /* "" when it is not known */
    const struct money_mention *conflict; /* names another */
    const char *sign;                     /* where the code is not known; NULL: none */
    bool hundredths;
};

static void decide_expected(const struct reader *reader, const char *expected,
                            struct currency *currency)
{
    memcpy(currency->code, expected, strnlen(expected, 3));
    vec_each(token, &reader->tokens) {
        if (token->kind != TOKEN_MENTION) continue;
        if (!money_mention_allows(&token->mention, expected)) currency->conflict = &token->mention;
    }
}

/* The first clear name; every other must allow it. */
static void decide_found(const struct reader *reader, struct currency *currency)
{
    const struct money_mention *first = NULL;
    vec_each(token, &reader->tokens) {
        if (token->kind != TOKEN_MENTION) continue;
        char code[4];
        money_mention_code(&token->mention, code);
        if (!currency->sign) currency->sign = token->mention.sign;
        bool exact = *code && !token->mention.codes; /* an ISO code outranks "£" */
        if (*code && (!first || (exact && first->codes))) {
            first = &token->mention;
            memcpy(currency->code, code, sizeof(code));
        }
    }
    if (!first) return;
    currency->sign = NULL;
    vec_each(token, &reader->tokens) {
        if (token->kind != TOKEN_MENTION) continue;
        if (!money_mention_allows(&token->mention, currency->code))
            currency->conflict = &token->mention;
    }
}

static struct currency decide_currency(const struct reader *reader, const char *expected)
{
    struct currency currency = {.code = ""};
    if (expected && *expected)
        decide_expected(reader, expected, &currency);
    else
        decide_found(reader, &currency);
    vec_each(token, &reader->tokens) {
        if (token->kind == TOKEN_MENTION && token->mention.hundredths) currency.hundredths = true;
    }
    return currency;
}

/* --- Amounts */

static bool negate(struct decimal *amount)
{
    return decimal_subtract((struct decimal){.units = 0, .scale = amount->scale}, *amount, amount);
}

static enum money_reading read_cents(struct view cents, struct decimal *amount)
{
    AUTO_BUF text = BUF_INIT(64);
    decimal_print(*amount, &text);
    buf_add_char(&text, '.');
    buf_add_view(&text, cents);
    return decimal_parse(buf_view(&text), amount) ? MONEY_READ : MONEY_MALFORMED;
}

/* "(5.00)": nothing but an amount, in parentheses. */
static bool is_in_parentheses(const struct reader *reader, const struct token *token)
{
    bool open = view_find_char(view_slice(reader->plain, 0, token->start), '(') != SIZE_MAX;
    bool closed = view_find_char(view_from(reader->plain, token->end), ')') != SIZE_MAX;
    return reader->numbers == 1 && !reader->others && open && closed;
}

static enum money_reading read_amount(const struct reader *reader, const struct token *token,
                                      int minor_units, struct decimal *ret_amount)
{
    if (token->rounded) return MONEY_MALFORMED;
    enum money_reading reading = money_number_read(token->number, minor_units, ret_amount);
    if (reading == MONEY_READ && token->cents.length)
        reading = read_cents(token->cents, ret_amount);
    if (reading != MONEY_READ) return reading;
    bool negative = token->negative || is_in_parentheses(reader, token);
    if (negative && !negate(ret_amount)) return MONEY_TOO_LARGE;
    return MONEY_READ;
}

/* All numbers must be one amount. On MONEY_SEVERAL *ret_other is the second. */
static enum money_reading read_amounts(const struct reader *reader, int minor_units,
                                       struct decimal *ret_amount, struct decimal *ret_other)
{
    bool first = true;
    vec_each(token, &reader->tokens) {
        struct decimal amount = {0};
        if (token->kind != TOKEN_NUMBER) continue;
        enum money_reading reading = read_amount(reader, token, minor_units, &amount);
        if (reading != MONEY_READ) return reading;
        *ret_other = amount;
        if (first)
            *ret_amount = amount;
        else if (decimal_compare(*ret_amount, amount))
            return MONEY_SEVERAL;
        first = false;
    }
    return MONEY_READ;
}

static bool shift(struct decimal *amount, int places)
{
    struct decimal shifted = *amount;
    if (shifted.scale + places > DECIMAL_MAX_SCALE) shifted = decimal_normal(shifted);
    if (places < 0 || places > DECIMAL_MAX_SCALE - shifted.scale) return false;
    shifted.scale += places;
    *amount = shifted;
    return true;
}

/* --- Words */

static void quote(struct view text, struct buf *reason)
{
    struct view clipped = utf8_clip(text, QUOTED_BYTES);
    buf_add_text(reason, "\"");
    codec_add_visible(reason, clipped);
    buf_add_text(reason, clipped.length < text.length ? "...\"" : "\"");
}

static enum money_reading fail(enum money_reading reading, const char *what, struct view text,
                               struct buf *reason)
{
    buf_addf(reason, "the price %s: ", what);
    quote(view_trim(text), reason);
    return reading;
}

static enum money_reading fail_reading(enum money_reading reading, const struct decimal amounts[2],
                                       struct view text, struct buf *reason)
{
    switch (reading) {
    case MONEY_READ:
    case MONEY_OTHER_CURRENCY: break; /* which fail_currency() says */
    case MONEY_EMPTY: buf_add_text(reason, "the price is empty"); break;
    case MONEY_NO_NUMBER: return fail(reading, "has no amount", text, reason);
    case MONEY_NOT_A_NUMBER: return fail(reading, "is not a number", text, reason);
    case MONEY_MALFORMED: return fail(reading, "is not written as amounts are", text, reason);
    case MONEY_TOO_LARGE: return fail(reading, "is too large to be one", text, reason);
    case MONEY_SEVERAL:
        buf_add_text(reason, "the price has several amounts that disagree, ");
        decimal_print(amounts[0], reason);
        buf_add_text(reason, " and ");
        decimal_print(amounts[1], reason);
        buf_add_text(reason, ": ");
        quote(view_trim(text), reason);
        break;
    }
    return reading;
}

static enum money_reading fail_currency(const struct currency *currency, bool expected,
                                        struct view text, struct buf *reason)
{
    const struct money_mention *mention = currency->conflict;
    struct view name = mention->codes ? mention->text : view_of(mention->code);
    if (expected) {
        buf_addf(reason, "the price is in %.*s, not %s: ", VIEW_PRINTF(name), currency->code);
    } else {
        buf_addf(reason, "the price names several currencies, %s and %.*s: ", currency->code,
                 VIEW_PRINTF(name));
    }
    quote(view_trim(text), reason);
    return expected ? MONEY_OTHER_CURRENCY : MONEY_SEVERAL;
}

/* --- All together */

static enum money_reading finish(const struct currency *currency, struct decimal amount,
                                 const struct money_options *options, struct view text,
                                 struct money *ret_money, struct buf *reason)
{
    /* Hundredths of a cent are no price: the shop changed from cents to whole units. */
    if (options->minor_units && decimal_normal(amount).scale) {
        return fail(MONEY_MALFORMED, "should be in minor units, as cents are, and has a fraction",
                    text, reason);
    }
    int places = options->minor_units + (currency->hundredths ? 2 : 0);
    if (!shift(&amount, places)) return fail_reading(MONEY_TOO_LARGE, NULL, text, reason);
    struct money money = {.amount = amount, .sign = currency->sign};
    memcpy(money.currency, currency->code, sizeof(money.currency));
    *ret_money = money;
    return MONEY_READ;
}

static enum money_reading read_plain(struct reader *reader, struct view text,
                                     const struct money_options *options, struct money *ret_money,
                                     struct buf *reason)
{
    struct decimal amounts[2] = {{0}, {0}};
    if (!view_trim(reader->plain).length) return fail_reading(MONEY_EMPTY, NULL, text, reason);
    cut(reader);
    weigh_mentions(reader);
    if (no_number_word(reader)) return fail_reading(MONEY_NOT_A_NUMBER, NULL, text, reason);
    if (!reader->numbers) return fail_reading(MONEY_NO_NUMBER, NULL, text, reason);
    struct currency currency = decide_currency(reader, options->currency);
    enum money_reading reading =
        read_amounts(reader, money_minor_units(currency.code), &amounts[0], &amounts[1]);
    if (reading != MONEY_READ) return fail_reading(reading, amounts, text, reason);
    bool expected = options->currency && *options->currency;
    if (currency.conflict) return fail_currency(&currency, expected, text, reason);
    return finish(&currency, amounts[0], options, text, ret_money, reason);
}

static enum money_reading read_json_number(struct view text, const struct money_options *options,
                                           struct money *ret_money, struct buf *reason)
{
    struct currency currency = {.code = ""};
    struct decimal amount;
    if (options->currency) memcpy(currency.code, options->currency, strnlen(options->currency, 3));
    if (!decimal_parse(view_trim(text), &amount))
        return fail_reading(MONEY_TOO_LARGE, NULL, text, reason);
    return finish(&currency, amount, options, text, ret_money, reason);
}

enum money_reading money_read(struct view text, const struct money_options *options,
                              struct money *ret_money, struct buf *reason)
{
    if (options->json_number) return read_json_number(text, options, ret_money, reason);
    if (text.length > MAX_TEXT_BYTES) {
        return fail(MONEY_MALFORMED, "stands in a text too long to be one", text, reason);
    }
    AUTO_BUF plain = BUF_INIT(MAX_TEXT_BYTES * 2);
    money_text_plain(text, &plain);
    struct reader reader = {.plain = buf_view(&plain)};
    enum money_reading reading = read_plain(&reader, text, options, ret_money, reason);
    vec_release(&reader.tokens);
    return reading;
}
