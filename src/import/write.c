/* SPDX-License-Identifier: Apache-2.0 */
/* See write.h. */
#include "import/write.h"

#include "import/propose.h"
#include "import/scribe.h"
#include "import/write_step.h"

#include "base/codec.h"
#include "base/utf8.h"

#include <string.h>

static void add_text(cJSON *mapping, const char *key, const char *text)
{
    cJSON_AddItemToObject(mapping, key, cJSON_CreateString(text));
}

static void add_redacted(const struct linked *linked, cJSON *mapping, const char *key,
                         const char *text)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    redact_add(linked->secrets.redactor, &out, view_of(text));
    add_text(mapping, key, buf_text(&out));
}

/* --- The top */

static char *environment_name(const char *secret)
{
    AUTO_FREE char *name = xasprintf("SHOP_%s", secret);
    for (char *c = name; *c; c++) {
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 32);
    }
    return take(name);
}

static bool is_used(const struct secret *secret, const cJSON *steps)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *mark = xasprintf("${secret.%s}", secret->name);
    json_print(steps, &text);
    return view_find(buf_view(&text), view_of(mark)) != SIZE_MAX;
}

static void add_secrets(const struct linked *linked, const cJSON *steps, cJSON *top,
                        struct buf *notes)
{
    cJSON *list = cJSON_CreateObject();
    vec_each(secret, &linked->secrets) {
        if (!is_used(secret, steps)) continue;
        AUTO_FREE char *name = environment_name(secret->name);
        cJSON *from = cJSON_AddObjectToObject(list, secret->name);
        add_text(from, "env", name);
        buf_addf(notes, "set %s: the journey takes %s from the environment\n", name, secret->name);
        if (name_is_csrf(secret->name))
            buf_addf(notes,
                     "%s was made for one visit, and no earlier answer holds it as it was sent: "
                     "capture it, or the shop will refuse another\n",
                     secret->name);
    }
    if (list->child)
        cJSON_AddItemToObject(top, "secrets", list);
    else
        cJSON_Delete(list);
}

static void add_variables(const struct linked *linked, cJSON *top)
{
    cJSON *list = cJSON_CreateObject();
    vec_each(choice, &linked->choices) {
        if (!choice->is_variable) continue;
        AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
        redact_add(linked->secrets.redactor, &text, view_of(choice->value));
        cJSON_AddItemToObject(list, choice->name,
                              choice->number ? cJSON_CreateRaw(buf_text(&text))
                                             : cJSON_CreateString(buf_text(&text)));
    }
    if (list->child)
        cJSON_AddItemToObject(top, "vars", list);
    else
        cJSON_Delete(list);
}

static void add_base(const struct visit *visit, const struct linked *linked, cJSON *top)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&text, "recorded at ");
    redact_add(linked->secrets.redactor, &text, view_of(visit->home->address.origin));
    scribe_add_comment(top, buf_text(&text));
    add_text(top, "base", "${env.SHOP_URL}");
    cJSON *hosts = cJSON_CreateArray();
    vec_each(host, &visit->hosts) cJSON_AddItemToArray(hosts, cJSON_CreateString(*host));
    if (hosts->child)
        cJSON_AddItemToObject(top, "allow_hosts", hosts);
    else
        cJSON_Delete(hosts);
}

static char *journey_name(const struct visit *visit, const struct import_options *options)
{
    const char *host = visit->home->address.host;
    bool number = *host == '[' || !host[strspn(host, "0123456789.")];
    const char *text = options->name ? options->name : number ? "shop" : host;
    AUTO_BUF out = BUF_INIT(64);
    for (; *text && out.length < 60; text++) {
        bool good = ((*text | 32) >= 'a' && (*text | 32) <= 'z') ||
                    (*text >= '0' && *text <= '9') || *text == '_';
        bool gap = !out.length || out.data[out.length - 1] == '-';
        if (good)
            buf_add_char(&out, *text);
        else if (!gap)
            buf_add_char(&out, '-');
    }
    while (out.length && out.data[out.length - 1] == '-') buf_truncate(&out, out.length - 1);
    return out.length ? buf_take(&out) : xstrdup("imported");
}

static void add_stages(const struct visit *visit, struct buf *out)
{
    bool first = true;
    for (enum stage stage = STAGE_LOGIN; stage <= STAGE_CHECKOUT; stage++) {
        bool has = false;
        vec_each(step, &visit->steps) has = has || step->stage == stage;
        if (!has) continue;
        buf_addf(out, "%s%s", first ? "" : ", ", stage_word(stage));
        first = false;
    }
    if (first) buf_add_text(out, "no stage that is known by its words");
}

/* --- Steps */

/* Data that no stage needs and no later step uses. */
static bool is_mere_data(const struct visit_step *step)
{
    bool page = step->has_page || step->exchange->resource == RESOURCE_DOCUMENT;
    return step->stage == STAGE_NONE && !step->needed && !page &&
           exchange_is_safe(step->exchange) && step->answer;
}

/* Where there is nothing but data, it was recorded for its own sake. */
static bool has_more_than_data(const struct visit *visit)
{
    vec_each(step, &visit->steps) {
        if (!step->undo_of && !is_mere_data(step)) return true;
    }
    return false;
}

static bool is_left_out(const struct step_writer *writer, const struct visit_step *step)
{
    return step->undo_of || (!writer->keeps_data && is_mere_data(step));
}

