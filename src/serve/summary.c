/* SPDX-License-Identifier: Apache-2.0 */
/* See summary.h. */
#include "serve/summary.h"

#include "serve/html.h"
#include "text/quantity.h"

#include <string.h>

const char *const core_stages[CORE_STAGE_COUNT] = {"login", "price-view", "add-to-cart",
                                                   "checkout"};

/* --- Counting */

static void count_stages(struct summary *summary, const struct state_journey *journey,
                         const struct state_subject *subject)
{
    for (size_t i = 0; i < CORE_STAGE_COUNT; i++) {
        enum condition condition = state_stage(journey, subject, core_stages[i]);
        struct summary_stage *stage = &summary->stages[i];
        stage->can += condition == CONDITION_CAN || condition == CONDITION_SLOWLY;
        stage->cannot += condition == CONDITION_CANNOT;
        stage->unknown += condition == CONDITION_NOT_KNOWN || condition == CONDITION_STALE ||
                          condition == CONDITION_NO_RUN || condition == CONDITION_NOT_REACHED;
    }
}

static bool is_core(const char *stage)
{
    for (size_t i = 0; i < CORE_STAGE_COUNT; i++)
        if (strcmp(core_stages[i], stage) == 0) return true;
    return false;
}

static void count_failure(struct summary *summary, const struct store_run *run)
{
    if (!*run->stage)
        summary->fails_nowhere = true;
    else if (!is_core(run->stage))
        summary->side = run->stage;
}

static void count_subject(struct summary *summary, const struct state_journey *journey,
                          const struct state_subject *subject)
{
    const struct store_run *run = subject->run;
    if (run && run->started_us > summary->latest_us) summary->latest_us = run->started_us;
    if (journey->paused) {
        summary->resting++;
        return;
    }
    summary->subjects++;
    summary->by_condition[subject->condition]++;
    summary->through +=
        subject->condition == CONDITION_CAN || subject->condition == CONDITION_SLOWLY;
    if (run && subject->condition == CONDITION_CANNOT) count_failure(summary, run);
    count_stages(summary, journey, subject);
}

struct summary summary_of(const struct state *state)
{
    struct summary summary = {0};
    vec_each(journey, &state->journeys) {
        vec_each(subject, &journey->subjects) count_subject(&summary, journey, subject);
    }
    return summary;
}

/* --- Judging */

static bool is_watched(const struct summary_stage *stage)
{
    return stage->can + stage->cannot + stage->unknown > 0;
}

static bool is_certain(const struct summary_stage *stage)
{
    return stage->can + stage->cannot > 0;
}

static size_t count_of(const struct summary *summary, bool (*is)(const struct summary_stage *))
{
    size_t count = 0;
    for (size_t i = 0; i < CORE_STAGE_COUNT; i++) count += is(&summary->stages[i]);
    return count;
}

static bool fails(const struct summary_stage *stage)
{
    return stage->cannot > 0;
}

static bool fails_for_all(const struct summary_stage *stage)
{
    return stage->cannot > 0 && !stage->can;
}

static bool fails_for_some(const struct summary_stage *stage)
{
    return stage->cannot > 0 && stage->can > 0;
}

static bool is_in_doubt(const struct summary_stage *stage)
{
    return is_watched(stage) && !is_certain(stage);
}

/* Whoever walks first speaks for all of a stage, but not while most of all are still to be heard.
 */
static bool is_mostly_unheard(const struct summary *summary)
{
    const size_t *counts = summary->by_condition;
    size_t unheard =
        counts[CONDITION_NO_RUN] + counts[CONDITION_STALE] + counts[CONDITION_NOT_KNOWN];
    return 2 * unheard > summary->subjects;
}

enum condition summary_condition(const struct summary *summary)
{
    const size_t *counts = summary->by_condition;
    if (!summary->subjects) return summary->resting ? CONDITION_NOT_KNOWN : CONDITION_NO_RUN;
    if (counts[CONDITION_NO_RUN] == summary->subjects) return CONDITION_NO_RUN;
    if (count_of(summary, fails) || summary->fails_nowhere) return CONDITION_CANNOT;
    if (summary->side && !summary->through) return CONDITION_CANNOT; /* whoever got somewhere */
    if (count_of(summary, is_in_doubt))
        return summary->side ? CONDITION_CANNOT : CONDITION_NOT_KNOWN;
    if (!count_of(summary, is_certain) && !summary->through)
        return counts[CONDITION_CANNOT] ? CONDITION_CANNOT : CONDITION_NOT_KNOWN;
    if (counts[CONDITION_CANNOT] || counts[CONDITION_SLOWLY]) return CONDITION_SLOWLY;
    return is_mostly_unheard(summary) ? CONDITION_NOT_KNOWN : CONDITION_CAN;
}

