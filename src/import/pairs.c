/* SPDX-License-Identifier: Apache-2.0 */
/* See pairs.h. */
#include "import/pairs.h"

#include "base/codec.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

void pairs_add(struct pairs *pairs, struct view name, struct view value)
{
    struct pair *pair = vec_add(pairs);
    pair->name = xstrndup(name.data, name.length);
    pair->value = xstrndup(value.data, value.length);
}

void pairs_release(struct pairs *pairs)
{
    vec_each(pair, pairs) {
        free(pair->name);
        free(pair->value);
        free(pair->file);
    }
    vec_release(pairs);
}

const char *pairs_get(const struct pairs *pairs, const char *name)
{
    vec_each(pair, pairs) {
        if (!strcmp(pair->name, name)) return pair->value;
    }
    return NULL;
}

/* What is not encoded well stays as it is. */
static void decode(struct view text, struct buf *out)
{
    if (codec_add_percent_decoded(out, text, true)) return;
    buf_clear(out);
    buf_add_view(out, text);
}

void pairs_add_query(struct pairs *pairs, struct view text)
{
    struct view piece = VIEW_NONE;
    while (view_split(&text, '&', &piece)) {
        struct view name = VIEW_NONE;
        if (!piece.length) continue;
        (void)view_split(&piece, '=', &name);
        AUTO_BUF key = BUF_INIT(BUF_OWN_CAP), value = BUF_INIT(BUF_OWN_CAP);
        decode(name, &key);
        decode(piece, &value);
        pairs_add(pairs, buf_view(&key), buf_view(&value));
    }
}
