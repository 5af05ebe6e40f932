/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to the database, with its prepared statements kept by their text. For the files of
 * this floor. Result codes are SQLite's, extended.
 */
#ifndef SHOPPER_STORE_CONNECTION_H
#define SHOPPER_STORE_CONNECTION_H

#include "base/error.h"
#include "base/map.h"
#include "base/view.h"
#include "store/store.h"

#include <sqlite3.h>

struct connection {
    sqlite3 *db; /* NULL: not open */
    struct map statements;
    int system; /* errno of what connection_error was last asked about; 0 */
};

/* `flags` as sqlite3_open_v2 takes them. On failure it is closed, and error says why. */
int connection_open(struct connection *connection, const char *path, int flags, int64_t busy_us,
                    struct error *error) MUST_CHECK;
void connection_close(struct connection *connection);
int connection_execute(struct connection *connection, const char *sql) MUST_CHECK;
/* Reset, without bindings, and owned by the connection; NULL: sqlite3_errcode says why. */
sqlite3_stmt *connection_prepare(struct connection *connection, const char *sql) MUST_CHECK;
void connection_rollback(struct connection *connection);
/* A number that a statement of one row and column gives; `missing` where it gives none. */
int connection_number(struct connection *connection, const char *sql, int64_t missing,
                      int64_t *ret_number) MUST_CHECK;
/* "disk I/O error (File too large)". To be asked before anything else is done with it. */
bool connection_error(struct connection *connection, struct error *error);

/* What a result code, with the errno kept by connection_error, means to those who wait for the
 * store. False: it is no trouble of the surroundings, but what was asked cannot be done. */
bool connection_trouble(const struct connection *connection, int code,
                        enum store_trouble_kind *ret_kind) MUST_CHECK;

void statement_bind_text(sqlite3_stmt *statement, int position, struct view text);
void statement_bind_blob(sqlite3_stmt *statement, int position, struct view bytes);
struct view statement_bytes(sqlite3_stmt *statement, int column); /* good until the next step */

#endif
