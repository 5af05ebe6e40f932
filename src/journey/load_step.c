/* SPDX-License-Identifier: Apache-2.0 */
/* Steps and what hangs on them: verbs, until, each, only, creates, find, undo. See loader.h. */
#include "base/clock.h"
#include "base/vec.h"
#include "journey/loader.h"
#include "text/quantity.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *key, *method;
} verbs[] = {
    {"get", "GET"},     {"post", "POST"},     {"put", "PUT"},
    {"patch", "PATCH"}, {"delete", "DELETE"}, {"head", "HEAD"},
};

/* --- One loader for each key */

static void load_step_name(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    step->place = node->place;
    load_text(loader, node, "a step's name", &step->name);
}

static void load_stage(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_text(loader, node, "a stage", &((struct step *)object)->stage);
}

static void load_optional(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_bool(loader, node, "optional", &((struct step *)object)->optional);
}

static void load_severity(struct loader *loader, const struct yaml_node *node, void *object)
{
    static const char *const words[] = {"sev1", "sev2", "sev3", "sev4", NULL};
    AUTO_FREE char *word = NULL;
    if (!load_text(loader, node, "severity", &word)) return;
    for (int i = 0; words[i]; i++) {
        if (!strcmp(words[i], word)) ((struct step *)object)->severity = i + 1;
    }
    if (((struct step *)object)->severity) return;
    struct diag *diag = diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                                   "severity is sev1 to sev4, not '%s'", word);
    diag_suggest(diag, view_of(word), words);
}

static void load_when(struct loader *loader, const struct yaml_node *node, void *object)
{
    ((struct step *)object)->when = load_condition(loader, node);
}

static void load_each(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    if (node->kind != YAML_MAPPING || node->count != 1) {
        diag_hint(load_wrong_type(loader, node, "each", "a mapping of one name to a list"),
                  "write it like {line: \"${lines}\"}");
        return;
    }
    const struct yaml_node *key = node->pairs[0].key;
    load_operand(loader, node->pairs[0].value, OPERAND_PLAIN, &step->each);
    if (!name_is_valid(key->text)) {
        diag_error(loader->diags, DIAG_BAD_VALUE, key->place,
                   "a name has letters, digits and '_': '%s'", key->text);
    }
    step->each_name = xstrdup(key->text);
    names_set(loader->names, key->text);
}

static void load_at_most(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct cap *cap = object;
    enum quantity_fault fault = QUANTITY_BAD_NUMBER;
    if (node->kind == YAML_SCALAR) {
        fault = quantity_rate((struct view){node->text, node->length}, &cap->count, &cap->per_us);
    }
    if (fault == QUANTITY_OK && cap->count > 0) return;
    diag_hint(diag_error(loader->diags,
                         fault == QUANTITY_NO_UNIT ? DIAG_MISSING_UNIT : DIAG_BAD_VALUE,
                         node->place, "a cap is a count per time"),
              "write it like 200/day");
}

static void load_only(struct loader *loader, const struct yaml_node *node, void *object)
{
    static const struct key_rule rules[] = {{"at_most", load_at_most, true}, {NULL, NULL, false}};
    struct cap *cap = &((struct step *)object)->only;
    cap->place = node->place;
    load_mapping(loader, node, "only", rules, cap);
}

static void load_query(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    load_name_templates(loader, node, "query", &step->query, &step->query_count);
}

static void load_headers(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    load_name_templates(loader, node, "headers", &step->headers, &step->header_count);
    for (size_t i = 0; i < step->header_count; i++) {
        const char *name = step->headers[i].name;
        static const char token[] =
            "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        if (*name && strspn(name, token) == strlen(name)) continue;
        diag_error(loader->diags, DIAG_BAD_VALUE, step->headers[i].place,
                   "'%s' is no header name (RFC 9110)", name);
    }
}

static void load_basic_user(struct loader *loader, const struct yaml_node *node, void *auth)
{
    ((struct auth_spec *)auth)->user = load_template(loader, node, "the user");
}

static void load_basic_password(struct loader *loader, const struct yaml_node *node, void *auth)
{
    ((struct auth_spec *)auth)->password = load_template(loader, node, "the password");
}

static void load_basic(struct loader *loader, const struct yaml_node *node, void *auth)
{
    static const struct key_rule rules[] = {
        {"user", load_basic_user, true},
        {"password", load_basic_password, true},
        {NULL, NULL, false},
    };
    ((struct auth_spec *)auth)->kind = AUTH_BASIC;
    load_mapping(loader, node, "basic", rules, auth);
}

