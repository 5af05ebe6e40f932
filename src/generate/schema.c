/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON Schema of a journey, for editors: draft-07, which most of them read. It says what the
 * tables say; what only a whole journey shows (names set before use, keys that do not go with a
 * verb) is for `shopper validate`.
 */
#include "generate/generate.h"
#include "journey/journey.h"
#include "report/printer.h"
#include "watch/config.h"

#include <string.h>

#define NUMBER "[0-9]+(\\.[0-9]+)?"
#define PART(unit) "(" NUMBER unit ")?"
#define DURATION                                                                                   \
    "(?=[0-9])" PART("w") PART("d") PART("h") PART("m") PART("s") PART("ms") PART("us") "$"

/* --- Pieces */

static void write_types(struct printer *printer, const char *const *types)
{
    printer_array(printer, "type");
    for (; *types; types++) printer_text(printer, NULL, *types);
    printer_array_end(printer);
}

static void write_words(struct printer *printer, const char *key, const char *const *words)
{
    printer_array(printer, key);
    for (; *words; words++) printer_text(printer, NULL, *words);
    printer_array_end(printer);
}

static void write_string(struct printer *printer, const char *pattern)
{
    printer_text(printer, "type", "string");
    printer_text(printer, "pattern", pattern);
}

static void write_reference(struct printer *printer, const char *name)
{
    AUTO_BUF path = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&path, "#/definitions/%s", name);
    for (size_t i = 0; i < path.length; i++) {
        if (path.data[i] == ' ') path.data[i] = '-';
    }
    printer_text(printer, "$ref", buf_text(&path));
}

static void write_member(struct printer *printer, const char *key, const char *name)
{
    printer_object(printer, key);
    write_reference(printer, name);
    printer_object_end(printer);
}

static void write_help(struct printer *printer, const char *help)
{
    if (help) printer_text(printer, "description", help);
}

/* --- Shapes */

static void write_shape(struct printer *printer, const char *key, const struct shape *shape,
                        const char *help);

static void write_alternatives(struct printer *printer, const char *key, const char *const *words)
{
    printer_array(printer, key);
    for (; *words; words++) {
        printer_object(printer, NULL);
        write_words(printer, "required", (const char *const[]){*words, NULL});
        printer_object_end(printer);
    }
    printer_array_end(printer);
}

/* No two of them. */
static void write_exclusions(struct printer *printer, const char *const *words)
{
    printer_array(printer, "allOf");
    for (; *words; words++) {
        for (const char *const *other = words + 1; *other; other++) {
            printer_object(printer, NULL);
            printer_object(printer, "not");
            write_words(printer, "required", (const char *const[]){*words, *other, NULL});
            printer_object_end(printer);
            printer_object_end(printer);
        }
    }
    printer_array_end(printer);
}

static bool is_needed(const struct shape *shape, const struct key_rule *rule)
{
    return rule->required || (shape->needs && !strcmp(shape->needs, rule->key));
}

static void write_mapping(struct printer *printer, const struct shape *shape)
{
    bool needs = false;
    printer_text(printer, "type", "object");
    printer_bool(printer, "additionalProperties", false);
    printer_object(printer, "properties");
    for (const struct key_rule *rule = shape->rules; rule->key; rule++) {
        if (!shape_takes(shape, rule)) continue;
        needs |= is_needed(shape, rule);
        write_shape(printer, rule->key, rule->shape, rule->help);
    }
    printer_object_end(printer);
    if (needs) {
        printer_array(printer, "required");
        for (const struct key_rule *rule = shape->rules; rule->key; rule++) {
            if (is_needed(shape, rule)) printer_text(printer, NULL, rule->key);
        }
        printer_array_end(printer);
    }
    if (shape->one_of) write_alternatives(printer, "oneOf", shape->one_of);
    if (shape->most_one_of) write_exclusions(printer, shape->most_one_of);
}

static void write_names(struct printer *printer, const struct shape *shape)
{
    printer_text(printer, "type", "object");
    if (shape->filled) printer_integer(printer, "minProperties", 1);
    if (shape->keys) write_shape(printer, "propertyNames", shape->keys, NULL);
    write_shape(printer, "additionalProperties", shape->of, NULL);
}

static void write_list(struct printer *printer, const struct shape *shape)
{
    printer_text(printer, "type", "array");
    if (shape->filled) printer_integer(printer, "minItems", 1);
    write_shape(printer, "items", shape->of, NULL);
}

