/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shopper run: walks journeys now, side by side, and says what the shoppers met.
 *
 * Nothing is sent before every journey, persona and secret has proved good. The first Ctrl-C ends
 * the steps and lets what is owed be undone; the second ends everything and says what was left
 * behind.
 */
#include "run/run.h"

#include "app/commands.h"
#include "app/journeys.h"
#include "app/progress.h"
#include "app/terminal.h"
#include "base/file.h"
#include "base/vec.h"
#include "http/curl_client.h"
#include "report/writer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct run_settings {
    struct text_list personas, stages, set, resolve, reports;
    const char *base, *personas_file, *ca_file, *crl_file, *certificate, *private_key, *evidence;
    unsigned repeat, parallel;
    int64_t deadline_us;
    int verbosity;
    bool insecure, quiet, no_color, strict;
};

#define FIELD(name) offsetof(struct run_settings, name)

static const struct option_row run_options_table[] = {
    {"persona", 'p', "NAME", OPTION_LIST, FIELD(personas), "only as this persona; repeatable"},
    {"personas", 0, "FILE", OPTION_TEXT, FIELD(personas_file),
     "personas of your own, beside the built-in ones"},
    {"stage", 's', "STAGE", OPTION_LIST, FIELD(stages),
     "only journeys that have this stage; repeatable"},
    {"var", 0, "NAME=VALUE", OPTION_LIST, FIELD(set), "set a variable; repeatable"},
    {"base", 'b', "URL", OPTION_TEXT, FIELD(base), "the shop, instead of the journey's base"},
    {"repeat", 'n', "N", OPTION_NUMBER, FIELD(repeat), "walk each journey N times"},
    {"parallel", 'j', "N", OPTION_NUMBER, FIELD(parallel),
     "at most N shoppers at once (default: all)"},
    {"deadline", 'd', "TIME", OPTION_DURATION, FIELD(deadline_us),
     "of a run, instead of the journey's"},
    {"report", 'r', "FORMAT[:FILE]", OPTION_LIST, FIELD(reports),
     "text, json, junit, tap or har; repeatable; no FILE: standard output"},
    {"evidence", 'e', "DIRECTORY", OPTION_TEXT, FIELD(evidence),
     "write a HAR file for each failed run there"},
    {"cacert", 0, "FILE", OPTION_TEXT, FIELD(ca_file),
     "trust these certificates instead of the system's"},
    {"crl", 0, "FILE", OPTION_TEXT, FIELD(crl_file),
     "refuse the certificates that these lists revoke"},
    {"cert", 0, "FILE", OPTION_TEXT, FIELD(certificate), "show this client certificate (PEM)"},
    {"key", 0, "FILE", OPTION_TEXT, FIELD(private_key),
     "the client certificate's private key (PEM)"},
    {"insecure", 'k', NULL, OPTION_FLAG, FIELD(insecure),
     "verify no certificate: a stolen session would pass unseen"},
    {"resolve", 0, "HOST:PORT:ADDRESS", OPTION_LIST, FIELD(resolve),
     "look this name up here; repeatable"},
    {"strict", 0, NULL, OPTION_FLAG, FIELD(strict), "degraded is a failure, too"},
    {"verbose", 'v', NULL, OPTION_COUNTER, FIELD(verbosity),
     "say more; -vv phases, -vvv headers and the engine's log"},
    {"quiet", 'q', NULL, OPTION_FLAG, FIELD(quiet), "say nothing of what passed"},
    {"no-color", 0, NULL, OPTION_FLAG, FIELD(no_color), "no colours (also: NO_COLOR)"},
    {0},
};

/* One run to be walked. */
struct job {
    struct journey *journey;
    const char *persona;
};

struct session {
    struct run_settings settings;
    struct loop *loop;
    struct http_client *client;
    struct personas *personas;
    struct redactor *redactor;
    struct log log;
    struct engine engine;
    struct progress *progress;
    struct writer_options writing;
    struct journey_list journeys;
    VEC(struct job) jobs;
    size_t next_job;
    VEC(struct run *) runs; /* under way */
    VEC(struct run_report *) reports;
    unsigned interrupts;
    FILE *out; /* where people read: standard error when a report goes to standard output */
};

/* --- What is asked for */

static bool asks_for(const struct text_list *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!strcmp(list->items[i], word)) return true;
    }
    return false;
}

static bool has_asked_stage(const struct session *session, const struct journey *journey)
{
    const struct text_list *stages = &session->settings.stages;
    for (size_t i = 0; i < stages->count; i++) {
        if (journey_has_stage(journey, stages->items[i])) return true;
    }
    return !stages->count;
}

