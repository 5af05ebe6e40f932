/* SPDX-License-Identifier: Apache-2.0 */
/* See json.h. */
#include "answer/json.h"

#include "answer/json_scan.h"
#include "base/codec.h"
#include "base/map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The deepest tree is JSON_MAX_DEPTH, so recursion over trees is bounded. */

/* --- Numbers as they are meant: 0.DIGITS times ten to the magnitude, without zeros around. */

struct exact {
    bool negative;
    struct view digits; /* a '.' among them does not count; empty: zero */
    int64_t magnitude;
};

#define EXPONENT_LIMIT INT64_C(1000000000000) /* more digits than any text has bytes */

static int64_t exponent_of(struct view digits)
{
    bool negative = view_starts_with(digits, VIEW_LITERAL("-"));
    int64_t exponent = 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.data[i] == '-' || digits.data[i] == '+') continue;
        if (exponent < EXPONENT_LIMIT) exponent = exponent * 10 + (digits.data[i] - '0');
    }
    return negative ? -exponent : exponent;
}

/* `text` is a number by JSON's grammar. */
static struct exact exact_of(struct view text)
{
    struct exact exact = {.negative = view_starts_with(text, VIEW_LITERAL("-"))};
    struct view rest = view_from(text, exact.negative ? 1 : 0);
    size_t e = 0;
    while (e < rest.length && rest.data[e] != 'e' && rest.data[e] != 'E') e++;
    if (e < rest.length) exact.magnitude = exponent_of(view_from(rest, e + 1));
    rest = view_slice(rest, 0, e);
    size_t point = view_find_char(rest, '.'), zeros = 0;
    exact.magnitude += (int64_t)(point == SIZE_MAX ? rest.length : point);
    for (; rest.length && (*rest.data == '0' || *rest.data == '.'); rest = view_from(rest, 1))
        zeros += *rest.data == '0';
    while (rest.length && strchr("0.", rest.data[rest.length - 1])) rest.length--;
    exact.magnitude -= (int64_t)zeros;
    exact.digits = rest;
    return exact;
}

/* The next digit, '\0' after the last: less than any. */
static char next_digit(struct view *digits)
{
    if (view_starts_with(*digits, VIEW_LITERAL("."))) *digits = view_from(*digits, 1);
    if (!digits->length) return '\0';
    char digit = *digits->data;
    *digits = view_from(*digits, 1);
    return digit;
}

static int exact_sign(const struct exact *exact)
{
    if (!exact->digits.length) return 0;
    return exact->negative ? -1 : 1;
}

static int exact_compare(struct exact a, struct exact b)
{
    int sign = exact_sign(&a);
    if (sign != exact_sign(&b)) return sign < exact_sign(&b) ? -1 : 1;
    if (sign == 0) return 0;
    if (a.magnitude != b.magnitude) return a.magnitude < b.magnitude ? -sign : sign;
    for (;;) {
        char left = next_digit(&a.digits), right = next_digit(&b.digits);
        if (left != right) return left < right ? -sign : sign;
        if (!left) return 0;
    }
}

#define SHORTEST_BYTES 40

/* A node without digits of its own means these: the fewest that give its double. */
static struct view shortest(double number, char text[static SHORTEST_BYTES])
{
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, SHORTEST_BYTES, "%.*g", digits, number);
        if (strtod(text, NULL) == number) break; /* NOLINT: the point is that it is the same */
    }
    return (struct view){text, (size_t)length};
}

static struct view number_text(const cJSON *number, char text[static SHORTEST_BYTES])
{
    return number->valuestring ? view_of(number->valuestring) : shortest(number->valuedouble, text);
}

int json_compare_numbers(const cJSON *a, const cJSON *b)
{
    char left[SHORTEST_BYTES], right[SHORTEST_BYTES];
    if (!a->valuestring && !b->valuestring) /* doubles stand in the order of their digits */
        return (a->valuedouble > b->valuedouble) - (a->valuedouble < b->valuedouble);
    return exact_compare(exact_of(number_text(a, left)), exact_of(number_text(b, right)));
}

