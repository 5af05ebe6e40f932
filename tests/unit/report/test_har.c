/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP Archive 1.2: valid, whole, and silent about credentials. */
#include "base/vec.h"
#include "fixture.h"
#include "support/golden.h"

#include <cjson/cJSON.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);
    assert_non_null(found);
    return found;
}

static void har_of_all_runs_is_as_pinned(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_HAR, &out);
    golden_check("report/all.har", buf_view(&out));
}

static void har_of_cookies_and_credentials_hides_their_values(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_HAR, &out);
    assert_null(strstr(buf_text(&out), "hush"));
    assert_non_null(strstr(buf_text(&out), "[redacted]"));
}

static void har_tells_what_left_and_not_what_was_wanted(void **state)
{
    struct fixture *fixture = *state;
    struct hop *hop = fixture->runs[RUN_FAILED]->steps.items[1].message->hops.items;
    headers_add(&hop->sent_headers, VIEW_LITERAL("Host"), VIEW_LITERAL("127.0.0.1:8080"));
    headers_add(&hop->sent_headers, VIEW_LITERAL("Cookie"), VIEW_LITERAL("a=hush; b=hush=er"));
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_one(fixture, RUN_FAILED, REPORT_HAR, &out);
    assert_null(strstr(buf_text(&out), "hush"));
    cJSON *root = cJSON_Parse(buf_text(&out));
    const cJSON *entry = cJSON_GetArrayItem(member(member(root, "log"), "entries"), 1);
    const cJSON *cookies = member(member(entry, "request"), "cookies");
    assert_int_equal(cJSON_GetArraySize(cookies), 2);
    assert_string_equal(member(cJSON_GetArrayItem(cookies, 1), "name")->valuestring, "b");
    const cJSON *headers = member(member(entry, "request"), "headers");
    assert_int_equal(cJSON_GetArraySize(headers), 2);
    const cJSON *host = cJSON_GetArrayItem(headers, 0);
    assert_string_equal(member(host, "name")->valuestring, "Host");
    assert_string_equal(member(host, "value")->valuestring, "127.0.0.1:8080");
    cJSON_Delete(root);
}

static void har_entry_time_is_the_sum_of_its_timings_without_ssl(void **state)
{
    static const char *const summed[] = {"blocked", "dns", "connect", "send", "wait", "receive"};
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_HAR, &out);
    cJSON *root = cJSON_Parse(buf_text(&out));
    const cJSON *entry, *entries = member(member(root, "log"), "entries");
    assert_int_equal(cJSON_GetArraySize(entries), 9);
    cJSON_ArrayForEach(entry, entries)
    {
        const cJSON *timings = member(entry, "timings");
        double sum_ms = 0;
        for (size_t i = 0; i < COUNT_OF(summed); i++) {
            double phase_ms = member(timings, summed[i])->valuedouble;
            if (phase_ms > 0) sum_ms += phase_ms;
        }
        double off_ms = sum_ms - member(entry, "time")->valuedouble;
        assert_true(off_ms < 0.0001 && off_ms > -0.0001);
        assert_true(member(timings, "ssl")->valuedouble <= member(timings, "connect")->valuedouble);
    }
    cJSON_Delete(root);
}

static void har_entry_of_what_was_given_up_lasts_until_then(void **state)
{
    struct fixture *fixture = *state;
    struct hop *hops = vec_last(&fixture->runs[RUN_FAILED]->steps)[-2].message->hops.items;
    hops[1].timings = (struct timings){.first_byte_us = 20000, .total_us = 3000000};
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_one(fixture, RUN_FAILED, REPORT_HAR, &out);
    cJSON *root = cJSON_Parse(buf_text(&out));
    const cJSON *entries = member(member(root, "log"), "entries");
    const cJSON *broken_off = cJSON_GetArrayItem(entries, 2);
    assert_int_equal(member(broken_off, "time")->valueint, 3000);
    assert_int_equal(member(member(broken_off, "timings"), "wait")->valueint, 20);
    assert_int_equal(member(member(broken_off, "timings"), "receive")->valueint, 2980);
    const cJSON *silent = cJSON_GetArrayItem(entries, 3); /* no message was kept */
    assert_int_equal(member(silent, "time")->valueint, 700);
    assert_int_equal(member(member(silent, "timings"), "wait")->valueint, 700);
    cJSON_Delete(root);
}

static void har_body_that_is_no_utf8_is_base64(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_one(*state, RUN_FAILED, REPORT_HAR, &out);
    cJSON *root = cJSON_Parse(buf_text(&out));
    const cJSON *entry = cJSON_GetArrayItem(member(member(root, "log"), "entries"), 2);
    const cJSON *content = member(member(entry, "response"), "content");
    assert_string_equal(member(content, "encoding")->valuestring, "base64");
    cJSON_Delete(root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(har_of_all_runs_is_as_pinned),
        TEST(har_of_cookies_and_credentials_hides_their_values),
        TEST(har_tells_what_left_and_not_what_was_wanted),
        TEST(har_entry_time_is_the_sum_of_its_timings_without_ssl),
        TEST(har_entry_of_what_was_given_up_lasts_until_then),
        TEST(har_body_that_is_no_utf8_is_base64),
    };
    return cmocka_run_group_tests_name("report har", tests, NULL, NULL);
}
