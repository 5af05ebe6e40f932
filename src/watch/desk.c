/* SPDX-License-Identifier: Apache-2.0 */
/* See desk.h. */
#include "watch/desk.h"

#include "base/log.h"
#include "base/map.h"
#include "base/redact.h"
#include "base/vec.h"
#include "http/url.h"
#include "loop/loop.h"
#include "report/step_times.h"
#include "report/writer.h"
#include "watch/maintenance.h"

#include <stdlib.h>
#include <string.h>

#define STATE_KEY "judge"

struct desk {
    struct desk_settings settings;
    const struct config *config;
    struct judge *judge;
    VEC(struct store_silence) silences; /* texts owned */
    struct timer tick, save, show;
    int64_t offset_us;  /* of wall time to monotonic time, when judging was last done */
    bool remembers;     /* what was before was read, or there was nothing */
    struct map lowered; /* signature -> why: what was over before we remembered */
};

static int64_t wall_us(const struct desk *desk)
{
    return clock_wall_us(loop_clock(desk->settings.loop));
}

static int64_t offset_us(const struct desk *desk)
{
    const struct clock *clock = loop_clock(desk->settings.loop);
    return clock_wall_us(clock) - clock_monotonic_us(clock);
}

/* For the judge: a clock that is set ages nothing. What moves it less is NTP at work. */
static int64_t judging_us(struct desk *desk)
{
    int64_t now_offset_us = offset_us(desk), jump_us = now_offset_us - desk->offset_us;
    desk->offset_us = now_offset_us;
    if (jump_us > DESK_JUMP_US || jump_us < -DESK_JUMP_US) judge_clock_jumped(desk->judge, jump_us);
    return wall_us(desk);
}

/* --- Who is not to be told */

typedef bool covering(const struct desk *desk, const struct maintenance_subject *subject,
                      int64_t now_us);

static bool is_in_window(const struct desk *desk, const struct maintenance_subject *subject,
                         int64_t now_us)
{
    return maintenance_find(desk->config, subject, now_us, false) ||
           maintenance_find(desk->config, subject, now_us, true); /* open since before */
}

static bool is_kept_quiet(const struct desk *desk, const struct maintenance_subject *subject,
                          int64_t now_us)
{
    if (is_in_window(desk, subject, now_us)) return true;
    vec_each(silence, &desk->silences) {
        if (silence_covers(silence, subject, now_us)) return true;
    }
    return false;
}

/* An event is covered when everything that it is about is. */
static bool all_are(const struct desk *desk, covering *covers, const struct event *event,
                    const char *const *journeys, size_t count)
{
    int64_t now_us = wall_us(desk);
    struct maintenance_subject subject = {.stage = event->stage, .host = event->host};
    if (!strncmp(event->signature, "burn:", 5)) subject.journey = event->signature + 5;
    if (!strncmp(event->signature, HINDERED_PREFIX, strlen(HINDERED_PREFIX)))
        subject.journey = event->signature + strlen(HINDERED_PREFIX);
    if (!count) return covers(desk, &subject, now_us);
    for (size_t i = 0; i < count; i++) {
        subject.journey = journeys[i];
        if (!covers(desk, &subject, now_us)) return false;
    }
    return true;
}

static bool is_muted(void *context, const struct event *event, const char *const *journeys,
                     size_t count)
{
    return all_are(context, is_kept_quiet, event, journeys, count);
}

static bool is_planned(void *context, const struct event *event, const char *const *journeys,
                       size_t count)
{
    return all_are(context, is_in_window, event, journeys, count);
}

bool desk_is_maintenance(const struct desk *desk, const struct run_report *report)
{
    if (!desk->config->maintenance.count) return false;
    const struct step_report *culprit = run_report_culprit(report);
    AUTO_FREE char *shop = url_authority(report->base);
    AUTO_FREE char *host = url_authority(culprit && culprit->url ? culprit->url : report->base);
    const struct maintenance_subject subject = {.journey = report->journey->name,
                                                .stage = culprit ? culprit->stage : NULL,
                                                .host = host,
                                                .shop = shop};
    return maintenance_find(desk->config, &subject, wall_us(desk), false);
}

/* --- Writing down what was decided */

struct release {
    struct delivery *delivery;
    uint64_t number;
};

/* Written or lost for good: nobody waits any longer. */
static void on_written(void *context, bool written)
{
    struct release *release = context;
    (void)written;
    delivery_release(release->delivery, release->number);
    free(release);
}

