/* SPDX-License-Identifier: Apache-2.0 */
/* See value.h. Making, copying and printing values; comparing them is predicate.c's. */
#include "answer/value.h"

#include "answer/json.h"
#include "base/codec.h"
#include "base/utf8.h"
#include "text/quantity.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void value_release(struct value *value)
{
    if (!value) return;
    if (value->kind == VALUE_TEXT) free(value->text.data);
    if (value->kind == VALUE_JSON) cJSON_Delete(value->json);
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->list.count; i++) value_release(&value->list.items[i]);
        free(value->list.items);
    }
    *value = VALUE_NOTHING;
}

static cJSON *json_copy(const cJSON *node)
{
    cJSON *copy = cJSON_Duplicate(node, true);
    ASSERT(copy);
    return copy;
}

struct value value_copy(const struct value *value)
{
    struct value copy = *value;
    if (value->kind == VALUE_TEXT) {
        copy = value_text((struct view){value->text.data, value->text.length});
        copy.text.is_number = value->text.is_number;
        return copy;
    }
    if (value->kind == VALUE_JSON) copy.json = json_copy(value->json);
    if (value->kind == VALUE_LIST) {
        size_t count = value->list.count;
        copy.list.items = count ? xcalloc(count, sizeof(struct value)) : NULL;
        for (size_t i = 0; i < count; i++) copy.list.items[i] = value_copy(&value->list.items[i]);
    }
    return copy;
}

struct value value_text(struct view text)
{
    struct value value = {.kind = VALUE_TEXT};
    value.text.data = xcalloc(text.length + 1, 1);
    if (text.length) memcpy(value.text.data, text.data, text.length);
    value.text.length = text.length;
    value.text.is_number = false;
    return value;
}

struct value value_number(int64_t whole)
{
    return (struct value){.kind = VALUE_NUMBER, .number = decimal_of(whole)};
}

struct value value_bool(bool boolean)
{
    return (struct value){.kind = VALUE_BOOL, .boolean = boolean};
}

struct value value_duration(int64_t us)
{
    return (struct value){.kind = VALUE_DURATION, .duration_us = us};
}

struct value value_money(struct money money)
{
    return (struct value){.kind = VALUE_MONEY, .money = money};
}

static struct value value_from_number(const cJSON *node)
{
    struct value value = {.kind = VALUE_NUMBER};
    if (json_decimal(node, &value.number)) return value;
    AUTO_BUF digits = BUF_INIT(BUF_OWN_CAP);
    json_add_number(node, &digits);
    value = value_text(buf_view(&digits));
    value.text.is_number = true;
    return value;
}

struct value value_from_json(const cJSON *node)
{
    if (!node) return VALUE_NOTHING;
    if (cJSON_IsNull(node)) return (struct value){.kind = VALUE_NULL};
    if (cJSON_IsBool(node)) return value_bool(cJSON_IsTrue(node));
    if (cJSON_IsNumber(node)) return value_from_number(node);
    if (cJSON_IsString(node)) return value_text(view_of(node->valuestring));
    return (struct value){.kind = VALUE_JSON, .json = json_copy(node)};
}

/* By way of the parser, which knows how a node keeps digits that a double cannot hold. */
static cJSON *json_from_digits(struct view digits)
{
    AUTO_BUF reason = BUF_INIT(256);
    cJSON *node = json_parse(digits, &reason);
    ASSERT(node);
    return node;
}

static cJSON *json_from_decimal(struct decimal number)
{
    AUTO_BUF digits = BUF_INIT(64);
    decimal_print(number, &digits);
    return json_from_digits(buf_view(&digits));
}

/* cJSON's texts end at a NUL and must be UTF-8: what is neither becomes visible as U+FFFD. */
static cJSON *json_from_text(struct view text)
{
    AUTO_BUF repaired = BUF_INIT(SIZE_MAX / 4);
    for (size_t at = 0; at < text.length;) {
        struct view rest = view_from(text, at);
        size_t nul = view_find_char(rest, '\0');
        utf8_add_repaired(&repaired, view_slice(rest, 0, nul));
        if (nul == SIZE_MAX) break;
        buf_add_text(&repaired, "\xEF\xBF\xBD");
        at += nul + 1;
    }
    return cJSON_CreateString(buf_text(&repaired));
}

static cJSON *json_from_list(const struct value *value)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < value->list.count; i++) {
        cJSON_AddItemToArray(array, value_to_json(&value->list.items[i]));
    }
    return array;
}

static cJSON *json_from_duration(int64_t us)
{
    AUTO_BUF text = BUF_INIT(64);
    quantity_write_duration(us, &text);
    return cJSON_CreateString(buf_text(&text));
}

