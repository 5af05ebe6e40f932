/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of RFC 9535 and what is ours: limits and messages. The public compliance suite has a
 * test of its own. */
#include "answer/jsonpath.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Section 1.5, figure 1. */
static const char store[] =
    "{\"store\":{\"book\":["
    "{\"category\":\"reference\",\"author\":\"Nigel Rees\",\"title\":\"Sayings of the "
    "Century\",\"price\":8.95},"
    "{\"category\":\"fiction\",\"author\":\"Evelyn Waugh\",\"title\":\"Sword of "
    "Honour\",\"price\":12.99},"
    "{\"category\":\"fiction\",\"author\":\"Herman Melville\",\"title\":\"Moby "
    "Dick\",\"isbn\":\"0-553-21311-3\",\"price\":8.99},"
    "{\"category\":\"fiction\",\"author\":\"J. R. R. Tolkien\",\"title\":\"The Lord of the "
    "Rings\",\"isbn\":\"0-395-19395-8\",\"price\":22.99}],"
    "\"bicycle\":{\"color\":\"red\",\"price\":399}}}";

static cJSON *parse(const char *text)
{
    AUTO_BUF reason = BUF_INIT(1000);
    cJSON *root = json_parse(view_of(text), &reason);
    assert_non_null(root);
    return root;
}

static struct jsonpath *compile(const char *text)
{
    AUTO_BUF reason = BUF_INIT(1000);
    size_t offset = 0;
    struct jsonpath *path = jsonpath_compile(view_of(text), &offset, &reason);
    if (!path) fail_msg("%s: %s at %zu", text, buf_text(&reason), offset);
    return path;
}

static void expect(const char *document, const char *query, const char *wanted)
{
    cJSON *root = parse(document);
    struct jsonpath *path = compile(query);
    struct jsonpath_nodes nodes = {0};
    AUTO_BUF found = BUF_INIT(10000);
    assert_true(jsonpath_query(path, root, &nodes));
    for (size_t i = 0; i < nodes.count; i++) {
        if (i) buf_add_char(&found, ' ');
        json_print(nodes.items[i], &found);
    }
    if (strcmp(buf_text(&found), wanted) != 0)
        fail_msg("%s: found %s, wanted %s", query, buf_text(&found), wanted);
    jsonpath_nodes_release(&nodes);
    jsonpath_free(path);
    cJSON_Delete(root);
}

static void examples_of_the_rfc_hold(void **state)
{
    (void)state;
    expect(store, "$.store.book[*].author",
           "\"Nigel Rees\" \"Evelyn Waugh\" \"Herman Melville\" \"J. R. R. Tolkien\"");
    expect(store, "$..author",
           "\"Nigel Rees\" \"Evelyn Waugh\" \"Herman Melville\" \"J. R. R. Tolkien\"");
    expect(store, "$.store..price", "8.95 12.99 8.99 22.99 399");
    expect(store, "$..book[2].title", "\"Moby Dick\"");
    expect(store, "$..book[2].publisher", "");
    expect(store, "$..book[-1].title", "\"The Lord of the Rings\"");
    expect(store, "$..book[0,1].price", "8.95 12.99");
    expect(store, "$..book[:2].price", "8.95 12.99");
    expect(store, "$..book[?@.isbn].price", "8.99 22.99");
    expect(store, "$..book[?@.price<10].title", "\"Sayings of the Century\" \"Moby Dick\"");
}

static void selectors_and_functions_work(void **state)
{
    (void)state;
    static const char list[] = "[0,1,2,3,4,5]";
    expect(list, "$[1:5:2]", "1 3");
    expect(list, "$[::-1]", "5 4 3 2 1 0");
    expect(list, "$[5:1:-2]", "5 3");
    expect(list, "$[?@ > 3 || @ == 0]", "0 4 5");
    expect("{\"o'clock\":1,\"\\u263a\":2}", "$['o\\'clock', \"\\u263a\"]", "1 2");
    expect("[\"a\",\"bb\",{\"c\":1}]", "$[?length(@) == 2]", "\"bb\"");
    expect("[{\"a\":[1,2]},{\"a\":[1]}]", "$[?count(@.a[*]) > 1].a[1]", "2");
    expect("[\"1974-05-11\",\"x1974-05-11\"]", "$[?match(@, '1974-05-..')]", "\"1974-05-11\"");
    expect("[\"Bob\",\"xBobx\",\"b\"]", "$[?search(@, '[Bb]ob')]", "\"Bob\" \"xBobx\"");
    expect("[{\"a\":1,\"b\":1},{\"a\":1,\"b\":2}]", "$[?@.a == value(@.b)].b", "1");
}

static void malformed_paths_are_located(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
    } cases[] = {{"", 0},       {"store", 0}, {"$.", 2},         {"$[", 2},
                 {"$[01]", 2},  {"$[?]", 3},  {"$[?(@.a]", 3},   {"$['a]", 2},
                 {"$[1.5]", 3}, {"$..", 3},   {"$[?nope(@)]", 3}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF reason = BUF_INIT(1000);
        size_t offset = 999;
        struct jsonpath *path = jsonpath_compile(view_of(cases[i].text), &offset, &reason);
        if (path) fail_msg("'%s' was read", cases[i].text);
        assert_true(reason.length > 0);
        if (offset != cases[i].offset)
            fail_msg("'%s': %s at %zu", cases[i].text, buf_text(&reason), offset);
    }
}

static void endless_work_is_given_up(void **state)
{
    (void)state;
    AUTO_BUF document = BUF_INIT((size_t)1 << 20);
    buf_add_char(&document, '[');
    for (int i = 0; i < 2000; i++) buf_addf(&document, "%s%d", i ? "," : "", i);
    buf_add_char(&document, ']');
    cJSON *root = parse(buf_text(&document));
    struct jsonpath *path = compile("$[?count($[?count($[*]) > 0]) > 0]");
    struct jsonpath_nodes nodes = {0};
    assert_false(jsonpath_query(path, root, &nodes));
    jsonpath_nodes_release(&nodes);
    jsonpath_free(path);
    cJSON_Delete(root);
}

static void singular_paths_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool singular;
    } cases[] = {{"$", true},     {"$.a[0]['b']", true}, {"$.a[-1]", true}, {"$.a[*]", false},
                 {"$..a", false}, {"$[0,1]", false},     {"$[0:1]", false}, {"$[?@.a]", false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct jsonpath *path = compile(cases[i].text);
        assert_int_equal(jsonpath_is_singular(path), cases[i].singular);
        jsonpath_free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_rfc_hold),
        cmocka_unit_test(selectors_and_functions_work),
        cmocka_unit_test(malformed_paths_are_located),
        cmocka_unit_test(endless_work_is_given_up),
        cmocka_unit_test(singular_paths_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
