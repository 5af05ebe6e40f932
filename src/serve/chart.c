/* SPDX-License-Identifier: Apache-2.0 */
/* See chart.h. */
#include "serve/chart.h"

#include "base/clock.h"
#include "serve/html.h"

#include <inttypes.h>
#include <stdio.h>

/* --- Strips */

enum { CELL_WIDTH = 9, CELL_GAP = 3, STRIP_HEIGHT = 26 };

/* class, height, what is drawn into it, words */
static const struct {
    const char *class, *words;
    int height;
} cell_looks[] = {[CELL_NONE] = {"none", "no runs", 4},
                  [CELL_GOOD] = {"good", "all passed", 26},
                  [CELL_ROUGH] = {"rough", "some had trouble", 26},
                  [CELL_BAD] = {"bad", "some failed", 26},
                  [CELL_UNKNOWN] = {"unknown", "not known", 12},
                  [CELL_RESTED] = {"rested", "mostly maintenance", 8}};

enum cell_state cell_state_of(const struct store_figures *figures)
{
    const uint64_t *verdicts = figures->verdicts;
    if (verdicts[VERDICT_FAIL]) return CELL_BAD;
    if (verdicts[VERDICT_DEGRADED]) return CELL_ROUGH;
    if (verdicts[VERDICT_PASS] && verdicts[VERDICT_PASS] >= figures->maintenance) return CELL_GOOD;
    if (verdicts[VERDICT_PASS]) return CELL_RESTED;
    if (verdicts[VERDICT_UNKNOWN] || figures->missed) return CELL_UNKNOWN;
    return figures->maintenance ? CELL_RESTED : CELL_NONE;
}

static void add_part(struct buf *out, uint64_t count, const char *words)
{
    if (count) buf_addf(out, ", %" PRIu64 " %s", count, words);
}

/* What a pointer that rests on the cell is told. */
static void add_cell_title(struct buf *out, const struct store_cell *cell, enum cell_state state)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(cell->from_us, time);
    buf_addf(out, "<title>%.10s %.5s UTC: %s", time, time + 11, cell_looks[state].words);
    add_part(out, cell->figures.verdicts[VERDICT_PASS], "passed");
    add_part(out, cell->figures.verdicts[VERDICT_DEGRADED], "with trouble");
    add_part(out, cell->figures.verdicts[VERDICT_FAIL], "failed");
    add_part(out, cell->figures.verdicts[VERDICT_UNKNOWN], "not known");
    add_part(out, cell->figures.missed, "missed");
    add_part(out, cell->figures.maintenance, "in maintenance");
    buf_add_text(out, "</title>");
}

/* A failing cell bears a cross and one with trouble a notch, for eyes that see no colours. */
static void add_mark(struct buf *out, int x, enum cell_state state)
{
    if (state == CELL_BAD) buf_addf(out, "<path class=\"mark\" d=\"M%d 10l5 6m0-6l-5 6\"/>", x + 2);
    if (state == CELL_ROUGH) buf_addf(out, "<path class=\"mark\" d=\"M%d 13h5\"/>", x + 2);
}

