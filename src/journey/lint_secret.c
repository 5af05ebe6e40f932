/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets that stand as text: a constant under a name that says it is a password, a token or a key.
 * The value is never quoted in the message; a file that holds one should be treated as one.
 */
#include "journey/lint.h"

#include "text/named_value.h"
#include "text/secret_name.h"

#include <string.h>
#include <strings.h>

static bool is_said_plainly(const char *name, const struct value *constant)
{
    if (constant->kind == VALUE_TEXT) return constant->text.length > 0;
    return constant->kind == VALUE_NUMBER && (name_is_password(name) || name_is_card(name));
}

static void warn(struct diags *diags, struct place place, const char *name)
{
    diag_hint(diag_warning(diags, DIAG_PLAIN_SECRET, place,
                           "'%s' looks like a secret, and it stands here as text", name),
              "name it under `secrets`, by reference, and use it as ${secret.NAME}");
}

/* `password: ${pw}` and `Authorization: Bearer ${t}` are as plain as the variable is. */
struct variable_search {
    const struct journey *journey;
    struct diags *diags;
    bool has_secret; /* the rest of the text is not what is to be hidden */
};

static void look_for_secret(void *context, const struct expression *expression)
{
    struct variable_search *search = context;
    if (expression->kind == EXPRESSION_NAME && strchr(expression->name, '.'))
        search->has_secret = true; /* ${secret.token}, ${env.KEY}, ${account.password} */
}

static void lint_expression(void *context, const struct expression *expression)
{
    const struct variable_search *search = context;
    if (expression->kind != EXPRESSION_NAME) return;
    for (size_t i = 0; i < search->journey->var_count; i++) {
        const struct name_template *var = &search->journey->vars[i];
        if (strcmp(var->name, expression->name) != 0 || name_is_secret(var->name)) continue;
        if (var->value.template || var->value.constant.kind != VALUE_TEXT) continue;
        if (var->value.constant.text.length) warn(search->diags, var->value.place, var->name);
    }
}

static void lint_variables(const struct journey *journey, const struct template *template,
                           struct diags *diags)
{
    struct variable_search search = {.journey = journey, .diags = diags};
    template_names(template, look_for_secret, &search);
    if (!search.has_secret) template_names(template, lint_expression, &search);
}

static void lint_operand(const struct journey *journey, const char *name,
                         const struct operand *operand, struct diags *diags)
{
    if (!name_is_secret(name)) return;
    for (size_t i = 0; i < operand->count; i++)
        lint_operand(journey, name, &operand->items[i], diags);
    if (operand->is_list) return;
    if (operand->template)
        lint_variables(journey, operand->template, diags);
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
        lint_variables(journey, template, diags);
    else if (*literal)
        warn(diags, template->place, name);
}

/* --- Texts that hold more than one value */

struct text_search {
    struct place place;
    struct diags *diags;
    bool told; /* once a text */
};

static void lint_named(void *context, const struct named_value *found)
{
    struct text_search *search = context;
    AUTO_FREE char *name = xstrndup(found->name.data, found->name.length);
    if (search->told || found->kind == NAMED_VARIABLE || !name_is_secret(name)) return;
    search->told = true;
    warn(search->diags, search->place, name);
}

static void lint_text(const struct template *template, struct diags *diags)
{
    const char *literal = template ? template_literal(template) : NULL;
    struct text_search search = {.diags = diags};
    if (!literal) return;
    search.place = template->place;
    named_values_each(view_of(literal), lint_named, &search);
}

/* Cookies of consent and currency may stand; a session is somebody's. */
static void lint_cookies(const struct step *step, struct diags *diags)
{
    static const char *const parts[] = {"sess", NULL};
    for (size_t i = 0; i < step->header_count; i++) {
        const struct operand *operand = &step->headers[i].value;
        if (strcasecmp(step->headers[i].name, "Cookie") != 0) continue;
        if (operand->template || operand->constant.kind != VALUE_TEXT) continue;
        struct view rest = view_of(operand->constant.text.data), pair = VIEW_NONE;
        while (view_split(&rest, ';', &pair)) {
            struct view name = VIEW_NONE;
            char word[WORD_SIZE];
            (void)view_split(&pair, '=', &name);
            AUTO_FREE char *copy = xstrndup(view_trim(name).data, view_trim(name).length);
            word_of(name, word);
            if (pair.length && (name_is_secret(copy) || word_has(word, parts)))
                warn(diags, operand->place, copy);
        }
    }
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
        char name[WORD_SIZE];
        size_t end = view_find_char(pair, '=');
        if (end + 1 >= pair.length || end >= sizeof name) continue;
        memcpy(name, pair.data, end);
        name[end] = '\0';
        if (name_is_secret(name)) warn(diags, template->place, name);
    }
}

void lint_step_secrets(const struct journey *journey, const struct step *step, struct diags *diags)
{
    lint_url(step->url, diags);
    lint_operands(journey, step->query, step->query_count, diags);
    lint_operands(journey, step->headers, step->header_count, diags);
    lint_cookies(step, diags);
    lint_operands(journey, step->with, step->with_count, diags);
    lint_auth(journey, "password", step->auth.password, diags);
    lint_auth(journey, "bearer", step->auth.token, diags);
    lint_operands(journey, step->body.fields, step->body.field_count, diags);
    lint_text(step->body.text, diags);
    if (step->body.json) lint_body_node(journey, "", step->body.json, diags);
    for (size_t i = 0; i < step->body.part_count; i++)
        lint_operand(journey, step->body.parts[i].name, &step->body.parts[i].value, diags);
}

void lint_top_secrets(const struct journey *journey, struct diags *diags)
{
    lint_url(journey->base, diags);
    lint_operands(journey, journey->vars, journey->var_count, diags);
}
