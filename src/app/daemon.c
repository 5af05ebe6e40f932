/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shopper daemon: walks journeys on their schedules, and tells people when shoppers cannot shop.
 * Here stand its command line and its log; the daemon itself is watch/daemon.
 */
#include "watch/daemon.h"

#include "app/commands.h"
#include "app/host.h"
#include "app/terminal.h"
#include "base/log.h"
#include "base/redact.h"
#include "base/vec.h"
#include "text/quantity.h"

#include <stdio.h>

struct daemon_options {
    const char *config, *store, *listen;
    struct text_list resolve;
    int verbosity;
};

static const struct option_row daemon_options_table[] = {
    {"config", 'c', "FILE", OPTION_TEXT, offsetof(struct daemon_options, config),
     "what to watch, where to remember, whom to tell"},
    {"store", 0, "FILE", OPTION_TEXT, offsetof(struct daemon_options, store),
     "remember here, whatever the configuration says"},
    {"listen", 'l', "ADDRESS:PORT", OPTION_TEXT, offsetof(struct daemon_options, listen),
     "serve status page, metrics and API here, whatever the configuration says"},
    {"resolve", 0, "HOST:PORT:ADDRESS", OPTION_LIST, offsetof(struct daemon_options, resolve),
     "look this name up here; repeatable"},
    {"verbose", 'v', NULL, OPTION_COUNTER, offsetof(struct daemon_options, verbosity),
     "log more; -vv every run, -vvv the engine"},
    {0},
};

struct watcher {
    struct log log;
    struct redactor *redactor;
    struct host *host; /* NULL: no HTTP face */
};

static void on_run(void *context, const struct run_report *report, unsigned flags, int64_t late_us)
{
    struct watcher *watcher = context;
    serve_observe(host_server(watcher->host), report,
                  &(struct serve_observed){.late_us = late_us, .flags = flags});
    log_line(&watcher->log, LOG_DEBUG, "%s as %s: %s after %lld ms, %lld ms late",
             report->journey->name, report->persona, verdict_word(report->verdict),
             (long long)(report->duration_us / US_PER_MS), (long long)(late_us / US_PER_MS));
}

static void on_missed(void *context, const char *journey, const char *persona)
{
    serve_missed(host_server(((struct watcher *)context)->host), journey, persona);
}

static void on_change(void *context)
{
    serve_changed(host_server(((struct watcher *)context)->host));
}

static bool begin_serving(struct watcher *watcher, struct daemon *daemon, struct loop *loop,
                          const char *listen)
{
    AUTO_ERROR error = ERROR_NONE;
    watcher->host = host_new(daemon, loop, listen, &error);
    if (watcher->host)
        log_line(&watcher->log, LOG_NOTICE, "status page: %s/", host_url(watcher->host));
    if (error.message) log_line(&watcher->log, LOG_ERROR, "%s", error.message);
    return !error.message;
}

static enum log_level level_of(int verbosity)
{
    static const enum log_level levels[] = {LOG_NOTICE, LOG_INFO, LOG_DEBUG, LOG_TRACE};
    return levels[verbosity < 3 ? verbosity : 3];
}

static bool watch(const struct daemon_options *options, const struct text_list *journeys,
                  struct loop *loop)
{
    struct diags diags = DIAGS_INIT;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct watcher watcher = {.redactor = redactor_new()};
    watcher.log = (struct log){.level = level_of(options->verbosity), .redactor = watcher.redactor};
    const struct daemon_settings settings = {
        .source = {options->config, journeys->items, journeys->count},
        .store = options->store,
        .resolve = options->resolve.items,
        .loop = loop,
        .redactor = watcher.redactor,
        .log = &watcher.log,
        .on_run = on_run,
        .on_missed = on_missed,
        .on_change = on_change,
        .context = &watcher,
    };
    struct daemon *daemon = daemon_new(&settings, &diags);
    diags_sort(&diags);
    diags_print(&diags, &text, terminal_has_color(stderr, false));
    fputs(buf_text(&text), stderr);
    diags_release(&diags);
    bool good = daemon && begin_serving(&watcher, daemon, loop, options->listen);
    if (good) {
        const struct rounds_state state = rounds_state(daemon_rounds(daemon));
        log_line(&watcher.log, LOG_NOTICE, "watching %zu journey%s with %zu shopper%s",
                 state.journeys, PLURAL(state.journeys), state.subjects, PLURAL(state.subjects));
        loop_run(loop);
    }
    host_free(watcher.host);
    daemon_free(daemon);
    redactor_free(watcher.redactor);
    return good;
}

static int run_daemon(const struct command *command, int argc, char **argv)
{
    struct daemon_options options = {0};
    struct text_list journeys = {0};
    AUTO_ERROR error = ERROR_NONE;
    struct loop *loop = NULL;
    bool good = options_parse(command, argc, argv, &options, &journeys, &error);
    if (good && !options.config && !journeys.count)
        good = error_set(&error, "daemon wants --config FILE, or journeys to watch");
    vec_push(&options.resolve, NULL);
    if (good) good = (loop = loop_new(NULL, &error));
    if (!good) terminal_complain(error_text(&error));
    if (good) good = watch(&options, &journeys, loop);
    loop_free(loop);
    vec_release(&options.resolve);
    vec_release(&journeys);
    return good ? EXIT_CODE_PASSED : EXIT_CODE_USAGE;
}

const struct command command_daemon = {
    .name = "daemon",
    .arguments = "[JOURNEY|DIRECTORY...]",
    .summary = "walk journeys on their schedules and tell people when shoppers cannot shop",
    .details =
        "SIGHUP, or a change of the files, reloads: a configuration with an error is refused, and "
        "the old one\ngoes on. SIGTERM lets shoppers clean up behind them, then ends. Exit 0: it "
        "was told to end; 2: it could not begin.",
    .options = daemon_options_table,
    .run = run_daemon,
};