static void load_bearer(struct loader *loader, const struct yaml_node *node, void *auth)
{
    ((struct auth_spec *)auth)->kind = AUTH_BEARER;
    ((struct auth_spec *)auth)->token = load_template(loader, node, "the token");
}

static void load_auth(struct loader *loader, const struct yaml_node *node, void *object)
{
    static const struct key_rule rules[] = {
        {"basic", load_basic, false},
        {"bearer", load_bearer, false},
        {NULL, NULL, false},
    };
    struct auth_spec *auth = &((struct step *)object)->auth;
    if (!load_mapping(loader, node, "auth", rules, auth) || node->count == 1) return;
    diag_error(loader->diags, DIAG_CONFLICT, node->place, "auth is either `basic` or `bearer`");
}

static void load_follow(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_count(loader, node, "follow", 0, 50, &((struct step *)object)->follow);
}

static void load_timeout(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "timeout", &((struct step *)object)->timeout_us);
}

static void load_stall(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "stall", &((struct step *)object)->stall_us);
}

static void load_fresh(struct loader *loader, const struct yaml_node *node, void *object)
{
    static const char *const words[] = {"connection", "session", NULL};
    AUTO_FREE char *word = NULL;
    if (!load_text(loader, node, "fresh", &word)) return;
    struct step *step = object;
    if (!strcmp(word, words[0])) step->fresh = FRESH_CONNECTION;
    if (!strcmp(word, words[1])) step->fresh = FRESH_SESSION;
    if (step->fresh != FRESH_NO) return;
    struct diag *diag = diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                                   "fresh is 'connection' or 'session', not '%s'", word);
    diag_suggest(diag, view_of(word), words);
}

static void load_within(struct loader *loader, const struct yaml_node *node, void *step)
{
    load_duration(loader, node, "within", &((struct step *)step)->until_within_us);
}

static void load_until_every(struct loader *loader, const struct yaml_node *node, void *step)
{
    load_duration(loader, node, "every", &((struct step *)step)->until_every_us);
}

static void load_until(struct loader *loader, const struct yaml_node *node, void *step)
{
    static const struct key_rule rules[] = {
        {"within", load_within, true},
        {"every", load_until_every, false},
        {NULL, NULL, false},
    };
    ((struct step *)step)->until_every_us = 500 * US_PER_MS;
    load_mapping(loader, node, "until", rules, step);
}

static void load_step_checks(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    load_checks(loader, node, &step->checks, &step->check_count);
    for (size_t i = 0; i < step->check_count; i++) {
        const struct source_spec *source = step->checks[i].source;
        if (source && source->kind == SOURCE_STATUS) step->checks_status = true;
        if (source_needs_cookies(source)) step->needs_cookies = true;
    }
}

static void note_cookies(struct step *step, const struct capture *captures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (source_needs_cookies(captures[i].source)) step->needs_cookies = true;
    }
}

static void load_step_captures(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    load_captures(loader, node, &step->captures, &step->capture_count);
    note_cookies(step, step->captures, step->capture_count);
}

static void load_creates(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    load_captures(loader, node, &step->creates, &step->create_count);
    note_cookies(step, step->creates, step->create_count);
}

static void load_pause(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "pause", &((struct step *)object)->pause_us);
}

static void load_with(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    load_name_templates(loader, node, "with", &step->with, &step->with_count);
    for (size_t i = 0; i < step->with_count; i++) names_set(loader->names, step->with[i].name);
}

static void load_use(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    step->used = load_used(loader, node, step->stage ? step->stage : loader->stage);
}

static void load_keep_session(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "keep_session", &((struct step *)object)->keep_session_us);
}

static void load_url(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    if (step->url) return; /* a second verb: said by find_verb */
    step->url = load_template(loader, node, "a path or URL");
}

static void load_find(struct loader *loader, const struct yaml_node *node, void *object);
static void load_undo(struct loader *loader, const struct yaml_node *node, void *object);

/* In the order in which names may be set and used: the request, its checks, what is taken from it,
 * how it is undone. */
