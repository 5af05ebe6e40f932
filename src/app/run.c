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
#include "app/run_settings.h"
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
#include <unistd.h>

#define REPORT_CAP ((size_t)256 << 20)

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
    struct buf again; /* the command, with all that decides what is walked */
    struct journey_list journeys;
    VEC(struct job) jobs;
    size_t next_job;
    VEC(struct run *) runs; /* under way */
    VEC(struct run_report *) reports;
    unsigned interrupts;
    bool unwritten; /* evidence or a report could not be */
    FILE *out;      /* where people read: standard error when a report goes to standard output */
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

/* Redacted, and whole or not at all. */
static bool write_text(const struct session *session, enum report_format format,
                       const struct report_set *set, struct buf *out, struct error *error)
{
    struct writer_options writing = session->writing;
    writing.color = false;
    writing.columns = 0;
    writing.redactor = session->redactor;
    report_write(format, set, &writing, out);
    if (!out->overflowed) return true;
    return error_set(error, "the %s report is larger than %zu MB, so none is written",
                     report_format_word(format), REPORT_CAP >> 20);
}

static void write_evidence(struct session *session, const struct run_report *report)
{
    if (!session->settings.evidence || report->verdict == VERDICT_PASS) return;
    AUTO_FREE char *path = xasprintf("%s/%s.har", session->settings.evidence, report->run_id);
    AUTO_BUF text = BUF_INIT(REPORT_CAP);
    AUTO_ERROR error = ERROR_NONE;
    const struct run_report *one = report;
    const struct report_set set = {&one, 1};
    if (write_text(session, REPORT_HAR, &set, &text, &error) &&
        file_write_new(path, buf_view(&text), 0600, &error))
        return;
    session->unwritten = true;
    terminal_complain(error_text(&error));
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
    if (!session->settings.wants_har && !session->settings.wants_text)
        run_report_forget_messages(report);
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

static void say_interrupted(struct session *session)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&text, "shopper: interrupted: undoing what was made; once more ends at once\n");
    if (terminal_is(session->out))
        progress_print(session->progress, &text);
    else
        fputs(buf_text(&text), stderr);
}

static void on_signal(void *context, int number)
{
    struct session *session = context;
    (void)number;
    session->interrupts++;
    if (session->interrupts == 1 && session->runs.count) say_interrupted(session);
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
    bool good = diags.errors == 0;
    diags_sort(&diags);
    diags_drop_repeated(&diags); /* what each persona would meet */
    diags_print(&diags, &text, terminal_has_color(stderr, session->settings.no_color));
    fputs(buf_text(&text), stderr);
    diags_release(&diags);
    return good;
}

/* --- Reports */

static bool write_report(struct session *session, const char *wish, struct error *error)
{
    enum report_format format;
    const char *file = NULL;
    AUTO_BUF text = BUF_INIT(REPORT_CAP);
    const struct report_set set = {(const struct run_report *const *)session->reports.items,
                                   session->reports.count};
    if (!report_wish(wish, &format, &file, error) ||
        !write_text(session, format, &set, &text, error))
        return false;
    if (file) return file_write(file, buf_view(&text), 0644, error);
    fwrite(buf_text(&text), 1, text.length, stdout); /* see terminal_output_was_taken */
    return true;
}

/* Whether a step itself was degraded, and not only what was left behind afterwards. */
static bool is_degraded(const struct run_report *report)
{
    if (report->verdict != VERDICT_DEGRADED) return false;
    if (!report->residue.count) return true;
    vec_each(step, &report->steps) {
        if (step->section == SECTION_STEPS && step->failure.kind != OUTCOME_PASS) return true;
    }
    return false;
}

