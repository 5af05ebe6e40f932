/* SPDX-License-Identifier: Apache-2.0 */
/* Where the store is, and who may read it. See store.h. */
#include "base/file.h"
#include "store/internal.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

char *store_default_path(void)
{
    const char *state = getenv("STATE_DIRECTORY");
    if (state && *state) return path_join(state, "shopper.db");
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    AUTO_FREE char *local = path_join(home && *home ? home : "/", ".local/state");
    AUTO_FREE char *own = path_join(xdg && *xdg ? xdg : local, "mystery-shopper");
    return path_join(own, "shopper.db");
}

char *store_reader_path(const char *named)
{
    if (!named || !*named) named = getenv("SHOPPER_STORE");
    return named && *named ? xstrdup(named) : store_default_path();
}

static bool is_closed(const char *path)
{
    return access(path, R_OK) != 0 && errno == EACCES;
}

/* -wal and -shm: they are there while somebody has the store open for writing. A reader needs them,
 * and would make them if it could. */
static bool explain_companions(const char *path, const char *user, struct error *error)
{
    AUTO_FREE char *directory = path_directory(path);
    static const char *const endings[] = {"-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        AUTO_FREE char *companion = xasprintf("%s%s", path, endings[i]);
        if (is_closed(companion)) {
            error_set(error,
                      "user %s may read the store %s, but not its %s; restart the daemon: it makes "
                      "that anew, as readable as the store",
                      user, path, endings[i]);
            return true;
        }
        if (access(companion, F_OK) != 0 && access(directory, W_OK) != 0) {
            error_set(error, "user %s can read the store %s only while its daemon runs", user,
                      path);
            return true;
        }
    }
    return false;
}

bool store_explain_closed(const char *path, struct error *error)
{
    const struct passwd *entry = getpwuid(getuid());
    AUTO_FREE char *number = xasprintf("%lu", (unsigned long)getuid());
    const char *user = entry ? entry->pw_name : number;
    if (!is_closed(path)) return access(path, R_OK) == 0 && explain_companions(path, user, error);
    bool seen = access(path, F_OK) == 0;
    error_set(error,
              seen ? "the store %s is there, but user %s may not read it; let its group read it, "
                     "or ask as its owner"
                   : "the store %s is in a directory that user %s may not enter; let its group in, "
                     "or ask as its owner",
              path, user);
    return true;
}
