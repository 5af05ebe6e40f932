/* SPDX-License-Identifier: Apache-2.0 */
/* See kept.h. */
#include "run/kept.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

struct kept_session {
    char *cookies;
    struct variables variables;
    int64_t until_us; /* monotonic */
};

void kept_free(void *kept)
{
    struct kept_session *session = kept;
    if (!session) return;
    if (session->cookies) explicit_bzero(session->cookies, strlen(session->cookies));
    free(session->cookies);
    variables_release(&session->variables);
    free(session);
}

bool kept_restore(struct engine *engine, const char *key, struct variables *variables,
                  char **ret_cookies)
{
    struct kept_session *session = map_get(&engine->kept, view_of(key));
    if (!session) return false;
    if (loop_now_us(engine->loop) >= session->until_us) {
        map_remove(&engine->kept, view_of(key));
        return false;
    }
    vec_each(kept, &session->variables.items) {
        variables_set(variables, kept->name, value_copy(&kept->value));
    }
    *ret_cookies = xstrdup(session->cookies);
    return true;
}

void kept_store(struct engine *engine, const char *key, const struct variables *variables,
                const char *const *names, char *cookies, int64_t for_us)
{
    struct kept_session *session = NEW(struct kept_session);
    session->cookies = cookies;
    session->until_us = loop_now_us(engine->loop) + for_us;
    variables_init(&session->variables);
    for (; *names; names++) {
        const struct value *value = variables_get(variables, *names);
        if (value) variables_set(&session->variables, *names, value_copy(value));
    }
    map_set(&engine->kept, view_of(key), session);
}
