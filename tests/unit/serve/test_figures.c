/* SPDX-License-Identifier: Apache-2.0 */
/* Counting runs within bounds. */
#include "serve/figures.h"

#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct journey *journey_named(const char *name)
{
    struct diags diags = DIAGS_INIT;
    AUTO_FREE char *text =
        xasprintf("journey: %s\nbase: http://127.0.0.1\nsteps:\n  - {name: a, get: /}\n", name);
    struct journey *journey =
        journey_load_text("t.yaml", view_of(text), &(struct load_options){0}, &diags);
    diags_release(&diags);
    return journey;
}

/* A run with one step per verdict and url. */
static struct run_report *run_of(struct journey *journey, const char *persona, const char *step,
                                 enum outcome_kind kind)
{
    struct run_report *report = NEW(struct run_report);
    report->journey = journey_hold(journey);
    report->persona = xstrdup(persona);
    report->duration_us = 100000;
    report->verdict = outcome_verdict(kind);
    strcpy(report->trace_id, "5e0bbe55000000000000000000000001");
    struct step_report *one = vec_add(&report->steps);
    one->name = step;
    one->stage = "login";
    one->verdict = outcome_verdict(kind);
    one->failure.kind = kind;
    one->duration_us = 30000;
    one->method = "GET";
    one->url = xstrdup("https://ann:secret@shop.example:8443/x?y");
    one->certificate_ends_s = 1800000000;
    one->status = 200;
    one->timings = (struct timings){1, 2, 3, 4, 5, 15};
    return report;
}

struct fixture {
    struct figures figures;
    struct journey *journey;
    unsigned flags;     /* of the runs that are added, */
    int64_t started_us; /* and when they begin, */
    const char *url;    /* and what they ask for; NULL: the usual */
};

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    figures_init(&f->figures);
    f->journey = journey_named("checkout");
    *state = f;
    return f->journey ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    figures_release(&f->figures);
    journey_free(f->journey);
    free(f);
    return 0;
}

static void add(struct fixture *f, const char *persona, const char *step, enum outcome_kind kind)
{
    struct run_report *report = run_of(f->journey, persona, step, kind);
    report->started_wall_us = f->started_us;
    if (f->url) {
        free(report->steps.items[0].url);
        report->steps.items[0].url = xstrdup(f->url);
    }
    figures_add_run(&f->figures, report, f->flags, 2000);
    run_report_free(report);
}

static void test_run_that_passed_is_counted_and_timed(void **state)
{
    struct fixture *f = *state;
    add(f, "desktop", "log in", OUTCOME_PASS);
    const struct subject_figures *subject = figures_subject(&f->figures, "checkout", "desktop");
    assert_non_null(subject);
    assert_int_equal(subject->runs[VERDICT_PASS], 1);
    assert_int_equal(subject->durations.counts[5], 1);
    assert_int_equal(subject->last.phases.tls_us, 3);
    assert_int_equal(subject->last.certificate_ends_s, 1800000000);
    assert_true(subject->last.tls);
    assert_int_equal(map_size(&f->figures.steps), 1);
    assert_int_equal(map_size(&f->figures.failures), 0);
    assert_null(figures_subject(&f->figures, "checkout", "mobile"));
}

static void test_run_that_failed_is_no_sample_of_duration(void **state)
{
    struct fixture *f = *state;
    add(f, "desktop", "log in", OUTCOME_PRICE);
    add(f, "desktop", "log in", OUTCOME_PRICE);
    const struct subject_figures *subject = figures_subject(&f->figures, "checkout", "desktop");
    assert_int_equal(subject->runs[VERDICT_FAIL], 2);
    assert_true(subject->durations.sum_s <= 0);
    assert_int_equal(map_size(&f->figures.steps), 0);
    assert_int_equal(map_size(&f->figures.failures), 1);
    map_each(entry, &f->figures.failures) {
        const struct failure_figures *failure = entry->value;
        assert_int_equal(failure->count, 2);
        assert_int_equal(failure->kind, OUTCOME_PRICE);
        assert_string_equal(failure->stage, "login");
    }
}

