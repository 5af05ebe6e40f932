/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Latencies as a histogram that can be merged: log-linear buckets (values below 32 us are exact,
 * above that 32 buckets per power of two, so a quantile is off by at most 1/32 of its value), kept
 * sparse, since one hour of one step fills a handful of them.
 *
 * Printed form, as the database keeps it: a byte 1 (the format), then for each filled bucket in
 * order two LEB128 numbers: its distance from the bucket before it (the first: its index), and its
 * count.
 */
#ifndef SHOPPER_STORE_HISTOGRAM_H
#define SHOPPER_STORE_HISTOGRAM_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct histogram_bucket {
    unsigned index;
    uint64_t count;
};

/* Zeroed memory is an empty one. */
struct histogram {
    struct histogram_bucket *items;
    size_t count, capacity; /* a VEC, by rising index */
};

#define HISTOGRAM_BUCKETS 1184u /* the last one holds all from about 2^41 us, 25 days */

void histogram_release(struct histogram *histogram);
void histogram_add(struct histogram *histogram, int64_t value_us); /* below 0 counts as 0 */
void histogram_merge(struct histogram *into, const struct histogram *from);
uint64_t histogram_total(const struct histogram *histogram);
/* 0 <= quantile <= 1: the middle of the bucket that holds it; -1 when empty. */
int64_t histogram_quantile_us(const struct histogram *histogram, double quantile);
/* The bucket of a value, and the least and greatest value that fall in a bucket. */
unsigned histogram_index(int64_t value_us);
int64_t histogram_least_us(unsigned index);
int64_t histogram_greatest_us(unsigned index);

void histogram_print(const struct histogram *histogram, struct buf *out);
/* Adds a printed one to `histogram`. False: it is none, and nothing was added. Empty bytes are an
 * empty one. */
bool histogram_add_printed(struct histogram *histogram, struct view printed) MUST_CHECK;

/* A sum of very many printed ones: a place for each bucket, so that none has to be searched for or
 * moved. Zeroed memory is an empty one. */
struct histogram_sum {
    uint64_t counts[HISTOGRAM_BUCKETS];
    unsigned end; /* the places from here on are 0 */
};
/* As histogram_add_printed. */
bool histogram_sum_add(struct histogram_sum *sum, struct view printed) MUST_CHECK;
/* Adds the sum to `into`, and empties it. */
void histogram_sum_move(struct histogram_sum *sum, struct histogram *into);

#endif
