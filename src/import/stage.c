/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a step is for, told by the words of its address, of its GraphQL operation, and by what it
 * sends and shows. Words of a few languages stand in the tables; what none of them knows stays
 * without a stage.
 */
#include "import/deep.h"
#include "import/secret.h"
#include "import/visit.h"

#include "answer/page_price.h"

#include <string.h>

const char *stage_word(enum stage stage)
{
    switch (stage) {
    case STAGE_NONE: return "";
    case STAGE_LOGIN: return "login";
    case STAGE_PRICE: return "price-view";
    case STAGE_CART: return "add-to-cart";
    case STAGE_CHECKOUT: return "checkout";
    }
    return "";
}

/* Tried from the top: "/cart/checkout" is a checkout. */
static const struct {
    enum stage stage;
    const char *const *parts;
} words[] = {
    {STAGE_CHECKOUT,
     (const char *const[]){"checkout", "placeorder", "payment", "purchase", "kasse", "bestell",
                           "commande", "completeorder", "completecart", "submitorder", "orders",
                           "order", "shippingmethod", "setordershipping", NULL}},
    {STAGE_CART,
     (const char *const[]){"cart", "basket", "warenkorb", "panier", "carrito", "carrello",
                           "lineitem", "additemtoorder", "adjustorderline", "trolley", NULL}},
    {STAGE_LOGIN,
     (const char *const[]){"login", "logon", "signin", "authenticate", "anmeld", "connexion",
                           "session", "oauth", "token", "logout", "signout", "logoff", NULL}},
    {STAGE_PRICE, (const char *const[]){"product", "price", "catalog", "item", NULL}},
};
static const char *const logout_parts[] = {"logout", "signout", "logoff", "abmeld", NULL};
static const char *const cart_first[] = {"additemtoorder", "adjustorderline", "cart", NULL};

/* The name that tells most: of the operation, or of the first field that a query asks for. */
static void graphql_word(const struct payload *payload, char word[static WORD_SIZE])
{
    const char *text = payload->operation ? payload->operation : payload->text;
    const char *brace = payload->operation ? NULL : strchr(text, '{');
    if (brace) text = brace;
    struct view rest = view_of(text);
    size_t end = payload->operation ? rest.length : 1;
    while (end < rest.length && !strchr("({}", rest.data[end])) end++;
    word_of(view_slice(rest, 0, end), word);
}

static enum stage stage_of_word(const char *word)
{
    if (word_has(word, cart_first) && !strstr(word, "checkout") && !strstr(word, "complete"))
        return STAGE_CART;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (word_has(word, words[i].parts)) return words[i].stage;
    }
    return STAGE_NONE;
}

static void has_password(void *context, const struct site_value *value)
{
    bool *has = context;
    if (name_is_password(value->name)) *has = true;
}

static bool page_has(struct message *answer, const char *selector)
{
    struct html_matches matches = {0};
    bool found = page_find(answer, true, selector, NULL, &matches);
    html_matches_release(&matches);
    return found;
}

static bool page_has_price(const struct visit_step *step)
{
    const char *reason = NULL;
    const struct html *html = step->has_page ? message_html(step->answer, &reason) : NULL;
    if (!html) return false;
    AUTO_BUF notes = BUF_INIT(BUF_OWN_CAP);
    struct page_prices prices = {0};
    page_prices_find(html, &prices, &notes);
    bool found = prices.count > 0;
    page_prices_release(&prices);
    return found;
}

static void word_of_exchange(const struct exchange *exchange, char word[static WORD_SIZE])
{
    if (exchange->payload.kind == PAYLOAD_GRAPHQL)
        graphql_word(&exchange->payload, word);
    else
        word_of(view_of(exchange->address.path), word);
}

enum stage stage_of_exchange(const struct exchange *exchange)
{
    char word[WORD_SIZE];
    word_of_exchange(exchange, word);
    return stage_of_word(word);
}

