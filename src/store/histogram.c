/* SPDX-License-Identifier: Apache-2.0 */
/* See histogram.h. */
#include "store/histogram.h"

#include "base/vec.h"

#define FINE_BITS 5 /* 32 buckets per power of two */
#define FINE (1u << FINE_BITS)
#define FORMAT 1

void histogram_release(struct histogram *histogram)
{
    vec_release(histogram);
}

unsigned histogram_index(int64_t value_us)
{
    if (value_us < 0) return 0;
    uint64_t value = (uint64_t)value_us;
    if (value < FINE) return (unsigned)value;
    unsigned power = 63u - (unsigned)__builtin_clzll(value);
    unsigned fine = (unsigned)(value >> (power - FINE_BITS)) & (FINE - 1);
    unsigned index = FINE + (power - FINE_BITS) * FINE + fine;
    return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

int64_t histogram_least_us(unsigned index)
{
    if (index < FINE) return index;
    unsigned shift = (index - FINE) / FINE;
    return (int64_t)(FINE + (index - FINE) % FINE) << shift;
}

int64_t histogram_greatest_us(unsigned index)
{
    return index + 1 >= HISTOGRAM_BUCKETS ? INT64_MAX : histogram_least_us(index + 1) - 1;
}

/* Where `index` stands, or would. */
static size_t bucket_position(const struct histogram *histogram, unsigned index)
{
    size_t low = 0, high = histogram->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (histogram->items[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void bucket_insert(struct histogram *histogram, size_t at, unsigned index)
{
    (void)vec_add(histogram);
    memmove(&histogram->items[at + 1], &histogram->items[at],
            (histogram->count - 1 - at) * sizeof(*histogram->items));
    histogram->items[at] = (struct histogram_bucket){.index = index};
}

static void count_add(uint64_t *sum, uint64_t count)
{
    if (__builtin_add_overflow(*sum, count, sum)) *sum = UINT64_MAX;
}

void histogram_add(struct histogram *histogram, int64_t value_us)
{
    unsigned index = histogram_index(value_us);
    size_t at = bucket_position(histogram, index);
    if (at == histogram->count || histogram->items[at].index != index)
        bucket_insert(histogram, at, index);
    count_add(&histogram->items[at].count, 1);
}

/* Both rise: one walk, and no search. */
static void merge_rising(struct histogram *into, const struct histogram_bucket *buckets,
                         size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        while (at < into->count && into->items[at].index < buckets[i].index) at++;
        if (at == into->count || into->items[at].index != buckets[i].index)
            bucket_insert(into, at, buckets[i].index);
        count_add(&into->items[at].count, buckets[i].count);
    }
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    merge_rising(into, from->items, from->count);
}

uint64_t histogram_total(const struct histogram *histogram)
{
    uint64_t total = 0;
    vec_each(bucket, histogram) total += bucket->count;
    return total;
}

static int64_t bucket_middle_us(unsigned index)
{
    int64_t least = histogram_least_us(index);
    if (index + 1 >= HISTOGRAM_BUCKETS) return least;
    return least + (histogram_greatest_us(index) - least) / 2;
}

int64_t histogram_quantile_us(const struct histogram *histogram, double quantile)
{
    uint64_t total = histogram_total(histogram);
    if (!total) return -1;
    double rank = quantile * (double)total;
    uint64_t passed = 0;
    vec_each(bucket, histogram) {
        passed += bucket->count;
        if ((double)passed >= rank && passed) return bucket_middle_us(bucket->index);
    }
    return bucket_middle_us(vec_last(histogram)->index);
}

/* --- The printed form */

static void leb128_print(struct buf *out, uint64_t number)
{
    while (number >= 0x80) {
        buf_add_char(out, (char)(number | 0x80));
        number >>= 7;
    }
    buf_add_char(out, (char)number);
}

/* A report reads millions of them, most of one byte. */
static bool leb128_read(const unsigned char **at, const unsigned char *end, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (*at < end && **at < 0x80) {
        *ret_number = *(*at)++;
        return true;
    }
    for (unsigned shift = 0; shift < 63 && *at < end; shift += 7) {
        unsigned char byte = *(*at)++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80) continue;
        *ret_number = number;
        return true;
    }
    return false;
}

void histogram_print(const struct histogram *histogram, struct buf *out)
{
    buf_add_char(out, FORMAT);
    unsigned before = 0;
    vec_each(bucket, histogram) {
        leb128_print(out, bucket->index - before);
        leb128_print(out, bucket->count & INT64_MAX);
        before = bucket->index;
    }
}

/* Returns false for what is no histogram, or one with more buckets than there are. */
static bool buckets_read(struct view printed,
                         struct histogram_bucket buckets[static HISTOGRAM_BUCKETS],
                         size_t *ret_count)
{
    const unsigned char *at = (const unsigned char *)printed.data, *end = at + printed.length;
    uint64_t index = 0, distance, number;
    size_t count = 0;
    if (*at++ != FORMAT) return false;
    for (; at < end; count++) {
        if (!leb128_read(&at, end, &distance) || !leb128_read(&at, end, &number)) return false;
        if (distance >= HISTOGRAM_BUCKETS || count == HISTOGRAM_BUCKETS) return false;
        index += distance;
        if (index >= HISTOGRAM_BUCKETS) return false;
        buckets[count] = (struct histogram_bucket){(unsigned)index, number};
    }
    *ret_count = count;
    return true;
}

bool histogram_add_printed(struct histogram *histogram, struct view printed)
{
    struct histogram_bucket buckets[HISTOGRAM_BUCKETS];
    size_t count = 0;
    if (!printed.length) return true;
    if (!buckets_read(printed, buckets, &count)) return false;
    merge_rising(histogram, buckets, count);
    return true;
}

bool histogram_sum_add(struct histogram_sum *sum, struct view printed)
{
    struct histogram_bucket buckets[HISTOGRAM_BUCKETS];
    size_t count = 0;
    if (!printed.length) return true;
    if (!buckets_read(printed, buckets, &count)) return false;
    for (size_t i = 0; i < count; i++) count_add(&sum->counts[buckets[i].index], buckets[i].count);
    if (count && sum->end <= buckets[count - 1].index) sum->end = buckets[count - 1].index + 1;
    return true;
}

void histogram_sum_move(struct histogram_sum *sum, struct histogram *into)
{
    struct histogram_bucket buckets[HISTOGRAM_BUCKETS];
    size_t count = 0;
    for (unsigned i = 0; i < sum->end; i++) {
        if (sum->counts[i]) buckets[count++] = (struct histogram_bucket){i, sum->counts[i]};
        sum->counts[i] = 0;
    }
    sum->end = 0;
    if (!into->items && count) vec_reserve(into, count);
    merge_rising(into, buckets, count);
}
