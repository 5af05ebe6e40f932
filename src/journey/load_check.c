/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources, predicates, checks, captures. A check is one mapping: a source's key, the source's own
 * modifiers, predicates, and what is said when it fails; all of them are tables. See loader.h.
 */
#include "base/vec.h"
#include "journey/loader.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64

#define X(key, help) key,
static const char *const modifier_keys[] = {MODIFIERS(X) NULL};
static const char *const price_keys[] = {PRICE_KEYS(X) NULL};
static const char *const check_words[] = {CHECK_WORDS(X) NULL};
#undef X

static bool is_one_of(const char *const *words, const char *word)
{
    for (; words && *words; words++) {
        if (!strcmp(*words, word)) return true;
    }
    return false;
}

static bool source_of(const char *key, enum source_kind *ret_kind)
{
    for (size_t i = 0; i < SOURCE_KIND_COUNT; i++) {
        *ret_kind = (enum source_kind)i;
        if (!strcmp(source_key(*ret_kind), key)) return true;
    }
    return false;
}

static bool predicate_of(const char *key, enum predicate_kind *ret_kind)
{
    for (size_t i = 0; i < PREDICATE_KIND_COUNT; i++) {
        *ret_kind = (enum predicate_kind)i;
        if (!strcmp(predicate_key(*ret_kind), key)) return true;
    }
    return false;
}

static bool special_of(const char *key, enum check_kind *ret_kind)
{
    static const char *const words[] = {
        [CHECK_PLAIN] = "",
        [CHECK_PRICE] = "price",
        [CHECK_CART] = "cart",
        [CHECK_SESSION] = "session",
    };
    for (size_t i = CHECK_PRICE; i < COUNT_OF(words); i++) {
        *ret_kind = (enum check_kind)i;
        if (!strcmp(words[i], key)) return true;
    }
    return false;
}

/* --- Sources */

static enum diag_code source_code(enum source_kind kind)
{
    switch (source_argument(kind)) {
    case ARGUMENT_JSONPATH: return DIAG_BAD_JSONPATH;
    case ARGUMENT_CSS: return DIAG_BAD_SELECTOR;
    case ARGUMENT_XPATH: return DIAG_BAD_XPATH;
    case ARGUMENT_REGEX: return DIAG_BAD_REGEX;
    case ARGUMENT_NONE:
    case ARGUMENT_NAME:
    case ARGUMENT_WORD: break;
    }
    return DIAG_BAD_VALUE;
}

/* Compiles the chain of a source and its inner ones, when no argument has a ${...}. */
static void compile(struct loader *loader, const struct yaml_node *argument,
                    struct source_spec *source)
{
    const char *literal = source->argument ? template_literal(source->argument) : "";
    if (!literal || (argument && !source->argument)) return; /* what is wrong with it was said */
    size_t offset = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    struct extractor *extractor =
        extractor_new(source->kind, view_of(literal), source->group, &offset, &message);
    if (!extractor) {
        struct place place = argument ? yaml_place_in(argument, offset, 1) : source->place;
        diag_error(loader->diags, source_code(source->kind), place, "%s", buf_text(&message));
        return;
    }
    extractor->attr = xstrdup(source->attr);
    extractor->field = xstrdup(source->field);
    extractor->all = source->all;
    extractor->url_encoded = source->url_encoded;
    if (source->inner && source->inner->compiled) extractor->inner = take(source->inner->compiled);
    if (source->inner && !extractor->inner)
        extractor_free(extractor); /* compiled at run time, whole */
    else
        source->compiled = extractor;
}

static void load_decode(struct loader *loader, const struct yaml_node *node,
                        struct source_spec *source)
{
    AUTO_FREE char *word = NULL;
    if (!load_text(loader, node, "decode", &word)) return;
    source->url_encoded = is_one_of(decode_words, word);
    if (source->url_encoded) return;
    diag_hint(diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                         "'%s' is nothing that can be decoded", word),
              "write decode: url");
}

