/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents and the events of their lives, written and read. What they mean is the judge's. */
#include "base/vec.h"
#include "store/batch.h"
#include "store/query.h"

void batch_put_incident(struct store_batch *batch, const struct store_incident *incident)
{
    batch->durable = true;
    batch_statement(batch,
                    "INSERT OR REPLACE INTO incidents(id, signature, severity, state, opened_us,"
                    " resolved_us, line, json) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    CELL_TEXT(incident->id), CELL_TEXT(incident->signature),
                    CELL_NUMBER(incident->severity), CELL_TEXT(incident->state),
                    CELL_NUMBER(incident->opened_us), CELL_NUMBER(incident->resolved_us),
                    CELL_TEXT(incident->line), CELL_TEXT(incident->json));
}

void batch_add_event(struct store_batch *batch, const struct store_event *event)
{
    batch->durable = true;
    batch_statement(batch,
                    "INSERT OR IGNORE INTO events(id, incident, time_us, type, json)"
                    " VALUES(?1, ?2, ?3, ?4, ?5)",
                    CELL_TEXT(event->id), CELL_TEXT(event->incident_id),
                    CELL_NUMBER(event->time_us), CELL_TEXT(event->type), CELL_TEXT(event->json));
}

STORE_LIST_RELEASE(store_incident)
STORE_LIST_RELEASE(store_event)

#define COLUMNS "SELECT id, signature, severity, state, opened_us, resolved_us, line, json"

static bool read_incidents(struct query *query, struct store_incident_list *list,
                           struct error *error)
{
    while (query_row(query)) {
        vec_push(list, ((struct store_incident){
                           .id = query_text(query, 0, &list->texts),
                           .signature = query_text(query, 1, &list->texts),
                           .severity = (int)query_number(query, 2),
                           .state = query_text(query, 3, &list->texts),
                           .opened_us = query_number(query, 4),
                           .resolved_us = query_number(query, 5),
                           .line = query_text(query, 6, &list->texts),
                           .json = query_text(query, 7, &list->texts),
                       }));
    }
    return query_end(query, error);
}

bool store_incidents(struct store *store, const struct store_incident_filter *filter,
                     struct store_incident_list *list, struct error *error)
{
    struct query query;
    *list = (struct store_incident_list){0};
    query_begin(&query, store,
                filter->open_only ? COLUMNS
                    " FROM incidents WHERE resolved_us = 0 AND opened_us < ?1"
                    " AND (resolved_us = 0 OR resolved_us >= ?2)"
                    " AND (?3 = 0 OR severity = ?3) ORDER BY opened_us DESC, id LIMIT ?4"
                                  : COLUMNS " FROM incidents WHERE opened_us < ?1"
                                            " AND (resolved_us = 0 OR resolved_us >= ?2)"
                                            " AND (?3 = 0 OR severity = ?3)"
                                            " ORDER BY opened_us DESC, id LIMIT ?4");
    query_bind(&query, UNTIL_OR_EVER(filter->until_us));
    query_bind(&query, filter->from_us);
    query_bind(&query, filter->severity);
    query_bind(&query, LIMIT_OR_DEFAULT(filter->limit));
    return read_incidents(&query, list, error);
}

bool store_incident(struct store *store, const char *id, struct store_incident_list *list,
                    struct error *error)
{
    struct query query;
    *list = (struct store_incident_list){0};
    if (!*id) return true;
    query_begin(&query, store,
                COLUMNS " FROM incidents WHERE id >= ?1 AND substr(id, 1, length(?1)) = ?1"
                        " ORDER BY id LIMIT 2");
    query_bind_text(&query, id);
    return read_incidents(&query, list, error);
}

bool store_events(struct store *store, const char *incident_id, struct store_event_list *list,
                  struct error *error)
{
    struct query query;
    *list = (struct store_event_list){0};
    query_begin(&query, store,
                "SELECT id, incident, time_us, type, json FROM events WHERE incident = ?1"
                " ORDER BY seq");
    query_bind_text(&query, incident_id);
    while (query_row(&query)) {
        vec_push(list, ((struct store_event){
                           .id = query_text(&query, 0, &list->texts),
                           .incident_id = query_text(&query, 1, &list->texts),
                           .time_us = query_number(&query, 2),
                           .type = query_text(&query, 3, &list->texts),
                           .json = query_text(&query, 4, &list->texts),
                       }));
    }
    return query_end(&query, error);
}
