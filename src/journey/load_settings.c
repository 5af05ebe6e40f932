/* SPDX-License-Identifier: Apache-2.0 */
/* Schedule, confirm, objective, secrets, accounts, defaults. See loader.h. */
#include "base/clock.h"
#include "base/vec.h"
#include "journey/loader.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

/* --- schedule */

static void load_every(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct schedule_spec *schedule = object;
    if (!load_duration(loader, node, "every", &schedule->every_us)) return;
    if (schedule->every_us >= US_PER_SECOND) return;
    diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "every must be a second or more");
}

static void load_schedule_cron(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_cron(loader, node, &((struct schedule_spec *)object)->cron);
}

static void load_schedule_timezone(struct loader *loader, const struct yaml_node *node,
                                   void *object)
{
    load_timezone(loader, node, &((struct schedule_spec *)object)->timezone);
}

static void load_jitter(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "jitter", &((struct schedule_spec *)object)->jitter_us);
}

/* One word out of a list of two; false for the first, true for the second. */
static void load_choice(struct loader *loader, const struct yaml_node *node, const char *what,
                        const char *const words[static 3], bool *ret_second)
{
    AUTO_FREE char *word = NULL;
    if (!load_text(loader, node, what, &word)) return;
    *ret_second = !strcmp(word, words[1]);
    if (*ret_second || !strcmp(word, words[0])) return;
    struct diag *diag = diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                                   "%s is '%s' or '%s', not '%s'", what, words[0], words[1], word);
    diag_suggest(diag, view_of(word), words);
}

static const char *const overlap_words[] = {"skip", "queue", NULL};

static void load_overlap(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_choice(loader, node, "overlap", overlap_words,
                &((struct schedule_spec *)object)->queue_overlap);
}

static const struct shape overlap_shape = {.kind = SHAPE_WORD, .words = overlap_words};
static const struct key_rule schedule_rules[] = {
    {"every", load_every, false, &duration_shape, "one run each time this has passed"},
    {"cron", load_schedule_cron, false, &text_shape, "five fields, or `@hourly` and its kin"},
    {"timezone", load_schedule_timezone, false, &text_shape,
     "of `cron`, by its name in the system's database: `Europe/Berlin`"},
    {"jitter", load_jitter, false, &duration_shape, "up to this much later, drawn anew each time"},
    {"overlap", load_overlap, false, &overlap_shape,
     "when the run before is not done yet: `skip` this one, or `queue` it"},
    {0},
};
static const char *const schedule_ways[] = {"every", "cron", NULL};
const struct shape schedule_shape = {
    .kind = SHAPE_MAPPING, .name = "schedule", .rules = schedule_rules, .one_of = schedule_ways};

void load_schedule(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct schedule_spec *schedule = &((struct journey *)object)->schedule;
    schedule->place = node->place;
    if (!load_mapping(loader, node, "schedule", schedule_rules, schedule)) return;
    bool every = yaml_get(node, "every"), cron = yaml_get(node, "cron");
    if (every && cron) {
        diag_error(loader->diags, DIAG_CONFLICT, node->place,
                   "a schedule has `every` or `cron`, not both");
    } else if (!every && !cron && !load_rule_is_misspelt(node, schedule_rules, schedule_ways)) {
        diag_error(loader->diags, DIAG_MISSING_KEY, node->place,
                   "a schedule needs `every` or `cron`");
    }
}

/* --- confirm */

static void load_failures(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_count(loader, node, "failures", 1, 20, &((struct confirm_spec *)object)->failures);
}

static void load_reprobes(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct confirm_spec *confirm = object;
    if (node->kind != YAML_SEQUENCE) {
        load_wrong_type(loader, node, "reprobe_after", "a list of durations");
        return;
    }
    confirm->reprobe_after_us = xcalloc(node->count, sizeof(int64_t));
    for (size_t i = 0; i < node->count; i++) {
        int64_t *after_us = &confirm->reprobe_after_us[confirm->reprobe_count];
        if (load_duration(loader, node->items[i], "reprobe_after", after_us))
            confirm->reprobe_count++;
    }
}

