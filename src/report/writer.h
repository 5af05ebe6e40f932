/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports for people and machines: each format is one file behind one interface. A writer gets
 * finished reports one after the other and adds text to a buffer. What the shop and the author said
 * is redacted before it is put in, so that no secret can break the format around it.
 *
 * Writers are pure: they open no file and ask no clock.
 */
#ifndef SHOPPER_REPORT_WRITER_H
#define SHOPPER_REPORT_WRITER_H

#include "base/buf.h"
#include "base/redact.h"
#include "run/report.h"

#include <stdbool.h>
#include <stddef.h>

struct writer_options {
    bool color;
    int verbosity;       /* 0: failures in full, passes in a line; 1: every step; 2: every step with
                            phases; 3: headers too */
    bool quiet;          /* text: nothing of what passed */
    const char *again;   /* text: a template of the command that runs one thing again, e.g. "shopper
                            run"; NULL */
    const char *version; /* of this program */
    const struct redactor *redactor; /* knows what no report may hold; NULL: nothing is hidden.
                                        text_write_run() and its like leave it to the caller, but
                                        for what they break into rows */
    unsigned columns; /* text: waterfalls and notes are no wider than this; 0: as wide as they like
                       */
};

/* All reports of one invocation, in the order in which they ended. */
struct report_set {
    const struct run_report *const *items;
    size_t count;
};

/* enum name, word on the command line, usual file ending, help */
#define REPORT_FORMATS(X)                                                                          \
    X(TEXT, "text", ".txt", "for people, as on a terminal")                                        \
    X(JSON, "json", ".json", "every detail; its JSON Schema is docs/report.schema.json")           \
    X(JUNIT, "junit", ".xml", "JUnit XML, as CI servers read it")                                  \
    X(TAP, "tap", ".tap", "Test Anything Protocol, version 13")                                    \
    X(HAR, "har", ".har", "HTTP Archive 1.2, for a browser's developer tools")

enum report_format {
#define X(name, word, ending, help) REPORT_##name,
    REPORT_FORMATS(X)
#undef X
        REPORT_FORMAT_COUNT
};

const char *report_format_word(enum report_format format);
const char *report_format_help(enum report_format format);
bool report_format_find(const char *word, enum report_format *ret_format);
void report_write(enum report_format format, const struct report_set *reports,
                  const struct writer_options *options, struct buf *out);

/* text.c: the parts that `shopper run` prints as runs end and at the very end. */
void text_write_run(const struct run_report *report, const struct writer_options *options,
                    struct buf *out);
void text_write_summary(const struct report_set *reports, const struct writer_options *options,
                        struct buf *out);

#endif
