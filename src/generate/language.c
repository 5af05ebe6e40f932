/* SPDX-License-Identifier: Apache-2.0 */
/* The journey language as a page: keys, sources, predicates, how steps end, what is said of errors.
 */
#include "answer/outcome.h"
#include "generate/generate.h"
#include "journey/journey.h"
#include "journey/persona.h"
#include "watch/config.h"

#include <string.h>

/* --- Walking the shapes */

bool shape_takes(const struct shape *shape, const struct key_rule *rule)
{
    for (const char *const *word = shape->without; word && *word; word++) {
        if (!strcmp(*word, rule->key)) return false;
    }
    if (shape->kind != SHAPE_FIND) return true;
    for (const char *const *word = shape->words; *word; word++) {
        if (!strcmp(*word, rule->key)) return true;
    }
    return false;
}

/* The tables are ours and no deeper than the language is: recursion ends where a name was seen. */
void named_shapes_find(struct named_shapes *found, const struct shape *shape)
{
    if (!shape) return;
    for (size_t i = 0; i < found->count; i++) {
        if (found->items[i] == shape) return;
    }
    if (shape->name) {
        ASSERT(found->count < NAMED_SHAPES_MAX);
        found->items[found->count++] = shape;
    }
    named_shapes_find(found, shape->of);
    named_shapes_find(found, shape->or_of);
    for (const struct key_rule *rule = shape->rules; rule && rule->key; rule++) {
        if (shape_takes(shape, rule)) named_shapes_find(found, rule->shape);
    }
}

/* --- What stands behind a key, in words */

static void add_words(const char *const *words, struct buf *out)
{
    for (size_t i = 0; words[i]; i++) buf_addf(out, "%s`%s`", i ? ", " : "", words[i]);
}

static void describe(const struct shape *shape, struct buf *out)
{
    if (shape->name && shape->rules) {
        buf_addf(out, "a mapping `%s`", shape->name);
        return;
    }
    switch (shape->kind) {
    case SHAPE_COUNT: buf_addf(out, "a whole number, %u to %u", shape->least, shape->most); return;
    case SHAPE_WORD: add_words(shape->words, out); return;
    case SHAPE_NAMES:
        if (shape->keys)
            add_words(shape->keys->words, out);
        else
            buf_add_text(out, "names");
        buf_add_text(out, ", each with ");
        describe(shape->of, out);
        return;
    case SHAPE_LIST:
        buf_add_text(out, "a list, each ");
        describe(shape->of, out);
        return;
    case SHAPE_EITHER:
        describe(shape->of, out);
        buf_add_text(out, "; or ");
        describe(shape->or_of, out);
        return;
    case SHAPE_TEXT:
    case SHAPE_TEMPLATE:
    case SHAPE_BOOL:
    case SHAPE_DURATION:
    case SHAPE_PERCENTAGE:
    case SHAPE_RATE:
    case SHAPE_VALUE:
    case SHAPE_TREE:
    case SHAPE_MAPPING:
    case SHAPE_CHECK:
    case SHAPE_CAPTURE:
    case SHAPE_FIND: buf_add_text(out, shape_kind_words(shape->kind)); return;
    }
}

static void add_condition(const char *before, const char *const *words, const char *after,
                          struct buf *out)
{
    if (!words) return;
    buf_addf(out, "%s%s", out->length ? " " : "", before);
    add_words(words, out);
    buf_add_text(out, after);
}

static bool is_needed(const struct shape *shape, const struct key_rule *rule)
{
    return rule->required || (shape->needs && !strcmp(shape->needs, rule->key));
}

static void write_mapping(struct page *page, const struct shape *shape)
{
    AUTO_BUF conditions = BUF_INIT(BUF_OWN_CAP);
    page_subheading(page, shape->name);
    add_condition("Exactly one of ", shape->one_of, ".", &conditions);
    add_condition("At most one of ", shape->most_one_of, ".", &conditions);
    if (shape->without) add_condition("As a step, but without ", shape->without, ".", &conditions);
    if (shape->kind == SHAPE_FIND)
        buf_add_text(&conditions,
                     " And one source, which gives what the first of `creates` would have given.");
    if (conditions.length) page_paragraph(page, buf_text(&conditions));
    if (shape->without) return;
    page_table(page, "key", "value", "meaning");
    for (const struct key_rule *rule = shape->rules; rule->key; rule++) {
        if (!shape_takes(shape, rule)) continue;
        AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
        describe(rule->shape, &value);
        if (is_needed(shape, rule)) buf_add_text(&value, "; needed");
        page_row(page, rule->key, buf_text(&value), rule->help);
    }
}

static void write_mappings(struct page *page, const char *what, const struct shape *root)
{
    struct named_shapes found = {0};
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
    named_shapes_find(&found, root);
    buf_addf(&words,
             "%s is one YAML file. Every key stands in one of these mappings; another one "
             "is an error.",
             what);
    page_heading(page, "Keys");
    page_paragraph(page, buf_text(&words));
    for (size_t i = 0; i < found.count; i++) {
        if (found.items[i]->rules) write_mapping(page, found.items[i]);
    }
}

/* --- Checks and captures */

static const char *argument_words(enum source_argument argument)
{
    switch (argument) {
    case ARGUMENT_NONE: return "";
    case ARGUMENT_NAME: return "NAME";
    case ARGUMENT_JSONPATH: return "JSONPATH";
    case ARGUMENT_CSS: return "SELECTOR";
    case ARGUMENT_XPATH: return "XPATH";
    case ARGUMENT_REGEX: return "REGEX";
    case ARGUMENT_WORD: return "days_left";
    }
    return "";
}

