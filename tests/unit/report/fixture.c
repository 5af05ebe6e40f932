/* SPDX-License-Identifier: Apache-2.0 */
/* See fixture.h. Journeys here are bare: a name, a path and a text to quote. */
#include "fixture.h"

#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000)
#define STARTED_US (INT64_C(1795415022) * 1000000 + 123456)

const struct writer_options fixture_options = {.again = "shopper run", .version = "0.1.0"};

static const char checkout_text[] =
    "journey: checkout\n"
    "steps:\n"
    "  - name: log in\n"
    "    post: /login\n"
    "  - name: see the price\n"
    "    get: /product/MUG-42\n"
    "    check:\n"
    "      - price: {css: \"[itemprop=price]\", currency: EUR, more_than: 0}\n"
    "        message: the product page shows no believable price\n"
    "  - name: check out\n"
    "    post: /checkout\n"
    "finally:\n"
    "  - name: log out\n"
    "    post: /logout\n";

static const char browse_text[] = "journey: browse\n"
                                  "steps:\n"
                                  "  - name: the cart survives\n"
                                  "\tcheck: [duration: {at_most: 1s}] # größer\n";

static const char failed_body[] = "<html>\x1b[2J<p>sold & gone ]]></p>\xff</html>";

static struct place place_at(const struct source *source, uint32_t line, uint32_t column,
                             uint32_t length)
{
    return (struct place){source, line, column, length};
}

static struct step_report *add_step(struct run_report *report, const char *name, const char *stage,
                                    int64_t started_us, int64_t duration_us)
{
    struct step_report *step = vec_add(&report->steps);
    step->name = name;
    step->stage = stage;
    step->started_us = started_us;
    step->duration_us = duration_us;
    step->failure.kind = OUTCOME_PASS;
    return step;
}

static void add_request(struct step_report *step, const char *method, const char *url, long status,
                        struct timings timings)
{
    step->method = method;
    step->url = xstrdup(url);
    step->status = status;
    step->attempts = 1;
    step->timings = timings;
    step->body_bytes = status ? 512 : 0;
}

static void add_skipped(struct run_report *report, const char *name, const char *stage,
                        const char *why, int64_t at_us)
{
    struct step_report *step = add_step(report, name, stage, at_us, 0);
    step->verdict = VERDICT_SKIPPED;
    step->skipped = xstrdup(why);
}

static void add_failure(struct step_report *step, enum outcome_kind kind, const char *message,
                        struct place place)
{
    step->verdict = outcome_verdict(kind);
    step->failure.kind = kind;
    step->failure.message = xstrdup(message);
    step->failure.place = place;
}

static struct run_report *new_run(struct journey *journey, const char *persona,
                                  enum verdict verdict, unsigned number)
{
    struct run_report *report = NEW(struct run_report);
    report->journey = journey;
    report->persona = xstrdup(persona);
    report->base = xstrdup("http://127.0.0.1:8080/");
    snprintf(report->run_id, sizeof(report->run_id), "019a0000-0000-7000-8000-%012u", number);
    snprintf(report->trace_id, sizeof(report->trace_id), "5e0bbe55%024u", number);
    report->verdict = verdict;
    report->started_wall_us = STARTED_US + number * 200 * MS;
    return report;
}

static struct run_report *passed_run(struct journey *journey)
{
    struct run_report *report = new_run(journey, "desktop", VERDICT_PASS, 1);
    report->duration_us = 1240 * MS;
    report->account = xstrdup("account 3");
    const struct timings cold = {1200, 400, 2 * MS, 30 * MS, 6 * MS + 5, 39605};
    const struct timings warm = {.first_byte_us = 12 * MS, .transfer_us = 500, .total_us = 12500};
    struct step_report *step = add_step(report, "log in", "login", 0, 40 * MS);
    add_request(step, "POST", "http://127.0.0.1:8080/login", 302, cold);
    step->place = place_at(journey->file, 3, 11, 6);
    add_step(report, "think", "", 40 * MS, 1 * 1000 * MS);
    step = add_step(report, "log out", "login", 1040 * MS, 200 * MS);
    step->section = SECTION_FINALLY;
    add_request(step, "POST", "http://127.0.0.1:8080/logout", 204, warm);
    return report;
}

