/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's beginning, and what its parts tell each other. See daemon.h. */
#include "watch/internal.h"

#include "base/log.h"
#include "base/vec.h"
#include "http/curl_client.h"
#include "text/quantity.h"
#include "watch/descriptors.h"
#include "watch/ledger.h"
#include "watch/maintenance.h"
#include "watch/notify.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

int64_t daemon_wall_us(const struct daemon *daemon)
{
    return clock_wall_us(loop_clock(daemon->settings.loop));
}

struct journey *daemon_find_journey(const struct daemon *daemon, const char *name)
{
    vec_each(journey, &daemon->plan->journeys) {
        if (!strcmp((*journey)->name, name)) return *journey;
    }
    return NULL;
}

/* After every run; told when it says something new. */
void daemon_show_status(struct daemon *daemon)
{
    struct rounds_state state = rounds_state(daemon->rounds);
    daemon->open_shown = judge_open_count(desk_judge(daemon->desk), 0);
    AUTO_FREE char *status = xasprintf(
        "%zu journey%s, %zu shopper%s, %zu incident%s open%s", state.journeys,
        PLURAL(state.journeys), state.subjects, PLURAL(state.subjects), daemon->open_shown,
        PLURAL(daemon->open_shown),
        daemon->reload_failed ? "; the new configuration is wrong, the old one is used" : "");
    notify_status(status);
}

/* After every run: what looks at all journeys stays out of it. */
static void on_change(void *context)
{
    struct daemon *daemon = context;
    if (judge_open_count(desk_judge(daemon->desk), 0) != daemon->open_shown)
        daemon_show_status(daemon);
    if (daemon->settings.on_change) daemon->settings.on_change(daemon->settings.context);
}

/* --- Runs */

/* Who walks a stage, or goes to a host, that is under maintenance. */
static const struct config_window *find_window(void *context, const struct journey *journey,
                                               int64_t now_us, bool skip)
{
    struct daemon *daemon = context;
    const struct config *config = &daemon->plan->config;
    const struct run_options options = {.journey = maintenance_asks_for_host(config, now_us)
                                                       ? daemon_find_journey(daemon, journey->name)
                                                       : NULL};
    AUTO_FREE char *host = options.journey ? run_host(&daemon->engine, &options) : NULL;
    const struct maintenance_subject subject = {
        .journey = journey->name, .whole = journey, .host = host};
    return maintenance_find(config, &subject, now_us, skip);
}

static const char *skips(void *context, const struct journey *journey, int64_t now_us)
{
    const struct config_window *window = find_window(context, journey, now_us, true);
    return window ? window->name : NULL;
}

static bool is_current(const struct daemon *daemon, const struct journey *journey)
{
    vec_each(other, &daemon->plan->journeys) {
        if (*other == journey) return true;
    }
    return false;
}

/* Who ends after its journey, persona or stage left the configuration would join incidents that
 * nobody can end. */
bool daemon_still_watches(const struct daemon *daemon, const struct run_report *report)
{
    const struct journey *journey = is_current(daemon, report->journey)
                                        ? report->journey
                                        : daemon_find_journey(daemon, report->journey->name);
    const struct step_report *culprit = run_report_culprit(report);
    if (!journey || (culprit && *culprit->stage && !journey_has_stage(journey, culprit->stage)))
        return false;
    for (size_t i = 0; i < journey->persona_count; i++)
        if (!strcmp(journey->personas[i], report->persona)) return true;
    return false;
}

static bool keeps_seen(void *context, const struct subject *subject)
{
    const struct daemon *daemon = context;
    return desk_wants_good(daemon->desk, subject->kept_good_us);
}

static void on_ended(void *context, struct subject *subject, struct run_report *report,
                     int64_t late_us)
{
    struct daemon *daemon = context;
    bool trusted = trust_is_good(daemon->trust);
    const struct desk_run run = {
        .report = report,
        .interval_us = round_interval_us(subject->round),
        .flags = (subject->reprobing ? STORE_RUN_REPROBE : 0U) |
                 (desk_is_maintenance(daemon->desk, report) ? STORE_RUN_MAINTENANCE : 0U) |
                 (!trusted || report->stopped || !daemon_still_watches(daemon, report)
                      ? STORE_RUN_UNJUDGED
                      : 0U) |
                 (report->stopped ? STORE_RUN_CUT_SHORT : 0U),
        .kept_good_us = &subject->kept_good_us,
    };
    desk_see_run(daemon->desk, &run);
    if (daemon->settings.on_run)
        daemon->settings.on_run(daemon->settings.context, report, run.flags, late_us);
    if (report->residue.count) daemon_collect_soon(daemon);
    run_report_free(report);
    daemon_end_step(daemon);
}

