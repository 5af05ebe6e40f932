/* SPDX-License-Identifier: Apache-2.0 */
/* A program of the team's own: the event as JSON on its standard input, the most important of it
 * in its environment, no shell. Exit 0: delivered; what sysexits.h calls a wrong use, wrong data,
 * a wrong configuration or no permission: refused; all else: later. */
#include "sink/internal.h"

#include "base/vec.h"

#include <stdlib.h>
#include <sysexits.h>

static void on_end(void *context, enum child_end end, int number)
{
    static const int final[] = {EX_USAGE, EX_DATAERR, EX_NOPERM, EX_CONFIG};
    struct sending *sending = context;
    sending->child = NULL;
    if (end == CHILD_EXITED && number == 0) {
        sending_end(sending, SINK_DELIVERED, 0, "%s", "");
        return;
    }
    bool is_final = false;
    for (size_t i = 0; i < COUNT_OF(final); i++)
        if (end == CHILD_EXITED && number == final[i]) is_final = true;
    const char *how = end == CHILD_EXITED   ? "the program ended with exit code"
                      : end == CHILD_KILLED ? "the program was killed by signal"
                                            : "the program took too long: it was killed by signal";
    sending_end(sending, is_final ? SINK_REFUSED : SINK_AGAIN, 0, "%s %d", how, number);
}

struct words {
    char **items;
    size_t count, capacity;
};

static void add_variable(struct words *environment, const char *name, const char *value)
{
    AUTO_FREE char *line = words_line(value, WORDS_LINE_MAX);
    vec_push(environment, xasprintf("%s=%s", name, line));
}

static void fill_environment(struct words *environment, const struct event *event)
{
    AUTO_FREE char *severity = xasprintf("%d", event->severity);
    AUTO_FREE char *subject = words_subject(event);
    vec_push(environment, xstrdup("PATH=/usr/local/bin:/usr/bin:/bin"));
    add_variable(environment, "SHOPPER_EVENT", event_type_name(event->type));
    add_variable(environment, "SHOPPER_EVENT_ID", event->id);
    add_variable(environment, "SHOPPER_INCIDENT_ID", event->incident_id);
    add_variable(environment, "SHOPPER_SEVERITY", severity);
    add_variable(environment, "SHOPPER_STAGE", event->stage);
    add_variable(environment, "SHOPPER_KIND", event->kind);
    add_variable(environment, "SHOPPER_HOST", event->host);
    add_variable(environment, "SHOPPER_OWNER", event->owner);
    add_variable(environment, "SHOPPER_SUBJECT", subject);
    vec_push(environment, NULL);
}

static void run_program(struct sending *sending, const struct event *event)
{
    const struct sink_settings *settings = sending_settings(sending);
    struct words arguments = {0}, environment = {0};
    AUTO_BUF input = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    cJSON *object = words_object(event, sending->sender);
    json_print(object, &input);
    cJSON_Delete(object);
    buf_add_char(&input, '\n');
    for (size_t i = 0; i < settings->command.count; i++)
        vec_push(&arguments, settings->command.items[i].value);
    vec_push(&arguments, NULL);
    fill_environment(&environment, event);
    const struct child_options options = {.arguments = arguments.items,
                                          .environment = environment.items,
                                          .input = buf_view(&input),
                                          .timeout_us = settings->timeout_us};
    sending->child = child_start(sending->sender->loop, &options, on_end, sending, &error);
    if (!sending->child) sending_end(sending, SINK_AGAIN, 0, "%s", error_text(&error));
    vec_each(variable, &environment) free(*variable);
    vec_release(&environment);
    vec_release(&arguments);
}

const struct sink_kind sink_exec = {.name = "exec", .shape = &exec_shape, .send = run_program};
