/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pools of shop accounts: each run leases one, because two shoppers in one account break each
 * other. Journeys that name the same CSV file share its pool.
 */
#ifndef SHOPPER_RUN_ACCOUNTS_H
#define SHOPPER_RUN_ACCOUNTS_H

#include "run/engine.h"
#include "run/secrets.h"

struct accounts;

/* A run's place in the pool: embedded in the run. */
struct lease {
    struct accounts *pool;         /* NULL: nothing leased, nothing waited for */
    const struct account *account; /* NULL while waiting */
    size_t index;                  /* of the account, from 0 */
    void (*leased)(void *context); /* called when a waiting lease got its account, from another
                                      run's release */
    void *context;
    struct lease *next;
};

/* The pool of the journey, made on first use. NULL: it cannot be had, `diags` says why. */
struct accounts *accounts_of(struct engine *engine, const struct journey *journey,
                             struct diags *diags) MUST_CHECK;
void accounts_doubt(struct accounts *accounts); /* a list that changed is a new pool */
void accounts_free(void *accounts);             /* when the last lease is released */
/* True: leased now. False: queued, first come first served. */
bool accounts_lease(struct accounts *accounts, struct lease *lease);
/* Gives the account on to whoever waits, or leaves the queue. */
void lease_release(struct lease *lease);
/* Sets account.FIELD for an account that is not leased; an index past the end sets nothing. */
void accounts_set_variables(const struct accounts *accounts, int index,
                            struct variables *variables);
/* Sets account.FIELD for the leased account. */
void lease_set_variables(const struct lease *lease, struct variables *variables);

#endif
