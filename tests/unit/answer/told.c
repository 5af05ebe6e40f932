/* SPDX-License-Identifier: Apache-2.0 */
/* See told.h. */
#include "told.h"

#include "base/codec.h"
#include "base/utf8.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define INPUT_SHOWN_BYTES 200
#define MESSAGE_SHOWN_BYTES 400

static struct buf told = {.cap = BUF_OWN_CAP};

void told_note(struct view input, struct view message, size_t offset)
{
    struct view shown = utf8_clip(input, INPUT_SHOWN_BYTES);
    codec_add_visible(&told, shown);
    if (shown.length < input.length) buf_addf(&told, "... (%zu bytes)", input.length);
    if (!message.length) fail_msg("nothing is said of %.*s", VIEW_PRINTF(shown));
    buf_add_text(&told, "\n    ");
    codec_add_visible(&told, utf8_clip(message, MESSAGE_SHOWN_BYTES));
    if (offset != TOLD_NOWHERE) buf_addf(&told, " (at %zu)", offset);
    buf_add_char(&told, '\n');
}

void told_check(const char *golden)
{
    golden_check(golden, buf_view(&told));
    buf_release(&told);
}
