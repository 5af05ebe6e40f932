/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/readings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *why;

static struct reading *read_body(struct readings *readings, const char *body, const char *charset)
{
    return readings_take(readings, view_of(body), view_of(charset));
}

static void body_seen_twice_is_read_once(void **state)
{
    (void)state;
    struct readings *readings = readings_new();
    char first[] = "{\"price\":1}", second[] = "{\"price\":1}", third[] = "{\"price\":1}";
    struct reading *a = read_body(readings, first, ""), *b = read_body(readings, second, ""),
                   *c = read_body(readings, third, "");
    assert_ptr_not_equal(a, b);
    assert_ptr_equal(b, c);
    memset(second, 'x', sizeof(second) - 1); /* a shared reading needs nobody's bytes */
    memset(third, 'x', sizeof(third) - 1);
    assert_ptr_equal(reading_json(b, &why), reading_json(c, &why));
    assert_non_null(reading_json(b, &why));
    assert_non_null(reading_json(a, &why));
    reading_free(a);
    reading_free(b);
    readings_free(readings);
    assert_non_null(reading_json(c, &why)); /* whoever holds it keeps it */
    reading_free(c);
}

static void another_charset_is_another_reading(void **state)
{
    (void)state;
    struct readings *readings = readings_new();
    for (int i = 0; i < 2; i++) {
        reading_free(read_body(readings, "<p>\xe9", "windows-1252"));
        reading_free(read_body(readings, "<p>\xe9", "windows-1251"));
    }
    struct reading *western = read_body(readings, "<p>\xe9", "windows-1252");
    struct reading *cyrillic = read_body(readings, "<p>\xe9", "windows-1251");
    assert_ptr_not_equal(western, cyrillic);
    reading_free(western);
    reading_free(cyrillic);
    readings_free(readings);
}

static void failure_is_shared_with_its_reason(void **state)
{
    (void)state;
    struct readings *readings = readings_new();
    for (int i = 0; i < 3; i++) {
        struct reading *reading = read_body(readings, "<html>", "");
        assert_null(reading_json(reading, &why));
        assert_non_null(strstr(why, "not JSON"));
        assert_non_null(reading_html(reading, &why));
        reading_free(reading);
    }
    readings_free(readings);
}

static void least_used_readings_go_first(void **state)
{
    (void)state;
    struct readings *readings = readings_new();
    char body[32];
    reading_free(read_body(readings, "[\"kept\"]", ""));
    struct reading *kept = read_body(readings, "[\"kept\"]", "");
    for (int i = 0; i < 3 * READINGS_MAX_COUNT; i++) {
        snprintf(body, sizeof body, "[%d]", i);
        reading_free(read_body(readings, body, ""));
        reading_free(read_body(readings, body, ""));
        struct reading *again = read_body(readings, "[\"kept\"]", "");
        assert_ptr_equal(again, kept);
        reading_free(again);
    }
    reading_free(kept);
    readings_free(readings);
}

static void large_and_lonely_bodies_are_not_shared(void **state)
{
    (void)state;
    size_t length = READINGS_MAX_BODY + 1;
    char *large = malloc(length);
    struct readings *readings = readings_new();
    assert_non_null(large);
    memset(large, ' ', length);
    for (int i = 0; i < 2; i++) {
        struct reading *a = readings_take(readings, (struct view){large, length}, VIEW_NONE);
        struct reading *b = readings_take(readings, (struct view){large, length}, VIEW_NONE);
        assert_ptr_not_equal(a, b);
        reading_free(a);
        reading_free(b);
    }
    struct reading *a = read_body(NULL, "[]", ""), *b = read_body(NULL, "[]", "");
    assert_ptr_not_equal(a, b);
    reading_free(a);
    reading_free(b);
    readings_free(readings);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_seen_twice_is_read_once),
        cmocka_unit_test(another_charset_is_another_reading),
        cmocka_unit_test(failure_is_shared_with_its_reason),
        cmocka_unit_test(least_used_readings_go_first),
        cmocka_unit_test(large_and_lonely_bodies_are_not_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
