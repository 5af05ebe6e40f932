/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the shop may be away, and when nobody wants to be told: the configuration's maintenance
 * windows and the silences that people set. Pure: times go in, names come out.
 *
 * A silence's matcher is "journey=NAME", "stage=NAME" or "host=NAME"; a NAME may end with `*`. A
 * host has its port where that is not the scheme's own; one that is named without is meant on any.
 */
#ifndef SHOPPER_WATCH_MAINTENANCE_H
#define SHOPPER_WATCH_MAINTENANCE_H

#include "store/record.h"
#include "watch/config.h"

/* Whether the window is open at `now_us`. */
bool window_is_open(const struct config_window *window, int64_t now_us);
/* When it closes; 0: it is not open. */
int64_t window_end_us(const struct config_window *window, int64_t now_us);
/* What is asked about: NULL where it is not known or does not matter. */
struct maintenance_subject {
    const char *journey, *stage, *host;
    const struct journey *whole; /* instead of one stage: any of this journey's */
    const char *shop;            /* another host that will do */
};
/* Whether the window is about this. One that names journeys, stages and hosts needs all of them. */
bool window_covers(const struct config_window *window, const struct maintenance_subject *subject);
/* Whether an open window names hosts, so that it is worth finding out which one is meant. */
bool maintenance_asks_for_host(const struct config *config, int64_t now_us);
/* The first open window about this, of those that skip or of those that only keep quiet; NULL. */
const struct config_window *maintenance_find(const struct config *config,
                                             const struct maintenance_subject *subject,
                                             int64_t now_us, bool skip);

/* False: no matcher; `reason` says what one looks like. */
bool silence_matcher_is_good(const char *matcher, struct buf *reason) MUST_CHECK;
bool silence_covers(const struct store_silence *silence, const struct maintenance_subject *subject,
                    int64_t now_us);

#endif
