/* SPDX-License-Identifier: Apache-2.0 */
/* Personas: who the synthetic shopper looks like - headers, HTTP version, language. Built-in ones
 * and those of a file. */
#ifndef SHOPPER_JOURNEY_PERSONA_H
#define SHOPPER_JOURNEY_PERSONA_H

#include "journey/journey.h"

#include <stdbool.h>
#include <stddef.h>

struct persona_header {
    char *name, *value;
};

struct persona {
    char *name, *description;
    struct persona_header *headers; /* User-Agent, Accept, Accept-Language, ... in the order sent */
    size_t header_count;
    bool http1; /* speaks HTTP/1.1 only; otherwise HTTP/2 where the shop offers it */
};

struct personas {
    struct persona *items;
    size_t count, capacity; /* a VEC */
    unsigned holds;
};

/* The built-in ones: desktop, iphone, android-app. */
struct personas *personas_new(void) MUST_CHECK;
/* Adds (or replaces) those of a YAML file: a mapping of name to {description, user_agent, language,
 * headers, http: 1.1|2}. */
bool personas_load(struct personas *personas, const char *path, struct diags *diags) MUST_CHECK;
const struct persona *personas_find(const struct personas *personas, const char *name);
/* NULL: it is not known, which is said, where the journey names it with its place. */
const struct persona *personas_require(const struct personas *personas,
                                       const struct journey *journey, const char *name,
                                       struct diags *diags) MUST_CHECK;
/* Warns of those that the journey names and that are not known. */
void personas_lint(const struct personas *personas, const struct journey *journey,
                   struct diags *diags);
/* For runs, which may outlive whoever loaded them. personas_free gives back. */
struct personas *personas_hold(struct personas *personas);
void personas_free(struct personas *personas);

#endif
