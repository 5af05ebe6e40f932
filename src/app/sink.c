/* SPDX-License-Identifier: Apache-2.0 */
/* shopper sink: whom the daemon would tell, and a test event to one of them. */
#include "sink/sink.h"

#include "app/commands.h"
#include "app/memory.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "loop/loop.h"
#include "watch/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sink_options {
    struct memory_settings memory;
    const char *config;
};

static const struct option_row sink_options_table[] = {
    {"config", 'c', "FILE", OPTION_TEXT, offsetof(struct sink_options, config),
     "the daemon's configuration"},
    MEMORY_OPTIONS(sink_options),
    {0},
};

/* What the configuration names, with its secrets. */
struct plan_of_sinks {
    struct config config;
    struct sink_list sinks;
};

static bool load(const char *path, bool with_secrets, struct plan_of_sinks *plan)
{
    struct diags diags = DIAGS_INIT;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    bool good = config_load(path, &plan->config, &diags);
    if (good && plan->config.sinks) sinks_load(plan->config.sinks, &plan->sinks, &diags);
    if (good && with_secrets) good = sinks_resolve(&plan->sinks, &diags);
    good = good && !diags.errors;
    diags_sort(&diags);
    diags_print(&diags, &text, terminal_has_color(stderr, false));
    fputs(buf_text(&text), stderr);
    diags_release(&diags);
    return good;
}

static void release(struct plan_of_sinks *plan)
{
    sink_list_release(&plan->sinks);
    config_release(&plan->config);
}

/* --- test */

struct trial {
    struct loop *loop;
    enum sink_outcome outcome;
    char *why;
};

static void on_sent(void *context, const struct sink_result *result)
{
    struct trial *trial = context;
    trial->outcome = result->outcome;
    trial->why =
        *result->said ? xasprintf("%s: %s", result->why, result->said) : xstrdup(result->why);
    loop_stop(trial->loop);
}

static struct event test_event(void)
{
    int64_t now_us = clock_wall_us(&clock_real);
    struct event event = {
        .type = EVENT_TEST,
        .severity = 4,
        .time_us = now_us,
        .opened_us = now_us,
        .line = xstrdup("TEST: nothing is wrong; somebody tries whether you can be told of "
                        "incidents"),
        .signature = xstrdup("test"),
        .message = xstrdup("this is a test"),
    };
    char **texts[] = {&event.kind,     &event.stage,    &event.host,   &event.step,
                      &event.expected, &event.actual,   &event.rule,   &event.owner,
                      &event.runbook,  &event.trace_id, &event.run_id, &event.resolution};
    for (size_t i = 0; i < COUNT_OF(texts); i++) *texts[i] = xstrdup("");
    id_uuid_v7(now_us, event.id);
    return event; /* of no incident: kinds that need a key have one for all tests */
}

static bool send(const struct plan_of_sinks *plan, const struct sink *sink, struct trial *trial,
                 struct error *error)
{
    const struct config *config = &plan->config;
    const struct sender_settings settings = {
        .loop = trial->loop,
        .source = config->location ? config->location : "mystery-shopper",
        .public_url = config->http.public_url,
        .ca_file = config->ca_file,
    };
    struct sender *sender = sender_new(&settings, error);
    if (!sender) return false;
    struct event event = test_event();
    struct sending *sending = sink_send(sender, sink, &event, on_sent, trial);
    loop_run(trial->loop);
    if (!trial->why) sending_cancel(sending); /* nothing was left to wait for */
    event_release(&event);
    sender_free(sender);
    return trial->why || error_set(error, "sink %s never said how it went", sink->name);
}

/* An incident of it is over, and what waits for it may go. */
static void tell_daemon(const struct sink_options *options, const struct config *config,
                        const char *name)
{
    AUTO_ERROR error = ERROR_NONE;
    const char *store = options->memory.store ? options->memory.store : config->store;
    const struct memory_settings memory = {store};
    if (!memory_is_there(&memory) || memory_tell(&memory, "sink-works", name, &error)) return;
    terminal_complain(error_text(&error));
}

