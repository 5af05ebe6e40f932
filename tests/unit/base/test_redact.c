/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"
#include "base/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char secret[] = "pa$$ w\"rd/\xc3\xa9+1";

static void assert_redacted(struct redactor *redactor, struct view text, struct view form)
{
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    assert_true(redact_add(redactor, &out, text));
    assert_true(view_find(buf_view(&out), form) == SIZE_MAX);
    assert_true(view_find(buf_view(&out), VIEW_LITERAL("[redacted:pw]")) != SIZE_MAX);
    buf_release(&out);
}

static void assert_form_redacted(bool (*encode)(struct buf *, struct view))
{
    struct redactor *redactor = redactor_new();
    struct buf form = BUF_INIT(BUF_OWN_CAP), text = BUF_INIT(BUF_OWN_CAP);
    redactor_add(redactor, "pw", view_of(secret));
    encode(&form, view_of(secret));
    buf_addf(&text, "before %s after", buf_text(&form));
    assert_redacted(redactor, buf_view(&text), buf_view(&form));
    buf_release(&form);
    buf_release(&text);
    redactor_free(redactor);
}

static void secret_is_found_in_every_encoding(void **state)
{
    (void)state;
    assert_form_redacted(buf_add_view);
    assert_form_redacted(codec_add_percent);
    assert_form_redacted(codec_add_form);
    assert_form_redacted(codec_add_json);
    assert_form_redacted(codec_add_xml);
    assert_form_redacted(codec_add_base64);
    assert_form_redacted(codec_add_visible);
}

static void secret_is_found_in_base64_at_every_alignment(void **state)
{
    (void)state;
    static const char *const users[] = {"", "a:", "ab:", "abc:", "shopper@example.com:"};
    struct redactor *redactor = redactor_new();
    redactor_add(redactor, "pw", VIEW_LITERAL("demo-password"));
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        struct buf plain = BUF_INIT(BUF_OWN_CAP), encoded = BUF_INIT(BUF_OWN_CAP),
                   out = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&plain, "%sdemo-password!", users[i]);
        codec_add_base64(&encoded, buf_view(&plain));
        assert_true(redact_add(redactor, &out, buf_view(&encoded)));
        assert_non_null(strstr(buf_text(&out), "[redacted:pw]"));
        buf_release(&plain);
        buf_release(&encoded);
        buf_release(&out);
    }
    redactor_free(redactor);
}

static void hexadecimal_digits_are_found_in_either_case(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    redactor_add(redactor, "pw", VIEW_LITERAL("k\xfez!"));
    assert_redacted(redactor, VIEW_LITERAL("x6bfe7a21y"), VIEW_LITERAL("6bfe7a21"));
    assert_redacted(redactor, VIEW_LITERAL("x6BFE7A21y"), VIEW_LITERAL("6BFE7A21"));
    redactor_free(redactor);
}

static void short_value_is_no_secret_and_is_said_once(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    assert_false(redactor_add(redactor, "pin", VIEW_LITERAL("420")));
    assert_true(redactor_add(redactor, "pin", VIEW_LITERAL("421")));
    assert_false(redactor_add(redactor, "store", VIEW_LITERAL("1")));
    assert_true(redact_add(redactor, &out, VIEW_LITERAL("MUG-42 costs 420, or 1.")));
    assert_string_equal(buf_text(&out), "MUG-42 costs 420, or 1.");
    buf_release(&out);
    redactor_free(redactor);
}

static void text_without_secrets_and_empty_secrets_pass(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    redactor_add(redactor, "none", VIEW_NONE);
    assert_true(redact_add(redactor, &out, VIEW_LITERAL("a text\0with a NUL")));
    assert_int_equal(out.length, sizeof("a text\0with a NUL") - 1);
    buf_clear(&out);
    assert_true(redact_add(NULL, &out, VIEW_LITERAL("as it is")));
    assert_string_equal(buf_text(&out), "as it is");
    buf_release(&out);
    redactor_free(redactor);
}

static void secret_is_found_with_its_white_space_as_a_page_shows_it(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    redactor_add(redactor, "pw", VIEW_LITERAL(" tab\there  and \r\n there"));
    assert_redacted(redactor, VIEW_LITERAL("you said tab here and there!"),
                    VIEW_LITERAL("tab here and there"));
    redactor_free(redactor);
}

static void longer_secret_wins_over_one_that_it_begins_with(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    redactor_add(redactor, "short", VIEW_LITERAL("password"));
    redactor_add(redactor, "long", VIEW_LITERAL("password-of-sam"));
    assert_true(redact_add(redactor, &out, VIEW_LITERAL("password-of-sam password")));
    assert_string_equal(buf_text(&out), "[redacted:long] [redacted:short]");
    buf_release(&out);
    redactor_free(redactor);
}

/* --- Behind escapes that are not ours, or that stand in each other */

static void assert_text_becomes(const char *password, const char *text, const char *expected)
{
    struct redactor *redactor = redactor_new();
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    redactor_add(redactor, "pw", view_of(password));
    assert_true(redact_add(redactor, &out, view_of(text)));
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
    redactor_free(redactor);
}

