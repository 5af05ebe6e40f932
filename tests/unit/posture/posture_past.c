/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a store with a past that ends now, for the tests of what is made of it: `posture_past STORE
 * shop`: a month of price-view with an outage that still goes on, maintenance, missed slots,
 * incidents, and a journey whose names are hostile; `posture_past STORE many`: a hundred journeys.
 */
#include "base/clock.h"
#include "base/vec.h"
#include "posture/objective.h"

#include <stdio.h>
#include <string.h>

#define MINUTE_US (60 * US_PER_SECOND)
#define FLUSH_US (300 * US_PER_SECOND)
#define HOSTILE "<script>alert(1)</script>\"'&\x1b[31m\n]]>"

struct past {
    struct store *store;
    int64_t now_us;
    uint64_t number; /* of ids */
};

static void add_run(struct past *past, struct store_batch *batch, const char *journey,
                    const char *persona, int64_t ago_us, enum verdict verdict, unsigned flags)
{
    AUTO_FREE char *id = xasprintf("run-%llu", (unsigned long long)past->number++);
    bool bad = verdict == VERDICT_FAIL;
    const char *odd = strchr(journey, '<') ? HOSTILE : "see the price";
    int64_t took_us = (int64_t)(past->number % 50) * US_PER_MS;
    const struct store_step steps[] = {
        {"log in", "login", VERDICT_PASS, 80 * US_PER_MS + took_us},
        {odd, "price-view", verdict, 300 * US_PER_MS + took_us},
        {"check out", "checkout", bad ? VERDICT_SKIPPED : VERDICT_PASS, 900 * US_PER_MS + took_us},
    };
    batch_add_run(batch, &(struct store_run){.id = id,
                                             .journey = journey,
                                             .persona = persona,
                                             .location = "here",
                                             .started_us = past->now_us - ago_us,
                                             .duration_us = 1300 * US_PER_MS + took_us,
                                             .lost_us = bad ? 5 * MINUTE_US : 0,
                                             .verdict = verdict,
                                             .flags = flags,
                                             .kind = bad ? "price" : "",
                                             .stage = bad ? "price-view" : "",
                                             .step = bad ? odd : "",
                                             .line = bad ? "no price" : "",
                                             .steps = steps,
                                             .step_count = COUNT_OF(steps)});
}

static bool fill(struct past *past, const char *journey, int64_t every_us, bool broken)
{
    static const char *const personas[] = {"desktop", "iphone"};
    for (int day = 29; day >= 0; day--) {
        struct store_batch *batch = store_begin(past->store);
        for (int64_t ago_us = (day + 1) * STORE_DAY_US - every_us; ago_us >= day * STORE_DAY_US;
             ago_us -= every_us) {
            bool bad = broken && ago_us < STORE_HOUR_US;
            bool rests = broken && day == 10 && ago_us % STORE_DAY_US < STORE_HOUR_US;
            for (size_t i = 0; i < COUNT_OF(personas); i++)
                add_run(past, batch, journey, personas[i], ago_us + MINUTE_US,
                        bad || rests ? VERDICT_FAIL : VERDICT_PASS,
                        rests ? STORE_RUN_MAINTENANCE : 0);
        }
        store_commit(batch, NULL, NULL);
    }
    return store_flush(past->store, FLUSH_US);
}

static void add_incident(struct past *past, struct store_batch *batch, int severity, int64_t ago_us,
                         int64_t lasted_us)
{
    AUTO_FREE char *id =
        xasprintf("01990000-0000-7000-8000-%012llu", (unsigned long long)past->number++);
    AUTO_FREE char *event = xasprintf("e-%s", id);
    int64_t opened_us = past->now_us - ago_us;
    batch_put_incident(
        batch, &(struct store_incident){.id = id,
                                        .signature = "stage:price-view/price",
                                        .severity = severity,
                                        .state = lasted_us ? "resolved" : "open",
                                        .opened_us = opened_us,
                                        .resolved_us = lasted_us ? opened_us + lasted_us : 0,
                                        .line = "prices vanished",
                                        .json = "{}"});
    batch_add_event(
        batch, &(struct store_event){event, id, opened_us + 7 * US_PER_SECOND, "opened", "{}"});
}

static bool fill_shop(struct past *past)
{
    struct store_batch *batch = store_begin(past->store);
    add_incident(past, batch, 1, 9 * STORE_DAY_US, 20 * MINUTE_US);
    add_incident(past, batch, 1, 2 * STORE_DAY_US, 40 * MINUTE_US);
    add_incident(past, batch, 3, 3 * STORE_DAY_US, 10 * MINUTE_US);
    for (int i = 1; i <= 3; i++)
        batch_add_missed(batch, &(struct store_missed){"price-view", "desktop", "it slept",
                                                       past->now_us - i * STORE_HOUR_US});
    store_commit(batch, NULL, NULL);
    return fill(past, "price-view", 5 * MINUTE_US, true) &&
           fill(past, HOSTILE, STORE_HOUR_US, true);
}

static bool fill_many(struct past *past)
{
    struct objective_list objectives = {0};
    bool good = true;
    for (int i = 0; i < 100 && good; i++) {
        AUTO_FREE char *name = xasprintf("journey-%03d", i);
        vec_push(&objectives, ((struct objective){.journey = xstrdup(name),
                                                  .availability = 0.999,
                                                  .window_us = OBJECTIVE_WINDOW_US}));
        good = fill(past, name, STORE_HOUR_US, i % 10 == 0);
    }
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    objectives_print(&objectives, &text);
    struct store_batch *batch = store_begin(past->store);
    batch_put_state(batch, OBJECTIVES_KEY, buf_view(&text));
    for (int i = 0; i < 200; i++)
        add_incident(past, batch, 1 + i % 4, (i + 1) * STORE_HOUR_US, 9 * MINUTE_US);
    store_commit(batch, NULL, NULL);
    objective_list_release(&objectives);
    return good && store_flush(past->store, FLUSH_US);
}

int main(int argc, char **argv)
{
    struct store_settings settings = store_settings_default();
    AUTO_ERROR error = ERROR_NONE;
    struct past past = {.now_us = clock_wall_us(&clock_real)};
    if (argc != 3) return 2;
    past.store = store_open(argv[1], &settings, &error);
    bool good = past.store && (strcmp(argv[2], "many") ? fill_shop(&past) : fill_many(&past));
    if (!good) fprintf(stderr, "the store cannot be filled: %s\n", error_text(&error));
    store_close(past.store);
    return good ? 0 : 1;
}
