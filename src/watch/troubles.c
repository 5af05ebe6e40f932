/* SPDX-License-Identifier: Apache-2.0 */
/* Troubles of our own become incidents, and end with them. */
#include "watch/internal.h"

#include "base/log.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

/* --- The store */

/* The new store works at once; what became of the old one is to be seen for a while. */
static bool is_to_be_seen(enum store_trouble_kind kind)
{
    return kind == STORE_CORRUPT || kind == STORE_DISPLACED;
}

static void on_damage_seen(void *context)
{
    struct daemon *daemon = context;
    for (int kind = STORE_LOCKED; kind <= STORE_BEHIND; kind++) {
        AUTO_FREE char *signature =
            xasprintf("store:%s", store_trouble_name((enum store_trouble_kind)kind));
        if (is_to_be_seen((enum store_trouble_kind)kind))
            desk_lower(daemon->desk, signature, "a new store is used");
    }
}

void daemon_troubles_begin(struct daemon *daemon)
{
    timer_init(&daemon->damage, daemon->settings.loop, on_damage_seen, daemon);
}

void daemon_take_troubles(struct daemon *daemon)
{
    struct store_trouble trouble;
    while (store_take_trouble(daemon->store, &trouble)) {
        AUTO_FREE char *signature = xasprintf("store:%s", store_trouble_name(trouble.kind));
        AUTO_FREE char *message = xasprintf("the store is in trouble (%s): %s",
                                            store_trouble_name(trouble.kind), trouble.message);
        bool lasts = !is_to_be_seen(trouble.kind) && trouble.kind != STORE_BEHIND;
        if (trouble.over)
            log_line(daemon->settings.log, LOG_WARNING, "the store's trouble (%s) is over: %s",
                     store_trouble_name(trouble.kind), trouble.message);
        else
            log_line(daemon->settings.log, LOG_ERROR, "%s", message);
        if (lasts) {
            free(daemon->store_trouble);
            daemon->store_trouble = trouble.over ? NULL : xstrdup(message);
            delivery_trust_store(daemon->delivery, trouble.over);
        }
        if (trouble.over && is_to_be_seen(trouble.kind))
            timer_set(&daemon->damage, loop_now_us(daemon->settings.loop) + DAEMON_DAMAGE_US);
        else if (trouble.over)
            desk_lower(daemon->desk, signature, "recovered");
        else
            desk_raise(daemon->desk, CAUSE_SINK, signature, message);
        store_trouble_release(&trouble);
    }
}

/* --- What is open of our own troubles, when we start and when the sinks change */

struct own_troubles {
    struct daemon *daemon;
    bool starting;
    VEC(char *) over; /* signatures, owned */
    char *distrust;   /* owned; NULL: we were believed */
};

static void see_own_trouble(void *context, const struct incident_view *incident)
{
    struct own_troubles *troubles = context;
    const struct event *face = incident->face;
    bool gone = !strncmp(face->signature, "sink:", 5) &&
                !sink_list_find(&troubles->daemon->plan->sinks, face->signature + 5);
    size_t skip = strlen(HINDERED_PREFIX);
    if (!strncmp(face->signature, HINDERED_PREFIX, skip))
        gone = !daemon_find_journey(troubles->daemon, face->signature + skip);
    bool past = troubles->starting && !strncmp(face->signature, "store:", 6);
    if (gone || past) vec_push(&troubles->over, xstrdup(face->signature));
    if (troubles->starting && !strcmp(face->signature, "blind:trust"))
        troubles->distrust = xstrdup(face->message);
}

/* The store was opened, so it is well; whether we are blind has yet to be seen. */
void daemon_settle_troubles(struct daemon *daemon, bool starting)
{
    struct own_troubles troubles = {.daemon = daemon, .starting = starting};
    judge_open(desk_judge(daemon->desk), see_own_trouble, &troubles);
    vec_each(signature, &troubles.over) {
        desk_lower(daemon->desk, *signature,
                   !strncmp(*signature, "store:", 6) ? "recovered"
                                                     : "removed from the configuration");
        free(*signature);
    }
    vec_release(&troubles.over);
    if (!troubles.distrust) return;
    desk_trust(daemon->desk, false, troubles.distrust);
    free(daemon->distrust);
    daemon->distrust = troubles.distrust;
}
