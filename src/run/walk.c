/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pump: executes a journey's instructions one after the other until one must wait. Each
 * instruction is a function that says NEXT, WAIT or STOP; a wait ends in walk_resume, the one door
 * back in.
 */
#include "run/caps.h"
#include "run/kept.h"
#include "run/walker.h"
#include "text/quantity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t since_start_us(const struct run *run)
{
    return loop_now_us(run->engine->loop) - run->started_us;
}

static enum report_section section_of(const struct run *run)
{
    if (run->phase == RUN_UNDOING) return SECTION_UNDO;
    return run->phase == RUN_FINISHING ? SECTION_FINALLY : SECTION_STEPS;
}

/* A report for the step, not yet open. */
static struct step_report *report_step(struct run *run, const struct step *step)
{
    struct step_report *report = vec_add(&run->report->steps);
    report->name = step->name;
    report->stage = step->stage;
    report->section = section_of(run);
    report->optional = step->optional;
    report->severity = step->severity;
    report->each_index = run->each.kind != VALUE_ABSENT ? (int)run->each_index + 1 : 0;
    report->place = step->place;
    report->started_us = since_start_us(run);
    return report;
}

static void report_skipped(struct run *run, const struct step *step, const char *why)
{
    struct step_report *report = report_step(run, step);
    report->verdict = VERDICT_SKIPPED;
    report->skipped = xstrdup(why);
    run_observe(run, RUN_EVENT_STEP_ENDED, report);
}

void walk_skip_rest(struct run *run, const char *why)
{
    for (; run->pc < run->list->count; run->pc++) {
        const struct instruction *instruction = &run->list->items[run->pc];
        if (instruction->code == INSTRUCTION_BEGIN && instruction->step->kind != STEP_USE) {
            report_skipped(run, instruction->step, why);
        }
    }
}

void walk_close_step(struct run *run)
{
    struct step_report *report = run_open_step(run);
    if (!report) return;
    report->duration_us = since_start_us(run) - report->started_us;
    run->step = 0;
    run->until_us = 0;
    free(take(run->unheld));
    run_observe(run, RUN_EVENT_STEP_ENDED, report);
}

/*
 * A kept session that turns out to be none any more: the shopper logs in anew, once, as long as
 * nothing was created since. What was walked since then is walked again and reported once.
 */
static bool log_in_anew(struct run *run, enum outcome_kind kind)
{
    if (kind != OUTCOME_SESSION || !run->kept_at || run->logged_in_anew) return false;
    if (run->phase != RUN_WALKING || run->owed.count != run->kept_owed) return false;
    run->logged_in_anew = true;
    run->step = 0;
    run->until_us = 0;
    free(take(run->unheld));
    run_report_forget_steps(run->report, run->kept_steps);
    const struct http_client_operations *http = run->engine->client->operations;
    http->session_close(run->session);
    run->session = http->session_open(run->engine->client);
    run->pc = run->kept_at - 1;
    return true;
}

/*
 * Cleaning up that fails is residue, whatever it was that happened; that is told in the detail.
 * What an undo leaves behind is the debt's to say (owed.c), what `finally` does is said here.
 */
static void weigh_residue(struct run *run, struct step_report *report)
{
    struct failure *failure = &report->failure;
    const char *word = outcome_word(failure->kind);
    char *detail = xasprintf("%s: %s", word, failure->detail ? failure->detail : failure->message);
    free(failure->detail);
    failure->detail = detail;
    failure->kind = OUTCOME_RESIDUE;
    report->verdict = VERDICT_FAIL;
    if (!run->side_failure) run->side_failure = xstrdup(detail);
    run_verdict(run, VERDICT_DEGRADED);
    if (report->section != SECTION_FINALLY) return;
    struct residue *residue = vec_add(&run->report->residue);
    residue->step = xstrdup(report->name);
    residue->what = xstrdup(failure->message);
}

/* A process that died may have undone what it had yet to write down: then there is nothing left. */
static bool was_undone_before(const struct run *run, const struct step_report *report)
{
    return run->debt && run->phase == RUN_UNDOING && !run->finding &&
           (report->status == 404 || report->status == 410);
}

