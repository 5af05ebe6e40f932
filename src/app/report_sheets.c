/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a report, their words and their order. See report.h. */
#include "app/report.h"

#include "app/memory.h"
#include "serve/html.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

size_t sheet_width(const struct sheet *sheet)
{
    size_t width = 0;
    while (sheet->columns[width].head) width++;
    return width;
}

void sheets_release(struct sheets *sheets)
{
    vec_each(sheet, &sheets->list) {
        vec_each(cell, &sheet->cells) free(cell->text);
        vec_release(&sheet->cells);
    }
    vec_release(&sheets->list);
    free(sheets->title);
    free(sheets->sentence);
    free(sheets->aside);
}

/* --- Cells */

static void add_mood(struct sheet *sheet, char *text, enum sheet_mood mood)
{
    vec_push(&sheet->cells, ((struct sheet_cell){text, mood, -1}));
}

static void add(struct sheet *sheet, char *text)
{
    add_mood(sheet, text, MOOD_PLAIN);
}

static void add_count(struct sheet *sheet, uint64_t count)
{
    add(sheet, xasprintf("%llu", (unsigned long long)count));
}

static char *duration_text(int64_t us)
{
    AUTO_BUF text = BUF_INIT(100);
    if (us < 0) return xstrdup("–");
    quantity_print_duration(us >= 60 * US_PER_SECOND ? us / US_PER_SECOND * US_PER_SECOND : us,
                            &text);
    return buf_take(&text);
}

static char *percent_text(double share)
{
    AUTO_BUF text = BUF_INIT(100);
    if (share < 0) return xstrdup("–");
    html_percent(&text, share);
    return buf_take(&text);
}

static uint64_t judged_of(const struct store_figures *figures)
{
    return figures->verdicts[VERDICT_PASS] + figures->verdicts[VERDICT_DEGRADED] +
           figures->verdicts[VERDICT_FAIL];
}

/* Availability, judged, failed: of everything that has them. */
static void add_share(struct sheet *sheet, const struct store_figures *figures)
{
    uint64_t failed = figures->verdicts[VERDICT_FAIL];
    add(sheet, percent_text(store_figures_availability(figures)));
    add_count(sheet, judged_of(figures));
    add_mood(sheet, xasprintf("%llu", (unsigned long long)failed), failed ? MOOD_BAD : MOOD_PLAIN);
}

static struct sheet *add_sheet(struct sheets *sheets, const char *title,
                               const struct sheet_column *columns, const char *empty)
{
    struct sheet *sheet = vec_add(&sheets->list);
    sheet->title = title;
    sheet->columns = columns;
    sheet->empty = empty;
    return sheet;
}

/* --- Tables */

static void make_shoppers(struct sheets *sheets, const struct posture *posture)
{
    static const struct sheet_column columns[] = {{"journey", true},    {"persona", true},
                                                  {"available", false}, {"runs", false},
                                                  {"failed", false},    {"time lost", false},
                                                  {"unknown", false},   {"maintenance", false},
                                                  {"missed", false},    {0}};
    struct sheet *sheet = add_sheet(sheets, "Shoppers", columns, "nobody walked in this time");
    sheet->note = "Available: passed or degraded, of the runs that could be judged. Unknown runs, "
                  "maintenance and missed slots are no part of it.";
    vec_each(row, &posture->subjects) {
        add(sheet, xstrdup(row->journey));
        add(sheet, xstrdup(row->persona));
        add_share(sheet, &row->figures);
        add(sheet, row->figures.lost_us ? duration_text(row->figures.lost_us) : xstrdup("–"));
        add_count(sheet, row->figures.verdicts[VERDICT_UNKNOWN]);
        add_count(sheet, row->figures.maintenance);
        add_count(sheet, row->figures.missed);
    }
}

#define STAGE_FIGURES                                                                              \
    {"available", false}, {"runs", false}, {"failed", false}, {"not reached", false},              \
        {"p50", false},                                                                            \
    {                                                                                              \
        "p95", false                                                                               \
    }

static enum sheet_mood mood_of_budget(const struct budget *budget)
{
    if (budget->left < 0.005) return MOOD_BAD;
    return budget->left < 0.25 ? MOOD_ROUGH : MOOD_GOOD;
}

static void add_left_of(struct sheet *sheet, const struct budget *budget)
{
    add_mood(sheet, xasprintf("%.0f %%", budget->left * 100), mood_of_budget(budget));
    vec_last(&sheet->cells)->share = budget->left < 0 ? 0 : budget->left > 1 ? 1 : budget->left;
}

static void add_stage(struct sheet *sheet, const struct posture_stage *stage)
{
    add_share(sheet, &stage->figures);
    add_count(sheet, stage->figures.verdicts[VERDICT_SKIPPED]);
    add(sheet, duration_text(stage->p50_us));
    add(sheet, duration_text(stage->p95_us));
}

