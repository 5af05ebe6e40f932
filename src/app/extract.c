/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shopper extract: tries a source of the journey language on an answer that was saved, and prints
 * what a check or a capture would see. It sends nothing.
 */
#include "answer/extract.h"

#include "answer/money.h"
#include "answer/page_price.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/vec.h"

#include <stdio.h>
#include <string.h>

#define BODY_MAX ((size_t)64 << 20)

struct extract_settings {
    const char *json, *css, *xpath, *regex, *form; /* sources */
    const char *attr, *field, *group, *decode, *currency, *content_type;
    unsigned minor_units;
    bool all, price, page_price, raw, no_color;
};

#define FIELD(name) offsetof(struct extract_settings, name)

static const struct option_row extract_options[] = {
    {"json", 0, "PATH", OPTION_TEXT, FIELD(json),
     "JSONPath (RFC 9535); with --css, --xpath or --form, within their text"},
    {"css", 0, "SELECTOR", OPTION_TEXT, FIELD(css), "the element's text"},
    {"attr", 0, "NAME", OPTION_TEXT, FIELD(attr), "with --css: this attribute instead"},
    {"xpath", 0, "EXPR", OPTION_TEXT, FIELD(xpath), "XPath 1.0"},
    {"regex", 0, "RE", OPTION_TEXT, FIELD(regex),
     "PCRE2; with --css, --xpath or --form, within their text"},
    {"group", 0, "GROUP", OPTION_TEXT, FIELD(group), "with --regex: this group, by number or name"},
    {"form", 0, "SELECTOR", OPTION_TEXT, FIELD(form), "a form, of which --field is taken"},
    {"field", 0, "NAME", OPTION_TEXT, FIELD(field), "with --form: the field's value"},
    {"decode", 0, "url", OPTION_TEXT, FIELD(decode), "with a source: its text is URL-encoded"},
    {"all", 'a', NULL, OPTION_FLAG, FIELD(all), "all matches instead of the first"},
    {"price", 'p', NULL, OPTION_FLAG, FIELD(price), "read what is found as money"},
    {"page-price", 0, NULL, OPTION_FLAG, FIELD(page_price),
     "the price that the page tells machines: JSON-LD, microdata, Open Graph"},
    {"currency", 0, "CODE", OPTION_TEXT, FIELD(currency),
     "with a price: the currency that it must have (ISO 4217)"},
    {"minor-units", 0, "N", OPTION_NUMBER, FIELD(minor_units),
     "with --price: a bare number counts these; 2 means cents"},
    {"content-type", 't', "TYPE", OPTION_TEXT, FIELD(content_type),
     "of the answer, as its header said it"},
    {"raw", 'r', NULL, OPTION_FLAG, FIELD(raw), "texts of JSON without their quotes"},
    {"no-color", 0, NULL, OPTION_FLAG, FIELD(no_color), "no colours (also: NO_COLOR)"},
    {0},
};

/* --- The command line */

static size_t count_said(const char *const *options, size_t count)
{
    size_t said = 0;
    for (size_t i = 0; i < count; i++) said += options[i] != NULL;
    return said;
}

static bool modifiers_are_good(const struct extract_settings *settings, struct error *error)
{
    bool price = settings->price || settings->page_price;
    if (settings->attr && !settings->css) return error_set(error, "--attr goes with --css");
    if (settings->group && !settings->regex) return error_set(error, "--group goes with --regex");
    if (settings->decode && settings->page_price)
        return error_set(error, "--decode goes with a source");
    if (settings->decode && strcmp(settings->decode, "url") != 0)
        return error_set(error, "--decode knows url, not '%s'", settings->decode);
    if (!settings->field != !settings->form)
        return error_set(error, "--form and --field go together");
    if (settings->currency && !price)
        return error_set(error, "--currency goes with --price or --page-price");
    if (settings->minor_units && !settings->price)
        return error_set(error, "--minor-units goes with --price");
    if (settings->minor_units > 6) return error_set(error, "--minor-units is 6 at most");
    if (settings->currency && !money_is_currency(view_of(settings->currency)))
        return error_set(error, "'%s' is no ISO 4217 currency: write a code like EUR",
                         settings->currency);
    return true;
}

static bool settings_are_good(const struct extract_settings *settings,
                              const struct text_list *names, struct error *error)
{
    const char *const outer[] = {settings->css, settings->xpath, settings->form};
    const char *const inner[] = {settings->json, settings->regex};
    size_t outer_count = count_said(outer, COUNT_OF(outer));
    size_t inner_count = count_said(inner, COUNT_OF(inner));
    if (names->count > 1) return error_set(error, "one file at a time, not '%s'", names->items[1]);
    if (outer_count > 1) return error_set(error, "only one of --css, --xpath and --form");
    if (inner_count > 1) return error_set(error, "only one of --json and --regex");
    if (settings->page_price && (outer_count + inner_count || settings->price))
        return error_set(error, "--page-price finds by itself, without a source or --price");
    if (!settings->page_price && !outer_count && !inner_count)
        return error_set(error, "what is to be found? --json, --css, --xpath, --regex, --form "
                                "or --page-price");
    return modifiers_are_good(settings, error);
}

