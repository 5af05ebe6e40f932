/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public JSONPath Compliance Test Suite against our JSONPath: usage: jsonpath_cts CTS.JSON
 *
 * Every document is printed and read again on its way, so json_parse and json_print are tried too.
 * Nodes are compared by value and, where the suite names their paths, by place. The suite itself is
 * not kept here: see jsonpath_cts.sh.
 */
#include "answer/jsonpath.h"
#include "base/file.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE_CAP_BYTES ((size_t)16 << 20)
#define TEXT_CAP_BYTES ((size_t)1 << 20)

/* Stands for U+0000 while the suite is a tree of cJSON, whose strings end there. */
#define STAND_IN "\xef\xa3\xbf" /* U+F8FF */

/* "\u0000" becomes the stand-in; an escaped backslash in front of "u0000" does not. */
static bool replace_nul(struct view text, struct buf *out)
{
    if (view_find(text, VIEW_LITERAL(STAND_IN)) != SIZE_MAX) return false;
    for (size_t at = 0; at < text.length;) {
        struct view rest = view_from(text, at);
        size_t length = *rest.data == '\\' ? 2 : 1;
        if (view_starts_with(rest, VIEW_LITERAL("\\u0000"))) {
            buf_add_text(out, STAND_IN);
            length = 6;
        } else {
            buf_add_view(out, view_slice(rest, 0, length));
        }
        at += length;
    }
    return !out->overflowed;
}

/* The selector as the suite means it, with its U+0000. */
static void restore_nul(const char *selector, struct buf *out)
{
    struct view rest = view_of(selector), stand_in = VIEW_LITERAL(STAND_IN);
    size_t at;
    while ((at = view_find(rest, stand_in)) != SIZE_MAX) {
        buf_add_view(out, view_slice(rest, 0, at));
        buf_add_char(out, '\0');
        rest = view_from(rest, at + stand_in.length);
    }
    buf_add_view(out, rest);
}

static bool same_values(const struct jsonpath_nodes *nodes, const cJSON *wanted)
{
    const cJSON *value = wanted->child;
    for (size_t i = 0; i < nodes->count; i++, value = value->next) {
        if (!value || !json_equal(nodes->items[i], value)) return false;
    }
    return !value;
}

/* A normalised path is a query of its own, and finds the one node. */
static bool is_at(const cJSON *node, const cJSON *document, const char *path)
{
    size_t offset;
    AUTO_BUF message = BUF_INIT(TEXT_CAP_BYTES);
    struct jsonpath_nodes found = {0};
    struct jsonpath *query = jsonpath_compile(view_of(path), &offset, &message);
    bool same = query && jsonpath_is_singular(query) && jsonpath_query(query, document, &found) &&
                found.count == 1 && found.items[0] == node;
    jsonpath_nodes_release(&found);
    jsonpath_free(query);
    return same;
}

static bool same_places(const struct jsonpath_nodes *nodes, const cJSON *document,
                        const cJSON *paths)
{
    const cJSON *path = paths->child;
    for (size_t i = 0; i < nodes->count; i++, path = path->next) {
        if (!path || !is_at(nodes->items[i], document, path->valuestring)) return false;
    }
    return !path;
}

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* One result, or several of which any may come. */
static bool is_wanted(const struct jsonpath_nodes *nodes, const cJSON *document, const cJSON *test)
{
    const cJSON *result = member(test, "result"), *paths = member(test, "result_paths");
    if (result)
        return same_values(nodes, result) && (!paths || same_places(nodes, document, paths));
    const cJSON *results = member(test, "results"), *many = member(test, "results_paths");
    if (!results) return false;
    paths = many ? many->child : NULL;
    for (result = results->child; result; result = result->next) {
        if (same_values(nodes, result) && (!paths || same_places(nodes, document, paths)))
            return true;
        paths = paths ? paths->next : NULL;
    }
    return false;
}

static bool run_query(const struct jsonpath *path, const cJSON *test, struct buf *why)
{
    AUTO_BUF text = BUF_INIT(TEXT_CAP_BYTES);
    json_print(member(test, "document"), &text);
    cJSON *document = json_parse(buf_view(&text), why);
    if (!document) return false;
    struct jsonpath_nodes nodes = {0};
    bool good = jsonpath_query(path, document, &nodes);
    if (!good) {
        buf_add_text(why, "a limit was met");
    } else if (!is_wanted(&nodes, document, test)) {
        good = false;
        buf_add_text(why, "it found");
        for (size_t i = 0; i < nodes.count; i++) {
            buf_add_char(why, ' ');
            json_print(nodes.items[i], why);
        }
    }
    jsonpath_nodes_release(&nodes);
    cJSON_Delete(document);
    return good;
}

static bool run_test(const cJSON *test, struct buf *why)
{
    size_t offset;
    AUTO_BUF selector = BUF_INIT(TEXT_CAP_BYTES), message = BUF_INIT(TEXT_CAP_BYTES);
    const cJSON *written = member(test, "selector");
    bool invalid = cJSON_IsTrue(member(test, "invalid_selector"));
    if (!cJSON_IsString(written) || (!invalid && !member(test, "document"))) {
        buf_add_text(why, "the case is not understood");
        return false;
    }
    restore_nul(written->valuestring, &selector);
    struct jsonpath *path = jsonpath_compile(buf_view(&selector), &offset, &message);
    bool good = invalid;
    if (invalid && path) {
        good = buf_add_text(why, "it was taken for a good one") && false;
    } else if (!invalid && !path) {
        buf_addf(why, "%s (byte %zu)", buf_text(&message), offset);
    } else if (!invalid) {
        good = run_query(path, test, why);
    }
    jsonpath_free(path);
    return good;
}

static cJSON *suite_read(const char *path)
{
    struct error error = {0};
    AUTO_BUF bytes = BUF_INIT(SUITE_CAP_BYTES), text = BUF_INIT(2 * SUITE_CAP_BYTES),
             reason = BUF_INIT(TEXT_CAP_BYTES);
    cJSON *suite = NULL;
    if (!file_read(path, &bytes, &error))
        fprintf(stderr, "%s cannot be read\n", path);
    else if (!replace_nul(buf_view(&bytes), &text))
        fprintf(stderr, "%s uses U+F8FF, which this program needs for itself\n", path);
    else if (!(suite = json_parse(buf_view(&text), &reason)))
        fprintf(stderr, "%s: %s\n", path, buf_text(&reason));
    return suite;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CTS.JSON\n", argv[0]);
        return 2;
    }
    cJSON *suite = suite_read(argv[1]);
    if (!suite) return 1;
    int passed = 0, failed = 0;
    const cJSON *tests = member(suite, "tests");
    for (const cJSON *test = tests ? tests->child : NULL; test; test = test->next) {
        AUTO_BUF why = BUF_INIT(TEXT_CAP_BYTES);
        if (run_test(test, &why)) {
            passed++;
            continue;
        }
        failed++;
        const char *name = cJSON_GetStringValue(member(test, "name"));
        const char *selector = cJSON_GetStringValue(member(test, "selector"));
        printf("FAILED %s: %s: %s\n", name ? name : "?", selector ? selector : "?", buf_text(&why));
    }
    cJSON_Delete(suite);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed ? EXIT_FAILURE : EXIT_SUCCESS;
}
