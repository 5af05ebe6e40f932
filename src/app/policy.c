/* SPDX-License-Identifier: Apache-2.0 */
/* shopper policy: which incident has which severity, why one has it, and what another policy would
 * have made of what happened. */
#include "judge/policy.h"

#include "answer/json.h"
#include "app/commands.h"
#include "app/memory.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/vec.h"
#include "text/quantity.h"
#include "watch/plan.h"
#include "watch/replay.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_SINCE_US (14 * 86400 * US_PER_SECOND)

struct policy_settings {
    struct memory_settings memory;
    const char *config;
    int64_t since_us;
};

static const struct option_row policy_options[] = {
    {"config", 'c', "FILE", OPTION_TEXT, offsetof(struct policy_settings, config),
     "the daemon's configuration, for the policy in use (without it: the built-in one)"},
    {"since", 0, "TIME", OPTION_DURATION, offsetof(struct policy_settings, since_us),
     "test: what happened in this time before now (14d)"},
    MEMORY_OPTIONS(policy_settings),
    {0},
};

/* --- From files */

static bool say(struct diags *diags)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    diags_sort(diags);
    diags_print(diags, &text, terminal_has_color(stderr, false));
    fputs(buf_text(&text), stderr);
    bool good = !diags->errors;
    diags_release(diags);
    return good;
}

/* Of a configuration, or of a file that is nothing but a policy. NULL: what is wrong was said. */
static struct policy *load(const char *path)
{
    struct diags diags = DIAGS_INIT;
    AUTO_ERROR error = ERROR_NONE;
    struct policy *policy = NULL;
    struct source *source = source_read(path, &error);
    struct yaml_document *document = source ? yaml_load(source, &diags) : NULL;
    const struct yaml_node *root = document ? yaml_root(document) : NULL;
    if (!source) diag_error(&diags, DIAG_UNREADABLE, PLACE_NOWHERE, "%s", error_text(&error));
    if (root) {
        const struct yaml_node *inside = yaml_get(root, "policy");
        bool is_config = yaml_get(root, "journeys") != NULL;
        policy =
            is_config && !inside ? policy_default() : policy_load(inside ? inside : root, &diags);
    }
    yaml_document_free(document);
    source_free(source);
    if (say(&diags) && policy) return policy;
    policy_free(policy);
    return NULL;
}

static struct policy *policy_in_use(const struct policy_settings *settings)
{
    return settings->config ? load(settings->config) : policy_default();
}

/* How its journeys confirm failures; NULL: nobody says, or it cannot be loaded (any more). */
static struct plan *plan_in_use(const struct policy_settings *settings)
{
    struct diags diags = DIAGS_INIT;
    const struct plan_source source = {.config_path = settings->config};
    struct plan *plan = settings->config ? plan_load(&source, &diags) : NULL;
    diags_release(&diags);
    return plan;
}

/* --- show, explain */

static bool show(const struct policy_settings *settings)
{
    AUTO_BUF text = BUF_INIT((size_t)1 << 20);
    struct policy *policy = policy_in_use(settings);
    if (!policy) return false;
    policy_print(policy, &text);
    fputs(buf_text(&text), stdout);
    policy_free(policy);
    return true;
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static void explain_moments(const cJSON *json)
{
    const cJSON *moment;
    cJSON_ArrayForEach(moment, cJSON_GetObjectItemCaseSensitive(json, "timeline"))
    {
        const char *text = text_of(moment, "text");
        if (!strstr(text, "SEV")) continue;
        const cJSON *time = cJSON_GetObjectItemCaseSensitive(moment, "time");
        char shown[MEMORY_TIME_SIZE];
        AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
        memory_time(cJSON_IsNumber(time) ? (int64_t)time->valuedouble : 0, shown);
        buf_addf(&line, "  %s  %s", shown, text);
        terminal_say(stdout, &line);
    }
}

static bool explain(const struct policy_settings *settings, const char *id, struct error *error)
{
    struct store_incident_list found = {0};
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP), line = BUF_INIT(BUF_OWN_CAP);
    struct store *store = memory_open(&settings->memory, error);
    bool good = store && store_incident(store, id, &found, error);
    if (good && found.count != 1)
        good = error_set(
            error,
            found.count ? "more than one incident begins with %s" : "there is no incident %s", id);
    if (good) {
        cJSON *json = json_parse(view_of(found.items[0].json), &reason);
        const cJSON *face = cJSON_GetObjectItemCaseSensitive(json, "face");
        buf_addf(&line, "SEV%d by the rule \"%s\": %s", found.items[0].severity,
                 text_of(face, "rule"), text_of(json, "values"));
        terminal_say(stdout, &line);
        explain_moments(json);
        cJSON_Delete(json);
    }
    store_incident_list_release(&found);
    store_close(store);
    return good;
}

