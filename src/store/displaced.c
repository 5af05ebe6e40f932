/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store that is not where it was: somebody removed it, or put another in its place, while we have
 * it open. What is written into a file without a name is lost with us, so all that it holds is
 * written anew under its name; one that is there in its place is taken as it is.
 */
#include "base/file.h"
#include "store/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const endings[FILE_COUNT] = {
    [FILE_STORE] = "", [FILE_LOG] = "-wal", [FILE_INDEX] = "-shm", [FILE_LOCK] = ".lock"};

static struct file_mark mark_of(const struct store *store, int which)
{
    AUTO_FREE char *path = xasprintf("%s%s", store->path, endings[which]);
    struct stat status;
    if (stat(path, &status)) return (struct file_mark){0};
    return (struct file_mark){status.st_dev, status.st_ino};
}

static bool is_ours(const struct store *store, int which)
{
    const struct file_mark now = mark_of(store, which), *ours = &store->writer.marks[which];
    return now.number == ours->number && now.device == ours->device;
}

void writer_mark_files(struct store *store)
{
    for (int i = 0; i < FILE_COUNT; i++) store->writer.marks[i] = mark_of(store, i);
}

/* Nothing has its name; a name that cannot be asked for may well be there. */
static bool is_gone(const struct store *store)
{
    struct stat status;
    return stat(store->path, &status) && (errno == ENOENT || errno == ENOTDIR);
}

bool writer_is_displaced(const struct store *store)
{
    if (is_ours(store, FILE_STORE)) return false;
    return mark_of(store, FILE_STORE).number || is_gone(store);
}

/* SQLite would take them for those of the file that is there now. */
static void remove_our_companions(const struct store *store)
{
    for (int i = FILE_LOG; i <= FILE_INDEX; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", store->path, endings[i]);
        if (is_ours(store, i)) (void)unlink(path);
    }
}

static int copy_to(struct connection *connection, const char *path, struct error *error)
{
    int code = store_make_private(path, error);
    if (code != SQLITE_OK) return code;
    sqlite3_stmt *copy = connection_prepare(connection, "VACUUM INTO ?1");
    if (!copy) return sqlite3_extended_errcode(connection->db);
    statement_bind_text(copy, 1, view_of(path));
    code = sqlite3_step(copy);
    sqlite3_reset(copy);
    if (code != SQLITE_DONE) connection_error(connection, error);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Our connection still reaches what has no name any more. Half of it gets none, either. */
static int write_anew(struct store *store, struct error *error)
{
    AUTO_FREE char *directory = path_directory(store->path);
    AUTO_FREE char *path = xasprintf("%s.new", store->path);
    if (!file_make_directory(directory, error)) return SQLITE_CANTOPEN;
    (void)unlink(path); /* that a process which died was at */
    int code = copy_to(&store->writer.connection, path, error);
    if (code == SQLITE_OK && rename(path, store->path)) {
        error_set(error, "cannot write %s anew: %s", store->path, strerror(errno));
        code = SQLITE_CANTOPEN;
    }
    if (code != SQLITE_OK) (void)unlink(path);
    return code;
}

int writer_come_back(struct store *store, char **ret_aside, char **ret_what, struct error *error)
{
    struct writer *writer = &store->writer;
    bool gone = is_gone(store);
    remove_our_companions(store);
    int code = gone ? write_anew(store, error) : SQLITE_OK;
    if (code != SQLITE_OK) return code;
    if (!is_ours(store, FILE_LOCK) && !store_take_lock(store, error)) return SQLITE_CANTOPEN;
    sqlite3_db_config(writer->connection.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    writer_close(writer);
    code = writer_open(store, ret_aside, error);
    if (code == SQLITE_OK)
        *ret_what = xasprintf(gone ? "somebody removed %s: it was written anew, with all it held"
                                   : "somebody put another store in the place of %s: that is used",
                              store->path);
    return code;
}
