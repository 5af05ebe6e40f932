/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics as text: Prometheus' text format 0.0.4, and OpenMetrics 1.0. One family after the other,
 * all samples of a family together; exemplars where OpenMetrics has them.
 */
#ifndef SHOPPER_SERVE_EXPOSITION_H
#define SHOPPER_SERVE_EXPOSITION_H

#include "base/buf.h"
#include "base/id.h"

#include <stdbool.h>
#include <stdint.h>

enum family_type { FAMILY_COUNTER, FAMILY_GAUGE, FAMILY_HISTOGRAM };

struct family {
    const char *name; /* a counter's without "_total" */
    enum family_type type;
    const char *help;
};

struct exposition {
    struct buf *out;
    bool open_metrics;
    const struct family *family;
};

/* Whether the Accept header likes OpenMetrics better than the older format. NULL: no header. */
bool exposition_wants_open_metrics(const char *accept);
const char *exposition_media_type(bool open_metrics);

void exposition_family(struct exposition *exposition, const struct family *family);
/* Name and value in turns, NULL-terminated; a value may be any text. */
typedef const char *const labels[];
void exposition_sample(struct exposition *exposition, labels names_and_values, double value);
void exposition_count(struct exposition *exposition, labels names_and_values, uint64_t value);
void exposition_end(struct exposition *exposition);

/* The buckets that OpenTelemetry's semantic conventions have for HTTP, and three for the patient.
 */
#define SPREAD_BOUNDS 17

struct exemplar {
    char trace_id[ID_TRACE_SIZE]; /* "": none */
    double value_s, time_s;
};

/* A histogram of durations with fixed bounds, and the latest trace of each bucket. */
struct spread {
    uint64_t counts[SPREAD_BOUNDS + 1]; /* the last one: above all bounds; not cumulated */
    double sum_s;
    struct exemplar exemplars[SPREAD_BOUNDS + 1];
};
/* `trace_id` NULL: no exemplar. */
void spread_add(struct spread *spread, int64_t duration_us, const char *trace_id, int64_t wall_us);
void exposition_spread(struct exposition *exposition, labels names_and_values,
                       const struct spread *spread);

#endif
