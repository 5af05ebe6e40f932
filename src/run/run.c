/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a run: what it needs before anything is sent, its sections one after the other, its
 * deadlines, its end. How instructions execute is walk.c's.
 */
#include "run/run.h"

#include "base/codec.h"
#include "base/utf8.h"
#include "http/url.h"
#include "run/walker.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

/* `undo` and `finally` walk under a deadline of their own, together. */
#define CLEAN_UP_DEADLINE_US (30 * US_PER_SECOND)

static void on_resume(void *context);
static void on_wait_over(void *context);
static void on_deadline(void *context);

static bool set_vars(struct run *run, const struct journey *journey, struct diags *diags)
{
    struct expander expander = variables_expander(&run->variables);
    for (size_t i = 0; i < journey->var_count; i++) {
        const struct name_template *var = &journey->vars[i];
        if (variables_get(&run->variables, var->name))
            continue; /* set by the command line or the user */
        struct value value = VALUE_NOTHING;
        AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
        if (!operand_value(&var->value, &expander, &value, &reason)) {
            diag_error(diags, DIAG_BAD_VALUE, var->place, "variable '%s': %s", var->name,
                       buf_text(&reason));
            return false;
        }
        variables_set(&run->variables, var->name, value);
    }
    for (size_t i = 0; i < journey->used_count; i++) {
        if (!set_vars(run, journey->used[i], diags)) return false;
    }
    return true;
}

static const struct operand *written_as(const struct journey *journey, const char *name)
{
    const struct operand *written = NULL;
    for (size_t i = 0; i < journey->var_count && !written; i++)
        if (!strcmp(journey->vars[i].name, name)) written = &journey->vars[i].value;
    for (size_t i = 0; i < journey->used_count && !written; i++)
        written = written_as(journey->used[i], name);
    return written;
}

/* Given in place of a number, or of true or false, what looks like one is one. */
static struct value value_given(const struct operand *written, const char *text)
{
    bool constant = written && !written->template && !written->is_list;
    enum value_kind kind = constant ? written->constant.kind : VALUE_TEXT;
    struct value number = {.kind = VALUE_NUMBER};
    if (kind == VALUE_NUMBER && *text != '+' && decimal_parse(view_of(text), &number.number))
        return number;
    if (kind == VALUE_BOOL && (!strcmp(text, "true") || !strcmp(text, "false")))
        return value_bool(*text == 't');
    return value_text(view_of(text));
}