struct cJSON *value_to_json(const struct value *value)
{
    cJSON *node = NULL;
    switch (value->kind) {
    case VALUE_ABSENT:
    case VALUE_NULL: node = cJSON_CreateNull(); break;
    case VALUE_BOOL: node = cJSON_CreateBool(value->boolean); break;
    case VALUE_NUMBER: node = json_from_decimal(value->number); break;
    case VALUE_MONEY: node = json_from_decimal(value->money.amount); break;
    case VALUE_DURATION: node = json_from_duration(value->duration_us); break;
    case VALUE_TEXT: {
        struct view text = {value->text.data, value->text.length};
        node = value->text.is_number ? json_from_digits(text) : json_from_text(text);
        break;
    }
    case VALUE_JSON: node = json_copy(value->json); break;
    case VALUE_LIST: node = json_from_list(value); break;
    }
    ASSERT(node);
    return node;
}

static void print_list(const struct value *value, struct buf *out)
{
    cJSON *json = value_to_json(value);
    json_print(json, out);
    cJSON_Delete(json);
}

void value_print(const struct value *value, struct buf *out)
{
    switch (value->kind) {
    case VALUE_ABSENT: break;
    case VALUE_NULL: buf_add_text(out, "null"); break;
    case VALUE_BOOL: buf_add_text(out, value->boolean ? "true" : "false"); break;
    case VALUE_NUMBER: decimal_print(value->number, out); break;
    case VALUE_MONEY: money_print_amount(&value->money, out); break;
    case VALUE_DURATION: quantity_write_duration(value->duration_us, out); break;
    case VALUE_TEXT: buf_add(out, value->text.data, value->text.length); break;
    case VALUE_JSON: json_print(value->json, out); break;
    case VALUE_LIST: print_list(value, out); break;
    }
}

#define CLIP_MARK "..."

/* At most `limit` bytes, with a mark where some were left out. */
static void add_clipped(struct buf *out, struct view text, size_t limit)
{
    if (text.length <= limit) {
        buf_add_view(out, text);
        return;
    }
    size_t mark = sizeof(CLIP_MARK) - 1;
    if (limit < mark) return;
    buf_add_view(out, utf8_clip(text, limit - mark));
    buf_add_text(out, CLIP_MARK);
}

/* The quotes stay whole around what is left of the text. */
static void describe_text(struct view text, size_t limit, struct buf *out)
{
    size_t inside = limit > 2 ? limit - 2 : 0;
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, view_slice(text, 0, inside + 4));
    buf_add_char(out, '"');
    add_clipped(out, buf_view(&visible), inside);
    buf_add_char(out, '"');
}

void value_describe(const struct value *value, size_t limit, struct buf *out)
{
    if (value->kind == VALUE_TEXT) {
        describe_text((struct view){value->text.data, value->text.length}, limit, out);
        return;
    }
    AUTO_BUF whole = BUF_INIT(BUF_OWN_CAP);
    if (value->kind == VALUE_ABSENT)
        buf_add_text(&whole, "nothing");
    else if (value->kind == VALUE_MONEY)
        money_print(&value->money, &whole);
    else if (value->kind == VALUE_DURATION)
        quantity_print_duration(value->duration_us, &whole);
    else
        value_print(value, &whole);
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, view_slice(buf_view(&whole), 0, limit + 4));
    add_clipped(out, buf_view(&visible), limit);
}

const char *value_kind_name(const struct value *value)
{
    switch (value->kind) {
    case VALUE_ABSENT: return "nothing";
    case VALUE_NULL: return "null";
    case VALUE_BOOL: return "a boolean";
    case VALUE_NUMBER: return "a number";
    case VALUE_MONEY: return "money";
    case VALUE_DURATION: return "a duration";
    case VALUE_TEXT: return value->text.is_number ? "a number" : "text";
    case VALUE_JSON: return cJSON_IsArray(value->json) ? "an array" : "an object";
    case VALUE_LIST: return "a list";
    }
    return "";
}

size_t value_count(const struct value *value)
{
    if (value->kind == VALUE_ABSENT) return 0;
    if (value->kind == VALUE_LIST) return value->list.count;
    if (value->kind == VALUE_JSON) return (size_t)cJSON_GetArraySize(value->json);
    return 1;
}

struct value value_element(const struct value *value, size_t index)
{
    if (value->kind == VALUE_LIST && index < value->list.count) {
        return value_copy(&value->list.items[index]);
    }
    if (value->kind == VALUE_JSON && cJSON_IsArray(value->json) && index <= INT_MAX) {
        return value_from_json(cJSON_GetArrayItem(value->json, (int)index));
    }
    return VALUE_NOTHING;
}
