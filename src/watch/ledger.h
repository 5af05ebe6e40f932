/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debts in the store: what runs may make is written there before their requests are sent, so that a
 * daemon that was killed pays after its restart (run/debt.h).
 */
#ifndef SHOPPER_WATCH_LEDGER_H
#define SHOPPER_WATCH_LEDGER_H

#include "run/debt.h"
#include "store/store.h"

struct loop;

#define LEDGER_CAPS_KEY "caps" /* of the counts of caps, in the store's state */

/* On `store`, which outlives it. */
struct ledger *ledger_new(struct store *store, struct loop *loop) MUST_CHECK;
void ledger_free(struct ledger *ledger); /* no ticket may be out */

#endif
