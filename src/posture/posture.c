/* SPDX-License-Identifier: Apache-2.0 */
/* See posture.h. */
#include "posture/posture.h"

#include "base/map.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

void posture_release(struct posture *posture)
{
    store_row_list_release(&posture->subjects);
    store_row_list_release(&posture->stage_rows);
    store_row_list_release(&posture->step_rows);
    vec_release(&posture->core);
    vec_release(&posture->stages);
    vec_release(&posture->promises);
    vec_release(&posture->failing);
    vec_release(&posture->slow);
    vec_release(&posture->weeks);
    objective_list_release(&posture->objectives);
}

static void figures_join(struct store_figures *into, const struct store_figures *from)
{
    for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++) into->verdicts[i] += from->verdicts[i];
    into->maintenance += from->maintenance;
    into->missed += from->missed;
    into->lost_us += from->lost_us;
}

/* All is gathered: what is asked of it. */
static void latency_end(struct histogram *latency, int64_t *ret_p50_us, int64_t *ret_p95_us)
{
    *ret_p50_us = histogram_quantile_us(latency, 0.5);
    *ret_p95_us = histogram_quantile_us(latency, 0.95);
    histogram_release(latency);
}

/* --- Stages */

static struct posture_stage *stage_of(struct posture *posture, const char *journey,
                                      const char *stage)
{
    bool everywhere = !*journey;
    for (size_t i = everywhere ? posture->core.count : posture->stages.count; i-- > 0;) {
        struct posture_stage *known =
            everywhere ? &posture->core.items[i] : &posture->stages.items[i];
        if (strcmp(known->journey, journey) != 0) break; /* rows come by journey */
        if (!strcmp(known->stage, stage)) return known;
    }
    struct posture_stage *new = everywhere ? vec_add(&posture->core) : vec_add(&posture->stages);
    *new = (struct posture_stage){.journey = journey, .stage = stage, .core = stage_is_core(stage)};
    return new;
}

/* In the order in which a shopper meets them. */
static int compare_core(const void *left, const void *right)
{
    static const char *const order[] = {"login", "price-view", "add-to-cart", "checkout"};
    const struct posture_stage *const sides[] = {left, right};
    int places[2] = {0};
    for (int side = 0; side < 2; side++)
        while (places[side] < (int)COUNT_OF(order) &&
               strcmp(order[places[side]], sides[side]->stage) != 0)
            places[side]++;
    return places[0] - places[1];
}

static void stage_join(struct posture_stage *stage, const struct store_row *row)
{
    figures_join(&stage->figures, &row->figures);
    histogram_merge(&stage->latency, &row->latency);
}

static bool read_stages(struct posture *posture, struct store *store, const char *journey,
                        struct error *error)
{
    bool good = store_table_with_latency(store, STORE_STAGES, journey, posture->from_us,
                                         posture->end_us, &posture->stage_rows, error);
    vec_each(row, &posture->stage_rows) {
        stage_join(stage_of(posture, row->journey, row->stage), row);
        if (stage_is_core(row->stage)) stage_join(stage_of(posture, "", row->stage), row);
    }
    if (posture->core.count)
        qsort(posture->core.items, posture->core.count, sizeof(*posture->core.items), compare_core);
    vec_each(stage, &posture->stages) latency_end(&stage->latency, &stage->p50_us, &stage->p95_us);
    vec_each(stage, &posture->core) latency_end(&stage->latency, &stage->p50_us, &stage->p95_us);
    return good;
}

/* --- Steps */

static int compare_failing(const void *left, const void *right)
{
    const struct posture_step *a = left, *b = right;
    uint64_t fails_a = a->figures.verdicts[VERDICT_FAIL];
    uint64_t fails_b = b->figures.verdicts[VERDICT_FAIL];
    return fails_a == fails_b ? 0 : fails_a < fails_b ? 1 : -1;
}

static int compare_slow(const void *left, const void *right)
{
    const struct posture_step *a = left, *b = right;
    return a->p95_us == b->p95_us ? 0 : a->p95_us < b->p95_us ? 1 : -1;
}

struct steps {
    VEC(struct posture_step) list;
    struct map places; /* journey, stage, step -> place plus one */
};

/* The personas of a step together. */
static void join_personas(struct steps *steps, const struct store_row_list *rows)
{
    vec_each(row, rows) {
        AUTO_BUF key = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&key, "%s%c%s%c%s", row->journey, 0, row->stage, 0, row->step);
        size_t *place = map_get(&steps->places, buf_view(&key));
        if (!place) {
            place = NEW(size_t);
            vec_push(&steps->list,
                     ((struct posture_step){
                         .journey = row->journey, .stage = row->stage, .step = row->step}));
            *place = steps->list.count;
            map_set(&steps->places, buf_view(&key), place);
        }
        struct posture_step *step = &steps->list.items[*place - 1];
        figures_join(&step->figures, &row->figures);
        histogram_merge(&step->latency, &row->latency);
    }
}

