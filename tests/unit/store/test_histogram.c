/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets, quantiles, merging, and the printed form, also a broken one. */
#include "store/histogram.h"

#include "base/random.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void buckets_are_gapless_and_within_a_thirty_second(void **state)
{
    (void)state;
    assert_int_equal(histogram_least_us(0), 0);
    for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
        int64_t least = histogram_least_us(i), greatest = histogram_greatest_us(i);
        assert_int_equal(histogram_index(least), i);
        assert_int_equal(histogram_index(greatest), i);
        assert_int_equal(histogram_least_us(i + 1), greatest + 1);
        assert_true((greatest - least) * 32 <= least);
    }
    assert_int_equal(histogram_index(INT64_MAX), HISTOGRAM_BUCKETS - 1);
    assert_int_equal(histogram_index(-5), 0);
}

static int compare(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void histogram_quantiles_are_near_the_sorted_truth(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    struct histogram histogram = {0};
    int64_t *values = xcalloc(COUNT, sizeof(*values));
    struct random random;
    random_init(&random, 7);
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = (int64_t)random_below(&random, UINT64_C(1) << (1 + i % 30));
        histogram_add(&histogram, values[i]);
    }
    qsort(values, COUNT, sizeof(*values), compare);
    static const double quantiles[] = {0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1};
    for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
        double rank = quantiles[i] * COUNT;
        int64_t truth = values[rank < 1 ? 0 : (size_t)rank - 1];
        int64_t found = histogram_quantile_us(&histogram, quantiles[i]);
        assert_true(llabs(found - truth) <= truth / 32);
    }
    free(values);
    histogram_release(&histogram);
}

static void histogram_when_empty_has_no_quantile(void **state)
{
    (void)state;
    struct histogram empty = {0};
    assert_int_equal(histogram_quantile_us(&empty, 0.5), -1);
    assert_int_equal(histogram_total(&empty), 0);
    assert_true(histogram_add_printed(&empty, VIEW_NONE));
    assert_int_equal(empty.count, 0);
}

static void assert_same(const struct histogram *a, const struct histogram *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->items[i].index, b->items[i].index);
        assert_int_equal(a->items[i].count, b->items[i].count);
    }
}

static void histograms_merged_are_as_if_all_was_added_to_one(void **state)
{
    (void)state;
    struct histogram all = {0}, odd = {0}, even = {0};
    for (int64_t i = 0; i < 1000; i++) {
        histogram_add(&all, i * i);
        histogram_add(i % 2 ? &odd : &even, i * i);
    }
    AUTO_BUF printed = BUF_INIT(BUF_OWN_CAP);
    histogram_print(&even, &printed);
    histogram_merge(&odd, &even);
    assert_same(&odd, &all);
    assert_int_equal(histogram_total(&odd), 1000);
    assert_true(histogram_add_printed(&odd, buf_view(&printed)));
    assert_int_equal(histogram_total(&odd), 1500);
    histogram_release(&all);
    histogram_release(&odd);
    histogram_release(&even);
}

static void histogram_printed_reads_back_and_is_small(void **state)
{
    (void)state;
    struct histogram histogram = {0}, copy = {0};
    for (int i = 0; i < 60; i++) histogram_add(&histogram, 200000 + i * 100);
    histogram_add(&histogram, INT64_MAX);
    AUTO_BUF printed = BUF_INIT(BUF_OWN_CAP);
    histogram_print(&histogram, &printed);
    assert_true(printed.length < 20);
    assert_true(histogram_add_printed(&copy, buf_view(&printed)));
    assert_same(&copy, &histogram);
    histogram_release(&histogram);
    histogram_release(&copy);
}

static void histogram_printed_when_broken_adds_nothing(void **state)
{
    (void)state;
    const struct view broken[] = {
        VIEW_LITERAL("\2\1\1"),          /* another format */
        VIEW_LITERAL("\1\1\1\1"),        /* half a pair */
        VIEW_LITERAL("\1\1\1\200"),      /* half a number */
        VIEW_LITERAL("\1\1\1\240\11\1"), /* past the last bucket */
        VIEW_LITERAL("\1\1\1\377\377\377\377\377\377\377\377\377\377\377\1\1"), /* too long */
    };
    struct histogram histogram = {0};
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        assert_false(histogram_add_printed(&histogram, broken[i]));
        assert_int_equal(histogram.count, 0);
    }
}

static void sum_of_printed_ones_equals_their_merging(void **state)
{
    (void)state;
    struct histogram one = {0}, merged = {0}, summed = {0};
    struct histogram_sum sum = {0};
    for (int round = 0; round < 3; round++) {
        AUTO_BUF printed = BUF_INIT(BUF_OWN_CAP);
        for (int64_t value = 1; value < 4000000; value = value * 3 + round)
            histogram_add(&one, value);
        histogram_print(&one, &printed);
        assert_true(histogram_add_printed(&merged, buf_view(&printed)));
        assert_true(histogram_sum_add(&sum, buf_view(&printed)));
    }
    assert_true(histogram_sum_add(&sum, VIEW_NONE));
    assert_false(histogram_sum_add(&sum, VIEW_LITERAL("\1\5")));
    histogram_sum_move(&sum, &summed);
    histogram_sum_move(&sum, &summed); /* it is empty by now */
    assert_int_equal(summed.count, merged.count);
    for (size_t i = 0; i < merged.count; i++) {
        assert_int_equal(summed.items[i].index, merged.items[i].index);
        assert_int_equal(summed.items[i].count, merged.items[i].count);
    }
    histogram_release(&one);
    histogram_release(&merged);
    histogram_release(&summed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_gapless_and_within_a_thirty_second),
        cmocka_unit_test(histogram_quantiles_are_near_the_sorted_truth),
        cmocka_unit_test(histogram_when_empty_has_no_quantile),
        cmocka_unit_test(histograms_merged_are_as_if_all_was_added_to_one),
        cmocka_unit_test(histogram_printed_reads_back_and_is_small),
        cmocka_unit_test(histogram_printed_when_broken_adds_nothing),
        cmocka_unit_test(sum_of_printed_ones_equals_their_merging),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
