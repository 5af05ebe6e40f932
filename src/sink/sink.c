/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks as the configuration names them: what they are, what they want, how long to wait between
 * tries. See sink.h. */
#include "sink/internal.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

/* --- The mapping `sinks` */

static void load_kind(struct loader *loader, const struct yaml_node *node, struct sink *sink,
                      const struct sink_kind *kind)
{
    struct sink_settings *settings = sink->settings;
    if (sink->kind) {
        diag_error(loader->diags, DIAG_CONFLICT, node->place, "a sink is of one kind: %s or %s",
                   sink->kind->name, kind->name);
        return;
    }
    sink->kind = kind;
    (void)load_mapping(loader, node, kind->shape->name, kind->shape->rules, settings);
}

#define KINDS(X)                                                                                   \
    X(webhook, "CloudEvents, signed as Standard Webhooks")                                         \
    X(alertmanager, "Prometheus' Alertmanager")                                                    \
    X(pagerduty, "PagerDuty, Events API v2")                                                       \
    X(slack, "Slack, and what takes the shape of its webhooks")                                    \
    X(email, "mail")                                                                               \
    X(syslog, "syslog, RFC 5424")                                                                  \
    X(journal, "JSON lines in a file, or on standard output")                                      \
    X(exec, "a program of your own, with the event on its standard input")

#define X(name, help)                                                                              \
    static void load_##name(struct loader *loader, const struct yaml_node *node, void *sink)       \
    {                                                                                              \
        load_kind(loader, node, sink, &sink_##name);                                               \
    }
KINDS(X)
#undef X

static void load_severity(struct loader *loader, const struct yaml_node *node, void *object)
{
    unsigned severity;
    if (load_count(loader, node, "severity", 1, 4, &severity))
        ((struct sink *)object)->worst_only = (int)severity;
}

static char **load_names(struct loader *loader, const struct yaml_node *node, const char *what)
{
    const struct yaml_node *one = node;
    const struct yaml_node *const *items =
        node->kind == YAML_SEQUENCE ? (const struct yaml_node *const *)node->items : &one;
    size_t count = node->kind == YAML_SEQUENCE ? node->count : 1, kept = 0;
    char **names = xcalloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        if (load_text(loader, items[i], what, &names[kept])) kept++;
    return names;
}

static void load_stages(struct loader *loader, const struct yaml_node *node, void *sink)
{
    ((struct sink *)sink)->stages = load_names(loader, node, "stages");
}

static void load_owners(struct loader *loader, const struct yaml_node *node, void *sink)
{
    ((struct sink *)sink)->owners = load_names(loader, node, "owners");
}

static void load_give_up_after(struct loader *loader, const struct yaml_node *node, void *sink)
{
    load_duration(loader, node, "give_up_after", &((struct sink *)sink)->give_up_after_us);
}

static const struct shape severity_shape = {.kind = SHAPE_COUNT, .least = 1, .most = 4};
static const struct key_rule sink_rules[] = {
#define X(name, help) {#name, load_##name, false, &name##_shape, help},
    KINDS(X)
#undef X
        {"severity", load_severity, false, &severity_shape,
         "only what is so bad or worse (4: everything)"},
    {"stages", load_stages, false, &texts_shape, "only these stages"},
    {"owners", load_owners, false, &texts_shape, "only journeys of these owners"},
    {"give_up_after", load_give_up_after, false, &duration_shape,
     "what cannot be delivered for so long is given up (24h)"},
    {0},
};
static const char *const kind_words[] = {
#define X(name, help) #name,
    KINDS(X)
#undef X
        NULL,
};
static const struct shape sink_shape = {
    .kind = SHAPE_MAPPING, .name = "sink", .rules = sink_rules, .one_of = kind_words};
const struct shape sinks_shape = {.kind = SHAPE_NAMES, .of = &sink_shape};

static void load_sink(struct loader *loader, const struct yaml_pair *pair, struct sink *sink)
{
    struct sink_settings *settings = NEW(struct sink_settings);
    settings->timeout_us = SINK_TIMEOUT_US;
    *sink = (struct sink){.name = xstrdup(pair->key->text),
                          .settings = settings,
                          .worst_only = 4,
                          .give_up_after_us = SINK_GIVE_UP_US};
    if (!load_mapping(loader, pair->value, "a sink", sink_rules, sink) || sink->kind) return;
    struct diag *diag = diag_error(loader->diags, DIAG_MISSING_KEY, pair->value->place,
                                   "sink %s needs a kind", sink->name);
    diag_hint(diag, "webhook, alertmanager, pagerduty, slack, email, syslog, journal or exec");
}

void sinks_load(const struct yaml_node *node, struct sink_list *list, struct diags *diags)
{
    struct loader loader = {.diags = diags};
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(&loader, node, "sinks", "a mapping of names to sinks");
        return;
    }
    for (size_t i = 0; i < node->count; i++) load_sink(&loader, &node->pairs[i], vec_add(list));
}

bool sinks_resolve(struct sink_list *list, struct diags *diags)
{
    bool good = true;
    vec_each(sink, list) good &= settings_resolve(sink->settings, sink->name, diags);
    return good;
}

static void names_release(char **names)
{
    for (size_t i = 0; names && names[i]; i++) free(names[i]);
    free(names);
}

void sink_list_release(struct sink_list *list)
{
    vec_each(sink, list) {
        settings_release(sink->settings);
        free(sink->settings);
        names_release(sink->stages);
        names_release(sink->owners);
        free(sink->name);
    }
    vec_release(list);
}

const struct sink *sink_list_find(const struct sink_list *list, const char *name)
{
    vec_each(sink, list) {
        if (!strcmp(sink->name, name)) return sink;
    }
    return NULL;
}

const char *sink_kind_name(const struct sink *sink)
{
    return sink->kind->name;
}

/* --- What it wants */

static bool is_among(char *const *names, const char *name)
{
    if (!names) return true;
    for (; *names; names++)
        if (!strcmp(*names, name)) return true;
    return false;
}

bool sink_wants(const struct sink *sink, const struct event *event)
{
    return event->type == EVENT_TEST ||
           (event->severity <= sink->worst_only && is_among(sink->stages, event->stage) &&
            is_among(sink->owners, event->owner));
}

int64_t sink_refresh_us(const struct sink *sink)
{
    return sink->kind ? sink->kind->refresh_us : 0;
}

int64_t sink_pause_us(unsigned attempts, int64_t asked_us, uint64_t random_bits)
{
    enum { FIRST_S = 2, MOST_S = 300 };
    int64_t pause_us = MOST_S * US_PER_SECOND;
    if (attempts && attempts < 9) pause_us = (FIRST_S * US_PER_SECOND) << (attempts - 1);
    if (pause_us > MOST_S * US_PER_SECOND) pause_us = MOST_S * US_PER_SECOND;
    pause_us = pause_us / 2 + (int64_t)(random_bits % (uint64_t)(pause_us / 2 + 1));
    int64_t hour_us = 3600 * US_PER_SECOND;
    if (asked_us > hour_us) asked_us = hour_us;
    return asked_us > pause_us ? asked_us : pause_us;
}
