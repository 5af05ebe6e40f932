/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small pictures of the pages: inline SVG, which bears its meaning in words, too, and in shapes
 * besides colours. Colours are the stylesheet's, by class.
 */
#ifndef SHOPPER_SERVE_CHART_H
#define SHOPPER_SERVE_CHART_H

#include "base/buf.h"
#include "store/read.h"

/* The verdict on one cell: the worst that matters in it. */
enum cell_state { CELL_NONE, CELL_GOOD, CELL_ROUGH, CELL_BAD, CELL_UNKNOWN, CELL_RESTED };
enum cell_state cell_state_of(const struct store_figures *figures);

/* Availability, cell by cell. A cell in which somebody walked leads to its span on the journey's
 * page; those with trouble are stops for the keyboard, too. Where there are no such pages, it is a
 * picture. */
struct chart_strip {
    const char *name;              /* "The last 24 hours" */
    const char *journey, *persona; /* journey NULL: a picture; persona NULL: all */
    int64_t cell_us;
};
void chart_strip(struct buf *out, const struct chart_strip *strip,
                 const struct store_cell_list *cells);
/* What the cells look like, in words. */
void chart_strip_key(struct buf *out);
/* The median as a line, the 95th percentile behind it. `name`: of the step. */
void chart_sparkline(struct buf *out, const char *name, const struct store_cell_list *cells);

/* One bar of a waterfall, in a picture that is `whole_us` wide; its phases are shaded apart. */
struct chart_bar {
    int64_t start_us, length_us, whole_us;
    int64_t phases_us[5]; /* dns, connect, tls, wait, transfer */
    const char *state;    /* class: "good", "bad" ... */
};
void chart_waterfall_bar(struct buf *out, const struct chart_bar *bar);

#endif
