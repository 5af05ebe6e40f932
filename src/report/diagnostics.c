/* SPDX-License-Identifier: Apache-2.0 */
/* See diagnostics.h. Nothing is quoted from the files: a line with a fault may hold a secret. */
#include "report/diagnostics.h"

#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "report/printer.h"

#define FORMAT "mystery-shopper-diagnostics/1"
#define SARIF_SCHEMA                                                                               \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* Behind the last column; never beyond the line, which a value of several lines would be. */
static uint32_t end_column_of(const struct place *place)
{
    size_t columns = utf8_count(source_line(place->source, place->line));
    uint32_t end = place->column + place->length;
    if (end > columns + 1) end = (uint32_t)columns + 1;
    return end < place->column ? place->column : end;
}

static const char *level_word(enum diag_level level)
{
    return level == DIAG_ERROR ? "error" : "warning";
}

/* --- JSON */

static void write_diagnostic(struct printer *printer, const struct diag *diag)
{
    const struct place *place = &diag->place;
    printer_object(printer, NULL);
    printer_text(printer, "level", level_word(diag->level));
    printer_text(printer, "code", diag_code_text(diag->code));
    printer_text(printer, "message", diag->message);
    printer_text(printer, "hint", diag->hint);
    printer_text(printer, "file", place->source ? source_name(place->source) : NULL);
    if (place->source && place->line) {
        printer_integer(printer, "line", place->line);
        printer_integer(printer, "column", place->column);
        printer_integer(printer, "end_column", end_column_of(place));
    } else {
        printer_null(printer, "line");
        printer_null(printer, "column");
        printer_null(printer, "end_column");
    }
    printer_object_end(printer);
}

void diagnostics_write_json(const struct diags *diags, size_t journeys, struct buf *out)
{
    struct printer printer = PRINTER_INIT(out);
    printer_object(&printer, NULL);
    printer_text(&printer, "format", FORMAT);
    printer_integer(&printer, "journeys", (int64_t)journeys);
    printer_integer(&printer, "errors", (int64_t)diags->errors);
    printer_integer(&printer, "warnings", (int64_t)diags->warnings);
    printer_array(&printer, "diagnostics");
    vec_each(diag, diags) write_diagnostic(&printer, diag);
    printer_array_end(&printer);
    printer_object_end(&printer);
}

/* --- SARIF */

static void write_message(struct printer *printer, const char *key, const char *text,
                          const char *hint)
{
    AUTO_BUF whole = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&whole, "%s%s%s", text, hint ? ": " : "", hint ? hint : "");
    printer_object(printer, key);
    printer_text(printer, "text", buf_text(&whole));
    printer_object_end(printer);
}

static void write_rules(struct printer *printer)
{
    printer_array(printer, "rules");
    for (size_t i = 0; i < DIAG_CODE_COUNT; i++) {
        enum diag_code code = (enum diag_code)i;
        printer_object(printer, NULL);
        printer_text(printer, "id", diag_code_text(code));
        write_message(printer, "shortDescription", diag_code_help(code), NULL);
        write_message(printer, "help", diag_code_help(code), NULL);
        printer_object(printer, "defaultConfiguration");
        printer_text(printer, "level", level_word(diag_code_level(code)));
        printer_object_end(printer);
        printer_object_end(printer);
    }
    printer_array_end(printer);
}

/* A path as a URI reference (RFC 3986): each part encoded, an absolute one with its scheme. */
static void write_uri(struct printer *printer, const char *path)
{
    AUTO_BUF uri = BUF_INIT(BUF_OWN_CAP);
    struct view rest = view_of(path), part = VIEW_NONE;
    if (*path == '/') buf_add_text(&uri, "file://");
    for (bool first = true; view_split(&rest, '/', &part); first = false) {
        if (!first) buf_add_char(&uri, '/');
        codec_add_percent(&uri, part);
    }
    printer_text(printer, "uri", buf_text(&uri));
}

static void write_location(struct printer *printer, const struct place *place)
{
    printer_object(printer, NULL);
    printer_object(printer, "physicalLocation");
    printer_object(printer, "artifactLocation");
    write_uri(printer, source_name(place->source));
    printer_object_end(printer);
    if (place->line) {
        printer_object(printer, "region");
        printer_integer(printer, "startLine", place->line);
        printer_integer(printer, "startColumn", place->column);
        printer_integer(printer, "endLine", place->line);
        printer_integer(printer, "endColumn", end_column_of(place));
        printer_object_end(printer);
    }
    printer_object_end(printer);
    printer_object_end(printer);
}

static void write_result(struct printer *printer, const struct diag *diag)
{
    printer_object(printer, NULL);
    printer_text(printer, "ruleId", diag_code_text(diag->code));
    printer_integer(printer, "ruleIndex", (int64_t)diag->code);
    printer_text(printer, "level", level_word(diag->level));
    write_message(printer, "message", diag->message, diag->hint);
    printer_array(printer, "locations");
    if (diag->place.source) write_location(printer, &diag->place);
    printer_array_end(printer);
    printer_object_end(printer);
}

static void write_tool(struct printer *printer)
{
    printer_object(printer, "tool");
    printer_object(printer, "driver");
    printer_text(printer, "name", "shopper");
    printer_text(printer, "fullName", "Mystery Shopper");
    printer_text(printer, "semanticVersion", SHOPPER_VERSION);
    write_rules(printer);
    printer_object_end(printer);
    printer_object_end(printer);
}

void diagnostics_write_sarif(const struct diags *diags, struct buf *out)
{
    struct printer printer = PRINTER_INIT(out);
    printer_object(&printer, NULL);
    printer_text(&printer, "$schema", SARIF_SCHEMA);
    printer_text(&printer, "version", "2.1.0");
    printer_array(&printer, "runs");
    printer_object(&printer, NULL);
    write_tool(&printer);
    printer_text(&printer, "columnKind", "unicodeCodePoints");
    printer_array(&printer, "results");
    vec_each(diag, diags) write_result(&printer, diag);
    printer_array_end(&printer);
    printer_object_end(&printer);
    printer_array_end(&printer);
    printer_object_end(&printer);
}
