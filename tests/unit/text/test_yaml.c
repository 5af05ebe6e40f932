/* SPDX-License-Identifier: Apache-2.0 */
#include "text/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct diags diags;
    struct yaml_document *document;
};

static const struct yaml_node *load_view(struct fixture *fixture, struct view text)
{
    struct source *source = source_new("t.yaml", text);
    fixture->diags = DIAGS_INIT;
    fixture->document = yaml_load(source, &fixture->diags);
    source_free(source);
    return fixture->document ? yaml_root(fixture->document) : NULL;
}

static const struct yaml_node *load(struct fixture *fixture, const char *text)
{
    return load_view(fixture, view_of(text));
}

static void release(struct fixture *fixture)
{
    yaml_document_free(fixture->document);
    diags_release(&fixture->diags);
}

static void assert_refused(struct view text, enum diag_code code, const char *message)
{
    struct fixture fixture;
    load_view(&fixture, text);
    assert_true(fixture.diags.count > 0);
    assert_string_equal(diag_code_text(fixture.diags.items[0].code), diag_code_text(code));
    if (message) assert_non_null(strstr(fixture.diags.items[0].message, message));
    release(&fixture);
}

static void document_keeps_text_style_and_places(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct yaml_node *root = load(&fixture, "a: 1\nb: [x, \"y z\"]\nc: |\n  line\n");
    const struct yaml_node *list = yaml_get(root, "b");
    assert_true(yaml_is_number(yaml_get(root, "a")));
    assert_int_equal(list->count, 2);
    assert_string_equal(list->items[1]->text, "y z");
    assert_false(list->items[1]->plain);
    assert_int_equal(list->items[1]->place.line, 2);
    assert_int_equal(list->items[1]->place.column, 8);
    assert_int_equal(list->items[1]->place.length, 5);
    assert_true(yaml_get(root, "c")->block);
    assert_null(yaml_get(root, "d"));
    release(&fixture);
}

static void json_is_yaml(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct yaml_node *root = load(&fixture, "{\"a\": [1, true, null], \"b\": \"\\u20ac\"}");
    bool boolean = false;
    assert_true(yaml_is_bool(yaml_get(root, "a")->items[1], &boolean) && boolean);
    assert_true(yaml_is_null(yaml_get(root, "a")->items[2]));
    assert_string_equal(yaml_get(root, "b")->text, "\xe2\x82\xac");
    release(&fixture);
}

static void yes_and_no_are_text(void **state)
{
    (void)state;
    struct fixture fixture;
    bool ignored = false;
    const struct yaml_node *root = load(&fixture, "[yes, no, on, \"true\"]");
    for (size_t i = 0; i < root->count; i++) assert_false(yaml_is_bool(root->items[i], &ignored));
    release(&fixture);
}

static void merge_keys_give_way_to_what_is_written(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct yaml_node *root = load(&fixture, "base: &b {x: 1, y: 2}\nmine: {<<: *b, y: 3}\n");
    const struct yaml_node *mine = yaml_get(root, "mine");
    assert_string_equal(yaml_get(mine, "x")->text, "1");
    assert_string_equal(yaml_get(mine, "y")->text, "3");
    assert_int_equal(mine->count, 2);
    release(&fixture);
}

static void malformed_documents_are_refused(void **state)
{
    (void)state;
    assert_refused(VIEW_LITERAL("a: [1"), DIAG_SYNTAX, "not well-formed");
    assert_refused(VIEW_LITERAL(""), DIAG_EMPTY, "the file is empty");
    assert_refused(VIEW_LITERAL("# only a comment\n"), DIAG_EMPTY, NULL);
    assert_refused(VIEW_LITERAL("a: 1\n---\nb: 2\n"), DIAG_SYNTAX, "a second document");
    assert_refused(VIEW_LITERAL("a: 1\na: 2\n"), DIAG_DUPLICATE_KEY, "'a' stands here twice");
    assert_refused(VIEW_LITERAL("? [x]\n: 1\n"), DIAG_SYNTAX, "a key must be text");
    assert_refused(VIEW_LITERAL("a: !!python/object x\n"), DIAG_SYNTAX, "not allowed");
    assert_refused(VIEW_LITERAL("a: \"x\\0y\"\n"), DIAG_SYNTAX, "NUL");
    assert_refused(VIEW_LITERAL("\xff\xfe"
                                "a\0"),
                   DIAG_SYNTAX, "UTF-16");
    assert_refused(VIEW_LITERAL("a: *nowhere\n"), DIAG_SYNTAX, "no anchor 'nowhere'");
    assert_refused(VIEW_LITERAL("a: &x [*x]\n"), DIAG_SYNTAX, "not finished");
    assert_refused(VIEW_LITERAL("a: \xff\n"), DIAG_SYNTAX, NULL);
}

static void assert_place(const char *text, uint32_t line, uint32_t column, const char *message)
{
    struct fixture fixture;
    assert_null(load(&fixture, text));
    assert_int_equal(fixture.diags.count, 1);
    const struct diag *diag = &fixture.diags.items[0];
    assert_string_equal(diag->message, message);
    assert_int_equal(diag->place.line, line);
    assert_int_equal(diag->place.column, column);
    release(&fixture);
}

