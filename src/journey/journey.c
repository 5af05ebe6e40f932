/* SPDX-License-Identifier: Apache-2.0 */
/* Holding, giving back and asking a loaded journey. How it is made is load*.c's. */
#include "journey/journey.h"

#include "base/vec.h"
#include "journey/program.h"

#include <stdlib.h>
#include <string.h>

static void operand_release(struct operand *operand)
{
    for (size_t i = 0; i < operand->count; i++) operand_release(&operand->items[i]);
    free(operand->items);
    template_free(operand->template);
    value_release(&operand->constant);
}

static void name_templates_free(struct name_template *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(items[i].name);
        operand_release(&items[i].value);
    }
    free(items);
}

static void source_spec_free(struct source_spec *source)
{
    if (!source) return;
    template_free(source->argument);
    free(source->attr);
    free(source->field);
    free(source->group);
    extractor_free(source->compiled);
    source_spec_free(source->inner); /* one deep */
    free(source);
}

static void predicates_free(struct predicate_spec *predicates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        operand_release(&predicates[i].expected);
        pattern_free(predicates[i].pattern);
        predicates_free(predicates[i].inner, predicates[i].inner_count);
    }
    free(predicates);
}

static void check_release(struct check *check)
{
    source_spec_free(check->source);
    predicates_free(check->predicates, check->predicate_count);
    template_free(check->message);
}

static void captures_free(struct capture *captures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(captures[i].name);
        source_spec_free(captures[i].source);
    }
    free(captures);
}

static void body_node_release(struct body_node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        if (node->keys) free(node->keys[i]);
        body_node_release(&node->children[i]);
    }
    free(node->keys);
    free(node->children);
    operand_release(&node->leaf);
}

static void body_release(struct body_spec *body)
{
    name_templates_free(body->fields, body->field_count);
    if (body->json) body_node_release(body->json);
    free(body->json);
    template_free(body->text);
    free(body->operation_name);
    for (size_t i = 0; i < body->part_count; i++) {
        struct body_part *part = &body->parts[i];
        free(part->name);
        operand_release(&part->value);
        free(part->filename);
        free(part->content_type);
        free(part->bytes);
    }
    free(body->parts);
}

static void steps_free(struct step *steps, size_t count);

static void step_release(struct step *step)
{
    free(step->name);
    free(step->stage);
    if (step->when) check_release(step->when);
    free(step->when);
    free(step->each_name);
    operand_release(&step->each);
    template_free(step->url);
    name_templates_free(step->query, step->query_count);
    name_templates_free(step->headers, step->header_count);
    template_free(step->auth.user);
    template_free(step->auth.password);
    template_free(step->auth.token);
    body_release(&step->body);
    for (size_t i = 0; i < step->check_count; i++) check_release(&step->checks[i]);
    free(step->checks);
    captures_free(step->captures, step->capture_count);
    captures_free(step->creates, step->create_count);
    steps_free(step->find, step->find ? 1 : 0);
    steps_free(step->undo, step->undo_count);
    journey_free(step->used);
    name_templates_free(step->with, step->with_count);
}

static void steps_free(struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) step_release(&steps[i]);
    free(steps);
}

static void secrets_free(struct secret_spec *secrets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(secrets[i].name);
        free(secrets[i].from);
    }
    free(secrets);
}

static void named_places_release(struct named_places *places)
{
    vec_each(place, places) free(place->name);
    vec_release(places);
}

static void settings_release(struct journey *journey)
{
    for (size_t i = 0; i < journey->allow_host_count; i++) free(journey->allow_hosts[i]);
    free(journey->allow_hosts);
    for (size_t i = 0; i < journey->persona_count; i++) free(journey->personas[i]);
    free(journey->personas);
    free(journey->persona_places);
    free(journey->schedule.cron);
    free(journey->schedule.timezone);
    free(journey->confirm.reprobe_after_us);
    free(journey->objective.latency);
    secrets_free(journey->secrets, journey->secret_count);
    for (size_t i = 0; i < journey->accounts.count; i++) {
        secrets_free(journey->accounts.list[i].fields, journey->accounts.list[i].field_count);
    }
    free(journey->accounts.list);
    free(journey->accounts.file);
    named_places_release(&journey->accounts.fields);
    named_places_release(&journey->environment);
    named_places_release(&journey->hosts);
}

struct journey *journey_hold(struct journey *journey)
{
    journey->holds++;
    return journey;
}

void journey_free(struct journey *journey)
{
    if (!journey || --journey->holds) return;
    program_free(journey->program);
    settings_release(journey);
    free(journey->used);
    name_templates_free(journey->vars, journey->var_count);
    steps_free(journey->steps, journey->step_count);
    steps_free(journey->finally, journey->finally_count);
    template_free(journey->base);
    free(journey->base_host);
    free(journey->path);
    free(journey->name);
    free(journey->description);
    free(journey->owner);
    free(journey->runbook);
    source_free(journey->file);
    free(journey);
}

bool journey_has_stage(const struct journey *journey, const char *stage)
{
    for (size_t i = 0; i < journey->step_count; i++) {
        if (journey->steps[i].stage && !strcmp(journey->steps[i].stage, stage)) return true;
    }
    for (size_t i = 0; i < journey->used_count; i++) {
        if (journey_has_stage(journey->used[i], stage)) return true;
    }
    return false;
}

bool journey_allows_host(const struct journey *journey, const char *host)
{
    for (size_t i = 0; i < journey->allow_host_count; i++) {
        const char *allowed = journey->allow_hosts[i];
        if (allowed[0] == '*' && view_ends_with(view_of(host), view_of(allowed + 1))) return true;
        if (!strcmp(allowed, host)) return true;
    }
    for (size_t i = 0; i < journey->used_count; i++) {
        if (journey_allows_host(journey->used[i], host)) return true;
    }
    return false;
}

static bool hosts_are_allowed(const struct journey *walked, const struct journey *journey,
                              const char *base_host, struct diags *diags)
{
    bool allowed = true;
    vec_each(host, &journey->hosts) {
        if (!strcmp(host->name, base_host) || journey_allows_host(walked, host->name)) continue;
        diag_hint(diag_error(diags, DIAG_HOST_NOT_ALLOWED, host->place,
                             "%s is neither the base's host, %s, nor one of `allow_hosts`",
                             host->name, base_host),
                  "allow it at the top: allow_hosts: [%s]", host->name);
        allowed = false;
    }
    for (size_t i = 0; i < journey->used_count; i++)
        allowed &= hosts_are_allowed(walked, journey->used[i], base_host, diags);
    return allowed;
}

bool journey_hosts_are_allowed(const struct journey *journey, const char *base_host,
                               struct diags *diags)
{
    return hosts_are_allowed(journey, journey, base_host, diags);
}
