/* SPDX-License-Identifier: Apache-2.0 */
/* A report as text: aligned tables, nothing that a terminal could misread. See report.h. */
#include "app/report.h"

#include "base/codec.h"

#include <string.h>

#define MAX_COLUMNS 16
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

static void measure(const struct sheet *sheet, size_t columns, size_t widths[static MAX_COLUMNS])
{
    for (size_t i = 0; i < columns; i++) widths[i] = strlen(sheet->columns[i].head);
    for (size_t i = 0; i < sheet->cells.count; i++) {
        AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP);
        codec_add_visible(&shown, view_of(sheet->cells.items[i].text));
        size_t width = width_of(buf_view(&shown));
        if (width > MAX_CELL) width = MAX_CELL;
        if (width > widths[i % columns]) widths[i % columns] = width;
    }
}

static void write_cell(const struct sheet *sheet, size_t column, size_t columns, const char *text,
                       size_t width, struct buf *out)
{
    AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP);
    bool last = column + 1 == columns;
    codec_add_visible(&shown, view_of(text));
    buf_add_text(out, "  ");
    add_padded(out, buf_view(&shown), width, sheet->columns[column].is_text, last);
    if (last) buf_add_char(out, '\n');
}

static void write_sheet(const struct sheet *sheet, struct buf *out)
{
    size_t widths[MAX_COLUMNS], columns = sheet_width(sheet);
    ASSERT(columns && columns <= MAX_COLUMNS);
    buf_addf(out, "\n%s\n", sheet->title);
    if (!sheet->cells.count) {
        buf_addf(out, "  %s\n", sheet->empty);
        return;
    }
    measure(sheet, columns, widths);
    for (size_t i = 0; i < columns; i++)
        write_cell(sheet, i, columns, sheet->columns[i].head, widths[i], out);
    for (size_t i = 0; i < sheet->cells.count; i++)
        write_cell(sheet, i % columns, columns, sheet->cells.items[i].text, widths[i % columns],
                   out);
    if (sheet->note) buf_addf(out, "  %s\n", sheet->note);
}

void report_write_text(const struct posture *posture, const char *journey, struct buf *out)
{
    struct sheets sheets;
    sheets_make(&sheets, posture, journey);
    codec_add_visible(out, view_of(sheets.title));
    buf_addf(out, "\n%s\n%s\n", sheets.sentence, sheets.aside);
    vec_each(sheet, &sheets.list) write_sheet(sheet, out);
    sheets_release(&sheets);
}
