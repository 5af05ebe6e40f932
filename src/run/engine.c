/* SPDX-License-Identifier: Apache-2.0 */
/* See engine.h. */
#include "run/engine.h"

#include "run/accounts.h"
#include "run/kept.h"

#include <stdlib.h>

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
    };
    uint64_t seed = 0;
    random_system(&seed, sizeof(seed));
    random_init(&engine->random, seed);
}

void engine_forget_accounts(struct engine *engine)
{
    map_release(&engine->accounts);
    engine->accounts = MAP_INIT(accounts_free);
}

void engine_release(struct engine *engine)
{
    readings_free(engine->readings);
    map_release(&engine->accounts);
    map_release(&engine->kept);
    map_release(&engine->caps);
}
