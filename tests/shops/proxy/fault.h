/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong, for which requests, how often. A plain list, told in JSON; does no input or
 * output of its own. */
#ifndef PROXY_FAULT_H
#define PROXY_FAULT_H

#include "wire.h"

#include <stdint.h>

/* enum name, word in JSON */
#define FAULTS(X)                                                                                  \
    X(STATUS, "status")             /* answered here, not forwarded */                             \
    X(FREEZE, "freeze")             /* forwarded, never answered */                                \
    X(FREEZE_BODY, "freeze-body")   /* half of the body, then silence */                           \
    X(LOST_REPLY, "lost-reply")     /* forwarded, answered by the shop, closed without a byte */   \
    X(RESET, "reset")               /* connection reset, not forwarded */                          \
    X(DELAY, "delay")               /* the answer is held back */                                  \
    X(DRIP, "drip")                 /* the body comes in small pieces */                           \
    X(REPLACE, "replace")           /* something else stands in the body */                        \
    X(STRIP_HEADER, "strip-header") /* the shop does not see these fields of the request */

enum fault_kind {
#define X(name, word) FAULT_##name,
    FAULTS(X)
#undef X
        FAULT_KIND_COUNT
};

struct fault;

#define FAULTS_PER_REQUEST 8

/* The faults that one request meets; each is held until the plan is released. */
struct fault_plan {
    struct fault *faults[FAULTS_PER_REQUEST];
    size_t count;
};

struct fault_list {
    struct fault *first;
};

/* Adds what the JSON text says, one fault or a list of them: all or none. False: `ret_why` (static)
 * says what is wrong. */
bool fault_list_add(struct fault_list *list, const char *json, size_t bytes, const char **ret_why);
void fault_list_clear(struct fault_list *list);
char *fault_list_describe(const struct fault_list *list); /* JSON; the caller frees it */

/* Counts this request against every fault that it matches. */
void fault_plan_make(struct fault_plan *ret_plan, struct fault_list *list,
                     const struct request *request);
void fault_plan_release(struct fault_plan *plan);
/* The first of that kind, or NULL. */
const struct fault *fault_plan_find(const struct fault_plan *plan, enum fault_kind kind);

void fault_strip_headers(const struct fault_plan *plan, struct request *request);
void fault_replace(const struct fault_plan *plan, struct answer *answer);

/* Each is for its kind alone. */
int fault_status(const struct fault *fault);
const char *fault_text(const struct fault *fault); /* the body of STATUS */
int64_t fault_delay_us(const struct fault *fault); /* of DELAY; between two pieces of DRIP */
size_t fault_piece_bytes(const struct fault *fault);

#endif
