/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of the configuration that may stand elsewhere: literals, and references to secrets. See
 * internal.h. */
#include "base/file.h"
#include "base/vec.h"
#include "http/url.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_BYTES ((size_t)64 << 10)

static const struct key_rule reference_rules[] = {
    [SINK_TEXT_ENVIRONMENT] = {"env", NULL, false, &text_shape, "an environment variable"},
    [SINK_TEXT_FILE] = {"file", NULL, false, &text_shape,
                        "a file, relative to the configuration's; a last line feed does not count"},
    [SINK_TEXT_CREDENTIAL] = {"credential", NULL, false, &text_shape,
                              "a systemd credential, in `$CREDENTIALS_DIRECTORY`"},
    {0},
};
static const char *const reference_words[] = {"env", "file", "credential", NULL};
static const struct shape reference_shape = {.kind = SHAPE_MAPPING,
                                             .name = "reference",
                                             .rules = reference_rules,
                                             .one_of = reference_words};
const struct shape sink_text_shape = {
    .kind = SHAPE_EITHER, .of = &text_shape, .or_of = &reference_shape};
static const struct shape sink_text_list_shape = {
    .kind = SHAPE_LIST, .of = &sink_text_shape, .filled = true};
const struct shape sink_texts_shape = {
    .kind = SHAPE_EITHER, .of = &sink_text_shape, .or_of = &sink_text_list_shape};

static bool load_reference(struct loader *loader, const struct yaml_node *node,
                           struct sink_text *text)
{
    bool good = load_mapping(loader, node, text->key, reference_rules, NULL);
    if (good && node->count != 1) {
        diag_error(loader->diags, node->count ? DIAG_CONFLICT : DIAG_MISSING_KEY, node->place,
                   "%s is a text, or exactly one of `env`, `file`, `credential`", text->key);
        return false;
    }
    for (size_t kind = 0; good && reference_rules[kind].key; kind++) {
        const struct yaml_node *value = yaml_get(node, reference_rules[kind].key);
        if (!value) continue;
        text->origin = (enum sink_text_origin)kind;
        good = load_text(loader, value, reference_rules[kind].key, &text->said);
    }
    if (good && text->origin == SINK_TEXT_FILE) {
        AUTO_FREE char *directory = path_directory(source_name(node->place.source));
        AUTO_FREE char *said = take(text->said);
        text->said = path_join(directory, said);
    }
    return good && text->said;
}

/* An error here stands at the text's place and never quotes the value. */
static bool value_is_good(const struct sink_text *text, const char *value, struct diags *diags)
{
    AUTO_ERROR error = ERROR_NONE;
    if (!text->check || text->check(value, &error)) return true;
    diag_error(diags, DIAG_BAD_VALUE, text->place, "%s %s", text->key, error_text(&error));
    return false;
}

static void load(struct loader *loader, const struct yaml_node *node, struct sink *sink,
                 struct sink_text made, const struct sink_text **ret_text)
{
    struct sink_text *text = NEW(struct sink_text);
    *text = made;
    text->place = node->place;
    bool good = node->kind == YAML_MAPPING ? load_reference(loader, node, text)
                                           : load_text(loader, node, text->key, &text->said);
    if (text->is_secret && node->kind != YAML_MAPPING)
        source_conceal((struct source *)(uintptr_t)node->place.source, node->place.line);
    if (good && text->origin == SINK_TEXT_LITERAL)
        good = value_is_good(text, text->said, loader->diags);
    if (!good) {
        sink_text_free(text);
        return;
    }
    if (text->is_secret && text->origin == SINK_TEXT_LITERAL)
        diag_hint(diag_warning(loader->diags, DIAG_PLAIN_SECRET, node->place,
                               "%s is a secret and stands here for all to read", text->key),
                  "write {env: NAME}, {file: PATH} or {credential: NAME}");
    vec_push(&sink->texts, text);
    *ret_text = text;
}

void sink_text_load(struct loader *loader, const struct yaml_node *node, struct sink *sink,
                    const char *key, sink_text_check *check, const struct sink_text **ret_text)
{
    struct sink_text made = {.key = key, .origin = SINK_TEXT_LITERAL, .check = check};
    load(loader, node, sink, made, ret_text);
}

