/* SPDX-License-Identifier: Apache-2.0 */
/* shopper validate: says everything that is wrong with journeys, what will hurt later, and when
 * their schedules will fire. It sends nothing. */
#include "app/commands.h"
#include "app/journeys.h"
#include "app/preview.h"
#include "app/terminal.h"
#include "base/calendar.h"
#include "base/vec.h"
#include "journey/lint.h"
#include "report/diagnostics.h"
#include "run/secrets.h"
#include "text/quantity.h"
#include "watch/plan.h"

#include <stdio.h>
#include <string.h>

struct validate_settings {
    struct text_list set;
    const char *format, *from, *cron, *timezone, *personas;
    unsigned next;
    bool no_color, quiet, strict;
};

#define FIELD(name) offsetof(struct validate_settings, name)

static const struct option_row validate_options[] = {
    {"var", 0, "NAME=VALUE", OPTION_LIST, FIELD(set), "a variable that a run would be given"},
    {"format", 'f', "human|json|sarif", OPTION_TEXT, FIELD(format),
     "human (default), or json or sarif on standard output"},
    {"personas", 0, "FILE", OPTION_TEXT, FIELD(personas),
     "personas of your own, beside the built-in ones"},
    {"strict", 0, NULL, OPTION_FLAG, FIELD(strict), "warnings are errors, too"},
    {"next", 'n', "N", OPTION_NUMBER, FIELD(next),
     "print the next N times at which each schedule fires"},
    {"from", 0, "TIME", OPTION_TEXT, FIELD(from),
     "with --next: times after this one (RFC 3339) instead of now"},
    {"cron", 0, "EXPR", OPTION_TEXT, FIELD(cron),
     "no journey, but this cron expression; --next is 1 when not said"},
    {"timezone", 0, "ZONE", OPTION_TEXT, FIELD(timezone),
     "with --cron: the time zone that it means (default: UTC)"},
    {"quiet", 'q', NULL, OPTION_FLAG, FIELD(quiet), "say nothing of what is well"},
    {"no-color", 0, NULL, OPTION_FLAG, FIELD(no_color), "no colours (also: NO_COLOR)"},
    {0},
};

enum format { FORMAT_HUMAN, FORMAT_JSON, FORMAT_SARIF };
static const char *const format_words[] = {"human", "json", "sarif", NULL};

struct validation {
    struct validate_settings settings;
    enum format format;
    struct preview preview;
    struct text_list names;
    struct journey_list journeys;
    VEC(struct plan *) plans; /* of configurations among the names */
    struct diags diags;
    struct buf times, notes;
};

/* --- The command line */

static bool format_is_known(struct validation *validation, struct error *error)
{
    const char *word = validation->settings.format;
    for (size_t i = 0; word && format_words[i]; i++) {
        if (strcmp(format_words[i], word) != 0) continue;
        validation->format = (enum format)i;
        return true;
    }
    return !word || error_set(error, "--format is human, json or sarif, not '%s'", word);
}

static bool settings_are_good(struct validation *validation, struct error *error)
{
    const struct validate_settings *settings = &validation->settings;
    struct preview *preview = &validation->preview;
    if (!set_values_are_good(&settings->set, error) || !format_is_known(validation, error))
        return false;
    preview->count = settings->next || !settings->cron ? settings->next : 1;
    preview->from_us = clock_wall_us(&clock_real);
    if (settings->cron && validation->names.count)
        return error_set(error, "--cron stands without journeys");
    if (settings->timezone && !*settings->timezone)
        return error_set(error, "--timezone needs a time zone such as Europe/Berlin");
    if (settings->timezone && !settings->cron)
        return error_set(error, "--timezone goes with --cron; a journey says its own");
    if (settings->from && !preview->count) return error_set(error, "--from goes with --next");
    if (settings->next && validation->format != FORMAT_HUMAN)
        return error_set(error, "--next does not go with --format %s", settings->format);
    if (settings->from && !calendar_parse_rfc3339(view_of(settings->from), &preview->from_us))
        return error_set(error, "--from needs a time such as 2026-03-29T00:00:00+01:00, not '%s'",
                         settings->from);
    return true;
}

/* --- Validating */

static bool validate_policy(const char *name, struct diags *diags)
{
    size_t errors = diags->errors;
    AUTO_ERROR error = ERROR_NONE;
    struct source *source = source_read(name, &error);
    struct yaml_document *document = source ? yaml_load(source, diags) : NULL;
    if (!source) diag_error(diags, DIAG_UNREADABLE, PLACE_NOWHERE, "%s", error_text(&error));
    if (document) policy_free(policy_load(yaml_root(document), diags));
    yaml_document_free(document);
    source_free(source);
    return diags->errors == errors;
}

/* Takes the daemon's configurations and policies out of the names, and their journeys into the
 * list. */
static bool validate_configurations(struct validation *validation)
{
    bool good = true;
    size_t kept = 0;
    for (size_t i = 0; i < validation->names.count; i++) {
        const char *name = validation->names.items[i];
        if (config_is_policy(name)) {
            good &= validate_policy(name, &validation->diags);
            continue;
        }
        if (!config_is_one(name)) {
            validation->names.items[kept++] = name;
            continue;
        }
        const struct plan_source source = {.config_path = name};
        struct plan *plan = plan_load(&source, &validation->diags);
        good &= plan != NULL;
        if (!plan) continue;
        vec_push(&validation->plans, plan);
        vec_each(journey, &plan->journeys) vec_push(&validation->journeys, journey_hold(*journey));
    }
    validation->names.count = kept;
    return good;
}

