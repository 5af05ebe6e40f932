/* SPDX-License-Identifier: Apache-2.0 */
/* See http_probe.h. */
#include "support/http_probe.h"

#include <stdio.h>

void probe_init(struct http_probe *probe, const struct curl_client_options *options)
{
    static const struct curl_client_options plain;
    AUTO_ERROR error = ERROR_NONE;
    *probe = (struct http_probe){.loop = loop_new(NULL, &error)};
    probe->client = curl_client_new(probe->loop, options ? options : &plain, &error);
    ASSERT(probe->client);
    probe->session = probe->client->operations->session_open(probe->client);
}

bool probe_release(struct http_probe *probe)
{
    http_result_release(&probe->result);
    if (probe->session) probe->client->operations->session_close(probe->session);
    probe->client->operations->free(probe->client);
    bool empty = loop_is_empty(probe->loop);
    if (empty) loop_free(probe->loop);
    script_server_free(probe->server);
    return empty;
}

void probe_serve(struct http_probe *probe, const struct script *scripts, size_t count)
{
    struct script_server_options options = {.scripts = scripts, .script_count = count};
    probe->server = script_server_new(&options);
}

const char *probe_url(struct http_probe *probe, const char *path)
{
    snprintf(probe->url, sizeof probe->url, "http://127.0.0.1:%d%s",
             script_server_port(probe->server), path);
    return probe->url;
}

struct http_request probe_request(const char *url)
{
    return (struct http_request){
        .method = "GET",
        .url = url,
        .follow = 5,
        .timeout_us = 20 * US_PER_SECOND,
        .stall_us = 20 * US_PER_SECOND,
        .max_body_bytes = (size_t)1 << 20,
        .max_wire_bytes = (size_t)1 << 20,
    };
}

void probe_done(void *context, struct http_result *result)
{
    struct http_probe *probe = context;
    probe->result = *result;
    *result = (struct http_result){0};
    probe->done_calls++;
    loop_stop(probe->loop);
}

void probe_send(struct http_probe *probe, struct http_request *request)
{
    http_result_release(&probe->result);
    probe->result = (struct http_result){.kind = OUTCOME_KIND_COUNT};
    struct http_exchange *exchange =
        probe->client->operations->send(probe->session, request, probe_done, probe);
    (void)exchange;
    loop_run(probe->loop);
}

void probe_get(struct http_probe *probe, const char *path)
{
    struct http_request request = probe_request(probe_url(probe, path));
    probe_send(probe, &request);
}