static const struct key_rule step_rules[] = {
    {"name", load_step_name, false},
    {"stage", load_stage, false},
    {"when", load_when, false},
    {"each", load_each, false},
    {"only", load_only, false},
    {"optional", load_optional, false},
    {"severity", load_severity, false},
    {"get", load_url, false},
    {"post", load_url, false},
    {"put", load_url, false},
    {"patch", load_url, false},
    {"delete", load_url, false},
    {"head", load_url, false},
    {"pause", load_pause, false},
    {"with", load_with, false},
    {"use", load_use, false},
    {"keep_session", load_keep_session, false},
    {"query", load_query, false},
    {"headers", load_headers, false},
    {"auth", load_auth, false},
    {"form", load_form, false},
    {"json", load_json_body, false},
    {"graphql", load_graphql, false},
    {"text", load_text_body, false},
    {"multipart", load_multipart, false},
    {"follow", load_follow, false},
    {"timeout", load_timeout, false},
    {"stall", load_stall, false},
    {"fresh", load_fresh, false},
    {"until", load_until, false},
    {"check", load_step_checks, false},
    {"capture", load_step_captures, false},
    {"creates", load_creates, false},
    {"find", load_find, false},
    {"undo", load_undo, false},
    {NULL, NULL, false},
};

/* --- Which keys go together */

/* The keys that only a request can have: from `query` in the table on. */
static bool is_request_key(const char *key)
{
    bool from_here = false;
    for (const struct key_rule *rule = step_rules; rule->key; rule++) {
        if (!strcmp(rule->key, "query")) from_here = true;
        if (from_here && !strcmp(rule->key, key)) return true;
    }
    return false;
}

static void refuse_keys(struct loader *loader, const struct yaml_node *node, const char *kind,
                        bool (*refused)(const char *key))
{
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        if (!refused(key->text)) continue;
        diag_error(loader->diags, DIAG_CONFLICT, key->place, "'%s' does not go with `%s`",
                   key->text, kind);
    }
}

static bool refused_by_use(const char *key)
{
    return is_request_key(key) || !strcmp(key, "optional");
}

static bool refused_by_pause(const char *key)
{
    return is_request_key(key) || !strcmp(key, "with") || !strcmp(key, "keep_session");
}

static bool refused_by_request(const char *key)
{
    return !strcmp(key, "with") || !strcmp(key, "keep_session");
}

static bool refused_in_side(const char *key)
{
    return !strcmp(key, "creates") || !strcmp(key, "undo") || !strcmp(key, "find") ||
           !strcmp(key, "only");
}

static bool is_body_key(const char *key)
{
    static const char *const keys[] = {"form", "json", "graphql", "text", "multipart"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (!strcmp(keys[i], key)) return true;
    }
    return false;
}

/* The step's verb: exactly one request, `use` or `pause`. */
static void find_verb(struct loader *loader, const struct yaml_node *node, struct step *step)
{
    const struct yaml_node *first = NULL, *body = NULL;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        bool is_verb = !strcmp(key->text, "use") || !strcmp(key->text, "pause");
        if (!strcmp(key->text, "use")) step->kind = STEP_USE;
        if (!strcmp(key->text, "pause")) step->kind = STEP_PAUSE;
        for (size_t k = 0; k < COUNT_OF(verbs); k++) {
            if (strcmp(verbs[k].key, key->text)) continue;
            is_verb = true;
            step->method = verbs[k].method;
        }
        if (is_body_key(key->text) && body) {
            diag_error(loader->diags, DIAG_CONFLICT, key->place, "a second body, '%s', beside '%s'",
                       key->text, body->text);
        }
        if (is_body_key(key->text) && !body) body = key;
        if (!is_verb) continue;
        if (first) {
            diag_error(loader->diags, DIAG_CONFLICT, key->place, "a second verb, '%s', beside '%s'",
                       key->text, first->text);
        }
        first = key;
    }
    if (first) return;
    diag_hint(diag_error(loader->diags, DIAG_MISSING_KEY, node->place, "a step needs a verb"),
              "one of get, post, put, patch, delete, head, use, pause");
}

static void refuse_strangers(struct loader *loader, const struct yaml_node *node,
                             const struct step *step)
{
    switch (step->kind) {
    case STEP_USE: refuse_keys(loader, node, "use", refused_by_use); break;
    case STEP_PAUSE: refuse_keys(loader, node, "pause", refused_by_pause); break;
    case STEP_REQUEST: refuse_keys(loader, node, "a request", refused_by_request); break;
    }
    if (loader->in_side) refuse_keys(loader, node, "undo, find and finally", refused_in_side);
}

static void check_creates(struct loader *loader, const struct yaml_node *node,
                          const struct step *step)
{
    const struct yaml_node *find = yaml_get(node, "find");
    if (find && !step->create_count) {
        diag_error(loader->diags, DIAG_CONFLICT, find->place,
                   "`find` looks for what `creates` names, and there is none");
    }
    if (find && !step->undo_count) {
        diag_error(loader->diags, DIAG_CONFLICT, find->place,
                   "`find` serves an `undo`, and there is none");
    }
}

