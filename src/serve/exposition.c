/* SPDX-License-Identifier: Apache-2.0 */
/* See exposition.h. The formats: github.com/prometheus/docs, "Exposition formats", and the
 * OpenMetrics 1.0 specification. */
#include "serve/exposition.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double spread_bounds_s[SPREAD_BOUNDS] = {
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 30, 60};

/* --- Which format */

/* The quality of one media range, 1 where it says none (RFC 9110, section 12.4.2). */
static double quality_of(struct view range)
{
    struct view piece;
    while (view_split(&range, ';', &piece)) {
        piece = view_trim(piece);
        if (!view_starts_with_nocase(piece, VIEW_LITERAL("q="))) continue;
        char text[16];
        view_copy(view_from(piece, 2), text, sizeof text);
        return strtod(text, NULL);
    }
    return 1;
}

static bool names_other_version(struct view range)
{
    struct view piece;
    while (view_split(&range, ';', &piece)) {
        piece = view_trim(piece);
        if (!view_starts_with_nocase(piece, VIEW_LITERAL("version="))) continue;
        struct view version = view_from(piece, strlen("version="));
        if (view_starts_with(version, VIEW_LITERAL("\""))) version = view_from(version, 1);
        return !view_starts_with(version, VIEW_LITERAL("1.")) &&
               !view_starts_with(version, VIEW_LITERAL("0.0.1"));
    }
    return false;
}

bool exposition_wants_open_metrics(const char *accept)
{
    struct view rest = view_of(accept), range;
    double open_metrics = 0, plain = 0;
    while (view_split(&rest, ',', &range)) {
        struct view type = view_trim(view_slice(range, 0, view_find_char(range, ';')));
        double quality = quality_of(range);
        if (view_is_nocase(type, "application/openmetrics-text") && !names_other_version(range) &&
            quality > open_metrics)
            open_metrics = quality;
        if (view_is_nocase(type, "text/plain") && quality > plain) plain = quality;
    }
    return open_metrics > 0 && open_metrics >= plain;
}

const char *exposition_media_type(bool open_metrics)
{
    return open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                        : "text/plain; version=0.0.4; charset=utf-8";
}

/* --- Writing */

/* Backslash, line end, and in label values the quote; valid UTF-8. */
static void add_escaped(struct buf *out, const char *text, bool quote)
{
    AUTO_BUF valid = BUF_INIT(BUF_OWN_CAP);
    utf8_add_repaired(&valid, view_of(text ? text : ""));
    for (const char *c = buf_text(&valid); *c; c++) {
        if (*c == '\\')
            buf_add_text(out, "\\\\");
        else if (*c == '\n')
            buf_add_text(out, "\\n");
        else if (*c == '"' && quote)
            buf_add_text(out, "\\\"");
        else
            buf_add_char(out, *c);
    }
}

/* Shortest text that reads back as the same number. */
static void add_number(struct buf *out, double value)
{
    char text[32];
    if (isnan(value)) {
        buf_add_text(out, "NaN");
        return;
    }
    if (isinf(value)) {
        buf_add_text(out, value > 0 ? "+Inf" : "-Inf");
        return;
    }
    if (value >= -1e15 && value <= 1e15 && value - (double)(int64_t)value >= 0 &&
        value - (double)(int64_t)value <= 0) {
        buf_addf(out, "%" PRId64, (int64_t)value);
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) >= value && strtod(text, NULL) <= value) break;
    }
    buf_add_text(out, text);
}

static const char *type_word(enum family_type type)
{
    switch (type) {
    case FAMILY_COUNTER: return "counter";
    case FAMILY_GAUGE: return "gauge";
    case FAMILY_HISTOGRAM: return "histogram";
    }
    return "";
}

static void add_name(struct exposition *exposition, bool bare)
{
    const struct family *family = exposition->family;
    buf_add_text(exposition->out, family->name);
    if (family->type == FAMILY_COUNTER && !bare) buf_add_text(exposition->out, "_total");
}

void exposition_family(struct exposition *exposition, const struct family *family)
{
    exposition->family = family;
    buf_add_text(exposition->out, "# HELP ");
    add_name(exposition, exposition->open_metrics);
    buf_add_char(exposition->out, ' ');
    add_escaped(exposition->out, family->help, exposition->open_metrics);
    buf_add_text(exposition->out, "\n# TYPE ");
    add_name(exposition, exposition->open_metrics);
    buf_addf(exposition->out, " %s\n", type_word(family->type));
}

