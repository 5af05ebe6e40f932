/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile ${...}: parsed, and expanded with names of every type. */
#include "answer/expand.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const struct value *look_up(void *context, const char *name, struct buf *reason)
{
    const struct value *values = context;
    switch (name[0]) {
    case 'n': return &values[0];
    case 'm': return &values[1];
    case 't': return &values[2];
    default: buf_addf(reason, "%s is not set", name); return NULL;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags = DIAGS_INIT;
    struct buf reason = BUF_INIT((size_t)64 << 10);
    struct value values[] = {
        value_number(3),
        value_money((struct money){.amount = {1250, 2}, .currency = "EUR"}),
        value_text(VIEW_LITERAL("mug")),
    };
    const struct expander expander = {
        .lookup = look_up, .context = values, .cap_bytes = (size_t)64 << 10};
    struct view text = {(const char *)data, size};
    struct template *template = template_parse_text(text, PLACE_NOWHERE, &diags);
    struct value value = VALUE_NOTHING;
    if (expand(template, &expander, &value, &reason)) value_release(&value);
    template_free(template);
    for (size_t i = 0; i < COUNT_OF(values); i++) value_release(&values[i]);
    diags_release(&diags);
    buf_release(&reason);
    return 0;
}
