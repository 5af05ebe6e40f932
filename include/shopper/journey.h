/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journeys, and what is wrong with them. A journey is immutable once loaded; it may be run many
 * times, and by many runs at once, all on one thread: a journey, its runs and their reports belong
 * to one. Its language is described in shopper-journey(5).
 */
#ifndef SHOPPER_JOURNEY_H
#define SHOPPER_JOURNEY_H

#include <shopper/version.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shopper_journey;

/* What was found wrong, all of it at once, in the order of the files. */
struct shopper_diagnostics;

enum shopper_level { SHOPPER_ERROR, SHOPPER_WARNING };

/* Read only, and good until the diagnostics change. */
struct shopper_diagnostic {
    enum shopper_level level;
    const char *code;      /* stable: "J010" */
    const char *message;   /* one line, without place or full stop */
    const char *hint;      /* "did you mean 'stage'?"; NULL: none */
    const char *file;      /* as the caller named it; NULL: it stands in no file */
    unsigned line, column; /* from 1, columns in code points; 0: no place */
    unsigned length;       /* of what is meant, in code points */
};

SHOPPER_API struct shopper_diagnostics *shopper_diagnostics_new(void) SHOPPER_MUST_CHECK;
SHOPPER_API void shopper_diagnostics_free(struct shopper_diagnostics *diagnostics);
SHOPPER_API void shopper_diagnostics_clear(struct shopper_diagnostics *diagnostics);
SHOPPER_API size_t shopper_diagnostics_count(const struct shopper_diagnostics *diagnostics);
/* NULL: there is no such one. */
SHOPPER_API const struct shopper_diagnostic *
shopper_diagnostics_get(const struct shopper_diagnostics *diagnostics, size_t index);
/* All of them as a compiler prints them, each with its quoted line; "" for none. Good until the
 * diagnostics change. */
SHOPPER_API const char *shopper_diagnostics_text(struct shopper_diagnostics *diagnostics);

/*
 * Loads and checks a file (YAML or JSON) and the files that it uses. NULL: it has errors, which
 * were added to `diagnostics` (which may be NULL, if nobody wants to know). `variables` names what
 * will be set with shopper_run_set_variable, ended by NULL, so that the journey may use it; NULL:
 * nothing.
 */
SHOPPER_API struct shopper_journey *
shopper_journey_load(const char *path, const char *const *variables,
                     struct shopper_diagnostics *diagnostics) SHOPPER_MUST_CHECK;
/* The same for a text of `bytes` bytes. `name` stands in diagnostics, and files that the journey
 * names are looked for beside it. */
SHOPPER_API struct shopper_journey *
shopper_journey_load_text(const char *name, const char *text, size_t bytes,
                          const char *const *variables,
                          struct shopper_diagnostics *diagnostics) SHOPPER_MUST_CHECK;
/* Runs and reports hold their journey by themselves. */
SHOPPER_API void shopper_journey_free(struct shopper_journey *journey);

SHOPPER_API const char *shopper_journey_name(const struct shopper_journey *journey);
/* The personas that the journey wants to be walked as, in its order; NULL past the last one. */
SHOPPER_API const char *shopper_journey_persona(const struct shopper_journey *journey,
                                                size_t index);

#ifdef __cplusplus
}
#endif

#endif
