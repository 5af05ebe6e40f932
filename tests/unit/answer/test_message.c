/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as data: headers, media types, text by charset, documents parsed once. */
#include "answer/message.h"
#include "answer/outcome.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct message *message_with(const char *content_type, struct view body)
{
    struct message *message = message_new(4096);
    if (content_type)
        headers_add(&message->headers, VIEW_LITERAL("content-type"), view_of(content_type));
    buf_add_view(&message->body, body);
    return message;
}

static void headers_are_found_in_any_case_and_trimmed(void **state)
{
    (void)state;
    struct headers headers = {0};
    headers_add(&headers, VIEW_LITERAL("Set-Cookie"), VIEW_LITERAL("  a=1 \r"));
    headers_add(&headers, VIEW_LITERAL("set-cookie"), VIEW_LITERAL("b=2"));
    headers_add(&headers, VIEW_LITERAL("X-Empty"), VIEW_NONE);
    assert_string_equal(headers_get(&headers, "SET-COOKIE"), "a=1");
    assert_string_equal(headers_get(&headers, "x-empty"), "");
    assert_null(headers_get(&headers, "X-Other"));
    assert_int_equal(headers.count, 3);
    headers_release(&headers);
    assert_int_equal(headers.count, 0);
    headers_release(NULL);
}

static void media_types_lose_case_and_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *header, *type;
    } samples[] = {
        {"Text/HTML; charset=utf-8", "text/html"},
        {"application/json", "application/json"},
        {" application/ld+json ;x", "application/ld+json"},
        {"", ""},
        {NULL, ""},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct message *message = message_with(samples[i].header, VIEW_NONE);
        char type[64];
        message_media_type(message, type, sizeof(type));
        char small[5];
        message_media_type(message, small, sizeof(small));
        message_free(message);
        assert_string_equal(type, samples[i].type);
        assert_memory_equal(small, samples[i].type, strlen(small));
    }
}

static void text_is_decoded_by_its_charset(void **state)
{
    (void)state;
    static const struct {
        const char *header, *body, *text;
    } samples[] = {
        {"text/html; charset=utf-8", "12 €", "12 €"},
        {"text/html; charset=\"UTF-8\"", "12 €", "12 €"},
        {NULL, "12 €", "12 €"},
        {"text/plain; charset=iso-8859-15", "12 \xA4", "12 €"},
        {"text/plain; charset=windows-1252", "12 \x80", "12 €"},
        {NULL, "12 \x80", "12 €"},
        {"text/plain; charset=utf-8", "12 \x80", "12 \xEF\xBF\xBD"},
        {"text/plain; charset=no-such", "12 \x80", "12 \xEF\xBF\xBD"},
        {"text/plain; charset=windows-1252",
         "\xEF\xBB\xBF"
         "12 €",
         "12 €"},
        {NULL, "", ""},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct message *message = message_with(samples[i].header, view_of(samples[i].body));
        AUTO_BUF scratch = BUF_INIT(4096);
        struct view text = message_text(message, &scratch);
        bool same = view_is(text, samples[i].text);
        if (!same) print_error("'%.*s' instead of '%s'\n", VIEW_PRINTF(text), samples[i].text);
        message_free(message);
        assert_true(same);
    }
}

static void json_is_parsed_once_and_its_fault_kept(void **state)
{
    (void)state;
    const char *why = NULL;
    struct message *good = message_with(NULL, VIEW_LITERAL("{\"a\":1}"));
    const cJSON *json = message_json(good, &why);
    assert_non_null(json);
    assert_string_equal(why, "");
    assert_ptr_equal(message_json(good, &why), json);
    message_free(good);
    struct message *half = message_with(NULL, VIEW_LITERAL("{\"a\":"));
    assert_null(message_json(half, &why));
    assert_non_null(strstr(why, "not JSON"));
    assert_null(message_json(half, &why));
    assert_non_null(strstr(why, "not JSON"));
    message_free(half);
    struct message *empty = message_with(NULL, VIEW_NONE);
    assert_null(message_json(empty, &why));
    assert_true(*why);
    message_free(empty);
}

static void html_is_parsed_once(void **state)
{
    (void)state;
    const char *why = NULL;
    struct message *message = message_with("text/html", VIEW_LITERAL("<p>hello"));
    const struct html *html = message_html(message, &why);
    assert_non_null(html);
    assert_ptr_equal(message_html(message, &why), html);
    message_free(message);
}

static void a_message_with_everything_is_freed(void **state)
{
    (void)state;
    struct message *message = message_with("text/html", VIEW_LITERAL("<p>"));
    struct hop *hop = vec_add(&message->hops);
    hop->method = xstrdup("GET");
    hop->url = xstrdup("http://127.0.0.1/");
    hop->request_copy = xstrdup("a=1");
    headers_add(&hop->request_headers, VIEW_LITERAL("A"), VIEW_LITERAL("b"));
    headers_add(&hop->response_headers, VIEW_LITERAL("A"), VIEW_LITERAL("b"));
    struct cookie *cookie = vec_add(&message->cookies);
    cookie->name = xstrdup("session");
    message->url = xstrdup("http://127.0.0.1/");
    message_free(message);
    message_free(NULL);
    hop_release(NULL);
}

static void every_outcome_has_words_and_a_verdict(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_KIND_COUNT; i++) {
        enum outcome_kind kind = (enum outcome_kind)i;
        assert_true(*outcome_word(kind) && *outcome_shoppers(kind) && *outcome_help(kind));
        assert_int_equal(outcome_verdict(kind) == VERDICT_PASS, kind == OUTCOME_PASS);
    }
    assert_string_equal(outcome_word(OUTCOME_TOO_LARGE), "too-large");
    assert_string_equal(outcome_fault_word(outcome_fault(OUTCOME_BLOCKED)), "wall");
    assert_int_equal(outcome_verdict(OUTCOME_PRICE), VERDICT_FAIL);
    assert_int_equal(outcome_verdict(OUTCOME_SLOW), VERDICT_DEGRADED);
    assert_int_equal(outcome_verdict(OUTCOME_RESIDUE), VERDICT_DEGRADED);
    assert_int_equal(outcome_verdict(OUTCOME_PROBER), VERDICT_UNKNOWN);
    assert_string_equal(verdict_word(VERDICT_SKIPPED), "skipped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_found_in_any_case_and_trimmed),
        cmocka_unit_test(media_types_lose_case_and_parameters),
        cmocka_unit_test(text_is_decoded_by_its_charset),
        cmocka_unit_test(json_is_parsed_once_and_its_fault_kept),
        cmocka_unit_test(html_is_parsed_once),
        cmocka_unit_test(a_message_with_everything_is_freed),
        cmocka_unit_test(every_outcome_has_words_and_a_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
