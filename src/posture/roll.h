/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roll: who is watched now, and which of them are in a maintenance window. The daemon leaves it
 * in the store, for those who read nothing else: what the store knows of somebody who is not on it
 * is the past.
 *
 * Printed form: {"location": "berlin", "journeys": {"checkout": {"personas": ["desktop"], "pause":
 * {"name": "deploy", "until_us": 1767229200000000, "rests": true}}}}.
 */
#ifndef SHOPPER_POSTURE_ROLL_H
#define SHOPPER_POSTURE_ROLL_H

#include "store/read.h"

#define ROLL_KEY "roll" /* of the store's state */

struct roll_journey {
    char *name;
    struct {
        char **items;
        size_t count, capacity;
    } personas;  /* a VEC */
    char *pause; /* the window's name; NULL: none */
    int64_t pause_until_us;
    bool rests; /* nobody walks while it is open */
};

struct roll {
    bool known; /* some daemon left one */
    char *location;
    struct {
        struct roll_journey *items;
        size_t count, capacity;
    } journeys; /* a VEC */
};

void roll_release(struct roll *roll);
/* Its personas and its pause are still to be added. */
struct roll_journey *roll_add(struct roll *roll, const char *journey);
const struct roll_journey *roll_find(const struct roll *roll, const char *journey); /* or NULL */
bool roll_has(const struct roll_journey *journey, const char *persona);

void roll_print(const struct roll *roll, struct buf *out);
/* False: it is no such text. */
bool roll_parse(struct roll *roll, struct view text, struct error *error) MUST_CHECK;
/* Not `known` where no daemon left one. Release it either way. */
bool roll_read(struct roll *roll, struct store *store, struct error *error) MUST_CHECK;

#endif