static void what_is_no_text_has_its_place(void **state)
{
    (void)state;
    assert_place("a: 1\nb: \xc3\xa9\xff\n", 2, 5,
                 "not well-formed: the byte 0xFF here is no UTF-8");
    assert_place("a: 1\nb: x\xc3(\n", 2, 5, "not well-formed: the byte 0xC3 here is no UTF-8");
    assert_place("a: 1\n\nb: \"\x07\"\n", 3, 5,
                 "not well-formed: the character U+0007 cannot stand in YAML");
    assert_place("a: \xe2\x82", 1, 4, "not well-formed: the byte 0xE2 here is no UTF-8");
}

static void tab_is_told_as_one(void **state)
{
    (void)state;
    static const char words[] = "not well-formed: a tab cannot stand here: YAML indents by spaces";
    assert_place("a:\n\tb: 1\n", 2, 1, words);
    assert_place("a:\n  \tb: 1\n", 2, 3, words);
    assert_place("a:\n  -\tb: 1\n", 2, 4, words);
    struct fixture fixture;
    assert_non_null(load(&fixture, "a: \"x\ty\"\nb:\t1 # a\ttab\n"));
    release(&fixture);
}

static void anchor_on_what_left_the_tree_can_still_be_named(void **state)
{
    (void)state;
    struct fixture fixture;
    load(&fixture, "a: 1\na: &x [2]\nb: *x\n&k <<: &m {c: 3}\nd: [*m, *k]\n");
    assert_int_equal(fixture.diags.errors, 1);
    const struct yaml_node *root = yaml_root(fixture.document);
    assert_string_equal(yaml_get(root, "b")->items[0]->text, "2");
    assert_string_equal(yaml_get(yaml_get(root, "d")->items[0], "c")->text, "3");
    release(&fixture);
}

static void billion_laughs_are_not_told(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        buf_addf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++) buf_addf(&text, "%s*a%d", k ? ", " : "", i - 1);
        buf_add_text(&text, "]\n");
    }
    assert_refused(buf_view(&text), DIAG_LIMIT, "too many values");
    buf_release(&text);
}

static void aliases_of_a_long_text_have_a_limit(void **state)
{
    (void)state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&text, "a: &a ");
    for (int i = 0; i < 500 * 1000; i++) buf_add_char(&text, 'x');
    buf_add_text(&text, "\nb: [");
    for (int i = 0; i < 10; i++) buf_add_text(&text, "*a, ");
    buf_add_text(&text, "]\n");
    assert_refused(buf_view(&text), DIAG_LIMIT, "too much text");
}

static void aliases_in_aliases_are_nesting(void **state)
{
    (void)state;
    assert_refused(VIEW_LITERAL("- &a [[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]\n"
                                "- &b [[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]\n"
                                "- [*b]\n"),
                   DIAG_LIMIT, "too deep");
    assert_refused(VIEW_LITERAL("- &a {a: [[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]}\n"
                                "- &b {b: [[[[[[[[[[[[[[*a]]]]]]]]]]]]]]}\n"
                                "- [{<<: *b, c: d}]\n"),
                   DIAG_LIMIT, "too deep");
    struct fixture fixture;
    load(&fixture, "- &a [[[[[x]]]]]\n- [*a]\n- {<<: &m {b: *a}}\n- {<<: *m}\n");
    assert_int_equal(fixture.diags.count, 0);
    release(&fixture);
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(BUF_OWN_CAP);
    for (int i = 0; i < 5000; i++) buf_add_char(&text, '[');
    assert_refused(buf_view(&text), DIAG_LIMIT, "too deep");
    buf_release(&text);
}

static void place_inside_a_scalar_is_exact_where_it_can_be(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct yaml_node *root = load(&fixture, "a: \"\xc3\xa9${x}\"\nb: \"\\t${x}\"\n");
    struct place place = yaml_place_in(yaml_get(root, "a"), 2, 4);
    assert_int_equal(place.column, 6);
    assert_int_equal(place.length, 4);
    place =
        yaml_place_in(yaml_get(root, "b"), 1, 4); /* an escape stands before it: the whole text */
    assert_int_equal(place.column, 4);
    release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document_keeps_text_style_and_places),
        cmocka_unit_test(json_is_yaml),
        cmocka_unit_test(yes_and_no_are_text),
        cmocka_unit_test(merge_keys_give_way_to_what_is_written),
        cmocka_unit_test(malformed_documents_are_refused),
        cmocka_unit_test(what_is_no_text_has_its_place),
        cmocka_unit_test(tab_is_told_as_one),
        cmocka_unit_test(anchor_on_what_left_the_tree_can_still_be_named),
        cmocka_unit_test(billion_laughs_are_not_told),
        cmocka_unit_test(aliases_of_a_long_text_have_a_limit),
        cmocka_unit_test(aliases_in_aliases_are_nesting),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(place_inside_a_scalar_is_exact_where_it_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