static void load_modifiers(struct loader *loader, const struct yaml_node *node,
                           struct source_spec *source)
{
    const struct yaml_node *attr = yaml_get(node, "attr"), *field = yaml_get(node, "field");
    const struct yaml_node *group = yaml_get(node, "group"), *all = yaml_get(node, "all");
    if (attr) load_text(loader, attr, "attr", &source->attr);
    if (field) load_text(loader, field, "field", &source->field);
    if (group) load_text(loader, group, "group", &source->group);
    const struct yaml_node *decode = yaml_get(node, "decode");
    if (all) load_bool(loader, all, "all", &source->all);
    if (decode) load_decode(loader, decode, source);
    struct diags *diags = loader->diags;
    if (attr && source->kind != SOURCE_CSS) {
        diag_error(diags, DIAG_CONFLICT, attr->place, "`attr` goes with `css`");
    }
    if (field && source->kind != SOURCE_FORM) {
        diag_error(diags, DIAG_CONFLICT, field->place, "`field` goes with `form`");
    }
    if (!field && source->kind == SOURCE_FORM) {
        diag_error(diags, DIAG_MISSING_KEY, source->place,
                   "a form needs the `field` whose value is taken");
    }
    bool has_regex =
        source->kind == SOURCE_REGEX || (source->inner && source->inner->kind == SOURCE_REGEX);
    if (group && !has_regex)
        diag_error(diags, DIAG_CONFLICT, group->place, "`group` goes with `regex`");
    if (group && source->kind != SOURCE_REGEX && source->inner)
        source->inner->group = take(source->group);
}

static struct source_spec *source_spec_new(struct loader *loader, const struct yaml_pair *pair,
                                           enum source_kind kind)
{
    struct source_spec *source = NEW(struct source_spec);
    source->kind = kind;
    source->place = pair->key->place;
    if (source_argument(kind) == ARGUMENT_NONE) return source;
    source->argument = load_template(loader, pair->value, source_key(kind));
    const char *literal = source->argument ? template_literal(source->argument) : NULL;
    if (kind == SOURCE_VAR && literal) names_use(loader, literal, pair->value->place);
    return source;
}

/* All keys of a mapping with a source. */
static void known_keys(const char *const *others, bool predicates, bool price,
                       const char *keys[static KEYS_MAX])
{
    size_t count = 0;
    for (const char *const *word = others; word && *word && count < 20; word++)
        keys[count++] = *word;
    for (size_t i = 0; i < SOURCE_KIND_COUNT; i++) keys[count++] = source_key((enum source_kind)i);
    for (size_t i = 0; predicates && i < PREDICATE_KIND_COUNT; i++)
        keys[count++] = predicate_key((enum predicate_kind)i);
    for (const char *const *word = modifier_keys; *word; word++) keys[count++] = *word;
    for (const char *const *word = price_keys; price && *word; word++) keys[count++] = *word;
    keys[count] = NULL;
}

/* Whether a key is a source's, or a special check's, but for its spelling. */
static bool source_is_misspelt(const struct yaml_node *node, const char *const *others)
{
    static const char *const special[] = {"price", "cart", "session"};
    const char *known[KEYS_MAX], *wanted[SOURCE_KIND_COUNT + COUNT_OF(special) + 1] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < SOURCE_KIND_COUNT; i++)
        wanted[count++] = source_key((enum source_kind)i);
    for (size_t i = 0; i < COUNT_OF(special); i++) wanted[count++] = special[i];
    known_keys(others, true, true, known);
    return load_is_misspelt(node, known, wanted);
}

/*
 * The source among the keys of a mapping: the first source's key, and a `json` or `regex` after it
 * that reads within its text. *ret_value is what stands behind the first key.
 */
