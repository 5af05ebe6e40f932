/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict JSON (RFC 8259) in front of cJSON, which by itself forgives too much: half a text, leading
 * zeros, control characters, trailing rubbish, broken UTF-8 and doubled keys are errors here, each
 * with its byte offset. Numbers that a double cannot hold exactly keep their digits (in the node's
 * valuestring). An escape that means no character (\u0000, half a surrogate pair) is read as
 * U+FFFD: JSON has them, texts do not.
 */
#ifndef SHOPPER_ANSWER_JSON_H
#define SHOPPER_ANSWER_JSON_H

#include "base/buf.h"
#include "base/decimal.h"
#include "base/view.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#define JSON_MAX_DEPTH 200

/* NULL: `reason` says what is wrong and at which byte, e.g. "not JSON: the text ends inside a
 * string (byte 120)". A UTF-8 byte order mark in front is passed over. The caller ends it with
 * cJSON_Delete. */
cJSON *json_parse(struct view text, struct buf *reason) MUST_CHECK;
/* Exact value of a number node; false when no decimal holds it. */
bool json_decimal(const cJSON *number, struct decimal *ret_number) MUST_CHECK;
/* The digits as they were written, or as a double prints shortest: appended to out. */
void json_add_number(const cJSON *number, struct buf *out);
/* Compact text: members in the order of the tree, numbers exact. */
void json_print(const cJSON *node, struct buf *out);
/* By value, exactly, whatever their size: below, at or above zero. */
int json_compare_numbers(const cJSON *a, const cJSON *b);
/* Deep equality by RFC 9535: numbers by value, objects regardless of order. */
bool json_equal(const cJSON *a, const cJSON *b);

#endif