static const struct shape failures_shape = {.kind = SHAPE_COUNT, .least = 1, .most = 20};
static const struct shape durations_shape = {.kind = SHAPE_LIST, .of = &duration_shape};
static const struct key_rule confirm_rules[] = {
    {"failures", load_failures, false, &failures_shape, "so many in a row; 2 when not said"},
    {"reprobe_after", load_reprobes, false, &durations_shape,
     "when to look again after the first; `[2s, 5s]` when not said"},
    {0},
};
const struct shape confirm_shape = {
    .kind = SHAPE_MAPPING, .name = "confirm", .rules = confirm_rules};

void load_confirm(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_mapping(loader, node, "confirm", confirm_rules, &((struct journey *)object)->confirm);
}

/* --- objective */

static void load_availability(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct objective_spec *objective = object;
    enum quantity_fault fault = QUANTITY_BAD_NUMBER;
    if (node->kind == YAML_SCALAR) {
        fault = quantity_percentage((struct view){node->text, node->length},
                                    &objective->availability_percent);
    }
    if (fault == QUANTITY_OK &&
        decimal_compare(objective->availability_percent, decimal_of(100)) < 0)
        return;
    enum diag_code code = fault == QUANTITY_NO_UNIT ? DIAG_MISSING_UNIT : DIAG_BAD_VALUE;
    diag_hint(diag_error(loader->diags, code, node->place,
                         "availability must be a percentage below 100%%"),
              "write it like 99.9%%");
}

static void load_window(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "window", &((struct objective_spec *)object)->window_us);
}

static const char *const percentile_words[] = {"p50", "p75", "p90", "p95", "p99", NULL};

static void load_latency(struct loader *loader, const struct yaml_node *node, void *object)
{
    const char *const *words = percentile_words;
    struct objective_spec *objective = object;
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(loader, node, "latency", "a mapping like {p95: 8s}");
        return;
    }
    objective->latency = xcalloc(node->count, sizeof(*objective->latency));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        size_t word = 0;
        while (words[word] && strcmp(words[word], key->text)) word++;
        if (!words[word])
            load_unknown_key(loader, key, "latency", words);
        else
            objective->latency[objective->latency_count].percentile = atoi(key->text + 1);
        int64_t *at_most_us = &objective->latency[objective->latency_count].at_most_us;
        if (load_duration(loader, node->pairs[i].value, "a latency", at_most_us))
            objective->latency_count++;
    }
}

static const struct shape percentage_shape = {.kind = SHAPE_PERCENTAGE};
static const struct shape percentile_shape = {.kind = SHAPE_WORD, .words = percentile_words};
static const struct shape latency_shape = {
    .kind = SHAPE_NAMES, .of = &duration_shape, .keys = &percentile_shape};
static const struct key_rule objective_rules[] = {
    {"availability", load_availability, true, &percentage_shape, "of runs that can shop"},
    {"window", load_window, false, &duration_shape, "over which it is counted; 30d when not said"},
    {"latency", load_latency, false, &latency_shape,
     "a run's duration at percentiles: `{p95: 8s}`"},
    {0},
};
const struct shape objective_shape = {
    .kind = SHAPE_MAPPING, .name = "objective", .rules = objective_rules};

void load_objective(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct objective_spec *objective = &((struct journey *)object)->objective;
    objective->window_us = 30 * 24 * 3600 * US_PER_SECOND;
    objective->present = load_mapping(loader, node, "objective", objective_rules, objective);
}

/* --- secrets and accounts */

