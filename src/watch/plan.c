/* SPDX-License-Identifier: Apache-2.0 */
/* See plan.h. */
#include "watch/plan.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

/* Two journeys of one name could not be told apart in any report. */
static void refuse_doubles(const struct plan *plan, struct diags *diags)
{
    for (size_t i = 0; i < plan->journeys.count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct journey *one = plan->journeys.items[k], *other = plan->journeys.items[i];
            if (strcmp(one->name, other->name) != 0) continue;
            struct place place = {.source = other->file, .line = 1, .column = 1};
            diag_hint(diag_error(diags, DIAG_DUPLICATE_NAME, place, "there is another journey '%s'",
                                 one->name),
                      "it stands in %s", one->path);
        }
    }
}

/* Names stand in lines, of the log and of what is remembered. */
static void refuse_broken_names(const struct plan *plan, struct diags *diags)
{
    vec_each(item, &plan->journeys) {
        const struct journey *journey = *item;
        struct place place = {.source = journey->file, .line = 1, .column = 1};
        if (strpbrk(journey->name, "\r\n"))
            diag_error(diags, DIAG_WRONG_TYPE, place,
                       "the journey's name must be one line of text");
        for (size_t i = 0; i < journey->persona_count; i++)
            if (strpbrk(journey->personas[i], "\r\n"))
                diag_error(diags, DIAG_WRONG_TYPE, journey->persona_places[i],
                           "a persona's name must be one line of text");
    }
}

static void refuse_unknown_personas(const struct plan *plan, struct diags *diags)
{
    vec_each(item, &plan->journeys) {
        const struct journey *journey = *item;
        for (size_t i = 0; i < journey->persona_count; i++)
            (void)!personas_require(plan->personas, journey, journey->personas[i], diags);
    }
}

static void load_journeys(struct plan *plan, const struct plan_source *source, struct diags *diags)
{
    VEC(const char *) paths = {0};
    const struct load_options options = {0};
    vec_each(path, &plan->config.journeys) vec_push(&paths, *path);
    for (size_t i = 0; i < source->journey_count; i++) vec_push(&paths, source->journeys[i]);
    if (journeys_load_paths(paths.items, paths.count, &options, &plan->journeys, diags) &&
        !plan->journeys.count)
        diag_error(diags, DIAG_EMPTY, PLACE_NOWHERE, "there is no journey to watch");
    vec_release(&paths);
}

struct plan *plan_load(const struct plan_source *source, struct diags *diags)
{
    struct plan *plan = NEW(struct plan);
    size_t errors = diags->errors;
    plan->personas = personas_new();
    bool read = config_load(source->config_path, &plan->config, diags) || plan->config.document;
    if (read) {
        if (plan->config.personas)
            (void)!personas_load(plan->personas, plan->config.personas, diags);
        load_journeys(plan, source, diags);
        refuse_doubles(plan, diags);
        refuse_broken_names(plan, diags);
        refuse_unknown_personas(plan, diags);
        plan->policy =
            plan->config.policy ? policy_load(plan->config.policy, diags) : policy_default();
        if (plan->config.sinks) sinks_load(plan->config.sinks, &plan->sinks, diags);
    }
    if (diags->errors == errors) {
        plan_check_names(plan, diags);
        return plan;
    }
    plan_free(plan);
    return NULL;
}

void plan_free(struct plan *plan)
{
    if (!plan) return;
    sink_list_release(&plan->sinks);
    policy_free(plan->policy);
    journey_list_release(&plan->journeys);
    personas_free(plan->personas);
    config_release(&plan->config);
    free(plan);
}

static void add_files(const struct journey *journey, struct path_list *paths)
{
    vec_push(paths, xstrdup(journey->path));
    for (size_t i = 0; i < journey->used_count; i++) add_files(journey->used[i], paths);
}

static void add_named(const struct config *config, struct path_list *paths)
{
    vec_each(path, &config->journeys) vec_push(paths, xstrdup(*path));
    if (config->personas) vec_push(paths, xstrdup(config->personas));
}

void plan_paths(const struct plan *plan, const struct plan_source *source,
                struct path_list *ret_paths)
{
    if (source->config_path) vec_push(ret_paths, xstrdup(source->config_path));
    for (size_t i = 0; i < source->journey_count; i++)
        vec_push(ret_paths, xstrdup(source->journeys[i]));
    add_named(&plan->config, ret_paths);
    vec_each(journey, &plan->journeys) add_files(*journey, ret_paths);
}

void plan_source_paths(const struct plan_source *source, struct path_list *ret_paths)
{
    struct diags said = DIAGS_INIT; /* when the plan is loaded */
    struct config config = {0};
    (void)!config_load(source->config_path, &config, &said);
    add_named(&config, ret_paths);
    config_release(&config);
    diags_release(&said);
}
