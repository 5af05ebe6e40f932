/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the writing connection comes to be: the file is made private, looked over, brought to this
 * version, or moved aside when it is damaged. Also the mailbox, which other processes write.
 */
#include "base/clock.h"
#include "store/internal.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void writer_close(struct writer *writer)
{
    connection_close(&writer->connection);
    writer_forget(writer);
    writer->syncs = false;
}

#define MODE_PRIVATE 0600U
#define MODE_OF_READERS 0040U /* what its owner may add: their group reads along */

/* A new file is private. One that is there loses what opens it to the world, or lets others write;
 * that its group may read it is its owner's decision. SQLite gives its companions (-wal, -shm) the
 * mode of the file. */
int store_make_private(const char *path, struct error *error)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, MODE_PRIVATE);
    struct stat status;
    bool good = descriptor >= 0 && fstat(descriptor, &status) == 0 &&
                ((status.st_mode & 077U & ~MODE_OF_READERS) == 0 ||
                 fchmod(descriptor, MODE_PRIVATE | (status.st_mode & MODE_OF_READERS)) == 0);
    bool no_space = !good && (errno == ENOSPC || errno == EDQUOT);
    if (!good) error_set(error, "cannot open the store %s: %s", path, strerror(errno));
    if (descriptor >= 0) close(descriptor);
    if (good) return SQLITE_OK;
    return no_space ? SQLITE_FULL : SQLITE_CANTOPEN;
}

int writer_check(struct writer *writer)
{
    sqlite3_stmt *statement = connection_prepare(&writer->connection, "PRAGMA quick_check(1)");
    if (!statement) return sqlite3_extended_errcode(writer->connection.db);
    int code = sqlite3_step(statement);
    bool bad = code == SQLITE_ROW && !view_is(statement_bytes(statement, 0), "ok");
    int reset = sqlite3_reset(statement);
    if (code == SQLITE_ROW) return bad ? SQLITE_CORRUPT : SQLITE_OK;
    return reset;
}

/* Whose file it is, and of which version. */
static int look_over(const struct store *store, struct writer *writer, struct error *error)
{
    struct connection *connection = &writer->connection;
    int64_t application = 0, version = 0, tables = 0;
    int code = connection_number(connection, "SELECT count(*) FROM sqlite_schema", 0, &tables);
    if (code == SQLITE_OK)
        code = connection_number(connection, "PRAGMA application_id", 0, &application);
    if (code == SQLITE_OK) code = connection_number(connection, "PRAGMA user_version", 0, &version);
    if (code != SQLITE_OK) return code;
    if (tables && application != SCHEMA_APPLICATION_ID) {
        error_set(error, "%s is no store of this program", store->path);
        return STORE_FOREIGN;
    }
    if (version > SCHEMA_VERSION) {
        error_set(error, "the store %s is of version %lld, and this program knows up to %d",
                  store->path, (long long)version, SCHEMA_VERSION);
        return STORE_LATER_VERSION;
    }
    struct stat status;
    bool small =
        stat(store->path, &status) == 0 && (uint64_t)status.st_size <= store->settings.check_bytes;
    code = small ? writer_check(writer) : SQLITE_OK;
    if (code == SQLITE_CORRUPT) error_set(error, "the store %s is damaged", store->path);
    return code;
}

static int count_log_pages(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    struct writer *writer = context;
    writer->log_pages = pages;
    return SQLITE_OK;
}

/* What a process that died had still to fold. Where the figures are refused, all else can still be
 * written: the writer tries them again, and tells. */
static int fold_the_rest(struct writer *writer)
{
    int64_t any = 0;
    int code =
        connection_number(&writer->connection, "SELECT EXISTS(SELECT 1 FROM unfolded)", 0, &any);
    if (code != SQLITE_OK || !any) return code;
    code = connection_execute(&writer->connection, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK) code = writer_read_unfolded(writer);
    if (code == SQLITE_OK) code = writer_fold(writer);
    if (code == SQLITE_OK) code = connection_execute(&writer->connection, "COMMIT");
    enum store_trouble_kind kind;
    if (code == SQLITE_OK || connection_trouble(&writer->connection, code, &kind)) {
        if (code != SQLITE_OK) connection_rollback(&writer->connection);
        return code;
    }
    connection_rollback(&writer->connection);
    writer_forget(writer);
    return SQLITE_OK;
}

static int set_up(struct writer *writer)
{
    static const char *const settings[] = {
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = NORMAL",
        "PRAGMA journal_size_limit = 67108864",
        "PRAGMA secure_delete = FAST",
        "PRAGMA cache_size = -16000",
        "PRAGMA temp_store = MEMORY",
    };
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        int code = connection_execute(&writer->connection, settings[i]);
        if (code != SQLITE_OK) return code;
    }
    writer->syncs = false;
    writer->log_pages = writer->checkpointed_at = 0;
    sqlite3_wal_hook(writer->connection.db, count_log_pages, writer);
    int code = schema_migrate(writer->connection.db, SCHEMA_VERSION);
    return code == SQLITE_OK ? fold_the_rest(writer) : code;
}