/* --- Compiling */

static struct extractor *compile(enum source_kind kind, enum diag_code code, const char *expression,
                                 const char *group, struct diags *diags)
{
    size_t offset = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    struct extractor *extractor =
        extractor_new(kind, view_of(expression), group, &offset, &message);
    if (extractor) return extractor;
    AUTO_FREE char *option = xasprintf("--%s", source_key(kind));
    struct view rest = view_from(view_of(expression), offset);
    option_fault(diags, code, option, expression, view_slice(rest, 0, 1), buf_text(&message));
    return NULL;
}

/* The source and, when a second one reads within its text, that one inside. NULL: malformed. */
static struct extractor *compile_all(const struct extract_settings *settings, struct diags *diags)
{
    const struct {
        enum source_kind kind;
        enum diag_code code;
        const char *expression;
    } rows[] = {
        {SOURCE_CSS, DIAG_BAD_SELECTOR, settings->css},
        {SOURCE_XPATH, DIAG_BAD_XPATH, settings->xpath},
        {SOURCE_FORM, DIAG_BAD_SELECTOR, settings->form},
        {SOURCE_JSON, DIAG_BAD_JSONPATH, settings->json},
        {SOURCE_REGEX, DIAG_BAD_REGEX, settings->regex},
    };
    struct extractor *outer = NULL;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!rows[i].expression) continue;
        struct extractor *extractor =
            compile(rows[i].kind, rows[i].code, rows[i].expression, settings->group, diags);
        if (outer)
            outer->inner = extractor;
        else
            outer = extractor;
    }
    if (diags->errors) {
        extractor_free(outer);
        return NULL;
    }
    outer->attr = xstrdup(settings->attr);
    outer->field = xstrdup(settings->field);
    outer->all = settings->all;
    outer->url_encoded = settings->decode != NULL;
    return outer;
}

/* --- Printing */

/* A value on one line; what JSON gave is JSON, so that "12" and 12 differ. */
static void print_value(const struct value *value, bool json)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    if (json && value->kind == VALUE_TEXT && !value->text.is_number) {
        buf_add_char(&line, '"');
        codec_add_json(&line, (struct view){value->text.data, value->text.length});
        buf_add_char(&line, '"');
    } else if (json && value->kind == VALUE_NULL) {
        buf_add_text(&line, "null");
    } else {
        value_print(value, &line);
    }
    terminal_say(stdout, &line);
}

static void print_money(const struct money *money)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    money_print(money, &line);
    terminal_say(stdout, &line);
}

static int nothing(const struct buf *reason)
{
    terminal_complain(buf_text(reason));
    return EXIT_CODE_FAILED;
}

/* --- Prices */

typedef VEC(struct money) money_list;

/* As a `price` check without bounds of its own says it. */
static bool is_positive(const struct money *price, struct buf *reason)
{
    int sign = decimal_sign(price->amount);
    if (sign > 0) return true;
    buf_addf(reason, "the price is %s: ", sign ? "negative" : "zero");
    money_print(price, reason);
    return false;
}

static bool read_price(const struct extract_settings *settings, const struct value *found,
                       struct money *ret_money, struct buf *reason)
{
    const struct money_options options = {
        .currency = settings->currency,
        .minor_units = (int)settings->minor_units,
        .json_number = found->kind == VALUE_NUMBER,
    };
    if (found->kind == VALUE_NULL || found->kind == VALUE_BOOL || found->kind == VALUE_JSON) {
        buf_addf(reason, "the price is %s", value_kind_name(found));
        return false;
    }
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    value_print(found, &text);
    return money_read(buf_view(&text), &options, ret_money, reason) == MONEY_READ &&
           is_positive(ret_money, reason);
}

static bool prices_agree(const struct money *first, const struct money *other, struct buf *reason)
{
    if (!decimal_compare(first->amount, other->amount)) return true;
    buf_add_text(reason, "several prices that disagree: ");
    money_print(first, reason);
    buf_add_text(reason, " and ");
    money_print(other, reason);
    return false;
}

/* As a `price` check reads: all of them must be prices and, unless all are asked for, agree. */
static int print_prices(const struct extract_settings *settings, const struct value *values)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    money_list prices = {0};
    bool good = true;
    for (size_t i = 0; i < values->list.count && good; i++) {
        struct money *price = vec_add(&prices);
        good = read_price(settings, &values->list.items[i], price, &reason) &&
               (settings->all || prices_agree(&prices.items[0], price, &reason));
    }
    for (size_t i = 0; good && i < (settings->all ? prices.count : 1); i++)
        print_money(&prices.items[i]);
    vec_release(&prices);
    return good ? EXIT_CODE_PASSED : nothing(&reason);
}