void sink_secret_load(struct loader *loader, const struct yaml_node *node, struct sink *sink,
                      const char *key, sink_text_check *check, const struct sink_text **ret_text)
{
    struct sink_text made = {
        .key = key, .origin = SINK_TEXT_LITERAL, .check = check, .is_secret = true};
    load(loader, node, sink, made, ret_text);
}

void sink_texts_load(struct loader *loader, const struct yaml_node *node, struct sink *sink,
                     const char *key, sink_text_loader *load_one, sink_text_check *check,
                     struct sink_text_list *texts)
{
    bool several = node->kind == YAML_SEQUENCE;
    if (several && !node->count)
        diag_error(loader->diags, DIAG_EMPTY, node->place, "%s is an empty list", key);
    for (size_t i = 0; i < (several ? node->count : 1); i++) {
        const struct sink_text *text = NULL;
        load_one(loader, several ? node->items[i] : node, sink, key, check, &text);
        if (text) vec_push(texts, text);
    }
}

static bool read_file(const char *path, struct buf *out, struct error *error)
{
    if (!file_read(path, out, error)) return false;
    if (out->length && out->data[out->length - 1] == '\n') buf_truncate(out, out->length - 1);
    if (out->length && out->data[out->length - 1] == '\r') buf_truncate(out, out->length - 1);
    if (memchr(buf_text(out), '\0', out->length)) return error_set(error, "it holds a NUL");
    return true;
}

static bool read_value(const struct sink_text *text, struct buf *out, struct error *error)
{
    switch (text->origin) {
    case SINK_TEXT_LITERAL: return buf_add_text(out, text->said);
    case SINK_TEXT_ENVIRONMENT: {
        const char *value = getenv(text->said);
        if (!value) return error_set(error, "the environment variable %s is not set", text->said);
        return buf_add_text(out, value) || error_set(error, "%s is too long", text->said);
    }
    case SINK_TEXT_FILE: return read_file(text->said, out, error);
    case SINK_TEXT_CREDENTIAL: {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        if (!directory) return error_set(error, "there is no $CREDENTIALS_DIRECTORY");
        AUTO_FREE char *path = path_join(directory, text->said);
        return read_file(path, out, error);
    }
    }
    return false;
}

bool sink_text_resolve(struct sink_text *text, struct diags *diags)
{
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF value = BUF_INIT(TEXT_MAX_BYTES);
    if (!read_value(text, &value, &error)) {
        diag_error(diags, DIAG_UNREADABLE, text->place, "%s cannot be had: %s", text->key,
                   error_text(&error));
        return false;
    }
    if (!value.length) {
        diag_error(diags, DIAG_EMPTY, text->place, "%s is empty", text->key);
        return false;
    }
    if (!value_is_good(text, buf_text(&value), diags)) return false;
    free(text->value);
    text->value = buf_take(&value);
    return true;
}

void sink_text_free(struct sink_text *text)
{
    if (!text) return;
    if (text->value) explicit_bzero(text->value, strlen(text->value));
    free(text->value);
    free(text->said);
    free(text);
}

const char *sink_text_value(const struct sink_text *text)
{
    return text ? text->value : NULL;
}

bool sink_check_url(const char *value, struct error *error)
{
    struct url url = {0};
    AUTO_ERROR reason = ERROR_NONE;
    bool good = url_resolve(NULL, value, &url, &reason);
    url_release(&url);
    return good || error_set(error, "is no URL that begins with http:// or https://");
}

bool sink_check_header(const char *value, struct error *error)
{
    for (const char *at = value; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return error_set(error, "holds a control character");
    return true;
}

void sink_load_insecure(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct sink *sink = object;
    if (!load_bool(loader, node, "insecure", &sink->insecure) || !sink->insecure) return;
    diag_warning(loader->diags, DIAG_BAD_VALUE, node->place,
                 "the sink '%s' verifies NO certificate: anybody on the way can read and change "
                 "what it tells, and its secrets",
                 sink->name);
}