static bool read_steps(struct posture *posture, struct store *store, const char *journey,
                       struct error *error)
{
    struct steps steps = {.places = MAP_INIT(free)};
    bool good = store_table_with_latency(store, STORE_STEPS, journey, posture->from_us,
                                         posture->end_us, &posture->step_rows, error);
    join_personas(&steps, &posture->step_rows);
    vec_each(step, &steps.list) latency_end(&step->latency, &step->p50_us, &step->p95_us);
    size_t size = sizeof(*steps.list.items), count = steps.list.count;
    if (count) qsort(steps.list.items, count, size, compare_failing);
    for (size_t i = 0; i < count && i < POSTURE_WORST; i++)
        if (steps.list.items[i].figures.verdicts[VERDICT_FAIL])
            vec_push(&posture->failing, steps.list.items[i]);
    if (count) qsort(steps.list.items, count, size, compare_slow);
    for (size_t i = 0; i < count && i < POSTURE_WORST; i++)
        if (steps.list.items[i].p95_us >= 0) vec_push(&posture->slow, steps.list.items[i]);
    vec_release(&steps.list);
    map_release(&steps.places);
    return good;
}

/* --- Promises */

static bool read_latencies(struct store *store, const struct posture *posture,
                           struct posture_promise *promise, struct error *error)
{
    const struct objective *objective = promise->objective;
    const struct store_scope scope = {.journey = objective->journey};
    struct histogram histogram = {0};
    if (!objective->latency_count) return true;
    bool good = store_histogram(store, &scope, posture->until_us - objective->window_us,
                                posture->until_us, &histogram, error);
    for (size_t i = 0; i < objective->latency_count; i++)
        promise->latencies[i] = (struct posture_latency){
            objective->latencies[i],
            histogram_quantile_us(&histogram, objective->latencies[i].percentile / 100.0)};
    histogram_release(&histogram);
    return good;
}

static bool read_promises(struct posture *posture, struct store *store, const char *journey,
                          struct error *error)
{
    if (!objectives_read(&posture->objectives, store, error)) return false;
    vec_each(objective, &posture->objectives) {
        if (journey && strcmp(journey, objective->journey) != 0) continue;
        struct posture_promise *promise = vec_add(&posture->promises);
        promise->objective = objective;
        if (!budget_ask(store, objective, posture->until_us, &promise->budget, error) ||
            !burn_ask(store, objective, posture->until_us, &promise->burn, error) ||
            !read_latencies(store, posture, promise, error))
            return false;
    }
    return true;
}

/* --- All of it */

/* What the thread has for itself: of the posture, nobody else touches the steps meanwhile. */
struct aside {
    struct posture *posture;
    struct store *store;
    const char *journey;
    struct error error;
    bool good;
};

static void *read_aside(void *context)
{
    struct aside *aside = context;
    aside->good = read_steps(aside->posture, aside->store, aside->journey, &aside->error);
    return NULL;
}

static bool read_all_but_steps(struct posture *posture, struct store *store, const char *journey,
                               struct error *error)
{
    if (!store_table(store, STORE_WHOLE_RUNS, journey, posture->from_us, posture->end_us,
                     &posture->subjects, error))
        return false;
    vec_each(row, &posture->subjects) figures_join(&posture->whole, &row->figures);
    return read_stages(posture, store, journey, error) &&
           read_promises(posture, store, journey, error) &&
           posture_read_incidents(posture, store, journey, error);
}

bool posture_read(struct posture *posture, struct store *store, struct store *aside_store,
                  const struct posture_settings *settings, struct error *error)
{
    int64_t span_us = settings->until_us - settings->from_us;
    int64_t grain_us = span_us >= POSTURE_WHOLE_DAYS_US ? STORE_DAY_US : STORE_HOUR_US;
    *posture = (struct posture){
        .from_us = settings->from_us / grain_us * grain_us,
        .until_us = settings->until_us,
        .end_us = (settings->until_us / grain_us + 1) * grain_us,
    };
    struct aside aside = {.posture = posture, .store = aside_store, .journey = settings->journey};
    pthread_t thread;
    bool apart = pthread_create(&thread, NULL, read_aside, &aside) == 0;
    bool good = read_all_but_steps(posture, store, settings->journey, error);
    if (apart)
        pthread_join(thread, NULL);
    else
        read_aside(&aside);
    if (good && !aside.good) error_set(error, "%s", error_text(&aside.error));
    error_release(&aside.error);
    return good && aside.good;
}
