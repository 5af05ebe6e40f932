/* SPDX-License-Identifier: Apache-2.0 */
/* See lint.h. */
#include "journey/lint.h"

#include "journey/schedule.h"
#include "journey/uses.h"
#include "text/quantity.h"

#include <string.h>

#define FIRES_LOOKED_AT 400
#define LOOKED_FROM_US (INT64_C(1767225600) * US_PER_SECOND) /* 2026-01-01 UTC, a Thursday */

/* --- Names */

static bool lends_to(const struct journey *journey, const struct journey *other)
{
    for (size_t i = 0; i < other->used_count; i++) {
        if (!strcmp(other->used[i]->path, journey->path) || lends_to(journey, other->used[i]))
            return true;
    }
    return false;
}

static void lint_captures(const struct uses *uses, const struct step *steps, size_t count,
                          struct diags *diags)
{
    for (size_t at = 0; at < count; at++) {
        const struct step *step = &steps[at];
        for (size_t i = 0; i < step->capture_count; i++) {
            const struct capture *capture = &step->captures[i];
            if (uses_name(uses, capture->name)) continue;
            diag_hint(diag_warning(diags, DIAG_UNUSED_NAME, capture->place,
                                   "'%s' is captured and never used", capture->name),
                      "use it as ${%s}, or make it a check; if it is for journeys that `use` this "
                      "file, validate them together",
                      capture->name);
        }
        lint_captures(uses, step->undo, step->undo_count, diags);
    }
}

static void lint_names(const struct journey *journey, struct journey *const *others,
                       size_t other_count, struct diags *diags)
{
    struct uses uses = {0};
    uses_add(&uses, journey);
    for (size_t i = 0; i < other_count; i++) {
        if (lends_to(journey, others[i])) uses_add(&uses, others[i]);
    }
    lint_captures(&uses, journey->steps, journey->step_count, diags);
    lint_captures(&uses, journey->finally, journey->finally_count, diags);
    uses_release(&uses);
}

/* --- What is created */

static void lint_creates(const struct step *step, struct diags *diags)
{
    if (!step->create_count || step->undo_count) return;
    diag_hint(diag_warning(diags, DIAG_NO_UNDO, step->creates[0].place,
                           "'%s' is created, and nothing undoes it", step->creates[0].name),
              "add an `undo` to the step, or every run leaves one behind in the shop");
}

/* --- Caps */

/* Whether one of the definitions of a GraphQL document is a mutation. */
static bool is_mutation(const char *text)
{
    int depth = 0;
    bool begins = true; /* a definition */
    for (const char *c = text; *c; c++) {
        if (*c == '#') c += strcspn(c, "\n");
        if (*c == '"') c += 1 + strcspn(c + 1, "\"");
        if (!*c) break;
        if (begins && !strncmp(c, "mutation", strlen("mutation"))) return true;
        if (*c == '{' || *c == '(') depth++;
        if (*c == '}' || *c == ')') depth--;
        if (!strchr(" \t\r\n,", *c)) begins = *c == '}' && depth == 0;
    }
    return false;
}

static bool has_consequences(const struct step *step)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH"};
    bool sends = false;
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (!strcmp(step->method, methods[i])) sends = true;
    }
    if (!sends || step->body.kind != BODY_GRAPHQL || !step->body.text) return sends;
    const char *query = template_literal(step->body.text);
    return !query || is_mutation(query);
}

static bool checks_out(const struct step *step)
{
    return step->kind == STEP_REQUEST && step->stage && !strcmp(step->stage, "checkout") &&
           has_consequences(step);
}

/* The first step that checks out for real; one of a used file is cited where it is used. */
static const struct step *first_checkout(const struct step *steps, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        const struct step *step = &steps[at];
        if (checks_out(step)) return step;
        if (step->used && first_checkout(step->used->steps, step->used->step_count)) return step;
    }
    return NULL;
}

/* Whether a cap stands at the last step that checks out, or before it: one behind it brakes
 * nothing, and those of the steps before it, an address, a way of shipping, leave no order. */
struct cap_search {
    bool met, brakes;
};

static void look_for_caps(const struct step *steps, size_t count, struct cap_search *search)
{
    for (size_t at = 0; at < count; at++) {
        const struct journey *used = steps[at].used;
        if (steps[at].only.count) search->met = true;
        if (used) look_for_caps(used->steps, used->step_count, search);
        if (checks_out(&steps[at])) search->brakes = search->met;
    }
}

static void lint_cap(const struct journey *journey, struct diags *diags)
{
    const struct step *step = first_checkout(journey->steps, journey->step_count);
    struct cap_search search = {0};
    look_for_caps(journey->steps, journey->step_count, &search);
    if (!step || search.brakes) return;
    diag_hint(diag_warning(diags, DIAG_NO_CAP, step->place,
                           "'%s' checks out, and no step up to the last that does has a cap",
                           step->name),
              "give it a brake such as `only: {at_most: 2000/day}`");
}

/* --- Schedules */

/* The shortest time between two of the times that come next. */
static bool shortest_beat(const struct schedule_spec *spec, int64_t *ret_us)
{
    AUTO(schedule) schedule = schedule_new(spec, NULL);
    int64_t at = LOOKED_FROM_US, next = 0;
    if (!schedule || !schedule_next(schedule, at, &at)) return false;
    *ret_us = INT64_MAX;
    for (int i = 0; i < FIRES_LOOKED_AT && schedule_next(schedule, at, &next); i++, at = next) {
        if (next - at < *ret_us) *ret_us = next - at;
    }
    return true;
}

static void lint_schedule(const struct journey *journey, struct diags *diags)
{
    int64_t beat_us = 0;
    if (!schedule_is_said(&journey->schedule) || !shortest_beat(&journey->schedule, &beat_us))
        return;
    if (beat_us >= journey->deadline_us) return;
    AUTO_BUF beat = BUF_INIT(BUF_OWN_CAP), deadline = BUF_INIT(BUF_OWN_CAP);
    quantity_write_duration(beat_us, &beat);
    quantity_write_duration(journey->deadline_us, &deadline);
    diag_hint(diag_warning(diags, DIAG_SCHEDULE_TIGHT, journey->schedule.place,
                           "a run is due %s after the one before, which may take %s",
                           buf_text(&beat), buf_text(&deadline)),
              "walk it less often, or give it a `deadline` of at most %s", buf_text(&beat));
}

/* --- All of it */

static void lint_steps(const struct journey *journey, const struct step *steps, size_t count,
                       struct diags *diags)
{
    for (size_t at = 0; at < count; at++) {
        const struct step *step = &steps[at];
        lint_creates(step, diags);
        lint_checks(step, diags);
        lint_step_secrets(journey, step, diags);
        lint_steps(journey, step->find, step->find ? 1 : 0, diags);
        lint_steps(journey, step->undo, step->undo_count, diags);
    }
}

/* What is wrong in a file by itself. */
static void lint_file(const struct journey *journey, struct diags *diags)
{
    lint_top_secrets(journey, diags);
    lint_steps(journey, journey->steps, journey->step_count, diags);
    lint_steps(journey, journey->finally, journey->finally_count, diags);
    for (size_t i = 0; i < journey->used_count; i++) lint_file(journey->used[i], diags);
}

void journey_lint(const struct journey *journey, struct journey *const *others, size_t other_count,
                  struct diags *diags)
{
    lint_file(journey, diags);
    lint_names(journey, others, other_count, diags);
    lint_cap(journey, diags);
    lint_schedule(journey, diags);
}
