/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP Archive 1.2 (ahmadnassri/har-spec): a page per run, an entry per request on the wire, with
 * bodies. Values of cookies and credentials are left out by name, whether or not they are secrets
 * of the journey. Where no message was kept an entry holds what the step's report knows.
 */
#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "report/formats.h"
#include "report/parts.h"
#include "report/printer.h"

#define UNKNOWN_SIZE (-1)

/* One request on the wire, and where it belongs. */
struct entry {
    const struct run_report *report;
    const struct step_report *step;
    const struct hop *hop;
    const struct message *message; /* NULL: this is not the last hop, or none was kept */
};

/* --- Parts of requests and answers */

static void write_headers(struct printer *printer, const struct headers *headers)
{
    printer_array(printer, "headers");
    vec_each(header, headers) {
        printer_object(printer, NULL);
        printer_text(printer, "name", header->name);
        printer_text(printer, "value",
                     header_is_private(header->name) ? PARTS_HIDDEN : header->value);
        printer_object_end(printer);
    }
    printer_array_end(printer);
}

static void write_cookie_pairs(struct printer *printer, struct view rest)
{
    struct view pair = VIEW_NONE;
    while (view_split(&rest, ';', &pair)) {
        struct view name = VIEW_NONE;
        (void)view_split(&pair, '=', &name);
        name = view_trim(name);
        if (!name.length) continue;
        printer_object(printer, NULL);
        printer_view(printer, "name", name);
        printer_word(printer, "value", PARTS_HIDDEN);
        printer_object_end(printer);
    }
}

static void write_request_cookies(struct printer *printer, const struct headers *headers)
{
    printer_array(printer, "cookies");
    vec_each(header, headers) {
        if (view_is_nocase(view_of(header->name), "Cookie"))
            write_cookie_pairs(printer, view_of(header->value));
    }
    printer_array_end(printer);
}

/* One Set-Cookie (RFC 6265, section 5.2), as far as HAR has a place for it. */
static void write_set_cookie(struct printer *printer, struct view rest)
{
    struct view pair = VIEW_NONE, name = VIEW_NONE, attribute = VIEW_NONE;
    struct view path = VIEW_NONE, domain = VIEW_NONE;
    bool secure = false, http_only = false;
    (void)view_split(&rest, ';', &pair);
    (void)view_split(&pair, '=', &name);
    while (view_split(&rest, ';', &attribute)) {
        struct view key = VIEW_NONE;
        (void)view_split(&attribute, '=', &key);
        key = view_trim(key);
        if (view_is_nocase(key, "Path"))
            path = view_trim(attribute);
        else if (view_is_nocase(key, "Domain"))
            domain = view_trim(attribute);
        else if (view_is_nocase(key, "Secure"))
            secure = true;
        else if (view_is_nocase(key, "HttpOnly"))
            http_only = true;
    }
    printer_object(printer, NULL);
    printer_view(printer, "name", view_trim(name));
    printer_word(printer, "value", PARTS_HIDDEN);
    if (path.length) printer_view(printer, "path", path);
    if (domain.length) printer_view(printer, "domain", domain);
    printer_bool(printer, "httpOnly", http_only);
    printer_bool(printer, "secure", secure);
    printer_object_end(printer);
}

static void write_response_cookies(struct printer *printer, const struct headers *headers)
{
    printer_array(printer, "cookies");
    vec_each(header, headers) {
        if (!view_is_nocase(view_of(header->name), "Set-Cookie")) continue;
        write_set_cookie(printer, view_of(header->value));
    }
    printer_array_end(printer);
}

static void write_decoded(struct printer *printer, const char *key, struct view text)
{
    AUTO_BUF decoded = BUF_INIT(BUF_OWN_CAP);
    if (codec_add_percent_decoded(&decoded, text, true)) {
        printer_view(printer, key, buf_view(&decoded));
    } else {
        printer_view(printer, key, text);
    }
}

static void write_query(struct printer *printer, const char *url)
{
    struct view rest = view_of(url), piece = VIEW_NONE, query = VIEW_NONE;
    (void)view_split(&rest, '#', &query);
    (void)view_split(&query, '?', &piece);
    printer_array(printer, "queryString");
    while (view_split(&query, '&', &piece)) {
        struct view name = VIEW_NONE;
        if (!piece.length) continue;
        (void)view_split(&piece, '=', &name);
        printer_object(printer, NULL);
        write_decoded(printer, "name", name);
        write_decoded(printer, "value", piece);
        printer_object_end(printer);
    }
    printer_array_end(printer);
}

