/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of whole runs: an engine on fake time with a scripted shop. */
#ifndef SHOPPER_TESTS_RUN_FIXTURE_H
#define SHOPPER_TESTS_RUN_FIXTURE_H

#include "fake_client.h"
#include "run/run.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct clock_fake clock;
    struct loop *loop;
    struct fake_client fake;
    struct personas *personas;
    struct redactor *redactor;
    struct engine engine;
    struct run_report *reports[8];
    size_t report_count;
    struct run *started;
    struct run_options options; /* beside the journey */
    void *told;                 /* the test's own */
    int64_t stop_at_us, abort_at_us;
    struct timer stop, abort;
};

int run_fixture_set_up(void **state);
int run_fixture_tear_down(void **state); /* fails when a session is open or something is armed */

#define HEAD "journey: test\nbase: http://shop.test\ndeadline: 20s\nsteps:\n"

void fixture_done(void *context, struct run_report *report); /* a run_done */
struct journey *load(const char *text);
/* Adds to fixture->reports; the script goes on where it stands. */
void walk_journey(struct fixture *fixture, struct journey *journey);
/* The only run of a fixture, with this script. */
const struct run_report *walk(struct fixture *fixture, const char *text,
                              const struct fake_answer *script, size_t count);
#define WALK(text, ...)                                                                            \
    walk(fixture, text, (const struct fake_answer[]){__VA_ARGS__},                                 \
         sizeof((const struct fake_answer[]){__VA_ARGS__}) / sizeof(struct fake_answer))

void assert_verdict(const struct run_report *report, enum verdict verdict);
void assert_failure(const struct run_report *report, const char *step, const char *kind,
                    const char *message);

/* What was told before a run began. */
void fixture_told(const char *text);

#endif