static void set_built_in(struct run *run, const char *const *set)
{
    for (; set && *set; set++) {
        const char *equals = strchr(*set, '=');
        if (!equals) continue;
        AUTO_FREE char *name = xstrndup(*set, (size_t)(equals - *set));
        variables_set(&run->variables, name,
                      value_given(written_as(run->journey, name), equals + 1));
    }
    char started[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(run->report->started_wall_us, started);
    variables_set_text(&run->variables, "run.id", run->report->run_id);
    variables_set_text(&run->variables, "run.trace_id", run->report->trace_id);
    variables_set_text(&run->variables, "run.persona", run->persona->name);
    variables_set_text(&run->variables, "run.started", started);
}

static bool set_base(struct run *run, const char *override, struct diags *diags)
{
    AUTO_BUF text = BUF_INIT(HTTP_MAX_URL_BYTES);
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    struct expander expander = variables_expander(&run->variables);
    struct place place = run->journey->base ? run->journey->base->place : PLACE_NOWHERE;
    if (override) {
        place = PLACE_NOWHERE; /* the file's own may be fine */
        buf_add_text(&text, override);
    } else if (!run->journey->base) {
        diag_hint(diag_error(diags, DIAG_MISSING_KEY, place, "the journey '%s' has no base",
                             run->journey->name),
                  "write `base: https://shop.example` into it, or give one by --base");
        return false;
    } else if (!expand_text(run->journey->base, &expander, &text, &reason)) {
        diag_error(diags, DIAG_BAD_URL, place, "the base is not known: %s", buf_text(&reason));
        return false;
    }
    AUTO_ERROR error = ERROR_NONE;
    const struct url *base = engine_base(run->engine, buf_text(&text), &error);
    if (!base) {
        diag_error(diags, DIAG_BAD_URL, place, "the base is no http(s) URL: %s",
                   error_text(&error));
        return false;
    }
    if (base->user) {
        journey_refuse_credentials(diags, place);
        return false;
    }
    run->base = xstrdup(base->text);
    run->base_host = xstrdup(base->host);
    run->report->base = xstrdup(base->text);
    return true;
}

static struct run_report *report_new(const struct run *run)
{
    struct run_report *report = NEW(struct run_report);
    report->journey = journey_hold(run->journey);
    report->persona = xstrdup(run->persona->name);
    report->started_wall_us = clock_wall_us(loop_clock(run->engine->loop));
    id_uuid_v7(report->started_wall_us, report->run_id);
    id_trace(report->trace_id);
    return report;
}

static void run_free(struct run *run)
{
    if (!run) return;
    run_cancel_wait(run);
    if (run->settling) run->engine->ledger->operations->cancel(run->settling);
    timer_cancel(&run->deadline);
    lease_release(&run->lease);
    if (run->other) run->engine->client->operations->session_close(run->other);
    if (run->session) run->engine->client->operations->session_close(run->session);
    owed_release(run);
    value_release(&run->each);
    variables_release(&run->variables);
    run_report_free(run->report);
    free(run->base);
    free(run->side_failure);
    free(run->unheld);
    free(run->debt);
    free(run->base_host);
    free(run->who);
    free(run->user_agent);
    personas_free(run->personas);
    journey_free(run->journey);
    free(run);
}

static void on_leased(void *context)
{
    struct run *run = context;
    deferred_queue(&run->resume);
}

static bool lease_account(struct run *run, struct diags *diags)
{
    if (!run->journey->accounts.present) return true;
    struct accounts *pool = accounts_of(run->engine, run->journey, diags);
    if (!pool) return false;
    if (run->debt) { /* made with this one, whoever has it now */
        accounts_set_variables(pool, debt_account(view_of(run->debt)), &run->variables);
        return true;
    }
    run->lease.leased = on_leased;
    run->lease.context = run;
    accounts_lease(pool, &run->lease);
    return true;
}

struct run *run_start(struct engine *engine, const struct run_options *options, run_done *done,
                      void *context, struct diags *diags)
{
    struct run *run = NEW(struct run);
    run->engine = engine;
    run->journey = journey_hold(options->journey);
    run->personas = personas_hold(engine->personas);
    run->done = done;
    run->walked = options->walked;
    run->context = context;
    run->deadline_holds = options->deadline_holds;
    run->deadline_length_us =
        options->deadline_us ? options->deadline_us : run->journey->deadline_us;
    run->keep_seen = options->keep_seen;
    if (options->debt) run->debt = xstrdup(options->debt);
    view_copy(view_of(options->debt_id), run->debt_id, sizeof run->debt_id);
    run->started_us = loop_now_us(engine->loop);
    variables_init(&run->variables);
    timer_init(&run->wait, engine->loop, on_wait_over, run);
    timer_init(&run->deadline, engine->loop, on_deadline, run);
    deferred_init(&run->resume, engine->loop, on_resume, run);
    run->persona = personas_require(run->personas, run->journey,
                                    options->persona ? options->persona : "desktop", diags);
    if (!run->persona) goto refused;
    run->report = report_new(run);
    request_introduce(run);
    if (!secrets_resolve(run->journey, &run->variables, engine->redactor, diags)) goto refused;
    set_built_in(run, options->set);
    if (!set_vars(run, run->journey, diags)) goto refused;
    if (!set_base(run, options->base, diags)) goto refused;
    if (!journey_hosts_are_allowed(run->journey, run->base_host, diags)) goto refused;
    if (!lease_account(run, diags)) goto refused;
    run->phase = RUN_LEASING;
    timer_set(&run->deadline, run->started_us + run->deadline_length_us);
    deferred_queue(&run->resume);
    return run;
refused:
    run_free(run);
    return NULL;
}

bool run_check(struct engine *engine, const struct run_options *options, struct diags *diags)
{
    struct run *run = run_start(engine, options, NULL, NULL, diags);
    run_free(run);
    return run != NULL;
}

char *run_host(struct engine *engine, const struct run_options *options)
{
    struct diags diags = DIAGS_INIT;
    struct run *run = run_start(engine, options, NULL, NULL, &diags);
    char *host = run ? url_authority(run->base) : NULL;
    run_free(run);
    diags_release(&diags);
    return host;
}

/* The one setter of the phase: logs old and new, and starts what the new one walks. */
void run_enter(struct run *run, enum run_phase phase)
{
    static const char *const names[] = {"leasing", "walking", "undoing", "finishing", "ended"};
    log_line(run->engine->log, LOG_TRACE, "run %s: %s -> %s", run->report->run_id,
             names[run->phase], names[phase]);
    enum run_phase before = run->phase;
    run->phase = phase;
    int64_t now_us = loop_now_us(run->engine->loop);
    if (phase == RUN_WALKING && !run->deadline_holds)
        timer_set(&run->deadline, now_us + run->deadline_length_us);
    if (phase == RUN_UNDOING && before != RUN_UNDOING) {
        timer_set(&run->deadline, now_us + CLEAN_UP_DEADLINE_US);
    }
}

void run_walk_list(struct run *run, const struct instruction_list *list)
{
    run->list = list;
    run->pc = 0;
    run->step_end = 0;
    value_release(&run->each);
    deferred_queue(&run->resume);
}

/* How long it took until now, and that a run without a step that was walked shows nothing. */
static void sum_up(struct run *run)
{
    run->report->duration_us = loop_now_us(run->engine->loop) - run->started_us;
    bool walked = false;
    vec_each(step, &run->report->steps) {
        if (step->verdict != VERDICT_SKIPPED) walked = true;
    }
    if (!walked && run->report->verdict == VERDICT_PASS) run->report->verdict = VERDICT_UNKNOWN;
}

static void finish(struct run *run)
{
    run_enter(run, RUN_ENDED);
    run_cancel_wait(run);
    timer_cancel(&run->deadline);
    sum_up(run);
    run_observe(run, RUN_EVENT_ENDED, NULL);
    run->done(run->context, take(run->report));
    run_free(run);
}

/* A process that dies between logging out and writing down what it paid would leave a debt that
 * nobody is let in to pay again. But a disk that takes no more holds nobody up. */
static void start_finally(struct run *run)
{
    run_enter(run, RUN_FINISHING);
    run->list = NULL;
    if (!run->settling || !run->journey->finally_count)
        run_walk_list(run, &run->journey->program->finally);
    else
        timer_set(&run->wait, loop_now_us(run->engine->loop) + LEDGER_PATIENCE_US);
}

static bool waits_for_payment(const struct run *run)
{
    return run->phase == RUN_FINISHING && !run->list;
}

void run_payment_written(void *context)
{
    struct run *run = context;
    run->settling = NULL;
    if (!waits_for_payment(run)) return;
    timer_cancel(&run->wait);
    run_walk_list(run, &run->journey->program->finally);
}

static void tell_walked(struct run *run)
{
    const enum verdict verdict = run->report->verdict;
    sum_up(run);
    run->walked(run->context, run->report);
    run->report->verdict = verdict; /* what cleaning up walks counts, too */
}

/* Whoever tries again needs to be let in as this shopper: nobody leaves before that. */
static bool left_what_is_tried_again(const struct run *run)
{
    vec_each(residue, &run->report->residue) {
        if (residue->in_ledger) return true;
    }
    return false;
}

/* Steps, then debts from the latest to the first, then `finally`, then the end. */
void run_list_ended(struct run *run)
{
    if (run->other) {
        run->engine->client->operations->session_close(run->other);
        run->other = NULL;
    }
    if (run->phase == RUN_WALKING) {
        run_enter(run, RUN_UNDOING);
        if (run->walked && !run->debt) tell_walked(run);
    } else if (run->phase == RUN_UNDOING) {
        owed_list_ended(run);
    }
    if (run->phase == RUN_UNDOING) {
        const struct instruction_list *list = owed_next(run);
        if (list) {
            run_walk_list(run, list);
            return;
        }
        if (!run->debt && !left_what_is_tried_again(run)) {
            start_finally(run);
            return;
        }
    }
    finish(run);
}

void run_cancel_wait(struct run *run)
{
    timer_cancel(&run->wait);
    deferred_cancel(&run->resume);
    if (run->exchange) run->engine->client->operations->cancel(run->exchange);
    run->exchange = NULL;
    if (run->noting) { /* its request never left */
        run->engine->ledger->operations->cancel(take(run->noting));
        if (run->owed.count) owed_settle_request(run, vec_last(&run->owed)->side->step, false);
        if (run->settling) /* nothing was paid: nobody waits for it */
            run->engine->ledger->operations->cancel(take(run->settling));
    }
    http_result_release(&run->result);
    request_release(&run->request);
}

char *run_clip(const struct run *run, struct view text, size_t limit)
{
    AUTO_BUF redacted = BUF_INIT(BUF_OWN_CAP), visible = BUF_INIT(BUF_OWN_CAP);
    redact_add(run->engine->redactor, &redacted, text);
    struct view kept = utf8_clip(buf_view(&redacted), limit);
    codec_add_visible(&visible, kept);
    if (kept.length < redacted.length) buf_add_text(&visible, "…");
    return buf_take(&visible);
}

struct step_report *run_open_step(const struct run *run)
{
    return run->step ? &run->report->steps.items[run->step - 1] : NULL;
}

struct http_session *run_session(const struct run *run)
{
    return run->other ? run->other : run->session;
}

void run_observe(const struct run *run, enum run_event event, const struct step_report *step)
{
    if (run->engine->observe) run->engine->observe(run->engine->observe_context, run, event, step);
}

void run_verdict(struct run *run, enum verdict verdict)
{
    static const int weight[] = {
        [VERDICT_PASS] = 0,    [VERDICT_SKIPPED] = 0, [VERDICT_DEGRADED] = 1,
        [VERDICT_UNKNOWN] = 2, [VERDICT_FAIL] = 3,
    };
    if (weight[verdict] > weight[run->report->verdict]) run->report->verdict = verdict;
}

/* What an earlier process left behind, and nothing else. */
static void pay_debt(struct run *run)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    if (!debt_restore(run, view_of(run->debt), &reason)) {
        struct residue *residue = vec_add(&run->report->residue);
        residue->step = xstrdup("");
        residue->what = xstrdup(buf_text(&reason));
        run_verdict(run, VERDICT_DEGRADED);
    } else {
        view_copy(view_of(run->debt_id), vec_last(&run->owed)->id, ID_UUID_SIZE);
    }
    run_list_ended(run);
}

