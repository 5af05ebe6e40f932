/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What shoppers can do now: each watched journey, each of its personas, each stage, by the latest
 * run that the store knows. What its report says of each step counts. Where no report is kept, the
 * run itself says where it failed: what it had passed on its way there held, and what lay behind
 * was not reached.
 */
#ifndef SHOPPER_SERVE_STATE_H
#define SHOPPER_SERVE_STATE_H

#include "serve/internal.h"

/* enum name, word in the API, what the page says of a shopper */
#define CONDITIONS(X)                                                                              \
    X(CAN, "pass", "can")                                                                          \
    X(SLOWLY, "degraded", "with trouble")                                                          \
    X(CANNOT, "fail", "cannot")                                                                    \
    X(NOT_REACHED, "not-reached", "not reached")                                                   \
    X(NOT_KNOWN, "unknown", "not known")                                                           \
    X(STALE, "stale", "no news")                                                                   \
    X(NO_RUN, "none", "no run yet")                                                                \
    X(NO_PART, "no-part", "not part of it")

enum condition {
#define X(name, word, says) CONDITION_##name,
    CONDITIONS(X)
#undef X
};
#define CONDITION_COUNT (CONDITION_NO_PART + 1)
const char *condition_word(enum condition condition);
const char *condition_says(enum condition condition);
enum condition condition_of(enum verdict verdict);

struct state_subject {
    const char *persona;         /* the journey's */
    const struct store_run *run; /* the latest, of the state's list; NULL: none */
    enum condition condition;    /* of the whole journey */
    enum verdict *seen;          /* of each of the journey's stages; owned; NULL: not known */
};

struct state_journey {
    struct journey *journey; /* held */
    int64_t next_us;
    char *paused; /* NULL */
    VEC(struct state_subject) subjects;
    VEC(const char *) stages; /* in order, each once; the journey's */
};

struct state {
    VEC(struct state_journey) journeys; /* by name */
    struct store_run_list runs;
};

/* `journey` NULL: all. False: the store cannot be read now; the journeys are there without runs,
 * and nothing is known of them. Release it either way. */
bool state_read(struct state *state, struct server *server, const char *journey,
                struct error *error) MUST_CHECK;
void state_release(struct state *state);
/* What the report of the subject's run says of each stage, into `seen`. */
void state_see_stages(const struct state_journey *journey, struct state_subject *subject);
enum condition state_stage(const struct state_journey *journey, const struct state_subject *subject,
                           const char *stage);

#endif
