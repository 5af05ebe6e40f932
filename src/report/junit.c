/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JUnit XML in the dialect that CI servers share (there is no standard): a suite per run, a test
 * case per step. The shop's faults are failures, our own are errors, unreached steps are skipped.
 * Whatever no step tells gets a case of its own, so that nothing unknown looks green.
 */
#include "base/clock.h"
#include "base/codec.h"
#include "base/map.h"
#include "base/vec.h"
#include "report/formats.h"
#include "report/parts.h"

#include <inttypes.h>

/* Readers drop a case whose name is taken within its class: names already given, with counts. */
struct suite {
    const struct run_report *report;
    bool shared; /* other runs of this journey are in the set: names bear the persona */
    struct map names;
    struct buf *out;
};

struct counts {
    size_t cases, failures, errors, skipped;
};

static void count_steps(const struct run_report *report, struct counts *counts)
{
    vec_each(step, &report->steps) {
        counts->cases++;
        counts->failures += step->verdict == VERDICT_FAIL;
        counts->errors += step->verdict == VERDICT_UNKNOWN;
        counts->skipped += step->verdict == VERDICT_SKIPPED;
    }
    if (!run_ended_untold(report)) return;
    counts->cases++;
    counts->failures += report->verdict == VERDICT_FAIL;
    counts->errors += report->verdict == VERDICT_UNKNOWN;
}

static void add_attribute(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, " %s=\"", name);
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, view_of(value));
    codec_add_xml(out, buf_view(&visible));
    buf_add_char(out, '"');
}

static void add_counts(struct buf *out, const struct counts *counts, int64_t duration_us)
{
    buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"",
             counts->cases, counts->failures, counts->errors, counts->skipped);
    add_seconds(out, duration_us);
    buf_add_char(out, '"');
}

static void add_line(struct buf *out, const char *label, const char *text)
{
    if (!text) return;
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, view_of(text));
    buf_addf(out, "%s", label);
    codec_add_xml(out, buf_view(&visible));
    buf_add_char(out, '\n');
}

/* What stands inside <failure>, <error> or <system-out>: the place, then what is known. */
static void add_story(struct buf *out, const struct step_report *step)
{
    const struct failure *failure = &step->failure;
    char place[PLACE_TEXT_SIZE];
    place_print(failure->place, place);
    add_line(out, "at: ", *place ? place : NULL);
    add_line(out, "message: ", failure->message);
    add_line(out, "because: ", failure->detail);
    add_line(out, "expected: ", failure->expected);
    add_line(out, "actual: ", failure->actual);
    if (step->method) {
        AUTO_BUF request = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&request, "%s ", step->method);
        buf_add_text(&request, step->url);
        add_line(out, "request: ", buf_text(&request));
    }
    if (step->status) buf_addf(out, "status: %ld\n", step->status);
    add_line(out, "excerpt: ", failure->excerpt);
}

static void add_result(struct buf *out, const char *element, const struct step_report *step)
{
    const struct failure *failure = &step->failure;
    buf_addf(out, "      <%s", element);
    add_attribute(out, "message", failure->message ? failure->message : "");
    add_attribute(out, "type", outcome_word(failure->kind));
    buf_add_char(out, '>');
    add_story(out, step);
    buf_addf(out, "</%s>\n", element);
}

static void open_case(struct suite *suite, const char *step_name, int64_t duration_us,
                      const struct place *place)
{
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&name, step_name);
    if (suite->shared) {
        buf_add_text(&name, " [");
        buf_add_text(&name, suite->report->persona);
        buf_add_char(&name, ']');
    }
    struct view key = buf_view(&name);
    uintptr_t times = (uintptr_t)map_get(&suite->names, key) + 1;
    map_set(&suite->names, key, (void *)times);
    if (times > 1) buf_addf(&name, " (%" PRIuPTR ")", times);
    buf_add_text(suite->out, "    <testcase");
    add_attribute(suite->out, "classname", suite->report->journey->name);
    add_attribute(suite->out, "name", buf_text(&name));
    add_attribute(suite->out, "file",
                  place->source ? source_name(place->source) : run_file(suite->report));
    if (place->line) buf_addf(suite->out, " line=\"%" PRIu32 "\"", place->line);
    buf_add_text(suite->out, " time=\"");
    add_seconds(suite->out, duration_us);
    buf_add_char(suite->out, '"');
}

static void write_case(struct suite *suite, const struct step_report *step)
{
    struct buf *out = suite->out;
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    add_step_name(&name, step);
    open_case(suite, buf_text(&name), step->duration_us, &step->place);
    if (step->verdict == VERDICT_PASS) {
        buf_add_text(out, "/>\n");
        return;
    }
    buf_add_text(out, ">\n");
    switch (step->verdict) {
    case VERDICT_PASS: break;
    case VERDICT_DEGRADED:
        buf_addf(out, "      <system-out>degraded: %s\n", outcome_word(step->failure.kind));
        add_story(out, step);
        buf_add_text(out, "</system-out>\n");
        break;
    case VERDICT_FAIL: add_result(out, "failure", step); break;
    case VERDICT_UNKNOWN: add_result(out, "error", step); break;
    case VERDICT_SKIPPED:
        buf_add_text(out, "      <skipped");
        add_attribute(out, "message", step->skipped ? step->skipped : "skipped");
        buf_add_text(out, "/>\n");
        break;
    }
    buf_add_text(out, "    </testcase>\n");
}

