/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be read of a damaged store goes into the new one, and of one that cannot be opened into
 * memory: what is open, owed and to be told. Single runs and figures stay behind: they are large,
 * and nobody waits for them.
 */
#include "store/internal.h"
#include "store/schema.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *table, *key;
} wanted[] = {
    {"state", "key"},  {"incidents", "id"}, {"events", "seq"},         {"outbox", "seq"},
    {"ledger", "seq"}, {"silences", "id"},  {"caps", "journey, step"}, {"commands", "seq"},
};

/* Columns by name: the damaged store may be of an earlier version. */
static sqlite3_stmt *prepare_insert(sqlite3 *to, const char *table, sqlite3_stmt *select)
{
    AUTO_BUF sql = BUF_INIT(BUF_OWN_CAP);
    sqlite3_stmt *insert = NULL;
    int count = sqlite3_column_count(select);
    buf_addf(&sql, "INSERT OR IGNORE INTO %s(", table);
    for (int i = 0; i < count; i++)
        buf_addf(&sql, "%s\"%s\"", i ? ", " : "", sqlite3_column_name(select, i));
    buf_add_text(&sql, ") VALUES(");
    for (int i = 0; i < count; i++) buf_add_text(&sql, i ? ", ?" : "?");
    buf_add_char(&sql, ')');
    if (sqlite3_prepare_v2(to, buf_text(&sql), -1, &insert, NULL) != SQLITE_OK) return NULL;
    return insert;
}

static int put_row(sqlite3_stmt *select, sqlite3_stmt *insert)
{
    for (int i = 0; i < sqlite3_column_count(select); i++)
        sqlite3_bind_value(insert, i + 1, sqlite3_column_value(select, i));
    int code = sqlite3_step(insert);
    sqlite3_reset(insert);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* As far as rows can be read in this order. *ret_end: that was all of them. What it returns is the
 * new store's trouble alone. */
static int copy_rows(sqlite3 *from, sqlite3 *to, const char *table, const char *order,
                     bool *ret_end)
{
    AUTO_FREE char *sql = xasprintf("SELECT * FROM %s ORDER BY %s", table, order);
    sqlite3_stmt *select = NULL;
    int code = SQLITE_OK;
    *ret_end = false;
    if (sqlite3_prepare_v2(from, sql, -1, &select, NULL) != SQLITE_OK) return SQLITE_OK;
    sqlite3_stmt *insert = prepare_insert(to, table, select);
    int step = insert ? sqlite3_step(select) : SQLITE_ERROR;
    for (; step == SQLITE_ROW && code == SQLITE_OK; step = sqlite3_step(select))
        code = put_row(select, insert);
    *ret_end = step == SQLITE_DONE;
    sqlite3_finalize(insert);
    sqlite3_finalize(select);
    return code;
}

/* From both ends, up to the damage. */
static int copy_table(sqlite3 *from, sqlite3 *to, const char *table, const char *key)
{
    bool end;
    int code = copy_rows(from, to, table, key, &end);
    if (code != SQLITE_OK || end) return code;
    AUTO_FREE char *backwards = xasprintf("%s DESC", key);
    return copy_rows(from, to, table, backwards, &end);
}

/* What SQLite made beside the damaged file to read it. */
static void clear_companions(const char *aside)
{
    AUTO_FREE char *index = xasprintf("%s-shm", aside), *log = xasprintf("%s-wal", aside);
    struct stat status;
    unlink(index);
    if (stat(log, &status) == 0 && status.st_size == 0) unlink(log);
}

static int copy_all(sqlite3 *from, sqlite3 *to)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < COUNT_OF(wanted) && code == SQLITE_OK; i++)
        code = copy_table(from, to, wanted[i].table, wanted[i].key);
    return code;
}

/* Alone with the file, SQLite needs no index of the log beside it. What it would do when it closes
 * is the writer's to do. */
static int open_alone(struct connection *connection, const char *path, int64_t busy_us)
{
    AUTO_ERROR error = ERROR_NONE;
    int64_t tables;
    int code = connection_open(connection, path, SQLITE_OPEN_READWRITE, busy_us, &error);
    if (code != SQLITE_OK) return code;
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    code = connection_execute(connection, "PRAGMA locking_mode = EXCLUSIVE");
    if (code != SQLITE_OK) return code;
    return connection_number(connection, "SELECT count(*) FROM sqlite_schema", 0, &tables);
}

void store_read_spare(struct store *store)
{
    struct connection file = {0}, *spare = &store->reader;
    AUTO_ERROR error = ERROR_NONE;
    connection_close(spare);
    int code = connection_open(spare, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY,
                               store->patience_us, &error);
    if (code == SQLITE_OK) code = schema_migrate(spare->db, SCHEMA_VERSION);
    if (code == SQLITE_OK) code = open_alone(&file, store->path, store->settings.busy_us);
    if (code == SQLITE_OK) code = copy_all(file.db, spare->db);
    connection_close(&file);
    if (code != SQLITE_OK) connection_close(spare);
    store->reader_era = store->file_era;
}

int writer_salvage(struct writer *writer, const char *aside)
{
    struct connection damaged;
    AUTO_ERROR unreadable = ERROR_NONE;
    if (connection_open(&damaged, aside, SQLITE_OPEN_READONLY, 0, &unreadable) != SQLITE_OK)
        return SQLITE_OK;
    int code = connection_execute(&writer->connection, "PRAGMA synchronous = FULL");
    if (code == SQLITE_OK) code = connection_execute(&writer->connection, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK) code = copy_all(damaged.db, writer->connection.db);
    if (code == SQLITE_OK) code = connection_execute(&writer->connection, "COMMIT");
    if (code != SQLITE_OK) connection_rollback(&writer->connection);
    if (code == SQLITE_OK) writer->syncs = true;
    connection_close(&damaged);
    clear_companions(aside);
    return code;
}