static int try_open(struct store *store, struct error *error)
{
    struct writer *writer = &store->writer;
    int code = store_make_private(store->path, error);
    if (code != SQLITE_OK) return code;
    code = connection_open(&writer->connection, store->path, SQLITE_OPEN_READWRITE,
                           store->settings.busy_us, error);
    if (code != SQLITE_OK) return code;
    code = look_over(store, writer, error);
    if (code == SQLITE_OK) code = set_up(writer);
    if (code == SQLITE_OK) return code;
    if (!error->message) {
        connection_error(&writer->connection, error);
        error_wrap(error, "cannot open the store %s", store->path);
    }
    return code;
}

/* The companions go along: what is in the log belongs to the damaged file. */
static bool move_aside(const struct store *store, char **ret_aside, struct error *error)
{
    static const char *const companions[] = {"-wal", "-shm"};
    char *aside = xasprintf("%s.corrupt-%lld", store->path, (long long)clock_wall_us(&clock_real));
    if (rename(store->path, aside)) {
        error_set(error, "cannot move the damaged %s aside: %s", store->path, strerror(errno));
        free(aside);
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(companions); i++) {
        AUTO_FREE char *from = xasprintf("%s%s", store->path, companions[i]);
        AUTO_FREE char *to = xasprintf("%s%s", aside, companions[i]);
        if (rename(from, to) && errno != ENOENT) (void)unlink(from);
    }
    *ret_aside = aside;
    return true;
}

/* Who could read the damaged file can read the new one. Where that cannot be, it is private. */
static void make_readable_as(const char *path, const struct stat *before)
{
    int descriptor =
        open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, MODE_PRIVATE);
    if (descriptor < 0) return;
    if (before->st_mode & MODE_OF_READERS && fchown(descriptor, (uid_t)-1, before->st_gid) == 0)
        (void)!fchmod(descriptor, MODE_PRIVATE | MODE_OF_READERS);
    close(descriptor);
}

int writer_open(struct store *store, char **ret_aside, struct error *error)
{
    struct writer *writer = &store->writer;
    writer_forget(writer);
    int code = writer->damaged ? SQLITE_CORRUPT : try_open(store, error);
    enum store_trouble_kind kind;
    bool corrupt = code > SQLITE_OK && connection_trouble(&writer->connection, code, &kind) &&
                   kind == STORE_CORRUPT;
    if (corrupt) {
        writer_close(writer);
        error_release(error);
        struct stat before;
        bool known = stat(store->path, &before) == 0;
        if (!move_aside(store, ret_aside, error)) return SQLITE_IOERR;
        if (known) make_readable_as(store->path, &before);
        writer->damaged = false;
        code = try_open(store, error);
        if (code == SQLITE_OK) code = writer_salvage(writer, *ret_aside);
    }
    if (code == SQLITE_OK)
        writer_mark_files(store);
    else
        writer_close(writer);
    return code;
}

/* --- The mailbox */

static int post(struct connection *connection, const struct store_command *command)
{
    sqlite3_stmt *insert = connection_prepare(
        connection,
        "INSERT INTO commands(verb, argument, author, created_us) VALUES(?1, ?2, ?3, ?4)");
    if (!insert) return sqlite3_extended_errcode(connection->db);
    statement_bind_text(insert, 1, view_of(command->verb));
    statement_bind_text(insert, 2, view_of(command->argument));
    statement_bind_text(insert, 3, view_of(command->author));
    sqlite3_bind_int64(insert, 4, command->created_us);
    int code = sqlite3_step(insert);
    sqlite3_reset(insert);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

bool store_post_command(const char *path, const struct store_command *command, struct error *error)
{
    struct connection connection;
    int64_t application = 0;
    int code = connection_open(&connection, path, SQLITE_OPEN_READWRITE,
                               store_settings_default().busy_us, error);
    if (code != SQLITE_OK) return false;
    code = connection_number(&connection, "PRAGMA application_id", 0, &application);
    if (code == SQLITE_OK && application != SCHEMA_APPLICATION_ID) {
        error_set(error, "%s is no store of this program", path);
        connection_close(&connection);
        return false;
    }
    if (code == SQLITE_OK) code = connection_execute(&connection, "PRAGMA synchronous = FULL");
    if (code == SQLITE_OK) code = post(&connection, command);
    if (code != SQLITE_OK) {
        connection_error(&connection, error);
        error_wrap(error, "cannot leave a word in the store %s", path);
    }
    connection_close(&connection);
    return code == SQLITE_OK;
}
