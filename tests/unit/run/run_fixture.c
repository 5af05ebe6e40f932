/* SPDX-License-Identifier: Apache-2.0 */
/* See run_fixture.h. */
#include "run_fixture.h"

#include "base/vec.h"
#include "support/golden.h"

/* --- What people are told */

static void note(const char *what, const char *text)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&line, "%s: %s", what, text);
    golden_note(buf_text(&line));
}

static void note_failure(const struct failure *failure)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&text, failure->message ? failure->message : "(nothing)");
    if (failure->detail) buf_addf(&text, "\n    detail %s", failure->detail);
    if (failure->expected) buf_addf(&text, "\n    expected %s", failure->expected);
    if (failure->actual) buf_addf(&text, "\n    actual %s", failure->actual);
    note(outcome_word(failure->kind), buf_text(&text));
}

static void note_told(const struct run_report *report)
{
    vec_each(step, &report->steps) {
        if (step->failure.kind != OUTCOME_PASS) note_failure(&step->failure);
        if (step->skipped) note("skipped", step->skipped);
    }
    vec_each(residue, &report->residue) note("left behind", residue->what);
    if (report->stopped) note("stopped", report->stopped);
}

void fixture_told(const char *text)
{
    note("refused", text);
}

/* --- Runs */

void fixture_done(void *context, struct run_report *report)
{
    note_told(report);
    struct fixture *fixture = context;
    fixture->reports[fixture->report_count++] = report;
    fixture->started = NULL;
    timer_cancel(&fixture->stop);
    timer_cancel(&fixture->abort);
}

static void on_stop(void *context)
{
    struct fixture *fixture = context;
    if (fixture->started) run_stop(fixture->started, "interrupted");
}

static void on_abort(void *context)
{
    struct fixture *fixture = context;
    if (fixture->started) run_abort(fixture->started);
}

int run_fixture_set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    clock_fake_init(&fixture->clock, INT64_C(1767225600) * US_PER_SECOND);
    fixture->loop = loop_new(&fixture->clock, NULL);
    fixture->personas = personas_new();
    fixture->redactor = redactor_new();
    fake_client_init(&fixture->fake, fixture->loop, NULL, 0);
    engine_init(&fixture->engine, fixture->loop, &fixture->fake.client, fixture->personas,
                fixture->redactor, NULL);
    timer_init(&fixture->stop, fixture->loop, on_stop, fixture);
    timer_init(&fixture->abort, fixture->loop, on_abort, fixture);
    *state = fixture;
    return 0;
}

int run_fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;
    bool clean = loop_is_empty(fixture->loop) && fixture->fake.sessions_open == 0;
    for (size_t i = 0; i < fixture->report_count; i++) run_report_free(fixture->reports[i]);
    engine_release(&fixture->engine);
    fake_client_release(&fixture->fake);
    loop_free(fixture->loop);
    personas_free(fixture->personas);
    redactor_free(fixture->redactor);
    free(fixture);
    return clean ? 0 : -1;
}

struct journey *load(const char *text)
{
    struct diags diags = DIAGS_INIT;
    struct journey *journey = journey_load_text("test.yaml", view_of(text), NULL, &diags);
    struct buf shown = BUF_INIT(BUF_OWN_CAP);
    diags_print(&diags, &shown, false);
    if (!journey) print_error("%s", buf_text(&shown));
    buf_release(&shown);
    diags_release(&diags);
    assert_non_null(journey);
    return journey;
}

void walk_journey(struct fixture *fixture, struct journey *journey)
{
    struct diags diags = DIAGS_INIT;
    struct run_options options = fixture->options;
    options.journey = journey;
    fixture->started = run_start(&fixture->engine, &options, fixture_done, fixture, &diags);
    assert_non_null(fixture->started);
    if (fixture->stop_at_us)
        timer_set(&fixture->stop, loop_now_us(fixture->loop) + fixture->stop_at_us);
    if (fixture->abort_at_us)
        timer_set(&fixture->abort, loop_now_us(fixture->loop) + fixture->abort_at_us);
    loop_run(fixture->loop);
    diags_release(&diags);
}

const struct run_report *walk(struct fixture *fixture, const char *text,
                              const struct fake_answer *script, size_t count)
{
    struct journey *journey = load(text);
    fixture->fake.script = script;
    fixture->fake.script_count = count;
    fixture->fake.next = 0;
    walk_journey(fixture, journey);
    journey_free(journey);
    assert_int_equal(fixture->report_count, 1);
    return fixture->reports[0];
}
void assert_verdict(const struct run_report *report, enum verdict verdict)
{
    const struct step_report *culprit = run_report_culprit(report);
    if (report->verdict != verdict && culprit)
        print_error("%s: %s\n", culprit->name, culprit->failure.message);
    assert_string_equal(verdict_word(report->verdict), verdict_word(verdict));
}

void assert_failure(const struct run_report *report, const char *step, const char *kind,
                    const char *message)
{
    const struct step_report *culprit = run_report_culprit(report);
    assert_non_null(culprit);
    assert_string_equal(culprit->name, step);
    assert_string_equal(outcome_word(culprit->failure.kind), kind);
    if (message) assert_string_equal(culprit->failure.message, message);
}
