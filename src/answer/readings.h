/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies read: JSON and HTML, parsed on first use. Shoppers who get the same bytes share one
 * reading, because most of a shop's pages and catalogue answers are the same for everybody, and
 * parsing a page as a browser does costs more than fetching it. A body that was never seen before
 * is only remembered by its hash; when it comes again, its reading is kept, within bounds, the
 * least used one going first.
 *
 * A reading is immutable but for its own laziness, and counted: it lives as long as a message or
 * the cache holds it.
 */
#ifndef SHOPPER_ANSWER_READINGS_H
#define SHOPPER_ANSWER_READINGS_H

#include "answer/html.h"
#include "answer/json.h"

struct reading;
struct readings;

#define READINGS_MAX_COUNT 64
#define READINGS_MAX_BODY ((size_t)256 << 10) /* larger bodies are not kept */
#define READINGS_MAX_BYTES ((size_t)4 << 20)  /* of all bodies that are kept */

struct readings *readings_new(void) MUST_CHECK;
void readings_free(struct readings *readings); /* readings that messages hold live on */

/* The body must live as long as the reading is used by its first holder; `readings` may be NULL:
 * nothing is shared. Give it back with reading_free. */
struct reading *readings_take(struct readings *readings, struct view body,
                              struct view charset) MUST_CHECK;
void reading_free(struct reading *reading);

/* NULL: it is no such thing; `*ret_reason` (borrowed) says why. */
const cJSON *reading_json(struct reading *reading, const char **ret_reason) MUST_CHECK;
const struct html *reading_html(struct reading *reading, const char **ret_reason) MUST_CHECK;
/* It was read as HTML, and more than we read. */
bool reading_is_too_large(const struct reading *reading);

#endif