static void write_count(struct printer *printer, const struct shape *shape)
{
    printer_text(printer, "type", "integer");
    printer_integer(printer, "minimum", shape->least);
    printer_integer(printer, "maximum", shape->most);
}

static void write_either(struct printer *printer, const struct shape *shape)
{
    printer_array(printer, "anyOf");
    write_shape(printer, NULL, shape->of, NULL);
    write_shape(printer, NULL, shape->or_of, NULL);
    printer_array_end(printer);
}

static void write_find(struct printer *printer, const struct shape *shape);

static void write_body(struct printer *printer, const struct shape *shape)
{
    switch (shape->kind) {
    case SHAPE_TEXT: write_reference(printer, "text"); return;
    case SHAPE_TEMPLATE: write_reference(printer, "template"); return;
    case SHAPE_BOOL: printer_text(printer, "type", "boolean"); return;
    case SHAPE_COUNT: write_count(printer, shape); return;
    case SHAPE_DURATION: write_reference(printer, "duration"); return;
    case SHAPE_PERCENTAGE: write_string(printer, "^" NUMBER "%$"); return;
    case SHAPE_RATE: write_string(printer, "^[0-9]+/(second|minute|hour|day)$"); return;
    case SHAPE_WORD: write_words(printer, "enum", shape->words); return;
    case SHAPE_VALUE: write_reference(printer, "value"); return;
    case SHAPE_TREE: return;
    case SHAPE_MAPPING: write_mapping(printer, shape); return;
    case SHAPE_NAMES: write_names(printer, shape); return;
    case SHAPE_LIST: write_list(printer, shape); return;
    case SHAPE_EITHER: write_either(printer, shape); return;
    case SHAPE_CHECK: write_reference(printer, "check"); return;
    case SHAPE_CAPTURE: write_reference(printer, "capture"); return;
    case SHAPE_FIND: write_find(printer, shape); return;
    }
}

/* What has a name is referred to. Validators see nothing beside a reference (draft-07), editors do.
 */
static void write_shape(struct printer *printer, const char *key, const struct shape *shape,
                        const char *help)
{
    printer_object(printer, key);
    write_help(printer, help);
    if (shape->name)
        write_reference(printer, shape->name);
    else
        write_body(printer, shape);
    printer_object_end(printer);
}

/* --- Sources and predicates */

static void open_described(struct printer *printer, const char *key, const char *help)
{
    printer_object(printer, key);
    write_help(printer, help);
}

static void write_any_of(struct printer *printer, const char *one, const char *other)
{
    printer_array(printer, "anyOf");
    write_member(printer, NULL, one);
    write_member(printer, NULL, other);
    printer_array_end(printer);
}

static bool is_time(enum source_kind kind)
{
    return kind == SOURCE_DURATION || kind == SOURCE_TIME_TO_FIRST_BYTE;
}

/* `held`: what stands behind a source without an argument holds it against something. */
static void write_source(struct printer *printer, enum source_kind kind, bool held)
{
    open_described(printer, source_key(kind), source_help(kind));
    switch (source_argument(kind)) {
    case ARGUMENT_NONE:
        if (held && is_time(kind))
            write_any_of(printer, "time", "time-predicates");
        else if (held)
            write_any_of(printer, "value", "predicates");
        break;
    case ARGUMENT_WORD:
        write_words(printer, "enum", (const char *const[]){"days_left", NULL});
        break;
    case ARGUMENT_NAME:
    case ARGUMENT_JSONPATH:
    case ARGUMENT_CSS:
    case ARGUMENT_XPATH:
    case ARGUMENT_REGEX:
        write_types(printer, (const char *const[]){"string", "number", NULL});
        break;
    }
    printer_object_end(printer);
}

static void write_sources(struct printer *printer, const char *const *taken, bool held)
{
    for (size_t i = 0; i < SOURCE_KIND_COUNT; i++) {
        bool free = true;
        for (const char *const *word = taken; word && *word; word++) {
            if (!strcmp(*word, source_key((enum source_kind)i))) free = false;
        }
        if (free) write_source(printer, (enum source_kind)i, held);
    }
#define X(key, help)                                                                               \
    open_described(printer, key, help);                                                            \
    if (!strcmp(key, "all"))                                                                       \
        printer_text(printer, "type", "boolean");                                                  \
    else if (!strcmp(key, "decode"))                                                               \
        write_words(printer, "enum", decode_words);                                                \
    else                                                                                           \
        write_reference(printer, "text");                                                          \
    printer_object_end(printer);
    MODIFIERS(X)
#undef X
}