static void plan_journey(struct session *session, struct journey *journey)
{
    const struct text_list *asked = &session->settings.personas;
    for (size_t i = 0; i < journey->persona_count; i++) {
        if (asked->count && !asks_for(asked, journey->personas[i])) continue;
        vec_push(&session->jobs, ((struct job){journey, journey->personas[i]}));
    }
    for (size_t i = 0; i < asked->count;
         i++) { /* a persona that the journey does not name itself may still walk it */
        bool named = false;
        for (size_t k = 0; k < journey->persona_count; k++) {
            if (!strcmp(asked->items[i], journey->personas[k])) named = true;
        }
        if (!named) vec_push(&session->jobs, ((struct job){journey, asked->items[i]}));
    }
}

static void plan(struct session *session)
{
    unsigned times = session->settings.repeat ? session->settings.repeat : 1;
    for (unsigned i = 0; i < times; i++) {
        vec_each(journey, &session->journeys) {
            if (has_asked_stage(session, *journey)) plan_journey(session, *journey);
        }
    }
}

static struct run_options options_of(const struct session *session, const struct job *job)
{
    return (struct run_options){
        .journey = job->journey,
        .persona = job->persona,
        .base = session->settings.base,
        .set = session->settings.set.items,
        .deadline_us = session->settings.deadline_us,
    };
}

/* --- Walking */

static void start_jobs(struct session *session);

static void write_evidence(struct session *session, const struct run_report *report)
{
    if (!session->settings.evidence || report->verdict == VERDICT_PASS) return;
    AUTO_FREE char *path = xasprintf("%s/%s.har", session->settings.evidence, report->run_id);
    AUTO_BUF text = BUF_INIT((size_t)256 << 20), redacted = BUF_INIT((size_t)256 << 20);
    AUTO_ERROR error = ERROR_NONE;
    const struct run_report *one = report;
    const struct report_set set = {&one, 1};
    report_write(REPORT_HAR, &set, &session->writing, &text);
    redact_add(session->redactor, &redacted, buf_view(&text));
    if (file_write(path, buf_view(&redacted), 0600, &error)) return;
    fprintf(stderr, "shopper: %s\n", error_text(&error));
}

static void forget_run(struct session *session, const struct run_report *report)
{
    vec_each(run, &session->runs) {
        if (strcmp(run_so_far(*run)->run_id, report->run_id)) continue;
        *run = *vec_last(&session->runs);
        session->runs.count--;
        return;
    }
}

static void on_done(void *context, struct run_report *report)
{
    struct session *session = context;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    vec_push(&session->reports, report);
    if (!session->settings.quiet || report->verdict != VERDICT_PASS) {
        text_write_run(report, &session->writing, &text);
        progress_print(session->progress, &text);
    }
    write_evidence(session, report);
}

/* The run frees itself after on_done: what it was is known by its end. */
static void on_event(void *context, const struct run *run, enum run_event event,
                     const struct step_report *step)
{
    struct session *session = context;
    progress_observe(session->progress, run, event, step);
    if (event != RUN_EVENT_ENDED) return;
    forget_run(session, run_so_far(run));
    start_jobs(session);
    if (!session->runs.count && session->next_job == session->jobs.count) loop_stop(session->loop);
}

static void start_jobs(struct session *session)
{
    size_t most = session->settings.parallel ? session->settings.parallel : session->jobs.count;
    while (!session->interrupts && session->next_job < session->jobs.count &&
           session->runs.count < most) {
        struct run_options options = options_of(session, &session->jobs.items[session->next_job++]);
        struct diags diags = DIAGS_INIT;
        struct run *run = run_start(&session->engine, &options, on_done, session, &diags);
        ASSERT(run); /* refuse_bad_jobs has seen to that */
        diags_release(&diags);
        vec_push(&session->runs, run);
    }
    if (session->interrupts) session->next_job = session->jobs.count;
}

static void on_signal(void *context, int number)
{
    struct session *session = context;
    (void)number;
    session->interrupts++;
    session->next_job = session->jobs.count;
    /* Ending a run takes it off the list, so walk a copy. */
    size_t count = session->runs.count;
    struct run **runs = xcalloc(count, sizeof(struct run *));
    memcpy(runs, session->runs.items, count * sizeof(struct run *));
    for (size_t i = 0; i < count; i++) {
        if (session->interrupts == 1)
            run_stop(runs[i], "interrupted");
        else
            run_abort(runs[i]);
    }
    free(runs);
}

