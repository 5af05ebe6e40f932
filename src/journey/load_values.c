/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars, quantities, operands, and mappings by rules. See loader.h. */
#include "base/clock.h"
#include "base/vec.h"
#include "journey/cron.h"
#include "journey/loader.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

#define RULES_MAX 64

/* `css: #id` is a comment to YAML. */
static bool is_commented_out(const struct yaml_node *node)
{
    return yaml_is_null(node) && !node->length &&
           view_starts_with(yaml_rest_of_line(node->place), VIEW_LITERAL(" #"));
}

struct diag *load_wrong_type(struct loader *loader, const struct yaml_node *node, const char *what,
                             const char *wanted)
{
    struct diag *diag = diag_error(loader->diags, DIAG_WRONG_TYPE, node->place,
                                   "%s must be %s, not %s", what, wanted, yaml_kind_name(node));
    if (is_commented_out(node))
        diag_hint(diag, "'#' begins a comment; text that begins with it is written in quotes");
    return diag;
}

void load_unknown_key(struct loader *loader, const struct yaml_node *key, const char *what,
                      const char *const *candidates)
{
    struct diag *diag = diag_error(loader->diags, DIAG_UNKNOWN_KEY, key->place,
                                   "unknown key '%s' in %s", key->text, what);
    diag_suggest(diag, (struct view){key->text, key->length}, candidates);
}

static const struct key_rule *rule_of(const struct key_rule *rules, const char *key)
{
    for (; rules->key; rules++) {
        if (!strcmp(rules->key, key)) return rules;
    }
    return NULL;
}

static bool is_among(const char *const *words, const char *word)
{
    for (; *words; words++) {
        if (!strcmp(*words, word)) return true;
    }
    return false;
}

bool load_is_misspelt(const struct yaml_node *node, const char *const *known,
                      const char *const *wanted)
{
    for (size_t i = 0; node->kind == YAML_MAPPING && i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        if (is_among(known, key->text)) continue;
        const char *nearest = suggest_nearest((struct view){key->text, key->length}, known);
        if (nearest && is_among(wanted, nearest)) return true;
    }
    return false;
}

static void keys_of(const struct key_rule *rules, const char *keys[static RULES_MAX])
{
    size_t count = 0;
    while (rules[count].key && count < RULES_MAX - 1) {
        keys[count] = rules[count].key;
        count++;
    }
    keys[count] = NULL;
}

bool load_rule_is_misspelt(const struct yaml_node *node, const struct key_rule *rules,
                           const char *const *wanted)
{
    const char *known[RULES_MAX];
    keys_of(rules, known);
    return load_is_misspelt(node, known, wanted);
}

static void refuse_unknown_keys(struct loader *loader, const struct yaml_node *node,
                                const char *what, const struct key_rule *rules)
{
    static const char *const name_keys[] = {"secrets", "accounts", "vars",    "each", "with",
                                            "use",     "capture",  "creates", NULL};
    const char *known[RULES_MAX];
    keys_of(rules, known);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        if (!rule_of(rules, key->text)) load_unknown_key(loader, key, what, known);
    }
    if (loader->names && load_is_misspelt(node, known, name_keys)) names_are_lost(loader->names);
}

bool load_mapping(struct loader *loader, const struct yaml_node *node, const char *what,
                  const struct key_rule *rules, void *object)
{
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(loader, node, what, "a mapping");
        return false;
    }
    refuse_unknown_keys(loader, node, what, rules);
    /* In the order of the table, so that a rule may build on what an earlier one read. */
    for (const struct key_rule *rule = rules; rule->key; rule++) {
        const struct yaml_node *value = yaml_get(node, rule->key);
        if (value && rule->load) rule->load(loader, value, object);
        const char *const wanted[] = {rule->key, NULL};
        if (value || !rule->required || load_rule_is_misspelt(node, rules, wanted)) continue;
        diag_error(loader->diags, DIAG_MISSING_KEY, node->place, "%s needs the key '%s'", what,
                   rule->key);
    }
    return true;
}

static bool is_scalar(struct loader *loader, const struct yaml_node *node, const char *what,
                      const char *wanted)
{
    if (node->kind == YAML_SCALAR && !yaml_is_null(node)) return true;
    load_wrong_type(loader, node, what, wanted);
    return false;
}

