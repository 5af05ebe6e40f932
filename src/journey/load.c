/* SPDX-License-Identifier: Apache-2.0 */
/* Files, the top of a journey, and `use`. See journey.h and loader.h. */
#include "base/clock.h"
#include "base/file.h"
#include "base/vec.h"
#include "journey/lint.h"
#include "journey/loader.h"
#include "journey/program.h"
#include "journey/uses.h"

#include <stdlib.h>
#include <string.h>

/* --- Simple keys at the top */

static void load_name(struct loader *loader, const struct yaml_node *node, void *journey)
{
    load_text(loader, node, "the journey's name", &((struct journey *)journey)->name);
}

static void load_description(struct loader *loader, const struct yaml_node *node, void *journey)
{
    load_text(loader, node, "the description", &((struct journey *)journey)->description);
}

static void load_owner(struct loader *loader, const struct yaml_node *node, void *journey)
{
    load_text(loader, node, "the owner", &((struct journey *)journey)->owner);
}

static void load_runbook(struct loader *loader, const struct yaml_node *node, void *journey)
{
    load_text(loader, node, "the runbook", &((struct journey *)journey)->runbook);
}

static void check_variable_name(struct loader *loader, const char *name, struct place place)
{
    if (name_is_valid(name)) return;
    diag_error(loader->diags, DIAG_BAD_VALUE, place,
               "a variable's name has letters, digits and '_': '%s'", name);
}

static void load_vars(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct journey *journey = object;
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(loader, node, "vars", "a mapping of names to values");
        return;
    }
    journey->vars = xcalloc(node->count, sizeof(*journey->vars));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        struct name_template *var = &journey->vars[journey->var_count++];
        var->name = xstrdup(key->text);
        var->place = key->place;
        check_variable_name(loader, key->text, key->place);
        load_operand(loader, node->pairs[i].value, OPERAND_PLAIN, &var->value);
        names_set(loader->names, key->text);
    }
}

static void load_personas(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct journey *journey = object;
    journey->persona_count =
        load_list(loader, node, "a persona", &journey->personas, &journey->persona_places);
    if (node->kind == YAML_SEQUENCE && !node->count)
        diag_error(loader->diags, DIAG_EMPTY, node->place, "no persona: nobody would walk");
    for (size_t i = 0; i < journey->persona_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(journey->personas[i], journey->personas[k])) continue;
            diag_error(loader->diags, DIAG_DUPLICATE_NAME, journey->persona_places[i],
                       "the persona '%s' stands twice", journey->personas[i]);
            break;
        }
    }
}

static void load_deadline(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_span(loader, node, "the deadline", &((struct journey *)object)->deadline_us);
}

static void load_journey_steps(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct journey *journey = object;
    load_steps(loader, node, "steps", &journey->steps, &journey->step_count);
}

static void load_finally(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct journey *journey = object;
    loader->in_side = true;
    load_steps(loader, node, "finally", &journey->finally, &journey->finally_count);
    loader->in_side = false;
}

/* In the order in which what they set may be used. */
static const struct key_rule journey_rules[] = {
    {"journey", load_name, true, &text_shape, "its name"},
    {"description", load_description, false, &text_shape, "for people: what it proves"},
    {"owner", load_owner, false, &text_shape, "for people: whose it is"},
    {"runbook", load_runbook, false, &text_shape, "for people: what to do when it fails"},
    {"secrets", load_secrets, false, &secrets_shape,
     "by reference only; used as `${secret.NAME}`, and in no output of any kind"},
    {"accounts", load_accounts, false, &accounts_shape,
     "a pool of which each run leases one, used as `${account.FIELD}`"},
    {"vars", load_vars, false, &values_shape, "names and values, used as `${NAME}`"},
    {"base", load_base, false, &template_shape,
     "the shop's URL; paths resolve against it, and its host is allowed"},
    {"allow_hosts", load_allow_hosts, false, &texts_shape,
     "other hosts that requests may go to, also by redirect; `*.example` allows what ends so"},
    {"personas", load_personas, false, &texts_shape,
     "one run for each: `desktop` (when not said), `iphone`, `android-app`, or your own"},
    {"schedule", load_schedule, false, &schedule_shape, "when it is walked"},
    {"deadline", load_deadline, false, &duration_shape,
     "of a whole run, 60s when not said; cleaning up has 30s of its own"},
    {"confirm", load_confirm, false, &confirm_shape, "how a failure is confirmed before it counts"},
    {"objective", load_objective, false, &objective_shape, "what the shop promises"},
    {"defaults", load_defaults, false, &defaults_shape, "for all steps that do not say otherwise"},
    {"steps", load_journey_steps, true, &steps_shape, "the way, from top to bottom"},
    {"finally", load_finally, false, &side_steps_shape, "walked last, whatever happened"},
    {0},
};

