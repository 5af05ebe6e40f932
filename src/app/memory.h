/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon remembers, for the commands that work beside it and without it. They read the
 * store; what they want changed they put into its mailbox, which the daemon empties. */
#ifndef SHOPPER_APP_MEMORY_H
#define SHOPPER_APP_MEMORY_H

#include "base/error.h"
#include "store/read.h"

/* The options that all of them have; `settings` is the type of the command's own. */
#define MEMORY_OPTIONS(settings)                                                                   \
    {                                                                                              \
        "store", 0, "FILE", OPTION_TEXT, offsetof(struct settings, memory.store),                  \
            "the daemon's memory ($SHOPPER_STORE, else where the daemon of this user keeps it)"    \
    }

struct memory_settings {
    const char *store;
};

bool memory_is_there(const struct memory_settings *settings);
/* NULL: error says why. Close it with store_close. */
struct store *memory_open(const struct memory_settings *settings, struct error *error) MUST_CHECK;
/* Puts a word into the mailbox, signed with the name of whoever runs us. */
bool memory_tell(const struct memory_settings *settings, const char *verb, const char *argument,
                 struct error *error) MUST_CHECK;

/* "2026-11-23 11:50:27" in UTC. */
#define MEMORY_TIME_SIZE 32
void memory_time(int64_t wall_us, char text[static MEMORY_TIME_SIZE]);

#endif