/* Leased, or nothing to lease: the shopper enters the shop. */
static void enter_shop(struct run *run)
{
    if (run->lease.pool) {
        lease_set_variables(&run->lease, &run->variables);
        run->report->account = xasprintf("account %zu", run->lease.index + 1);
    }
    run->session = run->engine->client->operations->session_open(run->engine->client);
    run->started_us = loop_now_us(run->engine->loop);
    run->report->started_wall_us = clock_wall_us(loop_clock(run->engine->loop));
    run_observe(run, RUN_EVENT_STARTED, NULL);
    run_enter(run, RUN_WALKING);
    if (run->debt) {
        pay_debt(run);
        return;
    }
    run->list = &run->journey->program->steps;
    walk_resume(run);
}

static void leave_unserved(struct run *run, const char *why)
{
    run->report->stopped = xstrdup(why);
    run_verdict(run, VERDICT_UNKNOWN);
    run->list = &run->journey->program->steps;
    walk_skip_rest(run, why);
    finish(run);
}

static void on_resume(void *context)
{
    struct run *run = context;
    if (run->phase != RUN_LEASING) {
        walk_resume(run);
    } else if (!run->lease.pool || run->lease.account) {
        enter_shop(run);
    } else if (run->journey->accounts.skip_when_busy) {
        leave_unserved(run, "no account was free");
    } else {
        run_observe(run, RUN_EVENT_WAITING_FOR_ACCOUNT, NULL);
    }
}