static void add_changed(void *context, const struct incident_view *incident, struct view json)
{
    const struct event *face = incident->face;
    AUTO_FREE char *text = xstrndup(json.data, json.length);
    batch_put_incident(context, &(struct store_incident){
                                    .id = face->incident_id,
                                    .signature = face->signature,
                                    .severity = face->severity,
                                    .state = incident->resolved ? "resolved" : "open",
                                    .opened_us = face->opened_us,
                                    .resolved_us = incident->resolved ? face->resolved_us : 0,
                                    .line = face->line,
                                    .json = text,
                                });
}

static void add_state(struct desk *desk, struct store_batch *batch)
{
    AUTO_BUF state = BUF_INIT((size_t)64 << 20);
    judge_changed(desk->judge, add_changed, batch);
    if (!desk->remembers) return; /* nothing takes the place of what was never read */
    judge_save(desk->judge, &state);
    batch_put_state(batch, STATE_KEY, buf_view(&state));
}

static uint64_t add_event(struct desk *desk, struct store_batch *batch,
                          const struct decision *decision)
{
    const struct event *event = &decision->event;
    AUTO_BUF json = BUF_INIT(BUF_OWN_CAP);
    event_print(event, &json);
    batch_add_event(batch, &(struct store_event){.id = event->id,
                                                 .incident_id = event->incident_id,
                                                 .time_us = event->time_us,
                                                 .type = event_type_name(event->type),
                                                 .json = buf_text(&json)});
    bool speaks_for_itself = event->type == EVENT_OPENED || event->type == EVENT_RESOLVED;
    log_line(desk->settings.log, event->type == EVENT_RESOLVED ? LOG_NOTICE : LOG_WARNING,
             "%s%s%s%s", speaks_for_itself ? "" : event_type_name(event->type),
             speaks_for_itself ? "" : ": ", event->line,
             decision->muted ? " (silenced: nobody is told)" : "");
    return decision->muted ? 0 : delivery_add(desk->settings.delivery, batch, event);
}

static void save_by(struct desk *desk, int64_t after_us)
{
    int64_t at_us = loop_now_us(desk->settings.loop) + after_us;
    if (!timer_is_set(&desk->save) || desk->save.deadline_us > at_us) timer_set(&desk->save, at_us);
}

/* All that the judge has decided since this was last called. */
static void carry_out(struct desk *desk)
{
    struct decision decision;
    struct store_batch *batch = NULL;
    struct release *release = NEW(struct release);
    *release = (struct release){desk->settings.delivery, 0};
    while (judge_take(desk->judge, &decision)) {
        switch (decision.kind) {
        case DECISION_EVENT: {
            if (!batch) batch = store_begin(desk->settings.store);
            uint64_t number = add_event(desk, batch, &decision);
            if (number) release->number = number;
            break;
        }
        case DECISION_REPROBE:
            desk->settings.reprobe(desk->settings.context, decision.journey, decision.persona,
                                   decision.after_us);
            break;
        case DECISION_BLIP:
            log_line(desk->settings.log, LOG_INFO, "%s as %s: %s", decision.journey,
                     decision.persona, decision.line);
            break;
        }
        decision_release(&decision);
    }
    bool grown = judge_take_growth(desk->judge);
    if (!batch) {
        free(release);
        if (grown && !timer_is_set(&desk->show))
            timer_set(&desk->show, loop_now_us(desk->settings.loop) + DESK_SHOW_AFTER_US);
        save_by(desk, judge_take_stir(desk->judge) ? DESK_SAVE_AFTER_US : DESK_SAVE_ANYWAY_US);
        return;
    }
    add_state(desk, batch);
    store_commit(batch, on_written, release);
    timer_cancel(&desk->save);
    timer_cancel(&desk->show);
    desk->settings.changed(desk->settings.context);
}

void desk_save(struct desk *desk)
{
    struct store_batch *batch = store_begin(desk->settings.store);
    timer_cancel(&desk->save);
    add_state(desk, batch);
    store_commit(batch, NULL, NULL);
}

/* Who looks from beside sees how far it reaches; all that was judged is much more, and can wait. */
static void on_show(void *context)
{
    struct desk *desk = context;
    struct store_batch *batch = store_begin(desk->settings.store);
    judge_changed(desk->judge, add_changed, batch);
    store_commit(batch, NULL, NULL);
}

