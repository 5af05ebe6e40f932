/* SPDX-License-Identifier: Apache-2.0 */
/* Run reports built by hand: one of every verdict, with texts that mean harm. */
#ifndef SHOPPER_TESTS_REPORT_FIXTURE_H
#define SHOPPER_TESTS_REPORT_FIXTURE_H

#include "report/writer.h"

enum fixture_run {
    RUN_PASSED,      /* checkout [desktop]: a request, a pause, a good-bye */
    RUN_FAILED,      /* checkout [iphone]: no price; skipped steps; an undo that failed; residue */
    RUN_DEGRADED,    /* browse [desktop]: slow after three attempts, an optional step failed */
    RUN_BLIND,       /* browse [iphone]: the fault is ours */
    RUN_INTERRUPTED, /* browse [tablet]: nothing was walked */
    FIXTURE_RUN_COUNT
};

struct fixture {
    struct source *checkout_file, *browse_file;
    struct journey *checkout, *browse;
    struct run_report *runs[FIXTURE_RUN_COUNT];
};

/* For cmocka's setup and teardown of one test: *state is a struct fixture *. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Writes all runs of the fixture, or one of them. */
void fixture_write_all(const struct fixture *fixture, enum report_format format, struct buf *out);
void fixture_write_one(const struct fixture *fixture, enum fixture_run run,
                       enum report_format format, struct buf *out);
/* An invocation that ran nothing. */
void fixture_write_none(enum report_format format, struct buf *out);

extern const struct writer_options fixture_options;

#endif
