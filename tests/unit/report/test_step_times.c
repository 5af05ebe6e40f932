/* SPDX-License-Identifier: Apache-2.0 */
/* Which steps have times, what was measured of them, and both again out of a text. */
#include "report/step_times.h"

#include "base/vec.h"
#include "text/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char text[] = "journey: shop\n"
                           "base: https://shop.example\n"
                           "steps:\n"
                           "  - {name: look, get: /}\n"
                           "  - {name: \"a \\\"b\\\" \\u0141\", get: \"http://shop.example/b\"}\n"
                           "  - {name: think, pause: 1s}\n"
                           "  - {name: buy, post: /cart}\n";

static struct run_report *new_report(void)
{
    struct diags diags = DIAGS_INIT;
    struct run_report *report = NEW(struct run_report);
    report->journey =
        journey_load_text("shop.yaml", view_of(text), &(struct load_options){0}, &diags);
    assert_int_equal(diags.errors, 0);
    diags_release(&diags);
    report->base = xstrdup("https://shop.example/");
    return report;
}

static struct step_report *walked(struct run_report *report, size_t step, int64_t duration_us)
{
    struct step_report *one = vec_add(&report->steps);
    const struct step *of = &report->journey->steps[step];
    one->name = of->name;
    one->place = of->place;
    one->duration_us = duration_us;
    if (of->kind == STEP_REQUEST) one->method = "GET";
    return one;
}

static void prints(const struct run_report *report, const char *wanted)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP), again = BUF_INIT(BUF_OWN_CAP);
    struct step_times times = {0}, read = {0};
    step_times_add(&times, report);
    step_times_print(&times, &out);
    assert_string_equal(buf_text(&out), wanted);
    step_times_parse(&read, buf_view(&out));
    step_times_print(&read, &again);
    assert_string_equal(buf_text(&again), wanted);
    step_times_release(&times);
    step_times_release(&read);
}

static void run_that_was_cut_short_has_the_times_of_its_journey(void **state)
{
    (void)state;
    struct run_report *report = new_report();
    struct step_report *step = walked(report, 0, 1640);
    step->status = 200;
    step->timings = (struct timings){12, 90, 300, 800, 0, 1202};
    step = walked(report, 1, 30); /* nobody listened */
    step->timings = (struct timings){.dns_us = 5, .total_us = 30};
    prints(report, "[[\"look\",1640,[12,90,300,800,0]],"
                   "[\"a \\\"b\\\" \xc5\x81\",30,[5,-1,null,-1,-1]],"
                   "[\"think\",-1,null],[\"buy\",-1,[-1,-1,-1,-1,-1]]]");
    run_report_free(report);
}

static void step_that_was_walked_for_each_has_its_slowest(void **state)
{
    (void)state;
    struct run_report *report = new_report();
    for (int i = 1; i <= 3; i++) walked(report, 2, i == 2 ? 70 : 10)->each_index = i;
    walked(report, 2, 90)->section = SECTION_FINALLY;
    struct step_times times = {0};
    step_times_add(&times, report);
    assert_int_equal(times.items[2].us, 70);
    step_times_forget(&times);
    assert_int_equal(times.count, 4);
    assert_int_equal(times.items[2].us, STEP_UNMEASURED);
    step_times_release(&times);
    run_report_free(report);
}

static void text_that_is_none_gives_no_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
    } cases[] = {
        {"", 0},
        {"[[\"look\",", 0},
        {"{\"look\": [\"a\", 1]}", 0},
        {"[7, [], [7], {}, [\"a\"], [\"b\", \"x\", 3], [\"c\", 1e30, [-7, \"x\", {}, 1, 2, 3, 4]]]",
         3},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step_times times = {0};
        step_times_parse(&times, view_of(cases[i].text));
        assert_int_equal(times.count, cases[i].count);
        vec_each(time, &times) assert_int_equal(time->us, STEP_UNMEASURED);
        step_times_release(&times);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_that_was_cut_short_has_the_times_of_its_journey),
        cmocka_unit_test(step_that_was_walked_for_each_has_its_slowest),
        cmocka_unit_test(text_that_is_none_gives_no_times),
    };
    return cmocka_run_group_tests_name("report step_times", tests, NULL, NULL);
}