static void on_wait_over(void *context)
{
    struct run *run = context;
    if (waits_for_payment(run))
        run_walk_list(run, &run->journey->program->finally);
    else
        walk_resume(run);
}

/* Ends `undo` or `finally` where it stands: what is not done by now has failed. */
static void give_up_cleaning(struct run *run, const char *why, const char *owed_why)
{
    const struct step_report *open = run_open_step(run);
    struct failure failure = {.kind = OUTCOME_TIMEOUT, .message = xstrdup(why)};
    if (walk_cut(run) && run->result.detail) failure.detail = xstrdup(run->result.detail);
    run_cancel_wait(run);
    if (open) {
        failure.place = open->place;
        (void)walk_fail(run, failure);
    } else {
        failure_release(&failure);
    }
    if (run->list) walk_skip_rest(run, why);
    run_verdict(run, VERDICT_DEGRADED);
    owed_give_up(run, owed_why);
    finish(run);
}

/* A name server that says nothing for most of a run's time is no fault of the shop's; one that is
 * merely asked when the time is up is not to blame for what took it. */
static bool was_blind(const struct run *run)
{
    return outcome_fault(run->result.kind) == FAULT_PROBER &&
           run_open_step(run)->timings.total_us > run->deadline_length_us / 2;
}

/* What the step under way had not got by now; NULL: nobody can say. */
static char *detail_of_wait(const struct run *run, bool cut)
{
    if (cut && run->result.detail) return xstrdup(run->result.detail);
    if (!run->unheld) return NULL;
    return xasprintf("the answers were not what it waited for; the last one: %s", run->unheld);
}