/* Everything that a run needs is asked for before the first one starts. */
static bool refuse_bad_jobs(struct session *session)
{
    struct diags diags = DIAGS_INIT;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    size_t once = session->settings.repeat ? session->jobs.count / session->settings.repeat
                                           : session->jobs.count;
    for (size_t i = 0; i < once; i++) {
        struct run_options options = options_of(session, &session->jobs.items[i]);
        if (!run_check(&session->engine, &options, &diags)) continue;
    }
    diags_sort(&diags);
    diags_print(&diags, &text, terminal_has_color(stderr, session->settings.no_color));
    fputs(buf_text(&text), stderr);
    bool good = diags.errors == 0;
    diags_release(&diags);
    return good;
}

/* --- Reports */

static bool write_report(struct session *session, const char *wish, struct error *error)
{
    const char *colon = strchr(wish, ':');
    AUTO_FREE char *word = colon ? xstrndup(wish, (size_t)(colon - wish)) : xstrdup(wish);
    enum report_format format;
    AUTO_BUF text = BUF_INIT((size_t)256 << 20), redacted = BUF_INIT((size_t)256 << 20);
    if (!report_format_find(word, &format))
        return error_set(error, "there is no report format '%s'", word);
    const struct report_set set = {(const struct run_report *const *)session->reports.items,
                                   session->reports.count};
    struct writer_options writing = session->writing;
    writing.color = false;
    writing.columns = 0;
    report_write(format, &set, &writing, &text);
    redact_add(session->redactor, &redacted, buf_view(&text));
    if (colon) return file_write(colon + 1, buf_view(&redacted), 0644, error);
    fwrite(buf_text(&redacted), 1, redacted.length, stdout);
    return true;
}

static bool reports_are_good(const struct text_list *reports, bool *ret_to_output,
                             struct error *error)
{
    for (size_t i = 0; i < reports->count; i++) {
        const char *colon = strchr(reports->items[i], ':');
        AUTO_FREE char *word =
            colon ? xstrndup(reports->items[i], (size_t)(colon - reports->items[i]))
                  : xstrdup(reports->items[i]);
        enum report_format format;
        if (!report_format_find(word, &format)) {
            return error_set(error, "there is no report format '%s': text, json, junit, tap or har",
                             word);
        }
        if (!colon) *ret_to_output = true;
    }
    return true;
}

static enum exit_code code_of(const struct session *session)
{
    bool failed = false, unknown = false, residue = false, degraded = false;
    vec_each(report, &session->reports) {
        failed |= (*report)->verdict == VERDICT_FAIL;
        unknown |= (*report)->verdict == VERDICT_UNKNOWN;
        degraded |= (*report)->verdict == VERDICT_DEGRADED && !(*report)->residue.count;
        residue |= (*report)->residue.count > 0;
    }
    if (failed) return EXIT_CODE_FAILED;
    if (unknown || !session->reports.count) return EXIT_CODE_UNKNOWN;
    if (degraded && session->settings.strict) return EXIT_CODE_FAILED;
    return residue ? EXIT_CODE_RESIDUE : EXIT_CODE_PASSED;
}

/* --- Setting up and taking down */

