/* SPDX-License-Identifier: Apache-2.0 */
/* The shapes that several tables of the loader share. See language.h. */
#include "journey/language.h"

#include "journey/loader.h"

const struct shape text_shape = {.kind = SHAPE_TEXT};
const struct shape template_shape = {.kind = SHAPE_TEMPLATE};
const struct shape bool_shape = {.kind = SHAPE_BOOL};
const struct shape duration_shape = {.kind = SHAPE_DURATION};
const struct shape value_shape = {.kind = SHAPE_VALUE};
const struct shape tree_shape = {.kind = SHAPE_TREE};
const struct shape values_shape = {.kind = SHAPE_NAMES, .of = &value_shape};

static const struct shape text_list_shape = {.kind = SHAPE_LIST, .of = &text_shape};
const struct shape texts_shape = {
    .kind = SHAPE_EITHER, .of = &text_shape, .or_of = &text_list_shape};

const struct shape check_shape = {.kind = SHAPE_CHECK, .name = "check"};
static const struct shape capture_shape = {.kind = SHAPE_CAPTURE, .name = "capture"};
static const struct shape check_list_shape = {.kind = SHAPE_LIST, .of = &check_shape};
const struct shape checks_shape = {
    .kind = SHAPE_EITHER, .of = &check_shape, .or_of = &check_list_shape};
const struct shape captures_shape = {.kind = SHAPE_NAMES, .of = &capture_shape};

const char *const type_words[] = {"string", "number", "integer", "boolean", "null",
                                  "array",  "object", "money",   NULL};
const char *const decode_words[] = {"url", NULL};

const char *shape_kind_words(enum shape_kind kind)
{
    static const char *const words[] = {
#define X(name, words) words,
        SHAPE_KINDS(X)
#undef X
    };
    return words[kind];
}
