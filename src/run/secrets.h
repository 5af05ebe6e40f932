/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets and accounts: from references to bytes. Everything resolved is made known to the redactor
 * before it is handed on.
 */
#ifndef SHOPPER_RUN_SECRETS_H
#define SHOPPER_RUN_SECRETS_H

#include "base/redact.h"
#include "journey/journey.h"
#include "run/variables.h"

#define SECRET_MAX_BYTES ((size_t)64 << 10)

/*
 * Sets secret.NAME for the journey and all that it uses, and env.NAME for every variable that it
 * reads. False: one cannot be had, and `diags` says which. A trailing line feed of a file is not
 * part of the secret.
 */
bool secrets_resolve(const struct journey *journey, struct variables *variables,
                     struct redactor *redactor, struct diags *diags) MUST_CHECK;

/* One secret; `beside` is the file whose directory a relative path is taken from. */
bool secret_read(const struct secret_spec *spec, const char *beside, struct buf *out,
                 struct error *error) MUST_CHECK;

/* One account's fields, resolved. */
struct account {
    struct {
        char *name, *value;
    } * fields;
    size_t field_count;
};

struct account_list {
    struct account *items;
    size_t count, capacity; /* a VEC */
};

bool accounts_resolve(const struct journey *journey, struct account_list *ret_accounts,
                      struct redactor *redactor, struct diags *diags) MUST_CHECK;
void account_list_release(struct account_list *accounts);
/* Whether a file's accounts have every ${account.FIELD}; says so of those that are missing. */
bool accounts_have_fields(const struct journey *journey, const struct account_list *accounts,
                          struct diags *diags) MUST_CHECK;
/* What a run would find wrong with the file of accounts, if there is one that can be read. */
void accounts_check(const struct journey *journey, struct diags *diags);

#endif
