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

static void short_secret_is_replaced_as_a_whole_word_only(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    redactor_add(redactor, "pin", VIEW_LITERAL("42"));
    assert_true(redact_add(redactor, &out, VIEW_LITERAL("MUG-42 costs 420 or 42.")));
    assert_string_equal(buf_text(&out), "MUG-[redacted:pin] costs 420 or [redacted:pin].");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secret_is_found_in_every_encoding),
        cmocka_unit_test(secret_is_found_in_base64_at_every_alignment),
        cmocka_unit_test(hexadecimal_digits_are_found_in_either_case),
        cmocka_unit_test(short_secret_is_replaced_as_a_whole_word_only),
        cmocka_unit_test(text_without_secrets_and_empty_secrets_pass),
        cmocka_unit_test(longer_secret_wins_over_one_that_it_begins_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
