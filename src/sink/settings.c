/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of sinks are told, as tables of keys. */
#include "sink/internal.h"

#include "base/vec.h"
#include "run/secrets.h"

#include <stdlib.h>
#include <string.h>

/* --- Texts that may be references */

static const struct shape sink_text_shape = {
    .kind = SHAPE_EITHER, .of = &text_shape, .or_of = &secret_shape};
static const struct shape text_list_shape = {.kind = SHAPE_LIST, .of = &sink_text_shape};
static const struct shape sink_texts_shape = {
    .kind = SHAPE_EITHER, .of = &sink_text_shape, .or_of = &text_list_shape};

static void load_sink_text(struct loader *loader, const struct yaml_node *node, const char *what,
                           struct sink_text *text)
{
    if (node->kind != YAML_MAPPING) {
        load_text(loader, node, what, &text->value);
        return;
    }
    text->secret.place = node->place;
    text->beside = xstrdup(source_name(node->place.source));
    load_secret_reference(loader, node, &text->secret);
}

static void load_sink_texts(struct loader *loader, const struct yaml_node *node, const char *what,
                            struct sink_texts *texts)
{
    const struct yaml_node *one = node;
    const struct yaml_node *const *items =
        node->kind == YAML_SEQUENCE ? (const struct yaml_node *const *)node->items : &one;
    size_t count = node->kind == YAML_SEQUENCE ? node->count : 1;
    for (size_t i = 0; i < count; i++) load_sink_text(loader, items[i], what, vec_add(texts));
}

#define KEY(key, loads)                                                                            \
    static void take_##key(struct loader *loader, const struct yaml_node *node, void *settings)    \
    {                                                                                              \
        loads(loader, node, #key, &((struct sink_settings *)settings)->key);                       \
    }
KEY(url, load_sink_text)
KEY(routing_key, load_sink_text)
KEY(server, load_sink_text)
KEY(user, load_sink_text)
KEY(password, load_sink_text)
KEY(from, load_sink_text)
KEY(path, load_sink_text)
KEY(address, load_sink_text)
KEY(secrets, load_sink_texts)
KEY(to, load_sink_texts)
KEY(command, load_sink_texts)
KEY(plain, load_bool)

static void take_timeout(struct loader *loader, const struct yaml_node *node, void *settings)
{
    int64_t *timeout_us = &((struct sink_settings *)settings)->timeout_us;
    if (!load_duration(loader, node, "timeout", timeout_us) || *timeout_us > 0) return;
    diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "a timeout is longer than nothing");
}

static void take_insecure(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct sink_settings *settings = object;
    if (load_bool(loader, node, "insecure", &settings->insecure) && settings->insecure)
        diag_warning(loader->diags, DIAG_BAD_VALUE, node->place,
                     "no certificate is verified: whoever stands between reads what is told");
}

/* --- The tables */

#define TIMEOUT_KEY                                                                                \
    {                                                                                              \
        "timeout", take_timeout, false, &duration_shape, "of one try (15s)"                        \
    }
#define INSECURE_KEY                                                                               \
    {                                                                                              \
        "insecure", take_insecure, false, &bool_shape, "`true`: verify no certificate; do not"     \
    }
#define SHAPE(kind_name)                                                                           \
    const struct shape kind_name##_shape = {                                                       \
        .kind = SHAPE_MAPPING, .name = #kind_name " sink", .rules = kind_name##_rules}

static const struct key_rule webhook_rules[] = {
    {"url", take_url, true, &sink_text_shape, "where CloudEvents are posted to"},
    {"secrets", take_secrets, false, &sink_texts_shape,
     "each signs what is sent (Standard Webhooks, `whsec_...`); two of them while one replaces the "
     "other"},
    TIMEOUT_KEY,
    INSECURE_KEY,
    {0},
};
SHAPE(webhook);

static const struct key_rule alertmanager_rules[] = {
    {"url", take_url, true, &sink_text_shape, "of Alertmanager: `http://127.0.0.1:9093`"},
    TIMEOUT_KEY,
    INSECURE_KEY,
    {0},
};
SHAPE(alertmanager);