/* --- test */

static const struct episode *find_like(const struct episode_list *list,
                                       const struct episode *wanted)
{
    vec_each(episode, list) {
        if (episode->opened_us == wanted->opened_us &&
            !strcmp(episode->signature, wanted->signature))
            return episode;
    }
    return NULL;
}

static void print_episode(const struct episode *now, const struct episode *then, const char *path)
{
    const struct episode *shown = now ? now : then;
    char opened[MEMORY_TIME_SIZE];
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    memory_time(shown->opened_us, opened);
    buf_addf(&line, "%s  %s: ", opened, shown->signature);
    if (now && then)
        buf_addf(&line, "SEV%d (\"%s\", at worst SEV%d) would be SEV%d (\"%s\", at worst SEV%d)",
                 now->first_severity, now->rule, now->worst_severity, then->first_severity,
                 then->rule, then->worst_severity);
    else if (now)
        buf_addf(&line, "SEV%d, would not have been opened with %s", now->first_severity, path);
    else
        buf_addf(&line, "would have been opened with %s as SEV%d", path, then->first_severity);
    terminal_say(stdout, &line);
}

static bool is_other(const struct episode *now, const struct episode *then)
{
    return !now || !then || now->first_severity != then->first_severity ||
           now->worst_severity != then->worst_severity;
}

static void compare(const struct episode_list *now, const struct episode_list *then,
                    const char *path)
{
    size_t others = 0;
    vec_each(episode, now) {
        const struct episode *other = find_like(then, episode);
        if (!is_other(episode, other)) continue;
        print_episode(episode, other, path);
        others++;
    }
    vec_each(episode, then) {
        if (find_like(now, episode)) continue;
        print_episode(NULL, episode, path);
        others++;
    }
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&line, "%zu incident%s with the policy in use, %zu with %s: %zu different", now->count,
             PLURAL(now->count), then->count, path, others);
    terminal_say(stdout, &line);
}

static bool test(const struct policy_settings *settings, const char *path, bool *ret_said,
                 struct error *error)
{
    int64_t until_us = clock_wall_us(&clock_real);
    int64_t from_us = until_us - (settings->since_us ? settings->since_us : DEFAULT_SINCE_US);
    struct policy *in_use = policy_in_use(settings), *other = load(path);
    struct plan *plan = plan_in_use(settings);
    const struct journey_list *journeys = plan ? &plan->journeys : NULL;
    const struct replay_settings with_this = {in_use, journeys}, with_other = {other, journeys};
    struct episode_list now = {0}, then = {0};
    *ret_said = !in_use || !other;
    struct store *store = *ret_said ? NULL : memory_open(&settings->memory, error);
    bool good = store && replay(store, &with_this, from_us, until_us, &now, error) &&
                replay(store, &with_other, from_us, until_us, &then, error);
    if (good) compare(&now, &then, path);
    episode_list_release(&now);
    episode_list_release(&then);
    store_close(store);
    policy_free(in_use);
    policy_free(other);
    plan_free(plan);
    return good;
}

/* --- The command */

static bool act(const struct policy_settings *settings, const struct text_list *words,
                bool *ret_said, struct error *error)
{
    const char *verb = words->count ? words->items[0] : "show";
    if (!strcmp(verb, "show") && words->count < 2) return *ret_said = true, show(settings);
    if (!strcmp(verb, "explain") && words->count == 2)
        return explain(settings, words->items[1], error);
    if (!strcmp(verb, "test") && words->count == 2)
        return test(settings, words->items[1], ret_said, error);
    return error_set(error, "policy wants: show, explain INCIDENT, or test FILE");
}

static int run_policy(const struct command *command, int argc, char **argv)
{
    struct policy_settings settings = {0};
    struct text_list words = {0};
    AUTO_ERROR error = ERROR_NONE;
    bool said = false; /* what is wrong with a file */
    bool good = options_parse(command, argc, argv, &settings, &words, &error) &&
                act(&settings, &words, &said, &error);
    if (!good && !said) terminal_complain(error_text(&error));
    vec_release(&words);
    return good ? EXIT_CODE_PASSED : EXIT_CODE_USAGE;
}

const struct command command_policy = {
    .name = "policy",
    .arguments = "[show|explain INCIDENT|test FILE]",
    .summary = "say which incident has which severity, and why",
    .details =
        "'show' prints the policy in use, as it may stand in a configuration. 'explain' says "
        "which rule rated an\nincident, with the values it saw. 'test' walks recorded history "
        "through the policy of FILE and says\nwhat would have been different; only runs are walked "
        "again: no certificates, error budgets, sinks, or\ntimes when we could not see. Exit 0: "
        "done; 2: it could not be, and why.",
    .options = policy_options,
    .run = run_policy,
};