/* Text as it is, anything else in base64 under the name that HAR gives the fact, or `_` and it. */
static void write_body(struct printer *printer, struct view body, const char *encoding_key)
{
    if (utf8_valid(body)) {
        printer_view(printer, "text", body);
        return;
    }
    AUTO_BUF encoded = BUF_INIT(BUF_OWN_CAP);
    codec_add_base64(&encoded, body);
    printer_view(printer, "text", buf_view(&encoded));
    printer_word(printer, encoding_key, "base64");
}

static const char *media_type(const struct headers *headers)
{
    const char *type = headers_get(headers, "Content-Type");
    return type ? type : "";
}

/* --- An entry */

static void write_request(struct printer *printer, const struct hop *hop)
{
    const struct headers *headers = hop_headers(hop);
    printer_object(printer, "request");
    printer_word(printer, "method", hop->method);
    printer_text(printer, "url", hop->url);
    printer_word(printer, "httpVersion", http_version_word(hop->http_version));
    write_request_cookies(printer, headers);
    write_headers(printer, headers);
    write_query(printer, hop->url);
    if (hop->request_body.length) {
        printer_object(printer, "postData");
        printer_text(printer, "mimeType", media_type(headers));
        write_body(printer, hop->request_body, "_encoding");
        printer_object_end(printer);
    }
    printer_integer(printer, "headersSize", UNKNOWN_SIZE);
    printer_integer(printer, "bodySize", (int64_t)hop->request_body.length);
    printer_object_end(printer);
}

static void write_content(struct printer *printer, const struct entry *entry)
{
    printer_object(printer, "content");
    if (entry->message) {
        struct view body = buf_view(&entry->message->body);
        printer_integer(printer, "size", (int64_t)body.length);
        printer_text(printer, "mimeType", media_type(&entry->hop->response_headers));
        write_body(printer, body, "encoding");
    } else {
        bool last = !entry->step->message;
        printer_integer(printer, "size", last ? (int64_t)entry->step->body_bytes : 0);
        printer_text(printer, "mimeType", media_type(&entry->hop->response_headers));
    }
    printer_object_end(printer);
}

static void write_response(struct printer *printer, const struct entry *entry)
{
    const struct hop *hop = entry->hop;
    const char *location = headers_get(&hop->response_headers, "Location");
    printer_object(printer, "response");
    printer_integer(printer, "status", hop->status);
    printer_word(printer, "statusText", "");
    printer_word(printer, "httpVersion", http_version_word(hop->http_version));
    write_response_cookies(printer, &hop->response_headers);
    write_headers(printer, &hop->response_headers);
    write_content(printer, entry);
    printer_text(printer, "redirectURL", location ? location : "");
    printer_integer(printer, "headersSize", UNKNOWN_SIZE);
    printer_integer(printer, "bodySize",
                    entry->message ? (int64_t)entry->message->wire_bytes : UNKNOWN_SIZE);
    printer_object_end(printer);
}

static int64_t not_negative(int64_t us)
{
    return us > 0 ? us : 0;
}

static void write_optional_ms(struct printer *printer, const char *key, int64_t us)
{
    if (us > 0)
        printer_ms(printer, key, us);
    else
        printer_integer(printer, key, -1);
}

/* HAR counts the handshake as part of `connect` and repeats it as `ssl`. */
static int64_t connect_us(const struct timings *timings)
{
    return not_negative(timings->connect_us) + not_negative(timings->tls_us);
}

/* Of an exchange that was given up its phases say little: what they do not name was spent waiting,
 * for the rest of an answer that had begun, or else for its first byte. */
static struct timings whole_timings(const struct hop *hop)
{
    struct timings timings = hop->timings;
    timings.first_byte_us = not_negative(timings.first_byte_us);
    timings.transfer_us = not_negative(timings.transfer_us);
    int64_t named_us = not_negative(timings.dns_us) + connect_us(&timings) + timings.first_byte_us +
                       timings.transfer_us;
    int64_t rest_us = not_negative(timings.total_us - named_us);
    *(hop->status ? &timings.transfer_us : &timings.first_byte_us) += rest_us;
    timings.total_us = named_us + rest_us;
    return timings;
}

