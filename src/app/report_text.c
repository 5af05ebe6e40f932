/* SPDX-License-Identifier: Apache-2.0 */
/* A report as text: aligned tables, nothing that a terminal could misread. See report.h. */
#include "app/report.h"

#include "base/codec.h"
#include "base/utf8.h"

#include <string.h>

#define MAX_COLUMNS 16
#define ROOMY 12    /* columns for a name */
#define CRAMPED 8   /* the same where there are too few */
#define MAX_CELL 60 /* longer texts stay whole; they only do not widen the others */

/* Characters as people count them: bytes that begin one. */
static size_t width_of(struct view text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.length; i++) width += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return width;
}

static void add_padded(struct buf *out, struct view text, size_t width, bool to_the_left, bool last)
{
    size_t own = width_of(text), padding = own < width ? width - own : 0;
    for (size_t i = 0; !to_the_left && i < padding; i++) buf_add_char(out, ' ');
    buf_add_view(out, text);
    for (size_t i = 0; to_the_left && !last && i < padding; i++) buf_add_char(out, ' ');
}

struct layout {
    size_t columns, gap, widths[MAX_COLUMNS];
};

static size_t layout_width(const struct layout *layout)
{
    size_t width = 0;
    for (size_t i = 0; i < layout->columns; i++) width += layout->gap + layout->widths[i];
    return width;
}

/* Narrows the widest texts, which are names, to no less than `least`. */
static void narrow(struct layout *layout, const struct sheet *sheet, size_t most, size_t least)
{
    while (layout_width(layout) > most) {
        size_t widest = layout->columns;
        for (size_t i = 0; i < layout->columns; i++) {
            size_t floor = strlen(sheet->columns[i].head);
            if (!sheet->columns[i].is_text || layout->widths[i] <= (floor > least ? floor : least))
                continue;
            if (widest == layout->columns || layout->widths[i] > layout->widths[widest]) widest = i;
        }
        if (widest == layout->columns) return;
        layout->widths[widest]--;
    }
}

static struct layout layout_of(const struct sheet *sheet, unsigned most)
{
    struct layout layout = {.columns = sheet_width(sheet), .gap = 2};
    ASSERT(layout.columns && layout.columns <= MAX_COLUMNS);
    for (size_t i = 0; i < layout.columns; i++) layout.widths[i] = strlen(sheet->columns[i].head);
    for (size_t i = 0; i < sheet->cells.count; i++) {
        AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP);
        codec_add_visible(&shown, view_of(sheet->cells.items[i].text));
        size_t width = width_of(buf_view(&shown)), *widest = &layout.widths[i % layout.columns];
        if (width > MAX_CELL) width = MAX_CELL;
        if (width > *widest) *widest = width;
    }
    if (!most) return layout;
    narrow(&layout, sheet, most, ROOMY);
    if (layout_width(&layout) > most) layout.gap = 1;
    narrow(&layout, sheet, most, CRAMPED);
    return layout;
}

/* What is too long ends with a mark, when there is a width to keep to. */
static struct view clipped(struct view text, size_t width, bool *ret_cut)
{
    size_t offset = 0, at = 0;
    *ret_cut = width_of(text) > width;
    if (!*ret_cut) return text;
    for (size_t i = 0; i + 1 < width; i++) {
        (void)utf8_next(text, &at);
        offset = at;
    }
    return view_slice(text, 0, offset);
}

static void write_cell(const struct sheet *sheet, const struct layout *layout, size_t column,
                       const char *text, bool keeps, struct buf *out)
{
    AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP), cell = BUF_INIT(BUF_OWN_CAP);
    bool last = column + 1 == layout->columns, cut = false;
    codec_add_visible(&shown, view_of(text));
    struct view kept = buf_view(&shown);
    if (keeps && sheet->columns[column].is_text) kept = clipped(kept, layout->widths[column], &cut);
    buf_add_view(&cell, kept);
    if (cut) buf_add_text(&cell, "…");
    for (size_t i = 0; i < layout->gap; i++) buf_add_char(out, ' ');
    add_padded(out, buf_view(&cell), layout->widths[column], sheet->columns[column].is_text, last);
    if (last) buf_add_char(out, '\n');
}

/* Words, on lines no longer than `most`. */
static void write_words(const char *text, const char *indent, unsigned most, struct buf *out)
{
    struct view rest = view_of(text), word;
    size_t width = strlen(indent);
    buf_add_text(out, indent);
    for (bool first = true; view_split(&rest, ' ', &word); first = false) {
        if (!first && most && width + 1 + width_of(word) > most) {
            buf_addf(out, "\n%s", indent);
            width = strlen(indent);
        } else if (!first) {
            buf_add_char(out, ' ');
            width++;
        }
        buf_add_view(out, word);
        width += width_of(word);
    }
    buf_add_char(out, '\n');
}

static void write_sheet(const struct sheet *sheet, unsigned most, struct buf *out)
{
    buf_addf(out, "\n%s\n", sheet->title);
    if (!sheet->cells.count) {
        buf_addf(out, "  %s\n", sheet->empty);
        return;
    }
    const struct layout layout = layout_of(sheet, most);
    for (size_t i = 0; i < layout.columns; i++)
        write_cell(sheet, &layout, i, sheet->columns[i].head, false, out);
    for (size_t i = 0; i < sheet->cells.count; i++)
        write_cell(sheet, &layout, i % layout.columns, sheet->cells.items[i].text, most > 0, out);
    if (sheet->note) write_words(sheet->note, "  ", most, out);
}

void report_write_text(const struct posture *posture, const struct report_options *options,
                       struct buf *out)
{
    struct sheets sheets;
    sheets_make(&sheets, posture, options->journey);
    codec_add_visible(out, view_of(sheets.title));
    buf_add_char(out, '\n');
    write_words(sheets.sentence, "", options->columns, out);
    write_words(sheets.aside, "", options->columns, out);
    vec_each(sheet, &sheets.list) write_sheet(sheet, options->columns, out);
    sheets_release(&sheets);
}
