/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox, written and read: what is to be told to whom, in which order. It delivers nothing. */
#include "base/vec.h"
#include "store/batch.h"
#include "store/query.h"

void batch_add_outbox(struct store_batch *batch, const struct store_delivery *delivery)
{
    batch->durable = true;
    batch_statement(
        batch,
        "INSERT OR IGNORE INTO outbox(event, sink, incident, payload, created_us, due_us,"
        " attempts, last_error) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        CELL_TEXT(delivery->event_id), CELL_TEXT(delivery->sink), CELL_TEXT(delivery->incident_id),
        CELL_TEXT(delivery->payload), CELL_NUMBER(delivery->created_us),
        CELL_NUMBER(delivery->due_us), CELL_NUMBER(delivery->attempts),
        CELL_TEXT(delivery->last_error));
}

static void end_delivery(struct store_batch *batch, const char *event_id, const char *sink,
                         int64_t now_us, enum store_delivery_state state, const char *why)
{
    batch->durable = true;
    batch_statement(batch,
                    "UPDATE outbox SET state = ?3, ended_us = ?4, last_error = ?5,"
                    " attempts = attempts + 1 WHERE event = ?1 AND sink = ?2 AND state = 0",
                    CELL_TEXT(event_id), CELL_TEXT(sink), CELL_NUMBER(state), CELL_NUMBER(now_us),
                    CELL_TEXT(why));
}

void batch_delivered(struct store_batch *batch, const char *event_id, const char *sink,
                     int64_t now_us)
{
    end_delivery(batch, event_id, sink, now_us, DELIVERY_DONE, "");
}

void batch_give_up_delivery(struct store_batch *batch, const char *event_id, const char *sink,
                            int64_t now_us, const char *why)
{
    end_delivery(batch, event_id, sink, now_us, DELIVERY_GIVEN_UP, why);
}

void batch_deliver_later(struct store_batch *batch, const char *event_id, const char *sink,
                         int64_t due_us, const char *why)
{
    batch_statement(batch,
                    "UPDATE outbox SET due_us = ?3, last_error = ?4, attempts = attempts + 1"
                    " WHERE event = ?1 AND sink = ?2 AND state = 0",
                    CELL_TEXT(event_id), CELL_TEXT(sink), CELL_NUMBER(due_us), CELL_TEXT(why));
}

STORE_LIST_RELEASE(store_delivery)

#define COLUMNS                                                                                    \
    "SELECT seq, event, sink, incident, payload, created_us, due_us, ended_us, attempts, state,"   \
    " last_error"

static bool read_deliveries(struct query *query, struct store_delivery_list *list,
                            struct error *error)
{
    while (query_row(query)) {
        vec_push(list, ((struct store_delivery){
                           .sequence = query_number(query, 0),
                           .event_id = query_text(query, 1, &list->texts),
                           .sink = query_text(query, 2, &list->texts),
                           .incident_id = query_text(query, 3, &list->texts),
                           .payload = query_text(query, 4, &list->texts),
                           .created_us = query_number(query, 5),
                           .due_us = query_number(query, 6),
                           .ended_us = query_number(query, 7),
                           .attempts = (int)query_number(query, 8),
                           .state = (enum store_delivery_state)query_number(query, 9),
                           .last_error = query_text(query, 10, &list->texts),
                       }));
    }
    return query_end(query, error);
}

bool store_outbox_waiting(struct store *store, struct store_delivery_list *list,
                          struct error *error)
{
    struct query query;
    *list = (struct store_delivery_list){0};
    query_begin(&query, store, COLUMNS " FROM outbox WHERE state = 0 ORDER BY seq");
    return read_deliveries(&query, list, error);
}

bool store_deliveries(struct store *store, const char *incident_id,
                      struct store_delivery_list *list, struct error *error)
{
    struct query query;
    *list = (struct store_delivery_list){0};
    query_begin(&query, store, COLUMNS " FROM outbox WHERE incident = ?1 ORDER BY seq");
    query_bind_text(&query, incident_id);
    return read_deliveries(&query, list, error);
}

bool store_outbox(struct store *store, const char *sink, struct store_outbox_figures *ret_figures,
                  struct error *error)
{
    struct query query;
    struct store_outbox_figures figures = {0};
    query_begin(&query, store,
                "SELECT state, count(*), min(created_us) FROM outbox"
                " WHERE ?1 = '' OR sink = ?1 GROUP BY state");
    query_bind_text(&query, sink);
    while (query_row(&query)) {
        uint64_t count = (uint64_t)query_number(&query, 1);
        switch ((enum store_delivery_state)query_number(&query, 0)) {
        case DELIVERY_WAITING:
            figures.waiting = count;
            figures.oldest_us = query_number(&query, 2);
            break;
        case DELIVERY_DONE: figures.delivered = count; break;
        case DELIVERY_GIVEN_UP: figures.given_up = count; break;
        }
    }
    if (!query_end(&query, error)) return false;
    *ret_figures = figures;
    return true;
}
