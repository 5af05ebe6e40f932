/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real client on a real loop, against a scripted server, for tests: send, run the loop until the
 * exchange is done, look at the result.
 */
#ifndef SHOPPER_TESTS_HTTP_PROBE_H
#define SHOPPER_TESTS_HTTP_PROBE_H

#include "http/curl_client.h"
#include "loop/loop.h"
#include "support/script_server.h"

struct http_probe {
    struct loop *loop;
    struct http_client *client;
    struct http_session *session;
    struct script_server *server; /* NULL until probe_serve */
    struct http_result result;    /* of the last exchange */
    unsigned done_calls;
    char url[256]; /* of the last probe_url */
};

void probe_init(struct http_probe *probe, const struct curl_client_options *options);
/* False: something was left armed. */
bool probe_release(struct http_probe *probe) MUST_CHECK;
void probe_serve(struct http_probe *probe, const struct script *scripts, size_t count);
#define PROBE_SERVE(probe, scripts) probe_serve((probe), (scripts), COUNT_OF(scripts))
/* "http://127.0.0.1:PORT" and the path. Borrowed until the next call. */
const char *probe_url(struct http_probe *probe, const char *path);
/* A GET with generous limits. */
struct http_request probe_request(const char *url);
void probe_done(void *context, struct http_result *result); /* notes the result, stops the loop */
void probe_send(struct http_probe *probe, struct http_request *request);
void probe_get(struct http_probe *probe, const char *path);

#endif