static const struct key_rule secret_rules[] = {
    [SECRET_ENVIRONMENT] = {"env", NULL, false, &text_shape, "an environment variable"},
    [SECRET_FILE] = {"file", NULL, false, &text_shape,
                     "a file, relative to the journey's; a last line feed does not count"},
    [SECRET_CREDENTIAL] = {"credential", NULL, false, &text_shape,
                           "a systemd credential, in `$CREDENTIALS_DIRECTORY`"},
    {0},
};
static const char *const secret_words[] = {"env", "file", "credential", NULL};
const struct shape secret_shape = {
    .kind = SHAPE_MAPPING, .name = "secret", .rules = secret_rules, .one_of = secret_words};
const struct shape secrets_shape = {.kind = SHAPE_NAMES, .of = &secret_shape};

void load_secret_reference(struct loader *loader, const struct yaml_node *node,
                           struct secret_spec *secret)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        size_t kind = 0;
        while (secret_rules[kind].key && strcmp(secret_rules[kind].key, key->text)) kind++;
        if (!secret_rules[kind].key) {
            load_unknown_key(loader, key, "a secret", secret_words);
            continue;
        }
        secret->kind = (enum secret_kind)kind;
        load_text(loader, node->pairs[i].value, "a secret's reference", &secret->from);
    }
    if (node->count != 1) {
        diag_error(loader->diags, node->count ? DIAG_CONFLICT : DIAG_MISSING_KEY, node->place,
                   "a secret has exactly one of `env`, `file`, `credential`");
    }
}

static void load_secret(struct loader *loader, const struct yaml_pair *pair,
                        struct secret_spec *secret)
{
    const struct yaml_node *node = pair->value;
    secret->name = xstrdup(pair->key->text);
    secret->place = pair->key->place;
    if (!name_is_valid(secret->name)) {
        diag_error(loader->diags, DIAG_BAD_VALUE, pair->key->place,
                   "a secret's name has letters, digits and '_': '%s'", secret->name);
    }
    if (node->kind != YAML_MAPPING) {
        diag_hint(diag_error(loader->diags, DIAG_PLAIN_SECRET, pair->key->place,
                             "the secret '%s' must be a reference, never text in the journey",
                             secret->name),
                  "write {env: NAME}, {file: PATH} or {credential: NAME}");
        return;
    }
    load_secret_reference(loader, node, secret);
}

static void load_secret_list(struct loader *loader, const struct yaml_node *node,
                             struct secret_spec **ret_secrets, size_t *ret_count)
{
    *ret_secrets = xcalloc(node->count, sizeof(**ret_secrets));
    *ret_count = node->count;
    for (size_t i = 0; i < node->count; i++)
        load_secret(loader, &node->pairs[i], &(*ret_secrets)[i]);
}

void load_secrets(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct journey *journey = object;
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(loader, node, "secrets", "a mapping of names to references");
        return;
    }
    load_secret_list(loader, node, &journey->secrets, &journey->secret_count);
    for (size_t i = 0; i < journey->secret_count; i++) {
        AUTO_FREE char *name = xasprintf("secret.%s", journey->secrets[i].name);
        names_set(loader->names, name);
    }
}

static void load_account_list(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct accounts_spec *accounts = object;
    if (node->kind != YAML_SEQUENCE || !node->count) {
        load_wrong_type(loader, node, "accounts",
                        "a list of mappings of names to secret references");
        return;
    }
    accounts->list = xcalloc(node->count, sizeof(*accounts->list));
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind != YAML_MAPPING) {
            load_wrong_type(loader, node->items[i], "an account",
                            "a mapping of names to secret references");
            continue;
        }
        struct account_spec *account = &accounts->list[accounts->count++];
        load_secret_list(loader, node->items[i], &account->fields, &account->field_count);
    }
}

static bool account_has(const struct account_spec *account, const char *field)
{
    for (size_t i = 0; i < account->field_count; i++) {
        if (!strcmp(account->fields[i].name, field)) return true;
    }
    return false;
}