static bool test(const struct sink_options *options, const char *name, enum exit_code *ret_code,
                 struct error *error)
{
    struct plan_of_sinks plan = {0};
    struct trial trial = {0};
    bool good = load(options->config, true, &plan);
    const struct sink *sink = good ? sink_list_find(&plan.sinks, name) : NULL;
    *ret_code = EXIT_CODE_USAGE;
    if (good && !sink) (void)error_set(error, "there is no sink '%s'", name);
    if (sink && (trial.loop = loop_new(NULL, error)) && send(&plan, sink, &trial, error)) {
        bool delivered = trial.outcome == SINK_DELIVERED;
        AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&line, "%s (%s): %s%s", name, sink_kind_name(sink),
                 !delivered   ? ""
                 : *trial.why ? "delivered, but not to everybody: "
                              : "delivered",
                 trial.why);
        terminal_say(stdout, &line);
        if (delivered) tell_daemon(options, &plan.config, name);
        *ret_code = delivered ? EXIT_CODE_PASSED : EXIT_CODE_FAILED;
    }
    free(trial.why);
    loop_free(trial.loop);
    release(&plan);
    return *ret_code != EXIT_CODE_USAGE;
}

struct widths {
    int name, kind, where;
};

static void widen(int *width, const char *text)
{
    int needed = (int)utf8_count(view_of(text));
    if (needed > *width) *width = needed;
}

static struct widths widths_of(const struct sink_list *sinks)
{
    struct widths widths = {0};
    vec_each(sink, sinks) {
        AUTO_BUF where = BUF_INIT(BUF_OWN_CAP);
        sink_print_where(sink, &where);
        widen(&widths.name, sink->name);
        widen(&widths.kind, sink_kind_name(sink));
        widen(&widths.where, buf_text(&where));
    }
    return widths;
}

static void print_sink(const struct sink *sink, const struct widths *widths)
{
    AUTO_BUF where = BUF_INIT(BUF_OWN_CAP), line = BUF_INIT(BUF_OWN_CAP);
    sink_print_where(sink, &where);
    int pad = widths->where - (int)utf8_count(buf_view(&where));
    buf_addf(&line, "%-*s  %-*s  %s%*s  ", widths->name, sink->name, widths->kind,
             sink_kind_name(sink), buf_text(&where), pad, "");
    sink_print_what(sink, &line);
    terminal_say(stdout, &line);
}

static bool list(const struct sink_options *options, enum exit_code *ret_code)
{
    struct plan_of_sinks plan = {0};
    bool good = load(options->config, false, &plan);
    const struct widths widths = widths_of(&plan.sinks);
    *ret_code = good ? EXIT_CODE_PASSED : EXIT_CODE_USAGE;
    if (good)
        vec_each(sink, &plan.sinks) print_sink(sink, &widths);
    if (good && !plan.sinks.count) puts("nobody is told");
    release(&plan);
    return good;
}

static int run_sink(const struct command *command, int argc, char **argv)
{
    struct sink_options options = {0};
    struct text_list words = {0};
    AUTO_ERROR error = ERROR_NONE;
    enum exit_code code = EXIT_CODE_USAGE;
    bool good = options_parse(command, argc, argv, &options, &words, &error);
    const char *verb = words.count ? words.items[0] : "list";
    if (good && !options.config)
        (void)error_set(&error, "sink wants --config FILE");
    else if (good && !strcmp(verb, "list") && words.count < 2)
        (void)list(&options, &code);
    else if (good && !strcmp(verb, "test") && words.count == 2)
        (void)test(&options, words.items[1], &code, &error);
    else if (good)
        (void)error_set(&error, "sink wants: list, or test NAME");
    if (error.message) terminal_complain(error_text(&error));
    vec_release(&words);
    return (int)code;
}

const struct command command_sink = {
    .name = "sink",
    .arguments = "[list|test NAME]",
    .summary = "list whom the daemon would tell, or send one of them a test",
    .details =
        "'list' says where each of them is, and what it is told; no secret, and of a URL no more "
        "than its host.\n'test' sends an event that says that it is a test, and prints how it "
        "went; an incident of a sink that takes\nit is over. Exit 0: it was delivered; 1: it was "
        "not.",
    .options = sink_options_table,
    .run = run_sink,
};