static void test_run_that_is_no_sample_is_counted_apart(void **state)
{
    struct fixture *f = *state;
    f->flags = STORE_RUN_REPROBE;
    add(f, "desktop", "log in", OUTCOME_PRICE);
    const struct subject_figures *subject = figures_subject(&f->figures, "checkout", "desktop");
    assert_int_equal(subject->runs[RUN_REPROBE], 1);
    assert_int_equal(subject->last.verdict, VERDICT_FAIL);
    f->flags = STORE_RUN_UNJUDGED;
    add(f, "desktop", "log in", OUTCOME_PRICE);
    assert_int_equal(subject->runs[RUN_UNKNOWN], 1);
    assert_int_equal(subject->last.verdict, VERDICT_UNKNOWN);
    f->flags = STORE_RUN_MAINTENANCE | STORE_RUN_REPROBE;
    add(f, "desktop", "log in", OUTCOME_PRICE);
    assert_int_equal(subject->runs[RUN_MAINTENANCE], 1);
    assert_true(subject->rests);
    assert_int_equal(subject->runs[RUN_FAIL], 0);
}

static void test_run_that_was_asked_for_is_counted_and_shows_nothing_else(void **state)
{
    struct fixture *f = *state;
    add(f, "desktop", "log in", OUTCOME_PASS);
    f->flags = STORE_RUN_ASKED | STORE_RUN_UNJUDGED;
    add(f, "desktop", "look", OUTCOME_PRICE);
    const struct subject_figures *subject = figures_subject(&f->figures, "checkout", "desktop");
    assert_int_equal(subject->runs[RUN_ASKED], 1);
    assert_int_equal(subject->runs[RUN_UNKNOWN], 0);
    assert_int_equal(subject->last.verdict, VERDICT_PASS);
    assert_int_equal(map_size(&f->figures.failures), 0);
}

static void test_host_of_a_certificate_bears_no_secret(void **state)
{
    struct fixture *f = *state;
    add(f, "desktop", "log in", OUTCOME_PASS);
    map_each(entry, &f->figures.hosts) assert_string_equal(entry->key, "shop.example:8443");
    assert_int_equal(map_size(&f->figures.hosts), 1);
}

static void test_names_that_run_together_stay_apart(void **state)
{
    struct fixture *f = *state;
    figures_add_missed(&f->figures, "ab", "c");
    figures_add_missed(&f->figures, "a", "bc");
    assert_int_equal(map_size(&f->figures.subjects), 2);
}

static void test_label_sets_are_bounded_and_the_rest_is_counted(void **state)
{
    struct fixture *f = *state;
    char name[32];
    for (int i = 0; i < FIGURES_MAX_SUBJECTS + 10; i++) {
        snprintf(name, sizeof name, "persona-%d", i);
        figures_add_missed(&f->figures, "checkout", name);
    }
    assert_int_equal(map_size(&f->figures.subjects), FIGURES_MAX_SUBJECTS);
    assert_int_equal(f->figures.overflow[OVERFLOW_SUBJECTS], 10);
    for (int i = 0; i < FIGURES_MAX_STEPS + 3; i++) {
        snprintf(name, sizeof name, "step-%d", i);
        add(f, "late", name, OUTCOME_PASS);
    }
    assert_int_equal(map_size(&f->figures.steps), FIGURES_MAX_STEPS);
    assert_int_equal(f->figures.overflow[OVERFLOW_STEPS], 3);
    assert_true(f->figures.overflow[OVERFLOW_SUBJECTS] > FIGURES_MAX_STEPS);
}

