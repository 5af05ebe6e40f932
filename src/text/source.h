/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text that a person wrote, kept whole so that messages can quote it, and places in it.
 * A source is counted: whoever keeps a place keeps the source alive through the journey it came
 * from.
 */
#ifndef SHOPPER_TEXT_SOURCE_H
#define SHOPPER_TEXT_SOURCE_H

#include "base/error.h"
#include "base/view.h"

#include <stdint.h>

struct source;

#define SOURCE_MAX_BYTES ((size_t)1 << 20)

struct source *source_new(const char *name, struct view bytes); /* copies both */
struct source *source_read(const char *path,
                           struct error *error) MUST_CHECK; /* NULL: not readable, too large */
struct source *source_hold(struct source *source);
void source_free(struct source *source); /* gives one hold back */
const char *source_name(const struct source *source);
struct view source_bytes(const struct source *source);
/* One line without its line feed; `line` counts from 1; empty past the end. The line map is lazy.
 */
struct view source_line(const struct source *source, uint32_t line);
/* A secret stands in this line: no message quotes it from now on. */
void source_conceal(struct source *source, uint32_t line);
bool source_conceals(const struct source *source, uint32_t line);

/* Where something stands. Columns count code points from 1; length is in code points, 0 is a point.
 */
struct place {
    const struct source *source; /* borrowed; NULL: nowhere */
    uint32_t line, column, length;
};

#define PLACE_NOWHERE ((struct place){NULL, 0, 0, 0})
/* "file:line:col", or "" for nowhere. */
#define PLACE_TEXT_SIZE 512
void place_print(struct place place, char text[static PLACE_TEXT_SIZE]);

#endif