/* Where what is behind the cell stands. */
static void begin_link(struct buf *out, const struct chart_strip *strip,
                       const struct store_cell *cell, enum cell_state state)
{
    bool trouble = state == CELL_BAD || state == CELL_ROUGH;
    char from[CLOCK_RFC3339_SIZE], until[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(cell->from_us, from);
    clock_format_rfc3339(cell->from_us + strip->cell_us, until);
    html_put(out, "<a href=\"/journeys/%u?from=%t&amp;until=%t", strip->journey, from, until);
    if (strip->persona) html_put(out, "&amp;persona=%u", strip->persona);
    buf_add_text(out, trouble ? "\">" : "\" tabindex=\"-1\">");
}

static void add_shape(struct buf *out, int x, enum cell_state state)
{
    int height = cell_looks[state].height;
    buf_addf(out, "<rect class=\"c-%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\"/>",
             cell_looks[state].class, x, (STRIP_HEIGHT - height) / 2, CELL_WIDTH, height);
    add_mark(out, x, state);
}

static void add_cell(struct buf *out, const struct chart_strip *strip,
                     const struct store_cell *cell, int x)
{
    enum cell_state state = cell_state_of(&cell->figures);
    bool linked = strip->journey && state != CELL_NONE;
    if (linked)
        begin_link(out, strip, cell, state);
    else
        buf_add_text(out, "<g>");
    add_cell_title(out, cell, state);
    if (linked) /* all of its height is there to be touched */
        buf_addf(out, "<path class=\"touch\" d=\"M%d 0h%dv%dh-%dz\"/>", x - CELL_GAP / 2,
                 CELL_WIDTH + CELL_GAP, STRIP_HEIGHT, CELL_WIDTH + CELL_GAP);
    add_shape(out, x, state);
    buf_add_text(out, linked ? "</a>" : "</g>");
}

void chart_strip(struct buf *out, const struct chart_strip *strip,
                 const struct store_cell_list *cells)
{
    int width = (int)cells->count * (CELL_WIDTH + CELL_GAP) - CELL_GAP;
    unsigned bad = 0, rough = 0, unknown = 0;
    for (size_t i = 0; i < cells->count; i++) {
        enum cell_state state = cell_state_of(&cells->items[i].figures);
        bad += state == CELL_BAD;
        rough += state == CELL_ROUGH;
        unknown += state == CELL_UNKNOWN || state == CELL_NONE;
    }
    buf_addf(out,
             "<svg class=\"strip\" role=\"%s\" viewBox=\"0 0 %d %d\" width=\"%d\" "
             "preserveAspectRatio=\"none\" aria-label=\"",
             strip->journey ? "group" : "img", width > 0 ? width : 1, STRIP_HEIGHT, 3 * width);
    html_text(out, strip->name);
    buf_addf(out, ", in %zu parts of ", cells->count);
    html_duration(out, strip->cell_us);
    buf_addf(out, ": %u with failures, %u with trouble, %u without news\">", bad, rough, unknown);
    for (size_t i = 0; i < cells->count; i++)
        add_cell(out, strip, &cells->items[i], (int)i * (CELL_WIDTH + CELL_GAP));
    buf_add_text(out, "</svg>");
}

void chart_strip_key(struct buf *out)
{
    static const enum cell_state states[] = {CELL_GOOD,    CELL_ROUGH,  CELL_BAD,
                                             CELL_UNKNOWN, CELL_RESTED, CELL_NONE};
    buf_add_text(out, "<p class=\"key\" aria-hidden=\"true\">Each cell is a span of time. ");
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        buf_addf(out, "<span class=\"k\"><svg viewBox=\"0 0 %d %d\">", CELL_WIDTH, STRIP_HEIGHT);
        add_shape(out, 0, states[i]);
        buf_addf(out, "</svg>%s</span> ", cell_looks[states[i]].words);
    }
    buf_add_text(out, "</p>\n");
}

/* --- Sparklines */

enum { SPARK_WIDTH = 140, SPARK_HEIGHT = 30, SPARK_MARGIN = 3 };

static double spark_x(size_t index, size_t count)
{
    return count > 1 ? (double)index * SPARK_WIDTH / (double)(count - 1) : SPARK_WIDTH / 2.0;
}

static double spark_y(int64_t value_us, int64_t most_us)
{
    double share = most_us ? (double)value_us / (double)most_us : 0;
    return SPARK_HEIGHT - SPARK_MARGIN - share * (SPARK_HEIGHT - 2 * SPARK_MARGIN);
}

static int64_t cell_value(const struct store_cell *cell, bool tail)
{
    return tail ? cell->p95_us : cell->p50_us;
}