static void add_hop(struct message *message, const char *method, const char *url, long status,
                    int64_t after_us)
{
    struct hop *hop = vec_add(&message->hops);
    hop->method = xstrdup(method);
    hop->url = xstrdup(url);
    hop->status = status;
    hop->http_version = 11;
    hop->started_wall_us = STARTED_US + after_us;
    hop->timings = (struct timings){.first_byte_us = 20 * MS, .transfer_us = 1500};
    snprintf(hop->remote_address, sizeof(hop->remote_address), "127.0.0.1");
}

static void add_header(struct headers *headers, const char *name, const char *value)
{
    headers_add(headers, view_of(name), view_of(value));
}

/* A redirect and the page behind it, with everything that must not be told. */
static struct message *evidence(void)
{
    struct message *message = message_new(1 << 16);
    message->status = 200;
    message->http_version = 11;
    message->wire_bytes = sizeof(failed_body) - 1;
    buf_add(&message->body, failed_body, sizeof(failed_body) - 1);
    add_hop(message, "POST", "http://127.0.0.1:8080/p?q=caf%C3%A9&x=1+2&empty=#top", 302, 450 * MS);
    add_hop(message, "GET", "http://127.0.0.1:8080/product/MUG-42", 200, 480 * MS);
    struct hop *first = &message->hops.items[0], *second = &message->hops.items[1];
    first->timings.dns_us = 1 * MS;
    first->timings.connect_us = 2 * MS;
    first->timings.tls_us = 4 * MS;
    first->request_copy = xstrdup("sku=MUG-42");
    first->request_body = view_of(first->request_copy);
    add_header(&first->request_headers, "Content-Type", "application/x-www-form-urlencoded");
    add_header(&first->request_headers, "authorization", "Bearer hush-token");
    add_header(&first->response_headers, "Location", "/product/MUG-42");
    add_header(&first->response_headers, "Set-Cookie",
               "sid=hush-cookie; Path=/; Domain=127.0.0.1; Secure; HttpOnly");
    add_header(&second->request_headers, "Cookie", "sid=hush-cookie; lang=hush-language");
    add_header(&second->response_headers, "Content-Type", "text/html; charset=utf-8");
    add_header(&second->response_headers, "X-Harm", "a\x1b[31mb");
    return message;
}

static struct run_report *failed_run(struct journey *journey)
{
    struct run_report *report = new_run(journey, "iphone", VERDICT_FAIL, 2);
    report->duration_us = 2100 * MS;
    struct step_report *step = add_step(report, "log in", "login", 0, 400 * MS);
    add_request(step, "POST", "http://127.0.0.1:8080/login", 302,
                (struct timings){90 * MS, 60 * MS, 90 * MS, 100 * MS, 60 * MS, 400 * MS});
    step = add_step(report, "see the price", "price-view", 450 * MS, 650 * MS);
    add_request(
        step, "GET", "http://127.0.0.1:8080/product/MUG-42", 200,
        (struct timings){.first_byte_us = 400 * MS, .transfer_us = 250 * MS, .total_us = 650 * MS});
    add_failure(step, OUTCOME_PRICE, "the product page shows no believable price",
                place_at(journey->file, 8, 9, 5));
    step->place = place_at(journey->file, 5, 11, 13);
    step->failure.detail = xstrdup("no element matches \"[itemprop=price]\"");
    step->failure.expected = xstrdup("more than 0 EUR");
    step->failure.actual = xstrdup("nothing\nat <all>");
    step->failure.excerpt = xstrdup("<html>\\x1b[2J<p>sold & gone ]]></p>\\xff</html>");
    step->message = evidence();
    add_skipped(report, "check out", "checkout", "not reached", 1100 * MS);
    step = add_step(report, "add to cart", "add-to-cart", 1100 * MS, 700 * MS);
    step->section = SECTION_UNDO;
    step->each_index = 2;
    add_request(step, "DELETE", "http://127.0.0.1:8080/api/cart/7", 0,
                (struct timings){.total_us = 700 * MS});
    add_failure(step, OUTCOME_FREEZE, "no byte came for 3 s", PLACE_NOWHERE);
    struct residue *residue = vec_add(&report->residue);
    residue->step = xstrdup("add to cart");
    residue->what = xstrdup("line = 7: undo failed: no byte came for 3 s\x1b[0m");
    return report;
}

