/* SPDX-License-Identifier: Apache-2.0 */
/* Plans come and go: the first one, and those that take its place. All of one is adopted, or
 * nothing of it. */
#include "watch/internal.h"

#include "base/log.h"
#include "base/vec.h"
#include "journey/schedule.h"
#include "run/secrets.h"
#include "text/quantity.h"
#include "watch/notify.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_LEAST_BYTES 16

static struct sender *sender_of(const struct daemon *daemon, const struct plan *plan,
                                struct error *error)
{
    const struct sender_settings settings = {
        .loop = daemon->settings.loop,
        .source = plan->config.location ? plan->config.location : "mystery-shopper",
        .public_url = plan->config.http.public_url,
        .ca_file = plan->config.ca_file,
    };
    return sender_new(&settings, error);
}

static bool is_used(const struct plan *plan, const char *path)
{
    vec_each(journey, &plan->journeys) {
        for (size_t i = 0; i < (*journey)->used_count; i++)
            if (!strcmp((*journey)->used[i]->path, path)) return true;
    }
    return false;
}

/* Green because nobody looks is no green. */
static void say_who_is_not_walked(const struct daemon *daemon)
{
    vec_each(item, &daemon->plan->journeys) {
        const struct journey *journey = *item;
        if (!schedule_is_said(&journey->schedule) && !is_used(daemon->plan, journey->path))
            log_line(daemon->settings.log, LOG_WARNING,
                     "%s has no schedule: it is walked only when somebody asks for it",
                     journey->name);
    }
}

static void notice_changes(struct daemon *daemon, struct path_list *paths)
{
    AUTO_ERROR unnoticed = ERROR_NONE;
    if (daemon->files && !file_watch_set(daemon->files, paths, &unnoticed))
        log_line(daemon->settings.log, LOG_WARNING, "%s; SIGHUP reloads", error_text(&unnoticed));
    path_list_release(paths);
}

/* Before anything is read, so that what changes while it is read is noticed as well. Where the
 * configuration will be refused it is mended in the files that it names by now. */
static void watch_what_is_named(struct daemon *daemon)
{
    struct path_list paths = {0};
    plan_paths(daemon->plan, &daemon->settings.source, &paths);
    plan_source_paths(&daemon->settings.source, &paths);
    notice_changes(daemon, &paths);
}

static void watch_what_is_used(struct daemon *daemon)
{
    struct path_list paths = {0};
    plan_paths(daemon->plan, &daemon->settings.source, &paths);
    notice_changes(daemon, &paths);
}

/* Only when all of it stands does anything change. */
bool daemon_adopt(struct daemon *daemon, struct plan *plan, struct error *error)
{
    struct sender *sender = sender_of(daemon, plan, error), *old_sender = daemon->sender;
    struct plan *old = daemon->plan;
    bool starting = !old;
    if (!sender) return false;
    daemon->plan = plan;
    daemon->sender = sender;
    daemon->engine.personas = plan->personas;
    engine_forget_accounts(&daemon->engine);
    delivery_set_sinks(daemon->delivery, &plan->sinks, sender);
    desk_set_plan(daemon->desk, &plan->config, plan->policy, plan->journeys.items,
                  plan->journeys.count);
    rounds_set(daemon->rounds, plan->journeys.items, plan->journeys.count);
    burn_watch_set(daemon->burns, &plan->journeys);
    daemon_settle_troubles(daemon, starting);
    roll_call_set(daemon->roll_call, plan);
    say_who_is_not_walked(daemon);
    daemon_look_at_itself(daemon);
    watch_what_is_used(daemon);
    sender_free(old_sender);
    plan_free(old);
    return true;
}

/* Read once: the HTTP face keeps what it began with. */
static bool read_token(struct daemon *daemon, const struct config *config, struct diags *diags)
{
    AUTO_BUF token = BUF_INIT(SECRET_MAX_BYTES);
    AUTO_ERROR error = ERROR_NONE;
    if (!config->http.token.from || daemon->token) return true;
    if (!secret_read(&config->http.token, daemon->settings.source.config_path, &token, &error)) {
        diag_error(diags, DIAG_UNREADABLE, config->http.token.place, "the token cannot be had: %s",
                   error_text(&error));
        return false;
    }
    (void)redactor_add(daemon->settings.redactor, "http.token", buf_view(&token));
    if (token.length < TOKEN_LEAST_BYTES) {
        diag_error(diags, DIAG_BAD_VALUE, config->http.token.place,
                   "the token is too short: whoever guesses it can silence the shop; make it %d "
                   "characters or more",
                   TOKEN_LEAST_BYTES);
        return false;
    }
    daemon->token = buf_take(&token);
    return true;
}

struct plan *daemon_load_plan(struct daemon *daemon, struct diags *diags)
{
    struct plan *plan = plan_load(&daemon->settings.source, diags);
    if (plan && sinks_resolve(&plan->sinks, diags) && read_token(daemon, &plan->config, diags))
        return plan;
    plan_free(plan);
    return NULL;
}

static void say_diags(const struct daemon *daemon, struct diags *diags, enum log_level level)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    diags_sort(diags);
    diags_print(diags, &text, false);
    for (struct view rest = buf_view(&text), line; view_split(&rest, '\n', &line);)
        if (line.length) log_line(daemon->settings.log, level, "%.*s", VIEW_PRINTF(line));
}

/* What the new plan asks for and will not get. */
static void say_what_waits(const struct daemon *daemon)
{
    AUTO_BUF keys = BUF_INIT(BUF_OWN_CAP);
    config_print_once(&daemon->began_with, &daemon->plan->config, &keys);
    if (keys.length)
        log_line(daemon->settings.log, LOG_WARNING,
                 "what the configuration says now of %s is taken up by the next start",
                 buf_text(&keys));
}

void daemon_reload(struct daemon *daemon)
{
    struct diags diags = DIAGS_INIT;
    AUTO_ERROR error = ERROR_NONE;
    if (daemon->phase != DAEMON_WALKING) return;
    notify_reloading(loop_now_us(daemon->settings.loop));
    watch_what_is_named(daemon);
    struct plan *plan = daemon_load_plan(daemon, &diags);
    bool good = plan && daemon_adopt(daemon, plan, &error);
    if (plan && !good) plan_free(plan);
    if (good) say_what_waits(daemon);
    say_diags(daemon, &diags, good ? LOG_WARNING : LOG_ERROR);
    diags_release(&diags);
    daemon->reload_failed = !good;
    if (good) {
        daemon->reloaded_us = daemon_wall_us(daemon);
        log_line(daemon->settings.log, LOG_NOTICE, "reloaded: %zu journey%s",
                 daemon->plan->journeys.count, PLURAL(daemon->plan->journeys.count));
    } else {
        log_line(daemon->settings.log, LOG_ERROR,
                 "the new configuration is refused, the old one goes on%s%s",
                 error.message ? ": " : "", error.message ? error.message : "");
    }
    daemon_show_status(daemon);
    if (daemon->settings.on_change) daemon->settings.on_change(daemon->settings.context);
    notify_ready();
}
