/* SPDX-License-Identifier: Apache-2.0 */
/* See answer.h. The pages run one script and one stylesheet of their own; all else may nothing. */
#include "serve/answer.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define POLICY_NOTHING "default-src 'none'; frame-ancestors 'none'"
#define POLICY_PAGE                                                                                \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "        \
    "'self'; "                                                                                     \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

#define USUAL_HEADERS 12

struct header_list {
    struct http_reply_header items[USUAL_HEADERS + 5];
    size_t count;
};

static void add(struct header_list *list, const char *name, const char *value)
{
    ASSERT(list->count + 1 < COUNT_OF(list->items));
    list->items[list->count++] = (struct http_reply_header){name, value};
}

/* Only what the settings name may be read from another origin, and only the API. */
static void add_cors(struct header_list *list, const struct request *request)
{
    const struct serve_settings *settings = &request->server->settings;
    if (!settings->origins || !*settings->origins) return;
    if (!view_starts_with(request->call->path, VIEW_LITERAL("/api/"))) return;
    add(list, "Vary", "Origin");
    const char *origin = http_call_header(request->call, "Origin");
    for (const char *const *one = settings->origins; origin && *one; one++) {
        if (view_is_nocase(view_of(origin), *one)) add(list, "Access-Control-Allow-Origin", origin);
    }
}

static void add_usual(struct header_list *list, const struct request *request,
                      const char *media_type, const char *policy)
{
    if (media_type) add(list, "Content-Type", media_type);
    add(list, "Content-Security-Policy", policy);
    add(list, "X-Content-Type-Options", "nosniff");
    add(list, "Referrer-Policy", "no-referrer");
    add(list, "Cross-Origin-Opener-Policy", "same-origin");
    add_cors(list, request);
}

static void reply(const struct request *request, int status, const char *media_type,
                  const char *policy, const struct http_reply_header *headers, struct view body)
{
    struct header_list list = {0};
    bool cached = false;
    add_usual(&list, request, media_type, policy);
    for (; headers && headers->name; headers++) {
        if (strcmp(headers->name, "Cache-Control") == 0) cached = true;
        add(&list, headers->name, headers->value);
    }
    if (!cached) add(&list, "Cache-Control", "no-store");
    figures_count_answer(&request->server->figures, status);
    http_reply(request->call, status, list.items, body);
}

void answer_with(const struct request *request, int status, const char *media_type,
                 const struct http_reply_header *headers, struct view body)
{
    reply(request, status, media_type, POLICY_NOTHING, headers, body);
}

void answer_html(const struct request *request, int status, struct view body)
{
    reply(request, status, "text/html; charset=utf-8", POLICY_PAGE, NULL, body);
}

void answer_json(const struct request *request, int status, cJSON *document)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    json_print(document, &text);
    buf_add_char(&text, '\n');
    cJSON_Delete(document);
    answer_with(request, status, "application/json", NULL, buf_view(&text));
}

void answer_stream(const struct request *request, void (*gone)(void *context), void *context)
{
    struct header_list list = {0};
    add_usual(&list, request, "text/event-stream", POLICY_NOTHING);
    add(&list, "Cache-Control", "no-store");
    add(&list, "X-Accel-Buffering", "no"); /* nginx would hold the events back */
    figures_count_answer(&request->server->figures, 200);
    http_stream_begin(request->call, list.items, gone, context);
}

/* --- Problems */

static const struct {
    int status;
    const char *word, *title;
} problems[] = {
#define X(name, status, word, title) [PROBLEM_##name] = {status, word, title},
    PROBLEMS(X)
#undef X
};

enum problem problem_of_status(int status)
{
    for (unsigned i = 0; i < PROBLEM_COUNT; i++) {
        if (problems[i].status == status) return (enum problem)i;
    }
    return PROBLEM_BAD_REQUEST;
}

void answer_problem(const struct request *request, enum problem problem, const char *format, ...)
{
    char detail[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP), text = BUF_INIT(BUF_OWN_CAP);
    utf8_add_repaired(&visible, view_of(detail));
    AUTO_FREE char *type = xasprintf(PROBLEM_TYPE_PREFIX "%s", problems[problem].word);
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "type", type);
    cJSON_AddStringToObject(document, "title", problems[problem].title);
    cJSON_AddNumberToObject(document, "status", problems[problem].status);
    cJSON_AddStringToObject(document, "detail", buf_text(&visible));
    json_print(document, &text);
    buf_add_char(&text, '\n');
    cJSON_Delete(document);
    struct http_reply_header asks[] = {{"WWW-Authenticate", "Bearer realm=\"shopper\""}, {0}};
    answer_with(request, problems[problem].status, "application/problem+json",
                problem == PROBLEM_NO_TOKEN ? asks : NULL, buf_view(&text));
}
