/* SPDX-License-Identifier: Apache-2.0 */
/* See query.h. Also the reading of what is a single statement: state, silences, commands. */
#include "store/query.h"

#include "base/vec.h"
#include "store/internal.h"

static void note_error(struct query *query)
{
    connection_error(&query->store->reader, &query->error);
    error_wrap(&query->error, "cannot read the store");
}

void query_begin(struct query *query, struct store *store, const char *sql)
{
    *query = (struct query){.store = store, .code = SQLITE_OK};
    if (!store_reader_ready(store, &query->error)) return;
    query->statement = connection_prepare(&store->reader, sql);
    if (query->statement) return;
    query->code = sqlite3_extended_errcode(store->reader.db);
    note_error(query);
}

void query_bind(struct query *query, int64_t number)
{
    if (query->statement) sqlite3_bind_int64(query->statement, ++query->bound, number);
}

void query_bind_text(struct query *query, const char *text)
{
    if (query->statement) statement_bind_text(query->statement, ++query->bound, view_of(text));
}

bool query_row(struct query *query)
{
    if (!query->statement || query->error.message) return false;
    query->code = sqlite3_step(query->statement);
    if (query->code == SQLITE_ROW) return true;
    if (query->code != SQLITE_DONE) note_error(query);
    return false;
}

int64_t query_number(struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

const char *query_text(struct query *query, int column, struct arena *texts)
{
    struct view text = statement_bytes(query->statement, column);
    return text.length ? arena_copy(texts, text) : "";
}

bool query_end(struct query *query, struct error *error)
{
    if (query->statement) sqlite3_reset(query->statement);
    if (!query->error.message) return true;
    int code = query->code & 0xff;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) store_suspect(query->store);
    error_set(error, "%s", error_text(&query->error));
    error_release(&query->error);
    return false;
}

STORE_LIST_RELEASE(store_silence)
STORE_LIST_RELEASE(store_command)

bool store_state(struct store *store, const char *key, struct buf *out, bool *ret_found,
                 struct error *error)
{
    struct query query;
    query_begin(&query, store, "SELECT value FROM state WHERE key = ?1");
    query_bind_text(&query, key);
    *ret_found = query_row(&query);
    if (*ret_found) buf_add_view(out, statement_bytes(query.statement, 0));
    return query_end(&query, error);
}

bool store_silences(struct store *store, int64_t now_us, struct store_silence_list *list,
                    struct error *error)
{
    struct query query;
    *list = (struct store_silence_list){0};
    query_begin(&query, store,
                "SELECT id, matcher, author, comment, from_us, until_us FROM silences"
                " WHERE until_us > ?1 ORDER BY from_us, id");
    query_bind(&query, now_us);
    while (query_row(&query)) {
        vec_push(list, ((struct store_silence){
                           .id = query_text(&query, 0, &list->texts),
                           .matcher = query_text(&query, 1, &list->texts),
                           .author = query_text(&query, 2, &list->texts),
                           .comment = query_text(&query, 3, &list->texts),
                           .from_us = query_number(&query, 4),
                           .until_us = query_number(&query, 5),
                       }));
    }
    return query_end(&query, error);
}

bool store_commands(struct store *store, struct store_command_list *list, struct error *error)
{
    struct query query;
    *list = (struct store_command_list){0};
    query_begin(&query, store,
                "SELECT seq, verb, argument, author, created_us FROM commands ORDER BY seq");
    while (query_row(&query)) {
        vec_push(list, ((struct store_command){
                           .sequence = query_number(&query, 0),
                           .verb = query_text(&query, 1, &list->texts),
                           .argument = query_text(&query, 2, &list->texts),
                           .author = query_text(&query, 3, &list->texts),
                           .created_us = query_number(&query, 4),
                       }));
    }
    return query_end(&query, error);
}
