/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of one run: what the shopper met, step by step. The run fills it; once the run has
 * ended it is immutable, and whoever was handed it frees it.
 *
 * Texts in it are raw: every writer passes what it writes through a redactor.
 */
#ifndef SHOPPER_RUN_REPORT_H
#define SHOPPER_RUN_REPORT_H

#include "answer/message.h"
#include "answer/outcome.h"
#include "base/arena.h"
#include "base/id.h"
#include "journey/journey.h"

enum report_section { SECTION_STEPS, SECTION_UNDO, SECTION_FINALLY };

/* Why a step did not pass. */
struct failure {
    enum outcome_kind kind;  /* OUTCOME_PASS: it did */
    char *message;           /* one line: "the product page shows no believable price" */
    char *detail;            /* the engine's own words, when `message` is the author's; or NULL */
    char *expected, *actual; /* NULL where there is nothing to compare */
    struct place place;      /* in the journey file */
    char *excerpt;           /* of the answer, made visible; NULL */
};

struct step_report {
    const char *name, *stage; /* the journey's, or in `texts` of the report */
    enum report_section section;
    enum verdict verdict;
    bool optional;
    int severity;   /* the step's own override, or 0 */
    int each_index; /* counts from 1 in an `each`; 0: none */
    char *skipped;  /* why it was, or NULL */
    struct place place;
    long status;        /* of the last answer; 0: none */
    unsigned attempts;  /* requests sent, by `until` */
    int64_t started_us; /* since the run started */
    int64_t duration_us;
    struct timings timings;
    uint64_t body_bytes;
    int64_t certificate_ends_s; /* the first of the chain to end, since 1970; 0: no TLS */
    /* Of the last answer, for those who count in blackbox_exporter's terms. */
    int http_version; /* 11, 20; 0: not known */
    unsigned redirects;
    uint64_t wire_bytes;                       /* before decompression */
    char remote_address[MESSAGE_ADDRESS_SIZE]; /* "" */
    char tls_version[MESSAGE_PROTOCOL_SIZE];   /* "TLSv1.3"; "" */
    const char *method;                        /* the journey's; NULL: nothing was sent */
    char *url;                                 /* NULL, too */
    struct failure failure;
    /* What its answer showed people, as words: of a step that failed, and of all when the run was
     * asked to keep it; else NULL. */
    char *seen;
    struct message *message; /* kept as evidence when the run was asked to; else NULL */
};

/* What may be left behind in the shop. */
struct residue {
    char *step;
    char *what;     /* "order = 1234: undo failed: status 500" */
    bool in_ledger; /* it stays there until a person says that it is clean */
};

struct run_report {
    struct journey *journey; /* held */
    char *persona;
    char *account; /* a label such as "account 3", never a secret; NULL */
    char *base;    /* the shop's URL */
    char run_id[ID_UUID_SIZE];
    char trace_id[ID_TRACE_SIZE];
    enum verdict verdict;
    int64_t started_wall_us;
    int64_t duration_us;
    char *stopped; /* why the steps ended early other than by failure: "interrupted"; NULL */
    struct {
        struct step_report *items;
        size_t count, capacity;
    } steps; /* a VEC, in the order walked */
    struct {
        struct residue *items;
        size_t count, capacity;
    } residue; /* a VEC */
    struct arena texts;
};

void failure_release(struct failure *failure);
void run_report_free(struct run_report *report);
/* For the run itself: drops all step reports but the first `keep`. */
void run_report_forget_steps(struct run_report *report, size_t keep);
/* What was kept as evidence may be large, and is not needed once it was told. */
void run_report_forget_messages(struct run_report *report);
/* The step that decided a verdict other than pass: the first failing, unknown or degraded one;
 * NULL. */
const struct step_report *run_report_culprit(const struct run_report *report);

#endif
