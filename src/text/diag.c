/* SPDX-License-Identifier: Apache-2.0 */
/* See diag.h. */
#include "text/diag.h"

#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUOTED_COLUMNS 160 /* of a longer line, what is around the caret */

static const struct {
    const char *text, *help;
    enum diag_level level;
} codes[] = {
#define X(name, code, level, help) {code, help, DIAG_##level},
    DIAG_CODES(X)
#undef X
};

const char *diag_code_text(enum diag_code code)
{
    return codes[code].text;
}

const char *diag_code_help(enum diag_code code)
{
    return codes[code].help;
}

enum diag_level diag_code_level(enum diag_code code)
{
    return codes[code].level;
}

static void diag_release(struct diag *diag)
{
    free(diag->message);
    free(diag->hint);
    source_free(diag->source);
    *diag = (struct diag){0};
}

void diags_release(struct diags *diags)
{
    vec_each(diag, diags) diag_release(diag);
    vec_release(diags);
    diags->errors = diags->warnings = 0;
}

static struct diag *diag_add(struct diags *diags, enum diag_level level, enum diag_code code,
                             struct place place, char *message)
{
    size_t *count_of_level = level == DIAG_ERROR ? &diags->errors : &diags->warnings;
    ++*count_of_level;
    struct diag *diag = NULL;
    if (diags->count < DIAG_MAX) {
        diag = vec_add(diags);
    } else { /* the last one makes room: its place is not worth more than a newer one's */
        diags->dropped++;
        diag = vec_last(diags);
        diag_release(diag);
    }
    *diag = (struct diag){
        .level = level,
        .code = code,
        .place = place,
        .message = message,
        .source = source_hold((struct source *)(uintptr_t)place.source),
    };
    if (code == DIAG_PLAIN_SECRET && diag->source) source_conceal(diag->source, place.line);
    return diag;
}

static char *formatted(const char *format, va_list arguments) PRINTF_LIKE(1, 0);
static char *formatted(const char *format, va_list arguments)
{
    char *text = NULL;
    ASSERT(vasprintf(&text, format, arguments) >= 0);
    return text;
}

struct diag *diag_error(struct diags *diags, enum diag_code code, struct place place,
                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *message = formatted(format, arguments);
    va_end(arguments);
    return diag_add(diags, DIAG_ERROR, code, place, message);
}

struct diag *diag_warning(struct diags *diags, enum diag_code code, struct place place,
                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *message = formatted(format, arguments);
    va_end(arguments);
    return diag_add(diags, DIAG_WARNING, code, place, message);
}

void diag_hint(struct diag *diag, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    free(diag->hint);
    diag->hint = formatted(format, arguments);
    va_end(arguments);
}

void diag_suggest(struct diag *diag, struct view word, const char *const *candidates)
{
    const char *nearest = suggest_nearest(word, candidates);
    if (nearest) diag_hint(diag, "did you mean '%s'?", nearest);
}

/* --- Order */

static int compare_diags(const void *a, const void *b)
{
    const struct diag *left = a, *right = b;
    if (!left->place.source || !right->place.source)
        return !left->place.source - !right->place.source;
    int order = strcmp(source_name(left->place.source), source_name(right->place.source));
    if (order) return order;
    if (left->place.line != right->place.line) return left->place.line < right->place.line ? -1 : 1;
    if (left->place.column != right->place.column)
        return left->place.column < right->place.column ? -1 : 1;
    return (int)left->code - (int)right->code;
}

void diags_sort(struct diags *diags)
{
    if (diags->count) qsort(diags->items, diags->count, sizeof(*diags->items), compare_diags);
}

static bool is_repeated(const struct diag *diag, const struct diag *before)
{
    return diag->level == before->level && diag->code == before->code &&
           compare_diags(diag, before) == 0 && !strcmp(diag->message, before->message);
}

void diags_drop_repeated(struct diags *diags)
{
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++) {
        struct diag *diag = &diags->items[i];
        bool repeated = false;
        for (size_t k = kept; k-- > 0 && !compare_diags(diag, &diags->items[k]) && !repeated;)
            repeated = is_repeated(diag, &diags->items[k]);
        if (!repeated) {
            diags->items[kept++] = *diag;
            continue;
        }
        if (diag->level == DIAG_ERROR)
            diags->errors--;
        else
            diags->warnings--;
        diag_release(diag);
    }
    diags->count = kept;
}