static struct source_spec *load_source(struct loader *loader, const struct yaml_node *node,
                                       const char *what, const char *const *others,
                                       const struct yaml_node **ret_value)
{
    struct source_spec *outer = NULL;
    const struct yaml_node *outer_value = NULL, *inner_value = NULL;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        enum source_kind kind;
        if (is_one_of(others, pair->key->text) || !source_of(pair->key->text, &kind)) continue;
        if (!outer) {
            outer = source_spec_new(loader, pair, kind);
            outer_value = pair->value;
        } else if (!outer->inner && (kind == SOURCE_JSON || kind == SOURCE_REGEX)) {
            outer->inner = source_spec_new(loader, pair, kind);
            inner_value = pair->value;
        } else {
            diag_error(loader->diags, DIAG_CONFLICT, pair->key->place,
                       "a second source, '%s', in %s", pair->key->text, what);
        }
    }
    if (!outer && source_is_misspelt(node, others)) return NULL;
    if (!outer) {
        diag_error(loader->diags, DIAG_MISSING_KEY, node->place,
                   "%s needs a source, such as `json` or `css`", what);
        return NULL;
    }
    load_modifiers(loader, node, outer);
    if (outer->inner) compile(loader, inner_value, outer->inner);
    compile(loader, source_argument(outer->kind) == ARGUMENT_NONE ? NULL : outer_value, outer);
    *ret_value = outer_value;
    return outer;
}

bool source_needs_cookies(const struct source_spec *source)
{
    return source && source->kind == SOURCE_COOKIE;
}

/* Says so for each key that is no source's, no modifier, and in none of the given tables. */
static void refuse_other_keys(struct loader *loader, const struct yaml_node *node, const char *what,
                              const char *const *others, bool predicates, bool price)
{
    const char *known[KEYS_MAX];
    known_keys(others, predicates, price, known);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        if (!is_one_of(known, key->text)) load_unknown_key(loader, key, what, known);
    }
}

/* --- Prices */

static void load_price_keys(struct loader *loader, const struct yaml_node *node,
                            struct price_spec *price)
{
    const struct yaml_node *currency = yaml_get(node, "currency"),
                           *units = yaml_get(node, "minor_units");
    AUTO_FREE char *code = NULL;
    unsigned minor_units = 0;
    price->present = true;
    if (currency && load_text(loader, currency, "currency", &code)) {
        if (money_is_currency(view_of(code)))
            memcpy(price->currency, code, sizeof(price->currency));
        else {
            diag_hint(diag_error(loader->diags, DIAG_BAD_VALUE, currency->place,
                                 "'%s' is no ISO 4217 currency", code),
                      "write a code like EUR");
        }
    }
    if (units && load_count(loader, units, "minor_units", 0, 6, &minor_units)) {
        price->minor_units = (int)minor_units;
    }
}

/* --- Predicates */

static enum operand_style style_of(const struct source_spec *source)
{
    if (source->kind == SOURCE_DURATION || source->kind == SOURCE_TIME_TO_FIRST_BYTE)
        return OPERAND_DURATION;
    return source->kind == SOURCE_SIZE ? OPERAND_SIZE : OPERAND_PLAIN;
}

static void load_predicates(struct loader *loader, const struct yaml_node *node,
                            enum operand_style style, struct predicate_spec **ret_predicates,
                            size_t *ret_count);

static void load_pattern_operand(struct loader *loader, const struct yaml_node *node,
                                 struct predicate_spec *predicate)
{
    load_operand(loader, node, OPERAND_PLAIN, &predicate->expected);
    if (node->kind != YAML_SCALAR || predicate->expected.template) return;
    size_t offset = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    predicate->pattern =
        pattern_compile((struct view){node->text, node->length}, &offset, &message);
    if (predicate->pattern) return;
    diag_error(loader->diags, DIAG_BAD_REGEX, yaml_place_in(node, offset, 1), "%s",
               buf_text(&message));
}

static void load_type_operand(struct loader *loader, const struct yaml_node *node,
                              struct predicate_spec *predicate)
{
    AUTO_FREE char *word = NULL;
    /* `null` unquoted is the word here. */
    bool is_null = node->kind == YAML_SCALAR && !strcmp(node->text, "null");
    if (is_null)
        word = xstrdup("null");
    else if (!load_text(loader, node, "type", &word))
        return;
    predicate->expected.place = node->place;
    predicate->expected.constant = value_text(view_of(word));
    if (is_one_of(type_words, word)) return;
    diag_suggest(diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "'%s' is no type", word),
                 view_of(word), type_words);
}

