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

static void load_step_severity(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_severity(loader, node, "severity", &((struct step *)object)->severity);
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
    if (node->pairs[0].value->kind == YAML_SCALAR && !step->each.template)
        load_wrong_type(loader, node->pairs[0].value, "each", "a list, or a ${...} that is one");
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

static const struct shape rate_shape = {.kind = SHAPE_RATE};
static const struct key_rule only_rules[] = {
    {"at_most", load_at_most, true, &rate_shape, "runs of this step"},
    {0},
};
static const struct shape only_shape = {.kind = SHAPE_MAPPING, .name = "only", .rules = only_rules};

static void load_only(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct cap *cap = &((struct step *)object)->only;
    cap->place = node->place;
    load_mapping(loader, node, "only", only_rules, cap);
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

static const struct key_rule basic_rules[] = {
    {"user", load_basic_user, true, &template_shape, "the user's name"},
    {"password", load_basic_password, true, &template_shape, "a `${secret.NAME}`"},
    {0},
};
static const struct shape basic_shape = {
    .kind = SHAPE_MAPPING, .name = "basic", .rules = basic_rules};

static void load_basic(struct loader *loader, const struct yaml_node *node, void *auth)
{
    ((struct auth_spec *)auth)->kind = AUTH_BASIC;
    load_mapping(loader, node, "basic", basic_rules, auth);
}

static void load_bearer(struct loader *loader, const struct yaml_node *node, void *auth)
{
    ((struct auth_spec *)auth)->kind = AUTH_BEARER;
    ((struct auth_spec *)auth)->token = load_template(loader, node, "the token");
}

static const struct key_rule auth_rules[] = {
    {"basic", load_basic, false, &basic_shape, "name and password (RFC 7617)"},
    {"bearer", load_bearer, false, &template_shape, "a token (RFC 6750)"},
    {0},
};
static const char *const auth_ways[] = {"basic", "bearer", NULL};
static const struct shape auth_shape = {
    .kind = SHAPE_MAPPING, .name = "auth", .rules = auth_rules, .one_of = auth_ways};

static void load_auth(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct auth_spec *auth = &((struct step *)object)->auth;
    if (!load_mapping(loader, node, "auth", auth_rules, auth) || node->count == 1) return;
    diag_error(loader->diags, DIAG_CONFLICT, node->place, "auth is either `basic` or `bearer`");
}

static void load_follow(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_count(loader, node, "follow", 0, 50, &((struct step *)object)->follow);
}

static void load_timeout(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_span(loader, node, "timeout", &((struct step *)object)->timeout_us);
}

static void load_stall(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "stall", &((struct step *)object)->stall_us);
}

static const char *const fresh_words[] = {"connection", "session", NULL};

static void load_fresh(struct loader *loader, const struct yaml_node *node, void *object)
{
    const char *const *words = fresh_words;
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
    load_span(loader, node, "within", &((struct step *)step)->until_within_us);
}

static void load_until_every(struct loader *loader, const struct yaml_node *node, void *step)
{
    load_span(loader, node, "every", &((struct step *)step)->until_every_us);
}

static const struct key_rule until_rules[] = {
    {"within", load_within, true, &duration_shape, "for so long"},
    {"every", load_until_every, false, &duration_shape, "so often; 500ms when not said"},
    {0},
};
static const struct shape until_shape = {
    .kind = SHAPE_MAPPING, .name = "until", .rules = until_rules};

static void load_until(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    step->until_every_us = 500 * US_PER_MS;
    if (!load_mapping(loader, node, "until", until_rules, step)) return;
    const struct yaml_node *every = yaml_get(node, "every");
    if (!every || !step->until_within_us || step->until_every_us <= step->until_within_us) return;
    diag_error(loader->diags, DIAG_BAD_VALUE, every->place,
               "every is longer than within: it is never sent again");
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
    load_captures(loader, node, "capture", &step->captures, &step->capture_count);
    note_cookies(step, step->captures, step->capture_count);
}

static void load_creates(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    load_captures(loader, node, "creates", &step->creates, &step->create_count);
    note_cookies(step, step->creates, step->create_count);
}

static void load_pause(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "pause", &((struct step *)object)->pause_us);
}

static void load_keep_session(struct loader *loader, const struct yaml_node *node, void *object)
{
    load_duration(loader, node, "keep_session", &((struct step *)object)->keep_session_us);
}

static void load_find(struct loader *loader, const struct yaml_node *node, void *object);
static void load_undo(struct loader *loader, const struct yaml_node *node, void *object);

