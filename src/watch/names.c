/* SPDX-License-Identifier: Apache-2.0 */
/* Names in a configuration that nothing has: a window for `chekout` keeps nobody quiet, and a sink
 * for it hears nothing. Warnings, for a journey may be away for a while. */
#include "base/vec.h"
#include "watch/plan.h"

#include <string.h>

/* Borrowed; ends with NULL once it is complete. */
struct names {
    const char **items;
    size_t count, capacity;
};

struct known {
    struct names journeys, stages, owners;
};

static void add_stages(struct names *stages, const struct journey *journey)
{
    for (size_t i = 0; i < journey->step_count; i++) {
        const struct step *step = &journey->steps[i];
        if (*step->stage) vec_push(stages, step->stage);
        if (step->kind == STEP_USE && step->used) add_stages(stages, step->used);
    }
}

static struct known known_of(const struct plan *plan)
{
    static const char *const core[] = {"login", "price-view", "add-to-cart", "checkout"};
    struct known known = {0};
    vec_each(item, &plan->journeys) {
        const struct journey *journey = *item;
        vec_push(&known.journeys, journey->name);
        if (journey->owner) vec_push(&known.owners, journey->owner);
        add_stages(&known.stages, journey);
    }
    for (size_t i = 0; i < COUNT_OF(core); i++) vec_push(&known.stages, core[i]);
    vec_push(&known.owners, "prober");
    vec_push(&known.journeys, NULL);
    vec_push(&known.owners, NULL);
    vec_push(&known.stages, NULL);
    return known;
}

static void check_name(const struct yaml_node *node, const char *what, const struct names *names,
                       struct diags *diags)
{
    if (node->kind != YAML_SCALAR) return;
    for (size_t i = 0; names->items[i]; i++)
        if (!strcmp(names->items[i], node->text)) return;
    struct diag *diag = diag_warning(diags, DIAG_UNKNOWN_NAME, node->place, "no %s '%s' is watched",
                                     what, node->text);
    diag_suggest(diag, view_of(node->text), names->items);
}

/* One name, or a list of them. */
static void check_names(const struct yaml_node *mapping, const char *key, const char *what,
                        const struct names *names, struct diags *diags)
{
    const struct yaml_node *node = mapping ? yaml_get(mapping, key) : NULL;
    if (!node) return;
    if (node->kind != YAML_SEQUENCE) {
        check_name(node, what, names, diags);
        return;
    }
    for (size_t i = 0; i < node->count; i++) check_name(node->items[i], what, names, diags);
}

static void check_list(const struct yaml_node *list, const char *journeys, const char *stages,
                       const struct known *known, struct diags *diags)
{
    for (size_t i = 0; list && list->kind == YAML_SEQUENCE && i < list->count; i++) {
        check_names(list->items[i], journeys, "journey", &known->journeys, diags);
        check_names(list->items[i], stages, "stage", &known->stages, diags);
    }
}

static void check_sinks(const struct yaml_node *sinks, const struct known *known,
                        struct diags *diags)
{
    for (size_t i = 0; sinks && sinks->kind == YAML_MAPPING && i < sinks->count; i++) {
        check_names(sinks->pairs[i].value, "stages", "stage", &known->stages, diags);
        check_names(sinks->pairs[i].value, "owners", "owner of a journey", &known->owners, diags);
    }
}

void plan_check_names(const struct plan *plan, struct diags *diags)
{
    const struct config *config = &plan->config;
    if (!config->document) return;
    const struct yaml_node *root = yaml_root(config->document);
    const struct yaml_node *rules = config->policy ? yaml_get(config->policy, "rules") : NULL;
    struct known known = known_of(plan);
    check_list(yaml_get(root, "maintenance"), "journeys", "stages", &known, diags);
    check_list(rules, "journey", "stage", &known, diags);
    check_sinks(config->sinks, &known, diags);
    vec_release(&known.journeys);
    vec_release(&known.stages);
    vec_release(&known.owners);
}
