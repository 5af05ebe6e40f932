/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept sessions (`use` with `keep_session`): cookies and captured values of a login, for later runs
 * of the same account, persona and shop, so that a rate-limited login is walked once.
 */
#ifndef SHOPPER_RUN_KEPT_H
#define SHOPPER_RUN_KEPT_H

#include "run/engine.h"
#include "run/variables.h"

/* False: none is kept, or it is too old. Sets the variables and hands back the cookies (the caller
 * frees). */
bool kept_restore(struct engine *engine, const char *key, struct variables *variables,
                  char **ret_cookies) MUST_CHECK;
/* Takes `cookies`. `names` are those whose values are kept. */
void kept_store(struct engine *engine, const char *key, const struct variables *variables,
                const char *const *names, char *cookies, int64_t for_us);
void kept_free(void *kept);

#endif
