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
    bool lost;      /* something that sets names could not be read */
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

void names_are_lost(struct names *names)
{
    names->lost = true;
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

void named_places_add(struct named_places *places, const char *name, struct place place)
{
    vec_each(known, places) {
        if (!strcmp(known->name, name)) return;
    }
    vec_push(places, ((struct named_place){.name = xstrdup(name), .place = place}));
}

/* The rest of a name behind this prefix; NULL: it has another. */
static const char *behind(const char *prefix, const char *name)
{
    size_t length = strlen(prefix);
    return strncmp(name, prefix, length) ? NULL : name + length;
}

static struct journey *walked_journey(const struct loader *loader)
{
    while (loader->parent) loader = loader->parent;
    return loader->journey;
}

/* What is set here, but for what every run sets. */
static void hint_what_is_set(struct diag *diag, const struct names *names, const char *name)
{
    if (behind("run.", name)) {
        diag_hint(diag, "a run has %s, %s, %s and %s", built_in[0], built_in[1], built_in[2],
                  built_in[3]);
        return;
    }
    AUTO_BUF known = BUF_INIT(1024);
    map_each(entry, &names->set) {
        if (!behind("run.", entry->key))
            buf_addf(&known, "%s%s", known.length ? ", " : "", entry->key);
    }
    if (known.length)
        diag_hint(diag, "set at this point: %s", buf_text(&known));
    else
        diag_hint(diag, "nothing is set at this point");
}

/* "account.pin" and "account.user" have much in common, and mean nothing alike. */
static bool is_near(const char *name, const char *other)
{
    const char *dot = strchr(name, '.');
    size_t prefix = dot ? (size_t)(dot - name) + 1 : 0;
    if (strncmp(name, other, prefix) != 0) return true;
    const char *const field[] = {other + prefix, NULL};
    return suggest_nearest(view_of(name + prefix), field) != NULL;
}

static const char *nearest_set(const struct names *names, const char *name)
{
    VEC(const char *) candidates = {0};
    map_each(entry, &names->set) {
        if (is_near(name, entry->key)) vec_push(&candidates, entry->key);
    }
    vec_push(&candidates, NULL);
    const char *nearest = suggest_nearest(view_of(name), candidates.items);
    vec_release(&candidates);
    return nearest;
}

static bool some_account_has(const struct accounts_spec *accounts, const char *field)
{
    for (size_t i = 0; i < accounts->count; i++) {
        const struct account_spec *account = &accounts->list[i];
        for (size_t k = 0; k < account->field_count; k++) {
            if (!strcmp(account->fields[k].name, field)) return true;
        }
    }
    return false;
}

/* Why a run may find no account with this field; NULL: that is not it. */
static const char *account_trouble(const struct loader *loader, const char *name)
{
    const struct accounts_spec *accounts = &walked_journey(loader)->accounts;
    const char *field = behind("account.", name);
    if (!field) return NULL;
    if (some_account_has(accounts, field)) return "not every one of the `accounts` has it";
    if (!loader->parent || accounts->present) return NULL;
    return "a run leases from the `accounts` of its own journey, not of a file that it uses";
}

static void say_unset(struct loader *loader, const char *name, struct place place)
{
    const char *near = nearest_set(loader->names, name), *why = account_trouble(loader, name);
    if (loader->names->lost && !near) return; /* why has been said */
    struct diag *diag = diag_error(loader->diags, DIAG_UNSET_NAME, place,
                                   "'%s' is used before anything sets it", name);
    if (why)
        diag_hint(diag, "%s", why);
    else if (near)
        diag_hint(diag, "did you mean '%s'?", near);
    else
        hint_what_is_set(diag, loader->names, name);
}

void names_use(struct loader *loader, const char *name, struct place place)
{
    struct accounts_spec *accounts = &walked_journey(loader)->accounts;
    const char *variable = behind("env.", name), *field = behind("account.", name);
    if (variable) {
        named_places_add(&loader->journey->environment, variable, place);
    } else if (field && accounts->file) { /* which is read at the start of a run */
        named_places_add(&accounts->fields, field, place);
    } else if (!names_are_set(loader->names, name)) {
        say_unset(loader, name, place);
    }
}

static void use_expression(void *context, const struct expression *use)
{
    names_use(context, use->name, use->place);
}

void names_check(struct loader *loader, const struct template *template)
{
    if (template) template_names(template, use_expression, loader);
}
