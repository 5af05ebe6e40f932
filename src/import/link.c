/* SPDX-License-Identifier: Apache-2.0 */
/* See link.h. */
#include "import/link.h"

#include <string.h>
#include <strings.h>

#define MAX_SCANNED_BYTES ((size_t)8 << 30) /* of answers that are looked through for values */
#define MAX_SEARCHES 5000                   /* of answers that hold a value somewhere */
#define LONG_VALUE 16                       /* with letters and digits: nobody typed it */

struct linker {
    struct visit *visit;
    struct linked *linked;
    size_t step;
    size_t bytes_left, searches_left;
};

/* --- What a value looks like */

static bool has_digit(struct view value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] >= '0' && value.data[i] <= '9') return true;
    }
    return false;
}

static bool has_letter(struct view value)
{
    for (size_t i = 0; i < value.length; i++) {
        if ((value.data[i] | 32) >= 'a' && (value.data[i] | 32) <= 'z') return true;
    }
    return false;
}

static bool is_random(struct view value)
{
    if (value.length < LONG_VALUE || view_find_char(value, ' ') != SIZE_MAX) return false;
    if (view_find(value, VIEW_LITERAL("://")) != SIZE_MAX) return false;
    return has_digit(value) && has_letter(value);
}

static bool is_id_name(const char *name)
{
    static const char *const ends[] = {"id",        "key",     "token", "code",   "ref",
                                       "reference", "uuid",    "guid",  "number", "hash",
                                       "state",     "version", "sku",   "cart",   "order",
                                       "line",      "variant", "item",  NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    for (size_t i = 0; ends[i]; i++) {
        if (view_ends_with(view_of(word), view_of(ends[i]))) return true;
    }
    return false;
}

static bool is_version(struct view value)
{
    return value.length < 5 && (*value.data | 32) == 'v';
}

/* Whether it may have come from an answer. */
static bool may_be_traced(const struct visit_step *step, const struct site_value *value)
{
    if (value->site == SITE_BEARER || name_is_csrf(value->name)) return true;
    bool reads = exchange_is_safe(step->exchange);
    switch (value->site) {
    case SITE_BEARER: return true;
    case SITE_PATH:
        return has_digit(value->value) && !is_version(value->value) && step->stage != STAGE_PRICE;
    case SITE_HEADER: return is_random(value->value) || name_is_secret(value->name);
    case SITE_QUERY:
        if (reads && step->stage == STAGE_PRICE) return false;
        return is_random(value->value) || (is_id_name(value->name) && has_digit(value->value));
    case SITE_FIELD:
    case SITE_JSON:
    case SITE_NUMBER:
    case SITE_INSIDE:
        return is_random(value->value) || name_is_secret(value->name) ||
               (is_id_name(value->name) && has_digit(value->value));
    }
    return false;
}

/* A page that is only looked at is the visitor's choice, unless a change made what it shows. */
static bool may_come_from(const struct linker *linker, const struct visit_step *source,
                          const struct site_value *value)
{
    const struct visit_step *step = &linker->visit->steps.items[linker->step];
    if (value->site != SITE_PATH || !exchange_is_safe(step->exchange)) return true;
    return !exchange_is_safe(source->exchange);
}

/* --- Names */

static bool name_is_taken(const struct linked *linked, const char *name)
{
    vec_each(known, &linked->knowns) {
        if (!strcmp(known->expression, name)) return true;
    }
    return false;
}

static char *unique_name(const struct linked *linked, const char *wanted)
{
    static const char *const reserved[] = {"secret", "env", "run", "account", NULL};
    AUTO_FREE char *base = name_identifier(wanted);
    if (word_is(base, reserved)) {
        free(base);
        base = xstrdup("value");
    }
    char *name = xstrdup(base);
    for (unsigned n = 2; name_is_taken(linked, name); n++) {
        free(name);
        name = xasprintf("%s_%u", base, n);
    }
    return name;
}

static char *capture_name(const struct linked *linked, const struct site_value *value,
                          enum stage stage)
{
    char word[WORD_SIZE];
    word_of(view_of(value->name), word);
    size_t length = strlen(value->name);
    if (name_is_csrf(value->name)) return unique_name(linked, "csrf");
    if (!*word || !strcmp(word, "id"))
        return unique_name(linked, stage == STAGE_CHECKOUT ? "order"
                                   : stage == STAGE_CART   ? "line"
                                                           : "id");
    if (value->site != SITE_PATH || value->name[length - 1] != 's')
        return unique_name(linked, value->name);
    AUTO_FREE char *singular = xstrndup(value->name, length - 1);
    return unique_name(linked, singular);
}

/* --- The table */

static void add_known(struct linked *linked, struct view value, const char *expression,
                      size_t from_step, bool whole)
{
    struct known *known = vec_add(&linked->knowns);
    linked->starts[(unsigned char)*value.data] = true;
    known->value = xstrndup(value.data, value.length);
    known->expression = xstrdup(expression);
    known->from_step = from_step;
    known->whole = whole;
}

static bool is_known(const struct linked *linked, struct view value)
{
    vec_each(known, &linked->knowns) {
        if (view_equals(view_of(known->value), value)) return true;
    }
    return false;
}

static void add_secret(struct linker *linker, const char *name, struct view value)
{
    const char *secret = secrets_add(&linker->linked->secrets, name, value);
    AUTO_FREE char *expression = xasprintf("secret.%s", secret);
    if (!is_known(linker->linked, value))
        add_known(linker->linked, value, expression, 0, secret_is_word(value));
}

static void mark_needed(struct linker *linker, struct view value)
{
    for (size_t i = 0; i < linker->step; i++) {
        struct visit_step *step = &linker->visit->steps.items[i];
        vec_each(capture, &step->captures) {
            if (view_equals(view_of(capture->value), value)) step->needed = true;
        }
    }
}

/* --- Choices */

static bool can_be_variable(const struct site_value *value)
{
    static const char *const names[] = {"sku", "slug", "handle", "product", "variant", NULL};
    char word[WORD_SIZE];
    word_of(view_of(value->name), word);
    if (value->value.length < 3 || value->site == SITE_HEADER || is_version(value->value))
        return false;
    return has_digit(value->value) || word_has(word, names);
}

static void note_choice(struct linker *linker, const struct site_value *value)
{
    struct choice *found = NULL;
    if (!can_be_variable(value)) return;
    vec_each(choice, &linker->linked->choices) {
        if (view_equals(view_of(choice->value), value->value)) found = choice;
    }
    if (!found) {
        found = vec_add(&linker->linked->choices);
        found->value = xstrndup(value->value.data, value->value.length);
        found->name = xstrdup("");
        found->last_step = SIZE_MAX;
    }
    if (found->last_step != linker->step) found->steps++;
    found->last_step = linker->step;
    found->number = found->number || value->site == SITE_NUMBER;
    if (linker->visit->steps.items[linker->step].stage == STAGE_PRICE) found->priced = true;
    if (value->site == SITE_PATH && *found->name) return;
    free(found->name);
    found->name = xstrdup(value->name);
}

static bool is_choice(const struct linked *linked, struct view value)
{
    vec_each(choice, &linked->choices) {
        if (view_equals(view_of(choice->value), value)) return true;
    }
    return false;
}

static void name_choices(struct linked *linked)
{
    vec_each(choice, &linked->choices) {
        choice->is_variable = choice->priced && choice->steps > 1 &&
                              !secrets_name_of(&linked->secrets, view_of(choice->value)) &&
                              !is_known(linked, view_of(choice->value));
        if (!choice->is_variable) continue;
        char *name = unique_name(linked, *choice->name ? choice->name : "product");
        free(choice->name);
        choice->name = name;
        add_known(linked, view_of(choice->value), name, 0, true);
    }
}

/* --- Tracing */

/* Whether there is reason and time to look closer. */
static bool may_look(struct linker *linker, const struct message *answer,
                     const struct site_value *value)
{
    struct view body = buf_view(&answer->body);
    if (linker->bytes_left < body.length || !linker->searches_left) {
        linker->linked->gave_up = true;
        return false;
    }
    linker->bytes_left -= body.length;
    if (view_find(body, value->value) != SIZE_MAX) linker->searches_left--;
    return true;
}

/* Ids are taken from the answer to the change that made them rather than from a list that shows
 * them later: what made a thing can then take it back. */
static struct visit_step *find_source(struct linker *linker, const struct site_value *value,
                                      bool only_changes, struct origin *ret_origin)
{
    for (size_t i = linker->step; i-- > 0;) {
        struct visit_step *source = &linker->visit->steps.items[i];
        if (!source->answer || !may_come_from(linker, source, value)) continue;
        if (only_changes && exchange_is_safe(source->exchange)) continue;
        if (!may_look(linker, source->answer, value)) continue;
        if (origin_find(source->answer, value->name, value->value, ret_origin)) return source;
    }
    return NULL;
}

static void add_capture(struct linker *linker, const struct site_value *value,
                        struct visit_step *source, struct origin origin)
{
    struct import_capture *capture = vec_add(&source->captures);
    capture->origin = origin;
    capture->name = capture_name(linker->linked, value, source->stage);
    capture->value = xstrndup(value->value.data, value->value.length);
    source->needed = true;
    add_known(linker->linked, value->value, capture->name,
              (size_t)(source - linker->visit->steps.items) + 1, value->value.length < 8);
    bool token = value->site == SITE_BEARER || name_is_csrf(value->name);
    if (token || name_is_secret(value->name) || is_random(value->value))
        secrets_guard(&linker->linked->secrets, capture->name, value->value);
}

static bool trace(struct linker *linker, const struct site_value *value)
{
    struct origin origin = {0};
    bool token = value->site == SITE_BEARER || name_is_csrf(value->name);
    struct visit_step *source = token ? NULL : find_source(linker, value, true, &origin);
    if (!source) source = find_source(linker, value, false, &origin);
    if (source) add_capture(linker, value, source, origin);
    return source;
}

/* What a change made is an id whatever it is called: {"lines": ["ln-5566"]}. */
static bool trace_made(struct linker *linker, const struct site_value *value)
{
    struct origin origin = {0};
    bool site = value->site == SITE_FIELD || value->site == SITE_JSON || value->site == SITE_NUMBER;
    if (!site || !has_digit(value->value) || value->value.length < 4) return false;
    struct visit_step *source = find_source(linker, value, true, &origin);
    bool told = source && origin.kind != SOURCE_REGEX; /* anything may stand in a text */
    if (told)
        add_capture(linker, value, source, origin);
    else
        origin_release(&origin);
    return told;
}

static void link_value(void *context, const struct site_value *value)
{
    struct linker *linker = context;
    const struct visit_step *step = &linker->visit->steps.items[linker->step];
    bool is_token = value->site == SITE_BEARER || name_is_csrf(value->name) ||
                    is_login_code(step->exchange, value->name) ||
                    (name_is_secret(value->name) && value->site != SITE_PATH);
    if (value->site == SITE_HEADER && !strcasecmp(value->name, "Idempotency-Key")) return;
    if (value->site == SITE_HEADER && !strcasecmp(value->name, "Authorization") &&
        view_starts_with_nocase(value->value, VIEW_LITERAL("Basic ")))
        return;
    if (secrets_name_of(&linker->linked->secrets, value->value)) return;
    if (is_known(linker->linked, value->value)) {
        mark_needed(linker, value->value);
        return;
    }
    if (!is_choice(linker->linked, value->value) && may_be_traced(step, value) &&
        trace(linker, value))
        return;
    if (!is_token && !is_choice(linker->linked, value->value) && trace_made(linker, value)) return;
    if (is_token)
        add_secret(linker, value->name, value->value);
    else
        note_choice(linker, value);
}

/* Tokens in answers that no request sent on: they are not written, whatever quotes them. */
static void guard_answer(struct secrets *secrets, const cJSON *node)
{
    const cJSON *child = NULL;
    bool secret = cJSON_IsString(node) && node->string && name_is_secret(node->string);
    if (secret && strlen(node->valuestring) >= 8)
        secrets_guard(secrets, "token", view_of(node->valuestring));
    cJSON_ArrayForEach(child, node) guard_answer(secrets, child);
}

static void take_collected(struct linker *linker)
{
    vec_each(secret, &linker->linked->secrets) {
        AUTO_FREE char *expression = xasprintf("secret.%s", secret->name);
        add_known(linker->linked, view_of(secret->value), expression, 0,
                  secret_is_word(view_of(secret->value)));
    }
}

void link_values(const struct recording *recording, struct visit *visit, struct linked *ret_linked)
{
    struct linker linker = {.visit = visit,
                            .linked = ret_linked,
                            .bytes_left = MAX_SCANNED_BYTES,
                            .searches_left = MAX_SEARCHES};
    memset(ret_linked, 0, sizeof(*ret_linked));
    secrets_init(&ret_linked->secrets);
    secrets_collect(&ret_linked->secrets, recording);
    take_collected(&linker);
    for (; linker.step < visit->steps.count; linker.step++) {
        struct visit_step *step = &visit->steps.items[linker.step];
        const char *reason = NULL;
        exchange_each_value(step->exchange, link_value, &linker);
        if (step->has_json && message_json(step->answer, &reason))
            guard_answer(&ret_linked->secrets, message_json(step->answer, &reason));
    }
    name_choices(ret_linked);
}
