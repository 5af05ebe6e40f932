/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings and UTF-8. */
#include "base/codec.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_encodes(bool (*encode)(struct buf *, struct view), struct view from,
                           const char *to)
{
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    assert_true(encode(&out, from));
    assert_string_equal(buf_text(&out), to);
    buf_release(&out);
}

static void base64_is_that_of_the_rfc(void **state)
{
    (void)state;
    assert_encodes(codec_add_base64, VIEW_LITERAL("f"), "Zg==");
    assert_encodes(codec_add_base64, VIEW_LITERAL("fo"), "Zm8=");
    assert_encodes(codec_add_base64, VIEW_LITERAL("foobar"), "Zm9vYmFy");
    assert_encodes(codec_add_base64_decoded, VIEW_LITERAL("Zm9vYg"), "foob");
    assert_encodes(codec_add_base64_decoded, VIEW_LITERAL("-_8="), "\xfb\xff");
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    assert_false(codec_add_base64_decoded(&out, VIEW_LITERAL("Z")));
    assert_false(codec_add_base64_decoded(&out, VIEW_LITERAL("Zm9!")));
    assert_false(codec_add_base64_decoded(&out, VIEW_LITERAL("Zh==")));
    buf_release(&out);
}

static void percent_and_form_encoding_differ_in_the_space(void **state)
{
    (void)state;
    assert_encodes(codec_add_percent, VIEW_LITERAL("a b&\xc3\xa9~"), "a%20b%26%C3%A9~");
    assert_encodes(codec_add_form, VIEW_LITERAL("a b&\xc3\xa9~*"), "a+b%26%C3%A9%7E*");
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    assert_true(codec_add_percent_decoded(&out, VIEW_LITERAL("a+%C3%A9%20"), true));
    assert_string_equal(buf_text(&out), "a \xc3\xa9 ");
    assert_false(codec_add_percent_decoded(&out, VIEW_LITERAL("%4"), false));
    assert_false(codec_add_percent_decoded(&out, VIEW_LITERAL("%zz"), false));
    buf_release(&out);
}

static void json_xml_and_shell_texts_are_safe(void **state)
{
    (void)state;
    assert_encodes(codec_add_json, VIEW_LITERAL("a\"\\\n\x01\xff"),
                   "a\\\"\\\\\\n\\u0001\xef\xbf\xbd");
    assert_encodes(codec_add_xml, VIEW_LITERAL("<a b='c'>&\x01"),
                   "&lt;a b=&#39;c&#39;&gt;&amp;\xef\xbf\xbd");
    assert_encodes(codec_add_shell, VIEW_LITERAL("a/b-c.yaml"), "a/b-c.yaml");
    assert_encodes(codec_add_shell, VIEW_LITERAL("it's $1"), "'it'\\''s $1'");
    assert_encodes(codec_add_shell, VIEW_NONE, "''");
}

static void visible_text_can_do_nothing_to_a_terminal(void **state)
{
    (void)state;
    assert_encodes(codec_add_visible, VIEW_LITERAL("a\n\033[31m\xc2\x9b"), "a\\n\\x1b[31m\\u009b");
    assert_encodes(codec_add_visible,
                   VIEW_LITERAL("\xe2\x80\xae"
                                "abc\xff"),
                   "\\u202e"
                   "abc\\xff");
    assert_encodes(codec_add_visible, VIEW_LITERAL("\xc2\xad\xd8\x9c\xe1\xa0\x8e"),
                   "\\u00ad\\u061c\\u180e");
    assert_encodes(codec_add_visible, VIEW_LITERAL("\xe2\x82\xac 12"), "\xe2\x82\xac 12");
}

static void utf8_is_read_by_the_book(void **state)
{
    (void)state;
    assert_true(utf8_valid(VIEW_LITERAL("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x9b\x92")));
    static const char *const broken[] = {
        "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\x80", "\xff"};
    for (size_t i = 0; i < COUNT_OF(broken); i++) assert_false(utf8_valid(view_of(broken[i])));
    assert_int_equal(utf8_columns('x') + utf8_columns(0xe9), 2);
    assert_int_equal(utf8_columns(0x8cb7) + utf8_columns(0xff01) + utf8_columns(0x1f600), 6);
    assert_int_equal(utf8_count(VIEW_LITERAL("a\xc3\xa9\xff")), 3);
    assert_encodes(utf8_add_repaired,
                   VIEW_LITERAL("a\xff"
                                "b"),
                   "a\xef\xbf\xbd"
                   "b");
    assert_int_equal(utf8_clip(VIEW_LITERAL("a\xe2\x82\xac"), 3).length, 1);
    assert_int_equal(utf8_clip(VIEW_LITERAL("a\xe2\x82\xac"), 4).length, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_that_of_the_rfc),
        cmocka_unit_test(percent_and_form_encoding_differ_in_the_space),
        cmocka_unit_test(json_xml_and_shell_texts_are_safe),
        cmocka_unit_test(visible_text_can_do_nothing_to_a_terminal),
        cmocka_unit_test(utf8_is_read_by_the_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