static void on_save(void *context)
{
    desk_save(context);
}

static void refresh(void *context, const struct incident_view *incident)
{
    struct desk *desk = context;
    if (!incident->resolved) delivery_refresh(desk->settings.delivery, incident->face);
}

static void on_tick(void *context)
{
    struct desk *desk = context;
    judge_tick(desk->judge, judging_us(desk));
    carry_out(desk);
    judge_open(desk->judge, refresh, desk);
    timer_set(&desk->tick, loop_now_us(desk->settings.loop) + DESK_TICK_US);
}

/* --- Runs */

/* The clock may have been set back since. */
static bool is_long_ago(int64_t kept_us, int64_t now_us)
{
    return now_us < kept_us || now_us - kept_us >= DESK_KEEP_GOOD_US;
}

bool desk_wants_good(const struct desk *desk, int64_t kept_good_us)
{
    return is_long_ago(kept_good_us, wall_us(desk));
}

/* Whole reports are kept of what went wrong, and now and then of what went well. */
static bool is_worth_keeping(const struct desk_run *run)
{
    int64_t *kept_us = run->kept_good_us, started_us = run->report->started_wall_us;
    bool good = run->report->verdict == VERDICT_PASS;
    if (good && (!kept_us || !is_long_ago(*kept_us, started_us))) return false;
    if (kept_us) *kept_us = good ? started_us : 0; /* and the first good one after it */
    return true;
}

static void print_report(const struct desk *desk, const struct run_report *report, struct buf *out)
{
    const struct run_report *one = report;
    const struct report_set set = {&one, 1};
    const struct writer_options options = {.version = SHOPPER_VERSION,
                                           .redactor = desk->settings.redactor};
    report_write(REPORT_JSON, &set, &options, out);
}

static void print_times(const struct run_report *report, struct buf *out)
{
    struct step_times times = {0};
    step_times_add(&times, report);
    step_times_print(&times, out);
    step_times_release(&times);
}

static void add_run(struct desk *desk, struct store_batch *batch, const struct desk_run *run,
                    const struct observation *seen)
{
    const struct run_report *report = run->report;
    AUTO_BUF json = BUF_INIT((size_t)8 << 20), times = BUF_INIT(BUF_OWN_CAP);
    VEC(struct store_step) steps = {0};
    if (is_worth_keeping(run)) print_report(desk, report, &json);
    if (!(run->flags & STORE_RUN_ASKED)) print_times(report, &times);
    vec_each(step, &report->steps) {
        if (step->section != SECTION_STEPS) continue;
        vec_push(&steps, ((struct store_step){.name = step->name,
                                              .stage = step->stage,
                                              .verdict = step->verdict,
                                              .duration_us = step->duration_us}));
    }
    batch_add_run(batch, &(struct store_run){
                             .id = report->run_id,
                             .journey = seen->journey,
                             .persona = seen->persona,
                             .location = seen->location,
                             .trace_id = report->trace_id,
                             .started_us = report->started_wall_us,
                             .duration_us = report->duration_us,
                             .lost_us = report->verdict == VERDICT_FAIL ? run->interval_us : 0,
                             .verdict = report->verdict,
                             .flags = run->flags,
                             .kind = seen->kind ? outcome_word(seen->kind) : "",
                             .stage = seen->stage,
                             .step = seen->step,
                             .line = seen->message,
                             .report = buf_text(&json),
                             .times = buf_text(&times),
                             .steps = steps.items,
                             .step_count = steps.count,
                         });
    vec_release(&steps);
}

/* Nothing but what it left behind in the shop. */
static void see_residue(struct desk *desk, struct observation *seen)
{
    if (!*seen->residue) return;
    seen->verdict = VERDICT_UNKNOWN;
    seen->kind = OUTCOME_PASS;
    (void)judge_observe(desk->judge, seen, judging_us(desk));
}

void desk_see_run(struct desk *desk, const struct desk_run *run)
{
    struct desk_run judged = *run;
    struct observation seen =
        observation_of(run->report, desk->config->location, desk->settings.redactor);
    struct store_batch *batch = store_begin(desk->settings.store);
    seen.interval_us = run->interval_us;
    if (!(run->flags & STORE_RUN_UNJUDGED) && judge_observe(desk->judge, &seen, judging_us(desk)))
        judged.flags |= STORE_RUN_BLIP;
    add_run(desk, batch, &judged, &seen);
    store_commit(batch, NULL, NULL);
    if (run->flags & STORE_RUN_ASKED) see_residue(desk, &seen);
    observation_release(&seen);
    carry_out(desk);
    desk->settings.changed(desk->settings.context);
}

