/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all runs of a process share: the loop, the client, the personas, secrets to keep out of
 * sight, readings, account pools, kept sessions, caps, bases. It owns these last and borrows the
 * rest.
 */
#ifndef SHOPPER_RUN_ENGINE_H
#define SHOPPER_RUN_ENGINE_H

#include "base/log.h"
#include "base/map.h"
#include "base/random.h"
#include "base/redact.h"
#include "http/http.h"
#include "journey/persona.h"
#include "loop/loop.h"

struct error;
struct ledger;
struct run;
struct step_report;
struct url;

enum run_event {
    RUN_EVENT_STARTED,
    RUN_EVENT_WAITING_FOR_ACCOUNT,
    RUN_EVENT_STEP_STARTED,
    RUN_EVENT_STEP_ENDED,
    RUN_EVENT_ENDED
};

struct engine {
    struct loop *loop;
    struct http_client *client;
    struct personas *personas; /* of the runs that start from now on */
    struct redactor *redactor;
    const struct log *log;
    struct ledger *ledger;     /* remembers debts; NULL: nobody does */
    struct random random;      /* for span ids */
    struct readings *readings; /* of the same pages for all; owned */
    bool keep_messages;        /* evidence: reports keep every message */
    /* Progress, for those who watch; NULL: nobody. Called from loop turns only. */
    void (*observe)(void *context, const struct run *run, enum run_event event,
                    const struct step_report *step);
    void *observe_context;

    struct map accounts; /* journey path -> struct accounts * */
    struct map kept;     /* key -> struct kept_session * */
    struct map caps;     /* journey and step -> struct cap_count * */
    struct map bases;    /* as journeys say them -> struct url *: the same few, before every run */
};

void engine_init(struct engine *engine, struct loop *loop, struct http_client *client,
                 struct personas *personas, struct redactor *redactor, const struct log *log);
/* Lists of accounts may have changed: runs from now on read them anew. */
void engine_forget_accounts(struct engine *engine);
/* A base taken apart; the engine's, good until the next call. NULL: error says why. */
const struct url *engine_base(struct engine *engine, const char *text,
                              struct error *error) MUST_CHECK;
void engine_release(struct engine *engine); /* no run may be alive */

#endif
