/* SPDX-License-Identifier: Apache-2.0 */
/* Coming and going, as many as meet it: what is told must not depend on how many look. */
#include "story.h"

#define PERIOD_S 300
#define HOURS 4

struct outcome {
    unsigned openings;
    bool flapped;
};

static unsigned openings_in(const char *told)
{
    unsigned count = 0;
    for (const char *at = told; (at = strstr(at, "opened")); at++) count++;
    return count;
}

/* `count` shoppers each look once a minute, spread over it; the shop is down for the first part of
 * each period. */
static struct outcome play(unsigned count, unsigned down_s, bool restarts)
{
    struct story story;
    struct outcome outcome = {0};
    begin(&story);
    for (unsigned second = 0; second < HOURS * 3600; second++) {
        for (unsigned i = 0; i < count; i++) {
            if (second % 60 != i * 60 / count % 60) continue;
            AUTO_FREE char *name = xasprintf("j%u", i);
            const struct seen seen = as(second % PERIOD_S < down_s ? no_price : good, name, NULL);
            run(&story, &seen);
        }
        pass_time(&story, US_PER_SECOND);
        if (restarts && second % 600 == 599) restart(&story);
        if (story.last.flapping) outcome.flapped = true;
    }
    outcome.openings = openings_in(buf_text(&story.told));
    end(&story);
    return outcome;
}

static void shop_that_comes_and_goes_is_one_incident_for_any_number_of_shoppers(void **state)
{
    static const unsigned counts[] = {1, 2, 10, 100};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        for (int restarts = 0; restarts < 2; restarts++) {
            struct outcome outcome = play(counts[i], 120, restarts);
            if (!outcome.flapped || outcome.openings > 6)
                print_error("%u shoppers: %u openings, %s flapping\n", counts[i], outcome.openings,
                            outcome.flapped ? "was" : "never");
            assert_true(outcome.flapped);
            assert_in_range(outcome.openings, 1, 6);
        }
    }
}

/* Down once for ten minutes, then well: it ends as soon as all have seen so. */
static void shop_that_was_down_once_is_not_flapping(void **state)
{
    static const unsigned counts[] = {1, 2, 10, 100};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct story story;
        begin(&story);
        for (unsigned second = 0; second < 3600; second++) {
            for (unsigned k = 0; k < counts[i]; k++) {
                if (second % 60 != k * 60 / counts[i] % 60) continue;
                AUTO_FREE char *name = xasprintf("j%u", k);
                const struct seen seen = as(second < 600 ? no_price : good, name, NULL);
                run(&story, &seen);
            }
            pass_time(&story, US_PER_SECOND);
            assert_false(story.last.flapping);
        }
        assert_int_equal(openings_in(buf_text(&story.told)), 1);
        assert_int_equal(judge_open_count(story.judge, 0), 0);
        end(&story);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shop_that_comes_and_goes_is_one_incident_for_any_number_of_shoppers),
        cmocka_unit_test(shop_that_was_down_once_is_not_flapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