static void load_predicate(struct loader *loader, const struct yaml_pair *pair,
                           enum operand_style style, struct predicate_spec *predicate)
{
    const struct yaml_node *node = pair->value;
    bool boolean = false;
    predicate->place = pair->key->place;
    switch (predicate_operand(predicate->kind)) {
    case OPERAND_VALUE:
    case OPERAND_TEXT: load_operand(loader, node, style, &predicate->expected); return;
    case OPERAND_PATTERN: load_pattern_operand(loader, node, predicate); return;
    case OPERAND_TYPE: load_type_operand(loader, node, predicate); return;
    case OPERAND_BOOL:
        if (load_bool(loader, node, pair->key->text, &boolean)) {
            predicate->expected.constant = value_bool(boolean);
        }
        return;
    case OPERAND_COUNT:
        if (node->kind == YAML_MAPPING) {
            load_predicates(loader, node, OPERAND_PLAIN, &predicate->inner,
                            &predicate->inner_count);
        } else {
            load_operand(loader, node, OPERAND_PLAIN, &predicate->expected);
        }
    }
}

static void load_predicates(struct loader *loader, const struct yaml_node *node,
                            enum operand_style style, struct predicate_spec **ret_predicates,
                            size_t *ret_count)
{
    size_t count = *ret_count;
    *ret_predicates = xrealloc(*ret_predicates, (count + node->count) * sizeof(**ret_predicates));
    for (size_t i = 0; i < node->count; i++) {
        struct predicate_spec predicate = {0};
        if (!predicate_of(node->pairs[i].key->text, &predicate.kind)) continue;
        load_predicate(loader, &node->pairs[i], style, &predicate);
        (*ret_predicates)[count++] = predicate;
    }
    *ret_count = count;
}

/* What stands behind a source without an argument: `status: 302`, `status: [200, 204]`, `duration:
 * {at_most: 2s}`. */
static void load_short_predicate(struct loader *loader, const struct yaml_node *node,
                                 struct check *check)
{
    if (source_argument(check->source->kind) != ARGUMENT_NONE || yaml_is_null(node)) return;
    if (node->kind == YAML_MAPPING) {
        static const char *const candidates[] = {
#define X(name, key, operand, help) key,
            PREDICATES(X)
#undef X
                NULL};
        for (size_t i = 0; i < node->count; i++) {
            const struct yaml_node *key = node->pairs[i].key;
            if (!is_one_of(candidates, key->text))
                load_unknown_key(loader, key, "this check", candidates);
        }
        load_predicates(loader, node, style_of(check->source), &check->predicates,
                        &check->predicate_count);
        return;
    }
    check->predicates = xcalloc(1, sizeof(*check->predicates));
    check->predicate_count = 1;
    check->predicates[0] = (struct predicate_spec){.place = node->place, .kind = PREDICATE_EQUALS};
    load_operand(loader, node, style_of(check->source), &check->predicates[0].expected);
}

/* --- Checks */

/* The key of a special check in a mapping, or NULL. */
static const struct yaml_pair *special_pair(const struct yaml_node *node, enum check_kind *ret_kind)
{
    for (size_t i = 0; i < node->count; i++) {
        if (special_of(node->pairs[i].key->text, ret_kind)) return &node->pairs[i];
    }
    *ret_kind = CHECK_PLAIN;
    return NULL;
}

static void load_check_inside(struct loader *loader, const struct yaml_node *node, const char *what,
                              const char *const *others, struct check *check)
{
    const struct yaml_node *behind = NULL;
    refuse_other_keys(loader, node, what, others, true, check->kind == CHECK_PRICE);
    if (check->kind == CHECK_PRICE) load_price_keys(loader, node, &check->price);
    check->source = load_source(loader, node, what, others, &behind);
    if (!check->source) return;
    load_short_predicate(loader, behind, check);
    load_predicates(loader, node, style_of(check->source), &check->predicates,
                    &check->predicate_count);
}

static void load_special(struct loader *loader, const struct yaml_node *node,
                         const struct yaml_pair *special, struct check *check)
{
    const char *word = special->key->text;
    check->place = special->key->place;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        if (key == special->key || !strcmp(key->text, "message")) continue;
        diag_hint(diag_error(loader->diags, DIAG_CONFLICT, key->place, "'%s' stands beside `%s`",
                             key->text, word),
                  "put it inside: %s: {...}", word);
    }
    if (special->value->kind != YAML_MAPPING) {
        load_wrong_type(loader, special->value, word, "a mapping with a source");
        return;
    }
    load_check_inside(loader, special->value, word, NULL, check);
}