static void write_timings(struct printer *printer, const struct timings *timings)
{
    printer_object(printer, "timings");
    printer_integer(printer, "blocked", -1);
    write_optional_ms(printer, "dns", timings->dns_us);
    write_optional_ms(printer, "connect", connect_us(timings));
    printer_integer(printer, "send", 0);
    printer_ms(printer, "wait", timings->first_byte_us);
    printer_ms(printer, "receive", timings->transfer_us);
    write_optional_ms(printer, "ssl", timings->tls_us);
    printer_object_end(printer);
}

static void write_entry(struct printer *printer, const struct entry *entry)
{
    const struct hop *hop = entry->hop;
    const struct timings timings = whole_timings(hop);
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    add_step_name(&name, entry->step);
    printer_object(printer, NULL);
    printer_word(printer, "pageref", entry->report->run_id);
    printer_time(printer, "startedDateTime", hop->started_wall_us);
    printer_ms(printer, "time", timings.total_us);
    write_request(printer, hop);
    write_response(printer, entry);
    printer_object(printer, "cache");
    printer_object_end(printer);
    write_timings(printer, &timings);
    if (*hop->remote_address) printer_word(printer, "serverIPAddress", hop->remote_address);
    printer_view(printer, "_step", buf_view(&name));
    printer_word(printer, "_traceId", entry->report->trace_id);
    printer_word(printer, "_verdict", verdict_word(entry->step->verdict));
    printer_object_end(printer);
}

/* What is known of a request whose message was not kept. */
static void write_bare_entry(struct printer *printer, const struct run_report *report,
                             const struct step_report *step)
{
    AUTO_FREE char *method = xstrdup(step->method);
    const struct hop hop = {
        .method = method,
        .url = step->url,
        .status = step->status,
        .started_wall_us = report->started_wall_us + step->started_us,
        .timings = step->timings,
    };
    write_entry(printer, &(struct entry){.report = report, .step = step, .hop = &hop});
}

static void write_step(struct printer *printer, const struct run_report *report,
                       const struct step_report *step)
{
    if (!step->method) return;
    if (!step->message || !step->message->hops.count) {
        write_bare_entry(printer, report, step);
        return;
    }
    vec_each(hop, &step->message->hops) {
        bool last = hop == vec_last(&step->message->hops);
        write_entry(printer, &(struct entry){.report = report,
                                             .step = step,
                                             .hop = hop,
                                             .message = last ? step->message : NULL});
    }
}

static void write_page(struct printer *printer, const struct run_report *report)
{
    AUTO_BUF title = BUF_INIT(BUF_OWN_CAP);
    add_run_name(&title, report);
    printer_object(printer, NULL);
    printer_time(printer, "startedDateTime", report->started_wall_us);
    printer_word(printer, "id", report->run_id);
    printer_view(printer, "title", buf_view(&title));
    printer_object(printer, "pageTimings");
    printer_integer(printer, "onContentLoad", -1);
    printer_ms(printer, "onLoad", report->duration_us);
    printer_object_end(printer);
    printer_word(printer, "_traceId", report->trace_id);
    printer_word(printer, "_verdict", verdict_word(report->verdict));
    printer_object_end(printer);
}

void har_write(const struct report_set *reports, const struct writer_options *options,
               struct buf *out)
{
    struct printer printer = PRINTER_INIT(out);
    printer.redactor = options->redactor;
    printer_object(&printer, NULL);
    printer_object(&printer, "log");
    printer_word(&printer, "version", "1.2");
    printer_object(&printer, "creator");
    printer_word(&printer, "name", "mystery-shopper");
    printer_word(&printer, "version", options->version ? options->version : "");
    printer_object_end(&printer);
    printer_array(&printer, "pages");
    for (size_t i = 0; i < reports->count; i++) write_page(&printer, reports->items[i]);
    printer_array_end(&printer);
    printer_array(&printer, "entries");
    for (size_t i = 0; i < reports->count; i++) {
        const struct run_report *report = reports->items[i];
        vec_each(step, &report->steps) write_step(&printer, report, step);
    }
    printer_array_end(&printer);
    printer_object_end(&printer);
    printer_object_end(&printer);
}
