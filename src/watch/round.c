/* SPDX-License-Identifier: Apache-2.0 */
/* See round.h. */
#include "watch/round.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

/* A machine that slept for a weekend says so for the last of the slots that it missed: each is a
 * row. */
#define TOLD_MOST 1000
#define DOUBT_US (100 * US_PER_MS)       /* between two questions whether we can see */
#define TRY_AGAIN_US (2 * US_PER_SECOND) /* what could not begin, to be sure */
/* Who wakes up so late after a slot, and a tenth of its interval, walks the next one: else all
 * would set out at once. */
#define LATE_US (1 * US_PER_SECOND)

struct round {
    struct rounds *rounds;
    struct journey *journey; /* held */
    bool has_beat;
    struct beat beat;
    struct timer timer;
    struct subject *subjects;
    size_t subject_count;
    enum { UNTRIED, BEGUN, HINDERED } standing; /* as it was told */
    bool retired;                               /* not watched any more; freed with its last run */
};

struct rounds {
    struct rounds_settings settings;
    VEC(struct round *) items, retired;
    struct subject *first_waiting;
    struct deferred serve; /* a place became free */
    bool paused;
    struct rounds_state state;
};

static int64_t wall_us(const struct rounds *rounds)
{
    return clock_wall_us(loop_clock(rounds->settings.engine->loop));
}

static int64_t monotonic_us(const struct rounds *rounds)
{
    return loop_now_us(rounds->settings.engine->loop);
}

/* --- The line of those who wait for a place */

static void line_join(struct subject *subject)
{
    struct subject **end = &subject->round->rounds->first_waiting;
    while (*end) end = &(*end)->next;
    *end = subject;
    subject->next = NULL;
    subject->waiting = true;
    subject->round->rounds->state.waiting++;
}

static void line_leave(struct subject *subject)
{
    if (!subject->waiting) return;
    struct subject **at = &subject->round->rounds->first_waiting;
    while (*at != subject) at = &(*at)->next;
    *at = subject->next;
    subject->waiting = false;
    subject->round->rounds->state.waiting--;
}

/* --- Runs */

static void tell_missed(struct subject *subject, int64_t slot_us, const char *why)
{
    struct rounds *rounds = subject->round->rounds;
    rounds->state.missed++;
    if (!subject->unserved_us) subject->unserved_us = slot_us;
    rounds->settings.missed(rounds->settings.context, subject, slot_us, why);
}

static void round_free(struct round *round)
{
    timer_cancel(&round->timer);
    for (size_t i = 0; i < round->subject_count; i++) timer_cancel(&round->subjects[i].reprobe);
    beat_release(&round->beat);
    free(round->subjects);
    journey_free(round->journey);
    free(round);
}

static void free_if_through(struct round *round)
{
    struct rounds *rounds = round->rounds;
    if (!round->retired) return;
    for (size_t i = 0; i < round->subject_count; i++)
        if (round->subjects[i].run) return;
    vec_each(at, &rounds->retired) {
        if (*at != round) continue;
        *at = *vec_last(&rounds->retired);
        rounds->retired.count--;
        break;
    }
    round_free(round);
}

static bool is_under_way(const struct subject *subject)
{
    return subject->run || subject->elder;
}

/* The run before it is over: the slot that was queued behind it may begin. */
static void follow(struct subject *subject)
{
    if (!subject->again_us) return;
    subject->slot_us = subject->again_us;
    subject->again_us = 0;
    line_join(subject);
}

static void start(struct subject *subject, bool reprobing);

static void on_done(void *context, struct run_report *report)
{
    struct subject *subject = context;
    struct round *round = subject->round;
    struct rounds *rounds = round->rounds;
    int64_t late_us = report->started_wall_us - subject->slot_us;
    subject->run = NULL;
    rounds->state.under_way--;
    rounds->settings.ended(rounds->settings.context, subject, report, late_us > 0 ? late_us : 0);
    subject->reprobing = false;
    if (subject->heir) {
        subject->heir->elder = NULL;
        follow(take(subject->heir));
    }
    follow(subject);
    deferred_queue(&rounds->serve);
    free_if_through(round);
}

