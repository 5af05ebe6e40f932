/* SPDX-License-Identifier: Apache-2.0 */
/* What /probe says of a run. */
#include "base/vec.h"
#include "serve/metrics.h"
#include "support/golden.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
    struct run_report *report;
    struct buf text;
};

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    struct diags diags = DIAGS_INIT;
    const char text[] = "journey: a\nbase: http://127.0.0.1\nsteps: [{name: a, get: /}]\n";
    f->report = NEW(struct run_report);
    f->report->journey =
        journey_load_text("t.yaml", view_of(text), &(struct load_options){0}, &diags);
    diags_release(&diags);
    f->text = BUF_INIT(BUF_OWN_CAP);
    *state = f;
    return f->report->journey ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    run_report_free(f->report);
    buf_release(&f->text);
    free(f);
    return 0;
}

static struct step_report *add(struct fixture *f, const char *name, enum outcome_kind kind,
                               int64_t duration_us)
{
    struct step_report *step = vec_add(&f->report->steps);
    step->name = name;
    step->stage = "price-view";
    step->verdict = outcome_verdict(kind);
    step->failure.kind = kind;
    step->duration_us = duration_us;
    step->method = "GET";
    step->url = xstrdup("https://shop.example/");
    step->status = 200;
    if (kind != OUTCOME_PASS) f->report->verdict = step->verdict;
    return step;
}

static void note_help(const struct fixture *f)
{
    struct view rest = buf_view(&f->text), line;
    while (view_split(&rest, '\n', &line)) {
        AUTO_FREE char *text = xstrndup(line.data, line.length);
        if (view_starts_with(line, VIEW_LITERAL("# HELP "))) golden_note(text);
    }
}

static void expect(struct fixture *f, const char *line)
{
    if (!f->text.length) {
        struct exposition exposition = {.out = &f->text};
        probe_print(&exposition, f->report, US_PER_SECOND);
        note_help(f);
    }
    if (!strstr(buf_text(&f->text), line)) fail_msg("no %s in %s", line, buf_text(&f->text));
}

static unsigned count(struct fixture *f, const char *part)
{
    unsigned times = 0;
    for (const char *at = buf_text(&f->text); (at = strstr(at, part)); at++) times++;
    return times;
}

static void test_elements_of_a_step_are_one_series_the_worst(void **state)
{
    struct fixture *f = *state;
    add(f, "look", OUTCOME_PASS, 10000)->each_index = 1;
    add(f, "look", OUTCOME_PRICE, 40000)->each_index = 2;
    add(f, "look", OUTCOME_PASS, 20000)->verdict = VERDICT_SKIPPED;
    expect(f, "\nshopper_probe_step_success{step=\"look\",stage=\"price-view\"} 0\n");
    expect(f, "\nshopper_probe_step_duration_seconds{step=\"look\",stage=\"price-view\"} 0.04\n");
    assert_int_equal(count(f, "\nshopper_probe_step_success{"), 1);
    expect(f, "\nprobe_failed_due_to_regex 1\n");
}

static void test_step_that_is_used_twice_is_one_series(void **state)
{
    struct fixture *f = *state;
    add(f, "log in", OUTCOME_PASS, 30000);
    add(f, "log in", OUTCOME_PASS, 10000);
    add(f, "log in", OUTCOME_PASS, 50000)->stage = "login";
    expect(f, "\nshopper_probe_step_success{step=\"log in\",stage=\"price-view\"} 1\n");
    expect(f, "\nshopper_probe_step_duration_seconds{step=\"log in\",stage=\"price-view\"} 0.03\n");
    assert_int_equal(count(f, "\nshopper_probe_step_success{"), 2);
}

static void test_last_answer_is_told_in_blackbox_terms(void **state)
{
    struct fixture *f = *state;
    struct step_report *step = add(f, "look", OUTCOME_PASS, 10000);
    step->redirects = 2;
    step = add(f, "order", OUTCOME_PASS, 10000);
    step->redirects = 1;
    step->http_version = 11;
    step->wire_bytes = 300;
    step->body_bytes = 900;
    step->certificate_ends_s = 1800000000;
    strcpy(step->remote_address, "127.0.0.1");
    strcpy(step->tls_version, "TLSv1.3");
    expect(f, "\nprobe_ip_protocol 4\n");
    expect(f, "\nprobe_ip_addr_hash 3668918509\n");
    expect(f, "\nprobe_http_version 1.1\n");
    expect(f, "\nprobe_http_redirects 3\n");
    expect(f, "\nprobe_http_content_length 300\n");
    expect(f, "\nprobe_http_uncompressed_body_length 900\n");
    expect(f, "\nprobe_failed_due_to_regex 0\n");
    expect(f, "\nprobe_ssl_last_chain_expiry_timestamp_seconds 1800000000\n");
    expect(f, "\nprobe_tls_version_info{version=\"TLS 1.3\"} 1\n");
}

static void test_run_without_an_answer_has_numbers_all_the_same(void **state)
{
    struct fixture *f = *state;
    add(f, "look", OUTCOME_CONNECT, 10000)->status = 0;
    expect(f, "\nprobe_success 0\n");
    expect(f, "\nprobe_ip_protocol 0\n");
    expect(f, "\nprobe_http_version 0\n");
    expect(f, "# HELP probe_success Whether the run passed or was degraded.\n");
    assert_int_equal(count(f, "\nprobe_tls_version_info"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_elements_of_a_step_are_one_series_the_worst),
        TEST(test_step_that_is_used_twice_is_one_series),
        TEST(test_last_answer_is_told_in_blackbox_terms),
        TEST(test_run_without_an_answer_has_numbers_all_the_same),
        PIN_MESSAGES("serve/probe_text.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