static void make_core(struct sheets *sheets, const struct posture *posture)
{
    static const struct sheet_column columns[] = {{"stage", true}, STAGE_FIGURES, {0}};
    struct sheet *sheet = add_sheet(sheets, "Core stages", columns, "no core stage was walked");
    vec_each(stage, &posture->core) {
        add(sheet, xstrdup(stage->stage));
        add_stage(sheet, stage);
    }
}

/* Of what the journey's objective allows over the time of the report. */
static void add_left(struct sheet *sheet, const struct posture *posture,
                     const struct posture_stage *stage)
{
    const struct objective *objective = objectives_find(&posture->objectives, stage->journey);
    bool promised = objective && objective->availability > 0;
    struct budget budget = {0};
    if (promised) budget = budget_of(objective, &stage->figures);
    if (promised && budget.judged)
        add_left_of(sheet, &budget);
    else
        add(sheet, xstrdup("–"));
}

static void make_stages(struct sheets *sheets, const struct posture *posture)
{
    static const struct sheet_column columns[] = {
        {"journey", true}, {"stage", true}, STAGE_FIGURES, {"left", false}, {0}};
    struct sheet *sheet =
        add_sheet(sheets, "Stages of each journey", columns, "no stage was walked");
    sheet->note = "Left: of the error budget that the journey's objective allows over this time.";
    vec_each(stage, &posture->stages) {
        add(sheet, xstrdup(stage->journey));
        add(sheet, xstrdup(stage->stage));
        add_stage(sheet, stage);
        add_left(sheet, posture, stage);
    }
}

static char *burn_text(const struct burn *burn)
{
    AUTO_BUF window = BUF_INIT(100);
    if (!burn->rule) return xstrdup("no");
    quantity_write_duration(burn->rule->long_us, &window);
    return xasprintf("%s: %.1f times in %s", burn_speed_word(burn->speed), burn->rate,
                     buf_text(&window));
}

static void add_budget(struct sheet *sheet, const struct posture_promise *promise)
{
    const struct budget *budget = &promise->budget;
    AUTO_BUF window = BUF_INIT(100);
    quantity_write_duration(promise->objective->window_us, &window);
    bool promised = promise->objective->availability > 0;
    add(sheet,
        promised ? xasprintf("%.6g %%", promise->objective->availability * 100) : xstrdup("–"));
    add(sheet, buf_take(&window));
    add(sheet, percent_text(budget->availability));
    if (promised && budget->judged)
        add_left_of(sheet, budget);
    else
        add(sheet, xstrdup("–"));
    static const enum sheet_mood moods[] = {
        [BURN_NONE] = MOOD_PLAIN, [BURN_SLOW] = MOOD_ROUGH, [BURN_FAST] = MOOD_BAD};
    add_mood(sheet, burn_text(&promise->burn), moods[promise->burn.speed]);
}

static void make_budgets(struct sheets *sheets, const struct posture *posture)
{
    static const struct sheet_column columns[] = {{"journey", true},
                                                  {"promised", false},
                                                  {"over", false},
                                                  {"available", false},
                                                  {"left", false},
                                                  {"burns now", true},
                                                  {0}};
    struct sheet *sheet =
        add_sheet(sheets, "Error budgets", columns, "no journey has an objective");
    sheet->note = "Each over the window of its own objective.";
    vec_each(promise, &posture->promises) {
        add(sheet, xstrdup(promise->objective->journey));
        add_budget(sheet, promise);
    }
}

static void make_latencies(struct sheets *sheets, const struct posture *posture)
{
    static const struct sheet_column columns[] = {{"journey", true},   {"percentile", false},
                                                  {"promised", false}, {"measured", false},
                                                  {"kept", true},      {0}};
    struct sheet *sheet = NULL;
    vec_each(promise, &posture->promises) {
        for (size_t i = 0; i < promise->objective->latency_count; i++) {
            const struct posture_latency *latency = &promise->latencies[i];
            bool kept = latency->measured_us <= latency->promised.at_most_us;
            if (!sheet) sheet = add_sheet(sheets, "Promised durations", columns, "");
            add(sheet, xstrdup(promise->objective->journey));
            add(sheet, xasprintf("p%d", latency->promised.percentile));
            add(sheet, duration_text(latency->promised.at_most_us));
            add(sheet, duration_text(latency->measured_us));
            if (latency->measured_us < 0)
                add(sheet, xstrdup("–"));
            else
                add_mood(sheet, xstrdup(kept ? "yes" : "no"), kept ? MOOD_GOOD : MOOD_BAD);
        }
    }
}

static void add_planned(struct sheet *sheet, const struct posture_response *planned)
{
    if (!planned->incidents) return;
    add(sheet, xstrdup("in maintenance"));
    add_count(sheet, planned->incidents);
    add_count(sheet, planned->open);
    for (int i = 0; i < 4; i++) add(sheet, xstrdup("–"));
}

