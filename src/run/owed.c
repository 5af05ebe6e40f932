/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debts to the shop. A step with an `undo` owes it from the moment its request is sent, whatever
 * came back: it is settled by the captured values, by what `find` brings, or it ends as residue.
 * Debts are settled from the latest to the first.
 */
#include "run/walker.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_BYTES = 100, DESCRIBED_BYTES = 4096 };

static struct owed *owed_top(struct run *run)
{
    return run->owed.count ? vec_last(&run->owed) : NULL;
}

/* Off the stack, whether it was paid or not. */
static void owed_drop(struct run *run)
{
    variables_release(&owed_top(run)->created);
    run->owed.count--;
    run->finding = false;
    free(take(run->side_failure));
}

static void note_paid(struct run *run, const struct owed *owed)
{
    struct ledger *ledger = run->engine->ledger;
    if (!ledger || !*owed->id) return;
    if (run->settling) ledger->operations->cancel(run->settling); /* written in order */
    run->settling = ledger->operations->settle(ledger, owed->id, run_payment_written, run);
}

static void owed_settled(struct run *run)
{
    note_paid(run, vec_last(&run->owed));
    owed_drop(run);
}

/* Whether two requests of one step made the same thing, as a shop that knows its idempotency keys
 * says. */
static bool is_same_debt(const struct owed *a, const struct owed *b)
{
    const struct step *step = a->side->step;
    if (a->side != b->side || !step->create_count) return false;
    for (size_t i = 0; i < step->create_count; i++) {
        const char *name = step->creates[i].name;
        const struct value *first = variables_get(&a->created, name);
        const struct value *second = variables_get(&b->created, name);
        AUTO_BUF one = BUF_INIT(BUF_OWN_CAP), other = BUF_INIT(BUF_OWN_CAP);
        if (!first || !second) return false;
        value_print(first, &one);
        value_print(second, &other);
        if (!view_equals(buf_view(&one), buf_view(&other))) return false;
    }
    return true;
}

/* What was undone is not undone once more. */
static void owed_undone(struct run *run)
{
    for (size_t i = run->owed.count - 1; i-- > 0;) {
        struct owed *same = &run->owed.items[i];
        if (!is_same_debt(same, vec_last(&run->owed))) continue;
        note_paid(run, same);
        variables_release(&same->created);
        memmove(same, same + 1, (run->owed.count - i - 1) * sizeof(*same));
        run->owed.count--;
    }
    owed_settled(run);
}

struct owed *owed_push(struct run *run, const struct step *step, const struct journey *scope)
{
    if (!step->undo_count || run->phase != RUN_WALKING) return NULL;
    const struct owed *top = owed_top(run);
    /* `until` sends the same request again: looking makes nothing, anything else may each time. */
    bool looks = !strcmp(step->method, "GET") || !strcmp(step->method, "HEAD");
    bool repeated = top && top->side->step == step && run_open_step(run)->attempts > 1;
    if (repeated && looks) return NULL;
    struct owed *owed = vec_add(&run->owed);
    owed->side = program_side_of(run->journey->program, step);
    owed->scope = scope;
    variables_init(&owed->created);
    return owed;
}

void owed_settle_request(struct run *run, const struct step *step, bool sent)
{
    struct owed *top = owed_top(run);
    if (run->phase != RUN_WALKING || !top || top->side->step != step) return;
    if (sent) top->sent = true;
    if (!top->sent) owed_settled(run);
}

void owed_learn(struct run *run, const struct step *step, const char *name,
                const struct value *value)
{
    struct owed *top = owed_top(run);
    if (!top) return;
    bool creating = run->phase == RUN_WALKING && top->side->step == step;
    bool finding = run->finding && top->side->step->find == step;
    if (!creating && !finding) return;
    variables_set(&top->created, name, value_copy(value));
    struct ledger *ledger = run->engine->ledger;
    if (!ledger || !*top->id) return;
    AUTO_BUF debt = BUF_INIT(DEBT_MAX_BYTES);
    debt_print(run, top, &debt);
    ledger->operations->learn(ledger, top->id, buf_view(&debt));
}

/* How much of what the step creates is not known. */
static size_t unknown_count(const struct owed *owed)
{
    const struct step *step = owed->side->step;
    size_t count = 0;
    for (size_t i = 0; i < step->create_count; i++)
        count += !variables_get(&owed->created, step->creates[i].name);
    return count;
}

