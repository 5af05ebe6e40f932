/* SPDX-License-Identifier: Apache-2.0 */
/* Journeys and diagnostics for other programs. See shopper/journey.h. */
#include "base/vec.h"
#include "library/library.h"

#include <stdlib.h>

struct shopper_diagnostics {
    struct diags diags;
    VEC(struct shopper_diagnostic) items; /* views of diags.items */
    struct buf text;
};

/* --- Diagnostics */

struct shopper_diagnostics *shopper_diagnostics_new(void)
{
    struct shopper_diagnostics *diagnostics = NEW(struct shopper_diagnostics);
    buf_init(&diagnostics->text, BUF_OWN_CAP);
    return diagnostics;
}

void shopper_diagnostics_clear(struct shopper_diagnostics *diagnostics)
{
    diags_release(&diagnostics->diags);
    vec_release(&diagnostics->items);
    buf_release(&diagnostics->text);
}

void shopper_diagnostics_free(struct shopper_diagnostics *diagnostics)
{
    if (!diagnostics) return;
    shopper_diagnostics_clear(diagnostics);
    free(diagnostics);
}

size_t shopper_diagnostics_count(const struct shopper_diagnostics *diagnostics)
{
    return diagnostics->items.count;
}

const struct shopper_diagnostic *
shopper_diagnostics_get(const struct shopper_diagnostics *diagnostics, size_t index)
{
    return index < diagnostics->items.count ? &diagnostics->items.items[index] : NULL;
}

const char *shopper_diagnostics_text(struct shopper_diagnostics *diagnostics)
{
    buf_clear(&diagnostics->text);
    diags_print(&diagnostics->diags, &diagnostics->text, false);
    return buf_text(&diagnostics->text);
}

static struct shopper_diagnostic diagnostic_of(const struct diag *diag)
{
    return (struct shopper_diagnostic){
        .level = diag->level == DIAG_ERROR ? SHOPPER_ERROR : SHOPPER_WARNING,
        .code = diag_code_text(diag->code),
        .message = diag->message,
        .hint = diag->hint,
        .file = diag->place.source ? source_name(diag->place.source) : NULL,
        .line = diag->place.line,
        .column = diag->place.column,
        .length = diag->place.length,
    };
}

struct diags *diagnostics_open(struct shopper_diagnostics *diagnostics, struct diags *scratch)
{
    *scratch = DIAGS_INIT;
    return diagnostics ? &diagnostics->diags : scratch;
}

void diagnostics_close(struct shopper_diagnostics *diagnostics, struct diags *scratch)
{
    diags_release(scratch);
    if (!diagnostics) return;
    diags_sort(&diagnostics->diags);
    diagnostics->items.count = 0;
    vec_each(diag, &diagnostics->diags) vec_push(&diagnostics->items, diagnostic_of(diag));
}

/* --- Journeys */

static struct shopper_journey *wrap(struct journey *loaded)
{
    if (!loaded) return NULL;
    struct shopper_journey *journey = NEW(struct shopper_journey);
    journey->journey = loaded;
    return journey;
}

struct shopper_journey *shopper_journey_load(const char *path, const char *const *variables,
                                             struct shopper_diagnostics *diagnostics)
{
    const struct load_options options = {.set_names = variables};
    struct diags scratch;
    struct diags *diags = diagnostics_open(diagnostics, &scratch);
    struct journey *loaded = journey_load(path, &options, diags);
    diagnostics_close(diagnostics, &scratch);
    return wrap(loaded);
}

struct shopper_journey *shopper_journey_load_text(const char *name, const char *text, size_t bytes,
                                                  const char *const *variables,
                                                  struct shopper_diagnostics *diagnostics)
{
    const struct load_options options = {.set_names = variables};
    struct diags scratch;
    struct diags *diags = diagnostics_open(diagnostics, &scratch);
    struct journey *loaded = journey_load_text(name, (struct view){text, bytes}, &options, diags);
    diagnostics_close(diagnostics, &scratch);
    return wrap(loaded);
}

void shopper_journey_free(struct shopper_journey *journey)
{
    if (!journey) return;
    journey_free(journey->journey);
    free(journey);
}

const char *shopper_journey_name(const struct shopper_journey *journey)
{
    return journey->journey->name;
}

const char *shopper_journey_persona(const struct shopper_journey *journey, size_t index)
{
    return index < journey->journey->persona_count ? journey->journey->personas[index] : NULL;
}
