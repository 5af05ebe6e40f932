/* SPDX-License-Identifier: Apache-2.0 */
/* See propose.h. */
#include "import/propose.h"

#include "import/price.h"

#include <string.h>
#include <strings.h>

struct proposer {
    const struct visit *visit;
    const struct visit_step *step;
    size_t at;
    const struct linked *linked;
    cJSON *checks;
};

static void add_text(cJSON *mapping, const char *key, const char *text)
{
    cJSON_AddItemToObject(mapping, key, cJSON_CreateString(text));
}

static void add_written(const struct proposer *proposer, cJSON *mapping, const char *key,
                        const char *text)
{
    AUTO_FREE char *written = linked_text(proposer->linked, proposer->at, text);
    add_text(mapping, key, written);
}

cJSON *propose_source(const struct origin *origin, const struct linked *linked, size_t step)
{
    cJSON *source = cJSON_CreateObject();
    const struct {
        const char *key, *text;
    } rows[] = {
        {source_key(origin->kind), origin->argument},
        {"attr", origin->attr},
        {"field", origin->field},
        {"json", origin->json},
        {"regex", origin->regex},
    };
    /* The kind of a source is its first key. */
    if (!origin->argument)
        cJSON_AddItemToObject(source, source_key(origin->kind), cJSON_CreateNull());
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!rows[i].text) continue;
        AUTO_FREE char *text = linked_text(linked, step, rows[i].text);
        add_text(source, rows[i].key, text);
    }
    if (origin->url_encoded) add_text(source, "decode", "url");
    return source;
}

static cJSON *add_check(const struct proposer *proposer, const char *kind, cJSON *body)
{
    cJSON *check = cJSON_CreateObject();
    cJSON_AddItemToObject(check, kind, body);
    cJSON_AddItemToArray(proposer->checks, check);
    return check;
}

static void add_number(cJSON *mapping, const char *key, double number)
{
    AUTO_FREE char *digits = xasprintf("%.0f", number);
    cJSON_AddItemToObject(mapping, key, cJSON_CreateRaw(digits));
}

/* --- Status, session */

static void check_status(const struct proposer *proposer)
{
    long status = proposer->step->answer->status;
    if (proposer->step->redirects || status == 200 || status == 304 || status < 200) return;
    AUTO_FREE char *digits = xasprintf("%ld", status);
    if (status < 400) add_check(proposer, "status", cJSON_CreateRaw(digits));
}

static void check_cookie(const struct proposer *proposer)
{
    static const char *const parts[] = {"sess", "sid",      "auth",     "login",
                                        "jwt",  "remember", "identity", NULL};
    const struct message *answer = proposer->step->exchange->answer;
    if (!answer) return;
    vec_each(header, &answer->headers) {
        struct view rest = view_of(header->value), name = VIEW_NONE;
        char word[WORD_SIZE];
        if (strcasecmp(header->name, "Set-Cookie") != 0) continue;
        (void)view_split(&rest, '=', &name);
        word_of(view_trim(name), word);
        if (!word_has(word, parts)) continue;
        AUTO_FREE char *text = xstrndup(view_trim(name).data, view_trim(name).length);
        AUTO_FREE char *written = linked_text(proposer->linked, proposer->at, text);
        add_check(proposer, "cookie", cJSON_CreateString(written));
        return;
    }
}

/* A wrong password is often a page with status 200: where one arrives is the proof. */
static void check_arrival(const struct proposer *proposer)
{
    const struct visit_step *step = proposer->step;
    if (!step->redirects || !strcmp(step->arrived->path, step->exchange->address.path)) return;
    if (strlen(step->arrived->path) < 2) return;
    cJSON *url = cJSON_CreateObject();
    add_written(proposer, url, "ends_with", step->arrived->path);
    if (step->arrived->query.count) {
        cJSON_DeleteItemFromObject(url, "ends_with");
        add_written(proposer, url, "contains", step->arrived->path);
    }
    add_check(proposer, "url", url);
}

static void check_login(const struct proposer *proposer)
{
    if (exchange_is_safe(proposer->step->exchange) || proposer->step->is_logout) return;
    check_arrival(proposer);
    check_cookie(proposer);
}

/* --- Prices */

/* Four times what was seen, rounded up to 1, 2 or 5 and zeros. */
static double believable(const struct money *price)
{
    static const double steps[] = {1, 2, 5};
    double wanted = decimal_to_double(price->amount) * 4;
    for (double zeros = 1; zeros < 1e15; zeros *= 10) {
        for (size_t i = 0; i < COUNT_OF(steps); i++) {
            if (steps[i] * zeros >= wanted) return steps[i] * zeros;
        }
    }
    return 1e15;
}

