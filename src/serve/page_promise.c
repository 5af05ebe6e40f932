/* SPDX-License-Identifier: Apache-2.0 */
/* What a journey promises, and what is left of it: its objective against the objective's own
 * window, as the report and the alarms have it. */
#include "serve/page.h"

#include "posture/burn.h"

#include <string.h>

/* The one objective of a journey that is watched. */
static const struct objective *objective_of(const struct journey *journey,
                                            struct objective_list *list)
{
    objectives_add(list, journey);
    return objectives_find(list, journey->name);
}

/* "46 % is left" */
static void write_left(struct page *page, const struct budget *budget)
{
    if (budget->left < -1)
        html_put(page->out, "spent %d times over", (int)(1 - budget->left));
    else if (budget->left < 0.005)
        buf_add_text(page->out, "all is spent");
    else
        html_put(page->out, "%d %% is left", (int)(budget->left * 100 + 0.5));
}

/* As wide as what is left. */
static void write_meter(struct page *page, double left)
{
    double shown = left < 0 ? 0 : left > 1 ? 1 : left;
    const char *mood = left < 0.005 ? "bad" : left < 0.25 ? "rough" : "good";
    buf_addf(page->out,
             "<svg class=\"meter\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" "
             "aria-hidden=\"true\"><rect class=\"rest\" width=\"100\" height=\"8\"/><rect "
             "class=\"c-%s\" width=\"%.1f\" height=\"8\"/></svg>",
             mood, shown * 100);
}

static void write_budget(struct page *page, const struct objective *objective)
{
    struct budget budget;
    if (objective->availability <= 0 ||
        !budget_ask(page->server->store, objective, page->now_us, &budget, NULL))
        return;
    buf_addf(page->out, "<span>%.6g %% is promised over ", objective->availability * 100);
    html_duration(page->out, objective->window_us);
    if (!budget.judged) {
        buf_add_text(page->out, "; nothing was judged yet.</span>");
        return;
    }
    buf_add_text(page->out, ", and ");
    html_percent(page->out, budget.availability);
    buf_add_text(page->out, " was kept. Of the error budget ");
    write_left(page, &budget);
    buf_add_text(page->out, ". ");
    write_meter(page, budget.left);
    buf_add_text(page->out, "</span>");
}

static void write_latencies(struct page *page, const struct objective *objective)
{
    const struct store_scope scope = {.journey = objective->journey};
    struct histogram histogram = {0};
    if (!objective->latency_count ||
        !store_histogram(page->server->store, &scope, page->now_us - objective->window_us,
                         page->now_us + 1, &histogram, NULL) ||
        !histogram_total(&histogram)) {
        histogram_release(&histogram);
        return;
    }
    for (size_t i = 0; i < objective->latency_count; i++) {
        const struct objective_latency *latency = &objective->latencies[i];
        int64_t measured_us = histogram_quantile_us(&histogram, latency->percentile / 100.0);
        bool kept = measured_us <= latency->at_most_us;
        html_put(page->out, "<span class=\"%t\">%d %% of shoppers: at most ",
                 kept ? "kept" : "differs", latency->percentile);
        html_duration(page->out, latency->at_most_us);
        buf_add_text(page->out, kept ? " is promised, and kept: " : " is promised, but it was ");
        html_duration(page->out, measured_us);
        buf_add_text(page->out, ".</span>");
    }
    histogram_release(&histogram);
}

void page_promise(struct page *page, const struct journey *journey)
{
    struct objective_list list = {0};
    const struct objective *objective = objective_of(journey, &list);
    if (objective) {
        buf_add_text(page->out, "<p class=\"promise\">");
        write_budget(page, objective);
        write_latencies(page, objective);
        buf_add_text(page->out, "</p>");
    }
    objective_list_release(&list);
}

/* --- Stage by stage */

struct stage_sum {
    const char *stage;
    struct store_figures figures;
    struct histogram latency;
};

static void add_row(struct stage_sum *sum, const struct store_row *row)
{
    for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++)
        sum->figures.verdicts[i] += row->figures.verdicts[i];
    histogram_merge(&sum->latency, &row->latency);
}

static void write_stage(struct page *page, const struct stage_sum *sum,
                        const struct objective *objective)
{
    struct buf *out = page->out;
    html_put(out, "<tr><th scope=\"row\"><bdi>%t</bdi></th><td class=\"n\">",
             html_stage(sum->stage));
    html_percent(out, store_figures_availability(&sum->figures));
    buf_add_text(out, "</td><td class=\"n\">");
    if (histogram_total(&sum->latency))
        html_duration(out, histogram_quantile_us(&sum->latency, 0.5));
    buf_add_text(out, "</td><td class=\"n\">");
    if (histogram_total(&sum->latency))
        html_duration(out, histogram_quantile_us(&sum->latency, 0.95));
    buf_add_text(out, "</td><td>");
    if (objective && objective->availability > 0) {
        struct budget budget = budget_of(objective, &sum->figures);
        if (budget.judged) write_left(page, &budget);
    }
    buf_add_text(out, "</td></tr>");
}

static void write_stages(struct page *page, const struct state_journey *state,
                         const struct store_row_list *rows, const struct objective *objective)
{
    vec_each(stage, &state->stages) {
        struct stage_sum sum = {.stage = *stage};
        vec_each(row, rows) {
            if (strcmp(row->stage, *stage) == 0) add_row(&sum, row);
        }
        write_stage(page, &sum, objective);
        histogram_release(&sum.latency);
    }
}

void page_stages(struct page *page, const struct state_journey *state)
{
    struct objective_list list = {0};
    struct store_row_list rows = {0};
    const struct objective *objective = objective_of(state->journey, &list);
    int64_t window_us = objective ? objective->window_us : OBJECTIVE_WINDOW_US;
    if (state->stages.count &&
        store_table_with_latency(page->server->store, STORE_STAGES, state->journey->name,
                                 page->now_us - window_us, page->now_us + 1, &rows, NULL)) {
        buf_add_text(page->out, "<h2>Stages, over ");
        html_duration(page->out, window_us);
        buf_add_text(page->out,
                     "</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                     "aria-label=\"Stages\"><table><thead><tr><th scope=\"col\">Stage</th><th "
                     "scope=\"col\" class=\"n\">Available</th><th scope=\"col\" class=\"n\">Took, "
                     "median</th><th scope=\"col\" class=\"n\">at most, for 95 %</th><th "
                     "scope=\"col\">Error budget</th></tr></thead><tbody>");
        write_stages(page, state, &rows, objective);
        buf_add_text(page->out, "</tbody></table></div>");
    }
    store_row_list_release(&rows);
    objective_list_release(&list);
}
