/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics as text, in both formats, with hostile labels. */
#include "serve/exposition.h"

#include "serve/metrics.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct family runs = {"shopper_runs", FAMILY_COUNTER, "Runs.\nBy \\ \"verdict\"."};
static const struct family took = {"shopper_seconds", FAMILY_HISTOGRAM, "Took."};
static const struct family age = {"shopper_age_seconds", FAMILY_GAUGE, "Age."};

static void test_accept_header_decides_the_format(void **state)
{
    static const struct {
        const char *accept;
        bool open_metrics;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"*/*", false},
        {"text/plain", false},
        {"application/openmetrics-text", true},
        {"application/openmetrics-text;version=1.0.0,application/"
         "openmetrics-text;version=0.0.1;q=0."
         "75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         true},
        {"text/plain;q=0.9, application/openmetrics-text;q=0.5", false},
        {"application/openmetrics-text;q=0", false},
        {"application/openmetrics-text; version=7.0.0", false},
        {"APPLICATION/OpenMetrics-Text ; q=1", true},
        {"application/openmetrics-text; version=\"1.0.0\"", true},
        {"application/openmetrics-text; version=\"2.0.0\"", false},
        {",,;;q=,=", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (exposition_wants_open_metrics(cases[i].accept) != cases[i].open_metrics)
            fail_msg("%s", cases[i].accept);
    }
}

static void test_counter_in_both_formats_has_its_suffix_where_it_belongs(void **state)
{
    (void)state;
    AUTO_BUF old = BUF_INIT(10000), new = BUF_INIT(10000);
    struct exposition exposition = {.out = &old};
    exposition_family(&exposition, &runs);
    exposition_count(&exposition, (labels){"verdict", "pass", NULL}, UINT64_MAX);
    exposition_end(&exposition);
    assert_string_equal(buf_text(&old),
                        "# HELP shopper_runs_total Runs.\\nBy \\\\ \"verdict\".\n"
                        "# TYPE shopper_runs_total counter\n"
                        "shopper_runs_total{verdict=\"pass\"} 18446744073709551615\n");
    exposition = (struct exposition){.out = &new, .open_metrics = true};
    exposition_family(&exposition, &runs);
    exposition_count(&exposition, NULL, 7);
    exposition_end(&exposition);
    assert_string_equal(buf_text(&new), "# HELP shopper_runs Runs.\\nBy \\\\ \\\"verdict\\\".\n"
                                        "# TYPE shopper_runs counter\n"
                                        "shopper_runs_total 7\n# EOF\n");
}

static void test_label_that_is_hostile_stays_inside_its_quotes(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(10000);
    struct exposition exposition = {.out = &out, .family = &age};
    exposition_sample(&exposition, (labels){"a", "\"} 1\nevil 2\\", "b", "\xff<\xc3\xa9>", NULL},
                      0.25);
    assert_string_equal(buf_text(&out), "shopper_age_seconds{a=\"\\\"} 1\\nevil 2\\\\\","
                                        "b=\"\xef\xbf\xbd<\xc3\xa9>\"} 0.25\n");
}

static void test_number_is_shortest_that_reads_back(void **state)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {{0, "x 0\n"},
                 {0.1, "x 0.1\n"},
                 {1795443035.834, "x 1795443035.834\n"},
                 {1e300, "x 1e+300\n"},
                 {-1, "x -1\n"},
                 {1.0 / 0.0, "x +Inf\n"},
                 {-1.0 / 0.0, "x -Inf\n"}};
    (void)state;
    const struct family family = {"x", FAMILY_GAUGE, ""};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = BUF_INIT(1000);
        struct exposition exposition = {.out = &out, .family = &family};
        exposition_sample(&exposition, NULL, cases[i].number);
        assert_string_equal(buf_text(&out), cases[i].text);
    }
}

static void test_histogram_is_cumulated_and_ends_with_infinity(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(100000);
    struct spread spread = {0};
    struct exposition exposition = {.out = &out};
    spread_add(&spread, 5000, NULL, 0); /* exactly a bound: inside it */
    spread_add(&spread, 5001, NULL, 0);
    spread_add(&spread, 900000000, NULL, 0); /* above all */
    spread_add(&spread, -5, NULL, 0);        /* a clock that went back */
    exposition_family(&exposition, &took);
    exposition_spread(&exposition, (labels){"step", "see", NULL}, &spread);
    assert_non_null(strstr(buf_text(&out), "_bucket{step=\"see\",le=\"0.005\"} 2\n"));
    assert_non_null(strstr(buf_text(&out), "_bucket{step=\"see\",le=\"0.01\"} 3\n"));
    assert_non_null(strstr(buf_text(&out), "_bucket{step=\"see\",le=\"60\"} 3\n"));
    assert_non_null(strstr(buf_text(&out), "_bucket{step=\"see\",le=\"+Inf\"} 4\n"));
    assert_non_null(strstr(buf_text(&out), "shopper_seconds_count{step=\"see\"} 4\n"));
    assert_non_null(strstr(buf_text(&out), "shopper_seconds_sum{step=\"see\"} 900.010001\n"));
}

static void test_exemplar_is_shown_in_open_metrics_alone(void **state)
{
    (void)state;
    AUTO_BUF old = BUF_INIT(100000), new = BUF_INIT(100000);
    struct spread spread = {0};
    spread_add(&spread, 670000, "5e0bbe55000000000000000000000001", 1700000000100000);
    exposition_spread(&(struct exposition){.out = &old, .family = &took}, NULL, &spread);
    exposition_spread(&(struct exposition){.out = &new, .family = &took, .open_metrics = true},
                      NULL, &spread);
    assert_null(strstr(buf_text(&old), "trace_id"));
    assert_non_null(strstr(
        buf_text(&new), "shopper_seconds_bucket{le=\"0.75\"} 1 # {trace_id=\"5e0bbe55000000000000"
                        "000000000001\"} 0.67 1700000000.100\n"));
    assert_non_null(strstr(buf_text(&new), "le=\"1.0\"} 1\n"));
}

static void test_metric_table_keeps_to_the_naming_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const struct family *family = &metric_rows[i].family;
        const char *name = family->name;
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        assert_null(strstr(name, "_total"));
        assert_true(strlen(family->help) > 10);
        for (size_t j = 0; j < i; j++) assert_string_not_equal(name, metric_rows[j].family.name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept_header_decides_the_format),
        cmocka_unit_test(test_counter_in_both_formats_has_its_suffix_where_it_belongs),
        cmocka_unit_test(test_label_that_is_hostile_stays_inside_its_quotes),
        cmocka_unit_test(test_number_is_shortest_that_reads_back),
        cmocka_unit_test(test_histogram_is_cumulated_and_ends_with_infinity),
        cmocka_unit_test(test_exemplar_is_shown_in_open_metrics_alone),
        cmocka_unit_test(test_metric_table_keeps_to_the_naming_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