void desk_see_debt_run(struct desk *desk, const struct run_report *report)
{
    struct observation seen =
        observation_of(report, desk->config->location, desk->settings.redactor);
    if (*seen.residue) judge_observe(desk->judge, &seen, judging_us(desk));
    observation_release(&seen);
    carry_out(desk);
}

static bool owes(void *context, const char *journey, const char *persona)
{
    const struct store_debt_list *debts = context;
    vec_each(debt, debts) {
        if (!strcmp(debt->journey, journey) && !strcmp(debt->persona, persona)) return true;
    }
    return false;
}

void desk_look_at_residue(struct desk *desk)
{
    struct store_debt_list debts;
    AUTO_ERROR error = ERROR_NONE;
    if (store_debts(desk->settings.store, DEBT_RESIDUE, &debts, &error))
        judge_settle(desk->judge, owes, &debts, judging_us(desk));
    else
        log_line(desk->settings.log, LOG_ERROR, "what was left behind cannot be read: %s",
                 error_text(&error));
    store_debt_list_release(&debts);
    carry_out(desk);
}

void desk_see_missed(struct desk *desk, const char *journey, const char *persona, int64_t slot_us,
                     const char *why)
{
    struct store_batch *batch = store_begin(desk->settings.store);
    batch_add_missed(batch, &(struct store_missed){journey, persona, why, slot_us});
    store_commit(batch, NULL, NULL);
}

/* --- What else happens */

void desk_trust(struct desk *desk, bool trusted, const char *why)
{
    judge_trust(desk->judge, trusted, why, judging_us(desk));
    carry_out(desk);
}

void desk_raise(struct desk *desk, enum cause cause, const char *signature, const char *message)
{
    if (!desk->remembers) (void)map_remove(&desk->lowered, view_of(signature));
    judge_raise(desk->judge, cause, signature, message, judging_us(desk));
    carry_out(desk);
}

void desk_lower(struct desk *desk, const char *signature, const char *why)
{
    if (!desk->remembers) map_set(&desk->lowered, view_of(signature), xstrdup(why));
    judge_lower(desk->judge, signature, why, judging_us(desk));
    carry_out(desk);
}

bool desk_acknowledge(struct desk *desk, const char *id, const char *author, bool acknowledged)
{
    bool known = judge_acknowledge(desk->judge, id, author, acknowledged, judging_us(desk));
    carry_out(desk);
    if (known) desk_save(desk); /* before the word that asked for it is taken out of the mailbox */
    return known;
}

/* --- Silences */

static void silence_release(struct store_silence *silence)
{
    free((char *)(uintptr_t)silence->id);
    free((char *)(uintptr_t)silence->matcher);
    free((char *)(uintptr_t)silence->author);
    free((char *)(uintptr_t)silence->comment);
}

static void keep_silence(struct desk *desk, const struct store_silence *silence)
{
    vec_push(&desk->silences, ((struct store_silence){.id = xstrdup(silence->id),
                                                      .matcher = xstrdup(silence->matcher),
                                                      .author = xstrdup(silence->author),
                                                      .comment = xstrdup(silence->comment),
                                                      .from_us = silence->from_us,
                                                      .until_us = silence->until_us}));
}

static bool forget_silence(struct desk *desk, const char *id)
{
    vec_each(silence, &desk->silences) {
        if (strcmp(silence->id, id) != 0) continue;
        silence_release(silence);
        *silence = *vec_last(&desk->silences);
        desk->silences.count--;
        return true;
    }
    return false;
}

/* A word that a crash left in the mailbox is carried out twice. */
void desk_silence(struct desk *desk, const struct store_silence *silence)
{
    struct store_batch *batch = store_begin(desk->settings.store);
    (void)forget_silence(desk, silence->id);
    keep_silence(desk, silence);
    batch_put_silence(batch, silence);
    store_commit(batch, NULL, NULL);
    desk->settings.changed(desk->settings.context);
}

bool desk_unsilence(struct desk *desk, const char *id)
{
    if (!forget_silence(desk, id)) return false;
    struct store_batch *batch = store_begin(desk->settings.store);
    batch_remove_silence(batch, id);
    store_commit(batch, NULL, NULL);
    desk->settings.changed(desk->settings.context);
    return true;
}

