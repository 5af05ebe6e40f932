/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See waterfall.h. Columns are counted in code points: names in wide scripts push their bar to the
 * right, which no one has to parse.
 */
#include "report/waterfall.h"

#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "report/parts.h"
#include "text/quantity.h"

#define NAME_COLUMNS 36
#define LEAST_NAME_COLUMNS 12
#define LEAST_BAR_COLUMNS 10
#define MOST_BAR_COLUMNS 80
#define DURATION_COLUMNS 8
#define ROW_MARGIN 8 /* of a row, around the name and before its bar */
#define LEGEND_COLUMNS 54

/* name for people, its shade, its colour, the field of struct timings that it is */
#define PHASES(X)                                                                                  \
    X("dns", "·", CYAN, dns_us)                                                                    \
    X("connect", "░", YELLOW, connect_us)                                                          \
    X("tls", "▒", MAGENTA, tls_us)                                                                 \
    X("wait", "▓", BLUE, first_byte_us)                                                            \
    X("transfer", "█", GREEN, transfer_us)

static const struct {
    const char *name, *shade;
    enum ink ink;
} phases[] = {
#define X(name, shade, ink, field) {name, shade, INK_##ink},
    PHASES(X)
#undef X
};

#define PHASE_COUNT COUNT_OF(phases)
#define NO_PHASE PHASE_COUNT

struct phase_lengths {
    int64_t us[PHASE_COUNT];
};

/* Where no whole answer came, the total is more than the phases that ended: the rest belongs to the
 * one that was still open. */
static int64_t *open_phase(struct timings *timings)
{
    if (timings->first_byte_us) return &timings->transfer_us;
    bool connected = timings->connect_us || !timings->dns_us;
    return connected ? &timings->first_byte_us : &timings->connect_us;
}

static struct phase_lengths phases_of(const struct timings *timings)
{
    struct timings all = *timings;
    int64_t known_us =
        all.dns_us + all.connect_us + all.tls_us + all.first_byte_us + all.transfer_us;
    if (all.total_us > known_us) *open_phase(&all) += all.total_us - known_us;
    return (struct phase_lengths){{
#define X(name, shade, ink, field) all.field,
        PHASES(X)
#undef X
    }};
}

/* The part of a step that a bar shows; times since the run started. */
struct bar {
    int64_t from_us, to_us; /* of the step */
    int64_t request_us;     /* when the last request's phases begin */
    struct phase_lengths lengths;
};

static struct bar bar_of(const struct step_report *step)
{
    struct bar bar = {.from_us = step->started_us > 0 ? step->started_us : 0,
                      .lengths = phases_of(&step->timings)};
    bar.to_us = bar.from_us + (step->duration_us > 0 ? step->duration_us : 0);
    bar.request_us = bar.from_us;
    /* The timings are the last attempt's, and that one stands at the end. */
    int64_t lead_us = step->duration_us - step->timings.total_us;
    if (step->attempts > 1 && lead_us > 0) bar.request_us += lead_us;
    return bar;
}

static int64_t overlap_us(int64_t a_from, int64_t a_to, int64_t b_from, int64_t b_to)
{
    int64_t from = a_from > b_from ? a_from : b_from;
    int64_t to = a_to < b_to ? a_to : b_to;
    return to > from ? to - from : 0;
}

/* The phase that fills most of a stretch of time, or NO_PHASE. */
static size_t phase_between(const struct bar *bar, int64_t from_us, int64_t to_us)
{
    size_t best = NO_PHASE;
    int64_t best_us = 0, at_us = bar->request_us;
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        int64_t end_us = at_us + bar->lengths.us[i];
        int64_t shared_us = overlap_us(at_us, end_us, from_us, to_us);
        at_us = end_us;
        if (shared_us <= best_us) continue;
        best = i;
        best_us = shared_us;
    }
    return best;
}

static void add_cell(struct buf *out, size_t phase, size_t *last_phase, bool color)
{
    if (phase != *last_phase) add_ink(out, color, phase == NO_PHASE ? INK_DIM : phases[phase].ink);
    *last_phase = phase;
    buf_add_text(out, phase == NO_PHASE ? "─" : phases[phase].shade);
}

/* How many columns names and bars have. */
struct layout {
    size_t name, bar;
};

static void add_bar(struct buf *out, const struct step_report *step, int64_t run_us,
                    size_t bar_columns, bool color)
{
    const int64_t columns = (int64_t)bar_columns;
    struct bar bar = bar_of(step);
    if (run_us < 1) run_us = 1;
    int64_t first = bar.from_us * columns / run_us;
    int64_t end = (bar.to_us * columns + run_us - 1) / run_us;
    if (first >= columns) first = columns - 1;
    if (end <= first) end = first + 1;
    size_t last_phase = NO_PHASE + 1;
    for (int64_t column = 0; column < columns; column++) {
        if (column == end) add_ink(out, color, INK_NONE);
        if (column < first || column >= end) {
            buf_add_char(out, ' ');
            continue;
        }
        add_cell(out,
                 phase_between(&bar, column * run_us / columns, (column + 1) * run_us / columns),
                 &last_phase, color);
    }
    if (end >= columns) add_ink(out, color, INK_NONE);
}

