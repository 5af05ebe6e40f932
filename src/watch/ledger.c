/* SPDX-License-Identifier: Apache-2.0 */
/* See ledger.h. */
#include "watch/ledger.h"

#include "answer/json.h"
#include "loop/loop.h"

#include <stdlib.h>

struct store_ledger {
    struct ledger base; /* first */
    struct store *store;
    struct loop *loop;
};

/* Owned by the store until it has written; a cancelled one is only waited out. */
struct ledger_ticket {
    void (*written)(void *context); /* NULL: cancelled */
    void *context;
};

static struct store_ledger *own(struct ledger *ledger)
{
    return (struct store_ledger *)ledger;
}

static int64_t wall_us(const struct store_ledger *ledger)
{
    return clock_wall_us(loop_clock(ledger->loop));
}

/* A store in trouble holds nobody up for ever: the shopper goes on when its debt is lost, too. */
static void on_done(void *context, bool written)
{
    struct ledger_ticket *ticket = context;
    (void)written;
    if (ticket->written) ticket->written(ticket->context);
    free(ticket);
}

static const char *text_of(const cJSON *debt, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(debt, name));
    return text ? text : "";
}

static struct ledger_ticket *ticket_new(void (*written)(void *context), void *context)
{
    struct ledger_ticket *ticket = NEW(struct ledger_ticket);
    ticket->written = written;
    ticket->context = context;
    return ticket;
}

static void note_debt(struct store_ledger *ledger, struct store_batch *batch, const char *debt_id,
                      struct view debt)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *text = xstrndup(debt.data, debt.length);
    cJSON *parsed = json_parse(debt, &reason);
    batch_note_debt(batch, &(struct store_debt){
                               .id = debt_id,
                               .run_id = text_of(parsed, "run"),
                               .journey = text_of(parsed, "journey"),
                               .persona = text_of(parsed, "persona"),
                               .step = text_of(parsed, "step"),
                               .debt = text,
                               .created_us = wall_us(ledger),
                           });
    cJSON_Delete(parsed);
}

static struct ledger_ticket *note(struct ledger *ledger, const char *debt_id, struct view debt,
                                  struct view caps, void (*written)(void *context), void *context)
{
    struct ledger_ticket *ticket = ticket_new(written, context);
    struct store_batch *batch = store_begin(own(ledger)->store);
    if (debt_id) note_debt(own(ledger), batch, debt_id, debt);
    if (caps.length) batch_put_state(batch, LEDGER_CAPS_KEY, caps);
    batch_make_durable(batch);
    store_commit(batch, on_done, ticket);
    return ticket;
}

static void cancel(struct ledger_ticket *ticket)
{
    ticket->written = NULL;
}

static void learn(struct ledger *ledger, const char *debt_id, struct view debt)
{
    struct store_batch *batch = store_begin(own(ledger)->store);
    batch_learn_debt(batch, debt_id, debt);
    store_commit(batch, NULL, NULL);
}

static struct ledger_ticket *settle(struct ledger *ledger, const char *debt_id,
                                    void (*written)(void *context), void *context)
{
    struct ledger_ticket *ticket = ticket_new(written, context);
    struct store_batch *batch = store_begin(own(ledger)->store);
    batch_settle_debt(batch, debt_id, wall_us(own(ledger)));
    store_commit(batch, on_done, ticket);
    return ticket;
}

static void give_up(struct ledger *ledger, const char *debt_id, const char *why)
{
    struct store_batch *batch = store_begin(own(ledger)->store);
    batch_give_up_debt(batch, debt_id, wall_us(own(ledger)), why);
    store_commit(batch, NULL, NULL);
}

struct ledger *ledger_new(struct store *store, struct loop *loop)
{
    static const struct ledger_operations operations = {note, cancel, learn, settle, give_up};
    struct store_ledger *ledger = NEW(struct store_ledger);
    ledger->base.operations = &operations;
    ledger->store = store;
    ledger->loop = loop;
    return &ledger->base;
}

void ledger_free(struct ledger *ledger)
{
    free(ledger);
}