static void make_incidents(struct sheets *sheets, const struct posture *posture)
{
    static const struct sheet_column columns[] = {
        {"severity", true},    {"incidents", false},
        {"still open", false}, {"detected, median", false},
        {"worst", false},      {"resolved, median", false},
        {"worst", false},      {0}};
    struct sheet *sheet = add_sheet(sheets, "Incidents", columns, "");
    sheet->note =
        posture->incidents_cut
            ? "There were more; these are the latest 2000. By the worst severity that "
              "each reached. Times are of incidents of the shop, from the first failed run."
            : "By the worst severity that each reached. Times are of incidents of the "
              "shop, from the first failed run.";
    for (int i = 1; i <= POSTURE_SEVERITIES + 1; i++) {
        int severity = i % (POSTURE_SEVERITIES + 1);
        const struct posture_response *response = &posture->responses[severity];
        add(sheet, severity ? xasprintf("SEV%d", severity) : xstrdup("all"));
        add_count(sheet, response->incidents);
        add_mood(sheet, xasprintf("%zu", response->open), response->open ? MOOD_BAD : MOOD_PLAIN);
        add(sheet, duration_text(response->detect.median_us));
        add(sheet, duration_text(response->detect.worst_us));
        add(sheet, duration_text(response->resolve.median_us));
        add(sheet, duration_text(response->resolve.worst_us));
    }
    add_planned(sheet, &posture->planned);
}

static void make_weeks(struct sheets *sheets, const struct posture *posture)
{
    static const struct sheet_column columns[] = {{"week from", true}, {"SEV1", false}, {0}};
    struct sheet *sheet = add_sheet(sheets, "SEV1 per week", columns, "");
    vec_each(week, &posture->weeks) {
        char time[MEMORY_TIME_SIZE];
        memory_time(week->from_us, time);
        add(sheet, xasprintf("%.10s", time));
        add_mood(sheet, xasprintf("%zu", week->sev1), week->sev1 ? MOOD_BAD : MOOD_PLAIN);
    }
}

static void add_step(struct sheet *sheet, const struct posture_step *step)
{
    add(sheet, xstrdup(step->journey));
    add(sheet, xstrdup(step->step));
    add(sheet, xstrdup(step->stage));
    add_share(sheet, &step->figures);
    add(sheet, duration_text(step->p50_us));
    add(sheet, duration_text(step->p95_us));
}

static void make_steps(struct sheets *sheets, const struct posture *posture)
{
    static const struct sheet_column columns[] = {
        {"journey", true},    {"step", true},  {"stage", true},
        {"available", false}, {"runs", false}, {"failed", false},
        {"p50", false},       {"p95", false},  {0}};
    struct sheet *failing =
        add_sheet(sheets, "Steps that failed most", columns, "no step failed in this time");
    vec_each(step, &posture->failing) add_step(failing, step);
    struct sheet *slow = add_sheet(sheets, "Slowest steps", columns, "no step was measured");
    vec_each(step, &posture->slow) add_step(slow, step);
}

/* --- All of it */

static void make_head(struct sheets *sheets, const struct posture *posture, const char *journey)
{
    char from[MEMORY_TIME_SIZE], until[MEMORY_TIME_SIZE];
    const struct store_figures *whole = &posture->whole;
    uint64_t judged = judged_of(whole);
    AUTO_FREE char *share = percent_text(store_figures_availability(whole));
    AUTO_FREE char *lost = duration_text(whole->lost_us);
    AUTO_FREE char *loss =
        whole->lost_us ? xasprintf("they lost %s", lost) : xstrdup("no time was lost");
    memory_time(posture->from_us, from);
    memory_time(posture->until_us, until);
    sheets->title =
        xasprintf("%s, %.16s to %.16s UTC", journey ? journey : "All journeys", from, until);
    sheets->sentence = judged ? xasprintf("Shoppers could shop in %s of %llu runs; %s.", share,
                                          (unsigned long long)judged, loss)
                              : xstrdup("Nobody shopped, or nothing could be judged.");
    sheets->aside =
        xasprintf("Not counted: %llu unknown, %llu in maintenance, %llu missed.",
                  (unsigned long long)whole->verdicts[VERDICT_UNKNOWN],
                  (unsigned long long)whole->maintenance, (unsigned long long)whole->missed);
}

void sheets_make(struct sheets *sheets, const struct posture *posture, const char *journey)
{
    *sheets = (struct sheets){0};
    make_head(sheets, posture, journey);
    make_shoppers(sheets, posture);
    make_core(sheets, posture);
    make_budgets(sheets, posture);
    make_latencies(sheets, posture);
    make_incidents(sheets, posture);
    make_weeks(sheets, posture);
    make_steps(sheets, posture);
    make_stages(sheets, posture);
}
