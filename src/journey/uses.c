/* SPDX-License-Identifier: Apache-2.0 */
/* See uses.h. */
#include "journey/uses.h"

#include "base/vec.h"
#include "text/template.h"

#include <string.h>

static void use_name(struct uses *uses, const char *name)
{
    map_set(&uses->names, view_of(name), uses);
}

static void visit_name(void *context, const struct expression *expression)
{
    use_name(context, expression->name);
}

static void use_template(struct uses *uses, const struct template *template)
{
    if (template) template_names(template, visit_name, uses);
}

static void use_operand(struct uses *uses, const struct operand *operand)
{
    use_template(uses, operand->template);
    for (size_t i = 0; i < operand->count; i++) use_operand(uses, &operand->items[i]);
}

static void use_operands(struct uses *uses, const struct name_template *items, size_t count)
{
    for (size_t i = 0; i < count; i++) use_operand(uses, &items[i].value);
}

static void use_source(struct uses *uses, const struct source_spec *source)
{
    for (; source; source = source->inner) {
        use_template(uses, source->argument);
        if (source->kind != SOURCE_VAR || !source->argument) continue;
        const char *name = template_literal(source->argument);
        if (name)
            use_name(uses, name);
        else
            uses->any = true;
    }
}

static void use_predicates(struct uses *uses, const struct predicate_spec *predicates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        use_operand(uses, &predicates[i].expected);
        use_predicates(uses, predicates[i].inner, predicates[i].inner_count);
    }
}

static void use_check(struct uses *uses, const struct check *check)
{
    use_source(uses, check->source);
    use_predicates(uses, check->predicates, check->predicate_count);
    use_template(uses, check->message);
}

static void use_body_node(struct uses *uses, const struct body_node *node)
{
    use_operand(uses, &node->leaf);
    for (size_t i = 0; i < node->count; i++) use_body_node(uses, &node->children[i]);
}

static void use_request(struct uses *uses, const struct step *step)
{
    use_template(uses, step->url);
    use_operands(uses, step->query, step->query_count);
    use_operands(uses, step->headers, step->header_count);
    use_template(uses, step->auth.user);
    use_template(uses, step->auth.password);
    use_template(uses, step->auth.token);
    use_operands(uses, step->body.fields, step->body.field_count);
    if (step->body.json) use_body_node(uses, step->body.json);
    use_template(uses, step->body.text);
    for (size_t i = 0; i < step->body.part_count; i++)
        use_operand(uses, &step->body.parts[i].value);
}

static void use_steps(struct uses *uses, const struct step *steps, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        const struct step *step = &steps[at];
        if (step->when) use_check(uses, step->when);
        use_operand(uses, &step->each);
        use_request(uses, step);
        for (size_t i = 0; i < step->check_count; i++) use_check(uses, &step->checks[i]);
        for (size_t i = 0; i < step->capture_count; i++) use_source(uses, step->captures[i].source);
        for (size_t i = 0; i < step->create_count; i++) use_source(uses, step->creates[i].source);
        use_operands(uses, step->with, step->with_count);
        use_steps(uses, step->find, step->find ? 1 : 0);
        use_steps(uses, step->undo, step->undo_count);
        if (step->used) uses_add(uses, step->used); /* the loader keeps files from circling */
    }
}

void uses_add(struct uses *uses, const struct journey *journey)
{
    use_template(uses, journey->base);
    use_operands(uses, journey->vars, journey->var_count);
    use_steps(uses, journey->steps, journey->step_count);
    use_steps(uses, journey->finally, journey->finally_count);
}

void uses_release(struct uses *uses)
{
    map_release(&uses->names);
}

bool uses_name(const struct uses *uses, const char *name)
{
    return uses->any || map_get(&uses->names, view_of(name)) != NULL;
}

const char *uses_nearest(const struct uses *uses, const char *name)
{
    VEC(const char *) candidates = {0};
    map_each(entry, &uses->names) {
        if (!strchr(entry->key, '.')) vec_push(&candidates, entry->key);
    }
    vec_push(&candidates, NULL);
    const char *nearest = suggest_nearest(view_of(name), candidates.items);
    vec_release(&candidates);
    return nearest;
}

static void add_defaults(struct uses *uses, const struct journey *journey)
{
    for (size_t i = 0; i < journey->var_count; i++) use_name(uses, journey->vars[i].name);
    for (size_t i = 0; i < journey->used_count; i++) add_defaults(uses, journey->used[i]);
}

static bool is_of(const struct uses *uses, const char *name, struct error *error)
{
    bool variable = !strchr(name, '.'); /* "secret.x" is nobody's to give */
    if (variable && uses_name(uses, name)) return true;
    const char *nearest = uses_nearest(uses, name);
    return nearest
               ? error_set(error, "--var: nothing reads '%s': did you mean '%s'?", name, nearest)
               : error_set(error, "--var: nothing reads '%s'", name);
}

bool uses_of_all(const char *const *names, struct journey *const *journeys, size_t count,
                 struct error *error)
{
    struct uses uses = {0};
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        uses_add(&uses, journeys[i]);
        add_defaults(&uses, journeys[i]);
    }
    for (; good && count && *names; names++) good = is_of(&uses, *names, error);
    uses_release(&uses);
    return good;
}
