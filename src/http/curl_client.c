/* SPDX-License-Identifier: Apache-2.0 */
/* The client as a whole: made, handed out as an interface, taken down. */
#include "http/curl_client.h"

#include "http/internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SESSIONS_KEPT = 64 };

static void client_free(struct http_client *base)
{
    struct curl_client *client = (struct curl_client *)base;
    if (!client) return;
    ASSERT(client->open_sessions == 0);
    while (client->idle.count) session_free(vec_pop(&client->idle));
    vec_release(&client->idle);
    curl_loop_release(client);
    if (client->stamps >= 0) close(client->stamps);
    X509_STORE_free(client->store);
    curl_slist_free_all(client->resolve);
    free(client->certificate);
    free(client->private_key);
    free(client);
    curl_global_cleanup();
}

static const struct http_client_operations operations = {
    .session_open = session_open,
    .session_close = session_close,
    .session_forget_connections = session_forget_connections,
    .session_save_cookies = session_save_cookies,
    .session_load_cookies = session_load_cookies,
    .send = exchange_send,
    .cancel = exchange_cancel,
    .cut = exchange_cut,
    .free = client_free,
};

static bool resolve_init(struct curl_client *client, const char *const *resolve,
                         struct error *error)
{
    for (; resolve && *resolve; resolve++) {
        const char *colon = strchr(*resolve, ':');
        if (!colon || !strchr(colon + 1, ':'))
            return error_set(error, "'%s' is not HOST:PORT:ADDRESS", *resolve);
        client->resolve = curl_slist_append(client->resolve, *resolve);
        ASSERT(client->resolve);
    }
    return true;
}

struct http_client *curl_client_new(struct loop *loop, const struct curl_client_options *options,
                                    struct error *error)
{
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free, realloc, strdup, alloc_zeroed)) {
        error_set(error, "cannot set up libcurl");
        return NULL;
    }
    struct curl_client *client = NEW(struct curl_client);
    client->base.operations = &operations;
    client->loop = loop;
    client->log = options->log;
    client->stamps = arrival_keep_on();
    client->insecure = options->insecure;
    client->max_idle = options->max_sessions_kept ? options->max_sessions_kept : SESSIONS_KEPT;
    if (curl_loop_init(client, error) && resolve_init(client, options->resolve, error) &&
        tls_init(client, options, error))
        return &client->base;
    client_free(&client->base);
    return NULL;
}