void desk_each_silence(const struct desk *desk,
                       void (*visit)(void *context, const struct store_silence *silence),
                       void *context)
{
    vec_each(silence, &desk->silences) visit(context, silence);
}

/* --- Life */

struct desk *desk_new(const struct desk_settings *settings, const struct config *config,
                      const struct policy *policy)
{
    struct desk *desk = NEW(struct desk);
    const struct judge_settings judging = {
        .muted = is_muted, .planned = is_planned, .context = desk};
    desk->settings = *settings;
    desk->config = config;
    desk->judge = judge_new(policy, &judging);
    desk->offset_us = offset_us(desk);
    desk->lowered = MAP_INIT(free);
    timer_init(&desk->tick, settings->loop, on_tick, desk);
    timer_init(&desk->save, settings->loop, on_save, desk);
    timer_init(&desk->show, settings->loop, on_show, desk);
    timer_set(&desk->tick, loop_now_us(settings->loop) + DESK_TICK_US);
    return desk;
}

void desk_free(struct desk *desk)
{
    if (!desk) return;
    timer_cancel(&desk->tick);
    timer_cancel(&desk->save);
    timer_cancel(&desk->show);
    vec_each(silence, &desk->silences) silence_release(silence);
    vec_release(&desk->silences);
    map_release(&desk->lowered);
    judge_free(desk->judge);
    free(desk);
}

struct open_ids {
    const char **items;
    size_t count, capacity;
};

static void add_id(void *context, const struct incident_view *incident)
{
    struct open_ids *ids = context;
    if (!incident->resolved) vec_push(ids, incident->face->incident_id);
}

static bool restore_judge(struct desk *desk, struct error *error)
{
    AUTO_BUF state = BUF_INIT((size_t)64 << 20);
    AUTO_ERROR damage = ERROR_NONE;
    bool found;
    if (!store_state(desk->settings.store, STATE_KEY, &state, &found, error)) return false;
    if (found && !judge_recall(desk->judge, buf_view(&state), judging_us(desk), &damage))
        log_line(desk->settings.log, LOG_ERROR, "what was judged before is lost: %s",
                 error_text(&damage));
    return true;
}

/* Of a store that was damaged the incidents may be left, and what was judged not. */
static bool restore_incidents(struct desk *desk, struct error *error)
{
    const struct store_incident_filter open = {.open_only = true};
    struct store_incident_list rows;
    bool good = store_incidents(desk->settings.store, &open, &rows, error);
    vec_each(row, &rows) {
        AUTO_ERROR damage = ERROR_NONE;
        if (!judge_recall_incident(desk->judge, view_of(row->json), judging_us(desk), &damage))
            log_line(desk->settings.log, LOG_ERROR, "the incident %s is lost: %s", row->id,
                     error_text(&damage));
    }
    store_incident_list_release(&rows);
    return good;
}

/* It is told once, and perhaps was while nobody knew that it was open. */
static void lower_what_is_over(struct desk *desk)
{
    map_each(entry, &desk->lowered)
        judge_lower(desk->judge, entry->key, entry->value, judging_us(desk));
    map_release(&desk->lowered);
}

bool desk_restore(struct desk *desk, struct error *error)
{
    struct store_silence_list silences;
    struct open_ids ids = {0};
    if (!restore_judge(desk, error) || !restore_incidents(desk, error) ||
        !store_silences(desk->settings.store, wall_us(desk), &silences, error))
        return false;
    vec_each(silence, &silences) {
        (void)forget_silence(desk, silence->id);
        keep_silence(desk, silence);
    }
    store_silence_list_release(&silences);
    judge_open(desk->judge, add_id, &ids);
    desk->remembers = delivery_restore(desk->settings.delivery, ids.items, ids.count, error);
    vec_release(&ids);
    if (desk->remembers) lower_what_is_over(desk);
    return desk->remembers;
}

void desk_set_plan(struct desk *desk, const struct config *config, const struct policy *policy,
                   struct journey *const *journeys, size_t count)
{
    desk->config = config;
    judge_set_policy(desk->judge, policy);
    judge_watch(desk->judge, journeys, count, config->location ? config->location : "",
                judging_us(desk));
    carry_out(desk);
}

const struct judge *desk_judge(const struct desk *desk)
{
    return desk->judge;
}
