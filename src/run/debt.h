/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debts on paper: what it takes to undo what a run may have made, for a process that comes after
 * this one has died. A debt is one JSON object:
 *
 *   {"journey": "checkout", "file": "/etc/shopper/checkout.yaml", "persona": "desktop", "account":
 * 3, "base": "https://shop.example/", "step": "place the order", "side": 0, "run": "0193...",
 *    "variables": {"sku": "MUG-42"}, "created": {"order": "17"}, "cookies": "..."}
 *
 * It holds what the shop gave this shopper (cookies, captured values), so whoever keeps it keeps it
 * from other users. References stay references: no secret, account field or environment variable
 * is in it.
 */
#ifndef SHOPPER_RUN_DEBT_H
#define SHOPPER_RUN_DEBT_H

#include "base/view.h"

#define DEBT_MAX_BYTES ((size_t)1 << 20)

struct buf;
struct owed;
struct run;
struct ledger;
struct ledger_ticket;

/* Who remembers debts beyond the life of this process. */
struct ledger_operations {
    /* A request that may make something, or that a cap counts, waits until `written` is called, on
     * a later turn. `debt_id` NULL: it makes nothing. `caps` are all counts (run/caps.h); empty:
     * none changed. */
    struct ledger_ticket *(*note)(struct ledger *ledger, const char *debt_id, struct view debt,
                                  struct view caps, void (*written)(void *context), void *context);
    void (*cancel)(struct ledger_ticket *ticket); /* `written` is not called any more */
    void (*learn)(struct ledger *ledger, const char *debt_id, struct view debt); /* known better */
    /* Paid. `written` as of note(): what makes paying again impossible (logging out) waits for it.
     */
    struct ledger_ticket *(*settle)(struct ledger *ledger, const char *debt_id,
                                    void (*written)(void *context), void *context);
    /* It cannot be undone: residue, for a person to clean. */
    void (*give_up)(struct ledger *ledger, const char *debt_id, const char *why);
};

struct ledger {
    const struct ledger_operations *operations;
};

/* --- For the files of this floor */
void debt_print(const struct run *run, const struct owed *owed, struct buf *out);
/* Makes `run` owe what the debt says. False: the journey has no such step any more, or it is no
 * debt; `reason` says which. */
bool debt_restore(struct run *run, struct view debt, struct buf *reason);
int debt_account(struct view debt); /* the index of the account that it was made with; -1: none */

#endif
