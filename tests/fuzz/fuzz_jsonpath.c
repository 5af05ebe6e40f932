/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile query on a hostile document: the first line is the JSONPath, the rest the JSON. */
#include "answer/jsonpath.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view document = {(const char *)data, size}, query = VIEW_NONE;
    struct buf message = BUF_INIT((size_t)64 << 10);
    size_t offset = 0;
    if (!size || !view_split(&document, '\n', &query)) return 0;
    struct jsonpath *path = jsonpath_compile(query, &offset, &message);
    cJSON *root = json_parse(document, &message);
    struct jsonpath_nodes nodes = {0};
    if (path && root) {
        (void)!jsonpath_query(path, root, &nodes);
        struct buf out = BUF_INIT((size_t)1 << 20);
        for (size_t i = 0; i < nodes.count && i < 10; i++) json_print(nodes.items[i], &out);
        buf_release(&out);
    }
    jsonpath_nodes_release(&nodes);
    jsonpath_free(path);
    cJSON_Delete(root);
    buf_release(&message);
    return 0;
}