static void on_missed(void *context, const struct subject *subject, int64_t slot_us,
                      const char *why)
{
    struct daemon *daemon = context;
    const char *journey = round_journey(subject->round)->name;
    desk_see_missed(daemon->desk, journey, subject->persona, slot_us, why);
    if (daemon->settings.on_missed)
        daemon->settings.on_missed(daemon->settings.context, journey, subject->persona);
}

static void on_hindered(void *context, const struct journey *journey, const char *why)
{
    struct daemon *daemon = context;
    AUTO_FREE char *signature = xasprintf(HINDERED_PREFIX "%s", journey->name);
    AUTO_FREE char *message = xasprintf("%s cannot be walked: %s", journey->name, why ? why : "");
    if (why)
        desk_raise(daemon->desk, CAUSE_BLIND, signature, message);
    else
        desk_lower(daemon->desk, signature, "recovered");
}

/* A failure that nobody has confirmed may be our own. */
static void on_reprobe(void *context, const char *journey, const char *persona, int64_t after_us)
{
    struct daemon *daemon = context;
    trust_look(daemon->trust);
    rounds_reprobe(daemon->rounds, journey, persona, after_us);
}

static bool doubts(void *context)
{
    return trust_is_looking(((struct daemon *)context)->trust);
}

/* --- Trust */

static void on_trust(void *context, bool trusted, const char *why)
{
    struct daemon *daemon = context;
    free(daemon->distrust);
    daemon->distrust = trusted ? NULL : xstrdup(why);
    log_line(daemon->settings.log, trusted ? LOG_NOTICE : LOG_WARNING, "%s",
             trusted ? "what shoppers report is believed again" : why);
    desk_trust(daemon->desk, trusted, why);
}

static void on_clock_jumped(void *context, int64_t by_us)
{
    struct daemon *daemon = context;
    log_line(daemon->settings.log, LOG_WARNING, "the clock jumped by %.1f s",
             (double)by_us / (double)US_PER_SECOND);
    rounds_clock_jumped(daemon->rounds);
}

static int64_t unhandled_us(void *context)
{
    return rounds_state(((struct daemon *)context)->rounds).unhandled_us;
}

void daemon_look_at_itself(struct daemon *daemon)
{
    trust_free(daemon->trust);
    daemon->trust = trust_new(&(struct trust_settings){
        .loop = daemon->settings.loop,
        .client = daemon->client,
        .control = daemon->plan->config.control.items,
        .control_count = daemon->plan->config.control.count,
        .doubted = daemon->distrust != NULL,
        .changed = on_trust,
        .clock_jumped = on_clock_jumped,
        .unhandled_us = unhandled_us,
        .context = daemon,
    });
}

/* --- Sinks and the store */

static void on_sink_changed(void *context, const char *sink, const char *why)
{
    struct daemon *daemon = context;
    AUTO_FREE char *signature = xasprintf("sink:%s", sink);
    AUTO_FREE char *message =
        xasprintf("sink %s does not take what it is told: %s", sink, why ? why : "");
    if (why)
        desk_raise(daemon->desk, CAUSE_SINK, signature, message);
    else
        desk_lower(daemon->desk, signature, "recovered");
}

static void on_idle(void *context)
{
    daemon_end_step(context);
}

static void on_store(void *context, int descriptor, int what)
{
    struct daemon *daemon = context;
    (void)descriptor;
    (void)what;
    store_poll(daemon->store);
    daemon_take_troubles(daemon);
    daemon_end_step(daemon);
}

static void on_sweep(void *context)
{
    struct daemon *daemon = context;
    store_sweep(daemon->store, daemon_wall_us(daemon));
    timer_set(&daemon->sweep, loop_now_us(daemon->settings.loop) + DAEMON_SWEEP_US);
}