static void test_long_name_is_cut(void **state)
{
    struct fixture *f = *state;
    char name[1000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    figures_add_missed(&f->figures, name, "desktop");
    map_each(entry, &f->figures.subjects) {
        const struct subject_figures *subject = entry->value;
        assert_int_equal(strlen(subject->journey), FIGURES_MAX_LABEL_BYTES);
    }
}

static void test_journey_that_left_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct map keep = MAP_INIT(NULL);
    add(f, "desktop", "log in", OUTCOME_PRICE);
    add(f, "desktop", "log in", OUTCOME_PASS);
    figures_add_missed(&f->figures, "other", "desktop");
    figures_keep(&keep, "other", "desktop", false);
    figures_prune(&f->figures, &keep, 0);
    assert_int_equal(map_size(&f->figures.subjects), 1);
    assert_int_equal(map_size(&f->figures.steps), 0);
    assert_int_equal(map_size(&f->figures.failures), 0);
    assert_int_equal(map_size(&f->figures.hosts), 0);
    assert_non_null(figures_subject(&f->figures, "other", "desktop"));
    map_release(&keep);
}

static void test_persona_that_left_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct map keep = MAP_INIT(NULL);
    add(f, "iphone", "log in", OUTCOME_PRICE);
    add(f, "desktop", "log in", OUTCOME_PASS);
    figures_keep(&keep, "checkout", "desktop", false);
    figures_prune(&f->figures, &keep, 0);
    assert_null(figures_subject(&f->figures, "checkout", "iphone"));
    assert_non_null(figures_subject(&f->figures, "checkout", "desktop"));
    assert_int_equal(map_size(&f->figures.hosts), 1);
    map_release(&keep);
}

static void test_journey_in_maintenance_rests_from_now_on(void **state)
{
    struct fixture *f = *state;
    struct map keep = MAP_INIT(NULL);
    add(f, "desktop", "log in", OUTCOME_PRICE);
    const struct subject_figures *subject = figures_subject(&f->figures, "checkout", "desktop");
    figures_keep(&keep, "checkout", "desktop", true);
    figures_prune(&f->figures, &keep, 0);
    assert_true(subject->rests_now);
    figures_keep(&keep, "checkout", "desktop", false);
    figures_prune(&f->figures, &keep, 0);
    assert_false(subject->rests_now);
    map_release(&keep);
}

static void test_host_that_is_met_no_more_is_forgotten_after_a_change(void **state)
{
    struct fixture *f = *state;
    struct map keep = MAP_INIT(NULL);
    figures_keep(&keep, "checkout", "desktop", false);
    f->url = "https://old.example/";
    add(f, "desktop", "log in", OUTCOME_PASS); /* it ends at 100 ms */
    figures_prune(&f->figures, &keep, 200000);
    assert_int_equal(map_size(&f->figures.hosts), 1); /* nobody has walked since */
    f->url = "https://new.example/";
    f->started_us = 300000;
    add(f, "desktop", "log in", OUTCOME_PRICE);
    figures_prune(&f->figures, &keep, 200000);
    assert_int_equal(map_size(&f->figures.hosts), 2); /* he may not have come to it */
    add(f, "desktop", "log in", OUTCOME_PASS);
    figures_prune(&f->figures, &keep, 200000);
    assert_int_equal(map_size(&f->figures.hosts), 1);
    map_each(entry, &f->figures.hosts) assert_string_equal(entry->key, "new.example");
    map_release(&keep);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_run_that_passed_is_counted_and_timed),
        TEST(test_run_that_failed_is_no_sample_of_duration),
        TEST(test_run_that_is_no_sample_is_counted_apart),
        TEST(test_run_that_was_asked_for_is_counted_and_shows_nothing_else),
        TEST(test_host_of_a_certificate_bears_no_secret),
        TEST(test_names_that_run_together_stay_apart),
        TEST(test_label_sets_are_bounded_and_the_rest_is_counted),
        TEST(test_long_name_is_cut),
        TEST(test_journey_that_left_is_forgotten),
        TEST(test_persona_that_left_is_forgotten),
        TEST(test_journey_in_maintenance_rests_from_now_on),
        TEST(test_host_that_is_met_no_more_is_forgotten_after_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
