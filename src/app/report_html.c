/* SPDX-License-Identifier: Apache-2.0 */
/* A report as one page that needs nothing but itself: no script, no font, no picture. It may be
 * mailed, printed, read at night and by a screen reader. Names are hostile; html_put escapes them.
 * See report.h. */
#include "app/report.h"

#include "base/clock.h"
#include "serve/chart.h"
#include "serve/html.h"

#include <string.h>

static const char head_begin[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
    "<meta name=\"color-scheme\" content=\"light dark\"/>\n";

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light dark;--paper:#f6f3ec;--card:#fffdf8;--ink:#1e2522;--quiet:#5d655f;"
    "--line:#e4ddcf;--good:#0c6b52;--rough:#855300;--bad:#a8320b;"
    "--c-good:#3f9b80;--c-rough:#d99a1c;--c-bad:#cf4415;--c-unknown:#9094c4;--c-rested:#b9b2a3;"
    "--c-none:#d8d1c2}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#121614;--card:#1a201d;--ink:#e9e6dd;"
    "--quiet:#a2aaa3;--line:#2d3531;--good:#7fd3b4;--rough:#edbb5a;--bad:#ff9b73;"
    "--c-bad:#e2602f;--c-unknown:#7e83bd;--c-rested:#5b6059;--c-none:#363e39}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:70rem;padding:2rem clamp(1rem,4vw,2.5rem) 3rem;"
    "background:var(--paper);color:var(--ink);font:400 1rem/1.5 system-ui,-apple-system,"
    "\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu Sans\",sans-serif}\n"
    "h1,h2{font-family:\"Iowan Old Style\",Palatino,\"URW Palladio L\",Georgia,serif;"
    "font-weight:600;line-height:1.2;overflow-wrap:anywhere;text-wrap:balance}\n"
    "h1{font-size:clamp(1.6rem,1.1rem + 2.4vw,2.6rem);margin:.3rem 0 .6rem;max-width:46rem}\n"
    "h2{font-size:1.25rem;margin:0 0 .7rem}\n"
    "p{margin:0 0 .6rem}.quiet{color:var(--quiet)}\n"
    "section{background:var(--card);border:1px solid var(--line);border-radius:.7rem;"
    "padding:clamp(1rem,3vw,1.6rem);margin:1.4rem 0 0}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.4rem .8rem .4rem 0;text-align:right;border-bottom:1px solid var(--line);"
    "vertical-align:top}\n"
    "td{white-space:nowrap}th.t,td.t,tbody th{text-align:left;white-space:normal;min-width:7rem;"
    "overflow-wrap:break-word}\n"
    "thead th{color:var(--quiet);font-weight:500;font-size:.875rem}tbody th{font-weight:500}\n"
    "tbody tr:last-child>*{border-bottom:0}\n"
    "meter{width:6rem;height:.7em;vertical-align:-.02em}\n"
    "section>.quiet{font-size:.875rem;margin:.7rem 0 0}\n"
    ".good{color:var(--good)}.rough{color:var(--rough);font-weight:600}"
    ".bad{color:var(--bad);font-weight:600}\n"
    ".days{list-style:none;margin:0;padding:0}.days li{padding:.6rem 0;border-top:1px solid "
    "var(--line)}.days li:first-child{border-top:0}.days p{display:flex;gap:1rem;"
    "justify-content:space-between;margin:0 0 .3rem}.days bdi{overflow-wrap:anywhere}"
    ".days b{font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".key{color:var(--quiet);font-size:.875rem}.strip{display:block;height:1.6rem;"
    "max-width:100%}.mark{fill:none;stroke:var(--card);stroke-width:1.6;"
    "stroke-linecap:round}\n"
    ".c-good{fill:var(--c-good)}.c-rough{fill:var(--c-rough)}.c-bad{fill:var(--c-bad)}"
    ".c-unknown{fill:var(--c-unknown)}.c-rested{fill:var(--c-rested)}.c-none{fill:var(--c-none)}"
    ".days+.key{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.9rem 0 0}.key svg{width:.5rem;"
    "height:1.4rem;vertical-align:middle;margin-right:.45rem}.k{white-space:nowrap}\n"
    "@media print{*{print-color-adjust:exact;-webkit-print-color-adjust:exact}.days li"
    "{break-inside:avoid}:root{--paper:#fff;--card:#fff;--ink:#000;--quiet:#444;--line:#bbb;--good:"
    "#000;"
    "--rough:#000;--bad:#000}html{font-size:9pt}body{max-width:none;padding:0}section{border:0;"
    "padding:0;break-inside:avoid}.scroll{overflow:visible}thead{display:table-header-group}"
    "tr{break-inside:avoid}}\n"
    "</style>\n";

/* Of a cell with numbers, of one with text. */
static const char *const classes[][2] = {
    [MOOD_PLAIN] = {"", " class=\"t\""},
    [MOOD_GOOD] = {" class=\"good\"", " class=\"t good\""},
    [MOOD_ROUGH] = {" class=\"rough\"", " class=\"t rough\""},
    [MOOD_BAD] = {" class=\"bad\"", " class=\"t bad\""},
};

static void write_heads(const struct sheet *sheet, struct buf *out)
{
    buf_add_text(out, "<thead><tr>");
    for (const struct sheet_column *column = sheet->columns; column->head; column++)
        html_put(out,
                 column->is_text ? "<th scope=\"col\" class=\"t\">%t</th>"
                                 : "<th scope=\"col\">%t</th>",
                 column->head);
    buf_add_text(out, "</tr></thead>\n");
}

static void write_cells(const struct sheet *sheet, struct buf *out)
{
    size_t columns = sheet_width(sheet);
    buf_add_text(out, "<tbody>\n");
    for (size_t i = 0; i < sheet->cells.count; i++) {
        const struct sheet_cell *cell = &sheet->cells.items[i];
        size_t column = i % columns;
        if (!column) {
            html_put(out, "<tr><th scope=\"row\"><bdi>%t</bdi></th>", cell->text);
        } else {
            buf_addf(out, "<td%s>", classes[cell->mood][sheet->columns[column].is_text]);
            if (cell->share >= 0) /* the number says it to those who do not see it */
                buf_addf(out,
                         "<meter aria-hidden=\"true\" low=\".005\" high=\".25\" "
                         "optimum=\"1\" value=\"%.3f\"></meter> ",
                         cell->share);
            html_put(out, sheet->columns[column].is_text ? "<bdi>%t</bdi></td>" : "%t</td>",
                     cell->text);
        }
        if (column + 1 == columns) buf_add_text(out, "</tr>\n");
    }
    buf_add_text(out, "</tbody>");
}

static void write_sheet(const struct sheet *sheet, int number, struct buf *out)
{
    html_put(out, "<section>\n<h2 id=\"s%d\">%t</h2>\n", number, sheet->title);
    if (sheet->cells.count) {
        html_put(out,
                 "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"s%d\">"
                 "<table>\n",
                 number);
        write_heads(sheet, out);
        write_cells(sheet, out);
        buf_add_text(out, "</table></div>\n");
        if (sheet->note) html_put(out, "<p class=\"quiet\">%t</p>\n", sheet->note);
    } else {
        html_put(out, "<p>%t</p>\n", sheet->empty);
    }
    buf_add_text(out, "</section>\n");
}

/* --- Strips */

static const char *strips_title(int64_t cell_us)
{
    if (cell_us < STORE_DAY_US) return "Hour by hour";
    if (cell_us < 7 * STORE_DAY_US) return "Day by day";
    return cell_us == 7 * STORE_DAY_US ? "Week by week" : "Four weeks by four weeks";
}

/* "2026-11-23", with the hour where cells are that short. */
static void add_end(struct buf *out, int64_t wall_us, int64_t cell_us)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(wall_us, time);
    buf_addf(out, "%.10s", time);
    if (cell_us < STORE_DAY_US) buf_addf(out, " %.5s UTC", time + 11);
}

static void write_strip(const struct posture_strips *strips, const struct posture_strip *strip,
                        struct buf *out)
{
    const char *name = *strip->journey ? strip->journey : "All of them";
    html_put(out, "<li><p><bdi>%t</bdi> <b>", name);
    html_percent(out, store_figures_availability(&strip->figures));
    buf_add_text(out, "</b></p>\n");
    chart_strip(out, &(struct chart_strip){.name = name, .cell_us = strips->cell_us},
                &strip->cells);
    buf_add_text(out, "</li>\n");
}

static void write_strips(const struct posture *posture, const struct posture_strips *strips,
                         struct buf *out)
{
    if (!strips->list.count) return;
    html_put(out, "<section>\n<h2>%t</h2>\n<p class=\"key\">From left to right: ",
             strips_title(strips->cell_us));
    add_end(out, posture->from_us, strips->cell_us);
    buf_add_text(out, " to ");
    add_end(out, posture->until_us, strips->cell_us);
    buf_add_text(out, ".</p>\n<ul class=\"days\">\n");
    vec_each(strip, &strips->list) write_strip(strips, strip, out);
    buf_add_text(out, "</ul>\n");
    chart_strip_key(out);
    if (strips->left_out)
        html_put(out, "<p class=\"quiet\">And %d more, which did better.</p>\n",
                 (int)strips->left_out);
    buf_add_text(out, "</section>\n");
}

/* --- The page */

/* A number and its sign stay on one line. */
static void add_sentence(struct buf *out, const char *text)
{
    for (const char *sign; (sign = strstr(text, " %")); text = sign + 1) {
        AUTO_FREE char *before = xstrndup(text, (size_t)(sign - text));
        html_put(out, "%t&#160;", before);
    }
    html_put(out, "%t", text);
}

void report_write_html(const struct posture *posture, const struct report_options *options,
                       struct buf *out)
{
    struct sheets sheets;
    int number = 0;
    sheets_make(&sheets, posture, options->journey);
    buf_add_text(out, head_begin);
    html_put(out, "<title>%t</title>\n", sheets.title);
    buf_add_text(out, style);
    html_put(out, "</head>\n<body>\n<header><p class=\"quiet\"><bdi>%t</bdi></p>\n<h1>",
             sheets.title);
    add_sentence(out, sheets.sentence);
    buf_add_text(out, "</h1>\n");
    html_put(out, "<p>%t</p></header>\n<main>\n", sheets.aside);
    write_strips(posture, options->strips, out);
    vec_each(sheet, &sheets.list) write_sheet(sheet, ++number, out);
    buf_add_text(out, "</main>\n</body>\n</html>\n");
    sheets_release(&sheets);
}