/* --- Rendering */

/* Byte offset of the n-th column, counting from 1. */
static size_t offset_of(struct view line, uint32_t column)
{
    size_t offset = 0;
    for (uint32_t i = 1; i < column && offset < line.length; i++) (void)utf8_next(line, &offset);
    return offset;
}

/* A tab stays one: the caret's line repeats it, so that both are as wide. */
static void add_piece(struct buf *out, struct view piece)
{
    struct view part = VIEW_NONE;
    bool first = true;
    while (view_split(&piece, '\t', &part)) {
        if (!first) buf_add_char(out, '\t');
        codec_add_visible(out, part);
        first = false;
    }
}

/* As wide as what is shown: "日本" takes four columns. */
static void add_blanks(struct buf *out, struct view shown)
{
    for (size_t offset = 0; offset < shown.length;) {
        uint32_t code_point = utf8_next(shown, &offset);
        const char *blank = utf8_columns(code_point) == 2 ? "  " : " ";
        buf_add_text(out, code_point == '\t' ? "\t" : blank);
    }
}

static size_t columns_of(struct view shown)
{
    size_t columns = 0;
    for (size_t offset = 0; offset < shown.length;)
        columns += utf8_columns(utf8_next(shown, &offset));
    return columns;
}

static void add_quote(struct place place, struct buf *out, const char *color, const char *plain)
{
    struct view line = source_line(place.source, place.line);
    uint32_t from_column = place.column > QUOTED_COLUMNS - 40 ? place.column - 40 : 1;
    size_t from = offset_of(line, from_column), caret = offset_of(line, place.column);
    size_t to = from + offset_of(view_from(line, from), QUOTED_COLUMNS + 1);
    size_t end = caret + offset_of(view_from(line, caret), place.length + 1);
    if (end > to) end = to;
    if (caret > to) return;
    AUTO_BUF before = BUF_INIT(BUF_OWN_CAP), marked = BUF_INIT(BUF_OWN_CAP),
             after = BUF_INIT(BUF_OWN_CAP);
    add_piece(&before, view_slice(line, from, caret - from));
    add_piece(&marked, view_slice(line, caret, end - caret));
    add_piece(&after, view_slice(line, end, to - end));
    buf_addf(out, "%5u | %s%s%s%s%s\n", place.line, from ? "…" : "", buf_text(&before),
             buf_text(&marked), buf_text(&after), to < line.length ? "…" : "");
    buf_addf(out, "      | %s", from ? " " : "");
    add_blanks(out, buf_view(&before));
    buf_addf(out, "%s^", color);
    for (size_t i = columns_of(buf_view(&marked)); i > 1; i--) buf_add_char(out, '~');
    buf_addf(out, "%s\n", plain);
}

void diag_print(const struct diag *diag, struct buf *out, bool color)
{
    const char *bold = color ? "\033[1m" : "", *plain = color ? "\033[0m" : "";
    const char *paint = !color ? "" : diag->level == DIAG_ERROR ? "\033[1;31m" : "\033[1;35m";
    char place[PLACE_TEXT_SIZE];
    place_print(diag->place, place);
    if (place[0]) {
        buf_add_text(out, bold);
        codec_add_visible(out, view_of(place)); /* a file can be called anything */
        buf_addf(out, ":%s ", plain);
    }
    buf_addf(out, "%s%s:%s ", paint, diag->level == DIAG_ERROR ? "error" : "warning", plain);
    codec_add_visible(out, view_of(diag->message));
    buf_addf(out, " [%s]\n", diag_code_text(diag->code));
    if (diag->place.source && diag->place.line &&
        !source_conceals(diag->place.source, diag->place.line))
        add_quote(diag->place, out, paint, plain);
    if (!diag->hint) return;
    buf_add_text(out, "      = ");
    codec_add_visible(out, view_of(diag->hint));
    buf_add_char(out, '\n');
}

void diags_print(const struct diags *diags, struct buf *out, bool color)
{
    vec_each(diag, diags) diag_print(diag, out, color);
    if (diags->dropped) buf_addf(out, "(and %zu more)\n", diags->dropped);
}
