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
#include "text/quantity.h"

#include <inttypes.h>

/* Readers drop a case whose name is taken within its class: names already given, with counts. */
struct suite {
    const struct run_report *report;
    bool shared; /* other runs of this journey are in the set: names bear the persona */
    struct map names;
    const struct pen *pen;
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

static void add_attribute(const struct pen *pen, const char *name, const char *value)
{
    buf_addf(pen->out, " %s=\"", name);
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    add_foreign(pen, value, &visible);
    codec_add_xml(pen->out, buf_view(&visible));
    buf_add_char(pen->out, '"');
}

/* One of our own words: a secret that is spelt alike does not change it. */
static void add_word(const struct pen *pen, const char *name, const char *word)
{
    add_attribute(&(struct pen){.out = pen->out}, name, word);
}

static void add_counts(struct buf *out, const struct counts *counts, int64_t duration_us)
{
    buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"",
             counts->cases, counts->failures, counts->errors, counts->skipped);
    quantity_print_seconds(duration_us, out);
    buf_add_char(out, '"');
}

static void add_line(const struct pen *pen, const char *label, const char *text)
{
    if (!text) return;
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    add_foreign(pen, text, &visible);
    buf_addf(pen->out, "%s", label);
    codec_add_xml(pen->out, buf_view(&visible));
    buf_add_char(pen->out, '\n');
}

/* What stands inside <failure>, <error> or <system-out>: the place, then what is known. */
static void add_story(const struct pen *pen, const struct step_report *step)
{
    const struct failure *failure = &step->failure;
    char place[PLACE_TEXT_SIZE];
    place_print(failure->place, place);
    add_line(pen, "at: ", *place ? place : NULL);
    add_line(pen, "message: ", failure->message);
    add_line(pen, "detail: ", failure->detail);
    add_line(pen, "expected: ", failure->expected);
    add_line(pen, "actual: ", failure->actual);
    if (step->method) {
        AUTO_BUF request = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&request, "%s ", step->method);
        buf_add_text(&request, step->url);
        add_line(pen, "request: ", buf_text(&request));
    }
    if (step->status) buf_addf(pen->out, "status: %ld\n", step->status);
    add_line(pen, "excerpt: ", failure->excerpt);
}

static void add_result(const struct pen *pen, const char *element, const struct step_report *step)
{
    const struct failure *failure = &step->failure;
    buf_addf(pen->out, "      <%s", element);
    add_attribute(pen, "message", failure->message ? failure->message : "");
    add_word(pen, "type", outcome_word(failure->kind));
    buf_add_char(pen->out, '>');
    add_story(pen, step);
    buf_addf(pen->out, "</%s>\n", element);
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
    buf_add_text(suite->pen->out, "    <testcase");
    add_attribute(suite->pen, "classname", suite->report->journey->name);
    add_attribute(suite->pen, "name", buf_text(&name));
    add_attribute(suite->pen, "file",
                  place->source ? source_name(place->source) : run_file(suite->report));
    if (place->line) buf_addf(suite->pen->out, " line=\"%" PRIu32 "\"", place->line);
    buf_add_text(suite->pen->out, " time=\"");
    quantity_print_seconds(duration_us, suite->pen->out);
    buf_add_char(suite->pen->out, '"');
}

static void write_case(struct suite *suite, const struct step_report *step)
{
    const struct pen *pen = suite->pen;
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    add_step_name(&name, step);
    open_case(suite, buf_text(&name), step->duration_us, &step->place);
    if (step->verdict == VERDICT_PASS) {
        buf_add_text(pen->out, "/>\n");
        return;
    }
    buf_add_text(pen->out, ">\n");
    switch (step->verdict) {
    case VERDICT_PASS: break;
    case VERDICT_DEGRADED:
        buf_addf(pen->out, "      <system-out>degraded: %s\n", outcome_word(step->failure.kind));
        add_story(pen, step);
        buf_add_text(pen->out, "</system-out>\n");
        break;
    case VERDICT_FAIL: add_result(pen, "failure", step); break;
    case VERDICT_UNKNOWN: add_result(pen, "error", step); break;
    case VERDICT_SKIPPED:
        buf_add_text(pen->out, "      <skipped");
        add_attribute(pen, "message", step->skipped ? step->skipped : "skipped");
        buf_add_text(pen->out, "/>\n");
        break;
    }
    buf_add_text(pen->out, "    </testcase>\n");
}