bool load_text(struct loader *loader, const struct yaml_node *node, const char *what,
               char **ret_text)
{
    if (!is_scalar(loader, node, what, "text")) return false;
    if (!node->length) {
        diag_error(loader->diags, DIAG_EMPTY, node->place, "%s is empty", what);
        return false;
    }
    const char *dollar = strstr(node->text, "${");
    if (dollar) {
        diag_error(loader->diags, DIAG_TEMPLATE,
                   yaml_place_in(node, (size_t)(dollar - node->text), 2), "%s cannot hold a ${...}",
                   what);
        return false;
    }
    free(*ret_text);
    *ret_text = xstrdup(node->text);
    return true;
}

size_t load_list(struct loader *loader, const struct yaml_node *node, const char *what,
                 char ***ret_items, struct place **ret_places)
{
    const struct yaml_node *one = node;
    const struct yaml_node *const *nodes = &one;
    size_t count = 1, loaded = 0;
    if (node->kind == YAML_SEQUENCE) {
        nodes = (const struct yaml_node *const *)node->items;
        count = node->count;
    }
    *ret_items = xcalloc(count, sizeof(**ret_items));
    if (ret_places) *ret_places = xcalloc(count, sizeof(**ret_places));
    for (size_t i = 0; i < count; i++) {
        if (ret_places) (*ret_places)[loaded] = nodes[i]->place;
        if (load_text(loader, nodes[i], what, &(*ret_items)[loaded])) loaded++;
    }
    return loaded;
}

bool load_bool(struct loader *loader, const struct yaml_node *node, const char *what,
               bool *ret_value)
{
    if (yaml_is_bool(node, ret_value)) return true;
    load_wrong_type(loader, node, what, "true or false");
    return false;
}

bool load_count(struct loader *loader, const struct yaml_node *node, const char *what,
                unsigned least, unsigned most, unsigned *ret_count)
{
    struct decimal number = {0};
    if (!yaml_is_number(node) || !decimal_parse((struct view){node->text, node->length}, &number)) {
        load_wrong_type(loader, node, what, "a whole number");
        return false;
    }
    if (number.scale || number.units < (int64_t)least || number.units > (int64_t)most) {
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                   "%s must be a whole number from %u to %u", what, least, most);
        return false;
    }
    *ret_count = (unsigned)number.units;
    return true;
}

static const char *const severity_words[] = {"sev1", "sev2", "sev3", "sev4", NULL};
static const struct shape severity_word_shape = {.kind = SHAPE_WORD, .words = severity_words};
static const struct shape severity_number_shape = {.kind = SHAPE_COUNT, .least = 1, .most = 4};
const struct shape severity_shape = {
    .kind = SHAPE_EITHER, .of = &severity_number_shape, .or_of = &severity_word_shape};

bool load_severity(struct loader *loader, const struct yaml_node *node, const char *what,
                   int *ret_severity)
{
    AUTO_FREE char *text = NULL;
    if (!load_text(loader, node, what, &text)) return false;
    for (int i = 0; severity_words[i]; i++) {
        const char *word = severity_words[i], *number = word + strlen("sev");
        if (strcmp(text, word) != 0 && strcmp(text, number) != 0) continue;
        *ret_severity = i + 1;
        return true;
    }
    struct diag *diag = diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                                   "%s is 1 to 4, or sev1 to sev4, not '%s'", what, text);
    diag_suggest(diag, view_of(text), severity_words);
    return false;
}

static void say_quantity_fault(struct loader *loader, const struct yaml_node *node,
                               const char *what, enum quantity_fault fault, const char *kind,
                               const char *example)
{
    switch (fault) {
    case QUANTITY_OK: return;
    case QUANTITY_NO_UNIT:
        diag_hint(diag_error(loader->diags, DIAG_MISSING_UNIT, node->place,
                             "%s needs a unit: '%s' is a bare number", what, node->text),
                  "write it like %s", example);
        return;
    case QUANTITY_BAD_UNIT:
    case QUANTITY_BAD_NUMBER:
        diag_hint(diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "%s: '%s' is no %s", what,
                             node->text, kind),
                  "write it like %s", example);
        return;
    case QUANTITY_TOO_LARGE:
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "%s: '%s' is too large", what,
                   node->text);
    }
}

bool load_duration(struct loader *loader, const struct yaml_node *node, const char *what,
                   int64_t *ret_us)
{
    if (!is_scalar(loader, node, what, "a duration")) return false;
    enum quantity_fault fault = quantity_duration((struct view){node->text, node->length}, ret_us);
    say_quantity_fault(loader, node, what, fault, "duration", "500ms, 3s or 1h30m");
    return fault == QUANTITY_OK;
}

bool load_span(struct loader *loader, const struct yaml_node *node, const char *what,
               int64_t *ret_us)
{
    if (!load_duration(loader, node, what, ret_us)) return false;
    if (*ret_us > 0) return true;
    diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "%s must be longer than 0", what);
    return false;
}