/* By a part of it, too, once nothing can bring the rest: the undo may need no more, and says what
 * it lacks. A step that creates nothing by name needs nothing. */
static bool can_be_tried(const struct owed *owed)
{
    size_t unknown = unknown_count(owed), all = owed->side->step->create_count;
    bool brings_no_more = owed->looked || !owed->side->step->find;
    return !unknown || (unknown < all && brings_no_more);
}

static void owed_describe(const struct run *run, const struct owed *owed, struct buf *out)
{
    bool any = false;
    vec_each(variable, &owed->created.items) {
        if (any) buf_add_text(out, ", ");
        buf_addf(out, "%s = ", variable->name);
        AUTO_BUF whole = BUF_INIT(BUF_OWN_CAP);
        value_describe(&variable->value, DESCRIBED_BYTES, &whole);
        AUTO_FREE char *shown = run_clip(run, buf_view(&whole), SHOWN_BYTES);
        buf_add_text(out, shown);
        any = true;
    }
    const struct step *step = owed->side->step;
    for (size_t i = 0; !any && i < step->create_count; i++) {
        buf_addf(out, "%s%s", i ? ", " : "", step->creates[i].name);
    }
}

static void owed_to_residue(struct run *run, const char *why, bool in_ledger)
{
    const struct owed *top = owed_top(run);
    struct residue *residue = vec_add(&run->report->residue);
    AUTO_BUF what = BUF_INIT(BUF_OWN_CAP);
    owed_describe(run, top, &what);
    buf_addf(&what, "%s%s", what.length ? ": " : "", why);
    residue->step = xstrdup(top->side->step->name);
    residue->what = buf_take(&what);
    residue->in_ledger = in_ledger;
    run_verdict(run, VERDICT_DEGRADED);
    owed_drop(run);
}

/* There is no hope: a person has to clean it. */
static void owed_lost(struct run *run, const char *what)
{
    struct ledger *ledger = run->engine->ledger;
    const struct owed *top = vec_last(&run->owed);
    AUTO_FREE char *why =
        run->side_failure ? xasprintf("%s (%s)", what, run->side_failure) : xstrdup(what);
    bool in_ledger = ledger && *top->id;
    if (in_ledger) ledger->operations->give_up(ledger, top->id, why);
    owed_to_residue(run, why, in_ledger);
}

/* The undo's templates see what this debt created and nothing else by these names, also where an
 * `each` has set them anew since. */
static const struct instruction_list *start_undo(struct run *run, const struct owed *owed)
{
    const struct step *step = owed->side->step;
    for (size_t i = 0; i < step->create_count; i++)
        variables_unset(&run->variables, step->creates[i].name);
    vec_each(variable, &owed->created.items) {
        variables_set(&run->variables, variable->name, value_copy(&variable->value));
    }
    return &owed->side->undo;
}

const struct instruction_list *owed_next(struct run *run)
{
    for (;;) {
        const struct owed *top = owed_top(run);
        if (!top) return NULL;
        if (can_be_tried(top)) return start_undo(run, top);
        if (top->side->step->find) {
            run->finding = true;
            return &top->side->find;
        }
        owed_lost(run, "the shop may have made it, but its answer did not say what");
    }
}

/* After a find, its debt stands as it is, known or not there; after an undo it is settled. */
static void find_ended(struct run *run)
{
    run->finding = false;
    owed_top(run)->looked = true;
    if (can_be_tried(owed_top(run)))
        free(take(run->side_failure));
    else if (run->side_failure)
        owed_lost(run, "the shop may have made it, and looking for it failed");
    else
        owed_settled(run);
}

void owed_list_ended(struct run *run)
{
    if (!owed_top(run)) return;
    if (run->finding)
        find_ended(run);
    else if (run->side_failure)
        owed_lost(run, "undoing it failed");
    else
        owed_undone(run);
}

/* The ledger still has them: another process may pay. */
void owed_give_up(struct run *run, const char *why)
{
    while (owed_top(run)) owed_to_residue(run, why, false);
}

void owed_release(struct run *run)
{
    while (owed_top(run)) owed_drop(run);
    vec_release(&run->owed);
}