static void load_step(struct loader *loader, const struct yaml_node *node, struct step *step,
                      const char *default_name)
{
    step->place = node->place;
    step->method = "GET";
    step->follow = loader->follow;
    step->timeout_us = loader->timeout_us;
    step->stall_us = loader->stall_us;
    if (++*loader->step_total == JOURNEY_MAX_STEPS + 1) {
        diag_error(loader->diags, DIAG_MANY_STEPS, node->place, "more than %d steps",
                   JOURNEY_MAX_STEPS);
    }
    if (*loader->step_total > JOURNEY_MAX_STEPS) return;
    if (!load_mapping(loader, node, "a step", step_rules, step)) return;
    find_verb(loader, node, step);
    refuse_strangers(loader, node, step);
    check_creates(loader, node, step);
    if (step->each_name) names_unset(loader->names, step->each_name);
    if (!step->stage) step->stage = xstrdup(loader->stage);
    if (!step->name && default_name) step->name = xstrdup(default_name);
    if (step->name) return;
    diag_error(loader->diags, DIAG_MISSING_KEY, node->place, "a step needs a name");
}

void load_steps(struct loader *loader, const struct yaml_node *node, const char *what,
                struct step **ret_steps, size_t *ret_count)
{
    if (node->kind != YAML_SEQUENCE) {
        load_wrong_type(loader, node, what, "a list of steps");
        return;
    }
    if (!node->count && !loader->in_side) {
        diag_error(loader->diags, DIAG_EMPTY, node->place, "a journey without steps");
    }
    *ret_steps = xcalloc(node->count, sizeof(**ret_steps));
    *ret_count = node->count;
    for (size_t i = 0; i < node->count; i++)
        load_step(loader, node->items[i], &(*ret_steps)[i], NULL);
}

/* --- undo and find */

static void load_undo(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    bool is_list = node->kind == YAML_SEQUENCE, was_in_side = loader->in_side;
    AUTO_FREE char *name = xasprintf("undo: %s", step->name ? step->name : "");
    step->undo_count = is_list ? node->count : 1;
    step->undo = xcalloc(step->undo_count, sizeof(*step->undo));
    loader->in_side = true;
    for (size_t i = 0; i < step->undo_count; i++) {
        load_step(loader, is_list ? node->items[i] : node, &step->undo[i], name);
        char **stage = &step->undo[i].stage; /* NULL: it is no step at all, which has been said */
        if (!step->stage || !*stage || **stage) continue;
        free(*stage);
        *stage = xstrdup(step->stage);
    }
    loader->in_side = was_in_side;
}

/* A find is one request and one source, which gives what the first of `creates` would have been.
 * `json` is the source here. */
static void load_find(struct loader *loader, const struct yaml_node *node, void *object)
{
    static const char *const request_keys[] = {"get",   "post",    "query", "headers", "auth",
                                               "form",  "graphql", "check", "timeout", "stall",
                                               "fresh", "until",   NULL};
    struct step *step = object;
    if (node->kind != YAML_MAPPING) {
        load_wrong_type(loader, node, "find", "a mapping with a request and a source");
        return;
    }
    step->find = NEW(struct step);
    step->find->place = node->place;
    step->find->name = xasprintf("find: %s", step->name ? step->name : "");
    step->find->stage = xstrdup(step->stage ? step->stage : loader->stage);
    step->find->method = yaml_get(node, "post") ? "POST" : "GET";
    step->find->follow = loader->follow;
    step->find->timeout_us = loader->timeout_us;
    step->find->stall_us = loader->stall_us;
    for (size_t i = 0; request_keys[i]; i++) {
        const struct yaml_node *value = yaml_get(node, request_keys[i]);
        for (const struct key_rule *rule = step_rules; value && rule->key; rule++) {
            if (!strcmp(rule->key, request_keys[i])) rule->load(loader, value, step->find);
        }
    }
    if (!step->find->url) {
        diag_error(loader->diags, DIAG_MISSING_KEY, node->place, "find needs a `get` or a `post`");
    }
    if (!step->create_count) return; /* said by check_creates */
    step->find->captures = xcalloc(1, sizeof(*step->find->captures));
    step->find->capture_count = 1;
    step->find->captures[0].name = xstrdup(step->creates[0].name);
    step->find->captures[0].place = node->place;
    load_source_into(loader, node, request_keys, &step->find->captures[0]);
}
