/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells a wall from a shop: bot walls, captchas, rate limits and maintenance pages, by the marks
 * that the common ones leave in headers and bodies. Conservative: what it is not sure of is the
 * shop's.
 */
#ifndef SHOPPER_ANSWER_WALL_H
#define SHOPPER_ANSWER_WALL_H

#include "answer/message.h"

#include <stdbool.h>

/* Whether a header says so, whatever the status. Quick where none does. */
bool wall_announced(const struct message *message) MUST_CHECK;
/* True: `reason` says which wall ("rate limit (429), try again after 30 s"). */
bool wall_recognise(struct message *message, struct buf *reason) MUST_CHECK;

#endif
