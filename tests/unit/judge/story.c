/* SPDX-License-Identifier: Apache-2.0 */
/* See story.h. */
#include "story.h"

#include "support/golden.h"

static bool is_muted(void *context, const struct event *event, const char *const *journeys,
                     size_t count)
{
    const struct story *story = context;
    (void)event;
    bool all = story->silent_journey && count > 0;
    for (size_t i = 0; i < count; i++)
        if (!all || strcmp(journeys[i], story->silent_journey) != 0) all = false;
    return story->muted || all;
}

static bool is_planned(void *context, const struct event *event, const char *const *journeys,
                       size_t count)
{
    const struct story *story = context;
    (void)event;
    (void)journeys;
    return count && story->planned;
}

void begin(struct story *story)
{
    *story = (struct story){.policy = policy_default(), .now_us = START};
    story->settings =
        (struct judge_settings){.muted = is_muted, .planned = is_planned, .context = story};
    story->judge = judge_new(story->policy, &story->settings);
    buf_init(&story->told, (size_t)1 << 20);
}

void end(struct story *story)
{
    judge_free(story->judge);
    policy_free(story->policy);
    event_release(&story->last);
    buf_release(&story->told);
    vec_each(id, &story->open) free(*id);
    vec_release(&story->open);
}

/* An opening that was told stands until its resolution is: each exactly once. */
static void keep_book(struct story *story, const struct event *event)
{
    size_t at = 0;
    while (at < story->open.count && strcmp(story->open.items[at], event->incident_id) != 0) at++;
    if (event->type == EVENT_OPENED) {
        assert_int_equal(at, story->open.count);
        vec_push(&story->open, xstrdup(event->incident_id));
    } else if (event->type == EVENT_RESOLVED) {
        assert_true(at < story->open.count);
        free(story->open.items[at]);
        story->open.items[at] = *vec_last(&story->open);
        story->open.count--;
    } else {
        assert_true(at < story->open.count);
    }
}

void listen(struct story *story)
{
    struct decision decision;
    while (judge_take(story->judge, &decision)) {
        if (decision.kind == DECISION_REPROBE) story->reprobes++;
        if (decision.kind == DECISION_BLIP) {
            story->blips++;
            golden_note(decision.line);
        }
        if (decision.kind == DECISION_EVENT && decision.muted) story->muted_events++;
        if (decision.kind == DECISION_EVENT && !decision.muted) {
            keep_book(story, &decision.event);
            buf_addf(&story->told, "%s %d; ", event_type_name(decision.event.type),
                     decision.event.severity);
            event_release(&story->last);
            story->last = event_copy(&decision.event);
        }
        decision_release(&decision);
    }
}

void note_timelines(const char *json)
{
    static const char key[] = "\"text\":";
    for (const char *at = json; (at = strstr(at, key));) {
        at += strlen(key);
        AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
        for (at++; *at && *at != '"'; at++) { /* out of JSON */
            if (*at == '\\') at++;
            buf_add_char(&text, *at);
        }
        golden_note(buf_text(&text));
    }
}

void note(const struct story *story)
{
    if (story->last.line) {
        AUTO_FREE char *line =
            xasprintf("%s (by the rule \"%s\")%s%s", story->last.line, story->last.rule,
                      *story->last.resolution ? ", ended: " : "", story->last.resolution);
        golden_note(line);
    }
    AUTO_BUF saved = BUF_INIT((size_t)8 << 20);
    judge_save(story->judge, &saved);
    note_timelines(buf_text(&saved));
}

void expect(struct story *story, const char *told)
{
    note(story);
    assert_string_equal(buf_text(&story->told), told);
    buf_clear(&story->told);
}

static void add_stages(struct observation *observation, const struct seen *seen)
{
    struct view rest = view_of(seen->stages), piece;
    bool reached = true;
    while (view_split(&rest, ',', &piece)) {
        struct stage_seen *stage = vec_add(&observation->stages);
        stage->name = arena_copy(&observation->texts, piece);
        bool here = seen->stage && !strcmp(stage->name, seen->stage);
        stage->verdict = !reached ? VERDICT_SKIPPED : here ? seen->verdict : VERDICT_PASS;
        if (here && seen->verdict == VERDICT_FAIL) reached = false;
    }
}

static bool is_reached(const struct observation *observation, const char *stage)
{
    return observation_stage(observation, stage) != VERDICT_SKIPPED;
}

