/* SPDX-License-Identifier: Apache-2.0 */
/* See burn.h. Whole hours are read from the figures; what begins inside an hour, and the hour that
 * is not over, from single runs. */
#include "posture/burn.h"

#include "base/vec.h"
#include "text/quantity.h"

#include <stdio.h>
#include <string.h>

#define MINUTE_US (60 * US_PER_SECOND)

const struct burn_rule burn_rules[] = {
    {STORE_HOUR_US, 5 * MINUTE_US, 14.4, BURN_FAST},
    {6 * STORE_HOUR_US, 30 * MINUTE_US, 6, BURN_FAST},
    {STORE_DAY_US, 2 * STORE_HOUR_US, 3, BURN_SLOW},
    {3 * STORE_DAY_US, 6 * STORE_HOUR_US, 1, BURN_SLOW},
    {0},
};
#define LONGEST_US (3 * STORE_DAY_US)
#define FIGURES_LAG_US MINUTE_US /* more than runs wait for their figures to be written */

const char *burn_speed_word(enum burn_speed speed)
{
    static const char *const words[] = {
        [BURN_NONE] = "none", [BURN_SLOW] = "slow", [BURN_FAST] = "fast"};
    return words[speed];
}

/* --- Judging */

double burn_rate(double availability, const struct burn_counts *counts)
{
    if (!counts->judged || availability <= 0 || availability >= 1) return 0;
    return (double)counts->failed / (double)counts->judged / (1 - availability);
}

/* A share of failures computed from decimals is off by a hair. */
static bool is_too_fast(const struct burn_rule *rule, double availability,
                        const struct burn_counts *counts)
{
    return counts->failed && burn_rate(availability, counts) >= rule->factor * (1 - 1e-9);
}

bool burn_rule_holds(const struct burn_rule *rule, double availability,
                     const struct burn_counts *in_long, const struct burn_counts *in_short)
{
    return is_too_fast(rule, availability, in_long) && in_long->moments >= BURN_LONG_MOMENTS &&
           is_too_fast(rule, availability, in_short) && in_short->moments >= BURN_SHORT_MOMENTS;
}

static void count_figures(struct burn_counts *counts, const struct store_figures *figures)
{
    uint64_t failed = figures->verdicts[VERDICT_FAIL];
    counts->failed += failed;
    counts->judged +=
        failed + figures->verdicts[VERDICT_PASS] + figures->verdicts[VERDICT_DEGRADED];
}

struct budget budget_of(const struct objective *objective, const struct store_figures *figures)
{
    struct burn_counts counts = {0};
    count_figures(&counts, figures);
    return (struct budget){
        .judged = counts.judged,
        .failed = counts.failed,
        .availability = store_figures_availability(figures),
        .left = 1 - burn_rate(objective->availability, &counts),
    };
}

/* --- Asking */

/* As the figures count it. */
static bool is_judged(const struct store_run *run)
{
    return !(run->flags & (STORE_RUN_MAINTENANCE | STORE_RUN_REPROBE | STORE_RUN_UNJUDGED)) &&
           (run->verdict == VERDICT_PASS || run->verdict == VERDICT_DEGRADED ||
            run->verdict == VERDICT_FAIL);
}

/* *ret_all false: there were more than are looked at. */
static bool count_runs(struct store *store, const char *journey, int64_t from_us, int64_t until_us,
                       struct burn_counts *counts, bool *ret_all, struct error *error)
{
    struct store_run_list runs;
    const struct store_run_filter filter = {
        .journey = journey, .from_us = from_us, .until_us = until_us, .limit = BURN_MAX_RUNS};
    *ret_all = true;
    if (from_us >= until_us) return true;
    bool good = store_runs(store, &filter, &runs, error);
    *ret_all = runs.count < BURN_MAX_RUNS;
    vec_each(run, &runs) {
        if (!is_judged(run)) continue;
        counts->judged++;
        counts->failed += run->verdict == VERDICT_FAIL;
    }
    store_run_list_release(&runs);
    return good;
}

static bool count_hours(struct store *store, const char *journey, int64_t from_us, int64_t until_us,
                        struct burn_counts *counts, struct error *error)
{
    struct store_figures figures = {0};
    const struct store_scope scope = {.journey = journey};
    if (from_us >= until_us) return true;
    if (!store_availability(store, &scope, from_us, until_us, &figures, error)) return false;
    count_figures(counts, &figures);
    return true;
}

/* Figures lag behind the runs, so the hour that is not over is counted by its runs, too; of so many
 * that they are not all looked at, figures that lag are nearer to the truth. */
