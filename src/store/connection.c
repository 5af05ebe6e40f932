/* SPDX-License-Identifier: Apache-2.0 */
/* See connection.h. */
#include "store/connection.h"

#include "store/schema.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Texts of statements are this program's, so their number is bounded by the code. */
static void statement_free(void *statement)
{
    sqlite3_finalize(statement);
}

/* SQLite counts its memory under one lock for all threads, for nobody who asks here. */
static void count_no_memory(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int connection_open(struct connection *connection, const char *path, int flags, int64_t busy_us,
                    struct error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, count_no_memory);
    *connection = (struct connection){.statements = MAP_INIT(statement_free)};
    int code = sqlite3_open_v2(path, &connection->db,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(connection->db, (int)(busy_us / 1000));
        sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        code = schema_add_functions(connection->db);
    }
    if (code == SQLITE_OK) return code;
    connection_error(connection, error);
    error_wrap(error, "cannot open the store %s", path);
    connection_close(connection);
    return code;
}

void connection_close(struct connection *connection)
{
    if (!connection->db) return;
    map_release(&connection->statements);
    sqlite3_close_v2(connection->db);
    connection->db = NULL;
}

int connection_execute(struct connection *connection, const char *sql)
{
    return sqlite3_exec(connection->db, sql, NULL, NULL, NULL);
}

sqlite3_stmt *connection_prepare(struct connection *connection, const char *sql)
{
    sqlite3_stmt *statement = map_get(&connection->statements, view_of(sql));
    if (statement) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
        return statement;
    }
    int code =
        sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (code != SQLITE_OK) return NULL;
    map_set(&connection->statements, view_of(sql), statement);
    return statement;
}

void connection_rollback(struct connection *connection)
{
    map_each(entry, &connection->statements) sqlite3_reset(entry->value);
    if (!sqlite3_get_autocommit(connection->db))
        (void)sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
}

int connection_number(struct connection *connection, const char *sql, int64_t missing,
                      int64_t *ret_number)
{
    sqlite3_stmt *statement = connection_prepare(connection, sql);
    if (!statement) return sqlite3_extended_errcode(connection->db);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        *ret_number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : missing;
    int reset = sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : reset;
}

static int last_errno(sqlite3_file *file)
{
    int number = 0;
    if (file && file->pMethods)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
    return number;
}

/* SQLite says which errno it met for the file and for its log, each by itself. */
static int disk_errno(sqlite3 *db)
{
    sqlite3_file *file = NULL, *log = NULL;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    int number = last_errno(log);
    return number ? number : last_errno(file);
}

bool connection_error(struct connection *connection, struct error *error)
{
    if (!connection->db) return error_set(error, "the store is not open");
    AUTO_FREE char *message = xstrdup(sqlite3_errmsg(connection->db));
    bool disk = (sqlite3_errcode(connection->db) & 0xff) == SQLITE_IOERR;
    connection->system = disk ? disk_errno(connection->db) : 0;
    if (!connection->system) return error_set(error, "%s", message);
    return error_set(error, "%s (%s)", message, strerror(connection->system));
}

bool connection_trouble(const struct connection *connection, int code,
                        enum store_trouble_kind *ret_kind)
{
    int system = connection->system;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: *ret_kind = STORE_LOCKED; return true;
    case SQLITE_FULL: *ret_kind = STORE_FULL; return true;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: *ret_kind = STORE_CORRUPT; return true;
    case SQLITE_IOERR: /* a limit on file sizes or a quota is a full disk by another name */
        *ret_kind =
            system == EFBIG || system == EDQUOT || system == ENOSPC ? STORE_FULL : STORE_FAILING;
        return true;
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE: return false;
    default: *ret_kind = STORE_FAILING; return true;
    }
}

void statement_bind_text(sqlite3_stmt *statement, int position, struct view text)
{
    sqlite3_bind_text64(statement, position, text.data ? text.data : "", text.length, SQLITE_STATIC,
                        SQLITE_UTF8);
}

void statement_bind_blob(sqlite3_stmt *statement, int position, struct view bytes)
{
    sqlite3_bind_blob64(statement, position, bytes.data ? bytes.data : "", bytes.length,
                        SQLITE_STATIC);
}

struct view statement_bytes(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    size_t length = (size_t)sqlite3_column_bytes(statement, column);
    return bytes ? (struct view){bytes, length} : VIEW_NONE;
}
