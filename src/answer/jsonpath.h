/* SPDX-License-Identifier: Apache-2.0 */
/* JSONPath, RFC 9535 in full: all selectors, filters, and the functions length, count, match,
 * search, value. */
#ifndef SHOPPER_ANSWER_JSONPATH_H
#define SHOPPER_ANSWER_JSONPATH_H

#include "answer/json.h"

struct jsonpath;

#define JSONPATH_MAX_BYTES 4096
#define JSONPATH_MAX_DEPTH 64     /* of nested expressions */
#define JSONPATH_MAX_NODES 100000 /* a query that selects or visits more gives up */
#define JSONPATH_MAX_VISITS 2000000

/* NULL: malformed or not well-typed; `message` says why and *ret_offset (bytes) where. */
struct jsonpath *jsonpath_compile(struct view text, size_t *ret_offset,
                                  struct buf *message) MUST_CHECK;
void jsonpath_free(struct jsonpath *path);

struct jsonpath_nodes {
    const cJSON **items; /* borrowed from the document, in RFC 9535's order */
    size_t count, capacity;
};

/* False: a limit was met. The list may be empty; release it either way. */
bool jsonpath_query(const struct jsonpath *path, const cJSON *root,
                    struct jsonpath_nodes *ret_nodes) MUST_CHECK;
void jsonpath_nodes_release(struct jsonpath_nodes *nodes);
bool jsonpath_is_singular(const struct jsonpath *path); /* can give one node at the most */

#endif
