/* SPDX-License-Identifier: Apache-2.0 */
/* See jsonpath.h. The parser is jsonpath_parse.c, the evaluation jsonpath_eval.c. */
#include "answer/jsonpath_tree.h"
#include "base/vec.h"

#include <stdlib.h>

struct jsonpath *jsonpath_compile(struct view text, size_t *ret_offset, struct buf *message)
{
    *ret_offset = 0;
    if (text.length > JSONPATH_MAX_BYTES) {
        buf_addf(message, "malformed JSONPath: more than %d bytes", JSONPATH_MAX_BYTES);
        return NULL;
    }
    struct query query = {0};
    if (!query_parse(text, &query, ret_offset, message)) {
        query_release(&query);
        return NULL;
    }
    struct jsonpath *path = NEW(struct jsonpath);
    path->query = query;
    return path;
}

void jsonpath_free(struct jsonpath *path)
{
    if (!path) return;
    query_release(&path->query);
    free(path);
}

bool jsonpath_is_singular(const struct jsonpath *path)
{
    return query_is_singular(&path->query);
}

void jsonpath_nodes_release(struct jsonpath_nodes *nodes)
{
    vec_release(nodes);
}