/* --- What makes us load the plan anew, or end */

static void on_files_changed(void *context)
{
    daemon_reload(context);
}

static void on_signal(void *context, int number)
{
    if (number == SIGHUP)
        daemon_reload(context);
    else
        daemon_end(context);
}

/* --- Beginning */

static unsigned places_of(const struct daemon *daemon, const struct config *config)
{
    unsigned places = descriptors_places(descriptors_raise_limit(), config->concurrent);
    if (places < config->concurrent)
        log_line(daemon->settings.log, LOG_WARNING,
                 "at most %u at once: there are no descriptors for more shoppers", places);
    return places;
}

static bool open_store(struct daemon *daemon, const struct config *config, struct error *error)
{
    struct store_settings settings = store_settings_default();
    settings.keep_runs_us = config->keep_runs_us;
    settings.keep_figures_us = config->keep_hourly_us;
    const char *path = daemon->settings.store ? daemon->settings.store : config->store;
    daemon->store = store_open(path, &settings, error);
    if (!daemon->store) return false;
    daemon->store_watch =
        watch_new(daemon->settings.loop, store_descriptor(daemon->store), on_store, daemon);
    watch_set(daemon->store_watch, WATCH_READ);
    daemon->ledger = ledger_new(daemon->store, daemon->settings.loop);
    return true;
}

static bool open_client(struct daemon *daemon, const struct config *config, struct error *error)
{
    const struct curl_client_options options = {
        .ca_file = config->ca_file,
        .crl_file = config->crl_file,
        .resolve = daemon->settings.resolve,
        .log = daemon->settings.log,
    };
    daemon->client = curl_client_new(daemon->settings.loop, &options, error);
    if (!daemon->client) return false;
    engine_init(&daemon->engine, daemon->settings.loop, daemon->client, NULL,
                daemon->settings.redactor, daemon->settings.log);
    daemon->engine.ledger = daemon->ledger;
    return true;
}

static void hire(struct daemon *daemon, const struct plan *plan)
{
    struct loop *loop = daemon->settings.loop;
    daemon->delivery = delivery_new(&(struct delivery_settings){.loop = loop,
                                                                .store = daemon->store,
                                                                .log = daemon->settings.log,
                                                                .sink_changed = on_sink_changed,
                                                                .idle = on_idle,
                                                                .context = daemon});
    daemon->desk = desk_new(&(struct desk_settings){.loop = loop,
                                                    .store = daemon->store,
                                                    .delivery = daemon->delivery,
                                                    .redactor = daemon->settings.redactor,
                                                    .log = daemon->settings.log,
                                                    .reprobe = on_reprobe,
                                                    .changed = on_change,
                                                    .context = daemon},
                            &plan->config, plan->policy);
    daemon->burns = burn_watch_new(loop, daemon->store, daemon->desk, daemon->settings.log);
    daemon->roll_call = roll_call_new(loop, daemon->store, find_window, daemon);
    daemon->rounds =
        rounds_new(&(struct rounds_settings){.engine = &daemon->engine,
                                             .concurrent = places_of(daemon, &plan->config),
                                             .skips = skips,
                                             .keeps_seen = keeps_seen,
                                             .doubts = doubts,
                                             .ended = on_ended,
                                             .missed = on_missed,
                                             .hindered = on_hindered,
                                             .context = daemon});
    daemon->files = file_watch_new(loop, on_files_changed, daemon);
    static const int numbers[] = {SIGHUP, SIGTERM, SIGINT};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        daemon->signals[i] = signal_watch_new(loop, numbers[i], on_signal, daemon);
    timer_init(&daemon->sweep, loop, on_sweep, daemon);
    on_sweep(daemon);
    daemon_troubles_begin(daemon);
    daemon_brake_begin(daemon);
    daemon_debts_begin(daemon);
    daemon_mailbox_begin(daemon);
}

static bool begin(struct daemon *daemon, struct plan *plan, struct error *error)
{
    if (!open_store(daemon, &plan->config, error) || !open_client(daemon, &plan->config, error))
        return false;
    hire(daemon, plan);
    daemon_read_past(daemon);
    if (!daemon_adopt(daemon, plan, error)) return false;
    daemon->walking_us = daemon_wall_us(daemon);
    daemon_take_up_past(daemon);
    return true;
}

