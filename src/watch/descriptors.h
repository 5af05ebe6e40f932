/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors are shared: shoppers take one or two each, and some must be left for those who tell
 * what shoppers met.
 */
#ifndef SHOPPER_WATCH_DESCRIPTORS_H
#define SHOPPER_WATCH_DESCRIPTORS_H

#include <stdint.h>

#define DESCRIPTORS_RESERVED 32 /* the store, sinks, the HTTP face */
#define DESCRIPTORS_EACH 2      /* of a shopper */

/* As many as the system lets us have. How many that is. */
uint64_t descriptors_raise_limit(void);
/* How many shoppers may walk at once: as many as are wanted, if `limit` descriptors do for them. */
unsigned descriptors_places(uint64_t limit, unsigned wanted);

#endif
