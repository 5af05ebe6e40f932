/* SPDX-License-Identifier: Apache-2.0 */
/* For json.c: whether a text is JSON to the letter of RFC 8259, found out in one walk without a
 * tree. */
#ifndef SHOPPER_ANSWER_JSON_SCAN_H
#define SHOPPER_ANSWER_JSON_SCAN_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>

#define JSON_BYTE_ORDER_MARK "\xef\xbb\xbf"

struct json_oddities {
    bool long_numbers; /* some number may not survive as a double */
    bool escapes;      /* some escape means no character of a text: json_add_mended */
};

/* A byte order mark in front is passed over. False: `reason` says what is wrong and at which byte.
 */
bool json_scan(struct view text, struct json_oddities *ret_oddities, struct buf *reason) MUST_CHECK;
/* The text with \ufffd for \u0000 and for halves of surrogate pairs; nothing moves. */
void json_add_mended(struct view text, struct buf *out);
/* The next number token at or after *offset, in the order of the text; *offset moves past it. For
 * texts that json_scan passed. */
bool json_scan_number(struct view text, size_t *offset, struct view *ret_number) MUST_CHECK;

#endif