/* An optional step is forgiven that it took all the time; not that the others had none. */
static void leave_rest(struct run *run)
{
    size_t reached = run->report->steps.count;
    walk_skip_rest(run, "not reached");
    for (size_t i = reached; i < run->report->steps.count; i++)
        if (!run->report->steps.items[i].optional) run_verdict(run, VERDICT_FAIL);
}

static void on_deadline(void *context)
{
    struct run *run = context;
    AUTO_BUF length = BUF_INIT(BUF_OWN_CAP);
    if (run->phase == RUN_LEASING) {
        leave_unserved(run, "no account was free before the deadline");
        return;
    }
    if (run->phase != RUN_WALKING) {
        static const char why[] = "the deadline for cleaning up passed";
        give_up_cleaning(run, why, why);
        return;
    }
    quantity_print_duration(run->deadline_length_us, &length);
    const struct step_report *open = run_open_step(run);
    struct failure failure = {
        .kind = OUTCOME_TIMEOUT,
        .message = xasprintf("the run was not done within its deadline of %s", buf_text(&length)),
        .expected = xasprintf("the whole run within %s", buf_text(&length)),
        .actual = xstrdup("still at this step"),
    };
    bool cut = walk_cut(run);
    failure.detail = detail_of_wait(run, cut);
    if (cut && was_blind(run)) failure.kind = run->result.kind;
    run_cancel_wait(run);
    if (open) failure.place = open->place;
    (void)walk_fail(run, failure);
    leave_rest(run);
    run_list_ended(run);
}

/* Ends the steps where they stand, for no fault of the shop's. */
static void leave_steps(struct run *run, const char *why)
{
    bool sent = walk_cut(run) && run->result.request_sent;
    run_cancel_wait(run);
    run->report->stopped = xstrdup(why);
    run_verdict(run, VERDICT_UNKNOWN);
    struct step_report *step = run_open_step(run);
    if (step) {
        step->verdict = VERDICT_SKIPPED;
        step->skipped = sent ? xasprintf("%s after its request was sent", why) : xstrdup(why);
        walk_close_step(run);
    }
    walk_skip_rest(run, why);
}

void run_stop(struct run *run, const char *why)
{
    if (run->phase == RUN_LEASING) {
        leave_unserved(run, why);
        return;
    }
    if (run->phase != RUN_WALKING) return;
    leave_steps(run, why);
    run_list_ended(run);
}

void run_abort(struct run *run)
{
    static const char why[] = "aborted", owed_why[] = "aborted before it could be undone";
    if (run->phase == RUN_LEASING) {
        leave_unserved(run, why);
        return;
    }
    if (run->phase == RUN_WALKING) {
        leave_steps(run, why);
        owed_give_up(run, owed_why);
        finish(run);
        return;
    }
    if (!run->report->stopped) run->report->stopped = xstrdup(why);
    run_verdict(run, VERDICT_UNKNOWN);
    give_up_cleaning(run, why, owed_why);
}

const char *run_persona(const struct run *run)
{
    return run->persona->name;
}

const struct journey *run_journey(const struct run *run)
{
    return run->journey;
}

const struct run_report *run_so_far(const struct run *run)
{
    return run->report;
}
