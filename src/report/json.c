/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON format: everything that a report knows but the messages themselves (those are HAR's).
 * docs/report.schema.json describes it; change both together. The order of keys is fixed. Every
 * key is always there; null says that nothing is known or that it does not apply.
 */
#include "base/vec.h"
#include "report/formats.h"
#include "report/parts.h"
#include "report/printer.h"

#define JSON_FORMAT "mystery-shopper-report/1"

static const char *text_or_null(const char *text)
{
    return text && *text ? text : NULL;
}

static void write_place(struct printer *printer, const struct place *place)
{
    if (place->source) {
        printer_text(printer, "file", source_name(place->source));
        printer_integer(printer, "line", place->line);
        printer_integer(printer, "column", place->column);
        return;
    }
    printer_null(printer, "file");
    printer_null(printer, "line");
    printer_null(printer, "column");
}

static void write_timings(struct printer *printer, const struct step_report *step)
{
    if (!step->method) {
        printer_null(printer, "timings_ms");
        return;
    }
    printer_object(printer, "timings_ms");
    printer_ms(printer, "dns", step->timings.dns_us);
    printer_ms(printer, "connect", step->timings.connect_us);
    printer_ms(printer, "tls", step->timings.tls_us);
    printer_ms(printer, "first_byte", step->timings.first_byte_us);
    printer_ms(printer, "transfer", step->timings.transfer_us);
    printer_ms(printer, "total", step->timings.total_us);
    printer_object_end(printer);
}

static void write_request(struct printer *printer, const struct step_report *step)
{
    if (!step->method) {
        printer_null(printer, "request");
        return;
    }
    printer_object(printer, "request");
    printer_word(printer, "method", step->method);
    printer_text(printer, "url", step->url);
    printer_object_end(printer);
}

static void write_failure(struct printer *printer, const struct failure *failure)
{
    if (failure->kind == OUTCOME_PASS) {
        printer_null(printer, "failure");
        return;
    }
    printer_object(printer, "failure");
    printer_word(printer, "kind", outcome_word(failure->kind));
    printer_word(printer, "fault", outcome_fault_word(outcome_fault(failure->kind)));
    printer_text(printer, "message", failure->message ? failure->message : "");
    printer_text(printer, "detail", failure->detail);
    printer_text(printer, "expected", failure->expected);
    printer_text(printer, "actual", failure->actual);
    write_place(printer, &failure->place);
    printer_text(printer, "excerpt", failure->excerpt);
    printer_object_end(printer);
}

static void write_step(struct printer *printer, const struct step_report *step)
{
    printer_object(printer, NULL);
    printer_text(printer, "name", step->name);
    printer_text(printer, "stage", text_or_null(step->stage));
    printer_word(printer, "section", section_word(step->section));
    printer_word(printer, "verdict", verdict_word(step->verdict));
    printer_text(printer, "skipped", step->skipped);
    printer_bool(printer, "optional", step->optional);
    if (step->severity)
        printer_integer(printer, "severity", step->severity);
    else
        printer_null(printer, "severity");
    if (step->each_index)
        printer_integer(printer, "each_index", step->each_index);
    else
        printer_null(printer, "each_index");
    write_place(printer, &step->place);
    if (step->status)
        printer_integer(printer, "status", step->status);
    else
        printer_null(printer, "status");
    printer_integer(printer, "attempts", step->attempts);
    printer_ms(printer, "started_ms", step->started_us);
    printer_ms(printer, "duration_ms", step->duration_us);
    if (step->status)
        printer_integer(printer, "body_bytes", (int64_t)step->body_bytes);
    else
        printer_null(printer, "body_bytes");
    write_timings(printer, step);
    write_request(printer, step);
    write_failure(printer, &step->failure);
    printer_text(printer, "seen", step->seen);
    printer_object_end(printer);
}

static void write_run(struct printer *printer, const struct run_report *report)
{
    printer_object(printer, NULL);
    printer_text(printer, "journey", report->journey->name);
    printer_text(printer, "file", run_file(report));
    printer_text(printer, "persona", report->persona);
    printer_text(printer, "account", report->account);
    printer_text(printer, "base", report->base);
    printer_word(printer, "run_id", report->run_id);
    printer_word(printer, "trace_id", report->trace_id);
    printer_word(printer, "verdict", verdict_word(report->verdict));
    printer_time(printer, "started", report->started_wall_us);
    printer_ms(printer, "duration_ms", report->duration_us);
    printer_text(printer, "stopped", report->stopped);
    printer_array(printer, "residue");
    vec_each(residue, &report->residue) {
        printer_object(printer, NULL);
        printer_text(printer, "step", residue->step);
        printer_text(printer, "what", residue->what);
        printer_object_end(printer);
    }
    printer_array_end(printer);
    printer_array(printer, "steps");
    vec_each(step, &report->steps) write_step(printer, step);
    printer_array_end(printer);
    printer_object_end(printer);
}

static void write_summary(struct printer *printer, const struct tally *tally)
{
    printer_object(printer, "summary");
    printer_word(printer, "verdict", verdict_word(tally_verdict(tally)));
    printer_integer(printer, "runs", (int64_t)tally->runs);
    printer_integer(printer, "passed", (int64_t)tally->by_verdict[VERDICT_PASS]);
    printer_integer(printer, "degraded", (int64_t)tally->by_verdict[VERDICT_DEGRADED]);
    printer_integer(printer, "failed", (int64_t)tally->by_verdict[VERDICT_FAIL]);
    printer_integer(printer, "unknown", (int64_t)tally->by_verdict[VERDICT_UNKNOWN]);
    printer_object_end(printer);
}

void json_write(const struct report_set *reports, const struct writer_options *options,
                struct buf *out)
{
    struct printer printer = PRINTER_INIT(out);
    printer.redactor = options->redactor;
    struct tally tally = report_tally(reports);
    printer_object(&printer, NULL);
    printer_word(&printer, "format", JSON_FORMAT);
    printer_word(&printer, "version", options->version);
    if (tally.runs)
        printer_time(&printer, "started", tally.started_wall_us);
    else
        printer_null(&printer, "started");
    printer_ms(&printer, "duration_ms", tally.duration_us);
    write_summary(&printer, &tally);
    printer_array(&printer, "runs");
    for (size_t i = 0; i < reports->count; i++) write_run(&printer, reports->items[i]);
    printer_array_end(&printer);
    printer_object_end(&printer);
}