static struct run_report *degraded_run(struct journey *journey)
{
    struct run_report *report = new_run(journey, "desktop", VERDICT_DEGRADED, 3);
    report->duration_us = 3000 * MS;
    struct step_report *step =
        add_step(report, "the cart survives a very long name indeed", "add-to-cart", 0, 2000 * MS);
    add_request(step, "GET", "http://127.0.0.1:8080/api/cart", 200,
                (struct timings){
                    .first_byte_us = 900 * MS, .transfer_us = 300 * MS, .total_us = 1200 * MS});
    step->attempts = 3;
    add_failure(step, OUTCOME_SLOW, "took 1.2 s", place_at(journey->file, 4, 10, 27));
    step->failure.expected = xstrdup("at most 1 s");
    step->failure.actual = xstrdup("1.2 s");
    step = add_step(report, "see the banner # of the day", "", 2000 * MS, 1000 * MS);
    step->optional = true;
    step->severity = 4;
    add_request(step, "GET", "http://127.0.0.1:8080/banner", 503,
                (struct timings){.first_byte_us = 1000 * MS, .total_us = 1000 * MS});
    add_failure(step, OUTCOME_HTTP, "status 503", place_at(journey->file, 3, 11, 17));
    return report;
}

static struct run_report *blind_run(struct journey *journey)
{
    struct run_report *report = new_run(journey, "iphone", VERDICT_UNKNOWN, 4);
    report->duration_us = 3 * MS;
    struct step_report *step = add_step(report, "the cart survives", "add-to-cart", 0, 3 * MS);
    add_request(step, "GET", "http://127.0.0.1:8080/api/cart", 0, (struct timings){0});
    add_failure(step, OUTCOME_PROBER, "no descriptors left", place_at(journey->file, 3, 11, 17));
    return report;
}

static struct run_report *interrupted_run(struct journey *journey)
{
    struct run_report *report = new_run(journey, "tablet", VERDICT_UNKNOWN, 5);
    report->stopped = xstrdup("interrupted");
    add_skipped(report, "the cart survives", "add-to-cart", "interrupted", 0);
    return report;
}

static struct journey *new_journey(struct source *file, const char *name)
{
    struct journey *journey = NEW(struct journey);
    journey->file = file;
    journey->name = xstrdup(name);
    journey->path = xstrdup(source_name(file));
    return journey;
}

static void journey_drop(struct journey *journey)
{
    free(journey->name);
    free(journey->path);
    free(journey);
}

int fixture_setup(void **state)
{
    struct fixture *fixture = NEW(struct fixture);
    fixture->checkout_file = source_new("journeys/checkout.yaml", view_of(checkout_text));
    fixture->browse_file = source_new("journeys/browse it.yaml", view_of(browse_text));
    fixture->checkout = new_journey(fixture->checkout_file, "checkout");
    fixture->browse = new_journey(fixture->browse_file, "browse");
    fixture->runs[RUN_PASSED] = passed_run(fixture->checkout);
    fixture->runs[RUN_FAILED] = failed_run(fixture->checkout);
    fixture->runs[RUN_DEGRADED] = degraded_run(fixture->browse);
    fixture->runs[RUN_BLIND] = blind_run(fixture->browse);
    fixture->runs[RUN_INTERRUPTED] = interrupted_run(fixture->browse);
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_RUN_COUNT; i++) {
        fixture->runs[i]->journey = NULL; /* not loaded: dropped below */
        run_report_free(fixture->runs[i]);
    }
    journey_drop(fixture->checkout);
    journey_drop(fixture->browse);
    source_free(fixture->checkout_file);
    source_free(fixture->browse_file);
    free(fixture);
    return 0;
}

static void write_runs(struct run_report *const *runs, size_t count, enum report_format format,
                       struct buf *out)
{
    const struct run_report *items[FIXTURE_RUN_COUNT];
    for (size_t i = 0; i < count; i++) items[i] = runs[i];
    const struct report_set reports = {items, count};
    report_write(format, &reports, &fixture_options, out);
}

void fixture_write_all(const struct fixture *fixture, enum report_format format, struct buf *out)
{
    write_runs(fixture->runs, FIXTURE_RUN_COUNT, format, out);
}

void fixture_write_one(const struct fixture *fixture, enum fixture_run run,
                       enum report_format format, struct buf *out)
{
    write_runs(&fixture->runs[run], 1, format, out);
}

void fixture_write_none(enum report_format format, struct buf *out)
{
    write_runs(NULL, 0, format, out);
}