/* --- Words */

/* "log in, see the price or check out" */
static void write_stages(const struct summary *summary, bool (*is)(const struct summary_stage *),
                         const char *conjunction, struct buf *out)
{
    size_t named = 0, count = count_of(summary, is);
    for (size_t i = 0; i < CORE_STAGE_COUNT; i++) {
        if (!is(&summary->stages[i])) continue;
        named++;
        buf_addf(out, "%s%s",
                 named == 1       ? ""
                 : named == count ? conjunction
                                  : ", ",
                 html_stage(core_stages[i]));
    }
}

/* "Shoppers cannot see the price; some cannot check out." */
static void write_cannot(const struct summary *summary, struct buf *out)
{
    bool all = count_of(summary, fails_for_all) > 0, some = count_of(summary, fails_for_some) > 0;
    if (!all && !some && summary->side) {
        buf_addf(out, "Shoppers fail at “%s”.", summary->side);
        return;
    }
    if (!all && !some) {
        buf_add_text(out,
                     summary->through ? "Some shoppers cannot shop." : "Shoppers cannot shop.");
        return;
    }
    if (all) {
        buf_add_text(out, "Shoppers cannot ");
        write_stages(summary, fails_for_all, " or ", out);
    }
    if (some) {
        buf_add_text(out, all ? "; some cannot " : "Some shoppers cannot ");
        write_stages(summary, fails_for_some, " or ", out);
    }
    buf_add_char(out, '.');
}

static void write_doubt(const struct summary *summary, struct buf *out)
{
    if (!summary->subjects) {
        buf_add_text(out, "All journeys rest; nobody knows whether shoppers can shop.");
    } else if (!count_of(summary, is_certain)) {
        buf_add_text(out, "We cannot tell whether shoppers can shop.");
    } else if (!count_of(summary, is_in_doubt)) {
        buf_add_text(out, "Some shoppers can shop; of most there is no news.");
    } else {
        buf_add_text(out, "Shoppers can ");
        write_stages(summary, is_certain, " and ", out);
        buf_add_text(out, "; nobody knows whether they can ");
        write_stages(summary, is_in_doubt, " or ", out);
        buf_add_char(out, '.');
    }
}

/* "; 1 has not walked yet"; what comes first says of whom it speaks. */
static void add_count(size_t count, const char *one, const char *several, size_t from,
                      struct buf *out)
{
    if (!count) return;
    if (out->length > from)
        buf_addf(out, "; %zu ", count);
    else
        buf_addf(out, "%zu shopper%s ", count, PLURAL(count));
    buf_add_text(out, count == 1 ? one : several);
}

void summary_write_counts(const struct summary *summary, struct buf *out)
{
    const size_t *counts = summary->by_condition;
    size_t fresh = counts[CONDITION_NO_RUN], stale = counts[CONDITION_STALE];
    size_t unknown = counts[CONDITION_NOT_KNOWN], from = out->length;
    if (summary->subjects > fresh + stale + unknown)
        buf_addf(out, "%zu of %zu shoppers came through", summary->through, summary->subjects);
    add_count(fresh, "has not walked yet", "have not walked yet", from, out);
    add_count(stale, "sent no news", "sent no news", from, out);
    add_count(unknown, "cannot be judged", "cannot be judged", from, out);
    if (!summary->subjects) add_count(summary->resting, "rests", "rest", from, out);
    if (out->length == from) buf_add_text(out, "Nobody is sent out");
}

static void write_trouble(const struct summary *summary, struct buf *out)
{
    if (summary->side)
        buf_addf(out, "Shoppers can shop, but some fail at “%s”.", summary->side);
    else
        buf_add_text(out, "Shoppers can shop, with trouble.");
}

void summary_write(const struct summary *summary, struct buf *out)
{
    switch (summary_condition(summary)) {
    case CONDITION_CAN: buf_add_text(out, "Shoppers can shop."); return;
    case CONDITION_SLOWLY: write_trouble(summary, out); return;
    case CONDITION_CANNOT: write_cannot(summary, out); return;
    case CONDITION_NO_RUN:
        buf_add_text(out, summary->subjects ? "Nobody has walked yet." : "No journey is watched.");
        return;
    case CONDITION_NOT_REACHED:
    case CONDITION_NOT_KNOWN:
    case CONDITION_STALE:
    case CONDITION_NO_PART: write_doubt(summary, out); return;
    }
}
