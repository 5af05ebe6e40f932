/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers, vectors, maps, views. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void buf_past_its_cap_adds_nothing_and_remembers(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(5);
    assert_true(buf_add_text(&buf, "abc"));
    assert_false(buf_add_text(&buf, "def"));
    assert_true(buf.overflowed);
    assert_string_equal(buf_text(&buf), "abc");
    assert_false(buf_addf(&buf, "%d", 1234));
    assert_true(buf_addf(&buf, "%d", 12));
    assert_string_equal(buf_text(&buf), "abc12");
    buf_clear(&buf);
    assert_false(buf.overflowed);
    buf_release(&buf);
    assert_string_equal(buf_text(&buf), "");
}

static void buf_takes_numbers_as_printf_writes_them(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0, 7, 10, 1234567890, UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        for (unsigned digits = 0; digits <= 20; digits += 4) {
            struct buf ours = BUF_INIT(100), theirs = BUF_INIT(100);
            assert_true(buf_add_number(&ours, numbers[i], digits));
            buf_addf(&theirs, "%0*llu", (int)(digits ? digits : 1), (unsigned long long)numbers[i]);
            assert_string_equal(buf_text(&ours), buf_text(&theirs));
            buf_release(&ours);
            buf_release(&theirs);
        }
    }
    struct buf full = BUF_INIT(2);
    assert_false(buf_add_number(&full, 123, 1));
    assert_true(full.overflowed);
}

static void texts_are_joined_up_to_a_null(void **state)
{
    (void)state;
    AUTO_FREE char *three = xjoin("a", "", "bc", NULL);
    AUTO_FREE char *none = xjoin(NULL, "never looked at", NULL);
    assert_string_equal(three, "abc");
    assert_string_equal(none, "");
}

static void view_is_copied_as_far_as_it_fits(void **state)
{
    (void)state;
    char text[4];
    view_copy(VIEW_LITERAL("abcdef"), text, sizeof text);
    assert_string_equal(text, "abc");
    view_copy(VIEW_LITERAL("abc"), text, sizeof text);
    assert_string_equal(text, "abc");
    view_copy(VIEW_NONE, text, sizeof text);
    assert_string_equal(text, "");
    view_copy(VIEW_LITERAL("x"), text, 1);
    assert_string_equal(text, "");
}

static void buf_taken_is_the_callers_and_never_null(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(10);
    char *empty = buf_take(&buf);
    assert_string_equal(empty, "");
    free(empty);
    buf_add_text(&buf, "abc");
    char *text = buf_take(&buf);
    assert_string_equal(text, "abc");
    assert_int_equal(buf.length, 0);
    free(text);
}

static void vec_grows_and_zeroes_its_slots(void **state)
{
    (void)state;
    VEC(int) numbers = {0};
    for (int i = 0; i < 100; i++) vec_push(&numbers, i);
    assert_int_equal(*vec_add(&numbers), 0);
    assert_int_equal(vec_pop(&numbers), 0);
    assert_int_equal(*vec_last(&numbers), 99);
    int sum = 0;
    vec_each(number, &numbers) sum += *number;
    assert_int_equal(sum, 4950);
    vec_release(&numbers);
    assert_null(numbers.items);
}

static void map_keeps_order_replaces_and_frees(void **state)
{
    (void)state;
    struct map map = MAP_INIT(free);
    char key[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "key %d", i);
        map_set(&map, view_of(key), xstrdup(key));
    }
    map_set(&map, view_of("key 7"), xstrdup("seven"));
    assert_int_equal(map_size(&map), 1000);
    assert_string_equal(map_get(&map, view_of("key 7")), "seven");
    assert_string_equal(map_get(&map, view_of("key 999")), "key 999");
    assert_null(map_get(&map, view_of("key 1000")));
    int at = 0;
    map_each(entry, &map) {
        snprintf(key, sizeof(key), "key %d", at++);
        assert_string_equal(entry->key, key);
    }
    map_release(&map);
}

