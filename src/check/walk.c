/* SPDX-License-Identifier: Apache-2.0 */
/*
 * -f: walks a journey, as all its personas side by side, and tells what they met. The only part of
 * check_shopper that sends anything, and a module of its own: see check.h.
 *
 * Life: check_see sets up, starts every run and turns the loop until the last one has ended. The
 * first of two timers and a first signal end the steps, so that there is time to clean up; the
 * second timer, which is -t, and a second signal end everything.
 */
#include "base/redact.h"
#include "base/vec.h"
#include "check/measures.h"
#include "http/curl_client.h"
#include "journey/uses.h"
#include "report/parts.h"
#include "run/run.h"
#include "text/quantity.h"

#include <signal.h>
#include <string.h>

/* Why a run was stopped */
#define LATE "timed out"
#define INTERRUPTED "interrupted"
#define ABORTED "aborted" /* as run_abort says */

#define MOST_CLEAN_UP_US (30 * US_PER_SECOND) /* as run/run.c has it */

struct walking {
    struct check_settings *settings;
    struct loop *loop;
    struct http_client *client;
    struct personas *personas;
    struct redactor *redactor;
    struct journey *journey;
    struct log log;
    struct engine engine;
    struct timer late, over; /* the steps end; everything ends */
    int64_t steps_us;        /* until `late`: -t, less what is kept for cleaning up */
    VEC(struct run *) runs;  /* under way */
    VEC(struct run_report *) reports;
    struct text_list order; /* the shoppers' personas, as they were asked for */
    bool is_over;
    unsigned signals;
};

/* --- Ending */

static void end_runs(struct walking *walking, void (*end)(struct run *run))
{
    size_t count = walking->runs.count; /* ending a run takes it off the list: walk a copy */
    struct run **runs = xcalloc(count + 1, sizeof(struct run *));
    memcpy(runs, walking->runs.items, count * sizeof(struct run *));
    for (size_t i = 0; i < count; i++) end(runs[i]);
    free(runs);
}

static void stop_late(struct run *run)
{
    run_stop(run, LATE);
}

static void stop_interrupted(struct run *run)
{
    run_stop(run, INTERRUPTED);
}

static void on_late(void *context)
{
    struct walking *walking = context;
    end_runs(walking, stop_late);
}

static void on_over(void *context)
{
    struct walking *walking = context;
    on_late(context);
    walking->is_over = walking->runs.count > 0;
    end_runs(walking, run_abort);
}

static bool has_undo(const struct journey *journey)
{
    for (size_t i = 0; i < journey->step_count; i++) {
        if (journey->steps[i].undo_count) return true;
    }
    for (size_t i = 0; i < journey->used_count; i++) {
        if (has_undo(journey->used[i])) return true;
    }
    return false;
}

/* A fifth of -t is kept for undo and finally, but no more than they may take. */
static int64_t steps_time(const struct walking *walking)
{
    int64_t kept_us = walking->settings->timeout_us / 5;
    if (!walking->journey->finally_count && !has_undo(walking->journey)) kept_us = 0;
    if (kept_us > MOST_CLEAN_UP_US) kept_us = MOST_CLEAN_UP_US;
    return walking->settings->timeout_us - kept_us;
}

static void on_signal(void *context, int number)
{
    struct walking *walking = context;
    (void)number;
    end_runs(walking, walking->signals++ ? run_abort : stop_interrupted);
}

static void on_done(void *context, struct run_report *report)
{
    struct walking *walking = context;
    vec_push(&walking->reports, report);
}

/* They are told in the order in which they were asked for, whoever came home first. */
static void sort_reports(struct walking *walking)
{
    const struct text_list *personas = &walking->order;
    size_t sorted = 0;
    for (size_t i = 0; i < personas->count; i++) {
        for (size_t k = sorted; k < walking->reports.count; k++) {
            struct run_report *report = walking->reports.items[k];
            if (strcmp(report->persona, personas->items[i]) != 0) continue;
            walking->reports.items[k] = walking->reports.items[sorted];
            walking->reports.items[sorted++] = report;
            break;
        }
    }
}

static void on_event(void *context, const struct run *run, enum run_event event,
                     const struct step_report *step)
{
    struct walking *walking = context;
    (void)step;
    if (event != RUN_EVENT_ENDED) return;
    vec_each(other, &walking->runs) {
        if (*other != run) continue;
        *other = *vec_last(&walking->runs);
        walking->runs.count--;
        break;
    }
    if (!walking->runs.count) loop_stop(walking->loop);
}

/* --- Telling */

/* The step under way when the run was stopped: the first of those that say so. */
static const char *step_stopped(const struct run_report *report)
{
    vec_each(step, &report->steps) {
        /* "interrupted", or "interrupted after its request was sent" */
        if (step->skipped && !strncmp(step->skipped, report->stopped, strlen(report->stopped)))
            return step->name;
    }
    return NULL;
}

