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

static void bucket_add(struct histogram *histogram, unsigned index, uint64_t count)
{
    size_t at = bucket_position(histogram, index);
    if (at == histogram->count || histogram->items[at].index != index) {
        (void)vec_add(histogram);
        memmove(&histogram->items[at + 1], &histogram->items[at],
                (histogram->count - 1 - at) * sizeof(*histogram->items));
        histogram->items[at] = (struct histogram_bucket){.index = index};
    }
    uint64_t *sum = &histogram->items[at].count;
    if (__builtin_add_overflow(*sum, count, sum)) *sum = UINT64_MAX;
}

void histogram_add(struct histogram *histogram, int64_t value_us)
{
    bucket_add(histogram, histogram_index(value_us), 1);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    vec_each(bucket, from) bucket_add(into, bucket->index, bucket->count);
}

uint64_t histogram_total(const struct histogram *histogram)
{
    uint64_t total = 0;
    vec_each(bucket, histogram) total += bucket->count;
    return total;
}

uint64_t histogram_at_most(const struct histogram *histogram, int64_t value_us)
{
    uint64_t total = 0;
    vec_each(bucket, histogram) {
        if (histogram_greatest_us(bucket->index) <= value_us) total += bucket->count;
    }
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

static bool leb128_read(struct view *rest, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 63 && rest->length; shift += 7) {
        unsigned char byte = (unsigned char)*rest->data;
        *rest = view_from(*rest, 1);
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

static bool bucket_read(struct view *rest, uint64_t *index, uint64_t *ret_count)
{
    uint64_t distance;
    if (!leb128_read(rest, &distance) || !leb128_read(rest, ret_count)) return false;
    if (distance >= HISTOGRAM_BUCKETS) return false;
    *index += distance;
    return *index < HISTOGRAM_BUCKETS;
}

bool histogram_add_printed(struct histogram *histogram, struct view printed)
{
    if (!printed.length) return true;
    if (*printed.data != FORMAT) return false;
    struct view rest = view_from(printed, 1);
    uint64_t index = 0, count;
    while (rest.length)
        if (!bucket_read(&rest, &index, &count)) return false;
    rest = view_from(printed, 1);
    index = 0;
    while (bucket_read(&rest, &index, &count)) bucket_add(histogram, (unsigned)index, count);
    return true;
}