static enum exit_code code_of(const struct session *session)
{
    bool failed = false, unknown = false, residue = false, degraded = false;
    vec_each(report, &session->reports) {
        failed |= (*report)->verdict == VERDICT_FAIL;
        unknown |= (*report)->verdict == VERDICT_UNKNOWN;
        degraded |= is_degraded(*report);
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
    diags_drop_repeated(&diags);
    diags_print(&diags, &text, terminal_has_color(stderr, session->settings.no_color));
    fputs(buf_text(&text), stderr);
    diags_release(&diags);
    return good;
}

static void set_up_output(struct session *session)
{
    const struct run_settings *settings = &session->settings;
    session->out = settings->to_output ? stderr : stdout;
    bool color = terminal_has_color(session->out, settings->no_color);
    bool live = terminal_is(session->out) && !settings->quiet;
    session->writing = (struct writer_options){
        .color = color,
        .verbosity = settings->verbosity,
        .columns = terminal_width(session->out),
        .quiet = settings->quiet,
        .again = buf_text(&session->again),
        .version = SHOPPER_VERSION,
        .redactor = session->redactor,
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

/* nohup means what it says. */
static bool ignores_hangups(void)
{
    struct sigaction action;
    return sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static enum exit_code walk(struct session *session)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    struct signal_watch *watches[COUNT_OF(ending)] = {NULL};
    for (size_t i = 0; i < COUNT_OF(ending); i++) {
        if (ending[i] == SIGHUP && ignores_hangups()) continue;
        watches[i] = signal_watch_new(session->loop, ending[i], on_signal, session);
    }
    signal(SIGPIPE, SIG_IGN);
    session->engine.observe = on_event;
    session->engine.observe_context = session;
    start_jobs(session);
    if (session->runs.count) loop_run(session->loop);
    for (size_t i = 0; i < COUNT_OF(ending); i++) signal_watch_free(watches[i]);
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    const struct report_set set = {(const struct run_report *const *)session->reports.items,
                                   session->reports.count};
    text_write_summary(&set, &session->writing, &text);
    if (!session->settings.quiet) progress_print(session->progress, &text);
    enum exit_code code = code_of(session);
    for (size_t i = 0; i < session->settings.reports.count; i++) {
        if (write_report(session, session->settings.reports.items[i], &error)) continue;
        terminal_complain(error_text(&error));
        session->unwritten = true;
    }
    AUTO_ERROR untaken = ERROR_NONE;
    if (!terminal_output_was_taken(&untaken)) {
        terminal_complain(error_text(&untaken));
        session->unwritten = true;
    }
    return session->unwritten && code == EXIT_CODE_PASSED ? EXIT_CODE_UNKNOWN : code;
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
    buf_release(&session->again);
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
    if (!run_settings_are_good(&session->settings, error)) return EXIT_CODE_USAGE;
    if (session->settings.evidence && !file_make_directory(session->settings.evidence, error))
        return EXIT_CODE_USAGE;
    if (!load_all(session, names) ||
        !journeys_read(&session->journeys, &session->settings.set, error))
        return EXIT_CODE_USAGE;
    session->again = BUF_INIT(REPORT_CAP);
    run_settings_write_again(&session->settings, &session->again);
    vec_push(&session->settings.set, NULL);
    raise_descriptor_limit();
    session->redactor = redactor_new();
    if (!set_up_client(session, error)) return EXIT_CODE_USAGE;
    set_up_output(session);
    engine_init(&session->engine, session->loop, session->client, session->personas,
                session->redactor, &session->log);
    session->engine.keep_messages = session->settings.wants_har || session->settings.evidence ||
                                    session->settings.verbosity >= 3;
    plan(session);
    if (!refuse_bad_jobs(session)) return EXIT_CODE_USAGE;
    return walk(session);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct session session = {.settings = RUN_SETTINGS_INIT};
    struct text_list names = {0};
    AUTO_ERROR error = ERROR_NONE;
    enum exit_code code = EXIT_CODE_USAGE;
    if (options_parse(command, argc, argv, &session.settings, &names, &error)) {
        code = run_session(&session, &names, &error);
    }
    if (error.message) terminal_complain(error.message);
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
