/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets that stand as text: a constant under a name that says it is a password, a token or a key.
 * The value is never quoted in the message; a file that holds one should be treated as one.
 */
#include "journey/lint.h"

#include <string.h>

#define NAME_MAX_BYTES 128

/* "X-Api-Key", "apiKey" and "api_key" are the same word: letters only, in lower case. */
static void normalise(const char *name, char word[static NAME_MAX_BYTES])
{
    size_t length = 0;
    for (; *name && length < NAME_MAX_BYTES - 1; name++) {
        if ((*name | 32) >= 'a' && (*name | 32) <= 'z') word[length++] = (char)(*name | 32);
    }
    word[length] = '\0';
}

static bool holds_one_of(const char *word, const char *const *parts)
{
    for (; *parts; parts++) {
        if (strstr(word, *parts)) return true;
    }
    return false;
}

static bool ends_with_one_of(const char *word, const char *const *ends)
{
    for (; *ends; ends++) {
        if (view_ends_with(view_of(word), view_of(*ends))) return true;
    }
    return false;
}

static const char *const password_parts[] = {"password", "passwd", "passphrase", "passwort", NULL};

static bool is_secret_name(const char *name)
{
    static const char *const parts[] = {"apikey", "accesskey", "privatekey", "secretkey", NULL};
    static const char *const ends[] = {"secret", "token", "pwd", "authorization", NULL};
    /* A page's own tokens, keys that are made to be shown, and words about a secret. */
    static const char *const no_parts[] = {"csrf", "xsrf", "publi", NULL};
    static const char *const no_ends[] = {"name", "field",  "type",  "url",   "path",   "header",
                                          "hint", "policy", "reset", "label", "forgot", NULL};
    char word[NAME_MAX_BYTES];
    normalise(name, word);
    if (holds_one_of(word, no_parts) || ends_with_one_of(word, no_ends)) return false;
    return holds_one_of(word, password_parts) || holds_one_of(word, parts) ||
           ends_with_one_of(word, ends);
}

static bool is_said_plainly(const char *name, const struct value *constant)
{
    char word[NAME_MAX_BYTES];
    normalise(name, word);
    if (constant->kind == VALUE_TEXT) return constant->text.length > 0;
    return constant->kind == VALUE_NUMBER && holds_one_of(word, password_parts);
}

static void warn(struct diags *diags, struct place place, const char *name)
{
    diag_hint(diag_warning(diags, DIAG_PLAIN_SECRET, place,
                           "'%s' looks like a secret, and it stands here as text", name),
              "name it under `secrets`, by reference, and use it as ${secret.NAME}");
}

/* `password: ${pw}` is as plain as the variable is. */
static void lint_variable(const struct journey *journey, const struct template *template,
                          struct diags *diags)
{
    const struct expression *single = template_single(template);
    if (!single || single->kind != EXPRESSION_NAME) return;
    for (size_t i = 0; i < journey->var_count; i++) {
        const struct name_template *var = &journey->vars[i];
        if (strcmp(var->name, single->name) != 0 || is_secret_name(var->name)) continue;
        if (var->value.template || var->value.constant.kind != VALUE_TEXT) continue;
        if (var->value.constant.text.length) warn(diags, var->value.place, var->name);
    }
}

static void lint_operand(const struct journey *journey, const char *name,
                         const struct operand *operand, struct diags *diags)
{
    if (!is_secret_name(name)) return;
    for (size_t i = 0; i < operand->count; i++)
        lint_operand(journey, name, &operand->items[i], diags);
    if (operand->is_list) return;
    if (operand->template)
        lint_variable(journey, operand->template, diags);
    else if (is_said_plainly(name, &operand->constant))
        warn(diags, operand->place, name);
}

static void lint_operands(const struct journey *journey, const struct name_template *items,
                          size_t count, struct diags *diags)
{
    for (size_t i = 0; i < count; i++) lint_operand(journey, items[i].name, &items[i].value, diags);
}

static void lint_body_node(const struct journey *journey, const char *name,
                           const struct body_node *node, struct diags *diags)
{
    if (node->kind == BODY_LEAF) lint_operand(journey, name, &node->leaf, diags);
    for (size_t i = 0; i < node->count; i++)
        lint_body_node(journey, node->keys ? node->keys[i] : name, &node->children[i], diags);
}

static void lint_auth(const struct journey *journey, const char *name,
                      const struct template *template, struct diags *diags)
{
    if (!template) return;
    const char *literal = template_literal(template);
    if (!literal)
        lint_variable(journey, template, diags);
    else if (*literal)
        warn(diags, template->place, name);
}

/* In `http://user:password@host/path?token=abc`. */
static void lint_url(const struct template *template, struct diags *diags)
{
    const char *literal = template ? template_literal(template) : NULL;
    if (!literal) return;
    const char *authority = strstr(literal, "://"), *query = strchr(literal, '?');
    authority = authority ? authority + 3 : "";
    size_t length = strcspn(authority, "/?#");
    const char *at = memchr(authority, '@', length), *colon = memchr(authority, ':', length);
    if (at && colon && colon + 1 < at) warn(diags, template->place, "password");
    struct view rest = view_of(query ? query + 1 : ""), pair;
    while (view_split(&rest, '&', &pair)) {
        char name[NAME_MAX_BYTES];
        size_t end = view_find_char(pair, '=');
        if (end + 1 >= pair.length || end >= sizeof name) continue;
        memcpy(name, pair.data, end);
        name[end] = '\0';
        if (is_secret_name(name)) warn(diags, template->place, name);
    }
}

void lint_step_secrets(const struct journey *journey, const struct step *step, struct diags *diags)
{
    lint_url(step->url, diags);
    lint_operands(journey, step->query, step->query_count, diags);
    lint_operands(journey, step->headers, step->header_count, diags);
    lint_operands(journey, step->with, step->with_count, diags);
    lint_auth(journey, "password", step->auth.password, diags);
    lint_auth(journey, "bearer", step->auth.token, diags);
    lint_operands(journey, step->body.fields, step->body.field_count, diags);
    if (step->body.json) lint_body_node(journey, "", step->body.json, diags);
    for (size_t i = 0; i < step->body.part_count; i++)
        lint_operand(journey, step->body.parts[i].name, &step->body.parts[i].value, diags);
}

void lint_top_secrets(const struct journey *journey, struct diags *diags)
{
    lint_url(journey->base, diags);
    lint_operands(journey, journey->vars, journey->var_count, diags);
}