static const struct shape fresh_shape = {.kind = SHAPE_WORD, .words = fresh_words};
static const struct shape follow_shape = {.kind = SHAPE_COUNT, .most = 50};
static const struct shape each_shape = {.kind = SHAPE_NAMES, .of = &value_shape, .filled = true};
static const struct shape find_shape;
static const struct shape undo_shape;

/* In the order in which names may be set and used: the request, its checks, what is taken from it,
 * how it is undone. */
static const struct key_rule step_rules[] = {
    {"name", load_step_name, false, &text_shape, "what the shopper does, in the author's words"},
    {"stage", load_stage, false, &text_shape,
     "`login`, `price-view`, `add-to-cart`, `checkout` (the core ones), or any other word"},
    {"when", load_when, false, &check_shape, "`{var: NAME, ...}`: walked only if this holds"},
    {"each", load_each, false, &each_shape,
     "`{line: \"${lines}\"}`: once for each element, at most 50 times"},
    {"only", load_only, false, &only_shape, "past this cap the step and what follows are skipped"},
    {"optional", load_optional, false, &bool_shape, "a failure degrades the run only"},
    {"severity", load_step_severity, false, &severity_shape,
     "instead of what the policy would say"},
    {"get", load_step_url, false, &template_shape, "the path or URL of a GET request"},
    {"post", load_step_url, false, &template_shape, "the path or URL of a POST request"},
    {"put", load_step_url, false, &template_shape, "the path or URL of a PUT request"},
    {"patch", load_step_url, false, &template_shape, "the path or URL of a PATCH request"},
    {"delete", load_step_url, false, &template_shape, "the path or URL of a DELETE request"},
    {"head", load_step_url, false, &template_shape, "the path or URL of a HEAD request"},
    {"pause", load_pause, false, &duration_shape, "think time"},
    {"with", load_with, false, &values_shape, "variables for the steps of `use`"},
    {"use", load_use, false, &text_shape, "the steps of another file, relative to this one"},
    {"keep_session", load_keep_session, false, &duration_shape,
     "with `use`: walked once, then cookies and captures are kept for later runs of the account"},
    {"query", load_query, false, &values_shape, "parameters; a list repeats the name"},
    {"headers", load_headers, false, &values_shape, "of the request; a list repeats the name"},
    {"auth", load_auth, false, &auth_shape, "who asks"},
    {"form", load_form, false, &values_shape, "the body: fields of a form, URL-encoded"},
    {"json", load_json_body, false, &tree_shape, "the body: JSON"},
    {"graphql", load_graphql, false, &graphql_shape,
     "the body: a GraphQL request; `errors` in the answer fail the step"},
    {"text", load_text_body, false, &template_shape, "the body as it is"},
    {"multipart", load_multipart, false, &multipart_shape, "the body: fields and files"},
    {"follow", load_follow, false, &follow_shape, "redirects to follow; 0 for none"},
    {"timeout", load_timeout, false, &duration_shape, "of the step, all its redirects included"},
    {"stall", load_stall, false, &duration_shape,
     "no byte for so long after the request was sent: the page froze"},
    {"fresh", load_fresh, false, &fresh_shape,
     "`connection`: new connections; `session`: cookies are forgotten, too"},
    {"until", load_until, false, &until_shape, "sent again until its checks hold"},
    {"check", load_step_checks, false, &checks_shape, "what must hold"},
    {"capture", load_step_captures, false, &captures_shape, "what to keep, under which name"},
    {"creates", load_creates, false, &captures_shape, "what the request makes in the shop"},
    {"find", load_find, false, &find_shape,
     "how to look for what was made when the answer was lost"},
    {"undo", load_undo, false, &undo_shape, "how to take back what was made: a step, or a list"},
    {0},
};

static const char *const verb_keys[] = {"get",  "post", "put",   "patch", "delete",
                                        "head", "use",  "pause", NULL};
static const char *const body_keys[] = {"form", "json", "graphql", "text", "multipart", NULL};
/* What a step may not have inside undo, find and finally. */
static const char *const main_keys[] = {"creates", "undo", "find", "only", NULL};

static const struct shape step_shape = {.kind = SHAPE_MAPPING,
                                        .name = "step",
                                        .rules = step_rules,
                                        .one_of = verb_keys,
                                        .most_one_of = body_keys,
                                        .needs = "name"};
static const struct shape finally_step_shape = {.kind = SHAPE_MAPPING,
                                                .name = "finally step",
                                                .rules = step_rules,
                                                .one_of = verb_keys,
                                                .most_one_of = body_keys,
                                                .without = main_keys,
                                                .needs = "name"};
static const struct shape undo_step_shape = {.kind = SHAPE_MAPPING,
                                             .name = "undo step",
                                             .rules = step_rules,
                                             .one_of = verb_keys,
                                             .most_one_of = body_keys,
                                             .without = main_keys};
