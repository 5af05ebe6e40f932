/* SPDX-License-Identifier: Apache-2.0 */
/* YAML that is written reads back as what was meant, in either style. */
#include "import/scribe.h"

#include "text/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char *const texts[] = {"plain",
                                    "two words",
                                    "",
                                    " ",
                                    "a: b",
                                    "a:",
                                    "a #b",
                                    "#",
                                    "- a",
                                    "-",
                                    "?",
                                    "true",
                                    "No",
                                    "null",
                                    "~",
                                    "12",
                                    "1.5",
                                    "0x1f",
                                    "1e3",
                                    "12:30",
                                    "2026-01-01",
                                    "it's",
                                    "\"quoted\"",
                                    "back\\slash",
                                    "[a]",
                                    "{a}",
                                    "${name}",
                                    "a, b",
                                    "${a}, ${b}",
                                    "*alias",
                                    "&anchor",
                                    "!tag",
                                    "%",
                                    "@",
                                    "`",
                                    "|",
                                    ">",
                                    "line\nbreak",
                                    "\n",
                                    "\ttab",
                                    "trailing ",
                                    "tr\303\244g",
                                    "\342\200\250",
                                    "\342\200\256",
                                    "\357\273\277",
                                    "\302\205",
                                    "\001",
                                    "\177",
                                    "\360\237\230\200",
                                    "a'b\"c",
                                    "'",
                                    "\"",
                                    "\\",
                                    "<<",
                                    "=",
                                    "---",
                                    "...",
                                    ".5",
                                    ".inf",
                                    "a\r\nb",
                                    "[itemprop=price]",
                                    "$.items[*].sku",
                                    "/a?b=c&d=e#f",
                                    "#login",
                                    "- x: [",
                                    "key: {",
                                    "a:b",
                                    "::",
                                    NULL};

static void assert_reads_back(const char *text, bool flow)
{
    struct diags diags = DIAGS_INIT;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&out, flow ? "{before: 1, key: " : "key: ");
    scribe_scalar(&out, text, flow);
    buf_add_text(&out, flow ? ", after: 1}\n" : "\nafter: 1\n");
    struct source *source = source_new("test", buf_view(&out));
    struct yaml_document *document = yaml_load(source, &diags);
    const struct yaml_node *node = document ? yaml_get(yaml_root(document), "key") : NULL;
    const struct yaml_node *after = document ? yaml_get(yaml_root(document), "after") : NULL;
    bool same = node && after && node->kind == YAML_SCALAR && !strcmp(node->text, text) &&
                (!node->plain || (!yaml_is_number(node) && !yaml_is_null(node)));
    bool truth = false;
    if (!same || yaml_is_bool(node, &truth))
        fail_msg("'%s' was written as: %s", text, buf_text(&out));
    yaml_document_free(document);
    source_free(source);
    diags_release(&diags);
}

static void scalar_in_block_style_reads_back_as_the_same_text(void **state)
{
    (void)state;
    for (size_t i = 0; texts[i]; i++) assert_reads_back(texts[i], false);
}

static void scalar_in_flow_style_reads_back_as_the_same_text(void **state)
{
    (void)state;
    for (size_t i = 0; texts[i]; i++) assert_reads_back(texts[i], true);
}

static void scalar_of_any_byte_reads_back_as_the_same_text(void **state)
{
    (void)state;
    for (int c = 1; c < 128; c++) {
        const char text[][4] = {{(char)c}, {'a', (char)c}, {(char)c, 'a'}, {'a', (char)c, 'a'}};
        for (size_t i = 0; i < COUNT_OF(text); i++) {
            assert_reads_back(text[i], false);
            assert_reads_back(text[i], true);
        }
    }
}

static void assert_written(const char *json, const char *wanted)
{
    AUTO_BUF reason = BUF_INIT(4096), out = BUF_INIT(BUF_OWN_CAP);
    cJSON *tree = json_parse(view_of(json), &reason);
    assert_non_null(tree);
    scribe_mapping(&out, tree, 0);
    cJSON_Delete(tree);
    assert_string_equal(buf_text(&out), wanted);
}

static void mapping_is_written_on_one_line_where_it_fits(void **state)
{
    (void)state;
    assert_written("{\"form\":{\"a\":\"b\",\"m\":1,\"l\":[true,null]}}",
                   "form: {a: b, m: 1, l: [true, null]}\n");
    assert_written("{\"empty\":{},\"none\":[]}", "empty: {}\nnone: []\n");
}

static void mapping_that_is_too_long_for_a_line_is_written_on_several(void **state)
{
    (void)state;
    assert_written("{\"form\":{\"first\":\"0123456789 0123456789 0123456789 0123456789\","
                   "\"second\":\"0123456789 0123456789 0123456789 0123456789\"}}",
                   "form:\n  first: 0123456789 0123456789 0123456789 0123456789\n"
                   "  second: 0123456789 0123456789 0123456789 0123456789\n");
}

static void checks_are_written_one_to_a_line(void **state)
{
    (void)state;
    assert_written("{\"check\":[{\"cookie\":\"a\"},{\"css\":\".b\",\"count\":1}]}",
                   "check:\n  - cookie: a\n  - css: .b\n    count: 1\n");
}

static void text_of_several_lines_is_written_as_a_block(void **state)
{
    (void)state;
    assert_written("{\"graphql\":{\"query\":\"query a {\\n  b\\n}\"}}",
                   "graphql:\n  query: |-\n    query a {\n      b\n    }\n");
}

static void comment_cannot_leave_its_line(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    cJSON *tree = cJSON_CreateObject();
    scribe_add_comment(tree, "one\ntwo\rthree");
    scribe_mapping(&out, tree, 2);
    cJSON_Delete(tree);
    assert_string_equal(buf_text(&out), "  # one\n  # two\\rthree\n");
}

static void key_that_looks_like_something_else_stays_a_key(void **state)
{
    (void)state;
    assert_written("{\"#\":\"a\",\"\":{\"#\":1},\"check\":[{\"a: b\":1}]}",
                   "\"#\": a\n\"\": {\"#\": 1}\ncheck:\n  - \"a: b\": 1\n");
    cJSON *tree = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(tree, "check");
    cJSON *check = cJSON_CreateObject();
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    cJSON_AddItemToObject(check, "a: b", cJSON_CreateRaw("1"));
    cJSON_AddItemToArray(list, check);
    scribe_mapping(&out, tree, 0);
    cJSON_Delete(tree);
    assert_string_equal(buf_text(&out), "check: [\"a: b\": 1]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalar_in_block_style_reads_back_as_the_same_text),
        cmocka_unit_test(scalar_in_flow_style_reads_back_as_the_same_text),
        cmocka_unit_test(scalar_of_any_byte_reads_back_as_the_same_text),
        cmocka_unit_test(mapping_is_written_on_one_line_where_it_fits),
        cmocka_unit_test(mapping_that_is_too_long_for_a_line_is_written_on_several),
        cmocka_unit_test(checks_are_written_one_to_a_line),
        cmocka_unit_test(text_of_several_lines_is_written_as_a_block),
        cmocka_unit_test(comment_cannot_leave_its_line),
        cmocka_unit_test(key_that_looks_like_something_else_stays_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
