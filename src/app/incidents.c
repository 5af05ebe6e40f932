/* SPDX-License-Identifier: Apache-2.0 */
/* shopper incidents: what is wrong with the shop and what was, out of the daemon's memory. */
#include "answer/json.h"
#include "app/commands.h"
#include "app/memory.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/vec.h"
#include "judge/event.h"
#include "text/quantity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SINCE_US (7 * 86400 * US_PER_SECOND)

struct incidents_settings {
    struct memory_settings memory;
    int64_t since_us;
    bool open, json;
};

static const struct option_row incidents_options[] = {
    {"open", 'o', NULL, OPTION_FLAG, offsetof(struct incidents_settings, open),
     "list: only those that are open"},
    {"since", 0, "TIME", OPTION_DURATION, offsetof(struct incidents_settings, since_us),
     "list: what was open in this time before now (7d)"},
    {"json", 0, NULL, OPTION_FLAG, offsetof(struct incidents_settings, json), "as JSON"},
    MEMORY_OPTIONS(incidents_settings),
    {0},
};

/* --- list */

static void print_row(const struct store_incident *incident)
{
    char opened[MEMORY_TIME_SIZE];
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    memory_time(incident->opened_us, opened);
    buf_addf(&line, "%s  %s  %-8s  %s%s", incident->id, opened, incident->state, incident->line,
             incident_is_planned(incident->json) ? " [in maintenance]" : "");
    terminal_say(stdout, &line);
}

static void print_json_list(const struct store_incident_list *incidents)
{
    AUTO_BUF text = BUF_INIT((size_t)64 << 20);
    buf_add_char(&text, '[');
    vec_each(incident, incidents)
        buf_addf(&text, "%s%s", incident == incidents->items ? "" : ",\n ", incident->json);
    puts(buf_text(&text));
    puts("]");
}

static bool list(const struct incidents_settings *settings, struct store *store,
                 struct error *error)
{
    int64_t since_us = settings->since_us ? settings->since_us : DEFAULT_SINCE_US;
    const struct store_incident_filter filter = {.open_only = settings->open,
                                                 .from_us = clock_wall_us(&clock_real) - since_us};
    struct store_incident_list incidents;
    if (!store_incidents(store, &filter, &incidents, error)) return false;
    if (settings->json)
        print_json_list(&incidents);
    else
        vec_each(incident, &incidents) print_row(incident);
    if (!incidents.count && !settings->json) puts("no incident");
    store_incident_list_release(&incidents);
    return true;
}

/* --- show */

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static void print_field(const char *name, const char *value)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    if (!*value) return;
    buf_addf(&line, "  %-10s %s", name, value);
    terminal_say(stdout, &line);
}

static void print_times(const struct store_incident *incident)
{
    char opened[MEMORY_TIME_SIZE], resolved[MEMORY_TIME_SIZE];
    AUTO_BUF text = BUF_INIT(200);
    memory_time(incident->opened_us, opened);
    buf_addf(&text, "since %s UTC", opened);
    if (incident->resolved_us) {
        memory_time(incident->resolved_us, resolved);
        buf_addf(&text, " until %s UTC, ", resolved);
        quantity_print_duration(
            (incident->resolved_us - incident->opened_us) / US_PER_SECOND * US_PER_SECOND, &text);
    }
    print_field(incident->state, buf_text(&text));
}

/* What this shopper met last before now; `key` is its journey, persona and location, a line each.
 */
static void print_affected(struct store *store, const struct store_incident *incident,
                           const char *key)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    struct view rest = view_of(key), pieces[2] = {VIEW_NONE, VIEW_NONE};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) (void)view_split(&rest, '\n', &pieces[i]);
    AUTO_FREE char *journey = xstrndup(pieces[0].data, pieces[0].length);
    AUTO_FREE char *persona = xstrndup(pieces[1].data, pieces[1].length);
    const struct store_run_filter filter = {
        .journey = journey,
        .persona = persona,
        .from_us = incident->opened_us,
        .until_us = incident->resolved_us,
        .failed_only = true,
        .limit = 1,
    };
    struct store_run_list runs = {0};
    buf_addf(&line, "    %s as %s", journey, persona);
    if (rest.length) buf_addf(&line, " from %.*s", VIEW_PRINTF(rest));
    if (store_runs(store, &filter, &runs, &error) && runs.count)
        buf_addf(&line, ": step \"%s\": %s (run %s)", runs.items[0].step, runs.items[0].line,
                 runs.items[0].id);
    terminal_say(stdout, &line);
    store_run_list_release(&runs);
}

static void print_timeline(const cJSON *timeline)
{
    const cJSON *moment;
    puts("  timeline");
    cJSON_ArrayForEach(moment, timeline)
    {
        const cJSON *time = cJSON_GetObjectItemCaseSensitive(moment, "time");
        char shown[MEMORY_TIME_SIZE];
        AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
        memory_time(cJSON_IsNumber(time) ? (int64_t)time->valuedouble : 0, shown);
        buf_addf(&line, "    %s  %s", shown, text_of(moment, "text"));
        terminal_say(stdout, &line);
    }
}

