/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who need not be asked again when a letter is tried again because others did not get it. It is
 * kept in memory alone, and not for ever: whoever is forgotten gets the letter twice.
 */
#include "base/vec.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

enum { SETTLED_MAX = 1000 };

static bool is_of(const struct settled_receiver *settled, const struct sending *sending)
{
    return !strcmp(settled->event_id, sending->event.id) &&
           !strcmp(settled->sink, sending->sink->name);
}

static void drop(struct sender *sender, size_t at)
{
    struct settled_receiver *items = sender->settled.items;
    free(items[at].sink);
    free(items[at].address);
    memmove(&items[at], &items[at + 1], (--sender->settled.count - at) * sizeof *items);
}

const struct settled_receiver *receiver_settled(const struct sending *sending, const char *address)
{
    vec_each(settled, &sending->sender->settled) {
        if (is_of(settled, sending) && !strcmp(settled->address, address)) return settled;
    }
    return NULL;
}

void receiver_settle(const struct sending *sending, const char *address, bool refused)
{
    struct sender *sender = sending->sender;
    if (sender->settled.count >= SETTLED_MAX) drop(sender, 0);
    struct settled_receiver *settled = vec_add(&sender->settled);
    memcpy(settled->event_id, sending->event.id, sizeof settled->event_id);
    settled->sink = xstrdup(sending->sink->name);
    settled->address = xstrdup(address);
    settled->refused = refused;
}

void receivers_forget(const struct sending *sending)
{
    struct sender *sender = sending->sender;
    for (size_t i = sender->settled.count; i-- > 0;)
        if (is_of(&sender->settled.items[i], sending)) drop(sender, i);
}

void receivers_release(struct sender *sender)
{
    while (sender->settled.count) drop(sender, sender->settled.count - 1);
    vec_release(&sender->settled);
}