static bool count_span(struct store *store, const char *journey, int64_t from_us, int64_t now_us,
                       struct burn_counts *counts, struct error *error)
{
    int64_t first_us = (from_us + STORE_HOUR_US - 1) / STORE_HOUR_US * STORE_HOUR_US;
    int64_t last_us = (now_us - FIGURES_LAG_US) / STORE_HOUR_US * STORE_HOUR_US;
    struct burn_counts recent = {0};
    bool all;
    *counts = (struct burn_counts){0};
    if (first_us > last_us)
        return count_runs(store, journey, from_us, now_us + 1, counts, &all, error);
    if (!count_runs(store, journey, last_us, now_us + 1, &recent, &all, error)) return false;
    if (!all) {
        recent = (struct burn_counts){0};
        if (!count_hours(store, journey, last_us, now_us + 1, &recent, error)) return false;
    }
    if (!count_hours(store, journey, first_us, last_us, counts, error)) return false;
    counts->judged += recent.judged;
    counts->failed += recent.failed;
    return count_runs(store, journey, from_us, first_us, counts, &all, error);
}

/* The failures of the long window, the latest first, into both counts. */
static bool count_moments(struct store *store, const char *journey, const struct burn_rule *rule,
                          int64_t now_us, struct burn *burn, struct error *error)
{
    struct store_run_list runs;
    int64_t before_us = INT64_MAX;
    const struct store_run_filter filter = {.journey = journey,
                                            .from_us = now_us - rule->long_us,
                                            .until_us = now_us + 1,
                                            .failed_only = true,
                                            .limit = BURN_MAX_RUNS};
    bool good = store_runs(store, &filter, &runs, error);
    vec_each(run, &runs) {
        if (!is_judged(run) || run->started_us > before_us - BURN_MOMENT_US) continue;
        before_us = run->started_us;
        burn->in_long.moments++;
        burn->in_short.moments += run->started_us >= now_us - rule->short_us;
    }
    store_run_list_release(&runs);
    return good;
}

static bool ask_rule(struct store *store, const struct objective *objective,
                     const struct burn_rule *rule, int64_t now_us, struct burn *burn,
                     struct error *error)
{
    const char *journey = objective->journey;
    *burn = (struct burn){.rule = rule};
    if (!count_span(store, journey, now_us - rule->long_us, now_us, &burn->in_long, error))
        return false;
    if (!is_too_fast(rule, objective->availability, &burn->in_long)) return true;
    if (!count_span(store, journey, now_us - rule->short_us, now_us, &burn->in_short, error))
        return false;
    if (!is_too_fast(rule, objective->availability, &burn->in_short)) return true;
    if (!count_moments(store, journey, rule, now_us, burn, error)) return false;
    if (burn_rule_holds(rule, objective->availability, &burn->in_long, &burn->in_short))
        burn->speed = rule->speed;
    burn->rate = burn_rate(objective->availability, &burn->in_long);
    return true;
}

bool burn_ask(struct store *store, const struct objective *objective, int64_t now_us,
              struct burn *ret_burn, struct error *error)
{
    const struct store_scope scope = {.journey = objective->journey};
    struct store_figures figures = {0};
    *ret_burn = (struct burn){0};
    if (objective->availability <= 0) return true;
    if (!store_availability(store, &scope, now_us - LONGEST_US, now_us + 1, &figures, error))
        return false;
    if (figures.verdicts[VERDICT_FAIL] < BURN_LONG_MOMENTS) return true;
    for (const struct burn_rule *rule = burn_rules; rule->factor > 0; rule++) {
        struct burn burn;
        if (!ask_rule(store, objective, rule, now_us, &burn, error)) return false;
        if (burn.speed == BURN_NONE) continue;
        *ret_burn = burn;
        return true;
    }
    return true;
}

bool budget_ask(struct store *store, const struct objective *objective, int64_t now_us,
                struct budget *ret_budget, struct error *error)
{
    const struct store_scope scope = {.journey = objective->journey};
    struct store_figures figures = {0};
    if (!store_availability(store, &scope, now_us - objective->window_us, now_us + 1, &figures,
                            error))
        return false;
    *ret_budget = budget_of(objective, &figures);
    return true;
}

/* --- Words */

void budget_describe(const struct budget *budget, struct buf *out)
{
    if (budget->left < -1)
        buf_addf(out, "it is spent %.0f times over", 1 - budget->left);
    else if (budget->left < 0.005)
        buf_add_text(out, "all of it is spent");
    else
        buf_addf(out, "%.0f %% of it is left", budget->left * 100);
}

void burn_describe(const struct objective *objective, const struct burn *burn,
                   const struct budget *budget, struct buf *out)
{
    buf_addf(out,
             "%s burns its error budget %.*f times as fast as it may: %llu of %llu runs failed in ",
             objective->journey, burn->rate < 9.95 ? 1 : 0, burn->rate,
             (unsigned long long)burn->in_long.failed, (unsigned long long)burn->in_long.judged);
    quantity_write_duration(burn->rule->long_us, out);
    buf_addf(out, ", %llu of %llu in ", (unsigned long long)burn->in_short.failed,
             (unsigned long long)burn->in_short.judged);
    quantity_write_duration(burn->rule->short_us, out);
    buf_addf(out, "; %.6g %% is promised over ", objective->availability * 100);
    quantity_write_duration(objective->window_us, out);
    buf_add_text(out, ", ");
    budget_describe(budget, out);
}
