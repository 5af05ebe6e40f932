/* SPDX-License-Identifier: Apache-2.0 */
/* Silences: what nobody is told of for a while. Always with an end and an author. */
#include "base/calendar.h"
#include "base/id.h"
#include "base/vec.h"
#include "serve/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SILENCE_LONGEST_US (366 * STORE_DAY_US)

static cJSON *silence_object(const struct store_silence *silence, int64_t now_us)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", silence->id);
    cJSON_AddStringToObject(object, "matcher", silence->matcher);
    cJSON_AddStringToObject(object, "author", silence->author ? silence->author : "");
    api_add_text(object, "comment", silence->comment);
    api_add_time(object, "from", silence->from_us);
    api_add_time(object, "until", silence->until_us);
    cJSON_AddBoolToObject(object, "active",
                          silence->from_us <= now_us && now_us < silence->until_us);
    return object;
}

struct pointers {
    const struct store_silence **items;
    size_t count, capacity;
};

static void add_silence(void *visitor, const struct store_silence *silence)
{
    struct pointers *pointers = visitor;
    vec_push(pointers, silence);
}

static int compare_beginnings(const void *left, const void *right)
{
    const struct store_silence *a = *(const struct store_silence *const *)left;
    const struct store_silence *b = *(const struct store_silence *const *)right;
    if (a->from_us != b->from_us) return a->from_us < b->from_us ? -1 : 1;
    return strcmp(a->id, b->id);
}

/* Who has just put one in or taken one out sees that: the store knows those that have ended, and
 * the host those that hold. */
static void list_silences(const struct request *request, const struct store_silence_list *written,
                          struct pointers *listed)
{
    struct server *server = request->server;
    int64_t now_us = server_now_us(server);
    struct pointers held = {0};
    server->operations->each_silence(server->host, add_silence, &held);
    vec_each(silence, written) {
        if (silence->until_us <= now_us) vec_push(listed, silence);
    }
    vec_each(silence, &held) {
        if ((*silence)->until_us > now_us) vec_push(listed, *silence);
    }
    vec_release(&held);
    if (listed->count)
        qsort(listed->items, listed->count, sizeof *listed->items, compare_beginnings);
}

void api_silences(const struct request *request)
{
    AUTO_ERROR error = ERROR_NONE;
    struct store_silence_list silences = {0};
    int64_t now_us = server_now_us(request->server);
    bool all = false;
    if (!api_take_flag(request, "all", &all)) return;
    if (!store_silences(request->server->store, all ? 0 : now_us, &silences, &error)) {
        api_store_failed(request, &error);
        return;
    }
    cJSON *document = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(document, "silences");
    struct pointers listed = {0};
    list_silences(request, &silences, &listed);
    vec_each(silence, &listed) cJSON_AddItemToArray(list, silence_object(*silence, now_us));
    vec_release(&listed);
    store_silence_list_release(&silences);
    answer_json(request, 200, document);
}

/* False: the call was answered. */
static bool take_body_time(const struct request *request, const cJSON *body, const char *name,
                           int64_t *ret_us)
{
    const char *text = NULL;
    if (!api_take_member(request, body, name, API_MAX_TEXT, &text)) return false;
    if (!text || calendar_parse_rfc3339(view_of(text), ret_us)) return true;
    answer_problem(request, PROBLEM_INVALID, "`%s` is no time such as 2026-03-29T03:00:00Z", name);
    return false;
}

/* Texts are borrowed from the body. False: the call was answered. */
static bool read_silence(const struct request *request, const cJSON *body,
                         struct store_silence *silence)
{
    int64_t now_us = server_now_us(request->server);
    *silence = (struct store_silence){.author = API_DEFAULT_AUTHOR, .from_us = now_us};
    if (!api_take_member(request, body, "matcher", API_MAX_TEXT, &silence->matcher) ||
        !api_take_member(request, body, "author", API_MAX_TEXT, &silence->author) ||
        !api_take_member(request, body, "comment", API_MAX_TEXT, &silence->comment) ||
        !take_body_time(request, body, "from", &silence->from_us) ||
        !take_body_time(request, body, "until", &silence->until_us))
        return false;
    if (!silence->matcher)
        answer_problem(request, PROBLEM_INVALID,
                       "`matcher` is missing: journey=NAME, stage=NAME or host=NAME");
    else if (silence->until_us <= silence->from_us || silence->until_us <= now_us)
        answer_problem(request, PROBLEM_INVALID,
                       "a silence needs an end: `until`, after `from` and after now");
    else if (silence->until_us - now_us > SILENCE_LONGEST_US)
        answer_problem(request, PROBLEM_INVALID, "a silence must end within a year");
    else
        return true;
    return false;
}