/* A line with gaps where nothing was measured; a lone point is drawn as a dot. */
static void add_line(struct buf *out, const struct store_cell_list *cells, bool tail,
                     int64_t most_us)
{
    bool down = false;
    buf_addf(out, "<path class=\"%s\" d=\"", tail ? "tail" : "middle");
    for (size_t i = 0; i < cells->count; i++) {
        int64_t value_us = cell_value(&cells->items[i], tail);
        if (value_us < 0) {
            down = false;
            continue;
        }
        buf_addf(out, "%s%.1f %.1f", down ? "L" : "M", spark_x(i, cells->count),
                 spark_y(value_us, most_us));
        if (!down) buf_add_text(out, "h.01");
        down = true;
    }
    buf_add_text(out, "\"/>");
}

/* What lies below the median, softly. */
static void add_area(struct buf *out, const struct store_cell_list *cells, int64_t most_us)
{
    buf_add_text(out, "<path class=\"area\" d=\"");
    for (size_t i = 0; i + 1 < cells->count; i++) {
        int64_t here_us = cells->items[i].p50_us, next_us = cells->items[i + 1].p50_us;
        if (here_us < 0 || next_us < 0) continue;
        buf_addf(out, "M%.1f %dL%.1f %.1fL%.1f %.1fL%.1f %dz", spark_x(i, cells->count),
                 SPARK_HEIGHT - 1, spark_x(i, cells->count), spark_y(here_us, most_us),
                 spark_x(i + 1, cells->count), spark_y(next_us, most_us),
                 spark_x(i + 1, cells->count), SPARK_HEIGHT - 1);
    }
    buf_add_text(out, "\"/>");
}

void chart_sparkline(struct buf *out, const char *name, const struct store_cell_list *cells)
{
    int64_t most_us = 0;
    for (size_t i = 0; i < cells->count; i++) {
        if (cells->items[i].p95_us > most_us) most_us = cells->items[i].p95_us;
    }
    buf_addf(out, "<svg class=\"spark\" role=\"img\" viewBox=\"0 0 %d %d\" aria-label=\"",
             SPARK_WIDTH, SPARK_HEIGHT);
    html_put(out, "time taken by %t over the last 24 hours, at most ", name);
    html_duration(out, most_us);
    buf_add_text(out, "\">");
    buf_addf(out, "<path class=\"ground\" d=\"M0 %d.5h%d\"/>", SPARK_HEIGHT - 1, SPARK_WIDTH);
    add_area(out, cells, most_us);
    add_line(out, cells, true, most_us);
    add_line(out, cells, false, most_us);
    buf_add_text(out, "</svg>");
}

/* --- Waterfalls */

enum { FALL_WIDTH = 1000, FALL_HEIGHT = 18 };

static double fall_x(int64_t us, int64_t whole_us)
{
    if (us < 0 || whole_us <= 0) return 0;
    double x = (double)us * FALL_WIDTH / (double)whole_us;
    return x < FALL_WIDTH ? x : FALL_WIDTH;
}

static void add_rect(struct buf *out, const char *class, double x, double width, bool phase)
{
    buf_addf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", class, x,
             phase ? 5 : 2, width, phase ? FALL_HEIGHT - 10 : FALL_HEIGHT - 4);
}

void chart_waterfall_bar(struct buf *out, const struct chart_bar *bar)
{
    static const char *const classes[] = {"p-dns", "p-connect", "p-tls", "p-wait", "p-transfer"};
    double x = fall_x(bar->start_us, bar->whole_us);
    double width = fall_x(bar->length_us, bar->whole_us);
    char class[40];
    if (width < 3) width = 3;
    snprintf(class, sizeof class, "f-%s", bar->state);
    buf_addf(out,
             "<svg class=\"fall\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
             "aria-hidden=\"true\">",
             FALL_WIDTH, FALL_HEIGHT);
    add_rect(out, class, x > FALL_WIDTH - 3 ? FALL_WIDTH - 3 : x, width, false);
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        double part = fall_x(bar->phases_us[i], bar->whole_us);
        if (part > 0) add_rect(out, classes[i], x, part, true);
        x += part;
    }
    buf_add_text(out, "</svg>");
}