/* Without the braces. */
static void add_pairs(struct buf *out, labels names_and_values)
{
    for (const char *const *label = names_and_values; label && *label; label += 2) {
        buf_addf(out, "%s%s=\"", label == names_and_values ? "" : ",", label[0]);
        add_escaped(out, label[1], true);
        buf_add_char(out, '"');
    }
}

static void add_labels(struct buf *out, labels names_and_values)
{
    if (!names_and_values || !*names_and_values) return;
    buf_add_char(out, '{');
    add_pairs(out, names_and_values);
    buf_add_char(out, '}');
}

void exposition_sample(struct exposition *exposition, labels names_and_values, double value)
{
    add_name(exposition, false);
    add_labels(exposition->out, names_and_values);
    buf_add_char(exposition->out, ' ');
    add_number(exposition->out, value);
    buf_add_char(exposition->out, '\n');
}

void exposition_count(struct exposition *exposition, labels names_and_values, uint64_t value)
{
    add_name(exposition, false);
    add_labels(exposition->out, names_and_values);
    buf_addf(exposition->out, " %" PRIu64 "\n", value);
}

void exposition_end(struct exposition *exposition)
{
    if (exposition->open_metrics) buf_add_text(exposition->out, "# EOF\n");
}

/* --- Histograms */

void spread_add(struct spread *spread, int64_t duration_us, const char *trace_id, int64_t wall_us)
{
    double value_s = duration_us > 0 ? (double)duration_us / 1e6 : 0;
    size_t bucket = 0;
    while (bucket < SPREAD_BOUNDS && value_s > spread_bounds_s[bucket]) bucket++;
    spread->counts[bucket]++;
    spread->sum_s += value_s;
    if (!trace_id) return;
    struct exemplar *exemplar = &spread->exemplars[bucket];
    view_copy(view_of(trace_id), exemplar->trace_id, sizeof exemplar->trace_id);
    exemplar->value_s = value_s;
    exemplar->time_s = (double)wall_us / 1e6;
}

/* OpenMetrics wants a bound to look like the floating point number that it is. */
static void print_bound(char *text, size_t size, size_t bucket, bool open_metrics)
{
    if (bucket == SPREAD_BOUNDS) {
        snprintf(text, size, "+Inf");
        return;
    }
    snprintf(text, size, "%g", spread_bounds_s[bucket]);
    if (open_metrics && !strchr(text, '.')) strncat(text, ".0", size - strlen(text) - 1);
}

static void add_exemplar(struct exposition *exposition, const struct exemplar *exemplar)
{
    if (!exposition->open_metrics || !*exemplar->trace_id) return;
    buf_addf(exposition->out, " # {trace_id=\"%s\"} ", exemplar->trace_id);
    add_number(exposition->out, exemplar->value_s);
    buf_addf(exposition->out, " %.3f", exemplar->time_s);
}

void exposition_spread(struct exposition *exposition, labels names_and_values,
                       const struct spread *spread)
{
    struct buf *out = exposition->out;
    AUTO_BUF pairs = BUF_INIT(BUF_OWN_CAP); /* written once: there are many buckets */
    uint64_t total = 0;
    add_pairs(&pairs, names_and_values);
    for (size_t i = 0; i <= SPREAD_BOUNDS; i++) {
        char bound[32];
        print_bound(bound, sizeof bound, i, exposition->open_metrics);
        total += spread->counts[i];
        buf_addf(out, "%s_bucket{%s%sle=\"%s\"} %" PRIu64, exposition->family->name,
                 buf_text(&pairs), pairs.length ? "," : "", bound, total);
        add_exemplar(exposition, &spread->exemplars[i]);
        buf_add_char(out, '\n');
    }
    buf_addf(out, "%s_sum", exposition->family->name);
    add_labels(out, names_and_values);
    buf_add_char(out, ' ');
    add_number(out, spread->sum_s);
    buf_addf(out, "\n%s_count", exposition->family->name);
    add_labels(out, names_and_values);
    buf_addf(out, " %" PRIu64 "\n", total);
}
