/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A visit: what of a recording a shopper would do again, step by step, with its stage and name.
 * Assets, strangers' hosts, preflights, beacons and the hops of redirects are left out.
 */
#ifndef SHOPPER_IMPORT_VISIT_H
#define SHOPPER_IMPORT_VISIT_H

#include "base/error.h"
#include "import/origin.h"
#include "import/recording.h"

#define VISIT_MAX_STEPS 1000  /* that are looked at */
#define VISIT_MAX_WRITTEN 200 /* of a journey */

enum stage { STAGE_NONE, STAGE_LOGIN, STAGE_PRICE, STAGE_CART, STAGE_CHECKOUT };

struct import_capture {
    char *name, *value;   /* the value as it was recorded */
    struct origin origin; /* where the answer of the step has it */
    bool creates;         /* it names what the step made in the shop */
};

struct visit_step {
    const struct exchange *exchange; /* borrowed: the request */
    struct message *answer;          /* borrowed: of the last hop; NULL: none */
    const struct address *arrived;   /* where the last hop went; borrowed */
    unsigned redirects;
    bool has_page, has_json; /* of the last hop */
    enum stage stage;
    char *name;
    bool is_logout;
    bool no_follow;             /* redirects are not followed */
    struct visit_step *undo_of; /* it takes back what that one made; NULL */
    bool needed;                /* a later step uses what it answers */
    struct {
        struct import_capture *items;
        size_t count, capacity; /* a VEC */
    } captures;
};

struct visit {
    const struct exchange *home; /* the first page: its origin is the base */
    struct {
        struct visit_step *items;
        size_t count, capacity; /* a VEC */
    } steps;
    struct {
        const char **items;     /* borrowed: other hosts of the shop that it goes to */
        size_t count, capacity; /* a VEC */
    } hosts;
    size_t left_out; /* requests */
};

/* False: nothing is left, or too much; `error` says so. */
bool visit_choose(const struct recording *recording, struct visit *ret_visit,
                  struct error *error) MUST_CHECK;
/* By the words of its address alone (stage.c). */
enum stage stage_of_exchange(const struct exchange *exchange);
/* Stages and names (stage.c). */
void visit_recognise(struct visit *visit);
void visit_release(struct visit *visit);
const char *stage_word(enum stage stage); /* "login", ...; "" for none */

#endif