const struct shape journey_shape = {
    .kind = SHAPE_MAPPING, .name = "journey", .rules = journey_rules};

/* --- Files */

static struct journey *journey_new(struct source *source, const char *path)
{
    struct journey *journey = NEW(struct journey);
    journey->holds = 1;
    journey->file = source_hold(source);
    journey->path = xstrdup(path);
    journey->deadline_us = JOURNEY_DEFAULT_DEADLINE_US;
    journey->confirm.failures = 2;
    return journey;
}

static void fill_defaults(struct journey *journey)
{
    if (!journey->persona_count) {
        free(journey->personas);
        free(journey->persona_places);
        journey->personas = xcalloc(1, sizeof(*journey->personas));
        journey->persona_places = xcalloc(1, sizeof(*journey->persona_places));
        journey->personas[0] = xstrdup("desktop");
        journey->persona_count = 1;
    }
    if (!journey->confirm.reprobe_after_us) {
        journey->confirm.reprobe_after_us = xcalloc(2, sizeof(int64_t));
        journey->confirm.reprobe_after_us[0] = 2 * US_PER_SECOND;
        journey->confirm.reprobe_after_us[1] = 5 * US_PER_SECOND;
        journey->confirm.reprobe_count = 2;
    }
}

static struct journey *load_source(struct source *source, const char *path, struct loader *loader)
{
    size_t errors = loader->diags->errors;
    struct yaml_document *document = yaml_load(source, loader->diags);
    if (!document) return NULL;
    if (loader->use && yaml_root(document)->kind != YAML_MAPPING) {
        /* It may be a secret's file: nothing of it is shown. */
        diag_error(loader->diags, DIAG_WRONG_TYPE, loader->use->place, "'%s' is no journey",
                   loader->use->text);
        yaml_document_free(document);
        return NULL;
    }
    struct journey *journey = journey_new(source, path);
    loader->journey = journey;
    load_mapping(loader, yaml_root(document), "a journey", journey_rules, journey);
    if (!loader->parent && journey->base_host)
        (void)!journey_hosts_are_allowed(journey, journey->base_host, loader->diags);
    fill_defaults(journey);
    yaml_document_free(document);
    if (loader->diags->errors == errors) return journey;
    journey_free(journey);
    return NULL;
}

static struct journey *load_top(struct source *source, const char *path,
                                const struct load_options *options, struct diags *diags)
{
    static const struct load_options no_options = {0};
    size_t step_total = 0;
    struct names *names = names_new();
    struct loader loader = {
        .diags = diags,
        .options = options ? options : &no_options,
        .names = names,
        .step_total = &step_total,
        .timeout_us = JOURNEY_DEFAULT_TIMEOUT_US,
        .stall_us = JOURNEY_DEFAULT_STALL_US,
        .follow = JOURNEY_DEFAULT_FOLLOW,
        .stage = "",
    };
    for (const char *const *set = loader.options->set_names; set && *set; set++)
        names_set(names, *set);
    struct journey *journey = load_source(source, path, &loader);
    names_free(names);
    if (!journey) return NULL;
    journey->program = program_lower(journey);
    if (loader.options->lint) journey_lint(journey, NULL, 0, diags);
    return journey;
}

