/* SPDX-License-Identifier: Apache-2.0 */
/* See memory.h. */
#include "app/memory.h"

#include "base/clock.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

bool memory_is_there(const struct memory_settings *settings)
{
    AUTO_FREE char *path = store_reader_path(settings->store);
    return access(path, F_OK) == 0 || errno == EACCES;
}

static bool say_there_is_none(const char *path, struct error *error)
{
    return error_set(
        error, "there is no memory of a daemon at %s (--store FILE says another place)", path);
}

struct store *memory_open(const struct memory_settings *settings, struct error *error)
{
    AUTO_FREE char *path = store_reader_path(settings->store);
    if (!memory_is_there(settings)) {
        (void)say_there_is_none(path, error);
        return NULL;
    }
    return store_open_reader(path, error);
}

/* Who runs us. */
static const char *memory_author(void)
{
    const struct passwd *user = getpwuid(getuid());
    return user ? user->pw_name : "somebody";
}

bool memory_tell(const struct memory_settings *settings, const char *verb, const char *argument,
                 struct error *error)
{
    AUTO_FREE char *path = store_reader_path(settings->store);
    const struct store_command command = {
        .verb = verb,
        .argument = argument,
        .author = memory_author(),
        .created_us = clock_wall_us(&clock_real),
    };
    if (!memory_is_there(settings)) return say_there_is_none(path, error);
    return store_post_command(path, &command, error);
}

void memory_time(int64_t wall_us, char text[static MEMORY_TIME_SIZE])
{
    char rfc3339[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(wall_us, rfc3339);
    rfc3339[10] = ' ';
    rfc3339[19] = '\0';
    memcpy(text, rfc3339, 20);
}
