/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a monitoring plugin says on standard output (monitoring-plugins.org, developer guidelines,
 * "Plugin Output for Nagios"): one line with the state, performance data behind a '|', then the
 * long output. It is collected here piece by piece and printed once; where room is short the long
 * output gives way first. The whole stays below what Nagios reads (8 KB).
 *
 * Texts may hold anything: control characters become visible, '|' becomes '¦', and '<', '>' and '&'
 * become '‹', '›' and '＆'. The caller redacts.
 */
#ifndef SHOPPER_REPORT_NAGIOS_H
#define SHOPPER_REPORT_NAGIOS_H

#include "base/buf.h"
#include "report/range.h"
#include "run/report.h"

#include <stdbool.h>
#include <stdint.h>

/* The values are the exit codes. */
enum nagios_state { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };

const char *nagios_word(enum nagios_state state); /* "WARNING" */
/* By its word, in any case. */
bool nagios_find(struct view word, enum nagios_state *ret_state) MUST_CHECK;
/* The worse of two: OK, UNKNOWN, WARNING, CRITICAL. */
enum nagios_state nagios_worse(enum nagios_state a, enum nagios_state b);
/* degraded: WARNING, fail: CRITICAL. */
enum nagios_state nagios_of_verdict(enum verdict verdict);

#define NAGIOS_OUTPUT_BYTES ((size_t)8191) /* of all, the last line break included */
#define NAGIOS_TEXT_BYTES ((size_t)400)    /* of the first line's text */
#define NAGIOS_DATA_BYTES ((size_t)5200)   /* of the performance data */

#define NAGIOS_UNMEASURED INT64_C(-1)

struct nagios_datum;

struct nagios_output {
    enum nagios_state state;
    struct buf text, details; /* raw; lines of `details` end with '\n' */
    struct {
        struct nagios_datum *items;
        size_t count, capacity;
    } data; /* a VEC, the most important first */
};

void nagios_init(struct nagios_output *output);
void nagios_release(struct nagios_output *output);

/*
 * Adds a measurement in seconds; NAGIOS_UNMEASURED is printed as "U", so that graphs keep their
 * lines. Which measurements find room depends on all but their values. `part` is what of `name` was
 * measured ("dns") or NULL. Labels are made to differ in their first 19 characters, by which some
 * tools tell them apart. Ranges may be NULL; `most_us` 0: there is no maximum. What exceeds it is
 * shown as that.
 */
void nagios_measure(struct nagios_output *output, const char *name, const char *part, int64_t us,
                    const struct range *warning, const struct range *critical, int64_t most_us);
void nagios_print(const struct nagios_output *output, struct buf *out);

#endif