static void write_price_keys(struct printer *printer)
{
#define X(key, help)                                                                               \
    open_described(printer, key, help);                                                            \
    if (!strcmp(key, "currency")) {                                                                \
        write_string(printer, "^[A-Z]{3}$");                                                       \
    } else {                                                                                       \
        write_count(printer, &(const struct shape){.kind = SHAPE_COUNT, .most = 6});               \
    }                                                                                              \
    printer_object_end(printer);
    PRICE_KEYS(X)
#undef X
}

static void write_predicate(struct printer *printer, enum predicate_kind kind, const char *value)
{
    open_described(printer, predicate_key(kind), predicate_help(kind));
    switch (predicate_operand(kind)) {
    case OPERAND_VALUE: write_reference(printer, value); break;
    case OPERAND_TEXT:
    case OPERAND_PATTERN:
        write_types(printer, (const char *const[]){"string", "number", "boolean", NULL});
        break;
    case OPERAND_BOOL: printer_text(printer, "type", "boolean"); break;
    case OPERAND_COUNT: write_any_of(printer, "value", "predicates"); break;
    case OPERAND_TYPE:
        printer_array(printer, "enum");
        for (const char *const *word = type_words; *word; word++)
            printer_text(printer, NULL, *word);
        printer_null(printer, NULL); /* YAML's null, unquoted */
        printer_array_end(printer);
    }
    printer_object_end(printer);
}

static void write_predicates(struct printer *printer, const char *value)
{
    for (size_t i = 0; i < PREDICATE_KIND_COUNT; i++)
        write_predicate(printer, (enum predicate_kind)i, value);
}

/* At least one source, or one of the other keys (ended by NULL). */
static void write_source_needed(struct printer *printer, const char *const *others)
{
    printer_array(printer, "anyOf");
    for (size_t i = 0; i < SOURCE_KIND_COUNT || (others && *others); i++) {
        const char *key = i < SOURCE_KIND_COUNT ? source_key((enum source_kind)i) : *others++;
        printer_object(printer, NULL);
        write_words(printer, "required", (const char *const[]){key, NULL});
        printer_object_end(printer);
    }
    printer_array_end(printer);
}

static void open_mapping(struct printer *printer, const char *name)
{
    printer_object(printer, name);
    printer_text(printer, "type", "object");
    printer_bool(printer, "additionalProperties", false);
    printer_object(printer, "properties");
}

/* A source with its modifiers, and with what else may stand there. */
static void define_source(struct printer *printer, const char *name, bool held, bool price)
{
    open_mapping(printer, name);
    write_sources(printer, NULL, held);
    if (held) write_predicates(printer, "value");
    if (price) write_price_keys(printer);
    printer_object_end(printer);
    write_source_needed(printer, NULL);
    printer_object_end(printer);
}

static void define_check(struct printer *printer)
{
    static const char *const special[] = {"price", "cart", "session", NULL};
    open_mapping(printer, "check");
#define X(key, help)                                                                               \
    open_described(printer, key, help);                                                            \
    write_reference(printer, !strcmp(key, "message") ? "template"                                  \
                             : !strcmp(key, "price") ? "price-check"                               \
                                                     : "source-check");                            \
    printer_object_end(printer);
    CHECK_WORDS(X)
#undef X
    write_sources(printer, NULL, true);
    write_predicates(printer, "value");
    printer_object_end(printer);
    write_source_needed(printer, special);
    printer_object_end(printer);
}

static void write_price_source(struct printer *printer)
{
    open_described(printer, "price", "a source that is read as money");
    write_reference(printer, "price-source");
    printer_object_end(printer);
}

/* A bare word, a source, or a source of money. */
static void define_capture(struct printer *printer)
{
    printer_object(printer, "capture");
    printer_array(printer, "anyOf");
    printer_object(printer, NULL);
    printer_array(printer, "enum");
    for (size_t i = 0; i < SOURCE_KIND_COUNT; i++) {
        if (source_argument((enum source_kind)i) == ARGUMENT_NONE)
            printer_text(printer, NULL, source_key((enum source_kind)i));
    }
    printer_array_end(printer);
    printer_object_end(printer);
    write_member(printer, NULL, "source");
    open_mapping(printer, NULL);
    write_price_source(printer);
    printer_object_end(printer);
    write_words(printer, "required", (const char *const[]){"price", NULL});
    printer_object_end(printer);
    printer_array_end(printer);
    printer_object_end(printer);
}

