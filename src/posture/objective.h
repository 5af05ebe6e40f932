/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the shop promises, as the judgement needs it: apart from the journeys, which a report that
 * reads nothing but a store does not have. The daemon leaves its objectives in the store for it.
 *
 * Printed form: {"journeys": {"checkout": {"availability": 99.9, "window_us": 2592000000000,
 * "latency": {"95": 2000000}}}}.
 */
#ifndef SHOPPER_POSTURE_OBJECTIVE_H
#define SHOPPER_POSTURE_OBJECTIVE_H

#include "journey/journey.h"
#include "store/read.h"

#define OBJECTIVES_KEY "objectives" /* of the store's state */
#define OBJECTIVE_MAX_LATENCIES 8
#define OBJECTIVE_WINDOW_US (30 * STORE_DAY_US)

struct objective_latency {
    int percentile;
    int64_t at_most_us;
};

struct objective {
    char *journey;       /* owned */
    double availability; /* 0.999; -1: none is promised */
    int64_t window_us;
    struct objective_latency latencies[OBJECTIVE_MAX_LATENCIES];
    size_t latency_count;
};

struct objective_list {
    struct objective *items;
    size_t count, capacity; /* a VEC */
};

void objective_list_release(struct objective_list *list);
void objectives_add(struct objective_list *list, const struct journey *journey); /* if it has one */
/* NULL: this journey promises nothing. */
const struct objective *objectives_find(const struct objective_list *list, const char *journey);

void objectives_print(const struct objective_list *list, struct buf *out);
/* False: it is no such text. The list is as far as it went. */
bool objectives_parse(struct objective_list *list, struct view text,
                      struct error *error) MUST_CHECK;
/* Those that the daemon left in the store; none when it never did. */
bool objectives_read(struct objective_list *list, struct store *store,
                     struct error *error) MUST_CHECK;

#endif
