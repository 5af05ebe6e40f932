/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A typed value: what a source found, a variable holds, or a check expects. Values own what they
 * point to. Copying is explicit.
 */
#ifndef SHOPPER_ANSWER_VALUE_H
#define SHOPPER_ANSWER_VALUE_H

#include "answer/money.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

enum value_kind {
    VALUE_ABSENT, /* nothing was there */
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_NUMBER,
    VALUE_MONEY,
    VALUE_DURATION,
    VALUE_TEXT,
    VALUE_JSON, /* an object or an array */
    VALUE_LIST  /* what `all: true` gave */
};

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        struct decimal number;
        struct money money;
        int64_t duration_us;
        struct {
            char *data; /* NUL-terminated; may hold NULs */
            size_t length;
            bool is_number; /* digits of a JSON number that no decimal holds; sent on as one */
        } text;
        struct cJSON *json;
        struct {
            struct value *items;
            size_t count;
        } list;
    };
};

#define VALUE_NOTHING ((struct value){.kind = VALUE_ABSENT})

void value_release(struct value *value); /* to VALUE_ABSENT */
struct value value_copy(const struct value *value) MUST_CHECK;
struct value value_text(struct view text) MUST_CHECK; /* copies */
struct value value_number(int64_t whole) MUST_CHECK;
struct value value_bool(bool boolean) MUST_CHECK;
struct value value_duration(int64_t us) MUST_CHECK;
struct value value_money(struct money money) MUST_CHECK;
/* From a JSON node, by copy: scalars become their own kind, arrays and objects VALUE_JSON. A number
 * that does not fit a decimal exactly becomes text of its digits, and a number again in JSON. */
struct value value_from_json(const struct cJSON *node) MUST_CHECK;
/* To a new JSON node: money as its amount's number, durations as text. Owned by the caller. */
struct cJSON *value_to_json(const struct value *value) MUST_CHECK;
/* As it stands in longer text or in a message; money prints as its bare amount ("12.50"), a JSON as
 * compact JSON, an absent value as nothing. */
void value_print(const struct value *value, struct buf *out);
/* For people: text in quotes, money with its currency, clipped to `limit` bytes. */
void value_describe(const struct value *value, size_t limit, struct buf *out);
const char *value_kind_name(const struct value *value); /* "text", "a number", ... */
size_t value_count(const struct value *value); /* elements of a list or array, members of an object;
                                                  1 else; 0 absent */
/* The n-th element of a list or array, by copy. */
struct value value_element(const struct value *value, size_t index) MUST_CHECK;

#endif