/* What a failed step means for the run: an optional one degrades. */
static void weigh_failure(struct run *run, struct step_report *report)
{
    if (was_undone_before(run, report)) {
        failure_release(&report->failure);
        report->failure = (struct failure){0};
        report->verdict = VERDICT_PASS;
        return;
    }
    enum verdict verdict = outcome_verdict(report->failure.kind);
    bool forgiven = report->optional && verdict == VERDICT_FAIL;
    if (report->section != SECTION_STEPS && !forgiven) {
        weigh_residue(run, report);
        return;
    }
    report->verdict = verdict;
    run_verdict(run, forgiven ? VERDICT_DEGRADED : report->verdict);
}

enum flow walk_fail(struct run *run, struct failure failure)
{
    struct step_report *report = run_open_step(run);
    if (!report) {
        failure_release(&failure);
        run_verdict(run, VERDICT_FAIL);
        walk_skip_rest(run, "not reached");
        return FLOW_STOP;
    }
    if (log_in_anew(run, failure.kind)) {
        failure_release(&failure);
        deferred_queue(&run->resume);
        return FLOW_WAIT;
    }
    failure_release(&report->failure);
    report->failure = failure;
    weigh_failure(run, report);
    bool goes_on = report->verdict == VERDICT_PASS ||
                   (report->optional && outcome_fault(report->failure.kind) != FAULT_PROBER &&
                    report->failure.kind != OUTCOME_RESIDUE);
    /* `finally` is a list of good-byes: one that fails does not keep the next from being said. */
    if (report->section == SECTION_FINALLY) goes_on = true;
    walk_close_step(run);
    run->pc = run->step_end;
    if (goes_on) return FLOW_NEXT;
    walk_skip_rest(run, "not reached");
    return FLOW_STOP;
}

static enum flow fail_with(struct run *run, enum outcome_kind kind, const struct buf *message)
{
    struct failure failure = {.kind = kind, .message = xstrdup(buf_text(message))};
    const struct step_report *report = run_open_step(run);
    if (report) failure.place = report->place;
    return walk_fail(run, failure);
}

/* A step that fails before it began. */
static enum flow fail_unopened(struct run *run, const struct instruction *instruction,
                               const struct buf *message)
{
    report_step(run, instruction->step);
    run->step = run->report->steps.count;
    run->step_end = instruction->target;
    return fail_with(run, OUTCOME_CONTENT, message);
}

/* --- The instructions. run->pc already points past the one under way. */

static enum flow do_begin(struct run *run, const struct instruction *instruction)
{
    const struct step *step = instruction->step;
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    enum condition condition =
        step->when ? check_condition(run, step->when, &reason) : CONDITION_HOLDS;
    if (condition == CONDITION_UNTOLD) return fail_unopened(run, instruction, &reason);
    if (condition == CONDITION_HOLDS_NOT) {
        report_skipped(run, step, "its `when` does not hold");
        run->pc = instruction->target;
        return FLOW_NEXT;
    }
    if (step->only.count && !cap_take(run->engine, instruction->scope, step)) {
        run->pc--;
        walk_skip_rest(run, "the cap of its `only` is reached");
        return FLOW_STOP;
    }
    if (step->only.count) run->cap_taken = true;
    if (step->kind == STEP_USE) return FLOW_NEXT;
    struct step_report *report = report_step(run, step);
    run->step = run->report->steps.count;
    run->step_end = instruction->target;
    run_observe(run, RUN_EVENT_STEP_STARTED, report);
    return FLOW_NEXT;
}

static void on_answer(void *context, struct http_result *result)
{
    struct run *run = context;
    run->exchange = NULL;
    run->result = *result;
    *result = (struct http_result){0};
    run->result.message->readings = run->engine->readings;
    walk_resume(run);
}

static void make_fresh(struct run *run, const struct step *step)
{
    const struct http_client_operations *http = run->engine->client->operations;
    if (step->fresh == FRESH_CONNECTION) http->session_forget_connections(run_session(run));
    if (step->fresh != FRESH_SESSION) return;
    struct http_session **session = run->phase == RUN_WALKING ? &run->session : &run->other;
    if (*session) http->session_close(*session);
    *session = http->session_open(run->engine->client);
}