/* `run` and the daemon are told where a team's own personas stand: here it is no error. */
static void look_for_personas(struct validation *validation, const struct journey_list *journeys)
{
    struct personas *known = personas_new();
    const char *file = validation->settings.personas;
    if (!file || personas_load(known, file, &validation->diags)) {
        vec_each(journey, journeys) personas_lint(known, *journey, &validation->diags);
    }
    personas_free(known);
}

static bool validate_journeys(struct validation *validation, struct error *error)
{
    struct set_names set = set_names_of(&validation->settings.set);
    const struct load_options options = {.set_names = set.names};
    struct journey_list *journeys = &validation->journeys, loaded = {0};
    bool was_asked = validation->names.count > 0;
    bool good = validate_configurations(validation);
    bool asks_for_journeys = validation->names.count || !was_asked;
    if (asks_for_journeys)
        good &= journeys_load(&validation->names, &options, &loaded, &validation->diags);
    vec_each(journey, &loaded) vec_push(journeys, journey_hold(*journey));
    look_for_personas(validation, &loaded);
    journey_list_release(&loaded);
    set_names_release(&set);
    vec_each(journey, journeys) {
        journey_lint(*journey, journeys->items, journeys->count, &validation->diags);
        accounts_check(*journey, &validation->diags);
    }
    if (good && asks_for_journeys && !journeys->count && !validation->plans.count)
        diag_hint(diag_warning(&validation->diags, DIAG_EMPTY, PLACE_NOWHERE,
                               "there is no journey in what was named"),
                  "journeys are files whose names end in .yaml or .yml; another is named itself");
    if (good && validation->preview.count)
        preview_journeys(&validation->preview, journeys, &validation->times, &validation->notes);
    return !good || journeys_read(journeys, &validation->settings.set, error);
}

static bool has_failed(const struct validation *validation)
{
    const struct diags *diags = &validation->diags;
    return diags->errors || (validation->settings.strict && diags->warnings);
}

static void count(FILE *out, size_t number, const char *what)
{
    fprintf(out, "%zu %s%s", number, what, PLURAL(number));
}

/* "2 errors, 1 warning" to standard error, or "3 journeys, no errors" to standard output. */
static void print_summary(const struct validation *validation)
{
    const struct diags *diags = &validation->diags;
    bool failed = has_failed(validation);
    if (!failed && (validation->settings.quiet || validation->preview.count)) return;
    FILE *out = failed ? stderr : stdout;
    if (!failed) {
        count(out, validation->journeys.count, "journey");
        fputs(", ", out);
    }
    if (diags->errors)
        count(out, diags->errors, "error");
    else
        fputs("no errors", out);
    if (diags->warnings) {
        fputs(", ", out);
        count(out, diags->warnings, "warning");
    }
    fputc('\n', out);
}

static void print_human(const struct validation *validation)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    bool color = terminal_has_color(stderr, validation->settings.no_color);
    diags_print(&validation->diags, &text, color);
    fputs(buf_text(&text), stderr);
    if (!validation->settings.quiet) fputs(buf_text(&validation->notes), stderr);
    if (!has_failed(validation)) fputs(buf_text(&validation->times), stdout);
    print_summary(validation);
}

static void print_all(const struct validation *validation)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    switch (validation->format) {
    case FORMAT_HUMAN: print_human(validation); return;
    case FORMAT_JSON:
        diagnostics_write_json(&validation->diags, validation->journeys.count, &text);
        break;
    case FORMAT_SARIF: diagnostics_write_sarif(&validation->diags, &text); break;
    }
    fputs(buf_text(&text), stdout);
}

static bool validate_all(struct validation *validation, const struct command *command, int argc,
                         char **argv, struct error *error)
{
    const struct validate_settings *settings = &validation->settings;
    if (!options_parse(command, argc, argv, &validation->settings, &validation->names, error) ||
        !settings_are_good(validation, error))
        return false;
    if (!settings->cron) return validate_journeys(validation, error);
    return preview_cron(&validation->preview, settings->cron, settings->timezone,
                        &validation->times, &validation->notes, &validation->diags, error) ||
           validation->diags.errors;
}

static int validate(const struct command *command, int argc, char **argv)
{
    struct validation validation = {
        .times = BUF_INIT(BUF_OWN_CAP),
        .notes = BUF_INIT(BUF_OWN_CAP),
    };
    AUTO_ERROR error = ERROR_NONE;
    int code = EXIT_CODE_USAGE;
    if (validate_all(&validation, command, argc, argv, &error)) {
        diags_sort(&validation.diags);
        diags_drop_repeated(&validation.diags);
        print_all(&validation);
        if (!has_failed(&validation)) code = EXIT_CODE_PASSED;
    } else {
        terminal_complain(error_text(&error));
    }
    journey_list_release(&validation.journeys);
    vec_each(plan, &validation.plans) plan_free(*plan);
    vec_release(&validation.plans);
    diags_release(&validation.diags);
    buf_release(&validation.times);
    buf_release(&validation.notes);
    vec_release(&validation.names);
    vec_release(&validation.settings.set);
    return code;
}

const struct command command_validate = {
    .name = "validate",
    .arguments = "[JOURNEY|DIRECTORY|CONFIGURATION...]",
    .summary = "check journeys and say everything that is wrong with them",
    .details =
        "Without arguments, the directory 'journeys'. A file with the key 'journeys' is a "
        "configuration of the daemon. Errors keep a journey from running; warnings "
        "are about what will hurt later. Exit 0: no errors (with --strict: no warnings either); "
        "2: errors.\n\n"
        "--next prints a line for each time: the journey's name, a tab, and the time (RFC 3339) as "
        "clocks in the schedule's time zone show it.",
    .options = validate_options,
    .run = validate,
};