static const struct key_rule pagerduty_rules[] = {
    {"routing_key", take_routing_key, true, &sink_text_shape, "of the service's integration"},
    {"url", take_url, false, &sink_text_shape, "instead of PagerDuty's own"},
    TIMEOUT_KEY,
    INSECURE_KEY,
    {0},
};
SHAPE(pagerduty);

static const struct key_rule slack_rules[] = {
    {"url", take_url, true, &sink_text_shape, "of the incoming webhook; it is a secret"},
    TIMEOUT_KEY,
    INSECURE_KEY,
    {0},
};
SHAPE(slack);

static const struct key_rule email_rules[] = {
    {"server", take_server, true, &sink_text_shape,
     "`smtp://HOST:587` (STARTTLS) or `smtps://HOST:465`"},
    {"from", take_from, true, &sink_text_shape, "an address"},
    {"to", take_to, true, &sink_texts_shape, "addresses"},
    {"user", take_user, false, &sink_text_shape, "who logs in to the server"},
    {"password", take_password, false, &sink_text_shape, "with this"},
    {"plain", take_plain, false, &bool_shape, "`true`: without TLS, to a server on this machine"},
    TIMEOUT_KEY,
    {0},
};
SHAPE(email);

static const struct key_rule syslog_rules[] = {
    {"address", take_address, false, &sink_text_shape,
     "`unix:/dev/log` (when not said), `udp:127.0.0.1:514`, `tcp:127.0.0.1:601`"},
    TIMEOUT_KEY,
    {0},
};
SHAPE(syslog);

static const struct key_rule journal_rules[] = {
    {"path", take_path, true, &sink_text_shape, "a file; `-` is standard output"},
    {0},
};
SHAPE(journal);

static const struct key_rule exec_rules[] = {
    {"command", take_command, true, &sink_texts_shape, "a program's path and its arguments"},
    TIMEOUT_KEY,
    {0},
};
SHAPE(exec);

/* --- Reading and releasing */

struct named_text {
    const char *key;
    struct sink_text *text;
};

#define TEXTS(settings)                                                                            \
    {                                                                                              \
        {"url", &(settings)->url}, {"routing_key", &(settings)->routing_key},                      \
            {"server", &(settings)->server}, {"user", &(settings)->user},                          \
            {"password", &(settings)->password}, {"from", &(settings)->from},                      \
            {"path", &(settings)->path}, {"address", &(settings)->address},                        \
    }

static bool resolve(struct sink_text *text, const char *sink, const char *key, struct diags *diags)
{
    AUTO_BUF value = BUF_INIT(SECRET_MAX_BYTES);
    AUTO_ERROR error = ERROR_NONE;
    if (!text->secret.from || text->value) return true;
    if (secret_read(&text->secret, text->beside, &value, &error)) {
        text->value = buf_take(&value);
        return true;
    }
    diag_error(diags, DIAG_UNREADABLE, text->secret.place, "%s of sink %s cannot be had: %s", key,
               sink, error_text(&error));
    return false;
}

bool settings_resolve(struct sink_settings *settings, const char *sink, struct diags *diags)
{
    const struct named_text texts[] = TEXTS(settings);
    bool good = true;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        good &= resolve(texts[i].text, sink, texts[i].key, diags);
    vec_each(text, &settings->secrets) good &= resolve(text, sink, "a secret", diags);
    vec_each(text, &settings->to) good &= resolve(text, sink, "an address", diags);
    vec_each(text, &settings->command) good &= resolve(text, sink, "a word of command", diags);
    return good;
}

static void text_release(struct sink_text *text)
{
    if (text->value) explicit_bzero(text->value, strlen(text->value));
    free(text->value);
    free(text->secret.from);
    free(text->beside);
}

static void texts_release(struct sink_texts *texts)
{
    vec_each(text, texts) text_release(text);
    vec_release(texts);
}

void settings_release(struct sink_settings *settings)
{
    const struct named_text texts[] = TEXTS(settings);
    for (size_t i = 0; i < COUNT_OF(texts); i++) text_release(texts[i].text);
    texts_release(&settings->secrets);
    texts_release(&settings->to);
    texts_release(&settings->command);
}
