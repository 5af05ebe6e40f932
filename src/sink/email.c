/* SPDX-License-Identifier: Apache-2.0 */
/* email: a letter per event by SMTP; the letters of one incident are one thread. See letter.c for
 * the letter, http/mail.h for its way. */
#include "base/vec.h"
#include "http/mail.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

struct email_settings {
    const struct sink_text *server, *from, *user, *password;
    struct sink_text_list to;
    bool plain;
};

static bool check_server(const char *value, struct error *error)
{
    struct view rest = view_of(value);
    if (view_starts_with(rest, VIEW_LITERAL("smtp://")))
        rest = view_from(rest, 7);
    else if (view_starts_with(rest, VIEW_LITERAL("smtps://")))
        rest = view_from(rest, 8);
    else
        rest = VIEW_NONE;
    for (size_t i = 0; i < rest.length; i++)
        if (rest.data[i] <= ' ' || strchr("@/?#\x7f", rest.data[i])) rest = VIEW_NONE;
    return rest.length || error_set(error, "is smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT");
}

#define TEXT_KEY(key, load, check)                                                                 \
    static void load_##key(struct loader *loader, const struct yaml_node *node, void *sink)        \
    {                                                                                              \
        struct email_settings *settings = ((struct sink *)sink)->settings;                         \
        load(loader, node, sink, #key, check, &settings->key);                                     \
    }
TEXT_KEY(server, sink_text_load, check_server)
TEXT_KEY(from, sink_text_load, letter_check_address)
TEXT_KEY(user, sink_text_load, sink_check_header)
TEXT_KEY(password, sink_secret_load, sink_check_header)

static void load_to(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct email_settings *settings = ((struct sink *)sink)->settings;
    sink_texts_load(loader, node, sink, "to", sink_text_load, letter_check_address, &settings->to);
}

static void load_plain(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct sink *sink = object;
    struct email_settings *settings = sink->settings;
    if (!load_bool(loader, node, "plain", &settings->plain) || !settings->plain) return;
    diag_warning(loader->diags, DIAG_BAD_VALUE, node->place,
                 "the sink '%s' sends mail, and its password if it has one, WITHOUT encryption",
                 sink->name);
}

static const struct key_rule rules[] = {
    {"server", load_server, true, &sink_text_shape,
     "`smtp://HOST:587` (STARTTLS is demanded) or `smtps://HOST:465`"},
    {"from", load_from, true, &sink_text_shape, "the sender's address"},
    {"to", load_to, true, &sink_texts_shape, "the receivers' addresses"},
    {"user", load_user, false, &sink_text_shape, "who signs in; with `password`"},
    {"password", load_password, false, &sink_text_shape, "with what"},
    {"plain", load_plain, false, &bool_shape,
     "`true`: no encryption; only for a relay on the same machine"},
    SINK_INSECURE_KEY,
    {0},
};
const struct shape email_shape = {.kind = SHAPE_MAPPING, .name = "email", .rules = rules};

static void check(struct loader *loader, const struct yaml_node *node, const struct sink *sink)
{
    const struct email_settings *settings = sink->settings;
    if (!settings->user != !settings->password)
        diag_error(loader->diags, DIAG_MISSING_KEY, node->place,
                   "`user` and `password` go together");
    if (settings->plain && !strncmp(settings->server->said, "smtps:", 6))
        diag_error(loader->diags, DIAG_CONFLICT, node->place, "smtps:// is never `plain`");
}

static void settings_release(void *object)
{
    vec_release(&((struct email_settings *)object)->to);
}

/* Those who did not settle this event's letter yet, in their order. NULL-terminated. */
static const char **open_receivers(const struct sending *sending)
{
    const struct email_settings *settings = sending->sink->settings;
    const char **open = xcalloc(settings->to.count + 1, sizeof(char *));
    size_t count = 0;
    for (size_t i = 0; i < settings->to.count; i++) {
        const char *address = sink_text_value(settings->to.items[i]);
        if (!receiver_settled(sending, address)) open[count++] = address;
    }
    return open;
}

/* All is settled: delivered if anybody has it, but not without a word of those who refused. */
static void end_settled(struct sending *sending, const char *why)
{
    const struct email_settings *settings = sending->sink->settings;
    bool delivered = false;
    AUTO_FREE char *refused = NULL;
    for (size_t i = 0; i < settings->to.count; i++) {
        const char *address = sink_text_value(settings->to.items[i]);
        const struct settled_receiver *settled = receiver_settled(sending, address);
        if (settled && !settled->refused) delivered = true;
        if (settled && settled->refused && !refused)
            refused = xasprintf("it was refused for %s", address);
    }
    receivers_forget(sending);
    if (refused && !*why) why = refused;
    sending_end(sending, delivered ? SINK_DELIVERED : SINK_REFUSED, 0, "%s", why);
}

static void on_mailed(void *context, const struct mail_report *report)
{
    struct sending *sending = context;
    sending->mail = NULL;
    AUTO_FREE const char **to = open_receivers(sending); /* as they were asked */
    for (size_t i = 0; to[i]; i++)
        if (report->each[i] != MAIL_LATER)
            receiver_settle(sending, to[i], report->each[i] == MAIL_REFUSED);
    if (*report->said) sending_hear(sending, view_of(report->said));
    if (report->result == MAIL_LATER)
        sending_end(sending, SINK_AGAIN, 0, "%s", report->why);
    else
        end_settled(sending, report->why);
}

static void write_letter(const struct sending *sending, const char *const *to, struct buf *out)
{
    const struct email_settings *settings = sending->sink->settings;
    const struct event *event = &sending->event;
    AUTO_BUF subject = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    words_subject(event, &subject);
    buf_addf(&text, "%s\n\n", buf_text(&subject));
    words_details(sending->sender, event, &text);
    bool alone = !words_is_incident(event) || !*event->incident_id;
    struct letter letter = {
        .from = sink_text_value(settings->from),
        .to = to,
        .subject = buf_text(&subject),
        .text = buf_text(&text),
        .id = event->id,
        .thread_id = alone ? event->id : event->incident_id,
        .first = alone || event->type == EVENT_OPENED,
        .wall_us = event->time_us,
    };
    letter_write(&letter, out);
}

static void send_event(struct sending *sending)
{
    const struct email_settings *settings = sending->sink->settings;
    AUTO_FREE const char **all = xcalloc(settings->to.count + 1, sizeof(char *));
    for (size_t i = 0; i < settings->to.count; i++) all[i] = sink_text_value(settings->to.items[i]);
    write_letter(sending, all, &sending->body);
    AUTO_FREE const char **to = open_receivers(sending);
    if (!*to) { /* nobody who is left by a reload waits for it */
        end_settled(sending, "");
        return;
    }
    struct mail_options options = {
        .server = sink_text_value(settings->server),
        .user = sink_text_value(settings->user),
        .password = sink_text_value(settings->password),
        .from = sink_text_value(settings->from),
        .to = to,
        .message = buf_view(&sending->body),
        .ca_file = sending->sender->ca_file,
        .plain = settings->plain,
        .insecure = sending->sink->insecure,
        .timeout_us = sending->sink->timeout_us,
    };
    sending->mail = mail_send(sending->sender->loop, &options, on_mailed, sending);
}

static void where(const struct sink *sink, struct buf *out)
{
    const struct email_settings *settings = sink->settings;
    for (size_t i = 0; i < settings->to.count; i++) {
        if (i) buf_add_text(out, ", ");
        sink_text_show(settings->to.items[i], out);
    }
    buf_add_text(out, " by ");
    sink_text_show(settings->server, out);
}

const struct sink_kind email_kind = {
    .name = "email",
    .rules = rules,
    .settings_size = sizeof(struct email_settings),
    .check = check,
    .release = settings_release,
    .where = where,
    .send = send_event,
    .timeout_us = 30 * US_PER_SECOND,
};
