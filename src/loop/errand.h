/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work that may wait for a disk, a name or a peer, each in a thread of its own, so that the loop
 * never does. For what is rare: nothing here bounds their number.
 */
#ifndef SHOPPER_LOOP_ERRAND_H
#define SHOPPER_LOOP_ERRAND_H

#include "base/alloc.h"

#include <stdbool.h>

struct loop;
struct errand;

typedef void errand_work(void *load); /* in the thread, where every signal is blocked */
/* The load is the loop's again. Not begun: there was no descriptor or no thread for it. */
typedef void errand_done(void *context, void *load, bool begun);

/* The load is the errand's, and the thread's until `done`, which comes on a later turn, once,
 * unless the errand is cancelled. Freed after `done`; of a cancelled one, in either thread. */
struct errand *errand_start(struct loop *loop, errand_work *work, void *load,
                            void (*load_free)(void *load), errand_done *done,
                            void *context) MUST_CHECK;
void errand_cancel(struct errand *errand); /* NULL; what is under way ends by itself */

#endif