static void secret_is_found_behind_what_shops_escape(void **state)
{
    (void)state;
    static const char umlauts[] = "p\xc3\xa4ssw\xc3\xb6rd\xf0\x9f\x98\x80"
                                  "x";
    static const char signs[] = "a/b'<c>&d+e\"f";
    static const struct {
        const char *password, *text;
    } cases[] = {
        {umlauts, "p\\u00e4ssw\\u00F6rd\\ud83d\\ude00x"},
        {umlauts, "p\\\\u00e4ssw\\\\u00F6rd\\\\ud83d\\\\ude00x"},
        {umlauts, "p&#228;ssw&#xF6;rd&#x1f600;x"},
        {umlauts, "p%25C3%25a4ssw%25C3%25b6rd%25F0%259F%2598%2580x"},
        {umlauts, "p%u00e4ssw%u00f6rd\xf0\x9f\x98\x80x"},
        {signs, "a\\/b'<c>&d+e\\\"f"},
        {signs, "a/b\\u0027\\u003cc\\u003E\\u0026d+e\\u0022f"},
        {signs, "a/b&#039;&lt;c&gt;&amp;d+e&#34;f"},
        {signs, "a/b&#x27;&amp;lt;c&amp;gt;&amp;amp;d+e&amp;quot;f"},
        {signs, "a/b'%3Cc%3E%26d%2Be%22f"},
        {signs, "a%252Fb%2527%253Cc%253E%2526d%252Be%2522f"},
        {signs, "a/b\\x27\\x3cc\\x3e\\x26d+e\\x22f"},
        {"a\tb\\c d", "a\\\\tb\\\\\\\\c d"},
        {"a\tb\\c d", "a%09b%5Cc+d"},
        {"a\tb\\c d", "a\\\\u0009b\\\\u005cc d"},
        {"100%41\"x", "100%2541%22x"},
        {">>>???", "Pj4%2BPz8%2F"}, /* base64 with + and /, percent-encoded */
        {">>>???", "Pj4+Pz8\\/"},   /* and in JSON */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf text = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&text, "{\"before\": \"%s\"}", cases[i].text);
        assert_text_becomes(cases[i].password, buf_text(&text), "{\"before\": \"[redacted:pw]\"}");
        buf_release(&text);
    }
}

static bool add_nested(struct buf *out, struct view text, bool (*outer)(struct buf *, struct view),
                       bool (*inner)(struct buf *, struct view))
{
    struct buf once = BUF_INIT(BUF_OWN_CAP);
    bool added = inner(&once, text) && outer(out, buf_view(&once));
    buf_release(&once);
    return added;
}

static void secret_is_found_in_every_encoding_of_every_other(void **state)
{
    (void)state;
    static bool (*const encodings[])(struct buf *, struct view) = {
        codec_add_percent, codec_add_form, codec_add_json, codec_add_xml, codec_add_visible};
    static const char *const passwords[] = {secret, "a\"b\\c/d<e>&f", "tab\tand\nline",
                                            "%41%2541&amp;\\n"};
    for (size_t i = 0; i < COUNT_OF(encodings) * COUNT_OF(encodings) * COUNT_OF(passwords); i++) {
        const char *password = passwords[i % COUNT_OF(passwords)];
        size_t pair = i / COUNT_OF(passwords);
        struct buf text = BUF_INIT(BUF_OWN_CAP);
        buf_add_text(&text, "before ");
        add_nested(&text, view_of(password), encodings[pair / COUNT_OF(encodings)],
                   encodings[pair % COUNT_OF(encodings)]);
        buf_add_text(&text, " after");
        assert_text_becomes(password, buf_text(&text), "before [redacted:pw] after");
        buf_release(&text);
    }
}

static void escapes_around_a_secret_stay_whole(void **state)
{
    (void)state;
    assert_text_becomes("new-pass", "\"a\\\"new-pass\\\" \\u0041\"",
                        "\"a\\\"[redacted:pw]\\\" \\u0041\"");
    assert_text_becomes("new-pass", "\"\\new-pass\"", "\"[redacted:pw]\"");
    assert_text_becomes("new-pass", "100% & \\", "100% & \\");
}

static void secret_is_found_where_white_space_collapsed(void **state)
{
    (void)state;
    assert_text_becomes(" tab\there \n\"s", "as a page shows it: tab here \"s!",
                        "as a page shows it: [redacted:pw]!");
}

static void secret_is_found_anywhere_in_a_large_text(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    redactor_add(redactor, "pw", VIEW_LITERAL("a\"b/c"));
    struct buf text = BUF_INIT((size_t)64 << 20), out = BUF_INIT((size_t)64 << 20);
    const size_t times = 300000;
    for (size_t i = 0; i < times; i++) buf_addf(&text, "%zu a\\\\\\\"b\\/c,", i % 1000);
    assert_true(redact_add(redactor, &out, buf_view(&text)));
    assert_true(view_find(buf_view(&out), VIEW_LITERAL("\\")) == SIZE_MAX);
    struct view rest = buf_view(&out), piece = VIEW_NONE;
    size_t found = 0;
    while (view_split(&rest, ',', &piece))
        if (view_ends_with(piece, VIEW_LITERAL(" [redacted:pw]"))) found++;
    assert_int_equal(found, times);
    buf_release(&text);
    buf_release(&out);
    redactor_free(redactor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secret_is_found_in_every_encoding),
        cmocka_unit_test(secret_is_found_in_base64_at_every_alignment),
        cmocka_unit_test(hexadecimal_digits_are_found_in_either_case),
        cmocka_unit_test(short_value_is_no_secret_and_is_said_once),
        cmocka_unit_test(text_without_secrets_and_empty_secrets_pass),
        cmocka_unit_test(secret_is_found_with_its_white_space_as_a_page_shows_it),
        cmocka_unit_test(longer_secret_wins_over_one_that_it_begins_with),
        cmocka_unit_test(secret_is_found_behind_what_shops_escape),
        cmocka_unit_test(secret_is_found_in_every_encoding_of_every_other),
        cmocka_unit_test(escapes_around_a_secret_stay_whole),
        cmocka_unit_test(secret_is_found_where_white_space_collapsed),
        cmocka_unit_test(secret_is_found_anywhere_in_a_large_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