static size_t print_page_prices(const struct extract_settings *settings,
                                const struct page_prices *prices, struct buf *reasons)
{
    struct money first = {0};
    size_t read = 0;
    vec_each(price, prices) {
        struct money money = {0};
        AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
        if (page_price_read(price, settings->currency, &money, &reason) != MONEY_READ ||
            !is_positive(&money, &reason)) {
            buf_addf(reasons, "%s: %s\n", page_price_kind_words(price->kind), buf_text(&reason));
            continue;
        }
        if (!read++) first = money;
        if (read == 1 || settings->all)
            print_money(&money);
        else if (!prices_agree(&first, &money, &reason))
            buf_addf(reasons, "%s: %s\n", page_price_kind_words(price->kind), buf_text(&reason));
    }
    return read;
}

static int print_page_price(const struct extract_settings *settings, struct message *message)
{
    AUTO_BUF notes = BUF_INIT(BUF_OWN_CAP);
    const char *reason = NULL;
    struct page_prices prices = {0};
    const struct html *html = message_html(message, &reason);
    size_t read = 0;
    if (html) {
        page_prices_find(html, &prices, &notes);
        read = print_page_prices(settings, &prices, &notes);
    } else {
        buf_addf(&notes, "the page cannot be read: %s\n", reason);
    }
    if (!read && !prices.count) buf_add_text(&notes, "the page tells machines no price\n");
    page_prices_release(&prices);
    struct view rest = buf_view(&notes), line = VIEW_NONE;
    while (view_split(&rest, '\n', &line) && line.length) {
        AUTO_FREE char *note = xstrndup(line.data, line.length);
        terminal_complain(note);
    }
    return read ? EXIT_CODE_PASSED : EXIT_CODE_FAILED;
}

/* --- All of it */

static const struct value *no_variable(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

static int print_found(const struct extract_settings *settings, const struct extractor *extractor,
                       struct message *message)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    const struct extractor *last = extractor->inner ? extractor->inner : extractor;
    const struct extract_input input = {
        .message = message, .variable = no_variable, .prices = settings->price};
    struct value values = VALUE_NOTHING;
    int code = EXIT_CODE_PASSED;
    if (!extract(extractor, &input, &values, &reason) || !values.list.count) {
        code = nothing(&reason);
    } else if (settings->price) {
        code = print_prices(settings, &values);
    } else {
        bool json = last->kind == SOURCE_JSON && !settings->raw;
        for (size_t i = 0; i < (settings->all ? values.list.count : 1); i++)
            print_value(&values.list.items[i], json);
    }
    value_release(&values);
    return code;
}

static int print_answer(const struct extract_settings *settings, const struct extractor *extractor,
                        const char *path)
{
    AUTO_ERROR error = ERROR_NONE;
    struct message *message = message_new(BODY_MAX);
    int code = EXIT_CODE_USAGE;
    message->status = 200;
    if (settings->content_type) {
        headers_add(&message->headers, VIEW_LITERAL("Content-Type"),
                    view_of(settings->content_type));
    }
    if (!file_read(path, &message->body, &error))
        terminal_complain(error_text(&error));
    else
        code = extractor ? print_found(settings, extractor, message)
                         : print_page_price(settings, message);
    message_free(message);
    return code;
}

static int run_extract(const struct command *command, int argc, char **argv)
{
    struct extract_settings settings = {0};
    struct text_list names = {0};
    struct diags diags = DIAGS_INIT;
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct extractor *extractor = NULL;
    int code = EXIT_CODE_USAGE;
    if (!options_parse(command, argc, argv, &settings, &names, &error) ||
        !settings_are_good(&settings, &names, &error)) {
        terminal_complain(error_text(&error));
    } else {
        if (!settings.page_price) extractor = compile_all(&settings, &diags);
        diags_print(&diags, &text, terminal_has_color(stderr, settings.no_color));
        fputs(buf_text(&text), stderr);
        if (!diags.errors)
            code = print_answer(&settings, extractor, names.count ? names.items[0] : "-");
    }
    extractor_free(extractor);
    diags_release(&diags);
    vec_release(&names);
    return code;
}

const struct command command_extract = {
    .name = "extract",
    .arguments = "[FILE]",
    .summary = "try a source of a check on a saved answer",
    .details =
        "Prints what the source finds in FILE, or in standard input: one value a line, values of "
        "JSON as JSON. Exit 0: found; 1: nothing found, or no price, and why; 2: the expression or "
        "the command line is wrong.",
    .options = extract_options,
    .run = run_extract,
};
