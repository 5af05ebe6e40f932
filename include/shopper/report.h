/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports: what a shopper met, step by step. A report is immutable and stands for itself: it
 * outlives its run, its journey and the engine. Secrets of the journey have been taken out of all
 * its texts, plain or encoded; apart from that texts are as they came, so make them visible before
 * you print them.
 */
#ifndef SHOPPER_REPORT_H
#define SHOPPER_REPORT_H

#include <shopper/version.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shopper_report;

enum shopper_verdict {
    SHOPPER_PASS,
    SHOPPER_DEGRADED, /* it could shop, but slowly, or with something left behind */
    SHOPPER_FAIL,     /* the shop failed it */
    SHOPPER_UNKNOWN,  /* the trouble is on our side, or nothing was walked */
    SHOPPER_SKIPPED   /* of a step only */
};

enum shopper_section { SHOPPER_STEPS, SHOPPER_UNDO, SHOPPER_FINALLY };

/* How long each phase took, in microseconds; 0 for a phase that did not happen. */
struct shopper_timings {
    int64_t dns_us, connect_us, tls_us, first_byte_us, transfer_us, total_us;
};

/* Why a step did not pass. NULL where there is nothing to say. */
struct shopper_failure {
    const char *kind;  /* as in shopper-journey(5): "price", "timeout", ... */
    const char *fault; /* whose: "shop", "wall", "journey" or "prober" */
    const char *message;
    const char *detail;            /* the engine's own words, when `message` is the author's */
    const char *expected, *actual; /* of a comparison */
    const char *excerpt;           /* of the answer */
    const char *file;              /* the place in the journey; NULL: none */
    unsigned line, column;         /* from 1; 0: none */
};

/* Read only, and good as long as the report is. */
struct shopper_step {
    const char *name, *stage; /* stage: "" when not said */
    enum shopper_section section;
    enum shopper_verdict verdict;
    bool optional;
    const char *skipped;      /* why it was; NULL: it was not */
    const char *method, *url; /* NULL: nothing was sent */
    unsigned attempts;        /* how often it was sent */
    int status;               /* of the last answer; 0: none */
    int64_t started_us;       /* since the run began */
    int64_t duration_us;
    uint64_t body_bytes;
    struct shopper_timings timings;
    const struct shopper_failure *failure; /* NULL: none */
};

SHOPPER_API void shopper_report_free(struct shopper_report *report);

SHOPPER_API enum shopper_verdict shopper_report_verdict(const struct shopper_report *report);
SHOPPER_API const char *shopper_verdict_word(enum shopper_verdict verdict); /* "degraded" */
SHOPPER_API const char *shopper_report_journey(const struct shopper_report *report);
SHOPPER_API const char *shopper_report_persona(const struct shopper_report *report);
SHOPPER_API const char *shopper_report_base(const struct shopper_report *report);
SHOPPER_API const char *shopper_report_run_id(const struct shopper_report *report); /* a UUID */
SHOPPER_API const char *shopper_report_trace_id(const struct shopper_report *report);
/* Microseconds since 1970, UTC, without leap seconds. */
SHOPPER_API int64_t shopper_report_started_us(const struct shopper_report *report);
SHOPPER_API int64_t shopper_report_duration_us(const struct shopper_report *report);
/* Why the steps ended early other than by a failure; NULL: they did not. */
SHOPPER_API const char *shopper_report_stopped(const struct shopper_report *report);

/* Steps in the order walked; NULL: there is no such one. */
SHOPPER_API size_t shopper_report_step_count(const struct shopper_report *report);
SHOPPER_API const struct shopper_step *shopper_report_step(const struct shopper_report *report,
                                                           size_t index);
/* The step that decided a verdict other than pass; NULL. */
SHOPPER_API const struct shopper_step *shopper_report_culprit(const struct shopper_report *report);
/* What may be left behind in the shop: "add to cart: line = 17: undo failed: status 500"; NULL past
 * the last. */
SHOPPER_API const char *shopper_report_residue(const struct shopper_report *report, size_t index);

/* The report as `shopper run --report json` writes it (one run in it), and as people read it on a
 * terminal. Written when first asked for, and good as long as the report is. */
SHOPPER_API const char *shopper_report_json(struct shopper_report *report);
SHOPPER_API const char *shopper_report_text(struct shopper_report *report);

#ifdef __cplusplus
}
#endif

#endif