static void note_lateness(struct subject *subject)
{
    struct rounds *rounds = subject->round->rounds;
    int64_t late_us = wall_us(rounds) - subject->slot_us;
    rounds->state.started++;
    if (late_us > rounds->state.latest_us) rounds->state.latest_us = late_us;
}

static void note_begun(struct subject *subject)
{
    struct round *round = subject->round;
    struct rounds *rounds = round->rounds;
    subject->hindered = 0;
    subject->unserved_us = 0;
    if (round->standing == BEGUN) return;
    round->standing = BEGUN;
    rounds->settings.hindered(rounds->settings.context, round->journey, NULL);
}

static void note_hindered(struct subject *subject, const char *why)
{
    struct round *round = subject->round;
    struct rounds *rounds = round->rounds;
    bool again = subject->reprobing;
    subject->reprobing = false;
    if (!again) tell_missed(subject, subject->slot_us, why);
    if (++subject->hindered == 1) {
        timer_set(&subject->reprobe, monotonic_us(rounds) + TRY_AGAIN_US);
        return;
    }
    round->standing = HINDERED;
    rounds->settings.hindered(rounds->settings.context, round->journey, why);
}

static void start(struct subject *subject, bool reprobing)
{
    struct round *round = subject->round;
    struct rounds *rounds = round->rounds;
    struct diags diags = DIAGS_INIT;
    bool (*keeps_seen)(void *, const struct subject *) = rounds->settings.keeps_seen;
    const struct run_options options = {
        .journey = round->journey,
        .persona = subject->persona,
        .keep_seen = keeps_seen && keeps_seen(rounds->settings.context, subject),
    };
    timer_cancel(&subject->reprobe);
    line_leave(subject);
    subject->reprobing = reprobing;
    subject->run = run_start(rounds->settings.engine, &options, on_done, subject, &diags);
    if (subject->run) {
        rounds->state.under_way++;
        note_lateness(subject);
        note_begun(subject);
    } else { /* a secret went away while we ran */
        note_hindered(subject, diags.count ? diags.items[0].message : "the run could not start");
    }
    diags_release(&diags);
}

static bool has_place(const struct rounds *rounds)
{
    return rounds->state.under_way < rounds->settings.concurrent;
}

static void on_serve(void *context)
{
    struct rounds *rounds = context;
    while (!rounds->paused && rounds->first_waiting && has_place(rounds))
        start(rounds->first_waiting, false);
}

/* --- Slots */

static void arm(struct round *round)
{
    struct rounds *rounds = round->rounds;
    timer_cancel(&round->timer);
    if (!round->has_beat || rounds->paused || round->beat.start_us == BEAT_NEVER) return;
    timer_set(&round->timer, monotonic_us(rounds) + round->beat.start_us - wall_us(rounds));
}

/* One subject's chance. */
static void offer(struct subject *subject, int64_t start_us)
{
    struct round *round = subject->round;
    struct rounds *rounds = round->rounds;
    if (subject->waiting) {
        tell_missed(subject, subject->slot_us, "all places were taken");
        subject->slot_us = start_us;
    } else if (subject->run && subject->reprobing) {
        subject->slot_us = start_us; /* it is the run of this slot as well */
    } else if (is_under_way(subject) && round->journey->schedule.queue_overlap) {
        if (subject->again_us) tell_missed(subject, start_us, "the run before was still under way");
        if (!subject->again_us) subject->again_us = start_us;
    } else if (is_under_way(subject)) {
        tell_missed(subject, start_us, "the run before was still under way");
    } else {
        subject->slot_us = start_us;
        if (has_place(rounds))
            start(subject, false);
        else
            line_join(subject);
    }
}

/* From this slot on so many, the last TOLD_MOST of them. Returns the one after them. */
static int64_t tell_lost(struct subject *subject, int64_t slot_us, unsigned lost)
{
    const struct beat *beat = &subject->round->beat;
    for (; lost > TOLD_MOST && !beat->schedule->every_us; lost--)
        slot_us = beat_slot_after(beat, slot_us);
    if (lost > TOLD_MOST) slot_us += (lost - TOLD_MOST) * beat->schedule->every_us;
    for (unsigned told = 0; told < lost && told < TOLD_MOST; told++) {
        tell_missed(subject, slot_us, "nobody was awake");
        slot_us = beat_slot_after(beat, slot_us);
    }
    return slot_us;
}