static void send_request(struct run *run)
{
    run->exchange =
        run->engine->client->operations->send(run_session(run), &run->request.http, on_answer, run);
}

/* The deadline goes on, and `until`: what our disk took is not the shop's. */
static void on_noted(void *context)
{
    struct run *run = context;
    int64_t now_us = loop_now_us(run->engine->loop);
    run->noting = NULL;
    run->until_us += now_us - (run->wait.deadline_us - LEDGER_PATIENCE_US);
    timer_cancel(&run->wait);
    timer_set(&run->deadline, now_us + run->left_us);
    send_request(run);
}

/* What may be made, and what a cap counts, is written down before it may happen. The deadline
 * stands still meanwhile. */
static void note_down(struct run *run, struct owed *owed)
{
    struct ledger *ledger = run->engine->ledger;
    AUTO_BUF debt = BUF_INIT(DEBT_MAX_BYTES);
    AUTO_BUF caps = BUF_INIT(BUF_OWN_CAP);
    if (owed) {
        id_uuid_v7(clock_wall_us(loop_clock(run->engine->loop)), owed->id);
        debt_print(run, owed, &debt);
    }
    if (run->cap_taken) caps_save(run->engine, &caps);
    run->cap_taken = false;
    run->noting = ledger->operations->note(ledger, owed ? owed->id : NULL, buf_view(&debt),
                                           buf_view(&caps), on_noted, run);
    int64_t now_us = loop_now_us(run->engine->loop);
    run->left_us = run->deadline.deadline_us - now_us;
    timer_cancel(&run->deadline);
    timer_set(&run->wait, now_us + LEDGER_PATIENCE_US);
}

/* A disk that does not take it is our trouble, not the shop's: nothing is made. */
static enum flow give_up_noting(struct run *run)
{
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&message, "what it is about to do could not be written down within ");
    quantity_print_duration(LEDGER_PATIENCE_US, &message);
    buf_add_text(&message, ", so nothing was sent");
    run_cancel_wait(run);
    return fail_with(run, OUTCOME_PROBER, &message);
}

static enum flow do_fetch(struct run *run, const struct instruction *instruction)
{
    const struct step *step = instruction->step;
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    http_result_release(&run->result);
    request_release(&run->request);
    struct step_report *report = run_open_step(run);
    if (report->attempts == 0) {
        make_fresh(run, step);
        run->until_us = loop_now_us(run->engine->loop) + step->until_within_us;
    }
    if (!request_build(run, step, &run->request, &reason)) {
        return fail_with(run, OUTCOME_CONTENT, &reason);
    }
    report->attempts++;
    free(report->url);
    report->method = run->request.http.method;
    report->url = xstrdup(run->request.url);
    struct owed *owed = owed_push(run, step, instruction->scope);
    if (run->engine->ledger && (owed || run->cap_taken))
        note_down(run, owed);
    else
        send_request(run);
    return FLOW_WAIT;
}

/* What the step's report keeps of an answer. */
static void note_answer(struct run *run, const struct step *step)
{
    struct step_report *report = run_open_step(run);
    const struct message *message = run->result.message;
    report->status = message->status;
    report->timings = message->timings;
    report->body_bytes = message->body.length;
    report->certificate_ends_s =
        message->certificate.present ? message->certificate.earliest_not_after_s : 0;
    report->http_version = message->http_version;
    report->redirects = message->redirects;
    report->wire_bytes = message->wire_bytes;
    if (message->hops.count)
        memcpy(report->remote_address, vec_last(&message->hops)->remote_address,
               sizeof report->remote_address);
    if (message->certificate.present)
        memcpy(report->tls_version, message->certificate.protocol, sizeof report->tls_version);
    owed_settle_request(run, step, run->result.request_sent);
}

/* Whether `until` sends the request once more after this failure. */
static bool tries_again(struct run *run, const struct step *step, const struct failure *failure)
{
    if (!step->until_within_us || run->result.kind != OUTCOME_PASS) return false;
    if (failure->kind == OUTCOME_BLOCKED) return false;
    int64_t now_us = loop_now_us(run->engine->loop);
    return now_us + step->until_every_us <= run->until_us;
}

