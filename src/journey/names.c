/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which names are set where. A journey is read from top to bottom, so a name that is used before
 * anything sets it is found while loading.
 */
#include "base/map.h"
#include "base/vec.h"
#include "journey/loader.h"

#include <stdlib.h>
#include <string.h>

struct names {
    struct map set; /* name -> borrowed marker */
};

/* What every run sets. */
static const char *const built_in[] = {"run.id", "run.trace_id", "run.persona", "run.started",
                                       NULL};

struct names *names_new(void)
{
    struct names *names = NEW(struct names);
    for (size_t i = 0; built_in[i]; i++) names_set(names, built_in[i]);
    return names;
}

void names_free(struct names *names)
{
    if (!names) return;
    map_release(&names->set);
    free(names);
}

void names_set(struct names *names, const char *name)
{
    map_set(&names->set, view_of(name), names);
}

void names_unset(struct names *names, const char *name)
{
    map_remove(&names->set, view_of(name));
}

bool names_are_set(const struct names *names, const char *name)
{
    return map_get(&names->set, view_of(name)) != NULL;
}

bool name_is_valid(const char *name)
{
    if (!*name || (*name >= '0' && *name <= '9')) return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
           strlen(name);
}

static void note_environment(struct journey *journey, const char *name, struct place place)
{
    for (size_t i = 0; i < journey->environment_count; i++) {
        if (!strcmp(journey->environment[i].name, name)) return;
    }
    size_t size = (journey->environment_count + 1) * sizeof(*journey->environment);
    journey->environment = xrealloc(journey->environment, size);
    journey->environment[journey->environment_count++] =
        (struct named_place){.name = xstrdup(name), .place = place};
}

/* The fields of a CSV file are known only when it is read, at the start of a run. */
static bool account_may_have(const struct loader *loader, const char *field)
{
    for (; loader; loader = loader->parent) {
        const struct accounts_spec *accounts = &loader->journey->accounts;
        if (!accounts->present) continue;
        if (accounts->file) return true;
        for (size_t i = 0; accounts->count && i < accounts->list[0].field_count; i++) {
            if (!strcmp(accounts->list[0].fields[i].name, field)) return true;
        }
        return false;
    }
    return false;
}

static void say_unset(struct loader *loader, const struct expression *use)
{
    struct diag *diag = diag_error(loader->diags, DIAG_UNSET_NAME, use->place,
                                   "'%s' is used before anything sets it", use->name);
    AUTO_BUF known = BUF_INIT(1024);
    VEC(const char *) candidates = {0};
    map_each(entry, &loader->names->set) {
        vec_push(&candidates, entry->key);
        if (!strncmp(entry->key, "run.", 4)) continue;
        buf_addf(&known, "%s%s", known.length ? ", " : "", entry->key);
    }
    vec_push(&candidates, NULL);
    const char *near = suggest_nearest(view_of(use->name), candidates.items);
    if (near)
        diag_hint(diag, "did you mean '%s'?", near);
    else if (known.length)
        diag_hint(diag, "set at this point: %s", buf_text(&known));
    else
        diag_hint(diag, "nothing is set at this point");
    vec_release(&candidates);
}

static void check_name(void *context, const struct expression *use)
{
    struct loader *loader = context;
    if (!strncmp(use->name, "env.", 4)) {
        note_environment(loader->journey, use->name + 4, use->place);
    } else if (!strncmp(use->name, "account.", 8) && account_may_have(loader, use->name + 8)) {
        return;
    } else if (!names_are_set(loader->names, use->name)) {
        say_unset(loader, use);
    }
}

void names_check(struct loader *loader, const struct template *template)
{
    if (template) template_names(template, check_name, loader);
}
