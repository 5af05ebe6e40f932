/* SPDX-License-Identifier: Apache-2.0 */
/* Where the store is. See store.h. */
#include "base/file.h"
#include "store/store.h"

#include <stdlib.h>

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
