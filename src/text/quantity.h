/* SPDX-License-Identifier: Apache-2.0 */
/* Typed quantities as people write them: durations, sizes, percentages, rates. */
#ifndef SHOPPER_TEXT_QUANTITY_H
#define SHOPPER_TEXT_QUANTITY_H

#include "base/buf.h"
#include "base/decimal.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

enum quantity_fault {
    QUANTITY_OK,
    QUANTITY_NO_UNIT, /* a bare number */
    QUANTITY_BAD_UNIT,
    QUANTITY_BAD_NUMBER,
    QUANTITY_TOO_LARGE
};

/* "500ms" "3s" "1.5s" "5m" "1h30m" "30d" "2w"; units us ms s m h d w, larger before smaller. "0s"
 * is fine. */
enum quantity_fault quantity_duration(struct view text, int64_t *ret_us) MUST_CHECK;
/* "2MB" "512KiB" "100B": KB MB GB are powers of 1000, KiB MiB GiB of 1024. */
enum quantity_fault quantity_size(struct view text, uint64_t *ret_bytes) MUST_CHECK;
/* "99.9%" */
enum quantity_fault quantity_percentage(struct view text, struct decimal *ret_percent) MUST_CHECK;
/* "200/day": a count per second, minute, hour or day. */
enum quantity_fault quantity_rate(struct view text, uint32_t *ret_count,
                                  int64_t *ret_per_us) MUST_CHECK;

/* The end of a word that is counted: "1 shopper", "2 shoppers". */
#define PLURAL(count) ((count) == 1 ? "" : "s")

/* For people: "1.5 s", "340 ms", "2m 5s"; shortest that keeps three digits. */
void quantity_print_duration(int64_t us, struct buf *out);
/* For programs, as a plain number: of milliseconds, at most three decimals, none that are zero; */
void quantity_print_ms(int64_t us, struct buf *out);
/* of seconds, always six decimals. */
void quantity_print_seconds(int64_t us, struct buf *out);
/* In the form that quantity_duration reads back exactly. */
void quantity_write_duration(int64_t us, struct buf *out);

#endif
