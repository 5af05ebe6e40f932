/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: a program that gets the event as JSON on its standard input. Exit 0: delivered. Exit 65
 * (sysexits' EX_DATAERR): it never will be. Anything else, a signal and slowness included: again,
 * up to the sink's `give_up_after`; to tell twice is better than never. No shell; of the event only
 * words of our own are in the environment, so no shop's text lies where a careless script would run
 * it.
 */
#include "base/file.h"
#include "base/vec.h"
#include "loop/child.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

#define EXIT_DATA_ERROR 65

struct exec_settings {
    struct sink_text_list command;
    struct exec_variable {
        char *name;
        const struct sink_text *value;
    } * variables;
    size_t variable_count;
};

static void load_command(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct exec_settings *settings = ((struct sink *)sink)->settings;
    sink_texts_load(loader, node, sink, "command", sink_text_load, NULL, &settings->command);
}

static void load_environment(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct exec_settings *settings = ((struct sink *)object)->settings;
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(loader, node, "environment", "a mapping of names to texts");
        return;
    }
    settings->variables = xcalloc(node->count + 1, sizeof *settings->variables);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        struct exec_variable *variable = &settings->variables[settings->variable_count++];
        variable->name = xstrdup(key->text);
        if (!name_is_valid(variable->name) || !strncmp(variable->name, "SHOPPER_", 8))
            diag_error(loader->diags, DIAG_BAD_VALUE, key->place,
                       "a variable's name has letters, digits and '_', and SHOPPER_... is taken");
        sink_text_load(loader, node->pairs[i].value, object, "environment", NULL, &variable->value);
    }
}

static const struct shape environment_shape = {.kind = SHAPE_NAMES, .of = &sink_text_shape};
static const struct key_rule rules[] = {
    {"command", load_command, true, &sink_texts_shape,
     "the program's path, then its arguments; no shell reads them"},
    {"environment", load_environment, false, &environment_shape,
     "what it finds in its environment besides `PATH`, `LANG` and `SHOPPER_...`"},
    {0},
};
const struct shape exec_shape = {.kind = SHAPE_MAPPING, .name = "exec", .rules = rules};

static void check(struct loader *loader, const struct yaml_node *node, const struct sink *sink)
{
    const struct exec_settings *settings = sink->settings;
    const struct sink_text *program = settings->command.items[0];
    if (program->origin == SINK_TEXT_LITERAL && *program->said != '/')
        diag_error(loader->diags, DIAG_BAD_VALUE, yaml_get(node, "command")->place,
                   "the program is named by its whole path, not '%s'", program->said);
}

static void settings_release(void *object)
{
    struct exec_settings *settings = object;
    vec_release(&settings->command);
    for (size_t i = 0; i < settings->variable_count; i++) free(settings->variables[i].name);
    free(settings->variables);
}

static void on_exit_code(void *context, enum child_end end, int number)
{
    struct sending *sending = context;
    sending->child = NULL;
    switch (end) {
    case CHILD_EXITED:
        if (number == 0)
            sending_end(sending, SINK_DELIVERED, 0, "%s", "");
        else
            sending_end(sending, number == EXIT_DATA_ERROR ? SINK_REFUSED : SINK_AGAIN, 0,
                        "the program ended with %d", number);
        return;
    case CHILD_KILLED:
        sending_end(sending, SINK_AGAIN, 0, "the program was killed by signal %d", number);
        return;
    case CHILD_TOO_SLOW:
        sending_end(sending, SINK_AGAIN, 0, "the program took too long and was killed");
        return;
    }
}

struct words {
    char **items;
    size_t count, capacity;
};

static void words_end(struct words *words)
{
    vec_each(word, words) free(*word);
    vec_release(words);
}

static void add_environment(const struct sending *sending, struct words *words)
{
    const struct exec_settings *settings = sending->sink->settings;
    const struct event *event = &sending->event;
    vec_push(words, xstrdup("PATH=/usr/local/bin:/usr/bin:/bin"));
    vec_push(words, xstrdup("LANG=C.UTF-8"));
    vec_push(words, xasprintf("SHOPPER_SINK=%s", sending->sink->name));
    vec_push(words, xasprintf("SHOPPER_EVENT_ID=%s", event->id));
    vec_push(words, xasprintf("SHOPPER_EVENT_TYPE=%s", event_type_name(event->type)));
    vec_push(words, xasprintf("SHOPPER_INCIDENT_ID=%s", event->incident_id));
    vec_push(words, xasprintf("SHOPPER_SEVERITY=%d", event->severity));
    for (size_t i = 0; i < settings->variable_count; i++)
        vec_push(words, xasprintf("%s=%s", settings->variables[i].name,
                                  sink_text_value(settings->variables[i].value)));
    vec_push(words, NULL);
}

static void send_event(struct sending *sending)
{
    const struct exec_settings *settings = sending->sink->settings;
    AUTO_ERROR error = ERROR_NONE;
    struct words arguments = {0}, environment = {0};
    for (size_t i = 0; i < settings->command.count; i++)
        vec_push(&arguments, xstrdup(sink_text_value(settings->command.items[i])));
    vec_push(&arguments, NULL);
    add_environment(sending, &environment);
    event_print(&sending->event, &sending->body);
    buf_add_char(&sending->body, '\n');
    struct child_options options = {.arguments = arguments.items,
                                    .environment = environment.items,
                                    .input = buf_view(&sending->body),
                                    .timeout_us = sending->sink->timeout_us};
    sending->child = child_start(sending->sender->loop, &options, on_exit_code, sending, &error);
    if (!sending->child) sending_end(sending, SINK_AGAIN, 0, "%s", error_text(&error));
    words_end(&arguments);
    words_end(&environment);
}

/* The program alone: who knows what its arguments say. */
static void where(const struct sink *sink, struct buf *out)
{
    sink_text_show(((const struct exec_settings *)sink->settings)->command.items[0], out);
}

const struct sink_kind exec_kind = {
    .name = "exec",
    .rules = rules,
    .settings_size = sizeof(struct exec_settings),
    .check = check,
    .release = settings_release,
    .where = where,
    .send = send_event,
    .timeout_us = 30 * US_PER_SECOND,
};