static enum stage recognise(struct visit_step *step)
{
    const struct exchange *exchange = step->exchange;
    char word[WORD_SIZE];
    bool password = false;
    exchange_each_deep_value(exchange, has_password, &password);
    if (password) return STAGE_LOGIN;
    word_of_exchange(exchange, word);
    step->is_logout = word_has(word, logout_parts);
    enum stage stage = stage_of_word(word);
    bool reads = exchange_is_safe(exchange);
    if (stage == STAGE_NONE || stage == STAGE_PRICE) {
        if (reads && page_has_price(step)) return STAGE_PRICE;
        if (reads && step->has_page && page_has(step->answer, "input[type=password]"))
            return STAGE_LOGIN;
    }
    return stage;
}

/* --- Names */

static const struct {
    enum stage stage;
    bool reads;
    const char *name;
} names[] = {
    {STAGE_LOGIN, true, "open the login form"},  {STAGE_LOGIN, false, "log in"},
    {STAGE_PRICE, true, "see the price"},        {STAGE_PRICE, false, "ask for the price"},
    {STAGE_CART, true, "see the cart"},          {STAGE_CART, false, "add to cart"},
    {STAGE_CHECKOUT, true, "open the checkout"}, {STAGE_CHECKOUT, false, "check out"},
};

static bool is_query(const struct payload *payload)
{
    return payload->kind == PAYLOAD_GRAPHQL &&
           view_find(view_of(payload->text), VIEW_LITERAL("mutation")) == SIZE_MAX;
}

static char *plain_name(const struct visit_step *step)
{
    const char *path = step->exchange->address.path;
    const char *operation = step->exchange->payload.operation;
    if (step->is_logout) return xstrdup("log out");
    if (operation && step->stage == STAGE_NONE) return xstrdup(operation);
    bool reads = exchange_is_safe(step->exchange) || is_query(&step->exchange->payload);
    if (!strcmp(step->exchange->method, "DELETE") && step->stage == STAGE_CART)
        return xstrdup("remove from the cart");
    if (!strcmp(step->exchange->method, "DELETE")) return xasprintf("delete %s", path);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (names[i].stage == step->stage && names[i].reads == reads) return xstrdup(names[i].name);
    }
    if (!strcmp(path, "/") && reads) return xstrdup("open the shop");
    return xasprintf("%s %s", reads ? "open" : "send", path);
}

/* Pages behind a change are what the change shows. */
static bool name_is_taken(const struct visit *visit, const struct visit_step *until,
                          const char *name)
{
    for (const struct visit_step *step = visit->steps.items; step < until; step++) {
        if (!strcmp(step->name, name)) return true;
    }
    return false;
}

/* With the address, up to a piece that looks like an id. */
static char *longer_name(const char *name, const char *path)
{
    struct view rest = view_of(path), piece = VIEW_NONE;
    size_t length = 0;
    while (view_split(&rest, '/', &piece)) {
        size_t letters = 0;
        while (letters < piece.length && (piece.data[letters] < '0' || piece.data[letters] > '9'))
            letters++;
        if (piece.length > 3 && letters < piece.length) break;
        length = (size_t)(piece.data - path) + piece.length;
    }
    return xasprintf("%s at %.*s", name, (int)(length > 1 ? length : strlen(path)), path);
}

/* A name holds no ${...}. */
static void defuse(char *name)
{
    for (; *name; name++) {
        if (*name == '$' || (unsigned char)*name < 32) *name = '_';
    }
}

void visit_recognise(struct visit *visit)
{
    vec_each(step, &visit->steps) {
        step->stage = recognise(step);
        AUTO_FREE char *name = plain_name(step);
        AUTO_FREE char *more = NULL;
        defuse(name);
        if (name_is_taken(visit, step, name) && step->stage != STAGE_NONE)
            more = longer_name(name, step->exchange->address.path);
        if (more) defuse(more);
        step->name = xstrdup(more ? more : name);
        for (unsigned n = 2; name_is_taken(visit, step, step->name); n++) {
            free(step->name);
            step->name = xasprintf("%s, once more (%u)", more ? more : name, n);
        }
    }
}