static bool print_deliveries(struct store *store, const char *id, struct error *error)
{
    static const char *const states[] = {"waits", "delivered", "given up"};
    struct store_delivery_list deliveries;
    if (!store_deliveries(store, id, &deliveries, error)) return false;
    if (deliveries.count) puts("  told");
    vec_each(delivery, &deliveries) {
        char time[MEMORY_TIME_SIZE];
        AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP), line = BUF_INIT(BUF_OWN_CAP);
        cJSON *event = json_parse(view_of(delivery->payload), &reason);
        memory_time(delivery->created_us, time);
        buf_addf(&line, "    %s  %s to %s: %s%s%s", time, text_of(event, "type"), delivery->sink,
                 states[delivery->state], *delivery->last_error ? ": " : "", delivery->last_error);
        terminal_say(stdout, &line);
        cJSON_Delete(event);
    }
    store_delivery_list_release(&deliveries);
    return true;
}

static void print_incident(struct store *store, const struct store_incident *incident,
                           const cJSON *json)
{
    const cJSON *face = cJSON_GetObjectItemCaseSensitive(json, "face"), *subject;
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP), rule = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&line, incident->line);
    terminal_say(stdout, &line);
    print_field("id", incident->id);
    print_times(incident);
    if (incident_is_planned(incident->json))
        print_field("counted", "as maintenance: nobody met it but in maintenance windows");
    buf_addf(&rule, "\"%s\": %s", text_of(face, "rule"), text_of(json, "values"));
    print_field("rule", buf_text(&rule));
    print_field("cause", incident->signature);
    print_field("expected", text_of(face, "expected"));
    print_field("actual", text_of(face, "actual"));
    print_field("owner", text_of(face, "owner"));
    print_field("runbook", text_of(face, "runbook"));
    print_field("trace", text_of(face, "trace_id"));
    const char *run = text_of(face, "run_id");
    AUTO_FREE char *evidence = xasprintf("shopper incidents run %s", run);
    if (*run) print_field("evidence", evidence);
    const cJSON *affected = cJSON_GetObjectItemCaseSensitive(json, "affected");
    if (affected && affected->child) puts("  shoppers");
    cJSON_ArrayForEach(subject, affected)
        print_affected(store, incident, text_of(subject, "subject"));
    print_timeline(cJSON_GetObjectItemCaseSensitive(json, "timeline"));
}

static bool find(struct store *store, const char *id, struct store_incident_list *found,
                 struct error *error)
{
    if (!store_incident(store, id, found, error)) return false;
    if (found->count == 1) return true;
    return error_set(
        error, found->count ? "more than one incident begins with %s" : "there is no incident %s",
        id);
}

static bool show(const struct incidents_settings *settings, struct store *store, const char *id,
                 struct error *error)
{
    struct store_incident_list found = {0};
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    bool good = find(store, id, &found, error);
    if (good && settings->json) {
        puts(found.items[0].json);
    } else if (good) {
        cJSON *json = json_parse(view_of(found.items[0].json), &reason);
        print_incident(store, &found.items[0], json);
        cJSON_Delete(json);
        good = print_deliveries(store, found.items[0].id, error);
    }
    store_incident_list_release(&found);
    return good;
}

/* --- run: the evidence of one */

static bool show_run(struct store *store, const char *id, struct error *error)
{
    struct store_run_list runs = {0};
    if (!store_run_by_id(store, id, &runs, error)) return false;
    bool good = runs.count && *runs.items[0].report;
    if (good)
        puts(runs.items[0].report);
    else
        error_set(
            error,
            runs.count ? "run %s went well, so its report was not kept" : "there is no run %s", id);
    store_run_list_release(&runs);
    return good;
}

/* --- ack, unack */

static bool tell(const struct incidents_settings *settings, struct store *store, const char *verb,
                 const char *id, struct error *error)
{
    struct store_incident_list found = {0};
    bool good = find(store, id, &found, error);
    if (good && found.items[0].resolved_us)
        good = error_set(error, "incident %s is over", found.items[0].id);
    good = good && memory_tell(&settings->memory, verb, found.items[0].id, error);
    store_incident_list_release(&found);
    return good;
}

/* --- The command */

static bool act(const struct incidents_settings *settings, const struct text_list *words,
                struct store *store, struct error *error)
{
    const char *verb = words->count ? words->items[0] : "list";
    const char *id = words->count == 2 ? words->items[1] : NULL;
    if (!strcmp(verb, "list") && words->count < 2) return list(settings, store, error);
    if (id && !strcmp(verb, "show")) return show(settings, store, id, error);
    if (id && !strcmp(verb, "run")) return show_run(store, id, error);
    if (id && (!strcmp(verb, "ack") || !strcmp(verb, "unack")))
        return tell(settings, store, verb, id, error);
    return error_set(error, "incidents wants: list, show ID, run ID, ack ID, or unack ID");
}

static int incidents(const struct command *command, int argc, char **argv)
{
    struct incidents_settings settings = {0};
    struct text_list words = {0};
    AUTO_ERROR error = ERROR_NONE;
    struct store *store = NULL;
    bool good = options_parse(command, argc, argv, &settings, &words, &error) &&
                (store = memory_open(&settings.memory, &error)) &&
                act(&settings, &words, store, &error);
    if (!good) terminal_complain(error_text(&error));
    store_close(store);
    vec_release(&words);
    return good ? EXIT_CODE_PASSED : EXIT_CODE_USAGE;
}

const struct command command_incidents = {
    .name = "incidents",
    .arguments = "[list|show ID|run ID|ack ID|unack ID]",
    .summary = "list what is wrong with the shop, and tell all about one incident",
    .details =
        "An ID may be shortened to what is enough to tell. 'run' prints the report of a run that "
        "failed.\n'ack' stops reminders, not the resolution. All of it works beside a daemon and "
        "without one; what is\nto be changed waits for the daemon. Exit 0: done; 2: it could not "
        "be, and why.",
    .options = incidents_options,
    .run = incidents,
};