static bool is_too_late(const struct round *round, int64_t late_us)
{
    return late_us > LATE_US && late_us > beat_interval_us(&round->beat) / 10;
}

static void on_slot(void *context)
{
    struct round *round = context;
    struct rounds *rounds = round->rounds;
    int64_t start_us = round->beat.start_us, slot_us = round->beat.slot_us;
    int64_t now_us = wall_us(rounds);
    unsigned lost = beat_advance(&round->beat, now_us);
    const char *window = rounds->settings.skips ? rounds->settings.skips(rounds->settings.context,
                                                                         round->journey, now_us)
                                                : NULL;
    arm(round);
    for (size_t i = 0; i < round->subject_count; i++) {
        struct subject *subject = &round->subjects[i];
        int64_t latest_us = tell_lost(subject, slot_us, lost);
        if (window) {
            tell_missed(subject, latest_us, window);
            subject->unserved_us = 0; /* nobody is to walk */
        } else if (is_too_late(round, now_us - (lost ? latest_us : start_us))) {
            tell_missed(subject, latest_us, "nobody was awake");
        } else {
            offer(subject, lost ? now_us : start_us);
        }
    }
}

static void on_reprobe(void *context)
{
    struct subject *subject = context;
    struct rounds *rounds = subject->round->rounds;
    if (is_under_way(subject) || rounds->paused) return;
    if (rounds->settings.doubts && rounds->settings.doubts(rounds->settings.context)) {
        timer_set(&subject->reprobe, monotonic_us(rounds) + DOUBT_US);
        return;
    }
    subject->slot_us = wall_us(rounds);
    start(subject, true);
}

/* --- Journeys come and go */

static struct round *round_new(struct rounds *rounds, struct journey *journey)
{
    struct round *round = NEW(struct round);
    struct loop *loop = rounds->settings.engine->loop;
    round->rounds = rounds;
    round->journey = journey_hold(journey);
    round->subject_count = journey->persona_count;
    round->subjects = xcalloc(round->subject_count, sizeof(struct subject));
    for (size_t i = 0; i < round->subject_count; i++) {
        round->subjects[i].round = round;
        round->subjects[i].persona = journey->personas[i];
        timer_init(&round->subjects[i].reprobe, loop, on_reprobe, &round->subjects[i]);
    }
    timer_init(&round->timer, loop, on_slot, round);
    round->has_beat = beat_init(&round->beat, journey->name, &journey->schedule, wall_us(rounds));
    arm(round);
    return round;
}

static struct subject *find_subject(struct rounds *rounds, const char *journey, const char *persona)
{
    vec_each(item, &rounds->items) {
        struct round *round = *item;
        if (strcmp(round->journey->name, journey) != 0) continue;
        for (size_t i = 0; i < round->subject_count; i++)
            if (!strcmp(round->subjects[i].persona, persona)) return &round->subjects[i];
    }
    return NULL;
}

/* What this shopper was about to do, its heir will: on the journey as it stands now. */
static void hand_over(struct subject *subject, struct subject *heir)
{
    struct subject *runner = subject->run ? subject : subject->elder;
    if (subject->elder) subject->elder->heir = NULL;
    subject->elder = NULL;
    if (!heir) return;
    if (timer_is_set(&subject->reprobe)) timer_set(&heir->reprobe, subject->reprobe.deadline_us);
    heir->again_us = subject->again_us;
    heir->slot_us = subject->slot_us;
    heir->kept_good_us = subject->kept_good_us;
    if (subject->waiting) line_join(heir);
    if (!runner) return;
    heir->elder = runner;
    runner->heir = heir;
}

