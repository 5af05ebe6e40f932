/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the roll in the store as it is: with each plan, and when a maintenance window opens or
 * closes. */
#ifndef SHOPPER_WATCH_ROLL_CALL_H
#define SHOPPER_WATCH_ROLL_CALL_H

#include "loop/loop.h"
#include "watch/plan.h"

struct roll_call;
struct store;

#define ROLL_CALL_US (2 * US_PER_SECOND) /* between two looks at the windows */

/* The window that lets the journey rest, or only keeps quiet about it; NULL: none is open. */
typedef const struct config_window *roll_call_find(void *context, const struct journey *journey,
                                                   int64_t now_us, bool rests);

struct roll_call *roll_call_new(struct loop *loop, struct store *store, roll_call_find *find,
                                void *context) MUST_CHECK;
void roll_call_free(struct roll_call *call);
/* From now on this plan, borrowed until the next one. */
void roll_call_set(struct roll_call *call, const struct plan *plan);

#endif