/* Plans come and go. */
static void remember_beginning(struct daemon *daemon)
{
    struct diags said = DIAGS_INIT; /* with the plan */
    (void)!config_load(daemon->settings.source.config_path, &daemon->began_with, &said);
    diags_release(&said);
}

struct daemon *daemon_new(const struct daemon_settings *settings, struct diags *diags)
{
    struct daemon *daemon = NEW(struct daemon);
    AUTO_ERROR error = ERROR_NONE;
    daemon->settings = *settings;
    daemon->started_us = daemon_wall_us(daemon);
    struct plan *plan = daemon_load_plan(daemon, diags);
    if (plan) remember_beginning(daemon);
    if (plan && begin(daemon, plan, &error)) {
        notify_ready();
        daemon_show_status(daemon);
        return daemon;
    }
    if (plan) diag_error(diags, DIAG_UNREADABLE, PLACE_NOWHERE, "%s", error_text(&error));
    if (plan && daemon->plan != plan) plan_free(plan);
    daemon_free(daemon);
    return NULL;
}

void daemon_free(struct daemon *daemon)
{
    if (!daemon) return;
    for (size_t i = 0; i < COUNT_OF(daemon->signals); i++) signal_watch_free(daemon->signals[i]);
    timer_cancel(&daemon->mailbox);
    timer_cancel(&daemon->past);
    timer_cancel(&daemon->sweep);
    timer_cancel(&daemon->brake);
    timer_cancel(&daemon->damage);
    timer_cancel(&daemon->collect);
    buf_release(&daemon->saved_caps);
    timer_cancel(&daemon->end);
    file_watch_free(daemon->files);
    trust_free(daemon->trust);
    rounds_free(daemon->rounds);
    burn_watch_free(daemon->burns);
    roll_call_free(daemon->roll_call);
    desk_free(daemon->desk);
    delivery_free(daemon->delivery);
    sender_free(daemon->sender);
    if (daemon->client) {
        engine_release(&daemon->engine);
        daemon->client->operations->free(daemon->client);
    }
    ledger_free(daemon->ledger);
    watch_free(daemon->store_watch);
    store_close(daemon->store);
    store_debt_list_release(&daemon->debts);
    plan_free(daemon->plan);
    config_release(&daemon->began_with);
    free(daemon->distrust);
    free(daemon->store_trouble);
    if (daemon->token) explicit_bzero(daemon->token, strlen(daemon->token));
    free(daemon->token);
    free(daemon);
}

/* --- Looking at it */

const struct plan *daemon_plan(const struct daemon *daemon)
{
    return daemon->plan;
}

struct store *daemon_store(const struct daemon *daemon)
{
    return daemon->store;
}

struct rounds *daemon_rounds(const struct daemon *daemon)
{
    return daemon->rounds;
}

const struct delivery *daemon_delivery(const struct daemon *daemon)
{
    return daemon->delivery;
}

const char *daemon_pause(struct daemon *daemon, const struct journey *journey)
{
    int64_t now_us = daemon_wall_us(daemon);
    const struct config_window *window = find_window(daemon, journey, now_us, true);
    if (!window) window = find_window(daemon, journey, now_us, false);
    return window ? window->name : NULL;
}

int64_t daemon_stall_us(struct daemon *daemon)
{
    return trust_stall_us(daemon->trust);
}

void daemon_each_silence(const struct daemon *daemon,
                         void (*visit)(void *context, const struct store_silence *silence),
                         void *context)
{
    desk_each_silence(daemon->desk, visit, context);
}

const char *daemon_token(const struct daemon *daemon)
{
    return daemon->token;
}

struct daemon_state daemon_state(const struct daemon *daemon)
{
    return (struct daemon_state){
        .started_us = daemon->started_us,
        .reloaded_us = daemon->reloaded_us,
        .reload_failed = daemon->reload_failed,
        .ending = daemon->phase != DAEMON_WALKING,
        .trusted = !daemon->distrust,
        .distrust = daemon->distrust ? daemon->distrust : "",
        .store_trouble = daemon->store_trouble,
    };
}