static bool survives_double(const cJSON *number, struct view digits)
{
    char text[SHORTEST_BYTES];
    return isfinite(number->valuedouble) &&
           exact_compare(exact_of(digits), exact_of(shortest(number->valuedouble, text))) == 0;
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
    struct json_oddities oddities = {0};
    AUTO_BUF mended = BUF_INIT(text.length + 1);
    if (!json_scan(text, &oddities, reason)) return NULL;
    if (oddities.escapes) {
        json_add_mended(text, &mended);
        text = buf_view(&mended);
    }
    if (view_starts_with(text, VIEW_LITERAL(JSON_BYTE_ORDER_MARK)))
        text = view_from(text, sizeof(JSON_BYTE_ORDER_MARK) - 1);
    cJSON *root = cJSON_ParseWithLength(text.data, text.length);
    if (!root) {
        buf_add_text(reason, "not JSON: it cannot be read");
        return NULL;
    }
    size_t offset = 0;
    if (oddities.long_numbers) keep_digits(root, text, &offset);
    return root;
}

/* A whole number of so few digits is its own shortest form: nothing needs printing. */
static bool whole_decimal(double number, struct decimal *ret_number)
{
    if (!(number < 1e15 && number > -1e15)) return false;
    *ret_number = (struct decimal){.units = (int64_t)number};
    return (double)ret_number->units == number; /* NOLINT: exactly */
}

bool json_decimal(const cJSON *number, struct decimal *ret_number)
{
    char text[SHORTEST_BYTES];
    if (!cJSON_IsNumber(number)) return false;
    if (!number->valuestring && whole_decimal(number->valuedouble, ret_number)) return true;
    if (!number->valuestring && !isfinite(number->valuedouble)) return false;
    return decimal_parse(number_text(number, text), ret_number);
}

void json_add_number(const cJSON *number, struct buf *out)
{
    char text[SHORTEST_BYTES];
    struct decimal exact;
    if (!number->valuestring && json_decimal(number, &exact))
        decimal_print(exact, out); /* "1e+16" as its digits */
    else
        buf_add_view(out, number_text(number, text));
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

/* Few members are looked for one by one, many in a map: two large objects must not cost their
 * product. */
#define FEW_MEMBERS 16

static bool is_in_map(const cJSON *member, const struct map *others)
{
    const cJSON *other = map_get(others, view_of(member->string));
    return other && json_equal(member, other);
}

static bool many_equal(const cJSON *a, const cJSON *b)
{
    struct map others = MAP_INIT(NULL);
    for (cJSON *child = b->child; child; child = child->next)
        map_set(&others, view_of(child->string), child);
    bool equal = true;
    for (const cJSON *child = a->child; equal && child; child = child->next)
        equal = is_in_map(child, &others);
    map_release(&others);
    return equal;
}

static bool objects_equal(const cJSON *a, const cJSON *b)
{
    int size = cJSON_GetArraySize(a);
    if (size != cJSON_GetArraySize(b)) return false;
    if (size > FEW_MEMBERS) return many_equal(a, b);
    for (const cJSON *child = a->child; child; child = child->next) {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(b, child->string);
        if (!other || !json_equal(child, other)) return false;
    }
    return true;
}

bool json_equal(const cJSON *a, const cJSON *b)
{
    if ((a->type & 0xff) != (b->type & 0xff)) return false;
    if (cJSON_IsNumber(a)) return json_compare_numbers(a, b) == 0;
    if (cJSON_IsString(a)) return !strcmp(a->valuestring, b->valuestring);
    if (cJSON_IsObject(a)) return objects_equal(a, b);
    if (!cJSON_IsArray(a)) return true;
    const cJSON *left = a->child, *right = b->child;
    for (; left && right; left = left->next, right = right->next) {
        if (!json_equal(left, right)) return false;
    }
    return !left && !right;
}
