/* SPDX-License-Identifier: Apache-2.0 */
/* See state.h. */
#include "serve/state.h"

#include "serve/api.h"

#include <stdlib.h>
#include <string.h>

/* Intervals without a run after which the latest one says nothing of now. */
#define STALE_INTERVALS 3
#define STALE_LEAST_US (60 * US_PER_SECOND)

static const struct {
    const char *word, *says;
} conditions[CONDITION_COUNT] = {
#define X(name, word, says) [CONDITION_##name] = {word, says},
    CONDITIONS(X)
#undef X
};

const char *condition_word(enum condition condition)
{
    return conditions[condition].word;
}

const char *condition_says(enum condition condition)
{
    return conditions[condition].says;
}

/* --- What is watched */

struct gathering {
    struct state *state;
    const char *journey; /* NULL: all */
};

static void add_stages(struct state_journey *state, const struct journey *journey)
{
    for (size_t i = 0; i < journey->step_count; i++) {
        const char *stage = journey->steps[i].stage;
        bool known = !stage || !*stage;
        vec_each(one, &state->stages) known = known || strcmp(*one, stage) == 0;
        if (!known) vec_push(&state->stages, stage);
        if (journey->steps[i].used) add_stages(state, journey->steps[i].used);
    }
}

static void gather(void *visitor, const struct serve_journey *journey)
{
    struct gathering *gathering = visitor;
    const struct journey *source = journey->journey;
    if (gathering->journey && strcmp(gathering->journey, source->name) != 0) return;
    struct state_journey *state = vec_add(&gathering->state->journeys);
    union {
        const struct journey *shown;
        struct journey *held;
    } same = {source};
    state->journey = journey_hold(same.held);
    state->next_us = journey->next_us;
    state->paused = xstrdup(journey->paused);
    for (size_t i = 0; i < source->persona_count; i++)
        vec_push(&state->subjects, ((struct state_subject){.persona = source->personas[i]}));
    add_stages(state, source);
}

static int by_name(const void *a, const void *b)
{
    const struct state_journey *one = a, *other = b;
    return strcmp(one->journey->name, other->journey->name);
}

/* --- What is known of it */

/* Where a stage stands in the journey; its count when it has none of that name. */
static size_t stage_index(const struct state_journey *journey, const char *stage)
{
    for (size_t i = 0; i < journey->stages.count; i++) {
        if (strcmp(journey->stages.items[i], stage) == 0) return i;
    }
    return journey->stages.count;
}

static bool is_stale(const struct state_journey *journey, const struct store_run *run,
                     int64_t now_us)
{
    int64_t every_us = journey->journey->schedule.every_us;
    if (!every_us) return false;
    int64_t patience_us = STALE_INTERVALS * every_us + journey->journey->deadline_us;
    if (patience_us < STALE_LEAST_US) patience_us = STALE_LEAST_US;
    return now_us - run->started_us > patience_us;
}

enum condition condition_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS: return CONDITION_CAN;
    case VERDICT_DEGRADED: return CONDITION_SLOWLY;
    case VERDICT_FAIL: return CONDITION_CANNOT;
    case VERDICT_UNKNOWN: return CONDITION_NOT_KNOWN;
    case VERDICT_SKIPPED: return CONDITION_NOT_REACHED;
    }
    return CONDITION_NOT_KNOWN;
}

/* What was not judged shows nothing of the shop. */
static enum verdict verdict_of(const struct store_run *run)
{
    return run->flags & STORE_RUN_UNJUDGED ? VERDICT_UNKNOWN : run->verdict;
}

/* As the judge weighs the steps of a stage: the worst counts, and a step that was not reached says
 * less than any other. */
static enum verdict worse_of(enum verdict one, enum verdict other)
{
    static const int weight[] = {[VERDICT_SKIPPED] = 0,
                                 [VERDICT_PASS] = 1,
                                 [VERDICT_DEGRADED] = 2,
                                 [VERDICT_UNKNOWN] = 3,
                                 [VERDICT_FAIL] = 4};
    return weight[other] > weight[one] ? other : one;
}

