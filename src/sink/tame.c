/* SPDX-License-Identifier: Apache-2.0 */
/* Shop text made harmless and bounded, once for all kinds; what a format of its own means by a
 * character is escaped where that format is written. See internal.h. */
#include "base/codec.h"
#include "base/utf8.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

#define AFFECTED_MAX 20
#define AFFECTED_BYTES 160

static const struct tame_field {
    size_t offset, limit;
} fields[] = {
    {offsetof(struct event, line), 400},       {offsetof(struct event, signature), 250},
    {offsetof(struct event, kind), 50},        {offsetof(struct event, stage), 100},
    {offsetof(struct event, host), 260},       {offsetof(struct event, step), 200},
    {offsetof(struct event, message), 600},    {offsetof(struct event, expected), 600},
    {offsetof(struct event, actual), 600},     {offsetof(struct event, rule), 200},
    {offsetof(struct event, owner), 200},      {offsetof(struct event, runbook), 400},
    {offsetof(struct event, trace_id), 64},    {offsetof(struct event, run_id), 64},
    {offsetof(struct event, resolution), 200},
};

void tame_add(struct buf *out, const char *text, size_t limit)
{
    const struct view mark = VIEW_LITERAL("…");
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    struct view whole = view_of(text);
    /* What is made visible is never shorter than what it stands for. */
    codec_add_visible(&visible, utf8_clip(whole, limit + 1));
    if (visible.length <= limit && whole.length <= limit) {
        buf_add_view(out, buf_view(&visible));
        return;
    }
    buf_add_view(out, utf8_clip(buf_view(&visible), limit - mark.length));
    buf_add_view(out, mark);
}

static char *tamed(const char *text, size_t limit)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    tame_add(&out, text, limit);
    return buf_take(&out);
}

struct event event_tame(const struct event *event)
{
    struct event tame = *event;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const char *const *from =
            (const char *const *)(const void *)((const char *)event + fields[i].offset);
        char **to = (char **)(void *)((char *)&tame + fields[i].offset);
        *to = tamed(*from, fields[i].limit);
    }
    size_t kept = event->affected_count < AFFECTED_MAX ? event->affected_count : AFFECTED_MAX;
    tame.affected = xcalloc(kept + 1, sizeof(char *));
    tame.affected_count = kept;
    for (size_t i = 0; i < kept; i++) tame.affected[i] = tamed(event->affected[i], AFFECTED_BYTES);
    if (kept < event->affected_count)
        tame.affected[tame.affected_count++] =
            xasprintf("and %zu more", event->affected_count - kept);
    return tame;
}
