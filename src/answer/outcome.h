/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every way a step can end, and whose fault that is: one table from which the enum, the reports,
 * the metrics and the reference pages are made.
 */
#ifndef SHOPPER_ANSWER_OUTCOME_H
#define SHOPPER_ANSWER_OUTCOME_H

#include "base/alloc.h"

#include <stdbool.h>

enum outcome_fault { FAULT_NONE, FAULT_SHOP, FAULT_WALL, FAULT_JOURNEY, FAULT_PROBER };

/* enum name, word in reports, fault, what a shopper meets (fits "shoppers ..."), what happened */
#define OUTCOME_KINDS(X)                                                                           \
    X(PASS, "pass", NONE, "can shop", "everything held")                                           \
    X(DNS, "dns", SHOP, "cannot find the shop", "no such name")                                    \
    X(CONNECT, "connect", SHOP, "cannot reach the shop", "refused or unreachable")                 \
    X(TLS, "tls", SHOP, "are warned off by their browser", "the TLS handshake failed")             \
    X(RESET, "reset", SHOP, "lose the connection", "the connection was closed mid-way")            \
    X(FREEZE, "freeze", SHOP, "wait for a page that froze",                                        \
      "no byte came for longer than `stall`")                                                      \
    X(TIMEOUT, "timeout", SHOP, "wait too long", "bytes flowed, but it was not done in time")      \
    X(PROTOCOL, "protocol", SHOP, "get a garbled answer",                                          \
      "not HTTP, broken framing, or a truncated or undecodable body")                              \
    X(HTTP, "http", SHOP, "get an error page", "a status that was not wanted")                     \
    X(REDIRECT, "redirect", SHOP, "are sent in circles",                                           \
      "a redirect loop, too many, or to a host that is not allowed")                               \
    X(TOO_LARGE, "too-large", SHOP, "get an endless page",                                         \
      "past the size limit, before or after decompression, or a page of more than we read")        \
    X(PRICE, "price", SHOP, "see no believable price", "a price check failed")                     \
    X(CART, "cart", SHOP, "lose their cart", "a cart check failed")                                \
    X(SESSION, "session", SHOP, "are signed out", "a session check failed")                        \
    X(CONTENT, "content", SHOP, "see the wrong page", "a check of the content failed")             \
    X(SLOW, "slow", SHOP, "wait longer than promised",                                             \
      "passed, but over a duration check or objective")                                            \
    X(BLOCKED, "blocked", WALL, "meet a wall",                                                     \
      "a bot wall, a captcha, a rate limit or a maintenance page")                                 \
    X(RESIDUE, "residue", JOURNEY, "leave something behind",                                       \
      "an undo or finally step failed: something may be left in the shop")                         \
    X(PROBER, "prober", PROBER, "cannot be judged from here",                                      \
      "out of descriptors or memory, no route, a dead resolver, or a stalled clock on our side")

enum outcome_kind {
#define X(name, word, fault, shoppers, help) OUTCOME_##name,
    OUTCOME_KINDS(X)
#undef X
        OUTCOME_KIND_COUNT
};

const char *outcome_word(enum outcome_kind kind);                            /* "too-large" */
bool outcome_find(const char *word, enum outcome_kind *ret_kind) MUST_CHECK; /* by its word */
const char *outcome_shoppers(enum outcome_kind kind); /* "see no believable price" */
const char *outcome_help(enum outcome_kind kind);
enum outcome_fault outcome_fault(enum outcome_kind kind);
const char *
outcome_fault_word(enum outcome_fault fault); /* "shop", "wall", "journey", "prober", "" */

enum verdict { VERDICT_PASS, VERDICT_DEGRADED, VERDICT_FAIL, VERDICT_UNKNOWN, VERDICT_SKIPPED };

const char *verdict_word(enum verdict verdict);
/* What a step that ended so means for its run. */
enum verdict outcome_verdict(enum outcome_kind kind);

#endif