struct journey *journey_load_text(const char *name, struct view text,
                                  const struct load_options *options, struct diags *diags)
{
    struct source *source = source_new(name, text);
    struct journey *journey = load_top(source, name, options, diags);
    source_free(source);
    return journey;
}

struct journey *journey_load(const char *path, const struct load_options *options,
                             struct diags *diags)
{
    AUTO_ERROR error = ERROR_NONE;
    struct source *source = source_read(path, &error);
    if (!source) {
        diag_error(diags, DIAG_UNREADABLE, PLACE_NOWHERE, "%s", error_text(&error));
        return NULL;
    }
    struct journey *journey = load_top(source, path, options, diags);
    source_free(source);
    return journey;
}

/* --- use */

static bool circle_or_too_deep(struct loader *loader, const struct yaml_node *node,
                               const char *path)
{
    size_t depth = 0;
    for (const struct loader *at = loader; at; at = at->parent, depth++) {
        if (strcmp(at->journey->path, path)) continue;
        diag_error(loader->diags, DIAG_RECURSION, node->place, "'%s' uses itself", node->text);
        return true;
    }
    if (depth < JOURNEY_MAX_USE_DEPTH) return false;
    diag_error(loader->diags, DIAG_RECURSION, node->place, "files use each other more than %d deep",
               JOURNEY_MAX_USE_DEPTH);
    return true;
}

static void note_used(struct journey *journey, const struct journey *used)
{
    size_t size = (journey->used_count + 1) * sizeof(*journey->used);
    journey->used = xrealloc(journey->used, size);
    journey->used[journey->used_count++] = used;
}

/* NULL when it has errors. */
static struct journey *load_used(struct loader *loader, const struct yaml_node *node,
                                 const char *stage)
{
    AUTO_FREE char *name = NULL;
    if (!load_text(loader, node, "use", &name)) return NULL;
    AUTO_FREE char *directory = path_directory(loader->journey->path);
    AUTO_FREE char *path = path_join(directory, name);
    if (circle_or_too_deep(loader, node, path)) return NULL;
    AUTO_ERROR error = ERROR_NONE;
    struct source *source = source_read(path, &error);
    if (!source) {
        diag_error(loader->diags, DIAG_UNREADABLE, node->place, "cannot use '%s': %s", name,
                   error_text(&error));
        return NULL;
    }
    struct loader inner = {
        .diags = loader->diags,
        .options = loader->options,
        .parent = loader,
        .use = node,
        .names = loader->names,
        .step_total = loader->step_total,
        .timeout_us = loader->timeout_us, /* until the used file's own defaults say otherwise */
        .stall_us = loader->stall_us,
        .follow = loader->follow,
        .stage = stage,
        .in_side = loader->in_side,
    };
    struct journey *used = load_source(source, path, &inner);
    source_free(source);
    if (used) note_used(loader->journey, used);
    return used;
}

void load_with(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    load_name_templates(loader, node, "with", &step->with, &step->with_count);
    for (size_t i = 0; i < step->with_count; i++) {
        check_variable_name(loader, step->with[i].name, step->with[i].place);
        names_set(loader->names, step->with[i].name);
    }
}

/* A default would stand in silently for what is misspelt. */
static void refuse_unread(struct loader *loader, const struct yaml_node *file,
                          const struct step *step)
{
    struct uses uses = {0};
    uses_add(&uses, step->used);
    for (size_t i = 0; i < step->with_count; i++) {
        const struct name_template *variable = &step->with[i];
        if (uses_name(&uses, variable->name) || !name_is_valid(variable->name)) continue;
        struct diag *diag = diag_error(loader->diags, DIAG_UNREAD_NAME, variable->place,
                                       "'%s' reads no '%s'", file->text, variable->name);
        const char *nearest = uses_nearest(&uses, variable->name);
        if (nearest) diag_hint(diag, "did you mean '%s'?", nearest);
    }
    uses_release(&uses);
}

void load_use(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    step->used = load_used(loader, node, step->stage ? step->stage : loader->stage);
    if (!step->used)
        names_are_lost(loader->names);
    else if (step->with_count)
        refuse_unread(loader, node, step);
}
