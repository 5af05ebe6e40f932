/* SPDX-License-Identifier: Apache-2.0 */
/* What must not be written: names that say so, and the values that stood under them. */
#ifndef SHOPPER_IMPORT_SECRET_H
#define SHOPPER_IMPORT_SECRET_H

#include "base/map.h"
#include "base/redact.h"
#include "import/visit.h"

#include <stdbool.h>

#define SECRETS_MAX_GUARDED 10000

struct secret {
    char *name;  /* used as ${secret.NAME} */
    char *value; /* wiped at the end */
};

struct secrets {
    struct secret *items;
    size_t count, capacity;    /* a VEC */
    struct map guarded;        /* values that the redactor knows, a set */
    bool overflowed;           /* more than SECRETS_MAX_GUARDED */
    struct redactor *redactor; /* of every value, and of what is no secret of the journey but of the
                                  visitor: cookies, tokens in answers */
};

void secrets_init(struct secrets *secrets);
void secrets_release(struct secrets *secrets);
/* The name of the secret with this value, which is added when it is not there: `name`, or with a
 * number behind it when another value has that. Borrowed. */
const char *secrets_add(struct secrets *secrets, const char *name, struct view value);
const char *secrets_name_of(const struct secrets *secrets, struct view value); /* NULL: none */
/* It is one of the words that every journey has: a secret only where it is all of a text. */
bool secret_is_word(struct view value);
/* Kept out of what is written, without a name. */
void secrets_guard(struct secrets *secrets, const char *label, struct view value);
/* Passwords, login names, cards, credentials of headers, and cookies of the whole recording
 * (collect.c). */
void secrets_collect(struct secrets *secrets, const struct recording *recording);
/* What a site of log-ins sends along with the browser: OAuth's code, a ticket. */
bool is_login_code(const struct exchange *exchange, const char *name);

/* "X-Api-Key" gives "x_api_key": a name of the language. The caller frees. */
char *name_identifier(const char *name) MUST_CHECK;

#endif
