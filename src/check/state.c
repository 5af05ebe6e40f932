/* SPDX-License-Identifier: Apache-2.0 */
/* --state: how the daemon's shoppers fared last. It only reads. A module of its own: see check.h.
 */
#include "base/vec.h"
#include "check/measures.h"
#include "posture/roll.h"
#include "store/read.h"
#include "text/diag.h"
#include "text/quantity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is asked for, and what the daemon says of it. */
struct asked {
    const struct check_settings *settings;
    struct roll roll;
    const struct roll_journey *journey; /* on the roll; NULL: there is no roll */
    int64_t now_us;
};

/* Of a persona that left, or from where the daemon was before, the store knows the past alone. */
static bool is_current(const struct asked *asked, const struct store_run *run)
{
    return !asked->journey ||
           (roll_has(asked->journey, run->persona) && !strcmp(run->location, asked->roll.location));
}

static bool is_wanted(const struct asked *asked, const struct store_run *run)
{
    const struct check_settings *settings = asked->settings;
    if (!is_current(asked, run)) return false;
    vec_each(persona, &settings->personas) {
        if (!strcmp(*persona, run->persona)) return true;
    }
    return !settings->personas.count;
}

/* What is said instead of the verdict, where the run does not tell how things are now. */
static bool is_told_otherwise(const struct asked *asked, const struct store_run *run,
                              struct check_seen *seen, struct buf *text)
{
    const struct roll_journey *journey = asked->journey;
    bool paused = journey && journey->pause && asked->now_us < journey->pause_until_us;
    int64_t age_us = asked->now_us - run->started_us - run->duration_us;
    bool stale = age_us > asked->settings->stale_us;
    if (paused && (stale ? journey->rests : run->verdict != VERDICT_PASS)) {
        buf_addf(text, "in maintenance (%s); the last was: %s", journey->pause,
                 verdict_word(run->verdict));
        seen->instead_state = NAGIOS_OK;
        if (stale) seen->duration_us = NAGIOS_UNMEASURED;
    } else if (stale) {
        buf_add_text(text, "no news for ");
        quantity_print_duration(age_us, text);
        buf_addf(text, "; the last was: %s", verdict_word(run->verdict));
        seen->instead_state = NAGIOS_UNKNOWN;
        seen->duration_us = NAGIOS_UNMEASURED; /* an old time is no measurement */
    } else if (run->flags & STORE_RUN_UNJUDGED) {
        buf_addf(text, "the daemon is blind: %s", *run->line ? run->line : "nothing was judged");
        seen->instead_state = NAGIOS_UNKNOWN;
    } else if ((run->flags & STORE_RUN_MAINTENANCE) && run->verdict != VERDICT_PASS) {
        buf_addf(text, "in maintenance: %s", *run->line ? run->line : verdict_word(run->verdict));
        seen->instead_state = NAGIOS_OK;
    } else {
        return false;
    }
    seen->instead = buf_text(text);
    return true;
}

/* The open incidents that hold this shopper. The worst that its run met says how severe a failure
 * is: that is what the daemon tells people. */
static void add_incidents(const struct store_incident_list *open, struct check_seen *seen,
                          struct buf *out)
{
    int worst = 0;
    vec_each(incident, open) {
        enum check_part part = check_part_of(incident->json, seen);
        if (part == CHECK_PART_NONE) continue;
        buf_addf(out, "incident %s (%s): %s\n", incident->id, incident->state, incident->line);
        bool counts = part == CHECK_PART_MET && incident->severity >= 1 && incident->severity <= 4;
        if (counts && (!worst || incident->severity < worst)) worst = incident->severity;
    }
    if (worst) seen->severity = worst;
}