static int64_t run_length_us(const struct run_report *report)
{
    int64_t length_us = report->duration_us;
    vec_each(step, &report->steps) {
        int64_t end_us = step->started_us + step->duration_us;
        if (end_us > length_us) length_us = end_us;
    }
    return length_us;
}

/* A step's name as it is shown, cut to its column. */
static void add_shown_name(struct buf *out, const struct step_report *step, size_t most)
{
    AUTO_BUF raw = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    add_step_name(&raw, step);
    codec_add_visible(&visible, buf_view(&raw));
    struct view name = buf_view(&visible);
    if (utf8_count(name) <= most) {
        buf_add_view(out, name);
        return;
    }
    size_t offset = 0;
    for (size_t i = 0; i + 1 < most; i++) (void)utf8_next(name, &offset);
    buf_add_view(out, view_slice(name, 0, offset));
    buf_add_text(out, "…");
}

static size_t shown_name_columns(const struct step_report *step, size_t most)
{
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    add_shown_name(&name, step, most);
    return utf8_count(buf_view(&name));
}

static void add_spaces(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) buf_add_char(out, ' ');
}

static void add_padded_duration(struct buf *out, int64_t us)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    quantity_print_duration(us, &text);
    size_t columns = utf8_count(buf_view(&text));
    if (columns < DURATION_COLUMNS) add_spaces(out, DURATION_COLUMNS - columns);
    buf_add_view(out, buf_view(&text));
}

void phases_write(const struct timings *timings, struct buf *out)
{
    struct phase_lengths lengths = phases_of(timings);
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        if (lengths.us[i] <= 0) continue;
        buf_addf(out, "%s ", phases[i].name);
        quantity_print_duration(lengths.us[i], out);
        buf_add_text(out, ", ");
    }
    buf_add_text(out, "total ");
    quantity_print_duration(timings->total_us, out);
}

static void write_row(const struct step_report *step, int64_t run_us, const struct layout *layout,
                      const struct writer_options *options, struct buf *out)
{
    buf_add_text(out, "    ");
    add_ink(out, options->color, verdict_ink(step->verdict));
    buf_add_text(out, verdict_mark(step->verdict));
    add_ink(out, options->color, INK_NONE);
    buf_add_char(out, ' ');
    add_shown_name(out, step, layout->name);
    size_t columns = shown_name_columns(step, layout->name);
    add_spaces(out, layout->name > columns ? layout->name - columns : 0);
    if (step->verdict == VERDICT_SKIPPED) {
        buf_add_text(out, "  ");
        add_visible(out, step->skipped ? step->skipped : "skipped");
        buf_add_char(out, '\n');
        return;
    }
    buf_add_text(out, " |");
    add_bar(out, step, run_us, layout->bar, options->color);
    buf_add_char(out, '|');
    add_padded_duration(out, step->duration_us);
    buf_add_char(out, '\n');
    if (options->verbosity < 2 || !step->method) return;
    buf_add_text(out, "        ");
    phases_write(&step->timings, out);
    buf_add_char(out, '\n');
}

static void write_legend(const struct layout *layout, const struct writer_options *options,
                         struct buf *out)
{
    bool color = options->color;
    size_t indent = layout->name + ROW_MARGIN;
    if (options->columns && indent + LEGEND_COLUMNS > options->columns) indent = 4;
    add_spaces(out, indent);
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        add_ink(out, color, phases[i].ink);
        buf_add_text(out, phases[i].shade);
        add_ink(out, color, INK_NONE);
        buf_addf(out, " %s  ", phases[i].name);
    }
    buf_add_text(out, "─ other\n");
}

/* Names as long as the longest, bars in what is left. */
static struct layout layout_of(const struct run_report *report, unsigned most)
{
    struct layout layout = {0, WATERFALL_COLUMNS};
    size_t most_name = NAME_COLUMNS;
    if (most && most / 3 < most_name) most_name = most / 3;
    if (most_name < LEAST_NAME_COLUMNS) most_name = LEAST_NAME_COLUMNS;
    vec_each(step, &report->steps) {
        size_t columns = shown_name_columns(step, most_name);
        if (columns > layout.name) layout.name = columns;
    }
    if (!most) return layout;
    size_t others = layout.name + ROW_MARGIN + 1 + DURATION_COLUMNS;
    layout.bar = most > others ? most - others : 0;
    if (layout.bar < LEAST_BAR_COLUMNS) layout.bar = LEAST_BAR_COLUMNS;
    if (layout.bar > MOST_BAR_COLUMNS) layout.bar = MOST_BAR_COLUMNS;
    return layout;
}

void waterfall_write(const struct run_report *report, const struct writer_options *options,
                     struct buf *out)
{
    const struct layout layout = layout_of(report, options->columns);
    int64_t run_us = run_length_us(report);
    bool any_bar = false;
    vec_each(step, &report->steps) {
        write_row(step, run_us, &layout, options, out);
        any_bar = any_bar || step->verdict != VERDICT_SKIPPED;
    }
    if (any_bar) write_legend(&layout, options, out);
}