static bool check_price(const struct proposer *proposer, bool total)
{
    struct origin origin = {0};
    struct money price = {0};
    int minor_units = 0;
    if (!price_find(proposer->step, total, &origin, &price, &minor_units)) return false;
    cJSON *body = propose_source(&origin, proposer->linked, proposer->at);
    if (*price.currency) add_text(body, "currency", price.currency);
    if (minor_units) add_number(body, "minor_units", minor_units);
    add_number(body, "more_than", 0);
    if (!total) add_number(body, "at_most", believable(&price));
    cJSON *check = add_check(proposer, "price", body);
    if (!total) add_text(check, "message", "the shop shows no believable price");
    origin_release(&origin);
    return true;
}

/* --- Carts */

/* "$.items[0].sku" holds for every line as "$.items[*].sku". */
static void generalise(struct origin *origin)
{
    AUTO_BUF path = BUF_INIT(BUF_OWN_CAP);
    if (origin->kind != SOURCE_JSON) return;
    for (const char *c = origin->argument; *c; c++) {
        size_t digits = *c == '[' ? strspn(c + 1, "0123456789") : 0;
        if (digits && c[digits + 1] == ']') {
            buf_add_text(&path, "[*]");
            c += digits + 1;
        } else {
            buf_add_char(&path, *c);
        }
    }
    free(origin->argument);
    origin->argument = buf_take(&path);
}

static bool check_holds_product(const struct proposer *proposer, const char *value,
                                const char *name)
{
    struct origin origin = {0};
    if (!origin_find(proposer->step->answer, name, view_of(value), &origin)) return false;
    bool good =
        origin.kind == SOURCE_JSON || (origin.kind == SOURCE_CSS && origin.attr && !origin.regex);
    bool plain = good && !strstr(origin.argument, value);
    if (plain) {
        generalise(&origin);
        cJSON *body = propose_source(&origin, proposer->linked, proposer->at);
        add_written(proposer, body, "contains", value);
        add_check(proposer, "cart", body);
    }
    origin_release(&origin);
    return plain;
}

/* The link to the product, where the page shows nothing better. */
static bool check_links_product(const struct proposer *proposer, const char *value)
{
    if (!proposer->step->has_page || strpbrk(value, "\"\\\n")) return false;
    AUTO_FREE char *selector = xasprintf("a[href*=\"%s\"]", value);
    struct html_matches matches = {0};
    bool found = page_find(proposer->step->answer, true, selector, NULL, &matches);
    html_matches_release(&matches);
    if (!found) return false;
    cJSON *body = cJSON_CreateObject();
    AUTO_FREE char *written = linked_text(proposer->linked, proposer->at, value);
    AUTO_FREE char *text = xasprintf("a[href*=\"%s\"]", written);
    add_text(body, "css", text);
    add_check(proposer, "cart", body);
    return true;
}

