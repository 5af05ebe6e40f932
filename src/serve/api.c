/* SPDX-License-Identifier: Apache-2.0 */
/* See api.h. docs/openapi.json describes the answers; change both together. */
#include "serve/api.h"

#include "base/calendar.h"
#include "http/hmac.h"

#include <stdlib.h>
#include <string.h>

/* --- Values */

void api_add_time(cJSON *object, const char *name, int64_t wall_us)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339_us(wall_us, text);
    if (wall_us)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

void api_add_ms(cJSON *object, const char *name, int64_t us)
{
    cJSON_AddNumberToObject(object, name, (double)us / 1000.0);
}

void api_add_text(cJSON *object, const char *name, const char *text)
{
    if (text && *text)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

cJSON *api_parse(const char *text)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    return text && *text ? json_parse(view_of(text), &reason) : NULL;
}

void api_add_document(cJSON *object, const char *name, const char *text)
{
    cJSON *document = api_parse(text);
    cJSON_AddItemToObject(object, name, document ? document : cJSON_CreateNull());
}

const cJSON *api_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *api_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(api_member(object, name));
    return text ? text : "";
}

double api_number(const cJSON *object, const char *name)
{
    const cJSON *number = api_member(object, name);
    return cJSON_IsNumber(number) ? number->valuedouble : 0;
}

/* --- Parameters */

bool api_take_time(const struct request *request, const char *name, int64_t *ret_us)
{
    AUTO_BUF text = BUF_INIT(100);
    bool given;
    if (!request_take(request, name, &text, &given)) return false;
    if (!given) return true;
    if (calendar_parse_rfc3339(buf_view(&text), ret_us)) {
        if (!*ret_us) *ret_us = -1; /* 0 would mean that none was given */
        return true;
    }
    answer_problem(request, PROBLEM_BAD_REQUEST,
                   "`%s` is no time such as 2026-03-29T03:00:00Z (write + as %%2B)", name);
    return false;
}

bool api_take_number(const struct request *request, const char *name, int64_t least, int64_t most,
                     int64_t *ret_number)
{
    AUTO_BUF text = BUF_INIT(100);
    bool given;
    if (!request_take(request, name, &text, &given)) return false;
    if (!given) return true;
    char *end = NULL;
    long long number = strtoll(buf_text(&text), &end, 10);
    bool digits = *buf_text(&text) >= '0' && *buf_text(&text) <= '9'; /* no blank, no sign */
    if (digits && !*end && number >= least && number <= most) {
        *ret_number = number;
        return true;
    }
    answer_problem(request, PROBLEM_BAD_REQUEST, "`%s` is no number from %lld to %lld", name,
                   (long long)least, (long long)most);
    return false;
}

bool api_take_flag(const struct request *request, const char *name, bool *ret_flag)
{
    AUTO_BUF text = BUF_INIT(100);
    bool given;
    if (!request_take(request, name, &text, &given)) return false;
    if (!given) return true;
    *ret_flag = view_is(buf_view(&text), "true");
    if (*ret_flag || view_is(buf_view(&text), "false")) return true;
    answer_problem(request, PROBLEM_BAD_REQUEST, "`%s` is neither true nor false", name);
    return false;
}

/* --- Writing */

bool api_may_write(const struct request *request)
{
    const char *token = request->server->settings.token;
    if (!token || !*token) {
        answer_problem(request, PROBLEM_READ_ONLY,
                       "no token is configured, so nothing can be changed here");
        return false;
    }
    struct view shown = view_of(http_call_header(request->call, "Authorization"));
    bool bearer = view_starts_with_nocase(shown, VIEW_LITERAL("Bearer "));
    if (bearer && secret_equals(view_trim(view_from(shown, 7)), view_of(token))) return true;
    answer_problem(request, PROBLEM_NO_TOKEN, "%s",
                   bearer ? "this is not the token" : "send `Authorization: Bearer TOKEN`");
    return false;
}

cJSON *api_take_body(const struct request *request)
{
    struct view body = request->call->body;
    if (!view_trim(body).length) return cJSON_CreateObject();
    struct view type = view_of(http_call_header(request->call, "Content-Type"));
    type = view_trim(view_slice(type, 0, view_find_char(type, ';')));
    if (!view_is_nocase(type, "application/json")) {
        answer_problem(request, PROBLEM_MEDIA_TYPE, "the body's media type is application/json");
        return NULL;
    }
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *document = json_parse(body, &reason);
    if (cJSON_IsObject(document)) return document;
    answer_problem(request, PROBLEM_BAD_REQUEST, "%s",
                   document ? "the body is no JSON object" : buf_text(&reason));
    cJSON_Delete(document);
    return NULL;
}

bool api_has_only(const struct request *request, const cJSON *body, const char *const *names)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, body)
    {
        const char *const *name = names;
        while (*name && strcmp(*name, member->string) != 0) name++;
        if (*name) continue;
        answer_problem(request, PROBLEM_INVALID, "there is no member `%s`", member->string);
        return false;
    }
    return true;
}

bool api_take_member(const struct request *request, const cJSON *body, const char *name,
                     size_t limit, const char **ret_text)
{
    const cJSON *member = api_member(body, name);
    if (!member) return true;
    const char *text = cJSON_GetStringValue(member);
    if (text && *text && strlen(text) <= limit) {
        *ret_text = text;
        return true;
    }
    answer_problem(request, PROBLEM_INVALID, "`%s` is a text of 1 to %zu bytes", name, limit);
    return false;
}

void api_store_failed(const struct request *request, const struct error *error)
{
    answer_problem(request, PROBLEM_STORE, "%s", error_text(error));
}
