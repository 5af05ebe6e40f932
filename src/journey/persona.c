/* SPDX-License-Identifier: Apache-2.0 */
/* See persona.h. */
#include "journey/persona.h"

#include "base/vec.h"
#include "text/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The built-in ones: name, description, HTTP/1.1 only, headers in the order in which such a client
 * sends them. */
static const struct {
    const char *name, *description;
    bool http1;
    const char *headers[8][2];
} built_in[] = {
    {"desktop",
     "a desktop browser",
     false,
     {{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                     "Chrome/131.0.0.0 Safari/537.36"},
      {"Accept", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"},
      {"Accept-Language", "en-GB,en;q=0.9"}}},
    {"iphone",
     "Safari on an iPhone",
     false,
     {{"User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
                     "(KHTML, like Gecko) "
                     "Version/18.1 Mobile/15E148 Safari/604.1"},
      {"Accept", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"},
      {"Accept-Language", "en-GB,en;q=0.9"}}},
    {"android-app",
     "a shop's own app on Android",
     true,
     {{"User-Agent", "okhttp/4.12.0"},
      {"Accept", "application/json"},
      {"Accept-Language", "en-GB"}}},
};

static void persona_release(struct persona *persona)
{
    free(persona->name);
    free(persona->description);
    for (size_t i = 0; i < persona->header_count; i++) {
        free(persona->headers[i].name);
        free(persona->headers[i].value);
    }
    free(persona->headers);
}

/* Sets or replaces a header. */
static void persona_header(struct persona *persona, const char *name, const char *value)
{
    for (size_t i = 0; i < persona->header_count; i++) {
        if (strcasecmp(persona->headers[i].name, name)) continue;
        free(persona->headers[i].value);
        persona->headers[i].value = xstrdup(value);
        return;
    }
    size_t count = persona->header_count++;
    persona->headers = xrealloc(persona->headers, (count + 1) * sizeof(*persona->headers));
    persona->headers[count] = (struct persona_header){xstrdup(name), xstrdup(value)};
}

struct personas *personas_new(void)
{
    struct personas *personas = NEW(struct personas);
    personas->holds = 1;
    for (size_t i = 0; i < COUNT_OF(built_in); i++) {
        struct persona *persona = vec_add(personas);
        persona->name = xstrdup(built_in[i].name);
        persona->description = xstrdup(built_in[i].description);
        persona->http1 = built_in[i].http1;
        for (size_t k = 0; built_in[i].headers[k][0]; k++) {
            persona_header(persona, built_in[i].headers[k][0], built_in[i].headers[k][1]);
        }
    }
    return personas;
}

struct personas *personas_hold(struct personas *personas)
{
    personas->holds++;
    return personas;
}

void personas_free(struct personas *personas)
{
    if (!personas || --personas->holds) return;
    vec_each(persona, personas) persona_release(persona);
    vec_release(personas);
    free(personas);
}

const struct persona *personas_find(const struct personas *personas, const char *name)
{
    vec_each(persona, personas) {
        if (!strcmp(persona->name, name)) return persona;
    }
    return NULL;
}

/* "there is no persona 'pixel'; there are desktop and iphone" */
static void add_denial(const struct personas *personas, const char *name, struct buf *out)
{
    buf_addf(out, "there is no persona '%s'; there are ", name);
    vec_each(persona, personas) {
        bool first = persona == personas->items, last = persona == vec_last(personas);
        buf_addf(out, "%s%s", first ? "" : last ? " and " : ", ", persona->name);
    }
}

static struct place place_in(const struct journey *journey, const char *name)
{
    for (size_t i = 0; i < journey->persona_count; i++) {
        if (!strcmp(journey->personas[i], name)) return journey->persona_places[i];
    }
    return PLACE_NOWHERE;
}

const struct persona *personas_require(const struct personas *personas,
                                       const struct journey *journey, const char *name,
                                       struct diags *diags)
{
    const struct persona *persona = personas_find(personas, name);
    if (persona) return persona;
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
    add_denial(personas, name, &words);
    diag_error(diags, DIAG_BAD_VALUE, place_in(journey, name), "%s", buf_text(&words));
    return NULL;
}

void personas_lint(const struct personas *personas, const struct journey *journey,
                   struct diags *diags)
{
    for (size_t i = 0; i < journey->persona_count; i++) {
        if (personas_find(personas, journey->personas[i])) continue;
        AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
        add_denial(personas, journey->personas[i], &words);
        diag_hint(
            diag_warning(diags, DIAG_BAD_VALUE, journey->persona_places[i], "%s", buf_text(&words)),
            "those of your own stand in a file: --personas FILE");
    }
}

/* --- A file of them */

static bool is_text(const struct yaml_node *node, const char *what, struct diags *diags)
{
    if (node->kind == YAML_SCALAR && node->length && !strpbrk(node->text, "\r\n")) return true;
    diag_error(diags, DIAG_WRONG_TYPE, node->place, "%s must be one line of text", what);
    return false;
}

static void load_headers(struct persona *persona, const struct yaml_node *node, struct diags *diags)
{
    if (node->kind != YAML_MAPPING) {
        diag_error(diags, DIAG_WRONG_TYPE, node->place,
                   "headers must be a mapping of names to values");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (is_text(node->pairs[i].value, "a header", diags)) {
            persona_header(persona, node->pairs[i].key->text, node->pairs[i].value->text);
        }
    }
}

static void load_http(struct persona *persona, const struct yaml_node *node, struct diags *diags)
{
    bool one = node->kind == YAML_SCALAR && !strcmp(node->text, "1.1");
    bool two = node->kind == YAML_SCALAR && !strcmp(node->text, "2");
    if (!one && !two) diag_error(diags, DIAG_BAD_VALUE, node->place, "http is 1.1 or 2");
    persona->http1 = one;
}

static void load_persona(struct personas *personas, const struct yaml_pair *pair,
                         struct diags *diags)
{
    static const char *const keys[] = {"description", "user_agent", "language",
                                       "headers",     "http",       NULL};
    struct persona *persona = NULL;
    vec_each(same, personas) {
        if (!strcmp(same->name, pair->key->text)) persona = same;
    }
    if (persona) {
        persona_release(persona);
        *persona = (struct persona){0};
    } else {
        persona = vec_add(personas);
    }
    persona->name = xstrdup(pair->key->text);
    if (pair->value->kind != YAML_MAPPING) {
        diag_error(diags, DIAG_WRONG_TYPE, pair->value->place, "a persona must be a mapping");
        return;
    }
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct yaml_node *key = pair->value->pairs[i].key,
                               *value = pair->value->pairs[i].value;
        if (!strcmp(key->text, "headers"))
            load_headers(persona, value, diags);
        else if (!strcmp(key->text, "http"))
            load_http(persona, value, diags);
        else if (!is_text(value, key->text, diags))
            continue;
        else if (!strcmp(key->text, "description"))
            persona->description = xstrdup(value->text);
        else if (!strcmp(key->text, "user_agent"))
            persona_header(persona, "User-Agent", value->text);
        else if (!strcmp(key->text, "language"))
            persona_header(persona, "Accept-Language", value->text);
        else {
            struct diag *diag = diag_error(diags, DIAG_UNKNOWN_KEY, key->place,
                                           "unknown key '%s' in a persona", key->text);
            diag_suggest(diag, view_of(key->text), keys);
        }
    }
}

bool personas_load(struct personas *personas, const char *path, struct diags *diags)
{
    AUTO_ERROR error = ERROR_NONE;
    size_t errors = diags->errors;
    struct source *source = source_read(path, &error);
    if (!source) {
        diag_error(diags, DIAG_UNREADABLE, PLACE_NOWHERE, "%s", error_text(&error));
        return false;
    }
    struct yaml_document *document = yaml_load(source, diags);
    const struct yaml_node *root = document ? yaml_root(document) : NULL;
    if (root && root->kind != YAML_MAPPING) {
        diag_error(diags, DIAG_WRONG_TYPE, root->place,
                   "a file of personas is a mapping of names to personas");
    }
    for (size_t i = 0; root && root->kind == YAML_MAPPING && i < root->count; i++) {
        load_persona(personas, &root->pairs[i], diags);
    }
    yaml_document_free(document);
    source_free(source);
    return diags->errors == errors;
}