static void keep_message(struct run *run)
{
    struct step_report *report = run_open_step(run);
    if (!run->engine->keep_messages || !run->result.message) return;
    message_free(report->message);
    report->message = take(run->result.message);
    report->message->readings = NULL; /* it may outlive them */
}

bool walk_cut(struct run *run)
{
    if (!run->exchange) return false;
    const struct step *step = run->request.step;
    run->engine->client->operations->cut(take(run->exchange), &run->result);
    run->result.message->readings = run->engine->readings;
    note_answer(run, step);
    keep_message(run);
    return true;
}

/* A `find` that the shop answers with 'no such thing' has found out that there is nothing to undo.
 */
static bool found_nothing(const struct run *run)
{
    long status = run->result.kind == OUTCOME_PASS ? run->result.message->status : 0;
    return run->finding && (status == 404 || status == 410);
}

static void note_seen(struct run *run)
{
    struct step_report *report = run_open_step(run);
    if (!run->result.message) return;
    free(report->seen);
    report->seen = checks_seen(run, run->result.message);
}

static enum flow do_judge(struct run *run, const struct instruction *instruction)
{
    const struct step *step = instruction->step;
    struct failure failure = {.kind = OUTCOME_PASS};
    note_answer(run, step);
    if (found_nothing(run)) {
        keep_message(run);
        run->pc = run->step_end - 1; /* its END */
        return FLOW_NEXT;
    }
    if (checks_hold(run, step, &run->result, &failure)) {
        if (run->keep_seen) note_seen(run);
        if (failure.kind != OUTCOME_SLOW) return FLOW_NEXT;
        struct step_report *report = run_open_step(run);
        report->failure = failure;
        report->verdict = VERDICT_DEGRADED;
        run_verdict(run, VERDICT_DEGRADED);
        return FLOW_NEXT;
    }
    captures_rescue(run, step, &run->result);
    if (tries_again(run, step, &failure)) {
        free(run->unheld);
        run->unheld = take(failure.message);
        failure_release(&failure);
        run->pc = instruction->target;
        timer_set(&run->wait, loop_now_us(run->engine->loop) + step->until_every_us);
        return FLOW_WAIT;
    }
    note_seen(run);
    keep_message(run);
    return walk_fail(run, failure);
}

static enum flow do_capture(struct run *run, const struct instruction *instruction)
{
    struct failure failure = {.kind = OUTCOME_PASS};
    bool taken = captures_take(run, instruction->step, run->result.message, &failure);
    if (!taken) note_seen(run);
    keep_message(run);
    return taken ? FLOW_NEXT : walk_fail(run, failure);
}

static enum flow do_pause(struct run *run, const struct instruction *instruction)
{
    timer_set(&run->wait, loop_now_us(run->engine->loop) + instruction->step->pause_us);
    return FLOW_WAIT;
}

static enum flow do_end(struct run *run, const struct instruction *instruction)
{
    if (instruction->step->kind == STEP_USE) return FLOW_NEXT;
    http_result_release(&run->result);
    request_release(&run->request);
    walk_close_step(run);
    return FLOW_NEXT;
}

static enum flow do_each(struct run *run, const struct instruction *instruction)
{
    const struct step *step = instruction->step;
    struct expander expander = variables_expander(&run->variables);
    struct value list = VALUE_NOTHING;
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    bool known = operand_value(&step->each, &expander, &list, &reason);
    if (known && list.kind != VALUE_LIST && list.kind != VALUE_JSON) {
        buf_addf(&reason, "`each` needs a list, not %s", value_kind_name(&list));
        value_release(&list);
        known = false;
    }
    if (known && value_count(&list) > JOURNEY_MAX_EACH) {
        buf_addf(&reason, "`each` is given %zu elements, and walks at most %d", value_count(&list),
                 JOURNEY_MAX_EACH);
        value_release(&list);
        known = false;
    }
    if (!known) return fail_unopened(run, instruction, &reason);
    value_release(&run->each);
    run->each = list;
    run->each_index = 0;
    if (!value_count(&list)) {
        report_skipped(run, step, "its `each` has no element");
        value_release(&run->each);
        run->pc = instruction->target;
        return FLOW_NEXT;
    }
    variables_set(&run->variables, step->each_name, value_element(&list, 0));
    return FLOW_NEXT;
}