static void write_sources(struct page *page)
{
    page_heading(page, "Sources");
    page_paragraph(page, "Where a value comes from, in `check`, `capture`, `creates` and `find`. A "
                         "source gives its first match.");
    page_table(page, "source", NULL, "value");
    for (size_t i = 0; i < SOURCE_KIND_COUNT; i++) {
        enum source_kind kind = (enum source_kind)i;
        const char *argument = argument_words(source_argument(kind));
        AUTO_BUF term = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&term, "%s%s%s", source_key(kind), *argument ? ": " : "", argument);
        page_row(page, buf_text(&term), NULL, source_help(kind));
    }
    page_paragraph(page, "Beside a source may stand:");
    page_table(page, "key", NULL, "meaning");
#define X(key, help) page_row(page, key, NULL, help);
    MODIFIERS(X)
#undef X
}

static void write_checks(struct page *page)
{
    page_heading(page, "Checks");
    page_paragraph(page, "A check is a mapping with a source and with what its value is held "
                         "against. A source alone means that it exists; `status: 200` and the "
                         "like mean that it equals. A comparison that cannot be made fails.");
    page_table(page, "held against", NULL, "holds when the value");
    for (size_t i = 0; i < PREDICATE_KIND_COUNT; i++) {
        enum predicate_kind kind = (enum predicate_kind)i;
        page_row(page, predicate_key(kind), NULL, predicate_help(kind));
    }
    page_paragraph(page, "A check may also have:");
    page_table(page, "key", NULL, "meaning");
#define X(key, help) page_row(page, key, NULL, help);
    CHECK_WORDS(X)
#undef X
    page_paragraph(page, "Inside `price`, also in a capture, may stand:");
    page_table(page, "key", NULL, "meaning");
#define X(key, help) page_row(page, key, NULL, help);
    PRICE_KEYS(X)
#undef X
}

/* --- Outcomes and diagnostics */

static void write_outcomes(struct page *page)
{
    page_heading(page, "How a step can end");
    page_table(page, "kind", "whose fault", "what happened");
    for (size_t i = 0; i < OUTCOME_KIND_COUNT; i++) {
        enum outcome_kind kind = (enum outcome_kind)i;
        const char *fault = outcome_fault_word(outcome_fault(kind));
        page_row(page, outcome_word(kind), *fault ? fault : "nobody", outcome_help(kind));
    }
}

static void write_diagnostics(struct page *page)
{
    page_heading(page, "What is said of a journey");
    page_paragraph(page, "Each message has a place, the quoted line and one of these codes, which "
                         "are never given another meaning.");
    page_table(page, "code", NULL, "meaning");
    for (size_t i = 0; i < DIAG_CODE_COUNT; i++)
        page_row(page, diag_code_text((enum diag_code)i), NULL, diag_code_help((enum diag_code)i));
}

static void write_personas(struct page *page)
{
    struct personas *personas = personas_new();
    page_heading(page, "Built-in personas");
    page_table(page, "name", NULL, "who it looks like");
    for (size_t i = 0; i < personas->count; i++)
        page_row(page, personas->items[i].name, NULL, personas->items[i].description);
    personas_free(personas);
}

void generate_language(struct page *page)
{
    page_title(page,
               page->markup == MARKUP_MAN ? "shopper-journey" : "The journey language: reference",
               5, "what a journey file may say");
    if (page->markup == MARKUP_MAN) page_heading(page, "Description");
    page_paragraph(
        page,
        "A journey says what a shopper does: steps that send requests, what must hold of the "
        "answers, what is kept of them, and how to take back what was made. In values, `${name}` "
        "stands for what was captured, set in `vars`, or given as `env.NAME`, `secret.NAME`, "
        "`account.FIELD`, `run.id`, `run.trace_id`, `run.persona` and `run.started`; `${a * 2 + "
        "b}` "
        "calculates; `$${` is a literal `${`.");
    page_verbatim(page, "yaml",
                  "journey: price-view\n"
                  "base: https://shop.example\n"
                  "steps:\n"
                  "  - name: see the price\n"
                  "    stage: price-view\n"
                  "    get: /product/MUG-42\n"
                  "    check:\n"
                  "      - price: {css: \"[itemprop=price]\", currency: EUR, more_than: 0}\n");
    write_mappings(page, "A journey", &journey_shape);
    write_sources(page);
    write_checks(page);
    write_outcomes(page);
    write_personas(page);
    write_diagnostics(page);
    if (page->markup != MARKUP_MAN) return;
    page_heading(page, "See also");
    page_paragraph(page, "`shopper`(1)");
}

void generate_configuration(struct page *page)
{
    page_title(
        page, page->markup == MARKUP_MAN ? "shopper.yaml" : "The daemon's configuration: reference",
        5, "what `shopper daemon --config` reads");
    if (page->markup == MARKUP_MAN) page_heading(page, "Description");
    page_paragraph(page, "Says what the daemon watches, where it remembers, whom it tells. Paths "
                         "are relative to the file. `shopper validate` checks it with all "
                         "journeys that it names; SIGHUP, or a change of the file, makes the "
                         "daemon read it again.");
    page_verbatim(page, "yaml",
                  "journeys: journeys/\n"
                  "location: berlin\n"
                  "control: [https://example.com/]\n"
                  "maintenance:\n"
                  "  - name: weekly deployment\n"
                  "    cron: \"0 4 * * Sun\"\n"
                  "    timezone: Europe/Berlin\n"
                  "    duration: 30m\n");
    write_mappings(page, "A configuration", &config_shape);
    if (page->markup != MARKUP_MAN) return;
    page_heading(page, "See also");
    page_paragraph(page, "`shopper-daemon`(1), `shopper-journey`(5)");
}
