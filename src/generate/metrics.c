/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's metrics as a page, from their table. */
#include "serve/metrics.h"
#include "generate/generate.h"

static const char *type_word(enum family_type type)
{
    switch (type) {
    case FAMILY_COUNTER: return "counter";
    case FAMILY_GAUGE: return "gauge";
    case FAMILY_HISTOGRAM: return "histogram";
    }
    return "";
}

void generate_metrics(struct page *page)
{
    page_title(page, "shopper-metrics", 5, "what the daemon of Mystery Shopper counts");
    page_heading(page, "Metrics");
    page_paragraph(page,
                   "Served at `/metrics`. Those whose help says so are answers of `/probe`, where "
                   "the `probe_` ones bear neither journey nor persona, as blackbox_exporter "
                   "has it.");
    page_table(page, "metric", "type", "labels and meaning");
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const struct metric_row *row = &metric_rows[i];
        AUTO_BUF name = BUF_INIT(BUF_OWN_CAP), meaning = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&name, "%s%s", row->family.name,
                 row->family.type == FAMILY_COUNTER ? "_total" : "");
        if (*row->labels) buf_addf(&meaning, "`{%s}` ", row->labels);
        buf_add_text(&meaning, row->family.help);
        page_row(page, buf_text(&name), type_word(row->family.type), buf_text(&meaning));
    }
}
