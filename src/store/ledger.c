/* SPDX-License-Identifier: Apache-2.0 */
/* The residue ledger, written and read: what was made in the shop and must be undone. It undoes
 * nothing. */
#include "base/vec.h"
#include "store/batch.h"
#include "store/query.h"

void batch_note_debt(struct store_batch *batch, const struct store_debt *debt)
{
    batch->durable = true;
    batch_statement(batch,
                    "INSERT OR REPLACE INTO ledger(id, run, journey, persona, step, debt,"
                    " created_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    CELL_TEXT(debt->id), CELL_TEXT(debt->run_id), CELL_TEXT(debt->journey),
                    CELL_TEXT(debt->persona), CELL_TEXT(debt->step), CELL_TEXT(debt->debt),
                    CELL_NUMBER(debt->created_us));
}

void batch_learn_debt(struct store_batch *batch, const char *id, struct view debt)
{
    batch->durable = true;
    batch_statement(batch, "UPDATE ledger SET debt = ?2 WHERE id = ?1", CELL_TEXT(id),
                    CELL_TEXT_VIEW(debt));
}

/* Not durable: a debt that is paid twice after a power cut is a request that finds nothing. What
 * it took to pay it (cookies, captured values) is forgotten. But at once: the shopper's
 * `finally` waits for it. */
void batch_settle_debt(struct store_batch *batch, const char *id, int64_t now_us)
{
    batch->prompt = true;
    batch_statement(batch, "UPDATE ledger SET state = 1, ended_us = ?2, debt = '' WHERE id = ?1",
                    CELL_TEXT(id), CELL_NUMBER(now_us));
}

void batch_give_up_debt(struct store_batch *batch, const char *id, int64_t now_us, const char *why)
{
    batch->durable = true;
    batch_statement(batch,
                    "UPDATE ledger SET state = 2, ended_us = ?2, why = ?3"
                    " WHERE id = ?1 AND state <> 1", /* somebody may have cleaned it meanwhile */
                    CELL_TEXT(id), CELL_NUMBER(now_us), CELL_TEXT(why));
}

STORE_LIST_RELEASE(store_debt)

_Static_assert(DEBT_OWED == 0 && DEBT_SETTLED == 1 && DEBT_RESIDUE == 2, "as written above");

bool store_debts(struct store *store, enum store_debt_state state, struct store_debt_list *list,
                 struct error *error)
{
    struct query query;
    *list = (struct store_debt_list){0};
    query_begin(&query, store,
                state == DEBT_SETTLED
                    ? "SELECT id, run, journey, persona, step, debt, created_us, ended_us, state,"
                      " why FROM ledger WHERE state = 1 AND state = ?1 ORDER BY seq"
                    : "SELECT id, run, journey, persona, step, debt, created_us, ended_us, state,"
                      " why FROM ledger WHERE state <> 1 AND state = ?1 ORDER BY seq");
    query_bind(&query, state);
    while (query_row(&query)) {
        vec_push(list, ((struct store_debt){
                           .id = query_text(&query, 0, &list->texts),
                           .run_id = query_text(&query, 1, &list->texts),
                           .journey = query_text(&query, 2, &list->texts),
                           .persona = query_text(&query, 3, &list->texts),
                           .step = query_text(&query, 4, &list->texts),
                           .debt = query_text(&query, 5, &list->texts),
                           .created_us = query_number(&query, 6),
                           .ended_us = query_number(&query, 7),
                           .state = (enum store_debt_state)query_number(&query, 8),
                           .why = query_text(&query, 9, &list->texts),
                       }));
    }
    return query_end(&query, error);
}
