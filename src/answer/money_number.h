/* SPDX-License-Identifier: Apache-2.0 */
/* One number in the plain text of a price (money_text.h): where it ends, and what its points,
 * commas, apostrophes and spaces mean. */
#ifndef SHOPPER_ANSWER_MONEY_NUMBER_H
#define SHOPPER_ANSWER_MONEY_NUMBER_H

#include "answer/money.h"

/* Whether a number begins at plain[at]: a digit, or a point or comma in front of one. */
bool money_number_begins(struct view plain, size_t at);
/* Behind the last of its characters. */
size_t money_number_end(struct view plain, size_t at);
/* MONEY_READ, MONEY_MALFORMED or MONEY_TOO_LARGE. `minor_units` of the currency decide whether
 * "1.299" is grouped; -1: not known. */
enum money_reading money_number_read(struct view number, int minor_units,
                                     struct decimal *ret_amount) MUST_CHECK;

#endif
