/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the reading connection: begin, bind, rows, end. For the files of this floor.
 * query_end must be called whatever query_begin said; it gives the verdict on all of it.
 */
#ifndef SHOPPER_STORE_QUERY_H
#define SHOPPER_STORE_QUERY_H

#include "store/read.h"

#include <sqlite3.h>

struct query {
    struct store *store;
    sqlite3_stmt *statement; /* NULL: it cannot be asked */
    struct error error;
    int code, bound;
};

void query_begin(struct query *query, struct store *store, const char *sql);
/* The next parameter. */
void query_bind(struct query *query, int64_t number);
void query_bind_text(struct query *query, const char *text);
bool query_row(struct query *query) MUST_CHECK;
int64_t query_number(struct query *query, int column);
/* A copy that lives as long as `texts`; never NULL. */
const char *query_text(struct query *query, int column, struct arena *texts);
bool query_end(struct query *query, struct error *error) MUST_CHECK;

#define STORE_LIST_RELEASE(record)                                                                 \
    void record##_list_release(struct record##_list *list)                                         \
    {                                                                                              \
        arena_release(&list->texts);                                                               \
        vec_release(list);                                                                         \
    }

#define LIMIT_OR_DEFAULT(limit) ((int64_t)((limit) ? (limit) : 1000))
#define UNTIL_OR_EVER(until_us) ((until_us) ? (until_us) : INT64_MAX)

#endif
