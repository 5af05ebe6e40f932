/* SPDX-License-Identifier: Apache-2.0 */
/* See operand.h. */
#include "journey/operand.h"

#include "base/codec.h"

#include <stdlib.h>

#define OPERAND_TEXT_CAP ((size_t)1 << 20)

static bool list_value(const struct operand *operand, const struct expander *expander,
                       struct value *ret_value, struct buf *reason)
{
    struct value list = {.kind = VALUE_LIST};
    list.list.items = xcalloc(operand->count, sizeof(*list.list.items));
    for (; list.list.count < operand->count; list.list.count++) {
        struct value *item = &list.list.items[list.list.count];
        if (operand_value(&operand->items[list.list.count], expander, item, reason)) continue;
        value_release(&list);
        return false;
    }
    *ret_value = list;
    return true;
}

bool operand_value(const struct operand *operand, const struct expander *expander,
                   struct value *ret_value, struct buf *reason)
{
    if (operand->is_list) return list_value(operand, expander, ret_value, reason);
    if (operand->template) return expand(operand->template, expander, ret_value, reason);
    *ret_value = value_copy(&operand->constant);
    return true;
}

bool operand_text(const struct operand *operand, const struct expander *expander, struct buf *out,
                  struct buf *reason)
{
    if (operand->template) return expand_text(operand->template, expander, out, reason);
    struct value value = VALUE_NOTHING;
    if (!operand_value(operand, expander, &value, reason)) return false;
    value_print(&value, out);
    value_release(&value);
    return true;
}

static struct extractor *compile_chain(const struct source_spec *spec,
                                       const struct expander *expander, struct buf *reason)
{
    AUTO_BUF argument = BUF_INIT(OPERAND_TEXT_CAP), message = BUF_INIT(OPERAND_TEXT_CAP);
    size_t offset = 0;
    if (spec->argument && !expand_text(spec->argument, expander, &argument, reason)) return NULL;
    struct extractor *extractor =
        extractor_new(spec->kind, buf_view(&argument), spec->group, &offset, &message);
    if (!extractor) {
        buf_addf(reason, "%s '%s' is malformed: %s", source_key(spec->kind), buf_text(&argument),
                 buf_text(&message));
        return NULL;
    }
    extractor->attr = xstrdup(spec->attr);
    extractor->field = xstrdup(spec->field);
    extractor->all = spec->all;
    extractor->url_encoded = spec->url_encoded;
    if (!spec->inner) return extractor;
    extractor->inner = compile_chain(spec->inner, expander, reason);
    if (extractor->inner) return extractor;
    extractor_free(extractor);
    return NULL;
}

const struct extractor *source_extractor(const struct source_spec *spec,
                                         const struct expander *expander,
                                         struct extractor **ret_owned, struct buf *reason)
{
    if (spec->compiled) return spec->compiled;
    *ret_owned = compile_chain(spec, expander, reason);
    return *ret_owned;
}

static void add_json_value(const struct value *value, struct buf *out)
{
    cJSON *json = value_to_json(value);
    json_print(json, out);
    cJSON_Delete(json);
}

static bool add_leaf(const struct operand *leaf, const struct expander *expander, struct buf *out,
                     struct buf *reason)
{
    struct value value = VALUE_NOTHING;
    if (!operand_value(leaf, expander, &value, reason)) return false;
    if (value.kind == VALUE_TEXT && !value.text.is_number) {
        buf_add_char(out, '"');
        codec_add_json(out, (struct view){value.text.data, value.text.length});
        buf_add_char(out, '"');
    } else {
        add_json_value(&value, out);
    }
    value_release(&value);
    return true;
}

bool body_json(const struct body_node *node, const struct expander *expander, struct buf *out,
               struct buf *reason)
{
    if (node->kind == BODY_LEAF) return add_leaf(&node->leaf, expander, out, reason);
    bool object = node->kind == BODY_OBJECT;
    buf_add_char(out, object ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i) buf_add_char(out, ',');
        if (object) {
            buf_add_char(out, '"');
            codec_add_json(out, view_of(node->keys[i]));
            buf_add_text(out, "\":");
        }
        if (!body_json(&node->children[i], expander, out, reason)) return false;
    }
    buf_add_char(out, object ? '}' : ']');
    return true;
}