/* What a run may find in whichever account it leases: only the fields that all of them have. */
static void set_account_names(struct loader *loader, const struct accounts_spec *accounts)
{
    if (loader->parent) return; /* a run leases from its own journey's */
    for (size_t i = 0; accounts->count && i < accounts->list[0].field_count; i++) {
        const char *field = accounts->list[0].fields[i].name;
        bool shared = true;
        for (size_t k = 1; k < accounts->count; k++)
            shared &= account_has(&accounts->list[k], field);
        AUTO_FREE char *name = xasprintf("account.%s", field);
        if (shared) names_set(loader->names, name);
    }
}

static void load_account_file(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_text(loader, node, "the accounts' file", &((struct accounts_spec *)object)->file);
}

static const char *const busy_words[] = {"wait", "skip", NULL};

static void load_when_busy(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_choice(loader, node, "when_busy", busy_words,
                &((struct accounts_spec *)object)->skip_when_busy);
}

static const struct shape account_list_shape = {
    .kind = SHAPE_LIST, .of = &secrets_shape, .filled = true};
static const struct shape busy_shape = {.kind = SHAPE_WORD, .words = busy_words};
static const struct key_rule accounts_rules[] = {
    {"file", load_account_file, false, &text_shape,
     "a CSV file with a header line, relative to the journey's"},
    {"list", load_account_list, false, &account_list_shape,
     "accounts, each a mapping of names to secrets"},
    {"when_busy", load_when_busy, false, &busy_shape,
     "when none is free: `wait` for one, or `skip` the run"},
    {0},
};
static const char *const accounts_ways[] = {"file", "list", NULL};
static const struct shape accounts_mapping = {
    .kind = SHAPE_MAPPING, .name = "accounts", .rules = accounts_rules, .one_of = accounts_ways};
const struct shape accounts_shape = {
    .kind = SHAPE_EITHER, .of = &account_list_shape, .or_of = &accounts_mapping};

void load_accounts(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct accounts_spec *accounts = &((struct journey *)object)->accounts;
    accounts->place = node->place;
    accounts->present = true;
    bool is_list = node->kind == YAML_SEQUENCE;
    if (is_list)
        load_account_list(loader, node, accounts);
    else if (!load_mapping(loader, node, "accounts", accounts_rules, accounts))
        return;
    set_account_names(loader, accounts);
    bool neither = !accounts->file && !accounts->list;
    if (neither && load_rule_is_misspelt(node, accounts_rules, accounts_ways)) return;
    if (!is_list && !accounts->file == !accounts->list) {
        diag_error(loader->diags, DIAG_CONFLICT, node->place,
                   "accounts have either a `file` or a `list`");
    }
}

/* --- defaults */

static void load_default_timeout(struct loader *loader, const struct yaml_node *node, void *unused)
{
    (void)unused;
    load_span(loader, node, "timeout", &loader->timeout_us);
}

static void load_default_stall(struct loader *loader, const struct yaml_node *node, void *unused)
{
    (void)unused;
    load_duration(loader, node, "stall", &loader->stall_us);
}

static void load_default_follow(struct loader *loader, const struct yaml_node *node, void *unused)
{
    (void)unused;
    load_count(loader, node, "follow", 0, 50, &loader->follow);
}

static const struct shape follow_shape = {.kind = SHAPE_COUNT, .most = 50};
static const struct key_rule default_rules[] = {
    {"timeout", load_default_timeout, false, &duration_shape, "of a step; 10s when not said"},
    {"stall", load_default_stall, false, &duration_shape,
     "no byte for so long: the page froze; 3s when not said"},
    {"follow", load_default_follow, false, &follow_shape, "redirects to follow; 5 when not said"},
    {0},
};
const struct shape defaults_shape = {
    .kind = SHAPE_MAPPING, .name = "defaults", .rules = default_rules};

void load_defaults(struct loader *loader, const struct yaml_node *node, void *unused)
{
    load_mapping(loader, node, "defaults", default_rules, unused);
}
