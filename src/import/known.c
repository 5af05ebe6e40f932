/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded text as templates: see link.h. */
#include "import/link.h"

#include <string.h>

#define PART_MINIMUM 6 /* shorter values are replaced only where they are all of a text */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool stands_alone(struct view text, size_t at, size_t length)
{
    bool before = at > 0 && is_word(text.data[at - 1]);
    bool after = at + length < text.length && is_word(text.data[at + length]);
    return !before && !after;
}

/* A part that is a secret would be redacted if it were not replaced. */
static size_t part_minimum(const struct known *known)
{
    bool secret = view_starts_with(view_of(known->expression), VIEW_LITERAL("secret."));
    return secret ? 1 : PART_MINIMUM;
}

static const struct known *known_at(const struct linked *linked, size_t step, struct view text,
                                    size_t at)
{
    const struct known *best = NULL;
    if (!linked->starts[(unsigned char)text.data[at]]) return NULL;
    vec_each(known, &linked->knowns) {
        struct view value = view_of(known->value);
        bool all = at == 0 && value.length == text.length;
        if (known->from_step > step ||
            (!all && (known->whole || value.length < part_minimum(known))))
            continue;
        if (best && strlen(best->value) >= value.length) continue;
        if (view_starts_with(view_from(text, at), value) && stands_alone(text, at, value.length))
            best = known;
    }
    return best;
}

static void flush(const struct linked *linked, struct buf *literal, struct buf *out)
{
    AUTO_BUF clean = BUF_INIT(BUF_OWN_CAP);
    redact_add(linked->secrets.redactor, &clean, buf_view(literal));
    struct view rest = buf_view(&clean);
    for (size_t at; (at = view_find(rest, VIEW_LITERAL("${"))) != SIZE_MAX;) {
        buf_add_view(out, view_slice(rest, 0, at));
        buf_add_text(out, "$${");
        rest = view_from(rest, at + 2);
    }
    buf_add_view(out, rest);
    buf_clear(literal);
}

void linked_write(const struct linked *linked, size_t step, struct view text, struct buf *out)
{
    AUTO_BUF literal = BUF_INIT(BUF_OWN_CAP);
    for (size_t at = 0; at < text.length;) {
        const struct known *known = known_at(linked, step, text, at);
        if (!known) {
            buf_add_char(&literal, text.data[at++]);
            continue;
        }
        flush(linked, &literal, out);
        buf_addf(out, "${%s}", known->expression);
        at += strlen(known->value);
    }
    flush(linked, &literal, out);
}

char *linked_text(const struct linked *linked, size_t step, const char *text)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    linked_write(linked, step, view_of(text), &out);
    return buf_take(&out);
}

void linked_release(struct linked *linked)
{
    secrets_release(&linked->secrets);
    vec_each(known, &linked->knowns) {
        explicit_bzero(known->value, strlen(known->value));
        free(known->value);
        free(known->expression);
    }
    vec_each(choice, &linked->choices) {
        free(choice->value);
        free(choice->name);
    }
    vec_release(&linked->knowns);
    vec_release(&linked->choices);
}
