/* SPDX-License-Identifier: Apache-2.0 */
/* A report for programs; docs/posture.md says what each key is. See report.h. */
#include "app/report.h"

#include "app/memory.h"
#include "report/printer.h"

#include <string.h>

static void add_percent(struct printer *printer, const char *key, double share)
{
    if (share < 0)
        printer_null(printer, key);
    else
        printer_number(printer, key, share * 100);
}

static void add_duration(struct printer *printer, const char *key, int64_t us)
{
    if (us < 0)
        printer_null(printer, key);
    else
        printer_ms(printer, key, us);
}

static void add_figures(struct printer *printer, const struct store_figures *figures)
{
    static const char *const words[] = {[VERDICT_PASS] = "passed",
                                        [VERDICT_DEGRADED] = "degraded",
                                        [VERDICT_FAIL] = "failed",
                                        [VERDICT_UNKNOWN] = "unknown",
                                        [VERDICT_SKIPPED] = "not_reached"};
    add_percent(printer, "availability_percent", store_figures_availability(figures));
    for (size_t i = 0; i < COUNT_OF(words); i++)
        printer_integer(printer, words[i], (int64_t)figures->verdicts[i]);
    printer_integer(printer, "maintenance", (int64_t)figures->maintenance);
    printer_integer(printer, "missed", (int64_t)figures->missed);
    add_duration(printer, "lost_ms", figures->lost_us);
}

static void add_subjects(struct printer *printer, const struct posture *posture)
{
    printer_array(printer, "shoppers");
    vec_each(row, &posture->subjects) {
        printer_object(printer, NULL);
        printer_text(printer, "journey", row->journey);
        printer_text(printer, "persona", row->persona);
        add_figures(printer, &row->figures);
        printer_object_end(printer);
    }
    printer_array_end(printer);
}

static void add_stage(struct printer *printer, const struct posture *posture,
                      const struct posture_stage *stage)
{
    const struct objective *objective =
        *stage->journey ? objectives_find(&posture->objectives, stage->journey) : NULL;
    printer_object(printer, NULL);
    if (*stage->journey) printer_text(printer, "journey", stage->journey);
    printer_text(printer, "stage", stage->stage);
    printer_bool(printer, "core", stage->core);
    add_figures(printer, &stage->figures);
    add_duration(printer, "p50_ms", stage->p50_us);
    add_duration(printer, "p95_ms", stage->p95_us);
    struct budget budget = {0};
    if (objective && objective->availability > 0) budget = budget_of(objective, &stage->figures);
    if (budget.judged)
        printer_number(printer, "budget_left_percent", budget.left * 100);
    else
        printer_null(printer, "budget_left_percent");
    printer_object_end(printer);
}

static void add_burn(struct printer *printer, const struct burn *burn)
{
    printer_object(printer, "burn");
    printer_text(printer, "speed", burn_speed_word(burn->speed));
    if (burn->rule) {
        printer_number(printer, "rate", burn->rate);
        add_duration(printer, "long_window_ms", burn->rule->long_us);
        add_duration(printer, "short_window_ms", burn->rule->short_us);
        printer_integer(printer, "failed", (int64_t)burn->in_long.failed);
        printer_integer(printer, "judged", (int64_t)burn->in_long.judged);
    }
    printer_object_end(printer);
}

static void add_latencies(struct printer *printer, const struct posture_promise *promise)
{
    printer_array(printer, "latency");
    for (size_t i = 0; i < promise->objective->latency_count; i++) {
        const struct posture_latency *latency = &promise->latencies[i];
        printer_object(printer, NULL);
        printer_integer(printer, "percentile", latency->promised.percentile);
        add_duration(printer, "promised_ms", latency->promised.at_most_us);
        add_duration(printer, "measured_ms", latency->measured_us);
        printer_object_end(printer);
    }
    printer_array_end(printer);
}