static void write_find(struct printer *printer, const struct shape *shape)
{
    printer_text(printer, "type", "object");
    printer_bool(printer, "additionalProperties", false);
    printer_object(printer, "properties");
    for (const struct key_rule *rule = shape->rules; rule->key; rule++) {
        if (shape_takes(shape, rule)) write_shape(printer, rule->key, rule->shape, rule->help);
    }
    write_sources(printer, shape->words, false);
    write_price_source(printer);
    printer_object_end(printer);
    write_alternatives(printer, "oneOf", shape->one_of);
}

/* --- The whole */

static void define_predicates(struct printer *printer, const char *name, const char *value)
{
    open_mapping(printer, name);
    write_predicates(printer, value);
    printer_object_end(printer);
    printer_object_end(printer);
}

/* A scalar or a list of them. */
static void define_value(struct printer *printer)
{
    printer_object(printer, "value");
    write_types(printer,
                (const char *const[]){"string", "number", "boolean", "null", "array", NULL});
    write_member(printer, "items", "value");
    printer_object_end(printer);
}

static void define_scalars(struct printer *printer)
{
    static const char *const scalar[] = {"string", "number", "boolean", NULL};
    printer_object(printer, "text");
    write_types(printer, scalar);
    printer_integer(printer, "minLength", 1);
    printer_text(printer, "pattern", "^(?!.*\\$\\{)");
    printer_object_end(printer);
    printer_object(printer, "template");
    write_types(printer, scalar);
    printer_object_end(printer);
    printer_object(printer, "duration");
    write_string(printer, "^" DURATION);
    printer_object_end(printer);
    printer_object(printer, "time");
    write_string(printer, "\\$\\{|^" DURATION);
    printer_object_end(printer);
    define_value(printer);
}

/* All mappings below `root` that have a name. */
static void define_named(struct printer *printer, const struct shape *root)
{
    struct named_shapes found = {0};
    named_shapes_find(&found, root);
    for (size_t i = 0; i < found.count; i++) {
        if (!found.items[i]->rules) continue; /* checks and captures: below */
        AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
        buf_add_text(&name, found.items[i]->name);
        for (size_t k = 0; k < name.length; k++) {
            if (name.data[k] == ' ') name.data[k] = '-';
        }
        printer_object(printer, buf_text(&name));
        write_body(printer, found.items[i]);
        printer_object_end(printer);
    }
}

static void write_definitions(struct printer *printer)
{
    printer_object(printer, "definitions");
    define_named(printer, &journey_shape);
    define_check(printer);
    define_capture(printer);
    define_source(printer, "source", false, false);
    define_source(printer, "price-source", false, true);
    define_source(printer, "source-check", true, false);
    define_source(printer, "price-check", true, true);
    define_predicates(printer, "predicates", "value");
    define_predicates(printer, "time-predicates", "time");
    define_scalars(printer);
    printer_object_end(printer);
}

static void begin_schema(struct printer *printer, const char *title, const char *description,
                         const struct shape *root)
{
    printer_object(printer, NULL);
    printer_text(printer, "$schema", "http://json-schema.org/draft-07/schema#");
    printer_text(printer, "title", title);
    printer_text(printer, "description", description);
    write_reference(printer, root->name);
}

void generate_schema(struct buf *out)
{
    struct printer printer = PRINTER_INIT(out);
    begin_schema(&printer, "A journey of Mystery Shopper",
                 "Generated from the loader's own tables. `shopper validate` knows more: names "
                 "that nothing has set, keys that do not go together, malformed expressions.",
                 &journey_shape);
    write_definitions(&printer);
    printer_object_end(&printer);
}

void generate_config_schema(struct buf *out)
{
    struct printer printer = PRINTER_INIT(out);
    begin_schema(&printer, "A configuration of shopper daemon",
                 "Generated from the loader's own tables. `shopper validate` knows more: journeys "
                 "that are wrong, malformed times and expressions.",
                 &config_shape);
    printer_object(&printer, "definitions");
    define_named(&printer, &config_shape);
    define_scalars(&printer);
    printer_object_end(&printer);
    printer_object_end(&printer);
}