static void map_entry_removed_is_gone_and_can_come_back(void **state)
{
    (void)state;
    static char one[] = "one", two[] = "two";
    struct map map = MAP_INIT(NULL);
    assert_false(map_remove(&map, view_of("a")));
    for (int round = 0; round < 50; round++) {
        map_set(&map, view_of("a"), one);
        map_set(&map, view_of("b"), two);
        assert_true(map_remove(&map, view_of("a")));
        assert_null(map_get(&map, view_of("a")));
        assert_ptr_equal(map_get(&map, view_of("b")), two);
        assert_int_equal(map_size(&map), 1);
    }
    map_release(&map);
}

static void map_keys_may_hold_any_byte(void **state)
{
    (void)state;
    static char value[] = "v";
    struct map map = MAP_INIT(NULL);
    map_set(&map, VIEW_LITERAL("a\0b"), value);
    assert_null(map_get(&map, view_of("a")));
    assert_ptr_equal(map_get(&map, VIEW_LITERAL("a\0b")), value);
    map_set(&map, VIEW_NONE, value);
    assert_ptr_equal(map_get(&map, view_of("")), value);
    map_release(&map);
}

static void view_is_sliced_within_its_bounds(void **state)
{
    (void)state;
    struct view text = VIEW_LITERAL("hello");
    assert_true(view_is(view_slice(text, 1, 3), "ell"));
    assert_true(view_is(view_slice(text, 3, 100), "lo"));
    assert_int_equal(view_slice(text, 9, 1).length, 0);
    assert_int_equal(view_from(VIEW_NONE, 3).length, 0);
    assert_true(view_is(view_trim(VIEW_LITERAL(" \t a b \r\n")), "a b"));
    assert_true(view_starts_with_nocase(VIEW_LITERAL("Content-Type"), VIEW_LITERAL("content")));
    assert_true(view_find(VIEW_LITERAL("abc"), VIEW_LITERAL("abcd")) == SIZE_MAX);
    assert_int_equal(view_find(VIEW_LITERAL("abc"), VIEW_LITERAL("bc")), 1);
    assert_true(view_compare(VIEW_LITERAL("a"), VIEW_LITERAL("ab")) < 0);
}

static void view_splits_into_all_its_pieces(void **state)
{
    (void)state;
    struct view rest = VIEW_LITERAL("a,,b,"), piece = VIEW_NONE;
    static const char *const pieces[] = {"a", "", "b", ""};
    size_t count = 0;
    while (view_split(&rest, ',', &piece)) assert_true(view_is(piece, pieces[count++]));
    assert_int_equal(count, 4);
}

static void arena_keeps_texts_where_they_are(void **state)
{
    (void)state;
    struct arena arena = {0};
    AUTO_BUF large = BUF_INIT(5000);
    while (large.length < 3000) buf_add_char(&large, 'x');
    VEC(const char *) copies = {0};
    for (size_t i = 0; i < 1000; i++)
        vec_push(&copies, arena_copy(&arena, view_slice(buf_view(&large), 0, i * 3)));
    for (size_t i = 0; i < copies.count; i++) assert_int_equal(strlen(copies.items[i]), i * 3);
    assert_string_equal(arena_text(&arena, NULL), "");
    vec_release(&copies);
    arena_release(&arena);
    arena_release(&arena); /* it is empty, and may be used again */
    assert_string_equal(arena_text(&arena, "again"), "again");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_past_its_cap_adds_nothing_and_remembers),
        cmocka_unit_test(buf_takes_numbers_as_printf_writes_them),
        cmocka_unit_test(texts_are_joined_up_to_a_null),
        cmocka_unit_test(view_is_copied_as_far_as_it_fits),
        cmocka_unit_test(buf_taken_is_the_callers_and_never_null),
        cmocka_unit_test(vec_grows_and_zeroes_its_slots),
        cmocka_unit_test(arena_keeps_texts_where_they_are),
        cmocka_unit_test(map_keeps_order_replaces_and_frees),
        cmocka_unit_test(map_entry_removed_is_gone_and_can_come_back),
        cmocka_unit_test(map_keys_may_hold_any_byte),
        cmocka_unit_test(view_is_sliced_within_its_bounds),
        cmocka_unit_test(view_splits_into_all_its_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