static void add_promise(struct printer *printer, const struct posture_promise *promise)
{
    const struct objective *objective = promise->objective;
    const struct budget *budget = &promise->budget;
    printer_object(printer, NULL);
    printer_text(printer, "journey", objective->journey);
    add_percent(printer, "promised_percent", objective->availability);
    add_duration(printer, "window_ms", objective->window_us);
    add_percent(printer, "availability_percent", budget->availability);
    printer_integer(printer, "judged", (int64_t)budget->judged);
    printer_integer(printer, "failed", (int64_t)budget->failed);
    if (objective->availability > 0 && budget->judged)
        printer_number(printer, "budget_left_percent", budget->left * 100);
    else
        printer_null(printer, "budget_left_percent");
    add_burn(printer, &promise->burn);
    add_latencies(printer, promise);
    printer_object_end(printer);
}

static void add_spread(struct printer *printer, const char *key,
                       const struct posture_spread *spread)
{
    printer_object(printer, key);
    printer_integer(printer, "count", (int64_t)spread->count);
    add_duration(printer, "median_ms", spread->median_us);
    add_duration(printer, "worst_ms", spread->worst_us);
    printer_object_end(printer);
}

static void add_incidents(struct printer *printer, const struct posture *posture)
{
    static const char *const keys[] = {"all", "sev1", "sev2", "sev3", "sev4"};
    printer_object(printer, "incidents");
    printer_bool(printer, "cut", posture->incidents_cut);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct posture_response *response = &posture->responses[i];
        printer_object(printer, keys[i]);
        printer_integer(printer, "count", (int64_t)response->incidents);
        printer_integer(printer, "open", (int64_t)response->open);
        add_spread(printer, "detect", &response->detect);
        add_spread(printer, "resolve", &response->resolve);
        printer_object_end(printer);
    }
    printer_object(printer, "maintenance");
    printer_integer(printer, "count", (int64_t)posture->planned.incidents);
    printer_integer(printer, "open", (int64_t)posture->planned.open);
    printer_object_end(printer);
    printer_object_end(printer);
    printer_array(printer, "sev1_per_week");
    vec_each(week, &posture->weeks) {
        char day[MEMORY_TIME_SIZE];
        memory_time(week->from_us, day);
        day[10] = '\0';
        printer_object(printer, NULL);
        printer_text(printer, "week", day);
        printer_integer(printer, "count", (int64_t)week->sev1);
        printer_object_end(printer);
    }
    printer_array_end(printer);
}

static void add_step(struct printer *printer, const struct posture_step *step)
{
    printer_object(printer, NULL);
    printer_text(printer, "journey", step->journey);
    printer_text(printer, "stage", step->stage);
    printer_text(printer, "step", step->step);
    add_figures(printer, &step->figures);
    add_duration(printer, "p50_ms", step->p50_us);
    add_duration(printer, "p95_ms", step->p95_us);
    printer_object_end(printer);
}

void report_write_json(const struct posture *posture, const struct report_options *options,
                       struct buf *out)
{
    struct printer printer = PRINTER_INIT(out);
    printer_object(&printer, NULL);
    printer_integer(&printer, "schema", 1);
    printer_time(&printer, "from", posture->from_us);
    printer_time(&printer, "until", posture->until_us);
    printer_text(&printer, "journey", options->journey);
    printer_object(&printer, "total");
    add_figures(&printer, &posture->whole);
    printer_object_end(&printer);
    add_subjects(&printer, posture);
    printer_array(&printer, "core_stages");
    vec_each(stage, &posture->core) add_stage(&printer, posture, stage);
    printer_array_end(&printer);
    printer_array(&printer, "stages");
    vec_each(stage, &posture->stages) add_stage(&printer, posture, stage);
    printer_array_end(&printer);
    printer_array(&printer, "objectives");
    vec_each(promise, &posture->promises) add_promise(&printer, promise);
    printer_array_end(&printer);
    add_incidents(&printer, posture);
    printer_array(&printer, "failing_steps");
    vec_each(step, &posture->failing) add_step(&printer, step);
    printer_array_end(&printer);
    printer_array(&printer, "slow_steps");
    vec_each(step, &posture->slow) add_step(&printer, step);
    printer_array_end(&printer);
    printer_object_end(&printer);
    buf_add_char(out, '\n');
}