/* Each shopper needs a descriptor or two. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool set_up_client(struct session *session, struct error *error)
{
    vec_push(&session->settings.resolve, NULL);
    const struct curl_client_options options = {
        .ca_file = session->settings.ca_file,
        .crl_file = session->settings.crl_file,
        .certificate = session->settings.certificate,
        .private_key = session->settings.private_key,
        .insecure = session->settings.insecure,
        .resolve = session->settings.resolve.items,
        .log = &session->log,
    };
    session->loop = loop_new(NULL, error);
    if (!session->loop) return false;
    session->client = curl_client_new(session->loop, &options, error);
    return session->client != NULL;
}

static bool load_all(struct session *session, const struct text_list *names)
{
    struct diags diags = DIAGS_INIT;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct set_names set = set_names_of(&session->settings.set);
    const struct load_options options = {.set_names = set.names};
    session->personas = personas_new();
    bool good = !session->settings.personas_file ||
                personas_load(session->personas, session->settings.personas_file, &diags);
    if (!journeys_load(names, &options, &session->journeys, &diags)) good = false;
    set_names_release(&set);
    diags_sort(&diags);
    diags_print(&diags, &text, terminal_has_color(stderr, session->settings.no_color));
    fputs(buf_text(&text), stderr);
    diags_release(&diags);
    return good;
}

static void set_up_output(struct session *session, bool to_output)
{
    const struct run_settings *settings = &session->settings;
    session->out = to_output ? stderr : stdout;
    bool color = terminal_has_color(session->out, settings->no_color);
    bool live = terminal_is(session->out) && !settings->quiet;
    session->writing = (struct writer_options){
        .color = color,
        .verbosity = settings->verbosity,
        .columns = terminal_width(session->out),
        .quiet = settings->quiet,
        .again = "shopper run",
        .version = SHOPPER_VERSION,
    };
    session->log = (struct log){
        .level = settings->verbosity >= 3 ? LOG_TRACE : LOG_WARNING,
        .redactor = session->redactor,
    };
    session->progress = progress_new(session->loop, session->out, live, color, session->redactor);
    if (settings->insecure) {
        fputs("shopper: WARNING: --insecure: certificates are not verified, anyone on the way can "
              "pose as the shop\n",
              stderr);
    }
}

static enum exit_code walk(struct session *session)
{
    struct signal_watch *interrupt = signal_watch_new(session->loop, SIGINT, on_signal, session);
    struct signal_watch *terminate = signal_watch_new(session->loop, SIGTERM, on_signal, session);
    signal(SIGPIPE, SIG_IGN);
    session->engine.observe = on_event;
    session->engine.observe_context = session;
    start_jobs(session);
    if (session->runs.count) loop_run(session->loop);
    signal_watch_free(interrupt);
    signal_watch_free(terminate);
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    const struct report_set set = {(const struct run_report *const *)session->reports.items,
                                   session->reports.count};
    text_write_summary(&set, &session->writing, &text);
    if (!session->settings.quiet) progress_print(session->progress, &text);
    enum exit_code code = code_of(session);
    for (size_t i = 0; i < session->settings.reports.count; i++) {
        if (write_report(session, session->settings.reports.items[i], &error)) continue;
        fprintf(stderr, "shopper: %s\n", error_text(&error));
        if (code == EXIT_CODE_PASSED) code = EXIT_CODE_UNKNOWN;
    }
    return code;
}

static void tear_down(struct session *session)
{
    progress_free(session->progress);
    engine_release(&session->engine);
    if (session->client) session->client->operations->free(session->client);
    loop_free(session->loop);
    vec_each(report, &session->reports) run_report_free(*report);
    vec_release(&session->reports);
    vec_release(&session->runs);
    vec_release(&session->jobs);
    journey_list_release(&session->journeys);
    personas_free(session->personas);
    redactor_free(session->redactor);
    struct run_settings *settings = &session->settings;
    vec_release(&settings->personas);
    vec_release(&settings->stages);
    vec_release(&settings->set);
    vec_release(&settings->resolve);
    vec_release(&settings->reports);
}

static enum exit_code run_session(struct session *session, const struct text_list *names,
                                  struct error *error)
{
    bool to_output = false;
    if (!set_values_are_good(&session->settings.set, error)) return EXIT_CODE_USAGE;
    if (!reports_are_good(&session->settings.reports, &to_output, error)) return EXIT_CODE_USAGE;
    if (session->settings.evidence && !file_make_directory(session->settings.evidence, error))
        return EXIT_CODE_USAGE;
    if (!load_all(session, names)) return EXIT_CODE_USAGE;
    vec_push(&session->settings.set, NULL);
    raise_descriptor_limit();
    session->redactor = redactor_new();
    if (!set_up_client(session, error)) return EXIT_CODE_USAGE;
    set_up_output(session, to_output);
    engine_init(&session->engine, session->loop, session->client, session->personas,
                session->redactor, &session->log);
    session->engine.keep_messages =
        session->settings.evidence != NULL || session->settings.verbosity >= 3;
    for (size_t i = 0; i < session->settings.reports.count; i++) {
        if (!strncmp(session->settings.reports.items[i], "har", 3))
            session->engine.keep_messages = true;
    }
    plan(session);
    if (!refuse_bad_jobs(session)) return EXIT_CODE_USAGE;
    return walk(session);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct session session = {0};
    struct text_list names = {0};
    AUTO_ERROR error = ERROR_NONE;
    enum exit_code code = EXIT_CODE_USAGE;
    if (options_parse(command, argc, argv, &session.settings, &names, &error)) {
        code = run_session(&session, &names, &error);
    }
    if (error.message) fprintf(stderr, "shopper: %s\n", error.message);
    tear_down(&session);
    vec_release(&names);
    return (int)code;
}

const struct command command_run = {
    .name = "run",
    .arguments = "[JOURNEY|DIRECTORY...]",
    .summary = "walk journeys now and say what the shoppers met",
    .details = "Without arguments, the directory 'journeys'. Each journey is walked once for each "
               "of its personas,\n"
               "all at once. Ctrl-C ends the steps and undoes what was made; a second one ends "
               "everything.",
    .options = run_options_table,
    .run = run,
};