/* What a run was ended by says more than its verdict, unless the shop had failed it before. */
static void tell_stop(const struct walking *walking, const struct run_report *report,
                      struct check_seen *seen, struct buf *text)
{
    const char *step = step_stopped(report);
    int64_t whole_us = walking->settings->timeout_us, kept_us = whole_us - walking->steps_us;
    bool aborted = !strcmp(report->stopped, ABORTED), late = !strcmp(report->stopped, LATE);
    if (aborted && report->verdict == VERDICT_FAIL) return;
    seen->instead_state = NAGIOS_UNKNOWN;
    if (late || (aborted && walking->is_over))
        seen->instead_state = walking->settings->timeout_state;
    if (aborted && walking->is_over) {
        buf_add_text(text, "timed out after ");
        quantity_print_duration(whole_us, text);
        buf_add_text(text, " while cleaning up");
    } else {
        buf_add_text(text, report->stopped);
        if (late) buf_add_text(text, " after ");
        if (late) quantity_print_duration(walking->steps_us, text);
        if (step) buf_addf(text, " in '%s'", step);
    }
    if (late && kept_us) {
        buf_add_text(text, " (-t ");
        quantity_print_duration(whole_us, text);
        buf_add_text(text, " keeps ");
        quantity_print_duration(kept_us, text);
        buf_add_text(text, " for cleaning up)");
    }
    if (report->residue.count) buf_add_text(text, "; something may be left in the shop");
    seen->instead = buf_text(text);
}

static void redact_line(const struct walking *walking, struct check_verdict *verdict)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    redact_add(walking->redactor, &line, view_of(verdict->line));
    free(verdict->line);
    verdict->line = buf_take(&line);
}

static void add_details(const struct walking *walking, const struct run_report *report,
                        enum nagios_state state, struct buf *details)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    const struct writer_options writing = {
        .verbosity = walking->settings->verbosity,
        .version = SHOPPER_VERSION,
    };
    if (state == NAGIOS_OK && !writing.verbosity) return;
    text_write_run(report, &writing, &text);
    redact_add(walking->redactor, details, buf_view(&text));
}

static void tell(const struct walking *walking, const struct run_report *report,
                 struct measured_list *measured, struct check_answer *answer)
{
    AUTO_BUF instead = BUF_INIT(BUF_OWN_CAP), reason = BUF_INIT(BUF_OWN_CAP);
    const struct step_report *culprit = run_report_culprit(report);
    bool several = walking->reports.count > 1;
    struct check_seen seen = {
        .journey = report->journey->name,
        .persona = report->persona,
        .verdict = report->verdict,
        .duration_us = report->duration_us,
        .steps = run_steps_walked(report),
    };
    if (culprit) {
        seen.step = culprit->name;
        seen.stage = culprit->stage;
        seen.line = culprit->failure.message;
        seen.severity = culprit->severity;
    } else {
        add_run_reason(&reason, report);
        seen.line = buf_text(&reason);
    }
    if (report->stopped) tell_stop(walking, report, &seen, &instead);
    struct check_verdict *verdict = check_judge(walking->settings, &seen, several, answer);
    struct measured *own = vec_add(measured);
    own->persona = report->persona;
    step_times_add(&own->times, report);
    measures_judge(walking->settings, own, verdict);
    redact_line(walking, verdict);
    add_details(walking, report, verdict->state, &answer->output.details);
}

/* Totals first, then steps, then phases: where room is short, the last go. */
static void tell_all(const struct walking *walking, struct check_answer *answer)
{
    if (walking->settings->insecure)
        buf_add_text(&answer->output.details, "certificates were not verified (--insecure)\n");
    struct measured_list measured = {0};
    vec_each(report, &walking->reports) tell(walking, *report, &measured, answer);
    measures_add(walking->settings, &measured, measured.count > 1, &answer->output);
    measured_list_release(&measured);
}

/* --- Setting up */

/* What is wrong, in one line: the first, and how many there are. */
static bool refuse(struct diags *diags, struct error *error)
{
    diags_sort(diags);
    size_t others = diags->errors + diags->dropped;
    vec_each(diag, diags) {
        if (diag->level != DIAG_ERROR) continue;
        char place[PLACE_TEXT_SIZE];
        place_print(diag->place, place);
        error_set(error, "%s%s%s%s%s", place, *place ? ": " : "", diag->message,
                  diag->hint ? "; " : "", diag->hint ? diag->hint : "");
        if (others > 1) error_wrap(error, "%zu errors, the first", others);
        break;
    }
    diags_release(diags);
    return false;
}

static bool has_step(const struct journey *journey, const char *name)
{
    for (size_t i = 0; i < journey->step_count; i++) {
        const struct step *step = &journey->steps[i];
        if (step->kind != STEP_USE && !strcmp(step->name, name)) return true;
    }
    for (size_t i = 0; i < journey->used_count; i++) {
        if (has_step(journey->used[i], name)) return true;
    }
    return false;
}

