/* SPDX-License-Identifier: Apache-2.0 */
/* Health: this process answers. Readiness: it does its work. And the API's own description. */
#include "serve/api.h"
#include "serve/embedded.h"

void api_health(const struct request *request)
{
    struct server *server = request->server;
    struct serve_live live = {0};
    server->operations->live(server->host, &live);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "status", "ok");
    cJSON_AddStringToObject(object, "version", SHOPPER_VERSION);
    api_add_text(object, "location", server->settings.location);
    api_add_time(object, "started", live.started_us);
    api_add_time(object, "configuration_read",
                 live.reloaded_us ? live.reloaded_us : live.started_us);
    cJSON_AddBoolToObject(object, "configuration_refused", live.reload_failed);
    cJSON_AddNumberToObject(object, "subjects", (double)live.subjects);
    cJSON_AddNumberToObject(object, "runs_under_way", (double)live.under_way);
    cJSON_AddNumberToObject(object, "runs_waiting", (double)live.waiting);
    cJSON_AddNumberToObject(object, "missed_slots", (double)live.missed);
    cJSON_AddBoolToObject(object, "trusted", live.trusted);
    api_add_text(object, "distrust", live.trusted ? NULL : live.distrust);
    api_add_text(object, "store_trouble", live.store_trouble);
    cJSON *sinks = cJSON_AddArrayToObject(object, "sinks");
    for (size_t i = 0; i < live.sink_count; i++) {
        cJSON *sink = cJSON_CreateObject();
        cJSON_AddStringToObject(sink, "name", live.sinks[i].name);
        cJSON_AddStringToObject(sink, "kind", live.sinks[i].kind);
        api_add_text(sink, "trouble", live.sinks[i].trouble);
        cJSON_AddItemToArray(sinks, sink);
    }
    answer_json(request, 200, object);
}

void api_ready(const struct request *request)
{
    AUTO_BUF why = BUF_INIT(BUF_OWN_CAP);
    if (!request->server->operations->ready(request->server->host, &why)) {
        answer_problem(request, PROBLEM_NOT_READY, "%s", buf_text(&why));
        return;
    }
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "ready", true);
    answer_json(request, 200, object);
}

void api_document(const struct request *request)
{
    answer_with(request, 200, "application/json",
                (const struct http_reply_header[]){{"Cache-Control", "max-age=300"}, {0}},
                embedded_openapi);
}
