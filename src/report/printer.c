/* SPDX-License-Identifier: Apache-2.0 */
/* See printer.h. Two columns of indentation, so that two reports can be compared line by line. */
#include "report/printer.h"

#include "base/clock.h"
#include "base/codec.h"
#include "report/parts.h"
#include "text/quantity.h"

#include <inttypes.h>

static void line_begin(struct printer *printer)
{
    buf_add_char(printer->out, '\n');
    for (unsigned i = 0; i < printer->depth; i++) buf_add_text(printer->out, "  ");
}

/* What stands in front of every value. */
static void value_begin(struct printer *printer, const char *key)
{
    if (printer->filled) buf_add_char(printer->out, ',');
    if (printer->depth) line_begin(printer);
    printer->filled = true;
    if (!key) return;
    buf_add_char(printer->out, '"');
    codec_add_json(printer->out, view_of(key));
    buf_add_text(printer->out, "\": ");
}

static void open_with(struct printer *printer, const char *key, char bracket)
{
    value_begin(printer, key);
    buf_add_char(printer->out, bracket);
    printer->depth++;
    printer->filled = false;
}

static void close_with(struct printer *printer, char bracket)
{
    ASSERT(printer->depth > 0);
    printer->depth--;
    if (printer->filled) line_begin(printer);
    buf_add_char(printer->out, bracket);
    printer->filled = true;
    if (!printer->depth) buf_add_char(printer->out, '\n');
}

void printer_object(struct printer *printer, const char *key)
{
    open_with(printer, key, '{');
}

void printer_object_end(struct printer *printer)
{
    close_with(printer, '}');
}

void printer_array(struct printer *printer, const char *key)
{
    open_with(printer, key, '[');
}

void printer_array_end(struct printer *printer)
{
    close_with(printer, ']');
}

void printer_text(struct printer *printer, const char *key, const char *text)
{
    if (text)
        printer_view(printer, key, view_of(text));
    else
        printer_null(printer, key);
}

static void add_string(struct printer *printer, const char *key, struct view text)
{
    value_begin(printer, key);
    buf_add_char(printer->out, '"');
    codec_add_json(printer->out, text);
    buf_add_char(printer->out, '"');
}

void printer_view(struct printer *printer, const char *key, struct view text)
{
    AUTO_BUF clean = BUF_INIT(BUF_OWN_CAP);
    if (printer->redactor && redact_add(printer->redactor, &clean, text)) text = buf_view(&clean);
    add_string(printer, key, text);
}

void printer_word(struct printer *printer, const char *key, const char *word)
{
    if (word)
        add_string(printer, key, view_of(word));
    else
        printer_null(printer, key);
}

void printer_integer(struct printer *printer, const char *key, int64_t number)
{
    value_begin(printer, key);
    buf_addf(printer->out, "%" PRId64, number);
}

void printer_number(struct printer *printer, const char *key, double number)
{
    value_begin(printer, key);
    buf_addf(printer->out, "%.10g", number);
}

void printer_bool(struct printer *printer, const char *key, bool truth)
{
    value_begin(printer, key);
    buf_add_text(printer->out, truth ? "true" : "false");
}

void printer_null(struct printer *printer, const char *key)
{
    value_begin(printer, key);
    buf_add_text(printer->out, "null");
}

void printer_ms(struct printer *printer, const char *key, int64_t us)
{
    value_begin(printer, key);
    quantity_print_ms(us, printer->out);
}

void printer_time(struct printer *printer, const char *key, int64_t wall_us)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(wall_us, text);
    printer_word(printer, key, text);
}