/* The run as a case, where no step tells how it ended. */
static void write_run_case(struct suite *suite)
{
    const char *element = suite->report->verdict == VERDICT_FAIL ? "failure" : "error";
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    add_run_reason(&reason, suite->report);
    open_case(suite, "the run itself", suite->report->duration_us, &PLACE_NOWHERE);
    buf_addf(suite->out, ">\n      <%s", element);
    add_attribute(suite->out, "message", buf_text(&reason));
    add_attribute(suite->out, "type", verdict_word(suite->report->verdict));
    buf_add_text(suite->out, "/>\n    </testcase>\n");
}

static void add_property(struct buf *out, const char *name, const char *value)
{
    if (!value) return;
    buf_add_text(out, "      <property");
    add_attribute(out, "name", name);
    add_attribute(out, "value", value);
    buf_add_text(out, "/>\n");
}

static void write_properties(const struct run_report *report, struct buf *out)
{
    buf_add_text(out, "    <properties>\n");
    add_property(out, "verdict", verdict_word(report->verdict));
    add_property(out, "persona", report->persona);
    add_property(out, "account", report->account);
    add_property(out, "base", report->base);
    add_property(out, "run_id", report->run_id);
    add_property(out, "trace_id", report->trace_id);
    add_property(out, "stopped", report->stopped);
    buf_add_text(out, "    </properties>\n");
}

static void write_residue(const struct run_report *report, struct buf *out)
{
    if (!report->residue.count) return;
    buf_add_text(out, "    <system-err>left behind in the shop:\n");
    vec_each(residue, &report->residue) {
        AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
        buf_add_text(&line, residue->step);
        buf_add_text(&line, ": ");
        buf_add_text(&line, residue->what);
        add_line(out, "- ", buf_text(&line));
    }
    buf_add_text(out, "</system-err>\n");
}

static void write_suite(struct suite *suite)
{
    const struct run_report *report = suite->report;
    struct buf *out = suite->out;
    struct counts counts = {0};
    char started[CLOCK_RFC3339_SIZE];
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    count_steps(report, &counts);
    clock_format_rfc3339(report->started_wall_us, started);
    add_run_name(&name, report);
    buf_add_text(out, "  <testsuite");
    add_attribute(out, "name", buf_text(&name));
    add_counts(out, &counts, report->duration_us);
    add_attribute(out, "timestamp", started);
    buf_add_text(out, ">\n");
    write_properties(report, out);
    vec_each(step, &report->steps) write_case(suite, step);
    if (run_ended_untold(report)) write_run_case(suite);
    write_residue(report, out);
    buf_add_text(out, "  </testsuite>\n");
}

static bool journey_is_shared(const struct report_set *reports, const struct run_report *report)
{
    for (size_t i = 0; i < reports->count; i++) {
        if (reports->items[i] == report) continue;
        if (view_is(view_of(reports->items[i]->journey->name), report->journey->name)) return true;
    }
    return false;
}

static void write_no_run(struct buf *out)
{
    buf_add_text(out,
                 "  <testsuite name=\"mystery-shopper\" tests=\"1\" failures=\"0\" errors=\"1\" "
                 "skipped=\"0\" time=\"0.000000\">\n"
                 "    <testcase classname=\"mystery-shopper\" name=\"any run\" time=\"0.000000\">\n"
                 "      <error message=\"no run: nothing was tried, so nothing is known\" "
                 "type=\"unknown\"/>\n"
                 "    </testcase>\n"
                 "  </testsuite>\n");
}

void junit_write(const struct report_set *reports, const struct writer_options *options,
                 struct buf *out)
{
    (void)options;
    struct counts counts = {0};
    struct tally tally = report_tally(reports);
    for (size_t i = 0; i < reports->count; i++) count_steps(reports->items[i], &counts);
    if (!reports->count) counts = (struct counts){.cases = 1, .errors = 1};
    buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    add_attribute(out, "name", "mystery-shopper");
    add_counts(out, &counts, tally.duration_us);
    buf_add_text(out, ">\n");
    for (size_t i = 0; i < reports->count; i++) {
        struct suite suite = {.report = reports->items[i],
                              .shared = journey_is_shared(reports, reports->items[i]),
                              .names = MAP_INIT(NULL),
                              .out = out};
        write_suite(&suite);
        map_release(&suite.names);
    }
    if (!reports->count) write_no_run(out);
    buf_add_text(out, "</testsuites>\n");
}
