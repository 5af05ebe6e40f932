/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a price in few characters: all scripts' digits become ASCII ones, the many spaces,
 * dashes and apostrophes one of each, invisible marks go. Everything else stays as it is.
 */
#ifndef SHOPPER_ANSWER_MONEY_TEXT_H
#define SHOPPER_ANSWER_MONEY_TEXT_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

/* What has no ASCII character of its own; controls of the input become spaces. */
#define MONEY_POINT '\x01'     /* surely a decimal point: U+066B */
#define MONEY_GROUP '\x02'     /* surely between groups: U+066C */
#define MONEY_LONG_DASH '\x03' /* en and em dash; hyphens and minus signs are '-' */

/* Never longer than the text. */
void money_text_plain(struct view text, struct buf *out);
/* Of an alphabet in which words are written with letters between spaces. */
bool money_text_is_letter(uint32_t code_point);
/* The code points on both sides of an offset; a space at the ends. */
uint32_t money_text_before(struct view plain, size_t at);
uint32_t money_text_at(struct view plain, size_t at);

#endif