/* The run as a case, where no step tells how it ended. */
static void write_run_case(struct suite *suite)
{
    const char *element = suite->report->verdict == VERDICT_FAIL ? "failure" : "error";
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    add_run_reason(&reason, suite->report);
    open_case(suite, "the run itself", suite->report->duration_us, &PLACE_NOWHERE);
    buf_addf(suite->pen->out, ">\n      <%s", element);
    add_attribute(suite->pen, "message", buf_text(&reason));
    add_word(suite->pen, "type", verdict_word(suite->report->verdict));
    buf_add_text(suite->pen->out, "/>\n    </testcase>\n");
}

static void add_property(const struct pen *pen, const char *name, const char *value)
{
    if (!value) return;
    buf_add_text(pen->out, "      <property");
    add_word(pen, "name", name);
    add_attribute(pen, "value", value);
    buf_add_text(pen->out, "/>\n");
}

static void write_properties(const struct run_report *report, const struct pen *pen)
{
    const struct pen ours = {.out = pen->out};
    buf_add_text(pen->out, "    <properties>\n");
    add_property(&ours, "verdict", verdict_word(report->verdict));
    add_property(pen, "persona", report->persona);
    add_property(pen, "account", report->account);
    add_property(pen, "base", report->base);
    add_property(&ours, "run_id", report->run_id);
    add_property(&ours, "trace_id", report->trace_id);
    add_property(pen, "stopped", report->stopped);
    buf_add_text(pen->out, "    </properties>\n");
}

static void write_residue(const struct run_report *report, const struct pen *pen)
{
    if (!report->residue.count) return;
    buf_add_text(pen->out, "    <system-err>left behind in the shop:\n");
    vec_each(residue, &report->residue) {
        AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
        buf_add_text(&line, residue->step);
        buf_add_text(&line, ": ");
        buf_add_text(&line, residue->what);
        add_line(pen, "- ", buf_text(&line));
    }
    buf_add_text(pen->out, "</system-err>\n");
}

static void write_suite(struct suite *suite)
{
    const struct run_report *report = suite->report;
    const struct pen *pen = suite->pen;
    struct counts counts = {0};
    char started[CLOCK_RFC3339_SIZE];
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    count_steps(report, &counts);
    clock_format_rfc3339(report->started_wall_us, started);
    add_run_name(&name, report);
    buf_add_text(pen->out, "  <testsuite");
    add_attribute(pen, "name", buf_text(&name));
    add_counts(pen->out, &counts, report->duration_us);
    add_word(pen, "timestamp", started);
    buf_add_text(pen->out, ">\n");
    write_properties(report, pen);
    vec_each(step, &report->steps) write_case(suite, step);
    if (run_ended_untold(report)) write_run_case(suite);
    write_residue(report, pen);
    buf_add_text(pen->out, "  </testsuite>\n");
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
    const struct pen pen = {.out = out, .redactor = options->redactor};
    struct counts counts = {0};
    struct tally tally = report_tally(reports);
    for (size_t i = 0; i < reports->count; i++) count_steps(reports->items[i], &counts);
    if (!reports->count) counts = (struct counts){.cases = 1, .errors = 1};
    buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    add_word(&pen, "name", "mystery-shopper");
    add_counts(out, &counts, tally.duration_us);
    buf_add_text(out, ">\n");
    for (size_t i = 0; i < reports->count; i++) {
        struct suite suite = {.report = reports->items[i],
                              .shared = journey_is_shared(reports, reports->items[i]),
                              .names = MAP_INIT(NULL),
                              .pen = &pen};
        write_suite(&suite);
        map_release(&suite.names);
    }
    if (!reports->count) write_no_run(out);
    buf_add_text(out, "</testsuites>\n");
}