/* Only what stands at the very end: who goes on after a log-out goes on as somebody else. */
static size_t end_of_steps(const struct step_writer *writer)
{
    const struct visit *visit = writer->visit;
    size_t end = visit->steps.count;
    for (size_t i = end; i-- > 0;) {
        const struct visit_step *step = &visit->steps.items[i];
        if (step->is_logout)
            end = i;
        else if (!is_left_out(writer, step) && step->stage != STAGE_NONE)
            break;
    }
    return end;
}

static void add_steps(struct step_writer *writer, cJSON *top)
{
    const struct visit *visit = writer->visit;
    writer->keeps_data = !has_more_than_data(visit);
    size_t end = end_of_steps(writer);
    cJSON *steps = cJSON_CreateArray(), *finally = cJSON_CreateArray();
    for (size_t i = 0; i < visit->steps.count; i++) {
        const struct visit_step *step = &visit->steps.items[i];
        if (is_left_out(writer, step) || (i > end && !step->is_logout)) continue;
        cJSON_AddItemToArray(i >= end && steps->child ? finally : steps, step_tree(writer, i));
    }
    cJSON_AddItemToObject(top, "steps", steps);
    if (finally->child)
        cJSON_AddItemToObject(top, "finally", finally);
    else
        cJSON_Delete(finally);
}

/* What only steps that were left out would have used. */
static void drop_unused_captures(cJSON *body)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    cJSON *step = NULL;
    json_print(body, &text);
    cJSON_ArrayForEach(step, cJSON_GetObjectItem(body, "steps"))
    {
        cJSON *captures = cJSON_GetObjectItem(step, "capture");
        for (cJSON *capture = captures ? captures->child : NULL, *next; capture; capture = next) {
            AUTO_FREE char *mark = xasprintf("${%s}", capture->string);
            next = capture->next;
            if (view_find(buf_view(&text), view_of(mark)) == SIZE_MAX)
                cJSON_Delete(cJSON_DetachItemViaPointer(captures, capture));
        }
        if (captures && !captures->child) cJSON_DeleteItemFromObject(step, "capture");
    }
}

/* Steps are apart by empty lines, which the tree does not know. */
static void add_step_list(struct buf *out, const char *key, const cJSON *steps)
{
    const cJSON *step = NULL;
    if (!steps) return;
    buf_addf(out, "\n%s:\n", key);
    cJSON_ArrayForEach(step, steps)
    {
        AUTO_BUF block = BUF_INIT(BUF_OWN_CAP);
        scribe_mapping(&block, step, 4);
        buf_add_text(out, "  - ");
        buf_add_view(out, view_from(buf_view(&block), 4));
        if (step->next) buf_add_char(out, '\n');
    }
}

/* --- The whole */

static void add_title(const struct visit *visit, const struct linked *linked,
                      const struct import_options *options, struct buf *out)
{
    AUTO_BUF from = BUF_INIT(BUF_OWN_CAP), clean = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&from, view_of(options->from ? options->from : "a recording"));
    redact_add(linked->secrets.redactor, &clean, buf_view(&from));
    buf_addf(out,
             "# Imported from %s: a proposal. Read it once, and say what a check should still "
             "prove.\n# Stages: ",
             buf_text(&clean));
    add_stages(visit, out);
    if (visit->left_out)
        buf_addf(out, ". Requests left out (assets, strangers, repetitions): %zu", visit->left_out);
    buf_add_text(out, ".\n");
}

/* The last look: nothing secret is left, whichever way it came. */
static bool sweep(const struct linked *linked, struct buf *text, struct buf *out, struct buf *notes,
                  struct error *error)
{
    AUTO_BUF swept = BUF_INIT(BUF_OWN_CAP);
    redact_add(linked->secrets.redactor, &swept, buf_view(text));
    if (swept.length != text->length)
        buf_add_text(notes, "a recorded secret stood where none was looked for: see "
                            "[redacted:...]\n");
    if (swept.length > IMPORT_MAX_BYTES)
        return error_set(error,
                         "the journey would be larger than %zu bytes: record a shorter visit",
                         IMPORT_MAX_BYTES);
    return buf_add_view(out, buf_view(&swept));
}

bool journey_write(const struct visit *visit, const struct linked *linked,
                   const struct import_options *options, struct buf *out, struct buf *notes,
                   struct error *error)
{
    struct step_writer writer = {.visit = visit, .linked = linked, .notes = notes};
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *name = journey_name(visit, options);
    if (linked->secrets.overflowed)
        return error_set(error, "more than %d cookies and secrets: record a shorter visit",
                         SECRETS_MAX_GUARDED);
    if (linked->gave_up)
        buf_add_text(notes,
                     "there was much to look through: some values may stand as recorded that "
                     "an answer gave\n");
    cJSON *top = cJSON_CreateObject(), *body = cJSON_CreateObject();
    add_steps(&writer, body);
    drop_unused_captures(body);
    int written = cJSON_GetArraySize(cJSON_GetObjectItem(body, "steps"));
    add_redacted(linked, top, "journey", name);
    add_base(visit, linked, top);
    add_secrets(linked, body, top, notes);
    add_variables(linked, top);
    add_title(visit, linked, options, &text);
    scribe_mapping(&text, top, 0);
    add_step_list(&text, "steps", cJSON_GetObjectItem(body, "steps"));
    add_step_list(&text, "finally", cJSON_GetObjectItem(body, "finally"));
    cJSON_Delete(top);
    cJSON_Delete(body);
    if (written > VISIT_MAX_WRITTEN)
        return error_set(error,
                         "the journey would have %d steps, more than %d: record a shorter visit",
                         written, VISIT_MAX_WRITTEN);
    return sweep(linked, &text, out, notes, error);
}
