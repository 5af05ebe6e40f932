/* SPDX-License-Identifier: Apache-2.0 */
/* From the mapping `sinks` to sinks. See sink.h. */
#include "base/redact.h"
#include "base/vec.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_GIVE_UP_AFTER_US (86400 * US_PER_SECOND)

static void load_worst_only(struct loader *loader, const struct yaml_node *node, void *sink)
{
    load_severity(loader, node, "severity", &((struct sink *)sink)->worst_only);
}

static void load_words(struct loader *loader, const struct yaml_node *node, const char *what,
                       char ***ret_words)
{
    bool several = node->kind == YAML_SEQUENCE;
    size_t count = several ? node->count : 1, kept = 0;
    if (!count) diag_error(loader->diags, DIAG_EMPTY, node->place, "%s is an empty list", what);
    *ret_words = xcalloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        char *word = NULL;
        if (load_text(loader, several ? node->items[i] : node, what, &word))
            (*ret_words)[kept++] = word;
    }
}

static void load_stages(struct loader *loader, const struct yaml_node *node, void *sink)
{
    load_words(loader, node, "stages", &((struct sink *)sink)->stages);
}

static void load_owners(struct loader *loader, const struct yaml_node *node, void *sink)
{
    load_words(loader, node, "owners", &((struct sink *)sink)->owners);
}

static void load_positive(struct loader *loader, const struct yaml_node *node, const char *what,
                          int64_t most_us, int64_t *ret_us)
{
    int64_t us = 0;
    if (!load_duration(loader, node, what, &us)) return;
    if (us < US_PER_SECOND || us > most_us)
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                   "%s must be from a second to %lld minutes", what,
                   (long long)(most_us / (60 * US_PER_SECOND)));
    else
        *ret_us = us;
}

static void load_give_up_after(struct loader *loader, const struct yaml_node *node, void *sink)
{
    load_positive(loader, node, "give_up_after", 30 * 86400 * US_PER_SECOND,
                  &((struct sink *)sink)->give_up_after_us);
}

static void load_timeout(struct loader *loader, const struct yaml_node *node, void *sink)
{
    load_positive(loader, node, "timeout", 300 * US_PER_SECOND, &((struct sink *)sink)->timeout_us);
}

static const struct key_rule sink_rules[] = {
#define X(name, help) {#name, NULL, false, &name##_shape, help},
    SINK_KINDS(X)
#undef X
        {"severity", load_worst_only, false, &severity_shape,
         "tell only incidents of this severity or worse: 2 means sev1 and sev2 (4)"},
    {"stages", load_stages, false, &texts_shape, "only incidents of these stages"},
    {"owners", load_owners, false, &texts_shape,
     "only incidents of these owners; `prober` owns what the prober itself cannot see"},
    {"give_up_after", load_give_up_after, false, &duration_shape,
     "how old a delivery may be when it is tried a last time (`24h`)"},
    {"timeout", load_timeout, false, &duration_shape, "how long one attempt may take"},
    {0},
};
static const char *const kind_words[] = {
#define X(name, help) #name,
    SINK_KINDS(X)
#undef X
        NULL,
};
static const struct shape sink_shape = {
    .kind = SHAPE_MAPPING, .name = "sink", .rules = sink_rules, .one_of = kind_words};
const struct shape sinks_shape = {.kind = SHAPE_NAMES, .of = &sink_shape};

/* The kind whose key stands there, when it is exactly one. */
static const struct yaml_node *find_kind(struct loader *loader, const struct yaml_node *node,
                                         struct sink *sink)
{
    const struct yaml_node *found = NULL;
    for (const struct sink_kind *const *kind = sink_kinds; *kind; kind++) {
        const struct yaml_node *value = yaml_get(node, (*kind)->name);
        if (!value) continue;
        if (found) {
            diag_error(loader->diags, DIAG_CONFLICT, value->place,
                       "the sink '%s' is a %s already: each kind is a sink of its own", sink->name,
                       sink->kind->name);
            return NULL;
        }
        sink->kind = *kind;
        found = value;
    }
    if (!found)
        diag_hint(diag_error(loader->diags, DIAG_MISSING_KEY, node->place,
                             "the sink '%s' says not what it is", sink->name),
                  "one of journal, webhook, alertmanager, pagerduty, slack, email, syslog, exec");
    return found;
}

static bool name_is_good(const char *name)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return *name && strlen(name) <= 100 && !name[strspn(name, good)];
}

static bool load_sink(struct loader *loader, const struct yaml_pair *pair, struct sink *sink)
{
    size_t errors = loader->diags->errors;
    sink->name = xstrdup(pair->key->text);
    if (!name_is_good(sink->name))
        diag_error(loader->diags, DIAG_BAD_VALUE, pair->key->place,
                   "a sink's name has letters, digits, '_', '-' and '.'");
    if (!load_mapping(loader, pair->value, "a sink", sink_rules, sink)) return false;
    const struct yaml_node *own = find_kind(loader, pair->value, sink);
    if (!own) return false;
    sink->settings = xcalloc(1, sink->kind->settings_size);
    if (!sink->timeout_us) sink->timeout_us = sink->kind->timeout_us;
    if (sink->kind->defaults) sink->kind->defaults(sink->settings);
    if (load_mapping(loader, own, sink->kind->name, sink->kind->rules, sink) && sink->kind->check &&
        loader->diags->errors == errors)
        sink->kind->check(loader, own, sink);
    return loader->diags->errors == errors;
}

static void sink_release(struct sink *sink)
{
    if (sink->settings && sink->kind->release) sink->kind->release(sink->settings);
    free(sink->settings);
    vec_each(text, &sink->texts) sink_text_free(*text);
    vec_release(&sink->texts);
    for (char **word = sink->stages; word && *word; word++) free(*word);
    for (char **word = sink->owners; word && *word; word++) free(*word);
    free(sink->stages);
    free(sink->owners);
    free(sink->name);
    redactor_free(sink->redactor);
}

void sinks_load(const struct yaml_node *node, struct sink_list *list, struct diags *diags)
{
    struct loader loader = {.diags = diags};
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(&loader, node, "sinks", "a mapping of names to sinks");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        struct sink sink = {.worst_only = 4, .give_up_after_us = DEFAULT_GIVE_UP_AFTER_US};
        if (load_sink(&loader, &node->pairs[i], &sink))
            vec_push(list, sink);
        else
            sink_release(&sink); /* said; it would not work */
    }
}

bool sinks_resolve(struct sink_list *list, struct diags *diags)
{
    bool good = true;
    vec_each(sink, list) {
        redactor_free(sink->redactor);
        sink->redactor = redactor_new();
        vec_each(text, &sink->texts) {
            bool had = sink_text_resolve(*text, diags);
            bool hidden = (*text)->is_secret || (*text)->origin != SINK_TEXT_LITERAL;
            if (had && hidden)
                (void)redactor_add(sink->redactor, (*text)->key, view_of((*text)->value));
            good = good && had;
        }
    }
    return good;
}

void sink_list_release(struct sink_list *list)
{
    vec_each(sink, list) sink_release(sink);
    vec_release(list);
}
