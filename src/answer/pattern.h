/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: PCRE2 (10.42) in UTF mode, with match, depth and heap limits set, so that a
 * hostile page cannot make one run for long. The only user of pcre2.h. */
#ifndef SHOPPER_ANSWER_PATTERN_H
#define SHOPPER_ANSWER_PATTERN_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>

struct pattern;

#define PATTERN_MAX_BYTES 4096
#define PATTERN_MATCH_LIMIT 200000

/* NULL: malformed; `message` says why and *ret_offset (bytes) where. */
struct pattern *pattern_compile(struct view text, size_t *ret_offset,
                                struct buf *message) MUST_CHECK;
void pattern_free(struct pattern *pattern);
/* Index of a group by number ("1") or name ("sku"); -1: no such group. Group 0 is the whole match.
 */
int pattern_group(const struct pattern *pattern, const char *name) MUST_CHECK;

enum pattern_result { PATTERN_MATCH, PATTERN_NO_MATCH, PATTERN_GAVE_UP /* a limit was met */ };
/* Subject bytes that are not UTF-8 are matched by nothing, not even '.'. */
enum pattern_result pattern_find(const struct pattern *pattern, struct view subject) MUST_CHECK;

/* Goes through a text match by match. Begin with {.pattern, .subject}, both borrowed. */
struct pattern_walk {
    const struct pattern *pattern;
    struct view subject;
    size_t at;
    bool broken; /* not UTF-8 */
};
/* The next match; a group that took no part is VIEW_NONE. It always advances. */
enum pattern_result pattern_walk_next(struct pattern_walk *walk, int group,
                                      struct view *ret_group) MUST_CHECK;

/* I-Regexp (RFC 9485), for JSONPath's match() and search(): NULL when it is not one. */
struct pattern *pattern_compile_iregexp(struct view text, bool whole) MUST_CHECK;

#endif