static enum verdict step_verdict(const cJSON *step)
{
    const char *word = api_text(step, "verdict");
    enum verdict verdict = VERDICT_SKIPPED;
    for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++)
        if (strcmp(verdict_word((enum verdict)i), word) == 0) verdict = (enum verdict)i;
    bool optional = cJSON_IsTrue(api_member(step, "optional"));
    return optional && verdict == VERDICT_FAIL ? VERDICT_DEGRADED : verdict;
}

void state_see_stages(const struct state_journey *journey, struct state_subject *subject)
{
    cJSON *report = api_parse(subject->run->report);
    const cJSON *run = cJSON_GetArrayItem(api_member(report, "runs"), 0), *step;
    const cJSON *steps = api_member(run, "steps");
    if (cJSON_GetArraySize(steps) && journey->stages.count) {
        subject->seen = xcalloc(journey->stages.count, sizeof *subject->seen);
        for (size_t i = 0; i < journey->stages.count; i++) subject->seen[i] = VERDICT_SKIPPED;
        cJSON_ArrayForEach(step, steps)
        {
            size_t index = stage_index(journey, api_text(step, "stage"));
            if (index == journey->stages.count || strcmp(api_text(step, "section"), "steps") != 0)
                continue;
            subject->seen[index] = worse_of(subject->seen[index], step_verdict(step));
        }
    }
    cJSON_Delete(report);
}

static void look_up(struct state *state, bool known, int64_t now_us)
{
    vec_each(journey, &state->journeys) {
        vec_each(subject, &journey->subjects) {
            subject->condition = known ? CONDITION_NO_RUN : CONDITION_NOT_KNOWN;
            vec_each(run, &state->runs) {
                if (strcmp(run->journey, journey->journey->name) != 0) continue;
                if (strcmp(run->persona, subject->persona) != 0) continue;
                if (!subject->run || run->started_us > subject->run->started_us) subject->run = run;
            }
            if (!subject->run) continue;
            subject->condition = is_stale(journey, subject->run, now_us)
                                     ? CONDITION_STALE
                                     : condition_of(verdict_of(subject->run));
            if (verdict_of(subject->run) != VERDICT_PASS) state_see_stages(journey, subject);
        }
    }
}

bool state_read(struct state *state, struct server *server, const char *journey,
                struct error *error)
{
    *state = (struct state){0};
    struct gathering gathering = {state, journey};
    server->operations->each_journey(server->host, gather, &gathering);
    if (state->journeys.count > 1)
        qsort(state->journeys.items, state->journeys.count, sizeof *state->journeys.items, by_name);
    bool good = store_latest(server->store, journey, &state->runs, error);
    look_up(state, good, server_now_us(server));
    return good;
}

void state_release(struct state *state)
{
    vec_each(journey, &state->journeys) {
        journey_free(journey->journey);
        free(journey->paused);
        vec_each(subject, &journey->subjects) free(subject->seen);
        vec_release(&journey->subjects);
        vec_release(&journey->stages);
    }
    vec_release(&state->journeys);
    store_run_list_release(&state->runs);
}

enum condition state_stage(const struct state_journey *journey, const struct state_subject *subject,
                           const char *stage)
{
    size_t index = stage_index(journey, stage), count = journey->stages.count;
    if (index == count) return CONDITION_NO_PART;
    if (!subject->run || subject->condition == CONDITION_STALE) return subject->condition;
    enum verdict verdict = verdict_of(subject->run);
    if (verdict == VERDICT_PASS) return CONDITION_CAN;
    if (subject->seen && !(subject->run->flags & STORE_RUN_UNJUDGED))
        return condition_of(subject->seen[index]);
    size_t culprit = stage_index(journey, subject->run->stage);
    if (verdict == VERDICT_DEGRADED) return index == culprit ? CONDITION_SLOWLY : CONDITION_CAN;
    /* It failed in no stage: which ones it had passed is not known. */
    if (culprit == count) return CONDITION_NOT_KNOWN;
    if (index == culprit) return condition_of(verdict);
    return index < culprit ? CONDITION_CAN : CONDITION_NOT_REACHED;
}