static void load_check(struct loader *loader, const struct yaml_node *node, struct check *check)
{
    check->place = node->place;
    if (node->kind != YAML_MAPPING || !node->count) {
        load_wrong_type(loader, node, "a check", "a mapping such as `status: 200`");
        return;
    }
    check->place = node->pairs[0].key->place;
    const struct yaml_pair *special = special_pair(node, &check->kind);
    if (special)
        load_special(loader, node, special, check);
    else
        load_check_inside(loader, node, "a check", check_words, check);
    refuse_never(loader, check);
    const struct yaml_node *message = yaml_get(node, "message");
    if (message) check->message = load_template(loader, message, "the message");
}

void load_checks(struct loader *loader, const struct yaml_node *node, struct check **ret_checks,
                 size_t *ret_count)
{
    bool is_list = node->kind == YAML_SEQUENCE;
    size_t count = is_list ? node->count : 1;
    *ret_checks = xcalloc(count, sizeof(**ret_checks));
    *ret_count = count;
    for (size_t i = 0; i < count; i++) {
        load_check(loader, is_list ? node->items[i] : node, &(*ret_checks)[i]);
    }
}

struct check *load_condition(struct loader *loader, const struct yaml_node *node)
{
    struct check *check = NEW(struct check);
    load_check(loader, node, check);
    if (check->source && check->source->kind != SOURCE_VAR) {
        diag_error(loader->diags, DIAG_CONFLICT, check->place,
                   "`when` asks for a variable: {var: NAME, ...}");
    }
    return check;
}

/* --- Captures */

bool load_source_into(struct loader *loader, const struct yaml_node *node,
                      const char *const *others, struct capture *capture)
{
    const struct yaml_node *price = yaml_get(node, "price"), *behind = NULL;
    if (price && !is_one_of(others, "price")) {
        if (price->kind != YAML_MAPPING) {
            load_wrong_type(loader, price, "price", "a mapping with a source");
            return false;
        }
        refuse_other_keys(loader, price, "price", NULL, false, true);
        load_price_keys(loader, price, &capture->price);
        capture->source = load_source(loader, price, "price", NULL, &behind);
    } else {
        const char *what = others ? "find" : "a capture";
        refuse_other_keys(loader, node, what, others, false, false);
        capture->source = load_source(loader, node, what, others, &behind);
    }
    return capture->source != NULL;
}

/* `where: url`: a source without an argument may stand as a bare word. */
static bool load_bare_source(struct loader *loader, const struct yaml_node *node,
                             struct capture *capture)
{
    enum source_kind kind;
    if (node->kind != YAML_SCALAR || !source_of(node->text, &kind)) return false;
    if (source_argument(kind) != ARGUMENT_NONE) return false;
    capture->source = NEW(struct source_spec);
    capture->source->kind = kind;
    capture->source->place = node->place;
    compile(loader, NULL, capture->source);
    return true;
}

void load_captures(struct loader *loader, const struct yaml_node *node, const char *what,
                   struct capture **ret_captures, size_t *ret_count)
{
    if (node->kind != YAML_MAPPING) {
        diag_hint(load_wrong_type(loader, node, what, "a mapping of names to sources"),
                  "write it like {order: {json: $.id}}");
        return;
    }
    *ret_captures = xcalloc(node->count, sizeof(**ret_captures));
    *ret_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key, *value = node->pairs[i].value;
        struct capture *capture = &(*ret_captures)[i];
        capture->name = xstrdup(key->text);
        capture->place = key->place;
        if (!name_is_valid(key->text)) {
            diag_error(loader->diags, DIAG_BAD_VALUE, key->place,
                       "a name has letters, digits and '_': '%s'", key->text);
        }
        if (!load_bare_source(loader, value, capture)) {
            AUTO_FREE char *named = xasprintf("'%s'", key->text);
            if (value->kind != YAML_MAPPING)
                load_wrong_type(loader, value, named, "a mapping with a source");
            else
                load_source_into(loader, value, NULL, capture);
        }
        names_set(loader->names, key->text);
    }
}
