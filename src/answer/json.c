/* SPDX-License-Identifier: Apache-2.0 */
/* See json.h. */
#include "answer/json.h"

#include "answer/json_scan.h"
#include "base/codec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The deepest tree is JSON_MAX_DEPTH, so recursion over trees is bounded. */

static bool survives_double(const cJSON *number, struct view digits)
{
    struct decimal exact, kept;
    char text[40];
    if (!isfinite(number->valuedouble) || !decimal_parse(digits, &exact)) return false;
    int length = snprintf(text, sizeof(text), "%.17g", number->valuedouble);
    return decimal_parse((struct view){text, (size_t)length}, &kept) &&
           decimal_compare(exact, kept) == 0;
}

/* Keeps the digits of the numbers that a double does not hold: cJSON leaves valuestring of a number
 * alone, and frees it. */
static void keep_digits(cJSON *node, struct view text, size_t *offset)
{
    struct view digits = VIEW_NONE;
    if (cJSON_IsNumber(node) && json_scan_number(text, offset, &digits) &&
        !survives_double(node, digits)) {
        char *copy = cJSON_malloc(digits.length + 1);
        ASSERT(copy);
        memcpy(copy, digits.data, digits.length);
        copy[digits.length] = '\0';
        node->valuestring = copy;
    }
    for (cJSON *child = node->child; child; child = child->next) keep_digits(child, text, offset);
}

cJSON *json_parse(struct view text, struct buf *reason)
{
    bool long_numbers = false;
    if (view_starts_with(text, VIEW_LITERAL("\xef\xbb\xbf"))) text = view_from(text, 3);
    if (!json_scan(text, &long_numbers, reason)) return NULL;
    cJSON *root = cJSON_ParseWithLength(text.data, text.length);
    if (!root) {
        buf_add_text(reason, "not JSON: it cannot be read");
        return NULL;
    }
    size_t offset = 0;
    if (long_numbers) keep_digits(root, text, &offset);
    return root;
}

static void shortest(double number, char text[static 40])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, 40, "%.*g", digits, number);
        if (strtod(text, NULL) == number) return; /* NOLINT: the point is that it is the same */
    }
}

bool json_decimal(const cJSON *number, struct decimal *ret_number)
{
    char text[40];
    if (!cJSON_IsNumber(number)) return false;
    if (number->valuestring) return decimal_parse(view_of(number->valuestring), ret_number);
    if (!isfinite(number->valuedouble)) return false;
    shortest(number->valuedouble, text);
    return decimal_parse(view_of(text), ret_number);
}

void json_add_number(const cJSON *number, struct buf *out)
{
    char text[40];
    struct decimal exact;
    if (number->valuestring) {
        buf_add_text(out, number->valuestring);
        return;
    }
    shortest(number->valuedouble, text);
    if (decimal_parse(view_of(text), &exact))
        decimal_print(exact, out); /* "1e+20" as its digits */
    else
        buf_add_text(out, text);
}

static void add_string(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    codec_add_json(out, view_of(text));
    buf_add_char(out, '"');
}

static void add_children(const cJSON *node, struct buf *out)
{
    bool object = cJSON_IsObject(node);
    buf_add_char(out, object ? '{' : '[');
    for (const cJSON *child = node->child; child; child = child->next) {
        if (child != node->child) buf_add_char(out, ',');
        if (object) {
            add_string(out, child->string);
            buf_add_char(out, ':');
        }
        json_print(child, out);
    }
    buf_add_char(out, object ? '}' : ']');
}

void json_print(const cJSON *node, struct buf *out)
{
    if (cJSON_IsObject(node) || cJSON_IsArray(node))
        add_children(node, out);
    else if (cJSON_IsString(node))
        add_string(out, node->valuestring);
    else if (cJSON_IsNumber(node))
        json_add_number(node, out);
    else if (cJSON_IsBool(node))
        buf_add_text(out, cJSON_IsTrue(node) ? "true" : "false");
    else if (cJSON_IsRaw(node))
        buf_add_text(out, node->valuestring);
    else
        buf_add_text(out, "null");
}

static bool numbers_equal(const cJSON *a, const cJSON *b)
{
    struct decimal left, right;
    if (json_decimal(a, &left) && json_decimal(b, &right)) return decimal_compare(left, right) == 0;
    if (a->valuestring || b->valuestring) {
        return a->valuestring && b->valuestring && !strcmp(a->valuestring, b->valuestring);
    }
    return a->valuedouble == b->valuedouble; /* NOLINT: equal or not, there is no 'near' here */
}

static bool objects_equal(const cJSON *a, const cJSON *b)
{
    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b)) return false;
    for (const cJSON *child = a->child; child; child = child->next) {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(b, child->string);
        if (!other || !json_equal(child, other)) return false;
    }
    return true;
}

bool json_equal(const cJSON *a, const cJSON *b)
{
    if ((a->type & 0xff) != (b->type & 0xff)) return false;
    if (cJSON_IsNumber(a)) return numbers_equal(a, b);
    if (cJSON_IsString(a)) return !strcmp(a->valuestring, b->valuestring);
    if (cJSON_IsObject(a)) return objects_equal(a, b);
    if (!cJSON_IsArray(a)) return true;
    const cJSON *left = a->child, *right = b->child;
    for (; left && right; left = left->next, right = right->next) {
        if (!json_equal(left, right)) return false;
    }
    return !left && !right;
}
