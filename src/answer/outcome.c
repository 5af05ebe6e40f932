/* SPDX-License-Identifier: Apache-2.0 */
/* See outcome.h. The table's words, and nothing that judges more than one step. */
#include "answer/outcome.h"

#include <string.h>

static const struct {
    const char *word, *shoppers, *help;
    enum outcome_fault fault;
} kinds[OUTCOME_KIND_COUNT] = {
#define X(name, word, fault, shoppers, help) {word, shoppers, help, FAULT_##fault},
    OUTCOME_KINDS(X)
#undef X
};

const char *outcome_word(enum outcome_kind kind)
{
    ASSERT(kind < OUTCOME_KIND_COUNT);
    return kinds[kind].word;
}

bool outcome_find(const char *word, enum outcome_kind *ret_kind)
{
    for (size_t i = 0; i < OUTCOME_KIND_COUNT; i++) {
        if (strcmp(kinds[i].word, word) != 0) continue;
        *ret_kind = (enum outcome_kind)i;
        return true;
    }
    return false;
}

const char *outcome_shoppers(enum outcome_kind kind)
{
    ASSERT(kind < OUTCOME_KIND_COUNT);
    return kinds[kind].shoppers;
}

const char *outcome_help(enum outcome_kind kind)
{
    ASSERT(kind < OUTCOME_KIND_COUNT);
    return kinds[kind].help;
}

enum outcome_fault outcome_fault(enum outcome_kind kind)
{
    ASSERT(kind < OUTCOME_KIND_COUNT);
    return kinds[kind].fault;
}

const char *outcome_fault_word(enum outcome_fault fault)
{
    switch (fault) {
    case FAULT_NONE: return "";
    case FAULT_SHOP: return "shop";
    case FAULT_WALL: return "wall";
    case FAULT_JOURNEY: return "journey";
    case FAULT_PROBER: return "prober";
    }
    return "";
}

const char *verdict_word(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS: return "pass";
    case VERDICT_DEGRADED: return "degraded";
    case VERDICT_FAIL: return "fail";
    case VERDICT_UNKNOWN: return "unknown";
    case VERDICT_SKIPPED: return "skipped";
    }
    return "";
}

enum verdict outcome_verdict(enum outcome_kind kind)
{
    if (kind == OUTCOME_SLOW) return VERDICT_DEGRADED;
    switch (outcome_fault(kind)) {
    case FAULT_NONE: return VERDICT_PASS;
    case FAULT_SHOP:
    case FAULT_WALL: return VERDICT_FAIL;
    /* What was left behind troubles the next run, not this shopper. */
    case FAULT_JOURNEY: return VERDICT_DEGRADED;
    case FAULT_PROBER: return VERDICT_UNKNOWN;
    }
    return VERDICT_UNKNOWN;
}