static bool load(struct walking *walking, struct error *error)
{
    const struct check_settings *settings = walking->settings;
    struct diags diags = DIAGS_INIT;
    struct set_names set = set_names_of(&settings->set);
    const struct load_options options = {.set_names = set.names};
    walking->personas = personas_new();
    bool good = !settings->personas_file ||
                personas_load(walking->personas, settings->personas_file, &diags);
    if (good) walking->journey = journey_load(settings->file, &options, &diags);
    bool read = !walking->journey || uses_of_all(set.names, &walking->journey, 1, error);
    set_names_release(&set);
    if (!walking->journey) return refuse(&diags, error);
    diags_release(&diags);
    if (!read) return false;
    vec_each(limit, &settings->limits) {
        if (has_step(walking->journey, limit->step)) continue;
        return error_set(error, "--step: %s has no step '%s'", settings->file, limit->step);
    }
    return true;
}

static bool set_up(struct walking *walking, struct error *error)
{
    struct check_settings *settings = walking->settings;
    vec_push(&settings->set, NULL);
    vec_push(&settings->resolve, NULL);
    const struct curl_client_options options = {
        .ca_file = settings->ca_file,
        .insecure = settings->insecure,
        .resolve = settings->resolve.items,
        .log = &walking->log,
    };
    walking->redactor = redactor_new();
    walking->log = (struct log){.level = LOG_ERROR, .redactor = walking->redactor};
    walking->loop = loop_new(NULL, error);
    if (!walking->loop) return false;
    walking->client = curl_client_new(walking->loop, &options, error);
    if (!walking->client) return false;
    engine_init(&walking->engine, walking->loop, walking->client, walking->personas,
                walking->redactor, &walking->log);
    walking->engine.keep_messages = settings->verbosity >= 3;
    walking->engine.observe = on_event;
    walking->engine.observe_context = walking;
    return true;
}

static struct run_options options_of(const struct walking *walking, const char *persona)
{
    return (struct run_options){
        .journey = walking->journey,
        .persona = persona,
        .base = walking->settings->base,
        .set = walking->settings->set.items,
    };
}

/* Everything that a run needs is asked for before the first one starts. */
static bool start(struct walking *walking, struct error *error)
{
    const struct text_list *asked = &walking->settings->personas;
    const struct journey *journey = walking->journey;
    size_t count = asked->count ? asked->count : journey->persona_count;
    struct diags diags = DIAGS_INIT;
    for (int starting = 0; starting < 2; starting++) {
        for (size_t i = 0; i < count; i++) {
            const struct run_options options =
                options_of(walking, asked->count ? asked->items[i] : journey->personas[i]);
            struct run *run = NULL;
            if (!starting) {
                if (!run_check(&walking->engine, &options, &diags)) return refuse(&diags, error);
                continue;
            }
            run = run_start(&walking->engine, &options, on_done, walking, &diags);
            ASSERT(run); /* it was checked */
            vec_push(&walking->runs, run);
            vec_push(&walking->order, options.persona);
        }
    }
    diags_release(&diags);
    return true;
}

/* What was ignored from the start stays so: nohup means it. */
static struct signal_watch *watch_signal(struct walking *walking, int number)
{
    struct sigaction before;
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return NULL;
    return signal_watch_new(walking->loop, number, on_signal, walking);
}

static void turn(struct walking *walking)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct signal_watch *watches[COUNT_OF(numbers)];
    struct loop *loop = walking->loop;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) watches[i] = watch_signal(walking, numbers[i]);
    signal(SIGPIPE, SIG_IGN);
    walking->steps_us = steps_time(walking);
    timer_init(&walking->late, loop, on_late, walking);
    timer_init(&walking->over, loop, on_over, walking);
    timer_set(&walking->late, loop_now_us(loop) + walking->steps_us);
    timer_set(&walking->over, loop_now_us(loop) + walking->settings->timeout_us);
    loop_run(loop);
    timer_cancel(&walking->late);
    timer_cancel(&walking->over);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) signal_watch_free(watches[i]);
}

static void tear_down(struct walking *walking)
{
    if (walking->engine.loop) engine_release(&walking->engine);
    if (walking->client) walking->client->operations->free(walking->client);
    loop_free(walking->loop);
    vec_each(report, &walking->reports) run_report_free(*report);
    vec_release(&walking->reports);
    vec_release(&walking->runs);
    vec_release(&walking->order);
    journey_free(walking->journey);
    personas_free(walking->personas);
    redactor_free(walking->redactor);
}

bool check_see(struct check_settings *settings, struct check_answer *answer, struct error *error)
{
    struct walking walking = {.settings = settings};
    bool good = load(&walking, error) && set_up(&walking, error) && start(&walking, error);
    if (good) {
        turn(&walking);
        sort_reports(&walking);
        tell_all(&walking, answer);
    }
    tear_down(&walking);
    return good;
}