/* Who was asked and answered: the shop by every stage, another host by the one that fails there. */
static void add_answers(struct observation *observation, const struct seen *seen)
{
    static const enum outcome_kind silent[] = {OUTCOME_DNS, OUTCOME_CONNECT, OUTCOME_TLS,
                                               OUTCOME_RESET};
    bool answered = true, elsewhere = seen->host && strcmp(seen->host, observation->shop) != 0;
    for (size_t i = 0; i < COUNT_OF(silent); i++)
        if (seen->kind == silent[i]) answered = false;
    bool first = observation->stages.count && seen->stage &&
                 !strcmp(observation->stages.items[0].name, seen->stage);
    if (answered || (!first && observation->stages.count) || elsewhere)
        observation_add_answer(observation, observation->shop);
    if (answered && elsewhere && is_reached(observation, seen->stage))
        observation_add_answer(observation, seen->host);
}

static void add_certificates(struct observation *observation, const struct seen *seen)
{
    if (seen->days_left || seen->last_day)
        vec_push(&observation->certificates,
                 ((struct certificate_seen){"shop.test", seen->days_left}));
    if (seen->pay_days_left)
        vec_push(&observation->certificates,
                 ((struct certificate_seen){"pay.test", seen->pay_days_left}));
}

void run(struct story *story, const struct seen *seen)
{
    const char *shop = seen->shop ? seen->shop : "shop.test";
    struct observation observation = {
        .journey = seen->journey,
        .persona = seen->persona ? seen->persona : "desktop",
        .location = "",
        .owner = seen->owner ? seen->owner : "shop team",
        .runbook = "",
        .verdict = seen->verdict,
        .kind = seen->kind,
        .step = "see the price",
        .stage = seen->stage ? seen->stage : "",
        .host = seen->host ? seen->host : shop,
        .shop = shop,
        .message = "no element for [itemprop=price]",
        .expected = "",
        .actual = seen->actual ? seen->actual : "",
        .residue = seen->residue ? seen->residue : "",
        .owes = seen->owes,
        .severity = seen->severity,
        .started_us = story->now_us,
        .ended_us = story->now_us + US_PER_SECOND,
        .interval_us = MINUTE,
        .confirm_failures = 2,
    };
    add_stages(&observation, seen);
    add_certificates(&observation, seen);
    add_answers(&observation, seen);
    story->blips_ended += judge_observe(story->judge, &observation, story->now_us + US_PER_SECOND);
    observation_release(&observation);
    listen(story);
}

void pass_time(struct story *story, int64_t us)
{
    for (int64_t left_us = us; left_us > 0; left_us -= 5 * US_PER_SECOND) {
        story->now_us += left_us < 5 * US_PER_SECOND ? left_us : 5 * US_PER_SECOND;
        judge_tick(story->judge, story->now_us);
        listen(story);
    }
}

struct journey *watched(const char *name, const char *persona, const char *stage)
{
    static char texts[3][50];
    static char *personas[] = {texts[1]};
    static struct step step = {.stage = texts[2]};
    static struct journey journey = {.name = texts[0],
                                     .personas = personas,
                                     .persona_count = 1,
                                     .steps = &step,
                                     .step_count = 1};
    snprintf(texts[0], sizeof texts[0], "%s", name);
    snprintf(texts[1], sizeof texts[1], "%s", persona);
    snprintf(texts[2], sizeof texts[2], "%s", stage);
    return &journey;
}

const struct seen good = {.journey = "checkout", .stages = "login,price-view,checkout"},
                  no_price = {.journey = "checkout",
                              .stages = "login,price-view,checkout",
                              .stage = "price-view",
                              .verdict = VERDICT_FAIL,
                              .kind = OUTCOME_PRICE},
                  blind = {.journey = "checkout",
                           .stages = "login,price-view,checkout",
                           .verdict = VERDICT_UNKNOWN,
                           .kind = OUTCOME_PROBER};

struct seen as(struct seen seen, const char *journey, const char *persona)
{
    seen.journey = journey;
    seen.persona = persona;
    return seen;
}

void times(struct story *story, const struct seen *seen, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        run(story, seen);
        pass_time(story, MINUTE);
    }
}

void restart(struct story *story)
{
    AUTO_BUF state = BUF_INIT((size_t)8 << 20);
    AUTO_ERROR error = ERROR_NONE;
    judge_save(story->judge, &state);
    judge_free(story->judge);
    story->judge = judge_new(story->policy, &story->settings);
    if (!judge_restore(story->judge, buf_view(&state), &error))
        fail_msg("%s: %s", error_text(&error), buf_text(&state));
}