/* --- A name that nothing bears would silence nothing, and nobody would notice. */

struct bearing {
    const char *name; /* may end with `*` */
    bool stages;      /* of stages, else of journeys */
    bool found;
};

static bool is_called(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);
    if (length && pattern[length - 1] == '*') return !strncmp(pattern, name, length - 1);
    return !strcmp(pattern, name);
}

static bool has_stage(const struct journey *journey, const char *pattern)
{
    for (size_t i = 0; i < journey->step_count; i++) {
        const struct step *step = &journey->steps[i];
        if (step->stage && is_called(pattern, step->stage)) return true;
        if (step->used && has_stage(step->used, pattern)) return true;
    }
    return false;
}

static void look_for_name(void *visitor, const struct serve_journey *journey)
{
    struct bearing *bearing = visitor;
    if (bearing->stages ? has_stage(journey->journey, bearing->name)
                        : is_called(bearing->name, journey->journey->name))
        bearing->found = true;
}

/* False: the call was answered. What is no matcher at all is the host's to refuse. */
static bool silences_something(const struct request *request, const char *matcher)
{
    static const char *const prefixes[] = {"journey=", "stage="};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(matcher, prefixes[i], length) != 0 || !matcher[length]) continue;
        struct bearing bearing = {.name = matcher + length, .stages = i == 1};
        request->server->operations->each_journey(request->server->host, look_for_name, &bearing);
        if (bearing.found) return true;
        answer_problem(request, PROBLEM_INVALID, "no journey %s \"%s\"",
                       bearing.stages ? "has the stage" : "is called", bearing.name);
        return false;
    }
    return true;
}

static void answer_created(const struct request *request, const struct store_silence *silence)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *location = xasprintf("/api/v1/silences/%s", silence->id);
    cJSON *object = silence_object(silence, server_now_us(request->server));
    json_print(object, &text);
    buf_add_char(&text, '\n');
    cJSON_Delete(object);
    answer_with(request, 201, "application/json",
                (const struct http_reply_header[]){{"Location", location}, {0}}, buf_view(&text));
}

static void create(const struct request *request, struct store_silence *silence)
{
    struct server *server = request->server;
    AUTO_ERROR error = ERROR_NONE;
    char id[ID_UUID_SIZE];
    id_uuid_v7(server_now_us(server), id);
    silence->id = id;
    switch (server->operations->silence(server->host, silence, &error)) {
    case SERVE_DONE: answer_created(request, silence); return;
    case SERVE_NO_SUCH:
    case SERVE_REFUSED: answer_problem(request, PROBLEM_INVALID, "%s", error_text(&error)); return;
    case SERVE_BUSY: answer_problem(request, PROBLEM_BUSY, "%s", error_text(&error)); return;
    }
}

void api_silence(const struct request *request)
{
    static const char *const members[] = {"matcher", "from", "until", "author", "comment", NULL};
    struct store_silence silence;
    if (!api_may_write(request)) return;
    cJSON *body = api_take_body(request);
    if (!body) return;
    if (api_has_only(request, body, members) && read_silence(request, body, &silence) &&
        silences_something(request, silence.matcher))
        create(request, &silence);
    cJSON_Delete(body);
}

void api_unsilence(const struct request *request)
{
    struct server *server = request->server;
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF author = BUF_INIT(API_MAX_TEXT);
    if (!api_may_write(request)) return;
    bool given;
    if (!request_take(request, "author", &author, &given)) return;
    if (!given) buf_add_text(&author, API_DEFAULT_AUTHOR);
    switch (server->operations->unsilence(server->host, request->id, buf_text(&author), &error)) {
    case SERVE_DONE: answer_with(request, 204, NULL, NULL, VIEW_NONE); return;
    case SERVE_NO_SUCH:
        answer_problem(request, PROBLEM_NOT_FOUND, "no silence \"%s\"", request->id);
        return;
    case SERVE_REFUSED: answer_problem(request, PROBLEM_INVALID, "%s", error_text(&error)); return;
    case SERVE_BUSY: answer_problem(request, PROBLEM_BUSY, "%s", error_text(&error)); return;
    }
}