static void retire(struct round *round)
{
    struct rounds *rounds = round->rounds;
    round->retired = true;
    round->has_beat = false;
    vec_push(&rounds->retired, round);
    timer_cancel(&round->timer);
    for (size_t i = 0; i < round->subject_count; i++) {
        struct subject *subject = &round->subjects[i];
        hand_over(subject, find_subject(rounds, round->journey->name, subject->persona));
        line_leave(subject);
        timer_cancel(&subject->reprobe);
        subject->again_us = 0;
    }
    free_if_through(round);
}

static bool is_same_text(const struct journey *a, const struct journey *b)
{
    return !strcmp(a->path, b->path) && view_equals(source_bytes(a->file), source_bytes(b->file));
}

/* The same text uses the same files, in the same order. */
static bool is_same(const struct journey *a, const struct journey *b)
{
    if (a == b) return true;
    if (!is_same_text(a, b) || a->used_count != b->used_count) return false;
    for (size_t i = 0; i < a->used_count; i++)
        if (!is_same(a->used[i], b->used[i])) return false;
    return true;
}

void rounds_set(struct rounds *rounds, struct journey *const *journeys, size_t count)
{
    VEC(struct round *) before = {0};
    vec_each(round, &rounds->items) vec_push(&before, *round);
    rounds->items.count = 0;
    for (size_t i = 0; i < count; i++) {
        struct round *kept = NULL;
        vec_each(round, &before) {
            if (!*round || !is_same((*round)->journey, journeys[i])) continue;
            kept = *round;
            *round = NULL;
            break;
        }
        vec_push(&rounds->items, kept ? kept : round_new(rounds, journeys[i]));
    }
    vec_each(round, &before) {
        if (*round) retire(*round);
    }
    vec_release(&before);
}

/* --- From outside */

struct rounds *rounds_new(const struct rounds_settings *settings)
{
    struct rounds *rounds = NEW(struct rounds);
    rounds->settings = *settings;
    deferred_init(&rounds->serve, settings->engine->loop, on_serve, rounds);
    return rounds;
}

void rounds_free(struct rounds *rounds)
{
    if (!rounds) return;
    vec_each(round, &rounds->items) round_free(*round);
    vec_release(&rounds->items);
    vec_release(&rounds->retired);
    deferred_cancel(&rounds->serve);
    free(rounds);
}

void rounds_reprobe(struct rounds *rounds, const char *journey, const char *persona,
                    int64_t after_us)
{
    struct subject *subject = find_subject(rounds, journey, persona);
    if (subject) timer_set(&subject->reprobe, monotonic_us(rounds) + after_us);
}

/* As many as are told, and no look at a year of seconds for it. */
static int64_t worth_telling_since(const struct beat *beat, int64_t last_us, int64_t now_us)
{
    int64_t span_us = TOLD_MOST * beat->schedule->every_us;
    return span_us && now_us - span_us > last_us ? now_us - span_us : last_us;
}

void rounds_catch_up(struct rounds *rounds, const char *journey, const char *persona,
                     int64_t last_us, int64_t until_us)
{
    struct subject *subject = find_subject(rounds, journey, persona);
    if (!subject || !subject->round->has_beat) return;
    const struct beat *beat = &subject->round->beat;
    VEC(int64_t) slots = {0};
    int64_t slot_us = worth_telling_since(beat, last_us, until_us);
    while ((slot_us = beat_slot_after(beat, slot_us)) <= until_us) vec_push(&slots, slot_us);
    for (size_t i = slots.count > TOLD_MOST ? slots.count - TOLD_MOST : 0; i < slots.count; i++) {
        const char *window = rounds->settings.skips
                                 ? rounds->settings.skips(rounds->settings.context,
                                                          subject->round->journey, slots.items[i])
                                 : NULL;
        tell_missed(subject, slots.items[i], window ? window : "no daemon was running");
    }
    vec_release(&slots);
}

void rounds_clock_jumped(struct rounds *rounds)
{
    int64_t now_us = wall_us(rounds);
    vec_each(item, &rounds->items) {
        struct round *round = *item;
        bool set_back =
            round->has_beat && round->beat.slot_us - now_us > beat_interval_us(&round->beat);
        if (set_back) {
            beat_release(&round->beat);
            round->has_beat =
                beat_init(&round->beat, round->journey->name, &round->journey->schedule, now_us);
        }
        arm(round);
    }
}