static const struct shape undo_steps_shape = {.kind = SHAPE_LIST, .of = &undo_step_shape};
static const struct shape undo_shape = {
    .kind = SHAPE_EITHER, .of = &undo_step_shape, .or_of = &undo_steps_shape};
const struct shape steps_shape = {.kind = SHAPE_LIST, .of = &step_shape, .filled = true};
const struct shape side_steps_shape = {.kind = SHAPE_LIST, .of = &finally_step_shape};

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
        diag_error(loader->diags, DIAG_CONFLICT, key->place, "'%s' does not go with %s", key->text,
                   kind);
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

static bool is_among(const char *const *keys, const char *key)
{
    for (; *keys; keys++) {
        if (!strcmp(*keys, key)) return true;
    }
    return false;
}

static bool refused_in_side(const char *key)
{
    return is_among(main_keys, key);
}

/* The step's verb: exactly one request, `use` or `pause`. */
static void find_verb(struct loader *loader, const struct yaml_node *node, struct step *step)
{
    const struct yaml_node *first = NULL, *body = NULL;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        bool is_verb = is_among(verb_keys, key->text);
        if (!strcmp(key->text, "use")) step->kind = STEP_USE;
        if (!strcmp(key->text, "pause")) step->kind = STEP_PAUSE;
        for (size_t k = 0; k < COUNT_OF(verbs); k++) {
            if (!strcmp(verbs[k].key, key->text)) step->method = verbs[k].method;
        }
        if (is_among(body_keys, key->text) && body) {
            diag_error(loader->diags, DIAG_CONFLICT, key->place, "a second body, '%s', beside '%s'",
                       key->text, body->text);
        }
        if (is_among(body_keys, key->text) && !body) body = key;
        if (!is_verb) continue;
        if (first) {
            diag_error(loader->diags, DIAG_CONFLICT, key->place, "a second verb, '%s', beside '%s'",
                       key->text, first->text);
        }
        first = key;
    }
    if (first || load_rule_is_misspelt(node, step_rules, verb_keys)) return;
    diag_hint(diag_error(loader->diags, DIAG_MISSING_KEY, node->place, "a step needs a verb"),
              "one of get, post, put, patch, delete, head, use, pause");
}

static void refuse_strangers(struct loader *loader, const struct yaml_node *node,
                             const struct step *step)
{
    switch (step->kind) {
    case STEP_USE: refuse_keys(loader, node, "`use`", refused_by_use); break;
    case STEP_PAUSE: refuse_keys(loader, node, "`pause`", refused_by_pause); break;
    case STEP_REQUEST: refuse_keys(loader, node, "a request", refused_by_request); break;
    }
    if (loader->in_side) refuse_keys(loader, node, "`undo` or `finally`", refused_in_side);
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
    if (step->name || yaml_get(node, "name")) return;
    static const char *const wanted[] = {"name", NULL};
    if (load_rule_is_misspelt(node, step_rules, wanted)) return;
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

static const char *const find_keys[] = {"get",   "post",    "query", "headers", "auth",
                                        "form",  "graphql", "check", "timeout", "stall",
                                        "fresh", "until",   NULL};
static const char *const find_verbs[] = {"get", "post", NULL};
static const struct shape find_shape = {.kind = SHAPE_FIND,
                                        .name = "find",
                                        .rules = step_rules,
                                        .words = find_keys,
                                        .one_of = find_verbs};

/* A find is one request and one source, which gives what the first of `creates` would have been.
 * `json` is the source here. */
static void load_find(struct loader *loader, const struct yaml_node *node, void *object)
{
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
    for (size_t i = 0; find_keys[i]; i++) {
        const struct yaml_node *value = yaml_get(node, find_keys[i]);
        for (const struct key_rule *rule = step_rules; value && rule->key; rule++) {
            if (!strcmp(rule->key, find_keys[i])) rule->load(loader, value, step->find);
        }
    }
    if (!yaml_get(node, "get") && !yaml_get(node, "post") &&
        !load_is_misspelt(node, find_keys, find_verbs)) {
        diag_error(loader->diags, DIAG_MISSING_KEY, node->place, "find needs a `get` or a `post`");
    }
    if (!step->create_count) return; /* said by check_creates */
    step->find->captures = xcalloc(1, sizeof(*step->find->captures));
    step->find->capture_count = 1;
    step->find->captures[0].name = xstrdup(step->creates[0].name);
    step->find->captures[0].place = node->place;
    load_source_into(loader, node, find_keys, &step->find->captures[0]);
}