void load_cron(struct loader *loader, const struct yaml_node *node, char **ret_cron)
{
    struct cron cron;
    size_t offset = 0, length = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    if (!load_text(loader, node, "cron", ret_cron)) return;
    if (cron_parse(view_of(*ret_cron), &cron, &offset, &length, &message)) return;
    diag_error(loader->diags, DIAG_BAD_CRON, yaml_place_in(node, offset, length), "%s",
               buf_text(&message));
}

void load_timezone(struct loader *loader, const struct yaml_node *node, char **ret_timezone)
{
    AUTO_ERROR error = ERROR_NONE;
    if (!load_text(loader, node, "timezone", ret_timezone)) return;
    AUTO(zone) zone = zone_new(*ret_timezone, &error);
    if (!zone) diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "%s", error_text(&error));
}

struct template *load_template(struct loader *loader, const struct yaml_node *node,
                               const char *what)
{
    if (!is_scalar(loader, node, what, "text")) return NULL;
    struct template *template = template_parse(node, loader->diags);
    names_check(loader, template);
    return template;
}

/* A number of JSON with more digits than are calculated with: it is sent on as it stands. */
static bool long_number(const struct yaml_node *node, struct value *ret_value)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    if (!node->plain || !strchr("-0123456789", *node->text)) return false;
    cJSON *number = json_parse((struct view){node->text, node->length}, &reason);
    bool found = cJSON_IsNumber(number);
    if (found) *ret_value = value_from_json(number);
    cJSON_Delete(number);
    return found;
}

static struct value constant_of(struct loader *loader, const struct yaml_node *node,
                                enum operand_style style)
{
    struct view text = {node->text, node->length};
    struct decimal number = {0};
    bool boolean = false;
    int64_t us = 0;
    uint64_t bytes = 0;
    enum quantity_fault fault = QUANTITY_OK;
    switch (style) {
    case OPERAND_DURATION:
        fault = quantity_duration(text, &us);
        say_quantity_fault(loader, node, "a duration", fault, "duration", "1.5s");
        return value_duration(us);
    case OPERAND_SIZE:
        fault = quantity_size(text, &bytes);
        say_quantity_fault(loader, node, "a size", fault, "size", "2MB");
        return value_number((int64_t)bytes);
    case OPERAND_PLAIN: break;
    }
    if (yaml_is_null(node)) return (struct value){.kind = VALUE_NULL};
    if (yaml_is_bool(node, &boolean)) return value_bool(boolean);
    if (yaml_is_number(node) && decimal_parse(text, &number)) {
        return (struct value){.kind = VALUE_NUMBER, .number = number};
    }
    struct value digits = VALUE_NOTHING;
    if (long_number(node, &digits)) return digits;
    struct template *unescaped = template_parse(node, loader->diags);
    struct value constant = value_text(view_of(template_literal(unescaped)));
    template_free(unescaped);
    return constant;
}

void load_operand(struct loader *loader, const struct yaml_node *node, enum operand_style style,
                  struct operand *ret_operand)
{
    ret_operand->place = node->place;
    if (node->kind == YAML_SEQUENCE) {
        ret_operand->is_list = true;
        ret_operand->items = xcalloc(node->count, sizeof(*ret_operand->items));
        ret_operand->count = node->count;
        for (size_t i = 0; i < node->count; i++) {
            load_operand(loader, node->items[i], style, &ret_operand->items[i]);
        }
        return;
    }
    if (node->kind == YAML_MAPPING) {
        load_wrong_type(loader, node, "this value", "text, a number, true, false, null or a list");
        return;
    }
    if (!strstr(node->text, "${")) {
        ret_operand->constant = constant_of(loader, node, style);
        return;
    }
    struct template *template = template_parse(node, loader->diags);
    names_check(loader, template);
    if (template_literal(template)) { /* only "$${" in it */
        ret_operand->constant = value_text(view_of(template_literal(template)));
        template_free(template);
        return;
    }
    ret_operand->template = template;
}

void load_name_templates(struct loader *loader, const struct yaml_node *node, const char *what,
                         struct name_template **ret_items, size_t *ret_count)
{
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(loader, node, what, "a mapping of names to values");
        return;
    }
    *ret_items = xcalloc(node->count, sizeof(**ret_items));
    *ret_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        (*ret_items)[i].name = xstrdup(node->pairs[i].key->text);
        (*ret_items)[i].place = node->pairs[i].key->place;
        load_operand(loader, node->pairs[i].value, OPERAND_PLAIN, &(*ret_items)[i].value);
    }
}