void rounds_pause(struct rounds *rounds)
{
    rounds->paused = true;
    vec_each(round, &rounds->items) {
        arm(*round);
        for (size_t i = 0; i < (*round)->subject_count; i++) {
            struct subject *subject = &(*round)->subjects[i];
            timer_cancel(&subject->reprobe);
            if (subject->again_us) tell_missed(subject, subject->again_us, "the daemon ended");
            subject->again_us = 0;
        }
    }
    while (rounds->first_waiting) {
        struct subject *subject = rounds->first_waiting;
        tell_missed(subject, subject->slot_us, "the daemon ended");
        line_leave(subject);
    }
}

static void end_run(struct run *run, const char *why)
{
    if (run && why) run_stop(run, why);
    if (run && !why) run_abort(run);
}

/* A retired round goes with its last run. */
static void end_runs(struct rounds *rounds, const char *why)
{
    VEC(struct run *) runs = {0};
    vec_each(round, &rounds->items) {
        for (size_t i = 0; i < (*round)->subject_count; i++)
            vec_push(&runs, (*round)->subjects[i].run);
    }
    vec_each(round, &rounds->retired) {
        for (size_t i = 0; i < (*round)->subject_count; i++)
            vec_push(&runs, (*round)->subjects[i].run);
    }
    vec_each(run, &runs) end_run(*run, why);
    vec_release(&runs);
}

void rounds_stop(struct rounds *rounds, const char *why)
{
    end_runs(rounds, why);
}

void rounds_abort(struct rounds *rounds)
{
    end_runs(rounds, NULL);
}

/* What stands for a slot that passed, or passes now, without its shopper; -1: it has none. */
static int64_t overdue_us(const struct subject *subject, int64_t now_us)
{
    const struct round *round = subject->round;
    if (!round->has_beat || round->beat.start_us == BEAT_NEVER) return -1;
    int64_t since_us = subject->unserved_us ? subject->unserved_us
                       : subject->waiting   ? subject->slot_us
                                            : round->beat.start_us;
    return subject->run || since_us > now_us ? 0 : now_us - since_us;
}

static void add_overdue(struct rounds_state *state, const struct round *round, int64_t now_us,
                        bool *first)
{
    for (size_t i = 0; i < round->subject_count; i++) {
        int64_t us = overdue_us(&round->subjects[i], now_us);
        if (us < 0) continue;
        if (us > state->overdue_us) state->overdue_us = us;
        if (*first || us < state->all_overdue_us) state->all_overdue_us = us;
        *first = false;
    }
}

static void add_unhandled(struct rounds_state *state, const struct round *round, int64_t now_us)
{
    if (!round->has_beat || round->beat.start_us == BEAT_NEVER) return;
    int64_t us = now_us - round->beat.start_us;
    if (us > state->unhandled_us) state->unhandled_us = us;
}

struct rounds_state rounds_state(const struct rounds *rounds)
{
    struct rounds_state state = rounds->state;
    int64_t now_us = wall_us(rounds);
    bool first = true;
    state.journeys = rounds->items.count;
    state.subjects = 0;
    vec_each(round, &rounds->items) {
        state.subjects += (*round)->subject_count;
        if (rounds->paused) continue;
        add_overdue(&state, *round, now_us, &first);
        add_unhandled(&state, *round, now_us);
    }
    return state;
}

void rounds_each(struct rounds *rounds, void (*visit)(void *context, const struct subject *subject),
                 void *context)
{
    vec_each(round, &rounds->items) {
        for (size_t i = 0; i < (*round)->subject_count; i++) visit(context, &(*round)->subjects[i]);
    }
}

const struct journey *round_journey(const struct round *round)
{
    return round->journey;
}

int64_t round_interval_us(const struct round *round)
{
    int64_t interval_us = round->has_beat ? beat_interval_us(&round->beat) : 0;
    return interval_us == BEAT_NEVER ? 0 : interval_us;
}

int64_t round_next_us(const struct round *round)
{
    return round->has_beat && round->beat.start_us != BEAT_NEVER ? round->beat.start_us : 0;
}
