/* SPDX-License-Identifier: Apache-2.0 */
/* What a run proves: an outage, that it is over, or nothing. */
#include "story.h"

/* Each row is a story, one letter a run: F fails, ? cannot tell, . passes. */
static void unknown_is_no_failure_and_no_blip(void **state)
{
    static const struct {
        const char *runs, *told;
        unsigned blips;
    } cases[] = {
        {"..?F.", "", 1},
        {"..F?.", "", 1},
        {"..?F?F", "opened 1; ", 0}, /* two failures, and no success between them */
        {"..F?F..", "opened 1; resolved 1; ", 0},
        {"..?F?.", "", 1},
        {"..?.?.", "", 0},
        {"..??..", "opened 3; resolved 3; ", 0},
        {"..F??", "opened 3; ", 0},
        {"..F??F", "opened 3; opened 1; ", 0}, /* what failed before we were blind counts */
    };
    (void)state;
    for (size_t restarts = 0; restarts < 2; restarts++) {
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            struct story story;
            begin(&story);
            for (const char *at = cases[i].runs; *at; at++) {
                run(&story, *at == 'F' ? &no_price : *at == '?' ? &blind : &good);
                pass_time(&story, 5 * US_PER_SECOND);
                if (restarts) restart(&story);
            }
            expect(&story, cases[i].told);
            assert_int_equal(story.blips, cases[i].blips);
            end(&story);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_is_no_failure_and_no_blip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
