/* SPDX-License-Identifier: Apache-2.0 */
/* What people tell the daemon: words in the store's mailbox, put there by commands that run beside
 * it, and the same words from whoever has its HTTP face. */
#include "watch/internal.h"

#include "answer/json.h"
#include "base/log.h"
#include "base/vec.h"
#include "watch/maintenance.h"

#include <string.h>

/* --- The verbs */

static bool acknowledge(struct daemon *daemon, const char *argument, const char *author,
                        struct error *error)
{
    return desk_acknowledge(daemon->desk, argument, author, true) ||
           error_set(error, "no open incident is called %s", argument);
}

static bool unacknowledge(struct daemon *daemon, const char *argument, const char *author,
                          struct error *error)
{
    return desk_acknowledge(daemon->desk, argument, author, false) ||
           error_set(error, "no open incident is called %s", argument);
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static int64_t number_of(const cJSON *object, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(number) && number->valuedouble > 0 && number->valuedouble < 9e15
               ? (int64_t)number->valuedouble
               : 0;
}

static bool add_silence(struct daemon *daemon, const char *argument, const char *author,
                        struct error *error)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *object = json_parse(view_of(argument), &reason);
    const struct store_silence silence = {
        .id = text_of(object, "id"),
        .matcher = text_of(object, "matcher"),
        .comment = text_of(object, "comment"),
        .author = author,
        .from_us = number_of(object, "from_us"),
        .until_us = number_of(object, "until_us"),
    };
    bool good = object && *silence.id && silence.until_us > silence.from_us &&
                silence_matcher_is_good(silence.matcher, &reason);
    if (good)
        desk_silence(daemon->desk, &silence);
    else
        error_set(error, "no silence: %s", reason.length ? buf_text(&reason) : "it has no end");
    cJSON_Delete(object);
    return good;
}

static bool remove_silence(struct daemon *daemon, const char *argument, const char *author,
                           struct error *error)
{
    (void)author;
    return desk_unsilence(daemon->desk, argument) ||
           error_set(error, "there is no silence %s", argument);
}

/* What was given up before was written before, so the ledger knows all of it now. */
static void on_settled(void *context, bool written)
{
    struct daemon *daemon = context;
    if (written) desk_look_at_residue(daemon->desk);
}

static bool is_owed(const struct daemon *daemon, enum store_debt_state state, const char *id)
{
    struct store_debt_list debts;
    AUTO_ERROR error = ERROR_NONE;
    bool found = !store_debts(daemon->store, state, &debts, &error); /* who knows */
    vec_each(debt, &debts) {
        if (!strcmp(debt->id, id)) found = true;
    }
    store_debt_list_release(&debts);
    return found;
}

static bool settle_residue(struct daemon *daemon, const char *argument, const char *author,
                           struct error *error)
{
    (void)author;
    if (!is_owed(daemon, DEBT_RESIDUE, argument) && !is_owed(daemon, DEBT_OWED, argument))
        return error_set(error, "nothing left behind is called %s", argument);
    struct store_batch *batch = store_begin(daemon->store);
    batch_settle_debt(batch, argument, daemon_wall_us(daemon));
    store_commit(batch, on_settled, daemon);
    return true;
}

/* `shopper sink test` told it something, and it took that. */
static bool believe_sink(struct daemon *daemon, const char *argument, const char *author,
                         struct error *error)
{
    (void)author;
    if (!sink_list_find(&daemon->plan->sinks, argument))
        return error_set(error, "there is no sink '%s'", argument);
    delivery_sink_works(daemon->delivery, argument);
    return true;
}

static const struct {
    const char *verb;
    bool (*act)(struct daemon *daemon, const char *argument, const char *author,
                struct error *error);
} verbs[] = {
    {"ack", acknowledge},
    {"unack", unacknowledge},
    {"add-silence", add_silence},
    {"remove-silence", remove_silence},
    {"settle-residue", settle_residue},
    {"sink-works", believe_sink},
};

bool daemon_command(struct daemon *daemon, const char *verb, const char *argument,
                    const char *author, struct error *error)
{
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        if (!strcmp(verbs[i].verb, verb)) return verbs[i].act(daemon, argument, author, error);
    }
    return error_set(error, "there is no command '%s'", verb);
}

/* --- The mailbox */

static void carry_out(struct daemon *daemon, const struct store_command *command)
{
    AUTO_ERROR error = ERROR_NONE;
    struct store_batch *batch = store_begin(daemon->store);
    daemon->last_command = command->sequence; /* it stays readable until the batch is written */
    if (daemon_command(daemon, command->verb, command->argument, command->author, &error))
        log_line(daemon->settings.log, LOG_INFO, "%s, by %s", command->verb, command->author);
    else
        log_line(daemon->settings.log, LOG_WARNING, "%s, by %s: %s", command->verb, command->author,
                 error_text(&error));
    batch_take_command(batch, command->sequence);
    store_commit(batch, NULL, NULL);
}

/* They may be about what was before: it is read first. */
static void on_mailbox(void *context)
{
    struct daemon *daemon = context;
    AUTO_ERROR error = ERROR_NONE;
    struct store_command_list commands;
    if (!daemon->past_unread && store_commands(daemon->store, &commands, &error)) {
        vec_each(command, &commands) {
            if (command->sequence > daemon->last_command) carry_out(daemon, command);
        }
        store_command_list_release(&commands);
    }
    timer_set(&daemon->mailbox, loop_now_us(daemon->settings.loop) + DAEMON_MAILBOX_US);
}

void daemon_mailbox_begin(struct daemon *daemon)
{
    timer_init(&daemon->mailbox, daemon->settings.loop, on_mailbox, daemon);
    timer_set(&daemon->mailbox, loop_now_us(daemon->settings.loop));
}