static bool check_is_filled(const struct proposer *proposer)
{
    static const struct {
        enum source_kind kind;
        const char *expression;
    } rows[] = {
        {SOURCE_CSS, "[data-line]"},       {SOURCE_CSS, ".cart-item"},
        {SOURCE_CSS, ".cart-line"},        {SOURCE_CSS, ".line-item"},
        {SOURCE_CSS, "tr.line"},           {SOURCE_CSS, ".cart_item"},
        {SOURCE_JSON, "$.items[*]"},       {SOURCE_JSON, "$.lines[*]"},
        {SOURCE_JSON, "$.cart.items[*]"},  {SOURCE_JSON, "$.cart.lines[*]"},
        {SOURCE_JSON, "$.line_items[*]"},  {SOURCE_JSON, "$.data..lines[*]"},
        {SOURCE_JSON, "$.data..items[*]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct origin origin = {.kind = rows[i].kind, .argument = xstrdup(rows[i].expression)};
        struct value values = VALUE_NOTHING;
        bool page = rows[i].kind == SOURCE_CSS;
        bool found = (page ? proposer->step->has_page : proposer->step->has_json) &&
                     origin_extract(&origin, proposer->step->answer, &values);
        value_release(&values);
        origin_release(&origin);
        if (!found) continue;
        cJSON *body = cJSON_CreateObject(), *count = cJSON_CreateObject();
        add_text(body, source_key(rows[i].kind), rows[i].expression);
        cJSON_AddItemToObject(body, "all", cJSON_CreateTrue());
        add_number(count, "at_least", 1);
        cJSON_AddItemToObject(body, "count", count);
        add_check(proposer, "cart", body);
        return true;
    }
    return false;
}

static void check_cart(const struct proposer *proposer)
{
    vec_each(choice, &proposer->linked->choices) {
        if (!choice->priced || choice->number) continue;
        if (check_holds_product(proposer, choice->value, choice->name)) return;
    }
    vec_each(choice, &proposer->linked->choices) {
        if (choice->priced && check_links_product(proposer, choice->value)) return;
    }
    (void)check_is_filled(proposer);
}

/* --- All of it */

cJSON *propose_checks(const struct visit *visit, size_t step, const struct linked *linked)
{
    struct proposer proposer = {
        .visit = visit,
        .step = &visit->steps.items[step],
        .at = step + 1, /* captures of the step itself are there when it is checked */
        .linked = linked,
        .checks = cJSON_CreateArray(),
    };
    if (!proposer.step->answer) return proposer.checks;
    check_status(&proposer);
    switch (proposer.step->stage) {
    case STAGE_NONE: break;
    case STAGE_LOGIN: check_login(&proposer); break;
    case STAGE_PRICE: (void)check_price(&proposer, false); break;
    case STAGE_CART:
        check_cart(&proposer);
        (void)check_price(&proposer, true);
        break;
    case STAGE_CHECKOUT: (void)check_price(&proposer, true); break;
    }
    return proposer.checks;
}

/* --- What takes back what */

struct uses {
    const struct visit *visit;
    struct visit_step *maker; /* the latest change whose capture is used */
    size_t latest;            /* the latest step whose capture is used */
};

static void note_use(void *context, const struct site_value *value)
{
    struct uses *uses = context;
    for (size_t i = 0; i < uses->visit->steps.count; i++) {
        struct visit_step *step = &uses->visit->steps.items[i];
        vec_each(capture, &step->captures) {
            if (!view_equals(view_of(capture->value), value->value)) continue;
            if (i > uses->latest) uses->latest = i;
            bool makes = !exchange_is_safe(step->exchange) && step->stage != STAGE_LOGIN;
            if (makes && (!uses->maker || step > uses->maker)) uses->maker = step;
        }
    }
}

/* The page before had a form that goes there, and its id, class or button says what it is for. */
static bool has_cancelling_form(const struct visit *visit, const struct visit_step *step,
                                const char *const *parts)
{
    static const char *const attributes[] = {"id", "class", "name"};
    const char *path = step->exchange->address.path;
    size_t at = (size_t)(step - visit->steps.items);
    bool found = false;
    if (!at || !step[-1].has_page || strpbrk(path, "\"\\\n")) return false;
    AUTO_FREE char *selector = xasprintf("form[action=\"%s\"]", path);
    for (size_t i = 0; i < COUNT_OF(attributes) && !found; i++) {
        struct html_matches matches = {0};
        char word[WORD_SIZE] = "";
        if (page_find(step[-1].answer, true, selector, attributes[i], &matches))
            word_of(view_of(matches.items[0].text), word);
        found = word_has(word, parts);
        html_matches_release(&matches);
    }
    return found;
}

static bool takes_back(const struct visit *visit, const struct visit_step *step)
{
    static const char *const parts[] = {"remove", "cancel", "delete", "storno", NULL};
    char word[WORD_SIZE];
    const struct exchange *exchange = step->exchange;
    if (!strcmp(exchange->method, "DELETE")) return true;
    if (exchange_is_safe(exchange)) return false;
    word_of(
        view_of(exchange->payload.operation ? exchange->payload.operation : exchange->address.path),
        word);
    return word_has(word, parts) || has_cancelling_form(visit, step, parts);
}

void propose_undo(struct visit *visit)
{
    for (size_t i = 0; i < visit->steps.count; i++) {
        struct visit_step *step = &visit->steps.items[i];
        struct uses uses = {.visit = visit};
        if (!takes_back(visit, step) || step->captures.count) continue;
        exchange_each_value(step->exchange, note_use, &uses);
        size_t maker = uses.maker ? (size_t)(uses.maker - visit->steps.items) : SIZE_MAX;
        if (maker >= i || uses.latest > maker) continue;
        step->undo_of = uses.maker;
        vec_each(capture, &uses.maker->captures) capture->creates = true;
    }
}
