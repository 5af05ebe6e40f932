/* SPDX-License-Identifier: Apache-2.0 */
/* See engine.h. */
#include "run/engine.h"

#include "http/url.h"
#include "run/accounts.h"
#include "run/kept.h"

#include <stdlib.h>

enum { BASES_MAX = 1000 }; /* a variable in a base may make them many */

static void base_free(void *memory)
{
    url_release(memory);
    free(memory);
}

const struct url *engine_base(struct engine *engine, const char *text, struct error *error)
{
    struct url *known = map_get(&engine->bases, view_of(text));
    if (known) return known;
    struct url url = {0};
    if (!url_resolve(NULL, text, &url, error)) return NULL;
    if (map_size(&engine->bases) >= BASES_MAX) {
        map_release(&engine->bases);
        engine->bases = MAP_INIT(base_free);
    }
    struct url *base = NEW(struct url);
    *base = url;
    map_set(&engine->bases, view_of(text), base);
    return base;
}

void engine_init(struct engine *engine, struct loop *loop, struct http_client *client,
                 struct personas *personas, struct redactor *redactor, const struct log *log)
{
    *engine = (struct engine){
        .loop = loop,
        .client = client,
        .personas = personas,
        .redactor = redactor,
        .log = log,
        .readings = readings_new(),
        .accounts = MAP_INIT(accounts_free),
        .kept = MAP_INIT(kept_free),
        .caps = MAP_INIT(free),
        .bases = MAP_INIT(base_free),
    };
    uint64_t seed = 0;
    random_system(&seed, sizeof(seed));
    random_init(&engine->random, seed);
}

void engine_forget_accounts(struct engine *engine)
{
    map_each(entry, &engine->accounts) accounts_doubt(entry->value);
}

void engine_release(struct engine *engine)
{
    readings_free(engine->readings);
    map_release(&engine->accounts);
    map_release(&engine->kept);
    map_release(&engine->caps);
    map_release(&engine->bases);
}