static void see(const struct asked *asked, const struct store_run *run, bool several,
                const struct store_incident_list *open, struct measured *measured,
                struct check_answer *answer)
{
    const struct check_settings *settings = asked->settings;
    AUTO_BUF instead = BUF_INIT(BUF_OWN_CAP), report = BUF_INIT(BUF_OWN_CAP),
             incidents = BUF_INIT(BUF_OWN_CAP);
    struct buf *details = &answer->output.details;
    struct check_seen seen = {
        .journey = run->journey,
        .persona = run->persona,
        .location = run->location,
        .verdict = run->verdict,
        .duration_us = run->duration_us,
        .step = run->step,
        .stage = run->stage,
        .line = run->line,
    };
    bool otherwise = is_told_otherwise(asked, run, &seen, &instead);
    check_add_stored(run->report, &report, &seen.severity);
    add_incidents(open, &seen, &incidents);
    measures_judge(settings, measured, check_judge(settings, &seen, several, answer));
    if (seen.duration_us == NAGIOS_UNMEASURED) step_times_forget(&measured->times);
    if (run->verdict == VERDICT_PASS && !otherwise && !settings->verbosity) return;
    char started[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(run->started_us, started);
    buf_addf(details, "as %s: run %s of %s, trace id %s\n", run->persona, run->id, started,
             run->trace_id);
    buf_add_view(details, buf_view(&incidents));
    buf_add_view(details, buf_view(&report));
}

static bool refuse_unknown(struct store *store, const struct check_settings *settings,
                           struct error *error)
{
    struct store_run_list all;
    if (!store_latest(store, NULL, &all, error)) return false;
    const char **names = xcalloc(all.count + 1, sizeof(*names));
    for (size_t i = 0; i < all.count; i++) names[i] = all.items[i].journey;
    const char *near = suggest_nearest(view_of(settings->state), names);
    bool same = near && !strcmp(near, settings->state);
    error_set(error, "the store knows no run of '%s'%s%s%s%s%s", settings->state,
              settings->personas.count ? " as " : "",
              settings->personas.count ? settings->personas.items[0] : "",
              near && !same ? "; did you mean '" : "", near && !same ? near : "",
              near && !same ? "'?" : "");
    free(names);
    store_run_list_release(&all);
    return false;
}

/* Whom somebody asks about is answered for, also where nobody walks as him. */
static bool is_missing(const struct asked *asked, const struct store_run_list *list,
                       const char *persona)
{
    vec_each(run, list) {
        if (!strcmp(run->persona, persona) && is_wanted(asked, run)) return false;
    }
    return true;
}

static void see_missing(const struct check_settings *settings, const char *persona,
                        struct check_answer *answer)
{
    const struct check_seen seen = {.journey = settings->state,
                                    .persona = persona,
                                    .verdict = VERDICT_UNKNOWN,
                                    .duration_us = NAGIOS_UNMEASURED,
                                    .instead = "the store knows no run of it",
                                    .instead_state = NAGIOS_UNKNOWN};
    check_judge(settings, &seen, true, answer);
}

/* Of a daemon that did not keep times yet nothing is said of steps. */
static bool measure(const struct asked *asked, const struct store_run *run,
                    struct measured_list *measured)
{
    if (!is_wanted(asked, run)) return false;
    struct measured *own = vec_add(measured);
    own->persona = run->persona;
    if (*run->times) step_times_parse(&own->times, view_of(run->times));
    return true;
}

static bool see_list(struct store *store, const struct asked *asked,
                     const struct store_run_list *list, struct measured_list *measured,
                     struct check_answer *answer, struct error *error)
{
    const struct store_incident_filter filter = {.open_only = true};
    const struct check_settings *settings = asked->settings;
    struct store_incident_list open = {0};
    bool well = !settings->verbosity; /* then nobody asks for incidents */
    size_t missing = 0, seen = 0;
    vec_each(run, list) {
        if (measure(asked, run, measured) && run->verdict != VERDICT_PASS) well = false;
    }
    if (!measured->count) return refuse_unknown(store, settings, error);
    if (!measures_have_limited(settings, measured, settings->state, error)) return false;
    if (!well && !store_incidents(store, &filter, &open, error)) return false;
    vec_each(persona, &settings->personas) missing += is_missing(asked, list, *persona);
    bool several = measured->count + missing > 1;
    vec_each(run, list) {
        if (is_wanted(asked, run))
            see(asked, run, several, &open, &measured->items[seen++], answer);
    }
    vec_each(persona, &settings->personas) {
        if (is_missing(asked, list, *persona)) see_missing(settings, *persona, answer);
    }
    measures_add(settings, measured, several, &answer->output);
    store_incident_list_release(&open);
    return true;
}

static bool see_all(struct store *store, const struct check_settings *settings,
                    struct check_answer *answer, struct error *error)
{
    struct asked asked = {.settings = settings, .now_us = clock_wall_us(&clock_real)};
    struct store_run_list list = {0};
    struct measured_list measured = {0};
    bool good =
        roll_read(&asked.roll, store, error) && store_latest(store, settings->state, &list, error);
    asked.journey = roll_find(&asked.roll, settings->state);
    if (good && asked.roll.known && !asked.journey && list.count)
        good = error_set(error, "the daemon watches no '%s' any more", settings->state);
    good = good && see_list(store, &asked, &list, &measured, answer, error);
    measured_list_release(&measured);
    store_run_list_release(&list);
    roll_release(&asked.roll);
    return good;
}

bool check_see(struct check_settings *settings, struct check_answer *answer, struct error *error)
{
    AUTO_FREE char *path = store_reader_path(settings->store);
    if (access(path, F_OK) != 0 && errno != EACCES)
        return error_set(error, "there is no store of a daemon at %s (--store FILE)", path);
    /* Locks are waited for until the alarm rings. */
    struct store *store =
        store_open_patient_reader(path, settings->timeout_us + US_PER_SECOND, error);
    if (!store) return false;
    bool good = see_all(store, settings, answer, error);
    store_close(store);
    return good;
}