static enum flow do_next(struct run *run, const struct instruction *instruction)
{
    if (++run->each_index >= value_count(&run->each)) {
        value_release(&run->each);
        return FLOW_NEXT;
    }
    variables_set(&run->variables, instruction->step->each_name,
                  value_element(&run->each, run->each_index));
    run->pc = instruction->target;
    return FLOW_NEXT;
}

/* Whose session it is: the used file, the shop, the persona and the account. */
static char *kept_key(const struct run *run, const struct step *step)
{
    return xasprintf("%s\n%s\n%s\n%s", step->used->path, run->base, run->persona->name,
                     run->report->account ? run->report->account : "");
}

static enum flow do_use(struct run *run, const struct instruction *instruction)
{
    const struct step *step = instruction->step;
    struct expander expander = variables_expander(&run->variables);
    for (size_t i = 0; i < step->with_count; i++) {
        struct value value = VALUE_NOTHING;
        AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
        if (!operand_value(&step->with[i].value, &expander, &value, &reason)) {
            return fail_unopened(run, instruction, &reason);
        }
        variables_set(&run->variables, step->with[i].name, value);
    }
    if (!step->keep_session_us || run->logged_in_anew) return FLOW_NEXT;
    AUTO_FREE char *key = kept_key(run, step);
    AUTO_FREE char *cookies = NULL;
    if (!kept_restore(run->engine, key, &run->variables, &cookies)) return FLOW_NEXT;
    run->engine->client->operations->session_load_cookies(run->session, cookies);
    run->kept_at = run->pc;
    run->kept_steps = run->report->steps.count;
    run->kept_owed = run->owed.count;
    report_skipped(run, step, "a kept session serves");
    run->pc = instruction->target;
    return FLOW_NEXT;
}

static enum flow do_used(struct run *run, const struct instruction *instruction)
{
    const struct step *step = instruction->step;
    if (!step->keep_session_us) return FLOW_NEXT;
    VEC(const char *) names = {0};
    for (size_t i = 0; i < step->used->step_count; i++) {
        const struct step *inner = &step->used->steps[i];
        for (size_t k = 0; k < inner->capture_count; k++) {
            vec_push(&names, inner->captures[k].name);
        }
    }
    vec_push(&names, NULL);
    AUTO_FREE char *key = kept_key(run, step);
    char *cookies = run->engine->client->operations->session_save_cookies(run->session);
    kept_store(run->engine, key, &run->variables, names.items, cookies, step->keep_session_us);
    vec_release(&names);
    return FLOW_NEXT;
}

static enum flow do_stop(struct run *run, const struct instruction *instruction)
{
    (void)run;
    (void)instruction;
    return FLOW_STOP;
}

static enum flow (*const instructions[])(struct run *, const struct instruction *) = {
    [INSTRUCTION_BEGIN] = do_begin, [INSTRUCTION_FETCH] = do_fetch,
    [INSTRUCTION_JUDGE] = do_judge, [INSTRUCTION_CAPTURE] = do_capture,
    [INSTRUCTION_PAUSE] = do_pause, [INSTRUCTION_END] = do_end,
    [INSTRUCTION_EACH] = do_each,   [INSTRUCTION_NEXT] = do_next,
    [INSTRUCTION_USE] = do_use,     [INSTRUCTION_USED] = do_used,
    [INSTRUCTION_STOP] = do_stop,
};

void walk_resume(struct run *run)
{
    enum flow flow = run->noting ? give_up_noting(run) : FLOW_NEXT;
    while (flow == FLOW_NEXT) {
        ASSERT(run->pc < run->list->count);
        const struct instruction *instruction = &run->list->items[run->pc++];
        flow = instructions[instruction->code](run, instruction);
    }
    if (flow == FLOW_STOP) run_list_ended(run);
}
