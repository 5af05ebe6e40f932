/* SPDX-License-Identifier: Apache-2.0 */
/* See source.h. */
#include "text/source.h"

#include "base/file.h"
#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>

struct source {
    char *name;
    char *bytes;
    size_t length;
    VEC(size_t) lines;       /* where each begins; empty until asked for */
    VEC(uint32_t) concealed; /* lines that hold a secret */
    unsigned holds;
};

struct source *source_new(const char *name, struct view bytes)
{
    struct source *source = NEW(struct source);
    source->name = xstrdup(name);
    source->bytes = xstrndup(bytes.data, bytes.length);
    source->length = bytes.length;
    source->holds = 1;
    return source;
}

struct source *source_read(const char *path, struct error *error)
{
    AUTO_BUF bytes = BUF_INIT(SOURCE_MAX_BYTES);
    if (!file_read(path, &bytes, error)) return NULL;
    return source_new(path, buf_view(&bytes));
}

struct source *source_hold(struct source *source)
{
    if (source) source->holds++;
    return source;
}

void source_free(struct source *source)
{
    if (!source || --source->holds) return;
    vec_release(&source->lines);
    vec_release(&source->concealed);
    free(source->name);
    free(source->bytes);
    free(source);
}

const char *source_name(const struct source *source)
{
    return source->name;
}

struct view source_bytes(const struct source *source)
{
    return (struct view){source->bytes, source->length};
}

static void find_lines(struct source *source)
{
    vec_push(&source->lines, 0);
    for (size_t i = 0; i < source->length; i++) {
        if (source->bytes[i] == '\n') vec_push(&source->lines, i + 1);
    }
}

struct view source_line(const struct source *source, uint32_t line)
{
    /* The line map is a cache: it changes nothing that a caller could see. */
    struct source *cache = (struct source *)(uintptr_t)source;
    if (!cache->lines.count) find_lines(cache);
    if (!line || line > cache->lines.count) return VIEW_NONE;
    size_t from = cache->lines.items[line - 1];
    size_t to = line < cache->lines.count ? cache->lines.items[line] - 1 : cache->length;
    struct view text = view_slice(source_bytes(source), from, to - from);
    if (text.length && text.data[text.length - 1] == '\r') text.length--;
    return text;
}

void source_conceal(struct source *source, uint32_t line)
{
    if (!source_conceals(source, line)) vec_push(&source->concealed, line);
}

bool source_conceals(const struct source *source, uint32_t line)
{
    vec_each(concealed, &source->concealed) {
        if (*concealed == line) return true;
    }
    return false;
}

void place_print(struct place place, char text[static PLACE_TEXT_SIZE])
{
    text[0] = '\0';
    if (!place.source) return;
    snprintf(text, PLACE_TEXT_SIZE, "%s:%u:%u", place.source->name, place.line, place.column);
}
